//! Distances on the Earth.

use serde::{Deserialize, Serialize};

/// A place in degrees (WGS-84).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Longitude, degrees east.
    pub lon: f64,
    /// Latitude, degrees north.
    pub lat: f64,
}

/// Mean radius of the Earth in km (IUGG).
const EARTH_KM: f64 = 6371.0088;

/// Great-circle distance in km by the haversine formula (Sinnott 1984).
pub fn haversine_km(a: Place, b: Place) -> f64 {
    let (la, lb) = (a.lat.to_radians(), b.lat.to_radians());
    let dlat = (lb - la) / 2.0;
    let dlon = (b.lon - a.lon).to_radians() / 2.0;
    let h = dlat.sin().powi(2) + la.cos() * lb.cos() * dlon.sin().powi(2);
    2.0 * EARTH_KM * h.sqrt().min(1.0).asin()
}

/// How a distance becomes minutes on the road.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Roads {
    /// Road kilometres per straight kilometre, ≥ 1; 1.3 by default.
    pub detour: f64,
    /// Average speed, km/h; 40 by default.
    pub km_per_hour: f64,
}

impl Default for Roads {
    fn default() -> Self {
        Self {
            detour: 1.3,
            km_per_hour: 40.0,
        }
    }
}

impl Roads {
    /// Minutes one way between two places.
    pub fn minutes(self, a: Place, b: Place) -> f64 {
        haversine_km(a, b) * self.detour / self.km_per_hour * 60.0
    }
}
