//! Counties: the root of every other name.

use serde::{Deserialize, Serialize};

use super::Violations;
use super::code::check_title;

code!(
    /// Six digits of GB/T 2260.
    CountyCode,
    |code| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()),
    "县级行政区划代码须为 6 位数字（GB/T 2260）",
    "must be six digits of GB/T 2260"
);

/// A county (县, 区, 县级市).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct County {
    /// Its name.
    pub display_name: String,
    /// The box that its schools lie in, if the county wants coordinates checked against it.
    #[serde(default)]
    pub bounds: Option<Bounds>,
}

/// A box of longitudes and latitudes, WGS-84 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Western edge.
    pub west: f64,
    /// Southern edge.
    pub south: f64,
    /// Eastern edge.
    pub east: f64,
    /// Northern edge.
    pub north: f64,
}

impl County {
    /// Checks the name and the box.
    pub fn check(self) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_title(&mut wrong, &self.display_name);
        if let Some(Bounds {
            west,
            south,
            east,
            north,
        }) = self.bounds
        {
            let right = (-180.0..=180.0).contains(&west)
                && (-180.0..=180.0).contains(&east)
                && (-90.0..=90.0).contains(&south)
                && (-90.0..=90.0).contains(&north)
                && west < east
                && south < north;
            wrong.check(
                right,
                "box",
                "范围须为经度 −180 至 180、纬度 −90 至 90，且西小于东、南小于北",
                "must lie in −180 to 180 and −90 to 90, west of east and south of north",
            );
        }
        wrong.into_result()?;
        Ok(self)
    }
}
