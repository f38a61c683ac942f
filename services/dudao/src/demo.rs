//! A synthetic county in the shape of Zezhou (泽州县): the names and rough places of its 16 real townships, in the two
//! parts that Jincheng's urban district leaves between them; every school and person in it is made up.

use std::fmt::Write as _;

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// The county's code and name.
pub const CODE: &str = "140525";
/// Says that it is made up.
pub const NAME: &str = "泽州县（合成示例数据）";

/// A township: name, longitude and latitude of its seat (rough), and how many schools it has.
type Town = (&'static str, f64, f64, usize);

/// Outlines of the townships, made up around their seats, as GeoJSON: neighbours share their borders, and a strip of the urban
/// district lies between the county's two parts.
pub const OUTLINES: &str = include_str!("demo/towns.geojson");

/// Towns west and south of the urban district, then those east and north of it.
const TOWNS: [Town; 16] = [
    ("南村镇", 112.78, 35.45, 26),
    ("下村镇", 112.60, 35.60, 18),
    ("大东沟镇", 112.70, 35.56, 20),
    ("周村镇", 112.56, 35.49, 19),
    ("川底镇", 112.66, 35.51, 16),
    ("犁川镇", 112.80, 35.37, 14),
    ("晋庙铺镇", 112.84, 35.28, 14),
    ("山河镇", 112.66, 35.37, 14),
    ("大箕镇", 112.86, 35.40, 15),
    ("南岭镇", 112.70, 35.28, 12),
    ("大阳镇", 112.80, 35.65, 20),
    ("巴公镇", 112.90, 35.63, 32),
    ("北义城镇", 113.00, 35.67, 20),
    ("高都镇", 112.98, 35.59, 26),
    ("金村镇", 112.96, 35.49, 24),
    ("柳树口镇", 113.10, 35.45, 10),
];

/// Made-up places: two characters each.
const FIRST: [char; 20] = [
    '东', '西', '南', '北', '上', '下', '大', '小', '前', '后', '新', '河', '山', '石', '杨', '柳',
    '李', '王', '郭', '马',
];
const SECOND: [char; 16] = [
    '庄', '村', '沟', '岭', '河', '泉', '坡', '掌', '峪', '头', '底', '台', '湾', '窑', '院', '峰',
];

/// A stage, its share of a town's schools in per mille, its pupils from and to, and the ending of its name.
const STAGES: [(&str, u32, i32, i32, &str); 4] = [
    ("幼儿园", 440, 40, 320, "幼儿园"),
    ("小学", 420, 30, 900, "小学"),
    ("初中", 90, 180, 1200, "初级中学"),
    ("九年一贯制", 50, 200, 1500, "学校"),
];

/// A county's two files, as a planner would have them in Excel.
pub struct Files {
    /// 学校.csv
    pub schools: String,
    /// 督学.csv
    pub supervisors: String,
}

/// How many schools the county has in truth, about, and supervisors to go with them.
pub const SCHOOLS: usize = 300;
const SUPERVISORS: usize = 72;

/// Makes the county: the same seed makes the same files. `year` is the first year to be planned; with other than [`SCHOOLS`]
/// schools it has so many in the same places, and supervisors in proportion.
pub fn files(seed: u64, year: i32, count: usize) -> Files {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut files = Files::empty();
    files.schools(&mut random, year, count, Ground::default());
    files.supervisors(&mut random, year, people(count), Ground::default());
    files
}

/// Makes an area of `count` schools and supervisors in proportion: counties of [`SCHOOLS`] schools side by side.
pub fn area(seed: u64, year: i32, count: usize) -> Files {
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut files = Files::empty();
    let counties = count.div_ceil(SCHOOLS);
    let across = (counties as f64).sqrt().ceil() as usize;
    for n in 0..counties {
        let ground = Ground {
            number: n,
            east: WIDTH * (n % across) as f64,
            north: HEIGHT * (n / across) as f64,
        };
        let schools = SCHOOLS.min(count - n * SCHOOLS);
        files.schools(&mut random, year, schools, ground);
        files.supervisors(&mut random, year, people(schools), ground);
    }
    files
}

/// Degrees from one county of an area to the next.
const WIDTH: f64 = 0.7;
const HEIGHT: f64 = 0.5;

/// How many supervisors go with so many schools.
fn people(schools: usize) -> usize {
    (schools * SUPERVISORS).div_ceil(SCHOOLS)
}

/// Where a county of an area lies.
#[derive(Clone, Copy, Default)]
struct Ground {
    number: usize,
    east: f64,
    north: f64,
}

impl Ground {
    /// A town's name: those of later counties have the county's number.
    fn named(self, town: &str) -> String {
        match self.number {
            0 => town.to_owned(),
            number => format!("{town}{number}"),
        }
    }
}

impl Files {
    fn empty() -> Self {
        Self {
            schools: "学校标识码,学校名称,学段,举办者,乡镇,在校生数,教职工数,经度,纬度,寄宿,上次综合督导日期,上次综合督导等级\n".to_owned(),
            supervisors: "工号,姓名,类型,可督导学段,经度,纬度,聘期起,聘期止,上年集中培训学时,每年可用天数,最多学校数,任职单位,回避学校\n".to_owned(),
        }
    }

    fn schools(&mut self, random: &mut Pcg64Mcg, year: i32, in_all: usize, ground: Ground) {
        let (mut number, mut before) = (0, 0);
        for (town, lon, lat, share) in TOWNS {
            before += share;
            let count = (before * in_all / SCHOOLS).saturating_sub(number);
            for n in 0..count {
                // Each town has a junior high school; two have what only a county seat has.
                let (stage, least, most, ending) = match (town, n) {
                    ("巴公镇" | "金村镇", 1) => ("高中", 900, 2600, "高级中学"),
                    ("南村镇", 1) => ("中等职业学校", 600, 1800, "职业中学"),
                    ("高都镇", 1) => ("特殊教育", 40, 120, "特殊教育学校"),
                    (_, 0) => ("初中", 300, 1200, "初级中学"),
                    _ => pick_stage(random),
                };
                number += 1;
                let place = format!(
                    "{}{}",
                    FIRST[random.random_range(0..FIRST.len())],
                    SECOND[random.random_range(0..SECOND.len())]
                );
                let pupils = random.random_range(least..=most);
                let private = stage == "幼儿园" && random.random_range(0..100) < 35;
                let (x, y) = around(random, lon + ground.east, lat + ground.north, 0.055);
                let boarding = !matches!(stage, "幼儿园") && random.random_range(0..100) < 30;
                let (date, grade) = last_inspection(random, year);
                line(
                    &mut self.schools,
                    format_args!(
                        "{},{town}{place}{ending}（示例）,{stage},{},{},{pupils},{},{x:.6},{y:.6},{},{date},{grade}",
                        FIRST_CODE + ground.number * SCHOOLS + number,
                        if private { "民办" } else { "公办" },
                        ground.named(town),
                        pupils / 13 + 3,
                        if boarding { "是" } else { "否" },
                    ),
                );
            }
        }
    }
}

/// The schools' codes begin after this.
const FIRST_CODE: usize = 140_525_000_000;

fn pick_stage(random: &mut Pcg64Mcg) -> (&'static str, i32, i32, &'static str) {
    let mut draw = random.random_range(0..1000);
    for (stage, share, least, most, ending) in STAGES {
        if draw < share {
            return (stage, least, most, ending);
        }
        draw -= share;
    }
    ("小学", 30, 900, "小学")
}

fn last_inspection(random: &mut Pcg64Mcg, year: i32) -> (String, &'static str) {
    if random.random_range(0..100) < 8 {
        return (String::new(), "");
    }
    let grade = match random.random_range(0..100) {
        0..15 => "优秀",
        15..60 => "良好",
        60..95 => "合格",
        _ => "不合格",
    };
    let date = format!(
        "{}-{:02}-{:02}",
        year - random.random_range(1..=5),
        random.random_range(3..=6),
        random.random_range(1..=28)
    );
    (date, grade)
}

impl Files {
    fn supervisors(&mut self, random: &mut Pcg64Mcg, year: i32, count: usize, ground: Ground) {
        const EARLY: &str = "幼儿园;小学;特殊教育";
        const LOWER: &str = "幼儿园;小学;初中;九年一贯制;特殊教育";
        const UPPER: &str = "小学;初中;高中;九年一贯制;十二年一贯制;完全中学;中等职业学校";
        let weight: usize = TOWNS.iter().map(|t| t.3).sum();
        for n in 1..=count {
            let full_time = n % 4 == 1;
            let id = ground.number * SUPERVISORS + n;
            let stages = [LOWER, EARLY, UPPER, LOWER][n % 4];
            // Bases lie where the schools lie.
            let mut draw = random.random_range(0..weight);
            let (_, lon, lat, _) = TOWNS
                .into_iter()
                .find(|town| match draw.checked_sub(town.3) {
                    Some(rest) => {
                        draw = rest;
                        false
                    }
                    None => true,
                })
                .unwrap_or(TOWNS[0]);
            let (x, y) = around(random, lon + ground.east, lat + ground.north, 0.04);
            let start = year - random.random_range(1..=2);
            // A few people whom the rules leave out, and a few whose term ends within the year.
            let (hours, end) = match n {
                18 | 46 => (24, start + 3),
                31 => (48, year - 1),
                12 | 40 | 60 => (52, year),
                _ => (40 + random.random_range(0..5) * 4, start + 3),
            };
            let (start, end) = match n {
                _ if full_time => (format!("{start}-09-01"), String::new()),
                _ => (format!("{}-09-01", end - 3), format!("{end}-08-31")),
            };
            line(
                &mut self.supervisors,
                format_args!(
                    "DX{id:04},示例督学{id:02},{},{stages},{x:.6},{y:.6},{start},{end},{hours},{},{},,",
                    if full_time { "专职" } else { "兼职" },
                    if full_time { 180 } else { 75 },
                    if full_time { 7 } else { 5 },
                ),
            );
        }
    }
}

/// A place within `spread` degrees.
fn around(random: &mut Pcg64Mcg, lon: f64, lat: f64, spread: f64) -> (f64, f64) {
    (
        lon + random.random_range(-spread..spread),
        lat + random.random_range(-spread..spread) * 0.8,
    )
}

fn line(csv: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    writeln!(csv, "{text}").ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_county() {
        assert_eq!(
            files(1, 2027, SCHOOLS).schools,
            files(1, 2027, SCHOOLS).schools
        );
        assert_ne!(
            files(1, 2027, SCHOOLS).schools,
            files(2, 2027, SCHOOLS).schools
        );
    }

    #[test]
    fn every_township_has_an_outline() {
        let outlines: geojson::FeatureCollection = OUTLINES.parse().unwrap();
        let names = outlines.features.iter().map(|town| {
            let name = town.property("name").and_then(|name| name.as_str());
            name.unwrap_or_default()
        });
        assert_eq!(names.collect::<Vec<_>>(), TOWNS.map(|(name, ..)| name));
    }

    #[test]
    fn the_county_has_about_300_schools_in_all_16_townships() {
        let schools = files(1, 2027, SCHOOLS).schools;
        assert_eq!(schools.lines().count(), 301);
        for (town, ..) in TOWNS {
            assert!(schools.contains(town), "{town}");
        }
        for count in [100, 1_000] {
            assert_eq!(files(1, 2027, count).schools.lines().count(), count + 1);
        }
    }
}
