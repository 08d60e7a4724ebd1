//! The models of [`models`] as the generator wants them.

use std::ops::ControlFlow;
use std::time::Duration;

use corpus::Pace;
use models::chat::{Message, Role};
use models::constrain::{Guide, Guided, Markers};
use models::{CausalLm, Encoder, Languages, PairEncoder, SamplingOptions, Side, Taught};

use crate::BoxError;
use crate::model::{Form, LanguageModel, PairReader, Reply, SentenceEncoder, Writing};

impl SentenceEncoder for Encoder {
    fn embed(&self, texts: &[(Side, &str)]) -> Result<Vec<Vec<f32>>, BoxError> {
        Ok(self.embed_both(texts)?)
    }

    fn is_multilingual(&self) -> bool {
        self.languages() == Languages::Many
    }

    fn is_taught(&self) -> bool {
        Self::is_taught(self)
    }
}

impl PairReader for PairEncoder {
    fn answers(&self, question: &str, texts: &[&str]) -> Result<Vec<f32>, BoxError> {
        let pairs: Vec<(&str, &str)> = texts.iter().map(|text| (question, *text)).collect();
        Ok(self.score(&pairs)?.into_iter().map(|score| score.relevance).collect())
    }

    fn support(&self, claim: &str, evidence: &[&str]) -> Result<Vec<f32>, BoxError> {
        let pairs: Vec<(&str, &str)> = evidence.iter().map(|text| (claim, *text)).collect();
        Ok(self.score(&pairs)?.into_iter().map(|score| score.support).collect())
    }
}

impl LanguageModel for CausalLm {
    fn score(&mut self, prefix: &str, continuations: &[&str]) -> Result<Vec<f32>, BoxError> {
        let mut tokens: Vec<u32> = self.begin().into_iter().collect();
        tokens.extend(self.encode(prefix)?);
        let mut scores = Vec::with_capacity(continuations.len());
        for continuation in continuations {
            let wanted = self.encode(continuation)?;
            let found = CausalLm::score(self, &tokens, &wanted)?;
            scores.push(found.iter().sum::<f32>() / found.len().max(1) as f32);
        }
        Ok(scores)
    }

    fn generate(
        &mut self,
        system: &str,
        user: &str,
        options: &Writing<'_>,
        sink: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Reply, BoxError> {
        let prompt = self.chat(&[Message::new(Role::System, system), Message::new(Role::User, user)])?;
        let sampling = SamplingOptions {
            max_tokens: options.max_tokens,
            temperature: options.temperature,
            ..SamplingOptions::default()
        };
        let mut guide: Option<Box<dyn Guide + '_>> = match options.form {
            Form::Free => None,
            Form::Cited(numbers) => {
                let markers = Markers::new(numbers.iter().copied(), false)?;
                Some(Box::new(Guided::new(self.vocabulary(), markers)))
            }
            Form::Copied(excerpts) => Some(Box::new(Guided::new(self.vocabulary(), excerpts))),
        };
        let guide = guide.as_mut().map(|guide| &mut **guide as &mut dyn Guide);
        let generated = CausalLm::generate(self, &prompt, &sampling, guide, sink)?;
        let (text, pace) = (self.decode(&generated.tokens), self.pace());
        let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
        let pace = Pace {
            prompt_tokens: pace.prompt,
            reused_tokens: pace.reused,
            prefill_ms: ms(pace.prefill),
            written_tokens: pace.written,
            decode_ms: ms(pace.decode),
        };
        Ok(Reply { text, pace })
    }

    fn count_tokens(&self, text: &str) -> usize {
        // A text that cannot be encoded fails when it is read; until then it counts as long as it can be.
        self.encode(text).map_or(text.len(), |tokens| tokens.len())
    }

    fn context_length(&self) -> usize {
        CausalLm::context_length(self)
    }

    fn is_taught(&self) -> bool {
        self.taught() == Some(Taught::Answer)
    }
}

/// A language model as [`crate::Generator::new`] takes it.
pub fn boxed(model: CausalLm) -> Box<dyn LanguageModel> {
    Box::new(model)
}
