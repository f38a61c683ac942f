//! What a planner gives to zoning, and what comes back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::geo::{Place, Roads};
use crate::{KEEP, Stage};

/// Everything the zoning of a county for one school year depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// Every school and kindergarten, private ones too (泽办字〔2021〕9号 art. 五).
    pub schools: Vec<School>,
    /// The supervisors who may be used this year.
    pub supervisors: Vec<Supervisor>,
    /// How distances become minutes where no matrix is given.
    #[serde(default)]
    pub roads: Roads,
    /// One-way minutes `[supervisor][school]`, in the order of the lists above; computed from places if absent.
    #[serde(default)]
    pub travel: Option<Vec<Vec<f64>>>,
    /// The hard rules' numbers.
    #[serde(default)]
    pub rules: Rules,
    /// What one thing is worth against another.
    #[serde(default)]
    pub weights: Weights,
    /// Decisions that the planner has already taken.
    #[serde(default)]
    pub pins: Vec<Pin>,
}

/// A school or kindergarten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct School {
    /// Its unique id, such as the ten-digit school code (学校标识码).
    pub id: String,
    /// Its name, for words.
    pub name: String,
    /// Which supervisors may be responsible for it.
    pub stage: Stage,
    /// The town or township it lies in.
    #[serde(default)]
    pub town: Option<String>,
    /// Where it is.
    pub place: Place,
    /// Days of work a year that it gives its responsible supervisor, ≥ 0.
    pub days: f64,
    /// Routine visits a year, ≥ 0.
    pub visits: f64,
    /// Team visits expected in a year, ≥ 0: 0.25 for one comprehensive inspection in four years.
    #[serde(default)]
    pub team_visits: f64,
    /// Who was responsible for it last year.
    #[serde(default)]
    pub last_supervisor: Option<String>,
}

/// A supervisor (督学).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Supervisor {
    /// Their unique id.
    pub id: String,
    /// Their name, for words.
    pub name: String,
    /// Where they set out from.
    pub place: Place,
    /// Full-time (专职) rather than part-time (兼职).
    pub full_time: bool,
    /// The stages they may be responsible for.
    pub stages: Vec<Stage>,
    /// The fewest days of work a year they must be given, ≥ 0.
    #[serde(default)]
    pub min_days: f64,
    /// The most days of work a year they can be given.
    pub max_days: f64,
    /// The most schools they may be responsible for (1 : 5 by art. 十五).
    pub max_schools: u32,
    /// Ids of the schools that they must avoid (回避).
    #[serde(default)]
    pub avoid: Vec<String>,
    /// School id → full years in a row, up to now, as its responsible supervisor.
    #[serde(default)]
    pub years: BTreeMap<String, u32>,
    /// The id of last year's zone, which this year's zone takes over where it can.
    #[serde(default)]
    pub last_zone: Option<String>,
}

impl Supervisor {
    /// Last year's zone, of those who were in one.
    pub(super) fn zone_before(&self) -> Option<&str> {
        self.last_zone.as_deref().filter(|id| !id.is_empty())
    }
}

/// The numbers of the hard rules; each is a parameter of the county's ruleset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The most schools in a zone: 20, as official Q&A texts report.
    pub zone_max_schools: u32,
    /// The fewest supervisors in a zone: 3, as in other places' rules. A county with fewer supervisors is one zone.
    pub zone_min_supervisors: u32,
    /// The most supervisors in a zone: 5, as in other places' rules.
    pub zone_max_supervisors: u32,
    /// A full-time supervisor in every zone, where there are enough: the rule holds when the county has at least as
    /// many full-time supervisors as the fewest zones possible, and falls away otherwise.
    pub full_time_in_each_zone: bool,
    /// Years in a row after which a supervisor must hand over a school: 3, as in other places' rules.
    pub max_years_same_school: u32,
    /// Every zone in one piece; see `graph` for what that means.
    pub contiguous: bool,
    /// Schools farther apart than this, in straight km, are not neighbours: the width of the county's gaps (mountains,
    /// a lake, land of other counties). Without it the county is one piece.
    pub gap_km: Option<f64>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            zone_max_schools: 20,
            zone_min_supervisors: 3,
            zone_max_supervisors: 5,
            full_time_in_each_zone: true,
            max_years_same_school: 3,
            contiguous: true,
            gap_km: None,
        }
    }
}

/// What one thing is worth against another, in minutes of people's time a year. Each is ≥ 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// Per minute on the road for routine visits.
    pub routine_travel: f64,
    /// Per person's minute on the road for team visits.
    pub team_travel: f64,
    /// Per day of work beyond the tolerance over a supervisor's fair share.
    pub imbalance: f64,
    /// How far above the fair share is still fair: 0.2 for 20 %.
    pub imbalance_tolerance: f64,
    /// Per school that changes hands although its supervisor could have kept it: about the half day of a handover.
    pub change: f64,
    /// Per further zone that a town lies in: about one more meeting with the town.
    pub town_cut: f64,
    /// Per supervisor who is in another zone than last year's. Above zero, last year's zones are kept where they can be.
    pub regroup: f64,
}

impl Weights {
    /// The fewest changes first, then cost: for a zoning that is revised while it is in force.
    #[must_use]
    pub fn keeping(self) -> Self {
        Self {
            change: KEEP,
            regroup: KEEP,
            ..self
        }
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            routine_travel: 1.0,
            team_travel: 1.0,
            imbalance: 60.0,
            imbalance_tolerance: 0.2,
            change: 240.0,
            town_cut: 60.0,
            regroup: 0.0,
        }
    }
}

/// A decision that the planner has already taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pin {
    /// This school has this supervisor.
    Assign {
        /// The school's id.
        school: String,
        /// The supervisor's id.
        supervisor: String,
    },
    /// This school never has this supervisor.
    Forbid {
        /// The school's id.
        school: String,
        /// The supervisor's id.
        supervisor: String,
    },
    /// These two schools have the same supervisor.
    Together {
        /// A school's id.
        a: String,
        /// Another school's id.
        b: String,
    },
    /// These two schools never have the same supervisor.
    Apart {
        /// A school's id.
        a: String,
        /// Another school's id.
        b: String,
    },
}

/// A zoning: every supervisor in one zone, every school with one supervisor and so in that supervisor's zone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Solution {
    /// The zones, sorted by id.
    pub zones: Vec<Zone>,
    /// School id → id of its responsible supervisor.
    pub schools: BTreeMap<String, String>,
}

impl Solution {
    /// The ids of the schools of a zone, sorted.
    pub fn schools_of(&self, zone: &Zone) -> Vec<&str> {
        self.schools
            .iter()
            .filter(|(_, supervisor)| zone.supervisors.contains(supervisor))
            .map(|(school, _)| school.as_str())
            .collect()
    }
}

/// A responsibility zone (督学责任区).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Last year's id where most of the zone's supervisors come from one zone; a new one (`Z01`, `Z02`, …) otherwise.
    pub id: String,
    /// The ids of its supervisors, in the order of the county's list.
    pub supervisors: Vec<String>,
}
