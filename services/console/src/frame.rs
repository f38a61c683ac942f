//! What is around every page: navigation, county, language; and a template as an answer.

use std::ops::Deref;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use dudao_proto::auth::v1::Role;
use dudao_proto::registry::v1::County;

use crate::desk::id;
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::words::Words;

/// What is around a page. Templates call it `t`, and find every word in it: `t.schools`.
#[derive(Clone, Debug)]
pub struct Frame {
    words: &'static Words,
    /// The page's address.
    pub path: String,
    /// `counties/{code}`; "" outside a county.
    pub county: String,
    /// What the county is called.
    pub county_name: String,
    /// Who is signed in; "" for nobody.
    pub subject: String,
    /// Stands in every form.
    pub form_key: String,
    /// Where to go from here.
    pub places: Vec<Place>,
    roles: Vec<Role>,
}

/// A place to go to.
#[derive(Clone, Debug)]
pub struct Place {
    pub address: String,
    pub word: &'static str,
    pub here: bool,
}

/// Those who see the whole county.
pub const OFFICE: [Role; 4] = [
    Role::Planner,
    Role::ChiefSupervisor,
    Role::SuperiorReader,
    Role::Auditor,
];

impl Deref for Frame {
    type Target = Words;

    fn deref(&self) -> &Words {
        self.words
    }
}

impl Frame {
    pub fn new(words: &'static Words, path: &str, session: Option<&Session>) -> Self {
        Self {
            words,
            path: path.to_owned(),
            county: String::new(),
            county_name: String::new(),
            subject: session.map_or_else(String::new, |s| s.caller.subject.clone()),
            form_key: session.map_or_else(String::new, |s| s.form_key.clone()),
            places: Vec::new(),
            roles: session.map_or_else(Vec::new, |s| s.caller.roles().collect()),
        }
    }

    /// Puts the frame of a county around the page.
    pub fn in_county(&mut self, county: &County) {
        self.county.clone_from(&county.name);
        self.county_name.clone_from(&county.display_name);
        let w = self.words;
        let office = self.has(&OFFICE);
        let unit = self.has(&[Role::School, Role::Town, Role::UnitLiaison]);
        let visits = if self.has(&[Role::Supervisor]) {
            w.my_visits
        } else {
            w.visits
        };
        let sees_schools = office || self.has(&[Role::Supervisor, Role::Town]);
        let places = [
            (office, "", w.overview),
            (unit, "/duties", w.duties),
            (true, "/visits", visits),
            (self.has(&[Role::Supervisor]), "/me", w.me),
            (true, "/ledger", w.ledger),
            (sees_schools, "/schools", w.schools),
            (
                office || self.has(&[Role::Supervisor]),
                "/supervisors",
                w.supervisors,
            ),
            (
                office || self.has(&[Role::Supervisor]),
                "/complaints",
                w.complaints,
            ),
            (true, "/evaluations", w.evaluations),
            (office || unit, "/accountabilityDecisions", w.decisions),
            (office, "/memberUnits", w.units),
            (office, "/zoningPlans", w.zones),
            (office, "/yearPlans", w.years),
            (office, "/balanceReports", w.balance),
            (office, "/listItems", w.list_items),
            (
                office || self.has(&[Role::Supervisor]),
                "/campaigns",
                w.campaigns,
            ),
            (office || self.has(&[Role::UnitLiaison]), "/draws", w.draws),
            (office, "/documents", w.documents),
            (true, "/records", w.records),
            (self.has(&[Role::Planner]), "/import", w.import),
        ];
        self.places = places
            .into_iter()
            .filter(|(shown, ..)| *shown)
            .map(|(_, end, word)| {
                let address = format!("/{}{end}", county.name);
                let here = if end.is_empty() {
                    self.path == address
                } else {
                    self.path.starts_with(&address)
                };
                Place {
                    address,
                    word,
                    here,
                }
            })
            .collect();
    }

    /// Whether the visitor has one of these roles.
    pub fn has(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// The last part of a name.
    #[expect(clippy::unused_self, reason = "templates reach what they find in it")]
    pub fn id<'a>(&self, name: &'a str) -> &'a str {
        id(name)
    }

    /// The query that sorts by a column; asked for again it turns the order round.
    pub fn sorting(&self, query: &Fields, key: &str) -> String {
        let next = if self.sorted(query, key) == "ascending" {
            format!("-{key}")
        } else {
            key.to_owned()
        };
        let kept = query.0.iter().filter(|(name, _)| name != "page").cloned();
        Fields(kept.collect()).but("sort", &next)
    }

    /// How a column is sorted, as HTML says it.
    #[expect(clippy::unused_self, reason = "templates reach what they find in it")]
    pub fn sorted(&self, query: &Fields, key: &str) -> &'static str {
        let now = query.get("sort");
        if now == key {
            "ascending"
        } else if now.strip_prefix('-') == Some(key) {
            "descending"
        } else {
            "none"
        }
    }

    /// Whether the visitor plans.
    pub fn plans(&self) -> bool {
        self.has(&[Role::Planner])
    }

    /// Whether the visitor decides for the county.
    pub fn decides(&self) -> bool {
        self.has(&[Role::Planner, Role::ChiefSupervisor])
    }
}

/// A page.
#[derive(Debug)]
pub struct View<T>(pub T);

impl<T: Template> IntoResponse for View<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(page) => Html(page).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page can't be written: {error}");
                Refusal::Broken.into_response()
            }
        }
    }
}

/// A part of a long list.
#[derive(Clone, Debug)]
pub struct Part<T> {
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: usize,
    /// Counts from 1.
    pub page: usize,
    pub pages: usize,
}

impl<T> Part<T> {
    /// The page asked for, of so many items at the most.
    pub fn of(items: Vec<T>, page: Option<usize>, most: usize) -> Self {
        let total = items.len();
        let pages = total.div_ceil(most).max(1);
        let page = page.unwrap_or(1).clamp(1, pages);
        let items = items.into_iter().skip((page - 1) * most).take(most);
        Self {
            items: items.collect(),
            total,
            page,
            pages,
        }
    }
}
