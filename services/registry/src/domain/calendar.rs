//! School calendars: teaching weeks, holidays, make-up days, exams.

use chrono::{Datelike as _, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::Violations;
use super::code::TITLE_CHARS;

/// The most periods or days of one list.
const MAX_ITEMS: usize = 100;

/// A run of days, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// What it is.
    pub display_name: String,
    /// First day.
    pub start: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
}

impl Period {
    /// Whether a day lies in it.
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.start..=self.end).contains(&day)
    }
}

/// A county's calendar of one calendar year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Teaching periods that fall into the year; at least one, without overlap.
    pub terms: Vec<Period>,
    /// Public holidays.
    pub holidays: Vec<Period>,
    /// Weekend days that are worked (调休).
    pub makeup_days: Vec<NaiveDate>,
    /// Examinations, during which no visit is paid.
    pub exams: Vec<Period>,
    /// Whether the holidays are computed from the law because the year's notice has not been entered yet.
    pub provisional: bool,
    /// Where it comes from.
    pub basis: String,
}

impl Calendar {
    /// Whether schools teach on a day and a visit may be paid.
    pub fn is_teaching_day(&self, day: NaiveDate) -> bool {
        let works = self.makeup_days.contains(&day)
            || (!matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
                && !self.holidays.iter().any(|holiday| holiday.contains(day)));
        works
            && self.terms.iter().any(|term| term.contains(day))
            && !self.exams.iter().any(|exam| exam.contains(day))
    }

    /// How many months have at least a week of teaching days: so often a monthly visit is due.
    pub fn teaching_months(&self) -> usize {
        let mut days = [0_usize; 12];
        for term in &self.terms {
            for day in term.start.iter_days().take_while(|day| *day <= term.end) {
                days[day.month0() as usize] += usize::from(self.is_teaching_day(day));
            }
        }
        days.iter().filter(|days| **days >= 5).count()
    }

    /// How many teaching days the year has.
    pub fn teaching_days(&self) -> usize {
        self.terms
            .iter()
            .flat_map(|term| term.start.iter_days().take_while(|day| *day <= term.end))
            .filter(|day| self.is_teaching_day(*day))
            .count()
    }

    /// Checks the calendar of a year.
    pub fn check(mut self, year: i32) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        wrong.check(
            !self.terms.is_empty(),
            "terms",
            "校历没有学期：至少填写一段教学周，否则无法排定督导",
            "must have at least one teaching period: nothing can be planned without teaching weeks",
        );
        check_periods(&mut wrong, "terms", &mut self.terms, year);
        check_periods(&mut wrong, "holidays", &mut self.holidays, year);
        check_periods(&mut wrong, "exams", &mut self.exams, year);
        wrong.check(
            self.makeup_days.len() <= MAX_ITEMS,
            "makeup_days",
            "最多 100 天",
            "must be at most 100 days",
        );
        self.makeup_days.sort_unstable();
        self.makeup_days.dedup();
        for (at, day) in self.makeup_days.iter().enumerate() {
            wrong.check(
                matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && day.year() == year,
                format!("makeup_days[{at}]"),
                format!("{day} 不是 {year} 年的周六或周日"),
                format!("{day} is no Saturday or Sunday of {year}"),
            );
        }
        wrong.check(
            self.basis.chars().count() <= 5 * TITLE_CHARS,
            "basis",
            "依据最多 500 个字",
            "must be at most 500 characters",
        );
        if wrong.is_empty() {
            wrong.check(
                self.teaching_days() > 0,
                "terms",
                "学期内没有一个教学日（全部被周末、节假日和考试占用）",
                "must leave a teaching day besides weekends, holidays and exams",
            );
        }
        wrong.into_result()?;
        Ok(self)
    }
}

fn check_periods(wrong: &mut Violations, field: &str, periods: &mut [Period], year: i32) {
    wrong.check(
        periods.len() <= MAX_ITEMS,
        field,
        "最多 100 段",
        "must be at most 100 periods",
    );
    for (at, period) in periods.iter().enumerate() {
        let path = format!("{field}[{at}]");
        wrong.check(
            period.display_name.chars().count() <= TITLE_CHARS,
            format!("{path}.display_name"),
            "名称最多 100 个字",
            "must be at most 100 characters",
        );
        wrong.check(
            period.start <= period.end,
            format!("{path}.end_date"),
            "止于开始日之前",
            "must not lie before the first day",
        );
        wrong.check(
            period.start.year() == year && period.end.year() == year,
            path,
            format!("须在 {year} 年之内"),
            format!("must lie in {year}"),
        );
    }
    periods.sort_by_key(|period| period.start);
    for pair in periods.windows(2) {
        if let [before, after] = pair {
            wrong.check(
                before.end < after.start,
                field,
                format!("“{}”与“{}”重叠", before.display_name, after.display_name),
                format!("{} and {} overlap", before.start, after.start),
            );
        }
    }
}
