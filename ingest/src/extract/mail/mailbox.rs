//! Splitting a mailbox into its messages.

use std::borrow::Cow;

/// The messages of a mailbox in the formats mboxo and mboxrd, their quoted `From ` lines restored.
pub(super) fn split(bytes: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let mut starts = Starts { bytes, at: 0, after_empty: true };
    let mut start = starts.next();
    std::iter::from_fn(move || {
        let (_, body) = start?;
        start = starts.next();
        let end = start.map_or(bytes.len(), |(line, _)| line);
        Some(unquote(bytes.get(body..end).unwrap_or_default()))
    })
}

/// Where messages start: their `From ` line, and what follows it.
struct Starts<'a> {
    bytes: &'a [u8],
    at: usize,
    after_empty: bool,
}

impl Iterator for Starts<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.bytes.len() {
            let start = self.at;
            let rest = self.bytes.get(start..)?;
            let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
            let line = rest.get(..length)?;
            self.at = start + length;
            let parts = self.after_empty && is_from_line(line) && begins_header(rest.get(length..)?);
            self.after_empty = line.trim_ascii_end().is_empty();
            if parts {
                return Some((start, self.at));
            }
        }
        None
    }
}

/// Whether a line is one that mail servers write: it tells a sender and a time.
fn is_from_line(line: &[u8]) -> bool {
    line.starts_with(b"From ") && line.contains(&b':') && line.len() < 1_000
}

/// Whether a header field comes next, as prose may begin with `From ` too.
fn begins_header(rest: &[u8]) -> bool {
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
    let name = line.strip_prefix(b">").map_or(line.get(..colon), |line| line.get(..colon.saturating_sub(1)));
    name.is_some_and(|name| {
        !name.is_empty() && name.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
    })
}

/// Takes one `>` off lines of the form `>From `, which a mailbox needs and a message does not.
fn unquote(message: &[u8]) -> Cow<'_, [u8]> {
    if !message.windows(7).any(|window| window == b"\n>From " || window == b"\n>>From") {
        return Cow::Borrowed(message);
    }
    let mut out = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let quotes = line.iter().take_while(|byte| **byte == b'>').count();
        let quoted = quotes > 0 && line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
        out.extend_from_slice(line.get(usize::from(quoted)..).unwrap_or_default());
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(mailbox: &str) -> Vec<String> {
        split(mailbox.as_bytes()).map(|message| String::from_utf8_lossy(&message).into_owned()).collect()
    }

    #[test]
    fn messages_are_parted_at_from_lines() {
        let found = texts(
            "From a@b.example Mon Jan  1 00:00:00 2024\nSubject: x\n\nFrom here on it works.\n\n\
             From c@d.example Tue Jan  2 00:00:00 2024\nSubject: y\n\nBye\n",
        );
        assert_eq!(found, ["Subject: x\n\nFrom here on it works.\n\n", "Subject: y\n\nBye\n"]);
    }

    #[test]
    fn quoted_from_lines_are_restored() {
        let found = texts("From a 00:00\nSubject: x\n\n>From me\n>>From you\n> From us\n");
        assert_eq!(found, ["Subject: x\n\nFrom me\n>From you\n> From us\n"]);
    }

    #[test]
    fn what_is_no_mailbox_has_no_messages() {
        assert!(texts("").is_empty());
        assert!(texts("Subject: x\n\nHi").is_empty());
        assert!(texts("From ").is_empty());
    }
}
