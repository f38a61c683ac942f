//! Flags of `county`, `import` and `template`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;

/// `county …`.
#[derive(Debug, Subcommand)]
pub enum County {
    /// Create a county, with rules, calendars and member units to start from.
    Create {
        /// Six digits of GB/T 2260.
        code: String,
        /// What it is called.
        #[arg(long)]
        name: String,
        /// Rules to start from: national, zhejiang, shanghai, chongqing, shandong, zezhou.
        #[arg(long, default_value = "national")]
        preset: String,
    },
    /// List counties.
    List {
        /// For people or for machines.
        #[arg(short, long, value_enum, default_value_t = Format::Table)]
        output: Format,
    },
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// 学校
    Schools,
    /// 督学
    Supervisors,
}

/// Flags of `import`.
#[derive(Args, Debug)]
pub struct Import {
    /// What the file holds.
    #[arg(value_enum)]
    pub kind: Kind,
    /// The file.
    pub file: PathBuf,
    /// Rows missing from the file are closed (schools) or dismissed (supervisors); shown first, done with --yes.
    #[arg(long)]
    pub replace: bool,
    /// Check the file and tell what would happen, without doing it.
    #[arg(long)]
    pub dry_run: bool,
    /// Do what --replace has shown.
    #[arg(long)]
    pub yes: bool,
    /// For people or for machines.
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
}

/// Flags of `template`.
#[derive(Args, Debug)]
pub struct Template {
    /// What the file is to hold.
    #[arg(value_enum)]
    pub kind: Kind,
    /// The .xlsx file to write.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}
