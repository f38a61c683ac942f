//! The command line. Every flag's help stands in its doc comment.

mod access;
mod county;
mod papers;
mod planning;
#[cfg(test)]
mod reference;
mod serving;
mod solving;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use dudao_chancery::Press;
use dudao_platform::blob::Bucket;
use dudao_platform::config::TelemetryArgs;
use dudao_platform::db::{Opening, Upkeep};
use dudao_platform::keys::KeyRing;
use dudao_platform::{Blobs, Clock};
use dudao_press::Printer;

pub use access::{Audit, Entrance, HandingOn, Identity, Login, Token, Watch};
pub use county::{County, Datum, Import, Kind, Template};
pub use papers::{Contract, DocumentFile, DocumentOf, EvidenceFile, PutEvidence};
pub use planning::{Compliance, CostPart, Explain, Limits, Out, Plan, PlanYear, PlanZones, Show};
pub use serving::{Backup, ConsoleArgs, Demo, Healthcheck, Only, Peers, Restore, Serve, Service};
pub use solving::{Bench, Distance, Solve, SolveFile};

use crate::failure::Failure;

/// 督导: a county's education supervision — schools, supervisors, zones and the year's visits.
///
/// Works all-in-one on a data folder, or against a running server (--server).
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub struct Cli {
    /// Where to work.
    #[command(flatten)]
    pub place: Place,
    /// Logs and traces.
    #[command(flatten)]
    pub telemetry: TelemetryArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples 用法示例:
  dudao --data D county create 140525 --name 泽州县     # a county to work in
  dudao --data D import schools 学校.xlsx               # every wrong cell is reported at once
  dudao --data D import supervisors 督学.xlsx
  dudao --data D plan zones                             # 划分责任区
  dudao --data D plan year -o xlsx -f 年度计划.xlsx      # 排定全年督导

Exit codes: 0 done, 1 failed, 2 usage, 3 wrong input, 4 proven infeasible, 5 no plan within the limits, 6 unreachable.";

/// Where a command works: on a data folder, on a PostgreSQL database, or on a running server.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// Folder of the embedded databases.
    #[arg(
        long,
        env = "DUDAO_DATA",
        value_name = "DIR",
        default_value = "./data",
        global = true
    )]
    pub data: PathBuf,
    /// A PostgreSQL database in place of the folder, such as `postgres://dudao@db/dudao`.
    #[arg(
        long,
        env = "DUDAO_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    pub database_url: Option<String>,
    /// Connections to PostgreSQL that each service of a process holds at the most.
    #[arg(
        long,
        env = "DUDAO_DATABASE_CONNECTIONS",
        value_name = "COUNT",
        default_value_t = Opening::default().connections,
        value_parser = clap::value_parser!(u32).range(2..=500),
        global = true
    )]
    pub database_connections: u32,
    /// A pooler by transaction stands before PostgreSQL (PgBouncer with `pool_mode = transaction`). Only a server with `--migrate false` works
    /// so; tables are brought up to date past it.
    #[arg(long, env = "DUDAO_DATABASE_POOLED", global = true)]
    pub database_pooled: bool,
    /// A running server in place of both, such as `https://dudao.example.cn:50051`.
    #[arg(long, env = "DUDAO_SERVER", value_name = "URL", global = true)]
    pub server: Option<String>,
    /// The county's code; by default the only one there is.
    #[arg(long, env = "DUDAO_COUNTY", value_name = "CODE", global = true)]
    pub county: Option<String>,
    /// Certificates, keys, and how a command proves who calls.
    #[command(flatten)]
    pub identity: Identity,
    /// Where evidence files are kept.
    #[command(flatten)]
    pub evidence: Evidence,
    /// Folders of fonts for PDFs of documents: those that GB/T 9704 names, or free ones (Debian's texlive-lang-chinese has
    /// Fandol). By default the system's.
    #[arg(
        long,
        env = "DUDAO_FONTS",
        value_name = "DIR",
        value_delimiter = ',',
        global = true
    )]
    pub fonts: Vec<PathBuf>,
}

/// Where systems keep fonts.
const FONTS: [&str; 3] = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol",
];

/// Where evidence files are kept: in a folder, or in a bucket of an S3-compatible store.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Evidence")]
pub struct Evidence {
    /// Folder of evidence files; by default `evidence` in the data folder. Processes that share a database share it too.
    #[arg(
        long = "evidence-dir",
        id = "evidence_dir",
        env = "DUDAO_EVIDENCE_DIR",
        value_name = "DIR",
        global = true
    )]
    pub dir: Option<PathBuf>,
    /// A bucket in place of the folder.
    #[arg(
        long = "evidence-bucket",
        id = "evidence_bucket",
        env = "DUDAO_EVIDENCE_BUCKET",
        value_name = "NAME",
        global = true
    )]
    pub bucket: Option<String>,
    /// Where the bucket's store is, such as `https://oss.example.cn`.
    #[arg(
        long = "evidence-endpoint",
        id = "evidence_endpoint",
        env = "DUDAO_EVIDENCE_ENDPOINT",
        value_name = "URL",
        global = true
    )]
    pub endpoint: Option<String>,
    /// The store's region.
    #[arg(
        long = "evidence-region",
        id = "evidence_region",
        env = "DUDAO_EVIDENCE_REGION",
        value_name = "NAME",
        default_value = "us-east-1",
        global = true
    )]
    pub region: String,
    /// Who asks the store.
    #[arg(
        long = "evidence-access-key",
        id = "evidence_access_key",
        env = "DUDAO_EVIDENCE_ACCESS_KEY",
        value_name = "KEY",
        hide_env_values = true,
        global = true
    )]
    pub access_key: Option<String>,
    /// By which requests to the store are signed.
    #[arg(
        long = "evidence-secret-key",
        id = "evidence_secret_key",
        env = "DUDAO_EVIDENCE_SECRET_KEY",
        value_name = "KEY",
        hide_env_values = true,
        global = true
    )]
    pub secret_key: Option<String>,
    /// The largest evidence file, in MiB.
    #[arg(
        long = "evidence-max-mib",
        id = "evidence_max_mib",
        env = "DUDAO_EVIDENCE_MAX_MIB",
        value_name = "MIB",
        default_value_t = 20,
        value_parser = clap::value_parser!(u16).range(1..=1024),
        global = true,
    )]
    pub max_mib: u16,
}

impl Place {
    /// The installation's keys; the first is made now, if there is none.
    pub fn keys(&self) -> Result<KeyRing, Failure> {
        let folder = self.identity.keys_folder(&self.data);
        Ok(KeyRing::open(&folder, &Clock::system())?)
    }

    /// What `platform::Db` opens.
    pub fn url(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data.display()))
    }

    /// How databases are opened.
    pub fn opening(&self, upkeep: Upkeep) -> Opening {
        Opening {
            upkeep,
            connections: self.database_connections,
            pooled: self.database_pooled,
        }
    }

    /// The folder of evidence files, where they are not in a bucket.
    pub fn evidence_folder(&self) -> Option<PathBuf> {
        let evidence = &self.evidence;
        let folder = || {
            evidence
                .dir
                .clone()
                .unwrap_or_else(|| self.data.join("evidence"))
        };
        evidence.bucket.is_none().then(folder)
    }

    /// Makes documents, with the fonts at hand.
    pub fn press(&self) -> Press {
        let folders = if self.fonts.is_empty() {
            FONTS.map(PathBuf::from).into()
        } else {
            self.fonts.clone()
        };
        let printer = Printer::new(folders);
        Press::new(move |paper| printer.print(paper).map_err(|error| error.to_string()))
    }

    /// Where evidence files are kept.
    pub fn blobs(&self) -> Result<Blobs, Failure> {
        let evidence = &self.evidence;
        let blobs = match &evidence.bucket {
            None => Blobs::folder(
                evidence
                    .dir
                    .clone()
                    .unwrap_or_else(|| self.data.join("evidence")),
            ),
            Some(bucket) => {
                let needed = |value: &Option<String>, flag: &str| {
                    value.clone().ok_or_else(|| {
                        Failure::Input(format!(
                            "使用存储桶须给出 --{flag}\nA bucket needs --{flag}."
                        ))
                    })
                };
                Blobs::bucket(&Bucket {
                    name: bucket.clone(),
                    endpoint: needed(&evidence.endpoint, "evidence-endpoint")?,
                    region: evidence.region.clone(),
                    access_key: needed(&evidence.access_key, "evidence-access-key")?,
                    secret_key: needed(&evidence.secret_key, "evidence-secret-key")?,
                })?
            }
        };
        Ok(blobs.with_max_bytes(usize::from(evidence.max_mib) << 20))
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve over gRPC until asked to end.
    Serve(Serve),
    /// A synthetic county, planned from end to end, and served until Ctrl-C.
    Demo(Demo),
    /// Counties.
    #[command(subcommand)]
    County(County),
    /// Take in a file (.xlsx, or .csv in UTF-8 or GB18030): all of it, or nothing and every wrong cell.
    Import(Import),
    /// Write an empty file to fill in, with drop-downs and notes.
    Template(Template),
    /// Plan zones or the year.
    #[command(subcommand)]
    Plan(Plan),
    /// Show what is in force, or the newest plan.
    #[command(subcommand)]
    Show(Show),
    /// Why the zones are as they are: limits that bind with their prices, changes with their reasons, fairness; and for one
    /// school, why it has its supervisor and not another.
    Explain(Explain),
    /// Schools, supervisors, the committee, rules: every verb of the registry.
    Registry(Contract),
    /// Campaigns, visits, findings, indicators, draws: every verb of the inspection.
    Inspect(Contract),
    /// Evidence files: bring one in, take one out.
    #[command(subcommand)]
    Evidence(EvidenceFile),
    /// Official documents: draft one, issue it, take a copy out.
    #[command(subcommand)]
    Document(DocumentFile),
    /// Random draws: `draw verify RECORD.json` draws again from a record alone; every other verb is the inspection's.
    Draw(Contract),
    /// Cases, urging letters, interviews, accountability: every verb of the accountability.
    Case(Contract),
    /// The yearly duties of the founding document: done, due or overdue, each with its article and evidence.
    Compliance(Compliance),
    /// Solve a model from a file, without any service.
    #[command(subcommand)]
    Solve(Solve),
    /// Follow what happens: the events of a service.
    Watch(Watch),
    /// Sign in to a server by the one-time link that it printed.
    Login(Login),
    /// Tokens and the keys that sign them.
    #[command(subcommand)]
    Token(Token),
    /// The audit trail: check it, write it out, archive it.
    #[command(subcommand)]
    Audit(Audit),
    /// Bring the databases up to date and end.
    Migrate,
    /// Copy the embedded databases, evidence files and keys into a folder, while they are used; the copy is checked.
    Backup(Backup),
    /// Put a backup where no data are yet.
    Restore(Restore),
    /// Ask a process on this machine, by its operators' port, whether it is well: exit code 0 or 1.
    Healthcheck(Healthcheck),
    /// Which release this is, of which commit, and which schema each service wants.
    Version {
        /// For people or for machines.
        #[arg(short, long, value_enum, default_value_t = Format::Table)]
        output: Format,
    },
    /// Measure the optimiser on a folder of benchmark instances.
    Bench(Bench),
}

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for people.
    Table,
    /// JSON.
    Json,
    /// A workbook to hand round.
    Xlsx,
    /// Zones on a map (zones only).
    Geojson,
}
