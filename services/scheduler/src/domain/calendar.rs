//! The school calendar: on which days visits may be paid.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// A month with at least this many visiting days is a teaching month: half of one.
const TEACHING_MONTH_DAYS: usize = 10;
/// A term with at least this many visiting days within the year is a semester of it, and not the rest of one that began
/// the year before: half of a semester of 18 weeks.
const SEMESTER_DAYS: usize = 45;

/// A run of days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub start: NaiveDate,
    /// Last day.
    pub end: NaiveDate,
}

impl Period {
    /// Whether the day lies in it.
    pub fn has(self, day: NaiveDate) -> bool {
        (self.start..=self.end).contains(&day)
    }
}

/// A county's calendar of one year.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calendar {
    /// The calendar year.
    pub year: i32,
    /// Teaching periods.
    pub terms: Vec<Period>,
    /// Public holidays.
    pub holidays: Vec<Period>,
    /// Weekend days that are worked (调休).
    pub makeup: Vec<NaiveDate>,
    /// Examinations: no visit.
    pub exams: Vec<Period>,
}

impl Calendar {
    /// The days on which visits may be paid: working days of the terms without holidays and exams.
    pub fn visiting_days(&self) -> Vec<NaiveDate> {
        let first = NaiveDate::from_ymd_opt(self.year, 1, 1);
        first
            .into_iter()
            .flat_map(|day| day.iter_days())
            .take_while(|day| day.year() == self.year)
            .filter(|&day| self.open(day))
            .collect()
    }

    fn open(&self, day: NaiveDate) -> bool {
        let within = |periods: &[Period]| periods.iter().any(|period| period.has(day));
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        let working = self.makeup.contains(&day) || (!weekend && !within(&self.holidays));
        working && within(&self.terms) && !within(&self.exams)
    }

    /// Semesters of the year: terms of which at least half lies in it.
    pub fn semesters(&self) -> usize {
        let days = self.visiting_days();
        self.terms
            .iter()
            .filter(|term| days.iter().filter(|&&day| term.has(day)).count() >= SEMESTER_DAYS)
            .count()
    }

    /// Months of which at least half is taught.
    pub fn teaching_months(&self) -> usize {
        let mut days_of = BTreeMap::<u32, usize>::new();
        for day in self.visiting_days() {
            *days_of.entry(day.month()).or_default() += 1;
        }
        days_of
            .values()
            .filter(|&&days| days >= TEACHING_MONTH_DAYS)
            .count()
    }

    /// Routine visits that every school is due in the year: `max(per semester × semesters, per month × months)`, and one
    /// where the year is too short for either.
    pub fn routine_visits(&self, per_semester: f64, per_month: f64) -> u32 {
        let by_semester = per_semester * self.semesters() as f64;
        let by_month = per_month * self.teaching_months() as f64;
        by_semester.max(by_month).ceil().max(1.0) as u32
    }

    /// The weeks of the year that have visiting days or lie between such: Monday, and its visiting days.
    pub fn weeks(&self) -> Vec<(NaiveDate, Vec<NaiveDate>)> {
        let mut weeks = BTreeMap::<NaiveDate, Vec<NaiveDate>>::new();
        for day in self.visiting_days() {
            weeks.entry(monday(day)).or_default().push(day);
        }
        let ends = weeks
            .keys()
            .next()
            .copied()
            .zip(weeks.keys().next_back().copied());
        if let Some((first, last)) = ends {
            for week in first.iter_weeks().take_while(|&week| week < last) {
                weeks.entry(week).or_default();
            }
        }
        weeks.into_iter().collect()
    }
}

fn monday(day: NaiveDate) -> NaiveDate {
    let since = u64::from(day.weekday().num_days_from_monday());
    day.checked_sub_days(Days::new(since)).unwrap_or(day)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn period(start: &str, end: &str) -> Period {
        Period {
            start: day(start),
            end: day(end),
        }
    }

    /// 2027 with the rest of the autumn term before it.
    pub(crate) fn year() -> Calendar {
        Calendar {
            year: 2027,
            terms: vec![
                period("2026-09-01", "2027-01-20"),
                period("2027-02-22", "2027-07-09"),
                period("2027-09-01", "2028-01-21"),
            ],
            holidays: vec![period("2027-10-01", "2027-10-07")],
            makeup: vec![day("2027-10-09")],
            exams: vec![period("2027-06-07", "2027-06-09")],
        }
    }

    #[test]
    fn nobody_is_visited_on_holidays_weekends_or_during_exams_but_on_makeup_days() {
        let days = year().visiting_days();
        for closed in [
            "2027-10-01",
            "2027-06-08",
            "2027-10-10",
            "2027-08-03",
            "2026-12-31",
        ] {
            assert!(!days.contains(&day(closed)), "{closed}");
        }
        for open in ["2027-10-09", "2027-10-08", "2027-06-10", "2027-01-04"] {
            assert!(days.contains(&day(open)), "{open}");
        }
    }

    #[test]
    fn the_rest_of_last_years_term_is_no_semester_of_its_own() {
        assert_eq!(year().semesters(), 2);
        assert_eq!(year().teaching_months(), 9);
        assert_eq!(year().routine_visits(2.0, 1.0), 9);
        assert_eq!(year().routine_visits(6.0, 1.0), 12);
    }

    #[test]
    fn a_calendar_without_terms_has_no_weeks() {
        assert!(
            Calendar {
                year: 2027,
                ..Calendar::default()
            }
            .weeks()
            .is_empty()
        );
        assert!(year().weeks().iter().any(|(_, days)| days.is_empty()));
    }
}
