//! What a planner gives to the year's rounds, and what comes back.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::geo::{Place, Roads};
use crate::{KEEP, Stage};

/// Everything that the plan of a county's year depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// The weeks of the year in order of time. A week without days is a black-out and breaks no rhythm: spacing
    /// counts only weeks with days.
    pub weeks: Vec<Week>,
    /// No visit is planned before this day; `fixed` ones may lie before it.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Every school and kindergarten that may be visited.
    pub schools: Vec<School>,
    /// Everyone who may visit.
    pub supervisors: Vec<Supervisor>,
    /// The towns that may be inspected (督政).
    #[serde(default)]
    pub towns: Vec<Town>,
    /// The member units of the county's supervision committee.
    #[serde(default)]
    pub units: Vec<Unit>,
    /// The year's filed list.
    pub items: Vec<Item>,
    /// The hard rules' numbers.
    #[serde(default)]
    pub rules: Rules,
    /// What one thing is worth against another.
    #[serde(default)]
    pub weights: Weights,
    /// Visits that have been paid, in the plan as they are. They meet what is due first, whatever rule they broke, and may name
    /// people, places and items that are no more.
    #[serde(default)]
    pub fixed: Vec<Visit>,
    /// The plan in force, from which as few visits as possible are moved. Visits that are no longer due are passed over.
    #[serde(default)]
    pub current: Vec<Visit>,
    /// Visits on which the planner has decided.
    #[serde(default)]
    pub pins: Vec<Pin>,
    /// How distances become minutes.
    #[serde(default)]
    pub roads: Roads,
}

/// A week of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// Its Monday.
    pub start: NaiveDate,
    /// The days on which visits may be paid, in order: no holidays, no exams, but make-up days (调休).
    #[serde(default)]
    pub days: Vec<NaiveDate>,
}

/// A school or kindergarten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct School {
    /// Its unique id, such as the ten-digit school code (学校标识码).
    pub id: String,
    /// Its name, for words.
    pub name: String,
    /// Which supervisors may see it, and which specialist a team needs.
    pub stage: Stage,
    /// The id of the town that it lies in.
    #[serde(default)]
    pub town: Option<String>,
    /// Where it is.
    pub place: Place,
    /// The id of its responsible supervisor (责任督学).
    pub supervisor: String,
    /// The id of its responsibility zone (督学责任区).
    #[serde(default)]
    pub zone: String,
    /// Points of risk, ≥ 0: how much sooner it must be seen.
    #[serde(default)]
    pub risk: f64,
    /// Ranges of days, both ends included, on which nobody may visit it.
    #[serde(default)]
    pub blackout: Vec<(NaiveDate, NaiveDate)>,
}

/// A supervisor (督学).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Supervisor {
    /// Their unique id.
    pub id: String,
    /// Their name, for words.
    pub name: String,
    /// Where each day's trip starts and ends.
    pub place: Place,
    /// The id of their responsibility zone.
    #[serde(default)]
    pub zone: String,
    /// Full-time (专职) rather than part-time (兼职): may lead a team.
    pub full_time: bool,
    /// The stages that they may supervise.
    pub stages: Vec<Stage>,
    /// Ids of the schools (or towns) that they must avoid (回避).
    #[serde(default)]
    pub avoid: Vec<String>,
    /// The most days of visits in a week, > 0.
    pub max_days_week: f64,
    /// The most days of visits in the year, ≥ 0.
    pub max_days_year: f64,
    /// Ranges of days, both ends included, on which they pay no visit.
    #[serde(default)]
    pub leave: Vec<(NaiveDate, NaiveDate)>,
    /// The last day of their term.
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// A town or township.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Town {
    /// Its unique id; no school has the same.
    pub id: String,
    /// Its name, for words.
    pub name: String,
    /// Where its government sits.
    pub place: Place,
}

/// A member unit (成员单位) of the committee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its unique id.
    pub id: String,
    /// Its name, for words.
    pub name: String,
    /// The most comprehensive inspections that it can join in the year.
    pub max_visits: u32,
}

/// The kinds of visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 经常性督导: by the school's responsible supervisor alone. All other kinds are paid by teams.
    Routine,
    /// 综合督导
    Comprehensive,
    /// 督政
    Government,
    /// 专项督导
    Special,
    /// 回头看
    FollowUp,
}

impl Kind {
    /// The Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Routine => "经常性督导",
            Self::Comprehensive => "综合督导",
            Self::Government => "督政",
            Self::Special => "专项督导",
            Self::FollowUp => "回头看",
        }
    }

    /// The English name.
    pub fn en(self) -> &'static str {
        match self {
            Self::Routine => "routine visit",
            Self::Comprehensive => "comprehensive inspection",
            Self::Government => "government supervision",
            Self::Special => "special inspection",
            Self::FollowUp => "follow-up",
        }
    }
}

/// An entry of the year's filed list: what is due where, when and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its unique id.
    pub id: String,
    /// Its name, for words.
    pub name: String,
    /// What kind of visit.
    pub kind: Kind,
    /// The law, rule or decision behind it.
    #[serde(default)]
    pub basis: String,
    /// Whether it is on the filed list; what is not may not take place, and so nothing of it is due.
    #[serde(default = "yes")]
    pub filed: bool,
    /// The ids of the schools (of towns as well, for teams) where it is due.
    pub targets: Vec<String>,
    /// The first day of its window.
    pub start: NaiveDate,
    /// The last day of its window.
    pub end: NaiveDate,
    /// Visits due at each target, ≥ 1; for teams, each of them anywhere in the window.
    #[serde(default = "one")]
    pub visits: u32,
    /// The fewest weeks from one routine visit of the item to the next, ≥ 1. Weeks without days don't count.
    #[serde(default = "one")]
    pub min_gap_weeks: u32,
    /// The most weeks from one routine visit of the item to the next, ≥ `min_gap_weeks`. Weeks without days don't count.
    #[serde(default = "year")]
    pub max_gap_weeks: u32,
    /// How many supervisors visit; 1 for routine visits, at least `rules.team_min` for teams (which count as that many
    /// if fewer are given).
    #[serde(default = "one")]
    pub team: u32,
    /// Days that a visit takes each of them, > 0 and ≤ 5. A visit of more than a day goes on on the next visiting
    /// days of the same week.
    pub days: f64,
    /// Whether one of the team must supervise the school's stage.
    #[serde(default)]
    pub specialist: bool,
    /// Whether it is paid in one visit with other mergeable items (相近事项合并) due at the same school.
    #[serde(default)]
    pub mergeable: bool,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

fn year() -> u32 {
    53
}

/// The numbers of the hard rules; each is a parameter of the county's ruleset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The most inspections (all visits but routine ones) at a school in a year: 5, as in other places' rules.
    pub burden_per_school: u32,
    /// The fewest weeks of seven days between the starts of two team visits at a school: 2, "never two teams in a fortnight".
    pub min_weeks_between_teams: u32,
    /// The fewest supervisors in a team: 3 (国家督导条例, comprehensive inspection).
    pub team_min: u32,
    /// The share of each supervisor's yearly days held back for random draws (双随机) and emergencies, in [0, 1): 0.1.
    pub reserve_share: f64,
    /// The most routine visits in a day-trip, 1 or 2: two half-days.
    pub visits_per_trip: u32,
    /// How many days of leave in one piece make another supervisor of the zone stand in for routine visits: 28. Shorter
    /// leave is planned around.
    pub stand_in_after_days: u32,
    /// The fewest visiting days that the windows of mergeable items share for them to be merged, ≥ 1: 5, a week.
    pub merge_min_days: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            burden_per_school: 5,
            min_weeks_between_teams: 2,
            team_min: 3,
            reserve_share: 0.1,
            visits_per_trip: 2,
            stand_in_after_days: 28,
            merge_min_days: 5,
        }
    }
}

/// What one thing is worth against another, in minutes of people's time. Each is ≥ 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weights {
    /// Per person's minute on the road.
    pub travel: f64,
    /// Per day of visits of a supervisor in a week above the even load.
    pub peak: f64,
    /// How far above the county's mean load of a supervisor and week is still even: 0.5 for 50 %.
    pub peak_tolerance: f64,
    /// Per point of risk and week that a comprehensive inspection or a follow-up waits after its window opened.
    pub late: f64,
    /// Per visit of the plan in force on another day or by another team: about the calls it takes to move it.
    pub change: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            travel: 1.0,
            peak: 60.0,
            peak_tolerance: 0.5,
            late: 1.0,
            change: 30.0,
        }
    }
}

impl Weights {
    /// The fewest changes first, then cost: for a year that is planned anew while it runs.
    #[must_use]
    pub fn keeping(self) -> Self {
        Self {
            change: KEEP,
            ..self
        }
    }
}

/// A visit on which the planner has decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The visit's id.
    pub visit: String,
    /// Its day; the first one if it takes several.
    pub date: NaiveDate,
    /// The ids of those who visit, the leader first. None means those whom the plan in force names; without one, for a routine
    /// visit, whoever is responsible, unless several may stand in.
    #[serde(default)]
    pub team: Vec<String>,
}

/// A plan of the year.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Solution {
    /// All visits, past ones too, in order of date and then id.
    pub visits: Vec<Visit>,
}

/// A visit on its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Unique, readable and the same in every plan of the year: `item/target/number`, by the first of its items.
    pub id: String,
    /// The ids of the items that it meets: several if merged.
    pub items: Vec<String>,
    /// The id of the school or town.
    pub target: String,
    /// The day; the first one if it takes several.
    pub date: NaiveDate,
    /// The ids of those who visit, the leader first.
    pub team: Vec<String>,
    /// The ids of the member units that join.
    #[serde(default)]
    pub units: Vec<String>,
}
