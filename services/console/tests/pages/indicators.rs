//! Figures, scores, evaluations.

use dudao_tests::COUNTY;
use reqwest::StatusCode;

use super::{HOME, take};
use crate::common::{Desk, Page};

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
    let filed = |page: &Page, figures: String| {
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
            "/{report}?school={COUNTY}/schools/S2&resource=SCHOOL_RESOURCE_TEACHING_AREA&more={more}"
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
    let score = |page: &Page, value: &str, by: &str| {
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
    let begin = |page: &Page, target: &str| {
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
