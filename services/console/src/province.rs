//! The plans of many counties on one page: how far each has come this year, for whoever sees more than one.

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use axum::response::{IntoResponse, Response};
use chrono::Datelike as _;
use dudao_platform::clock::{local, micros};
use dudao_proto::registry::v1 as registry;
use dudao_proto::scheduler::v1 as scheduler;
use futures::stream;
use prost_types::Timestamp;
use scheduler::{PlanState, SolveLimits, SolveReport};
use tonic::Status;

use crate::desk::{PAGE, all};
use crate::frame::{Frame, View};
use crate::plans::{Row, minutes, tell, under_way, written};
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// How often who follows is told.
const LOOK: Duration = Duration::from_secs(2);
/// The plans of all counties that the visitor sees.
const ALL: &str = "counties/-";

#[derive(Template)]
#[template(path = "province.html")]
struct Page {
    t: Frame,
    scope: String,
    board: Board,
}

/// How far every county has come.
#[derive(Template)]
#[template(path = "province_board.html")]
struct Board {
    t: Frame,
    totals: [Total; 2],
    counties: Vec<County>,
}

struct County {
    county: registry::County,
    /// The newest of this year, of zones and of the year's visits.
    plans: [Option<Newest>; 2],
}

/// A county's newest plan of a kind.
struct Newest {
    state: PlanState,
    row: Row,
    bound: String,
    seconds: String,
}

/// How many counties stand where.
#[derive(Default)]
struct Total {
    word: &'static str,
    none: usize,
    queued: usize,
    solving: usize,
    done: usize,
    failed: usize,
}

impl Newest {
    fn of(
        row: Row,
        state: PlanState,
        limits: Option<SolveLimits>,
        report: Option<SolveReport>,
    ) -> Self {
        let progress = report
            .and_then(|report| report.progress)
            .unwrap_or_default();
        Self {
            state,
            row,
            bound: minutes(Some(progress.bound).filter(|_| state != PlanState::Queued)),
            seconds: format!(
                "{:.0} / {:.0}",
                progress.seconds,
                limits.unwrap_or_default().seconds
            ),
        }
    }
}

impl Total {
    fn of(word: &'static str) -> Self {
        Self {
            word,
            ..Self::default()
        }
    }

    fn add(&mut self, state: Option<PlanState>) {
        *match state {
            None | Some(PlanState::Unspecified) => &mut self.none,
            Some(PlanState::Queued) => &mut self.queued,
            Some(PlanState::Solving) => &mut self.solving,
            Some(
                PlanState::Proposed
                | PlanState::Approved
                | PlanState::Active
                | PlanState::Superseded,
            ) => &mut self.done,
            Some(PlanState::Infeasible | PlanState::Unsolved) => &mut self.failed,
        } += 1;
    }
}

/// The newest plan of each county, of plans that come newest first, as far back as this year goes.
struct Collected {
    year: i32,
    newest: HashMap<String, Newest>,
}

impl Collected {
    /// Takes a plan, and tells whether older ones are still of this year.
    fn take(&mut self, created: Option<&Timestamp>, plan: Newest) -> bool {
        if created.is_none_or(|instant| local(micros(instant)).year() < self.year) {
            return false;
        }
        let county = plan.row.name.rsplitn(3, '/').nth(2).map(str::to_owned);
        self.newest
            .entry(county.unwrap_or_default())
            .or_insert(plan);
        true
    }
}

/// Reads pages of a kind of plan until they are of another year.
macro_rules! newest {
    ($year:expr, $t:expr, $client:expr, $rpc:ident($request:ident) -> $plans:ident, |$plan:ident| $of:expr) => {{
        let mut collected = Collected {
            year: $year,
            newest: HashMap::new(),
        };
        let mut client = $client;
        let mut page_token = String::new();
        loop {
            let request = scheduler::$request {
                parent: ALL.to_owned(),
                page_size: PAGE,
                page_token,
                ..Default::default()
            };
            let page = client.$rpc(request).await?.into_inner();
            let more = page.$plans.into_iter().all(|$plan| {
                let (state, created) = ($plan.state(), $plan.create_time);
                let row = Row::of(
                    $plan.name,
                    $of,
                    state,
                    created.as_ref(),
                    $plan.report.as_ref(),
                    $t,
                );
                collected.take(
                    created.as_ref(),
                    Newest::of(row, state, $plan.limits, $plan.report),
                )
            });
            page_token = page.next_page_token;
            if !more || page_token.is_empty() {
                break collected.newest;
            }
        }
    }};
}

impl Board {
    async fn read(visitor: &Visitor, scope: &str) -> Result<Self, Status> {
        let (desk, t) = (&visitor.desk, &visitor.frame);
        let year = visitor.console.0.clock.today().year();
        let counties = all(async |page_token| {
            let request = registry::ListCountiesRequest {
                page_size: PAGE,
                page_token,
                ..Default::default()
            };
            let page = desk.counties().list_counties(request).await?.into_inner();
            Ok((page.counties, page.next_page_token))
        });
        let zones = async {
            Ok::<_, Status>(
                newest!(year, t, desk.zonings(), list_zoning_plans(ListZoningPlansRequest) -> zoning_plans, |plan| 0),
            )
        };
        let years = async {
            Ok::<_, Status>(
                newest!(year, t, desk.years(), list_year_plans(ListYearPlansRequest) -> year_plans, |plan| plan.year),
            )
        };
        let (counties, mut zones, mut years) = tokio::try_join!(counties, zones, years)?;
        let counties = counties
            .into_iter()
            .filter(|county| t.id(&county.name).starts_with(scope));
        let counties: Vec<_> = counties
            .map(|county| County {
                plans: [&mut zones, &mut years].map(|newest| newest.remove(&county.name)),
                county,
            })
            .collect();
        let mut totals = [t.zones, t.years].map(Total::of);
        for county in &counties {
            for (total, plan) in totals.iter_mut().zip(&county.plans) {
                total.add(plan.as_ref().map(|plan| plan.state));
            }
        }
        Ok(Self {
            t: t.clone(),
            totals,
            counties,
        })
    }

    /// Whether it will be another one in a while.
    fn moves(&self) -> bool {
        let plans = self.counties.iter().flat_map(|county| &county.plans);
        plans.flatten().any(|plan| under_way(plan.state))
    }
}

/// The page.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let scope = visitor.query.get("scope").to_owned();
    let board = Board::read(&visitor, &scope).await?;
    let t = visitor.frame;
    Ok(View(Page { t, scope, board }))
}

/// Follows all solves, until none is under way.
pub async fn watch(visitor: Visitor) -> Response {
    let shutdown = visitor.console.0.shutdown.clone();
    let boards = stream::unfold(Some(visitor), async |visitor| {
        let visitor = visitor?;
        tokio::time::sleep(LOOK).await;
        match Board::read(&visitor, visitor.query.get("scope")).await {
            Ok(board) => Some((written(&board), board.moves().then_some(visitor))),
            Err(status) => Some((Err(status), None)),
        }
    });
    tell(boards, shutdown).into_response()
}
