//! What comes of findings: the ledger, cases, decisions, the school's own room.

use dudao_tests::COUNTY;
use dudao_tests::county::{FOREIGN, OTHERS};
use reqwest::StatusCode;

use super::{HOME, take, until};
use crate::common::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_shows_a_case_and_what_can_be_done_about_it() {
    let desk = Desk::settled().await;
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    let page = office.get(&format!("{HOME}/ledger")).await;
    assert!(page.has(&["台账", "整改中"]), "{}", page.text);
    assert!(
        office
            .get(&format!("{HOME}/export/ledger"))
            .await
            .is_workbook
    );
    let case = format!("{HOME}/cases/c1");
    let page = office.get(&case).await;
    assert!(
        page.has(&["发督办函", "经过", "作出整改决定", "张主任"]),
        "{}",
        page.text
    );
    // What stands against a step stands beside the form, with its article.
    let names = ["form_key", "etag", "ticket", "subject"];
    let values = names.map(|name| page.hidden(name));
    let mut fields: Vec<_> = names
        .into_iter()
        .zip(values.iter().map(String::as_str))
        .collect();
    fields.extend([
        ("verb", "urge"),
        ("number", ""),
        ("limit_date", "2020-01-01"),
        ("officer", "张主任"),
    ]);
    let refused = office.post(&case, &fields).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.text
    );
    assert!(
        refused.has(&["urge-x1-limit_date-wrong", "张主任"]),
        "{}",
        refused.text
    );
    let mut school = desk
        .signed_in(&["school"], &["counties/140525/schools/S1"])
        .await;
    let page = school.get(&case).await;
    let values = names.map(|name| page.hidden(name));
    let mut fields: Vec<_> = names
        .into_iter()
        .zip(values.iter().map(String::as_str))
        .collect();
    fields.extend([("verb", "report"), ("text", "已清理通道"), ("by", "王校长")]);
    let page = school.post(&case, &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    assert!(school.get(&case).await.has(&["已报整改", "已清理通道"]));
    for path in ["/draws", "/draws/d1", "/visits", "/visits/v1"] {
        let page = office.get(&format!("{HOME}{path}")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_team_agrees_to_a_letter_and_what_it_found_becomes_a_case() {
    let desk = Desk::settled().await;
    let visit = format!("{HOME}/visits/v1");
    let own = dudao_tests::supervisor("A1");
    let mut supervisor = desk.signed_in(&["supervisor"], &[&own]).await;
    let page = supervisor.get(&visit).await;
    assert!(
        page.has(&["已记录", "同意意见书", "消防通道堵塞"]),
        "{}",
        page.text
    );
    take(&mut supervisor, &visit, "agree", &[]).await;
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    let letter = [("number", "泽督意1号"), ("summary", "总体良好")];
    take(&mut office, &visit, "letter", &letter).await;
    assert!(office.get(&visit).await.has(&["已发意见书", "泽督意1号"]));
    until(&mut office, &format!("{HOME}/ledger"), "消防通道堵塞").await;
    let page = office.get(&format!("{HOME}/cases/v1")).await;
    assert!(
        page.has(&["待作整改决定", "经过", "立案", "泽督意1号"]),
        "{}",
        page.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_sees_what_it_must_answer_and_nothing_of_others() {
    let desk = Desk::settled().await;
    let mut school = desk
        .signed_in(&["school"], &["counties/140525/schools/S1"])
        .await;
    let page = school.get("/").await;
    assert_eq!(page.location, format!("{HOME}/duties"));
    let page = school.get(&page.location).await;
    assert!(
        page.has(&["须答复的事项与期限", "上报整改情况"]),
        "{}",
        page.text
    );
    for path in [
        "/duties",
        "/ledger",
        "/visits?month=2026-08",
        "/schools/S1",
        "/cases/c1",
        "/visits/v1",
    ] {
        let page = school.get(&format!("{HOME}{path}")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        for mark in [FOREIGN, OTHERS] {
            assert!(!page.text.contains(mark), "{path}: {}", page.text);
        }
    }
    for path in ["/schools/S2", "/cases/c2", "/visits/v2"] {
        let page = school.get(&format!("{HOME}{path}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn article_14_a_decision_is_told_heard_consulted_approved_carried_out_and_reviewed_by_clicks_alone()
 {
    let desk = Desk::settled().await;
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    let list = format!("{HOME}/accountabilityDecisions");
    let own = format!("{COUNTY}/schools/S1");
    let page = office.get(&list).await;
    let (key, ticket) = (page.hidden("form_key"), page.hidden("ticket"));
    let open = |officer: &'static str| {
        [
            ("form_key", key.clone()),
            ("ticket", ticket.clone()),
            ("verb", "open".to_owned()),
            ("kind", "SUBJECT_KIND_UNIT".to_owned()),
            ("unit", own.clone()),
            ("trigger", "ACCOUNTABILITY_TRIGGER_OBSTRUCTION".to_owned()),
            ("reason", "拒绝督导组进校".to_owned()),
            ("officer", officer.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    };
    let page = office.post_all(&list, &open("")).await;
    assert!(
        page.has(&["拒绝督导组进校", "open--officer-wrong"]),
        "{}",
        page.text
    );
    let page = office.post_all(&list, &open("张主任")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    let decision = page.location;
    let group = [("leader", "周局长"), ("members", "王某\n李某")];
    take(&mut office, &decision, "group", &group).await;
    let told = [
        ("number", "泽教督问告〔2026〕1号"),
        ("facts", "8月3日拒绝督导组进校"),
        ("basis", "《教育督导问责办法》"),
        ("forms", "ACCOUNTABILITY_FORM_PUBLIC_CRITICISM"),
        ("forms", "ACCOUNTABILITY_FORM_UNIT_NOTIFICATION"),
        ("statement_due_date", "2026-09-20"),
    ];
    take(&mut office, &decision, "tell", &told).await;
    let statement = [
        ("outcome", "STATEMENT_OUTCOME_SPOKEN"),
        ("text", "门卫误解"),
        ("by", "校长"),
    ];
    take(&mut office, &decision, "hear", &statement).await;
    let unit = format!("{COUNTY}/memberUnits/县财政局");
    let opinion = [
        ("unit", unit.as_str()),
        ("opinion", "无异议"),
        ("agrees", "1"),
    ];
    take(&mut office, &decision, "consult", &opinion).await;
    let page = office.get(&decision).await;
    assert!(
        page.has(&["已征求意见", "批准", "公开批评", "督导通报"]),
        "{}",
        page.text
    );
    let approval = [
        ("approver", "周局长"),
        ("post", "APPROVER_POST_DEPUTY_DIRECTOR"),
        ("basic_facts", "8月3日拒绝督导组进校"),
        ("findings", "属阻挠督导"),
        ("basis", "《教育督导问责办法》"),
        ("take-ACCOUNTABILITY_FORM_PUBLIC_CRITICISM", "1"),
        (
            "detail-ACCOUNTABILITY_FORM_PUBLIC_CRITICISM",
            "在全县公开批评",
        ),
    ];
    take(&mut office, &decision, "approve", &approval).await;
    take(
        &mut office,
        &decision,
        "issue",
        &[("effective_date", "2026-09-01")],
    )
    .await;
    let page = office.get(&decision).await;
    assert!(page.has(&["已下达", "送达"]), "{}", page.text);
    let delivery = [("receiver", "校长"), ("date", "2026-09-01")];
    take(&mut office, &decision, "deliver", &delivery).await;
    let done = [
        ("subject", "ACCOUNTABILITY_FORM_PUBLIC_CRITICISM"),
        ("text", "已在网站公开"),
        ("officer", "张主任"),
    ];
    take(&mut office, &decision, "execute", &done).await;
    take(&mut office, &decision, "file", &[("to", "县委")]).await;

    let mut school = desk.signed_in(&["school"], &[&own]).await;
    let page = school.get(&list).await;
    assert!(page.has(&["小学", "已执行"]), "{}", page.text);
    let grounds = [("grounds", "处理过重"), ("by", "校长")];
    take(&mut school, &decision, "ask_review", &grounds).await;
    let found = [
        ("outcome", "REMEDY_OUTCOME_UPHELD"),
        ("text", "事实清楚"),
        ("officer", "张主任"),
    ];
    take(&mut office, &decision, "decide_review", &found).await;
    let page = office.get(&decision).await;
    assert!(
        page.has(&["已执行", "在全县公开批评", "申请复查", "复查决定", "维持"]),
        "{}",
        page.text
    );
    assert!(
        office
            .get(&format!("{HOME}/export/accountabilityDecisions"))
            .await
            .is_workbook
    );
}
