//! Member units of the county's supervision committee (成员单位, art. 一).

use askama::Template;
use axum::response::Response;
use dudao_proto::registry::v1::MemberUnit;

use crate::desk::id;
use crate::fields::Fields;
use crate::frame::{Frame, View};
use crate::import::sheet;
use crate::refusal::Refusal;
use crate::schools::sort_by;
use crate::search::found;
use crate::visitor::Visitor;
use crate::workbook::{self, Cell};

#[derive(Template)]
#[template(path = "units.html")]
struct List {
    t: Frame,
    query: Fields,
    units: Vec<MemberUnit>,
}

async fn units(visitor: &Visitor) -> Result<Vec<MemberUnit>, Refusal> {
    let mut units = visitor.desk.all_units(&visitor.county).await?;
    let query = &visitor.query;
    units.retain(|unit| {
        unit.withdraw_time.is_none()
            && found(
                query.get("q"),
                &[&unit.display_name, &unit.duties, id(&unit.name)],
            )
    });
    sort_by(&mut units, query, |unit, column| match column {
        "name" => unit.display_name.clone(),
        "liaison" => unit.liaison.clone(),
        _ => unit.name.clone(),
    });
    Ok(units)
}

/// The list.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let units = units(&visitor).await?;
    let (t, query) = (visitor.frame, visitor.query);
    Ok(View(List { t, query, units }))
}

/// The list as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let units = units(&visitor).await?;
    let t = &visitor.frame;
    let headings = [t.code, t.name, t.unit_duties, t.liaison, t.most_inspections];
    let rows = units.into_iter().map(|unit| {
        let most = unit.max_inspections_per_year;
        vec![
            id(&unit.name).into(),
            unit.display_name.into(),
            unit.duties.into(),
            unit.liaison.into(),
            most.map_or_else(|| Cell::from(""), Cell::from),
        ]
    });
    sheet(t.units, workbook::list(t.units, &headings, rows))
}
