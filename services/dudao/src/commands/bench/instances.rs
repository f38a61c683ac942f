//! Public instances of the p-median and the assignment problem, with the best values known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dudao_optimizer::Outcome;

use super::{Measure, Moment};
use crate::args::{Distance, Limits};
use crate::commands::solve;
use crate::failure::{Failure, Result};

/// An instance and what is known of it.
pub struct Instance {
    /// Its file.
    pub file: PathBuf,
    /// The best value known.
    pub best_known: f64,
    /// How far two points are apart.
    pub distance: Distance,
    /// Whether it is of the p-median.
    pub median: bool,
}

impl Instance {
    /// Solves it.
    pub fn measure(&self, time: f64, seed: u64) -> Result<Measure> {
        let limits = Limits {
            time,
            gap: 0.0,
            seed,
            steps: 0,
        };
        Ok(if self.median {
            measured(&solve::solve_cpmp(&self.file, self.distance, &limits)?)
        } else {
            measured(&solve::solve_gap(&self.file, &limits)?)
        })
    }

    /// The seconds that its size is given: a minute, half of it up to a hundred points of a p-median, two above a thousand.
    pub fn seconds(&self) -> Result<f64> {
        let text = std::fs::read_to_string(&self.file).map_err(Failure::file(&self.file))?;
        let size = text.split_whitespace().next().and_then(|n| n.parse().ok());
        Ok(match size.filter(|_| self.median) {
            Some(0..=100) => 30.0,
            Some(1_001..) => 120.0,
            _ => 60.0,
        })
    }
}

fn measured<S>(outcome: &Outcome<S>) -> Measure {
    Measure {
        objective: outcome.objective,
        bound: Some(outcome.bound),
        seconds: outcome.seconds,
        moments: outcome
            .trace
            .iter()
            .map(|moment| Moment {
                seconds: moment.seconds,
                objective: moment.objective,
            })
            .collect(),
    }
}

/// The instances that `best_known.csv` names.
pub fn all(folder: &Path, median: bool) -> Result<BTreeMap<String, Instance>> {
    let list = folder.join("best_known.csv");
    let text = std::fs::read_to_string(&list).map_err(Failure::file(&list))?;
    let mut lines = text.lines();
    let headings: Vec<_> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| headings.iter().position(|h| *h == name);
    let wrong = || Failure::Input(format!("{}: name, best_known", list.display()));
    let (name, best) = (
        column("name").ok_or_else(wrong)?,
        column("best_known").ok_or_else(wrong)?,
    );
    let rule = column("distance_rule");
    let mut instances = BTreeMap::new();
    for line in lines {
        let cells: Vec<_> = line.split(',').collect();
        let (Some(name), Some(best_known)) = (
            cells.get(name),
            cells.get(best).and_then(|c| c.parse().ok()),
        ) else {
            return Err(wrong());
        };
        let floor = rule
            .and_then(|r| cells.get(r))
            .is_some_and(|r| r.starts_with("floor"));
        let distance = if floor {
            Distance::Floor
        } else {
            Distance::Exact
        };
        let file = folder.join(format!("{name}.txt"));
        instances.insert(
            (*name).to_owned(),
            Instance {
                file,
                best_known,
                distance,
                median,
            },
        );
    }
    Ok(instances)
}
