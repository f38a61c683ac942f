//! A paper as .docx: every element has a style of its own, by whose name it is read again.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, BorderType, BreakType, DocGrid, DocGridType, Docx, Footer, HeightRule,
    LineSpacing, LineSpacingType, PageMargin, PageNum, Paragraph, ParagraphBorder,
    ParagraphBorderPosition, ParagraphBorders, Pic, Run, RunFonts, SpecialIndentType, Style,
    StyleType, TableAlignmentType, TableBorder, TableBorderPosition, TableBorders, TableCell,
    TableCellMargins, TableLayoutType, TablePositionProperty, TableRow, VAlignType, WidthType,
};

use crate::layout::{
    AREA_MM, BINDING_MM, BODY_FONT, BODY_PT, CHARACTER_PT, FIRST_FONT, FOLIO_FONT, FOLIO_MM,
    INNER_RULE_MM, LINE_PT, MARK_MM, OUTER_RULE_MM, PAGE_MM, RED, RULE_MM, SECOND_FONT, SMALL_PT,
    TITLE_FONT, TITLE_PT, TOP_MM, mark_pt, pt, signature_pt,
};
use crate::{Block, Code, Paper, Table, Unwritable, day};

/// The elements of a document that have a style: the style's id, and its name, which editors keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    Issuer,
    Number,
    Title,
    Addressee,
    Heading1,
    Heading2,
    Heading3,
    Heading4,
    Text,
    Cell,
    Large,
    Code,
    Annex,
    Signature,
    Date,
    Note,
    Copies,
    Printer,
    Folio,
}

impl Element {
    pub const ALL: [Self; 19] = [
        Self::Issuer,
        Self::Number,
        Self::Title,
        Self::Addressee,
        Self::Heading1,
        Self::Heading2,
        Self::Heading3,
        Self::Heading4,
        Self::Text,
        Self::Cell,
        Self::Large,
        Self::Code,
        Self::Annex,
        Self::Signature,
        Self::Date,
        Self::Note,
        Self::Copies,
        Self::Printer,
        Self::Folio,
    ];

    pub fn id(self) -> String {
        format!("{self:?}")
    }

    /// What editors call it, in the words of the standard.
    pub fn name(self) -> &'static str {
        match self {
            Self::Issuer => "发文机关标志",
            Self::Number => "发文字号",
            Self::Title => "公文标题",
            Self::Addressee => "主送机关",
            Self::Heading1 => "公文一级标题",
            Self::Heading2 => "公文二级标题",
            Self::Heading3 => "公文三级标题",
            Self::Heading4 => "公文四级标题",
            Self::Text => "公文正文",
            Self::Cell => "公文表格",
            Self::Large => "公文大字",
            Self::Code => "公文二维码",
            Self::Annex => "附件说明",
            Self::Signature => "发文机关署名",
            Self::Date => "成文日期",
            Self::Note => "公文附注",
            Self::Copies => "抄送机关",
            Self::Printer => "印发机关",
            Self::Folio => "公文页码",
        }
    }

    fn heading(level: u8) -> Self {
        match level {
            0 | 1 => Self::Heading1,
            2 => Self::Heading2,
            3 => Self::Heading3,
            _ => Self::Heading4,
        }
    }

    fn font(self) -> &'static str {
        match self {
            Self::Issuer | Self::Title | Self::Large => TITLE_FONT,
            Self::Heading1 => FIRST_FONT,
            Self::Heading2 => SECOND_FONT,
            Self::Folio => FOLIO_FONT,
            Self::Number
            | Self::Addressee
            | Self::Heading3
            | Self::Heading4
            | Self::Text
            | Self::Cell
            | Self::Code
            | Self::Annex
            | Self::Signature
            | Self::Date
            | Self::Note
            | Self::Copies
            | Self::Printer => BODY_FONT,
        }
    }

    fn size_pt(self) -> f64 {
        match self {
            Self::Issuer | Self::Large => 36.0,
            Self::Title => TITLE_PT,
            Self::Cell | Self::Copies | Self::Printer | Self::Folio => SMALL_PT,
            Self::Number
            | Self::Addressee
            | Self::Heading1
            | Self::Heading2
            | Self::Heading3
            | Self::Heading4
            | Self::Text
            | Self::Code
            | Self::Annex
            | Self::Signature
            | Self::Date
            | Self::Note => BODY_PT,
        }
    }

    fn align(self) -> AlignmentType {
        match self {
            Self::Issuer | Self::Number | Self::Title | Self::Large | Self::Code => {
                AlignmentType::Center
            }
            Self::Signature | Self::Date => AlignmentType::Right,
            Self::Cell | Self::Copies | Self::Printer | Self::Folio => AlignmentType::Left,
            Self::Addressee
            | Self::Heading1
            | Self::Heading2
            | Self::Heading3
            | Self::Heading4
            | Self::Text
            | Self::Annex
            | Self::Note => AlignmentType::Both,
        }
    }

    /// Lines that stay empty above it, in points.
    fn above_pt(self) -> f64 {
        match self {
            // The line's own leading stands above the mark.
            Self::Issuer => pt(MARK_MM) - 4.0,
            Self::Number | Self::Title | Self::Large | Self::Signature => 2.0 * LINE_PT,
            Self::Annex | Self::Code => LINE_PT,
            Self::Addressee
            | Self::Heading1
            | Self::Heading2
            | Self::Heading3
            | Self::Heading4
            | Self::Text
            | Self::Cell
            | Self::Date
            | Self::Note
            | Self::Copies
            | Self::Printer
            | Self::Folio => 0.0,
        }
    }

    /// How high a line is; none where it is as high as it must be.
    fn line_pt(self) -> Option<f64> {
        match self {
            Self::Issuer | Self::Large | Self::Code => None,
            Self::Title => Some(33.0),
            Self::Cell => Some(20.0),
            Self::Copies | Self::Printer => Some(24.0),
            Self::Folio => Some(SMALL_PT + 2.0),
            Self::Number
            | Self::Addressee
            | Self::Heading1
            | Self::Heading2
            | Self::Heading3
            | Self::Heading4
            | Self::Text
            | Self::Annex
            | Self::Signature
            | Self::Date
            | Self::Note => Some(LINE_PT),
        }
    }

    /// How far its first line stands from the left.
    fn first_pt(self) -> f64 {
        match self {
            Self::Heading1
            | Self::Heading2
            | Self::Heading3
            | Self::Heading4
            | Self::Text
            | Self::Annex
            | Self::Note => 2.0 * CHARACTER_PT,
            Self::Issuer
            | Self::Number
            | Self::Title
            | Self::Addressee
            | Self::Cell
            | Self::Large
            | Self::Code
            | Self::Signature
            | Self::Date
            | Self::Copies
            | Self::Printer
            | Self::Folio => 0.0,
        }
    }

    fn style(self) -> Style {
        let size = self.size_pt();
        let mut style = Style::new(self.id(), StyleType::Paragraph)
            .name(self.name())
            .based_on("Normal")
            .fonts(fonts(self.font()))
            .size(half_points(size))
            .align(self.align());
        if size == BODY_PT {
            // Rounded up, 28 of them would need more than there is.
            let apart = ((CHARACTER_PT - BODY_PT) * 20.0).floor() as i32;
            style.run_property = style.run_property.spacing(apart);
        }
        if self == Self::Issuer {
            style = style.color(RED);
        }
        // A line stays empty below a title, whether an addressee follows or the text.
        let below = if matches!(self, Self::Title | Self::Large) {
            LINE_PT
        } else {
            0.0
        };
        let above = LineSpacing::new()
            .before(twips(self.above_pt()).unsigned_abs())
            .after(twips(below).unsigned_abs());
        style = style.line_spacing(match self.line_pt() {
            // Rounded up, 22 of them would need more than there is.
            Some(line) => above
                .line_rule(LineSpacingType::Exact)
                .line((line * 20.0) as i32),
            None => above.line_rule(LineSpacingType::Auto).line(240),
        });
        // Lines of another height keep off the grid of the body's.
        style = style.snap_to_grid(self.line_pt() == Some(LINE_PT));
        let first = twips(self.first_pt());
        if first > 0 {
            style = style.indent(None, Some(SpecialIndentType::FirstLine(first)), None, None);
        }
        style
    }

    fn paragraph(self, text: &str) -> Paragraph {
        self.empty().add_run(Run::new().add_text(text))
    }

    fn empty(self) -> Paragraph {
        // A page has its 22 lines, whichever line of a paragraph is the last.
        Paragraph::new().style(&self.id()).widow_control(false)
    }
}

/// A font for every script, or some letters would keep another one's.
fn fonts(name: &str) -> RunFonts {
    RunFonts::new()
        .east_asia(name)
        .ascii(name)
        .hi_ansi(name)
        .cs(name)
}

/// Twentieths of a point.
fn twips(pt: f64) -> i32 {
    (pt * 20.0).round() as i32
}

fn half_points(pt: f64) -> usize {
    (pt * 2.0).round() as usize
}

/// Eighths of a point, in which rules are measured.
fn eighths(mm: f64) -> usize {
    (pt(mm) * 8.0).round() as usize
}

/// Writes a paper, of which nothing is left that can't stand in a file.
pub fn write(paper: &Paper) -> Result<Vec<u8>, Unwritable> {
    let mut docx = frame(paper);
    docx = head(docx, paper);
    if !paper.title.is_empty() {
        docx = docx.add_paragraph(Element::Title.paragraph(&paper.title));
    }
    if !paper.addressee.is_empty() {
        let text = format!("{}：", paper.addressee);
        docx = docx.add_paragraph(Element::Addressee.paragraph(&text));
    }
    let mut breaks = false;
    for (at, block) in paper.body.iter().enumerate() {
        let begins = std::mem::take(&mut breaks);
        let page = |paragraph: Paragraph| paragraph.page_break_before(begins);
        docx = match block {
            Block::Heading(level, text) => {
                docx.add_paragraph(page(Element::heading(*level).paragraph(text)).keep_next(true))
            }
            Block::Text(text) => {
                let last = at + 1 == paper.body.len() && paper.is_signed();
                docx.add_paragraph(page(Element::Text.paragraph(text)).keep_next(last))
            }
            Block::Large(text) => {
                let docx = docx.add_paragraph(page(Element::Large.paragraph(text)));
                match paper.number_below(at) {
                    Some(number) => docx.add_paragraph(
                        Element::Number
                            .paragraph(&number)
                            .line_spacing(LineSpacing::new().before(0).after(579)),
                    ),
                    None => docx,
                }
            }
            Block::Table(rows) if begins => docx
                .add_paragraph(page(Element::Cell.empty()))
                .add_table(table(rows)),
            Block::Table(rows) => docx.add_table(table(rows)),
            Block::Code(text) => match code(text, at)? {
                Some(paragraph) => docx.add_paragraph(page(paragraph)),
                None => docx,
            },
            Block::Break => {
                breaks = true;
                docx
            }
        };
    }
    docx = foot(docx, paper);
    let mut file = Cursor::new(Vec::new());
    docx.pack(&mut file)
        .map_err(|error| Unwritable(error.to_string()))?;
    Ok(file.into_inner())
}

/// An empty document with the page, the styles and the page numbers of the standard.
fn frame(paper: &Paper) -> Docx {
    let bottom = PAGE_MM.1 - TOP_MM - AREA_MM.1;
    let right = PAGE_MM.0 - BINDING_MM - AREA_MM.0;
    let folio = |element: Paragraph| {
        element
            .add_run(Run::new().add_text("— "))
            .add_page_num(PageNum::new())
            .add_run(Run::new().add_text(" —"))
    };
    let character = twips(SMALL_PT);
    // A single page has its number at the right, its other side at the left (7.5).
    let right_side = Element::Folio.empty().align(AlignmentType::Right).indent(
        None,
        None,
        Some(character),
        None,
    );
    let left_side = Element::Folio
        .empty()
        .indent(Some(character), None, None, None);
    let mut docx = Docx::new()
        .page_size(mm_twips(PAGE_MM.0), mm_twips(PAGE_MM.1))
        .page_margin(PageMargin {
            top: twips(pt(TOP_MM)),
            left: twips(pt(BINDING_MM)),
            bottom: twips(pt(bottom)),
            // Rounding must not take the last character's place.
            right: twips(pt(right)) - 4,
            header: twips(pt(15.0)),
            // The dashes stand in the middle of a line.
            footer: twips(pt(bottom - FOLIO_MM) - SMALL_PT / 2.0 - 2.0),
            gutter: 0,
        })
        .default_fonts(fonts(BODY_FONT))
        .default_size(half_points(BODY_PT));
    if !paper.is_sheet() {
        docx = docx
            .footer(Footer::new().add_paragraph(folio(right_side)))
            .even_footer(Footer::new().add_paragraph(folio(left_side)));
    }
    docx.document = docx.document.doc_grid(
        DocGrid::with_empty()
            .grid_type(DocGridType::Lines)
            .line_pitch((LINE_PT * 20.0) as usize),
    );
    for element in Element::ALL {
        docx = docx.add_style(element.style());
    }
    docx
}

fn mm_twips(mm: f64) -> u32 {
    twips(pt(mm)).unsigned_abs()
}

/// 版头: the mark, the number, and the red line below (7.2).
fn head(docx: Docx, paper: &Paper) -> Docx {
    if paper.issuer.is_empty() {
        return docx;
    }
    let size = half_points(mark_pt(&paper.issuer));
    let mark = Element::Issuer
        .empty()
        .add_run(Run::new().add_text(&paper.issuer).size(size));
    let rule = ParagraphBorder::new(ParagraphBorderPosition::Bottom)
        .val(BorderType::Single)
        .size(12)
        .space(pt(RULE_MM).round() as usize)
        .color(RED);
    let mut number = Element::Number.paragraph(&paper.number);
    number.property = number
        .property
        .set_borders(ParagraphBorders::with_empty().set(rule));
    docx.add_paragraph(mark).add_paragraph(number)
}

/// What stands below the body: annexes, signature and date, the note, the imprint.
fn foot(mut docx: Docx, paper: &Paper) -> Docx {
    for (at, name) in paper.annexes.iter().enumerate() {
        let (number, above) = if paper.annexes.len() == 1 {
            (String::new(), LINE_PT)
        } else {
            (format!("{}.", at + 1), if at == 0 { LINE_PT } else { 0.0 })
        };
        let begin = if at == 0 { "附件：" } else { "　　　" };
        let spacing = LineSpacing::new()
            .before(twips(above).unsigned_abs())
            .line_rule(LineSpacingType::Exact)
            .line((LINE_PT * 20.0) as i32);
        docx = docx.add_paragraph(
            Element::Annex
                .paragraph(&format!("{begin}{number}{name}"))
                .line_spacing(spacing),
        );
    }
    let date = paper.date.map(day).unwrap_or_default();
    let (signature_right, date_right) = signature_pt(&paper.signature, &date);
    let from_right =
        |paragraph: Paragraph, right: f64| paragraph.indent(None, None, Some(twips(right)), None);
    if !paper.signature.is_empty() {
        let signature = Element::Signature
            .paragraph(&paper.signature)
            .keep_next(true);
        docx = docx.add_paragraph(from_right(signature, signature_right));
    }
    if !date.is_empty() {
        docx = docx.add_paragraph(from_right(Element::Date.paragraph(&date), date_right));
    }
    if !paper.note.is_empty() {
        docx = docx.add_paragraph(Element::Note.paragraph(&format!("（{}）", paper.note)));
    }
    match imprint(paper, &date) {
        // It floats, and hangs on the paragraph behind it.
        Some(imprint) => docx.add_table(imprint).add_paragraph(
            Element::Cell.empty().line_spacing(
                LineSpacing::new()
                    .line_rule(LineSpacingType::Exact)
                    .line(20),
            ),
        ),
        None => docx,
    }
}

/// 版记: at the lower end of the last page (7.4).
fn imprint(paper: &Paper, date: &str) -> Option<docx_rs::Table> {
    let width = twips(pt(AREA_MM.0)).unsigned_abs() as usize;
    let character = twips(SMALL_PT);
    let mut rows = Vec::new();
    if !paper.copies.is_empty() {
        let text = Element::Copies
            .paragraph(&format!("抄送：{}。", paper.copies))
            .indent(
                Some(4 * character),
                Some(SpecialIndentType::Hanging(3 * character)),
                Some(character),
                None,
            );
        rows.push(TableRow::new(vec![
            TableCell::new()
                .width(width, WidthType::Dxa)
                .grid_span(2)
                .add_paragraph(text),
        ]));
    }
    if !paper.printer.is_empty() {
        let half = width / 2;
        let issued = if date.is_empty() {
            String::new()
        } else {
            format!("{date}印发")
        };
        let left =
            Element::Printer
                .paragraph(&paper.printer)
                .indent(Some(character), None, None, None);
        let right = Element::Printer
            .paragraph(&issued)
            .align(AlignmentType::Right)
            .indent(None, None, Some(character), None);
        rows.push(TableRow::new(vec![
            TableCell::new()
                .width(half + half / 4, WidthType::Dxa)
                .add_paragraph(left),
            TableCell::new()
                .width(width - half - half / 4, WidthType::Dxa)
                .add_paragraph(right),
        ]));
    }
    if rows.is_empty() {
        return None;
    }
    let rule = |position, mm| {
        TableBorder::new(position)
            .border_type(BorderType::Single)
            .size(eighths(mm))
            .color("000000")
    };
    let borders = TableBorders::with_empty()
        .set(rule(TableBorderPosition::Top, OUTER_RULE_MM))
        .set(rule(TableBorderPosition::InsideH, INNER_RULE_MM))
        .set(rule(TableBorderPosition::Bottom, OUTER_RULE_MM));
    let half = width / 2;
    Some(
        docx_rs::Table::without_borders(rows)
            .set_grid(vec![half + half / 4, width - half - half / 4])
            .width(width, WidthType::Dxa)
            .layout(TableLayoutType::Fixed)
            .margins(TableCellMargins::new().margin(0, 0, 0, 0))
            .set_borders(borders)
            .position(
                TablePositionProperty::new()
                    .vertical_anchor("margin")
                    .horizontal_anchor("margin")
                    .position_x_alignment("left")
                    .position_y_alignment("bottom"),
            ),
    )
}

/// A table over the whole line; its head is repeated by nobody, but stands in another font.
fn table(table: &Table) -> docx_rs::Table {
    let whole = f64::from(twips(pt(AREA_MM.0)));
    let sum = f64::from(table.widths.iter().sum::<u32>().max(1));
    let grid: Vec<_> = table
        .widths
        .iter()
        .map(|width| (whole * f64::from(*width) / sum) as usize)
        .collect();
    let rows = table.rows.iter().enumerate().map(|(at, row)| {
        let cells = row.iter().zip(&grid).map(|(cell, width)| {
            let mut run = Run::new().add_text(cell);
            let mut paragraph = Element::Cell.empty();
            if at == 0 {
                run = run.fonts(fonts(FIRST_FONT));
                paragraph = paragraph.align(AlignmentType::Center);
            }
            TableCell::new()
                .width(*width, WidthType::Dxa)
                .vertical_align(VAlignType::Center)
                .add_paragraph(paragraph.add_run(run))
        });
        TableRow::new(cells.collect())
            .cant_split()
            .row_height(f32::from(500u16))
            .height_rule(HeightRule::AtLeast)
    });
    docx_rs::Table::new(rows.collect())
        .set_grid(grid)
        .width(whole as usize, WidthType::Dxa)
        .align(TableAlignmentType::Center)
        .layout(TableLayoutType::Fixed)
        .margins(TableCellMargins::new().margin(40, 80, 40, 80))
}

/// A code of 30 mm a side; the text that it leads to stands behind the picture for whoever reads the file again.
fn code(text: &str, at: usize) -> Result<Option<Paragraph>, Unwritable> {
    const EMU_PER_MM: u32 = 36_000;
    let Some(code) = Code::of(text) else {
        return Ok(None);
    };
    let side = 30 * EMU_PER_MM;
    // An id by its place: one of a counter would change the file's bytes from time to time.
    let picture = Pic::new_with_dimensions(code.png()?, 1, 1)
        .id(format!("rIdCode{at}"))
        .size(side, side);
    let paragraph = Element::Code
        .empty()
        .add_run(Run::new().add_image(picture))
        .add_run(Run::new().add_break(BreakType::TextWrapping))
        .add_run(Run::new().add_text(text).size(half_points(9.0)));
    Ok(Some(paragraph))
}
