//! The teams that a leader may lead and that may be the best: branch and bound over all of them, each bounded at fixed charges.
//!
//! A charge is what a group must bring a member, or the team, for its place there. At fixed charges every group goes to whoever takes
//! it cheapest and every town is worth touching or not, so that a team is bounded in a walk over its groups, and the bound is close
//! where the charges suit.

use std::ops::RangeInclusive;

use crate::Clock;

/// Groups in a step of the walk. The runs of groups of one town are filled up to whole steps.
const LANES: usize = 4;
/// Teams kept for each leader, the most promising; the others count with their bounds. The fewer, the sooner a round is over and the
/// less it proves: with 48 the demo county's bound ended at 38,370, with 200 after 30 s at 38,970, with 1,000 at 39,430.
const KEPT: usize = 3_000;

/// What the hunt needs to know of prices and costs; rows by supervisor, columns by group.
#[derive(Debug)]
pub struct Ground<'a> {
    /// What a supervisor taking a group costs after prices, without the team's travel and the town.
    pub reduced: &'a [Vec<f64>],
    /// A supervisor's term in the mean of team travel.
    pub team: &'a [Vec<f64>],
    /// `nearest[j][n]`: the least that `j` supervisors can add to the sum of team travel.
    pub nearest: &'a [Vec<f64>],
    /// Ends of the runs of groups of one town, and what touching the town costs.
    pub runs: &'a [(usize, f64)],
    /// What each further group adds for each supervisor, by how many there are; as long as the supervisor may have groups.
    pub rise: &'a [Vec<f64>],
    /// The price of each supervisor's place in a team.
    pub place: &'a [f64],
    /// Part of every team's value.
    pub constant: f64,
    /// The most groups of a team.
    pub most: f64,
}

/// What a leader's teams charge for places.
#[derive(Debug, Clone)]
pub struct Charges {
    /// For a place of each supervisor.
    pub own: Vec<f64>,
    /// For a place of a team, by the number of supervisors.
    pub team: Vec<f64>,
}

/// A team and what it is worth at the least.
pub type Promise = (f64, Vec<usize>);

/// The groups that may pay for a team of one leader, packed.
#[derive(Debug)]
pub struct Field {
    /// The leader and those who may join, as the ground knows them.
    who: Vec<usize>,
    /// What each of them costs for each group, their charges included.
    cost: Vec<Vec<f64>>,
    travel: Vec<Vec<f64>>,
    nearest: Vec<Vec<f64>>,
    runs: Vec<(usize, f64)>,
    /// What each adds to a team's value besides: the price of the place, and charges for places that need not be taken.
    fixed: Vec<f64>,
    constant: f64,
    most: f64,
    charges: Vec<f64>,
}

impl Field {
    /// What a leader's teams of these sizes can use of the ground.
    pub fn new(
        ground: &Ground<'_>,
        charges: &Charges,
        who: &[usize],
        sizes: RangeInclusive<usize>,
    ) -> Self {
        let leader = &ground.team[who[0]];
        // What a group is worth at the best.
        let hope = |n: usize| {
            let cheapest = who
                .iter()
                .map(|&k| ground.reduced[k][n] + charges.own[k])
                .fold(f64::INFINITY, f64::min);
            let borne = |size: usize| {
                charges.team[size] + (leader[n] + ground.nearest[size - 1][n]) / size as f64
            };
            cheapest + sizes.clone().map(borne).fold(f64::INFINITY, f64::min)
        };
        let hopes: Vec<f64> = (0..leader.len()).map(hope).collect();
        let (packed, runs) = pack(ground.runs, &hopes);
        let take = |row: &[f64], charge: f64, none: f64| -> Vec<f64> {
            let value = |n: &Option<usize>| n.map_or(none, |n| row[n] + charge);
            packed.iter().map(value).collect()
        };
        let fixed = |&k: &usize| {
            let spare = ground.rise[k]
                .iter()
                .map(|rise| (charges.own[k] - rise).max(0.0));
            -ground.place[k] - spare.sum::<f64>()
        };
        Self {
            cost: who
                .iter()
                .map(|&k| take(&ground.reduced[k], charges.own[k], f64::INFINITY))
                .collect(),
            travel: who
                .iter()
                .map(|&k| take(&ground.team[k], 0.0, 0.0))
                .collect(),
            nearest: ground
                .nearest
                .iter()
                .map(|row| take(row, 0.0, 0.0))
                .collect(),
            runs,
            fixed: who.iter().map(fixed).collect(),
            constant: ground.constant,
            most: ground.most,
            charges: charges.team.clone(),
            who: who.to_vec(),
        }
    }

    /// The leader alone, of a team of a size.
    fn party(&self, leader: usize, size: usize) -> Party {
        let scale = 1.0 / size as f64;
        let charge = self.charges[size];
        Party {
            members: vec![self.who[leader]],
            cheapest: self.cost[leader].clone(),
            borne: self.travel[leader]
                .iter()
                .map(|t| t * scale + charge)
                .collect(),
            fixed: self.constant - self.most * charge + self.fixed[leader],
            scale,
        }
    }

    /// The party with one more member.
    fn with(&self, party: &Party, m: usize) -> Party {
        let rows = party.cheapest.iter().zip(&self.cost[m]);
        Party {
            members: party.members.iter().copied().chain([self.who[m]]).collect(),
            cheapest: rows.map(|(&a, &b)| less(a, b)).collect(),
            borne: party
                .borne
                .iter()
                .zip(&self.travel[m])
                .map(|(borne, travel)| borne + travel * party.scale)
                .collect(),
            fixed: party.fixed + self.fixed[m],
            scale: party.scale,
        }
    }

    /// The bound of a party with this last member.
    fn complete(&self, party: &Party, m: usize) -> f64 {
        let (cost, travel) = (&self.cost[m], &self.travel[m]);
        let mut value = party.fixed + self.fixed[m];
        let mut from = 0;
        for &(to, cut) in &self.runs {
            let mut sums = [0.0; LANES];
            let rows = party.cheapest[from..to]
                .chunks_exact(LANES)
                .zip(party.borne[from..to].chunks_exact(LANES))
                .zip(cost[from..to].chunks_exact(LANES))
                .zip(travel[from..to].chunks_exact(LANES));
            for (((cheapest, borne), cost), travel) in rows {
                for lane in 0..LANES {
                    let worth =
                        less(cheapest[lane], cost[lane]) + travel[lane] * party.scale + borne[lane];
                    sums[lane] += less(worth, 0.0);
                }
            }
            value += less(sums.iter().sum::<f64>() + cut, 0.0);
            from = to;
        }
        value
    }

    /// The part of the field that matters once a party looks for members among these candidates only; they are its supervisors.
    fn narrow(&self, party: &Party, candidates: &[usize], missing: usize) -> (Self, Party) {
        let mut cheapest = party.cheapest.clone();
        for &m in candidates {
            for (least, &cost) in cheapest.iter_mut().zip(&self.cost[m]) {
                *least = less(*least, cost);
            }
        }
        let rows = cheapest
            .iter()
            .zip(&party.borne)
            .zip(&self.nearest[missing]);
        let hopes: Vec<f64> = rows
            .map(|((cost, borne), near)| cost + borne + near * party.scale)
            .collect();
        let (packed, runs) = pack(&self.runs, &hopes);
        let take = |row: &[f64], none: f64| -> Vec<f64> {
            packed.iter().map(|n| n.map_or(none, |n| row[n])).collect()
        };
        let of =
            |rows: &[Vec<f64>], none| candidates.iter().map(|&m| take(&rows[m], none)).collect();
        let field = Self {
            who: candidates.iter().map(|&m| self.who[m]).collect(),
            cost: of(&self.cost, f64::INFINITY),
            travel: of(&self.travel, 0.0),
            nearest: self.nearest[..=missing]
                .iter()
                .map(|row| take(row, 0.0))
                .collect(),
            fixed: candidates.iter().map(|&m| self.fixed[m]).collect(),
            constant: self.constant,
            most: self.most,
            charges: Vec::new(),
            runs,
        };
        let party = Party {
            members: party.members.clone(),
            cheapest: take(&party.cheapest, f64::INFINITY),
            borne: take(&party.borne, 0.0),
            ..*party
        };
        (field, party)
    }

    /// What a party is worth at the least whoever else comes, and by how much each candidate may lower that: a group that goes to
    /// one of them lowers it once.
    fn rank(
        &self,
        party: &Party,
        candidates: &[usize],
        missing: usize,
    ) -> (f64, Vec<(f64, usize)>) {
        // Team travel is at least this, as whoever else comes is no nearer than the nearest.
        let floor = |others: usize| -> Vec<f64> {
            let rows = party.borne.iter().zip(&self.nearest[others]);
            rows.map(|(borne, near)| borne + near * party.scale)
                .collect()
        };
        let (with_any, with_one) = (floor(missing), floor(missing - 1));
        let worth = party.cheapest.iter().zip(&with_any);
        let worth: Vec<f64> = worth.map(|(cost, floor)| less(cost + floor, 0.0)).collect();
        let mut base = party.fixed;
        let mut towns = Vec::with_capacity(self.runs.len());
        let mut from = 0;
        for &(to, cut) in &self.runs {
            let value = worth[from..to].iter().sum::<f64>() + cut;
            base += less(value, 0.0);
            // A town that does not pay yet may do so with all who come: each bears a part of what is missing.
            towns.push((from, to, value.max(0.0) / missing as f64));
            from = to;
        }
        let rank = |&m: &usize| {
            let (cost, travel) = (&self.cost[m], &self.travel[m]);
            let mut rise = self.fixed[m];
            for &(from, to, short) in &towns {
                let mut sums = [0.0; LANES];
                let rows = worth[from..to]
                    .chunks_exact(LANES)
                    .zip(with_one[from..to].chunks_exact(LANES))
                    .zip(cost[from..to].chunks_exact(LANES))
                    .zip(travel[from..to].chunks_exact(LANES));
                for (((worth, floor), cost), travel) in rows {
                    for lane in 0..LANES {
                        let own = cost[lane] + travel[lane] * party.scale + floor[lane];
                        sums[lane] += less(own - worth[lane], 0.0);
                    }
                }
                rise += less(sums.iter().sum::<f64>() + short, 0.0);
            }
            (rise, m)
        };
        (base, candidates.iter().map(rank).collect())
    }
}

/// Some members of a team.
#[derive(Debug)]
struct Party {
    /// Who they are, as the field knows them.
    members: Vec<usize>,
    /// The least that one of them costs for each group.
    cheapest: Vec<f64>,
    /// Their part of team travel, and the team's charge.
    borne: Vec<f64>,
    fixed: f64,
    /// One by the size of the whole team.
    scale: f64,
}

/// The groups that may pay, by what they are worth at the best, in runs of whole steps; a town that cannot pay is left out.
fn pack(runs: &[(usize, f64)], hopes: &[f64]) -> (Vec<Option<usize>>, Vec<(usize, f64)>) {
    let mut from = 0;
    let (mut packed, mut kept) = (Vec::with_capacity(hopes.len()), Vec::new());
    for &(to, cut) in runs {
        let promise: f64 = hopes[from..to].iter().map(|&hope| less(hope, 0.0)).sum();
        if cut + promise < 0.0 {
            packed.extend((from..to).filter(|&n| hopes[n] < 0.0).map(Some));
            packed.resize(packed.len().next_multiple_of(LANES), None);
            kept.push((packed.len(), cut));
        }
        from = to;
    }
    (packed, kept)
}

/// The lesser of two numbers; unlike `f64::min` it is one instruction.
fn less(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The hunt for the most promising teams of one leader.
#[derive(Debug)]
pub struct Hunt<'h> {
    field: &'h Field,
    clock: &'h Clock,
    /// What teams must promise to be of interest.
    bar: f64,
    found: Vec<Promise>,
    /// The least bound of the teams that were left out.
    unseen: f64,
    /// Parties seen, for looking at the clock now and then.
    nodes: u32,
}

impl<'h> Hunt<'h> {
    /// A hunt for teams that promise less than `bar`.
    pub fn new(field: &'h Field, bar: f64, clock: &'h Clock) -> Self {
        Self {
            field,
            clock,
            bar,
            found: Vec::new(),
            unseen: bar,
            nodes: 0,
        }
    }

    /// The most promising teams, the best first, and the least bound of all others.
    pub fn end(mut self) -> (Vec<Promise>, f64) {
        self.trim();
        (self.found, self.unseen)
    }

    /// Looks at every team of a size; false if time ran out.
    pub fn size(&mut self, size: usize) -> bool {
        let all: Vec<usize> = (1..self.field.who.len()).collect();
        if size == 1 {
            self.keep(f64::NEG_INFINITY, vec![self.field.who[0]]);
            return true;
        }
        let party = self.field.party(0, size);
        self.extend(self.field, &party, &all, size - 1)
    }

    fn extend(
        &mut self,
        field: &Field,
        party: &Party,
        candidates: &[usize],
        missing: usize,
    ) -> bool {
        self.nodes += 1;
        if self.nodes.is_multiple_of(64) && self.clock.over() {
            return false;
        }
        if candidates.len() < missing {
            return true;
        }
        if missing == 1 {
            for &m in candidates {
                let bound = field.complete(party, m);
                if bound < self.bar {
                    let members = party.members.iter().copied();
                    self.keep(bound, members.chain([field.who[m]]).collect());
                }
            }
            return true;
        }
        if missing == 2 {
            let (field, party) = field.narrow(party, candidates, missing);
            let all: Vec<usize> = (0..candidates.len()).collect();
            return self.branch(&field, &party, &all, missing);
        }
        self.branch(field, party, candidates, missing)
    }

    fn branch(
        &mut self,
        field: &Field,
        party: &Party,
        candidates: &[usize],
        missing: usize,
    ) -> bool {
        let (base, mut ranked) = field.rank(party, candidates, missing);
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        // The most promising first, each with those after it: the rest can only be worth less.
        for at in 0..=ranked.len() - missing {
            let rises = |range: &[(f64, usize)]| range.iter().map(|one| one.0).sum::<f64>();
            if base + rises(&ranked[at..at + missing]) >= self.bar {
                break;
            }
            // Who cannot be in a better team together with this one is no candidate any more.
            let limit = self.bar - base - ranked[at].0 - rises(&ranked[at + 1..at + missing - 1]);
            let rest: Vec<usize> = ranked[at + 1..]
                .iter()
                .take_while(|one| one.0 < limit)
                .map(|one| one.1)
                .collect();
            let party = field.with(party, ranked[at].1);
            if !self.extend(field, &party, &rest, missing - 1) {
                return false;
            }
        }
        true
    }

    /// Keeps a team, and of all that were kept the most promising.
    fn keep(&mut self, bound: f64, team: Vec<usize>) {
        self.found.push((bound, team));
        if self.found.len() == 2 * KEPT {
            self.trim();
        }
    }

    /// Leaves out what there is no room for.
    fn trim(&mut self) {
        self.found
            .sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        if let Some((bound, _)) = self.found.get(KEPT) {
            self.bar = self.bar.min(*bound);
            self.unseen = self.unseen.min(*bound);
            self.found.truncate(KEPT);
        }
    }
}
