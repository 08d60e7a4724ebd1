//! What a model says of candidates that reads each together with the question.

use super::{Material, Scored, about};
use crate::error::Error;
use crate::model::{PairReader, judged};
use crate::names::{is_named, keys};
use crate::question::Question;
use crate::weights::Trust;

/// Best candidates that are read.
const READ: usize = 12;
/// Bytes of one that are: about what training showed.
const BYTES: usize = 640;
/// Bytes of what a reply is to.
const ASKED: usize = 240;

impl Material<'_> {
    /// Reads the best of `scored`, which come first, and judges all by that from now on. The reader knows English, and its
    /// weights are those beside a taught encoder; where either is not given, nothing is read.
    pub(super) fn read(
        &self,
        question: &Question,
        scored: &mut [Scored],
        reader: &dyn PairReader,
    ) -> Result<(), Error> {
        if !question.language.is_english() {
            return Ok(());
        }
        let readable = |entry: &Scored| {
            entry.trust == Trust::Taught && !self.is_foreign(self.candidates[entry.index].passage, question)
        };
        let mut readable: Vec<&mut Scored> = scored.iter_mut().filter(|entry| readable(entry)).collect();
        let texts: Vec<String> =
            readable.iter().take(READ).map(|entry| self.named_in(entry.index, question)).collect();
        let texts: Vec<&str> =
            texts.iter().map(|text| text.get(..text.floor_char_boundary(BYTES)).unwrap_or(text)).collect();
        let logits = judged(reader.answers(&question.read, &texts), texts.len())?;
        let lowest = logits.iter().copied().fold(0.0, f32::min);
        let logits = logits.into_iter().chain(std::iter::repeat(lowest));
        for (entry, logit) in readable.iter_mut().zip(logits) {
            entry.features.read = logit;
            entry.trust = Trust::Read;
        }
        Ok(())
    }

    /// A candidate in its place, a reply below what it is to, after those names of the question that are known of the whole
    /// document and not told there: a reader takes what names nothing for something about another product.
    fn named_in(&self, index: usize, question: &Question) -> String {
        let asked = self.candidates[index].replies_to.as_deref();
        let text = self.below(index, asked.map(|asked| &asked[..asked.floor_char_boundary(ASKED)]));
        let (told, known) = (keys(&text), about(&self.passages[self.candidates[index].passage]));
        let silent = question.names.iter().filter(|name| is_named(name, &known) && !is_named(name, &told));
        let names: Vec<&str> = silent.map(|name| name.written.as_str()).collect();
        if names.is_empty() { text } else { format!("{}: {text}", names.join(" ")) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use super::*;
    use crate::BoxError;
    use crate::evidence::{Evidence, Vectors};
    use crate::language::Tongue;
    use crate::testing::{WordBag, passage};

    /// Takes what speaks of bolts for the answer, and keeps what it was shown.
    #[derive(Default)]
    struct Bolts(Mutex<Vec<String>>);

    impl PairReader for Bolts {
        fn answers(&self, _: &str, texts: &[&str]) -> Result<Vec<f32>, BoxError> {
            let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            shown.extend(texts.iter().map(|text| (*text).to_owned()));
            Ok(texts.iter().map(|text| if text.contains("bolt") { 20.0 } else { -3.0 }).collect())
        }

        fn support(&self, _: &str, _: &[&str]) -> Result<Vec<f32>, BoxError> {
            Err("it is not asked".into())
        }
    }

    fn weighed(
        question: &str,
        text: &str,
        language: &str,
        reader: &dyn PairReader,
    ) -> (Evidence, Vec<String>) {
        let mut found = [passage(1, "Gate", &["Hinges"], text)];
        found[0].chunk.language = Some(language.to_owned());
        let tongue = Tongue::of_question(question, &found);
        let material = Material::new(&found, &tongue);
        let question = Question::new(question, question, &tongue);
        let evidence = material.weigh(&question, &mut Vectors::default(), &WordBag, Some(reader)).unwrap();
        let texts =
            evidence.scored.iter().map(|entry| material.candidates[entry.index].text.clone()).collect();
        (evidence, texts)
    }

    #[test]
    fn what_was_read_and_answers_comes_first() {
        let text = "The gate is green and the gate is heavy. Tighten the bolts twice a year.";
        let reader = Bolts::default();
        let (evidence, texts) = weighed("How is the gate kept from sagging?", text, "en", &reader);
        assert_eq!(texts[0], "Tighten the bolts twice a year.");
        assert_eq!(evidence.scored[0].features.read, 6.0);
        assert!(evidence.scored.iter().all(|entry| entry.trust == Trust::Read));
        let shown = reader.0.into_inner().unwrap();
        assert!(shown.contains(&"Gate, Hinges: Tighten the bolts twice a year.".to_owned()), "{shown:?}");
    }

    #[test]
    fn what_is_known_of_the_document_is_told_where_the_question_names_it() {
        let mut found = [passage(1, "Return a gate", &["Cost"], "Fee: 79 for each. The Osprey is free.")];
        found[0].chunk.location = "kestrel/return.md".to_owned();
        let tongue = Tongue::english();
        let shown = |asked: &str| {
            let question = Question::new(asked, asked, &tongue);
            let material = Material::new(&found, &tongue);
            let reader = Bolts::default();
            material.weigh(&question, &mut Vectors::default(), &WordBag, Some(&reader)).unwrap();
            reader.0.into_inner().unwrap()
        };
        let fee = |shown: Vec<String>| shown.into_iter().find(|text| text.contains("Fee")).unwrap();
        let named = fee(shown("How much does it cost to return a Kestrel?"));
        assert_eq!(named, "Kestrel: Return a gate, Cost: Fee: 79 for each.");
        for other in ["How much does it cost to return an Osprey?", "How much does it cost to return a gate?"]
        {
            assert_eq!(fee(shown(other)), "Return a gate, Cost: Fee: 79 for each.");
        }
    }

    #[test]
    fn a_reply_is_read_below_what_it_is_to() {
        let asked = format!("The hub reboots {}.", "again ".repeat(60));
        let reader = Bolts::default();
        let text = format!("Customer: {asked}\n\nAgent: Tighten the bolts of the fan.");
        weighed("Why does my hub reboot?", &text, "en", &reader);
        let shown = reader.0.into_inner().unwrap();
        let reply = shown.iter().find(|text| text.ends_with(": Tighten the bolts of the fan.")).unwrap();
        assert!(reply.starts_with("Gate, Hinges, The hub reboots again again"), "{reply}");
        assert!(reply.len() < ASKED + 60);
    }

    #[test]
    fn few_are_read_and_none_at_length() {
        let text: String =
            (0..20).map(|at| format!("Gate number {at} {}.\n\n", "is green ".repeat(80))).collect();
        let reader = Bolts::default();
        let (evidence, _) = weighed("Which gate is green?", &text, "en", &reader);
        let shown = reader.0.into_inner().unwrap();
        assert_eq!(shown.len(), READ);
        assert!(shown.iter().all(|text| text.len() <= BYTES));
        assert!(evidence.scored.len() > READ);
        assert!(evidence.scored.iter().all(|entry| entry.features.read == -3.0));
    }

    #[test]
    fn what_is_not_english_is_not_read() {
        let reader = Bolts::default();
        let question = "Wie oft muss ich die Schrauben am Tor nachziehen?";
        weighed(question, "Die Schrauben am Tor sind zweimal im Jahr nachzuziehen.", "de", &reader);
        weighed(
            "How often do I tighten the bolts of the gate?",
            "Die Schrauben sind nachzuziehen.",
            "de",
            &reader,
        );
        assert!(reader.0.into_inner().unwrap().is_empty());
    }

    #[test]
    fn a_reader_that_judges_nothing_is_an_error() {
        struct Mute;
        impl PairReader for Mute {
            fn answers(&self, _: &str, _: &[&str]) -> Result<Vec<f32>, BoxError> {
                Ok(Vec::new())
            }

            fn support(&self, _: &str, _: &[&str]) -> Result<Vec<f32>, BoxError> {
                Ok(Vec::new())
            }
        }
        let found = [passage(1, "Gate", &[], "The gate is green.")];
        let tongue = Tongue::english();
        let question = Question::new("Is the gate green?", "Is the gate green?", &tongue);
        let material = Material::new(&found, &tongue);
        let weighed = material.weigh(&question, &mut Vectors::default(), &WordBag, Some(&Mute));
        assert!(matches!(weighed, Err(Error::Reader(_))));
    }
}
