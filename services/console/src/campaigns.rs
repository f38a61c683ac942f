//! Campaigns (督导项目): what the committee decides to inspect, what overlaps with what, and the visits that come of it.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Datelike as _;
use dudao_proto::inspection::v1 as inspection;
use http::StatusCode;
use inspection::{
    Campaign, CampaignObject, CampaignState, InspectionKind, InspectionLine, ListItem, ObjectKind,
    Overlap, PublicationScope, Visit,
};

use crate::desk::{PAGE, all};
use crate::evaluations::published_sets;
use crate::fields::{Fields, Wrongs};
use crate::forms::{Form, Kind, Sent};
use crate::frame::{Frame, View};
use crate::import::sheet;
use crate::list_items;
use crate::objects::{Object, objects};
use crate::overview::VisitRow;
use crate::refusal::Refusal;
use crate::visit::{lines, team};
use crate::visitor::{Posted, Visitor};
use crate::workbook;

const LINES: [InspectionLine; 3] = [
    InspectionLine::Government,
    InspectionLine::School,
    InspectionLine::Monitoring,
];

const SCOPES: [PublicationScope; 3] = [
    PublicationScope::Public,
    PublicationScope::Government,
    PublicationScope::Unit,
];

#[derive(Template)]
#[template(path = "campaigns.html")]
struct List {
    t: Frame,
    year: i32,
    rows: Vec<Row>,
}

/// A campaign in a list.
struct Row {
    kind: &'static str,
    line: &'static str,
    state: &'static str,
    of: Campaign,
}

impl Row {
    fn of(campaign: Campaign, t: &Frame) -> Self {
        Self {
            kind: t.inspection_kind(campaign.kind()),
            line: t.inspection_line(campaign.line()),
            state: t.campaign_state(campaign.state()),
            of: campaign,
        }
    }
}

fn asked(visitor: &Visitor) -> i32 {
    let now = visitor.console.0.clock.today().year();
    visitor.query.number("year").unwrap_or(now)
}

/// The campaigns of a year, the one that begins last first.
async fn rows(visitor: &Visitor, year: i32) -> Result<Vec<Row>, Refusal> {
    let campaigns = all(async |page_token| {
        let request = inspection::ListCampaignsRequest {
            parent: visitor.county.clone(),
            page_size: PAGE,
            page_token,
            year,
            ..Default::default()
        };
        let page = visitor.desk.campaigns().list_campaigns(request).await?;
        let page = page.into_inner();
        Ok((page.campaigns, page.next_page_token))
    });
    let mut campaigns = campaigns.await?;
    campaigns.sort_by(|a, b| b.start_date.cmp(&a.start_date));
    let rows = campaigns.into_iter();
    Ok(rows.map(|one| Row::of(one, &visitor.frame)).collect())
}

/// The campaigns of a year.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let year = asked(&visitor);
    Ok(View(List {
        rows: rows(&visitor, year).await?,
        t: visitor.frame,
        year,
    }))
}

/// The same as a workbook.
pub async fn export(visitor: Visitor) -> Result<Response, Refusal> {
    let year = asked(&visitor);
    let rows = rows(&visitor, year).await?;
    let t = &visitor.frame;
    let headings = [
        t.name,
        t.kind,
        t.line,
        t.from,
        t.until,
        t.matters,
        t.inspected,
        t.state,
    ];
    let rows = rows.into_iter().map(|row| {
        let of = row.of;
        let objects = of.objects.iter().map(|object| object.display_name.as_str());
        vec![
            of.display_name.as_str().into(),
            row.kind.into(),
            row.line.into(),
            of.start_date.as_str().into(),
            of.end_date.as_str().into(),
            of.matters.join("；").into(),
            objects.collect::<Vec<_>>().join("、").into(),
            row.state.into(),
        ]
    });
    let name = format!("{} {year}", t.campaigns);
    sheet(&name, workbook::list(&name, &headings, rows))
}

#[derive(Template)]
#[template(path = "campaign_form.html")]
struct Editor {
    t: Frame,
    /// The campaign that is changed; "" for a new one.
    name: String,
    etag: String,
    ticket: String,
    fields: Fields,
    wrongs: Wrongs,
    kinds: Vec<(&'static str, &'static str)>,
    lines: Vec<(&'static str, &'static str)>,
    scopes: Vec<(&'static str, &'static str)>,
    items: Vec<Offered>,
    sets: Vec<Offered>,
    groups: Vec<Group>,
}

/// Something that a field may name.
struct Offered {
    name: String,
    word: String,
}

/// Objects that stand together: the schools of a town, or everything that is no school.
struct Group {
    word: String,
    /// Each with whether it is chosen.
    objects: Vec<(Object, bool)>,
    /// How many of them are.
    chosen: usize,
}

/// The form of a new campaign.
pub async fn ask(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let fields = visitor.query.clone();
    let nobody = Campaign::default();
    Ok(View(
        editor(visitor, &nobody, fields, Wrongs::default()).await?,
    ))
}

/// The form of one that is still a draft.
pub async fn edit(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    let campaign = read(&visitor).await?;
    let fields = said(&campaign);
    Ok(View(
        editor(visitor, &campaign, fields, Wrongs::default()).await?,
    ))
}

async fn editor(
    visitor: Visitor,
    campaign: &Campaign,
    fields: Fields,
    wrongs: Wrongs,
) -> Result<Editor, Refusal> {
    let items = list_items::items(&visitor, 0);
    let (items, sets, objects) =
        tokio::try_join!(items, published_sets(&visitor), objects(&visitor))?;
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    let t = visitor.frame;
    let year = visitor.console.0.clock.today().year();
    let open = |item: &ListItem| !item.withdrawn && item.year >= year;
    let item = |item: ListItem| Offered {
        word: format!(
            "{} {}（{}）",
            item.year,
            item.display_name,
            t.inspection_kind(item.kind())
        ),
        name: item.name,
    };
    let set = |set: inspection::IndicatorSet| Offered {
        word: format!("{} v{}", set.display_name, set.version),
        name: set.name,
    };
    Ok(Editor {
        kinds: list_items::KINDS
            .map(|kind| (kind.as_str_name(), t.inspection_kind(kind)))
            .to_vec(),
        lines: LINES
            .map(|line| (line.as_str_name(), t.inspection_line(line)))
            .to_vec(),
        scopes: SCOPES
            .map(|scope| (scope.as_str_name(), t.publication_scope(scope)))
            .to_vec(),
        items: items.into_iter().filter(open).map(item).collect(),
        sets: sets.into_iter().map(set).collect(),
        groups: grouped(objects, &fields, &t),
        name: campaign.name.clone(),
        etag: if fields.get("etag").is_empty() {
            campaign.etag.clone()
        } else {
            fields.get("etag").to_owned()
        },
        ticket,
        fields,
        wrongs,
        t,
    })
}

/// Schools by town, and all else in a group of its own.
fn grouped(objects: Vec<Object>, fields: &Fields, t: &Frame) -> Vec<Group> {
    let chosen: BTreeSet<&str> = fields.all("objects").collect();
    let mut groups: BTreeMap<(bool, String), Vec<(Object, bool)>> = BTreeMap::new();
    for object in objects {
        let is_school = [ObjectKind::School, ObjectKind::Kindergarten].contains(&object.kind);
        let group = groups.entry((!is_school, object.town.clone())).or_default();
        let is_chosen = chosen.contains(object.name.as_str());
        group.push((object, is_chosen));
    }
    let groups = groups
        .into_iter()
        .map(|((no_school, town), objects)| Group {
            word: if no_school {
                t.no_schools.to_owned()
            } else if town.is_empty() {
                t.without_town.to_owned()
            } else {
                town
            },
            chosen: objects.iter().filter(|(_, chosen)| *chosen).count(),
            objects,
        });
    groups.collect()
}

/// What a campaign says, as its form has it.
fn said(campaign: &Campaign) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in [
        ("display_name", campaign.display_name.as_str()),
        ("kind", campaign.kind().as_str_name()),
        ("line", campaign.line().as_str_name()),
        ("list_item", &campaign.list_item),
        ("reason", &campaign.reason),
        ("basis", &campaign.basis),
        ("matters", &campaign.matters.join("\n")),
        ("method", &campaign.method),
        ("indicator_set", &campaign.indicator_set),
        ("start_date", &campaign.start_date),
        ("end_date", &campaign.end_date),
        ("publication", campaign.publication().as_str_name()),
    ] {
        fields.put(name, value);
    }
    for object in &campaign.objects {
        fields.put("objects", object.target.as_str());
    }
    fields
}

/// The campaign that a form says.
async fn meant(visitor: &Visitor, fields: &Fields) -> Result<Campaign, Refusal> {
    let text = |field: &str| fields.get(field).to_owned();
    let known = objects(visitor).await?;
    let object = |target: &str| {
        let known = known.iter().find(|object| object.name == target);
        CampaignObject {
            kind: known
                .map_or(ObjectKind::Unspecified, |object| object.kind)
                .into(),
            target: target.to_owned(),
            display_name: known.map_or_else(String::new, |object| object.word.clone()),
        }
    };
    Ok(Campaign {
        display_name: text("display_name"),
        kind: InspectionKind::from_str_name(fields.get("kind"))
            .unwrap_or_default()
            .into(),
        line: InspectionLine::from_str_name(fields.get("line"))
            .unwrap_or_default()
            .into(),
        list_item: text("list_item"),
        reason: text("reason"),
        basis: text("basis"),
        matters: lines(fields.get("matters")),
        method: text("method"),
        indicator_set: text("indicator_set"),
        start_date: text("start_date"),
        end_date: text("end_date"),
        objects: fields.all("objects").map(object).collect(),
        publication: PublicationScope::from_str_name(fields.get("publication"))
            .unwrap_or_default()
            .into(),
        ..Default::default()
    })
}

/// The fields of the form.
const SHOWN: [&str; 13] = [
    "display_name",
    "kind",
    "line",
    "list_item",
    "reason",
    "basis",
    "matters",
    "method",
    "indicator_set",
    "start_date",
    "end_date",
    "objects",
    "publication",
];

/// Makes a new one.
pub async fn create(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let request = inspection::CreateCampaignRequest {
        parent: visitor.county.clone(),
        campaign: Some(meant(&visitor, &fields).await?),
        request_id: fields.get("ticket").to_owned(),
        ..Default::default()
    };
    let made = visitor.desk.campaigns().create_campaign(request).await;
    written(visitor, &Campaign::default(), fields, made).await
}

/// Back to the campaign that was written down, or to its form with what is wrong with it.
async fn written(
    visitor: Visitor,
    before: &Campaign,
    fields: Fields,
    done: Result<tonic::Response<Campaign>, tonic::Status>,
) -> Result<Response, Refusal> {
    match done {
        Ok(campaign) => {
            let name = campaign.into_inner().name;
            Ok(Redirect::to(&format!("/{name}")).into_response())
        }
        Err(status) => {
            let wrongs = Wrongs::of(&status, &SHOWN, &visitor.frame)?;
            let page = View(editor(visitor, before, fields, wrongs).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

#[derive(Template)]
#[template(path = "campaign.html")]
struct Page {
    t: Frame,
    row: Row,
    publication: &'static str,
    may_change: bool,
    objects: Vec<Inspected>,
    /// How many of them have been, or are to be, visited.
    covered: usize,
    overlaps: Vec<Shared>,
    forms: Vec<Form>,
    sent: Sent,
    ticket: String,
}

/// An object with its visits.
struct Inspected {
    kind: &'static str,
    visits: Vec<VisitRow>,
    of: CampaignObject,
}

/// A campaign that should be one with this one.
struct Shared {
    words: String,
    /// Makes this one a part of it, where the visitor may.
    merge: Option<Form>,
    of: Overlap,
}

async fn read(visitor: &Visitor) -> Result<Campaign, Refusal> {
    let request = inspection::GetCampaignRequest {
        name: visitor.resource.clone(),
    };
    let campaign = visitor.desk.campaigns().get_campaign(request).await?;
    Ok(campaign.into_inner())
}

/// A campaign.
pub async fn show(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    Ok(View(page(visitor, Sent::default()).await?))
}

async fn page(visitor: Visitor, sent: Sent) -> Result<Page, Refusal> {
    let campaign = read(&visitor).await?;
    let year = campaign.start_date.get(..4).unwrap_or_default();
    let question = inspection::ListVisitsRequest {
        parent: visitor.county.clone(),
        start_date: format!("{year}-01-01"),
        end_date: format!("{year}-12-31"),
        ..Default::default()
    };
    let is_open = [CampaignState::Draft, CampaignState::Decided].contains(&campaign.state());
    let decides = is_open && visitor.frame.decides();
    let overlaps = async {
        if !is_open {
            return Ok(Vec::new());
        }
        let request = inspection::ListOverlapsRequest {
            name: campaign.name.clone(),
        };
        let told = visitor.desk.campaigns().list_overlaps(request).await;
        match told {
            Ok(told) => Ok(told.into_inner().overlaps),
            Err(status) if status.code() == tonic::Code::PermissionDenied => Ok(Vec::new()),
            Err(status) => Err(status),
        }
    };
    let people = async {
        if !(decides && campaign.state() == CampaignState::Decided) {
            return Ok(Vec::new());
        }
        visitor.desk.all_supervisors(&visitor.county, false).await
    };
    let visits = visitor.desk.all_visits(&question);
    let (visits, overlaps, people) = tokio::try_join!(visits, overlaps, people)?;
    let ticket = visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?;
    let t = visitor.frame;
    let mut own: BTreeMap<String, Vec<VisitRow>> = BTreeMap::new();
    for visit in visits
        .into_iter()
        .filter(|visit| visit.campaign == campaign.name)
    {
        let visits = own.entry(visit.target.clone()).or_default();
        visits.push(VisitRow::of(visit, &t));
    }
    let objects: Vec<_> = campaign
        .objects
        .iter()
        .map(|object| Inspected {
            kind: t.object_kind(object.kind()),
            visits: own.remove(&object.target).unwrap_or_default(),
            of: object.clone(),
        })
        .collect();
    let shared = overlaps.into_iter().map(|of| Shared {
        words: t.pick(&of.proposal, &of.proposal_en).to_owned(),
        merge: decides.then(|| Form::new("merge", t.step_merge, &of.campaign)),
        of,
    });
    let overlaps = shared.collect();
    let forms = if decides {
        let people = people.into_iter().map(|one| (one.name, one.display_name));
        steps(&campaign, &objects, people.collect(), &t)
    } else {
        Vec::new()
    };
    Ok(Page {
        may_change: decides && campaign.state() == CampaignState::Draft,
        publication: t.publication_scope(campaign.publication()),
        covered: objects.iter().filter(|one| !one.visits.is_empty()).count(),
        row: Row::of(campaign, &t),
        objects,
        overlaps,
        forms,
        sent,
        ticket,
        t,
    })
}

/// What can be done where it stands.
fn steps(
    campaign: &Campaign,
    objects: &[Inspected],
    people: Vec<(String, String)>,
    t: &Frame,
) -> Vec<Form> {
    let form = |verb, word| Form::new(verb, word, "");
    let cancel = form("cancel", t.step_cancel).field("reason", t.reason, Kind::Text);
    if campaign.state() == CampaignState::Draft {
        return vec![form("decide", t.step_decide_campaign), cancel];
    }
    // What nobody has visited yet comes first.
    let mut left: Vec<_> = objects.iter().collect();
    left.sort_by_key(|object| !object.visits.is_empty());
    let left = left
        .into_iter()
        .map(|object| (object.of.target.clone(), object.of.display_name.clone()));
    let visit = form("visit", t.new_visit)
        .field("target", t.inspected, Kind::choice(left))
        .field("date", t.date, Kind::Date)
        .field("days", t.days_it_takes, Kind::Number)
        .field("leader", t.leader, Kind::choice(people.clone()))
        .field("members", t.members, Kind::several(people));
    let mut forms = vec![form("conclude", t.step_conclude_campaign), cancel];
    if !objects.is_empty() {
        forms.insert(0, visit);
    }
    forms
}

/// The visit that a form says.
fn visit(campaign: &Campaign, fields: &Fields) -> Visit {
    let target = fields.get("target");
    let object = campaign.objects.iter().find(|one| one.target == target);
    Visit {
        campaign: campaign.name.clone(),
        kind: campaign.kind,
        items: Some(campaign.list_item.clone())
            .into_iter()
            .filter(|item| !item.is_empty())
            .collect(),
        object_kind: object.map_or(0, |object| object.kind),
        target: target.to_owned(),
        target_name: object.map_or_else(String::new, |object| object.display_name.clone()),
        date: fields.get("date").to_owned(),
        days: fields.number("days").unwrap_or(1.0),
        reason: campaign.reason.clone(),
        team: team(fields),
        ..Default::default()
    }
}

/// Takes a campaign a step further.
pub async fn act(posted: Posted) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let name = visitor.resource.clone();
    let mut campaigns = visitor.desk.campaigns();
    let (etag, request_id) = (
        fields.get("etag").to_owned(),
        fields.get("ticket").to_owned(),
    );
    macro_rules! step {
        ($rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {
            campaigns.$rpc(inspection::$request {
                name: name.clone(), etag, request_id, $($field: $value,)*
            }).await.map(drop)
        };
    }
    let done = match fields.get("verb") {
        "update" => {
            let before = read(&visitor).await?;
            let content = Campaign {
                name,
                etag,
                ..meant(&visitor, &fields).await?
            };
            let request = inspection::UpdateCampaignRequest {
                campaign: Some(content),
                update_mask: Some(prost_types::FieldMask {
                    paths: SHOWN.map(ToOwned::to_owned).to_vec(),
                }),
                request_id,
            };
            let done = campaigns.update_campaign(request).await;
            return written(visitor, &before, fields, done).await;
        }
        "visit" => {
            let campaign = read(&visitor).await?;
            let request = inspection::CreateVisitRequest {
                parent: visitor.county.clone(),
                visit: Some(visit(&campaign, &fields)),
                request_id,
                ..Default::default()
            };
            visitor.desk.visits().create_visit(request).await.map(drop)
        }
        "decide" => step!(decide_campaign, DecideCampaignRequest {}),
        "conclude" => step!(conclude_campaign, ConcludeCampaignRequest {}),
        "cancel" => step!(
            cancel_campaign,
            CancelCampaignRequest {
                reason: fields.get("reason").to_owned()
            }
        ),
        "merge" => step!(
            merge_campaign,
            MergeCampaignRequest {
                into: fields.get("subject").to_owned()
            }
        ),
        _ => return Err(Refusal::Unknown),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/{}", visitor.resource)).into_response()),
        Err(status) => {
            let sent = Sent::refused(fields, &status, &visitor.frame)?;
            let page = View(page(visitor, sent).await?);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
