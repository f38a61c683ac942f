//! The county's pages over HTTP, with the services behind them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::issuer::{self, Issuer};
use common::{Desk, Page, Visitor};
use dudao_proto::registry::v1 as registry;
use dudao_tests::COUNTY;
use dudao_tests::county::{FOREIGN, OTHERS};
use reqwest::StatusCode;

const HOME: &str = "/counties/140525";

/// Asks until the page says so: a solve takes its time.
async fn until(visitor: &mut Visitor, path: &str, words: &str) -> Page {
    for _ in 0..600 {
        let page = visitor.get(path).await;
        if page.text.contains(words) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{path} has not said {words} within a minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_link_signs_in_once_and_by_a_click_alone() {
    let desk = Desk::open().await;
    let (mut office, mut other) = (desk.visitor(), desk.visitor());
    let page = office.get(HOME).await;
    assert_eq!(page.location, "/login?next=%2Fcounties%2F140525");
    let link = desk.link();
    let path = link.strip_prefix(&desk.address).unwrap();
    // Whatever looks ahead at the link does not use it up.
    office.get(path).await;
    let page = office.get(path).await;
    let proof = page.hidden("proof");
    let page = office
        .post("/login", &[("proof", &proof), ("next", HOME)])
        .await;
    assert_eq!(
        (page.status, page.location.as_str()),
        (StatusCode::SEE_OTHER, HOME)
    );
    assert!(office.get(HOME).await.text.contains("泽州县"));
    let page = other.post("/login", &[("proof", &link)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("已使用或已过期"));
    assert_eq!(other.get(HOME).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_and_nobody_signs_another_out() {
    let desk = Desk::open().await;
    let mut planner = desk.signed_in(&["planner"], &[]).await;
    let key = planner.get(HOME).await.hidden("form_key");
    for page in [
        planner.post("/logout", &[]).await,
        planner.post("/logout", &[("form_key", "guess")]).await,
        planner
            .post_from_elsewhere("/logout", &format!("form_key={key}"))
            .await,
    ] {
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(planner.get(HOME).await.status, StatusCode::OK);
    let mut thief = planner.copy();
    planner.post("/logout", &[("form_key", &key)]).await;
    for visitor in [&mut planner, &mut thief] {
        assert_eq!(visitor.get(HOME).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_signs_in_at_the_issuer_goes_on_by_renewed_tokens_and_signs_out_there() {
    let issuer = Issuer::open().await;
    let desk = Desk::with_issuer(&issuer).await;
    let (mut user, mut other) = (desk.visitor(), desk.visitor());
    assert!(user.get("/login").await.text.contains("统一身份认证登录"));
    let page = user
        .get(&format!("/login/issuer?next={HOME}/schools"))
        .await;
    assert!(page.location.starts_with(issuer.url()), "{}", page.location);
    let back = issuer.signs_in(&page.location);
    // Nobody comes back in another's place, and nobody twice.
    let page = other.get(&back).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = user.get(&back).await;
    assert_eq!(page.location, format!("{HOME}/schools"), "{}", page.text);
    let page = user.get(&back).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&["登录未完成或已过期"]), "{}", page.text);
    assert_eq!(user.get(HOME).await.status, StatusCode::OK);
    assert_eq!(issuer.given(), 1);
    // A token is good for minutes, a session for the day: those who ask at once wait for one renewal.
    desk.house.clock.advance((issuer::SECONDS + 60) * 1_000_000);
    let (mut same, list) = (user.copy(), format!("{HOME}/schools"));
    let (first, second) = tokio::join!(user.get(HOME), same.get(&list));
    assert_eq!(
        (first.status, second.status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(issuer.given(), 2);
    let key = first.hidden("form_key");
    assert!(
        first
            .policy
            .contains(&format!("form-action 'self' {}", issuer.url()))
    );
    let page = user.post("/logout", &[("form_key", &key)]).await;
    assert!(
        page.location
            .starts_with(&format!("{}/leave?id_token_hint=", issuer.url())),
        "{}",
        page.location
    );
    assert_eq!(same.get(HOME).await.status, StatusCode::SEE_OTHER);
    // A session that nobody can renew ends with the day.
    let page = other.get("/login/issuer").await;
    let back = issuer.signs_in(&page.location);
    assert_eq!(other.get(&back).await.status, StatusCode::SEE_OTHER);
    desk.house.clock.advance(13 * 3_600_000_000);
    assert_eq!(other.get(HOME).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_says_how_the_county_stands() {
    let desk = Desk::open().await;
    let mut planner = desk.signed_in(&["planner"], &[]).await;
    let page = planner.get(HOME).await;
    assert!(
        page.has(&["学校与幼儿园", ">1<", "在任督学", ">4<"]),
        "{}",
        page.text
    );
    assert!(page.has(&["尚未划分责任区", "尚无现行年度计划"]));
    assert!(page.has(&["年度职责", "已逾期", "第二条"]), "{}", page.text);
    planner.post("/language", &[("back", HOME)]).await;
    assert!(
        planner
            .get(HOME)
            .await
            .has(&["Overview", "No zoning is in force"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn schools_are_searched_sorted_filtered_and_looked_up() {
    let desk = Desk::with_schools().await;
    let mut planner = desk.signed_in(&["planner"], &[]).await;
    let list = format!("{HOME}/schools");
    let page = planner.get(&format!("{list}?sort=-pupils")).await;
    assert!(
        page.has(&["巴公镇中心小学", "第25小学", "第24小学"]),
        "{}",
        page.text
    );
    let page = planner
        .get(&format!("{list}?town=%E5%A4%A7%E9%98%B3%E9%95%87"))
        .await;
    assert!(page.text.contains("第4小学") && !page.text.contains("第3小学"));
    let page = planner.get(&format!("{list}?q=bgzzx")).await;
    assert!(page.has(&["巴公镇中心小学", "共 1"]), "{}", page.text);
    let page = planner.get(&format!("{list}?q=s25")).await;
    assert!(page.has(&["第25小学", "共 1"]) && !page.text.contains("第24小学"));
    let page = planner.get(&format!("{list}/S25")).await;
    assert!(page.has(&["第25小学", "大阳镇", "350"]), "{}", page.text);
    let page = planner.get(&format!("{list}/S99")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.has(&["无法显示此页", "怎么办"]));
    let page = planner
        .get(&format!(
            "{HOME}/supervisors?employment=EMPLOYMENT_PART_TIME"
        ))
        .await;
    assert!(page.text.contains("没有符合条件的记录"));
    let page = planner.get(&format!("{HOME}/supervisors/E")).await;
    assert!(page.has(&["督学E", "专职", "小学", "2025-09-01"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_sees_no_plans_and_a_stranger_no_county() {
    let desk = Desk::open().await;
    let own = [format!("{}/supervisors/A", dudao_tests::COUNTY)];
    let mut supervisor = desk.signed_in(&["supervisor"], &[&own[0]]).await;
    let page = supervisor.get(&format!("{HOME}/zoningPlans")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("您的角色没有此权限"));
    let page = supervisor.get("/counties/140526").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn zones_are_solved_shown_explained_and_put_in_force() {
    let desk = Desk::with_schools().await;
    let mut planner = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    let list = format!("{HOME}/zoningPlans");
    let form = planner.get(&format!("{list}/new")).await;
    let (key, ticket) = (form.hidden("form_key"), form.hidden("ticket"));
    let fields = |seconds: &'static str| {
        [
            ("form_key", key.clone()),
            ("ticket", ticket.clone()),
            ("seconds", seconds.to_owned()),
            ("gap", "5".to_owned()),
        ]
    };
    for (wrong, words) in [("viele", "须为数字"), ("-3", "seconds-wrong")] {
        let fields = fields(wrong);
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let page = planner.post(&list, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(&["填写有误", words]), "{}", page.text);
    }
    let fields = fields("20");
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let plan = planner.post(&list, &fields).await.location;
    // Sent twice, solved once.
    assert_eq!(planner.post(&list, &fields).await.location, plan);
    let page = until(&mut planner, &plan, "待审批").await;
    assert!(page.has(&["data-map", "责任区", "督学"]), "{}", page.text);
    let map = planner.get(&format!("{plan}/map")).await;
    let map: serde_json::Value = serde_json::from_str(&map.text).unwrap();
    assert_eq!(map["schools"].as_array().unwrap().len(), 25);
    assert!(map["zones"][0]["areas"][0].as_array().unwrap().len() > 2);
    assert!(planner.get(&format!("{plan}/export")).await.is_workbook);
    let why = planner.get(&format!("{plan}/explain?school=S25")).await;
    assert!(why.has(&["可选督学", "第25小学", "现任"]), "{}", why.text);
    for (verb, state) in [("approve", "已批准"), ("activate", "现行")] {
        step(&mut planner, &plan, verb, state).await;
    }
    // A school that is carried to another supervisor: what it would cost, before anything is done.
    let told = planner.get(&format!("{plan}/choices?school=S25")).await;
    let told: serde_json::Value = serde_json::from_str(&told.text).unwrap();
    let has = &map["schools"].as_array().unwrap();
    let has = has.iter().find(|school| school["id"] == "S25").unwrap();
    let other = told
        .as_object()
        .unwrap()
        .iter()
        .find(|(who, choice)| has["supervisor"] != who.as_str() && choice["may"] == true);
    let (to, choice) = other.unwrap();
    assert!(choice["words"].as_str().unwrap().contains('+'), "{choice}");
    let page = planner.get(&format!("{plan}?school=S25&to={to}")).await;
    let pin = format!("assign:S25={to}");
    assert!(page.has(&["改由", "固定并重新求解"]), "{}", page.text);
    assert!(page.buttons("pin").contains(&pin), "{}", page.text);
    let hidden = page.form(&list);
    let mut fields: Vec<_> = hidden
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let unreadable = [&fields[..], &[("pin", "assign:S25")]].concat();
    let page = planner.post(&list, &unreadable).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&["无法识别", "assign:S25"]), "{}", page.text);
    fields.push(("pin", &pin));
    let revised = planner.post(&list, &fields).await.location;
    until(&mut planner, &revised, "待审批").await;
    let id = |plan: &str| plan.rsplit('/').next().unwrap().to_owned();
    let both = format!("before={}&after={}", id(&plan), id(&revised));
    let page = planner.get(&format!("{list}/compare?{both}")).await;
    assert!(
        page.has(&[
            "目标值",
            "data-other",
            "变动",
            "第25小学",
            &format!("（{to}）")
        ]),
        "{}",
        page.text
    );
    // A page that was read before somebody was faster changes nothing.
    let stale = [
        ("form_key", key.as_str()),
        ("etag", "\"old\""),
        ("ticket", "another"),
    ];
    let page = planner.post(&format!("{plan}/supersede"), &stale).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text);
    assert!(page.has(&["怎么办", "刷新"]), "{}", page.text);
    let page = until(&mut planner, &format!("{HOME}/schools/S25"), "督学责任区").await;
    assert!(page.text.contains("督学"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_solved_shown_and_a_visit_is_moved_by_a_pin() {
    let desk = Desk::with_schools().await;
    let mut planner = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    for (list, fields) in [
        ("zoningPlans", vec![("seconds", "20"), ("gap", "10")]),
        (
            "yearPlans",
            vec![("year", "2027"), ("seconds", "20"), ("gap", "20")],
        ),
    ] {
        let list = format!("{HOME}/{list}");
        let plan = solve(&mut planner, &list, "new", &fields).await;
        for (verb, state) in [("approve", "已批准"), ("activate", "现行")] {
            step(&mut planner, &plan, verb, state).await;
        }
    }
    let list = format!("{HOME}/yearPlans");
    let page = planner.get(&list).await;
    let plan = page
        .text
        .split("href=\"")
        .find(|rest| rest.starts_with(&format!("{list}/0")));
    let plan = plan.unwrap().split('"').next().unwrap().to_owned();
    assert!(planner.get(&plan).await.has(&["月历", "经常性督导"]));
    // What was planned takes place: a visit has a page from which it can begin.
    let month = format!("{HOME}/visits?month=2027-03");
    let visits = until(&mut planner, &month, "已排定").await;
    let links = visits.text.split("href=\"");
    let links = links.map(|rest| rest.split('"').next().unwrap().to_owned());
    let links: Vec<_> = links.filter(|link| link.contains("/visits/")).collect();
    // An inspection is announced first.
    let mut ready = false;
    for link in links {
        let page = planner.get(&link).await;
        assert!(page.has(&["已排定"]), "{}", page.text);
        ready |= page.has(&["开始现场督导"]);
    }
    assert!(ready, "{}", visits.text);
    assert!(
        planner
            .get(&format!("{plan}?view=load"))
            .await
            .has(&["督学E", "heat-"])
    );
    let page = planner.get(&format!("{plan}?view=list&q=S25")).await;
    assert!(page.has(&["第25小学", "大阳镇"]), "{}", page.text);
    let why = page
        .text
        .split("explain?visit=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let page = planner.get(&format!("{plan}/explain?visit={why}")).await;
    assert!(
        page.has(&["这次督导为何在这一天", "第25小学", "改到这一天并重新求解"]),
        "{}",
        page.text
    );
    // Carried to another day of the calendar: what it would cost, before anything is done.
    let now = page.text.split("aria-current=\"true\"").nth(1).unwrap();
    let now = now.split("<td class=\"d\">").nth(1).unwrap()[..10].to_owned();
    let pin = page.buttons("pin").into_iter().rfind(|pin| {
        let day = pin.split('=').nth(1).unwrap();
        day != now && day[..7] == now[..7]
    });
    let pin = pin.unwrap();
    let (visit, day) = pin.split_once('=').unwrap();
    let days = planner.get(&format!("{plan}/days?visit={visit}")).await;
    let days: serde_json::Value = serde_json::from_str(&days.text).unwrap();
    assert!(days[day]["words"].is_string(), "{days}");
    let carried = format!("{plan}?month={}&visit={visit}&to={day}", &day[..7]);
    let page = planner.get(&carried).await;
    assert!(
        page.has(&["正在调整", "改到", day, "将在现行计划上修订"]),
        "{}",
        page.text
    );
    let hidden = page.form(&list);
    let mut fields: Vec<_> = hidden
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let unreadable = [&fields[..], &[("pin", "some day")]].concat();
    let refused = planner.post(&list, &unreadable).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.has(&["无法识别", "some day"]), "{}", refused.text);
    fields.push(("pin", &pin));
    let moved = planner.post(&list, &fields).await.location;
    // Before it is approved, what it changes stands above.
    let page = until(&mut planner, &moved, "待审批").await;
    assert!(
        page.has(&["批准前请核对", "第25小学", &now, day]),
        "{}",
        page.text
    );
    let id = |plan: &str| plan.rsplit('/').next().unwrap().to_owned();
    let both = format!("before={}&after={}", id(&plan), id(&moved));
    let page = planner.get(&format!("{list}/compare?{both}")).await;
    assert!(
        page.has(&["目标值", "第25小学", &now, day]),
        "{}",
        page.text
    );
    // The year along a line, by zone and by team; what each school bears; and for calendars.
    let page = planner.get(&format!("{plan}?view=bars")).await;
    let zone = page.text.split("&amp;zone=").nth(1).expect("a zone");
    let zone = zone.split('"').next().unwrap();
    assert!(page.has(&["各责任区", "<rect class=\"ROUTINE\""]));
    let page = planner.get(&format!("{plan}?view=bars&zone={zone}")).await;
    assert!(page.has(&["督学", "<title>2027-"]), "{}", page.text);
    let page = planner.get(&format!("{plan}?view=burden")).await;
    assert!(
        page.has(&["经常性督导", "最短间隔", "小学"]),
        "{}",
        page.text
    );
    let file = planner.get(&format!("{plan}/export?view=burden")).await;
    assert!(file.is_workbook);
    let file = planner.get(&format!("{plan}/calendar?q=S25")).await;
    let events = file.text.matches("BEGIN:VEVENT").count();
    assert!(
        events > 0 && file.text.contains("第25小学"),
        "{}",
        file.text
    );
    assert_eq!(
        file.text.matches("\r\nDTSTART;VALUE=DATE:2027").count(),
        events
    );
    assert!(planner.get(&format!("{plan}/export")).await.is_workbook);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_province_sees_on_one_page_how_far_its_counties_have_come() {
    let desk = Desk::with_schools().await;
    for (code, name) in [("140521", "沁水县"), ("130102", "长安区")] {
        let county = registry::County {
            display_name: name.to_owned(),
            ..Default::default()
        };
        let request = registry::CreateCountyRequest {
            county_id: code.to_owned(),
            county: Some(county),
            ..Default::default()
        };
        desk.house.counties().create_county(request).await.unwrap();
    }
    let mut province = desk.signed_in_at("14", &["superior_reader"]).await;
    assert!(province.get("/").await.has(&["/plans", "各县规划进度"]));
    let page = province.get("/plans").await;
    assert!(page.has(&["沁水县", "未求解", "泽州县"]), "{}", page.text);
    assert!(!page.has(&["长安区"]), "{}", page.text);
    assert!(!page.has(&["data-watch"]), "nothing is under way");

    let mut planner = desk.signed_in(&["planner"], &[]).await;
    let list = format!("{HOME}/zoningPlans");
    let fields = [("seconds", "5"), ("gap", "0")];
    let plan = begin(&mut planner, &list, "new", &fields).await;
    let page = province.get("/plans?scope=1405").await;
    assert!(
        page.has(&["/plans/watch?scope=1405", &plan]),
        "{}",
        page.text
    );
    // It is told until nothing is under way.
    let told = province.get("/plans/watch?scope=140525").await.text;
    let (before, last) = told.rsplit_once("event: progress").unwrap();
    assert!(before.contains("event: progress"), "{told}");
    assert!(
        last.contains("待审批") && last.contains("event: end"),
        "{told}"
    );
    assert!(!told.contains("沁水县"), "{told}");
    let page = province.get("/plans?scope=130").await;
    assert!(page.has(&["没有符合条件的记录"]), "{}", page.text);

    let own = [format!("{}/supervisors/A", dudao_tests::COUNTY)];
    let own: Vec<_> = own.iter().map(String::as_str).collect();
    let mut supervisor = desk.signed_in(&["supervisor"], &own).await;
    let page = supervisor.get("/plans").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.text);
}

/// Fills in the form for a new solve, and waits for the plan.
async fn solve(planner: &mut Visitor, list: &str, form: &str, fields: &[(&str, &str)]) -> String {
    let plan = begin(planner, list, form, fields).await;
    until(planner, &plan, "待审批").await;
    plan
}

/// Fills in the form for a new solve.
async fn begin(planner: &mut Visitor, list: &str, form: &str, fields: &[(&str, &str)]) -> String {
    let form = planner.get(&format!("{list}/{form}")).await;
    let (key, ticket) = (form.hidden("form_key"), form.hidden("ticket"));
    let hidden = [("form_key", key.as_str()), ("ticket", ticket.as_str())];
    let page = planner.post(list, &[&hidden[..], fields].concat()).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    page.location
}

/// Takes a plan a step further.
async fn step(planner: &mut Visitor, plan: &str, verb: &str, state: &str) {
    let page = planner.get(plan).await;
    let names = ["form_key", "etag", "ticket"];
    let values = names.map(|name| page.hidden(name));
    let fields: Vec<_> = names
        .into_iter()
        .zip(values.iter().map(String::as_str))
        .collect();
    planner.post(&format!("{plan}/{verb}"), &fields).await;
    until(planner, plan, state).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_checked_first_comes_back_marked_and_is_taken_in_on_a_word() {
    let desk = Desk::open().await;
    let mut planner = desk.signed_in(&["planner"], &[]).await;
    let import = format!("{HOME}/import");
    let template = planner.get(&format!("{import}/template/schools")).await;
    assert!(template.is_workbook);
    let key = planner.get(&import).await.hidden("form_key");
    let fields = [("form_key", key.as_str()), ("kind", "schools")];
    let heading = "学校标识码,学校名称,学段,举办者,乡镇,经度,纬度";
    let wrong = format!("{heading}\nS9,第九小学,大学,公办,大阳镇,212.8,35.6\n");
    let page = planner.upload(&import, &fields, "学校.csv", &wrong).await;
    assert!(
        page.has(&["有误的单元格", "大学", "212.8"]),
        "{}",
        page.text
    );
    let marked = page
        .text
        .split("href=\"")
        .find(|rest| rest.contains("/marked\""));
    let marked = marked.unwrap().split('"').next().unwrap();
    assert!(planner.get(marked).await.is_workbook);
    let right = format!("{heading}\nS9,第九小学,小学,公办,大阳镇,112.8,35.6\n");
    let page = planner.upload(&import, &fields, "学校.csv", &right).await;
    assert!(page.has(&["检查通过", "新增", ">1<"]), "{}", page.text);
    let schools = format!("{HOME}/schools");
    assert!(!planner.get(&schools).await.text.contains("第九小学"));
    let confirm = page
        .text
        .split("action=\"")
        .find(|rest| rest.starts_with(&import));
    let confirm = confirm.unwrap().split('"').next().unwrap().to_owned();
    // Nobody else takes it in, and nobody without the form.
    let mut other = desk
        .signed_in(&["school"], &["counties/140525/schools/S1"])
        .await;
    let other_key = other
        .get(&format!("{HOME}/duties"))
        .await
        .hidden("form_key");
    assert_ne!(
        other
            .post(&confirm, &[("form_key", &other_key)])
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        planner.post(&confirm, &[]).await.status,
        StatusCode::FORBIDDEN
    );
    let page = planner.post(&confirm, &[("form_key", &key)]).await;
    assert!(page.text.contains("已导入"), "{}", page.text);
    assert!(planner.get(&schools).await.text.contains("第九小学"));
    assert!(
        planner
            .get(&format!("{HOME}/export/schools?q=S9"))
            .await
            .is_workbook
    );
}

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

/// Takes what a page shows a step further.
async fn take(visitor: &mut Visitor, path: &str, verb: &str, more: &[(&str, &str)]) {
    let page = visitor.get(path).await;
    let names = ["form_key", "etag", "ticket"];
    let values = names.map(|name| page.hidden(name));
    let mut fields: Vec<_> = names
        .into_iter()
        .zip(values.iter().map(String::as_str))
        .collect();
    fields.push(("verb", verb));
    fields.extend(more);
    let page = visitor.post(path, &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{verb}: {}", page.text);
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
async fn the_public_room_needs_no_name_and_tells_none() {
    let desk = Desk::settled().await;
    let mut anyone = desk.visitor();
    let page = anyone.get("/public?county=140525").await;
    assert_eq!(page.location, "/public/140525");
    for view in [
        "reports",
        "results",
        "plaques",
        "draws",
        "commendations",
        "decisions",
    ] {
        let page = anyone.get(&format!("/public/140525?view={view}")).await;
        assert_eq!(page.status, StatusCode::OK, "{view}: {}", page.text);
        assert!(!page.text.contains(FOREIGN) && !page.text.contains("王老师"));
    }
    let page = anyone.get("/public/140525?view=plaques").await;
    assert!(page.has(&["责任督学", "小学", "督学"]), "{}", page.text);
    let page = anyone.get("/public?county=泽州").await;
    assert!(page.text.contains("应为六位数字"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_reports_something_unnamed_follows_it_by_its_number_and_many_at_once_are_put_off() {
    let desk = Desk::settled().await;
    let mut anyone = desk.visitor();
    let room = "/public/140525";
    let plaques = anyone.get(&format!("{room}?view=plaques")).await;
    let plaque = plaques
        .text
        .split("href=\"")
        .find(|rest| rest.contains("/plaques/"));
    let plaque = plaque.unwrap().split('"').next().unwrap().to_owned();
    let page = anyone.get(&plaque).await;
    assert!(page.has(&["责任督学", "反映问题"]), "{}", page.text);
    let form = format!("{room}/lead");
    let page = anyone.get(&form).await;
    let ticket = page.hidden("ticket");
    let school = "counties/140525/schools/S1";
    let wrong = [
        ("ticket", ticket.as_str()),
        ("target", school),
        ("kind", "COMPLAINT_KIND_LEAD"),
        ("text", ""),
    ];
    let page = anyone.post(&form, &wrong).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        page.text
    );
    assert!(page.has(&["text-wrong"]), "{}", page.text);
    let lead = [
        ("ticket", ticket.as_str()),
        ("target", school),
        ("kind", "COMPLAINT_KIND_LEAD"),
        ("text", "食堂卫生状况差"),
    ];
    let number = |page: &Page| {
        let rest = page.text.split("id=\"number\">").nth(1);
        let rest = rest.unwrap_or_else(|| panic!("no number in {}", page.text));
        rest.split('<').next().unwrap().to_owned()
    };
    let first = number(&anyone.post(&form, &lead).await);
    // Sent twice it is one.
    assert_eq!(number(&anyone.post(&form, &lead).await), first);
    let track = format!("{room}/track");
    let page = anyone.post(&track, &[("number", &first)]).await;
    assert!(page.has(&["已收到"]), "{}", page.text);
    let page = anyone.post(&track, &[("number", "guess")]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    // The office gives it to the responsible supervisor, who verifies and answers it; who sent it reads that, and no name.
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    let mut supervisor = desk
        .signed_in(&["supervisor"], &["counties/140525/supervisors/A1"])
        .await;
    let page = office.get(&format!("{HOME}/complaints?q=kegk")).await;
    assert!(
        page.has(&["举报线索", "问题线索", "食堂卫生状况差"]),
        "{}",
        page.text
    );
    assert!(
        office
            .get(&format!("{HOME}/export/complaints"))
            .await
            .is_workbook
    );
    let complaint = format!("{HOME}/complaints/{first}");
    take(&mut office, &complaint, "assign", &[]).await;
    let fields = [("substantiation", "SUBSTANTIATION_TRUE"), ("text", "属实")];
    take(&mut supervisor, &complaint, "verify", &fields).await;
    let fields = [("text", "已责令整改"), ("by", "督学")];
    take(&mut supervisor, &complaint, "answer", &fields).await;
    let page = anyone.post(&track, &[("number", &first)]).await;
    assert!(page.has(&["已答复", "属实", "已责令整改"]), "{}", page.text);
    take(&mut office, &complaint, "close", &[]).await;
    // From another site nothing comes.
    let page = anyone.post_from_elsewhere(&form, "text=x").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let mut put_off = 0;
    for _ in 0..12 {
        let page = anyone.post_from("203.0.113.7", &form, &lead).await;
        put_off += usize::from(page.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(put_off, 2);
    let page = anyone.post_from("203.0.113.8", &form, &lead).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
}

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

#[tokio::test(flavor = "multi_thread")]
async fn single_records_are_made_changed_and_taken_further_in_forms_that_the_contract_describes() {
    let desk = Desk::settled().await;
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    let records = format!("{HOME}/records");
    let page = office.get(&records).await;
    assert!(
        page.has(&[
            "机构与制度",
            "会议",
            "校历",
            "督学队伍",
            "督学培训",
            "经费与表扬"
        ]),
        "{}",
        page.text
    );

    // A new one: what is wrong stands beside its field, and what was filled in stays.
    let trainings = format!("{records}/trainings");
    let page = office.get(&trainings).await;
    assert!(
        page.has(&["督学培训", "新增", "集中培训", "学时"]),
        "{}",
        page.text
    );
    let hidden = page.form(&trainings);
    let training = |hours: &str| {
        let mut fields = hidden.clone();
        let said = [
            ("training.supervisor", format!("{COUNTY}/supervisors/A1")),
            ("training.kind", "TRAINING_KIND_CONCENTRATED".to_owned()),
            ("training.date", "2026-07-01".to_owned()),
            ("training.hours", hours.to_owned()),
            ("training.title", "法规培训".to_owned()),
        ];
        fields.extend(said.map(|(name, value)| (name.to_owned(), value)));
        fields
    };
    for wrong in ["许多", "0.3"] {
        let page = office.post_all(&trainings, &training(wrong)).await;
        assert_eq!(
            page.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            page.text
        );
        assert!(
            page.has(&["create--training.hours-wrong", "value=\"法规培训\""]),
            "{wrong}: {}",
            page.text
        );
    }
    let page = office.post_all(&trainings, &training("12")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    let made = page.location;
    let page = office.get(&made).await;
    assert!(
        page.has(&["法规培训", "集中培训", "12", "作废"]),
        "{}",
        page.text
    );
    take(
        &mut office,
        &made,
        "VoidTraining",
        &[("reason", "重复登记")],
    )
    .await;
    let page = office.get(&made).await;
    assert!(page.has(&["是否作废", "是", "重复登记"]), "{}", page.text);

    // A school, changed: what its form has is what it says.
    let school = format!("{records}/schools/S1");
    let page = office.get(&school).await;
    assert!(page.has(&["修改"]), "{}", page.text);
    let before = office.get(&format!("{HOME}/schools/S1")).await;
    assert!(before.has(&["/records/schools/S1"]), "{}", before.text);
    take(
        &mut office,
        &school,
        "update",
        &[
            ("school.display_name", "第一实验小学"),
            ("school.stage", "STAGE_PRIMARY"),
            ("school.provider", "PROVIDER_PUBLIC"),
            ("school.pupils", "620"),
            ("school.place.longitude", "112.9"),
            ("school.place.latitude", "35.5"),
        ],
    )
    .await;
    let page = office.get(&format!("{HOME}/schools/S1")).await;
    assert!(page.has(&["第一实验小学", "620"]), "{}", page.text);

    let history = office
        .get(&format!("{HOME}/changes?resource={COUNTY}/schools/S1"))
        .await;
    assert!(
        history.has(&[
            "修改学校",
            "名称",
            "第一实验小学",
            "在校学生数",
            "620",
            "新增学校"
        ]),
        "{}",
        history.text
    );
    let all = office.get(&format!("{HOME}/changes")).await;
    assert!(all.has(&["修改学校", "培训作废"]), "{}", all.text);

    // One of its kind, with persons one a line, as Excel gives them.
    let committee = format!("{records}/committee");
    take(
        &mut office,
        &committee,
        "update",
        &[
            ("committee.director.display_name", "孙县长"),
            ("committee.director.post", "副县长"),
            ("committee.office_director.display_name", "张主任"),
            ("committee.chief_supervisor.display_name", "吴总督学"),
            (
                "committee.deputies",
                "周局长\t县教育局局长\n吴主任 | 县政府办副主任",
            ),
        ],
    )
    .await;
    let page = office.get(&committee).await;
    assert!(
        page.has(&["孙县长", "副主任", "周局长", "吴主任", "县政府办副主任"]),
        "{}",
        page.text
    );

    // Money is in yuan.
    let lines = format!("{records}/budgetLines");
    let page = office.get(&lines).await;
    let mut fields = page.form(&lines);
    for (name, value) in [
        ("budget_line.display_name", "下校交通补助"),
        ("budget_line.year", "2026"),
        ("budget_line.amount_fen", "12000.5"),
        ("budget_line.purposes", "BUDGET_PURPOSE_TRANSPORT"),
        ("budget_line.document", "泽财教〔2026〕3号"),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    let page = office.post_all(&lines, &fields).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    let page = office.get(&page.location).await;
    assert!(
        page.has(&["下校交通补助", "12000.50", "交通补助"]),
        "{}",
        page.text
    );

    // Whoever may not do it has no form for it.
    let mut auditor = desk.signed_in(&["auditor"], &[]).await;
    let page = auditor.get(&made).await;
    assert!(
        page.has(&["法规培训"]) && !page.has(&["作废</button>"]),
        "{}",
        page.text
    );
    assert!(
        office
            .get(&format!("{HOME}/export/records/trainings"))
            .await
            .is_workbook
    );
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

/// Figures of two towns as they are pasted from Excel: a school that has all it should, and one that lacks teaching area.
fn figures() -> String {
    let resources = [
        "高于规定学历教师",
        "骨干教师",
        "体育、艺术教师",
        "教学及辅助用房面积",
        "体育运动场馆面积",
        "教学仪器设备值",
        "网络多媒体教室",
    ];
    let named = resources.map(|resource| format!("{resource}·各学段共用"));
    let school = |code: &str, town: &str, area: &str| {
        let all = ["300000"; 3].into_iter().chain([area]).chain(["300000"; 3]);
        let amounts = all.collect::<Vec<_>>().join("\t");
        format!("{code}\t{town}小学\t{town}\t小学\t100\t{amounts}")
    };
    let headings = format!(
        "学校\t名称\t乡镇（街道）\t学段组成\t小学学生数\t{}",
        named.join("\t")
    );
    [
        headings,
        school("S1", "镇甲", "2000"),
        school("S2", "镇乙", "100"),
    ]
    .join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn towns_are_compared_by_their_figures_and_what_a_change_would_do_is_seen_before() {
    let desk = Desk::settled().await;
    let mut planner = desk.signed_in(&["planner"], &[]).await;
    let records = format!("{HOME}/records/balanceReports");
    let filed = |page: &common::Page, figures: String| {
        let mut fields = page.form(&records);
        let said = [
            ("balance_report_id", "b1".to_owned()),
            ("balance_report.display_name", "优质均衡自查".to_owned()),
            ("balance_report.year", "2026".to_owned()),
            ("balance_report.source", "年报".to_owned()),
            ("balance_report.schools", figures),
        ];
        fields.extend(said.map(|(name, value)| (name.to_owned(), value)));
        fields
    };
    let page = planner.get(&records).await;
    let unclear = filed(&page, "学校\t小学学生数\nS1\t很多".to_owned());
    let refused = planner.post_all(&records, &unclear).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.has(&["行 2", "小学学生数 很多"]),
        "{}",
        refused.text
    );
    let made = filed(&page, figures());
    let made = planner.post_all(&records, &made).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let report = "counties/140525/balanceReports/b1";
    let list = planner.get(&format!("{HOME}/balanceReports")).await;
    assert!(list.has(&["优质均衡自查"]), "{}", list.text);
    let page = planner.get(&format!("/{report}")).await;
    // The town that lacks most comes first.
    assert!(
        page.has(&["达标学校", "乡镇比较", "镇乙", "6 / 7", "镇甲", "7 / 7"]),
        "{}",
        page.text
    );
    assert!(page.has(&["缺口", "镇乙小学", "教学及辅助用房面积"]));
    let ask = |more: &str| {
        format!(
            "/{report}?school={}/schools/S2&resource=SCHOOL_RESOURCE_TEACHING_AREA&more={more}",
            dudao_tests::COUNTY
        )
    };
    let page = planner.get(&ask("1900")).await;
    assert!(
        page.has(&["如果…会怎样", "镇乙小学", "达标"]),
        "{}",
        page.text
    );
    let page = planner.get(&ask("viel")).await;
    assert!(page.has(&["须为数字"]), "{}", page.text);
    assert!(planner.get(&format!("/{report}/export")).await.is_workbook);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_scores_itself_a_team_scores_it_and_towns_are_compared_by_what_the_office_concludes()
 {
    let desk = Desk::settled().await;
    let one = format!("{HOME}/evaluations/e1");
    let mut school = desk
        .signed_in(&["school"], &["counties/140525/schools/S1"])
        .await;
    let page = school.get(&format!("{HOME}/evaluations")).await;
    assert!(page.has(&["小学", "评分中"]), "{}", page.text);
    assert!(!page.text.contains("发起评估"), "{}", page.text);
    let page = school.get(&one).await;
    assert!(page.has(&["办学", "0–10", "填报人"]), "{}", page.text);
    let score = |page: &common::Page, value: &str, by: &str| {
        let mut fields = page.form(&one);
        fields.push(("value-A".to_owned(), value.to_owned()));
        fields.push(("note-A".to_owned(), "见台账".to_owned()));
        fields.push(("by".to_owned(), by.to_owned()));
        fields
    };
    for (value, words) in [("八", "须为数字"), ("11", "10")] {
        let refused = school.post_all(&one, &score(&page, value, "李校长")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.has(&["wrong-A", words, "李校长"]),
            "{}",
            refused.text
        );
    }
    let unnamed = school.post_all(&one, &score(&page, "8", "")).await;
    assert!(unnamed.text.contains("by-wrong"), "{}", unnamed.text);
    let done = school.post_all(&one, &score(&page, "8", "李校长")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    take(&mut school, &one, "submit", &[]).await;
    let page = school.get(&one).await;
    assert!(page.has(&["已自评", "80.0"]), "{}", page.text);
    assert!(!page.text.contains("value-A"), "it stays as it is");

    let own = dudao_tests::supervisor("A1");
    let mut supervisor = desk.signed_in(&["supervisor"], &[&own]).await;
    let page = supervisor.get(&one).await;
    let mut fields = page.form(&one);
    fields.push(("value-A".to_owned(), "7".to_owned()));
    let done = supervisor.post_all(&one, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);

    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    take(&mut office, &one, "conclude", &[]).await;
    let page = office.get(&one).await;
    assert!(page.has(&["已作结论", "70.0", "合格"]), "{}", page.text);
    let other = format!("{HOME}/evaluations/e2");
    let page = office.get(&other).await;
    let mut fields = page.form(&other);
    fields.push(("value-A".to_owned(), "9.5".to_owned()));
    fields.push(("by".to_owned(), "A2".to_owned()));
    let done = office.post_all(&other, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    take(&mut office, &other, "conclude", &[]).await;
    let page = office
        .get(&format!("{HOME}/evaluations?sort=-total&q=xiaoxue"))
        .await;
    assert!(
        page.has(&["乡镇比较", "70.0", "95.0", "优秀"]),
        "{}",
        page.text
    );

    // One that can't be begun is refused beside what is wrong; one that can is there at once.
    let list = format!("{HOME}/evaluations");
    let begin = |page: &common::Page, target: &str| {
        let set = "counties/140525/indicatorSets/s1";
        let target = format!("counties/140525/{target}");
        [
            ("form_key", page.hidden("form_key")),
            ("ticket", page.hidden("ticket")),
            ("indicator_set", set.to_owned()),
            ("target", target),
            ("year", "2027".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    };
    let refused = office.post_all(&list, &begin(&page, "towns/t1")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("不用于乡镇"), "{}", refused.text);
    let begun = office.post_all(&list, &begin(&refused, "schools/S1")).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    let page = office.get(&begun.location).await;
    assert!(page.has(&["2027", "评分中"]), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_comes_packed_to_who_can_unpack_it() {
    let desk = Desk::with_schools().await;
    let mut planner = desk.signed_in(&["planner"], &[]).await;
    let plain = planner.get(&format!("{HOME}/schools")).await;
    let packed = planner.get_packed(&format!("{HOME}/schools"), "br").await;
    assert_eq!(packed.packed, "br");
    assert!(plain.packed.is_empty() && packed.bytes * 3 < plain.bytes);
    // What a browser has is not sent again.
    let css = planner.get("/assets/console.css").await;
    assert!(css.tag.starts_with("W/"), "{}", css.tag);
    let again = planner.get_unless("/assets/console.css", &css.tag).await;
    assert_eq!((again.status, again.bytes), (StatusCode::NOT_MODIFIED, 0));
    // A workbook is packed already.
    let book = format!("{HOME}/export/schools");
    assert_eq!(planner.get_packed(&book, "gzip").await.packed, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_an_answer_for_every_role() {
    let desk = Desk::settled().await;
    let roles = [
        ("planner", ""),
        ("chief_supervisor", ""),
        ("supervisor", "supervisors/A1"),
        ("unit_liaison", "memberUnits/education"),
        ("school", "schools/S1"),
        ("town", "towns/t1"),
        ("superior_reader", ""),
        ("superior_issuer", ""),
        ("auditor", ""),
        ("operator", ""),
    ];
    let paths = [
        "",
        "/schools",
        "/schools/S1",
        "/supervisors",
        "/supervisors/A1",
        "/zoningPlans",
        "/zoningPlans/new",
        "/zoningPlans/none",
        "/zoningPlans/none/map",
        "/yearPlans",
        "/yearPlans/new",
        "/yearPlans/none/explain",
        "/import",
        "/import/template/schools",
        "/ledger",
        "/cases/c1",
        "/visits",
        "/visits/v1",
        "/duties",
        "/complaints",
        "/evaluations",
        "/evaluations?year=2026&sort=-total",
        "/evaluations/e1",
        "/evaluations/none",
        "/export/evaluations",
        "/memberUnits",
        "/me",
        "/export/visits",
        "/export/complaints",
        "/export/memberUnits",
        "/zoningPlans/compare",
        "/yearPlans/compare",
        "/yearPlans/none/days",
        "/yearPlans/none/calendar",
        "/evidence/none",
        "/balanceReports",
        "/balanceReports/none",
        "/listItems",
        "/export/listItems",
        "/campaigns",
        "/campaigns/new",
        "/campaigns/none",
        "/campaigns/none/edit",
        "/export/campaigns",
        "/changes",
        "/records",
        "/records/committee",
        "/records/calendars",
        "/records/trainings",
        "/records/claims/none",
        "/records/nothing",
        "/export/records/towns",
        "/accountabilityDecisions",
        "/accountabilityDecisions/none",
        "/export/accountabilityDecisions",
        "/draws",
        "/draws/d1",
        "/draws/d1/record",
        "/documents",
        "/documents?subject=counties/140525/cases/c1",
        "/documents?subject=counties/140525/plaques/S1",
        "/export/schools",
        "/export/supervisors",
        "/export/ledger",
        "/nothing",
    ];
    for (role, own) in roles {
        let own = format!("{}/{own}", dudao_tests::COUNTY);
        let own: &[&str] = if own.ends_with('/') { &[] } else { &[&own] };
        let mut visitor = desk.signed_in(&[role], own).await;
        for path in paths {
            let page = visitor.get(&format!("{HOME}{path}")).await;
            let answers = [StatusCode::OK, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
            assert!(
                answers.contains(&page.status),
                "{role} {path}: {}",
                page.text
            );
            if page.status != StatusCode::OK {
                assert!(page.text.contains("怎么办"), "{role} {path}: {}", page.text);
            }
            assert!(!page.text.contains(FOREIGN), "{role} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_runs_and_styles_nothing_inline_and_asks_no_other_host() {
    let desk = Desk::with_schools().await;
    let mut planner = desk.signed_in(&["planner"], &[]).await;
    for path in [
        "",
        "/schools",
        "/schools/S1",
        "/supervisors",
        "/supervisors/A",
        "/zoningPlans",
        "/zoningPlans/new",
        "/yearPlans",
        "/yearPlans/new",
    ] {
        let page = planner.get(&format!("{HOME}{path}")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text);
        assert!(page.policy.contains("default-src 'none'"));
        for inline in [
            "style=",
            "<style",
            "<script>",
            "onclick=",
            "javascript:",
            "src=\"http",
            "href=\"http",
        ] {
            assert!(!page.text.contains(inline), "{path} has {inline}");
        }
    }
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
    let link = |page: &common::Page, begin: &str, end: &str| {
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
