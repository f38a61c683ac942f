//! The county as it stands, and who sees what of it.

use dudao_tests::COUNTY;
use reqwest::StatusCode;

use super::{HOME, take};
use crate::common::Desk;

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
async fn each_figure_of_the_overview_leads_to_its_list() {
    let desk = Desk::settled().await;
    let mut office = desk.signed_in(&["planner", "chief_supervisor"], &[]).await;
    let page = office.get(HOME).await;
    let figures: Vec<&str> = page
        .text
        .split("<dd")
        .skip(1)
        .filter_map(|rest| rest.split("</dd>").next())
        .filter(|figure| !figure.ends_with(">0"))
        .collect();
    assert!(figures.len() > 6, "{}", page.text);
    for figure in figures {
        let link = figure.split("href=\"").nth(1);
        let address = link.and_then(|rest| rest.split('"').next());
        let address = address.unwrap_or_else(|| panic!("{figure} leads nowhere"));
        match address.strip_prefix('#') {
            Some(id) => assert!(page.has(&[&format!("id=\"{id}\"")]), "{figure}"),
            None => assert_eq!(office.get(address).await.status, StatusCode::OK, "{figure}"),
        }
    }
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
    let own = [format!("{COUNTY}/supervisors/A")];
    let mut supervisor = desk.signed_in(&["supervisor"], &[&own[0]]).await;
    let page = supervisor.get(&format!("{HOME}/zoningPlans")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("您的角色没有此权限"));
    let page = supervisor.get("/counties/140526").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
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
