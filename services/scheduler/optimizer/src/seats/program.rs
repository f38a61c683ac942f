//! The compact model, for other solvers.

use super::Model;
use crate::program::{Point, Program, Var};

impl Model {
    /// `at_seat_item` is 1 where the item has the seat, `open_seat` where the seat is one of those that may be used.
    pub fn program(&self, name: &str) -> Program {
        let notes = ["at_s_i: item i has seat s; open_s: seat s is used; both are counted from 0."];
        let mut program = Program::new(name, &notes);
        let mut items: Vec<Vec<(Var, f64)>> = vec![Vec::new(); self.items];
        let mut opens = Vec::new();
        for seat in 0..self.seats {
            let open = self.open.map(|_| program.binary(open(seat), 0.0));
            let mut held = Vec::new();
            for (item, seats) in items.iter_mut().enumerate() {
                let column = program.binary(at(seat, item), self.cost(seat, item));
                seats.push((column, 1.0));
                held.push((column, f64::from(self.weight(seat, item))));
            }
            let capacity = f64::from(self.capacity[seat]);
            let side = match open {
                Some(open) => {
                    opens.push((open, 1.0));
                    held.push((open, -capacity));
                    0.0
                }
                None => capacity,
            };
            program.at_most(format!("capacity_{seat}"), held, side);
        }
        for (item, seats) in items.into_iter().enumerate() {
            program.equal(format!("one_{item}"), seats, 1.0);
        }
        if let Some(count) = self.open {
            program.equal("opens".to_owned(), opens, count as f64);
        }
        program
    }

    /// An assignment as a point of [`Model::program`]. Seats that nobody has are opened until there are enough.
    pub fn point(&self, seat_of: &[usize]) -> Point {
        let given = seat_of.iter().enumerate();
        let mut point: Point = given.map(|(item, &seat)| (at(seat, item), 1.0)).collect();
        if let Some(count) = self.open {
            let used = Self::used(seat_of);
            let idle = (0..self.seats).filter(|seat| !used.contains(seat));
            let more = idle.take(count.saturating_sub(used.len()));
            point.extend(
                used.iter()
                    .copied()
                    .chain(more)
                    .map(|seat| (open(seat), 1.0)),
            );
        }
        point
    }
}

fn at(seat: usize, item: usize) -> String {
    format!("at_{seat}_{item}")
}

fn open(seat: usize) -> String {
    format!("open_{seat}")
}
