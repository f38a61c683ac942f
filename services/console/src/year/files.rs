//! A year to take away: as a workbook, and for calendars.

use axum::response::Response;

use super::look::{Burden, KINDS, Visit, burdens, wanted};
use super::read;
use crate::calendar::{self, Entry};
use crate::import::sheet;
use crate::refusal::Refusal;
use crate::visitor::Visitor;
use crate::workbook::{self, Cell};

/// The visits that the query asks for as a workbook, or what each school has to bear.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let plan = read(&visitor).await?;
    let t = &visitor.frame;
    if visitor.query.get("view") == "burden" {
        let mut headings = vec![t.code, t.school, t.town];
        headings.extend(KINDS.map(|kind| t.item_kind(kind)));
        headings.extend([t.visits_in_all, t.days_used, t.days_apart]);
        let rows = burdens(&plan).into_iter().map(|burden| {
            let Burden {
                target,
                display_name,
                town,
                kinds,
                visits,
                days,
                apart,
            } = burden;
            let mut row: Vec<Cell> = vec![
                crate::desk::id(&target).into(),
                display_name.into(),
                town.into(),
            ];
            row.extend(kinds.map(|count| Cell::Number(count as f64)));
            row.push(Cell::Number(visits as f64));
            row.push(days.into());
            row.push(apart.map_or_else(|| "".into(), |days| Cell::Number(days as f64)));
            row
        });
        let name = format!("{} {}", t.burden, plan.year);
        return sheet(&name, workbook::list(&name, &headings, rows));
    }
    let headings = [
        t.date,
        t.kind,
        t.school,
        t.town,
        t.team,
        t.days_used,
        t.code,
    ];
    let rows = wanted(&plan, &visitor.query).map(|visit| {
        let visit = Visit::of(visit, t);
        vec![
            visit.date.into(),
            visit.kind.into(),
            visit.display_name.into(),
            visit.town.into(),
            visit.team.into(),
            visit.days.into(),
            visit.id.into(),
        ]
    });
    let name = format!("{} {}", t.year_plan, plan.year);
    sheet(&name, workbook::list(&name, &headings, rows))
}

/// The visits that the query asks for, as calendars read them.
pub async fn calendar(visitor: Visitor) -> Result<Response, Refusal> {
    let plan = read(&visitor).await?;
    let t = &visitor.frame;
    let entries = wanted(&plan, &visitor.query).map(|planned| {
        let visit = Visit::of(planned, t);
        Entry {
            id: format!("{}/visits/{}", plan.name, visit.id),
            date: visit.date,
            days: visit.days,
            title: format!("{} {}", visit.kind, visit.display_name),
            place: format!("{} {}", visit.town, visit.display_name),
            words: visit.team,
        }
    });
    let name = format!("{} {}", t.year_plan, plan.year);
    Ok(calendar::file(&name, entries))
}
