//! The language of a question, in which it is answered.

use std::collections::BTreeMap;

use corpus::Passage;
use corpus::terms::Analyzer;
use whatlang::{Lang, Script};

use crate::question::abroad::{self, Asking};

/// Most bytes of a text that are looked at.
const LOOKED_AT: usize = 2_000;
/// Common words of a language that settle it, whatever letters say.
const SETTLED: usize = 2;

/// A language with what is said in it around an answer.
struct Words {
    language: Lang,
    /// Common words of questions that other languages here do not have.
    common: &'static str,
    instruction: &'static str,
    greeting: &'static str,
    closing: &'static str,
    hello: &'static str,
    asked: &'static str,
    found: &'static str,
}

const WORDS: [Words; 7] = [
    Words {
        language: Lang::Eng,
        common: "the what how is are can my where when which who why i you with of and does there have it this",
        instruction: "",
        greeting: "Hello,",
        closing: "Kind regards",
        hello: "Hi!",
        asked: "Question:",
        found: "Found:",
    },
    Words {
        language: Lang::Deu,
        common: "der die das den dem ist sind wie wo wann warum wer welche welcher welches ich mein meine und nicht \
            kann mit für ein eine gibt es auf zu",
        instruction: "Antworte auf Deutsch.",
        greeting: "Guten Tag,",
        closing: "Freundliche Grüße",
        hello: "Hallo!",
        asked: "Frage:",
        found: "Gefunden:",
    },
    Words {
        language: Lang::Fra,
        common: "le les des est sont comment où quand pourquoi quel quelle quels je mon ma mes et pas peux puis avec \
            pour une dans du au il",
        instruction: "Réponds en français.",
        greeting: "Bonjour,",
        closing: "Cordialement",
        hello: "Bonjour !",
        asked: "Question :",
        found: "Trouvé :",
    },
    Words {
        language: Lang::Spa,
        common: "el los las es son cómo dónde cuándo qué cuál cuánto yo mi mis y puedo con para una del por hay",
        instruction: "Responde en español.",
        greeting: "Hola:",
        closing: "Un saludo",
        hello: "¡Hola!",
        asked: "Pregunta:",
        found: "Encontrado:",
    },
    Words {
        language: Lang::Ita,
        common: "il gli è sono come dove quando perché che quale quanto io mio mia e non posso con per un della di",
        instruction: "Rispondi in italiano.",
        greeting: "Buongiorno,",
        closing: "Cordiali saluti",
        hello: "Ciao!",
        asked: "Domanda:",
        found: "Trovato:",
    },
    Words {
        language: Lang::Nld,
        common: "het een zijn hoe waar wanneer waarom wie welke ik mijn en niet kan met voor van wat op dit",
        instruction: "Antwoord in het Nederlands.",
        greeting: "Hallo,",
        closing: "Met vriendelijke groet",
        hello: "Hallo!",
        asked: "Vraag:",
        found: "Gevonden:",
    },
    Words {
        language: Lang::Por,
        common: "o os as é são como onde quando porque qual quanto eu meu minha e não posso com para uma do da",
        instruction: "Responda em português.",
        greeting: "Olá,",
        closing: "Com os melhores cumprimentos",
        hello: "Olá!",
        asked: "Pergunta:",
        found: "Encontrado:",
    },
];

/// How texts are read to answer a question: in its language.
pub struct Tongue {
    language: Language,
    analyzer: Analyzer,
}

impl Tongue {
    /// That of `question`, of which `passages` were found. Only words that settle it make it another than theirs.
    pub fn of_question(question: &str, passages: &[Passage]) -> Self {
        let text = &question[..question.floor_char_boundary(LOOKED_AT)];
        let (votes, voted) = vote(text);
        let words = crate::lexicon::words(text).len();
        // One word in four settles a short question; where there is none at all, letters may tell.
        let settled = votes >= SETTLED || votes > 0 && words <= 4 * votes;
        let sure = if votes == 0 { guessed(text) } else { voted.filter(|_| settled) };
        Self::of(Language(sure.or_else(|| of_most(passages)).unwrap_or(Lang::Eng)))
    }

    /// English.
    pub fn english() -> Self {
        Self::of(Language(Lang::Eng))
    }

    fn of(language: Language) -> Self {
        Self { language, analyzer: Analyzer::new(language.code().unwrap_or_default()) }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// What finds the terms of its texts.
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }
}

/// A language that answers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language(Lang);

impl Language {
    /// Its code as documents have it, where they can be in it.
    fn code(self) -> Option<&'static str> {
        corpus::language_code(self.0)
    }

    /// Whether it is English, of which most is known here.
    pub(crate) fn is_english(self) -> bool {
        self.0 == Lang::Eng
    }

    /// Whether every noun has a capital letter, which then makes no name.
    pub(crate) fn capitalizes_nouns(self) -> bool {
        self.0 == Lang::Deu
    }

    /// Whether words are joined without a space to make others.
    pub(crate) fn joins_words(self) -> bool {
        matches!(self.0, Lang::Deu | Lang::Nld | Lang::Swe | Lang::Dan | Lang::Nob | Lang::Fin)
    }

    /// That of a passage, where it is known.
    pub(crate) fn of_passage(passage: &Passage) -> Option<Self> {
        of_code(passage.chunk.language.as_deref()?).map(Self)
    }

    /// How questions in it begin, where that is known.
    pub(crate) fn asking(self) -> Option<&'static Asking> {
        abroad::asking(self.0)
    }

    /// The language of `question`; where it does not tell, being a name or a code, that of most passages, else English.
    pub fn of_question(question: &str, passages: &[Passage]) -> Self {
        let (sure, voted) = told(question);
        Self(sure.or(voted).or_else(|| of_most(passages)).unwrap_or(Lang::Eng))
    }

    /// The sentence that asks a model for this language, in that language where we know it. `None` for English, which the
    /// other instructions are in.
    pub(crate) fn instruction(self) -> Option<String> {
        if self.0 == Lang::Eng {
            return None;
        }
        let known = WORDS.iter().find(|words| words.language == self.0);
        Some(
            known.map_or_else(
                || format!("Answer in {}.", self.0.eng_name()),
                |words| words.instruction.into(),
            ),
        )
    }

    /// What begins and ends an e-mail.
    pub(crate) fn letter(self) -> (&'static str, &'static str) {
        let words = self.words();
        (words.greeting, words.closing)
    }

    /// What begins a chat message.
    pub(crate) fn hello(self) -> &'static str {
        self.words().hello
    }

    /// What stands before the question and before what was found in a note.
    pub(crate) fn labels(self) -> (&'static str, &'static str) {
        let words = self.words();
        (words.asked, words.found)
    }

    fn words(self) -> &'static Words {
        WORDS.iter().find(|words| words.language == self.0).unwrap_or(&WORDS[0])
    }
}

/// The language that `question` tells for sure, and else the one that most of its common words belong to.
fn told(question: &str) -> (Option<Lang>, Option<Lang>) {
    let text = &question[..question.floor_char_boundary(LOOKED_AT)];
    let (votes, voted) = vote(text);
    (voted.filter(|_| votes >= SETTLED).or_else(|| guessed(text)), voted)
}

/// The language that the letters of `text` tell for sure. Other ones than Latin leave few languages to confuse.
fn guessed(text: &str) -> Option<Lang> {
    let is_sure = |info: &whatlang::Info| info.is_reliable() || info.script() != Script::Latin;
    whatlang::detect(text).filter(is_sure).map(|info| info.lang())
}

/// What whoever asked should know where the question is in another language than all passages.
pub(crate) fn foreign(question: &str, passages: &[Passage]) -> Option<String> {
    let (asked, found) = (told(question).0?, of_most(passages)?);
    let is_read =
        |passage: &Passage| of_most(std::slice::from_ref(passage)).is_none_or(|other| other == asked);
    (!passages.iter().any(is_read)).then(|| {
        let (asked, found) = (asked.eng_name(), found.eng_name());
        format!(
            "the question is in {asked} and what was found in {found}; ask in {found}, or use models that know both \
             languages (`models.languages = \"many\"`)"
        )
    })
}

/// The language that most common words of `text` belong to, with their number; none where two are even.
fn vote(text: &str) -> (usize, Option<Lang>) {
    let words = crate::lexicon::words(text);
    let votes = |language: &Words| {
        words.iter().filter(|word| language.common.split_whitespace().any(|other| other == *word)).count()
    };
    let mut ranked: Vec<(usize, Lang)> = WORDS.iter().map(|words| (votes(words), words.language)).collect();
    ranked.sort_by_key(|(votes, _)| std::cmp::Reverse(*votes));
    let (most, next) = (ranked[0], ranked[1]);
    (most.0, (most.0 > next.0).then_some(most.1))
}

/// The language of most passages.
fn of_most(passages: &[Passage]) -> Option<Lang> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for language in passages.iter().filter_map(|passage| passage.chunk.language.as_deref()) {
        *counts.entry(language).or_default() += 1;
    }
    of_code(counts.into_iter().max_by_key(|(_, count)| *count)?.0)
}

/// The language that documents have this code for.
fn of_code(code: &str) -> Option<Lang> {
    Lang::all().iter().copied().find(|language| corpus::language_code(*language) == Some(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::passage;

    #[test]
    fn short_questions_are_told_apart() {
        for (question, language) in [
            ("How do I reset the hub?", Lang::Eng),
            ("Wie setze ich den Hub zurück?", Lang::Deu),
            ("Comment puis-je réinitialiser le hub ?", Lang::Fra),
            ("¿Cómo puedo restablecer el hub?", Lang::Spa),
            ("Come posso ripristinare il router?", Lang::Ita),
            ("Hoe kan ik mijn router resetten?", Lang::Nld),
            ("Como posso redefinir o meu roteador?", Lang::Por),
            ("Как сбросить настройки маршрутизатора до заводских?", Lang::Rus),
            ("Reset", Lang::Eng),
            ("", Lang::Eng),
        ] {
            assert_eq!(Language::of_question(question, &[]), Language(language), "{question}");
        }
    }

    #[test]
    fn a_question_is_read_in_the_language_that_its_words_settle() {
        let of = |language: &str| {
            let mut passage = passage(1, "Hub", &[], "The hub is reset by its button.");
            passage.chunk.language = Some(language.into());
            passage
        };
        for (question, passages, language) in [
            ("How do I reset the hub?", "de", Lang::Eng),
            ("Reset the hub?", "de", Lang::Eng),
            ("Reset W-102", "de", Lang::Deu),
            ("Reset W-102", "en", Lang::Eng),
            ("Wie setze ich den Hub zurück?", "en", Lang::Deu),
            ("Как сбросить настройки маршрутизатора?", "en", Lang::Rus),
            ("What does blinking amber mean?", "en", Lang::Eng),
            ("wifi box froze again", "en", Lang::Eng),
            ("router keeps rebooting every night", "en", Lang::Eng),
        ] {
            let tongue = Tongue::of_question(question, &[of(passages)]);
            assert_eq!(tongue.language(), Language(language), "{question}");
        }
        let german = Tongue::of_question("Wie setze ich den Hub zurück?", &[]).language();
        assert!(german.capitalizes_nouns() && german.joins_words() && german.asking().is_some());
        assert_eq!(Language::of_passage(&of("de")), Some(german));
        assert!(Language::of_passage(&of("xx")).is_none());
    }

    #[test]
    fn a_question_in_another_language_than_all_passages_is_foreign() {
        let of = |language: Option<&str>| {
            let mut passage = passage(1, "Hub", &[], "The hub is reset by its button.");
            passage.chunk.language = language.map(Into::into);
            passage
        };
        let german = "Wie setze ich den Hub zurück?";
        let note = foreign(german, &[of(Some("en")), of(Some("en"))]).unwrap();
        assert!(note.contains("in German") && note.contains("ask in English"), "{note}");
        assert_eq!(foreign(german, &[of(Some("en")), of(Some("de"))]), None);
        assert_eq!(foreign(german, &[of(Some("en")), of(None)]), None, "it may be German");
        assert_eq!(foreign("How do I reset the hub?", &[of(Some("en"))]), None);
        assert_eq!(foreign("Reset W-102", &[of(Some("de"))]), None, "it does not tell");
        assert_eq!(foreign(german, &[]), None);
    }

    #[test]
    fn a_code_is_answered_in_the_language_of_the_passages() {
        let mut german = passage(1, "Hub", &[], "Der Fehler heißt, dass die Platte voll ist.");
        german.chunk.language = Some("de".into());
        assert_eq!(Language::of_question("E-1042?", &[german]).0, Lang::Deu);
    }

    #[test]
    fn a_language_without_words_of_ours_is_named() {
        assert_eq!(Language(Lang::Rus).instruction().as_deref(), Some("Answer in Russian."));
        assert_eq!(Language(Lang::Eng).instruction(), None);
        assert_eq!(Language(Lang::Rus).letter().0, "Hello,");
    }
}
