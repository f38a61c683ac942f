//! Ruin and recreate under a falling temperature (Schrimpf et al. 2000): the groups of a few adjacent seats are dissolved,
//! other seats are opened among their items, and the items are seated anew. Tens of thousands of times a second.
//!
//! For models in which every item may be a seat (the p-median): `cost(a, b)` is then how far two items are apart.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::Model;

/// About as many items are seated anew at once.
const POOL: usize = 60;
/// Groups dissolved at once, at least and at most.
const GROUPS: std::ops::RangeInclusive<usize> = 2..=7;
/// One step in so many is at two places at once.
const FAR: u32 = 4;
/// Rounds of seating and recentring of one step.
const ROUNDS: usize = 4;

/// A part of a solution on its walk: whoever has it may change the groups that are its own, and no others.
#[derive(Debug, Clone)]
pub struct Walk<'a> {
    model: &'a Model,
    near: &'a [Vec<u32>],
    /// The seat of each item.
    pub seat_of: Vec<usize>,
    members: Vec<Vec<usize>>,
    /// Whether the group of a seat may be changed.
    own: Vec<bool>,
    /// Items of own groups, at the start.
    centres: Vec<usize>,
    random: Pcg64Mcg,
    scratch: Scratch,
}

/// Room for one step after another.
#[derive(Debug, Clone, Default)]
struct Scratch {
    pool: Vec<usize>,
    order: Vec<(f64, usize)>,
    place: Vec<usize>,
    room: Vec<i64>,
}

impl<'a> Walk<'a> {
    /// From a solution; `own` says of each seat in use whether its group may be changed.
    pub fn new(
        model: &'a Model,
        near: &'a [Vec<u32>],
        seat_of: &[usize],
        own: impl Fn(usize) -> bool,
        seed: u64,
    ) -> Self {
        let mut members = vec![Vec::new(); model.seats];
        for (item, &seat) in seat_of.iter().enumerate() {
            members[seat].push(item);
        }
        let own: Vec<bool> = (0..model.seats)
            .map(|seat| !members[seat].is_empty() && own(seat))
            .collect();
        let centres = (0..model.items)
            .filter(|&item| own[seat_of[item]])
            .collect();
        Self {
            model,
            near,
            seat_of: seat_of.to_vec(),
            members,
            own,
            centres,
            random: Pcg64Mcg::seed_from_u64(seed),
            scratch: Scratch::default(),
        }
    }

    /// Whether it has anything to change.
    pub fn is_empty(&self) -> bool {
        self.centres.is_empty()
    }

    /// Tries one step; takes it if it is better, or not much worse than the temperature allows.
    pub fn step(&mut self, temperature: f64) {
        let centre = self.centres[self.random.random_range(0..self.centres.len())];
        let most = self.random.random_range(POOL / 2..=POOL * 3 / 2);
        let mut seats = Vec::with_capacity(2 * GROUPS.end());
        if self.random.random_range(0..FAR) == 0 {
            // Two places at once: a seat may go from one to the other.
            let far = self.centres[self.random.random_range(0..self.centres.len())];
            self.around(centre, most / 2, &mut seats);
            self.around(far, most / 2, &mut seats);
        } else {
            self.around(centre, most, &mut seats);
        }
        if seats.len() < 2 {
            return;
        }
        let model = self.model;
        let mut pool = std::mem::take(&mut self.scratch.pool);
        pool.clear();
        pool.extend(seats.iter().flat_map(|&seat| &self.members[seat]));
        let before: f64 = pool
            .iter()
            .map(|&item| model.cost(self.seat_of[item], item))
            .sum();
        let allowed = before - temperature * self.random.random::<f64>().max(1e-12).ln();
        let mut medians = self.reopened(&seats, &pool);
        let mut best: Option<(f64, Vec<usize>, Vec<usize>)> = None;
        for _ in 0..ROUNDS {
            if !self.seat(&pool, &medians) {
                break;
            }
            let moved = self.recentre(&seats, &pool, &mut medians);
            let value: f64 = pool
                .iter()
                .zip(&self.scratch.place)
                .map(|(&item, &at)| model.cost(medians[at], item))
                .sum();
            if best.as_ref().is_none_or(|b| value < b.0 - 1e-9) {
                best = Some((value, medians.clone(), self.scratch.place.clone()));
            } else {
                break;
            }
            if !moved {
                break;
            }
        }
        if let Some((value, medians, place)) = best
            && value < allowed
        {
            for &seat in &seats {
                self.members[seat].clear();
                self.own[seat] = false;
            }
            for &seat in &medians {
                self.own[seat] = true;
            }
            for (&item, at) in pool.iter().zip(place) {
                self.seat_of[item] = medians[at];
                self.members[medians[at]].push(item);
            }
        }
        self.scratch.pool = pool;
    }

    /// Adds own seats in use around an item: as many as have together about so many items.
    fn around(&self, centre: usize, most: usize, seats: &mut Vec<usize>) {
        let before = seats.len();
        let mut items = 0;
        for &item in &self.near[centre] {
            let seat = self.seat_of[item as usize];
            if !self.own[seat] || seats.contains(&seat) {
                continue;
            }
            items += self.members[seat].len();
            let groups = seats.len() - before;
            if groups == *GROUPS.end() || (groups >= *GROUPS.start() && items > most) {
                break;
            }
            seats.push(seat);
        }
    }

    /// As many seats as before, some of them others.
    fn reopened(&mut self, seats: &[usize], pool: &[usize]) -> Vec<usize> {
        let random = &mut self.random;
        let any = |random: &mut Pcg64Mcg| pool[random.random_range(0..pool.len())];
        let mut medians = seats.to_vec();
        match random.random_range(0..10) {
            // One of them elsewhere.
            0..5 => {
                let at = random.random_range(0..medians.len());
                medians[at] = any(random);
            }
            // Each perhaps at another of its items.
            5..8 => {
                for median in &mut medians {
                    let group = &self.members[*median];
                    if random.random_range(0..2) == 0 {
                        *median = group[random.random_range(0..group.len())];
                    }
                }
            }
            // All anew, each the farthest of a few from those before.
            _ => {
                medians.clear();
                medians.push(any(random));
                while medians.len() < seats.len() {
                    let far = (0..4)
                        .map(|_| any(random))
                        .map(|item| {
                            let nearest = medians.iter().map(|&m| self.model.cost(m, item));
                            (nearest.fold(f64::INFINITY, f64::min), item)
                        })
                        .max_by(|a, b| a.0.total_cmp(&b.0));
                    medians.extend(far.map(|(_, item)| item));
                }
            }
        }
        // No point is two seats, nor the seat of a group that stays.
        for at in 0..medians.len() {
            let mut tries = 0;
            while medians[..at].contains(&medians[at])
                || !is_free(&self.members, seats, medians[at])
            {
                medians[at] = any(random);
                tries += 1;
                if tries == 50 {
                    return seats.to_vec();
                }
            }
        }
        medians
    }

    /// Seats the pool at the medians, those first that lose most elsewhere, then moves them until nothing gains.
    /// False if some item finds no room.
    fn seat(&mut self, pool: &[usize], medians: &[usize]) -> bool {
        let model = self.model;
        let Scratch {
            order, place, room, ..
        } = &mut self.scratch;
        let mut seating = Seating {
            model,
            pool,
            medians,
            place,
            room,
        };
        let weight = |item: usize| f64::from(model.weight(medians[0], item));
        order.clear();
        for (n, &item) in pool.iter().enumerate() {
            let (mut first, mut second) = (f64::INFINITY, f64::INFINITY);
            for &median in medians {
                let cost = model.cost(median, item);
                if cost < first {
                    (first, second) = (cost, first);
                } else if cost < second {
                    second = cost;
                }
            }
            order.push(((second - first) * weight(item), n));
        }
        let falling = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        order.sort_unstable_by(falling);
        if !seating.fill(order) {
            // Heavy ones first leave the most room.
            for (key, n) in order.iter_mut() {
                *key = weight(pool[*n]);
            }
            order.sort_unstable_by(falling);
            if !seating.fill(order) {
                return false;
            }
        }
        seating.descend();
        true
    }

    /// Moves each median to the best of its group's items. Whether any moved.
    fn recentre(&self, seats: &[usize], pool: &[usize], medians: &mut [usize]) -> bool {
        let model = self.model;
        let place = &self.scratch.place;
        let mut moved = false;
        let mut group = Vec::new();
        for at in 0..medians.len() {
            let mut median = medians[at];
            group.clear();
            group.extend(
                pool.iter()
                    .zip(place)
                    .filter(|(_, p)| **p == at)
                    .map(|(&item, _)| item),
            );
            let load: u64 = group
                .iter()
                .map(|&i| u64::from(model.weight(median, i)))
                .sum();
            let cost = |seat: usize| {
                group
                    .iter()
                    .map(|&item| model.cost(seat, item))
                    .sum::<f64>()
            };
            let mut least = cost(median);
            for &seat in &group {
                if load > u64::from(model.capacity[seat])
                    || medians.contains(&seat)
                    || !is_free(&self.members, seats, seat)
                {
                    continue;
                }
                let value = cost(seat);
                if value < least - 1e-9 {
                    (least, median) = (value, seat);
                }
            }
            moved |= medians[at] != median;
            medians[at] = median;
        }
        moved
    }
}

/// Whether a point may become a seat where the groups of `seats` are dissolved.
fn is_free(members: &[Vec<usize>], seats: &[usize], point: usize) -> bool {
    members[point].is_empty() || seats.contains(&point)
}

/// The items of a step, and where they sit.
struct Seating<'a> {
    model: &'a Model,
    pool: &'a [usize],
    medians: &'a [usize],
    /// For each of the pool, which of the medians.
    place: &'a mut Vec<usize>,
    /// What each median can still take.
    room: &'a mut Vec<i64>,
}

impl Seating<'_> {
    fn weight(&self, at: usize, n: usize) -> i64 {
        i64::from(self.model.weight(self.medians[at], self.pool[n]))
    }

    fn cost(&self, at: usize, n: usize) -> f64 {
        self.model.cost(self.medians[at], self.pool[n])
    }

    /// Gives each item, in order, its cheapest median with room. False if one finds none.
    fn fill(&mut self, order: &[(f64, usize)]) -> bool {
        let capacities = self
            .medians
            .iter()
            .map(|&m| i64::from(self.model.capacity[m]));
        self.room.clear();
        self.room.extend(capacities);
        self.place.clear();
        self.place.resize(self.pool.len(), 0);
        for &(_, n) in order {
            let mut least = f64::INFINITY;
            let mut to = None;
            for (at, room) in self.room.iter().enumerate() {
                let cost = self.cost(at, n);
                if cost < least && self.weight(at, n) <= *room {
                    (least, to) = (cost, Some(at));
                }
            }
            let Some(to) = to else {
                return false;
            };
            self.room[to] -= self.weight(to, n);
            self.place[n] = to;
        }
        true
    }

    /// Moves items, alone or with one that makes way, until nothing gains.
    fn descend(&mut self) {
        let mut better = true;
        while better {
            better = false;
            for n in 0..self.pool.len() {
                let from = self.place[n];
                let now = self.cost(from, n);
                for to in 0..self.medians.len() {
                    let gain = now - self.cost(to, n);
                    if gain > 1e-9 && (self.shift(n, to) || self.eject(n, to, gain)) {
                        better = true;
                        break;
                    }
                }
            }
        }
    }

    fn shift(&mut self, n: usize, to: usize) -> bool {
        let fits = self.weight(to, n) <= self.room[to];
        if fits {
            self.put(n, to);
        }
        fits
    }

    fn put(&mut self, n: usize, to: usize) {
        let from = self.place[n];
        self.room[from] += self.weight(from, n);
        self.room[to] -= self.weight(to, n);
        self.place[n] = to;
    }

    /// Seats an item where another makes way for it, to a third median or to where the first comes from.
    fn eject(&mut self, n: usize, to: usize, gain: f64) -> bool {
        let from = self.place[n];
        let (left, needed) = (self.weight(from, n), self.weight(to, n) - self.room[to]);
        let mut best: Option<(f64, usize, usize)> = None;
        for (other, _) in self.place.iter().enumerate().filter(|(_, at)| **at == to) {
            if self.weight(to, other) < needed {
                continue;
            }
            let here = self.cost(to, other);
            for (third, room) in self.room.iter().enumerate() {
                let room = room + if third == from { left } else { 0 };
                let total = gain + here - self.cost(third, other);
                let gains = total > best.map_or(1e-9, |b| b.0);
                if third != to && gains && self.weight(third, other) <= room {
                    best = Some((total, other, third));
                }
            }
        }
        if let Some((_, other, third)) = best {
            self.put(other, third);
            self.put(n, to);
        }
        best.is_some()
    }
}
