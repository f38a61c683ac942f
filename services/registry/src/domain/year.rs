//! What the registry knows of a county's yearly duties (`rules.md` § 1): derived, never stored.

use chrono::{Datelike as _, NaiveDate};

use super::assessment::{Assessment, AssessmentKind};
use super::committee::Committee;
use super::meeting::{Meeting, MeetingKind};
use super::plaque::Plaque;
use super::progress_report::{Audience, ProgressReport};
use super::training::{Hours, Training};

/// The posts of art. 一 that nobody holds.
pub fn vacant_posts(committee: &Committee) -> Vec<String> {
    let posts = [
        ("主任", Some(&committee.director)),
        ("副主任", committee.deputies.first()),
        ("办公室主任", Some(&committee.office_director)),
        ("总督学", Some(&committee.chief_supervisor)),
        ("副总督学", committee.deputy_chief_supervisors.first()),
    ];
    let vacant = posts
        .into_iter()
        .filter(|(_, officer)| officer.is_none_or(|one| one.display_name.is_empty()));
    vacant.map(|(post, _)| post.to_owned()).collect()
}

/// Whether a meeting is a plenary that counts (art. 二).
pub fn is_plenary(meeting: &Meeting) -> bool {
    meeting.kind == MeetingKind::Plenary && meeting.quorate
}

/// Whether the leading group heard the committee at a meeting (art. 十八).
pub fn is_hearing(meeting: &Meeting) -> bool {
    meeting.kind == MeetingKind::LeadingGroup
}

/// Whether a report is one to the leading group (art. 十八).
pub fn is_to_leading_group(report: &ProgressReport) -> bool {
    report.audience == Audience::LeadingGroup
}

/// Whether a plaque hangs as it should (art. 十七).
pub fn hangs(plaque: &Plaque) -> bool {
    plaque.taken_down || (!plaque.reprint_due && plaque.post_date.is_some())
}

/// Whether somebody's trainings reach the hours that are asked for in a year (art. 十六).
pub fn is_trained<'a>(
    trainings: impl IntoIterator<Item = &'a Training>,
    year: i32,
    required: f64,
) -> bool {
    let of_year: Vec<&Training> = trainings
        .into_iter()
        .filter(|one| one.date.year() == year)
        .collect();
    Hours::of(of_year, NaiveDate::MIN, NaiveDate::MAX).counted() >= required
}

/// Whether an assessment is the decided one of a year (art. 十七).
pub fn is_of_year(assessment: &Assessment, year: i32) -> bool {
    assessment.kind == AssessmentKind::Yearly
        && assessment.end_date.year() == year
        && assessment.grade.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::committee::Officer;

    #[test]
    fn article_01_a_post_without_a_name_is_vacant() {
        let mut committee = Committee::vacant();
        assert_eq!(vacant_posts(&committee).len(), 5);
        committee.director = Officer {
            display_name: "李县长".to_owned(),
            ..Officer::default()
        };
        committee.deputies.clear();
        assert_eq!(
            vacant_posts(&committee),
            ["副主任", "办公室主任", "总督学", "副总督学"]
        );
    }

    #[test]
    fn article_17_a_plaque_hangs_once_its_last_edition_was_put_up() {
        let day = NaiveDate::from_ymd_opt(2026, 9, 1);
        let plaque = Plaque {
            reprint_due: true,
            post_date: day,
            ..Plaque::default()
        };
        assert!(!hangs(&plaque));
        assert!(!hangs(&Plaque::default()));
        let hanging = Plaque {
            reprint_due: false,
            ..plaque
        };
        assert!(hangs(&hanging));
    }
}
