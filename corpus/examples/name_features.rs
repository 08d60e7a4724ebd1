//! Writes what the tagger of names reads of texts, for `training/names`.
//!
//! `cargo run -p citedesk-corpus --example name_features < texts.jsonl > features.bin` reads one JSON string a line. For each
//! it writes the number of its words, and for each word its start and end (in characters) and its rows: all as
//! little-endian `u32`, the rows as `u16`.

use std::io::{BufRead as _, BufWriter, Write as _};

use corpus::screen::names::featured;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let text: String = serde_json::from_str(&line?)?;
        let words = featured(&text);
        out.write_all(&u32::try_from(words.len())?.to_le_bytes())?;
        let (mut byte, mut chars) = (0, 0_u32);
        let mut position = |at: usize| {
            chars += text[byte..at].chars().count() as u32;
            byte = at;
            chars
        };
        for word in words {
            out.write_all(&position(word.span.start).to_le_bytes())?;
            out.write_all(&position(word.span.end).to_le_bytes())?;
            for row in word.rows {
                out.write_all(&row.to_le_bytes())?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
