//! `citedesk generations diff`: what one night has changed.

use std::collections::HashSet;
use std::sync::Arc;

use corpus::conflict::ConflictKind;
use corpus::{Digest, DocumentId};
use retriever::{Contradiction, Diff, DocumentEntry, GenerationId, Retriever, Snapshot, Store};
use serde::Serialize;

use crate::config::Settings;
use crate::engine::Models;
use crate::failure::Failure;
use crate::output::{Output, width, wrapped};
use crate::records;

/// Lines of a list before the rest is counted.
const NAMED: usize = 20;

/// How to compare.
#[derive(Clone, Copy)]
pub(super) struct Options {
    /// Chunks that are searched for contradictions.
    pub(super) contradictions: usize,
    pub(super) all: bool,
}

/// A past answer that rests on what is no more.
#[derive(Serialize)]
struct Outdated {
    record: String,
    question: String,
    documents: Vec<DocumentId>,
}

#[derive(Serialize)]
struct Told<'a> {
    from: &'a GenerationId,
    to: &'a GenerationId,
    diff: &'a Diff,
    contradictions: &'a [Contradiction],
    /// Whether all new and changed documents were looked through.
    whole: bool,
    outdated_answers: &'a [Outdated],
}

pub(super) fn run(
    settings: &Settings,
    store: &Store,
    from: &GenerationId,
    to: &GenerationId,
    options: Options,
    output: Output,
) -> Result<(), Failure> {
    let (before, after) = (store.snapshot(from)?, store.snapshot(to)?);
    let diff = Diff::between(&before, &after)?;
    let (contradictions, whole) = if options.contradictions == 0 || diff.fresh().next().is_none() {
        (Vec::new(), true)
    } else {
        let models = Models::load(settings, output)?;
        let retriever = Retriever::open_generation(store, to, Arc::clone(&models.embedder))?;
        retriever.contradictions(diff.fresh(), options.contradictions)?
    };
    let outdated = outdated(settings, &before, &after)?;
    let told =
        Told { from, to, diff: &diff, contradictions: &contradictions, whole, outdated_answers: &outdated };
    if output.json { output.event("diff", &told) } else { print(&told, options, output) }
}

/// The past answers that cite what a document of `before` said and one of `after` does not say any more.
fn outdated(settings: &Settings, before: &Snapshot, after: &Snapshot) -> Result<Vec<Outdated>, Failure> {
    let versions = |snapshot: &Snapshot| -> Result<HashSet<(DocumentId, Digest)>, Failure> {
        let entries = snapshot.entries()?.iter();
        Ok(entries.map(|entry| (entry.id.clone(), entry.digest.clone())).collect())
    };
    let (old, now) = (versions(before)?, versions(after)?);
    let mut outdated = Vec::new();
    records::each(&settings.records, |record| {
        let citations = record.answer.sentences.iter().flat_map(|sentence| &sentence.citations);
        let mut documents: Vec<DocumentId> = citations
            .map(|citation| (citation.document.clone(), citation.digest.clone()))
            .filter(|version| old.contains(version) && !now.contains(version))
            .map(|(document, _)| document)
            .collect();
        documents.sort();
        documents.dedup();
        if !documents.is_empty() {
            outdated.push(Outdated { record: record.id, question: record.answer.question, documents });
        }
    })?;
    Ok(outdated)
}

fn print(told: &Told<'_>, options: Options, output: Output) -> Result<(), Failure> {
    let Told { from, to, diff, contradictions, whole, outdated_answers } = told;
    output.line(format!("{from} → {to}"))?;
    if diff.is_empty() {
        output.line(format!("no difference in {} documents", diff.unchanged))?;
    }
    let most = if options.all { usize::MAX } else { NAMED };
    for (what, entries) in [
        ("added", &diff.added),
        ("changed", &diff.changed),
        ("moved", &diff.moved),
        ("removed", &diff.removed),
    ] {
        list(what, entries, most, output)?;
    }
    if !contradictions.is_empty() {
        output.line(output.bold(&format!("{} contradictions", contradictions.len())))?;
    }
    for one in contradictions.iter().take(most) {
        let kind = match one.kind {
            ConflictKind::Number => "another number",
            ConflictKind::Negation => "the opposite",
        };
        output.line(format!("  {} and {} ({kind}):", one.document, one.other))?;
        output.line(wrapped(&one.says, "    – ", width()))?;
        output.line(wrapped(&one.other_says, "    – ", width()))?;
    }
    more(contradictions.len(), most, output)?;
    if !whole {
        output.line(output.dim(&format!(
            "only {} chunks were searched for contradictions; --contradictions N searches more",
            options.contradictions
        )))?;
    }
    if !outdated_answers.is_empty() {
        output
            .line(output.bold(&format!("{} past answers cite what has changed", outdated_answers.len())))?;
    }
    for answer in outdated_answers.iter().take(most) {
        output.line(format!("  {}  {}", answer.record, answer.question))?;
    }
    more(outdated_answers.len(), most, output)
}

fn list(what: &str, entries: &[DocumentEntry], most: usize, output: Output) -> Result<(), Failure> {
    if entries.is_empty() {
        return Ok(());
    }
    output.line(output.bold(&format!("{} {what}", entries.len())))?;
    for entry in entries.iter().take(most) {
        output.line(format!("  {}  {}", entry.id, output.dim(&entry.title)))?;
    }
    more(entries.len(), most, output)
}

fn more(count: usize, most: usize, output: Output) -> Result<(), Failure> {
    if count > most { output.line(format!("  and {} more; --all names them", count - most)) } else { Ok(()) }
}
