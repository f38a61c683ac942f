//! Meetings of the committee, of its office, and of the leading group that hears it (art. 二, 十八).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use dudao_law::{Violations, check_count, check_id, check_length, text};
use serde::{Deserialize, Serialize};

dudao_law::words!(
    /// What kind of meeting it is.
    MeetingKind {
        /// At least one a year (art. 二).
        Plenary = "全体会议",
        /// Of the committee's office.
        Office = "办公室会议",
        /// Hears the committee at least once a year (art. 十八).
        LeadingGroup = "教育工作领导小组会议",
    }
);

/// Who came for a unit, or did not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    /// Full name of the member unit; "" for who belongs to none.
    pub unit: String,
    /// Who it is.
    pub person: String,
    /// Whether the person came.
    pub attended: bool,
    /// Why not.
    pub reason: String,
}

/// What was resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// What is to be done.
    pub text: String,
    /// Full name of the member unit that does it; "" for the office.
    pub unit: String,
    /// By when.
    pub due_date: Option<NaiveDate>,
    /// When it was done.
    pub done_date: Option<NaiveDate>,
    /// What came of it.
    pub result: String,
}

/// A meeting that was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// What it is called.
    pub display_name: String,
    /// Its kind.
    pub kind: MeetingKind,
    /// The day.
    pub date: NaiveDate,
    /// Where it was.
    pub place: String,
    /// Who chaired it.
    pub chair: String,
    /// Who came.
    pub attendance: Vec<Attendance>,
    /// What was on the agenda.
    pub agenda: Vec<String>,
    /// What was resolved.
    pub resolutions: Vec<Resolution>,
    /// Numbers of the documents.
    pub documents: Vec<String>,
    /// How many member units there were.
    pub units_due: i32,
    /// How many of them were present.
    pub units_present: i32,
    /// Whether it counts.
    pub quorate: bool,
}

impl Meeting {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "meeting_id", code);
        text(&mut wrong, "display_name", &self.display_name, 100);
        check_length(&mut wrong, "place", &self.place, 100);
        text(&mut wrong, "chair", &self.chair, 100);
        check_count(&mut wrong, "attendance", self.attendance.len(), 200);
        for (at, one) in self.attendance.iter().enumerate() {
            text(
                &mut wrong,
                &format!("attendance[{at}].person"),
                &one.person,
                100,
            );
            check_length(
                &mut wrong,
                &format!("attendance[{at}].reason"),
                &one.reason,
                200,
            );
        }
        check_count(&mut wrong, "agenda", self.agenda.len(), 50);
        check_count(&mut wrong, "resolutions", self.resolutions.len(), 100);
        for (at, one) in self.resolutions.iter().enumerate() {
            text(
                &mut wrong,
                &format!("resolutions[{at}].text"),
                &one.text,
                2_000,
            );
            check_length(
                &mut wrong,
                &format!("resolutions[{at}].result"),
                &one.result,
                2_000,
            );
        }
        check_count(&mut wrong, "documents", self.documents.len(), 50);
        wrong.into_result()?;
        Ok(self)
    }

    /// This content with what was counted, until [`Meeting::counted`] counts anew.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        Self {
            units_due: before.units_due,
            units_present: before.units_present,
            quorate: before.quorate,
            ..self
        }
    }

    /// The units that it names and that are none of these.
    pub fn unknown_units(&self, members: &BTreeSet<String>) -> Violations {
        let mut wrong = Violations::new();
        let attendance = self.attendance.iter().map(|one| &one.unit).enumerate();
        let resolutions = self.resolutions.iter().map(|one| &one.unit).enumerate();
        let named = attendance
            .map(|(at, unit)| (format!("attendance[{at}].unit"), unit))
            .chain(resolutions.map(|(at, unit)| (format!("resolutions[{at}].unit"), unit)));
        for (field, unit) in named {
            wrong.check(
                unit.is_empty() || members.contains(unit),
                field,
                "不是本县教育督导委员会的成员单位",
                "is not a member unit of the committee",
            );
        }
        wrong
    }

    /// Counts who was present. A plenary counts if more than this share of the member units were (art. 二); other meetings count
    /// as they are.
    #[must_use]
    pub fn counted(self, members: &BTreeSet<String>, share: f64) -> Self {
        let present: BTreeSet<&String> = self
            .attendance
            .iter()
            .filter(|one| one.attended && members.contains(&one.unit))
            .map(|one| &one.unit)
            .collect();
        let (units_due, units_present) = (members.len(), present.len());
        let quorate = match self.kind {
            MeetingKind::Plenary => units_present as f64 > share * units_due as f64,
            MeetingKind::Office | MeetingKind::LeadingGroup => true,
        };
        Self {
            units_due: units_due as i32,
            units_present: units_present as i32,
            quorate,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unit(n: usize) -> String {
        format!("counties/140525/memberUnits/{n}")
    }

    fn members() -> BTreeSet<String> {
        (0..21).map(unit).collect()
    }

    fn meeting(kind: MeetingKind, present: usize) -> Meeting {
        let attendance = (0..21).map(|n| Attendance {
            unit: unit(n),
            person: "联络员".to_owned(),
            attended: n < present,
            reason: String::new(),
        });
        Meeting {
            display_name: "2026 年全体会议".to_owned(),
            kind,
            date: NaiveDate::from_ymd_opt(2026, 3, 6).unwrap(),
            place: String::new(),
            chair: "副县长".to_owned(),
            attendance: attendance.collect(),
            agenda: Vec::new(),
            resolutions: Vec::new(),
            documents: Vec::new(),
            units_due: 0,
            units_present: 0,
            quorate: false,
        }
    }

    #[test]
    fn article_02_a_plenary_counts_when_more_than_half_of_the_member_units_are_there() {
        let ten = meeting(MeetingKind::Plenary, 10).counted(&members(), 0.5);
        assert!(!ten.quorate);
        let eleven = meeting(MeetingKind::Plenary, 11).counted(&members(), 0.5);
        assert!(eleven.quorate);
        assert_eq!((eleven.units_present, eleven.units_due), (11, 21));
    }

    #[test]
    fn article_18_a_hearing_by_the_leading_group_needs_no_quorum_of_member_units() {
        assert!(
            meeting(MeetingKind::LeadingGroup, 0)
                .counted(&members(), 0.5)
                .quorate
        );
    }

    #[test]
    fn a_unit_that_is_no_member_is_told_with_its_place() {
        let mut meeting = meeting(MeetingKind::Office, 1);
        meeting.attendance[3].unit = unit(99);
        let wrong = meeting.unknown_units(&members());
        let fields: Vec<_> = wrong.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["attendance[3].unit"]);
    }

    proptest! {
        #[test]
        fn a_unit_that_comes_twice_counts_once(twice in 0_usize..21, present in 0_usize..21) {
            let mut meeting = meeting(MeetingKind::Plenary, present);
            meeting.attendance.push(Attendance { unit: unit(twice), attended: true, ..Attendance::default() });
            let counted = meeting.counted(&members(), 0.5);
            let expected = present + usize::from(twice >= present);
            prop_assert_eq!(counted.units_present as usize, expected);
        }
    }
}
