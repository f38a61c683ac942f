//! A PostgreSQL cluster of the test process's own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Starts a cluster, tells its folder, and takes it away when its standard input ends: however the test process ends. It is a new one, or
/// a standby of the one in `$2`, or as the one in `$3` was at `$4`, made from what that has archived.
const SCRIPT: &str = r#"
set -eu
trap '' INT HUP
bin=$1
dir=$(mktemp -d /tmp/dudao-postgres.XXXXXX)
end() { "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir"; }
trap end EXIT
if [ -n "$2" ]; then
    "$bin/pg_basebackup" -h "$2" -U dudao -D "$dir/data" -R -X stream -c fast --no-sync
elif [ -n "$3" ]; then
    cp -a "$3/base" "$dir/data"
    touch "$dir/data/recovery.signal"
    : >"$dir/data/postgresql.auto.conf"
    cat >>"$dir/data/postgresql.conf" <<CONF
restore_command = 'cp $3/archive/%f %p'
recovery_target_time = '$4'
recovery_target_action = promote
CONF
else
    "$bin/initdb" -D "$dir/data" -U dudao -A trust --locale=C -E UTF8 --no-sync >/dev/null
fi
cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 400
fsync = off
full_page_writes = off
CONF
"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w start >/dev/null </dev/null
echo "$dir"
cat >/dev/null
"#;

/// How long a process may take until it listens.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running cluster. It ends with the value, or with the process if that comes first.
#[derive(Debug)]
pub struct Cluster {
    bin: PathBuf,
    dir: PathBuf,
    keeper: Child,
    databases: AtomicU32,
}

impl Cluster {
    /// The one that all tests of this process share.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        tokio::task::spawn_blocking(|| SHARED.get_or_init(Self::start))
            .await
            .expect("the cluster starts")
    }

    /// Starts one, for a test that takes it down. Blocks for a second or two.
    ///
    /// # Panics
    /// If PostgreSQL is not installed, because a suite that leaves out half of itself must not pass.
    pub fn start() -> Self {
        Self::begin([""; 3])
    }

    /// From now on what is written is archived, segment by segment.
    pub async fn archive(&self) {
        let archive = self.dir.join("archive");
        for statement in [
            "ALTER SYSTEM SET archive_mode = on".to_owned(),
            format!(
                "ALTER SYSTEM SET archive_command = 'mkdir -p {0} && cp %p {0}/%f'",
                archive.display()
            ),
        ] {
            self.create(&statement).await;
        }
        self.stop();
        self.restart();
    }

    /// Copies the cluster while it is used: what an archive goes on from.
    pub fn base_backup(&self) {
        let done = as_postgres(&self.bin.join("pg_basebackup"))
            .args(["-U", "dudao", "-X", "none", "-c", "fast", "--no-sync", "-h"])
            .arg(&self.dir)
            .arg("-D")
            .arg(self.dir.join("base"))
            .status();
        assert!(done.is_ok_and(|status| status.success()), "no base backup");
    }

    /// The instant, as PostgreSQL tells it.
    pub async fn now(&self) -> String {
        let mut conn = PgConnection::connect(&self.url("postgres"))
            .await
            .expect("the cluster answers");
        let now = sqlx::query_scalar("SELECT clock_timestamp()::text")
            .fetch_one(&mut conn)
            .await
            .expect("an instant");
        conn.close().await.expect("closed");
        now
    }

    /// A cluster as this one was at an instant that PostgreSQL has told, from the base backup and the archive.
    pub async fn restored_to(&self, instant: &str) -> Self {
        let archived = "DO $$ DECLARE last text := pg_walfile_name(pg_switch_wal()); BEGIN \
             WHILE coalesce((SELECT last_archived_wal FROM pg_stat_archiver), '') < last \
             LOOP PERFORM pg_sleep(0.05); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$";
        self.create(archived).await;
        let (of, instant) = (self.dir.display().to_string(), instant.to_owned());
        let begun = tokio::task::spawn_blocking(move || Self::begin(["", &of, &instant])).await;
        let restored = begun.expect("the cluster starts");
        let promoted =
            "DO $$ BEGIN WHILE pg_is_in_recovery() LOOP PERFORM pg_sleep(0.05); END LOOP; END $$";
        restored.create(promoted).await;
        restored
    }

    /// Puts a pooler by transaction in front of it, with so many connections in all.
    pub fn pooler(&self, connections: u32) -> Pooler {
        Pooler::before(&self.dir, connections)
    }

    /// Starts a standby of this one; a write is acknowledged from then on when both have it.
    pub async fn standby(&self) -> Self {
        let primary = self.dir.display().to_string();
        let begun = tokio::task::spawn_blocking(move || Self::begin([&primary, "", ""])).await;
        let standby = begun.expect("the standby starts");
        for statement in [
            "ALTER SYSTEM SET synchronous_standby_names = '*'",
            "SELECT pg_reload_conf()",
        ] {
            self.create(statement).await;
        }
        standby
    }

    /// The folder of its socket, by which it is reached.
    pub fn folder(&self) -> &Path {
        &self.dir
    }

    /// Makes a standby the one that is written to.
    pub fn promote(&self) {
        self.pg_ctl(&["-w", "promote"]);
    }

    fn begin(from: [&str; 3]) -> Self {
        let bin = installed().expect(
            "PostgreSQL is needed for tests: install it (Debian: apt-get install postgresql)",
        );
        let mut keeper = as_postgres(Path::new("/bin/sh"))
            .args(["-c", SCRIPT, "sh"])
            .arg(&bin)
            .args(from)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut dir = String::new();
        let told = keeper.stdout.as_mut().expect("piped");
        io::BufRead::read_line(&mut io::BufReader::new(told), &mut dir)
            .expect("the cluster tells its folder");
        assert!(
            !dir.trim().is_empty(),
            "PostgreSQL did not start: see its messages above"
        );
        Self {
            bin,
            dir: dir.trim().into(),
            keeper,
            databases: AtomicU32::new(0),
        }
    }

    /// Creates an empty database and tells its URL.
    pub async fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.create(&format!("CREATE DATABASE {name} TEMPLATE template0"))
            .await;
        self.url(&name)
    }

    /// Creates a database, or whatever else the statement says.
    pub async fn create(&self, statement: &str) {
        let mut conn = PgConnection::connect(&self.url("postgres"))
            .await
            .expect("the cluster answers");
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut conn)
            .await
            .expect("a new database");
        conn.close().await.expect("closed");
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://dudao@localhost/{database}?host={}&sslmode=disable",
            self.dir.display()
        )
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).expect("the server's log")
    }

    /// Takes the server away, as a crash would.
    pub fn stop(&self) {
        self.pg_ctl(&["-m", "immediate", "stop"]);
    }

    /// Brings it back.
    pub fn restart(&self) {
        let log = self.dir.join("log");
        self.pg_ctl(&["-l", &log.to_string_lossy(), "-w", "start"]);
    }

    fn pg_ctl(&self, args: &[&str]) {
        let done = as_postgres(&self.bin.join("pg_ctl"))
            .arg("-D")
            .arg(self.dir.join("data"))
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        assert!(
            done.is_ok_and(|status| status.success()),
            "pg_ctl {args:?} failed"
        );
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            assert!(thread::panicking(), "the cluster's keeper is gone: {error}");
        }
    }
}

/// PgBouncer: each transaction gets whichever connection is free. It ends with the value.
#[derive(Debug)]
pub struct Pooler {
    process: Child,
    folder: PathBuf,
}

impl Pooler {
    fn before(folder: &Path, connections: u32) -> Self {
        let settings = folder.join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={0} user=dudao\n[pgbouncer]\nlisten_port = 6432\nunix_socket_dir = {0}\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 500\n\
             ignore_startup_parameters = extra_float_digits,options\n",
            folder.display()
        );
        fs::write(&settings, text).expect("its settings");
        let process = as_postgres(Path::new("pgbouncer"))
            .arg("--quiet")
            .arg(&settings)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect(
                "PgBouncer is needed for tests: install it (Debian: apt-get install pgbouncer)",
            );
        let pooler = Self {
            process,
            folder: folder.to_owned(),
        };
        let since = Instant::now();
        while !folder.join(".s.PGSQL.6432").exists() {
            assert!(since.elapsed() < PATIENCE, "PgBouncer does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        pooler
    }

    /// The URL of a database behind it.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://dudao@localhost:6432/{database}?host={}&sslmode=disable",
            self.folder.display()
        )
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    let root =
        fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
    let mut command;
    if root {
        command = Command::new("setpriv");
        command
            .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
            .arg(program);
    } else {
        command = Command::new(program);
    }
    command.current_dir("/tmp");
    command
}

/// The newest version installed where Debian puts it, or else what is beside `initdb` on the path.
fn installed() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql")
        .ok()
        .into_iter()
        .flatten()
        .flatten();
    let newest = debian
        .filter_map(|version| {
            Some((
                version.file_name().to_str()?.parse::<u32>().ok()?,
                version.path().join("bin"),
            ))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .max();
    let path = || {
        let found = Command::new("sh")
            .args(["-c", "readlink -f \"$(command -v initdb)\""])
            .output()
            .ok()?;
        let initdb = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim());
        Some(initdb.parent()?.to_owned()).filter(|bin| bin.join("pg_ctl").exists())
    };
    newest.map(|(_, bin)| bin).or_else(path)
}
