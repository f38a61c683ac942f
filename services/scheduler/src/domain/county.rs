//! What the registry tells of a county, as plain facts.

use chrono::NaiveDate;
use dudao_optimizer::Stage;
use dudao_optimizer::geo::Place;

use super::calendar::Calendar;
use super::ruleset::Ruleset;

/// All that a plan is made from.
#[derive(Clone, Debug)]
pub struct County {
    /// GB/T 2260 code.
    pub code: String,
    /// Open schools and kindergartens.
    pub schools: Vec<School>,
    /// Supervisors in office.
    pub supervisors: Vec<Supervisor>,
    /// Member units of the committee.
    pub units: Vec<Unit>,
    /// Towns.
    pub towns: Vec<Town>,
    /// The calendar of the plan's year.
    pub calendar: Calendar,
    /// The rules in force.
    pub rules: Ruleset,
}

/// A school or kindergarten.
#[derive(Clone, Debug, PartialEq)]
pub struct School {
    /// 学校标识码.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: Stage,
    /// The display name of its town.
    pub town: Option<String>,
    /// Where it is.
    pub place: Place,
    /// The last comprehensive inspection.
    pub last_inspection: Option<NaiveDate>,
    /// The id of its zone in force.
    pub zone: Option<String>,
    /// The id of its responsible supervisor in force.
    pub supervisor: Option<String>,
    /// Since when that supervisor has been responsible for it.
    pub responsible_since: Option<NaiveDate>,
}

/// A supervisor in office.
#[derive(Clone, Debug, PartialEq)]
pub struct Supervisor {
    /// 工号.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// Full-time or part-time.
    pub full_time: bool,
    /// The stages that the person may supervise.
    pub stages: Vec<Stage>,
    /// Where rounds start.
    pub base: Place,
    /// First day of the term.
    pub term_start: Option<NaiveDate>,
    /// Last day of the term.
    pub term_end: Option<NaiveDate>,
    /// Hours of concentrated training last year.
    pub training_hours: Option<f64>,
    /// Days a year that the person can give.
    pub days_per_year: Option<f64>,
    /// The most schools to be responsible for.
    pub max_schools: Option<u32>,
    /// Codes of the units to be avoided (回避), as the registry says.
    pub avoid: Vec<String>,
}

/// A member unit of the committee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The most inspections a year that it can join.
    pub max_inspections: Option<u32>,
}

/// A town.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Town {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its last inspection as an object of government supervision.
    pub last_inspection: Option<NaiveDate>,
}

/// The last part of a resource name.
pub fn id_of(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, id)| id)
}
