//! Records: exports of chats and tickets in JSON, whatever they call their parts.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::error::ExtractError;
use super::fields::Fields;
use super::options::Columns;
use super::{chat, markdown, tickets};
use corpus::{Block, Format};

/// Most records of one file.
const MOST: usize = 200_000;

/// Deepest nesting in which text is looked for.
const DEEPEST: usize = 6;

/// One document of a file of many.
#[derive(Debug)]
pub(super) struct Part {
    /// What tells it from the others: a ticket number, or its position in the file, from 1.
    pub(super) name: String,
    /// Chat or ticket.
    pub(super) format: Format,
    /// What it says of itself.
    pub(super) fields: Fields,
    /// The text.
    pub(super) blocks: Vec<Block>,
}

/// Why an export is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordsError {
    /// Not JSON, or broken.
    #[error("broken JSON, line {line}: {problem}")]
    Broken {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// Not CSV, or broken.
    #[error("broken CSV: {0}")]
    Table(#[from] csv::Error),
    /// JSON of some other kind.
    #[error("JSON that is neither a chat log nor a ticket export")]
    Unknown,
    /// More than can be right.
    #[error("more than {MOST} records; split the export")]
    Many,
}

impl From<RecordsError> for ExtractError {
    fn from(error: RecordsError) -> Self {
        match error {
            RecordsError::Unknown => Self::Unsupported { what: error.to_string() },
            RecordsError::Many => Self::too_large("records", MOST),
            RecordsError::Broken { .. } | RecordsError::Table(_) => Self::malformed(error),
        }
    }
}

/// The chats and tickets in `text`: one JSON value, or one on each line.
pub(super) fn read(text: &str, columns: &Columns) -> Result<Vec<Part>, RecordsError> {
    let (mut values, lines) = parse(text)?;
    if !columns.is_empty() {
        // A list, its wrapper and the records themselves.
        values.iter_mut().for_each(|value| columns.rename(value, 2));
    }
    let mut records: Vec<&Map<String, Value>> = Vec::new();
    for value in &values {
        collect(value, &mut records);
    }
    if records.len() > MOST {
        return Err(RecordsError::Many);
    }
    if lines && let Some(parts) = chat::by_message(&records) {
        return Ok(unique(parts));
    }
    let mut parts = Vec::new();
    let mut unknown = 0;
    for (index, record) in records.into_iter().enumerate() {
        let record = Record(record);
        match chat::conversation(record, index).or_else(|| tickets::ticket(record, index)) {
            Some(part) => parts.push(part),
            None => unknown += 1,
        }
    }
    if parts.len() <= unknown {
        return Err(RecordsError::Unknown);
    }
    Ok(unique(parts))
}

fn parse(text: &str) -> Result<(Vec<Value>, bool), RecordsError> {
    let whole = match serde_json::from_str(text) {
        Ok(value) => return Ok((vec![value], false)),
        Err(error) => error,
    };
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(value) => values.push(value),
            // If not even the first line is a value, this is not a file of lines.
            Err(_) if values.is_empty() => {
                return Err(RecordsError::Broken { line: whole.line(), problem: whole.to_string() });
            }
            Err(error) => return Err(RecordsError::Broken { line: index + 1, problem: error.to_string() }),
        }
        if values.len() > MOST {
            return Err(RecordsError::Many);
        }
    }
    Ok((values, true))
}

/// Names under which exports keep their list of records.
const LISTS: [&str; 12] = [
    "conversations",
    "tickets",
    "chats",
    "issues",
    "cases",
    "results",
    "data",
    "items",
    "records",
    "sessions",
    "dialogs",
    "dialogues",
];

fn collect<'v>(value: &'v Value, records: &mut Vec<&'v Map<String, Value>>) {
    match value {
        Value::Array(items) => records.extend(items.iter().filter_map(Value::as_object)),
        Value::Object(map) => {
            let record = Record(map);
            let single = record.get(chat::MESSAGES).is_some() || record.get(tickets::SUBJECT).is_some();
            let list = LISTS.iter().find_map(|name| match record.get(&[name])? {
                Value::Array(items) => Some(items),
                _ => None,
            });
            match list {
                Some(items) if !single => records.extend(items.iter().filter_map(Value::as_object)),
                _ => records.push(map),
            }
        }
        _ => {}
    }
}

/// Makes names unique and fit to stand in an id.
pub(super) fn unique(mut parts: Vec<Part>) -> Vec<Part> {
    let mut seen = std::collections::HashMap::<String, usize>::new();
    for part in &mut parts {
        let clean = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
        part.name = part.name.chars().take(80).map(clean).collect();
        let count = seen.entry(part.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            part.name = format!("{}~{count}", part.name);
        }
    }
    parts
}

/// An object whose parts are looked up by any of several names; letter case and punctuation do not matter.
#[derive(Clone, Copy)]
pub(super) struct Record<'v>(pub(super) &'v Map<String, Value>);

impl<'v> Record<'v> {
    /// The first value that is there under one of `names`, in their order; null and empty ones are passed over.
    pub(super) fn get(self, names: &[&str]) -> Option<&'v Value> {
        names.iter().find_map(|name| {
            let found = self.0.iter().find(|(key, _)| same(key, name)).map(|(_, value)| value)?;
            (!found.is_null() && found.as_str() != Some("")).then_some(found)
        })
    }

    /// The same as text.
    pub(super) fn text(self, names: &[&str]) -> Option<Cow<'v, str>> {
        self.get(names).and_then(|value| text(value, 0))
    }

    /// The same as a record.
    pub(super) fn record(self, names: &[&str]) -> Option<Record<'v>> {
        self.get(names).and_then(Value::as_object).map(Record)
    }

    /// The same as a list of records, where need be one level further down.
    pub(super) fn list(self, names: &[&str]) -> Option<Vec<Record<'v>>> {
        let items = match self.get(names)? {
            Value::Array(items) => items,
            Value::Object(map) => {
                Record(map).get(names).or_else(|| map.values().find(|v| v.is_array()))?.as_array()?
            }
            _ => return None,
        };
        let records: Vec<_> = items.iter().filter_map(Value::as_object).map(Record).collect();
        (!records.is_empty()).then_some(records)
    }

    /// The same as yes or no.
    pub(super) fn flag(self, names: &[&str]) -> Option<bool> {
        match self.get(names)? {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => number.as_i64().map(|number| number != 0),
            Value::String(text) => match text.to_lowercase().as_str() {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// What the record says of itself.
    pub(super) fn fields(self) -> Fields {
        let mut fields = Fields::default();
        for (key, value) in self.0 {
            if let Some(text) = text(value, 1) {
                fields.set(key, &text);
            }
        }
        fields
    }
}

/// Whether `key` is `name`, which is lower case without punctuation.
pub(super) fn same(key: &str, name: &str) -> bool {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).eq(name.chars())
}

/// The text of a value: itself, that of its parts, or what a wrapping object calls its text or name.
fn text(value: &Value, depth: usize) -> Option<Cow<'_, str>> {
    if depth >= DEEPEST {
        return None;
    }
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Owned(flag.to_string())),
        Value::Array(items) => {
            let texts: Vec<_> = items.iter().filter_map(|item| text(item, depth + 1)).collect();
            (!texts.is_empty()).then(|| Cow::Owned(texts.join(if depth == 0 { "\n" } else { ", " })))
        }
        Value::Object(map) => Record(map)
            .get(&["text", "plaintext", "value", "content", "body", "name"])
            .and_then(|v| text(v, depth + 1)),
        Value::Null => None,
    }
}

/// Running text of a message, its HTML reduced.
pub(crate) fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let html = ["<p", "<br", "<div", "<span", "</", "<li"].iter().any(|tag| lower.contains(tag));
    if html {
        let blocks = markdown::html_blocks(text);
        return blocks.into_iter().map(|block| block.text).collect::<Vec<_>>().join("\n");
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_punctuation() {
        assert!(
            same("Ticket ID", "ticketid") && same("ticket_id", "ticketid") && !same("ticket", "ticketid")
        );
    }

    #[test]
    fn names_become_unique_and_clean() {
        let part = |name: &str| Part {
            name: name.into(),
            format: Format::Chat,
            fields: Fields::default(),
            blocks: Vec::new(),
        };
        let names: Vec<_> =
            unique(vec![part("a b"), part("a#b"), part("c")]).into_iter().map(|p| p.name).collect();
        assert_eq!(names, ["a-b", "a-b~2", "c"]);
    }

    #[test]
    fn other_json_is_refused() {
        assert!(matches!(read("{\"a\": 1}", &Columns::default()), Err(RecordsError::Unknown)));
        assert!(matches!(read("[1, 2]", &Columns::default()), Err(RecordsError::Unknown)));
        assert!(matches!(read("{\"a\":", &Columns::default()), Err(RecordsError::Broken { .. })));
        assert!(matches!(read(&"[".repeat(100_000), &Columns::default()), Err(RecordsError::Broken { .. })));
    }
}
