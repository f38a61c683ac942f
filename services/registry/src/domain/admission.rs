//! Admission of supervisors (督学准入, art. 十五): recommended → reviewed → on public notice → published → appointed.

use chrono::{Days, NaiveDate};
use dudao_law::ruleset::Law;
use dudao_law::{Refusal, Rule, Violations, check_count, check_id, check_length, text};
use serde::{Deserialize, Serialize};

use super::school::{Place, Stage};
use super::supervisor::{Employment, Supervisor, SupervisorDraft};

dudao_law::words!(
    /// The conditions of appointment (《教育督导条例》 art. 7).
    Eligibility {
        /// Upholds the Party's policy on education.
        Loyalty = "坚持党的教育方针，热爱教育督导工作",
        /// Knows the law of education, and is able.
        Knowledge = "熟悉教育法律法规和方针政策，具有相应的专业知识和业务能力",
        /// A bachelor's degree, and ten years in education management, teaching or research.
        EducationAndService = "大学本科以上学历，从事教育管理、教学或者教育研究工作10年以上，工作实绩突出",
        /// Principled, fair and clean.
        Integrity = "坚持原则，办事公道，品行端正，廉洁自律",
        /// In good health.
        Health = "身体健康，能胜任教育督导工作",
        /// Has passed the assessment before taking post.
        Assessment = "经考核合格",
    }
);

dudao_law::words!(
    /// Where an admission stands.
    AdmissionState {
        /// Somebody was recommended.
        Recommended = "已推荐",
        /// All conditions are met.
        Reviewed = "审核通过",
        /// The public notice runs.
        Noticed = "公示中",
        /// The result was published.
        Published = "已公布",
        /// The person is a supervisor.
        Appointed = "已聘任",
        /// Not admitted.
        Rejected = "未通过",
        /// The recommendation was taken back.
        Withdrawn = "已撤回",
    }
);

impl Default for AdmissionState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

/// The rule that names the conditions.
const CONDITIONS: &str = "《教育督导条例》第七条";
/// The article on admission.
const ARTICLE: &str = "第十五条";
/// Years of service that the conditions ask for.
const MIN_YEARS: i32 = 10;
/// Words of which a degree that suffices has one.
const DEGREES: [&str; 5] = ["本科", "学士", "硕士", "博士", "研究生"];

/// What the review says of a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionReview {
    /// Which one.
    pub condition: Eligibility,
    /// Whether it is met.
    pub met: bool,
    /// On what that rests.
    pub evidence: String,
}

/// The review against the conditions (资格审核).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionReview {
    /// The day.
    pub date: NaiveDate,
    /// Who reviewed.
    pub by: String,
    /// One for each.
    pub conditions: Vec<ConditionReview>,
}

/// A public notice (公示).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicNotice {
    /// First day.
    pub start_date: NaiveDate,
    /// Last day.
    pub end_date: NaiveDate,
    /// Where it can be read.
    pub place: String,
}

/// What somebody says against it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionObjection {
    /// The day it came.
    pub date: NaiveDate,
    /// What it says.
    pub text: String,
    /// When it was resolved.
    pub resolve_date: Option<NaiveDate>,
    /// How it was resolved.
    pub resolution: String,
    /// Whether it was found right.
    pub upheld: bool,
}

/// The appointment (聘任).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The day.
    pub date: NaiveDate,
    /// Number of the letter of appointment (聘书).
    pub letter_number: String,
    /// Number of the certificate (督学证).
    pub certificate_number: String,
    /// Full name of the supervisor it has made.
    pub supervisor: String,
}

/// An admission to the supervisors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Admission {
    /// The person's name.
    pub display_name: String,
    /// How the person is to serve.
    pub employment: Employment,
    /// The stages that the person may supervise.
    pub stages: Vec<Stage>,
    /// Where the person's rounds start and end.
    pub base: Place,
    /// Where the person works or worked.
    pub employer: String,
    /// For the plaque.
    pub phone: String,
    /// The highest degree.
    pub education: String,
    /// Years in education management, teaching or research, 0 to 60.
    pub years_of_service: i32,
    /// Whether the person is a Young Pioneer counsellor, who may be hired part-time.
    pub young_pioneers: bool,
    /// Who recommends the person.
    pub recommended_by: String,
    /// Where it stands.
    pub state: AdmissionState,
    /// The rules under which it began.
    pub ruleset: String,
    /// The review.
    pub review: Option<AdmissionReview>,
    /// The public notice.
    pub notice: Option<PublicNotice>,
    /// What was said against it.
    pub objections: Vec<AdmissionObjection>,
    /// When the result was published.
    pub publish_date: Option<NaiveDate>,
    /// The appointment.
    pub appointment: Option<Appointment>,
    /// Why it was rejected or withdrawn.
    pub end_reason: String,
}

/// What an appointment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appointing {
    /// 工号.
    pub supervisor_id: String,
    /// Number of the letter of appointment.
    pub letter_number: String,
    /// Number of the certificate.
    pub certificate_number: String,
    /// First day of the term.
    pub term_start_date: NaiveDate,
    /// Full name that the supervisor will have.
    pub supervisor: String,
    /// Full-time supervisors in office.
    pub full_time: usize,
}

impl Admission {
    /// Checks what was said of it.
    pub fn check(self, code: &str) -> Result<Self, Violations> {
        let mut wrong = Violations::new();
        check_id(&mut wrong, "admission_id", code);
        text(&mut wrong, "display_name", &self.display_name, 100);
        wrong.check(
            !self.stages.is_empty(),
            "stages",
            "至少填写一个可督导学段",
            "must name at least one stage",
        );
        wrong.take("base", self.base.check());
        check_length(&mut wrong, "employer", &self.employer, 100);
        dudao_law::check_phone(&mut wrong, "phone", &self.phone);
        text(&mut wrong, "education", &self.education, 100);
        wrong.check(
            (0..=60).contains(&self.years_of_service),
            "years_of_service",
            "须为 0 至 60 的整数",
            "must be a whole number from 0 to 60",
        );
        text(&mut wrong, "recommended_by", &self.recommended_by, 100);
        wrong.check(
            !self.young_pioneers || self.employment == Employment::PartTime,
            "employment",
            "少先队总辅导员、少工委负责同志聘为兼职督学（第十五条）",
            "must be part-time for a Young Pioneer counsellor (art. 15)",
        );
        wrong.into_result()?;
        Ok(self)
    }

    /// This content with what only the steps may change, taken from the admission as it is.
    #[must_use]
    pub fn keep(self, before: &Self) -> Self {
        Self {
            state: before.state,
            ruleset: before.ruleset.clone(),
            review: before.review.clone(),
            notice: before.notice.clone(),
            objections: before.objections.clone(),
            publish_date: before.publish_date,
            appointment: before.appointment.clone(),
            end_reason: before.end_reason.clone(),
            ..self
        }
    }

    /// Whether what was said of the person may be corrected: until it was reviewed.
    pub fn may_change(&self) -> Result<(), Refusal> {
        self.is(&[AdmissionState::Recommended])
    }

    /// Reviews the person against the six conditions: each must be met, with its evidence (条例 art. 7).
    pub fn review(
        self,
        by: &str,
        conditions: Vec<ConditionReview>,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.is(&[AdmissionState::Recommended])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "by", by, 100);
        check_count(
            &mut wrong,
            "conditions",
            conditions.len(),
            Eligibility::ALL.len(),
        );
        for (at, one) in conditions.iter().enumerate() {
            text(
                &mut wrong,
                &format!("conditions[{at}].evidence"),
                &one.evidence,
                500,
            );
            let twice = conditions[..at]
                .iter()
                .any(|other| other.condition == one.condition);
            wrong.check(
                !twice,
                format!("conditions[{at}].condition"),
                "该条件重复",
                "must not be given twice",
            );
        }
        for condition in Eligibility::ALL {
            wrong.check(
                conditions.iter().any(|one| one.condition == *condition),
                "conditions",
                format!("缺少对“{condition}”的审核意见"),
                format!("must say whether condition {condition:?} is met"),
            );
        }
        wrong.into_result()?;
        let mut rules: Vec<Rule> = conditions
            .iter()
            .filter(|one| !one.met)
            .map(|one| {
                Rule::new(
                    "admission.condition",
                    CONDITIONS,
                    format!("不符合任职条件：{}", one.condition),
                    format!("a condition is not met: {:?}", one.condition),
                )
            })
            .collect();
        let claims = conditions
            .iter()
            .any(|one| one.met && one.condition == Eligibility::EducationAndService);
        if claims && self.years_of_service < MIN_YEARS {
            rules.push(Rule::new(
                "admission.service",
                CONDITIONS,
                format!(
                    "从事教育工作 {} 年，不足 {MIN_YEARS} 年",
                    self.years_of_service
                ),
                format!(
                    "{} years of service are fewer than {MIN_YEARS}",
                    self.years_of_service
                ),
            ));
        }
        if claims && !DEGREES.iter().any(|degree| self.education.contains(degree)) {
            rules.push(Rule::new(
                "admission.degree",
                CONDITIONS,
                format!("学历“{}”不是大学本科以上", self.education),
                "the education is below a bachelor's degree",
            ));
        }
        Refusal::unless_none(rules)?;
        Ok(Self {
            state: AdmissionState::Reviewed,
            review: Some(AdmissionReview {
                date: today,
                by: by.to_owned(),
                conditions,
            }),
            ..self
        })
    }

    /// Puts the admission on public notice for the county's `admission.notice`.
    pub fn announce(self, place: &str, law: &Law, today: NaiveDate) -> Result<Self, Refusal> {
        self.is(&[AdmissionState::Reviewed])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "place", place, 200);
        wrong.into_result()?;
        Ok(Self {
            state: AdmissionState::Noticed,
            notice: Some(PublicNotice {
                start_date: today,
                end_date: law.due("admission.notice", today)?,
                place: place.to_owned(),
            }),
            ..self
        })
    }

    /// Takes in what somebody says against it while the notice runs.
    pub fn object(mut self, words: &str, today: NaiveDate) -> Result<Self, Refusal> {
        self.is(&[AdmissionState::Noticed])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "text", words, 2_000);
        wrong.into_result()?;
        if self
            .notice
            .as_ref()
            .is_some_and(|notice| today > notice.end_date)
        {
            return Err(Refusal::rule(
                "admission.notice",
                ARTICLE,
                "公示期已结束，不再受理异议",
                "the notice has ended",
            ));
        }
        self.objections.push(AdmissionObjection {
            date: today,
            text: words.to_owned(),
            ..AdmissionObjection::default()
        });
        Ok(self)
    }

    /// Resolves an objection. One that is found right ends the admission.
    pub fn resolve(
        mut self,
        position: i32,
        resolution: &str,
        upheld: bool,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        self.is(&[AdmissionState::Noticed])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "resolution", resolution, 2_000);
        let objection = usize::try_from(position)
            .ok()
            .and_then(|at| self.objections.get_mut(at))
            .filter(|one| one.resolve_date.is_none());
        wrong.check(
            objection.is_some(),
            "position",
            "没有这一条待处理的异议",
            "must be an objection that is open",
        );
        wrong.into_result()?;
        if let Some(objection) = objection {
            objection.resolve_date = Some(today);
            resolution.clone_into(&mut objection.resolution);
            objection.upheld = upheld;
        }
        if upheld {
            self.state = AdmissionState::Rejected;
            self.end_reason = format!("公示异议成立：{resolution}");
        }
        Ok(self)
    }

    /// Publishes the result, once the notice has ended and no objection is open.
    pub fn publish(self, today: NaiveDate) -> Result<Self, Refusal> {
        self.is(&[AdmissionState::Noticed])?;
        let mut rules = Vec::new();
        if let Some(notice) = self
            .notice
            .as_ref()
            .filter(|notice| today <= notice.end_date)
        {
            rules.push(Rule::new(
                "admission.notice",
                ARTICLE,
                format!("公示至 {} 结束", notice.end_date),
                format!("the notice runs until {}", notice.end_date),
            ));
        }
        let open = self
            .objections
            .iter()
            .filter(|one| one.resolve_date.is_none())
            .count();
        if open > 0 {
            rules.push(Rule::new(
                "admission.objections",
                ARTICLE,
                format!("还有 {open} 条异议未处理"),
                format!("{open} objections are open"),
            ));
        }
        Refusal::unless_none(rules)?;
        Ok(Self {
            state: AdmissionState::Published,
            publish_date: Some(today),
            ..self
        })
    }

    /// Appoints the person within the quota, or hires for a term of the county's `supervisor.term_years` (art. 十五).
    pub fn appoint(
        self,
        asked: &Appointing,
        law: &Law,
        today: NaiveDate,
    ) -> Result<(Self, Supervisor), Refusal> {
        self.is(&[AdmissionState::Published])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "letter_number", &asked.letter_number, 100);
        text(
            &mut wrong,
            "certificate_number",
            &asked.certificate_number,
            100,
        );
        wrong.into_result()?;
        let term_end_date = match self.employment {
            Employment::FullTime => {
                let quota = law.rules.count("supervisor.full_time_quota")? as usize;
                if asked.full_time >= quota {
                    return Err(Refusal::rule(
                        "supervisor.full_time_quota",
                        ARTICLE,
                        format!("专职督学已有 {} 人，核定编制 {quota} 人", asked.full_time),
                        format!(
                            "there are {} full-time supervisors for a quota of {quota}",
                            asked.full_time
                        ),
                    ));
                }
                None
            }
            Employment::PartTime => Some(term_end(asked.term_start_date, law)?),
        };
        let draft = SupervisorDraft {
            code: asked.supervisor_id.clone(),
            display_name: self.display_name.clone(),
            employment: Some(self.employment),
            stages: self.stages.clone(),
            base: Some(self.base),
            term_start_date: asked.term_start_date.to_string(),
            term_end_date: term_end_date.map(|day| day.to_string()).unwrap_or_default(),
            employer: self.employer.clone(),
            phone: self.phone.clone(),
            letter_number: asked.letter_number.clone(),
            certificate_number: asked.certificate_number.clone(),
            ..SupervisorDraft::default()
        };
        let supervisor = draft.finish()?;
        let admission = Self {
            state: AdmissionState::Appointed,
            appointment: Some(Appointment {
                date: today,
                letter_number: asked.letter_number.clone(),
                certificate_number: asked.certificate_number.clone(),
                supervisor: asked.supervisor.clone(),
            }),
            ..self
        };
        Ok((admission, supervisor))
    }

    /// Records that the person is not admitted.
    pub fn reject(self, reason: &str) -> Result<Self, Refusal> {
        self.end(AdmissionState::Rejected, reason)
    }

    /// Takes the recommendation back.
    pub fn withdraw(self, reason: &str) -> Result<Self, Refusal> {
        self.end(AdmissionState::Withdrawn, reason)
    }

    fn end(self, state: AdmissionState, reason: &str) -> Result<Self, Refusal> {
        self.is(&[
            AdmissionState::Recommended,
            AdmissionState::Reviewed,
            AdmissionState::Noticed,
            AdmissionState::Published,
        ])?;
        let mut wrong = Violations::new();
        text(&mut wrong, "reason", reason, 500);
        wrong.into_result()?;
        Ok(Self {
            state,
            end_reason: reason.to_owned(),
            ..self
        })
    }

    fn is(&self, allowed: &[AdmissionState]) -> Result<(), Refusal> {
        if allowed.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<_> = allowed.iter().map(|state| state.zh()).collect();
        Err(Refusal::state(
            "admission.state",
            ARTICLE,
            format!(
                "准入目前为“{}”，只有“{}”时可以这样做",
                self.state,
                words.join("、")
            ),
            format!("it is {:?}, but must be one of {allowed:?}", self.state),
        ))
    }
}

/// Last day of a part-time term that begins on a day (art. 十五).
pub fn term_end(start: NaiveDate, law: &Law) -> Result<NaiveDate, Refusal> {
    let years = law.rules.count("supervisor.term_years")?;
    let end = start
        .checked_add_months(chrono::Months::new(12 * years))
        .and_then(|day| day.checked_sub_days(Days::new(1)));
    end.ok_or_else(|| Refusal::field("term_start_date", "日期超出范围", "is out of range"))
}

#[cfg(test)]
mod tests;
