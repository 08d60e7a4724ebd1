//! Stand-ins for models and passages in tests.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use corpus::terms::{Analyzer, term_id};
use corpus::{Chunk, ChunkId, Digest, DocumentId, Format, Passage, Span, Why};
use models::Side;
use models::constrain::{Guide as _, Guided, Vocabulary};

use crate::BoxError;
use crate::model::{Form, LanguageModel, Reply, SentenceEncoder, Writing};

/// Vectors that count words, hashed.
pub(crate) struct WordBag;

impl SentenceEncoder for WordBag {
    fn embed(&self, texts: &[(Side, &str)]) -> Result<Vec<Vec<f32>>, BoxError> {
        let analyzer = Analyzer::new("en");
        let vector = |(_, text): &(Side, &str)| {
            let mut vector = vec![0.0f32; 256];
            for term in analyzer.terms(text) {
                vector[term_id(&term.text) as usize % 256] += 1.0;
            }
            let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
            vector.iter_mut().for_each(|value| *value /= norm.max(1e-6));
            vector
        };
        Ok(texts.iter().map(vector).collect())
    }
}

/// A model that says what it was told to say, in pieces of four characters, and keeps what it was asked.
#[derive(Default)]
pub(crate) struct Parrot {
    pub(crate) says: String,
    pub(crate) taught: bool,
    pub(crate) asked: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

impl LanguageModel for Parrot {
    fn score(&mut self, _: &str, continuations: &[&str]) -> Result<Vec<f32>, BoxError> {
        Ok(vec![-1.0; continuations.len()])
    }

    fn generate(
        &mut self,
        system: &str,
        user: &str,
        _: &Writing<'_>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Reply, BoxError> {
        self.asked.lock().map_err(|_| "poisoned")?.push(format!("{system}\n{user}"));
        let chars: Vec<char> = self.says.chars().collect();
        let mut said = String::new();
        for piece in chars.chunks(4) {
            let piece: String = piece.iter().collect();
            said.push_str(&piece);
            if sink(&piece).is_break() {
                break;
            }
        }
        Ok(Reply { text: said, ..Reply::default() })
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }

    fn context_length(&self) -> usize {
        2_048
    }

    fn is_taught(&self) -> bool {
        self.taught
    }
}

/// A model that wants anything, and writes what it is held to, byte by byte.
pub(crate) struct Dice(pub(crate) u64);

impl LanguageModel for Dice {
    fn score(&mut self, _: &str, continuations: &[&str]) -> Result<Vec<f32>, BoxError> {
        Ok(vec![-1.0; continuations.len()])
    }

    fn generate(
        &mut self,
        _: &str,
        _: &str,
        options: &Writing<'_>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Reply, BoxError> {
        let Form::Copied(excerpts) = options.form else { return Ok(Reply::default()) };
        let pieces: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).chain([vec![]]).collect();
        let vocabulary = Arc::new(Vocabulary::new(pieces.iter().map(Vec::as_slice), &[256]));
        let mut guide = Guided::new(vocabulary, excerpts);
        let mut said = Vec::new();
        for left in (1..=options.max_tokens).rev() {
            let mut logits: Vec<f32> = (0..257u64)
                .map(|_| {
                    self.0 = self
                        .0
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (self.0 >> 40) as f32
                })
                .collect();
            let best = &mut |logits: &[f32]| {
                let (token, logit) = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
                (*logit > f32::NEG_INFINITY).then_some(token as u32)
            };
            match guide.choose(&mut logits, left, best) {
                Some(token) if token < 256 => said.push(token as u8),
                _ => break,
            }
        }
        let text = String::from_utf8(said)?;
        let _ = text.split_inclusive(' ').try_for_each(sink);
        Ok(Reply { text, ..Reply::default() })
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.len()
    }

    fn context_length(&self) -> usize {
        100_000
    }
}

/// A passage that begins 7 bytes into its document.
pub(crate) fn passage(rank: usize, title: &str, headings: &[&str], text: &str) -> Passage {
    let document = DocumentId(format!("docs/{}-{rank}.md", title.to_lowercase().replace(' ', "-")));
    Passage {
        chunk: Chunk {
            id: ChunkId(uuid::Uuid::from_u128(rank as u128)),
            digest: Digest::of(text.as_bytes()),
            ordinal: 0,
            span: Span::new(7, 7 + text.len()),
            text: text.to_owned(),
            headings: headings.iter().map(|heading| (*heading).to_owned()).collect(),
            page: None,
            title: title.to_owned(),
            source: "docs".to_owned(),
            location: document.0.clone(),
            format: Format::Markdown,
            language: Some("en".to_owned()),
            modified: None,
            metadata: BTreeMap::new(),
            document,
        },
        rank,
        score: 1.0 / rank as f32,
        why: Why {
            dense: Some(0.6),
            dense_rank: Some(rank),
            sparse: Some(3.0),
            sparse_rank: Some(rank),
            ..Why::default()
        },
    }
}
