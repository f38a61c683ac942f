//! A journey through the services by the command line: from a visit that finds a danger to life to the look-back after its close-out.

use serde_json::Value;

/// Where the journey takes place.
pub trait Steps {
    /// Runs a verb of a service until it is acknowledged, and tells what it printed.
    fn step(&mut self, step: (&str, &[&str])) -> String;

    /// Asks until the answer has this in it: what one service learns from another takes a moment.
    fn eventually(&mut self, question: (&str, &[&str]), word: &str);
}

/// What the verbs of a service are called on the command line.
pub fn group(service: &str) -> &'static str {
    match service {
        "registry" => "registry",
        "inspection" => "inspect",
        _ => "case",
    }
}

/// A routine visit that finds a danger to life, from the plan to the look-back after the close-out.
/// The county has at least a school and a supervisor of [`super::schools`] and [`super::supervisors`].
pub fn journey(platform: &mut impl Steps) -> [Value; 3] {
    let day = |days: u64| {
        let today = dudao_platform::Clock::system().today();
        (today + chrono::Days::new(days)).to_string()
    };
    let (today, limit) = (day(0), day(30));
    let team = r#"{"supervisor":"counties/140525/supervisors/D000","leader":true}"#;
    let steps: [(&str, &[&str]); 7] = [
        (
            "inspection",
            &[
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
                &today,
                "--days",
                "0.5",
                "--team",
                team,
                "--request-id",
                "r1",
            ],
        ),
        ("inspection", &["begin-visit", "v1", "--request-id", "r2"]),
        (
            "inspection",
            &[
                "create-finding",
                "f1",
                "--visit",
                "visits/v1",
                "--title",
                "消防通道堵塞",
                "--basis",
                "《消防法》",
                "--severity",
                "grave",
                "--danger",
                "true",
                "--recorded-by",
                "supervisors/D000",
                "--request-id",
                "r3",
            ],
        ),
        ("inspection", &["finish-visit", "v1", "--request-id", "r4"]),
        (
            "inspection",
            &[
                "record-visit",
                "v1",
                "--text",
                "通道堵塞",
                "--matters",
                "安全",
                "--by",
                "D000",
                "--request-id",
                "r5",
            ],
        ),
        (
            "inspection",
            &[
                "issue-opinion-letter",
                "v1",
                "--number",
                "泽督意1号",
                "--summary",
                "立即疏通",
                "--request-id",
                "r6",
            ],
        ),
        (
            "registry",
            &[
                "update-school",
                "S00001",
                "--pupils",
                "321",
                "--request-id",
                "r7",
            ],
        ),
    ];
    for step in steps {
        platform.step(step);
    }
    platform.eventually(
        ("accountability", &["list-cases", "-o", "json"]),
        "cases/v1",
    );
    let items = format!(
        r#"{{"finding":"counties/140525/findings/f1","requirement":"疏通并保持畅通","limit_date":"{limit}"}}"#
    );
    let finding = "findings/f1";
    let steps: [(&str, &[&str]); 6] = [
        (
            "accountability",
            &[
                "issue-decision",
                "v1",
                "--document",
                "整1号",
                "--officer",
                "张主任",
                "--items",
                &items,
                "--request-id",
                "r8",
            ],
        ),
        (
            "accountability",
            &[
                "submit-rectification",
                "v1",
                "--finding",
                finding,
                "--text",
                "已疏通",
                "--by",
                "学校",
                "--request-id",
                "r9",
            ],
        ),
        (
            "accountability",
            &[
                "check-rectification",
                "v1",
                "--finding",
                finding,
                "--passed",
                "true",
                "--text",
                "属实",
                "--officer",
                "张主任",
                "--request-id",
                "r10",
            ],
        ),
        (
            "accountability",
            &[
                "publish-result",
                "v1",
                "--findings",
                finding,
                "--place",
                "公示栏",
                "--request-id",
                "r11",
            ],
        ),
        (
            "accountability",
            &[
                "close-out-finding",
                "v1",
                "--finding",
                finding,
                "--officer",
                "李主任",
                "--text",
                "同意销号",
                "--request-id",
                "r12",
            ],
        ),
        (
            "accountability",
            &[
                "look-back-finding",
                "v1",
                "--finding",
                finding,
                "--sustained",
                "true",
                "--text",
                "保持畅通",
                "--officer",
                "张主任",
                "--request-id",
                "r13",
            ],
        ),
    ];
    for step in steps {
        platform.step(step);
    }
    let end = [
        ("inspection", &["get-visit", "v1", "-o", "json"][..]),
        ("accountability", &["get-case", "v1", "-o", "json"][..]),
        ("registry", &["get-school", "S00001", "-o", "json"][..]),
    ];
    end.map(|question| {
        let answer = platform.step(question);
        timeless(serde_json::from_str(&answer).expect("JSON"))
    })
}

/// A resource without the instants of its writing; what remains, the version in its etag too, must be the same.
fn timeless(mut resource: Value) -> Value {
    if let Some(fields) = resource.as_object_mut() {
        fields.retain(|name, _| !name.to_lowercase().ends_with("time"));
    }
    resource
}
