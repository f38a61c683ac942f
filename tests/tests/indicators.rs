//! Indicator sets, evaluations, results and balance over gRPC, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::needless_update,
    reason = "tests; requests whose fields are all set"
)]

use dudao_platform::rpc::Link;
use dudao_platform::testing::Scratch;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::inspection::v1 as proto;
use dudao_proto::registry::v1 as registry;
use dudao_tests::{COUNTY, House, reasons, supervisor};
use proto::balance_report_service_client::BalanceReportServiceClient;
use proto::campaign_service_client::CampaignServiceClient;
use proto::evaluation_service_client::EvaluationServiceClient;
use proto::indicator_set_service_client::IndicatorSetServiceClient;
use proto::result_service_client::ResultServiceClient;
use proto::visit_service_client::VisitServiceClient;
use proto::{BalanceStandard, EvaluationVerdict, IndicatorKind, ObjectKind, SchoolResource};
use registry::ruleset_service_client::RulesetServiceClient;
use registry::school_service_client::SchoolServiceClient;
use registry::town_service_client::TownServiceClient;

macro_rules! client {
    ($name:ident, $client:ident) => {
        fn $name(house: &House) -> $client<Link> {
            limited!($client::new(house.link.clone()))
        }
    };
}
client!(sets, IndicatorSetServiceClient);
client!(evaluations, EvaluationServiceClient);
client!(results, ResultServiceClient);
client!(reports, BalanceReportServiceClient);
client!(campaigns, CampaignServiceClient);
client!(visits, VisitServiceClient);

/// Calls an RPC with a request of which only some fields are set.
macro_rules! call {
    ($client:expr, $rpc:ident, $request:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {
        $client.$rpc(proto::$request { $($field $(: $value)?,)* ..Default::default() }).await.map(tonic::Response::into_inner)
    };
}

fn set_name(code: &str) -> String {
    format!("{COUNTY}/indicatorSets/{code}")
}

fn evaluation_name(code: &str) -> String {
    format!("{COUNTY}/evaluations/{code}")
}

fn indicator(code: &str, parent: &str, kind: IndicatorKind, weight: f64) -> proto::Indicator {
    let scored = kind == IndicatorKind::Scored;
    let measured = kind == IndicatorKind::Measured;
    proto::Indicator {
        code: code.to_owned(),
        parent: parent.to_owned(),
        title: format!("指标{code}"),
        kind: kind.into(),
        weight,
        max_points: if scored { 10.0 } else { 0.0 },
        unit: if measured { "%" } else { "" }.to_owned(),
        comparison: i32::from(measured),
        threshold: measured.then_some(95.0),
        figure: if measured {
            "balance.quality.retention"
        } else {
            ""
        }
        .to_owned(),
        basis: "县督导办法".to_owned(),
        ..Default::default()
    }
}

/// A own set of the county: A (60) of A1 (scored, 75) and A2 (yes or no, 25, a veto); B (40), measured.
fn own_set() -> proto::IndicatorSet {
    let mut veto = indicator("A2", "A", IndicatorKind::YesNo, 25.0);
    veto.veto = true;
    proto::IndicatorSet {
        display_name: "泽州县小学督导指标".to_owned(),
        line: proto::InspectionLine::School.into(),
        object_kinds: vec![ObjectKind::School.into()],
        basis: "泽办字〔2021〕9号第六条".to_owned(),
        excellent_mark: Some(90.0),
        good_mark: Some(75.0),
        pass_mark: Some(60.0),
        indicators: vec![
            indicator("A", "", IndicatorKind::Group, 60.0),
            indicator("A1", "A", IndicatorKind::Scored, 75.0),
            veto,
            indicator("B", "", IndicatorKind::Measured, 40.0),
        ],
        ..Default::default()
    }
}

/// A county with a second and a third school, and a published set of its own.
async fn with_set(scratch: Scratch) -> House {
    let house = House::with_county(scratch, "zhejiang").await;
    house.on_day("2026-09-01");
    for (code, town, pupils) in [("S2", "巴公镇", 180), ("S3", "高都镇", 300)] {
        let school = registry::School {
            display_name: format!("{town}{code}小学"),
            stage: registry::Stage::Primary.into(),
            provider: registry::Provider::Public.into(),
            town: town.to_owned(),
            pupils: Some(pupils),
            place: Some(registry::Place {
                longitude: 112.8,
                latitude: 35.6,
            }),
            ..Default::default()
        };
        let request = registry::CreateSchoolRequest {
            parent: COUNTY.to_owned(),
            school_id: code.to_owned(),
            school: Some(school),
            ..Default::default()
        };
        limited!(SchoolServiceClient::new(house.link.clone()))
            .create_school(request)
            .await
            .unwrap();
    }
    create_set(&house, "s1", own_set()).await.unwrap();
    call!(
        sets(&house),
        publish_indicator_set,
        PublishIndicatorSetRequest {
            name: set_name("s1")
        }
    )
    .unwrap();
    house
}

async fn create_set(
    house: &House,
    code: &str,
    set: proto::IndicatorSet,
) -> Result<proto::IndicatorSet, tonic::Status> {
    call!(
        sets(house),
        create_indicator_set,
        CreateIndicatorSetRequest {
            parent: COUNTY.to_owned(),
            indicator_set_id: code.to_owned(),
            indicator_set: Some(set),
        }
    )
}

async fn begin(
    house: &House,
    code: &str,
    set: &str,
    school: &str,
    year: i32,
) -> Result<proto::Evaluation, tonic::Status> {
    call!(
        evaluations(house),
        create_evaluation,
        CreateEvaluationRequest {
            parent: COUNTY.to_owned(),
            evaluation_id: code.to_owned(),
            evaluation: Some(proto::Evaluation {
                indicator_set: set_name(set),
                object_kind: ObjectKind::School.into(),
                target: format!("{COUNTY}/schools/{school}"),
                year,
                ..Default::default()
            }),
            request_id: format!("begin-{code}"),
        }
    )
}

fn scores(values: &[(&str, f64)]) -> Vec<proto::NewScore> {
    values
        .iter()
        .map(|(code, value)| proto::NewScore {
            code: (*code).to_owned(),
            value: *value,
            note: String::new(),
        })
        .collect()
}

/// Scores by the team and concludes.
async fn conclude(house: &House, code: &str, values: &[(&str, f64)]) -> proto::Evaluation {
    let name = evaluation_name(code);
    call!(
        evaluations(house),
        record_team_scores,
        RecordTeamScoresRequest {
            name: name.clone(),
            scores: scores(values),
            by: supervisor("A")
        }
    )
    .unwrap();
    call!(
        evaluations(house),
        conclude_evaluation,
        ConcludeEvaluationRequest {
            name: name,
            request_id: format!("conclude-{code}")
        }
    )
    .unwrap()
}

fn campaign(set: &str) -> proto::Campaign {
    proto::Campaign {
        display_name: "综合督导".to_owned(),
        kind: proto::InspectionKind::Comprehensive.into(),
        line: proto::InspectionLine::School.into(),
        list_item: format!("{COUNTY}/listItems/a"),
        basis: "条例".to_owned(),
        matters: vec!["办学方向".to_owned()],
        method: "实地".to_owned(),
        indicator_set: set_name(set),
        start_date: "2026-11-01".to_owned(),
        end_date: "2026-11-30".to_owned(),
        publication: proto::PublicationScope::Public.into(),
        ..Default::default()
    }
}

async fn create_campaign(
    house: &House,
    code: &str,
    set: &str,
) -> Result<proto::Campaign, tonic::Status> {
    call!(
        campaigns(house),
        create_campaign,
        CreateCampaignRequest {
            parent: COUNTY.to_owned(),
            campaign_id: code.to_owned(),
            campaign: Some(campaign(set))
        }
    )
}

fn report(areas: &[(&str, i32, f64)]) -> proto::BalanceReport {
    proto::BalanceReport {
        display_name: "2026年优质均衡自评".to_owned(),
        year: 2026,
        source: "教育事业统计".to_owned(),
        schools: areas
            .iter()
            .map(|(code, pupils, area)| proto::SchoolFigures {
                school: format!("{COUNTY}/schools/{code}"),
                display_name: (*code).to_owned(),
                form: proto::SchoolForm::Primary.into(),
                primary_pupils: *pupils,
                resources: (1..=7)
                    .map(|resource| proto::ResourceFigure {
                        resource,
                        shared: if resource == i32::from(SchoolResource::TeachingArea) {
                            *area
                        } else {
                            f64::from(*pupils) * 3_000.0
                        },
                        ..Default::default()
                    })
                    .collect(),
                ..Default::default()
            })
            .collect(),
        ..Default::default()
    }
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn article_06_a_county_starts_from_shipped_sets_and_changes_them_without_a_developer(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let shipped = call!(sets(house), list_indicator_set_presets, ListIndicatorSetPresetsRequest {}).unwrap().presets;
        assert_eq!(shipped.len(), 9);
        for preset in &shipped {
            let from = proto::IndicatorSet { preset: preset.preset.clone(), ..Default::default() };
            let created = create_set(house, &preset.preset.replace('_', "-"), from).await.unwrap();
            assert_eq!((&created.indicators, created.version), (&preset.indicators, 1));
            call!(sets(house), publish_indicator_set, PublishIndicatorSetRequest { name: created.name }).unwrap();
        }
        let unknown = proto::IndicatorSet { preset: "x".to_owned(), ..Default::default() };
        assert_eq!(reasons(&create_set(house, "x", unknown).await.unwrap_err()), ["indicator_set.preset"]);

        let mut wrong = own_set();
        wrong.indicators[1].weight = 50.0;
        wrong.indicators[3].unit = String::new();
        let refused = create_set(house, "own", wrong).await.unwrap_err();
        assert_eq!(reasons(&refused), ["indicator_set.indicators[3].unit", "indicator_set.indicators[1].weight"]);
        let draft = create_set(house, "own", own_set()).await.unwrap();
        let renamed = proto::IndicatorSet { display_name: "新名".to_owned(), name: draft.name.clone(), etag: draft.etag.clone(), ..Default::default() };
        let update = || call_update(house, renamed.clone());
        assert_eq!(update().await.unwrap().display_name, "新名");
        assert_eq!(update().await.unwrap_err().code(), tonic::Code::Aborted, "the etag is of the version before");
        let publish = proto::PublishIndicatorSetRequest { name: draft.name.clone(), request_id: "p".to_owned(), ..Default::default() };
        let published = sets(house).publish_indicator_set(publish.clone()).await.unwrap().into_inner();
        assert_eq!(sets(house).publish_indicator_set(publish).await.unwrap().into_inner(), published, "a retry");
        let late = proto::IndicatorSet { etag: String::new(), display_name: "又一新名".to_owned(), ..renamed };
        assert_eq!(reasons(&call_update(house, late).await.unwrap_err()), ["indicator_set.state"]);

        let next = call!(sets(house), revise_indicator_set, ReviseIndicatorSetRequest { name: draft.name.clone(), indicator_set_id: "own-2".to_owned(), request_id: "r".to_owned() }).unwrap();
        assert_eq!((next.version, next.family.clone(), next.state()), (2, draft.name.clone(), proto::IndicatorSetState::Draft));
        let again = call!(sets(house), revise_indicator_set, ReviseIndicatorSetRequest { name: draft.name.clone(), indicator_set_id: "own-2".to_owned(), request_id: "r".to_owned() }).unwrap();
        assert_eq!(again, next);
        let taken = call!(sets(house), revise_indicator_set, ReviseIndicatorSetRequest { name: draft.name.clone(), indicator_set_id: "own-2".to_owned() }).unwrap_err();
        assert_eq!(taken.code(), tonic::Code::AlreadyExists);
        let family = call!(sets(house), list_indicator_sets, ListIndicatorSetsRequest { parent: COUNTY.to_owned(), family: draft.name.clone() }).unwrap().indicator_sets;
        assert_eq!(family.len(), 2);
    }

    async fn article_06_a_campaign_and_a_visit_name_sets_and_scores_that_are_there(scratch) {
        let house = &with_set(scratch).await;
        assert_eq!(create_campaign(house, "c0", "nowhere").await.unwrap_err().code(), tonic::Code::NotFound);
        create_set(house, "draft", own_set()).await.unwrap();
        assert_eq!(reasons(&create_campaign(house, "c0", "draft").await.unwrap_err()), ["indicator_set.published"]);
        create_campaign(house, "c1", "s1").await.unwrap();
        let mut other = campaign("draft");
        other.name = format!("{COUNTY}/campaigns/c1");
        let changed = call!(campaigns(house), update_campaign, UpdateCampaignRequest { campaign: Some(other) }).unwrap_err();
        assert_eq!(reasons(&changed), ["indicator_set.published"]);
        call!(sets(house), retire_indicator_set, RetireIndicatorSetRequest { name: set_name("s1"), reason: "换新".to_owned() }).unwrap();
        let decided = call!(campaigns(house), decide_campaign, DecideCampaignRequest { name: format!("{COUNTY}/campaigns/c1") }).unwrap_err();
        assert_eq!(reasons(&decided), ["indicator_set.published"]);
    }

    async fn article_04_a_units_own_scores_stand_beside_the_teams_and_back_its_self_evaluation(scratch) {
        let house = &with_set(scratch).await;
        let team: Vec<_> = ["A", "B", "C"].iter().map(|code| proto::TeamMember { supervisor: supervisor(code), leader: *code == "A", ..Default::default() }).collect();
        let visit = proto::Visit {
            kind: proto::InspectionKind::Emergency.into(),
            reason: "群众反映集中".to_owned(),
            object_kind: ObjectKind::School.into(),
            target: format!("{COUNTY}/schools/S1"),
            target_name: "巴公镇中心小学".to_owned(),
            town: "巴公镇".to_owned(),
            date: "2026-10-20".to_owned(),
            days: 1.0,
            team,
            ..Default::default()
        };
        call!(visits(house), create_visit, CreateVisitRequest { parent: COUNTY.to_owned(), visit_id: "v1".to_owned(), visit: Some(visit) }).unwrap();
        let at_visit = |school: &str| proto::Evaluation {
            indicator_set: set_name("s1"),
            object_kind: ObjectKind::School.into(),
            target: format!("{COUNTY}/schools/{school}"),
            visit: format!("{COUNTY}/visits/v1"),
            year: 2026,
            ..Default::default()
        };
        let begin_at = |code: &str, school: &str| {
            let request = proto::CreateEvaluationRequest { parent: COUNTY.to_owned(), evaluation_id: code.to_owned(), evaluation: Some(at_visit(school)), ..Default::default() };
            async move { evaluations(house).create_evaluation(request).await.map(tonic::Response::into_inner) }
        };
        assert_eq!(reasons(&begin_at("e0", "S2").await.unwrap_err()), ["evaluation.visit"]);
        let begun = begin_at("e1", "S1").await.unwrap();
        assert_eq!((begun.target_name.as_str(), begun.pupils, begun.scores.len()), ("巴公镇中心小学", Some(420), 3));
        assert_eq!(begun.ruleset, format!("{COUNTY}/rulesets/1"));

        let name = evaluation_name("e1");
        let submit = || async { call!(visits(house), submit_self_evaluation, SubmitSelfEvaluationRequest { name: format!("{COUNTY}/visits/v1"), text: "良好".to_owned(), evaluation: evaluation_name("e1") }) };
        assert_eq!(reasons(&submit().await.unwrap_err()), ["evaluation.self_scores"]);
        call!(evaluations(house), score_self, ScoreSelfRequest { name: name.clone(), scores: scores(&[("A1", 9.0)]), by: "张校长".to_owned() }).unwrap();
        let missing = call!(evaluations(house), submit_self_scores, SubmitSelfScoresRequest { name: name.clone() }).unwrap_err();
        assert_eq!(reasons(&missing), ["evaluation.missing.A2", "evaluation.missing.B"]);
        call!(evaluations(house), score_self, ScoreSelfRequest { name: name.clone(), scores: scores(&[("A2", 1.0), ("B", 99.0)]), by: "张校长".to_owned() }).unwrap();
        let own = call!(evaluations(house), submit_self_scores, SubmitSelfScoresRequest { name: name.clone() }).unwrap();
        assert_eq!(own.self_outcome.unwrap().total, 95.5);
        // An emergency has no self-evaluation of its own: the state refuses it, no longer the scores.
        assert_eq!(reasons(&submit().await.unwrap_err()), ["visit.state"]);

        let outsider = call!(evaluations(house), record_team_scores, RecordTeamScoresRequest { name: name.clone(), scores: scores(&[("A1", 8.0)]), by: supervisor("D") }).unwrap_err();
        assert_eq!(reasons(&outsider), ["evaluation.team"]);
        let wrong = call!(evaluations(house), record_team_scores, RecordTeamScoresRequest { name: name.clone(), scores: scores(&[("A1", 11.0), ("Z", 1.0)]), by: supervisor("A") }).unwrap_err();
        assert_eq!(reasons(&wrong), ["scores[0].value", "scores[1].code"]);
        let done = conclude(house, "e1", &[("A1", 8.0), ("A2", 1.0), ("B", 95.0)]).await;
        let outcome = done.outcome.clone().unwrap();
        assert_eq!((outcome.total, outcome.verdict()), (91.0, EvaluationVerdict::Excellent));
        assert_eq!((done.scores[0].self_score.as_ref().unwrap().value, done.scores[0].team_score.as_ref().unwrap().value), (9.0, 8.0));
        let again = call!(evaluations(house), conclude_evaluation, ConcludeEvaluationRequest { name: name.clone(), request_id: "conclude-e1".to_owned() }).unwrap();
        assert_eq!(again, done, "a retry");
        let late = call!(evaluations(house), record_team_scores, RecordTeamScoresRequest { name, scores: scores(&[("A1", 10.0)]), by: supervisor("A") }).unwrap_err();
        assert_eq!(reasons(&late), ["evaluation.state"]);
    }

    async fn article_06_results_are_shown_by_school_town_and_county_and_over_the_years(scratch) {
        let house = &with_set(scratch).await;
        for (code, school, points, veto) in [("a", "S1", 8.0, 1.0), ("b", "S2", 5.0, 0.0), ("c", "S3", 10.0, 1.0)] {
            begin(house, code, "s1", school, 2026).await.unwrap();
            conclude(house, code, &[("A1", points), ("A2", veto), ("B", 99.0)]).await;
        }
        begin(house, "open", "s1", "S3", 2026).await.unwrap();
        let asked = || proto::SummarizeResultsRequest { parent: COUNTY.to_owned(), indicator_set: set_name("s1"), year: 2026 };
        let summary = results(house).summarize_results(asked()).await.unwrap().into_inner();
        let county = summary.county.unwrap();
        // 420 × 91, 180 × 62.5, 300 × 100, by pupils.
        assert_eq!((county.objects, county.passed, county.vetoed, county.weighting()), (3, 2, 1, proto::ResultWeighting::Pupils));
        assert!((county.mean - (420.0 * 91.0 + 180.0 * 62.5 + 300.0 * 100.0) / 900.0).abs() < 1e-9);
        assert_eq!(summary.stages[0].stage, "小学");

        let towns = call!(results(house), compare_towns, CompareTownsRequest { parent: COUNTY.to_owned(), indicator_set: set_name("s1"), year: 2026 }).unwrap().towns;
        let ranks: Vec<_> = towns.iter().map(|town| (town.town.as_str(), town.rank, town.figures.as_ref().unwrap().min)).collect();
        assert_eq!(ranks, [("高都镇", 1, 100.0), ("巴公镇", 2, 62.5)]);

        let first = call!(results(house), list_results, ListResultsRequest { parent: COUNTY.to_owned(), indicator_set: set_name("s1"), year: 2026, page_size: 2 }).unwrap();
        let next = call!(results(house), list_results, ListResultsRequest { parent: COUNTY.to_owned(), indicator_set: set_name("s1"), year: 2026, page_size: 2, page_token: first.next_page_token.clone() }).unwrap();
        let names: Vec<_> = first.results.iter().chain(&next.results).map(|one| one.evaluation.rsplit('/').next().unwrap().to_owned()).collect();
        assert_eq!((names, next.next_page_token), (vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], String::new()));
        assert_eq!(first.results[1].vetoes, ["A2"]);

        call!(sets(house), revise_indicator_set, ReviseIndicatorSetRequest { name: set_name("s1"), indicator_set_id: "s2".to_owned() }).unwrap();
        call!(sets(house), publish_indicator_set, PublishIndicatorSetRequest { name: set_name("s2") }).unwrap();
        begin(house, "d", "s2", "S1", 2027).await.unwrap();
        conclude(house, "d", &[("A1", 6.0), ("A2", 1.0), ("B", 90.0)]).await;
        begin(house, "a2", "s1", "S1", 2026).await.unwrap();
        conclude(house, "a2", &[("A1", 0.0), ("A2", 1.0), ("B", 90.0)]).await;
        call!(evaluations(house), withdraw_evaluation, WithdrawEvaluationRequest { name: evaluation_name("a2"), reason: "重复".to_owned() }).unwrap();
        let series = call!(results(house), get_result_series, GetResultSeriesRequest { target: format!("{COUNTY}/schools/S1"), indicator_set: set_name("s2") }).unwrap().points;
        let years: Vec<_> = series.iter().map(|point| (point.year, point.version, point.result.as_ref().unwrap().total)).collect();
        assert_eq!(years, [(2026, 1, 91.0), (2027, 2, 42.0)]);
    }

    async fn article_04_towns_and_the_county_itself_are_judged(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        house.on_day("2026-09-01");
        let town = registry::CreateTownRequest { parent: COUNTY.to_owned(), town_id: "bagong".to_owned(), town: Some(registry::Town { display_name: "巴公镇".to_owned(), ..Default::default() }), ..Default::default() };
        limited!(TownServiceClient::new(house.link.clone())).create_town(town).await.unwrap();
        for preset in ["government", "preschool"] {
            create_set(house, preset, proto::IndicatorSet { preset: preset.to_owned(), ..Default::default() }).await.unwrap();
            call!(sets(house), publish_indicator_set, PublishIndicatorSetRequest { name: set_name(preset) }).unwrap();
        }
        let begin = |code: &str, set: &str, kind: ObjectKind, target: &str| {
            let evaluation = proto::Evaluation { indicator_set: set_name(set), object_kind: kind.into(), target: target.to_owned(), year: 2026, ..Default::default() };
            let request = proto::CreateEvaluationRequest { parent: COUNTY.to_owned(), evaluation_id: code.to_owned(), evaluation: Some(evaluation), ..Default::default() };
            async move { evaluations(house).create_evaluation(request).await.map(tonic::Response::into_inner) }
        };
        let town = begin("t", "government", ObjectKind::Town, &format!("{COUNTY}/towns/bagong")).await.unwrap();
        assert_eq!((town.town.as_str(), town.target_name.as_str()), ("巴公镇", "巴公镇"));
        let county = begin("c", "preschool", ObjectKind::County, COUNTY).await.unwrap();
        assert_eq!(county.target_name, "泽州县");
        let wrong = begin("w", "preschool", ObjectKind::School, &format!("{COUNTY}/schools/S1")).await.unwrap_err();
        assert_eq!(reasons(&wrong), ["evaluation.object_kind"]);
        let unknown = begin("u", "government", ObjectKind::Town, &format!("{COUNTY}/towns/nowhere")).await.unwrap_err();
        assert_eq!(unknown.code(), tonic::Code::NotFound);
        let elsewhere = begin("x", "government", ObjectKind::Town, "counties/140526/towns/a").await.unwrap_err();
        assert_eq!(reasons(&elsewhere), ["evaluation.target"]);
    }

    async fn article_04_a_county_judges_its_balance_and_learns_what_is_missing(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        house.on_day("2026-10-01");
        let name = format!("{COUNTY}/balanceReports/r1");
        let mut wrong = report(&[("S1", 500, -1.0), ("S1", 500, 1.0)]);
        wrong.schools[0].junior_pupils = 3;
        let create = |report: proto::BalanceReport| {
            let request = proto::CreateBalanceReportRequest { parent: COUNTY.to_owned(), balance_report_id: "r1".to_owned(), balance_report: Some(report), ..Default::default() };
            async move { reports(house).create_balance_report(request).await.map(tonic::Response::into_inner) }
        };
        assert_eq!(reasons(&create(wrong).await.unwrap_err()), [
            "balance_report.schools[0].junior_pupils", "balance_report.schools[0].resources[3].shared", "balance_report.schools[1].school",
        ]);
        create(report(&[("S1", 500, 1_000.0), ("S2", 500, 1_500.0), ("S3", 500, 9_000.0)])).await.unwrap();
        let standard = i32::from(BalanceStandard::Quality);
        let judged = call!(reports(house), analyze_balance_report, AnalyzeBalanceReportRequest { name: name.clone(), standard }).unwrap();
        assert_eq!((judged.schools_passing, judged.passes, judged.missing.len()), (1, false, 0));
        assert_eq!(judged.ruleset, format!("{COUNTY}/rulesets/1"));
        let failing: Vec<_> = judged.variations.iter().filter(|one| !one.passes).map(proto::VariationVerdict::resource).collect();
        assert_eq!(failing, [SchoolResource::TeachingArea]);
        let unstated = call!(reports(house), analyze_balance_report, AnalyzeBalanceReportRequest { name: name.clone() }).unwrap_err();
        assert_eq!(reasons(&unstated), ["standard"]);

        let missing = call!(reports(house), list_balance_gaps, ListBalanceGapsRequest { name: name.clone(), standard }).unwrap();
        // 4.5 m² for each of 500 pupils are 2,250.
        let schools: Vec<_> = missing.schools.iter().map(|gap| (gap.display_name.as_str(), gap.more, gap.fewer_pupils)).collect();
        assert_eq!(schools, [("S1", 1_250.0, Some(278)), ("S2", 750.0, Some(167))]);
        let gap = &missing.variations[0];
        assert_eq!(gap.additions.len(), 2);

        let changes = gap.additions.iter().map(|one| {
            let has = if one.display_name == "S1" { 1_000.0 } else { 1_500.0 };
            let figure = proto::ResourceFigure { resource: SchoolResource::TeachingArea.into(), shared: has + one.amount, ..Default::default() };
            proto::FigureChange { school: one.school.clone(), resources: vec![figure], ..Default::default() }
        }).collect();
        let simulated = call!(reports(house), simulate_balance, SimulateBalanceRequest { name: name.clone(), standard, changes: changes }).unwrap();
        assert_eq!(simulated.before.unwrap(), judged, "nothing is kept");
        assert!(simulated.after.unwrap().variations.iter().all(|one| one.passes));
        assert!(simulated.flips.iter().any(|flip| flip.school.is_empty() && flip.after));

        // The county's own limit takes the place of the shipped one.
        let own = registry::Parameter { key: "balance.quality.cv.primary".to_owned(), display_name: "差异系数".to_owned(), value: Some(2.0), unit: "ratio".to_owned(), basis: "县规定".to_owned(), ..Default::default() };
        let rules = registry::Ruleset { preset: "zezhou".to_owned(), parameters: vec![own], ..Default::default() };
        limited!(RulesetServiceClient::new(house.link.clone())).create_ruleset(registry::CreateRulesetRequest { parent: COUNTY.to_owned(), ruleset: Some(rules), ..Default::default() }).await.unwrap();
        let lax = call!(reports(house), analyze_balance_report, AnalyzeBalanceReportRequest { name: name.clone(), standard }).unwrap();
        assert!(lax.variations.iter().all(|one| one.passes));
        assert!(lax.figures.iter().any(|one| one.county && one.value == 2.0));

        call!(reports(house), finalize_balance_report, FinalizeBalanceReportRequest { name: name.clone() }).unwrap();
        let late = proto::BalanceReport { name, display_name: "改名".to_owned(), ..Default::default() };
        let late = call!(reports(house), update_balance_report, UpdateBalanceReportRequest { balance_report: Some(late) }).unwrap_err();
        assert_eq!(reasons(&late), ["balance_report.state"]);
        let listed = call!(reports(house), list_balance_reports, ListBalanceReportsRequest { parent: COUNTY.to_owned(), year: 2026 }).unwrap();
        assert_eq!(listed.balance_reports.len(), 1);
    }
}

async fn call_update(
    house: &House,
    set: proto::IndicatorSet,
) -> Result<proto::IndicatorSet, tonic::Status> {
    call!(
        sets(house),
        update_indicator_set,
        UpdateIndicatorSetRequest {
            indicator_set: Some(set)
        }
    )
}
