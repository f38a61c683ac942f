//! What the registry's documents say: letters of appointment (聘书, art. 十五) and plaques (公示牌, arts. 五, 十七).

use chrono::NaiveDate;
use dudao_paper::{Block, Body, Letterhead, Paper, Table, day};

use super::plaque::Plaque;
use super::supervisor::{Employment, Supervisor};

/// The letter of a supervisor's term: the n-th, counted from 1; none where there was no such term.
pub fn letter_of_appointment(
    head: &Letterhead,
    supervisor: &Supervisor,
    term: i32,
) -> Option<Paper> {
    let now = supervisor.past_terms.len() as i32 + 1;
    let at = usize::try_from(term).ok()?.checked_sub(1)?;
    let (start, end, published, number) = if term == now {
        (
            supervisor.term_start_date,
            supervisor.term_end_date,
            supervisor.renewal_published,
            supervisor.letter_number.clone(),
        )
    } else {
        let past = supervisor.past_terms.get(at)?;
        (
            past.start_date,
            Some(past.end_date),
            past.publish_date,
            String::new(),
        )
    };
    let stages: Vec<_> = supervisor.stages.iter().map(|stage| stage.zh()).collect();
    let (word, article) = match supervisor.employment {
        Employment::FullTime => ("任命", "委任制"),
        Employment::PartTime => ("聘任", "聘用制"),
    };
    let until = end.map_or_else(
        || format!("任期自{}起", day(start)),
        |end| format!("任期自{}起至{}止", day(start), day(end)),
    );
    let certificate = if supervisor.certificate_number.is_empty() {
        String::new()
    } else {
        format!("督学证编号：{}。", supervisor.certificate_number)
    };
    let body = Body::new()
        .block(Block::Large("聘  书".to_owned()))
        .text(format!("{}同志：", supervisor.display_name))
        .text(format!(
            "依照《教育督导条例》第六条、第七条和本县深化新时代教育督导体制机制改革实施方案第十五条（{}督学实行{article}），经考核合格并向社会公示，{word}你为{}{}督学（{}），{until}。",
            supervisor.employment,
            head.county,
            supervisor.employment,
            stages.join("、"),
        ))
        .text(certificate)
        .build();
    Some(Paper {
        number,
        title: String::new(),
        body,
        signature: head.committee(),
        // A term's letter is written when the term was published, at the latest when it begins.
        date: Some(published.unwrap_or(start).min(start)),
        ..Paper::default()
    })
}

/// A school's plaque, with a code that leads to the school's public page.
pub fn plaque(
    head: &Letterhead,
    plaque: &Plaque,
    county: &str,
    code: &str,
    today: NaiveDate,
) -> Paper {
    Paper {
        body: face(head, plaque, county, code),
        signature: head.committee(),
        date: Some(plaque.print_date.unwrap_or(today)),
        ..Paper::default()
    }
}

/// Plaques to be printed together: one a page.
pub fn sheet(head: &Letterhead, county: &str, plaques: &[(String, Plaque)]) -> Paper {
    let faces = plaques
        .iter()
        .map(|(code, plaque)| face(head, plaque, county, code));
    let mut body = Vec::new();
    for (at, face) in faces.enumerate() {
        if at > 0 {
            body.push(Block::Break);
        }
        body.extend(face);
    }
    Paper {
        body,
        ..Paper::default()
    }
}

fn face(head: &Letterhead, plaque: &Plaque, county: &str, code: &str) -> Vec<Block> {
    // The school stands in the table's head.
    let school = plaque.school_name.as_str();
    let mut facts = Table::new([("学校", 2), (school, 6)]);
    facts.row(["责任督学".to_owned(), plaque.supervisor_name.clone()]);
    facts.row(["联系电话".to_owned(), plaque.phone.clone()]);
    let matters: Vec<_> = plaque
        .matters
        .iter()
        .enumerate()
        .map(|(at, matter)| format!("{}.{matter}", at + 1))
        .collect();
    facts.row(["督导事项".to_owned(), matters.join("；")]);
    facts.row(["监督单位".to_owned(), head.office()]);
    let mut body = Body::new()
        .block(Block::Large("责任督学公示牌".to_owned()))
        .table(facts);
    if let Some(page) = head.public_page(&format!("{county}/plaques/{code}")) {
        body = body.block(Block::Code(page));
    }
    body.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(public_uri: &str) -> Letterhead {
        Letterhead {
            county: "泽州县".to_owned(),
            public_uri: public_uri.to_owned(),
            ..Letterhead::default()
        }
    }

    #[test]
    fn article_17_a_plaque_says_who_how_to_reach_and_for_what_and_leads_to_the_schools_page() {
        let hangs = Plaque {
            school_name: "泽州一中".into(),
            supervisor_name: "张督学".into(),
            phone: "13800000001".into(),
            matters: vec!["校园及周边安全".into()],
            ..Plaque::default()
        };
        let today = "2026-11-27".parse().unwrap();
        let paper = plaque(
            &head("https://dudao.example.cn"),
            &hangs,
            "140525",
            "S1",
            today,
        );
        let said = paper.texts().join("\n");
        for words in ["泽州一中", "张督学", "13800000001", "1.校园及周边安全"] {
            assert!(said.contains(words), "{words}");
        }
        let code = Block::Code("https://dudao.example.cn/public/140525/plaques/S1".into());
        assert!(paper.body.contains(&code));
        // Nobody knows the address: no code rather than one that leads nowhere.
        let without = plaque(&head(""), &hangs, "140525", "S1", today);
        assert!(
            !without
                .body
                .iter()
                .any(|block| matches!(block, Block::Code(_)))
        );
        let plaques = vec![("S1".to_owned(), hangs.clone()), ("S2".to_owned(), hangs)];
        let pages = sheet(&head(""), "140525", &plaques);
        assert_eq!(
            pages
                .body
                .iter()
                .filter(|block| **block == Block::Break)
                .count(),
            1
        );
    }
}
