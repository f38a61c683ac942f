//! The county's pages in a real browser: what a person does with mouse and keyboard, at a desk and on a phone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::Desk;
use common::browser::{Browser, Line};
use dudao_paper::{Block, Paper};
use dudao_platform::limited;
use dudao_platform::rpc::Grant;
use fantoccini::Locator;
use serde_json::json;
use tokio::process::Command;

/// Signs in by the link that a server prints, as a person does.
async fn sign_in(browser: &Browser, desk: &Desk) {
    browser.go(&desk.link()).await;
    browser.click("main button").await;
    browser.until("覆盖情况").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_signs_in_sees_the_county_and_finds_a_school() {
    let desk = Desk::with_schools().await;
    let browser = Browser::open(1280, 900).await;
    sign_in(&browser, &desk).await;
    browser.until("泽州县").await;
    browser.click("nav a[href$='/schools']").await;
    // The list follows while one types.
    browser.fill("#q", "第25").await;
    browser.until("共 1").await;
    browser.click("tbody a").await;
    browser.until("大阳镇").await;
    browser.is_content(&desk).await;
    browser.click("form[action='/logout'] button").await;
    browser.until("请粘贴").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_solves_zones_watches_and_puts_them_in_force() {
    let desk = Desk::with_schools().await;
    let browser = Browser::open(1280, 900).await;
    sign_in(&browser, &desk).await;
    browser.click("nav a[href$='/zoningPlans']").await;
    browser.click("main a.button").await;
    browser.fill("#seconds", "15").await;
    browser.fill("#gap", "3").await;
    browser.click("main form.card > button").await;
    // The page reads itself again when the solve ends.
    browser.until("待审批").await;
    let drawn = "return document.querySelectorAll('#map path.dot').length";
    for _ in 0..100 {
        if browser.ask(drawn).await == json!(25) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(browser.ask(drawn).await, json!(25));
    browser.is_content(&desk).await;
    browser.click("form[action$='/approve'] button").await;
    browser.until("已批准").await;
    browser.click("form[action$='/activate'] button").await;
    browser.until("现行").await;
    browser.click("main a[href$='/explain']").await;
    browser.fill("#school", "S25").await;
    browser.click("form.filters button").await;
    browser.until("现任").await;
    // A school is carried to one of another supervisor: what it costs is told on the way, and nothing is done without a word.
    browser.click(".trail a:last-child").await;
    for _ in 0..100 {
        if browser.ask(drawn).await == json!(25) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let far = "const dots = [...document.querySelectorAll('#map path.dot')].map((dot) => [dot, dot.getBoundingClientRect()]); \
         let best = [0]; for (const [a, p] of dots) for (const [b, q] of dots) { const d = Math.hypot(p.x - q.x, p.y - q.y); \
         if (d > best[0]) best = [d, a, b]; } best[1].id = 'from'; best[2].id = 'to'; \
         document.querySelector('#map').scrollIntoView({block: 'center'})";
    browser.ask(far).await;
    let (from, to) = (
        "document.querySelector('#from')",
        "document.querySelector('#to')",
    );
    browser.carry(from, to, "督学").await;
    browser.until("改由").await;
    browser.is_content(&desk).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_brings_in_a_file_and_sees_what_is_wrong_before_anything_is_written() {
    let desk = Desk::open().await;
    let browser = Browser::open(1280, 900).await;
    sign_in(&browser, &desk).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("学校.csv");
    let heading = "学校标识码,学校名称,学段,举办者,乡镇,经度,纬度";
    for (stage, words) in [("大学", "有误的单元格"), ("小学", "检查通过")] {
        let row = format!("S9,第九小学,{stage},公办,大阳镇,112.8,35.6");
        std::fs::write(&file, format!("{heading}\n{row}\n")).unwrap();
        browser.click("nav a[href$='/import']").await;
        let chooser = browser.client.find(Locator::Css("#file")).await.unwrap();
        chooser.send_keys(file.to_str().unwrap()).await.unwrap();
        browser.click("main form button").await;
        browser.until(words).await;
    }
    browser.click("main form button").await;
    browser.until("已导入").await;
    browser.click("nav a[href$='/schools']").await;
    browser.until("第九小学").await;
    browser.is_content(&desk).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_drafted_for_whole_towns_and_decided_by_clicks_alone() {
    let desk = Desk::settled().await;
    let browser = Browser::open(1280, 900).await;
    sign_in_as(&browser, &desk, &["planner", "chief_supervisor"], &[]).await;
    browser.click("nav a[href$='/campaigns']").await;
    browser.click("a.button[href$='/campaigns/new']").await;
    for (field, text) in [
        ("#display_name", "秋季综合督导"),
        ("#basis", "教育督导条例"),
        ("#matters", "食品\n安全"),
        ("#method", "实地督导"),
    ] {
        browser.fill(field, text).await;
    }
    let set = "document.querySelector('#start_date').value = '2026-11-05';\
               document.querySelector('#end_date').value = '2026-11-20';\
               document.querySelector('#list_item').selectedIndex = \
                   [...document.querySelectorAll('#list_item option')].findIndex((one) => one.text.includes('（综合督导）'));";
    browser.ask(set).await;
    browser.click("[data-group] summary").await;
    browser.click("[data-group] [data-whole] input").await;
    browser.until("1 / 1").await;
    browser.click("main form > button").await;
    browser.until("未安排").await;
    browser.until("食品").await;
    let decide = "const form = [...document.querySelectorAll('main details')].find((one) => one.innerText.includes('确定督导内容和方式'));\
                  form.open = true; form.querySelector('button').click();";
    browser.ask(decide).await;
    browser.until("已确定").await;
    browser.is_content(&desk).await;
    browser.close().await;
}

/// Signs out whoever is in and lets another in.
async fn change_to(browser: &Browser, desk: &Desk, roles: &[&str], own: &[String]) {
    browser.client.delete_all_cookies().await.unwrap();
    sign_in_as(browser, desk, roles, own).await;
}

const OFFICE: &[&str] = &["planner", "chief_supervisor"];

#[tokio::test(flavor = "multi_thread")]
async fn article_07_an_inspection_runs_from_its_notice_to_its_publication_in_the_browser() {
    let desk = Desk::settled().await;
    let browser = Browser::open(1280, 900).await;
    let county = dudao_tests::COUNTY;
    let home = format!("{}/{county}", desk.address);
    let [leader, two, three] = ["B1", "A2", "B2"].map(dudao_tests::supervisor);
    let own = format!("{county}/schools/S1");
    sign_in_as(&browser, &desk, OFFICE, &[]).await;
    browser.go(&format!("{home}/records/rulesets")).await;
    let rules = [
        ("ruleset.display_name", "2026 年规则"),
        (
            "ruleset.parameters",
            "clock.plea | 被督导单位申辩时限 | 5 | working_days | 山西省规定",
        ),
    ];
    browser.take("create", &rules).await;
    browser.go(&format!("{home}/campaigns/c1")).await;
    browser.take("decide", &[]).await;
    let visit = [
        ("target", own.as_str()),
        ("date", "2026-11-10"),
        ("leader", &leader),
        ("members", &two),
        ("members", &three),
    ];
    browser.take("visit", &visit).await;
    browser.click("main a[href*='/visits/']").await;
    let notice = [
        ("number", "泽教督〔2026〕5号"),
        ("text", "请准备自评报告"),
        ("self_evaluation_due_date", "2026-11-01"),
    ];
    browser.take("notify", &notice).await;
    let visit = browser.client.current_url().await.unwrap().to_string();

    change_to(&browser, &desk, &["school"], std::slice::from_ref(&own)).await;
    browser.go(&visit).await;
    browser
        .take("self_evaluate", &[("text", "自评为良好")])
        .await;
    change_to(&browser, &desk, OFFICE, &[]).await;
    browser.go(&visit).await;
    let review = [("review", "属实"), ("reviewer", leader.as_str())];
    browser.take("review", &review).await;

    desk.house.on_day("2026-11-10");
    change_to(&browser, &desk, OFFICE, &[]).await;
    browser.go(&visit).await;
    browser.take("begin", &[]).await;
    for group in ["STUDENTS", "PARENTS", "TEACHERS", "PUBLIC"] {
        let group = format!("HEARING_GROUP_{group}");
        let heard = [
            ("group", group.as_str()),
            ("people", "12"),
            ("summary", "食堂拥挤"),
            ("by", &leader),
        ];
        browser.take("hear", &heard).await;
    }
    let finding = [
        ("title", "消防通道堵塞"),
        ("detail", "二楼东侧堆放课桌"),
        ("basis", "《消防法》第二十八条"),
        ("severity", "SEVERITY_SERIOUS"),
        ("requirement", "清理"),
        ("recorded_by", leader.as_str()),
    ];
    browser.take("finding", &finding).await;
    browser.take("finish", &[]).await;
    let summary = [("summary", "总体良好")];
    browser.take("preliminary", &summary).await;
    change_to(&browser, &desk, &["school"], std::slice::from_ref(&own)).await;
    browser.go(&visit).await;
    browser.take("plead", &[("text", "课桌当日已清走")]).await;
    change_to(&browser, &desk, OFFICE, &[]).await;
    browser.go(&visit).await;
    let answer = [
        ("text", "已核实，仍须建立制度"),
        ("accepted", "1"),
        ("answered_by", "张主任"),
    ];
    browser.take("answer", &answer).await;
    for member in [&leader, &two] {
        change_to(
            &browser,
            &desk,
            &["supervisor"],
            std::slice::from_ref(member),
        )
        .await;
        browser.go(&visit).await;
        browser.take("agree", &[]).await;
    }
    change_to(&browser, &desk, OFFICE, &[]).await;
    browser.go(&visit).await;
    browser.take("letter", &[("summary", "限期整改")]).await;
    let report = [
        ("number", "泽教督〔2026〕6号"),
        ("title", "小学综合督导报告"),
        ("text", "详见附件"),
    ];
    browser.take("report", &report).await;
    browser.take("file", &[("to", "市政府督导办")]).await;
    let receipt = [("to", "市政府督导办"), ("receipt", "晋市督收12号")];
    browser.take("file", &receipt).await;
    let publication = [
        ("place", "https://example.cn/report"),
        ("text", "总体良好，消防通道须整改"),
    ];
    browser.take("publish", &publication).await;
    browser.is_content(&desk).await;

    browser.client.delete_all_cookies().await.unwrap();
    browser.go(&format!("{}/public/140525", desk.address)).await;
    browser.until("小学综合督导报告").await;
    browser.is_content(&desk).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_finding_is_closed_out_and_another_goes_up_the_ladder_in_the_browser() {
    let desk = Desk::settled().await;
    let browser = Browser::open(1280, 900).await;
    let home = format!("{}/{}", desk.address, dudao_tests::COUNTY);
    let school = vec![format!("{}/schools/S1", dudao_tests::COUNTY)];
    sign_in_as(&browser, &desk, &["school"], &school).await;
    browser.until("上报整改情况").await;
    browser.click("main a[href*='/cases/']").await;
    let done = [("text", "已清理通道"), ("by", "王校长")];
    browser.take("report", &done).await;
    change_to(&browser, &desk, OFFICE, &[]).await;
    browser.go(&format!("{home}/ledger")).await;
    browser.click("main a[href$='/cases/c1']").await;
    let seen = [("passed", "1"), ("text", "通道畅通"), ("officer", "张主任")];
    browser.take("check", &seen).await;
    let published = [
        ("place", "https://example.cn/results"),
        ("text", "消防通道已清理"),
    ];
    browser.take("publish", &published).await;
    let grounds = [("text", "复查合格并已公布"), ("officer", "张主任")];
    browser.take("close", &grounds).await;
    browser.until("已销号").await;

    // What the visit found becomes a case of its own, and its school does nothing.
    let own = vec![dudao_tests::supervisor("A1")];
    change_to(&browser, &desk, &["supervisor"], &own).await;
    browser.go(&format!("{home}/visits/v1")).await;
    browser.take("agree", &[]).await;
    change_to(&browser, &desk, OFFICE, &[]).await;
    browser.go(&format!("{home}/visits/v1")).await;
    browser.take("letter", &[("summary", "总体良好")]).await;
    let case = format!("{home}/cases/v1");
    for attempt in 0..100 {
        browser.go(&case).await;
        let text = browser.ask("return document.body.innerText").await;
        if text.as_str().unwrap().contains("待作整改决定") {
            break;
        }
        assert!(attempt < 99, "no case: {text}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let decision = [
        ("document", "泽教督整〔2026〕9号"),
        ("requirement", "清理通道"),
        ("limit_date", "2026-09-20"),
        ("officer", "张主任"),
    ];
    browser.take("decide", &decision).await;
    let on = async |day: &str| {
        desk.house.on_day(day);
        change_to(&browser, &desk, OFFICE, &[]).await;
        browser.go(&case).await;
    };
    on("2026-09-21").await;
    let letter = [
        ("number", "泽督办〔2026〕1号"),
        ("limit_date", "2026-09-30"),
        ("officer", "张主任"),
    ];
    browser.take("urge", &letter).await;
    on("2026-10-09").await;
    let interview = [
        ("attendees", "王校长"),
        ("record", "限期落实"),
        ("officer", "张主任"),
    ];
    browser.take("interview", &interview).await;
    let notification = [
        ("trigger", "NOTIFICATION_TRIGGER_NOT_DONE"),
        ("text", "整改不落实"),
        ("recipients", "大阳镇党委"),
        ("officer", "张主任"),
    ];
    browser.take("notify", &notification).await;
    let referral = [("text", "通报后仍未整改"), ("officer", "张主任")];
    browser.take("refer", &referral).await;
    for rung in ["督办", "约谈", "通报", "问责"] {
        browser.until(rung).await;
    }
    browser.is_content(&desk).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn article_21_parties_hand_in_secrets_from_their_devices_and_anyone_draws_again_what_was_drawn()
 {
    let desk = Desk::settled().await;
    let browser = Browser::open(1280, 900).await;
    let draw = format!("{}/{}/draws/d1", desk.address, dudao_tests::COUNTY);
    let unit = vec![format!("{}/memberUnits/县财政局", dudao_tests::COUNTY)];
    let parties: [(&[&str], &[String]); 2] = [(OFFICE, &[]), (&["unit_liaison"], &unit)];
    let mut secrets = Vec::new();
    for (roles, own) in parties {
        change_to(&browser, &desk, roles, own).await;
        browser.go(&draw).await;
        let form = "form:has([name=verb][value=commit])";
        let open = format!("document.querySelector(`{form}`).closest('details').open = true");
        browser.ask(&open).await;
        browser
            .click(&format!("{form} [data-secret-of] button"))
            .await;
        let secret =
            format!("return document.querySelector(`{form} [data-secret-of] input`).value");
        secrets.push(browser.ask(&secret).await);
        browser.take("commit", &[]).await;
    }
    change_to(&browser, &desk, OFFICE, &[]).await;
    browser.go(&draw).await;
    browser.take("freeze", &[]).await;
    for ((roles, own), secret) in parties.into_iter().zip(&secrets) {
        change_to(&browser, &desk, roles, own).await;
        browser.go(&draw).await;
        let secret = [("secret", secret.as_str().unwrap())];
        browser.take("reveal", &secret).await;
    }
    change_to(&browser, &desk, OFFICE, &[]).await;
    browser.go(&draw).await;
    browser.take("publish", &[]).await;
    browser.is_content(&desk).await;

    browser.client.delete_all_cookies().await.unwrap();
    browser
        .go(&format!("{}/public/140525?view=draws", desk.address))
        .await;
    browser.click("main a[href$='/draws/d1']").await;
    browser.until("如何验证").await;
    let record = browser.take_away("a[href$='/record']", "d1.json").await;
    let program = browser
        .take_away("a[href$='/verify_draw.py']", "verify_draw.py")
        .await;
    browser.is_content(&desk).await;
    let folder = tempfile::tempdir().unwrap();
    let again = async |record: &[u8]| {
        let (by, of) = (
            folder.path().join("verify_draw.py"),
            folder.path().join("d1.json"),
        );
        std::fs::write(&by, &program).unwrap();
        std::fs::write(&of, record).unwrap();
        let told = Command::new("python3")
            .arg(by)
            .arg(of)
            .output()
            .await
            .unwrap();
        told.status.success()
    };
    assert!(again(&record).await, "another draw than the record's");
    let [mine, other] = [0, 1].map(|party: usize| secrets[party].as_str().unwrap());
    let changed = String::from_utf8(record).unwrap().replace(mine, other);
    assert!(!again(changed.as_bytes()).await, "a changed record");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_drafted_edited_issued_and_taken_away_by_clicks_alone() {
    let desk = Desk::settled().await;
    let office = Grant {
        roles: vec!["planner".to_owned(), "chief_supervisor".to_owned()],
        county: "140525".to_owned(),
        own: Vec::new(),
    };
    let token = desk.house.token("张主任", office);
    let browser = Browser::open(1280, 900).await;
    browser.go(&format!("{}/login", desk.address)).await;
    browser.fill("#proof", &token).await;
    browser.click("main button").await;
    browser.until("覆盖情况").await;
    browser.click("nav a[href$='/supervisors']").await;
    browser.click("tbody a[href$='/supervisors/A1']").await;
    browser.click("a[href*='/documents?subject=']").await;
    browser.until("督学聘书").await;
    let draft = browser
        .take_away("a[href$='form=docx']", "（草稿）.docx")
        .await;
    let mut draft = Paper::read(&draft).unwrap();
    draft.body.push(Block::Text("此件公开发布。".to_owned()));
    let edited = browser.profile.path().join("edited.docx");
    std::fs::write(&edited, draft.docx().unwrap()).unwrap();
    browser.click("summary").await;
    browser
        .fill("input[type=file]", edited.to_str().unwrap())
        .await;
    browser.click("details button").await;
    browser.until("SHA-256").await;
    let issued = browser
        .take_away("a[href*='/documents/'][href$='/docx']", "号.docx")
        .await;
    let issued = Paper::read(&issued).unwrap();
    assert!(issued.body.contains(draft.body.last().unwrap()));
    let pdf = browser
        .take_away("a[href*='/documents/'][href$='/pdf']", "号.pdf")
        .await;
    assert!(pdf.starts_with(b"%PDF-"));
    browser.is_content(&desk).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_finds_the_visits_of_a_month_on_a_phone() {
    let desk = Desk::settled().await;
    let supervisor = Grant {
        roles: vec!["supervisor".to_owned()],
        county: "140525".to_owned(),
        own: vec![dudao_tests::supervisor("A1")],
    };
    let token = desk.house.token("督学甲", supervisor);
    let browser = Browser::open(500, 900).await;
    browser.go(&format!("{}/login", desk.address)).await;
    browser.fill("#proof", &token).await;
    browser.click("main button").await;
    browser.until("我的督导").await;
    browser.click("a[rel=prev]").await;
    browser.until("2026-08").await;
    browser.click("main ul a").await;
    browser.until("消防通道堵塞").await;
    // Nothing is wider than the screen.
    let overflow =
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(browser.ask(overflow).await, json!(0));
    // Whoever uses the keyboard can pass over the navigation.
    let first = "return document.querySelector('a').textContent";
    assert_eq!(browser.ask(first).await, json!("跳到正文"));
    browser.is_content(&desk).await;
    browser.close().await;
}

/// Solves a year without a page: the county's office has one in force.
async fn year_in_force(desk: &Desk) -> String {
    use dudao_proto::scheduler::v1 as scheduler;
    use scheduler::year_plan_service_client::YearPlanServiceClient;
    use scheduler::zoning_plan_service_client::ZoningPlanServiceClient;
    let limits = Some(scheduler::SolveLimits {
        seconds: 20.0,
        gap: Some(0.2),
        ..Default::default()
    });
    let link = &desk.house.link;
    let mut zonings = limited!(ZoningPlanServiceClient::new(link.clone()));
    let mut years = limited!(YearPlanServiceClient::new(link.clone()));
    macro_rules! in_force {
        ($client:ident, $plan:expr, $watch:ident($watching:ident), $approve:ident($approving:ident), $activate:ident($activating:ident)) => {{
            let name = $plan.await.unwrap().into_inner().name;
            let watching = scheduler::$watching { name: name.clone() };
            let mut moments = $client.$watch(watching).await.unwrap().into_inner();
            while moments.message().await.unwrap().is_some() {}
            let approving = scheduler::$approving {
                name: name.clone(),
                ..Default::default()
            };
            $client.$approve(approving).await.unwrap();
            let activating = scheduler::$activating {
                name: name.clone(),
                ..Default::default()
            };
            $client.$activate(activating).await.unwrap();
            name
        }};
    }
    let parent = dudao_tests::COUNTY.to_owned();
    let zoning = scheduler::CreateZoningPlanRequest {
        parent: parent.clone(),
        zoning_plan: Some(scheduler::ZoningPlan {
            limits,
            ..Default::default()
        }),
        ..Default::default()
    };
    in_force!(
        zonings,
        zonings.create_zoning_plan(zoning),
        watch_zoning_plan(WatchZoningPlanRequest),
        approve_zoning_plan(ApproveZoningPlanRequest),
        activate_zoning_plan(ActivateZoningPlanRequest)
    );
    let year = scheduler::CreateYearPlanRequest {
        parent,
        year_plan: Some(scheduler::YearPlan {
            year: 2027,
            limits,
            ..Default::default()
        }),
        ..Default::default()
    };
    in_force!(
        years,
        years.create_year_plan(year),
        watch_year_plan(WatchYearPlanRequest),
        approve_year_plan(ApproveYearPlanRequest),
        activate_year_plan(ActivateYearPlanRequest)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planner_carries_a_visit_to_another_day_and_sees_first_what_it_costs() {
    let desk = Desk::with_schools().await;
    let plan = year_in_force(&desk).await;
    let browser = Browser::open(1400, 1000).await;
    sign_in(&browser, &desk).await;
    browser
        .go(&format!("{}/{plan}?month=2027-03", desk.address))
        .await;
    browser.until("把督导拖到另一天").await;
    let visit = "document.querySelector('td:not(.outside) [data-visit]')";
    let id = browser.ask(&format!("return {visit}.dataset.visit")).await;
    let on = format!("return {visit}.closest('[data-day]').dataset.day");
    let on = browser.ask(&on).await;
    // A day of the same month on which another visit is: a day of the plan.
    let day = format!(
        "[...document.querySelectorAll('td:not(.outside)')].find((cell) => cell.querySelector('[data-visit]') && cell.dataset.day !== {on})"
    );
    let to = browser.ask(&format!("return {day}.dataset.day")).await;
    browser
        .ask(&format!("{visit}.scrollIntoView({{block: 'center'}})"))
        .await;
    let there = format!("{day}.querySelector('time')");
    browser.carry(visit, &there, to.as_str().unwrap()).await;
    browser.until("正在调整").await;
    browser.until("目标值变化").await;
    let chosen = browser
        .ask("return document.querySelector('#moving button').value")
        .await;
    let pin = format!("{}={}", id.as_str().unwrap(), to.as_str().unwrap());
    assert_eq!(chosen, json!(pin));
    browser.is_content(&desk).await;
    browser.click("#moving button").await;
    browser.until("批准前请核对").await;
    browser.until(to.as_str().unwrap()).await;
    browser.is_content(&desk).await;
    browser.close().await;
}

/// What axe finds on the page against WCAG 2.2, levels A and AA: the rule, and where.
async fn barriers(browser: &Browser) -> Vec<String> {
    browser.ask(include_str!("axe/axe-4.14.1.min.js")).await;
    let run = "const done = arguments[arguments.length - 1]; \
         axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] } }) \
         .then((told) => done(told.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target} ${node.failureSummary}`))))";
    let told = browser.client.execute_async(run, Vec::new()).await.unwrap();
    let told = told.as_array().unwrap().iter();
    told.map(|found| found.as_str().unwrap().to_owned())
        .collect()
}

/// Signs in by a token of these roles.
async fn sign_in_as(browser: &Browser, desk: &Desk, roles: &[&str], own: &[String]) {
    let grant = Grant {
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        county: "140525".to_owned(),
        own: own.to_vec(),
    };
    let token = desk.house.token("督学甲", grant);
    browser.go(&format!("{}/login", desk.address)).await;
    browser.fill("#proof", &token).await;
    browser.click("main button").await;
    // The page after it.
    let there = "return document.querySelector('form[action=\"/logout\"]') !== null";
    for _ in 0..100 {
        if browser.ask(there).await == json!(true) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not signed in");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_keeps_anyone_out() {
    let desk = Desk::settled().await;
    let browser = Browser::open(1280, 900).await;
    let home = "/counties/140525";
    let county = dudao_tests::COUNTY;
    let supervisor = vec![dudao_tests::supervisor("A1")];
    let school = vec![format!("{county}/schools/S1")];
    let nobody = [
        "/login",
        "/public",
        "/public/140525",
        "/public/140525?view=plaques",
        "/public/140525?view=draws",
        "/public/140525?view=results",
        "/public/140525/lead",
        "/nothing",
    ];
    let office = [
        "",
        "/schools",
        "/schools/S1",
        "/supervisors",
        "/supervisors/A1",
        "/memberUnits",
        "/complaints",
        "/zoningPlans",
        "/zoningPlans/new",
        "/zoningPlans/compare",
        "/mapLayers",
        "/yearPlans",
        "/yearPlans/new",
        "/import",
        "/ledger",
        "/cases/c1",
        "/visits?month=2026-08",
        "/visits/v1",
        "/draws",
        "/draws/d1",
        "/listItems",
        "/campaigns?year=2026",
        "/campaigns/new",
        "/campaigns/c1",
        "/accountabilityDecisions",
        "/accountabilityDecisions/q1",
        "/evaluations",
        "/evaluations/e1",
        "/balanceReports",
        "/balanceReports/w1",
        "/changes",
        "/records",
        "/records/committee",
        "/records/trainings",
        "/records/indicatorSets",
        "/records/balanceReports/w1",
        "/records/schools/S1",
        "/records/commendations",
    ];
    let mut found = Vec::new();
    let mut look = async |at: &str| {
        browser.go(&format!("{}{at}", desk.address)).await;
        for width in [1280, 400] {
            browser.client.set_window_size(width, 900).await.unwrap();
            let here = barriers(&browser).await.into_iter();
            found.extend(here.map(|barrier| format!("{at} at {width}: {barrier}")));
        }
    };
    for at in nobody {
        look(at).await;
    }
    sign_in_as(&browser, &desk, &["planner", "chief_supervisor"], &[]).await;
    for at in office {
        look(&format!("{home}{at}")).await;
    }
    look("/plans").await;
    browser.client.delete_all_cookies().await.unwrap();
    sign_in_as(&browser, &desk, &["supervisor"], &supervisor).await;
    for at in ["/visits?month=2026-08", "/visits/v1", "/me"] {
        look(&format!("{home}{at}")).await;
    }
    browser.client.delete_all_cookies().await.unwrap();
    sign_in_as(&browser, &desk, &["school"], &school).await;
    for at in ["/duties", "/cases/c1"] {
        look(&format!("{home}{at}")).await;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_keep_nobody_out_and_the_first_page_is_light() {
    let desk = Desk::with_schools().await;
    let year = year_in_force(&desk).await;
    let browser = Browser::open(1280, 900).await;
    sign_in(&browser, &desk).await;
    // What a browser loads that has nothing yet, the page with all that it is made of.
    let bytes = "return performance.getEntries().reduce((all, entry) => all + (entry.transferSize ?? 0), 0)";
    browser
        .go(&format!("{}/counties/140525", desk.address))
        .await;
    let bytes = browser.ask(bytes).await.as_u64().unwrap();
    assert!((1..200 << 10).contains(&bytes), "{bytes} bytes");
    let mut found = Vec::new();
    let zoning =
        "return document.querySelector('a[href*=\"/zoningPlans/0\"]').getAttribute('href')";
    let zonings = format!("{}/counties/140525/zoningPlans", desk.address);
    browser.go(&zonings).await;
    let zoning = browser.ask(zoning).await;
    let zoning = zoning.as_str().unwrap().trim_start_matches('/').to_owned();
    let visit = "return document.querySelector('[data-visit]').dataset.visit";
    browser
        .go(&format!("{}/{year}?month=2027-03", desk.address))
        .await;
    let visit = browser.ask(visit).await;
    let visit = visit.as_str().unwrap();
    let places = [
        zoning.clone(),
        format!("{zoning}?school=S25"),
        format!("{zoning}/explain?school=S25"),
        format!("{year}?month=2027-03"),
        format!("{year}?month=2027-03&visit={visit}"),
        format!("{year}?view=week&week=3"),
        format!("{year}?view=load"),
        format!("{year}?view=bars"),
        format!("{year}?view=burden"),
        format!("{year}?view=list"),
        format!("{year}/explain?visit={visit}"),
    ];
    for at in &places {
        browser.go(&format!("{}/{at}", desk.address)).await;
        let here = barriers(&browser).await.into_iter();
        found.extend(here.map(|barrier| format!("{at}: {barrier}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.is_content(&desk).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_supervisor_writes_down_without_signal_is_kept_and_sent_once() {
    use dudao_proto::inspection::v1 as inspection;
    use inspection::finding_service_client::FindingServiceClient;
    use inspection::visit_service_client::VisitServiceClient;
    let desk = Desk::settled().await;
    let today = desk.house.clock.today().to_string();
    let mut visits = limited!(VisitServiceClient::new(desk.house.link.clone()));
    let request = inspection::CreateVisitRequest {
        parent: dudao_tests::COUNTY.to_owned(),
        visit_id: "today".to_owned(),
        visit: Some(inspection::Visit {
            kind: inspection::InspectionKind::Routine.into(),
            object_kind: inspection::ObjectKind::School.into(),
            target: format!("{}/schools/S1", dudao_tests::COUNTY),
            target_name: "本校小学".to_owned(),
            date: today,
            days: 1.0,
            team: vec![inspection::TeamMember {
                supervisor: dudao_tests::supervisor("A1"),
                leader: true,
                ..Default::default()
            }],
            ..Default::default()
        }),
        ..Default::default()
    };
    visits.create_visit(request).await.unwrap();
    let line = Line::to(&desk).await;
    let supervisor = Grant {
        roles: vec!["supervisor".to_owned()],
        county: "140525".to_owned(),
        own: vec![dudao_tests::supervisor("A1")],
    };
    let token = desk.house.token("督学甲", supervisor);
    let browser = Browser::open(500, 900).await;
    browser.go(&format!("{}/login", line.address)).await;
    browser.fill("#proof", &token).await;
    browser.click("main button").await;
    browser.until("我的督导").await;
    // The device has the page of the visit before anyone opens it.
    let kept = "const done = arguments[arguments.length - 1]; navigator.serviceWorker.ready.then(() => caches.open('pages')) \
         .then((cache) => cache.keys()).then((keys) => done(keys.map((key) => key.url)))";
    for attempt in 0..100 {
        let keys = browser
            .client
            .execute_async(kept, Vec::new())
            .await
            .unwrap();
        if keys.to_string().contains("/visits/today") {
            break;
        }
        assert!(attempt < 99, "{keys}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // A page that the worker has in hand.
    browser.client.refresh().await.unwrap();
    line.cut();
    browser.click("a[href$='/visits/today']").await;
    browser.until("进校前请看").await;
    browser.until("本校问题").await;
    let open = async |verb: &str| {
        let form = format!("form:has([name=verb][value={verb}])");
        browser
            .ask(&format!(
                "document.querySelector('{form}').closest('details').open = true"
            ))
            .await;
        form
    };
    let begin = open("begin").await;
    browser.click(&format!("{begin} > button")).await;
    browser.until("暂无网络").await;
    let finding = open("finding").await;
    browser
        .fill(&format!("{finding} [name=title]"), "楼梯扶手松动")
        .await;
    browser
        .fill(&format!("{finding} [name=detail]"), "二楼东侧")
        .await;
    browser
        .fill(&format!("{finding} [name=basis]"), "学校安全条例")
        .await;
    browser
        .fill(&format!("{finding} [name=requirement]"), "立即加固")
        .await;
    let folder = tempfile::tempdir().unwrap();
    let photo = folder.path().join("photo.png");
    let drawn = "const done = arguments[arguments.length - 1]; const canvas = document.createElement('canvas'); canvas.width = 3000; \
         canvas.height = 2000; canvas.getContext('2d').fillRect(10, 10, 900, 900); done(canvas.toDataURL('image/png').split(',')[1])";
    let drawn = browser
        .client
        .execute_async(drawn, Vec::new())
        .await
        .unwrap();
    let drawn = STANDARD.decode(drawn.as_str().unwrap()).unwrap();
    std::fs::write(&photo, drawn).unwrap();
    let chooser = browser.client.find(Locator::Css("input[type=file]")).await;
    chooser
        .unwrap()
        .send_keys(photo.to_str().unwrap())
        .await
        .unwrap();
    browser.click(&format!("{finding} > button")).await;
    browser.until("楼梯扶手松动").await;
    let count = "return document.querySelector('[data-count]').textContent";
    assert_eq!(browser.ask(count).await, json!("2"));
    // The page is closed and opened again without signal: nothing is lost.
    browser.client.refresh().await.unwrap();
    browser.until("楼梯扶手松动").await;
    assert_eq!(browser.ask(count).await, json!("2"));
    line.mend();
    browser.ask("dispatchEvent(new Event('online'))").await;
    let mut findings = limited!(FindingServiceClient::new(desk.house.link.clone()));
    let request = inspection::ListFindingsRequest {
        parent: dudao_tests::COUNTY.to_owned(),
        visit: format!("{}/visits/today", dudao_tests::COUNTY),
        ..Default::default()
    };
    let known = dudao_tests::eventually(|| {
        let (mut findings, request) = (findings.clone(), request.clone());
        async move {
            let known = findings.list_findings(request).await.unwrap();
            let known = known.into_inner().findings;
            (!known.is_empty()).then_some(known)
        }
    });
    let known = known.await;
    assert_eq!((known.len(), known[0].evidence.len()), (1, 1), "{known:?}");
    // The photo has come after the words, small, and is shown.
    browser.until("楼梯扶手松动").await;
    let shown = "const image = document.querySelector('.photos img'); return image?.complete ? image.naturalWidth : 0";
    for attempt in 0..100 {
        browser
            .ask("document.querySelector('.photos')?.scrollIntoView()")
            .await;
        if browser.ask(shown).await == json!(1600) {
            break;
        }
        assert!(attempt < 99, "no photo");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(
        browser
            .ask("return document.querySelector('#outbox').hidden")
            .await,
        json!(true)
    );
    // An answer that is lost on the way: the record is sent again, and is one.
    let again = "const done = arguments[arguments.length - 1]; const key = document.querySelector('[name=form_key]').value; \
         const body = () => new URLSearchParams([['form_key', key], ['verb', 'finding'], ['title', '灭火器过期'], ['detail', '一楼'], \
         ['basis', '消防法'], ['severity', 'SEVERITY_MINOR'], ['requirement', '更换'], ['ticket', 'one-and-the-same']]); \
         const send = () => fetch(location.pathname + '/records', { method: 'POST', body: body() }).then((answer) => answer.status); \
         send().then((first) => send().then((second) => done([first, second])))";
    let answers = browser
        .client
        .execute_async(again, Vec::new())
        .await
        .unwrap();
    assert_eq!(answers, json!([204, 204]));
    let known = findings.list_findings(request).await.unwrap();
    assert_eq!(known.into_inner().findings.len(), 2);
    browser.close().await;
}
