//! The console: the county's pages. A gRPC client of the four services, with no data of its own.
//!
//! A page's address is the name of the resource that it shows: `/counties/140525/schools/S1`. Whoever signs in gets a cookie; the token
//! stays here ([`session`]), and every call is made with it, so that a page shows what its reader may see and nothing else.
//!
//! | file | holds |
//! |---|---|
//! | `desk` | clients of the services, on the account of one caller |
//! | `session`, `visitor`, `sign_in`, `issuer` | who is signed in; what a request carries; the way in and out, by a link or at an issuer |
//! | `fields`, `forms` | what a form or a query says; steps as forms |
//! | `frame`, `words`, `names` | what is around every page; its words in two languages; words for the contract's enumerations |
//! | `refusal` | an error as a page that says what to do |
//! | `assets`, `workbook`, `calendar`, `cells` | scripts and styles, and what a page may do; files for Excel and for calendars; zones as areas |
//! | the others | pages, one file a subject, its templates of the same name |

mod assets;
mod balance;
mod calendar;
mod campaigns;
mod cases;
mod cells;
mod changes;
mod compare;
mod complaints;
mod decisions;
mod desk;
mod documents;
mod draws;
mod evaluations;
mod evidence;
mod fields;
mod forms;
mod frame;
mod ground;
mod import;
mod issuer;
mod ledger;
mod list_items;
mod me;
mod names;
mod objects;
mod overview;
mod plans;
mod province;
mod public;
mod records;
mod refusal;
mod schools;
mod search;
mod session;
mod sign_in;
mod supervisors;
mod units;
mod visit;
mod visitor;
mod visits;
mod words;
mod workbook;
mod year;
mod zones;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use dudao_platform::Clock;
use dudao_platform::lifecycle::Shutdown;
use dudao_platform::rpc::{Link, Proxies};

use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};

pub use ground::Tiles;
pub use issuer::{Issuer, IssuerSettings};
use session::Sessions;

/// Where each service is reached: by nobody, until a caller's token is added.
#[derive(Clone, Debug)]
pub struct Links {
    /// Who and what.
    pub registry: Link,
    /// What is done.
    pub inspection: Link,
    /// What comes of it.
    pub accountability: Link,
    /// Plans.
    pub scheduler: Link,
}

/// What an installation decides.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Tiles under the maps; none by default: no other host is asked for anything.
    pub tiles: Option<Tiles>,
    /// Whose word is taken for where visitors come from.
    pub proxies: Proxies,
    /// Where users sign in, beside one-time links and tokens; nowhere by default.
    pub issuer: Option<Issuer>,
}

/// What every page has at hand. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Console(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    links: Links,
    clock: Clock,
    settings: Settings,
    shutdown: Shutdown,
    sessions: Sessions,
    waiting: import::Waiting,
    leads: public::Patience,
}

/// The pages.
pub fn pages(links: Links, clock: Clock, settings: Settings, shutdown: Shutdown) -> Router {
    let console = Console(Arc::new(Inner {
        links,
        sessions: Sessions::new(clock.clone()),
        waiting: import::Waiting::default(),
        leads: public::Patience::default(),
        clock,
        settings,
        shutdown,
    }));
    Router::new()
        .route("/", get(sign_in::home))
        .route("/login", get(sign_in::ask).post(sign_in::enter))
        .route("/login/issuer", get(sign_in::go))
        .route("/login/back", get(sign_in::come_back))
        .route("/logout", post(sign_in::leave))
        .route("/language", post(sign_in::speak))
        .route("/plans", get(province::show))
        .route("/plans/watch", get(province::watch))
        .route("/counties/{county}", get(overview::show))
        .route("/counties/{county}/schools", get(schools::list))
        .route("/counties/{county}/schools/{school}", get(schools::show))
        .route("/counties/{county}/supervisors", get(supervisors::list))
        .route(
            "/counties/{county}/supervisors/{supervisor}",
            get(supervisors::show),
        )
        .route(
            "/counties/{county}/zoningPlans",
            get(zones::list).post(zones::create),
        )
        .route("/counties/{county}/zoningPlans/new", get(zones::ask))
        .route(
            "/counties/{county}/zoningPlans/compare",
            get(zones::compare),
        )
        .route("/counties/{county}/zoningPlans/{plan}", get(zones::show))
        .route("/counties/{county}/zoningPlans/{plan}/map", get(zones::map))
        .route(
            "/counties/{county}/zoningPlans/{plan}/choices",
            get(zones::choices),
        )
        .route(
            "/counties/{county}/zoningPlans/{plan}/watch",
            get(zones::watch),
        )
        .route(
            "/counties/{county}/zoningPlans/{plan}/explain",
            get(zones::explain),
        )
        .route(
            "/counties/{county}/zoningPlans/{plan}/export",
            get(zones::export),
        )
        .route(
            "/counties/{county}/zoningPlans/{plan}/{verb}",
            post(zones::act),
        )
        .route(
            "/counties/{county}/yearPlans",
            get(year::list).post(year::create),
        )
        .route("/counties/{county}/yearPlans/new", get(year::ask))
        .route(
            "/counties/{county}/mapLayers",
            get(ground::list)
                .post(ground::create)
                .layer(DefaultBodyLimit::max(ground::MOST_BYTES)),
        )
        .route("/counties/{county}/mapLayers/map", get(ground::map))
        .route(
            "/counties/{county}/mapLayers/{layer}/remove",
            post(ground::remove),
        )
        .route("/counties/{county}/yearPlans/compare", get(year::compare))
        .route("/counties/{county}/yearPlans/{plan}", get(year::show))
        .route(
            "/counties/{county}/yearPlans/{plan}/watch",
            get(year::watch),
        )
        .route("/counties/{county}/yearPlans/{plan}/days", get(year::days))
        .route(
            "/counties/{county}/yearPlans/{plan}/calendar",
            get(year::calendar),
        )
        .route(
            "/counties/{county}/yearPlans/{plan}/explain",
            get(year::explain),
        )
        .route(
            "/counties/{county}/yearPlans/{plan}/{verb}",
            post(year::act),
        )
        .route(
            "/counties/{county}/yearPlans/{plan}/export",
            get(year::export),
        )
        .route(
            "/counties/{county}/import",
            get(import::ask)
                .post(import::look)
                .layer(DefaultBodyLimit::max(import::MOST_BYTES)),
        )
        .route("/counties/{county}/import/{ticket}", post(import::take_in))
        .route(
            "/counties/{county}/import/{ticket}/marked",
            get(import::marked),
        )
        .route(
            "/counties/{county}/import/template/{kind}",
            get(import::template),
        )
        .route("/counties/{county}/export/schools", get(schools::export))
        .route(
            "/counties/{county}/export/supervisors",
            get(supervisors::export),
        )
        .route("/counties/{county}/ledger", get(ledger::list))
        .route("/counties/{county}/export/ledger", get(ledger::export))
        .route(
            "/counties/{county}/cases/{case}",
            get(cases::show).post(cases::act),
        )
        .route(
            "/counties/{county}/accountabilityDecisions",
            get(decisions::list).post(decisions::open),
        )
        .route(
            "/counties/{county}/accountabilityDecisions/{decision}",
            get(decisions::show).post(decisions::act),
        )
        .route(
            "/counties/{county}/export/accountabilityDecisions",
            get(decisions::export),
        )
        .route("/counties/{county}/complaints", get(complaints::list))
        .route(
            "/counties/{county}/complaints/{complaint}",
            get(complaints::show).post(complaints::act),
        )
        .route(
            "/counties/{county}/export/complaints",
            get(complaints::export),
        )
        .route(
            "/counties/{county}/evaluations",
            get(evaluations::list).post(evaluations::create),
        )
        .route(
            "/counties/{county}/evaluations/{evaluation}",
            get(evaluations::show).post(evaluations::act),
        )
        .route(
            "/counties/{county}/export/evaluations",
            get(evaluations::export),
        )
        .route("/counties/{county}/changes", get(changes::show))
        .route("/counties/{county}/records", get(records::index))
        .route(
            "/counties/{county}/records/{kind}",
            get(records::list).post(records::create),
        )
        .route(
            "/counties/{county}/records/{kind}/{record}",
            get(records::show).post(records::act),
        )
        .route(
            "/counties/{county}/export/records/{kind}",
            get(records::export),
        )
        .route("/counties/{county}/memberUnits", get(units::list))
        .route("/counties/{county}/export/memberUnits", get(units::export))
        .route("/counties/{county}/balanceReports", get(balance::list))
        .route(
            "/counties/{county}/balanceReports/{report}",
            get(balance::show),
        )
        .route(
            "/counties/{county}/balanceReports/{report}/export",
            get(balance::export),
        )
        .route(
            "/counties/{county}/listItems",
            get(list_items::list).post(list_items::act),
        )
        .route(
            "/counties/{county}/export/listItems",
            get(list_items::export),
        )
        .route(
            "/counties/{county}/campaigns",
            get(campaigns::list).post(campaigns::create),
        )
        .route("/counties/{county}/campaigns/new", get(campaigns::ask))
        .route(
            "/counties/{county}/campaigns/{campaign}",
            get(campaigns::show).post(campaigns::act),
        )
        .route(
            "/counties/{county}/campaigns/{campaign}/edit",
            get(campaigns::edit),
        )
        .route(
            "/counties/{county}/export/campaigns",
            get(campaigns::export),
        )
        .route(
            "/counties/{county}/draws",
            get(draws::list).post(draws::create),
        )
        .route(
            "/counties/{county}/draws/{draw}",
            get(draws::show).post(draws::act),
        )
        .route(
            "/counties/{county}/documents",
            get(documents::list)
                .post(documents::act)
                .layer(DefaultBodyLimit::max(documents::MOST_BYTES)),
        )
        .route("/counties/{county}/documents/draft", get(documents::draft))
        .route(
            "/counties/{county}/documents/{document}/{form}",
            get(documents::copy),
        )
        .route("/counties/{county}/draws/{draw}/record", get(draws::record))
        .route("/counties/{county}/visits", get(visits::list))
        .route(
            "/counties/{county}/visits/{visit}",
            get(visit::show).post(visit::act),
        )
        .route(
            "/counties/{county}/visits/{visit}/records",
            post(visit::take_record),
        )
        .route(
            "/counties/{county}/visits/{visit}/evidence/{photo}",
            post(evidence::take_in).layer(DefaultBodyLimit::max(evidence::MOST_BYTES)),
        )
        .route(
            "/counties/{county}/evidence/{evidence}",
            get(evidence::show),
        )
        .route("/counties/{county}/export/visits", get(visits::calendar))
        .route("/counties/{county}/me", get(me::show))
        .route("/counties/{county}/duties", get(visits::duties))
        .route("/public", get(public::door))
        .route("/public/{county}", get(public::room))
        .route("/public/{county}/reports/{report}", get(public::report))
        .route("/public/{county}/plaques/{plaque}", get(public::plaque))
        .route("/public/{county}/draws/{draw}", get(public::draw))
        .route("/public/{county}/draws/{draw}/record", get(public::record))
        .route(
            "/public/{county}/lead",
            get(public::lead).post(public::file),
        )
        .route("/public/{county}/track", post(public::track))
        .route("/offline.js", get(assets::worker))
        .fallback(refusal::no_such_page)
        .layer(from_fn(refusal::explain))
        .layer(from_fn_with_state(console.clone(), assets::guard))
        .route("/assets/{file}", get(assets::serve))
        // Not what follows a solve, nor files that are packed already. What a page repeats from its address can't be tried beside
        // its secrets: another site's request comes without the session.
        .layer(CompressionLayer::new().compress_when(
            DefaultPredicate::new().and(NotForContentType::const_new("application/vnd")),
        ))
        .with_state(console)
}
