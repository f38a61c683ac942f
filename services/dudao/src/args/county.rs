//! Flags of `county`, `import` and `template`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use dudao_proto::registry::v1 as registry;

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

/// In what coordinates are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Datum {
    /// GPS, CGCS2000, 天地图
    Wgs84,
    /// 高德, 腾讯
    Gcj02,
}

impl From<Datum> for registry::Datum {
    fn from(datum: Datum) -> Self {
        match datum {
            Datum::Wgs84 => Self::Wgs84,
            Datum::Gcj02 => Self::Gcj02,
        }
    }
}

impl From<Datum> for dudao_law::Datum {
    fn from(datum: Datum) -> Self {
        match datum {
            Datum::Wgs84 => Self::Wgs84,
            Datum::Gcj02 => Self::Gcj02,
        }
    }
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
    /// In what the file's coordinates are told; they are kept in WGS-84.
    #[arg(long, value_enum, default_value_t = Datum::Wgs84)]
    pub datum: Datum,
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
