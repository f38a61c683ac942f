//! What was done in a year: evidence for the duties of arts. 八 to 十四.

use chrono::{Datelike as _, NaiveDate};

use super::case::Case;

/// How often something was done, and where it shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often.
    pub count: usize,
    /// The resources that show it.
    pub resources: Vec<String>,
}

impl Tally {
    /// Counts what a resource shows; nothing leaves no name.
    pub fn add(&mut self, name: &str, times: usize) {
        if times > 0 {
            self.count += times;
            self.resources.push(name.to_owned());
        }
    }
}

/// What the cases of a county show of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YearOfCases {
    /// Rectification decisions, item by item (art. 八).
    pub rectification_decisions: Tally,
    /// Urging letters (art. 九).
    pub urging_letters: Tally,
    /// Published results (art. 九).
    pub published_results: Tally,
    /// Close-outs (art. 十).
    pub close_outs: Tally,
    /// Look-backs (art. 十).
    pub look_backs: Tally,
    /// Interviews (art. 十二).
    pub interviews: Tally,
    /// Notifications (art. 十三).
    pub notifications: Tally,
}

impl YearOfCases {
    /// Adds what a case shows of the year.
    pub fn add(&mut self, name: &str, case: &Case, year: i32) {
        let count = |days: &mut dyn Iterator<Item = NaiveDate>| {
            days.filter(|day| day.year() == year).count()
        };
        let findings = || case.findings.iter();
        let decided = &mut findings().filter_map(|one| Some(one.decision.as_ref()?.date));
        self.rectification_decisions.add(name, count(decided));
        let urged = &mut case.urging_letters.iter().map(|one| one.date);
        self.urging_letters.add(name, count(urged));
        let published = &mut findings().filter_map(|one| Some(one.publication.as_ref()?.date));
        self.published_results.add(name, count(published));
        let closed = &mut findings().flat_map(|one| one.closings.iter().map(|one| one.date));
        self.close_outs.add(name, count(closed));
        let looked = &mut findings().flat_map(|one| one.look_backs.iter().map(|one| one.date));
        self.look_backs.add(name, count(looked));
        let interviewed = &mut case.interviews.iter().map(|one| one.date);
        self.interviews.add(name, count(interviewed));
        let notified = &mut case.notifications.iter().map(|one| one.date);
        self.notifications.add(name, count(notified));
    }
}
