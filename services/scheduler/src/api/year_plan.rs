//! Year plans.

use std::time::Duration;

use dudao_optimizer::year::{self, Data, Problem, Solution, choices, explain};
use dudao_optimizer::{Stop, zoning};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, clock, events, page, request};
use dudao_proto::scheduler::v1 as pb;
use pb::year_plan_service_server::YearPlanService;
use tonic::{Request, Response, Status};

use super::plan::{Desk, ask, county_of, key_of};
use super::watch::{Moments, watch};
use super::year_reasons::{days, reasons};
use super::zoning_plan::without_content;
use super::{convert, registry};
use crate::domain;
use crate::domain::compare::{Entries, differences};
use crate::domain::error::{Rule, Wrong};
use crate::domain::lifecycle::{State, Step};
use crate::domain::plan::{Frozen, Kind, Limits, Plan};
use crate::domain::year_plan::{Inputs, Wish, Zones, draft};
use crate::facts::{self, Fact};
use crate::store;

const KIND: Kind = Kind::Year;
/// The longest that an explanation may calculate.
const EXPLAINING: Duration = Duration::from_secs(5);

/// The service.
#[derive(Clone, Debug)]
pub struct Years(pub Desk);

#[tonic::async_trait]
impl YearPlanService for Years {
    type WatchYearPlanStream = Moments<pb::WatchYearPlanResponse>;

    async fn create_year_plan(
        &self,
        request: Request<pb::CreateYearPlanRequest>,
    ) -> Result<Response<pb::YearPlan>, Status> {
        let caller = Principal::of(&request)?;
        Ok(Response::new(
            self.create(&caller, request.into_inner()).await?,
        ))
    }

    async fn get_year_plan(
        &self,
        request: Request<pb::GetYearPlanRequest>,
    ) -> Result<Response<pb::YearPlan>, Status> {
        let key = key_of(KIND, &Principal::of(&request)?, &request.get_ref().name)?;
        let (plan, frozen) = self.0.get(&key).await?;
        Ok(Response::new(to_proto(&plan, Some(&frozen))?))
    }

    async fn list_year_plans(
        &self,
        request: Request<pb::ListYearPlansRequest>,
    ) -> Result<Response<pb::ListYearPlansResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let page = page!(request)?;
        let (plans, next_page_token) = self
            .0
            .list(KIND, &caller, &request.parent, &request.states, page)
            .await?;
        let year_plans = plans
            .iter()
            .map(|plan| to_proto(plan, None))
            .collect::<Result<_>>()?;
        Ok(Response::new(pb::ListYearPlansResponse {
            year_plans,
            next_page_token,
        }))
    }

    async fn watch_year_plan(
        &self,
        request: Request<pb::WatchYearPlanRequest>,
    ) -> Result<Response<Self::WatchYearPlanStream>, Status> {
        let key = key_of(KIND, &Principal::of(&request)?, &request.get_ref().name)?;
        let moments = watch(&self.0.context, key, |state, progress| {
            pb::WatchYearPlanResponse {
                state: state.into(),
                progress: Some(progress),
            }
        });
        Ok(Response::new(moments.await?))
    }

    async fn cancel_year_plan(
        &self,
        request: Request<pb::CancelYearPlanRequest>,
    ) -> Result<Response<pb::YearPlan>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        Ok(Response::new(
            self.0
                .cancel(KIND, &caller, ask!(request), to_proto)
                .await?,
        ))
    }

    async fn approve_year_plan(
        &self,
        request: Request<pb::ApproveYearPlanRequest>,
    ) -> Result<Response<pb::YearPlan>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let done = self
            .0
            .transition(KIND, &caller, ask!(request), Step::Approve, to_proto);
        Ok(Response::new(done.await?))
    }

    async fn activate_year_plan(
        &self,
        request: Request<pb::ActivateYearPlanRequest>,
    ) -> Result<Response<pb::YearPlan>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let done = self
            .0
            .transition(KIND, &caller, ask!(request), Step::Activate, to_proto);
        Ok(Response::new(done.await?))
    }

    async fn supersede_year_plan(
        &self,
        request: Request<pb::SupersedeYearPlanRequest>,
    ) -> Result<Response<pb::YearPlan>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let done = self
            .0
            .transition(KIND, &caller, ask!(request), Step::Supersede, to_proto);
        Ok(Response::new(done.await?))
    }

    async fn explain_year_plan(
        &self,
        request: Request<pb::ExplainYearPlanRequest>,
    ) -> Result<Response<pb::ExplainYearPlanResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let key = key_of(KIND, &caller, &request.name)?;
        let (plan, frozen) = self.0.get(&key).await?;
        let missing = || Error::from(without_content(&plan));
        let (problem, solution) = content(&frozen)?.ok_or_else(missing)?;
        let visit = request.visit_id;
        if !visit.is_empty() && !solution.visits.iter().any(|known| known.id == visit) {
            return Err(Error::not_found(format!("{}/visits/{visit}", request.name)).into());
        }
        let reasons = tokio::task::spawn_blocking(move || {
            let clock = Stop::new(EXPLAINING, 0.0).start();
            if visit.is_empty() {
                reasons(&key.county, &problem, explain(&problem, &solution, &clock))
            } else {
                let choices = choices(&problem, &solution, &visit, &clock);
                days(&key.county, &problem, choices)
            }
        });
        Ok(Response::new(reasons.await.map_err(Error::internal)?))
    }

    async fn compare_year_plans(
        &self,
        request: Request<pb::CompareYearPlansRequest>,
    ) -> Result<Response<pb::Comparison>, Status> {
        let caller = Principal::of(&request)?;
        let pb::CompareYearPlansRequest { before, after } = request.into_inner();
        let (before, old) = self.0.get(&key_of(KIND, &caller, &before)?).await?;
        let (after, new) = self.0.get(&key_of(KIND, &caller, &after)?).await?;
        let differences = differences(&entries(&before, &old)?, &entries(&after, &new)?);
        let collection = format!("yearPlans/{}/visits", after.key.plan);
        Ok(Response::new(convert::comparison(
            &before,
            &after,
            &collection,
            differences,
        )))
    }
}

/// What is compared: each visit's day and team.
fn entries(plan: &Plan, frozen: &Frozen) -> Result<Entries> {
    let Some((problem, solution)) = content(frozen)? else {
        return Err(without_content(plan).into());
    };
    let visit = |visit: &year::Visit| {
        let said = format!("{} · {}", visit.date, visit.team.join("、"));
        (
            visit.id.clone(),
            (target_name(problem.data(), &visit.target), said),
        )
    };
    Ok(solution.visits.iter().map(visit).collect())
}

impl Years {
    async fn create(
        &self,
        caller: &Principal,
        request: pb::CreateYearPlanRequest,
    ) -> Result<pb::YearPlan> {
        let desk = &self.0;
        let county = county_of(&request.parent)?;
        caller.reach(&county)?;
        let mut tx = desk.context.db.begin_read().await?;
        if let request::Seen::Before(answer) =
            request::seen(&mut tx, &county, &request.request_id, &request).await?
        {
            return Ok(answer);
        }
        let (limits, mut inputs) = read(&county, request.year_plan.as_ref())?;
        let (zoning, zones) = zones(&mut tx, caller, &county, &inputs.zoning).await?;
        inputs.zoning = zoning;
        let current = match store::plan::in_force(&mut tx, &county, KIND, inputs.year).await? {
            Some(plan) => content(&store::solve::frozen(&mut tx, &plan.key).await?)?
                .map(|(problem, solution)| (problem.data().clone(), solution)),
            None => None,
        };
        drop(tx);
        let today = desk.context.clock.today();
        let on = chrono::NaiveDate::from_ymd_opt(inputs.year, 1, 1)
            .unwrap_or(today)
            .max(today);
        let known = registry::county(&desk.registry, &county, inputs.year, on).await?;
        let last = chrono::NaiveDate::from_ymd_opt(inputs.year, 12, 31).unwrap_or(on);
        let risks = super::inspection::risks(&desk.inspection, &county, last).await?;
        let current = current.as_ref().map(|(data, solution)| (data, solution));
        let draft = draft((&known, &risks), &zones, &inputs, current, today)?;
        let wishes = serde_json::to_string(&inputs).map_err(Error::internal)?;
        let problem = serde_json::to_string(&draft.data).map_err(Error::internal)?;
        let mut tx = desk.context.db.begin_write().await?;
        let answer = request::once(
            &mut tx,
            &county,
            &request.request_id,
            &request,
            async |tx: &mut Tx| {
                let plan = desk.begin(tx, (&county, KIND), inputs.year, limits, wishes, &draft);
                store::plan::insert(tx, &plan).await?;
                store::solve::insert(tx, &plan.key, &problem).await?;
                let event = facts::record(Fact::Created, &plan, None, caller.actor())?;
                events::append(tx, [event]).await?;
                to_proto(&plan, None)
            },
        )
        .await?;
        tx.commit().await?;
        desk.wake.notify_one();
        Ok(answer)
    }
}

/// The zoning that a year builds on: the plan named, or the one in force.
async fn zones(
    tx: &mut Tx,
    caller: &Principal,
    county: &str,
    name: &str,
) -> Result<(String, Zones)> {
    let found = if name.is_empty() {
        store::plan::in_force(tx, county, Kind::Zoning, 0).await?
    } else {
        let key = key_of(Kind::Zoning, caller, name)?;
        let plan = store::plan::get(tx, &key).await?;
        Some(plan).filter(|plan| {
            key.county == county
                && matches!(
                    plan.state,
                    State::Proposed | State::Approved | State::Active
                )
        })
    };
    let none = || {
        domain::Error::Rules(vec![Rule::new(
            "year_plan.zoning_plan",
            Kind::Zoning.article(),
            format!("counties/{county}"),
            "没有可用的责任区方案：请先划分责任区并启用",
            "there is no zoning plan to build on: make one and activate it",
        )])
    };
    let plan = found.ok_or_else(none)?;
    let frozen = store::solve::frozen(tx, &plan.key).await?;
    if frozen.solution.is_empty() {
        return Err(none().into());
    }
    let solution: zoning::Solution =
        serde_json::from_str(&frozen.solution).map_err(Error::internal)?;
    Ok((plan.key.name(), Zones::from(&solution)))
}

fn read(county: &str, plan: Option<&pb::YearPlan>) -> Result<(Limits, Inputs)> {
    let mut wrong = Vec::new();
    let plan = plan.cloned().unwrap_or_default();
    let limits = convert::limits_of("year_plan.limits", plan.limits.as_ref(), &mut wrong);
    if !(2000..=2100).contains(&plan.year) {
        let (zh, en) = (
            format!("年份 {} 不在 2000 至 2100 之间", plan.year),
            format!("{} does not lie in 2000 to 2100", plan.year),
        );
        wrong.push(Wrong::new("year_plan.year", zh, en));
    }
    let weights = plan.weights.unwrap_or_default();
    let inputs = Inputs {
        year: plan.year,
        zoning: plan.zoning_plan,
        weights: [
            weights.travel,
            weights.peak,
            weights.lateness,
            weights.change,
        ],
        items: plan
            .items
            .iter()
            .enumerate()
            .filter_map(|(n, item)| wish(n, county, item, &mut wrong))
            .collect(),
        include_unqualified: plan.include_unqualified,
        revise: plan.revise,
        pins: plan
            .pins
            .iter()
            .enumerate()
            .map(|(n, pin)| pin_of(n, county, pin, &mut wrong))
            .collect(),
    };
    if wrong.is_empty() {
        Ok((limits, inputs))
    } else {
        Err(domain::Error::Wrong(wrong).into())
    }
}

fn pin_of(n: usize, county: &str, pin: &pb::VisitPin, wrong: &mut Vec<Wrong>) -> year::Pin {
    let path = format!("year_plan.pins[{n}]");
    let team = pin.team.iter().enumerate().map(|(m, name)| {
        let field = format!("{path}.team[{m}]");
        convert::member_of(field, county, "supervisors", name, wrong)
    });
    year::Pin {
        visit: pin.visit_id.clone(),
        team: team.collect(),
        date: convert::day_of(
            &format!("{path}.date"),
            &pin.date,
            chrono::NaiveDate::MIN,
            wrong,
        ),
    }
}

fn wish(n: usize, county: &str, item: &pb::YearItem, wrong: &mut Vec<Wrong>) -> Option<Wish> {
    let path = format!("year_plan.items[{n}]");
    let kind = match item.kind() {
        pb::ItemKind::Unspecified => {
            wrong.push(Wrong::new(
                format!("{path}.kind"),
                "未说明督导类型",
                "does not say which kind",
            ));
            return None;
        }
        pb::ItemKind::Routine => year::Kind::Routine,
        pb::ItemKind::Comprehensive => year::Kind::Comprehensive,
        pb::ItemKind::Government => year::Kind::Government,
        pb::ItemKind::Special => year::Kind::Special,
        pb::ItemKind::FollowUp => year::Kind::FollowUp,
    };
    let mut day = |field: &str, text: &str| {
        let path = format!("{path}.{field}");
        (!text.is_empty()).then(|| convert::day_of(&path, text, chrono::NaiveDate::MIN, wrong))
    };
    let (start, end) = (
        day("start_date", &item.start_date),
        day("end_date", &item.end_date),
    );
    let towns = format!("counties/{county}/towns/");
    let targets = item.targets.iter().enumerate().map(|(m, name)| {
        let collection = if name.starts_with(&towns) {
            "towns"
        } else {
            "schools"
        };
        convert::member_of(
            format!("{path}.targets[{m}]"),
            county,
            collection,
            name,
            wrong,
        )
    });
    Some(Wish {
        targets: targets.collect(),
        id: item.item_id.clone(),
        name: item.display_name.clone(),
        kind,
        basis: item.basis.clone(),
        filed: item.filed,
        start,
        end,
        stages: item.stages().filter_map(convert::stage_of).collect(),
        team: item.team_size.max(0).unsigned_abs(),
        days: item.days,
        visits: item.visits.max(0).unsigned_abs(),
    })
}

fn item(wish: &Wish, county: &str) -> pb::YearItem {
    let collection = if wish.kind == year::Kind::Government {
        "towns"
    } else {
        "schools"
    };
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
    pb::YearItem {
        item_id: wish.id.clone(),
        display_name: wish.name.clone(),
        kind: kind(wish.kind).into(),
        basis: wish.basis.clone(),
        filed: wish.filed,
        start_date: day(wish.start),
        end_date: day(wish.end),
        targets: wish
            .targets
            .iter()
            .map(|id| format!("counties/{county}/{collection}/{id}"))
            .collect(),
        stages: wish
            .stages
            .iter()
            .map(|&stage| convert::stage(stage).into())
            .collect(),
        team_size: wish.team as i32,
        days: wish.days,
        visits: wish.visits as i32,
    }
}

fn kind(kind: year::Kind) -> pb::ItemKind {
    match kind {
        year::Kind::Routine => pb::ItemKind::Routine,
        year::Kind::Comprehensive => pb::ItemKind::Comprehensive,
        year::Kind::Government => pb::ItemKind::Government,
        year::Kind::Special => pb::ItemKind::Special,
        year::Kind::FollowUp => pb::ItemKind::FollowUp,
    }
}

/// The problem and its best solution; none while there is no solution.
fn content(frozen: &Frozen) -> Result<Option<(Problem, Solution)>> {
    if frozen.solution.is_empty() {
        return Ok(None);
    }
    let data: Data = serde_json::from_str(&frozen.problem).map_err(Error::internal)?;
    let solution = serde_json::from_str(&frozen.solution).map_err(Error::internal)?;
    let problem = Problem::new(data).map_err(|issues| Error::internal(format!("{issues:?}")))?;
    Ok(Some((problem, solution)))
}

pub(super) fn target_name(data: &Data, id: &str) -> String {
    let school = data.schools.iter().find(|s| s.id == id).map(|s| &s.name);
    let town = || data.towns.iter().find(|t| t.id == id).map(|t| &t.name);
    school.or_else(town).cloned().unwrap_or_default()
}

/// What the town of a school, or the town itself, is called; "" if not stated.
fn town_name(data: &Data, id: &str) -> String {
    let school = data.schools.iter().find(|s| s.id == id);
    let town = school.map_or(Some(id), |school| school.town.as_deref());
    let town = data.towns.iter().find(|t| Some(t.id.as_str()) == town);
    town.map(|town| town.name.clone()).unwrap_or_default()
}

pub(super) fn named(county: &str, ids: &[String]) -> Vec<String> {
    let person = |id: &String| format!("counties/{county}/supervisors/{id}");
    ids.iter().map(person).collect()
}

/// A plan as the contract knows it; with its content if `frozen` is given.
pub fn to_proto(plan: &Plan, frozen: Option<&Frozen>) -> Result<pb::YearPlan> {
    let county = &plan.key.county;
    let inputs: Inputs = serde_json::from_str(&plan.inputs).map_err(Error::internal)?;
    let [travel, peak, lateness, change] = inputs.weights;
    let mut proto = pb::YearPlan {
        name: plan.key.name(),
        state: convert::state(plan.state).into(),
        limits: Some(convert::limits(&plan.limits)),
        report: Some(convert::report(&plan.report)),
        left_out: convert::left_out(county, &plan.left_out),
        create_time: Some(clock::timestamp(plan.created_us)),
        update_time: Some(clock::timestamp(plan.updated_us)),
        etag: convert::etag(plan),
        year: inputs.year,
        zoning_plan: inputs.zoning,
        weights: Some(pb::YearWeights {
            travel,
            peak,
            lateness,
            change,
        }),
        items: inputs.items.iter().map(|wish| item(wish, county)).collect(),
        include_unqualified: inputs.include_unqualified,
        revise: inputs.revise,
        pins: inputs
            .pins
            .iter()
            .map(|pin| pb::VisitPin {
                visit_id: pin.visit.clone(),
                date: pin.date.to_string(),
                team: named(county, &pin.team),
            })
            .collect(),
        ..pb::YearPlan::default()
    };
    if let Some((problem, solution)) = frozen.map(content).transpose()?.flatten() {
        fill(&mut proto, county, &problem, &solution);
    }
    Ok(proto)
}

fn fill(proto: &mut pb::YearPlan, county: &str, problem: &Problem, solution: &Solution) {
    let data = problem.data();
    let week_of = |date| data.weeks.partition_point(|week| week.start <= date);
    let person = |id: &str| format!("counties/{county}/supervisors/{id}");
    let name = |id: &str| {
        data.supervisors
            .iter()
            .find(|s| s.id == id)
            .map_or_else(String::new, |s| s.name.clone())
    };
    let item = |id: &str| data.items.iter().find(|item| item.id == id);
    for visit in &solution.visits {
        let first = visit.items.first().and_then(|id| item(id));
        let town = data.towns.iter().any(|town| town.id == visit.target);
        let collection = if town { "towns" } else { "schools" };
        proto.visits.push(pb::PlannedVisit {
            visit_id: visit.id.clone(),
            items: visit.items.clone(),
            kind: first
                .map_or(pb::ItemKind::Unspecified, |item| kind(item.kind))
                .into(),
            target: format!("counties/{county}/{collection}/{}", visit.target),
            display_name: target_name(data, &visit.target),
            town: town_name(data, &visit.target),
            date: visit.date.to_string(),
            week: week_of(visit.date) as i32,
            team: visit.team.iter().map(|id| person(id)).collect(),
            team_names: visit.team.iter().map(|id| name(id)).collect(),
            units: visit
                .units
                .iter()
                .map(|id| format!("counties/{county}/memberUnits/{id}"))
                .collect(),
            days: visit
                .items
                .iter()
                .filter_map(|id| item(id))
                .map(|item| item.days)
                .fold(0.0, f64::max),
        });
    }
    for (n, week) in data.weeks.iter().enumerate() {
        proto.weeks.push(pb::PlannedWeek {
            week: n as i32 + 1,
            start_date: week.start.to_string(),
            days: week.days.len() as i32,
            visits: solution
                .visits
                .iter()
                .filter(|visit| week_of(visit.date) == n + 1)
                .count() as i32,
        });
    }
    for (load, supervisor) in year::loads(problem, solution)
        .into_iter()
        .zip(&data.supervisors)
    {
        proto.loads.push(pb::YearLoad {
            supervisor: person(&load.supervisor),
            display_name: supervisor.name.clone(),
            days_by_week: load.days,
            days: load.total,
            max_days: supervisor.max_days_year * (1.0 - data.rules.reserve_share),
            visits: solution
                .visits
                .iter()
                .filter(|visit| visit.team.contains(&supervisor.id))
                .count() as i32,
            term_end_date: supervisor
                .until
                .map_or_else(String::new, |day| day.to_string()),
        });
    }
    for (covered, item) in year::coverage(problem, solution)
        .into_iter()
        .zip(&data.items)
    {
        proto.coverage.push(pb::Coverage {
            item_id: covered.item,
            display_name: item.name.clone(),
            targets: item.targets.len() as i32,
            due: covered.due as i32,
            scheduled: covered.scheduled as i32,
        });
    }
}
