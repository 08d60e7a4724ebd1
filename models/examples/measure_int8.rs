//! Measures what `models/src/compile/encoder/int8.json` holds.
//!
//! ```text
//! measure_int8 LIBRARY SOURCE TEXTS
//! ```
//! runs the encoder in `SOURCE` (`model.safetensors`, `config.json`, `tokenizer.json`) over `TEXTS`, a text a line, and
//! prints the layers with their outliers. Passages and questions should both be among the texts.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use models::{Runtime, SessionOptions, compile};
use ort::value::Tensor;
use tokenizers::Tokenizer;

/// Channels that stay within this are left out.
const LIMIT: f32 = 5.0;
/// Room for texts that go further.
const MARGIN: f32 = 1.05;
const MAX_TOKENS: usize = 256;
/// What has outliers.
const PLACES: [&str; 3] = ["attention", "widening", "narrowing"];

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, source, texts] = arguments.as_slice() else {
        return Err("give the ONNX Runtime library, the encoder's folder and a file of texts".into());
    };
    let target = tempfile::tempdir()?;
    compile::encoder::probe(Path::new(source), target.path())?;
    let runtime = Runtime::load(Path::new(library))?;
    let mut session = runtime.session(&target.path().join("model.onnx"), &SessionOptions::default())?;
    let mut tokenizer = Tokenizer::from_file(Path::new(source).join("tokenizer.json"))?;
    tokenizer.with_truncation(None)?;
    tokenizer.with_padding(None);
    // Largest amounts of every channel, by output.
    let mut largest: BTreeMap<String, Vec<f32>> = BTreeMap::new();
    for text in std::fs::read_to_string(texts)?.lines() {
        // One text at a time: padding must not be measured.
        let ids = tokenizer.encode(text, true)?;
        let ids: Vec<i64> = ids.get_ids().iter().take(MAX_TOKENS).map(|&id| i64::from(id)).collect();
        let mask = Tensor::from_array(([1, ids.len()], vec![1i64; ids.len()]))?;
        let ids = Tensor::from_array(([1, ids.len()], ids))?;
        let outputs = session.run(ort::inputs!["input_ids" => ids, "attention_mask" => mask])?;
        for (name, value) in outputs.iter().filter(|(name, _)| name.contains('.')) {
            let (shape, values) = value.try_extract_tensor::<f32>()?;
            let width = shape[2] as usize;
            let channels = largest.entry(name.to_owned()).or_insert_with(|| vec![0.0; width]);
            for token in values.chunks_exact(width) {
                channels.iter_mut().zip(token).for_each(|(most, value)| *most = most.max(value.abs()));
            }
        }
    }
    let outliers = |place: &str, layer: usize| -> BTreeMap<usize, f32> {
        let channels = largest.get(&format!("{place}.{layer}")).into_iter().flatten();
        let reached = channels.map(|most| most * MARGIN).enumerate().filter(|(_, most)| *most > LIMIT);
        reached.map(|(channel, most)| (channel, (most * 2.0).ceil() / 2.0)).collect()
    };
    let layers = largest.len() / (PLACES.len() + 1);
    let layers: Vec<BTreeMap<&str, _>> =
        (0..layers).map(|layer| PLACES.map(|place| (place, outliers(place, layer))).into()).collect();
    println!("{}", serde_json::to_string_pretty(&layers)?);
    Ok(())
}
