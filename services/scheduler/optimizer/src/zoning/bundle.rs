//! Where to set prices next: a linear model of the Lagrangian from the teams seen, maximised within a box around
//! the best prices (boxstep; Marsten, Hogan and Blankenship 1975).

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::prices::Lagrange;
use crate::Clock;
use crate::mip::Growing;

/// Cuts up to which none leaves the program at first.
const MANY: usize = 2_000;
/// Cuts that lie so far above the model, in minutes, leave the program.
const FAR: f64 = 20.0;
/// How often the program is solved again because cuts outside of it lie below.
const TURNS: usize = 12;
/// Cuts that come into the program at once.
const BATCH: usize = 200;
/// Cuts that lie less below the model, in minutes, stay outside.
const NEAR: f64 = 0.01;
/// More than any team is worth, minutes.
const DEAR: f64 = 1e6;
/// Cuts kept outside of the program; the oldest are lost first.
const POOL: usize = 60_000;

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
    /// The cuts of the program.
    cuts: Vec<Cut>,
    /// Cuts that were not needed so far.
    pool: Vec<Cut>,
    /// Marks of all cuts.
    known: HashSet<u64>,
    /// Cuts up to which none leaves the program next.
    room: usize,
}

impl Cut {
    /// What the team is worth at these prices.
    fn value(&self, prices: &[&[f64]; 7]) -> f64 {
        let terms = self.slope.iter();
        self.cost
            + terms
                .map(|&(part, at, factor)| factor * prices[part][at])
                .sum::<f64>()
    }

    /// A number by which the same team with the same groups is known again.
    fn mark(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.lead.hash(&mut hasher);
        self.cost.to_bits().hash(&mut hasher);
        for (part, at, _) in &self.slope {
            (part, at).hash(&mut hasher);
        }
        hasher.finish()
    }
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
            pool: Vec::new(),
            known: HashSet::new(),
            room: MANY,
        }
    }

    /// The part of the Lagrangian that does not depend on the teams.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Learns of a team.
    pub fn add(&mut self, cut: Cut) {
        if self.known.insert(cut.mark()) {
            self.pool.push(cut);
        }
    }

    /// Takes the cuts that lie farthest below the model into the program; false if there are none.
    fn recall(&mut self, prices: &Lagrange, values: &[f64]) -> bool {
        let (level, prices) = (self.level(values), prices.parts());
        let below = |(n, cut): (usize, &Cut)| {
            let depth = level(cut.lead) - cut.value(&prices);
            (depth > NEAR).then_some((depth, n))
        };
        let mut below: Vec<(f64, usize)> = self.pool.iter().enumerate().filter_map(below).collect();
        below.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        below.truncate(BATCH);
        // From the last, so that the places of the others stay.
        below.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        for &(_, n) in &below {
            let cut = self.pool.swap_remove(n);
            self.write(&cut);
            self.cuts.push(cut);
        }
        !below.is_empty()
    }

    /// What the model says that a leader's best team is worth.
    fn level(&self, values: &[f64]) -> impl Fn(usize) -> f64 + use<> {
        let choice = values[self.starts[self.starts.len() - 1]..].to_vec();
        move |lead| choice[0] - choice[1] - choice[2 + lead]
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
        let mut next = centre.clone();
        let mut turns = 0;
        let (values, cost) = loop {
            let (values, cost) = self.program.minimise(clock)?;
            let mut prices = values.iter();
            for part in next.parts_mut() {
                for (price, value) in part.iter_mut().zip(prices.by_ref()) {
                    *price = *value;
                }
            }
            turns += 1;
            if !self.recall(&next, &values) || turns == TURNS {
                break (values, cost);
            }
        };
        if self.cuts.len() > self.room {
            self.forget(&next, &values);
        }
        Some((next, self.frame.constant - cost))
    }

    /// Sets the cuts aside that are far from mattering at these prices.
    fn forget(&mut self, prices: &Lagrange, values: &[f64]) {
        let (level, prices) = (self.level(values), prices.parts());
        let far = |cut: &mut Cut| cut.value(&prices) - level(cut.lead) >= FAR;
        self.pool.extend(self.cuts.extract_if(.., far));
        let old = self.pool.len().saturating_sub(POOL);
        for cut in self.pool.drain(..old) {
            self.known.remove(&cut.mark());
        }
        self.program = program(&self.frame);
        for cut in std::mem::take(&mut self.cuts) {
            self.write(&cut);
            self.cuts.push(cut);
        }
        self.room = MANY.max(2 * self.cuts.len());
    }
}

/// The negative of the model without cuts: prices, then the duals of how many teams there are, then those of each leader.
fn program(frame: &Frame) -> Growing {
    let prices = frame.slope.parts().into_iter().flatten();
    let prices = prices.map(|slope| (-slope, 0.0, 0.0));
    // No end would leave the model without one, too, as long as it knows no team.
    let dual = |cost| (cost, 0.0, DEAR);
    let choice = [dual(-(frame.fewest as f64)), dual(frame.most as f64)];
    let once = (0..frame.leaders).map(|_| dual(1.0));
    Growing::new(prices.chain(choice).chain(once))
}
