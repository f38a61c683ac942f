//! The county's parameters, and what to say of one that is missing.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::error::Rule;

/// The rules in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ruleset {
    /// `counties/{code}/rulesets/{version}`.
    pub name: String,
    /// Key → value; without a value where the county must enter one.
    pub values: BTreeMap<String, Option<f64>>,
}

/// Reads parameters and remembers those that are missing, so that the planner learns of all at once.
#[derive(Debug)]
pub struct Reader<'a> {
    rules: &'a Ruleset,
    missing: RefCell<Vec<Rule>>,
}

impl Ruleset {
    /// Begins to read.
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            rules: self,
            missing: RefCell::default(),
        }
    }
}

impl Reader<'_> {
    /// A parameter that must be there; 0 beside a remembered fault otherwise.
    pub fn number(&self, key: &str) -> f64 {
        match self.rules.values.get(key).copied().flatten() {
            Some(value) if value.is_finite() && value >= 0.0 => value,
            found => {
                let mut missing = self.missing.borrow_mut();
                if !missing.iter().any(|rule| rule.rule == key) {
                    let (zh, en) = match found {
                        None => (
                            "尚未填写，请在规则中录入".to_owned(),
                            "is not set: the county must enter it".to_owned(),
                        ),
                        Some(value) => (
                            format!("的值 {value} 无效，须为不小于 0 的数"),
                            format!("is {value}, and must be a number of at least 0"),
                        ),
                    };
                    missing.push(Rule::new(
                        key,
                        "",
                        &self.rules.name,
                        format!("规则参数 {key} {zh}"),
                        format!("the parameter {key} {en}"),
                    ));
                }
                0.0
            }
        }
    }

    /// A whole number.
    pub fn count(&self, key: &str) -> u32 {
        self.number(key).round() as u32
    }

    /// A number that others are divided by, at least `least`.
    pub fn at_least(&self, key: &str, least: f64) -> f64 {
        self.number(key).max(least)
    }

    /// A switch: any number but 0 is on.
    pub fn switch(&self, key: &str) -> bool {
        self.number(key) != 0.0
    }

    /// What was missing.
    pub fn missing(self) -> Vec<Rule> {
        self.missing.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_parameter_is_named_once() {
        let mut rules = Ruleset::default();
        rules
            .values
            .insert("zone.max_schools".to_owned(), Some(20.0));
        rules.values.insert("routine.days".to_owned(), None);
        let reader = rules.reader();
        assert_eq!(reader.count("zone.max_schools"), 20);
        reader.number("routine.days");
        reader.number("routine.days");
        reader.number("special.days");
        let missing = reader.missing();
        let keys: Vec<_> = missing.iter().map(|rule| rule.rule.as_str()).collect();
        assert_eq!(keys, ["routine.days", "special.days"]);
        assert!(missing[0].words.zh.contains("routine.days"));
    }
}
