//! Compiling and running a small model, compared with a plain implementation.

mod export;
mod fixture;
mod reference;
mod taught;
pub(crate) mod tiny;
mod variants;

use std::sync::OnceLock;

use self::reference::Reference;
use self::tiny::{CONTEXT, Family, Tiny, VOCABULARY};
use super::*;
use crate::chat::Role;
use crate::compile::{self, DecoderOptions, Weights};
use crate::constrain::{Cuts, Excerpts, Guide, Guided, Joining, json};
use crate::setup;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let layout = setup::Layout::new(setup::default_cache().unwrap());
        let assets = setup::run(&layout, &setup::Options::default(), &mut |_| ()).unwrap();
        Runtime::load(&assets.runtime).unwrap()
    })
}

fn compiled(family: Family, options: &DecoderOptions) -> (tempfile::TempDir, Reference) {
    compiled_file(&Tiny::new(family).writer().finish(), options)
}

fn compiled_file(file: &[u8], options: &DecoderOptions) -> (tempfile::TempDir, Reference) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, file).unwrap();
    compile::decoder(&path, folder.path(), options).unwrap();
    (folder, Reference::new(file))
}

fn open(folder: &Path) -> CausalLm {
    CausalLm::open(runtime(), folder, &SessionOptions { threads: 1, ..SessionOptions::default() }).unwrap()
}

fn tiny() -> (CausalLm, Reference) {
    let (folder, reference) = compiled(Family::Llama, &DecoderOptions::default());
    (open(folder.path()), reference)
}

fn tokens(count: usize) -> Vec<u32> {
    (0..count as u32).map(|at| (at * at + 3 * at) % 256).collect()
}

/// The standard deviation of `logits`.
fn spread(logits: &[f64]) -> f64 {
    let mean = logits.iter().sum::<f64>() / logits.len() as f64;
    (logits.iter().map(|logit| (logit - mean).powi(2)).sum::<f64>() / logits.len() as f64).sqrt()
}

/// Root of the mean squared difference as a part of the standard deviation of `expected`.
fn difference(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let squares = found.iter().zip(expected).map(|(found, expected)| (f64::from(*found) - expected).powi(2));
    (squares.sum::<f64>() / expected.len() as f64).sqrt() / spread(expected)
}

/// Activations are multiplied in eight bits, so this is as near as it gets.
const NEAR: f64 = 0.05;

#[test]
fn logits_are_those_of_a_plain_implementation() {
    let text = tokens(40);
    for family in Family::ALL {
        for weights in [Weights::Int8, Weights::Int4] {
            let (folder, reference) =
                compiled(family, &DecoderOptions { weights, ..DecoderOptions::default() });
            let mut model = open(folder.path());
            assert_eq!(model.vocabulary_size(), VOCABULARY);
            assert_eq!(model.context_length(), CONTEXT);
            let expected = reference.logits(&text);
            // Reading at once, in two parts, and token by token.
            let found = difference(model.prefill(&text).unwrap(), &expected[39]);
            assert!(found < NEAR, "{family:?} {weights:?} {found}");
            model.truncate(0);
            model.prefill(&text[..25]).unwrap();
            let found = difference(model.prefill(&text).unwrap(), &expected[39]);
            assert!(found < NEAR, "{family:?} {weights:?} {found}");
            model.truncate(0);
            for (token, expected) in text.iter().zip(&expected) {
                let found = difference(model.step(*token).unwrap(), expected);
                assert!(found < NEAR, "{family:?} {weights:?} {found}");
            }
        }
    }
}

#[test]
fn texts_longer_than_a_chunk_are_read_in_parts() {
    let (mut model, reference) = tiny();
    let text = tokens(2 * CHUNK + 7);
    let expected = reference.logits(&text);
    let found = difference(model.prefill(&text).unwrap(), expected.last().unwrap());
    assert!(found < NEAR, "{found}");
    assert_eq!(model.cached(), text);
}

#[test]
fn what_is_cached_does_not_change_what_is_computed() {
    let (mut model, _) = tiny();
    let (first, mut second) = (tokens(30), tokens(30));
    second[20] = 99;
    let fresh = model.prefill(&second).unwrap().to_vec();
    model.truncate(0);
    model.prefill(&first).unwrap();
    let after_other = model.prefill(&second).unwrap().to_vec();
    assert!(fresh.iter().zip(&after_other).all(|(a, b)| (a - b).abs() < 1e-3));
    // Wholly cached, the last token is read again.
    let again = model.prefill(&second).unwrap().to_vec();
    assert!(fresh.iter().zip(&again).all(|(a, b)| (a - b).abs() < 1e-3));
    assert_eq!(model.cached(), second);
    // A shorter text is a prefix of what is cached.
    model.prefill(&second[..10]).unwrap();
    assert_eq!(model.cached(), &second[..10]);
}

#[test]
fn scores_are_log_probabilities_and_keep_the_prefix() {
    let (mut model, reference) = tiny();
    let text = tokens(120);
    let expected = reference.logits(&text);
    for split in [1, 30, 119] {
        let scores = model.score(&text[..split], &text[split..]).unwrap();
        assert_eq!(scores.len(), text.len() - split);
        for (at, score) in scores.iter().enumerate() {
            let logits = &expected[split + at - 1];
            let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
            let exact = logits[text[split + at] as usize] - sum.ln();
            assert!((f64::from(*score) - exact).abs() < 0.1, "{score} {exact}");
        }
        assert_eq!(model.cached(), &text[..split]);
    }
    assert!(model.score(&text, &[]).unwrap().is_empty());
    assert!(matches!(model.score(&[], &text), Err(Error::EmptyPrompt)));
}

#[test]
fn writing_is_greedy_by_default_and_says_why_it_ends() {
    let (mut model, _) = tiny();
    let prompt = tokens(20);
    let options = SamplingOptions { max_tokens: 12, ..SamplingOptions::default() };
    let mut text = String::new();
    let mut append = |piece: &str| {
        text.push_str(piece);
        ControlFlow::Continue(())
    };
    let written = model.generate(&prompt, &options, None, &mut append).unwrap();
    assert_eq!(text, model.decode(&written.tokens));
    let mut expected = Vec::new();
    let mut logits = model.prefill(&prompt).unwrap();
    let finish = loop {
        let token = sample::most_probable(logits).unwrap();
        if token == 258 {
            break Finish::End;
        }
        expected.push(token);
        if expected.len() == 12 {
            break Finish::Length;
        }
        logits = model.step(token).unwrap();
    };
    assert_eq!(written, Generated { tokens: expected, finish });
}

/// Lets through the tokens that a test is true of.
struct Only(fn(u32) -> bool);

impl Guide for Only {
    fn choose(
        &mut self,
        logits: &mut [f32],
        _: usize,
        draw: &mut dyn FnMut(&[f32]) -> Option<u32>,
    ) -> Option<u32> {
        for (token, logit) in (0u32..).zip(logits.iter_mut()) {
            if !(self.0)(token) {
                *logit = f32::NEG_INFINITY;
            }
        }
        draw(logits)
    }

    fn take(&mut self, token: u32, _: usize) -> bool {
        (self.0)(token)
    }
}

#[test]
fn constraints_decide_what_can_be_written() {
    let (mut model, _) = tiny();
    let go_on = &mut |_: &str| ControlFlow::Continue(());
    let joining = Joining { most: 1, ..Joining::default() };
    let excerpts = Excerpts::new(&[("cite!", Cuts::Whole)], joining).unwrap();
    let word = b"cite!".map(u32::from);
    for (max_tokens, tokens, finish) in
        [(4, &[][..], Finish::RuledOut), (5, &word, Finish::Length), (9, &word, Finish::End)]
    {
        let options = SamplingOptions { max_tokens, ..SamplingOptions::default() };
        let mut guide = Guided::new(model.vocabulary(), &excerpts);
        let written = model.generate(&[1, 2, 3], &options, Some(&mut guide), go_on).unwrap();
        assert_eq!(written, Generated { tokens: tokens.to_vec(), finish });
    }
    let written =
        model.generate(&[1, 2, 3], &SamplingOptions::default(), Some(&mut Only(|token| token == 258)), go_on);
    assert_eq!(written.unwrap(), Generated { tokens: vec![], finish: Finish::End });
    let nothing =
        model.generate(&[1, 2, 3], &SamplingOptions::default(), Some(&mut Only(|_| false)), go_on).unwrap();
    assert_eq!(nothing.finish, Finish::RuledOut);
}

#[test]
fn the_context_leaves_room_to_end_what_is_written() {
    let (mut model, _) = tiny();
    let go_on = &mut |_: &str| ControlFlow::Continue(());
    let list = json::language(r#"{"type": "array", "items": {"type": "boolean"}}"#).unwrap();
    for length in CONTEXT - 40..CONTEXT {
        let mut guide = Guided::new(model.vocabulary(), &list);
        let prompt = tokens(length);
        let written = model.generate(&prompt, &SamplingOptions::default(), Some(&mut guide), go_on).unwrap();
        let text = model.decode(&written.tokens);
        if written.finish != Finish::RuledOut {
            assert!(serde_json::from_str::<Vec<bool>>(&text).is_ok(), "{text}");
        }
        assert_eq!(written.finish == Finish::RuledOut, length == CONTEXT, "{length}");
    }
}

#[test]
fn a_sink_stops_reading_and_writing() {
    let (mut model, _) = tiny();
    let options = SamplingOptions { max_tokens: 50, ..SamplingOptions::default() };
    let mut only_letters = Only(|token| (u32::from(b'a')..=u32::from(b'z')).contains(&token));
    let mut received = 0;
    let mut three = |text: &str| {
        received += text.len();
        if received < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let written = model.generate(&tokens(10), &options, Some(&mut only_letters), &mut three).unwrap();
    assert_eq!((written.tokens.len(), written.finish), (3, Finish::Stopped));
    model.truncate(0);
    let mut asked = 0;
    let mut second_part = |_: &str| {
        asked += 1;
        if asked == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let written = model.generate(&tokens(2 * CHUNK), &options, None, &mut second_part).unwrap();
    assert_eq!(written, Generated { tokens: vec![], finish: Finish::Stopped });
    assert_eq!(model.cached().len(), CHUNK);
}

#[test]
fn the_context_is_a_limit_and_not_a_surprise() {
    let (mut model, _) = tiny();
    let go_on = &mut |_: &str| ControlFlow::Continue(());
    let full = tokens(CONTEXT);
    assert!(matches!(model.prefill(&[]), Err(Error::EmptyPrompt)));
    assert!(matches!(model.generate(&[], &SamplingOptions::default(), None, go_on), Err(Error::EmptyPrompt)));
    let refused = model.generate(&full, &SamplingOptions::default(), None, go_on);
    assert!(matches!(refused, Err(Error::ContextFull { tokens: 601, capacity: CONTEXT })));
    assert!(matches!(model.prefill(&tokens(CONTEXT + 1)), Err(Error::ContextFull { .. })));
    assert!(matches!(model.score(&full, &[1, 2]), Err(Error::ContextFull { .. })));
    model.prefill(&full).unwrap();
    assert!(matches!(model.step(1), Err(Error::ContextFull { .. })));
    assert_eq!(model.cached(), full, "a refused token changes nothing");
    let mut no_end = Only(|token| token != 258);
    let written =
        model.generate(&full[..CONTEXT - 2], &SamplingOptions::default(), Some(&mut no_end), go_on).unwrap();
    assert_eq!((written.tokens.len(), written.finish), (3, Finish::Length));
    assert!(matches!(model.step(VOCABULARY as u32), Err(Error::ContextFull { .. } | Error::Tokenizer(_))));
    model.truncate(1);
    assert!(matches!(model.step(VOCABULARY as u32), Err(Error::Tokenizer(_))));
}

#[test]
fn control_tokens_come_from_the_format_only() {
    let (model, _) = tiny();
    let (start, end) = (model.control("<|im_start|>").unwrap(), model.control("<|im_end|>").unwrap());
    assert_eq!((start, end, model.ends()), (257, 258, &[258][..]));
    let bytes = |text: &str| text.bytes().map(u32::from).collect::<Vec<u32>>();
    assert_eq!(model.encode("<|im_end|>").unwrap(), bytes("<|im_end|>"));
    assert_eq!(model.encode("the 12").unwrap(), [vec![116, 256, 32], bytes("12")].concat());
    let chat = model.chat(&[Message::new(Role::User, "a<|im_end|>")]).unwrap();
    let expected = [vec![start], bytes("user\na<|im_end|>"), vec![end, start]].concat();
    assert_eq!(chat, expected);
    assert_eq!(model.decode(&chat), "user\na<|im_end|>");
    assert_eq!(model.piece(256), b"he");
    assert!(model.piece(start).is_empty());
}

#[test]
fn fingerprints_follow_weights_and_options() {
    let fingerprint = |family, options: &DecoderOptions| {
        let (folder, _) = compiled(family, options);
        open(folder.path()).fingerprint().to_owned()
    };
    let standard = DecoderOptions::default();
    let int8 = DecoderOptions { weights: Weights::Int8, ..standard.clone() };
    let first = fingerprint(Family::Llama, &standard);
    assert_eq!(first, fingerprint(Family::Llama, &standard));
    assert_ne!(first, fingerprint(Family::Llama, &int8));
    assert_ne!(first, fingerprint(Family::Qwen2, &standard));
}

#[test]
fn folders_that_lack_something_are_named() {
    let (folder, _) = compiled(Family::Llama, &DecoderOptions::default());
    let open = || CausalLm::open(runtime(), folder.path(), &SessionOptions::default()).unwrap_err();
    let cuda = SessionOptions { device: Device::Cuda(0), ..SessionOptions::default() };
    let error = CausalLm::open(runtime(), folder.path(), &cuda).unwrap_err();
    assert!(matches!(&error, Error::Export { .. }) && error.to_string().contains("cuda:0"), "{error}");
    std::fs::remove_file(folder.path().join(MODEL)).unwrap();
    assert!(matches!(open(), Error::ModelMissing { .. }));
    std::fs::remove_file(folder.path().join(TOKENIZER)).unwrap();
    assert!(matches!(open(), Error::ModelMissing { .. }));
    std::fs::write(folder.path().join(Config::FILE), "{").unwrap();
    assert!(matches!(open(), Error::Corrupt { .. }));
    std::fs::remove_file(folder.path().join(Config::FILE)).unwrap();
    assert!(open().hint().contains("citedesk setup"), "a GGUF file is left");
}
