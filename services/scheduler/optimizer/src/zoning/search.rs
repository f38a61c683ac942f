//! The solve: conflicts first, then a bound, then the search for a good zoning.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::anneal::{Cooling, Guide, anneal};
use super::board::Board;
use super::data::Solution;
use super::fewest::{Fewest, Found, Patience};
use super::model::Model;
use super::plan::Plan;
use super::problem::Problem;
use super::relax::{self, Prices};
use super::zonal::Zonal;
use super::{check, conflict, construct, keep, price, shortage, ways};
use crate::mip::{Failure, Limits};
use crate::{
    Changes, Clock, Conflict, Incumbent, KEEP, Outcome, Part, Status, Stop, Watch, Words,
    relative_gap,
};

/// Moves in a search step.
const STEP: u64 = 2_000;
/// Share of the search that tries numbers of zones before the rest improves the best.
const SCOUTING: f64 = 0.3;
/// Share of the time left after scouting that goes into the bound, where one thread must do both.
const BOUNDING: f64 = 0.65;
/// Rounds of the bound for each search step, where steps are limited.
const PROOFS: u64 = 3;
/// Moves from one zoning to the next that the bound hears of, and how many are kept for it where it comes later.
const MEETINGS: u64 = 10_000;
const MET: usize = 500;
/// Most numbers of zones tried.
const SCOUTS: usize = 6;
/// Where the rounds of a revision begin and end, as shares of its time; every other one looks far where nothing was found near.
const REVISIONS: [f64; 7] = [0.0, 0.15, 0.45, 0.55, 0.85, 0.95, 1.0];
/// Where neither the first round, near, nor the second, far, has found anything, it is asked whether whole assignments are possible.
const DOUBT: usize = 2;
/// The heat with which a revision begins, minutes: a change is made now and then to see what it makes possible. Tried from 2 to 15 %
/// of a change's weight on the demo county without one of its supervisors.
const FERVOUR: f64 = 0.06 * KEEP;
/// The part of its weight that a change has at first where a revision looks far.
const SOFT: f64 = 0.05;
/// Nodes of each round of the proof of the fewest changes where steps are limited.
const NODES: u64 = 20_000;
/// Share of the time for that proof where one thread must do all.
const PROVING: f64 = 0.3;
/// Rounds of improvement after scouting.
const ROUNDS: usize = 6;
/// How often the clock is looked at while the search waits for the bound.
const LOOK: Duration = Duration::from_millis(50);

/// Zones the county.
///
/// `warm` is last year's zoning or an edited one: the search starts from it, whether it is feasible or not. A
/// solution is only ever given back if [`check`] finds nothing wrong with it. Where there is none, ways out are looked for in
/// the time that is left.
pub fn solve(
    problem: &Problem,
    stop: &Stop,
    seed: u64,
    warm: Option<&Solution>,
    watch: &mut dyn Watch<Solution>,
) -> Outcome<Solution> {
    let clock = stop.start();
    let mut outcome = attempt(problem, stop, seed, warm, watch);
    if outcome.status == Status::Infeasible {
        let verified = ways::verified(problem, &outcome.conflicts, stop, &clock);
        if let (Some(conflict), false) = (outcome.conflicts.first_mut(), verified.is_empty()) {
            conflict.ways_out = verified;
        }
        outcome.seconds = clock.seconds();
    }
    outcome
}

/// [`solve`] without a look for ways out.
pub fn attempt(
    problem: &Problem,
    stop: &Stop,
    seed: u64,
    warm: Option<&Solution>,
    watch: &mut dyn Watch<Solution>,
) -> Outcome<Solution> {
    let conflicts = conflict::find(problem);
    let mut run = Run::new(problem, stop, watch);
    if !conflicts.is_empty() {
        return run.infeasible(conflicts);
    }
    let model = Model::new(problem);
    let (owner, prices) = match run.relax(&model) {
        Ok((owner, prices)) => (owner.unwrap_or_else(|| construct::greedy(&model)), prices),
        Err(conflicts) => return run.infeasible(conflicts),
    };
    let kept = if problem.keeps() {
        keep::as_it_is(&model, &owner)
    } else {
        None
    };
    let from = kept.or_else(|| fitting(&model, warm?));
    match &prices {
        Some(prices) if stop.threads > 1 && stop.steps.is_none() => {
            run.side_by_side(&model, &owner, prices, seed, from.as_ref());
        }
        prices => {
            if problem.keeps() {
                run.prove_changes(&model);
            }
            run.improve(&model, &owner, prices.as_ref(), seed, from.as_ref());
        }
    }
    if run.impossible.is_empty() {
        run.outcome()
    } else {
        let conflicts = std::mem::take(&mut run.impossible);
        run.infeasible(conflicts)
    }
}

/// What the relaxation leaves for the search: an assignment, and prices for the bound.
type Start = (Option<Vec<usize>>, Option<Prices>);

/// A solution with its price.
struct Best {
    solution: Solution,
    plan: Plan,
    parts: Vec<Part>,
    objective: f64,
}

/// What is proven beside the search.
enum Proof {
    /// No zoning costs less.
    Bound(f64),
    /// No zoning has fewer changes of the one in force, beyond those that are forced.
    Changes(Found),
}

/// A solve under way.
struct Run<'a> {
    problem: &'a Problem,
    stop: &'a Stop,
    clock: Clock,
    watch: &'a mut dyn Watch<Solution>,
    bound: f64,
    proof: Words,
    best: Option<Best>,
    /// Better than `best`, not yet checked and told.
    pending: Option<(Plan, f64)>,
    /// Proven: so many changes that no rule forces by itself at least.
    least: usize,
    /// Why there is no zoning at all, where the search was what gave reason to ask.
    impossible: Vec<Conflict>,
    trace: Vec<Incumbent>,
    searching_since: f64,
    moves: u64,
    most_moves: u64,
    told_at: u64,
    /// The part of the whole search that the present round takes.
    round: (f64, f64),
    /// Bounds from the thread beside the search, if there is one.
    bounds: Option<Receiver<Proof>>,
    /// Zonings for that thread, and whether they are the best so far.
    hints: Option<Sender<(Plan, bool)>>,
    /// Zonings met in passing, for the bound.
    met: Vec<Plan>,
    met_at: u64,
}

impl<'a> Run<'a> {
    fn new(problem: &'a Problem, stop: &'a Stop, watch: &'a mut dyn Watch<Solution>) -> Self {
        // A small county is searched through long before an hour is over.
        let plenty = 4_000_000 + 500_000 * problem.schools() as u64;
        Self {
            problem,
            stop,
            clock: stop.start(),
            watch,
            bound: 0.0,
            proof: Words::new("各项费用均不为负", "no cost is negative"),
            best: None,
            pending: None,
            least: 0,
            impossible: Vec::new(),
            trace: Vec::new(),
            searching_since: 0.0,
            moves: 0,
            most_moves: stop
                .steps
                .map_or(plenty, |steps| steps.saturating_mul(STEP)),
            told_at: 0,
            round: (0.0, 1.0),
            bounds: None,
            hints: None,
            met: Vec::new(),
            met_at: 0,
        }
    }

    /// A bound from the relaxation without zones, and an assignment to begin with.
    fn relax(&mut self, model: &Model<'_>) -> Result<Start, Vec<Conflict>> {
        let mut prices = None;
        let least_team = relax::least_team_travel(model);
        let limits = Limits::seconds(10.0);
        match relax::solve(model, &least_team, false, &[], limits, &self.clock) {
            Ok(relaxed) => {
                prices = relaxed.prices;
                self.raise(
                    relaxed.bound,
                    "线性松弛（不考虑责任区，逐校计最省行程）",
                    "linear relaxation without zones, with the least travel of each school",
                );
            }
            Err(Failure::Infeasible) => {
                return Err(vec![shortage::of_capacities(
                    model,
                    &least_team,
                    false,
                    &self.clock,
                )]);
            }
            Err(Failure::Stopped { .. } | Failure::Solver(_)) => {}
        }
        if model.problem.keeps() {
            // A revision begins from the zoning in force, and asks whether there is any when it finds none.
            return Ok((None, prices));
        }
        Ok((self.relax_whole(model, &least_team)?, prices))
    }

    /// The same with whole assignments: one of them, if there was time to find it, or why there is none.
    fn relax_whole(
        &mut self,
        model: &Model<'_>,
        least_team: &[Vec<f64>],
    ) -> Result<Option<Vec<usize>>, Vec<Conflict>> {
        // With a step limit the answer must not depend on the clock.
        let limits = match self.stop.steps {
            Some(_) => Limits {
                nodes: Some(20),
                ..Limits::seconds(10.0)
            },
            None => Limits::seconds((0.15 * self.stop.time.as_secs_f64()).min(10.0)),
        };
        let limits = Limits {
            gap: 1e-4,
            ..limits
        };
        match relax::solve(model, least_team, true, &[], limits, &self.clock) {
            Ok(relaxed) => {
                self.raise(
                    relaxed.bound,
                    "整数松弛（不考虑责任区，逐校计最省行程）",
                    "integer relaxation without zones, with the least travel of each school",
                );
                Ok(relaxed.owner)
            }
            Err(Failure::Infeasible) => Err(vec![shortage::of_capacities(
                model,
                least_team,
                true,
                &self.clock,
            )]),
            Err(Failure::Stopped { .. } | Failure::Solver(_)) => Ok(None),
        }
    }

    /// Searches here, and raises the bound on a thread beside.
    fn side_by_side(
        &mut self,
        model: &Model<'_>,
        owner: &[usize],
        prices: &Prices,
        seed: u64,
        from: Option<&Plan>,
    ) {
        let (clock, bounding) = self.clock.branch();
        let (tell, bounds) = mpsc::channel();
        let (hint, hints) = mpsc::channel();
        self.hints = Some(hint);
        let (threads, keeps) = (self.stop.threads, self.problem.keeps());
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut fewest = keeps.then(|| Fewest::new(model));
                while let Some(found) = fewest.as_mut().map(|it| it.round(Patience::Whole, &clock))
                {
                    if !found.open {
                        fewest = None;
                    }
                    // Nobody listens any more where the search was stopped.
                    tell.send(Proof::Changes(found)).unwrap_or_default();
                }
                let mut zonal = Zonal::new(model, prices, threads);
                while !zonal.exhausted() && zonal.tighten(&clock) {
                    for (plan, best) in hints.try_iter() {
                        zonal.hint(&plan, best);
                    }
                    if tell.send(Proof::Bound(zonal.bound())).is_err() {
                        break;
                    }
                }
            });
            self.bounds = Some(bounds);
            self.improve(model, owner, None, seed, from);
            // Where there is nothing left to search, the rest of the time is the bound's.
            while self.impossible.is_empty()
                && !self.clock.over()
                && !self.good_enough()
                && self.hear(LOOK)
            {}
            bounding.cancel();
        });
        (self.bounds, self.hints) = (None, None);
    }

    /// Takes a bound from the thread beside, waiting for it so long; false if there will be no more.
    fn hear(&mut self, patience: Duration) -> bool {
        let Some(bounds) = &self.bounds else {
            return false;
        };
        match bounds.recv_timeout(patience) {
            Ok(Proof::Bound(bound)) => self.raise_by_zones(bound),
            Ok(Proof::Changes(found)) => self.take(found),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.bounds = None,
        }
        self.bounds.is_some()
    }

    /// Proves the fewest changes before the search.
    fn prove_changes(&mut self, model: &Model<'_>) {
        let patience = match self.stop.steps {
            Some(_) => Patience::Nodes(NODES),
            None => {
                Patience::Until(self.clock.seconds() + PROVING * self.clock.left().as_secs_f64())
            }
        };
        let mut fewest = Fewest::new(model);
        let mut open = true;
        while open {
            let found = fewest.round(patience, &self.clock);
            open = found.open;
            self.take(found);
        }
    }

    /// Takes what is proven of changes, and the zoning that it was found with.
    fn take(&mut self, found: Found) {
        self.least = self.least.max(found.least);
        if let Some(plan) = found.plan {
            let cost = price::total(&price::parts(self.problem, &plan));
            if cost < self.bar() {
                self.pending = Some((plan, cost));
                self.tell();
            }
        }
    }

    fn improve(
        &mut self,
        model: &Model<'_>,
        owner: &[usize],
        prices: Option<&Prices>,
        seed: u64,
        from: Option<&Plan>,
    ) {
        self.searching_since = self.clock.seconds();
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let teams = self.problem.teams();
        let mean = model
            .able
            .iter()
            .enumerate()
            .map(|(g, able)| model.cost[able[able.len() / 4]][g] + model.team[able[0]][g])
            .sum::<f64>()
            / model.groups() as f64;
        let mean = mean.max(1.0);
        let scout = Cooling {
            heat: (0.3 * mean, 0.003 * mean),
            price: (0.5 * mean, 20.0 * mean),
            stiffness: 1.0,
        };
        let mild = Cooling {
            heat: (0.06 * mean, 0.002 * mean),
            price: (2.0 * mean, 20.0 * mean),
            stiffness: 1.0,
        };
        if let (true, Some(from)) = (self.problem.keeps(), from) {
            self.revise(model, from, mild, &mut rng);
            return;
        }

        if let Some(from) = from {
            let mut board = start(model, from);
            self.round = (0.0, SCOUTING);
            anneal(&mut board, &mut rng, mild, self);
            self.tell();
        }
        if self.best.is_none() {
            let from = if from.is_some() { SCOUTING } else { 0.0 };
            let range = spread(teams.fewest, teams.most, SCOUTS);
            let options: Vec<usize> = range
                .iter()
                .copied()
                .cycle()
                .take(range.len().max(3))
                .collect();
            for (n, &zones) in options.iter().enumerate() {
                let part = |n: usize| from + SCOUTING * n as f64 / options.len() as f64;
                self.round = (part(n), part(n + 1));
                let zone_of = construct::teams(model, owner, zones);
                let mut board = Board::new(model, &zone_of, owner, zones);
                anneal(&mut board, &mut rng, scout, self);
                self.tell();
            }
        }
        if let Some(prices) = prices {
            self.bound_by_zones(model, prices);
        }
        let from = self.done();
        for n in 0..ROUNDS {
            let part = |n: usize| from + (1.0 - from) * n as f64 / ROUNDS as f64;
            self.round = (part(n), part(n + 1));
            if let Some(best) = &self.best {
                let mut board = start(model, &best.plan);
                // Some rounds shake the best a little, some thoroughly.
                let shake = [1.0, 2.5, 0.5][n % 3];
                let cooling = Cooling {
                    heat: (shake * mild.heat.0, mild.heat.1),
                    ..mild
                };
                anneal(&mut board, &mut rng, cooling, self);
            } else {
                let zones = teams.fewest + (n * 7 + 3) % (teams.most - teams.fewest + 1);
                let zone_of = construct::teams(model, owner, zones);
                let mut board = Board::new(model, &zone_of, owner, zones);
                let hard = Cooling {
                    price: (2.0 * mean, 100.0 * mean),
                    ..scout
                };
                anneal(&mut board, &mut rng, hard, self);
            }
            self.tell();
        }
    }

    /// Searches near the zoning in force until there are no more changes than proven, then for cost. Where nothing is found so near,
    /// changes weigh little at first, so that ways are found that take many.
    fn revise(&mut self, model: &Model<'_>, from: &Plan, mild: Cooling, rng: &mut Pcg64Mcg) {
        let near = Cooling {
            heat: (FERVOUR, mild.heat.1),
            // A broken rule must weigh more than the change that mends it.
            price: (1.5 * KEEP, 20.0 * KEEP),
            stiffness: 1.0,
        };
        let far = Cooling {
            heat: (2.0 * mild.heat.0, mild.heat.1),
            price: (3.0 * SOFT * KEEP, 20.0 * KEEP),
            stiffness: SOFT,
        };
        for (n, ends) in REVISIONS.windows(2).enumerate() {
            if n == DOUBT && self.best.is_none() {
                let least_team = relax::least_team_travel(model);
                if let Err(conflicts) = self.relax_whole(model, &least_team) {
                    self.impossible = conflicts;
                    return;
                }
            }
            self.round = (ends[0], ends[1]);
            let proven = self.proven();
            let best = self.best.as_ref().filter(|_| proven || n % 2 == 1);
            let mut board = start(model, best.map_or(from, |best| &best.plan));
            let cooling = match &self.best {
                Some(_) if proven => mild,
                None if n % 2 == 1 => far,
                Some(_) | None => near,
            };
            anneal(&mut board, rng, cooling, self);
            self.tell();
        }
    }

    /// Whether the best zoning has no more changes than proven.
    fn proven(&self) -> bool {
        let best = self.best.as_ref();
        best.is_some_and(|best| unforced(self.problem, &best.plan) <= self.least)
    }

    /// Raises the bound with what zones cost, for a share of the time.
    fn bound_by_zones(&mut self, model: &Model<'_>, prices: &Prices) {
        let until = self.clock.seconds() + BOUNDING * self.clock.left().as_secs_f64();
        let steps = self.stop.steps;
        let rounds = steps.map_or(u64::MAX, |steps| steps.saturating_mul(PROOFS));
        let mut zonal = Zonal::new(model, prices, 1);
        for plan in self.met.drain(..) {
            zonal.hint(&plan, false);
        }
        if let Some(best) = &self.best {
            zonal.hint(&best.plan, true);
        }
        for _ in 0..rounds {
            let late = self.stop.steps.is_none() && self.clock.seconds() >= until;
            if late || self.good_enough() || zonal.exhausted() || !zonal.tighten(&self.clock) {
                break;
            }
            self.raise_by_zones(zonal.bound());
        }
    }

    fn raise_by_zones(&mut self, bound: f64) {
        self.raise(
                bound,
                "按责任区的拉格朗日松弛（逐一比较所有督学组合，不考虑连片）",
                "Lagrangian relaxation over zones: every team of supervisors compared, contiguity left out",
            );
    }

    /// How much of the search is behind us.
    fn done(&self) -> f64 {
        let moves = self.moves as f64 / self.most_moves.max(1) as f64;
        if self.stop.steps.is_some() {
            return moves;
        }
        let whole = (self.stop.time.as_secs_f64() - self.searching_since).max(1e-3);
        moves.max((self.clock.seconds() - self.searching_since) / whole)
    }

    fn good_enough(&self) -> bool {
        let objective = self.bar();
        objective.is_finite() && relative_gap(objective, self.bound) <= self.stop.gap
    }

    /// Takes a better bound.
    fn raise(&mut self, bound: f64, zh: &str, en: &str) {
        if bound.is_finite() && bound > self.bound {
            self.bound = bound;
            self.proof = Words::new(zh, en);
            self.report();
        }
    }

    /// Checks the pending plan and tells it, if nothing is wrong with it.
    fn tell(&mut self) {
        self.told_at = self.moves;
        let Some((plan, _)) = self.pending.take() else {
            return;
        };
        let solution = plan.write(self.problem);
        let violations = check(self.problem, &solution);
        #[cfg(test)]
        assert!(
            violations.is_empty(),
            "the search broke a rule: {violations:?}"
        );
        let parts = price::parts(self.problem, &plan);
        let objective = price::total(&parts);
        if violations.is_empty()
            && self
                .best
                .as_ref()
                .is_none_or(|best| objective < best.objective)
        {
            if let Some(hints) = &self.hints {
                // The bound may have ended before.
                hints.send((plan.clone(), true)).unwrap_or_default();
            }
            self.best = Some(Best {
                solution,
                plan,
                parts,
                objective,
            });
            self.report();
        }
    }

    fn report(&mut self) {
        let seconds = self.clock.seconds();
        let best = self.best.as_ref();
        let bound = best.map_or(self.bound, |best| self.bound.min(best.objective));
        self.trace.push(Incumbent {
            seconds,
            objective: best.map(|best| best.objective),
            bound,
        });
        let parts = best.map_or(&[][..], |best| &best.parts);
        self.watch
            .progress(seconds, best.map(|best| &best.solution), parts, bound);
    }

    fn infeasible(self, conflicts: Vec<Conflict>) -> Outcome<Solution> {
        Outcome {
            status: Status::Infeasible,
            solution: None,
            objective: None,
            parts: Vec::new(),
            bound: f64::INFINITY,
            gap: None,
            proof: Words::new("已证明无可行方案", "proven: no zoning satisfies every rule"),
            trace: self.trace,
            conflicts,
            changes: None,
            seconds: self.clock.seconds(),
        }
    }

    fn outcome(mut self) -> Outcome<Solution> {
        self.tell();
        let seconds = self.clock.seconds();
        let best = self.best.as_ref();
        let changes = best.and_then(|best| changes(self.problem, &best.solution, self.least));
        let common = |status, best: Option<Best>, bound, gap| {
            let (solution, parts, objective) = best.map_or((None, Vec::new(), None), |b| {
                (Some(b.solution), b.parts, Some(b.objective))
            });
            Outcome {
                status,
                solution,
                objective,
                parts,
                bound,
                gap,
                proof: self.proof,
                trace: self.trace,
                conflicts: Vec::new(),
                changes,
                seconds,
            }
        };
        match self.best {
            None => common(Status::Unknown, None, self.bound, None),
            Some(best) => {
                let bound = self.bound.min(best.objective);
                let gap = relative_gap(best.objective, bound);
                let status = if gap <= 1e-6 {
                    Status::Optimal
                } else {
                    Status::Feasible
                };
                common(status, Some(best), bound, Some(gap))
            }
        }
    }
}

impl Guide for Run<'_> {
    fn progress(&mut self, moves: u32) -> Option<f64> {
        if self.pending.is_some() && (self.moves - self.told_at > 50 * STEP || self.good_enough()) {
            self.tell();
        }
        self.hear(Duration::ZERO);
        if self.clock.over() || self.good_enough() {
            return None;
        }
        let done = self.done();
        let (from, to) = self.round;
        if done >= to || done >= 1.0 {
            return None;
        }
        self.moves += u64::from(moves);
        Some((done - from) / (to - from))
    }

    fn better(&mut self, board: &Board<'_>) {
        self.pending = Some((board.plan(), board.score().cost));
    }

    fn met(&mut self, board: &Board<'_>) {
        if self.moves < self.met_at + MEETINGS {
            return;
        }
        self.met_at = self.moves;
        match &self.hints {
            // The bound may have ended before.
            Some(hints) => hints.send((board.plan(), false)).unwrap_or_default(),
            None if self.met.len() < MET => self.met.push(board.plan()),
            None => {}
        }
    }

    fn bar(&self) -> f64 {
        let told = self
            .best
            .as_ref()
            .map_or(f64::INFINITY, |best| best.objective);
        self.pending
            .as_ref()
            .map_or(told, |&(_, cost)| cost.min(told))
    }
}

/// At most `count` whole numbers spread over a range, ends included.
fn spread(from: usize, to: usize, count: usize) -> Vec<usize> {
    let all = to - from + 1;
    if all <= count {
        return (from..=to).collect();
    }
    (0..count)
        .map(|n| from + n * (all - 1) / (count - 1))
        .collect()
}

fn start<'m>(model: &'m Model<'_>, plan: &Plan) -> Board<'m> {
    let owner: Vec<usize> = model
        .problem
        .groups()
        .iter()
        .map(|g| plan.supervisor_of[g[0]])
        .collect();
    Board::new(model, &plan.zone_of, &owner, plan.zones)
}

/// A solution of this or an older problem with everyone able to serve; none if its zones do not fit this one.
fn fitting(model: &Model<'_>, warm: &Solution) -> Option<Plan> {
    let problem = model.problem;
    let mut plan = Plan::read(problem, warm)?;
    let teams = problem.teams();
    let sizes_fit = plan
        .members()
        .iter()
        .all(|team| (teams.smallest..=teams.largest).contains(&team.len()));
    if !sizes_fit || plan.zones < teams.fewest || plan.zones > teams.most {
        return None;
    }
    for (g, schools) in problem.groups().iter().enumerate() {
        let kept = plan.supervisor_of[schools[0]];
        let k = if model.cost[kept][g].is_finite() {
            kept
        } else {
            model.able[g][0]
        };
        for &i in schools {
            plan.supervisor_of[i] = k;
        }
    }
    Some(plan)
}

/// Changes of supervisor that no rule forces by itself, and of zone.
fn unforced(problem: &Problem, plan: &Plan) -> usize {
    let owners = plan.supervisor_of.iter().enumerate();
    let changed = owners.filter(|&(i, &k)| problem.change(k, i) > 0.0).count();
    let regrouped = plan.regrouped(problem);
    changed + regrouped.into_iter().filter(|&moved| moved).count()
}

/// How far a zoning departs from the one in force: schools with another supervisor, and supervisors in another zone. None where it
/// is not revised. `least` is the fewest that was proven.
pub fn changes(problem: &Problem, solution: &Solution, least: usize) -> Option<Changes> {
    let plan = Plan::read(problem, solution).filter(|_| problem.keeps())?;
    let forced = (0..problem.schools()).filter(|&i| problem.must_change(i));
    Some(Changes {
        forced: forced.count(),
        unforced: unforced(problem, &plan),
        least,
    })
}
