//! The public room: what anyone may read, without signing in and on nobody's account.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::accountability::v1 as accountability;
use dudao_proto::inspection::v1 as inspection;
use dudao_proto::registry::v1 as registry;
use http::HeaderMap;

use crate::Console;
use crate::desk::{Desk, PAGE, all};
use crate::draws::record_file;
use crate::fields::Fields;
use crate::frame::{Frame, Part, View};
use crate::refusal::Refusal;
use crate::schools::{ROWS, found};
use crate::visitor::words;

type Pairs = Vec<(String, String)>;

#[derive(Template)]
#[template(path = "public_door.html")]
struct Door {
    t: Frame,
    wrong: &'static str,
}

/// Asks which county.
pub async fn door(headers: HeaderMap, Query(query): Query<Pairs>) -> Response {
    let query = Fields(query);
    let (t, code) = (
        Frame::new(words(&headers), "/public", None),
        query.get("county"),
    );
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

#[derive(Template)]
#[template(path = "public_school.html")]
struct School {
    t: Frame,
    code: String,
    plaque: registry::Plaque,
    results: Vec<accountability::PublishedResult>,
}

/// A school's page, to which the code on its plaque leads.
pub async fn school(
    State(console): State<Console>,
    headers: HeaderMap,
    Path((code, school)): Path<(String, String)>,
) -> Result<View<impl Template>, Refusal> {
    let desk = Desk::of_nobody(&console.0.links);
    let parent = format!("counties/{code}");
    let request = registry::GetPlaqueRequest {
        name: format!("{parent}/plaques/{school}"),
    };
    let plaque = desk.plaques().get_plaque(request).await?.into_inner();
    let request = accountability::ListPublishedResultsRequest {
        parent,
        unit: plaque.school.clone(),
        page_size: PAGE,
        ..Default::default()
    };
    let results = desk.published().list_published_results(request).await?;
    Ok(View(School {
        t: Frame::new(words(&headers), &format!("/public/{code}"), None),
        code,
        plaque,
        results: results.into_inner().results,
    }))
}

/// A county's room.
pub async fn room(
    State(console): State<Console>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(query): Query<Pairs>,
) -> Result<View<impl Template>, Refusal> {
    let (desk, query) = (Desk::of_nobody(&console.0.links), Fields(query));
    let t = Frame::new(words(&headers), &format!("/public/{code}"), None);
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
            let mut plaques = whole!(
                plaques
                    .list_plaques(registry::ListPlaquesRequest {
                        reprint_due,
                        supervisor
                    })
                    .plaques
            );
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

/// A published report.
pub async fn report(
    State(console): State<Console>,
    headers: HeaderMap,
    Path((code, report)): Path<(String, String)>,
) -> Result<View<impl Template>, Refusal> {
    let name = format!("counties/{code}/publicReports/{report}");
    let request = inspection::GetPublicReportRequest { name };
    let mut public = Desk::of_nobody(&console.0.links).public();
    let report = public.get_public_report(request).await?.into_inner();
    let t = Frame::new(words(&headers), &format!("/public/{code}"), None);
    Ok(View(ReportPage {
        kind: t.inspection_kind(report.kind()),
        report,
        code,
        t,
    }))
}

/// The record of a published draw.
pub async fn draw(
    State(console): State<Console>,
    Path((code, draw)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let name = format!("counties/{code}/publicDraws/{draw}");
    let request = inspection::GetPublicDrawRequest { name };
    let mut public = Desk::of_nobody(&console.0.links).public();
    let record = public.get_public_draw(request).await?.into_inner().record;
    // What names a file must not end its header.
    let plain: String = draw.chars().filter(char::is_ascii_alphanumeric).collect();
    Ok(record_file(&plain, record))
}
