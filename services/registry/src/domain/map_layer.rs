//! What lies under the county's maps: outlines of its towns and of its parts, roads, rivers, as GeoJSON (RFC 7946).

use dudao_law::{Datum, Refusal, check_id};
use geojson::{Feature, FeatureCollection, GeoJson, Geometry, GeometryValue, JsonObject, Position};
use serde::{Deserialize, Serialize};

use super::Violations;
use super::code::{TITLE_CHARS, check_title};

/// The largest text that is read, in bytes.
pub const MOST_BYTES: usize = 2_000_000;
/// The most positions of a layer: a browser draws them without delay.
pub const MOST_POSITIONS: usize = 50_000;
/// The most layers of a county that are on its maps.
pub const MOST_LAYERS: usize = 20;
/// So many wrong features are told of.
const MOST_TOLD: usize = 20;
/// Sixth decimals of a degree: some 10 cm.
const FINE: f64 = 1e6;

/// A layer of the county's maps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapLayer {
    /// What it shows.
    pub display_name: String,
    /// A collection of features in WGS-84, as [`read`] leaves it.
    pub geojson: String,
    /// How many features it has.
    pub feature_count: i32,
    /// Whether it was taken off the maps.
    pub removed: bool,
}

impl MapLayer {
    /// Checks what was said of it, and keeps of the GeoJSON what maps show.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "map_layer_id", code);
        check_title(&mut wrong, &self.display_name);
        let shapes = wrong.take("geojson", read(&self.geojson, Datum::Wgs84));
        wrong.into_result()?;
        let (geojson, features) = shapes.ok_or_else(Violations::new)?;
        Ok(Self {
            geojson,
            feature_count: i32::try_from(features).unwrap_or(i32::MAX),
            ..self
        })
    }

    /// What no update may change.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        Self {
            removed: before.removed,
            ..self
        }
    }

    /// Refuses what can only be done to a layer that is on the maps.
    pub fn shown(&self) -> Result<(), Refusal> {
        if self.removed {
            return Err(Refusal::state(
                "map_layer.removed",
                "",
                "该图层此前已移除",
                "it was taken off the maps before",
            ));
        }
        Ok(())
    }

    /// Takes it off the maps.
    pub fn remove(self) -> Result<Self, Refusal> {
        self.shown()?;
        Ok(Self {
            removed: true,
            ..self
        })
    }
}

/// Refuses another layer where a county's maps have as many as they can show.
pub fn room_for_another<'a>(known: impl Iterator<Item = &'a MapLayer>) -> Result<(), Refusal> {
    if known.filter(|layer| !layer.removed).count() < MOST_LAYERS {
        return Ok(());
    }
    Err(Refusal::state(
        "map_layer.most",
        "",
        format!("地图最多有 {MOST_LAYERS} 个图层，请先移除不用的图层"),
        format!("a county's maps have at most {MOST_LAYERS} layers: remove one first"),
    ))
}

/// Reads GeoJSON whose coordinates are told in `datum`: a collection in WGS-84 with each feature's shape and name, and how many
/// features it has; or everything that is wrong with it, by feature.
pub fn read(text: &str, datum: Datum) -> Result<(String, usize), Violations> {
    let mut wrong = Violations::new();
    if text.len() > MOST_BYTES {
        let (most, zh) = (MOST_BYTES / 1_000_000, "请先简化边界或分成几个图层");
        wrong.add(
            "",
            format!("文件超过 {most} MB，{zh}"),
            format!("must be at most {most} MB: simplify the outlines, or make several layers"),
        );
        return Err(wrong);
    }
    let parsed: GeoJson = text.parse().map_err(|error: geojson::Error| {
        let mut wrong = Violations::new();
        wrong.add(
            "",
            format!("不是有效的 GeoJSON 文件：{error}"),
            format!("is no GeoJSON (RFC 7946): {error}"),
        );
        wrong
    })?;
    let features = match parsed {
        GeoJson::FeatureCollection(all) => all.features,
        GeoJson::Feature(one) => vec![one],
        GeoJson::Geometry(shape) => vec![Feature::from(shape)],
    };
    wrong.check(
        !features.is_empty(),
        "",
        "文件中没有任何图形",
        "must have at least one feature",
    );
    let (mut told, mut positions) = (0, 0);
    let mut kept = Vec::with_capacity(features.len());
    for (at, feature) in features.into_iter().enumerate() {
        let name = name(&feature);
        let shape = feature.geometry.map(|geometry| geometry.value);
        match shape
            .ok_or(NO_SHAPE)
            .and_then(|shape| shown(shape, datum, &mut positions))
        {
            Ok(value) => kept.push(told_of(name, value)),
            Err(_) if told == MOST_TOLD => {}
            Err((zh, en)) => {
                told += 1;
                let called = if name.is_empty() {
                    name
                } else {
                    format!("（{name}）")
                };
                wrong.add(
                    format!("features[{at}]"),
                    format!("第 {} 个图形{called}：{zh}", at + 1),
                    en,
                );
            }
        }
    }
    wrong.check(
        positions <= MOST_POSITIONS,
        "",
        format!("共有 {positions} 个坐标点，最多 {MOST_POSITIONS} 个，请先简化边界或分成几个图层"),
        format!("has {positions} positions, at most {MOST_POSITIONS}: simplify the outlines, or make several layers"),
    );
    wrong.into_result()?;
    let count = kept.len();
    Ok((FeatureCollection::new(kept).to_string(), count))
}

type Wrong = (&'static str, &'static str);
const NO_SHAPE: Wrong = ("没有图形", "has no geometry");
const NO_AREA: Wrong = (
    "只能是面或线（Polygon、MultiPolygon、LineString、MultiLineString）",
    "must be a Polygon, MultiPolygon, LineString or MultiLineString",
);
const NO_PLACE: Wrong = (
    "坐标须为经度（−180 至 180）在前、纬度（−90 至 90）在后；投影坐标请先转换为经纬度",
    "must be degrees east (−180 to 180), then degrees north (−90 to 90)",
);
const NO_RING: Wrong = (
    "面的边界至少要有 4 个点，并且首尾相同",
    "a ring must have 4 positions or more, and end where it begins",
);
const NO_LINE: Wrong = ("线至少要有 2 个点", "a line must have 2 positions or more");

/// What maps call it: its property `name`, cut to a title's length.
fn name(feature: &Feature) -> String {
    let name = ["name", "NAME", "名称"]
        .into_iter()
        .find_map(|key| feature.property(key)?.as_str());
    let name = name.unwrap_or_default().trim();
    name.chars()
        .filter(|letter| !letter.is_control())
        .take(TITLE_CHARS)
        .collect()
}

fn told_of(name: String, value: GeometryValue) -> Feature {
    let mut properties = JsonObject::new();
    properties.insert("name".to_owned(), name.into());
    Feature {
        properties: Some(properties),
        ..Feature::from(Geometry::new(value))
    }
}

/// A shape as it is kept; its positions are added to the count.
fn shown(
    mut shape: GeometryValue,
    datum: Datum,
    positions: &mut usize,
) -> Result<GeometryValue, Wrong> {
    let mut area = |rings: &mut Vec<Vec<Position>>| {
        rings.iter_mut().try_for_each(|ring| {
            if ring.len() < 4 || ring.first() != ring.last() {
                return Err(NO_RING);
            }
            line(ring, datum, positions)
        })
    };
    match &mut shape {
        GeometryValue::Polygon { coordinates } => area(coordinates)?,
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter_mut().try_for_each(area)?,
        GeometryValue::LineString { coordinates } => line(coordinates, datum, positions)?,
        GeometryValue::MultiLineString { coordinates } => coordinates
            .iter_mut()
            .try_for_each(|one| line(one, datum, positions))?,
        GeometryValue::Point { .. }
        | GeometryValue::MultiPoint { .. }
        | GeometryValue::GeometryCollection { .. } => return Err(NO_AREA),
    }
    Ok(shape)
}

fn line(line: &mut [Position], datum: Datum, positions: &mut usize) -> Result<(), Wrong> {
    if line.len() < 2 {
        return Err(NO_LINE);
    }
    *positions += line.len();
    for position in line {
        let &[east, north, ..] = position.as_slice() else {
            return Err(NO_PLACE);
        };
        if !((-180.0..=180.0).contains(&east) && (-90.0..=90.0).contains(&north)) {
            return Err(NO_PLACE);
        }
        *position = datum
            .to_wgs84([east, north])
            .map(|degrees| (degrees * FINE).round() / FINE)
            .into();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn layer(geojson: &str) -> MapLayer {
        MapLayer {
            display_name: "乡镇界线".to_owned(),
            geojson: geojson.to_owned(),
            feature_count: 0,
            removed: false,
        }
    }

    fn square(name: &str, east: f64) -> Value {
        let ring = [
            [east, 35.0],
            [east + 0.1, 35.0],
            [east + 0.1, 35.1],
            [east, 35.0],
        ];
        json!({"type": "Feature", "properties": {"name": name, "adcode": 140_525}, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    }

    fn collection(features: &[Value]) -> String {
        json!({"type": "FeatureCollection", "features": features}).to_string()
    }

    #[test]
    fn of_a_file_shapes_and_names_are_kept_to_ten_centimetres() {
        let town = square("巴公镇", 112.123_456_789);
        let kept = layer(&collection(&[town])).check("towns").unwrap();
        assert_eq!(kept.feature_count, 1);
        let told: Value = serde_json::from_str(&kept.geojson).unwrap();
        assert_eq!(told["features"][0]["properties"], json!({"name": "巴公镇"}));
        let first = &told["features"][0]["geometry"]["coordinates"][0][0];
        assert_eq!(*first, json!([112.123_457, 35.0]));
        assert_eq!(kept.clone().check("towns").unwrap(), kept);
    }

    #[test]
    fn a_county_in_two_parts_and_a_river_are_one_layer() {
        let parts = json!({"type": "MultiPolygon", "coordinates": [
            [[[112.0, 35.0], [112.1, 35.0], [112.1, 35.1], [112.0, 35.0]]],
            [[[113.0, 35.0], [113.1, 35.0], [113.1, 35.1], [113.0, 35.0]]],
        ]});
        let river = json!({"type": "LineString", "coordinates": [[112.0, 35.0], [113.0, 35.5]]});
        let of =
            |geometry: Value| json!({"type": "Feature", "properties": null, "geometry": geometry});
        let kept = layer(&collection(&[of(parts), of(river)]))
            .check("county")
            .unwrap();
        assert_eq!(kept.feature_count, 2);
    }

    #[test]
    fn everything_wrong_with_a_file_is_told_at_once_by_feature() {
        let mut open = square("南村镇", 112.0);
        open["geometry"]["coordinates"][0][3] = json!([112.5, 35.0]);
        let metres = square("下村镇", 512_345.0);
        let point = json!({"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [112.0, 35.0]}});
        let empty = json!({"type": "Feature", "properties": {}, "geometry": null});
        let file = collection(&[square("巴公镇", 112.0), open, metres, point, empty]);
        let wrong = layer(&file).check("towns").unwrap_err();
        let told: Vec<_> = wrong.into_iter().map(|one| (one.field, one.zh)).collect();
        let fields: Vec<_> = told.iter().map(|(field, _)| field.as_str()).collect();
        let expected = [1, 2, 3, 4].map(|at| format!("geojson.features[{at}]"));
        assert_eq!(fields, expected);
        assert!(
            told[0].1.contains("第 2 个图形（南村镇）") && told[0].1.contains("首尾相同"),
            "{told:?}"
        );
        assert!(told[1].1.contains("投影坐标"), "{told:?}");
    }

    #[test]
    fn what_is_no_geojson_is_refused_with_its_reason() {
        for text in [
            "",
            "{}",
            "[1, 2]",
            "{\"type\": \"FeatureCollection\", \"features\": []}",
        ] {
            let wrong = layer(text).check("towns").unwrap_err();
            assert!(
                wrong.into_iter().all(|one| one.field == "geojson"),
                "{text}"
            );
        }
        let wrong = read(&" ".repeat(MOST_BYTES + 1), Datum::Wgs84).unwrap_err();
        assert!(wrong.into_iter().any(|one| one.zh.contains("2 MB")));
    }

    #[test]
    fn a_file_from_a_chinese_map_is_moved_to_where_it_is() {
        let (kept, _) = read(&collection(&[square("巴公镇", 112.9)]), Datum::Gcj02).unwrap();
        let kept: Value = serde_json::from_str(&kept).unwrap();
        let first = &kept["features"][0]["geometry"]["coordinates"][0][0];
        let [east, north] = [0, 1].map(|axis| first[axis].as_f64().unwrap());
        let [east, north] = Datum::Gcj02.of_wgs84([east, north]);
        assert!(
            (east - 112.9).abs() < 1e-6 && (north - 35.0).abs() < 1e-6,
            "{first}"
        );
    }

    #[test]
    fn a_layer_is_removed_once() {
        let gone = layer("").remove().unwrap();
        assert!(gone.clone().remove().is_err() && gone.shown().is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            prop_assert!(read(&text, Datum::Gcj02).is_err());
        }
    }
}
