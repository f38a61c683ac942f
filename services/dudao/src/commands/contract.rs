//! `dudao inspect`, `dudao case`, `dudao registry`: every RPC of a service from the command line, as the contract names it.
//!
//! Verbs, fields and their help come from the contract itself, so that the command line has whatever the services have:
//!
//! ```text
//! dudao inspect                                            # what there is
//! dudao inspect notify-visit --help                        # its fields
//! dudao inspect notify-visit v1 --number 泽督〔2026〕9号 --text 请自评
//! dudao inspect create-visit v2 --kind routine --target schools/S1 --date 2026-11-10 …
//! dudao inspect list-visits --states planned -o json
//! ```
//!
//! The first word behind the verb is the resource's id or name. A name may be given without its county. A value `@FILE` is the text
//! of a file.

use dudao_platform::contract::{call, comment, comment_of, methods};
use prost_reflect::{
    Cardinality, DeserializeOptions, DynamicMessage, EnumDescriptor, FieldDescriptor, Kind,
    MessageDescriptor, MethodDescriptor, ReflectMessage as _, SerializeOptions, Value as Set,
};
use serde_json::{Map, Value, json};

use crate::args::Contract;
use crate::failure::{Failure, Result};
use crate::output::{self, say};
use crate::session::Session;

/// Fields that lists leave out: they tell little and take room.
const UNLISTED: [&str; 3] = ["create_time", "update_time", "etag"];
/// The most columns of a list.
const COLUMNS: usize = 8;
/// An instant, which people read as one value.
const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// Calls an RPC of a package, or tells which there are.
pub async fn run(session: &Session, package: &str, args: &Contract) -> Result<()> {
    let methods = methods(package);
    let mut words = args.words.iter().map(String::as_str);
    let verb = match words.next() {
        None | Some("-h" | "--help" | "help") => return say(overview(&methods)),
        Some(verb) => verb,
    };
    let method = methods
        .iter()
        .find(|method| kebab(method.name()) == verb)
        .ok_or_else(|| unknown(verb, &methods))?;
    let asked = Asked::read(words)?;
    if asked.help {
        return say(explanation(method));
    }
    let county = session.county().await?;
    let message = Form::new(method.input(), county).fill(&asked)?;
    let answer = call(&session.link, method, message).await?;
    print(&asked, &answer)
}

/// What was written behind the verb.
#[derive(Default)]
struct Asked {
    resource: Option<String>,
    fields: Vec<(String, String)>,
    json: bool,
    help: bool,
}

impl Asked {
    fn read<'a>(mut words: impl Iterator<Item = &'a str>) -> Result<Self> {
        let mut asked = Self::default();
        while let Some(word) = words.next() {
            let mut value = || {
                words.next().map(str::to_owned).ok_or_else(|| {
                    Failure::Input(format!("{word} 后面缺少取值\n{word} needs a value."))
                })
            };
            match word {
                "-h" | "--help" => asked.help = true,
                "-o" | "--output" => asked.json = value()? == "json",
                "-ojson" | "-o=json" | "--output=json" => asked.json = true,
                _ => match word.strip_prefix("--") {
                    Some(field) => {
                        let (field, value) = match field.split_once('=') {
                            Some((field, value)) => (field, value.to_owned()),
                            None => (field, value()?),
                        };
                        asked.fields.push((field.replace('-', "_"), text(value)?));
                    }
                    None if asked.resource.is_none() => asked.resource = Some(word.to_owned()),
                    None => {
                        return Err(Failure::Input(format!(
                            "多余的词“{word}”\nDon't know what to do with {word}."
                        )));
                    }
                },
            }
        }
        Ok(asked)
    }
}

/// A field's value as it was written, or the text of the file that `@FILE` names; `@@` stands for an @.
fn text(written: String) -> Result<String> {
    match written.strip_prefix('@') {
        None => Ok(written),
        Some(rest) if rest.starts_with('@') => Ok(rest.to_owned()),
        Some(file) => {
            let file = std::path::Path::new(file);
            std::fs::read_to_string(file).map_err(Failure::file(file))
        }
    }
}

/// A request to fill in.
struct Form {
    request: MessageDescriptor,
    county: String,
}

impl Form {
    fn new(request: MessageDescriptor, county: String) -> Self {
        Self { request, county }
    }

    /// The field of the request that holds a resource to create or change.
    fn held(&self) -> Option<(FieldDescriptor, MessageDescriptor)> {
        let stem = self.request.name().strip_suffix("Request")?;
        let of = stem
            .strip_prefix("Create")
            .or_else(|| stem.strip_prefix("Update"))?;
        self.request.fields().find_map(|field| {
            message_of(&field)
                .filter(|message| message.name() == of)
                .map(|message| (field, message))
        })
    }

    fn fill(&self, asked: &Asked) -> Result<DynamicMessage> {
        let mut root = Map::new();
        if self.request.get_field_by_name("parent").is_some() {
            root.insert("parent".to_owned(), json!(self.county));
        }
        let held = self.held();
        if let Some(resource) = &asked.resource {
            self.name(&mut root, held.as_ref(), resource)?;
        }
        let mut mask = Vec::new();
        for (path, value) in &asked.fields {
            let first = path.split('.').next().unwrap_or_default();
            let inside = held
                .as_ref()
                .filter(|(_, message)| message.get_field_by_name(first).is_some())
                .filter(|_| self.request.get_field_by_name(first).is_none());
            match inside {
                Some((field, message)) => {
                    // A mask in JSON names fields as JSON does: `trainingHours`.
                    let known = message.get_field_by_name(first);
                    let named = known.map_or_else(String::new, |one| one.json_name().to_owned());
                    if !mask.contains(&named) {
                        mask.push(named);
                    }
                    let into = object(&mut root, field.name());
                    self.set(into, message, path, value)?;
                }
                None => self.set(&mut root, &self.request, path, value)?,
            }
        }
        let masked = self.request.get_field_by_name("update_mask").is_some();
        if masked && !mask.is_empty() {
            root.entry("update_mask")
                .or_insert_with(|| json!(mask.join(",")));
        }
        let options = DeserializeOptions::new().deny_unknown_fields(true);
        DynamicMessage::deserialize_with_options(
            self.request.clone(),
            Value::Object(root),
            &options,
        )
        .map_err(|error| Failure::Input(format!("取值不合格式：{error}\n{error}")))
    }

    /// Puts the word behind the verb where the request names its resource.
    fn name(
        &self,
        root: &mut Map<String, Value>,
        held: Option<&(FieldDescriptor, MessageDescriptor)>,
        resource: &str,
    ) -> Result<()> {
        let id = self.request.fields().find(|field| {
            held.is_some_and(|(held, _)| field.name() == format!("{}_id", held.name()))
        });
        if let Some(id) = id {
            root.insert(id.name().to_owned(), json!(resource));
        } else if let Some((held, message)) = held {
            self.set(object(root, held.name()), message, "name", resource)?;
        } else {
            self.set(root, &self.request, "name", resource)?;
        }
        Ok(())
    }

    fn set(
        &self,
        into: &mut Map<String, Value>,
        message: &MessageDescriptor,
        path: &str,
        value: &str,
    ) -> Result<()> {
        let (name, rest) = match path.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (path, None),
        };
        let field = message.get_field_by_name(name).ok_or_else(|| {
            let known: Vec<_> = message
                .fields()
                .map(|f| format!("--{}", f.name().replace('_', "-")))
                .collect();
            Failure::Input(format!(
                "没有字段 {name}，可用的有：{0}\nThere is no field {name}; there are {0}.",
                known.join(" ")
            ))
        })?;
        if let (Some(rest), Some(inner)) = (rest, message_of(&field)) {
            return self.set(object(into, name), &inner, rest, value);
        }
        let value = self.value(&field, value)?;
        if field.cardinality() == Cardinality::Repeated {
            let list = into.entry(name).or_insert_with(|| json!([]));
            if let (Value::Array(list), Value::Array(more)) = (&mut *list, &value) {
                list.extend(more.clone());
            } else if let Value::Array(list) = list {
                list.push(value);
            }
        } else {
            into.insert(name.to_owned(), value);
        }
        Ok(())
    }

    /// A word as JSON of the field's kind. What begins as JSON is taken as such where a message or a list may stand.
    fn value(&self, field: &FieldDescriptor, word: &str) -> Result<Value> {
        let structured = matches!(field.kind(), Kind::Message(_))
            || field.cardinality() == Cardinality::Repeated;
        if structured && word.starts_with(['{', '[']) {
            return serde_json::from_str(word).map_err(|error| {
                Failure::Input(format!("{}: JSON 有误：{error}\n{error}", field.name()))
            });
        }
        let kind = field.kind();
        if let Some(words) = kind.as_enum() {
            return constant(field, words, word);
        }
        if kind == Kind::String || kind.as_message().is_some() {
            return Ok(json!(self.full_name(field, word)));
        }
        Ok(serde_json::from_str(word).unwrap_or_else(|_| json!(word)))
    }

    /// A resource's name from what people write: `A`, `supervisors/A` or the whole.
    fn full_name(&self, field: &FieldDescriptor, word: &str) -> String {
        let comment = comment_of(field);
        let pattern = comment
            .split('`')
            .find(|part| part.starts_with("counties/{code}/"));
        let collection = pattern.and_then(|pattern| pattern.split('/').nth(2));
        if word.is_empty() || word.starts_with("counties/") {
            word.to_owned()
        } else if let Some((first, _)) = word.split_once('/')
            && first.chars().all(char::is_alphanumeric)
        {
            format!("{}/{word}", self.county)
        } else if let Some(collection) = collection {
            format!("{}/{collection}/{word}", self.county)
        } else {
            word.to_owned()
        }
    }
}

/// The full name of an enumeration's value from its short one: `look-back`.
fn constant(field: &FieldDescriptor, words: &EnumDescriptor, word: &str) -> Result<Value> {
    let prefix = prefix(words);
    let full = format!("{prefix}{}", word.replace('-', "_").to_uppercase());
    if words.get_value_by_name(&full).is_some() {
        return Ok(json!(full));
    }
    let known: Vec<_> = words
        .values()
        .skip(1)
        .map(|one| kebab_of_constant(one.name().trim_start_matches(&prefix)))
        .collect();
    Err(Failure::Input(format!(
        "{0} 须为以下之一：{1}\n{0} must be one of {1}.",
        field.name(),
        known.join(", ")
    )))
}

fn message_of(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    field.kind().as_message().cloned()
}

fn object<'a>(into: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    let value = into.entry(name).or_insert_with(|| json!({}));
    if !value.is_object() {
        *value = json!({});
    }
    match value {
        Value::Object(object) => object,
        // It was made an object just now.
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            unreachable!()
        }
    }
}

fn print(asked: &Asked, answer: &DynamicMessage) -> Result<()> {
    if asked.json {
        let options = SerializeOptions::new()
            .use_proto_field_name(true)
            .stringify_64_bit_integers(false);
        let value = answer
            .serialize_with_options(serde_json::value::Serializer, &options)
            .map_err(other)?;
        return say(serde_json::to_string(&value)?);
    }
    let descriptor = answer.descriptor();
    let rows = descriptor
        .fields()
        .find(|field| field.is_list() && message_of(field).is_some())
        .filter(|_| descriptor.get_field_by_name("next_page_token").is_some());
    let mut lines = Vec::new();
    match rows {
        Some(field) => return say(table(&items(answer, &field))),
        None => tell(answer, 0, &mut lines),
    }
    say(lines.join("\n"))
}

/// The messages of a repeated field.
fn items(message: &DynamicMessage, field: &FieldDescriptor) -> Vec<DynamicMessage> {
    let value = message.get_field(field);
    let list = value.as_list().unwrap_or_default();
    list.iter().filter_map(Set::as_message).cloned().collect()
}

/// A list, with a column for each plain field that any row has.
fn table(rows: &[DynamicMessage]) -> String {
    let Some(first) = rows.first() else {
        return "（无 none）".to_owned();
    };
    let mut fields: Vec<_> = first.descriptor().fields().collect();
    fields.sort_by_key(|field| match field.name() {
        "name" => 0,
        "state" => 1,
        _ => 2,
    });
    let columns: Vec<_> = fields
        .into_iter()
        .filter(|field| !field.is_list() && message_of(field).is_none())
        .filter(|field| {
            !UNLISTED.contains(&field.name()) && rows.iter().any(|row| row.has_field(field))
        })
        .take(COLUMNS)
        .collect();
    let headings: Vec<_> = columns.iter().map(FieldDescriptor::name).collect();
    output::table(
        &headings,
        rows.iter().map(|row| {
            columns
                .iter()
                .map(|field| plain(field, &row.get_field(field)))
                .collect()
        }),
    )
}

/// A message as indented lines, in the order of the contract.
fn tell(message: &DynamicMessage, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    for field in message
        .descriptor()
        .fields()
        .filter(|field| message.has_field(field))
    {
        let (name, value) = (field.name(), message.get_field(&field));
        if field.is_list() && message_of(&field).is_some() {
            for (at, item) in items(message, &field).iter().enumerate() {
                lines.push(format!("{indent}{name}[{}]:", at + 1));
                tell(item, depth + 1, lines);
            }
        } else if let Some(list) = value.as_list() {
            let words: Vec<_> = list.iter().map(|one| plain(&field, one)).collect();
            lines.push(format!("{indent}{name}: {}", words.join("、")));
        } else if let Some(inner) = value
            .as_message()
            .filter(|inner| inner.descriptor().full_name() != TIMESTAMP)
        {
            lines.push(format!("{indent}{name}:"));
            tell(inner, depth + 1, lines);
        } else {
            lines.push(format!("{indent}{name}: {}", plain(&field, &value)));
        }
    }
}

/// A single value as people read it: enumerations by their short names.
fn plain(field: &FieldDescriptor, value: &Set) -> String {
    let kind = field.kind();
    if let (Some(words), Some(number)) = (kind.as_enum(), value.as_enum_number()) {
        let word = words.get_value(number);
        let prefix = prefix(words);
        return word.map_or_else(
            || number.to_string(),
            |word| kebab_of_constant(word.name().trim_start_matches(&prefix)),
        );
    }
    if let Some(message) = value.as_message() {
        let text = serde_json::to_value(message).unwrap_or_default();
        return output::text(&text);
    }
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}

/// What the names of an enumeration's values begin with.
fn prefix(words: &EnumDescriptor) -> String {
    let zero = words.values().next();
    zero.map_or_else(String::new, |zero| {
        zero.name().trim_end_matches("UNSPECIFIED").to_owned()
    })
}

fn overview(methods: &[MethodDescriptor]) -> String {
    let mut text = String::from(
        "动词 verbs（--help 显示字段 shows the fields；取值 @文件 即文件内容 a value @FILE is its text）：\n",
    );
    let mut service = String::new();
    for method in methods {
        let of = method.parent_service();
        if of.full_name() != service {
            of.full_name().clone_into(&mut service);
            let said = comment(of.parent_file().file_descriptor_proto(), of.path());
            text += &format!("\n{}\n", first_line(&said));
        }
        let said = comment(of.parent_file().file_descriptor_proto(), method.path());
        text += &format!("  {:<28} {}\n", kebab(method.name()), first_line(&said));
    }
    text
}

fn explanation(method: &MethodDescriptor) -> String {
    let file = method.parent_service().parent_file();
    let said = comment(file.file_descriptor_proto(), method.path());
    let form = Form::new(method.input(), String::new());
    let mut text = format!("{}\n{}\n", kebab(method.name()), said.trim_end());
    let mut list = |message: &MessageDescriptor| {
        for field in message.fields() {
            let said = comment_of(&field);
            if !said.trim_start().starts_with("Output only") {
                text += &format!(
                    "  --{:<26} {}\n",
                    field.name().replace('_', "-"),
                    first_line(&said)
                );
            }
        }
    };
    list(&method.input());
    if let Some((_, message)) = form.held() {
        list(&message);
    }
    text
}

fn first_line(comment: &str) -> &str {
    comment.trim().lines().next().unwrap_or_default()
}

fn unknown(verb: &str, methods: &[MethodDescriptor]) -> Failure {
    let like: Vec<_> = methods
        .iter()
        .map(|method| kebab(method.name()))
        .filter(|known| known.split('-').any(|part| verb.contains(part)))
        .collect();
    Failure::Input(format!(
        "没有动词 {verb}；相近的有：{0}\nThere is no verb {verb}; like it are {0}.",
        like.join(", ")
    ))
}

/// `NotifyVisit` as `notify-visit`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// `LOOK_BACK` as `look-back`.
fn kebab_of_constant(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

fn other(error: impl std::fmt::Display) -> Failure {
    Failure::Other(error.to_string())
}
