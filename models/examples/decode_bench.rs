//! Tokens per CPU-second of a compiled language model.
//!
//! ```text
//! decode_bench LIBRARY GGUF FOLDER [int8]
//! ```
//! compiles `GGUF` into `FOLDER` unless that exists, and prints, for one and two threads, medians over
//! repetitions. CPU time rather than wall time is what stays comparable on a busy machine.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use models::compile::{self, DecoderOptions, Weights};
use models::{CausalLm, Runtime, SessionOptions};

const LENGTHS: [usize; 3] = [64, 512, 1024];
const STEPS: usize = 32;
const REPETITIONS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, gguf, folder, options @ ..] = arguments.as_slice() else {
        return Err("give the ONNX Runtime library, a GGUF file and a folder for the compiled model".into());
    };
    let folder = Path::new(folder);
    if !folder.join("decoder.json").exists() {
        let weights =
            if options.iter().any(|option| option == "int8") { Weights::Int8 } else { Weights::default() };
        let started = (Instant::now(), cpu_seconds()?);
        compile::decoder(Path::new(gguf), folder, &DecoderOptions { weights, ..DecoderOptions::default() })?;
        let wall = started.0.elapsed().as_secs_f64();
        println!("compiled in {wall:.1} s, {:.1} CPU-s", cpu_seconds()? - started.1);
    }
    let runtime = Runtime::load(Path::new(library))?;
    println!("| threads | tokens | prefill / CPU-s | prefill / s | decode / CPU-s | decode / s |");
    println!("|---|---|---|---|---|---|");
    for threads in [1, 2] {
        let mut model =
            CausalLm::open(&runtime, folder, &SessionOptions { threads, ..SessionOptions::default() })?;
        for length in LENGTHS {
            measure(&mut model, threads, length)?;
        }
    }
    Ok(())
}

/// Reads a text of `length` tokens and goes on with a few more, several times.
fn measure(model: &mut CausalLm, threads: usize, length: usize) -> Result<(), Box<dyn Error>> {
    let text: Vec<u32> = (0..length as u32).map(|at| 500 + at * 31 % 20_000).collect();
    let mut rates: [Vec<f64>; 4] = Default::default();
    for _ in 0..REPETITIONS {
        model.truncate(0);
        let started = (Instant::now(), cpu_seconds()?);
        model.prefill(&text)?;
        rates[0].push(length as f64 / (cpu_seconds()? - started.1));
        rates[1].push(length as f64 / started.0.elapsed().as_secs_f64());
        let started = (Instant::now(), cpu_seconds()?);
        for step in 0..STEPS {
            model.step(1000 + step as u32)?;
        }
        rates[2].push(STEPS as f64 / (cpu_seconds()? - started.1));
        rates[3].push(STEPS as f64 / started.0.elapsed().as_secs_f64());
    }
    let [prefill_cpu, prefill, decode_cpu, decode] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    println!("| {threads} | {length} | {prefill_cpu:.0} | {prefill:.0} | {decode_cpu:.0} | {decode:.0} |");
    Ok(())
}

/// Processor time of this process in seconds, to a nanosecond.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let mut nanoseconds = 0u64;
    for task in fs::read_dir("/proc/self/task")? {
        let statistics = fs::read_to_string(task?.path().join("schedstat"))?;
        nanoseconds += statistics.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(nanoseconds as f64 / 1e9)
}
