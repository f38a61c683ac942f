//! Rows and SQL. Resources are documents of one table; the ledger has a table of its own.

pub mod ledger;
pub mod publication;
pub mod reminder;
pub mod year;

use dudao_platform::document::{Concerns, Document};
use sqlx::migrate::Migrator;

use crate::domain::case::Case;
use crate::domain::commendation::{Commendation, CommendationState};
use crate::domain::decision::AccountabilityDecision;

/// The accountability's tables.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

impl Document for Case {
    const COLLECTION: &'static str = "cases";

    /// The unit, and who inspected it.
    fn concerns(&self, _: &str, _: &str) -> Concerns {
        let team = self.team.iter().cloned();
        Concerns::Only(team.chain([self.unit.clone()]).collect())
    }

    fn ended(&self) -> bool {
        self.closed
    }

    fn place(&self) -> &str {
        &self.town
    }

    fn kind(&self) -> &str {
        self.source.zh()
    }

    fn subject(&self) -> &str {
        &self.unit
    }

    fn day(&self) -> String {
        self.open_date
            .map(|day| day.to_string())
            .unwrap_or_default()
    }
}

impl Document for AccountabilityDecision {
    const COLLECTION: &'static str = "accountabilityDecisions";

    /// The unit, once it was told in writing.
    fn concerns(&self, _: &str, _: &str) -> Concerns {
        if self.notices.is_empty() {
            Concerns::Office
        } else {
            Concerns::Only(vec![self.unit.clone()])
        }
    }

    fn ended(&self) -> bool {
        self.is_over()
    }

    fn place(&self) -> &str {
        &self.town
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn subject(&self) -> &str {
        &self.unit
    }

    fn day(&self) -> String {
        let issued = self.issuance.as_ref().map(|issuance| issuance.date);
        issued
            .or(self.open_date)
            .map(|day| day.to_string())
            .unwrap_or_default()
    }
}

impl Document for Commendation {
    const COLLECTION: &'static str = "commendations";

    /// Everyone of the county from the public notice on.
    fn concerns(&self, _: &str, _: &str) -> Concerns {
        match self.state {
            CommendationState::Nominating => Concerns::Office,
            CommendationState::Noticed
            | CommendationState::Decided
            | CommendationState::Published => Concerns::County,
        }
    }

    fn ended(&self) -> bool {
        self.decision.is_some()
    }

    fn kind(&self) -> &str {
        self.state.zh()
    }

    fn day(&self) -> String {
        self.due_date.map(|day| day.to_string()).unwrap_or_default()
    }
}
