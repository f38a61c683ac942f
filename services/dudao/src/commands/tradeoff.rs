//! `dudao plan zones --compare A,B`: what more of one part of the cost buys of another.

use std::fmt::Write as _;

use dudao_optimizer::zoning::Weights;
use dudao_proto::scheduler::v1 as scheduler;
use serde::Serialize;
use serde_json::json;

use crate::args::{CostPart, Format, PlanZones};
use crate::commands::plan;
use crate::failure::{Failure, Result};
use crate::output::{self, plans};
use crate::session::Session;
use crate::workbook;

/// What the second part's weight is multiplied by, from one plan to the next.
const FACTORS: [f64; 7] = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0];
/// Columns and rows of the picture on a terminal.
const WIDTH: usize = 56;
const HEIGHT: usize = 14;

/// A plan of the curve.
#[derive(Debug, Serialize)]
pub struct Point {
    /// Its letter in the picture.
    pub letter: char,
    /// `counties/{code}/zoningPlans/{plan}`.
    pub plan: String,
    /// The second part's weight.
    pub weight: f64,
    /// How much of the first part it has, in the part's own unit.
    pub first: f64,
    /// How much of the second.
    pub second: f64,
    /// The proven gap.
    pub gap: Option<f64>,
    /// Whether another plan has no more of either and less of one.
    pub dominated: bool,
}

/// Solves with one weight after another, and shows the curve.
pub async fn run(session: &Session, args: &PlanZones) -> Result<()> {
    let [first, second] = args.compare[..] else {
        return Err(Failure::Input("--compare 需要两个部分，如 routine_travel,change\n--compare takes two parts, such as routine_travel,change.".into()));
    };
    if first == second {
        return Err(Failure::Input(
            "--compare 的两个部分须不同\nThe two parts of --compare must differ.".into(),
        ));
    }
    let request = plan::request_zones(session, args).await?;
    let mut points = Vec::new();
    for (letter, factor) in ('A'..).zip(FACTORS) {
        let mut request = request.clone();
        let Some(wanted) = &mut request.zoning_plan else {
            continue;
        };
        if let Some(limits) = &mut wanted.limits {
            limits.seconds = (limits.seconds / FACTORS.len() as f64).max(1.0);
        }
        let weights = wanted.weights.get_or_insert_default();
        let weight = second.weight(weights) * factor;
        second.set(weights, weight);
        let first_weight = first.weight(weights);
        let plan = plan::zones(session, request, |_| {}).await?;
        let progress = plan.report.and_then(|report| report.progress);
        let progress = progress.unwrap_or_default();
        let amount = |part: CostPart, weight: f64| {
            let found = progress.parts.iter().find(|p| p.key == part.key());
            found.map_or(0.0, |part| part.minutes / weight.max(f64::MIN_POSITIVE))
        };
        points.push(Point {
            letter,
            plan: plan.name,
            weight,
            first: amount(first, first_weight),
            second: amount(second, weight),
            gap: progress.gap,
            dominated: false,
        });
    }
    mark(&mut points);
    let axes = [first.words(), second.words()];
    match args.out.output {
        Format::Table => plans::write_text(&args.out, &text(axes, &points)),
        Format::Json => {
            let value = json!({ "first": first.key(), "second": second.key(), "points": points });
            plans::write_text(&args.out, &serde_json::to_string(&value)?)
        }
        Format::Xlsx => plans::write_bytes(&args.out, &workbook::tradeoff(axes, &points)?),
        Format::Geojson => Err(Failure::Input(
            "权衡曲线没有地图输出\nA trade-off has no map.".into(),
        )),
    }
}

/// Marks the plans that nobody would choose.
fn mark(points: &mut [Point]) {
    let values: Vec<(f64, f64)> = points.iter().map(|p| (p.first, p.second)).collect();
    for (n, point) in points.iter_mut().enumerate() {
        let (a, b) = (point.first, point.second);
        // Of equals the first stays.
        point.dominated = values.iter().enumerate().any(|(m, &(c, d))| {
            let no_worse = c <= a + 1e-6 && d <= b + 1e-6;
            let better = c < a - 1e-6 || d < b - 1e-6;
            no_worse && (better || m < n)
        });
    }
}

fn text(axes: [&str; 2], points: &[Point]) -> String {
    let headings = [
        "点 point",
        "权重 weight",
        axes[0],
        axes[1],
        "差距 gap %",
        "方案 plan",
        "",
    ];
    let rows = points.iter().map(|point| {
        vec![
            point.letter.to_string(),
            format!("{:.0}", point.weight),
            format!("{:.0}", point.first),
            format!("{:.1}", point.second),
            point
                .gap
                .map_or_else(String::new, |gap| format!("{:.2}", gap * 100.0)),
            point.plan.rsplit('/').next().unwrap_or_default().to_owned(),
            if point.dominated {
                "劣于他案 dominated".to_owned()
            } else {
                String::new()
            },
        ]
    });
    format!(
        "{}\n\n{}",
        output::table(&headings, rows),
        picture(axes, points)
    )
}

/// The points on a grid: the first part to the right, the second upwards; dominated ones in small letters.
fn picture(axes: [&str; 2], points: &[Point]) -> String {
    let range = |of: fn(&Point) -> f64| {
        let values = points.iter().map(of);
        let least = values.clone().fold(f64::INFINITY, f64::min);
        (least, values.fold(f64::NEG_INFINITY, f64::max))
    };
    let (across, up) = (range(|p| p.first), range(|p| p.second));
    let at = |value: f64, (least, most): (f64, f64), cells: usize| {
        let share = if most > least {
            (value - least) / (most - least)
        } else {
            0.0
        };
        (share * (cells - 1) as f64).round() as usize
    };
    let mut grid = vec![vec![' '; WIDTH]; HEIGHT];
    for point in points.iter().rev() {
        let row = HEIGHT - 1 - at(point.second, up, HEIGHT);
        grid[row][at(point.first, across, WIDTH)] = if point.dominated {
            point.letter.to_ascii_lowercase()
        } else {
            point.letter
        };
    }
    let mut text = format!("↑ {} {:.1} – {:.1}\n", axes[1], up.0, up.1);
    for row in grid {
        let line: String = row.into_iter().collect();
        // Writing to a String cannot fail.
        writeln!(text, "│{}", line.trim_end()).ok();
    }
    text + &format!(
        "└{}→ {} {:.0} – {:.0}",
        "─".repeat(WIDTH),
        axes[0],
        across.0,
        across.1
    )
}

impl CostPart {
    /// Its key in the figures of a plan.
    fn key(self) -> &'static str {
        match self {
            Self::RoutineTravel => "routine_travel",
            Self::TeamTravel => "team_travel",
            Self::Imbalance => "imbalance",
            Self::Change => "change",
            Self::TownCut => "town_cut",
        }
    }

    /// What it counts.
    fn words(self) -> &'static str {
        match self {
            Self::RoutineTravel => "经常性督导行程（分钟） routine travel, minutes",
            Self::TeamTravel => "团队督导行程（分钟） team travel, minutes",
            Self::Imbalance => "超出均衡的天数 days beyond the even load",
            Self::Change => "更换督学的学校数 schools that change hands",
            Self::TownCut => "乡镇多跨的责任区数 further zones of towns",
        }
    }

    fn field(self, weights: &mut scheduler::ZoningWeights) -> &mut Option<f64> {
        match self {
            Self::RoutineTravel => &mut weights.routine_travel,
            Self::TeamTravel => &mut weights.team_travel,
            Self::Imbalance => &mut weights.imbalance,
            Self::Change => &mut weights.change,
            Self::TownCut => &mut weights.town_cut,
        }
    }

    /// The weight asked for, or the optimiser's own.
    fn weight(self, weights: &mut scheduler::ZoningWeights) -> f64 {
        let own = Weights::default();
        let own = match self {
            Self::RoutineTravel => own.routine_travel,
            Self::TeamTravel => own.team_travel,
            Self::Imbalance => own.imbalance,
            Self::Change => own.change,
            Self::TownCut => own.town_cut,
        };
        self.field(weights).unwrap_or(own)
    }

    fn set(self, weights: &mut scheduler::ZoningWeights, weight: f64) {
        *self.field(weights) = Some(weight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[(f64, f64)]) -> Vec<Point> {
        let points = ('A'..).zip(values).map(|(letter, &(first, second))| Point {
            letter,
            plan: String::new(),
            weight: 1.0,
            first,
            second,
            gap: None,
            dominated: false,
        });
        points.collect()
    }

    #[test]
    fn what_nobody_would_choose_is_marked() {
        let mut curve = points(&[
            (10.0, 5.0),
            (12.0, 3.0),
            (12.0, 4.0),
            (20.0, 0.0),
            (10.0, 5.0),
        ]);
        mark(&mut curve);
        let marked: String = curve
            .iter()
            .filter(|p| p.dominated)
            .map(|p| p.letter)
            .collect();
        assert_eq!(marked, "CE");
    }

    #[test]
    fn the_picture_has_the_least_at_the_left_and_below() {
        let drawn = picture(["a", "b"], &points(&[(0.0, 9.0), (100.0, 0.0)]));
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(lines[1], "│A");
        assert_eq!(lines[HEIGHT].find('B'), Some("│".len() + WIDTH - 1));
        // One point alone is no reason to divide by nothing.
        assert!(picture(["a", "b"], &points(&[(1.0, 1.0)])).contains("│A"));
    }
}
