//! Passwords, keys and tokens.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::kind::{Candidate, Kind};
use crate::span::Span;

/// Longest secret that is looked at, in bytes.
const LONGEST: usize = 4096;

/// Words that announce a secret, and what they announce.
const CUES: &[(&str, Cue)] = &[
    ("akia", Cue::Issued(20, 20)),
    ("asia", Cue::Issued(20, 20)),
    ("aroa", Cue::Issued(20, 21)),
    ("aida", Cue::Issued(20, 21)),
    ("sk_live_", Cue::Issued(18, 255)),
    ("sk_test_", Cue::Issued(18, 255)),
    ("rk_live_", Cue::Issued(18, 255)),
    ("rk_test_", Cue::Issued(18, 255)),
    ("pk_live_", Cue::Issued(18, 255)),
    ("pk_test_", Cue::Issued(18, 255)),
    ("whsec_", Cue::Issued(30, 255)),
    ("ghp_", Cue::Issued(34, 255)),
    ("gho_", Cue::Issued(34, 255)),
    ("ghu_", Cue::Issued(34, 255)),
    ("ghs_", Cue::Issued(34, 255)),
    ("ghr_", Cue::Issued(34, 255)),
    ("github_pat_", Cue::Issued(33, 255)),
    ("glpat-", Cue::Issued(26, 255)),
    ("xoxa-", Cue::Issued(15, 255)),
    ("xoxb-", Cue::Issued(15, 255)),
    ("xoxe-", Cue::Issued(15, 255)),
    ("xoxp-", Cue::Issued(15, 255)),
    ("xoxr-", Cue::Issued(15, 255)),
    ("xoxs-", Cue::Issued(15, 255)),
    ("aiza", Cue::Issued(39, 40)),
    ("ya29.", Cue::Issued(25, LONGEST)),
    ("sg.", Cue::Issued(36, 255)),
    ("sk-", Cue::Issued(23, 255)),
    ("npm_", Cue::Issued(40, 40)),
    ("pypi-", Cue::Issued(37, 255)),
    ("dop_v1_", Cue::Issued(71, 71)),
    ("doo_v1_", Cue::Issued(71, 71)),
    ("dor_v1_", Cue::Issued(71, 71)),
    ("shpat_", Cue::Issued(38, 38)),
    ("shpca_", Cue::Issued(38, 38)),
    ("shppa_", Cue::Issued(38, 38)),
    ("shpss_", Cue::Issued(38, 38)),
    ("hf_", Cue::Issued(33, 60)),
    ("key-", Cue::Issued(36, 36)),
    ("eyj", Cue::Token),
    ("-----begin ", Cue::Armor),
    ("://", Cue::Address),
    ("bearer ", Cue::Bearer),
    ("basic ", Cue::Bearer),
    ("password", Cue::Password),
    ("passwords", Cue::Password),
    ("passwd", Cue::Password),
    ("pwd", Cue::Password),
    ("passphrase", Cue::Password),
    ("passwort", Cue::Password),
    ("kennwort", Cue::Password),
    ("mot de passe", Cue::Password),
    ("contraseña", Cue::Password),
    ("senha", Cue::Password),
    ("api key", Cue::Key),
    ("api_key", Cue::Key),
    ("api-key", Cue::Key),
    ("apikey", Cue::Key),
    ("access key", Cue::Key),
    ("access_key", Cue::Key),
    ("access-key", Cue::Key),
    ("accesskey", Cue::Key),
    ("access_key_id", Cue::Key),
    ("secret key", Cue::Key),
    ("secret_key", Cue::Key),
    ("secret-key", Cue::Key),
    ("secretkey", Cue::Key),
    ("client secret", Cue::Key),
    ("client_secret", Cue::Key),
    ("client-secret", Cue::Key),
    ("clientsecret", Cue::Key),
    ("private_key", Cue::Key),
    ("private key", Cue::Key),
    ("session_id", Cue::Key),
    ("session id", Cue::Key),
    ("sessionid", Cue::Key),
    ("key", Cue::Key),
    ("token", Cue::Key),
    ("secret", Cue::Key),
    ("signature", Cue::Key),
    ("authorization", Cue::Key),
    ("otp", Cue::Pin),
    ("pin", Cue::Pin),
    ("pin code", Cue::Pin),
    ("passcode", Cue::Pin),
    ("security code", Cue::Pin),
    ("cvv", Cue::Pin),
    ("cvc", Cue::Pin),
    ("one-time code", Cue::Pin),
    ("verification code", Cue::Pin),
];

/// What a word announces.
#[derive(Clone, Copy)]
enum Cue {
    /// A key that starts with the word itself; its shortest and longest length.
    Issued(usize, usize),
    /// A JSON web token.
    Token,
    /// A private key in PEM.
    Armor,
    /// An address, which may hold a password.
    Address,
    /// A credential of an HTTP header.
    Bearer,
    /// A password, after a sign.
    Password,
    /// A key or token, after a sign.
    Key,
    /// A few digits, after a sign.
    Pin,
}

static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the words are constants that tests compile")]
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(CUES.iter().map(|(word, _)| word))
        .expect("constant words compile")
});

/// Words that stand where a secret would, anywhere in it.
const STANDINS: [&str; 24] = [
    "your",
    "example",
    "xxx",
    "***",
    "...",
    "…",
    "changeme",
    "placeholder",
    "insert",
    "redacted",
    "hidden",
    "required",
    "optional",
    "undefined",
    "dummy",
    "sample",
    "<",
    "{",
    "$",
    "process.env",
    "environ",
    "[",
    "•••",
    "my-",
];

/// The same, as the whole of it or its first word.
const STANDINS_WHOLE: [&str; 14] = [
    "enter", "string", "null", "none", "true", "false", "test", "foo", "bar", "password", "pass", "pwd",
    "secret", "token",
];

/// The secrets in `text`.
pub(super) fn find(text: &str, found: &mut Vec<Candidate>) {
    let mut runs = Runs { text, cached: Span::new(0, 0) };
    let mut armored = 0;
    for matched in WORDS.find_iter(text) {
        let (start, end) = (matched.start(), matched.end());
        if start < armored {
            continue;
        }
        match CUES[matched.pattern().as_usize()].1 {
            Cue::Issued(shortest, longest) => found.extend(issued(&mut runs, start, end, shortest, longest)),
            Cue::Token => found.extend(web_token(&mut runs, start)),
            Cue::Armor => {
                let key = armor(text, start);
                armored = key.map_or(armored, |key| key.span.end);
                found.extend(key);
            }
            Cue::Address => found.extend(userinfo(text, end)),
            Cue::Bearer => found.extend(bearer(text, start, end)),
            cue => found.extend(assigned(text, start, end, cue)),
        }
    }
}

/// Runs of letters, digits, `_`, `-` and `.`; the last one is kept, so that many cues in one run cost no more than one.
struct Runs<'a> {
    text: &'a str,
    cached: Span,
}

impl Runs<'_> {
    fn end(&mut self, start: usize) -> usize {
        if !(self.cached.start <= start && start < self.cached.end) {
            let length = self.text.as_bytes()[start..]
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte))
                .count();
            self.cached = Span::new(start, start + length);
        }
        self.cached.end
    }
}

/// A key by its issuer's prefix, which is in the case that the issuer writes.
fn issued(
    runs: &mut Runs<'_>,
    start: usize,
    end: usize,
    shortest: usize,
    longest: usize,
) -> Option<Candidate> {
    let text = runs.text;
    let prefix = &text[start..end];
    let upper = ["AKIA", "ASIA", "AROA", "AIDA", "AIza", "SG."];
    let cased = upper.contains(&prefix)
        || (prefix.bytes().all(|byte| !byte.is_ascii_uppercase())
            && !upper.iter().any(|key| key.eq_ignore_ascii_case(prefix)));
    if !cased || touched(text, start) {
        return None;
    }
    let dotted = prefix.ends_with('.');
    let run = &text[start..runs.end(start).min(start + longest + 1)];
    let key =
        if dotted { run.trim_end_matches('.') } else { run.split_once('.').map_or(run, |(key, _)| key) };
    let digits = key.bytes().skip(prefix.len()).any(|byte| byte.is_ascii_digit());
    let known = (shortest..=longest).contains(&key.len()) && digits && varied(key) && !key.contains("...");
    known.then(|| Candidate::proven(Kind::Secret, Span::new(start, start + key.len())))
}

/// A JSON web token: three parts in base64url, the first of which starts like an object.
fn web_token(runs: &mut Runs<'_>, start: usize) -> Option<Candidate> {
    let text = runs.text;
    if !text[start..].starts_with("eyJ") || touched(text, start) {
        return None;
    }
    let end = runs.end(start).min(start + LONGEST);
    let mut parts = text[start..end].split('.');
    let (head, body) = (parts.next()?, parts.next()?);
    let signature = parts.next().map_or(0, |signature| signature.len() + 1);
    (head.len() >= 10 && body.len() >= 8).then(|| {
        Candidate::proven(Kind::Secret, Span::new(start, start + head.len() + 1 + body.len() + signature))
    })
}

/// A private key in PEM, to its end line or as far as it goes.
fn armor(text: &str, start: usize) -> Option<Candidate> {
    let head = text[start..].lines().next()?;
    if head.len() > 80 || !head.contains("PRIVATE KEY") {
        return None;
    }
    let mut end = start;
    // Line after line in base64, headers between; the end line closes it.
    for line in text[start..].split_inclusive('\n').take(400) {
        let content = line.trim_matches([' ', '\t', '\r', '\n', '>', '|', '"', ',', '\\']);
        let plain = content.len() <= LONGEST
            && content.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_:,. \\".contains(&byte));
        if !plain {
            break;
        }
        end += line.len();
        if content.contains("-----END") {
            break;
        }
    }
    let inline =
        head.contains("-----END").then(|| start + head.rfind("-----").map_or(head.len(), |at| at + 5));
    let end = inline.unwrap_or(end).max(start + head.len());
    let written = text[start..end].trim_end();
    Some(Candidate::proven(Kind::Secret, Span::new(start, start + written.len())))
}

/// `user:password` in an address, which starts at `start` after its scheme.
fn userinfo(text: &str, start: usize) -> Option<Candidate> {
    let end = text[start..]
        .char_indices()
        .take(400)
        .find(|(_, c)| c.is_whitespace() || matches!(c, '/' | '@' | '"' | '\'' | '<' | '>' | '`'))?;
    let inner = &text[start..start + end.0];
    let (user, password) = inner.split_once(':')?;
    (end.1 == '@' && !user.is_empty() && !password.is_empty() && !stands_in(password))
        .then(|| Candidate::proven(Kind::Secret, Span::new(start, start + inner.len())))
}

/// What follows `Bearer` or `Basic`.
fn bearer(text: &str, start: usize, end: usize) -> Option<Candidate> {
    let rest = &text[end..];
    let spaces = rest.len() - rest.trim_start_matches(' ').len();
    let length = rest[spaces..]
        .bytes()
        .take(LONGEST)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_.~+/=-".contains(byte))
        .count();
    let value = rest[spaces..spaces + length].trim_end_matches('.');
    let from = end + spaces;
    (value.len() >= 16 && spaces <= 2 && !touched(text, start) && random(value) && !stands_in(value))
        .then(|| Candidate::proven(Kind::Secret, Span::new(from, from + value.len())))
}

/// What something called a password, key or PIN is set to.
fn assigned(text: &str, start: usize, end: usize, cue: Cue) -> Option<Candidate> {
    let before = text[..start].chars().next_back();
    let name = &text[start..end];
    // `dbPassword` and `DB_PASSWORD` are names of passwords, `compassword` is not.
    let inside = before.is_some_and(char::is_alphanumeric)
        && !(before.is_some_and(char::is_lowercase) && name.starts_with(char::is_uppercase));
    if inside {
        return None;
    }
    let rest = super::kind::after(text, end, 320);
    let (value, direct) = match sign(rest) {
        Some(set) => set,
        // `The key 7c1e9a40…`: nothing but a key looks so.
        // `CVV 123`
        None if matches!(cue, Cue::Pin) => {
            (rest.strip_prefix(' ').filter(|value| value.starts_with(|c: char| c.is_ascii_digit()))?, false)
        }
        None if matches!(cue, Cue::Key) => (rest.strip_prefix(' ').filter(|value| bare(value))?, false),
        None => return None,
    };
    let offset = rest.len() - value.len();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`' | '“'));
    let inner = match quote {
        Some(quote) => {
            let close = if quote == '“' { '”' } else { quote };
            let inner = &value[quote.len_utf8()..];
            &inner[..inner.find([close, '\n'])?]
        }
        None => value
            .split(|c: char| {
                c.is_whitespace()
                    || matches!(c, '"' | '\'' | '`' | ',' | ';' | '<' | '>' | '(' | ')' | '{' | '}' | '|')
            })
            .next()?,
    };
    // In an address, a parameter ends where the next begins.
    let inner = match (cue, inner.find('&')) {
        (Cue::Key, Some(at)) if quote.is_none() => &inner[..at],
        _ => inner,
    };
    let inner = if quote.is_some() { inner } else { inner.trim_end_matches(['.', ':', '!', '?', ']']) };
    let from = end + offset + quote.map_or(0, char::len_utf8);
    is_secret(cue, inner, direct || quote.is_some())
        .then(|| Candidate::likely(Kind::Secret, Span::new(from, from + inner.len())))
}

/// Whether `value` starts with a long row of letters and digits drawn by chance.
fn bare(value: &str) -> bool {
    let length = value.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let closed = !value[length..].starts_with(['-', '_', '/', ':', '@']);
    length >= 24 && closed && random(&value[..length])
}

/// What follows the sign that sets a value, and whether the sign is one of program text.
fn sign(rest: &str) -> Option<(&str, bool)> {
    let head = rest.trim_start_matches(['"', '\'', '`', ']']);
    let open = head.trim_start_matches(' ');
    for mark in [":=", "=>", "==", "=", ":"] {
        if let Some(value) = open.strip_prefix(mark) {
            let trimmed = value.trim_start_matches(' ');
            return (value.len() - trimmed.len() <= 3 && head.len() - open.len() <= 3)
                .then_some((trimmed, mark != ":"));
        }
    }
    let words = open
        .strip_prefix("is ")
        .or_else(|| open.strip_prefix("was "))
        .or_else(|| open.strip_prefix("ist "))
        .or_else(|| open.strip_prefix("est "));
    let words = words.filter(|_| head.len() - open.len() == 1)?;
    Some((words.strip_prefix("now ").unwrap_or(words).trim_start_matches([':', ' ']), false))
}

/// Whether `value` can be what is announced, rather than a word about it.
fn is_secret(cue: Cue, value: &str, direct: bool) -> bool {
    if value.is_empty() || stands_in(value) || value.contains(char::is_whitespace) {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    match cue {
        Cue::Pin => digits == value.len() && (3..=8).contains(&digits),
        Cue::Key => {
            value.len() >= 12
                && value.is_ascii()
                && random(value)
                && !value.contains("()")
                && !value.contains("://")
        }
        _ => {
            let marks = value.chars().count() - digits - letters;
            let mixed = usize::from(digits > 0) + usize::from(letters > 0) + usize::from(marks > 0) >= 2;
            // `hunter2` and `p@ss!word` are passwords; `required` and `user.reset()` are words about one.
            let code = value.contains("()")
                || value.contains("::")
                || value.starts_with(['.', '/', '-', '=', '&', '#', '@', '*', '\\']);
            let marked = value.contains(['!', '@', '#', '^', '&', '*', '%']);
            value.chars().count() >= 5 && !code && mixed && (digits > 0 || marked) && (letters > 0 || direct)
        }
    }
}

fn touched(text: &str, start: usize) -> bool {
    text[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

fn stands_in(value: &str) -> bool {
    let lower = value.to_lowercase();
    let first = lower.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty());
    first.is_none_or(|first| STANDINS_WHOLE.contains(&first))
        || STANDINS.iter().any(|word| lower.contains(word))
}

/// Whether a token looks drawn by chance: letters and digits mixed, many different ones.
fn random(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let upper = value.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = value.bytes().any(|byte| byte.is_ascii_lowercase());
    let mixed = (digits >= 2 && letters >= 2)
        || (upper && lower && value.len() >= 24 && !value.contains(['_', '.', '-', '/']));
    mixed && varied(value)
}

fn varied(value: &str) -> bool {
    let mut seen = [false; 128];
    for byte in value.bytes() {
        seen[usize::from(byte & 0x7f)] = true;
    }
    seen.iter().filter(|seen| **seen).count() >= 8
}

#[cfg(test)]
mod tests;
