//! What zoning plans and year plans have in common: their list, figures, conflicts, and how a solve is watched.

use std::convert::Infallible;

use askama::Template;
use axum::response::sse::{Event, KeepAlive, Sse};
use dudao_platform::clock::{local, micros};
use dudao_platform::lifecycle::Shutdown;
use dudao_proto::scheduler::v1 as scheduler;
use futures::{Stream, StreamExt as _};
use prost_types::Timestamp;
use scheduler::{Conflict, LeftOut, PlanState, Progress, SolveLimits, SolveReport};
use tonic::Status;

use crate::desk::id;
use crate::fields::{Fields, Wrongs};
use crate::frame::Frame;

/// Takes a plan a step further, as the form says it that was sent from its page.
macro_rules! step {
    ($plans:ident, $rpc:ident($request:ident), $name:ident, $fields:ident) => {
        $plans
            .$rpc(scheduler::$request {
                name: $name.clone(),
                etag: $fields.get("etag").to_owned(),
                request_id: $fields.get("ticket").to_owned(),
            })
            .await?
    };
}
pub(crate) use step;

/// A plan in a list.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    pub year: i32,
    pub state: &'static str,
    pub mark: &'static str,
    pub created: String,
    pub objective: String,
    pub gap: String,
}

impl Row {
    pub fn of(
        name: String,
        year: i32,
        state: PlanState,
        created: Option<&Timestamp>,
        report: Option<&SolveReport>,
        t: &Frame,
    ) -> Self {
        let progress = report.and_then(|report| report.progress.clone());
        let progress = progress.unwrap_or_default();
        Self {
            name,
            year,
            state: t.plan_state(state),
            mark: mark(state),
            created: moment(created),
            objective: minutes(progress.objective),
            gap: percent(progress.gap),
        }
    }
}

/// How a state is coloured.
pub fn mark(state: PlanState) -> &'static str {
    match state {
        PlanState::Active | PlanState::Approved => "good",
        PlanState::Queued | PlanState::Solving | PlanState::Proposed => "soon",
        PlanState::Infeasible | PlanState::Unsolved => "bad",
        PlanState::Superseded | PlanState::Unspecified => "",
    }
}

/// Whether a solve is to come or under way.
pub fn under_way(state: PlanState) -> bool {
    matches!(state, PlanState::Queued | PlanState::Solving)
}

/// An instant, to the minute, where the county is.
pub fn moment(instant: Option<&Timestamp>) -> String {
    instant.map_or_else(String::new, |instant| {
        let there = local(micros(instant));
        there.format("%Y-%m-%d %H:%M").to_string()
    })
}

pub fn minutes(value: Option<f64>) -> String {
    value.map_or_else(|| "—".to_owned(), |value| format!("{value:.0}"))
}

pub fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "—".to_owned(), |share| format!("{:.2}%", share * 100.0))
}

/// How good a plan is, or so far.
#[derive(Clone, Debug, Template)]
#[template(path = "progress.html")]
pub struct Figures {
    t: Frame,
    objective: String,
    bound: String,
    gap: String,
    seconds: String,
    parts: Vec<(&'static str, String)>,
    lines: Option<Lines>,
}

/// What a part of an objective is called.
pub fn part_word(key: &str, t: &Frame) -> &'static str {
    match key {
        "routine_travel" => t.part_routine_travel,
        "team_travel" => t.part_team_travel,
        "imbalance" => t.weight_imbalance,
        "change" => t.changes,
        "town_cut" => t.weight_town_cut,
        "regroup" => t.part_regroup,
        "peaks" => t.weight_peak,
        "lateness" => t.weight_lateness,
        _ => t.part_other,
    }
}

impl Figures {
    pub fn of(progress: &Progress, t: &Frame) -> Self {
        Self {
            t: t.clone(),
            objective: minutes(progress.objective),
            bound: minutes(Some(progress.bound)),
            gap: percent(progress.gap),
            seconds: format!("{:.1}", progress.seconds),
            parts: progress
                .parts
                .iter()
                .map(|part| (part_word(&part.key, t), minutes(Some(part.minutes))))
                .collect(),
            lines: None,
        }
    }
}

/// The incumbent and the bound over time, as lines in a picture of 600 × 160.
#[derive(Clone, Debug)]
struct Lines {
    objective: String,
    bound: String,
}

impl Lines {
    fn of(history: &[Progress]) -> Option<Self> {
        let last = history.last()?;
        let best = last.objective?;
        let (bottom, top) = (last.bound.min(best) * 0.98, best * 1.1);
        let span = (last.seconds.max(1.0), (top - bottom).max(1.0));
        let point = |seconds: f64, value: f64| {
            let high = (value.clamp(bottom, top) - bottom) / span.1;
            format!(
                "{:.1},{:.1}",
                600.0 * seconds / span.0,
                160.0 - 160.0 * high
            )
        };
        let objectives = history
            .iter()
            .filter_map(|p| Some(point(p.seconds, p.objective?)));
        let bounds = history.iter().map(|p| point(p.seconds, p.bound));
        Some(Self {
            objective: objectives.collect::<Vec<_>>().join(" "),
            bound: bounds.collect::<Vec<_>>().join(" "),
        })
    }
}

/// Moments of a solve as a browser follows them: figures, then the end.
pub fn follow(
    moments: impl Stream<Item = Result<Progress, Status>> + Send + 'static,
    t: Frame,
    shutdown: Shutdown,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut history = Vec::new();
    let pieces = moments.map(move |moment| {
        let progress = moment?;
        let mut figures = Figures::of(&progress, &t);
        history.push(progress);
        figures.lines = Lines::of(&history);
        written(&figures)
    });
    tell(pieces, shutdown)
}

/// A piece of a page that is told again and again.
pub fn written(piece: &impl Template) -> Result<String, Status> {
    let text = piece.render();
    text.map_err(|error| Status::internal(error.to_string()))
}

/// Pieces of a page as a browser follows them, then the end.
pub fn tell(
    pieces: impl Stream<Item = Result<String, Status>> + Send + 'static,
    shutdown: Shutdown,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let told = pieces.map(|piece| match piece {
        Ok(text) => Event::default().event("progress").data(text),
        // Whoever follows reads the page again after a while.
        Err(status) => Event::default()
            .event("lost")
            .data(status.code().to_string()),
    });
    // A browser passes over an event without data.
    let end = futures::stream::once(async { Event::default().event("end").data("end") });
    let events = told
        .chain(end)
        .take_until(async move { shutdown.asked().await })
        .map(Ok);
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// What a report says, in the page's language.
#[derive(Clone, Debug)]
pub struct Report {
    pub figures: Figures,
    pub proof: String,
    pub remarks: Vec<String>,
    pub conflicts: Vec<Against>,
    pub violations: Vec<String>,
    pub changes: Option<scheduler::Changes>,
    pub left_out: Vec<(String, String)>,
}

/// Rules that can't hold together, and what would help.
#[derive(Clone, Debug)]
pub struct Against {
    pub words: String,
    pub subjects: Vec<String>,
    pub ways_out: Vec<String>,
}

pub fn said(words: Option<&scheduler::Words>, t: &Frame) -> String {
    words.map_or_else(String::new, |words| t.pick(&words.zh, &words.en).clone())
}

impl Report {
    pub fn of(report: Option<&SolveReport>, left_out: &[LeftOut], t: &Frame) -> Self {
        let report = report.cloned().unwrap_or_default();
        let all = |words: &[scheduler::Words]| {
            words
                .iter()
                .map(|words| said(Some(words), t))
                .collect::<Vec<_>>()
        };
        let against = |conflict: &Conflict| Against {
            words: said(conflict.words.as_ref(), t),
            subjects: conflict
                .subjects
                .iter()
                .chain(&conflict.supervisors)
                .cloned()
                .collect(),
            ways_out: all(&conflict.ways_out),
        };
        Self {
            figures: Figures::of(&report.progress.clone().unwrap_or_default(), t),
            proof: said(report.proof.as_ref(), t),
            remarks: all(&report.remarks),
            conflicts: report.conflicts.iter().map(against).collect(),
            violations: report
                .violations
                .iter()
                .map(|violation| said(violation.words.as_ref(), t))
                .collect(),
            changes: report.changes,
            left_out: left_out
                .iter()
                .map(|out| {
                    let who = format!("{} {}", out.display_name, id(&out.supervisor));
                    (who, said(out.reason.as_ref(), t))
                })
                .collect(),
        }
    }
}

/// When a solve ends, as a form says it: seconds, and a gap in per cent.
pub fn limits(fields: &Fields, wrongs: &mut Wrongs, t: &Frame) -> SolveLimits {
    let mut number = |name| fields.decimal(name, wrongs, t);
    SolveLimits {
        seconds: number("seconds").unwrap_or(0.0),
        gap: number("gap").map(|gap| gap / 100.0),
        ..Default::default()
    }
}

/// Fills a form with what a plan was solved by.
pub fn begin_with<const N: usize>(
    fields: &mut Fields,
    limits: Option<SolveLimits>,
    weights: [(&str, Option<f64>); N],
    include_unqualified: bool,
) {
    let limits = limits.unwrap_or_default();
    let seconds = Some(limits.seconds).filter(|seconds| *seconds > 0.0);
    let ends = [
        ("gap", limits.gap.map(|gap| gap * 100.0)),
        ("seconds", seconds),
    ];
    for (name, value) in weights.into_iter().chain(ends) {
        if let Some(value) = value {
            fields.put(name, value.to_string());
        }
    }
    if include_unqualified {
        fields.put("include_unqualified", "1");
    }
}

/// Reads the pins of a form. One that can't be read is told, and not passed over.
pub fn read_pins<T>(
    fields: &Fields,
    wrongs: &mut Wrongs,
    t: &Frame,
    read: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    let (mut pins, mut unread) = (Vec::new(), Vec::new());
    for pin in fields.all("pin") {
        match read(pin) {
            Some(known) => pins.push(known),
            None => unread.push(pin),
        }
    }
    if !unread.is_empty() {
        let words = format!("{}{}{}", t.pin_unreadable, t.colon, unread.join("；"));
        wrongs.add("pins", &words);
    }
    pins
}

/// How evenly something is spread.
pub struct Spread {
    pub what: &'static str,
    pub least: String,
    pub mean: String,
    pub most: String,
    pub gini: String,
}

/// Spreads, in the page's language.
pub fn spread_rows(spreads: &[scheduler::Spread], t: &Frame) -> Vec<Spread> {
    spreads
        .iter()
        .map(|spread| Spread {
            what: match spread.quantity.as_str() {
                "schools" => t.spread_schools,
                "days" => t.spread_days,
                "travel_minutes" => t.spread_travel,
                _ => t.spread_visits,
            },
            least: format!("{:.1}", spread.least),
            mean: format!("{:.1}", spread.mean),
            most: format!("{:.1}", spread.most),
            gini: format!("{:.3}", spread.gini),
        })
        .collect()
}
