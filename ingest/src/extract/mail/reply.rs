//! What a sender wrote, apart from what the message quotes and from what is below every message.

mod lines;
mod phrases;

use lines::{attribution, is_divider, is_forward, is_header_block, is_item, is_quoted};
use phrases::{is_device, is_disclaimer, is_greeting, is_name, is_sign_off};

/// Most lines that follow a sign-off, and the longest of them in characters.
const SIGNATURE_LINES: usize = 8;
const SIGNATURE_WIDTH: usize = 90;

/// Shortest line that was broken because it was full, in characters.
const FULL: usize = 55;

/// The own words of the sender, whose name is `sender`, in paragraphs. A message that is nothing but a quote is given
/// whole: it is what the sender wants to show.
pub(super) fn own(text: &str, sender: &str) -> String {
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end().trim_end_matches('\u{a0}')).collect();
    let mut kept = without_quotes(&lines);
    cut_end(&mut kept, sender);
    cut_greeting(&mut kept);
    if kept.iter().all(|line| line.trim().is_empty()) {
        let unquoted: Vec<&str> = lines.iter().map(|line| line.trim_start_matches(['>', ' '])).collect();
        kept = unquoted;
    }
    paragraphs(&kept)
}

/// Joins the lines of text in the format `flowed`: a line that ends in a space goes on in the next (RFC 3676).
pub(super) fn reflow(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        out.push_str(line);
        if !line.ends_with(' ') || line == "-- " || line.starts_with('>') {
            out.push('\n');
        }
    }
    out
}

fn without_quotes<'t>(lines: &[&'t str]) -> Vec<&'t str> {
    let mut kept: Vec<&str> = Vec::new();
    let mut forwarded = false;
    let mut at = 0;
    while let Some(&line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        forwarded |= is_forward(line);
        if !forwarded {
            if is_quoted(line) {
                at += 1;
                continue;
            }
            if is_divider(line) || is_header_block(rest) {
                break;
            }
            if let Some(length) = attribution(rest) {
                let next =
                    lines.get(at + length..).unwrap_or_default().iter().find(|line| !line.trim().is_empty());
                // An answer may stand between the lines that it quotes. Without marks the rest is the quote.
                if next.is_none_or(|next| !is_quoted(next)) {
                    break;
                }
                at += length;
                continue;
            }
        }
        kept.push(line);
        at += 1;
    }
    kept
}

/// Cuts the signature, the sign-off and what lawyers add.
fn cut_end(lines: &mut Vec<&str>, sender: &str) {
    if let Some(at) = lines.iter().position(|line| matches!(*line, "--" | "-- " | "—" | "––")) {
        lines.truncate(at);
    }
    let mut empty = true;
    for at in 0..lines.len() {
        let line = lines.get(at).copied().unwrap_or_default();
        if empty && at > 0 && is_disclaimer(line) {
            lines.truncate(at);
            break;
        }
        empty = line.trim().is_empty() || line.chars().all(|c| "_-*=".contains(c));
    }
    loop {
        trim(lines);
        match lines.last() {
            Some(last) if is_device(last) => {
                lines.pop();
            }
            _ => break,
        }
    }
    // The topmost line that can begin a signature does.
    let mut below = 0;
    let mut cut = None;
    for at in (0..lines.len()).rev() {
        let line = lines.get(at).copied().unwrap_or_default();
        if is_sign_off(line) || (at > 0 && is_name(line, sender)) {
            cut = Some(at);
        }
        below += usize::from(!line.trim().is_empty());
        if below > SIGNATURE_LINES || line.chars().count() > SIGNATURE_WIDTH || line.ends_with('?') {
            break;
        }
    }
    if let Some(at) = cut {
        lines.truncate(at);
    }
    trim(lines);
}

/// Cuts a greeting in a line of its own: it names whom the message is for, and nothing else.
fn cut_greeting(lines: &mut Vec<&str>) {
    let first = lines.iter().position(|line| !line.trim().is_empty());
    if let Some(first) = first.filter(|first| lines.get(*first).is_some_and(|line| is_greeting(line)))
        && lines.iter().skip(first + 1).any(|line| !line.trim().is_empty())
    {
        lines.drain(..=first);
    }
}

fn trim(lines: &mut Vec<&str>) {
    while lines.last().is_some_and(|line| line.trim().is_empty() || line.chars().all(|c| "_-=".contains(c))) {
        lines.pop();
    }
}

/// Joins lines that were broken because they were full; paragraphs are parted by an empty line.
fn paragraphs(lines: &[&str]) -> String {
    let mut out = String::new();
    let mut before: Option<&str> = None;
    let mut gap = false;
    for line in lines {
        let bare = line.trim();
        if bare.is_empty() {
            gap = true;
            before = None;
            continue;
        }
        if let Some(before) = before {
            let goes_on = before.chars().count() >= FULL && !line.starts_with([' ', '\t']) && !is_item(bare);
            out.push(if goes_on { ' ' } else { '\n' });
        } else if gap && !out.is_empty() {
            out.push_str("\n\n");
        }
        let start = out.len();
        for word in bare.split_whitespace() {
            if out.len() > start {
                out.push(' ');
            }
            out.push_str(word);
        }
        before = Some(bare);
        gap = false;
    }
    out
}

#[cfg(test)]
mod tests;
