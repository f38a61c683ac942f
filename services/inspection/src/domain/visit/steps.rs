//! The steps of a visit, each with its guards.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Rule, Violations, text};

use super::{
    Filing, Hearing, HearingGroup, IssuedOpinion, Location, Notice, Place, Plea,
    PreliminaryOpinion, Publication, Report, SelfEvaluation, SiteVisit, UrgencyGround, Urging,
    Visit, VisitRecord, VisitState,
};
use crate::domain::words::{InspectionKind, PublicationScope};

const ORDINANCE: &str = "《教育督导条例》";
const MOVABLE: &[VisitState] = &[
    VisitState::Planned,
    VisitState::Notified,
    VisitState::SelfEvaluated,
    VisitState::Reviewed,
];

/// What a notice says.
#[derive(Clone, Debug, Default)]
pub struct Notified {
    /// Number of the document.
    pub number: String,
    /// What the unit is to prepare.
    pub text: String,
    /// By when its self-evaluation is asked for.
    pub self_evaluation_due: Option<NaiveDate>,
}

/// What surrounds a visit that is to be planned.
#[derive(Clone, Debug, Default)]
pub struct Ready {
    /// Whether its campaign is decided; a routine visit needs none.
    pub campaign_decided: bool,
    /// Days of other visits of the same object in the year that count against the cap.
    pub others: Vec<NaiveDate>,
}

fn said(field: &str, words: &str, most: usize) -> Result<(), Refusal> {
    let mut wrong = Violations::new();
    text(&mut wrong, field, words, most);
    Ok(wrong.into_result()?)
}

impl Visit {
    /// Refuses a visit for which the year has no room, or whose campaign is not decided.
    pub fn admit(&self, around: &Ready, law: &Law) -> Result<(), Refusal> {
        let mut against = Vec::new();
        let of_campaign = !matches!(
            self.kind,
            InspectionKind::Routine | InspectionKind::Emergency
        );
        if of_campaign && !around.campaign_decided {
            against.push(Rule::new(
                "campaign.state",
                "规范涉校督导检查的要求（2025年11月）",
                "督导项目尚未确定：内容和方式确定后才能安排督导",
                "its campaign is not decided: content and method come first",
            ));
        }
        if self.kind.is_burden() && !self.object_kind.is_government() {
            let most = law.rules.count("burden.max_inspections")? as usize;
            let days: BTreeSet<_> = around
                .others
                .iter()
                .filter(|day| day.year() == self.date.year() && **day != self.date)
                .collect();
            if days.len() >= most {
                against.push(Rule::new(
                    "burden.max_inspections",
                    law.rules.basis("burden.max_inspections"),
                    format!(
                        "{} {} 年已安排 {} 次成组督导，达到每年 {most} 次的上限：请与已有督导合并在同一天",
                        self.target_name,
                        self.date.year(),
                        days.len()
                    ),
                    format!("the school bears {most} inspections a year: join one that is planned"),
                ));
            }
        }
        Refusal::unless_none(against)
    }

    /// Moves it to another day.
    pub fn reschedule(
        mut self,
        date: NaiveDate,
        reason: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(MOVABLE, "")?;
        said("reason", reason, 500)?;
        if date < today {
            return Err(Refusal::field(
                "date",
                "不能改到已过去的日期",
                "must not lie in the past",
            ));
        }
        if date.year() != self.date.year() {
            return Err(Refusal::field(
                "date",
                "须在同一年度：年度清单按年备案",
                "must stay in its year, for which the list was filed",
            ));
        }
        self.date = date;
        Ok(self)
    }

    /// Tells the unit in writing (条例: special and comprehensive inspections are announced beforehand).
    pub fn notify(
        mut self,
        notice: Notified,
        today: NaiveDate,
        law: &Law,
    ) -> Result<Self, Refusal> {
        self.in_state(&[VisitState::Planned], ORDINANCE)?;
        said("number", &notice.number, 100)?;
        said("text", &notice.text, 5_000)?;
        let mut against = Vec::new();
        if self.team.is_empty() {
            against.push(Rule::new(
                "visit.team",
                ORDINANCE,
                "尚未组成督导小组",
                "it has no team yet",
            ));
        }
        if today > self.date {
            against.push(Rule::new(
                "visit.notice",
                ORDINANCE,
                format!("督导日 {} 已过：须事先书面通知，请先改期", self.date),
                "its day has passed: the notice comes before it",
            ));
        }
        if !self.kind.is_full()
            && let Some(span) = law.rules.optional_span("clock.routine_notice")
        {
            let earliest = span.before(self.date, &law.calendar);
            if today < earliest {
                against.push(Rule::new(
                    "clock.routine_notice",
                    law.rules.basis("clock.routine_notice"),
                    format!(
                        "此类督导最早可于 {earliest} 通知（提前不超过{}）",
                        span.zh()
                    ),
                    format!("it may be announced from {earliest} on"),
                ));
            }
        }
        if notice
            .self_evaluation_due
            .is_some_and(|due| due < today || due > self.date)
        {
            against.push(Rule::new(
                "visit.self_evaluation_due",
                "第四条",
                "自评期限须在通知之后、督导之前",
                "the self-evaluation is due between the notice and the visit",
            ));
        }
        Refusal::unless_none(against)?;
        self.self_evaluation = notice.self_evaluation_due.map(|due| SelfEvaluation {
            due_date: Some(due),
            ..SelfEvaluation::default()
        });
        self.notice = Some(Notice {
            date: today,
            number: notice.number,
            text: notice.text,
        });
        self.ruleset.clone_from(&law.rules.name);
        self.state = VisitState::Notified;
        Ok(self)
    }

    /// Takes in the unit's self-evaluation (art. 四).
    pub fn self_evaluate(
        mut self,
        words: &str,
        evaluation: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[VisitState::Notified, VisitState::SelfEvaluated], "第四条")?;
        said("text", words, 20_000)?;
        let asked = self.self_evaluation.unwrap_or_default();
        self.self_evaluation = Some(SelfEvaluation {
            receive_date: Some(today),
            text: words.to_owned(),
            evaluation: evaluation.to_owned(),
            ..asked
        });
        self.state = VisitState::SelfEvaluated;
        Ok(self)
    }

    /// Reviews the self-evaluation, by a member of the team.
    pub fn review(
        mut self,
        words: &str,
        reviewer: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[VisitState::SelfEvaluated], "第四条")?;
        said("review", words, 5_000)?;
        self.of_team("reviewer", reviewer)?;
        let received = self.self_evaluation.unwrap_or_default();
        self.self_evaluation = Some(SelfEvaluation {
            review_date: Some(today),
            review: words.to_owned(),
            reviewer: reviewer.to_owned(),
            ..received
        });
        self.state = VisitState::Reviewed;
        Ok(self)
    }

    /// Begins at the place. A full visit needs its self-evaluation reviewed; any needs a team that may go, which the caller
    /// has checked with [`Visit::check_team`].
    pub fn begin(
        mut self,
        location: Option<Location>,
        place: &Place,
        today: NaiveDate,
        law: &Law,
    ) -> Result<Self, Refusal> {
        if self.kind.is_full() {
            self.in_state(&[VisitState::Reviewed], ORDINANCE)?;
        } else {
            self.in_state(&[VisitState::Planned, VisitState::Notified], ORDINANCE)?;
        }
        if let Some(location) = &location {
            let mut wrong = Violations::new();
            wrong.take("location", location.check());
            wrong.into_result()?;
        }
        if today < self.date {
            return Err(Refusal::rule(
                "visit.date",
                "",
                format!("督导日为 {}：提前进校请先改期", self.date),
                "its day has not come: reschedule it first",
            ));
        }
        let distance_m = match (&location, place.position) {
            (Some(location), Some((longitude, latitude))) => {
                Some(location.metres_to(longitude, latitude).round())
            }
            _ => None,
        };
        self.site = Some(SiteVisit {
            start_date: today,
            end_date: None,
            location,
            distance_m,
        });
        if self.ruleset.is_empty() {
            self.ruleset.clone_from(&law.rules.name);
        }
        self.state = VisitState::OnSite;
        Ok(self)
    }

    /// Records that a group was heard, apart from the others.
    pub fn hear(mut self, hearing: Hearing, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[VisitState::OnSite, VisitState::SiteDone], ORDINANCE)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "hearing.summary", &hearing.summary, 10_000);
        text(&mut wrong, "hearing.by", &hearing.by, 200);
        wrong.check(
            hearing.people >= 1,
            "hearing.people",
            "至少听取 1 人意见",
            "must be at least 1",
        );
        let begun = self.site.as_ref().map(|site| site.start_date);
        wrong.check(
            hearing.date <= today && begun.is_none_or(|begun| hearing.date >= begun),
            "hearing.date",
            "须在督导开始之后、今天之前",
            "must lie between the visit's first day and today",
        );
        wrong.into_result()?;
        self.hearings.push(hearing);
        Ok(self)
    }

    /// Records who came for a member unit (art. 二).
    pub fn participate(mut self, unit: &str, persons: Vec<String>) -> Result<Self, Refusal> {
        self.in_state(&[VisitState::OnSite, VisitState::SiteDone], "第二条")?;
        let mut wrong = Violations::new();
        wrong.check(
            !persons.is_empty() && persons.iter().all(|person| !person.trim().is_empty()),
            "persons",
            "至少填写一名参加人员",
            "must name at least one person",
        );
        let part = self.units.iter_mut().find(|part| part.unit == unit);
        wrong.check(
            part.is_some(),
            "unit",
            "该单位不在本次督导的参加单位之列",
            "must be a member unit of this visit",
        );
        wrong.into_result()?;
        if let Some(part) = part {
            part.persons = persons;
            part.attended = true;
        }
        Ok(self)
    }

    /// Ends the visit at the place.
    pub fn finish(mut self, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[VisitState::OnSite], ORDINANCE)?;
        if let Some(site) = &mut self.site {
            site.end_date = Some(today);
        }
        self.state = VisitState::SiteDone;
        Ok(self)
    }

    /// Gives the preliminary opinion, once the public, students, parents and teachers were each heard; the unit may plead
    /// from now on.
    pub fn give_preliminary(
        mut self,
        summary: &str,
        today: NaiveDate,
        law: &Law,
    ) -> Result<Self, Refusal> {
        self.full_only()?;
        self.in_state(&[VisitState::SiteDone], ORDINANCE)?;
        said("summary", summary, 20_000)?;
        let missing: Vec<_> = HearingGroup::ALL
            .iter()
            .filter(|group| !self.hearings.iter().any(|one| one.group == **group))
            .map(|group| group.zh())
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::rule(
                "visit.hearings",
                ORDINANCE,
                format!("尚未单独听取意见：{}", missing.join("、")),
                "the public, students, parents and teachers are each heard before the opinion",
            ));
        }
        let plea_due_date = law.due("clock.plea", today)?;
        self.preliminary = Some(PreliminaryOpinion {
            date: today,
            due_date: law.due_if_set(self.kind.preliminary_clock(), self.last_day()),
            summary: summary.to_owned(),
            plea_due_date,
        });
        self.state = VisitState::Preliminary;
        Ok(self)
    }

    /// Takes in the unit's plea while its window is open.
    pub fn plead(mut self, words: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(&[VisitState::Preliminary], ORDINANCE)?;
        said("text", words, 20_000)?;
        let due = self.preliminary.as_ref().map(|one| one.plea_due_date);
        if due.is_some_and(|due| today > due) {
            return Err(Refusal::rule(
                "clock.plea",
                ORDINANCE,
                format!("申辩期限已于 {} 届满", due.unwrap_or_default()),
                "the window for a plea has closed",
            ));
        }
        self.plea = Some(Plea {
            date: today,
            text: words.to_owned(),
            ..Plea::default()
        });
        self.state = VisitState::Pleaded;
        Ok(self)
    }

    /// Answers the plea.
    pub fn answer(
        mut self,
        words: &str,
        accepted: bool,
        by: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(&[VisitState::Pleaded], ORDINANCE)?;
        said("text", words, 20_000)?;
        said("answered_by", by, 200)?;
        if let Some(plea) = &mut self.plea {
            plea.answer_date = Some(today);
            words.clone_into(&mut plea.answer);
            plea.accepted = accepted;
            by.clone_into(&mut plea.answered_by);
        }
        self.state = VisitState::Answered;
        Ok(self)
    }

    /// Records that a member of the team agrees to the letter.
    pub fn agree(mut self, supervisor: &str) -> Result<Self, Refusal> {
        self.in_state(
            &[
                VisitState::SiteDone,
                VisitState::Preliminary,
                VisitState::Pleaded,
                VisitState::Answered,
                VisitState::Recorded,
            ],
            ORDINANCE,
        )?;
        self.of_team("supervisor", supervisor)?;
        if !self.agreements.iter().any(|one| one == supervisor) {
            self.agreements.push(supervisor.to_owned());
        }
        Ok(self)
    }

    /// With the number that the register has given its letter.
    #[must_use]
    pub fn numbered(mut self, number: &str) -> Self {
        if let Some(letter) = &mut self.letter {
            number.clone_into(&mut letter.number);
        }
        self
    }

    /// Issues the opinion letter (art. 八): the plea answered, or its window closed; and as many of the team agree as the
    /// rules ask (上海: two thirds).
    pub fn issue_letter(
        mut self,
        number: &str,
        summary: &str,
        today: NaiveDate,
        law: &Law,
    ) -> Result<Self, Refusal> {
        let states: &[_] = if self.kind.is_full() {
            &[VisitState::Preliminary, VisitState::Answered]
        } else {
            &[VisitState::Recorded]
        };
        self.in_state(states, "第八条")?;
        said("number", number, 100)?;
        said("summary", summary, 20_000)?;
        let mut against = Vec::new();
        if self.state == VisitState::Preliminary
            && let Some(preliminary) = &self.preliminary
            && today <= preliminary.plea_due_date
        {
            against.push(Rule::new(
                "clock.plea",
                law.rules.basis("clock.plea"),
                format!(
                    "申辩期限至 {}：期满或答复申辩后才能下达意见书",
                    preliminary.plea_due_date
                ),
                format!("the unit may plead until {}", preliminary.plea_due_date),
            ));
        }
        if let Some(share) = law.rules.optional("letter.agreement_share") {
            // A share such as two thirds has no exact decimal.
            let needed = (share * self.team.len() as f64 - 1e-6).ceil() as usize;
            if self.agreements.len() < needed {
                against.push(Rule::new(
                    "letter.agreement_share",
                    law.rules.basis("letter.agreement_share"),
                    format!(
                        "意见书须经督导小组 {needed} 名成员同意，现有 {} 名",
                        self.agreements.len()
                    ),
                    format!("{needed} of the team must agree to the letter"),
                ));
            }
        }
        Refusal::unless_none(against)?;
        let from_preliminary = law.rules.switch("letter.from_preliminary");
        let anchor = match &self.preliminary {
            Some(preliminary) if from_preliminary => preliminary.date,
            _ => self.last_day(),
        };
        self.letter = Some(IssuedOpinion {
            number: number.to_owned(),
            date: today,
            due_date: law.due_if_set("clock.opinion_letter", anchor),
            summary: summary.to_owned(),
        });
        self.state = VisitState::LetterIssued;
        Ok(self)
    }

    /// Makes the record of a short form.
    pub fn record(
        mut self,
        words: &str,
        matters: Vec<String>,
        by: &str,
        today: NaiveDate,
        law: &Law,
    ) -> Result<Self, Refusal> {
        if self.kind.is_full() {
            return Err(Refusal::state(
                "visit.form",
                ORDINANCE,
                "综合督导和专项督导须形成初步意见和意见书，不能只作记录",
                "a comprehensive or special inspection ends in an opinion, not in a record",
            ));
        }
        self.in_state(&[VisitState::SiteDone], ORDINANCE)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "text", words, 20_000);
        text(&mut wrong, "by", by, 200);
        wrong.check(
            !matters.is_empty() && matters.len() <= 50,
            "matters",
            "须选择 1 至 50 项督导事项",
            "must be 1 to 50 matters",
        );
        wrong.into_result()?;
        self.record = Some(VisitRecord {
            date: today,
            due_date: law.due_if_set("clock.record", self.last_day()),
            matters,
            text: words.to_owned(),
            by: by.to_owned(),
        });
        self.state = VisitState::Recorded;
        Ok(self)
    }

    /// Urges the unit at once, for an illegal act or a danger to life: from the first moment at the place.
    pub fn urge(
        mut self,
        ground: UrgencyGround,
        words: &str,
        by: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        if self.site.is_none() || self.state == VisitState::Cancelled {
            return Err(Refusal::state(
                "visit.state",
                ORDINANCE,
                "到现场之后才能当场督促",
                "nobody has been there yet",
            ));
        }
        said("text", words, 5_000)?;
        said("by", by, 200)?;
        self.urgings.push(Urging {
            date: today,
            ground,
            text: words.to_owned(),
            by: by.to_owned(),
        });
        Ok(self)
    }

    /// Makes the report to the government: every inspection ends in one (art. 七).
    pub fn submit_report(
        mut self,
        number: &str,
        title: &str,
        words: &str,
        today: NaiveDate,
        law: &Law,
    ) -> Result<Self, Refusal> {
        let states: &[_] = if self.kind.is_full() {
            &[VisitState::LetterIssued]
        } else {
            &[VisitState::Recorded, VisitState::LetterIssued]
        };
        self.in_state(states, "第七条")?;
        let mut wrong = Violations::new();
        text(&mut wrong, "number", number, 100);
        text(&mut wrong, "title", title, 200);
        text(&mut wrong, "text", words, 100_000);
        wrong.into_result()?;
        self.report = Some(Report {
            date: today,
            due_date: law.due_if_set("clock.report_to_government", self.last_day()),
            number: number.to_owned(),
            title: title.to_owned(),
            text: words.to_owned(),
        });
        self.state = VisitState::Reported;
        Ok(self)
    }

    /// Files the report upward; filed again with the same superior, it notes the receipt.
    pub fn file(mut self, to: &str, receipt: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(
            &[
                VisitState::Reported,
                VisitState::Filed,
                VisitState::Published,
            ],
            "第七条",
        )?;
        said("to", to, 200)?;
        match self.filings.iter_mut().find(|filing| filing.to == to) {
            Some(filing) => receipt.clone_into(&mut filing.receipt),
            None => self.filings.push(Filing {
                to: to.to_owned(),
                date: today,
                receipt: receipt.to_owned(),
            }),
        }
        if self.state == VisitState::Reported {
            self.state = VisitState::Filed;
        }
        Ok(self)
    }

    /// Publishes the result (art. 七): a report that was filed; of a short form also its record (art. 二十一, 一公开).
    pub fn publish(
        mut self,
        scope: PublicationScope,
        place: &str,
        words: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let states: &[_] = if self.kind.is_full() {
            &[VisitState::Filed]
        } else {
            &[VisitState::Recorded, VisitState::Filed]
        };
        self.in_state(states, "第七条")?;
        let mut wrong = Violations::new();
        text(&mut wrong, "place", place, 500);
        text(&mut wrong, "text", words, 100_000);
        wrong.into_result()?;
        self.publication = Some(Publication {
            date: today,
            scope,
            place: place.to_owned(),
            text: words.to_owned(),
        });
        self.state = VisitState::Published;
        Ok(self)
    }

    /// Records that it does not take place.
    pub fn cancel(mut self, reason: &str) -> Result<Self, Refusal> {
        self.in_state(MOVABLE, "")?;
        said("reason", reason, 500)?;
        self.state = VisitState::Cancelled;
        reason.clone_into(&mut self.end_reason);
        Ok(self)
    }

    fn full_only(&self) -> Result<(), Refusal> {
        if self.kind.is_full() {
            return Ok(());
        }
        Err(Refusal::state(
            "visit.form",
            ORDINANCE,
            "经常性、随机、回头看和突发督导以督导记录反馈，没有初步意见",
            "a short form is told by its record and has no preliminary opinion",
        ))
    }

    fn of_team(&self, field: &str, supervisor: &str) -> Result<(), Refusal> {
        if self.team.iter().any(|one| one.supervisor == supervisor) {
            return Ok(());
        }
        Err(Refusal::field(
            field,
            "不是本次督导小组成员",
            "must be a member of the team",
        ))
    }
}
