//! The figures of a county's rules, and what to say of one that is missing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::days::{Calendar, Span, Unit};
use crate::refusal::{Refusal, Rule};

/// A figure: its value, unless the county has yet to enter one, and on what it rests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What it is, in Chinese.
    pub title: String,
    /// Its value.
    pub value: Option<f64>,
    /// Its unit, as the registry's rulesets name it.
    pub unit: String,
    /// Its legal basis.
    pub basis: String,
}

/// A version of a county's rules, which never changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ruleset {
    /// `counties/{code}/rulesets/{version}`.
    pub name: String,
    /// The figures by their keys.
    pub figures: BTreeMap<String, Figure>,
}

impl Ruleset {
    /// A figure that must be there; the refusal says which one the county must enter.
    pub fn number(&self, key: &str) -> Result<f64, Refusal> {
        self.optional(key)
            .ok_or_else(|| Refusal::Rules(vec![self.missing(key)]))
    }

    /// A figure, unless it is unknown or unset.
    pub fn optional(&self, key: &str) -> Option<f64> {
        let value = self.figures.get(key)?.value?;
        (value.is_finite() && value >= 0.0).then_some(value)
    }

    /// A whole number that must be there.
    pub fn count(&self, key: &str) -> Result<u32, Refusal> {
        Ok(self.number(key)?.round() as u32)
    }

    /// A switch: any number but 0 is on; unset is off.
    pub fn switch(&self, key: &str) -> bool {
        self.optional(key).is_some_and(|value| value != 0.0)
    }

    /// A period that must be there.
    pub fn span(&self, key: &str) -> Result<Span, Refusal> {
        self.optional_span(key)
            .ok_or_else(|| Refusal::Rules(vec![self.missing(key)]))
    }

    /// A period, unless it is unset.
    pub fn optional_span(&self, key: &str) -> Option<Span> {
        let n = self.optional(key)?.round() as u32;
        let unit = match self.figures.get(key)?.unit.as_str() {
            "working_days" => Unit::WorkingDays,
            "months" => Unit::Months,
            "years" | "terms" => Unit::Years,
            _ => Unit::Days,
        };
        Some(Span { n, unit })
    }

    /// On what a figure rests; "" if it is not known.
    pub fn basis(&self, key: &str) -> &str {
        self.figures.get(key).map_or("", |figure| &figure.basis)
    }

    /// The rule that stands against whatever needs a figure that is not set.
    pub fn missing(&self, key: &str) -> Rule {
        let title = self
            .figures
            .get(key)
            .map_or("", |figure| figure.title.as_str());
        Rule {
            rule: key.to_owned(),
            article: self.basis(key).to_owned(),
            subject: self.name.clone(),
            zh: format!("规则参数 {key}（{title}）尚未填写：请县督导委员会办公室在规则中录入"),
            en: format!("the parameter {key} is not set: the county must enter it in its rules"),
        }
    }
}

/// What a decision is made under: the ruleset in force at its start, and the days that are worked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Law {
    /// The rules.
    pub rules: Ruleset,
    /// The days.
    pub calendar: Calendar,
}

impl Law {
    /// The last day of a clock that an event of this day starts; refused if the county has not set the clock.
    pub fn due(&self, key: &str, anchor: NaiveDate) -> Result<NaiveDate, Refusal> {
        Ok(self.rules.span(key)?.after(anchor, &self.calendar))
    }

    /// The same, or none while the clock is not set.
    pub fn due_if_set(&self, key: &str, anchor: NaiveDate) -> Option<NaiveDate> {
        let span = self.rules.optional_span(key)?;
        Some(span.after(anchor, &self.calendar))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(value: Option<f64>, unit: &str) -> Ruleset {
        let figure = Figure {
            title: "被督导单位申辩时限".to_owned(),
            value,
            unit: unit.to_owned(),
            basis: "办法".to_owned(),
        };
        Ruleset {
            name: "counties/140525/rulesets/1".to_owned(),
            figures: [("clock.plea".to_owned(), figure)].into(),
        }
    }

    #[test]
    fn a_clock_that_is_not_set_says_which_parameter_the_county_must_enter() {
        let refusal = rules(None, "days").span("clock.plea").unwrap_err();
        assert_eq!(refusal.keys(), ["clock.plea"]);
        let Refusal::Rules(told) = refusal else {
            unreachable!()
        };
        assert!(told[0].zh.contains("被督导单位申辩时限"));
        assert_eq!(told[0].subject, "counties/140525/rulesets/1");
    }

    #[test]
    fn a_clock_runs_in_the_unit_of_its_figure() {
        let law = Law {
            rules: rules(Some(10.0), "working_days"),
            calendar: Calendar::default(),
        };
        let friday: NaiveDate = "2026-03-06".parse().unwrap();
        assert_eq!(
            law.due("clock.plea", friday).unwrap().to_string(),
            "2026-03-20"
        );
    }
}
