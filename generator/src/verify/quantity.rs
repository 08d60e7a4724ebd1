//! Amounts, with exact conversions and bounds.

use crate::lexicon::{spelled_number, unit};
use crate::names::split_amount;

/// A number with what it counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quantity {
    /// The number in one spelling.
    pub(super) number: String,
    /// What follows it, in one spelling, where that is a unit.
    pub(super) unit: Option<&'static str>,
    /// What the words around it make of it.
    pub(super) bound: Bound,
    /// Whether only working days count.
    pub(super) working: bool,
    /// Where it begins, in bytes.
    pub(super) at: usize,
}

/// In which direction an amount is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Bound {
    /// The amount itself.
    #[default]
    Exact,
    /// It or more.
    Least,
    /// More than it.
    Above,
    /// It or less.
    Most,
    /// Less than it.
    Below,
}

impl Bound {
    /// Whether what holds of the one need not hold of the other.
    pub(super) fn opposes(self, other: Self) -> bool {
        let up = |bound| matches!(bound, Self::Least | Self::Above);
        let down = |bound| matches!(bound, Self::Most | Self::Below);
        (up(self) && down(other))
            || (down(self) && up(other))
            || matches!(
                (self, other),
                (Self::Least, Self::Above)
                    | (Self::Above, Self::Least)
                    | (Self::Most, Self::Below)
                    | (Self::Below, Self::Most)
            )
    }
}

impl Quantity {
    /// Whether both are one amount: `60 minutes` and `1 hour`, `€2.50` and `2.5 EUR`. One without a unit counts what the
    /// other does.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self.unit, other.unit) {
            (Some(one), Some(two)) if one != two => {
                let values = self.number.parse::<f64>().ok().zip(other.number.parse::<f64>().ok());
                let sizes =
                    || sizes(one).into_iter().flat_map(|a| sizes(two).into_iter().map(move |b| (a, b)));
                values.is_some_and(|(a, b)| {
                    sizes().any(|((kind, size), (other_kind, other_size))| {
                        kind == other_kind && (a * size - b * other_size).abs() <= 1e-9 * (a * size).abs()
                    })
                })
            }
            _ => self.number == other.number,
        }
    }

    /// As it is told to people.
    pub(super) fn told(&self) -> String {
        let working = if self.working { "working " } else { "" };
        self.unit.map_or_else(|| self.number.clone(), |unit| format!("{} {working}{unit}", self.number))
    }
}

/// What a unit measures, and how many of the smallest it is; bytes by 1,000 and by 1,024.
fn sizes(unit: &str) -> Vec<(&'static str, f64)> {
    let bytes = |power: i32| vec![("bytes", 1000f64.powi(power)), ("binary bytes", 1024f64.powi(power))];
    match unit {
        "millisecond" => vec![("time", 0.001)],
        "second" => vec![("time", 1.0)],
        "minute" => vec![("time", 60.0)],
        "hour" => vec![("time", 3_600.0)],
        "day" => vec![("time", 86_400.0)],
        "week" => vec![("time", 604_800.0)],
        "month" => vec![("months", 1.0)],
        "year" => vec![("months", 12.0)],
        "kb" => bytes(1),
        "mb" => bytes(2),
        "gb" => bytes(3),
        "tb" => bytes(4),
        "mm" => vec![("length", 1.0)],
        "cm" => vec![("length", 10.0)],
        "m" => vec![("length", 1_000.0)],
        "km" => vec![("length", 1_000_000.0)],
        "g" => vec![("mass", 1.0)],
        "kg" => vec![("mass", 1_000.0)],
        _ => Vec::new(),
    }
}

/// A stretch of a text between white space and marks, in lower case.
struct Token {
    lower: String,
    at: usize,
}

/// The amounts of `text`, in order. Places in `taken`, such as those of dates, are left out.
pub(super) fn quantities(text: &str, taken: &dyn Fn(usize) -> bool) -> Vec<Quantity> {
    let tokens = tokens(text);
    let mut found: Vec<Quantity> = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let (quantity, length) = if taken(tokens[index].at) || is_code(text, tokens[index].at) {
            (None, 1)
        } else {
            quantity(&tokens, index)
        };
        if let Some(mut quantity) = quantity {
            quantity.bound = bound(&tokens, index, index + length);
            // `5 to 7 days` and `5-7 days` count days twice.
            if let Some(before) = found.last_mut()
                && before.unit.is_none()
                && quantity.unit.is_some()
                && text.get(before.at + before.number.len()..quantity.at).is_some_and(is_range)
            {
                before.unit = quantity.unit;
                before.working = quantity.working;
            }
            found.push(quantity);
        }
        index += length.max(1);
    }
    found
}

/// Whether the number at `at` is the end of a code, such as `E-1042`.
fn is_code(text: &str, at: usize) -> bool {
    let (Some(before), Some(behind)) = (text.get(..at), text.get(at..)) else { return false };
    behind.starts_with(|c: char| c.is_ascii_digit())
        && before.strip_suffix('-').is_some_and(|before| before.ends_with(char::is_alphabetic))
}

fn is_range(between: &str) -> bool {
    matches!(between.trim(), "-" | "–" | "to" | "or" | "and")
}

fn tokens(text: &str) -> Vec<Token> {
    let separates = |c: char| {
        c.is_whitespace()
            || matches!(c, ';' | '(' | ')' | '"' | '“' | '”' | '|' | '-' | '–' | '—' | '/' | '=')
    };
    let mark =
        |c: char| matches!(c, '.' | ',' | '!' | '?' | ':' | '\'' | '’' | '*' | '`' | '[' | ']' | '~' | '+');
    text.split(separates)
        .map(|token| token.trim_matches(mark))
        .filter(|token| !token.is_empty())
        .map(|token| Token {
            lower: token.to_lowercase(),
            at: token.as_ptr() as usize - text.as_ptr() as usize,
        })
        .collect()
}

/// The amount that begins at `index`, and how many tokens it takes.
fn quantity(tokens: &[Token], index: usize) -> (Option<Quantity>, usize) {
    let token = &tokens[index];
    let lower = token.lower.as_str();
    let lower_at = |at: usize| tokens.get(at).map_or("", |token| token.lower.as_str());
    let made = |number: String, unit: Option<&'static str>, working: bool| Quantity {
        number,
        unit,
        bound: Bound::Exact,
        working,
        at: token.at,
    };
    let currency =
        ["€", "$", "£"].iter().find_map(|sign| lower.strip_prefix(sign).map(|rest| (rest, unit(sign))));
    if let Some((amount, currency)) = currency {
        let (number, length) = scaled(plain(amount), lower_at(index + 1));
        return (Some(made(number, currency, false)), 1 + length);
    }
    // Of "one of them" and "the other one", nothing is counted; "an hour" is one.
    let counted = |at: usize| following_unit(tokens, at);
    let (number, length) = if lower.starts_with(|c: char| c.is_ascii_digit()) {
        match split_amount(lower) {
            // `1990s` are years.
            Some((number, "second")) if number.len() == 4 => {
                return (Some(made(plain(number), None, false)), 1);
            }
            Some((number, unit)) => return (Some(made(plain(number), Some(unit), false)), 1),
            None => scaled(plain(lower), lower_at(index + 1)),
        }
    } else if lower == "half" && matches!(lower_at(index + 1), "a" | "an") && counted(index + 2).is_some() {
        ("0.5".to_owned(), 1)
    } else if matches!(lower, "a" | "an") && counted(index + 1).is_some() && measures(tokens, index) {
        ("1".to_owned(), 0)
    } else if let Some((number, length)) = spelled(tokens, index) {
        if number == "1" && counted(index + 1).is_none() {
            return (None, 1);
        }
        (number, length - 1)
    } else {
        return (None, 1);
    };
    let after = index + 1 + length;
    match counted(after) {
        Some((unit, working)) => (Some(made(number, Some(unit), working)), 1 + length),
        None => (Some(made(number, None, false)), 1 + length),
    }
}

/// Whether "an hour" after the word before it is an amount rather than a rate, as in "twice an hour".
fn measures(tokens: &[Token], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|at| tokens.get(at)).map_or("", |token| token.lower.as_str());
    matches!(
        before,
        "within" | "in" | "after" | "for" | "about" | "takes" | "take" | "than" | "least" | "most" | "every"
    )
}

/// The unit at `at`, or behind an adjective that says which days count, and whether only working days do.
fn following_unit(tokens: &[Token], at: usize) -> Option<(&'static str, bool)> {
    let lower = |at: usize| tokens.get(at).map(|token| token.lower.as_str());
    match lower(at)? {
        "business" | "working" | "weekday" => unit(lower(at + 1)?).map(|unit| (unit, true)),
        "full" | "calendar" | "more" | "consecutive" => unit(lower(at + 1)?).map(|unit| (unit, false)),
        "werktage" | "werktagen" | "arbeitstage" | "arbeitstagen" | "werkdagen" => Some(("day", true)),
        // "5 A" and "2 I" are no amperes or inches, but `5 m` is.
        word => {
            let after = lower(at + 1).unwrap_or_default();
            let working =
                matches!(after, "ouvrés" | "ouvrables" | "hábiles" | "laborables" | "lavorativi" | "úteis");
            unit(word).map(|unit| (unit, working))
        }
    }
}

/// A number in words: `twenty-four`, `two hundred`; and how many tokens it takes.
fn spelled(tokens: &[Token], index: usize) -> Option<(String, usize)> {
    let value = |at: usize| -> Option<u64> { spelled_number(&tokens.get(at)?.lower)?.parse().ok() };
    let mut number = value(index)?;
    let mut length = 1;
    if (20..100).contains(&number)
        && let Some(ones @ 1..=9) = value(index + 1)
    {
        number += ones;
        length += 1;
    }
    while let Some(factor) = tokens.get(index + length).and_then(|token| factor(&token.lower)) {
        number = number.saturating_mul(factor);
        length += 1;
    }
    Some((number.to_string(), length))
}

fn factor(word: &str) -> Option<u64> {
    Some(match word {
        "hundred" => 100,
        "thousand" => 1_000,
        "million" => 1_000_000,
        "billion" => 1_000_000_000,
        _ => return None,
    })
}

/// A number times the factor in words that may follow it, and whether one does.
fn scaled(number: String, next: &str) -> (String, usize) {
    match factor(next).zip(number.parse::<f64>().ok()) {
        Some((factor, value)) if value < 1e9 => (plain(&format!("{}", value * factor as f64)), 1),
        _ => (number, 0),
    }
}

/// `1,000` as `1000`, `2.50` as `2.5`.
fn plain(number: &str) -> String {
    let number = number.replace(',', "");
    match number.split_once('.') {
        Some((whole, decimals)) if decimals.chars().all(|c| c.is_ascii_digit()) => {
            let decimals = decimals.trim_end_matches('0');
            if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") }
        }
        _ => number,
    }
}

/// What the words before `from` and from `to` on say of the amount between them.
fn bound(tokens: &[Token], from: usize, to: usize) -> Bound {
    let before: Vec<&str> =
        tokens[from.saturating_sub(3)..from].iter().map(|token| token.lower.as_str()).collect();
    let negated = |at: usize| at > 0 && matches!(before[at - 1], "no" | "not");
    for (at, word) in before.iter().enumerate().rev() {
        let next = before.get(at + 1).copied().unwrap_or_default();
        match (*word, next) {
            ("at", "least") | ("minimum", _) => return Bound::Least,
            ("at", "most") | ("up", "to") | ("maximum" | "within", _) => return Bound::Most,
            ("more" | "greater" | "longer" | "higher" | "larger" | "later", "than") => {
                return if negated(at) { Bound::Most } else { Bound::Above };
            }
            ("less" | "fewer" | "shorter" | "lower" | "smaller" | "earlier", "than") => {
                return if negated(at) { Bound::Least } else { Bound::Below };
            }
            ("over" | "above" | "exceeds" | "exceeding" | "exceed", _) if at + 1 == before.len() => {
                return if negated(at) { Bound::Most } else { Bound::Above };
            }
            ("under" | "below", _) if at + 1 == before.len() => return Bound::Below,
            _ => {}
        }
    }
    // Behind the amount and its unit.
    let after = tokens.get(to..(to + 4).min(tokens.len())).unwrap_or_default();
    let after: Vec<&str> = after.iter().map(|token| token.lower.as_str()).collect();
    for pair in after.windows(2) {
        match (pair[0], pair[1]) {
            ("or" | "and", "more" | "longer" | "above" | "higher" | "over" | "later") => return Bound::Least,
            ("or" | "and", "less" | "fewer" | "below" | "under" | "shorter" | "lower") => return Bound::Most,
            _ => {}
        }
    }
    Bound::Exact
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Quantity> {
        quantities(text, &|_| false)
    }

    fn found(text: &str) -> Vec<String> {
        all(text).iter().map(|it| format!("{} {}", it.number, it.unit.unwrap_or("-"))).collect()
    }

    fn same(one: &str, other: &str) -> bool {
        all(one)[0].is(&all(other)[0])
    }

    #[test]
    fn numbers_come_with_their_units() {
        assert_eq!(found("within 30 days, or a 30-day trial"), ["30 day", "30 day"]);
        assert_eq!(found("1,000 files of 30GB for €2.50"), ["1000 -", "30 gb", "2.5 eur"]);
        assert_eq!(found("two hours at 85 % of them"), ["2 hour", "85 percent"]);
        assert_eq!(found("one of them"), Vec::<String>::new());
        assert_eq!(found("in the 1990s, error E-1042"), ["1990 -"]);
        assert_eq!(found("5 to 7 days, 2–3 GB"), ["5 day", "7 day", "2 gb", "3 gb"]);
    }

    #[test]
    fn numbers_in_words_count() {
        assert_eq!(
            found("twenty-four hours, two hundred users, $1.5 million"),
            ["24 hour", "200 -", "1500000 usd"]
        );
        assert_eq!(found("within an hour, twice a day, for half an hour"), ["1 hour", "2 -", "0.5 hour"]);
    }

    #[test]
    fn amounts_are_converted_where_that_is_exact() {
        assert!(same("60 minutes", "one hour") && same("24 hours", "1 day") && same("2 weeks", "14 days"));
        assert!(same("1 GB", "1000 MB") && same("1 GB", "1,024 MB") && same("€5", "5 euros"));
        assert!(same("12 months", "1 year") && same("1.5 m", "150 cm") && same("5", "5 days"));
        assert!(!same("1 month", "30 days") && !same("5 EUR", "5 USD") && !same("61 minutes", "1 hour"));
        assert!(!same("5 days", "5 weeks") && !same("90 seconds", "90 minutes"));
    }

    #[test]
    fn bounds_have_a_direction() {
        let bound = |text: &str| all(text)[0].bound;
        for (text, expected) in [
            ("at least 5 days", Bound::Least),
            ("5 days or more", Bound::Least),
            ("no less than 5", Bound::Least),
            ("up to 5 days", Bound::Most),
            ("not more than 5 days", Bound::Most),
            ("within 5 business days", Bound::Most),
            ("more than 5 days", Bound::Above),
            ("over 5 days", Bound::Above),
            ("fewer than 5 users", Bound::Below),
            ("5 days", Bound::Exact),
        ] {
            assert_eq!(bound(text), expected, "{text}");
        }
        assert!(Bound::Least.opposes(Bound::Most) && Bound::Above.opposes(Bound::Least));
        assert!(!Bound::Exact.opposes(Bound::Most) && !Bound::Most.opposes(Bound::Most));
    }

    #[test]
    fn working_days_are_not_days() {
        let days = |text: &str| all(text)[0].working;
        assert!(days("5 business days") && days("5 working days") && !days("5 calendar days"));
        assert!(days("5 Werktage") && days("5 jours ouvrés") && days("5 días hábiles") && !days("5 Tage"));
    }
}
