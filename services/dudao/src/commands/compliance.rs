//! `dudao compliance`: the yearly duties, each done, due or overdue.

use accountability::DutyState;
use accountability::compliance_service_client::ComplianceServiceClient;
use dudao_platform::limited;
use dudao_proto::accountability::v1 as accountability;
use serde_json::json;

use crate::args::Compliance;
use crate::failure::Result;
use crate::output;
use crate::session::Session;

/// Shows the compliance clock of a year.
pub async fn run(session: &Session, args: &Compliance) -> Result<()> {
    let request = accountability::GetComplianceRequest {
        parent: session.county().await?,
        year: args.year.unwrap_or_default(),
    };
    let clock = limited!(ComplianceServiceClient::new(session.link.clone()))
        .get_compliance(request)
        .await?
        .into_inner();
    let value = json!({
        "year": clock.year, "date": clock.date, "done": clock.done, "due": clock.due, "overdue": clock.overdue,
        "duties": clock.duties.iter().map(|duty| json!({
            "key": duty.key, "article": duty.article, "title": duty.title, "title_en": duty.title_en,
            "state": word(duty.state()).1, "due_date": duty.due_date, "done_date": duty.done_date,
            "done": duty.done, "required": duty.required, "evidence": duty.evidence, "missing": duty.missing,
        })).collect::<Vec<_>>(),
    });
    output::print(args.output, &value, || {
        let rows = clock.duties.iter().map(|duty| {
            vec![
                duty.article.clone(),
                duty.title.clone(),
                word(duty.state()).0.to_owned(),
                // Where there is nothing to do, nothing is done either.
                if duty.required == 0 {
                    "—".to_owned()
                } else {
                    format!("{}/{}", duty.done, duty.required)
                },
                duty.due_date.clone(),
                what(duty),
            ]
        });
        format!(
            "{}年 · 截至 {}：已完成 {} · 待完成 {} · 已逾期 {}\n{}",
            clock.year,
            clock.date,
            clock.done,
            clock.due,
            clock.overdue,
            output::table(
                &[
                    "条 article",
                    "职责 duty",
                    "状态 state",
                    "完成 done",
                    "期限 due",
                    "依据或缺项 evidence or missing"
                ],
                rows
            ),
        )
    })
}

/// What proves it, or what is missing: the first few.
fn what(duty: &accountability::Duty) -> String {
    let names = if duty.missing.is_empty() {
        &duty.evidence
    } else {
        &duty.missing
    };
    let short = names.iter().take(3).map(|name| {
        let mut parts = name.rsplitn(3, '/');
        match (parts.next(), parts.next()) {
            (Some(last), Some(collection)) => format!("{collection}/{last}"),
            (last, _) => last.unwrap_or_default().to_owned(),
        }
    });
    let mut lines: Vec<_> = short.collect();
    if names.len() > lines.len() {
        lines.push(format!("… {}", names.len()));
    }
    lines.join("\n")
}

fn word(state: DutyState) -> (&'static str, &'static str) {
    match state {
        DutyState::Done => ("已完成", "done"),
        DutyState::Due => ("待完成", "due"),
        DutyState::Overdue => ("已逾期", "overdue"),
        DutyState::Unspecified => ("", ""),
    }
}
