//! What a visit tells the accountability.

use dudao_law::Word as _;
use dudao_platform::document::Record;
use dudao_proto::inspection::v1 as proto;

use crate::domain::finding::{Finding, Severity};
use crate::domain::visit::Visit;

/// The letter of a visit with its findings.
pub(super) fn letter(record: &Record<Visit>, findings: &[Record<Finding>]) -> proto::OpinionLetter {
    let visit = &record.content;
    let (number, date, summary) = visit.letter.as_ref().map_or_else(
        || (String::new(), visit.last_day(), String::new()),
        |letter| (letter.number.clone(), letter.date, letter.summary.clone()),
    );
    proto::OpinionLetter {
        number,
        issue_date: date.to_string(),
        summary,
        findings: findings.iter().map(finding).collect(),
        ..about(record)
    }
}

/// What a unit was urged to at once, in the form of a letter with one finding.
pub(super) fn urging(record: &Record<Visit>) -> proto::OpinionLetter {
    let Some(urging) = record.content.urgings.last() else {
        return about(record);
    };
    let at = record.content.urgings.len();
    proto::OpinionLetter {
        issue_date: urging.date.to_string(),
        summary: urging.text.clone(),
        findings: vec![proto::LetterFinding {
            finding: format!(
                "counties/{}/findings/{}-urging-{at}",
                record.county, record.code
            ),
            title: urging.ground.zh().to_owned(),
            detail: urging.text.clone(),
            basis: "《教育督导条例》".to_owned(),
            severity: Severity::Grave.number(),
            danger: true,
            requirement: urging.text.clone(),
            limit_days: 0,
        }],
        ..about(record)
    }
}

fn about(record: &Record<Visit>) -> proto::OpinionLetter {
    let visit = &record.content;
    let site = visit.site.as_ref();
    let start = site.map_or(visit.date, |site| site.start_date);
    let leaders = visit.team.iter().filter(|one| one.leader);
    let others = visit.team.iter().filter(|one| !one.leader);
    proto::OpinionLetter {
        visit: record.name(),
        unit: visit.target.clone(),
        unit_name: visit.target_name.clone(),
        town: visit.town.clone(),
        government: visit.object_kind.is_government(),
        start_date: start.to_string(),
        end_date: visit.last_day().to_string(),
        team: leaders
            .chain(others)
            .map(|one| one.supervisor.clone())
            .collect(),
        ruleset: visit.ruleset.clone(),
        ..proto::OpinionLetter::default()
    }
}

fn finding(record: &Record<Finding>) -> proto::LetterFinding {
    let finding = &record.content;
    proto::LetterFinding {
        finding: record.name(),
        title: finding.title.clone(),
        detail: finding.detail.clone(),
        basis: finding.basis.clone(),
        severity: finding.severity.number(),
        danger: finding.danger,
        requirement: finding.requirement.clone(),
        limit_days: finding.limit_days,
    }
}
