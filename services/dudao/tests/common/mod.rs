//! The command line as a planner uses it, on data that tests make up.
#![allow(
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "a test fails by panicking; not every suite needs all"
)]

pub mod cluster;
pub mod journey;
pub mod served;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dudao_platform::Clock;
use dudao_platform::keys::KeyRing;
use dudao_platform::rpc::{Minted, Proof};
use serde_json::Value;

/// A place to work: a folder of its own, or a database of its own.
pub struct Desk {
    folder: tempfile::TempDir,
    database_url: Option<String>,
}

impl Desk {
    /// On SQLite.
    pub fn sqlite() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            database_url: None,
        }
    }

    /// On a database of the tests' own PostgreSQL.
    pub fn postgres(url: String) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            database_url: Some(url),
        }
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    }

    /// The command, ready to run.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dudao"));
        match &self.database_url {
            Some(url) => command.args(["--database-url", url]),
            None => command.arg("--data").arg(self.path("data")),
        };
        command.arg("--keys").arg(self.path("keys"));
        // Servers of tests run side by side, and the console's port is one.
        command.env("DUDAO_NO_CONSOLE", "true");
        command.args(args);
        command
    }

    /// How whoever has this desk's keys proves it.
    pub fn proof(&self) -> Proof {
        let clock = Clock::system();
        let keys = KeyRing::open(&self.path("keys"), &clock).expect("keys");
        Proof::Keys(Minted::new(keys, clock))
    }

    /// Runs the command.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the binary runs")
    }

    /// Runs the command, which must succeed, and gives what it printed.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(
            output.status.success(),
            "dudao {args:?}: {}\n{}",
            text(&output.stderr),
            text(&output.stdout)
        );
        text(&output.stdout)
    }

    /// Runs the command, which must succeed, and reads the JSON that it printed.
    pub fn json(&self, args: &[&str]) -> Value {
        let printed = self.ok(args);
        serde_json::from_str(&printed).unwrap_or_else(|e| panic!("dudao {args:?}: {e}: {printed}"))
    }

    /// Runs the command, which must fail with this code, and gives both outputs.
    pub fn fails(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "dudao {args:?}: {said}");
        said
    }
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Headings of a file of schools.
pub const SCHOOL_HEADINGS: &str = "学校标识码,学校名称,学段,举办者,乡镇,在校生数,教职工数,经度,纬度,寄宿,上次综合督导日期,上次综合督导等级";
/// Headings of a file of supervisors.
pub const SUPERVISOR_HEADINGS: &str = "工号,姓名,类型,可督导学段,经度,纬度,聘期起,聘期止,上年集中培训学时,每年可用天数,最多学校数,任职单位,回避学校";

/// A file of `count` schools in a few towns around 112.8 E, 35.5 N.
pub fn schools(count: usize) -> String {
    let mut csv = format!("{SCHOOL_HEADINGS}\n");
    for n in 0..count {
        let stage = ["小学", "幼儿园", "初中", "小学"][n % 4];
        let (row, column) = (n / 8, n % 8);
        let (lon, lat) = (
            112.7 + 0.02 * column as f64 + 0.003 * (n % 3) as f64,
            35.4 + 0.02 * row as f64,
        );
        let inspected = ["2021-05-06,良好", "2023-04-01,合格", ",", "2024-10-10,优秀"][n % 4];
        csv += &format!(
            "S{n:05},第{n}学校,{stage},公办,{}镇,{},20,{lon:.5},{lat:.5},否,{inspected}\n",
            ["甲", "乙", "丙", "丁"][(row / 2) % 4],
            100 + n * 3
        );
    }
    csv
}

/// A file of `count` supervisors, every third one full-time, who may supervise every stage of [`schools`].
pub fn supervisors(count: usize) -> String {
    let mut csv = format!("{SUPERVISOR_HEADINGS}\n");
    for n in 0..count {
        let full_time = n % 3 == 0;
        csv += &format!(
            "D{n:03},督学{n:02},{},幼儿园;小学;初中,{:.5},{:.5},2025-09-01,{},48,{},{},,\n",
            if full_time { "专职" } else { "兼职" },
            112.7 + 0.05 * (n % 4) as f64,
            35.4 + 0.06 * (n / 4) as f64,
            if full_time { "" } else { "2028-08-31" },
            if full_time { 180 } else { 75 },
            if full_time { 7 } else { 5 },
        );
    }
    csv
}

/// A desk with a county and both files imported.
pub fn county(desk: &Desk, schools_count: usize, supervisors_count: usize) {
    county_called(desk, "140525", schools_count, supervisors_count);
}

/// The same under another code.
pub fn county_called(desk: &Desk, code: &str, schools_count: usize, supervisors_count: usize) {
    desk.ok(&["county", "create", code, "--name", "泽州县"]);
    let file = desk.file("schools.csv", schools(schools_count));
    desk.ok(&["--county", code, "import", "schools", &file]);
    let file = desk.file("supervisors.csv", supervisors(supervisors_count));
    desk.ok(&["--county", code, "import", "supervisors", &file]);
}

/// Whether a file is a zip archive, as every .xlsx is.
pub fn is_workbook(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"PK\x03\x04"))
}
