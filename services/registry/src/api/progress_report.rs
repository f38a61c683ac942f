//! Reports of progress.

use dudao_law::check_past;
use dudao_platform::document::{kinds, year_of};
use dudao_platform::error::{Result, Violations};
use dudao_platform::page;
use dudao_platform::{Tx, call, clock, mirror, resource, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::progress_report_service_server::ProgressReportService;

use super::{Registry, in_known_county, parse_parent};
use crate::domain::progress_report::{Audience, ProgressReport};
use crate::store::{Filter, Record};

mirror!(ProgressReport => proto::ProgressReport { title, audience as word, date, document, text, receipt });

resource!(ProgressReport => proto::ProgressReport, progress_report, "progress_report_id";
    edit { title, audience, date, document, text, receipt };
    Created => proto::ProgressReportRecorded, Updated => proto::ProgressReportUpdated);

rpcs! { impl ProgressReportService for Registry, in proto;
    create_progress_report(CreateProgressReportRequest) -> ProgressReport = |me, caller, request|
        me.desk.create_one::<ProgressReport, _>(call!(caller, request), &request.parent, &request.progress_report_id, request.progress_report.as_ref(), async |tx: &mut Tx, records: &mut [Record<ProgressReport>]| {
            in_known_county(tx, records).await?;
            records.iter().try_for_each(|record| was_made(tx, &record.content))
        });
    get_progress_report(GetProgressReportRequest) -> ProgressReport = |me, caller, request| me.desk.get::<ProgressReport>(caller, &request.name);
    list_progress_reports(ListProgressReportsRequest) -> ListProgressReportsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let (from, until) = year_of(request.year);
        let filter = Filter {
            county: &parse_parent(caller, &request.parent)?,
            kinds: kinds::<Audience>("audiences", &request.audiences)?.into(),
            from: &from,
            until: &until,
            ..Filter::default()
        };
        let (progress_reports, next_page_token) = me.desk.list::<ProgressReport>(caller, &page, filter).await?;
        Ok(proto::ListProgressReportsResponse { progress_reports, next_page_token })
    };
    update_progress_report(UpdateProgressReportRequest) -> ProgressReport = |me, caller, request|
        me.desk.update::<ProgressReport, _>(call!(caller, request), request.progress_report.as_ref(), request.update_mask.as_ref(), async |tx: &mut Tx, _: &Record<ProgressReport>, after: &mut ProgressReport| was_made(tx, after));
}

fn was_made(tx: &Tx, report: &ProgressReport) -> Result<()> {
    let mut wrong = Violations::new();
    check_past(
        &mut wrong,
        "progress_report.date",
        report.date,
        clock::day_of(tx.now_us()),
    );
    Ok(wrong.into_result()?)
}
