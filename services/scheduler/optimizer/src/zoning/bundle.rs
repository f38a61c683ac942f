//! Where to set prices next: a linear model of the Lagrangian from all columns seen, maximised within a box around
//! the best prices (boxstep; Marsten, Hogan and Blankenship 1975).

use good_lp::{Expression, ProblemVariables, Variable, constraint, variable};

use super::prices::Lagrange;
use crate::Clock;
use crate::mip::{self, Limits};

/// A team with groups, whose value is linear in the prices: `cost + slope · prices`.
#[derive(Debug, Clone)]
pub struct Cut {
    /// Who leads the team.
    pub lead: usize,
    /// What the team costs before prices, minutes.
    pub cost: f64,
    /// By how much each price changes its value: sparse, as (part of the prices, position, coefficient).
    pub slope: Vec<(usize, usize, f64)>,
}

/// How many teams there are, and the constant slope of the Lagrangian.
#[derive(Debug)]
pub struct Frame {
    /// The fewest teams.
    pub fewest: usize,
    /// The most teams.
    pub most: usize,
    /// How many may lead.
    pub leaders: usize,
    /// The slope of the part that does not depend on the teams.
    pub slope: Lagrange,
    /// The part of the value that depends on nothing.
    pub constant: f64,
    /// The weight of a day of imbalance, upper end of the prices of fair days.
    pub imbalance: f64,
}

/// The prices at which the model is highest within `radius` of `centre`, and the model's value there; none if the
/// program could not be solved in time.
pub fn highest(
    frame: &Frame,
    cuts: &[Cut],
    centre: &Lagrange,
    radius: f64,
    clock: &Clock,
) -> Option<(Lagrange, f64)> {
    let mut variables = ProblemVariables::new();
    let mut objective = Expression::from(-frame.constant);
    let mut prices: Vec<Vec<Variable>> = Vec::new();
    for (part, (now, slope)) in centre
        .parts()
        .into_iter()
        .zip(frame.slope.parts())
        .enumerate()
    {
        let (least, most) = Lagrange::range(part, frame.imbalance);
        let reach = radius * Lagrange::SCALE[part];
        let column = now.iter().zip(slope).map(|(&price, &slope)| {
            let x = variables.add(
                variable()
                    .min((price - reach).max(least))
                    .max((price + reach).min(most)),
            );
            objective.add_mul(-slope, x);
            x
        });
        prices.push(column.collect());
    }
    // Σ over the teams chosen, by the dual of the choice: at least `fewest`, at most `most`, each leader once.
    let (more, fewer) = (
        variables.add(variable().min(0.0)),
        variables.add(variable().min(0.0)),
    );
    objective.add_mul(-(frame.fewest as f64), more);
    objective.add_mul(frame.most as f64, fewer);
    let once: Vec<Variable> = (0..frame.leaders)
        .map(|_| variables.add(variable().min(0.0)))
        .collect();
    for &x in &once {
        objective.add_mul(1.0, x);
    }
    let rows = cuts.iter().map(|cut| {
        let mut row = more - fewer - once[cut.lead];
        for &(part, at, factor) in &cut.slope {
            row.add_mul(-factor, prices[part][at]);
        }
        constraint!(row <= cut.cost)
    });
    let rows = rows.collect();
    let solved = mip::minimise_until(
        clock,
        variables,
        objective,
        rows,
        Limits::seconds(5.0),
        None,
    )
    .ok()?;
    if !solved.optimal {
        return None;
    }
    let mut next = centre.clone();
    let mut values = solved.values.iter();
    for part in next.parts_mut() {
        for (price, value) in part.iter_mut().zip(values.by_ref()) {
            *price = *value;
        }
    }
    Some((next, -solved.objective))
}
