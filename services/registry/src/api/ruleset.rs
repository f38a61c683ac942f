//! Rulesets and their presets.

use chrono::NaiveDate;
use dudao_law::day;
use dudao_platform::error::{Error, Result};
use dudao_platform::page;
use dudao_platform::request;
use dudao_platform::resource::inside;
use dudao_platform::rpcs;
use dudao_platform::{Tx, clock};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::ruleset_service_server::RulesetService;
use prost_types::FieldMask;

use super::wire::{day_text, events};
use super::{Change, Registry, Resource, number, only, parse_county, parse_parent, word, write};
use crate::domain::Violations;
use crate::domain::county::County;
use crate::domain::ruleset::{Confidence, Parameter, Ruleset};
use crate::presets;
use crate::store::{self, Filter, Record};

impl Resource for Ruleset {
    type Message = proto::Ruleset;
    const FIELD: &'static str = "ruleset";
    const ID: &'static str = "ruleset_id";

    fn identity(message: &proto::Ruleset) -> (&str, &str) {
        (&message.name, &message.etag)
    }

    fn to_message(record: &Record<Self>) -> proto::Ruleset {
        proto::Ruleset {
            name: record.name(),
            create_time: Some(clock::timestamp(record.created_us)),
            etag: record.version.etag(),
            ..content(record.content.clone())
        }
    }

    /// Its parameters are those that differ from the preset's.
    fn from_message(
        _: &str,
        message: proto::Ruleset,
        today: NaiveDate,
    ) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        let preset = if message.preset.is_empty() {
            presets::NATIONAL
        } else {
            &message.preset
        };
        let base = presets::ruleset(preset).ok().flatten();
        wrong.check(
            base.is_some(),
            "preset",
            format!(
                "预设须为 {} 之一",
                presets::names().collect::<Vec<_>>().join("、")
            ),
            format!(
                "must be one of {}",
                presets::names().collect::<Vec<_>>().join(", ")
            ),
        );
        let effective_date =
            day(&mut wrong, "effective_date", &message.effective_date).unwrap_or(today);
        let changes: Vec<_> = message
            .parameters
            .into_iter()
            .enumerate()
            .map(|(at, parameter)| Parameter {
                confidence: word(
                    &mut wrong,
                    &format!("parameters[{at}].confidence"),
                    Confidence::ALL,
                    parameter.confidence,
                )
                .unwrap_or(Confidence::County),
                key: parameter.key,
                display_name: parameter.display_name,
                value: parameter.value,
                unit: parameter.unit,
                basis: parameter.basis,
            })
            .collect();
        wrong.take("", crate::domain::ruleset::check_parameters(&changes));
        let ruleset = base.map(|base| {
            let display_name = if message.display_name.is_empty() {
                base.display_name.clone()
            } else {
                message.display_name
            };
            Ruleset {
                display_name,
                effective_date,
                ..base
            }
            .with(changes)
        });
        wrong.into_result()?;
        ruleset.ok_or_else(Violations::new)?.check()
    }

    fn overlay(_: &mut proto::Ruleset, _: &proto::Ruleset, _: Option<&FieldMask>) -> Result<()> {
        Err(Error::internal("a version of a ruleset never changes"))
    }

    events!(proto::Ruleset, ruleset; Change::Created | Change::Updated | Change::Ended => RulesetCreated);
}

fn content(ruleset: Ruleset) -> proto::Ruleset {
    let Ruleset {
        display_name,
        preset,
        effective_date,
        parameters,
    } = ruleset;
    proto::Ruleset {
        display_name,
        preset,
        effective_date: day_text(Some(effective_date)),
        parameters: parameters
            .into_iter()
            .map(
                |Parameter {
                     key,
                     display_name,
                     value,
                     unit,
                     basis,
                     confidence,
                 }| proto::Parameter {
                    key,
                    display_name,
                    value,
                    unit,
                    basis,
                    confidence: number(Confidence::ALL, Some(&confidence)),
                },
            )
            .collect(),
        ..proto::Ruleset::default()
    }
}

/// Adds the next version to a county's rules.
pub(super) async fn add(
    tx: &mut Tx,
    actor: &str,
    county: &str,
    ruleset: Ruleset,
) -> Result<proto::Ruleset> {
    let newest = store::all::<Ruleset>(tx, county)
        .await?
        .iter()
        .filter_map(|record| record.code.parse::<u32>().ok())
        .max()
        .unwrap_or_default();
    let record = Record::new(tx, county, (newest + 1).to_string(), ruleset);
    only(write(tx, actor, Change::Created, &[record]).await?)
}

rpcs! { impl RulesetService for Registry, in proto;
    create_ruleset(CreateRulesetRequest) -> Ruleset = |me, caller, request| async {
        let county = parse_county(caller, "parent", &request.parent)?;
        let mut tx = me.desk.context.db.begin_write().await?;
        let answer = request::once(&mut tx, &county, &request.request_id, request, async |tx: &mut Tx| {
            store::get::<County>(tx, &county, &county).await?;
            let today = clock::day_of(tx.now_us());
            let ruleset = Ruleset::from_message("", request.ruleset.clone().unwrap_or_default(), today)
                .map_err(|wrong| inside(wrong, "ruleset.", Ruleset::ID, ""))?;
            add(tx, caller.actor(), &county, ruleset).await
        })
        .await?;
        tx.commit().await?;
        Ok(answer)
    };
    get_ruleset(GetRulesetRequest) -> Ruleset = |me, caller, request| me.desk.get::<Ruleset>(caller, &request.name);
    list_rulesets(ListRulesetsRequest) -> ListRulesetsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ..Filter::default() };
        let (rulesets, next_page_token) = me.desk.list::<Ruleset>(caller, &page, filter).await?;
        Ok(proto::ListRulesetsResponse { rulesets, next_page_token })
    };
    list_ruleset_presets(ListRulesetPresetsRequest) -> ListRulesetPresetsResponse = |me, caller, request| async {
        let mut shipped = Vec::new();
        for name in presets::names() {
            if let Some(ruleset) = presets::ruleset(name)? {
                shipped.push(proto::Ruleset { effective_date: String::new(), ..content(ruleset) });
            }
        }
        Ok(proto::ListRulesetPresetsResponse { presets: shipped })
    };
}
