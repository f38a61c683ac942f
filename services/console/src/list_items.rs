//! The year's filed list of inspections (年度督导计划清单): what is not on it may not take place.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Datelike as _;
use dudao_proto::inspection::v1 as inspection;
use http::StatusCode;
use inspection::{InspectionKind, ListItem};

use crate::desk::{PAGE, all};
use crate::forms::{Form, Kind, Sent};
use crate::frame::{Frame, View};
use crate::import::sheet;
use crate::refusal::Refusal;
use crate::visitor::{Posted, Visitor};
use crate::workbook;

/// Every kind of inspection.
pub const KINDS: [InspectionKind; 6] = [
    InspectionKind::Comprehensive,
    InspectionKind::Special,
    InspectionKind::Routine,
    InspectionKind::Random,
    InspectionKind::LookBack,
    InspectionKind::Emergency,
];

#[derive(Template)]
#[template(path = "list_items.html")]
struct List {
    t: Frame,
    year: i32,
    rows: Vec<Row>,
    create: Option<Form>,
    sent: Sent,
    ticket: String,
    /// Where the forms go.
    collection: String,
}

struct Row {
    kind: &'static str,
    item: ListItem,
    withdraw: Option<Form>,
}

/// What is on the list of a year, of all years for 0; what was taken off too.
pub async fn items(visitor: &Visitor, year: i32) -> Result<Vec<ListItem>, Refusal> {
    let items = all(async |page_token| {
        let request = inspection::ListListItemsRequest {
            parent: visitor.county.clone(),
            page_size: PAGE,
            page_token,
            year,
            show_withdrawn: true,
        };
        let page = visitor.desk.list_items().list_list_items(request).await?;
        let page = page.into_inner();
        Ok((page.list_items, page.next_page_token))
    });
    Ok(items.await?)
}

fn asked(visitor: &Visitor) -> i32 {
    let now = visitor.console.0.clock.today().year();
    visitor.query.number("year").unwrap_or(now)
}

/// The list of a year.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let year = asked(&visitor);
    Ok(View(page(visitor, year, Sent::default()).await?))
}

async fn page(visitor: Visitor, year: i32, sent: Sent) -> Result<List, Refusal> {
    let items = items(&visitor, year).await?;
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    let t = visitor.frame;
    let create = t.plans().then(|| {
        let kinds = KINDS.map(|kind| (kind.as_str_name(), t.inspection_kind(kind)));
        Form::new("create", t.new_list_item, "")
            .field("year", t.year, Kind::Number)
            .field("display_name", t.name, Kind::Line)
            .field("kind", t.kind, Kind::choice(kinds))
            .field("basis", t.basis, Kind::Line)
            .field("filed_with", t.filed_with, Kind::Line)
            .field("file_date", t.file_date, Kind::Date)
            .field("document", t.document, Kind::Line)
    });
    Ok(List {
        rows: items
            .into_iter()
            .map(|item| Row {
                kind: t.inspection_kind(item.kind()),
                withdraw: (t.plans() && !item.withdrawn).then(|| {
                    let form = Form::new("withdraw", t.step_withdraw_item, &item.name);
                    form.field("reason", t.reason, Kind::Line)
                }),
                item,
            })
            .collect(),
        collection: format!("{}/listItems", visitor.county),
        year,
        create,
        sent,
        ticket,
        t,
    })
}

/// The list as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let year = asked(&visitor);
    let items = items(&visitor, year).await?;
    let t = &visitor.frame;
    let headings = [
        t.name,
        t.kind,
        t.basis,
        t.filed_with,
        t.file_date,
        t.document,
        t.state,
    ];
    let rows = items.into_iter().map(|item| {
        vec![
            item.display_name.as_str().into(),
            t.inspection_kind(item.kind()).into(),
            item.basis.into(),
            item.filed_with.into(),
            item.file_date.into(),
            item.document.into(),
            item.withdraw_reason.into(),
        ]
    });
    let name = format!("{} {year}", t.list_items);
    sheet(&name, workbook::list(&name, &headings, rows))
}

/// Puts an item on the list, or takes one off.
pub async fn act(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let text = |field: &str| fields.get(field).trim().to_owned();
    let mut items = visitor.desk.list_items();
    let year = fields.number("year").unwrap_or_else(|| asked(&visitor));
    let done = match fields.get("verb") {
        "create" => {
            let item = ListItem {
                year: fields.number("year").unwrap_or(0),
                display_name: text("display_name"),
                kind: InspectionKind::from_str_name(fields.get("kind"))
                    .unwrap_or_default()
                    .into(),
                basis: text("basis"),
                filed_with: text("filed_with"),
                file_date: text("file_date"),
                document: text("document"),
                ..Default::default()
            };
            let request = inspection::CreateListItemRequest {
                parent: visitor.county.clone(),
                list_item: Some(item),
                request_id: text("ticket"),
                ..Default::default()
            };
            items.create_list_item(request).await
        }
        "withdraw" => {
            let request = inspection::WithdrawListItemRequest {
                name: text("subject"),
                etag: text("etag"),
                request_id: text("ticket"),
                reason: text("reason"),
            };
            items.withdraw_list_item(request).await
        }
        _ => return Err(Refusal::Unknown),
    };
    match done {
        Ok(item) => {
            let (list, year) = (&visitor.county, item.into_inner().year);
            Ok(Redirect::to(&format!("/{list}/listItems?year={year}")).into_response())
        }
        Err(status) => {
            let sent = Sent::refused(fields, &status, &visitor.frame)?;
            let page = View(page(visitor, year, sent).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
