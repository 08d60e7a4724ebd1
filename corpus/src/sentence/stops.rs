//! Which full stops, question marks and exclamation marks end a sentence.

use super::lines::marker;
use super::trimmed;
use crate::span::Span;

/// How far back, in bytes, the word before a stop is looked for.
const REACH: usize = 40;

/// Abbreviations that a sentence goes on after, whatever follows. Lower case, without the last stop.
const JOINING: &[&str] = &[
    "adj", "adm", "al", "alt", "approx", "apr", "art", "asst", "aug", "ave", "blvd", "bspw", "bzgl", "ca",
    "cap", "capt", "cf", "cmdr", "col", "dec", "dept", "dr", "ed", "e.g", "eg", "einschl", "esp", "est",
    "evtl", "excl", "feb", "fig", "figs", "gem", "gen", "ggf", "gov", "hon", "hrsg", "i.d.r", "i.e", "ie",
    "incl", "inkl", "jan", "jul", "jun", "lt", "maj", "max", "messrs", "min", "mlle", "mme", "mr", "mrs",
    "ms", "mt", "mtl", "mwst", "nov", "nr", "núm", "o.ä", "oct", "p.ej", "pág", "pp", "prof", "rep", "resp",
    "rev", "sec", "sen", "sept", "sep", "sog", "spec", "sr", "sra", "srta", "st", "str", "tel", "u.a",
    "univ", "usf", "u.u", "v.a", "vgl", "viz", "vol", "vols", "vs", "z.b", "z.t", "zzgl",
];

/// Abbreviations that join only when a number follows.
const BEFORE_NUMBERS: &[&str] =
    &["abs", "ch", "eq", "ext", "kap", "n", "no", "nos", "p", "ref", "s", "v", "ver"];

/// Short words that end sentences in messages written without capitals.
const SHORT: &[&str] = &[
    "app", "at", "did", "do", "go", "her", "him", "in", "is", "it", "me", "new", "no", "not", "now", "off",
    "old", "on", "one", "out", "so", "to", "too", "up", "us", "use", "way", "yes", "yet", "you",
];

/// Abbreviations that may end a sentence: they do where a word that starts sentences follows.
const AMBIGUOUS: &[&str] = &[
    "a.m", "am", "bros", "co", "corp", "etc", "gmbh", "inc", "jr", "ltd", "p.m", "ph.d", "plc", "pm", "u.k",
    "u.s", "u.s.a", "usw", "b.v", "s.a", "s.l", "e.u", "d.c", "n.v",
];

/// Words that start a sentence and are no names.
const STARTERS: &[&str] = &[
    "a",
    "about",
    "after",
    "all",
    "alternatively",
    "also",
    "although",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "because",
    "before",
    "both",
    "but",
    "by",
    "can",
    "check",
    "choose",
    "click",
    "contact",
    "customers",
    "das",
    "der",
    "die",
    "did",
    "do",
    "does",
    "don't",
    "each",
    "el",
    "enter",
    "every",
    "first",
    "for",
    "from",
    "go",
    "he",
    "here",
    "how",
    "however",
    "i",
    "if",
    "in",
    "instead",
    "is",
    "it",
    "it's",
    "its",
    "la",
    "le",
    "les",
    "los",
    "make",
    "many",
    "most",
    "my",
    "no",
    "not",
    "note",
    "now",
    "on",
    "once",
    "only",
    "open",
    "or",
    "otherwise",
    "our",
    "please",
    "press",
    "select",
    "she",
    "since",
    "so",
    "some",
    "such",
    "sie",
    "es",
    "that",
    "the",
    "their",
    "then",
    "there",
    "therefore",
    "these",
    "they",
    "this",
    "those",
    "thus",
    "to",
    "try",
    "under",
    "unless",
    "until",
    "use",
    "was",
    "we",
    "were",
    "what",
    "when",
    "where",
    "which",
    "while",
    "who",
    "why",
    "will",
    "with",
    "yes",
    "you",
    "your",
    "wenn",
];

/// Lower-case words that a name in initials may follow.
const BEFORE_NAMES: &[&str] =
    &["and", "by", "for", "from", "of", "to", "with", "von", "par", "und", "et", "y", "de"];

/// Months in German, for ordinals such as `3. Oktober`.
const MONTHS: &[&str] = &[
    "januar",
    "februar",
    "märz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
];

/// Adds the sentences of `piece`, which is trimmed, to `spans`.
pub(super) fn split(text: &str, piece: Span, spans: &mut Vec<Span>) {
    let Some(written) = piece.of(text) else { return };
    let mut start = 0;
    let mut at = marker(written);
    while let Some(found) = written[at..].find(is_stop) {
        let stop = at + found;
        let end = stop + run(&written[stop..]);
        if ends(written, start, stop, end) {
            spans.extend(trimmed(text, Span::new(start, end).shifted(piece.start)));
            let rest = &written[end..];
            start = end + (rest.len() - rest.trim_start().len());
            at = start + marker(&written[start..]);
        } else {
            at = end;
        }
    }
    spans.extend(trimmed(text, Span::new(start, written.len()).shifted(piece.start)));
}

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '｡' | '؟' | '۔' | '।' | '‼' | '⁇' | '⁈' | '⁉')
}

/// Stops that need no space after them.
fn is_wide(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡')
}

/// Length of the stops and of the quotes and brackets that close after them.
fn run(rest: &str) -> usize {
    let stops = rest.find(|c| !is_stop(c)).unwrap_or(rest.len());
    let closers = |c: char| {
        matches!(
            c,
            '"' | '\''
                | '”'
                | '’'
                | '»'
                | ')'
                | ']'
                | '}'
                | '*'
                | '_'
                | '`'
                | '」'
                | '』'
                | '）'
                | '】'
                | '“'
        )
    };
    stops + rest[stops..].find(|c| !closers(c)).unwrap_or(rest.len() - stops)
}

/// Whether the stops in `stop..end` end the sentence that began at `start`.
fn ends(text: &str, start: usize, stop: usize, end: usize) -> bool {
    let run = &text[stop..end];
    if run.chars().any(is_wide) {
        return true;
    }
    let rest = &text[end..];
    let next = rest.trim_start();
    if next.is_empty() {
        return true;
    }
    if next.len() == rest.len() {
        return false;
    }
    let next =
        next.trim_start_matches(['"', '\'', '“', '”', '„', '«', '(', '[', '*', '_', '`', '¿', '¡', '‘', '’']);
    let first = next.chars().next().unwrap_or(' ');
    let word = next.split(|c: char| !c.is_alphanumeric() && c != '\'').next().unwrap_or_default();
    let low = first.is_lowercase();
    let closed = !run.ends_with(is_stop);
    let stops = run.trim_end_matches(|c| !is_stop(c));
    if stops.starts_with('…') || stops.starts_with("..") {
        return !low && stop > start;
    }
    if stops != "." {
        // `"Really?" he asked` and `Yahoo! mail` go on.
        let name = stops == "!" && before(text, start, stop).starts_with(char::is_uppercase);
        return !(low && (closed || name));
    }
    let before = before(text, start, stop);
    if low {
        return !closed && ordinary(before) && next.len() > 1;
    }
    // In `J. R. Smith`, one initial follows the other.
    let initial =
        first.is_uppercase() && word.len() == first.len_utf8() && next[word.len()..].starts_with('.');
    !(initial && before.chars().count() == 1) && period(text, start, stop, before, word, first)
}

/// The word that ends at `stop`, of at most [`REACH`] bytes.
fn before(text: &str, start: usize, stop: usize) -> &str {
    let from =
        (start.max(stop.saturating_sub(REACH))..=stop).find(|at| text.is_char_boundary(*at)).unwrap_or(stop);
    let reach = &text[from..stop];
    let word = reach
        .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '„' | '/' | '\''))
        .map_or(reach, |at| {
            let skipped = reach[at..].chars().next().map_or(0, char::len_utf8);
            &reach[at + skipped..]
        });
    word.trim_start_matches(['*', '_', '`', '-'])
}

/// Whether a word is long enough, and all letters, so that it is no abbreviation that nobody listed.
fn ordinary(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    listed(SHORT, word)
        || letters >= 4
            && letters == word.chars().count()
            && !listed(JOINING, word)
            && !listed(AMBIGUOUS, word)
}

fn listed(list: &[&str], word: &str) -> bool {
    let lower = word.to_lowercase();
    list.contains(&lower.as_str())
}

/// Whether a single full stop ends a sentence where the next word does not start in lower case.
fn period(text: &str, start: usize, stop: usize, before: &str, word: &str, first: char) -> bool {
    let starts = listed(STARTERS, word);
    if listed(JOINING, before) || (listed(BEFORE_NUMBERS, before) && first.is_numeric()) {
        return false;
    }
    if listed(AMBIGUOUS, before) {
        return starts;
    }
    if before.chars().all(|c| c.is_ascii_digit()) && !before.is_empty() {
        return !listed(MONTHS, word);
    }
    let mut letters = before.chars();
    let (Some(initial), None) = (letters.next(), letters.next()) else {
        // `J.R.` is a pair of initials, `U.N.` an acronym.
        let dotted = before.contains('.') && before.split('.').all(|part| part.chars().count() == 1);
        return !dotted || starts;
    };
    if !initial.is_alphabetic() || starts {
        return true;
    }
    // An initial stands first, after a name or between names; `option A.` ends a sentence.
    let head = text[start..stop - initial.len_utf8()].trim_end();
    let from =
        (head.len().saturating_sub(REACH)..=head.len()).find(|at| head.is_char_boundary(*at)).unwrap_or(0);
    let previous = head[from..].rsplit(char::is_whitespace).next().unwrap_or_default();
    !(initial.is_uppercase()
        && (previous.is_empty()
            || previous.starts_with(char::is_uppercase)
            || listed(BEFORE_NAMES, previous)))
}
