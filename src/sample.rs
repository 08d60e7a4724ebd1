//! The sample knowledge base, carried inside the program so that `demo` works anywhere.

use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

use crate::failure::{Exit, Failure};

#[derive(RustEmbed)]
#[folder = "corpus/documents"]
struct Documents;

/// Questions that the demo asks; the last has no answer in the documents.
pub(crate) const QUESTIONS: &str = include_str!("sample_questions.txt");

/// What the tour proposes to ask: a question, and one that only means something after it.
pub(crate) const TOUR: [&str; 2] = ["How do I reset an Alder?", "And a Granary?"];

/// The demo's questions in order.
pub(crate) fn questions() -> impl Iterator<Item = &'static str> {
    QUESTIONS.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Writes the documents into `folder`, unless they are there already, and returns where.
pub(crate) fn unpack(folder: &Path) -> Result<PathBuf, Failure> {
    let root = folder.join("documents");
    let failed = |path: &Path, error: std::io::Error| {
        Failure::new(Exit::Error, format!("cannot write {path:?}: {error}"))
            .hint("free some space or set CITEDESK_INDEX to a folder that can be written")
    };
    for name in Documents::iter() {
        let Some(file) = Documents::get(&name) else { continue };
        let path = root.join(name.as_ref());
        if std::fs::read(&path).is_ok_and(|bytes| bytes == file.data.as_ref()) {
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
        }
        std::fs::write(&path, &file.data).map_err(|error| failed(&path, error))?;
    }
    Ok(root)
}
