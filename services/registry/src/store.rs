//! Rows and SQL. Every resource is a document of one table, so there is one file, not one for each.

pub use dudao_platform::document::{
    Concerns, Document, Filter, Record, about, all, between, clear, find, get, list, name, put,
};
use sqlx::migrate::Migrator;

use crate::domain::admission::{Admission, AdmissionState};
use crate::domain::assessment::Assessment;
use crate::domain::calendar::Calendar;
use crate::domain::committee::Committee;
use crate::domain::county::County;
use crate::domain::map_layer::MapLayer;
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

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }
}

impl Document for Town {
    const COLLECTION: &'static str = "towns";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }
}

impl Document for MapLayer {
    const COLLECTION: &'static str = "mapLayers";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }

    fn ended(&self) -> bool {
        self.removed
    }
}

impl Document for Calendar {
    const COLLECTION: &'static str = "calendars";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }
}

impl Document for Ruleset {
    const COLLECTION: &'static str = "rulesets";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }
}

impl Document for Zone {
    const COLLECTION: &'static str = "zones";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }
}

impl Document for MemberUnit {
    const COLLECTION: &'static str = "memberUnits";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }

    fn ended(&self) -> bool {
        self.withdrawn_us.is_some()
    }
}

impl Document for Supervisor {
    const COLLECTION: &'static str = "supervisors";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }

    fn ended(&self) -> bool {
        !self.is_in_office()
    }
}

impl Document for School {
    const COLLECTION: &'static str = "schools";

    /// Itself and its town; the supervisors of its zone by their territory.
    fn concerns(&self, county: &str, code: &str) -> Concerns {
        Concerns::Only(vec![
            name::<Self>(county, code),
            name::<Town>(county, &self.town),
        ])
    }

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

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }
}

impl Document for Meeting {
    const COLLECTION: &'static str = "meetings";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }

    fn kind(&self) -> &str {
        self.kind.zh()
    }

    fn day(&self) -> String {
        self.date.to_string()
    }
}

impl Document for ProgressReport {
    const COLLECTION: &'static str = "progressReports";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::County
    }

    fn kind(&self) -> &str {
        self.audience.zh()
    }

    fn day(&self) -> String {
        self.date.to_string()
    }
}

impl Document for Relation {
    const COLLECTION: &'static str = "relations";

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::Only(vec![self.supervisor.clone()])
    }

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

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::Only(vec![self.supervisor.clone()])
    }

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

    /// Who became a supervisor by it.
    fn concerns(&self, _: &str, _: &str) -> Concerns {
        match &self.appointment {
            Some(appointment) => Concerns::Only(vec![appointment.supervisor.clone()]),
            None => Concerns::Office,
        }
    }

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

    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::Only(vec![self.supervisor.clone()])
    }

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

    /// It hangs at the gate (art. 十七).
    fn concerns(&self, _: &str, _: &str) -> Concerns {
        Concerns::Public
    }

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
