//! What the inspection's documents say: the opinion letter (督导意见书, art. 八) and the record of a random draw.

use std::collections::BTreeMap;

use dudao_paper::{Body, Letterhead, Paper, Table, day};

use super::draw::record::Record;
use super::draw::{Draw, DrawState};
use super::finding::Finding;
use super::visit::{HearingGroup, Visit};

/// What the documents rest on.
const BASIS: &str = "《教育督导条例》和本县深化新时代教育督导体制机制改革实施方案";

/// The opinion letter of a visit with its findings; none before it was issued.
pub fn opinion_letter(head: &Letterhead, visit: &Visit, findings: &[Finding]) -> Option<Paper> {
    let letter = visit.letter.as_ref()?;
    let committee = head.committee();
    let mut body = Body::new()
        .text(format!(
            "根据{BASIS}第八条，{}{}。现将督导意见书面反馈如下：",
            made(visit),
            heard(visit)
        ))
        .heading(1, "总体评价")
        .text(&letter.summary);
    if !findings.is_empty() {
        body = body.heading(1, "存在的问题和整改要求");
    }
    for finding in findings {
        body = body
            .heading(2, format!("{}（{}）", finding.title, finding.severity))
            .text(&finding.detail)
            .text(format!("依据：{}。", finding.basis.trim_end_matches('。')));
        if !finding.requirement.is_empty() {
            body = body.text(format!("整改要求：{}", finding.requirement));
        }
        body = body.text(match finding.limit_days {
            0 => "整改期限：以整改决定为准。".to_owned(),
            days => format!("整改期限：收到本意见书之日起{days}日内。"),
        });
    }
    let body = body
        .heading(1, "有关要求")
        .text("请你单位针对反馈问题全面整改，在规定期限内将整改结果书面报告县政府教育督导委员会，并向社会公布整改情况。整改不到位、不及时的，将下发督办函限期整改（实施方案第九条）；整改情况实行“销号式”管理，并适时开展“回头看”（实施方案第十条）。");
    Some(Paper {
        issuer: format!("{committee}文件"),
        number: letter.number.clone(),
        title: format!("关于对{}{}的督导意见书", visit.target_name, visit.kind),
        addressee: visit.target_name.clone(),
        body: body.build(),
        signature: committee,
        date: Some(letter.date),
        copies: copies(visit),
        printer: head.office(),
        ..Paper::default()
    })
}

/// Who else gets it: the town in which the unit lies, and the education bureau.
fn copies(visit: &Visit) -> String {
    let town = (!visit.town.is_empty() && visit.town != visit.target_name)
        .then(|| format!("{}党委、政府，", visit.town));
    format!("{}县教育局", town.unwrap_or_default())
}

/// When and by whom it was made.
fn made(visit: &Visit) -> String {
    let start = visit
        .site
        .as_ref()
        .map_or(visit.date, |site| site.start_date);
    let end = visit.last_day();
    let days = if start == end {
        day(start)
    } else {
        format!("{}至{}", day(start), day(end))
    };
    let names = |leads: bool| {
        let members = visit.team.iter().filter(move |one| one.leader == leads);
        let names: Vec<_> = members.map(|one| one.display_name.as_str()).collect();
        names.join("、")
    };
    let (leaders, members) = (names(true), names(false));
    let team = match (leaders.is_empty(), members.is_empty()) {
        (true, true) => String::new(),
        (false, true) => format!("（组长{leaders}）"),
        (true, false) => format!("（成员{members}）"),
        (false, false) => format!("（组长{leaders}，成员{members}）"),
    };
    format!(
        "县政府教育督导委员会组织督导组{team}，于{days}对你单位进行了{}",
        visit.kind
    )
}

/// What went before the letter: the self-evaluation, hearings, the preliminary opinion and the plea.
fn heard(visit: &Visit) -> String {
    let mut said = String::new();
    if visit
        .self_evaluation
        .as_ref()
        .is_some_and(|one| one.review_date.is_some())
    {
        said.push_str("，审核了自评材料");
    }
    let groups: Vec<_> = HearingGroup::ALL
        .iter()
        .filter(|group| visit.hearings.iter().any(|one| one.group == **group))
        .map(|group| group.zh())
        .collect();
    if !groups.is_empty() {
        let people: i32 = visit.hearings.iter().map(|one| one.people).sum();
        said.push_str(&format!(
            "，分别听取了{}共{people}人的意见",
            groups.join("、")
        ));
    }
    if let Some(preliminary) = &visit.preliminary {
        said.push_str(&format!("，于{}反馈了初步督导意见", day(preliminary.date)));
        said.push_str(match &visit.plea {
            None => "，你单位未提出申辩",
            Some(plea) if plea.accepted => "，对你单位的申辩已作答复并予以采纳",
            Some(_) => "，对你单位的申辩已作答复",
        });
    }
    said
}

/// The record of a draw, with names of schools and officers by their codes; none before it was drawn.
pub fn draw_record(
    head: &Letterhead,
    draw: &Draw,
    record: &Record,
    names: &BTreeMap<String, String>,
) -> Option<Paper> {
    let published = match draw.state {
        DrawState::Drawn => None,
        DrawState::Published => draw.publish_date,
        DrawState::Committing | DrawState::Frozen | DrawState::Void => return None,
    };
    let date = published.or(draw.freeze_date)?;
    let name = |code: &String| names.get(code).unwrap_or(code).clone();
    let all = |codes: &[String]| codes.iter().map(name).collect::<Vec<_>>().join("、");
    let mut strata = Table::new([("层", 3), ("名录数", 2), ("应抽数", 2), ("抽取对象", 8)]);
    for stratum in &record.pool.strata {
        let drawn: Vec<_> = record
            .drawn
            .iter()
            .filter(|one| one.stratum == stratum.id)
            .map(|one| one.object.clone())
            .collect();
        strata.row([
            stratum.id.clone(),
            stratum.objects.len().to_string(),
            stratum.count.to_string(),
            all(&drawn),
        ]);
    }
    let mut drawn = Table::new([("序号", 1), ("层", 2), ("抽查对象", 4), ("检查人员", 4)]);
    for (at, one) in record.drawn.iter().enumerate() {
        drawn.row([
            (at + 1).to_string(),
            one.stratum.clone(),
            name(&one.object),
            all(&one.officers),
        ]);
    }
    let mut bars = Table::new([("人员", 2), ("对象", 3), ("回避或轮换事由", 4)]);
    for bar in &record.pool.bars {
        bars.row([name(&bar.officer), name(&bar.object), bar.reason.clone()]);
    }
    let mut body = Body::new()
        .text(format!(
            "根据“双随机一公开”的要求和实施方案第二十一条，于{}冻结抽查对象和检查人员名录，随机抽取本次督导的对象和人员。抽取种子由各参与方事先承诺的秘密和冻结名录共同产生，任何一方均不能左右结果。",
            day(draw.freeze_date.unwrap_or(date))
        ))
        .heading(1, "参与方");
    for party in &record.parties {
        body = body
            .heading(3, party.name.rsplit('/').next().unwrap_or_default())
            .text(format!("承诺散列：{}", grouped(&party.commitment)))
            .text(format!("揭示的秘密：{}", party.secret));
    }
    let mut body = body
        .heading(1, "名录和数量")
        .table(strata)
        .heading(1, "抽取结果")
        .table(drawn);
    if !record.pool.bars.is_empty() {
        body = body.heading(1, "回避和轮换").table(bars);
    }
    let body = body
        .heading(1, "核验办法")
        .text(format!("名录散列：{}", grouped(&record.pool_hash)))
        .text(format!("抽取种子：{}", grouped(&record.seed)))
        .text("抽取记录向社会公开，任何人均可依据记录重新抽取，核对结果是否一致。");
    Some(Paper {
        issuer: format!("{}文件", head.office()),
        title: format!("{}抽取记录", draw.display_name),
        body: body.build(),
        signature: head.office(),
        date: Some(date),
        printer: head.office(),
        ..Paper::default()
    })
}

/// Hexadecimal digits in groups, between which a line may break.
fn grouped(digits: &str) -> String {
    let digits: Vec<_> = digits.chars().collect();
    let groups: Vec<String> = digits
        .chunks(8)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::visit::{IssuedOpinion, TeamMember};
    use super::super::words::{InspectionKind, ObjectKind};
    use super::*;
    use crate::domain::finding::{FindingState, Severity};

    fn head() -> Letterhead {
        Letterhead {
            county: "泽州县".to_owned(),
            ..Letterhead::default()
        }
    }

    fn visit() -> Visit {
        let date = "2026-11-03".parse().unwrap();
        let target = "counties/140525/schools/S1";
        let mut visit = Visit::planned(
            InspectionKind::Comprehensive,
            ObjectKind::School,
            target,
            "泽州一中",
            date,
        );
        visit.team = vec![TeamMember {
            supervisor: "counties/140525/supervisors/A1".into(),
            display_name: "张督学".into(),
            leader: true,
        }];
        visit.town = "大阳镇".into();
        visit
    }

    #[test]
    fn article_08_the_letter_tells_item_by_item_what_was_found_asked_and_by_when() {
        let mut visit = visit();
        assert_eq!(
            opinion_letter(&head(), &visit, &[]),
            None,
            "there is no letter yet"
        );
        visit.letter = Some(IssuedOpinion {
            number: "泽教督意〔2026〕3号".into(),
            date: "2026-11-20".parse().unwrap(),
            due_date: None,
            summary: "总体良好。".into(),
        });
        let finding = Finding {
            visit: String::new(),
            indicator: String::new(),
            title: "消防通道堵塞".into(),
            detail: "东侧通道堆放桌椅。".into(),
            basis: "《消防法》第二十八条".into(),
            severity: Severity::Grave,
            danger: true,
            requirement: "立即清除。".into(),
            limit_days: 15,
            recorded_by: String::new(),
            record_time: None,
            evidence: Vec::new(),
            target: String::new(),
            state: FindingState::Issued,
            withdraw_reason: String::new(),
        };
        let letter = opinion_letter(&head(), &visit, &[finding]).unwrap();
        let said = letter.texts().join("\n");
        for words in [
            "泽教督意〔2026〕3号",
            "组长张督学",
            "一、总体评价",
            "（一）消防通道堵塞（重大问题）",
            "《消防法》第二十八条",
            "15日内",
            "第八条",
            "2026年11月20日",
            "大阳镇党委、政府",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}
