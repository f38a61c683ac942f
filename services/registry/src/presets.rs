//! What dudao ships as data: rulesets, calendars, member units.

use chrono::{Datelike as _, NaiveDate};
use dudao_platform::error::{Error, Result};
use serde::Deserialize;

use crate::domain::calendar::{Calendar, Period};
use crate::domain::member_unit::MemberUnit;
use crate::domain::ruleset::{Parameter, Ruleset};

/// The preset that a county starts with unless it asks for another.
pub const NATIONAL: &str = "national";

const RULESETS: [(&str, &str); 6] = [
    (NATIONAL, include_str!("../presets/national.toml")),
    ("zhejiang", include_str!("../presets/zhejiang.toml")),
    ("shanghai", include_str!("../presets/shanghai.toml")),
    ("chongqing", include_str!("../presets/chongqing.toml")),
    ("shandong", include_str!("../presets/shandong.toml")),
    ("zezhou", include_str!("../presets/zezhou.toml")),
];

const CALENDARS: [(i32, &str); 3] = [
    (2025, include_str!("../presets/calendars/2025.toml")),
    (2026, include_str!("../presets/calendars/2026.toml")),
    (2027, include_str!("../presets/calendars/2027.toml")),
];

const UNITS: &str = include_str!("../presets/member_units.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesetFile {
    display_name: String,
    extends: Option<String>,
    parameters: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    basis: String,
    provisional: bool,
    makeup_days: Vec<NaiveDate>,
    holidays: Vec<Period>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitsFile {
    units: Vec<UnitEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitEntry {
    name: String,
    duties: String,
}

/// The names of the ruleset presets.
pub fn names() -> impl Iterator<Item = &'static str> {
    RULESETS.iter().map(|(name, _)| *name)
}

/// A preset of rules, `None` if there is none of that name.
pub fn ruleset(name: &str) -> Result<Option<Ruleset>> {
    let Some((_, text)) = RULESETS.iter().find(|(known, _)| *known == name) else {
        return Ok(None);
    };
    let file: RulesetFile = toml::from_str(text).map_err(Error::internal)?;
    let base = match file.extends {
        Some(base) if base != name => ruleset(&base)?.map_or_else(Vec::new, |base| base.parameters),
        _ => Vec::new(),
    };
    let ruleset = Ruleset {
        display_name: file.display_name,
        preset: name.to_owned(),
        // A preset has no day of its own: whoever takes it over sets the day.
        effective_date: NaiveDate::default(),
        parameters: base,
    };
    Ok(Some(ruleset.with(file.parameters)))
}

/// The member units that a county starts with under a preset: those of the founding document where it may serve as a model.
pub fn member_units(preset: &str) -> Result<Vec<MemberUnit>> {
    if !matches!(preset, NATIONAL | "zezhou") {
        return Ok(Vec::new());
    }
    let file: UnitsFile = toml::from_str(UNITS).map_err(Error::internal)?;
    let units = file.units.into_iter().map(|unit| MemberUnit {
        duties: unit.duties,
        ..MemberUnit::named(&unit.name)
    });
    Ok(units.collect())
}

/// The calendar that a county starts with: the holidays of the year's notice where it is known, else those whose day is
/// fixed, and the usual terms.
pub fn calendar(year: i32) -> Result<Calendar> {
    let (holidays, makeup_days, provisional, basis) = match CALENDARS.iter().find(|(known, _)| *known == year) {
        Some((_, text)) => {
            let file: CalendarFile = toml::from_str(text).map_err(Error::internal)?;
            (file.holidays, file.makeup_days, file.provisional, file.basis)
        }
        None => (
            vec![
                period("元旦", (year, 1, 1), (year, 1, 1))?,
                period("劳动节", (year, 5, 1), (year, 5, 2))?,
                period("国庆节", (year, 10, 1), (year, 10, 3))?,
            ],
            Vec::new(),
            true,
            "仅含固定日期的法定节假日；春节、清明、端午、中秋和调休请按国务院办公厅当年通知填写，学期请按本县校历修改".to_owned(),
        ),
    };
    Ok(Calendar {
        terms: vec![
            period("秋季学期（上学年）", (year, 1, 1), (year, 1, 15))?,
            period("春季学期", (year, 3, 1), (year, 7, 5))?,
            period("秋季学期", (year, 9, 1), (year, 12, 31))?,
        ],
        exams: vec![
            period("秋季学期期末考试", (year, 1, 9), (year, 1, 15))?,
            period("高考", (year, 6, 7), (year, 6, 9))?,
            period("春季学期期末考试", (year, 6, 29), (year, 7, 5))?,
        ],
        holidays,
        makeup_days,
        provisional,
        basis,
    })
}

/// The two years for which a new county gets calendars.
pub fn first_years(today: NaiveDate) -> [i32; 2] {
    [today.year(), today.year() + 1]
}

fn period(name: &str, start: (i32, u32, u32), end: (i32, u32, u32)) -> Result<Period> {
    let day = |(year, month, day): (i32, u32, u32)| {
        NaiveDate::from_ymd_opt(year, month, day)
            .ok_or_else(|| Error::internal(format!("no day {year}-{month}-{day}")))
    };
    Ok(Period {
        display_name: name.to_owned(),
        start: day(start)?,
        end: day(end)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preset(name: &str) -> Ruleset {
        ruleset(name).unwrap().unwrap()
    }

    #[test]
    fn every_figure_of_every_preset_says_on_what_it_rests() {
        for name in names() {
            let ruleset = preset(name);
            assert!(ruleset.parameters.len() > 40, "{name}");
            assert!(
                ruleset
                    .parameters
                    .iter()
                    .all(|parameter| parameter.basis.chars().count() > 5),
                "{name}"
            );
            assert!(ruleset.check().is_ok(), "{name}");
        }
    }

    #[test]
    fn the_scheduler_finds_its_figures_in_every_preset() {
        for name in names() {
            let ruleset = preset(name);
            for (key, value) in [
                ("zone.max_schools", 20.0),
                ("zone.min_supervisors", 3.0),
                ("zone.max_supervisors", 5.0),
                ("zone.full_time_each", 1.0),
                ("supervisor.max_schools", 5.0),
                ("supervisor.days_full_time", 180.0),
                ("supervisor.days_part_time", 75.0),
                ("supervisor.training_hours", 40.0),
                ("supervisor.max_years_same_school", 3.0),
                ("routine.per_semester", 2.0),
                ("routine.per_month", 1.0),
                ("routine.days", 0.5),
                ("routine.team", 1.0),
                ("comprehensive.cycle_years", 4.0),
                ("comprehensive.days", 1.0),
                ("comprehensive.team", 3.0),
                ("government.cycle_years", 4.0),
                ("government.days", 1.0),
                ("government.team", 3.0),
                ("special.days", 0.5),
                ("special.team", 3.0),
                ("burden.max_inspections", 5.0),
                ("burden.min_weeks_between_teams", 2.0),
                ("random.share_schools", 0.05),
                ("random.share_kindergartens", 0.10),
                ("reserve.share", 0.1),
                ("week.days_full_time", 4.0),
                ("week.days_part_time", 2.0),
                ("unit.max_inspections", 4.0),
                ("travel.detour", 1.3),
                ("travel.km_per_hour", 40.0),
            ] {
                assert_eq!(ruleset.value(key), Some(value), "{name}: {key}");
            }
        }
    }

    #[test]
    fn zezhou_leaves_the_unknown_clocks_of_shanxi_to_the_county() {
        let zezhou = preset("zezhou");
        for key in [
            "clock.plea",
            "clock.opinion_letter",
            "clock.report_to_government",
        ] {
            let parameter = zezhou
                .parameters
                .iter()
                .find(|parameter| parameter.key == key)
                .unwrap();
            assert!(
                parameter.value.is_none() && parameter.basis.contains("山西"),
                "{key}"
            );
        }
        assert_eq!(preset("zhejiang").value("clock.plea"), Some(10.0));
        assert_eq!(
            preset("chongqing").value("clock.preliminary_comprehensive"),
            Some(10.0)
        );
    }

    #[test]
    fn any_year_has_a_calendar_that_teaches_about_thirty_five_weeks() {
        for year in 2024..=2040 {
            let calendar = calendar(year).unwrap();
            assert_eq!(calendar.provisional, !matches!(year, 2025 | 2026), "{year}");
            let days = calendar.check(year).unwrap().teaching_days();
            assert!((150..=175).contains(&days), "{year}: {days}");
        }
    }

    #[test]
    fn a_holiday_is_free_and_a_makeup_day_is_worked() {
        let calendar = calendar(2026).unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert!(!calendar.is_teaching_day(day("2026-10-01")));
        assert!(calendar.is_teaching_day(day("2026-10-10")));
        assert!(!calendar.is_teaching_day(day("2026-10-11")));
        assert!(!calendar.is_teaching_day(day("2026-06-08")));
        assert!(!calendar.is_teaching_day(day("2026-08-03")));
    }
}
