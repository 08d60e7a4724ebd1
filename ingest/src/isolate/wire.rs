//! What parent and worker say to each other: a length in eight bytes, little-endian, and JSON; after a request the
//! bytes of the file.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::time::Instant;

use corpus::Extracted;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::limits;
use crate::extract::{self, ExtractError, ExtractOptions, Item, Limits};

/// Largest request without the file, in bytes. It holds names and passwords.
const REQUEST: u64 = 1 << 20;

/// Stack of the thread that extracts, in bytes.
const STACK: usize = 64 << 20;

/// What a worker is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request<'a> {
    id_prefix: Cow<'a, str>,
    source: Cow<'a, str>,
    location: Cow<'a, str>,
    modified: Option<Timestamp>,
    options: Cow<'a, ExtractOptions>,
    bytes: u64,
}

/// What a worker answers.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    Done(Vec<Extracted>),
    Failed(ExtractError),
}

impl<'a> Request<'a> {
    pub(super) fn of(item: &Item<'a>) -> Self {
        Self {
            id_prefix: item.id_prefix.into(),
            source: item.source.into(),
            location: item.location.into(),
            modified: item.modified,
            options: Cow::Borrowed(item.options),
            bytes: item.bytes.len() as u64,
        }
    }

    pub(super) fn send(&self, bytes: &[u8], to: &mut impl Write) -> io::Result<()> {
        let request = serde_json::to_vec(self)?;
        to.write_all(&(request.len() as u64).to_le_bytes())?;
        to.write_all(&request)?;
        to.write_all(bytes)?;
        to.flush()
    }
}

/// Largest answer in bytes: text with what JSON puts around it.
pub(super) fn largest(limits: &Limits) -> u64 {
    (limits.document_bytes as u64).saturating_mul(4).saturating_add(limits.file_bytes.saturating_mul(8))
}

/// Reads an answer.
pub(super) fn receive(from: &mut impl Read, limits: &Limits) -> io::Result<Reply> {
    let json = read_part(from, largest(limits))?.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(serde_json::from_slice(&json)?)
}

/// Serves requests until `input` ends.
///
/// This is all that a worker process does: the program calls it with its standard input and output, and nothing else
/// may write to the latter.
pub fn worker_main(mut input: impl Read + Send, mut output: impl Write + Send) -> io::Result<()> {
    // A panic is answered as an error; where it was is of no use to anyone outside.
    std::panic::set_hook(Box::new(|_| {}));
    let started = Instant::now();
    std::thread::scope(|scope| {
        let serve = move || {
            while answer_within(&mut input, &mut output, |limits| limits::set(limits, started))? {}
            Ok(())
        };
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, serve)?;
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the extracting thread panicked")))
    })
}

/// Answers one request without limits on the process; false where there is none.
#[cfg(test)]
pub(super) fn answer(input: &mut impl Read, output: &mut impl Write) -> io::Result<bool> {
    answer_within(input, output, |_| Ok(()))
}

fn answer_within(
    input: &mut impl Read,
    output: &mut impl Write,
    limit: impl Fn(&Limits) -> io::Result<()>,
) -> io::Result<bool> {
    let Some(request) = read_part(input, REQUEST)? else { return Ok(false) };
    let request: Request<'_> = serde_json::from_slice(&request)?;
    limit(&request.options.limits)?;
    let mut bytes = Vec::new();
    if let Err(error) = input.take(request.bytes).read_to_end(&mut bytes) {
        if error.kind() == io::ErrorKind::OutOfMemory {
            // The same end as where memory runs out later, which no code gets to see.
            std::process::abort();
        }
        return Err(error);
    }
    if bytes.len() as u64 != request.bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let result = extract::extract(&Item {
        id_prefix: &request.id_prefix,
        source: &request.source,
        location: &request.location,
        bytes: &bytes,
        modified: request.modified,
        options: &request.options,
    });
    drop(bytes);
    let reply = serde_json::to_vec(&result.map_or_else(Reply::Failed, Reply::Done))?;
    output.write_all(&(reply.len() as u64).to_le_bytes())?;
    output.write_all(&reply)?;
    output.flush()?;
    Ok(true)
}

/// Reads a length and as many bytes; `None` at the end of the input.
fn read_part(from: &mut impl Read, largest: u64) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    match from.read(&mut length)? {
        0 => return Ok(None),
        read => from.read_exact(length.get_mut(read..).unwrap_or_default())?,
    }
    let length = u64::from_le_bytes(length);
    if length > largest {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut part = Vec::new();
    from.take(length).read_to_end(&mut part)?;
    if part.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(part))
}
