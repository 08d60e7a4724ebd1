//! Measures what `models/src/compile/encoder/multilingual.json` holds.
//!
//! ```text
//! mean_vectors LIBRARY FOLDER QUESTIONS PASSAGES
//! ```
//! runs the compiled encoder in `FOLDER`, whose own means have to be empty, over two files, a text a line, and prints the
//! mean vector of each.
#![expect(clippy::print_stdout, reason = "the means are what this program is for")]

use std::error::Error;
use std::path::Path;

use models::{Encoder, Runtime, SessionOptions, Side};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, folder, questions, passages] = arguments.as_slice() else {
        return Err(
            "give the ONNX Runtime library, the encoder's folder, and files of questions and passages".into(),
        );
    };
    let runtime = Runtime::load(Path::new(library))?;
    let encoder = Encoder::open(&runtime, Path::new(folder), &SessionOptions::default())?;
    for (file, side) in [(questions, Side::Question), (passages, Side::Passage)] {
        let texts = std::fs::read_to_string(file)?;
        let texts: Vec<&str> = texts.lines().filter(|line| !line.trim().is_empty()).collect();
        let vectors = encoder.embed(&texts, side)?;
        let mut mean = vec![0.0; encoder.dimension()];
        for vector in &vectors {
            mean.iter_mut().zip(vector).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        let numbers: Vec<String> =
            mean.iter().map(|sum| format!("{:.4}", sum / vectors.len().max(1) as f64)).collect();
        println!("[{}]", numbers.join(", "));
    }
    Ok(())
}
