//! Configuration: what was typed, where it came from, and what it means.
//!
//! A flag beats an environment variable, that beats `citedesk.toml` in this folder or one above, that beats
//! the user's file, that beats the machine's. Unknown keys are errors.

mod escalation;
mod inference;
mod wording;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy as _, choose_base_strategy};
use figment::providers::{Env, Format as _, Serialized, Toml};
use figment::value::magic::RelativePathBuf;
use figment::{Figment, Profile};
use models::Languages;
use models::setup::{Layout, Part};
use retriever::{Quantization, Server, Store};
use serde::{Deserialize, Serialize};

use crate::failure::{Exit, Failure};
pub(crate) use escalation::Escalation;
pub(crate) use inference::Models;
pub(crate) use wording::{Judge, Mode, Tone};

/// Everything that can be configured, as written in `citedesk.toml`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) index: Index,
    pub(crate) models: Models,
    pub(crate) answer: Answering,
    pub(crate) search: Search,
    pub(crate) screening: corpus::screen::Policy,
    pub(crate) pseudonyms: Pseudonyms,
    pub(crate) ingest: Ingest,
    pub(crate) gate: Gate,
    pub(crate) records: Records,
    pub(crate) escalation: Escalation,
    pub(crate) tui: tui::Configuration,
}

/// `[index]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Index {
    /// The index folder. Default: `citedesk/index` in the user's data folder.
    pub(crate) path: Option<RelativePathBuf>,
    /// Earlier generations that are kept to go back to.
    pub(crate) keep: usize,
    /// Smaller vectors to search: `none`, `int8` or `binary`.
    pub(crate) quantization: Quantization,
    /// `[index.server]`: the server that holds the index instead of the folder.
    pub(crate) server: Server,
}

impl Default for Index {
    fn default() -> Self {
        Self { path: None, keep: 3, quantization: Quantization::None, server: Server::default() }
    }
}

/// `[answer]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Answering {
    /// `quote`, `compose` or `draft`.
    pub(crate) mode: Mode,
    /// How many passages an answer may rest on.
    pub(crate) passages: usize,
    /// `plain`, `email`, `chat` or `note`.
    pub(crate) tone: Tone,
    /// What chooses the sentences that are said: `rules` alone, or with them the pair encoder, a `model`.
    pub(crate) choose: Judge,
    /// What judges the sentences that a language model writes, in the same way.
    pub(crate) check: Judge,
}

impl Default for Answering {
    fn default() -> Self {
        Self { mode: Mode::Quote, passages: 8, tone: Tone::Plain, choose: Judge::Model, check: Judge::Model }
    }
}

/// `[search]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Search {
    /// What every search is confined to, `KEY:VALUE`: documents that a role may not read are not even found.
    pub(crate) filters: Vec<String>,
    /// Milliseconds for the pair encoder to rerank the best passages of a question; 0 leaves them as the search has them.
    pub(crate) rerank_ms: u64,
}

/// `[ingest]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Ingest {
    /// Paths to ingest when none are given on the command line.
    pub(crate) paths: Vec<RelativePathBuf>,
    /// Sources with properties of their own, ingested when no paths are given on the command line.
    pub(crate) sources: Vec<Source>,
    /// Globs of files to take; empty takes all.
    pub(crate) include: Vec<String>,
    /// Globs of files to leave out.
    pub(crate) exclude: Vec<String>,
}

/// `[[ingest.sources]]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    /// Name under which its documents are kept; it stays the same when the folder moves.
    pub(crate) name: String,
    /// The folder or file, or a glob over files.
    #[serde(default)]
    pub(crate) path: Option<RelativePathBuf>,
    /// A help center, instead of a path.
    #[serde(default)]
    pub(crate) api: Option<ingest::ApiSpec>,
    /// Globs of files to take; empty takes all.
    #[serde(default)]
    pub(crate) include: Vec<String>,
    /// Globs of files to leave out.
    #[serde(default)]
    pub(crate) exclude: Vec<String>,
    /// Properties of all its documents to filter by, such as `product`, `lang`, `audience` and `access`.
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
    /// What the columns or fields of its exports are called, where that is unusual.
    #[serde(default)]
    pub(crate) columns: ingest::Columns,
}

/// `[pseudonyms]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Pseudonyms {
    /// File with a secret of at least 16 random bytes. With it, one person has the same pseudonym in all documents; without it,
    /// in one document only.
    pub(crate) key_file: Option<RelativePathBuf>,
}

/// `[gate]`: what a new generation must hold to go live by itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Gate {
    /// Golden questions to ask before a generation goes live.
    pub(crate) questions: Option<RelativePathBuf>,
    /// Least share of them that must be answered or refused rightly.
    pub(crate) min_right: f64,
    /// Least recall at 5 over them.
    pub(crate) min_recall: f64,
    /// Largest share of the documents of a run's sources that may leave at once.
    pub(crate) max_removed: f64,
    /// Values that measures over the answers must reach, by the names that `eval score` tells.
    pub(crate) least: BTreeMap<String, f64>,
    /// Values that they must not exceed.
    pub(crate) most: BTreeMap<String, f64>,
    /// How much worse than the live generation they may be.
    pub(crate) margin: BTreeMap<String, f64>,
}

impl Gate {
    /// The bounds of measures.
    pub(crate) fn rules(&self) -> eval::gate::Rules {
        let Self { least, most, margin, .. } = self.clone();
        eval::gate::Rules { least, most, margin }
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            questions: None,
            min_right: 0.0,
            min_recall: 0.0,
            max_removed: 0.5,
            least: BTreeMap::new(),
            most: BTreeMap::new(),
            margin: BTreeMap::new(),
        }
    }
}

/// `[records]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Records {
    /// Whether answered questions are written to a log.
    pub(crate) enabled: bool,
    /// The log. Default: `citedesk/records.jsonl` in the user's state or data folder.
    pub(crate) path: Option<RelativePathBuf>,
}

impl Default for Records {
    fn default() -> Self {
        Self { enabled: true, path: None }
    }
}

/// What flags say, where they were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) file: Option<PathBuf>,
    pub(crate) index: Option<PathBuf>,
    pub(crate) device: Option<String>,
}

/// The configuration with all paths found.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) index: PathBuf,
    pub(crate) cache: PathBuf,
    pub(crate) records: PathBuf,
    /// The file that was named.
    named: Option<PathBuf>,
    figment: Figment,
}

/// Whether a place of an index is the address of a server.
pub(crate) fn is_address(place: &Path) -> bool {
    place.to_str().is_some_and(|place| place.starts_with("http://") || place.starts_with("https://"))
}

/// What `--index` says: a folder, or the address of a server.
fn located(place: &Path) -> Figment {
    if is_address(place) {
        Figment::from(Serialized::default("index.server.url", place))
    } else {
        Figment::from(Serialized::default("index.path", place))
            .merge(Serialized::default("index.server.url", ""))
    }
}

/// Environment variables that are not keys of the file.
const NOT_KEYS: [&str; 6] = ["cache", "config", "log", "index", "device", "qdrant_api_key"];

impl Settings {
    pub(crate) fn load(overrides: &Overrides) -> Result<Self, Failure> {
        let base = choose_base_strategy()
            .map_err(|_| Failure::new(Exit::Error, "the home folder cannot be found").hint("set HOME"))?;
        let mut figment = Figment::from(Serialized::from(Config::default(), Profile::Default));
        let shared =
            [PathBuf::from("/etc/citedesk/citedesk.toml"), base.config_dir().join("citedesk/citedesk.toml")];
        for file in shared.into_iter().filter(|file| file.is_file()) {
            figment = figment.merge(Toml::file_exact(file));
        }
        let named = overrides.file.clone().or_else(|| std::env::var_os("CITEDESK_CONFIG").map(PathBuf::from));
        figment = match named.clone() {
            Some(file) if !file.is_file() => {
                return Err(Failure::new(Exit::Usage, format!("cannot read the configuration {file:?}"))
                    .hint("name an existing file with --config"));
            }
            Some(file) => figment.merge(Toml::file_exact(file)),
            None => figment.merge(Toml::file("citedesk.toml")),
        };
        // `CITEDESK_ANSWER_MODE` is `answer.mode`; further underscores belong to the key.
        figment = figment.merge(
            Env::prefixed("CITEDESK_")
                .filter(|key| !NOT_KEYS.iter().any(|name| key == name))
                .map(|key| key.as_str().to_lowercase().replacen('_', ".", 1).into()),
        );
        for (name, key) in [("CITEDESK_CACHE", "models.cache"), ("CITEDESK_DEVICE", "models.device")] {
            if let Ok(value) = std::env::var(name) {
                figment = figment.merge(Serialized::default(key, value));
            }
        }
        let index = std::env::var_os("CITEDESK_INDEX").map(PathBuf::from);
        for place in index.iter().chain(&overrides.index) {
            figment = figment.merge(located(place));
        }
        if let Some(device) = &overrides.device {
            figment = figment.merge(Serialized::default("models.device", device));
        }
        let config: Config = figment.extract().map_err(|error| {
            Failure::new(Exit::Usage, error.to_string()).hint("`citedesk config show` lists the keys")
        })?;
        let data = base.data_dir().join("citedesk");
        let place = |given: &Option<RelativePathBuf>, default: PathBuf| {
            let path = given.as_ref().map_or(default, RelativePathBuf::relative);
            std::path::absolute(&path).unwrap_or(path)
        };
        Ok(Self {
            index: place(&config.index.path, data.join("index")),
            cache: place(&config.models.cache, base.cache_dir().join("citedesk")),
            records: place(&config.records.path, data.join("records.jsonl")),
            config,
            named,
            figment,
        })
    }

    /// The index. Nothing is read or sent yet.
    pub(crate) fn store(&self) -> Result<Store, Failure> {
        Ok(self
            .store_at(self.config.index.server.is_set().then_some(&self.config.index.server), &self.index)?)
    }

    /// An index in a folder or on a server.
    pub(crate) fn store_at(&self, server: Option<&Server>, folder: &Path) -> Result<Store, retriever::Error> {
        let store = match server {
            Some(server) => {
                let key = std::env::var(retriever::server::API_KEY).ok().filter(|key| !key.is_empty());
                Store::on_server(folder, server, key.as_deref())?
            }
            None => Store::open(folder)?,
        };
        Ok(store.keeping(self.config.index.keep).quantized(self.config.index.quantization))
    }

    /// What `--index` takes for this index.
    pub(crate) fn place(&self) -> PathBuf {
        let url = &self.config.index.server.url;
        if url.is_empty() { self.index.clone() } else { PathBuf::from(url) }
    }

    /// The same with an index in `folder`.
    pub(crate) fn in_folder(&self, folder: PathBuf) -> Self {
        let mut settings = self.clone();
        settings.config.index.server = Server::default();
        settings.index = folder;
        settings
    }

    /// The file that says `key`, where one does.
    pub(crate) fn file_of(&self, key: &str) -> Option<PathBuf> {
        match self.figment.find_metadata(key)?.source.as_ref()? {
            figment::Source::File(path) => Some(path.clone()),
            _ => None,
        }
    }

    /// Where the models are. What configuration names is not set up.
    pub(crate) fn layout(&self) -> Layout {
        let Models { runtime, encoder, decoder, pair, precision, languages, taught, .. } =
            &self.config.models;
        let unneeded = [
            (Part::Runtime, runtime.is_some()),
            (Part::Encoder, encoder.is_some()),
            (Part::Decoder, decoder.is_some()),
            (Part::Pair, pair.is_some() || !self.reads_pairs()),
        ];
        let layout = Layout::new(&self.cache).precise(*precision).speaking(*languages).taught(*taught);
        unneeded
            .into_iter()
            .filter(|(_, unneeded)| *unneeded)
            .fold(layout, |layout, (part, _)| layout.without(part))
    }

    /// Fails where what is configured cannot be had together.
    pub(crate) fn check_models(&self) -> Result<(), Failure> {
        self.layout().check().map_err(|error| {
            Failure::from(error)
                .exits(Exit::Usage)
                .hint("set `models.precision` to \"fp32\", or `models.languages` to \"english\"")
        })
    }

    /// Whether the pair encoder has a say in the check of sentences. It knows English only.
    pub(crate) fn checks_pairs(&self) -> bool {
        self.config.answer.check == Judge::Model && self.config.models.languages == Languages::English
    }

    /// Whether it has a say in what is said. What it says is weighed beside what a taught encoder says.
    pub(crate) fn chooses_pairs(&self) -> bool {
        let models = &self.config.models;
        self.config.answer.choose == Judge::Model && models.languages == Languages::English && models.taught
    }

    /// Whether the pair encoder is used at all.
    pub(crate) fn reads_pairs(&self) -> bool {
        self.checks_pairs() || self.chooses_pairs() || self.config.search.rerank_ms > 0
    }

    /// The language model that configuration names.
    pub(crate) fn decoder(&self) -> Option<PathBuf> {
        self.config.models.decoder.as_ref().map(RelativePathBuf::relative)
    }

    /// The same where it is a GGUF file, which has to be compiled.
    pub(crate) fn gguf(&self) -> Option<PathBuf> {
        self.decoder().filter(|path| path.extension().is_some_and(|extension| extension == "gguf"))
    }

    /// The project's configuration file, absolute, where one is read.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        let found = || {
            let here = std::env::current_dir().ok()?;
            here.ancestors().map(|folder| folder.join("citedesk.toml")).find(|file| file.is_file())
        };
        let file = self.named.clone().or_else(found)?;
        Some(std::path::absolute(&file).unwrap_or(file))
    }

    /// Every key with its value and where the value came from.
    pub(crate) fn origins(&self) -> Result<BTreeMap<String, (String, String)>, Failure> {
        let value = serde_json::to_value(&self.config).map_err(|error| Failure::of(Exit::Error, &error))?;
        let mut rows = BTreeMap::new();
        self.walk(&mut String::new(), &value, &mut rows);
        Ok(rows)
    }

    fn walk(
        &self,
        key: &mut String,
        value: &serde_json::Value,
        rows: &mut BTreeMap<String, (String, String)>,
    ) {
        if let serde_json::Value::Object(map) = value
            && (!map.is_empty() || key.is_empty())
            // A path that came from a file is a table of its own inside figment.
            && !map.keys().any(|name| name.starts_with("___figment"))
        {
            for (name, inner) in map {
                let length = key.len();
                if !key.is_empty() {
                    key.push('.');
                }
                key.push_str(name);
                self.walk(key, inner, rows);
                key.truncate(length);
            }
            return;
        }
        let origin = self.figment.find_metadata(key).map_or_else(
            || "default".to_owned(),
            |metadata| match &metadata.source {
                Some(figment::Source::File(path)) => path.display().to_string(),
                Some(figment::Source::Code(_)) | None if metadata.name.contains("environment") => {
                    "environment".into()
                }
                Some(figment::Source::Code(_)) => {
                    if metadata.name.contains("Config") {
                        "default".into()
                    } else {
                        "flag or environment".into()
                    }
                }
                _ => metadata.name.to_string(),
            },
        );
        rows.insert(key.clone(), (self.shown(key, value), origin));
    }

    /// Paths are shown as they are used.
    fn shown(&self, key: &str, value: &serde_json::Value) -> String {
        let path = |path: &Path| format!("{:?}", path.display().to_string());
        match key {
            "index.path" => path(&self.index),
            "models.cache" => path(&self.cache),
            "records.path" => path(&self.records),
            // Its path may be a secret.
            "escalation.webhook" => match value.as_str().and_then(|url| url.split('/').nth(2)) {
                Some(host) => format!("\"https://{host}/…\""),
                None => value.to_string(),
            },
            _ => value.to_string(),
        }
    }
}
