//! The room without a name.

use dudao_tests::county::FOREIGN;
use reqwest::StatusCode;

use super::{HOME, take};
use crate::common::{Desk, Page};

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
