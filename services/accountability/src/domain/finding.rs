//! A finding's life (`rules.md` § 5): `open → decided → reported → passed → published → closed`, a late or insufficient one is
//! urged with a new limit; after the close-out it is looked at again: sustained, or reopened under the same identity.

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations, text};
use serde::{Deserialize, Serialize};

dudao_law::words!(
    /// How grave a finding is.
    Severity {
        /// It can be put right by the way.
        Minor = "一般问题",
        /// It needs a plan.
        Serious = "较重问题",
        /// It stands against the law or endangers people.
        Grave = "重大问题",
    }
);

dudao_law::words!(
    /// Where a finding stands. Overdue is no state: it is seen from the limit.
    FindingState {
        /// No rectification decision yet.
        Open = "待下达整改决定",
        /// To be put right by its limit.
        Decided = "整改中",
        /// The unit has reported.
        Reported = "已报告整改",
        /// The check found it not put right.
        Insufficient = "整改不到位",
        /// The check found it put right.
        Passed = "验收合格",
        /// The result was published.
        Published = "已公布结果",
        /// Closed out.
        Closed = "已销号",
        /// The look-back found it still put right.
        Sustained = "回头看合格",
        /// The look-back found it back again.
        Reopened = "回头看反弹",
        /// Taken back on an objection.
        Withdrawn = "已撤销",
    }
);

impl Default for FindingState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

/// The rectification decision of a finding (art. 八).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// In which of the case's documents it stands, the first is 1; 0 if it was decided before documents were made here.
    #[serde(default)]
    pub part: i32,
    /// The day.
    pub date: NaiveDate,
    /// Number of the document.
    pub document: String,
    /// What must be done.
    pub requirement: String,
    /// By when.
    pub limit_date: NaiveDate,
    /// Who decided.
    pub officer: String,
}

/// A longer limit, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The day.
    pub date: NaiveDate,
    /// The new limit.
    pub limit_date: NaiveDate,
    /// Why.
    pub reason: String,
    /// Who allowed it.
    pub officer: String,
}

/// What was done at once, before causes are analysed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImmediateAction {
    /// The day.
    pub date: NaiveDate,
    /// What was done.
    pub text: String,
    /// Who did it.
    pub by: String,
}

/// The unit's report (art. 九).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RectificationReport {
    /// The day.
    pub date: NaiveDate,
    /// What was done.
    pub text: String,
    /// Who reports: the one who put it right.
    pub by: String,
    /// Files; never required.
    pub evidence: Vec<String>,
}

/// A check of what was put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The day.
    pub date: NaiveDate,
    /// Whether it is put right.
    pub passed: bool,
    /// What was seen.
    pub text: String,
    /// Who checked.
    pub officer: String,
}

/// The publication of the result (art. 九).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultPublication {
    /// The day.
    pub date: NaiveDate,
    /// Where it can be read.
    pub place: String,
    /// What was done, in words for the public.
    #[serde(default)]
    pub text: String,
}

/// The close-out (销号, art. 十).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseOut {
    /// The day.
    pub date: NaiveDate,
    /// Who closed it.
    pub officer: String,
    /// On what it rests.
    pub text: String,
}

/// A look-back (回头看, art. 十).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookBack {
    /// The day.
    pub date: NaiveDate,
    /// Whether it is still put right.
    pub sustained: bool,
    /// What was seen.
    pub text: String,
    /// Who looked.
    pub officer: String,
}

/// A finding with its whole life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseFinding {
    /// Its identity, which it keeps.
    pub finding: String,
    /// What is wrong, in a line.
    pub title: String,
    /// What was seen.
    pub detail: String,
    /// The rule that it breaks.
    pub basis: String,
    /// How grave it is.
    pub severity: Severity,
    /// Whether it is an illegal act or a danger to life.
    pub danger: bool,
    /// What the inspectors ask to be done.
    pub requirement: String,
    /// Within how many days they ask for it; 0 if they do not say.
    pub limit_days: i32,
    /// Where it stands.
    pub state: FindingState,
    /// By when it must be put right; none while undecided or done.
    pub limit_date: Option<NaiveDate>,
    /// The decision in force.
    pub decision: Option<Decision>,
    /// Longer limits.
    pub extensions: Vec<Extension>,
    /// What was done at once.
    pub actions: Vec<ImmediateAction>,
    /// The unit's reports.
    pub reports: Vec<RectificationReport>,
    /// Checks.
    pub checks: Vec<Check>,
    /// The publication of the result.
    pub publication: Option<ResultPublication>,
    /// Close-outs; more than one if it was reopened.
    pub closings: Vec<CloseOut>,
    /// Look-backs.
    pub look_backs: Vec<LookBack>,
    /// Why it was taken back.
    pub withdraw_reason: String,
}

impl CaseFinding {
    /// Checks what was said of it.
    pub fn check_draft(&self) -> Result<(), Violations> {
        let mut wrong = Violations::new();
        text(&mut wrong, "finding", &self.finding, 200);
        text(&mut wrong, "title", &self.title, 100);
        text(&mut wrong, "basis", &self.basis, 500);
        wrong.check(
            (0..=3_660).contains(&self.limit_days),
            "limit_days",
            "整改期限须为 0 至 3660 天",
            "must be 0 to 3,660 days",
        );
        wrong.into_result()
    }

    /// Whether its limit has passed without a report, or a check has found it not put right.
    pub fn is_late(&self, today: NaiveDate) -> bool {
        self.state == FindingState::Decided && self.limit_date.is_some_and(|limit| today > limit)
    }

    /// Whether the ladder may be climbed for it: late or insufficient (arts. 九, 十三).
    pub fn calls_for_more(&self, today: NaiveDate) -> bool {
        self.is_late(today) || self.state == FindingState::Insufficient
    }

    /// The result that the public may read: none once the finding has come back.
    pub fn published(&self) -> Option<&ResultPublication> {
        match self.state {
            FindingState::Published | FindingState::Closed | FindingState::Sustained => {
                self.publication.as_ref()
            }
            FindingState::Open
            | FindingState::Decided
            | FindingState::Reported
            | FindingState::Insufficient
            | FindingState::Passed
            | FindingState::Reopened
            | FindingState::Withdrawn => None,
        }
    }

    /// Whether it was closed out for good, and reported by a limit: its first one, its longer one, or the one that was set on
    /// the spot.
    pub fn was_in_time(&self, on_the_spot: Option<NaiveDate>) -> bool {
        let closed = match self.state {
            FindingState::Closed | FindingState::Sustained => self.closings.len() == 1,
            FindingState::Open
            | FindingState::Decided
            | FindingState::Reported
            | FindingState::Insufficient
            | FindingState::Passed
            | FindingState::Published
            | FindingState::Reopened
            | FindingState::Withdrawn => false,
        };
        let limit = self.extensions.last().map(|longer| longer.limit_date);
        let limit = limit.or(self.decision.as_ref().map(|one| one.limit_date));
        let reported = self.reports.last().map(|report| report.date);
        closed
            && reported
                .zip(limit.or(on_the_spot))
                .is_some_and(|(reported, limit)| reported <= limit)
    }

    /// Whether nothing is left to do.
    pub fn is_settled(&self) -> bool {
        match self.state {
            FindingState::Closed | FindingState::Sustained | FindingState::Withdrawn => true,
            FindingState::Open
            | FindingState::Decided
            | FindingState::Reported
            | FindingState::Insufficient
            | FindingState::Passed
            | FindingState::Published
            | FindingState::Reopened => false,
        }
    }

    /// Decides what must be done and until when; one that was reopened is decided anew.
    pub fn decide(&mut self, decision: Decision) -> Result<(), Refusal> {
        self.in_state(&[FindingState::Open, FindingState::Reopened], "第八条")?;
        if decision.limit_date <= decision.date {
            return Err(Refusal::field(
                "limit_date",
                "整改期限须在决定之后",
                "must lie after the decision",
            ));
        }
        self.limit_date = Some(decision.limit_date);
        self.decision = Some(decision);
        self.publication = None;
        self.state = FindingState::Decided;
        Ok(())
    }

    /// Records what was done at once.
    pub fn act(&mut self, action: ImmediateAction) -> Result<(), Refusal> {
        if self.is_settled() {
            return self.in_state(&[FindingState::Open, FindingState::Decided], "第九条");
        }
        self.actions.push(action);
        Ok(())
    }

    /// Allows a longer limit while the old one runs.
    pub fn extend(&mut self, extension: Extension) -> Result<(), Refusal> {
        self.in_state(&[FindingState::Decided], "第九条")?;
        if self.limit_date.is_some_and(|limit| extension.date > limit) {
            return Err(Refusal::rule(
                "finding.limit",
                "第九条",
                "期限已过：逾期须下发督办函，不能延期",
                "its limit has passed: what is late is urged, not extended",
            ));
        }
        if self
            .limit_date
            .is_some_and(|limit| extension.limit_date <= limit)
        {
            return Err(Refusal::field(
                "limit_date",
                "须晚于现有期限",
                "must lie after the present limit",
            ));
        }
        self.limit_date = Some(extension.limit_date);
        self.extensions.push(extension);
        Ok(())
    }

    /// Takes in the unit's report.
    pub fn report(&mut self, report: RectificationReport) -> Result<(), Refusal> {
        self.in_state(
            &[FindingState::Decided, FindingState::Insufficient],
            "第九条",
        )?;
        self.reports.push(report);
        self.state = FindingState::Reported;
        Ok(())
    }

    /// Records whether it is put right.
    pub fn check(&mut self, check: Check) -> Result<(), Refusal> {
        self.in_state(&[FindingState::Reported], "第十条")?;
        self.not_by_rectifier(&check.officer, "第十条")?;
        self.state = if check.passed {
            FindingState::Passed
        } else {
            FindingState::Insufficient
        };
        self.checks.push(check);
        Ok(())
    }

    /// Publishes its result.
    pub fn publish(&mut self, publication: ResultPublication) -> Result<(), Refusal> {
        self.in_state(&[FindingState::Passed], "第九条")?;
        self.publication = Some(publication);
        self.limit_date = None;
        self.state = FindingState::Published;
        Ok(())
    }

    /// Closes it out: after a passed check and its publication, by someone other than the one who put it right.
    pub fn close_out(&mut self, closing: CloseOut) -> Result<(), Refusal> {
        self.in_state(&[FindingState::Published], "第十条")?;
        self.not_by_rectifier(&closing.officer, "第十条")?;
        self.closings.push(closing);
        self.state = FindingState::Closed;
        Ok(())
    }

    /// Looks at it again after the close-out.
    pub fn look_back(&mut self, look: LookBack) -> Result<(), Refusal> {
        self.in_state(&[FindingState::Closed, FindingState::Sustained], "第十条")?;
        self.not_by_rectifier(&look.officer, "第十条")?;
        self.state = if look.sustained {
            FindingState::Sustained
        } else {
            FindingState::Reopened
        };
        self.look_backs.push(look);
        Ok(())
    }

    /// Takes it back on an objection, before it is closed out.
    pub fn withdraw(&mut self, reason: &str) -> Result<(), Refusal> {
        self.in_state(
            &[
                FindingState::Open,
                FindingState::Decided,
                FindingState::Reported,
                FindingState::Insufficient,
                FindingState::Reopened,
            ],
            "第八条",
        )?;
        reason.clone_into(&mut self.withdraw_reason);
        self.limit_date = None;
        self.state = FindingState::Withdrawn;
        Ok(())
    }

    /// Urges it with a new limit: only what is late or insufficient (art. 九).
    pub fn urge(&mut self, limit_date: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
        if !self.calls_for_more(today) {
            return Err(Refusal::rule(
                "finding.late",
                "第九条",
                format!("“{}”既未逾期，也未验收不合格，不能督办", self.title),
                "it is neither late nor insufficient",
            ));
        }
        self.limit_date = Some(limit_date);
        self.state = FindingState::Decided;
        Ok(())
    }

    fn not_by_rectifier(&self, officer: &str, article: &str) -> Result<(), Refusal> {
        let rectifier = self.reports.last().map(|report| report.by.as_str());
        if rectifier == Some(officer) {
            return Err(Refusal::rule(
                "finding.other_person",
                article,
                format!("{officer} 是整改报告人：验收、销号和回头看须由他人进行"),
                "must be done by someone other than the one who put it right",
            ));
        }
        Ok(())
    }

    fn in_state(&self, right: &[FindingState], article: &str) -> Result<(), Refusal> {
        if right.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<_> = right
            .iter()
            .map(|state| format!("“{}”", state.zh()))
            .collect();
        Err(Refusal::state(
            "finding.state",
            article,
            format!(
                "问题“{}”现为“{}”，此步骤须在{}时进行",
                self.title,
                self.state,
                words.join("或")
            ),
            "the finding's state does not allow this step",
        ))
    }
}
