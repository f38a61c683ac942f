//! Where to set prices next: a linear model of the Lagrangian from the teams seen, maximised within a box around
//! the best prices (boxstep; Marsten, Hogan and Blankenship 1975).

use std::collections::BTreeMap;

use super::prices::Lagrange;
use crate::Clock;
use crate::mip::Growing;

/// Cuts up to which none is forgotten at first.
const MANY: usize = 3_000;
/// Cuts that lie so far above the model, in minutes, are forgotten first.
const FAR: f64 = 20.0;

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

/// The model of the Lagrangian.
#[derive(Debug)]
pub struct Bundle {
    frame: Frame,
    program: Growing,
    /// Where each part of the prices begins among the columns, and where the last one ends.
    starts: Vec<usize>,
    cuts: Vec<Cut>,
    /// Cuts up to which none is forgotten next.
    room: usize,
}

impl Bundle {
    /// A model that knows no team.
    pub fn new(frame: Frame) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for part in frame.slope.parts() {
            end += part.len();
            starts.push(end);
        }
        Self {
            program: program(&frame),
            frame,
            starts,
            cuts: Vec::new(),
            room: MANY,
        }
    }

    /// The part of the Lagrangian that does not depend on the teams.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Learns of a team.
    pub fn add(&mut self, cut: Cut) {
        self.write(&cut);
        self.cuts.push(cut);
    }

    fn write(&mut self, cut: &Cut) {
        // Σ over the teams chosen, by the dual of the choice: at least `fewest`, at most `most`, each leader once.
        let choice = self.starts[self.starts.len() - 1];
        let mut row: BTreeMap<usize, f64> = BTreeMap::new();
        for &(part, at, factor) in &cut.slope {
            *row.entry(self.starts[part] + at).or_default() -= factor;
        }
        let dual = [
            (choice, 1.0),
            (choice + 1, -1.0),
            (choice + 2 + cut.lead, -1.0),
        ];
        let row: Vec<(usize, f64)> = row.into_iter().chain(dual).collect();
        self.program.at_most(&row, cut.cost);
    }

    /// The prices at which the model is highest within `radius` of `centre`, and the model's value there; none if time ran out.
    pub fn highest(
        &mut self,
        centre: &Lagrange,
        radius: f64,
        clock: &Clock,
    ) -> Option<(Lagrange, f64)> {
        let mut column = 0;
        for (part, now) in centre.parts().into_iter().enumerate() {
            let (least, most) = Lagrange::range(part, self.frame.imbalance);
            let reach = radius * Lagrange::SCALE[part];
            for price in now {
                let (from, to) = ((price - reach).max(least), (price + reach).min(most));
                self.program.bound(column, from, to);
                column += 1;
            }
        }
        let (values, cost) = self.program.minimise(clock)?;
        let mut next = centre.clone();
        let mut prices = values.iter();
        for part in next.parts_mut() {
            for (price, value) in part.iter_mut().zip(prices.by_ref()) {
                *price = *value;
            }
        }
        if self.cuts.len() > self.room {
            self.forget(&next, &values);
        }
        Some((next, self.frame.constant - cost))
    }

    /// Forgets the cuts that are far from mattering at these prices.
    fn forget(&mut self, prices: &Lagrange, values: &[f64]) {
        let choice = &values[self.starts[self.starts.len() - 1]..];
        let parts = prices.parts();
        self.cuts.retain(|cut| {
            let slope = cut
                .slope
                .iter()
                .map(|&(part, at, factor)| factor * parts[part][at]);
            let value = cut.cost + slope.sum::<f64>();
            value - (choice[0] - choice[1] - choice[2 + cut.lead]) < FAR
        });
        self.program = program(&self.frame);
        for cut in std::mem::take(&mut self.cuts) {
            self.add(cut);
        }
        self.room = MANY.max(2 * self.cuts.len());
    }
}

/// The negative of the model without cuts: prices, then the duals of how many teams there are, then those of each leader.
fn program(frame: &Frame) -> Growing {
    let prices = frame.slope.parts().into_iter().flatten();
    let prices = prices.map(|slope| (-slope, 0.0, 0.0));
    let dual = |cost| (cost, 0.0, f64::INFINITY);
    let choice = [dual(-(frame.fewest as f64)), dual(frame.most as f64)];
    let once = (0..frame.leaders).map(|_| dual(1.0));
    Growing::new(prices.chain(choice).chain(once))
}
