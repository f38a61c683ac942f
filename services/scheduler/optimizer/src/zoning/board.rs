//! A zoning under change: moves of schools and supervisors, with cost and broken rules kept up to date.

use super::model::Model;
use super::plan::Plan;

/// How many loose parts a zone without a full-time supervisor weighs: it takes many moves to mend.
const UNLED: f64 = 5.0;

/// Cost in minutes and weight of broken rules; feasible when `broken` is (numerically) zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Minutes a year.
    pub cost: f64,
    /// Changes of the zoning in force within that cost, where they come before all else: of supervisors and zones.
    pub changed: f64,
    /// Rules broken: schools too many, average schools' days too many or too few, loose parts, zones without a
    /// full-time supervisor, pairs that should be apart.
    pub broken: f64,
}

/// Where a supervisor was last year, where that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    /// In no zone.
    None,
    /// In a zone that is no more.
    Gone,
    /// In this zone.
    Zone(usize),
}

/// One elementary change, for undoing.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A group went from this supervisor to another.
    Group { group: usize, from: usize },
    /// A supervisor came with all its groups from this zone.
    Supervisor { supervisor: usize, from: usize },
}

/// The state. Eligibility and team sizes hold at all times; the other rules are counted in `score.broken`.
#[derive(Debug)]
pub struct Board<'a> {
    pub model: &'a Model<'a>,
    /// The zone of each supervisor.
    pub zone_of: Vec<usize>,
    /// The supervisor of each group.
    pub owner: Vec<usize>,
    /// The groups of each supervisor.
    pub groups: Vec<Vec<usize>>,
    /// The supervisors of each zone.
    pub teams: Vec<Vec<usize>>,
    score: Score,
    schools: Vec<usize>,
    days: Vec<f64>,
    zone_schools: Vec<usize>,
    team_sum: Vec<Vec<f64>>,
    town_zones: Vec<Vec<u32>>,
    loose: Vec<usize>,
    touched: Vec<usize>,
    old_loose: Vec<(usize, usize)>,
    steps: Vec<Step>,
    before: Score,
    mark: Vec<u32>,
    stamp: u32,
    queue: Vec<usize>,
    parts: Vec<usize>,
    mean_days: f64,
    /// Last year's zone of each supervisor.
    home: Vec<Home>,
}

impl<'a> Board<'a> {
    /// Sets up a board from a zone for each supervisor and a supervisor for each group, who must be able.
    pub fn new(model: &'a Model<'a>, zone_of: &[usize], owner: &[usize], zones: usize) -> Self {
        let problem = model.problem;
        let mut teams = vec![Vec::new(); zones];
        for (k, &z) in zone_of.iter().enumerate() {
            teams[z].push(k);
        }
        let mut board = Self {
            model,
            zone_of: zone_of.to_vec(),
            owner: owner.to_vec(),
            groups: vec![Vec::new(); model.supervisors()],
            teams,
            score: Score {
                cost: 0.0,
                changed: 0.0,
                broken: 0.0,
            },
            schools: vec![0; model.supervisors()],
            days: vec![0.0; model.supervisors()],
            zone_schools: vec![0; zones],
            team_sum: vec![vec![0.0; model.groups()]; zones],
            town_zones: vec![vec![0; zones]; problem.towns().len()],
            loose: vec![0; zones],
            touched: Vec::new(),
            old_loose: Vec::new(),
            steps: Vec::new(),
            before: Score {
                cost: 0.0,
                changed: 0.0,
                broken: 0.0,
            },
            mark: vec![0; problem.schools()],
            stamp: 0,
            queue: Vec::new(),
            parts: Vec::new(),
            mean_days: (model.days.iter().sum::<f64>() / problem.schools() as f64).max(1e-9),
            home: Vec::new(),
        };
        board.home = board.homes();
        for (g, &k) in owner.iter().enumerate() {
            let z = zone_of[k];
            board.groups[k].push(g);
            board.schools[k] += model.count[g];
            board.days[k] += model.days[g];
            board.zone_schools[z] += model.count[g];
            for &t in &model.towns[g] {
                board.town_zones[t][z] += 1;
            }
        }
        for (k, &z) in zone_of.iter().enumerate() {
            for g in 0..model.groups() {
                board.team_sum[z][g] += model.team[k][g];
            }
        }
        for z in 0..zones {
            board.loose[z] = board.count_loose(z);
        }
        board.score = board.recount();
        board
    }

    /// Last year's zones among those of the state as it stands.
    fn homes(&self) -> Vec<Home> {
        let problem = self.model.problem;
        if !problem.keeps() {
            return vec![Home::None; self.zone_of.len()];
        }
        let names = self.plan().names(problem);
        let home = |last: &str| {
            let zone = names.iter().position(|name| name == last);
            zone.map_or(Home::Gone, Home::Zone)
        };
        let people = problem.data().supervisors.iter();
        people
            .map(|person| person.zone_before().map_or(Home::None, home))
            .collect()
    }

    /// Whether a supervisor is in another zone than last year's, where that counts.
    fn regrouped(&self, k: usize, zone: usize) -> f64 {
        f64::from(![Home::None, Home::Zone(zone)].contains(&self.home[k]))
    }

    /// What a supervisor in a zone costs by itself.
    fn seat(&self, k: usize, zone: usize) -> Score {
        let changed = self.regrouped(k, zone);
        Score {
            cost: self.model.problem.data().weights.regroup * changed,
            changed,
            broken: 0.0,
        }
    }

    /// What a group with a supervisor costs by itself.
    fn pair(&self, k: usize, group: usize) -> Score {
        let problem = self.model.problem;
        let changed = if problem.keeps() {
            let schools = problem.groups()[group].iter();
            schools.filter(|&&i| problem.change(k, i) > 0.0).count()
        } else {
            0
        };
        Score {
            cost: self.model.cost[k][group],
            changed: changed as f64,
            broken: 0.0,
        }
    }

    /// Cost and broken rules of the state as it stands, including steps not yet kept.
    pub fn score(&self) -> Score {
        self.score
    }

    /// The state in the problem's terms.
    pub fn plan(&self) -> Plan {
        let problem = self.model.problem;
        Plan {
            zone_of: self.zone_of.clone(),
            supervisor_of: (0..problem.schools())
                .map(|i| self.owner[problem.group(i)])
                .collect(),
            zones: self.teams.len(),
        }
    }

    /// Schools a supervisor can still take; negative if it has too many.
    pub fn room(&self, supervisor: usize) -> i64 {
        self.model.max_schools[supervisor] as i64 - self.schools[supervisor] as i64
    }

    /// Gives a group to a supervisor who is able.
    pub fn give(&mut self, group: usize, to: usize) {
        let from = self.owner[group];
        if from != to {
            self.steps.push(Step::Group { group, from });
            self.shift(group, to);
        }
    }

    /// Moves a supervisor with all its groups to a zone; the caller sees to team sizes.
    pub fn relocate(&mut self, supervisor: usize, to: usize) {
        let from = self.zone_of[supervisor];
        if from != to {
            self.steps.push(Step::Supervisor { supervisor, from });
            self.transfer(supervisor, to);
        }
    }

    /// The score after the steps so far if zones that changed had no loose parts: nothing that [`Self::settle`] gives is better.
    pub fn hope(&mut self) -> Score {
        self.touched.sort_unstable();
        self.touched.dedup();
        let loose: usize = self.touched.iter().map(|&z| self.loose[z]).sum();
        Score {
            broken: self.score.broken - loose as f64,
            ..self.score
        }
    }

    /// Counts loose parts anew where zones changed, and gives the score after the steps so far; after [`Self::hope`].
    pub fn settle(&mut self) -> Score {
        let mut touched = std::mem::take(&mut self.touched);
        for &z in &touched {
            let loose = self.count_loose(z);
            self.old_loose.push((z, self.loose[z]));
            self.score.broken += loose as f64 - self.loose[z] as f64;
            self.loose[z] = loose;
        }
        touched.clear();
        self.touched = touched;
        self.score
    }

    /// Keeps the steps taken since the last `keep` or `undo`.
    pub fn keep(&mut self) {
        self.steps.clear();
        self.old_loose.clear();
        self.touched.clear();
        self.before = self.score;
    }

    /// Takes back the steps since the last `keep` or `undo`.
    pub fn undo(&mut self) {
        while let Some(step) = self.steps.pop() {
            match step {
                Step::Group { group, from } => self.shift(group, from),
                Step::Supervisor { supervisor, from } => self.transfer(supervisor, from),
            }
        }
        while let Some((z, loose)) = self.old_loose.pop() {
            self.loose[z] = loose;
        }
        self.touched.clear();
        self.score = self.before;
    }

    /// The score computed from nothing, against the drift of sums.
    pub fn resync(&mut self) {
        self.score = self.recount();
        self.before = self.score;
    }

    fn recount(&mut self) -> Score {
        let model = self.model;
        let mut score = Score {
            cost: 0.0,
            changed: 0.0,
            broken: 0.0,
        };
        for k in 0..model.supervisors() {
            score.add(self.load(k));
            score.add(self.seat(k, self.zone_of[k]));
        }
        for z in 0..self.teams.len() {
            score.add(self.zone(z));
            score.broken += self.loose[z] as f64;
            score.cost += self.zone_team(z);
        }
        for (g, &k) in self.owner.iter().enumerate() {
            score.add(self.pair(k, g));
            score.broken += self.clashes(g, k) * 0.5;
        }
        for zones in &self.town_zones {
            let touching = zones.iter().filter(|&&n| n > 0).count();
            score.cost += model.problem.data().weights.town_cut * (touching as f64 - 1.0).max(0.0);
        }
        self.before = score;
        score
    }

    /// Imbalance and capacity of one supervisor.
    fn load(&self, k: usize) -> Score {
        let problem = self.model.problem;
        let (days, supervisor) = (self.days[k], &problem.data().supervisors[k]);
        let beyond = (days - supervisor.max_days - 1e-7).max(0.0)
            + (supervisor.min_days - 1e-7 - days).max(0.0);
        let crowd = self.schools[k].saturating_sub(self.model.max_schools[k]);
        Score {
            cost: problem.data().weights.imbalance * (days - problem.fair_days(k)).max(0.0),
            changed: 0.0,
            broken: crowd as f64
                + if beyond > 0.0 {
                    0.1 + beyond / self.mean_days
                } else {
                    0.0
                },
        }
    }

    /// Size and full-time rule of one zone.
    fn zone(&self, z: usize) -> Score {
        let problem = self.model.problem;
        let crowd =
            self.zone_schools[z].saturating_sub(problem.data().rules.zone_max_schools as usize);
        let led =
            !problem.teams().full_time || self.teams[z].iter().any(|&k| self.model.full_time[k]);
        Score {
            cost: 0.0,
            changed: 0.0,
            broken: crowd as f64 + if led { 0.0 } else { UNLED },
        }
    }

    /// Team travel of one zone.
    fn zone_team(&self, z: usize) -> f64 {
        let sum: f64 = self.teams[z]
            .iter()
            .flat_map(|&k| &self.groups[k])
            .map(|&g| self.team_sum[z][g])
            .sum();
        sum / self.teams[z].len().max(1) as f64
    }

    /// Groups of `k` that must be apart from `group`.
    fn clashes(&self, group: usize, k: usize) -> f64 {
        self.model.apart[group]
            .iter()
            .filter(|&&other| other != group && self.owner[other] == k)
            .count() as f64
    }

    fn shift(&mut self, group: usize, to: usize) {
        let model = self.model;
        let from = self.owner[group];
        let (a, b) = (self.zone_of[from], self.zone_of[to]);
        self.score.sub(self.load(from));
        self.score.sub(self.load(to));
        self.score.sub(self.pair(from, group));
        self.score.add(self.pair(to, group));
        if !model.apart[group].is_empty() {
            self.score.broken += self.clashes(group, to) - self.clashes(group, from);
        }
        if let Some(at) = self.groups[from].iter().position(|&g| g == group) {
            self.groups[from].swap_remove(at);
        }
        self.groups[to].push(group);
        self.owner[group] = to;
        self.schools[from] -= model.count[group];
        self.schools[to] += model.count[group];
        self.days[from] -= model.days[group];
        self.days[to] += model.days[group];
        self.score.add(self.load(from));
        self.score.add(self.load(to));
        if a != b {
            self.score.sub(self.zone(a));
            self.score.sub(self.zone(b));
            self.score.cost += self.team_sum[b][group] / self.teams[b].len() as f64
                - self.team_sum[a][group] / self.teams[a].len() as f64;
            self.zone_schools[a] -= model.count[group];
            self.zone_schools[b] += model.count[group];
            self.score.add(self.zone(a));
            self.score.add(self.zone(b));
            self.towns(group, a, b);
            self.touched.extend([a, b]);
        }
    }

    /// A group's towns go from zone `a` to zone `b`.
    fn towns(&mut self, group: usize, a: usize, b: usize) {
        let weight = self.model.problem.data().weights.town_cut;
        for &t in &self.model.towns[group] {
            let zones = &mut self.town_zones[t];
            zones[a] -= 1;
            if zones[a] == 0 {
                self.score.cost -= weight;
            }
            if zones[b] == 0 {
                self.score.cost += weight;
            }
            zones[b] += 1;
        }
    }

    fn transfer(&mut self, k: usize, to: usize) {
        let model = self.model;
        let from = self.zone_of[k];
        for z in [from, to] {
            self.score.sub(self.zone(z));
            self.score.cost -= self.zone_team(z);
        }
        if let Some(at) = self.teams[from].iter().position(|&l| l == k) {
            self.teams[from].swap_remove(at);
        }
        self.teams[to].push(k);
        self.zone_of[k] = to;
        self.score.sub(self.seat(k, from));
        self.score.add(self.seat(k, to));
        for (sum, team) in self.team_sum[from].iter_mut().zip(&model.team[k]) {
            *sum -= team;
        }
        for (sum, team) in self.team_sum[to].iter_mut().zip(&model.team[k]) {
            *sum += team;
        }
        self.zone_schools[from] -= self.schools[k];
        self.zone_schools[to] += self.schools[k];
        for n in 0..self.groups[k].len() {
            self.towns(self.groups[k][n], from, to);
        }
        for z in [from, to] {
            self.score.add(self.zone(z));
            self.score.cost += self.zone_team(z);
        }
        self.touched.extend([from, to]);
    }

    /// How many parts of a zone are loose: parts beyond the first within each natural piece of the county.
    fn count_loose(&mut self, z: usize) -> usize {
        let problem = self.model.problem;
        if !problem.data().rules.contiguous {
            return 0;
        }
        let graph = problem.graph();
        self.stamp += 2;
        let (inside, reached) = (self.stamp - 1, self.stamp);
        let mut members = 0;
        for &k in &self.teams[z] {
            for &g in &self.groups[k] {
                for &i in &problem.groups()[g] {
                    self.mark[i] = inside;
                    members += 1;
                }
            }
        }
        let mut seen = 0;
        let mut parts = std::mem::take(&mut self.parts);
        parts.clear();
        'members: for &k in &self.teams[z] {
            for &g in &self.groups[k] {
                for &i in &problem.groups()[g] {
                    if self.mark[i] != inside {
                        continue;
                    }
                    parts.push(graph.piece(i));
                    self.mark[i] = reached;
                    self.queue.clear();
                    self.queue.push(i);
                    while let Some(school) = self.queue.pop() {
                        seen += 1;
                        for &next in graph.near(school) {
                            if self.mark[next] == inside {
                                self.mark[next] = reached;
                                self.queue.push(next);
                            }
                        }
                    }
                    if seen == members {
                        break 'members;
                    }
                }
            }
        }
        let count = parts.len();
        parts.sort_unstable();
        parts.dedup();
        let pieces = parts.len();
        self.parts = parts;
        count - pieces
    }
}

impl Score {
    fn add(&mut self, other: Self) {
        self.cost += other.cost;
        self.changed += other.changed;
        self.broken += other.broken;
    }

    fn sub(&mut self, other: Self) {
        self.cost -= other.cost;
        self.changed -= other.changed;
        self.broken -= other.broken;
    }
}
