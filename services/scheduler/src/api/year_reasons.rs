//! Why a year is as it is, as the contract knows it.

use dudao_optimizer::year::{Choice, Explanation, Problem, Visit};
use dudao_proto::scheduler::v1 as pb;

use super::convert;
use super::year_plan::{named, target_name};

/// Limits, changes and spreads.
pub fn reasons(
    county: &str,
    problem: &Problem,
    reasons: Explanation,
) -> pb::ExplainYearPlanResponse {
    let data = problem.data();
    let limits = reasons.limits.into_iter().map(|limit| {
        let collection = match limit.rule.as_str() {
            "burden" => "schools",
            "unit_participation" => "memberUnits",
            _ => "supervisors",
        };
        pb::YearLimit {
            subject: format!("counties/{county}/{collection}/{}", limit.subject),
            rule: limit.rule,
            used: limit.used,
            limit: limit.limit,
            words: Some(convert::words(&limit.words)),
        }
    });
    let changes = reasons.changes.into_iter().filter_map(|change| {
        let either = change.after.as_ref().or(change.before.as_ref())?;
        let at = |visit: &Visit| slot(county, problem, visit.date, &visit.team);
        Some(pb::VisitChange {
            visit_id: either.id.clone(),
            display_name: target_name(data, &either.target),
            before: change.before.as_ref().map(at),
            after: change.after.as_ref().map(at),
            reason: Some(convert::words(&change.reason)),
        })
    });
    pb::ExplainYearPlanResponse {
        limits: limits.collect(),
        changes: changes.collect(),
        spreads: reasons.spreads.into_iter().map(convert::spread).collect(),
        choices: Vec::new(),
    }
}

/// Other days for a visit.
pub fn days(county: &str, problem: &Problem, choices: Vec<Choice>) -> pb::ExplainYearPlanResponse {
    let choices = choices.into_iter().map(|choice| pb::VisitChoice {
        slot: Some(slot(county, problem, choice.date, &choice.team)),
        rise: choice.rise,
        breaks: choice.breaks.iter().map(convert::violation).collect(),
    });
    pb::ExplainYearPlanResponse {
        choices: choices.collect(),
        ..pb::ExplainYearPlanResponse::default()
    }
}

fn slot(
    county: &str,
    problem: &Problem,
    date: chrono::NaiveDate,
    team: &[String],
) -> pb::VisitSlot {
    let people = &problem.data().supervisors;
    let name = |id: &String| {
        let known = people.iter().find(|person| person.id == *id);
        known.map(|person| person.name.clone()).unwrap_or_default()
    };
    pb::VisitSlot {
        date: date.to_string(),
        team: named(county, team),
        team_names: team.iter().map(name).collect(),
    }
}
