//! What a zoning must be, as sentences.

use std::time::Duration;

use proptest::prelude::*;

use super::sample::{county, data, school, supervisor};
use super::*;
use crate::{Outcome, Part, Stage, Status, Stop, Unwatched, Watch};

fn stop(steps: u64) -> Stop {
    Stop {
        steps: Some(steps),
        ..Stop::new(Duration::from_secs(20), 0.0)
    }
}

fn problem(data: Data) -> Problem {
    Problem::new(data).expect("sound data")
}

fn zoned(data: Data, steps: u64) -> (Problem, Outcome<Solution>) {
    let problem = problem(data);
    let outcome = solve(&problem, &stop(steps), 1, None, &mut Unwatched);
    (problem, outcome)
}

fn rules(problem: &Problem, solution: &Solution) -> Vec<String> {
    check(problem, solution)
        .into_iter()
        .map(|violation| violation.rule)
        .collect()
}

/// Twelve schools in a row and seven supervisors along it, in zones of at most seven schools: exactly two zones.
fn row() -> Data {
    let schools = (0..12)
        .map(|n| school(n, 112.0 + 0.01 * n as f64, 35.0, Stage::Primary))
        .collect();
    let supervisors = (0..7)
        .map(|n| supervisor(n, 112.0 + 0.018 * n as f64, 35.01, n == 0 || n == 6))
        .collect();
    let mut data = data(schools, supervisors);
    data.rules.zone_max_schools = 7;
    data
}

/// The zoning of the row that one would draw by hand.
fn by_hand() -> Solution {
    let team = |id: &str, range: std::ops::Range<usize>| Zone {
        id: id.into(),
        supervisors: range.map(|k| format!("K{k:02}")).collect(),
    };
    let schools = (0..12)
        .map(|n| {
            (
                format!("S{n:03}"),
                format!("K{:02}", [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6][n]),
            )
        })
        .collect();
    Solution {
        zones: vec![team("Z01", 0..3), team("Z02", 3..7)],
        schools,
    }
}

#[test]
fn a_zoning_drawn_by_hand_breaks_no_rule_and_the_search_does_at_least_as_well() {
    let (problem, outcome) = zoned(row(), 60);
    assert_eq!(rules(&problem, &by_hand()), Vec::<String>::new());
    let hand: f64 = objective(&problem, &by_hand())
        .iter()
        .map(|part| part.minutes)
        .sum();
    let found = outcome.objective.expect("a zoning exists");
    assert!(found <= hand + 1e-6, "{found} > {hand}");
    assert!(
        outcome.bound <= found && outcome.bound > 0.5 * found,
        "{} against {found}",
        outcome.bound
    );
}

#[test]
fn every_broken_rule_is_found() {
    type Spoil = fn(&mut Data, &mut Solution);
    let cases: Vec<(&str, Spoil)> = vec![
        ("assigned", |_, s| drop(s.schools.remove("S003"))),
        ("assigned", |_, s| {
            s.schools.insert("S003".into(), "nobody".into());
        }),
        ("assigned", |_, s| s.zones[0].supervisors.push("K05".into())),
        ("zone_size", |d, _| d.rules.zone_max_schools = 5),
        ("zone_team", |d, _| d.rules.zone_max_supervisors = 3),
        ("full_time", |d, _| {
            d.supervisors[0].full_time = false;
            d.supervisors[5].full_time = true;
        }),
        ("stage", |d, _| d.schools[4].stage = Stage::Senior),
        ("capacity", |d, _| d.supervisors[2].max_days = 11.0),
        ("capacity", |d, _| d.supervisors[6].min_days = 6.0),
        ("max_schools", |d, _| d.supervisors[1].max_schools = 1),
        ("avoidance", |d, _| {
            d.supervisors[0].avoid.push("S001".into());
        }),
        ("rotation", |d, _| {
            d.supervisors[0].years.insert("S001".into(), 3);
        }),
        ("pin", |d, _| {
            d.pins.push(Pin::Assign {
                school: "S000".into(),
                supervisor: "K01".into(),
            });
        }),
        ("pin", |d, _| {
            d.pins.push(Pin::Together {
                a: "S000".into(),
                b: "S002".into(),
            });
        }),
        ("pin", |d, _| {
            d.pins.push(Pin::Apart {
                a: "S000".into(),
                b: "S001".into(),
            });
        }),
        ("contiguity", |_, s| {
            s.schools.insert("S000".into(), "K06".into());
        }),
    ];
    for (rule, spoil) in cases {
        let (mut data, mut solution) = (row(), by_hand());
        spoil(&mut data, &mut solution);
        let broken = rules(&problem(data), &solution);
        assert!(broken.iter().any(|name| name == rule), "{rule}: {broken:?}");
    }
}

#[test]
fn a_supervisor_in_the_third_year_hands_the_school_over_in_the_next() {
    let mut data = row();
    data.schools[0].last_supervisor = Some("K00".into());
    data.supervisors[0].years.insert("S000".into(), 3);
    let (problem, outcome) = zoned(data, 40);
    let solution = outcome.solution.expect("a zoning exists");
    assert_ne!(solution.schools["S000"], "K00");
    // A change that a rule forces costs nothing.
    let change = objective(&problem, &solution)
        .into_iter()
        .find(|part| part.name == "change")
        .expect("a part");
    assert!(change.minutes.abs() < 1e-9);
}

#[test]
fn pins_are_kept() {
    let mut data = row();
    data.pins = vec![
        Pin::Assign {
            school: "S000".into(),
            supervisor: "K02".into(),
        },
        Pin::Together {
            a: "S006".into(),
            b: "S008".into(),
        },
        Pin::Apart {
            a: "S010".into(),
            b: "S011".into(),
        },
    ];
    let (problem, outcome) = zoned(data, 40);
    let solution = outcome.solution.expect("a zoning exists");
    assert_eq!(solution.schools["S000"], "K02");
    assert_eq!(solution.schools["S006"], solution.schools["S008"]);
    assert_ne!(solution.schools["S010"], solution.schools["S011"]);
    assert_eq!(rules(&problem, &solution), Vec::<String>::new());
}

#[test]
fn zones_keep_last_years_names() {
    let mut data = row();
    for k in &mut data.supervisors {
        k.last_zone = Some(
            if k.place.lon < 112.05 {
                "城西区"
            } else {
                "城东区"
            }
            .into(),
        );
    }
    let (_, outcome) = zoned(data, 40);
    let names: Vec<String> = outcome
        .solution
        .expect("a zoning")
        .zones
        .into_iter()
        .map(|zone| zone.id)
        .collect();
    assert_eq!(names, ["城东区", "城西区"]);
}

#[test]
fn two_supervisors_are_one_zone() {
    let schools = (0..6)
        .map(|n| school(n, 112.0 + 0.01 * n as f64, 35.0, Stage::Primary))
        .collect();
    let (problem, outcome) = zoned(
        data(
            schools,
            vec![
                supervisor(0, 112.0, 35.0, true),
                supervisor(1, 112.1, 35.0, false),
            ],
        ),
        20,
    );
    let solution = outcome.solution.expect("a zoning exists");
    assert_eq!(solution.zones.len(), 1);
    assert_eq!(rules(&problem, &solution), Vec::<String>::new());
}

#[test]
fn an_island_is_no_error() {
    let mut data = row();
    data.rules.gap_km = Some(5.0);
    data.schools.push(school(12, 113.0, 35.0, Stage::Primary));
    let (problem, outcome) = zoned(data, 40);
    let solution = outcome.solution.expect("a zoning exists");
    assert_eq!(rules(&problem, &solution), Vec::<String>::new());
}

#[test]
fn a_county_without_a_place_to_spare_is_zoned() {
    for seed in 0..8 {
        let mut data = county(45, 9, seed);
        data.supervisors.iter_mut().for_each(|k| k.avoid.clear());
        let (_, outcome) = zoned(data, 300);
        assert!(
            outcome.solution.is_some(),
            "seed {seed}: {:?} {:?}",
            outcome.status,
            outcome.conflicts
        );
    }
}

#[test]
fn the_same_seed_and_steps_give_the_same_zoning() {
    let answer = || {
        let outcome = zoned(county(30, 9, 5), 30).1;
        (outcome.solution, outcome.objective, outcome.bound)
    };
    assert_eq!(answer(), answer());
}

#[test]
fn a_warm_start_is_never_made_worse() {
    let problem = problem(row());
    let hand: f64 = objective(&problem, &by_hand())
        .iter()
        .map(|part| part.minutes)
        .sum();
    let outcome = solve(&problem, &stop(4), 1, Some(&by_hand()), &mut Unwatched);
    assert!(outcome.objective.expect("the warm start at least") <= hand + 1e-9);
}

#[test]
fn a_cancelled_solve_ends_at_once_and_keeps_its_zoning() {
    struct Impatient(crate::Canceller);
    impl Watch<Solution> for Impatient {
        fn progress(&mut self, _: f64, solution: Option<&Solution>, _: &[Part], _: f64) {
            if solution.is_some() {
                self.0.cancel();
            }
        }
    }
    let problem = problem(county(30, 9, 5));
    let stop = Stop::new(Duration::from_mins(1), 0.0);
    let outcome = solve(&problem, &stop, 1, None, &mut Impatient(stop.canceller()));
    assert!(outcome.solution.is_some());
    assert!(outcome.seconds < 20.0, "{}", outcome.seconds);
}

#[test]
fn bounds_never_fall_and_values_never_rise() {
    let (_, outcome) = zoned(county(40, 12, 3), 60);
    for pair in outcome.trace.windows(2) {
        assert!(pair[0].seconds <= pair[1].seconds && pair[0].bound <= pair[1].bound + 1e-9);
        if let (Some(earlier), Some(later)) = (pair[0].objective, pair[1].objective) {
            assert!(later <= earlier);
        }
    }
}

fn conflict_of(data: Data) -> crate::Conflict {
    let (_, mut outcome) = zoned(data, 10);
    assert_eq!(outcome.status, Status::Infeasible);
    assert!(outcome.solution.is_none());
    outcome.conflicts.swap_remove(0)
}

#[test]
fn a_school_that_everyone_must_avoid_is_named() {
    let mut data = row();
    data.supervisors
        .iter_mut()
        .for_each(|k| k.avoid.push("S007".into()));
    let conflict = conflict_of(data);
    assert_eq!(
        (conflict.schools, conflict.rules),
        (vec!["S007".to_owned()], vec!["avoidance".to_owned()])
    );
}

#[test]
fn too_many_kindergartens_for_the_kindergarten_supervisors_are_counted() {
    let mut data = row();
    data.schools
        .iter_mut()
        .take(4)
        .for_each(|s| s.stage = Stage::Kindergarten);
    for k in &mut data.supervisors {
        k.max_schools = 3;
        if k.id != "K02" {
            k.stages = vec![Stage::Primary];
        }
    }
    let conflict = conflict_of(data);
    assert_eq!(conflict.supervisors, ["K02"]);
    assert_eq!(conflict.schools.len(), 4);
    assert!(
        conflict.words.zh.contains("4 所学校只有 3 个名额"),
        "{}",
        conflict.words.zh
    );
    let ways: Vec<&str> = conflict
        .ways_out
        .iter()
        .map(|way| way.en.as_str())
        .collect();
    assert_eq!(ways.len(), 2, "{ways:?}");
    assert!(ways[0].starts_with("let 督学2 take 1 more schools each (verified: "));
    assert!(ways[1].starts_with("1 more supervisors for a kindergarten"));
}

#[test]
fn too_little_time_is_counted() {
    let mut data = row();
    data.supervisors.iter_mut().for_each(|k| k.max_days = 8.0);
    let conflict = conflict_of(data);
    assert!(conflict.rules.contains(&"capacity".to_owned()));
    assert!(
        conflict.words.en.contains("need 69.0 days"),
        "{}",
        conflict.words.en
    );
}

#[test]
fn pins_that_contradict_each_other_are_named() {
    let mut data = row();
    data.pins = vec![
        Pin::Together {
            a: "S000".into(),
            b: "S001".into(),
        },
        Pin::Together {
            a: "S001".into(),
            b: "S002".into(),
        },
        Pin::Apart {
            a: "S000".into(),
            b: "S002".into(),
        },
    ];
    let conflict = conflict_of(data);
    assert_eq!(conflict.rules, ["pin"]);
    let given_up =
        |way: &&crate::Words| way.en.starts_with("give up the pin") && way.en.contains("verified");
    assert_eq!(
        conflict.ways_out.iter().filter(given_up).count(),
        3,
        "{conflict:?}"
    );
}

#[test]
fn once_cancelled_nobody_looks_for_ways_out() {
    let mut data = row();
    data.rules.zone_max_schools = 5;
    let stop = Stop::new(Duration::from_secs(60), 0.0);
    stop.canceller().cancel();
    let outcome = solve(&problem(data), &stop, 1, None, &mut Unwatched);
    assert_eq!(outcome.status, Status::Infeasible);
    let mut ways = outcome.conflicts.iter().flat_map(|c| &c.ways_out);
    assert!(ways.all(|way| !way.en.contains("verified")));
}

#[test]
fn more_schools_than_zones_can_hold_are_counted() {
    let mut data = row();
    data.rules.zone_max_schools = 5;
    assert_eq!(conflict_of(data).rules, ["zone_size", "zone_team"]);
    let mut data = row();
    data.rules = Rules {
        zone_min_supervisors: 5,
        ..data.rules
    };
    assert_eq!(
        conflict_of(data).rules.last().map(String::as_str),
        Some("zone_team")
    );
}

#[test]
fn work_that_fits_only_in_fractions_is_proven_not_to_fit() {
    // Three schools of three days, and four and a half days for each of two: fractions fit, whole schools don't.
    let mut data = row();
    data.schools.truncate(3);
    data.supervisors.truncate(2);
    data.schools.iter_mut().for_each(|s| s.days = 3.0);
    data.supervisors.iter_mut().for_each(|k| k.max_days = 4.5);
    assert!(conflict_of(data).rules.contains(&"capacity".to_owned()));
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let mut data = row();
    data.schools[1].id = "S000".into();
    data.schools[2].days = f64::NAN;
    data.supervisors[0].avoid.push("S999".into());
    data.supervisors[3].min_days = 80.0;
    data.pins.push(Pin::Assign {
        school: "S003".into(),
        supervisor: "K99".into(),
    });
    data.travel = Some(vec![vec![1.0; 12]; 6]);
    let fields: Vec<String> = Problem::new(data)
        .expect_err("six issues")
        .into_iter()
        .map(|issue| issue.field)
        .collect();
    assert_eq!(
        fields,
        [
            "schools[1].id",
            "schools[2].days",
            "supervisors[0].avoid[0]",
            "supervisors[3].min_days",
            "travel",
            "pins[0].supervisor"
        ]
    );
    let nobody = super::sample::data(Vec::new(), Vec::new());
    assert_eq!(Problem::new(nobody).expect_err("empty lists").len(), 2);
}

#[test]
fn each_choice_for_a_school_has_its_price_or_its_reason() {
    let mut data = row();
    data.supervisors[4].avoid.push("S000".into());
    let problem = problem(data);
    let choices = candidates(&problem, "S000", Some(&by_hand()));
    assert_eq!(choices.len(), 7);
    assert_eq!(
        (choices[0].supervisor.as_str(), choices[0].rise),
        ("K00", Some(0.0))
    );
    assert_eq!(choices[6].refusal, Some(Refusal::Avoidance));
    let far = choices
        .iter()
        .find(|choice| choice.supervisor == "K06")
        .expect("one of the seven");
    assert!(far.breaks.iter().all(|broken| broken.rule == "contiguity") && !far.breaks.is_empty());
    assert!(far.rise > Some(0.0));
}

#[test]
fn a_school_that_changes_hands_has_its_reason() {
    let mut data = row();
    let give = |data: &mut Data, n: usize, who: &str| {
        data.schools[n].last_supervisor = Some(who.into());
    };
    // In the zoning by hand S000 is with K00.
    give(&mut data, 0, "K04");
    data.supervisors[4].avoid.push("S000".into());
    give(&mut data, 1, "K06");
    give(&mut data, 2, "K99");
    let now = by_hand();
    let here = now.schools["S003"].clone();
    give(&mut data, 3, &here);
    let problem = problem(data);
    let clock = Stop::new(Duration::from_secs(5), 0.0).start();
    let changes = explain(&problem, &now, &clock).changes;
    let told: Vec<(&str, &str)> = changes
        .iter()
        .map(|change| (change.school.as_str(), change.reason.en.as_str()))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], ("S000", "督学4 must avoid this school"));
    assert!(told[1].1.starts_with("kept by 督学6: "), "{told:?}");
    assert_eq!(
        told[2],
        ("S002", "last year's supervisor is not in this plan")
    );
}

/// The price of a supervisor's last place is what the relaxation saves with one place more, or less where that is not whole.
#[test]
fn the_price_of_a_limit_is_no_more_than_raising_it_saves_in_the_relaxation() {
    let mut data = county(30, 8, 3);
    data.weights.imbalance = 0.0;
    data.supervisors.iter_mut().for_each(|k| k.max_schools = 4);
    let value = |data: Data| {
        let problem = problem(data);
        let model = super::model::Model::new(&problem);
        let least = super::relax::least_team_travel(&model);
        let clock = Stop::new(Duration::from_secs(20), 0.0).start();
        let limits = crate::mip::Limits::seconds(10.0);
        super::relax::solve(&model, &least, false, &[], limits, &clock)
            .expect("it has a solution")
            .bound
    };
    let (problem, outcome) = zoned(data.clone(), 30);
    let solution = outcome.solution.expect("feasible");
    let clock = Stop::new(Duration::from_secs(20), 0.0).start();
    let explained = explain(&problem, &solution, &clock);
    let before = value(data.clone());
    let mut priced = 0;
    for limit in explained.limits.iter().filter(|l| l.rule == "max_schools") {
        let Some(price) = limit.price else { continue };
        priced += 1;
        let mut more = data.clone();
        let mut fewer = data.clone();
        let at = |data: &Data| data.supervisors.iter().position(|k| k.id == limit.subject);
        let k = at(&data).expect("a supervisor");
        more.supervisors[k].max_schools += 1;
        fewer.supervisors[k].max_schools -= 1;
        // The value is convex in the limit: the price lies between what one more saves and what one fewer costs.
        assert!(before - value(more) <= price + 1e-6);
        assert!(price <= value(fewer) - before + 1e-6);
    }
    assert!(priced > 0, "{explained:?}");
    let days = &explained.spreads[1];
    assert!(days.least <= days.mean && days.mean <= days.most && (0.0..1.0).contains(&days.gini));
}

/// The least cost of all zonings, by trying every one.
fn brute_force(problem: &Problem) -> Option<f64> {
    let (schools, people) = (problem.schools(), problem.supervisors());
    let ids = |k: usize| problem.data().supervisors[k].id.clone();
    let mut best: Option<f64> = None;
    for split in 0..1_u32 << (people - 1) {
        let zone = |k: usize| k > 0 && split >> (k - 1) & 1 == 1;
        let side = |second: bool| {
            (0..people)
                .filter(|&k| zone(k) == second)
                .map(ids)
                .collect::<Vec<_>>()
        };
        let mut zones = vec![Zone {
            id: "A".into(),
            supervisors: side(false),
        }];
        if split > 0 {
            zones.push(Zone {
                id: "B".into(),
                supervisors: side(true),
            });
        }
        let mut choice = vec![0; schools];
        loop {
            let of = |i: usize| (problem.data().schools[i].id.clone(), ids(choice[i]));
            let solution = Solution {
                zones: zones.clone(),
                schools: (0..schools).map(of).collect(),
            };
            if check(problem, &solution).is_empty() {
                let cost: f64 = objective(problem, &solution)
                    .iter()
                    .map(|part| part.minutes)
                    .sum();
                best = Some(best.map_or(cost, |b: f64| b.min(cost)));
            }
            let Some(turn) = choice.iter().position(|&k| k + 1 < people) else {
                break;
            };
            choice[turn] += 1;
            choice[..turn].fill(0);
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_zoning_keeps_every_rule_and_its_parts_add_up(schools in 8_usize..40, seed in 0_u64..1_000) {
        let people = (schools / 3).max(3);
        let (problem, outcome) = zoned(county(schools, people, seed), 25);
        prop_assert_ne!(outcome.status, Status::Unknown);
        if let Some(solution) = &outcome.solution {
            prop_assert_eq!(rules(&problem, solution), Vec::<String>::new());
            let sum: f64 = objective(&problem, solution).iter().map(|part| part.minutes).sum();
            let objective = outcome.objective.expect("a price");
            prop_assert!((sum - objective).abs() < 1e-6);
            prop_assert!(outcome.bound <= objective + 1e-6);
        }
    }

    #[test]
    fn no_bound_exceeds_the_least_cost_of_all(schools in 4_usize..6, seed in 0_u64..1_000) {
        let mut data = county(schools, 4, seed);
        data.rules.zone_min_supervisors = 2;
        data.rules.zone_max_schools = 4;
        data.supervisors.iter_mut().for_each(|k| k.max_schools = 2);
        let (problem, outcome) = zoned(data, 100);
        if let Some(least) = brute_force(&problem) {
            prop_assert!(outcome.bound <= least + 1e-6, "bound {} above {least}", outcome.bound);
            let found = outcome.objective.expect("a zoning exists");
            prop_assert!(found >= least - 1e-6);
            prop_assert!(found <= 1.001 * least, "{found} found, {least} possible");
        } else {
            prop_assert_eq!(outcome.solution, None);
        }
    }
}
