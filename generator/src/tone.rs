//! Tones: what stands around an answer, for the one who reads it.
//!
//! Greetings and closings are ours, not a model's: they state nothing, so they need no citation.

use corpus::{Answer, AnswerSentence, Outcome};

use crate::language::Language;

/// Whom an answer is worded for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// The one who asks: the sentences and nothing else.
    #[default]
    Plain,
    /// A customer, by e-mail: greeting, body, closing.
    Email,
    /// A customer, in a chat: short, after a word of greeting.
    Chat,
    /// A colleague: the question and what was found, point by point.
    Note,
}

impl Tone {
    /// How much a model is to write, and for whom.
    pub(crate) const fn instruction(self) -> &'static str {
        match self {
            Self::Plain => "Write one to four short sentences.",
            Self::Email => "Write one to four polite sentences to a customer, without greeting and closing.",
            Self::Chat => "Write one or two short sentences to a customer, without greeting.",
            Self::Note => "Write one to four short sentences for a colleague, one fact in each.",
        }
    }

    /// The reply in this tone, in the language of the question, its sentences as `said` shows them; `None` for a refusal.
    pub fn reply(self, answer: &Answer, said: &dyn Fn(&AnswerSentence) -> String) -> Option<String> {
        if matches!(answer.outcome, Outcome::Refused(_)) || answer.sentences.is_empty() {
            return None;
        }
        let language = Language::of_question(&answer.question, &answer.passages);
        let body = || body(&answer.sentences, said);
        Some(match self {
            Self::Plain => body(),
            Self::Email => {
                let (greeting, closing) = language.letter();
                format!("{greeting}\n\n{}\n\n{closing}", body())
            }
            Self::Chat => format!("{} {}", language.hello(), body()),
            Self::Note => {
                let (asked, found) = language.labels();
                let question = answer.question.split_whitespace().collect::<Vec<_>>().join(" ");
                let points = answer.sentences.iter().map(|sentence| point(&said(sentence)));
                format!("{asked} {question}\n{found}\n{}", points.collect::<Vec<_>>().join("\n"))
            }
        })
    }
}

/// Sentences as running text; items of lists and rows of tables on lines of their own.
fn body(sentences: &[AnswerSentence], said: &dyn Fn(&AnswerSentence) -> String) -> String {
    let mut text = String::new();
    let mut apart = true;
    for sentence in sentences {
        let written = &sentence.text;
        let alone = is_item(written) || !written.ends_with(['.', '!', '?', '…', ':', '。', '"', '”', ')']);
        if !text.is_empty() {
            text.push(if alone || apart { '\n' } else { ' ' });
        }
        text.push_str(&said(sentence));
        // What follows a list begins a line, and so does a list after what leads it in.
        apart = alone;
    }
    text
}

/// One point of a note.
fn point(written: &str) -> String {
    let line = written.split_whitespace().collect::<Vec<_>>().join(" ");
    if is_item(&line) { line } else { format!("- {line}") }
}

/// Whether a line begins with the mark of a list.
fn is_item(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    if digits > 0 {
        rest.starts_with(". ") || rest.starts_with(") ")
    } else {
        line.starts_with(['-', '*', '•'])
    }
}

#[cfg(test)]
mod tests {
    use corpus::{Refusal, Timings, Verdict};

    use super::*;

    fn answer(question: &str, sentences: &[&str]) -> Answer {
        let verdict = Verdict { supported: true, score: 1.0, quoted: true, problem: None };
        let sentence = |text: &&str| AnswerSentence {
            text: (*text).to_owned(),
            citations: Vec::new(),
            verdict: verdict.clone(),
        };
        Answer {
            question: question.to_owned(),
            outcome: Outcome::Answered,
            sentences: sentences.iter().map(sentence).collect(),
            passages: Vec::new(),
            confidence: 0.9,
            note: None,
            timings: Timings::default(),
        }
    }

    fn said(sentence: &AnswerSentence) -> String {
        format!("{} [1]", sentence.text)
    }

    #[test]
    fn the_sentences_stand_in_the_frame_as_they_are() {
        let answer = answer("How do I reset the hub?", &["Hold the button.", "It blinks."]);
        let reply = |tone: Tone| tone.reply(&answer, &said).unwrap();
        assert_eq!(reply(Tone::Plain), "Hold the button. [1] It blinks. [1]");
        assert_eq!(reply(Tone::Email), "Hello,\n\nHold the button. [1] It blinks. [1]\n\nKind regards");
        assert_eq!(reply(Tone::Chat), "Hi! Hold the button. [1] It blinks. [1]");
        assert_eq!(
            reply(Tone::Note),
            "Question: How do I reset the hub?\nFound:\n- Hold the button. [1]\n- It blinks. [1]"
        );
    }

    #[test]
    fn lists_and_rows_have_lines_of_their_own() {
        let answer = answer(
            "Wie geht das?",
            &["So geht es:", "1. Drücken.", "2. Warten.", "Fertig.", "Code: 3; Art: 4"],
        );
        let reply = Tone::Email.reply(&answer, &|sentence| sentence.text.clone()).unwrap();
        assert_eq!(
            reply,
            "Guten Tag,\n\nSo geht es:\n1. Drücken.\n2. Warten.\nFertig.\nCode: 3; Art: 4\n\nFreundliche Grüße"
        );
        assert!(Tone::Note.reply(&answer, &said).unwrap().contains("\n1. Drücken. [1]\n"));
    }

    #[test]
    fn a_refusal_is_no_reply() {
        let mut answer = answer("Why?", &[]);
        assert_eq!(Tone::Email.reply(&answer, &said), None);
        answer.outcome = Outcome::Refused(Refusal::NothingFound);
        assert_eq!(Tone::Email.reply(&answer, &said), None);
    }
}
