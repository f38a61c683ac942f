//! The public room: what anyone may read, without signing in and on nobody's account; and leads, which anyone may send.

mod lead;

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use tonic::Status;

pub use lead::{Patience, ask as lead, file, track};

use crate::desk::{Desk, PAGE, all};
use crate::draws::{Drawn, Party, drawn, parties, record_file};
use crate::fields::Fields;
use crate::frame::{Frame, Part, View};
use crate::refusal::Refusal;
use crate::schools::ROWS;
use crate::search::found;
use crate::visitor::Anyone;

#[derive(Template)]
#[template(path = "public_door.html")]
struct Door {
    t: Frame,
    wrong: &'static str,
}

/// Asks which county.
pub async fn door(anyone: Anyone) -> Response {
    let (t, code) = (anyone.frame, anyone.query.get("county"));
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Redirect::to(&format!("/public/{code}")).into_response();
    }
    let wrong = if code.is_empty() {
        ""
    } else {
        t.county_code_wrong
    };
    View(Door { t, wrong }).into_response()
}

#[derive(Template)]
#[template(path = "public.html")]
struct Room {
    t: Frame,
    code: String,
    query: Fields,
    look: Look,
}

enum Look {
    Reports(Vec<(&'static str, inspection::PublicReport)>),
    Results(Vec<accountability::PublishedResult>),
    Decisions(Vec<accountability::PublishedDecision>),
    Commendations(Vec<accountability::PublishedCommendation>),
    Draws(Vec<inspection::PublicDraw>),
    Plaques(Part<registry::Plaque>),
}

impl Room {
    fn looks(&self, at: &str) -> bool {
        at == match self.look {
            Look::Reports(_) => "reports",
            Look::Results(_) => "results",
            Look::Decisions(_) => "decisions",
            Look::Commendations(_) => "commendations",
            Look::Draws(_) => "draws",
            Look::Plaques(_) => "plaques",
        }
    }
}

/// A county's room.
pub async fn room(anyone: Anyone) -> Result<View<impl Template>, Refusal> {
    let Anyone {
        desk,
        code,
        query,
        frame: t,
        ..
    } = anyone;
    let parent = format!("counties/{code}");
    macro_rules! whole {
        ($client:ident.$rpc:ident($service:ident::$request:ident { $($more:ident),* }) . $items:ident) => {
            all(|page_token| {
                let (mut client, parent) = (desk.$client(), parent.clone());
                async move {
                    let page_size = PAGE;
                    let request = $service::$request { parent, page_token, page_size, $($more: Default::default()),* };
                    let page = client.$rpc(request).await?.into_inner();
                    Ok((page.$items, page.next_page_token))
                }
            })
            .await?
        };
    }
    let look = match query.get("view") {
        "results" => {
            let mut results = whole!(
                published
                    .list_published_results(accountability::ListPublishedResultsRequest {
                        town,
                        unit
                    })
                    .results
            );
            results.sort_by(|a, b| b.date.cmp(&a.date));
            Look::Results(results)
        }
        "decisions" => Look::Decisions(whole!(
            published
                .list_published_decisions(accountability::ListPublishedDecisionsRequest {})
                .decisions
        )),
        "commendations" => Look::Commendations(whole!(
            published
                .list_published_commendations(accountability::ListPublishedCommendationsRequest {})
                .commendations
        )),
        "draws" => Look::Draws(whole!(
            public
                .list_public_draws(inspection::ListPublicDrawsRequest {})
                .draws
        )),
        "plaques" => {
            let mut plaques = plaques(&desk, &parent).await?;
            plaques.retain(|plaque| {
                !plaque.taken_down
                    && found(
                        query.get("q"),
                        &[&plaque.school_name, &plaque.supervisor_name],
                    )
            });
            Look::Plaques(Part::of(plaques, query.number("page"), ROWS))
        }
        _ => {
            let mut reports = whole!(
                public
                    .list_public_reports(inspection::ListPublicReportsRequest { town })
                    .reports
            );
            reports.sort_by(|a, b| b.publish_date.cmp(&a.publish_date));
            let reports = reports.into_iter();
            Look::Reports(
                reports
                    .map(|report| (t.inspection_kind(report.kind()), report))
                    .collect(),
            )
        }
    };
    Ok(View(Room {
        t,
        code,
        query,
        look,
    }))
}

#[derive(Template)]
#[template(path = "public_report.html")]
struct ReportPage {
    t: Frame,
    code: String,
    kind: &'static str,
    report: inspection::PublicReport,
}

/// Every plaque of a county.
async fn plaques(desk: &Desk, parent: &str) -> Result<Vec<registry::Plaque>, Status> {
    all(async |page_token| {
        let request = registry::ListPlaquesRequest {
            parent: parent.to_owned(),
            page_size: PAGE,
            page_token,
            ..Default::default()
        };
        let page = desk.plaques().list_plaques(request).await?.into_inner();
        Ok((page.plaques, page.next_page_token))
    })
    .await
}

/// A published report.
pub async fn report(
    anyone: Anyone,
    Path((code, report)): Path<(String, String)>,
) -> Result<View<impl Template>, Refusal> {
    let name = format!("counties/{code}/publicReports/{report}");
    let request = inspection::GetPublicReportRequest { name };
    let mut public = anyone.desk.public();
    let report = public.get_public_report(request).await?.into_inner();
    let t = anyone.frame;
    Ok(View(ReportPage {
        kind: t.inspection_kind(report.kind()),
        report,
        code,
        t,
    }))
}

#[derive(Template)]
#[template(path = "public_plaque.html")]
struct PlaquePage {
    t: Frame,
    code: String,
    plaque: registry::Plaque,
    results: Vec<accountability::PublishedResult>,
}

/// What the code on the plaque at a school's gate leads to: whom to call, and what was put right.
pub async fn plaque(
    anyone: Anyone,
    Path((code, plaque)): Path<(String, String)>,
) -> Result<View<impl Template>, Refusal> {
    let name = format!("counties/{code}/plaques/{plaque}");
    let request = registry::GetPlaqueRequest { name };
    let plaque = anyone.desk.plaques().get_plaque(request).await?;
    let plaque = plaque.into_inner();
    let request = accountability::ListPublishedResultsRequest {
        parent: format!("counties/{code}"),
        unit: plaque.school.clone(),
        page_size: PAGE,
        ..Default::default()
    };
    let mut published = anyone.desk.published();
    let results = published.list_published_results(request).await?;
    Ok(View(PlaquePage {
        plaque,
        results: results.into_inner().results,
        code,
        t: anyone.frame,
    }))
}

#[derive(Template)]
#[template(path = "public_draw.html")]
struct DrawPage {
    t: Frame,
    code: String,
    draw: inspection::PublicDraw,
    parties: Vec<Party>,
    drawn: Vec<Drawn>,
    seed: String,
}

async fn public_draw(anyone: &Anyone, draw: &str) -> Result<inspection::PublicDraw, Refusal> {
    let name = format!("counties/{}/publicDraws/{draw}", anyone.code);
    let request = inspection::GetPublicDrawRequest { name };
    let draw = anyone.desk.public().get_public_draw(request).await?;
    Ok(draw.into_inner())
}

/// A published draw, and how anyone draws it again.
pub async fn draw(
    anyone: Anyone,
    Path((code, draw)): Path<(String, String)>,
) -> Result<View<impl Template>, Refusal> {
    let draw = public_draw(&anyone, &draw).await?;
    let (drawn, seed) = drawn(&draw.record);
    Ok(View(DrawPage {
        parties: parties(&draw.record),
        drawn,
        seed,
        draw,
        code,
        t: anyone.frame,
    }))
}

/// The record of a published draw.
pub async fn record(
    anyone: Anyone,
    Path((_, draw)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let record = public_draw(&anyone, &draw).await?.record;
    // What names a file must not end its header.
    let plain: String = draw.chars().filter(char::is_ascii_alphanumeric).collect();
    Ok(record_file(&plain, record))
}
