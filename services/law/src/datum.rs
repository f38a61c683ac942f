//! In what coordinates are told: WGS-84, which dudao keeps, and GCJ-02 (火星坐标), which maps made in China show.
//!
//! GCJ-02 is WGS-84 moved by up to some 700 m, within China alone. Its algorithm was never published by the state; the formula
//! here is the one that is known from open sources (`eviltransform`), on the ellipsoid of Krasovsky (1940). How near it comes to the
//! official one we could not test; the way back is found by repetition and agrees with the way there to 10⁻⁹ degrees.

use std::f64::consts::PI;

crate::words!(
    /// What coordinates rest on.
    Datum {
        /// As GPS gives them; CGCS2000 (天地图) is the same to within a metre.
        Wgs84 = "WGS-84",
        /// As 高德 and 腾讯 give them.
        Gcj02 = "GCJ-02",
    }
);

impl Datum {
    /// These coordinates in WGS-84: degrees east and north.
    pub fn to_wgs84(self, at: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Wgs84 => at,
            Self::Gcj02 => found(at),
        }
    }

    /// Coordinates of WGS-84 in these: degrees east and north.
    pub fn of_wgs84(self, at: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Wgs84 => at,
            Self::Gcj02 => moved(at),
        }
    }
}

/// Half the long axis of Krasovsky's ellipsoid, in metres, and the square of its eccentricity.
const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;
/// Where coordinates are moved: degrees east, degrees north.
const WITHIN: ([f64; 2], [f64; 2]) = ([72.004, 137.8347], [0.8293, 55.8271]);
/// So often is the way back tried; each time the error shrinks to some thousandth.
const TRIES: usize = 6;

fn found(at: [f64; 2]) -> [f64; 2] {
    (0..TRIES).fold(at, |guess, _| {
        let reached = moved(guess);
        [guess[0] + at[0] - reached[0], guess[1] + at[1] - reached[1]]
    })
}

fn moved([east, north]: [f64; 2]) -> [f64; 2] {
    let within =
        (WITHIN.0[0]..=WITHIN.0[1]).contains(&east) && (WITHIN.1[0]..=WITHIN.1[1]).contains(&north);
    if !within {
        return [east, north];
    }
    let (x, y) = (east - 105.0, north - 35.0);
    let waves = |slow: f64, parts: [(f64, f64); 2]| {
        let sum: f64 = parts
            .iter()
            .map(|(high, long)| high * (slow * PI / long).sin())
            .sum();
        sum * 2.0 / 3.0
    };
    let both = waves(x, [(20.0, 1.0 / 6.0), (20.0, 0.5)]);
    let root = x.abs().sqrt();
    let metres_north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + both
        + waves(y, [(20.0, 1.0), (40.0, 3.0)])
        + waves(y, [(160.0, 12.0), (320.0, 30.0)]);
    let metres_east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + both
        + waves(x, [(20.0, 1.0), (40.0, 3.0)])
        + waves(x, [(150.0, 12.0), (300.0, 30.0)]);
    let (sine, cosine) = north.to_radians().sin_cos();
    let flat = 1.0 - ECCENTRICITY_SQUARED * sine * sine;
    let meridian = AXIS * (1.0 - ECCENTRICITY_SQUARED) / (flat * flat.sqrt());
    let parallel = AXIS / flat.sqrt() * cosine;
    [
        east + (metres_east / parallel).to_degrees(),
        north + (metres_north / meridian).to_degrees(),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// WGS-84 and GCJ-02, east and north, from the tests of `eviltransform`.
    const KNOWN: [([f64; 2], [f64; 2]); 3] = [
        (
            [121.527_210_6, 31.177_427_6],
            [121.531_541_859_215, 31.175_303_983_645_97],
        ),
        (
            [113.912_316, 22.543_847],
            [113.917_176_480_836_3, 22.540_796_131_694_766],
        ),
        (
            [116.377_817, 39.911_954],
            [116.384_047_224_556_57, 39.913_345_455_360_69],
        ),
    ];

    #[test]
    fn known_places_are_where_others_have_them() {
        for (wgs84, gcj02) in KNOWN {
            let shown = Datum::Gcj02.of_wgs84(wgs84);
            assert!(
                (0..2).all(|axis| (shown[axis] - gcj02[axis]).abs() < 1e-9),
                "{shown:?} {gcj02:?}"
            );
        }
    }

    #[test]
    fn abroad_nothing_is_moved() {
        assert_eq!(Datum::Gcj02.of_wgs84([-2.7, 52.6]), [-2.7, 52.6]);
        assert_eq!(Datum::Gcj02.to_wgs84([-2.7, 52.6]), [-2.7, 52.6]);
    }

    proptest! {
        #[test]
        fn the_way_there_and_back_ends_where_it_began(east in 74.0..135.0_f64, north in 3.0..53.0_f64) {
            let there = Datum::Gcj02.of_wgs84([east, north]);
            let back = Datum::Gcj02.to_wgs84(there);
            prop_assert!((back[0] - east).abs() < 1e-9 && (back[1] - north).abs() < 1e-9, "{back:?}");
        }
    }
}
