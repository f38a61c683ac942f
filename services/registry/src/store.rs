//! Rows and SQL. Every resource is a document of one table, so there is one file, not one for each.

pub use dudao_platform::document::{
    Document, Filter, Record, all, clear, find, get, list, name, put,
};
use sqlx::migrate::Migrator;

use crate::domain::calendar::Calendar;
use crate::domain::county::County;
use crate::domain::member_unit::MemberUnit;
use crate::domain::ruleset::Ruleset;
use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::domain::town::Town;
use crate::domain::zone::Zone;

/// The registry's tables.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

impl Document for County {
    const COLLECTION: &'static str = "counties";
}

impl Document for Town {
    const COLLECTION: &'static str = "towns";
}

impl Document for Calendar {
    const COLLECTION: &'static str = "calendars";
}

impl Document for Ruleset {
    const COLLECTION: &'static str = "rulesets";
}

impl Document for Zone {
    const COLLECTION: &'static str = "zones";
}

impl Document for MemberUnit {
    const COLLECTION: &'static str = "memberUnits";

    fn ended(&self) -> bool {
        self.withdrawn_us.is_some()
    }
}

impl Document for Supervisor {
    const COLLECTION: &'static str = "supervisors";

    fn ended(&self) -> bool {
        !self.is_in_office()
    }
}

impl Document for School {
    const COLLECTION: &'static str = "schools";

    fn ended(&self) -> bool {
        !self.is_open()
    }

    fn place(&self) -> &str {
        &self.town
    }

    fn kind(&self) -> &str {
        self.stage.zh()
    }
}
