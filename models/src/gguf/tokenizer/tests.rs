use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;
use tokenizers::Tokenizer;

use super::*;
use crate::gguf::fixture::Writer;

/// Pieces in the order of their scores.
const PIECES: [&str; 15] = [
    "\u{2581}w",
    "he",
    "or",
    "ll",
    "\u{2581}wor",
    "hell",
    "ld",
    "\u{2581}world",
    "hello",
    "\u{2581}hello",
    "st",
    "est",
    "te",
    "\u{2581}te",
    "test",
];
const LETTERS: &str = "\u{2581}helowrdtsü";

fn tokens() -> Vec<(String, i64)> {
    let special = [("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL)];
    let mut tokens: Vec<_> = special.map(|(token, kind)| (token.to_owned(), kind)).to_vec();
    tokens.extend((0..=255).map(|byte| (format!("<0x{byte:02X}>"), 6)));
    tokens.extend(PIECES.iter().map(|piece| ((*piece).to_owned(), NORMAL)));
    tokens.push(("[INST]".to_owned(), USER_DEFINED));
    tokens.extend(LETTERS.chars().map(|letter| (letter.to_string(), NORMAL)));
    tokens
}

fn writer() -> Writer {
    let (texts, kinds): (Vec<String>, Vec<i64>) = tokens().into_iter().unzip();
    let scores = (0..texts.len()).map(|id| -(id as f64)).collect();
    let mut writer = Writer::default();
    writer
        .text("tokenizer.ggml.model", "llama")
        .value("tokenizer.ggml.tokens", Value::Texts(texts))
        .value("tokenizer.ggml.token_type", Value::Integers(kinds))
        .value("tokenizer.ggml.scores", Value::Floats(scores))
        .number("tokenizer.ggml.bos_token_id", 1)
        .number("tokenizer.ggml.eos_token_id", 2);
    writer
}

fn read(writer: &Writer) -> Result<TextModel> {
    TextModel::read(&Gguf::parse(Cursor::new(writer.finish()), Path::new("test.gguf"))?)
}

fn tokenizer(model: &TextModel) -> Tokenizer {
    let mut tokenizer = Tokenizer::from_bytes(&model.tokenizer).unwrap();
    tokenizer.set_encode_special_tokens(true);
    tokenizer
}

fn encode(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    tokenizer.encode_fast(text, false).unwrap().get_ids().to_vec()
}

/// As sentencepiece does it: of all neighbors that make a piece, those with the highest score become one.
fn plain(text: &str) -> Vec<u32> {
    if text.is_empty() {
        return Vec::new();
    }
    let tokens = tokens();
    let id = |piece: &str| tokens.iter().position(|(token, kind)| token == piece && *kind == NORMAL);
    let text = format!(" {text}").replace(' ', "\u{2581}");
    let mut symbols: Vec<String> = text.chars().map(String::from).collect();
    loop {
        let pairs = symbols.windows(2).enumerate().filter_map(|(at, pair)| Some((id(&pair.concat())?, at)));
        let Some((_, at)) = pairs.min() else { break };
        let right = symbols.remove(at + 1);
        symbols[at].push_str(&right);
    }
    let ids = |symbol: &String| match id(symbol) {
        Some(id) => vec![id as u32],
        None => symbol.bytes().map(|byte| u32::from(byte) + 3).collect(),
    };
    symbols.iter().flat_map(ids).collect()
}

#[test]
fn pieces_are_joined_by_score_and_what_has_none_is_spelled_in_bytes() {
    let model = read(&writer()).unwrap();
    let tokenizer = tokenizer(&model);
    assert_eq!((model.begin, &model.ends[..]), (Some(1), &[2][..]));
    assert_eq!((model.begin_text.as_str(), model.end_text.as_str()), ("<s>", "</s>"));
    for text in ["hello world", " hello  test\n", "€", "<s>", "<0x41>", "<unk>", "ü"] {
        let found = encode(&tokenizer, text);
        assert_eq!(found, plain(text), "{text:?}");
        assert_eq!(tokenizer.decode(&found, false).unwrap(), text);
    }
    let added = encode(&tokenizer, "test[INST]");
    assert_eq!(added.last(), tokenizer.token_to_id("[INST]").as_ref());
}

#[test]
fn beginnings_and_their_spaces_are_as_stated() {
    let begin = |value: Option<bool>| {
        let mut writer = writer();
        if let Some(value) = value {
            writer.value("tokenizer.ggml.add_bos_token", Value::Bool(value));
        }
        read(&writer).unwrap().begin
    };
    assert_eq!([None, Some(true), Some(false)].map(begin), [Some(1), Some(1), None]);
    let mut bare = writer();
    bare.value("tokenizer.ggml.add_space_prefix", Value::Bool(false));
    let tokenizer = tokenizer(&read(&bare).unwrap());
    let found = encode(&tokenizer, "hello world");
    assert_eq!(found, ["hello", "\u{2581}world"].map(|piece| tokenizer.token_to_id(piece).unwrap()));
    assert_eq!(tokenizer.decode(&found, false).unwrap(), "hello world");
    assert_eq!(tokenizer.decode(&encode(&tokenizer, " test"), false).unwrap(), " test");
}

#[test]
fn pieces_that_contradict_themselves_are_refused() {
    let mut no_scores = writer();
    no_scores.without("tokenizer.ggml.scores");
    let mut few = writer();
    few.value("tokenizer.ggml.scores", Value::Floats(vec![0.0]));
    for writer in [no_scores, few] {
        assert!(matches!(read(&writer), Err(Error::Corrupt { .. })));
    }
    let mut long = writer();
    let (mut texts, _): (Vec<String>, Vec<i64>) = tokens().into_iter().unzip();
    texts[270] = "x".repeat(1000);
    long.value("tokenizer.ggml.tokens", Value::Texts(texts));
    let error = read(&long).unwrap_err();
    assert!(error.to_string().contains("1000 bytes"), "{error}");
}

/// What `gpt2` tokenizers of a kind make of a text, piece by piece.
fn split(pre: &str, text: &str) -> Vec<String> {
    let printable = ('!'..='~').chain(['Ġ', 'Ċ']);
    let mut writer = Writer::default();
    writer
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", pre)
        .value("tokenizer.ggml.tokens", Value::Texts(printable.map(String::from).collect()))
        .value("tokenizer.ggml.merges", Value::Texts(Vec::new()));
    let tokenizer = Tokenizer::from_bytes(&read(&writer).unwrap().tokenizer).unwrap();
    let mut text = tokenizers::PreTokenizedString::from(text);
    tokenizers::PreTokenizer::pre_tokenize(tokenizer.get_pre_tokenizer().unwrap(), &mut text).unwrap();
    let splits = text.get_splits(tokenizers::OffsetReferential::Original, tokenizers::OffsetType::Byte);
    splits.into_iter().map(|(piece, ..)| piece.to_owned()).collect()
}

#[test]
fn texts_are_split_as_each_kind_does() {
    let text = "It's 1234 E-7";
    for (pre, expected) in [
        ("default", ["It", "'s", "Ġ1234", "ĠE", "-", "7"].as_slice()),
        ("smollm", &["It", "'s", "Ġ", "1", "2", "3", "4", "ĠE", "-", "7"]),
        ("qwen2", &["It", "'s", "Ġ", "1", "2", "3", "4", "ĠE", "-", "7"]),
        ("deepseek-r1-qwen", &["It", "'s", "Ġ", "1", "2", "3", "4", "ĠE", "-", "7"]),
        ("llama-bpe", &["It", "'s", "Ġ", "123", "4", "ĠE", "-", "7"]),
        ("smaug-bpe", &["It", "'s", "Ġ", "123", "4", "ĠE", "-", "7"]),
    ] {
        assert_eq!(split(pre, text), expected, "{pre}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_as_by_sentencepiece(text in "[helowrdtsü €<>\n]{0,40}") {
        let tokenizer = tokenizer(&read(&writer()).unwrap());
        let found = encode(&tokenizer, &text);
        prop_assert_eq!(&found, &plain(&text));
        prop_assert_eq!(tokenizer.decode(&found, false).unwrap(), text);
    }
}
