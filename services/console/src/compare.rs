//! Two plans side by side: their figures, and what moved.

use askama::Template;
use dudao_proto::scheduler::v1 as scheduler;
use scheduler::{Comparison, Progress};

use crate::desk::id;
use crate::frame::Frame;
use crate::plans::{Row, minutes, part_word, percent};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "compare.html")]
pub struct Page {
    pub t: Frame,
    /// `zoningPlans` or `yearPlans`.
    pub kind: &'static str,
    /// Those that can be compared.
    pub plans: Vec<Row>,
    /// Names; "" until both are chosen.
    pub before: String,
    pub after: String,
    pub figures: Vec<Figure>,
    pub moved: Vec<Moved>,
    /// Whether they have maps.
    pub maps: bool,
}

/// A figure of both.
pub struct Figure {
    pub word: &'static str,
    pub before: String,
    pub after: String,
}

/// What is not the same in both.
pub struct Moved {
    pub subject: String,
    pub before: String,
    pub after: String,
    /// "" if the second plan does not tell.
    pub reason: String,
    /// Where the second plan's choices for it are weighed.
    pub why: Option<String>,
}

impl Page {
    /// Asks which two.
    pub fn asking(visitor: Visitor, kind: &'static str, plans: Vec<Row>) -> Self {
        Self {
            before: visitor.query.get("before").to_owned(),
            after: visitor.query.get("after").to_owned(),
            t: visitor.frame,
            kind,
            plans,
            figures: Vec::new(),
            moved: Vec::new(),
            maps: false,
        }
    }

    fn is_zoning(&self) -> bool {
        self.kind == "zoningPlans"
    }

    fn is_ready(&self) -> bool {
        !self.figures.is_empty()
    }
}

/// Whether this plan was chosen.
fn chose(side: &str, plan: &Row) -> bool {
    !side.is_empty() && id(side) == id(&plan.name)
}

/// The two plans that the query names.
pub fn asked(visitor: &Visitor, kind: &str) -> Option<(String, String)> {
    let name = |side| {
        let plan = visitor.query.get(side);
        (!plan.is_empty()).then(|| format!("{}/{kind}/{}", visitor.county, id(plan)))
    };
    Some((name("before")?, name("after")?))
}

/// The figures of both.
pub fn figures(told: &Comparison, t: &Frame) -> Vec<Figure> {
    let none = Progress::default();
    let before = told.before.as_ref().unwrap_or(&none);
    let after = told.after.as_ref().unwrap_or(&none);
    let figure = |word, say: fn(&Progress) -> String| Figure {
        word,
        before: say(before),
        after: say(after),
    };
    let mut figures = vec![
        figure(t.objective, |progress| minutes(progress.objective)),
        figure(t.bound, |progress| minutes(Some(progress.bound))),
        figure(t.gap, |progress| percent(progress.gap)),
    ];
    let parts = before.parts.iter().chain(&after.parts);
    let mut keys: Vec<_> = parts.map(|part| part.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    figures.extend(keys.into_iter().map(|key| {
        let of = |progress: &Progress| {
            let part = progress.parts.iter().find(|part| part.key == key);
            minutes(part.map(|part| part.minutes))
        };
        Figure {
            word: part_word(key, t),
            before: of(before),
            after: of(after),
        }
    }));
    figures
}
