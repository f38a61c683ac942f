//! What can be wrong in a planner's data, all of it at once.

use std::collections::HashSet;
use std::fmt::Display;

use chrono::NaiveDate;

use super::data::{Data, Kind};
use crate::geo::Place;
use crate::{Issue, Words};

/// Every issue of the data, in the order of its fields.
pub fn find(data: &Data) -> Vec<Issue> {
    let mut found = Found::default();
    found.calendar(data);
    let supervisors = found.ids("supervisors", data.supervisors.iter().map(|k| &k.id));
    let schools = found.ids("schools", data.schools.iter().map(|s| &s.id));
    let towns = found.ids("towns", data.towns.iter().map(|t| &t.id));
    found.ids("units", data.units.iter().map(|u| &u.id));
    found.ids("items", data.items.iter().map(|i| &i.id));
    found.schools(data, &supervisors, &towns);
    found.supervisors(data, &schools, &towns);
    for (n, town) in data.towns.iter().enumerate() {
        found.place(&format!("towns[{n}].place"), town.place);
        if schools.contains(town.id.as_str()) {
            found.add(
                format!("towns[{n}].id"),
                &town.id,
                "编号与学校重复",
                "a school has the same id",
            );
        }
    }
    found.items(data, &schools, &towns);
    found.numbers(data);
    found.fixed(data);
    found.0
}

type Ids<'a> = HashSet<&'a str>;

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

    fn ids<'a>(&mut self, list: &str, ids: impl Iterator<Item = &'a String>) -> Ids<'a> {
        let mut known = Ids::new();
        for (n, id) in ids.enumerate() {
            let field = format!("{list}[{n}].id");
            if id.is_empty() {
                self.add(field, id, "编号不能为空", "an id must not be empty");
            } else if !known.insert(id) {
                self.add(field, id, "编号重复", "this id occurs twice");
            }
        }
        if known.is_empty() && list == "supervisors" {
            self.add(list, "[]", "名单不能为空", "the list must not be empty");
        }
        known
    }

    fn known(&mut self, field: String, id: &str, ids: &[&Ids<'_>]) {
        if !ids.iter().any(|known| known.contains(id)) {
            self.add(field, id, "没有这个编号", "there is nothing with this id");
        }
    }

    fn number(&mut self, field: String, value: f64, least: f64, most: f64) {
        if !(least..=most).contains(&value) || !value.is_finite() {
            let (zh, en) = if most.is_finite() {
                (
                    format!("须为 {least} 到 {most} 的数"),
                    format!("must be a number from {least} to {most}"),
                )
            } else {
                (
                    format!("须为不小于 {least} 的数"),
                    format!("must be a number of at least {least}"),
                )
            };
            self.add(field, value, &zh, &en);
        }
    }

    fn place(&mut self, field: &str, place: Place) {
        self.number(format!("{field}.lon"), place.lon, -180.0, 180.0);
        self.number(format!("{field}.lat"), place.lat, -90.0, 90.0);
    }

    fn ranges(&mut self, field: &str, ranges: &[(NaiveDate, NaiveDate)]) {
        for (n, (start, end)) in ranges.iter().enumerate() {
            if end < start {
                self.add(
                    format!("{field}[{n}]"),
                    format!("{start}–{end}"),
                    "结束日期早于开始日期",
                    "it ends before it starts",
                );
            }
        }
    }

    fn calendar(&mut self, data: &Data) {
        let mut last: Option<NaiveDate> = None;
        for (n, week) in data.weeks.iter().enumerate() {
            for (m, &day) in week.days.iter().enumerate() {
                let field = format!("weeks[{n}].days[{m}]");
                if !(0..7).contains(&(day - week.start).num_days()) {
                    self.add(field, day, "不在该周之内", "does not lie within its week");
                } else if last.is_some_and(|last| day <= last) {
                    self.add(
                        field,
                        day,
                        "日期须依次递增",
                        "days must follow each other in order",
                    );
                }
                last = last.max(Some(day));
            }
        }
        if last.is_none() {
            self.add(
                "weeks",
                "[]",
                "校历中没有可督导的日期",
                "the calendar has no day for visits",
            );
        }
    }

    fn schools(&mut self, data: &Data, supervisors: &Ids<'_>, towns: &Ids<'_>) {
        for (n, school) in data.schools.iter().enumerate() {
            let field = format!("schools[{n}]");
            self.place(&format!("{field}.place"), school.place);
            self.number(format!("{field}.risk"), school.risk, 0.0, f64::INFINITY);
            self.ranges(&format!("{field}.blackout"), &school.blackout);
            let of = format!("{field}.supervisor");
            self.known(of.clone(), &school.supervisor, &[supervisors]);
            if let Some(town) = &school.town {
                self.known(format!("{field}.town"), town, &[towns]);
            }
            let own = data.supervisors.iter().find(|k| k.id == school.supervisor);
            if let Some(own) = own {
                if own.avoid.contains(&school.id) {
                    self.add(
                        of,
                        &own.id,
                        "责任督学须回避本校",
                        "the responsible supervisor must avoid the school",
                    );
                } else if !own.stages.contains(&school.stage) {
                    self.add(
                        of,
                        &own.id,
                        "责任督学不督导本校学段",
                        "the responsible supervisor does not supervise the school's stage",
                    );
                }
            }
        }
    }

    fn supervisors(&mut self, data: &Data, schools: &Ids<'_>, towns: &Ids<'_>) {
        for (n, supervisor) in data.supervisors.iter().enumerate() {
            let field = format!("supervisors[{n}]");
            self.place(&format!("{field}.place"), supervisor.place);
            self.number(
                format!("{field}.max_days_week"),
                supervisor.max_days_week,
                0.5,
                7.0,
            );
            self.number(
                format!("{field}.max_days_year"),
                supervisor.max_days_year,
                0.0,
                366.0,
            );
            self.ranges(&format!("{field}.leave"), &supervisor.leave);
            for (m, id) in supervisor.avoid.iter().enumerate() {
                self.known(format!("{field}.avoid[{m}]"), id, &[schools, towns]);
            }
        }
    }

    fn items(&mut self, data: &Data, schools: &Ids<'_>, towns: &Ids<'_>) {
        for (n, item) in data.items.iter().enumerate() {
            let field = format!("items[{n}]");
            let routine = item.kind == Kind::Routine;
            let mut seen = Ids::new();
            for (m, id) in item.targets.iter().enumerate() {
                let field = format!("{field}.targets[{m}]");
                if routine {
                    self.known(field.clone(), id, &[schools]);
                } else {
                    self.known(field.clone(), id, &[schools, towns]);
                }
                if !seen.insert(id) {
                    self.add(field, id, "编号重复", "this id occurs twice");
                }
            }
            self.ranges(&format!("{field}.window"), &[(item.start, item.end)]);
            let most = if routine { 1.0 } else { 5.0 };
            self.number(format!("{field}.days"), item.days, 0.01, most);
            self.number(
                format!("{field}.visits"),
                f64::from(item.visits),
                1.0,
                366.0,
            );
            self.number(
                format!("{field}.min_gap_weeks"),
                f64::from(item.min_gap_weeks),
                1.0,
                f64::from(item.max_gap_weeks.max(1)),
            );
        }
    }

    fn numbers(&mut self, data: &Data) {
        let (rules, weights) = (&data.rules, &data.weights);
        for (name, value, least, most) in [
            ("team_min", f64::from(rules.team_min), 1.0, 100.0),
            ("reserve_share", rules.reserve_share, 0.0, 0.99),
            (
                "visits_per_trip",
                f64::from(rules.visits_per_trip),
                1.0,
                2.0,
            ),
            (
                "stand_in_after_days",
                f64::from(rules.stand_in_after_days),
                1.0,
                366.0,
            ),
            (
                "merge_min_days",
                f64::from(rules.merge_min_days),
                1.0,
                366.0,
            ),
        ] {
            self.number(format!("rules.{name}"), value, least, most);
        }
        for (name, value) in [
            ("travel", weights.travel),
            ("peak", weights.peak),
            ("peak_tolerance", weights.peak_tolerance),
            ("late", weights.late),
            ("change", weights.change),
        ] {
            self.number(format!("weights.{name}"), value, 0.0, f64::INFINITY);
        }
        self.number("roads.detour".into(), data.roads.detour, 1.0, f64::INFINITY);
        self.number(
            "roads.km_per_hour".into(),
            data.roads.km_per_hour,
            0.1,
            f64::INFINITY,
        );
    }

    /// Past visits happened once each and before what is planned.
    fn fixed(&mut self, data: &Data) {
        let mut seen = Ids::new();
        for (n, visit) in data.fixed.iter().enumerate() {
            if !seen.insert(&visit.id) {
                self.add(
                    format!("fixed[{n}].id"),
                    &visit.id,
                    "编号重复",
                    "this id occurs twice",
                );
            }
            if data.from.is_some_and(|from| visit.date >= from) {
                self.add(
                    format!("fixed[{n}].date"),
                    visit.date,
                    "已完成的督导须早于计划起始日",
                    "a past visit lies before the first day of the plan",
                );
            }
        }
    }
}
