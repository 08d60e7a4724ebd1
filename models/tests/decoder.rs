//! The compiled language model against a reference in single precision, through a real setup.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow;

use models::chat::{Message, Role};
use models::{CausalLm, Finish, Runtime, SamplingOptions, SessionOptions, setup};
use serde::Deserialize;

/// Made by `reference/decoder.py`.
#[derive(Deserialize)]
struct Reference {
    answers: Vec<Answer>,
    texts: Vec<Passage>,
    spellings: Vec<Spelling>,
}

/// A prompt, what follows, and by how much each token of that leads at least.
#[derive(Deserialize)]
struct Answer {
    question: Option<String>,
    text: Option<String>,
    prompt: Vec<u32>,
    written: Vec<u32>,
    lead: f32,
}

/// A text and, after each of its tokens, the most probable next ones.
#[derive(Deserialize)]
struct Passage {
    text: String,
    tokens: Vec<u32>,
    next: Vec<Next>,
}

#[derive(Deserialize)]
struct Next {
    tokens: Vec<u32>,
    log: Vec<f32>,
}

#[derive(Deserialize)]
struct Spelling {
    text: String,
    tokens: Vec<u32>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("data/decoder.json")).unwrap()
}

fn model() -> CausalLm {
    let layout = setup::Layout::new(setup::default_cache().unwrap());
    let assets = setup::run(&layout, &setup::Options::default(), &mut |_| ()).unwrap();
    let runtime = Runtime::load(&assets.runtime).unwrap();
    CausalLm::open(&runtime, &assets.decoder, &SessionOptions::default()).unwrap()
}

#[test]
fn greedy_answers_are_those_of_the_reference() {
    let mut model = model();
    for answer in reference().answers {
        // A lead below this could be lost to eight-bit activations, and the test would prove luck.
        assert!(answer.lead > 0.3, "{}", answer.lead);
        let prompt = match (answer.question, answer.text) {
            (Some(question), _) => model.chat(&[Message::new(Role::User, question)]).unwrap(),
            (None, text) => model.encode(&text.unwrap()).unwrap(),
        };
        assert_eq!(prompt, answer.prompt);
        assert!(prompt.len() >= 24);
        let options = SamplingOptions { max_tokens: 32, ..SamplingOptions::default() };
        let mut text = String::new();
        let mut append = |piece: &str| {
            text.push_str(piece);
            ControlFlow::Continue(())
        };
        let written = model.generate(&prompt, &options, None, &mut append).unwrap();
        assert_eq!(written.tokens, answer.written, "{text:?}");
        assert_eq!(written.finish == Finish::End, answer.written.len() < 32);
        assert_eq!(text, model.decode(&answer.written));
    }
}

/// Log-probabilities of logits.
fn log_probabilities(logits: &[f32]) -> Vec<f64> {
    let highest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let sum: f64 = logits.iter().map(|logit| (f64::from(*logit) - highest).exp()).sum();
    logits.iter().map(|logit| f64::from(*logit) - highest - sum.ln()).collect()
}

#[test]
fn probabilities_are_near_those_of_the_reference() {
    let mut model = model();
    let (mut divergence, mut agreed, mut count) = (0.0, 0u32, 0u32);
    for passage in reference().texts {
        assert_eq!(model.encode(&passage.text).unwrap(), passage.tokens);
        model.truncate(0);
        for (token, next) in passage.tokens.iter().zip(&passage.next) {
            let found = log_probabilities(model.step(*token).unwrap());
            let (mut exact_rest, mut found_rest) = (1.0, 1.0);
            for (token, exact) in next.tokens.iter().zip(&next.log) {
                let (exact, found) = (f64::from(*exact), found[*token as usize]);
                divergence += exact.exp() * (exact - found);
                exact_rest -= exact.exp();
                found_rest -= found.exp();
            }
            // All other tokens as one.
            if exact_rest > 1e-3 {
                divergence += exact_rest * (exact_rest / found_rest).ln();
            }
            let best = found.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
            agreed += u32::from(best == next.tokens[0] as usize);
            count += 1;
        }
        // Scoring reads many tokens at once, by other kernels.
        let scores = model.score(&passage.tokens[..1], &passage.tokens[1..]).unwrap();
        let known = passage.next.iter().zip(&passage.tokens[1..]).zip(&scores).filter_map(
            |((next, token), score)| {
                let at = next.tokens.iter().position(|candidate| candidate == token)?;
                Some((score - next.log[at]).abs())
            },
        );
        let differences: Vec<f32> = known.collect();
        let mean = differences.iter().sum::<f32>() / differences.len() as f32;
        assert!(mean < 0.1, "{mean}");
    }
    // The weights are exact to a part in a thousand; what differs are activations in eight bits.
    let (divergence, agreed) = (divergence / f64::from(count), f64::from(agreed) / f64::from(count));
    assert!(divergence < 0.01, "{divergence}");
    assert!(agreed > 0.92, "{agreed}");
}

#[test]
fn texts_are_split_as_in_training() {
    let model = model();
    for spelling in reference().spellings {
        let tokens = model.encode(&spelling.text).unwrap();
        assert_eq!(tokens, spelling.tokens, "{:?}", spelling.text);
        assert_eq!(model.decode(&tokens), spelling.text);
        assert!(tokens.iter().all(|token| !model.piece(*token).is_empty()));
    }
}

/// Made by `training/answer/prompt.py`.
#[derive(Deserialize)]
struct Asked {
    system: String,
    user: String,
    tokens: Vec<u32>,
}

#[test]
fn prompts_are_those_that_adapters_are_trained_with() {
    let model = model();
    let asked: Vec<Asked> = serde_json::from_str(include_str!("data/asked.json")).unwrap();
    assert_eq!(asked.len(), 3);
    for Asked { system, user, tokens } in asked {
        let messages = [Message::new(Role::System, system), Message::new(Role::User, user)];
        assert_eq!(model.chat(&messages).unwrap(), tokens);
    }
}

#[test]
fn a_plausible_continuation_scores_higher() {
    let mut model = model();
    let prefix = model.encode("The days of the week are Monday, Tuesday, Wednesday,").unwrap();
    let total = |model: &mut CausalLm, text: &str| {
        let continuation = model.encode(text).unwrap();
        model.score(&prefix, &continuation).unwrap().iter().sum::<f32>()
    };
    let plausible = total(&mut model, " Thursday");
    let other = total(&mut model, " umbrella");
    assert!(plausible > other + 3.0, "{plausible} {other}");
}
