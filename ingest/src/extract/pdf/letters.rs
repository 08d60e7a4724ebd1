//! Letters: ligatures taken apart, private codes told, hyphens at the ends of lines joined.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization as _;

/// The text without what belongs to its setting.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ﬀ' => out.push_str("ff"),
            'ﬁ' => out.push_str("fi"),
            'ﬂ' => out.push_str("fl"),
            'ﬃ' => out.push_str("ffi"),
            'ﬄ' => out.push_str("ffl"),
            'ﬅ' | 'ﬆ' => out.push_str("st"),
            'Ĳ' => out.push_str("IJ"),
            'ĳ' => out.push_str("ij"),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => out.push(' '),
            '\u{2010}' | '\u{2011}' => out.push('-'),
            // Words are parted by where they stand, and hidden marks part nothing.
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' => {}
            '\u{f000}'..='\u{f0ff}' => out.extend(symbol(c)),
            '\u{e000}'..='\u{efff}' | '\u{f100}'..='\u{f8ff}' => {}
            _ if c.is_control() => {}
            _ => out.push(c),
        }
    }
    out
}

/// Appends a glyph that stands over the last one: where one of them is an accent, they become one letter.
pub(super) fn put_over(text: &mut String, glyph: &str) {
    let pair = text.chars().next_back().zip(glyph.chars().next());
    if let Some((before, after)) = pair {
        let composed = match (combining(before), combining(after)) {
            (Some(mark), None) => Some((after, mark)),
            (None, Some(mark)) => Some((before, mark)),
            _ => None,
        };
        if let Some((letter, mark)) = composed.filter(|(letter, _)| letter.is_alphabetic()) {
            text.pop();
            text.extend([letter, mark].into_iter().nfc());
            text.push_str(glyph.get(after.len_utf8()..).unwrap_or_default());
            return;
        }
    }
    text.push_str(glyph);
}

/// The mark that an accent standing by itself puts on a letter.
fn combining(accent: char) -> Option<char> {
    Some(match accent {
        '`' | 'ˋ' => '\u{300}',
        '´' | 'ˊ' => '\u{301}',
        'ˆ' | '^' => '\u{302}',
        '˜' | '~' => '\u{303}',
        '¯' | 'ˉ' => '\u{304}',
        '˘' => '\u{306}',
        '˙' => '\u{307}',
        '¨' => '\u{308}',
        '˚' => '\u{30a}',
        '˝' => '\u{30b}',
        'ˇ' => '\u{30c}',
        '¸' => '\u{327}',
        '˛' => '\u{328}',
        _ => return None,
    })
}

/// Codes of the fonts Symbol and Wingdings as they come out of word processors.
fn symbol(c: char) -> Option<char> {
    Some(match u32::from(c) - 0xF000 {
        0xB7 | 0x6C | 0x9F => '•',
        0xA7 | 0x6E => '▪',
        0x6F | 0xA8 => '□',
        0xFC | 0xFE => '✓',
        0xFB => '✗',
        0xD8 | 0x76 | 0x75 => '➢',
        0xE0 | 0xE8 => '→',
        0x2D => '-',
        _ => return None,
    })
}

/// Whether a letter belongs to a script that is written from right to left.
pub(super) fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

/// Whether text is written without spaces between words.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

/// The words of a document, to tell hyphens that belong to a word from those that part it.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    words: HashSet<String>,
}

impl Vocabulary {
    /// Takes the words of a line, but for its first and last, which may be parts of words.
    pub(super) fn learn(&mut self, line: &str) {
        let mut words = line.split_whitespace().skip(1).peekable();
        while let Some(word) = words.next() {
            if words.peek().is_some() && self.words.len() < 200_000 {
                self.words.insert(normal(word));
            }
        }
    }

    /// Joins a line with the next: with a space, or where the word goes on without one.
    pub(super) fn join(&self, text: &mut String, next: &str) {
        let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
        let first = next.split(char::is_whitespace).next().unwrap_or_default();
        if text.ends_with('\u{ad}') {
            text.pop();
            text.push_str(next);
            return;
        }
        let joint = |c: char| c.is_alphanumeric();
        if last.ends_with('-')
            && last.chars().rev().nth(1).is_some_and(joint)
            && !first.starts_with(char::is_lowercase)
        {
            // A compound of names or numbers, such as `Lucene-BM25`.
            text.push_str(next);
            return;
        }
        if let Some(stem) = last.strip_suffix('-')
            && stem.chars().next_back().is_some_and(char::is_alphabetic)
            && first.chars().next().is_some_and(char::is_lowercase)
        {
            let joined = normal(&format!("{stem}{first}"));
            let kept = normal(&format!("{stem}-{first}"));
            // A stem with a hyphen of its own, such as `state-of-the-`, keeps the next one too.
            let single = stem.chars().filter(|c| c.is_alphabetic()).count() == 1;
            let keeps =
                (self.words.contains(&kept) || stem.contains('-') || single) && !self.words.contains(&joined);
            if !keeps {
                text.pop();
            }
            text.push_str(next);
            return;
        }
        let unspaced =
            text.chars().next_back().is_some_and(is_unspaced) && next.chars().next().is_some_and(is_unspaced);
        // An address or path that was broken at a slash or a hyphen within it.
        let path = last.contains("://") && (last.ends_with('/') || last.ends_with('-'));
        if !unspaced && !path {
            text.push(' ');
        }
        text.push_str(next);
    }
}

fn normal(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ligatures_and_private_codes_become_letters() {
        assert_eq!(tidy("oﬃce\u{a0}ﬁle\u{200b}\u{f0b7}\u{e123}\u{2011}x"), "office file•-x");
    }

    #[test]
    fn accents_set_over_letters_become_one() {
        for (before, glyph, expected) in
            [("O˘", "g", "Oğ"), ("u", "¨", "ü"), ("a", "b", "ab"), ("", "¨", "¨"), ("1", "´", "1´")]
        {
            let mut text = before.to_owned();
            put_over(&mut text, glyph);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn hyphens_are_joined_as_the_document_writes_the_word() {
        let mut vocabulary = Vocabulary::default();
        vocabulary.learn("a self-service portal and the firmware here");
        let join = |text: &str, next: &str| {
            let mut text = text.to_owned();
            vocabulary.join(&mut text, next);
            text
        };
        assert_eq!(join("new firm-", "ware is"), "new firmware is");
        assert_eq!(join("the self-", "service desk"), "the self-service desk");
        assert_eq!(join("an inter-", "esting case"), "an interesting case");
        assert_eq!(join("state-of-the-", "art"), "state-of-the-art");
        assert_eq!(join("in the", "end"), "in the end");
        assert_eq!(join("pages 3-", "5"), "pages 3-5");
        assert_eq!(join("a d-", "dimensional space"), "a d-dimensional space");
        assert_eq!(join("so -", "he said"), "so - he said");
        assert_eq!(join("in\u{ad}", "side"), "inside");
        assert_eq!(join("日本", "語"), "日本語");
        assert_eq!(join("see https://a.example/b/", "c"), "see https://a.example/b/c");
    }
}
