//! Evidence, money, contracts, complaints, risk, objections and what the public may read, over gRPC, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::needless_update,
    reason = "tests; requests whose fields are all set"
)]

use dudao_platform::rpc::Link;
use dudao_platform::{limited, on_both_databases};
use dudao_proto::inspection::v1 as proto;
use dudao_proto::registry::v1 as registry;
use dudao_tests::{COUNTY, EVIDENCE_BYTES, House, eventually, reasons, supervisor};
use proto::assessor_service_client::AssessorServiceClient;
use proto::budget_line_service_client::BudgetLineServiceClient;
use proto::claim_service_client::ClaimServiceClient;
use proto::complaint_service_client::ComplaintServiceClient;
use proto::contract_service_client::ContractServiceClient;
use proto::draw_service_client::DrawServiceClient;
use proto::evidence_service_client::EvidenceServiceClient;
use proto::finding_service_client::FindingServiceClient;
use proto::note_service_client::NoteServiceClient;
use proto::objection_service_client::ObjectionServiceClient;
use proto::public_service_client::PublicServiceClient;
use proto::risk_service_client::RiskServiceClient;
use proto::upload_evidence_request::Part;
use proto::visit_service_client::VisitServiceClient;
use proto::{
    BudgetPurpose, ClaimState, ComplaintState, EvidenceState, EvidenceType, InspectionKind,
    ObjectionState, RiskFactorKind,
};
use registry::school_service_client::SchoolServiceClient;
use tonic::{Code, Status};

/// A client of one of the inspection's services.
macro_rules! client {
    ($house:expr, $client:ident) => {
        limited!($client::new($house.link.clone()))
    };
}

/// A call of a resource by its name and what else the request says.
macro_rules! call {
    ($house:expr, $client:ident, $rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
        client!($house, $client).$rpc(proto::$request { $($field: $value,)* ..Default::default() }).await.map(tonic::Response::into_inner)
    };
}

fn name(collection: &str, id: &str) -> String {
    format!("{COUNTY}/{collection}/{id}")
}

fn visits(house: &House) -> VisitServiceClient<Link> {
    client!(house, VisitServiceClient)
}

/// Plans a routine visit of S1 by these supervisors and lets it begin on its day.
async fn begin(house: &House, id: &str, day: &str, team: &[&str]) {
    house.on_day(day);
    let members = team.iter().enumerate().map(|(at, code)| proto::TeamMember {
        supervisor: supervisor(code),
        leader: at == 0,
        ..Default::default()
    });
    let visit = proto::Visit {
        kind: InspectionKind::Routine.into(),
        object_kind: proto::ObjectKind::School.into(),
        target: name("schools", "S1"),
        target_name: "巴公镇中心小学".to_owned(),
        town: "巴公镇".to_owned(),
        date: day.to_owned(),
        days: 1.0,
        team: members.collect(),
        ..Default::default()
    };
    let request = proto::CreateVisitRequest {
        parent: COUNTY.to_owned(),
        visit_id: id.to_owned(),
        visit: Some(visit),
        ..Default::default()
    };
    visits(house).create_visit(request).await.unwrap();
    let request = proto::BeginVisitRequest {
        name: name("visits", id),
        ..Default::default()
    };
    visits(house).begin_visit(request).await.unwrap();
}

async fn finish(house: &House, id: &str) {
    let request = proto::FinishVisitRequest {
        name: name("visits", id),
        ..Default::default()
    };
    visits(house).finish_visit(request).await.unwrap();
}

async fn record(house: &House, id: &str) {
    let request = proto::RecordVisitRequest {
        name: name("visits", id),
        text: "总体良好".to_owned(),
        matters: vec!["安全".to_owned()],
        by: supervisor("A"),
        ..Default::default()
    };
    visits(house).record_visit(request).await.unwrap();
}

/// Sends a file in chunks of so many bytes.
async fn upload(
    house: &House,
    id: &str,
    kind: EvidenceType,
    visit: &str,
    content: &[u8],
    chunk: usize,
) -> Result<proto::Evidence, Status> {
    let options = proto::UploadEvidenceOptions {
        parent: COUNTY.to_owned(),
        evidence_id: id.to_owned(),
        evidence: Some(proto::Evidence {
            file_name: format!("{id}.dat"),
            r#type: kind.into(),
            visit: visit.to_owned(),
            author: supervisor("A"),
            ..Default::default()
        }),
        ..Default::default()
    };
    let part = |part| proto::UploadEvidenceRequest { part: Some(part) };
    let parts: Vec<_> = std::iter::once(part(Part::Options(options)))
        .chain(
            content
                .chunks(chunk)
                .map(|bytes| part(Part::Chunk(bytes.to_vec()))),
        )
        .collect();
    client!(house, EvidenceServiceClient)
        .upload_evidence(futures::stream::iter(parts))
        .await
        .map(tonic::Response::into_inner)
}

async fn download(house: &House, id: &str, offset: i64) -> Result<Vec<u8>, Status> {
    let request = proto::DownloadEvidenceRequest {
        name: name("evidence", id),
        offset,
    };
    let mut stream = client!(house, EvidenceServiceClient)
        .download_evidence(request)
        .await?
        .into_inner();
    let mut content = Vec::new();
    while let Some(part) = stream.message().await? {
        content.extend(part.chunk);
    }
    Ok(content)
}

/// A photo of so many bytes.
fn photo(bytes: usize) -> Vec<u8> {
    let mut content = b"\xFF\xD8\xFF\xE0".to_vec();
    content.extend((content.len()..bytes).map(|at| (at % 251) as u8));
    content
}

/// Every file below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

async fn line(house: &House, id: &str, fen: i64, purposes: &[BudgetPurpose]) {
    let line = proto::BudgetLine {
        display_name: "2026年督导经费".to_owned(),
        year: 2026,
        amount_fen: fen,
        purposes: purposes.iter().map(|one| (*one).into()).collect(),
        rates: vec![proto::SubsidyRate {
            purpose: BudgetPurpose::Transport.into(),
            fen_per_day: 8_000,
        }],
        ..Default::default()
    };
    call!(
        house,
        BudgetLineServiceClient,
        create_budget_line,
        CreateBudgetLineRequest {
            parent: COUNTY.to_owned(),
            budget_line_id: id.to_owned(),
            budget_line: Some(line),
        }
    )
    .unwrap();
}

async fn claim(house: &House, id: &str, who: &str, fen: i64) -> Result<proto::Claim, Status> {
    let claim = proto::Claim {
        budget_line: name("budgetLines", "b1"),
        supervisor: supervisor(who),
        visit: name("visits", "v1"),
        purpose: BudgetPurpose::Transport.into(),
        amount_fen: fen,
        ..Default::default()
    };
    call!(
        house,
        ClaimServiceClient,
        submit_claim,
        SubmitClaimRequest {
            parent: COUNTY.to_owned(),
            claim_id: id.to_owned(),
            claim: Some(claim),
            request_id: format!("r-{id}"),
        }
    )
}

async fn approve(house: &House, id: &str) -> Result<proto::Claim, Status> {
    call!(
        house,
        ClaimServiceClient,
        approve_claim,
        ApproveClaimRequest {
            name: name("claims", id),
            by: "李主任".to_owned()
        }
    )
}

async fn complain(house: &House, reporter: Option<proto::Reporter>) -> proto::ComplaintReceipt {
    let complaint = proto::Complaint {
        target: name("schools", "S1"),
        kind: proto::ComplaintKind::Complaint.into(),
        text: "食堂卫生差".to_owned(),
        ..Default::default()
    };
    call!(
        house,
        ComplaintServiceClient,
        file_complaint,
        FileComplaintRequest {
            parent: COUNTY.to_owned(),
            complaint: Some(complaint),
            reporter: reporter,
            request_id: "c1".to_owned(),
        }
    )
    .unwrap()
}

on_both_databases! { "registry", &dudao_registry::MIGRATIONS;
    async fn evidence_is_sent_twice_and_kept_once_checked_and_never_lost(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        begin(house, "v1", "2026-11-10", &["A"]).await;
        let visit = &name("visits", "v1");
        let content = photo(700_000);
        let first = upload(house, "p1", EvidenceType::Jpeg, visit, &content, 100_000).await.unwrap();
        assert_eq!((first.size_bytes, first.state()), (700_000, EvidenceState::Kept));
        let again = upload(house, "p1", EvidenceType::Jpeg, visit, &content, 33_333).await.unwrap();
        assert_eq!(again, first, "the device sends it twice, in other chunks");
        let other = upload(house, "p1", EvidenceType::Jpeg, visit, &photo(10), 10).await.unwrap_err();
        assert_eq!(other.code(), Code::AlreadyExists);
        let wrong = upload(house, "p2", EvidenceType::Pdf, visit, &content, 100_000).await.unwrap_err();
        assert_eq!(reasons(&wrong), ["evidence.type"]);
        let large = upload(house, "p2", EvidenceType::Jpeg, visit, &photo(EVIDENCE_BYTES + 1), 100_000).await.unwrap_err();
        assert_eq!(reasons(&large), ["chunk"]);
        let nowhere = upload(house, "p2", EvidenceType::Jpeg, &name("visits", "none"), &content, 100_000).await.unwrap_err();
        assert_eq!(nowhere.code(), Code::NotFound);
        upload(house, "p2", EvidenceType::Jpeg, "", &content, 100_000).await.unwrap();
        assert_eq!(files(&house.evidence()).len(), 1, "the same content is stored once");

        assert_eq!(download(house, "p1", 0).await.unwrap(), content);
        assert_eq!(download(house, "p1", 699_990).await.unwrap(), content[699_990..]);
        assert_eq!(reasons(&download(house, "p1", 700_001).await.unwrap_err()), ["offset"]);
        let file = &files(&house.evidence())[0];
        let mut damaged = content.clone();
        damaged[5_000] ^= 1;
        std::fs::write(file, &damaged).unwrap();
        assert_eq!(download(house, "p1", 0).await.unwrap_err().code(), Code::DataLoss);
        std::fs::remove_file(file).unwrap();
        assert_eq!(download(house, "p1", 0).await.unwrap_err().code(), Code::DataLoss);
        // What is sent again mends what a disk has lost.
        upload(house, "p1", EvidenceType::Jpeg, visit, &content, 100_000).await.unwrap();
        assert_eq!(download(house, "p1", 0).await.unwrap(), content);
    }

    async fn a_content_is_removed_only_with_the_last_file_that_holds_it(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        let content = photo(5_000);
        for id in ["p1", "p2"] {
            upload(house, id, EvidenceType::Jpeg, "", &content, 1_000).await.unwrap();
        }
        for id in ["p1", "p2"] {
            let early = call!(house, EvidenceServiceClient, remove_evidence_content, RemoveEvidenceContentRequest { name: name("evidence", id), reason: "拍到学生".to_owned() });
            assert_eq!(reasons(&early.unwrap_err()), ["evidence.state"]);
            call!(house, EvidenceServiceClient, withdraw_evidence, WithdrawEvidenceRequest { name: name("evidence", id), reason: "拍到学生".to_owned() }).unwrap();
            assert_eq!(download(house, id, 0).await.unwrap(), content, "what was taken back stays on record");
            let removed = call!(house, EvidenceServiceClient, remove_evidence_content, RemoveEvidenceContentRequest { name: name("evidence", id), reason: "保护未成年人".to_owned() }).unwrap();
            assert_eq!(removed.state(), EvidenceState::Removed);
            assert_eq!((removed.withdraw_reason.as_str(), removed.remove_reason.as_str()), ("拍到学生", "保护未成年人"));
            assert_eq!(reasons(&download(house, id, 0).await.unwrap_err()), ["evidence.state"]);
            assert_eq!(files(&house.evidence()).len(), usize::from(id == "p1"));
        }
        upload(house, "p3", EvidenceType::Jpeg, "", &content, 1_000).await.unwrap();
        assert_eq!(download(house, "p3", 0).await.unwrap(), content);
        let listed = call!(house, EvidenceServiceClient, list_evidence, ListEvidenceRequest { parent: COUNTY.to_owned() }).unwrap();
        assert_eq!(listed.evidence.len(), 1);
    }

    async fn a_record_may_name_a_file_that_comes_later_but_none_that_was_taken_back(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        begin(house, "v1", "2026-11-10", &["A"]).await;
        upload(house, "old", EvidenceType::Jpeg, "", &photo(100), 100).await.unwrap();
        let note = |id: &str, evidence: String| proto::CreateNoteRequest {
            parent: COUNTY.to_owned(),
            note_id: id.to_owned(),
            note: Some(proto::Note { visit: name("visits", "v1"), kind: proto::NoteKind::Observation.into(), text: "食堂".to_owned(), author: supervisor("A"), evidence: vec![evidence], ..Default::default() }),
            ..Default::default()
        };
        let mut notes = client!(house, NoteServiceClient);
        let first = notes.create_note(note("n0", name("evidence", "old"))).await.unwrap().into_inner();
        notes.create_note(note("n1", name("evidence", "later"))).await.unwrap();
        let foreign = notes.create_note(note("n2", "counties/140524/evidence/x".to_owned())).await.unwrap_err();
        assert_eq!(reasons(&foreign), ["note.evidence[0]"]);
        let pending = call!(house, EvidenceServiceClient, list_pending_evidence, ListPendingEvidenceRequest { visit: name("visits", "v1") }).unwrap();
        assert_eq!(pending.evidence, [name("evidence", "later")]);
        upload(house, "later", EvidenceType::Jpeg, &name("visits", "v1"), &photo(200), 100).await.unwrap();
        let pending = call!(house, EvidenceServiceClient, list_pending_evidence, ListPendingEvidenceRequest { visit: name("visits", "v1") }).unwrap();
        assert!(pending.evidence.is_empty());
        call!(house, EvidenceServiceClient, withdraw_evidence, WithdrawEvidenceRequest { name: name("evidence", "old"), reason: "误传".to_owned() }).unwrap();
        let withdrawn = notes.create_note(note("n3", name("evidence", "old"))).await.unwrap_err();
        assert_eq!(reasons(&withdrawn), ["note.evidence[0]"]);
        let again = notes.create_note(note("n0", name("evidence", "old"))).await.unwrap().into_inner();
        assert_eq!(again, first, "what was kept before is still the first answer");
    }

    async fn article_19_a_subsidy_goes_from_the_visit_to_the_payment(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        begin(house, "v1", "2026-11-10", &["A", "B"]).await;
        line(house, "b1", 20_000, &[BudgetPurpose::Transport, BudgetPurpose::Assessment]).await;
        assert_eq!(reasons(&claim(house, "c1", "A", 8_000).await.unwrap_err()), ["claim.visit_made"]);
        finish(house, "v1").await;
        assert_eq!(reasons(&claim(house, "c1", "D", 8_001).await.unwrap_err()), ["claim.supervisor", "claim.rate"]);
        let first = claim(house, "c1", "A", 8_000).await.unwrap();
        assert_eq!(claim(house, "c1", "A", 8_000).await.unwrap(), first);
        assert_eq!(reasons(&claim(house, "c2", "A", 8_000).await.unwrap_err()), ["claim.once"]);
        let own = call!(house, ClaimServiceClient, approve_claim, ApproveClaimRequest { name: name("claims", "c1"), by: supervisor("A") });
        assert_eq!(reasons(&own.unwrap_err()), ["claim.own"]);
        let early = call!(house, ClaimServiceClient, pay_claim, PayClaimRequest { name: name("claims", "c1"), voucher: "记字1号".to_owned() });
        assert_eq!(reasons(&early.unwrap_err()), ["claim.state"]);
        approve(house, "c1").await.unwrap();
        let paid = call!(house, ClaimServiceClient, pay_claim, PayClaimRequest { name: name("claims", "c1"), voucher: "记字1号".to_owned() }).unwrap();
        assert_eq!(paid.state(), ClaimState::Paid);
        claim(house, "c3", "B", 4_000).await.unwrap();
        let less = proto::BudgetLine { name: name("budgetLines", "b1"), amount_fen: 7_999, ..Default::default() };
        let less = call!(house, BudgetLineServiceClient, update_budget_line, UpdateBudgetLineRequest { budget_line: Some(less) });
        assert_eq!(reasons(&less.unwrap_err()), ["budget_line.bound"]);
        let totals = call!(house, BudgetLineServiceClient, get_budget_totals, GetBudgetTotalsRequest { name: name("budgetLines", "b1") }).unwrap();
        assert_eq!((totals.paid_fen, totals.submitted_fen, totals.free_fen), (8_000, 4_000, 12_000));
        assert_eq!(totals.supervisors.iter().map(|one| one.supervisor.clone()).collect::<Vec<_>>(), [supervisor("A"), supervisor("B")]);
        call!(house, BudgetLineServiceClient, close_budget_line, CloseBudgetLineRequest { name: name("budgetLines", "b1"), reason: "年度结束".to_owned() }).unwrap();
        assert_eq!(reasons(&approve(house, "c3").await.unwrap_err()), ["budget_line.closed"]);
        let listed = call!(house, ClaimServiceClient, list_claims, ListClaimsRequest { parent: COUNTY.to_owned(), states: vec![ClaimState::Submitted.into()] }).unwrap();
        assert_eq!(listed.claims.len(), 1);
    }

    async fn article_19_of_approvals_at_once_that_are_over_budget_together_one_is_refused(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        begin(house, "v1", "2026-11-10", &["A", "B", "C", "D"]).await;
        finish(house, "v1").await;
        line(house, "b1", 20_000, &[BudgetPurpose::Transport]).await;
        for who in ["A", "B", "C", "D"] {
            claim(house, who, who, 8_000).await.unwrap();
        }
        let answers = futures::future::join_all(["A", "B", "C", "D"].map(|id| approve(house, id))).await;
        let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
        assert_eq!(refused.len(), 2, "{answers:?}");
        assert!(refused.iter().all(|status| reasons(status) == ["budget_line.over"]));
        let totals = call!(house, BudgetLineServiceClient, get_budget_totals, GetBudgetTotalsRequest { name: name("budgetLines", "b1") }).unwrap();
        assert_eq!((totals.approved_fen, totals.free_fen), (16_000, 4_000));
    }

    async fn article_06_a_contract_goes_from_the_draft_to_its_fulfilment(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        house.on_day("2026-03-01");
        line(house, "b1", 90_000, &[BudgetPurpose::Assessment]).await;
        let assessor = proto::Assessor { display_name: "某评估中心".to_owned(), credit_code: "91350100M000100Y43".to_owned(), representative: "赵代表".to_owned(), ..Default::default() };
        call!(house, AssessorServiceClient, create_assessor, CreateAssessorRequest { parent: COUNTY.to_owned(), assessor_id: "a1".to_owned(), assessor: Some(assessor) }).unwrap();
        let draft = |assessor: &str| proto::Contract {
            display_name: "质量监测".to_owned(), assessor: name("assessors", assessor), scope: "四年级数学".to_owned(), start_date: "2026-03-01".to_owned(), end_date: "2026-12-31".to_owned(),
            amount_fen: 80_000, budget_line: name("budgetLines", "b1"),
            deliverables: vec![proto::Deliverable { deliverable_id: "d1".to_owned(), title: "监测报告".to_owned(), due_date: "2026-06-30".to_owned(), amount_fen: 80_000, ..Default::default() }],
            ..Default::default()
        };
        let none = call!(house, ContractServiceClient, create_contract, CreateContractRequest { parent: COUNTY.to_owned(), contract_id: "k1".to_owned(), contract: Some(draft("none")) });
        assert_eq!(none.unwrap_err().code(), Code::NotFound);
        for id in ["k1", "k2"] {
            call!(house, ContractServiceClient, create_contract, CreateContractRequest { parent: COUNTY.to_owned(), contract_id: id.to_owned(), contract: Some(draft("a1")) }).unwrap();
        }
        call!(house, ContractServiceClient, sign_contract, SignContractRequest { name: name("contracts", "k1"), by: "李主任".to_owned() }).unwrap();
        let over = call!(house, ContractServiceClient, sign_contract, SignContractRequest { name: name("contracts", "k2"), by: "李主任".to_owned() });
        assert_eq!(reasons(&over.unwrap_err()), ["budget_line.over"]);
        let signed = call!(house, ContractServiceClient, update_contract, UpdateContractRequest { contract: Some(proto::Contract { name: name("contracts", "k1"), scope: "全部".to_owned(), ..Default::default() }) });
        assert_eq!(reasons(&signed.unwrap_err()), ["contract.state"]);
        house.on_day("2026-06-20");
        call!(house, ContractServiceClient, deliver_deliverable, DeliverDeliverableRequest { name: name("contracts", "k1"), deliverable_id: "d1".to_owned(), by: "钱研究员".to_owned() }).unwrap();
        let own = call!(house, ContractServiceClient, accept_deliverable, AcceptDeliverableRequest { name: name("contracts", "k1"), deliverable_id: "d1".to_owned(), by: "赵代表".to_owned() });
        assert_eq!(reasons(&own.unwrap_err()), ["deliverable.own"]);
        call!(house, ContractServiceClient, reject_deliverable, RejectDeliverableRequest { name: name("contracts", "k1"), deliverable_id: "d1".to_owned(), by: "李主任".to_owned(), reason: "缺数据".to_owned() }).unwrap();
        let open = call!(house, ContractServiceClient, complete_contract, CompleteContractRequest { name: name("contracts", "k1") });
        assert_eq!(reasons(&open.unwrap_err()), ["contract.deliverables"]);
        call!(house, ContractServiceClient, deliver_deliverable, DeliverDeliverableRequest { name: name("contracts", "k1"), deliverable_id: "d1".to_owned(), by: "钱研究员".to_owned() }).unwrap();
        call!(house, ContractServiceClient, accept_deliverable, AcceptDeliverableRequest { name: name("contracts", "k1"), deliverable_id: "d1".to_owned(), by: "李主任".to_owned() }).unwrap();
        let done = call!(house, ContractServiceClient, complete_contract, CompleteContractRequest { name: name("contracts", "k1") }).unwrap();
        assert_eq!(done.state(), proto::ContractState::Completed);
        let over = call!(house, ContractServiceClient, terminate_contract, TerminateContractRequest { name: name("contracts", "k1"), reason: "不再需要".to_owned() });
        assert_eq!(reasons(&over.unwrap_err()), ["contract.state"]);
    }

    async fn a_complaint_is_answered_and_its_reporter_is_told_to_the_office_alone(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        house.on_day("2026-11-01");
        let reporter = proto::Reporter { display_name: "王家长".to_owned(), phone: "13900001111".to_owned(), ..Default::default() };
        let receipt = complain(house, Some(reporter.clone())).await;
        assert_eq!(complain(house, Some(reporter.clone())).await, receipt, "a retry gets the same number");
        let complaint = name("complaints", &receipt.tracking_number);
        let track = |number: String| proto::TrackComplaintRequest { parent: COUNTY.to_owned(), tracking_number: number };
        let unknown = client!(house, ComplaintServiceClient).track_complaint(track("0000-0000-0000-0000".to_owned())).await.unwrap_err();
        assert_eq!(unknown.code(), Code::NotFound);

        let nobody = call!(house, ComplaintServiceClient, assign_complaint, AssignComplaintRequest { name: complaint.clone() });
        assert_eq!(reasons(&nobody.unwrap_err()), ["complaint.responsible"], "no zoning is active yet");
        let avoiding = registry::Supervisor { name: supervisor("D"), avoid_schools: vec!["S1".to_owned()], ..Default::default() };
        house.supervisors().update_supervisor(registry::UpdateSupervisorRequest { supervisor: Some(avoiding), ..Default::default() }).await.unwrap();
        let avoids = call!(house, ComplaintServiceClient, assign_complaint, AssignComplaintRequest { name: complaint.clone(), supervisor: supervisor("D") });
        assert_eq!(reasons(&avoids.unwrap_err()), ["complaint.avoidance"]);
        call!(house, ComplaintServiceClient, assign_complaint, AssignComplaintRequest { name: complaint.clone(), supervisor: supervisor("A") }).unwrap();
        begin(house, "v1", "2026-11-02", &["A"]).await;
        call!(house, ComplaintServiceClient, link_complaint_visit, LinkComplaintVisitRequest { name: complaint.clone(), visit: name("visits", "v1") }).unwrap();
        let verify = |who: &str| proto::VerifyComplaintRequest { name: complaint.clone(), supervisor: supervisor(who), substantiation: proto::Substantiation::Partly.into(), text: "后厨地面积水".to_owned(), ..Default::default() };
        let other = client!(house, ComplaintServiceClient).verify_complaint(verify("B")).await.unwrap_err();
        assert_eq!(reasons(&other), ["complaint.assigned_to"]);
        client!(house, ComplaintServiceClient).verify_complaint(verify("A")).await.unwrap();
        let naming = call!(house, ComplaintServiceClient, answer_complaint, AnswerComplaintRequest { name: complaint.clone(), text: "王家长：已整改".to_owned(), by: "办公室".to_owned() });
        assert_eq!(reasons(&naming.unwrap_err()), ["text"]);
        let before = client!(house, ComplaintServiceClient).track_complaint(track(receipt.tracking_number.clone())).await.unwrap().into_inner();
        assert_eq!((before.state(), before.substantiation), (ComplaintState::Verified, 0));
        call!(house, ComplaintServiceClient, answer_complaint, AnswerComplaintRequest { name: complaint.clone(), text: "已责令整改".to_owned(), by: "办公室".to_owned() }).unwrap();
        let closed = call!(house, ComplaintServiceClient, close_complaint, CloseComplaintRequest { name: complaint.clone() }).unwrap();
        assert_eq!(closed.visits, [name("visits", "v1")]);

        let status = client!(house, ComplaintServiceClient).track_complaint(track(receipt.tracking_number.to_uppercase())).await.unwrap().into_inner();
        assert_eq!((status.state(), status.answer.as_str()), (ComplaintState::Closed, "已责令整改"));
        let told = call!(house, ComplaintServiceClient, get_complaint_reporter, GetComplaintReporterRequest { name: complaint.clone() }).unwrap();
        assert_eq!(told, reporter);
        let listed = call!(house, ComplaintServiceClient, list_complaints, ListComplaintsRequest { parent: COUNTY.to_owned(), target: name("schools", "S1") }).unwrap();
        assert_eq!(listed.complaints.len(), 1);
        for shown in [format!("{status:?}"), format!("{listed:?}"), format!("{closed:?}")] {
            assert!(!shown.contains("王家长") && !shown.contains("13900001111"), "{shown}");
        }
    }

    async fn a_complaint_that_waits_too_long_for_its_answer_is_overdue_where_the_county_sets_a_clock(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        house.on_day("2026-11-01");
        assert_eq!(complain(house, None).await.answer_due_date, "", "no rule of Zhejiang sets a clock");
        let rules = registry::Ruleset {
            display_name: "本县".to_owned(), preset: "zhejiang".to_owned(), effective_date: "2026-11-01".to_owned(),
            parameters: vec![registry::Parameter { key: "clock.complaint_answer".to_owned(), display_name: "答复时限".to_owned(), value: Some(15.0), unit: "days".to_owned(), basis: "本县规定第三条".to_owned(), confidence: registry::Confidence::County.into() }],
            ..Default::default()
        };
        limited!(registry::ruleset_service_client::RulesetServiceClient::new(house.link.clone()))
            .create_ruleset(registry::CreateRulesetRequest { parent: COUNTY.to_owned(), ruleset: Some(rules), ..Default::default() }).await.unwrap();
        house.on_day("2026-11-02");
        let complaint = proto::Complaint { target: name("schools", "S1"), kind: proto::ComplaintKind::Lead.into(), text: "夜间施工".to_owned(), ..Default::default() };
        let receipt = call!(house, ComplaintServiceClient, file_complaint, FileComplaintRequest { parent: COUNTY.to_owned(), complaint: Some(complaint) }).unwrap();
        assert_eq!(receipt.answer_due_date, "2026-11-17");
        let overdue = async || call!(house, ComplaintServiceClient, list_complaints, ListComplaintsRequest { parent: COUNTY.to_owned(), overdue: true }).unwrap().complaints.len();
        house.on_day("2026-11-17");
        assert_eq!(overdue().await, 0);
        house.on_day("2026-11-18");
        assert_eq!(overdue().await, 1);
        call!(house, ComplaintServiceClient, refuse_complaint, RefuseComplaintRequest { name: name("complaints", &receipt.tracking_number), reason: "不属督导事项".to_owned() }).unwrap();
        assert_eq!(overdue().await, 0);
    }

    async fn risk_ranks_findings_and_complaints_and_never_the_near_before_the_neglected(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        let mut schools = client!(house, SchoolServiceClient);
        for (id, last) in [("S2", "2026-05-01"), ("S3", "2020-05-01")] {
            schools.create_school(registry::CreateSchoolRequest {
                parent: COUNTY.to_owned(), school_id: id.to_owned(),
                school: Some(registry::School { display_name: format!("学校{id}"), stage: registry::Stage::Primary.into(), provider: registry::Provider::Public.into(), town: "周村镇".to_owned(),
                    place: Some(registry::Place { longitude: 112.6, latitude: 35.4 }), last_inspection_date: last.to_owned(), last_grade: registry::Grade::Good.into(), ..Default::default() }),
                ..Default::default()
            }).await.unwrap();
        }
        begin(house, "v1", "2026-11-10", &["A"]).await;
        let urge = proto::UrgeVisitRequest { name: name("visits", "v1"), ground: proto::UrgencyGround::DangerToLife.into(), text: "立即停用危墙".to_owned(), by: supervisor("A"), ..Default::default() };
        visits(house).urge_visit(urge).await.unwrap();
        finish(house, "v1").await;
        complain(house, None).await;
        let risk = async |school: &str| call!(house, RiskServiceClient, get_risk, GetRiskRequest { name: name("risks", school) }).unwrap();
        let points = |risk: &proto::Risk, kind: RiskFactorKind| risk.factors.iter().find(|one| one.kind() == kind).unwrap().points;
        let first = eventually(|| async { Some(risk("S1").await).filter(|risk| points(risk, RiskFactorKind::Open) > 0.0) }).await;
        assert_eq!(first.factors.len(), 7, "every factor is shown");
        assert_eq!(points(&first, RiskFactorKind::Complaint), 0.5);
        assert_eq!(first.last_visit_date, "2026-11-10");
        assert_eq!(points(&first, RiskFactorKind::Neglect), 10.0, "it was visited, but never comprehensively");

        let listed = call!(house, RiskServiceClient, list_risks, ListRisksRequest { parent: COUNTY.to_owned(), page_size: 2 }).unwrap();
        let order: Vec<_> = listed.risks.iter().map(|one| one.school.clone()).collect();
        assert_eq!(order, [name("schools", "S3"), name("schools", "S1")]);
        let rest = call!(house, RiskServiceClient, list_risks, ListRisksRequest { parent: COUNTY.to_owned(), page_size: 2, page_token: listed.next_page_token }).unwrap();
        assert_eq!(rest.risks[0].school, name("schools", "S2"));
        assert_eq!(rest.next_page_token, "");
        let later = call!(house, RiskServiceClient, get_risk, GetRiskRequest { name: name("risks", "S2"), date: "2031-12-31".to_owned() }).unwrap();
        assert!(later.points > rest.risks[0].points + 20.0);
        assert!(later.points < later.ceiling);
        let none = call!(house, RiskServiceClient, get_risk, GetRiskRequest { name: name("risks", "S9") }).unwrap_err();
        assert_eq!(none.code(), Code::NotFound);
    }

    async fn article_08_an_objection_is_lodged_answered_taken_upward_and_suspends_nothing(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        begin(house, "v1", "2026-11-02", &["A"]).await;
        let finding = proto::Finding { visit: name("visits", "v1"), title: "门卫未登记".to_owned(), basis: "《中小学幼儿园安全管理办法》".to_owned(), severity: proto::Severity::Serious.into(), recorded_by: supervisor("A"), ..Default::default() };
        call!(house, FindingServiceClient, create_finding, CreateFindingRequest { parent: COUNTY.to_owned(), finding_id: "f1".to_owned(), finding: Some(finding) }).unwrap();
        finish(house, "v1").await;
        record(house, "v1").await;
        let lodge = |id: &str| proto::LodgeObjectionRequest {
            parent: COUNTY.to_owned(), objection_id: id.to_owned(),
            objection: Some(proto::Objection { visit: name("visits", "v1"), text: "登记簿在岗".to_owned(), addressee: "市政府教育督导委员会办公室".to_owned(), lodged_by: "校长".to_owned(), ..Default::default() }),
            ..Default::default()
        };
        let mut objections = client!(house, ObjectionServiceClient);
        assert_eq!(reasons(&objections.lodge_objection(lodge("o1")).await.unwrap_err()), ["objection.letter"]);
        let issue = proto::IssueOpinionLetterRequest { name: name("visits", "v1"), number: "泽督意〔2026〕1号".to_owned(), summary: "良好".to_owned(), ..Default::default() };
        visits(house).issue_opinion_letter(issue).await.unwrap();
        house.on_day("2026-11-12");
        let lodged = objections.lodge_objection(lodge("o1")).await.unwrap().into_inner();
        assert_eq!((lodged.lodge_due_date.as_str(), lodged.answer_due_date.as_str()), ("2026-11-12", "2026-12-14"));
        assert_eq!(reasons(&objections.lodge_objection(lodge("o2")).await.unwrap_err()), ["objection.once"]);
        // It suspends nothing: the case is there, and the visit goes on.
        let ledger = limited!(dudao_proto::accountability::v1::ledger_service_client::LedgerServiceClient::new(house.link.clone()));
        eventually(|| {
            let mut ledger = ledger.clone();
            async move {
                let request = dudao_proto::accountability::v1::ListLedgerRequest { parent: COUNTY.to_owned(), ..Default::default() };
                Some(ledger.list_ledger(request).await.unwrap().into_inner().rows).filter(|rows| rows.len() == 1)
            }
        }).await;
        let report = proto::SubmitReportRequest { name: name("visits", "v1"), number: "泽督报1号".to_owned(), title: "督导报告".to_owned(), text: "全文".to_owned(), ..Default::default() };
        visits(house).submit_report(report).await.unwrap();

        let answer = |by: &str| proto::AnswerObjectionRequest { name: name("objections", "o1"), by: by.to_owned(), outcome: proto::ObjectionOutcome::Dismissed.into(), text: "维持".to_owned(), ..Default::default() };
        assert_eq!(reasons(&objections.answer_objection(answer(&supervisor("A"))).await.unwrap_err()), ["objection.team"]);
        let escalate = proto::EscalateObjectionRequest { name: name("objections", "o1"), to: "省政府教育督导委员会办公室".to_owned(), reason: "逾期未答复".to_owned(), ..Default::default() };
        assert_eq!(reasons(&objections.escalate_objection(escalate.clone()).await.unwrap_err()), ["clock.objection_answer"]);
        let overdue = async || call!(house, ObjectionServiceClient, list_objections, ListObjectionsRequest { parent: COUNTY.to_owned(), overdue: true }).unwrap().objections.len();
        house.on_day("2026-12-14");
        assert_eq!(overdue().await, 0);
        house.on_day("2026-12-15");
        assert_eq!(overdue().await, 1);
        objections.escalate_objection(escalate).await.unwrap();
        assert_eq!(overdue().await, 0, "the body above has its own clock");
        let concluded = objections.answer_objection(answer("省办王处")).await.unwrap().into_inner();
        assert_eq!(concluded.state(), ObjectionState::Concluded);
        assert_eq!(concluded.answers[0].body, "省政府教育督导委员会办公室");
    }

    async fn article_21_the_public_reads_reports_and_draws_and_no_person(scratch) {
        let house = &House::with_county(scratch, "zhejiang").await;
        begin(house, "v1", "2026-11-10", &["A"]).await;
        let hidden = ["督学A", "supervisors", "王家长", "13900001111", "刘记录", "周门卫"];
        let reporter = proto::Reporter { display_name: "王家长".to_owned(), phone: "13900001111".to_owned(), ..Default::default() };
        complain(house, Some(reporter)).await;
        let finding = proto::Finding { visit: name("visits", "v1"), title: "周门卫未登记".to_owned(), basis: "《办法》".to_owned(), severity: proto::Severity::Serious.into(), recorded_by: "刘记录".to_owned(), ..Default::default() };
        call!(house, FindingServiceClient, create_finding, CreateFindingRequest { parent: COUNTY.to_owned(), finding_id: "f1".to_owned(), finding: Some(finding) }).unwrap();
        finish(house, "v1").await;
        record(house, "v1").await;
        let mut public = client!(house, PublicServiceClient);
        let get = proto::GetPublicReportRequest { name: name("publicReports", "v1") };
        assert_eq!(public.get_public_report(get.clone()).await.unwrap_err().code(), Code::NotFound, "it is not published yet");
        let publish = proto::PublishVisitRequest { name: name("visits", "v1"), place: "县政府网站".to_owned(), text: "学校总体良好，须加强门卫登记。".to_owned(), ..Default::default() };
        visits(house).publish_visit(publish).await.unwrap();
        let report = public.get_public_report(get).await.unwrap().into_inner();
        assert_eq!((report.unit_name.as_str(), report.publish_date.as_str()), ("巴公镇中心小学", "2026-11-10"));
        assert!(report.text.contains("门卫登记"));
        let reports = public.list_public_reports(proto::ListPublicReportsRequest { parent: COUNTY.to_owned(), town: "巴公镇".to_owned(), ..Default::default() }).await.unwrap().into_inner();
        assert_eq!((reports.reports.len(), reports.reports[0].text.as_str()), (1, ""));

        let draw = proto::Draw {
            display_name: "2026年随机督导".to_owned(),
            parties: ["督导委员会办公室", "县财政局"].map(|party| proto::DrawParty { party: party.to_owned(), ..Default::default() }).into(),
            strata: vec![proto::DrawStratum { stratum: "schools".to_owned(), stages: vec!["小学".to_owned()], count: 1, ..Default::default() }],
            officers_per_object: 1,
            reveal_due_date: "2026-12-01".to_owned(),
            ..Default::default()
        };
        call!(house, DrawServiceClient, create_draw, CreateDrawRequest { parent: COUNTY.to_owned(), draw_id: "d1".to_owned(), draw: Some(draw) }).unwrap();
        let get = proto::GetPublicDrawRequest { name: name("publicDraws", "d1") };
        assert_eq!(public.get_public_draw(get.clone()).await.unwrap_err().code(), Code::NotFound, "it is not drawn yet");
        call!(house, DrawServiceClient, void_draw, VoidDrawRequest { name: name("draws", "d1"), reason: "秘密未揭示".to_owned() }).unwrap();
        let draw = public.get_public_draw(get).await.unwrap().into_inner();
        assert!(draw.voided);
        let draws = public.list_public_draws(proto::ListPublicDrawsRequest { parent: "counties/-".to_owned(), ..Default::default() }).await.unwrap().into_inner();
        assert_eq!(draws.draws.len(), 1);
        for shown in [format!("{report:?}"), format!("{reports:?}"), format!("{draw:?}"), format!("{draws:?}")] {
            for word in hidden {
                assert!(!shown.contains(word), "{word} stands in {shown}");
            }
        }
    }
}
