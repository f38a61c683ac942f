//! The first plan of a supervisor's routine visits: which schools share trips all year, and in which rhythm.
//!
//! Two schools visited together every time halve their trips. Three or five schools in a ring do so too: the trips run
//! round the ring two schools at a time (ab, ca, bc, ab, …), so that all are visited equally often and in pairs. These
//! are the extreme points of fractional matching (Balinski 1965), and so the least travel that the bound knows.

use std::collections::BTreeMap;

use super::book::{Book, Rounds};
use super::problem::Problem;

/// Most series of a supervisor that are grouped exactly; more are grouped in portions of this size.
const EXACT: usize = 12;
/// Steps of the search for the days of a ring before it is given up.
const PATIENCE: usize = 4_000;

/// Series that share trips: one alone, a pair, or a ring of three or five.
type Group = Vec<usize>;

impl Book<'_> {
    /// Places all routine visits of a supervisor's schools, none of which is in the book.
    pub fn arrange(&mut self, list: &[usize]) {
        let mut classes: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for &s in list {
            let one = &self.problem.series[s];
            let window = (one.window.start, one.window.end);
            let key = (
                one.numbers.len(),
                window,
                one.min_gap,
                one.max_gap,
                one.days <= 0.5,
            );
            classes.entry(key).or_default().push(s);
        }
        for ((.., half), class) in classes {
            let half = half && self.problem.data().rules.visits_per_trip >= 2;
            for portion in class.chunks(EXACT) {
                let sizes: &[usize] = if half { &[1, 2, 3, 5] } else { &[1] };
                let mark = self.place_all(&grouped(self.problem, portion, sizes));
                if !mark && half {
                    for &s in portion {
                        self.clear_series(s);
                    }
                    self.place_all(&grouped(self.problem, portion, &[1, 2]));
                }
            }
        }
        for &s in list {
            if self.plan.series[s].is_none()
                && let Some(rounds) = self.best_series(s)
            {
                self.set_series(s, rounds);
            }
        }
    }

    /// Places groups, rings first; whether all found a place.
    fn place_all(&mut self, groups: &[Group]) -> bool {
        let mut all = true;
        let mut order: Vec<&Group> = groups.iter().collect();
        order.sort_by_key(|group| std::cmp::Reverse(group.len()));
        for group in order {
            let placed = match group[..] {
                [s] => self.best_series(s).map(|rounds| vec![rounds]),
                [a, b] => self
                    .best_pair([a, b])
                    .map(|rounds| vec![rounds.clone(), rounds]),
                _ => self.ring(group),
            };
            all &= placed.is_some();
            for (&s, rounds) in group.iter().zip(placed.into_iter().flatten()) {
                self.set_series(s, rounds);
            }
        }
        all
    }

    /// Days for a ring of series, if a search near the even beat finds them.
    fn ring(&self, group: &[usize]) -> Option<Vec<Rounds>> {
        let p = self.problem;
        let one = &p.series[group[0]];
        if one.window.is_empty() {
            return None;
        }
        let visits = one.numbers.len() * group.len();
        let total = visits as f64 * one.days;
        let first = p.week[one.window.start];
        let weeks = p.week[one.window.end - 1] + 1 - first;
        let k = p.own[one.school];
        if !self.holds(k, total) {
            return None;
        }
        let mut hunt = Hunt {
            book: self,
            group,
            k,
            visits,
            first,
            beat: weeks as f64 / visits.div_ceil(2) as f64,
            weeks,
            found: vec![Rounds::new(); group.len()],
            patience: PATIENCE,
        };
        hunt.trip(0).then_some(hunt.found)
    }
}

/// A depth-first search for the trips of a ring.
struct Hunt<'a, 'p> {
    book: &'a Book<'p>,
    group: &'a [usize],
    k: usize,
    visits: usize,
    first: usize,
    beat: f64,
    weeks: usize,
    found: Vec<Rounds>,
    patience: usize,
}

impl Hunt<'_, '_> {
    fn trip(&mut self, n: usize) -> bool {
        if 2 * n >= self.visits {
            return true;
        }
        if self.patience == 0 {
            return false;
        }
        self.patience -= 1;
        let stop = |m: usize| m % self.group.len();
        let members: Vec<usize> = (2 * n..self.visits.min(2 * n + 2)).map(stop).collect();
        let ideal = ((n as f64 + 0.5) * self.beat) as usize;
        for off in [0, -1, 1, -2, 2] {
            let Some(week) = ideal.checked_add_signed(off).filter(|&w| w < self.weeks) else {
                continue;
            };
            if !members.iter().all(|&m| self.spaced(m, self.first + week)) {
                continue;
            }
            let Some(day) = self.day(&members, self.first + week) else {
                continue;
            };
            for &m in &members {
                self.found[m].push((day, self.k));
            }
            if self.trip(n + 1) {
                return true;
            }
            for &m in &members {
                self.found[m].pop();
            }
        }
        false
    }

    fn spaced(&self, member: usize, week: usize) -> bool {
        let p = self.book.problem;
        let one = &p.series[self.group[member]];
        let last = self.found[member].last().map(|&(day, _)| p.week[day]);
        last.or(one.last).is_none_or(|last| {
            week.checked_sub(last)
                .is_some_and(|gap| (one.min_gap..=one.max_gap).contains(&gap))
        })
    }

    /// The cheapest day of a week for a trip, apart from the ring's other trips.
    fn day(&self, members: &[usize], week: usize) -> Option<usize> {
        let p = self.book.problem;
        let taken = |day: usize| self.found.iter().any(|r| r.iter().any(|v| v.0 == day));
        let this_week = |r: &Rounds| r.iter().filter(|v| p.week[v.0] == week).count();
        let before: usize = self.found.iter().map(this_week).sum();
        let one = &p.series[self.group[members[0]]];
        let most = p.data().supervisors[self.k].max_days_week;
        let days = one.days * members.len() as f64;
        p.weeks[week]
            .clone()
            .filter(|&day| one.window.contains(&day) && !taken(day))
            .filter(|&day| !p.replaced[self.k][day])
            .filter(|_| days + before as f64 * one.days <= most + 1e-9)
            .filter_map(|day| {
                let schools = members.iter().map(|&m| p.series[self.group[m]].school);
                let schools: Vec<usize> = schools.collect();
                let cost = match schools[..] {
                    [a, b] => {
                        self.book
                            .trip_cost(self.k, day, [a, b], days + before as f64 * one.days)
                    }
                    [a] => self.book.visit_cost(self.k, day, a, days),
                    _ => None,
                };
                Some((cost?, (day + self.k) % 5, day))
            })
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .map(|best| best.2)
    }
}

/// The cheapest way to part series into groups of some sizes, by dynamic programming over subsets.
fn grouped(problem: &Problem, list: &[usize], sizes: &[usize]) -> Vec<Group> {
    let full = (1_usize << list.len()) - 1;
    let mut best: Vec<(f64, usize, Group)> = vec![(f64::INFINITY, 0, Group::new()); full + 1];
    best[0].0 = 0.0;
    let mut options: Vec<(usize, f64, Group)> = Vec::new();
    for mask in 1..=full {
        let size = mask.count_ones() as usize;
        if sizes.contains(&size) {
            let group: Group = (0..list.len())
                .filter(|n| mask & (1 << n) != 0)
                .map(|n| list[n])
                .collect();
            let (cost, group) = cheapest_ring(problem, &group);
            options.push((mask, cost, group));
        }
    }
    for mask in 1..=full {
        let lowest = mask & mask.wrapping_neg();
        for (option, cost, group) in &options {
            if option & lowest != 0 && option & mask == *option {
                let cost = best[mask ^ option].0 + cost;
                if cost < best[mask].0 - 1e-9 {
                    best[mask] = (cost, mask ^ option, group.clone());
                }
            }
        }
    }
    let mut groups = Vec::new();
    let mut mask = full;
    while mask != 0 && best[mask].0.is_finite() {
        groups.push(best[mask].2.clone());
        mask = best[mask].1;
    }
    groups
}

/// A group in its cheapest order, and its travel in the year.
fn cheapest_ring(problem: &Problem, group: &[usize]) -> (f64, Group) {
    let school = |s: usize| problem.series[s].school;
    let k = problem.own[school(group[0])];
    let visits = problem.series[group[0]].numbers.len() as f64;
    let edge = |a: usize, b: usize| problem.pair(k, school(a), school(b));
    let travel = |ring: &[usize]| -> f64 {
        let n = ring.len();
        visits / 2.0
            * (0..n)
                .map(|m| edge(ring[m], ring[(m + 1) % n]))
                .sum::<f64>()
    };
    match group[..] {
        [s] => (visits * problem.single(k, school(s)), group.to_vec()),
        [a, b] => (visits * edge(a, b), group.to_vec()),
        [first, ref rest @ ..] => {
            let mut best = (f64::INFINITY, group.to_vec());
            permute(&mut rest.to_vec(), 0, &mut |order| {
                let ring: Group = std::iter::once(first)
                    .chain(order.iter().copied())
                    .collect();
                let cost = travel(&ring);
                if cost < best.0 - 1e-9 {
                    best = (cost, ring);
                }
            });
            best
        }
        [] => (0.0, Group::new()),
    }
}

fn permute(list: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
    if from == list.len() {
        visit(list);
        return;
    }
    for n in from..list.len() {
        list.swap(from, n);
        permute(list, from + 1, visit);
        list.swap(from, n);
    }
}
