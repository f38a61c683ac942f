//! Why a year is as it is.

use askama::Template;
use dudao_proto::scheduler::v1 as scheduler;

use super::{Visit, read};
use crate::frame::{Frame, View};
use crate::plans::{Spread, said, spread_rows};
use crate::refusal::Refusal;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "year_why.html")]
struct Why {
    t: Frame,
    plan: String,
    visit: Option<Visit>,
    choices: Vec<Choice>,
    limits: Vec<(String, String)>,
    changes: Vec<Change>,
    spreads: Vec<Spread>,
}

struct Choice {
    date: String,
    team: String,
    rise: String,
    against: Vec<String>,
    has_it: bool,
}

struct Change {
    display_name: String,
    before: String,
    after: String,
    reason: String,
}

/// Why a year is as it is.
pub async fn explain(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let plan = read(&visitor).await?;
    let asked = visitor.query.get("visit").to_owned();
    let request = scheduler::ExplainYearPlanRequest {
        name: plan.name.clone(),
        visit_id: asked.clone(),
    };
    let why = visitor.desk.years().explain_year_plan(request).await?;
    let (why, t) = (why.into_inner(), visitor.frame);
    let visit = plan.visits.iter().find(|visit| visit.visit_id == asked);
    let choices = why.choices.into_iter().map(|choice| {
        let slot = choice.slot.unwrap_or_default();
        Choice {
            has_it: visit.is_some_and(|visit| visit.date == slot.date),
            date: slot.date,
            team: slot.team_names.join("、"),
            rise: format!("{:+.0}", choice.rise),
            against: choice
                .breaks
                .iter()
                .map(|violation| said(violation.words.as_ref(), &t))
                .collect(),
        }
    });
    let slot = |slot: Option<&scheduler::VisitSlot>| {
        slot.map_or_else(String::new, |slot| {
            format!("{} {}", slot.date, slot.team_names.join("、"))
        })
    };
    Ok(View(Why {
        choices: choices.collect(),
        limits: why
            .limits
            .iter()
            .map(|limit| {
                let used = format!("{:.1} / {:.1}", limit.used, limit.limit);
                (said(limit.words.as_ref(), &t), used)
            })
            .collect(),
        changes: why
            .changes
            .iter()
            .map(|change| Change {
                display_name: change.display_name.clone(),
                before: slot(change.before.as_ref()),
                after: slot(change.after.as_ref()),
                reason: said(change.reason.as_ref(), &t),
            })
            .collect(),
        spreads: spread_rows(&why.spreads, &t),
        visit: visit.map(|visit| Visit::of(visit, &t)),
        plan: plan.name,
        t,
    }))
}
