//! `dudao explain --year` and `--visit`.

use dudao_platform::limited;
use dudao_proto::scheduler::v1 as scheduler;
use scheduler::year_plan_service_client::YearPlanServiceClient;
use scheduler::{ExplainYearPlanResponse, VisitSlot};
use serde_json::{Value, json};

use super::{LIMITS, both, fairness, id, put, spreads_value, words};
use crate::args::Explain;
use crate::commands::show;
use crate::failure::Result;
use crate::output;
use crate::session::Session;

/// Changes in a table.
const CHANGES: usize = 40;

/// Asks why, and puts the answer out.
pub async fn run(session: &Session, args: &Explain) -> Result<()> {
    let name = match &args.plan {
        Some(name) => name.clone(),
        None => show::year_plan(session, args.year).await?.name,
    };
    let mut client = limited!(YearPlanServiceClient::new(session.link.clone()));
    let why = client
        .explain_year_plan(scheduler::ExplainYearPlanRequest {
            name: name.clone(),
            visit_id: args.visit.clone().unwrap_or_default(),
        })
        .await?
        .into_inner();
    put(args, &value(&name, &why), || {
        if args.visit.is_some() {
            days(&name, &why)
        } else {
            tables(&name, &why)
        }
    })
}

fn slot(slot: Option<&VisitSlot>) -> Value {
    slot.map_or(
        Value::Null,
        |slot| json!({ "date": slot.date, "team": slot.team, "names": slot.team_names }),
    )
}

fn value(name: &str, why: &ExplainYearPlanResponse) -> Value {
    json!({
        "plan": name,
        "limits": why.limits.iter().map(|limit| json!({
            "rule": limit.rule, "subject": limit.subject, "used": limit.used, "limit": limit.limit,
            "words": words(limit.words.as_ref()),
        })).collect::<Vec<_>>(),
        "changes": why.changes.iter().map(|change| json!({
            "visit": change.visit_id, "name": change.display_name, "before": slot(change.before.as_ref()),
            "after": slot(change.after.as_ref()), "reason": words(change.reason.as_ref()),
        })).collect::<Vec<_>>(),
        "spreads": spreads_value(&why.spreads),
        "choices": why.choices.iter().map(|choice| json!({
            "slot": slot(choice.slot.as_ref()), "rise": choice.rise,
            "breaks": choice.breaks.iter().map(|broken| json!({
                "rule": broken.rule, "words": words(broken.words.as_ref()),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

/// When and by whom, in a line; those who are no longer there by their id.
fn when(slot: Option<&VisitSlot>) -> String {
    let Some(slot) = slot else {
        return "—".to_owned();
    };
    let names = slot.team.iter().zip(&slot.team_names);
    let names = names.map(|(person, name)| match name.as_str() {
        "" => id(person),
        name => name.to_owned(),
    });
    format!("{} {}", slot.date, names.collect::<Vec<_>>().join("、"))
}

/// Other days for a visit.
fn days(name: &str, why: &ExplainYearPlanResponse) -> String {
    let rows = why.choices.iter().map(|choice| {
        let against = choice.breaks.first();
        vec![
            when(choice.slot.as_ref()),
            format!("{:+.0}", choice.rise),
            against.map_or_else(String::new, |broken| both(broken.words.as_ref())),
        ]
    });
    let headings = [
        "日期与督学 day and supervisors",
        "多用分钟 rise",
        "不可行的原因 against",
    ];
    format!(
        "{name}\n\n还可以安排在哪天 other days\n{}",
        output::table(&headings, rows)
    )
}

fn tables(name: &str, why: &ExplainYearPlanResponse) -> String {
    let mut text = name.to_owned();
    let mut add = |title: &str, table: String| text += &format!("\n\n{title}\n{table}");
    let more = |all: usize, shown: usize| match all.saturating_sub(shown) {
        0 => String::new(),
        more => format!("\n其余 {more} 项见 -o json · {more} more with -o json"),
    };
    let rows = why.limits.iter().take(LIMITS);
    let rows = rows.map(|limit| vec![limit.rule.clone(), both(limit.words.as_ref())]);
    add(
        "达到的限额 limits that are reached",
        output::table(&["规则 rule", "说明 words"], rows) + &more(why.limits.len(), LIMITS),
    );
    let rows = why.changes.iter().take(CHANGES).map(|change| {
        vec![
            change.visit_id.clone(),
            change.display_name.clone(),
            when(change.before.as_ref()),
            when(change.after.as_ref()),
            both(change.reason.as_ref()),
        ]
    });
    let headings = [
        "督导 visit",
        "对象 target",
        "原定 was",
        "现定 is",
        "原因 reason",
    ];
    add(
        "与现行计划相比的变动 changes against the plan in force",
        output::table(&headings, rows) + &more(why.changes.len(), CHANGES),
    );
    add("均衡 fairness", fairness(&why.spreads));
    text
}
