//! Commendation (表彰, art. 十一): one round a year, from the results to the decision by Teachers' Day.

mod candidate;

use chrono::NaiveDate;
use dudao_law::{Refusal, Rule, Violations, check_length, text};
use serde::{Deserialize, Serialize};

pub use candidate::{Candidate, Standing, UnitResult, candidates};

use super::decision::SubjectKind;
use super::reminder::ReminderMatter;

const ARTICLE: &str = "第十一条";
const MAX_NOMINEES: usize = 500;

dudao_law::words!(
    /// Where a round stands.
    CommendationState {
        /// Nominees are gathered.
        Nominating = "推荐中",
        /// The public notice was begun.
        Noticed = "公示中",
        /// It is decided.
        Decided = "已决定",
        /// It is published.
        Published = "已公布",
    }
);

impl Default for CommendationState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

/// An objection to a nomination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NomineeObjection {
    /// The day.
    pub date: NaiveDate,
    /// What is said against it.
    pub text: String,
    /// Who says so; "" for someone who does not give a name.
    pub by: String,
    /// When it was answered.
    pub answer_date: Option<NaiveDate>,
    /// Whether it is right.
    pub upheld: bool,
    /// What was found.
    pub answer: String,
    /// Who answered.
    pub officer: String,
}

/// A nominee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nominee {
    /// Whom it is about.
    pub kind: SubjectKind,
    /// The unit, or the unit of the person.
    pub unit: String,
    /// What the unit is called.
    pub unit_name: String,
    /// The person.
    pub person: String,
    /// The person's post.
    pub post: String,
    /// Why.
    pub reason: String,
    /// Who nominates.
    pub nominated_by: String,
    /// Its number in the round, from 1.
    pub n: i32,
    /// The day.
    pub date: Option<NaiveDate>,
    /// Why it was struck; "" while it stands.
    pub strike_reason: String,
    /// Objections.
    pub objections: Vec<NomineeObjection>,
}

impl Nominee {
    /// Whether it stands.
    pub fn stands(&self) -> bool {
        self.strike_reason.is_empty()
    }

    fn check(&self) -> Result<(), Violations> {
        let mut wrong = Violations::new();
        text(&mut wrong, "unit", &self.unit, 200);
        text(&mut wrong, "unit_name", &self.unit_name, 100);
        text(&mut wrong, "reason", &self.reason, 2_000);
        text(&mut wrong, "nominated_by", &self.nominated_by, 100);
        match self.kind {
            SubjectKind::Person => {
                text(&mut wrong, "person", &self.person, 100);
                text(&mut wrong, "post", &self.post, 100);
            }
            SubjectKind::Unit => {
                wrong.check(
                    self.person.is_empty() && self.post.is_empty(),
                    "person",
                    "推荐单位时不填个人信息",
                    "must be empty for a unit",
                );
            }
        }
        wrong.into_result()
    }
}

/// The public notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommendationNotice {
    /// First day.
    pub start_date: NaiveDate,
    /// Last day.
    pub end_date: NaiveDate,
    /// Where it can be read.
    pub place: String,
    /// Who decided.
    pub officer: String,
}

/// The decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommendationDecision {
    /// The day.
    pub date: NaiveDate,
    /// Number of the document.
    pub number: String,
    /// Who decided.
    pub officer: String,
}

/// The publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommendationPublication {
    /// The day.
    pub date: NaiveDate,
    /// Where it can be read.
    pub place: String,
}

/// The commendation of a year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commendation {
    /// The year.
    pub year: i32,
    /// What it is called.
    pub display_name: String,
    /// Who is in charge of it.
    pub officer: String,
    /// Teachers' Day, by which it is to be decided.
    pub due_date: Option<NaiveDate>,
    /// Where it stands.
    pub state: CommendationState,
    /// Nominees, those that were struck too.
    pub nominees: Vec<Nominee>,
    /// The public notice.
    pub notice: Option<CommendationNotice>,
    /// The decision.
    pub decision: Option<CommendationDecision>,
    /// The publication.
    pub publication: Option<CommendationPublication>,
}

/// Teachers' Day: 10 September (教师法 art. 6).
pub fn teachers_day(year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, 9, 10)
}

/// The results that a round looks at: the school year before Teachers' Day, from 1 September to 31 August.
pub fn period(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    let first = NaiveDate::from_ymd_opt(year - 1, 9, 1)?;
    Some((first, NaiveDate::from_ymd_opt(year, 8, 31)?))
}

impl Commendation {
    /// Checks what was said of it; the code is the year.
    pub fn check(mut self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        let right = (2000..=2999).contains(&self.year);
        wrong.check(right, "year", "须为 2000 至 2999", "must be 2000 to 2999");
        wrong.check(
            !right || code == self.year.to_string(),
            "commendation_id",
            "编号须为年度",
            "must be the year",
        );
        text(&mut wrong, "display_name", &self.display_name, 100);
        text(&mut wrong, "officer", &self.officer, 100);
        wrong.into_result()?;
        self.due_date = teachers_day(self.year);
        Ok(self)
    }

    /// Nothing of it changes but by its steps.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Nominates a unit or a person of one, against whom nothing stands.
    pub fn nominate(
        mut self,
        nominee: Nominee,
        standing: &Standing,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(CommendationState::Nominating)?;
        let mut wrong = Violations::new();
        wrong.take("nominee", nominee.check());
        let twice = self.nominees.iter().any(|one| {
            one.stands()
                && (one.kind, &one.unit, &one.person)
                    == (nominee.kind, &nominee.unit, &nominee.person)
        });
        wrong.check(!twice, "nominee", "已经推荐", "must not be nominated twice");
        wrong.check(
            self.nominees.len() < MAX_NOMINEES,
            "nominee",
            "最多 500 个推荐对象",
            "must be at most 500 nominees",
        );
        wrong.into_result()?;
        Refusal::unless_none(standing.against(&nominee))?;
        self.nominees.push(Nominee {
            n: self.nominees.len() as i32 + 1,
            date: Some(today),
            strike_reason: String::new(),
            objections: Vec::new(),
            ..nominee
        });
        Ok(self)
    }

    /// Takes a nomination back, before the decision.
    pub fn strike(mut self, n: i32, reason: &str, officer: &str) -> Result<Self, Refusal> {
        self.before_decision()?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        text(&mut wrong, "officer", officer, 100);
        wrong.into_result()?;
        self.nominee(n)?.strike_reason = format!("{reason}（{officer}）");
        Ok(self)
    }

    /// Begins the public notice of those that stand.
    pub fn give_notice(
        mut self,
        end_date: NaiveDate,
        place: &str,
        officer: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(CommendationState::Nominating)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "place", place, 500);
        text(&mut wrong, "officer", officer, 100);
        wrong.check(
            end_date > today,
            "end_date",
            "公示截止日须在今天之后",
            "must lie after today",
        );
        wrong.into_result()?;
        self.some_stand()?;
        self.notice = Some(CommendationNotice {
            start_date: today,
            end_date,
            place: place.to_owned(),
            officer: officer.to_owned(),
        });
        self.state = CommendationState::Noticed;
        Ok(self)
    }

    /// Takes in an objection while the notice runs.
    pub fn object(
        mut self,
        n: i32,
        words: &str,
        by: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(CommendationState::Noticed)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "text", words, 5_000);
        check_length(&mut wrong, "by", by, 100);
        wrong.into_result()?;
        if let Some(end) = self.notice_end().filter(|end| today > *end) {
            return Err(Refusal::rule(
                "commendation.notice",
                ARTICLE,
                format!("公示已于 {end} 结束"),
                format!("the notice ended on {end}"),
            ));
        }
        self.nominee(n)?.objections.push(NomineeObjection {
            date: today,
            text: words.to_owned(),
            by: by.to_owned(),
            answer_date: None,
            upheld: false,
            answer: String::new(),
            officer: String::new(),
        });
        Ok(self)
    }

    /// Answers the first unanswered objection to a nomination; one that is upheld strikes it.
    pub fn answer(
        mut self,
        n: i32,
        upheld: bool,
        words: &str,
        officer: &str,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(CommendationState::Noticed)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "answer", words, 5_000);
        text(&mut wrong, "officer", officer, 100);
        wrong.into_result()?;
        let nominee = self.nominee(n)?;
        let open = nominee.objections.iter_mut();
        let Some(objection) = open.into_iter().find(|one| one.answer_date.is_none()) else {
            return Err(Refusal::state(
                "commendation.objection",
                ARTICLE,
                "该推荐对象没有待答复的异议",
                "no objection to it is unanswered",
            ));
        };
        objection.answer_date = Some(today);
        objection.upheld = upheld;
        words.clone_into(&mut objection.answer);
        officer.clone_into(&mut objection.officer);
        if upheld {
            nominee.strike_reason = format!("异议成立：{words}（{officer}）");
        }
        Ok(self)
    }

    /// Decides after the notice: every objection answered, and still nothing against any who stands. That it is later than
    /// Teachers' Day is seen from the days.
    pub fn decide(
        mut self,
        number: &str,
        officer: &str,
        standings: &[(i32, Standing)],
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.in_state(CommendationState::Noticed)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "number", number, 100);
        text(&mut wrong, "officer", officer, 100);
        wrong.into_result()?;
        self.some_stand()?;
        let mut rules = Vec::new();
        if let Some(end) = self.notice_end().filter(|end| today <= *end) {
            rules.push(Rule::new(
                "commendation.notice",
                ARTICLE,
                format!("公示至 {end}，结束后才能决定"),
                format!("the notice runs until {end}: decide after it"),
            ));
        }
        for nominee in self.nominees.iter().filter(|one| one.stands()) {
            if nominee
                .objections
                .iter()
                .any(|one| one.answer_date.is_none())
            {
                rules.push(Rule::new(
                    "commendation.objection",
                    ARTICLE,
                    format!("对“{}{}”的异议尚未答复", nominee.unit_name, nominee.post),
                    "an objection is unanswered",
                ));
            }
            let standing = standings.iter().find(|(n, _)| *n == nominee.n);
            rules.extend(
                standing
                    .into_iter()
                    .flat_map(|(_, one)| one.against(nominee)),
            );
        }
        Refusal::unless_none(rules)?;
        self.decision = Some(CommendationDecision {
            date: today,
            number: number.to_owned(),
            officer: officer.to_owned(),
        });
        self.state = CommendationState::Decided;
        Ok(self)
    }

    /// Publishes who is commended.
    pub fn publish(mut self, place: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.in_state(CommendationState::Decided)?;
        let mut wrong = Violations::new();
        text(&mut wrong, "place", place, 500);
        wrong.into_result()?;
        self.publication = Some(CommendationPublication {
            date: today,
            place: place.to_owned(),
        });
        self.state = CommendationState::Published;
        Ok(self)
    }

    /// The clock that runs or has run out: the decision's.
    pub fn clock(&self) -> Option<(ReminderMatter, NaiveDate)> {
        let due = self.due_date.filter(|_| self.decision.is_none())?;
        Some((ReminderMatter::Commendation, due))
    }

    fn before_decision(&self) -> Result<(), Refusal> {
        match self.state {
            CommendationState::Nominating | CommendationState::Noticed => Ok(()),
            CommendationState::Decided | CommendationState::Published => {
                self.in_state(CommendationState::Noticed)
            }
        }
    }

    fn some_stand(&self) -> Result<(), Refusal> {
        if self.nominees.iter().any(Nominee::stands) {
            return Ok(());
        }
        Err(Refusal::rule(
            "commendation.nominees",
            ARTICLE,
            "没有推荐对象：请先推荐",
            "nobody is nominated: nominate first",
        ))
    }

    fn notice_end(&self) -> Option<NaiveDate> {
        self.notice.as_ref().map(|notice| notice.end_date)
    }

    fn nominee(&mut self, n: i32) -> Result<&mut Nominee, Refusal> {
        let mut standing = self.nominees.iter_mut();
        standing
            .find(|one| one.n == n && one.stands())
            .ok_or_else(|| {
                Refusal::field(
                    "n",
                    format!("没有编号为 {n} 的有效推荐"),
                    format!("is no standing nomination: {n}"),
                )
            })
    }

    fn in_state(&self, right: CommendationState) -> Result<(), Refusal> {
        if self.state == right {
            return Ok(());
        }
        Err(Refusal::state(
            "commendation.state",
            ARTICLE,
            format!("现为“{}”，此步骤须在“{right}”时进行", self.state),
            "the round's state does not allow this step",
        ))
    }
}

#[cfg(test)]
mod tests;
