//! The documents of a generation: `documents.jsonl` holds one line for each document with its chunks,
//! `documents.idx` says where the lines are.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use corpus::{Chunk, ChunkId, Digest, Document, DocumentId, DocumentRecord, Span};
use serde::{Deserialize, Serialize};

use super::editions::Editions;
use super::files;
use super::generation::DocumentEntry;
use super::shelf::Documents;
use crate::Error;

const LINES: &str = "documents.jsonl";
const INDEX: &str = "documents.idx";

/// A document with its chunks, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) source_version: String,
    pub(crate) document: DocumentRecord,
    chunks: Vec<Piece>,
}

/// What a chunk has beyond its document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Piece {
    id: ChunkId,
    ordinal: u32,
    span: Span,
    headings: Vec<String>,
    page: Option<u32>,
}

impl Line {
    /// A document with its chunks; an error where a chunk is not a part of it.
    pub(crate) fn new(document: &Document, chunks: &[Chunk], source_version: &str) -> Result<Self, Error> {
        let pieces = chunks.iter().map(|chunk| Piece {
            id: chunk.id,
            ordinal: chunk.ordinal,
            span: chunk.span,
            headings: chunk.headings.clone(),
            page: chunk.page,
        });
        let line = Self {
            source_version: source_version.to_owned(),
            document: document.record().clone(),
            chunks: pieces.collect(),
        };
        let mut ids = HashSet::new();
        for (piece, chunk) in line.chunks.iter().zip(chunks) {
            // A chunk given twice would be one point in the index and two in its count.
            if !ids.insert(chunk.id) || line.restore(piece).as_ref() != Some(chunk) {
                return Err(Error::ForeignChunk { chunk: chunk.id, document: document.id.clone() });
            }
        }
        Ok(line)
    }

    /// The chunks, in order. One that does not fit its document is left out.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = Chunk> + '_ {
        self.chunks.iter().filter_map(|piece| self.restore(piece))
    }

    fn restore(&self, piece: &Piece) -> Option<Chunk> {
        let document = &self.document;
        Some(Chunk {
            id: piece.id,
            document: document.id.clone(),
            digest: document.digest.clone(),
            ordinal: piece.ordinal,
            span: piece.span,
            text: piece.span.of(&document.text)?.to_owned(),
            headings: piece.headings.clone(),
            page: piece.page,
            title: document.title.clone(),
            source: document.source.clone(),
            location: document.location.clone(),
            format: document.format,
            language: document.language.clone(),
            modified: document.modified,
            metadata: document.metadata.clone(),
        })
    }

    /// Whether its text is the one that was screened, and its chunks are parts of it: a citation shows these bytes.
    pub(crate) fn intact(&self) -> bool {
        Digest::of(self.document.text.as_bytes()) == self.document.digest
            && self.chunks().count() == self.chunks.len()
    }

    pub(crate) fn entry(&self) -> DocumentEntry {
        DocumentEntry {
            id: self.document.id.clone(),
            digest: self.document.digest.clone(),
            source: self.document.source.clone(),
            location: self.document.location.clone(),
            source_version: self.source_version.clone(),
            title: self.document.title.clone(),
            chunks: self.chunks.len(),
        }
    }
}

/// Where a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    offset: u64,
    length: u64,
}

#[derive(Serialize, Deserialize)]
struct Index {
    entries: Vec<DocumentEntry>,
    /// One for each entry.
    places: Vec<Place>,
    /// Documents that others replace, with their chunks.
    superseded: BTreeMap<DocumentId, Vec<ChunkId>>,
}

/// Writes the documents of a new generation.
pub(crate) struct DocumentsWriter {
    lines: BufWriter<File>,
    folder: PathBuf,
    offset: u64,
    known: BTreeMap<DocumentId, (DocumentEntry, Place)>,
    editions: Editions,
}

impl DocumentsWriter {
    pub(crate) fn create(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(LINES);
        let lines = BufWriter::new(File::create_new(&path).map_err(Error::io("create", &path))?);
        Ok(Self {
            lines,
            folder: folder.to_owned(),
            offset: 0,
            known: BTreeMap::new(),
            editions: Editions::default(),
        })
    }

    pub(crate) fn add(&mut self, line: &Line) -> Result<(), Error> {
        let entry = line.entry();
        if self.known.contains_key(&entry.id) {
            return Err(Error::DuplicateDocument { id: entry.id });
        }
        let path = self.folder.join(LINES);
        let mut bytes = serde_json::to_vec(line)
            .map_err(|error| Error::io("write", &path)(std::io::Error::other(error)))?;
        bytes.push(b'\n');
        self.lines.write_all(&bytes).map_err(Error::io("write", &path))?;
        let place = Place { offset: self.offset, length: bytes.len() as u64 };
        self.offset += place.length;
        self.editions.add(&line.document, line.chunks.iter().map(|piece| piece.id));
        self.known.insert(entry.id.clone(), (entry, place));
        Ok(())
    }

    /// Writes the index; the caller makes the folder durable.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.lines.flush().map_err(Error::io("write", &self.folder.join(LINES)))?;
        let (entries, places) = self.known.into_values().unzip();
        let superseded = self.editions.superseded();
        files::write_json(&self.folder.join(INDEX), &Index { entries, places, superseded })
    }
}

/// Reads the documents of a generation from their files.
pub(crate) struct DocumentFile {
    file: Mutex<File>,
    path: PathBuf,
    /// By id.
    entries: Vec<DocumentEntry>,
    places: Vec<Place>,
    superseded: BTreeMap<DocumentId, Vec<ChunkId>>,
}

impl DocumentFile {
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        let index_path = folder.join(INDEX);
        let Index { entries, places, superseded } = files::read_json(&index_path)?;
        let sorted = entries.windows(2).all(|pair| pair[0].id < pair[1].id);
        if !sorted || entries.len() != places.len() {
            return Err(Error::damaged(&index_path, "its entries are not in order"));
        }
        let path = folder.join(LINES);
        let file = File::open(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::corrupt(&path, "it is missing", error),
            _ => Error::io("open", &path)(error),
        })?;
        let size = file.metadata().map_err(Error::io("read", &path))?.len();
        if places.iter().any(|place| place.offset.checked_add(place.length).is_none_or(|end| end > size)) {
            return Err(Error::damaged(&path, "it ends too soon"));
        }
        Ok(Self { file: Mutex::new(file), path, entries, places, superseded })
    }

    fn line_at(&self, at: usize) -> Result<Line, Error> {
        let (entry, place) = (&self.entries[at], self.places[at]);
        let mut bytes = vec![0; place.length as usize];
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            let read = file.seek(SeekFrom::Start(place.offset)).and_then(|_| file.read_exact(&mut bytes));
            read.map_err(Error::io("read", &self.path))?;
        }
        let line: Line = serde_json::from_slice(&bytes).map_err(|error| {
            Error::corrupt(&self.path, format!("document {} is not readable", entry.id), error)
        })?;
        if !line.intact() || line.entry() != *entry {
            return Err(Error::damaged(
                &self.path,
                format!("document {} is not what was published", entry.id),
            ));
        }
        Ok(line)
    }
}

impl Documents for DocumentFile {
    fn entries(&self) -> Result<&[DocumentEntry], Error> {
        Ok(&self.entries)
    }

    fn superseded(&self) -> &BTreeMap<DocumentId, Vec<ChunkId>> {
        &self.superseded
    }

    fn line(&self, id: &DocumentId) -> Result<Option<Line>, Error> {
        self.entries.binary_search_by(|entry| entry.id.cmp(id)).ok().map(|at| self.line_at(at)).transpose()
    }

    fn lines(&self) -> Result<Box<dyn Iterator<Item = Result<Line, Error>> + '_>, Error> {
        Ok(Box::new((0..self.entries.len()).map(|at| self.line_at(at))))
    }
}
