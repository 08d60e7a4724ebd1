//! Writing with random logits in place of a model.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

mod excerpts;

/// How a text ended, or how a model ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// As likely as any other token.
    Random,
    /// Only where nothing else is allowed.
    Late,
    /// With the token that ends a text.
    End,
    /// With the last token that was allowed.
    Length,
    /// Nothing was allowed.
    Stuck,
}

/// Sebastiano Vigna's `SplitMix64`.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn logit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / 1e6
    }
}

/// Every byte but a control character, some longer tokens, some of them parts of characters, two that are the same,
/// and two that end a text.
pub(crate) fn vocabulary(seed: u64) -> Arc<Vocabulary> {
    let mut random = Random(seed);
    let mut pieces: Vec<Vec<u8>> = (0..=255).filter(|byte| *byte != 7).map(|byte| vec![byte]).collect();
    for text in
        ["{\"", "\": ", "\", \"", "true", "null}", " the", "e ", ". ", " [1", "]\n", "a\u{7}b", "ab", "ab"]
    {
        pieces.push(text.into());
    }
    let sample = "The réset takes 5 days. Hold the button €. aabbccabcabc ".as_bytes();
    for _ in 0..80 {
        let from = random.next() as usize % (sample.len() - 8);
        pieces.push(sample[from..from + 1 + random.next() as usize % 7].to_vec());
    }
    pieces.extend([vec![], vec![]]);
    let end = pieces.len() as u32 - 1;
    Arc::new(Vocabulary::new(pieces.iter().map(Vec::as_slice), &[end, end - 1]))
}

/// Writes at most `most` tokens.
pub(crate) fn write<C: Constraint>(
    vocabulary: &Arc<Vocabulary>,
    constraint: C,
    seed: u64,
    most: usize,
    ends: Ends,
) -> (Vec<u8>, Ends) {
    let mut random = Random(seed);
    let mut guide = Guided::new(Arc::clone(vocabulary), constraint);
    let mut text = Vec::new();
    for written in 0..most {
        let mut logits: Vec<f32> = (0..vocabulary.size()).map(|_| random.logit()).collect();
        if ends == Ends::Late {
            vocabulary.ends().iter().for_each(|end| logits[*end as usize] = -1.0);
        }
        let best = &mut |logits: &[f32]| {
            let (token, logit) = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
            (*logit > f32::NEG_INFINITY).then_some(token as u32)
        };
        match guide.choose(&mut logits, most - written, best) {
            None => return (text, Ends::Stuck),
            Some(token) if vocabulary.ends().contains(&token) => {
                assert!(guide.accepts());
                return (text, Ends::End);
            }
            Some(token) => text.extend_from_slice(vocabulary.piece(token)),
        }
        assert!(guide.sure().is_empty() || !guide.accepts(), "where the text may end, nothing is sure");
    }
    (text, Ends::Length)
}

/// Writes as [`write`] does, but what is sure at once.
fn leap<C: Constraint>(
    vocabulary: &Arc<Vocabulary>,
    constraint: C,
    seed: u64,
    most: usize,
) -> (Vec<u8>, usize) {
    let mut random = Random(seed);
    let mut guide = Guided::new(Arc::clone(vocabulary), constraint);
    let (mut text, mut written, mut chosen) = (Vec::new(), 0, 0);
    while written < most {
        let mut logits: Vec<f32> = (0..vocabulary.size()).map(|_| random.logit()).collect();
        let best = &mut |logits: &[f32]| {
            let (token, logit) = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
            (*logit > f32::NEG_INFINITY).then_some(token as u32)
        };
        match guide.choose(&mut logits, most - written, best) {
            Some(token) if !vocabulary.ends().contains(&token) => {
                text.extend_from_slice(vocabulary.piece(token))
            }
            _ => break,
        }
        written += 1;
        chosen += 1;
        let sure = guide.sure();
        let mut rest = sure.as_bytes();
        while let Some((token, length)) = vocabulary.longest(rest) {
            if written == most || !guide.take(token, most - written - 1) {
                break;
            }
            text.extend_from_slice(&rest[..length]);
            written += 1;
            rest = &rest[length..];
        }
    }
    (text, chosen)
}

#[test]
fn what_has_no_choice_is_not_chosen() {
    let vocabulary = vocabulary(5);
    let sentence = "It takes 5 days or longer to reset.";
    let joining = Joining { most: 1, ..Joining::default() };
    let excerpts = Excerpts::new(&[(sentence, Cuts::Whole)], joining).unwrap();
    let (text, chosen) = leap(&vocabulary, &excerpts, 1, 99);
    assert_eq!((text.as_slice(), chosen), (sentence.as_bytes(), 1));
    let mut guide = Guided::new(Arc::clone(&vocabulary), &excerpts);
    let [(x, _), (i, _)] = [b"x\0", b"I\0"].map(|text| vocabulary.longest(text).unwrap());
    assert!(!guide.take(x, 99) && !guide.take(vocabulary.ends()[0], 99) && !guide.take(9_999, 99));
    assert!(!guide.take(i, 3), "there must be a way to the end");
    assert!(guide.take(i, 99));
}

#[test]
fn bytes_that_no_token_spells_are_led_around() {
    let vocabulary = vocabulary(1);
    let texts = ["ab\u{7}", "ax"];
    let joining = Joining { most: 1, ..Joining::default() };
    let excerpts = Excerpts::new(&texts.map(|text| (text, Cuts::Whole)), joining).unwrap();
    for seed in 0..50 {
        assert_eq!(write(&vocabulary, &excerpts, seed, 9, Ends::Random).0, b"ax");
    }
    let none = Excerpts::new(&[("\u{7}", Cuts::Whole)], Joining::default()).unwrap();
    assert_eq!(write(&vocabulary, &none, 1, 9, Ends::Random), (vec![], Ends::Stuck));
}

#[test]
fn what_cannot_be_ended_in_time_is_not_begun() {
    let vocabulary = vocabulary(2);
    let numbers =
        json::language(r#"{"type": "array", "items": {"type": "boolean"}, "minItems": 2}"#).unwrap();
    // `[true, true]` takes six tokens: one for each `true` and one for every other byte.
    assert_eq!(write(&vocabulary, &numbers, 1, 5, Ends::Random), (vec![], Ends::Stuck));
    for seed in 0..20 {
        assert_eq!(write(&vocabulary, &numbers, seed, 6, Ends::Random).0, b"[true, true]");
    }
    assert_eq!(write(&vocabulary, &numbers, 1, 0, Ends::Random), (vec![], Ends::Length));
}

#[test]
fn constraints_that_exclude_each_other_allow_nothing() {
    let vocabulary = vocabulary(3);
    let both = (json::language(r#"{"const": "abc"}"#).unwrap(), Automaton::without(&["b"], false).unwrap());
    assert_eq!(write(&vocabulary, &both, 1, 99, Ends::Random), (vec![], Ends::Stuck));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn what_is_ruled_out_is_ruled_out_across_tokens(
        banned in prop::collection::vec("[abcE ]{1,3}|€|the", 1..5),
        any_case: bool,
        seed: u64,
    ) {
        let banned: Vec<&str> = banned.iter().map(String::as_str).collect();
        let automaton = Automaton::without(&banned, any_case).unwrap();
        let (text, end) = write(&vocabulary(seed), &automaton, seed, 80, Ends::Late);
        prop_assert_eq!(end, Ends::Length);
        let text = String::from_utf8_lossy(&text);
        let folded = if any_case { text.to_lowercase() } else { text.into_owned() };
        for string in banned {
            let string = if any_case { string.to_lowercase() } else { string.to_owned() };
            prop_assert!(!folded.contains(&string), "{string} in {folded}");
        }
    }

    #[test]
    fn two_constraints_hold_at_once(
        schema in prop_oneof![Just(r#"{"type": "array", "items": {"enum": ["abc", "bcd", "b", "€"]}, "minItems": 1}"#),
            Just(r#"{"type": "string", "maxLength": 9}"#)],
        banned in "[abcd]|b\", \"b|€",
        seed: u64,
        most in 12usize..40,
    ) {
        let both = (json::language(schema).unwrap(), Automaton::without(&[banned.as_str()], false).unwrap());
        let (text, end) = write(&vocabulary(seed), &both, seed, most, Ends::Random);
        prop_assert_ne!(end, Ends::Stuck);
        prop_assert!(both.contains(&text), "{}", String::from_utf8_lossy(&text));
        let (text, _) = leap(&vocabulary(seed), &both, seed, most);
        prop_assert!(both.contains(&text), "{}", String::from_utf8_lossy(&text));
    }
}
