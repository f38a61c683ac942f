//! Words for what the contract names in English: kinds, fields, steps, values. English words are made of the contract's own names.
#![expect(
    clippy::match_same_arms,
    reason = "a dictionary: one line a word, in the order of the alphabet"
)]

use dudao_proto::inspection::v1::{
    InspectionKind, InspectionLine, ObjectKind, SchoolResource, Severity,
};
use dudao_proto::registry::v1::{Employment, Grade, Provider, Stage};
use prost_reflect::FieldDescriptor;

use crate::frame::Frame;

/// What records of a collection are called.
pub fn kind(collection: &str, t: &Frame) -> &'static str {
    let (zh, en) = match collection {
        "committee" => ("教育督导委员会", "Committee"),
        "memberUnits" => ("成员单位", "Member units"),
        "meetings" => ("会议", "Meetings"),
        "progressReports" => ("工作报告", "Progress reports"),
        "rulesets" => ("规则参数", "Rulesets"),
        "calendars" => ("校历", "Calendars"),
        "schools" => ("学校", "Schools"),
        "towns" => ("乡镇（街道）", "Towns"),
        "plaques" => ("标牌", "Plaques"),
        "supervisors" => ("督学", "Supervisors"),
        "admissions" => ("督学遴选聘任", "Admissions"),
        "trainings" => ("督学培训", "Trainings"),
        "relations" => ("回避关系", "Relations"),
        "assessments" => ("督学考核", "Assessments"),
        "directives" => ("上级交办", "Directives"),
        "indicatorSets" => ("评估指标体系", "Indicator sets"),
        "balanceReports" => ("均衡发展数据", "Balance figures"),
        "objections" => ("异议", "Objections"),
        "filedReports" => ("报备的督导报告", "Filed reports"),
        "budgetLines" => ("督导经费", "Budget lines"),
        "claims" => ("补助申报", "Claims"),
        "assessors" => ("第三方机构", "Assessors"),
        "contracts" => ("委托合同", "Contracts"),
        "commendations" => ("表扬激励", "Commendations"),
        _ => ("其他", "Others"),
    };
    t.pick(zh, en)
}

/// What a step is called.
pub fn method(name: &str, t: &Frame) -> &'static str {
    method_words(name).map_or(t.next_step, |(zh, en)| t.pick(zh, en))
}

fn method_words(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "CloseSchool" => ("停办", "Close"),
        "DismissSupervisor" => ("解聘（离任）", "Dismiss"),
        "RenewSupervisor" => ("续聘", "Renew the term"),
        "WithdrawMemberUnit" => ("退出委员会", "Withdraw"),
        "VoidTraining" => ("作废", "Void"),
        "EndRelation" => ("关系终止", "End"),
        "ReviewAdmission" => ("逐条审核", "Review"),
        "AnnounceAdmission" => ("公示", "Begin the public notice"),
        "ObjectToAdmission" => ("记录异议", "Record an objection"),
        "ResolveObjection" => ("处理异议", "Resolve an objection"),
        "PublishAdmission" => ("公布结果", "Publish the result"),
        "AppointAdmission" => ("聘任", "Appoint"),
        "RejectAdmission" => ("不予聘任", "Reject"),
        "WithdrawAdmission" => ("撤回推荐", "Take back"),
        "DecideAssessment" => ("评定等次", "Decide the grade"),
        "PostPlaque" => ("登记挂牌", "Put up"),
        "SignContract" => ("签订", "Sign"),
        "DeliverDeliverable" => ("登记交付", "Record a delivery"),
        "AcceptDeliverable" => ("验收", "Accept a delivery"),
        "RejectDeliverable" => ("退回", "Reject a delivery"),
        "CompleteContract" => ("履行完毕", "Complete"),
        "TerminateContract" => ("解除", "Terminate"),
        "CloseBudgetLine" => ("关闭", "Close"),
        "ApproveClaim" => ("核准", "Approve"),
        "RejectClaim" => ("退回", "Reject"),
        "PayClaim" => ("登记发放", "Record the payment"),
        "ReceiveDirective" => ("签收", "Sign for it"),
        "AnswerTask" => ("答复任务", "Answer a task"),
        "AnswerObjection" => ("答复", "Answer"),
        "EscalateObjection" => ("向上一级提出", "Take it upward"),
        "WithdrawObjection" => ("撤回", "Withdraw"),
        "FinalizeBalanceReport" => ("定稿（此后不可改）", "Make final"),
        "PublishIndicatorSet" => ("发布（此后不可改）", "Publish (final)"),
        "ReviseIndicatorSet" => ("制定新版本", "Make a new version"),
        "RetireIndicatorSet" => ("停用", "Retire"),
        "Nominate" => ("提名", "Nominate"),
        "StrikeNominee" => ("取消提名", "Strike a nominee"),
        "GiveCommendationNotice" => ("公示", "Begin the public notice"),
        "LodgeNomineeObjection" => ("记录异议", "Record an objection"),
        "AnswerNomineeObjection" => ("处理异议", "Answer an objection"),
        "DecideCommendation" => ("作出决定", "Decide"),
        "PublishCommendation" => ("公布", "Publish"),
        _ => return None,
    })
}

/// What a field is called.
pub fn field(field: &FieldDescriptor, t: &Frame) -> String {
    let name = field.name();
    if t.chinese() {
        let of = field.parent_message();
        let known = zh_field(of.name(), name);
        return known.unwrap_or(name).to_owned();
    }
    humanised(name)
}

/// What a field of any message is called.
pub fn field_word(name: &str, t: &Frame) -> String {
    let known = zh_field("", name).filter(|_| t.chinese());
    known.map_or_else(|| humanised(name), ToOwned::to_owned)
}

/// What a text is called if it is a value of an enumeration.
pub fn value_word(text: &str, t: &Frame) -> Option<String> {
    let is_value = text.contains('_')
        && text
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter == '_');
    is_value.then(|| value(text, t))
}

/// What a value of an enumeration is called.
pub fn value(name: &str, t: &Frame) -> String {
    macro_rules! known {
        ($($enumeration:ident by $word:ident),*) => {
            $(if let Some(value) = $enumeration::from_str_name(name) {
                return t.$word(value).to_owned();
            })*
        };
    }
    known!(
        Stage by stage,
        Provider by provider,
        Employment by employment,
        Grade by grade,
        InspectionKind by inspection_kind,
        InspectionLine by inspection_line,
        ObjectKind by object_kind,
        SchoolResource by resource,
        Severity by severity
    );
    let known = zh_value(name).filter(|_| t.chinese());
    known.map_or_else(|| humanised(name), ToOwned::to_owned)
}

/// `display_name` as `Display name`.
fn humanised(name: &str) -> String {
    let text = name.to_lowercase().replace('_', " ");
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn zh_value(name: &str) -> Option<&'static str> {
    Some(match name {
        "ADMISSION_STATE_RECOMMENDED" => "已推荐",
        "ADMISSION_STATE_REVIEWED" => "已审核",
        "ADMISSION_STATE_NOTICED" => "公示中",
        "ADMISSION_STATE_PUBLISHED" | "COMMENDATION_STATE_PUBLISHED" => "已公布",
        "ADMISSION_STATE_APPOINTED" => "已聘任",
        "ADMISSION_STATE_REJECTED" => "不予聘任",
        "ADMISSION_STATE_WITHDRAWN" | "OBJECTION_STATE_WITHDRAWN" => "已撤回",
        "ASSESSMENT_GRADE_EXCELLENT" => "优秀",
        "ASSESSMENT_GRADE_QUALIFIED" => "合格",
        "ASSESSMENT_GRADE_BASICALLY_QUALIFIED" => "基本合格",
        "ASSESSMENT_GRADE_UNQUALIFIED" => "不合格",
        "ASSESSMENT_KIND_YEARLY" => "年度考核",
        "ASSESSMENT_KIND_TERM" => "任期考核",
        "AUDIENCE_LEADING_GROUP" => "县委教育工作领导小组",
        "AUDIENCE_MEMBER_UNITS" => "各成员单位",
        "AUDIENCE_SUPERIOR" => "上级教育督导机构",
        "BALANCE_REPORT_STATE_DRAFT" => "填报中",
        "BALANCE_REPORT_STATE_FINAL" => "已定稿",
        "BUDGET_PURPOSE_TRANSPORT" => "交通补助",
        "BUDGET_PURPOSE_MEALS" => "伙食补助",
        "BUDGET_PURPOSE_LODGING" => "住宿补助",
        "BUDGET_PURPOSE_LABOUR" => "劳务补助",
        "BUDGET_PURPOSE_TRAINING" => "督学培训",
        "BUDGET_PURPOSE_ASSESSMENT" => "委托第三方评估监测",
        "BUDGET_PURPOSE_OPERATION" => "督导业务",
        "CLAIM_STATE_SUBMITTED" => "已申报",
        "CLAIM_STATE_APPROVED" => "已核准",
        "CLAIM_STATE_PAID" => "已发放",
        "CLAIM_STATE_REJECTED" | "DELIVERABLE_STATE_REJECTED" => "已退回",
        "COMMENDATION_STATE_NOMINATING" => "提名中",
        "COMMENDATION_STATE_NOTICED" => "公示中",
        "COMMENDATION_STATE_DECIDED" => "已决定",
        "COMPARISON_AT_LEAST" => "不低于",
        "COMPARISON_AT_MOST" => "不高于",
        "COMPARISON_ABOVE" => "高于",
        "COMPARISON_BELOW" => "低于",
        "CONFIDENCE_VERIFIED" => "已核对原文",
        "CONFIDENCE_REPORTED" => "据官方答复",
        "CONFIDENCE_PRESET" => "他地规定，作参考",
        "CONFIDENCE_UNCONFIRMED" => "通行做法，未核实",
        "CONFIDENCE_COUNTY" => "本县规定",
        "CONTRACT_STATE_DRAFT" => "草拟",
        "CONTRACT_STATE_SIGNED" => "履行中",
        "CONTRACT_STATE_COMPLETED" => "履行完毕",
        "CONTRACT_STATE_TERMINATED" => "已解除",
        "DELIVERABLE_STATE_DUE" => "待交付",
        "DELIVERABLE_STATE_DELIVERED" => "已交付",
        "DELIVERABLE_STATE_ACCEPTED" => "已验收",
        "DIRECTIVE_STATE_HANDED_DOWN" => "已下达",
        "DIRECTIVE_STATE_RECEIVED" => "已签收",
        "DIRECTIVE_STATE_COMPLETED" => "已办结",
        "ELIGIBILITY_LOYALTY" => "坚持党的教育方针，热爱教育督导工作",
        "ELIGIBILITY_KNOWLEDGE" => "熟悉教育法律法规和方针政策，具有相应的专业知识和业务能力",
        "ELIGIBILITY_EDUCATION_AND_SERVICE" => {
            "大学本科以上学历，从事教育管理、教学或者教育研究工作 10 年以上，工作实绩突出"
        }
        "ELIGIBILITY_INTEGRITY" => "坚持原则，办事公道，品行端正，廉洁自律",
        "ELIGIBILITY_HEALTH" => "身体健康，能胜任教育督导工作",
        "ELIGIBILITY_ASSESSMENT" => "经考核合格",
        "INDICATOR_KIND_GROUP" => "分组",
        "INDICATOR_KIND_SCORED" => "评分",
        "INDICATOR_KIND_YES_NO" => "是否",
        "INDICATOR_KIND_MEASURED" => "测量",
        "INDICATOR_SET_STATE_DRAFT" => "起草",
        "INDICATOR_SET_STATE_PUBLISHED" => "已发布",
        "INDICATOR_SET_STATE_RETIRED" => "已停用",
        "MEETING_KIND_PLENARY" => "全体会议",
        "MEETING_KIND_OFFICE" => "办公室会议",
        "MEETING_KIND_LEADING_GROUP" => "教育工作领导小组会议",
        "OBJECTION_OUTCOME_UPHELD" => "予以采纳",
        "OBJECTION_OUTCOME_PARTLY" => "部分采纳",
        "OBJECTION_OUTCOME_DISMISSED" => "不予采纳",
        "OBJECTION_STATE_LODGED" => "已提出",
        "OBJECTION_STATE_ANSWERED" => "已答复",
        "OBJECTION_STATE_ESCALATED" => "已向上一级提出",
        "OBJECTION_STATE_CONCLUDED" => "上一级已答复",
        "RELATION_KIND_RELATIVE_OF_HEAD" => "负责人近亲属",
        "RELATION_KIND_FAMILY_THERE" => "配偶、父母或子女在该单位工作或就读",
        "RELATION_KIND_EMPLOYMENT" => "在该单位任职或曾任职",
        "RELATION_KIND_OTHER_INTEREST" => "其他利害关系",
        "SCHOOL_FORM_COMPLETE_SECONDARY" => "完全中学",
        "SCHOOL_FORM_JUNIOR" => "初中",
        "SCHOOL_FORM_NINE_YEAR" => "九年一贯制",
        "SCHOOL_FORM_PRIMARY" => "小学",
        "SCHOOL_FORM_TWELVE_YEAR" => "十二年一贯制",
        "SUBJECT_KIND_UNIT" => "被督导单位",
        "SUBJECT_KIND_PERSON" => "相关责任人",
        "TRAINING_KIND_CONCENTRATED" => "集中培训",
        "TRAINING_KIND_ONLINE" => "网络培训",
        "TRAINING_KIND_SELF_STUDY" => "自学",
        _ => return None,
    })
}

/// What a field of a message is called: of this message if it says something of its own there.
fn zh_field(of: &str, name: &str) -> Option<&'static str> {
    let own = match (of, name) {
        ("Officer" | "Admission" | "Supervisor", "display_name") => "姓名",
        ("Training", "provider") => "举办单位",
        ("Plaque" | "Notice", "place") => "在何处可见",
        ("Meeting", "place") => "地点",
        ("School", "place") => "位置",
        ("Resolution", "display_name" | "text") => "决议内容",
        ("Indicator", "unit") => "计量单位",
        ("Parameter", "unit") => "单位",
        ("Relation", "unit") => "单位（全名，如 counties/…/schools/S1）",
        ("Relation", "person") => "关系人",
        ("Nominee", "person") => "个人（表扬单位时不填）",
        ("Attendance", "person") => "姓名",
        ("School" | "Training" | "Admission" | "Town", "state") => "状态",
        ("Contract", "scope") => "委托内容",
        ("Budget" | "BudgetLine", "amount_fen") => "预算金额",
        ("Calendar", "basis") => "来源",
        ("ResourceFigure", "primary") => "小学",
        ("ResourceFigure", "junior") => "初中",
        ("BalanceReport", "source") => "数据来源",
        ("BalanceReport", "schools") => "各校数据",
        ("SchoolFigures", "form") => "学段组成",
        _ => "",
    };
    if !own.is_empty() {
        return Some(own);
    }
    Some(match name {
        "addressee" => "提交对象",
        "admission_id" | "assessment_id" | "assessor_id" | "budget_line_id" | "claim_id"
        | "commendation_id" | "contract_id" | "directive_id" | "indicator_set_id"
        | "balance_report_id" | "meeting_id" | "objection_id" | "progress_report_id"
        | "relation_id" | "training_id" => "编号（可不填）",
        "final_date" => "定稿日期",
        "junior_classes" => "初中各班人数",
        "junior_pupils" => "初中学生数",
        "primary_classes" => "小学各班人数",
        "primary_pupils" => "小学学生数",
        "resource" => "资源",
        "resources" => "办学资源",
        "school_id" => "学校标识码",
        "senior_pupils" => "高中学生数",
        "shared" => "各学段共用",
        "supervisor_id" => "工号",
        "town_id" | "member_unit_id" => "编号（用名称即可）",
        "calendar_id" => "年度（四位数字）",
        "ruleset_id" => "编号（自动生成）",
        "after" => "之后",
        "agenda" => "议题",
        "amount_fen" => "金额",
        "answer" => "答复",
        "answer_date" => "答复日期",
        "answer_due_date" => "答复期限",
        "answered_by" => "答复人",
        "answers" => "答复",
        "appointment" => "聘任",
        "assessor" => "第三方机构",
        "attendance" => "参会情况",
        "attended" => "是否到会",
        "audience" => "报送对象",
        "avoid_schools" => "须回避的学校（标识码）",
        "base" => "驻地",
        "basis" => "依据",
        "before" => "之前",
        "boarding" => "是否寄宿",
        "body" => "答复机构（可不填）",
        "bound" => "约束",
        "budget_line" => "经费项目",
        "by" => "经办人",
        "case" => "整改案",
        "certificate" => "证书编号",
        "certificate_number" => "证书编号",
        "chair" => "主持人",
        "chief_supervisor" => "总督学",
        "close_date" => "关闭日期",
        "close_reason" => "关闭原因",
        "close_time" => "停办时间",
        "closed" => "是否关闭",
        "code" => "编号",
        "comment" => "评语",
        "comparison" => "比较方式",
        "condition" => "条件",
        "conditions" => "逐条审核",
        "confidence" => "依据可靠程度",
        "credit_code" => "统一社会信用代码",
        "danger" => "是否违法或危及安全",
        "date" => "日期",
        "days_per_year" => "每年可用天数",
        "decide_date" => "决定日期",
        "decided_by" => "决定人",
        "decision" => "决定",
        "declare_date" => "申报日期",
        "declared_by" => "申报人",
        "deliver_date" => "交付日期",
        "deliverable_id" => "成果编号",
        "deliverables" => "交付成果",
        "delivered_by" => "交付人",
        "deputies" => "副主任",
        "deputy_chief_supervisors" => "副总督学",
        "description" => "说明",
        "detail" => "具体情况",
        "differences" => "差别",
        "director" => "主任",
        "display_name" => "名称",
        "document" => "文号",
        "documents" => "文件（文号）",
        "done_date" => "完成日期",
        "due_date" => "期限",
        "duties" => "督导职责",
        "edition" => "版次",
        "education" => "学历",
        "effective_date" => "施行日期",
        "employer" => "工作单位",
        "employment" => "任职方式",
        "end_date" => "截止日期",
        "end_reason" => "终止原因",
        "ended" => "是否终止",
        "escalate_date" => "向上提出日期",
        "escalate_reason" => "向上提出理由",
        "escalated_to" => "上一级机构",
        "evidence" => "附件（编号）",
        "exams" => "考试时段",
        "excellent_mark" => "优秀分数线",
        "facts" => "记录的事实",
        "family" => "首个版本",
        "fen_per_day" => "每天标准（元）",
        "figure" => "对应的规则参数",
        "filings" => "报备",
        "finding" => "问题编号",
        "findings" => "问题",
        "findings_closed" => "已销号问题",
        "findings_overdue" => "逾期问题",
        "gap" => "差距",
        "good_mark" => "良好分数线",
        "grade" => "等次",
        "grounds" => "理由",
        "guidance" => "查看要点",
        "holidays" => "法定节假日",
        "hours" => "学时",
        "indicator_set" => "指标体系",
        "indicators" => "指标",
        "inspection_date" => "督导日期",
        "inspection_end_date" => "督导结束日期",
        "issue_date" => "成文日期",
        "issuer" => "下发机构",
        "items" => "清单事项",
        "key" => "参数",
        "kind" => "类别",
        "last_grade" => "上次综合督导等次",
        "last_inspection_date" => "上次综合督导日期",
        "latitude" => "纬度",
        "leave_reason" => "离任原因",
        "leave_time" => "离任时间",
        "letter_date" => "意见书日期",
        "letter_number" => "文号",
        "liaison" => "联络员",
        "limit_date" => "期限",
        "limit_days" => "整改天数",
        "line" => "工作类别",
        "list_item" => "清单事项",
        "lodge_date" => "提出日期",
        "lodge_due_date" => "提出期限",
        "lodged_by" => "提出人",
        "longitude" => "经度",
        "makeup_days" => "调休上班日",
        "matters" => "督导事项",
        "max_inspections_per_year" => "每年最多参加督导次数",
        "max_points" => "满分",
        "max_schools" => "最多负责学校数",
        "meeting" => "会议",
        "met" => "是否符合",
        "minutes" => "分钟",
        "n" => "序号",
        "nominated_by" => "提名单位",
        "nominee" => "提名对象",
        "nominees" => "提名对象",
        "note" => "备注",
        "notice" => "公示",
        "number" => "文号",
        "object_kinds" => "评估对象",
        "objections" => "异议",
        "objective" => "目标值",
        "office" => "办公室所在",
        "office_director" => "办公室主任",
        "officer" => "负责人",
        "outcome" => "结果",
        "parameters" => "参数",
        "parent" => "上级指标",
        "parts" => "组成",
        "pass_mark" => "合格分数线",
        "past_terms" => "以往任期",
        "pay_date" => "发放日期",
        "person" => "姓名",
        "phone" => "电话",
        "photo_uri" => "照片地址",
        "place" => "公示位置",
        "position" => "第几条（从 0 起）",
        "post" => "职务",
        "post_date" => "挂牌日期",
        "preset" => "所依据的预置",
        "print_date" => "印制日期",
        "printed_edition" => "已印版次",
        "proposed_grade" => "建议等次",
        "provider" => "举办者",
        "provisional" => "节假日是否为推算",
        "publication" => "公布",
        "publish_date" => "公布日期",
        "pupils" => "在校学生数",
        "purpose" => "用途",
        "purposes" => "支出范围",
        "qualification" => "资质",
        "quorate" => "是否达到法定人数",
        "rates" => "补助标准",
        "reason" => "原因",
        "receive_date" => "签收日期",
        "receiver" => "签收人",
        "receipt" => "回执",
        "recommended_by" => "推荐单位",
        "reject_reason" => "退回原因",
        "remark" => "说明",
        "report" => "报告",
        "reports_due" => "应出具报告",
        "reports_on_time" => "按时报告",
        "representative" => "负责人",
        "reprint_due" => "是否须重印",
        "requirement" => "整改要求",
        "resolution" => "处理结果",
        "resolutions" => "决议",
        "resolve_date" => "处理日期",
        "responsible_since" => "负责起始日期",
        "responsible_supervisor" => "责任督学",
        "result" => "落实情况",
        "retire_reason" => "停用原因",
        "review" => "审核",
        "revises" => "上一版本",
        "ruleset" => "适用规则",
        "school" => "学校",
        "school_name" => "学校名称",
        "scope" => "范围",
        "seconds" => "秒",
        "severity" => "严重程度",
        "sign_date" => "签订日期",
        "signed_by" => "签订人",
        "staff" => "教职工数",
        "stage" => "学段",
        "stages" => "学段",
        "start_date" => "起始日期",
        "state" => "状态",
        "strike_reason" => "取消原因",
        "subject" => "对象",
        "submit_date" => "申报日期",
        "summary" => "概述",
        "supervisor" => "督学",
        "supervisor_name" => "督学姓名",
        "taken_down" => "是否已撤下",
        "task" => "第几项任务",
        "tasks" => "任务",
        "term_end_date" => "任期截止",
        "term_number" => "第几任期",
        "term_start_date" => "任期起始",
        "terms" => "学期（授课时段）",
        "text" => "内容",
        "threshold" => "达标值",
        "title" => "标题",
        "to" => "报送单位",
        "town" => "乡镇（街道）",
        "training_hours" => "集中培训学时",
        "training_required_hours" => "应培训学时",
        "unit" => "单位",
        "unit_name" => "单位名称",
        "units_due" => "应到单位数",
        "units_present" => "实到单位数",
        "upheld" => "是否成立",
        "value" => "数值",
        "version" => "版本",
        "veto" => "是否一票否决",
        "visit" => "督导",
        "visits_due" => "应督导次数",
        "visits_made" => "已督导次数",
        "void_reason" => "作废原因",
        "voided" => "是否作废",
        "voucher" => "付款凭证号",
        "weight" => "权重（%）",
        "withdraw_time" => "退出时间",
        "working_rules" => "工作规则",
        "year" => "年度",
        "years_of_service" => "从教年限",
        "young_pioneers" => "是否少先队辅导员",
        "zone" => "责任区",
        "create_time" => "创建时间",
        "update_time" => "最后修改时间",
        "distance_m" => "距离（米）",
        "campaign" => "督导项目",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost_reflect::{Kind as Of, MessageDescriptor};

    use super::super::kinds::{Collection, GROUPS};
    use super::super::told::TIMESTAMP;
    use super::*;

    /// What of a message, and of what it holds, has no Chinese word.
    fn missing(
        message: &MessageDescriptor,
        seen: &mut BTreeSet<String>,
        out: &mut BTreeSet<String>,
    ) {
        if message.full_name() == TIMESTAMP || !seen.insert(message.full_name().to_owned()) {
            return;
        }
        for field in message.fields() {
            if ["name", "etag", "request_id", "update_mask"].contains(&field.name()) {
                continue;
            }
            match field.kind() {
                Of::Message(inner) => missing(&inner, seen, out),
                Of::Enum(of) => {
                    let values = of.values().skip(1);
                    let known = |name: &str| {
                        zh_value(name).is_some()
                            || Stage::from_str_name(name).is_some()
                            || Provider::from_str_name(name).is_some()
                            || Employment::from_str_name(name).is_some()
                            || Grade::from_str_name(name).is_some()
                            || InspectionKind::from_str_name(name).is_some()
                            || InspectionLine::from_str_name(name).is_some()
                            || ObjectKind::from_str_name(name).is_some()
                            || SchoolResource::from_str_name(name).is_some()
                            || Severity::from_str_name(name).is_some()
                    };
                    let unknown = values.filter(|value| !known(value.name()));
                    out.extend(unknown.map(|value| value.name().to_owned()));
                }
                Of::Double
                | Of::Float
                | Of::Int32
                | Of::Int64
                | Of::Uint32
                | Of::Uint64
                | Of::Sint32
                | Of::Sint64
                | Of::Fixed32
                | Of::Fixed64
                | Of::Sfixed32
                | Of::Sfixed64
                | Of::Bool
                | Of::String
                | Of::Bytes => {}
            }
            // A request's record is no field of a form: its own fields are.
            let is_record = matches!(field.kind(), Of::Message(inner) if !field.is_list()
                && inner.get_field_by_name("etag").is_some());
            if !is_record && zh_field(message.name(), field.name()).is_none() {
                out.insert(format!("{}.{}", message.name(), field.name()));
            }
        }
    }

    #[test]
    fn everything_that_records_and_their_forms_say_has_a_chinese_word() {
        let (mut seen, mut out) = (BTreeSet::new(), BTreeSet::new());
        for name in GROUPS.iter().flat_map(|group| group.kinds) {
            let of = Collection::named(name).unwrap();
            missing(&of.message, &mut seen, &mut out);
            for method in of.create.iter().chain(&of.update).chain(&of.steps) {
                missing(&method.input(), &mut seen, &mut out);
            }
            out.extend(
                of.steps
                    .iter()
                    .filter(|step| method_words(step.name()).is_none())
                    .map(|step| step.name().to_owned()),
            );
        }
        assert!(out.is_empty(), "{out:#?}");
    }
}
