//! Supervisors (督学), full-time and part-time (art. 十五, 十六).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Violations;
use super::code::{TITLE_CHARS, check_title, letters_and_digits};
use super::school::{Place, SchoolCode, Stage};
use dudao_law::day;

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
    /// When the person left office, in microseconds since 1970; none while in office.
    #[serde(default)]
    pub left_us: Option<i64>,
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
                left_us: None,
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

    /// This content with what only leaving office may change, taken from the supervisor as it is.
    #[must_use]
    pub fn in_place_of(self, before: &Self) -> Self {
        Self {
            left_us: before.left_us,
            ..self
        }
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
