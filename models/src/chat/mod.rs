//! Conversations in a model's own chat format.

mod marked;
mod template;
#[cfg(test)]
mod tests;

pub(crate) use marked::Marked;
pub(crate) use template::Template;

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Instructions.
    System,
    /// The person who asks.
    User,
    /// The model.
    Assistant,
}

/// One contribution to a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said: text in which nothing has a special meaning.
    pub content: String,
}

impl Message {
    /// A message of `role`.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}
