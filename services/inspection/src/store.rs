//! Rows and SQL. Resources are documents of one table.

use sqlx::migrate::Migrator;

/// The inspection's tables.
pub static MIGRATIONS: Migrator = sqlx::migrate!();
