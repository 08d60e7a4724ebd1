//! Models in the layouts of others, against the plain implementation.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::fixture::{Branch, Cache, Layout, export};
use super::*;
use crate::onnx::WEIGHTS;

/// A folder with everything but a graph, and what the model computes.
struct Folder {
    place: TempDir,
    gguf: Vec<u8>,
    reference: Reference,
}

impl Folder {
    fn new() -> Self {
        let (compiled, reference) = compiled(Family::Llama, &DecoderOptions::default());
        let this = Self {
            place: tempfile::tempdir().unwrap(),
            gguf: Tiny::new(Family::Llama).writer().finish(),
            reference,
        };
        fs::copy(compiled.path().join(TOKENIZER), this.path().join(TOKENIZER)).unwrap();
        let config = Config::read(compiled.path()).unwrap();
        this.json("config.json", json!({ "max_position_embeddings": CONTEXT, "num_hidden_layers": 2 }));
        this.json("generation_config.json", json!({ "eos_token_id": [258] }));
        this.json(
            "tokenizer_config.json",
            json!({ "chat_template": config.chat_template, "bos_token": null }),
        );
        this
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn json(&self, name: &str, value: Value) {
        fs::write(self.path().join(name), value.to_string()).unwrap();
    }

    /// Writes a graph under `name`.
    fn graph(&self, name: &str, layout: &Layout) -> &Self {
        let target = self.path().join(name);
        let folder = target.parent().unwrap();
        fs::create_dir_all(folder).unwrap();
        let made = tempfile::tempdir_in(folder).unwrap();
        export(&self.gguf, made.path(), layout);
        fs::rename(made.path().join(MODEL), &target).unwrap();
        // All graphs have the same weights in the same order, in a file whose name they all know.
        fs::rename(made.path().join(WEIGHTS), folder.join(WEIGHTS)).unwrap();
        self
    }

    fn genai(&self, share: bool) -> &Self {
        self.json(
            "genai_config.json",
            json!({
                "model": {
                    "context_length": CONTEXT, "eos_token_id": 258, "type": "llama",
                    "decoder": {
                        "filename": "decoder.onnx", "head_size": 16, "num_hidden_layers": 2, "num_key_value_heads": 2,
                        "inputs": { "input_ids": "input_ids", "past_key_names": "past_key_values.key_%d", "past_value_names": "past_key_values.value_%d" },
                        "outputs": { "logits": "logits", "present_key_names": "present.key_%d", "present_value_names": "present.value_%d" },
                    },
                },
                "search": { "past_present_share_buffer": share },
            }),
        );
        self
    }

    fn open(&self) -> CausalLm {
        open(self.path())
    }

    fn refusal(&self) -> Error {
        refusal(self.path())
    }

    /// Compares what `model` reads with the plain implementation: at once, in parts, after going back, one by one.
    fn check(&self, model: &mut CausalLm, near: f64) {
        let text = tokens(40);
        let expected = self.reference.logits(&text);
        let compare = |found: &[f32], at: usize, how: &str| {
            let found = difference(found, &expected[at]);
            assert!(found < near, "{how}: {found}");
        };
        compare(model.prefill(&text).unwrap(), 39, "at once");
        model.prefill(&text[..25]).unwrap();
        compare(model.prefill(&text).unwrap(), 39, "going back and on");
        let mut other = text.clone();
        other[10] = 77;
        model.prefill(&other).unwrap();
        compare(model.prefill(&text).unwrap(), 39, "after another text");
        model.truncate(0);
        for (at, token) in text.iter().enumerate() {
            compare(model.step(*token).unwrap(), at, "one by one");
        }
        let scores = model.score(&text[..10], &text[10..]).unwrap();
        let again = model.score(&text[..10], &text[10..]).unwrap();
        assert_eq!(model.cached(), &text[..10]);
        for (at, (score, again)) in scores.iter().zip(&again).enumerate() {
            let logits = &expected[9 + at];
            let exact =
                logits[text[10 + at] as usize] - logits.iter().map(|logit| logit.exp()).sum::<f64>().ln();
            assert!((f64::from(*score) - exact).abs() < near.max(1e-3) && (score - again).abs() < 1e-3);
        }
    }

    /// The most probable tokens after `prompt` by the plain implementation.
    fn greedy(&self, prompt: &[u32], count: usize) -> Vec<u32> {
        let mut text = prompt.to_vec();
        for _ in 0..count {
            let logits = self.reference.logits(&text).pop().unwrap();
            let best = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0 as u32;
            if best == 258 {
                break;
            }
            text.push(best);
        }
        text.split_off(prompt.len())
    }
}

fn refusal(path: &Path) -> Error {
    CausalLm::open(runtime(), path, &SessionOptions { threads: 1, ..SessionOptions::default() }).unwrap_err()
}

fn write(model: &mut CausalLm, prompt: &[u32]) -> Vec<u32> {
    let options = SamplingOptions { max_tokens: 8, ..SamplingOptions::default() };
    model.generate(prompt, &options, None, &mut |_| ControlFlow::Continue(())).unwrap().tokens
}

const EXACT: f64 = 1e-3;

#[test]
fn every_layout_computes_and_writes_the_same() {
    let genai = "past_key_values.{kind}_{layer}";
    let plain = Layout::default();
    let cases: Vec<(&str, &str, Layout)> = vec![
        ("joined", MODEL, plain),
        ("in a folder of its own", "onnx/model.onnx", plain),
        ("without positions", MODEL, Layout { positions: false, ..plain }),
        ("short integers", MODEL, Layout { short: true, ..plain }),
        ("half caches and logits", MODEL, Layout { half: true, ..plain }),
        ("wanted rows", MODEL, Layout { rows: true, ..plain }),
        ("named as by decoders", MODEL, Layout { names: "past_key_values.{layer}.decoder.{kind}", ..plain }),
        ("grouped and growing", MODEL, Layout { cache: Cache::Grouped, ..plain }),
        ("merged", "decoder_model_merged.onnx", Layout { branch: Branch::Sound, ..plain }),
        ("merged long ago", "decoder_model_merged.onnx", Layout { branch: Branch::LooksAhead, ..plain }),
        ("genai, in place", "decoder.onnx", Layout { cache: Cache::Grouped, names: genai, ..plain }),
        ("genai, said to be in place", "decoder.onnx", Layout { names: genai, ..plain }),
    ];
    let mut written: Option<Vec<u32>> = None;
    for (name, file, layout) in cases {
        let folder = Folder::new();
        folder.graph(file, &layout);
        if layout.names == genai {
            folder.genai(true);
        }
        let mut model = folder.open();
        assert_eq!((model.vocabulary_size(), model.context_length()), (VOCABULARY, CONTEXT), "{name}");
        assert!(
            model.name().ends_with(&format!("({})", file.rsplit('/').next().unwrap())),
            "{}",
            model.name()
        );
        assert_eq!(model.cache_in_place(), name == "genai, in place", "{name}");
        assert_eq!((model.begin(), model.ends()), (None, &[258][..]));
        let near = if layout.half { super::fixture::rounding() } else { EXACT };
        folder.check(&mut model, near);
        let prompt = tokens(20);
        let found = write(&mut model, &prompt);
        let expected = written.get_or_insert_with(|| folder.greedy(&prompt, 8));
        assert_eq!(&found, expected, "{name}");
        let chat = model.chat(&[Message::new(Role::User, "a<|im_end|>")]).unwrap();
        assert_eq!(chat.iter().filter(|token| **token == 258).count(), 1, "{name}");
    }
}

#[test]
fn two_graphs_read_and_go_on() {
    let folder = Folder::new();
    folder.graph("decoder_model.onnx", &Layout { cache: Cache::Beginning, ..Layout::default() });
    let error = folder.refusal();
    assert!(error.to_string().contains("decoder_with_past_model.onnx"), "{error}");
    folder.graph("decoder_with_past_model.onnx", &Layout::default());
    let mut model = folder.open();
    folder.check(&mut model, EXACT);
    // Longer than what is read at once.
    let text = tokens(2 * CHUNK + 7);
    let expected = folder.reference.logits(&text);
    assert!(difference(model.prefill(&text).unwrap(), expected.last().unwrap()) < EXACT);
}

#[test]
fn what_cannot_be_run_is_named_with_a_way_out() {
    let plain = Layout::default();
    for (foreign, part) in [
        ("encoder_hidden_states", "attend to an encoder"),
        ("pixel_values", "images"),
        ("inputs_embeds", "embeddings"),
        ("past_conv.0", "convolution"),
        ("wind_speed", "not known"),
    ] {
        let folder = Folder::new();
        folder.graph(MODEL, &Layout { foreign: Some(foreign), ..plain });
        let error = folder.refusal();
        let text = error.to_string();
        assert!(
            matches!(error, Error::Export { .. }) && text.contains(foreign) && text.contains(part),
            "{text}"
        );
        assert!(!error.hint().is_empty());
    }
    let folder = Folder::new();
    folder.graph(MODEL, &Layout { cache: Cache::None, ..plain });
    let error = folder.refusal();
    assert!(
        error.to_string().contains("no key-value cache") && error.hint().contains("optimum-cli"),
        "{error}"
    );
    folder.graph(MODEL, &Layout { names: "past_key_values.{layer}.{kind}s", ..plain });
    assert!(folder.refusal().to_string().contains("past_key_values.0.keys"), "{}", folder.refusal());
    folder.graph(MODEL, &plain).json("config.json", json!({ "num_hidden_layers": 3 }));
    assert!(folder.refusal().to_string().contains("2 layers"), "{}", folder.refusal());
    folder.json("config.json", json!({ "is_encoder_decoder": true }));
    assert!(folder.refusal().to_string().contains("encoder"), "{}", folder.refusal());
    folder.json("config.json", json!({}));
    folder.json("generation_config.json", json!({}));
    assert_eq!(folder.open().ends(), [258], "as its chat template ends turns");
    folder.json("tokenizer_config.json", json!({}));
    assert!(folder.refusal().hint().contains("eos_token_id"), "{}", folder.refusal());
}

#[test]
fn folders_that_are_not_whole_are_told_from_broken_ones() {
    let folder = Folder::new();
    assert!(matches!(folder.refusal(), Error::ModelMissing { .. }));
    fs::write(folder.path().join("model.safetensors"), "x").unwrap();
    assert!(folder.refusal().hint().contains("optimum-cli"), "{}", folder.refusal());
    fs::write(folder.path().join("model.gguf"), "x").unwrap();
    assert!(folder.refusal().hint().contains("citedesk setup"), "{}", folder.refusal());
    let gguf = folder.path().join("model.gguf");
    assert!(refusal(&gguf).hint().contains("citedesk setup"));
    folder.graph(MODEL, &Layout::default());
    folder.open();
    let whole = fs::read(folder.path().join(MODEL)).unwrap();
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        fs::write(folder.path().join(MODEL), &whole[..length]).unwrap();
        assert!(
            matches!(folder.refusal(), Error::Inference { .. } | Error::Export { .. }),
            "{}",
            folder.refusal()
        );
    }
    fs::write(folder.path().join(MODEL), &whole).unwrap();
    let weights = fs::read(folder.path().join(WEIGHTS)).unwrap();
    fs::write(folder.path().join(WEIGHTS), &weights[..weights.len() / 2]).unwrap();
    assert!(matches!(folder.refusal(), Error::Inference { .. }), "{}", folder.refusal());
    fs::write(folder.path().join(WEIGHTS), &weights).unwrap();
    fs::write(folder.path().join("config.json"), "{").unwrap();
    let error = folder.refusal();
    assert!(error.to_string().contains("config.json"), "{error}");
    fs::write(folder.path().join("config.json"), "{}").unwrap();
    fs::remove_file(folder.path().join(TOKENIZER)).unwrap();
    let error = folder.refusal();
    assert!(error.to_string().contains(TOKENIZER) && error.hint().contains("AutoTokenizer"), "{error}");
}

#[test]
fn of_several_graphs_the_plain_or_the_named_one_is_taken() {
    let folder = Folder::new();
    folder.graph("onnx/model_q4.onnx", &Layout::default());
    assert!(folder.open().name().ends_with("(model_q4.onnx)"), "the only one");
    folder.graph("onnx/model_fp16.onnx", &Layout { half: true, ..Layout::default() });
    let error = folder.refusal();
    let text = error.to_string();
    assert!(text.contains("model_q4.onnx") && text.contains("model_fp16.onnx"), "{text}");
    assert!(error.hint().contains("models.decoder"));
    let named: PathBuf = folder.path().join("onnx/model_fp16.onnx");
    let half = open(&named);
    assert!(half.name().ends_with("(model_fp16.onnx)"));
    folder.graph("onnx/model.onnx", &Layout::default());
    let plain = folder.open();
    assert!(plain.name().ends_with("(model.onnx)"), "{}", plain.name());
    assert_ne!(plain.fingerprint(), half.fingerprint());
    assert_eq!(plain.fingerprint(), folder.open().fingerprint());
}

#[test]
fn configuration_is_read_wherever_it_is() {
    let folder = Folder::new();
    folder.graph(MODEL, &Layout::default());
    folder.json("generation_config.json", json!({ "eos_token_id": 258 }));
    folder.json("config.json", json!({ "eos_token_id": [258, 257], "n_positions": 50 }));
    fs::write(folder.path().join("chat_template.jinja"), "{{ eos_token }}{{ messages[0].content }}").unwrap();
    folder.json(
        "tokenizer_config.json",
        json!({ "eos_token": { "content": "<|im_start|>" }, "chat_template": "x" }),
    );
    let model = folder.open();
    assert_eq!((model.ends(), model.context_length()), (&[257, 258][..], 50));
    assert_eq!(model.chat(&[Message::new(Role::User, "a")]).unwrap(), [257, 97]);
    fs::remove_file(folder.path().join("chat_template.jinja")).unwrap();
    let named = json!([{ "name": "tools", "template": "t" }, { "name": "default", "template": "b" }]);
    folder.json(
        "tokenizer_config.json",
        json!({ "chat_template": named, "bos_token": "<|im_start|>", "add_bos_token": true }),
    );
    let model = folder.open();
    assert_eq!(model.chat(&[]).unwrap(), [98]);
    assert_eq!(model.begin(), Some(257));
    folder.json("tokenizer_config.json", json!({}));
    folder.json("special_tokens_map.json", json!({ "eos_token": "<|im_end|>" }));
    folder.json("chat_template.json", json!({ "chat_template": "{{ eos_token }}" }));
    assert_eq!(folder.open().chat(&[]).unwrap(), [258]);
}

#[test]
fn the_device_asked_for_is_used_or_there_is_an_error() {
    let folder = Folder::new();
    folder.graph(MODEL, &Layout::default());
    let cuda = SessionOptions { device: Device::Cuda(0), threads: 1 };
    match CausalLm::open(runtime(), folder.path(), &cuda) {
        Ok(mut model) => folder.check(&mut model, NEAR),
        Err(error) => {
            assert!(matches!(error, Error::DeviceUnavailable { .. }), "{error}");
            assert!(
                error.hint().contains("ORT_DYLIB_PATH") && error.to_string().contains("cuda:0"),
                "{error}"
            );
        }
    }
    let options = SessionOptions { threads: 1, ..SessionOptions::default() };
    let placements = CausalLm::placement(runtime(), folder.path(), &options).unwrap();
    let [placement] = placements.as_slice() else { panic!("{placements:?}") };
    assert_eq!(placement.provider, "CPUExecutionProvider");
    assert!(placement.nodes > 20 && placement.operators.contains(&"MatMul".to_owned()), "{placement:?}");
    let (compiled, _) = compiled(Family::Llama, &DecoderOptions::default());
    let placements = CausalLm::placement(runtime(), compiled.path(), &options).unwrap();
    assert!(
        placements.iter().any(|placement| placement.operators.contains(&"GroupQueryAttention".to_owned()))
    );
}
