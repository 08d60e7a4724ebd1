//! Names of people: by what words are (given names, surnames) and by what stands around them.
//!
//! A name that was found anywhere in a text is found everywhere in it. Given names that are ordinary words as well,
//! such as `Will`, `Grace` or `Page`, need a surname beside them or words that say that a person is meant.

use super::kind::{Candidate, Kind};
use super::lexicon::{
    CALENDAR, COMMON, FIXED, GIVEN, GIVEN_TOO, GREETING, NAME, PARTICLE, PLACE, Roles, SEEN_LOW, SURNAME,
    TALK, THANKS, THING, TITLE, ends_like_surname,
};
use super::names::Name;
use super::tokens::{Case, Gap, Token};
use crate::span::Span;

mod context;
mod spread;

/// Most words of one name.
const LONGEST: usize = 5;

/// The names in `text`, whose tokens are given, with those that the network has told.
pub(super) fn find(text: &str, tokens: &[Token], told: &[Name], found: &mut Vec<Candidate>) {
    let names = Names { text, tokens, small: in_small_letters(tokens) };
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut line = 0;
    let mut signs_off = false;
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].gap.starts_line() && at > 0 {
            signs_off = names.is_sign_off(line, at);
            line = at;
        }
        match names.at(at, line, signs_off) {
            Some((from, to)) => {
                spans.push((from, to));
                // The line's first token is looked at once more where the name stands behind it.
                at = to.max(at + 1);
            }
            None => at += 1,
        }
    }
    spread::along_lists(&names, &mut spans);
    spans.extend(told.iter().filter(|name| name.kind == Kind::Person).map(|name| (name.from, name.to)));
    spread::everywhere(&names, &mut spans);
    found.extend(spans.into_iter().map(|(from, to)| Candidate::likely(Kind::Person, names.span(from, to))));
}

struct Names<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// Whether the text is written without capitals, as messages are, so that names are too.
    small: bool,
}

fn in_small_letters(tokens: &[Token]) -> bool {
    let count = |wanted: fn(Case) -> bool| {
        tokens.iter().filter(|token| !token.is(FIXED) && wanted(token.case)).count()
    };
    count(|case| matches!(case, Case::Capital | Case::Upper)) * 25 <= count(|case| case == Case::Lower)
}

impl Names<'_> {
    /// The name that token `at` begins or announces.
    fn at(&self, at: usize, line: usize, signs_off: bool) -> Option<(usize, usize)> {
        let token = self.tokens[at];
        if token.is(FIXED) {
            return None;
        }
        if at == line
            && let Some(name) = self.label(at)
        {
            return Some(name);
        }
        if at == line
            && signs_off
            && let Some(name) = self.signature(at)
        {
            return Some(name);
        }
        if token.is(TITLE)
            && let Some(name) = self.titled(at)
        {
            return Some(name);
        }
        if token.is(GREETING | THANKS)
            && let Some(name) = self.greeted(at)
        {
            return Some(name);
        }
        self.introduced(at).or_else(|| self.turn(at, line)).or_else(|| self.plain(at))
    }

    /// A name that needs no words around it.
    fn plain(&self, at: usize) -> Option<(usize, usize)> {
        if self.small && self.tokens[at].case == Case::Lower {
            return self.small(at);
        }
        if !self.part(at) || self.in_place(at) {
            return None;
        }
        let token = self.tokens[at];
        if token.is(PLACE) && !token.is(GIVEN | SURNAME) {
            return None;
        }
        let to = self.chain(at);
        let rest = at + 1..to;
        let surname = rest.clone().any(|other| self.tokens[other].is(SURNAME) || self.like_surname(other));
        let initial = self.tokens[rest.clone()].iter().any(|other| other.case == Case::Initial);
        let addressed = self.addressed(to);
        if self.is_thing(at, to) && !addressed {
            return None;
        }
        let full = to > at + 1;
        let unknown =
            |other: usize| !self.tokens[other].is(COMMON | SEEN_LOW | THING) && self.is_namelike(other);
        let taken = if token.case == Case::Upper {
            full && token.is(GIVEN | GIVEN_TOO)
                && (surname || (token.is(GIVEN) && rest.clone().any(|other| self.tokens[other].is(NAME))))
        } else if token.is(GIVEN) {
            full || !self.dated(at)
        } else if token.is(GIVEN_TOO) {
            let named = full && (initial || rest.clone().any(|other| self.tokens[other].is(GIVEN)));
            let strange = full && unknown(at) && !token.is(CALENDAR) && rest.clone().all(unknown);
            surname || named || strange || (!full && (self.talked_about(at) || self.lone_surname(at)))
        } else if token.case == Case::Initial {
            surname && self.tokens[at + 1].gap == Gap::Stop
        } else if full {
            let middle = rest.clone().any(|other| {
                self.tokens[other - 1].case == Case::Initial && self.tokens[other].gap == Gap::Stop
            });
            ((surname || middle) && unknown(at))
                || (token.is(SURNAME) && rest.clone().any(|other| self.tokens[other].is(GIVEN)))
        } else {
            self.lone_surname(at)
        };
        let wrote = full && self.is_word(to, &["wrote", "replied"]) && !token.is(COMMON | SEEN_LOW);
        if taken || ((full || token.is(NAME)) && addressed) || wrote {
            return Some((self.inverted(at, to), to));
        }
        None
    }

    /// A name in a text without capitals.
    fn small(&self, at: usize) -> Option<(usize, usize)> {
        let surname = |at: usize| {
            self.tokens.get(at).is_some_and(|token| {
                let known = token.is(NAME) && !token.is(COMMON);
                token.gap == Gap::Space
                    && token.case == Case::Lower
                    && (known || (token.roles == 0 && ends_like_surname(self.word(at))))
            })
        };
        let token = self.tokens[at];
        (token.is(GIVEN) && self.word(at).chars().count() >= 4)
            .then(|| (at, at + 1 + usize::from(surname(at + 1))))
    }

    /// Whether token `at` can be a part of a name.
    fn part(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            let word = token.is(COMMON | SEEN_LOW | THING | TITLE | GREETING | THANKS | TALK | CALENDAR);
            token.capitalized() && !token.is(FIXED) && (token.is(NAME) || !word)
        })
    }

    /// The end of the name that starts at `at`: its tokens are parted by spaces, hyphens or the stop of an initial.
    fn chain(&self, at: usize) -> usize {
        let mut to = at + 1;
        while to < self.tokens.len() && to - at < LONGEST {
            let joined = match self.tokens[to].gap {
                Gap::Space | Gap::Hyphen => true,
                Gap::Stop | Gap::Point => self.tokens[to - 1].case == Case::Initial,
                _ => false,
            };
            if !joined {
                break;
            }
            if self.continues(at, to) {
                to += 1;
                continue;
            }
            // `van der Berg`: particles belong to the name where a part of it follows.
            let particles = self.tokens[to..]
                .iter()
                .take(2)
                .take_while(|token| {
                    token.is(PARTICLE) && token.gap == Gap::Space && token.case != Case::Upper
                })
                .count();
            let next = to + particles;
            let follows = particles > 0
                && self.tokens.get(next).is_some_and(|token| matches!(token.gap, Gap::Space | Gap::Hyphen));
            if !(follows && self.continues(at, next)) {
                break;
            }
            to = next + 1;
        }
        // An initial at the end needs its stop; `Anna I think` has none.
        while to > at + 1 && self.tokens[to - 1].case == Case::Initial {
            let stopped = self.text[self.tokens[to - 1].span().end..].starts_with('.');
            let pronoun = matches!(self.word(to - 1), "I" | "A");
            if stopped && !pronoun {
                break;
            }
            to -= 1;
        }
        to
    }

    /// Whether token `next` goes on with the name that started at `at`.
    fn continues(&self, at: usize, next: usize) -> bool {
        let Some(token) = self.tokens.get(next) else { return false };
        let cased = match (self.tokens[at].case, token.case) {
            (_, Case::Initial)
            | (Case::Upper, Case::Upper)
            | (Case::Initial | Case::Capital, Case::Capital) => true,
            (Case::Capital | Case::Initial, Case::Upper) => token.is(SURNAME),
            _ => false,
        };
        cased && self.part(next)
    }

    fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.tokens[from].span().start, self.tokens[to - 1].span().end)
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|token| token.span().of(self.text)).unwrap_or_default()
    }

    fn is_word(&self, at: usize, words: &[&str]) -> bool {
        let word = self.word(at);
        words.iter().any(|other| word.eq_ignore_ascii_case(other))
    }

    fn has(&self, from: usize, to: usize, roles: Roles) -> bool {
        self.tokens[from..to].iter().any(|token| token.is(roles))
    }

    /// What stands after the name that ends before token `to`.
    fn rest(&self, to: usize) -> &str {
        &self.text[self.tokens[to - 1].span().end..]
    }

    /// Whether the name ends its clause: a mark or nothing follows.
    fn closes(&self, to: usize) -> bool {
        self.rest(to)
            .chars()
            .find(|c| *c != ' ')
            .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '(' | '\'' | '’' | '_' | '/' | '@' | '&'))
    }

    /// Whether a capitalized word follows on the same line, which may belong to something greater.
    fn goes_on(&self, to: usize) -> bool {
        self.tokens.get(to).is_some_and(|next| {
            matches!(next.gap, Gap::Space | Gap::Hyphen) && next.capitalized() && next.case != Case::Initial
        })
    }

    /// Whether the words are the name of a company or place: `Jordan Ltd`, `Charlotte Airport`.
    fn is_thing(&self, at: usize, to: usize) -> bool {
        let last = self.tokens[to - 1];
        let next = self.tokens.get(to);
        let follows = next.is_some_and(|next| {
            next.is(THING) && next.capitalized() && matches!(next.gap, Gap::Space | Gap::Comma)
        });
        let joined = self.rest(to).trim_start().starts_with('&')
            && self.tokens.get(to).is_some_and(|next| next.capitalized());
        follows || joined || (to > at + 1 && last.is(THING) && !last.is(SURNAME))
    }

    /// Whether the token before makes a place of the name: `San Antonio`, `Fort Wayne`.
    fn in_place(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| {
            let token = self.tokens[before];
            token.is(PLACE)
                && token.capitalized()
                && !token.is(GIVEN)
                && matches!(self.tokens[at].gap, Gap::Space | Gap::Stop)
                && !(self.is_word(before, &["the"]))
        })
    }

    /// Whether an e-mail address in angle brackets follows.
    fn addressed(&self, to: usize) -> bool {
        let rest = self.rest(to).trim_start_matches(['"', '\'']);
        let Some(inner) = rest.strip_prefix(" <").or_else(|| rest.strip_prefix(" [mailto:")) else {
            return false;
        };
        inner.starts_with("[EMAIL_")
            || inner
                .split(['>', ']', '\n', ' '])
                .next()
                .is_some_and(|inner| inner.len() <= 254 && inner.contains('@'))
    }

    /// Whether a single word is spoken of as a person: `ask Mark`, `Grace wrote`.
    fn talked_about(&self, at: usize) -> bool {
        let token = self.tokens[at];
        if token.is(CALENDAR) || self.goes_on(at + 1) {
            return false;
        }
        let before = at.checked_sub(1).map(|before| self.tokens[before]).filter(|_| token.gap == Gap::Space);
        let asked =
            before.is_some() && self.is_word(at - 1, &["ask", "asked", "asking", "tell", "told", "telling"]);
        let spoken = asked
            || (at >= 2
                && self.is_word(at - 1, &["with", "to", "from"])
                && self.is_word(
                    at - 2,
                    &[
                        "spoke", "spoken", "speak", "speaking", "talk", "talked", "talking", "chatted",
                        "met", "heard",
                    ],
                )
                && token.gap == Gap::Space);
        let speaks = self.is_word(
            at + 1,
            &[
                "wrote",
                "said",
                "says",
                "asked",
                "replied",
                "answered",
                "responded",
                "complained",
                "explained",
                "called",
                "mentioned",
                "confirmed",
                "told",
            ],
        ) && self.tokens[at + 1].gap == Gap::Space;
        spoken || (speaks && !token.is(SEEN_LOW))
    }

    /// Whether a number beside the word makes a date of it: `Jan 23`.
    fn dated(&self, at: usize) -> bool {
        let number = |at: Option<usize>| {
            at.and_then(|at| self.tokens.get(at))
                .is_some_and(|token| matches!(token.case, Case::Number | Case::Code))
        };
        self.tokens[at].is(CALENDAR) && (number(at.checked_sub(1)) || number(Some(at + 1)))
    }

    /// Whether an unknown word can be a given name, by its form.
    fn is_namelike(&self, at: usize) -> bool {
        const ENDINGS: [&str; 16] = [
            "ing", "tion", "sion", "ment", "ness", "ware", "soft", "ship", "able", "ful", "less", "ity",
            "ally", "ology", "ated", "ized",
        ];
        let word = self.word(at).to_lowercase();
        let voiced = word.chars().any(|c| "aeiouy".contains(c) || !c.is_ascii());
        word.chars().count() >= 3 && voiced && !ENDINGS.iter().any(|ending| word.ends_with(ending))
    }

    fn like_surname(&self, at: usize) -> bool {
        let token = self.tokens[at];
        token.case == Case::Capital
            && !token.is(COMMON | SEEN_LOW)
            && ends_like_surname(&self.word(at).to_lowercase())
    }

    /// Whether a surname stands alone within a sentence.
    fn lone_surname(&self, at: usize) -> bool {
        let token = self.tokens[at];
        let known = token.is(SURNAME) || self.like_surname(at);
        let inside = matches!(token.gap, Gap::Space | Gap::Comma)
            && at > 0
            && (self.tokens[at - 1].case == Case::Lower || token.gap == Gap::Comma);
        known && inside && token.case == Case::Capital && !self.goes_on(at + 1)
    }

    /// The start of a name with its surname first: `Kowalski, Anna`.
    fn inverted(&self, at: usize, to: usize) -> usize {
        let Some(before) = at.checked_sub(1) else { return at };
        let surname = self.tokens[before];
        let opens = surname.gap.starts_line() || matches!(surname.gap, Gap::Colon | Gap::Other);
        let known = surname.is(SURNAME) || self.like_surname(before);
        let single = to == at + 1 || self.tokens[at + 1].case == Case::Initial;
        if self.tokens[at].gap == Gap::Comma
            && self.tokens[at].is(GIVEN)
            && single
            && known
            && opens
            && self.part(before)
        {
            before
        } else {
            at
        }
    }
}

#[cfg(test)]
mod tests;
