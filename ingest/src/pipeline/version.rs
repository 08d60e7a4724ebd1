//! Versions of items: how a run knows what is unchanged.
//!
//! With every document of the index goes a short line that tells from which bytes of which item it was made, and by
//! which steps. Names of sources and items are hashed in it, as a file name may hold somebody's name.

use std::fmt;

use corpus::Digest;
use serde::{Deserialize, Serialize};

use super::Plan;
use crate::source::SourceSpec;

/// Changes when extraction, screening or chunking changes what they make of the same bytes.
const STEPS: u32 = 8;

/// A source or an item, by the hash of its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Key(String);

impl Key {
    pub(super) fn of(name: &str) -> Self {
        Self(short(name))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first 96 bits of a text's digest.
fn short(text: &str) -> String {
    let mut digest = Digest::of(text.as_bytes()).0;
    digest.truncate(24);
    digest
}

/// Stands for everything that documents and chunks depend on beside the item's bytes and its source.
pub(super) fn pipeline(plan: &Plan, embedder: &str) -> String {
    let options = &plan.options;
    short(&format!(
        "{STEPS}\n{}\n{}\n{}\n{}\n{embedder}",
        env!("CARGO_PKG_VERSION"),
        plan.screening,
        options.chunk.target_tokens,
        options.chunk.max_tokens,
    ))
}

/// The same with what configuration says of the source.
pub(super) fn of_source(pipeline: &str, spec: &SourceSpec) -> String {
    if spec.metadata.is_empty() && spec.columns.is_empty() {
        return pipeline.to_owned();
    }
    short(&format!("{pipeline}\n{:?}\n{:?}", spec.metadata, spec.columns))
}

/// From which bytes of which item a document was made, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) pipeline: String,
    pub(super) source: Key,
    pub(super) item: Key,
    pub(super) digest: Digest,
    /// Whether all documents of the item were let in. An item that is not complete is tried again every time, so
    /// that what is held back is in every report.
    pub(super) complete: bool,
}

impl Version {
    /// Reads what [`fmt::Display`] wrote; `None` for what another program wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let mut next = || parts.next().filter(|part| !part.is_empty()).map(str::to_owned);
        let version = Self {
            pipeline: next()?,
            source: Key(next()?),
            item: Key(next()?),
            digest: Digest(next()?),
            complete: match next()?.as_str() {
                "whole" => true,
                "part" => false,
                _ => return None,
            },
        };
        next().is_none().then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pipeline, source, item, digest, complete } = self;
        let complete = if *complete { "whole" } else { "part" };
        write!(f, "{pipeline}:{}:{}:{digest}:{complete}", source.0, item.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_written() {
        for complete in [true, false] {
            let version = Version {
                pipeline: "p".into(),
                source: Key::of("docs"),
                item: Key::of("docs/a.md"),
                digest: Digest::of(b"x"),
                complete,
            };
            assert_eq!(Version::parse(&version.to_string()), Some(version));
        }
        for text in ["", "a:b:c:d", "a:b:c:d:e", "a:b:c:d:whole:f"] {
            assert_eq!(Version::parse(text), None);
        }
    }

    #[test]
    fn file_names_do_not_show() {
        assert!(!Key::of("docs/anna-kowalska.md").0.contains("anna"));
    }
}
