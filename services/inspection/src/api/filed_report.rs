//! Reports that were filed with superiors: a part of each visit, as those above read it.

use dudao_law::{Violations, Word as _, day};
use dudao_platform::carry::Carry as _;
use dudao_platform::document::{self, Filter, Record};
use dudao_platform::resource::parse_parent;
use dudao_platform::{Error, page, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::filed_report_service_server::FiledReportService;

use super::Inspection;
use super::public::parse_public;
use crate::domain::visit::{Visit, VisitState};

rpcs! { impl FiledReportService for Inspection, in proto;
    get_filed_report(GetFiledReportRequest) -> FiledReport = |me, caller, request| async {
        let (county, code) = parse_public(caller, "filedReports", &request.name)?;
        let mut tx = me.desk.context.db.begin_read().await?;
        let visit = document::find::<Visit>(&mut tx, &county, &code).await?;
        visit.as_ref().and_then(filed).ok_or_else(|| Error::not_found(&request.name))
    };
    list_filed_reports(ListFiledReportsRequest) -> ListFiledReportsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let mut wrong = Violations::new();
        day(&mut wrong, "start_date", &request.start_date);
        day(&mut wrong, "end_date", &request.end_date);
        wrong.into_result()?;
        let states = [VisitState::Filed, VisitState::Published].map(VisitState::zh);
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            kinds: format!(",{},", states.join(",")).into(),
            from: &request.start_date,
            until: &request.end_date,
            ..Filter::default()
        };
        let (visits, next_page_token) = me.desk.records::<Visit>(caller, &page, filter).await?;
        // A visit published without a filing leaves a gap in a page, never the page after it unread.
        let mut filed_reports: Vec<_> = visits.iter().filter_map(filed).collect();
        for report in filed_reports.iter_mut().filter_map(|one| one.report.as_mut()) {
            report.text.clear();
        }
        Ok(proto::ListFiledReportsResponse { filed_reports, next_page_token })
    };
}

/// A visit's report, if it was filed.
fn filed(record: &Record<Visit>) -> Option<proto::FiledReport> {
    let visit = &record.content;
    let report = visit
        .report
        .as_ref()
        .filter(|_| !visit.filings.is_empty())?;
    Some(proto::FiledReport {
        name: format!("counties/{}/filedReports/{}", record.county, record.code),
        visit: record.name(),
        campaign: visit.campaign.clone(),
        kind: visit.kind.number(),
        unit: visit.target.clone(),
        unit_name: visit.target_name.clone(),
        town: visit.town.clone(),
        inspection_date: visit.date.to_string(),
        report: Some(report.carry()),
        filings: visit.filings.carry(),
    })
}
