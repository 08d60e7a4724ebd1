//! Chat logs.
//!
//! Speakers are told by their role only: their names help nobody who looks for an answer.

use std::collections::HashMap;

use corpus::{Block, BlockKind, Format};
use serde_json::{Map, Value};

use super::fields::timestamp;
use super::records::{Part, Record, plain};

/// Names under which a conversation keeps its messages.
pub(super) const MESSAGES: &[&str] =
    &["messages", "turns", "transcript", "utterances", "chatlog", "dialog", "dialogue"];

const TEXT: &[&str] = &["text", "message", "content", "body", "utterance", "plainbody"];
const ROLE: &[&str] =
    &["role", "sendertype", "authortype", "sender", "from", "speaker", "author", "side", "type"];
const NAME: &[&str] = &["conversationid", "chatid", "sessionid", "id", "uuid"];
const TITLE: &[&str] = &["subject", "title", "topic", "summary"];
const STARTED: &[&str] =
    &["started", "startedat", "starttime", "createdat", "created", "date", "at", "timestamp"];

/// The document of a conversation, or `None` where the record is something else. `index` counts from 0.
pub(super) fn conversation(record: Record<'_>, index: usize) -> Option<Part> {
    let blocks = messages(&record.list(MESSAGES)?);
    if blocks.is_empty() {
        return None;
    }
    let mut fields = record.fields();
    fields.modified =
        fields.modified.or_else(|| record.text(STARTED).and_then(|started| timestamp(&started)));
    let name = record.text(NAME).map_or_else(|| (index + 1).to_string(), std::borrow::Cow::into_owned);
    if fields.title.is_none() {
        fields.title = record.text(TITLE).map(|title| title.trim().to_owned());
    }
    if fields.title.is_none() {
        fields.title = Some(match fields.metadata.get("product") {
            Some(product) => format!("Chat about {product}"),
            None => "Chat".to_owned(),
        });
    }
    Some(Part { name, format: Format::Chat, fields, blocks })
}

/// The conversations in a log with one message to a record, or `None` where it is not one.
pub(super) fn by_message(records: &[&Map<String, Value>]) -> Option<Vec<Part>> {
    let key = &["conversationid", "chatid", "sessionid", "threadid"];
    let mut order: Vec<(String, Vec<Record<'_>>)> = Vec::new();
    let mut places = HashMap::new();
    for record in records.iter().map(|record| Record(record)) {
        record.text(TEXT)?;
        record.get(ROLE)?;
        let conversation = record.text(key)?.into_owned();
        let place = *places.entry(conversation.clone()).or_insert_with(|| {
            order.push((conversation, Vec::new()));
            order.len() - 1
        });
        if let Some((_, messages)) = order.get_mut(place) {
            messages.push(record);
        }
    }
    let parts = order.into_iter().filter_map(|(name, records)| {
        let blocks = messages(&records);
        let mut fields = records.first()?.fields();
        fields.title = Some("Chat".to_owned());
        fields.modified = records.first()?.text(STARTED).and_then(|started| timestamp(&started));
        (!blocks.is_empty()).then_some(Part { name, format: Format::Chat, fields, blocks })
    });
    Some(parts.collect())
}

/// A block for each message that someone wrote to the other side.
pub(super) fn messages(records: &[Record<'_>]) -> Vec<Block> {
    let mut strangers: Vec<String> = Vec::new();
    let mut blocks = Vec::new();
    for record in records {
        let Some(text) = record.text(TEXT).map(|text| plain(&text)).filter(|text| !text.is_empty()) else {
            continue;
        };
        let role = record.get(ROLE).map(role_name).unwrap_or_default();
        let speaker = match speaker(&role) {
            Speaker::Nobody => continue,
            Speaker::Known(name) => name.to_owned(),
            Speaker::Stranger => {
                let number = strangers.iter().position(|seen| *seen == role).unwrap_or_else(|| {
                    strangers.push(role);
                    strangers.len() - 1
                });
                format!("Speaker {}", number + 1)
            }
        };
        blocks.push(Block::new(BlockKind::Message, format!("{speaker}: {text}")));
    }
    blocks
}

fn role_name(value: &Value) -> String {
    match value {
        Value::String(role) => role.clone(),
        Value::Object(map) => {
            Record(map).text(&["role", "type", "usertype", "id", "name"]).unwrap_or_default().into_owned()
        }
        other => other.to_string(),
    }
}

pub(super) enum Speaker {
    Known(&'static str),
    /// The log's own remarks.
    Nobody,
    Stranger,
}

/// Who speaks, by the word that a log uses for the role; a name may follow it.
pub(super) fn speaker(role: &str) -> Speaker {
    match known(role) {
        Speaker::Stranger => role.split_whitespace().next().map_or(Speaker::Stranger, known),
        speaker => speaker,
    }
}

fn known(role: &str) -> Speaker {
    let role: String = role.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match role.as_str() {
        "customer" | "user" | "client" | "visitor" | "enduser" | "requester" | "contact" | "consumer"
        | "guest" | "human" | "lead" | "buyer" | "caller" | "member" => Speaker::Known("Customer"),
        "agent" | "assistant" | "operator" | "support" | "supportagent" | "admin" | "staff"
        | "representative" | "rep" | "teammate" | "employee" | "advisor" | "specialist" | "expert"
        | "owner" => Speaker::Known("Agent"),
        "bot" | "chatbot" | "ai" | "virtualagent" | "robot" => Speaker::Known("Bot"),
        "system" | "event" | "note" | "internal" | "internalnote" | "tool" | "function" | "info"
        | "trigger" => Speaker::Nobody,
        _ => Speaker::Stranger,
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::{self, RecordsError};
    use super::*;

    fn read(text: &str) -> Result<Vec<Part>, RecordsError> {
        records::read(text, &Default::default())
    }

    fn texts(part: &Part) -> Vec<&str> {
        part.blocks.iter().map(|block| block.text.as_str()).collect()
    }

    #[test]
    fn the_plain_shape_is_read() {
        let parts = read(
            r#"{"conversations":[{"id":"C-1","started":"2024-05-01T10:00:00Z","product":"Router","messages":[
            {"role":"system","text":"joined"},
            {"role":"customer","name":"Ann Example","at":"x","text":"It blinks."},
            {"role":"agent","name":"Bob Example","text":"Hold reset."}]}]}"#,
        )
        .expect("a chat log");
        let [part] = parts.as_slice() else { panic!("one chat, not {}", parts.len()) };
        assert_eq!((part.name.as_str(), part.format), ("C-1", Format::Chat));
        assert_eq!(texts(part), ["Customer: It blinks.", "Agent: Hold reset."]);
        assert_eq!(part.fields.title.as_deref(), Some("Chat about Router"));
        assert!(part.fields.modified.is_some());
        assert!(!format!("{part:?}").contains("Example"));
    }

    #[test]
    fn variants_are_read() {
        for json in [
            r#"[{"id":7,"turns":[{"speaker":"User","utterance":"Hi"},{"speaker":"Agent","utterance":"Yes?"}]}]"#,
            r#"{"id":7,"transcript":[{"from":{"type":"user","name":"Ann"},"content":[{"type":"text","text":"Hi"}]},{"from":{"type":"admin"},"body":"<p>Yes?</p>"}]}"#,
            "{\"conversation_id\":7,\"role\":\"user\",\"text\":\"Hi\"}\n{\"conversation_id\":7,\"role\":\"agent\",\"text\":\"Yes?\"}",
        ] {
            let parts = read(json).expect("a chat log");
            let [part] = parts.as_slice() else { panic!("one chat in {json}") };
            assert_eq!(
                (part.name.as_str(), texts(part)),
                ("7", vec!["Customer: Hi", "Agent: Yes?"]),
                "{json}"
            );
        }
    }

    #[test]
    fn unknown_speakers_are_numbered_not_named() {
        let parts = read(
            r#"{"messages":[{"speaker":"Ann","text":"Hi"},{"speaker":"Bob","text":"Yes?"},{"speaker":"Ann","text":"Bye"}]}"#,
        )
        .expect("a chat log");
        assert_eq!(texts(&parts[0]), ["Speaker 1: Hi", "Speaker 2: Yes?", "Speaker 1: Bye"]);
    }

    #[test]
    fn messages_in_turn_are_grouped_by_conversation() {
        let line =
            |id: u8, text: &str| format!(r#"{{"chat_id":{id},"sender":"visitor","message":"{text}"}}"#);
        let parts = read(&[line(1, "a"), line(2, "b"), line(1, "c")].join("\n")).expect("a chat log");
        assert_eq!(parts.iter().map(|part| part.blocks.len()).collect::<Vec<_>>(), [2, 1]);
    }
}
