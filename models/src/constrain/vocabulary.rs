//! The tokens of a model as a trie over their bytes.

use super::{ByteSet, Constraint};

/// Longest token in bytes; longer ones are never written under a constraint.
const LONGEST: usize = 256;

/// The tokens of a model by their bytes. It is made once for a model and shared.
#[derive(Debug)]
pub struct Vocabulary {
    /// The trie in preorder, so that a walk is one pass and what is ruled out is skipped.
    nodes: Vec<Node>,
    /// Tokens in the order of their nodes.
    tokens: Vec<u32>,
    /// Bytes that are tokens by themselves. Every text of these can be written from wherever it begins.
    spelled: ByteSet,
    /// The bytes of all tokens, one after the other, and where those of each begin.
    bytes: Vec<u8>,
    begins: Vec<u32>,
    ends: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    /// The node behind all that begin like this one.
    skip: u32,
    /// Its first token in `tokens`; those up to the next node's first are its own.
    first: u32,
    depth: u16,
    byte: u8,
}

/// Which tokens are allowed.
#[derive(Debug, Default)]
pub(super) struct TokenSet {
    words: Vec<u64>,
}

impl Vocabulary {
    /// Tokens from 0 on by their bytes; those without any are control tokens, which only end a text where they are
    /// among `ends`.
    pub fn new<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, ends: &[u32]) -> Self {
        let mut sorted = Vec::new();
        let (mut bytes, mut begins) = (Vec::new(), vec![0]);
        for (piece, token) in pieces.into_iter().zip(0u32..) {
            bytes.extend_from_slice(piece);
            begins.push(bytes.len() as u32);
            if (1..=LONGEST).contains(&piece.len()) && !ends.contains(&token) {
                sorted.push((piece, token));
            }
        }
        sorted.sort_unstable();
        let mut trie = Self {
            nodes: Vec::new(),
            tokens: Vec::with_capacity(sorted.len()),
            spelled: ByteSet::default(),
            ends: ends.iter().copied().filter(|end| (*end as usize) < begins.len() - 1).collect(),
            bytes,
            begins,
        };
        let mut open: Vec<usize> = Vec::new();
        let mut before: &[u8] = &[];
        for (piece, token) in sorted {
            let common = before.iter().zip(piece).take_while(|(a, b)| a == b).count();
            trie.close(&mut open, common);
            for (depth, byte) in piece.iter().enumerate().skip(common) {
                open.push(trie.nodes.len());
                let first = trie.tokens.len() as u32;
                trie.nodes.push(Node { skip: 0, first, depth: depth as u16, byte: *byte });
            }
            if let [byte] = piece {
                trie.spelled.insert(*byte);
            }
            trie.tokens.push(token);
            before = piece;
        }
        trie.close(&mut open, 0);
        trie
    }

    /// Ends all open nodes but the first `kept`.
    fn close(&mut self, open: &mut Vec<usize>, kept: usize) {
        let next = self.nodes.len() as u32;
        for node in open.drain(kept.min(open.len())..) {
            self.nodes[node].skip = next;
        }
    }

    /// How many tokens there are.
    pub fn size(&self) -> usize {
        self.begins.len() - 1
    }

    /// The bytes of a token; none for control tokens and unknown ones.
    pub(super) fn piece(&self, token: u32) -> &[u8] {
        let at = token as usize;
        let range = self.begins.get(at).zip(self.begins.get(at + 1));
        range.map_or(&[], |(from, to)| &self.bytes[*from as usize..*to as usize])
    }

    /// Tokens that end a text.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Bytes that are tokens by themselves.
    pub(super) fn spelled(&self) -> &ByteSet {
        &self.spelled
    }

    /// Adds the tokens that `constraint` can read from `state` on.
    pub(super) fn allow<C: Constraint>(&self, constraint: &C, state: &C::State, set: &mut TokenSet) {
        let mut states = vec![state.clone()];
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let depth = usize::from(node.depth);
            states.truncate(depth + 1);
            let Some(next) = constraint.step(&states[depth], node.byte) else {
                at = node.skip as usize;
                continue;
            };
            self.own(at).iter().for_each(|token| set.insert(*token));
            states.push(next);
            at += 1;
        }
    }

    /// The tokens of exactly the bytes that lead to a node.
    fn own(&self, node: usize) -> &[u32] {
        let end = self.nodes.get(node + 1).map_or(self.tokens.len(), |next| next.first as usize);
        &self.tokens[self.nodes[node].first as usize..end]
    }

    /// A token of the first bytes of `text`, as many as one token has, and how many these are.
    pub(super) fn longest(&self, text: &[u8]) -> Option<(u32, usize)> {
        let mut found = None;
        let (mut at, mut depth) = (0, 0);
        while let (Some(node), Some(byte)) = (self.nodes.get(at), text.get(depth)) {
            if usize::from(node.depth) < depth {
                break;
            }
            if node.byte != *byte {
                at = node.skip as usize;
                continue;
            }
            depth += 1;
            if let Some(token) = self.own(at).first() {
                found = Some((*token, depth));
            }
            at += 1;
        }
        found
    }

    /// How many tokens write `text`, each as long as can be.
    pub(super) fn count(&self, mut text: &[u8]) -> Option<usize> {
        let mut count = 0;
        while !text.is_empty() {
            let (_, length) = self.longest(text)?;
            text = &text[length..];
            count += 1;
        }
        Some(count)
    }
}

impl TokenSet {
    /// Makes it empty, with room for tokens below `size`.
    pub(super) fn clear(&mut self, size: usize) {
        self.words.clear();
        self.words.resize(size.div_ceil(64), 0);
    }

    pub(super) fn insert(&mut self, token: u32) {
        self.words[token as usize / 64] |= 1 << (token % 64);
    }

    /// Rules out the logits of all other tokens.
    pub(super) fn apply(&self, logits: &mut [f32]) {
        let words = self.words.iter().copied().chain(std::iter::repeat(0));
        for (logits, word) in logits.chunks_mut(64).zip(words) {
            for (bit, logit) in logits.iter_mut().enumerate() {
                if word >> bit & 1 == 0 {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn contains(&self, token: u32) -> bool {
        self.words.get(token as usize / 64).is_some_and(|word| word >> (token % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constrain::Automaton;

    const PIECES: [&[u8]; 9] = [b"a", b"ab", b"abc", b"b", b"", b"a", b"\xc3", b"c", b"bcd"];

    fn vocabulary() -> Vocabulary {
        Vocabulary::new(PIECES, &[4, 7, 99])
    }

    #[test]
    fn tokens_are_found_by_their_bytes() {
        let vocabulary = vocabulary();
        assert_eq!((vocabulary.size(), vocabulary.ends()), (9, &[4, 7][..]));
        assert_eq!(vocabulary.longest(b"abd"), Some((1, 2)));
        assert_eq!(vocabulary.longest(b"abcd"), Some((2, 3)));
        assert_eq!(vocabulary.longest(b"bc"), Some((3, 1)));
        assert_eq!(vocabulary.longest(b"c"), None, "what ends a text spells nothing");
        assert_eq!(vocabulary.longest(b""), None);
        assert_eq!(vocabulary.count(b"ababcbcd"), Some(3));
        assert_eq!(vocabulary.count(b"abx"), None);
        assert_eq!(vocabulary.spelled().iter().collect::<Vec<u8>>(), b"ab\xc3");
        assert_eq!(
            (vocabulary.piece(2), vocabulary.piece(4), vocabulary.piece(9)),
            (&b"abc"[..], &b""[..], &b""[..])
        );
    }

    #[test]
    fn a_walk_finds_what_stepping_finds() {
        let vocabulary = vocabulary();
        let without = Automaton::without(&["bc"], false).unwrap();
        for before in ["", "b", "ab", "cc"] {
            let state =
                before.bytes().try_fold(without.start(), |state, byte| without.step(&state, byte)).unwrap();
            let mut set = TokenSet::default();
            set.clear(vocabulary.size());
            vocabulary.allow(&without, &state, &mut set);
            for (token, piece) in PIECES.iter().enumerate() {
                let reads = piece.iter().try_fold(state, |state, byte| without.step(&state, *byte)).is_some();
                let is_text = !piece.is_empty() && token != 7;
                assert_eq!(set.contains(token as u32), reads && is_text, "{before:?} {piece:?}");
            }
        }
    }

    #[test]
    fn what_is_not_allowed_is_ruled_out() {
        let mut set = TokenSet::default();
        set.clear(70);
        set.insert(3);
        set.insert(69);
        let mut logits = vec![1.0; 200];
        set.apply(&mut logits);
        let left: Vec<usize> = (0..200).filter(|token| logits[*token] == 1.0).collect();
        assert_eq!(left, [3, 69]);
    }

    #[test]
    fn a_vocabulary_may_be_empty() {
        let vocabulary = Vocabulary::new([], &[]);
        assert_eq!((vocabulary.size(), vocabulary.longest(b"a")), (0, None));
        let mut set = TokenSet::default();
        set.clear(0);
        vocabulary.allow(&Automaton::without(&["a"], false).unwrap(), &0, &mut set);
    }
}
