//! Every verb of the contract on the command line: `dudao registry`, `inspect`, `case`, `draw`.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::Desk;

#[test]
fn verbs_fields_and_their_help_are_the_contracts() {
    let desk = Desk::sqlite();
    common::county(&desk, 4, 2);
    let verbs = desk.ok(&["inspect"]);
    assert!(
        verbs.contains("notify-visit") && verbs.contains("freeze-pools"),
        "{verbs}"
    );
    let help = desk.ok(&["inspect", "create-visit", "--help"]);
    assert!(help.contains("--target-name"), "{help}");
    assert!(
        desk.fails(3, &["inspect", "notify"])
            .contains("notify-visit")
    );
    assert!(desk.ok(&["registry", "list-schools"]).contains("第1学校"));
    let hours = [
        "registry",
        "update-supervisor",
        "D001",
        "--training-hours",
        "41",
        "-o",
        "json",
    ];
    assert_eq!(desk.json(&hours)["training_hours"], 41.0);
}

#[test]
fn a_visit_goes_to_its_record_by_short_names() {
    let desk = Desk::sqlite();
    common::county(&desk, 4, 2);
    let today = desk.json(&["registry", "list-calendars", "-o", "json"]);
    assert!(today["calendars"].is_array());
    let wrong = desk.fails(3, &["inspect", "create-visit", "v1", "--kind", "surprise"]);
    assert!(wrong.contains("look-back"), "{wrong}");
    let team = r#"{"supervisor":"counties/140525/supervisors/D000","leader":true}"#;
    let visit = [
        "inspect",
        "create-visit",
        "v1",
        "--kind",
        "routine",
        "--object-kind",
        "school",
        "--target",
        "schools/S00001",
        "--target-name",
        "第1学校",
        "--date",
        "2026-01-05",
        "--days",
        "0.5",
        "--team",
        team,
        "-o",
        "json",
    ];
    assert_eq!(desk.json(&visit)["state"], "VISIT_STATE_PLANNED");
    desk.ok(&["inspect", "begin-visit", "v1"]);
    desk.ok(&["inspect", "finish-visit", "v1"]);
    let recorded = desk.ok(&[
        "inspect",
        "record-visit",
        "v1",
        "--text",
        "整洁",
        "--matters",
        "安全",
        "--matters",
        "食堂",
        "--by",
        "D000",
    ]);
    assert!(
        recorded.contains("state: recorded") && recorded.contains("安全、食堂"),
        "{recorded}"
    );
    let refused = desk.fails(1, &["inspect", "cancel-visit", "v1", "--reason", "下雨"]);
    assert!(refused.contains("visit.state"), "{refused}");
    assert!(desk.ok(&["case", "list-ledger"]).contains("none"));
}

#[test]
fn a_record_that_was_changed_is_found_without_any_service() {
    let desk = Desk::sqlite();
    let hash = desk.ok(&["draw", "hash", "春风"]);
    assert_eq!(hash.trim().len(), 64);
    let file = desk.file("record.json", "{}");
    assert!(
        desk.fails(3, &["draw", "verify", &file])
            .contains("不是抽取记录")
    );
}

#[test]
fn article_20_one_platform_tells_how_the_county_stands_on_every_other_article() {
    let desk = Desk::sqlite();
    common::county(&desk, 4, 2);
    let clock = desk.json(&["compliance", "-o", "json"]);
    let duties = clock["duties"].as_array().expect("duties");
    let articles: std::collections::BTreeSet<_> = duties
        .iter()
        .map(|duty| duty["article"].as_str().expect("an article"))
        .collect();
    assert_eq!(articles.len(), 20, "{articles:?}");
    assert!(!articles.contains("第二十条"));
    let posts = &duties[0];
    assert_eq!(
        (&posts["state"], &posts["required"]),
        (&"overdue".into(), &5.into()),
        "{posts}"
    );
    let table = desk.ok(&["compliance"]);
    assert!(
        table.contains("第十一条") && table.contains("已逾期"),
        "{table}"
    );
}

#[test]
fn evidence_goes_in_and_comes_back_as_it_was() {
    let desk = Desk::sqlite();
    common::county(&desk, 4, 2);
    let photo = desk.file("photo.png", b"\x89PNG\r\n\x1a\nphoto");
    desk.ok(&[
        "evidence", "put", &photo, "--id", "e1", "--author", "督学00",
    ]);
    let back = desk.path("back.png").display().to_string();
    desk.ok(&["evidence", "get", "e1", "-f", &back]);
    assert_eq!(
        std::fs::read(&back).expect("a file"),
        b"\x89PNG\r\n\x1a\nphoto"
    );
    let text = desk.file("photo.jpg", "no picture");
    desk.fails(3, &["evidence", "put", &text, "--author", "督学00"]);
}

#[test]
fn what_a_service_has_yet_to_follow_is_not_archived() {
    let desk = Desk::sqlite();
    common::county(&desk, 4, 2);
    let item = [
        "inspect",
        "create-list-item",
        "l1",
        "--display-name",
        "综合督导",
        "--year",
        "2026",
        "--kind",
        "comprehensive",
        "--basis",
        "条例",
        "--filed-with",
        "市督导办",
        "--file-date",
        "2026-01-10",
    ];
    desk.ok(&item);
    let file = |name: &str| desk.path(name).display().to_string();
    let archive = |service: &str, name: &str| {
        desk.run(&[
            "audit",
            "archive",
            service,
            "--until",
            "2099-01-01",
            "-f",
            &file(name),
        ])
    };
    // A command may end before the accountability has followed; then nothing is written, and nothing is lost.
    for attempt in 0..20 {
        let output = archive("inspection", "inspection.jsonl");
        if output.status.success() {
            break;
        }
        let said = common::text(&output.stderr);
        assert!(
            said.contains("accountability") && !desk.path("inspection.jsonl").exists(),
            "{said}"
        );
        assert!(attempt < 19, "it never catches up: {said}");
        desk.ok(&["inspect", "list-list-items"]);
    }
    assert!(
        archive("registry", "registry.jsonl").status.success(),
        "nobody follows the registry"
    );
    desk.ok(&["audit", "verify"]);
}
