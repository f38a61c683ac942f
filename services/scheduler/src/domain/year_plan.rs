//! A year plan's problem, from the county's data, the zoning and the planner's wishes. It runs with no wish at all: routine
//! visits of every school, comprehensive inspections by cycle and risk, government supervision of towns by cycle.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Datelike, Months, NaiveDate};
use dudao_optimizer::year::{
    Data, Item, Kind, Pin, Problem, Rules, School, Solution, Supervisor, Town, Unit, Week, Weights,
};
use dudao_optimizer::{Stage, Words, geo::Place, zoning};
use serde::{Deserialize, Serialize};

use super::county::{self, County};
use super::error::{Error, Rule};
use super::people::{self, Measure};
use super::plan::Draft;
use super::ruleset::Reader;
use super::zoning_plan::{empty, nothing_to_revise, refuse, roads, routine_visits};

/// What a planner asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// The calendar year.
    pub year: i32,
    /// The name of the zoning plan that it builds on.
    pub zoning: String,
    /// The planner's weights: travel, peak, lateness, change; what is not stated is the optimiser's default.
    pub weights: [Option<f64>; 4],
    /// The year's list; none means the defaults.
    pub items: Vec<Wish>,
    /// Uses those without qualification too.
    pub include_unqualified: bool,
    /// Keeps the plan in force wherever rules let it, and goes on with its list.
    #[serde(default)]
    pub revise: bool,
    /// Visits on which the planner has decided, in ids.
    #[serde(default)]
    pub pins: Vec<Pin>,
}

/// An item of the year's list as a planner states it; 0 and none stand for the ruleset's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Its legal basis.
    pub basis: String,
    /// Whether it is on the filed list.
    pub filed: bool,
    /// First day.
    pub start: Option<NaiveDate>,
    /// Last day.
    pub end: Option<NaiveDate>,
    /// Ids of schools or towns.
    pub targets: Vec<String>,
    /// Only schools of these stages, when there are no targets.
    pub stages: Vec<Stage>,
    /// Persons of a team.
    pub team: u32,
    /// Days of a visit.
    pub days: f64,
    /// Visits per target.
    pub visits: u32,
}

/// Points of risk by school, as the inspection gives them.
#[derive(Clone, Debug, Default)]
pub struct Risks {
    /// School → points.
    pub points: HashMap<String, f64>,
    /// The most that a school can have.
    pub ceiling: f64,
}

impl Risks {
    /// The most that the optimiser is given, for which its weight of lateness was chosen.
    const MOST: f64 = 8.0;

    /// A school's points as the optimiser takes them. A school that the inspection has not ranked is new: nobody has seen it.
    pub fn of(&self, school: &str) -> f64 {
        let points = self.points.get(school).copied().unwrap_or(self.ceiling);
        points / self.ceiling.max(1.0) * Self::MOST
    }
}

/// The zoning that a year builds on.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    /// School → supervisor.
    pub responsible: BTreeMap<String, String>,
    /// Supervisor → zone.
    pub zone_of: HashMap<String, String>,
}

impl From<&zoning::Solution> for Zones {
    fn from(solution: &zoning::Solution) -> Self {
        let pairs = solution.zones.iter().flat_map(|zone| {
            zone.supervisors
                .iter()
                .map(|s| (s.clone(), zone.id.clone()))
        });
        Self {
            responsible: solution.schools.clone(),
            zone_of: pairs.collect(),
        }
    }
}

/// The problem of a county's year, or every reason why there is none. `in_force` is the plan in force of the same year:
/// what lies before `today` stays as it is.
pub fn draft(
    (county, risks): (&County, &Risks),
    zones: &Zones,
    inputs: &Inputs,
    in_force: Option<(&Data, &Solution)>,
    today: NaiveDate,
) -> Result<Draft<Data>, Error> {
    let reader = county.rules.reader();
    let first = NaiveDate::from_ymd_opt(inputs.year, 1, 1).unwrap_or(today);
    let last = NaiveDate::from_ymd_opt(inputs.year, 12, 31).unwrap_or(today);
    let measure = Measure {
        begins: first.max(today).min(last),
        ends: last,
        training_hours: reader.number("supervisor.training_hours"),
        include_unqualified: inputs.include_unqualified,
    };
    let people = people::judge(&county.supervisors, &measure);
    let weeks = county.calendar.weeks();
    let towns = towns(county);
    let schools = schools((county, risks), zones, &towns);
    let current = in_force.map_or(&[][..], |(_, plan)| &plan.visits);
    let asked = items(county, inputs, &schools, &towns, &reader, last);
    let items = match in_force {
        Some((before, _)) if inputs.revise => {
            continued(county, before, asked, &schools, &towns, today)
        }
        Some(_) | None => asked,
    };
    let weights = weights(&inputs.weights);
    let data = Data {
        from: (!current.is_empty() && today.year() == inputs.year).then_some(today),
        items,
        supervisors: supervisors(
            county,
            zones,
            &people.used,
            &reader,
            (first, last),
            inputs.include_unqualified,
        ),
        units: county
            .units
            .iter()
            .map(|unit| Unit {
                id: unit.id.clone(),
                name: unit.name.clone(),
                max_visits: unit
                    .max_inspections
                    .unwrap_or_else(|| reader.count("unit.max_inspections")),
            })
            .collect(),
        rules: Rules {
            burden_per_school: reader.count("burden.max_inspections"),
            min_weeks_between_teams: reader.count("burden.min_weeks_between_teams"),
            team_min: reader.count("comprehensive.team"),
            reserve_share: reader.number("reserve.share"),
            ..Rules::default()
        },
        weights: if inputs.revise {
            weights.keeping()
        } else {
            weights
        },
        fixed: current
            .iter()
            .filter(|visit| visit.date < today)
            .cloned()
            .collect(),
        current: current.to_vec(),
        pins: inputs.pins.clone(),
        roads: roads(&reader),
        weeks: weeks
            .into_iter()
            .map(|(start, days)| Week { start, days })
            .collect(),
        schools,
        towns,
    };
    let mut against = reader.missing();
    if inputs.revise && in_force.is_none() {
        against.push(nothing_to_revise(&county.code, "year_plan"));
    }
    against.extend(empty(county, people.used.len(), data.weeks.is_empty()));
    if against.is_empty() {
        against.extend(outdated(county, &data, &inputs.zoning));
    }
    if !against.is_empty() {
        return Err(Error::Rules(against));
    }
    Problem::new(data.clone()).map_err(|issues| refuse(&county.code, "year_plan", issues))?;
    let mut remarks = people.remarks;
    if inputs.items.is_empty() && !inputs.revise {
        remarks.push(Words::new(
            "未提交年度清单：按规则默认安排经常性督导、综合督导和督政",
            "no list was given: routine visits, comprehensive inspections and government supervision are the ruleset's defaults",
        ));
    }
    Ok(Draft {
        data,
        left_out: people.left_out,
        remarks,
    })
}

/// Why the zoning does not fit the county any more: supervisors who can't be used now, schools that it does not know.
fn outdated(county: &County, data: &Data, zoning: &str) -> Vec<Rule> {
    let used: HashSet<&str> = data.supervisors.iter().map(|one| one.id.as_str()).collect();
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for school in &data.schools {
        if !used.contains(school.supervisor.as_str()) {
            let schools = missing.entry(school.supervisor.as_str()).or_default();
            schools.push(&school.name);
        }
    }
    let name = |id: &str| {
        let known = county.supervisors.iter().find(|one| one.id == id);
        known.map_or_else(|| id.to_owned(), |one| format!("{}（{id}）", one.name))
    };
    let rule = |(id, schools): (&str, Vec<&str>)| {
        let (count, first) = (schools.len(), schools.first().copied().unwrap_or_default());
        let (zh, en) = if id.is_empty() {
            (
                format!(
                    "{first}等 {count} 所学校还没有责任督学：请先修订责任区（dudao plan zones --revise --activate）"
                ),
                format!(
                    "{count} schools ({first}, …) have no supervisor yet: revise the zones first (`dudao plan zones --revise --activate`)"
                ),
            )
        } else {
            let who = name(id);
            (
                format!(
                    "责任区方案中的督学{who}已不可用（离任、聘期届满或培训不足），涉及{first}等 {count} 所学校：请先修订责任区（dudao plan zones --revise --activate），或要求纳入"
                ),
                format!(
                    "{who} of the zoning can't be used any more (left, term over, or training lacking): {count} schools ({first}, …); revise the zones first (`dudao plan zones --revise --activate`), or include them"
                ),
            )
        };
        Rule::new(
            "year_plan.zoning_plan",
            "泽办字〔2021〕9号 art. 五",
            zoning,
            zh,
            en,
        )
    };
    missing.into_iter().map(rule).collect()
}

fn weights(wishes: &[Option<f64>; 4]) -> Weights {
    let default = Weights::default();
    let [travel, peak, late, change] = *wishes;
    Weights {
        travel: travel.unwrap_or(default.travel),
        peak: peak.unwrap_or(default.peak),
        late: late.unwrap_or(default.late),
        change: change.unwrap_or(default.change),
        ..default
    }
}

/// Towns sit amid their schools; one without schools has nowhere to go to.
fn towns(county: &County) -> Vec<Town> {
    let mut spots = HashMap::<&str, Vec<Place>>::new();
    for school in &county.schools {
        if let Some(town) = &school.town {
            spots.entry(town).or_default().push(school.place);
        }
    }
    let middle = |places: &Vec<Place>| {
        let n = places.len() as f64;
        Place {
            lon: places.iter().map(|p| p.lon).sum::<f64>() / n,
            lat: places.iter().map(|p| p.lat).sum::<f64>() / n,
        }
    };
    county
        .towns
        .iter()
        .filter_map(|town| {
            let place = spots.get(town.name.as_str()).map(middle)?;
            Some(Town {
                id: town.id.clone(),
                name: town.name.clone(),
                place,
            })
        })
        .collect()
}

fn schools((county, risks): (&County, &Risks), zones: &Zones, towns: &[Town]) -> Vec<School> {
    let town_id: HashMap<&str, &str> = towns
        .iter()
        .map(|t| (t.name.as_str(), t.id.as_str()))
        .collect();
    county
        .schools
        .iter()
        .map(|school| {
            let supervisor = zones
                .responsible
                .get(&school.code)
                .cloned()
                .unwrap_or_default();
            School {
                id: school.code.clone(),
                name: school.name.clone(),
                stage: school.stage,
                town: school
                    .town
                    .as_deref()
                    .and_then(|name| town_id.get(name))
                    .map(|&id| id.to_owned()),
                place: school.place,
                zone: zones.zone_of.get(&supervisor).cloned().unwrap_or_default(),
                supervisor,
                risk: risks.of(&school.code),
                blackout: Vec::new(),
            }
        })
        .collect()
}

/// Those used, each within the term: a zone's others stand in before it begins and after it ends. Where the planner
/// includes those without qualification, terms that end are taken to be renewed.
fn supervisors(
    county: &County,
    zones: &Zones,
    used: &[&county::Supervisor],
    reader: &Reader<'_>,
    (first, last): (NaiveDate, NaiveDate),
    renewed: bool,
) -> Vec<Supervisor> {
    let codes: HashSet<&str> = county.schools.iter().map(|s| s.code.as_str()).collect();
    used.iter()
        .map(|person| {
            let (week, year) = if person.full_time {
                ("week.days_full_time", "supervisor.days_full_time")
            } else {
                ("week.days_part_time", "supervisor.days_part_time")
            };
            Supervisor {
                id: person.id.clone(),
                name: person.name.clone(),
                place: person.base,
                zone: zones.zone_of.get(&person.id).cloned().unwrap_or_default(),
                full_time: person.full_time,
                stages: person.stages.clone(),
                avoid: people::avoids(person, &codes),
                max_days_week: reader.number(week),
                max_days_year: person.days_per_year.unwrap_or_else(|| reader.number(year)),
                leave: person
                    .term_start
                    .filter(|&start| start > first)
                    .and_then(|start| Some((first, start.pred_opt()?.min(last))))
                    .into_iter()
                    .collect(),
                until: person.term_end.filter(|&end| !renewed && end < last),
            }
        })
        .collect()
}

/// The defaults of the ruleset where the planner gives no list.
fn defaults() -> Vec<Wish> {
    [
        (
            "routine",
            "经常性督导",
            Kind::Routine,
            "《中小学校责任督学挂牌督导办法》",
        ),
        (
            "comprehensive",
            "综合督导",
            Kind::Comprehensive,
            "《教育督导条例》",
        ),
        (
            "government",
            "对乡镇履行教育职责督导",
            Kind::Government,
            "泽办字〔2021〕9号第四条",
        ),
    ]
    .map(|(id, name, kind, basis)| Wish {
        id: id.to_owned(),
        name: name.to_owned(),
        kind,
        basis: basis.to_owned(),
        filed: true,
        start: None,
        end: None,
        targets: Vec::new(),
        stages: Vec::new(),
        team: 0,
        days: 0.0,
        visits: 0,
    })
    .into()
}

fn items(
    county: &County,
    inputs: &Inputs,
    schools: &[School],
    towns: &[Town],
    reader: &Reader<'_>,
    last: NaiveDate,
) -> Vec<Item> {
    let days = county.calendar.visiting_days();
    let (Some(&opens), Some(&closes)) = (days.first(), days.last()) else {
        return Vec::new();
    };
    let weeks = county
        .calendar
        .weeks()
        .iter()
        .filter(|(_, days)| !days.is_empty())
        .count() as u32;
    let wishes = if inputs.items.is_empty() && !inputs.revise {
        defaults()
    } else {
        inputs.items.clone()
    };
    wishes
        .into_iter()
        .filter_map(|wish| {
            let targets = if wish.targets.is_empty() {
                targets(county, &wish, schools, towns, reader, last)
            } else {
                wish.targets.clone()
            };
            // A list without a target has nothing due: no town's cycle may have run out.
            if targets.is_empty() {
                return None;
            }
            let (key, routine) = match wish.kind {
                Kind::Routine => ("routine", true),
                Kind::Comprehensive => ("comprehensive", false),
                Kind::Government => ("government", false),
                Kind::Special | Kind::FollowUp => ("special", false),
            };
            let or = |stated: f64, parameter: &str| {
                if stated > 0.0 {
                    stated
                } else {
                    reader.number(&format!("{key}.{parameter}"))
                }
            };
            let visits = match (wish.visits, routine) {
                (0, true) => routine_visits(county, reader),
                (0, false) => 1,
                (stated, _) => stated,
            };
            let rhythm = weeks / visits.max(1);
            Some(Item {
                team: or(f64::from(wish.team), "team") as u32,
                days: or(wish.days, "days"),
                targets,
                start: wish.start.unwrap_or(opens),
                end: wish.end.unwrap_or(closes),
                visits,
                min_gap_weeks: (rhythm / 2).max(1),
                max_gap_weeks: if routine { (rhythm + 1) * 2 } else { 53 },
                specialist: matches!(wish.kind, Kind::Comprehensive),
                mergeable: matches!(wish.kind, Kind::Comprehensive | Kind::Special),
                id: wish.id,
                name: wish.name,
                kind: wish.kind,
                basis: wish.basis,
                filed: wish.filed,
            })
        })
        .collect()
}

/// The list of the plan in force goes on, as far as its targets are still there: items that are asked for now are added to it, or
/// take the place of those of the same id, and schools that are new get their share of routine visits.
fn continued(
    county: &County,
    before: &Data,
    asked: Vec<Item>,
    schools: &[School],
    towns: &[Town],
    today: NaiveDate,
) -> Vec<Item> {
    let there: HashSet<&str> = schools
        .iter()
        .map(|school| school.id.as_str())
        .chain(towns.iter().map(|town| town.id.as_str()))
        .collect();
    let known: HashSet<&str> = before.schools.iter().map(|s| s.id.as_str()).collect();
    let replaced: HashSet<&str> = asked.iter().map(|item| item.id.as_str()).collect();
    let mut items: Vec<Item> = before
        .items
        .iter()
        .filter(|item| !replaced.contains(item.id.as_str()))
        .cloned()
        .collect();
    let fresh: Vec<String> = schools
        .iter()
        .filter(|school| !known.contains(school.id.as_str()))
        .map(|school| school.id.clone())
        .collect();
    let routine = items
        .iter()
        .filter(|item| item.kind == Kind::Routine)
        .max_by_key(|item| item.targets.len())
        .filter(|_| !fresh.is_empty())
        .and_then(|item| for_the_rest(county, item, fresh, today));
    items.extend(routine);
    for item in &mut items {
        item.targets.retain(|id| there.contains(id.as_str()));
    }
    items.retain(|item| !item.targets.is_empty());
    items.extend(asked);
    items
}

/// An item for targets that come in later: as many visits as its rhythm gives in the weeks that are left.
fn for_the_rest(
    county: &County,
    item: &Item,
    targets: Vec<String>,
    today: NaiveDate,
) -> Option<Item> {
    let days = county.calendar.visiting_days();
    let within = |from: NaiveDate| days.iter().filter(|&&d| from <= d && d <= item.end).count();
    let (whole, left) = (within(item.start), within(item.start.max(today)));
    let visits = (f64::from(item.visits) * left as f64 / whole.max(1) as f64).round() as u32;
    (visits > 0).then(|| Item {
        id: format!("{}-{}", item.id, today.format("%Y%m%d")),
        targets,
        start: item.start.max(today),
        visits,
        ..item.clone()
    })
}

/// Whom an item without targets is about.
fn targets(
    county: &County,
    wish: &Wish,
    schools: &[School],
    towns: &[Town],
    reader: &Reader<'_>,
    last: NaiveDate,
) -> Vec<String> {
    let staged = |stage: Stage| wish.stages.is_empty() || wish.stages.contains(&stage);
    match wish.kind {
        Kind::Routine | Kind::Special | Kind::FollowUp => schools
            .iter()
            .filter(|s| staged(s.stage))
            .map(|s| s.id.clone())
            .collect(),
        Kind::Comprehensive => {
            let cycle = reader.at_least("comprehensive.cycle_years", 1.0);
            let mut due: Vec<(f64, &str)> = county
                .schools
                .iter()
                .zip(schools)
                .filter(|(known, _)| {
                    staged(known.stage) && run_out(known.last_inspection, cycle, last)
                })
                .map(|(_, school)| (school.risk, school.id.as_str()))
                .collect();
            due.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
            due.truncate((county.schools.len() as f64 / cycle).ceil() as usize);
            due.into_iter().map(|(_, id)| id.to_owned()).collect()
        }
        Kind::Government => {
            let cycle = reader.at_least("government.cycle_years", 1.0);
            let placed: HashSet<&str> = towns.iter().map(|t| t.id.as_str()).collect();
            let mut due: Vec<_> = county
                .towns
                .iter()
                .filter(|t| placed.contains(t.id.as_str()))
                .collect();
            due.sort_by(|a, b| {
                a.last_inspection
                    .cmp(&b.last_inspection)
                    .then(a.id.cmp(&b.id))
            });
            due.truncate((due.len() as f64 / cycle).ceil() as usize);
            due.into_iter().map(|town| town.id.clone()).collect()
        }
    }
}

fn run_out(inspected: Option<NaiveDate>, cycle_years: f64, last: NaiveDate) -> bool {
    let months = Months::new((cycle_years * 12.0) as u32);
    inspected
        .and_then(|day| day.checked_add_months(months))
        .is_none_or(|due| due <= last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_school_that_was_not_ranked_counts_as_never_seen() {
        let risks = Risks {
            points: [("S1".to_owned(), 15.0), ("S2".to_owned(), 0.0)].into(),
            ceiling: 30.0,
        };
        assert_eq!(risks.of("S1"), 4.0);
        assert_eq!(risks.of("S2"), 0.0);
        assert_eq!(risks.of("S3"), 8.0);
        assert!(Risks::default().of("S1").is_finite());
    }
}
