//! `dudao solve`: the optimiser on a file, without any service.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

use dudao_optimizer::program::{Point, Program};
use dudao_optimizer::{Issue, Outcome, Status, Stop, Unwatched, cpmp, gap, year, zoning};
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::{Distance, Limits, Solve, SolveFile};
use crate::failure::{Failure, Result};
use crate::output;

/// Solves the file's problem.
pub fn run(args: Solve) -> Result<()> {
    match args {
        Solve::Zoning(args) => {
            let data: zoning::Data = json_file(&args.file)?;
            let problem = zoning::Problem::new(data).map_err(|i| issues(&args.file, &i))?;
            let (stop, seed) = (stop(&args.limits), args.limits.seed);
            let outcome = zoning::solve(&problem, &stop, seed, None, &mut Unwatched);
            let point = outcome.solution.as_ref().and_then(|s| problem.point(s));
            export(&args, || problem.program(), point.as_ref())?;
            tell(&args, &outcome, true)
        }
        Solve::Year(args) => {
            let data: year::Data = json_file(&args.file)?;
            let problem = year::Problem::new(data).map_err(|i| issues(&args.file, &i))?;
            let (stop, seed) = (stop(&args.limits), args.limits.seed);
            let outcome = year::solve(&problem, &stop, seed, None, &mut Unwatched);
            let point = outcome.solution.as_ref().and_then(|s| problem.point(s));
            export(&args, || problem.program(), point.as_ref())?;
            tell(&args, &outcome, true)
        }
        Solve::Cpmp {
            file: args,
            distance,
        } => {
            let problem = cpmp_problem(&args.file, distance)?;
            let (stop, seed) = (stop(&args.limits), args.limits.seed);
            let outcome = cpmp::solve(&problem, &stop, seed, None, &mut Unwatched);
            let point = outcome.solution.as_ref().map(|s| problem.point(s));
            export(&args, || problem.program(), point.as_ref())?;
            tell(&args, &outcome, false)
        }
        Solve::Gap(args) => {
            let problem = gap_problem(&args.file)?;
            let (stop, seed) = (stop(&args.limits), args.limits.seed);
            let outcome = gap::solve(&problem, &stop, seed, None, &mut Unwatched);
            let point = outcome.solution.as_ref().map(|s| problem.point(s));
            export(&args, || problem.program(), point.as_ref())?;
            tell(&args, &outcome, false)
        }
    }
}

/// Writes what was asked for: the problem for other solvers, and what we found in its columns.
fn export(
    args: &SolveFile,
    program: impl FnOnce() -> Program,
    point: Option<&Point>,
) -> Result<()> {
    if args.export_mps.is_none() && args.export_solution.is_none() {
        return Ok(());
    }
    let program = program();
    let write = |file: &Path, write: &dyn Fn(&mut BufWriter<File>) -> io::Result<()>| {
        let mut out = BufWriter::new(File::create(file).map_err(Failure::file(file))?);
        write(&mut out)
            .and_then(|()| out.flush())
            .map_err(Failure::file(file))
    };
    if let Some(file) = &args.export_mps {
        write(file, &|out| program.write_mps(out))?;
    }
    if let (Some(file), Some(point)) = (&args.export_solution, point) {
        write(file, &|out| program.write_point(point, out))?;
    }
    Ok(())
}

fn cpmp_problem(file: &Path, distance: Distance) -> Result<cpmp::Problem> {
    let distance = match distance {
        Distance::Exact => cpmp::Distance::Exact,
        Distance::Floor => cpmp::Distance::Floor,
    };
    let data = cpmp::Data::parse(&read(file)?, distance).map_err(|i| issues(file, &i))?;
    cpmp::Problem::new(data).map_err(|i| issues(file, &i))
}

fn gap_problem(file: &Path) -> Result<gap::Problem> {
    let data = gap::Data::parse(&read(file)?).map_err(|i| issues(file, &i))?;
    gap::Problem::new(data).map_err(|i| issues(file, &i))
}

/// Solves a capacitated p-median instance.
pub fn solve_cpmp(
    file: &Path,
    distance: Distance,
    limits: &Limits,
) -> Result<Outcome<cpmp::Solution>> {
    let problem = cpmp_problem(file, distance)?;
    let stop = stop(limits);
    Ok(cpmp::solve(
        &problem,
        &stop,
        limits.seed,
        None,
        &mut Unwatched,
    ))
}

/// Solves a generalised assignment instance.
pub fn solve_gap(file: &Path, limits: &Limits) -> Result<Outcome<gap::Solution>> {
    let problem = gap_problem(file)?;
    let stop = stop(limits);
    Ok(gap::solve(
        &problem,
        &stop,
        limits.seed,
        None,
        &mut Unwatched,
    ))
}

fn stop(limits: &Limits) -> Stop {
    let mut stop = Stop::new(
        Duration::from_secs_f64(limits.time.clamp(0.0, 1e7)),
        limits.gap,
    );
    stop.steps = (limits.steps > 0).then_some(limits.steps);
    stop.threads = std::thread::available_parallelism().map_or(1, usize::from);
    stop
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(Failure::file(file))
}

fn json_file<T: serde::de::DeserializeOwned>(file: &Path) -> Result<T> {
    serde_json::from_str(&read(file)?)
        .map_err(|e| Failure::Input(format!("{}: {e}", file.display())))
}

fn issues(file: &Path, issues: &[Issue]) -> Failure {
    let lines: Vec<_> = issues
        .iter()
        .map(|i| format!("{} = {}: {} · {}", i.field, i.value, i.words.zh, i.words.en))
        .collect();
    Failure::Input(format!("{}:\n{}", file.display(), lines.join("\n")))
}

/// Peak memory of this process in MB (`VmHWM` of proc(5)); none where the system does not tell.
pub fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}

/// The figures of an outcome.
pub fn figures<S>(outcome: &Outcome<S>) -> Value {
    json!({
        "objective": outcome.objective,
        "bound": outcome.bound,
        "gap": outcome.gap,
        "seconds": outcome.seconds,
        "status": outcome.status,
        "peak_mb": peak_mb(),
    })
}

fn tell<S: Serialize>(args: &SolveFile, outcome: &Outcome<S>, whole: bool) -> Result<()> {
    let mut value = figures(outcome);
    if let (true, Some(object)) = (whole, value.as_object_mut()) {
        object.insert("parts".into(), serde_json::to_value(&outcome.parts)?);
        object.insert("solution".into(), serde_json::to_value(&outcome.solution)?);
        object.insert(
            "conflicts".into(),
            serde_json::to_value(&outcome.conflicts)?,
        );
    }
    output::print(args.output, &value, || {
        output::table(
            &[
                "目标 objective",
                "下界 bound",
                "差距 gap",
                "秒 seconds",
                "状态 status",
            ],
            [vec![
                outcome
                    .objective
                    .map_or_else(String::new, |o| format!("{o:.4}")),
                format!("{:.4}", outcome.bound),
                outcome
                    .gap
                    .map_or_else(String::new, |g| format!("{:.4} %", g * 100.0)),
                format!("{:.1}", outcome.seconds),
                output::text(&value["status"]),
            ]],
        )
    })?;
    match outcome.status {
        Status::Optimal | Status::Feasible => Ok(()),
        Status::Infeasible => {
            let words: Vec<_> = outcome
                .conflicts
                .iter()
                .map(|c| format!("• {}\n  {}", c.words.zh, c.words.en))
                .collect();
            Err(Failure::Infeasible(format!(
                "无解 infeasible\n{}",
                words.join("\n")
            )))
        }
        Status::Unknown => Err(Failure::Unsolved(
            "在给定时限内没有得到解 no solution within the limits".into(),
        )),
    }
}
