//! What a supervisor wants to know of themselves: load, training, term.

use std::collections::BTreeMap;

use askama::Template;
use chrono::{Datelike as _, NaiveDate};
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use inspection::VisitState;

use crate::desk::PAGE;
use crate::frame::{Frame, View};
use crate::refusal::Refusal;
use crate::visitor::Visitor;
use crate::visits::own;

#[derive(Template)]
#[template(path = "me.html")]
struct Page {
    t: Frame,
    supervisor: registry::Supervisor,
    year: i32,
    schools: Vec<registry::School>,
    trainings: Vec<registry::Training>,
    /// Hours of this year.
    hours: f64,
    /// Until the term ends; none if it has no end.
    days_left: Option<i64>,
    months: Vec<Month>,
    paid: usize,
    to_come: usize,
}

/// A month's visits.
struct Month {
    key: String,
    paid: usize,
    to_come: usize,
}

/// The page.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let name = own(&visitor, "/supervisors/");
    if name.is_empty() {
        return Err(Refusal::Unknown);
    }
    let (desk, today) = (&visitor.desk, visitor.console.0.clock.today());
    let year = today.year();
    let visits = inspection::ListVisitsRequest {
        parent: visitor.county.clone(),
        start_date: format!("{year}-01-01"),
        end_date: format!("{year}-12-31"),
        supervisor: name.clone(),
        ..Default::default()
    };
    let (mut supervisors, mut trainings) = (desk.supervisors(), desk.trainings());
    let (supervisor, visits, trainings, schools) = tokio::join!(
        supervisors.get_supervisor(registry::GetSupervisorRequest { name: name.clone() }),
        desk.all_visits(&visits),
        trainings.list_trainings(registry::ListTrainingsRequest {
            parent: visitor.county.clone(),
            supervisor: name.clone(),
            page_size: PAGE,
            ..Default::default()
        }),
        desk.all_schools(&visitor.county, false),
    );
    let (supervisor, visits) = (supervisor?.into_inner(), visits?);
    let trainings = trainings.map_or_else(|_| Vec::new(), |page| page.into_inner().trainings);
    let mut trainings: Vec<_> = trainings.into_iter().filter(|t| !t.voided).collect();
    trainings.sort_by(|a, b| b.date.cmp(&a.date));
    let this_year = trainings
        .iter()
        .filter(|training| training.date.starts_with(&year.to_string()));
    let hours = this_year.map(|training| training.hours).sum();
    let mut schools = schools.unwrap_or_default();
    schools.retain(|school| school.responsible_supervisor == name);
    let mut months: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for visit in &visits {
        let (paid, to_come) = months
            .entry(visit.date.chars().take(7).collect())
            .or_default();
        let planned = [VisitState::Planned, VisitState::Notified];
        if planned.contains(&visit.state()) {
            *to_come += 1;
        } else {
            *paid += 1;
        }
    }
    let ends = supervisor.term_end_date.parse::<NaiveDate>().ok();
    Ok(View(Page {
        t: visitor.frame,
        days_left: ends.map(|end| (end - today).num_days()),
        paid: months.values().map(|(paid, _)| paid).sum(),
        to_come: months.values().map(|(_, to_come)| to_come).sum(),
        months: months
            .into_iter()
            .map(|(key, (paid, to_come))| Month { key, paid, to_come })
            .collect(),
        supervisor,
        year,
        schools,
        trainings,
        hours,
    }))
}
