//! Private views: how several processes search one published generation.
//!
//! The engine wants a folder for itself and write access to it, and opening a folder that is open elsewhere damages
//! it. So each reader opens a folder of its own: `readers/<pid>-<number>/`. Of a finished shard the engine replaces
//! or writes again some small files when it opens and closes it, with the same content, and does not write to the
//! files of text, vectors and graph (the tests of `index::edge` check contents and times of all). Those are hard
//! links to the published ones, so a view costs little space and all readers share one page cache; everything else
//! is copied.
//!
//! A lock file beside the view tells whether its reader lives. Views of dead ones are removed by the next reader.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Error;
use crate::store::files::{self, Sealed};

/// Folder of the views below the root of the index.
const READERS: &str = "readers";
/// Held while views are made and removed, so that no view is taken for dead before it is locked.
const GATE: &str = "gate.lock";
/// Files from this size on are linked, if the engine does not write to them.
const LINK_FROM: u64 = 1 << 20;
/// Space that the engine needs to open a view. It maps what it writes, and a full disk would end the process.
const OPENING_BYTES: u64 = 8 << 20;
/// Beginnings and ends of the names of the files that the engine does not write to: stored points, vectors, sparse
/// index, graph.
const NEVER_WRITTEN: [(&str, &str); 4] =
    [("page_", ".dat"), ("chunk_", ".mmap"), ("inverted_index", ".dat"), ("links", ".bin")];

/// A folder with the files of a published shard, for one reader. It is removed when it is dropped.
pub(crate) struct View {
    root: PathBuf,
    folder: PathBuf,
    home: Home,
}

/// Where a view lies, and what keeps it alive.
enum Home {
    /// Below the index, with its lock.
    Beside { lock: PathBuf, _held: File },
    /// In the folder for temporary files, because the index cannot be written to or its disk is full.
    Temporary { _folder: tempfile::TempDir },
}

impl View {
    /// A view of those `sealed` files of `generation`, a folder of the index in `root`, that are below its `part`.
    pub(crate) fn open(root: &Path, generation: &Path, part: &str, sealed: &[Sealed]) -> Result<Self, Error> {
        let sealed: Vec<&Sealed> =
            sealed.iter().filter(|file| file.path.first().is_some_and(|first| first == part)).collect();
        let all: u64 = sealed.iter().map(|file| file.size).sum();
        let copied: u64 = sealed.iter().filter(|file| !may_link(file)).map(|file| file.size).sum();
        let holes: u64 = sealed.iter().filter_map(|file| holes(&file.below(generation)?)).sum();
        let beside = files::room(root, copied + holes + OPENING_BYTES).and_then(|()| Self::beside(root));
        let mut view = match beside {
            Err(Error::NoSpace { .. }) => Self::temporary(all)?,
            Err(Error::Io { source, .. }) if read_only(&source) => Self::temporary(all)?,
            other => other?,
        };
        for file in sealed {
            let inside = (file.below(generation), file.below(&view.root));
            let (Some(from), Some(to)) = inside else {
                return Err(Error::damaged(
                    generation,
                    format!("its list names a file outside: {:?}", file.path),
                ));
            };
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
            }
            view.add(file, &from, &to)?;
        }
        view.folder = view.root.join(part);
        Ok(view)
    }

    /// The folder that the engine may open.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn add(&self, file: &Sealed, from: &Path, to: &Path) -> Result<(), Error> {
        if may_link(file) && matches!(self.home, Home::Beside { .. }) {
            file.check_size(from)?;
            // Some file systems have no links; there a copy serves.
            if fs::hard_link(from, to).is_ok() {
                return Ok(());
            }
        }
        file.copy(from, to)
    }

    fn beside(root: &Path) -> Result<Self, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);

        let readers = root.join(READERS);
        fs::create_dir_all(&readers).map_err(Error::io("create", &readers))?;
        let _gate = gate(&readers)?;
        remove_dead(&readers);
        loop {
            // The number is taken where a process of the same id died on another machine, or lives there.
            let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let lock = readers.join(format!("{name}.lock"));
            let held = match File::create_new(&lock) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other.map_err(Error::io("create", &lock))?,
            };
            held.lock().map_err(Error::io("lock", &lock))?;
            let root = readers.join(name);
            fs::create_dir(&root).map_err(Error::io("create", &root))?;
            return Ok(Self { folder: root.clone(), root, home: Home::Beside { lock, _held: held } });
        }
    }

    /// A view of `bytes` in the folder for temporary files.
    fn temporary(bytes: u64) -> Result<Self, Error> {
        files::room(&std::env::temp_dir(), bytes + OPENING_BYTES)?;
        let folder = tempfile::Builder::new().prefix("citedesk-view-").tempdir();
        let folder = folder.map_err(Error::io("create", &std::env::temp_dir()))?;
        let root = folder.path().to_owned();
        Ok(Self { folder: root.clone(), root, home: Home::Temporary { _folder: folder } })
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // A temporary folder removes itself. Whatever is left over here is removed by the next reader.
        if let Home::Beside { lock, .. } = &self.home
            && files::remove_tree(&self.root).is_ok()
        {
            let _ = fs::remove_file(lock);
        }
    }
}

/// Bytes of a file that take up no space yet, where reading them through a mapping makes them: in a file system in memory.
#[cfg(target_os = "linux")]
fn holes(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    const TMPFS: i128 = 0x0102_1994;
    let about = fs::metadata(path).ok()?;
    let in_memory = rustix::fs::statfs(path).is_ok_and(|system| i128::from(system.f_type) == TMPFS);
    in_memory.then(|| about.len().saturating_sub(about.blocks() * 512))
}

#[cfg(not(target_os = "linux"))]
fn holes(_: &Path) -> Option<u64> {
    None
}

fn may_link(file: &Sealed) -> bool {
    let name = file.path.last().map_or("", String::as_str);
    let never_written = |(start, end): &(&str, &str)| name.starts_with(start) && name.ends_with(end);
    file.size >= LINK_FROM && NEVER_WRITTEN.iter().any(never_written)
}

fn gate(readers: &Path) -> Result<File, Error> {
    let path = readers.join(GATE);
    let open = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let gate = open.map_err(Error::io("open", &path))?;
    gate.lock().map_err(Error::io("lock", &path))?;
    Ok(gate)
}

/// Removes the views whose readers are dead. The caller holds the gate.
///
/// What cannot be removed, such as another user's view, stays and harms nobody.
fn remove_dead(readers: &Path) {
    let entries = files::entries(readers).unwrap_or_default();
    for lock in entries.iter().filter(|path| path.extension().is_some_and(|extension| extension == "lock")) {
        let dead = lock.file_name().is_some_and(|name| name != GATE)
            && File::open(lock).is_ok_and(|file| file.try_lock().is_ok());
        if dead && files::remove_tree(&lock.with_extension("")).is_ok() {
            let _ = fs::remove_file(lock);
        }
    }
    for folder in entries.iter().filter(|path| path.is_dir() && !path.with_extension("lock").exists()) {
        let _ = files::remove_tree(folder);
    }
}

/// Whether the index cannot be written to, as against a disk that is full or broken.
fn read_only(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::AlreadyExists
    )
}
