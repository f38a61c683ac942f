//! The command line. Every flag's help stands in its doc comment.

mod access;
#[cfg(test)]
mod reference;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use dudao_chancery::Press;
use dudao_platform::blob::Bucket;
use dudao_platform::config::{ListenArgs, TelemetryArgs};
use dudao_platform::db::{Opening, Upkeep};
use dudao_platform::keys::KeyRing;
use dudao_platform::{Blobs, Clock};
use dudao_press::Printer;

pub use access::{Audit, Entrance, HandingOn, Identity, Login, Token, Watch};

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

/// Flags of `backup`.
#[derive(Args, Debug)]
pub struct Backup {
    /// The folder of backups; each becomes a folder in it, called after its instant.
    pub folder: PathBuf,
    /// Take away all but so many of the newest; by default none.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..))]
    pub keep: Option<u16>,
}

/// Flags of `restore`.
#[derive(Args, Debug)]
pub struct Restore {
    /// A backup: the folder with its `backup.json`.
    pub backup: PathBuf,
}

/// Flags of `healthcheck`.
#[derive(Args, Debug)]
pub struct Healthcheck {
    /// The operators' port.
    #[arg(
        long,
        env = "DUDAO_ADMIN_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9090"
    )]
    pub address: SocketAddr,
    /// What is asked for: `readiness`, or `liveness`, which does not depend on the database.
    #[arg(long, value_name = "SERVICE", default_value = "readiness")]
    pub service: String,
}

/// Flags of `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// Whether to bring the databases up to date first. `false` refuses a schema on which this release can't work: where several
    /// processes share a database, and `dudao migrate` runs before them.
    #[arg(long, env = "DUDAO_MIGRATE", value_name = "BOOL", action = ArgAction::Set, default_value_t = true)]
    pub migrate: bool,
    /// Where to listen.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// Who may come in, and how.
    #[command(flatten)]
    pub entrance: Entrance,
    /// Where events are handed on to.
    #[command(flatten)]
    pub handing_on: HandingOn,
    /// Serve only this service, or the console; those that it needs are reached at their addresses.
    #[arg(long, env = "DUDAO_ONLY", value_enum)]
    pub only: Option<Only>,
    /// The county's pages.
    #[command(flatten)]
    pub console: ConsoleArgs,
    /// Where services are that this process does not serve.
    #[command(flatten)]
    pub peers: Peers,
}

/// The county's pages.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Console")]
pub struct ConsoleArgs {
    /// Where browsers find the county's pages.
    #[arg(
        long,
        env = "DUDAO_CONSOLE_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    pub console_listen: SocketAddr,
    /// Serve no pages.
    #[arg(long, env = "DUDAO_NO_CONSOLE")]
    pub no_console: bool,
    /// Tiles under the maps, such as `https://tiles.example.cn/{z}/{x}/{y}.png`: browsers then ask that host for them. None by default.
    #[arg(long, env = "DUDAO_CONSOLE_TILES", value_name = "URL")]
    pub console_tiles: Option<String>,
    /// What the console is called at the issuer of `--oidc-issuer`: then users can sign in there, by an authorization code with PKCE. Its
    /// access tokens must be those that the services take.
    #[arg(
        long,
        env = "DUDAO_CONSOLE_OIDC_CLIENT",
        value_name = "ID",
        requires_all = ["oidc_issuer", "console_url"]
    )]
    pub console_oidc_client: Option<String>,
    /// A file with the secret by which the console proves to the issuer that it is the console; none for a public client.
    #[arg(long, env = "DUDAO_CONSOLE_OIDC_SECRET_FILE", value_name = "FILE")]
    pub console_oidc_secret_file: Option<PathBuf>,
    /// Where browsers find the console, such as `https://dudao.example.cn`: the issuer sends them back to `/login/back` there.
    #[arg(long, env = "DUDAO_CONSOLE_URL", value_name = "URL")]
    pub console_url: Option<String>,
}

/// What a process can serve alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Only {
    /// Who and what.
    Registry,
    /// What is done.
    Inspection,
    /// What comes of it.
    Accountability,
    /// Plans.
    Scheduler,
    /// The county's pages.
    Console,
}

impl Only {
    /// The service; the console is none.
    pub fn service(self) -> Option<Service> {
        match self {
            Self::Registry => Some(Service::Registry),
            Self::Inspection => Some(Service::Inspection),
            Self::Accountability => Some(Service::Accountability),
            Self::Scheduler => Some(Service::Scheduler),
            Self::Console => None,
        }
    }
}

/// Addresses of services that are served elsewhere.
#[derive(Args, Clone, Debug)]
pub struct Peers {
    /// Address of the registry.
    #[arg(long, env = "DUDAO_REGISTRY", value_name = "URL", required_if_eq_any = [("only", "inspection"), ("only", "accountability"), ("only", "scheduler"), ("only", "console")])]
    pub registry: Option<String>,
    /// Address of the inspection.
    #[arg(long, env = "DUDAO_INSPECTION", value_name = "URL", required_if_eq_any = [("only", "registry"), ("only", "accountability"), ("only", "scheduler"), ("only", "console")])]
    pub inspection: Option<String>,
    /// Address of the accountability.
    #[arg(long, env = "DUDAO_ACCOUNTABILITY", value_name = "URL", required_if_eq_any = [("only", "registry"), ("only", "inspection"), ("only", "console")])]
    pub accountability: Option<String>,
    /// Address of the scheduler.
    #[arg(long, env = "DUDAO_SCHEDULER", value_name = "URL", required_if_eq_any = [("only", "registry"), ("only", "inspection"), ("only", "console")])]
    pub scheduler: Option<String>,
}

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// Who and what.
    Registry,
    /// What is done.
    Inspection,
    /// What comes of it.
    Accountability,
    /// Plans.
    Scheduler,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 4] = [
        Self::Registry,
        Self::Inspection,
        Self::Accountability,
        Self::Scheduler,
    ];

    /// Those that follow its events.
    pub fn followers(self) -> &'static [Self] {
        match self {
            Self::Scheduler => &[Self::Registry, Self::Inspection],
            Self::Inspection => &[Self::Accountability],
            Self::Registry | Self::Accountability => &[],
        }
    }

    /// Its name, which is also that of its database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Inspection => "inspection",
            Self::Accountability => "accountability",
            Self::Scheduler => "scheduler",
        }
    }
}

/// Flags of `demo`.
#[derive(Args, Debug)]
pub struct Demo {
    /// End when everything is planned, instead of serving.
    #[arg(long)]
    pub once: bool,
    /// Where to listen.
    #[arg(long, env = "DUDAO_LISTEN", default_value = "127.0.0.1:50051")]
    pub listen: SocketAddr,
    /// Who may come in, and how.
    #[command(flatten)]
    pub entrance: Entrance,
    /// The county's pages.
    #[command(flatten)]
    pub console: ConsoleArgs,
    /// Seed of the synthetic county.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Limits of the solves.
    #[arg(long, default_value_t = 40.0)]
    pub time: f64,
}

/// A verb of the contract with its fields; alone it lists the verbs, `VERB --help` the fields.
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub struct Contract {
    /// The verb, the resource's id or name, and fields: `notify-visit v1 --number 9号 --text 请自评`.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "VERB [ID] [--FIELD VALUE]…"
    )]
    pub words: Vec<String>,
}

/// `evidence …`.
#[derive(Debug, Subcommand)]
pub enum EvidenceFile {
    /// Bring a file in: jpg, png, webp, pdf, mp4, m4a, mp3, docx, xlsx or txt.
    Put(PutEvidence),
    /// Take a file out.
    Get {
        /// Its id or name.
        id: String,
        /// Where to write it.
        #[arg(short, long)]
        file: PathBuf,
    },
}

/// `document …`.
#[derive(Debug, Subcommand)]
pub enum DocumentFile {
    /// Draft one, to be edited: `document draft urging-letter cases/c1 --part 2`.
    Draft(DraftFile),
    /// Issue one: number it and freeze its copies; with a file, as it was edited there.
    Issue(IssueFile),
    /// Take a frozen copy out.
    Save {
        /// Its id or name, such as `urging-letter-c1-2`.
        id: String,
        /// The PDF in place of the .docx.
        #[arg(long)]
        pdf: bool,
        /// Where to write it; by default under its own name, here.
        #[arg(short, long)]
        file: Option<PathBuf>,
    },
}

/// Which document: flags that `document draft` and `document issue` share.
#[derive(Args, Debug)]
pub struct DocumentOf {
    /// What it is: opinion-letter, rectification-decision, urging-letter, interview-record, notification,
    /// accountability-decision, letter-of-appointment, plaque, yearly-report, draw-record.
    pub kind: String,
    /// What it is about, such as `cases/c1`; by default the county.
    #[arg(default_value = "")]
    pub subject: String,
    /// Which one of the subject's; by default the last.
    #[arg(long, default_value_t = 0)]
    pub part: i32,
}

/// Flags of `document draft`.
#[derive(Args, Debug)]
pub struct DraftFile {
    /// Which one.
    #[command(flatten)]
    pub of: DocumentOf,
    /// The PDF in place of the .docx.
    #[arg(long)]
    pub pdf: bool,
    /// Where to write it; by default under its own name, here.
    #[arg(short, long)]
    pub file: Option<PathBuf>,
}

/// Flags of `document issue`.
#[derive(Args, Debug)]
pub struct IssueFile {
    /// Which one.
    #[command(flatten)]
    pub of: DocumentOf,
    /// The draft as it was edited.
    #[arg(short, long)]
    pub file: Option<PathBuf>,
}

/// Flags of `evidence put`.
#[derive(Args, Debug)]
pub struct PutEvidence {
    /// The file.
    pub file: PathBuf,
    /// An id of one's own: the same file sent twice under it is kept once.
    #[arg(long, default_value = "")]
    pub id: String,
    /// The visit that it belongs to.
    #[arg(long, default_value = "")]
    pub visit: String,
    /// Who made it.
    #[arg(long)]
    pub author: String,
}

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
