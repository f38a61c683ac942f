//! What can be wrong in a planner's data, all of it at once.

use std::collections::HashMap;
use std::fmt::Display;

use super::data::{Data, Pin};
use crate::geo::Place;
use crate::{Issue, Words};

/// Every issue of the data, in the order of its fields.
pub fn find(data: &Data) -> Vec<Issue> {
    let mut found = Found::default();
    let schools = found.ids("schools", data.schools.iter().map(|s| s.id.as_str()));
    let supervisors = found.ids(
        "supervisors",
        data.supervisors.iter().map(|k| k.id.as_str()),
    );
    found.schools(data);
    found.supervisors(data, &schools);
    found.travel(data);
    found.rules(data);
    found.pins(data, &schools, &supervisors);
    found.0
}

type Ids<'a> = HashMap<&'a str, usize>;

#[derive(Default)]
struct Found(Vec<Issue>);

impl Found {
    fn add(&mut self, field: impl Into<String>, value: impl Display, zh: &str, en: &str) {
        self.0.push(Issue {
            field: field.into(),
            value: value.to_string(),
            words: Words::new(zh, en),
        });
    }

    fn ids<'a>(&mut self, list: &str, ids: impl Iterator<Item = &'a str>) -> Ids<'a> {
        let mut known = Ids::new();
        for (n, id) in ids.enumerate() {
            if id.is_empty() {
                self.add(
                    format!("{list}[{n}].id"),
                    id,
                    "编号不能为空",
                    "an id must not be empty",
                );
            } else if known.insert(id, n).is_some() {
                self.add(
                    format!("{list}[{n}].id"),
                    id,
                    "编号重复",
                    "this id occurs twice",
                );
            }
        }
        if known.is_empty() {
            self.add(list, "[]", "名单不能为空", "the list must not be empty");
        }
        known
    }

    /// A finite number from `least` on.
    fn number(&mut self, field: String, value: f64, least: f64) {
        if !value.is_finite() || value < least {
            let zh = format!("须为不小于 {least} 的数");
            self.add(
                field,
                value,
                &zh,
                &format!("must be a number of at least {least}"),
            );
        }
    }

    fn place(&mut self, field: &str, place: Place) {
        if !(-180.0..=180.0).contains(&place.lon) {
            self.add(
                format!("{field}.lon"),
                place.lon,
                "经度须在 −180 到 180 之间",
                "a longitude is from −180 to 180",
            );
        }
        if !(-90.0..=90.0).contains(&place.lat) {
            self.add(
                format!("{field}.lat"),
                place.lat,
                "纬度须在 −90 到 90 之间",
                "a latitude is from −90 to 90",
            );
        }
    }

    fn schools(&mut self, data: &Data) {
        for (n, school) in data.schools.iter().enumerate() {
            let field = format!("schools[{n}]");
            self.place(&format!("{field}.place"), school.place);
            self.number(format!("{field}.days"), school.days, 0.0);
            self.number(format!("{field}.visits"), school.visits, 0.0);
            self.number(format!("{field}.team_visits"), school.team_visits, 0.0);
        }
    }

    fn supervisors(&mut self, data: &Data, schools: &Ids<'_>) {
        for (n, supervisor) in data.supervisors.iter().enumerate() {
            let field = format!("supervisors[{n}]");
            self.place(&format!("{field}.place"), supervisor.place);
            self.number(format!("{field}.min_days"), supervisor.min_days, 0.0);
            self.number(format!("{field}.max_days"), supervisor.max_days, 0.0);
            if supervisor.min_days > supervisor.max_days {
                let zh = format!("最少天数多于最多天数（{}）", supervisor.max_days);
                let en = format!("the fewest days exceed the most ({})", supervisor.max_days);
                self.add(format!("{field}.min_days"), supervisor.min_days, &zh, &en);
            }
            if supervisor.stages.is_empty() {
                self.add(
                    format!("{field}.stages"),
                    "[]",
                    "至少须有一个可督导学段",
                    "at least one stage is needed",
                );
            }
            for (m, id) in supervisor.avoid.iter().enumerate() {
                if !schools.contains_key(id.as_str()) {
                    self.add(
                        format!("{field}.avoid[{m}]"),
                        id,
                        "没有这所学校",
                        "there is no such school",
                    );
                }
            }
        }
    }

    fn travel(&mut self, data: &Data) {
        if !data.roads.detour.is_finite() || data.roads.detour < 1.0 {
            self.number("roads.detour".into(), data.roads.detour, 1.0);
        }
        if !data.roads.km_per_hour.is_finite() || data.roads.km_per_hour <= 0.0 {
            self.add(
                "roads.km_per_hour",
                data.roads.km_per_hour,
                "车速须大于 0",
                "a speed must be more than 0",
            );
        }
        let Some(travel) = &data.travel else { return };
        if travel.len() != data.supervisors.len() {
            let zh = format!("须为每名督学一行，共 {} 行", data.supervisors.len());
            let en = format!(
                "one row for each of the {} supervisors is needed",
                data.supervisors.len()
            );
            self.add("travel", format!("{} rows", travel.len()), &zh, &en);
        }
        for (k, row) in travel.iter().enumerate() {
            if row.len() != data.schools.len() {
                let zh = format!("须为每所学校一个数，共 {} 个", data.schools.len());
                let en = format!(
                    "one number for each of the {} schools is needed",
                    data.schools.len()
                );
                self.add(
                    format!("travel[{k}]"),
                    format!("{} numbers", row.len()),
                    &zh,
                    &en,
                );
            }
            for (i, &minutes) in row.iter().enumerate() {
                self.number(format!("travel[{k}][{i}]"), minutes, 0.0);
            }
        }
    }

    fn rules(&mut self, data: &Data) {
        let (rules, weights) = (&data.rules, &data.weights);
        for (name, value) in [
            ("zone_max_schools", rules.zone_max_schools),
            ("zone_min_supervisors", rules.zone_min_supervisors),
            ("zone_max_supervisors", rules.zone_max_supervisors),
            ("max_years_same_school", rules.max_years_same_school),
        ] {
            if value == 0 {
                self.add(
                    format!("rules.{name}"),
                    value,
                    "须至少为 1",
                    "must be at least 1",
                );
            }
        }
        if rules.zone_min_supervisors > rules.zone_max_supervisors {
            let zh = format!("多于每区最多督学数（{}）", rules.zone_max_supervisors);
            let en = format!(
                "exceeds the most supervisors of a zone ({})",
                rules.zone_max_supervisors
            );
            self.add(
                "rules.zone_min_supervisors",
                rules.zone_min_supervisors,
                &zh,
                &en,
            );
        }
        if let Some(gap) = rules.gap_km {
            self.number("rules.gap_km".into(), gap, 0.0);
        }
        for (name, value) in [
            ("routine_travel", weights.routine_travel),
            ("team_travel", weights.team_travel),
            ("imbalance", weights.imbalance),
            ("imbalance_tolerance", weights.imbalance_tolerance),
            ("change", weights.change),
            ("town_cut", weights.town_cut),
            ("regroup", weights.regroup),
        ] {
            self.number(format!("weights.{name}"), value, 0.0);
        }
    }

    fn pins(&mut self, data: &Data, schools: &Ids<'_>, supervisors: &Ids<'_>) {
        for (n, pin) in data.pins.iter().enumerate() {
            let ids: [(&str, &String, &Ids<'_>); 2] = match pin {
                Pin::Assign { school, supervisor } | Pin::Forbid { school, supervisor } => [
                    ("school", school, schools),
                    ("supervisor", supervisor, supervisors),
                ],
                Pin::Together { a, b } | Pin::Apart { a, b } => {
                    [("a", a, schools), ("b", b, schools)]
                }
            };
            for (name, id, known) in ids {
                if !known.contains_key(id.as_str()) {
                    let field = format!("pins[{n}].{name}");
                    self.add(field, id, "没有这个编号", "there is nothing with this id");
                }
            }
            if let Pin::Together { a, b } | Pin::Apart { a, b } = pin
                && a == b
            {
                self.add(
                    format!("pins[{n}]"),
                    a,
                    "须为两所不同的学校",
                    "two different schools are needed",
                );
            }
        }
    }
}
