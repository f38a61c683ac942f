//! The fewest changes of a revised zoning, proven by a search tree of bounded depth (R. Niedermeier, "Invitation to Fixed-Parameter
//! Algorithms", 2006, ch. 8).
//!
//! The zoning in force, without what has fallen out of it, breaks rules. Of each broken rule can be said which steps may mend it: a
//! school leaves its supervisor, or a supervisor their zone; whatever else is done, one of these is. So all zonings that are so
//! many steps away are reached by trying each in turn, and there is none if none is reached. Schools without a supervisor are put
//! with each in turn too, at no cost. What is tried once is not tried again beside it, and a node is left where broken rules that
//! have no step in common are more than the steps that are left.
//!
//! Tried on three made-up counties of 300 schools and some 70 supervisors, of which every second one was gone in turn, 2 s on two
//! processors: of the 79 who were not the only full-time one of their zone, all are proven; of the 26 who were, 4 or 5: a zone without a
//! leader mostly takes more changes than the tree is deep by then, 3 or 4. (An integer program for each number of changes, which
//! stood here before, proved 12 of 23 in the first of these counties, where this proves 18.)

use std::collections::BTreeSet;

use super::keep::labels;
use super::model::Model;
use super::plan::Plan;
use crate::Clock;

/// Slack of sums of days, which drift while groups come and go.
const TINY: f64 = 1e-6;

/// The proof under way.
pub struct Fewest<'m, 'a> {
    model: &'m Model<'a>,
    /// Last year's zone of each supervisor, and how many zones there were.
    before: Vec<Option<usize>>,
    old: usize,
    /// Who has each group as long as nothing changes, and how many schools change if they lose it.
    own: Vec<Option<usize>>,
    price: Vec<usize>,
    /// Proven: so many changes at the least, of supervisors of schools that could keep theirs and of zones of supervisors.
    least: usize,
}

/// When a round is given up before the clock ends it.
#[derive(Debug, Clone, Copy)]
pub enum Patience {
    /// Not at all.
    Whole,
    /// At this second of the clock.
    Until(f64),
    /// After so many nodes.
    Nodes(u64),
}

/// What a round has found.
pub struct Found {
    /// So many changes at the least.
    pub least: usize,
    /// A zoning that has no more.
    pub plan: Option<Plan>,
    /// Whether another round may find more.
    pub open: bool,
}

/// What makes a change. Where to is another question, which costs nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// A group of schools leaves its supervisor.
    Leave(usize),
    /// A supervisor leaves their zone.
    Regroup(usize),
}

/// A broken rule: so many of these steps are taken in any zoning that is reached from here.
struct Demand {
    steps: Vec<Step>,
    need: usize,
}

/// Why a search ended before it was through.
enum End {
    /// With a zoning.
    Found(Plan),
    /// The time or the nodes are over.
    Stopped,
}

impl<'m, 'a> Fewest<'m, 'a> {
    /// Nothing is proven yet.
    pub fn new(model: &'m Model<'a>) -> Self {
        let labels = labels(model);
        let people = model.problem.data().supervisors.iter();
        let before = people
            .map(|one| labels.binary_search(&one.zone_before()?).ok())
            .collect();
        let changed = |k: usize, g: usize| changed(model, k, g);
        let own = (0..model.groups()).map(|g| {
            let able = &model.able[g];
            let mut keeps = able.iter().copied().filter(|&k| changed(k, g) == 0);
            let own = keeps.next()?;
            let alone = keeps.next().is_none();
            let asked = model.problem.groups()[g].iter();
            let theirs = asked.copied().any(|i| keeps_school(model, own, i));
            (alone && theirs).then_some(own)
        });
        let own: Vec<Option<usize>> = own.collect();
        let price = own.iter().enumerate().map(|(g, own)| {
            let others = model.able[g].iter().filter(|&&k| Some(k) != *own);
            own.map_or(0, |_| others.map(|&k| changed(k, g)).min().unwrap_or(1))
        });
        Self {
            price: price.collect(),
            own,
            before,
            old: labels.len(),
            model,
            least: 0,
        }
    }

    /// Looks for a zoning with as many changes as are proven; where there is none, one more is proven. It ends with the clock, or before:
    /// when so many seconds have passed on it, or after so many nodes, where the answer must not depend on the clock.
    pub fn round(&mut self, patience: Patience, clock: &Clock) -> Found {
        let mut tree = Tree::new(self, patience, clock);
        let (plan, open) = match tree.descend() {
            Ok(()) => {
                self.least += 1;
                // Beyond that everything would change: there is no zoning at all.
                let most = self.price.iter().sum::<usize>() + self.before.len();
                (None, self.least <= most)
            }
            Err(End::Found(plan)) => (Some(plan), false),
            Err(End::Stopped) => (None, false),
        };
        Found {
            least: self.least,
            plan,
            open,
        }
    }
}

/// Schools of a group that would lose a supervisor whom they could keep.
fn changed(model: &Model<'_>, k: usize, g: usize) -> usize {
    let problem = model.problem;
    let schools = problem.groups()[g].iter();
    schools.filter(|&&i| problem.change(k, i) > 0.0).count()
}

/// Whether a school has this supervisor and could keep them.
fn keeps_school(model: &Model<'_>, k: usize, school: usize) -> bool {
    let data = model.problem.data();
    data.schools[school].last_supervisor.as_ref() == Some(&data.supervisors[k].id)
}

/// A node of the search, and the way back from it.
struct Tree<'t, 'm, 'a> {
    fewest: &'t Fewest<'m, 'a>,
    model: &'m Model<'a>,
    clock: &'t Clock,
    nodes: u64,
    patience: Patience,
    /// Steps that are left.
    left: usize,
    /// Who has each group, which zone each supervisor is in; none while that is open.
    owner: Vec<Option<usize>>,
    zone: Vec<Option<usize>>,
    /// What does not change any more below this node.
    settled: Vec<bool>,
    seated: Vec<bool>,
    days: Vec<f64>,
    schools: Vec<usize>,
    size: Vec<usize>,
    members: Vec<usize>,
    leaders: Vec<usize>,
}

impl<'t, 'm, 'a> Tree<'t, 'm, 'a> {
    fn new(fewest: &'t Fewest<'m, 'a>, patience: Patience, clock: &'t Clock) -> Self {
        let model = fewest.model;
        let teams = model.problem.teams();
        let newcomers = fewest.before.iter().filter(|zone| zone.is_none()).count();
        // So many new zones there can be: everyone in them is a newcomer or takes a step.
        let new = (fewest.least + newcomers) / teams.smallest.max(1);
        let zones = fewest.old + new;
        let people = model.supervisors();
        let mut tree = Self {
            fewest,
            model,
            clock,
            nodes: 0,
            patience,
            left: fewest.least,
            owner: vec![None; model.groups()],
            zone: vec![None; people],
            settled: vec![false; model.groups()],
            seated: vec![false; people],
            days: vec![0.0; people],
            schools: vec![0; people],
            size: vec![0; zones],
            members: vec![0; zones],
            leaders: vec![0; zones],
        };
        for (k, zone) in fewest.before.iter().enumerate() {
            if let Some(zone) = *zone {
                tree.seat(k, zone);
            }
        }
        for (g, own) in fewest.own.iter().enumerate() {
            if let Some(own) = *own {
                tree.give(g, own);
            }
        }
        tree
    }

    /// Tries everything below this node.
    fn descend(&mut self) -> Result<(), End> {
        self.nodes += 1;
        let given_up = match self.patience {
            Patience::Whole => false,
            Patience::Until(second) => self.clock.seconds() >= second,
            Patience::Nodes(most) => self.nodes > most,
        };
        if given_up || self.clock.over() {
            return Err(End::Stopped);
        }
        let mut demands = self.demands();
        if self.too_many(&mut demands) {
            return Ok(());
        }
        if let Some(demand) = demands.into_iter().next() {
            return self.mend(&demand.steps);
        }
        let open = (0..self.owner.len()).filter(|&g| self.owner[g].is_none());
        let open = open
            .map(|g| (self.takers(g), g))
            .min_by_key(|(takers, _)| takers.len());
        let standing = (0..self.zone.len()).filter(|&k| self.zone[k].is_none());
        let standing = standing
            .map(|k| (self.seats(k), k))
            .min_by_key(|(seats, _)| seats.len());
        match (open, standing) {
            (Some((takers, g)), other)
                if other
                    .as_ref()
                    .is_none_or(|(seats, _)| takers.len() <= seats.len()) =>
            {
                self.settled[g] = true;
                for k in takers {
                    let extra = self.extra(k, g);
                    self.left -= extra;
                    self.give(g, k);
                    let end = self.descend();
                    self.take(g, k);
                    self.left += extra;
                    end?;
                }
                self.settled[g] = false;
                Ok(())
            }
            (_, Some((seats, k))) => {
                self.seated[k] = true;
                for zone in seats {
                    self.seat(k, zone);
                    let end = self.descend();
                    self.rise(k, zone);
                    end?;
                }
                self.seated[k] = false;
                Ok(())
            }
            (None | Some(_), None) => Err(End::Found(self.plan())),
        }
    }

    /// Takes each of these steps in turn. What comes of one is known when the next is tried: the others go without it.
    fn mend(&mut self, steps: &[Step]) -> Result<(), End> {
        let mut end = Ok(());
        let mut tried = 0;
        for &step in steps {
            let price = self.price(step);
            if end.is_ok() && price <= self.left {
                self.left -= price;
                end = match step {
                    Step::Leave(g) => self.owner[g].map_or(Ok(()), |k| {
                        self.take(g, k);
                        let end = self.descend();
                        self.give(g, k);
                        end
                    }),
                    Step::Regroup(k) => self.zone[k].map_or(Ok(()), |zone| {
                        self.rise(k, zone);
                        let end = self.descend();
                        self.seat(k, zone);
                        end
                    }),
                };
                self.left += price;
            }
            *self.lock(step) = true;
            tried += 1;
        }
        for &step in &steps[..tried] {
            *self.lock(step) = false;
        }
        end
    }

    fn lock(&mut self, step: Step) -> &mut bool {
        match step {
            Step::Leave(g) => &mut self.settled[g],
            Step::Regroup(k) => &mut self.seated[k],
        }
    }

    fn price(&self, step: Step) -> usize {
        match step {
            Step::Leave(g) => self.fewest.price[g],
            Step::Regroup(_) => 1,
        }
    }

    /// What a group costs with a supervisor beyond what its leaving has cost.
    fn extra(&self, k: usize, g: usize) -> usize {
        changed(self.model, k, g) - self.fewest.price[g]
    }

    fn give(&mut self, g: usize, k: usize) {
        self.owner[g] = Some(k);
        self.days[k] += self.model.days[g];
        self.schools[k] += self.model.count[g];
        if let Some(zone) = self.zone[k] {
            self.size[zone] += self.model.count[g];
        }
    }

    fn take(&mut self, g: usize, k: usize) {
        self.owner[g] = None;
        self.days[k] -= self.model.days[g];
        self.schools[k] -= self.model.count[g];
        if let Some(zone) = self.zone[k] {
            self.size[zone] -= self.model.count[g];
        }
    }

    fn seat(&mut self, k: usize, zone: usize) {
        self.zone[k] = Some(zone);
        self.members[zone] += 1;
        self.leaders[zone] += usize::from(self.model.full_time[k]);
        self.size[zone] += self.schools[k];
    }

    fn rise(&mut self, k: usize, zone: usize) {
        self.zone[k] = None;
        self.members[zone] -= 1;
        self.leaders[zone] -= usize::from(self.model.full_time[k]);
        self.size[zone] -= self.schools[k];
    }

    /// Where a school is; none while that is open.
    fn place(&self, school: usize) -> Option<usize> {
        self.zone[self.owner[self.model.problem.group(school)]?]
    }

    /// Who may have an open group, the nearest first, without those for whom more steps would be needed than are left.
    fn takers(&self, g: usize) -> Vec<usize> {
        let model = self.model;
        let able = model.able[g].iter().copied();
        let able = able.filter(|&k| Some(k) != self.fewest.own[g]);
        let may = |&k: &usize| {
            let extra = self.extra(k, g);
            extra < self.left || (extra == self.left && self.fits(k, g))
        };
        let mut takers: Vec<usize> = able.filter(may).collect();
        takers.sort_by(|&k, &l| self.travel(k, g).total_cmp(&self.travel(l, g)));
        takers
    }

    fn travel(&self, k: usize, g: usize) -> f64 {
        let problem = self.model.problem;
        let schools = problem.groups()[g].iter();
        schools.map(|&i| problem.routine(k, i)).sum()
    }

    /// Whether a group can come to a supervisor with no other step.
    fn fits(&self, k: usize, g: usize) -> bool {
        let (model, data) = (self.model, self.model.problem.data());
        let apart = model.apart[g]
            .iter()
            .all(|&other| self.owner[other] != Some(k));
        let has_room = self.days[k] + model.days[g] <= data.supervisors[k].max_days + TINY
            && self.schools[k] + model.count[g] <= model.max_schools[k];
        let zone_has_room = self.zone[k].is_none_or(|zone| {
            self.size[zone] + model.count[g] <= data.rules.zone_max_schools as usize
                && (!data.rules.contiguous || self.touches(zone, g))
        });
        apart && has_room && zone_has_room
    }

    /// Whether each school of a group lies beside the zone, as far as that is settled, or where the zone has no other.
    fn touches(&self, zone: usize, g: usize) -> bool {
        let graph = self.model.problem.graph();
        self.model.problem.groups()[g].iter().all(|&i| {
            let near = graph.near(i).iter();
            let mut near = near.map(|&j| self.place(j));
            near.any(|place| place.is_none_or(|place| place == zone))
                || (0..self.model.problem.schools()).all(|j| {
                    j == i || graph.piece(j) != graph.piece(i) || self.place(j) != Some(zone)
                })
        })
    }

    /// Where a supervisor without a zone may go: not back.
    fn seats(&self, k: usize) -> Vec<usize> {
        let data = self.model.problem.data();
        let teams = self.model.problem.teams();
        let mut new = false;
        let zones = 0..self.members.len();
        let may = |&zone: &usize| {
            // New zones are alike: one that nobody is in stands for all.
            let another = zone >= self.fewest.old
                && self.members[zone] == 0
                && std::mem::replace(&mut new, true);
            let has_room = self.members[zone] < teams.largest
                && self.size[zone] + self.schools[k] <= data.rules.zone_max_schools as usize;
            self.fewest.before[k] != Some(zone) && !another && (has_room || self.left > 0)
        };
        zones.filter(may).collect()
    }

    /// Whether more steps are needed than are left. The demands come out with those first that leave the least choice.
    fn too_many(&self, demands: &mut [Demand]) -> bool {
        demands.sort_by_key(|demand| demand.steps.len());
        let mut spoken_for = BTreeSet::new();
        let mut needed = 0;
        for demand in demands.iter() {
            let prices = demand.steps.iter().map(|&step| self.price(step));
            let Some(cheapest) = prices.min() else {
                return true;
            };
            if demand.steps.iter().all(|step| !spoken_for.contains(step)) {
                spoken_for.extend(demand.steps.iter().copied());
                needed += cheapest * demand.need;
            }
        }
        needed > self.left
    }

    /// Every rule that is broken whatever becomes of what is open.
    fn demands(&self) -> Vec<Demand> {
        let mut demands = Vec::new();
        self.of_supervisors(&mut demands);
        self.of_teams(&mut demands);
        self.of_pairs(&mut demands);
        if self.model.problem.data().rules.contiguous {
            self.of_pieces(&mut demands);
        }
        demands
    }

    /// Groups that can still leave a supervisor.
    fn loose(&self, k: usize) -> impl Iterator<Item = usize> {
        let groups = self.owner.iter().zip(&self.settled).enumerate();
        groups
            .filter(move |(_, (owner, settled))| **owner == Some(k) && !**settled)
            .map(|(g, _)| g)
    }

    fn of_supervisors(&self, demands: &mut Vec<Demand>) {
        let model = self.model;
        let all_given = self.owner.iter().all(Option::is_some);
        for (k, person) in model.problem.data().supervisors.iter().enumerate() {
            let fits = |days: f64, schools: usize| {
                days <= person.max_days + TINY && schools <= model.max_schools[k]
            };
            if !fits(self.days[k], self.schools[k]) {
                let mut loose: Vec<usize> = self.loose(k).collect();
                loose.sort_by(|&g, &h| model.days[h].total_cmp(&model.days[g]));
                let mut days = loose
                    .iter()
                    .map(|&g| model.days[g])
                    .collect::<Vec<_>>()
                    .into_iter();
                let mut counts: Vec<usize> = loose.iter().map(|&g| model.count[g]).collect();
                counts.sort_unstable_by(|a, b| b.cmp(a));
                let (mut rest, mut schools, mut need) = (self.days[k], self.schools[k], 0);
                for count in counts {
                    if fits(rest, schools) {
                        break;
                    }
                    rest -= days.next().unwrap_or_default();
                    schools = schools.saturating_sub(count);
                    need += 1;
                }
                let steps = if fits(rest, schools) {
                    loose
                } else {
                    Vec::new()
                };
                let steps = steps.into_iter().map(Step::Leave).collect();
                demands.push(Demand { steps, need });
            }
            if self.days[k] < person.min_days - TINY && all_given {
                let others = (0..model.groups()).filter(|&g| {
                    !self.settled[g] && self.owner[g] != Some(k) && model.able[g].contains(&k)
                });
                let steps = others.map(Step::Leave).collect();
                demands.push(Demand { steps, need: 1 });
            }
        }
    }

    /// Who can still leave their zone, of these.
    fn movable(&self, of: impl Fn(usize, usize) -> bool) -> impl Iterator<Item = Step> {
        let people = self.zone.iter().zip(&self.seated).enumerate();
        people
            .filter(move |(k, (zone, seated))| !**seated && zone.is_some_and(|zone| of(*k, zone)))
            .map(|(k, _)| Step::Regroup(k))
    }

    fn of_teams(&self, demands: &mut Vec<Demand>) {
        let model = self.model;
        let (data, teams) = (model.problem.data(), model.problem.teams());
        let standing = (0..self.zone.len()).filter(|&k| self.zone[k].is_none());
        let leaders = standing.clone().filter(|&k| model.full_time[k]).count();
        let standing = standing.count();
        for z in 0..self.members.len() {
            if self.members[z] == 0 {
                continue;
            }
            if self.size[z] > data.rules.zone_max_schools as usize {
                let own = (0..self.zone.len()).filter(|&k| self.zone[k] == Some(z));
                let groups = own.flat_map(|k| self.loose(k)).map(Step::Leave);
                let steps = groups.chain(self.movable(|_, zone| zone == z)).collect();
                demands.push(Demand { steps, need: 1 });
            }
            if self.members[z] > teams.largest {
                let steps = self.movable(|_, zone| zone == z).collect();
                let need = self.members[z] - teams.largest;
                demands.push(Demand { steps, need });
            }
            // A zone that lacks somebody gets them, or is given up by all who are in it.
            let lacking = teams.smallest.saturating_sub(self.members[z] + standing);
            if lacking > 0 {
                let steps = self.movable(|_, _| true).collect();
                let need = lacking.min(self.members[z]);
                demands.push(Demand { steps, need });
            }
            if teams.full_time && self.leaders[z] == 0 && leaders == 0 {
                let steps = self
                    .movable(|k, zone| zone == z || model.full_time[k])
                    .collect();
                demands.push(Demand { steps, need: 1 });
            }
        }
    }

    fn of_pairs(&self, demands: &mut Vec<Demand>) {
        for (g, apart) in self.model.apart.iter().enumerate() {
            let Some(owner) = self.owner[g] else { continue };
            for &h in apart
                .iter()
                .filter(|&&h| h >= g && self.owner[h] == Some(owner))
            {
                let both = [g, h].into_iter().filter(|&one| !self.settled[one]);
                let steps = both.map(Step::Leave).collect();
                demands.push(Demand { steps, need: 1 });
            }
        }
    }

    /// Zones in pieces that nothing open can join.
    fn of_pieces(&self, demands: &mut Vec<Demand>) {
        let problem = self.model.problem;
        let graph = problem.graph();
        let places: Vec<Option<usize>> = (0..problem.schools()).map(|i| self.place(i)).collect();
        let mut schools_of: Vec<Vec<usize>> = vec![Vec::new(); self.members.len()];
        for (i, place) in places.iter().enumerate() {
            if let Some(zone) = *place {
                schools_of[zone].push(i);
            }
        }
        let mut seen = vec![usize::MAX; problem.schools()];
        let mut parts: Vec<Vec<usize>> = Vec::new();
        for (zone, schools) in schools_of.iter().enumerate() {
            parts.clear();
            for &i in schools {
                if seen[i] != zone {
                    seen[i] = zone;
                    let mut part = vec![i];
                    let mut next = 0;
                    while let Some(&at) = part.get(next) {
                        next += 1;
                        for &j in graph.near(at) {
                            let joins = places[j].is_none_or(|place| place == zone);
                            if seen[j] != zone && joins {
                                seen[j] = zone;
                                part.push(j);
                            }
                        }
                    }
                    parts.push(part);
                }
            }
            for (n, part) in parts.iter().enumerate() {
                let piece = graph.piece(part[0]);
                let mut others = parts[n + 1..].iter();
                if let Some(other) = others.find(|other| graph.piece(other[0]) == piece) {
                    let two = self.between(zone, &places, part, other);
                    demands.push(two);
                }
            }
        }
    }

    /// Two parts of a zone: a school of one of them leaves it, or one beside the smaller part joins it.
    fn between(
        &self,
        zone: usize,
        places: &[Option<usize>],
        part: &[usize],
        other: &[usize],
    ) -> Demand {
        let end = |part: &[usize]| {
            let certain = part.iter().filter(|&&i| places[i] == Some(zone));
            let away = certain.map(|&i| self.away(i));
            away.min_by_key(Vec::len).unwrap_or_default()
        };
        let around = |part: &[usize]| {
            let border: BTreeSet<usize> = part
                .iter()
                .flat_map(|&i| self.model.problem.graph().near(i))
                .copied()
                .filter(|&j| places[j].is_some_and(|place| place != zone))
                .collect();
            let steps: BTreeSet<Step> = border.into_iter().flat_map(|j| self.away(j)).collect();
            steps
        };
        let (one, two) = (around(part), around(other));
        let mut steps = if one.len() <= two.len() { one } else { two };
        steps.extend(end(part));
        steps.extend(end(other));
        Demand {
            steps: steps.into_iter().collect(),
            need: 1,
        }
    }

    /// How a school can get into another zone.
    fn away(&self, school: usize) -> Vec<Step> {
        let g = self.model.problem.group(school);
        let leaves = (!self.settled[g]).then_some(Step::Leave(g));
        let owner = self.owner[g].filter(|&k| !self.seated[k]);
        leaves.into_iter().chain(owner.map(Step::Regroup)).collect()
    }

    /// What this node is, where nothing is open.
    fn plan(&self) -> Plan {
        let zone_of: Vec<usize> = self
            .zone
            .iter()
            .map(|zone| zone.unwrap_or_default())
            .collect();
        let mut names = zone_of.clone();
        names.sort_unstable();
        names.dedup();
        let dense = |zone: &usize| names.binary_search(zone).unwrap_or_default();
        let problem = self.model.problem;
        let owner = |i: usize| self.owner[problem.group(i)].unwrap_or_default();
        Plan {
            zone_of: zone_of.iter().map(dense).collect(),
            supervisor_of: (0..problem.schools()).map(owner).collect(),
            zones: names.len(),
        }
    }
}
