//! Rows and SQL. Resources are documents of one table; the ledger has a table of its own.

pub mod ledger;

use dudao_platform::document::Document;
use sqlx::migrate::Migrator;

use crate::domain::case::Case;

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
