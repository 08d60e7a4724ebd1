//! Passages per second of compiled encoders, which take turns: `encode_bench LIBRARY TEXTS FOLDER...`, a text a line.

#![expect(clippy::print_stdout, reason = "the rates are what this program is for")]

use std::path::PathBuf;
use std::time::Instant;

use models::{Encoder, Error, Runtime, SessionOptions, Side};

/// How often every encoder has its turn.
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(library), Some(texts)) = (arguments.next(), arguments.next()) else {
        return Err("usage: encode_bench LIBRARY TEXTS FOLDER...".into());
    };
    let runtime = Runtime::load(&library)?;
    let texts = std::fs::read_to_string(texts)?;
    let texts: Vec<&str> = texts.lines().collect();
    // As many as there are processors for this process, so that `taskset` counts.
    let threads = std::thread::available_parallelism()?.get();
    let options = SessionOptions { threads, ..SessionOptions::default() };
    let open = |folder: PathBuf| {
        let encoder = Encoder::open(&runtime, &folder, &options)?;
        Ok((folder, encoder, Vec::new()))
    };
    let mut encoders = arguments.map(open).collect::<Result<Vec<_>, Error>>()?;
    for _ in 0..ROUNDS {
        for (_, encoder, rates) in &mut encoders {
            let started = Instant::now();
            encoder.embed(&texts, Side::Passage)?;
            rates.push(texts.len() as f64 / started.elapsed().as_secs_f64());
        }
    }
    for (folder, _, mut rates) in encoders {
        rates.sort_by(f64::total_cmp);
        println!("{:7.1} passages/s  {}", rates[ROUNDS / 2], folder.display());
    }
    Ok(())
}
