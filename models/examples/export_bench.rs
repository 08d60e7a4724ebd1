//! Tokens a second of a language model on a device, and what ran where.
//!
//! ```text
//! export_bench LIBRARY MODEL [DEVICE]
//! ```
//! takes a folder that is compiled or exported to ONNX. Where the device cannot be used, it fails.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use models::{CausalLm, Device, Runtime, SessionOptions};

const LENGTHS: [usize; 3] = [64, 512, 1024];
const STEPS: usize = 64;
const REPETITIONS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (library, model, device) = match arguments.as_slice() {
        [library, model] => (library, model, Device::Cpu),
        [library, model, device] => (library, model, device.parse()?),
        _ => return Err("give the ONNX Runtime library, a model's folder and perhaps a device".into()),
    };
    let (path, options) = (Path::new(model), SessionOptions { device, ..SessionOptions::default() });
    let runtime = Runtime::load(Path::new(library))?;
    for placement in CausalLm::placement(&runtime, path, &options)? {
        println!("{} nodes on {}: {}", placement.nodes, placement.provider, placement.operators.join(", "));
    }
    let mut model = CausalLm::open(&runtime, path, &options)?;
    println!("{} on {device}, {} tokens of context", model.name(), model.context_length());
    println!("| tokens | prefill / s | decode / s |");
    println!("|---|---|---|");
    let vocabulary = model.vocabulary_size().min(20_000) as u32;
    let context = model.context_length();
    for length in LENGTHS.into_iter().filter(|length| length + STEPS <= context) {
        let text: Vec<u32> = (0..length as u32).map(|at| at * 31 % vocabulary).collect();
        let mut rates: [Vec<f64>; 2] = Default::default();
        // The first round warms up.
        for round in 0..=REPETITIONS {
            model.truncate(0);
            let started = Instant::now();
            model.prefill(&text)?;
            let prefill = length as f64 / started.elapsed().as_secs_f64();
            let started = Instant::now();
            for step in 0..STEPS as u32 {
                model.step(step % vocabulary)?;
            }
            let decode = STEPS as f64 / started.elapsed().as_secs_f64();
            if round > 0 {
                rates[0].push(prefill);
                rates[1].push(decode);
            }
        }
        let [prefill, decode] = rates.map(|mut rates| {
            rates.sort_by(f64::total_cmp);
            rates[rates.len() / 2]
        });
        println!("| {length} | {prefill:.0} | {decode:.0} |");
    }
    Ok(())
}
