//! Names that were found once are found everywhere in the text.

use std::collections::HashMap;

use super::super::lexicon::{
    CALENDAR, COMMON, FIXED, GIVEN, GIVEN_TOO, PARTICLE, SEEN_LOW, SURNAME, SURNAME_TOO, THING, TITLE,
};
use super::super::tokens::{Case, Gap};
use super::Names;

/// How sure it is that a word is a name wherever it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trust {
    /// Within a sentence and capitalized only: `Will`, `Page`.
    Weak,
    /// Where it is capitalized.
    Capitalized,
    /// In small letters as well.
    Always,
}

/// Adds to `spans` the other mentions of the names in it, whole or in part.
pub(super) fn everywhere(names: &Names<'_>, spans: &mut Vec<(usize, usize)>) {
    let mut known: HashMap<String, Trust> = HashMap::new();
    for (from, to) in spans.iter().copied() {
        for at in from..to {
            let token = names.tokens[at];
            let word = names.word(at);
            if token.case == Case::Initial
                || word.len() < 2
                || (token.is(PARTICLE) && token.case == Case::Lower)
            {
                continue;
            }
            let word_too = token.is(COMMON | GIVEN_TOO | SURNAME_TOO | CALENDAR | PARTICLE | THING | TITLE);
            let trust = if word_too || (token.is(SEEN_LOW) && !token.is(GIVEN | SURNAME)) {
                Trust::Weak
            } else if token.is(GIVEN) {
                Trust::Always
            } else {
                Trust::Capitalized
            };
            let best = known.entry(word.to_lowercase()).or_insert(trust);
            *best = trust.max(*best);
        }
    }
    if known.is_empty() {
        return;
    }
    let trusted = |at: usize| {
        let token = names.tokens[at];
        if token.is(FIXED) || matches!(token.case, Case::Number | Case::Code | Case::Initial) {
            return None;
        }
        known.get(&names.word(at).to_lowercase()).copied()
    };
    let mut at = 0;
    while at < names.tokens.len() {
        let Some(trust) = trusted(at) else {
            at += 1;
            continue;
        };
        let mut to = at + 1;
        while to < names.tokens.len()
            && matches!(names.tokens[to].gap, Gap::Space | Gap::Hyphen | Gap::Point | Gap::Other)
            && joins(names, to)
            && trusted(to).is_some()
        {
            to += 1;
        }
        let token = names.tokens[at];
        let cased = token.case != Case::Lower;
        let inside = token.gap == Gap::Space && at > 0 && names.tokens[at - 1].case == Case::Lower;
        let taken = match trust {
            _ if to > at + 1 => {
                names.tokens[at..to].iter().all(|token| token.case != Case::Lower) || trust == Trust::Always
            }
            Trust::Always => true,
            Trust::Capitalized => cased,
            Trust::Weak => {
                cased && inside && !token.is(CALENDAR) && !names.goes_on(to) && !names.is_thing(at, to)
            }
        };
        if taken {
            spans.push((at, to));
        }
        at = to;
    }
}

/// Whether only a sign that joins the parts of a handle stands before token `at`: `anna_kowalski`, `anna.kowalski`.
fn joins(names: &Names<'_>, at: usize) -> bool {
    let between =
        names.text.get(names.tokens[at - 1].span().end..names.tokens[at].span().start).unwrap_or_default();
    matches!(names.tokens[at].gap, Gap::Space | Gap::Hyphen | Gap::Point)
        || matches!(between, "_" | "+" | "%20" | "")
}
