//! An inspection from the filed list to the publication, over gRPC, on both databases.
#![allow(clippy::unwrap_used, reason = "tests")]

use dudao_platform::rpc::Link;
use dudao_platform::testing::Scratch;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::inspection::v1 as proto;
use dudao_tests::{COUNTY, House, reasons, supervisor};
use proto::campaign_service_client::CampaignServiceClient;
use proto::filed_report_service_client::FiledReportServiceClient;
use proto::finding_service_client::FindingServiceClient;
use proto::list_item_service_client::ListItemServiceClient;
use proto::note_service_client::NoteServiceClient;
use proto::supervisor_work_service_client::SupervisorWorkServiceClient;
use proto::visit_service_client::VisitServiceClient;
use proto::{HearingGroup, InspectionKind, VisitState};

fn visits(house: &House) -> VisitServiceClient<Link> {
    limited!(VisitServiceClient::new(house.link.clone()))
}

fn campaigns(house: &House) -> CampaignServiceClient<Link> {
    limited!(CampaignServiceClient::new(house.link.clone()))
}

fn findings(house: &House) -> FindingServiceClient<Link> {
    limited!(FindingServiceClient::new(house.link.clone()))
}

/// A request of a visit's step: its name, and what else it says.
macro_rules! step {
    ($house:expr, $rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
        visits($house).$rpc(proto::$request { name: format!("{COUNTY}/visits/v1"), $($field: $value,)* ..Default::default() }).await.map(tonic::Response::into_inner)
    };
}

fn team(codes: &[&str]) -> Vec<proto::TeamMember> {
    codes
        .iter()
        .enumerate()
        .map(|(at, code)| proto::TeamMember {
            supervisor: supervisor(code),
            leader: at == 0,
            ..Default::default()
        })
        .collect()
}

fn campaign(kind: InspectionKind, start: &str, end: &str) -> proto::Campaign {
    proto::Campaign {
        display_name: "巴公镇中心小学综合督导".to_owned(),
        kind: kind.into(),
        line: proto::InspectionLine::School.into(),
        list_item: format!("{COUNTY}/listItems/zh2026"),
        basis: "《教育督导条例》".to_owned(),
        matters: vec!["办学方向".to_owned(), "安全".to_owned()],
        method: "实地督导".to_owned(),
        start_date: start.to_owned(),
        end_date: end.to_owned(),
        objects: vec![proto::CampaignObject {
            kind: proto::ObjectKind::School.into(),
            target: format!("{COUNTY}/schools/S1"),
            display_name: "巴公镇中心小学".to_owned(),
        }],
        publication: proto::PublicationScope::Public.into(),
        ..Default::default()
    }
}

async fn create(house: &House, id: &str, campaign: proto::Campaign) -> proto::Campaign {
    let request = proto::CreateCampaignRequest {
        parent: COUNTY.to_owned(),
        campaign_id: id.to_owned(),
        campaign: Some(campaign),
        ..Default::default()
    };
    campaigns(house)
        .create_campaign(request)
        .await
        .unwrap()
        .into_inner()
}

fn decide(id: &str) -> proto::DecideCampaignRequest {
    proto::DecideCampaignRequest {
        name: format!("{COUNTY}/campaigns/{id}"),
        ..Default::default()
    }
}

fn new_visit(
    kind: InspectionKind,
    campaign: &str,
    team: Vec<proto::TeamMember>,
) -> proto::CreateVisitRequest {
    proto::CreateVisitRequest {
        parent: COUNTY.to_owned(),
        visit_id: "v1".to_owned(),
        visit: Some(proto::Visit {
            campaign: campaign.to_owned(),
            kind: kind.into(),
            object_kind: proto::ObjectKind::School.into(),
            target: format!("{COUNTY}/schools/S1"),
            target_name: "巴公镇中心小学".to_owned(),
            town: "巴公镇".to_owned(),
            date: "2026-11-10".to_owned(),
            days: 1.0,
            team,
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn finding(id: &str, title: &str) -> proto::CreateFindingRequest {
    proto::CreateFindingRequest {
        parent: COUNTY.to_owned(),
        finding_id: id.to_owned(),
        finding: Some(proto::Finding {
            visit: format!("{COUNTY}/visits/v1"),
            title: title.to_owned(),
            basis: "《消防法》".to_owned(),
            severity: proto::Severity::Serious.into(),
            recorded_by: supervisor("B"),
            limit_days: 30,
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// A county under Zhejiang's clocks with a decided campaign and a visit on 10 November 2026.
async fn with_visit(scratch: Scratch) -> House {
    let house = House::with_county(scratch, "zhejiang").await;
    house.on_day("2026-09-01");
    let item = proto::CreateListItemRequest {
        parent: COUNTY.to_owned(),
        list_item_id: "zh2026".to_owned(),
        list_item: Some(proto::ListItem {
            display_name: "2026年综合督导".to_owned(),
            year: 2026,
            kind: InspectionKind::Comprehensive.into(),
            basis: "《教育督导条例》".to_owned(),
            filed_with: "市政府教育督导委员会办公室".to_owned(),
            file_date: "2026-01-10".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    limited!(ListItemServiceClient::new(house.link.clone()))
        .create_list_item(item)
        .await
        .unwrap();
    create(
        &house,
        "c1",
        campaign(InspectionKind::Comprehensive, "2026-11-01", "2026-11-30"),
    )
    .await;
    let early = visits(&house)
        .create_visit(new_visit(
            InspectionKind::Comprehensive,
            &format!("{COUNTY}/campaigns/c1"),
            team(&["A", "B", "C"]),
        ))
        .await
        .unwrap_err();
    assert_eq!(reasons(&early), ["campaign.state"]);
    campaigns(&house)
        .decide_campaign(decide("c1"))
        .await
        .unwrap();
    visits(&house)
        .create_visit(new_visit(
            InspectionKind::Comprehensive,
            &format!("{COUNTY}/campaigns/c1"),
            team(&["A", "B", "C"]),
        ))
        .await
        .unwrap();
    house
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn article_07_a_comprehensive_inspection_goes_from_the_list_to_the_publication(scratch) {
        let house = &with_visit(scratch).await;
        house.on_day("2026-10-20");
        let notified = step!(house, notify_visit, NotifyVisitRequest { number: "泽督〔2026〕9号".to_owned(), text: "请自评".to_owned(), self_evaluation_due_date: "2026-11-05".to_owned() }).unwrap();
        assert_eq!(notified.ruleset, format!("{COUNTY}/rulesets/1"));
        house.on_day("2026-11-04");
        step!(house, submit_self_evaluation, SubmitSelfEvaluationRequest { text: "自评良好".to_owned() }).unwrap();
        step!(house, review_self_evaluation, ReviewSelfEvaluationRequest { review: "基本属实".to_owned(), reviewer: supervisor("B") }).unwrap();
        let early = step!(house, begin_visit, BeginVisitRequest {}).unwrap_err();
        assert_eq!(reasons(&early), ["visit.date"]);
        house.on_day("2026-11-10");
        let begun = step!(house, begin_visit, BeginVisitRequest { location: Some(proto::Location { longitude: 112.8, latitude: 35.6, accuracy_m: 8.0 }) }).unwrap();
        assert_eq!(begun.site.unwrap().distance_m, Some(0.0));

        findings(house).create_finding(finding("f1", "消防通道堵塞")).await.unwrap();
        findings(house).create_finding(finding("f1", "消防通道堵塞")).await.unwrap();
        findings(house).create_finding(finding("f2", "作业过多")).await.unwrap();
        let withdraw = proto::WithdrawFindingRequest { name: format!("{COUNTY}/findings/f2"), reason: "当场改正".to_owned(), ..Default::default() };
        findings(house).withdraw_finding(withdraw).await.unwrap();
        for group in [HearingGroup::Public, HearingGroup::Students, HearingGroup::Parents] {
            let hearing = proto::Hearing { group: group.into(), date: "2026-11-10".to_owned(), people: 10, summary: "满意".to_owned(), by: supervisor("C") };
            step!(house, hear_group, HearGroupRequest { hearing: Some(hearing) }).unwrap();
        }
        step!(house, finish_visit, FinishVisitRequest {}).unwrap();
        let unheard = step!(house, issue_preliminary_opinion, IssuePreliminaryOpinionRequest { summary: "良好".to_owned() }).unwrap_err();
        assert_eq!(reasons(&unheard), ["visit.hearings"]);
        let hearing = proto::Hearing { group: HearingGroup::Teachers.into(), date: "2026-11-10".to_owned(), people: 10, summary: "满意".to_owned(), by: supervisor("C") };
        step!(house, hear_group, HearGroupRequest { hearing: Some(hearing) }).unwrap();
        let given = step!(house, issue_preliminary_opinion, IssuePreliminaryOpinionRequest { summary: "良好".to_owned() }).unwrap();
        assert_eq!(given.preliminary.unwrap().plea_due_date, "2026-11-20");

        let waits = step!(house, issue_opinion_letter, IssueOpinionLetterRequest { number: "泽督意〔2026〕1号".to_owned(), summary: "良好".to_owned() }).unwrap_err();
        assert_eq!(reasons(&waits), ["clock.plea"]);
        step!(house, lodge_plea, LodgePleaRequest { text: "通道当日已清".to_owned() }).unwrap();
        step!(house, answer_plea, AnswerPleaRequest { text: "维持".to_owned(), answered_by: "张主任".to_owned() }).unwrap();
        let issued = step!(house, issue_opinion_letter, IssueOpinionLetterRequest { number: "泽督意〔2026〕1号".to_owned(), summary: "良好".to_owned(), request_id: "r1".to_owned() }).unwrap();
        let again = step!(house, issue_opinion_letter, IssueOpinionLetterRequest { number: "泽督意〔2026〕1号".to_owned(), summary: "良好".to_owned(), request_id: "r1".to_owned() }).unwrap();
        assert_eq!(issued, again);
        assert_eq!(issued.letter.unwrap().due_date, "2026-12-10");
        let one = findings(house).get_finding(proto::GetFindingRequest { name: format!("{COUNTY}/findings/f1") }).await.unwrap().into_inner();
        assert_eq!(one.state(), proto::FindingState::Issued);
        let late = findings(house).create_finding(finding("f3", "又一个")).await.unwrap_err();
        assert_eq!(reasons(&late), ["visit.state"]);

        let open = campaigns(house).conclude_campaign(proto::ConcludeCampaignRequest { name: format!("{COUNTY}/campaigns/c1"), ..Default::default() }).await.unwrap_err();
        assert_eq!(reasons(&open), ["campaign.visits"]);
        step!(house, submit_report, SubmitReportRequest { number: "泽督报〔2026〕1号".to_owned(), title: "督导报告".to_owned(), text: "全文".to_owned() }).unwrap();
        step!(house, file_report, FileReportRequest { to: "县人民政府".to_owned() }).unwrap();
        step!(house, file_report, FileReportRequest { to: "县人民政府".to_owned(), receipt: "收文12号".to_owned() }).unwrap();
        let reader = house.caller("province", &["superior_reader"], "14", &[]);
        let mut reports = limited!(FiledReportServiceClient::new(reader));
        let filed = reports.list_filed_reports(proto::ListFiledReportsRequest { parent: "counties/-".to_owned(), start_date: "2026-11-01".to_owned(), ..Default::default() }).await.unwrap().into_inner().filed_reports;
        assert_eq!((filed[0].filings[0].receipt.as_str(), filed[0].report.as_ref().unwrap().text.as_str()), ("收文12号", ""), "lists leave the text out");
        let whole = reports.get_filed_report(proto::GetFiledReportRequest { name: filed[0].name.clone() }).await.unwrap().into_inner();
        assert_eq!(whole.report.unwrap().text, "全文");
        let published = step!(house, publish_visit, PublishVisitRequest { place: "县政府网站".to_owned(), text: "督导报告全文".to_owned() }).unwrap();
        assert_eq!(published.state(), VisitState::Published);
        assert_eq!(published.filings.len(), 1);
        campaigns(house).conclude_campaign(proto::ConcludeCampaignRequest { name: format!("{COUNTY}/campaigns/c1"), ..Default::default() }).await.unwrap();

        let work = limited!(SupervisorWorkServiceClient::new(house.link.clone())).get_supervisor_work(proto::GetSupervisorWorkRequest {
            supervisor: supervisor("B"), start_date: "2026-01-01".to_owned(), end_date: "2026-12-31".to_owned(),
        }).await.unwrap().into_inner();
        assert_eq!((work.visits_due, work.visits_made, work.reports_due, work.reports_on_time, work.findings), (1, 1, 3, 3, 2));
    }

    async fn a_routine_visit_is_recorded_and_the_next_one_is_briefed_about_it(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        house.on_day("2026-11-10");
        visits(house).create_visit(new_visit(InspectionKind::Routine, "", team(&["A"]))).await.unwrap();
        step!(house, begin_visit, BeginVisitRequest {}).unwrap();
        let note = proto::CreateNoteRequest {
            parent: COUNTY.to_owned(),
            note_id: "device-1".to_owned(),
            note: Some(proto::Note { visit: format!("{COUNTY}/visits/v1"), kind: proto::NoteKind::Observation.into(), text: "食堂整洁".to_owned(), author: supervisor("A"), ..Default::default() }),
            ..Default::default()
        };
        let mut notes = limited!(NoteServiceClient::new(house.link.clone()));
        let first = notes.create_note(note.clone()).await.unwrap().into_inner();
        assert_eq!(notes.create_note(note.clone()).await.unwrap().into_inner(), first, "the device sends it twice");
        let mut other = note;
        other.note.as_mut().unwrap().text.push_str("，另一条");
        assert_eq!(notes.create_note(other).await.unwrap_err().code(), tonic::Code::AlreadyExists);
        step!(house, finish_visit, FinishVisitRequest {}).unwrap();
        findings(house).create_finding(finding("f1", "门卫未登记")).await.unwrap();
        step!(house, record_visit, RecordVisitRequest { text: "总体良好".to_owned(), matters: vec!["安全".to_owned()], by: supervisor("A") }).unwrap();
        let mut next = new_visit(InspectionKind::Routine, "", team(&["A"]));
        "v2".clone_into(&mut next.visit_id);
        "2026-12-10".clone_into(&mut next.visit.as_mut().unwrap().date);
        visits(house).create_visit(next).await.unwrap();
        let briefing = visits(house).get_briefing(proto::GetBriefingRequest { name: format!("{COUNTY}/visits/v2") }).await.unwrap().into_inner();
        assert_eq!((briefing.visits.len(), briefing.findings.len()), (1, 1));
        let listed = visits(house).list_visits(proto::ListVisitsRequest { parent: COUNTY.to_owned(), states: vec![VisitState::Planned.into()], supervisor: supervisor("A"), ..Default::default() }).await.unwrap().into_inner();
        assert_eq!(listed.visits.len(), 1);
    }

    async fn a_team_is_put_together_from_people_who_may(scratch) {
        let house = &with_visit(scratch).await;
        let mut registry = house.supervisors();
        let avoiding = dudao_proto::registry::v1::Supervisor { name: supervisor("D"), avoid_schools: vec!["S1".to_owned()], ..Default::default() };
        registry.update_supervisor(dudao_proto::registry::v1::UpdateSupervisorRequest { supervisor: Some(avoiding), ..Default::default() }).await.unwrap();
        registry.dismiss_supervisor(dudao_proto::registry::v1::DismissSupervisorRequest { name: supervisor("C"), ..Default::default() }).await.unwrap();
        let refused = step!(house, assign_team, AssignTeamRequest { team: team(&["A", "C", "D"]) }).unwrap_err();
        assert_eq!(reasons(&refused), ["team.in_office", "team.avoidance"]);
        let refused = step!(house, assign_team, AssignTeamRequest { team: team(&["A", "B"]) }).unwrap_err();
        assert_eq!(reasons(&refused), ["comprehensive.team"]);
    }

    async fn a_campaign_of_the_same_school_is_proposed_to_be_merged(scratch) {
        let house = &with_visit(scratch).await;
        create(house, "c2", campaign(InspectionKind::Comprehensive, "2026-12-05", "2026-12-20")).await;
        let overlaps = campaigns(house).list_overlaps(proto::ListOverlapsRequest { name: format!("{COUNTY}/campaigns/c2") }).await.unwrap().into_inner().overlaps;
        assert_eq!(overlaps.len(), 1);
        assert!(overlaps[0].proposal.contains("合并"));
        let merged = campaigns(house).merge_campaign(proto::MergeCampaignRequest { name: format!("{COUNTY}/campaigns/c2"), into: overlaps[0].campaign.clone(), ..Default::default() }).await.unwrap().into_inner();
        assert_eq!(merged.state(), proto::CampaignState::Merged);
        let cancelled = campaigns(house).cancel_campaign(proto::CancelCampaignRequest { name: format!("{COUNTY}/campaigns/c1"), reason: "调整".to_owned(), ..Default::default() }).await.unwrap().into_inner();
        assert_eq!(cancelled.state(), proto::CampaignState::Cancelled);
        let visit = visits(house).get_visit(proto::GetVisitRequest { name: format!("{COUNTY}/visits/v1") }).await.unwrap().into_inner();
        assert_eq!(visit.state(), VisitState::Cancelled);
    }
}
