//! Queries, and the vectors of recent ones.

use std::collections::VecDeque;
use std::sync::Arc;

/// What to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The question.
    pub text: String,
    /// Most passages wanted.
    pub limit: usize,
    /// What every passage has to match.
    pub filters: Vec<Filter>,
    /// What was said before the question.
    pub context: Context,
}

/// The conversation that a question is asked in.
///
/// It counts in the search as far as the question says little by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Earlier turns, newest first.
    pub turns: Vec<Earlier>,
    /// Whether the question's wording points back, as "what about the other one?" does.
    pub leans: bool,
}

/// An earlier turn of a conversation. Empty texts are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// What was asked.
    pub question: String,
    /// What was answered.
    pub answer: String,
}

impl Query {
    /// The best `limit` passages for `text`.
    pub fn new(text: impl Into<String>, limit: usize) -> Self {
        Self { text: text.into(), limit, filters: Vec::new(), context: Context::default() }
    }

    /// Whether it names an edition by itself, so that none should be put behind another.
    pub(super) fn asks_for_editions(&self) -> bool {
        self.filters.iter().any(|filter| {
            let field = filter.field.strip_prefix("metadata.").unwrap_or(&filter.field);
            matches!(field, "status" | "version" | "document")
        })
    }
}

/// A condition on a passage: the field has that value.
///
/// Fields: `source`, `language` (or `lang`), `format`, `document`; any other name is a key of the metadata (`metadata.source`
/// where a key has the name of a field). `after` and `before` a day, month or year (UTC) let documents through that were last
/// changed then or later, or before it; all of them must hold, and a document without a date matches neither. Two filters on one field let either value through; filters on different
/// fields must all hold. Values longer than 256 bytes and keys beyond the first 64 of a document match nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Name of the field.
    pub field: String,
    /// Its value.
    pub value: String,
}

impl Filter {
    /// The condition that `field` is `value`.
    pub fn new(field: impl Into<String>, value: impl Into<String>) -> Self {
        Self { field: field.into(), value: value.into() }
    }
}

/// By what candidates are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranking {
    /// Cosine similarity of embeddings.
    Dense,
    /// BM25.
    Sparse,
    /// Both, as [`super::Retriever::search`] has it.
    Fused,
}

/// Vectors of recent questions: going back to a question, or asking it with other filters, embeds nothing.
#[derive(Default)]
pub(super) struct Recent {
    /// Latest last.
    vectors: VecDeque<(String, Arc<[f32]>)>,
}

/// More than a person goes back.
const MOST: usize = 64;

impl Recent {
    pub(super) fn get(&mut self, text: &str) -> Option<Arc<[f32]>> {
        let at = self.vectors.iter().position(|(known, _)| known == text)?;
        let entry = self.vectors.remove(at)?;
        let vector = Arc::clone(&entry.1);
        self.vectors.push_back(entry);
        Some(vector)
    }

    pub(super) fn put(&mut self, text: &str, vector: Arc<[f32]>) {
        if self.vectors.len() == MOST {
            self.vectors.pop_front();
        }
        self.vectors.push_back((text.to_owned(), vector));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recent_is_forgotten_first() {
        let mut recent = Recent::default();
        for number in 0..MOST {
            recent.put(&number.to_string(), vec![number as f32].into());
        }
        assert!(recent.get("0").is_some());
        recent.put("new", vec![1.0].into());
        assert!(recent.get("1").is_none());
        assert_eq!(recent.get("0").as_deref(), Some(&[0.0][..]));
    }
}
