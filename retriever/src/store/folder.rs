//! Generations in a folder, searched by the embedded engine.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::documents::DocumentFile;
use super::files::{self, Sealed};
use super::shelf::{Contents, Documents, Shelf};
use super::{GENERATIONS, Generation, GenerationId};
use crate::Error;
use crate::index::edge::{EdgeIndex, EdgeWriter, GRAPH_FROM, seal};
use crate::index::{Index, IndexWriter};
use crate::sparse::Frequencies;
use crate::view::View;

const CURRENT: &str = "CURRENT";
const ABOUT: &str = "generation.json";
const FILES: &str = "files.json";
const SHARD: &str = "shard";
const TERMS: &str = "terms.bin";
const PROMOTED: &str = "promoted";
const IN_USE: &str = "in-use.lock";

/// Points that are inserted at once.
const BATCH: usize = 256;
/// Rough need of the index beyond vectors and text, in bytes: files that are allocated in one piece.
const OVERHEAD: u64 = 32 << 20;
/// Rough need of a point beyond its vector and text, in bytes: terms, tags, graph, log.
const POINT: u64 = 4096;

/// The generations below the root of an index.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    fn generations(&self) -> PathBuf {
        self.root.join(GENERATIONS)
    }

    /// The folder of a generation that exists.
    fn of(&self, id: &GenerationId) -> Result<PathBuf, Error> {
        let folder = self.generations().join(&id.0);
        // The identity may have been typed: it must not lead elsewhere.
        if id.sequence().is_none() || !folder.is_dir() {
            return Err(Error::NoGeneration { id: id.clone() });
        }
        Ok(folder)
    }

    fn promoted(&self, id: &GenerationId) -> bool {
        self.generations().join(&id.0).join(PROMOTED).exists()
    }

    fn mark_promoted(&self, id: &GenerationId) -> Result<(), Error> {
        let mark = self.of(id)?.join(PROMOTED);
        File::create(&mark).map(drop).map_err(Error::io("create", &mark))
    }

    /// The files of a generation as they were published.
    fn sealed(&self, id: &GenerationId) -> Result<Vec<Sealed>, Error> {
        files::read_json(&self.of(id)?.join(FILES))
    }

    fn open(&self, folder: &Path, sealed: &[Sealed]) -> Result<EdgeIndex, Error> {
        EdgeIndex::open(View::open(&self.root, folder, SHARD, sealed)?)
    }
}

impl Shelf for Folder {
    fn name(&self) -> String {
        format!("{:?}", self.root)
    }

    fn ids(&self) -> Result<Vec<GenerationId>, Error> {
        let entries = files::entries(&self.generations())?;
        let names = entries.iter().filter_map(|path| path.file_name()?.to_str());
        Ok(GenerationId::sorted(names))
    }

    fn about(&self, id: &GenerationId) -> Result<Generation, Error> {
        let path = self.of(id)?.join(ABOUT);
        let generation: Generation = files::read_json(&path)?;
        generation.described_at(id, &path)
    }

    fn current(&self) -> Result<Option<GenerationId>, Error> {
        let path = self.root.join(CURRENT);
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A staged generation may be there before any is current, but a promoted one had a pointer to it.
                return if self.ids()?.iter().any(|id| self.promoted(id)) {
                    Err(Error::corrupt(&path, "it is missing", error))
                } else {
                    Ok(None)
                };
            }
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        let id = std::str::from_utf8(&content).ok().map(|text| GenerationId(text.trim().to_owned()));
        match id.filter(|id| id.sequence().is_some()) {
            Some(id) if self.generations().join(&id.0).is_dir() => Ok(Some(id)),
            Some(id) => Err(Error::damaged(&path, format!("it names generation {id}, which is not there"))),
            None => Err(Error::damaged(&path, "it names no generation")),
        }
    }

    fn was_promoted(&self, id: &GenerationId) -> Result<bool, Error> {
        Ok(self.promoted(id))
    }

    fn promote(&self, id: &GenerationId) -> Result<(), Error> {
        // A crash between the two steps below leaves a current generation without its mark.
        if let Ok(Some(outgoing)) = self.current() {
            self.mark_promoted(&outgoing)?;
        }
        files::replace(&self.root.join(CURRENT), format!("{id}\n").as_bytes())?;
        self.mark_promoted(id)
    }

    fn delete(&self, id: &GenerationId) -> Result<bool, Error> {
        let folder = self.of(id)?;
        if let Ok(file) = File::open(folder.join(IN_USE))
            && file.try_lock().is_err()
        {
            return Ok(false);
        }
        // Renamed first, so that nobody sees half of it.
        let doomed = self.generations().join(format!(".deleting-{id}"));
        files::remove_tree(&doomed)?;
        fs::rename(&folder, &doomed).map_err(Error::io("delete", &folder))?;
        files::remove_tree(&doomed)?;
        Ok(true)
    }

    fn verify(&self, id: &GenerationId) -> Result<(), Error> {
        let folder = self.of(id)?;
        for file in self.sealed(id)? {
            let path = file
                .below(&folder)
                .ok_or_else(|| Error::damaged(&folder, "its list names a file outside"))?;
            file.check(&path)?;
        }
        Ok(())
    }

    fn hold(&self, id: &GenerationId) -> Result<Option<File>, Error> {
        let path = self.of(id)?.join(IN_USE);
        let Ok(file) = OpenOptions::new().read(true).open(&path) else { return Ok(None) };
        file.lock_shared().map_err(Error::io("lock", &path))?;
        // It may have been deleted between opening and locking.
        self.of(id)?;
        Ok(Some(file))
    }

    fn documents(&self, id: &GenerationId) -> Result<Box<dyn Documents>, Error> {
        Ok(Box::new(DocumentFile::open(&self.of(id)?)?))
    }

    fn frequencies(&self, id: &GenerationId) -> Result<Frequencies, Error> {
        let path = self.of(id)?.join(TERMS);
        Frequencies::from_bytes(&files::read(&path)?).ok_or_else(|| Error::damaged(&path, "it ends too soon"))
    }

    fn index(&self, generation: &Generation) -> Result<Box<dyn Index>, Error> {
        let folder = self.of(&generation.id)?;
        Ok(Box::new(self.open(&folder, &self.sealed(&generation.id)?)?))
    }

    fn place(&self, contents: &mut Contents<'_>) -> Result<(), Error> {
        let (folder, generation) = (contents.folder, contents.generation);
        let terms = folder.join(TERMS);
        fs::write(&terms, contents.frequencies.to_bytes()).map_err(Error::io("write", &terms))?;
        enough_space(folder, generation)?;
        let shard = folder.join(SHARD);
        let mut writer = EdgeWriter::create(&shard, generation.dimension, GRAPH_FROM, contents.quantization)?;
        contents.points(BATCH, |points| writer.insert(points))?;
        writer.finish()?;
        seal(&shard)?;

        files::write_json(&folder.join(ABOUT), generation)?;
        let sealed = Sealed::list(folder)?;
        contents.check(&self.open(folder, &sealed)?, &shard)?;
        files::write_json(&folder.join(FILES), &sealed)?;
        File::create(folder.join(IN_USE)).map_err(Error::io("create", folder))?;
        files::sync_tree(folder)?;

        let placed = self.generations().join(&generation.id.0);
        fs::rename(folder, &placed).map_err(Error::io("create", &placed))?;
        files::sync_folder(&self.generations())
    }
}

/// The engine maps files into memory, and a disk that fills up under a mapping kills the process. So the need is
/// estimated beforehand.
fn enough_space(folder: &Path, generation: &Generation) -> Result<(), Error> {
    let text: u64 = files::size_below(folder)?;
    let vectors = (generation.chunks * generation.dimension * size_of::<f32>()) as u64;
    // Text and vectors are in the log and in the index, and in two segments while the graph is built.
    let need = OVERHEAD + 3 * (text + vectors) + POINT * generation.chunks as u64;
    files::room(folder, need)
}
