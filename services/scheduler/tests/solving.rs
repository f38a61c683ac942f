//! Solves: cancelled, taken over, handed back, shared between processes; on both databases.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::time::Duration;

use common::{COUNTY, Known, Running, registry, solved, zoning};
use dudao_platform::on_both_databases;
use dudao_proto::scheduler::v1 as pb;
use dudao_scheduler::MIGRATIONS;
use pb::PlanState;

/// Waits for the first moment with a solution that is stored, and tells its value.
async fn incumbent(running: &Running, name: &str) -> f64 {
    let request = pb::WatchZoningPlanRequest {
        name: name.to_owned(),
    };
    let mut stream = running
        .zonings()
        .watch_zoning_plan(request)
        .await
        .unwrap()
        .into_inner();
    loop {
        let moment = stream.message().await.unwrap().expect("the solve goes on");
        assert!(matches!(
            moment.state(),
            PlanState::Queued | PlanState::Solving
        ));
        if let Some(objective) = moment.progress.unwrap().objective {
            return objective;
        }
    }
}

fn objective(plan: &pb::ZoningPlan) -> f64 {
    plan.report
        .as_ref()
        .unwrap()
        .progress
        .as_ref()
        .unwrap()
        .objective
        .unwrap()
}

on_both_databases! { "scheduler", &MIGRATIONS;
    async fn a_cancelled_solve_keeps_its_best_solution(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(40, 10)).await).await;
        let mut zonings = running.zonings();
        let plan = zonings.create_zoning_plan(zoning(120.0, 0.0)).await.unwrap().into_inner();
        let seen = incumbent(&running, &plan.name).await;
        let cancel = pb::CancelZoningPlanRequest { name: plan.name.clone(), ..Default::default() };
        let plan = zonings.cancel_zoning_plan(cancel).await.unwrap().into_inner();
        assert_eq!(plan.state(), PlanState::Proposed);
        assert!(objective(&plan) <= seen && !plan.zones.is_empty());
        let (moments, _) = solved(&running, &plan.name).await;
        assert_eq!(moments.last().unwrap().state(), PlanState::Proposed);
    }

    async fn a_killed_solve_is_taken_over_from_its_last_incumbent(scratch) {
        let known = Known::of(40, 10);
        let first = Running::start(&scratch.context, registry(known.clone()).await).await;
        let plan = first.zonings().create_zoning_plan(zoning(6.0, 0.0)).await.unwrap().into_inner();
        let seen = incumbent(&first, &plan.name).await;
        first.kill().await;
        let replica = scratch.replica(&MIGRATIONS).await;
        let second = Running::start(&replica, registry(known).await).await;
        scratch.clock.advance(60_000_000);
        let (moments, plan) = solved(&second, &plan.name).await;
        assert_eq!(plan.state(), PlanState::Proposed);
        assert!(objective(&plan) <= seen);
        for pair in moments.windows(2) {
            let (old, new) = (pair[0].progress.as_ref().unwrap(), pair[1].progress.as_ref().unwrap());
            assert!(new.bound >= old.bound && old.objective.is_none_or(|old| new.objective.unwrap() <= old));
        }
    }

    async fn a_solve_is_handed_back_when_its_process_ends(scratch) {
        let known = Known::of(40, 10);
        let first = Running::start(&scratch.context, registry(known.clone()).await).await;
        let plan = first.zonings().create_zoning_plan(zoning(6.0, 0.0)).await.unwrap().into_inner();
        let seen = incumbent(&first, &plan.name).await;
        first.end().await;
        // The clock stands still: no lease runs out, so only a lease handed back is free.
        let replica = scratch.replica(&MIGRATIONS).await;
        let second = Running::start(&replica, registry(known).await).await;
        let (_, plan) = solved(&second, &plan.name).await;
        assert_eq!(plan.state(), PlanState::Proposed);
        assert!(objective(&plan) <= seen);
    }

    async fn two_processes_share_plans_and_never_solve_the_same(scratch) {
        let known = Known::of(8, 3);
        let first = Running::start(&scratch.context, registry(known.clone()).await).await;
        let replica = scratch.replica(&MIGRATIONS).await;
        let second = Running::start(&replica, registry(known).await).await;
        let mut names = Vec::new();
        for n in 0..4 {
            let one = if n % 2 == 0 { &first } else { &second };
            let plan = one.zonings().create_zoning_plan(zoning(1.0, 0.5)).await.unwrap();
            names.push(plan.into_inner().name);
        }
        for name in &names {
            let (_, plan) = solved(&first, name).await;
            assert_eq!(plan.state(), PlanState::Proposed);
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        let list = pb::ListZoningPlansRequest { parent: COUNTY.to_owned(), ..Default::default() };
        let plans = second.zonings().list_zoning_plans(list).await.unwrap().into_inner().zoning_plans;
        // Written when created, begun and ended, and never again: each was solved once.
        for plan in plans {
            assert_eq!(plan.etag, "\"v3\"", "{}", plan.name);
        }
    }

    async fn a_plan_that_nobody_solves_yet_is_cancelled_at_once(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(60, 15)).await).await;
        let mut zonings = running.zonings();
        let slots = std::thread::available_parallelism().unwrap().get();
        let mut names = Vec::new();
        for _ in 0..=slots {
            names.push(zonings.create_zoning_plan(zoning(60.0, 0.0)).await.unwrap().into_inner().name);
        }
        for name in names.iter().take(slots) {
            incumbent(&running, name).await;
        }
        for name in names.iter().rev() {
            let cancel = pb::CancelZoningPlanRequest { name: name.clone(), ..Default::default() };
            let plan = zonings.cancel_zoning_plan(cancel).await.unwrap().into_inner();
            let expected = if Some(name) == names.last() { PlanState::Unsolved } else { PlanState::Proposed };
            assert_eq!(plan.state(), expected);
        }
    }
}
