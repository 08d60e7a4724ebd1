//! Generations: immutable published states of the index.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use corpus::{Digest, DocumentId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Format of the files of a generation that this build writes and reads.
pub const FORMAT: u32 = 2;

/// Identity of a generation: its number and the time of its making, `000012-20261123T165100Z`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GenerationId(pub String);

impl GenerationId {
    /// The identity of the `sequence`-th generation, made at `created`.
    pub(crate) fn new(sequence: u64, created: Timestamp) -> Self {
        Self(format!("{sequence:06}-{}", created.strftime("%Y%m%dT%H%M%SZ")))
    }

    /// Those of `names` that are identities of ours, oldest first.
    pub(crate) fn sorted<'n>(names: impl Iterator<Item = &'n str>) -> Vec<Self> {
        let mut ids: Vec<_> = names.map(|name| Self(name.to_owned())).collect();
        ids.retain(|id| id.sequence().is_some());
        ids.sort_by(|one, other| one.sequence().cmp(&other.sequence()).then_with(|| one.cmp(other)));
        ids
    }

    /// The number in front, or `None` where this is not an identity of ours.
    pub fn sequence(&self) -> Option<u64> {
        let (sequence, time) = self.0.split_once('-')?;
        let plain = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (sequence.len() >= 6 && plain && sequence.bytes().all(|byte| byte.is_ascii_digit())).then_some(())?;
        sequence.parse().ok()
    }
}

impl fmt::Display for GenerationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a published state of the index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// Format of the files; see [`FORMAT`].
    pub format: u32,
    /// Identity.
    pub id: GenerationId,
    /// The generation that was current when this one was begun.
    pub parent: Option<GenerationId>,
    /// When it was built.
    pub created: Timestamp,
    /// Number of documents.
    pub documents: usize,
    /// Number of chunks.
    pub chunks: usize,
    /// Fingerprint of the embedding model.
    pub embedder: String,
    /// Numbers in a dense vector.
    pub dimension: usize,
    /// Version of the steps from bytes to chunks, as told by [`super::Builder::set_pipeline`].
    pub pipeline: String,
    /// Version of the sparse vectors; see [`crate::sparse::ANALYZER`].
    pub analyzer: u32,
    /// Mean number of terms in a chunk.
    pub average_length: f32,
    /// Number of chunks in each language, by ISO 639-1 code; unknown ones are left out.
    pub languages: BTreeMap<String, usize>,
}

impl Generation {
    /// Itself, where it is that of `id` in a format that this build reads; it was read from `place`.
    pub(crate) fn described_at(self, id: &GenerationId, place: &Path) -> Result<Self, Error> {
        if self.format != FORMAT {
            return Err(Error::ForeignFormat { id: id.clone(), found: self.format, expected: FORMAT });
        }
        if self.id != *id {
            return Err(Error::damaged(place, format!("it speaks of generation {}", self.id)));
        }
        Ok(self)
    }
}

/// A document of a generation, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentEntry {
    /// Identity.
    pub id: DocumentId,
    /// SHA-256 of the screened text.
    pub digest: Digest,
    /// Name of the source.
    pub source: String,
    /// Where a person finds the item that it was made from.
    pub location: String,
    /// Version of the item that it was made from, as given to [`super::Builder::add`].
    pub source_version: String,
    /// Title.
    pub title: String,
    /// Number of chunks.
    pub chunks: usize,
}
