//! A model as any solver reads it: columns, rows and costs by name, written as MPS; and a solution of ours as a point of it.
//!
//! The programs are compact: every rule and every cost of [`check`](crate::zoning::check) and
//! [`objective`](crate::zoning::objective) as rows over few columns, so that others may solve the same and what we found may
//! be verified by them. They are not what our own search works on.

use std::collections::HashMap;
use std::io::{self, Write};

/// How far a row may be off before it counts as broken.
const SLACK: f64 = 1e-6;

/// A mixed-integer linear program, to be minimised.
#[derive(Debug, Clone)]
pub struct Program {
    name: String,
    notes: Vec<String>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    index: HashMap<String, Var>,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Var(usize);

#[derive(Debug, Clone)]
struct Column {
    name: String,
    cost: f64,
    least: f64,
    most: f64,
    whole: bool,
}

/// What the sum of a row is compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    AtMost,
    AtLeast,
    Equal,
}

#[derive(Debug, Clone)]
struct Row {
    name: String,
    terms: Vec<(Var, f64)>,
    sense: Sense,
    side: f64,
}

/// A solution in a program's names; columns that it does not name are 0.
pub type Point = HashMap<String, f64>;

/// Where a point is no solution of a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It uses a column that there is not: what the column stands for is forbidden.
    #[error("there is no column {0}")]
    Column(String),
    /// A column is out of its range, or not whole.
    #[error("column {0} has a value that it may not have")]
    Range(String),
    /// A row does not hold.
    #[error("row {0} does not hold")]
    Row(String),
}

impl Program {
    /// An empty program. Notes go to the head of the file.
    pub(crate) fn new(name: &str, notes: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            notes: notes.iter().map(|&note| note.to_owned()).collect(),
            columns: Vec::new(),
            rows: Vec::new(),
            index: HashMap::new(),
        }
    }

    fn column(&mut self, column: Column) -> Var {
        let var = Var(self.columns.len());
        self.index.insert(column.name.clone(), var);
        self.columns.push(column);
        var
    }

    /// A column that is 0 or 1.
    pub(crate) fn binary(&mut self, name: String, cost: f64) -> Var {
        self.column(Column {
            name,
            cost,
            least: 0.0,
            most: 1.0,
            whole: true,
        })
    }

    /// A column from 0 to `most`.
    pub(crate) fn real(&mut self, name: String, cost: f64, most: f64) -> Var {
        self.column(Column {
            name,
            cost,
            least: 0.0,
            most,
            whole: false,
        })
    }

    /// What every solution costs: a column that is always 1, as solvers differ about constants.
    pub(crate) fn constant(&mut self, cost: f64) {
        self.column(Column {
            name: ALWAYS.to_owned(),
            cost,
            least: 1.0,
            most: 1.0,
            whole: false,
        });
    }

    /// The column of a name.
    pub(crate) fn var(&self, name: &str) -> Option<Var> {
        self.index.get(name).copied()
    }

    fn row(&mut self, name: String, terms: Vec<(Var, f64)>, sense: Sense, side: f64) {
        self.rows.push(Row {
            name,
            terms,
            sense,
            side,
        });
    }

    /// Σ terms ≤ side.
    pub(crate) fn at_most(&mut self, name: String, terms: Vec<(Var, f64)>, side: f64) {
        self.row(name, terms, Sense::AtMost, side);
    }

    /// Σ terms ≥ side.
    pub(crate) fn at_least(&mut self, name: String, terms: Vec<(Var, f64)>, side: f64) {
        self.row(name, terms, Sense::AtLeast, side);
    }

    /// Σ terms = side.
    pub(crate) fn equal(&mut self, name: String, terms: Vec<(Var, f64)>, side: f64) {
        self.row(name, terms, Sense::Equal, side);
    }

    /// What a point costs, or everything that keeps it from being a solution.
    pub fn value(&self, point: &Point) -> Result<f64, Vec<Misfit>> {
        let mut misfits: Vec<Misfit> = point
            .keys()
            .filter(|name| !self.index.contains_key(*name))
            .map(|name| Misfit::Column(name.clone()))
            .collect();
        let values: Vec<f64> = self
            .columns
            .iter()
            .map(|column| match point.get(&column.name) {
                Some(value) => *value,
                None if column.name == ALWAYS => 1.0,
                None => 0.0,
            })
            .collect();
        for (column, value) in self.columns.iter().zip(&values) {
            let fits = *value >= column.least - SLACK
                && *value <= column.most + SLACK
                && (!column.whole || (value - value.round()).abs() <= SLACK);
            if !fits {
                misfits.push(Misfit::Range(column.name.clone()));
            }
        }
        for row in &self.rows {
            let sum: f64 = row.terms.iter().map(|(var, by)| by * values[var.0]).sum();
            let holds = match row.sense {
                Sense::AtMost => sum <= row.side + SLACK,
                Sense::AtLeast => sum >= row.side - SLACK,
                Sense::Equal => (sum - row.side).abs() <= SLACK,
            };
            if !holds {
                misfits.push(Misfit::Row(row.name.clone()));
            }
        }
        if !misfits.is_empty() {
            return Err(misfits);
        }
        Ok(self
            .columns
            .iter()
            .zip(&values)
            .map(|(column, value)| column.cost * value)
            .sum())
    }

    /// Writes the program as free-format MPS, which HiGHS and OR-Tools read.
    pub fn write_mps(&self, out: &mut impl Write) -> io::Result<()> {
        for note in &self.notes {
            writeln!(out, "* {note}")?;
        }
        writeln!(out, "NAME {}\nROWS\n N cost", self.name)?;
        for row in &self.rows {
            let sense = match row.sense {
                Sense::AtMost => 'L',
                Sense::AtLeast => 'G',
                Sense::Equal => 'E',
            };
            writeln!(out, " {sense} {}", row.name)?;
        }
        let mut used: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.columns.len()];
        for (n, row) in self.rows.iter().enumerate() {
            for &(var, by) in &row.terms {
                match used[var.0].last_mut() {
                    Some((last, sum)) if *last == n => *sum += by,
                    Some(_) | None => used[var.0].push((n, by)),
                }
            }
        }
        writeln!(out, "COLUMNS")?;
        let mut whole = false;
        let mut markers = 0;
        for (column, used) in self.columns.iter().zip(&used) {
            if column.whole != whole {
                whole = column.whole;
                markers += 1;
                let kind = if whole { "INTORG" } else { "INTEND" };
                writeln!(out, " M{markers} 'MARKER' '{kind}'")?;
            }
            writeln!(out, " {} cost {}", column.name, column.cost)?;
            for &(n, by) in used {
                writeln!(out, " {} {} {by}", column.name, self.rows[n].name)?;
            }
        }
        if whole {
            writeln!(out, " M{} 'MARKER' 'INTEND'", markers + 1)?;
        }
        writeln!(out, "RHS")?;
        for row in self.rows.iter().filter(|row| row.side != 0.0) {
            writeln!(out, " RHS {} {}", row.name, row.side)?;
        }
        writeln!(out, "BOUNDS")?;
        for column in &self.columns {
            if column.least != 0.0 {
                writeln!(out, " LO BOUND {} {}", column.name, column.least)?;
            }
            writeln!(out, " UP BOUND {} {}", column.name, column.most)?;
        }
        writeln!(out, "ENDATA")
    }

    /// Writes a point: a column and its value a line, those that are 0 left out.
    pub fn write_point(&self, point: &Point, out: &mut impl Write) -> io::Result<()> {
        for column in &self.columns {
            let fallback = if column.name == ALWAYS { 1.0 } else { 0.0 };
            let value = point.get(&column.name).copied().unwrap_or(fallback);
            if value != 0.0 {
                writeln!(out, "{} {value}", column.name)?;
            }
        }
        Ok(())
    }
}

/// The column that is always 1.
const ALWAYS: &str = "always";

#[cfg(test)]
mod tests {
    use super::*;

    /// Coins of 3 and of 1, to pay at least 7 with at most two of the first; each payment costs 10 besides.
    fn coins() -> Program {
        let mut program = Program::new("coins", &["two kinds of coins"]);
        let three = program.binary("three".into(), 2.0);
        let one = program.real("one".into(), 1.0, 9.0);
        program.constant(10.0);
        program.at_least("paid".into(), vec![(three, 3.0), (one, 1.0)], 7.0);
        program
    }

    fn point(three: f64, one: f64) -> Point {
        [("three".to_owned(), three), ("one".to_owned(), one)].into()
    }

    #[test]
    fn a_point_costs_what_its_columns_and_the_constant_cost() {
        assert_eq!(coins().value(&point(1.0, 4.0)), Ok(16.0));
    }

    #[test]
    fn everything_that_is_wrong_with_a_point_is_named() {
        let mut wrong = point(0.5, 1.0);
        wrong.insert("two".into(), 1.0);
        assert_eq!(
            coins().value(&wrong),
            Err(vec![
                Misfit::Column("two".into()),
                Misfit::Range("three".into()),
                Misfit::Row("paid".into()),
            ])
        );
    }

    #[test]
    fn the_file_has_every_section_in_order() {
        let mut file = Vec::new();
        coins().write_mps(&mut file).expect("a vector takes all");
        let file = String::from_utf8(file).expect("text");
        let expected = "* two kinds of coins\nNAME coins\nROWS\n N cost\n G paid\nCOLUMNS\n M1 'MARKER' 'INTORG'\n three cost 2\n \
            three paid 3\n M2 'MARKER' 'INTEND'\n one cost 1\n one paid 1\n always cost 10\nRHS\n RHS paid 7\nBOUNDS\n UP BOUND three 1\n \
            UP BOUND one 9\n LO BOUND always 1\n UP BOUND always 1\nENDATA\n";
        assert_eq!(file, expected);
    }
}
