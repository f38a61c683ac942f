//! Zones and years, and a province of them.

use dudao_law::Datum;
use dudao_proto::registry::v1 as registry;
use dudao_tests::COUNTY;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{HOME, until};
use crate::common::{Desk, Visitor};

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

    let own = [format!("{COUNTY}/supervisors/A")];
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

/// A town's outline, and one that does not end where it begins.
const RIGHT: &str = r#"{"type": "Polygon", "coordinates": [[[112.8, 35.5], [112.9, 35.5], [112.9, 35.6], [112.8, 35.5]]]}"#;
const OPEN: &str = r#"{"type": "Polygon", "coordinates": [[[112.8, 35.5], [112.9, 35.5], [112.9, 35.6], [112.8, 35.6]]]}"#;

fn towns(shapes: &[&str]) -> String {
    let features = shapes.iter().map(|shape| {
        format!(r#"{{"type": "Feature", "properties": {{"name": "巴公镇"}}, "geometry": {shape}}}"#)
    });
    let features = features.collect::<Vec<_>>().join(", ");
    format!(r#"{{"type": "FeatureCollection", "features": [{features}]}}"#)
}

/// Uploads a layer by the page's form.
async fn lay(planner: &mut Visitor, file: &str, datum: &str) -> crate::common::Page {
    let list = format!("{HOME}/mapLayers");
    let form = planner.get(&list).await;
    let (key, ticket) = (form.hidden("form_key"), form.hidden("ticket"));
    let fields = [
        ("form_key", key.as_str()),
        ("ticket", ticket.as_str()),
        ("display_name", "乡镇界线"),
        ("datum", datum),
    ];
    let page = planner.upload(&list, &fields, "乡镇.geojson", file).await;
    // Sent twice it is there once.
    planner.upload(&list, &fields, "乡镇.geojson", file).await;
    page
}

async fn map(visitor: &mut Visitor) -> Value {
    let map = visitor.get(&format!("{HOME}/mapLayers/map")).await;
    serde_json::from_str(&map.text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_countys_own_outlines_are_laid_under_its_maps_and_taken_off_again() {
    let desk = Desk::open().await;
    let mut planner = desk.signed_in(&["planner"], &[]).await;
    let list = format!("{HOME}/mapLayers");
    for (file, words) in [
        (String::new(), vec!["请选择一个 GeoJSON 文件"]),
        ("[]".to_owned(), vec!["不是有效的 GeoJSON 文件"]),
        (
            towns(&[RIGHT, OPEN, "null"]),
            vec![
                "第 2 个图形（巴公镇）",
                "首尾相同",
                "第 3 个图形（巴公镇）",
                "没有图形",
            ],
        ),
    ] {
        let page = lay(&mut planner, &file, "DATUM_WGS84").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(&words), "{}", page.text);
    }
    assert!(planner.get(&list).await.has(&["尚无图层"]));
    lay(&mut planner, &towns(&[RIGHT]), "DATUM_WGS84").await;
    let page = planner.get(&list).await;
    assert!(
        page.has(&["底图图层 <small>1<", "乡镇界线", "data-map"]),
        "{}",
        page.text
    );
    let shown = map(&mut planner).await;
    let town = &shown["layers"][0]["features"][0];
    assert_eq!(town["properties"]["name"], "巴公镇");
    assert_eq!(town["geometry"]["coordinates"][0][0], json!([112.8, 35.5]));
    assert_eq!(shown["schools"][0]["words"], "巴公镇中心小学");
    assert!(
        planner
            .get(&format!("{HOME}/changes"))
            .await
            .has(&["新增底图图层"])
    );
    let remove = page.text.split(&format!("action=\"{list}/")).nth(1);
    let remove = remove.and_then(|rest| rest.split('"').next()).unwrap();
    let remove = format!("{list}/{remove}");
    let mut reader = desk.signed_in(&["superior_reader"], &[]).await;
    assert!(
        !reader
            .get(&list)
            .await
            .has(&["<form method=\"post\" action=\"/counties/140525/mapLayers\""])
    );
    planner.post_all(&remove, &page.form(&remove)).await;
    assert!(planner.get(&list).await.has(&["尚无图层"]));
    assert_eq!(map(&mut planner).await["layers"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_tiles_made_in_china_everything_lies_where_such_tiles_have_it() {
    let desk = Desk::on_tiles(Datum::Gcj02).await;
    let mut planner = desk.signed_in(&["planner"], &[]).await;
    lay(&mut planner, &towns(&[RIGHT]), "DATUM_GCJ02").await;
    let shown = map(&mut planner).await;
    assert_eq!(shown["tiles"], "https://tiles.example.cn/{z}/{x}/{y}.png");
    let place = |value: &Value| [0, 1].map(|axis| value[axis].as_f64().unwrap());
    let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).abs() < 2e-6 && (a[1] - b[1]).abs() < 2e-6;
    // An outline that came from such a map is where it was; a school that GPS has measured is moved.
    let corner = &shown["layers"][0]["features"][0]["geometry"]["coordinates"][0][0];
    assert!(near(place(corner), [112.8, 35.5]), "{corner}");
    let measured = [112.8, 35.6];
    let there = place(&shown["schools"][0]["at"]);
    assert!(
        !near(there, measured) && near(there, Datum::Gcj02.of_wgs84(measured)),
        "{there:?}"
    );
    let page = planner.get(&format!("{HOME}/mapLayers")).await;
    assert!(
        page.policy
            .contains("img-src 'self' data: https://tiles.example.cn;"),
        "{}",
        page.policy
    );
}
