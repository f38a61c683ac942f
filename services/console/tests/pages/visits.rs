//! Campaigns, visits, draws, documents.

use dudao_tests::COUNTY;
use reqwest::StatusCode;

use super::{HOME, take};
use crate::common::{Desk, Page, Visitor};

#[tokio::test(flavor = "multi_thread")]
async fn the_filed_list_is_kept_and_a_draw_is_run_in_pages() {
    let desk = Desk::settled().await;
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    let list = format!("{HOME}/listItems");
    let page = office.get(&format!("{list}?year=2027")).await;
    let (key, ticket) = (page.hidden("form_key"), page.hidden("ticket"));
    let mut item = vec![
        ("form_key", key.as_str()),
        ("ticket", ticket.as_str()),
        ("verb", "create"),
        ("year", "2027"),
        ("kind", "INSPECTION_KIND_SPECIAL"),
        ("basis", "教育督导条例"),
        ("filed_with", "市政府督导办"),
        ("file_date", "2026-08-01"),
        ("document", "泽教督〔2026〕9号"),
        ("display_name", ""),
    ];
    let page = office.post(&list, &item).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        page.text
    );
    assert!(page.has(&["create--display_name-wrong"]), "{}", page.text);
    item.pop();
    item.push(("display_name", "校园食品安全专项督导"));
    let page = office.post(&list, &item).await;
    assert_eq!(page.location, format!("{list}?year=2027"), "{}", page.text);
    let page = office.get(&page.location).await;
    assert!(
        page.has(&["校园食品安全专项督导", "专项督导", "移出清单"]),
        "{}",
        page.text
    );
    let year = format!("{HOME}/export/listItems?year=2027");
    assert!(office.get(&year).await.is_workbook);

    let draws = format!("{HOME}/draws");
    let page = office.get(&draws).await;
    let ticket = page.hidden("ticket");
    let fields = [
        ("form_key", key.as_str()),
        ("ticket", ticket.as_str()),
        ("verb", "create"),
        ("display_name", "秋季随机抽查"),
        ("parties", "县督导办\n县财政局"),
        ("stages", "小学"),
        ("share", "50"),
        ("count", "1"),
        ("officers_per_object", "1"),
        ("rotation_years", "0"),
        ("reveal_due_date", "2026-12-31"),
    ];
    let draw = office.post(&draws, &fields).await;
    assert_eq!(draw.status, StatusCode::SEE_OTHER, "{}", draw.text);
    let draw = draw.location;
    // The hashes of 甲 and 乙, as the contract says how they are made.
    let hash = |secret: &str| {
        let length = (secret.len() as u64).to_be_bytes();
        let words = [b"dudao.draw.v1 commit\n", &length[..], secret.as_bytes()].concat();
        dudao_platform::hex(ring::digest::digest(&ring::digest::SHA256, &words).as_ref())
    };
    let parties = [("县督导办", "甲"), ("县财政局", "乙")];
    for (party, secret) in parties {
        let fields = [("subject", party), ("commitment", &hash(secret))];
        take(&mut office, &draw, "commit", &fields).await;
    }
    take(&mut office, &draw, "freeze", &[]).await;
    for (party, secret) in parties {
        let fields = [("subject", party), ("secret", secret)];
        take(&mut office, &draw, "reveal", &fields).await;
    }
    take(&mut office, &draw, "publish", &[]).await;
    // What anyone may check it by.
    let mut anyone = desk.visitor();
    let id = draw.rsplit('/').next().unwrap();
    let public = format!("/public/140525/draws/{id}");
    let page = anyone.get(&public).await;
    assert!(
        page.has(&["秋季随机抽查", "如何验证", "verify_draw.py", "县财政局"]),
        "{}",
        page.text
    );
    let record = anyone.get(&format!("{public}/record")).await;
    assert!(record.text.contains("\"seed\""), "{}", record.text);
    assert!(
        anyone
            .get("/assets/verify_draw.py")
            .await
            .text
            .contains("Draws again")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_drafted_made_one_with_another_decided_and_its_visits_planned() {
    let desk = Desk::settled().await;
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    let list = format!("{HOME}/campaigns");
    let form = office.get(&format!("{list}/new")).await;
    assert!(
        form.has(&["新建督导项目", "综合督导", "镇1", "县、乡镇、部门"]),
        "{}",
        form.text
    );
    let school = |n: u32| format!("counties/140525/schools/S{n}");
    let (one, two) = (school(1), school(2));
    let item = format!("{COUNTY}/listItems/l1");
    let hidden = form.form(&list);
    let said = |name: &'static str| {
        let mut fields = hidden.clone();
        let said = [
            ("display_name", name),
            ("kind", "INSPECTION_KIND_COMPREHENSIVE"),
            ("line", "INSPECTION_LINE_SCHOOL"),
            ("list_item", &item),
            ("basis", "教育督导条例"),
            ("matters", "食品\n\n安全\n"),
            ("method", "实地督导"),
            ("start_date", "2026-11-05"),
            ("end_date", "2026-11-20"),
            ("publication", "PUBLICATION_SCOPE_PUBLIC"),
            ("objects", &one),
            ("objects", &two),
        ];
        fields.extend(said.map(|(name, value)| (name.to_owned(), value.to_owned())));
        fields
    };
    let page = office.post_all(&list, &said("")).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        page.text
    );
    assert!(
        page.has(&[
            "display_name-wrong",
            "食品",
            &format!("value=\"{one}\" checked")
        ]),
        "{}",
        page.text
    );
    let page = office.post_all(&list, &said("秋季综合督导")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    let campaign = page.location;
    let page = office.get(&campaign).await;
    assert!(
        page.has(&["秋季综合督导", "起草", "食品", "安全", "建议合并", "未安排"]),
        "{}",
        page.text
    );

    // What its form has is what it says.
    let edit = office.get(&format!("{campaign}/edit")).await;
    let mut fields = said("秋季学期综合督导");
    fields.retain(|(name, _)| !["form_key", "ticket", "etag", "verb"].contains(&name.as_str()));
    fields.extend(edit.form(&campaign));
    let page = office.post_all(&campaign, &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);

    // The campaign that visits the same school for the same becomes a part of it.
    let other = format!("{list}/c1");
    let into = campaign.trim_start_matches('/').to_owned();
    take(&mut office, &other, "merge", &[("subject", &into)]).await;
    let page = office.get(&other).await;
    assert!(page.has(&["已合并", "已并入"]), "{}", page.text);

    take(&mut office, &campaign, "decide", &[]).await;
    let page = office.get(&campaign).await;
    assert!(
        page.has(&["秋季学期综合督导", "已确定", "安排督导", "0 / 2"]),
        "{}",
        page.text
    );
    let person = |code: &str| format!("{COUNTY}/supervisors/{code}");
    let (leader, two, three) = (person("B1"), person("A2"), person("B2"));
    let visit = [
        ("target", one.as_str()),
        ("date", "2026-11-10"),
        ("days", "1"),
        ("leader", &leader),
        ("members", &two),
        ("members", &three),
    ];
    take(&mut office, &campaign, "visit", &visit).await;
    let page = office.get(&campaign).await;
    assert!(page.has(&["1 / 2", "2026-11-10"]), "{}", page.text);

    // While a visit of it is open it is not done.
    let page = office.get(&campaign).await;
    let mut fields = page.form(&campaign);
    fields.retain(|(name, _)| name != "verb");
    fields.push(("verb".to_owned(), "conclude".to_owned()));
    let page = office.post_all(&campaign, &fields).await;
    assert!(page.has(&["还有 1 次督导未办结"]), "{}", page.text);
    take(&mut office, &campaign, "cancel", &[("reason", "学校停课")]).await;
    let page = office.get(&format!("{list}?year=2026")).await;
    assert!(
        page.has(&["秋季学期综合督导", "已取消", "已合并"]),
        "{}",
        page.text
    );
    let year = format!("{HOME}/export/campaigns?year=2026");
    assert!(office.get(&year).await.is_workbook);
}

/// An inspection that was decided on, of a school: its address.
async fn announced(office: &mut Visitor) -> String {
    let campaign = format!("{HOME}/campaigns/c1");
    take(office, &campaign, "decide", &[]).await;
    let school = format!("{COUNTY}/schools/S1");
    let person = |code: &str| format!("{COUNTY}/supervisors/{code}");
    let (leader, two, three) = (person("B1"), person("A2"), person("B2"));
    let visit = [
        ("target", school.as_str()),
        ("date", "2026-11-10"),
        ("leader", &leader),
        ("members", &two),
        ("members", &three),
    ];
    take(office, &campaign, "visit", &visit).await;
    let page = office.get(&campaign).await;
    let visit = page.text.split("/visits/").nth(1);
    let visit = visit.and_then(|rest| rest.split('"').next());
    let visit = visit.unwrap_or_else(|| panic!("no visit in {}", page.text));
    format!("{HOME}/visits/{visit}")
}

#[tokio::test(flavor = "multi_thread")]
async fn article_07_an_inspection_runs_from_its_notice_to_its_publication_by_clicks_alone() {
    let desk = Desk::settled().await;
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    // What the law leaves to the province, the office enters once.
    let rules = format!("{HOME}/records/rulesets");
    let page = office.get(&rules).await;
    let mut fields = page.form(&rules);
    for (name, value) in [
        ("ruleset.display_name", "2026 年规则"),
        (
            "ruleset.parameters",
            "clock.plea | 被督导单位申辩时限 | 5 | working_days | 山西省规定",
        ),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    let page = office.post_all(&rules, &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    let page = office.get(&page.location).await;
    assert!(page.has(&["2026 年规则", "clock.plea"]), "{}", page.text);

    let visit = announced(&mut office).await;
    let person = |code: &str| format!("{COUNTY}/supervisors/{code}");
    let (leader, two, three) = (person("B1"), person("A2"), person("C2"));
    let team = [
        ("leader", leader.as_str()),
        ("members", &two),
        ("members", &three),
    ];
    take(&mut office, &visit, "team", &team).await;
    let moved = [("date", "2026-11-12"), ("reason", "学校运动会")];
    take(&mut office, &visit, "reschedule", &moved).await;
    let notice = [
        ("number", "泽教督〔2026〕5号"),
        ("text", "请准备自评报告"),
        ("self_evaluation_due_date", "2026-11-01"),
    ];
    take(&mut office, &visit, "notify", &notice).await;

    let own = format!("{COUNTY}/schools/S1");
    let mut school = desk.signed_in(&["school"], &[&own]).await;
    let evaluation = [("text", "自评为良好")];
    take(&mut school, &visit, "self_evaluate", &evaluation).await;
    let page = office.get(&visit).await;
    assert!(page.has(&["审核自评", "提交自评"]), "{}", page.text);
    assert!(!page.has(&["开始现场督导"]), "{}", page.text);
    let review = [("review", "属实"), ("reviewer", leader.as_str())];
    take(&mut office, &visit, "review", &review).await;

    desk.house.on_day("2026-11-12");
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    take(&mut office, &visit, "begin", &[]).await;
    let page = office.get(&visit).await;
    let mut fields = page.form(&visit);
    fields.retain(|(name, _)| name != "verb");
    fields.extend([
        ("verb".to_owned(), "hear".to_owned()),
        ("people".to_owned(), "许多".to_owned()),
    ]);
    let page = office.post_all(&visit, &fields).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        page.text
    );
    for group in ["STUDENTS", "PARENTS", "TEACHERS", "PUBLIC"] {
        let group = format!("HEARING_GROUP_{group}");
        let heard = [
            ("group", group.as_str()),
            ("people", "12"),
            ("summary", "食堂拥挤"),
            ("by", &leader),
        ];
        take(&mut office, &visit, "hear", &heard).await;
    }
    let urged = [
        ("ground", "URGENCY_GROUND_DANGER_TO_LIFE"),
        ("text", "立即打开消防通道"),
        ("by", leader.as_str()),
    ];
    take(&mut office, &visit, "urge", &urged).await;
    let finding = [
        ("title", "消防通道堵塞"),
        ("detail", "二楼东侧堆放课桌"),
        ("basis", "《消防法》第二十八条"),
        ("severity", "SEVERITY_SERIOUS"),
        ("requirement", "清理"),
        ("recorded_by", leader.as_str()),
    ];
    take(&mut office, &visit, "finding", &finding).await;
    take(&mut office, &visit, "finish", &[]).await;
    take(
        &mut office,
        &visit,
        "preliminary",
        &[("summary", "总体良好")],
    )
    .await;
    let mut school = desk.signed_in(&["school"], &[&own]).await;
    take(&mut school, &visit, "plead", &[("text", "课桌当日已清走")]).await;
    let answer = [
        ("text", "已核实，仍须建立制度"),
        ("accepted", "1"),
        ("answered_by", "张主任"),
    ];
    take(&mut office, &visit, "answer", &answer).await;
    for code in ["B1", "A2"] {
        let who = format!("{COUNTY}/supervisors/{code}");
        let mut member = desk.signed_in(&["supervisor"], &[&who]).await;
        take(&mut member, &visit, "agree", &[]).await;
    }
    take(&mut office, &visit, "letter", &[("summary", "限期整改")]).await;
    let report = [
        ("number", "泽教督〔2026〕6号"),
        ("title", "小学综合督导报告"),
        ("text", "详见附件"),
    ];
    take(&mut office, &visit, "report", &report).await;
    take(&mut office, &visit, "file", &[("to", "市政府督导办")]).await;
    let receipt = [("to", "市政府督导办"), ("receipt", "晋市督收12号")];
    take(&mut office, &visit, "file", &receipt).await;
    let publication = [
        ("place", "https://example.cn/report"),
        ("text", "总体良好，消防通道须整改"),
    ];
    take(&mut office, &visit, "publish", &publication).await;
    let page = office.get(&visit).await;
    assert!(
        page.has(&[
            "已公布",
            "书面通知",
            "提交自评",
            "审核自评",
            "开始现场督导",
            "当场督促",
            "结束现场督导",
            "答复申辩",
            "督导意见书",
            "督导报告",
            "晋市督收12号",
            "公布",
        ]),
        "{}",
        page.text
    );
    // Anyone may read it.
    let public = desk.visitor().get("/public/140525").await;
    assert!(public.has(&["小学"]), "{}", public.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_drafted_issued_and_taken_away_by_clicks() {
    let desk = Desk::settled().await;
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    let documents = format!("{HOME}/documents?subject=counties/140525/supervisors/A1");
    let page = office.get(&format!("{HOME}/supervisors/A1")).await;
    assert!(page.text.contains(&documents), "{}", page.text);
    let page = office.get(&documents).await;
    assert!(page.has(&["督学聘书", "草稿", "印发"]), "{}", page.text);
    let link = |page: &Page, begin: &str, end: &str| {
        let links = page
            .text
            .split("href=\"")
            .map(|rest| rest.split('"').next().unwrap_or_default());
        let link = links
            .into_iter()
            .find(|link| link.contains(begin) && link.ends_with(end));
        link.unwrap_or_else(|| panic!("no {begin}…{end} in {}", page.text))
            .replace("&#38;", "&")
            .replace("&amp;", "&")
    };
    let draft = link(&page, "/documents/draft", "form=docx");
    assert!(
        office.get(&draft).await.is_workbook,
        "a .docx is a ZIP file"
    );
    let pdf = office
        .get(&link(&page, "/documents/draft", "form=pdf"))
        .await;
    assert!(pdf.text.starts_with("%PDF-"));
    let names = ["form_key", "ticket", "kind", "part", "subject"];
    let values = names.map(|name| page.hidden(name));
    let fields: Vec<_> = names
        .into_iter()
        .zip(values.iter().map(String::as_str))
        .collect();
    let to = format!("{HOME}/documents");
    let refused = office.upload(&to, &fields, "x.docx", "no document").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("不能作为草稿使用"),
        "{}",
        refused.text
    );
    // Two clicks are one document.
    for _ in 0..2 {
        let done = office.upload(&to, &fields, "", "").await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    }
    let page = office.get(&documents).await;
    assert!(page.has(&["督学聘书", "号", "SHA-256"]), "{}", page.text);
    assert!(
        office
            .get(&link(
                &page,
                "/documents/letter-of-appointment-A1-1/",
                "docx"
            ))
            .await
            .is_workbook
    );
    let pdf = office
        .get(&link(
            &page,
            "/documents/letter-of-appointment-A1-1/",
            "pdf",
        ))
        .await;
    assert!(pdf.text.starts_with("%PDF-"));
    // The supervisor takes the own letter, and has no button.
    let own = dudao_tests::supervisor("A1");
    let mut supervisor = desk.signed_in(&["supervisor"], &[&own]).await;
    let page = supervisor.get(&documents).await;
    assert!(!page.text.contains("enctype"), "{}", page.text);
    assert!(
        supervisor
            .get(&link(
                &page,
                "/documents/letter-of-appointment-A1-1/",
                "docx"
            ))
            .await
            .is_workbook
    );
    // The code on a plaque leads to the school's page, which is for everyone.
    let mut anyone = desk.visitor();
    let page = anyone.get("/public/140525/plaques/S1").await;
    assert!(page.has(&["小学", "督学甲"]), "{}", page.text);
}
