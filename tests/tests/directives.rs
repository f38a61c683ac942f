//! What a superior hands down, and what the county makes of it, over gRPC, on both databases.
#![allow(clippy::unwrap_used, reason = "tests")]

use accountability::case_service_client::CaseServiceClient;
use dudao_platform::rpc::Link;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::inspection::v1 as proto;
use dudao_tests::{COUNTY, House, eventually, reasons};
use proto::DirectiveState;
use proto::directive_service_client::DirectiveServiceClient;
use proto::list_item_service_client::ListItemServiceClient;
use tonic::Code;

fn directives(link: &Link) -> DirectiveServiceClient<Link> {
    limited!(DirectiveServiceClient::new(link.clone()))
}

fn province(house: &House) -> Link {
    house.caller("省平台", &["superior_issuer"], "14", &[])
}

fn findings(unit: &str) -> proto::DirectiveFindings {
    let finding = |title: &str| proto::LetterFinding {
        title: title.to_owned(),
        basis: "《消防法》".to_owned(),
        severity: proto::Severity::Grave.into(),
        limit_days: 15,
        ..Default::default()
    };
    proto::DirectiveFindings {
        unit: unit.to_owned(),
        inspection_end_date: "2026-08-28".to_owned(),
        summary: "省级抽查".to_owned(),
        findings: vec![finding("消防通道堵塞"), finding("校车超载")],
        ..Default::default()
    }
}

fn handed_down() -> proto::CreateDirectiveRequest {
    let item = proto::DirectiveItem {
        display_name: "校园安全专项督导".to_owned(),
        year: 2026,
        kind: proto::InspectionKind::Special.into(),
        basis: "《教育督导条例》".to_owned(),
        ..Default::default()
    };
    let task = |title: &str| proto::DirectiveTask {
        title: title.to_owned(),
        limit_date: "2026-09-30".to_owned(),
        ..Default::default()
    };
    proto::CreateDirectiveRequest {
        parent: COUNTY.to_owned(),
        directive_id: "jdd-1".to_owned(),
        directive: Some(proto::Directive {
            issuer: "省政府教育督导委员会办公室".to_owned(),
            document: "晋教督〔2026〕8号".to_owned(),
            issue_date: "2026-08-31".to_owned(),
            title: "秋季开学检查情况".to_owned(),
            items: vec![item],
            findings: vec![findings(&format!("{COUNTY}/schools/S1"))],
            tasks: vec![task("排查校车"), task("报送名单")],
            ..Default::default()
        }),
        request_id: "push-1".to_owned(),
    }
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn article_10_a_superiors_findings_open_one_case_however_often_they_are_pushed(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let mut province = directives(&province(house));
        let first = province.create_directive(handed_down()).await.unwrap().into_inner();
        let again = province.create_directive(handed_down()).await.unwrap().into_inner();
        assert_eq!(again, first);
        let mut other = handed_down();
        "push-2".clone_into(&mut other.request_id);
        assert_eq!(province.create_directive(other).await.unwrap_err().code(), Code::AlreadyExists);
        let found = &first.findings[0];
        assert_eq!((found.unit_name.as_str(), found.town.as_str()), ("巴公镇中心小学", "巴公镇"));
        let mut cases = limited!(CaseServiceClient::new(house.link.clone()));
        let case = eventually(|| {
            let (mut cases, name) = (cases.clone(), found.case.clone());
            async move { cases.get_case(accountability::GetCaseRequest { name }).await.ok().map(tonic::Response::into_inner) }
        })
        .await;
        assert_eq!((case.source(), case.issuer.as_str()), (accountability::CaseSource::Superior, "省政府教育督导委员会办公室"));
        let titles: Vec<_> = case.findings.iter().map(|one| (one.finding.clone(), one.title.as_str())).collect();
        assert_eq!(titles, [(found.findings[0].finding.clone(), "消防通道堵塞"), (found.findings[1].finding.clone(), "校车超载")]);
        let all = cases.list_cases(accountability::ListCasesRequest { parent: COUNTY.to_owned(), ..Default::default() }).await.unwrap().into_inner().cases;
        assert_eq!(all.len(), 1);
    }

    async fn article_03_items_of_a_superior_stand_in_the_filed_list(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let directive = directives(&province(house)).create_directive(handed_down()).await.unwrap().into_inner();
        let name = directive.items[0].list_item.clone();
        let item = limited!(ListItemServiceClient::new(house.link.clone())).get_list_item(proto::GetListItemRequest { name }).await.unwrap().into_inner();
        assert_eq!((item.display_name.as_str(), item.document.as_str()), ("校园安全专项督导", "晋教督〔2026〕8号"));
        assert_eq!((item.filed_with.as_str(), item.file_date.as_str()), ("省政府教育督导委员会办公室", "2026-08-31"));
    }

    async fn the_county_signs_for_it_and_answers_its_tasks_and_the_province_reads_the_receipt(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let mut province = directives(&province(house));
        let name = province.create_directive(handed_down()).await.unwrap().into_inner().name;
        let mut county = directives(&house.caller("李干事", &["planner"], "140525", &[]));
        let receive = proto::ReceiveDirectiveRequest { name: name.clone(), by: "李干事".to_owned(), ..Default::default() };
        let answer = |task: i32| proto::AnswerTaskRequest { name: name.clone(), task, by: "李干事".to_owned(), text: "已完成".to_owned(), ..Default::default() };
        assert_eq!(reasons(&county.answer_task(answer(1)).await.unwrap_err()), ["directive.state"]);
        assert_eq!(province.receive_directive(receive.clone()).await.unwrap_err().code(), Code::PermissionDenied, "nobody signs for himself");
        county.receive_directive(receive.clone()).await.unwrap();
        assert_eq!(reasons(&county.receive_directive(receive).await.unwrap_err()), ["directive.state"]);
        county.answer_task(answer(1)).await.unwrap();
        county.answer_task(answer(2)).await.unwrap();
        let receipt = province.get_directive(proto::GetDirectiveRequest { name }).await.unwrap().into_inner();
        assert_eq!(receipt.state(), DirectiveState::Completed);
        assert_eq!(receipt.receipt.unwrap().by, "李干事");
        assert!(receipt.tasks.iter().all(|task| task.answer == "已完成"));
        let done = proto::ListDirectivesRequest { parent: "counties/-".to_owned(), states: vec![DirectiveState::Completed.into()], ..Default::default() };
        assert_eq!(province.list_directives(done).await.unwrap().into_inner().directives.len(), 1);
    }

    async fn nothing_of_a_directive_is_taken_in_if_anything_of_it_is_wrong(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let mut province = directives(&province(house));
        let with = |unit: &str| {
            let mut asked = handed_down();
            asked.directive.as_mut().unwrap().findings.push(findings(unit));
            asked
        };
        let foreign = province.create_directive(with("counties/140526/schools/S1")).await.unwrap_err();
        assert_eq!(reasons(&foreign), ["directive.findings[1].unit"]);
        let unknown = province.create_directive(with(&format!("{COUNTY}/schools/S9"))).await.unwrap_err();
        assert_eq!(unknown.code(), Code::NotFound);
        let mut nameless = handed_down();
        let directive = nameless.directive.as_mut().unwrap();
        directive.issuer.clear();
        directive.findings[0].findings[1].basis.clear();
        directive.items[0].year = 26;
        let wrong = province.create_directive(nameless).await.unwrap_err();
        assert_eq!(reasons(&wrong), ["directive.issuer", "directive.items[0].year", "directive.findings[0].findings[1].basis"]);
        let listed = limited!(ListItemServiceClient::new(house.link.clone())).list_list_items(proto::ListListItemsRequest { parent: COUNTY.to_owned(), ..Default::default() }).await.unwrap().into_inner();
        assert!(listed.list_items.is_empty());
        let elsewhere = directives(&house.caller("邻省", &["superior_issuer"], "41", &[])).create_directive(handed_down()).await.unwrap_err();
        assert_eq!(elsewhere.code(), Code::NotFound, "a county of another province does not exist to it");
    }
}
