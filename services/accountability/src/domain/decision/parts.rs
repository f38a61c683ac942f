//! What a decision consists of: forms, notices, opinions, measures.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use dudao_law::{Violations, text};
use serde::{Deserialize, Serialize};

dudao_law::words!(
    /// Whom something is about.
    SubjectKind {
        /// A unit.
        Unit = "被督导单位",
        /// A responsible person of a unit.
        Person = "相关责任人",
    }
);

dudao_law::words!(
    /// Where a decision stands.
    AccountabilityState {
        /// The investigation group is to be set up.
        Opened = "已启动",
        /// The group investigates.
        Investigating = "调查中",
        /// Facts and intended form were told in writing.
        Told = "已书面告知",
        /// The statement was heard, waived, or its time has passed.
        Heard = "已听取陈述申辩",
        /// At least one member unit was consulted.
        Consulted = "已征求成员单位意见",
        /// The director or a deputy has approved.
        Approved = "已批准",
        /// It is issued.
        Issued = "已决定",
        /// Every form was carried out or referred with a receipt.
        Executed = "已执行",
        /// It ended without a decision.
        Dropped = "不予问责",
        /// It was withdrawn after review or appeal.
        Withdrawn = "已撤销",
    }
);

impl Default for AccountabilityState {
    fn default() -> Self {
        Self::ALL[0]
    }
}

dudao_law::words!(
    /// A form of accountability, for units and for persons each from the mildest to the heaviest, in the order of the rule.
    AccountabilityForm {
        /// Units.
        PublicCriticism = "公开批评",
        /// Units.
        UnitInterview = "约谈（单位）",
        /// Units.
        UnitNotification = "督导通报",
        /// Units.
        ResourceAdjustment = "资源调整",
        /// Units.
        AdministrativePenalty = "行政处罚",
        /// Persons.
        SelfExamination = "责令检查",
        /// Persons.
        PersonInterview = "约谈（个人）",
        /// Persons.
        CriticismByNotice = "通报批评",
        /// Persons, referred.
        OrganisationalHandling = "组织处理",
        /// Persons, referred.
        Sanction = "处分",
        /// Persons, referred.
        TransferToJustice = "移送司法机关",
    }
);

impl AccountabilityForm {
    /// For whom it is.
    pub fn subject(self) -> SubjectKind {
        match self {
            Self::PublicCriticism
            | Self::UnitInterview
            | Self::UnitNotification
            | Self::ResourceAdjustment
            | Self::AdministrativePenalty => SubjectKind::Unit,
            Self::SelfExamination
            | Self::PersonInterview
            | Self::CriticismByNotice
            | Self::OrganisationalHandling
            | Self::Sanction
            | Self::TransferToJustice => SubjectKind::Person,
        }
    }

    /// Whether the office may only refer it to the organ that decides on it.
    pub fn is_referred(self) -> bool {
        match self {
            Self::OrganisationalHandling | Self::Sanction | Self::TransferToJustice => true,
            Self::PublicCriticism
            | Self::UnitInterview
            | Self::UnitNotification
            | Self::ResourceAdjustment
            | Self::AdministrativePenalty
            | Self::SelfExamination
            | Self::PersonInterview
            | Self::CriticismByNotice => false,
        }
    }

    /// Whether no milder one is there for its subject.
    pub fn is_mildest(self) -> bool {
        matches!(self, Self::PublicCriticism | Self::SelfExamination)
    }
}

dudao_law::words!(
    /// What became of the right to speak.
    StatementOutcome {
        /// The subject has spoken.
        Spoken = "已陈述申辩",
        /// It has waived it in writing.
        Waived = "书面放弃",
        /// The time to speak has passed.
        Lapsed = "逾期未陈述申辩",
    }
);

dudao_law::words!(
    /// In which post someone approves.
    ApproverPost {
        /// The committee's director.
        Director = "主任",
        /// A deputy director.
        DeputyDirector = "副主任",
    }
);

/// The investigation group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvestigationGroup {
    /// The day.
    pub date: NaiveDate,
    /// By when it was due; none if there was no inspection.
    pub due_date: Option<NaiveDate>,
    /// Who leads it.
    pub leader: String,
    /// Who belongs to it beside the leader.
    pub members: Vec<String>,
}

/// The written notice of facts and intended form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsNotice {
    /// Its number within the decision, from 1.
    pub n: i32,
    /// The day.
    pub date: NaiveDate,
    /// Number of the document.
    pub number: String,
    /// The facts.
    pub facts: String,
    /// The rules on which it is to rest.
    pub basis: String,
    /// The intended forms.
    pub forms: Vec<AccountabilityForm>,
    /// Until when the subject may speak.
    pub statement_due_date: NaiveDate,
    /// Earlier decisions that aggravate.
    pub aggravated_by: Vec<String>,
}

/// The subject's statement, or what stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// To which notice.
    pub notice: i32,
    /// The day.
    pub date: NaiveDate,
    /// What became of it.
    pub outcome: StatementOutcome,
    /// What was said, or the waiver.
    pub text: String,
    /// Who spoke or waived.
    pub by: String,
}

/// The opinion of a member unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consultation {
    /// To which notice.
    pub notice: i32,
    /// The day.
    pub date: NaiveDate,
    /// The member unit's name.
    pub unit: String,
    /// What it is called.
    pub display_name: String,
    /// What it says.
    pub opinion: String,
    /// Whether it agrees.
    pub agrees: bool,
}

/// The approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The day.
    pub date: NaiveDate,
    /// Who approved.
    pub approver: String,
    /// In which post.
    pub post: ApproverPost,
}

/// What was done to carry a form out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureExecution {
    /// The day.
    pub date: NaiveDate,
    /// What was done.
    pub text: String,
    /// Who did it.
    pub officer: String,
}

/// That a form was referred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureReferral {
    /// The day.
    pub date: NaiveDate,
    /// The receipt; "" until it has come.
    pub receipt: String,
}

/// A form of accountability as it is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// The form.
    pub form: AccountabilityForm,
    /// What exactly.
    pub detail: String,
    /// To which organ it is referred; "" for what the office imposes itself.
    pub organ: String,
    /// That it was carried out.
    pub execution: Option<MeasureExecution>,
    /// That it was referred.
    pub referral: Option<MeasureReferral>,
}

impl Measure {
    /// Whether nothing is left to do for it.
    pub fn is_done(&self) -> bool {
        let received = self
            .referral
            .as_ref()
            .is_some_and(|one| !one.receipt.is_empty());
        self.execution.is_some() || received
    }
}

/// What is decided: with the effective time the five elements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionContent {
    /// Basic facts.
    pub basic_facts: String,
    /// What is found of them.
    pub findings: String,
    /// The rules on which it rests.
    pub basis: String,
    /// The forms.
    pub measures: Vec<Measure>,
}

impl DecisionContent {
    /// Checks that every element is there and every form is one for the subject.
    pub(super) fn check(&self, kind: SubjectKind) -> Result<(), Violations> {
        let mut wrong = Violations::new();
        text(&mut wrong, "basic_facts", &self.basic_facts, 20_000);
        text(&mut wrong, "findings", &self.findings, 20_000);
        text(&mut wrong, "basis", &self.basis, 2_000);
        let forms: Vec<_> = self.measures.iter().map(|one| one.form).collect();
        check_forms(&mut wrong, "measures", &forms, kind);
        for (at, measure) in self.measures.iter().enumerate() {
            text(
                &mut wrong,
                &format!("measures[{at}].detail"),
                &measure.detail,
                5_000,
            );
            let organ = format!("measures[{at}].organ");
            if measure.form.is_referred() {
                text(&mut wrong, &organ, &measure.organ, 200);
            } else {
                wrong.check(
                    measure.organ.is_empty(),
                    organ,
                    format!("“{}”由督导办直接作出，不填移交机关", measure.form),
                    "must be empty: the office imposes this form itself",
                );
            }
        }
        wrong.into_result()
    }

    /// The place of the heaviest form in the order of the rule.
    pub(super) fn weight(&self) -> Option<AccountabilityForm> {
        self.measures.iter().map(|one| one.form).max()
    }
}

/// Checks that there are forms, each one for the subject and named once.
pub(super) fn check_forms(
    wrong: &mut Violations,
    field: &str,
    forms: &[AccountabilityForm],
    kind: SubjectKind,
) {
    wrong.check(
        !forms.is_empty(),
        field,
        "至少写明一种问责方式",
        "must be at least one form",
    );
    let mut seen = BTreeSet::new();
    for (at, form) in forms.iter().enumerate() {
        wrong.check(
            form.subject() == kind,
            format!("{field}[{at}]"),
            format!("“{form}”不适用于{kind}"),
            "must be a form for the subject",
        );
        wrong.check(
            seen.insert(*form),
            format!("{field}[{at}]"),
            format!("“{form}”重复"),
            "must not be given twice",
        );
    }
}

/// The issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuance {
    /// The day.
    pub date: NaiveDate,
    /// Number of the document.
    pub number: String,
    /// From when it takes effect.
    pub effective_date: NaiveDate,
    /// Earlier decisions that aggravate.
    pub aggravated_by: Vec<String>,
}

/// That the subject has received the decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The day.
    pub date: NaiveDate,
    /// Who received it.
    pub receiver: String,
    /// Until when review may be asked.
    pub review_due_date: NaiveDate,
    /// Until when an appeal without review may be lodged.
    pub appeal_due_date: NaiveDate,
}
