//! Flags of what planners run: `plan`, `show`, `explain`, `compliance`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;

/// `plan …`.
#[derive(Debug, Subcommand)]
pub enum Plan {
    /// Split the county into responsibility zones (责任区), with a responsible supervisor for every school.
    Zones(PlanZones),
    /// Plan the year's visits; without an active zoning it activates the newest proposed one.
    Year(PlanYear),
}

/// When a solve ends.
#[derive(Args, Clone, Debug)]
pub struct Limits {
    /// Seconds of solving at the most.
    #[arg(long, default_value_t = 45.0, value_name = "SECONDS")]
    pub time: f64,
    /// End when the proven gap is at most this.
    #[arg(long, default_value_t = 0.01, value_name = "SHARE")]
    pub gap: f64,
    /// Seed of the search.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Steps of the search at the most; 0 means no limit. Makes a solve repeatable.
    #[arg(long, default_value_t = 0)]
    pub steps: u64,
}

/// How to put a plan out.
#[derive(Args, Clone, Debug)]
pub struct Out {
    /// For people, for machines, for Excel, for maps.
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
    /// The file to write; required for xlsx and geojson, standard output otherwise.
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Flags of `plan zones`.
#[derive(Args, Debug)]
pub struct PlanZones {
    /// When the solve ends.
    #[command(flatten)]
    pub limits: Limits,
    /// How to put it out.
    #[command(flatten)]
    pub out: Out,
    /// This school with this supervisor: `学校标识码=工号`; may be repeated.
    #[arg(long, value_name = "SCHOOL=SUPERVISOR")]
    pub pin: Vec<String>,
    /// This school never with this supervisor; may be repeated.
    #[arg(long, value_name = "SCHOOL=SUPERVISOR")]
    pub forbid: Vec<String>,
    /// These two schools with the same supervisor; may be repeated.
    #[arg(long, value_name = "SCHOOL=SCHOOL")]
    pub together: Vec<String>,
    /// These two schools never with the same supervisor; may be repeated.
    #[arg(long, value_name = "SCHOOL=SCHOOL")]
    pub apart: Vec<String>,
    /// Revise the zoning in force: the fewest changes first, then minutes. After somebody has left, or a school was added.
    #[arg(long, conflicts_with = "compare")]
    pub revise: bool,
    /// Minutes per unforced change of a school's supervisor.
    #[arg(long)]
    pub weight_change: Option<f64>,
    /// Minutes per further zone that a town lies in.
    #[arg(long)]
    pub weight_town_cut: Option<f64>,
    /// Minutes per day of work beyond the tolerated imbalance.
    #[arg(long)]
    pub weight_imbalance: Option<f64>,
    /// Include supervisors whose term has ended or who lack the training hours.
    #[arg(long)]
    pub include_unqualified: bool,
    /// First day of the plan, on which terms and training are judged; by default today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Option<String>,
    /// Approve and activate it at once.
    #[arg(long)]
    pub activate: bool,
    /// Every county whose code begins with this, each by itself: 2 digits for a province, 4 for a city. They queue, and schedulers
    /// share them.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["pin", "forbid", "together", "apart", "compare", "county"])]
    pub scope: Option<String>,
    /// Two parts of the cost to be weighed against each other: seven plans, from little to much weight on the second, share the
    /// time.
    #[arg(
        long,
        value_name = "PART,PART",
        value_delimiter = ',',
        value_enum,
        conflicts_with = "activate"
    )]
    pub compare: Vec<CostPart>,
}

/// A part of what zones cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum CostPart {
    /// Minutes on the road for routine visits.
    RoutineTravel,
    /// Minutes on the road of teams: the compactness of zones.
    TeamTravel,
    /// Days beyond the even load.
    Imbalance,
    /// Schools that change hands.
    Change,
    /// Further zones that towns lie in.
    TownCut,
}

/// Flags of `plan year`.
#[derive(Args, Debug)]
pub struct PlanYear {
    /// The calendar year; by default the next one.
    #[arg(long)]
    pub year: Option<i32>,
    /// A JSON file with the year's filed list; by default the rules' own.
    ///
    /// An array of items such as `{"item_id": "safety", "display_name": "校园安全专项督导", "kind": "special", "filed":
    /// true, "start_date": "2027-03-01", "end_date": "2027-04-30", "targets": ["counties/140525/schools/S1"]}`; kinds are
    /// `routine`, `comprehensive`, `government`, `special` and `follow_up`. Without targets an item is about all that
    /// its kind concerns.
    #[arg(long, value_name = "FILE")]
    pub items: Option<PathBuf>,
    /// Revise the plan in force while its year runs: what is past stands, the fewest visits are moved, then minutes count. Items of
    /// `--items` are added to its list, or take the place of those of the same id.
    #[arg(long)]
    pub revise: bool,
    /// This visit on this day, and by these people, the leader first: `督导编号=2027-03-05` or `督导编号=2027-03-05=工号,工号,工号`;
    /// may be repeated.
    #[arg(long, value_name = "VISIT=DAY[=SUPERVISORS]")]
    pub pin: Vec<String>,
    /// When the solve ends.
    #[command(flatten)]
    pub limits: Limits,
    /// How to put it out.
    #[command(flatten)]
    pub out: Out,
    /// Include supervisors whose term has ended or who lack the training hours.
    #[arg(long)]
    pub include_unqualified: bool,
    /// Approve and activate it at once.
    #[arg(long)]
    pub activate: bool,
    /// Every county whose code begins with this, each by itself and by its zoning in force.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["pin", "county"])]
    pub scope: Option<String>,
}

/// Flags of `compliance`.
#[derive(Args, Debug)]
pub struct Compliance {
    /// The calendar year; by default this one.
    #[arg(long)]
    pub year: Option<i32>,
    /// For people, or for machines.
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    pub output: Format,
}

/// Flags of `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// 学校标识码 of the school that is asked about: which other supervisors could have it.
    pub school: Option<String>,
    /// The plan, `counties/{code}/zoningPlans/{plan}` or `counties/{code}/yearPlans/{plan}`; by default the zoning in force, or the
    /// newest.
    #[arg(long, conflicts_with = "year")]
    pub plan: Option<String>,
    /// Explain the plan of this year instead of the zones.
    #[arg(long, conflicts_with = "school")]
    pub year: Option<i32>,
    /// Explain a year plan, and on which other days this visit could be.
    #[arg(long, conflicts_with = "school")]
    pub visit: Option<String>,
    /// How to put it out.
    #[command(flatten)]
    pub out: Out,
}

/// `show …`.
#[derive(Debug, Subcommand)]
pub enum Show {
    /// The zones in force, or the newest plan of them.
    Zones {
        /// How to put it out.
        #[command(flatten)]
        out: Out,
    },
    /// The year plan in force, or the newest one.
    Year {
        /// The calendar year; by default the newest plan's.
        #[arg(long)]
        year: Option<i32>,
        /// How to put it out.
        #[command(flatten)]
        out: Out,
    },
    /// A supervisor's schools and visits.
    Supervisor {
        /// 工号
        id: String,
        /// How to put it out.
        #[command(flatten)]
        out: Out,
    },
}
