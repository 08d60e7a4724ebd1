//! One message, as far as it matters.

use corpus::{Block, BlockKind};
use jiff::Timestamp;
use mail_parser::{HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use super::super::{ExtractError, Limits, html};
use super::reply;

/// Most message ids taken from a header.
const MOST_IDS: usize = 200;

/// Most attachments that are named, and the longest name in characters.
const MOST_NAMES: usize = 50;
const LONGEST_NAME: usize = 120;

/// One message.
#[derive(Clone, Debug, Default)]
pub(super) struct Letter {
    /// Message id without brackets; empty where there is none.
    pub(super) id: String,
    /// Ids of the messages before it in its thread, oldest first.
    pub(super) before: Vec<String>,
    pub(super) subject: Option<String>,
    /// Sender's address and name.
    pub(super) from: (String, String),
    /// Addresses that it was sent to.
    pub(super) to: Vec<String>,
    pub(super) date: Option<Timestamp>,
    /// What the sender wrote, without quotes and signature.
    pub(super) text: String,
    pub(super) attachments: Vec<String>,
}

impl Letter {
    /// Reads a message; `None` for what is not one.
    pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Option<Self>, ExtractError> {
        let Some(message) = MessageParser::default().parse(bytes) else { return Ok(None) };
        if message.headers().is_empty() {
            return Ok(None);
        }
        let mut before = ids(message.references());
        for id in ids(message.in_reply_to()) {
            if !before.contains(&id) {
                before.push(id);
            }
        }
        let from = message.from().or_else(|| message.sender()).and_then(|from| from.first());
        let part = |text: Option<&str>| text.unwrap_or_default().trim().to_owned();
        let name = part(from.and_then(|from| from.name()));
        Ok(Some(Self {
            id: message.message_id().unwrap_or_default().trim().to_owned(),
            before,
            subject: message
                .subject()
                .map(|subject| subject.split_whitespace().collect::<Vec<_>>().join(" ")),
            from: (part(from.and_then(|from| from.address())).to_lowercase(), name.clone()),
            to: [message.to(), message.cc()]
                .into_iter()
                .flatten()
                .flat_map(|addresses| addresses.iter())
                .filter_map(|address| address.address())
                .take(MOST_IDS)
                .map(str::to_lowercase)
                .collect(),
            date: message
                .date()
                .filter(|date| date.is_valid())
                .and_then(|date| Timestamp::from_second(date.to_timestamp()).ok()),
            text: text(&message, &name, limits)?,
            attachments: message
                .attachments()
                .filter_map(MessagePart::attachment_name)
                .take(MOST_NAMES)
                .map(|name| name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect())
                .collect(),
        }))
    }
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let list = match value {
        HeaderValue::Text(text) => std::slice::from_ref(text),
        HeaderValue::TextList(list) => list.as_slice(),
        _ => &[],
    };
    let skipped = list.len().saturating_sub(MOST_IDS);
    list.iter().skip(skipped).map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect()
}

/// The body: the plain text where there is some, else the HTML.
fn text(message: &Message<'_>, sender: &str, limits: &Limits) -> Result<String, ExtractError> {
    let plain = bodies(message.text_bodies(), sender, limits)?;
    if !is_placeholder(&plain) {
        return Ok(plain);
    }
    let html = message.html_bodies().filter(|part| matches!(part.body, PartType::Html(_)));
    let rich = bodies(html, sender, limits)?;
    Ok(if rich.is_empty() { plain } else { rich })
}

/// Whether a text only says that the message is in HTML.
fn is_placeholder(text: &str) -> bool {
    text.is_empty() || (text.len() < 300 && text.to_lowercase().contains("html"))
}

fn bodies<'m>(
    parts: impl Iterator<Item = &'m MessagePart<'m>>,
    sender: &str,
    limits: &Limits,
) -> Result<String, ExtractError> {
    let mut texts = Vec::new();
    let mut length = 0;
    for part in parts {
        let text = match &part.body {
            PartType::Text(text) => {
                let flowed = part
                    .content_type()
                    .and_then(|kind| kind.attribute("format"))
                    .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
                if flowed { reply::own(&reply::reflow(text), sender) } else { reply::own(text, sender) }
            }
            PartType::Html(text) => reply::own(&lines(html::message(text, limits)?), sender),
            _ => continue,
        };
        length += text.len();
        if length > limits.document_bytes {
            return Err(ExtractError::too_large("bytes of text", limits.document_bytes));
        }
        if !text.is_empty() {
            texts.push(text);
        }
    }
    Ok(texts.join("\n\n"))
}

/// Blocks as lines, parted by empty ones but for the items of a list.
fn lines(blocks: Vec<Block>) -> String {
    let mut text = String::new();
    let mut before = None;
    for block in blocks {
        let item = block.kind == BlockKind::ListItem;
        if let Some(before) = before {
            text.push_str(if item && before == BlockKind::ListItem { "\n" } else { "\n\n" });
        }
        text.push_str(&block.text);
        before = Some(block.kind);
    }
    text
}
