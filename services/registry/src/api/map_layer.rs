//! Layers of the county's maps.

use dudao_law::Datum;
use dudao_platform::error::{Result, Violations};
use dudao_platform::page;
use dudao_platform::resource::{self, Resource as _, Stepped};
use dudao_platform::{Tx, call, mirror, payload, rpcs};
use dudao_proto::registry::v1 as proto;
use dudao_proto::registry::v1::map_layer_service_server::MapLayerService;

use super::{Registry, in_known_county, parse_parent, word};
use crate::domain::map_layer::{MapLayer, read, room_for_another};
use crate::store::{self, Filter, Record};

mirror!(MapLayer => proto::MapLayer { display_name, geojson } out { feature_count, removed });

dudao_platform::resource!(MapLayer => proto::MapLayer, map_layer, "map_layer_id"; edit { display_name, geojson };
    Created => proto::MapLayerCreated, Updated => proto::MapLayerUpdated, Ended => proto::MapLayerRemoved);

rpcs! { impl MapLayerService for Registry, in proto;
    create_map_layer(CreateMapLayerRequest) -> MapLayer = |me, caller, request| async {
        let layer = in_wgs84(request.map_layer.as_ref(), request.datum)?;
        me.desk.create_one::<MapLayer, _>(call!(caller, request), &request.parent, &request.map_layer_id, layer.as_ref(), async |tx: &mut Tx, records: &mut [Record<MapLayer>]| {
            in_known_county(tx, records).await?;
            room_for_one(tx, records).await
        }).await
    };
    get_map_layer(GetMapLayerRequest) -> MapLayer = |me, caller, request| me.desk.get::<MapLayer>(caller, &request.name);
    list_map_layers(ListMapLayersRequest) -> ListMapLayersResponse = |me, caller, request| async {
        let page = page!(request)?;
        let filter = Filter { county: &parse_parent(caller, &request.parent)?, ended: request.show_removed, ..Filter::default() };
        let (mut map_layers, next_page_token) = me.desk.list::<MapLayer>(caller, &page, filter).await?;
        for layer in &mut map_layers {
            layer.geojson.clear();
        }
        Ok(proto::ListMapLayersResponse { map_layers, next_page_token })
    };
    update_map_layer(UpdateMapLayerRequest) -> MapLayer = |me, caller, request| async {
        let layer = in_wgs84(request.map_layer.as_ref(), request.datum)?;
        me.desk.update::<MapLayer, _>(call!(caller, request), layer.as_ref(), request.update_mask.as_ref(), async |_: &mut Tx, before: &Record<MapLayer>, _: &mut MapLayer| {
            Ok(before.content.shown().map_err(|refusal| refusal.about(&before.name()))?)
        }).await
    };
    remove_map_layer(RemoveMapLayerRequest) -> MapLayer = |me, caller, request|
        me.desk.step::<MapLayer, _>(call!(caller, request), &request.name, &request.etag, async |_, before| {
            let content = before.content.clone().remove().map_err(|refusal| refusal.about(&before.name()))?;
            Ok(Stepped { content, facts: vec![Box::new(|about, after| payload!(about, proto::MapLayerRemoved, map_layer, MapLayer::to_message(after)))] })
        });
}

/// What a request says, in the coordinates that are kept.
fn in_wgs84(message: Option<&proto::MapLayer>, datum: i32) -> Result<Option<proto::MapLayer>> {
    let mut wrong = Violations::new();
    let datum = word(&mut wrong, "datum", Datum::ALL, datum).unwrap_or(Datum::Wgs84);
    wrong.into_result()?;
    let Some(message) = message else {
        return Ok(None);
    };
    let mut message = message.clone();
    if datum != Datum::Wgs84 && !message.geojson.is_empty() {
        let mut wrong = Violations::new();
        let shapes = wrong.take("geojson", read(&message.geojson, datum));
        if !wrong.is_empty() {
            return Err(resource::inside(wrong, "map_layer.", MapLayer::ID, ""));
        }
        message.geojson = shapes.unwrap_or_default().0;
    }
    Ok(Some(message))
}

/// Refuses one layer more than maps can show.
async fn room_for_one(tx: &mut Tx, records: &[Record<MapLayer>]) -> Result<()> {
    let Some(record) = records.first() else {
        return Ok(());
    };
    let layers = store::all::<MapLayer>(tx, &record.county).await?;
    let known = layers.iter().map(|layer| &layer.content);
    Ok(room_for_another(known).map_err(|refusal| refusal.about(&record.name()))?)
}
