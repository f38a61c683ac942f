//! Why a zoning is as it is.

use askama::Template;
use dudao_proto::scheduler::v1 as scheduler;

use super::read;
use crate::desk::id;
use crate::frame::{Frame, View};
use crate::plans::{Spread, minutes, said, spread_rows};
use crate::refusal::Refusal;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "zoning_why.html")]
struct Why {
    t: Frame,
    plan: String,
    schools: Vec<(String, String)>,
    school: String,
    school_name: String,
    choices: Vec<Choice>,
    limits: Vec<Limit>,
    changes: Vec<(String, String, String)>,
    spreads: Vec<Spread>,
}

struct Choice {
    supervisor: String,
    display_name: String,
    travel: String,
    rise: String,
    against: Vec<String>,
    has_it: bool,
    may: bool,
}

struct Limit {
    words: String,
    used: String,
    price: String,
}

/// Why a zoning is as it is.
pub async fn explain(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let plan = read(&visitor).await?;
    let asked = visitor.query.get("school").trim();
    let school = if asked.is_empty() {
        String::new()
    } else {
        format!("{}/schools/{asked}", visitor.county)
    };
    let request = scheduler::ExplainZoningPlanRequest {
        name: plan.name.clone(),
        school: school.clone(),
    };
    let why = visitor.desk.zonings().explain_zoning_plan(request).await?;
    let (why, t) = (why.into_inner(), visitor.frame);
    let all = || plan.zones.iter().flat_map(|zone| &zone.schools);
    let now = all().find(|known| known.school == school);
    let choices = why.choices.into_iter().map(|choice| Choice {
        has_it: now.is_some_and(|school| school.supervisor == choice.supervisor),
        may: choice.refusal.is_none(),
        travel: minutes(Some(choice.travel_minutes)),
        rise: choice
            .rise
            .map_or_else(String::new, |rise| format!("{rise:+.0}")),
        against: choice
            .refusal
            .iter()
            .chain(
                choice
                    .breaks
                    .iter()
                    .filter_map(|violation| violation.words.as_ref()),
            )
            .map(|words| said(Some(words), &t))
            .collect(),
        supervisor: id(&choice.supervisor).to_owned(),
        display_name: choice.display_name,
    });
    Ok(View(Why {
        school_name: now.map_or_else(String::new, |school| school.display_name.clone()),
        schools: all()
            .map(|school| (id(&school.school).to_owned(), school.display_name.clone()))
            .collect(),
        school: asked.to_owned(),
        choices: choices.collect(),
        limits: why
            .limits
            .iter()
            .map(|limit| Limit {
                words: said(limit.words.as_ref(), &t),
                used: format!("{:.0} / {:.0}", limit.used, limit.limit),
                price: limit
                    .price
                    .map_or_else(String::new, |price| format!("{price:.0}")),
            })
            .collect(),
        changes: why
            .changes
            .iter()
            .map(|change| {
                let who = format!("{} → {}", id(&change.before), id(&change.after));
                (
                    change.display_name.clone(),
                    who,
                    said(change.reason.as_ref(), &t),
                )
            })
            .collect(),
        spreads: spread_rows(&why.spreads, &t),
        plan: plan.name,
        t,
    }))
}
