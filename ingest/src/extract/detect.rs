//! Which format a file is in, by its first bytes and its name.

use corpus::Format;

use super::office::{self, Content, Office};

/// Bytes looked at.
const HEAD: usize = 4_096;

/// What a file is, and which reader takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Markdown,
    Html,
    Text,
    Xml,
    Pdf,
    /// One message.
    Message,
    /// Messages one after the other, each begun by a line `From `.
    Mailbox,
    /// Chats or tickets in JSON.
    Records,
    /// Tickets or any table in CSV or TSV.
    Table,
    /// Text documents, slides, workbooks and e-books.
    Office(Office),
}

/// Why a file is not looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// A kind that is not read, by name.
    Unknown(&'static str),
    /// It needs a password.
    Encrypted,
}

impl Kind {
    pub(super) fn format(self) -> Format {
        match self {
            Self::Markdown => Format::Markdown,
            Self::Html => Format::Html,
            Self::Text | Self::Xml => Format::Text,
            Self::Pdf => Format::Pdf,
            Self::Message | Self::Mailbox => Format::Mail,
            Self::Records => Format::Chat,
            Self::Table => Format::Ticket,
            Self::Office(office) => office.format(),
        }
    }
}

/// What a file is, or the name of a kind that is not read.
///
/// First bytes go before the name where they are unmistakable, as a PDF that is named `.html` is one.
pub(super) fn detect(name: &str, bytes: &[u8]) -> Result<Kind, Refused> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let extension = extension(name);
    if head.starts_with(b"PK") || head.starts_with(b"\xD0\xCF\x11\xE0") {
        match office::content(bytes) {
            Some(Content::Document(office)) => return Ok(Kind::Office(office)),
            Some(Content::Encrypted) => return Err(Refused::Encrypted),
            None => {}
        }
    }
    if let Some(signature) = signature(head, &extension) {
        return signature.map_err(Refused::Unknown);
    }
    by_name(name, head, &extension).map_err(Refused::Unknown)
}

fn by_name(name: &str, head: &[u8], extension: &str) -> Result<Kind, &'static str> {
    match extension {
        "md" | "markdown" | "mdown" | "mkd" | "mdx" | "qmd" | "rmd" => Ok(Kind::Markdown),
        "html" | "htm" | "xhtml" | "shtml" => Ok(Kind::Html),
        "txt" | "text" | "log" | "rst" | "adoc" | "asciidoc" | "asc" | "org" | "textile" => Ok(Kind::Text),
        "eml" => Ok(if is_mailbox(head) { Kind::Mailbox } else { Kind::Message }),
        "mbox" | "mbx" => Ok(Kind::Mailbox),
        "json" | "jsonl" | "ndjson" => Ok(Kind::Records),
        "csv" | "tsv" | "tab" => Ok(Kind::Table),
        "xml" | "page" | "dita" | "ditamap" | "docbook" | "dbk" => Ok(markup(head).unwrap_or(Kind::Xml)),
        "doc" | "docx" | "odt" | "rtf" | "pages" => {
            Err("a word processor's document of an older or unknown kind")
        }
        "xls" | "xlsx" | "ods" | "numbers" => Err("a spreadsheet of an older or unknown kind"),
        "ppt" | "pptx" | "odp" | "key" => Err("a slide deck of an older or unknown kind"),
        "msg" | "pst" | "ost" => Err("an Outlook file"),
        "epub" => Err("an e-book"),
        "zip" | "tar" | "gz" | "tgz" | "bz2" | "xz" | "zst" | "7z" | "rar" => Err("an archive"),
        _ => by_content(name, head, extension.is_empty()),
    }
}

/// The part of a name after its last dot, in lower case; empty where there is none. In a maildir a dot belongs to
/// the name: `1700000000.M1P2.host:2,S`.
fn extension(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && !in_maildir(name) => extension.to_ascii_lowercase(),
        _ => String::new(),
    }
}

fn in_maildir(name: &str) -> bool {
    let mut parts = name.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let known = [".eml", ".txt", ".html", ".md"].iter().any(|extension| file.ends_with(extension));
    file.contains(":2,") || (matches!(parts.next(), Some("cur" | "new")) && !known)
}

/// What first bytes say that no text begins with.
fn signature(head: &[u8], extension: &str) -> Option<Result<Kind, &'static str>> {
    // Files may begin with something else, such as a mail server's line or a byte order mark.
    if head.get(..1_024).unwrap_or(head).windows(5).any(|window| window == b"%PDF-") {
        let prose =
            matches!(extension, "md" | "markdown" | "txt" | "html" | "htm" | "eml" | "mbox" | "json" | "csv");
        if !prose || head.starts_with(b"%PDF-") {
            return Some(Ok(Kind::Pdf));
        }
    }
    let is = |magic: &[u8]| head.starts_with(magic);
    let what = if is(b"PK\x03\x04") || is(b"PK\x05\x06") {
        match extension {
            // Damaged, so that its parts are not found: the reader says what is wrong.
            "docx" | "docm" => return Some(Ok(Kind::Office(Office::Word))),
            "odt" => return Some(Ok(Kind::Office(Office::OdfText))),
            "xlsx" | "xlsm" | "ods" => return Some(Ok(Kind::Office(Office::Sheet))),
            "pptx" | "pptm" => return Some(Ok(Kind::Office(Office::Slides))),
            "odp" => return Some(Ok(Kind::Office(Office::OdfSlides))),
            "epub" => return Some(Ok(Kind::Office(Office::Book))),
            "pages" => "a word processor's document of an unknown kind",
            "numbers" => "a spreadsheet of an unknown kind",
            "key" => "a slide deck of an unknown kind",
            _ => "an archive",
        }
    } else if is(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        match extension {
            "ppt" => "a slide deck of an older kind; saved as .pptx it can be read; it",
            "msg" => "an Outlook file",
            _ => "a word processor's document of an older kind; saved as .docx it can be read; it",
        }
    } else if is(b"{\\rtf") {
        return Some(Ok(Kind::Office(Office::Rtf)));
    } else if is(b"!BDN") {
        "an Outlook file"
    } else if is(b"\x1F\x8B")
        || is(b"BZh")
        || is(b"\xFD7zXZ\0")
        || is(b"7z\xBC\xAF")
        || is(b"Rar!")
        || is(b"\x28\xB5\x2F\xFD")
    {
        "an archive"
    } else if is(b"\x89PNG")
        || is(b"\xFF\xD8\xFF")
        || is(b"GIF8")
        || is(b"II*\0")
        || is(b"MM\0*")
        || is(b"\0\0\x01\0")
        || (is(b"RIFF") && head.get(8..12) == Some(b"WEBP"))
        || head.get(4..12).is_some_and(|b| b.starts_with(b"ftyphei"))
    {
        "an image"
    } else if is(b"RIFF") || is(b"OggS") || is(b"ID3") || is(b"fLaC") || head.get(4..8) == Some(b"ftyp") {
        "audio or video"
    } else if is(b"\x7FELF") || is(b"MZ\x90") || is(b"\xCA\xFE\xBA\xBE") || is(b"SQLite format 3\0") {
        "a program or database"
    } else {
        return None;
    };
    Some(Err(what))
}

/// What a file of no known name is: only what is unmistakable, as programs and settings are text too.
fn by_content(name: &str, head: &[u8], bare: bool) -> Result<Kind, &'static str> {
    if is_mailbox(head) {
        return Ok(Kind::Mailbox);
    }
    if is_message(head) {
        return Ok(Kind::Message);
    }
    if let Some(kind) = markup(head) {
        return Ok(kind);
    }
    if bare && !in_maildir(name) && !head.is_empty() && !head.contains(&0) {
        return Ok(Kind::Text);
    }
    Err("a file of unknown kind")
}

fn markup(head: &[u8]) -> Option<Kind> {
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let lower = start.get(..512).unwrap_or(start).to_ascii_lowercase();
    let has = |what: &[u8]| lower.windows(what.len()).any(|window| window == what);
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return Some(Kind::Html);
    }
    if lower.starts_with(b"<?xml") {
        return Some(if has(b"<html") || has(b"<!doctype html") { Kind::Html } else { Kind::Xml });
    }
    None
}

/// Whether text begins with the line that parts the messages of a mailbox, followed by a header.
fn is_mailbox(head: &[u8]) -> bool {
    let Some(rest) = head.strip_prefix(b"From ") else { return false };
    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return false };
    rest.get(end + 1..).is_some_and(|rest| headers(rest) > 0)
}

/// Whether text begins with a mail header: three known fields at least, as prose may begin with `From:` too.
fn is_message(head: &[u8]) -> bool {
    headers(head) >= 3
}

fn headers(head: &[u8]) -> usize {
    const KNOWN: [&str; 16] = [
        "return-path",
        "received",
        "delivered-to",
        "message-id",
        "date",
        "from",
        "to",
        "subject",
        "mime-version",
        "content-type",
        "x-mailer",
        "reply-to",
        "cc",
        "in-reply-to",
        "references",
        "dkim-signature",
    ];
    let mut count = 0;
    for line in head.split(|byte| *byte == b'\n').take(200) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") || line.starts_with(b">From ") {
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { break };
        let name = String::from_utf8_lossy(line.get(..colon).unwrap_or_default()).to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            break;
        }
        count += usize::from(KNOWN.contains(&name.as_str()));
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_where_bytes_do_not() {
        for (name, kind) in [
            ("a/b.md", Kind::Markdown),
            ("b.HTM", Kind::Html),
            ("c.log", Kind::Text),
            ("d.csv", Kind::Table),
            ("e.ndjson", Kind::Records),
            ("f.page", Kind::Xml),
            ("g.mbox", Kind::Mailbox),
            ("README", Kind::Text),
        ] {
            assert_eq!(detect(name, b"words"), Ok(kind), "{name}");
        }
        for name in ["a.docx", "b.xlsx", "c.msg", "d.py", "e.zip"] {
            assert!(detect(name, b"words").is_err(), "{name}");
        }
    }

    #[test]
    fn bytes_go_before_names() {
        assert_eq!(detect("a.html", b"%PDF-1.4"), Ok(Kind::Pdf));
        assert_eq!(detect("a", b"\n\n%PDF-1.4"), Ok(Kind::Pdf));
        assert_eq!(detect("notes.md", b"A file begins with %PDF-1.4"), Ok(Kind::Markdown));
        assert_eq!(detect("a.txt", b"PK\x03\x04...."), Err(Refused::Unknown("an archive")));
        assert_eq!(detect("a.docx", b"PK\x03\x04...."), Ok(Kind::Office(Office::Word)));
        assert_eq!(detect("letter", b"{\\rtf1 Hello}"), Ok(Kind::Office(Office::Rtf)));
        assert_eq!(detect("a.pdf", b"\x89PNG\r\n"), Err(Refused::Unknown("an image")));
        assert_eq!(detect("a.xml", b"<?xml version='1.0'?><html>"), Ok(Kind::Html));
        assert_eq!(detect("page", b"<!DOCTYPE html><p>"), Ok(Kind::Html));
    }

    #[test]
    fn mail_is_told_by_its_header() {
        let message = b"Return-Path: <a@b.example>\nDate: x\nFrom: a\nTo: b\n\nHi";
        for name in ["x/cur/1700000000.M1P2.host:2,S", "x/new/1700000000.M1P2.host", "message", "message.bin"]
        {
            assert_eq!(detect(name, message), Ok(Kind::Message), "{name}");
        }
        let mailbox = b"From a@b.example Mon Jan  1 00:00:00 2024\nFrom: a\n\nHi";
        assert_eq!(detect("inbox", mailbox), Ok(Kind::Mailbox));
        assert_eq!(detect("inbox.eml", mailbox), Ok(Kind::Mailbox));
        assert_eq!(detect("letter", b"From: me\nI write to you because"), Ok(Kind::Text));
    }
}
