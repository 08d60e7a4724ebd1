//! What counts as a marker: brackets with numbers and nothing else but words such as "source" in them.

/// Words that may stand beside the numbers.
const WORDS: [&str; 16] = [
    "source",
    "sources",
    "passage",
    "passages",
    "doc",
    "docs",
    "document",
    "documents",
    "ref",
    "refs",
    "reference",
    "references",
    "citation",
    "cite",
    "see",
    "and",
];

/// Whether a marker may begin with `c`.
pub(super) fn opens(c: char) -> bool {
    matches!(c, '[' | '【' | '［' | '〔')
}

/// Whether a marker may end with `c`.
pub(super) fn closes(c: char) -> bool {
    matches!(c, ']' | '】' | '］' | '〕')
}

/// Whether `c` may stand within a marker.
pub(super) fn holds(c: char) -> bool {
    digit(c).is_some()
        || c.is_ascii_alphabetic()
        || matches!(c, ',' | ' ' | '-' | '–' | ';' | ':' | '^' | '#' | '&' | '†' | '.')
}

/// A digit, in full width too.
fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    }
}

/// The numbers of passages, of which there are `passages`, in a bracket with its marks; those of no passage are left
/// out. `None` where it is text.
pub(super) fn numbers(bracket: &str, passages: usize) -> Option<Vec<usize>> {
    let inner = bracket.trim_matches(|c| opens(c) || closes(c));
    let plain: String = inner.chars().map(|c| digit(c).unwrap_or(c)).collect();
    let mut found = Vec::new();
    let mut any = false;
    for part in plain.split([',', ';', ' ', ':', '^', '#', '&', '†']).filter(|part| !part.is_empty()) {
        if WORDS.contains(&part.trim_end_matches('.').to_ascii_lowercase().as_str()) {
            continue;
        }
        let (first, last) = part.split_once(['-', '–']).unwrap_or((part, part));
        let ends = [first, last].map(|end| number(end.trim_end_matches('.')));
        let [Some(first), Some(last)] = ends else { return None };
        any = true;
        found.extend((first.max(1)..=last.min(passages)).take(passages));
    }
    any.then_some(found)
}

/// A number, saturating.
fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(usize::MAX))
}

/// `sentence` without the number in parentheses at its end, `(1).`, where that is the number of a passage.
pub(super) fn split_last(sentence: &str, passages: usize) -> (String, Vec<usize>) {
    let whole = || (sentence.to_owned(), Vec::new());
    let body = sentence.trim_end_matches(['.', '!', '?']);
    let Some((before, number)) = body.strip_suffix(')').and_then(|body| body.rsplit_once('(')) else {
        return whole();
    };
    let known = |numbers: &Vec<usize>| {
        !numbers.is_empty() && numbers.iter().all(|number| (1..=passages).contains(number))
    };
    let only_digits = number.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | ' '));
    let apart = before.ends_with(' ') && !before.trim().is_empty();
    match numbers(number, passages.saturating_add(1)).filter(known) {
        Some(numbers) if only_digits && apart => {
            (format!("{}{}", before.trim_end(), &sentence[body.len()..]), numbers)
        }
        _ => whole(),
    }
}
