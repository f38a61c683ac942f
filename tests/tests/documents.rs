//! Official documents over gRPC: drafted, edited, numbered without gaps, frozen, handed out, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::path::Path;

use accountability::accountability_document_service_client::AccountabilityDocumentServiceClient;
use accountability::case_service_client::CaseServiceClient;
use dudao_paper::{Block, Paper};
use dudao_platform::blob::sha256;
use dudao_platform::rpc::Link;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::document::v1 as proto;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use dudao_tests::county::{settle, take};
use dudao_tests::{COUNTY, House, reasons, supervisor};
use futures::future::join_all;
use inspection::inspection_document_service_client::InspectionDocumentServiceClient;
use proto::{Document, DocumentForm, DocumentKind, DocumentState};
use registry::county_service_client::CountyServiceClient;
use registry::registry_document_service_client::RegistryDocumentServiceClient;
use tonic::{Code, Status};

fn cases(house: &House) -> CaseServiceClient<Link> {
    limited!(CaseServiceClient::new(house.link.clone()))
}

fn documents(link: &Link) -> AccountabilityDocumentServiceClient<Link> {
    limited!(AccountabilityDocumentServiceClient::new(link.clone()))
}

fn text(words: &str) -> String {
    words.to_owned()
}

/// A case of one finding, opened on 1 September 2026.
async fn case(house: &House, id: &str) {
    house.on_day("2026-09-01");
    let case = accountability::Case {
        source: accountability::CaseSource::Superior.into(),
        letter_number: text("省督〔2026〕3号"),
        issuer: text("省政府教育督导委员会"),
        unit: format!("{COUNTY}/schools/S1"),
        unit_name: text("巴公镇中心小学"),
        town: text("巴公镇"),
        summary: text("存在安全问题。"),
        findings: vec![accountability::CaseFinding {
            finding: text("f1"),
            title: text("消防通道堵塞"),
            basis: text("《消防法》"),
            severity: inspection::Severity::Serious.into(),
            ..Default::default()
        }],
        ..Default::default()
    };
    let request = accountability::CreateCaseRequest {
        parent: text(COUNTY),
        case_id: text(id),
        case: Some(case),
        ..Default::default()
    };
    cases(house).create_case(request).await.unwrap();
}

/// Decides a case's finding until 10 September, with a number or by the register.
async fn decide(house: &House, id: &str, number: &str) -> accountability::Case {
    let item = accountability::DecisionItem {
        finding: text("f1"),
        requirement: text("限期清除。"),
        limit_date: text("2026-09-10"),
        ..Default::default()
    };
    let request = accountability::IssueDecisionRequest {
        name: format!("{COUNTY}/cases/{id}"),
        document: text(number),
        officer: text("张主任"),
        items: vec![item],
        ..Default::default()
    };
    cases(house)
        .issue_decision(request)
        .await
        .unwrap()
        .into_inner()
}

async fn interview(house: &House, id: &str) {
    let request = accountability::HoldInterviewRequest {
        name: format!("{COUNTY}/cases/{id}"),
        trigger: accountability::InterviewTrigger::SafetyProblems.into(),
        attendees: vec![text("王校长")],
        record: text("要求限期整改。"),
        officer: text("李督学"),
        ..Default::default()
    };
    cases(house).hold_interview(request).await.unwrap();
}

fn wanted(kind: DocumentKind, subject: &str) -> proto::IssueDocumentRequest {
    proto::IssueDocumentRequest {
        parent: text(COUNTY),
        kind: kind.into(),
        subject: format!("{COUNTY}{subject}"),
        ..Default::default()
    }
}

async fn issue(house: &House, kind: DocumentKind, subject: &str) -> Result<Document, Status> {
    let request = wanted(kind, subject);
    let issued = documents(&house.link).issue_document(request).await;
    issued.map(tonic::Response::into_inner)
}

async fn copy(
    link: &Link,
    name: &str,
    form: DocumentForm,
) -> Result<proto::DownloadDocumentResponse, Status> {
    let request = proto::DownloadDocumentRequest {
        name: text(name),
        form: form.into(),
    };
    let copy = documents(link).download_document(request).await;
    copy.map(tonic::Response::into_inner)
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn numbers_have_no_gaps_however_many_issue_at_once(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let ids: Vec<_> = (1..=8).map(|n| format!("c{n}")).collect();
        for id in &ids {
            case(house, id).await;
            interview(house, id).await;
        }
        let subjects: Vec<_> = ids.iter().map(|id| format!("/cases/{id}")).collect();
        // Each is issued twice at the same time: two clicks.
        let twice = subjects.iter().chain(&subjects);
        let issued = join_all(twice.map(|subject| issue(house, DocumentKind::InterviewRecord, subject))).await;
        let issued: Vec<_> = issued.into_iter().map(Result::unwrap).collect();
        let serials: BTreeSet<_> = issued.iter().map(|one| one.serial).collect();
        assert_eq!(serials, (1..=8).collect());
        for (first, second) in issued.iter().zip(&issued[8..]) {
            assert_eq!(first, second, "the same subject is the same document");
            assert_eq!(first.number, format!("泽教督谈〔2026〕{}号", first.serial));
        }
        // One that is withdrawn keeps its number; what comes in its stead takes the next.
        let request = proto::WithdrawDocumentRequest { name: issued[0].name.clone(), reason: text("文字有误"), ..Default::default() };
        let withdrawn = documents(&house.link).withdraw_document(request).await.unwrap().into_inner();
        assert_eq!((withdrawn.state(), withdrawn.serial), (DocumentState::Withdrawn, issued[0].serial));
        let next = issue(house, DocumentKind::InterviewRecord, &subjects[0]).await.unwrap();
        assert_eq!((next.serial, next.name.ends_with("~2")), (9, true), "{}", next.name);
        // Another kind and another year count by themselves.
        house.on_day("2027-01-04");
        interview(house, "c1").await;
        let later = issue(house, DocumentKind::InterviewRecord, "/cases/c1").await.unwrap();
        assert_eq!((later.number.as_str(), later.part), ("泽教督谈〔2027〕1号", 2));
    }
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn a_frozen_copy_has_its_hash_and_outlives_what_becomes_of_its_subject(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        case(house, "c1").await;
        let decided = decide(house, "c1", "").await;
        let number = decided.findings[0].decision.as_ref().unwrap().document.clone();
        assert_eq!(number, "泽教督改〔2026〕1号", "the step takes the number with it");
        let issued = issue(house, DocumentKind::RectificationDecision, "/cases/c1").await.unwrap();
        assert_eq!((issued.number.as_str(), issued.serial, issued.part), (number.as_str(), 1, 1));
        for form in [DocumentForm::Docx, DocumentForm::Pdf] {
            let handed = copy(&house.link, &issued.name, form).await.unwrap();
            let told = issued.copies.iter().find(|copy| copy.form() == form).unwrap();
            assert_eq!(sha256(&handed.content), told.sha256);
            assert_eq!((handed.sha256.as_str(), handed.content.len() as i64), (told.sha256.as_str(), told.size_bytes));
        }
        let first = copy(&house.link, &issued.name, DocumentForm::Docx).await.unwrap();
        let said = Paper::read(&first.content).unwrap().texts().join("\n");
        for words in ["第八条", "消防通道堵塞", "限期清除。", "2026年9月10日前", "泽州县人民政府教育督导委员会"] {
            assert!(said.contains(words), "{words}: {said}");
        }
        let pdf = copy(&house.link, &issued.name, DocumentForm::Pdf).await.unwrap();
        assert!(pdf.content.starts_with(b"%PDF-"));
        // The school whose case it is takes its letter; another one does not know of it.
        let school = house.caller("school", &["school"], "140525", &[&format!("{COUNTY}/schools/S1")]);
        assert_eq!(copy(&school, &issued.name, DocumentForm::Docx).await.unwrap(), first);
        let other = house.caller("other", &["school"], "140525", &[&format!("{COUNTY}/schools/S2")]);
        assert_eq!(copy(&other, &issued.name, DocumentForm::Docx).await.unwrap_err().code(), Code::NotFound);
        // The next case decided by hand takes no number of the register.
        case(house, "c2").await;
        decide(house, "c2", "泽督改〔2026〕77号").await;
        let by_hand = issue(house, DocumentKind::RectificationDecision, "/cases/c2").await.unwrap();
        assert_eq!((by_hand.number.as_str(), by_hand.serial), ("泽督改〔2026〕77号", 0));
        case(house, "c3").await;
        decide(house, "c3", "").await;
        let second = issue(house, DocumentKind::RectificationDecision, "/cases/c3").await.unwrap();
        assert_eq!(second.serial, 2);
        // What happens to the case later changes nothing of what was issued.
        let withdraw = accountability::WithdrawCaseFindingRequest { name: format!("{COUNTY}/cases/c1"), finding: text("f1"), reason: text("查证不实"), officer: text("张主任"), ..Default::default() };
        cases(house).withdraw_case_finding(withdraw).await.unwrap();
        assert_eq!(copy(&house.link, &issued.name, DocumentForm::Docx).await.unwrap(), first);
    }
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn an_edited_draft_is_issued_in_the_standards_layout_under_the_registers_number(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        case(house, "c1").await;
        let early = issue(house, DocumentKind::InterviewRecord, "/cases/c1").await.unwrap_err();
        assert_eq!(reasons(&early), ["document.subject"]);
        interview(house, "c1").await;
        let wanted = wanted(DocumentKind::InterviewRecord, "/cases/c1");
        let draft = proto::DraftDocumentRequest { parent: wanted.parent.clone(), kind: wanted.kind, subject: wanted.subject.clone(), ..Default::default() };
        let drafted = documents(&house.link).draft_document(draft).await.unwrap().into_inner();
        let mut paper = Paper::read(&drafted.content).unwrap();
        paper.body.push(Block::Text(text("被约谈人当场表示接受。")));
        paper.number = text("冒充〔2026〕99号");
        let edited = proto::IssueDocumentRequest { content: paper.docx().unwrap(), request_id: text("r1"), ..wanted.clone() };
        let issued = documents(&house.link).issue_document(edited.clone()).await.unwrap().into_inner();
        assert_eq!((issued.number.as_str(), issued.edited), ("泽教督谈〔2026〕1号", true));
        let handed = copy(&house.link, &issued.name, DocumentForm::Docx).await.unwrap();
        let said = Paper::read(&handed.content).unwrap().texts().join("\n");
        assert!(said.contains("被约谈人当场表示接受。"), "{said}");
        assert_eq!(documents(&house.link).issue_document(edited).await.unwrap().into_inner(), issued, "a retry");
        let foreign = proto::IssueDocumentRequest { content: b"MZ no document".to_vec(), ..wanted };
        let refused = documents(&house.link).issue_document(foreign).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn every_service_issues_its_own_kinds_and_no_others(scratch) {
        let house = &House::with_county(scratch, "zezhou").await;
        let county = registry::County { name: text(COUNTY), agency_code: text("泽政督"), public_uri: text("https://dudao.example.cn"), ..Default::default() };
        let request = registry::UpdateCountyRequest { county: Some(county), ..Default::default() };
        limited!(CountyServiceClient::new(house.link.clone())).update_county(request).await.unwrap();
        let mut of_registry = limited!(RegistryDocumentServiceClient::new(house.link.clone()));
        let person = supervisor("A");
        let appointed = proto::IssueDocumentRequest { parent: text(COUNTY), kind: DocumentKind::LetterOfAppointment.into(), subject: person.clone(), ..Default::default() };
        let letter = of_registry.issue_document(appointed.clone()).await.unwrap().into_inner();
        assert!(letter.number.starts_with("泽政督聘〔"), "{}", letter.number);
        let mut of_inspection = limited!(InspectionDocumentServiceClient::new(house.link.clone()));
        let elsewhere = of_inspection.issue_document(appointed).await.unwrap_err();
        assert_eq!(elsewhere.code(), Code::InvalidArgument);
        let report = issue(house, DocumentKind::YearlyReport, "").await.unwrap();
        assert!(report.name.contains("/documents/yearly-report-20"), "{}", report.name);
        let sheet = proto::IssueDocumentRequest { parent: text(COUNTY), kind: DocumentKind::Plaque.into(), subject: text(COUNTY), ..Default::default() };
        assert!(of_registry.issue_document(sheet).await.is_err(), "a sheet of plaques is no document");
        let request = proto::ListDocumentsRequest { parent: text(COUNTY), subject: person, ..Default::default() };
        let listed = of_registry.list_documents(request).await.unwrap().into_inner().documents;
        assert_eq!(listed, [letter]);
    }
}

/// What has to happen in the settled county until there is something of every kind: days, and calls.
const STORY: &[(&str, &str)] = &[
    (
        "registry.v1.CountyService/UpdateCounty",
        r#"{"county": {"name": "{c}", "display_name": "泽州县", "public_uri": "https://dudao.example.cn"}}"#,
    ),
    (
        "inspection.v1.VisitService/AgreeToLetter",
        r#"{"name": "{c}/visits/v1", "supervisor": "{c}/supervisors/A1"}"#,
    ),
    (
        "inspection.v1.VisitService/IssueOpinionLetter",
        r#"{"name": "{c}/visits/v1", "summary": "学校办学方向端正，管理制度健全，教育教学秩序良好，师生精神面貌较好。但安全管理责任落实不够到位，个别场所存在隐患。"}"#,
    ),
    (
        "accountability.v1.CaseService/IssueUrgingLetter",
        r#"{"name": "{c}/cases/c1", "findings": ["x1"], "limit_date": "2026-09-20", "officer": "张主任"}"#,
    ),
    (
        "accountability.v1.CaseService/HoldInterview",
        r#"{"name": "{c}/cases/c1", "trigger": "INTERVIEW_TRIGGER_SAFETY_PROBLEMS", "attendees": ["王校长", "李副校长"], "record": "约谈指出学校消防安全责任不落实，整改迟缓。\n被约谈人表示立即整改，九月底前完成。", "officer": "李督学"}"#,
    ),
    ("", "2026-09-25"),
    (
        "accountability.v1.CaseService/IssueNotification",
        r#"{"name": "{c}/cases/c1", "trigger": "NOTIFICATION_TRIGGER_WEAK", "text": "该校对督办事项重视不够，推进缓慢，两次督办后仍未完成整改。", "recipients": ["镇1党委、政府", "市教育局"], "officer": "张主任"}"#,
    ),
    (
        "accountability.v1.AccountabilityDecisionService/SetUpInvestigation",
        r#"{"name": "{c}/accountabilityDecisions/q1", "leader": "赵组长", "members": ["钱成员"]}"#,
    ),
    (
        "accountability.v1.AccountabilityDecisionService/TellFacts",
        r#"{"name": "{c}/accountabilityDecisions/q1", "number": "泽督告1号", "facts": "阻挠督导", "basis": "《教育督导问责办法》", "forms": ["ACCOUNTABILITY_FORM_PUBLIC_CRITICISM"], "statement_due_date": "2026-10-08"}"#,
    ),
    (
        "accountability.v1.AccountabilityDecisionService/HearStatement",
        r#"{"name": "{c}/accountabilityDecisions/q1", "outcome": "STATEMENT_OUTCOME_SPOKEN", "text": "已认识错误", "by": "王校长"}"#,
    ),
    (
        "accountability.v1.AccountabilityDecisionService/ConsultUnit",
        r#"{"name": "{c}/accountabilityDecisions/q1", "unit": "{c}/memberUnits/县财政局", "opinion": "同意", "agrees": true}"#,
    ),
    (
        "accountability.v1.AccountabilityDecisionService/ApproveAccountability",
        r#"{"name": "{c}/accountabilityDecisions/q1", "approver": "本县孙县长", "post": "APPROVER_POST_DIRECTOR", "content": {"basic_facts": "该校系公办小学，在校学生420人。", "findings": "2026年8月3日督导组进校督导时，该校拒绝提供有关材料，阻挠督导工作。", "basis": "《教育督导问责办法》有关阻挠、干扰和不配合教育督导工作的规定。", "measures": [{"form": "ACCOUNTABILITY_FORM_PUBLIC_CRITICISM", "detail": "在全县范围内公开批评。"}]}}"#,
    ),
    (
        "accountability.v1.AccountabilityDecisionService/IssueAccountabilityDecision",
        r#"{"name": "{c}/accountabilityDecisions/q1", "effective_date": "2026-09-25"}"#,
    ),
    (
        "accountability.v1.AccountabilityDecisionService/DeliverAccountabilityDecision",
        r#"{"name": "{c}/accountabilityDecisions/q1", "receiver": "王校长", "date": "2026-09-25"}"#,
    ),
    (
        "inspection.v1.DrawService/CommitSecret",
        r#"{"name": "{c}/draws/d1", "party": "县督导办", "commitment": "{first}"}"#,
    ),
    (
        "inspection.v1.DrawService/CommitSecret",
        r#"{"name": "{c}/draws/d1", "party": "{c}/memberUnits/县财政局", "commitment": "{second}"}"#,
    ),
    (
        "inspection.v1.DrawService/FreezePools",
        r#"{"name": "{c}/draws/d1"}"#,
    ),
    (
        "inspection.v1.DrawService/RevealSecret",
        r#"{"name": "{c}/draws/d1", "party": "县督导办", "secret": "春江潮水"}"#,
    ),
    (
        "inspection.v1.DrawService/RevealSecret",
        r#"{"name": "{c}/draws/d1", "party": "{c}/memberUnits/县财政局", "secret": "海上明月"}"#,
    ),
    (
        "inspection.v1.DrawService/PublishDraw",
        r#"{"name": "{c}/draws/d1"}"#,
    ),
];

/// Every kind with its service, its subject, and words that it must say, with its article.
const KINDS: [(&str, DocumentKind, &str, &[&str]); 10] = [
    (
        "inspection",
        DocumentKind::OpinionLetter,
        "/visits/v1",
        &["泽教督意〔2026〕1号", "第八条", "消防通道堵塞", "30日内"],
    ),
    (
        "accountability",
        DocumentKind::RectificationDecision,
        "/cases/c1",
        &["泽督改1号", "第八条", "限期整改"],
    ),
    (
        "accountability",
        DocumentKind::UrgingLetter,
        "/cases/c1",
        &["泽教督函〔2026〕1号", "第九条", "2026年9月20日前"],
    ),
    (
        "accountability",
        DocumentKind::InterviewRecord,
        "/cases/c1",
        &["第十二条", "王校长、李副校长", "安全问题较多"],
    ),
    (
        "accountability",
        DocumentKind::Notification,
        "/cases/c1",
        &["第十三条", "整改不力", "市教育局"],
    ),
    (
        "accountability",
        DocumentKind::AccountabilityDecision,
        "/accountabilityDecisions/q1",
        &[
            "泽教督责〔2026〕1号",
            "第十四条",
            "公开批评",
            "不停止本决定的执行",
        ],
    ),
    (
        "registry",
        DocumentKind::LetterOfAppointment,
        "/supervisors/A1",
        &["聘  书", "第十五条", "督学甲"],
    ),
    (
        "registry",
        DocumentKind::Plaque,
        "/plaques/S1",
        &["责任督学公示牌", "13800000001", "校园及周边安全"],
    ),
    (
        "accountability",
        DocumentKind::YearlyReport,
        "",
        &["第七条、第十八条", "年度职责"],
    ),
    (
        "inspection",
        DocumentKind::DrawRecord,
        "/draws/d1",
        &["随机", "县督导办", "春江潮水"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_is_issued_from_what_is_recorded_and_leaves_its_files_to_be_looked_at() {
    let scratch =
        dudao_platform::testing::Scratch::sqlite("registry", &dudao_registry::MIGRATIONS).await;
    let house = &House::on(scratch).await;
    settle(house).await;
    let commitment = dudao_inspection::domain::draw::record::commitment;
    for (rpc, with) in STORY {
        if rpc.is_empty() {
            house.on_day(with);
            continue;
        }
        let message = with
            .replace("{c}", COUNTY)
            .replace("{first}", &commitment("春江潮水"))
            .replace("{second}", &commitment("海上明月"));
        if let Err(status) = take(house, rpc, &message).await {
            panic!("{rpc} {message}: {status:?}");
        }
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
    std::fs::create_dir_all(&folder).unwrap();
    for (service, kind, subject, words) in KINDS {
        let request = wanted(kind, subject);
        let draft = proto::DraftDocumentRequest {
            parent: text(COUNTY),
            kind: kind.into(),
            subject: request.subject.clone(),
            ..Default::default()
        };
        macro_rules! of {
            ($client:ident) => {{
                let mut client = limited!($client::new(house.link.clone()));
                client.draft_document(draft).await.unwrap();
                let issued = client.issue_document(request).await.unwrap().into_inner();
                let mut copies = Vec::new();
                for form in [DocumentForm::Docx, DocumentForm::Pdf] {
                    let request = proto::DownloadDocumentRequest {
                        name: issued.name.clone(),
                        form: form.into(),
                    };
                    copies.push(
                        client
                            .download_document(request)
                            .await
                            .unwrap()
                            .into_inner(),
                    );
                }
                (issued, copies)
            }};
        }
        let (issued, copies) = match service {
            "inspection" => of!(InspectionDocumentServiceClient),
            "registry" => of!(RegistryDocumentServiceClient),
            _ => of!(AccountabilityDocumentServiceClient),
        };
        for (copy, ending) in copies.iter().zip(["docx", "pdf"]) {
            assert!(copy.file_name.ends_with(ending), "{}", copy.file_name);
            let code = issued.name.rsplit('/').next().unwrap();
            std::fs::write(folder.join(format!("{code}.{ending}")), &copy.content).unwrap();
        }
        let read = Paper::read(&copies[0].content).unwrap();
        let said = format!("{}\n{}", issued.number, read.texts().join("\n"));
        for word in words {
            assert!(said.contains(word), "{kind:?}: {word} is missing in {said}");
        }
    }
}
