//! What a document says comes out again, and it looks as the standard says.

use std::io::{Cursor, Read as _};

use proptest::prelude::*;
use quick_xml::events::Event;

use super::*;

/// A part of a .docx file.
fn part(file: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut text = String::new();
    archive
        .by_name(name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn names(file: &[u8]) -> Vec<String> {
    let archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect()
}

fn letter() -> Paper {
    let mut table = Table::new([("序号", 1), ("问题", 4)]);
    table.row(["1".to_owned(), "消防通道堵塞".to_owned()]);
    let body = Body::new()
        .text("根据《教育督导条例》，对你校进行了综合督导。")
        .heading(1, "督导情况")
        .heading(2, "主要成效")
        .text("总体良好。")
        .heading(2, "存在的问题")
        .heading(3, "消防通道堵塞")
        .heading(4, "整改要求")
        .table(table);
    Paper {
        issuer: "泽州县人民政府教育督导委员会文件".into(),
        number: "泽教督意〔2026〕3号".into(),
        title: "督导意见书".into(),
        addressee: "泽州县第一中学".into(),
        body: body.build(),
        annexes: vec!["问题清单".into(), "自评报告".into()],
        signature: "泽州县人民政府教育督导委员会".into(),
        date: "2026-03-05".parse().ok(),
        note: "联系人：张干事".into(),
        copies: "县教育局，大阳镇人民政府".into(),
        printer: "泽州县人民政府教育督导委员会办公室".into(),
    }
}

#[test]
fn gb_t_9704_the_page_the_fonts_and_the_sizes_are_those_of_the_standard() {
    let file = letter().docx().unwrap();
    let document = part(&file, "word/document.xml");
    // A4; 37 mm above, 28 mm at the binding, 156 mm × 225 mm within: twips.
    assert!(
        document.contains(r#"<w:pgSz w:w="11906" w:h="16838""#),
        "{document}"
    );
    let margins = &document[document.find("<w:pgMar").unwrap()..];
    let margins = ["top", "left", "right", "bottom"].map(|side| {
        let at = margins.find(&format!("w:{side}=\"")).unwrap() + side.len() + 4;
        let twips: f64 = margins[at..].split('"').next().unwrap().parse().unwrap();
        twips / 20.0 * layout::MM_PER_PT
    });
    let (width, height) = (
        210.0 - margins[1] - margins[2],
        297.0 - margins[0] - margins[3],
    );
    for (measured, asked) in [
        (margins[0], 37.0),
        (margins[1], 28.0),
        (width, 156.0),
        (height, 225.0),
    ] {
        assert!(
            (measured - asked).abs() < 0.2,
            "{measured} mm, not {asked} mm"
        );
    }
    // 22 lines fill the type area, and 28 characters a line.
    let styles = part(&file, "word/styles.xml");
    assert!(579.0 * 22.0 <= layout::pt(225.0) * 20.0 && 579.0 * 23.0 > layout::pt(225.0) * 20.0);
    assert!(styles.contains(r#"w:line="579" w:lineRule="exact""#));
    for font in [
        "方正小标宋简体",
        "仿宋_GB2312",
        "黑体",
        "楷体_GB2312",
        "宋体",
    ] {
        assert!(styles.contains(&format!("w:eastAsia=\"{font}\"")), "{font}");
    }
    assert!(
        !styles.contains("Theme"),
        "a theme's font would win over ours"
    );
    // Page numbers at the outer side: one footer for each side of a sheet.
    assert!(part(&file, "word/settings.xml").contains("evenAndOddHeaders"));
    let footers = names(&file);
    assert_eq!(
        footers
            .iter()
            .filter(|name| name.starts_with("word/footer"))
            .count(),
        2,
        "{footers:?}"
    );
}

#[test]
fn headings_are_numbered_in_four_levels_that_begin_anew() {
    let body = Body::new()
        .heading(1, "甲")
        .heading(2, "乙")
        .heading(3, "丙")
        .heading(4, "丁")
        .heading(2, "戊")
        .heading(3, "己")
        .heading(1, "庚");
    let texts: Vec<_> = body
        .build()
        .into_iter()
        .map(|block| {
            let Block::Heading(_, text) = block else {
                panic!("{block:?}")
            };
            text
        })
        .collect();
    assert_eq!(
        texts,
        [
            "一、甲",
            "（一）乙",
            "1.丙",
            "（1）丁",
            "（二）戊",
            "1.己",
            "二、庚"
        ]
    );
    assert_eq!(
        [10, 11, 20, 21, 99].map(numeral),
        ["十", "十一", "二十", "二十一", "九十九"]
    );
}

#[test]
fn the_same_paper_gives_the_same_bytes_whatever_was_written_before() {
    let mut paper = letter();
    paper
        .body
        .push(Block::Code("https://example.cn/public".into()));
    let first = paper.docx().unwrap();
    Paper::default().docx().unwrap();
    assert_eq!(first, paper.docx().unwrap());
    let elsewhere = std::thread::spawn(move || paper.docx().unwrap())
        .join()
        .unwrap();
    assert_eq!(first, elsewhere);
}

#[test]
fn a_draft_is_read_again_by_its_styles_whatever_their_ids() {
    let paper = letter();
    let file = paper.docx().unwrap();
    let read = Paper::read(&file).unwrap();
    assert_eq!(
        read,
        Paper {
            number: String::new(),
            date: None,
            body: read.body.clone(),
            ..paper.clone()
        }
    );
    let texts = |paper: &Paper| {
        paper
            .body
            .iter()
            .filter(|one| !matches!(one, Block::Table(_)))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&read), texts(&paper));
}

#[test]
fn what_is_no_draft_is_refused() {
    assert!(matches!(Paper::read(b"MZ"), Err(Unreadable::Damaged(_))));
    let empty = Paper::default().docx().unwrap();
    assert_eq!(Paper::read(&empty), Err(Unreadable::Foreign));
}

#[test]
fn a_code_is_a_picture_with_its_quiet_zone() {
    let code = Code::of("https://dudao.example.cn/public/counties/140525").unwrap();
    assert_eq!(code.dark.len(), code.side * code.side);
    assert!(
        code.dark[..4 * code.side].iter().all(|dark| !dark),
        "four light lines"
    );
    assert!(code.dark[4 * code.side + 4], "a finder's corner");
    let picture = code.png().unwrap();
    let read = png::Decoder::new(Cursor::new(&picture))
        .read_info()
        .unwrap();
    assert_eq!(read.info().width as usize, code.side * 8);
    assert!(Code::of(&"x".repeat(5_000)).is_none());
}

/// Any text that somebody might enter, letters that XML does not have among them.
fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            any::<char>(),
            Just('&'),
            Just('<'),
            Just('"'),
            Just('\n'),
            Just('\u{1}'),
            Just('】'),
            proptest::char::range('一', '龥'),
        ],
        0..40,
    )
    .prop_map(|letters| letters.into_iter().collect())
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        (1u8..=4, text()).prop_map(|(level, text)| Block::Heading(level, text)),
        text().prop_map(Block::Text),
        text().prop_map(Block::Large),
        proptest::collection::vec(proptest::collection::vec(text(), 1..4), 1..4).prop_map(|rows| {
            Block::Table(Table {
                widths: vec![1, 2],
                rows,
            })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever was entered stands in the file, which is well-formed, and is read again as it was.
    #[test]
    fn any_text_comes_out(title in text(), addressee in text(), body in proptest::collection::vec(block(), 1..6), note in text(), copies in text()) {
        let paper = Paper { title, addressee, body, note, copies, ..letter() };
        let file = paper.docx().unwrap();
        for name in names(&file).iter().filter(|name| !name.starts_with("word/media/")) {
            let xml = part(&file, name);
            let mut reader = quick_xml::Reader::from_str(&xml);
            while !matches!(reader.read_event().unwrap(), Event::Eof) {}
        }
        let plain = paper.plain();
        let headed = !plain.title.is_empty() || plain.body.iter().any(|block| matches!(block, Block::Large(_)));
        if !headed || plain.body.is_empty() {
            prop_assert_eq!(Paper::read(&file), Err(Unreadable::Foreign));
        } else {
            let read = Paper::read(&file).unwrap();
            let ours = |paper: &Paper| paper.texts();
            let mut expected = Paper { number: String::new(), date: None, ..plain };
            // What a style puts around an element is taken off again, once.
            expected.addressee = expected.addressee.trim().to_owned();
            prop_assert_eq!(ours(&read), ours(&expected.plain()));
        }
    }
}
