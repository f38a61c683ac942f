//! `dudao bench`: the optimiser on public instances, beside their best-known values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dudao_optimizer::Outcome;
use serde_json::{Value, json};

use crate::args::{Bench, Distance, Format, Limits};
use crate::commands::solve;
use crate::failure::{Failure, Result};
use crate::output;

/// Solves every instance of the folder, and prints a line for each as it ends.
pub fn run(args: &Bench) -> Result<()> {
    let mut rows = Vec::new();
    for family in ["cpmp", "gap"] {
        let folder = args.folder.join(family);
        if !folder.is_dir() {
            eprintln!("{}: 没有此目录，略过 not there, skipped", folder.display());
            continue;
        }
        for (name, instance) in instances(&folder)? {
            if name.starts_with(&args.only) {
                let row = measure(family, &name, &instance, args.time)?;
                if args.output == Format::Table {
                    eprintln!("{row}");
                }
                rows.push(row);
            }
        }
    }
    output::print(args.output, &json!({ "instances": rows }), || {
        let percent = |v: &Value| v.as_f64().map_or_else(String::new, |x| format!("{:.3}", x * 100.0));
        let number = |v: &Value| v.as_f64().map_or_else(String::new, |x| format!("{x:.2}"));
        output::table(
            &["instance", "objective", "best known", "above best %", "bound", "gap %", "seconds", "peak MB"],
            rows.iter().map(|r| {
                vec![
                    output::text(&r["name"]),
                    number(&r["objective"]),
                    number(&r["best_known"]),
                    percent(&r["above_best"]),
                    number(&r["bound"]),
                    percent(&r["gap"]),
                    number(&r["seconds"]),
                    number(&r["peak_mb"]),
                ]
            }),
        )
    })
}

struct Instance {
    file: PathBuf,
    best_known: f64,
    distance: Distance,
}

/// The instances that `best_known.csv` names.
fn instances(folder: &Path) -> Result<BTreeMap<String, Instance>> {
    let list = folder.join("best_known.csv");
    let text = std::fs::read_to_string(&list).map_err(Failure::file(&list))?;
    let mut lines = text.lines();
    let headings: Vec<_> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| headings.iter().position(|h| *h == name);
    let wrong = || Failure::Input(format!("{}: name, best_known", list.display()));
    let (name, best) = (column("name").ok_or_else(wrong)?, column("best_known").ok_or_else(wrong)?);
    let rule = column("distance_rule");
    let mut instances = BTreeMap::new();
    for line in lines {
        let cells: Vec<_> = line.split(',').collect();
        let (Some(name), Some(best_known)) = (cells.get(name), cells.get(best).and_then(|c| c.parse().ok())) else {
            return Err(wrong());
        };
        let floor = rule.and_then(|r| cells.get(r)).is_some_and(|r| r.starts_with("floor"));
        let distance = if floor { Distance::Floor } else { Distance::Exact };
        let file = folder.join(format!("{name}.txt"));
        instances.insert((*name).to_owned(), Instance { file, best_known, distance });
    }
    Ok(instances)
}

fn measure(family: &str, name: &str, instance: &Instance, time: f64) -> Result<Value> {
    let limits = Limits { time, gap: 0.0, seed: 1, steps: 0 };
    let row = if family == "cpmp" {
        row(&solve::solve_cpmp(&instance.file, instance.distance, &limits)?, name, instance.best_known)
    } else {
        row(&solve::solve_gap(&instance.file, &limits)?, name, instance.best_known)
    };
    Ok(row)
}

fn row<S>(outcome: &Outcome<S>, name: &str, best_known: f64) -> Value {
    let mut row = solve::figures(outcome);
    if let Some(object) = row.as_object_mut() {
        object.insert("name".into(), name.into());
        object.insert("best_known".into(), best_known.into());
        let above = outcome.objective.map(|o| (o - best_known) / best_known);
        object.insert("above_best".into(), above.into());
    }
    row
}
