//! Bundles: one file with everything that was set up, to carry to a machine without a network.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write as _};
use std::mem::ManuallyDrop;
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::fetch::archive::Archive;
use crate::fetch::{copy_hashed, hash_file, matches};
use crate::setup::install::room;
use crate::setup::{Layout, Manifest, Part, status};
use crate::{Error, Result};

/// No manifest is larger.
const MAX_MANIFEST: u64 = 1 << 20;
/// Bytes of a bundle beside the files in it.
const SPARE: u64 = 1 << 20;

/// Writes everything that is set up in `layout` into one zip file, stored: weights do not shrink.
///
/// What is written is checked against the manifests on the way, and the file appears under its name only when it
/// is whole.
pub fn write(layout: &Layout, file: &Path) -> Result<()> {
    status(layout)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parts: Vec<_> = layout.parts().iter().map(|part| layout.folder(*part)).collect();
    let parts: Vec<_> =
        parts.iter().map(|source| Ok((source, Manifest::read(source)?))).collect::<Result<_>>()?;
    let files = parts.iter().flat_map(|(_, manifest)| manifest.files.values());
    room(folder, SPARE + files.map(|record| record.bytes).sum::<u64>())?;
    let mut builder = tempfile::Builder::new();
    // A bundle is made to be handed on: the umask decides who may read it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut partial = builder.prefix(".bundle-").tempfile_in(folder).map_err(Error::io(folder))?;
    // Dropped after a failed write it would try once more, and print that this failed too.
    let mut zip = ManuallyDrop::new(ZipWriter::new(BufWriter::new(partial.as_file_mut())));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    let failed = |error: zip::result::ZipError| match error {
        zip::result::ZipError::Io(error) => Error::io(file)(error),
        other => Error::corrupt(file, other.to_string()),
    };
    for (source, manifest) in &parts {
        let prefix = prefix(layout, source);
        for (name, record) in &manifest.files {
            let path = source.join(name);
            let mut content = BufReader::new(File::open(&path).map_err(Error::io(&path))?);
            zip.start_file(format!("{prefix}/{name}"), options).map_err(failed)?;
            let (sha256, _) = copy_hashed(&mut content, &mut *zip, record.bytes).map_err(Error::io(file))?;
            matches(&path, &record.sha256, sha256)?;
        }
        zip.start_file(format!("{prefix}/{}", Manifest::FILE), options).map_err(failed)?;
        zip.write_all(&manifest.to_json(source)?).map_err(Error::io(file))?;
    }
    ManuallyDrop::into_inner(zip).finish().map_err(failed)?.flush().map_err(Error::io(file))?;
    partial.as_file().sync_all().map_err(Error::io(file))?;
    partial.persist(file).map_err(|error| Error::io(file)(error.error))?;
    Ok(())
}

/// The folder's path below the cache, with slashes.
fn prefix(layout: &Layout, folder: &Path) -> String {
    let below = folder.strip_prefix(layout.root()).unwrap_or(folder);
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Copies `part`, as `layout` names it, out of `from`, a bundle or another cache folder, into `target`. Returns false where `from` holds no
/// such part.
///
/// Every file is checked against the manifest that came with it, and the manifest against what this version pins: a
/// library that is not the pinned one is never copied, let alone loaded.
pub(crate) fn take(from: &Path, layout: &Layout, part: Part, target: &Path) -> Result<bool> {
    let prefix = &prefix(layout, &layout.folder(part));
    let package = layout.package(part)?;
    if !from.exists() {
        return Err(Error::ModelMissing { path: from.to_owned() });
    }
    if from.is_dir() {
        let source = from.join(prefix);
        if !source.join(Manifest::FILE).is_file() {
            return Ok(false);
        }
        let manifest = Manifest::read(&source)?;
        package.accepts(&manifest, &source)?;
        for (name, record) in &manifest.files {
            let (path, copy) = (source.join(name), target.join(name));
            fs::copy(&path, &copy).map_err(Error::io(&path))?;
            matches(&path, &record.sha256, hash_file(&copy)?)?;
        }
        manifest.write(target)?;
        return Ok(true);
    }
    let mut archive = Archive::open(from)?;
    let member = format!("{prefix}/{}", Manifest::FILE);
    if !archive.contains(&member) {
        return Err(Error::corrupt(
            from,
            format!(
                "it holds no {prefix:?}; make the bundle with the same version, `models.precision` and `models.languages`"
            ),
        ));
    }
    let manifest = Manifest::parse(&archive.read(&member, MAX_MANIFEST)?, from)?;
    package.accepts(&manifest, from)?;
    for (name, record) in &manifest.files {
        let copy = target.join(name);
        let (sha256, _) = archive.extract(&format!("{prefix}/{name}"), &copy, record.bytes)?;
        matches(&copy, &record.sha256, sha256)?;
    }
    manifest.write(target)?;
    Ok(true)
}
