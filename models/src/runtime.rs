//! The ONNX Runtime library and sessions on a chosen device.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep::CUDA;
use ort::logging::LogLevel;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};

use crate::{Error, Result};

/// The one environment of this process. ONNX Runtime cannot be unloaded, so it is kept to the end.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

/// A loaded ONNX Runtime; clones share it.
#[derive(Clone, Debug)]
pub struct Runtime {
    environment: Environment,
    library: PathBuf,
}

impl Runtime {
    /// Loads the shared library. A second call with the same library returns the first one's runtime.
    ///
    /// # Errors
    /// [`Error::RuntimeMissing`], [`Error::RuntimeUnloadable`] (also for versions below 1.24), or
    /// [`Error::RuntimeConflict`] if another library is in use already.
    pub fn load(library: &Path) -> Result<Self> {
        if !library.is_file() {
            return Err(Error::RuntimeMissing { path: library.to_owned() });
        }
        let library = library.canonicalize().map_err(Error::io(library))?;
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = loaded.as_ref() {
            return if runtime.library == library {
                Ok(runtime.clone())
            } else {
                Err(Error::RuntimeConflict { loaded: runtime.library.clone(), asked: library })
            };
        }
        let unloadable = |source: Box<dyn std::error::Error + Send + Sync>| Error::RuntimeUnloadable {
            path: library.clone(),
            source,
        };
        let environment = ort::init_from(&library)
            .map_err(|error| unloadable(error.into()))?
            .with_name("citedesk")
            .with_telemetry(false)
            .build()
            .map_err(|error| unloadable(error.into()))?;
        environment.set_log_level(LogLevel::Warning);
        let runtime = Self { environment, library };
        *loaded = Some(runtime.clone());
        Ok(runtime)
    }

    /// The library file.
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// The environment, to share with other users of `ort` in this process.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Loads an ONNX model.
    ///
    /// # Errors
    /// [`Error::ModelMissing`], [`Error::DeviceUnavailable`] if the device cannot be used (there is no silent
    /// fallback to the CPU), or [`Error::Inference`].
    pub fn session(&self, model: &Path, options: &SessionOptions) -> Result<Session> {
        self.tuned(model, options, &Tuning::default())
    }

    /// As [`Runtime::session`], for models with needs of their own.
    pub(crate) fn tuned(
        &self,
        model: &Path,
        options: &SessionOptions,
        tuning: &Tuning<'_>,
    ) -> Result<Session> {
        if !model.is_file() {
            return Err(Error::ModelMissing { path: model.to_owned() });
        }
        // A profile for each graph, however many a model has.
        let profile = tuning.profile.map(|folder| folder.join(model.file_stem().unwrap_or_default()));
        self.builder(options, tuning.growing, profile.as_deref())?
            .commit_from_file(model)
            .map_err(Error::inference(format!("load {:?}", model.display().to_string())))
    }

    /// As [`Runtime::session`], of a model in memory.
    pub(crate) fn session_of(&self, model: &[u8], options: &SessionOptions) -> Result<Session> {
        let mut builder = self.builder(options, true, None)?;
        builder.commit_from_memory(model).map_err(Error::inference("load a model from memory"))
    }

    fn builder(
        &self,
        options: &SessionOptions,
        growing: bool,
        profile: Option<&Path>,
    ) -> Result<SessionBuilder> {
        let builder = self.basic(options, growing, profile).map_err(Error::inference("prepare a session"))?;
        let Device::Cuda(id) = options.device else { return Ok(builder) };
        let provider = CUDA::default().with_device_id(i32::from(id)).build().error_on_failure();
        builder.with_execution_providers([provider]).map_err(|error| Error::DeviceUnavailable {
            device: options.device.to_string(),
            source: error.into(),
        })
    }

    fn basic(
        &self,
        options: &SessionOptions,
        growing: bool,
        profile: Option<&Path>,
    ) -> ort::Result<SessionBuilder> {
        let mut builder =
            Session::builder(&self.environment)?.with_optimization_level(GraphOptimizationLevel::All)?;
        if growing {
            builder = builder.with_memory_pattern(false)?;
        }
        if let Some(profile) = profile {
            builder = builder.with_profiling(profile)?;
        }
        Ok(match options.threads {
            0 => builder,
            threads => builder.with_intra_threads(threads)?,
        })
    }
}

/// What some models need beside [`SessionOptions`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tuning<'a> {
    /// Sizes change with every run, so plans for them are of no use.
    pub(crate) growing: bool,
    /// Folder for a file that tells what ran where.
    pub(crate) profile: Option<&'a Path>,
}

/// How a model is run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionOptions {
    /// Threads for one inference; 0 means one for each physical core.
    pub threads: usize,
    /// Where to run.
    pub device: Device,
}

/// Where a model is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU by its number.
    Cuda(u8),
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(id) => write!(f, "cuda:{id}"),
        }
    }
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let unknown = || Error::UnknownDevice { name: name.to_owned() };
        match name {
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => {
                let id = name.strip_prefix("cuda:").ok_or_else(unknown)?;
                id.parse().map(Self::Cuda).map_err(|_| unknown())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_as_they_are_written() {
        for (name, device) in [("cpu", Device::Cpu), ("cuda", Device::Cuda(0)), ("cuda:3", Device::Cuda(3))] {
            assert_eq!(name.parse::<Device>().unwrap(), device);
        }
        assert_eq!(Device::Cuda(3).to_string(), "cuda:3");
        for name in ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "CPU"] {
            assert!(matches!(name.parse::<Device>(), Err(Error::UnknownDevice { .. })), "{name}");
        }
    }

    #[test]
    fn missing_and_foreign_libraries_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("libonnxruntime.so");
        assert!(matches!(Runtime::load(&library), Err(Error::RuntimeMissing { .. })));
        std::fs::write(&library, b"not a library").unwrap();
        let error = Runtime::load(&library).unwrap_err();
        assert!(matches!(error, Error::RuntimeUnloadable { .. } | Error::RuntimeConflict { .. }), "{error}");
    }
}
