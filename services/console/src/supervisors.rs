//! Supervisors: the list, and the record of one.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::response::Response;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use registry::Supervisor;

use crate::desk::{PAGE, id};
use crate::fields::Fields;
use crate::frame::{Frame, Part, View};
use crate::import::sheet;
use crate::names;
use crate::overview::VisitRow;
use crate::refusal::Refusal;
use crate::schools::{ROWS, degrees, sort_by, towns};
use crate::search::found;
use crate::visitor::Visitor;
use crate::workbook::{self, Cell};

#[derive(Template)]
#[template(path = "supervisors.html")]
struct List {
    t: Frame,
    query: Fields,
    towns: BTreeSet<String>,
    stages: Vec<(&'static str, &'static str)>,
    part: Part<Row>,
}

/// A supervisor in a list.
#[derive(Clone, Debug)]
pub struct Row {
    pub supervisor: Supervisor,
    pub code: String,
    pub employment: &'static str,
    pub stages: String,
    pub zone: String,
    pub schools: usize,
}

/// The list.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let (rows, towns) = rows(&visitor).await?;
    let (t, query) = (visitor.frame, visitor.query);
    Ok(View(List {
        towns,
        stages: names::stages(&t),
        part: Part::of(rows, query.number("page"), ROWS),
        t,
        query,
    }))
}

/// Every supervisor that the query asks for, sorted, and all towns. A supervisor is in the towns of their schools.
pub async fn rows(visitor: &Visitor) -> Result<(Vec<Row>, BTreeSet<String>), Refusal> {
    let (desk, query, t) = (&visitor.desk, &visitor.query, &visitor.frame);
    let (supervisors, zones, schools) = tokio::join!(
        desk.all_supervisors(&visitor.county, query.ticked("left")),
        desk.all_zones(&visitor.county),
        desk.all_schools(&visitor.county, false),
    );
    let (zones, schools) = (zones.unwrap_or_default(), schools.unwrap_or_default());
    let mut theirs: HashMap<&str, Vec<&str>> = HashMap::new();
    for school in &schools {
        let towns = theirs.entry(&school.responsible_supervisor).or_default();
        towns.push(&school.town);
    }
    let zone_of = |name: &String| {
        let zone = zones.iter().find(|zone| zone.supervisors.contains(name));
        zone.map_or_else(String::new, |zone| zone.display_name.clone())
    };
    let stage = query.get("stage");
    let mut rows: Vec<_> = supervisors?
        .into_iter()
        .filter(|supervisor| {
            let (town, employment) = (query.get("town"), query.get("employment"));
            let towns = theirs.get(supervisor.name.as_str());
            (town.is_empty() || towns.is_some_and(|towns| towns.contains(&town)))
                && (stage.is_empty() || supervisor.stages().any(|s| s.as_str_name() == stage))
                && (employment.is_empty() || supervisor.employment().as_str_name() == employment)
                && found(
                    query.get("q"),
                    &[&supervisor.display_name, id(&supervisor.name)],
                )
        })
        .map(|supervisor| Row {
            code: id(&supervisor.name).to_owned(),
            employment: t.employment(supervisor.employment()),
            stages: stages(&supervisor, t),
            zone: zone_of(&supervisor.name),
            schools: theirs.get(supervisor.name.as_str()).map_or(0, Vec::len),
            supervisor,
        })
        .collect();
    sort_by(&mut rows, query, |row, column| match column {
        "name" => (0, row.supervisor.display_name.clone()),
        "employment" => (row.supervisor.employment, row.code.clone()),
        "zone" => (0, row.zone.clone()),
        "schools" => (row.schools as i32, row.code.clone()),
        "term" => (0, row.supervisor.term_end_date.clone()),
        _ => (0, row.code.clone()),
    });
    Ok((rows, towns(&schools)))
}

/// The list as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let (rows, _) = rows(&visitor).await?;
    let t = &visitor.frame;
    let headings = [
        t.code,
        t.name,
        t.employment,
        t.stages,
        t.zone,
        t.schools,
        t.term_ends,
    ];
    let rows = rows.into_iter().map(|row| {
        vec![
            row.code.into(),
            row.supervisor.display_name.into(),
            row.employment.into(),
            row.stages.into(),
            row.zone.into(),
            Cell::Number(row.schools as f64),
            row.supervisor.term_end_date.into(),
        ]
    });
    sheet(
        t.supervisors,
        workbook::list(t.supervisors, &headings, rows),
    )
}

fn stages(supervisor: &Supervisor, t: &Frame) -> String {
    let stages: Vec<_> = supervisor.stages().map(|stage| t.stage(stage)).collect();
    stages.join("、")
}

#[derive(Template)]
#[template(path = "supervisor.html")]
struct Record {
    t: Frame,
    row: Row,
    base: String,
    hours: String,
    days: String,
    schools: Vec<registry::School>,
    avoids: Vec<String>,
    trainings: Option<Vec<registry::Training>>,
    visits: Option<Vec<VisitRow>>,
}

/// A supervisor's record: terms, trainings, schools, visits.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let (desk, t, name) = (&visitor.desk, visitor.frame, visitor.resource);
    let request = registry::GetSupervisorRequest { name: name.clone() };
    let supervisor = desk.supervisors().get_supervisor(request).await?;
    let supervisor = supervisor.into_inner();
    let visits = inspection::ListVisitsRequest {
        parent: visitor.county.clone(),
        supervisor: name.clone(),
        ..Default::default()
    };
    let mut trainings = desk.trainings();
    let (visits, trainings, zones, schools) = tokio::join!(
        desk.all_visits(&visits),
        trainings.list_trainings(registry::ListTrainingsRequest {
            parent: visitor.county.clone(),
            supervisor: name.clone(),
            page_size: PAGE,
            ..Default::default()
        }),
        desk.all_zones(&visitor.county),
        desk.all_schools(&visitor.county, false),
    );
    let zones = zones.unwrap_or_default();
    let zone = zones.iter().find(|zone| zone.supervisors.contains(&name));
    let all = schools.unwrap_or_default();
    let named = |name: &String| {
        let known = all.iter().find(|school| school.name == *name);
        known.map_or_else(|| id(name).to_owned(), |school| school.display_name.clone())
    };
    let avoids = supervisor.avoid_schools.iter().map(named).collect();
    let schools: Vec<_> = all
        .iter()
        .filter(|school| school.responsible_supervisor == name)
        .cloned()
        .collect();
    Ok(View(Record {
        base: degrees(supervisor.base.as_ref(), t.unknown),
        hours: amount(supervisor.training_hours, &t),
        days: amount(supervisor.days_per_year, &t),
        avoids,
        trainings: trainings.ok().map(|page| page.into_inner().trainings),
        visits: visits
            .ok()
            .map(|visits| visits.into_iter().map(|v| VisitRow::of(v, &t)).collect()),
        row: Row {
            code: id(&name).to_owned(),
            employment: t.employment(supervisor.employment()),
            stages: stages(&supervisor, &t),
            zone: zone.map_or_else(String::new, |zone| zone.display_name.clone()),
            schools: schools.len(),
            supervisor,
        },
        schools,
        t,
    }))
}

fn amount(value: Option<f64>, t: &Frame) -> String {
    value.map_or_else(|| t.unknown.to_owned(), |value| value.to_string())
}
