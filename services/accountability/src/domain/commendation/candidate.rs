//! For whom the year's results speak, and what stands against a commendation.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use dudao_law::Rule;

use super::{ARTICLE, Nominee};
use crate::domain::case::Case;
use crate::domain::decision::{AccountabilityDecision, SubjectKind};
use crate::domain::finding::FindingState;

/// The result of an evaluation of a unit, as the inspection tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitResult {
    /// The unit.
    pub unit: String,
    /// What it is called.
    pub unit_name: String,
    /// The town in which it lies.
    pub town: String,
    /// Whether the result is good.
    pub good: bool,
}

/// A unit that the results speak for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The unit.
    pub unit: String,
    /// What it is called.
    pub unit_name: String,
    /// The town in which it lies.
    pub town: String,
    /// Its findings of the period.
    pub findings: usize,
    /// Whether an evaluation of the period found it good.
    pub good_result: bool,
}

/// What stands against a unit in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Accountability decisions on the unit or its people: under way, or issued in the period.
    pub decisions: Vec<(String, SubjectKind, String)>,
    /// Findings whose limit has passed.
    pub overdue: usize,
    /// Urging letters of the period for what was late or insufficient.
    pub urged: usize,
}

impl Standing {
    /// Of a unit, from its cases and from the decisions of the county with their names.
    pub fn of(
        unit: &str,
        cases: &[Case],
        decisions: &[(String, AccountabilityDecision)],
        (from, until): (NaiveDate, NaiveDate),
        today: NaiveDate,
    ) -> Self {
        let cases: Vec<_> = cases.iter().filter(|case| case.unit == unit).collect();
        let decisions = decisions
            .iter()
            .filter(|(_, one)| {
                let issued = one.issuance.as_ref().map(|issuance| issuance.date);
                one.unit == unit
                    && one.is_alive()
                    && issued.is_none_or(|day| from <= day && day <= until.max(today))
            })
            .map(|(name, one)| (name.clone(), one.kind, one.person.clone()))
            .collect();
        let findings = cases.iter().flat_map(|case| &case.findings);
        Self {
            decisions,
            overdue: findings.filter(|one| one.is_late(today)).count(),
            urged: cases
                .iter()
                .flat_map(|case| case.urged_late())
                .filter(|day| from <= *day && *day <= until.max(today))
                .count(),
        }
    }

    /// The rules against a nominee: a unit answers for itself, a person for itself and for the unit.
    pub fn against(&self, nominee: &Nominee) -> Vec<Rule> {
        let mut rules = Vec::new();
        for (name, kind, person) in &self.decisions {
            let own = match kind {
                SubjectKind::Unit => true,
                SubjectKind::Person => {
                    nominee.kind == SubjectKind::Person && *person == nominee.person
                }
            };
            if own {
                let rule = Rule::new(
                    "commendation.accountability",
                    ARTICLE,
                    format!("“{}”本年度有问责事项，不能表彰", nominee.unit_name),
                    "an accountability decision of the year stands against it",
                );
                rules.push(rule.about(name));
            }
        }
        if self.overdue > 0 || self.urged > 0 {
            let rule = Rule::new(
                "commendation.overdue",
                ARTICLE,
                format!(
                    "“{}”有 {} 个逾期问题，本年度因逾期或整改不到位被督办 {} 次，不能表彰",
                    nominee.unit_name, self.overdue, self.urged
                ),
                "findings are overdue, or were urged in the year",
            );
            rules.push(rule.about(&nominee.unit));
        }
        rules
    }

    fn is_clean(&self) -> bool {
        let units = self.decisions.iter();
        let mut units = units.filter(|(_, kind, _)| *kind == SubjectKind::Unit);
        units.next().is_none() && self.overdue == 0 && self.urged == 0
    }
}

/// The units for which the results speak: every finding of the period put right in time and closed out, nothing against them,
/// and no evaluation that found them wanting. A unit without a finding is there if an evaluation found it good.
pub fn candidates(
    cases: &[Case],
    decisions: &[(String, AccountabilityDecision)],
    results: &[UnitResult],
    (from, until): (NaiveDate, NaiveDate),
    today: NaiveDate,
) -> Vec<Candidate> {
    let mut units: BTreeMap<&str, Candidate> = BTreeMap::new();
    let mut wanting = std::collections::BTreeSet::new();
    for result in results {
        if !result.good {
            wanting.insert(result.unit.as_str());
        }
        let candidate = Candidate {
            unit: result.unit.clone(),
            unit_name: result.unit_name.clone(),
            town: result.town.clone(),
            findings: 0,
            good_result: true,
        };
        units.entry(&result.unit).or_insert(candidate);
    }
    let opened = |case: &&Case| {
        case.open_date
            .is_some_and(|day| from <= day && day <= until)
    };
    for case in cases.iter().filter(opened) {
        let valid = case
            .findings
            .iter()
            .filter(|one| one.state != FindingState::Withdrawn);
        let candidate = units.entry(&case.unit).or_insert_with(|| Candidate {
            unit: case.unit.clone(),
            unit_name: case.unit_name.clone(),
            town: case.town.clone(),
            findings: 0,
            good_result: false,
        });
        for finding in valid {
            candidate.findings += 1;
            if !finding.was_in_time(case.spot_limit()) {
                wanting.insert(case.unit.as_str());
            }
        }
    }
    let mut of_unit: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for case in cases {
        of_unit.entry(&case.unit).or_default().push(case.clone());
    }
    units
        .into_values()
        .filter(|one| !wanting.contains(one.unit.as_str()))
        .filter(|one| one.findings > 0 || one.good_result)
        .filter(|one| {
            let own = of_unit
                .get(one.unit.as_str())
                .map_or(&[][..], Vec::as_slice);
            Standing::of(&one.unit, own, decisions, (from, until), today).is_clean()
        })
        .collect()
}
