//! Reading the text forms of public instances: words and numbers between blanks.

use std::fmt::Display;

use crate::{Issue, Words};

/// Words with their lines; what is wrong is gathered.
pub struct Tokens<'a> {
    words: Box<dyn Iterator<Item = (usize, &'a str)> + 'a>,
    issues: Vec<Issue>,
}

impl<'a> Tokens<'a> {
    /// Begins at the beginning.
    pub fn new(text: &'a str) -> Self {
        let words = text
            .lines()
            .zip(1..)
            .flat_map(|(line, number)| line.split_whitespace().map(move |word| (number, word)));
        Self {
            words: Box::new(words),
            issues: Vec::new(),
        }
    }

    /// The next number; none, and an issue, if there is none.
    pub fn number(&mut self, field: &str) -> Option<f64> {
        let Some((line, word)) = self.words.next() else {
            // One issue tells that the text ends too early, not one for every number missing.
            self.issues.push(issue(
                field,
                &"",
                "文件在此之前已结束",
                "the file ends before it",
            ));
            return None;
        };
        let number = word.parse().ok().filter(|n: &f64| n.is_finite());
        if number.is_none() {
            self.issues.push(issue(
                field,
                &word,
                &format!("第 {line} 行：应为数"),
                &format!("line {line}: must be a number"),
            ));
        }
        number
    }

    /// The next whole number from 0.
    pub fn whole(&mut self, field: &str) -> Option<usize> {
        let number = self.number(field)?;
        let found = whole(number).and_then(|n| usize::try_from(n).ok());
        if found.is_none() {
            self.issues.push(not_whole(field, number));
        }
        found
    }

    /// The end: nothing may be left over.
    pub fn finish(mut self) -> Result<(), Vec<Issue>> {
        if self.issues.is_empty()
            && let Some((line, word)) = self.words.next()
        {
            self.issues.push(issue(
                "",
                &word,
                &format!("第 {line} 行：多余的内容"),
                &format!("line {line}: more than was announced"),
            ));
        }
        if self.issues.is_empty() {
            Ok(())
        } else {
            Err(self.issues)
        }
    }
}

/// A whole number from 0 to 4 294 967 295, if it is one.
pub fn whole(value: f64) -> Option<u32> {
    (value >= 0.0 && value <= f64::from(u32::MAX) && value.fract() == 0.0).then_some(value as u32)
}

/// The issue of a number that must be whole.
pub fn not_whole(field: &str, value: f64) -> Issue {
    issue(
        field,
        &value,
        "应为不小于 0 的整数",
        "must be a whole number from 0",
    )
}

/// An issue.
pub fn issue(field: &str, value: &dyn Display, zh: &str, en: &str) -> Issue {
    Issue {
        field: field.to_owned(),
        value: value.to_string(),
        words: Words::new(zh, en),
    }
}
