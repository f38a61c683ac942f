//! Whether a place can be right: inside the county, and not with longitude and latitude swapped.

use dudao_law::Datum;

use super::sheet::Row;
use crate::domain::county::Bounds;
use crate::domain::school::Place;

/// How far from the middle of the others a place may lie, in degrees: three times a large county.
const REACH: f64 = 3.0;
/// From so many places on, their middle means something.
const ENOUGH: usize = 5;

/// Where the county is, and in what a file tells its coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surroundings {
    bounds: Option<Bounds>,
    datum: Datum,
}

impl Surroundings {
    /// The county's own box; without one a box around the middle of its places, those of the file among them.
    pub fn new(
        bounds: Option<Bounds>,
        datum: Datum,
        places: impl IntoIterator<Item = Place>,
    ) -> Self {
        let (mut lon, mut lat): (Vec<f64>, Vec<f64>) = places
            .into_iter()
            .filter(|p| p.check().is_ok())
            .map(|p| (p.longitude, p.latitude))
            .unzip();
        lon.sort_by(f64::total_cmp);
        lat.sort_by(f64::total_cmp);
        let around = || {
            let (x, y) = (*lon.get(lon.len() / 2)?, *lat.get(lat.len() / 2)?);
            (lon.len() >= ENOUGH).then_some(Bounds {
                west: x - REACH,
                south: y - REACH,
                east: x + REACH,
                north: y + REACH,
            })
        };
        Self {
            bounds: bounds.or_else(around),
            datum,
        }
    }

    fn holds(&self, place: Place) -> bool {
        self.bounds.is_none_or(|b| {
            (b.west..=b.east).contains(&place.longitude)
                && (b.south..=b.north).contains(&place.latitude)
        })
    }

    /// Reads a row's place, and tells what is wrong with it.
    pub(super) fn read(&self, row: &mut Row<'_, '_>) -> Option<Place> {
        let (lon, lat) = ("经度", "纬度");
        for heading in [lon, lat] {
            row.required(heading);
        }
        let place = Place {
            longitude: row.number(lon)?,
            latitude: row.number(lat)?,
        };
        let swapped = Place {
            longitude: place.latitude,
            latitude: place.longitude,
        };
        // Where the county's box is not known yet, only what cannot be a place at all tells.
        let could_be_swapped = swapped.check().is_ok()
            && self.holds(swapped)
            && (self.bounds.is_some() || place.check().is_err());
        let on_earth = |value: f64, most: f64| (-most..=most).contains(&value);
        let hint = if could_be_swapped {
            "；经纬度可能填反了"
        } else {
            ""
        };
        let mut right = true;
        if !on_earth(place.longitude, 180.0) {
            row.wrong(
                lon,
                format!("经度应在 -180 至 180 之间{hint}"),
                "longitude must lie in -180 to 180",
            );
            right = false;
        }
        if !on_earth(place.latitude, 90.0) {
            row.wrong(
                lat,
                format!("纬度应在 -90 至 90 之间{hint}"),
                "latitude must lie in -90 to 90",
            );
            right = false;
        }
        if right && place.check().is_err() {
            row.wrong(
                lon,
                "经纬度不能都是 0",
                "longitude and latitude must not both be 0",
            );
            right = false;
        }
        let kept = self.in_wgs84(place);
        if right && !self.holds(kept) {
            let allowed = self.bounds.map_or_else(String::new, |b| {
                format!(
                    "经度 {:.2} 至 {:.2}、纬度 {:.2} 至 {:.2}",
                    b.west, b.east, b.south, b.north
                )
            });
            let zh = if could_be_swapped {
                format!("经纬度可能填反了：对调后在本县范围内（{allowed}）")
            } else {
                format!("坐标不在本县范围内（{allowed}）")
            };
            row.wrong(
                lon,
                zh,
                "the place lies outside the county; longitude and latitude may be swapped",
            );
            right = false;
        }
        right.then_some(kept)
    }

    /// Kept to the sixth decimal, some 10 cm, so that the same file says the same when it comes again.
    fn in_wgs84(&self, place: Place) -> Place {
        let at = [place.longitude, place.latitude];
        if self.datum == Datum::Wgs84 {
            return place;
        }
        let [longitude, latitude] = self
            .datum
            .to_wgs84(at)
            .map(|degrees| (degrees * 1e6).round() / 1e6);
        Place {
            longitude,
            latitude,
        }
    }
}

/// The places that a file names, as far as they are numbers.
pub(super) fn named(reader: &mut super::sheet::Reader<'_>) -> Vec<Place> {
    reader.rows(|row| {
        Some(Place {
            longitude: row.text("经度").parse().ok()?,
            latitude: row.text("纬度").parse().ok()?,
        })
    })
}
