//! Random draws.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use dudao_inquiry::refused;
use dudao_platform::document::{Filter, between};
use dudao_platform::resource::{Resource as _, Stepped, freely, parse_name, parse_parent};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, limited, mirror, page, payload, rpcs};
use dudao_proto::inspection::v1 as proto;
use dudao_proto::registry::v1 as registry;
use proto::draw_service_server::DrawService;
use registry::school_service_client::SchoolServiceClient;
use registry::supervisor_service_client::SupervisorServiceClient;

use super::Inspection;
use super::people::stage_zh;
use crate::domain::draw::record::{Barred, Pool, Stratum};
use crate::domain::draw::{Draw, DrawParty, DrawState, DrawStratum};
use crate::domain::visit::Visit;

const PAGE: i32 = 1_000;

mirror!(DrawParty => proto::DrawParty { party } out { commitment, secret });
mirror!(DrawStratum => proto::DrawStratum { stratum, stages, share, count });

impl dudao_platform::carry::Carry<proto::Draw> for Draw {
    fn carry(&self) -> proto::Draw {
        use dudao_platform::carry::Carry;
        // The pools stand in the record, once that is public.
        let Self {
            display_name,
            campaign,
            parties,
            strata,
            officers_per_object,
            rotation_years,
            reveal_due_date,
            state,
            freeze_date,
            pool_hash,
            pool: _,
            record,
            publish_date,
            void_reason,
        } = self;
        proto::Draw {
            display_name: display_name.clone(),
            campaign: campaign.clone(),
            parties: Carry::carry(parties),
            strata: Carry::carry(strata),
            officers_per_object: *officers_per_object,
            rotation_years: *rotation_years,
            reveal_due_date: Carry::carry(reveal_due_date),
            state: dudao_law::Word::number(*state),
            freeze_date: Carry::carry(freeze_date),
            pool_hash: pool_hash.clone(),
            record: record.clone(),
            publish_date: Carry::carry(publish_date),
            void_reason: void_reason.clone(),
            ..proto::Draw::default()
        }
    }

    fn take(message: proto::Draw, wrong: &mut dudao_law::Violations, _: &str) -> Self {
        use dudao_platform::carry::Carry;
        Self {
            display_name: message.display_name,
            campaign: message.campaign,
            parties: Carry::take(message.parties, wrong, "parties"),
            strata: Carry::take(message.strata, wrong, "strata"),
            officers_per_object: message.officers_per_object,
            rotation_years: message.rotation_years,
            reveal_due_date: Carry::take(message.reveal_due_date, wrong, "reveal_due_date"),
            state: DrawState::Committing,
            freeze_date: None,
            pool_hash: String::new(),
            pool: None,
            record: String::new(),
            publish_date: None,
            void_reason: String::new(),
        }
    }
}

dudao_platform::resource!(Draw => proto::Draw, draw, "draw_id"; edit { };
    Created => proto::DrawCreated, Updated => proto::DrawCreated);

/// A step whose fact is the draw itself.
macro_rules! told {
    ($content:expr, $payload:ident) => {
        Stepped {
            content: $content,
            facts: vec![Box::new(|about, after| {
                payload!(about, proto::$payload, draw, Draw::to_message(after))
            })],
        }
    };
}

rpcs! { impl DrawService for Inspection, in proto;
    create_draw(CreateDrawRequest) -> Draw = |me, caller, request| async {
        me.registry.known_county(&request.parent).await?;
        me.desk.create_one::<Draw, _>(call!(caller, request), &request.parent, &request.draw_id, request.draw.as_ref(), freely).await
    };
    get_draw(GetDrawRequest) -> Draw = |me, caller, request| me.desk.get::<Draw>(caller, &request.name);
    list_draws(ListDrawsRequest) -> ListDrawsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ..Filter::default() };
        let (draws, next_page_token) = me.desk.list::<Draw>(caller, &page, filter).await?;
        Ok(proto::ListDrawsResponse { draws, next_page_token })
    };
    commit_secret(CommitSecretRequest) -> Draw = |me, caller, request|
        me.desk.step::<Draw, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            caller.check_speaks_for(&request.party)?;
            let content = before.content.clone().commit(&request.party, &request.commitment).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(told!(content, SecretCommitted))
        });
    freeze_pools(FreezePoolsRequest) -> Draw = |me, caller, request| me.freeze(caller, request);
    reveal_secret(RevealSecretRequest) -> Draw = |me, caller, request|
        me.desk.step::<Draw, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            caller.check_speaks_for(&request.party)?;
            let today = clock::day_of(tx.now_us());
            let content = before.content.clone().reveal(&request.party, &request.secret, today).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(told!(content, SecretRevealed))
        });
    void_draw(VoidDrawRequest) -> Draw = |me, caller, request|
        me.desk.step::<Draw, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            let content = before.content.clone().void(&request.reason).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(told!(content, DrawVoided))
        });
    publish_draw(PublishDrawRequest) -> Draw = |me, caller, request|
        me.desk.step::<Draw, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let content = before.content.clone().publish(clock::day_of(tx.now_us())).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(told!(content, DrawPublished))
        });
    get_draw_record(GetDrawRecordRequest) -> DrawRecord = |me, caller, request| async {
        let draw = me.desk.record::<Draw>(caller, "name", &request.name).await?;
        match draw.content.state {
            DrawState::Published | DrawState::Void => Ok(proto::DrawRecord {
                name: draw.name(),
                display_name: draw.content.display_name,
                record: draw.content.record,
                pool_hash: draw.content.pool_hash,
                void_reason: draw.content.void_reason,
            }),
            // What is not published yet is nobody's but the county's, whoever asks.
            DrawState::Committing | DrawState::Frozen | DrawState::Drawn => Err(Error::not_found(&request.name)),
        }
    };
}

impl Inspection {
    /// Freezes the pools as the registry knows them now.
    async fn freeze(
        &self,
        caller: &Principal,
        asked: &proto::FreezePoolsRequest,
    ) -> Result<proto::Draw> {
        let (county, _) = parse_name::<Draw>(caller, "name", &asked.name)?;
        let draw = self
            .desk
            .record::<Draw>(caller, "name", &asked.name)
            .await?
            .content;
        let mut pool = self.pool(&county, &draw, &asked.officers).await?;
        self.desk
            .step::<Draw, _>(
                call!(caller, asked),
                &asked.name,
                &asked.etag,
                async |tx, before| {
                    let today = clock::day_of(tx.now_us());
                    pool.bars
                        .extend(rotated(tx, &county, today, draw.rotation_years).await?);
                    let content = before
                        .content
                        .clone()
                        .freeze(pool, today)
                        .map_err(|refusal| refusal.about(&before.name()))?;
                    Ok(told!(content, PoolsFrozen))
                },
            )
            .await
    }

    /// Open schools of each stratum, supervisors in office and the named officers, and who must avoid which school.
    async fn pool(&self, county: &str, draw: &Draw, officers: &[String]) -> Result<Pool> {
        let parent = format!("counties/{county}");
        let mut schools: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut client = limited!(SchoolServiceClient::new(self.registry.link.clone()));
        let mut page_token = String::new();
        loop {
            let request = registry::ListSchoolsRequest {
                parent: parent.clone(),
                page_size: PAGE,
                page_token,
                ..Default::default()
            };
            let page = client
                .list_schools(request)
                .await
                .map_err(|status| refused(status, &parent))?
                .into_inner();
            for school in &page.schools {
                schools
                    .entry(stage_zh(school.stage()))
                    .or_default()
                    .push(last(&school.name));
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let mut pool = Pool {
            officers: officers.to_vec(),
            officers_per_object: draw.officers_per_object.unsigned_abs().into(),
            ..Pool::default()
        };
        for stratum in &draw.strata {
            let objects: Vec<_> = stratum
                .stages
                .iter()
                .filter_map(|stage| schools.get(stage.as_str()))
                .flatten()
                .cloned()
                .collect();
            pool.strata.push(Stratum {
                id: stratum.stratum.clone(),
                count: Draw::count_of(stratum, objects.len()),
                objects,
            });
        }
        let mut supervisors = Vec::new();
        let mut client = limited!(SupervisorServiceClient::new(self.registry.link.clone()));
        let mut page_token = String::new();
        loop {
            let request = registry::ListSupervisorsRequest {
                parent: parent.clone(),
                page_size: PAGE,
                page_token,
                ..Default::default()
            };
            let page = client
                .list_supervisors(request)
                .await
                .map_err(|status| refused(status, &parent))?
                .into_inner();
            supervisors.extend(page.supervisors.into_iter().map(|person| person.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let avoidances = self
            .registry
            .avoidance(county, &supervisors, &[], None)
            .await?;
        pool.bars.extend(avoidances.iter().map(|avoided| Barred {
            officer: last(&avoided.supervisor),
            object: last(&avoided.unit),
            reason: if avoided.kind() == registry::RelationKind::Employment {
                "任职单位".to_owned()
            } else {
                "回避关系".to_owned()
            },
        }));
        pool.officers
            .extend(supervisors.iter().map(|name| last(name)));
        Ok(pool)
    }
}

/// Who visited which school in so many years before: not drawn for it again.
async fn rotated(tx: &mut Tx, county: &str, today: NaiveDate, years: i32) -> Result<Vec<Barred>> {
    if years == 0 {
        return Ok(Vec::new());
    }
    let from = today.with_year(today.year() - years).unwrap_or(today);
    let visits = between::<Visit>(tx, county, &from.to_string(), &today.to_string()).await?;
    Ok(visits
        .iter()
        .filter(|visit| visit.content.is_made())
        .flat_map(|visit| {
            visit.content.team.iter().map(|member| Barred {
                officer: last(&member.supervisor),
                object: last(&visit.content.target),
                reason: "轮换".to_owned(),
            })
        })
        .collect())
}

/// The last part of a name.
fn last(name: &str) -> String {
    name.rsplit('/').next().unwrap_or_default().to_owned()
}
