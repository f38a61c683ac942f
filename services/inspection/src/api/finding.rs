//! Findings.

use dudao_platform::document::{self, Filter, Record};
use dudao_platform::resource::{
    self, Change, Item, Resource, Stepped, parse_county, parse_name, parse_parent,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, mirror, page, payload, request, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::finding_service_server::FindingService;

use super::Inspection;
use crate::domain::finding::Finding;
use crate::domain::visit::Visit;

mirror!(Finding => proto::Finding {
    visit, indicator, title, detail, basis, severity as word, danger, requirement, limit_days, recorded_by, record_time, evidence,
} out { target, state as word, withdraw_reason });

dudao_platform::resource!(Finding => proto::Finding, finding, "finding_id";
    edit { indicator, title, detail, basis, severity, danger, requirement, limit_days, evidence };
    Created => proto::FindingRecorded, Updated => proto::FindingUpdated, Ended => proto::FindingWithdrawn);

rpcs! { impl FindingService for Inspection, in proto;
    create_finding(CreateFindingRequest) -> Finding = |me, caller, request| me.find(caller, request);
    get_finding(GetFindingRequest) -> Finding = |me, caller, request| me.desk.get::<Finding>(caller, &request.name);
    list_findings(ListFindingsRequest) -> ListFindingsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, place: &request.visit, subject: &request.target, ..Filter::default() };
        let (findings, next_page_token) = me.desk.list::<Finding>(caller, &page, filter).await?;
        Ok(proto::ListFindingsResponse { findings, next_page_token })
    };
    update_finding(UpdateFindingRequest) -> Finding = |me, caller, request|
        me.desk.update::<Finding, _>(call!(caller, request), request.finding.as_ref(), request.update_mask.as_ref(), async |tx: &mut Tx, before: &Record<Finding>, after: &mut Finding| {
            if after.evidence != before.content.evidence {
                super::evidence::check_evidence(tx, &before.county, "finding", &after.evidence).await?;
            }
            Ok(before.content.may_change().map_err(|refusal| refusal.about(&before.name()))?)
        });
    withdraw_finding(WithdrawFindingRequest) -> Finding = |me, caller, request|
        me.desk.step::<Finding, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            let content = before.content.clone().withdraw(&request.reason).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(|about, after| payload!(about, proto::FindingWithdrawn, finding, Finding::to_message(after)))] })
        });
}

impl Inspection {
    /// Records a finding. One that the device sends again is the same, whatever became of it since.
    async fn find(
        &self,
        caller: &Principal,
        asked: &proto::CreateFindingRequest,
    ) -> Result<proto::Finding> {
        let county = parse_county(caller, "parent", &asked.parent)?;
        let item = Item::only(
            &self.desk.context,
            &asked.finding_id,
            asked.finding.clone().unwrap_or_default(),
        );
        let sight = self.desk.sight(caller).await?;
        let mut tx = self.desk.context.db.begin_write().await?;
        let answer = request::once(
            &mut tx,
            &county,
            &asked.request_id,
            asked,
            async |tx: &mut Tx| {
                let today = clock::day_of(tx.now_us());
                let mut content = Finding::from_message(&item.code, item.message.clone(), today)
                    .map_err(|wrong| resource::inside(wrong, "finding.", Finding::ID, ""))?;
                let (of, code) = parse_name::<Visit>(caller, "finding.visit", &content.visit)?;
                if of != county {
                    return Err(Error::not_found(&content.visit));
                }
                let visit = document::get::<Visit>(tx, &county, &code).await?;
                let visit = resource::seen_by(&sight, tx, visit).await?;
                content.target.clone_from(&visit.content.target);
                if let Some(before) = document::find::<Finding>(tx, &county, &item.code).await? {
                    let same = before.content.visit == content.visit
                        && before.content.recorded_by == content.recorded_by;
                    return if same {
                        Ok(Finding::to_message(&before))
                    } else {
                        Err(Error::already_exists(before.name()))
                    };
                }
                super::evidence::check_evidence(tx, &county, "finding", &content.evidence).await?;
                visit
                    .content
                    .may_find()
                    .map_err(|refusal| refusal.about(&visit.name()))?;
                let record = Record::new(tx, &county, &item.code, content);
                resource::only(
                    resource::write(tx, caller.actor(), Change::Created, &[record]).await?,
                )
            },
        )
        .await?;
        tx.commit().await?;
        Ok(answer)
    }
}

/// The findings of a visit that may still go into a letter.
pub(super) async fn of_visit(tx: &mut Tx, visit: &Record<Visit>) -> Result<Vec<Record<Finding>>> {
    let name = visit.name();
    let findings = document::about::<Finding>(tx, &visit.county, &visit.content.target).await?;
    Ok(findings
        .into_iter()
        .filter(|finding| finding.content.visit == name && finding.content.may_change().is_ok())
        .collect())
}
