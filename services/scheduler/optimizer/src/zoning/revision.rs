//! What a revised zoning must be, as sentences.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::fewest::{Fewest, Patience};
use super::model::Model;
use super::sample::{county, data, school, supervisor};
use super::*;
use crate::{Changes, Outcome, Stage, Status, Stop, Unwatched};

fn stop(steps: u64) -> Stop {
    Stop {
        steps: Some(steps),
        ..Stop::new(Duration::from_secs(20), 0.0)
    }
}

fn zoned(data: Data) -> (Problem, Outcome<Solution>) {
    let problem = Problem::new(data).expect("sound data");
    let outcome = solve(&problem, &stop(60), 1, None, &mut Unwatched);
    (problem, outcome)
}

/// The county after a zoning has come into force, to be revised.
fn in_force(mut data: Data, zoning: &Solution) -> Data {
    for school in &mut data.schools {
        school.last_supervisor = zoning.schools.get(&school.id).cloned();
    }
    for person in &mut data.supervisors {
        let own = |zone: &&Zone| zone.supervisors.contains(&person.id);
        person.last_zone = zoning.zones.iter().find(own).map(|zone| zone.id.clone());
    }
    data.weights = data.weights.keeping();
    data
}

fn without(mut data: Data, supervisor: &str) -> Data {
    data.supervisors.retain(|person| person.id != supervisor);
    data
}

/// Twelve schools in a row; two zones, of three and of four supervisors, with room for one more supervisor's schools each.
fn row() -> (Data, Solution) {
    let schools = (0..12)
        .map(|n| school(n, 112.0 + 0.01 * n as f64, 35.0, Stage::Primary))
        .collect();
    let supervisors = (0..7)
        .map(|n| supervisor(n, 112.0 + 0.018 * n as f64, 35.01, n == 0 || n == 6))
        .collect();
    let mut data = data(schools, supervisors);
    data.rules.zone_max_schools = 8;
    let team = |id: &str, range: std::ops::Range<usize>| Zone {
        id: id.into(),
        supervisors: range.map(|k| format!("K{k:02}")).collect(),
    };
    let owner = [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6];
    let schools = owner.iter().enumerate();
    let zoning = Solution {
        zones: vec![team("Z01", 0..3), team("Z02", 3..7)],
        schools: schools
            .map(|(n, k)| (format!("S{n:03}"), format!("K{k:02}")))
            .collect(),
    };
    (data, zoning)
}

#[test]
fn when_a_supervisor_falls_out_only_the_schools_left_behind_change() {
    let (data, zoning) = row();
    let (problem, outcome) = zoned(without(in_force(data, &zoning), "K04"));
    let revised = outcome.solution.expect("a zoning exists");
    assert_eq!(check(&problem, &revised), vec![]);
    let moved: Vec<&str> = zoning
        .schools
        .iter()
        .filter(|(school, k)| revised.schools[*school] != **k)
        .map(|(school, _)| school.as_str())
        .collect();
    assert_eq!(moved, ["S008", "S009"]);
    let fewest = Changes {
        forced: 2,
        unforced: 0,
        least: 0,
    };
    assert_eq!(outcome.changes, Some(fewest));
}

#[test]
fn a_zone_left_with_too_few_gets_one_supervisor_and_that_is_proven_the_least() {
    let (data, zoning) = row();
    let (problem, outcome) = zoned(without(in_force(data, &zoning), "K01"));
    let revised = outcome.solution.expect("a zoning exists");
    assert_eq!(check(&problem, &revised), vec![]);
    let sizes: Vec<(&str, usize)> = revised
        .zones
        .iter()
        .map(|zone| (zone.id.as_str(), zone.supervisors.len()))
        .collect();
    assert_eq!(sizes, [("Z01", 3), ("Z02", 3)]);
    let fewest = Changes {
        forced: 2,
        unforced: 1,
        least: 1,
    };
    assert_eq!(outcome.changes, Some(fewest));
}

#[test]
fn a_new_school_changes_nothing_for_others() {
    let (data, zoning) = row();
    let mut data = in_force(data, &zoning);
    data.schools
        .push(school(12, 112.055, 35.005, Stage::Primary));
    let (_, outcome) = zoned(data);
    let revised = outcome.solution.expect("a zoning exists");
    assert!(revised.schools.contains_key("S012"));
    assert!(zoning.schools.iter().all(|(s, k)| revised.schools[s] == *k));
    assert_eq!(revised.zones, zoning.zones);
}

#[test]
fn a_school_goes_to_nobody_in_a_zone_far_away_and_the_chain_of_changes_between_is_proven() {
    let mut schools: Vec<School> = (0..18)
        .map(|n| school(n, 112.0 + 0.01 * n as f64, 35.0, Stage::Primary))
        .collect();
    let mut supervisors: Vec<Supervisor> = (0..9)
        .map(|n| supervisor(n, 112.005 + 0.02 * n as f64, 35.01, n % 3 == 0))
        .collect();
    for person in &mut supervisors {
        person.max_schools = 2;
    }
    supervisors[8].max_schools = 3;
    let zoning = Solution {
        zones: (0..3)
            .map(|z| Zone {
                id: format!("Z{:02}", z + 1),
                supervisors: (3 * z..3 * z + 3).map(|k| format!("K{k:02}")).collect(),
            })
            .collect(),
        schools: (0..18)
            .map(|n| (format!("S{n:03}"), format!("K{:02}", n / 2)))
            .collect(),
    };
    // Only the last supervisor has room, and the new school lies among those of the first zone.
    schools.push(school(18, 112.015, 35.0, Stage::Primary));
    let (problem, outcome) = zoned(in_force(data(schools, supervisors), &zoning));
    let revised = outcome.solution.expect("a zoning exists");
    assert_eq!(check(&problem, &revised), vec![]);
    let fewest = Changes {
        forced: 0,
        unforced: 2,
        least: 2,
    };
    assert_eq!(outcome.changes, Some(fewest));
}

#[test]
fn a_supervisor_whom_the_planner_forbids_a_school_does_not_get_it() {
    let (data, zoning) = row();
    let mut data = in_force(data, &zoning);
    let pin = Pin::Forbid {
        school: "S004".into(),
        supervisor: "K02".into(),
    };
    data.pins.push(pin);
    let (problem, outcome) = zoned(data);
    let revised = outcome.solution.expect("a zoning exists");
    assert_ne!(revised.schools["S004"], "K02");
    assert_eq!(outcome.changes.expect("a revision").forced, 1);
    assert!(
        check(&problem, &zoning)
            .iter()
            .any(|broken| broken.rule == "pin")
    );
}

#[test]
fn where_no_whole_assignment_is_possible_a_revision_says_so_and_why() {
    let (data, zoning) = row();
    let mut data = in_force(data, &zoning);
    // Halves would fit: two schools take 11.5 days, and all twelve 69 of the 77 that there are.
    for person in &mut data.supervisors {
        person.max_days = 11.0;
    }
    let (_, outcome) = zoned(data);
    assert_eq!(outcome.status, Status::Infeasible);
    assert!(!outcome.conflicts[0].ways_out.is_empty());
}

#[test]
fn a_proof_whose_time_is_over_says_nothing_that_it_did_not_prove() {
    let (data, zoning) = row();
    let problem = Problem::new(without(in_force(data, &zoning), "K01")).expect("sound data");
    let model = Model::new(&problem);
    for patience in [Patience::Until(0.0), Patience::Nodes(0)] {
        let found = Fewest::new(&model).round(patience, &stop(1).start());
        assert!(found.plan.is_none() && !found.open && found.least == 0);
    }
}

/// Every way to give an open item one of its choices, each with its price, for no more than `left`; whether one of them is `right`.
fn any_way(
    choices: &[Vec<(usize, usize)>],
    taken: &mut Vec<usize>,
    left: usize,
    right: &mut dyn FnMut(&[usize]) -> bool,
) -> bool {
    let Some(here) = choices.get(taken.len()) else {
        return right(taken);
    };
    here.iter().any(|&(choice, price)| {
        price <= left && {
            taken.push(choice);
            let found = any_way(choices, taken, left - price, right);
            taken.pop();
            found
        }
    })
}

/// Whether a zoning that breaks no rule has so few changes, by trying them all.
fn can_be_had(problem: &Problem, most: usize) -> bool {
    let data = problem.data();
    let zones: BTreeSet<&str> = data
        .supervisors
        .iter()
        .filter_map(|k| k.zone_before())
        .collect();
    // One new zone: nobody has the steps for two.
    let zones: Vec<&str> = zones.into_iter().chain(["new"]).collect();
    let seats = data.supervisors.iter().map(|k| {
        let price = |zone: &str| usize::from(k.zone_before().is_some_and(|before| before != zone));
        zones
            .iter()
            .enumerate()
            .map(|(z, zone)| (z, price(zone)))
            .collect()
    });
    let owners = (0..data.schools.len()).map(|i| {
        let able = (0..data.supervisors.len()).filter(|&k| problem.may(k, i));
        able.map(|k| (k, usize::from(problem.change(k, i) > 0.0)))
            .collect()
    });
    let choices: Vec<Vec<(usize, usize)>> = seats.chain(owners).collect();
    let people = data.supervisors.len();
    any_way(&choices, &mut Vec::new(), most, &mut |taken| {
        let team = |z: usize| {
            let own = (0..people).filter(|&k| taken[k] == z);
            own.map(|k| data.supervisors[k].id.clone())
                .collect::<Vec<_>>()
        };
        let there = zones.iter().enumerate().map(|(z, id)| Zone {
            id: (*id).to_owned(),
            supervisors: team(z),
        });
        let schools = data.schools.iter().zip(&taken[people..]);
        let solution = Solution {
            zones: there.filter(|zone| !zone.supervisors.is_empty()).collect(),
            schools: schools
                .map(|(i, &k)| (i.id.clone(), data.supervisors[k].id.clone()))
                .collect(),
        };
        check(problem, &solution).is_empty()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn with_fewer_changes_than_proven_there_is_no_zoning_whichever_way_one_looks(seed in 0_u64..10_000, gone in 0_usize..7, places in 2_u32..4) {
        let mut county = county(11, 7, seed);
        for person in &mut county.supervisors {
            person.max_schools = places;
        }
        county.rules.zone_max_schools = 7;
        let (_, outcome) = zoned(county.clone());
        let Some(zoning) = outcome.solution else { return Ok(()) };
        let problem = Problem::new(without(in_force(county, &zoning), &format!("K{gone:02}"))).expect("sound data");
        let model = Model::new(&problem);
        let mut fewest = Fewest::new(&model);
        for _ in 0..3 {
            let found = fewest.round(Patience::Whole, &stop(1).start());
            match found.plan {
                Some(plan) => {
                    let solution = plan.write(&problem);
                    prop_assert_eq!(check(&problem, &solution), vec![]);
                    let changes = search::changes(&problem, &solution, found.least).expect("a revision");
                    prop_assert_eq!(changes.unforced, found.least);
                    break;
                }
                None => prop_assert!(!can_be_had(&problem, found.least - 1), "{} is not the least", found.least),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_revision_keeps_every_rule_and_never_has_fewer_changes_than_proven(seed in 0_u64..1_000, gone in 0_usize..10) {
        let county = county(36, 10, seed);
        let (_, outcome) = zoned(county.clone());
        let Some(zoning) = outcome.solution else { return Ok(()) };
        let gone = format!("K{gone:02}");
        let left = zoning.schools.values().filter(|k| **k == gone).count();
        let (problem, outcome) = zoned(without(in_force(county, &zoning), &gone));
        let Some(revised) = outcome.solution else { return Ok(()) };
        prop_assert_eq!(check(&problem, &revised), vec![]);
        let changes = outcome.changes.expect("a revision");
        prop_assert_eq!(changes.forced, left);
        prop_assert!(changes.least <= changes.unforced, "{:?}", changes);
        let parts = objective(&problem, &revised);
        let paid: f64 = parts
            .iter()
            .filter(|part| matches!(part.name.as_str(), "change" | "regroup"))
            .map(|part| part.minutes)
            .sum();
        prop_assert!((paid / crate::KEEP - changes.unforced as f64).abs() < 1e-6);
        prop_assert!(outcome.bound <= outcome.objective.expect("a value") + 1e-6);
    }
}
