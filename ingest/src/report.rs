//! What a run did, item by item.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Version of the [`IngestReport`] format that this build writes.
pub const REPORT_VERSION: u32 = 1;

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IngestReport {
    /// Format version; see [`REPORT_VERSION`].
    pub version: u32,
    /// The generation that is current after the run; none where nothing was ever indexed.
    pub generation: Option<String>,
    /// The generation that was current before.
    pub parent: Option<String>,
    /// Whether a new generation was published. Without a change none is.
    pub published: bool,
    /// The generation that was built and not made current, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldBack>,
    /// When the run began.
    #[serde(default)]
    pub at: Option<jiff::Timestamp>,
    /// Share of the documents of the run's sources that left, 0 to 1.
    #[serde(default)]
    pub removed_share: f64,
    /// How many these are.
    #[serde(default)]
    pub removed_documents: usize,
    /// How many of each.
    pub counts: Counts,
    /// Every item, in order of source and location.
    pub items: Vec<ItemReport>,
    /// Where the time went.
    pub stages: Vec<StageReport>,
    /// How many identifiers of each kind were masked in the documents indexed in this run.
    pub masked: BTreeMap<String, usize>,
    /// Duration of the run in seconds.
    pub seconds: f64,
}

/// A generation that was not let through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// Its identity.
    pub generation: String,
    /// What is wrong with it.
    pub reasons: Vec<String>,
}

/// How many items ended in which way, and what they hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Items that were added or replaced.
    pub indexed: usize,
    /// Items taken over as they were.
    pub unchanged: usize,
    /// Items that are in another place than before.
    #[serde(default)]
    pub moved: usize,
    /// Items that are gone from their source and from the index.
    pub removed: usize,
    /// Items that hold nothing to index.
    pub skipped: usize,
    /// Items, or documents of an item, held back because an identifier could not be masked.
    pub quarantined: usize,
    /// Items that could not be read.
    pub failed: usize,
    /// Documents whose text another document in the index has too.
    pub duplicates: usize,
    /// Documents in the index after the run, those of other sources included.
    pub documents: usize,
    /// Documents added or replaced by the run.
    pub new_documents: usize,
    /// Chunks added by the run.
    pub new_chunks: usize,
}

/// How an item ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Added or replaced.
    Indexed,
    /// Taken over from the generation before.
    Unchanged,
    /// The same content in another place; its documents keep their identity.
    Moved,
    /// Gone from its source and from the index.
    Removed,
    /// Nothing to index: not a supported format, or no text.
    Skipped,
    /// Held back: an identifier could not be masked. It is not in the index.
    Quarantined,
    /// Could not be read. What an earlier run indexed of it stays.
    Failed,
}

impl Outcome {
    /// The outcome's name as written in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Indexed => "indexed",
            Self::Unchanged => "unchanged",
            Self::Moved => "moved",
            Self::Removed => "removed",
            Self::Skipped => "skipped",
            Self::Quarantined => "quarantined",
            Self::Failed => "failed",
        }
    }
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemReport {
    /// The item: source name and location, parted by `/`; for one document of many in a file, `#` and its name
    /// follow.
    pub id: String,
    /// Name of the source.
    pub source: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, where it was not simply indexed. Never repeats what was masked or found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A document that has the same text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
    /// Documents of it that are in the index.
    pub documents: usize,
    /// Chunks of those that were added by this run.
    pub chunks: usize,
    /// Time spent on it in milliseconds, waiting left out.
    pub ms: f64,
}

/// What one stage did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageReport {
    /// `list`, `read`, `extract`, `screen`, `chunk`, `embed` or `store`; the work of `store` includes `embed`.
    pub name: String,
    /// Threads that it ran on.
    pub threads: usize,
    /// Items that it finished.
    pub items: u64,
    /// Bytes that went in: of files up to `extract`, of text after it.
    pub bytes: u64,
    /// Time spent working in seconds, all threads together.
    pub busy_s: f64,
    /// Time spent waiting for the stage before, in seconds, all threads together.
    pub starved_s: f64,
    /// Time spent waiting for the stage after, in seconds, all threads together.
    pub blocked_s: f64,
    /// Megabytes (10⁶ bytes) per second of work.
    pub mb_per_s: f64,
    /// Chunks per second of work, in the stages that make or embed chunks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunks_per_s: Option<f64>,
}

impl IngestReport {
    /// Whether something that should be in the index is not.
    pub fn is_partial(&self) -> bool {
        self.counts.failed + self.counts.quarantined > 0
    }

    /// Whether the run changed nothing.
    pub fn is_up_to_date(&self) -> bool {
        !self.published && self.held.is_none()
    }
}

impl Counts {
    /// Counts one line.
    pub(crate) fn add(&mut self, item: &ItemReport) {
        match item.outcome {
            Outcome::Indexed => self.indexed += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Moved => self.moved += 1,
            Outcome::Removed => self.removed += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Quarantined => self.quarantined += 1,
            Outcome::Failed => self.failed += 1,
        }
        self.new_chunks += item.chunks;
    }
}
