//! Schools: the list, and the record of one.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::response::Response;
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use registry::School;

use crate::desk::id;
use crate::fields::Fields;
use crate::frame::{Frame, Part, View};
use crate::import::sheet;
use crate::names;
use crate::overview::VisitRow;
use crate::refusal::Refusal;
use crate::search::found;
use crate::visitor::Visitor;
use crate::workbook::{self, Cell};

/// Rows of a page of a list.
pub const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "schools.html")]
struct List {
    t: Frame,
    query: Fields,
    towns: BTreeSet<String>,
    stages: Vec<(&'static str, &'static str)>,
    part: Part<Row>,
}

/// A school in a list.
#[derive(Clone, Debug)]
pub struct Row {
    pub school: School,
    pub code: String,
    pub stage: &'static str,
    pub zone: String,
    pub supervisor: String,
}

/// Sorts by the key that the query names; a minus turns it round.
pub fn sort_by<T, K: Ord>(rows: &mut [T], query: &Fields, key: impl Fn(&T, &str) -> K) {
    let sort = query.get("sort");
    let column = sort.trim_start_matches('-');
    rows.sort_by_cached_key(|row| key(row, column));
    if sort.starts_with('-') {
        rows.reverse();
    }
}

/// The towns of schools.
pub fn towns(schools: &[School]) -> BTreeSet<String> {
    let towns = schools.iter().map(|school| school.town.clone());
    towns.filter(|town| !town.is_empty()).collect()
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

/// Every school that the query asks for, sorted, and all towns.
pub async fn rows(visitor: &Visitor) -> Result<(Vec<Row>, BTreeSet<String>), Refusal> {
    let (desk, query, t) = (&visitor.desk, &visitor.query, &visitor.frame);
    let (schools, zones, supervisors) = tokio::join!(
        desk.all_schools(&visitor.county, query.ticked("closed")),
        desk.all_zones(&visitor.county),
        desk.all_supervisors(&visitor.county, true),
    );
    let schools = schools?;
    let towns = towns(&schools);
    let zones: HashMap<_, _> = zones
        .unwrap_or_default()
        .into_iter()
        .map(|zone| (zone.name, zone.display_name))
        .collect();
    let names: HashMap<_, _> = supervisors
        .unwrap_or_default()
        .into_iter()
        .map(|supervisor| (supervisor.name, supervisor.display_name))
        .collect();
    let named = |names: &HashMap<String, String>, name: &str| {
        names
            .get(name)
            .map_or_else(|| id(name).to_owned(), Clone::clone)
    };
    let mut rows: Vec<_> = schools
        .into_iter()
        .filter(|school| {
            let (town, stage) = (query.get("town"), query.get("stage"));
            (town.is_empty() || school.town == town)
                && (stage.is_empty() || school.stage().as_str_name() == stage)
                && found(query.get("q"), &[&school.display_name, id(&school.name)])
        })
        .map(|school| Row {
            code: id(&school.name).to_owned(),
            stage: t.stage(school.stage()),
            zone: named(&zones, &school.zone),
            supervisor: named(&names, &school.responsible_supervisor),
            school,
        })
        .collect();
    sort_by(&mut rows, query, |row, column| match column {
        "name" => (0, row.school.display_name.clone()),
        "stage" => (row.school.stage, row.code.clone()),
        "town" => (0, row.school.town.clone()),
        "pupils" => (row.school.pupils.unwrap_or(-1), String::new()),
        "zone" => (0, row.zone.clone()),
        "supervisor" => (0, row.supervisor.clone()),
        "inspected" => (0, row.school.last_inspection_date.clone()),
        _ => (0, row.code.clone()),
    });
    Ok((rows, towns))
}

/// The list as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let (rows, _) = rows(&visitor).await?;
    let t = &visitor.frame;
    let headings = [
        t.code,
        t.name,
        t.stage,
        t.town,
        t.pupils,
        t.zone,
        t.responsible,
        t.last_inspection,
    ];
    let rows = rows.into_iter().map(|row| {
        vec![
            row.code.into(),
            row.school.display_name.into(),
            row.stage.into(),
            row.school.town.into(),
            row.school.pupils.map_or_else(|| Cell::from(""), Cell::from),
            row.zone.into(),
            row.supervisor.into(),
            row.school.last_inspection_date.into(),
        ]
    });
    sheet(t.schools, workbook::list(t.schools, &headings, rows))
}

#[derive(Template)]
#[template(path = "school.html")]
struct Record {
    t: Frame,
    row: Row,
    provider: &'static str,
    boarding: &'static str,
    grade: &'static str,
    place: String,
    visits: Option<Vec<VisitRow>>,
    findings: Option<Vec<Finding>>,
    risk: Option<inspection::Risk>,
}

/// A finding in a list.
pub struct Finding {
    pub state: &'static str,
    pub row: accountability::LedgerRow,
}

/// A place in degrees.
pub fn degrees(place: Option<&registry::Place>, none: &str) -> String {
    place.map_or_else(
        || none.to_owned(),
        |place| format!("{:.4}, {:.4}", place.longitude, place.latitude),
    )
}

/// A school's record, with its visits and what was found.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let (desk, t, name) = (&visitor.desk, visitor.frame, visitor.resource);
    let request = registry::GetSchoolRequest { name: name.clone() };
    let school = desk.schools().get_school(request).await?.into_inner();
    let visits = inspection::ListVisitsRequest {
        parent: visitor.county.clone(),
        target: name.clone(),
        ..Default::default()
    };
    let ledger = accountability::ListLedgerRequest {
        parent: visitor.county.clone(),
        unit: name.clone(),
        page_size: 200,
        ..Default::default()
    };
    let (mut findings, mut risks) = (desk.ledger(), desk.risks());
    let (mut zones, mut supervisors) = (desk.zones(), desk.supervisors());
    let (visits, findings, risk, zone, supervisor) = tokio::join!(
        desk.all_visits(&visits),
        findings.list_ledger(ledger),
        risks.get_risk(inspection::GetRiskRequest {
            name: name.replace("/schools/", "/risks/"),
            date: String::new(),
        }),
        zones.get_zone(registry::GetZoneRequest {
            name: school.zone.clone(),
        }),
        supervisors.get_supervisor(registry::GetSupervisorRequest {
            name: school.responsible_supervisor.clone(),
        }),
    );
    Ok(View(Record {
        row: Row {
            code: id(&school.name).to_owned(),
            stage: t.stage(school.stage()),
            zone: zone.map_or_else(
                |_| id(&school.zone).to_owned(),
                |zone| zone.into_inner().display_name,
            ),
            supervisor: supervisor.map_or_else(
                |_| id(&school.responsible_supervisor).to_owned(),
                |supervisor| supervisor.into_inner().display_name,
            ),
            school: school.clone(),
        },
        provider: t.provider(school.provider()),
        boarding: match school.boarding {
            Some(true) => t.yes,
            Some(false) => t.no,
            None => t.unknown,
        },
        grade: t.grade(school.last_grade()),
        place: degrees(school.place.as_ref(), t.unknown),
        visits: visits.ok().map(|visits| {
            let rows = visits.into_iter().map(|visit| VisitRow::of(visit, &t));
            rows.collect()
        }),
        findings: findings.ok().map(|page| {
            let rows = page.into_inner().rows.into_iter();
            rows.map(|row| Finding {
                state: t.finding_state(row.state()),
                row,
            })
            .collect()
        }),
        risk: risk.ok().map(tonic::Response::into_inner),
        t,
    }))
}
