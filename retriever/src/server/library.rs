//! What a reader of a generation needs beside its index: texts by key, in pieces that fit a message.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use corpus::{ChunkId, DocumentId};
use qdrant_client::Payload;
use qdrant_client::qdrant::{
    Condition, CreateCollectionBuilder, DeletePointsBuilder, FieldType, Filter, GetPointsBuilder, PointId,
    PointStruct, PointsIdsList, RetrievedPoint, ScrollPointsBuilder, Value,
};
use uuid::Uuid;

use super::{Connection, READING, Server, WRITING};
use crate::Error;
use crate::store::DocumentEntry;
use crate::store::Line;
use crate::store::shelf::Documents;

/// Bytes of a piece.
const PIECE: usize = 1 << 20;
/// Bytes and pieces that are sent at once.
const BATCH_BYTES: usize = 4 << 20;
const BATCH: usize = 64;
/// Pieces that are asked for at once.
const READ: usize = 8;
/// Entries that are asked for at once.
const PAGE: u32 = 1000;

/// Payload keys.
const DATA: &str = "data";
const PIECES: &str = "pieces";
const ENTRY: &str = "entry";
const KIND: &str = "kind";
/// What the first piece of a document is marked with.
const DOCUMENT: &str = "document";
/// The key under which the documents that others replace are.
const SUPERSEDED: &str = "superseded";

/// The texts of one generation.
#[derive(Clone)]
pub(super) struct Library {
    connection: Arc<Connection>,
    pub(super) collection: String,
}

impl Library {
    pub(super) fn new(connection: Arc<Connection>, collection: String) -> Self {
        Self { connection, collection }
    }

    /// Makes the collection.
    pub(super) fn create(&self, server: &Server) -> Result<(), Error> {
        let collection = CreateCollectionBuilder::new(&self.collection);
        self.connection.create(server, collection, &[(KIND, FieldType::Keyword)])
    }

    /// Stores a text; one of that key is replaced.
    pub(super) fn put(&self, key: &str, text: &str) -> Result<(), Error> {
        let mut outgoing = Outgoing::new(self);
        outgoing.add(key, text, None)?;
        outgoing.finish()
    }

    /// Stores documents.
    pub(super) fn put_documents(
        &self,
        lines: impl Iterator<Item = Result<Line, Error>>,
    ) -> Result<(), Error> {
        let mut outgoing = Outgoing::new(self);
        for line in lines {
            let line = line?;
            let entry = to_json(&line.entry())?;
            outgoing.add(&document_key(&line.document.id), &to_json(&line)?, Some(&entry))?;
        }
        outgoing.finish()
    }

    /// Stores the documents that others replace.
    pub(super) fn put_superseded(
        &self,
        superseded: &BTreeMap<DocumentId, Vec<ChunkId>>,
    ) -> Result<(), Error> {
        self.put(SUPERSEDED, &to_json(superseded)?)
    }

    /// Deletes the first piece of a text, without which there is none; none is fine.
    pub(super) fn forget(&self, key: &str) -> Result<(), Error> {
        let ids = PointsIdsList { ids: vec![piece_id(key, 0)] };
        let request = DeletePointsBuilder::new(&self.collection).points(ids).wait(true).build();
        let deleted = self.connection.call("delete a description", WRITING, move |client| {
            let request = request.clone();
            async move { client.delete_points(request).await }
        });
        match deleted {
            Ok(_) | Err(Error::Missing { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The text of a key, or `None` where there is none.
    pub(super) fn get(&self, key: &str) -> Result<Option<String>, Error> {
        let [first] = self.points(vec![piece_id(key, 0)])?.try_into().unwrap_or([None]);
        first.map(|first| self.whole(key, &first)).transpose()
    }

    /// A text, of which the first piece is given.
    fn whole(&self, key: &str, first: &RetrievedPoint) -> Result<String, Error> {
        let damaged = || self.damaged(format!("{key} is not whole"));
        let pieces = first.get(PIECES).as_integer().ok_or_else(damaged)?;
        let mut text = first.get(DATA).as_str().ok_or_else(damaged)?.to_owned();
        let rest: Vec<PointId> = (1..pieces).map(|piece| piece_id(key, piece)).collect();
        for ids in rest.chunks(READ) {
            for point in self.points(ids.to_vec())? {
                text.push_str(point.ok_or_else(damaged)?.get(DATA).as_str().ok_or_else(damaged)?);
            }
        }
        Ok(text)
    }

    /// Points in the order of their ids; `None` where there is none.
    fn points(&self, ids: Vec<PointId>) -> Result<Vec<Option<RetrievedPoint>>, Error> {
        let request = GetPointsBuilder::new(&self.collection, ids.clone()).with_payload(true).build();
        let response = self.connection.call("read documents", READING, move |client| {
            let request = request.clone();
            async move { client.get_points(request).await }
        })?;
        let known =
            response.result.into_iter().filter_map(|point| Some((uuid_of(point.id.as_ref())?, point)));
        let mut known: HashMap<Uuid, RetrievedPoint> = known.collect();
        Ok(ids.iter().map(|id| known.remove(&uuid_of(Some(id))?)).collect())
    }

    /// What documents there are, by id.
    fn entries(&self) -> Result<Vec<DocumentEntry>, Error> {
        let mut entries = Vec::new();
        let mut offset: Option<PointId> = None;
        loop {
            let mut request = ScrollPointsBuilder::new(&self.collection)
                .filter(Filter::must([Condition::matches(KIND, DOCUMENT.to_owned())]))
                .limit(PAGE)
                .with_payload(qdrant_client::qdrant::PayloadIncludeSelector {
                    fields: vec![ENTRY.to_owned()],
                });
            if let Some(offset) = offset.take() {
                request = request.offset(offset);
            }
            let request = request.build();
            let page = self.connection.call("list documents", READING, move |client| {
                let request = request.clone();
                async move { client.scroll(request).await }
            })?;
            for point in page.result {
                let entry = point.get(ENTRY).as_str().map(|entry| serde_json::from_str(entry));
                let Some(Ok(entry)) = entry else {
                    return Err(self.damaged("the entry of a document is not readable"));
                };
                entries.push(entry);
            }
            offset = page.next_page_offset;
            if offset.is_none() {
                break;
            }
        }
        entries.sort_by(|one: &DocumentEntry, other| one.id.cmp(&other.id));
        Ok(entries)
    }

    fn line(&self, id: &DocumentId, text: &str) -> Result<Line, Error> {
        let damaged = || self.damaged(format!("document {id} is not what was published"));
        let line: Line = serde_json::from_str(text).map_err(|_| damaged())?;
        if line.document.id == *id && line.intact() { Ok(line) } else { Err(damaged()) }
    }

    pub(super) fn damaged(&self, problem: impl Into<String>) -> Error {
        Error::damaged(self.collection.as_ref(), problem)
    }

    /// Opens the documents for reading.
    pub(super) fn documents(&self) -> Result<ServerDocuments, Error> {
        let superseded = self.get(SUPERSEDED)?.map(|text| serde_json::from_str(&text));
        let Some(Ok(superseded)) = superseded else {
            return Err(self.damaged("what is superseded is not readable"));
        };
        Ok(ServerDocuments { library: self.clone(), entries: OnceLock::new(), superseded })
    }
}

/// The documents of a generation on a server.
pub(super) struct ServerDocuments {
    library: Library,
    /// Read when they are first asked for: a reader seldom needs all.
    entries: OnceLock<Vec<DocumentEntry>>,
    superseded: BTreeMap<DocumentId, Vec<ChunkId>>,
}

impl Documents for ServerDocuments {
    fn entries(&self) -> Result<&[DocumentEntry], Error> {
        if let Some(entries) = self.entries.get() {
            return Ok(entries);
        }
        let entries = self.library.entries()?;
        Ok(self.entries.get_or_init(|| entries))
    }

    fn superseded(&self) -> &BTreeMap<DocumentId, Vec<ChunkId>> {
        &self.superseded
    }

    fn line(&self, id: &DocumentId) -> Result<Option<Line>, Error> {
        let text = self.library.get(&document_key(id))?;
        text.map(|text| self.library.line(id, &text)).transpose()
    }

    fn lines(&self) -> Result<Box<dyn Iterator<Item = Result<Line, Error>> + '_>, Error> {
        let batches = self.entries()?.chunks(READ);
        Ok(Box::new(batches.flat_map(|entries| {
            let ids = entries.iter().map(|entry| piece_id(&document_key(&entry.id), 0)).collect();
            match self.library.points(ids) {
                Err(error) => vec![Err(error)],
                Ok(firsts) => {
                    let line = |(entry, first): (&DocumentEntry, Option<RetrievedPoint>)| {
                        let first = first.ok_or_else(|| {
                            self.library.damaged(format!("document {} is missing", entry.id))
                        })?;
                        self.library.line(&entry.id, &self.library.whole(&document_key(&entry.id), &first)?)
                    };
                    entries.iter().zip(firsts).map(line).collect()
                }
            }
        })))
    }
}

fn document_key(id: &DocumentId) -> String {
    format!("document/{id}")
}

fn piece_id(key: &str, piece: i64) -> PointId {
    let namespace = Uuid::new_v5(&Uuid::NAMESPACE_OID, b"citedesk library");
    Uuid::new_v5(&namespace, format!("{piece}/{key}").as_bytes()).to_string().into()
}

/// The identity of a point, where it is one of ours.
pub(crate) fn uuid_of(id: Option<&PointId>) -> Option<Uuid> {
    use qdrant_client::qdrant::point_id::PointIdOptions;
    match &id?.point_id_options {
        Some(PointIdOptions::Uuid(id)) => id.parse().ok(),
        _ => None,
    }
}

/// Collects pieces until they fill a message.
struct Outgoing<'l> {
    library: &'l Library,
    waiting: Vec<PointStruct>,
    bytes: usize,
}

impl<'l> Outgoing<'l> {
    fn new(library: &'l Library) -> Self {
        Self { library, waiting: Vec::new(), bytes: 0 }
    }

    /// Adds a text in pieces; the first one carries the entry of a document.
    fn add(&mut self, key: &str, text: &str, entry: Option<&str>) -> Result<(), Error> {
        let pieces = split(text);
        for (number, piece) in (0..).zip(&pieces) {
            let mut payload: HashMap<String, Value> = HashMap::from([(DATA.to_owned(), (*piece).into())]);
            if number == 0 {
                payload.insert(PIECES.to_owned(), (pieces.len() as i64).into());
                if let Some(entry) = entry {
                    payload.insert(ENTRY.to_owned(), entry.into());
                    payload.insert(KIND.to_owned(), DOCUMENT.into());
                }
            }
            if self.bytes + piece.len() > BATCH_BYTES || self.waiting.len() == BATCH {
                self.send()?;
            }
            self.bytes += piece.len();
            let none = HashMap::<String, Vec<f32>>::new();
            self.waiting.push(PointStruct::new(piece_id(key, number), none, Payload::from(payload)));
        }
        Ok(())
    }

    fn send(&mut self) -> Result<(), Error> {
        self.bytes = 0;
        let points = std::mem::take(&mut self.waiting);
        if points.is_empty() {
            Ok(())
        } else {
            self.library.connection.upsert("store documents", &self.library.collection, points)
        }
    }

    fn finish(mut self) -> Result<(), Error> {
        self.send()
    }
}

/// A text in pieces of at most [`PIECE`] bytes, at least one.
fn split(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > PIECE {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

fn to_json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|error| Error::Engine { action: "write as JSON", problem: error.to_string() })
}
