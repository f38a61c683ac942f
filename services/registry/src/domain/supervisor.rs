//! Supervisors (督学), full-time and part-time (art. 十五–十七).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Violations;
use super::admission::term_end;
use super::assessment::AssessmentGrade;
use super::code::{TITLE_CHARS, check_title, letters_and_digits};
use super::school::{Place, SchoolCode, Stage};
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Rule, check_length, day};

/// The most schools that one person may be put down for.
const MAX_SCHOOLS: i64 = 100;
/// The most schools that one person may have to avoid.
const MAX_AVOIDED: usize = 200;

code!(
    /// 工号: 1 to 20 letters and digits.
    SupervisorCode,
    letters_and_digits,
    "工号须为 1 至 20 位字母或数字",
    "must be 1 to 20 letters and digits"
);

dudao_law::words!(
    /// How a supervisor serves (art. 十五).
    Employment {
        /// 专职: appointed within quota.
        FullTime = "专职",
        /// 兼职: hired for three years and published.
        PartTime = "兼职",
    }
);

/// A supervisor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Supervisor {
    /// 工号.
    pub code: SupervisorCode,
    /// The person's name.
    pub display_name: String,
    /// Full-time or part-time.
    pub employment: Employment,
    /// The stages that the person may supervise; at least one, sorted, each once.
    pub stages: Vec<Stage>,
    /// Where the person's rounds start and end.
    pub base: Place,
    /// First day of the term.
    pub term_start_date: NaiveDate,
    /// Last day of the term; none while appointed without an end.
    #[serde(default)]
    pub term_end_date: Option<NaiveDate>,
    /// Hours of concentrated training last year.
    #[serde(default)]
    pub training_hours: Option<f64>,
    /// Days a year that the person can give, 0 to 366; none means the ruleset's default.
    #[serde(default)]
    pub days_per_year: Option<f64>,
    /// The most schools to be responsible for, 0 to 100; none means the ruleset's default.
    #[serde(default)]
    pub max_schools: Option<i32>,
    /// Where the person works or worked: free text, or the code of a school, which is then avoided.
    #[serde(default)]
    pub employer: String,
    /// Schools to be avoided (回避).
    #[serde(default)]
    pub avoid_schools: Vec<SchoolCode>,
    /// How the public reaches the person: on the plaque.
    #[serde(default)]
    pub phone: String,
    /// The person's photo, for the plaque: an address.
    #[serde(default)]
    pub photo_uri: String,
    /// Number of the letter of appointment (聘书).
    #[serde(default)]
    pub letter_number: String,
    /// Number of the certificate (督学证).
    #[serde(default)]
    pub certificate_number: String,
    /// The terms before, the oldest first.
    #[serde(default)]
    pub past_terms: Vec<Term>,
    /// When the renewal into this term was published; none for the first.
    #[serde(default)]
    pub renewal_published: Option<NaiveDate>,
    /// When the person left office, in microseconds since 1970; none while in office.
    #[serde(default)]
    pub left_us: Option<i64>,
    /// Why the person left.
    #[serde(default)]
    pub leave_reason: String,
}

/// A term of office that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// First day.
    pub start_date: NaiveDate,
    /// Last day.
    pub end_date: NaiveDate,
    /// When its renewal was published; none for the first.
    pub publish_date: Option<NaiveDate>,
}

/// What a renewal says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewal {
    /// When it was published.
    pub publish_date: Option<NaiveDate>,
    /// Last day of the new term: for full-time supervisors, none while appointed without an end.
    pub term_end_date: Option<NaiveDate>,
    /// Number of the new letter of appointment.
    pub letter_number: String,
}

/// What someone says of a supervisor, before it is checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SupervisorDraft {
    /// 工号.
    pub code: String,
    /// The person's name.
    pub display_name: String,
    /// Full-time or part-time; needed.
    pub employment: Option<Employment>,
    /// The stages that the person may supervise; at least one.
    pub stages: Vec<Stage>,
    /// Where the person's rounds start and end; needed.
    pub base: Option<Place>,
    /// `YYYY-MM-DD`; needed.
    pub term_start_date: String,
    /// `YYYY-MM-DD`, needed of part-time supervisors; "" while appointed without an end.
    pub term_end_date: String,
    /// Hours of concentrated training last year.
    pub training_hours: Option<f64>,
    /// Days a year that the person can give.
    pub days_per_year: Option<f64>,
    /// The most schools to be responsible for.
    pub max_schools: Option<i64>,
    /// Where the person works or worked; may be "".
    pub employer: String,
    /// Codes of schools to be avoided.
    pub avoid_schools: Vec<String>,
    /// How the public reaches the person.
    pub phone: String,
    /// The person's photo: an address.
    pub photo_uri: String,
    /// Number of the letter of appointment.
    pub letter_number: String,
    /// Number of the certificate.
    pub certificate_number: String,
}

impl SupervisorDraft {
    /// The supervisor, in office, or every field that is wrong, as the contract names them (the code as `supervisor_id`).
    pub fn finish(self) -> Result<Supervisor, Violations> {
        let mut wrong = Violations::new();
        let code = wrong.take("supervisor_id", SupervisorCode::new(&self.code));
        check_title(&mut wrong, &self.display_name);
        wrong.check(
            self.employment.is_some(),
            "employment",
            "须填写任职方式（专职或兼职）",
            "must state full-time or part-time",
        );
        let mut stages = self.stages;
        stages.sort_unstable();
        stages.dedup();
        wrong.check(
            !stages.is_empty(),
            "stages",
            "至少填写一个可督导学段",
            "must name at least one stage",
        );
        let base = wrong.take("base", Place::needed(self.base));
        wrong.check(
            !self.term_start_date.is_empty(),
            "term_start_date",
            "须填写聘期起始日",
            "must state the first day",
        );
        let start = day(&mut wrong, "term_start_date", &self.term_start_date);
        let end = day(&mut wrong, "term_end_date", &self.term_end_date);
        if let (Some(start), Some(end)) = (start, end) {
            wrong.check(
                start <= end,
                "term_end_date",
                "聘期止于起始日之前",
                "must not lie before the first day",
            );
        }
        if self.employment == Some(Employment::PartTime) {
            wrong.check(
                !self.term_end_date.is_empty(),
                "term_end_date",
                "兼职督学须填写聘期截止日（第十五条）",
                "must state the last day of a part-time supervisor (art. 15)",
            );
        }
        amount(&mut wrong, "training_hours", self.training_hours, 2_000.0);
        amount(&mut wrong, "days_per_year", self.days_per_year, 366.0);
        wrong.check(
            self.max_schools
                .is_none_or(|schools| (0..=MAX_SCHOOLS).contains(&schools)),
            "max_schools",
            "责任学校数须为 0 至 100 的整数",
            "must be a whole number from 0 to 100",
        );
        wrong.check(
            self.employer.chars().count() <= TITLE_CHARS,
            "employer",
            "工作单位最多 100 个字",
            "must be at most 100 characters",
        );
        dudao_law::check_phone(&mut wrong, "phone", &self.phone);
        check_length(&mut wrong, "photo_uri", &self.photo_uri, 500);
        check_length(&mut wrong, "letter_number", &self.letter_number, 100);
        check_length(
            &mut wrong,
            "certificate_number",
            &self.certificate_number,
            100,
        );
        wrong.check(
            self.avoid_schools.len() <= MAX_AVOIDED,
            "avoid_schools",
            "回避学校最多 200 所",
            "must be at most 200 schools",
        );
        let mut avoid_schools: Vec<_> = self
            .avoid_schools
            .iter()
            .enumerate()
            .filter_map(|(at, code)| {
                wrong.take(&format!("avoid_schools[{at}]"), SchoolCode::new(code))
            })
            .collect();
        avoid_schools.sort_unstable();
        avoid_schools.dedup();
        wrong.into_result()?;
        match (code, self.employment, base, start) {
            (Some(code), Some(employment), Some(base), Some(term_start_date)) => Ok(Supervisor {
                code,
                display_name: self.display_name.trim().to_owned(),
                employment,
                stages,
                base,
                term_start_date,
                term_end_date: end,
                training_hours: self.training_hours,
                days_per_year: self.days_per_year,
                max_schools: self
                    .max_schools
                    .and_then(|schools| i32::try_from(schools).ok()),
                employer: self.employer.trim().to_owned(),
                avoid_schools,
                phone: self.phone.trim().to_owned(),
                photo_uri: self.photo_uri,
                letter_number: self.letter_number,
                certificate_number: self.certificate_number,
                past_terms: Vec::new(),
                renewal_published: None,
                left_us: None,
                leave_reason: String::new(),
            }),
            // Each of the four has added its violation above.
            _ => Err(Violations::new()),
        }
    }
}

impl Supervisor {
    /// Whether the person is in office.
    pub fn is_in_office(&self) -> bool {
        self.left_us.is_none()
    }

    /// This content with what only renewing and leaving office may change, taken from the supervisor as it is.
    #[must_use]
    pub fn in_place_of(self, before: &Self) -> Self {
        Self {
            past_terms: before.past_terms.clone(),
            renewal_published: before.renewal_published,
            left_us: before.left_us,
            leave_reason: before.leave_reason.clone(),
            ..self
        }
    }

    /// A row of a file in place of the supervisor as it is: what files have no column for, or leave blank, stays.
    #[must_use]
    pub fn filed_over(self, before: &Self) -> Self {
        let phone = if self.phone.is_empty() {
            before.phone.clone()
        } else {
            self.phone.clone()
        };
        Self {
            phone,
            photo_uri: before.photo_uri.clone(),
            letter_number: before.letter_number.clone(),
            certificate_number: before.certificate_number.clone(),
            ..self.in_place_of(before)
        }
    }

    /// Which term it is, from 1.
    pub fn term_number(&self) -> usize {
        self.past_terms.len() + 1
    }

    /// Renews the term (arts. 十五, 十七): the new one follows the old without a gap, on a term assessment that was passed. Part-time
    /// supervisors serve the county's `supervisor.term_years` again, at most `supervisor.max_terms` terms in a row, and the
    /// renewal is published.
    pub fn renew(
        self,
        renewal: Renewal,
        assessed: Option<AssessmentGrade>,
        law: &Law,
    ) -> Result<Self, Refusal> {
        let Some(end) = self.term_end_date.filter(|_| self.is_in_office()) else {
            return Err(Refusal::state(
                "supervisor.term",
                "第十五条",
                "已离任或任期没有截止日，无需续聘",
                "the person has left, or the term has no end",
            ));
        };
        let start = end.succ_opt().unwrap_or(end);
        let mut wrong = Violations::new();
        check_length(&mut wrong, "letter_number", &renewal.letter_number, 100);
        wrong.check(
            renewal.term_end_date.is_none_or(|last| last >= start),
            "term_end_date",
            format!("新任期自 {start} 起，截止日不能早于起始日"),
            format!("must not lie before {start}, the first day of the new term"),
        );
        wrong.into_result()?;
        let mut rules = Vec::new();
        match assessed {
            None => rules.push(Rule::new(
                "supervisor.term_assessment",
                "第十七条",
                "本任期的任期考核尚未评定，续聘以考核结果为依据",
                "this term's assessment has not been decided: renewal rests on it",
            )),
            Some(AssessmentGrade::Unqualified) => rules.push(Rule::new(
                "supervisor.term_assessment",
                "第十七条",
                "任期考核不合格，不得续聘",
                "this term's assessment was not passed",
            )),
            Some(
                AssessmentGrade::Excellent
                | AssessmentGrade::Qualified
                | AssessmentGrade::BasicallyQualified,
            ) => {}
        }
        let term_end_date = match self.employment {
            Employment::FullTime => renewal.term_end_date,
            Employment::PartTime => {
                let most = law.rules.count("supervisor.max_terms")? as usize;
                if self.term_number() >= most {
                    rules.push(Rule::new(
                        "supervisor.max_terms",
                        law.rules.basis("supervisor.max_terms"),
                        format!("已连任 {} 届，最多 {most} 届", self.term_number()),
                        format!("{} terms in a row are the most", self.term_number()),
                    ));
                }
                if renewal.publish_date.is_none() {
                    rules.push(Rule::new(
                        "supervisor.publication",
                        "第十五条",
                        "兼职督学续聘须向社会公示，请填写公示日期",
                        "the renewal of a part-time supervisor is published: say when",
                    ));
                }
                Some(term_end(start, law)?)
            }
        };
        Refusal::unless_none(rules)?;
        let mut past_terms = self.past_terms;
        past_terms.push(Term {
            start_date: self.term_start_date,
            end_date: end,
            publish_date: self.renewal_published,
        });
        let letter_number = if renewal.letter_number.is_empty() {
            self.letter_number
        } else {
            renewal.letter_number
        };
        Ok(Self {
            term_start_date: start,
            term_end_date,
            past_terms,
            renewal_published: renewal.publish_date,
            letter_number,
            ..self
        })
    }
}

fn amount(wrong: &mut Violations, field: &str, amount: Option<f64>, most: f64) {
    wrong.check(
        amount.is_none_or(|amount| (0.0..=most).contains(&amount)),
        field,
        format!("须在 0 至 {most} 之间"),
        format!("must lie in 0 to {most}"),
    );
}

#[cfg(test)]
mod tests {
    use dudao_law::ruleset::{Figure, Ruleset};

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn law() -> Law {
        let figures = [
            ("supervisor.term_years", 3.0),
            ("supervisor.max_terms", 3.0),
        ];
        let figures = figures.map(|(key, value)| {
            let figure = Figure {
                value: Some(value),
                ..Figure::default()
            };
            (key.to_owned(), figure)
        });
        Law {
            rules: Ruleset {
                name: String::new(),
                figures: figures.into(),
            },
            ..Law::default()
        }
    }

    fn hired() -> Supervisor {
        let draft = SupervisorDraft {
            code: "DX1".to_owned(),
            display_name: "李华".to_owned(),
            employment: Some(Employment::PartTime),
            stages: vec![Stage::Primary],
            base: Some(Place {
                longitude: 112.9,
                latitude: 35.5,
            }),
            term_start_date: "2020-09-01".to_owned(),
            term_end_date: "2023-08-31".to_owned(),
            phone: "0356-1234567".to_owned(),
            photo_uri: "https://example.org/p.jpg".to_owned(),
            ..SupervisorDraft::default()
        };
        draft.finish().unwrap()
    }

    fn published(date: &str) -> Renewal {
        Renewal {
            publish_date: Some(day(date)),
            ..Renewal::default()
        }
    }

    #[test]
    fn article_15_a_part_time_supervisor_serves_at_most_three_terms_in_a_row() {
        let passed = Some(AssessmentGrade::Qualified);
        let second = hired()
            .renew(published("2023-08-20"), passed, &law())
            .unwrap();
        assert_eq!(second.term_start_date, day("2023-09-01"));
        assert_eq!(second.term_end_date, Some(day("2026-08-31")));
        assert_eq!((second.term_number(), second.past_terms.len()), (2, 1));
        let third = second
            .renew(published("2026-08-20"), passed, &law())
            .unwrap();
        assert_eq!(third.past_terms[1].publish_date, Some(day("2023-08-20")));
        let fourth = third
            .renew(published("2029-08-20"), passed, &law())
            .unwrap_err();
        assert_eq!(fourth.keys(), ["supervisor.max_terms"]);
    }

    #[test]
    fn article_17_a_renewal_rests_on_the_term_assessment_and_article_15_on_its_publication() {
        let neither = hired().renew(Renewal::default(), None, &law()).unwrap_err();
        assert_eq!(
            neither.keys(),
            ["supervisor.term_assessment", "supervisor.publication"]
        );
        let failed = hired().renew(
            published("2023-08-20"),
            Some(AssessmentGrade::Unqualified),
            &law(),
        );
        assert_eq!(failed.unwrap_err().keys(), ["supervisor.term_assessment"]);
    }

    #[test]
    fn who_has_left_or_serves_without_an_end_is_not_renewed() {
        let passed = Some(AssessmentGrade::Excellent);
        let gone = Supervisor {
            left_us: Some(1),
            ..hired()
        };
        assert_eq!(
            gone.renew(published("2023-08-20"), passed, &law())
                .unwrap_err()
                .keys(),
            ["supervisor.term"]
        );
        let endless = Supervisor {
            term_end_date: None,
            ..hired()
        };
        assert!(endless.renew(Renewal::default(), passed, &law()).is_err());
    }

    #[test]
    fn a_file_without_phone_and_photo_leaves_those_that_are_known() {
        let row = Supervisor {
            phone: String::new(),
            photo_uri: String::new(),
            display_name: "李华（更名）".to_owned(),
            ..hired()
        };
        let filed = row.filed_over(&hired());
        assert_eq!(filed.phone, "0356-1234567");
        assert_eq!(filed.photo_uri, "https://example.org/p.jpg");
        assert_eq!(filed.display_name, "李华（更名）");
    }
}
