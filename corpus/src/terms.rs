//! Terms: the words that lexical search and word overlap count.
//!
//! Words are normalized (NFKC, lower case), stop words are left out and the rest is stemmed (Snowball). Codes
//! such as `0x80070005`, `E-1042`, `v2.3.1`, `--no-cache` or `config.toml` are kept whole beside their parts.
//! Documents and questions go through the same function, so what is written alike is found.
//!
//! ```
//! let english = corpus::terms::Analyzer::new("en");
//! let terms: Vec<String> = english.terms("The E-1042 errors").into_iter().map(|term| term.text).collect();
//! assert_eq!(terms, ["e-1042", "e1042", "e", "1042", "error"]);
//! ```

use std::borrow::Cow;
use std::collections::HashSet;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

use crate::span::Span;

mod scan;
mod stop;

use scan::{Compound, Kind};

/// Longest word, in bytes, that is stemmed or kept whole; longer ones are cut to this length.
const LONGEST: usize = 64;

/// One term and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Normalized form: lower case, stemmed, or the whole code.
    pub text: String,
    /// Where it stands in the text.
    pub span: Span,
}

/// Turns text of one language into terms.
pub struct Analyzer {
    stemmer: Option<Stemmer>,
    stop_words: HashSet<&'static str>,
    /// Whether an apostrophe parts words, as in `l'adresse`.
    elides: bool,
    /// Nouns that are also written as a verb and a particle: `login`, `log in`.
    pairs: HashSet<&'static str>,
}

/// English nouns made of a verb and a particle. Both spellings give the same term.
const PAIRS: &str = "
backup callback checkin checkout cleanup cutoff dropdown dropoff feedback fallback followup handover kickoff layout login logoff logon logout
lockout lookup markup meetup mockup optin optout payback payout pickup plugin popup printout rollback rollout rollover rollup setup shutdown
signin signoff signon signout signup standby startup takeover timeout tryout turnover workout workaround writeoff
";

impl Analyzer {
    /// The analyzer for a language by its ISO 639-1 code; an unknown one is neither stemmed nor stopped.
    pub fn new(language: &str) -> Self {
        Self {
            stemmer: algorithm(language).map(Stemmer::create),
            stop_words: stop::words(language).split_whitespace().collect(),
            elides: matches!(language, "fr" | "it" | "ca"),
            pairs: if language == "en" { PAIRS.split_whitespace().collect() } else { HashSet::new() },
        }
    }

    /// The terms of `text` in order, stop words left out.
    pub fn terms(&self, text: &str) -> Vec<Term> {
        let mut terms = Vec::with_capacity(text.len() / 8);
        let mut before: Option<Span> = None;
        for compound in scan::compounds(text, self.elides) {
            self.compound(text, &compound, &mut terms);
            if self.pairs.is_empty() {
                continue;
            }
            if let Some(verb) = before.filter(|verb| text.get(verb.end..compound.span.start) == Some(" ")) {
                terms.extend(self.pair(text, verb, compound.span));
            }
            before = (compound.kind == Kind::Word).then_some(compound.span);
        }
        terms
    }

    /// The noun that a verb and a particle make together.
    fn pair(&self, text: &str, verb: Span, particle: Span) -> Option<Term> {
        let written = normalize(particle.of(text)?);
        if !matches!(
            written.as_ref(),
            "in" | "on" | "up" | "out" | "off" | "down" | "back" | "over" | "by" | "around"
        ) {
            return None;
        }
        let noun = self.stem(&normalize(verb.of(text)?)) + &written;
        self.pairs
            .contains(noun.as_str())
            .then(|| Term { text: self.stem(&noun), span: Span::new(verb.start, particle.end) })
    }

    fn compound(&self, text: &str, compound: &Compound, terms: &mut Vec<Term>) {
        let Some(written) = compound.span.of(text) else { return };
        let mut push = |text: String, span: Span| {
            if !text.is_empty() {
                terms.push(Term { text, span });
            }
        };
        match compound.kind {
            Kind::Word => self.word(written, compound.span, &mut push),
            Kind::Number => {
                let plain = written.replace(',', "");
                if let Some((whole, _)) = plain.split_once('.') {
                    push(whole.to_owned(), compound.span);
                }
                push(plain, compound.span);
            }
            Kind::Pseudonym => {
                let kind = written.rsplit_once('_').map_or(written, |(kind, _)| kind);
                for part in kind.split('_') {
                    self.word(part, compound.span, &mut push);
                }
            }
            Kind::Joined | Kind::Code => {
                let whole = normalize(written);
                let trimmed = whole.trim_start_matches(['-', '.']);
                if whole.len() <= LONGEST {
                    if self.stop_words.contains(trimmed) {
                        return;
                    }
                    if compound.kind == Kind::Code {
                        push(whole.clone().into_owned(), compound.span);
                    }
                    if let Some(version) = version(trimmed) {
                        push(version.to_owned(), compound.span);
                    }
                    if let Some(joined) = joined(trimmed) {
                        push(joined, compound.span);
                    }
                }
                for part in &compound.parts {
                    let Some(written) = part.of(text) else { continue };
                    let digit = written.len() == 1 && written.as_bytes()[0].is_ascii_digit();
                    if !digit {
                        self.word(written, *part, &mut push);
                    }
                }
            }
        }
    }

    /// One word without connectors: its stem, or the word itself where it holds digits.
    fn word(&self, written: &str, span: Span, push: &mut impl FnMut(String, Span)) {
        if scan::spaceless(written) {
            return bigrams(written, span, push);
        }
        let word = cut(normalize(written));
        // `IT` and `US` are names, `it` and `us` are not.
        if self.stop_words.contains(word.as_ref()) && !matches!(written, "IT" | "US") {
            return;
        }
        if word.bytes().any(|byte| byte.is_ascii_digit()) {
            let halves =
                letters_then_digits(&word).map(|(letters, digits)| (letters.to_owned(), digits.to_owned()));
            push(word.into_owned(), span);
            if let Some((letters, digits)) = halves {
                let middle = span.end - digits.len();
                if letters.len() >= 2 && written.is_ascii() {
                    push(self.stem(&letters), Span::new(span.start, middle));
                }
                if digits.len() >= 2 && written.is_ascii() {
                    push(digits, Span::new(middle, span.end));
                }
            }
            return;
        }
        push(self.stem(&word), span);
        for part in scan::humps(written) {
            let word = normalize(&written[part.start..part.end]);
            if !self.stop_words.contains(word.as_ref()) {
                push(self.stem(&word), part.shifted(span.start));
            }
        }
    }

    fn stem(&self, word: &str) -> String {
        match &self.stemmer {
            Some(stemmer) => stemmer.stem(word).into_owned(),
            None => word.to_owned(),
        }
    }
}

/// Number of a term in sparse vectors: FNV-1a of its UTF-8 bytes in 64 bits, the halves folded by exclusive or.
///
/// It never changes between versions, machines or languages. In a vocabulary of a million terms, about one in
/// 4,300 shares its number with another.
pub fn term_id(term: &str) -> u32 {
    let hash = term.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 32) as u32 ^ hash as u32
}

/// NFKC and lower case, with a straight apostrophe.
fn normalize(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        return if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(word.to_ascii_lowercase())
        } else {
            Cow::Borrowed(word)
        };
    }
    let lower = if is_nfkc_quick(word.chars()) == IsNormalized::Yes {
        word.to_lowercase()
    } else {
        word.nfkc().collect::<String>().to_lowercase()
    };
    Cow::Owned(if lower.contains('’') { lower.replace('’', "'") } else { lower })
}

/// The first [`LONGEST`] bytes at most, at a character boundary.
fn cut(word: Cow<'_, str>) -> Cow<'_, str> {
    if word.len() <= LONGEST {
        return word;
    }
    let end = (0..=LONGEST).rev().find(|at| word.is_char_boundary(*at)).unwrap_or(0);
    match word {
        Cow::Borrowed(word) => Cow::Borrowed(&word[..end]),
        Cow::Owned(mut word) => {
            word.truncate(end);
            Cow::Owned(word)
        }
    }
}

/// Characters two by two, for scripts that put no space between words.
fn bigrams(written: &str, span: Span, push: &mut impl FnMut(String, Span)) {
    let chars: Vec<(usize, char)> = written.char_indices().collect();
    let end = |index: usize| chars.get(index).map_or(written.len(), |(at, _)| *at);
    if chars.len() == 1 {
        return push(normalize(written).into_owned(), span);
    }
    for index in 0..chars.len().saturating_sub(1) {
        let (from, to) = (end(index), end(index + 2));
        push(normalize(&written[from..to]).into_owned(), Span::new(from, to).shifted(span.start));
    }
}

/// `kb5034441` as `kb` and `5034441`.
fn letters_then_digits(word: &str) -> Option<(&str, &str)> {
    let middle = word.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = word.split_at(middle);
    (!letters.is_empty()
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        && digits.bytes().all(|byte| byte.is_ascii_digit()))
    .then_some((letters, digits))
}

/// `v2.3.1` as `2.3.1`.
fn version(code: &str) -> Option<&str> {
    let number = code.strip_prefix('v')?;
    (number.starts_with(|c: char| c.is_ascii_digit()) && number.contains('.')).then_some(number)
}

/// `e-mail` as `email`, `foo_bar` as `foobar`; nothing where other characters join the parts.
fn joined(code: &str) -> Option<String> {
    (code.contains(['-', '_']) && !code.contains(['.', '&', '+', '#'])).then(|| code.replace(['-', '_'], ""))
}

/// The Snowball algorithm for a language by its ISO 639-1 code.
fn algorithm(language: &str) -> Option<Algorithm> {
    Some(match language {
        "ar" => Algorithm::Arabic,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nl" => Algorithm::Dutch,
        "no" | "nb" | "nn" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
