//! Automata with one state at a time.

use std::collections::{HashMap, VecDeque};

use super::Constraint;
use super::expression::{Expression, Nfa, TooLarge};
use crate::{Error, Result};

/// Most states.
const MOST: usize = 1 << 16;
/// No state.
const NONE: u32 = u32::MAX;
/// Most bytes of all strings that are ruled out together.
const BANNED_BYTES: usize = 1 << 15;

/// A regular language, as a table that one look-up for each byte reads.
#[derive(Clone, Debug)]
pub struct Automaton {
    /// Bytes that no state tells apart are of one class.
    class: Box<[u8; 256]>,
    classes: usize,
    /// By state and class, the next state.
    next: Vec<u32>,
    /// Bytes to the nearest end, 0 where the text may end.
    closing: Vec<u32>,
}

impl Automaton {
    /// All texts in which none of `strings` stands; with `any_case`, in no combination of upper and lower case.
    /// It is the automaton of Aho and Corasick ("Efficient String Matching", 1975) without the states that match.
    ///
    /// # Errors
    /// [`Error::Constraint`] for an empty string, which stands in every text, or too many.
    pub fn without(strings: &[&str], any_case: bool) -> Result<Self> {
        if strings.iter().any(|string| string.is_empty()) {
            return Err(Error::Constraint("an empty string cannot be ruled out".to_owned()));
        }
        if strings.iter().map(|string| string.len()).sum::<usize>() > BANNED_BYTES {
            return Err(Error::Constraint(format!("more than {BANNED_BYTES} bytes of strings to rule out")));
        }
        let build = || -> Result<Self, TooLarge> {
            let mut nfa = Nfa::default();
            let anywhere = nfa.state()?;
            nfa.byte(anywhere, 0..=255, anywhere);
            let mut found = vec![];
            for string in strings {
                found.push(nfa.read(&spellings(string, any_case), anywhere)?);
            }
            Self::determine(&nfa, anywhere, &|states| !states.iter().any(|state| found.contains(state)))
        };
        let mut automaton =
            build().map_err(|TooLarge| Error::Constraint("too many strings to rule out".to_owned()))?;
        // A state that matches does not accept, and no text leads through it.
        let accepts: Vec<bool> = automaton.closing.iter().map(|closing| *closing == 0).collect();
        for next in &mut automaton.next {
            if *next != NONE && !accepts[*next as usize] {
                *next = NONE;
            }
        }
        Ok(automaton)
    }

    /// The texts of an expression.
    pub(super) fn of(expression: &Expression) -> Result<Self, TooLarge> {
        let mut nfa = Nfa::default();
        let start = nfa.state()?;
        let end = nfa.read(expression, start)?;
        Self::determine(&nfa, start, &|states| states.contains(&end))
    }

    /// Whether there is no text.
    pub(super) fn is_empty(&self) -> bool {
        self.closing[0] == NONE
    }

    /// How many states there are.
    #[cfg(test)]
    pub(super) fn states(&self) -> usize {
        self.closing.len()
    }

    /// An automaton whose states are the sets of states that `nfa` can be in (Rabin and Scott, 1959).
    fn determine(nfa: &Nfa, start: u32, accepts: &dyn Fn(&[u32]) -> bool) -> Result<Self, TooLarge> {
        let (class, firsts) = classes(nfa);
        let mut marked = vec![false; nfa.moves.len()];
        let mut known = HashMap::new();
        let mut sets: Vec<Box<[u32]>> = Vec::new();
        let mut closing = Vec::new();
        let mut number = |set: Box<[u32]>, sets: &mut Vec<Box<[u32]>>| {
            let fresh = sets.len() as u32;
            let state = *known.entry(set.clone()).or_insert(fresh);
            if state == fresh {
                closing.push(if accepts(&set) { 0 } else { NONE });
                sets.push(set);
            }
            state
        };
        number(closure(nfa, vec![start], &mut marked), &mut sets);
        let mut next = Vec::new();
        let mut at = 0;
        while at < sets.len() {
            if sets.len() > MOST {
                return Err(TooLarge);
            }
            for byte in &firsts {
                let moves = sets[at].iter().flat_map(|state| &nfa.moves[*state as usize]);
                let to: Vec<u32> =
                    moves.filter(|(range, _)| range.contains(byte)).map(|(_, to)| *to).collect();
                next.push(if to.is_empty() {
                    NONE
                } else {
                    number(closure(nfa, to, &mut marked), &mut sets)
                });
            }
            at += 1;
        }
        let mut automaton = Self { class, classes: firsts.len(), next, closing };
        automaton.measure();
        Ok(automaton)
    }

    /// Finds how far every state is from an end, and cuts off the ways to those that have none.
    fn measure(&mut self) {
        let mut before: Vec<Vec<u32>> = vec![Vec::new(); self.closing.len()];
        for (state, row) in self.next.chunks(self.classes).enumerate() {
            for to in row.iter().filter(|to| **to != NONE) {
                if before[*to as usize].last() != Some(&(state as u32)) {
                    before[*to as usize].push(state as u32);
                }
            }
        }
        let ends = (0..self.closing.len() as u32).filter(|state| self.closing[*state as usize] == 0);
        let mut open: VecDeque<u32> = ends.collect();
        while let Some(state) = open.pop_front() {
            let distance = self.closing[state as usize] + 1;
            for from in &before[state as usize] {
                if self.closing[*from as usize] == NONE {
                    self.closing[*from as usize] = distance;
                    open.push_back(*from);
                }
            }
        }
        for to in &mut self.next {
            if *to != NONE && self.closing[*to as usize] == NONE {
                *to = NONE;
            }
        }
    }
}

impl Constraint for Automaton {
    type State = u32;

    fn start(&self) -> u32 {
        0
    }

    fn step(&self, state: &u32, byte: u8) -> Option<u32> {
        let next = self.next[*state as usize * self.classes + usize::from(self.class[usize::from(byte)])];
        (next != NONE).then_some(next)
    }

    fn accepts(&self, state: &u32) -> bool {
        self.closing[*state as usize] == 0
    }

    fn closing(&self, state: &u32) -> usize {
        self.closing[*state as usize] as usize
    }
}

/// The class of every byte, and the first byte of every class.
fn classes(nfa: &Nfa) -> (Box<[u8; 256]>, Vec<u8>) {
    let mut begins = [false; 257];
    begins[0] = true;
    for (range, _) in nfa.moves.iter().flatten() {
        begins[usize::from(*range.start())] = true;
        begins[usize::from(*range.end()) + 1] = true;
    }
    let firsts: Vec<u8> = (0..=255).filter(|byte| begins[usize::from(*byte)]).collect();
    let mut class = Box::new([0; 256]);
    let mut current = 0;
    for byte in 1..256 {
        current += u8::from(begins[byte]);
        class[byte] = current;
    }
    (class, firsts)
}

/// `states` with those that one is in at the same time, in order, without those that only lead to others. `marked` is
/// all false, before and after.
fn closure(nfa: &Nfa, mut states: Vec<u32>, marked: &mut [bool]) -> Box<[u32]> {
    states.retain(|state| !std::mem::replace(&mut marked[*state as usize], true));
    let mut at = 0;
    while at < states.len() {
        for to in &nfa.free[states[at] as usize] {
            if !std::mem::replace(&mut marked[*to as usize], true) {
                states.push(*to);
            }
        }
        at += 1;
    }
    states.iter().for_each(|state| marked[*state as usize] = false);
    let matters =
        |state: &u32| !nfa.moves[*state as usize].is_empty() || nfa.free[*state as usize].is_empty();
    states.retain(matters);
    states.sort_unstable();
    states.into()
}

/// `string`, or every way to write it in upper and lower case.
fn spellings(string: &str, any_case: bool) -> Expression {
    if !any_case {
        return Expression::text(string);
    }
    let cases = |c: char| {
        let mut cases = vec![c.to_string(), c.to_lowercase().collect(), c.to_uppercase().collect()];
        cases.sort();
        cases.dedup();
        Expression::AnyOf(cases.into_iter().map(Expression::text).collect())
    };
    Expression::Sequence(string.chars().map(cases).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn expressions_are_read() {
        let number = Expression::Sequence(vec![
            Expression::text("-").optional(),
            Expression::digit().repeat(1, 3),
            Expression::Sequence(vec![Expression::text("."), Expression::digit().repeat(1, None)]).optional(),
        ]);
        let automaton = Automaton::of(&number).unwrap();
        for text in ["1", "-123", "1.5", "-0.00000001"] {
            assert!(automaton.contains(text.as_bytes()), "{text}");
        }
        for text in ["", "-", "1234", "1.", ".5", "1.5-", "１"] {
            assert!(!automaton.contains(text.as_bytes()), "{text}");
        }
        assert_eq!(automaton.closing(&automaton.start()), 1);
        let minus = automaton.step(&0, b'-').unwrap();
        assert_eq!(automaton.allowed(&minus).iter().collect::<Vec<u8>>(), b"0123456789");
        assert!(Automaton::of(&Expression::AnyOf(vec![])).unwrap().is_empty());
    }

    #[test]
    fn what_leads_nowhere_is_cut_off() {
        let dead = Expression::Sequence(vec![Expression::text("ab"), Expression::AnyOf(vec![])]);
        let automaton = Automaton::of(&Expression::AnyOf(vec![dead, Expression::text("ax")])).unwrap();
        let a = automaton.step(&0, b'a').unwrap();
        assert_eq!(automaton.allowed(&a).iter().collect::<Vec<u8>>(), b"x");
    }

    #[test]
    fn characters_are_whole_and_valid() {
        let automaton = Automaton::of(&Expression::beyond_ascii()).unwrap();
        for c in [
            'é',
            '\u{80}',
            '\u{7ff}',
            '\u{800}',
            '\u{d7ff}',
            '\u{e000}',
            '\u{ffff}',
            '\u{10000}',
            '\u{10ffff}',
        ] {
            assert!(automaton.contains(c.to_string().as_bytes()), "{c:?}");
        }
        for bytes in [&b"\xc0\x80"[..], b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe0\x80\x80", b"\x80", b"a"]
        {
            assert!(!automaton.contains(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let many = Expression::digit().repeat(0, 300).repeat(0, 1_000);
        assert!(Automaton::of(&many).is_err());
        // Few states in the expression, but many sets of them: the byte twenty before the end.
        let any = || Expression::Byte(0..=255);
        let blown_up =
            Expression::Sequence(vec![any().repeat(0, None), Expression::text("a"), any().repeat(20, 20)]);
        assert!(Automaton::of(&blown_up).is_err());
        assert!(matches!(Automaton::without(&["a", ""], false), Err(Error::Constraint(_))));
        assert!(matches!(Automaton::without(&[&"a".repeat(99_999)], false), Err(Error::Constraint(_))));
    }

    #[test]
    fn cases_are_those_of_unicode() {
        let without = Automaton::without(&["Straße É"], true).unwrap();
        for text in ["straße é", "STRASSE É", "die STRAßE éa"] {
            assert!(!without.contains(text.as_bytes()), "{text}");
        }
        assert!(without.contains("strase é".as_bytes()));
        assert!(Automaton::without(&["No"], false).unwrap().contains(b"no"));
    }

    proptest! {
        #[test]
        fn what_is_ruled_out_does_not_occur(
            strings in prop::collection::vec("[ab]{1,4}", 0..4),
            text in "[abA]{0,12}",
            any_case: bool,
        ) {
            let banned: Vec<&str> = strings.iter().map(String::as_str).collect();
            let automaton = Automaton::without(&banned, any_case).unwrap();
            let folded = if any_case { text.to_lowercase() } else { text.clone() };
            let found = banned.iter().any(|string| folded.contains(*string));
            prop_assert_eq!(automaton.contains(text.as_bytes()), !found);
            prop_assert!(automaton.states() <= 2 + strings.concat().len() * 2);
        }
    }
}
