//! Mail: single messages and mailboxes, a document for each thread.
//!
//! Each message is told once, oldest first, without what it quotes and without signatures. Senders are told by their
//! role: their names help nobody who looks for an answer.

mod letter;
mod mailbox;
mod reply;
mod roles;
mod thread;

use corpus::{Block, BlockKind};

use super::fields::Fields;
use super::text::charset;
use super::{Draft, ExtractError, Limits};
use letter::Letter;
use roles::Roles;

/// The document of a file that holds one message.
pub(super) fn read_message(bytes: &[u8], limits: &Limits) -> Result<Draft, ExtractError> {
    let wide = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    // Some programs save messages as UTF-16, which no mail is.
    let text = if wide { charset::decode(bytes) } else { None };
    let bytes = text.as_deref().map_or(bytes, str::as_bytes);
    let letter = Letter::read(bytes, limits)?.ok_or_else(|| ExtractError::malformed("not a mail message"))?;
    Ok(document(&[letter]))
}

/// The threads of a mailbox, each named by the message that began it.
pub(super) fn read_mailbox(bytes: &[u8], limits: &Limits) -> Result<Vec<Draft>, ExtractError> {
    let mut letters = Vec::new();
    let mut broken = 0_usize;
    for message in mailbox::split(bytes) {
        match Letter::read(&message, limits)? {
            Some(letter) => letters.push(letter),
            None => broken += 1,
        }
        if letters.len() > limits.items {
            return Err(ExtractError::too_large("messages", limits.items));
        }
    }
    if letters.is_empty() && broken > 0 {
        return Err(ExtractError::malformed("no message in it can be read"));
    }
    let threads = thread::threads(letters);
    Ok(threads.into_iter().map(|(name, letters)| Draft { name: Some(name), ..document(&letters) }).collect())
}

/// A document of messages, oldest first.
fn document(letters: &[Letter]) -> Draft {
    let roles = Roles::of(letters);
    let mut fields = Fields::default();
    if let Some(subject) = letters.iter().find_map(|letter| letter.subject.as_deref()) {
        fields.set("subject", thread::topic(subject));
    }
    fields.modified = letters.iter().filter_map(|letter| letter.date).max();
    let blocks = letters.iter().filter_map(|letter| message(letter, roles.name(letter))).collect();
    Draft { fields, blocks, ..Draft::default() }
}

fn message(letter: &Letter, sender: String) -> Option<Block> {
    let mut text = sender;
    if let Some(date) = letter.date {
        text.push_str(&date.strftime(" (%Y-%m-%d)").to_string());
    }
    text.push_str(": ");
    if letter.text.is_empty() && letter.attachments.is_empty() {
        return None;
    }
    text.push_str(&letter.text);
    if !letter.attachments.is_empty() {
        if !letter.text.is_empty() {
            text.push('\n');
        }
        text.push_str("Attachments: ");
        text.push_str(&letter.attachments.join(", "));
    }
    Some(Block::new(BlockKind::Message, text))
}

#[cfg(test)]
mod tests;
