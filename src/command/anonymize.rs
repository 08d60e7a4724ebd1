//! `citedesk anonymize`: masks identifiers in text from standard input, line by line.

use std::io::{BufRead as _, Read as _};

use corpus::screen::Masked;

use crate::cli::Anonymize;
use crate::config::Settings;
use crate::engine;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Longest text or line, in bytes.
const MAX_TEXT: u64 = 64 * 1024 * 1024;

pub(crate) fn run(settings: &Settings, args: &Anonymize, output: Output) -> Result<Exit, Failure> {
    let screener = engine::screener(settings)?;
    let print = |masked: &Masked| -> Result<(), Failure> {
        if args.spans {
            for finding in &masked.findings {
                output.event("finding", finding)?;
            }
            Ok(())
        } else if output.json {
            output.event("masked", &serde_json::json!({ "text": masked.text, "findings": masked.findings }))
        } else {
            output.line(masked.text.strip_suffix('\n').unwrap_or(&masked.text))
        }
    };
    let mut input = std::io::stdin().lock();
    if !args.jsonl {
        let mut bytes = Vec::new();
        input.take(MAX_TEXT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_TEXT {
            return Err(too_long());
        }
        print(&screener.mask(&String::from_utf8_lossy(&bytes)))?;
        return Ok(Exit::Ok);
    }
    for number in 1_usize.. {
        let mut bytes = Vec::new();
        if input.by_ref().take(MAX_TEXT + 1).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        if bytes.len() as u64 > MAX_TEXT {
            return Err(too_long());
        }
        let bad = |what: &str| {
            Failure::new(Exit::Error, format!("line {number} of standard input {what}"))
                .hint("give one JSON object a line with a `text` string")
        };
        let mut value: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|error| bad(&format!("is not JSON: {error}")))?;
        let Some(text) = value.get("text").and_then(|text| text.as_str()) else {
            return Err(bad("has no `text`"));
        };
        let masked = screener.mask(text);
        if args.spans || output.json {
            print(&masked)?;
        } else {
            value["text"] = masked.text.into();
            output.line(value.to_string())?;
        }
    }
    Ok(Exit::Ok)
}

fn too_long() -> Failure {
    Failure::new(Exit::Error, "a text is longer than 64 MiB").hint("split it")
}
