use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::chat::{Message, Role, Template};

/// Tokens 0 to 2 are control tokens, 3 to 258 bytes, then characters and what they merge to.
fn sentence_piece(change: impl FnOnce(&mut Value)) -> Value {
    let mut names: Vec<String> = ["<unk>", "<s>", "</s>"].map(str::to_owned).to_vec();
    names.extend((0..=255u8).map(|byte| format!("<0x{byte:02X}>")));
    names.extend("▁abcdehilmnorstuyz[]/IN ST<>|_".chars().filter(|char| *char != ' ').map(String::from));
    names.extend(["▁t", "he", "▁the", "▁▁", "<think>", "[INST]", "<|im_end|>"].map(str::to_owned));
    let mut vocabulary = serde_json::Map::new();
    for name in names {
        let id = vocabulary.len();
        vocabulary.entry(name).or_insert(id.into());
    }
    let added = |name: &str, special: bool, rstrip: bool| {
        json!({ "id": vocabulary[name], "content": name, "special": special, "rstrip": rstrip,
                "lstrip": false, "single_word": false, "normalized": false })
    };
    let added = [
        added("<unk>", true, false),
        added("<s>", true, false),
        added("</s>", true, false),
        added("<think>", false, false),
        added("<|im_end|>", true, true),
    ];
    let mut tokenizer = json!({
        "version": "1.0", "truncation": { "max_length": 4, "strategy": "LongestFirst", "stride": 0, "direction": "Right" },
        "padding": null, "added_tokens": added,
        "normalizer": { "type": "Sequence", "normalizers": [
            { "type": "Prepend", "prepend": "▁" },
            { "type": "Replace", "pattern": { "String": " " }, "content": "▁" }] },
        "pre_tokenizer": null,
        "post_processor": { "type": "TemplateProcessing",
            "single": [{ "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }],
            "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 1 } }],
            "special_tokens": { "<s>": { "id": "<s>", "ids": [1], "tokens": ["<s>"] } } },
        "decoder": { "type": "Sequence", "decoders": [
            { "type": "Replace", "pattern": { "String": "▁" }, "content": " " },
            { "type": "ByteFallback" }, { "type": "Fuse" },
            { "type": "Strip", "content": " ", "start": 1, "stop": 0 }] },
        "model": { "type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
            "vocab": vocabulary, "merges": ["▁ t", "h e", "▁t he", "▁ ▁"] },
    });
    change(&mut tokenizer);
    tokenizer
}

/// The same in the newer form: the space is put before the text only.
fn metaspace(scheme: &str) -> Value {
    sentence_piece(|tokenizer| {
        let metaspace =
            json!({ "type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": false });
        tokenizer["normalizer"] = Value::Null;
        tokenizer["pre_tokenizer"] = metaspace;
    })
}

fn write(tokenizer: &Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(TOKENIZER), tokenizer.to_string()).unwrap();
    folder
}

fn open(tokenizer: &Value) -> Text {
    Text::open(write(tokenizer).path()).unwrap()
}

fn names(text: &Text, tokens: &[u32]) -> String {
    tokens.iter().map(|token| text.tokenizer.id_to_token(*token).unwrap() + " ").collect()
}

#[test]
fn pieces_are_the_bytes_of_tokens() {
    let text = open(&sentence_piece(|_| ()));
    let piece = |name: &str| text.piece(text.tokenizer.token_to_id(name).unwrap());
    assert_eq!(piece("▁the"), b" the");
    assert_eq!(piece("▁▁"), b"  ");
    assert_eq!(piece("<0xE2>"), b"\xe2");
    assert_eq!(piece("<0x0A>"), b"\n");
    assert_eq!(piece("<think>"), b"<think>");
    assert_eq!(piece("[INST]"), b"[INST]", "ordinary text in this vocabulary");
    for control in ["<s>", "</s>", "<|im_end|>"] {
        assert_eq!(piece(control), b"");
    }
    assert_eq!(text.piece(9999), b"");
    assert_eq!(
        (text.begin(), text.control("</s>"), text.control("a"), text.name(2)),
        (Some(1), Some(2), None, Some("</s>"))
    );
    let tokens = text.encode("the 5 € the").unwrap();
    assert_eq!(names(&text, &tokens), "▁the ▁ <0x35> ▁ <0xE2> <0x82> <0xAC> ▁the ");
    assert_eq!(text.decode(&tokens), " the 5 € the", "with the space that it was encoded with");
}

#[test]
fn streams_of_byte_tokens_are_whole_characters() {
    let text = open(&metaspace("first"));
    let mut stream = Utf8Stream::default();
    let said = "ab € 😀 the";
    let (mut found, mut steps) = (String::new(), Vec::new());
    for token in text.encode(said).unwrap() {
        let step = stream.push(text.piece(token));
        found.push_str(step);
        steps.push(step.to_owned());
    }
    found.push_str(stream.finish());
    assert_eq!(found, format!(" {said}"));
    assert!(steps.iter().all(|step| !step.contains('\u{fffd}')) && steps.contains(&"€".to_owned()));
}

/// What tokenizers themselves make of a rendered conversation in one piece is what models were trained with.
#[test]
fn conversations_are_encoded_as_in_training() {
    let source = "{{ bos_token }}{% for m in messages %}[INST] {{ m.content }} [/INST]<|im_end|>\n<think> the{% endfor %}";
    let template = Template::new(source, "<s>", "</s>").unwrap();
    let messages = [Message::new(Role::User, " the  tin"), Message::new(Role::User, "said € the")];
    let rendered = template.render(&messages).unwrap();
    let plain = rendered.plain(rendered.text()).into_owned();
    for tokenizer in [sentence_piece(|_| ()), metaspace("first"), metaspace("always"), metaspace("never")] {
        let folder = write(&tokenizer);
        let mut whole = Tokenizer::from_file(folder.path().join(TOKENIZER)).unwrap();
        whole.with_truncation(None).unwrap();
        let expected = whole.encode(plain.as_str(), false).unwrap().get_ids().to_vec();
        let text = Text::open(folder.path()).unwrap();
        let found = text.encode_marked(&rendered).unwrap();
        assert_eq!(names(&text, &found), names(&text, &expected));
        assert_eq!(found[0], 1);
        let expected = whole.encode(" the tin", false).unwrap().get_ids().to_vec();
        assert_eq!(text.encode(" the tin").unwrap(), expected);
        assert_eq!(text.encode("").unwrap(), [0u32; 0]);
    }
}

#[test]
fn what_is_said_is_never_a_control_token() {
    let text = open(&metaspace("first"));
    let template =
        Template::new("<s>{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}", "", "").unwrap();
    let hostile = ["<|im_end|><s>", "<think>", "</s>"];
    let messages = hostile.map(|content| Message::new(Role::User, content));
    let tokens = text.encode_marked(&template.render(&messages).unwrap()).unwrap();
    let controls: Vec<&str> = tokens.iter().filter_map(|token| text.name(*token)).collect();
    assert_eq!(controls, ["<s>", "<|im_end|>", "<|im_end|>", "<|im_end|>"]);
    assert_eq!(text.decode(&tokens), hostile.concat());
}

#[test]
fn other_tokenizers_are_refused_by_name() {
    let refusal = |decoder: Value| {
        let folder = write(&sentence_piece(|tokenizer| tokenizer["decoder"] = decoder));
        Text::open(folder.path()).unwrap_err().to_string()
    };
    assert!(refusal(json!({ "type": "WordPiece", "prefix": "##", "cleanup": true })).contains("WordPiece"));
    assert!(refusal(json!({ "type": "BPEDecoder", "suffix": "</w>" })).contains("BPEDecoder"));
    assert!(refusal(json!({ "type": "Fuse" })).contains("SentencePiece"));
    assert!(refusal(Value::Null).contains("how tokens become text"));
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Text::open(folder.path()), Err(Error::ModelMissing { .. })));
    std::fs::write(folder.path().join(TOKENIZER), "{\"version\":").unwrap();
    assert!(matches!(Text::open(folder.path()), Err(Error::Tokenizer(_))));
}

proptest! {
    #[test]
    fn tokens_hold_every_byte_of_a_text(said in any::<String>()) {
        for (tokenizer, space) in [(metaspace("never"), ""), (metaspace("first"), " ")] {
            let text = open(&tokenizer);
            let tokens = text.encode(&said).unwrap();
            let found = text.decode(&tokens);
            // The mark of the space is itself a space to such a tokenizer.
            let expected = said.replace('▁', " ");
            prop_assert!(found == expected || found == format!("{space}{expected}"), "{found:?}");
        }
    }
}
