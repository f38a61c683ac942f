//! Zoning plans over gRPC, on both databases.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{COUNTY, Known, Running, registry, solved, zoning};
use dudao_platform::on_both_databases;
use dudao_platform::rpc::Fault;
use dudao_proto::error::v1::ErrorReason;
use dudao_proto::event::v1::{WatchEventsRequest, watch_events_response::Item};
use dudao_proto::scheduler::v1 as pb;
use dudao_scheduler::MIGRATIONS;
use pb::PlanState;
use pb::scheduler_event_service_client::SchedulerEventServiceClient;
use prost::Message as _;
use tonic::Code;

fn approve(name: &str) -> pb::ApproveZoningPlanRequest {
    pb::ApproveZoningPlanRequest {
        name: name.to_owned(),
        ..Default::default()
    }
}

fn activate(name: &str) -> pb::ActivateZoningPlanRequest {
    pb::ActivateZoningPlanRequest {
        name: name.to_owned(),
        ..Default::default()
    }
}

async fn events(running: &Running) -> Vec<dudao_proto::event::v1::Event> {
    let mut client = SchedulerEventServiceClient::new(running.link.clone());
    let request = WatchEventsRequest {
        stop_at_end: true,
        ..Default::default()
    };
    let mut stream = client.watch_events(request).await.unwrap().into_inner();
    let mut all = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        if let Some(Item::Event(event)) = message.item {
            all.push(event);
        }
    }
    all
}

on_both_databases! { "scheduler", &MIGRATIONS;
    async fn a_zoning_plan_lives_from_creation_until_another_takes_its_place(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(16, 4)).await).await;
        let mut zonings = running.zonings();
        let first = zonings.create_zoning_plan(zoning(4.0, 0.3)).await.unwrap().into_inner();
        assert_eq!(first.state(), PlanState::Queued);
        let (moments, plan) = solved(&running, &first.name).await;
        assert_eq!(plan.state(), PlanState::Proposed);
        assert_eq!(moments.last().unwrap().state(), PlanState::Proposed);
        let figures: Vec<_> = moments.iter().map(|m| m.progress.clone().unwrap()).collect();
        for pair in figures.windows(2) {
            assert!(pair[1].bound >= pair[0].bound && pair[1].seconds >= pair[0].seconds);
            assert!(pair[0].objective.is_none_or(|old| pair[1].objective.unwrap() <= old));
        }
        let report = plan.report.clone().unwrap();
        assert!(report.violations.is_empty() && report.proof.is_some());
        assert!(report.progress.unwrap().gap.unwrap() >= 0.0);
        assert_eq!(plan.zones.iter().map(|zone| zone.schools.len()).sum::<usize>(), 16);

        assert_eq!(zonings.approve_zoning_plan(approve(&plan.name)).await.unwrap().into_inner().state(), PlanState::Approved);
        assert_eq!(zonings.activate_zoning_plan(activate(&plan.name)).await.unwrap().into_inner().state(), PlanState::Active);

        let second = zonings.create_zoning_plan(zoning(4.0, 0.3)).await.unwrap().into_inner();
        solved(&running, &second.name).await;
        zonings.approve_zoning_plan(approve(&second.name)).await.unwrap();
        zonings.activate_zoning_plan(activate(&second.name)).await.unwrap();
        let list = pb::ListZoningPlansRequest { parent: COUNTY.to_owned(), page_size: 1, ..Default::default() };
        let page = zonings.list_zoning_plans(list.clone()).await.unwrap().into_inner();
        assert_eq!((page.zoning_plans[0].name.as_str(), page.zoning_plans[0].state()), (second.name.as_str(), PlanState::Active));
        assert!(page.zoning_plans[0].zones.is_empty());
        let list = pb::ListZoningPlansRequest { page_token: page.next_page_token, ..list };
        let page = zonings.list_zoning_plans(list).await.unwrap().into_inner();
        assert_eq!((page.zoning_plans[0].name.as_str(), page.zoning_plans[0].state()), (first.name.as_str(), PlanState::Superseded));
        assert_eq!(page.next_page_token, "");

        let same = pb::CompareZoningPlansRequest { before: first.name.clone(), after: first.name.clone() };
        assert!(zonings.compare_zoning_plans(same).await.unwrap().into_inner().differences.is_empty());

        let events = events(&running).await;
        let kinds: Vec<_> = events.iter().map(|event| event.kind.trim_start_matches("ZoningPlan")).collect();
        assert_eq!(kinds, ["Created", "Proposed", "Approved", "Activated", "Created", "Proposed", "Approved", "Superseded", "Activated"]);
        let payload = &events[3].payload.as_ref().unwrap().value;
        let activated = pb::ZoningPlanActivated::decode(payload.as_slice()).unwrap().zoning_plan.unwrap();
        assert_eq!(activated.zones.len(), plan.zones.len());
        running.end().await;
    }

    async fn every_school_has_a_reason_for_its_supervisor(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(16, 4)).await).await;
        let mut zonings = running.zonings();
        let plan = zonings.create_zoning_plan(zoning(4.0, 0.3)).await.unwrap().into_inner();
        let (_, plan) = solved(&running, &plan.name).await;
        let school = plan.zones[0].schools[0].clone();
        let ask = pb::ExplainZoningPlanRequest { name: plan.name.clone(), school: school.school.clone() };
        let why = zonings.explain_zoning_plan(ask.clone()).await.unwrap().into_inner();
        assert_eq!(why.choices.len(), 4);
        for choice in &why.choices {
            let own = choice.supervisor == school.supervisor;
            assert_eq!(choice.rise.is_some_and(|rise| rise.abs() < 1e-6), own, "{choice:?}");
            assert!(!own || (choice.breaks.is_empty() && choice.travel_minutes == school.travel_minutes));
        }
        let quantities: Vec<_> = why.spreads.iter().map(|spread| spread.quantity.as_str()).collect();
        assert_eq!(quantities, ["schools", "days", "travel_minutes"]);
        assert!((why.spreads[0].mean - 4.0).abs() < 1e-9 && why.changes.is_empty());
        let people = plan.zones.iter().flat_map(|zone| &zone.supervisors);
        for person in people.filter(|person| person.schools == person.max_schools) {
            let bound = |limit: &&pb::BindingLimit| limit.rule == "max_schools" && limit.subject == person.supervisor;
            let limit = why.limits.iter().find(bound).unwrap();
            assert!((limit.used, limit.limit) == (5.0, 5.0) && limit.words.as_ref().unwrap().zh.contains(&person.display_name));
        }
        let nowhere = pb::ExplainZoningPlanRequest { school: format!("{COUNTY}/schools/S999"), ..ask };
        assert_eq!(zonings.explain_zoning_plan(nowhere).await.unwrap_err().code(), Code::NotFound);
        running.end().await;
    }

    async fn what_cannot_be_is_answered_with_the_rules_in_conflict(scratch) {
        let mut known = Known::of(16, 4);
        known.schools[5].stage = dudao_proto::registry::v1::Stage::Senior.into();
        let running = Running::start(&scratch.context, registry(known).await).await;
        let plan = running.zonings().create_zoning_plan(zoning(5.0, 0.1)).await.unwrap().into_inner();
        let (_, plan) = solved(&running, &plan.name).await;
        assert_eq!(plan.state(), PlanState::Infeasible);
        let conflicts = plan.report.unwrap().conflicts;
        let words = conflicts[0].words.clone().unwrap();
        assert!(words.zh.contains("第5小学") && words.zh.contains("学段") && !conflicts[0].rules.is_empty(), "{words:?}");
        let fault = Fault::from(&running.zonings().approve_zoning_plan(approve(&plan.name)).await.unwrap_err());
        assert_eq!(fault.reason, ErrorReason::ForbiddenTransition);
    }

    async fn too_few_places_end_the_solve_as_infeasible(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(16, 3)).await).await;
        let plan = running.zonings().create_zoning_plan(zoning(5.0, 0.1)).await.unwrap().into_inner();
        let (_, plan) = solved(&running, &plan.name).await;
        assert_eq!(plan.state(), PlanState::Infeasible);
        let report = plan.report.unwrap();
        assert!(report.progress.as_ref().is_some_and(|told| told.objective.is_none()) && !report.conflicts[0].rules.is_empty(), "{report:?}");
        // Three supervisors of five schools each for sixteen.
        let ways: Vec<_> = report.conflicts[0].ways_out.iter().map(|way| way.en.as_str()).collect();
        assert!(ways.iter().any(|way| way.starts_with("1 more supervisors") && way.contains("verified")), "{ways:?}");
        running.end().await;
    }

    async fn a_step_that_the_state_forbids_names_its_rule(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(8, 3)).await).await;
        let mut zonings = running.zonings();
        let plan = zonings.create_zoning_plan(zoning(2.0, 0.5)).await.unwrap().into_inner();
        let (_, plan) = solved(&running, &plan.name).await;
        let fault = Fault::from(&zonings.activate_zoning_plan(activate(&plan.name)).await.unwrap_err());
        assert_eq!((fault.code, fault.rules[0].rule.as_str()), (Code::FailedPrecondition, "zoning_plan.state"));
        assert!(fault.rules[0].zh.contains("五"), "{fault}");
        let cancel = pb::CancelZoningPlanRequest { name: plan.name.clone(), ..Default::default() };
        let fault = Fault::from(&zonings.cancel_zoning_plan(cancel).await.unwrap_err());
        assert_eq!(fault.reason, ErrorReason::ForbiddenTransition);
    }

    async fn a_stale_etag_changes_nothing_and_a_retry_returns_the_first_answer(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(8, 3)).await).await;
        let mut zonings = running.zonings();
        let mut request = zoning(2.0, 0.5);
        "once".clone_into(&mut request.request_id);
        let plan = zonings.create_zoning_plan(request.clone()).await.unwrap().into_inner();
        let (_, read) = solved(&running, &plan.name).await;
        assert_eq!(zonings.create_zoning_plan(request).await.unwrap().into_inner(), plan);
        let stale = pb::ApproveZoningPlanRequest { etag: plan.etag, ..approve(&plan.name) };
        assert_eq!(zonings.approve_zoning_plan(stale).await.unwrap_err().code(), Code::Aborted);
        let fresh = pb::ApproveZoningPlanRequest { etag: read.etag, request_id: "yes".to_owned(), ..approve(&plan.name) };
        let approved = zonings.approve_zoning_plan(fresh.clone()).await.unwrap().into_inner();
        assert_eq!(zonings.approve_zoning_plan(fresh).await.unwrap().into_inner(), approved);
    }

    async fn who_is_not_qualified_is_listed_with_the_reason(scratch) {
        let mut known = Known::of(8, 5);
        "2026-08-31".clone_into(&mut known.supervisors[1].term_end_date);
        known.supervisors[2].training_hours = Some(12.0);
        "2026-12-31".clone_into(&mut known.supervisors[4].term_end_date);
        let running = Running::start(&scratch.context, registry(known).await).await;
        let mut zonings = running.zonings();
        let plan = zonings.create_zoning_plan(zoning(2.0, 0.5)).await.unwrap().into_inner();
        let left_out: Vec<_> = plan.left_out.iter().map(|person| person.supervisor.as_str()).collect();
        assert_eq!(left_out, ["counties/140525/supervisors/K01", "counties/140525/supervisors/K02"]);
        assert!(plan.left_out[0].reason.as_ref().unwrap().zh.contains("2026-08-31"));
        assert!(plan.report.unwrap().remarks.iter().any(|words| words.zh.contains("续聘")));
        let mut request = zoning(2.0, 0.5);
        request.zoning_plan.as_mut().unwrap().include_unqualified = true;
        let plan = zonings.create_zoning_plan(request).await.unwrap().into_inner();
        assert!(plan.left_out.is_empty());
        let (_, plan) = solved(&running, &plan.name).await;
        assert_eq!(plan.zones.iter().map(|zone| zone.supervisors.len()).sum::<usize>(), 5);
    }

    async fn wrong_wishes_and_an_empty_county_are_refused_in_words(scratch) {
        let running = Running::start(&scratch.context, registry(Known::of(8, 3)).await).await;
        let mut zonings = running.zonings();
        let mut request = zoning(-3.0, 7.0);
        let plan = request.zoning_plan.as_mut().unwrap();
        "soon".clone_into(&mut plan.effective_date);
        plan.pins.push(pb::ZoningPin::default());
        let fault = Fault::from(&zonings.create_zoning_plan(request).await.unwrap_err());
        let fields: Vec<_> = fault.fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["zoning_plan.limits.seconds", "zoning_plan.limits.gap", "zoning_plan.pins[0]", "zoning_plan.effective_date"]);
        let elsewhere = pb::CreateZoningPlanRequest { parent: "counties/999999".to_owned(), ..zoning(2.0, 0.5) };
        assert_eq!(zonings.create_zoning_plan(elsewhere).await.unwrap_err().code(), Code::NotFound);

        let replica = scratch.replica(&MIGRATIONS).await;
        let mut nothing = Known { rulesets: vec![common::ruleset()], ..Known::default() };
        nothing.rulesets[0].parameters[0].value = None;
        let empty = Running::start(&replica, registry(nothing).await).await;
        let fault = Fault::from(&empty.zonings().create_zoning_plan(zoning(2.0, 0.5)).await.unwrap_err());
        assert_eq!(fault.code, Code::FailedPrecondition);
        let rules: Vec<_> = fault.rules.iter().map(|rule| rule.rule.as_str()).collect();
        assert_eq!(rules, ["zone.max_schools", "county.schools", "county.supervisors", "calendar.terms"]);
    }
}
