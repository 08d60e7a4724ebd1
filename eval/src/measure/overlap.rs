//! Answers compared as the official script of `SQuAD` 2.0 compares them (Rajpurkar, Jia and Liang, ACL 2018): letter
//! case, ASCII punctuation and the articles a, an and the do not count.

use std::collections::HashMap;

/// The words of `text` that count.
pub fn words(text: &str) -> Vec<String> {
    let is_article = |word: &str| matches!(word, "a" | "an" | "the");
    // Most texts are plain, and then what is left between spaces is a word.
    if text.bytes().all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
        let bare = |word: &str| -> String {
            word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
        };
        let words = text.split_ascii_whitespace().map(bare);
        return words.filter(|word| !word.is_empty() && !is_article(word)).collect();
    }
    let mut kept = String::with_capacity(text.len());
    let mut word = String::new();
    let bare = text.to_lowercase();
    let bare = bare.chars().filter(|c| !c.is_ascii_punctuation());
    // Articles go where they stand between word boundaries, not only between spaces.
    for c in bare.chain([' ']) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if is_article(&word) {
            kept.push(' ');
        } else {
            kept.push_str(&word);
        }
        word.clear();
        kept.push(c);
    }
    kept.split_whitespace().map(str::to_owned).collect()
}

/// How near a reply is to one reference answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likeness {
    /// 1 where both are the same.
    pub exact: f64,
    /// Harmonic mean of precision and recall of words.
    pub f1: f64,
    /// Share of the reference's words that the reply has.
    pub recall: f64,
    /// 1 where the reply holds the reference's words, one after the other.
    pub contained: f64,
}

impl Likeness {
    /// Of the words of a reply and of a reference. No words stand for no answer.
    ///
    /// Worked example: "cat sat on mat" and "cat on cat" share "cat" and "on": precision 2/4, recall 2/3, F1 4/7.
    pub fn of(said: &[String], reference: &[String]) -> Self {
        let exact = f64::from(u8::from(said == reference));
        if said.is_empty() || reference.is_empty() {
            return Self { exact, f1: exact, recall: exact, contained: exact };
        }
        let shared = shared(reference, said) as f64;
        let (precision, recall) = (shared / said.len() as f64, shared / reference.len() as f64);
        let f1 = if shared > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
        let contained = said.windows(reference.len()).any(|words| words == reference);
        Self { exact, f1, recall, contained: f64::from(u8::from(contained)) }
    }

    /// Of the best of several references, each measure by itself, as the official script takes the maximum.
    pub fn best(said: &str, references: &[String]) -> Self {
        let said = words(said);
        // References of which nothing is left do not count, unless all are.
        let mut all: Vec<Vec<String>> =
            references.iter().map(|reference| words(reference)).filter(|words| !words.is_empty()).collect();
        if all.is_empty() {
            all.push(Vec::new());
        }
        all.iter().map(|reference| Self::of(&said, reference)).fold(Self::default(), |best, next| Self {
            exact: best.exact.max(next.exact),
            f1: best.f1.max(next.f1),
            recall: best.recall.max(next.recall),
            contained: best.contained.max(next.contained),
        })
    }
}

/// How many of `words` are in `others`, with repetitions.
pub(super) fn shared(words: &[String], others: &[String]) -> usize {
    let mut left = HashMap::<&str, usize>::new();
    for word in others {
        *left.entry(word).or_default() += 1;
    }
    let take = |word: &&String| {
        left.get_mut(word.as_str()).is_some_and(|count| {
            let has = *count > 0;
            *count -= usize::from(has);
            has
        })
    };
    words.iter().filter(take).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    fn best(said: &str, references: &[&str]) -> Likeness {
        let references: Vec<String> = references.iter().map(|text| (*text).to_owned()).collect();
        Likeness::best(said, &references)
    }

    #[test]
    fn words_are_those_of_the_official_script() {
        // Each line is what its normalize_answer makes of the text.
        for (text, expected) in [
            ("The  Cat's  hat", "cats hat"),
            ("An apple-a-day, the U.S.", "appleaday us"),
            ("a an the", ""),
            ("nearly $12", "nearly 12"),
            ("the–end", "–end"),
            ("“a” word", "“ ” word"),
            ("theory another", "theory another"),
            ("x_the y", "xthe y"),
            ("Ünïcode A", "ünïcode"),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn overlap_is_counted_with_repetitions() {
        let one = best("the cat sat on the mat", &["cat on a cat"]);
        // said: cat sat on mat; reference: cat on cat; shared: cat, on.
        assert!(near(one.f1, 2.0 * 0.5 * (2.0 / 3.0) / (0.5 + 2.0 / 3.0)));
        assert!(near(one.recall, 2.0 / 3.0) && near(one.exact, 0.0) && near(one.contained, 0.0));
        let other = best("It began in October, 1973.", &["October 1973", "1973"]);
        assert!(near(other.contained, 1.0) && near(other.f1, 2.0 * (2.0 / 5.0) / (2.0 / 5.0 + 1.0)));
        assert!(near(best("Nothing alike", &["something else"]).f1, 0.0));
    }

    #[test]
    fn no_answer_is_right_where_there_is_none_and_wrong_elsewhere() {
        assert!(near(best("", &[]).f1, 1.0) && near(best("", &[]).exact, 1.0));
        assert!(near(best("word", &[]).f1, 0.0) && near(best("", &["word"]).f1, 0.0));
        assert!(near(best("the", &["word"]).exact, 0.0));
        assert!(near(best("word", &["the", "word"]).exact, 1.0));
        assert!(near(best("a", &["the"]).exact, 1.0));
    }
}
