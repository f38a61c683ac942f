//! School calendars.

use chrono::NaiveDate;
use dudao_law::day;
use dudao_platform::clock;
use dudao_platform::page;
use dudao_platform::resource::freely_changed;
use dudao_platform::{call, overlay, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::calendar_service_server::CalendarService;

use super::wire::events;
use super::{Change, Registry, Resource, in_known_county, parse_parent};
use crate::domain::Violations;
use crate::domain::calendar::{Calendar, Period};
use crate::presets;
use crate::store::{Filter, Record};

impl Resource for Calendar {
    type Message = proto::Calendar;
    const FIELD: &'static str = "calendar";
    const ID: &'static str = "calendar_id";

    fn identity(message: &proto::Calendar) -> (&str, &str) {
        (&message.name, &message.etag)
    }

    fn to_message(record: &Record<Self>) -> proto::Calendar {
        proto::Calendar {
            name: record.name(),
            create_time: Some(clock::timestamp(record.created_us)),
            update_time: Some(clock::timestamp(record.updated_us)),
            etag: record.version.etag(),
            ..content(record.content.clone())
        }
    }

    fn from_message(
        code: &str,
        message: proto::Calendar,
        _: NaiveDate,
    ) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        let year = Some(code)
            .filter(|code| code.len() == 4)
            .and_then(|code| code.parse::<u16>().ok());
        wrong.check(
            year.is_some_and(|year| (2000..2100).contains(&year)),
            "calendar_id",
            "年份须为 2000 至 2099",
            "must be a year, 2000 to 2099",
        );
        let calendar = Calendar {
            terms: periods(&mut wrong, "terms", message.terms),
            holidays: periods(&mut wrong, "holidays", message.holidays),
            makeup_days: days(&mut wrong, "makeup_days", &message.makeup_days),
            exams: periods(&mut wrong, "exams", message.exams),
            provisional: message.provisional,
            basis: message.basis,
        };
        // A period whose day can't be read would show as a term that is missing.
        wrong.clone().into_result()?;
        let calendar = wrong.take("", calendar.check(i32::from(year.unwrap_or_default())));
        wrong.into_result()?;
        calendar.ok_or_else(Violations::new)
    }

    overlay!(proto::Calendar; terms, holidays, makeup_days, exams, provisional, basis);

    events!(proto::Calendar, calendar;
        Change::Created => CalendarCreated,
        Change::Updated | Change::Ended => CalendarUpdated,
    );
}

fn content(calendar: Calendar) -> proto::Calendar {
    let Calendar {
        terms,
        holidays,
        makeup_days,
        exams,
        provisional,
        basis,
    } = calendar;
    proto::Calendar {
        terms: period_messages(terms),
        holidays: period_messages(holidays),
        makeup_days: makeup_days.into_iter().map(|day| day.to_string()).collect(),
        exams: period_messages(exams),
        provisional,
        basis,
        ..proto::Calendar::default()
    }
}

fn period_messages(periods: Vec<Period>) -> Vec<proto::Period> {
    periods
        .into_iter()
        .map(
            |Period {
                 display_name,
                 start,
                 end,
             }| proto::Period {
                display_name,
                start_date: start.to_string(),
                end_date: end.to_string(),
            },
        )
        .collect()
}

fn periods(wrong: &mut Violations, field: &str, messages: Vec<proto::Period>) -> Vec<Period> {
    messages
        .into_iter()
        .enumerate()
        .filter_map(|(at, message)| {
            let start = needed_day(
                wrong,
                &format!("{field}[{at}].start_date"),
                &message.start_date,
            );
            let end = needed_day(wrong, &format!("{field}[{at}].end_date"), &message.end_date);
            Some(Period {
                display_name: message.display_name,
                start: start?,
                end: end?,
            })
        })
        .collect()
}

fn days(wrong: &mut Violations, field: &str, texts: &[String]) -> Vec<NaiveDate> {
    texts
        .iter()
        .enumerate()
        .filter_map(|(at, text)| needed_day(wrong, &format!("{field}[{at}]"), text))
        .collect()
}

fn needed_day(wrong: &mut Violations, field: &str, text: &str) -> Option<NaiveDate> {
    wrong.check(!text.is_empty(), field, "须填写日期", "must state a day");
    day(wrong, field, text)
}

rpcs! { impl CalendarService for Registry, in proto;
    create_calendar(CreateCalendarRequest) -> Calendar = |me, caller, request| async {
        // Asked for a year without a word about it, dudao says what is usual.
        let usual = match (&request.calendar, request.calendar_id.parse()) {
            (None, Ok(year)) if (2000..2100).contains(&year) => Some(content(presets::calendar(year)?)),
            _ => request.calendar.clone(),
        };
        me.desk.create_one::<Calendar, _>(call!(caller, request), &request.parent, &request.calendar_id, usual.as_ref(), in_known_county).await
    };
    get_calendar(GetCalendarRequest) -> Calendar = |me, caller, request| me.desk.get::<Calendar>(caller, &request.name);
    list_calendars(ListCalendarsRequest) -> ListCalendarsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: true, ..Filter::default() };
        let (calendars, next_page_token) = me.desk.list::<Calendar>(caller, &page, filter).await?;
        Ok(proto::ListCalendarsResponse { calendars, next_page_token })
    };
    update_calendar(UpdateCalendarRequest) -> Calendar = |me, caller, request| me.desk.update::<Calendar, _>(call!(caller, request), request.calendar.as_ref(), request.update_mask.as_ref(), freely_changed);
}
