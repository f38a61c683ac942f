//! The committee, and the life of a supervisor from the recommendation to the renewal, over gRPC, on both databases.
#![allow(clippy::unwrap_used, reason = "tests")]

use dudao_platform::rpc::Link;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as proto;
use dudao_tests::{COUNTY, House, reasons, supervisor};
use inspection::visit_service_client::VisitServiceClient;
use proto::admission_service_client::AdmissionServiceClient;
use proto::assessment_service_client::AssessmentServiceClient;
use proto::committee_service_client::CommitteeServiceClient;
use proto::meeting_service_client::MeetingServiceClient;
use proto::member_unit_service_client::MemberUnitServiceClient;
use proto::progress_report_service_client::ProgressReportServiceClient;
use proto::relation_service_client::RelationServiceClient;
use proto::training_service_client::TrainingServiceClient;
use tonic::Code;

fn admissions(house: &House) -> AdmissionServiceClient<Link> {
    limited!(AdmissionServiceClient::new(house.link.clone()))
}

fn relations(house: &House) -> RelationServiceClient<Link> {
    limited!(RelationServiceClient::new(house.link.clone()))
}

fn trainings(house: &House) -> TrainingServiceClient<Link> {
    limited!(TrainingServiceClient::new(house.link.clone()))
}

fn assessments(house: &House) -> AssessmentServiceClient<Link> {
    limited!(AssessmentServiceClient::new(house.link.clone()))
}

fn meetings(house: &House) -> MeetingServiceClient<Link> {
    limited!(MeetingServiceClient::new(house.link.clone()))
}

/// A step of the admission `a1`.
macro_rules! step {
    ($house:expr, $rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
        admissions($house).$rpc(proto::$request { name: format!("{COUNTY}/admissions/a1"), $($field: $value,)* ..Default::default() }).await.map(tonic::Response::into_inner)
    };
}

async fn recommend(house: &House, employment: proto::Employment) {
    let request = proto::CreateAdmissionRequest {
        parent: COUNTY.to_owned(),
        admission_id: "a1".to_owned(),
        admission: Some(proto::Admission {
            display_name: "王老师".to_owned(),
            employment: employment.into(),
            stages: vec![proto::Stage::Primary.into()],
            base: Some(proto::Place {
                longitude: 112.9,
                latitude: 35.5,
            }),
            education: "大学本科".to_owned(),
            years_of_service: 18,
            recommended_by: "巴公镇中心校".to_owned(),
            phone: "0356-7654321".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    admissions(house).create_admission(request).await.unwrap();
}

fn met() -> Vec<proto::ConditionReview> {
    (1..=6)
        .map(|condition| proto::ConditionReview {
            condition,
            met: true,
            evidence: "个人档案".to_owned(),
        })
        .collect()
}

async fn train(
    house: &House,
    who: &str,
    kind: proto::TrainingKind,
    date: &str,
    hours: f64,
) -> proto::Training {
    let request = proto::CreateTrainingRequest {
        parent: COUNTY.to_owned(),
        training: Some(proto::Training {
            supervisor: supervisor(who),
            kind: kind.into(),
            date: date.to_owned(),
            hours,
            title: "督学能力提升".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    trainings(house)
        .create_training(request)
        .await
        .unwrap()
        .into_inner()
}

async fn declare(
    house: &House,
    relation: proto::Relation,
) -> Result<proto::Relation, tonic::Status> {
    let request = proto::CreateRelationRequest {
        parent: COUNTY.to_owned(),
        relation: Some(relation),
        ..Default::default()
    };
    relations(house)
        .create_relation(request)
        .await
        .map(tonic::Response::into_inner)
}

fn relation(who: &str, unit: &str, kind: proto::RelationKind) -> proto::Relation {
    proto::Relation {
        supervisor: supervisor(who),
        unit: format!("{COUNTY}/{unit}"),
        kind: kind.into(),
        declared_by: "本人".to_owned(),
        declare_date: "2026-09-01".to_owned(),
        ..Default::default()
    }
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn article_01_a_county_has_a_committee_of_twenty_one_units_whose_posts_are_to_be_filled(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let mut committees = limited!(CommitteeServiceClient::new(house.link.clone()));
        let name = format!("{COUNTY}/committee");
        let vacant = committees.get_committee(proto::GetCommitteeRequest { name: name.clone() }).await.unwrap().into_inner();
        assert_eq!(vacant.director.as_ref().unwrap().post, "分管教育工作的副县长");
        assert_eq!(vacant.deputies.len(), 2);
        let named = proto::Committee { name, director: Some(proto::Officer { display_name: "李县长".to_owned(), post: "副县长".to_owned(), ..Default::default() }), etag: vacant.etag, ..Default::default() };
        let named = committees.update_committee(proto::UpdateCommitteeRequest { committee: Some(named), ..Default::default() }).await.unwrap().into_inner();
        assert_eq!(named.director.unwrap().display_name, "李县长");
        assert_eq!(named.chief_supervisor.unwrap().post, "县教育局局长", "what was not set stays");
        let other = committees.get_committee(proto::GetCommitteeRequest { name: format!("{COUNTY}/committee/1") }).await.unwrap_err();
        assert_eq!(other.code(), Code::InvalidArgument);
        let units = limited!(MemberUnitServiceClient::new(house.link.clone()))
            .list_member_units(proto::ListMemberUnitsRequest { parent: COUNTY.to_owned(), ..Default::default() }).await.unwrap().into_inner().member_units;
        assert_eq!(units.len(), 21);
        assert!(units.iter().all(|unit| unit.duties.contains("第二条")));
        let finance = units.iter().find(|unit| unit.display_name == "县财政局").unwrap();
        assert!(finance.duties.contains("专款专用"));
    }

    async fn article_02_a_plenary_of_more_than_half_of_the_units_counts(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let units = limited!(MemberUnitServiceClient::new(house.link.clone()))
            .list_member_units(proto::ListMemberUnitsRequest { parent: COUNTY.to_owned(), ..Default::default() }).await.unwrap().into_inner().member_units;
        let plenary = |came: usize, date: &str| proto::CreateMeetingRequest {
            parent: COUNTY.to_owned(),
            meeting_id: format!("m{came}"),
            meeting: Some(proto::Meeting {
                display_name: "2026年全体会议".to_owned(),
                kind: proto::MeetingKind::Plenary.into(),
                date: date.to_owned(),
                chair: "李县长".to_owned(),
                attendance: units.iter().enumerate().map(|(at, unit)| proto::Attendance { unit: unit.name.clone(), person: "负责同志".to_owned(), attended: at < came, reason: String::new() }).collect(),
                resolutions: vec![proto::Resolution { text: "落实督导经费".to_owned(), unit: units[9].name.clone(), due_date: "2026-12-31".to_owned(), ..Default::default() }],
                ..Default::default()
            }),
            ..Default::default()
        };
        let ten = meetings(house).create_meeting(plenary(10, "2026-08-20")).await.unwrap().into_inner();
        assert!(!ten.quorate);
        let eleven = meetings(house).create_meeting(plenary(11, "2026-08-21")).await.unwrap().into_inner();
        assert!(eleven.quorate && eleven.units_present == 11 && eleven.units_due == 21);
        let ahead = meetings(house).create_meeting(plenary(12, "2027-08-21")).await.unwrap_err();
        assert_eq!(reasons(&ahead), ["meeting.date"]);
        let mut stranger = plenary(13, "2026-08-22");
        stranger.meeting.as_mut().unwrap().attendance[0].unit = format!("{COUNTY}/memberUnits/县文旅局");
        let stranger = meetings(house).create_meeting(stranger).await.unwrap_err();
        assert_eq!(reasons(&stranger), ["meeting.attendance[0].unit"]);
        let done = proto::Meeting { name: eleven.name.clone(), resolutions: vec![proto::Resolution { done_date: "2026-08-30".to_owned(), result: "已拨付".to_owned(), ..eleven.resolutions[0].clone() }], ..Default::default() };
        let done = meetings(house).update_meeting(proto::UpdateMeetingRequest { meeting: Some(done), ..Default::default() }).await.unwrap().into_inner();
        assert!(done.quorate && done.resolutions[0].result == "已拨付");
        let listed = meetings(house).list_meetings(proto::ListMeetingsRequest { parent: COUNTY.to_owned(), kinds: vec![proto::MeetingKind::Plenary.into()], year: 2026, ..Default::default() }).await.unwrap().into_inner();
        assert_eq!(listed.meetings.len(), 2);
    }

    async fn article_18_progress_is_reported_to_the_leading_group(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let mut reports = limited!(ProgressReportServiceClient::new(house.link.clone()));
        let report = |date: &str| proto::CreateProgressReportRequest {
            parent: COUNTY.to_owned(),
            progress_report: Some(proto::ProgressReport { title: "教育督导工作进展".to_owned(), audience: proto::Audience::LeadingGroup.into(), date: date.to_owned(), ..Default::default() }),
            ..Default::default()
        };
        assert_eq!(reasons(&reports.create_progress_report(report("2026-12-01")).await.unwrap_err()), ["progress_report.date"]);
        let made = reports.create_progress_report(report("2026-08-01")).await.unwrap().into_inner();
        let receipt = proto::ProgressReport { name: made.name, receipt: "收文35号".to_owned(), ..Default::default() };
        let receipt = reports.update_progress_report(proto::UpdateProgressReportRequest { progress_report: Some(receipt), ..Default::default() }).await.unwrap().into_inner();
        assert_eq!((receipt.receipt.as_str(), receipt.title.as_str()), ("收文35号", "教育督导工作进展"));
    }

    async fn article_15_somebody_recommended_becomes_a_part_time_supervisor_and_the_quota_limits_the_full_time_ones(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        recommend(house, proto::Employment::PartTime).await;
        let mut unmet = met();
        unmet[4].met = false;
        assert_eq!(reasons(&step!(house, review_admission, ReviewAdmissionRequest { by: "督导室".to_owned(), conditions: unmet }).unwrap_err()), ["admission.condition"]);
        assert_eq!(reasons(&step!(house, announce_admission, AnnounceAdmissionRequest { place: "县政府网站".to_owned() }).unwrap_err()), ["admission.state"]);
        step!(house, review_admission, ReviewAdmissionRequest { by: "督导室".to_owned(), conditions: met() }).unwrap();
        let noticed = step!(house, announce_admission, AnnounceAdmissionRequest { place: "县政府网站".to_owned() }).unwrap();
        assert_eq!(noticed.notice.unwrap().end_date, "2026-09-08", "five working days after Tuesday 1 September");
        step!(house, object_to_admission, ObjectToAdmissionRequest { text: "家属在县一中任教".to_owned() }).unwrap();
        house.on_day("2026-09-09");
        assert_eq!(reasons(&step!(house, publish_admission, PublishAdmissionRequest {}).unwrap_err()), ["admission.objections"]);
        step!(house, resolve_objection, ResolveObjectionRequest { resolution: "已登记回避关系".to_owned() }).unwrap();
        step!(house, publish_admission, PublishAdmissionRequest {}).unwrap();
        let taken = step!(house, appoint_admission, AppointAdmissionRequest { supervisor_id: "A".to_owned(), letter_number: "聘1".to_owned(), certificate_number: "证1".to_owned() }).unwrap_err();
        assert_eq!(taken.code(), Code::AlreadyExists);
        let appoint = || async { step!(house, appoint_admission, AppointAdmissionRequest { supervisor_id: "E".to_owned(), letter_number: "聘1".to_owned(), certificate_number: "证1".to_owned(), request_id: "once".to_owned() }) };
        let appointed = appoint().await.unwrap();
        assert_eq!(appoint().await.unwrap(), appointed, "a retry gets the same answer");
        let person = house.supervisors().get_supervisor(proto::GetSupervisorRequest { name: supervisor("E") }).await.unwrap().into_inner();
        assert_eq!((person.term_start_date.as_str(), person.term_end_date.as_str()), ("2026-09-09", "2029-09-08"));
        assert_eq!((person.certificate_number.as_str(), person.term_number), ("证1", 1));

        let staffing = house.supervisors().get_staffing(proto::GetStaffingRequest { parent: COUNTY.to_owned() }).await.unwrap().into_inner();
        assert_eq!((staffing.full_time, staffing.part_time, staffing.required, staffing.missing), (4, 1, 1, 0));
        assert_eq!(staffing.uncovered_schools, [format!("{COUNTY}/schools/S1")]);
    }

    async fn article_16_online_hours_are_on_file_and_do_not_count(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        train(house, "A", proto::TrainingKind::Concentrated, "2026-05-06", 24.0).await;
        train(house, "A", proto::TrainingKind::Online, "2026-05-20", 60.0).await;
        let twice = train(house, "A", proto::TrainingKind::Concentrated, "2026-05-06", 24.0).await;
        trainings(house).void_training(proto::VoidTrainingRequest { name: twice.name, reason: "重复登记".to_owned(), ..Default::default() }).await.unwrap();
        let file = trainings(house).get_training_file(proto::GetTrainingFileRequest { supervisor: supervisor("A"), year: 2026 }).await.unwrap().into_inner();
        assert_eq!((file.counted_hours, file.online_hours, file.missing_hours), (24.0, 60.0, 16.0));
        assert_eq!(file.trainings.len(), 3, "what was struck out stays on file");
    }

    async fn article_17_a_term_is_assessed_on_what_the_records_say_and_renewed_on_the_assessment(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let hired = proto::Supervisor {
            name: supervisor("A"), employment: proto::Employment::PartTime.into(),
            term_start_date: "2023-09-01".to_owned(), term_end_date: "2026-09-30".to_owned(), ..Default::default()
        };
        house.supervisors().update_supervisor(proto::UpdateSupervisorRequest { supervisor: Some(hired), ..Default::default() }).await.unwrap();
        let renew = || async {
            house.supervisors().renew_supervisor(proto::RenewSupervisorRequest { name: supervisor("A"), publish_date: "2026-09-20".to_owned(), ..Default::default() }).await
        };
        assert_eq!(reasons(&renew().await.unwrap_err()), ["supervisor.term_assessment"]);
        let assess = |kind: proto::AssessmentKind, id: &str, end: &str| proto::CreateAssessmentRequest {
            parent: COUNTY.to_owned(),
            assessment_id: id.to_owned(),
            assessment: Some(proto::Assessment { supervisor: supervisor("A"), kind: kind.into(), start_date: "2023-09-01".to_owned(), end_date: end.to_owned(), ..Default::default() }),
            ..Default::default()
        };
        let ahead = assessments(house).create_assessment(assess(proto::AssessmentKind::Term, "t1", "2026-09-30")).await.unwrap_err();
        assert_eq!(reasons(&ahead), ["assessment.end_date"]);

        // A visit that was due and not made, and forty hours of the hundred and twenty of three years.
        limited!(VisitServiceClient::new(house.link.clone())).create_visit(inspection::CreateVisitRequest {
            parent: COUNTY.to_owned(),
            visit: Some(inspection::Visit {
                kind: inspection::InspectionKind::Routine.into(), object_kind: inspection::ObjectKind::School.into(),
                target: format!("{COUNTY}/schools/S1"), target_name: "巴公镇中心小学".to_owned(), date: "2026-09-10".to_owned(), days: 0.5,
                team: vec![inspection::TeamMember { supervisor: supervisor("A"), leader: true, ..Default::default() }], ..Default::default()
            }),
            ..Default::default()
        }).await.unwrap();
        train(house, "A", proto::TrainingKind::Concentrated, "2026-05-06", 40.0).await;
        house.on_day("2026-09-25");
        let opened = assessments(house).create_assessment(assess(proto::AssessmentKind::Term, "t1", "2026-09-25")).await.unwrap().into_inner();
        let facts = opened.facts.unwrap();
        assert_eq!((facts.visits_due, facts.visits_made, facts.training_hours, facts.training_required_hours), (1, 0, 40.0, 120.0));
        assert_eq!(opened.proposed_grade(), proto::AssessmentGrade::Unqualified);
        assert!(opened.grounds.iter().any(|ground| ground.contains("0/1")));
        let decide = |comment: &str| proto::DecideAssessmentRequest { name: format!("{COUNTY}/assessments/t1"), grade: proto::AssessmentGrade::Qualified.into(), officer: "总督学".to_owned(), comment: comment.to_owned(), ..Default::default() };
        assert_eq!(reasons(&assessments(house).decide_assessment(decide("")).await.unwrap_err()), ["comment"]);
        assessments(house).decide_assessment(decide("当日学校停课，次日已补查")).await.unwrap();
        let renewed = renew().await.unwrap().into_inner();
        assert_eq!((renewed.term_start_date.as_str(), renewed.term_end_date.as_str(), renewed.term_number), ("2026-10-01", "2029-09-30", 2));
        assert_eq!(renewed.past_terms[0].end_date, "2026-09-30");
    }

    async fn a_declared_relation_bars_from_the_team_until_it_is_ended(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let stranger = declare(house, relation("A", "schools/S9", proto::RelationKind::FamilyThere)).await.unwrap_err();
        assert_eq!(reasons(&stranger), ["relation.unit"]);
        let child = declare(house, relation("A", "schools/S1", proto::RelationKind::FamilyThere)).await.unwrap();
        let left = proto::Relation { end_date: "2023-08-31".to_owned(), ..relation("B", "schools/S1", proto::RelationKind::Employment) };
        declare(house, left).await.unwrap();
        let left = proto::Relation { end_date: "2024-08-31".to_owned(), ..relation("C", "schools/S1", proto::RelationKind::Employment) };
        declare(house, left).await.unwrap();
        declare(house, relation("D", "memberUnits/县财政局", proto::RelationKind::RelativeOfHead)).await.unwrap();
        let ask = |units: Vec<String>| proto::CheckAvoidanceRequest { parent: COUNTY.to_owned(), supervisors: ["A", "B", "C", "D"].map(supervisor).to_vec(), units, ..Default::default() };
        let barred = relations(house).check_avoidance(ask(vec![format!("{COUNTY}/schools/S1")])).await.unwrap().into_inner().avoidances;
        let who: Vec<_> = barred.iter().map(|one| one.supervisor.clone()).collect();
        assert_eq!(who, [supervisor("A"), supervisor("C")], "three years have passed since B left");
        assert_eq!(relations(house).check_avoidance(ask(vec![])).await.unwrap().into_inner().avoidances.len(), 3);

        let visit = |id: &str| inspection::CreateVisitRequest {
            parent: COUNTY.to_owned(),
            visit_id: id.to_owned(),
            visit: Some(inspection::Visit {
                kind: inspection::InspectionKind::Routine.into(), object_kind: inspection::ObjectKind::School.into(),
                target: format!("{COUNTY}/schools/S1"), target_name: "巴公镇中心小学".to_owned(), date: "2026-09-10".to_owned(), days: 0.5,
                team: vec![inspection::TeamMember { supervisor: supervisor("A"), leader: true, ..Default::default() }], ..Default::default()
            }),
            ..Default::default()
        };
        let mut visits = limited!(VisitServiceClient::new(house.link.clone()));
        assert_eq!(reasons(&visits.create_visit(visit("v1")).await.unwrap_err()), ["team.avoidance"]);
        relations(house).end_relation(proto::EndRelationRequest { name: child.name, reason: "子女已毕业".to_owned(), ..Default::default() }).await.unwrap();
        visits.create_visit(visit("v1")).await.unwrap();
    }
}
