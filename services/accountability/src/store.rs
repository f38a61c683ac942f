//! Rows and SQL. Resources are documents of one table.

use sqlx::migrate::Migrator;

/// The accountability's tables.
pub static MIGRATIONS: Migrator = sqlx::migrate!();
