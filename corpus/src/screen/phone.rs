//! Telephone numbers.
//!
//! With a leading `+` a number needs no more than a valid country code and form. Without, it is taken where it has
//! the printed form of North America, is valid in one of the policy's regions, or words say that it is one; and
//! never where words say that it is something else: an order, a part, a version.

use phonenumber::country;
use phonenumber::metadata::DATABASE;

use super::kind::{Candidate, Kind, after, before, last_word};
use super::numbers::{Run, is_dashed, is_space};
use crate::span::Span;

/// Words before a number that say it is a telephone's.
const PHONE_WORDS: [&str; 44] = [
    "phone",
    "phones",
    "telephone",
    "mobile",
    "cell",
    "cellphone",
    "tel",
    "tel.",
    "fax",
    "call",
    "calling",
    "dial",
    "ring",
    "whatsapp",
    "sms",
    "text",
    "hotline",
    "reach",
    "reached",
    "landline",
    "desk",
    "answering",
    "messages",
    "telefon",
    "telefonnummer",
    "handy",
    "mobil",
    "rufnummer",
    "durchwahl",
    "téléphone",
    "portable",
    "appelez",
    "teléfono",
    "móvil",
    "telefono",
    "cellulare",
    "telefoon",
    "telefone",
    "celular",
    "tlf",
    "ph",
    "mob",
    "contact number",
    "viber",
];

/// Words after a number that say it is a telephone's.
const PHONE_WORDS_AFTER: [&str; 10] =
    ["office", "fax", "mobile", "cell", "home", "work", "phone", "tel", "desk", "direct"];

/// Words before a number that say it is something else.
const OTHER_WORDS: [&str; 48] = [
    "order",
    "invoice",
    "ticket",
    "case",
    "model",
    "part",
    "serial",
    "sku",
    "ref",
    "reference",
    "article",
    "item",
    "version",
    "build",
    "id",
    "isbn",
    "ean",
    "upc",
    "iso",
    "rfc",
    "account",
    "tracking",
    "shipment",
    "code",
    "pin",
    "port",
    "product",
    "patent",
    "batch",
    "lot",
    "error",
    "kb",
    "barcode",
    "gtin",
    "asin",
    "transaction",
    "receipt",
    "booking",
    "reservation",
    "policy",
    "bestellung",
    "rechnung",
    "artikel",
    "seriennummer",
    "vin",
    "imei",
    "date",
    "size",
];

/// Telephone numbers in `run`, valid in one of `regions` where they have no country code.
pub(super) fn find(run: &Run<'_>, regions: &[country::Id], found: &mut Vec<Candidate>) {
    let groups = run.groups.len();
    let mut from = 0;
    'next: while from < groups {
        let plus = plus(run.text, run.groups[from].start);
        // A number starts where the run does, after a `+`, or after a space.
        let starts = from == 0
            || plus.is_some()
            || is_space(run.separator(from - 1))
            || run.separator(from - 1).contains('(');
        if starts {
            for to in (from + 1..=groups.min(from + 8)).rev() {
                let ends = to == groups || is_space(run.separator(to - 1)) || run.separator(to - 1).len() > 1;
                if !ends || !(6..=17).contains(&run.count(from, to)) {
                    continue;
                }
                if let Some(number) = number(run, from, to, plus, regions) {
                    found.push(number);
                    from = to;
                    continue 'next;
                }
            }
        }
        from += 1;
    }
}

/// Where the `+` before `start` stands, a bracket or a space between them at most.
fn plus(text: &str, start: usize) -> Option<usize> {
    let mut head = text[..start].char_indices().rev();
    let (at, c) = head.next()?;
    match c {
        '+' => Some(at),
        ' ' | '(' => head.next().filter(|(_, c)| *c == '+').map(|(at, _)| at),
        _ => None,
    }
}

fn number(
    run: &Run<'_>,
    from: usize,
    to: usize,
    plus: Option<usize>,
    regions: &[country::Id],
) -> Option<Candidate> {
    let digits = run.digits(from, to);
    let inner = run.span(from, to);
    let opened = run.text[..inner.start].ends_with('(');
    let start = plus.unwrap_or(inner.start - usize::from(opened));
    let (end, extended) = extension(run.text, inner.end);
    let span = Span::new(start, end);
    let grouped = to - from > 1;
    if !open_before(run.text, start)
        || !(open_after(run.text, end) || called_after(run.text, end))
        || !sound(run, from, to)
    {
        return None;
    }
    if plus.is_some() {
        let valid = international(&digits);
        let formed = grouped && (8..=15).contains(&digits.len()) && !digits.starts_with('0');
        return match (valid, formed || phone_said(run.text, start)) {
            (true, _) => Some(Candidate::proven(Kind::Phone, span)),
            (false, true) => Some(Candidate::likely(Kind::Phone, span)),
            (false, false) => None,
        };
    }
    let said = if called_after(run.text, end) { Said::Phone } else { said(run.text, start) };
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
    if north_american(run, from, to, opened, extended) {
        return Some(candidate);
    }
    let valid = || regions.iter().any(|region| national(*region, &digits));
    let whole = from == 0 && to == run.groups.len();
    let taken = match said {
        Said::Phone if digits.len() < 7 => {
            grouped && to - from <= 3 && !is_thousands(run, from, to) && run.groups[from].len() > 1
        }
        Said::Phone => {
            !is_thousands(run, from, to) && (grouped || digits.len() >= 9 || valid()) && digits.len() <= 15
        }
        _ => {
            digits.len() > 6
                && whole
                && (grouped || digits.starts_with('0'))
                && shaped(run, from, to)
                && valid()
        }
    };
    taken.then_some(candidate)
}

/// What the words before a number say that it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Phone,
    Other,
    Nothing,
}

fn said(text: &str, start: usize) -> Said {
    let words = before(text, start, 40);
    let words = words
        .rsplit(['\n', ';', '|'])
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .to_lowercase();
    let last = |list: &[&str]| list.iter().filter_map(|word| last_word(&words, word)).max();
    let (phone, other) = (last(&PHONE_WORDS), last(&OTHER_WORDS));
    let marked = words.trim_end().ends_with(['#', '№']);
    match (phone, other.or(marked.then_some(words.len()))) {
        (Some(phone), Some(other)) if phone > other => Said::Phone,
        (_, Some(_)) => Said::Other,
        (Some(_), None) => Said::Phone,
        (None, None) => Said::Nothing,
    }
}

/// Whether the words after a number say that it is a telephone's: `555 0123-Office`.
fn called_after(text: &str, end: usize) -> bool {
    let rest = after(text, end, 16).to_lowercase();
    let words = rest.trim_start_matches([' ', '-', '(', ':']);
    let word = words.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    rest.len() > words.len() && PHONE_WORDS_AFTER.contains(&word)
}

fn phone_said(text: &str, start: usize) -> bool {
    said(text, start) == Said::Phone
}

/// The end of an extension such as `x123` or `ext. 4` that follows at `end`, and whether there is one.
fn extension(text: &str, end: usize) -> (usize, bool) {
    let rest = after(text, end, 24);
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
        None => true,
        Some(c)
            if c.is_alphanumeric()
                || matches!(
                    c,
                    '_' | '@' | '$' | '€' | '£' | '¥' | '%' | '&' | '\\' | '#' | '+' | '^' | '~'
                ) =>
        {
            false
        }
        Some('.' | '-' | '/' | '\u{2010}'..='\u{2013}' | '=') => !behind(head.next()),
        Some(_) => true,
    }
}

fn open_after(text: &str, end: usize) -> bool {
    let mut rest = text[end..].chars();
    match rest.next() {
        None => true,
        Some(c) if c.is_alphanumeric() || matches!(c, '_' | '%' | '@' | '€' | '£' | '$' | '°') => false,
        Some('.' | '-' | '/' | '\u{2010}'..='\u{2013}' | ':' | '=') => {
            !rest.next().is_some_and(char::is_alphanumeric)
        }
        Some(_) => true,
    }
}

/// Whether the groups are parted as telephone numbers are: no lonely digits in a row, no comma-like mix.
fn sound(run: &Run<'_>, from: usize, to: usize) -> bool {
    let short = run.lengths(from, to).iter().filter(|length| **length == 1).count();
    let broken = (from..to - 1).any(|index| run.separator(index).contains('\n'));
    short <= 2
        && !broken
        && run.digits(from, to).bytes().any(|byte| byte != run.digits(from, to).as_bytes()[0])
}

/// Whether the groups have the sizes of a national number rather than of a list of numbers.
fn shaped(run: &Run<'_>, from: usize, to: usize) -> bool {
    let lengths = run.lengths(from, to);
    let slashes = (from..to - 1).filter(|index| run.separator(*index) == "/").count();
    let dots = (from..to - 1).filter(|index| run.separator(*index) == ".").count();
    let trunk = run.text[run.groups[from].start..].starts_with('0')
        || run.text[..run.groups[from].start].ends_with('(');
    slashes <= 1
        && (dots == 0 || (dots == to - from - 1 && dots >= 2))
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
        ([4, 1..=2, 1..=2, ..], [y, m, d, ..]) => year(*y) && small(*m) && small(*d),
        ([1..=2, 1..=2, 4, ..], [d, m, y, ..]) => year(*y) && small(*m) && small(*d),
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
mod tests {
    use super::*;
    use crate::screen::numbers::runs;

    fn found<'a>(text: &'a str, regions: &[country::Id]) -> Vec<&'a str> {
        let mut found = Vec::new();
        for run in runs(text) {
            find(&run, regions, &mut found);
        }
        found.into_iter().map(|found| found.span.of(text).unwrap()).collect()
    }

    #[test]
    fn international_numbers() {
        for phone in [
            "+447700900123",
            "+49 30 901820",
            "+1 650-253-0000",
            "+1-903-140-4508x769",
            "+33 1 42 68 53 00",
            "(+49) 30 901820",
            "+41 44 668 18 00 ext. 12",
            "+81-3-1234-5678",
        ] {
            let phone = phone.trim_start_matches('(');
            assert_eq!(found(&format!("reach me on {phone}, please"), &[]), [phone], "{phone}");
        }
    }

    #[test]
    fn north_american_numbers() {
        for phone in [
            "(650) 253-0000",
            "650-253-0000",
            "650.253.0000",
            "1-800-555-0199",
            "650 253-0000",
            "877-547-3967x793",
        ] {
            assert_eq!(found(&format!("It is {phone}."), &[]), [phone], "{phone}");
        }
    }

    #[test]
    fn national_numbers() {
        for (region, phone) in [
            (country::GB, "020 7946 0958"),
            (country::GB, "07911 123456"),
            (country::DE, "030 901820"),
            (country::DE, "0171/1234567"),
            (country::FR, "01 42 68 53 00"),
            (country::ES, "912 345 678"),
            (country::GB, "07911123456"),
        ] {
            assert_eq!(found(&format!("It is {phone}."), &[region]), [phone], "{phone}");
            assert_eq!(found(&format!("order {phone}."), &[region]), Vec::<&str>::new(), "{phone}");
        }
    }

    #[test]
    fn numbers_that_words_name() {
        for phone in ["555 0123", "0688 872 49 99", "5551234567", "22 498317", "9469 9966"] {
            assert_eq!(found(&format!("My phone number is {phone}"), &[]), [phone]);
            assert_eq!(found(&format!("Tel.: {phone}"), &[]), [phone]);
            assert_eq!(found(&format!("It is {phone}"), &[]), Vec::<&str>::new());
        }
    }

    #[test]
    fn other_numbers() {
        let regions = [country::US, country::GB, country::DE, country::FR];
        for text in [
            "order 555-123-4567",
            "ticket #6502530000",
            "version 10.0.19041.1237",
            "2024-01-15",
            "15.01.2024",
            "2023-2024",
            "01/15/2024",
            "2024-01-15 10:30:00",
            "$1,234,567.89",
            "192.168.100.200",
            "part 123-456-7890",
            "ABC-650-253-0000",
            "650-253-0000-X",
            "ISBN 978-0-306-40615-7",
            "550e8400-e29b-41d4-a716-446655440000",
            "1700000000",
            "1700000000000",
            "6502530000",
            "100 200 300 400",
            "KB5034441",
            "0x80070005",
            "12345678",
            "100000000000",
            "1.2.3.4.5",
            "3.14159265",
            "10000-20000",
            "call 911",
            "in 2019 2020 2021",
            "error 0800 1234 5678",
            "model 020 7946 0958",
            "1 000 000 000",
            "800x600",
            "1920 1080",
            "call it 1.234.567",
            "call 2024-01-15",
            "SKU 4006381333931",
            "20240115123000",
        ] {
            assert_eq!(found(text, &regions), Vec::<&str>::new(), "{text}");
        }
    }
}
