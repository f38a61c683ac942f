//! Balance of compulsory education: what a year's figures say of schools and towns, how much is missing, and what if.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use dudao_proto::inspection::v1 as inspection;
use inspection::{
    BalanceAnalysis, BalanceReport, BalanceStandard, FigureChange, ResourceFigure, SchoolResource,
};

use crate::desk::{PAGE, all};
use crate::fields::{Fields, Wrongs};
use crate::frame::{Frame, Part, View};
use crate::import::sheet;
use crate::refusal::Refusal;
use crate::schools::ROWS;
use crate::visitor::Visitor;
use crate::workbook::{self, Cell};

#[derive(Template)]
#[template(path = "balances.html")]
struct List {
    t: Frame,
    reports: Vec<BalanceReport>,
}

/// The reports.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let reports = all(async |page_token| {
        let request = inspection::ListBalanceReportsRequest {
            parent: visitor.county.clone(),
            page_size: PAGE,
            page_token,
            year: 0,
        };
        let mut balances = visitor.desk.balances();
        let page = balances.list_balance_reports(request).await?.into_inner();
        Ok((page.balance_reports, page.next_page_token))
    });
    let mut reports = reports.await?;
    reports.sort_by_key(|report| std::cmp::Reverse(report.year));
    let t = visitor.frame;
    Ok(View(List { t, reports }))
}

#[derive(Template)]
#[template(path = "balance.html")]
struct Page {
    t: Frame,
    query: Fields,
    report: BalanceReport,
    passing: (i32, usize),
    variations: Vec<Variation>,
    towns: Vec<Town>,
    gaps: Part<Gap>,
    resources: Vec<(&'static str, &'static str)>,
    schools: Vec<(String, String)>,
    wrongs: Wrongs,
    what_if: Option<WhatIf>,
}

/// A coefficient of variation.
struct Variation {
    stage: &'static str,
    resource: &'static str,
    coefficient: String,
    limit: String,
    passes: bool,
    /// The same after the change.
    after: String,
}

/// A town beside the others.
#[derive(Default)]
struct Town {
    name: String,
    schools: usize,
    passing: usize,
    /// Resources met of those asked, over its schools and their stages.
    met: i32,
    asked: i32,
}

/// What a school lacks.
struct Gap {
    school: String,
    stage: &'static str,
    resource: &'static str,
    value: String,
    standard: String,
    more: String,
}

/// What would be.
struct WhatIf {
    passing: i32,
    flips: Vec<(String, &'static str, &'static str, bool)>,
}

fn standard(query: &Fields) -> BalanceStandard {
    if query.get("standard") == "basic" {
        BalanceStandard::Basic
    } else {
        BalanceStandard::Quality
    }
}

fn towns(analysis: &BalanceAnalysis) -> Vec<Town> {
    let mut towns: BTreeMap<&str, Town> = BTreeMap::new();
    for school in &analysis.schools {
        let town = towns.entry(&school.town).or_default();
        town.name.clone_from(&school.town);
        town.schools += 1;
        town.passing += usize::from(school.passes);
        town.met += school.stages.iter().map(|stage| stage.met).sum::<i32>();
        town.asked += school.stages.iter().map(|stage| stage.asked).sum::<i32>();
    }
    let mut towns: Vec<_> = towns.into_values().collect();
    let share = |town: &Town| f64::from(town.met) / f64::from(town.asked.max(1));
    // The one that lacks most comes first.
    towns.sort_by(|a, b| share(a).total_cmp(&share(b)));
    towns
}

/// The change that the query asks about; none if it asks about none.
fn change(visitor: &Visitor, report: &BalanceReport, wrongs: &mut Wrongs) -> Option<FigureChange> {
    let (query, t) = (&visitor.query, &visitor.frame);
    let school = report
        .schools
        .iter()
        .find(|s| s.school == query.get("school"))?;
    let resource = SchoolResource::from_str_name(query.get("resource")).unwrap_or_default();
    let more = query.decimal("more", wrongs, t);
    let more = more.filter(|_| resource != SchoolResource::Unspecified)?;
    let known = school.resources.iter().find(|f| f.resource() == resource);
    let mut figure = known.copied().unwrap_or(ResourceFigure {
        resource: resource.into(),
        ..Default::default()
    });
    figure.shared += more;
    Some(FigureChange {
        school: school.school.clone(),
        resources: vec![figure],
        ..Default::default()
    })
}

/// A report, by one of the two standards.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let name = visitor.resource.clone();
    let standard = standard(&visitor.query);
    let (mut reports, mut analyses, mut gaps) = (
        visitor.desk.balances(),
        visitor.desk.balances(),
        visitor.desk.balances(),
    );
    let (report, analysis, gaps) = tokio::join!(
        reports.get_balance_report(inspection::GetBalanceReportRequest { name: name.clone() }),
        analyses.analyze_balance_report(inspection::AnalyzeBalanceReportRequest {
            name: name.clone(),
            standard: standard.into(),
        }),
        gaps.list_balance_gaps(inspection::ListBalanceGapsRequest {
            name: name.clone(),
            standard: standard.into(),
        }),
    );
    let (report, analysis, gaps) = (
        report?.into_inner(),
        analysis?.into_inner(),
        gaps?.into_inner(),
    );
    let mut wrongs = Wrongs::default();
    let told = match change(&visitor, &report, &mut wrongs) {
        Some(change) => {
            let request = inspection::SimulateBalanceRequest {
                name,
                standard: standard.into(),
                changes: vec![change],
            };
            let mut balances = visitor.desk.balances();
            match balances.simulate_balance(request).await {
                Ok(told) => Some(told.into_inner()),
                Err(status) => {
                    wrongs = Wrongs::of(&status, &["more"], &visitor.frame)?;
                    None
                }
            }
        }
        None => None,
    };
    let t = visitor.frame;
    let names: BTreeMap<_, _> = report
        .schools
        .iter()
        .map(|school| (school.school.as_str(), school.display_name.as_str()))
        .collect();
    let after = told.as_ref().and_then(|told| told.after.as_ref());
    let variations = analysis.variations.iter().map(|now| {
        let then = after.and_then(|after| {
            let mut all = after.variations.iter();
            all.find(|v| v.stage == now.stage && v.resource == now.resource)
        });
        Variation {
            stage: t.balance_stage(now.stage()),
            resource: t.resource(now.resource()),
            coefficient: format!("{:.3}", now.coefficient),
            limit: format!("{:.2}", now.limit),
            passes: now.passes,
            after: then.map_or_else(String::new, |then| format!("{:.3}", then.coefficient)),
        }
    });
    let variations = variations.collect();
    let rows = gaps.schools.iter().map(|gap| Gap {
        school: gap.display_name.clone(),
        stage: t.balance_stage(gap.stage()),
        resource: t.resource(gap.resource()),
        value: format!("{:.2}", gap.value),
        standard: format!("{:.2}", gap.standard),
        more: format!("{:.1}", gap.more),
    });
    let gaps = Part::of(rows.collect(), visitor.query.number("page"), ROWS);
    let what_if = told.as_ref().map(|told| WhatIf {
        passing: after.map_or(0, |after| after.schools_passing),
        flips: told
            .flips
            .iter()
            .map(|flip| {
                let school = names.get(flip.school.as_str()).copied();
                (
                    school.unwrap_or_default().to_owned(),
                    t.balance_stage(flip.stage()),
                    t.resource(flip.resource()),
                    flip.after,
                )
            })
            .collect(),
    });
    Ok(View(Page {
        passing: (analysis.schools_passing, analysis.schools.len()),
        variations,
        towns: towns(&analysis),
        gaps,
        resources: RESOURCES
            .iter()
            .map(|resource| (resource.as_str_name(), t.resource(*resource)))
            .collect(),
        schools: report
            .schools
            .iter()
            .map(|school| (school.school.clone(), school.display_name.clone()))
            .collect(),
        query: visitor.query,
        report,
        wrongs,
        what_if,
        t,
    }))
}

/// Every school's verdict as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let request = inspection::AnalyzeBalanceReportRequest {
        name: visitor.resource.clone(),
        standard: standard(&visitor.query).into(),
    };
    let mut balances = visitor.desk.balances();
    let analysis = balances.analyze_balance_report(request).await?.into_inner();
    let t = &visitor.frame;
    let headings = [
        t.school, t.town, t.stage, t.quantity, t.value, t.standard, t.is_met,
    ];
    let rows = analysis.schools.iter().flat_map(|school| {
        school.resources.iter().map(move |verdict| {
            vec![
                school.display_name.as_str().into(),
                school.town.as_str().into(),
                t.balance_stage(verdict.stage()).into(),
                t.resource(verdict.resource()).into(),
                verdict.value.into(),
                verdict.standard.map_or_else(|| Cell::from(""), Cell::from),
                if verdict.met { t.yes } else { t.no }.into(),
            ]
        })
    });
    sheet(t.balance, workbook::list(t.balance, &headings, rows))
}

/// Every resource.
const RESOURCES: [SchoolResource; 11] = [
    SchoolResource::QualifiedTeachers,
    SchoolResource::BackboneTeachers,
    SchoolResource::SportArtTeachers,
    SchoolResource::TeachingArea,
    SchoolResource::SportsArea,
    SchoolResource::Equipment,
    SchoolResource::MultimediaRooms,
    SchoolResource::Teachers,
    SchoolResource::SeniorTitleTeachers,
    SchoolResource::Computers,
    SchoolResource::Books,
];
