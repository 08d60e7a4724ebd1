//! Hybrid search over one generation.

mod context;
mod fuse;
mod look;
mod query;
mod select;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

use corpus::{Chunk, ChunkId, DocumentId, DocumentRecord, Passage, lay};

pub use query::{Context, Earlier, Filter, Query, Ranking};

use crate::index::Index;
use crate::rerank::{self, Rerank};
use crate::sparse::{ANALYZER, Frequencies, Weigher};
use crate::store::shelf::Documents;
use crate::store::{DocumentEntry, Generation, GenerationId, Store, usable};
use crate::{Embedder, Error};
use fuse::fuse;
pub(crate) use fuse::{Candidate, sort};
use look::{LOOKED_AT, Look};
use query::Recent;
use select::Selection;

/// How deep each of the two rankings is searched, at least.
const DEPTH: usize = 100;
/// What the score of a superseded document's chunk is multiplied by: enough to put it behind a current one that
/// says as much, not enough to put it behind one that does not answer.
const SUPERSEDED: f32 = 0.8;
/// How often the current generation may be deleted while it is opened before that is an error.
const TRIES: usize = 5;
/// A question is read in the languages that at least one chunk in so many is in.
const RARE: usize = 50;
/// Language of questions where no chunk has one.
const FALLBACK: &str = "en";

/// Language of the phrases that people say instead of what documents write, and the weight of a question in the words
/// of documents beside the question as it is.
const LAY_IN: &str = "en";
const WRITTEN: f32 = 0.8;
/// How many times as often documents use a word, to be read in place of another.
const FAR_MORE: usize = 4;

/// Chunks by their ids.
type Chunks = HashMap<ChunkId, Chunk>;

/// What a question finds.
struct Found {
    /// Best first.
    candidates: Vec<Candidate>,
    /// The chunks that were read to rank them.
    read: Chunks,
    /// Whether the question was searched together with what was said before it. It makes no sense alone then.
    leans: bool,
}

/// Searches one generation. It stays on it whatever is published meanwhile; open another one to see that.
pub struct Retriever {
    generation: Generation,
    embedder: Arc<dyn Embedder>,
    index: Box<dyn Index>,
    documents: Box<dyn Documents>,
    superseded: HashSet<ChunkId>,
    weigher: Weigher,
    frequencies: Frequencies,
    languages: Vec<String>,
    recent: Mutex<Recent>,
    rerank: Option<Rerank>,
    /// Keeps the generation from being deleted.
    _held: Option<File>,
}

impl Retriever {
    /// Opens the current generation of `store`.
    #[expect(clippy::needless_pass_by_value, reason = "like `open_generation`, which keeps it")]
    pub fn open(store: &Store, embedder: Arc<dyn Embedder>) -> Result<Self, Error> {
        let mut tries = 0;
        loop {
            let Some(id) = store.shelf().current()? else { return Err(store.empty()) };
            match Self::open_generation(store, &id, Arc::clone(&embedder)) {
                // Several generations were published since, and this one is gone.
                Err(Error::NoGeneration { .. } | Error::Corrupt { .. } | Error::Io { .. })
                    if tries < TRIES && store.shelf().current()?.as_ref() != Some(&id) =>
                {
                    tries += 1;
                }
                opened => return opened,
            }
        }
    }

    /// Opens the generation `id` of `store`, current or not.
    pub fn open_generation(
        store: &Store,
        id: &GenerationId,
        embedder: Arc<dyn Embedder>,
    ) -> Result<Self, Error> {
        let shelf = store.shelf();
        let held = shelf.hold(id)?;
        let generation = shelf.about(id)?;
        if generation.embedder != embedder.fingerprint() || generation.dimension != embedder.dimension() {
            return Err(Error::ForeignFingerprint {
                index: generation.embedder,
                model: embedder.fingerprint().to_owned(),
            });
        }
        if generation.analyzer != ANALYZER {
            let (id, found) = (generation.id, generation.analyzer);
            return Err(Error::ForeignFormat { id, found, expected: ANALYZER });
        }
        let documents = shelf.documents(id)?;
        let index = shelf.index(&generation)?;
        let languages = languages(&generation);
        Ok(Self {
            generation,
            embedder,
            index,
            superseded: documents.superseded().values().flatten().copied().collect(),
            documents,
            weigher: Weigher::default(),
            frequencies: shelf.frequencies(id)?,
            languages,
            recent: Mutex::default(),
            rerank: None,
            _held: held,
        })
    }

    /// The same, with the best of what [`Retriever::search`] finds in an order that a model has a say in.
    #[must_use]
    pub fn reranked(mut self, rerank: Option<Rerank>) -> Self {
        self.rerank = rerank;
        self
    }

    /// The generation that is searched.
    pub fn generation(&self) -> &Generation {
        &self.generation
    }

    /// The best passages for a query, best first.
    ///
    /// A score weighs cosine similarity, the share of the question's terms that is matched, and how these stand in the passage.
    /// A passage that says nothing beyond a better one is left out, and no document takes more than three places that others
    /// could fill.
    pub fn search(&self, query: &Query) -> Result<Vec<Passage>, Error> {
        let text = query.text.trim();
        if text.is_empty() || query.limit == 0 || self.generation.chunks == 0 {
            return Ok(Vec::new());
        }
        let Found { mut candidates, mut read, leans } = self.candidates(text, query)?;
        if !query.asks_for_editions() {
            self.put_superseded_back(&mut candidates);
        }
        if let Some(rerank) = self.rerank.as_ref().filter(|_| !leans) {
            let best = candidates.len().min(rerank::DEPTH);
            let chunks = self.chunks(&candidates[..best], &mut read)?;
            rerank.order(text, &mut candidates, &chunks)?;
            read.extend(chunks.into_iter().map(|(chunk, _)| (chunk.id, chunk)));
        }
        self.select(&candidates, &mut read, query.limit)
    }

    /// The candidates in the order of one ranking, before any is left out or put back: for measuring.
    pub fn rank(&self, query: &Query, ranking: Ranking) -> Result<Vec<Passage>, Error> {
        let text = query.text.trim();
        if text.is_empty() || self.generation.chunks == 0 {
            return Ok(Vec::new());
        }
        let Found { mut candidates, mut read, .. } = self.candidates(text, query)?;
        match ranking {
            Ranking::Fused => {}
            Ranking::Dense => candidates.retain(|candidate| candidate.why.dense_rank.is_some()),
            Ranking::Sparse => candidates.retain(|candidate| candidate.why.sparse_rank.is_some()),
        }
        candidates.sort_by_key(|candidate| match ranking {
            Ranking::Fused => None,
            Ranking::Dense => candidate.why.dense_rank,
            Ranking::Sparse => candidate.why.sparse_rank,
        });
        candidates.truncate(query.limit);
        Ok(passages(self.chunks(&candidates, &mut read)?))
    }

    fn candidates(&self, text: &str, query: &Query) -> Result<Found, Error> {
        let depth = DEPTH.max(2 * query.limit);
        let languages = || self.languages.iter().map(String::as_str);
        let mut question = self.weigher.weighted(&[(text, 1.0)], languages());
        let mut vector = self.embed(text)?;
        let mut texts = query.context.texts(self.frequencies.substance(&question));
        let leans = !texts.is_empty();
        texts.push((text, 1.0));
        let written = lay::written_where(text, |said, meant| self.is_better(said, meant));
        texts.extend(written.iter().map(|written| (written.as_str(), WRITTEN)));
        if texts.len() > 1 {
            question = self.weigher.weighted(&texts, languages());
            vector = self.mean(&texts)?.unwrap_or(vector);
        }
        let (dense, sparse) = self.index.both(&vector, &question.vector, &query.filters, depth)?;
        let near: HashSet<ChunkId> = dense.iter().map(|hit| hit.id).collect();
        let far: Vec<ChunkId> = sparse.iter().map(|hit| hit.id).filter(|id| !near.contains(id)).collect();
        let looked_up = self.index.similarities(&vector, &far)?;
        let highest = self.frequencies.highest(&question);
        let mut candidates = fuse(&dense, &looked_up, &sparse, highest);
        let first: Vec<ChunkId> = candidates.iter().take(LOOKED_AT).map(|candidate| candidate.id).collect();
        let chunks = self.index.chunks(&first)?;
        Look::new(&self.weigher, &self.frequencies, &texts, highest).again(&mut candidates, &chunks);
        let read = chunks.into_iter().map(|chunk| (chunk.id, chunk)).collect();
        Ok(Found { candidates, read, leans })
    }

    fn put_superseded_back(&self, candidates: &mut [Candidate]) {
        for candidate in candidates.iter_mut().filter(|candidate| self.superseded.contains(&candidate.id)) {
            candidate.score = candidate.score.max(0.0) * SUPERSEDED;
        }
        fuse::sort(candidates);
    }

    fn select(
        &self,
        candidates: &[Candidate],
        read: &mut Chunks,
        limit: usize,
    ) -> Result<Vec<Passage>, Error> {
        let mut selection = Selection::new(limit);
        for batch in candidates.chunks(limit.max(16)) {
            if selection.is_full() {
                break;
            }
            for (chunk, candidate) in self.chunks(batch, read)? {
                selection.offer(chunk, candidate);
            }
        }
        Ok(passages(selection.finish()))
    }

    /// The chunks of candidates, in their order; those in `read` are taken from there. Unknown ones are left out.
    fn chunks(&self, candidates: &[Candidate], read: &mut Chunks) -> Result<Vec<(Chunk, Candidate)>, Error> {
        let ids = candidates.iter().map(|candidate| candidate.id);
        let unread: Vec<ChunkId> = ids.filter(|id| !read.contains_key(id)).collect();
        if !unread.is_empty() {
            read.extend(self.index.chunks(&unread)?.into_iter().map(|chunk| (chunk.id, chunk)));
        }
        let found = |candidate: &Candidate| Some((read.remove(&candidate.id)?, *candidate));
        Ok(candidates.iter().filter_map(found).collect())
    }

    /// The mean of the texts' vectors by their weights, of length 1; `None` where they cancel out.
    fn mean(&self, texts: &[(&str, f32)]) -> Result<Option<Arc<[f32]>>, Error> {
        let mut mean = vec![0.0; self.generation.dimension];
        for (text, weight) in texts {
            for (sum, value) in mean.iter_mut().zip(self.embed(text)?.iter()) {
                *sum += weight * value;
            }
        }
        let length = mean.iter().map(|value| value * value).sum::<f32>().sqrt();
        for value in &mut mean {
            *value /= length;
        }
        Ok(usable(&mean).then(|| mean.into()))
    }

    fn embed(&self, text: &str) -> Result<Arc<[f32]>, Error> {
        if let Some(vector) = self.recent.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
            return Ok(vector);
        }
        let vector = self.embedder.embed_query(text)?;
        if vector.len() != self.generation.dimension || !usable(&vector) {
            return Err(Error::BadEmbedding {
                model: self.embedder.fingerprint().to_owned(),
                problem: format!("no usable vector of {} numbers", self.generation.dimension),
            });
        }
        let vector: Arc<[f32]> = vector.into();
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).put(text, Arc::clone(&vector));
        Ok(vector)
    }

    /// A document as it is stored, or `None` where the generation has none of that id.
    pub fn document(&self, id: &DocumentId) -> Result<Option<DocumentRecord>, Error> {
        Ok(self.documents.line(id)?.map(|line| line.document))
    }

    /// The chunks of a document, in order; none where the generation has none of that id.
    pub fn chunks_of(&self, id: &DocumentId) -> Result<Vec<Chunk>, Error> {
        Ok(self.documents.line(id)?.map(|line| line.chunks().collect()).unwrap_or_default())
    }

    /// What documents there are, by id.
    pub fn entries(&self) -> Result<&[DocumentEntry], Error> {
        self.documents.entries()
    }

    /// Whether another document says what holds now: its `status` says so, or a newer `version` of it is there.
    pub fn superseded(&self, id: &DocumentId) -> bool {
        self.documents.superseded().contains_key(id)
    }

    /// Whether documents use what is `meant` by a phrase far more than what is `said`: otherwise they call it so themselves. An
    /// idiom of several words is looked up whenever documents know what it means.
    fn is_better(&self, said: &str, meant: &str) -> bool {
        if !self.languages.iter().any(|language| language == LAY_IN) {
            return false;
        }
        let idiom = said.split_whitespace().count() > 1;
        let known = self.chunks_in(meant, LAY_IN);
        known > 0 && (idiom || self.chunks_in(said, LAY_IN) * FAR_MORE <= known)
    }

    /// How many chunks hold a word, in the language in which most do; none where it is a stop word.
    pub fn chunks_with(&self, word: &str) -> usize {
        self.languages.iter().map(|language| self.chunks_in(word, language)).max().unwrap_or(0)
    }

    /// How many chunks hold the rarest term of a text in one language.
    fn chunks_in(&self, text: &str, language: &str) -> usize {
        let ids = self.weigher.ids(text, language);
        ids.into_iter().map(|id| self.frequencies.chunks_with(id)).min().unwrap_or(0)
    }

    /// All documents, by id.
    pub fn documents(&self) -> Result<impl Iterator<Item = Result<DocumentRecord, Error>> + '_, Error> {
        Ok(self.documents.lines()?.map(|line| line.map(|line| line.document)))
    }
}

fn passages(chosen: Vec<(Chunk, Candidate)>) -> Vec<Passage> {
    let passage = |(rank, (chunk, candidate)): (usize, (Chunk, Candidate))| Passage {
        chunk,
        rank,
        score: candidate.score,
        why: candidate.why,
    };
    (1..).zip(chosen).map(passage).collect()
}

/// The languages to read questions in.
fn languages(generation: &Generation) -> Vec<String> {
    let common = generation.languages.iter().filter(|(_, chunks)| **chunks * RARE >= generation.chunks);
    let mut languages: Vec<String> = common.map(|(language, _)| language.clone()).collect();
    if languages.is_empty() {
        languages.push(FALLBACK.to_owned());
    }
    languages
}
