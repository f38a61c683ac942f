//! What lies under maps: tiles, if the installation has any, and the county's own layers; all in the coordinates of the tiles.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use dudao_law::Datum;
use dudao_proto::registry::v1 as registry;
use futures::future::try_join_all;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use registry::MapLayer;
use serde_json::{Value, json};
use tonic::Status;

use crate::cells::Point;
use crate::desk::{PAGE, all, id};
use crate::fields::{Fields, Wrongs};
use crate::frame::{Frame, View};
use crate::import::datum;
use crate::names::stage_class;
use crate::refusal::Refusal;
use crate::visitor::{Brought, Posted, Visitor};

/// The largest form with a file of a layer; the registry says how large a layer may be.
pub const MOST_BYTES: usize = 3 << 20;

/// Tiles under the maps.
#[derive(Clone, Debug)]
pub struct Tiles {
    /// Such as `https://tiles.example.cn/{z}/{x}/{y}.png`.
    pub address: String,
    /// In what they show coordinates.
    pub datum: Datum,
}

/// What lies under a county's maps.
pub struct Ground {
    datum: Datum,
    tiles: Option<String>,
    layers: Vec<Value>,
}

impl Ground {
    /// The county's layers, on the installation's tiles.
    pub async fn of(visitor: &Visitor) -> Result<Self, Refusal> {
        let tiles = visitor.console.0.settings.tiles.as_ref();
        let datum = tiles.map_or(Datum::Wgs84, |tiles| tiles.datum);
        let known = layers(visitor).await?.into_iter().map(async |layer| {
            let request = registry::GetMapLayerRequest { name: layer.name };
            let layer = visitor.desk.map_layers().get_map_layer(request).await?;
            Ok::<_, Status>(layer.into_inner())
        });
        let shapes = try_join_all(known).await?.into_iter().map(|layer| {
            let mut shapes: Value = serde_json::from_str(&layer.geojson).unwrap_or_default();
            if let Some(features) = shapes["features"].as_array_mut() {
                for feature in features {
                    shift(&mut feature["geometry"]["coordinates"], datum);
                }
            }
            shapes
        });
        Ok(Self {
            datum,
            tiles: tiles.map(|tiles| tiles.address.clone()),
            layers: shapes.collect(),
        })
    }

    /// Where the map shows a place of WGS-84.
    pub fn at(&self, place: Point) -> Point {
        self.datum.of_wgs84(place)
    }

    /// A map's answer: what is on it, with what lies under it.
    pub fn under(self, mut map: Value) -> Response {
        map["tiles"] = json!(self.tiles);
        map["layers"] = json!(self.layers);
        ([(CONTENT_TYPE, "application/json")], map.to_string()).into_response()
    }
}

/// Moves a position, or lists of positions to any depth.
fn shift(coordinates: &mut Value, datum: Datum) {
    let Some(items) = coordinates.as_array_mut() else {
        return;
    };
    let degrees: Vec<_> = items.iter().filter_map(Value::as_f64).collect();
    match degrees[..] {
        [east, north] => *items = datum.of_wgs84([east, north]).map(Value::from).to_vec(),
        _ => items.iter_mut().for_each(|item| shift(item, datum)),
    }
}

/// Layers that are on the maps, without their shapes.
async fn layers(visitor: &Visitor) -> Result<Vec<MapLayer>, Status> {
    all(async |page_token| {
        let request = registry::ListMapLayersRequest {
            parent: visitor.county.clone(),
            page_size: PAGE,
            page_token,
            show_removed: false,
        };
        let page = visitor.desk.map_layers().list_map_layers(request).await?;
        let page = page.into_inner();
        Ok((page.map_layers, page.next_page_token))
    })
    .await
}

#[derive(Template)]
#[template(path = "map_layers.html")]
struct List {
    t: Frame,
    layers: Vec<MapLayer>,
    fields: Fields,
    wrongs: Wrongs,
    ticket: String,
}

/// The layers.
pub async fn list(visitor: Visitor) -> Result<View<impl Template>, Refusal> {
    page(visitor, Fields::default(), Wrongs::default()).await
}

async fn page(visitor: Visitor, fields: Fields, wrongs: Wrongs) -> Result<View<List>, Refusal> {
    Ok(View(List {
        layers: layers(&visitor).await?,
        ticket: visitor.console.0.sessions.draw().ok_or(Refusal::Broken)?,
        t: visitor.frame,
        fields,
        wrongs,
    }))
}

/// The layers, and the schools on them: whether they fit.
pub async fn map(visitor: Visitor) -> Result<Response, Refusal> {
    let schools = visitor.desk.all_schools(&visitor.county, false);
    let schools = async { Ok::<_, Refusal>(schools.await?) };
    let (ground, schools) = tokio::try_join!(Ground::of(&visitor), schools)?;
    let schools = schools.into_iter().filter_map(|school| {
        let place = school.place?;
        Some(json!({
            "at": ground.at([place.longitude, place.latitude]), "stage": stage_class(school.stage()),
            "words": school.display_name, "id": id(&school.name),
        }))
    });
    let map = json!({"zones": [], "bases": [], "schools": schools.collect::<Vec<_>>()});
    Ok(ground.under(map))
}

/// Takes in a layer. Sent twice it is there once.
pub async fn create(brought: Brought) -> Result<Response, Refusal> {
    let Brought {
        visitor,
        fields,
        bytes,
        ..
    } = brought;
    let ticket = fields.get("ticket").to_owned();
    let code = ticket.chars().filter(char::is_ascii_alphanumeric);
    let geojson = String::from_utf8(bytes).ok();
    // A file may begin with a mark of its byte order.
    let geojson = geojson.map(|text| text.trim_start_matches('\u{feff}').to_owned());
    let t = &visitor.frame;
    let wrongs = match geojson {
        Some(geojson) if !geojson.is_empty() => {
            let request = registry::CreateMapLayerRequest {
                parent: visitor.county.clone(),
                map_layer_id: code.take(12).collect(),
                map_layer: Some(MapLayer {
                    display_name: fields.get("display_name").to_owned(),
                    geojson,
                    ..Default::default()
                }),
                datum: datum(&fields).into(),
                request_id: ticket,
            };
            match visitor.desk.map_layers().create_map_layer(request).await {
                Ok(_) => return Ok(Redirect::to(&t.path).into_response()),
                // Of a file everything is told that is wrong with it.
                Err(status) => Wrongs::named(&status, t, |field| {
                    let field = field.strip_prefix("map_layer.")?;
                    let of_file = field.starts_with("geojson");
                    Some(if of_file {
                        String::new()
                    } else {
                        field.to_owned()
                    })
                })?,
            }
        }
        _ => {
            let mut wrongs = Wrongs::default();
            wrongs.add("geojson", t.choose_geojson);
            wrongs
        }
    };
    let page = page(visitor, fields, wrongs).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Takes a layer off the maps.
pub async fn remove(
    Path((_, layer)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, Refusal> {
    let Posted { visitor, fields } = posted;
    let name = format!("{}/mapLayers/{layer}", visitor.county);
    let request = registry::RemoveMapLayerRequest {
        request_id: format!("{}-{layer}", fields.get("ticket")),
        etag: fields.get("etag").to_owned(),
        name,
    };
    visitor.desk.map_layers().remove_map_layer(request).await?;
    Ok(Redirect::to(&format!("/{}/mapLayers", visitor.county)).into_response())
}
