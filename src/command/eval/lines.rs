//! Files that are written a line of JSON at a time.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::failure::{Exit, Failure};

/// A file of JSON lines, where one is wanted.
pub(super) struct Lines(Option<File>);

impl Lines {
    /// The file `path`.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        create(path).map(|file| Self(Some(file)))
    }

    /// `name` in `folder`, which is made.
    pub(super) fn within(folder: Option<&Path>, name: &str) -> Result<Self, Failure> {
        let Some(folder) = folder else { return Ok(Self(None)) };
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::new(Exit::Error, format!("cannot write {folder:?}: {error}"))
                .hint("name a folder that can be written with --out")
        })?;
        Self::create(&folder.join(name))
    }

    pub(super) fn write(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        let line = serde_json::to_string(value).map_err(|error| Failure::of(Exit::Error, &error))?;
        // Not buffered: a run takes long, and what it has is worth keeping when it is interrupted.
        Ok(file.write_all(format!("{line}\n").as_bytes())?)
    }
}

/// A file to write, with the remedy where it cannot be.
pub(super) fn create(path: &Path) -> Result<File, Failure> {
    File::create(path).map_err(|error| {
        Failure::new(Exit::Error, format!("cannot write {path:?}: {error}"))
            .hint("name a file in a folder that can be written")
    })
}
