//! Compiling a GGUF file of the user's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::install::{building, place, room, sweep};
use super::manifest::{Manifest, Origin};
use super::{Layout, Part, Progress, lock};
use crate::fetch::{Hasher, Stop, hash_file};
use crate::{Error, Result, compile};

/// Folder of the cache with models compiled from files of the user's own.
const FOLDER: &str = "local";

/// The folder with the compiled language model of the file `gguf`, if it is there and the file is still the same.
///
/// # Errors
/// [`Error::ModelMissing`] if there is no such file.
pub fn local(layout: &Layout, gguf: &Path) -> Result<Option<PathBuf>> {
    let folder = folder(layout, gguf)?;
    let sound = Manifest::read(&folder).and_then(|manifest| manifest.check(&folder)).is_ok();
    Ok(sound.then_some(folder))
}

/// Compiles the GGUF file `gguf` into the cache, unless that has been done, and returns the folder.
///
/// # Errors
/// Those of [`compile::decoder()`], [`Error::NoSpace`] or [`Error::Cancelled`].
pub fn from_file(
    layout: &Layout,
    gguf: &Path,
    stop: &Stop,
    watch: &mut dyn FnMut(Progress),
) -> Result<PathBuf> {
    if let Some(folder) = local(layout, gguf)? {
        return Ok(folder);
    }
    fs::create_dir_all(layout.downloads()).map_err(Error::io(layout.downloads()))?;
    let _lock = lock(layout, stop, watch)?;
    sweep(layout);
    let target = folder(layout, gguf)?;
    room(layout.root(), 2 * fs::metadata(gguf).map_err(Error::io(gguf))?.len())?;
    let building = building(layout)?;
    let made = building.path().join("made");
    fs::create_dir(&made).map_err(Error::io(&made))?;
    let name = gguf.file_name().unwrap_or_default().to_string_lossy();
    watch(Progress::Compiling { name: name.to_string() });
    compile::decoder(gguf, &made, &compile::DecoderOptions::default())?;
    stop.check()?;
    let origin = Origin {
        name: &name,
        source: &gguf.display().to_string(),
        license: "see the file",
        sha256: &hash_file(gguf)?,
    };
    Manifest::describe(&made, Part::Decoder, &origin)?.write(&made)?;
    place(layout, &made, &target)?;
    watch(Progress::Ready { name: name.to_string() });
    Ok(target)
}

/// Named after the file, its size and when it was changed: gigabytes are not read to see that it is the same.
fn folder(layout: &Layout, gguf: &Path) -> Result<PathBuf> {
    let missing = |_| Error::ModelMissing { path: gguf.to_owned() };
    let path = gguf.canonicalize().map_err(missing)?;
    let about = fs::metadata(&path).map_err(missing)?;
    let changed = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let mut hasher = Hasher::default();
    hasher.update(format!("{} {} {changed:?}", path.display(), about.len()).as_bytes());
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |char: char| if char.is_ascii_alphanumeric() || "._-".contains(char) { char } else { '-' };
    let stem: String = stem.chars().take(60).map(plain).collect();
    let name = format!("{stem}-{}.{}", &hasher.finish()[..8], compile::decoder::REVISION);
    Ok(layout.root().join(FOLDER).join(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoder::tests::tiny::{Family, Tiny};

    #[test]
    fn a_file_is_compiled_once_and_again_when_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let gguf = folder.path().join("tiny model.gguf");
        let layout = Layout::new(folder.path().join("cache"));
        assert!(matches!(local(&layout, &gguf), Err(Error::ModelMissing { .. })));
        fs::write(&gguf, Tiny::new(Family::Llama).writer().finish()).unwrap();
        assert_eq!(local(&layout, &gguf).unwrap(), None);
        let mut told = 0;
        let mut compile = || {
            let made = from_file(&layout, &gguf, &Stop::default(), &mut |progress| {
                told += usize::from(matches!(progress, Progress::Compiling { .. }));
            });
            (made.unwrap(), told)
        };
        let (first, count) = compile();
        assert!(first.join("decoder.json").is_file() && count == 1, "{first:?}");
        assert!(first.file_name().unwrap().to_string_lossy().starts_with("tiny-model-"));
        assert_eq!(compile(), (first.clone(), 1));
        fs::write(&gguf, Tiny::new(Family::Qwen2).writer().finish()).unwrap();
        assert_eq!(local(&layout, &gguf).unwrap(), None);
        let (second, count) = compile();
        assert!(second != first && count == 2);
        fs::write(&gguf, "GGUF").unwrap();
        let broken = from_file(&layout, &gguf, &Stop::default(), &mut |_| ());
        assert!(matches!(broken, Err(Error::Corrupt { .. })), "{broken:?}");
        let left: Vec<_> =
            fs::read_dir(layout.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".building")), "{left:?}");
    }

    #[test]
    fn what_comes_from_elsewhere_is_not_missed() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        assert!(crate::setup::status(&layout).is_err());
        let layout = Part::ALL.into_iter().fold(layout, Layout::without);
        let assets = crate::setup::status(&layout).unwrap();
        assert!(assets.decoder.starts_with(folder.path()));
        assert!(crate::setup::verify(&layout).is_empty());
        let mut steps = 0;
        crate::setup::run(&layout, &crate::setup::Options::default(), &mut |_| steps += 1).unwrap();
        assert_eq!(steps, 0);
    }
}
