//! Responsibility zones in force (督学责任区, art. 五).

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::school::{Responsibility, School};

/// A zone in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// What it is called.
    pub display_name: String,
    /// Full name of the zoning plan that it comes from.
    pub plan: String,
    /// Codes of its supervisors.
    pub supervisors: Vec<String>,
    /// Its schools.
    pub schools: Vec<ZoneSchool>,
}

/// A school of a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneSchool {
    /// Its code.
    pub school: String,
    /// The code of its responsible supervisor.
    pub supervisor: String,
}

/// Who answers for each school once these zones are in force: keyed by the school's code.
pub fn responsibilities<'a>(
    zones: impl IntoIterator<Item = (&'a str, &'a Zone)>,
) -> HashMap<&'a str, (&'a str, &'a str)> {
    zones
        .into_iter()
        .flat_map(|(id, zone)| {
            zone.schools
                .iter()
                .map(move |school| (school.school.as_str(), (id, school.supervisor.as_str())))
        })
        .collect()
}

/// What a school's responsibility becomes when zones are adopted on a day: `next` is its zone and supervisor in them. The
/// same supervisor without a break keeps the day since which.
pub fn hand_over(
    school: &School,
    next: Option<(&str, &str)>,
    day: NaiveDate,
) -> Option<Responsibility> {
    let Some((zone, supervisor)) = next else {
        return end(school, day);
    };
    let since = school
        .responsibility
        .as_ref()
        .filter(|before| {
            before.supervisor == supervisor && before.until.is_none_or(|until| until >= day)
        })
        .map_or(day, |before| before.since);
    Some(Responsibility {
        zone: zone.to_owned(),
        supervisor: supervisor.to_owned(),
        since,
        until: None,
    })
}

/// What a school's responsibility becomes when its plan goes out of force on a day.
pub fn end(school: &School, day: NaiveDate) -> Option<Responsibility> {
    let before = school.responsibility.clone()?;
    let until = Some(before.until.unwrap_or(day));
    Some(Responsibility { until, ..before })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::school::{Place, Provider, SchoolDraft, Stage};

    fn school() -> School {
        let draft = SchoolDraft {
            code: "1".to_owned(),
            display_name: "学校".to_owned(),
            stage: Some(Stage::Primary),
            provider: Some(Provider::Public),
            place: Some(Place {
                longitude: 112.8,
                latitude: 35.5,
            }),
            ..SchoolDraft::default()
        };
        draft.finish(NaiveDate::default()).unwrap()
    }

    /// What happens to a school's zoning on a day: a supervisor takes over, it is left out, or the plan ends.
    #[derive(Clone, Debug)]
    enum Step {
        Adopt(Option<&'static str>),
        End,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Adopt(Some("A"))),
            Just(Step::Adopt(Some("B"))),
            Just(Step::Adopt(None)),
            Just(Step::End),
        ]
    }

    proptest! {
        #[test]
        fn the_day_since_which_is_the_first_of_the_unbroken_run(steps in prop::collection::vec((step(), 0_u64..3), 1..20)) {
            let mut school = school();
            let mut day = NaiveDate::default();
            // The plain way: who is responsible since when, and until when the last one was.
            let mut run: Option<(&str, NaiveDate, Option<NaiveDate>)> = None;
            for (step, days) in steps {
                day = day + chrono::Days::new(days);
                match step {
                    Step::Adopt(Some(supervisor)) => {
                        school.responsibility = hand_over(&school, Some(("z", supervisor)), day);
                        let unbroken = run.filter(|(who, _, until)| *who == supervisor && until.is_none_or(|until| until == day));
                        run = Some((supervisor, unbroken.map_or(day, |(_, since, _)| since), None));
                    }
                    Step::Adopt(None) | Step::End => {
                        school.responsibility = match step {
                            Step::End => end(&school, day),
                            Step::Adopt(_) => hand_over(&school, None, day),
                        };
                        run = run.map(|(who, since, until)| (who, since, until.or(Some(day))));
                    }
                }
                let told = school.responsibility.as_ref().map(|told| (told.supervisor.as_str(), told.since, told.until));
                prop_assert_eq!(told, run);
            }
        }
    }
}
