//! What lies over the conversation for a while and takes the keys.

use ratatui_textarea::TextArea;

use super::picker::Picker;

/// What lies over the conversation.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a session has one")]
pub enum Overlay {
    /// The list of keys, scrolled so many rows.
    Help(usize),
    /// A list to choose from.
    Picker(Picker),
    /// A line to fill in.
    Prompt(Prompt),
    /// Two passages side by side.
    Compare(Compare),
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Why an answer is good or bad.
    Reason {
        /// Whether it is good.
        good: bool,
    },
    /// What an answer should be.
    Correction,
    /// What to look for in the source.
    Find,
    /// What to add when a question is handed over.
    Remark,
}

impl Purpose {
    /// What is asked for.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Reason { good: true } => "Why is it good? Enter alone keeps the rating",
            Self::Reason { good: false } => "What is wrong? Enter alone keeps the rating",
            Self::Correction => "What should the answer be?",
            Self::Find => "Search in the source",
            Self::Remark => "Hand over with a remark? Enter alone hands over without",
        }
    }
}

/// A line to fill in.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// The answer that it is about, as a place in the conversation.
    pub exchange: usize,
    /// What was typed so far.
    pub text: TextArea<'static>,
}

impl Prompt {
    pub(super) fn new(purpose: Purpose, exchange: usize, text: &str) -> Self {
        let mut area = TextArea::default();
        area.insert_str(text);
        Self { purpose, exchange, text: area }
    }

    pub(super) fn typed(&self) -> String {
        self.text.lines().join(" ").trim().to_owned()
    }
}

/// Two passages side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compare {
    /// The answer whose passages they are, as a place in the conversation.
    pub exchange: usize,
    /// Their numbers, from 1.
    pub numbers: [usize; 2],
    /// Rows that both are scrolled.
    pub scroll: usize,
}
