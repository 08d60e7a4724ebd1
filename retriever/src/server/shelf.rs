//! Generations on a server.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qdrant_client::qdrant::{CollectionStatus, CreateAliasBuilder};

use super::library::Library;
use super::{Connection, READING, Server, WRITING};
use crate::Error;
use crate::index::server::{ServerIndex, ServerWriter};
use crate::index::{Index, IndexWriter as _};
use crate::sparse::Frequencies;
use crate::store::shelf::{Contents, Documents, Shelf};
use crate::store::{Generation, GenerationId};

/// Points that are sent at once.
const BATCH: usize = 128;
/// Keys of the library.
const ABOUT: &str = "generation";
const TERMS: &str = "terms";
const PROMOTED: &str = "promoted";
/// End of the name of the collection of documents.
const DOCUMENTS: &str = "-documents";
/// File in the folder of the index that names the generation which is being made on the server.
const MAKING: &str = "on-server";
/// Between two looks at whether a collection is indexed, and how often it is looked.
const LOOK: Duration = Duration::from_secs(1);
const LOOKS: usize = 4 * 3600;

/// The generations of one alias.
pub(crate) struct ServerShelf {
    /// File that names the generation in the making.
    making: PathBuf,
    server: Server,
    connection: Arc<Connection>,
}

impl ServerShelf {
    pub(crate) fn new(root: &Path, server: &Server, api_key: Option<&str>) -> Result<Self, Error> {
        server.check()?;
        let connection = Arc::new(Connection::new(server, api_key)?);
        Ok(Self { making: root.join(MAKING), server: server.clone(), connection })
    }

    fn collection(&self, id: &GenerationId) -> String {
        format!("{}-{id}", self.server.collection)
    }

    fn library(&self, id: &GenerationId) -> Result<Library, Error> {
        // The identity may have been typed.
        if id.sequence().is_none() {
            return Err(Error::NoGeneration { id: id.clone() });
        }
        Ok(Library::new(Arc::clone(&self.connection), format!("{}{DOCUMENTS}", self.collection(id))))
    }

    fn id<'n>(&self, collection: &'n str) -> Option<&'n str> {
        collection.strip_prefix(&self.server.collection)?.strip_prefix('-')
    }

    fn remove(&self, collection: String) -> Result<(), Error> {
        self.connection.call("delete a collection", WRITING, move |client| {
            let name = collection.clone();
            async move {
                if client.collection_exists(&name).await? {
                    client.delete_collection(name).await?;
                }
                Ok(())
            }
        })
    }

    fn point_alias(&self, id: &GenerationId) -> Result<(), Error> {
        // One that points elsewhere is moved in the same step.
        let alias = CreateAliasBuilder::new(self.collection(id), &self.server.collection).build();
        self.connection.call("switch the alias", WRITING, move |client| {
            let alias = alias.clone();
            async move { client.create_alias(alias).await }
        })?;
        if self.current()?.as_ref() == Some(id) {
            Ok(())
        } else {
            Err(Error::Engine { action: "switch the alias", problem: "it still points elsewhere".to_owned() })
        }
    }

    /// Waits until all that was sent is indexed.
    fn indexed(&self, id: &GenerationId) -> Result<(), Error> {
        let name = self.collection(id);
        for _ in 0..LOOKS {
            let asked = name.clone();
            let info = self.connection.call("ask for the state of a collection", WRITING, move |client| {
                let name = asked.clone();
                async move { client.collection_info(name).await }
            })?;
            let info = info.result.unwrap_or_default();
            match info.status() {
                CollectionStatus::Green => return Ok(()),
                CollectionStatus::Red => {
                    let problem = info.optimizer_status.map(|status| status.error).unwrap_or_default();
                    return Err(Error::Engine { action: "index the chunks", problem });
                }
                _ => std::thread::sleep(LOOK),
            }
        }
        Err(Error::Engine { action: "index the chunks", problem: "it did not end".to_owned() })
    }

    fn write(&self, contents: &mut Contents<'_>) -> Result<(), Error> {
        let id = &contents.generation.id;
        let library = self.library(id)?;
        library.create(&self.server)?;
        let connection = Arc::clone(&self.connection);
        let collection = self.collection(id);
        let (dimension, quantization) = (contents.generation.dimension, contents.quantization);
        let mut writer =
            ServerWriter::create(connection, collection.clone(), &self.server, dimension, quantization)?;
        contents.points(BATCH, |points| writer.insert(points))?;
        writer.finish()?;
        library.put_documents(contents.documents.lines()?)?;
        library.put_superseded(contents.documents.superseded())?;
        library.put(TERMS, &STANDARD.encode(contents.frequencies.to_bytes()))?;
        self.indexed(id)?;
        contents.check(self.index(contents.generation)?.as_ref(), collection.as_ref())?;
        let about = serde_json::to_string(contents.generation).map_err(|error| Error::Engine {
            action: "describe the generation",
            problem: error.to_string(),
        })?;
        library.put(ABOUT, &about)
    }
}

impl Shelf for ServerShelf {
    fn name(&self) -> String {
        self.server.name()
    }

    fn ids(&self) -> Result<Vec<GenerationId>, Error> {
        let all = self
            .connection
            .call("list collections", READING, |client| async move { client.list_collections().await })?;
        let names = all.collections.iter().filter_map(|one| self.id(&one.name)?.strip_suffix(DOCUMENTS));
        Ok(GenerationId::sorted(names))
    }

    fn about(&self, id: &GenerationId) -> Result<Generation, Error> {
        let library = self.library(id)?;
        let text = match library.get(ABOUT) {
            Ok(Some(text)) => text,
            Ok(None) | Err(Error::Missing { .. }) => return Err(Error::NoGeneration { id: id.clone() }),
            Err(error) => return Err(error),
        };
        let generation: Generation =
            serde_json::from_str(&text).map_err(|_| library.damaged("its description is not readable"))?;
        generation.described_at(id, library.collection.as_ref())
    }

    fn current(&self) -> Result<Option<GenerationId>, Error> {
        let all = self
            .connection
            .call("list aliases", READING, |client| async move { client.list_aliases().await })?;
        let alias = &self.server.collection;
        let lost = |problem: String| Error::damaged(alias.as_ref(), problem);
        match all.aliases.iter().find(|one| one.alias_name == *alias) {
            Some(one) => {
                let id = self.id(&one.collection_name).map(|id| GenerationId(id.to_owned()));
                let known = id.filter(|id| id.sequence().is_some());
                known.map(Some).ok_or_else(|| {
                    lost(format!(
                        "the alias points to {:?}, which citedesk has not made",
                        one.collection_name
                    ))
                })
            }
            None => {
                for id in self.ids()? {
                    if self.was_promoted(&id)? {
                        return Err(lost("the alias is missing".to_owned()));
                    }
                }
                Ok(None)
            }
        }
    }

    fn was_promoted(&self, id: &GenerationId) -> Result<bool, Error> {
        match self.library(id)?.get(PROMOTED) {
            Err(Error::Missing { .. }) => Ok(false),
            found => Ok(found?.is_some()),
        }
    }

    fn promote(&self, id: &GenerationId) -> Result<(), Error> {
        // Marked first: after a crash between the two steps the alias is where it was.
        self.library(id)?.put(PROMOTED, "")?;
        self.point_alias(id)
    }

    fn delete(&self, id: &GenerationId) -> Result<bool, Error> {
        let library = self.library(id)?;
        // Without its description it is no generation any more.
        library.forget(ABOUT)?;
        self.remove(self.collection(id))?;
        self.remove(format!("{}{DOCUMENTS}", self.collection(id)))?;
        Ok(true)
    }

    fn verify(&self, id: &GenerationId) -> Result<(), Error> {
        let (generation, library) = (self.about(id)?, self.library(id)?);
        let (mut documents, mut chunks) = (0, 0);
        for line in library.documents()?.lines()? {
            documents += 1;
            chunks += line?.chunks().count();
        }
        if (documents, chunks) != (generation.documents, generation.chunks) {
            let problem = format!("it holds {documents} documents of {}", generation.documents);
            return Err(library.damaged(problem));
        }
        let count = self.index(&generation)?.count()?;
        if count != generation.chunks {
            let problem = format!("it holds {count} of {} chunks", generation.chunks);
            return Err(Error::damaged(self.collection(id).as_ref(), problem));
        }
        Ok(())
    }

    fn hold(&self, _: &GenerationId) -> Result<Option<File>, Error> {
        Ok(None)
    }

    fn documents(&self, id: &GenerationId) -> Result<Box<dyn Documents>, Error> {
        Ok(Box::new(self.library(id)?.documents()?))
    }

    fn frequencies(&self, id: &GenerationId) -> Result<Frequencies, Error> {
        let library = self.library(id)?;
        let bytes = library.get(TERMS)?.and_then(|text| STANDARD.decode(text).ok());
        let frequencies = bytes.and_then(|bytes| Frequencies::from_bytes(&bytes));
        frequencies.ok_or_else(|| library.damaged("its terms are not readable"))
    }

    fn index(&self, generation: &Generation) -> Result<Box<dyn Index>, Error> {
        let index = ServerIndex::open(
            Arc::clone(&self.connection),
            self.collection(&generation.id),
            generation.dimension,
        )?;
        Ok(Box::new(index))
    }

    fn place(&self, contents: &mut Contents<'_>) -> Result<(), Error> {
        let id = &contents.generation.id;
        fs::write(&self.making, &id.0).map_err(Error::io("write", &self.making))?;
        let written = self.write(contents);
        if let (Err(_), Err(error)) = (&written, self.sweep()) {
            tracing::debug!(%error, "an unfinished generation stays on the server until the next run");
        }
        written
    }

    fn sweep(&self) -> Result<(), Error> {
        let Ok(id) = fs::read_to_string(&self.making) else { return Ok(()) };
        let id = GenerationId(id);
        match self.about(&id) {
            Ok(_) => {}
            Err(Error::NoGeneration { .. }) if id.sequence().is_some() => drop(self.delete(&id)?),
            Err(Error::NoGeneration { .. }) => {}
            Err(error) => return Err(error),
        }
        fs::remove_file(&self.making).map_err(Error::io("delete", &self.making))
    }
}
