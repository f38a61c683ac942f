//! Random draws, and what proves them: commitments, frozen pools, secrets, and the record from which anyone draws again.

use askama::Template;
use axum::response::{IntoResponse, Response};
use dudao_proto::inspection::v1 as inspection;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use inspection::{Draw, DrawState};
use serde_json::Value;

use crate::desk::{PAGE, id};
use crate::frame::{Frame, View};
use crate::refusal::Refusal;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "draws.html")]
struct List {
    t: Frame,
    draws: Vec<(&'static str, Draw)>,
}

/// The list.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let request = inspection::ListDrawsRequest {
        parent: visitor.county,
        page_size: PAGE,
        ..Default::default()
    };
    let draws = visitor.desk.draws().list_draws(request).await?.into_inner();
    let t = visitor.frame;
    let draws = draws.draws.into_iter();
    Ok(View(List {
        draws: draws
            .map(|draw| (t.draw_state(draw.state()), draw))
            .collect(),
        t,
    }))
}

#[derive(Template)]
#[template(path = "draw.html")]
struct Page {
    t: Frame,
    draw: Draw,
    state: &'static str,
    drawn: Vec<Drawn>,
    seed: String,
}

/// An object that was drawn, with its officers.
pub struct Drawn {
    pub stratum: String,
    pub object: String,
    pub officers: String,
}

/// What a record says was drawn, and from which seed.
pub fn drawn(record: &str) -> (Vec<Drawn>, String) {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = record["drawn"].as_array().cloned().unwrap_or_default();
    let rows = rows.iter().map(|row| {
        let officers = row["officers"].as_array().cloned().unwrap_or_default();
        let officers: Vec<_> = officers.iter().map(text).collect();
        Drawn {
            stratum: text(&row["stratum"]),
            object: text(&row["object"]),
            officers: officers.join("、"),
        }
    });
    (rows.collect(), text(&record["seed"]))
}

async fn read(visitor: &Visitor) -> Result<Draw, Refusal> {
    let request = inspection::GetDrawRequest {
        name: visitor.resource.clone(),
    };
    Ok(visitor.desk.draws().get_draw(request).await?.into_inner())
}

/// A draw.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let draw = read(&visitor).await?;
    let t = visitor.frame;
    let (drawn, seed) = drawn(&draw.record);
    Ok(View(Page {
        state: t.draw_state(draw.state()),
        draw,
        drawn,
        seed,
        t,
    }))
}

/// Its record, as `dudao draw verify` reads it.
pub async fn record(visitor: Visitor) -> Result<Response, Refusal> {
    let draw = read(&visitor).await?;
    Ok(record_file(id(&draw.name), draw.record))
}

/// A record to take away.
pub fn record_file(name: &str, record: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.json\""),
        ),
    ];
    (headers, record).into_response()
}

impl Page {
    fn is_void(&self) -> bool {
        self.draw.state() == DrawState::Void
    }
}
