//! Files of lines: read one at a time, each of bounded length, and named by file and line where one is wrong.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::error::Error;

/// Longest line that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// Hands over every line that is not empty with its number, from 1. The first error ends it.
pub(crate) fn each(path: &Path, mut take: impl FnMut(usize, &str) -> Result<(), Error>) -> Result<(), Error> {
    let unread = |source| Error::Read { path: path.to_owned(), source };
    let mut reader = BufReader::new(File::open(path).map_err(unread)?);
    let mut bytes = Vec::new();
    for line in 1.. {
        let wrong = |problem: String| Error::Malformed { path: path.to_owned(), line, problem };
        bytes.clear();
        if reader.by_ref().take(LONGEST + 1).read_until(b'\n', &mut bytes).map_err(unread)? == 0 {
            break;
        }
        if bytes.len() as u64 > LONGEST {
            return Err(wrong(format!("longer than {} MiB; shorten its texts", LONGEST >> 20)));
        }
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| wrong("not UTF-8; write the file as UTF-8 without a byte order mark".to_owned()))?;
        if !text.trim().is_empty() {
            take(line, text)?;
        }
    }
    Ok(())
}

/// The objects of a file, one a line, each with the number of its line.
pub(crate) fn objects<T: DeserializeOwned>(path: &Path) -> Result<Vec<(usize, T)>, Error> {
    let mut items = Vec::new();
    each(path, |line, text| {
        let item = serde_json::from_str(text).map_err(|error| Error::Malformed {
            path: path.to_owned(),
            line,
            problem: reason(&error),
        })?;
        items.push((line, item));
        Ok(())
    })?;
    Ok(items)
}

/// What is wrong with a line of JSON; the line that the parser names is always its first.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let (text, place) = (error.to_string(), format!(" at line {} column {}", error.line(), error.column()));
    match text.strip_suffix(&place) {
        Some(text) => format!("{text}, at column {}", error.column()),
        None => text,
    }
}
