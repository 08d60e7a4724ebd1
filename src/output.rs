//! What commands print: data to standard output, diagnostics to standard error.

use std::io::{self, IsTerminal as _, Write};

use serde::Serialize;

use crate::failure::{Exit, Failure};

/// Version of the JSON events on standard output.
const EVENTS_VERSION: u32 = 1;

/// How output should look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) color: bool,
    pub(crate) progress: bool,
}

impl Output {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            json,
            color: !json && !plain && io::stdout().is_terminal(),
            progress: !quiet && io::stderr().is_terminal(),
        }
    }

    /// One line of data.
    pub(crate) fn line(self, text: impl AsRef<str>) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", printable(text.as_ref()))?;
        out.flush()?;
        Ok(())
    }

    /// One JSON event: the fields of `value` with the version in front.
    pub(crate) fn event(self, name: &str, value: &impl Serialize) -> Result<(), Failure> {
        let broken = |error: serde_json::Error| Failure::of(Exit::Error, &error);
        let mut fields = serde_json::Map::new();
        fields.insert("v".into(), EVENTS_VERSION.into());
        fields.insert("event".into(), name.into());
        match serde_json::to_value(value).map_err(broken)? {
            serde_json::Value::Object(inner) => {
                fields.extend(inner.into_iter().filter(|(key, _)| key != "event"));
            }
            other => {
                fields.insert("value".into(), other);
            }
        }
        let mut out = io::stdout().lock();
        writeln!(out, "{}", serde_json::Value::Object(fields))?;
        out.flush()?;
        Ok(())
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.paint("33", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{}\u{1b}[0m", printable(text)) } else { text.to_owned() }
    }
}

/// Documents are foreign text: without this, one could send commands to the terminal that shows it.
/// Our own colors pass; every other control character is dropped.
fn printable(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '\u{1b}' {
            if let Some(code) = OUR_CODES.iter().find(|code| rest[1..].starts_with(**code)) {
                clean.push(c);
                clean.push_str(code);
                rest = &rest[1 + code.len()..];
                continue;
            }
        } else if !c.is_control() || matches!(c, '\n' | '\t') {
            clean.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    clean
}

const OUR_CODES: [&str; 5] = ["[0m", "[1m", "[2m", "[32m", "[33m"];

/// Wraps `text` at `width` columns, each line after `indent`.
pub(crate) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let options = textwrap::Options::new(width.max(20)).initial_indent(indent).subsequent_indent(indent);
    textwrap::fill(text, options)
}

/// Columns of the terminal, 100 at most; 80 where there is none.
pub(crate) fn width() -> usize {
    if io::stdout().is_terminal() { textwrap::termwidth().clamp(40, 100) } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn control_sequences_of_documents_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}]52;c;aGk=\u{7}b\u{1b}[2Jc\r\u{9b}31md"), "a]52;c;aGk=b[2Jc31md");
        assert_eq!(printable("\u{1b}[2m1 sentence\u{1b}[0m"), "\u{1b}[2m1 sentence\u{1b}[0m");
        assert_eq!(printable("\u{1b}[1mbold\u{1b}[0m\tx\n"), "\u{1b}[1mbold\u{1b}[0m\tx\n");
    }
}
