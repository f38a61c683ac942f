//! Counties, zoned and planned by the whole platform as a planner would.

use std::path::{Path, PathBuf};

use chrono::Datelike as _;
use dudao_platform::{Clock, limited};
use dudao_proto::registry::v1 as registry;
use dudao_proto::scheduler::v1 as scheduler;
use registry::DismissSupervisorRequest;
use registry::supervisor_service_client::SupervisorServiceClient;
use scheduler::Progress;

use super::{Measure, Moment};
use crate::args::{Kind, Place};
use crate::commands::{Upload, county, plan};
use crate::demo;
use crate::failure::{Failure, Result};
use crate::session::Session;

/// Seconds for the zones and the year of a county of up to [`USUAL`] schools; larger ones have more in proportion.
const ZONES_SECONDS: f64 = 10.0;
const YEAR_SECONDS: f64 = 20.0;
const USUAL: f64 = 300.0;
/// Seconds for a revision, whatever the size.
const REVISION_SECONDS: f64 = 2.0;
/// What a county's lines are about, in their order.
pub const WORKS: [&str; 4] = ["zones", "year", "zones again", "year again"];

/// Where a county's two files come from.
pub enum County {
    /// Made up, with so many schools.
    Generated {
        /// How many.
        schools: usize,
        /// What it is made from.
        seed: u64,
    },
    /// Made up of counties side by side, with so many schools.
    Area(usize),
    /// Read from a folder with `schools.csv` and `supervisors.csv`.
    Real(PathBuf),
}

/// The counties in a folder of folders.
pub fn all(folder: &Path) -> Result<Vec<(String, County)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Failure::file(folder))? {
        let path = entry.map_err(Failure::file(folder))?.path();
        if let (true, Some(name)) = (path.join("schools.csv").is_file(), path.file_name()) {
            found.push((name.to_string_lossy().into_owned(), County::Real(path)));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

impl County {
    /// How many schools it has; its zones and its year, and both once more after a supervisor has fallen out.
    pub async fn measure(
        &self,
        place: &Place,
        seed: u64,
        time: Option<f64>,
    ) -> Result<(usize, [Measure; WORKS.len()])> {
        let folder = tempfile::tempdir().map_err(|e| Failure::Other(e.to_string()))?;
        let place = Place {
            data: folder.path().to_owned(),
            database_url: None,
            server: None,
            county: Some(demo::CODE.to_owned()),
            ..place.clone()
        };
        let session = Session::open(&place).await?;
        let measured = async {
            let seconds = time.map(|time| [time; 2]);
            let (schools, zones, year) = self.plan(&session, demo::CODE, seed, seconds).await?;
            let [zones_again, year_again] = self.plan_again(&session, seed).await?;
            Ok((schools, [zones, year, zones_again, year_again]))
        };
        let measured = measured.await;
        session.close().await?;
        measured
    }

    /// Revises what is in force after somebody has fallen out: what is measured is changes, against the fewest that are proven.
    async fn plan_again(&self, session: &Session, seed: u64) -> Result<[Measure; 2]> {
        let in_force = [scheduler::PlanState::Active];
        let zoning = plan::newest_zoning(session, &in_force).await?;
        let zones = zoning.map_or_else(Vec::new, |zoning| zoning.zones);
        let team = zones.iter().flat_map(|zone| &zone.supervisors);
        let count = team.clone().count().max(1);
        let name = team.cycle().nth(seed as usize * count / 3);
        let name = name.map_or_else(String::new, |one| one.supervisor.clone());
        let mut supervisors = limited!(SupervisorServiceClient::new(session.link.clone()));
        let request = DismissSupervisorRequest {
            name,
            reason: "调离".to_owned(),
            ..Default::default()
        };
        supervisors.dismiss_supervisor(request).await?;
        let parent = session.county().await?;
        let request = self.zoning(&parent, REVISION_SECONDS, seed, true);
        let revised = plan::zones(session, request, |_| {}).await?;
        let zones = changed(revised.report.as_ref());
        plan::activate_zones(session, &revised).await?;
        let request = self.year(&parent, REVISION_SECONDS, seed, true);
        let revised = plan::year(session, request, |_| {}).await?;
        Ok([zones, changed(revised.report.as_ref())])
    }

    fn zoning(
        &self,
        parent: &str,
        seconds: f64,
        seed: u64,
        revise: bool,
    ) -> scheduler::CreateZoningPlanRequest {
        scheduler::CreateZoningPlanRequest {
            parent: parent.to_owned(),
            zoning_plan: Some(scheduler::ZoningPlan {
                limits: Some(limits(seconds, seed)),
                revise,
                include_unqualified: matches!(self, Self::Real(_)),
                ..Default::default()
            }),
            request_id: String::new(),
        }
    }

    fn year(
        &self,
        parent: &str,
        seconds: f64,
        seed: u64,
        revise: bool,
    ) -> scheduler::CreateYearPlanRequest {
        scheduler::CreateYearPlanRequest {
            parent: parent.to_owned(),
            year_plan: Some(scheduler::YearPlan {
                year: next_year(),
                limits: Some(limits(seconds, seed)),
                revise,
                include_unqualified: matches!(self, Self::Real(_)),
                ..Default::default()
            }),
            request_id: String::new(),
        }
    }

    /// Creates it under this code, imports its files, zones it and plans its year, and puts both in force.
    pub async fn plan(
        &self,
        session: &Session,
        code: &str,
        seed: u64,
        seconds: Option<[f64; 2]>,
    ) -> Result<(usize, Measure, Measure)> {
        let parent = county::create(session, code, demo::NAME, "zezhou")
            .await?
            .name;
        let mut schools = 0;
        for (kind, bytes) in self.files(next_year())? {
            let upload = Upload {
                datum: registry::Datum::Wgs84,
                kind,
                county: parent.clone(),
                file_name: "file.csv".to_owned(),
                bytes,
            };
            let result = upload.send(session, false, false).await?;
            if let Some(problem) = result.problems.first() {
                return Err(Failure::Input(problem.message.clone()));
            }
            if kind == Kind::Schools {
                schools = result.created as usize;
            }
        }
        let size = (schools as f64 / USUAL).max(1.0);
        let [for_zones, for_year] =
            seconds.unwrap_or([ZONES_SECONDS, YEAR_SECONDS].map(|usual| usual * size));
        let mut moments = Vec::new();
        let request = self.zoning(&parent, for_zones, seed, false);
        let plan = plan::zones(session, request, |progress| moments.push(moment(progress))).await?;
        let zones = measured(plan.report.as_ref(), std::mem::take(&mut moments));
        plan::activate_zones(session, &plan).await?;
        let request = self.year(&parent, for_year, seed, false);
        let plan = plan::year(session, request, |progress| moments.push(moment(progress))).await?;
        plan::activate_year(session, &plan).await?;
        Ok((schools, zones, measured(plan.report.as_ref(), moments)))
    }

    fn files(&self, year: i32) -> Result<[(Kind, Vec<u8>); 2]> {
        let [schools, supervisors] = match self {
            Self::Generated { schools, seed } => {
                let files = demo::files(*seed, year, *schools);
                [files.schools.into_bytes(), files.supervisors.into_bytes()]
            }
            Self::Area(schools) => {
                let files = demo::area(1, year, *schools);
                [files.schools.into_bytes(), files.supervisors.into_bytes()]
            }
            Self::Real(folder) => {
                let read = |name: &str| {
                    let file = folder.join(name);
                    std::fs::read(&file).map_err(Failure::file(&file))
                };
                [read("schools.csv")?, read("supervisors.csv")?]
            }
        };
        Ok([(Kind::Schools, schools), (Kind::Supervisors, supervisors)])
    }
}

fn next_year() -> i32 {
    Clock::system().today().year() + 1
}

fn limits(seconds: f64, seed: u64) -> scheduler::SolveLimits {
    scheduler::SolveLimits {
        seconds,
        gap: Some(0.001),
        seed,
        steps: 0,
    }
}

/// The changes of a revision, and the fewest.
fn changed(report: Option<&scheduler::SolveReport>) -> Measure {
    let changes = report.and_then(|report| report.changes.as_ref());
    let beside = |unforced: fn(&scheduler::Changes) -> i32| {
        changes.map(|changes| f64::from(changes.forced + unforced(changes)))
    };
    Measure {
        objective: beside(|changes| changes.unforced),
        bound: beside(|changes| changes.least_unforced),
        ..measured(report, Vec::new())
    }
}

fn moment(progress: &Progress) -> Moment {
    Moment {
        seconds: progress.seconds,
        objective: progress.objective,
    }
}

fn measured(report: Option<&scheduler::SolveReport>, moments: Vec<Moment>) -> Measure {
    let progress = report.and_then(|report| report.progress.as_ref());
    Measure {
        objective: progress.and_then(|progress| progress.objective),
        bound: progress.map(|progress| progress.bound),
        seconds: progress.map_or(0.0, |progress| progress.seconds),
        moments,
    }
}
