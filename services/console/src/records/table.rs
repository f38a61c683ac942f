//! Several records in one field of a form: one a line, with bars between their cells, or tabs, as they come out of Excel.

use dudao_platform::contract::comment_of;
use prost_reflect::{
    DynamicMessage, EnumValueDescriptor, FieldDescriptor, Kind as Of, MessageDescriptor, Value,
};
use serde_json::{Map, Value as Json, json};

use super::form::{collection, fen, fillable, full, is_money, lines, number};
use super::{told, words};
use crate::frame::Frame;

/// Between several values in one cell; any of them is understood.
const BETWEEN: [char; 5] = ['、', '，', ',', '；', ';'];
/// Where a text in a cell begins a new line.
const NEW_LINE: &str = "⏎";

/// A column: a field of the record, or of one of its parts.
#[derive(Clone, Debug)]
pub struct Column {
    field: FieldDescriptor,
    part: Option<Part>,
}

/// What a record has several of.
#[derive(Clone, Debug)]
enum Part {
    /// At most one of each kind: the part in this list that says so in this field.
    OfKind(FieldDescriptor, FieldDescriptor, EnumValueDescriptor),
    /// Any number: the first stands on the record's own line, each other one on a line below that says nothing else.
    Any(FieldDescriptor),
}

/// The columns of a record; none if lines could not hold it.
pub fn columns(record: &MessageDescriptor) -> Option<Vec<Column>> {
    let mut columns = Vec::new();
    for list in record.fields().filter(fillable) {
        let Of::Message(part) = list.kind() else {
            let field = list;
            columns.push(Column { field, part: None });
            continue;
        };
        let fields: Vec<_> = part.fields().filter(fillable).collect();
        let is_flat = |field: &FieldDescriptor| !matches!(field.kind(), Of::Message(_));
        if !list.is_list() || !fields.iter().all(is_flat) {
            return None;
        }
        let (key, values) = fields.split_first()?;
        if let Of::Enum(kinds) = key.kind() {
            for kind in kinds.values().skip(1) {
                columns.extend(values.iter().map(|field| Column {
                    field: field.clone(),
                    part: Some(Part::OfKind(list.clone(), key.clone(), kind.clone())),
                }));
            }
        } else {
            columns.extend(fields.iter().map(|field| Column {
                field: field.clone(),
                part: Some(Part::Any(list.clone())),
            }));
        }
    }
    Some(columns)
}

impl Column {
    /// What it is called.
    pub fn word(&self, t: &Frame) -> String {
        let word = words::field(&self.field, t);
        match &self.part {
            None => word,
            Some(Part::OfKind(_, _, kind)) => format!("{}·{word}", words::value(kind.name(), t)),
            Some(Part::Any(list)) => format!("{}·{word}", words::field(list, t)),
        }
    }

    /// On how many lines of a record it says something.
    fn lines(&self, record: &DynamicMessage) -> usize {
        match &self.part {
            Some(Part::Any(list)) => parts(record, list).len(),
            Some(Part::OfKind(..)) | None => 1,
        }
    }

    /// What it says on a record's line with this number.
    fn cell(&self, record: &DynamicMessage, line: usize, t: &Frame) -> String {
        let part = match &self.part {
            None => {
                return if line == 0 {
                    cell(record, &self.field, t)
                } else {
                    String::new()
                };
            }
            Some(Part::OfKind(list, key, kind)) => parts(record, list).into_iter().find(|part| {
                line == 0 && part.get_field(key).as_enum_number() == Some(kind.number())
            }),
            Some(Part::Any(list)) => parts(record, list).into_iter().nth(line),
        };
        part.map_or_else(String::new, |part| cell(&part, &self.field, t))
    }

    /// Puts a value where a record has it.
    fn put(&self, record: &mut Map<String, Json>, value: Json) {
        let (list, key) = match &self.part {
            None => {
                record.insert(self.field.name().to_owned(), value);
                return;
            }
            Some(Part::OfKind(list, key, kind)) => (list, Some((key.name(), json!(kind.name())))),
            Some(Part::Any(list)) => (list, None),
        };
        let Json::Array(parts) = record.entry(list.name()).or_insert_with(|| json!([])) else {
            return;
        };
        let is_it = |part: &Json| key.as_ref().is_none_or(|(key, kind)| part[*key] == *kind);
        let at = parts.iter().position(is_it).unwrap_or_else(|| {
            parts.push(json!({}));
            parts.len() - 1
        });
        if let Some((key, kind)) = key {
            parts[at][key] = kind;
        }
        parts[at][self.field.name()] = value;
    }
}

fn parts(record: &DynamicMessage, list: &FieldDescriptor) -> Vec<DynamicMessage> {
    let value = record.get_field(list);
    let parts = value.as_list().unwrap_or_default().iter();
    parts.filter_map(Value::as_message).cloned().collect()
}

/// A cell that is understood when it comes back: a name whole where its last part alone would not say of what it is.
fn cell(record: &DynamicMessage, field: &FieldDescriptor, t: &Frame) -> String {
    let is_text = field.kind() == Of::String && !field.is_list();
    let told = if is_text && collection(&comment_of(field)).is_none() {
        told::plain_value(field, &record.get_field(field), t)
    } else {
        told::cell(record, field, t)
    };
    // What parts cells and lines must not stand in one.
    let told = told.replace("\r\n", "\n").replace('\n', NEW_LINE);
    told.replace('|', "｜").replace('\t', " ")
}

/// Records as lines.
pub fn text<'a>(
    columns: &[Column],
    records: impl Iterator<Item = &'a DynamicMessage>,
    t: &Frame,
) -> String {
    let lines = records.flat_map(|record| {
        let count = columns.iter().map(|column| column.lines(record)).max();
        (0..count.unwrap_or(0)).map(move |line| {
            let cells = columns.iter().map(|column| column.cell(record, line, t));
            cells.collect::<Vec<_>>().join(" | ")
        })
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Lines as records, or everything that is not understood of them. A first line of columns' names says in which order, and
/// which of them, the others have.
pub fn read(
    columns: &[Column],
    said: &str,
    county: &str,
    t: &Frame,
) -> Result<Vec<Map<String, Json>>, String> {
    let mut records: Vec<Map<String, Json>> = Vec::new();
    let mut order: Vec<&Column> = columns.iter().collect();
    let mut wrongs = Vec::new();
    for (at, line) in lines(said).enumerate() {
        let wrong = |what: &str| format!("{} {}{}{what}", t.line_number, at + 1, t.colon);
        let cells: Vec<&str> = line.split(['|', '\t']).map(str::trim).collect();
        if let (0, Some(named)) = (at, named(columns, &cells, t)) {
            order = named;
            continue;
        }
        if cells.len() > order.len() {
            wrongs.push(wrong(t.too_many_cells));
            continue;
        }
        let said = order.iter().zip(cells);
        let said: Vec<_> = said.filter(|(_, cell)| !cell.is_empty()).collect();
        let mut record = Map::new();
        for (column, cell) in &said {
            match value(&column.field, cell, county, t) {
                Some(value) => column.put(&mut record, value),
                None => wrongs.push(wrong(&format!(
                    "{} {cell} {}",
                    column.word(t),
                    t.not_understood
                ))),
            }
        }
        let only_parts = said
            .iter()
            .all(|(column, _)| matches!(column.part, Some(Part::Any(_))));
        match records.last_mut().filter(|_| only_parts) {
            Some(above) => {
                for (list, mut more) in record {
                    let parts = above.entry(list).or_insert_with(|| json!([]));
                    if let (Some(parts), Some(more)) = (parts.as_array_mut(), more.as_array_mut()) {
                        parts.append(more);
                    }
                }
            }
            None => records.push(record),
        }
    }
    if wrongs.is_empty() {
        Ok(records)
    } else {
        Err(wrongs.join("；"))
    }
}

/// The columns that cells name; none if they name something else.
fn named<'a>(columns: &'a [Column], cells: &[&str], t: &Frame) -> Option<Vec<&'a Column>> {
    let named = cells.iter().map(|cell| {
        let mut columns = columns.iter();
        columns.find(|column| column.word(t) == *cell)
    });
    named.collect()
}

/// A cell as a request has it; none if it is not understood.
fn value(field: &FieldDescriptor, cell: &str, county: &str, t: &Frame) -> Option<Json> {
    if field.is_list() {
        let values = cell.split(BETWEEN).map(str::trim);
        let values = values.filter(|value| !value.is_empty());
        let values = values.map(|value| one_value(field, value, county, t));
        values
            .collect::<Option<Vec<_>>>()
            .map(|values| json!(values))
    } else {
        one_value(field, cell, county, t)
    }
}

fn one_value(field: &FieldDescriptor, cell: &str, county: &str, t: &Frame) -> Option<Json> {
    if field.kind() == Of::String {
        let collection = collection(&comment_of(field));
        let name = collection.map(|collection| full(county, &collection, cell));
        Some(json!(name.unwrap_or_else(|| cell.replace(NEW_LINE, "\n"))))
    } else if field.kind() == Of::Bool {
        Some(json!([t.yes, "是", "true", "yes", "1"].contains(&cell)))
    } else if let Of::Enum(of) = field.kind() {
        of.values()
            .find(|value| value.name() == cell || words::value(value.name(), t) == cell)
            .map(|value| json!(value.name()))
    } else if is_money(field) {
        fen(cell)
    } else {
        number(field, cell)
    }
}

#[cfg(test)]
mod tests {
    use prost_reflect::MethodDescriptor;

    use super::*;
    use crate::records::form::message;
    use crate::records::kinds::{Collection, GROUPS};

    /// The fields of a message that hold several records, also those of its parts.
    fn lists(of: &MessageDescriptor) -> Vec<FieldDescriptor> {
        let fields = of.fields().filter(fillable);
        let lists = fields.flat_map(|field| {
            if let Of::Message(part) = field.kind() {
                if field.is_list() {
                    vec![field]
                } else {
                    lists(&part)
                }
            } else {
                Vec::new()
            }
        });
        lists.collect()
    }

    #[test]
    fn every_kind_of_record_has_room_in_a_form() {
        for kind in GROUPS.iter().flat_map(|group| group.kinds) {
            let kind = Collection::named(kind).unwrap();
            let steps = kind.steps.iter().map(MethodDescriptor::input);
            for list in steps
                .chain([kind.message.clone()])
                .flat_map(|of| lists(&of))
            {
                let of = list.kind().as_message().unwrap().clone();
                assert!(columns(&of).is_some(), "{}", list.full_name());
            }
        }
    }

    /// The columns of a field, and a record as a service has it that was told these lines.
    fn taken(
        kind: &str,
        field: &str,
        said: &str,
    ) -> Result<(Vec<Column>, DynamicMessage, FieldDescriptor), String> {
        let t = Frame::new(&crate::words::ZH, "/", None);
        let of = Collection::named(kind).unwrap().message.clone();
        let list = of.get_field_by_name(field).unwrap();
        let columns = columns(list.kind().as_message().unwrap()).unwrap();
        let rows = read(&columns, said, "counties/140525", &t)?;
        let record = message(&of, Map::from_iter([(field.to_owned(), json!(rows))]))?;
        Ok((columns, record, list))
    }

    /// What a form shows of what it was told, when a service has taken that.
    fn again(kind: &str, field: &str, said: &str) -> Result<String, String> {
        let t = Frame::new(&crate::words::ZH, "/", None);
        let (columns, record, list) = taken(kind, field, said)?;
        Ok(text(&columns, parts(&record, &list).iter(), &t))
    }

    #[test]
    fn a_tree_of_indicators_is_pasted_from_excel_with_its_stages_in_one_cell() {
        let said = "A\t\t办学条件\t分组\t100\nA1\tA\t生均面积\t测量\t40\t是\t\t平方米\t不低于\t4.5\t\t标准\t\t小学，初中";
        let shown = again("indicatorSets", "indicators", said).unwrap();
        let second = shown.lines().nth(1).unwrap();
        assert!(second.starts_with("A1 | A | 生均面积"), "{shown}");
        assert!(second.ends_with("小学、初中"), "{shown}");
        assert_eq!(again("indicatorSets", "indicators", &shown), Ok(shown));
    }

    #[test]
    fn a_school_has_its_resources_side_by_side_as_a_year_book_has_them() {
        let said = "S1 | 第一小学 | 甲镇 | 小学 | 420 | | | 42、40 | | 1 | 2 | 3 | | 5";
        let shown = again("balanceReports", "schools", said).unwrap();
        assert!(shown.starts_with("S1 | 第一小学"), "{shown}");
        assert!(shown.contains("42、40 |  | 1 | 2 | 3 |  | 5"), "{shown}");
        assert_eq!(again("balanceReports", "schools", &shown), Ok(shown));
    }

    #[test]
    fn findings_of_one_unit_stand_on_the_lines_below_it() {
        let said = "counties/140525/schools/S1 | 2026-07-20 | 多处隐患 | | 通道堵塞 | | 《消防法》 | 严重
                    | | | | 电线裸露 | | 《消防法》 | 严重
                    counties/140525/towns/甲镇 | 2026-07-21 | 投入不足 | | 经费未到位 | | 条例 | 一般";
        let shown = again("directives", "findings", said).unwrap();
        let begins = |line: usize| {
            shown
                .lines()
                .nth(line)
                .unwrap()
                .split(" | ")
                .next()
                .unwrap()
        };
        assert_eq!(
            [begins(0), begins(1), begins(2)],
            [
                "counties/140525/schools/S1",
                "",
                "counties/140525/towns/甲镇"
            ]
        );
        assert_eq!(again("directives", "findings", &shown), Ok(shown));
    }

    #[test]
    fn a_first_line_of_headings_says_which_columns_the_others_have() {
        let said = "学段组成\t学校\t图书·小学\n小学\tS1\t8400";
        let shown = again("balanceReports", "schools", said).unwrap();
        assert!(shown.starts_with("S1 |  |  | 小学 |"), "{shown}");
        assert!(shown.contains("8400"), "{shown}");
    }

    #[test]
    fn what_is_not_understood_is_told_by_its_line_and_column() {
        let said = "S1 | 一小 | 甲镇 | 小学 | 多\nS2 | 二小 | 乙镇 | 大学 | 90";
        let wrongs = again("balanceReports", "schools", said).unwrap_err();
        assert!(wrongs.contains("行 1：小学学生数 多"), "{wrongs}");
        assert!(wrongs.contains("行 2：学段组成 大学"), "{wrongs}");
    }

    #[test]
    fn a_text_of_several_lines_stays_in_its_cell() {
        let said = "A | | 办学条件 | 分组 | 100 | | | | | | | 标准 | 看账⏎看现场";
        let (_, record, list) = taken("indicatorSets", "indicators", said).unwrap();
        let records = parts(&record, &list);
        let guidance = records[0].get_field_by_name("guidance");
        assert_eq!(guidance.unwrap().as_str(), Some("看账\n看现场"));
        assert!(
            again("indicatorSets", "indicators", said)
                .unwrap()
                .contains("看账⏎看现场")
        );
    }
}
