//! What holds for every page.

use dudao_tests::COUNTY;
use dudao_tests::county::FOREIGN;
use reqwest::StatusCode;

use super::HOME;
use crate::common::Desk;

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
        "/mapLayers",
        "/mapLayers/map",
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
        let own = format!("{COUNTY}/{own}");
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
