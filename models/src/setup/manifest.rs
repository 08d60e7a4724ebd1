//! What a folder of ours holds, with hashes: written last, so a folder with a manifest is whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Part;
use crate::fetch::{hash_file, verify_file};
use crate::{Error, Result};

/// The version of the manifest's own format.
const FORMAT: u32 = 1;

/// Far more than any manifest needs.
const MAX_BYTES: u64 = 1 << 20;

/// `manifest.json`: what a runtime or model folder holds and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    /// What the folder holds.
    pub part: Part,
    /// Name of the model or library.
    pub name: String,
    /// Where it came from, such as `pypi:onnxruntime==1.31.1`.
    pub source: String,
    /// SPDX expression.
    pub license: String,
    /// SHA-256 of the library or of the weights before they were compiled.
    pub source_sha256: String,
    /// Every other file in the folder, by name.
    pub files: BTreeMap<String, FileRecord>,
}

/// One file of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// The manifest's file name.
    pub const FILE: &str = "manifest.json";

    /// Lists and hashes the files of `folder`, which has no manifest yet.
    pub(crate) fn describe(folder: &Path, part: Part, origin: &Origin<'_>) -> Result<Self> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(Error::io(folder))? {
            let path = entry.map_err(Error::io(folder))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.ok_or_else(|| Error::corrupt(&path, "its name is not UTF-8"))?.to_owned();
            let bytes = fs::metadata(&path).map_err(Error::io(&path))?.len();
            files.insert(name, FileRecord { bytes, sha256: hash_file(&path)? });
        }
        Ok(Self {
            format: FORMAT,
            part,
            name: origin.name.to_owned(),
            source: origin.source.to_owned(),
            license: origin.license.to_owned(),
            source_sha256: origin.sha256.to_owned(),
            files,
        })
    }

    /// Reads the manifest of `folder`.
    ///
    /// # Errors
    /// [`Error::ModelMissing`] without one, [`Error::Corrupt`] if it cannot be trusted to name plain files.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::FILE);
        let file = File::open(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::ModelMissing { path: folder.to_owned() },
            _ => Error::Io { path: path.clone(), source: error },
        })?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(Error::io(&path))?;
        Self::parse(&bytes, &path)
    }

    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| Error::corrupt(path, error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(Error::unsupported(
                path,
                format!("its format is {}, this version reads {FORMAT}", manifest.format),
            ));
        }
        if let Some(name) = manifest.files.keys().find(|name| !is_plain(name)) {
            return Err(Error::corrupt(path, format!("{name:?} is not a plain file name")));
        }
        Ok(manifest)
    }

    /// Writes the manifest into `folder` and flushes it and the folder to disk.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(Self::FILE);
        let json = self.to_json(&path)?;
        let mut file = File::create(&path).map_err(Error::io(&path))?;
        file.write_all(&json).and_then(|()| file.sync_all()).map_err(Error::io(&path))?;
        sync_folder(folder)
    }

    /// The manifest as it is written; `path` is named where that fails.
    pub(crate) fn to_json(&self, path: &Path) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(self).map_err(|error| Error::corrupt(path, error.to_string()))
    }

    /// Checks that every file exists with its size. Microseconds; see [`Manifest::verify`] for the content.
    pub fn check(&self, folder: &Path) -> Result<()> {
        for (name, record) in &self.files {
            let path = folder.join(name);
            let metadata = fs::metadata(&path).map_err(Error::io(&path))?;
            if metadata.len() != record.bytes {
                let reason = format!("it has {} bytes, expected {}", metadata.len(), record.bytes);
                return Err(Error::corrupt(&path, reason));
            }
        }
        Ok(())
    }

    /// Hashes every file, and returns what is wrong.
    pub fn verify(&self, folder: &Path) -> Vec<Error> {
        self.files
            .iter()
            .filter_map(|(name, record)| verify_file(&folder.join(name), &record.sha256).err())
            .collect()
    }
}

/// What a manifest says about where its folder came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) name: &'a str,
    pub(crate) source: &'a str,
    pub(crate) license: &'a str,
    pub(crate) sha256: &'a str,
}

/// A name that stays inside its folder on every system.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 128
        && !name.starts_with('.')
        && name != Manifest::FILE
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Flushes the names in a folder to disk.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io(folder))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Origin<'_> = Origin { name: "tiny", source: "test", license: "MIT", sha256: "00" };

    fn folder() -> (tempfile::TempDir, Manifest) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.bin"), b"abc").unwrap();
        let manifest = Manifest::describe(folder.path(), Part::Encoder, &ORIGIN).unwrap();
        manifest.write(folder.path()).unwrap();
        (folder, manifest)
    }

    #[test]
    fn what_is_written_is_read() {
        let (folder, manifest) = folder();
        assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
        assert_eq!(manifest.files["a.bin"].bytes, 3);
        manifest.check(folder.path()).unwrap();
        assert!(manifest.verify(folder.path()).is_empty());
    }

    #[test]
    fn a_changed_byte_is_found_by_verifying_and_a_changed_size_by_checking() {
        let (folder, manifest) = folder();
        let file = folder.path().join("a.bin");
        fs::write(&file, b"abd").unwrap();
        manifest.check(folder.path()).unwrap();
        assert!(matches!(manifest.verify(folder.path())[..], [Error::WrongHash { .. }]));
        fs::write(&file, b"ab").unwrap();
        assert!(matches!(manifest.check(folder.path()), Err(Error::Corrupt { .. })));
        fs::remove_file(&file).unwrap();
        assert!(matches!(manifest.check(folder.path()), Err(Error::Io { .. })));
    }

    #[test]
    fn damaged_and_hostile_manifests_are_refused() {
        let (folder, manifest) = folder();
        let path = folder.path().join(Manifest::FILE);
        for name in ["../evil", "/etc/passwd", "a/b", ".hidden", "", "manifest.json", "a\\b", "c:d"] {
            let mut hostile = manifest.clone();
            hostile.files.insert(name.to_owned(), manifest.files["a.bin"].clone());
            fs::write(&path, serde_json::to_vec(&hostile).unwrap()).unwrap();
            assert!(matches!(Manifest::read(folder.path()), Err(Error::Corrupt { .. })), "{name:?}");
        }
        fs::write(&path, b"{\"format\":1").unwrap();
        assert!(matches!(Manifest::read(folder.path()), Err(Error::Corrupt { .. })));
        fs::write(&path, serde_json::to_string(&manifest).unwrap().replace("\"format\":1", "\"format\":9"))
            .unwrap();
        assert!(matches!(Manifest::read(folder.path()), Err(Error::Unsupported { .. })));
        fs::remove_file(&path).unwrap();
        assert!(matches!(Manifest::read(folder.path()), Err(Error::ModelMissing { .. })));
    }
}
