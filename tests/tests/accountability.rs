//! What comes of an inspection: from the issued letter to the close-out, or up the ladder, over gRPC, on both databases.
#![allow(clippy::unwrap_used, reason = "tests")]

use dudao_platform::rpc::Link;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::accountability::v1 as proto;
use dudao_proto::inspection::v1 as inspection;
use dudao_tests::{COUNTY, House, eventually, reasons, supervisor};
use inspection::finding_service_client::FindingServiceClient;
use inspection::visit_service_client::VisitServiceClient;
use proto::case_service_client::CaseServiceClient;
use proto::ledger_service_client::LedgerServiceClient;
use proto::supervisor_closure_service_client::SupervisorClosureServiceClient;
use proto::{FindingState, LadderStep};

fn cases(house: &House) -> CaseServiceClient<Link> {
    limited!(CaseServiceClient::new(house.link.clone()))
}

fn ledger(house: &House) -> LedgerServiceClient<Link> {
    limited!(LedgerServiceClient::new(house.link.clone()))
}

fn visits(house: &House) -> VisitServiceClient<Link> {
    limited!(VisitServiceClient::new(house.link.clone()))
}

/// A step of the case `c1`.
macro_rules! step {
    ($house:expr, $rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
        cases($house).$rpc(proto::$request { name: format!("{COUNTY}/cases/c1"), $($field: $value,)* ..Default::default() }).await.map(tonic::Response::into_inner)
    };
}

/// A step of the visit `v1`.
macro_rules! visit {
    ($house:expr, $rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
        visits($house).$rpc(inspection::$request { name: format!("{COUNTY}/visits/v1"), $($field: $value,)* ..Default::default() }).await.map(tonic::Response::into_inner)
    };
}

fn text(words: &str) -> String {
    words.to_owned()
}

/// Enters a superior's findings `f1` and `f2` as case `c1` on 1 September 2026.
async fn superior(house: &House) {
    house.on_day("2026-09-01");
    let finding = |id: &str| proto::CaseFinding {
        finding: text(id),
        title: format!("问题{id}"),
        basis: text("《消防法》"),
        severity: inspection::Severity::Serious.into(),
        ..Default::default()
    };
    let case = proto::Case {
        source: proto::CaseSource::Superior.into(),
        letter_number: text("省督〔2026〕3号"),
        issuer: text("省政府教育督导委员会"),
        unit: format!("{COUNTY}/schools/S1"),
        unit_name: text("巴公镇中心小学"),
        town: text("巴公镇"),
        findings: vec![finding("f1"), finding("f2")],
        ..Default::default()
    };
    let request = proto::CreateCaseRequest {
        parent: text(COUNTY),
        case_id: text("c1"),
        case: Some(case),
        request_id: text("r1"),
    };
    let opened = cases(house)
        .create_case(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        opened,
        cases(house)
            .create_case(request)
            .await
            .unwrap()
            .into_inner()
    );
    assert_eq!(opened.ruleset, format!("{COUNTY}/rulesets/1"));
}

async fn decide(house: &House, limit: &str) {
    let item = |id: &str| proto::DecisionItem {
        finding: text(id),
        requirement: text("限期整改"),
        limit_date: text(limit),
        ..Default::default()
    };
    step!(
        house,
        issue_decision,
        IssueDecisionRequest {
            document: text("泽督改〔2026〕1号"),
            officer: text("张主任"),
            items: vec![item("f1"), item("f2")]
        }
    )
    .unwrap();
}

async fn put_right(house: &House, finding: &str) {
    step!(
        house,
        submit_rectification,
        SubmitRectificationRequest {
            finding: text(finding),
            text: text("已整改"),
            by: text("王校长")
        }
    )
    .unwrap();
    step!(
        house,
        check_rectification,
        CheckRectificationRequest {
            finding: text(finding),
            passed: true,
            text: text("现场查看"),
            officer: text("李督学")
        }
    )
    .unwrap();
    step!(
        house,
        publish_result,
        PublishResultRequest {
            findings: vec![text(finding)],
            place: text("学校公告栏")
        }
    )
    .unwrap();
}

async fn rows(house: &House, request: proto::ListLedgerRequest) -> Vec<proto::LedgerRow> {
    ledger(house)
        .list_ledger(proto::ListLedgerRequest {
            parent: text(COUNTY),
            ..request
        })
        .await
        .unwrap()
        .into_inner()
        .rows
}

async fn proposed(house: &House) -> Vec<LadderStep> {
    let request = proto::ListProposalsRequest {
        parent: text(COUNTY),
    };
    let proposals = cases(house)
        .list_proposals(request)
        .await
        .unwrap()
        .into_inner()
        .proposals;
    proposals.iter().map(proto::Proposal::step).collect()
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn article_10_a_superiors_finding_is_closed_out_by_someone_else_after_its_publication(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        superior(house).await;
        decide(house, "2026-09-30").await;
        put_right(house, "f1").await;
        let same = step!(house, close_out_finding, CloseOutFindingRequest { finding: text("f1"), text: text("合格"), officer: text("王校长") }).unwrap_err();
        assert_eq!(reasons(&same), ["finding.other_person"]);
        step!(house, close_out_finding, CloseOutFindingRequest { finding: text("f1"), text: text("合格"), officer: text("张主任") }).unwrap();
        put_right(house, "f2").await;
        let done = step!(house, close_out_finding, CloseOutFindingRequest { finding: text("f2"), text: text("合格"), officer: text("张主任") }).unwrap();
        assert!(done.closed);
        let open = cases(house).list_cases(proto::ListCasesRequest { parent: text(COUNTY), ..Default::default() }).await.unwrap().into_inner();
        assert!(open.cases.is_empty());
    }

    async fn a_reopened_finding_keeps_its_identity(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        superior(house).await;
        decide(house, "2026-09-30").await;
        put_right(house, "f1").await;
        step!(house, close_out_finding, CloseOutFindingRequest { finding: text("f1"), text: text("合格"), officer: text("张主任") }).unwrap();
        let reopened = step!(house, look_back_finding, LookBackFindingRequest { finding: text("f1"), text: text("反弹"), officer: text("李督学") }).unwrap();
        assert_eq!(reopened.findings[0].finding, "f1");
        assert_eq!(reopened.findings[0].state(), FindingState::Reopened);
        assert_eq!(reopened.findings[0].closings.len(), 1);
        let listed = rows(house, proto::ListLedgerRequest { state: FindingState::Reopened.into(), ..Default::default() }).await;
        assert_eq!(listed.len(), 1);
        let open = rows(house, proto::ListLedgerRequest { unresolved: true, ..Default::default() }).await;
        assert!(open.iter().any(|row| row.state() == FindingState::Reopened) && open.iter().all(|row| row.state() != FindingState::Closed));
    }

    async fn a_finding_escalates_through_all_four_steps(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        superior(house).await;
        decide(house, "2026-09-30").await;
        assert!(proposed(house).await.is_empty());
        house.on_day("2026-10-08");
        assert_eq!(proposed(house).await, [LadderStep::UrgingLetter]);
        let late = rows(house, proto::ListLedgerRequest { overdue: true, ..Default::default() }).await;
        assert_eq!((late.len(), late[0].overdue_days), (2, 8));
        let early = step!(house, hold_interview, HoldInterviewRequest { attendees: vec![text("王校长")], record: text("记录"), officer: text("张主任") }).unwrap_err();
        assert_eq!(reasons(&early), ["ladder.interview"]);
        // 10 October 2026 is a Saturday that is worked.
        step!(house, issue_urging_letter, IssueUrgingLetterRequest { findings: vec![text("f1"), text("f2")], number: text("泽督办〔2026〕1号"), limit_date: text("2026-10-10"), officer: text("张主任") }).unwrap();
        let soon = rows(house, proto::ListLedgerRequest { due_within_days: 10, town: text("巴公镇"), ..Default::default() }).await;
        assert_eq!((soon.len(), soon[0].urging_letters), (2, 1));
        house.on_day("2026-10-11");
        assert_eq!(proposed(house).await, [LadderStep::Interview]);
        step!(house, hold_interview, HoldInterviewRequest { attendees: vec![text("王校长")], record: text("记录"), officer: text("张主任") }).unwrap();
        for to in ["巴公镇党委", "巴公镇政府", "县教育局"] {
            step!(house, file_interview, FileInterviewRequest { to: text(to), receipt: text("已收") }).unwrap();
        }
        house.on_day("2026-10-20");
        assert_eq!(proposed(house).await, [LadderStep::Notification]);
        step!(house, issue_notification, IssueNotificationRequest { trigger: proto::NotificationTrigger::Weak.into(), text: text("通报"), recipients: vec![text("巴公镇党委、政府")], officer: text("张主任") }).unwrap();
        house.on_day("2026-10-30");
        assert_eq!(proposed(house).await, [LadderStep::Accountability]);
        let referred = step!(house, refer_to_accountability, ReferToAccountabilityRequest { text: text("整改不到位"), officer: text("县督导委员会主任") }).unwrap();
        assert_eq!((referred.interviews[0].filings.len(), referred.notifications.len(), referred.referrals.len()), (3, 1, 1));
        assert!(proposed(house).await.is_empty());
        let totals = ledger(house).get_ledger_totals(proto::GetLedgerTotalsRequest { parent: text(COUNTY) }).await.unwrap().into_inner();
        assert_eq!((totals.towns[0].findings, totals.towns[0].unresolved, totals.towns[0].overdue), (2, 2, 2));
        let open = rows(house, proto::ListLedgerRequest { unresolved: true, ..Default::default() }).await;
        assert_eq!(open.len(), 2);
    }

    async fn a_routine_visit_that_finds_a_danger_to_life_is_urged_at_once(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        house.on_day("2026-11-10");
        let visit = inspection::Visit {
            kind: inspection::InspectionKind::Routine.into(),
            object_kind: inspection::ObjectKind::School.into(),
            target: format!("{COUNTY}/schools/S1"),
            target_name: text("巴公镇中心小学"),
            town: text("巴公镇"),
            date: text("2026-11-10"),
            days: 0.5,
            team: vec![inspection::TeamMember { supervisor: supervisor("A"), leader: true, ..Default::default() }],
            ..Default::default()
        };
        visits(house).create_visit(inspection::CreateVisitRequest { parent: text(COUNTY), visit_id: text("v1"), visit: Some(visit), ..Default::default() }).await.unwrap();
        visit!(house, begin_visit, BeginVisitRequest {}).unwrap();
        visit!(house, urge_visit, UrgeVisitRequest { ground: inspection::UrgencyGround::DangerToLife.into(), text: text("立即停用危房"), by: supervisor("A") }).unwrap();
        let urged = eventually(|| async { cases(house).get_case(proto::GetCaseRequest { name: format!("{COUNTY}/cases/v1-u1") }).await.ok() }).await.into_inner();
        assert_eq!((urged.urging_letters.len(), urged.findings[0].limit_date.as_str(), urged.findings[0].danger), (1, "2026-11-11", true));
        let request = proto::ListRemindersRequest { parent: text(COUNTY), ..Default::default() };
        let reminders = ledger(house).list_reminders(request).await.unwrap().into_inner().reminders;
        assert_eq!((reminders.len(), reminders[0].days, reminders[0].kind()), (1, 1, proto::ReminderKind::Approaching));

        visit!(house, finish_visit, FinishVisitRequest {}).unwrap();
        let finding = inspection::Finding { visit: format!("{COUNTY}/visits/v1"), title: text("门卫未登记"), basis: text("条例"), severity: inspection::Severity::Minor.into(), recorded_by: supervisor("A"), ..Default::default() };
        limited!(FindingServiceClient::new(house.link.clone())).create_finding(inspection::CreateFindingRequest { parent: text(COUNTY), finding_id: text("f1"), finding: Some(finding), ..Default::default() }).await.unwrap();
        visit!(house, record_visit, RecordVisitRequest { text: text("记录"), matters: vec![text("安全")], by: supervisor("A") }).unwrap();
        visit!(house, issue_opinion_letter, IssueOpinionLetterRequest { number: text("1号"), summary: text("见问题") }).unwrap();
        let opened = eventually(|| async { cases(house).get_case(proto::GetCaseRequest { name: format!("{COUNTY}/cases/v1") }).await.ok() }).await.into_inner();
        assert_eq!((opened.findings.len(), opened.source()), (1, proto::CaseSource::OwnLetter));
        assert_eq!(opened.findings[0].finding, format!("{COUNTY}/findings/f1"));
        let request = proto::GetSupervisorClosureRequest { supervisor: supervisor("A"), start_date: text("2026-01-01"), end_date: text("2026-12-31") };
        let closure = limited!(SupervisorClosureServiceClient::new(house.link.clone())).get_supervisor_closure(request).await.unwrap().into_inner();
        assert_eq!((closure.findings, closure.closed, closure.overdue), (2, 0, 0));
    }

    async fn the_ledger_is_walked_in_pages_by_limit(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        superior(house).await;
        decide(house, "2026-09-30").await;
        let mut met = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = proto::ListLedgerRequest { parent: text(COUNTY), page_size: 1, page_token, ..Default::default() };
            let page = ledger(house).list_ledger(request).await.unwrap().into_inner();
            met.extend(page.rows.into_iter().map(|row| row.finding));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(met, ["f1", "f2"]);
        let both = ledger(house).list_ledger(proto::ListLedgerRequest { parent: text(COUNTY), overdue: true, due_within_days: 5, ..Default::default() }).await.unwrap_err();
        assert_eq!(reasons(&both), ["overdue"]);
    }
}
