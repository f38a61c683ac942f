//! Rulesets: every figure of the law as a parameter, with its legal basis.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Violations;
use super::code::check_title;

dudao_law::words!(
    /// How sure the source of a figure is.
    Confidence {
        /// [V] the rule's text was read.
        Verified = "已核原文",
        /// [R] reported by an official answer or by the press.
        Reported = "官方答复或报道",
        /// [P] another place's rule, good only as a preset.
        Preset = "外地规定，仅作预设",
        /// [M] commonly held, unconfirmed.
        Unconfirmed = "通行做法，未核实",
        /// Set by the county itself.
        County = "本县设定",
    }
);

/// The units that a figure may have.
pub const UNITS: &[&str] = &[
    "schools",
    "days",
    "working_days",
    "months",
    "hours",
    "years",
    "visits",
    "share",
    "minutes",
    "persons",
    "bool",
    "km_per_hour",
    "ratio",
    "weeks",
    "terms",
    "points",
    "yuan",
];

/// A figure of the rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its key, such as `zone.max_schools`.
    pub key: String,
    /// What it is, in Chinese.
    pub display_name: String,
    /// Its value; none where the county must enter one before the rule can be used.
    #[serde(default)]
    pub value: Option<f64>,
    /// Its unit, one of [`UNITS`].
    pub unit: String,
    /// Its legal basis.
    pub basis: String,
    /// How sure the basis is.
    pub confidence: Confidence,
}

/// A version of a county's rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ruleset {
    /// What it is called.
    pub display_name: String,
    /// The preset that it started from.
    pub preset: String,
    /// First day on which it is in force.
    pub effective_date: NaiveDate,
    /// Its parameters, sorted by key.
    pub parameters: Vec<Parameter>,
}

impl Ruleset {
    /// The value of a parameter, unless it is unknown or unset.
    pub fn value(&self, key: &str) -> Option<f64> {
        self.parameters
            .iter()
            .find(|parameter| parameter.key == key)?
            .value
    }

    /// Puts parameters in place of those of the same key, or beside the others.
    #[must_use]
    pub fn with(mut self, changes: Vec<Parameter>) -> Self {
        for change in changes {
            match self
                .parameters
                .iter_mut()
                .find(|parameter| parameter.key == change.key)
            {
                Some(parameter) => *parameter = change,
                None => self.parameters.push(change),
            }
        }
        self.parameters.sort_by(|a, b| a.key.cmp(&b.key));
        self
    }

    /// Checks the name and every parameter.
    pub fn check(self) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_title(&mut wrong, &self.display_name);
        wrong.take("", check_parameters(&self.parameters));
        wrong.into_result()?;
        Ok(self)
    }
}

/// Checks parameters: known keys, finite values in their unit's range, a basis each.
pub fn check_parameters(parameters: &[Parameter]) -> Result<(), Violations> {
    let mut wrong = Violations::new();
    let mut seen = HashSet::new();
    for (at, parameter) in parameters.iter().enumerate() {
        let path = |field: &str| format!("parameters[{at}].{field}");
        let key_right = parameter.key.len() <= 60
            && parameter.key.contains('.')
            && parameter.key.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_')
            });
        wrong.check(
            key_right,
            path("key"),
            "参数名须形如 zone.max_schools",
            "must look like zone.max_schools",
        );
        wrong.check(
            seen.insert(&parameter.key),
            path("key"),
            "参数重复",
            "must not be given twice",
        );
        wrong.check(
            UNITS.contains(&parameter.unit.as_str()),
            path("unit"),
            format!("单位须为 {} 之一", UNITS.join("、")),
            format!("must be one of {}", UNITS.join(", ")),
        );
        let (most, range) = match parameter.unit.as_str() {
            "share" | "bool" => (1.0, "0 至 1"),
            _ => (100_000.0, "0 至 100000"),
        };
        wrong.check(
            parameter
                .value
                .is_none_or(|value| (0.0..=most).contains(&value)),
            path("value"),
            format!("数值须在 {range} 之间"),
            format!("must lie in 0 to {most}"),
        );
        wrong.check(
            !parameter.basis.trim().is_empty() && parameter.basis.chars().count() <= 500,
            path("basis"),
            "须写明依据，最多 500 个字",
            "must state the legal basis, at most 500 characters",
        );
    }
    wrong.into_result()
}
