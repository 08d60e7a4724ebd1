//! What the generator needs of models. Implementations live in [`crate::adapters`]; tests bring their own.

use std::ops::ControlFlow;

use corpus::Pace;
use models::Side;
use models::constrain::Excerpts;

use crate::BoxError;
use crate::error::Error;

/// Turns sentences into vectors of unit length.
pub trait SentenceEncoder: Send + Sync {
    /// One vector for each text, in order, all of one dimension. Those of questions are comparable with those of what
    /// may answer them.
    fn embed(&self, texts: &[(Side, &str)]) -> Result<Vec<Vec<f32>>, BoxError>;

    /// Whether it knows other languages than English.
    fn is_multilingual(&self) -> bool {
        false
    }

    /// Whether it was taught what help centers are asked, so that its cosines say whether a text answers.
    fn is_taught(&self) -> bool {
        true
    }
}

/// Reads two texts together.
pub trait PairReader: Send + Sync {
    /// How well each text answers `question`, in order: logits, of which 0 is undecided.
    fn answers(&self, question: &str, texts: &[&str]) -> Result<Vec<f32>, BoxError>;

    /// How well each text supports `claim`, in order: logits, of which 0 is undecided.
    fn support(&self, claim: &str, evidence: &[&str]) -> Result<Vec<f32>, BoxError>;
}

/// What a reader says is kept within this on both sides.
pub(crate) const CERTAIN: f32 = 6.0;

/// What a reader says of `texts` texts, within bounds.
pub(crate) fn judged(said: Result<Vec<f32>, BoxError>, texts: usize) -> Result<Vec<f32>, Error> {
    let logits = said.map_err(Error::Reader)?;
    if logits.len() != texts || logits.iter().any(|logit| !logit.is_finite()) {
        return Err(Error::Reader("it does not judge every text by a number".into()));
    }
    Ok(logits.into_iter().map(|logit| logit.clamp(-CERTAIN, CERTAIN)).collect())
}

/// A causal language model.
pub trait LanguageModel: Send {
    /// Mean log probability, in nats, of the tokens of each continuation after `prefix`.
    fn score(&mut self, prefix: &str, continuations: &[&str]) -> Result<Vec<f32>, BoxError>;

    /// Writes a reply to `user` under the instructions in `system`, token by token into `sink`, until the model
    /// ends, a limit is reached or `sink` breaks.
    fn generate(
        &mut self,
        system: &str,
        user: &str,
        options: &Writing<'_>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Reply, BoxError>;

    /// Tokens that `text` takes.
    fn count_tokens(&self, text: &str) -> usize;

    /// Most tokens that prompt and reply may have together.
    fn context_length(&self) -> usize;

    /// Whether it was taught to answer with sentences that are copied from numbered passages. Default: no.
    fn is_taught(&self) -> bool {
        false
    }
}

/// What a model wrote.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// All of it.
    pub text: String,
    /// How fast.
    pub pace: Pace,
}

/// How a model writes.
#[derive(Clone, Copy, Debug)]
pub struct Writing<'a> {
    /// Most tokens written.
    pub max_tokens: usize,
    /// 0 always takes the likeliest token, so that the same question gets the same answer.
    pub temperature: f32,
    /// What can be written at all. A model that cannot be held to it may write anything: what it writes is checked.
    pub form: Form<'a>,
}

impl Default for Writing<'_> {
    fn default() -> Self {
        Self { max_tokens: 256, temperature: 0.0, form: Form::Free }
    }
}

/// What a model can write.
#[derive(Clone, Copy, Debug, Default)]
pub enum Form<'a> {
    /// Anything.
    #[default]
    Free,
    /// Text whose source numbers, like `[2]`, are among these.
    Cited(&'a [u32]),
    /// Parts of given texts.
    Copied(&'a Excerpts),
}
