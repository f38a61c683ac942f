//! Pages are measured as they were set: the standard's lines, characters and places.

use std::collections::BTreeMap;
use std::path::PathBuf;

use dudao_paper::layout::{CHARACTERS, LINES, MM_PER_PT};
use dudao_paper::{Block, Body, Paper};
use typst::layout::{Frame, FrameItem, Point};

use super::*;

/// The fonts that `make test` installs.
#[expect(
    clippy::disallowed_methods,
    reason = "where make installs what tests need"
)]
fn printer() -> Printer {
    let home = std::env::var("HOME").unwrap();
    Printer::new(vec![PathBuf::from(home).join(".cache/dudao/fonts")])
}

/// A text that was set: where it begins, where it ends, its baseline, and its size; in millimetres and points.
#[derive(Clone, Debug)]
struct Set {
    text: String,
    left: f64,
    right: f64,
    base: f64,
    size: f64,
}

fn texts(frame: &Frame, at: Point, found: &mut Vec<Set>) {
    for (place, item) in frame.items() {
        let at = at + *place;
        match item {
            FrameItem::Group(group) => texts(&group.frame, at, found),
            FrameItem::Text(text) => found.push(Set {
                text: text.text.to_string(),
                left: at.x.to_mm(),
                right: (at.x + text.width()).to_mm(),
                base: at.y.to_mm(),
                size: text.size.to_pt(),
            }),
            FrameItem::Shape(..)
            | FrameItem::Image(..)
            | FrameItem::Link(..)
            | FrameItem::Tag(_) => {}
        }
    }
}

/// The pages of a paper.
fn pages(paper: &Paper) -> Vec<Vec<Set>> {
    let document = printer().set(paper).unwrap();
    let document = document.expect("fonts: `make test` installs them");
    let pages = document.pages().iter().map(|page| {
        let size = page.frame.size();
        assert!((size.x.to_mm() - 210.0).abs() < 0.01 && (size.y.to_mm() - 297.0).abs() < 0.01);
        let mut found = Vec::new();
        texts(&page.frame, Point::zero(), &mut found);
        found
    });
    pages.collect()
}

/// Lines of the body, by their baselines.
fn lines(page: &[Set]) -> BTreeMap<i64, Vec<&Set>> {
    let mut lines: BTreeMap<i64, Vec<&Set>> = BTreeMap::new();
    for one in page.iter().filter(|one| (one.size - 16.0).abs() < 0.01) {
        lines
            .entry((one.base * 100.0).round() as i64)
            .or_default()
            .push(one);
    }
    lines
}

#[test]
fn gb_t_9704_a_page_has_22_lines_of_28_characters_within_156_by_225_millimetres() {
    let paper = Paper {
        title: String::new(),
        body: Body::new().text("督".repeat(28 * 70)).build(),
        ..Paper::default()
    };
    let pages = pages(&paper);
    let first = lines(&pages[0]);
    assert_eq!(first.len(), LINES as usize);
    let count = |line: &Vec<&Set>| {
        line.iter()
            .map(|one| one.text.chars().count())
            .sum::<usize>()
    };
    let counts: Vec<_> = first.values().map(count).collect();
    // The first line of a paragraph is indented by two characters.
    assert_eq!(counts[0], CHARACTERS as usize - 2);
    assert!(
        counts[1..]
            .iter()
            .all(|count| *count == CHARACTERS as usize),
        "{counts:?}"
    );
    for one in first.values().flatten() {
        assert!(one.left > 27.9 && one.right < 28.0 + 156.0 + 0.1, "{one:?}");
    }
    let bases: Vec<_> = first.keys().map(|base| *base as f64 / 100.0).collect();
    let pitch = (bases[21] - bases[0]) / 21.0;
    assert!((pitch - 225.0 / 22.0).abs() < 0.02, "{pitch} mm");
    assert!(bases[0] > 37.0 && bases[21] < 37.0 + 225.0);
}

#[test]
fn gb_t_9704_page_numbers_stand_at_the_outer_side_below_the_type_area() {
    let paper = Paper {
        body: Body::new().text("督".repeat(28 * 60)).build(),
        ..Paper::default()
    };
    let pages = pages(&paper);
    assert_eq!(pages.len(), 3);
    for (at, page) in pages.iter().enumerate() {
        let folio = page.iter().find(|one| one.base > 37.0 + 225.0).unwrap();
        assert_eq!(folio.text, format!("— {} —", at + 1));
        // 7 mm to the dashes, which stand some way above the baseline.
        let dashes = folio.base - 14.0 * 0.38 * MM_PER_PT;
        assert!((dashes - 262.0 - 7.0).abs() < 1.0, "{dashes}");
        if at % 2 == 0 {
            assert!(folio.right > 184.0 - 5.5, "{folio:?}");
        } else {
            assert!(folio.left < 28.0 + 5.5, "{folio:?}");
        }
    }
}

#[test]
fn gb_t_9704_mark_title_signature_and_imprint_stand_in_their_places() {
    let paper = Paper {
        issuer: "泽州县人民政府教育督导委员会文件".into(),
        number: "泽教督意〔2026〕3号".into(),
        title: "关于对泽州县第一中学的督导意见书".into(),
        addressee: "泽州县第一中学".into(),
        body: Body::new().text("总体良好。").build(),
        signature: "泽州县人民政府教育督导委员会".into(),
        date: "2026-11-27".parse().ok(),
        copies: "县教育局".into(),
        printer: "泽州县人民政府教育督导委员会办公室".into(),
        ..Paper::default()
    };
    let pages = pages(&paper);
    assert_eq!(pages.len(), 1);
    let find = |text: &str| {
        pages[0]
            .iter()
            .find(|one| one.text.contains(text))
            .unwrap_or_else(|| panic!("{text}"))
    };
    let mark = find("委员会文件");
    let top = mark.base - 0.88 * mark.size * MM_PER_PT;
    assert!((top - 37.0 - 35.0).abs() < 0.5, "{top} mm");
    assert!(mark.left >= 28.0 && mark.right <= 184.0);
    assert!((find("关于对").size - 22.0).abs() < 0.01);
    let middle = |one: &Set| f64::midpoint(one.left, one.right);
    assert!((middle(find("泽教督意")) - 106.0).abs() < 1.0);
    // The signature above the date's middle.
    let signature = pages[0]
        .iter()
        .rfind(|one| one.text == "泽州县人民政府教育督导委员会")
        .unwrap();
    let date = pages[0]
        .iter()
        .filter(|one| one.text.contains("11月27日"))
        .collect::<Vec<_>>();
    assert!(
        (middle(signature) - middle(date[0])).abs() < 3.0,
        "{signature:?} {date:?}"
    );
    let imprint = find("抄送");
    assert!(imprint.base > 240.0 && imprint.base < 262.0 && (imprint.size - 14.0).abs() < 0.01);
}

#[test]
fn what_looks_like_a_command_is_text() {
    let words = "#panic(\"x\") $a$ *b* \\ \" ] ) // 字 & <tag>";
    let paper = Paper {
        title: words.into(),
        body: Body::new().text(words).build(),
        ..Paper::default()
    };
    let set: String = pages(&paper)[0]
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    let without = |text: &str| {
        text.chars()
            .filter(|letter| !letter.is_whitespace())
            .collect::<String>()
    };
    assert!(without(&set).contains(&without(words)), "{set}");
}

#[test]
fn the_same_paper_gives_the_same_pdf_and_no_fonts_give_none() {
    let paper = Paper {
        title: "督办函".into(),
        body: Body::new()
            .text("限期整改。")
            .block(Block::Code("https://dudao.example.cn".into()))
            .build(),
        date: "2026-11-27".parse().ok(),
        ..Paper::default()
    };
    let first = printer().print(&paper).unwrap().unwrap();
    assert!(first.starts_with(b"%PDF-"));
    assert_eq!(first, printer().print(&paper).unwrap().unwrap());
    let nowhere = Printer::new(vec![PathBuf::from("/nowhere")]);
    assert!(nowhere.print(&paper).unwrap().is_none());
}
