//! Simulated annealing over schools and supervisors, with broken rules at a price that rises as it cools.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use super::board::{Board, Score};
use crate::KEEP;

/// How a round of annealing cools.
#[derive(Debug, Clone, Copy)]
pub struct Cooling {
    /// First and last temperature, minutes.
    pub heat: (f64, f64),
    /// First and last price of a broken rule, minutes.
    pub price: (f64, f64),
    /// How much of its weight a change of the zoning in force has at first; all of it in the end.
    pub stiffness: f64,
}

impl Cooling {
    /// Temperature, price and what changes weigh less at a progress from 0 to 1.
    fn at(self, progress: f64) -> (f64, f64, f64) {
        let between =
            |(first, last): (f64, f64)| first * (last / first).powf(progress.clamp(0.0, 1.0));
        let relief = KEEP * (1.0 - between((self.stiffness, 1.0)));
        (between(self.heat), between(self.price), relief)
    }
}

/// Shares of moves, one above the other: a group goes to another supervisor, two groups change places, two supervisors change
/// places; the rest regroup teams. With fewer moves of supervisors the demo county ends 1 to 4 % higher after 10 s.
const GIVE: f64 = 0.36;
const SWAP: f64 = 0.75;
const TRADE: f64 = 0.85;
/// What a state may cost against the best to be met.
const PASSABLE: f64 = 1.05;
/// Moves between two looks at the clock.
const CHUNK: u32 = 250;

/// Who commands a round of annealing.
pub trait Guide {
    /// How far the round is, from 0 to 1, after so many more moves; none when it is over.
    fn progress(&mut self, moves: u32) -> Option<f64>;
    /// Hears of every state that breaks no rule and costs less than the bar.
    fn better(&mut self, board: &Board<'_>);
    /// Hears now and then of a state that breaks no rule and costs little more than the bar.
    fn met(&mut self, board: &Board<'_>);
    /// What a state must cost less than to be of interest.
    fn bar(&self) -> f64;
}

/// Anneals until the guide says that the round is over.
pub fn anneal(board: &mut Board<'_>, rng: &mut Pcg64Mcg, cooling: Cooling, guide: &mut dyn Guide) {
    board.resync();
    let mut current = board.score();
    if feasible(current) && current.cost < guide.bar() - 1e-6 {
        guide.better(board);
    }
    while let Some(done) = guide.progress(CHUNK) {
        let mut bar = guide.bar();
        let (heat, price, relief) = cooling.at(done);
        for _ in 0..CHUNK {
            if !propose(board, rng) {
                board.undo();
                continue;
            }
            let allowed = -heat * rng.random::<f64>().max(f64::MIN_POSITIVE).ln();
            let rise = |next: Score| {
                next.cost - current.cost - relief * (next.changed - current.changed)
                    + price * (next.broken - current.broken)
            };
            // Most moves are refused before zones need be walked through.
            if rise(board.hope()) > allowed {
                board.undo();
                continue;
            }
            let next = board.settle();
            if rise(next) <= allowed {
                board.keep();
                current = next;
                if feasible(current) && current.cost < bar - 1e-6 {
                    guide.better(board);
                    bar = current.cost;
                }
            } else {
                board.undo();
            }
        }
        board.resync();
        current = board.score();
        if feasible(current) && current.cost < PASSABLE * guide.bar() {
            guide.met(board);
        }
    }
}

fn feasible(score: Score) -> bool {
    score.broken < 1e-6
}

/// Takes the steps of one random move; false if there is nothing to move.
fn propose(board: &mut Board<'_>, rng: &mut Pcg64Mcg) -> bool {
    let dice: f64 = rng.random();
    if dice < GIVE {
        let group = rng.random_range(0..board.model.groups());
        let to = taker(board, rng, group);
        let moves = to != board.owner[group];
        board.give(group, to);
        moves
    } else if dice < SWAP {
        swap(board, rng)
    } else if board.teams.len() < 2 {
        false
    } else if dice < TRADE {
        trade_seats(board, rng)
    } else {
        regroup(board, rng)
    }
}

/// Someone able to take a group: often the supervisor of a neighbouring school or a mate, else one of the cheapest.
fn taker(board: &Board<'_>, rng: &mut Pcg64Mcg, group: usize) -> usize {
    let (model, problem) = (board.model, board.model.problem);
    let able = &model.able[group];
    let dice: f64 = rng.random();
    if dice < 0.4 {
        let school = pick(rng, &problem.groups()[group]);
        let near = problem.graph().near(school);
        if !near.is_empty() {
            let k = board.owner[problem.group(pick(rng, near))];
            // Either that supervisor or a mate of theirs: stages differ, zones hang together.
            let mate = pick(rng, &board.teams[board.zone_of[k]]);
            for candidate in [k, mate] {
                if candidate != board.owner[group] && model.cost[candidate][group].is_finite() {
                    return candidate;
                }
            }
        }
    }
    let bias: f64 = rng.random();
    able[((able.len() as f64 * bias.powi(3)) as usize).min(able.len() - 1)]
}

fn pick(rng: &mut Pcg64Mcg, list: &[usize]) -> usize {
    list[rng.random_range(0..list.len())]
}

/// Two groups change places.
fn swap(board: &mut Board<'_>, rng: &mut Pcg64Mcg) -> bool {
    let model = board.model;
    let group = rng.random_range(0..model.groups());
    let (from, to) = (board.owner[group], taker(board, rng, group));
    if from == to || board.groups[to].is_empty() {
        return false;
    }
    let other = pick(rng, &board.groups[to]);
    if !model.cost[from][other].is_finite() {
        return false;
    }
    board.give(group, to);
    board.give(other, from);
    true
}

/// Two supervisors of different zones change places, the groups stay in their zones as far as that is possible.
fn trade_seats(board: &mut Board<'_>, rng: &mut Pcg64Mcg) -> bool {
    let model = board.model;
    let (k, l) = (
        rng.random_range(0..model.supervisors()),
        rng.random_range(0..model.supervisors()),
    );
    let (a, b) = (board.zone_of[k], board.zone_of[l]);
    if a == b {
        return false;
    }
    board.relocate(k, b);
    board.relocate(l, a);
    let (mine, theirs) = (board.groups[k].clone(), board.groups[l].clone());
    for (groups, to) in [(mine, l), (theirs, k)] {
        let zone = board.zone_of[to];
        for group in groups {
            let inside =
                |m: usize| board.zone_of[m] == zone && board.room(m) >= model.count[group] as i64;
            let able = &model.able[group];
            let taker = if able.contains(&to) && inside(to) {
                Some(to)
            } else {
                able.iter()
                    .copied()
                    .find(|&m| inside(m))
                    .or_else(|| able.contains(&to).then_some(to))
            };
            if let Some(taker) = taker {
                board.give(group, taker);
            }
        }
    }
    true
}

/// A supervisor goes to another zone with all its groups, alone or in exchange for one from there.
fn regroup(board: &mut Board<'_>, rng: &mut Pcg64Mcg) -> bool {
    let teams = board.model.problem.teams();
    let k = rng.random_range(0..board.model.supervisors());
    let from = board.zone_of[k];
    // Towards the zone of a neighbouring school, or any.
    let to = if rng.random::<f64>() < 0.8 && !board.groups[k].is_empty() {
        let group = pick(rng, &board.groups[k]);
        let problem = board.model.problem;
        let near = problem.graph().near(problem.groups()[group][0]);
        if near.is_empty() {
            return false;
        }
        board.zone_of[board.owner[problem.group(pick(rng, near))]]
    } else {
        rng.random_range(0..board.teams.len())
    };
    if to == from {
        return false;
    }
    let alone = board.teams[from].len() > teams.smallest && board.teams[to].len() < teams.largest;
    if alone && rng.random::<f64>() < 0.4 {
        board.relocate(k, to);
        return true;
    }
    let other = pick(rng, &board.teams[to]);
    board.relocate(k, to);
    board.relocate(other, from);
    true
}
