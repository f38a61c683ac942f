//! A zoning plan's problem, from the county's data and the planner's wishes.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Days, Months, NaiveDate};
use dudao_optimizer::geo::Roads;
use dudao_optimizer::zoning::{
    Data, Pin, Problem, Rules, School, Solution, Supervisor, Weights, Zone,
};
use dudao_optimizer::{Issue, Words};
use serde::{Deserialize, Serialize};

use super::county::{self, County};
use super::error::{Error, Rule, Wrong};
use super::people::{self, Measure, People};
use super::plan::Draft;
use super::ruleset::Reader;

/// What a planner asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// The planner's weights; what is not stated is the optimiser's default.
    pub weights: Wishes,
    /// What is settled before, in ids.
    pub pins: Vec<Pin>,
    /// Uses those without qualification too.
    pub include_unqualified: bool,
    /// Day on which the plan begins.
    pub effective: NaiveDate,
    /// Keeps the zoning in force wherever rules let it.
    #[serde(default)]
    pub revise: bool,
}

/// Weights that a planner has stated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Wishes {
    /// Per minute on the road for routine visits.
    pub routine_travel: Option<f64>,
    /// Per person's minute on the road for team visits.
    pub team_travel: Option<f64>,
    /// Per day of work beyond the tolerance.
    pub imbalance: Option<f64>,
    /// Per school that changes hands.
    pub change: Option<f64>,
    /// Per further zone that a town lies in.
    pub town_cut: Option<f64>,
}

impl Wishes {
    fn weights(&self) -> Weights {
        let default = Weights::default();
        Weights {
            routine_travel: self.routine_travel.unwrap_or(default.routine_travel),
            team_travel: self.team_travel.unwrap_or(default.team_travel),
            imbalance: self.imbalance.unwrap_or(default.imbalance),
            imbalance_tolerance: default.imbalance_tolerance,
            change: self.change.unwrap_or(default.change),
            town_cut: self.town_cut.unwrap_or(default.town_cut),
            regroup: default.regroup,
        }
    }
}

/// The problem of a county's zoning, or every reason why there is none. `in_force` is the zoning that a revision keeps.
pub fn draft(
    county: &County,
    inputs: &Inputs,
    in_force: Option<&Solution>,
) -> Result<Draft<Data>, Error> {
    let reader = county.rules.reader();
    let days = county.calendar.visiting_days();
    let People {
        used,
        left_out,
        remarks,
    } = people::judge(
        &county.supervisors,
        &Measure {
            begins: inputs.effective,
            ends: last_day(inputs.effective),
            training_hours: reader.number("supervisor.training_hours"),
            include_unqualified: inputs.include_unqualified,
        },
    );
    let mut data = Data {
        schools: schools(county, &reader),
        supervisors: supervisors(county, &used, inputs.effective, &reader),
        roads: roads(&reader),
        travel: None,
        rules: rules(&reader),
        weights: inputs.weights.weights(),
        pins: inputs.pins.clone(),
    };
    let mut against = reader.missing();
    if inputs.revise {
        match in_force {
            Some(zoning) => keep(&mut data, zoning),
            None => against.push(nothing_to_revise(&county.code, "zoning_plan")),
        }
    }
    against.extend(empty(county, used.len(), days.is_empty()));
    if !against.is_empty() {
        return Err(Error::Rules(against));
    }
    Problem::new(data.clone()).map_err(|issues| refuse(&county.code, "zoning_plan", issues))?;
    Ok(Draft {
        data,
        left_out,
        remarks,
    })
}

/// Makes the problem one of revising a zoning.
fn keep(data: &mut Data, zoning: &Solution) {
    for school in &mut data.schools {
        school.last_supervisor = zoning.schools.get(&school.id).cloned();
    }
    for person in &mut data.supervisors {
        let own = |zone: &&Zone| zone.supervisors.contains(&person.id);
        person.last_zone = zoning.zones.iter().find(own).map(|zone| zone.id.clone());
    }
    data.weights = data.weights.clone().keeping();
}

/// Only what is in force can be revised.
pub(super) fn nothing_to_revise(county: &str, resource: &str) -> Rule {
    Rule::new(
        format!("{resource}.revise"),
        "",
        format!("counties/{county}"),
        "没有生效的方案可供修订：请先制定并启用方案",
        "no plan is in force to be revised: make one and activate it",
    )
}

fn last_day(begins: NaiveDate) -> NaiveDate {
    begins
        .checked_add_months(Months::new(12))
        .and_then(|day| day.checked_sub_days(Days::new(1)))
        .unwrap_or(begins)
}

/// What a county needs before anything can be planned.
pub(super) fn empty(county: &County, used: usize, no_days: bool) -> Vec<Rule> {
    let subject = format!("counties/{}", county.code);
    let mut against = Vec::new();
    if county.schools.is_empty() {
        against.push(Rule::new(
            "county.schools",
            "泽办字〔2021〕9号 art. 五",
            &subject,
            "该县还没有学校，请先导入学校",
            "the county has no schools: import them first",
        ));
    }
    if county.supervisors.is_empty() {
        against.push(Rule::new(
            "county.supervisors",
            "泽办字〔2021〕9号 art. 十五",
            &subject,
            "该县还没有督学，请先导入督学",
            "the county has no supervisors: import them first",
        ));
    } else if used == 0 {
        against.push(Rule::new(
            "county.supervisors",
            "泽办字〔2021〕9号 art. 十五、十六",
            &subject,
            "没有符合资格的督学：聘期均已届满或培训学时不足，可续聘、补训或要求纳入",
            "no supervisor is qualified: terms have ended or training is lacking; renew, train, or include them",
        ));
    }
    if no_days {
        against.push(Rule::new(
            "calendar.terms",
            "",
            format!("{subject}/calendars/{}", county.calendar.year),
            format!("{} 年校历没有教学周，请先录入学期", county.calendar.year),
            format!(
                "the calendar of {} has no teaching weeks: enter its terms",
                county.calendar.year
            ),
        ));
    }
    against
}

pub(super) fn roads(reader: &Reader<'_>) -> Roads {
    Roads {
        detour: reader.number("travel.detour"),
        km_per_hour: reader.number("travel.km_per_hour"),
    }
}

fn rules(reader: &Reader<'_>) -> Rules {
    Rules {
        zone_max_schools: reader.count("zone.max_schools"),
        zone_min_supervisors: reader.count("zone.min_supervisors"),
        zone_max_supervisors: reader.count("zone.max_supervisors"),
        full_time_in_each_zone: reader.switch("zone.full_time_each"),
        max_years_same_school: reader.count("supervisor.max_years_same_school"),
        ..Rules::default()
    }
}

/// Routine visits that every school is due in the year of the calendar.
pub(super) fn routine_visits(county: &County, reader: &Reader<'_>) -> u32 {
    county.calendar.routine_visits(
        reader.number("routine.per_semester"),
        reader.number("routine.per_month"),
    )
}

/// Every school gives its routine visits, and its share of a team's comprehensive inspection once in a cycle.
fn schools(county: &County, reader: &Reader<'_>) -> Vec<School> {
    let visits = f64::from(routine_visits(county, reader));
    let inspections = 1.0 / reader.at_least("comprehensive.cycle_years", 1.0);
    let team_days = reader.number("comprehensive.days") * reader.number("comprehensive.team");
    let days = visits * reader.number("routine.days") + inspections * team_days;
    county
        .schools
        .iter()
        .map(|school| School {
            id: school.code.clone(),
            name: school.name.clone(),
            stage: school.stage,
            town: school.town.clone(),
            place: school.place,
            days,
            visits,
            team_visits: inspections,
            last_supervisor: school.supervisor.clone(),
        })
        .collect()
}

/// Days a year that a person can give, the reserve for random draws and emergencies taken out.
fn days_of(person: &county::Supervisor, reader: &Reader<'_>) -> f64 {
    let default = if person.full_time {
        "supervisor.days_full_time"
    } else {
        "supervisor.days_part_time"
    };
    let days = person
        .days_per_year
        .unwrap_or_else(|| reader.number(default));
    days * (1.0 - reader.number("reserve.share").min(1.0))
}

fn supervisors(
    county: &County,
    used: &[&county::Supervisor],
    effective: NaiveDate,
    reader: &Reader<'_>,
) -> Vec<Supervisor> {
    let codes: HashSet<&str> = county.schools.iter().map(|s| s.code.as_str()).collect();
    let mut schools_of: HashMap<&str, Vec<&county::School>> = HashMap::new();
    for school in &county.schools {
        if let Some(supervisor) = &school.supervisor {
            schools_of.entry(supervisor).or_default().push(school);
        }
    }
    used.iter()
        .map(|person| {
            let own = schools_of
                .get(person.id.as_str())
                .map_or(&[][..], Vec::as_slice);
            Supervisor {
                id: person.id.clone(),
                name: person.name.clone(),
                place: person.base,
                full_time: person.full_time,
                stages: person.stages.clone(),
                min_days: 0.0,
                max_days: days_of(person, reader),
                max_schools: person
                    .max_schools
                    .unwrap_or_else(|| reader.count("supervisor.max_schools")),
                avoid: people::avoids(person, &codes),
                years: own
                    .iter()
                    .filter_map(|school| {
                        let years = people::full_years(school.responsible_since?, effective);
                        (years > 0).then(|| (school.code.clone(), years))
                    })
                    .collect(),
                last_zone: own.iter().find_map(|school| school.zone.clone()),
            }
        })
        .collect()
}

/// The optimiser's issues in the planner's terms: pins and weights are fields of the request, all else is the county's.
pub(super) fn refuse(county: &str, resource: &str, issues: Vec<Issue>) -> Error {
    let asked = |issue: &Issue| {
        ["pins", "weights", "items"]
            .iter()
            .any(|part| issue.field.starts_with(part))
    };
    let (fields, data): (Vec<_>, Vec<_>) = issues.into_iter().partition(asked);
    if !data.is_empty() {
        let subject = format!("counties/{county}");
        let rules = data.into_iter().map(|issue| {
            let Words { zh, en } = issue.words;
            let (field, value) = (issue.field, issue.value);
            Rule::new(
                field.as_str(),
                "",
                &subject,
                format!("{field} 为 {value}：{zh}"),
                format!("{field} is {value}: {en}"),
            )
        });
        return Error::Rules(rules.collect());
    }
    let wrong = fields.into_iter().map(|issue| Wrong {
        field: format!("{resource}.{}", issue.field),
        words: Words::new(
            format!("{}：{}", issue.value, issue.words.zh),
            format!("{}: {}", issue.value, issue.words.en),
        ),
    });
    Error::Wrong(wrong.collect())
}

/// The names of people and schools, for reports: id → name.
pub fn names(data: &Data) -> BTreeMap<&str, &str> {
    let schools = data
        .schools
        .iter()
        .map(|s| (s.id.as_str(), s.name.as_str()));
    let supervisors = data
        .supervisors
        .iter()
        .map(|s| (s.id.as_str(), s.name.as_str()));
    schools.chain(supervisors).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use dudao_optimizer::Stage;
    use dudao_optimizer::geo::Place;

    use super::super::calendar::tests::{day, year};
    use super::super::county::{School, Supervisor};
    use super::super::ruleset::Ruleset;
    use super::*;

    pub(crate) fn school(n: u32) -> School {
        School {
            code: format!("S{n}"),
            name: format!("第{n}小学"),
            stage: Stage::Primary,
            town: Some("甲镇".to_owned()),
            place: Place {
                lon: 112.8 + f64::from(n) / 100.0,
                lat: 35.5 + f64::from(n % 5) / 50.0,
            },
            last_inspection: None,
            zone: None,
            supervisor: None,
            responsible_since: None,
        }
    }

    pub(crate) fn supervisor(n: u32) -> Supervisor {
        Supervisor {
            id: format!("K{n}"),
            name: format!("督学{n}"),
            full_time: n == 1,
            stages: vec![Stage::Primary, Stage::Kindergarten],
            base: Place {
                lon: 112.8 + f64::from(n) / 50.0,
                lat: 35.5,
            },
            term_start: None,
            term_end: None,
            training_hours: Some(48.0),
            days_per_year: None,
            max_schools: None,
            avoid: Vec::new(),
        }
    }

    /// The national preset's figures.
    pub(crate) fn ruleset() -> Ruleset {
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
        Ruleset {
            name: "counties/140525/rulesets/1".to_owned(),
            values: values
                .map(|(key, value)| (key.to_owned(), Some(value)))
                .into(),
        }
    }

    pub(crate) fn county(schools: u32, supervisors: u32) -> County {
        County {
            code: "140525".to_owned(),
            schools: (1..=schools).map(school).collect(),
            supervisors: (1..=supervisors).map(supervisor).collect(),
            units: Vec::new(),
            towns: Vec::new(),
            calendar: year(),
            rules: ruleset(),
        }
    }

    pub(crate) fn inputs() -> Inputs {
        Inputs {
            effective: day("2027-01-01"),
            ..Inputs::default()
        }
    }

    #[test]
    fn a_school_gives_its_routine_visits_and_its_share_of_an_inspection() {
        let draft = draft(&county(6, 3), &inputs(), None).expect("sound");
        let school = &draft.data.schools[0];
        assert_eq!((school.visits, school.team_visits), (9.0, 0.25));
        assert_eq!(school.days, 9.0 * 0.5 + 0.25 * 3.0);
        assert_eq!(draft.data.supervisors[0].max_days, 162.0);
        assert_eq!(draft.data.supervisors[1].max_days, 67.5);
    }

    #[test]
    fn what_an_empty_county_lacks_is_said_at_once() {
        let mut none = county(0, 0);
        none.calendar.terms.clear();
        none.rules.values.insert("travel.detour".to_owned(), None);
        let Err(Error::Rules(rules)) = draft(&none, &inputs(), None) else {
            panic!("an empty county was planned");
        };
        let keys: Vec<_> = rules.iter().map(|rule| rule.rule.as_str()).collect();
        assert_eq!(
            keys,
            [
                "travel.detour",
                "county.schools",
                "county.supervisors",
                "calendar.terms"
            ]
        );
    }

    #[test]
    fn years_with_a_school_are_counted_from_the_day_of_responsibility() {
        let mut county = county(6, 3);
        county.schools[2].supervisor = Some("K2".to_owned());
        county.schools[2].zone = Some("Z07".to_owned());
        county.schools[2].responsible_since = Some(day("2023-12-31"));
        let draft = draft(&county, &inputs(), None).expect("sound");
        let person = &draft.data.supervisors[1];
        assert_eq!(person.years, BTreeMap::from([("S3".to_owned(), 3)]));
        assert_eq!(person.last_zone.as_deref(), Some("Z07"));
        assert_eq!(draft.data.schools[2].last_supervisor.as_deref(), Some("K2"));
    }

    #[test]
    fn wrong_pins_and_weights_are_fields_of_the_request() {
        let mut inputs = inputs();
        inputs.pins.push(Pin::Assign {
            school: "S9".to_owned(),
            supervisor: "K1".to_owned(),
        });
        inputs.weights.change = Some(-1.0);
        let Err(Error::Wrong(wrong)) = draft(&county(6, 3), &inputs, None) else {
            panic!("wrong pins were planned");
        };
        let fields: Vec<_> = wrong.iter().map(|w| w.field.as_str()).collect();
        assert_eq!(
            fields,
            ["zoning_plan.weights.change", "zoning_plan.pins[0].school"]
        );
    }
}
