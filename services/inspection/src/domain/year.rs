//! What the inspection knows of a county's yearly duties (`rules.md` § 1): derived, never stored.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use dudao_law::ruleset::Law;

use super::visit::{Visit, VisitState};
use super::words::InspectionKind;

/// Something with a day: the resource's name, and the day.
pub type Dated = (String, NaiveDate);

/// What the visits of a year say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisitsOfYear {
    /// Comprehensive inspections that were made.
    pub comprehensive: Vec<Dated>,
    /// Inspections of towns, villages and departments that were made.
    pub government: Vec<Dated>,
    /// Member units that took part in a comprehensive inspection.
    pub joined_units: BTreeSet<String>,
    /// Routine visits made, by school.
    pub routine: BTreeMap<String, i32>,
    /// Schools that a random inspection has met.
    pub random: BTreeSet<String>,
    /// Inspections that ended without a report so far, with the last day for it.
    pub unreported: Vec<(String, Option<NaiveDate>)>,
    /// Inspections that are reported and not published.
    pub unpublished: Vec<String>,
    /// Inspections that are published.
    pub published: Vec<Dated>,
}

impl VisitsOfYear {
    /// Reads the visits of a year, each with its name.
    pub fn of(visits: &[(String, Visit)], law: &Law) -> Self {
        let mut year = Self::default();
        for (name, visit) in visits.iter().filter(|(_, visit)| visit.is_made()) {
            year.count(name, visit, law);
        }
        year.comprehensive.sort_by_key(|(_, day)| *day);
        year.government.sort_by_key(|(_, day)| *day);
        year.published.sort_by_key(|(_, day)| *day);
        year
    }

    fn count(&mut self, name: &str, visit: &Visit, law: &Law) {
        let made = (name.to_owned(), visit.last_day());
        match visit.kind {
            InspectionKind::Comprehensive => {
                self.comprehensive.push(made.clone());
                let came = visit.units.iter().filter(|unit| unit.attended);
                self.joined_units.extend(came.map(|unit| unit.unit.clone()));
            }
            InspectionKind::Routine => *self.routine.entry(visit.target.clone()).or_default() += 1,
            InspectionKind::Random => {
                self.random.insert(visit.target.clone());
            }
            InspectionKind::Special | InspectionKind::LookBack | InspectionKind::Emergency => {}
        }
        if visit.object_kind.is_government() {
            self.government.push(made);
        }
        // A routine visit ends in its record (条例): it is no inspection that art. 七 wants a report of.
        if visit.kind == InspectionKind::Routine {
            return;
        }
        if let Some(publication) = &visit.publication {
            self.published.push((name.to_owned(), publication.date));
        } else if visit.report.is_some() {
            self.unpublished.push(name.to_owned());
        } else if visit.state != VisitState::OnSite {
            let due = law.due_if_set("clock.report_to_government", visit.last_day());
            self.unreported.push((name.to_owned(), due));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::{day, law, visit};
    use crate::domain::visit::{Publication, Report, SiteVisit, UnitPart};
    use crate::domain::words::{ObjectKind, PublicationScope};

    fn made(kind: InspectionKind, end: &str) -> Visit {
        let mut visit = visit(kind);
        visit.site = Some(SiteVisit {
            start_date: day(end),
            end_date: Some(day(end)),
            ..SiteVisit::default()
        });
        visit.state = VisitState::SiteDone;
        visit
    }

    fn of(visits: Vec<Visit>) -> VisitsOfYear {
        let named: Vec<_> = visits
            .into_iter()
            .enumerate()
            .map(|(at, visit)| (format!("v{at}"), visit))
            .collect();
        VisitsOfYear::of(&named, &law())
    }

    #[test]
    fn article_07_an_inspection_without_a_report_is_told_with_the_last_day_for_it() {
        let mut reported = made(InspectionKind::Special, "2026-09-15");
        reported.report = Some(Report::default());
        let mut published = reported.clone();
        published.publication = Some(Publication {
            date: day("2026-10-20"),
            scope: PublicationScope::Public,
            place: String::new(),
            text: String::new(),
        });
        let year = of(vec![
            made(InspectionKind::Comprehensive, "2026-09-15"),
            reported,
            published,
            made(InspectionKind::Routine, "2026-09-15"),
            visit(InspectionKind::Comprehensive),
        ]);
        assert_eq!(
            year.unreported,
            [("v0".to_owned(), Some(day("2026-10-15")))]
        );
        assert_eq!(year.unpublished, ["v1"]);
        assert_eq!(year.published, [("v2".to_owned(), day("2026-10-20"))]);
        assert_eq!(year.routine["counties/140525/schools/S1"], 1);
    }

    #[test]
    fn article_02_a_unit_has_joined_once_it_came_and_article_04_a_town_is_government() {
        let mut town = made(InspectionKind::Comprehensive, "2026-06-15");
        town.object_kind = ObjectKind::Town;
        let part = |unit: &str, attended| UnitPart {
            unit: unit.to_owned(),
            display_name: String::new(),
            persons: Vec::new(),
            attended,
        };
        town.units = vec![part("came", true), part("stayed away", false)];
        let year = of(vec![
            made(InspectionKind::Comprehensive, "2026-09-15"),
            town,
        ]);
        assert_eq!(year.joined_units, ["came".to_owned()].into());
        assert_eq!(year.government, [("v1".to_owned(), day("2026-06-15"))]);
        let first = year.comprehensive.first().unwrap();
        assert_eq!(first.0, "v1", "the earliest first");
    }
}
