//! Relations that make a supervisor avoid a unit (回避; 《教育督导条例》 and `rules.md` § 2).

use chrono::NaiveDate;
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Violations, check_id, check_length, text};
use serde::{Deserialize, Serialize};

use super::supervisor::Supervisor;

dudao_law::words!(
    /// What stands between a person and a unit.
    RelationKind {
        /// Close relative of the unit's head.
        RelativeOfHead = "负责人近亲属",
        /// Spouse, parent or child works or studies there.
        FamilyThere = "配偶、父母或子女在该单位工作或就读",
        /// Is or was on its staff.
        Employment = "在该单位任职或曾任职",
        /// Another interest.
        OtherInterest = "其他利害关系",
    }
);

impl RelationKind {
    /// The same in English.
    pub fn en(self) -> &'static str {
        match self {
            Self::RelativeOfHead => "close relative of the unit's head",
            Self::FamilyThere => "spouse, parent or child works or studies there",
            Self::Employment => "is or was on its staff",
            Self::OtherInterest => "another interest",
        }
    }
}

/// The rule that asks for avoidance.
pub const ARTICLE: &str = "《教育督导条例》第七至十条（督学回避）";

/// A declared relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// Full name of the supervisor.
    pub supervisor: String,
    /// Full name of the school, town or member unit.
    pub unit: String,
    /// What stands between them.
    pub kind: RelationKind,
    /// Whose relation it is, where it is a relative's.
    pub person: String,
    /// When the employment ended; none while it lasts.
    pub end_date: Option<NaiveDate>,
    /// Who declared it.
    pub declared_by: String,
    /// When it was declared.
    pub declare_date: NaiveDate,
    /// What else is to be known.
    pub note: String,
    /// Whether it no longer stands.
    pub ended: bool,
    /// Why.
    pub end_reason: String,
}

impl Relation {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "relation_id", code);
        text(&mut wrong, "declared_by", &self.declared_by, 100);
        check_length(&mut wrong, "person", &self.person, 100);
        check_length(&mut wrong, "note", &self.note, 500);
        wrong.check(
            self.end_date.is_none() || self.kind == RelationKind::Employment,
            "end_date",
            "仅任职关系填写离职日期",
            "is for employment only",
        );
        wrong.into_result()?;
        Ok(self)
    }

    /// Nothing of it may be changed.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Records that it no longer stands.
    pub fn end(self, reason: &str) -> Result<Self, Refusal> {
        if self.ended {
            return Err(Refusal::state(
                "relation.ended",
                "",
                "该关系此前已解除",
                "it was ended before",
            ));
        }
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        Ok(Self {
            ended: true,
            end_reason: reason.to_owned(),
            ..self
        })
    }

    /// Whether the person must avoid the unit on a day. Former staff avoid it until the county's
    /// `supervisor.avoid_after_leaving_years` have passed; while that is not set, for good.
    pub fn bars(&self, on: NaiveDate, law: &Law) -> bool {
        let free = self
            .end_date
            .and_then(|left| law.due_if_set("supervisor.avoid_after_leaving_years", left));
        !self.ended && free.is_none_or(|free| on < free)
    }
}

/// A unit that people may have to avoid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its full name.
    pub name: String,
    /// A school's code, by which a supervisor's record may name it; "" for others.
    pub code: String,
    /// What it is called.
    pub display_name: String,
}

/// A unit that a supervisor must avoid, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avoided {
    /// The unit's full name.
    pub unit: String,
    /// What stands between them.
    pub kind: RelationKind,
    /// The declared relation; "" where the supervisor's own record says so.
    pub relation: String,
    /// Why, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// The units that a supervisor must avoid on a day, in the order of their names: by what the own record says (schools listed, and the
/// employer, by code or by name) and by declared relations that bar.
pub fn avoided<'a>(
    supervisor: &Supervisor,
    declared: impl IntoIterator<Item = (String, &'a Relation)>,
    units: &[Unit],
    on: NaiveDate,
    law: &Law,
) -> Vec<Avoided> {
    let mut all = Vec::new();
    for unit in units {
        let listed = supervisor
            .avoid_schools
            .iter()
            .any(|code| code.as_str() == unit.code);
        let employed = !supervisor.employer.is_empty()
            && (supervisor.employer == unit.code || supervisor.employer == unit.display_name);
        let reasons = [
            (
                listed,
                RelationKind::OtherInterest,
                "登记的回避学校",
                "it is listed among the schools to avoid",
            ),
            (
                employed,
                RelationKind::Employment,
                "任职单位",
                "it is the person's employer",
            ),
        ];
        all.extend(
            reasons
                .into_iter()
                .filter(|(holds, ..)| *holds)
                .map(|(_, kind, zh, en)| Avoided {
                    unit: unit.name.clone(),
                    kind,
                    relation: String::new(),
                    zh: format!("“{}”是{zh}", unit.display_name),
                    en: en.to_owned(),
                }),
        );
    }
    all.extend(
        declared
            .into_iter()
            .filter(|(_, relation)| relation.bars(on, law))
            .map(|(name, relation)| {
                let whose = if relation.person.is_empty() {
                    String::new()
                } else {
                    format!("（{}）", relation.person)
                };
                Avoided {
                    unit: relation.unit.clone(),
                    kind: relation.kind,
                    relation: name,
                    zh: format!("{}{whose}，{} 申报", relation.kind, relation.declare_date),
                    en: format!(
                        "{}, declared on {}",
                        relation.kind.en(),
                        relation.declare_date
                    ),
                }
            }),
    );
    all.sort_by(|a, b| a.unit.cmp(&b.unit));
    all
}

#[cfg(test)]
mod tests {
    use dudao_law::ruleset::{Figure, Ruleset};

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn law(years: Option<f64>) -> Law {
        let figure = Figure {
            value: years,
            unit: "years".to_owned(),
            ..Figure::default()
        };
        Law {
            rules: Ruleset {
                name: String::new(),
                figures: [("supervisor.avoid_after_leaving_years".to_owned(), figure)].into(),
            },
            ..Law::default()
        }
    }

    fn relation(kind: RelationKind, end_date: Option<&str>) -> Relation {
        Relation {
            supervisor: "counties/140525/supervisors/D1".to_owned(),
            unit: "counties/140525/schools/S1".to_owned(),
            kind,
            person: "配偶".to_owned(),
            end_date: end_date.map(day),
            declared_by: "本人".to_owned(),
            declare_date: day("2026-01-05"),
            note: String::new(),
            ended: false,
            end_reason: String::new(),
        }
    }

    #[test]
    fn a_former_teacher_avoids_the_school_for_three_years_after_leaving() {
        let left = relation(RelationKind::Employment, Some("2023-09-01"));
        assert!(left.bars(day("2026-08-31"), &law(Some(3.0))));
        assert!(!left.bars(day("2026-09-01"), &law(Some(3.0))));
        assert!(left.bars(day("2036-09-01"), &law(None)));
    }

    #[test]
    fn a_relative_avoids_it_until_the_relation_is_ended() {
        let stands = relation(RelationKind::FamilyThere, None);
        assert!(stands.bars(day("2036-09-01"), &law(Some(3.0))));
        let ended = stands.end("子女已毕业").unwrap();
        assert!(!ended.bars(day("2026-09-01"), &law(Some(3.0))));
        assert_eq!(ended.end("再次").unwrap_err().keys(), ["relation.ended"]);
    }

    #[test]
    fn only_employment_has_an_end() {
        assert!(
            relation(RelationKind::Employment, Some("2023-09-01"))
                .check("r1")
                .is_ok()
        );
        let wrong = relation(RelationKind::FamilyThere, Some("2023-09-01"))
            .check("r1")
            .unwrap_err();
        assert_eq!(wrong.iter().next().unwrap().field, "end_date");
    }
}
