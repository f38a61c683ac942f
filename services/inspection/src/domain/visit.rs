//! Visits: one object inspected, step by step (`rules.md` § 4).
//!
//! A comprehensive or special visit takes every step: `planned → notified → self-evaluated → reviewed → on site → site done →
//! preliminary opinion → (pleaded → answered) → letter issued → reported → filed → published`. The short forms (routine,
//! random, look-back, emergency) go `planned → on site → site done → recorded`, and on to a letter, a report and the
//! publication where there is something to tell.

mod steps;
mod team;
mod work;

use chrono::NaiveDate;
use dudao_law::{Refusal, Violations, text};
use serde::{Deserialize, Serialize};

pub use steps::{Notified, Ready};
pub use team::{Bar, Candidate, Place, With};
pub use work::{Work, work};

use super::words::{InspectionKind, ObjectKind, PublicationScope};
use super::{check_id, check_length};

dudao_law::words!(
    /// Where a visit stands.
    VisitState {
        /// It has a day.
        Planned = "已计划",
        /// The unit was told in writing.
        Notified = "已通知",
        /// The unit's self-evaluation has come.
        SelfEvaluated = "已自评",
        /// The self-evaluation was reviewed.
        Reviewed = "已审核自评",
        /// The team is there.
        OnSite = "现场督导中",
        /// The team has left.
        SiteDone = "现场督导结束",
        /// The preliminary opinion was given.
        Preliminary = "已初步反馈",
        /// The unit has pleaded.
        Pleaded = "已申辩",
        /// The plea was answered.
        Answered = "已答复申辩",
        /// The record of a short form is made.
        Recorded = "已记录",
        /// The opinion letter was issued.
        LetterIssued = "已下达意见书",
        /// The report to the government was made.
        Reported = "已报告",
        /// The report was filed upward.
        Filed = "已备案",
        /// The result was published.
        Published = "已公开",
        /// It does not take place.
        Cancelled = "已取消",
    }
);

impl Default for VisitState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

dudao_law::words!(
    /// Who is heard before the preliminary opinion, each apart (条例).
    HearingGroup {
        /// Anyone of the public.
        Public = "公众",
        /// Students.
        Students = "学生",
        /// Parents.
        Parents = "家长",
        /// Teachers.
        Teachers = "教师",
    }
);

dudao_law::words!(
    /// Why a unit is urged at once.
    UrgencyGround {
        /// An act against the law.
        IllegalAct = "违法行为",
        /// A danger to the life of pupils or teachers.
        DangerToLife = "危及师生生命安全",
    }
);

/// A member of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamMember {
    /// The supervisor's name.
    pub supervisor: String,
    /// What the person is called.
    pub display_name: String,
    /// Whether the person leads the team.
    pub leader: bool,
}

/// A member unit's part (art. 二).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitPart {
    /// The unit's name.
    pub unit: String,
    /// What it is called.
    pub display_name: String,
    /// Who came for it.
    pub persons: Vec<String>,
    /// Whether it took part.
    pub attended: bool,
}

/// The written notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The day.
    pub date: NaiveDate,
    /// Number of the document.
    pub number: String,
    /// What the unit was told to prepare.
    pub text: String,
}

/// The unit's self-evaluation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfEvaluation {
    /// By when it was asked for.
    pub due_date: Option<NaiveDate>,
    /// When it came.
    pub receive_date: Option<NaiveDate>,
    /// What it says, in short.
    pub text: String,
    /// Scores by indicators: the name of an evaluation.
    pub evaluation: String,
    /// When it was reviewed.
    pub review_date: Option<NaiveDate>,
    /// What the team makes of it.
    pub review: String,
    /// The supervisor who reviewed it.
    pub reviewer: String,
}

/// Where a device said that it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees east, WGS-84.
    pub longitude: f64,
    /// Degrees north, WGS-84.
    pub latitude: f64,
    /// Metres; 0 if unknown.
    pub accuracy_m: f64,
}

impl Location {
    /// Checks that it is on Earth.
    pub fn check(&self) -> Result<(), Violations> {
        let mut wrong = Violations::new();
        wrong.check(
            (-180.0..=180.0).contains(&self.longitude),
            "longitude",
            "经度须在 −180 至 180 之间",
            "must lie in −180 to 180",
        );
        wrong.check(
            (-90.0..=90.0).contains(&self.latitude),
            "latitude",
            "纬度须在 −90 至 90 之间",
            "must lie in −90 to 90",
        );
        wrong.check(
            self.accuracy_m >= 0.0,
            "accuracy_m",
            "精度不能为负",
            "must not be negative",
        );
        wrong.into_result()
    }

    /// Metres to a place on the sphere of the Earth's mean radius, by the haversine formula (Sinnott, Sky and Telescope 68, 1984).
    pub fn metres_to(&self, longitude: f64, latitude: f64) -> f64 {
        const RADIUS_M: f64 = 6_371_008.8;
        let (here, there) = (self.latitude.to_radians(), latitude.to_radians());
        let east = (longitude - self.longitude).to_radians() / 2.0;
        let north = (there - here) / 2.0;
        let haversine = north.sin().powi(2) + here.cos() * there.cos() * east.sin().powi(2);
        2.0 * RADIUS_M * haversine.sqrt().min(1.0).asin()
    }
}

/// The days at the place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SiteVisit {
    /// First day.
    pub start_date: NaiveDate,
    /// Last day; none until it is done.
    pub end_date: Option<NaiveDate>,
    /// Where the team said that it was.
    pub location: Option<Location>,
    /// How far that is from the school, in metres; never a reason to refuse.
    pub distance_m: Option<f64>,
}

/// A hearing of one group, apart from the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hearing {
    /// Who was heard.
    pub group: HearingGroup,
    /// The day.
    pub date: NaiveDate,
    /// How many people, at least 1.
    pub people: i32,
    /// What they said.
    pub summary: String,
    /// Who heard them.
    pub by: String,
}

/// The preliminary opinion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreliminaryOpinion {
    /// The day.
    pub date: NaiveDate,
    /// By when it had to be given.
    pub due_date: Option<NaiveDate>,
    /// What it says.
    pub summary: String,
    /// Until when the unit may plead.
    pub plea_due_date: NaiveDate,
}

/// What the unit says against the preliminary opinion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plea {
    /// The day.
    pub date: NaiveDate,
    /// What it says.
    pub text: String,
    /// When it was answered.
    pub answer_date: Option<NaiveDate>,
    /// What it was answered.
    pub answer: String,
    /// Whether the team follows it, in whole or in part.
    pub accepted: bool,
    /// Who answered it.
    pub answered_by: String,
}

/// The opinion letter as the visit keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedOpinion {
    /// Its number.
    pub number: String,
    /// The day of issue.
    pub date: NaiveDate,
    /// By when it had to be issued.
    pub due_date: Option<NaiveDate>,
    /// What was seen, as a whole.
    pub summary: String,
}

/// The record of a short form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitRecord {
    /// The day.
    pub date: NaiveDate,
    /// By when it had to be made.
    pub due_date: Option<NaiveDate>,
    /// Which matters were looked at.
    pub matters: Vec<String>,
    /// What was seen.
    pub text: String,
    /// Who made it.
    pub by: String,
}

/// What a unit was urged to at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Urging {
    /// The day.
    pub date: NaiveDate,
    /// Why.
    pub ground: UrgencyGround,
    /// What it must do.
    pub text: String,
    /// Who urged it.
    pub by: String,
}

/// The report to the government (art. 七).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The day.
    pub date: NaiveDate,
    /// By when it had to be made.
    pub due_date: Option<NaiveDate>,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// What it says.
    pub text: String,
}

/// A filing with a superior, and the receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// With whom.
    pub to: String,
    /// The day.
    pub date: NaiveDate,
    /// Number or words of the receipt; "" until it has come.
    pub receipt: String,
}

/// The publication of the result (art. 七).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The day.
    pub date: NaiveDate,
    /// Who may read it.
    pub scope: PublicationScope,
    /// Where it can be read.
    pub place: String,
    /// What is published, without personal data.
    pub text: String,
}

/// A change of the team, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitution {
    /// The day.
    pub date: NaiveDate,
    /// Who left it.
    pub leaving: String,
    /// Who came in; "" if nobody.
    pub joining: String,
    /// Why.
    pub reason: String,
}

/// A visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// The campaign's name; "" for a routine visit.
    pub campaign: String,
    /// The year plan that it comes from.
    pub plan: String,
    /// Items of the list that it serves.
    pub items: Vec<String>,
    /// Its kind.
    pub kind: InspectionKind,
    /// What is inspected.
    pub object_kind: ObjectKind,
    /// The name of a school, town or member unit.
    pub target: String,
    /// What it is called.
    pub target_name: String,
    /// The town that it lies in.
    pub town: String,
    /// The day.
    pub date: NaiveDate,
    /// Days that it takes, in halves.
    pub days: f64,
    /// Why it can't wait, for an emergency.
    pub reason: String,
    /// The team.
    pub team: Vec<TeamMember>,
    /// Member units that take part.
    pub units: Vec<UnitPart>,
    /// Where it stands.
    pub state: VisitState,
    /// The rules under which it began; "" until then.
    pub ruleset: String,
    /// The written notice.
    pub notice: Option<Notice>,
    /// The unit's self-evaluation.
    pub self_evaluation: Option<SelfEvaluation>,
    /// The days at the place.
    pub site: Option<SiteVisit>,
    /// Who was heard.
    pub hearings: Vec<Hearing>,
    /// The preliminary opinion.
    pub preliminary: Option<PreliminaryOpinion>,
    /// The unit's plea.
    pub plea: Option<Plea>,
    /// Members of the team who agree to the letter.
    pub agreements: Vec<String>,
    /// The opinion letter.
    pub letter: Option<IssuedOpinion>,
    /// The record of a short form.
    pub record: Option<VisitRecord>,
    /// What the unit was urged to at once.
    pub urgings: Vec<Urging>,
    /// The report to the government.
    pub report: Option<Report>,
    /// Filings upward.
    pub filings: Vec<Filing>,
    /// The publication.
    pub publication: Option<Publication>,
    /// Changes of the team.
    pub substitutions: Vec<Substitution>,
    /// Why it was cancelled.
    pub end_reason: String,
}

impl Visit {
    /// A visit of which only kind, object and day are known.
    pub fn planned(
        kind: InspectionKind,
        object_kind: ObjectKind,
        target: &str,
        target_name: &str,
        date: NaiveDate,
    ) -> Self {
        Self {
            campaign: String::new(),
            plan: String::new(),
            items: Vec::new(),
            kind,
            object_kind,
            target: target.to_owned(),
            target_name: target_name.to_owned(),
            town: String::new(),
            date,
            days: 1.0,
            reason: String::new(),
            team: Vec::new(),
            units: Vec::new(),
            state: VisitState::Planned,
            ruleset: String::new(),
            notice: None,
            self_evaluation: None,
            site: None,
            hearings: Vec::new(),
            preliminary: None,
            plea: None,
            agreements: Vec::new(),
            letter: None,
            record: None,
            urgings: Vec::new(),
            report: None,
            filings: Vec::new(),
            publication: None,
            substitutions: Vec::new(),
            end_reason: String::new(),
        }
    }

    /// Full names of those whom it concerns: its team, the units that take part, and the object, which learns of a visit by
    /// the notice, or, unannounced, when the team is there.
    pub fn concerned(&self) -> Vec<String> {
        let told = self.notice.is_some() || self.site.is_some() || !self.urgings.is_empty();
        let team = self.team.iter().map(|one| one.supervisor.clone());
        let units = self.units.iter().map(|one| one.unit.clone());
        team.chain(units)
            .chain(told.then(|| self.target.clone()))
            .collect()
    }

    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "visit_id", code);
        text(&mut wrong, "target", &self.target, 200);
        text(&mut wrong, "target_name", &self.target_name, 100);
        check_length(&mut wrong, "town", &self.town, 100);
        check_length(&mut wrong, "reason", &self.reason, 500);
        wrong.check(
            self.days > 0.0 && self.days <= 60.0,
            "days",
            "督导天数须大于 0，不超过 60",
            "must be more than 0 and at most 60",
        );
        wrong.check(
            self.kind == InspectionKind::Routine
                || self.kind == InspectionKind::Emergency
                || !self.campaign.is_empty(),
            "campaign",
            "除经常性督导和突发督导外，须属于一个已确定的督导项目",
            "must belong to a campaign, unless it is a routine visit or an emergency",
        );
        wrong.check(
            self.kind != InspectionKind::Emergency || !self.reason.trim().is_empty(),
            "reason",
            "突发督导须写明原因",
            "an emergency must say why it can't wait",
        );
        wrong.adopt("", team::check_shape(&self.team));
        wrong.into_result()?;
        Ok(self)
    }

    /// Nothing of a visit changes but by its steps.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        before.clone()
    }

    /// Whether it has come to its end.
    pub fn is_over(&self) -> bool {
        match self.state {
            VisitState::Published | VisitState::Cancelled => true,
            VisitState::Recorded => self.kind == InspectionKind::Routine,
            VisitState::Planned
            | VisitState::Notified
            | VisitState::SelfEvaluated
            | VisitState::Reviewed
            | VisitState::OnSite
            | VisitState::SiteDone
            | VisitState::Preliminary
            | VisitState::Pleaded
            | VisitState::Answered
            | VisitState::LetterIssued
            | VisitState::Reported
            | VisitState::Filed => false,
        }
    }

    /// Whether the team has been there.
    pub fn is_made(&self) -> bool {
        self.site
            .as_ref()
            .is_some_and(|site| site.end_date.is_some())
    }

    /// Refuses a finding before the team was there and after the letter: what is found later needs a visit of its own.
    pub fn may_find(&self) -> Result<(), Refusal> {
        self.in_state(
            &[
                VisitState::OnSite,
                VisitState::SiteDone,
                VisitState::Preliminary,
                VisitState::Pleaded,
                VisitState::Answered,
                VisitState::Recorded,
            ],
            "第八条",
        )
    }

    /// Last day at the place; the planned day until then.
    pub fn last_day(&self) -> NaiveDate {
        let site = self.site.as_ref();
        site.and_then(|site| site.end_date).unwrap_or(self.date)
    }

    /// Refuses a state out of those in which a step may be done.
    fn in_state(&self, right: &[VisitState], article: &str) -> Result<(), Refusal> {
        if right.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<_> = right
            .iter()
            .map(|state| format!("“{}”", state.zh()))
            .collect();
        Err(Refusal::state(
            "visit.state",
            article,
            format!(
                "督导现为“{}”，此步骤须在{}时进行",
                self.state,
                words.join("或")
            ),
            "the visit's state does not allow this step",
        ))
    }
}

#[cfg(test)]
mod tests;
