//! What would be if figures were others.

use std::collections::{BTreeMap, BTreeSet};

use dudao_law::Violations;

use super::analysis::BalanceAnalysis;
use super::{BalanceReport, BalanceStage, ResourceFigure, SchoolResource};

/// What would be different at a school.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureChange {
    /// The school.
    pub school: String,
    /// Pupils of the primary stage.
    pub primary_pupils: Option<i32>,
    /// Pupils of the junior stage.
    pub junior_pupils: Option<i32>,
    /// Pupils of the senior stage.
    pub senior_pupils: Option<i32>,
    /// Resources in place of the school's own.
    pub resources: Vec<ResourceFigure>,
}

/// A verdict that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictChange {
    /// The school; "" for a coefficient.
    pub school: String,
    /// The stage; none for a school as a whole.
    pub stage: Option<BalanceStage>,
    /// The resource; none for a school as a whole.
    pub resource: Option<SchoolResource>,
    /// Whether it passed.
    pub before: bool,
    /// Whether it passes.
    pub after: bool,
}

/// A county's figures as they would be; the report itself stays as it is.
pub fn changed(
    report: &BalanceReport,
    changes: &[FigureChange],
) -> Result<BalanceReport, Violations> {
    let mut after = report.clone();
    let mut wrong = Violations::new();
    wrong.check(
        (1..=2_000).contains(&changes.len()),
        "changes",
        "须填写 1 至 2000 项变更",
        "must be 1 to 2,000 changes",
    );
    let mut seen = BTreeSet::new();
    for (at, change) in changes.iter().enumerate() {
        let path = format!("changes[{at}]");
        wrong.check(
            seen.insert(&change.school),
            format!("{path}.school"),
            "学校重复",
            "must not be given twice",
        );
        let Some(school) = after
            .schools
            .iter_mut()
            .find(|one| one.school == change.school)
        else {
            wrong.add(
                format!("{path}.school"),
                "不在本报告的学校之中",
                "must be a school of the report",
            );
            continue;
        };
        if let Some(pupils) = change
            .primary_pupils
            .filter(|new| *new != school.primary_pupils)
        {
            school.primary_pupils = pupils;
            school.primary_classes.clear();
        }
        if let Some(pupils) = change
            .junior_pupils
            .filter(|new| *new != school.junior_pupils)
        {
            school.junior_pupils = pupils;
            school.junior_classes.clear();
        }
        if let Some(pupils) = change.senior_pupils {
            school.senior_pupils = pupils;
        }
        let mut named = BTreeSet::new();
        for (under, new) in change.resources.iter().enumerate() {
            wrong.check(
                named.insert(new.resource),
                format!("{path}.resources[{under}].resource"),
                format!("“{}”重复", new.resource),
                "must not be given twice",
            );
            match school
                .resources
                .iter_mut()
                .find(|one| one.resource == new.resource)
            {
                Some(one) => *one = new.clone(),
                None => school.resources.push(new.clone()),
            }
        }
        wrong.take(&path, school.check());
    }
    wrong.into_result()?;
    Ok(after)
}

/// Which verdicts of one analysis are others in the next, of the same schools.
pub fn differences(before: &BalanceAnalysis, after: &BalanceAnalysis) -> Vec<VerdictChange> {
    type Key = (String, Option<BalanceStage>, Option<SchoolResource>);
    let key = |one: &VerdictChange| -> Key { (one.school.clone(), one.stage, one.resource) };
    let old: BTreeMap<Key, bool> = verdicts(before)
        .iter()
        .map(|one| (key(one), one.after))
        .collect();
    verdicts(after)
        .into_iter()
        .filter_map(|verdict| {
            let before = *old.get(&key(&verdict))?;
            (before != verdict.after).then_some(VerdictChange { before, ..verdict })
        })
        .collect()
}

fn verdicts(analysis: &BalanceAnalysis) -> Vec<VerdictChange> {
    let schools = analysis.schools.iter().flat_map(|school| {
        let whole = VerdictChange {
            school: school.school.clone(),
            stage: None,
            resource: None,
            before: school.passes,
            after: school.passes,
        };
        let resources = school.resources.iter().map(|one| VerdictChange {
            school: school.school.clone(),
            stage: Some(one.stage),
            resource: Some(one.resource),
            before: one.met,
            after: one.met,
        });
        std::iter::once(whole).chain(resources)
    });
    let variations = analysis.variations.iter().map(|one| VerdictChange {
        school: String::new(),
        stage: Some(one.stage),
        resource: Some(one.resource),
        before: one.passes,
        after: one.passes,
    });
    schools.chain(variations).collect()
}
