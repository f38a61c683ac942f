//! Year plans over gRPC, on both databases.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{COUNTY, Known, Running, limits, registry, solved, zoning};
use dudao_platform::on_both_databases;
use dudao_platform::rpc::Fault;
use dudao_proto::scheduler::v1 as pb;
use dudao_scheduler::MIGRATIONS;
use pb::PlanState;

fn year() -> pb::CreateYearPlanRequest {
    pb::CreateYearPlanRequest {
        parent: COUNTY.to_owned(),
        year_plan: Some(pb::YearPlan {
            year: 2027,
            limits: Some(limits(8.0, 0.5)),
            ..Default::default()
        }),
        request_id: String::new(),
    }
}

on_both_databases! { "scheduler", &MIGRATIONS;
    async fn a_year_is_planned_on_the_active_zoning_with_no_further_input(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(12, 4)).await).await;
        let mut years = running.years();
        let fault = Fault::from(&years.create_year_plan(year()).await.unwrap_err());
        assert_eq!(fault.rules[0].rule, "year_plan.zoning_plan");

        let mut zonings = running.zonings();
        let zones = zonings.create_zoning_plan(zoning(2.0, 0.5)).await.unwrap().into_inner();
        solved(&running, &zones.name).await;
        zonings.approve_zoning_plan(pb::ApproveZoningPlanRequest { name: zones.name.clone(), ..Default::default() }).await.unwrap();
        zonings.activate_zoning_plan(pb::ActivateZoningPlanRequest { name: zones.name.clone(), ..Default::default() }).await.unwrap();

        let plan = years.create_year_plan(year()).await.unwrap().into_inner();
        assert_eq!(plan.zoning_plan, zones.name);
        let request = pb::WatchYearPlanRequest { name: plan.name.clone() };
        let mut stream = years.watch_year_plan(request).await.unwrap().into_inner();
        while stream.message().await.unwrap().is_some() {}
        let plan = years.get_year_plan(pb::GetYearPlanRequest { name: plan.name }).await.unwrap().into_inner();
        assert_eq!(plan.state(), PlanState::Proposed, "{:?}", plan.report);
        assert!(plan.report.unwrap().violations.is_empty());
        for covered in &plan.coverage {
            assert_eq!(covered.due, covered.scheduled, "{covered:?}");
        }
        let kinds: Vec<_> = plan.coverage.iter().map(|c| (c.item_id.as_str(), c.targets)).collect();
        assert_eq!(kinds, [("routine", 12), ("comprehensive", 3), ("government", 1)]);
        assert!(plan.visits.iter().all(|visit| visit.date.starts_with("2027-") && !visit.team_names.is_empty()));
    }
}
