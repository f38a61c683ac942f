//! Conversions that both kinds of plan share.

use chrono::NaiveDate;
use dudao_optimizer as opt;
use dudao_platform::{clock, etag};
use dudao_proto::registry::v1 as registry;
use dudao_proto::scheduler::v1 as pb;

use crate::domain::compare::Difference;
use crate::domain::county::id_of;
use crate::domain::error::Wrong;
use crate::domain::lifecycle::State;
use crate::domain::plan::{Figures, LeftOut, Limits, Plan, Report};

/// A stage as the optimiser knows it; none for one that is not stated.
pub fn stage_of(stage: registry::Stage) -> Option<opt::Stage> {
    use registry::Stage;
    Some(match stage {
        Stage::Unspecified => return None,
        Stage::Kindergarten => opt::Stage::Kindergarten,
        Stage::Primary => opt::Stage::Primary,
        Stage::Junior => opt::Stage::Junior,
        Stage::Senior => opt::Stage::Senior,
        Stage::NineYear => opt::Stage::NineYear,
        Stage::TwelveYear => opt::Stage::TwelveYear,
        Stage::CompleteSecondary => opt::Stage::CompleteSecondary,
        Stage::Vocational => opt::Stage::Vocational,
        Stage::Special => opt::Stage::Special,
    })
}

/// A stage as the contract knows it.
pub fn stage(stage: opt::Stage) -> registry::Stage {
    use registry::Stage;
    match stage {
        opt::Stage::Kindergarten => Stage::Kindergarten,
        opt::Stage::Primary => Stage::Primary,
        opt::Stage::Junior => Stage::Junior,
        opt::Stage::Senior => Stage::Senior,
        opt::Stage::NineYear => Stage::NineYear,
        opt::Stage::TwelveYear => Stage::TwelveYear,
        opt::Stage::CompleteSecondary => Stage::CompleteSecondary,
        opt::Stage::Vocational => Stage::Vocational,
        opt::Stage::Special => Stage::Special,
    }
}

/// A place as the contract knows it.
pub fn place(place: opt::geo::Place) -> registry::Place {
    registry::Place {
        longitude: place.lon,
        latitude: place.lat,
    }
}

/// A state as the contract knows it.
pub fn state(state: State) -> pb::PlanState {
    match state {
        State::Queued => pb::PlanState::Queued,
        State::Solving => pb::PlanState::Solving,
        State::Proposed => pb::PlanState::Proposed,
        State::Infeasible => pb::PlanState::Infeasible,
        State::Unsolved => pb::PlanState::Unsolved,
        State::Approved => pb::PlanState::Approved,
        State::Active => pb::PlanState::Active,
        State::Superseded => pb::PlanState::Superseded,
    }
}

/// The states that a list is asked for.
pub fn states_of(states: &[i32]) -> Result<Vec<State>, dudao_platform::Error> {
    states
        .iter()
        .map(|&number| {
            let asked = pb::PlanState::try_from(number).ok();
            let known = State::ALL.into_iter().find(|&s| asked == Some(state(s)));
            known.ok_or_else(|| {
                dudao_platform::Error::invalid(
                    "states",
                    format!("没有状态 {number}"),
                    format!("there is no state {number}"),
                )
            })
        })
        .collect()
}

/// The limits that are asked for.
pub fn limits_of(path: &str, limits: Option<&pb::SolveLimits>, wrong: &mut Vec<Wrong>) -> Limits {
    let limits = limits.copied().unwrap_or_default();
    let pb::SolveLimits {
        seconds,
        gap,
        seed,
        steps,
    } = limits;
    Limits::parse(path, seconds, gap, seed, steps, wrong)
}

/// A day that is asked for; "" stands for `default`.
pub fn day_of(path: &str, text: &str, default: NaiveDate, wrong: &mut Vec<Wrong>) -> NaiveDate {
    if text.is_empty() {
        return default;
    }
    text.parse().unwrap_or_else(|_| {
        wrong.push(Wrong::new(
            path,
            format!("{text} 不是日期，应形如 2027-01-31"),
            format!("{text} is no day; write it like 2027-01-31"),
        ));
        default
    })
}

/// The id in a resource name of the plan's own county.
pub fn member_of(
    path: impl Into<String>,
    county: &str,
    collection: &str,
    name: &str,
    wrong: &mut Vec<Wrong>,
) -> String {
    let start = format!("counties/{county}/{collection}/");
    match name.strip_prefix(&start) {
        Some(id) if !id.is_empty() && !id.contains('/') => id.to_owned(),
        _ => {
            wrong.push(Wrong::new(
                path,
                format!("{name} 应形如 {start}…"),
                format!("{name} must look like {start}…"),
            ));
            id_of(name).to_owned()
        }
    }
}

/// The limits as the contract knows them.
pub fn limits(limits: &Limits) -> pb::SolveLimits {
    pb::SolveLimits {
        seconds: limits.seconds,
        gap: Some(limits.gap),
        seed: limits.seed,
        steps: limits.steps,
    }
}

/// The Chinese name of a part of an objective.
fn part_name(key: &str) -> &str {
    match key {
        "routine_travel" => "经常性督导行程",
        "team_travel" => "团队督导行程（紧凑度）",
        "imbalance" => "工作量不均衡",
        "change" => "变动",
        "town_cut" => "乡镇跨区",
        "regroup" => "督学调区",
        "peaks" => "周负荷高峰",
        "lateness" => "高风险学校等待",
        other => other,
    }
}

/// Figures as the contract knows them.
pub fn progress(figures: &Figures) -> pb::Progress {
    pb::Progress {
        objective: figures.objective,
        parts: figures
            .parts
            .iter()
            .map(|part| pb::ObjectivePart {
                key: part.name.clone(),
                display_name: part_name(&part.name).to_owned(),
                minutes: part.minutes,
            })
            .collect(),
        bound: figures.bound,
        gap: figures.gap(),
        seconds: figures.seconds,
    }
}

/// Words as the contract knows them.
pub fn words(words: &opt::Words) -> pb::Words {
    pb::Words {
        zh: words.zh.clone(),
        en: words.en.clone(),
    }
}

/// How a quantity is spread.
pub fn spread(spread: opt::Spread) -> pb::Spread {
    pb::Spread {
        quantity: spread.quantity,
        least: spread.least,
        mean: spread.mean,
        most: spread.most,
        gini: spread.gini,
    }
}

/// A broken rule.
pub fn violation(violation: &opt::Violation) -> pb::Violation {
    pb::Violation {
        rule: violation.rule.clone(),
        subjects: violation.subjects.clone(),
        words: Some(words(&violation.words)),
    }
}

/// A report as the contract knows it.
pub fn report(report: &Report) -> pb::SolveReport {
    let Report {
        figures,
        proof,
        violations,
        conflicts,
        remarks,
        changes,
        start_us,
        end_us,
    } = report;
    pb::SolveReport {
        progress: Some(progress(figures)),
        proof: proof.as_ref().map(words),
        violations: violations.iter().map(violation).collect(),
        conflicts: conflicts
            .iter()
            .map(|conflict| pb::Conflict {
                rules: conflict.rules.clone(),
                subjects: conflict.schools.clone(),
                supervisors: conflict.supervisors.clone(),
                words: Some(words(&conflict.words)),
                ways_out: conflict.ways_out.iter().map(words).collect(),
            })
            .collect(),
        remarks: remarks.iter().map(words).collect(),
        changes: changes.map(|changes| pb::Changes {
            forced: changes.forced as i32,
            unforced: changes.unforced as i32,
            least_unforced: changes.least as i32,
        }),
        start_time: start_us.map(clock::timestamp),
        end_time: end_us.map(clock::timestamp),
    }
}

/// Those left out as the contract knows them.
pub fn left_out(county: &str, people: &[LeftOut]) -> Vec<pb::LeftOut> {
    people
        .iter()
        .map(|person| pb::LeftOut {
            supervisor: format!("counties/{county}/supervisors/{}", person.supervisor),
            display_name: person.name.clone(),
            reason: Some(words(&person.reason)),
        })
        .collect()
}

/// A comparison as the contract knows it; subjects are named in `collection` of the county.
pub fn comparison(
    before: &Plan,
    after: &Plan,
    collection: &str,
    differences: Vec<Difference>,
) -> pb::Comparison {
    let county = &after.key.county;
    pb::Comparison {
        before: Some(progress(&before.report.figures)),
        after: Some(progress(&after.report.figures)),
        differences: differences
            .into_iter()
            .map(|difference| pb::Difference {
                subject: format!("counties/{county}/{collection}/{}", difference.subject),
                display_name: difference.name,
                before: difference.before,
                after: difference.after,
            })
            .collect(),
    }
}

/// A plan's etag.
pub fn etag(plan: &Plan) -> String {
    etag::Version(plan.version).etag()
}
