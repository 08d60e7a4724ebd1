//! A hub over HTTP on this machine.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use models::setup::{self, Layout, Part};
use models::{Encoder, Error, Hub, HubModel, Precision, Runtime, SessionOptions, Side, Stop};
use sha2::{Digest as _, Sha256};

/// What was asked: method, path, and the range where there was one.
type Asked = Arc<Mutex<Vec<(String, String, Option<String>)>>>;

/// A hub with files by path. Answers to `GET` end after so many bytes for each path in `cuts`, once.
struct Server {
    endpoint: String,
    asked: Asked,
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn serve(
    files: HashMap<String, Vec<u8>>,
    cuts: HashMap<String, usize>,
    etag: impl Fn(&[u8]) -> String + Send + 'static,
) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        let mut cuts = cuts;
        for stream in listener.incoming() {
            answer(stream.unwrap(), &files, &mut cuts, &etag, &seen);
        }
    });
    Server { endpoint, asked }
}

fn answer(
    mut stream: TcpStream,
    files: &HashMap<String, Vec<u8>>,
    cuts: &mut HashMap<String, usize>,
    etag: &dyn Fn(&[u8]) -> String,
    asked: &Asked,
) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let headers: Vec<String> =
        lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let range = headers.iter().find_map(|line| line.strip_prefix("range: bytes=")).map(str::to_owned);
    asked.lock().unwrap().push((method.clone(), path.clone(), range.clone()));
    let Some(file) = files.get(&path) else {
        write!(stream, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        return;
    };
    let from: usize = range.and_then(|range| range.trim_end_matches('-').parse().ok()).unwrap_or(0);
    let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
    let length = file.len() - from;
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nx-linked-etag: \"{}\"\r\nconnection: close\r\n\r\n",
        etag(file)
    );
    stream.write_all(head.as_bytes()).unwrap();
    if method == "GET" {
        let end = cuts.remove(&path).map_or(file.len(), |cut| cut.min(file.len()));
        // The other side may have had enough.
        let _ = stream.write_all(&file[from..end]);
    }
}

/// Weights and configuration of a tiny encoder: one layer of 8 numbers.
fn tiny() -> HashMap<String, Vec<u8>> {
    let config = r#"{"model_type":"bert","hidden_size":8,"intermediate_size":16,"num_hidden_layers":1,
        "num_attention_heads":2,"max_position_embeddings":16,"type_vocab_size":1,"vocab_size":5,
        "layer_norm_eps":1e-12,"hidden_act":"gelu","pad_token_id":0}"#;
    let tokenizer = r#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
        "pre_tokenizer":{"type":"Whitespace"},"post_processor":null,"decoder":null,"model":{"type":"WordPiece",
        "unk_token":"[UNK]","continuing_subword_prefix":"\u0023#","max_input_chars_per_word":100,
        "vocab":{"[PAD]":0,"[UNK]":1,"a":2,"b":3,"c":4}}}"#;
    let files = [
        ("model.safetensors", safetensors()),
        ("config.json", config.as_bytes().to_vec()),
        ("tokenizer.json", tokenizer.as_bytes().to_vec()),
    ];
    files.into_iter().map(|(name, bytes)| (format!("/acme/tiny/resolve/main/{name}"), bytes)).collect()
}

/// The tensors of that encoder, each value a little different.
fn safetensors() -> Vec<u8> {
    let mut shapes: Vec<(String, Vec<usize>)> = Vec::new();
    for (name, rows) in [("word", 5), ("position", 16), ("token_type", 1)] {
        shapes.push((format!("embeddings.{name}_embeddings.weight"), vec![rows, 8]));
    }
    let layer = |name: &str| format!("encoder.layer.0.{name}");
    let norms =
        ["embeddings.LayerNorm".to_owned(), layer("attention.output.LayerNorm"), layer("output.LayerNorm")];
    for name in norms {
        shapes.extend(["weight", "bias"].map(|end| (format!("{name}.{end}"), vec![8])));
    }
    for (name, output, input) in [
        ("attention.self.query", 8, 8),
        ("attention.self.key", 8, 8),
        ("attention.self.value", 8, 8),
        ("attention.output.dense", 8, 8),
        ("intermediate.dense", 16, 8),
        ("output.dense", 8, 16),
    ] {
        shapes.push((layer(&format!("{name}.weight")), vec![output, input]));
        shapes.push((layer(&format!("{name}.bias")), vec![output]));
    }
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, shape) in shapes {
        let from = data.len();
        for at in 0..shape.iter().product::<usize>() {
            data.extend((((at * 37 + from) % 101) as f32 / 101.0).to_le_bytes());
        }
        header.insert(
            name,
            serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": [from, data.len()] }),
        );
    }
    let header = serde_json::to_vec(&header).unwrap();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    file
}

fn fetch(server: &Server, cache: &std::path::Path) -> models::Result<(Part, std::path::PathBuf)> {
    fetch_into(server, &Layout::new(cache))
}

fn fetch_into(server: &Server, layout: &Layout) -> models::Result<(Part, std::path::PathBuf)> {
    let hub = Hub::new(&server.endpoint, None).unwrap();
    let model: HubModel = "acme/tiny".parse().unwrap();
    setup::from_hub(layout, &hub, &model, &Stop::default(), &mut |_| ())
}

#[test]
fn an_encoder_is_fetched_once_and_compiled() {
    let server = serve(tiny(), HashMap::new(), hash);
    let cache = tempfile::tempdir().unwrap();
    let (part, folder) = fetch(&server, cache.path()).unwrap();
    assert_eq!(part, Part::Encoder);
    for name in ["model.onnx", "tokenizer.json", "encoder.json", "manifest.json"] {
        assert!(folder.join(name).is_file(), "{name}");
    }
    let assets =
        setup::run(&Layout::new(setup::default_cache().unwrap()), &setup::Options::default(), &mut |_| ());
    let runtime = Runtime::load(&assets.unwrap().runtime).unwrap();
    let encoder = Encoder::open(&runtime, &folder, &SessionOptions::default()).unwrap();
    assert_eq!(encoder.embed(&["a b", "c"], Side::Passage).unwrap().concat().len(), 16);
    let before = server.asked.lock().unwrap().len();
    assert_eq!(fetch(&server, cache.path()).unwrap(), (part, folder));
    assert_eq!(server.asked.lock().unwrap().len(), before);
}

#[test]
fn only_weights_that_have_been_measured_become_8_bit_integers() {
    let server = serve(tiny(), HashMap::new(), hash);
    let cache = tempfile::tempdir().unwrap();
    let layout = Layout::new(cache.path()).precise(Precision::Int8);
    let error = fetch_into(&server, &layout).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }));
    assert!(error.to_string().contains("only `fp32` can be compiled"), "{error}");
    assert!(!cache.path().join("hub").exists());
}

#[test]
fn a_broken_transfer_goes_on_where_it_broke_off() {
    let path = "/acme/tiny/resolve/main/model.safetensors";
    let server = serve(tiny(), HashMap::from([(path.to_owned(), 1_000)]), hash);
    let cache = tempfile::tempdir().unwrap();
    fetch(&server, cache.path()).unwrap();
    let asked = server.asked.lock().unwrap();
    assert!(asked.contains(&("GET".to_owned(), path.to_owned(), Some("1000-".to_owned()))), "{asked:?}");
}

#[test]
fn another_content_than_the_hub_names_is_refused() {
    let server = serve(tiny(), HashMap::new(), |_| "0".repeat(64));
    let cache = tempfile::tempdir().unwrap();
    assert!(matches!(fetch(&server, cache.path()), Err(Error::WrongHash { .. })));
    assert!(!cache.path().join("hub").exists());
    assert_eq!(fs::read_dir(cache.path().join("downloads")).unwrap().count(), 0);
}

#[test]
fn what_the_hub_does_not_have_is_named() {
    let server = serve(HashMap::new(), HashMap::new(), hash);
    let cache = tempfile::tempdir().unwrap();
    let error = fetch(&server, cache.path()).unwrap_err();
    assert!(matches!(error, Error::Download { .. }));
    assert!(error.to_string().contains("acme/tiny"), "{error}");
}

#[test]
fn an_exported_language_model_is_fetched_with_all_that_is_beside_it() {
    let names = [
        "onnx/model_q4.onnx",
        "onnx/model_q4.onnx_data",
        "onnx/model.onnx",
        "genai_config.json",
        "tokenizer.json",
        "onnx/tokenizer_config.json",
        "tokenizer_config.json",
        "README.md",
    ];
    let files = |names: &[&str]| {
        let file = |name: &&str| (format!("/acme/tiny/resolve/main/{name}"), name.as_bytes().to_vec());
        names.iter().map(file).collect()
    };
    let server = serve(files(&names), HashMap::new(), hash);
    let cache = tempfile::tempdir().unwrap();
    let model: HubModel = "acme/tiny:onnx/model_q4.onnx".parse().unwrap();
    let layout = Layout::new(cache.path());
    let fetch = |server: &Server| {
        let hub = Hub::new(&server.endpoint, None).unwrap();
        setup::from_hub(&layout, &hub, &model, &Stop::default(), &mut |_| ())
    };
    let (part, folder) = fetch(&server).unwrap();
    assert_eq!(part, Part::Decoder);
    let mut found: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    let expected =
        ["manifest.json", "model_q4.onnx", "model_q4.onnx_data", "tokenizer.json", "tokenizer_config.json"];
    assert_eq!(found, expected);
    let nearest = fs::read_to_string(folder.join("tokenizer_config.json")).unwrap();
    assert_eq!(nearest, "onnx/tokenizer_config.json");
    let before = server.asked.lock().unwrap().len();
    assert_eq!(fetch(&server).unwrap(), (part, folder.clone()));
    assert_eq!(server.asked.lock().unwrap().len(), before);
    fs::remove_dir_all(&folder).unwrap();
    let error = fetch(&serve(files(&names[..4]), HashMap::new(), hash)).unwrap_err();
    assert!(error.to_string().contains("tokenizer.json"), "{error}");
    assert!(!folder.exists());
}

#[test]
fn only_plain_names_are_taken() {
    for text in
        ["tiny", "a/b/c", "a/../b", "a/b@", "a/b@..", "a/b:x.bin", "a/b:../x.gguf", "a b/c", "a/b?x", ""]
    {
        assert!(matches!(text.parse::<HubModel>(), Err(Error::UnknownSource { .. })), "{text}");
    }
    let model: HubModel = "acme/tiny@v1.0:q8/model.gguf".parse().unwrap();
    assert_eq!((model.revision.as_str(), model.file.as_deref()), ("v1.0", Some("q8/model.gguf")));
    assert!(matches!(Hub::new("ftp://hub", None), Err(Error::NoEndpoint)));
}
