//! Zoning plans.

use std::collections::HashMap;
use std::time::Duration;

use chrono::Datelike;
use dudao_optimizer::Stop;
use dudao_optimizer::zoning::{
    Candidate, Data, Explanation, Pin, Problem, Solution, candidates, explain,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, clock, events, page, request};
use dudao_proto::scheduler::v1 as pb;
use pb::zoning_plan_service_server::ZoningPlanService;
use tonic::{Request, Response, Status};

use super::plan::{Desk, ask, county_of, key_of};
use super::watch::{Moments, watch};
use super::{convert, registry};
use crate::domain;
use crate::domain::compare::differences;
use crate::domain::error::{Rule, Wrong};
use crate::domain::lifecycle::Step;
use crate::domain::plan::{Draft, Frozen, Kind, Limits, Plan};
use crate::domain::zoning_content::{self, Zone};
use crate::domain::zoning_plan::{Inputs, Wishes, draft};
use crate::facts::{self, Fact};
use crate::store;

const KIND: Kind = Kind::Zoning;
/// The longest that an explanation may calculate; without its prices it takes no time.
const EXPLAINING: Duration = Duration::from_secs(5);

/// The service.
#[derive(Clone, Debug)]
pub struct Zonings(pub Desk);

#[tonic::async_trait]
impl ZoningPlanService for Zonings {
    type WatchZoningPlanStream = Moments<pb::WatchZoningPlanResponse>;

    async fn create_zoning_plan(
        &self,
        request: Request<pb::CreateZoningPlanRequest>,
    ) -> Result<Response<pb::ZoningPlan>, Status> {
        let caller = Principal::of(&request)?;
        Ok(Response::new(
            self.create(&caller, request.into_inner()).await?,
        ))
    }

    async fn get_zoning_plan(
        &self,
        request: Request<pb::GetZoningPlanRequest>,
    ) -> Result<Response<pb::ZoningPlan>, Status> {
        let key = key_of(KIND, &Principal::of(&request)?, &request.get_ref().name)?;
        let (plan, frozen) = self.0.get(&key).await?;
        Ok(Response::new(to_proto(&plan, Some(&frozen))?))
    }

    async fn list_zoning_plans(
        &self,
        request: Request<pb::ListZoningPlansRequest>,
    ) -> Result<Response<pb::ListZoningPlansResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let page = page!(request)?;
        let (plans, next_page_token) = self
            .0
            .list(KIND, &caller, &request.parent, &request.states, page)
            .await?;
        let zoning_plans = plans
            .iter()
            .map(|plan| to_proto(plan, None))
            .collect::<Result<_>>()?;
        Ok(Response::new(pb::ListZoningPlansResponse {
            zoning_plans,
            next_page_token,
        }))
    }

    async fn watch_zoning_plan(
        &self,
        request: Request<pb::WatchZoningPlanRequest>,
    ) -> Result<Response<Self::WatchZoningPlanStream>, Status> {
        let key = key_of(KIND, &Principal::of(&request)?, &request.get_ref().name)?;
        let moments = watch(&self.0.context, key, |state, progress| {
            pb::WatchZoningPlanResponse {
                state: state.into(),
                progress: Some(progress),
            }
        });
        Ok(Response::new(moments.await?))
    }

    async fn cancel_zoning_plan(
        &self,
        request: Request<pb::CancelZoningPlanRequest>,
    ) -> Result<Response<pb::ZoningPlan>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        Ok(Response::new(
            self.0
                .cancel(KIND, &caller, ask!(request), to_proto)
                .await?,
        ))
    }

    async fn approve_zoning_plan(
        &self,
        request: Request<pb::ApproveZoningPlanRequest>,
    ) -> Result<Response<pb::ZoningPlan>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let done = self
            .0
            .transition(KIND, &caller, ask!(request), Step::Approve, to_proto);
        Ok(Response::new(done.await?))
    }

    async fn activate_zoning_plan(
        &self,
        request: Request<pb::ActivateZoningPlanRequest>,
    ) -> Result<Response<pb::ZoningPlan>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let done = self
            .0
            .transition(KIND, &caller, ask!(request), Step::Activate, to_proto);
        Ok(Response::new(done.await?))
    }

    async fn supersede_zoning_plan(
        &self,
        request: Request<pb::SupersedeZoningPlanRequest>,
    ) -> Result<Response<pb::ZoningPlan>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let done = self
            .0
            .transition(KIND, &caller, ask!(request), Step::Supersede, to_proto);
        Ok(Response::new(done.await?))
    }

    async fn explain_zoning_plan(
        &self,
        request: Request<pb::ExplainZoningPlanRequest>,
    ) -> Result<Response<pb::ExplainZoningPlanResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let key = key_of(KIND, &caller, &request.name)?;
        let (plan, frozen) = self.0.get(&key).await?;
        let missing = || Error::from(without_content(&plan));
        let (problem, solution) = solved(&frozen)?.ok_or_else(missing)?;
        let school = match request.school.as_str() {
            "" => None,
            name => {
                let mut wrong = Vec::new();
                let id = convert::member_of("school", &key.county, "schools", name, &mut wrong);
                let known = |id: &String| problem.data().schools.iter().any(|s| s.id == *id);
                if !wrong.is_empty() || !known(&id) {
                    return Err(Error::not_found(name).into());
                }
                Some(id)
            }
        };
        let reasons = tokio::task::spawn_blocking(move || {
            let clock = Stop::new(EXPLAINING, 0.0).start();
            let reasons = explain(&problem, &solution, &clock);
            let choices = school.map(|id| candidates(&problem, &id, Some(&solution)));
            explanation(&key.county, &problem, reasons, choices.unwrap_or_default())
        });
        Ok(Response::new(reasons.await.map_err(Error::internal)?))
    }

    async fn compare_zoning_plans(
        &self,
        request: Request<pb::CompareZoningPlansRequest>,
    ) -> Result<Response<pb::Comparison>, Status> {
        let caller = Principal::of(&request)?;
        let pb::CompareZoningPlansRequest { before, after } = request.into_inner();
        let (before, old) = self.0.get(&key_of(KIND, &caller, &before)?).await?;
        let (after, new) = self.0.get(&key_of(KIND, &caller, &after)?).await?;
        let entries = |plan: &Plan, frozen: &Frozen| -> Result<_> {
            let zones = content(frozen)?;
            if zones.is_empty() {
                return Err(without_content(plan).into());
            }
            Ok(zoning_content::entries(&zones))
        };
        let differences = differences(&entries(&before, &old)?, &entries(&after, &new)?);
        Ok(Response::new(convert::comparison(
            &before,
            &after,
            "schools",
            differences,
        )))
    }
}

/// A plan without content can't be compared.
pub(super) fn without_content(plan: &Plan) -> domain::Error {
    domain::Error::Rules(vec![Rule::new(
        format!("{}.content", plan.key.kind.key()),
        "",
        plan.key.name(),
        "该方案还没有内容，无法比较",
        "this plan has no content to compare",
    )])
}

impl Zonings {
    async fn create(
        &self,
        caller: &Principal,
        request: pb::CreateZoningPlanRequest,
    ) -> Result<pb::ZoningPlan> {
        let desk = &self.0;
        let county = county_of(&request.parent)?;
        caller.reach(&county)?;
        let mut tx = desk.context.db.begin_read().await?;
        if let request::Seen::Before(answer) =
            request::seen(&mut tx, &county, &request.request_id, &request).await?
        {
            return Ok(answer);
        }
        let (limits, inputs) = self.read(&county, request.zoning_plan.as_ref())?;
        let in_force = match store::plan::in_force(&mut tx, &county, KIND, 0).await? {
            Some(plan) if inputs.revise => {
                solved(&store::solve::frozen(&mut tx, &plan.key).await?)?
            }
            Some(_) | None => None,
        };
        drop(tx);
        let year = inputs.effective.year();
        let known = registry::county(&desk.registry, &county, year, inputs.effective).await?;
        let in_force = in_force.map(|(_, zoning)| zoning);
        let draft = draft(&known, &inputs, in_force.as_ref())?;
        let mut tx = desk.context.db.begin_write().await?;
        let answer = request::once(
            &mut tx,
            &county,
            &request.request_id,
            &request,
            async |tx: &mut Tx| {
                self.store(tx, caller, &county, limits, &inputs, &draft)
                    .await
            },
        )
        .await?;
        tx.commit().await?;
        desk.wake.notify_one();
        Ok(answer)
    }

    async fn store(
        &self,
        tx: &mut Tx,
        caller: &Principal,
        county: &str,
        limits: Limits,
        inputs: &Inputs,
        draft: &Draft<Data>,
    ) -> Result<pb::ZoningPlan> {
        let inputs = serde_json::to_string(inputs).map_err(Error::internal)?;
        let plan = self.0.begin(tx, (county, KIND), 0, limits, inputs, draft);
        store::plan::insert(tx, &plan).await?;
        let problem = serde_json::to_string(&draft.data).map_err(Error::internal)?;
        store::solve::insert(tx, &plan.key, &problem).await?;
        let event = facts::record(Fact::Created, &plan, None, caller.actor())?;
        events::append(tx, [event]).await?;
        to_proto(&plan, None)
    }

    fn read(&self, county: &str, plan: Option<&pb::ZoningPlan>) -> Result<(Limits, Inputs)> {
        let mut wrong = Vec::new();
        let plan = plan.cloned().unwrap_or_default();
        let limits = convert::limits_of("zoning_plan.limits", plan.limits.as_ref(), &mut wrong);
        let weights = plan.weights.unwrap_or_default();
        let today = self.0.context.clock.today();
        let path = "zoning_plan.effective_date";
        let inputs = Inputs {
            weights: Wishes {
                routine_travel: weights.routine_travel,
                team_travel: weights.team_travel,
                imbalance: weights.imbalance,
                change: weights.change,
                town_cut: weights.town_cut,
            },
            pins: plan
                .pins
                .iter()
                .enumerate()
                .filter_map(|(n, pin)| pin_of(n, county, pin, &mut wrong))
                .collect(),
            include_unqualified: plan.include_unqualified,
            effective: convert::day_of(path, &plan.effective_date, today, &mut wrong),
            revise: plan.revise,
        };
        if wrong.is_empty() {
            Ok((limits, inputs))
        } else {
            Err(domain::Error::Wrong(wrong).into())
        }
    }
}

fn pin_of(n: usize, county: &str, pin: &pb::ZoningPin, wrong: &mut Vec<Wrong>) -> Option<Pin> {
    use pb::zoning_pin::Pin as Asked;
    let path = format!("zoning_plan.pins[{n}]");
    let mut id = |field: &str, collection: &str, name: &str| {
        convert::member_of(format!("{path}.{field}"), county, collection, name, wrong)
    };
    Some(match pin.pin.as_ref() {
        Some(Asked::Assign(assign)) => Pin::Assign {
            school: id("assign.school", "schools", &assign.school),
            supervisor: id("assign.supervisor", "supervisors", &assign.supervisor),
        },
        Some(Asked::Forbid(forbid)) => Pin::Forbid {
            school: id("forbid.school", "schools", &forbid.school),
            supervisor: id("forbid.supervisor", "supervisors", &forbid.supervisor),
        },
        Some(Asked::Together(pair)) => Pin::Together {
            a: id("together.first", "schools", &pair.first),
            b: id("together.second", "schools", &pair.second),
        },
        Some(Asked::Apart(pair)) => Pin::Apart {
            a: id("apart.first", "schools", &pair.first),
            b: id("apart.second", "schools", &pair.second),
        },
        None => {
            wrong.push(Wrong::new(
                path,
                "未说明固定什么",
                "does not say what is settled",
            ));
            return None;
        }
    })
}

fn pin(county: &str, pin: &Pin) -> pb::ZoningPin {
    use pb::zoning_pin::{Assign, Pair, Pin as Asked};
    let school = |id: &str| format!("counties/{county}/schools/{id}");
    let pair = |a: &str, b: &str| Pair {
        first: school(a),
        second: school(b),
    };
    let one = |id: &str, supervisor: &str| Assign {
        school: school(id),
        supervisor: format!("counties/{county}/supervisors/{supervisor}"),
    };
    let asked = match pin {
        Pin::Assign {
            school: id,
            supervisor,
        } => Asked::Assign(one(id, supervisor)),
        Pin::Forbid {
            school: id,
            supervisor,
        } => Asked::Forbid(one(id, supervisor)),
        Pin::Together { a, b } => Asked::Together(pair(a, b)),
        Pin::Apart { a, b } => Asked::Apart(pair(a, b)),
    };
    pb::ZoningPin { pin: Some(asked) }
}

/// The problem and its best solution; none while there is no solution.
fn solved(frozen: &Frozen) -> Result<Option<(Problem, Solution)>> {
    if frozen.solution.is_empty() {
        return Ok(None);
    }
    let data: Data = serde_json::from_str(&frozen.problem).map_err(Error::internal)?;
    let solution: Solution = serde_json::from_str(&frozen.solution).map_err(Error::internal)?;
    let problem = Problem::new(data).map_err(|issues| Error::internal(format!("{issues:?}")))?;
    Ok(Some((problem, solution)))
}

/// The zones of the best solution; none while there is no solution.
fn content(frozen: &Frozen) -> Result<Vec<Zone>> {
    let zones = |(problem, solution)| zoning_content::zones(&problem, &solution);
    Ok(solved(frozen)?.map(zones).unwrap_or_default())
}

/// The reasons as the contract knows them.
fn explanation(
    county: &str,
    problem: &Problem,
    reasons: Explanation,
    choices: Vec<Candidate>,
) -> pb::ExplainZoningPlanResponse {
    let data = problem.data();
    let person = |id: &str| format!("counties/{county}/supervisors/{id}");
    let schools: HashMap<&str, &str> = data
        .schools
        .iter()
        .map(|school| (school.id.as_str(), school.name.as_str()))
        .collect();
    let people: HashMap<&str, &str> = data
        .supervisors
        .iter()
        .map(|person| (person.id.as_str(), person.name.as_str()))
        .collect();
    let called = |names: &HashMap<&str, &str>, id: &str| {
        names.get(id).copied().unwrap_or_default().to_owned()
    };
    pb::ExplainZoningPlanResponse {
        limits: reasons
            .limits
            .into_iter()
            .map(|limit| pb::BindingLimit {
                subject: match limit.rule.as_str() {
                    "zone_size" => limit.subject,
                    _ => person(&limit.subject),
                },
                rule: limit.rule,
                used: limit.used,
                limit: limit.limit,
                price: limit.price,
                words: Some(convert::words(&limit.words)),
            })
            .collect(),
        changes: reasons
            .changes
            .into_iter()
            .map(|change| pb::SupervisorChange {
                school: format!("counties/{county}/schools/{}", change.school),
                display_name: called(&schools, &change.school),
                before: person(&change.before),
                after: person(&change.after),
                reason: Some(convert::words(&change.reason)),
            })
            .collect(),
        spreads: reasons.spreads.into_iter().map(convert::spread).collect(),
        choices: choices
            .into_iter()
            .map(|choice| pb::SupervisorChoice {
                supervisor: person(&choice.supervisor),
                display_name: called(&people, &choice.supervisor),
                travel_minutes: choice.minutes,
                rise: choice.rise,
                refusal: choice
                    .refusal
                    .map(|refusal| convert::words(&refusal.words())),
                breaks: choice.breaks.iter().map(convert::violation).collect(),
            })
            .collect(),
    }
}

/// A plan as the contract knows it; with its content if `frozen` is given.
pub fn to_proto(plan: &Plan, frozen: Option<&Frozen>) -> Result<pb::ZoningPlan> {
    let county = &plan.key.county;
    let inputs: Inputs = serde_json::from_str(&plan.inputs).map_err(Error::internal)?;
    let zones = frozen.map(content).transpose()?.unwrap_or_default();
    let Inputs {
        weights,
        pins,
        include_unqualified,
        effective,
        revise,
    } = inputs;
    Ok(pb::ZoningPlan {
        name: plan.key.name(),
        state: convert::state(plan.state).into(),
        limits: Some(convert::limits(&plan.limits)),
        report: Some(convert::report(&plan.report)),
        left_out: convert::left_out(county, &plan.left_out),
        create_time: Some(clock::timestamp(plan.created_us)),
        update_time: Some(clock::timestamp(plan.updated_us)),
        etag: convert::etag(plan),
        weights: Some(pb::ZoningWeights {
            routine_travel: weights.routine_travel,
            team_travel: weights.team_travel,
            imbalance: weights.imbalance,
            change: weights.change,
            town_cut: weights.town_cut,
        }),
        pins: pins.iter().map(|settled| pin(county, settled)).collect(),
        include_unqualified,
        effective_date: effective.to_string(),
        revise,
        zones: zones.iter().map(|planned| zone(county, planned)).collect(),
    })
}

fn zone(county: &str, zone: &Zone) -> pb::PlannedZone {
    let person = |id: &str| format!("counties/{county}/supervisors/{id}");
    pb::PlannedZone {
        zone_id: zone.id.clone(),
        display_name: zone.name.clone(),
        supervisors: zone
            .supervisors
            .iter()
            .map(|supervisor| pb::PlannedSupervisor {
                supervisor: person(&supervisor.id),
                display_name: supervisor.name.clone(),
                full_time: supervisor.full_time,
                schools: supervisor.schools as i32,
                max_schools: supervisor.max_schools as i32,
                days: supervisor.days,
                max_days: supervisor.max_days,
                travel_minutes: supervisor.travel_minutes,
                base: Some(convert::place(supervisor.base)),
            })
            .collect(),
        schools: zone
            .schools
            .iter()
            .map(|school| pb::PlannedSchool {
                school: format!("counties/{county}/schools/{}", school.code),
                display_name: school.name.clone(),
                stage: convert::stage(school.stage).into(),
                town: school.town.clone(),
                supervisor: person(&school.supervisor),
                travel_minutes: school.travel_minutes,
                place: Some(convert::place(school.place)),
            })
            .collect(),
    }
}
