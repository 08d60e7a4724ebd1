//! What constraints cost beside the model: milliseconds for each token.
//!
//! ```text
//! constrain_bench LIBRARY FOLDER
//! ```
//! with the ONNX Runtime library and the folder of a compiled language model.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use models::chat::{Message, Role};
use models::constrain::{Automaton, Constraint, Cuts, Excerpts, Guide, Guided, Joining, Markers, json};
use models::{CausalLm, Runtime, SamplingOptions, SessionOptions};

const WRITTEN: usize = 128;

/// Adds up the time that a guide takes, without what drawing takes.
struct Timed<G> {
    guide: G,
    times: Vec<Duration>,
    sure: Duration,
    taken: usize,
}

impl<G: Guide> Guide for Timed<G> {
    fn choose(
        &mut self,
        logits: &mut [f32],
        left: usize,
        draw: &mut dyn FnMut(&[f32]) -> Option<u32>,
    ) -> Option<u32> {
        let started = Instant::now();
        let mut drawing = Duration::ZERO;
        let token = self.guide.choose(logits, left, &mut |logits| {
            let started = Instant::now();
            let token = draw(logits);
            drawing += started.elapsed();
            token
        });
        self.times.push(started.elapsed().saturating_sub(drawing));
        token
    }

    fn sure(&self) -> String {
        self.guide.sure()
    }

    fn take(&mut self, token: u32, left: usize) -> bool {
        let started = Instant::now();
        let taken = self.guide.take(token, left);
        self.sure += started.elapsed();
        self.taken += usize::from(taken);
        taken
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, folder] = arguments.as_slice() else {
        return Err("give the ONNX Runtime library and the folder of a compiled language model".into());
    };
    let runtime = Runtime::load(Path::new(library))?;
    let mut model = CausalLm::open(&runtime, Path::new(folder), &SessionOptions::default())?;
    let started = Instant::now();
    let size = model.vocabulary().size();
    println!("{size} tokens as a trie in {:.0} ms", started.elapsed().as_secs_f64() * 1e3);
    println!(
        "| constraint | made in ms | tokens | chosen | model, ms a token | mask, mean | median | highest |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let page: String = (0..200)
        .map(|at| format!("Step {at} takes {} minutes when the hub is {at} m away. ", at * 7 % 60))
        .collect();
    let book: String = (0..10_000)
        .map(|at| {
            format!("Line {at} of the book tells that part {} is {} mm long. ", at * 31 % 997, at * 17 % 301)
        })
        .collect();
    let free = SamplingOptions { max_tokens: WRITTEN, ..SamplingOptions::default() };
    let prompt = prompt(&model)?;
    let generated = model.generate(&prompt, &free, None, &mut |_| ControlFlow::Continue(()))?;
    let pace = model.pace();
    println!(
        "| none | | {} | | {:.2} | | | |",
        generated.tokens.len(),
        pace.decode.as_secs_f64() * 1e3 / generated.tokens.len() as f64
    );
    measure(&mut model, "excerpts of 200 sentences", &|| excerpts(&page, true))?;
    measure(&mut model, "excerpts of 200 sentences, cut at words", &|| excerpts(&page, false))?;
    measure(&mut model, "excerpts of 10,000 sentences", &|| excerpts(&book, true))?;
    measure(&mut model, "excerpts of 10,000 sentences, cut at words", &|| excerpts(&book, false))?;
    measure(&mut model, "markers", &|| Markers::new(1..=8, true))?;
    measure(&mut model, "JSON, a string", &|| json::language(r#"{"type": "string"}"#))?;
    let ticket = r#"{"type": "object", "required": ["title", "kind"], "properties": {
        "title": {"type": "string", "maxLength": 200}, "kind": {"enum": ["bug", "question"]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 20}, "maxItems": 5}}}"#;
    measure(&mut model, "JSON, an object", &|| json::language(ticket))?;
    measure(&mut model, "without three strings", &|| {
        Automaton::without(&["sorry", "as an AI", "please"], true)
    })?;
    Ok(())
}

fn prompt(model: &CausalLm) -> models::Result<Vec<u32>> {
    model.chat(&[Message::new(Role::User, "Write about a hub, a lamp and how long everything takes.")])
}

fn excerpts(text: &str, sentences: bool) -> models::Result<Excerpts> {
    let mut cuts = Vec::new();
    let mut start = 0;
    for (end, _) in text.match_indices(". ") {
        cuts.push(start..end + 1);
        start = end + 2;
    }
    let cuts = if sentences { Cuts::At(&cuts) } else { Cuts::Words };
    Excerpts::new(&[(text, cuts)], Joining::default())
}

fn measure<C: Constraint>(
    model: &mut CausalLm,
    name: &str,
    make: &dyn Fn() -> models::Result<C>,
) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let constraint = make()?;
    let made = started.elapsed();
    let guide = Guided::new(model.vocabulary(), constraint);
    let mut guide = Timed { guide, times: Vec::new(), sure: Duration::ZERO, taken: 0 };
    let options =
        SamplingOptions { max_tokens: WRITTEN, temperature: 0.8, seed: 1, ..SamplingOptions::default() };
    let prompt = prompt(model)?;
    let written = model.generate(&prompt, &options, Some(&mut guide), &mut |_| ControlFlow::Continue(()))?;
    let tokens = written.tokens.len();
    let masking: Duration = guide.times.iter().sum::<Duration>() + guide.sure;
    guide.times.sort_unstable();
    let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
    println!(
        "| {name} | {:.0} | {tokens} | {} | {:.2} | {:.3} | {:.3} | {:.3} |",
        ms(made),
        tokens - guide.taken,
        ms(model.pace().decode.saturating_sub(masking)) / tokens.max(1) as f64,
        ms(masking) / tokens.max(1) as f64,
        ms(guide.times.get(guide.times.len() / 2).copied().unwrap_or_default()),
        ms(guide.times.last().copied().unwrap_or_default()),
    );
    Ok(())
}
