//! What anyone may read. The messages have no field for a person; what else is known stays behind them.

use dudao_law::Word as _;
use dudao_platform::document::{self, Filter, Record};
use dudao_platform::resource::parse_parent;
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, page, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::public_service_server::PublicService;

use super::Inspection;
use crate::domain::draw::{Draw, DrawState};
use crate::domain::visit::{Visit, VisitState};
use crate::domain::words::PublicationScope;

rpcs! { impl PublicService for Inspection, in proto;
    list_public_reports(ListPublicReportsRequest) -> ListPublicReportsResponse = |me, caller, request| me.public_reports(caller, request);
    get_public_report(GetPublicReportRequest) -> PublicReport = |me, caller, request| async {
        let (county, code) = parse_public(caller, "publicReports", &request.name)?;
        let mut tx = me.desk.context.db.begin_read().await?;
        let visit = document::find::<Visit>(&mut tx, &county, &code).await?;
        visit.as_ref().and_then(report).ok_or_else(|| Error::not_found(&request.name))
    };
    list_public_draws(ListPublicDrawsRequest) -> ListPublicDrawsResponse = |me, caller, request| me.public_draws(caller, request);
    get_public_draw(GetPublicDrawRequest) -> PublicDraw = |me, caller, request| async {
        let (county, code) = parse_public(caller, "publicDraws", &request.name)?;
        let mut tx = me.desk.context.db.begin_read().await?;
        let draw = document::find::<Draw>(&mut tx, &county, &code).await?;
        draw.as_ref().and_then(drawn).ok_or_else(|| Error::not_found(&request.name))
    };
}

/// Reads `counties/{code}/{collection}/{code}` into the two codes.
pub(super) fn parse_public(
    caller: &Principal,
    collection: &str,
    name: &str,
) -> Result<(String, String)> {
    let parts: Vec<_> = name.split('/').collect();
    match parts.as_slice() {
        ["counties", county, of, code] if *of == collection && !code.is_empty() => {
            caller.reach(county)?;
            Ok(((*county).to_owned(), (*code).to_owned()))
        }
        _ => Err(Error::not_found(name)),
    }
}

/// A visit's report, if it is published to everyone.
fn report(record: &Record<Visit>) -> Option<proto::PublicReport> {
    let visit = &record.content;
    let publication = visit.publication.as_ref().filter(|one| {
        one.scope == PublicationScope::Public && visit.state == VisitState::Published
    })?;
    let title = visit
        .report
        .as_ref()
        .map(|report| report.title.clone())
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| format!("{}{}报告", visit.target_name, visit.kind));
    Some(proto::PublicReport {
        name: format!("counties/{}/publicReports/{}", record.county, record.code),
        title,
        unit_name: visit.target_name.clone(),
        kind: visit.kind.number(),
        publish_date: publication.date.to_string(),
        place: publication.place.clone(),
        text: publication.text.clone(),
    })
}

/// A draw, if it is published or void.
fn drawn(record: &Record<Draw>) -> Option<proto::PublicDraw> {
    let draw = &record.content;
    let voided = match draw.state {
        DrawState::Published => false,
        DrawState::Void => true,
        DrawState::Committing | DrawState::Frozen | DrawState::Drawn => return None,
    };
    Some(proto::PublicDraw {
        name: format!("counties/{}/publicDraws/{}", record.county, record.code),
        display_name: draw.display_name.clone(),
        publish_date: draw
            .publish_date
            .map(|day| day.to_string())
            .unwrap_or_default(),
        pool_hash: draw.pool_hash.clone(),
        voided,
        void_reason: draw.void_reason.clone(),
        record: draw.record.clone(),
    })
}

impl Inspection {
    async fn public_reports(
        &self,
        caller: &Principal,
        asked: &proto::ListPublicReportsRequest,
    ) -> Result<proto::ListPublicReportsResponse> {
        let page = page!(asked)?;
        let filter = Filter {
            reach: caller.county_prefix(),
            county: &parse_parent(caller, &asked.parent)?,
            after: page.after(),
            place: &asked.town,
            kinds: format!(",{},", VisitState::Published.zh()).into(),
            limit: page.limit(),
            ..Filter::default()
        };
        let mut tx = self.desk.context.db.begin_read().await?;
        let records = document::list::<Visit>(&mut tx, &filter).await?;
        // Those published to some only leave gaps in a page, never the page after it unread.
        let (records, next_page_token) = page.cut(records, |record| {
            (record.county.clone(), record.code.clone())
        });
        let reports = records.iter().filter_map(report);
        Ok(proto::ListPublicReportsResponse {
            reports: reports
                .map(|report| proto::PublicReport {
                    text: String::new(),
                    ..report
                })
                .collect(),
            next_page_token,
        })
    }

    async fn public_draws(
        &self,
        caller: &Principal,
        asked: &proto::ListPublicDrawsRequest,
    ) -> Result<proto::ListPublicDrawsResponse> {
        let page = page!(asked)?;
        let filter = Filter {
            reach: caller.county_prefix(),
            county: &parse_parent(caller, &asked.parent)?,
            after: page.after(),
            kinds: format!(",{},{},", DrawState::Published.zh(), DrawState::Void.zh()).into(),
            ended: true,
            limit: page.limit(),
            ..Filter::default()
        };
        let mut tx = self.desk.context.db.begin_read().await?;
        let records = document::list::<Draw>(&mut tx, &filter).await?;
        let (records, next_page_token) = page.cut(records, |record| {
            (record.county.clone(), record.code.clone())
        });
        let draws = records.iter().filter_map(drawn);
        Ok(proto::ListPublicDrawsResponse {
            draws: draws
                .map(|draw| proto::PublicDraw {
                    record: String::new(),
                    ..draw
                })
                .collect(),
            next_page_token,
        })
    }
}
