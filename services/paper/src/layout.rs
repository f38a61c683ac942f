//! The measures of GB/T 9704-2012, by their clauses. A number in brackets is the clause.

/// An A4 page, 210 mm × 297 mm (5.1).
pub const PAGE_MM: (f64, f64) = (210.0, 297.0);
/// 天头: from the upper edge to the type area (5.2.1).
pub const TOP_MM: f64 = 37.0;
/// 订口: from the binding edge to the type area (5.2.1).
pub const BINDING_MM: f64 = 28.0;
/// 版心: the type area (5.2.1).
pub const AREA_MM: (f64, f64) = (156.0, 225.0);
/// Lines of a page (5.2.3).
pub const LINES: u32 = 22;
/// Characters of a line (5.2.3).
pub const CHARACTERS: u32 = 28;
/// From the type area's upper edge to the issuer's mark (7.2.4).
pub const MARK_MM: f64 = 35.0;
/// From the number to the red line (7.2.7).
pub const RULE_MM: f64 = 4.0;
/// From the type area's lower edge to the dashes beside the page number (7.5).
pub const FOLIO_MM: f64 = 7.0;
/// Rules of the imprint: the first and the last (7.4.1).
pub const OUTER_RULE_MM: f64 = 0.35;
/// Rules of the imprint: those between (7.4.1).
pub const INNER_RULE_MM: f64 = 0.25;

/// Size 2 (二号), of titles (7.3.1).
pub const TITLE_PT: f64 = 22.0;
/// Size 3 (三号), of everything that has no other (5.2.2).
pub const BODY_PT: f64 = 16.0;
/// Size 4 (四号), of page numbers and the imprint (7.4.2, 7.5), and of tables.
pub const SMALL_PT: f64 = 14.0;
/// The pitch of lines: 22 of them fill the type area (5.2.3).
pub const LINE_PT: f64 = AREA_MM.1 / MM_PER_PT / LINES as f64;
/// The pitch of characters: 28 of them fill a line (5.2.3).
pub const CHARACTER_PT: f64 = AREA_MM.0 / MM_PER_PT / CHARACTERS as f64;
/// A red that prints as the mark's (7.2.4).
pub const RED: &str = "FF0000";

/// Of titles and marks (7.2.4, 7.3.1).
pub const TITLE_FONT: &str = "方正小标宋简体";
/// Of everything that has no other (5.2.2).
pub const BODY_FONT: &str = "仿宋_GB2312";
/// Of headings of the first level (7.3.3), and of heads of tables.
pub const FIRST_FONT: &str = "黑体";
/// Of headings of the second level (7.3.3).
pub const SECOND_FONT: &str = "楷体_GB2312";
/// Of page numbers (7.5).
pub const FOLIO_FONT: &str = "宋体";

/// Millimetres of a point.
pub const MM_PER_PT: f64 = 25.4 / 72.0;

/// Points of a length in millimetres.
pub fn pt(mm: f64) -> f64 {
    mm / MM_PER_PT
}

/// How large an issuer's mark is, that it stands in one line (7.2.4: as large as looks well).
pub fn mark_pt(mark: &str) -> f64 {
    let letters = mark.chars().count().max(1) as f64;
    (pt(AREA_MM.0) / letters * 0.98)
        .clamp(BODY_PT, 48.0)
        .floor()
}

/// How far signature and date stand from the right edge, in points (7.3.5.1): the date four characters, the signature above
/// its middle; where the signature is the longer one it moves both to the left.
pub fn signature_pt(signature: &str, date: &str) -> (f64, f64) {
    let (signature, date) = (width_pt(signature), width_pt(date));
    let apart = (signature - date) / 2.0;
    let date = (4.0 * CHARACTER_PT).max(apart);
    ((date - apart).max(0.0), date)
}

/// How wide a text of the body is: letters of the Latin script are half as wide.
fn width_pt(text: &str) -> f64 {
    text.chars()
        .map(|letter| if letter.is_ascii() { 0.5 } else { 1.0 })
        .sum::<f64>()
        * CHARACTER_PT
}
