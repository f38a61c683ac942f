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
