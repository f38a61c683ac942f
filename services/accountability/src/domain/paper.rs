//! What the accountability's documents say, each with the article of the founding document that it comes from.

use std::collections::BTreeMap;

use dudao_paper::{Body, Letterhead, Paper, Table, day};

use super::case::{Case, CaseSource, Filing, Interview, LadderStep, Notification, UrgingLetter};
use super::compliance::{Duty, DutyState};
use super::decision::{AccountabilityDecision, SubjectKind};
use super::finding::{CaseFinding, Decision};
use super::year::YearOfCases;

/// What the documents rest on.
const BASIS: &str = "《教育督导条例》和本县深化新时代教育督导体制机制改革实施方案";
/// The rule of accountability in education supervision.
const MEASURES: &str = "《教育督导问责办法》（国教督〔2021〕2号）";

/// Where a case comes from, in the words of a document.
fn origin(case: &Case) -> String {
    let letter = if case.letter_number.is_empty() {
        String::new()
    } else {
        format!("（{}）", case.letter_number)
    };
    match case.source {
        CaseSource::OwnLetter => format!("县政府教育督导委员会督导意见书{letter}"),
        CaseSource::Superior => format!("{}{letter}", case.issuer),
        CaseSource::Direct => "有关情况反映和核实结果".to_owned(),
    }
}

/// The frame of a paper of the committee.
fn of_committee(head: &Letterhead) -> Paper {
    Paper {
        issuer: format!("{}文件", head.committee()),
        signature: head.committee(),
        printer: head.office(),
        ..Paper::default()
    }
}

/// The frame of a paper of the committee's office.
fn of_office(head: &Letterhead) -> Paper {
    Paper {
        issuer: format!("{}文件", head.office()),
        signature: head.office(),
        printer: head.office(),
        ..Paper::default()
    }
}

/// Who else gets what a unit is told: its town, and the education bureau.
fn copies(case: &Case) -> String {
    if case.town.is_empty() || case.town == case.unit_name {
        "县教育局".to_owned()
    } else {
        format!("{}党委、政府，县教育局", case.town)
    }
}

/// With whom something was filed.
fn filed(filings: &[Filing]) -> String {
    let names: Vec<_> = filings.iter().map(|one| one.to.as_str()).collect();
    names.join("，")
}

/// A rectification decision with its items: those of one document of one day.
#[derive(Clone, Debug)]
pub struct Decided<'a> {
    /// Which one of the case's it is, the first is 1.
    pub part: i32,
    /// What was decided of each finding.
    pub items: Vec<(&'a CaseFinding, &'a Decision)>,
}

impl Decided<'_> {
    /// The document's number.
    pub fn document(&self) -> &str {
        self.items
            .first()
            .map_or("", |(_, decision)| &decision.document)
    }
}

/// The rectification decisions in force of a case, the first one first.
pub fn decided(case: &Case) -> Vec<Decided<'_>> {
    let mut decided = BTreeMap::<i32, Vec<_>>::new();
    for finding in &case.findings {
        if let Some(decision) = finding.decision.as_ref().filter(|one| one.part > 0) {
            decided
                .entry(decision.part)
                .or_default()
                .push((finding, decision));
        }
    }
    let decided = decided.into_iter();
    decided
        .map(|(part, items)| Decided { part, items })
        .collect()
}

/// The rectification decision (整改决定书, art. 八).
pub fn rectification_decision(
    head: &Letterhead,
    case: &Case,
    decided: &Decided<'_>,
) -> Option<Paper> {
    let (_, first) = decided.items.first()?;
    let mut body = Body::new()
        .text(format!(
            "根据{}反馈的问题，依照{BASIS}第八条，现就你单位存在的问题作出如下整改决定：",
            origin(case)
        ))
        .heading(1, "整改事项");
    for (finding, decision) in &decided.items {
        body = body
            .heading(2, format!("{}（{}）", finding.title, finding.severity))
            .text(&finding.detail)
            .text(format!("依据：{}。", finding.basis.trim_end_matches('。')))
            .text(format!("整改要求：{}", decision.requirement))
            .text(format!("整改期限：{}前。", day(decision.limit_date)));
    }
    let body = body
        .heading(1, "工作要求")
        .text("请你单位针对上述问题全面整改，逐项落实责任，在整改期限内将整改结果书面报告县政府教育督导委员会，并向社会公布整改情况。")
        .text("整改不到位、不及时的，下发督办函限期整改（实施方案第九条）。整改情况实行“销号式”管理，县政府教育督导委员会将及时复查，并适时开展“回头看”（实施方案第十条）。");
    Some(Paper {
        number: first.document.clone(),
        title: format!("关于责令{}限期整改的决定", case.unit_name),
        addressee: case.unit_name.clone(),
        body: body.build(),
        date: Some(first.date),
        copies: copies(case),
        ..of_committee(head)
    })
}

/// The urging letter (督办函, art. 九).
pub fn urging_letter(head: &Letterhead, case: &Case, letter: &UrgingLetter) -> Paper {
    // Without a number it was spoken on the spot (an illegal act, a danger to life).
    let on_the_spot = letter.number.is_empty() && letter.n == 1;
    let why = if on_the_spot {
        "督导现场发现违法行为或者危及师生生命安全的情形，已当场督促整改"
    } else {
        "至今整改不到位、不及时"
    };
    let mut body = Body::new()
        .text(format!(
            "经查，{}指出的下列问题，你单位{why}。依照{BASIS}第九条，现予督办：",
            origin(case)
        ))
        .heading(1, "督办事项");
    for finding in case
        .findings
        .iter()
        .filter(|one| letter.findings.contains(&one.finding))
    {
        body = body
            .heading(2, format!("{}（{}）", finding.title, finding.severity))
            .text(&finding.detail);
        let requirement = finding
            .decision
            .as_ref()
            .map_or(&finding.requirement, |one| &one.requirement);
        if !requirement.is_empty() {
            body = body.text(format!("整改要求：{requirement}"));
        }
        if let Some(decision) = finding
            .decision
            .as_ref()
            .filter(|one| one.date <= letter.date)
        {
            body = body.text(format!("原定整改期限：{}前。", day(decision.limit_date)));
        }
    }
    let body = body
        .heading(1, "督办要求")
        .text(format!(
            "请你单位于{}前完成整改，将整改结果书面报告县政府教育督导委员会，并向社会公布整改情况。逾期仍未整改到位的，将依照实施方案第十二条、第十三条、第十四条予以约谈、通报或者问责。",
            day(letter.limit_date)
        ));
    Paper {
        number: letter.number.clone(),
        title: format!("关于督促{}限期整改的督办函", case.unit_name),
        addressee: case.unit_name.clone(),
        body: body.build(),
        date: Some(letter.date),
        copies: copies(case),
        ..of_office(head)
    }
}

/// The record of an interview (约谈记录, art. 十二).
pub fn interview_record(head: &Letterhead, case: &Case, interview: &Interview) -> Paper {
    let mut facts = Table::new([("事项", 2), ("内容", 7)]);
    facts.row(["被约谈单位".to_owned(), case.unit_name.clone()]);
    facts.row(["被约谈人".to_owned(), interview.attendees.join("、")]);
    facts.row(["约谈时间".to_owned(), day(interview.date)]);
    let why = interview
        .trigger
        .map_or("经督办仍逾期或者整改不到位", |trigger| {
            trigger.zh()
        });
    facts.row(["约谈事由".to_owned(), why.to_owned()]);
    facts.row(["组织约谈".to_owned(), interview.officer.clone()]);
    let mut body = Body::new()
        .text(format!(
            "依照{BASIS}第十二条，{}对{}相关负责人进行了约谈，记录如下：",
            head.committee(),
            case.unit_name
        ))
        .table(facts)
        .heading(1, "约谈的问题");
    let open = case.findings.iter().filter(|one| !one.is_settled());
    for (at, finding) in open.enumerate() {
        body = body.text(format!(
            "{}.{}（{}）",
            at + 1,
            finding.title,
            finding.severity
        ));
    }
    let body = body
        .heading(1, "约谈情况")
        .text(&interview.record)
        .text("本记录报送被约谈单位所在地党委、政府以及上级主管部门备案，作为年度目标责任考核和绩效考核的依据。")
        .text("被约谈人（签字）：")
        .text("约谈人（签字）：")
        .text("记录人（签字）：");
    let to = filed(&interview.filings);
    Paper {
        title: format!("关于对{}的约谈记录", case.unit_name),
        body: body.build(),
        date: Some(interview.date),
        copies: if to.is_empty() { copies(case) } else { to },
        ..of_committee(head)
    }
}

/// The notification (通报, art. 十三).
pub fn notification(head: &Letterhead, case: &Case, notification: &Notification) -> Paper {
    let mut table = Table::new([
        ("序号", 2),
        ("问题", 5),
        ("整改期限", 4),
        ("督办", 2),
        ("整改情况", 3),
    ]);
    let findings = case.findings.iter().filter(|one| !one.is_settled());
    for (at, finding) in findings.enumerate() {
        let urged = case.urged(&finding.finding);
        table.row([
            (at + 1).to_string(),
            finding.title.clone(),
            finding.limit_date.map(day).unwrap_or_default(),
            format!("{urged}次"),
            finding.state.zh().to_owned(),
        ]);
    }
    let body = Body::new()
        .text(format!(
            "{}对{}督导中发现的问题，该单位{}。依照{BASIS}第十三条，现将督导结果、工作表现和整改情况通报如下：",
            head.committee(),
            case.unit_name,
            notification.trigger
        ))
        .heading(1, "督导结果")
        .text(&case.summary)
        .heading(1, "工作表现")
        .text(&notification.text)
        .heading(1, "整改情况")
        .table(table)
        .heading(1, "有关要求")
        .text("请督促该单位认真整改，整改结果报县政府教育督导委员会办公室。通报后仍整改不到位的，将依照实施方案第十四条严肃追责问责。");
    Paper {
        title: format!("关于{}教育督导问题整改情况的通报", case.unit_name),
        addressee: notification.recipients.join("，"),
        body: body.build(),
        date: Some(notification.date),
        copies: case.unit_name.clone(),
        ..of_office(head)
    }
}

/// The accountability decision (问责决定书, art. 十四) with its five elements; none before it was issued.
pub fn accountability_decision(
    head: &Letterhead,
    decision: &AccountabilityDecision,
) -> Option<Paper> {
    let (issuance, content) = (decision.issuance.as_ref()?, decision.content.as_ref()?);
    let (subject, whom) = match decision.kind {
        SubjectKind::Unit => (decision.unit_name.clone(), "你单位"),
        SubjectKind::Person => (
            format!("{}{}{}", decision.unit_name, decision.post, decision.person),
            "你",
        ),
    };
    let mut body = Body::new()
        .text(format!(
            "依照{BASIS}第十四条和{MEASURES}，经调查核实，并书面告知拟问责的事实和方式、听取陈述申辩、征求有关成员单位意见、按程序批准，现决定如下：",
        ))
        .heading(1, "基本情况")
        .text(&content.basic_facts)
        .heading(1, "问责事实")
        .text(&content.findings)
        .heading(1, "问责依据")
        .text(&content.basis)
        .heading(1, "问责方式");
    for measure in &content.measures {
        body = body.heading(2, measure.form.zh()).text(&measure.detail);
        if !measure.organ.is_empty() {
            body = body.text(format!("移送{}依照权限和程序处理。", measure.organ));
        }
    }
    if !issuance.aggravated_by.is_empty() {
        body = body.text("一年内曾被问责，依照规定从重问责。");
    }
    let mut body = body
        .heading(1, "生效时间")
        .text(format!("本决定自{}起生效。", day(issuance.effective_date)));
    if let Some(correction) = decision.corrections.last() {
        body = body.text(format!(
            "本决定经复查或者申诉，于{}变更。",
            day(correction.date)
        ));
    }
    let rights = match &decision.delivery {
        Some(delivery) => format!(
            "{whom}对本决定不服的，可以于{}前申请复查；也可以于{}前直接提出申诉。",
            day(delivery.review_due_date),
            day(delivery.appeal_due_date)
        ),
        None => format!(
            "{whom}对本决定不服的，可以在收到本决定后依照{MEASURES}规定的期限申请复查或者提出申诉。"
        ),
    };
    let body = body
        .heading(1, "权利救济")
        .text(format!("{rights}复查、申诉期间，不停止本决定的执行。"));
    let to = filed(&decision.filings);
    Some(Paper {
        number: issuance.number.clone(),
        title: format!("关于对{subject}的问责决定"),
        addressee: match decision.kind {
            SubjectKind::Unit => decision.unit_name.clone(),
            SubjectKind::Person => format!("{}并{}同志", decision.unit_name, decision.person),
        },
        body: body.build(),
        date: Some(issuance.date),
        copies: if to.is_empty() {
            "县教育局".to_owned()
        } else {
            to
        },
        ..of_committee(head)
    })
}

/// The report of a year (arts. 七, 十八).
pub fn yearly_report(
    head: &Letterhead,
    year: i32,
    duties: &[Duty],
    done: &YearOfCases,
    accountability_decisions: usize,
) -> Paper {
    let count = |state| duties.iter().filter(|duty| duty.state == state).count();
    let (finished, due, overdue) = (
        count(DutyState::Done),
        count(DutyState::Due),
        count(DutyState::Overdue),
    );
    let mut work = Table::new([("工作", 6), ("依据", 3), ("数量", 2)]);
    for (what, article, times) in [
        (
            "逐项下达整改决定",
            "第八条",
            done.rectification_decisions.count,
        ),
        (
            "下发督办函",
            LadderStep::UrgingLetter.article(),
            done.urging_letters.count,
        ),
        ("公布整改结果", "第九条", done.published_results.count),
        ("问题销号", "第十条", done.close_outs.count),
        ("“回头看”", "第十条", done.look_backs.count),
        (
            "约谈",
            LadderStep::Interview.article(),
            done.interviews.count,
        ),
        (
            "通报",
            LadderStep::Notification.article(),
            done.notifications.count,
        ),
        (
            "问责",
            LadderStep::Accountability.article(),
            accountability_decisions,
        ),
    ] {
        work.row([what.to_owned(), article.to_owned(), times.to_string()]);
    }
    let mut table = Table::new([("条款", 3), ("职责", 7), ("完成/应完成", 4), ("状态", 3)]);
    for duty in duties {
        table.row([
            duty.article.to_owned(),
            duty.zh.clone(),
            format!("{}/{}", duty.done, duty.required),
            duty.state.zh().to_owned(),
        ]);
    }
    let mut body = Body::new()
        .text(format!(
            "依照{BASIS}第七条、第十八条，现将{}{year}年教育督导工作情况报告如下：",
            head.county
        ))
        .heading(1, "总体情况")
        .text(format!(
            "实施方案确定的年度职责共{}项：已完成{finished}项，待完成{due}项，已逾期{overdue}项。",
            duties.len()
        ))
        .heading(1, "整改和问责")
        .table(work)
        .heading(1, "年度职责完成情况")
        .table(table);
    let late: Vec<_> = duties
        .iter()
        .filter(|duty| duty.state != DutyState::Done)
        .collect();
    if !late.is_empty() {
        body = body.heading(1, "尚未完成的职责和下一步工作");
    }
    for (at, duty) in late.iter().enumerate() {
        body = body.text(format!(
            "{}.{}（{}）：{}，期限{}。",
            at + 1,
            duty.zh,
            duty.article,
            duty.state,
            day(duty.due_date)
        ));
    }
    Paper {
        title: format!("关于{year}年教育督导工作情况的报告"),
        addressee: "县委教育工作领导小组，县人民政府".to_owned(),
        body: body.build(),
        copies: "县政府教育督导委员会各成员单位".to_owned(),
        ..of_committee(head)
    }
}

#[cfg(test)]
mod tests;
