//! Durable file operations.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use crate::Error;

/// Bytes that are read and written at once.
const BLOCK: usize = 64 * 1024;

/// Makes the entries of a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), Error> {
    // Folders cannot be opened as files everywhere; where they cannot, there is nothing to do.
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", path))?;
    }
    Ok(())
}

/// Makes a folder with all that is in it durable.
pub(crate) fn sync_tree(path: &Path) -> Result<(), Error> {
    for file in files_below(path)? {
        let sync = File::open(&file).and_then(|file| file.sync_all());
        sync.map_err(Error::io("sync", &file))?;
    }
    for folder in folders_below(path)? {
        sync_folder(&folder)?;
    }
    Ok(())
}

/// Whether the disk of `folder` has room for `bytes`.
///
/// # Errors
/// [`Error::NoSpace`] where it has not.
pub(crate) fn room(folder: &Path, bytes: u64) -> Result<(), Error> {
    let free = fs4::available_space(folder).map_err(Error::io("measure", folder))?;
    if free < bytes { Err(Error::NoSpace { path: folder.to_owned() }) } else { Ok(()) }
}

/// Replaces a file in one step: readers see the old content or the new, even after a power failure.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = beside(path)?;
    file.write_all(content).and_then(|()| file.as_file().sync_all()).map_err(Error::io("write", path))?;
    file.persist(path).map_err(|error| Error::io("replace", path)(error.error))?;
    sync_folder(folder)
}

/// A file beside `path`, to be renamed to it.
pub(crate) fn beside(path: &Path) -> Result<tempfile::NamedTempFile, Error> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    // Temporary files are for their owner alone; this one is for all whom the umask allows.
    #[cfg(unix)]
    builder.permissions(permissions);
    builder.tempfile_in(path.parent().unwrap_or_else(|| Path::new("."))).map_err(Error::io("create", path))
}

/// Writes a value as JSON.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let mut content = serde_json::to_vec_pretty(value)
        .map_err(|error| Error::io("write", path)(io::Error::other(error)))?;
    content.push(b'\n');
    fs::write(path, content).map_err(Error::io("write", path))
}

/// Reads a file that has to be there.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(missing(path))
}

/// Reads a value from JSON that this crate wrote; anything else there is damage.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let content = read(path)?;
    serde_json::from_slice(&content)
        .map_err(|error| Error::corrupt(path, "it is not what was written", error))
}

/// Deletes a folder with all that is in it; none is fine.
pub(crate) fn remove_tree(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("delete", path)(error)),
        _ => Ok(()),
    }
}

/// Paths of the entries of a folder, by name; none where there is no folder.
pub(crate) fn entries(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let listing = match fs::read_dir(path) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list", path)(error)),
    };
    let paths = listing.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>();
    let mut paths = paths.map_err(Error::io("list", path))?;
    paths.sort();
    Ok(paths)
}

fn folders_below(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut folders = vec![path.to_owned()];
    let mut at = 0;
    while let Some(folder) = folders.get(at).cloned() {
        folders.extend(entries(&folder)?.into_iter().filter(|path| path.is_dir()));
        at += 1;
    }
    Ok(folders)
}

/// All files below a folder.
pub(crate) fn files_below(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for folder in folders_below(path)? {
        files.extend(entries(&folder)?.into_iter().filter(|path| path.is_file()));
    }
    Ok(files)
}

/// Bytes of all files below a folder.
pub(crate) fn size_below(path: &Path) -> Result<u64, Error> {
    let size = |path: PathBuf| Ok(fs::metadata(&path).map_err(Error::io("read", &path))?.len());
    files_below(path)?.into_iter().map(size).sum()
}

/// A file as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// Path below the listed folder, its parts in order.
    pub(crate) path: Vec<String>,
    /// Size in bytes.
    pub(crate) size: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
}

impl Sealed {
    /// All files below `folder`.
    pub(crate) fn list(folder: &Path) -> Result<Vec<Self>, Error> {
        files_below(folder)?
            .iter()
            .map(|file| {
                let below = file.strip_prefix(folder).unwrap_or(file);
                let path =
                    below.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
                let (size, sha256) = digest(file)?;
                Ok(Self { path, size, sha256 })
            })
            .collect()
    }

    /// Where the file lies below `folder`; none where the path leads out of it.
    pub(crate) fn below(&self, folder: &Path) -> Option<PathBuf> {
        let inside = |part: &String| !matches!(part.as_str(), "" | "." | "..") && !part.contains(['/', '\\']);
        self.path
            .iter()
            .all(inside)
            .then(|| self.path.iter().fold(folder.to_owned(), |path, part| path.join(part)))
    }

    /// Copies the file and checks it on the way.
    pub(crate) fn copy(&self, from: &Path, to: &Path) -> Result<(), Error> {
        let mut source = File::open(from).map_err(missing(from))?;
        let mut target = File::create_new(to).map_err(Error::io("create", to))?;
        let (size, sha256) = copy(&mut source, from, Some((&mut target, to)))?;
        self.compare(from, size, &sha256)
    }

    /// Checks size and content.
    pub(crate) fn check(&self, path: &Path) -> Result<(), Error> {
        let (size, sha256) = digest(path)?;
        self.compare(path, size, &sha256)
    }

    /// Checks the size alone.
    pub(crate) fn check_size(&self, path: &Path) -> Result<(), Error> {
        let size = fs::metadata(path).map_err(missing(path))?.len();
        self.compare(path, size, &self.sha256)
    }

    fn compare(&self, path: &Path, size: u64, sha256: &str) -> Result<(), Error> {
        if size != self.size {
            return Err(Error::damaged(path, format!("it has {size} bytes instead of {}", self.size)));
        }
        if sha256 != self.sha256 {
            return Err(Error::damaged(path, "its content has changed since it was published"));
        }
        Ok(())
    }
}

fn missing(path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |error| match error.kind() {
        io::ErrorKind::NotFound => Error::corrupt(&path, "it is missing", error),
        _ => Error::io("open", &path)(error),
    }
}

fn digest(path: &Path) -> Result<(u64, String), Error> {
    copy(&mut File::open(path).map_err(missing(path))?, path, None)
}

/// Reads a file to its end and copies it, where there is a target, keeping its holes: the engine allocates files of
/// 32 MiB that hold little.
fn copy(
    source: &mut File,
    from: &Path,
    mut target: Option<(&mut File, &Path)>,
) -> Result<(u64, String), Error> {
    let mut block = vec![0; BLOCK];
    let mut sha256 = Sha256::new();
    let mut size = 0;
    loop {
        let read = source.read(&mut block).map_err(Error::io("read", from))?;
        let bytes = &block[..read];
        if read == 0 {
            break;
        }
        sha256.update(bytes);
        size += read as u64;
        if let Some((target, to)) = &mut target {
            let written = if bytes.iter().all(|byte| *byte == 0) {
                target.seek(SeekFrom::Current(read as i64)).map(drop)
            } else {
                target.write_all(bytes)
            };
            written.map_err(Error::io("write", to))?;
        }
    }
    if let Some((target, to)) = target {
        target.set_len(size).map_err(Error::io("write", to))?;
    }
    let hex = sha256.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write as _;
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok((size, hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_keep_content_and_notice_damage() -> Result<(), Error> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        let mut content = vec![0; 3 * BLOCK + 5];
        content[BLOCK + 1] = 7;
        fs::write(&path, &content).expect("written");
        let sealed = Sealed::list(folder.path())?.remove(0);
        let copy = folder.path().join("b");
        sealed.copy(&path, &copy)?;
        assert_eq!(fs::read(&copy).expect("read"), content);
        sealed.check(&copy)?;
        content[0] = 1;
        fs::write(&path, &content).expect("written");
        assert!(matches!(sealed.copy(&path, &folder.path().join("c")), Err(Error::Corrupt { .. })));
        sealed.check_size(&path)?;
        fs::remove_file(&path).expect("removed");
        assert!(matches!(sealed.check_size(&path), Err(Error::Corrupt { .. })));
        Ok(())
    }

    #[test]
    fn listed_paths_stay_inside() {
        let sealed = |path: &[&str]| Sealed {
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            size: 0,
            sha256: String::new(),
        };
        assert_eq!(sealed(&["a", "b"]).below(Path::new("x")), Some(PathBuf::from("x/a/b")));
        for path in [&["..", "b"][..], &["/etc"], &["a", ""], &["a/../.."]] {
            assert_eq!(sealed(path).below(Path::new("x")), None);
        }
    }

    #[test]
    fn replacing_leaves_one_file() -> Result<(), Error> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("CURRENT");
        replace(&path, b"one")?;
        replace(&path, b"two")?;
        assert_eq!(fs::read(&path).expect("read"), b"two");
        assert_eq!(entries(folder.path())?.len(), 1);
        Ok(())
    }
}
