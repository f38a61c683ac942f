//! What a supervisor has done: a basis of the yearly assessment (art. 十七).

use chrono::NaiveDate;

use super::{Visit, VisitState};

/// A supervisor's work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Visits that were due.
    pub visits_due: usize,
    /// Visits that were made.
    pub visits_made: usize,
    /// Opinions, letters, records and reports that were due.
    pub reports_due: usize,
    /// Those that came in time.
    pub reports_on_time: usize,
}

/// Counts what one of the team had to do in these visits by today.
pub fn work(visits: &[Visit], supervisor: &str, today: NaiveDate) -> Work {
    let mut work = Work::default();
    let own = visits
        .iter()
        .filter(|visit| visit.state != VisitState::Cancelled && visit.date <= today)
        .filter(|visit| visit.team.iter().any(|one| one.supervisor == supervisor));
    for visit in own {
        work.visits_due += 1;
        work.visits_made += usize::from(visit.is_made());
        let written = [
            visit
                .preliminary
                .as_ref()
                .map(|one| (one.due_date, one.date)),
            visit.letter.as_ref().map(|one| (one.due_date, one.date)),
            visit.record.as_ref().map(|one| (one.due_date, one.date)),
            visit.report.as_ref().map(|one| (one.due_date, one.date)),
        ];
        for (due, date) in written.into_iter().flatten() {
            work.reports_due += 1;
            work.reports_on_time += usize::from(due.is_none_or(|due| date <= due));
        }
    }
    work
}
