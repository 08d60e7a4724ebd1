//! The bytes of every token.

use std::collections::HashSet;

use serde_json::Value;
use tokenizers::Tokenizer;

/// How a tokenizer writes bytes in the names of its tokens.
#[expect(clippy::large_enum_variant, reason = "a model has one, and every token goes through it")]
enum Spelling {
    /// As GPT-2 does: each byte as one character.
    Bytes([Option<u8>; 0x144]),
    /// As `SentencePiece` does: text in which a character stands for the space, and `<0x0A>` where a byte has no other
    /// token.
    Text { space: Option<char>, fallback: bool },
}

/// The bytes of every token of `tokenizer`; nothing for control tokens.
///
/// # Errors
/// What the tokenizer does that has no such bytes.
pub(super) fn of(tokenizer: &Tokenizer) -> Result<Vec<Box<[u8]>>, String> {
    let spelling = spelling(tokenizer)?;
    let vocabulary = tokenizer.get_vocab(true);
    let size = vocabulary.values().max().map_or(0, |id| *id as usize + 1);
    let mut pieces = vec![Box::<[u8]>::default(); size];
    let added = tokenizer.get_added_tokens_decoder();
    let special: HashSet<u32> = added.iter().filter(|(_, token)| token.special).map(|(id, _)| *id).collect();
    for (token, id) in vocabulary {
        if special.contains(&id) {
            continue;
        }
        // Added tokens are plain text, unlike all others.
        let plain = added.contains_key(&id) && !(spelling.is_text() && byte(&token).is_some());
        pieces[id as usize] = if plain { token.into_bytes().into() } else { spelling.bytes(&token).into() };
    }
    Ok(pieces)
}

impl Spelling {
    fn is_text(&self) -> bool {
        matches!(self, Self::Text { .. })
    }

    fn bytes(&self, token: &str) -> Vec<u8> {
        match self {
            Self::Bytes(table) => token
                .chars()
                .flat_map(|char| match table.get(char as usize).copied().flatten() {
                    Some(byte) => vec![byte],
                    None => char.to_string().into_bytes(),
                })
                .collect(),
            Self::Text { space, fallback } => match byte(token).filter(|_| *fallback) {
                Some(byte) => vec![byte],
                None => match space {
                    Some(space) => token.replace(*space, " ").into_bytes(),
                    None => token.as_bytes().to_vec(),
                },
            },
        }
    }
}

/// The byte that a token such as `<0x0A>` stands for.
fn byte(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    let sound = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    sound.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

/// Reads the spelling off the steps by which tokens become text.
fn spelling(tokenizer: &Tokenizer) -> Result<Spelling, String> {
    let decoder = tokenizer.get_decoder().ok_or("a tokenizer that does not say how tokens become text")?;
    let decoder = serde_json::to_value(decoder).map_err(|error| error.to_string())?;
    let steps = match &decoder["decoders"] {
        Value::Array(steps) => steps.as_slice(),
        _ => std::slice::from_ref(&decoder),
    };
    let (mut space, mut fallback) = (None, false);
    for step in steps {
        let kind = step["type"].as_str().unwrap_or_default();
        match kind {
            "ByteLevel" => return Ok(Spelling::Bytes(byte_of_char())),
            "Metaspace" => space = step["replacement"].as_str().and_then(|text| text.chars().next()),
            "Replace" if step["content"] == " " && one(&step["pattern"]["String"]).is_some() => {
                space = one(&step["pattern"]["String"]);
            }
            "ByteFallback" => fallback = true,
            // Concerns the space before a text, which the bytes of its first token have.
            "Fuse" | "Strip" => {}
            _ => {
                return Err(format!("a tokenizer that is neither byte-level nor SentencePiece but {kind:?}"));
            }
        }
    }
    if space.is_none() && !fallback {
        return Err("a tokenizer that is neither byte-level nor SentencePiece".to_owned());
    }
    Ok(Spelling::Text { space, fallback })
}

/// The only character of a text.
fn one(text: &Value) -> Option<char> {
    let mut chars = text.as_str()?.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// Which byte a character of a byte-level vocabulary means, by its code point: GPT-2 writes printable bytes as
/// themselves and moves the others, in order, behind U+0100.
fn byte_of_char() -> [Option<u8>; 0x144] {
    let mut table = [None; 0x144];
    let mut moved = 0x100;
    for byte in 0..=255u8 {
        if matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff) {
            table[usize::from(byte)] = Some(byte);
        } else {
            table[moved] = Some(byte);
            moved += 1;
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_one_character() {
        let table = byte_of_char();
        let mut bytes: Vec<u8> = table.iter().flatten().copied().collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
        assert_eq!(table['Ġ' as usize], Some(b' '));
        assert_eq!(table['Ċ' as usize], Some(b'\n'));
        assert_eq!(table['A' as usize], Some(b'A'));
    }

    #[test]
    fn byte_tokens_are_told_from_text() {
        assert_eq!((byte("<0x0A>"), byte("<0xff>")), (Some(10), Some(255)));
        for text in ["<0x0>", "<0x0A", "0x0A", "<0xZZ>", "<0x+1>", "<0x00A>", ""] {
            assert_eq!(byte(text), None, "{text}");
        }
    }
}
