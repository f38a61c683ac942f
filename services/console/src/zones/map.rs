//! The map of a zoning.

use std::collections::BTreeMap;

use axum::response::Response;
use dudao_proto::registry::v1::Place;
use dudao_proto::scheduler::v1 as scheduler;
use scheduler::{PlannedSchool, ZoningPlan};
use serde_json::json;

use super::read;
use crate::cells::{self, Cell, cells, colours};
use crate::desk::id;
use crate::ground::Ground;
use crate::names::stage_class;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// So many colours of zones there are; styles and the map know them by number.
const COLOURS: usize = 8;

/// A plan's schools that have a place, each with its zone and area, and the colours of the zones.
pub(super) struct Land<'a> {
    schools: Vec<(usize, &'a PlannedSchool, cells::Point)>,
    areas: Vec<Cell>,
    pub(super) colours: Vec<usize>,
}

impl<'a> Land<'a> {
    pub(super) fn of(plan: &'a ZoningPlan) -> Self {
        let schools = plan.zones.iter().enumerate().flat_map(|(zone, planned)| {
            let schools = planned.schools.iter();
            schools.filter_map(move |school| Some((zone, school, at(school.place.as_ref())?)))
        });
        let schools: Vec<_> = schools.collect();
        let places: Vec<_> = schools.iter().map(|(.., place)| *place).collect();
        let zones: Vec<_> = schools.iter().map(|(zone, ..)| *zone).collect();
        let areas = cells(&places, &zones);
        Self {
            colours: colours(&areas, &zones, plan.zones.len(), COLOURS),
            schools,
            areas,
        }
    }
}

/// Degrees east and north.
fn at(place: Option<&Place>) -> Option<cells::Point> {
    place.map(|place| [place.longitude, place.latitude])
}

/// What the map shows: areas with their borders, schools, bases.
pub async fn map(visitor: Visitor) -> Result<Response, Refusal> {
    let plan = read(&visitor).await?;
    let ground = Ground::of(&visitor).await?;
    let t = visitor.frame;
    let land = Land::of(&plan);
    let moved = |places: &[cells::Point]| places.iter().map(|place| ground.at(*place)).collect();
    let zones = plan.zones.iter().enumerate().map(|(at_zone, zone)| {
        let own = || {
            let cells = land.areas.iter().zip(&land.schools);
            cells.filter(move |(_, (zone, ..))| *zone == at_zone)
        };
        let supervisors = zone.supervisors.iter().map(|s| s.display_name.as_str());
        let supervisors = supervisors.collect::<Vec<_>>().join("、");
        let schools = zone.schools.len();
        json!({
            "name": zone.display_name, "colour": land.colours[at_zone],
            "areas": own().map(|(cell, _)| moved(&cell.corners)).collect::<Vec<Vec<_>>>(),
            "borders": own().flat_map(|(cell, _)| &cell.borders).map(|border| moved(border)).collect::<Vec<Vec<_>>>(),
            "words": format!("{} · {} {schools} · {supervisors}", zone.display_name, t.schools),
        })
    });
    let names: BTreeMap<_, _> = plan
        .zones
        .iter()
        .flat_map(|zone| &zone.supervisors)
        .map(|s| (s.supervisor.as_str(), s.display_name.as_str()))
        .collect();
    let schools = land.schools.iter().map(|(_, school, place)| {
        let supervisor = names.get(school.supervisor.as_str()).copied().unwrap_or_default();
        json!({
            "at": ground.at(*place), "stage": stage_class(school.stage()),
            "words": format!("{} · {} · {supervisor}", school.display_name, t.stage(school.stage())),
            "id": id(&school.school), "supervisor": id(&school.supervisor),
        })
    });
    let bases = plan.zones.iter().flat_map(|zone| &zone.supervisors);
    let bases = bases.filter_map(|s| {
        Some(json!({
            "at": ground.at(at(s.base.as_ref())?), "words": s.display_name, "supervisor": id(&s.supervisor),
        }))
    });
    let map = json!({
        "zones": zones.collect::<Vec<_>>(), "schools": schools.collect::<Vec<_>>(), "bases": bases.collect::<Vec<_>>(),
    });
    Ok(ground.under(map))
}
