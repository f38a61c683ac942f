//! `dudao explain`: why the zones, or the year, are as they are.

mod year;

use dudao_platform::limited;
use dudao_proto::scheduler::v1 as scheduler;
use scheduler::zoning_plan_service_client::ZoningPlanServiceClient;
use scheduler::{ExplainZoningPlanResponse, Spread, Words};
use serde_json::{Value, json};

use crate::args::{Explain, Format};
use crate::commands::show;
use crate::failure::{Failure, Result};
use crate::output::{self, plans};
use crate::session::Session;

/// Limits in a table: the dearest.
const LIMITS: usize = 12;

/// Asks why, and puts the answer out.
pub async fn run(session: &Session, args: &Explain) -> Result<()> {
    let of_year = |name: &String| name.contains("/yearPlans/");
    if args.year.is_some() || args.visit.is_some() || args.plan.as_ref().is_some_and(of_year) {
        return year::run(session, args).await;
    }
    let name = match &args.plan {
        Some(name) => name.clone(),
        None => show::zoning(session).await?.name,
    };
    let school = match &args.school {
        Some(code) => format!("{}/schools/{code}", session.county().await?),
        None => String::new(),
    };
    let mut client = limited!(ZoningPlanServiceClient::new(session.link.clone()));
    let why = client
        .explain_zoning_plan(scheduler::ExplainZoningPlanRequest {
            name: name.clone(),
            school,
        })
        .await?
        .into_inner();
    put(args, &value(&name, &why), || tables(&name, &why))
}

/// Puts it out as it was asked for.
fn put(args: &Explain, value: &Value, tables: impl FnOnce() -> String) -> Result<()> {
    let text = match args.out.output {
        Format::Json => serde_json::to_string(value)?,
        Format::Table => tables(),
        Format::Xlsx | Format::Geojson => {
            return Err(Failure::Input(
                "此命令只有 table 与 json 两种输出\nThis command puts out table or json only."
                    .into(),
            ));
        }
    };
    plans::write_text(&args.out, &text)
}

fn words(words: Option<&Words>) -> Value {
    words.map_or(
        Value::Null,
        |words| json!({ "zh": words.zh, "en": words.en }),
    )
}

fn value(name: &str, why: &ExplainZoningPlanResponse) -> Value {
    json!({
        "plan": name,
        "limits": why.limits.iter().map(|limit| json!({
            "rule": limit.rule, "subject": limit.subject, "used": limit.used, "limit": limit.limit,
            "price": limit.price, "words": words(limit.words.as_ref()),
        })).collect::<Vec<_>>(),
        "changes": why.changes.iter().map(|change| json!({
            "school": change.school, "name": change.display_name, "before": change.before, "after": change.after,
            "reason": words(change.reason.as_ref()),
        })).collect::<Vec<_>>(),
        "spreads": spreads_value(&why.spreads),
        "choices": why.choices.iter().map(|choice| json!({
            "supervisor": choice.supervisor, "name": choice.display_name, "minutes": choice.travel_minutes, "rise": choice.rise,
            "refusal": words(choice.refusal.as_ref()),
            "breaks": choice.breaks.iter().map(|broken| json!({
                "rule": broken.rule, "words": words(broken.words.as_ref()),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

/// Chinese, and English below it.
fn both(words: Option<&Words>) -> String {
    words.map_or_else(String::new, |words| format!("{}\n{}", words.zh, words.en))
}

fn id(name: &str) -> String {
    name.rsplit('/').next().unwrap_or_default().to_owned()
}

fn tables(name: &str, why: &ExplainZoningPlanResponse) -> String {
    let mut text = name.to_owned();
    let mut add = |title: &str, table: String| text += &format!("\n\n{title}\n{table}");
    if !why.choices.is_empty() {
        let rows = why.choices.iter().map(|choice| {
            let against = match (&choice.refusal, choice.breaks.first()) {
                (Some(refusal), _) => both(Some(refusal)),
                (None, Some(broken)) => both(broken.words.as_ref()),
                (None, None) => String::new(),
            };
            vec![
                id(&choice.supervisor),
                choice.display_name.clone(),
                format!("{:.0}", choice.travel_minutes),
                choice
                    .rise
                    .map_or_else(String::new, |rise| format!("{rise:+.0}")),
                against,
            ]
        });
        let headings = [
            "督学 supervisor",
            "姓名 name",
            "单程分钟 min",
            "全年多用分钟 rise",
            "不可行的原因 against",
        ];
        add(
            "为什么由这位督学负责 why this supervisor",
            output::table(&headings, rows),
        );
    }
    let rows = why
        .limits
        .iter()
        .take(LIMITS)
        .map(|limit| vec![limit.rule.clone(), both(limit.words.as_ref())]);
    let more = match why.limits.len().saturating_sub(LIMITS) {
        0 => String::new(),
        more => format!("\n其余 {more} 项见 -o json · {more} more with -o json"),
    };
    add(
        "起约束作用的限额 what binds",
        output::table(&["规则 rule", "说明 words"], rows) + &more,
    );
    let rows = why.changes.iter().map(|change| {
        vec![
            id(&change.school),
            change.display_name.clone(),
            format!("{} → {}", id(&change.before), id(&change.after)),
            both(change.reason.as_ref()),
        ]
    });
    let headings = ["学校 school", "名称 name", "督学 supervisor", "原因 reason"];
    add(
        "与上年相比的变动 changes since last year",
        output::table(&headings, rows),
    );
    add("均衡 fairness", fairness(&why.spreads));
    text
}

fn spreads_value(spreads: &[Spread]) -> Vec<Value> {
    let one = |spread: &Spread| {
        json!({
            "quantity": spread.quantity, "least": spread.least, "mean": spread.mean, "most": spread.most, "gini": spread.gini,
        })
    };
    spreads.iter().map(one).collect()
}

fn fairness(spreads: &[Spread]) -> String {
    let rows = spreads.iter().map(|spread| {
        let number = |value: f64| format!("{value:.1}");
        vec![
            match spread.quantity.as_str() {
                "schools" => "每名督学的学校数 schools".to_owned(),
                "days" => "每名督学的全年天数 days".to_owned(),
                "school_visits" => "每校接受督导次数 visits of a school".to_owned(),
                _ => "每名督学的全年路途分钟 travel minutes".to_owned(),
            },
            number(spread.least),
            number(spread.mean),
            number(spread.most),
            format!("{:.3}", spread.gini),
        ]
    });
    let headings = [
        "分布 of",
        "最少 least",
        "平均 mean",
        "最多 most",
        "基尼系数 Gini",
    ];
    output::table(&headings, rows)
}
