//! The rules and days of a county, as its domain asks for them.

use chrono::{Datelike as _, NaiveDate};
use dudao_law::ruleset::{Figure, Law};
use dudao_platform::Tx;
use dudao_platform::error::{Error, Result};

use crate::domain::calendar::Calendar;
use crate::domain::ruleset::Ruleset;
use crate::store;

/// What a decision of this day is made under: the ruleset in force, and the calendars around it.
pub(super) async fn law(tx: &mut Tx, county: &str, day: NaiveDate) -> Result<Law> {
    let in_force = store::all::<Ruleset>(tx, county)
        .await?
        .into_iter()
        .filter(|record| record.content.effective_date <= day)
        .max_by_key(|record| {
            (
                record.content.effective_date,
                record.code.parse::<u32>().unwrap_or_default(),
            )
        });
    let Some(ruleset) = in_force else {
        return Err(Error::not_found(format!("counties/{county}/rulesets")));
    };
    let mut calendar = dudao_law::Calendar::default();
    for year in [day.year() - 1, day.year(), day.year() + 1] {
        // A year that nobody has entered has weekends only.
        if let Some(known) = store::find::<Calendar>(tx, county, &year.to_string()).await? {
            let holidays = known.content.holidays.iter();
            calendar
                .holidays
                .extend(holidays.map(|holiday| (holiday.start, holiday.end)));
            calendar.makeup_days.extend(known.content.makeup_days);
        }
    }
    let name = ruleset.name();
    let figures = ruleset.content.parameters.into_iter().map(|parameter| {
        let figure = Figure {
            title: parameter.display_name,
            value: parameter.value,
            unit: parameter.unit,
            basis: parameter.basis,
        };
        (parameter.key, figure)
    });
    Ok(Law {
        rules: dudao_law::Ruleset {
            name,
            figures: figures.collect(),
        },
        calendar,
    })
}
