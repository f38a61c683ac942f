//! Accountability decisions, commendation, reminders, and what the public reads, over gRPC, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::needless_update,
    reason = "tests; requests whose fields are all set"
)]

use dudao_platform::testing::Scratch;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::accountability::v1 as proto;
use dudao_proto::event::v1::WatchEventsRequest;
use dudao_proto::event::v1::watch_events_response::Item;
use dudao_proto::inspection::v1::Severity;
use dudao_proto::registry::v1 as registry;
use dudao_tests::{COUNTY, House, reasons};
use prost::Message as _;
use proto::accountability_decision_service_client::AccountabilityDecisionServiceClient;
use proto::accountability_event_service_client::AccountabilityEventServiceClient;
use proto::accountability_year_service_client::AccountabilityYearServiceClient;
use proto::case_service_client::CaseServiceClient;
use proto::commendation_service_client::CommendationServiceClient;
use proto::ledger_service_client::LedgerServiceClient;
use proto::publication_service_client::PublicationServiceClient;
use proto::{
    AccountabilityForm, AccountabilityState, AccountabilityTrigger, LadderStep, RemedyOutcome,
    ReminderKind, ReminderMatter, StatementOutcome, SubjectKind,
};
use registry::committee_service_client::CommitteeServiceClient;
use registry::ruleset_service_client::RulesetServiceClient;

macro_rules! client {
    ($client:ident, $house:expr) => {
        limited!($client::new($house.link.clone()))
    };
}

/// A step of a case: `case!(house, "c1", issue_urging_letter, IssueUrgingLetterRequest { … })`.
macro_rules! case {
    ($house:expr, $id:expr, $rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
        client!(CaseServiceClient, $house).$rpc(proto::$request { name: format!("{COUNTY}/cases/{}", $id), $($field: $value,)* ..Default::default() }).await.map(tonic::Response::into_inner)
    };
}

/// A step of a decision.
macro_rules! decision {
    ($house:expr, $id:expr, $rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
        client!(AccountabilityDecisionServiceClient, $house).$rpc(proto::$request { name: format!("{COUNTY}/accountabilityDecisions/{}", $id), $($field: $value,)* ..Default::default() }).await.map(tonic::Response::into_inner)
    };
}

/// A step of the commendation of 2026.
macro_rules! commend {
    ($house:expr, $rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
        client!(CommendationServiceClient, $house).$rpc(proto::$request { name: format!("{COUNTY}/commendations/2026"), $($field: $value,)* ..Default::default() }).await.map(tonic::Response::into_inner)
    };
}

fn text(words: &str) -> String {
    words.to_owned()
}

/// A county whose committee has a director and a deputy.
async fn county(scratch: Scratch) -> House {
    let house = House::with_county(scratch, "zezhou").await;
    let officer = |name: &str, post: &str| registry::Officer {
        display_name: text(name),
        post: text(post),
        ..Default::default()
    };
    let committee = registry::Committee {
        name: format!("{COUNTY}/committee"),
        director: Some(officer("孙县长", "分管教育工作的副县长")),
        deputies: vec![officer("周局长", "县教育局局长")],
        ..Default::default()
    };
    let request = registry::UpdateCommitteeRequest {
        committee: Some(committee),
        ..Default::default()
    };
    client!(CommitteeServiceClient, house)
        .update_committee(request)
        .await
        .unwrap();
    house
}

/// Enters a superior's findings of the inspection that ended on 20 August as case `c1`.
async fn superior(house: &House, findings: &[&str]) {
    let finding = |id: &&str| proto::CaseFinding {
        finding: text(id),
        title: format!("问题{id}"),
        basis: text("《消防法》"),
        severity: Severity::Serious.into(),
        ..Default::default()
    };
    let case = proto::Case {
        source: proto::CaseSource::Superior.into(),
        letter_number: text("省督〔2026〕3号"),
        issuer: text("省政府教育督导委员会"),
        unit: format!("{COUNTY}/schools/S1"),
        unit_name: text("巴公镇中心小学"),
        town: text("巴公镇"),
        inspection_end_date: text("2026-08-20"),
        findings: findings.iter().map(finding).collect(),
        ..Default::default()
    };
    let request = proto::CreateCaseRequest {
        parent: text(COUNTY),
        case_id: text("c1"),
        case: Some(case),
        ..Default::default()
    };
    client!(CaseServiceClient, house)
        .create_case(request)
        .await
        .unwrap();
}

async fn decide(
    house: &House,
    findings: &[&str],
    limit_date: &str,
    working_days: i32,
) -> proto::Case {
    let item = |id: &&str| proto::DecisionItem {
        finding: text(id),
        requirement: text("限期整改"),
        limit_date: text(limit_date),
        limit_working_days: working_days,
    };
    let items = findings.iter().map(item).collect();
    case!(
        house,
        "c1",
        issue_decision,
        IssueDecisionRequest {
            document: text("泽督改〔2026〕1号"),
            officer: text("张主任"),
            items: items
        }
    )
    .unwrap()
}

/// From the report to the close-out.
async fn close_out(house: &House, finding: &str) -> proto::Case {
    case!(
        house,
        "c1",
        submit_rectification,
        SubmitRectificationRequest {
            finding: text(finding),
            text: text("马报告人带队清理"),
            by: text("马报告人")
        }
    )
    .unwrap();
    case!(
        house,
        "c1",
        check_rectification,
        CheckRectificationRequest {
            finding: text(finding),
            passed: true,
            text: text("现场查看"),
            officer: text("牛督学")
        }
    )
    .unwrap();
    case!(
        house,
        "c1",
        publish_result,
        PublishResultRequest {
            findings: vec![text(finding)],
            place: text("学校公告栏"),
            text: text("消防通道已清理")
        }
    )
    .unwrap();
    case!(
        house,
        "c1",
        close_out_finding,
        CloseOutFindingRequest {
            finding: text(finding),
            text: text("合格"),
            officer: text("张主任")
        }
    )
    .unwrap()
}

async fn proposed(house: &House) -> Vec<LadderStep> {
    let request = proto::ListProposalsRequest {
        parent: text(COUNTY),
    };
    let proposals = client!(CaseServiceClient, house)
        .list_proposals(request)
        .await
        .unwrap()
        .into_inner()
        .proposals;
    proposals.iter().map(proto::Proposal::step).collect()
}

/// Opens a decision: on the case `c1` where one is given, else for obstruction.
async fn open(
    house: &House,
    id: &str,
    kind: SubjectKind,
    case: &str,
) -> Result<proto::AccountabilityDecision, tonic::Status> {
    let person = kind == SubjectKind::Person;
    let direct = case.is_empty();
    let of = |yes: bool, words: &str| if yes { text(words) } else { String::new() };
    let draft = proto::AccountabilityDecision {
        case: of(!direct, &format!("{COUNTY}/cases/{case}")),
        trigger: if direct {
            AccountabilityTrigger::Obstruction.into()
        } else {
            0
        },
        kind: kind.into(),
        unit: of(direct, &format!("{COUNTY}/schools/S1")),
        unit_name: of(direct, "巴公镇中心小学"),
        town: of(direct, "巴公镇"),
        person: of(person, "羊校长"),
        person_number: of(person, "G0001"),
        post: of(person, "校长"),
        reason: text("阻挠督导"),
        officer: text("李干事"),
        ..Default::default()
    };
    let request = proto::CreateAccountabilityDecisionRequest {
        parent: text(COUNTY),
        accountability_decision_id: text(id),
        accountability_decision: Some(draft),
        ..Default::default()
    };
    client!(AccountabilityDecisionServiceClient, house)
        .create_accountability_decision(request)
        .await
        .map(tonic::Response::into_inner)
}

fn content(forms: &[AccountabilityForm]) -> proto::DecisionContent {
    let measures = forms.iter().map(|form| proto::Measure {
        form: (*form).into(),
        detail: text("对巴公镇中心小学拒不整改消防隐患予以批评"),
        organ: if *form == AccountabilityForm::Sanction {
            text("县纪委监委")
        } else {
            String::new()
        },
        ..Default::default()
    });
    proto::DecisionContent {
        basic_facts: text("逾期未整改"),
        findings: text("整改不到位"),
        basis: text("《教育督导问责办法》"),
        measures: measures.collect(),
    }
}

fn numbers(forms: &[AccountabilityForm]) -> Vec<i32> {
    forms.iter().map(|form| (*form).into()).collect()
}

/// From the opened decision to the telling, on the day it is.
async fn told(
    house: &House,
    id: &str,
    forms: &[AccountabilityForm],
    statement_due: &str,
) -> Result<proto::AccountabilityDecision, tonic::Status> {
    decision!(
        house,
        id,
        set_up_investigation,
        SetUpInvestigationRequest {
            leader: text("赵组长"),
            members: vec![text("钱成员")]
        }
    )
    .unwrap();
    decision!(
        house,
        id,
        tell_facts,
        TellFactsRequest {
            number: text("泽督告1号"),
            facts: text("逾期未整改"),
            basis: text("《教育督导问责办法》"),
            forms: numbers(forms),
            statement_due_date: text(statement_due)
        }
    )
}

/// From the telling to the delivery, on the day it is.
async fn delivered(
    house: &House,
    id: &str,
    forms: &[AccountabilityForm],
    today: &str,
) -> proto::AccountabilityDecision {
    decision!(
        house,
        id,
        hear_statement,
        HearStatementRequest {
            outcome: StatementOutcome::Spoken.into(),
            text: text("已部分整改"),
            by: text("羊校长")
        }
    )
    .unwrap();
    decision!(
        house,
        id,
        consult_unit,
        ConsultUnitRequest {
            unit: format!("{COUNTY}/memberUnits/县财政局"),
            opinion: text("同意"),
            agrees: true
        }
    )
    .unwrap();
    decision!(
        house,
        id,
        approve_accountability,
        ApproveAccountabilityRequest {
            approver: text("孙县长"),
            post: proto::ApproverPost::Director.into(),
            content: Some(content(forms))
        }
    )
    .unwrap();
    decision!(
        house,
        id,
        issue_accountability_decision,
        IssueAccountabilityDecisionRequest {
            number: format!("泽督问〔2026〕{id}号"),
            effective_date: text(today)
        }
    )
    .unwrap();
    decision!(
        house,
        id,
        deliver_accountability_decision,
        DeliverAccountabilityDecisionRequest {
            receiver: text("羊校长"),
            date: text(today)
        }
    )
    .unwrap()
}

async fn reminders(house: &House, unit: &str, officer: &str) -> Vec<proto::Reminder> {
    let request = proto::ListRemindersRequest {
        parent: text(COUNTY),
        unit: text(unit),
        officer: text(officer),
    };
    client!(LedgerServiceClient, house)
        .list_reminders(request)
        .await
        .unwrap()
        .into_inner()
        .reminders
}

async fn year(house: &House) -> proto::AccountabilityYear {
    let request = proto::GetAccountabilityYearRequest {
        parent: text(COUNTY),
        year: 2026,
    };
    client!(AccountabilityYearServiceClient, house)
        .get_accountability_year(request)
        .await
        .unwrap()
        .into_inner()
}

/// Every reminder that was told of so far: what, which moment, which limit.
async fn told_of(house: &House) -> Vec<(String, ReminderKind, String)> {
    let request = WatchEventsRequest {
        kinds: vec![text("ReminderFell")],
        stop_at_end: true,
        ..Default::default()
    };
    let mut stream = client!(AccountabilityEventServiceClient, house)
        .watch_events(request)
        .await
        .unwrap()
        .into_inner();
    let mut all = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        if let Some(Item::Event(event)) = message.item {
            let payload = event.payload.unwrap();
            let fell = proto::ReminderFell::decode(payload.value.as_slice()).unwrap();
            let reminder = fell.reminder.unwrap();
            let what = if reminder.finding.is_empty() {
                reminder.matter().as_str_name().to_owned()
            } else {
                reminder.finding.clone()
            };
            all.push((what, reminder.kind(), reminder.limit_date));
        }
    }
    all
}

fn page() -> proto::ListPublishedResultsRequest {
    proto::ListPublishedResultsRequest {
        parent: text(COUNTY),
        ..Default::default()
    }
}

const CRITICISM: [AccountabilityForm; 2] = [
    AccountabilityForm::PublicCriticism,
    AccountabilityForm::UnitInterview,
];
const SANCTION: [AccountabilityForm; 2] = [
    AccountabilityForm::CriticismByNotice,
    AccountabilityForm::Sanction,
];

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn a_finding_escalates_through_all_four_steps_to_a_decision_whose_appeal_does_not_suspend(scratch) {
        let house = &county(scratch).await;
        house.on_day("2026-09-01");
        superior(house, &["f1", "f2"]).await;
        // 20 working days: Sunday 20 September is worked, 25 to 27 September are free.
        let decided = decide(house, &["f1", "f2"], "", 20).await;
        assert_eq!(decided.findings[0].limit_date, "2026-09-29");
        house.on_day("2026-09-30");
        assert_eq!(proposed(house).await, [LadderStep::UrgingLetter]);
        let both = case!(house, "c1", issue_urging_letter, IssueUrgingLetterRequest { findings: vec![text("f1")], number: text("1号"), limit_date: text("2026-10-10"), limit_working_days: 3, officer: text("张主任") }).unwrap_err();
        assert_eq!(reasons(&both), ["limit_date"]);
        // 3 working days after the eve of National Day end on Saturday 10 October, which is worked.
        let urged = case!(house, "c1", issue_urging_letter, IssueUrgingLetterRequest { findings: vec![text("f1"), text("f2")], number: text("泽督办〔2026〕1号"), limit_working_days: 3, officer: text("张主任") }).unwrap();
        assert_eq!(urged.urging_letters[0].limit_date, "2026-10-10");
        house.on_day("2026-10-10");
        assert!(proposed(house).await.is_empty());
        house.on_day("2026-10-11");
        assert_eq!(proposed(house).await, [LadderStep::Interview]);
        case!(house, "c1", hold_interview, HoldInterviewRequest { attendees: vec![text("羊校长")], record: text("约谈记录"), officer: text("张主任") }).unwrap();
        for to in ["巴公镇党委", "巴公镇政府", "县教育局"] {
            case!(house, "c1", file_interview, FileInterviewRequest { to: text(to), receipt: text("已收") }).unwrap();
        }
        house.on_day("2026-10-13");
        assert_eq!(proposed(house).await, [LadderStep::Notification]);
        let soon = open(house, "d1", SubjectKind::Unit, "c1").await.unwrap_err();
        assert_eq!(reasons(&soon), ["decision.referral"], "the case was not referred yet");
        case!(house, "c1", issue_notification, IssueNotificationRequest { trigger: proto::NotificationTrigger::Weak.into(), text: text("通报"), recipients: vec![text("巴公镇党委、政府")], officer: text("张主任") }).unwrap();
        assert_eq!(proposed(house).await, [LadderStep::Accountability]);
        house.on_day("2026-10-14");
        case!(house, "c1", refer_to_accountability, ReferToAccountabilityRequest { text: text("整改不到位"), officer: text("张主任") }).unwrap();

        let opened = open(house, "d1", SubjectKind::Unit, "c1").await.unwrap();
        assert_eq!((opened.unit_name.as_str(), opened.group_due_date.as_str(), opened.ruleset.as_str()), ("巴公镇中心小学", "2026-10-19", "counties/140525/rulesets/1"));
        told(house, "d1", &CRITICISM, "2026-10-20").await.unwrap();
        let unheard = decision!(house, "d1", hear_statement, HearStatementRequest { outcome: StatementOutcome::Lapsed.into() }).unwrap_err();
        assert_eq!(reasons(&unheard), ["decision.statement_time"]);
        let skipped = decision!(house, "d1", issue_accountability_decision, IssueAccountabilityDecisionRequest { number: text("1号"), effective_date: text("2026-10-14") }).unwrap_err();
        assert_eq!(reasons(&skipped), ["decision.state"]);
        house.on_day("2026-10-19");
        let delivered = delivered(house, "d1", &CRITICISM, "2026-10-19").await;
        assert_eq!(delivered.consultations[0].display_name, "县财政局");
        let until = delivered.delivery.as_ref().unwrap();
        assert_eq!((until.review_due_date.as_str(), until.appeal_due_date.as_str()), ("2026-11-18", "2026-11-03"));
        for to in ["巴公镇党委", "县政府", "市督导办"] {
            decision!(house, "d1", file_accountability_decision, FileAccountabilityDecisionRequest { to: text(to), receipt: text("已收") }).unwrap();
        }
        house.on_day("2026-10-26");
        decision!(house, "d1", lodge_appeal, LodgeAppealRequest { grounds: text("事实有误"), by: text("羊校长") }).unwrap();
        for form in CRITICISM {
            let step = || async { decision!(house, "d1", execute_measure, ExecuteMeasureRequest { request_id: format!("{form:?}"), form: form.into(), text: text("已执行"), officer: text("张主任") }) };
            assert_eq!(step().await.unwrap(), step().await.unwrap(), "a retry gets the first answer");
        }
        let executed = decision!(house, "d1", get_accountability_decision, GetAccountabilityDecisionRequest {}).unwrap();
        assert_eq!((executed.state(), executed.filings.len()), (AccountabilityState::Executed, 3), "the appeal is pending and has suspended nothing");
        house.on_day("2026-12-28");
        let late = reminders(house, "", "李干事").await;
        assert_eq!((late[0].matter(), late[0].kind(), late[0].limit_date.as_str()), (ReminderMatter::AppealDecision, ReminderKind::Overdue, "2026-12-25"));
        let upheld = decision!(house, "d1", decide_appeal, DecideAppealRequest { outcome: RemedyOutcome::Upheld.into(), text: text("事实清楚"), officer: text("市督导办") }).unwrap();
        assert_eq!(upheld.appeal.unwrap().decide_date, "2026-12-28", "late is shown, not refused");
        assert!(reminders(house, "", "李干事").await.is_empty());

        let year = year(house).await;
        let counts = [&year.rectification_decisions, &year.urging_letters, &year.interviews, &year.notifications, &year.accountability_decisions];
        assert_eq!(counts.map(|tally| tally.as_ref().unwrap().count), [2, 1, 1, 1, 1]);
        assert_eq!(year.accountability_decisions.unwrap().resources, [format!("{COUNTY}/accountabilityDecisions/d1")]);
        assert_eq!(year.close_outs.unwrap().count, 0);
    }

    async fn a_clock_in_working_days_ends_on_a_make_up_saturday_by_the_rules_of_the_start(scratch) {
        let house = &county(scratch).await;
        let rules = |n: f64| registry::CreateRulesetRequest {
            parent: text(COUNTY),
            ruleset: Some(registry::Ruleset {
                preset: text("zezhou"),
                parameters: vec![registry::Parameter { key: text("clock.review_request"), display_name: text("申请复查时限"), value: Some(n), unit: text("working_days"), basis: text("县规定"), confidence: 0 }],
                ..Default::default()
            }),
            ..Default::default()
        };
        house.on_day("2026-09-28");
        client!(RulesetServiceClient, house).create_ruleset(rules(4.0)).await.unwrap();
        open(house, "d1", SubjectKind::Unit, "").await.unwrap();
        client!(RulesetServiceClient, house).create_ruleset(rules(1.0)).await.unwrap();
        told(house, "d1", &CRITICISM, "2026-09-30").await.unwrap();
        house.on_day("2026-09-29");
        let delivered = delivered(house, "d1", &CRITICISM, "2026-09-29").await;
        assert_eq!(delivered.delivery.unwrap().review_due_date, "2026-10-10");
        house.on_day("2026-10-11");
        let late = decision!(house, "d1", ask_review, AskReviewRequest { grounds: text("事实有误"), by: text("羊校长") }).unwrap_err();
        assert_eq!(reasons(&late), ["clock.review_request"]);
        house.on_day("2026-10-10");
        decision!(house, "d1", ask_review, AskReviewRequest { grounds: text("事实有误"), by: text("羊校长") }).unwrap();
        let wrong = decision!(house, "d1", decide_review, DecideReviewRequest { outcome: RemedyOutcome::Withdrawn.into(), text: text("事实不清"), officer: text("张主任") }).unwrap();
        assert_eq!(wrong.review.unwrap().correction_due_date, "2026-10-26", "15 days end on a Sunday");
        let withdrawn = decision!(house, "d1", correct_accountability_decision, CorrectAccountabilityDecisionRequest { text: text("撤销"), officer: text("张主任") }).unwrap();
        assert_eq!((withdrawn.state(), withdrawn.corrections.len()), (AccountabilityState::Withdrawn, 1));
        assert_eq!(withdrawn.name, format!("{COUNTY}/accountabilityDecisions/d1"), "its identity is kept");
    }

    async fn article_14_a_sanction_is_only_referred_and_a_second_decision_within_a_year_weighs_more(scratch) {
        let house = &county(scratch).await;
        house.on_day("2026-10-19");
        open(house, "d1", SubjectKind::Person, "").await.unwrap();
        told(house, "d1", &SANCTION, "2026-10-26").await.unwrap();
        let nobody = decision!(house, "d1", hear_statement, HearStatementRequest {}).unwrap_err();
        assert_eq!(reasons(&nobody), ["outcome"]);
        decision!(house, "d1", hear_statement, HearStatementRequest { outcome: StatementOutcome::Waived.into(), text: text("书面放弃"), by: text("羊校长") }).unwrap();
        decision!(house, "d1", consult_unit, ConsultUnitRequest { unit: format!("{COUNTY}/memberUnits/县公安局"), opinion: text("同意"), agrees: true }).unwrap();
        for (approver, post) in [("李干事", proto::ApproverPost::Director), ("周局长", proto::ApproverPost::Director), ("孙县长", proto::ApproverPost::DeputyDirector)] {
            let refused = decision!(house, "d1", approve_accountability, ApproveAccountabilityRequest { approver: text(approver), post: post.into(), content: Some(content(&SANCTION)) }).unwrap_err();
            assert_eq!(reasons(&refused), ["decision.approver"], "{approver} holds another post, or none");
        }
        decision!(house, "d1", approve_accountability, ApproveAccountabilityRequest { approver: text("周局长"), post: proto::ApproverPost::DeputyDirector.into(), content: Some(content(&SANCTION)) }).unwrap();
        decision!(house, "d1", issue_accountability_decision, IssueAccountabilityDecisionRequest { number: text("泽督问1号"), effective_date: text("2026-10-19") }).unwrap();
        decision!(house, "d1", deliver_accountability_decision, DeliverAccountabilityDecisionRequest { receiver: text("羊校长"), date: text("2026-10-19") }).unwrap();
        let imposed = decision!(house, "d1", execute_measure, ExecuteMeasureRequest { form: AccountabilityForm::Sanction.into(), text: text("警告"), officer: text("张主任") }).unwrap_err();
        assert_eq!(reasons(&imposed), ["decision.referred_only"]);
        decision!(house, "d1", execute_measure, ExecuteMeasureRequest { form: AccountabilityForm::CriticismByNotice.into(), text: text("已通报"), officer: text("张主任") }).unwrap();
        let done = decision!(house, "d1", refer_measure, ReferMeasureRequest { form: AccountabilityForm::Sanction.into(), receipt: text("纪收〔2026〕8号") }).unwrap();
        assert_eq!(done.state(), AccountabilityState::Executed);

        house.on_day("2027-05-10");
        open(house, "d2", SubjectKind::Person, "").await.unwrap();
        let mild = told(house, "d2", &[AccountabilityForm::SelfExamination], "2027-05-20").await.unwrap_err();
        assert_eq!(reasons(&mild), ["decision.aggravation"]);
        let graver = decision!(house, "d2", tell_facts, TellFactsRequest { number: text("泽督告2号"), facts: text("再次阻挠"), basis: text("《教育督导问责办法》"), forms: numbers(&SANCTION), statement_due_date: text("2027-05-20") }).unwrap();
        assert_eq!(graver.notices[0].aggravated_by, [format!("{COUNTY}/accountabilityDecisions/d1")]);
        let unknown = decision!(house, "d2", consult_unit, ConsultUnitRequest { unit: format!("{COUNTY}/memberUnits/无此单位"), opinion: text("同意") }).unwrap_err();
        assert_eq!(unknown.code(), tonic::Code::NotFound);
        let states = vec![AccountabilityState::Executed.into()];
        let listed = client!(AccountabilityDecisionServiceClient, house).list_accountability_decisions(proto::ListAccountabilityDecisionsRequest { parent: text(COUNTY), states, ..Default::default() }).await.unwrap().into_inner();
        assert_eq!(listed.accountability_decisions.len(), 1);
    }

    async fn article_10_the_results_of_a_superiors_findings_are_filed_upward_with_a_receipt(scratch) {
        let house = &county(scratch).await;
        house.on_day("2026-09-01");
        superior(house, &["f1", "f2"]).await;
        decide(house, &["f1", "f2"], "2026-09-30", 0).await;
        close_out(house, "f1").await;
        let early = case!(house, "c1", file_results, FileResultsRequest {}).unwrap_err();
        assert_eq!(reasons(&early), ["case.open_findings"]);
        assert!(close_out(house, "f2").await.closed);
        case!(house, "c1", file_results, FileResultsRequest {}).unwrap();
        house.on_day("2026-09-10");
        let filed = case!(house, "c1", file_results, FileResultsRequest { receipt: text("省督收1号") }).unwrap();
        let filing = &filed.result_filings[0];
        assert_eq!((filing.to.as_str(), filing.date.as_str(), filing.receipt.as_str()), ("省政府教育督导委员会", "2026-09-01", "省督收1号"));
    }

    async fn article_11_a_round_of_commendation_goes_from_the_results_to_the_publication(scratch) {
        let house = &county(scratch).await;
        let rules = registry::Ruleset { preset: text("zezhou"), effective_date: text("2026-01-01"), ..Default::default() };
        client!(RulesetServiceClient, house).create_ruleset(registry::CreateRulesetRequest { parent: text(COUNTY), ruleset: Some(rules), ..Default::default() }).await.unwrap();
        house.on_day("2026-06-01");
        superior(house, &["f1"]).await;
        let candidates = || async {
            let request = proto::ListCommendationCandidatesRequest { parent: text(COUNTY), year: 2026 };
            client!(CommendationServiceClient, house).list_commendation_candidates(request).await.unwrap().into_inner().candidates
        };
        assert!(candidates().await.is_empty(), "its finding is open");
        decide(house, &["f1"], "2026-06-30", 0).await;
        close_out(house, "f1").await;
        let found = candidates().await;
        assert_eq!((found.len(), found[0].unit_name.as_str(), found[0].findings), (1, "巴公镇中心小学", 1));

        house.on_day("2026-08-20");
        let round = proto::Commendation { year: 2026, display_name: text("2026年教育督导表彰"), officer: text("李干事"), ..Default::default() };
        let create = proto::CreateCommendationRequest { parent: text(COUNTY), commendation_id: text("2026"), commendation: Some(round), ..Default::default() };
        let opened = client!(CommendationServiceClient, house).create_commendation(create).await.unwrap().into_inner();
        assert_eq!(opened.due_date, "2026-09-10");
        let nominee = |kind: SubjectKind, person: &str| proto::Nominee {
            kind: kind.into(),
            unit: found[0].unit.clone(),
            unit_name: found[0].unit_name.clone(),
            person: text(person),
            post: if person.is_empty() { String::new() } else { text("校长") },
            reason: text("问题全部按期销号"),
            nominated_by: text("侯推荐人"),
            ..Default::default()
        };
        commend!(house, nominate, NominateRequest { nominee: Some(nominee(SubjectKind::Unit, "")) }).unwrap();
        commend!(house, nominate, NominateRequest { nominee: Some(nominee(SubjectKind::Person, "羊校长")) }).unwrap();
        commend!(house, give_commendation_notice, GiveCommendationNoticeRequest { end_date: text("2026-08-31"), place: text("县政府网站"), officer: text("张主任") }).unwrap();
        commend!(house, lodge_nominee_objection, LodgeNomineeObjectionRequest { n: 1, text: text("材料不实"), by: text("鲁群众") }).unwrap();
        house.on_day("2026-09-01");
        let soon = reminders(house, "", "李干事").await;
        assert_eq!((soon[0].matter(), soon[0].kind(), soon[0].days), (ReminderMatter::Commendation, ReminderKind::Approaching, 9));
        let open_objection = commend!(house, decide_commendation, DecideCommendationRequest { number: text("1号"), officer: text("张主任") }).unwrap_err();
        assert_eq!(reasons(&open_objection), ["commendation.objection"]);
        commend!(house, answer_nominee_objection, AnswerNomineeObjectionRequest { n: 1, answer: text("查无此事"), officer: text("张主任") }).unwrap();
        // What comes up between the nomination and the decision stands against it.
        open(house, "d1", SubjectKind::Unit, "").await.unwrap();
        let refused = commend!(house, decide_commendation, DecideCommendationRequest { number: text("1号"), officer: text("张主任") }).unwrap_err();
        assert_eq!(reasons(&refused), ["commendation.accountability", "commendation.accountability"]);
        decision!(house, "d1", drop_accountability, DropAccountabilityRequest { reason: text("查无实据"), officer: text("张主任") }).unwrap();
        let decided = commend!(house, decide_commendation, DecideCommendationRequest { number: text("泽督表〔2026〕1号"), officer: text("张主任") }).unwrap();
        assert_eq!(decided.decision.unwrap().date, "2026-09-01");
        assert!(reminders(house, "", "").await.is_empty());
        let publics = || async {
            let request = proto::ListPublishedCommendationsRequest { parent: text(COUNTY), ..Default::default() };
            client!(PublicationServiceClient, house).list_published_commendations(request).await.unwrap().into_inner().commendations
        };
        assert!(publics().await.is_empty(), "not published yet");
        commend!(house, publish_commendation, PublishCommendationRequest { place: text("县政府网站") }).unwrap();
        let published = publics().await;
        assert_eq!((published[0].units.clone(), published[0].persons), (vec![text("巴公镇中心小学")], 1));
        let year = year(house).await;
        assert_eq!((year.commendation, year.commendation_due_date.as_str(), year.commendation_decide_date.as_str()), (format!("{COUNTY}/commendations/2026"), "2026-09-10", "2026-09-01"));
        assert_eq!(year.close_outs.unwrap().resources, [format!("{COUNTY}/cases/c1")]);
    }

    async fn each_moment_of_a_limit_is_told_once_whatever_is_restarted_and_however_the_clock_jumps(scratch) {
        let house = &county(scratch).await;
        let migrations = &dudao_accountability::MIGRATIONS;
        let one = house.scratch().beside("accountability", migrations).await;
        let other = house.scratch().beside("accountability", migrations).await;
        let tick = |context| async move { dudao_accountability::tick(context, "140525", 10).await.unwrap() };
        house.on_day("2026-09-01");
        superior(house, &["f1", "f2"]).await;
        decide(house, &["f1"], "2026-09-18", 0).await;
        decide(house, &["f2"], "2026-09-25", 0).await;
        assert_eq!(tick(&one).await, 0);
        house.on_day("2026-09-08");
        let (first, second) = tokio::join!(tick(&one), tick(&other));
        assert_eq!(first + second, 1, "two replicas tell of it once");
        assert_eq!(told_of(house).await, [(text("f1"), ReminderKind::Approaching, text("2026-09-18"))]);
        // The clock jumps over the day of the one and the approach of the other.
        house.on_day("2026-09-21");
        let (first, second) = tokio::join!(tick(&one), tick(&other));
        assert_eq!(first + second, 3);
        let reminded = told_of(house).await;
        assert_eq!(reminded[1..], [
            (text("f2"), ReminderKind::Approaching, text("2026-09-25")),
            (text("f1"), ReminderKind::Today, text("2026-09-18")),
            (text("f1"), ReminderKind::Overdue, text("2026-09-18")),
        ]);
        assert_eq!(tick(&other).await, 0);
        // A new limit has moments of its own; what is closed has none.
        case!(house, "c1", issue_urging_letter, IssueUrgingLetterRequest { findings: vec![text("f1")], number: text("1号"), limit_date: text("2026-10-20"), officer: text("刘副主任") }).unwrap();
        close_out(house, "f2").await;
        house.on_day("2026-10-20");
        assert_eq!(tick(&one).await, 2);
        // The clocks of a decision, too.
        open(house, "d1", SubjectKind::Unit, "").await.unwrap();
        told(house, "d1", &CRITICISM, "2026-10-26").await.unwrap();
        assert_eq!(tick(&one).await, 1);
        let statement = told_of(house).await.pop().unwrap();
        assert_eq!(statement, (text("REMINDER_MATTER_STATEMENT"), ReminderKind::Approaching, text("2026-10-26")));
        let listed = |officer| async move { reminders(house, "", officer).await.into_iter().map(|one| one.limit_date).collect::<Vec<_>>() };
        assert_eq!(listed("刘副主任").await, ["2026-10-20"]);
        assert_eq!(listed("李干事").await, ["2026-10-26"]);
        assert_eq!(listed("").await, ["2026-10-20", "2026-10-26"]);
        assert_eq!(reminders(house, &format!("{COUNTY}/schools/S1"), "").await.len(), 2);
        assert!(reminders(house, &format!("{COUNTY}/schools/S2"), "").await.is_empty());
    }

    async fn article_09_the_public_reads_results_and_no_name_of_a_person(scratch) {
        let house = &county(scratch).await;
        house.on_day("2026-09-01");
        superior(house, &["f1", "f2", "f3"]).await;
        decide(house, &["f1", "f2", "f3"], "2026-09-30", 0).await;
        close_out(house, "f1").await;
        house.on_day("2026-09-02");
        close_out(house, "f2").await;
        case!(house, "c1", submit_rectification, SubmitRectificationRequest { finding: text("f3"), text: text("马报告人正在清理"), by: text("马报告人") }).unwrap();
        house.on_day("2026-10-19");
        for (id, kind, forms) in [("1", SubjectKind::Unit, CRITICISM), ("2", SubjectKind::Person, SANCTION)] {
            open(house, id, kind, "").await.unwrap();
            told(house, id, &forms, "2026-10-26").await.unwrap();
            delivered(house, id, &forms, "2026-10-19").await;
        }
        let publics = || async {
            let mut public = client!(PublicationServiceClient, house);
            let decisions = proto::ListPublishedDecisionsRequest { parent: text(COUNTY), ..Default::default() };
            (public.list_published_results(page()).await.unwrap().into_inner(), public.list_published_decisions(decisions).await.unwrap().into_inner())
        };
        assert!(publics().await.1.decisions.is_empty(), "not carried out");
        for (id, form) in [("1", AccountabilityForm::PublicCriticism), ("2", AccountabilityForm::CriticismByNotice)] {
            decision!(house, id, execute_measure, ExecuteMeasureRequest { form: form.into(), text: text("已执行"), officer: text("张主任") }).unwrap();
        }
        decision!(house, "1", ask_review, AskReviewRequest { grounds: text("羊校长不服"), by: text("羊校长") }).unwrap();
        let (results, decisions) = publics().await;
        let read: Vec<_> = results.results.iter().map(|one| (one.title.as_str(), one.result.as_str(), one.date.as_str())).collect();
        assert_eq!(read, [("问题f2", "消防通道已清理", "2026-09-02"), ("问题f1", "消防通道已清理", "2026-09-01")]);
        assert_eq!((decisions.decisions.len(), decisions.decisions[0].form()), (1, AccountabilityForm::PublicCriticism), "of units only");
        let all = format!("{results:?}{decisions:?}");
        for person in ["马报告人", "牛督学", "张主任", "羊校长", "赵组长", "钱成员", "孙县长", "李干事", "G0001", "泽督告"] {
            assert!(!all.contains(person), "{person} in {all}");
        }
        // Page by page, the newest first.
        let first = client!(PublicationServiceClient, house).list_published_results(proto::ListPublishedResultsRequest { page_size: 1, ..page() }).await.unwrap().into_inner();
        let rest = client!(PublicationServiceClient, house).list_published_results(proto::ListPublishedResultsRequest { page_size: 1, page_token: first.next_page_token, ..page() }).await.unwrap().into_inner();
        assert_eq!((rest.results[0].title.as_str(), rest.next_page_token.as_str()), ("问题f1", ""));
        case!(house, "c1", look_back_finding, LookBackFindingRequest { finding: text("f1"), text: text("反弹"), officer: text("牛督学") }).unwrap();
        assert_eq!(publics().await.0.results.len(), 1, "what has come back is no result any more");
        let elsewhere = proto::ListPublishedResultsRequest { town: text("大阳镇"), ..page() };
        assert!(client!(PublicationServiceClient, house).list_published_results(elsewhere).await.unwrap().into_inner().results.is_empty());
    }
}
