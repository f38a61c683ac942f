//! Schools and kindergartens, public and private.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Violations;
use super::code::{check_title, letters_and_digits, words as town_name};
use dudao_law::day;

/// The most pupils or staff of one school.
const MAX_PERSONS: i64 = 100_000;

code!(
    /// 学校标识码: 1 to 20 letters and digits.
    SchoolCode,
    letters_and_digits,
    "学校标识码须为 1 至 20 位字母或数字",
    "must be 1 to 20 letters and digits"
);

dudao_law::words!(
    /// A stage of schooling, as the school list names it.
    Stage {
        /// 幼儿园
        Kindergarten = "幼儿园",
        /// 小学
        Primary = "小学",
        /// 初中
        Junior = "初中",
        /// 高中
        Senior = "高中",
        /// 九年一贯制
        NineYear = "九年一贯制",
        /// 十二年一贯制
        TwelveYear = "十二年一贯制",
        /// 完全中学
        CompleteSecondary = "完全中学",
        /// 中等职业学校
        Vocational = "中等职业学校",
        /// 特殊教育
        Special = "特殊教育",
    }
);

dudao_law::words!(
    /// Who runs a school.
    Provider {
        /// 公办
        Public = "公办",
        /// 民办
        Private = "民办",
    }
);

dudao_law::words!(
    /// The result of a comprehensive inspection.
    Grade {
        /// 优秀
        Excellent = "优秀",
        /// 良好
        Good = "良好",
        /// 合格
        Pass = "合格",
        /// 不合格
        Fail = "不合格",
    }
);

/// A place on Earth, WGS-84 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Degrees east, −180 to 180.
    pub longitude: f64,
    /// Degrees north, −90 to 90.
    pub latitude: f64,
}

impl Place {
    /// Checks a place that must be stated.
    pub fn needed(place: Option<Self>) -> Result<Self, Violations> {
        let mut missing = Violations::new();
        missing.add("", "须填写经纬度", "must state longitude and latitude");
        place.ok_or(missing)?.check()
    }

    /// Checks that it lies on Earth.
    pub fn check(self) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        wrong.check(
            (-180.0..=180.0).contains(&self.longitude),
            "longitude",
            "经度须在 −180 至 180 之间",
            "must lie in −180 to 180",
        );
        wrong.check(
            (-90.0..=90.0).contains(&self.latitude),
            "latitude",
            "纬度须在 −90 至 90 之间",
            "must lie in −90 to 90",
        );
        // A place left at zero is a place left out.
        wrong.check(
            self.longitude != 0.0 || self.latitude != 0.0,
            "",
            "经纬度未填写",
            "must not be 0, 0",
        );
        wrong.into_result()?;
        Ok(self)
    }
}

/// Who answers for a school since when: from the adopted zoning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Responsibility {
    /// The zone's id within the county.
    pub zone: String,
    /// The responsible supervisor's code.
    pub supervisor: String,
    /// Since when, without a break.
    pub since: NaiveDate,
    /// The day on which it ended, if the plan went out of force. A plan that begins on that day continues it.
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// A school or kindergarten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct School {
    /// 学校标识码.
    pub code: SchoolCode,
    /// Its name.
    pub display_name: String,
    /// Its stage.
    pub stage: Stage,
    /// Who runs it; none if not stated.
    #[serde(default)]
    pub provider: Option<Provider>,
    /// The display name of its town; "" if not stated.
    #[serde(default)]
    pub town: String,
    /// Pupils, 0 to 100,000.
    #[serde(default)]
    pub pupils: Option<i32>,
    /// Staff, 0 to 100,000.
    #[serde(default)]
    pub staff: Option<i32>,
    /// Where it is.
    pub place: Place,
    /// Whether pupils board there.
    #[serde(default)]
    pub boarding: Option<bool>,
    /// Day of the last comprehensive inspection.
    #[serde(default)]
    pub last_inspection_date: Option<NaiveDate>,
    /// Result of the last comprehensive inspection.
    #[serde(default)]
    pub last_grade: Option<Grade>,
    /// When it was closed, in microseconds since 1970; none while it is open.
    #[serde(default)]
    pub closed_us: Option<i64>,
    /// From the adopted zoning; kept by every change that is not an adoption.
    #[serde(default)]
    pub responsibility: Option<Responsibility>,
}

/// What someone says of a school, before it is checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchoolDraft {
    /// 学校标识码.
    pub code: String,
    /// Its name.
    pub display_name: String,
    /// Its stage; needed.
    pub stage: Option<Stage>,
    /// Who runs it.
    pub provider: Option<Provider>,
    /// The display name of its town; may be "".
    pub town: String,
    /// Pupils.
    pub pupils: Option<i64>,
    /// Staff.
    pub staff: Option<i64>,
    /// Where it is; needed.
    pub place: Option<Place>,
    /// Whether pupils board there.
    pub boarding: Option<bool>,
    /// `YYYY-MM-DD`, not after `today`; "" if none.
    pub last_inspection_date: String,
    /// Result of that inspection.
    pub last_grade: Option<Grade>,
}

impl SchoolDraft {
    /// The school, open and without zone, or every field that is wrong, as the contract names them (the code as `school_id`).
    pub fn finish(self, today: NaiveDate) -> Result<School, Violations> {
        let mut wrong = Violations::new();
        let code = wrong.take("school_id", SchoolCode::new(&self.code));
        check_title(&mut wrong, &self.display_name);
        wrong.check(
            self.stage.is_some(),
            "stage",
            "须填写学段",
            "must state the stage",
        );
        let town = self.town.trim().to_owned();
        wrong.check(
            town.is_empty() || town_name(&town),
            "town",
            "乡镇名称最多 40 个字，不含“/”",
            "must be at most 40 characters without a slash",
        );
        let pupils = persons(&mut wrong, "pupils", self.pupils);
        let staff = persons(&mut wrong, "staff", self.staff);
        let place = wrong.take("place", Place::needed(self.place));
        let last_inspection_date = day(
            &mut wrong,
            "last_inspection_date",
            &self.last_inspection_date,
        );
        wrong.check(
            last_inspection_date.is_none_or(|day| day <= today),
            "last_inspection_date",
            "上次督导日期不能晚于今天",
            "must not lie in the future",
        );
        wrong.into_result()?;
        match (code, self.stage, place) {
            (Some(code), Some(stage), Some(place)) => Ok(School {
                code,
                display_name: self.display_name.trim().to_owned(),
                stage,
                provider: self.provider,
                town,
                pupils,
                staff,
                place,
                boarding: self.boarding,
                last_inspection_date,
                last_grade: self.last_grade,
                closed_us: None,
                responsibility: None,
            }),
            // Each of the three has added its violation above.
            _ => Err(Violations::new()),
        }
    }
}

impl School {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.closed_us.is_none()
    }

    /// This content with what only closing and adopting may change, taken from the school as it is.
    #[must_use]
    pub fn in_place_of(self, before: &Self) -> Self {
        Self {
            closed_us: before.closed_us,
            responsibility: before.responsibility.clone(),
            ..self
        }
    }
}

fn persons(wrong: &mut Violations, field: &str, count: Option<i64>) -> Option<i32> {
    wrong.check(
        count.is_none_or(|count| (0..=MAX_PERSONS).contains(&count)),
        field,
        "人数须为 0 至 100000 的整数",
        "must be a whole number from 0 to 100,000",
    );
    count.and_then(|count| i32::try_from(count).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_place_is_right_just_when_it_lies_on_earth(longitude in -400.0..400.0_f64, latitude in -200.0..200.0_f64) {
            let right = longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
            prop_assert_eq!(Place { longitude, latitude }.check().is_ok(), right);
        }

        #[test]
        fn a_code_is_letters_and_digits(code in "\\PC{0,24}") {
            let right = (1..=20).contains(&code.len()) && code.chars().all(|c| c.is_ascii_alphanumeric());
            prop_assert_eq!(SchoolCode::new(&code).is_ok(), right);
        }
    }

    #[test]
    fn a_place_that_is_no_number_or_was_left_out_is_refused() {
        for (longitude, latitude) in [(f64::NAN, 35.0), (112.0, f64::INFINITY), (0.0, 0.0)] {
            assert!(
                Place {
                    longitude,
                    latitude
                }
                .check()
                .is_err(),
                "{longitude} {latitude}"
            );
        }
    }

    #[test]
    fn every_word_of_the_lists_is_read_back() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_zh(&format!(" {stage} ")), Some(*stage));
        }
        assert_eq!(Provider::from_zh("民办"), Some(Provider::Private));
        assert_eq!(Grade::from_zh("优"), None);
    }
}
