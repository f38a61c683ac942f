//! Flags of `solve` and `bench`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Format, Limits};

/// `solve …`.
#[derive(Debug, Subcommand)]
pub enum Solve {
    /// Zones, from a problem in JSON.
    Zoning(SolveFile),
    /// The year, from a problem in JSON.
    Year(SolveFile),
    /// Capacitated p-median.
    Cpmp {
        /// The problem and the limits.
        #[command(flatten)]
        file: SolveFile,
        /// Euclidean distances, or rounded down.
        #[arg(long, value_enum, default_value_t = Distance::Exact)]
        distance: Distance,
    },
    /// Generalised assignment, minimised.
    Gap(SolveFile),
}

/// A file to solve.
#[derive(Args, Debug)]
pub struct SolveFile {
    /// The problem.
    pub file: PathBuf,
    /// When the solve ends.
    #[command(flatten)]
    pub limits: Limits,
    /// For people or for machines.
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
    /// Write the problem as a mixed-integer program in MPS, for other solvers.
    #[arg(long, value_name = "FILE")]
    pub export_mps: Option<PathBuf>,
    /// Write the solution in that program's columns, a name and a value a line.
    #[arg(long, value_name = "FILE")]
    pub export_solution: Option<PathBuf>,
}

/// How far two points of a benchmark are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Distance {
    /// Euclidean.
    Exact,
    /// Euclidean, rounded down to a whole number.
    Floor,
}

/// Flags of `bench`.
#[derive(Args, Debug)]
pub struct Bench {
    /// Folder with public instances, `cpmp/` and `gap/`, each with a `best_known.csv` (also in `bench/`), and with counties in
    /// `schools/`, each a folder with `schools.csv` and `supervisors.csv`. What is not there is skipped.
    pub folder: Option<PathBuf>,
    /// Made-up counties of so many schools.
    #[arg(long, value_delimiter = ',', default_value = "100,300,1000,3000")]
    pub sizes: Vec<usize>,
    /// Made-up areas of so many schools, zoned and planned as one county each.
    #[arg(long, value_delimiter = ',')]
    pub areas: Vec<usize>,
    /// A made-up province of so many counties, solved side by side; with `--server` by the schedulers behind it, where it stays.
    #[arg(long, value_name = "COUNTIES")]
    pub province: Option<usize>,
    /// Schools of each county of the province.
    #[arg(
        long,
        default_value_t = 128,
        requires = "province",
        value_name = "SCHOOLS"
    )]
    pub province_schools: usize,
    /// Seconds per solve; by default what the size asks for.
    #[arg(long)]
    pub time: Option<f64>,
    /// Solves of each instance, of which the medians are told.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Only instances and counties whose names begin with one of these.
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// For people or for machines.
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
}
