//! A linear program that is solved again and again, while rows are added and bounds of columns move: each time from the basis
//! before, which good_lp cannot hold on to.

use highs::{Col, HighsModelStatus, Model, RowProblem, Sense};

use super::interrupt;
use crate::Clock;

/// The program; it minimises.
#[derive(Debug)]
pub struct Growing {
    /// None once HiGHS has failed.
    model: Option<Model>,
    columns: Vec<Col>,
}

impl Growing {
    /// A program without rows, whose columns have a cost and bounds.
    pub fn new(columns: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        let mut problem = RowProblem::default();
        let columns = columns
            .into_iter()
            .map(|(cost, least, most)| problem.add_column(cost, least..=most))
            .collect();
        let model = problem.try_optimise(Sense::Minimise).ok();
        let model = model.and_then(|mut model| {
            model.make_quiet();
            model.try_set_option("threads", 1).ok()?;
            model.try_set_option("parallel", "off").ok()?;
            model.try_set_option("random_seed", 1).ok()?;
            Some(model)
        });
        Self { model, columns }
    }

    /// Moves the bounds of a column.
    pub fn bound(&mut self, column: usize, least: f64, most: f64) {
        if let Some(model) = &mut self.model {
            model.change_column_bounds(self.columns[column], least..=most);
        }
    }

    /// Adds the row that the sum of these columns by these factors is at most `most`; no column twice.
    pub fn at_most(&mut self, factors: &[(usize, f64)], most: f64) {
        let Some(model) = &mut self.model else {
            return;
        };
        let factors = factors
            .iter()
            .map(|&(column, by)| (self.columns[column], by));
        if model.try_add_row(..=most, factors).is_err() {
            self.model = None;
        }
    }

    /// The best values and what they cost; none if the clock was over first, or HiGHS failed.
    pub fn minimise(&mut self, clock: &Clock) -> Option<(Vec<f64>, f64)> {
        if clock.over() {
            return None;
        }
        let solved = interrupt::solve(self.model.take()?, clock).ok()?;
        let optimal = solved.status() == HighsModelStatus::Optimal;
        let answer = (
            solved.get_solution().columns().to_vec(),
            solved.objective_value(),
        );
        self.model = Some(solved.into());
        optimal.then_some(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Stop;

    #[test]
    fn rows_and_bounds_may_come_later() {
        let clock = Stop::new(Duration::from_secs(5), 0.0).start();
        let mut program = Growing::new([(-1.0, 0.0, 4.0), (-2.0, 0.0, 4.0)]);
        program.at_most(&[(0, 1.0), (1, 1.0)], 5.0);
        let (values, cost) = program.minimise(&clock).expect("solvable");
        assert_eq!((values, cost), (vec![1.0, 4.0], -9.0));
        program.at_most(&[(0, -1.0), (1, 1.0)], 1.0);
        program.bound(0, 0.0, 1.5);
        let (values, cost) = program.minimise(&clock).expect("solvable");
        assert_eq!((values, cost), (vec![1.5, 2.5], -6.5));
    }
}
