//! A county made up for tests, a registry that serves it over gRPC, and a scheduler beside it.
#![allow(dead_code, reason = "each test file uses its own part")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use dudao_platform::lifecycle::{self, Shutdown};
use dudao_platform::rpc::{Gate, Link, Server};
use dudao_platform::{Clock, Context, Parts, limited};
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as pb;
use dudao_proto::scheduler::v1 as scheduler;
use scheduler::year_plan_service_client::YearPlanServiceClient;
use scheduler::zoning_plan_service_client::ZoningPlanServiceClient;
use tokio::task::JoinHandle;
use tonic::{Request, Response, Status};

pub const COUNTY: &str = "counties/140525";

/// What the registry tells.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub schools: Vec<pb::School>,
    pub supervisors: Vec<pb::Supervisor>,
    pub units: Vec<pb::MemberUnit>,
    pub towns: Vec<pb::Town>,
    pub calendars: Vec<pb::Calendar>,
    pub rulesets: Vec<pb::Ruleset>,
    pub inspection_away: bool,
}

fn period(start: &str, end: &str) -> pb::Period {
    pb::Period {
        display_name: String::new(),
        start_date: start.to_owned(),
        end_date: end.to_owned(),
    }
}

/// A calendar year with the rest of an autumn term, a spring term and the beginning of an autumn term.
pub fn calendar(year: i32) -> pb::Calendar {
    pb::Calendar {
        name: format!("{COUNTY}/calendars/{year}"),
        terms: vec![
            period(&format!("{year}-01-01"), &format!("{year}-01-20")),
            period(&format!("{year}-02-22"), &format!("{year}-07-09")),
            period(&format!("{year}-09-01"), &format!("{year}-12-31")),
        ],
        ..Default::default()
    }
}

pub fn ruleset() -> pb::Ruleset {
    let values = [
        ("zone.max_schools", 20.0),
        ("zone.min_supervisors", 3.0),
        ("zone.max_supervisors", 5.0),
        ("zone.full_time_each", 1.0),
        ("supervisor.max_schools", 5.0),
        ("supervisor.days_full_time", 180.0),
        ("supervisor.days_part_time", 75.0),
        ("supervisor.training_hours", 40.0),
        ("supervisor.max_years_same_school", 3.0),
        ("routine.per_semester", 2.0),
        ("routine.per_month", 1.0),
        ("routine.days", 0.5),
        ("routine.team", 1.0),
        ("comprehensive.cycle_years", 4.0),
        ("comprehensive.days", 1.0),
        ("comprehensive.team", 3.0),
        ("government.cycle_years", 4.0),
        ("government.days", 1.0),
        ("government.team", 3.0),
        ("special.days", 0.5),
        ("special.team", 3.0),
        ("burden.max_inspections", 5.0),
        ("burden.min_weeks_between_teams", 2.0),
        ("random.share_schools", 0.05),
        ("random.share_kindergartens", 0.1),
        ("reserve.share", 0.1),
        ("week.days_full_time", 4.0),
        ("week.days_part_time", 2.0),
        ("unit.max_inspections", 4.0),
        ("travel.detour", 1.3),
        ("travel.km_per_hour", 40.0),
    ];
    pb::Ruleset {
        name: format!("{COUNTY}/rulesets/1"),
        parameters: values
            .map(|(key, value)| pb::Parameter {
                key: key.to_owned(),
                value: Some(value),
                ..Default::default()
            })
            .into(),
        ..Default::default()
    }
}

pub fn school(n: usize) -> pb::School {
    pb::School {
        name: format!("{COUNTY}/schools/S{n:03}"),
        display_name: format!("第{n}小学"),
        stage: pb::Stage::Primary.into(),
        town: format!("{}镇", n % 3),
        place: Some(pb::Place {
            longitude: 112.7 + (n * 37 % 50) as f64 / 100.0,
            latitude: 35.4 + (n * 53 % 40) as f64 / 100.0,
        }),
        ..Default::default()
    }
}

pub fn supervisor(n: usize) -> pb::Supervisor {
    pb::Supervisor {
        name: format!("{COUNTY}/supervisors/K{n:02}"),
        display_name: format!("督学{n}"),
        employment: if n.is_multiple_of(3) {
            pb::Employment::FullTime
        } else {
            pb::Employment::PartTime
        }
        .into(),
        stages: vec![pb::Stage::Primary.into()],
        base: Some(pb::Place {
            longitude: 112.7 + (n * 29 % 50) as f64 / 100.0,
            latitude: 35.4 + (n * 31 % 40) as f64 / 100.0,
        }),
        training_hours: Some(48.0),
        ..Default::default()
    }
}

impl Known {
    pub fn of(schools: usize, supervisors: usize) -> Self {
        Self {
            schools: (0..schools).map(school).collect(),
            supervisors: (0..supervisors).map(supervisor).collect(),
            units: (1..=3)
                .map(|n| pb::MemberUnit {
                    name: format!("{COUNTY}/memberUnits/U{n}"),
                    display_name: format!("县第{n}局"),
                    ..Default::default()
                })
                .collect(),
            towns: (0..3)
                .map(|n| pb::Town {
                    name: format!("{COUNTY}/towns/{n}镇"),
                    display_name: format!("{n}镇"),
                    ..Default::default()
                })
                .collect(),
            calendars: vec![calendar(2026), calendar(2027)],
            rulesets: vec![ruleset()],
            inspection_away: false,
        }
    }
}

/// A registry that knows one county and never changes.
#[derive(Clone, Debug)]
struct Registry(Arc<Known>);

/// One item a page, so that whoever asks has to turn the page.
fn page<T: Clone>(all: &[T], token: &str) -> (Vec<T>, String) {
    let at: usize = token.parse().unwrap_or(0);
    let size = all.len().div_ceil(2).max(1);
    let items: Vec<T> = all.iter().skip(at).take(size).cloned().collect();
    let next = at + items.len();
    (
        items,
        if next < all.len() {
            next.to_string()
        } else {
            String::new()
        },
    )
}

fn absent<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("not part of this registry"))
}

macro_rules! registry {
    ($($server:ident :: $service:ident { $($body:tt)* } $($unused:ident: $req:ident => $res:ident),*;)*) => {
        $(
            #[tonic::async_trait]
            impl pb::$server::$service for Registry {
                $($body)*
                $(async fn $unused(&self, _: Request<pb::$req>) -> Result<Response<pb::$res>, Status> { absent() })*
            }
        )*
    };
}

registry! {
    county_service_server::CountyService {
        async fn get_county(&self, request: Request<pb::GetCountyRequest>) -> Result<Response<pb::County>, Status> {
            let name = request.into_inner().name;
            if name == COUNTY {
                Ok(Response::new(pb::County { name, ..Default::default() }))
            } else {
                Err(dudao_platform::Error::not_found(name).into())
            }
        }
    } create_county: CreateCountyRequest => County, list_counties: ListCountiesRequest => ListCountiesResponse, update_county: UpdateCountyRequest => County;
    school_service_server::SchoolService {
        async fn list_schools(&self, request: Request<pb::ListSchoolsRequest>) -> Result<Response<pb::ListSchoolsResponse>, Status> {
            let (schools, next_page_token) = page(&self.0.schools, &request.get_ref().page_token);
            Ok(Response::new(pb::ListSchoolsResponse { schools, next_page_token }))
        }
    } create_school: CreateSchoolRequest => School, get_school: GetSchoolRequest => School, update_school: UpdateSchoolRequest => School,
      close_school: CloseSchoolRequest => School, batch_create_schools: BatchCreateSchoolsRequest => BatchCreateSchoolsResponse;
    supervisor_service_server::SupervisorService {
        async fn list_supervisors(&self, request: Request<pb::ListSupervisorsRequest>) -> Result<Response<pb::ListSupervisorsResponse>, Status> {
            let (supervisors, next_page_token) = page(&self.0.supervisors, &request.get_ref().page_token);
            Ok(Response::new(pb::ListSupervisorsResponse { supervisors, next_page_token }))
        }
    } create_supervisor: CreateSupervisorRequest => Supervisor, get_supervisor: GetSupervisorRequest => Supervisor,
      renew_supervisor: RenewSupervisorRequest => Supervisor, get_staffing: GetStaffingRequest => Staffing,
      update_supervisor: UpdateSupervisorRequest => Supervisor, dismiss_supervisor: DismissSupervisorRequest => Supervisor,
      export_supervisors: ExportSupervisorsRequest => ExportSupervisorsResponse,
      batch_create_supervisors: BatchCreateSupervisorsRequest => BatchCreateSupervisorsResponse;
    relation_service_server::RelationService {
        async fn check_avoidance(&self, _: Request<pb::CheckAvoidanceRequest>) -> Result<Response<pb::CheckAvoidanceResponse>, Status> {
            Ok(Response::new(pb::CheckAvoidanceResponse::default()))
        }
    } create_relation: CreateRelationRequest => Relation, get_relation: GetRelationRequest => Relation,
      list_relations: ListRelationsRequest => ListRelationsResponse, end_relation: EndRelationRequest => Relation;
    member_unit_service_server::MemberUnitService {
        async fn list_member_units(&self, request: Request<pb::ListMemberUnitsRequest>) -> Result<Response<pb::ListMemberUnitsResponse>, Status> {
            let (member_units, next_page_token) = page(&self.0.units, &request.get_ref().page_token);
            Ok(Response::new(pb::ListMemberUnitsResponse { member_units, next_page_token }))
        }
    } create_member_unit: CreateMemberUnitRequest => MemberUnit, get_member_unit: GetMemberUnitRequest => MemberUnit,
      update_member_unit: UpdateMemberUnitRequest => MemberUnit, withdraw_member_unit: WithdrawMemberUnitRequest => MemberUnit;
    town_service_server::TownService {
        async fn list_towns(&self, request: Request<pb::ListTownsRequest>) -> Result<Response<pb::ListTownsResponse>, Status> {
            let (towns, next_page_token) = page(&self.0.towns, &request.get_ref().page_token);
            Ok(Response::new(pb::ListTownsResponse { towns, next_page_token }))
        }
    } create_town: CreateTownRequest => Town, get_town: GetTownRequest => Town, update_town: UpdateTownRequest => Town;
    calendar_service_server::CalendarService {
        async fn get_calendar(&self, request: Request<pb::GetCalendarRequest>) -> Result<Response<pb::Calendar>, Status> {
            let name = request.into_inner().name;
            let found = self.0.calendars.iter().find(|calendar| calendar.name == name);
            found.cloned().map(Response::new).ok_or_else(|| dudao_platform::Error::not_found(name).into())
        }
    } create_calendar: CreateCalendarRequest => Calendar, list_calendars: ListCalendarsRequest => ListCalendarsResponse, update_calendar: UpdateCalendarRequest => Calendar;
    ruleset_service_server::RulesetService {
        async fn list_rulesets(&self, request: Request<pb::ListRulesetsRequest>) -> Result<Response<pb::ListRulesetsResponse>, Status> {
            let (rulesets, next_page_token) = page(&self.0.rulesets, &request.get_ref().page_token);
            Ok(Response::new(pb::ListRulesetsResponse { rulesets, next_page_token }))
        }
    } create_ruleset: CreateRulesetRequest => Ruleset, get_ruleset: GetRulesetRequest => Ruleset, list_ruleset_presets: ListRulesetPresetsRequest => ListRulesetPresetsResponse;
}

#[tonic::async_trait]
impl inspection::risk_service_server::RiskService for Registry {
    async fn list_risks(
        &self,
        request: Request<inspection::ListRisksRequest>,
    ) -> Result<Response<inspection::ListRisksResponse>, Status> {
        if self.0.inspection_away {
            return Err(dudao_platform::Error::unavailable("away").into());
        }
        let (schools, next_page_token) = page(&self.0.schools, &request.get_ref().page_token);
        let risks = schools
            .into_iter()
            .enumerate()
            .map(|(n, school)| inspection::Risk {
                school: school.name,
                points: (n % 7) as f64,
                ceiling: 30.0,
                ..Default::default()
            })
            .collect();
        Ok(Response::new(inspection::ListRisksResponse {
            risks,
            next_page_token,
        }))
    }

    async fn get_risk(
        &self,
        _: Request<inspection::GetRiskRequest>,
    ) -> Result<Response<inspection::Risk>, Status> {
        absent()
    }
}

/// Serves a registry of one county, with an inspection that knows its risks.
pub async fn registry(known: Known) -> Link {
    let registry = Registry(Arc::new(known));
    let parts = Parts::new()
        .service(limited!(
            inspection::risk_service_server::RiskServiceServer::new(registry.clone())
        ))
        .service(limited!(
            pb::county_service_server::CountyServiceServer::new(registry.clone())
        ))
        .service(limited!(
            pb::school_service_server::SchoolServiceServer::new(registry.clone())
        ))
        .service(limited!(
            pb::supervisor_service_server::SupervisorServiceServer::new(registry.clone())
        ))
        .service(limited!(
            pb::member_unit_service_server::MemberUnitServiceServer::new(registry.clone())
        ))
        .service(limited!(
            pb::relation_service_server::RelationServiceServer::new(registry.clone())
        ))
        .service(limited!(pb::town_service_server::TownServiceServer::new(
            registry.clone()
        )))
        .service(limited!(
            pb::calendar_service_server::CalendarServiceServer::new(registry.clone())
        ))
        .service(limited!(
            pb::ruleset_service_server::RulesetServiceServer::new(registry)
        ));
    let (server, _) = Server::new(parts, Gate::inside(Clock::system()))
        .await
        .unwrap();
    let shutdown = Shutdown::new();
    let (link, task) = server.local(shutdown.clone());
    tokio::spawn(
        async move { lifecycle::run(vec![task], &shutdown, Duration::from_secs(5)).await },
    );
    link
}

/// A scheduler that runs.
pub struct Running {
    pub link: Link,
    pub shutdown: Shutdown,
    work: JoinHandle<dudao_platform::Result<()>>,
}

impl Running {
    pub async fn start(context: &Context, registry: Link) -> Self {
        let (server, mut tasks) = Server::new(
            dudao_scheduler::build(context, registry.clone(), registry),
            Gate::inside(Clock::system()),
        )
        .await
        .unwrap();
        let shutdown = context.shutdown.clone();
        let (link, task) = server.local(shutdown.clone());
        tasks.push(task);
        let stop = shutdown.clone();
        let work =
            tokio::spawn(
                async move { lifecycle::run(tasks, &stop, Duration::from_secs(10)).await },
            );
        Self {
            link,
            shutdown,
            work,
        }
    }

    /// Dies as by `kill -9`: nothing is handed back.
    pub async fn kill(self) {
        self.work.abort();
        assert!(self.work.await.unwrap_err().is_cancelled());
    }

    /// Ends in order.
    pub async fn end(self) {
        self.shutdown.begin();
        self.work.await.unwrap().unwrap();
    }

    pub fn zonings(&self) -> ZoningPlanServiceClient<Link> {
        limited!(ZoningPlanServiceClient::new(self.link.clone()))
    }

    pub fn years(&self) -> YearPlanServiceClient<Link> {
        limited!(YearPlanServiceClient::new(self.link.clone()))
    }
}

pub fn limits(seconds: f64, gap: f64) -> scheduler::SolveLimits {
    scheduler::SolveLimits {
        seconds,
        gap: Some(gap),
        ..Default::default()
    }
}

pub fn zoning(seconds: f64, gap: f64) -> scheduler::CreateZoningPlanRequest {
    scheduler::CreateZoningPlanRequest {
        parent: COUNTY.to_owned(),
        zoning_plan: Some(scheduler::ZoningPlan {
            limits: Some(limits(seconds, gap)),
            ..Default::default()
        }),
        request_id: String::new(),
    }
}

/// Follows a zoning plan's solve to its end.
pub async fn solved(
    running: &Running,
    name: &str,
) -> (
    Vec<scheduler::WatchZoningPlanResponse>,
    scheduler::ZoningPlan,
) {
    let mut zonings = running.zonings();
    let request = scheduler::WatchZoningPlanRequest {
        name: name.to_owned(),
    };
    let mut stream = zonings
        .watch_zoning_plan(request)
        .await
        .unwrap()
        .into_inner();
    let mut moments = Vec::new();
    while let Some(moment) = stream.message().await.unwrap() {
        moments.push(moment);
    }
    let request = scheduler::GetZoningPlanRequest {
        name: name.to_owned(),
    };
    (
        moments,
        zonings.get_zoning_plan(request).await.unwrap().into_inner(),
    )
}
