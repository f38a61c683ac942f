//! What facts are called in Chinese; English ones are called as the contract names them.
#![expect(
    clippy::match_same_arms,
    reason = "a dictionary: one line a word, service by service"
)]

use crate::frame::Frame;

/// What a fact is called.
pub fn kind(name: &str, t: &Frame) -> String {
    let zh = zh(name).filter(|_| t.chinese());
    zh.map_or_else(|| apart(name), ToOwned::to_owned)
}

/// `SchoolUpdated` as `School updated`.
fn apart(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
            text.extend(letter.to_lowercase());
        } else {
            text.push(letter);
        }
    }
    text
}

fn zh(name: &str) -> Option<&'static str> {
    Some(match name {
        "CountyCreated" => "建立县",
        "CountyUpdated" => "修改县信息",
        "TownCreated" => "新增乡镇",
        "TownUpdated" => "修改乡镇",
        "SchoolCreated" => "新增学校",
        "SchoolUpdated" => "修改学校",
        "SchoolClosed" => "学校停办",
        "SupervisorCreated" => "新增督学",
        "SupervisorUpdated" => "修改督学",
        "SupervisorDismissed" => "督学离任",
        "MapLayerCreated" => "新增底图图层",
        "MapLayerUpdated" => "修改底图图层",
        "MapLayerRemoved" => "移除底图图层",
        "MemberUnitCreated" => "新增成员单位",
        "MemberUnitUpdated" => "修改成员单位",
        "MemberUnitWithdrawn" => "成员单位退出",
        "CalendarCreated" => "新增校历",
        "CalendarUpdated" => "修改校历",
        "RulesetCreated" => "新增规则版本",
        "ZonesAdopted" => "启用责任区",
        "CommitteeCreated" => "建立督导委员会",
        "CommitteeUpdated" => "修改督导委员会",
        "MeetingRecorded" => "登记会议",
        "MeetingUpdated" => "修改会议记录",
        "ProgressReportRecorded" => "登记工作报告",
        "ProgressReportUpdated" => "修改工作报告",
        "RelationDeclared" => "申报回避关系",
        "RelationEnded" => "回避关系终止",
        "TrainingRecorded" => "登记培训",
        "TrainingVoided" => "培训作废",
        "SupervisorRecommended" => "推荐督学",
        "AdmissionUpdated" => "修改推荐",
        "AdmissionReviewed" => "审核推荐",
        "AdmissionAnnounced" => "聘任公示",
        "AdmissionObjected" => "公示异议",
        "AdmissionObjectionResolved" => "处理公示异议",
        "AdmissionPublished" => "公布聘任结果",
        "SupervisorAppointed" => "聘任督学",
        "AdmissionEnded" => "终止聘任程序",
        "SupervisorsExported" => "导出督学名册",
        "SupervisorRenewed" => "督学续聘",
        "AssessmentOpened" => "开始督学考核",
        "AssessmentDecided" => "评定考核等次",
        "PlaqueIssued" => "生成标牌",
        "PlaqueChanged" => "标牌变动",
        "ListItemCreated" => "列入年度清单",
        "ListItemUpdated" => "修改清单事项",
        "ListItemWithdrawn" => "移出年度清单",
        "CampaignCreated" => "起草督导项目",
        "CampaignUpdated" => "修改督导项目",
        "CampaignDecided" => "确定督导项目",
        "CampaignConcluded" => "督导项目完成",
        "CampaignCancelled" => "取消督导项目",
        "CampaignMerged" => "合并督导项目",
        "VisitCreated" => "安排督导",
        "TeamAssigned" => "确定督导小组",
        "TeamMemberSubstituted" => "更换组员",
        "VisitRescheduled" => "督导改期",
        "VisitNotified" => "通知督导",
        "SelfEvaluationSubmitted" => "提交自评",
        "SelfEvaluationReviewed" => "审核自评",
        "VisitBegun" => "开始现场督导",
        "GroupHeard" => "听取意见",
        "ParticipationRecorded" => "成员单位参加",
        "VisitFinished" => "结束现场督导",
        "PreliminaryOpinionIssued" => "下达初步意见",
        "PleaLodged" => "提出申辩",
        "PleaAnswered" => "答复申辩",
        "LetterAgreed" => "同意意见书",
        "VisitRecorded" => "形成督导记录",
        "ReportSubmitted" => "提交督导报告",
        "ReportFiled" => "督导报告备案",
        "VisitPublished" => "公布督导结果",
        "VisitCancelled" => "取消督导",
        "FindingRecorded" => "记录问题",
        "FindingUpdated" => "修改问题",
        "FindingIssued" => "下达问题",
        "FindingWithdrawn" => "撤回问题",
        "NoteKept" => "记录笔记",
        "DrawCreated" => "新建抽查",
        "SecretCommitted" => "提交承诺值",
        "PoolsFrozen" => "冻结名单",
        "SecretRevealed" => "公开密值",
        "DrawVoided" => "抽查作废",
        "DrawPublished" => "公布抽取记录",
        "OpinionLetterIssued" => "下达督导意见书",
        "VisitUrged" => "当场督促",
        "IndicatorSetCreated" => "起草指标体系",
        "IndicatorSetUpdated" => "修改指标体系",
        "IndicatorSetPublished" => "发布指标体系",
        "IndicatorSetRetired" => "停用指标体系",
        "EvaluationCreated" => "开始评估",
        "SelfScored" => "自评打分",
        "SelfScoresSubmitted" => "提交自评分",
        "TeamScored" => "评估组打分",
        "EvaluationConcluded" => "作出评估结论",
        "EvaluationWithdrawn" => "撤回评估",
        "BalanceReportCreated" => "新增均衡监测",
        "BalanceReportUpdated" => "修改均衡监测",
        "BalanceReportFinalized" => "均衡监测定稿",
        "EvidenceUploaded" => "上传附件",
        "EvidenceWithdrawn" => "撤回附件",
        "EvidenceContentRemoved" => "清除附件内容",
        "BudgetLineCreated" => "新增经费项目",
        "BudgetLineUpdated" => "修改经费项目",
        "BudgetLineClosed" => "关闭经费项目",
        "ClaimSubmitted" => "申报补助",
        "ClaimApproved" => "核准补助",
        "ClaimRejected" => "退回补助申报",
        "ClaimPaid" => "发放补助",
        "ComplaintFiled" => "收到举报线索",
        "ComplaintAssigned" => "交办举报线索",
        "ComplaintRefused" => "不予受理举报",
        "ComplaintForwarded" => "转交举报线索",
        "ComplaintVerified" => "核实举报线索",
        "ComplaintVisitLinked" => "关联督导",
        "ComplaintAnswered" => "答复举报线索",
        "ComplaintClosed" => "办结举报线索",
        "ReporterTold" => "查看举报人联系方式",
        "ObjectionLodged" => "提出异议",
        "ObjectionAnswered" => "答复异议",
        "ObjectionEscalated" => "异议向上提出",
        "ObjectionWithdrawn" => "撤回异议",
        "AssessorCreated" => "新增第三方机构",
        "AssessorUpdated" => "修改第三方机构",
        "ContractCreated" => "起草合同",
        "ContractUpdated" => "修改合同",
        "ContractSigned" => "签订合同",
        "DeliverableDelivered" => "交付成果",
        "DeliverableAccepted" => "验收成果",
        "DeliverableRejected" => "退回成果",
        "ContractCompleted" => "合同履行完毕",
        "ContractTerminated" => "解除合同",
        "DirectiveHandedDown" => "上级下达",
        "DirectiveReceived" => "签收上级文件",
        "TaskAnswered" => "答复上级任务",
        "CaseOpened" => "立整改案",
        "CaseUpdated" => "整改案变动",
        "DecisionIssued" => "作出整改决定",
        "ImmediateActionRecorded" => "立行立改",
        "LimitExtended" => "延长整改期限",
        "RectificationSubmitted" => "上报整改情况",
        "RectificationChecked" => "核查整改",
        "ResultPublished" => "公布整改结果",
        "FindingClosedOut" => "销号",
        "FindingLookedBack" => "回头看",
        "CaseFindingWithdrawn" => "撤回问题",
        "UrgingLetterIssued" => "发督办函",
        "InterviewHeld" => "约谈",
        "InterviewFiled" => "约谈记录备案",
        "NotificationIssued" => "发布通报",
        "ReferredToAccountability" => "移送问责",
        "AccountabilityOpened" => "问责立案",
        "AccountabilityUpdated" => "问责变动",
        "InvestigationSetUp" => "成立调查组",
        "FactsTold" => "告知事实",
        "StatementHeard" => "听取陈述申辩",
        "UnitConsulted" => "征求成员单位意见",
        "AccountabilityApproved" => "批准问责",
        "AccountabilityDecisionIssued" => "下达问责决定",
        "AccountabilityDecisionDelivered" => "送达问责决定",
        "AccountabilityDecisionFiled" => "问责决定备案",
        "MeasureExecuted" => "执行问责",
        "MeasureReferred" => "移交问责",
        "AccountabilityDropped" => "终止问责",
        "ReviewAsked" => "申请复查",
        "ReviewDecided" => "作出复查决定",
        "AppealLodged" => "提出申诉",
        "AppealDecided" => "作出申诉决定",
        "AccountabilityDecisionCorrected" => "更正问责决定",
        "CommendationOpened" => "开始表扬激励",
        "CommendationUpdated" => "修改表扬激励",
        "Nominated" => "提名表扬",
        "NomineeStruck" => "取消提名",
        "CommendationNoticed" => "表扬公示",
        "NomineeObjected" => "对提名的异议",
        "NomineeObjectionAnswered" => "处理提名异议",
        "CommendationDecided" => "决定表扬",
        "CommendationPublished" => "公布表扬",
        "ResultsFiled" => "整改结果报备",
        "ReminderFell" => "到期提醒",
        "DocumentIssued" => "签发公文",
        "DocumentWithdrawn" => "撤销公文",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use dudao_platform::contract::CONTRACT;

    use super::*;

    #[test]
    fn every_fact_of_a_county_has_a_chinese_word() {
        let contract = CONTRACT.as_ref().unwrap();
        let services = ["registry", "inspection", "accountability"];
        let missing: Vec<_> = contract
            .all_messages()
            .filter(|message| {
                let file = message.parent_file();
                services
                    .iter()
                    .any(|of| file.name() == format!("dudao/{of}/v1/events.proto"))
            })
            .map(|message| message.name().to_owned())
            .filter(|name| zh(name).is_none())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
