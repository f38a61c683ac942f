//! From relaxed solutions to real ones, and to better ones by moving one item or swapping two.

use super::Model;
use super::bound::Relaxed;

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

fn fill(model: &Model, seats: &[usize], seat_of: &mut [usize], room: &mut [i64]) -> bool {
    loop {
        let mut choice: Option<(f64, u32, usize, usize)> = None;
        for item in (0..model.items).filter(|&i| seat_of[i] == usize::MAX) {
            let (mut first, mut second, mut to) = (f64::INFINITY, f64::INFINITY, usize::MAX);
            for &seat in seats {
                if i64::from(model.weight(seat, item)) <= room[seat] {
                    let cost = model.cost(seat, item);
                    if cost < first {
                        (second, first, to) = (first, cost, seat);
                    } else if cost < second {
                        second = cost;
                    }
                }
            }
            if to == usize::MAX {
                return false;
            }
            let weight = model.weight(to, item);
            // An item with one seat left comes first; among equals the heaviest.
            let regret = second - first;
            if choice.is_none_or(|(r, w, ..)| regret > r || (regret == r && weight > w)) {
                choice = Some((regret, weight, item, to));
            }
        }
        let Some((_, _, item, to)) = choice else {
            return true;
        };
        seat_of[item] = to;
        room[to] -= i64::from(model.weight(to, item));
    }
}

/// Moves single items, swaps pairs, and (where seats are chosen) moves each group to its best seat, until nothing gains.
pub fn descend(model: &Model, seat_of: &mut [usize]) {
    let mut room: Vec<i64> = model.capacity.iter().map(|&c| i64::from(c)).collect();
    for (item, &seat) in seat_of.iter().enumerate() {
        room[seat] -= i64::from(model.weight(seat, item));
    }
    loop {
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
        for a in 0..model.items {
            for b in 0..a {
                better |= swap(model, seat_of, &mut room, a, b);
            }
        }
        better |= model.open.is_some() && recentre(model, seat_of, &mut room);
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

fn recentre(model: &Model, seat_of: &mut [usize], room: &mut [i64]) -> bool {
    let mut better = false;
    for seat in Model::used(seat_of) {
        let items: Vec<usize> = (0..model.items).filter(|&i| seat_of[i] == seat).collect();
        let cost = |at: usize| items.iter().map(|&i| model.cost(at, i)).sum::<f64>();
        let now = cost(seat);
        let taken = Model::used(seat_of);
        let best = (0..model.seats)
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
