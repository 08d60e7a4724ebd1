//! Exports of help desks: one document for each ticket.
//!
//! The question, the public replies and the resolution are kept. Private notes are left out, and so is who asked.

use corpus::{Block, BlockKind, Format};
use serde_json::Value;

use super::chat::{self, Speaker};
use super::fields::Fields;
use super::records::{Part, Record, plain};

mod table;

pub(super) use table::read as read_table;

/// Names of a ticket's headline.
pub(super) const SUBJECT: &[&str] =
    &["subject", "ticketsubject", "title", "summary", "issuesummary", "headline"];
const ID: &[&str] =
    &["ticketid", "ticketnumber", "casenumber", "caseid", "issuekey", "displayid", "number", "key", "id"];
const DESCRIPTION: &[&str] = &[
    "descriptiontext",
    "description",
    "ticketdescription",
    "body",
    "plainbody",
    "question",
    "inquiry",
    "problem",
    "customermessage",
    "message",
    "content",
    "details",
    "preview",
];
const COMMENTS: &[&str] = &[
    "publiccomments",
    "comments",
    "comment",
    "conversations",
    "conversationparts",
    "threads",
    "replies",
    "responses",
];
const RESOLUTION: &[&str] = &[
    "resolutionnotes",
    "resolutiontext",
    "resolution",
    "solution",
    "answer",
    "agentresponse",
    "response",
    "reply",
];
const COMMENT_TEXT: &[&str] =
    &["plainbody", "bodytext", "body", "text", "content", "message", "comment", "value"];
const ROLE: &[&str] = &["role", "authortype", "sendertype", "usertype", "author", "createdby", "from"];
const STATUS: &[&str] = &["status", "ticketstatus", "state", "priority", "ticketpriority"];

/// The document of a ticket, or `None` where the record is something else. `index` counts from 0.
pub(super) fn ticket(record: Record<'_>, index: usize) -> Option<Part> {
    // Jira keeps nearly everything one level down, Intercom the question.
    let inner = record.record(&["fields"]).unwrap_or(record);
    let opening = inner.record(&["source"]);
    let text = |names: &[&str]| {
        let found = inner.text(names).or_else(|| record.text(names)).or_else(|| opening?.text(names));
        found.map(|text| plain(&text)).filter(|text| !text.is_empty())
    };
    let subject = text(SUBJECT);
    let description = text(DESCRIPTION).filter(|description| Some(description) != subject.as_ref());
    let embedded = record.record(&["embedded"]);
    let comments = inner.list(COMMENTS).or_else(|| embedded.and_then(|embedded| embedded.list(COMMENTS)));
    let resolution = text(RESOLUTION);
    let named = inner.get(STATUS).is_some() || record.get(ID).is_some();
    if !named || (subject.is_none() && description.is_none()) || (description.is_none() && comments.is_none())
    {
        return None;
    }
    let asker = Asker::of(inner);
    let comments = match comments {
        Some(comments) => replies(&comments, asker),
        None => inner.text(COMMENTS).map(|text| thread(&text)).unwrap_or_default(),
    };
    let mut fields = inner.fields();
    for (key, value) in record.fields().metadata {
        fields.metadata.entry(key).or_insert(value);
    }
    let name = record.text(ID).map_or_else(|| (index + 1).to_string(), std::borrow::Cow::into_owned);
    Some(document(name, fields, subject, description, comments, resolution))
}

/// Puts a ticket's parts in order.
fn document(
    name: String,
    mut fields: Fields,
    subject: Option<String>,
    description: Option<String>,
    replies: Vec<Block>,
    resolution: Option<String>,
) -> Part {
    let mut blocks = Vec::new();
    if let Some(subject) = subject {
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        blocks.push(Block::new(BlockKind::Heading(1), subject.clone()));
        fields.title = Some(subject);
    } else {
        fields.title.get_or_insert_with(|| format!("Ticket {name}"));
    }
    if let Some(description) = description {
        let text = format!("Customer: {description}");
        // Help desks repeat the question as the first comment.
        if replies.first().is_none_or(|first| first.text != text) {
            blocks.push(Block::new(BlockKind::Message, text));
        }
    }
    blocks.extend(replies);
    if let Some(resolution) = resolution.filter(|text| !is_code(text)) {
        blocks.push(Block::new(BlockKind::Heading(2), "Resolution"));
        blocks.push(Block::new(BlockKind::Paragraph, resolution));
    }
    Part { name, format: Format::Ticket, fields, blocks }
}

/// Whether a resolution is a state ("Fixed", "won't do") rather than an account of what helped.
fn is_code(text: &str) -> bool {
    text.split_whitespace().count() < 3
}

/// Who opened a ticket, to tell the customer's replies from the agent's.
#[derive(Clone, Copy)]
struct Asker<'v> {
    id: Option<&'v Value>,
    name: Option<&'v str>,
}

impl<'v> Asker<'v> {
    fn of(ticket: Record<'v>) -> Self {
        let person = ticket.record(&["requester", "customer", "contact", "reporter"]);
        let name = person
            .and_then(|person| person.get(&["name", "displayname"]))
            .or_else(|| ticket.get(&["requestername", "customername", "requester", "customer"]));
        Self { id: ticket.get(&["requesterid", "authorid", "userid"]), name: name.and_then(Value::as_str) }
    }
}

/// The messages in one text, each begun by who speaks: `Agent: …`.
fn thread(text: &str) -> Vec<Block> {
    let mut messages: Vec<String> = Vec::new();
    for line in plain(text).lines() {
        let speaker = line.split_once(':').filter(|(role, _)| role.len() <= 40).map(|(role, rest)| {
            let role = role.split_once('(').map_or(role, |(role, _)| role);
            (chat::speaker(role), rest.trim())
        });
        match (speaker, messages.last_mut()) {
            (Some((Speaker::Known(name), rest)), _) => messages.push(format!("{name}: {rest}")),
            (_, Some(message)) => {
                message.push('\n');
                message.push_str(line);
            }
            (_, None) => messages.push(format!("Reply: {line}")),
        }
    }
    messages.iter().map(|message| Block::new(BlockKind::Message, message.trim_end())).collect()
}

fn replies(comments: &[Record<'_>], asker: Asker<'_>) -> Vec<Block> {
    comments
        .iter()
        .filter(|comment| !is_private(**comment))
        .filter_map(|comment| {
            let text = plain(&comment.text(COMMENT_TEXT)?);
            let speaker = speaker(*comment, asker)?;
            (!text.is_empty()).then(|| Block::new(BlockKind::Message, format!("{speaker}: {text}")))
        })
        .collect()
}

fn is_private(comment: Record<'_>) -> bool {
    let kind = comment.text(&["parttype", "type", "kind", "visibility"]).unwrap_or_default().to_lowercase();
    comment.flag(&["public", "ispublic", "jsdpublic"]) == Some(false)
        || comment.flag(&["private", "isprivate", "internal", "isinternal"]) == Some(true)
        || ["note", "internal", "private", "lineitem"].iter().any(|word| kind.contains(word))
}

/// Who wrote a comment; `None` for the help desk's own remarks.
fn speaker(comment: Record<'_>, asker: Asker<'_>) -> Option<&'static str> {
    if let Some(incoming) = comment.flag(&["incoming"]) {
        return Some(if incoming { "Customer" } else { "Agent" });
    }
    let author = comment.get(&["authorid", "userid"]);
    if author.is_some() && asker.id.is_some() {
        return Some(if author == asker.id { "Customer" } else { "Agent" });
    }
    let name = comment
        .record(&["author", "createdby", "from"])
        .and_then(|author| author.get(&["name", "displayname"]));
    let name = name.or_else(|| comment.get(&["author", "createdby", "from"])).and_then(Value::as_str);
    if name.is_some() && name == asker.name {
        return Some("Customer");
    }
    let role = match comment.get(ROLE) {
        Some(Value::Object(map)) => {
            Record(map).text(&["role", "type", "usertype"]).unwrap_or_default().into_owned()
        }
        Some(Value::String(role)) => role.clone(),
        _ => comment.text(&["type"]).unwrap_or_default().into_owned(),
    };
    match chat::speaker(&role) {
        Speaker::Known(name) => Some(name),
        Speaker::Nobody => None,
        Speaker::Stranger => Some("Reply"),
    }
}

#[cfg(test)]
mod tests;
