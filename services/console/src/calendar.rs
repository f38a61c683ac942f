//! Visits for calendars (RFC 5545): what a phone or an office program takes in.

use axum::response::{IntoResponse, Response};
use chrono::{Days, NaiveDate};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use icalendar::{Calendar, Component as _, Event, EventLike as _};

use crate::fields::encode;

/// Something that takes whole days.
pub struct Entry {
    /// The same in every file, so that a calendar takes the later one for a change.
    pub id: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Half a day counts as one.
    pub days: f64,
    pub title: String,
    pub place: String,
    pub words: String,
}

/// A calendar as a file; what has no day is left out.
pub fn file(name: &str, entries: impl IntoIterator<Item = Entry>) -> Response {
    let mut calendar = Calendar::new();
    calendar.name(name);
    for entry in entries {
        let Ok(first) = entry.date.parse::<NaiveDate>() else {
            continue;
        };
        let days = entry.days.ceil().max(1.0) as u64;
        let event = Event::new()
            .uid(&entry.id)
            .summary(&entry.title)
            .location(entry.place.trim())
            .description(&entry.words)
            .starts(first)
            // The day after the last.
            .ends(first + Days::new(days))
            .done();
        calendar.push(event);
    }
    let disposition = format!("attachment; filename*=UTF-8''{}.ics", encode(name));
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, calendar.done().to_string()).into_response()
}
