//! Answers: sentences with citations and verdicts, or a refusal.

use serde::{Deserialize, Serialize};

use crate::document::{Digest, DocumentId};
use crate::passage::Passage;
use crate::record::Timings;
use crate::span::Span;

/// What is said in reply to a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The question as screened.
    pub question: String,
    /// Answered, partly answered or refused.
    pub outcome: Outcome,
    /// What is said. Empty in a refusal. Every sentence here is supported.
    pub sentences: Vec<AnswerSentence>,
    /// The passages shown to the generator; citation `n` is `passages[n - 1]`.
    pub passages: Vec<Passage>,
    /// Calibrated probability that the passages answer the question, 0 to 1.
    pub confidence: f32,
    /// What whoever asked should know of how it was made, such as that it was not made as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the time went.
    pub timings: Timings,
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every sentence is supported.
    Answered,
    /// Something that was asked or written could not be supported and is left out.
    Partial,
    /// Nothing is said.
    Refused(Refusal),
}

/// Why nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Nothing in the knowledge base is near the question.
    NothingFound,
    /// Passages were found, but they do not answer the question well enough.
    TooLittleEvidence,
    /// An answer was written, but no sentence of it could be supported.
    NothingSupported,
}

impl Refusal {
    /// One sentence for people.
    pub const fn explain(self) -> &'static str {
        match self {
            Self::NothingFound => "Nothing in the knowledge base is close to this question.",
            Self::TooLittleEvidence => {
                "The nearest passages do not answer this question well enough to say so."
            }
            Self::NothingSupported => "No statement about this could be supported by the passages found.",
        }
    }
}

/// One sentence of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerSentence {
    /// The sentence, without citation markers.
    pub text: String,
    /// What it rests on; never empty in an [`Answer`].
    pub citations: Vec<Citation>,
    /// What the checker found.
    pub verdict: Verdict,
}

/// A pointer from a sentence to the bytes that support it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// Number of the passage in [`Answer::passages`], from 1.
    pub number: usize,
    /// The document.
    pub document: DocumentId,
    /// SHA-256 of the version of the document that was cited.
    pub digest: Digest,
    /// The supporting bytes in the document's text.
    pub span: Span,
    /// Page, counted from 1, in formats that have pages.
    pub page: Option<u32>,
    /// Headings above, outermost first.
    pub headings: Vec<String>,
}

/// What the checker says of a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether the cited passages support the sentence.
    pub supported: bool,
    /// Calibrated probability of support, 0 to 1.
    pub score: f32,
    /// Whether the sentence is a passage's own words, byte for byte.
    pub quoted: bool,
    /// What is wrong, where it is not supported.
    pub problem: Option<String>,
}

/// What happens while an answer is made, in this order:
/// `Passages` once, `Token` and `Sentence` any number of times, `Done` once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AnswerEvent {
    /// The passages that were found.
    Passages {
        /// In ranking order.
        passages: Vec<Passage>,
    },
    /// A piece of unverified text, to show that work goes on; never part of the answer by itself.
    Token {
        /// The piece.
        text: String,
    },
    /// A sentence that was checked.
    Sentence {
        /// The sentence with its verdict. Unsupported ones are announced but do not enter the answer.
        sentence: AnswerSentence,
    },
    /// The whole answer.
    Done {
        /// The answer.
        answer: Box<Answer>,
    },
}
