//! What a year's plan must be, as sentences.

use std::time::Duration;

use chrono::Weekday;
use proptest::prelude::*;

use super::sample::{county, day, item};
use super::search::arranged;
use super::*;
use crate::{Changes, Outcome, Stage, Status, Stop, Unwatched, Watch};

fn stop(steps: u64) -> Stop {
    Stop {
        steps: Some(steps),
        ..Stop::new(Duration::from_secs(20), 0.0)
    }
}

fn planned(data: Data, steps: u64) -> (Problem, Outcome<Solution>) {
    let problem = Problem::new(data).expect("sound data");
    let outcome = solve(&problem, &stop(steps), 1, None, &mut Unwatched);
    (problem, outcome)
}

fn broken(problem: &Problem, solution: &Solution) -> Vec<String> {
    check(problem, solution)
        .into_iter()
        .map(|violation| violation.rule)
        .collect()
}

fn total(problem: &Problem, solution: &Solution) -> f64 {
    let parts = price(problem, solution);
    parts.iter().map(|part| part.minutes).sum()
}

/// Twenty schools and eight supervisors.
fn small() -> Data {
    county(20, 8, 40, 8, 3)
}

#[test]
fn a_plan_covers_all_that_is_due_breaks_no_rule_and_is_near_its_bound() {
    let (problem, outcome) = planned(small(), 2_000);
    let solution = outcome.solution.expect("a plan exists");
    assert_eq!(check(&problem, &solution), vec![]);
    for coverage in coverage(&problem, &solution) {
        assert_eq!(coverage.due, coverage.scheduled, "{}", coverage.item);
    }
    assert_eq!(solution.visits.len(), 20 * 8 + 5 + 5);
    let days: f64 = loads(&problem, &solution).iter().map(|l| l.total).sum();
    assert!((days - (80.0 + 30.0)).abs() < 1e-6, "{days}");
    let gap = outcome.gap.expect("a plan exists");
    assert!(gap < 0.1, "{gap}");
}

#[test]
fn five_schools_in_a_ring_are_always_visited_in_pairs() {
    let mut data = county(5, 2, 40, 10, 1);
    for (n, school) in data.schools.iter_mut().enumerate() {
        school.supervisor = "K00".into();
        let turn = n as f64 * std::f64::consts::TAU / 5.0;
        school.place.lon = 112.5 + 0.1 * turn.cos();
        school.place.lat = 35.5 + 0.1 * turn.sin();
    }
    data.items.truncate(1);
    data.units.clear();
    let (problem, outcome) = planned(data, 500);
    let solution = outcome.solution.expect("a plan exists");
    let days: std::collections::BTreeSet<_> = solution.visits.iter().map(|v| v.date).collect();
    assert_eq!(days.len(), 25, "50 visits on 25 days");
    assert!(broken(&problem, &solution).is_empty());
    assert!(outcome.gap.expect("a plan exists") < 1e-6);
}

#[test]
fn every_broken_rule_is_found() {
    type Spoil = fn(&mut Data, &mut Solution);
    fn first(s: &mut Solution) -> &mut Visit {
        let found = s.visits.iter_mut().find(|v| v.items[0] == "日常");
        found.expect("a routine visit")
    }
    fn team(s: &mut Solution) -> &mut Visit {
        let found = s.visits.iter_mut().find(|v| v.items[0] == "综合");
        found.expect("a comprehensive inspection")
    }
    let cases: Vec<(&str, Spoil)> = vec![
        ("due", |_, s| drop(s.visits.remove(0))),
        ("due", |_, s| {
            let twice = first(s).clone();
            s.visits.push(twice);
        }),
        ("due", |d, s| {
            d.items[1].start = team(s).date.succ_opt().expect("a day");
        }),
        ("filed", |d, _| d.items[1].filed = false),
        ("filed", |_, s| first(s).items[0] = "突击".into()),
        ("spacing", |d, _| d.items[0].max_gap_weeks = 2),
        ("spacing", |_, s| {
            let target = first(s).target.clone();
            let routine = |v: &&mut Visit| v.items[0] == "日常" && v.target == target;
            let mut own = s.visits.iter_mut().filter(routine);
            if let (Some(one), Some(next)) = (own.next(), own.next()) {
                std::mem::swap(&mut one.date, &mut next.date);
            }
        }),
        ("weekly_days", |d, _| {
            d.supervisors.iter_mut().for_each(|k| k.max_days_week = 0.5);
        }),
        ("yearly_days", |d, _| d.supervisors[0].max_days_year = 3.0),
        ("day_clash", |d, _| d.rules.visits_per_trip = 1),
        ("day_clash", |_, s| {
            let (date, k) = (first(s).date, first(s).team[0].clone());
            team(s).date = date;
            if !team(s).team.contains(&k) {
                team(s).team.push(k);
            }
        }),
        ("team_size", |d, _| d.rules.team_min = 4),
        ("team_size", |_, s| drop(team(s).team.pop())),
        ("team_size", |_, s| first(s).team.push("K07".into())),
        ("leader", |_, s| team(s).team.rotate_left(1)),
        ("specialist", |d, s| {
            let stage = Stage::Special;
            let target = team(s).target.clone();
            let school = d.schools.iter_mut().find(|i| i.id == target).expect("it");
            school.stage = stage;
            let own = school.supervisor.clone();
            for k in d.supervisors.iter_mut().filter(|k| k.id != own) {
                k.stages.retain(|&s| s != stage);
            }
            let team = team(s);
            team.team.retain(|k| *k != own);
        }),
        ("avoidance", |d, s| {
            let (k, target) = (team(s).team[1].clone(), team(s).target.clone());
            let member = d.supervisors.iter_mut().find(|m| m.id == k).expect("k");
            member.avoid.push(target.clone());
            let school = d.schools.iter_mut().find(|i| i.id == target).expect("it");
            school.supervisor = (if k == "K00" { "K01" } else { "K00" }).into();
        }),
        ("own_supervisor", |d, s| {
            let (k, target) = (team(s).team[0].clone(), team(s).target.clone());
            let school = d.schools.iter_mut().find(|i| i.id == target).expect("it");
            school.supervisor = k;
        }),
        ("own_supervisor", |_, s| {
            let k = first(s).team[0].clone();
            first(s).team[0] = (if k == "K00" { "K01" } else { "K00" }).into();
        }),
        ("term", |d, _| d.supervisors[0].until = Some(day(30))),
        ("leave", |d, s| {
            let (date, k) = (first(s).date, first(s).team[0].clone());
            let own = d.supervisors.iter_mut().find(|m| m.id == k).expect("k");
            own.leave.push((date, date));
        }),
        ("unit_participation", |_, s| {
            s.visits
                .iter_mut()
                .for_each(|v| v.units.retain(|u| u != "U03"));
        }),
        ("unit_participation", |d, _| d.units[3].max_visits = 0),
        ("unit_participation", |_, s| {
            first(s).units.push("U00".into());
        }),
        ("burden", |d, _| d.rules.burden_per_school = 0),
        ("fortnight", |d, s| {
            let mut more = d.items[1].clone();
            more.id = "专项".into();
            more.kind = Kind::Special;
            let mut visit = team(s).clone();
            more.targets = vec![visit.target.clone()];
            d.items.push(more);
            visit.id = format!("专项/{}/1", visit.target);
            visit.items = vec!["专项".into()];
            s.visits.push(visit);
        }),
        ("merged", |d, s| {
            let mut more = d.items[1].clone();
            d.items[1].mergeable = true;
            more.id = "专项".into();
            more.kind = Kind::Special;
            more.mergeable = true;
            more.targets = vec![team(s).target.clone()];
            d.items.push(more);
        }),
        ("blackout", |d, s| {
            let (date, target) = (team(s).date, team(s).target.clone());
            let school = d.schools.iter_mut().find(|i| i.id == target).expect("it");
            school.blackout.push((date, date));
        }),
        ("blackout", |_, s| {
            let sunday = first(s).date.week(Weekday::Mon).last_day();
            first(s).date = sunday;
        }),
        ("fixed", |d, s| {
            d.fixed.push(first(s).clone());
            first(s).team[0] = "K07".into();
        }),
        ("fixed", |d, _| d.from = Some(day(100))),
    ];
    let (problem, outcome) = planned(small(), 50);
    let plan = outcome.solution.expect("a plan exists");
    assert!(broken(&problem, &plan).is_empty());
    for (n, (rule, spoil)) in cases.into_iter().enumerate() {
        let (mut data, mut solution) = (small(), plan.clone());
        spoil(&mut data, &mut solution);
        let problem = Problem::new(data).expect("sound data");
        let rules = broken(&problem, &solution);
        assert!(
            rules.iter().any(|r| r == rule),
            "case {n}, {rule}: {rules:?}"
        );
    }
}

#[test]
fn similar_items_at_a_school_are_one_visit() {
    let mut data = small();
    let targets = data.items[1].targets.clone();
    data.items[1].mergeable = true;
    let mut special = item("专项", Kind::Special, targets, 20);
    special.mergeable = true;
    data.items.push(special);
    let (problem, outcome) = planned(data, 200);
    let solution = outcome.solution.expect("a plan exists");
    let merged = solution
        .visits
        .iter()
        .filter(|v| v.items.len() == 2)
        .count();
    assert_eq!(merged, 5);
    assert!(broken(&problem, &solution).is_empty());
}

#[test]
fn a_stand_in_of_the_zone_takes_over_when_a_term_ends() {
    let mut data = small();
    data.supervisors[1].until = Some(day(100));
    let (problem, outcome) = planned(data, 300);
    let solution = outcome.solution.expect("a plan exists");
    assert!(broken(&problem, &solution).is_empty());
    let own = |v: &&Visit| {
        let school = problem.data().schools.iter().find(|s| s.id == v.target);
        school.is_some_and(|s| s.supervisor == "K01")
    };
    let later = solution
        .visits
        .iter()
        .filter(own)
        .filter(|v| v.date > day(100));
    assert!(later.clone().count() > 0);
    assert!(later.clone().all(|v| !v.team.contains(&"K01".to_owned())));
}

#[test]
fn in_mid_year_the_past_stands_and_little_else_moves() {
    let (_, outcome) = planned(small(), 500);
    let plan = outcome.solution.expect("a plan exists");
    let today = day(90);
    let mut data = small();
    data.from = Some(today);
    (data.fixed, data.current) = plan.visits.iter().cloned().partition(|v| v.date < today);
    let ill = "K02".to_owned();
    data.supervisors[2].leave = vec![(today, day(120))];
    let touched = data
        .current
        .iter()
        .filter(|v| v.team.contains(&ill) && v.date <= day(120))
        .count();
    data.weights = data.weights.keeping();
    let (problem, outcome) = planned(data, 500);
    let solution = outcome.solution.expect("a plan exists");
    assert!(broken(&problem, &solution).is_empty());
    let fewest = Changes {
        forced: touched,
        unforced: 0,
        least: 0,
    };
    assert!(touched > 0);
    assert_eq!(outcome.changes, Some(fewest));
}

/// The small county on a day of its year, with its plan in force.
fn running(today: u64) -> Data {
    let (_, outcome) = planned(small(), 500);
    let plan = outcome.solution.expect("a plan exists");
    let mut data = small();
    data.from = Some(day(today));
    data.fixed = plan.visits.clone();
    data.fixed.retain(|v| v.date < day(today));
    data.current = plan.visits;
    data.weights = data.weights.keeping();
    data
}

#[test]
fn when_a_supervisor_leaves_in_mid_year_the_past_stands_and_only_their_visits_move() {
    let mut data = running(90);
    let gone = "K02".to_owned();
    let heir = data
        .supervisors
        .iter()
        .find(|k| k.zone == "Z0" && k.id != gone);
    let heir = heir.expect("a colleague").id.clone();
    data.supervisors.retain(|k| k.id != gone);
    for school in data.schools.iter_mut().filter(|s| s.supervisor == gone) {
        school.supervisor.clone_from(&heir);
    }
    let theirs = data
        .current
        .iter()
        .filter(|v| v.date >= day(90) && v.team.contains(&gone));
    let theirs = theirs.count();
    assert!(data.fixed.iter().any(|v| v.team.contains(&gone)) && theirs > 0);
    let (problem, outcome) = planned(data, 500);
    let solution = outcome.solution.expect("a plan exists");
    assert!(broken(&problem, &solution).is_empty());
    let fewest = Changes {
        forced: theirs,
        unforced: 0,
        least: 0,
    };
    assert_eq!(outcome.changes, Some(fewest));
    let clock = Stop::new(Duration::from_secs(20), 0.0).start();
    let changes = explain(&problem, &solution, &clock).changes;
    assert!(!changes.is_empty() && changes.len() <= theirs);
    for change in changes {
        let before = change.before.expect("it was in the plan");
        assert!(
            before.team.contains(&gone),
            "{before:?}: {:?}",
            change.reason
        );
    }
}

#[test]
fn what_is_yet_to_be_planned_does_not_count_as_moved_in_the_bound() {
    let mut data = running(90);
    data.weights = Weights::default();
    let problem = Problem::new(data).expect("sound data");
    let clock = Stop::new(Duration::from_secs(20), 0.0).start();
    let least = super::bound::find(&problem, &clock);
    let in_force = Solution {
        visits: problem.data().current.clone(),
    };
    let cost = total(&problem, &in_force);
    assert!(
        broken(&problem, &in_force).is_empty() && least <= cost + 1e-6,
        "{least} {cost}"
    );
}

#[test]
fn a_visit_stays_where_the_planner_puts_it() {
    let mut data = running(7);
    let visit = |d: &Data, kind: &str| {
        let mut open = d.current.iter().filter(|v| v.date >= day(7));
        open.find(|v| v.items[0] == kind).expect("a visit").clone()
    };
    let (team, round) = (visit(&data, "综合"), visit(&data, "日常"));
    let later = |v: &Visit| v.date.succ_opt().expect("a day");
    data.pins = vec![
        Pin {
            visit: team.id.clone(),
            date: later(&team),
            team: Vec::new(),
        },
        Pin {
            visit: round.id.clone(),
            date: later(&round),
            team: Vec::new(),
        },
    ];
    let weekend = |date: chrono::NaiveDate| chrono::Datelike::weekday(&date) == Weekday::Sat;
    for (pin, visit) in data.pins.iter_mut().zip([&team, &round]) {
        if weekend(pin.date) {
            pin.date = visit.date.pred_opt().expect("a day");
        }
    }
    let pins = data.pins.clone();
    let (problem, outcome) = planned(data.clone(), 500);
    let solution = outcome.solution.expect("a plan exists");
    assert!(broken(&problem, &solution).is_empty());
    for pin in pins {
        let at = solution
            .visits
            .iter()
            .find(|v| v.id == pin.visit)
            .expect("it");
        assert_eq!(at.date, pin.date);
    }
    data.pins[0].date = day(5);
    data.pins[1].team = vec!["K00".into(), "K01".into()];
    data.pins.push(Pin {
        visit: "没有".into(),
        date: day(100),
        team: Vec::new(),
    });
    let fields: Vec<String> = Problem::new(data)
        .expect_err("wrong pins")
        .into_iter()
        .map(|issue| issue.field)
        .collect();
    assert_eq!(fields, ["pins[0]", "pins[1]", "pins[2]"]);
}

#[test]
fn every_day_has_its_price_or_the_rule_against_it() {
    let (problem, outcome) = planned(small(), 500);
    let plan = outcome.solution.expect("a plan exists");
    let clock = Stop::new(Duration::from_secs(20), 0.0).start();
    let visit = plan.visits.iter().find(|v| v.items[0] == "综合");
    let visit = visit.expect("a comprehensive inspection");
    let choices = choices(&problem, &plan, &visit.id, &clock);
    let own = choices.iter().find(|choice| choice.date == visit.date);
    let own = own.expect("its own day");
    assert!(own.rise.abs() < 1e-9 && own.breaks.is_empty());
    assert!(choices.iter().any(|choice| !choice.breaks.is_empty()));
    for choice in choices
        .iter()
        .filter(|choice| choice.breaks.is_empty())
        .take(5)
    {
        let mut other = plan.clone();
        let at = other
            .visits
            .iter_mut()
            .find(|v| v.id == visit.id)
            .expect("it");
        at.date = choice.date;
        assert!(broken(&problem, &other).is_empty());
        assert!((total(&problem, &other) - total(&problem, &plan) - choice.rise).abs() < 1e-6);
    }
}

#[test]
fn a_plan_in_force_that_is_still_good_is_kept() {
    let (_, outcome) = planned(small(), 500);
    let plan = outcome.solution.expect("a plan exists");
    let mut data = small();
    data.current = plan.visits.clone();
    data.weights = data.weights.keeping();
    let (_, outcome) = planned(data, 300);
    assert_eq!(outcome.solution, Some(plan));
}

#[test]
fn what_cannot_be_is_named() {
    type Spoil = fn(&mut Data);
    let cases: Vec<(&str, Spoil)> = vec![
        ("yearly_days", |d| {
            d.supervisors.iter_mut().for_each(|k| k.max_days_year = 2.0);
        }),
        ("weekly_days", |d| {
            for k in &mut d.supervisors {
                k.leave = vec![(day(7), day(265))];
                k.max_days_week = 0.5;
            }
            d.rules.stand_in_after_days = 366;
            d.items[0].visits = 2;
            d.items[0].max_gap_weeks = 53;
            d.items.truncate(1);
            d.units.clear();
        }),
        ("burden", |d| d.rules.burden_per_school = 0),
        ("fortnight", |d| {
            d.items[1].visits = 3;
            d.items[1].end = day(11);
        }),
        ("blackout", |d| {
            d.items[1].start = day(5);
            d.items[1].end = day(6);
        }),
        ("leader", |d| {
            d.supervisors.iter_mut().for_each(|k| k.full_time = false);
        }),
        ("team_size", |d| d.items[2].team = 9),
        ("specialist", |d| {
            d.schools[0].stage = Stage::Special;
            let own = d.schools[0].supervisor.clone();
            for k in &mut d.supervisors {
                if k.id == own {
                    k.leave = vec![(day(0), day(30))];
                } else {
                    k.stages.retain(|&s| s != Stage::Special);
                }
            }
            d.items[1].end = day(28);
        }),
        ("spacing", |d| d.items[0].visits = 40),
        ("unit_participation", |d| d.units[0].max_visits = 0),
    ];
    for (rule, spoil) in cases {
        let mut data = small();
        spoil(&mut data);
        let (_, outcome) = planned(data, 10);
        assert_eq!(outcome.status, Status::Infeasible, "{rule}");
        let named = outcome
            .conflicts
            .iter()
            .any(|c| c.rules.iter().any(|r| r == rule) && !c.ways_out.is_empty());
        assert!(named, "{rule}: {:?}", outcome.conflicts);
    }
}

#[test]
fn every_issue_of_the_data_is_told_at_once() {
    let mut data = small();
    data.schools[0].supervisor = "nobody".into();
    data.schools[1].place.lon = f64::NAN;
    data.items[0].targets.push("nowhere".into());
    data.items[1].end = day(0).pred_opt().expect("a day");
    data.weeks[0].days.swap(0, 1);
    data.weights.peak = -1.0;
    let issues = Problem::new(data).expect_err("six issues");
    let fields: Vec<&str> = issues.iter().map(|i| i.field.as_str()).collect();
    for field in [
        "schools[0].supervisor",
        "schools[1].place.lon",
        "items[0].targets[20]",
        "items[1].window[0]",
        "weeks[0].days[1]",
        "weights.peak",
    ] {
        assert!(fields.contains(&field), "{field}: {fields:?}");
    }
    let mut data = small();
    data.weeks.clear();
    let issues = Problem::new(data).expect_err("no calendar");
    assert!(issues.iter().any(|i| i.field == "weeks"));
}

#[test]
fn the_same_seed_and_steps_give_the_same_plan() {
    let problem = Problem::new(small()).expect("sound data");
    let run = |seed| solve(&problem, &stop(400), seed, None, &mut Unwatched).solution;
    assert_eq!(run(5), run(5));
}

/// Cancels at the first plan.
struct Impatient(crate::Canceller);

impl Watch<Solution> for Impatient {
    fn progress(&mut self, _: f64, solution: Option<&Solution>, _: &[crate::Part], _: f64) {
        if solution.is_some() {
            self.0.cancel();
        }
    }
}

#[test]
fn a_cancelled_solve_keeps_its_plan() {
    let problem = Problem::new(county(60, 15, 44, 8, 2)).expect("sound data");
    let stop = Stop::new(Duration::from_secs(30), 0.0);
    let mut watch = Impatient(stop.canceller());
    let outcome = solve(&problem, &stop, 1, None, &mut watch);
    assert!(outcome.solution.is_some());
    assert!(outcome.trace.len() <= 2 && outcome.seconds < 10.0);
}

#[test]
fn a_warm_start_is_never_made_worse() {
    let (problem, outcome) = planned(small(), 500);
    let plan = outcome.solution.expect("a plan exists");
    let again = solve(&problem, &stop(1), 9, Some(&plan), &mut Unwatched);
    assert!(again.objective.expect("a plan") <= total(&problem, &plan) + 1e-6);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn plans_of_random_counties_keep_every_rule_and_their_bounds(
        schools in 1_usize..24,
        people in 4_usize..9,
        visits in 1_u32..9,
        seed in 0_u64..1_000,
        ill in 0_usize..4,
    ) {
        let mut data = county(schools, people, 36, visits, seed);
        data.supervisors[ill].leave.push((day(40), day(40 + 9 * ill as u64)));
        data.schools[0].blackout.push((day(20), day(24)));
        let (problem, outcome) = planned(data, 150);
        let solution = outcome.solution.expect("a plan exists");
        prop_assert_eq!(check(&problem, &solution), vec![]);
        let objective = outcome.objective.expect("a plan exists");
        let parts: f64 = outcome.parts.iter().map(|p| p.minutes).sum();
        prop_assert!((parts - objective).abs() < 1e-6);
        prop_assert!((total(&problem, &solution) - objective).abs() < 1e-6);
        let clock = stop(1).start();
        let bound = super::bound::find(&problem, &clock);
        prop_assert!(bound <= objective + 1e-6, "{} > {}", bound, objective);
        prop_assert!(outcome.trace.windows(2).all(|w| w[1].objective <= w[0].objective));
    }

    #[test]
    fn the_book_and_the_price_agree(schools in 1_usize..16, seed in 0_u64..1_000) {
        let problem = Problem::new(county(schools, 6, 36, 6, seed)).expect("sound data");
        let (plan, cost, missing) = arranged(&problem);
        prop_assert_eq!(missing, 0);
        let price = total(&problem, &units::write(&problem, &plan));
        prop_assert!((cost - price).abs() < 1e-6, "{} and {}", cost, price);
    }
}

#[test]
fn county_size_problems_are_planned_near_their_bounds() {
    for (schools, people) in [(144, 32), (300, 65)] {
        let problem = Problem::new(county(schools, people, 48, 10, 1)).expect("sound data");
        let stop = Stop::new(Duration::from_secs(20), 0.08);
        let outcome = solve(&problem, &stop, 1, None, &mut Unwatched);
        let gap = outcome.gap.expect("a plan exists");
        assert!(gap <= 0.1, "{schools} schools: {gap}");
    }
}
