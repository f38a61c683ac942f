//! A year's compliance from empty to complete, over all four services.
#![allow(
    clippy::unwrap_used,
    clippy::needless_update,
    reason = "tests; requests whose fields are all set"
)]

use accountability::case_service_client::CaseServiceClient;
use accountability::commendation_service_client::CommendationServiceClient;
use accountability::compliance_service_client::ComplianceServiceClient;
use accountability::{Duty, DutyState};
use dudao_platform::rpc::Link;
use dudao_platform::testing::Scratch;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use dudao_proto::scheduler::v1 as scheduler;
use dudao_tests::{COUNTY, House, eventually, supervisor};
use inspection::balance_report_service_client::BalanceReportServiceClient;
use inspection::budget_line_service_client::BudgetLineServiceClient;
use inspection::campaign_service_client::CampaignServiceClient;
use inspection::finding_service_client::FindingServiceClient;
use inspection::list_item_service_client::ListItemServiceClient;
use inspection::visit_service_client::VisitServiceClient;
use inspection::{HearingGroup, InspectionKind, ObjectKind};
use registry::assessment_service_client::AssessmentServiceClient;
use registry::committee_service_client::CommitteeServiceClient;
use registry::meeting_service_client::MeetingServiceClient;
use registry::member_unit_service_client::MemberUnitServiceClient;
use registry::plaque_service_client::PlaqueServiceClient;
use registry::progress_report_service_client::ProgressReportServiceClient;
use registry::ruleset_service_client::RulesetServiceClient;
use registry::training_service_client::TrainingServiceClient;
use scheduler::zoning_plan_service_client::ZoningPlanServiceClient;

/// A client of a service of the house.
macro_rules! client {
    ($house:expr, $client:ident) => {{
        let client: $client<Link> = limited!($client::new($house.link.clone()));
        client
    }};
}

/// Calls an RPC that must succeed, with a request of which only some fields are set.
macro_rules! done {
    ($house:expr, $client:ident.$rpc:ident, $package:ident::$request:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {
        client!($house, $client).$rpc($package::$request { $($field $(: $value)?,)* ..Default::default() }).await.unwrap().into_inner()
    };
}

fn text(words: &str) -> String {
    words.to_owned()
}

async fn duties(house: &House) -> Vec<Duty> {
    done!(
        house,
        ComplianceServiceClient.get_compliance,
        accountability::GetComplianceRequest {
            parent: text(COUNTY),
            year: 2026
        }
    )
    .duties
}

async fn keys(house: &House, state: DutyState) -> Vec<String> {
    let duties = duties(house).await;
    let keys = duties.into_iter().filter(|duty| duty.state() == state);
    keys.map(|duty| duty.key).collect()
}

/// A county under the founding document whose office has entered the clocks that Shanxi leaves open; visits twice a semester.
async fn county(scratch: Scratch) -> House {
    let house = House::with_county(scratch, "zezhou").await;
    house.on_day("2026-09-01");
    let figure = |key: &str, value: f64, unit: &str| registry::Parameter {
        key: text(key),
        display_name: text("本县时限"),
        value: Some(value),
        unit: text(unit),
        basis: text("泽州县教育督导工作规程"),
        ..Default::default()
    };
    let parameters = vec![
        figure("clock.plea", 10.0, "days"),
        figure("clock.opinion_letter", 30.0, "days"),
        figure("clock.report_to_government", 30.0, "days"),
        figure("routine.per_month", 0.0, "visits"),
    ];
    let ruleset = registry::Ruleset {
        preset: text("zezhou"),
        effective_date: text("2026-09-01"),
        parameters,
        ..Default::default()
    };
    done!(
        house,
        RulesetServiceClient.create_ruleset,
        registry::CreateRulesetRequest {
            parent: text(COUNTY),
            ruleset: Some(ruleset)
        }
    );
    house
}

/// Articles 一, 二 and 十八: posts, rules, liaison persons, a plenary, a hearing, a report.
async fn committee(house: &House) -> Vec<registry::MemberUnit> {
    let officer = |name: &str| registry::Officer {
        display_name: text(name),
        ..Default::default()
    };
    let committee = registry::Committee {
        name: format!("{COUNTY}/committee"),
        director: Some(officer("李县长")),
        deputies: vec![officer("赵主任"), officer("钱局长")],
        office_director: Some(officer("钱局长")),
        chief_supervisor: Some(officer("孙总督学")),
        deputy_chief_supervisors: vec![officer("周副总督学")],
        working_rules: text("泽督办〔2026〕1号"),
        ..Default::default()
    };
    done!(
        house,
        CommitteeServiceClient.update_committee,
        registry::UpdateCommitteeRequest {
            committee: Some(committee)
        }
    );
    let units = done!(
        house,
        MemberUnitServiceClient.list_member_units,
        registry::ListMemberUnitsRequest {
            parent: text(COUNTY)
        }
    )
    .member_units;
    for unit in &units {
        let unit = registry::MemberUnit {
            name: unit.name.clone(),
            liaison: text("联络员"),
            ..Default::default()
        };
        done!(
            house,
            MemberUnitServiceClient.update_member_unit,
            registry::UpdateMemberUnitRequest {
                member_unit: Some(unit)
            }
        );
    }
    for kind in [
        registry::MeetingKind::Plenary,
        registry::MeetingKind::LeadingGroup,
    ] {
        let attendance = units.iter().map(|unit| registry::Attendance {
            unit: unit.name.clone(),
            person: text("负责同志"),
            attended: true,
            ..Default::default()
        });
        let meeting = registry::Meeting {
            display_name: text("会议"),
            kind: kind.into(),
            date: text("2026-09-01"),
            chair: text("李县长"),
            attendance: attendance.collect(),
            ..Default::default()
        };
        done!(
            house,
            MeetingServiceClient.create_meeting,
            registry::CreateMeetingRequest {
                parent: text(COUNTY),
                meeting: Some(meeting)
            }
        );
    }
    let report = registry::ProgressReport {
        title: text("工作进展"),
        audience: registry::Audience::LeadingGroup.into(),
        date: text("2026-09-01"),
        ..Default::default()
    };
    done!(
        house,
        ProgressReportServiceClient.create_progress_report,
        registry::CreateProgressReportRequest {
            parent: text(COUNTY),
            progress_report: Some(report)
        }
    );
    units
}

/// Articles 五 and 十七: zones, responsible supervisors, plaques at the gates.
async fn zones(house: &House) {
    let limits = scheduler::SolveLimits {
        seconds: 5.0,
        gap: Some(0.5),
        ..Default::default()
    };
    let plan = scheduler::ZoningPlan {
        limits: Some(limits),
        ..Default::default()
    };
    let plan = done!(
        house,
        ZoningPlanServiceClient.create_zoning_plan,
        scheduler::CreateZoningPlanRequest {
            parent: text(COUNTY),
            zoning_plan: Some(plan)
        }
    );
    eventually(async || {
        let plan = done!(
            house,
            ZoningPlanServiceClient.get_zoning_plan,
            scheduler::GetZoningPlanRequest {
                name: plan.name.clone()
            }
        );
        (plan.state() == scheduler::PlanState::Proposed).then_some(())
    })
    .await;
    done!(
        house,
        ZoningPlanServiceClient.approve_zoning_plan,
        scheduler::ApproveZoningPlanRequest {
            name: plan.name.clone()
        }
    );
    done!(
        house,
        ZoningPlanServiceClient.activate_zoning_plan,
        scheduler::ActivateZoningPlanRequest { name: plan.name }
    );
    let printed = eventually(async || {
        let printed = done!(
            house,
            PlaqueServiceClient.print_plaques,
            registry::PrintPlaquesRequest {
                parent: text(COUNTY)
            }
        )
        .plaques;
        (!printed.is_empty()).then_some(printed)
    })
    .await;
    for plaque in printed {
        done!(
            house,
            PlaqueServiceClient.post_plaque,
            registry::PostPlaqueRequest { name: plaque.name }
        );
    }
}

/// Article 十一.
async fn commendation(house: &House) {
    let round = accountability::Commendation {
        year: 2026,
        display_name: text("2026年教育督导表彰"),
        officer: text("吴干事"),
        ..Default::default()
    };
    done!(
        house,
        CommendationServiceClient.create_commendation,
        accountability::CreateCommendationRequest {
            parent: text(COUNTY),
            commendation_id: text("2026"),
            commendation: Some(round)
        }
    );
    let name = format!("{COUNTY}/commendations/2026");
    let nominee = accountability::Nominee {
        kind: accountability::SubjectKind::Unit.into(),
        unit: format!("{COUNTY}/schools/S1"),
        unit_name: text("巴公镇中心小学"),
        reason: text("整改及时"),
        nominated_by: text("巴公镇"),
        ..Default::default()
    };
    done!(
        house,
        CommendationServiceClient.nominate,
        accountability::NominateRequest {
            name: name.clone(),
            nominee: Some(nominee)
        }
    );
    done!(
        house,
        CommendationServiceClient.give_commendation_notice,
        accountability::GiveCommendationNoticeRequest {
            name: name.clone(),
            end_date: text("2026-09-08"),
            place: text("县政府网站"),
            officer: text("吴干事")
        }
    );
    house.on_day("2026-09-09");
    done!(
        house,
        CommendationServiceClient.decide_commendation,
        accountability::DecideCommendationRequest {
            name: name.clone(),
            number: text("泽督表〔2026〕1号"),
            officer: text("钱局长")
        }
    );
}

/// Items of the list with their campaigns, decided a month ahead.
async fn campaigns(house: &House) {
    let school = || inspection::CampaignObject {
        kind: ObjectKind::School.into(),
        target: format!("{COUNTY}/schools/S1"),
        display_name: text("巴公镇中心小学"),
    };
    let town = inspection::CampaignObject {
        kind: ObjectKind::Town.into(),
        target: format!("{COUNTY}/towns/巴公镇"),
        display_name: text("巴公镇"),
    };
    let plans = [
        (
            "school",
            InspectionKind::Comprehensive,
            inspection::InspectionLine::School,
            school(),
        ),
        (
            "town",
            InspectionKind::Comprehensive,
            inspection::InspectionLine::Government,
            town,
        ),
        (
            "random",
            InspectionKind::Random,
            inspection::InspectionLine::School,
            school(),
        ),
    ];
    for (id, kind, line, object) in plans {
        let item = inspection::ListItem {
            display_name: text(id),
            year: 2026,
            kind: kind.into(),
            basis: text("《教育督导条例》"),
            filed_with: text("市政府教育督导委员会办公室"),
            file_date: text("2026-01-10"),
            ..Default::default()
        };
        done!(
            house,
            ListItemServiceClient.create_list_item,
            inspection::CreateListItemRequest {
                parent: text(COUNTY),
                list_item_id: text(id),
                list_item: Some(item)
            }
        );
        let campaign = inspection::Campaign {
            display_name: text(id),
            kind: kind.into(),
            line: line.into(),
            list_item: format!("{COUNTY}/listItems/{id}"),
            basis: text("《教育督导条例》"),
            matters: vec![text("办学方向")],
            method: text("实地督导"),
            start_date: text("2026-10-15"),
            end_date: text("2026-12-20"),
            objects: vec![object],
            publication: inspection::PublicationScope::Public.into(),
            ..Default::default()
        };
        done!(
            house,
            CampaignServiceClient.create_campaign,
            inspection::CreateCampaignRequest {
                parent: text(COUNTY),
                campaign_id: text(id),
                campaign: Some(campaign)
            }
        );
        done!(
            house,
            CampaignServiceClient.decide_campaign,
            inspection::DecideCampaignRequest {
                name: format!("{COUNTY}/campaigns/{id}")
            }
        );
    }
}

/// A visit that is planned for a day, with its team.
async fn plan_visit(
    house: &House,
    id: &str,
    kind: InspectionKind,
    campaign: &str,
    date: &str,
    team: &[&str],
    units: &[registry::MemberUnit],
) {
    let town = campaign == "town";
    let parts = units.iter().map(|unit| inspection::UnitPart {
        unit: unit.name.clone(),
        display_name: unit.display_name.clone(),
        ..Default::default()
    });
    let members = team
        .iter()
        .enumerate()
        .map(|(at, code)| inspection::TeamMember {
            supervisor: supervisor(code),
            leader: at == 0,
            ..Default::default()
        });
    let visit = inspection::Visit {
        campaign: if campaign.is_empty() {
            String::new()
        } else {
            format!("{COUNTY}/campaigns/{campaign}")
        },
        kind: kind.into(),
        object_kind: if town {
            ObjectKind::Town
        } else {
            ObjectKind::School
        }
        .into(),
        target: if town {
            format!("{COUNTY}/towns/巴公镇")
        } else {
            format!("{COUNTY}/schools/S1")
        },
        target_name: if town {
            text("巴公镇")
        } else {
            text("巴公镇中心小学")
        },
        town: text("巴公镇"),
        date: text(date),
        days: 1.0,
        team: members.collect(),
        units: parts.collect(),
        ..Default::default()
    };
    done!(
        house,
        VisitServiceClient.create_visit,
        inspection::CreateVisitRequest {
            parent: text(COUNTY),
            visit_id: text(id),
            visit: Some(visit)
        }
    );
}

fn visit(id: &str) -> String {
    format!("{COUNTY}/visits/{id}")
}

/// A short form: the visit, its record, and what is published of it.
async fn short_visit(house: &House, id: &str, kind: InspectionKind, campaign: &str, date: &str) {
    house.on_day(date);
    let team: &[&str] = if campaign.is_empty() {
        &["A"]
    } else {
        &["B", "C", "D"]
    };
    plan_visit(house, id, kind, campaign, date, team, &[]).await;
    done!(
        house,
        VisitServiceClient.begin_visit,
        inspection::BeginVisitRequest { name: visit(id) }
    );
    done!(
        house,
        VisitServiceClient.finish_visit,
        inspection::FinishVisitRequest { name: visit(id) }
    );
    done!(
        house,
        VisitServiceClient.record_visit,
        inspection::RecordVisitRequest {
            name: visit(id),
            text: text("良好"),
            matters: vec![text("安全")],
            by: supervisor(team[0])
        }
    );
    if kind == InspectionKind::Random {
        done!(
            house,
            VisitServiceClient.publish_visit,
            inspection::PublishVisitRequest {
                name: visit(id),
                place: text("县政府网站"),
                text: text("抽查结果")
            }
        );
    }
}

/// A full form, with every step, from the notice to the publication; the units join it.
async fn full_visit(
    house: &House,
    id: &str,
    campaign: &str,
    date: &str,
    after: &str,
    units: &[registry::MemberUnit],
) {
    plan_visit(
        house,
        id,
        InspectionKind::Comprehensive,
        campaign,
        date,
        &["B", "C", "D"],
        units,
    )
    .await;
    done!(
        house,
        VisitServiceClient.notify_visit,
        inspection::NotifyVisitRequest {
            name: visit(id),
            number: text("泽督〔2026〕9号"),
            text: text("请自评"),
            self_evaluation_due_date: text(date)
        }
    );
    house.on_day(date);
    done!(
        house,
        VisitServiceClient.submit_self_evaluation,
        inspection::SubmitSelfEvaluationRequest {
            name: visit(id),
            text: text("自评良好")
        }
    );
    done!(
        house,
        VisitServiceClient.review_self_evaluation,
        inspection::ReviewSelfEvaluationRequest {
            name: visit(id),
            review: text("属实"),
            reviewer: supervisor("C")
        }
    );
    done!(
        house,
        VisitServiceClient.begin_visit,
        inspection::BeginVisitRequest { name: visit(id) }
    );
    for unit in units {
        done!(
            house,
            VisitServiceClient.record_participation,
            inspection::RecordParticipationRequest {
                name: visit(id),
                unit: unit.name.clone(),
                persons: vec![text("联络员")]
            }
        );
    }
    if campaign == "school" {
        let finding = inspection::Finding {
            visit: visit(id),
            title: text("作业过多"),
            basis: text("“双减”意见"),
            severity: inspection::Severity::Minor.into(),
            recorded_by: supervisor("C"),
            ..Default::default()
        };
        done!(
            house,
            FindingServiceClient.create_finding,
            inspection::CreateFindingRequest {
                parent: text(COUNTY),
                finding_id: text("f1"),
                finding: Some(finding)
            }
        );
    }
    for group in [
        HearingGroup::Public,
        HearingGroup::Students,
        HearingGroup::Parents,
        HearingGroup::Teachers,
    ] {
        let hearing = inspection::Hearing {
            group: group.into(),
            date: text(date),
            people: 10,
            summary: text("满意"),
            by: supervisor("D"),
        };
        done!(
            house,
            VisitServiceClient.hear_group,
            inspection::HearGroupRequest {
                name: visit(id),
                hearing: Some(hearing)
            }
        );
    }
    done!(
        house,
        VisitServiceClient.finish_visit,
        inspection::FinishVisitRequest { name: visit(id) }
    );
    done!(
        house,
        VisitServiceClient.issue_preliminary_opinion,
        inspection::IssuePreliminaryOpinionRequest {
            name: visit(id),
            summary: text("良好")
        }
    );
    house.on_day(after);
    done!(
        house,
        VisitServiceClient.issue_opinion_letter,
        inspection::IssueOpinionLetterRequest {
            name: visit(id),
            number: format!("泽督意〔2026〕{id}号"),
            summary: text("良好")
        }
    );
    done!(
        house,
        VisitServiceClient.submit_report,
        inspection::SubmitReportRequest {
            name: visit(id),
            number: format!("泽督报〔2026〕{id}号"),
            title: text("督导报告"),
            text: text("全文")
        }
    );
    done!(
        house,
        VisitServiceClient.file_report,
        inspection::FileReportRequest {
            name: visit(id),
            to: text("县人民政府"),
            receipt: text("收文9号")
        }
    );
    done!(
        house,
        VisitServiceClient.publish_visit,
        inspection::PublishVisitRequest {
            name: visit(id),
            place: text("县政府网站"),
            text: text("督导报告全文")
        }
    );
}

/// Articles 八 to 十: the finding is decided on, put right, published, closed out and looked back at.
async fn put_right(house: &House, id: &str) {
    let case = format!("{COUNTY}/cases/{id}");
    let case = &eventually(async || {
        let asked = accountability::GetCaseRequest { name: case.clone() };
        client!(house, CaseServiceClient)
            .get_case(asked)
            .await
            .ok()
            .map(|one| one.into_inner().name)
    })
    .await;
    assert!(
        keys(house, DutyState::Due)
            .await
            .contains(&text("cases.decided"))
    );
    let finding = || format!("{COUNTY}/findings/f1");
    let item = accountability::DecisionItem {
        finding: finding(),
        requirement: text("减量"),
        limit_date: text("2026-12-20"),
        ..Default::default()
    };
    done!(
        house,
        CaseServiceClient.issue_decision,
        accountability::IssueDecisionRequest {
            name: case.clone(),
            document: text("整〔2026〕1号"),
            officer: text("吴干事"),
            items: vec![item]
        }
    );
    done!(
        house,
        CaseServiceClient.submit_rectification,
        accountability::SubmitRectificationRequest {
            name: case.clone(),
            finding: finding(),
            text: text("已减量"),
            by: text("巴公镇中心小学")
        }
    );
    done!(
        house,
        CaseServiceClient.check_rectification,
        accountability::CheckRectificationRequest {
            name: case.clone(),
            finding: finding(),
            passed: true,
            text: text("属实"),
            officer: text("吴干事")
        }
    );
    done!(
        house,
        CaseServiceClient.publish_result,
        accountability::PublishResultRequest {
            name: case.clone(),
            findings: vec![finding()],
            place: text("公示栏")
        }
    );
    done!(
        house,
        CaseServiceClient.close_out_finding,
        accountability::CloseOutFindingRequest {
            name: case.clone(),
            finding: finding(),
            officer: text("钱局长"),
            text: text("同意")
        }
    );
    assert!(
        keys(house, DutyState::Due)
            .await
            .contains(&text("cases.looked_back"))
    );
    done!(
        house,
        CaseServiceClient.look_back_finding,
        accountability::LookBackFindingRequest {
            name: case.clone(),
            finding: finding(),
            sustained: true,
            text: text("保持"),
            officer: text("吴干事")
        }
    );
}

/// Articles 六 and 十九: monitoring, and the budget.
async fn monitoring_and_means(house: &House) {
    let school = inspection::SchoolFigures {
        school: format!("{COUNTY}/schools/S1"),
        display_name: text("巴公镇中心小学"),
        town: text("巴公镇"),
        form: inspection::SchoolForm::Primary.into(),
        primary_pupils: 420,
        ..Default::default()
    };
    let report = inspection::BalanceReport {
        display_name: text("2026年优质均衡监测"),
        year: 2026,
        source: text("教育事业统计"),
        schools: vec![school],
        ..Default::default()
    };
    let report = done!(
        house,
        BalanceReportServiceClient.create_balance_report,
        inspection::CreateBalanceReportRequest {
            parent: text(COUNTY),
            balance_report: Some(report)
        }
    );
    done!(
        house,
        BalanceReportServiceClient.finalize_balance_report,
        inspection::FinalizeBalanceReportRequest { name: report.name }
    );
    let line = inspection::BudgetLine {
        display_name: text("教育督导经费"),
        year: 2026,
        amount_fen: 20_000_000,
        purposes: vec![inspection::BudgetPurpose::Training.into()],
        ..Default::default()
    };
    done!(
        house,
        BudgetLineServiceClient.create_budget_line,
        inspection::CreateBudgetLineRequest {
            parent: text(COUNTY),
            budget_line: Some(line)
        }
    );
}

/// Articles 十六 and 十七: forty hours, and the year assessed.
async fn training_and_assessment(house: &House) {
    house.on_day("2026-12-31");
    for code in ["A", "B", "C", "D"] {
        let training = registry::Training {
            supervisor: supervisor(code),
            kind: registry::TrainingKind::Concentrated.into(),
            date: text("2026-11-20"),
            hours: 40.0,
            title: text("督学培训"),
            ..Default::default()
        };
        done!(
            house,
            TrainingServiceClient.create_training,
            registry::CreateTrainingRequest {
                parent: text(COUNTY),
                training: Some(training)
            }
        );
        let assessment = registry::Assessment {
            supervisor: supervisor(code),
            kind: registry::AssessmentKind::Yearly.into(),
            start_date: text("2026-01-01"),
            end_date: text("2026-12-31"),
            ..Default::default()
        };
        let opened = done!(
            house,
            AssessmentServiceClient.create_assessment,
            registry::CreateAssessmentRequest {
                parent: text(COUNTY),
                assessment: Some(assessment)
            }
        );
        done!(
            house,
            AssessmentServiceClient.decide_assessment,
            registry::DecideAssessmentRequest {
                name: opened.name.clone(),
                grade: opened.proposed_grade,
                officer: text("孙总督学")
            }
        );
    }
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn article_18_a_year_goes_from_empty_to_complete(scratch) {
        let house = &county(scratch).await;
        assert_eq!(keys(house, DutyState::Overdue).await, ["committee.posts", "zones.coverage"], "four supervisors suffice for one school");
        let units = committee(house).await;
        zones(house).await;
        assert!(keys(house, DutyState::Overdue).await.is_empty());
        commendation(house).await;
        campaigns(house).await;
        for (at, date) in ["2026-09-10", "2026-09-24", "2026-10-09", "2026-10-20"].into_iter().enumerate() {
            short_visit(house, &format!("r{at}"), InspectionKind::Routine, "", date).await;
        }
        full_visit(house, "town", "town", "2026-10-27", "2026-11-09", &[]).await;
        full_visit(house, "school", "school", "2026-11-10", "2026-11-23", &units).await;
        put_right(house, "school").await;
        short_visit(house, "random", InspectionKind::Random, "random", "2026-12-08").await;
        monitoring_and_means(house).await;
        assert_eq!(keys(house, DutyState::Due).await, ["supervisors.training", "supervisors.assessment"]);
        training_and_assessment(house).await;
        let duties = duties(house).await;
        let open: Vec<_> = duties.iter().filter(|duty| duty.state() != DutyState::Done).collect();
        assert!(open.is_empty(), "{open:#?}");
        let plenary = duties.iter().find(|duty| duty.key == "committee.plenary").unwrap();
        assert_eq!((plenary.article.as_str(), plenary.done_date.as_str()), ("第二条", "2026-09-01"));
        assert!(plenary.evidence[0].starts_with(&format!("{COUNTY}/meetings/")));
        let published = duties.iter().find(|duty| duty.key == "reports.published").unwrap();
        assert_eq!((published.done, published.required), (3, 3));
    }

    async fn article_08_what_an_earlier_year_has_left_open_is_this_years_to_do(scratch) {
        let house = &county(scratch).await;
        let rules = registry::Ruleset { preset: text("zezhou"), effective_date: text("2025-01-01"), ..Default::default() };
        done!(house, RulesetServiceClient.create_ruleset, registry::CreateRulesetRequest { parent: text(COUNTY), ruleset: Some(rules) });
        house.on_day("2025-11-20");
        let finding = accountability::CaseFinding { finding: text("f1"), title: text("消防通道堵塞"), basis: text("《消防法》"), severity: inspection::Severity::Serious.into(), ..Default::default() };
        let case = accountability::Case {
            source: accountability::CaseSource::Superior.into(),
            letter_number: text("省督〔2025〕3号"),
            issuer: text("省政府教育督导委员会"),
            unit: format!("{COUNTY}/schools/S1"),
            unit_name: text("巴公镇中心小学"),
            town: text("巴公镇"),
            findings: vec![finding],
            ..Default::default()
        };
        done!(house, CaseServiceClient.create_case, accountability::CreateCaseRequest { parent: text(COUNTY), case_id: text("c1"), case: Some(case) });
        house.on_day("2026-09-02");
        let decided = duties(house).await.into_iter().find(|duty| duty.key == "cases.decided").unwrap();
        assert_eq!((decided.state(), decided.missing), (DutyState::Due, vec![format!("{COUNTY}/cases/c1")]));
    }

    async fn article_11_what_was_not_done_by_its_day_is_overdue(scratch) {
        let house = &county(scratch).await;
        house.on_day("2026-09-10");
        assert!(keys(house, DutyState::Due).await.contains(&text("commendation")));
        house.on_day("2026-09-11");
        assert!(keys(house, DutyState::Overdue).await.contains(&text("commendation")));
    }
}
