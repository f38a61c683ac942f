//! From relaxed solutions to real ones, and to better ones by moving one item or swapping two.

use std::collections::BinaryHeap;

use super::Model;
use super::bound::Relaxed;

/// Rounds of a descent: what is left to gain after them is left to the search.
const PASSES: usize = 6;
/// How many neighbours of a point swaps and moves are tried with.
const NEIGHBOURS: usize = 64;

/// Gives every item a seat among those that the relaxed solution opens: items keep the cheapest seat that took them,
/// the others go by largest regret. None if some item finds no room.
pub fn repair(model: &Model, relaxed: &Relaxed) -> Option<Vec<usize>> {
    let seats: Vec<usize> = relaxed.takes.iter().map(|t| t.0).collect();
    let mut seat_of = vec![usize::MAX; model.items];
    for (seat, items) in &relaxed.takes {
        for &item in items {
            let now = seat_of[item];
            if now == usize::MAX || model.cost(*seat, item) < model.cost(now, item) {
                seat_of[item] = *seat;
            }
        }
    }
    let mut room: Vec<i64> = model.capacity.iter().map(|&c| i64::from(c)).collect();
    for (item, &seat) in seat_of.iter().enumerate() {
        if seat != usize::MAX {
            room[seat] -= i64::from(model.weight(seat, item));
        }
    }
    fill(model, &seats, &mut seat_of, &mut room).then_some(seat_of)
}

/// Seats every item among `seats` from nothing, by largest regret.
pub fn from_nothing(model: &Model, seats: &[usize]) -> Option<Vec<usize>> {
    let mut seat_of = vec![usize::MAX; model.items];
    let mut room: Vec<i64> = model.capacity.iter().map(|&c| i64::from(c)).collect();
    fill(model, seats, &mut seat_of, &mut room).then_some(seat_of)
}

/// An item that waits for a seat: what it loses if its cheapest seat with room is gone, and that seat.
#[derive(PartialEq)]
struct Waiting {
    regret: f64,
    weight: u32,
    item: usize,
    to: usize,
}

impl Eq for Waiting {}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // An item with one seat left comes first; among equals the heaviest.
        let by_regret = self.regret.total_cmp(&other.regret);
        by_regret
            .then(self.weight.cmp(&other.weight))
            .then(other.item.cmp(&self.item))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn fill(model: &Model, seats: &[usize], seat_of: &mut [usize], room: &mut [i64]) -> bool {
    let choice = |item: usize, room: &[i64]| {
        let (mut first, mut second, mut to) = (f64::INFINITY, f64::INFINITY, None);
        for &seat in seats {
            if i64::from(model.weight(seat, item)) <= room[seat] {
                let cost = model.cost(seat, item);
                if cost < first {
                    (second, first, to) = (first, cost, Some(seat));
                } else if cost < second {
                    second = cost;
                }
            }
        }
        to.map(|to| Waiting {
            regret: second - first,
            weight: model.weight(to, item),
            item,
            to,
        })
    };
    let open = (0..model.items).filter(|&item| seat_of[item] == usize::MAX);
    let Some(mut waiting) = open
        .map(|item| choice(item, room))
        .collect::<Option<BinaryHeap<_>>>()
    else {
        return false;
    };
    // Rooms only shrink: whose seat is full by now has another, and mostly another regret.
    while let Some(Waiting {
        item, to, weight, ..
    }) = waiting.pop()
    {
        if i64::from(weight) > room[to] {
            let Some(again) = choice(item, room) else {
                return false;
            };
            waiting.push(again);
        } else {
            seat_of[item] = to;
            room[to] -= i64::from(weight);
        }
    }
    true
}

/// Moves single items, swaps pairs, and (where seats are chosen) moves each group to its best seat, until nothing gains,
/// or for [`PASSES`] rounds.
///
/// `near` has for each seat the items that it can hold, cheapest first: where every item may be a seat, swaps and moves are
/// tried among neighbours.
pub fn descend(model: &Model, near: &[Vec<u32>], seat_of: &mut [usize]) {
    let mut room: Vec<i64> = model.capacity.iter().map(|&c| i64::from(c)).collect();
    for (item, &seat) in seat_of.iter().enumerate() {
        room[seat] -= i64::from(model.weight(seat, item));
    }
    for _ in 0..PASSES {
        let mut better = false;
        let seats = if model.open.is_some() {
            Model::used(seat_of)
        } else {
            (0..model.seats).collect()
        };
        for (item, at) in seat_of.iter_mut().enumerate() {
            let from = *at;
            let best = seats
                .iter()
                .copied()
                .filter(|&to| to != from && i64::from(model.weight(to, item)) <= room[to])
                .min_by(|&a, &b| model.cost(a, item).total_cmp(&model.cost(b, item)));
            if let Some(to) =
                best.filter(|&to| model.cost(to, item) < model.cost(from, item) - 1e-9)
            {
                room[from] += i64::from(model.weight(from, item));
                room[to] -= i64::from(model.weight(to, item));
                *at = to;
                better = true;
            }
        }
        if model.open.is_some() {
            for (a, near) in near.iter().enumerate() {
                for &b in near.iter().take(NEIGHBOURS) {
                    better |= swap(model, seat_of, &mut room, a, b as usize);
                }
            }
            better |= recentre(model, near, seat_of, &mut room);
        } else {
            for a in 0..model.items {
                for b in 0..a {
                    better |= swap(model, seat_of, &mut room, a, b);
                }
            }
        }
        if !better {
            return;
        }
    }
}

fn swap(model: &Model, seat_of: &mut [usize], room: &mut [i64], a: usize, b: usize) -> bool {
    let (sa, sb) = (seat_of[a], seat_of[b]);
    if sa == sb {
        return false;
    }
    let gain = model.cost(sa, a) + model.cost(sb, b) - model.cost(sb, a) - model.cost(sa, b);
    if gain <= 1e-9 {
        return false;
    }
    let after_a = room[sa] + i64::from(model.weight(sa, a)) - i64::from(model.weight(sa, b));
    let after_b = room[sb] + i64::from(model.weight(sb, b)) - i64::from(model.weight(sb, a));
    if after_a < 0 || after_b < 0 {
        return false;
    }
    (room[sa], room[sb]) = (after_a, after_b);
    (seat_of[a], seat_of[b]) = (sb, sa);
    true
}

fn recentre(model: &Model, near: &[Vec<u32>], seat_of: &mut [usize], room: &mut [i64]) -> bool {
    let mut better = false;
    for seat in Model::used(seat_of) {
        let items: Vec<usize> = (0..model.items).filter(|&i| seat_of[i] == seat).collect();
        let cost = |at: usize| items.iter().map(|&i| model.cost(at, i)).sum::<f64>();
        let now = cost(seat);
        let taken = Model::used(seat_of);
        let best = near[seat]
            .iter()
            .take(NEIGHBOURS)
            .map(|&at| at as usize)
            .filter(|at| taken.binary_search(at).is_err())
            .filter(|&at| {
                items
                    .iter()
                    .map(|&i| u64::from(model.weight(at, i)))
                    .sum::<u64>()
                    <= u64::from(model.capacity[at])
            })
            .map(|at| (cost(at), at))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, at)) = best.filter(|b| b.0 < now - 1e-9) {
            for &item in &items {
                room[seat] += i64::from(model.weight(seat, item));
                room[at] -= i64::from(model.weight(at, item));
                seat_of[item] = at;
            }
            better = true;
        }
    }
    better
}
