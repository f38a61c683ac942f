//! Evaluations: an object judged by an indicator set, the unit's own scores beside the team's; and how towns compare.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_proto::auth::v1::Role;
use dudao_proto::inspection::v1 as inspection;
use http::StatusCode;
use inspection::{
    Comparison, Evaluation, EvaluationOutcome, EvaluationState, EvaluationVerdict, GivenScore,
    Indicator, IndicatorKind, IndicatorScores, IndicatorSet, IndicatorSetState, NewScore,
    ObjectKind,
};
use tonic::Status;

use crate::desk::{PAGE, all, id};
use crate::fields::{Fields, Wrongs};
use crate::forms::{Form, Kind, Sent};
use crate::frame::{Frame, Part, View};
use crate::import::sheet;
use crate::objects::{Object, objects};
use crate::refusal::Refusal;
use crate::schools::{ROWS, sort_by};
use crate::search::found;
use crate::visitor::{Posted, Visitor};
use crate::visits::own;
use crate::workbook::{self, Cell};

const STATES: [EvaluationState; 4] = [
    EvaluationState::Open,
    EvaluationState::SelfScored,
    EvaluationState::Concluded,
    EvaluationState::Withdrawn,
];

#[derive(Template)]
#[template(path = "evaluations.html")]
struct List {
    t: Frame,
    query: Fields,
    states: Vec<(&'static str, &'static str)>,
    sets: Vec<IndicatorSet>,
    part: Part<Row>,
    towns: Vec<Compared>,
    new: Option<New>,
}

/// An evaluation in a list.
struct Row {
    set: String,
    state: &'static str,
    verdict: &'static str,
    failed: bool,
    /// Of 100; none before it is concluded.
    total: Option<f64>,
    of: Evaluation,
}

/// A town beside the others: what has been concluded there.
#[derive(Default)]
struct Compared {
    name: String,
    count: usize,
    passing: usize,
    mean: f64,
}

/// What can be begun.
struct New {
    sets: Vec<IndicatorSet>,
    objects: Vec<Object>,
    fields: Fields,
    wrongs: Wrongs,
    ticket: String,
}

impl Row {
    fn of(evaluation: Evaluation, sets: &[IndicatorSet], t: &Frame) -> Self {
        let outcome = evaluation.outcome.as_ref();
        let verdict = outcome.map_or(EvaluationVerdict::Unspecified, EvaluationOutcome::verdict);
        let set = sets.iter().find(|set| set.name == evaluation.indicator_set);
        Self {
            set: set.map_or_else(|| id(&evaluation.indicator_set).to_owned(), called),
            state: t.evaluation_state(evaluation.state()),
            verdict: t.verdict(verdict),
            failed: verdict == EvaluationVerdict::Fail,
            total: outcome.map(|told| told.total),
            of: evaluation,
        }
    }
}

/// A set with its version.
fn called(set: &IndicatorSet) -> String {
    format!("{} v{}", set.display_name, set.version)
}

/// Every set of the county, retired ones too.
async fn all_sets(visitor: &Visitor) -> Result<Vec<IndicatorSet>, Status> {
    let states = [
        IndicatorSetState::Draft,
        IndicatorSetState::Published,
        IndicatorSetState::Retired,
    ];
    all(async |page_token| {
        let request = inspection::ListIndicatorSetsRequest {
            parent: visitor.county.clone(),
            page_size: PAGE,
            page_token,
            states: states.map(Into::into).to_vec(),
            family: String::new(),
        };
        let mut sets = visitor.desk.indicator_sets();
        let page = sets.list_indicator_sets(request).await?.into_inner();
        Ok((page.indicator_sets, page.next_page_token))
    })
    .await
}

/// The sets by which something can be judged.
pub async fn published_sets(visitor: &Visitor) -> Result<Vec<IndicatorSet>, Refusal> {
    let mut sets = all_sets(visitor).await?;
    sets.retain(|set| set.state() == IndicatorSetState::Published);
    Ok(sets)
}

/// Every evaluation that the query asks for, the newest first unless it says otherwise.
async fn rows(visitor: &Visitor, sets: &[IndicatorSet]) -> Result<Vec<Row>, Refusal> {
    let (query, t) = (&visitor.query, &visitor.frame);
    let state = EvaluationState::from_str_name(query.get("state"));
    let evaluations = all(async |page_token| {
        let request = inspection::ListEvaluationsRequest {
            parent: visitor.county.clone(),
            page_size: PAGE,
            page_token,
            year: query.number("year").unwrap_or_default(),
            town: query.get("town").to_owned(),
            states: state.iter().map(|state| (*state).into()).collect(),
            ..Default::default()
        };
        let mut evaluations = visitor.desk.evaluations();
        let page = evaluations.list_evaluations(request).await?.into_inner();
        Ok((page.evaluations, page.next_page_token))
    });
    let mut rows: Vec<_> = evaluations
        .await?
        .into_iter()
        .filter(|one| found(query.get("q"), &[&one.target_name, &one.town]))
        .filter(|one| ["", one.family.as_str()].contains(&query.get("set")))
        .map(|one| Row::of(one, sets, t))
        .collect();
    rows.sort_by_key(|row| Reverse((row.of.year, row.of.conclude_date.clone())));
    if !query.get("sort").is_empty() {
        sort_by(&mut rows, query, |row, column| match column {
            "target" => row.of.target_name.clone(),
            "town" => row.of.town.clone(),
            "state" => row.of.state.to_string(),
            // As wide as a hundred, so that texts sort as numbers do.
            "total" => format!("{:08.3}", row.total.unwrap_or_default()),
            _ => row.of.year.to_string(),
        });
    }
    Ok(rows)
}

/// The towns of what has been concluded, the one that does worst first.
fn compared(rows: &[Row]) -> Vec<Compared> {
    let mut towns: BTreeMap<&str, Compared> = BTreeMap::new();
    for (row, total) in rows.iter().filter_map(|row| Some((row, row.total?))) {
        if row.of.town.is_empty() {
            continue;
        }
        let town = towns.entry(&row.of.town).or_default();
        town.name.clone_from(&row.of.town);
        town.mean = (town.mean * town.count as f64 + total) / (town.count + 1) as f64;
        town.count += 1;
        town.passing += usize::from(!row.failed);
    }
    let mut towns: Vec<_> = towns.into_values().collect();
    towns.sort_by(|a, b| a.mean.total_cmp(&b.mean));
    towns
}

/// The list.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let fields = visitor.query.clone();
    Ok(View(listed(visitor, fields, Wrongs::default()).await?))
}

/// The list, with what was filled in to begin one.
async fn listed(visitor: Visitor, fields: Fields, wrongs: Wrongs) -> Result<List, Refusal> {
    let sets = all_sets(&visitor).await?;
    let rows = rows(&visitor, &sets).await?;
    let new = if visitor.frame.decides() {
        let published = |set: &&IndicatorSet| set.state() == IndicatorSetState::Published;
        Some(New {
            sets: sets.iter().filter(published).cloned().collect(),
            objects: objects(&visitor).await?,
            ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
            fields,
            wrongs,
        })
    } else {
        None
    };
    let (t, query) = (visitor.frame, visitor.query);
    Ok(List {
        states: STATES
            .iter()
            .map(|state| (state.as_str_name(), t.evaluation_state(*state)))
            .collect(),
        sets: sets.into_iter().filter(|set| set.version == 1).collect(),
        towns: compared(&rows),
        part: Part::of(rows, query.number("page"), ROWS),
        new,
        t,
        query,
    })
}

/// Begins one.
pub async fn create(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let known = objects(&visitor).await?;
    let object = known.iter().find(|one| one.name == fields.get("target"));
    let request = inspection::CreateEvaluationRequest {
        parent: visitor.county.clone(),
        evaluation_id: String::new(),
        request_id: fields.get("ticket").to_owned(),
        evaluation: Some(Evaluation {
            indicator_set: fields.get("indicator_set").to_owned(),
            object_kind: object
                .map_or(ObjectKind::Unspecified, |one| one.kind)
                .into(),
            target: fields.get("target").to_owned(),
            visit: fields.get("visit").to_owned(),
            year: fields.number("year").unwrap_or_default(),
            ..Default::default()
        }),
    };
    match visitor.desk.evaluations().create_evaluation(request).await {
        Ok(begun) => {
            let name = begun.into_inner().name;
            Ok(Redirect::to(&format!("/{name}")).into_response())
        }
        Err(status) => {
            let shown = ["indicator_set", "target", "year"];
            let wrongs = Wrongs::of(&status, &shown, &visitor.frame)?;
            let page = View(listed(visitor, fields, wrongs).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// The list as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let sets = all_sets(&visitor).await?;
    let rows = rows(&visitor, &sets).await?;
    let t = &visitor.frame;
    let headings = [
        t.year,
        t.evaluated,
        t.town,
        t.indicator_set,
        t.state,
        t.total,
        t.verdict,
        t.date,
    ];
    let rows = rows.into_iter().map(|row| {
        vec![
            row.of.year.into(),
            row.of.target_name.into(),
            row.of.town.into(),
            row.set.into(),
            row.state.into(),
            row.total.map_or_else(|| Cell::from(""), Cell::from),
            row.verdict.into(),
            row.of.conclude_date.into(),
        ]
    });
    sheet(
        t.evaluations,
        workbook::list(t.evaluations, &headings, rows),
    )
}

#[derive(Template)]
#[template(path = "evaluation.html")]
struct Page {
    t: Frame,
    row: Row,
    own_verdict: &'static str,
    lines: Vec<Line>,
    /// Whose scores the visitor may write down.
    side: Option<Side>,
    /// Who gives them, where nobody has to say.
    by: String,
    /// What was said of it.
    by_sent: String,
    forms: Vec<Form>,
    sent: Sent,
    wrongs: Wrongs,
    ticket: String,
}

/// Whose scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Own,
    Team,
}

impl Side {
    fn verb(self) -> &'static str {
        match self {
            Self::Own => "score_self",
            Self::Team => "score",
        }
    }
}

/// An indicator with its scores.
struct Line {
    group: String,
    of: IndicatorScores,
    /// What may be given: `0–10`, `≥ 95 %`.
    range: String,
    yes_no: bool,
    veto: bool,
    basis: String,
    own: String,
    team: String,
    /// What stands in the form.
    value: String,
    note: String,
    wrong: String,
}

/// An evaluation.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let nothing = (Fields::default(), Wrongs::default());
    Ok(View(page(visitor, Sent::default(), nothing).await?))
}

/// The page of one: with a step that was refused, or with scores that were.
async fn page(
    visitor: Visitor,
    sent: Sent,
    (fields, wrongs): (Fields, Wrongs),
) -> Result<Page, Refusal> {
    let name = visitor.resource.clone();
    let mut evaluations = visitor.desk.evaluations();
    let request = inspection::GetEvaluationRequest { name };
    let evaluation = evaluations.get_evaluation(request).await?.into_inner();
    let request = inspection::GetIndicatorSetRequest {
        name: evaluation.indicator_set.clone(),
    };
    let mut sets = visitor.desk.indicator_sets();
    let set = sets.get_indicator_set(request).await?.into_inner();
    let side = side(&visitor, &evaluation);
    let supervisor = own(&visitor, "/supervisors/");
    let t = visitor.frame;
    let indicators: HashMap<_, _> = set
        .indicators
        .iter()
        .map(|one| (one.code.as_str(), one))
        .collect();
    let lines = evaluation.scores.iter().map(|scores| {
        let indicator = indicators.get(scores.code.as_str()).copied();
        line(scores, indicator, &indicators, side, (&fields, &wrongs), &t)
    });
    let lines = lines.collect();
    let own_outcome = evaluation.self_outcome.as_ref();
    Ok(Page {
        own_verdict: own_outcome.map_or("", |told| t.verdict(told.verdict())),
        forms: forms(&evaluation, side, &t),
        row: Row::of(evaluation, &[set], &t),
        by: match side {
            Some(Side::Team) => supervisor,
            Some(Side::Own) | None => String::new(),
        },
        by_sent: fields.get("by").to_owned(),
        ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        lines,
        side,
        sent,
        wrongs,
        t,
    })
}

/// Whose scores a visitor may write down where it stands: a unit its own, until it has handed them in; supervisors and the office the team's.
fn side(visitor: &Visitor, evaluation: &Evaluation) -> Option<Side> {
    let state = evaluation.state();
    let is_theirs = visitor.session.caller.own.contains(&evaluation.target);
    let t = &visitor.frame;
    if is_theirs && !t.has(&[Role::Supervisor]) {
        return (state == EvaluationState::Open).then_some(Side::Own);
    }
    let open = [EvaluationState::Open, EvaluationState::SelfScored].contains(&state);
    (open && (t.decides() || t.has(&[Role::Supervisor]))).then_some(Side::Team)
}

fn line(
    scores: &IndicatorScores,
    indicator: Option<&Indicator>,
    indicators: &HashMap<&str, &Indicator>,
    side: Option<Side>,
    (fields, wrongs): (&Fields, &Wrongs),
    t: &Frame,
) -> Line {
    let kind = indicator.map_or(IndicatorKind::Unspecified, Indicator::kind);
    let given = match side {
        Some(Side::Own) => scores.self_score.as_ref(),
        Some(Side::Team) => scores.team_score.as_ref(),
        None => None,
    };
    let key = format!("value-{}", scores.code);
    let sent = !fields.0.is_empty();
    let stands = |field: &str, given: Option<String>| {
        if sent {
            fields.get(field).to_owned()
        } else {
            given.unwrap_or_default()
        }
    };
    let shown = |score: Option<&GivenScore>| {
        score.map_or_else(String::new, |score| match kind {
            IndicatorKind::YesNo if score.value > 0.0 => t.yes.to_owned(),
            IndicatorKind::YesNo => t.no.to_owned(),
            IndicatorKind::Unspecified
            | IndicatorKind::Group
            | IndicatorKind::Scored
            | IndicatorKind::Measured => score.value.to_string(),
        })
    };
    let group = indicator.and_then(|one| indicators.get(one.parent.as_str()));
    Line {
        group: group.map_or_else(String::new, |group| group.title.clone()),
        range: indicator.map_or_else(String::new, |one| range(one, scores.threshold)),
        yes_no: kind == IndicatorKind::YesNo,
        veto: indicator.is_some_and(|one| one.veto),
        basis: indicator.map_or_else(String::new, |one| one.basis.clone()),
        own: shown(scores.self_score.as_ref()),
        team: shown(scores.team_score.as_ref()),
        value: stands(&key, given.map(|score| score.value.to_string())),
        note: stands(
            &format!("note-{}", scores.code),
            given.map(|score| score.note.clone()),
        ),
        wrong: wrongs.at(&key).to_owned(),
        of: scores.clone(),
    }
}

/// What may be given, or what passes.
fn range(indicator: &Indicator, threshold: Option<f64>) -> String {
    let sign = match indicator.comparison() {
        Comparison::Unspecified | Comparison::AtLeast => "≥",
        Comparison::AtMost => "≤",
        Comparison::Above => ">",
        Comparison::Below => "<",
    };
    let passes = threshold.map_or_else(String::new, |limit| {
        format!("{sign} {limit} {}", indicator.unit)
    });
    match indicator.kind() {
        IndicatorKind::Scored => format!("0–{} {passes}", indicator.max_points),
        IndicatorKind::Measured => passes,
        IndicatorKind::Unspecified | IndicatorKind::Group | IndicatorKind::YesNo => String::new(),
    }
}

/// What can be done where it stands, by those who may.
fn forms(evaluation: &Evaluation, side: Option<Side>, t: &Frame) -> Vec<Form> {
    let mut forms = Vec::new();
    match side {
        Some(Side::Own) => forms.push(Form::new("submit", t.hand_in_scores, "")),
        Some(Side::Team) => forms.push(Form::new("conclude", t.conclude, "")),
        None => {}
    }
    if t.decides() && evaluation.state() != EvaluationState::Withdrawn {
        let withdraw = Form::new("withdraw", t.take_back, "");
        forms.push(withdraw.field("reason", t.reason, Kind::Text));
    }
    forms
}

/// Takes an evaluation a step further.
pub async fn act(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let name = visitor.resource.clone();
    let (etag, request_id) = (
        fields.get("etag").to_owned(),
        fields.get("ticket").to_owned(),
    );
    let mut evaluations = visitor.desk.evaluations();
    let verb = fields.get("verb");
    let done = if verb == Side::Own.verb() || verb == Side::Team.verb() {
        let mut wrongs = Wrongs::default();
        let scores = scores(&fields, &mut wrongs, &visitor.frame);
        let codes: Vec<_> = scores.iter().map(|score| score.code.clone()).collect();
        let done = if !wrongs.none() {
            None
        } else if verb == Side::Own.verb() {
            let by = fields.get("by").to_owned();
            let request = inspection::ScoreSelfRequest {
                name: name.clone(),
                etag,
                request_id,
                scores,
                by,
            };
            Some(evaluations.score_self(request).await)
        } else {
            let by = visitor.supervisor_named(fields.get("by"));
            let request = inspection::RecordTeamScoresRequest {
                name: name.clone(),
                etag,
                request_id,
                scores,
                by,
            };
            Some(evaluations.record_team_scores(request).await)
        };
        match done {
            Some(Ok(_)) => return Ok(Redirect::to(&format!("/{name}")).into_response()),
            Some(Err(status)) => wrongs = scores_refused(&status, &codes, &visitor.frame)?,
            None => {}
        }
        let page = View(page(visitor, Sent::default(), (fields, wrongs)).await?);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    } else {
        let name = name.clone();
        match verb {
            "submit" => {
                let request = inspection::SubmitSelfScoresRequest {
                    name,
                    etag,
                    request_id,
                };
                evaluations.submit_self_scores(request).await
            }
            "conclude" => {
                let request = inspection::ConcludeEvaluationRequest {
                    name,
                    etag,
                    request_id,
                };
                evaluations.conclude_evaluation(request).await
            }
            "withdraw" => {
                let request = inspection::WithdrawEvaluationRequest {
                    name,
                    etag,
                    request_id,
                    reason: fields.get("reason").to_owned(),
                };
                evaluations.withdraw_evaluation(request).await
            }
            _ => return Err(Refusal::Unknown),
        }
    };
    match done {
        Ok(_) => Ok(Redirect::to(&format!("/{name}")).into_response()),
        Err(status) => {
            let sent = Sent::refused(fields, &status, &visitor.frame)?;
            let nothing = (Fields::default(), Wrongs::default());
            let page = View(page(visitor, sent, nothing).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// The scores that were filled in.
fn scores(fields: &Fields, wrongs: &mut Wrongs, t: &Frame) -> Vec<NewScore> {
    let mut scores = Vec::new();
    for (field, _) in &fields.0 {
        let Some(code) = field.strip_prefix("value-") else {
            continue;
        };
        if let Some(value) = fields.decimal(field, wrongs, t) {
            scores.push(NewScore {
                code: code.to_owned(),
                value,
                note: fields.get(&format!("note-{code}")).to_owned(),
            });
        }
    }
    scores
}

/// What a service says to scores: beside those that it means.
fn scores_refused(status: &Status, codes: &[String], t: &Frame) -> Result<Wrongs, Refusal> {
    Wrongs::named(status, t, |field| {
        if field == "by" {
            return Some(field.to_owned());
        }
        let at = field.strip_prefix("scores[")?.split(']').next()?;
        let at: usize = at.parse().ok()?;
        Some(format!("value-{}", codes.get(at)?))
    })
}
