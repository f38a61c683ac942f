//! What dudao ships as data: rulesets, calendars, member units.

use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate};
use dudao_platform::error::{Error, Result};
use serde::Deserialize;

use crate::domain::calendar::{Calendar, Period};
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

/// The figures change in a county's own versions, not here, so a preset has no day of its own.
static BEGINNING: LazyLock<NaiveDate> = LazyLock::new(NaiveDate::default);

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
    units: Vec<String>,
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
        effective_date: *BEGINNING,
        parameters: base,
    };
    Ok(Some(ruleset.with(file.parameters)))
}

/// The member units that a county starts with under a preset: those of the founding document where it may serve as a model.
pub fn member_units(preset: &str) -> Result<Vec<String>> {
    if !matches!(preset, NATIONAL | "zezhou") {
        return Ok(Vec::new());
    }
    let file: UnitsFile = toml::from_str(UNITS).map_err(Error::internal)?;
    Ok(file.units)
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
