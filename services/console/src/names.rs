//! Words for the contract's enumerations.

use dudao_proto::accountability::v1::{
    AccountabilityForm, AccountabilityState, AccountabilityTrigger, ApproverPost, DutyState,
    FindingState, InterviewTrigger, LadderStep, NotificationTrigger, RemedyOutcome, ReminderKind,
    StatementOutcome, SubjectKind,
};
use dudao_proto::document::v1::DocumentKind;
use dudao_proto::inspection::v1::{
    BalanceStage, CampaignState, ComplaintKind, ComplaintState, DrawState, EvaluationState,
    EvaluationVerdict, InspectionKind, InspectionLine, ObjectKind, PublicationScope,
    SchoolResource, Severity, Substantiation, UrgencyGround, VisitState,
};
use dudao_proto::registry::v1::{Employment, Grade, Provider, Stage};
use dudao_proto::scheduler::v1::{ItemKind, PlanState};

use crate::words::Words;

/// How styles call a stage.
pub fn stage_class(stage: Stage) -> &'static str {
    stage.as_str_name().trim_start_matches("STAGE_")
}

/// Every stage, in the order of a school list.
pub const STAGES: [Stage; 9] = [
    Stage::Kindergarten,
    Stage::Primary,
    Stage::Junior,
    Stage::Senior,
    Stage::NineYear,
    Stage::TwelveYear,
    Stage::CompleteSecondary,
    Stage::Vocational,
    Stage::Special,
];

/// The stages as a filter offers them: what they are called in a query, and in words.
pub fn stages(t: &Words) -> Vec<(&'static str, &'static str)> {
    let offered = STAGES.iter();
    offered
        .map(|stage| (stage.as_str_name(), t.stage(*stage)))
        .collect()
}

impl Words {
    pub fn stage(&self, stage: Stage) -> &'static str {
        let (zh, en) = match stage {
            Stage::Unspecified => ("未填", "not stated"),
            Stage::Kindergarten => ("幼儿园", "kindergarten"),
            Stage::Primary => ("小学", "primary"),
            Stage::Junior => ("初中", "junior"),
            Stage::Senior => ("高中", "senior"),
            Stage::NineYear => ("九年一贯制", "nine-year"),
            Stage::TwelveYear => ("十二年一贯制", "twelve-year"),
            Stage::CompleteSecondary => ("完全中学", "complete secondary"),
            Stage::Vocational => ("中等职业学校", "vocational"),
            Stage::Special => ("特殊教育", "special"),
        };
        self.pick(zh, en)
    }

    pub fn provider(&self, provider: Provider) -> &'static str {
        let (zh, en) = match provider {
            Provider::Unspecified => ("未填", "not stated"),
            Provider::Public => ("公办", "public"),
            Provider::Private => ("民办", "private"),
        };
        self.pick(zh, en)
    }

    pub fn grade(&self, grade: Grade) -> &'static str {
        let (zh, en) = match grade {
            Grade::Unspecified => ("", ""),
            Grade::Excellent => ("优秀", "excellent"),
            Grade::Good => ("良好", "good"),
            Grade::Pass => ("合格", "pass"),
            Grade::Fail => ("不合格", "fail"),
        };
        self.pick(zh, en)
    }

    pub fn employment(&self, employment: Employment) -> &'static str {
        let (zh, en) = match employment {
            Employment::Unspecified => ("未填", "not stated"),
            Employment::FullTime => ("专职", "full-time"),
            Employment::PartTime => ("兼职", "part-time"),
        };
        self.pick(zh, en)
    }

    pub fn plan_state(&self, state: PlanState) -> &'static str {
        let (zh, en) = match state {
            PlanState::Unspecified => ("未知", "unknown"),
            PlanState::Queued => ("排队中", "queued"),
            PlanState::Solving => ("求解中", "solving"),
            PlanState::Proposed => ("待审批", "proposed"),
            PlanState::Infeasible => ("无可行方案", "infeasible"),
            PlanState::Unsolved => ("未得到方案", "unsolved"),
            PlanState::Approved => ("已批准", "approved"),
            PlanState::Active => ("现行", "in force"),
            PlanState::Superseded => ("已被取代", "superseded"),
        };
        self.pick(zh, en)
    }

    pub fn visit_state(&self, state: VisitState) -> &'static str {
        let (zh, en) = match state {
            VisitState::Unspecified => ("未知", "unknown"),
            VisitState::Planned => ("已排定", "planned"),
            VisitState::Notified => ("已通知", "notified"),
            VisitState::SelfEvaluated => ("已自评", "self-evaluated"),
            VisitState::Reviewed => ("自评已审核", "reviewed"),
            VisitState::OnSite => ("现场督导", "on site"),
            VisitState::SiteDone => ("现场结束", "site done"),
            VisitState::Preliminary => ("已发初步意见", "preliminary opinion"),
            VisitState::Pleaded => ("已申辩", "pleaded"),
            VisitState::Answered => ("已答复申辩", "plea answered"),
            VisitState::Recorded => ("已记录", "recorded"),
            VisitState::LetterIssued => ("已发意见书", "letter issued"),
            VisitState::Reported => ("已报告", "reported"),
            VisitState::Filed => ("已备案", "filed"),
            VisitState::Published => ("已公布", "published"),
            VisitState::Cancelled => ("已取消", "cancelled"),
        };
        self.pick(zh, en)
    }

    pub fn inspection_kind(&self, kind: InspectionKind) -> &'static str {
        let (zh, en) = match kind {
            InspectionKind::Unspecified => ("未知", "unknown"),
            InspectionKind::Routine => ("经常性督导", "routine"),
            InspectionKind::Comprehensive => ("综合督导", "comprehensive"),
            InspectionKind::Special => ("专项督导", "special"),
            InspectionKind::LookBack => ("回头看", "look-back"),
            InspectionKind::Random => ("随机抽查", "random"),
            InspectionKind::Emergency => ("应急督导", "emergency"),
        };
        self.pick(zh, en)
    }

    pub fn finding_state(&self, state: FindingState) -> &'static str {
        let (zh, en) = match state {
            FindingState::Unspecified => ("未知", "unknown"),
            FindingState::Open => ("待作整改决定", "open"),
            FindingState::Decided => ("整改中", "to be put right"),
            FindingState::Reported => ("已报整改", "reported"),
            FindingState::Insufficient => ("整改不到位", "insufficient"),
            FindingState::Passed => ("核查通过", "passed"),
            FindingState::Published => ("结果已公布", "published"),
            FindingState::Closed => ("已销号", "closed out"),
            FindingState::Sustained => ("回头看保持", "sustained"),
            FindingState::Reopened => ("回头看反弹", "reopened"),
            FindingState::Withdrawn => ("已撤销", "withdrawn"),
        };
        self.pick(zh, en)
    }

    pub fn duty_state(&self, state: DutyState) -> &'static str {
        let (zh, en) = match state {
            DutyState::Unspecified => ("未知", "unknown"),
            DutyState::Done => ("已完成", "done"),
            DutyState::Due => ("未到期", "due"),
            DutyState::Overdue => ("已逾期", "overdue"),
        };
        self.pick(zh, en)
    }

    pub fn reminder_kind(&self, kind: ReminderKind) -> &'static str {
        let (zh, en) = match kind {
            ReminderKind::Unspecified => ("未知", "unknown"),
            ReminderKind::Overdue => ("已逾期", "overdue"),
            ReminderKind::Today => ("今日到期", "due today"),
            ReminderKind::Approaching => ("即将到期", "approaching"),
        };
        self.pick(zh, en)
    }

    pub fn item_kind(&self, kind: ItemKind) -> &'static str {
        let (zh, en) = match kind {
            ItemKind::Unspecified => ("未知", "unknown"),
            ItemKind::Routine => ("经常性督导", "routine"),
            ItemKind::Comprehensive => ("综合督导", "comprehensive"),
            ItemKind::Government => ("督政", "government"),
            ItemKind::Special => ("专项督导", "special"),
            ItemKind::FollowUp => ("回头看", "follow-up"),
        };
        self.pick(zh, en)
    }

    pub fn ladder_step(&self, step: LadderStep) -> &'static str {
        let (zh, en) = match step {
            LadderStep::Unspecified => ("未知", "unknown"),
            LadderStep::UrgingLetter => ("督办函", "urging letter"),
            LadderStep::Interview => ("约谈", "interview"),
            LadderStep::Notification => ("通报", "notification"),
            LadderStep::Accountability => ("问责", "accountability"),
        };
        self.pick(zh, en)
    }

    pub fn severity(&self, severity: Severity) -> &'static str {
        let (zh, en) = match severity {
            Severity::Unspecified => ("未填", "not stated"),
            Severity::Minor => ("一般", "minor"),
            Severity::Serious => ("较重", "serious"),
            Severity::Grave => ("严重", "grave"),
        };
        self.pick(zh, en)
    }

    pub fn balance_stage(&self, stage: BalanceStage) -> &'static str {
        let (zh, en) = match stage {
            BalanceStage::Unspecified => ("", ""),
            BalanceStage::Primary => ("小学", "primary"),
            BalanceStage::Junior => ("初中", "junior"),
        };
        self.pick(zh, en)
    }

    pub fn resource(&self, resource: SchoolResource) -> &'static str {
        let (zh, en) = match resource {
            SchoolResource::Unspecified => ("", ""),
            SchoolResource::QualifiedTeachers => ("高于规定学历教师", "qualified teachers"),
            SchoolResource::BackboneTeachers => ("骨干教师", "backbone teachers"),
            SchoolResource::SportArtTeachers => ("体育、艺术教师", "sport and art teachers"),
            SchoolResource::TeachingArea => ("教学及辅助用房面积", "teaching area"),
            SchoolResource::SportsArea => ("体育运动场馆面积", "sports area"),
            SchoolResource::Equipment => ("教学仪器设备值", "equipment"),
            SchoolResource::MultimediaRooms => ("网络多媒体教室", "multimedia rooms"),
            SchoolResource::Teachers => ("专任教师", "teachers"),
            SchoolResource::SeniorTitleTeachers => ("中级及以上职称教师", "teachers with a title"),
            SchoolResource::Computers => ("计算机", "computers"),
            SchoolResource::Books => ("图书", "books"),
        };
        self.pick(zh, en)
    }

    pub fn complaint_kind(&self, kind: ComplaintKind) -> &'static str {
        let (zh, en) = match kind {
            ComplaintKind::Unspecified => ("未填", "not stated"),
            ComplaintKind::Complaint => ("投诉举报", "complaint"),
            ComplaintKind::Lead => ("问题线索", "lead"),
            ComplaintKind::Suggestion => ("意见建议", "suggestion"),
        };
        self.pick(zh, en)
    }

    pub fn complaint_state(&self, state: ComplaintState) -> &'static str {
        let (zh, en) = match state {
            ComplaintState::Unspecified => ("未知", "unknown"),
            ComplaintState::Received => ("已收到", "received"),
            ComplaintState::Assigned => ("已交办", "assigned"),
            ComplaintState::Verified => ("已核实", "verified"),
            ComplaintState::Answered => ("已答复", "answered"),
            ComplaintState::Closed => ("已办结", "closed"),
            ComplaintState::Refused => ("不予受理", "not accepted"),
            ComplaintState::Forwarded => ("已转交", "forwarded"),
        };
        self.pick(zh, en)
    }

    pub fn evaluation_state(&self, state: EvaluationState) -> &'static str {
        let (zh, en) = match state {
            EvaluationState::Unspecified => ("未知", "unknown"),
            EvaluationState::Open => ("评分中", "being scored"),
            EvaluationState::SelfScored => ("已自评", "self-scored"),
            EvaluationState::Concluded => ("已作结论", "concluded"),
            EvaluationState::Withdrawn => ("已撤回", "taken back"),
        };
        self.pick(zh, en)
    }

    pub fn campaign_state(&self, state: CampaignState) -> &'static str {
        let (zh, en) = match state {
            CampaignState::Unspecified => ("未知", "unknown"),
            CampaignState::Draft => ("起草", "draft"),
            CampaignState::Decided => ("已确定", "decided"),
            CampaignState::Concluded => ("已完成", "concluded"),
            CampaignState::Cancelled => ("已取消", "cancelled"),
            CampaignState::Merged => ("已合并", "merged"),
        };
        self.pick(zh, en)
    }

    pub fn inspection_line(&self, line: InspectionLine) -> &'static str {
        let (zh, en) = match line {
            InspectionLine::Unspecified => ("未填", "not stated"),
            InspectionLine::Government => ("督政", "government"),
            InspectionLine::School => ("督学", "schools"),
            InspectionLine::Monitoring => ("评估监测", "monitoring"),
        };
        self.pick(zh, en)
    }

    pub fn object_kind(&self, kind: ObjectKind) -> &'static str {
        let (zh, en) = match kind {
            ObjectKind::Unspecified => ("未填", "not stated"),
            ObjectKind::School => ("学校", "school"),
            ObjectKind::Kindergarten => ("幼儿园", "kindergarten"),
            ObjectKind::Town => ("乡镇", "town"),
            ObjectKind::Village => ("村", "village"),
            ObjectKind::Department => ("部门", "department"),
            ObjectKind::County => ("县", "county"),
        };
        self.pick(zh, en)
    }

    pub fn publication_scope(&self, scope: PublicationScope) -> &'static str {
        let (zh, en) = match scope {
            PublicationScope::Unspecified => ("未填", "not stated"),
            PublicationScope::Public => ("向社会公开", "the public"),
            PublicationScope::Government => ("报政府及有关部门", "government only"),
            PublicationScope::Unit => ("反馈被督导单位", "the unit only"),
        };
        self.pick(zh, en)
    }

    pub fn urgency(&self, ground: UrgencyGround) -> &'static str {
        let (zh, en) = match ground {
            UrgencyGround::Unspecified => ("未填", "not stated"),
            UrgencyGround::IllegalAct => ("违法行为", "an illegal act"),
            UrgencyGround::DangerToLife => ("危及师生生命安全", "a danger to life"),
        };
        self.pick(zh, en)
    }

    pub fn accountability_state(&self, state: AccountabilityState) -> &'static str {
        let (zh, en) = match state {
            AccountabilityState::Unspecified => ("未知", "unknown"),
            AccountabilityState::Opened => ("已立案", "opened"),
            AccountabilityState::Investigating => ("调查中", "under investigation"),
            AccountabilityState::Told => ("已告知", "told"),
            AccountabilityState::Heard => ("已听取陈述申辩", "heard"),
            AccountabilityState::Consulted => ("已征求意见", "consulted"),
            AccountabilityState::Approved => ("已批准", "approved"),
            AccountabilityState::Issued => ("已下达", "issued"),
            AccountabilityState::Executed => ("已执行", "carried out"),
            AccountabilityState::Dropped => ("已终止", "dropped"),
            AccountabilityState::Withdrawn => ("已撤销", "withdrawn"),
        };
        self.pick(zh, en)
    }

    pub fn accountability_form(&self, form: AccountabilityForm) -> &'static str {
        let (zh, en) = match form {
            AccountabilityForm::Unspecified => ("未填", "not stated"),
            AccountabilityForm::PublicCriticism => ("公开批评", "public criticism"),
            AccountabilityForm::UnitInterview => ("约谈", "interview of the unit"),
            AccountabilityForm::UnitNotification => ("督导通报", "notification"),
            AccountabilityForm::ResourceAdjustment => ("资源调整", "adjustment of resources"),
            AccountabilityForm::AdministrativePenalty => ("行政处罚", "administrative penalty"),
            AccountabilityForm::SelfExamination => ("责令检查", "self-examination"),
            AccountabilityForm::PersonInterview => ("约谈", "interview"),
            AccountabilityForm::CriticismByNotice => ("通报批评", "criticism by notice"),
            AccountabilityForm::OrganisationalHandling => ("组织处理", "organisational handling"),
            AccountabilityForm::Sanction => ("处分", "sanction"),
            AccountabilityForm::TransferToJustice => ("移送司法机关", "transfer to justice"),
        };
        self.pick(zh, en)
    }

    pub fn accountability_trigger(&self, trigger: AccountabilityTrigger) -> &'static str {
        let (zh, en) = match trigger {
            AccountabilityTrigger::Unspecified => {
                ("通报后仍未整改", "a notification without effect")
            }
            AccountabilityTrigger::TaskUnfinished => ("未完成年度任务", "the year’s task not done"),
            AccountabilityTrigger::DutyWeak => ("履行教育职责不力", "duties weakly fulfilled"),
            AccountabilityTrigger::NotRectified => ("整改不到位", "not put right"),
            AccountabilityTrigger::Obstruction => {
                ("阻挠干扰和不配合教育督导", "obstruction of supervision")
            }
        };
        self.pick(zh, en)
    }

    pub fn interview_trigger(&self, trigger: InterviewTrigger) -> &'static str {
        let (zh, en) = match trigger {
            InterviewTrigger::Unspecified => ("督办无效", "an urging letter without effect"),
            InterviewTrigger::PolicyNotResolute => (
                "贯彻教育方针和决策部署不坚决、不彻底",
                "policy not carried out resolutely",
            ),
            InterviewTrigger::DutyUnfulfilled => ("履行教育职责不到位", "duties not fulfilled"),
            InterviewTrigger::IrregularRunning => ("办学行为不规范", "irregular running"),
            InterviewTrigger::QualityFalling => ("教育教学质量下降", "falling quality"),
            InterviewTrigger::SafetyProblems => ("安全问题较多", "safety problems"),
            InterviewTrigger::RefusingSupervision => ("拒不接受教育督导", "refusing supervision"),
        };
        self.pick(zh, en)
    }

    pub fn notification_trigger(&self, trigger: NotificationTrigger) -> &'static str {
        let (zh, en) = match trigger {
            NotificationTrigger::Unspecified => ("未填", "not stated"),
            NotificationTrigger::Weak => ("整改不力", "weakly put right"),
            NotificationTrigger::Shirked => ("推诿扯皮", "shirked"),
            NotificationTrigger::NotDone => ("不作为", "nothing done"),
        };
        self.pick(zh, en)
    }

    pub fn subject_kind(&self, kind: SubjectKind) -> &'static str {
        let (zh, en) = match kind {
            SubjectKind::Unspecified => ("未填", "not stated"),
            SubjectKind::Unit => ("被督导单位", "the unit"),
            SubjectKind::Person => ("相关责任人", "a person"),
        };
        self.pick(zh, en)
    }

    pub fn statement_outcome(&self, outcome: StatementOutcome) -> &'static str {
        let (zh, en) = match outcome {
            StatementOutcome::Unspecified => ("未填", "not stated"),
            StatementOutcome::Spoken => ("已陈述申辩", "has spoken"),
            StatementOutcome::Waived => ("书面放弃", "waived in writing"),
            StatementOutcome::Lapsed => ("逾期未陈述申辩", "the time has passed"),
        };
        self.pick(zh, en)
    }

    pub fn approver_post(&self, post: ApproverPost) -> &'static str {
        let (zh, en) = match post {
            ApproverPost::Unspecified => ("未填", "not stated"),
            ApproverPost::Director => ("主任", "director"),
            ApproverPost::DeputyDirector => ("副主任", "deputy director"),
        };
        self.pick(zh, en)
    }

    pub fn remedy_outcome(&self, outcome: RemedyOutcome) -> &'static str {
        let (zh, en) = match outcome {
            RemedyOutcome::Unspecified => ("待决定", "pending"),
            RemedyOutcome::Upheld => ("维持", "upheld"),
            RemedyOutcome::Changed => ("变更", "to be changed"),
            RemedyOutcome::Withdrawn => ("撤销", "to be withdrawn"),
        };
        self.pick(zh, en)
    }

    pub fn verdict(&self, verdict: EvaluationVerdict) -> &'static str {
        let (zh, en) = match verdict {
            EvaluationVerdict::Unspecified => ("", ""),
            EvaluationVerdict::Excellent => ("优秀", "excellent"),
            EvaluationVerdict::Good => ("良好", "good"),
            EvaluationVerdict::Pass => ("合格", "pass"),
            EvaluationVerdict::Fail => ("不合格", "fail"),
        };
        self.pick(zh, en)
    }

    pub fn substantiation(&self, found: Substantiation) -> &'static str {
        let (zh, en) = match found {
            Substantiation::Unspecified => ("", ""),
            Substantiation::True => ("属实", "true"),
            Substantiation::Partly => ("部分属实", "partly true"),
            Substantiation::Untrue => ("不属实", "untrue"),
            Substantiation::Unclear => ("无法查实", "unclear"),
        };
        self.pick(zh, en)
    }

    pub fn document_kind(&self, kind: DocumentKind) -> &'static str {
        let (zh, en) = match kind {
            DocumentKind::Unspecified => ("未填", "not stated"),
            DocumentKind::OpinionLetter => ("督导意见书", "opinion letter"),
            DocumentKind::RectificationDecision => ("整改决定书", "rectification decision"),
            DocumentKind::UrgingLetter => ("督办函", "urging letter"),
            DocumentKind::InterviewRecord => ("约谈记录", "interview record"),
            DocumentKind::Notification => ("通报", "notification"),
            DocumentKind::AccountabilityDecision => ("问责决定书", "accountability decision"),
            DocumentKind::LetterOfAppointment => ("督学聘书", "letter of appointment"),
            DocumentKind::Plaque => ("责任督学公示牌", "plaque"),
            DocumentKind::YearlyReport => ("年度督导报告", "yearly report"),
            DocumentKind::DrawRecord => ("随机抽取记录", "record of a draw"),
        };
        self.pick(zh, en)
    }

    pub fn draw_state(&self, state: DrawState) -> &'static str {
        let (zh, en) = match state {
            DrawState::Unspecified => ("未知", "unknown"),
            DrawState::Committing => ("提交承诺中", "committing"),
            DrawState::Frozen => ("名单已冻结", "frozen"),
            DrawState::Drawn => ("已抽取", "drawn"),
            DrawState::Published => ("已公布", "published"),
            DrawState::Void => ("作废", "void"),
        };
        self.pick(zh, en)
    }
}
