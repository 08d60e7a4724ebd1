//! Pieces of a passage: its sentences, told apart by what they are.

use corpus::sentence::sentences;
use corpus::{Chunk, Span};

/// One sentence, list item, table row or heading of a passage.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Byte range in the passage's text; for an item with its marker and all its sentences.
    pub(super) span: Span,
    pub(super) kind: Kind,
    /// The heading, question or lead-in that it stands under.
    pub(super) head: Option<String>,
    /// Whether a customer says it.
    pub(super) asks: bool,
    /// What the customer said that it replies to.
    pub(super) replies_to: Option<String>,
    /// Number of the stretch that it stands in: what one person says, or what stands under one heading.
    pub(super) block: usize,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// An item of a list, with its number where it has one.
    Item(Option<u32>),
    Row,
    /// A heading or a question: it says what follows is about.
    Head,
}

/// Who speaks in tickets and chats, as the first word of a message.
const ASKING: [&str; 6] = ["Customer", "User", "Caller", "Requester", "Client", "Visitor"];
const ANSWERING: [&str; 8] =
    ["Agent", "Support", "Reply", "Assistant", "Bot", "Technician", "Resolution", "Answer"];
/// Longest heading, in bytes, that is told by its looks alone.
const LONGEST_HEADING: usize = 70;
/// Most bytes of what a customer said that a reply is judged by.
const LONGEST_ASKED: usize = 600;

impl Piece {
    pub(super) fn of<'a>(&self, text: &'a str) -> &'a str {
        self.span.of(text).unwrap_or_default()
    }
}

/// The pieces of a passage's text, in order.
pub(super) fn pieces(text: &str, chunk: &Chunk) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut head: Option<String> = None;
    let mut asks = false;
    let mut block = 0;
    let mut asked = String::new();
    for span in sentences(text) {
        let Some(written) = span.of(text) else { continue };
        let gap = text.get(pieces.last().map_or(0, |piece| piece.span.end)..span.start).unwrap_or_default();
        let opens_line = span.start == 0 || gap.contains('\n') || pieces.is_empty();
        let (span, written) = match speaker(written).filter(|_| opens_line) {
            Some((customer, rest)) => {
                if customer && !asks {
                    asked.clear();
                }
                asks = customer;
                head = None;
                block += 1;
                (Span::new(span.end - rest.len(), span.end), rest)
            }
            None => (span, written),
        };
        if asks && asked.len() + written.len() < LONGEST_ASKED {
            asked.push_str(written);
            asked.push(' ');
        }
        let kind = kind(written, opens_line, text, span, chunk);
        // What goes on in an item's line, or indented below it, belongs to the item.
        if let Some(last) = pieces.last_mut()
            && matches!(last.kind, Kind::Item(_))
            && kind == Kind::Text
            && (!opens_line || (!gap.contains("\n\n") && gap.ends_with([' ', '\t'])))
        {
            last.span.end = span.end;
            continue;
        }
        if kind == Kind::Head {
            head = Some(written.trim_start_matches(['#', ' ']).to_owned());
            block += 1;
        }
        let replies_to = (!asks && !asked.is_empty()).then(|| asked.clone());
        let head = head.clone().filter(|head| head != written);
        pieces.push(Piece { span, kind, head, asks, replies_to, block });
    }
    pieces
}

fn kind(written: &str, opens_line: bool, text: &str, span: Span, chunk: &Chunk) -> Kind {
    if written.contains(" | ") || written.contains('\t') {
        return Kind::Row;
    }
    if opens_line && let Some(number) = marker(written) {
        return Kind::Item(number);
    }
    let bare = written.trim_start_matches(['#', ' ']);
    let known = bare == chunk.title || chunk.headings.iter().any(|heading| heading == bare);
    if known
        || bare.len() < written.len()
        || written.ends_with('?')
        || looks_like_heading(written, text, span)
    {
        return Kind::Head;
    }
    Kind::Text
}

/// A short line by itself that does not end like a sentence and has something below.
fn looks_like_heading(written: &str, text: &str, span: Span) -> bool {
    let before = text.get(..span.start).unwrap_or_default();
    let after = text.get(span.end..).unwrap_or_default();
    let alone = (before.trim_end_matches([' ', '\t']).is_empty()
        || before.trim_end_matches([' ', '\t']).ends_with('\n'))
        && after.trim_start_matches([' ', '\t']).starts_with('\n');
    alone
        && written.len() <= LONGEST_HEADING
        && written.split_whitespace().count() <= 8
        && written.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
        && !written.ends_with(['.', '!', ':', ';', ',', ')', '"'])
        && !written.contains(": ")
}

/// Whether a customer or somebody else speaks, and what is said, where a message begins.
fn speaker(written: &str) -> Option<(bool, &str)> {
    let (name, rest) = written.split_once(':')?;
    let name = name.split(['(', '[']).next().unwrap_or_default().trim();
    let rest = rest.trim_start();
    if rest.is_empty() {
        return None;
    }
    if ASKING.contains(&name) {
        Some((true, rest))
    } else if ANSWERING.contains(&name) {
        Some((false, rest))
    } else {
        None
    }
}

/// The number of a list item, if it has one; `None` where `line` is no item.
fn marker(line: &str) -> Option<Option<u32>> {
    let bare = without_marker(line);
    (bare.len() < line.len() && !bare.is_empty()).then(|| {
        let digits: String = line.trim_start_matches('(').chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
}

/// `line` behind its list marker: `-`, `*`, `•`, `+`, `1.`, `1)`, `(1)`, `a)`.
pub(super) fn without_marker(line: &str) -> &str {
    let line = line.trim_start();
    for bullet in ["- ", "* ", "• ", "– ", "+ ", "‣ ", "◦ ", "▪ ", "● ", "· "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            let rest = rest.trim_start();
            return rest.strip_prefix("[x] ").or_else(|| rest.strip_prefix("[ ] ")).unwrap_or(rest);
        }
    }
    let open = line.strip_prefix('(').unwrap_or(line);
    let digits = open.bytes().take_while(u8::is_ascii_digit).count();
    let letter = usize::from(open.starts_with(|c: char| c.is_ascii_lowercase()));
    let label = if digits > 0 { digits } else { letter };
    if (1..=3).contains(&label)
        && let Some(rest) = open[label..].strip_prefix(['.', ')'])
        && rest.starts_with([' ', '\t'])
    {
        return rest.trim_start();
    }
    line
}

/// Whether what a sentence would tell has been masked: it holds an identifier other than a name, or little else.
pub(super) fn is_masked(sentence: &str) -> bool {
    let masked: Vec<&str> = crate::question::pseudonyms(sentence).collect();
    masked.iter().any(|kind| *kind != "PERSON") || masked.len() * 5 > sentence.split_whitespace().count()
}

/// Whether a sentence says something that could answer: no scrap, no label, nothing that every page says.
pub(super) fn says_something(sentence: &str) -> bool {
    const BOILERPLATE: [&str; 24] = [
        "all rights reserved",
        "last updated",
        "was this article helpful",
        "was this page helpful",
        "table of contents",
        "see also",
        "related articles",
        "terms of service apply",
        "cookie",
        "thank you for contacting",
        "thanks for contacting",
        "thank you for reaching out",
        "best regards",
        "kind regards",
        "have a nice day",
        "is there anything else",
        "click here",
        "read more",
        "learn more",
        "subscribe to",
        "copyright",
        "skip to content",
        "glad to help",
        "you're welcome",
    ];
    const COURTESY: [&str; 15] = [
        "checking with",
        "i am checking",
        "i'm checking",
        "let me check",
        "let me look",
        "i will check",
        "i will look",
        "i'll check",
        "one moment",
        "good question",
        "we hope that this ",
        "we hope this ",
        "we are confident that ",
        "thank you for choosing",
        "thanks for choosing",
    ];
    let words = sentence.split_whitespace().count();
    let lower = sentence.to_lowercase();
    let field = sentence.contains(": ") && sentence.contains(|c: char| c.is_ascii_digit());
    (words >= 3 || (words == 2 && field))
        && !sentence.ends_with(['?', ':'])
        && !COURTESY.iter().any(|opening| lower.starts_with(opening))
        && !(words <= 12 && BOILERPLATE.iter().any(|phrase| lower.contains(phrase)))
}
