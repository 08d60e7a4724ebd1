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
                token.case == Case::Capital
                    && inside
                    && !token.is(CALENDAR)
                    && !names.goes_on(to)
                    && !names.is_thing(at, to)
            }
        };
        if taken {
            spans.push((at, to));
        }
        at = to;
    }
}

/// Adds to `spans` what stands in a list with names: `Saida, Elisabeth, Ben and Mark`.
pub(super) fn along_lists(names: &Names<'_>, spans: &mut Vec<(usize, usize)>) {
    let mut at = 0;
    while at < names.tokens.len() {
        if !names.part(at) {
            at += 1;
            continue;
        }
        let mut items = vec![(at, names.chain(at))];
        while let Some(next) = next_item(names, items[items.len() - 1].1) {
            items.push((next, names.chain(next)));
        }
        let clear = |item: &&(usize, usize)| names.has(item.0, item.1, GIVEN | SURNAME);
        let sure = items.iter().filter(clear).count();
        if sure >= 2 && sure * 2 >= items.len() && items.len() >= 3 {
            spans.extend(items.iter().filter(|(from, to)| !names.is_thing(*from, *to)));
        } else if sure == 1 && items.len() == 2 {
            // One of two is sure; the other must be able to be a name.
            let able = |from: usize| {
                names.tokens[from].is(GIVEN_TOO | SURNAME_TOO) && !names.tokens[from].is(COMMON | CALENDAR)
            };
            spans.extend(items.iter().filter(|(from, to)| able(*from) && !names.is_thing(*from, *to)));
        }
        at = items[items.len() - 1].1;
    }
}

/// Where the item of a list starts that follows the one which ends before token `at`.
fn next_item(names: &Names<'_>, at: usize) -> Option<usize> {
    let token = names.tokens.get(at)?;
    if token.gap == Gap::Comma && names.part(at) {
        return Some(at);
    }
    let and = matches!(token.gap, Gap::Space | Gap::Comma)
        && names.is_word(at, &["and", "or", "und", "oder", "et", "ou", "y", "e", "en"]);
    let next = names.tokens.get(at + 1)?;
    (and && next.gap == Gap::Space && names.part(at + 1)).then_some(at + 1)
}

/// Whether only a sign that joins the parts of a handle stands before token `at`: `anna_kowalski`, `anna.kowalski`.
fn joins(names: &Names<'_>, at: usize) -> bool {
    let between =
        names.text.get(names.tokens[at - 1].span().end..names.tokens[at].span().start).unwrap_or_default();
    matches!(names.tokens[at].gap, Gap::Space | Gap::Hyphen | Gap::Point)
        || matches!(between, "_" | "+" | "%20" | "")
}
