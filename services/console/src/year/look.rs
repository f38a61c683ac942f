//! How a year is looked at: months and weeks, loads, a list, bars by zone and team, and what each school has to bear.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike as _, Days, NaiveDate};
use dudao_proto::scheduler::v1 as scheduler;
use scheduler::{ItemKind, PlannedVisit, YearPlan};

use super::moving::{Cost, Moving};
use crate::desk::id;
use crate::fields::Fields;
use crate::frame::{Frame, Part};
use crate::refusal::Refusal;
use crate::schools::ROWS;
use crate::search::found;
use crate::visitor::Visitor;

/// How the year is looked at.
pub enum Look {
    Month(Vec<Vec<Day>>),
    Week(Vec<Day>, i32),
    Load(Vec<Load>),
    List {
        query: Fields,
        part: Part<Visit>,
        towns: BTreeSet<String>,
        supervisors: BTreeMap<String, String>,
    },
    Bars {
        zones: Vec<String>,
        /// The zone whose teams are shown; "" for the zones side by side.
        zone: String,
        rows: Vec<Bars>,
        days: u32,
    },
    Burden {
        query: Fields,
        part: Part<Burden>,
    },
}

/// A month in the strip above the calendar.
pub struct Month {
    pub key: String,
    pub number: u32,
    pub visits: usize,
    pub here: bool,
}

/// A day of the calendar.
pub struct Day {
    pub date: String,
    pub number: u32,
    pub outside: bool,
    pub visits: Vec<Visit>,
    /// What it would cost here, for the visit that is to be moved.
    pub cost: Option<Cost>,
}

/// A visit on a page.
#[derive(Clone)]
pub struct Visit {
    pub id: String,
    pub date: String,
    pub week: i32,
    pub class: &'static str,
    pub kind: &'static str,
    pub target: String,
    pub display_name: String,
    pub town: String,
    pub team: String,
    pub days: f64,
}

/// A supervisor's weeks.
pub struct Load {
    pub name: String,
    pub display_name: String,
    pub weeks: Vec<(usize, String)>,
    pub days: String,
    pub visits: i32,
}

/// The visits of a team, or of a zone, along the year.
pub struct Bars {
    pub word: String,
    pub bars: Vec<Bar>,
}

/// A visit along the year.
pub struct Bar {
    /// The day of the year, from 0.
    pub from: u32,
    pub days: f64,
    pub visit: Visit,
}

/// What a school, or a town, has to bear in the year.
pub struct Burden {
    pub target: String,
    pub display_name: String,
    pub town: String,
    /// Visits of each kind, in the order of [`KINDS`].
    pub kinds: [usize; KINDS.len()],
    pub visits: usize,
    pub days: f64,
    /// The fewest days between two of its visits.
    pub apart: Option<i64>,
}

pub const KINDS: [ItemKind; 5] = [
    ItemKind::Routine,
    ItemKind::Comprehensive,
    ItemKind::Government,
    ItemKind::Special,
    ItemKind::FollowUp,
];

/// How styles call a kind.
pub fn class(kind: ItemKind) -> &'static str {
    kind.as_str_name().trim_start_matches("ITEM_KIND_")
}

/// `2027-03` of `2027-03-05`.
pub fn month_of(date: &str) -> String {
    date.chars().take(7).collect()
}

impl Visit {
    /// The month that it lies in.
    pub fn month(&self) -> String {
        month_of(&self.date)
    }

    pub fn of(visit: &PlannedVisit, t: &Frame) -> Self {
        Self {
            id: visit.visit_id.clone(),
            date: visit.date.clone(),
            week: visit.week,
            class: class(visit.kind()),
            kind: t.item_kind(visit.kind()),
            target: visit.target.clone(),
            display_name: visit.display_name.clone(),
            town: visit.town.clone(),
            team: visit.team_names.join("、"),
            days: visit.days,
        }
    }
}

impl Look {
    /// As the query asks for it.
    pub async fn of(
        visitor: &Visitor,
        plan: &YearPlan,
        month: &str,
        moving: Option<&Moving>,
    ) -> Result<Self, Refusal> {
        let (query, t) = (&visitor.query, &visitor.frame);
        Ok(match query.get("view") {
            "load" => Self::Load(loads(plan)),
            "list" => listed(plan, query.clone(), t),
            "week" => week(plan, query.number("week").unwrap_or(1), t),
            "bars" => bars(plan, &zones(visitor, plan).await?, query.get("zone"), t),
            "burden" => Self::Burden {
                part: Part::of(burdens(plan), query.number("page"), ROWS),
                query: query.clone(),
            },
            _ => Self::Month(weeks_of(plan, month, moving, t)),
        })
    }

    /// Whether it is this one.
    pub fn is(&self, at: &str) -> bool {
        at == match self {
            Self::Month(_) => "month",
            Self::Week(..) => "week",
            Self::Load(_) => "load",
            Self::List { .. } => "list",
            Self::Bars { .. } => "bars",
            Self::Burden { .. } => "burden",
        }
    }
}

fn day(plan: &YearPlan, date: NaiveDate, outside: bool, moving: Option<&Moving>, t: &Frame) -> Day {
    let text = date.to_string();
    let visits = plan.visits.iter().filter(|visit| visit.date == text);
    Day {
        number: date.day(),
        outside,
        visits: visits.map(|visit| Visit::of(visit, t)).collect(),
        cost: moving.and_then(|moving| moving.cost(&text)),
        date: text,
    }
}

/// The weeks of a month, from Monday to Sunday.
fn weeks_of(plan: &YearPlan, asked: &str, moving: Option<&Moving>, t: &Frame) -> Vec<Vec<Day>> {
    let first = format!("{asked}-01").parse::<NaiveDate>().ok();
    let first = first.or_else(|| NaiveDate::from_ymd_opt(plan.year, 1, 1));
    let Some(first) = first else {
        return Vec::new();
    };
    let monday = first - Days::new(first.weekday().num_days_from_monday().into());
    let mondays = (0..6).map(|week| monday + Days::new(7 * week));
    mondays
        .filter(|monday| *monday + Days::new(6) >= first)
        .take_while(|monday| (monday.year(), monday.month()) <= (first.year(), first.month()))
        .map(|monday| {
            let days = (0..7).map(|ahead| monday + Days::new(ahead));
            days.map(|date| day(plan, date, date.month() != first.month(), moving, t))
                .collect()
        })
        .collect()
}

fn week(plan: &YearPlan, number: i32, t: &Frame) -> Look {
    let known = plan.weeks.iter().find(|week| week.week == number);
    let monday = known.and_then(|week| week.start_date.parse::<NaiveDate>().ok());
    let days = monday.map_or_else(Vec::new, |monday| {
        let days = (0..7).map(|ahead| monday + Days::new(ahead));
        days.map(|date| day(plan, date, false, None, t)).collect()
    });
    Look::Week(days, number)
}

/// A step of the heat map's colours for every half day in a week.
fn heat(days: f64) -> usize {
    ((2.0 * days).ceil() as usize).min(5)
}

fn loads(plan: &YearPlan) -> Vec<Load> {
    plan.loads
        .iter()
        .map(|load| Load {
            name: load.supervisor.clone(),
            display_name: load.display_name.clone(),
            weeks: load
                .days_by_week
                .iter()
                .map(|days| (heat(*days), format!("{days}")))
                .collect(),
            days: format!("{:.1} / {:.0}", load.days, load.max_days),
            visits: load.visits,
        })
        .collect()
}

fn listed(plan: &YearPlan, query: Fields, t: &Frame) -> Look {
    let towns = plan.visits.iter().map(|visit| visit.town.clone());
    let towns = towns.filter(|town| !town.is_empty()).collect();
    let supervisors = plan.loads.iter();
    let supervisors =
        supervisors.map(|load| (id(&load.supervisor).to_owned(), load.display_name.clone()));
    let visits = wanted(plan, &query).map(|visit| Visit::of(visit, t));
    Look::List {
        part: Part::of(visits.collect(), query.number("page"), ROWS),
        supervisors: supervisors.collect(),
        towns,
        query,
    }
}

/// The visits that the query asks for.
pub fn wanted<'a>(plan: &'a YearPlan, query: &'a Fields) -> impl Iterator<Item = &'a PlannedVisit> {
    plan.visits.iter().filter(|visit| {
        let (kind, town, month) = (query.get("kind"), query.get("town"), query.get("month"));
        let who = query.get("supervisor");
        (kind.is_empty() || class(visit.kind()) == kind)
            && (town.is_empty() || visit.town == town)
            && (month.is_empty() || visit.date.starts_with(month))
            && (who.is_empty() || visit.team.iter().any(|name| id(name) == who))
            && found(
                query.get("q"),
                &[&visit.display_name, id(&visit.target), &visit.visit_id],
            )
    })
}

/// The zone that each school lies in, by the zoning on which the plan was built.
async fn zones(visitor: &Visitor, plan: &YearPlan) -> Result<HashMap<String, String>, Refusal> {
    if plan.zoning_plan.is_empty() {
        return Ok(HashMap::new());
    }
    let name = plan.zoning_plan.clone();
    let request = scheduler::GetZoningPlanRequest { name };
    let zoning = visitor.desk.zonings().get_zoning_plan(request).await?;
    let zones = zoning.into_inner().zones.into_iter();
    Ok(zones
        .flat_map(|zone| {
            let word = zone.display_name;
            let schools = zone.schools.into_iter();
            schools.map(move |school| (school.school, word.clone()))
        })
        .collect())
}

/// The year's days in a row: each zone's, or those of one zone's teams.
fn bars(plan: &YearPlan, zoned: &HashMap<String, String>, asked: &str, t: &Frame) -> Look {
    // Towns lie in no zone.
    let zone_of = |visit: &PlannedVisit| {
        let zone = zoned.get(&visit.target);
        zone.map_or(t.towns_themselves, String::as_str)
    };
    let mut rows: BTreeMap<String, Vec<Bar>> = BTreeMap::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for planned in &plan.visits {
        let zone = zone_of(planned);
        known.insert(zone.to_owned());
        let Ok(date) = planned.date.parse::<NaiveDate>() else {
            continue;
        };
        let visit = Visit::of(planned, t);
        let word = if asked.is_empty() {
            zone.to_owned()
        } else if asked == zone {
            visit.team.clone()
        } else {
            continue;
        };
        rows.entry(word).or_default().push(Bar {
            from: date.ordinal0(),
            // What takes half a day is to be seen all the same.
            days: visit.days.max(1.0),
            visit,
        });
    }
    let rows = rows.into_iter().map(|(word, bars)| Bars { word, bars });
    let mut rows: Vec<_> = rows.collect();
    // 第2 comes before 第10.
    rows.sort_by_key(|row| (row.word.chars().count(), row.word.clone()));
    let mut zones: Vec<_> = known.into_iter().collect();
    zones.sort_by_key(|zone| (zone.chars().count(), zone.clone()));
    let leap = NaiveDate::from_ymd_opt(plan.year, 12, 31).map_or(365, |last| last.ordinal());
    Look::Bars {
        zones,
        zone: asked.to_owned(),
        rows,
        days: leap,
    }
}

/// What each target has to bear, the most first.
pub fn burdens(plan: &YearPlan) -> Vec<Burden> {
    let mut by_target: BTreeMap<&str, Vec<&PlannedVisit>> = BTreeMap::new();
    for visit in &plan.visits {
        by_target.entry(&visit.target).or_default().push(visit);
    }
    let mut burdens: Vec<_> = by_target
        .into_iter()
        .map(|(target, visits)| {
            let days = visits.iter().filter_map(|visit| visit.date.parse().ok());
            let mut days: Vec<NaiveDate> = days.collect();
            days.sort_unstable();
            let apart = days.windows(2).map(|two| (two[1] - two[0]).num_days());
            Burden {
                target: target.to_owned(),
                display_name: visits
                    .first()
                    .map_or_else(String::new, |visit| visit.display_name.clone()),
                town: visits
                    .first()
                    .map_or_else(String::new, |visit| visit.town.clone()),
                kinds: KINDS.map(|kind| visits.iter().filter(|v| v.kind() == kind).count()),
                visits: visits.len(),
                days: visits.iter().map(|visit| visit.days).sum(),
                apart: apart.min(),
            }
        })
        .collect();
    burdens.sort_by(|a, b| b.visits.cmp(&a.visits).then(b.days.total_cmp(&a.days)));
    burdens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_school_bears_is_counted_by_kind_and_how_close_together_it_comes() {
        let visit = |date: &str, kind: ItemKind, days| PlannedVisit {
            target: "counties/140525/schools/S1".to_owned(),
            date: date.to_owned(),
            kind: kind.into(),
            days,
            ..PlannedVisit::default()
        };
        let plan = YearPlan {
            visits: vec![
                visit("2027-03-20", ItemKind::Comprehensive, 2.0),
                visit("2027-03-01", ItemKind::Routine, 0.5),
                visit("2027-03-08", ItemKind::Routine, 0.5),
            ],
            ..YearPlan::default()
        };
        let burdens = burdens(&plan);
        let only = &burdens[0];
        assert_eq!((only.visits, only.kinds), (3, [2, 1, 0, 0, 0]));
        assert_eq!((only.days, only.apart), (3.0, Some(7)));
    }
}
