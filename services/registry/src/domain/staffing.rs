//! Whether a county has the supervisors that it needs, 1 : 5 (art. 十五), and what is missing.

use chrono::NaiveDate;

use super::school::{School, Stage};
use super::supervisor::{Employment, Supervisor};

/// A county's supervisors beside its schools.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Staffing {
    /// Open schools and kindergartens.
    pub schools: usize,
    /// Full-time supervisors in office whose term has not ended.
    pub full_time: usize,
    /// Part-time ones.
    pub part_time: usize,
    /// In office, though their term has ended.
    pub term_ended: usize,
    /// How many schools one person may be responsible for.
    pub max_schools: usize,
    /// How many supervisors the schools ask for.
    pub required: usize,
    /// How many are missing.
    pub missing: usize,
    /// Each stage with schools.
    pub stages: Vec<StageStaffing>,
    /// Codes of open schools without a responsible supervisor.
    pub uncovered: Vec<String>,
}

/// A stage's supervisors beside its schools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageStaffing {
    /// The stage.
    pub stage: Stage,
    /// Open schools of it.
    pub schools: usize,
    /// Supervisors who may supervise it.
    pub supervisors: usize,
    /// How many it needs if they did nothing else.
    pub required: usize,
}

impl Staffing {
    /// Counts schools and people on a day; one person may be responsible for at most `max_schools` (1 or more).
    pub fn of<'a>(
        schools: impl IntoIterator<Item = &'a School>,
        people: impl IntoIterator<Item = &'a Supervisor>,
        max_schools: u32,
        today: NaiveDate,
    ) -> Self {
        let ratio = max_schools.max(1) as usize;
        let open: Vec<&School> = schools
            .into_iter()
            .filter(|school| school.is_open())
            .collect();
        let (serving, ended): (Vec<&Supervisor>, Vec<&Supervisor>) = people
            .into_iter()
            .filter(|person| person.is_in_office())
            .partition(|person| person.term_end_date.is_none_or(|end| end >= today));
        let full_time = serving
            .iter()
            .filter(|person| person.employment == Employment::FullTime)
            .count();
        let stages = Stage::ALL.iter().filter_map(|stage| {
            let schools = open.iter().filter(|school| school.stage == *stage).count();
            (schools > 0).then(|| StageStaffing {
                stage: *stage,
                schools,
                supervisors: serving
                    .iter()
                    .filter(|person| person.stages.contains(stage))
                    .count(),
                required: schools.div_ceil(ratio),
            })
        });
        let uncovered = open.iter().filter(|school| {
            let responsible = school
                .responsibility
                .as_ref()
                .filter(|one| one.until.is_none());
            responsible.is_none_or(|one| {
                serving
                    .iter()
                    .all(|person| person.code.as_str() != one.supervisor)
            })
        });
        let required = open.len().div_ceil(ratio);
        Self {
            schools: open.len(),
            full_time,
            part_time: serving.len() - full_time,
            term_ended: ended.len(),
            max_schools: ratio,
            required,
            missing: required.saturating_sub(serving.len()),
            stages: stages.collect(),
            uncovered: uncovered.map(|school| school.code.to_string()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::school::{Place, Provider, Responsibility, SchoolDraft};
    use crate::domain::supervisor::SupervisorDraft;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn place() -> Place {
        Place {
            longitude: 112.8,
            latitude: 35.5,
        }
    }

    fn school(code: usize, stage: Stage) -> School {
        let draft = SchoolDraft {
            code: code.to_string(),
            display_name: "学校".to_owned(),
            stage: Some(stage),
            provider: Some(Provider::Public),
            place: Some(place()),
            ..SchoolDraft::default()
        };
        draft.finish(day("2026-01-01")).unwrap()
    }

    fn person(code: &str, end: &str) -> Supervisor {
        let draft = SupervisorDraft {
            code: code.to_owned(),
            display_name: "督学".to_owned(),
            employment: Some(Employment::PartTime),
            stages: vec![Stage::Primary],
            base: Some(place()),
            term_start_date: "2023-09-01".to_owned(),
            term_end_date: end.to_owned(),
            ..SupervisorDraft::default()
        };
        draft.finish().unwrap()
    }

    #[test]
    fn article_15_eleven_schools_ask_for_three_supervisors_and_one_whose_term_has_ended_does_not_count()
     {
        let schools: Vec<_> = (0..11).map(|at| school(at, Stage::Primary)).collect();
        let people = [person("A", "2027-08-31"), person("B", "2026-08-31")];
        let staffing = Staffing::of(&schools, &people, 5, day("2026-09-01"));
        assert_eq!(
            (staffing.required, staffing.part_time, staffing.missing),
            (3, 1, 2)
        );
        assert_eq!(staffing.term_ended, 1);
        assert_eq!(
            Staffing::of(&schools, &people, 5, day("2026-08-31")).missing,
            1
        );
    }

    #[test]
    fn article_05_a_school_whose_supervisor_has_left_is_not_covered() {
        let mut school = school(1, Stage::Primary);
        school.responsibility = Some(Responsibility {
            zone: "z1".to_owned(),
            supervisor: "A".to_owned(),
            since: day("2026-01-01"),
            until: None,
        });
        let here = person("A", "2027-08-31");
        let gone = Supervisor {
            left_us: Some(0),
            ..here.clone()
        };
        let schools = [school];
        assert!(
            Staffing::of(&schools, &[here], 5, day("2026-09-01"))
                .uncovered
                .is_empty()
        );
        assert_eq!(
            Staffing::of(&schools, &[gone], 5, day("2026-09-01")).uncovered,
            ["1"]
        );
    }

    #[test]
    fn a_stage_that_nobody_may_supervise_shows() {
        let schools = [school(1, Stage::Kindergarten), school(2, Stage::Primary)];
        let staffing = Staffing::of(&schools, &[person("A", "2027-08-31")], 5, day("2026-09-01"));
        let kindergartens = staffing
            .stages
            .iter()
            .find(|one| one.stage == Stage::Kindergarten)
            .unwrap();
        assert_eq!((kindergartens.supervisors, kindergartens.required), (0, 1));
        let nothing = Staffing::of(&[], &[], 5, day("2026-09-01"));
        assert_eq!((nothing.required, nothing.missing), (0, 0));
    }
}
