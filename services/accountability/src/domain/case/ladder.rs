//! The ladder: urging letter → interview → notification → accountability (arts. 九, 十二–十四). A step is proposed by the clock
//! and decided by a named officer; it needs the evidence of the step before, or an explicit trigger of the law.

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations, text};

use super::{
    AccountabilityReferral, AccountabilityTrigger, Case, CaseFinding, FindingState, Interview,
    InterviewTrigger, Notification, NotificationTrigger, UrgingLetter, file, said,
};

dudao_law::words!(
    /// A step of the ladder.
    LadderStep {
        /// Art. 九.
        UrgingLetter = "督办函",
        /// Art. 十二.
        Interview = "约谈",
        /// Art. 十三.
        Notification = "通报",
        /// Art. 十四.
        Accountability = "问责",
    }
);

impl LadderStep {
    /// The article of the founding document that it comes from.
    pub fn article(self) -> &'static str {
        match self {
            Self::UrgingLetter => "第九条",
            Self::Interview => "第十二条",
            Self::Notification => "第十三条",
            Self::Accountability => "第十四条",
        }
    }
}

/// A step that the clock proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The step.
    pub step: LadderStep,
    /// The findings that call for it.
    pub findings: Vec<String>,
    /// Why, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Case {
    /// Urges with a new limit what is late or insufficient (art. 九).
    pub fn urge(
        mut self,
        findings: &[String],
        number: &str,
        limit_date: NaiveDate,
        officer: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let mut wrong = Violations::new();
        text(&mut wrong, "number", number, 100);
        text(&mut wrong, "officer", officer, 100);
        wrong.check(
            !findings.is_empty(),
            "findings",
            "至少选择一个问题",
            "must be at least one",
        );
        wrong.check(
            limit_date > today,
            "limit_date",
            "新期限须在今天之后",
            "must lie after today",
        );
        wrong.into_result()?;
        for (at, finding) in findings.iter().enumerate() {
            self = self.with(finding, &format!("findings[{at}]"), |one| {
                one.urge(limit_date, today)
            })?;
        }
        self.urging_letters.push(UrgingLetter {
            n: self.urging_letters.len() as i32 + 1,
            date: today,
            number: number.to_owned(),
            findings: findings.to_vec(),
            limit_date,
            officer: officer.to_owned(),
        });
        Ok(self)
    }

    /// Urges at once what a visit met as an illegal act or a danger to life: the letter was spoken on the spot.
    #[must_use]
    pub fn urged_on_the_spot(mut self, limit_date: NaiveDate, today: NaiveDate) -> Self {
        for finding in &mut self.findings {
            finding.limit_date = Some(limit_date);
            finding.state = FindingState::Decided;
        }
        self.urging_letters.push(UrgingLetter {
            n: 1,
            date: today,
            number: String::new(),
            findings: self
                .findings
                .iter()
                .map(|one| one.finding.clone())
                .collect(),
            limit_date,
            officer: self.team.first().cloned().unwrap_or_default(),
        });
        self
    }

    /// Records an interview (art. 十二).
    pub fn interview(
        mut self,
        trigger: Option<InterviewTrigger>,
        attendees: Vec<String>,
        record: &str,
        officer: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        said("record", record, 20_000)?;
        said("officer", officer, 100)?;
        if attendees.is_empty() {
            return Err(Refusal::field(
                "attendees",
                "至少填写一名被约谈人",
                "must be at least one",
            ));
        }
        if trigger.is_none()
            && self
                .unmoved(today, |one| self.urged(&one.finding) > 0)
                .is_empty()
        {
            return Err(Refusal::rule(
                "ladder.interview",
                "第十二条",
                "没有督办后仍逾期或整改不到位的问题：须先下发督办函，或写明第十二条所列情形",
                "nothing was urged in vain: urge first, or name a trigger of art. 12",
            ));
        }
        self.interviews.push(Interview {
            date: today,
            trigger,
            attendees,
            record: record.to_owned(),
            officer: officer.to_owned(),
            filings: Vec::new(),
        });
        Ok(self)
    }

    /// Files the last interview's record, or notes the receipt of a filing.
    pub fn file_interview(
        mut self,
        to: &str,
        receipt: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        said("to", to, 200)?;
        let Some(interview) = self.interviews.last_mut() else {
            return Err(Refusal::state(
                "ladder.interview",
                "第十二条",
                "尚未约谈，没有可报送的约谈记录",
                "no interview has been held",
            ));
        };
        file(&mut interview.filings, to, receipt, today);
        Ok(self)
    }

    /// Notifies the town and the superior department (art. 十三): of what is still not put right after an interview, or
    /// after a limit has passed, when the unit's conduct is one of the article's.
    pub fn notify(
        mut self,
        trigger: NotificationTrigger,
        words: &str,
        recipients: Vec<String>,
        officer: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        said("text", words, 20_000)?;
        said("officer", officer, 100)?;
        if recipients.is_empty() {
            return Err(Refusal::field(
                "recipients",
                "须写明通报对象（所在乡镇党委、政府及上级主管部门）",
                "must name to whom",
            ));
        }
        if self.unmoved(today, |_| true).is_empty() {
            return Err(Refusal::rule(
                "ladder.notification",
                "第十三条",
                "没有逾期或整改不到位的问题，不能通报",
                "nothing is late or insufficient",
            ));
        }
        self.notifications.push(Notification {
            date: today,
            trigger,
            text: words.to_owned(),
            recipients,
            officer: officer.to_owned(),
            filings: Vec::new(),
        });
        Ok(self)
    }

    /// Takes the case to accountability (art. 十四): after a notification without effect, or on one of the direct triggers.
    pub fn refer(
        mut self,
        trigger: Option<AccountabilityTrigger>,
        words: &str,
        officer: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        said("text", words, 20_000)?;
        said("officer", officer, 100)?;
        let notified = !self.notifications.is_empty() && !self.unmoved(today, |_| true).is_empty();
        let allowed = match trigger {
            None => notified,
            // What was found is not put right: there must be such a finding.
            Some(AccountabilityTrigger::NotRectified) => !self.unmoved(today, |_| true).is_empty(),
            Some(
                AccountabilityTrigger::TaskUnfinished
                | AccountabilityTrigger::DutyWeak
                | AccountabilityTrigger::Obstruction,
            ) => true,
        };
        if !allowed {
            return Err(Refusal::rule(
                "ladder.accountability",
                "第十四条",
                "没有通报后仍逾期或整改不到位的问题：须先通报，或写明第十四条所列情形",
                "nothing was notified in vain: notify first, or name a trigger of art. 14",
            ));
        }
        self.referrals.push(AccountabilityReferral {
            date: today,
            trigger,
            text: words.to_owned(),
            officer: officer.to_owned(),
        });
        Ok(self)
    }

    /// Whether a finding still lacks its decision (art. 八).
    pub fn lacks_decision(&self) -> bool {
        self.findings
            .iter()
            .any(|one| one.state == FindingState::Open)
    }

    /// Whether a finding that was closed out was not looked back at since (art. 十).
    pub fn lacks_look_back(&self) -> bool {
        self.findings
            .iter()
            .any(|one| one.state == FindingState::Closed)
    }

    /// The step that the clock proposes today, if any: each needs the one before it.
    pub fn proposal(&self, today: NaiveDate) -> Option<Proposal> {
        let unmoved = self.unmoved(today, |_| true);
        let urged: Vec<_> = unmoved
            .iter()
            .filter(|one| self.urged(&one.finding) > 0)
            .copied()
            .collect();
        // A finding that was never urged is urged first, whatever became of the others.
        let fresh: Vec<_> = unmoved
            .iter()
            .filter(|one| self.urged(&one.finding) == 0)
            .copied()
            .collect();
        let since = |day: Option<NaiveDate>| {
            day.is_some_and(|day| {
                urged.iter().any(|one| {
                    one.limit_date
                        .is_none_or(|limit| limit <= day || today > limit)
                })
            })
        };
        let interviewed = self.interviews.last().map(|one| one.date);
        let notified = self.notifications.last().map(|one| one.date);
        let (step, findings) = if !fresh.is_empty() {
            (LadderStep::UrgingLetter, fresh)
        } else if urged.is_empty() || !self.referrals.is_empty() {
            return None;
        } else if since(notified) {
            (LadderStep::Accountability, urged)
        } else if since(interviewed) {
            (LadderStep::Notification, urged)
        } else {
            (LadderStep::Interview, urged)
        };
        Some(Proposal {
            zh: format!("{} 个问题逾期或整改不到位，建议{}", findings.len(), step),
            en: format!("{} findings are late or insufficient", findings.len()),
            findings: findings.iter().map(|one| one.finding.clone()).collect(),
            step,
        })
    }

    /// Findings that are late or insufficient, and for which something holds.
    fn unmoved(&self, today: NaiveDate, and: impl Fn(&CaseFinding) -> bool) -> Vec<&CaseFinding> {
        self.findings
            .iter()
            .filter(|one| one.calls_for_more(today) && and(one))
            .collect()
    }
}
