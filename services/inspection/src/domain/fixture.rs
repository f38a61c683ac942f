//! The law and the people of the domain's own tests.

use chrono::NaiveDate;
use dudao_law::Calendar;
use dudao_law::ruleset::{Figure, Law, Ruleset};

use super::visit::{Candidate, TeamMember, Visit};
use super::words::{InspectionKind, ObjectKind};

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The clocks of Zhejiang with a plea of ten days, a letter and a report within thirty; National Day 2026 with its
/// make-up days.
pub fn law() -> Law {
    let figures = [
        ("comprehensive.team", 3.0, "persons"),
        ("special.team", 3.0, "persons"),
        ("routine.team", 1.0, "persons"),
        ("burden.max_inspections", 5.0, "visits"),
        ("burden.min_weeks_between_teams", 2.0, "weeks"),
        ("clock.decide_ahead", 1.0, "months"),
        ("clock.plea", 10.0, "days"),
        ("clock.opinion_letter", 30.0, "days"),
        ("clock.report_to_government", 30.0, "days"),
        ("clock.preliminary_comprehensive", 10.0, "days"),
        ("team.independent_leader", 1.0, "bool"),
    ];
    let figures = figures.into_iter().map(|(key, value, unit)| {
        let figure = Figure {
            title: key.to_owned(),
            value: Some(value),
            unit: unit.to_owned(),
            basis: "办法".to_owned(),
        };
        (key.to_owned(), figure)
    });
    Law {
        rules: Ruleset {
            name: "counties/140525/rulesets/1".to_owned(),
            figures: figures.collect(),
        },
        calendar: Calendar {
            holidays: vec![(day("2026-10-01"), day("2026-10-07"))],
            makeup_days: vec![day("2026-09-20"), day("2026-10-10")],
        },
    }
}

/// The law with one figure set, or unset.
pub fn law_with(key: &str, value: Option<f64>) -> Law {
    let mut law = law();
    law.rules.figures.entry(key.to_owned()).or_default().value = value;
    law
}

/// `counties/140525/supervisors/{code}`.
pub fn supervisor(code: &str) -> String {
    format!("counties/140525/supervisors/{code}")
}

/// A supervisor of primary schools, in office.
pub fn candidate(code: &str) -> Candidate {
    Candidate {
        supervisor: supervisor(code),
        display_name: format!("督学{code}"),
        stages: vec!["小学".to_owned()],
        in_office: true,
        ..Candidate::default()
    }
}

pub fn member(code: &str, leader: bool) -> TeamMember {
    TeamMember {
        supervisor: supervisor(code),
        display_name: String::new(),
        leader,
    }
}

/// A visit of a primary school on 15 September 2026 by A, who leads, B and C; a routine one by A.
pub fn visit(kind: InspectionKind) -> Visit {
    let mut visit = Visit::planned(
        kind,
        ObjectKind::School,
        "counties/140525/schools/S1",
        "实验小学",
        day("2026-09-15"),
    );
    visit.team = vec![member("A", true)];
    if kind != InspectionKind::Routine {
        visit.team.extend([member("B", false), member("C", false)]);
        visit.campaign = "counties/140525/campaigns/c".to_owned();
    }
    visit
}
