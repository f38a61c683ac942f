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

/// Puts a zoning in force.
async fn zoned(running: &Running) -> String {
    let mut zonings = running.zonings();
    let created = zonings.create_zoning_plan(zoning(2.0, 0.5)).await;
    let name = created.unwrap().into_inner().name;
    solved(running, &name).await;
    activate_zoning(running, &name).await;
    name
}

async fn activate_zoning(running: &Running, name: &str) {
    let mut zonings = running.zonings();
    let approve = pb::ApproveZoningPlanRequest {
        name: name.to_owned(),
        ..Default::default()
    };
    zonings.approve_zoning_plan(approve).await.unwrap();
    let activate = pb::ActivateZoningPlanRequest {
        name: name.to_owned(),
        ..Default::default()
    };
    zonings.activate_zoning_plan(activate).await.unwrap();
}

/// Puts a year plan in force.
async fn in_force(running: &Running, name: &str) {
    let approve = pb::ApproveYearPlanRequest {
        name: name.to_owned(),
        ..Default::default()
    };
    running.years().approve_year_plan(approve).await.unwrap();
    let activate = pb::ActivateYearPlanRequest {
        name: name.to_owned(),
        ..Default::default()
    };
    running.years().activate_year_plan(activate).await.unwrap();
}

/// What changed in a zoning, and why.
async fn explained(running: &Running, name: &str) -> Vec<pb::SupervisorChange> {
    let explain = pb::ExplainZoningPlanRequest {
        name: name.to_owned(),
        school: String::new(),
    };
    let why = running.zonings().explain_zoning_plan(explain).await;
    why.unwrap().into_inner().changes
}

/// Creates a year plan and follows its solve to the end.
async fn planned(running: &Running, request: pb::CreateYearPlanRequest) -> pb::YearPlan {
    let mut years = running.years();
    let name = years
        .create_year_plan(request)
        .await
        .unwrap()
        .into_inner()
        .name;
    let watch = pb::WatchYearPlanRequest { name: name.clone() };
    let mut stream = years.watch_year_plan(watch).await.unwrap().into_inner();
    while stream.message().await.unwrap().is_some() {}
    let get = pb::GetYearPlanRequest { name };
    years.get_year_plan(get).await.unwrap().into_inner()
}

fn with(items: Vec<pb::YearItem>) -> pb::CreateYearPlanRequest {
    let mut request = year();
    request.year_plan.as_mut().unwrap().items = items;
    request
}

fn routine() -> pb::YearItem {
    pb::YearItem {
        item_id: "routine".to_owned(),
        display_name: "经常性督导".to_owned(),
        kind: pb::ItemKind::Routine.into(),
        filed: true,
        ..Default::default()
    }
}

on_both_databases! { "scheduler", &MIGRATIONS;
    async fn a_year_is_planned_on_the_active_zoning_with_no_further_input(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(12, 4)).await).await;
        let mut years = running.years();
        let fault = Fault::from(&years.create_year_plan(year()).await.unwrap_err());
        assert_eq!(fault.rules[0].rule, "year_plan.zoning_plan");

        let zones = zoned(&running).await;
        let plan = planned(&running, year()).await;
        assert_eq!(plan.zoning_plan, zones);
        assert_eq!(plan.state(), PlanState::Proposed, "{:?}", plan.report);
        assert!(plan.report.unwrap().violations.is_empty());
        for covered in &plan.coverage {
            assert_eq!(covered.due, covered.scheduled, "{covered:?}");
        }
        let kinds: Vec<_> = plan.coverage.iter().map(|c| (c.item_id.as_str(), c.targets)).collect();
        assert_eq!(kinds, [("routine", 12), ("comprehensive", 3), ("government", 1)]);
        assert!(plan.visits.iter().all(|visit| visit.date.starts_with("2027-") && !visit.team_names.is_empty()));
    }

    async fn the_schools_of_highest_risk_are_inspected_and_without_the_risks_there_is_no_plan(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(12, 4)).await).await;
        zoned(&running).await;
        let comprehensive = pb::YearItem { item_id: "comprehensive".to_owned(), display_name: "综合督导".to_owned(), kind: pb::ItemKind::Comprehensive.into(), filed: true, ..Default::default() };
        let plan = planned(&running, with(vec![comprehensive])).await;
        assert_eq!(plan.state(), PlanState::Proposed, "{:?}", plan.report);
        let mut seen: Vec<_> = plan.visits.iter().map(|visit| visit.target.clone()).collect();
        seen.sort();
        seen.dedup();
        // The inspection of this test gives 0 to 5 points to each six schools in a row.
        assert_eq!(seen, ["S004", "S005", "S011"].map(|code| format!("{COUNTY}/schools/{code}")));
        running.end().await;

        let known = Known { inspection_away: true, ..Known::of(12, 4) };
        let replica = scratch.replica(&MIGRATIONS).await;
        let alone = Running::start(&replica, registry(known).await).await;
        let refused = alone.years().create_year_plan(year()).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::Unavailable);
    }

    async fn after_a_supervisor_has_left_zones_and_year_are_revised_with_the_fewest_changes(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(12, 4)).await).await;
        let mut revision = zoning(2.0, 0.5);
        revision.zoning_plan.as_mut().unwrap().revise = true;
        let fault = Fault::from(&running.zonings().create_zoning_plan(revision.clone()).await.unwrap_err());
        assert_eq!(fault.rules[0].rule, "zoning_plan.revise");
        zoned(&running).await;
        let plan = planned(&running, year()).await;
        in_force(&running, &plan.name).await;
        running.end().await;

        let mut known = Known::of(12, 4);
        // A part-timer: a lone full-time supervisor could lead no team at an own school.
        let gone = known.supervisors.remove(1).name;
        let replica = scratch.replica(&MIGRATIONS).await;
        let running = Running::start(&replica, registry(known).await).await;
        let fault = Fault::from(&running.years().create_year_plan(year()).await.unwrap_err());
        assert_eq!(fault.rules[0].rule, "year_plan.zoning_plan");

        let name = running.zonings().create_zoning_plan(revision).await.unwrap().into_inner().name;
        solved(&running, &name).await;
        let changes = explained(&running, &name).await;
        let revised = running.zonings().get_zoning_plan(pb::GetZoningPlanRequest { name: name.clone() }).await.unwrap().into_inner();
        let count = revised.report.unwrap().changes.unwrap();
        assert_eq!((count.forced as usize, count.unforced, count.least_unforced), (changes.len(), 0, 0));
        assert!(!changes.is_empty() && changes.iter().all(|change| change.before == gone));
        activate_zoning(&running, &name).await;

        let mut again = year();
        again.year_plan.as_mut().unwrap().revise = true;
        let after = planned(&running, again).await;
        assert_eq!(after.state(), PlanState::Proposed, "{:?}", after.report);
        let count = after.report.unwrap().changes.unwrap();
        assert!(count.forced > 0 && count.unforced == 0 && count.least_unforced == 0, "{count:?}");
        let explain = |visit_id: &str| pb::ExplainYearPlanRequest { name: after.name.clone(), visit_id: visit_id.to_owned() };
        let why = running.years().explain_year_plan(explain("")).await.unwrap().into_inner();
        assert!(!why.changes.is_empty() && why.changes.len() <= count.forced as usize);
        assert!(why.changes.iter().all(|change| change.before.as_ref().unwrap().team.contains(&gone)));
        let visit = &after.visits[0];
        let days = running.years().explain_year_plan(explain(&visit.visit_id)).await.unwrap().into_inner();
        let own = days.choices.iter().find(|choice| choice.slot.as_ref().unwrap().date == visit.date).unwrap();
        assert!(own.rise.abs() < 1e-6 && own.breaks.is_empty());
        let unknown = running.years().explain_year_plan(explain("nothing/S1/1")).await.unwrap_err();
        assert_eq!(unknown.code(), tonic::Code::NotFound);
    }

    async fn a_visit_stays_on_the_day_that_the_planner_gives_it(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(12, 4)).await).await;
        zoned(&running).await;
        let plan = planned(&running, year()).await;
        in_force(&running, &plan.name).await;
        let visit = plan.visits.iter().find(|visit| visit.team.len() > 1).unwrap();
        let explain = pb::ExplainYearPlanRequest { name: plan.name.clone(), visit_id: visit.visit_id.clone() };
        let days = running.years().explain_year_plan(explain).await.unwrap().into_inner().choices;
        let other = days.iter().find(|day| day.breaks.is_empty() && day.slot.as_ref().unwrap().date != visit.date).unwrap();
        let mut request = year();
        let asked = request.year_plan.as_mut().unwrap();
        asked.revise = true;
        asked.pins = vec![pb::VisitPin { visit_id: visit.visit_id.clone(), date: other.slot.as_ref().unwrap().date.clone(), team: Vec::new() }];
        let moved = planned(&running, request.clone()).await;
        let at = moved.visits.iter().find(|planned| planned.visit_id == visit.visit_id).unwrap();
        assert_eq!(at.date, other.slot.as_ref().unwrap().date);

        let pins = &mut request.year_plan.as_mut().unwrap().pins;
        pins[0].date = "2027-08-01".into();
        pins.push(pb::VisitPin { visit_id: "nothing".into(), date: "2027-03-01".into(), team: Vec::new() });
        let fault = Fault::from(&running.years().create_year_plan(request).await.unwrap_err());
        let fields: Vec<_> = fault.fields.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(fields, ["year_plan.pins[0]", "year_plan.pins[1]"]);
    }

    async fn article_15_a_term_that_ends_within_the_year_counts_until_then(scratch) {
        let mut known = Known::of(12, 4);
        known.supervisors[1].term_end_date = "2027-05-31".into();
        known.supervisors[2].term_start_date = "2027-03-15".into();
        let running = Running::start(&scratch.context, registry(known).await).await;
        zoned(&running).await;
        let plan = planned(&running, with(vec![routine()])).await;
        assert_eq!(plan.state(), PlanState::Proposed, "{:?}", plan.report);
        let visits = |who: &str| {
            let name = format!("{COUNTY}/supervisors/{who}");
            plan.visits.iter().filter(|v| v.team.contains(&name)).map(|v| v.date.clone()).collect::<Vec<_>>()
        };
        assert!(!visits("K01").is_empty() && visits("K01").iter().all(|date| date.as_str() <= "2027-05-31"));
        assert!(!visits("K02").is_empty() && visits("K02").iter().all(|date| date.as_str() >= "2027-03-15"));
        let load = plan.loads.iter().find(|load| load.supervisor.ends_with("/K01")).unwrap();
        assert_eq!(load.term_end_date, "2027-05-31");
        assert!(plan.coverage.iter().all(|covered| covered.due == covered.scheduled));
        let report = plan.report.unwrap();
        assert!(report.violations.is_empty());
        assert!(report.remarks.iter().any(|remark| remark.zh.contains("续聘") && remark.zh.contains("2027-05-31")), "{:?}", report.remarks);
    }

    async fn article_05_a_campaign_takes_place_within_its_window_and_by_a_team(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(12, 4)).await).await;
        zoned(&running).await;
        let campaign = pb::YearItem {
            item_id: "safety".to_owned(),
            display_name: "校园安全专项督导".to_owned(),
            kind: pb::ItemKind::Special.into(),
            basis: "上级部署".to_owned(),
            filed: true,
            start_date: "2027-03-01".to_owned(),
            end_date: "2027-04-30".to_owned(),
            targets: vec![format!("{COUNTY}/schools/S001"), format!("{COUNTY}/schools/S002")],
            team_size: 3,
            ..Default::default()
        };
        let plan = planned(&running, with(vec![routine(), campaign])).await;
        assert_eq!(plan.state(), PlanState::Proposed, "{:?}", plan.report);
        let visits: Vec<_> = plan.visits.iter().filter(|visit| visit.items.iter().any(|id| id == "safety")).collect();
        assert_eq!(visits.len(), 2);
        assert!(visits.iter().all(|v| v.team.len() == 3 && ("2027-03-01".."2027-05-01").contains(&v.date.as_str())), "{visits:?}");
        assert!(plan.report.unwrap().violations.is_empty());
    }

    async fn a_year_plan_is_put_in_force_once_and_can_be_compared_with_the_one_before(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(12, 4)).await).await;
        zoned(&running).await;
        let mut years = running.years();
        let mut plans = Vec::new();
        for seed in [1, 2] {
            let mut request = with(vec![routine()]);
            request.year_plan.as_mut().unwrap().limits.as_mut().unwrap().seed = seed;
            let plan = planned(&running, request).await;
            let early = pb::ActivateYearPlanRequest { name: plan.name.clone(), ..Default::default() };
            let fault = Fault::from(&years.activate_year_plan(early).await.unwrap_err());
            assert!(!fault.rules.is_empty(), "a plan that nobody has approved: {fault:?}");
            let approve = pb::ApproveYearPlanRequest { name: plan.name.clone(), ..Default::default() };
            years.approve_year_plan(approve).await.unwrap();
            let activate = pb::ActivateYearPlanRequest { name: plan.name.clone(), ..Default::default() };
            assert_eq!(years.activate_year_plan(activate).await.unwrap().into_inner().state(), PlanState::Active);
            plans.push(plan.name);
        }
        let first = pb::GetYearPlanRequest { name: plans[0].clone() };
        assert_eq!(years.get_year_plan(first).await.unwrap().into_inner().state(), PlanState::Superseded);
        let compare = |before: &str, after: &str| pb::CompareYearPlansRequest { before: before.to_owned(), after: after.to_owned() };
        let same = years.compare_year_plans(compare(&plans[0], &plans[0])).await.unwrap().into_inner();
        assert!(same.differences.is_empty());
        years.compare_year_plans(compare(&plans[0], &plans[1])).await.unwrap();
    }

    async fn a_cancelled_year_keeps_its_best_solution(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(40, 10)).await).await;
        zoned(&running).await;
        let mut years = running.years();
        let mut request = year();
        request.year_plan.as_mut().unwrap().limits = Some(limits(120.0, 0.0));
        let name = years.create_year_plan(request).await.unwrap().into_inner().name;
        let mut stream = years.watch_year_plan(pb::WatchYearPlanRequest { name: name.clone() }).await.unwrap().into_inner();
        while stream.message().await.unwrap().unwrap().progress.unwrap().objective.is_none() {}
        let cancel = pb::CancelYearPlanRequest { name, ..Default::default() };
        let plan = years.cancel_year_plan(cancel).await.unwrap().into_inner();
        assert_eq!(plan.state(), PlanState::Proposed);
        assert!(!plan.visits.is_empty());
    }

    async fn wrong_items_are_all_told_at_once(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(12, 4)).await).await;
        zoned(&running).await;
        let wrong = pb::YearItem { item_id: "x".to_owned(), start_date: "2027-02-30".to_owned(), targets: vec!["counties/1/schools/2".to_owned()], ..routine() };
        let mut request = with(vec![pb::YearItem { kind: 0, ..routine() }, wrong]);
        request.year_plan.as_mut().unwrap().year = 27;
        let fault = Fault::from(&running.years().create_year_plan(request).await.unwrap_err());
        let fields: Vec<_> = fault.fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["year_plan.year", "year_plan.items[0].kind", "year_plan.items[1].start_date", "year_plan.items[1].targets[0]"]);
    }
}
