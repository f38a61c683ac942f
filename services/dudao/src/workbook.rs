//! Plans as Excel workbooks, as a planner hands them round: codes as text, frozen headings, dates in Chinese.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use dudao_proto::scheduler::v1::{YearPlan, ZoningPlan};
use rust_xlsxwriter::{
    Chart, ChartType, Color, ConditionalFormat2ColorScale, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet,
};

use crate::commands::Point;
use crate::failure::Result;

struct Style {
    heading: Format,
    text: Format,
    number: Format,
}

impl Style {
    fn new() -> Self {
        let cell = || {
            Format::new()
                .set_border(FormatBorder::Thin)
                .set_align(FormatAlign::VerticalCenter)
        };
        Self {
            heading: cell()
                .set_bold()
                .set_background_color(Color::RGB(0x00DD_EBF7))
                .set_align(FormatAlign::Center)
                .set_text_wrap(),
            text: cell().set_num_format("@").set_text_wrap(),
            number: cell().set_num_format("0.0"),
        }
    }
}

enum Cell {
    Text(String),
    Number(f64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// Adds a sheet: headings with their widths, then rows.
fn sheet<'a>(
    book: &'a mut Workbook,
    style: &Style,
    name: &str,
    headings: &[(&str, f64)],
    rows: impl IntoIterator<Item = Vec<Cell>>,
) -> Result<&'a mut Worksheet> {
    let sheet = book.add_worksheet();
    sheet
        .set_name(name)?
        .set_freeze_panes(1, 0)?
        .set_landscape()
        .set_repeat_rows(0, 0)?
        .set_print_fit_to_pages(1, 0);
    for (column, (heading, width)) in (0u16..).zip(headings) {
        sheet.set_column_width(column, *width)?.write_with_format(
            0,
            column,
            *heading,
            &style.heading,
        )?;
    }
    let mut last = 0;
    for (row, cells) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(cells) {
            match cell {
                Cell::Text(text) => sheet.write_with_format(row, column, text, &style.text)?,
                Cell::Number(number) => {
                    sheet.write_with_format(row, column, number, &style.number)?
                }
            };
        }
        last = row;
    }
    if last > 0 && !headings.is_empty() {
        sheet.autofilter(
            0,
            0,
            last,
            u16::try_from(headings.len() - 1).unwrap_or(u16::MAX),
        )?;
    }
    Ok(sheet)
}

/// A trade-off: its plans, and the curve as a chart.
pub fn tradeoff(axes: [&str; 2], points: &[Point]) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let name = "权衡";
    let headings = [
        ("点 point", 10.0),
        ("权重 weight", 12.0),
        (axes[0], 24.0),
        (axes[1], 24.0),
        ("差距 gap %", 12.0),
        ("方案 plan", 42.0),
        ("劣于他案 dominated", 18.0),
    ];
    let rows = points.iter().map(|point| {
        vec![
            point.letter.to_string().into(),
            point.weight.into(),
            point.first.into(),
            point.second.into(),
            point.gap.map_or("".into(), |gap| (gap * 100.0).into()),
            code(&point.plan).into(),
            if point.dominated { "是 yes" } else { "" }.into(),
        ]
    });
    let sheet = sheet(&mut book, &Style::new(), name, &headings, rows)?;
    let last = u32::try_from(points.len()).unwrap_or(u32::MAX);
    let mut chart = Chart::new(ChartType::ScatterStraightWithMarkers);
    chart
        .add_series()
        .set_categories((name, 1, 2, last, 2))
        .set_values((name, 1, 3, last, 3));
    chart.title().set_name("权衡曲线 trade-off");
    chart.legend().set_hidden();
    chart.x_axis().set_name(axes[0]);
    chart.y_axis().set_name(axes[1]);
    sheet.insert_chart(last + 2, 0, &chart)?;
    Ok(book.save_to_buffer()?)
}

fn code(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// `2026年3月5日（周四）`.
fn date_zh(date: &str) -> String {
    const DAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
    NaiveDate::parse_from_str(date, "%Y-%m-%d").map_or_else(
        |_| date.to_owned(),
        |d| {
            let day = DAYS[d.weekday().num_days_from_monday() as usize % 7];
            format!("{}年{}月{}日（周{day}）", d.year(), d.month(), d.day())
        },
    )
}

/// Zones, each supervisor's schools, loads, and who was left out.
pub fn zones(plan: &ZoningPlan) -> Result<Vec<u8>> {
    let (mut book, style) = (Workbook::new(), Style::new());
    sheet(
        &mut book,
        &style,
        "责任区",
        &[
            ("责任区", 18.0),
            ("督学人数", 10.0),
            ("督学", 40.0),
            ("学校数", 10.0),
            ("工作日/年", 12.0),
            ("经常性督导路途（小时/年）", 18.0),
        ],
        plan.zones.iter().map(|z| {
            vec![
                z.display_name.as_str().into(),
                (z.supervisors.len() as f64).into(),
                z.supervisors
                    .iter()
                    .map(|s| s.display_name.as_str())
                    .collect::<Vec<_>>()
                    .join("、")
                    .into(),
                (z.schools.len() as f64).into(),
                z.supervisors.iter().map(|s| s.days).sum::<f64>().into(),
                (z.supervisors.iter().map(|s| s.travel_minutes).sum::<f64>() / 60.0).into(),
            ]
        }),
    )?;
    let names: BTreeMap<&str, &str> = plan
        .zones
        .iter()
        .flat_map(|z| &z.supervisors)
        .map(|s| (s.supervisor.as_str(), s.display_name.as_str()))
        .collect();
    let mut rows: Vec<_> = plan
        .zones
        .iter()
        .flat_map(|z| z.schools.iter().map(move |s| (z, s)))
        .collect();
    rows.sort_by(|(za, a), (zb, b)| {
        (&za.zone_id, &a.supervisor, &a.school).cmp(&(&zb.zone_id, &b.supervisor, &b.school))
    });
    sheet(
        &mut book,
        &style,
        "责任督学与学校",
        &[
            ("责任区", 18.0),
            ("工号", 12.0),
            ("责任督学", 14.0),
            ("学校标识码", 16.0),
            ("学校名称", 36.0),
            ("学段", 14.0),
            ("乡镇", 14.0),
            ("单程（分钟）", 12.0),
        ],
        rows.into_iter().map(|(z, s)| {
            vec![
                z.display_name.as_str().into(),
                code(&s.supervisor).into(),
                names
                    .get(s.supervisor.as_str())
                    .copied()
                    .unwrap_or_default()
                    .into(),
                code(&s.school).into(),
                s.display_name.as_str().into(),
                stage_zh(s.stage()).into(),
                s.town.as_str().into(),
                s.travel_minutes.into(),
            ]
        }),
    )?;
    sheet(
        &mut book,
        &style,
        "督学工作量",
        &[
            ("责任区", 18.0),
            ("工号", 12.0),
            ("督学", 14.0),
            ("类型", 8.0),
            ("学校数", 10.0),
            ("学校数上限", 12.0),
            ("工作日/年", 12.0),
            ("可用天数", 12.0),
            ("路途（小时/年）", 14.0),
        ],
        plan.zones
            .iter()
            .flat_map(|z| z.supervisors.iter().map(move |s| (z, s)))
            .map(|(z, s)| {
                vec![
                    z.display_name.as_str().into(),
                    code(&s.supervisor).into(),
                    s.display_name.as_str().into(),
                    if s.full_time { "专职" } else { "兼职" }.into(),
                    f64::from(s.schools).into(),
                    f64::from(s.max_schools).into(),
                    s.days.into(),
                    s.max_days.into(),
                    (s.travel_minutes / 60.0).into(),
                ]
            }),
    )?;
    left_out(&mut book, &style, &plan.left_out)?;
    Ok(book.save_to_buffer()?)
}

/// The year by week, by supervisor, its coverage and its loads.
pub fn year(plan: &YearPlan) -> Result<Vec<u8>> {
    let (mut book, style) = (Workbook::new(), Style::new());
    let items: BTreeMap<&str, &str> = plan
        .coverage
        .iter()
        .map(|c| (c.item_id.as_str(), c.display_name.as_str()))
        .collect();
    let item_names = |ids: &[String]| {
        ids.iter()
            .map(|id| items.get(id.as_str()).copied().unwrap_or(id))
            .collect::<Vec<_>>()
            .join("、")
    };
    sheet(
        &mut book,
        &style,
        "年度安排（按周）",
        &[
            ("周次", 8.0),
            ("日期", 24.0),
            ("事项", 24.0),
            ("对象", 36.0),
            ("组长/责任督学", 16.0),
            ("成员", 30.0),
            ("成员单位", 30.0),
            ("天数", 8.0),
        ],
        plan.visits.iter().map(|v| {
            vec![
                f64::from(v.week).into(),
                date_zh(&v.date).into(),
                item_names(&v.items).into(),
                v.display_name.as_str().into(),
                v.team_names.first().cloned().unwrap_or_default().into(),
                v.team_names.get(1..).unwrap_or_default().join("、").into(),
                v.units
                    .iter()
                    .map(|u| code(u))
                    .collect::<Vec<_>>()
                    .join("、")
                    .into(),
                v.days.into(),
            ]
        }),
    )?;
    let mut rounds: Vec<_> = plan
        .visits
        .iter()
        .flat_map(|v| {
            v.team
                .iter()
                .zip(&v.team_names)
                .map(move |(id, name)| (name, id, v))
        })
        .collect();
    rounds.sort_by(|a, b| (a.1, &a.2.date, &a.2.visit_id).cmp(&(b.1, &b.2.date, &b.2.visit_id)));
    sheet(
        &mut book,
        &style,
        "各督学安排",
        &[
            ("工号", 12.0),
            ("督学", 14.0),
            ("日期", 24.0),
            ("事项", 24.0),
            ("对象", 36.0),
            ("天数", 8.0),
        ],
        rounds.into_iter().map(|(name, id, v)| {
            vec![
                code(id).into(),
                name.as_str().into(),
                date_zh(&v.date).into(),
                item_names(&v.items).into(),
                v.display_name.as_str().into(),
                v.days.into(),
            ]
        }),
    )?;
    sheet(
        &mut book,
        &style,
        "覆盖情况",
        &[
            ("事项", 30.0),
            ("对象数", 10.0),
            ("应督导", 10.0),
            ("已安排", 10.0),
        ],
        plan.coverage.iter().map(|c| {
            vec![
                c.display_name.as_str().into(),
                f64::from(c.targets).into(),
                f64::from(c.due).into(),
                f64::from(c.scheduled).into(),
            ]
        }),
    )?;
    loads(&mut book, &style, plan)?;
    left_out(&mut book, &style, &plan.left_out)?;
    Ok(book.save_to_buffer()?)
}

/// A heat map of days per supervisor and week.
fn loads(book: &mut Workbook, style: &Style, plan: &YearPlan) -> Result<()> {
    let weeks: Vec<String> = plan
        .weeks
        .iter()
        .map(|w| {
            format!(
                "第{}周\n{}",
                w.week,
                w.start_date.get(5..).unwrap_or_default()
            )
        })
        .collect();
    let mut headings: Vec<(&str, f64)> = vec![
        ("工号", 12.0),
        ("督学", 14.0),
        ("全年天数", 10.0),
        ("可用天数", 10.0),
        ("次数", 8.0),
        ("聘期届满", 14.0),
    ];
    headings.extend(weeks.iter().map(|w| (w.as_str(), 6.5)));
    let heat = sheet(
        book,
        style,
        "督学负荷",
        &headings,
        plan.loads.iter().map(|l| {
            let mut row: Vec<Cell> = vec![
                code(&l.supervisor).into(),
                l.display_name.as_str().into(),
                l.days.into(),
                l.max_days.into(),
                f64::from(l.visits).into(),
                l.term_end_date.as_str().into(),
            ];
            row.extend(l.days_by_week.iter().map(|&d| Cell::from(d)));
            row
        }),
    )?;
    let (rows, columns) = (
        u32::try_from(plan.loads.len()).unwrap_or(0),
        u16::try_from(weeks.len()).unwrap_or(0),
    );
    if rows > 0 && columns > 0 {
        let scale = ConditionalFormat2ColorScale::new()
            .set_minimum_color(Color::RGB(0x00FF_FFFF))
            .set_maximum_color(Color::RGB(0x00F8_696B));
        heat.add_conditional_format(1, 6, rows, 5 + columns, &scale)?;
    }
    Ok(())
}

fn left_out(
    book: &mut Workbook,
    style: &Style,
    people: &[dudao_proto::scheduler::v1::LeftOut],
) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    sheet(
        book,
        style,
        "未列入的督学",
        &[("工号", 12.0), ("督学", 14.0), ("原因", 60.0)],
        people.iter().map(|l| {
            vec![
                code(&l.supervisor).into(),
                l.display_name.as_str().into(),
                l.reason.as_ref().map_or("", |r| r.zh.as_str()).into(),
            ]
        }),
    )?;
    Ok(())
}

fn stage_zh(stage: dudao_proto::registry::v1::Stage) -> &'static str {
    use dudao_proto::registry::v1::Stage;
    match stage {
        Stage::Unspecified => "",
        Stage::Kindergarten => "幼儿园",
        Stage::Primary => "小学",
        Stage::Junior => "初中",
        Stage::Senior => "高中",
        Stage::NineYear => "九年一贯制",
        Stage::TwelveYear => "十二年一贯制",
        Stage::CompleteSecondary => "完全中学",
        Stage::Vocational => "中等职业学校",
        Stage::Special => "特殊教育",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use dudao_proto::scheduler::v1::{PlannedSchool, PlannedZone};

    use super::*;

    /// The sheets of a workbook as XML.
    fn sheets(book: &[u8]) -> String {
        let mut archive = zip::ZipArchive::new(Cursor::new(book)).unwrap();
        let mut text = String::new();
        for at in 0..archive.len() {
            let mut part = archive.by_index(at).unwrap();
            if part.name().unwrap().contains("worksheets/") {
                part.read_to_string(&mut text).unwrap();
            }
        }
        text
    }

    #[test]
    fn a_name_that_looks_like_a_formula_is_a_text_in_the_workbook() {
        let school = |name: &str| PlannedSchool {
            school: "counties/140525/schools/S1".to_owned(),
            display_name: name.to_owned(),
            ..Default::default()
        };
        let names = [
            "=HYPERLINK(\"http://x\")",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(1)",
            "{=1}",
        ];
        let plan = ZoningPlan {
            zones: vec![PlannedZone {
                zone_id: "z1".to_owned(),
                display_name: "=1+1".to_owned(),
                schools: names.map(school).to_vec(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let text = sheets(&zones(&plan).unwrap());
        assert!(text.contains("<c "), "there are cells");
        assert!(
            !text.contains("<f>") && !text.contains("<f "),
            "none is a formula"
        );
    }
}
