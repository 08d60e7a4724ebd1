//! Articles and tickets as the files that extraction reads.

use corpus::Digest;
use serde_json::{Value, json};

/// Changes when the same article or ticket is rendered in another way.
const FORM: u32 = 1;

/// An article of a help center.
#[derive(Clone, Debug, Default)]
pub(super) struct Article {
    pub(super) id: String,
    /// Changes with it.
    pub(super) version: String,
    /// Section that it is in.
    pub(super) group: Option<String>,
    pub(super) title: String,
    /// Where people read it.
    pub(super) url: Option<String>,
    /// HTML; `None` where the list does not show it.
    pub(super) body: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) tags: Vec<String>,
}

/// What a section says of its articles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) category: Option<String>,
    pub(super) section: Option<String>,
}

/// A ticket that is done.
#[derive(Clone, Debug, Default)]
pub(super) struct Ticket {
    pub(super) id: String,
    /// Where the staff reads it.
    pub(super) url: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) description: Option<String>,
    pub(super) status: &'static str,
    pub(super) priority: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) created: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) replies: Vec<Reply>,
}

/// One public message of a ticket.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) by_customer: bool,
    pub(super) text: String,
}

/// The first 96 bits of a text's digest.
pub(super) fn hash(text: &str) -> String {
    let mut digest = Digest::of(text.as_bytes()).0;
    digest.truncate(24);
    digest
}

/// Stands for a version of an article or ticket, the names of its section included.
pub(super) fn stamp(version: &str, group: Option<&Group>) -> String {
    hash(&format!("{FORM}\n{version}\n{group:?}"))
}

impl Article {
    /// A page that says what the article says.
    pub(super) fn html(&self, body: &str, group: Option<&Group>) -> Vec<u8> {
        let group = group.cloned().unwrap_or_default();
        let tags: Vec<String> = group.section.into_iter().chain(self.tags.iter().cloned()).collect();
        let properties = [
            ("article:modified_time", self.updated.clone()),
            ("category", group.category),
            ("tags", Some(tags.join(", "))),
        ];
        let mut head = String::new();
        for (name, value) in properties {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                head.push_str(&format!("<meta name=\"{name}\" content=\"{}\">\n", escape(&value)));
            }
        }
        if let Some(url) = &self.url {
            head.push_str(&format!("<link rel=\"canonical\" href=\"{}\">\n", escape(url)));
        }
        let lang = self.locale.as_deref().map_or(String::new(), |lang| format!(" lang=\"{}\"", escape(lang)));
        let title = escape(&self.title);
        format!(
            "<!DOCTYPE html>\n<html{lang}>\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n{head}</head>\n\
             <body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
        )
        .into_bytes()
    }
}

impl Ticket {
    /// The ticket with these messages: what the customer said first is what it is about.
    pub(super) fn saying(mut self, mut messages: Vec<Reply>) -> Self {
        let asked = messages.first().is_some_and(|first| first.by_customer);
        self.description = asked.then(|| messages.remove(0).text);
        self.replies = messages;
        self
    }

    /// A ticket export of one.
    pub(super) fn json(&self) -> Vec<u8> {
        let reply = |reply: &Reply| json!({ "incoming": reply.by_customer, "body": reply.text });
        let mut record = json!({
            "ticket_id": self.id,
            "status": self.status,
            "comments": self.replies.iter().map(reply).collect::<Vec<_>>(),
        });
        let texts = [
            ("subject", &self.subject),
            ("description", &self.description),
            ("priority", &self.priority),
            ("created_at", &self.created),
            ("updated_at", &self.updated),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                record[name] = Value::from(text.as_str());
            }
        }
        if !self.tags.is_empty() {
            record["tags"] = Value::from(self.tags.clone());
        }
        json!([record]).to_string().into_bytes()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
