//! Campaigns.

use dudao_platform::document::{self, Filter, Record, all, between};
use dudao_platform::etag::Version;
use dudao_platform::resource::{Resource as _, Stepped, freely, parse_name, parse_parent, settle};
use dudao_platform::rpc::Principal;
use dudao_platform::{
    Error, Result, Tx, call, clock, mirror, page, payload, request, resource, rpcs,
};
use dudao_proto::inspection::v1 as proto;
use proto::campaign_service_server::CampaignService;

use super::Inspection;
use crate::domain::campaign::{Campaign, CampaignObject, CampaignState};
use crate::domain::list_item::ListItem;
use crate::domain::visit::{Visit, VisitState};

mirror!(CampaignObject => proto::CampaignObject { kind as word, target, display_name });

mirror!(Campaign => proto::Campaign {
    display_name, kind as word, line as word, list_item, reason, basis, matters, method, indicator_set, start_date, end_date,
    objects, publication as word,
} out { state as word, decide_date, ruleset, merged_into, end_reason });

resource!(Campaign => proto::Campaign, campaign, "campaign_id";
    edit { display_name, kind, line, list_item, reason, basis, matters, method, indicator_set, start_date, end_date, objects, publication };
    Created => proto::CampaignCreated, Updated => proto::CampaignUpdated, Ended => proto::CampaignCancelled);

pub(super) use dudao_platform::document::year_of;

/// A step whose fact is the campaign itself.
macro_rules! told {
    ($content:expr, $payload:ident) => {
        Stepped {
            content: $content,
            facts: vec![Box::new(|about, after| {
                payload!(
                    about,
                    proto::$payload,
                    campaign,
                    Campaign::to_message(after)
                )
            })],
        }
    };
}

rpcs! { impl CampaignService for Inspection, in proto;
    create_campaign(CreateCampaignRequest) -> Campaign = |me, caller, request| async {
        me.registry.known_county(&request.parent).await?;
        me.desk.create_one::<Campaign, _>(call!(caller, request), &request.parent, &request.campaign_id, request.campaign.as_ref(), freely).await
    };
    get_campaign(GetCampaignRequest) -> Campaign = |me, caller, request| me.desk.get::<Campaign>(caller, &request.name);
    list_campaigns(ListCampaignsRequest) -> ListCampaignsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let (from, until) = year_of(request.year);
        let states = super::kinds::<CampaignState>("states", &request.states)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: true, kinds: states.into(), from: &from, until: &until, ..Filter::default() };
        let (campaigns, next_page_token) = me.desk.list::<Campaign>(caller, &page, filter).await?;
        Ok(proto::ListCampaignsResponse { campaigns, next_page_token })
    };
    update_campaign(UpdateCampaignRequest) -> Campaign = |me, caller, request|
        me.desk.update::<Campaign, _>(call!(caller, request), request.campaign.as_ref(), request.update_mask.as_ref(), async |_: &mut Tx, before: &Record<Campaign>, _: &mut Campaign| {
            Ok(before.content.may_change().map_err(|refusal| refusal.about(&before.name()))?)
        });
    decide_campaign(DecideCampaignRequest) -> Campaign = |me, caller, request| async {
        let record = me.desk.record::<Campaign>(caller, "name", &request.name).await?;
        let today = me.desk.context.clock.today();
        let law = me.registry.law(&record.county, None, today).await?;
        me.desk.step::<Campaign, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let item = listed(tx, caller, &before.content.list_item).await?;
            let today = clock::day_of(tx.now_us());
            let content = before.content.clone().decide(item.as_ref(), today, &law).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(told!(content, CampaignDecided))
        }).await
    };
    conclude_campaign(ConcludeCampaignRequest) -> Campaign = |me, caller, request|
        me.desk.step::<Campaign, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let open = visits_of(tx, before).await?.iter().filter(|visit| !visit.content.is_over()).count();
            let content = before.content.clone().conclude(open).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(told!(content, CampaignConcluded))
        });
    cancel_campaign(CancelCampaignRequest) -> Campaign = |me, caller, request|
        me.desk.step::<Campaign, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let content = before.content.clone().cancel(&request.reason).map_err(|refusal| refusal.about(&before.name()))?;
            for visit in visits_of(tx, before).await? {
                if let Ok(cancelled) = visit.content.clone().cancel(&request.reason) {
                    super::visit::settle_cancelled(tx, caller.actor(), visit, cancelled).await?;
                }
            }
            Ok(told!(content, CampaignCancelled))
        });
    merge_campaign(MergeCampaignRequest) -> Campaign = |me, caller, request| me.merge(caller, request);
    list_overlaps(ListOverlapsRequest) -> ListOverlapsResponse = |me, caller, request| me.overlaps(caller, &request.name);
}

impl Inspection {
    async fn merge(
        &self,
        caller: &Principal,
        asked: &proto::MergeCampaignRequest,
    ) -> Result<proto::Campaign> {
        let (county, code) = parse_name::<Campaign>(caller, "name", &asked.name)?;
        let (other_county, other_code) = parse_name::<Campaign>(caller, "into", &asked.into)?;
        if county != other_county || code == other_code {
            return Err(Error::invalid(
                "into",
                "须为同一县的另一个督导项目",
                "must be another campaign of the county",
            ));
        }
        let mut tx = self.desk.context.db.begin_write().await?;
        let answer = request::once(
            &mut tx,
            &county,
            &asked.request_id,
            asked,
            async |tx: &mut Tx| {
                let one = document::get::<Campaign>(tx, &county, &code).await?;
                Version::check(one.version, &asked.etag, &asked.name)?;
                let other = document::get::<Campaign>(tx, &county, &other_code).await?;
                let (merged, grown) = one
                    .content
                    .clone()
                    .merge(&asked.into, other.content.clone())
                    .map_err(|refusal| refusal.about(&asked.name))?;
                let grown = Stepped {
                    content: grown,
                    facts: vec![Box::new(|about, after| {
                        payload!(
                            about,
                            proto::CampaignUpdated,
                            campaign,
                            Campaign::to_message(after)
                        )
                    })],
                };
                settle(tx, caller.actor(), other, grown).await?;
                let after = settle(tx, caller.actor(), one, told!(merged, CampaignMerged)).await?;
                Ok::<_, Error>(Campaign::to_message(&after))
            },
        )
        .await?;
        tx.commit().await?;
        Ok(answer)
    }

    async fn overlaps(
        &self,
        caller: &Principal,
        name: &str,
    ) -> Result<proto::ListOverlapsResponse> {
        let record = self.desk.record::<Campaign>(caller, "name", name).await?;
        let law = self
            .registry
            .law(&record.county, None, self.desk.context.clock.today())
            .await?;
        let weeks = law
            .rules
            .optional("burden.min_weeks_between_teams")
            .unwrap_or_default() as u32;
        let mut tx = self.desk.context.db.begin_read().await?;
        let mut overlaps: Vec<_> = all::<Campaign>(&mut tx, &record.county)
            .await?
            .into_iter()
            .filter(|other| other.code != record.code)
            .filter_map(|other| {
                let overlap = record.content.overlap(&other.content, weeks)?;
                let shared = overlap.targets.len();
                Some(proto::Overlap {
                    campaign: other.name(),
                    display_name: other.content.display_name.clone(),
                    proposal: format!("与“{}”有 {shared} 个共同对象，时间相近、内容类似：建议合并为一次督导", other.content.display_name),
                    proposal_en: format!("{shared} objects in common with a like campaign at about the same time: merge them"),
                    targets: overlap.targets,
                    matters: overlap.matters,
                })
            })
            .collect();
        overlaps.sort_by_key(|overlap| std::cmp::Reverse(overlap.targets.len()));
        Ok(proto::ListOverlapsResponse { overlaps })
    }
}

/// The list item that a campaign names, if there is one.
async fn listed(tx: &mut Tx, caller: &Principal, name: &str) -> Result<Option<ListItem>> {
    if name.is_empty() {
        return Ok(None);
    }
    let (county, code) = parse_name::<ListItem>(caller, "campaign.list_item", name)?;
    let item = document::find::<ListItem>(tx, &county, &code).await?;
    Ok(item.map(|item| item.content))
}

/// The visits of a campaign that are not cancelled.
pub(super) async fn visits_of(
    tx: &mut Tx,
    campaign: &Record<Campaign>,
) -> Result<Vec<Record<Visit>>> {
    let name = campaign.name();
    let year = campaign.content.start_date.format("%Y");
    let visits = between::<Visit>(
        tx,
        &campaign.county,
        &format!("{year}-01-01"),
        &format!("{year}-12-31"),
    )
    .await?;
    Ok(visits
        .into_iter()
        .filter(|visit| {
            visit.content.campaign == name && visit.content.state != VisitState::Cancelled
        })
        .collect())
}
