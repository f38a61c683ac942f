//! Training of supervisors (art. 十六).

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations, check_id, check_length, text};
use serde::{Deserialize, Serialize};

dudao_law::words!(
    /// How a training is given.
    TrainingKind {
        /// The only one that counts (art. 十六).
        Concentrated = "集中培训",
        /// Online.
        Online = "网络培训",
        /// By oneself.
        SelfStudy = "自学",
    }
);

/// A training that a supervisor took part in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Full name of the supervisor.
    pub supervisor: String,
    /// How it was given.
    pub kind: TrainingKind,
    /// The day, or the last one.
    pub date: NaiveDate,
    /// Hours (学时), 0.5 to 200, in halves.
    pub hours: f64,
    /// What it was about.
    pub title: String,
    /// Who gave it.
    pub provider: String,
    /// Number of the certificate.
    pub certificate: String,
    /// Whether it was struck out.
    pub voided: bool,
    /// Why.
    pub void_reason: String,
}

impl Training {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "training_id", code);
        wrong.check(
            (0.5..=200.0).contains(&self.hours) && (self.hours * 2.0).fract() == 0.0,
            "hours",
            "学时须为 0.5 至 200，以 0.5 为单位",
            "must be 0.5 to 200 in halves",
        );
        text(&mut wrong, "title", &self.title, 200);
        check_length(&mut wrong, "provider", &self.provider, 100);
        check_length(&mut wrong, "certificate", &self.certificate, 100);
        wrong.into_result()?;
        Ok(self)
    }

    /// Nothing of it may be changed.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Strikes it out.
    pub fn void(self, reason: &str) -> Result<Self, Refusal> {
        if self.voided {
            return Err(Refusal::state(
                "training.voided",
                "",
                "该培训记录此前已作废",
                "it was struck out before",
            ));
        }
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        Ok(Self {
            voided: true,
            void_reason: reason.to_owned(),
            ..self
        })
    }
}

/// Hours of a period by the way they were given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hours {
    /// 集中.
    pub concentrated: f64,
    /// 网络.
    pub online: f64,
    /// 自学.
    pub self_study: f64,
}

impl Hours {
    /// Adds up the trainings of a period, both ends included; those struck out don't count.
    pub fn of<'a>(
        trainings: impl IntoIterator<Item = &'a Training>,
        from: NaiveDate,
        until: NaiveDate,
    ) -> Self {
        let mut hours = Self::default();
        let standing = trainings
            .into_iter()
            .filter(|one| !one.voided && (from..=until).contains(&one.date));
        for training in standing {
            let sum = match training.kind {
                TrainingKind::Concentrated => &mut hours.concentrated,
                TrainingKind::Online => &mut hours.online,
                TrainingKind::SelfStudy => &mut hours.self_study,
            };
            *sum += training.hours;
        }
        hours
    }

    /// Hours that count towards what is asked for: the concentrated ones alone (art. 十六).
    pub fn counted(self) -> f64 {
        self.concentrated
    }
}

/// How many calendar years a period touches: what is asked for each year is asked for that many times.
pub fn years(from: NaiveDate, until: NaiveDate) -> f64 {
    let days = (until - from).num_days() + 1;
    let year = if from.leap_year() { 366.0 } else { 365.0 };
    (days as f64 / year).round().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn training(kind: TrainingKind, hours: f64) -> Training {
        Training {
            supervisor: "counties/140525/supervisors/D1".to_owned(),
            kind,
            date: day("2026-05-06"),
            hours,
            title: "督学能力提升".to_owned(),
            provider: String::new(),
            certificate: String::new(),
            voided: false,
            void_reason: String::new(),
        }
    }

    #[test]
    fn article_16_only_concentrated_hours_count_to_the_forty() {
        let all = [
            training(TrainingKind::Concentrated, 24.0),
            training(TrainingKind::Online, 30.0),
            training(TrainingKind::SelfStudy, 10.5),
            training(TrainingKind::Concentrated, 16.0),
        ];
        let hours = Hours::of(&all, day("2026-01-01"), day("2026-12-31"));
        assert_eq!(hours.counted(), 40.0);
        assert_eq!((hours.online, hours.self_study), (30.0, 10.5));
        let before = Hours::of(&all, day("2025-01-01"), day("2025-12-31"));
        assert_eq!(before, Hours::default());
    }

    #[test]
    fn article_16_a_training_recorded_in_error_is_struck_out_and_no_longer_counts() {
        let voided = training(TrainingKind::Concentrated, 24.0)
            .void("重复登记")
            .unwrap();
        assert_eq!(
            Hours::of([&voided], day("2026-01-01"), day("2026-12-31")).counted(),
            0.0
        );
        assert_eq!(voided.void("再次").unwrap_err().keys(), ["training.voided"]);
    }

    #[test]
    fn hours_come_in_halves() {
        assert!(training(TrainingKind::Online, 1.5).check("t1").is_ok());
        assert!(training(TrainingKind::Online, 1.3).check("t1").is_err());
        assert!(
            training(TrainingKind::Online, f64::NAN)
                .check("t1")
                .is_err()
        );
    }

    #[test]
    fn a_three_year_term_asks_for_three_years_of_training() {
        assert_eq!(years(day("2023-09-01"), day("2026-08-31")), 3.0);
        assert_eq!(years(day("2026-01-01"), day("2026-12-31")), 1.0);
        assert_eq!(years(day("2026-11-01"), day("2026-12-31")), 1.0);
    }
}
