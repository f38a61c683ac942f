//! `dudao bench`: the optimiser on public instances beside their best-known values, and on counties, real ones and made up.

mod counties;
mod instances;
mod province;

use std::path::Path;

use serde::Serialize;
use serde_json::json;

use self::counties::County;
use crate::args::{Bench, Format, Place};
use crate::commands::solve::peak_mb;
use crate::failure::Result;
use crate::output;

/// A moment of a solve.
pub struct Moment {
    seconds: f64,
    objective: Option<f64>,
}

/// What a solve gave.
pub struct Measure {
    objective: Option<f64>,
    bound: Option<f64>,
    seconds: f64,
    moments: Vec<Moment>,
}

/// A line of the table: medians over the seeds.
#[derive(Serialize)]
struct Row {
    work: &'static str,
    name: String,
    /// Schools of a county.
    size: Option<usize>,
    objective: Option<f64>,
    best_known: Option<f64>,
    above_best: Option<f64>,
    bound: Option<f64>,
    gap: Option<f64>,
    /// Seconds until the value was within 1 % of the best known, or of what was found in the end.
    seconds_to_one_percent: Option<f64>,
    seconds: Option<f64>,
    peak_mb: Option<f64>,
}

/// Solves every instance of the folder and every county, and prints a line for each as it ends.
pub async fn run(place: &Place, args: &Bench) -> Result<()> {
    let mut rows = Vec::new();
    let mut counties: Vec<(String, County)> = Vec::new();
    if let Some(folder) = &args.folder {
        for (work, median) in [("cpmp", true), ("gap", false)] {
            let Some(folder) = found(folder, &format!("bench/{work}"), work) else {
                continue;
            };
            for (name, instance) in instances::all(&folder, median)? {
                if !args.chooses(&name) {
                    continue;
                }
                let time = args.time.map_or_else(|| instance.seconds(), Ok)?;
                let measures = seeds(args)
                    .map(|seed| watched(|| instance.measure(time, seed)))
                    .collect::<Result<Vec<_>>>()?;
                add(
                    &mut rows,
                    args,
                    row(work, name, Some(instance.best_known), &measures),
                );
            }
        }
        if let Some(folder) = found(folder, "schools", ".") {
            counties.extend(counties::all(&folder)?);
        }
    }
    let generated = args.sizes.iter();
    counties.extend(generated.map(|&schools| {
        let county = County::Generated { schools, seed: 1 };
        (format!("generated-{schools}"), county)
    }));
    let areas = args.areas.iter();
    counties.extend(areas.map(|&n| (format!("area-{n}"), County::Area(n))));
    for (name, county) in counties.iter().filter(|(name, _)| args.chooses(name)) {
        let mut works = counties::WORKS.map(|work| (work, Vec::new()));
        let mut size = 0;
        for seed in seeds(args) {
            reset_peak();
            let (schools, measures) = county.measure(place, seed, args.time).await?;
            size = schools;
            let peak = peak_mb();
            for ((_, all), measure) in works.iter_mut().zip(measures) {
                all.push((measure, peak));
            }
        }
        for (work, measures) in works {
            let mut row = row(work, name.clone(), None, &measures);
            row.size = Some(size);
            add(&mut rows, args, row);
        }
    }
    let mut findings: Vec<String> = ["zones", "year"]
        .iter()
        .filter_map(|work| growth(work, &rows))
        .collect();
    if let Some(counties) = args.province {
        findings.extend(province::run(place, counties, args).await?);
    }
    output::print(
        args.output,
        &json!({ "instances": rows, "findings": findings }),
        || {
            let headings = [
                "work",
                "instance",
                "objective",
                "best known",
                "above best %",
                "bound",
                "gap %",
                "s to 1 %",
                "seconds",
                "peak MB",
            ];
            let table = output::table(&headings, rows.iter().map(Row::cells));
            format!("{table}\n{}", findings.join("\n"))
        },
    )
}

fn seeds(args: &Bench) -> impl Iterator<Item = u64> + use<> {
    1..=args.seeds
}

/// The folder under one of two names; says so where there is none.
fn found(folder: &Path, name: &str, or: &str) -> Option<std::path::PathBuf> {
    let found = [folder.join(name), folder.join(or)]
        .into_iter()
        .find(|path| path.is_dir());
    if found.is_none() {
        let missing = folder.join(name);
        eprintln!("{}: 没有此目录，略过 not there, skipped", missing.display());
    }
    found
}

/// The measure and its peak memory.
fn watched(work: impl FnOnce() -> Result<Measure>) -> Result<(Measure, Option<f64>)> {
    reset_peak();
    Ok((work()?, peak_mb()))
}

/// Forgets the peak so far, where the system allows it (`clear_refs` of proc(5)); elsewhere it is the whole run's.
fn reset_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap_or_default();
}

fn add(rows: &mut Vec<Row>, args: &Bench, row: Row) {
    if args.output == Format::Table {
        eprintln!("{}", row.cells().join("  "));
    }
    rows.push(row);
}

/// The middle of the values that there are; of an even number the lower of the two.
fn median(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let mut values: Vec<f64> = values.flatten().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

fn row(
    work: &'static str,
    name: String,
    best_known: Option<f64>,
    measures: &[(Measure, Option<f64>)],
) -> Row {
    let of = |value: fn(&Measure) -> Option<f64>| median(measures.iter().map(|(m, _)| value(m)));
    let objective = of(|measure| measure.objective);
    let near = |measure: &Measure| {
        let goal = best_known.or(measure.objective)? * 1.01;
        let reached = |moment: &&Moment| moment.objective.is_some_and(|value| value <= goal);
        Some(measure.moments.iter().find(reached)?.seconds)
    };
    Row {
        work,
        name,
        size: None,
        objective,
        best_known,
        above_best: best_known.and_then(|best| Some((objective? - best) / best)),
        bound: of(|measure| measure.bound),
        gap: of(|measure| {
            let (objective, bound) = (measure.objective?, measure.bound?);
            Some(dudao_optimizer::relative_gap(objective, bound))
        }),
        seconds_to_one_percent: median(measures.iter().map(|(measure, _)| near(measure))),
        seconds: of(|measure| Some(measure.seconds)),
        peak_mb: median(measures.iter().map(|(_, peak)| *peak)),
    }
}

impl Row {
    fn cells(&self) -> Vec<String> {
        let number = |value: Option<f64>, digits: usize| {
            value.map_or_else(String::new, |value| format!("{value:.digits$}"))
        };
        let percent = |value: Option<f64>| number(value.map(|value| value * 100.0), 3);
        vec![
            self.work.to_owned(),
            self.name.clone(),
            number(self.objective, 2),
            number(self.best_known, 2),
            percent(self.above_best),
            number(self.bound, 2),
            percent(self.gap),
            number(self.seconds_to_one_percent, 1),
            number(self.seconds, 1),
            number(self.peak_mb, 0),
        ]
    }
}

/// How the time to 1 % grows with the schools of made-up counties: the exponent between one size and the next.
fn growth(work: &str, rows: &[Row]) -> Option<String> {
    let mut points: Vec<(f64, f64)> = rows
        .iter()
        .filter(|row| row.work == work && row.name.starts_with("generated"))
        .filter_map(|row| Some((row.size? as f64, row.seconds_to_one_percent?)))
        .filter(|(_, seconds)| *seconds > 0.0)
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let steps: Vec<String> = points
        .windows(2)
        .map(|pair| {
            let ((n, s), (m, t)) = (pair[0], pair[1]);
            format!("{n:.0} → {m:.0}: n^{:.1}", (t / s).ln() / (m / n).ln())
        })
        .collect();
    (!steps.is_empty()).then(|| format!("{work}, seconds to 1 %: {}", steps.join(", ")))
}

impl Bench {
    /// Whether an instance is asked for.
    fn chooses(&self, name: &str) -> bool {
        self.only.is_empty()
            || self
                .only
                .iter()
                .any(|start| name.starts_with(start.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(objective: f64, moments: &[(f64, f64)]) -> (Measure, Option<f64>) {
        let moments = moments.iter().map(|&(seconds, objective)| Moment {
            seconds,
            objective: Some(objective),
        });
        let measure = Measure {
            objective: Some(objective),
            bound: Some(90.0),
            seconds: 5.0,
            moments: moments.collect(),
        };
        (measure, Some(10.0))
    }

    #[test]
    fn a_line_has_the_medians_of_its_seeds() {
        let measures = [
            measure(100.0, &[(1.0, 120.0), (2.0, 100.0)]),
            measure(102.0, &[(1.0, 103.0), (3.0, 102.0)]),
            measure(110.0, &[(1.0, 110.0)]),
        ];
        let row = row("zones", "x".to_owned(), Some(102.0), &measures);
        assert_eq!(row.objective, Some(102.0));
        assert_eq!(row.above_best, Some(0.0));
        // The third never came within 1 % of the best known.
        assert_eq!(row.seconds_to_one_percent, Some(1.0));
        assert_eq!(median([Some(4.0), Some(1.0), None].into_iter()), Some(1.0));
    }

    #[test]
    fn growth_is_told_between_one_size_and_the_next() {
        let mut rows: Vec<Row> = [(100, 1.0), (1_000, 100.0)]
            .map(|(size, seconds)| {
                let mut row = row("zones", "generated".to_owned(), None, &[]);
                (row.size, row.seconds_to_one_percent) = (Some(size), Some(seconds));
                row
            })
            .into();
        assert_eq!(
            growth("zones", &rows).as_deref(),
            Some("zones, seconds to 1 %: 100 → 1000: n^2.0")
        );
        rows.truncate(1);
        assert_eq!(growth("zones", &rows), None);
    }
}
