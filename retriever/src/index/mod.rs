//! The index of one generation: what a search engine has to do for us.

pub(crate) mod edge;
pub(crate) mod server;

use corpus::{Chunk, ChunkId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
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
/// Payload key of when its document was last changed, in seconds since 1970; not there where that is not known.
const MODIFIED: &str = "modified";

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

/// Points looked at in the graph for one search. With a filter two steps are looked at, so fewer points are enough.
const fn beam(filtered: bool) -> usize {
    if filtered { 128 } else { 256 }
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

/// The payload of a chunk.
fn payload(chunk: &Chunk) -> Result<serde_json::Value, serde_json::Error> {
    let mut payload = serde_json::json!({ CHUNK: serde_json::to_value(chunk)?, TAGS: tags(chunk) });
    if let Some(modified) = chunk.modified {
        payload[MODIFIED] = modified.as_second().into();
    }
    Ok(payload)
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

/// What a passage needs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Of each inner list at least one tag.
    pub(crate) tags: Vec<Vec<String>>,
    /// Last changed then or later, in seconds since 1970.
    pub(crate) since: Option<i64>,
    /// Last changed before then.
    pub(crate) until: Option<i64>,
}

impl Wanted {
    /// Whether every passage will do.
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What filters ask for; an error where one asks for a day that is none.
    pub(crate) fn by(filters: &[Filter]) -> Result<Self, Error> {
        let mut wanted = Self::default();
        let mut fields: Vec<(&str, Vec<String>)> = Vec::new();
        for filter @ Filter { field, value } in filters {
            // What people write for short.
            let field = if field == "lang" { "language" } else { field.as_str() };
            let tag = match field.strip_prefix("metadata.") {
                _ if field == "after" => {
                    wanted.since = wanted.since.max(Some(second(filter)?));
                    continue;
                }
                _ if field == "before" => {
                    let until = second(filter)?;
                    wanted.until = Some(wanted.until.map_or(until, |other| other.min(until)));
                    continue;
                }
                Some(key) => metadata_tag(key, value),
                None if FIELDS.contains(&field) => tag(field, value),
                None => metadata_tag(field, value),
            };
            match fields.iter_mut().find(|(known, _)| *known == field) {
                Some((_, tags)) => tags.push(tag),
                None => fields.push((field, vec![tag])),
            }
        }
        wanted.tags = fields.into_iter().map(|(_, tags)| tags).collect();
        Ok(wanted)
    }
}

/// The first second of a day, month or year in UTC, or a point in time: `2026-11-24`, `2026-11`, `2026`,
/// `2026-11-24T08:00:00Z`.
fn second(filter: &Filter) -> Result<i64, Error> {
    let value = filter.value.trim();
    let whole = match value.len() {
        4 => format!("{value}-01-01"),
        7 => format!("{value}-01"),
        _ => value.to_owned(),
    };
    let day = || TimeZone::UTC.to_timestamp(whole.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok();
    let point = whole.parse::<Timestamp>().ok().or_else(day);
    point
        .map(Timestamp::as_second)
        .ok_or_else(|| Error::Date { field: filter.field.clone(), value: filter.value.clone() })
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

    fn wanted(filters: &[Filter]) -> Vec<Vec<String>> {
        Wanted::by(filters).unwrap().tags
    }

    #[test]
    fn days_months_and_years_begin_with_their_first_second() {
        let since = |value: &str| Wanted::by(&[filter("after", value)]).map(|wanted| wanted.since);
        for value in ["2026-01-01", "2026-01", "2026", " 2026-01-01T00:00:00Z ", "2026-01-01T01:00:00+01:00"]
        {
            assert_eq!(since(value).unwrap(), Some(1_767_225_600), "{value}");
        }
        for value in ["", "yesterday", "2026-13", "2026-02-30", "26", "01/02/2026", "2026-01-01T25:00:00Z"] {
            assert!(matches!(since(value), Err(Error::Date { .. })), "{value}");
        }
    }

    #[test]
    fn all_times_must_hold() {
        let given = ["2026-03", "2026-01", "2026-02"];
        let filters: Vec<_> =
            given.iter().flat_map(|value| [filter("after", value), filter("before", value)]).collect();
        let wanted = Wanted::by(&filters).unwrap();
        assert_eq!((wanted.since, wanted.until), (Some(1_772_323_200), Some(1_767_225_600)));
        assert!(wanted.tags.is_empty());
        assert_eq!(
            Wanted::by(&[filter("metadata.after", "x")]).unwrap().tags,
            [["metadata.after=x".to_owned()]]
        );
    }

    fn filter(field: &str, value: &str) -> Filter {
        Filter { field: field.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn values_of_one_field_are_alternatives() {
        let given = [filter("source", "faq"), filter("product", "X=1"), filter("source", "mail")];
        assert_eq!(
            wanted(&given),
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
