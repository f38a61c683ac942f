//! Counties: the root of every other name.

use dudao_law::check_length;
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
    /// Whose name stands above its documents (发文机关); "" for what is usual.
    #[serde(default)]
    pub issuer: String,
    /// What its document numbers begin with (机关代字); "" for what is usual.
    #[serde(default)]
    pub agency_code: String,
    /// Where its public pages are reached from outside; "" if nobody has said.
    #[serde(default)]
    pub public_uri: String,
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
        check_length(&mut wrong, "issuer", &self.issuer, 40);
        check_length(&mut wrong, "agency_code", &self.agency_code, 10);
        check_length(&mut wrong, "public_uri", &self.public_uri, 200);
        wrong.check(
            self.public_uri.is_empty()
                || self.public_uri.starts_with("https://")
                || self.public_uri.starts_with("http://"),
            "public_uri",
            "须以 https:// 或 http:// 开头",
            "must begin with https:// or http://",
        );
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
