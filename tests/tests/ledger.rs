//! The ledger at the size of a province: 50,000 cases with 200,000 findings on PostgreSQL. Measured by `make bench`; the test
//! fills a twentieth of it and looks at what the database intends to do.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Instant;

use dudao_accountability::domain::case::{Case, CaseSource};
use dudao_accountability::domain::finding::{CaseFinding, FindingState, Severity};
use dudao_accountability::store::ledger::{self, Filter};
use dudao_platform::document::Record;
use dudao_platform::testing::Scratch;
use dudao_platform::{Tx, execute};
use dudao_tests::day;

/// Findings of a case.
const FINDINGS: usize = 4;

fn finding(case: usize, at: usize) -> CaseFinding {
    let states = FindingState::ALL;
    let state = states[(case + at) % states.len()];
    let limit = day("2026-01-01") + chrono::Days::new((case * 13 + at * 5) as u64 % 701);
    CaseFinding {
        finding: format!("counties/140525/findings/{case}-{at}"),
        title: format!("问题{case}-{at}"),
        detail: String::new(),
        basis: "条例".to_owned(),
        severity: Severity::Minor,
        danger: false,
        requirement: String::new(),
        limit_days: 0,
        state,
        limit_date: Some(limit),
        decision: None,
        extensions: vec![],
        actions: vec![],
        reports: vec![],
        checks: vec![],
        publication: None,
        closings: vec![],
        look_backs: vec![],
        withdraw_reason: String::new(),
    }
}

fn case(n: usize) -> Case {
    Case {
        source: CaseSource::OwnLetter,
        visit: String::new(),
        letter_number: String::new(),
        issuer: String::new(),
        unit: format!("counties/140525/schools/S{:04}", n % 1_500),
        unit_name: format!("第{}学校", n % 1_500),
        town: format!("第{}镇", n % 20),
        government: false,
        team: vec![],
        inspection_end_date: None,
        summary: String::new(),
        findings: (0..FINDINGS).map(|at| finding(n, at)).collect(),
        open_date: None,
        ruleset: String::new(),
        urging_letters: vec![],
        interviews: vec![],
        notifications: vec![],
        referrals: vec![],
        closed: false,
        result_filings: vec![],
        decisions: 0,
    }
}

/// A ledger of so many cases.
async fn filled(cases: usize) -> Scratch {
    let scratch = Scratch::postgres("accountability", &dudao_accountability::MIGRATIONS).await;
    fill(&scratch, cases).await;
    scratch
}

async fn fill(scratch: &Scratch, cases: usize) {
    let all: Vec<_> = (0..cases).collect();
    for part in all.chunks(2_500) {
        let mut tx = scratch.db.begin_write().await.unwrap();
        let records: Vec<_> = part
            .iter()
            .map(|n| Record::new(&tx, "140525", format!("c{n:06}"), case(*n)))
            .collect();
        ledger::put(&mut tx, &records).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = scratch.db.begin_write().await.unwrap();
    execute!(tx, "ANALYZE ledger").unwrap();
    tx.commit().await.unwrap();
}

/// The schools of a supervisor's zone.
fn zone() -> Vec<String> {
    let own = (0..30).map(|n| format!("counties/140525/schools/S{:04}", n * 50));
    own.collect()
}

/// What people ask the ledger on 1 September 2026; a supervisor asks about these units.
fn questions(zone: &[String]) -> Vec<(&'static str, Filter<'_>)> {
    let base = Filter {
        county: "140525",
        limit: 51,
        ..Filter::default()
    };
    let due = |from: &str, until: &str| Filter {
        from: from.to_owned(),
        until: until.to_owned(),
        ..base.clone()
    };
    vec![
        ("all", base.clone()),
        (
            "a town",
            Filter {
                town: "第7镇",
                ..base.clone()
            },
        ),
        (
            "a unit",
            Filter {
                unit: "counties/140525/schools/S0042",
                ..base.clone()
            },
        ),
        (
            "a state",
            Filter {
                state: Some(FindingState::Insufficient),
                ..base.clone()
            },
        ),
        ("due within ten days", due("2026-09-01", "2026-09-11")),
        ("overdue", due("0", "2026-08-31")),
        (
            "overdue in a town",
            Filter {
                town: "第7镇",
                ..due("0", "2026-08-31")
            },
        ),
        (
            "unresolved in a town",
            Filter {
                town: "第7镇",
                unresolved: true,
                ..base.clone()
            },
        ),
        (
            "a zone",
            Filter {
                units: Some(zone),
                ..base.clone()
            },
        ),
        (
            "overdue in a zone",
            Filter {
                units: Some(zone),
                ..due("0", "2026-08-31")
            },
        ),
        (
            "overdue of a unit",
            Filter {
                unit: "counties/140525/schools/S0042",
                ..due("0", "2026-08-31")
            },
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_question_to_the_ledger_is_answered_from_an_index() {
    let scratch = filled(2_500).await;
    let zone = zone();
    let mut tx: Tx = scratch.db.begin_read().await.unwrap();
    for (question, filter) in questions(&zone) {
        let plan = ledger::explain(&mut tx, &filter).await.unwrap();
        assert!(!plan.contains("Seq Scan"), "{question}: {plan}");
        assert!(
            plan.contains("ledger_by_") || plan.contains("ledger_pkey"),
            "{question}: {plan}"
        );
    }
}

dudao_platform::on_both_databases! { "accountability", &dudao_accountability::MIGRATIONS;
    async fn a_page_and_the_totals_of_a_zone_show_its_schools_and_no_others(scratch) {
        fill(&scratch, 200).await;
        let own: Vec<_> = [3, 150].map(|n| format!("counties/140525/schools/S{n:04}")).into();
        let mut tx = scratch.db.begin_read().await.unwrap();
        let of = |units| Filter { county: "140525", units, limit: 1_000, ..Filter::default() };
        let rows = ledger::list(&mut tx, &of(Some(&own))).await.unwrap();
        assert_eq!(rows.len(), 2 * FINDINGS);
        assert!(rows.iter().all(|row| own.contains(&row.unit)));
        let none = ledger::list(&mut tx, &of(Some(&[]))).await.unwrap();
        assert!(none.is_empty());
        let towns = ledger::by_town(&mut tx, "140525", Some(&own), "2026-09-01").await.unwrap();
        let towns: Vec<_> = towns.iter().map(|one| (one.town.as_str(), one.findings)).collect();
        assert_eq!(towns, [("第10镇", 4), ("第3镇", 4)]);
        let states = ledger::by_state(&mut tx, "140525", Some(&own)).await.unwrap();
        assert_eq!(states.iter().map(|(_, count)| count).sum::<i64>(), 8);
        let states = ledger::by_state(&mut tx, "140525", None).await.unwrap();
        assert_eq!(states.iter().map(|(_, count)| count).sum::<i64>(), 800);
        let nothing = ledger::by_town(&mut tx, "140525", Some(&[]), "2026-09-01").await.unwrap();
        assert!(nothing.is_empty());
    }
}

/// `make bench`: the median of 40 pages for each question.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a benchmark: make bench"]
async fn pages_of_two_hundred_thousand_findings() {
    let begun = Instant::now();
    let scratch = filled(50_000).await;
    println!(
        "200,000 findings of 50,000 cases written in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    let zone = zone();
    for (question, filter) in questions(&zone) {
        let mut times = Vec::new();
        let mut rows = 0;
        for _ in 0..40 {
            let begun = Instant::now();
            let mut tx = scratch.db.begin_read().await.unwrap();
            rows = ledger::list(&mut tx, &filter).await.unwrap().len();
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{question:<22} {rows:>3} rows  median {:.2} ms  worst {:.2} ms",
            times[20], times[39]
        );
    }
}
