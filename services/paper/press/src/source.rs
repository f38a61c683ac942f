//! A paper as typst's source. Every text of it is a string of typst, never markup: nothing in it can be taken for a command.

use dudao_paper::layout::{
    AREA_MM, BINDING_MM, BODY_FONT, BODY_PT, CHARACTER_PT, FIRST_FONT, FOLIO_FONT, FOLIO_MM,
    INNER_RULE_MM, LINE_PT, MARK_MM, OUTER_RULE_MM, PAGE_MM, RED, RULE_MM, SECOND_FONT, SMALL_PT,
    TITLE_FONT, TITLE_PT, TOP_MM, mark_pt, signature_pt,
};
use dudao_paper::{Block, Code, Paper, Table, day};

use crate::fonts::families;

/// What rounding may add to 22 lines or 28 characters must not cost the last one its place.
const SLACK_PT: f64 = 0.01;

/// A string of typst.
fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            letter if letter.is_control() => {}
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// The families that may stand for a font, as typst lists them.
fn list(font: &str) -> String {
    let names: Vec<_> = families(font).iter().map(|name| string(name)).collect();
    format!("({},)", names.join(", "))
}

/// How a line is set that is as high as this, whatever its letters are.
fn edges(size: f64, line: f64) -> String {
    let lead = (line - size) / 2.0 - SLACK_PT;
    format!(
        "size: {size}pt, top-edge: {}pt, bottom-edge: {}pt",
        0.88 * size + lead,
        -(0.12 * size + lead)
    )
}

/// The source of a paper of which nothing is left that can't stand in a file.
pub fn of(paper: &Paper) -> String {
    let mut to = frame(paper);
    head(&mut to, paper);
    for (at, block) in paper.body.iter().enumerate() {
        match block {
            Block::Heading(level, text) => {
                let font = match level {
                    1 => FIRST_FONT,
                    2 => SECOND_FONT,
                    _ => BODY_FONT,
                };
                line(
                    &mut to,
                    &format!(
                        "#block(sticky: true, par(text(font: {}, {})))",
                        list(font),
                        string(text)
                    ),
                );
            }
            Block::Text(text) => {
                let last = at + 1 == paper.body.len() && paper.is_signed();
                let text = string(text);
                line(&mut to, &format!("#block(sticky: {last}, par({text}))"));
            }
            Block::Large(text) => {
                let large = format!(
                    "#v({}pt)#align(center, text(font: {}, weight: \"bold\", size: 36pt, tracking: 6pt, top-edge: 0.88em, bottom-edge: -0.12em, {}))#v({LINE_PT}pt)",
                    2.0 * LINE_PT,
                    list(TITLE_FONT),
                    string(text),
                );
                line(&mut to, &plain(&large));
                if let Some(number) = paper.number_below(at) {
                    let number = format!("#align(center, {})#v({LINE_PT}pt)", string(&number));
                    line(&mut to, &plain(&number));
                }
            }
            Block::Table(rows) => table(&mut to, rows),
            Block::Code(text) => code(&mut to, text),
            Block::Break => line(&mut to, "#pagebreak()"),
        }
    }
    foot(&mut to, paper);
    to
}

fn line(to: &mut String, text: &str) {
    to.push_str(text);
    to.push('\n');
}

/// The page, its number, and the body's letters and lines.
fn frame(paper: &Paper) -> String {
    let bottom = PAGE_MM.1 - TOP_MM - AREA_MM.1;
    let right = PAGE_MM.0 - BINDING_MM - AREA_MM.0;
    let mut to = String::new();
    line(
        &mut to,
        &format!("#set document(title: {}, date: none)", string(&paper.title)),
    );
    // The dashes stand in the middle of a line.
    let folio = FOLIO_MM - SMALL_PT / 2.0 * dudao_paper::layout::MM_PER_PT;
    let footer = if paper.is_sheet() {
        "none".to_owned()
    } else {
        format!(
            "context {{ set text(font: {}, size: {SMALL_PT}pt, tracking: 0pt, top-edge: 0.88em, bottom-edge: -0.12em); \
             set par(first-line-indent: 0pt); let n = counter(page).get().first(); let folio = \"— \" + str(n) + \" —\"; \
             block(height: {}mm, width: 100%, align(top + (if calc.odd(n) {{ right }} else {{ left }}), pad(x: {SMALL_PT}pt, folio))) }}",
            list(FOLIO_FONT),
            bottom - folio,
        )
    };
    line(
        &mut to,
        &format!(
            "#set page(width: {}mm, height: {}mm, margin: (top: {TOP_MM}mm, bottom: {bottom}mm, left: {BINDING_MM}mm, right: {right}mm), \
             footer-descent: {folio}mm, footer: {footer})",
            PAGE_MM.0, PAGE_MM.1,
        ),
    );
    line(
        &mut to,
        &format!(
            "#set text(font: {}, lang: \"zh\", region: \"cn\", cjk-latin-spacing: none, tracking: {}pt, {})",
            list(BODY_FONT),
            CHARACTER_PT - BODY_PT - SLACK_PT,
            edges(BODY_PT, LINE_PT)
        ),
    );
    line(
        &mut to,
        &format!(
            "#set par(justify: true, leading: 0pt, spacing: 0pt, first-line-indent: (amount: {}pt, all: true))",
            2.0 * CHARACTER_PT
        ),
    );
    line(&mut to, "#set block(spacing: 0pt)");
    to
}

/// Something that stands in the middle or at the margin, without the paragraphs' indent.
fn plain(what: &str) -> String {
    format!("#[#set par(first-line-indent: 0pt, justify: false); {what}]")
}

/// 版头 (7.2), title (7.3.1) and addressee (7.3.2).
fn head(to: &mut String, paper: &Paper) {
    if !paper.issuer.is_empty() {
        let size = mark_pt(&paper.issuer);
        let red = format!("rgb({})", string(RED));
        let mark = format!(
            "#v({}mm)#align(center, text(font: {}, weight: \"bold\", fill: {red}, size: {size}pt, tracking: 0pt, top-edge: 0.88em, bottom-edge: -0.12em, {}))",
            MARK_MM,
            list(TITLE_FONT),
            string(&paper.issuer)
        );
        line(to, &plain(&mark));
        let number = format!(
            "#v({}pt)#align(center, block(height: {LINE_PT}pt, {}))#v({RULE_MM}mm)#line(length: 100%, stroke: 1.5pt + {red})",
            2.0 * LINE_PT,
            string(&paper.number)
        );
        line(to, &plain(&number));
    }
    if !paper.title.is_empty() {
        let title = format!(
            "#v({}pt)#align(center, text(font: {}, weight: \"bold\", tracking: 0pt, {}, {}))",
            2.0 * LINE_PT,
            list(TITLE_FONT),
            edges(TITLE_PT, 33.0),
            string(&paper.title)
        );
        line(to, &plain(&title));
        line(to, &format!("#v({LINE_PT}pt)"));
    }
    if !paper.addressee.is_empty() {
        let text = string(&format!("{}：", paper.addressee));
        line(to, &plain(&format!("#par({text})")));
    }
}

fn table(to: &mut String, table: &Table) {
    let columns: Vec<_> = table
        .widths
        .iter()
        .map(|width| format!("{width}fr"))
        .collect();
    let mut cells = String::new();
    for (at, row) in table.rows.iter().enumerate() {
        let row: Vec<_> = row
            .iter()
            .map(|cell| match at {
                0 => format!(
                    "align(center, text(font: {}, {}))",
                    list(FIRST_FONT),
                    string(cell)
                ),
                _ => string(cell),
            })
            .collect();
        let row = row.join(", ");
        cells.push_str(&match at {
            0 => format!("table.header({row}), "),
            _ => format!("{row}, "),
        });
    }
    let table = format!(
        "#set text(tracking: 0pt, {}); #v(4pt)#table(columns: ({},), align: left + horizon, stroke: 0.5pt, inset: (x: 4pt, y: 3pt), {cells})#v(4pt)",
        edges(SMALL_PT, 20.0),
        columns.join(", ")
    );
    line(to, &plain(&table));
}

/// A code of 30 mm a side: one picture of squares.
fn code(to: &mut String, text: &str) {
    let Some(code) = Code::of(text) else {
        return;
    };
    let mut squares = String::new();
    for (at, _) in code.dark.iter().enumerate().filter(|(_, dark)| **dark) {
        let (x, y) = (at % code.side, at / code.side);
        squares.push_str(&format!("M{x} {y}h1v1h-1z"));
    }
    let side = code.side;
    let picture = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {side} {side}'><path d='{squares}'/></svg>"
    );
    let code = format!(
        "#v({LINE_PT}pt)#align(center, image(bytes({}), format: \"svg\", width: 30mm, alt: {}))#align(center, text(size: 9pt, tracking: 0pt, {}))",
        string(&picture),
        string(text),
        string(text)
    );
    line(to, &plain(&code));
}

/// What stands below the body: annexes (7.3.4), signature and date (7.3.5), the note (7.3.6), the imprint (7.4).
fn foot(to: &mut String, paper: &Paper) {
    if !paper.annexes.is_empty() {
        line(to, &format!("#v({LINE_PT}pt)"));
    }
    for (at, name) in paper.annexes.iter().enumerate() {
        let begin = if at == 0 { "附件：" } else { "　　　" };
        let number = if paper.annexes.len() == 1 {
            String::new()
        } else {
            format!("{}.", at + 1)
        };
        line(
            to,
            &format!("#par({})", string(&format!("{begin}{number}{name}"))),
        );
    }
    let date = paper.date.map(day).unwrap_or_default();
    let (signature_right, date_right) = signature_pt(&paper.signature, &date);
    let right =
        |text: &str, from: f64| format!("#align(right, pad(right: {from}pt, {}))", string(text));
    let mut signed = String::new();
    if !paper.signature.is_empty() {
        signed = format!(
            "#v({}pt){}",
            2.0 * LINE_PT,
            right(&paper.signature, signature_right)
        );
    }
    if !date.is_empty() {
        signed.push_str(&right(&date, date_right));
    }
    if !signed.is_empty() {
        line(
            to,
            &plain(&format!("#block(breakable: false, width: 100%)[{signed}]")),
        );
    }
    if !paper.note.is_empty() {
        line(
            to,
            &format!("#par({})", string(&format!("（{}）", paper.note))),
        );
    }
    imprint(to, paper, &date);
}

fn imprint(to: &mut String, paper: &Paper, date: &str) {
    let mut rows = Vec::new();
    if !paper.copies.is_empty() {
        let text = string(&format!("抄送：{}。", paper.copies));
        rows.push(format!(
            "pad(x: {SMALL_PT}pt, par(hanging-indent: {}pt, first-line-indent: 0pt, {text}))",
            3.0 * SMALL_PT
        ));
    }
    if !paper.printer.is_empty() {
        let issued = if date.is_empty() {
            String::new()
        } else {
            format!("{date}印发")
        };
        rows.push(format!(
            "pad(x: {SMALL_PT}pt, grid(columns: (1fr, auto), {}, {}))",
            string(&paper.printer),
            string(&issued)
        ));
    }
    if rows.is_empty() {
        return;
    }
    let outer = format!("line(length: 100%, stroke: {OUTER_RULE_MM}mm)");
    let inner = format!(", line(length: 100%, stroke: {INNER_RULE_MM}mm), ");
    let imprint = format!(
        "#place(bottom, float: true, clearance: {LINE_PT}pt, block(width: 100%, {{ set text(tracking: 0pt, {}); set par(first-line-indent: 0pt, justify: true); stack(spacing: 2pt, {outer}, {}, {outer}) }}))",
        edges(SMALL_PT, 22.0),
        rows.join(&inner)
    );
    line(to, &imprint);
}
