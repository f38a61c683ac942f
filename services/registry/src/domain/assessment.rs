//! Yearly and term assessment of supervisors (art. 十七): the basis of use, training, renewal and dismissal.

use chrono::NaiveDate;
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Violations, check_id, check_length, check_past, text};
use serde::{Deserialize, Serialize};

use super::training::years;

dudao_law::words!(
    /// Of what an assessment is.
    AssessmentKind {
        /// Of a year.
        Yearly = "年度考核",
        /// Of a term of office.
        Term = "任期考核",
    }
);

dudao_law::words!(
    /// How a supervisor has done, the best first.
    AssessmentGrade {
        /// 优秀
        Excellent = "优秀",
        /// 合格
        Qualified = "合格",
        /// 基本合格
        BasicallyQualified = "基本合格",
        /// 不合格
        Unqualified = "不合格",
    }
);

/// What a supervisor has done, as the records say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AssessmentFacts {
    /// Visits that were due.
    pub visits_due: i32,
    /// Visits that were made.
    pub visits_made: i32,
    /// Opinion letters, reports and records that were due.
    pub reports_due: i32,
    /// Those that came in time.
    pub reports_on_time: i32,
    /// Findings of the supervisor's teams.
    pub findings: i32,
    /// Those that are closed out.
    pub findings_closed: i32,
    /// Those whose limit has passed.
    pub findings_overdue: i32,
    /// Hours of concentrated training.
    pub training_hours: f64,
    /// Hours that were asked for.
    pub training_required_hours: f64,
}

/// An assessment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// Full name of the supervisor.
    pub supervisor: String,
    /// Of what it is.
    pub kind: AssessmentKind,
    /// First day of the period.
    pub start_date: NaiveDate,
    /// Last day of the period.
    pub end_date: NaiveDate,
    /// What the records said when it was opened.
    pub facts: Option<AssessmentFacts>,
    /// The grade that the figures lead to.
    pub proposed_grade: Option<AssessmentGrade>,
    /// Why, in Chinese.
    pub grounds: Vec<String>,
    /// The grade, once decided.
    pub grade: Option<AssessmentGrade>,
    /// When.
    pub decide_date: Option<NaiveDate>,
    /// Who decided.
    pub decided_by: String,
    /// The officer's comment.
    pub comment: String,
    /// The rules that were applied.
    pub ruleset: String,
}

impl Assessment {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "assessment_id", code);
        wrong.check(
            self.start_date <= self.end_date,
            "end_date",
            "截止日不能早于起始日",
            "must not lie before the first day",
        );
        wrong.into_result()?;
        Ok(self)
    }

    /// Nothing of it may be changed but by deciding.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Opens it on what the records say: the period lies behind, and the grade is proposed.
    pub fn opened(
        self,
        facts: AssessmentFacts,
        law: &Law,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let mut wrong = Violations::new();
        check_past(&mut wrong, "assessment.end_date", self.end_date, today);
        wrong.into_result()?;
        let required =
            law.rules.number("supervisor.training_hours")? * years(self.start_date, self.end_date);
        let facts = AssessmentFacts {
            training_required_hours: required,
            ..facts
        };
        let (grade, grounds) = propose(&facts, law)?;
        Ok(Self {
            facts: Some(facts),
            proposed_grade: Some(grade),
            grounds,
            ruleset: law.rules.name.clone(),
            ..self
        })
    }

    /// Whether it has been decided, and is of the term that began on a day.
    pub fn is_of_term(&self, start: NaiveDate) -> bool {
        self.kind == AssessmentKind::Term && self.start_date == start && self.grade.is_some()
    }

    /// Decides the grade. One that departs from the proposed one needs a comment.
    pub fn decide(
        self,
        grade: AssessmentGrade,
        officer: &str,
        comment: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        if self.grade.is_some() {
            return Err(Refusal::state(
                "assessment.decided",
                "第十七条",
                "该考核此前已评定",
                "it was decided before",
            ));
        }
        let mut wrong = Violations::new();
        text(&mut wrong, "officer", officer, 100);
        check_length(&mut wrong, "comment", comment, 2_000);
        wrong.check(
            self.proposed_grade == Some(grade) || !comment.trim().is_empty(),
            "comment",
            "与建议等次不同，须说明理由",
            "must say why the grade is another than the proposed one",
        );
        wrong.into_result()?;
        Ok(Self {
            grade: Some(grade),
            decide_date: Some(today),
            decided_by: officer.to_owned(),
            comment: comment.to_owned(),
            ..self
        })
    }
}

/// The grade that the figures lead to, and why. The weakest of visits made, reports on time and findings not overdue is held
/// against the county's `assessment.excellent_share`, `.qualified_share` and `.basic_share`; whoever lacks training hours
/// (art. 十六) is at best basically qualified.
fn propose(facts: &AssessmentFacts, law: &Law) -> Result<(AssessmentGrade, Vec<String>), Refusal> {
    let shares = [
        ("督导任务完成率", facts.visits_made, facts.visits_due),
        (
            "意见书、报告和记录按时率",
            facts.reports_on_time,
            facts.reports_due,
        ),
        (
            "问题未逾期率",
            facts.findings - facts.findings_overdue,
            facts.findings,
        ),
    ];
    let mut grounds = Vec::new();
    let mut weakest = 1.0_f64;
    for (title, part, whole) in shares {
        if whole > 0 {
            let share = f64::from(part) / f64::from(whole);
            weakest = weakest.min(share);
            grounds.push(format!("{title} {:.1}%（{part}/{whole}）", share * 100.0));
        }
    }
    let by_share = if weakest >= law.rules.number("assessment.excellent_share")? {
        AssessmentGrade::Excellent
    } else if weakest >= law.rules.number("assessment.qualified_share")? {
        AssessmentGrade::Qualified
    } else if weakest >= law.rules.number("assessment.basic_share")? {
        AssessmentGrade::BasicallyQualified
    } else {
        AssessmentGrade::Unqualified
    };
    let (hours, required) = (facts.training_hours, facts.training_required_hours);
    grounds.push(format!(
        "集中培训 {hours} 学时，应为 {required} 学时（第十六条）"
    ));
    let by_training = if hours < required {
        AssessmentGrade::BasicallyQualified
    } else {
        AssessmentGrade::Excellent
    };
    Ok((by_share.max(by_training), grounds))
}

#[cfg(test)]
mod tests {
    use dudao_law::ruleset::{Figure, Ruleset};
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn law() -> Law {
        let figures = [
            ("supervisor.training_hours", 40.0),
            ("assessment.excellent_share", 0.95),
            ("assessment.qualified_share", 0.8),
            ("assessment.basic_share", 0.6),
        ];
        let figures = figures.iter().map(|(key, value)| {
            let figure = Figure {
                value: Some(*value),
                ..Figure::default()
            };
            ((*key).to_owned(), figure)
        });
        Law {
            rules: Ruleset {
                name: "counties/140525/rulesets/1".to_owned(),
                figures: figures.collect(),
            },
            ..Law::default()
        }
    }

    fn facts() -> AssessmentFacts {
        AssessmentFacts {
            visits_due: 20,
            visits_made: 20,
            reports_due: 20,
            reports_on_time: 20,
            findings: 10,
            findings_closed: 8,
            findings_overdue: 0,
            training_hours: 40.0,
            training_required_hours: 0.0,
        }
    }

    fn year() -> Assessment {
        Assessment {
            supervisor: "counties/140525/supervisors/A".to_owned(),
            kind: AssessmentKind::Yearly,
            start_date: day("2026-01-01"),
            end_date: day("2026-12-31"),
            facts: None,
            proposed_grade: None,
            grounds: Vec::new(),
            grade: None,
            decide_date: None,
            decided_by: String::new(),
            comment: String::new(),
            ruleset: String::new(),
        }
    }

    fn proposed(facts: AssessmentFacts) -> AssessmentGrade {
        let opened = year().opened(facts, &law(), day("2027-01-05")).unwrap();
        opened.proposed_grade.unwrap()
    }

    #[test]
    fn article_17_the_weakest_share_sets_the_proposed_grade() {
        assert_eq!(proposed(facts()), AssessmentGrade::Excellent);
        let late = AssessmentFacts {
            reports_on_time: 17,
            ..facts()
        };
        assert_eq!(proposed(late), AssessmentGrade::Qualified);
        let absent = AssessmentFacts {
            visits_made: 10,
            ..facts()
        };
        assert_eq!(proposed(absent), AssessmentGrade::Unqualified);
    }

    #[test]
    fn article_16_who_lacks_training_hours_is_at_best_basically_qualified() {
        let untrained = AssessmentFacts {
            training_hours: 39.5,
            ..facts()
        };
        assert_eq!(proposed(untrained), AssessmentGrade::BasicallyQualified);
    }

    #[test]
    fn article_17_a_period_that_is_not_over_cannot_be_assessed() {
        let early = year()
            .opened(facts(), &law(), day("2026-12-30"))
            .unwrap_err();
        assert_eq!(early.keys(), ["assessment.end_date"]);
        assert!(year().opened(facts(), &law(), day("2026-12-31")).is_ok());
    }

    #[test]
    fn article_17_a_grade_that_departs_from_the_figures_needs_a_comment_and_is_decided_once() {
        let opened = year().opened(facts(), &law(), day("2027-01-05")).unwrap();
        let silent =
            opened
                .clone()
                .decide(AssessmentGrade::Qualified, "总督学", "", day("2027-01-06"));
        assert_eq!(silent.unwrap_err().keys(), ["comment"]);
        let decided = opened
            .decide(AssessmentGrade::Excellent, "总督学", "", day("2027-01-06"))
            .unwrap();
        let again = decided.decide(AssessmentGrade::Excellent, "总督学", "", day("2027-01-07"));
        assert_eq!(again.unwrap_err().keys(), ["assessment.decided"]);
    }

    proptest! {
        #[test]
        fn more_work_never_worsens_the_proposed_grade(made in 0_i32..=20, more in 0_i32..=20, hours in 0.0_f64..80.0) {
            let with = |made: i32| proposed(AssessmentFacts { visits_made: made, training_hours: hours, ..facts() });
            prop_assert!(with((made + more).min(20)) <= with(made));
        }
    }
}
