//! School calendars.

use chrono::NaiveDate;
use dudao_platform::clock;
use dudao_platform::page;
use dudao_platform::rpc::Principal;
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::calendar_service_server::CalendarService;
use tonic::{Request, Response, Status};

use super::wire::{Change, events, overlay};
use super::{Call, Registry, Wire, parse_parent};
use crate::domain::Violations;
use crate::domain::calendar::{Calendar, Period};
use crate::domain::violation::day;
use crate::presets;
use crate::store::{Filter, Record};

impl Wire for Calendar {
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

#[tonic::async_trait]
impl CalendarService for Registry {
    async fn create_calendar(
        &self,
        request: Request<proto::CreateCalendarRequest>,
    ) -> Result<Response<proto::Calendar>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        // Asked for a year without a word about it, dudao says what is usual.
        let usual = match (&request.calendar, request.calendar_id.parse()) {
            (None, Ok(year)) if (2000..2100).contains(&year) => {
                Some(content(presets::calendar(year)?))
            }
            _ => request.calendar.clone(),
        };
        let answer = self
            .create_one::<Calendar, _>(call, &request.parent, &request.calendar_id, usual.as_ref())
            .await?;
        Ok(Response::new(answer))
    }

    async fn get_calendar(
        &self,
        request: Request<proto::GetCalendarRequest>,
    ) -> Result<Response<proto::Calendar>, Status> {
        let caller = Principal::of(&request)?;
        Ok(Response::new(
            self.get::<Calendar>(&caller, &request.get_ref().name)
                .await?,
        ))
    }

    async fn list_calendars(
        &self,
        request: Request<proto::ListCalendarsRequest>,
    ) -> Result<Response<proto::ListCalendarsResponse>, Status> {
        let caller = Principal::of(&request)?;
        let request = request.into_inner();
        let page = page!(request)?;
        let filter = Filter {
            county: &parse_parent(&caller, &request.parent)?,
            ended: true,
            ..Filter::default()
        };
        let (calendars, next_page_token) = self.list::<Calendar>(&caller, &page, filter).await?;
        Ok(Response::new(proto::ListCalendarsResponse {
            calendars,
            next_page_token,
        }))
    }

    async fn update_calendar(
        &self,
        request: Request<proto::UpdateCalendarRequest>,
    ) -> Result<Response<proto::Calendar>, Status> {
        let caller = &Principal::of(&request)?;
        let request = &request.into_inner();
        let call = Call {
            caller,
            request,
            request_id: &request.request_id,
        };
        let answer = self
            .update::<Calendar, _>(
                call,
                request.calendar.as_ref(),
                request.update_mask.as_ref(),
            )
            .await?;
        Ok(Response::new(answer))
    }
}
