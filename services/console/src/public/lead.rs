//! Complaints and leads (举报和线索), which anyone may send, by name or not; and what became of one, for who holds its number.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use askama::Template;
use axum::extract::Form;
use axum::response::{IntoResponse, Response};
use dudao_platform::rpc::counted;
use dudao_proto::inspection::v1 as inspection;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::StatusCode;
use inspection::{Complaint, ComplaintKind, Reporter};
use tonic::Code;

use super::plaques;
use crate::fields::{Fields, Wrongs};
use crate::frame::{Frame, View};
use crate::refusal::Refusal;
use crate::visitor::Anyone;

/// So many leads from one address at once …
const AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// … and then one in so long. An address is a school's, or a village's, as well as a person's.
const EVERY: Duration = Duration::from_mins(6);

/// How many leads come from an address.
#[derive(Debug)]
pub struct Patience(DefaultKeyedRateLimiter<String>);

impl Default for Patience {
    fn default() -> Self {
        let quota = Quota::with_period(EVERY).unwrap_or(Quota::per_hour(AT_ONCE));
        Self(RateLimiter::keyed(quota.allow_burst(AT_ONCE)))
    }
}

impl Patience {
    /// Whether another one may come from there.
    fn admits(&self, whence: Option<IpAddr>) -> bool {
        self.0.retain_recent();
        let from = whence.map_or_else(String::new, counted);
        self.0.check_key(&from).is_ok()
    }
}

#[derive(Template)]
#[template(path = "public_lead.html")]
struct Page {
    t: Frame,
    code: String,
    schools: Vec<(String, String)>,
    kinds: [(&'static str, &'static str); 3],
    fields: Fields,
    wrongs: Wrongs,
    ticket: String,
    /// What the holder of a number asked for.
    status: Option<Status>,
    receipt: Option<inspection::ComplaintReceipt>,
}

struct Status {
    state: &'static str,
    substantiation: &'static str,
    of: inspection::ComplaintStatus,
}

impl Page {
    /// What may be said of who reports: the field, its word, and how a browser fills it in.
    fn person(&self) -> [(&'static str, &'static str, &'static str); 3] {
        [
            ("display_name", self.t.lead_name, "name"),
            ("phone", self.t.phone, "tel"),
            ("address", self.t.lead_address, "off"),
        ]
    }
}

const SHOWN: [&str; 7] = [
    "target",
    "kind",
    "text",
    "occur_date",
    "display_name",
    "phone",
    "address",
];

async fn page(anyone: Anyone, fields: Fields, wrongs: Wrongs) -> Result<Page, Refusal> {
    let parent = format!("counties/{}", anyone.code);
    let schools = plaques(&anyone.desk, &parent).await?.into_iter();
    let schools = schools.map(|plaque| (plaque.school, plaque.school_name));
    let t = anyone.frame;
    let kinds = [
        ComplaintKind::Complaint,
        ComplaintKind::Lead,
        ComplaintKind::Suggestion,
    ];
    Ok(Page {
        kinds: kinds.map(|kind| (kind.as_str_name(), t.complaint_kind(kind))),
        schools: schools.collect(),
        ticket: anyone.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        code: anyone.code,
        fields,
        wrongs,
        status: None,
        receipt: None,
        t,
    })
}

/// Asks what is reported.
pub async fn ask(anyone: Anyone) -> Result<View<impl Template>, Refusal> {
    let fields = anyone.query.clone();
    Ok(View(page(anyone, fields, Wrongs::default()).await?))
}

/// Takes one in. Sent twice it is one.
pub async fn file(
    anyone: Anyone,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let fields = Fields(fields);
    let text = |name: &str| fields.get(name).trim().to_owned();
    if !anyone.console.0.leads.admits(anyone.whence) {
        let mut wrongs = Wrongs::default();
        wrongs.above.push(anyone.frame.too_many_leads.to_owned());
        let page = View(page(anyone, fields, wrongs).await?);
        return Ok((StatusCode::TOO_MANY_REQUESTS, page).into_response());
    }
    let request = inspection::FileComplaintRequest {
        parent: format!("counties/{}", anyone.code),
        complaint: Some(Complaint {
            target: text("target"),
            kind: ComplaintKind::from_str_name(fields.get("kind"))
                .unwrap_or_default()
                .into(),
            text: text("text"),
            occur_date: text("occur_date"),
            ..Default::default()
        }),
        reporter: Some(Reporter {
            display_name: text("display_name"),
            phone: text("phone"),
            address: text("address"),
        }),
        request_id: text("ticket"),
    };
    match anyone.desk.complaints().file_complaint(request).await {
        Ok(receipt) => {
            let mut page = page(anyone, Fields::default(), Wrongs::default()).await?;
            page.receipt = Some(receipt.into_inner());
            Ok(View(page).into_response())
        }
        Err(status) => {
            let wrongs = Wrongs::of(&status, &SHOWN, &anyone.frame)?;
            let page = View(page(anyone, fields, wrongs).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Tells the holder of a number how it stands. The number comes in a form, so that no history keeps it.
pub async fn track(
    anyone: Anyone,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let fields = Fields(fields);
    let request = inspection::TrackComplaintRequest {
        parent: format!("counties/{}", anyone.code),
        tracking_number: fields.get("number").trim().to_owned(),
    };
    let told = anyone.desk.complaints().track_complaint(request).await;
    let t = anyone.frame.clone();
    match told {
        Ok(status) => {
            let of = status.into_inner();
            let mut page = page(anyone, fields, Wrongs::default()).await?;
            page.status = Some(Status {
                state: t.complaint_state(of.state()),
                substantiation: t.substantiation(of.substantiation()),
                of,
            });
            Ok(View(page).into_response())
        }
        Err(status) if status.code() == Code::NotFound => {
            let mut wrongs = Wrongs::default();
            wrongs.add("number", t.no_such_number);
            let page = View(page(anyone, fields, wrongs).await?);
            Ok((StatusCode::NOT_FOUND, page).into_response())
        }
        Err(status) => Err(status.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sends_many_leads_is_asked_to_wait_and_nobody_else() {
        let patience = Patience::default();
        let at = |text: &str| Some(text.parse().expect("an address"));
        for _ in 0..AT_ONCE.get() {
            assert!(patience.admits(at("1.2.3.4")));
        }
        assert!(!patience.admits(at("1.2.3.4")));
        assert!(patience.admits(at("1.2.3.5")));
    }
}
