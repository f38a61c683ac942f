//! Random draws, and what proves them: commitments, frozen pools, secrets, and the record from which anyone draws again.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::inspection::v1 as inspection;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use inspection::{Draw, DrawParty, DrawState, DrawStratum};
use serde_json::Value;

use crate::desk::{PAGE, id};
use crate::forms::{Form, Kind, Sent};
use crate::frame::{Frame, View};
use crate::refusal::Refusal;
use crate::visitor::{Posted, Visitor};
use crate::visits::own;

#[derive(Template)]
#[template(path = "draws.html")]
struct List {
    t: Frame,
    draws: Vec<(&'static str, Draw)>,
    create: Option<Form>,
    sent: Sent,
    ticket: String,
    /// Where the form goes.
    collection: String,
}

/// The list.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    Ok(View(listed(visitor, Sent::default()).await?))
}

async fn listed(visitor: Visitor, sent: Sent) -> Result<List, Refusal> {
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    let collection = format!("{}/draws", visitor.county);
    let request = inspection::ListDrawsRequest {
        parent: visitor.county,
        page_size: PAGE,
        ..Default::default()
    };
    let draws = visitor.desk.draws().list_draws(request).await?.into_inner();
    let t = visitor.frame;
    let draws = draws.draws.into_iter();
    let create = t.plans().then(|| {
        Form::new("create", t.new_draw, "")
            .field("display_name", t.name, Kind::Line)
            .field("parties", t.parties_of_draw, Kind::Text)
            .field("stages", t.stages_of_draw, Kind::Line)
            .field("share", t.share_of_draw, Kind::Number)
            .field("count", t.count_of_draw, Kind::Number)
            .field("officers_per_object", t.officers_of_draw, Kind::Number)
            .field("rotation_years", t.rotation_of_draw, Kind::Number)
            .field("reveal_due_date", t.reveal_until, Kind::Date)
    });
    Ok(List {
        draws: draws
            .map(|draw| (t.draw_state(draw.state()), draw))
            .collect(),
        create,
        sent,
        ticket,
        collection,
        t,
    })
}

/// Texts that stand in lines, or between commas.
fn items(text: &str) -> impl Iterator<Item = String> {
    let items = text.split(['\n', '、', ',', '，']).map(str::trim);
    items.filter(|item| !item.is_empty()).map(str::to_owned)
}

/// Begins a draw. One stratum is enough for most; `dudao draw` takes several.
pub async fn create(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let text = |field: &str| fields.get(field).trim().to_owned();
    let draw = Draw {
        display_name: text("display_name"),
        parties: items(fields.get("parties"))
            .map(|party| DrawParty {
                party,
                ..Default::default()
            })
            .collect(),
        strata: vec![DrawStratum {
            stratum: visitor.frame.school.to_owned(),
            stages: items(fields.get("stages")).collect(),
            share: fields.number::<f64>("share").unwrap_or(0.0) / 100.0,
            count: fields.number("count").unwrap_or(0),
        }],
        officers_per_object: fields.number("officers_per_object").unwrap_or(0),
        rotation_years: fields.number("rotation_years").unwrap_or(0),
        reveal_due_date: text("reveal_due_date"),
        ..Default::default()
    };
    let request = inspection::CreateDrawRequest {
        parent: visitor.county.clone(),
        draw: Some(draw),
        request_id: text("ticket"),
        ..Default::default()
    };
    match visitor.desk.draws().create_draw(request).await {
        Ok(draw) => Ok(Redirect::to(&format!("/{}", draw.into_inner().name)).into_response()),
        Err(status) => {
            let sent = Sent::refused(fields, &status, &visitor.frame)?;
            let page = View(listed(visitor, sent).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

#[derive(Template)]
#[template(path = "draw.html")]
struct Page {
    t: Frame,
    draw: Draw,
    state: &'static str,
    drawn: Vec<Drawn>,
    seed: String,
    forms: Vec<Form>,
    sent: Sent,
    ticket: String,
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

/// A party to a draw: what it had committed itself to, and the secret that it told after.
pub struct Party {
    pub name: String,
    pub commitment: String,
    pub secret: String,
}

/// The parties of a record.
pub fn parties(record: &str) -> Vec<Party> {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    let parties = record["parties"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parties = parties.iter().map(|party| Party {
        name: text(&party["name"]),
        commitment: text(&party["commitment"]),
        secret: text(&party["secret"]),
    });
    parties.collect()
}

async fn read(visitor: &Visitor) -> Result<Draw, Refusal> {
    let request = inspection::GetDrawRequest {
        name: visitor.resource.clone(),
    };
    Ok(visitor.desk.draws().get_draw(request).await?.into_inner())
}

/// A draw.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    Ok(View(page(visitor, Sent::default()).await?))
}

async fn page(visitor: Visitor, sent: Sent) -> Result<Page, Refusal> {
    let draw = read(&visitor).await?;
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    let unit = own(&visitor, "/memberUnits/");
    let t = visitor.frame;
    let (drawn, seed) = drawn(&draw.record);
    Ok(Page {
        state: t.draw_state(draw.state()),
        forms: forms(&draw, &unit, &t),
        draw,
        drawn,
        seed,
        sent,
        ticket,
        t,
    })
}

/// What can be done where it stands, by those who may.
fn forms(draw: &Draw, unit: &str, t: &Frame) -> Vec<Form> {
    let speaks_for = |party: &str| t.decides() || party == unit;
    let void = || Form::new("void", t.step_void, "").field("reason", t.reason, Kind::Line);
    let mut forms = Vec::new();
    match draw.state() {
        DrawState::Committing => {
            let missing = draw.parties.iter().filter(|one| one.commitment.is_empty());
            let commits = missing.filter(|one| speaks_for(&one.party)).map(|one| {
                let form = Form::new("commit", t.step_commit, &one.party);
                form.field("commitment", t.commitment, Kind::Commitment)
            });
            forms.extend(commits);
            if forms.is_empty() && t.decides() {
                let freeze = Form::new("freeze", t.step_freeze, "");
                forms.push(freeze.field("officers", t.further_officers, Kind::Text));
            }
        }
        DrawState::Frozen => {
            let missing = draw.parties.iter().filter(|one| one.secret.is_empty());
            let reveals = missing.filter(|one| speaks_for(&one.party)).map(|one| {
                let form = Form::new("reveal", t.step_reveal, &one.party);
                form.field("secret", t.secret, Kind::Line)
            });
            forms.extend(reveals);
        }
        DrawState::Drawn if t.decides() => {
            forms.push(Form::new("publish", t.step_publish_draw, ""));
        }
        DrawState::Unspecified | DrawState::Drawn | DrawState::Published | DrawState::Void => {}
    }
    if t.decides() && matches!(draw.state(), DrawState::Committing | DrawState::Frozen) {
        forms.push(void());
    }
    forms
}

/// Takes a draw a step further.
pub async fn act(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let name = visitor.resource.clone();
    let text = |field: &str| fields.get(field).trim().to_owned();
    let (etag, request_id, party) = (text("etag"), text("ticket"), text("subject"));
    let mut draws = visitor.desk.draws();
    macro_rules! step {
        ($rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
            draws.$rpc(inspection::$request {
                name: name.clone(), etag, request_id, $($field: $value,)*
            }).await
        };
    }
    let done = match fields.get("verb") {
        "commit" => step!(
            commit_secret,
            CommitSecretRequest {
                party: party,
                commitment: text("commitment"),
            }
        ),
        "freeze" => step!(
            freeze_pools,
            FreezePoolsRequest {
                officers: items(fields.get("officers")).collect(),
            }
        ),
        "reveal" => step!(
            reveal_secret,
            RevealSecretRequest {
                party: party,
                secret: text("secret"),
            }
        ),
        "void" => step!(
            void_draw,
            VoidDrawRequest {
                reason: text("reason"),
            }
        ),
        "publish" => step!(publish_draw, PublishDrawRequest {}),
        _ => return Err(Refusal::Unknown),
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/{name}")).into_response()),
        Err(status) => {
            let sent = Sent::refused(fields, &status, &visitor.frame)?;
            let page = View(page(visitor, sent).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
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
