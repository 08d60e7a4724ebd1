//! Search as the retriever does it: cosine similarity and BM25 as a share of the highest score, weighted.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;

use corpus::terms::Analyzer;
use corpus::{Chunk, ChunkId, Digest, DocumentId, Format, Passage, Span, Why};
use models::{Encoder, Side};

use crate::data::{Asked, Set};

const DENSE: f32 = 0.45;
const K1: f32 = 1.2;
const B: f32 = 0.75;

pub(crate) struct Index {
    chunks: Vec<(Chunk, String)>,
    vectors: Vec<Vec<f32>>,
    counts: Vec<HashMap<String, f32>>,
    lengths: Vec<f32>,
    frequencies: HashMap<String, f32>,
    analyzer: Analyzer,
}

impl Index {
    pub(crate) fn new(set: &Set, encoder: &Encoder) -> Result<Self, Box<dyn Error>> {
        let analyzer = Analyzer::new("en");
        let chunks: Vec<(Chunk, String)> =
            set.documents.iter().map(|d| (chunk(&d.id, &d.title, &d.text), d.group.clone())).collect();
        let contexts: Vec<String> = chunks.iter().map(|(chunk, _)| chunk.context()).collect();
        let texts: Vec<&str> = contexts.iter().map(String::as_str).collect();
        let vectors = encoder.embed(&texts, Side::Passage)?;
        let mut frequencies: HashMap<String, f32> = HashMap::new();
        let mut counts = Vec::new();
        let mut lengths = Vec::new();
        for text in &contexts {
            let mut count: HashMap<String, f32> = HashMap::new();
            for term in analyzer.terms(text) {
                *count.entry(term.text).or_default() += 1.0;
            }
            for term in count.keys() {
                *frequencies.entry(term.clone()).or_default() += 1.0;
            }
            lengths.push(count.values().sum());
            counts.push(count);
        }
        Ok(Self { chunks, vectors, counts, lengths, frequencies, analyzer })
    }

    /// The best `limit` passages; `without` leaves out what answers the question.
    pub(crate) fn search(&self, asked: &Asked, vector: &[f32], without: bool, limit: usize) -> Vec<Passage> {
        let all = self.chunks.len() as f32;
        let idf = |term: &str| {
            let with = self.frequencies.get(term).copied().unwrap_or(0.0);
            (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
        };
        let terms: BTreeMap<String, f32> = self
            .analyzer
            .terms(&asked.text)
            .into_iter()
            .map(|term| (term.text.clone(), idf(&term.text)))
            .collect();
        let highest: f32 = terms.values().sum::<f32>() * (K1 + 1.0);
        let average = self.lengths.iter().sum::<f32>() / all;
        let mut found: Vec<Passage> = (0..self.chunks.len())
            .filter(|at| {
                let (chunk, group) = &self.chunks[*at];
                *group == asked.group && !(without && asked.gold.contains(&chunk.document.0))
            })
            .map(|at| {
                let dense: f32 = vector.iter().zip(&self.vectors[at]).map(|(a, b)| a * b).sum();
                let sparse: f32 = terms
                    .iter()
                    .map(|(term, idf)| {
                        let count = self.counts[at].get(term).copied().unwrap_or(0.0);
                        idf * count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * self.lengths[at] / average))
                    })
                    .sum();
                let score = DENSE * dense + (1.0 - DENSE) * sparse / highest.max(f32::MIN_POSITIVE);
                let why = Why { dense: Some(dense), sparse: Some(sparse), ..Why::default() };
                Passage { chunk: self.chunks[at].0.clone(), rank: 0, score, why }
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(limit);
        found.iter_mut().enumerate().for_each(|(at, passage)| passage.rank = at + 1);
        found
    }
}

fn chunk(id: &str, title: &str, text: &str) -> Chunk {
    Chunk {
        id: ChunkId(uuid::Uuid::from_u128(u128::from(corpus::terms::term_id(id)))),
        document: DocumentId(id.to_owned()),
        digest: Digest::of(text.as_bytes()),
        ordinal: 0,
        span: Span::new(0, text.len()),
        text: text.to_owned(),
        headings: Vec::new(),
        page: None,
        title: title.to_owned(),
        source: "calibration".to_owned(),
        location: String::new(),
        format: Format::Text,
        language: Some("en".to_owned()),
        modified: None,
        metadata: BTreeMap::new(),
    }
}
