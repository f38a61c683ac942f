//! Numbers, days and sums as documents write them, and bodies that number their headings (7.3.3).

use chrono::{Datelike as _, NaiveDate};

use crate::{Block, Table};

const DIGITS: [&str; 10] = ["〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// A number from 1 to 99 in Chinese; larger ones in digits.
pub fn numeral(number: usize) -> String {
    let (tens, ones) = (number / 10, number % 10);
    let ones = if ones == 0 { "" } else { DIGITS[ones] };
    match tens {
        0 => DIGITS[number].to_owned(),
        1 => format!("十{ones}"),
        2..=9 => format!("{}十{ones}", DIGITS[tens]),
        _ => number.to_string(),
    }
}

/// A day: 2026年3月5日 (7.3.5.4: without zeros in front).
pub fn day(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// A sum in yuan, of fen.
pub fn money(fen: i64) -> String {
    format!("{}.{:02}元", fen / 100, fen.unsigned_abs() % 100)
}

/// Collects a body, and numbers its headings: 一、（一）1.（1）.
#[derive(Clone, Debug, Default)]
pub struct Body {
    blocks: Vec<Block>,
    counts: [usize; 4],
}

impl Body {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A paragraph; nothing if it says nothing.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.trim().is_empty() {
            self.blocks.push(Block::Text(text));
        }
        self
    }

    /// A heading of a level from 1 to 4, with the next number of its level.
    #[must_use]
    pub fn heading(mut self, level: u8, text: impl AsRef<str>) -> Self {
        let level = level.clamp(1, 4);
        let at = usize::from(level) - 1;
        self.counts[at] += 1;
        self.counts[at + 1..].fill(0);
        let (n, text) = (self.counts[at], text.as_ref());
        let text = match level {
            1 => format!("{}、{text}", numeral(n)),
            2 => format!("（{}）{text}", numeral(n)),
            3 => format!("{n}.{text}"),
            _ => format!("（{n}）{text}"),
        };
        self.blocks.push(Block::Heading(level, text));
        self
    }

    /// A table; nothing without rows below its head.
    #[must_use]
    pub fn table(mut self, table: Table) -> Self {
        if table.rows.len() > 1 {
            self.blocks.push(Block::Table(table));
        }
        self
    }

    /// Any block.
    #[must_use]
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// The body.
    pub fn build(self) -> Vec<Block> {
        self.blocks
    }
}
