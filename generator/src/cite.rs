//! Citations in what a model writes.
//!
//! A model's `[2]` is a hint and no more: only numbers of passages that were in its prompt are kept, and what is cited
//! in the end is decided by comparing the sentence with the passages' bytes.

use corpus::sentence::sentences;

/// Longest marker, in bytes; a longer bracket is text.
const LONGEST_MARKER: usize = 24;
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
    read: usize,
}

impl Reader {
    /// A reader of a draft whose prompt numbered passages from 1 to `passages`.
    pub fn new(passages: usize) -> Self {
        Self { passages, text: String::new(), markers: Vec::new(), open: None, read: 0 }
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
            self.text.push_str(&open);
        }
        self.sentences(0)
    }

    fn take(&mut self, c: char) {
        let Some(open) = &mut self.open else {
            if c == '[' {
                self.open = Some(String::from(c));
            } else {
                self.text.push(c);
            }
            return;
        };
        open.push(c);
        if c == ']' {
            let marker = std::mem::take(open);
            self.open = None;
            self.close(&marker);
        } else if !(c.is_ascii_digit() || matches!(c, ',' | ' ' | '-' | '–' | ';'))
            || open.len() > LONGEST_MARKER
        {
            self.text.push_str(open);
            self.open = None;
        }
    }

    /// A bracket with nothing but numbers in it: kept where the numbers are those of passages, dropped otherwise.
    fn close(&mut self, marker: &str) {
        let inner = marker.trim_matches(['[', ']']);
        if !inner.contains(|c: char| c.is_ascii_digit()) {
            self.text.push_str(marker);
            return;
        }
        let at = self.text.trim_end().len();
        self.text.truncate(at);
        for part in inner.split([',', ';', ' ']) {
            let mut ends = part.splitn(2, ['-', '–']).map(|end| end.trim().parse::<usize>().ok());
            let (Some(Some(first)), last) = (ends.next(), ends.next()) else { continue };
            let last = last.flatten().unwrap_or(first).min(self.passages);
            let known = (first..=last).filter(|number| (1..=self.passages).contains(number));
            self.markers.extend(known.map(|number| (at, number)));
        }
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
            written.push(Written { text: span.of(&self.text).unwrap_or_default().to_owned(), numbers });
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(draft: &str, passages: usize, size: usize) -> Vec<Written> {
        let mut reader = Reader::new(passages);
        let chars: Vec<char> = draft.chars().collect();
        let mut written: Vec<Written> =
            chars.chunks(size).flat_map(|piece| reader.push(&piece.iter().collect::<String>())).collect();
        written.extend(reader.finish());
        written
    }

    fn one(text: &str, numbers: &[usize]) -> Written {
        Written { text: text.to_owned(), numbers: numbers.to_vec() }
    }

    #[test]
    fn markers_belong_to_their_sentence() {
        for size in [1, 3, 1_000] {
            assert_eq!(
                read("It takes 5 days [1]. Then it ends. [2][3] It is free [1, 3].", 3, size),
                [one("It takes 5 days.", &[1]), one("Then it ends.", &[2, 3]), one("It is free.", &[1, 3])]
            );
        }
    }

    #[test]
    fn markers_that_do_not_resolve_are_dropped() {
        assert_eq!(read("It takes 5 days [7].", 3, 1), [one("It takes 5 days.", &[])]);
        assert_eq!(
            read("It takes 5 days [0] [99999999999999999999999].", 3, 2),
            [one("It takes 5 days.", &[])]
        );
        assert_eq!(read("See [1-999999999].", 3, 4), [one("See.", &[1, 2, 3])]);
    }

    #[test]
    fn other_brackets_are_text() {
        assert_eq!(read("Ask [PERSON_1] for array[i].", 3, 1), [one("Ask [PERSON_1] for array[i].", &[])]);
        assert_eq!(read("An open [1", 3, 1), [one("An open [1", &[])]);
    }

    #[test]
    fn what_lays_out_a_reply_is_no_part_of_a_statement() {
        for (sentence, expected) in [
            ("5. Use the reset button.", "Use the reset button."),
            ("12) Wait.", "Wait."),
            ("- Wait.", "Wait."),
            ("• Wait.", "Wait."),
            ("Answer: 2. Wait.", "Wait."),
            ("Question: How do I reset it?", ""),
            ("How do I reset it?", ""),
            ("3.2 GB are free.", "3.2 GB are free."),
            ("2026. was a year.", "2026. was a year."),
            ("-5 degrees are too cold.", "-5 degrees are too cold."),
            ("Note: it is free.", "Note: it is free."),
            ("7.", "7."),
            ("", ""),
        ] {
            assert_eq!(statement(sentence), expected, "{sentence}");
        }
    }

    proptest! {
        #[test]
        fn a_statement_is_a_part_of_its_sentence(sentence in "\\PC{0,20}|[0-9]{0,3}[.):•-]? ?(Answer|Q)?:? ?[a-z?]{0,5}") {
            prop_assert!(sentence.contains(statement(&sentence)));
        }

        #[test]
        fn how_it_is_cut_does_not_matter(draft in "[a-c .\\[\\]0-9,\n-]{0,120}", size in 1usize..9) {
            let (whole, cut) = (read(&draft, 4, 1_000), read(&draft, 4, size));
            prop_assert!(whole.iter().chain(&cut).all(|w| w.numbers.iter().all(|n| (1..=4).contains(n))));
            let text = |written: &[Written]| -> String {
                written.iter().flat_map(|w| w.text.chars()).filter(|c| !c.is_whitespace()).collect()
            };
            prop_assert_eq!(text(&whole), text(&cut));
        }
    }
}
