//! `citedesk forget`: erases documents from everything that is kept, and proves it.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use corpus::{DocumentId, DocumentRecord, RunRecord};
use retriever::{Embedder, Query, Retriever, Store};
use serde::Serialize;

use crate::cli::Forget;
use crate::config::Settings;
use crate::engine::{self, Models};
use crate::failure::{Exit, Failure};
use crate::kept::Kept;
use crate::output::Output;
use crate::records;

/// Documents that are named before the rest is counted.
const NAMED: usize = 20;

/// What is to go.
struct Doomed<'a> {
    args: &'a Forget,
    /// The ways in which the subject is written: as given, and by its pseudonym where that is the same everywhere.
    subject: Vec<String>,
    /// Documents of any generation, with their titles.
    documents: BTreeMap<DocumentId, String>,
}

/// What was erased.
#[derive(Serialize)]
struct Told {
    generation: String,
    documents: Vec<DocumentId>,
    records: usize,
    /// Places where something is left.
    left: Vec<String>,
}

pub(crate) fn run(settings: &Settings, args: &Forget, output: Output) -> Result<Exit, Failure> {
    let store = settings.store()?;
    if store.current()?.is_none() {
        return Err(engine::no_index(settings));
    }
    let doomed = Doomed::find(settings, &store, args)?;
    let count = records::count(&settings.records, |record| doomed.concerns(record))?;
    if doomed.documents.is_empty() && count == 0 {
        return Err(Failure::new(Exit::Error, "nothing in the index or in the records is about it")
            .hint("`citedesk search` finds documents; --document takes the id that it shows with --json"));
    }
    if !args.yes {
        output.line(format!(
            "{} document(s) and {count} record(s) would be erased, with every generation but the new one:",
            doomed.documents.len()
        ))?;
        for (id, title) in doomed.documents.iter().take(NAMED) {
            output.line(format!("  {id}  {}", output.dim(title)))?;
        }
        if doomed.documents.len() > NAMED {
            output.line(format!("  and {} more", doomed.documents.len() - NAMED))?;
        }
        output.line("Nothing was changed; add --yes to erase.")?;
        return Ok(Exit::Ok);
    }
    erase(settings, &store, &doomed, output)
}

fn erase(settings: &Settings, store: &Store, doomed: &Doomed<'_>, output: Output) -> Result<Exit, Failure> {
    let models = Models::load(settings, output)?;
    // First, so that whatever happens next, no run brings them back.
    if doomed.args.source.is_none() {
        let failed = |error: std::io::Error| Failure::of(Exit::Error, &error);
        let mut forgotten = ::ingest::Forgotten::open(store.root()).map_err(failed)?;
        forgotten.add(store.root(), doomed.documents.keys()).map_err(failed)?;
    }
    let ids: HashSet<DocumentId> = doomed.documents.keys().cloned().collect();
    let erased = store.erase(models.embedder.as_ref(), &ids)?;
    let mut gone = HashSet::new();
    records::each(&settings.records, |record| {
        if doomed.concerns(&record) {
            gone.insert(record.id);
        }
    })?;
    let kept = Kept::beside(&settings.records);
    kept.erase(&gone, |line| doomed.is_named(line))?;
    let records = records::erase(&settings.records, |record| doomed.concerns(record))?;
    let mut left: Vec<String> =
        erased.in_use.iter().map(|id| format!("generation {id}, which somebody reads")).collect();
    left.extend(doomed.still_found(store, Arc::clone(&models.embedder))?);
    for subject in &doomed.subject {
        let more = [settings.index.clone(), settings.records.clone(), kept.notes()];
        let files = kept.files().into_iter().chain(more);
        left.extend(files.flat_map(|path| holding(&path, subject)).map(|path| path.display().to_string()));
    }
    let told = Told {
        generation: erased.generation.id.to_string(),
        documents: ids.into_iter().collect(),
        records,
        left,
    };
    tell(&told, doomed, output)?;
    Ok(if told.left.is_empty() { Exit::Ok } else { Exit::Error })
}

fn tell(told: &Told, doomed: &Doomed<'_>, output: Output) -> Result<(), Failure> {
    if output.json {
        return output.event("forgotten", told);
    }
    output.line(format!(
        "erased {} document(s) and {} record(s); generation {} is the only one",
        told.documents.len(),
        told.records,
        told.generation
    ))?;
    for place in &told.left {
        output.line(output.bad(&format!("  left in {place}")))?;
    }
    if told.left.is_empty() {
        output.line(output.good("searched again: nothing of it is found"))?;
    } else {
        output.line("close what reads the index and run it again")?;
    }
    output.line(match &doomed.args.source {
        Some(name) => {
            format!("take source {name:?} out of the configuration, or the next run reads it again")
        }
        None => {
            "the sources still hold it: delete it there too; until then it is left out of every run".into()
        }
    })
}

impl<'a> Doomed<'a> {
    /// Looks through all generations that are kept.
    fn find(settings: &Settings, store: &Store, args: &'a Forget) -> Result<Self, Failure> {
        let mut subject: Vec<String> = args.subject.as_deref().map(normal).into_iter().collect();
        if subject.iter().any(|subject| subject.chars().count() < 4) {
            return Err(Failure::new(Exit::Usage, "the subject is too short to be looked for")
                .hint("give a full name, an address or a number"));
        }
        if let (Some(given), true) = (&args.subject, settings.config.pseudonyms.key_file.is_some()) {
            let masked = engine::screener(settings)?.mask(given);
            subject.extend(masked.findings.iter().map(|finding| normal(&finding.replacement)));
        }
        let mut doomed = Self { args, subject, documents: BTreeMap::new() };
        for generation in store.generations()? {
            let snapshot = store.snapshot(&generation.id)?;
            for document in snapshot.documents()? {
                let document = document?;
                if doomed.is_about(&document) {
                    doomed.documents.insert(document.id, document.title);
                }
            }
        }
        Ok(doomed)
    }

    fn is_about(&self, document: &DocumentRecord) -> bool {
        let Forget { source, document: id, .. } = self.args;
        source.as_ref().is_some_and(|name| *name == document.source)
            || id.as_ref().is_some_and(|id| *id == document.id.0)
            || {
                let about = document.metadata.values();
                let texts = [&document.text, &document.title, &document.location, &document.id.0];
                texts.into_iter().chain(about).any(|text| self.is_named(text))
            }
    }

    fn is_named(&self, text: &str) -> bool {
        !self.subject.is_empty() && {
            let text = normal(text);
            self.subject.iter().any(|subject| text.contains(subject.as_str()))
        }
    }

    /// Whether a record shows or cites what is to go.
    fn concerns(&self, record: &RunRecord) -> bool {
        let answer = &record.answer;
        answer.passages.iter().any(|passage| self.documents.contains_key(&passage.chunk.document)) || {
            let said = answer.sentences.iter().map(|sentence| &sentence.text);
            said.chain([&answer.question]).any(|text| self.is_named(text))
        }
    }

    /// Searches for what is gone as a reader would.
    fn still_found(&self, store: &Store, embedder: Arc<dyn Embedder>) -> Result<Vec<String>, Failure> {
        let retriever = Retriever::open(store, embedder)?;
        let mut left = Vec::new();
        for (id, title) in &self.documents {
            let found = retriever.search(&Query::new(title.clone(), 20))?;
            if retriever.document(id)?.is_some() || found.iter().any(|passage| passage.chunk.document == *id)
            {
                left.push(format!("the search for {title:?}"));
            }
        }
        Ok(left)
    }
}

/// Lower case, white space made single.
fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The files at or below `path` that hold `needle`, in lower or upper case.
fn holding(path: &Path, needle: &str) -> Vec<PathBuf> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        return entries.flat_map(|entry| holding(&entry.path(), needle)).collect();
    }
    let found = File::open(path).is_ok_and(|file| holds(file, needle.as_bytes()));
    if found { vec![path.to_owned()] } else { Vec::new() }
}

/// Whether a stream holds `needle`, which is in lower case.
fn holds(mut stream: impl std::io::Read, needle: &[u8]) -> bool {
    const PIECE: u64 = 1 << 20;
    let mut window = Vec::new();
    loop {
        let read = stream.by_ref().take(PIECE).read_to_end(&mut window).unwrap_or(0);
        window.make_ascii_lowercase();
        if memchr::memmem::find(&window, needle).is_some() {
            return true;
        }
        if read == 0 {
            return false;
        }
        // What may be the beginning of it stays.
        window.drain(..window.len().saturating_sub(needle.len() - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needle_is_found_across_pieces() {
        let mut bytes = vec![b'x'; (1 << 20) - 3];
        bytes.extend(b"Jane Doe and more");
        assert!(holds(bytes.as_slice(), b"jane doe"));
        assert!(!holds(bytes.as_slice(), b"jane dot"));
        assert!(!holds([].as_slice(), b"jane"));
    }
}
