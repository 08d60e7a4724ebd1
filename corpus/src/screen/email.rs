//! E-mail addresses, plain and spelled out.

use std::sync::LazyLock;

use regex::Regex;

use super::kind::{Candidate, Kind};
use crate::span::Span;

/// Longest part before the `@`, in bytes (RFC 5321).
const LONGEST_LOCAL: usize = 64;
/// Longest domain, in bytes (RFC 1035).
const LONGEST_DOMAIN: usize = 253;

/// The `@` where people write it out against harvesters.
#[expect(clippy::expect_used, reason = "the pattern is a constant that tests compile")]
static SPELLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)[ ]?[\[({<][ ]?(?:at|@)[ ]?[\])}>][ ]?").expect("a constant pattern compiles")
});

/// A dot that is written out.
#[expect(clippy::expect_used, reason = "the pattern is a constant that tests compile")]
static DOT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[ ]?[\[({<][ ]?(?:dot|\.)[ ]?[\])}>][ ]?").expect("a constant pattern compiles")
});

/// The addresses in `text`.
pub(super) fn find(text: &str, found: &mut Vec<Candidate>) {
    for (at, _) in text.match_indices('@') {
        address(text, at, at + 1, found);
    }
    for matched in SPELLED.find_iter(text) {
        address(text, matched.start(), matched.end(), found);
    }
}

/// Names of mailboxes that belong to a desk rather than a person.
const DESKS: [&str; 44] = [
    "abuse",
    "accounts",
    "admin",
    "billing",
    "care",
    "careers",
    "compliance",
    "contact",
    "customercare",
    "customerservice",
    "customersupport",
    "dpo",
    "enquiries",
    "feedback",
    "finance",
    "hello",
    "help",
    "helpdesk",
    "hr",
    "info",
    "inquiries",
    "invoices",
    "jobs",
    "kontakt",
    "legal",
    "mail",
    "marketing",
    "media",
    "newsletter",
    "noreply",
    "office",
    "orders",
    "partners",
    "postmaster",
    "press",
    "privacy",
    "returns",
    "sales",
    "security",
    "service",
    "shipping",
    "support",
    "team",
    "webmaster",
];

/// Whether an address is a desk's: `support@`, `no-reply@`, `billing-eu@`.
pub(super) fn is_desk(address: &str) -> bool {
    let local = address.split(['@', ' ', '(', '[']).next().unwrap_or_default().to_lowercase();
    let joined: String = local.chars().filter(|c| c.is_alphanumeric()).collect();
    let first = local.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    // Of several words the first says it: `support.emea@` is a desk, `jane.support@` is not.
    DESKS.contains(&joined.as_str()) || DESKS.contains(&first)
}

/// Adds the address whose local part ends at `end` and whose domain starts at `start`.
fn address(text: &str, end: usize, start: usize, found: &mut Vec<Candidate>) {
    let local = text[..end]
        .char_indices()
        .rev()
        .take_while(|(at, c)| end - at <= LONGEST_LOCAL && (c.is_alphanumeric() || "._%+-'~".contains(*c)))
        .last()
        .map_or(end, |(at, _)| at);
    let local = local + text[local..end].find(char::is_alphanumeric).unwrap_or(end - local);
    let Some(domain) = domain(text, start) else { return };
    // `git@host:path` is a way to a repository, `icon@2x.png` a file.
    let repository = text[local..end] == *"git" && text[domain.end..].starts_with(':');
    let name = &text[domain.start..domain.end];
    let scale = matches!(name.as_bytes(), [b'1'..=b'9', b'x', ..]) && {
        ["png", "jpg", "jpeg", "gif", "svg", "webp"].iter().any(|ending| name.ends_with(ending))
    };
    if local < end && !text[local..end].ends_with('.') && !repository && !scale {
        found.push(Candidate::proven(Kind::Email, Span::new(local, domain.end)));
    }
}

/// The domain that starts at `start`: labels, dots between them, a top-level domain of letters at the end.
fn domain(text: &str, start: usize) -> Option<Span> {
    let mut at = start;
    let mut end = None;
    loop {
        let label = text[at..].find(|c: char| !c.is_alphanumeric() && c != '-').unwrap_or(text.len() - at);
        let written = text[at..at + label].trim_end_matches('-');
        if written.is_empty() || at + written.len() - start > LONGEST_DOMAIN {
            break;
        }
        if at > start {
            let top = written.len() >= 2
                && (written.chars().all(char::is_alphabetic) || written.starts_with("xn--"));
            if top {
                end = Some(at + written.len());
            }
        }
        if written.len() < label {
            break;
        }
        at += label;
        match (text[at..].strip_prefix('.'), DOT.find(&text[at..])) {
            (Some(_), _) => at += 1,
            (None, Some(dot)) => at += dot.end(),
            (None, None) => break,
        }
    }
    end.map(|end| Span::new(start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.into_iter().map(|found| found.span.of(text).unwrap()).collect()
    }

    #[test]
    fn addresses() {
        for email in [
            "anna@example.com",
            "Anna.Kowalski+tag@mail.example.co.uk",
            "o'brien@example.org",
            "müller@büro.de",
            "a_b-c@x-y.info",
            "anna (at) example (dot) com",
            "anna[at]example.com",
            "1234@numbers.net",
            "a@xn--bcher-kva.example",
        ] {
            assert_eq!(found(email), [email]);
            assert_eq!(found(&format!("Write to <{email}>, or call.")), [email]);
        }
        assert_eq!(found("mailto:anna@example.com."), ["anna@example.com"]);
        assert_eq!(found("anna@example.com,bob@example.com"), ["anna@example.com", "bob@example.com"]);
        assert_eq!(found("'anna@example.com'"), ["anna@example.com"]);
    }

    #[test]
    fn desks() {
        for email in
            ["support@example.com", "No-Reply@example.com", "billing-eu@example.com", "help (at) example.com"]
        {
            assert!(is_desk(email), "{email}");
        }
        for email in ["anna@example.com", "anna.support@example.com", "salesman@example.com"] {
            assert!(!is_desk(email), "{email}");
        }
    }

    #[test]
    fn no_addresses() {
        for text in [
            "react@18.2.0",
            "@scope/package",
            "@anna",
            "user@localhost",
            "git@github.com:org/repo.git",
            "icon@2x.png",
            "a @ b.com",
            "@@@@",
            "meet (at) noon",
            "foo@",
            "@example.com",
            "look [at] me",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn long_rows() {
        assert_eq!(found(&"a@".repeat(100_000)).len(), 0);
        assert!(found(&"a.".repeat(100_000)).is_empty());
        let _ = found(&"a@b.".repeat(100_000));
    }
}
