//! Telephone numbers.
//!
//! With a leading `+` a number needs no more than a valid country code and form. Without, it is taken where it has
//! the printed form of North America, is valid in one of the policy's regions, or words say that it is one; and
//! never where words say that it is something else: an order, a part, a version.

use std::cell::OnceCell;

use phonenumber::metadata::DATABASE;
use phonenumber::{Type, country};

use super::kind::{Candidate, Kind, after};
use super::numbers::{Run, is_dashed, is_space};
use crate::span::Span;

mod words;

use words::{Said, called_after, said};

/// Telephone numbers in `run`, valid in one of `regions` where they have no country code.
pub(super) fn find(run: &Run<'_>, regions: &[country::Id], found: &mut Vec<Candidate>) {
    let groups = run.groups.len();
    let mut from = 0;
    while from < groups {
        let start = Start::of(run, from, regions);
        // A number starts where the run does, after a `+`, or after a space or a bracket.
        let starts = from == 0
            || start.plus
            || is_space(run.separator(from - 1))
            || run.separator(from - 1).contains('(');
        let number = if starts && open_before(run.text, start.at) { start.longest() } else { None };
        match number {
            Some((to, number)) => {
                found.push(number);
                from = to;
            }
            None => from += 1,
        }
    }
}

/// A place in a run where a number may start.
struct Start<'a> {
    run: &'a Run<'a>,
    from: usize,
    /// Where the number starts, with its `+` or bracket.
    at: usize,
    plus: bool,
    /// Whether a bracket opens it.
    opened: bool,
    regions: &'a [country::Id],
    /// What the words before say; looked at once.
    said: OnceCell<Said>,
}

impl<'a> Start<'a> {
    fn of(run: &'a Run<'a>, from: usize, regions: &'a [country::Id]) -> Self {
        let digit = run.groups[from].start;
        let plus = plus(run.text, digit);
        let opened = run.text[..digit].ends_with('(');
        Self {
            run,
            from,
            at: plus.unwrap_or(digit - usize::from(opened)),
            plus: plus.is_some(),
            opened,
            regions,
            said: OnceCell::new(),
        }
    }

    /// The longest number that starts here, and the group that follows it.
    fn longest(&self) -> Option<(usize, Candidate)> {
        let groups = self.run.groups.len();
        (self.from + 1..=groups.min(self.from + 8)).rev().find_map(|to| {
            let ends =
                to == groups || is_space(self.run.separator(to - 1)) || self.run.separator(to - 1).len() > 1;
            let sized = (6..=17).contains(&self.run.count(self.from, to));
            (ends && sized).then(|| self.number(to)).flatten().map(|number| (to, number))
        })
    }

    fn said(&self) -> Said {
        *self.said.get_or_init(|| said(self.run.text, self.at))
    }

    /// The number that ends before group `to`.
    fn number(&self, to: usize) -> Option<Candidate> {
        let (run, from) = (self.run, self.from);
        let digits = run.digits(from, to);
        let inner = run.span(from, to);
        let (end, extended) = extension(run.text, inner.end);
        let span = Span::new(self.at, end);
        let grouped = to - from > 1;
        if !(open_after(run.text, end) || called_after(run.text, end)) || !sound(run, from, to) {
            return None;
        }
        if self.plus {
            let valid = international(&digits);
            let formed = grouped && (8..=15).contains(&digits.len()) && !digits.starts_with('0');
            return match (valid, formed || self.said() == Said::Phone) {
                (true, _) => Some(Candidate::proven(Kind::Phone, span)),
                (false, true) => Some(Candidate::likely(Kind::Phone, span)),
                (false, false) => None,
            };
        }
        let said = if called_after(run.text, end) { Said::Phone } else { self.said() };
        if said == Said::Other || is_date(run, from, to) || is_dotted_quad(run, from, to) {
            return None;
        }
        let candidate = Candidate::likely(Kind::Phone, span);
        if digits.starts_with("00")
            && digits.len() >= 10
            && (grouped || said == Said::Phone)
            && international(&digits[2..])
        {
            return Some(candidate);
        }
        if north_american(run, from, to, self.opened, extended) || bracketed(run, from, to, self.opened) {
            return Some(candidate);
        }
        let valid = || self.regions.iter().any(|region| national(*region, &digits));
        let whole = from == 0 && to == run.groups.len();
        let taken = match said {
            Said::Phone if digits.len() < 7 => {
                let closed = called_after(run.text, end)
                    || !run.text[end..].trim_start().starts_with(char::is_alphanumeric);
                grouped
                    && closed
                    && to - from <= 3
                    && !is_thousands(run, from, to)
                    && run.groups[from].len() > 1
            }
            Said::Phone => {
                !is_thousands(run, from, to)
                    && (grouped || digits.len() >= 9 || valid())
                    && digits.len() <= 15
            }
            _ => {
                digits.len() > 6
                    && whole
                    && (grouped || (digits.starts_with('0') && digits.len() >= 10))
                    && shaped(run, from, to)
                    && valid()
            }
        };
        taken.then_some(candidate)
    }
}

/// Where the `+` before `start` stands, a bracket between them at most.
fn plus(text: &str, start: usize) -> Option<usize> {
    let mut head = text[..start].char_indices().rev();
    let (at, c) = head.next()?;
    match c {
        '+' => Some(at),
        '(' => head.next().filter(|(_, c)| *c == '+').map(|(at, _)| at),
        _ => None,
    }
}

/// The end of an extension such as `x123` or `ext. 4` that follows at `end`, and whether there is one.
fn extension(text: &str, end: usize) -> (usize, bool) {
    let rest = after(text, end, 24);
    if !rest.trim_start_matches([' ', ',']).starts_with(['x', 'X', 'e', 'E', 'd', 'D', 'p', 'P']) {
        return (end, false);
    }
    let lower = rest.to_ascii_lowercase();
    let spaces = lower.len() - lower.trim_start_matches([' ', ',']).len();
    let mark = ["extension", "ext.", "ext", "x", "durchwahl", "poste"]
        .iter()
        .find(|mark| lower[spaces..].starts_with(**mark));
    let Some(mark) = mark else { return (end, false) };
    let from = spaces + mark.len();
    let from = from + (lower[from..].len() - lower[from..].trim_start_matches([' ', '.', ':', '#']).len());
    let digits = lower[from..].bytes().take_while(u8::is_ascii_digit).count();
    if (1..=6).contains(&digits) { (end + from + digits, true) } else { (end, false) }
}

/// Whether nothing before makes the number a part of something else: a letter, an amount, a code.
fn open_before(text: &str, start: usize) -> bool {
    let mut head = text[..start].chars().rev();
    let behind = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    match head.next() {
        Some('.' | '-' | '/' | '\u{2010}'..='\u{2013}' | '=') => !behind(head.next()),
        Some(c) => !c.is_alphanumeric() && !"_@$€£¥%&\\#+^~".contains(c),
        None => true,
    }
}

fn open_after(text: &str, end: usize) -> bool {
    let mut rest = text[end..].chars();
    match rest.next() {
        Some('.' | '-' | '/' | '\u{2010}'..='\u{2013}' | ':' | '=') => {
            !rest.next().is_some_and(char::is_alphanumeric)
        }
        Some(c) => !c.is_alphanumeric() && !"_%@€£$°".contains(c),
        None => true,
    }
}

/// Whether the groups are parted as telephone numbers are: no lonely digits in a row, no comma-like mix.
fn sound(run: &Run<'_>, from: usize, to: usize) -> bool {
    let short = run.lengths(from, to).iter().filter(|length| **length == 1).count();
    let broken = (from..to - 1).any(|index| run.separator(index).contains('\n'));
    let digits = run.digits(from, to);
    short <= 2 && !broken && digits.bytes().any(|byte| byte != digits.as_bytes()[0])
}

/// Whether the groups have the sizes of a national number rather than of a list of numbers.
fn shaped(run: &Run<'_>, from: usize, to: usize) -> bool {
    let lengths = run.lengths(from, to);
    let slashes = (from..to - 1).filter(|index| run.separator(*index) == "/").count();
    let dots = (from..to - 1).filter(|index| run.separator(*index) == ".").count();
    let trunk = run.text[run.groups[from].start..].starts_with('0')
        || run.text[..run.groups[from].start].ends_with('(');
    slashes <= 1
        && (dots == 0
            || (dots == to - from - 1
                && dots >= 2
                && run.count(from, to) >= 10
                && lengths.iter().all(|length| *length > 1)))
        && lengths.len() <= 6
        && (trunk || lengths.len() >= 3)
}

/// `2024-01-15`, `15.01.2024`, `2023/2024` and the like.
fn is_date(run: &Run<'_>, from: usize, to: usize) -> bool {
    let values: Vec<u32> = run.groups[from..to]
        .iter()
        .map(|group| group.of(run.text).and_then(|part| part.parse().ok()).unwrap_or(0))
        .collect();
    let year = |value: u32| matches!(value, 1900..=2099);
    let small = |value: u32| (1..=31).contains(&value);
    match (run.lengths(from, to).as_slice(), values.as_slice()) {
        ([4, 1..=2, 1..=2, ..], [y, m, d, ..]) | ([1..=2, 1..=2, 4, ..], [d, m, y, ..]) => {
            year(*y) && small(*m) && small(*d)
        }
        ([2, 2, 2, ..], [a, b, c, ..]) if to - from == 3 => small(*a) && small(*b) && *c < 100,
        ([4, 4], [a, b]) => year(*a) && year(*b),
        ([8, ..], [packed, ..]) => year(packed / 10_000) && small(packed / 100 % 100) && small(packed % 100),
        _ => false,
    }
}

/// `1.234.567`
fn is_thousands(run: &Run<'_>, from: usize, to: usize) -> bool {
    let lengths = run.lengths(from, to);
    lengths[0] <= 2
        && lengths.len() > 1
        && lengths[1..].iter().all(|length| *length == 3)
        && run.even(from, to)
        && run.separator(from) == "."
}

fn is_dotted_quad(run: &Run<'_>, from: usize, to: usize) -> bool {
    to - from == 4
        && (from..to - 1).all(|index| run.separator(index) == ".")
        && run.lengths(from, to).iter().all(|length| *length <= 3)
}

/// `(555) 010-1234`, `555-010-1234`, `1.555.010.1234`.
fn north_american(run: &Run<'_>, from: usize, to: usize, opened: bool, extended: bool) -> bool {
    let lengths = run.lengths(from, to);
    let area = match lengths.as_slice() {
        [3, 3, 4] => from,
        [1, 3, 3, 4] if run.text[run.groups[from].start..].starts_with('1') => from + 1,
        [3, 3, 3, 4] if run.text[run.groups[from].start..].starts_with("001") => from + 1,
        _ => return false,
    };
    let first = |index: usize| run.text.as_bytes()[run.groups[index].start];
    if first(area) < b'2' && !extended {
        return false;
    }
    let (one, two) = (run.separator(area), run.separator(area + 1));
    let bracket = (opened || area > from) && one.starts_with(')');
    let dashed = is_dashed(one) && is_dashed(two);
    let mixed = is_space(one) && is_dashed(two);
    let dotted = one == "." && two == "." && first(area + 1) >= b'2';
    bracket || dashed || mixed || dotted || extended
}

/// Whether a number that was found is one that a business is called on free of charge or at a shared cost.
pub(super) fn is_freephone(written: &str, regions: &[country::Id]) -> bool {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    if digits.len() > 15 || written.contains(['x', 'X']) {
        return false;
    }
    let public = |number: phonenumber::PhoneNumber| {
        matches!(
            number.number_type(&DATABASE),
            Type::TollFree | Type::SharedCost | Type::PremiumRate | Type::Uan
        )
    };
    if written.trim_start().starts_with(['+', '(']) && written.contains('+') {
        return phonenumber::parse(None, format!("+{digits}")).is_ok_and(public);
    }
    let regions = regions.iter().copied().chain([country::US]);
    regions.into_iter().any(|region| phonenumber::parse(Some(region), &digits).is_ok_and(public))
}

/// `(02) 5550 6621`: an area code in brackets, with the zero that is dialed before it.
fn bracketed(run: &Run<'_>, from: usize, to: usize, opened: bool) -> bool {
    let lengths = run.lengths(from, to);
    opened
        && run.text[run.groups[from].start..].starts_with('0')
        && matches!(lengths.as_slice(), [2..=5, 3..=8] | [2..=5, 3..=4, 3..=4])
        && run.separator(from).starts_with(')')
        && (9..=12).contains(&run.count(from, to))
}

/// Whether `digits` are a valid number with its country code first.
fn international(digits: &str) -> bool {
    (7..=15).contains(&digits.len())
        && phonenumber::parse(None, format!("+{digits}")).is_ok_and(|number| phonenumber::is_valid(&number))
}

/// Whether `digits` are a valid number when dialed inside `region`, with the prefix that is dialed there.
fn national(region: country::Id, digits: &str) -> bool {
    let prefix = DATABASE.by_id(region.as_ref()).and_then(|metadata| metadata.national_prefix());
    digits.len() <= 15
        && prefix.is_none_or(|prefix| prefix != "0" || digits.starts_with(prefix))
        && phonenumber::parse(Some(region), digits).is_ok_and(|number| phonenumber::is_valid(&number))
}

#[cfg(test)]
mod tests;
