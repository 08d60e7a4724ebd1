//! The index of one generation: what a search engine has to do for us.

pub(crate) mod edge;
pub(crate) mod server;

use corpus::{Chunk, ChunkId};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::search::Filter;
use crate::sparse::Sparse;

/// Name of the embedding among a point's vectors.
const DENSE: &str = "dense";
/// Name of the sparse vector among a point's vectors.
const TERMS: &str = "terms";
/// Payload key of the chunk.
const CHUNK: &str = "chunk";
/// Payload key of what the chunk is filtered by.
const TAGS: &str = "tags";

/// How the vectors that are searched are made smaller than those that are kept. What is found with small vectors is scored
/// again with the full ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quantization {
    /// Not at all: four bytes for a number.
    #[default]
    None,
    /// One byte for a number.
    Int8,
    /// One bit for a number; for vectors of 1024 numbers and more.
    Binary,
}

/// How many times more points than wanted are found with small vectors and scored again.
const OVERSAMPLING: f64 = 2.0;

/// A chunk as it is stored in an index.
pub(crate) struct Point {
    /// The chunk itself; its id is the point's id.
    pub(crate) chunk: Chunk,
    /// Embedding of its context.
    pub(crate) dense: Vec<f32>,
    /// Terms of its context.
    pub(crate) sparse: Sparse,
}

/// A chunk that was found, and its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hit {
    pub(crate) id: ChunkId,
    pub(crate) score: f32,
}

/// Writes the points of a new index.
pub(crate) trait IndexWriter {
    /// Adds points, whose ids are new.
    fn insert(&mut self, points: Vec<Point>) -> Result<(), Error>;

    /// Builds what makes searching fast, and makes all durable.
    fn finish(self) -> Result<(), Error>;
}

/// Searches an index that no longer changes.
pub(crate) trait Index: Send + Sync {
    /// Number of points.
    fn count(&self) -> Result<usize, Error>;

    /// The points nearest to `vector`, by cosine similarity.
    fn nearest(&self, vector: &[f32], filters: &[Filter], limit: usize) -> Result<Vec<Hit>, Error>;

    /// The points that share terms with `question`, by the sum of weights times inverse document frequencies.
    fn matching(&self, question: &Sparse, filters: &[Filter], limit: usize) -> Result<Vec<Hit>, Error>;

    /// [`Index::nearest`] and [`Index::matching`] at once.
    fn both(
        &self,
        vector: &[f32],
        question: &Sparse,
        filters: &[Filter],
        limit: usize,
    ) -> Result<(Vec<Hit>, Vec<Hit>), Error> {
        Ok((self.nearest(vector, filters, limit)?, self.matching(question, filters, limit)?))
    }

    /// The cosine similarities of `vector` and the points `ids`, in any order.
    fn similarities(&self, vector: &[f32], ids: &[ChunkId]) -> Result<Vec<Hit>, Error>;

    /// The vectors of the chunks `ids`, of unit length, in the same order; unknown ones are left out.
    fn vectors(&self, ids: &[ChunkId]) -> Result<Vec<(ChunkId, Vec<f32>)>, Error>;

    /// The chunks `ids`, in the same order; unknown ones are left out.
    fn chunks(&self, ids: &[ChunkId]) -> Result<Vec<Chunk>, Error>;
}

/// Hits, best first. Engines order equal scores by chance.
fn in_order(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.id.cmp(&other.id)));
    hits
}

/// Fields of a chunk that are not metadata.
const FIELDS: [&str; 4] = ["document", "format", "language", "source"];
/// Most metadata keys of a chunk that can be filtered by; more are only shown.
const MOST_KEYS: usize = 64;
/// Longest value that can be filtered by, in bytes.
const LONGEST_VALUE: usize = 256;

/// What a chunk can be filtered by, as `field=value`.
///
/// One indexed list holds all fields, so metadata of any name can be filtered by, and a document that brings
/// thousands of keys does not make as many payload indexes.
pub(crate) fn tags(chunk: &Chunk) -> Vec<String> {
    let mut tags = vec![
        tag("document", &chunk.document.0),
        tag("format", chunk.format.name()),
        tag("source", &chunk.source),
    ];
    tags.extend(chunk.language.as_deref().map(|language| tag("language", language)));
    let short = |(key, value): &(&String, &String)| key.len() + value.len() <= LONGEST_VALUE;
    tags.extend(
        chunk.metadata.iter().filter(short).take(MOST_KEYS).map(|(key, value)| metadata_tag(key, value)),
    );
    tags
}

/// The tags that a passage needs: of each inner list at least one.
pub(crate) fn wanted(filters: &[Filter]) -> Vec<Vec<String>> {
    let mut fields: Vec<(&str, Vec<String>)> = Vec::new();
    for Filter { field, value } in filters {
        // What people write for short.
        let field = if field == "lang" { "language" } else { field.as_str() };
        let wanted = match field.strip_prefix("metadata.") {
            Some(key) => metadata_tag(key, value),
            None if FIELDS.contains(&field) => tag(field, value),
            None => metadata_tag(field, value),
        };
        match fields.iter_mut().find(|(known, _)| *known == field) {
            Some((_, values)) => values.push(wanted),
            None => fields.push((field, vec![wanted])),
        }
    }
    fields.into_iter().map(|(_, values)| values).collect()
}

fn tag(field: &str, value: &str) -> String {
    format!("{field}={value}")
}

fn metadata_tag(key: &str, value: &str) -> String {
    format!("metadata.{key}={value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(field: &str, value: &str) -> Filter {
        Filter { field: field.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn values_of_one_field_are_alternatives() {
        let wanted = wanted(&[filter("source", "faq"), filter("product", "X=1"), filter("source", "mail")]);
        assert_eq!(
            wanted,
            [
                vec!["source=faq".to_owned(), "source=mail".to_owned()],
                vec!["metadata.product=X=1".to_owned()]
            ]
        );
    }

    #[test]
    fn the_language_has_a_short_name() {
        assert_eq!(wanted(&[filter("lang", "de")]), [["language=de".to_owned()]]);
        assert_eq!(wanted(&[filter("metadata.lang", "de")]), [["metadata.lang=de".to_owned()]]);
    }

    #[test]
    fn metadata_cannot_pose_as_a_field() {
        assert_eq!(wanted(&[filter("metadata.source", "faq")]), [["metadata.source=faq".to_owned()]]);
    }
}
