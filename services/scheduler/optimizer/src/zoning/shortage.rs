//! Conflicts of numbers: more schools or days than those who may take them have room for.

use super::conflict::{conflict, names};
use super::flow::{Shares, Shortage};
use super::model::Model;
use super::problem::Problem;
use super::relax::{self, Family};
use crate::mip::{Failure, Limits};
use crate::{Clock, Conflict, Words};

fn takers(problem: &Problem) -> Vec<Vec<usize>> {
    let may = |k: usize, group: usize| problem.groups()[group].iter().all(|&i| problem.may(k, i));
    (0..problem.schools())
        .map(|i| {
            (0..problem.supervisors())
                .filter(|&k| may(k, problem.group(i)))
                .collect()
        })
        .collect()
}

/// Stages of some schools in words, if all are of one stage and town more closely.
fn which(problem: &Problem, schools: &[usize]) -> (String, String) {
    let data = problem.data();
    let first = &data.schools[schools[0]];
    let one_stage = schools
        .iter()
        .all(|&i| data.schools[i].stage == first.stage);
    let one_town = schools.iter().all(|&i| data.schools[i].town == first.town);
    let town = first
        .town
        .as_deref()
        .filter(|_| one_town)
        .unwrap_or_default();
    if schools.len() > 3 && one_stage {
        let n = schools.len();
        let of = if town.is_empty() {
            String::new()
        } else {
            format!(" of {town}")
        };
        return (
            format!("{town} {n} 所{}", first.stage.zh())
                .trim()
                .to_owned(),
            format!("the {n} {}s{of}", first.stage.en()),
        );
    }
    names(schools.iter().map(|&i| &data.schools[i]))
}

/// Fewer places (schools per supervisor) than schools, for some set of schools (Hall 1935).
pub fn places(problem: &Problem) -> Option<Conflict> {
    let data = problem.data();
    let capacity = data
        .supervisors
        .iter()
        .map(|k| f64::from(k.max_schools))
        .collect();
    let Shortage {
        demands,
        takers,
        needed,
        available,
    } = Shares::new(vec![1.0; problem.schools()], capacity, takers(problem)).shortage()?;
    let (zh, en) = which(problem, &demands);
    let (people, short) = (takers.len(), needed - available);
    let most = takers
        .iter()
        .map(|&k| data.supervisors[k].max_schools)
        .max()
        .unwrap_or(0);
    let words = Words::new(
        format!(
            "{zh}只有 {people} 名督学可督导，每人至多 {most} 所：{needed} 所学校只有 {available} 个名额"
        ),
        format!(
            "{en} have only {people} supervisors who may see them, each at most {most}: {available} places for {needed} schools"
        ),
    );
    let stage = data.schools[demands[0]].stage;
    let ways = vec![
        Words::new(
            format!("增加可督导{}等学校的督学，共 {short} 个名额", stage.zh()),
            format!(
                "more supervisors for a {} and the other schools named, with {short} places",
                stage.en()
            ),
        ),
        Words::new(
            format!("将其中督学的学校上限合计提高 {short} 所"),
            format!("let these supervisors take {short} more schools in all"),
        ),
    ];
    Some(conflict(
        problem,
        &["max_schools", "stage", "avoidance", "rotation"],
        &demands,
        &takers,
        words,
        ways,
    ))
}

/// Less time than work, for some set of schools.
pub fn days(problem: &Problem) -> Option<Conflict> {
    let data = problem.data();
    let capacity = data.supervisors.iter().map(|k| k.max_days).collect();
    let demand = data.schools.iter().map(|s| s.days).collect();
    let Shortage {
        demands,
        takers,
        needed,
        available,
    } = Shares::new(demand, capacity, takers(problem)).shortage()?;
    let (zh, en) = which(problem, &demands);
    let (people, short) = (takers.len(), needed - available);
    let words = Words::new(
        format!("{zh}共需 {needed:.1} 天，可督导的 {people} 名督学只有 {available:.1} 天"),
        format!(
            "{en} need {needed:.1} days, the {people} supervisors who may see them have {available:.1}"
        ),
    );
    let ways = vec![Words::new(
        format!("这些督学每年增加 {short:.1} 天，或另请督学"),
        format!("{short:.1} more days a year from these supervisors, or from others"),
    )];
    Some(conflict(
        problem,
        &["capacity", "stage", "avoidance", "rotation"],
        &demands,
        &takers,
        words,
        ways,
    ))
}

/// Supervisors whose fewest days cannot be filled.
pub fn idle(problem: &Problem) -> Vec<Conflict> {
    let data = problem.data();
    let mut found = Vec::new();
    let least: f64 = data.supervisors.iter().map(|k| k.min_days).sum();
    let work: f64 = data.schools.iter().map(|s| s.days).sum();
    let lower = || vec![Words::new("降低最少天数", "lower the fewest days")];
    if least > work + 1e-6 {
        let words = Words::new(
            format!("督学最少天数合计 {least:.1} 天，全部工作只有 {work:.1} 天"),
            format!(
                "the supervisors must be given {least:.1} days in all, and there are {work:.1} days of work"
            ),
        );
        found.push(conflict(problem, &["capacity"], &[], &[], words, lower()));
    }
    for (k, supervisor) in data.supervisors.iter().enumerate() {
        let able: f64 = (0..problem.schools())
            .filter(|&i| problem.may(k, i))
            .map(|i| data.schools[i].days)
            .sum();
        if supervisor.min_days > able + 1e-6 {
            let (who, least) = (&supervisor.name, supervisor.min_days);
            let words = Words::new(
                format!("{who}至少应有 {least:.1} 天工作，可负责的学校只有 {able:.1} 天"),
                format!(
                    "{who} must be given {least:.1} days, and the schools open to them have {able:.1}"
                ),
            );
            found.push(conflict(problem, &["capacity"], &[], &[k], words, lower()));
        }
    }
    found
}

/// The conflict when the relaxation has no solution: which families of rules it takes. A family is part of it if
/// the relaxation has a solution without it (or may have one, within the time) while those found before are kept.
pub fn of_capacities(
    model: &Model<'_>,
    least_team: &[Vec<f64>],
    whole: bool,
    clock: &Clock,
) -> Conflict {
    let mut without = Vec::new();
    let mut rules = Vec::new();
    let mut ways = Vec::new();
    let families = [
        (
            Family::Apart,
            "pin",
            "取消部分“不得同一督学”的指定",
            "release some pins that keep schools apart",
        ),
        (
            Family::MinDays,
            "capacity",
            "降低最少天数",
            "lower the fewest days",
        ),
        (
            Family::MaxDays,
            "capacity",
            "增加最多天数",
            "raise the most days",
        ),
        (
            Family::MaxSchools,
            "max_schools",
            "提高每人学校上限",
            "raise the most schools of a supervisor",
        ),
    ];
    for (family, rule, zh, en) in families {
        without.push(family);
        let limits = Limits {
            gap: 1.0,
            nodes: Some(1_000),
            ..Limits::seconds(2.0)
        };
        let answer = relax::solve(model, least_team, whole, &without, limits, clock);
        if !matches!(answer, Err(Failure::Infeasible)) {
            without.pop();
            rules.push(rule);
            ways.push(Words::new(zh, en));
        }
    }
    rules.dedup();
    let words = Words::new(
        "学段、回避、轮换、指定与督学的学校数、天数上下限合在一起无法满足（每一项单独看都够）",
        "stages, avoidance, rotation and pins leave no assignment within the supervisors' numbers of schools and days, \
         although each of these alone could be kept",
    );
    conflict(model.problem, &rules, &[], &[], words, ways)
}
