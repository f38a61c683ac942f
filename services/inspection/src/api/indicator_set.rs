//! Indicator sets.

use dudao_platform::carry::Carry as _;
use dudao_platform::document::{self, Filter, Record, about};
use dudao_platform::resource::{
    self, Change, Resource, Stepped, parse_county, parse_name, parse_parent,
};
use dudao_platform::rpc::Principal;
use dudao_platform::{Error, Result, Tx, call, clock, mirror, page, payload, request, rpcs};
use dudao_proto::inspection::v1 as proto;
use proto::indicator_set_service_server::IndicatorSetService;

use super::Inspection;
use crate::domain::indicator_set::{Indicator, IndicatorSet, IndicatorSetState};
use crate::presets;

mirror!(Indicator => proto::Indicator {
    code, parent, title, kind as word, weight, veto, max_points, unit, comparison as maybe_word, threshold as maybe, figure,
    basis, guidance, stages as words,
});

mirror!(IndicatorSet => proto::IndicatorSet {
    display_name, line as word, object_kinds as words, basis, description, excellent_mark as maybe, good_mark as maybe,
    pass_mark as maybe, indicators, preset,
} out { state as word, version, family, revises, publish_date, retire_reason });

dudao_platform::resource!(IndicatorSet => proto::IndicatorSet, indicator_set, "indicator_set_id";
    edit { display_name, line, object_kinds, basis, description, excellent_mark, good_mark, pass_mark, indicators };
    Created => proto::IndicatorSetCreated, Updated => proto::IndicatorSetUpdated, Ended => proto::IndicatorSetRetired);

/// A step whose fact is the set itself.
macro_rules! told {
    ($content:expr, $payload:ident) => {
        Stepped {
            content: $content,
            facts: vec![Box::new(|about, after| {
                payload!(
                    about,
                    proto::$payload,
                    indicator_set,
                    IndicatorSet::to_message(after)
                )
            })],
        }
    };
}

rpcs! { impl IndicatorSetService for Inspection, in proto;
    create_indicator_set(CreateIndicatorSetRequest) -> IndicatorSet = |me, caller, request| async {
        me.registry.known_county(&request.parent).await?;
        let given = request.indicator_set.clone().unwrap_or_default();
        let message = over_preset(&given)?;
        me.desk.create_one::<IndicatorSet, _>(call!(caller, request), &request.parent, &request.indicator_set_id, Some(&message), async |_: &mut Tx, records: &mut [Record<IndicatorSet>]| {
            for record in records {
                let name = record.name();
                record.content = record.content.clone().founded(&name);
            }
            Ok(())
        }).await
    };
    get_indicator_set(GetIndicatorSetRequest) -> IndicatorSet = |me, caller, request| me.desk.get::<IndicatorSet>(caller, &request.name);
    list_indicator_sets(ListIndicatorSetsRequest) -> ListIndicatorSetsResponse = |me, caller, request| async {
        let page = page!(request)?;
        let states = super::kinds::<IndicatorSetState>("states", &request.states)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: !states.is_empty(), kinds: states.into(), subject: &request.family, ..Filter::default() };
        let (indicator_sets, next_page_token) = me.desk.list::<IndicatorSet>(caller, &page, filter).await?;
        Ok(proto::ListIndicatorSetsResponse { indicator_sets, next_page_token })
    };
    update_indicator_set(UpdateIndicatorSetRequest) -> IndicatorSet = |me, caller, request|
        me.desk.update::<IndicatorSet, _>(call!(caller, request), request.indicator_set.as_ref(), request.update_mask.as_ref(), async |_: &mut Tx, before: &Record<IndicatorSet>, _: &mut IndicatorSet| {
            Ok(before.content.may_change().map_err(|refusal| refusal.about(&before.name()))?)
        });
    publish_indicator_set(PublishIndicatorSetRequest) -> IndicatorSet = |me, caller, request|
        me.desk.step::<IndicatorSet, _>(call!(caller, request), &request.name, &request.etag, async |tx, before| {
            let content = before.content.clone().publish(clock::day_of(tx.now_us())).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(told!(content, IndicatorSetPublished))
        });
    revise_indicator_set(ReviseIndicatorSetRequest) -> IndicatorSet = |me, caller, request| me.revise(caller, request);
    retire_indicator_set(RetireIndicatorSetRequest) -> IndicatorSet = |me, caller, request|
        me.desk.step::<IndicatorSet, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            let content = before.content.clone().retire(&request.reason).map_err(|refusal| refusal.about(&before.name()))?;
            Ok(told!(content, IndicatorSetRetired))
        });
    list_indicator_set_presets(ListIndicatorSetPresetsRequest) -> ListIndicatorSetPresetsResponse = |me, caller, request| async {
        let mut shipped = Vec::new();
        for name in presets::names() {
            shipped.extend(presets::indicator_set(name)?.map(|set| set.carry()));
        }
        Ok(proto::ListIndicatorSetPresetsResponse { presets: shipped })
    };
}

/// What a request says over the preset that it names.
fn over_preset(given: &proto::IndicatorSet) -> Result<proto::IndicatorSet> {
    if given.preset.is_empty() {
        return Ok(given.clone());
    }
    let names = || presets::names().collect::<Vec<_>>();
    let preset = presets::indicator_set(&given.preset)?.ok_or_else(|| {
        Error::invalid(
            "indicator_set.preset",
            format!("预设须为 {} 之一", names().join("、")),
            format!("must be one of {}", names().join(", ")),
        )
    })?;
    let mut message = preset.carry();
    IndicatorSet::overlay(&mut message, given, None)?;
    Ok(message)
}

/// A set that must be published to be used; `field` names it in the request.
pub(super) async fn usable(
    tx: &mut Tx,
    caller: &Principal,
    field: &str,
    name: &str,
) -> Result<IndicatorSet> {
    let (county, code) = parse_name::<IndicatorSet>(caller, field, name)?;
    let set = document::get::<IndicatorSet>(tx, &county, &code).await?;
    set.content
        .usable()
        .map_err(|refusal| refusal.about(&set.name()))?;
    Ok(set.content)
}

impl Inspection {
    /// Makes the draft of the next version.
    async fn revise(
        &self,
        caller: &Principal,
        asked: &proto::ReviseIndicatorSetRequest,
    ) -> Result<proto::IndicatorSet> {
        let (county, code) = parse_name::<IndicatorSet>(caller, "name", &asked.name)?;
        parse_county(caller, "name", &format!("counties/{county}"))?;
        let new_code = if asked.indicator_set_id.is_empty() {
            self.desk.context.ids.next()
        } else {
            asked.indicator_set_id.clone()
        };
        let mut tx = self.desk.context.db.begin_write().await?;
        let answer = request::once(
            &mut tx,
            &county,
            &asked.request_id,
            asked,
            async |tx: &mut Tx| {
                let before = document::get::<IndicatorSet>(tx, &county, &code).await?;
                before.version.check(&asked.etag, &asked.name)?;
                let family = about::<IndicatorSet>(tx, &county, &before.content.family).await?;
                let newest = family.iter().map(|one| one.content.version).max();
                let draft = before
                    .content
                    .revise(&before.name(), newest.unwrap_or_default())
                    .map_err(|refusal| refusal.about(&before.name()))?
                    .check(&new_code)?;
                if document::find::<IndicatorSet>(tx, &county, &new_code)
                    .await?
                    .is_some()
                {
                    let name = document::name::<IndicatorSet>(&county, &new_code);
                    return Err(Error::already_exists(name));
                }
                let record = Record::new(tx, &county, &new_code, draft);
                resource::only(
                    resource::write(tx, caller.actor(), Change::Created, &[record]).await?,
                )
            },
        )
        .await?;
        tx.commit().await?;
        Ok(answer)
    }
}
