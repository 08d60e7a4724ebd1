//! Wires models, index and generator together for the commands that search and answer.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use corpus::screen::{Key, Masked, Screener};
use corpus::{Answer, AnswerEvent, Passage, RunRecord, Timings};
use generator::language::Tongue;
use generator::question::{Question, essence};
use generator::{BoxError, FollowUp, Generator, PairReader, Request, SentenceEncoder, Tone, Turn};
use models::setup::{self, Assets};
use models::{CausalLm, Device, Encoder, PairEncoder, Placement, Runtime, SessionOptions};
use retriever::embed::{FastEmbed, FastEmbedModel};
use retriever::{Context, Earlier, Embedder, Filter, GenerationId, Query, Rerank, Retriever};

use crate::config::{Mode, Settings};
use crate::failure::{Exit, Failure};
use crate::filters::Confines;
use crate::output::Output;
use crate::progress;

/// How many passages are found for every question; the answer rests on the first few of them.
pub(crate) const SEARCH_DEPTH: usize = 20;

/// Models that are loaded and ready.
pub(crate) struct Models {
    runtime: Runtime,
    decoder: PathBuf,
    options: SessionOptions,
    /// Chooses sentences.
    pub(crate) encoder: Arc<Encoder>,
    /// Finds passages.
    pub(crate) embedder: Arc<dyn Embedder>,
    /// Has a say in their order, where that is configured.
    pub(crate) rerank: Option<Rerank>,
    /// Reads two texts together, where that is configured for anything.
    reader: Option<Arc<Reader>>,
    checks: bool,
    chooses: bool,
}

impl Models {
    /// Loads the runtime and the encoder; on first use, sets them up before, saying so on standard error.
    pub(crate) fn load(settings: &Settings, output: Output) -> Result<Self, Failure> {
        let assets = assets(settings, output)?;
        let device: Device = settings.config.models.device.parse()?;
        let options = SessionOptions { threads: settings.config.models.threads, device };
        let runtime = Runtime::load(&assets.runtime)?;
        let encoder = Encoder::open(&runtime, &assets.encoder, &options)?;
        let another = |what: String, key: &str, found: &dyn std::fmt::Display| {
            Failure::new(
                Exit::Usage,
                format!("the encoder {:?} {what}", assets.encoder.display().to_string()),
            )
            .hint(format!("set `models.{key}` to \"{found}\", or name another encoder"))
        };
        let (found, wanted) = (encoder.precision(), settings.config.models.precision);
        if found != wanted {
            return Err(another(format!("is {found}, not {wanted}"), "precision", &found));
        }
        let (found, wanted) = (encoder.languages(), settings.config.models.languages);
        if found != wanted {
            let what = format!("knows {}, not {}", found.name(), wanted.name());
            return Err(another(what, "languages", &found));
        }
        let encoder = Arc::new(encoder);
        let embedder: Arc<dyn Embedder> = match &settings.config.models.embedding {
            None => Arc::clone(&encoder) as Arc<dyn Embedder>,
            Some(embedding) => {
                let model = FastEmbedModel {
                    folder: embedding.folder.relative(),
                    family: embedding.family,
                    max_tokens: embedding.max_tokens,
                    threads: settings.config.models.threads,
                };
                let opened = FastEmbed::open(&runtime, &model).map_err(|error| {
                    Failure::from(error)
                        .exits(Exit::ModelMissing)
                        .hint("name a folder with model.onnx and tokenizer.json in `models.embedding.folder`")
                })?;
                Arc::new(opened)
            }
        };
        let reader = settings.reads_pairs().then(|| {
            let (runtime, options) = (runtime.clone(), options.clone());
            Arc::new(Reader { runtime, folder: assets.pair, options, loaded: OnceLock::new() })
        });
        let budget = Duration::from_millis(settings.config.search.rerank_ms);
        let rerank = match &reader {
            Some(reader) if !budget.is_zero() => Some(Rerank::new(reader.encoder()?.clone(), budget)),
            _ => None,
        };
        let (checks, chooses) = (settings.checks_pairs(), settings.chooses_pairs() && encoder.is_taught());
        Ok(Self {
            runtime,
            decoder: assets.decoder,
            options,
            encoder,
            embedder,
            rerank,
            reader,
            checks,
            chooses,
        })
    }

    /// What has a say in the check of written sentences, where that is configured.
    pub(crate) fn checker(&self) -> Option<Arc<dyn PairReader>> {
        let reader = self.reader.as_ref().filter(|_| self.checks)?;
        Some(Arc::clone(reader) as Arc<dyn PairReader>)
    }

    /// Fingerprint of the pair encoder, where one has been loaded.
    fn pair(&self) -> Option<&str> {
        Some(self.reader.as_ref()?.loaded.get()?.fingerprint())
    }

    /// What has a say in what is said, where that is configured.
    fn chooser(&self) -> Result<Option<Arc<dyn PairReader>>, Failure> {
        let Some(reader) = self.reader.as_ref().filter(|_| self.chooses) else { return Ok(None) };
        if !reader.encoder()?.info().tells_answers() {
            return Err(Failure::new(
                Exit::Usage,
                format!("the pair encoder {:?} does not tell answers", reader.folder.display().to_string()),
            )
            .hint("set `answer.choose` to \"rules\", or name another one"));
        }
        Ok(Some(Arc::clone(reader) as Arc<dyn PairReader>))
    }

    /// Loads the language model.
    pub(crate) fn language_model(&self) -> Result<CausalLm, Failure> {
        Ok(CausalLm::open(&self.runtime, &self.decoder, &self.options)?)
    }

    /// What runs the language model's parts.
    pub(crate) fn placement(&self) -> Result<Vec<Placement>, Failure> {
        Ok(CausalLm::placement(&self.runtime, &self.decoder, &self.options)?)
    }

    pub(crate) fn device(&self) -> String {
        self.options.device.to_string()
    }
}

/// The pair encoder, loaded when it is first needed: where it only checks, most answers hold nothing but quotes.
struct Reader {
    runtime: Runtime,
    folder: PathBuf,
    options: SessionOptions,
    loaded: OnceLock<Arc<PairEncoder>>,
}

impl Reader {
    fn encoder(&self) -> models::Result<&Arc<PairEncoder>> {
        match self.loaded.get() {
            Some(pair) => Ok(pair),
            None => {
                let opened = PairEncoder::open(&self.runtime, &self.folder, &self.options)?;
                Ok(self.loaded.get_or_init(|| Arc::new(opened)))
            }
        }
    }
}

impl PairReader for Reader {
    fn answers(&self, question: &str, texts: &[&str]) -> Result<Vec<f32>, BoxError> {
        self.encoder()?.answers(question, texts)
    }

    fn support(&self, claim: &str, evidence: &[&str]) -> Result<Vec<f32>, BoxError> {
        self.encoder()?.support(claim, evidence)
    }
}

/// The models and the library, set up on first use.
pub(crate) fn assets(settings: &Settings, output: Output) -> Result<Assets, Failure> {
    settings.check_models()?;
    let layout = settings.layout();
    let assets = match setup::status(&layout) {
        Ok(assets) => assets,
        Err(_) => progress::setup(&layout, setup::Options::default(), output)?,
    };
    configured(settings, assets)
}

/// With what configuration names in place of the default.
pub(crate) fn configured(settings: &Settings, mut assets: Assets) -> Result<Assets, Failure> {
    let configured = &settings.config.models;
    if let Some(path) = &configured.runtime {
        assets.runtime = path.relative();
    } else if let Some(path) = std::env::var_os("ORT_DYLIB_PATH") {
        assets.runtime = path.into();
    }
    if let Some(path) = &configured.encoder {
        assets.encoder = path.relative();
    }
    if let Some(path) = &configured.pair {
        assets.pair = path.relative();
    }
    if let Some(path) = settings.decoder() {
        // Without the compiled one, the file itself is refused when it is opened, with the remedy.
        assets.decoder = match settings.gguf() {
            Some(gguf) => setup::local(&settings.layout(), &gguf)?.unwrap_or(gguf),
            None => path,
        };
    }
    Ok(assets)
}

/// One question with what came before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) question: String,
    pub(crate) history: Vec<Turn>,
    pub(crate) filters: Vec<Filter>,
    /// Whom the answer is for; without it, as configured.
    pub(crate) tone: Option<Tone>,
}

/// A word in so many chunks of the index is no name of a person: those were masked there.
const PUBLIC: usize = 3;

/// Masks a question beside the index that it is asked of.
pub(crate) fn masked(screener: &Screener, retriever: &Retriever, text: &str) -> Masked {
    screener.mask_beside(text, &|word| retriever.chunks_with(word) >= PUBLIC)
}

/// Earlier turns, masked by `mask` like the question.
pub(crate) fn screened(mask: impl Fn(&str) -> String, history: &[Turn]) -> Vec<Turn> {
    history.iter().map(|turn| Turn { question: mask(&turn.question), answer: mask(&turn.answer) }).collect()
}

/// The search for a screened question after the screened `history`: its text, and what counts of what was said before.
pub(crate) fn search(question: &str, history: &[Turn]) -> (String, Context) {
    let FollowUp { text, earlier, leans } = FollowUp::new(&essence(question), history);
    let earlier = earlier.into_iter().map(|Turn { question, answer }| Earlier { question, answer });
    (text, Context { turns: earlier.collect(), leans })
}

/// An open index with everything that answering needs.
pub(crate) struct Engine {
    pub(crate) retriever: Retriever,
    generator: Generator,
    screener: Screener,
    confines: Confines,
    mode: generator::Mode,
    /// Fingerprint of the language model, once it is loaded.
    writer: Option<String>,
    passages: usize,
    tone: Tone,
    models: Models,
}

impl Engine {
    /// On the current generation.
    pub(crate) fn open(settings: &Settings, mode: Option<Mode>, output: Output) -> Result<Self, Failure> {
        // An empty index is told at once, before seconds go into loading models.
        if settings.store()?.current()?.is_none() {
            return Err(no_index(settings));
        }
        Self::on(settings, mode, Models::load(settings, output)?, None)
    }

    /// On a generation, the current one where none is named.
    pub(crate) fn on(
        settings: &Settings,
        mode: Option<Mode>,
        models: Models,
        generation: Option<&GenerationId>,
    ) -> Result<Self, Failure> {
        let retriever = retriever(settings, &models, generation)?;
        let mode = mode.unwrap_or(settings.config.answer.mode);
        let language_model = language_model(&models, mode)?;
        Ok(Self {
            retriever,
            writer: language_model.as_ref().map(|model| model.fingerprint().to_owned()),
            generator: generator(&models, language_model)?,
            screener: screener(settings)?,
            confines: Confines::of(settings)?,
            mode: mode.into(),
            passages: settings.config.answer.passages,
            tone: settings.config.answer.tone.into(),
            models,
        })
    }

    /// Searches, answers and checks. The question is screened first; what is returned and recorded holds the
    /// screened one only.
    pub(crate) fn ask(
        &mut self,
        asked: &Asked,
        sink: &mut dyn FnMut(AnswerEvent) -> ControlFlow<()>,
    ) -> Result<Answered, Failure> {
        let started = Instant::now();
        let Masked { text: question, findings } = self.mask(&asked.question);
        let history = screened(|text| self.mask(text).text, &asked.history);
        let ranking = self.find(&question, &history, &self.confines.with(&asked.filters)?)?;
        let passages = ranking.iter().take(self.passages).cloned().collect();
        let tone = asked.tone.unwrap_or(self.tone);
        let request = Request { question, history, passages, mode: self.mode, tone };
        let answer = self.generator.answer(&request, started, sink)?;
        Ok(Answered { answer, ranking, tone, masked: findings.len() })
    }

    /// The passages for a screened question, best first. One that asks for several things is searched for as a whole and for
    /// each of them, and the passages found take turns.
    fn find(&self, question: &str, history: &[Turn], filters: &[Filter]) -> Result<Vec<Passage>, Failure> {
        let find = |text: &str| {
            let (text, context) = search(text, history);
            self.retriever.search(&Query { text, limit: SEARCH_DEPTH, filters: filters.to_vec(), context })
        };
        let mut found = vec![find(question)?];
        let asked = essence(question);
        let parts = Question::parts(&asked, &asked, &Tongue::of_question(&asked, &[]));
        if parts.len() > 1 {
            for part in parts {
                found.push(find(&part.text)?);
            }
        }
        let ranked = in_turns(found, |passage| passage.chunk.id).into_iter().take(SEARCH_DEPTH).enumerate();
        Ok(ranked.map(|(at, passage)| Passage { rank: at + 1, ..passage }).collect())
    }

    /// Goes on with the current generation.
    pub(crate) fn reopen(&mut self, settings: &Settings) -> Result<(), Failure> {
        self.retriever = retriever(settings, &self.models, None)?;
        Ok(())
    }

    /// Words answers in this way from now on. The language model is loaded the first time that it is needed.
    pub(crate) fn set_mode(&mut self, mode: Mode) -> Result<(), Failure> {
        if self.writer.is_none()
            && let Some(model) = language_model(&self.models, mode)?
        {
            self.writer = Some(model.fingerprint().to_owned());
            self.generator = generator(&self.models, Some(model))?;
        }
        self.mode = mode.into();
        Ok(())
    }

    pub(crate) fn record(&self, answer: &Answer) -> RunRecord {
        let roles = [
            ("encoder", Some(self.models.encoder.fingerprint())),
            ("embedder", Some(self.models.embedder.fingerprint())),
            ("pair", self.models.pair()),
            ("writer", self.writer.as_deref().filter(|_| self.mode != generator::Mode::Quote)),
        ];
        let known = |(role, name): (&str, Option<&str>)| Some((role.to_owned(), name?.to_owned()));
        let fingerprints = roles.into_iter().filter_map(known).collect();
        RunRecord {
            version: corpus::record::RECORD_VERSION,
            id: crate::records::new_id(),
            at: jiff::Timestamp::now(),
            generation: self.retriever.generation().id.to_string(),
            fingerprints,
            answer: answer.clone(),
        }
    }

    pub(crate) fn device(&self) -> String {
        self.models.device()
    }

    /// Masks the identifiers in `text` as in a question.
    pub(crate) fn mask(&self, text: &str) -> Masked {
        masked(&self.screener, &self.retriever, text)
    }
}

/// One ranking of several: the first of each, then the second of each, everything once by its `id`.
fn in_turns<T, I: PartialEq>(rankings: Vec<Vec<T>>, id: impl Fn(&T) -> I) -> Vec<T> {
    let deepest = rankings.iter().map(Vec::len).max().unwrap_or(0);
    let mut rankings: Vec<_> = rankings.into_iter().map(Vec::into_iter).collect();
    let mut ranking: Vec<T> = Vec::new();
    for _ in 0..deepest {
        for found in rankings.iter_mut().filter_map(Iterator::next) {
            if !ranking.iter().any(|known| id(known) == id(&found)) {
                ranking.push(found);
            }
        }
    }
    ranking
}

/// Searches a generation, the current one where none is named.
fn retriever(
    settings: &Settings,
    models: &Models,
    generation: Option<&GenerationId>,
) -> Result<Retriever, Failure> {
    let store = settings.store()?;
    let embedder = Arc::clone(&models.embedder);
    let retriever = match generation {
        Some(id) => Retriever::open_generation(&store, id, embedder)?,
        None => Retriever::open(&store, embedder)?,
    };
    Ok(retriever.reranked(models.rerank.clone()))
}

/// The language model that a way to word answers needs. Quoting needs none, and loading one takes longer than a whole answer.
fn language_model(models: &Models, mode: Mode) -> Result<Option<CausalLm>, Failure> {
    match mode {
        Mode::Quote => Ok(None),
        // Composed answers say if there is none.
        Mode::Compose => match models.language_model() {
            Ok(model) => Ok(Some(model)),
            Err(failure) if failure.exit() == Exit::ModelMissing => Ok(None),
            Err(failure) => Err(failure),
        },
        Mode::Draft => Ok(Some(models.language_model()?)),
    }
}

fn generator(models: &Models, model: Option<CausalLm>) -> Result<Generator, Failure> {
    let model = model.map(generator::adapters::boxed);
    let encoder = Arc::clone(&models.encoder) as Arc<dyn SentenceEncoder>;
    let mut generator = Generator::new(encoder, model, generator::Options::default());
    if let Some(reader) = models.checker() {
        generator = generator.with_reader(reader);
    }
    if let Some(reader) = models.chooser()? {
        generator = generator.with_chooser(reader);
    }
    Ok(generator)
}

/// What came of a question.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    /// Everything that retrieval found, more than the answer rests on.
    pub(crate) ranking: Vec<Passage>,
    /// Whom it is for.
    pub(crate) tone: Tone,
    /// How many identifiers were masked in the question.
    pub(crate) masked: usize,
}

impl Answered {
    pub(crate) fn timings(&self) -> Timings {
        self.answer.timings
    }
}

pub(crate) fn screener(settings: &Settings) -> Result<Screener, Failure> {
    let screener = Screener::new(settings.config.screening.clone()).map_err(|error| {
        Failure::of(Exit::Usage, &error).hint("correct it under `screening.patterns` in the configuration")
    })?;
    Ok(match key(settings)? {
        Some(key) => screener.keyed(key),
        None => screener,
    })
}

/// The key that pseudonyms are made from, where configuration names one.
fn key(settings: &Settings) -> Result<Option<Key>, Failure> {
    let Some(file) = &settings.config.pseudonyms.key_file else { return Ok(None) };
    let file = file.relative();
    Key::read(&file).map(Some).map_err(|error| {
        Failure::of(Exit::Error, &error).hint(format!(
            "make one with `(umask 077; head -c 32 /dev/urandom > {})`, and keep a copy: another key gives other pseudonyms",
            file.display()
        ))
    })
}

/// What stands for the way that documents are screened.
pub(crate) fn screening(settings: &Settings) -> Result<String, Failure> {
    let policy = ingest::screening(&settings.config.screening);
    Ok(match key(settings)? {
        Some(key) => format!("{policy} {}", key.fingerprint()),
        None => policy,
    })
}

pub(crate) fn no_index(settings: &Settings) -> Failure {
    Failure::new(Exit::Error, format!("there is no index in {:?}", settings.place().display().to_string()))
        .hint("`citedesk ingest FOLDER` builds one; `citedesk demo` shows how it looks")
}

#[cfg(test)]
mod tests {
    use super::in_turns;

    #[test]
    fn rankings_take_turns_and_nothing_comes_twice() {
        let turns = |rankings: &[&[u8]]| {
            in_turns(rankings.iter().map(|ranking| ranking.to_vec()).collect(), |number| *number)
        };
        assert_eq!(turns(&[&[1, 2, 3, 4], &[3, 5], &[1, 6, 7]]), [1, 3, 2, 5, 6, 7, 4]);
        assert_eq!(turns(&[&[2, 1]]), [2, 1]);
        assert!(turns(&[&[], &[]]).is_empty());
    }
}
