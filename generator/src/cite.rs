//! Citations in what a model writes.
//!
//! A model's `[2]` is a hint and no more: only numbers of passages that were in its prompt are kept, and what is cited
//! in the end is decided by comparing the sentence with the passages' bytes.

use corpus::sentence::sentences;

mod marker;

/// Longest marker, in bytes; a longer bracket is text.
const LONGEST_MARKER: usize = 48;
/// Most bytes of one draft that are read. What follows is dropped.
const LONGEST_DRAFT: usize = 64 * 1024;

/// One sentence as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The sentence without its markers.
    pub text: String,
    /// Numbers of the passages that it points to, in order, each once.
    pub numbers: Vec<usize>,
}

/// Reads a draft piece by piece and hands out its sentences as they are completed.
#[derive(Debug)]
pub struct Reader {
    /// How many passages there are.
    passages: usize,
    /// Text without markers that is not handed out yet.
    text: String,
    /// Resolved markers with their place in `text`.
    markers: Vec<(usize, usize)>,
    /// An open bracket that may become a marker.
    open: Option<String>,
    /// White space before a marker, which is text only if something follows that is not apart from it.
    gap: String,
    /// Whether the last marker began a line: it belongs to what follows on it.
    leads: bool,
    /// Whether a marker was the last thing read.
    marked: bool,
    read: usize,
}

impl Reader {
    /// A reader of a draft whose prompt numbered passages from 1 to `passages`.
    pub fn new(passages: usize) -> Self {
        Self {
            passages,
            text: String::new(),
            markers: Vec::new(),
            open: None,
            gap: String::new(),
            leads: false,
            marked: false,
            read: 0,
        }
    }

    /// Takes the next piece; returns the sentences that are complete now.
    pub fn push(&mut self, piece: &str) -> Vec<Written> {
        for c in piece.chars() {
            if self.read >= LONGEST_DRAFT {
                break;
            }
            self.read += c.len_utf8();
            self.take(c);
        }
        // The last sentence may go on.
        self.sentences(1)
    }

    /// The sentences that are left when the draft has ended.
    pub fn finish(mut self) -> Vec<Written> {
        if let Some(open) = self.open.take() {
            self.write(&open);
        }
        self.sentences(0)
    }

    fn take(&mut self, c: char) {
        let Some(open) = &mut self.open else {
            if marker::opens(c) {
                self.open = Some(String::from(c));
            } else {
                self.write(c.encode_utf8(&mut [0; 4]));
            }
            return;
        };
        if marker::opens(c) && open.chars().nth(1).is_some() {
            let text = std::mem::replace(open, String::from(c));
            return self.write(&text);
        }
        open.push(c);
        let count = |kind: fn(char) -> bool| open.chars().filter(|c| kind(*c)).count();
        if marker::closes(c) {
            // `[[1]]` is one marker.
            if count(marker::closes) < count(marker::opens) {
                return;
            }
            let bracket = self.open.take().unwrap_or_default();
            match marker::numbers(&bracket, self.passages) {
                Some(numbers) => self.point(&numbers),
                None => self.write(&bracket),
            }
        } else if !(marker::holds(c) || marker::opens(c)) || open.len() > LONGEST_MARKER {
            let text = self.open.take().unwrap_or_default();
            self.write(&text);
        }
    }

    /// Adds text after what may be the gap before a marker.
    fn write(&mut self, text: &str) {
        let first = text.chars().next();
        if std::mem::take(&mut self.leads) && first == Some(' ') {
            // A marker that leads its line stands right before it.
            self.leads = true;
            return;
        }
        let ends = |c: char| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '。' | '，');
        let apart = first.is_none_or(|c| ends(c) || (c.is_whitespace() && !self.gap.contains('\n')));
        let gap = std::mem::take(&mut self.gap);
        let joins =
            std::mem::take(&mut self.marked) && gap.is_empty() && first.is_some_and(char::is_alphanumeric);
        if joins && self.text.ends_with(char::is_alphanumeric) {
            self.text.push(' ');
        }
        if !apart {
            self.text.push_str(&gap);
        }
        self.text.push_str(text);
    }

    /// Takes down a marker behind the text so far.
    fn point(&mut self, numbers: &[usize]) {
        // What stands between two markers parts them and nothing else.
        if let Some((last, _)) = self.markers.last()
            && self.text.get(*last..).is_some_and(|between| matches!(between.trim(), "," | ";" | "and" | "&"))
        {
            self.text.truncate(*last);
        }
        let end = self.text.trim_end().len();
        let space = self.text.split_off(end);
        if space.contains('\n') {
            self.text.push_str(&space);
            self.leads = true;
        } else {
            self.gap.insert_str(0, &space);
        }
        self.marked = true;
        let at = self.text.len();
        self.markers.extend(numbers.iter().map(|number| (at, *number)));
    }

    /// Takes out all sentences but the last `keep`.
    fn sentences(&mut self, keep: usize) -> Vec<Written> {
        let spans = sentences(&self.text);
        let complete = spans.len().saturating_sub(keep);
        let mut written = Vec::with_capacity(complete);
        let mut from = 0;
        for (index, span) in spans.iter().take(complete).enumerate() {
            // A marker behind the full stop belongs to the sentence before it.
            let until = spans.get(index + 1).map_or(usize::MAX, |next| next.start);
            let mut numbers: Vec<usize> = Vec::new();
            for (at, number) in &self.markers {
                if (from..until).contains(at) && !numbers.contains(number) {
                    numbers.push(*number);
                }
            }
            from = until;
            let (text, last) = marker::split_last(span.of(&self.text).unwrap_or_default(), self.passages);
            numbers.extend(last.into_iter().filter(|number| !numbers.contains(number)).collect::<Vec<_>>());
            if !text.is_empty() {
                written.push(Written { text, numbers });
            }
        }
        if complete > 0 {
            let cut = spans.get(complete).map_or(self.text.len(), |span| span.start);
            self.text.drain(..cut);
            self.markers.retain(|(at, _)| *at >= cut);
            self.markers.iter_mut().for_each(|(at, _)| *at -= cut);
        }
        written
    }
}

/// `sentence` without what only lays out a reply: the mark or number of a list item, and the label before an answer. Nothing is
/// left of a question, which no reply consists of.
pub fn statement(sentence: &str) -> &str {
    let mut text = sentence.trim();
    if let Some(rest) = text.strip_prefix('(')
        && rest
            .find(')')
            .is_some_and(|end| (1..=2).contains(&end) && rest.bytes().take(end).all(|b| b.is_ascii_digit()))
    {
        text = rest;
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mark = match text.get(digits..).and_then(|rest| rest.chars().next()) {
        Some('.' | ')') if (1..=2).contains(&digits) => digits + 1,
        Some(c @ ('-' | '*' | '•' | '–')) if digits == 0 => c.len_utf8(),
        _ => 0,
    };
    if let Some(rest) = text.get(mark..).filter(|rest| mark > 0 && rest.starts_with(char::is_whitespace)) {
        text = rest.trim_start();
    }
    let label = text.split_once(':').map(|(label, rest)| (label.to_lowercase(), rest.trim_start()));
    match label {
        Some((label, _)) if matches!(label.as_str(), "question" | "q") => "",
        Some((label, rest)) if matches!(label.as_str(), "answer" | "a" | "reply") => statement(rest),
        _ if text.ends_with('?') => "",
        _ => text,
    }
}

#[cfg(test)]
mod tests;
