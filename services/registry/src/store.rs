//! Rows and SQL. Every resource is a document of one table, so there is one file, not one for each.

pub use dudao_platform::document::{
    Document, Filter, Record, about, all, between, clear, find, get, list, name, put,
};
use sqlx::migrate::Migrator;

use crate::domain::admission::{Admission, AdmissionState};
use crate::domain::assessment::Assessment;
use crate::domain::calendar::Calendar;
use crate::domain::committee::Committee;
use crate::domain::county::County;
use crate::domain::meeting::Meeting;
use crate::domain::member_unit::MemberUnit;
use crate::domain::plaque::Plaque;
use crate::domain::progress_report::ProgressReport;
use crate::domain::relation::Relation;
use crate::domain::ruleset::Ruleset;
use crate::domain::school::School;
use crate::domain::supervisor::Supervisor;
use crate::domain::town::Town;
use crate::domain::training::Training;
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

impl Document for Committee {
    const COLLECTION: &'static str = "committee";
    const SINGLETON: bool = true;
}

impl Document for Meeting {
    const COLLECTION: &'static str = "meetings";

    fn kind(&self) -> &str {
        self.kind.zh()
    }

    fn day(&self) -> String {
        self.date.to_string()
    }
}

impl Document for ProgressReport {
    const COLLECTION: &'static str = "progressReports";

    fn kind(&self) -> &str {
        self.audience.zh()
    }

    fn day(&self) -> String {
        self.date.to_string()
    }
}

impl Document for Relation {
    const COLLECTION: &'static str = "relations";

    fn ended(&self) -> bool {
        self.ended
    }

    fn place(&self) -> &str {
        &self.unit
    }

    fn kind(&self) -> &str {
        self.kind.zh()
    }

    fn subject(&self) -> &str {
        &self.supervisor
    }
}

impl Document for Training {
    const COLLECTION: &'static str = "trainings";

    fn ended(&self) -> bool {
        self.voided
    }

    fn kind(&self) -> &str {
        self.kind.zh()
    }

    fn subject(&self) -> &str {
        &self.supervisor
    }

    fn day(&self) -> String {
        self.date.to_string()
    }
}

impl Document for Admission {
    const COLLECTION: &'static str = "admissions";

    fn ended(&self) -> bool {
        match self.state {
            AdmissionState::Appointed | AdmissionState::Rejected | AdmissionState::Withdrawn => {
                true
            }
            AdmissionState::Recommended
            | AdmissionState::Reviewed
            | AdmissionState::Noticed
            | AdmissionState::Published => false,
        }
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }
}

impl Document for Assessment {
    const COLLECTION: &'static str = "assessments";

    fn kind(&self) -> &str {
        self.kind.zh()
    }

    fn subject(&self) -> &str {
        &self.supervisor
    }

    fn day(&self) -> String {
        self.end_date.to_string()
    }
}

impl Document for Plaque {
    const COLLECTION: &'static str = "plaques";

    fn ended(&self) -> bool {
        self.taken_down
    }

    fn kind(&self) -> &str {
        if self.reprint_due { "待印制" } else { "" }
    }

    fn subject(&self) -> &str {
        &self.supervisor
    }
}
