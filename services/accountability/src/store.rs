//! Rows and SQL. Resources are documents of one table; the ledger has a table of its own.

pub mod ledger;
pub mod publication;
pub mod reminder;
pub mod year;

use dudao_platform::document::Document;
use sqlx::migrate::Migrator;

use crate::domain::case::Case;
use crate::domain::commendation::Commendation;
use crate::domain::decision::AccountabilityDecision;

/// The accountability's tables.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

impl Document for Case {
    const COLLECTION: &'static str = "cases";

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
