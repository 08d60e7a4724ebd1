//! Scores the screener on annotated text: `pii_scores FOLDER [REGION,...] [--errors]`.
//!
//! JSON Lines files in FOLDER hold `{"text": …, "spans": [[start, end, TYPE], …]}`, offsets in characters. A span counts as
//! found where findings of its type cover at least half of it (`recall`), or findings of any type (`any`); a finding is
//! right where it overlaps a span of its type. `sound` counts the spans whose check digits are right, where there are
//! any, and `recall-s` is the recall over those. Markdown and text files in FOLDER and below are screened for the speed
//! alone. With `--errors`, what was missed and what was found wrongly is printed as well.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use corpus::screen::{Finding, Masked, Policy, Screener};

/// Types of the annotations and the kinds of findings that answer to them.
const TYPES: [(&str, &str); 11] = [
    ("PERSON", "person"),
    ("EMAIL_ADDRESS", "email"),
    ("PHONE_NUMBER", "phone"),
    ("CREDIT_CARD", "card"),
    ("IBAN_CODE", "iban"),
    ("US_SSN", "ssn"),
    ("IP_ADDRESS", "ip"),
    ("STREET_ADDRESS", "address"),
    ("ADDRESS", "address"),
    ("ZIP_CODE", "address"),
    ("US_DRIVER_LICENSE", "license"),
];

#[derive(serde::Deserialize)]
struct Sample {
    text: String,
    spans: Vec<(usize, usize, String)>,
}

#[derive(Default)]
struct Score {
    gold: usize,
    hit: usize,
    any: usize,
    sound: usize,
    sound_hit: usize,
    found: usize,
    right: usize,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let errors = arguments.iter().any(|argument| argument == "--errors");
    arguments.retain(|argument| argument != "--errors");
    let folder = arguments.first().ok_or("usage: pii_scores FOLDER [REGION,...] [--errors]")?;
    let regions =
        arguments.get(1).map(|regions| regions.split(',').map(str::to_owned).collect()).unwrap_or_default();
    let screener = Screener::new(Policy { phone_regions: regions, ..Policy::default() })?;
    // The telephone patterns are read at first use; that is not what is measured.
    screener.mask("+1 650-253-0000 Anna Kowalski 12 Main Street password: hunter2 born 1.2.1980");
    let mut out = io::stdout().lock();
    let mut texts = Vec::new();
    collect(Path::new(folder), "md", &mut texts)?;
    collect(Path::new(folder), "txt", &mut texts)?;
    if !texts.is_empty() {
        speed(&screener, folder, &texts, &mut out)?;
    }
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    for path in files.iter().map(fs::DirEntry::path) {
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            annotated(&screener, &path, errors, &mut out)?;
        }
    }
    Ok(())
}

/// The texts of the files with this ending in `folder` and below.
fn collect(folder: &Path, ending: &str, texts: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, ending, texts)?;
        } else if path.extension().is_some_and(|found| found == ending) {
            texts.push(String::from_utf8_lossy(&fs::read(path)?).into_owned());
        }
    }
    Ok(())
}

fn speed(screener: &Screener, name: &str, texts: &[String], out: &mut impl Write) -> io::Result<Vec<Masked>> {
    let bytes: usize = texts.iter().map(String::len).sum();
    let start = Instant::now();
    let masked: Vec<Masked> = texts.iter().map(|text| screener.mask(text)).collect();
    let rate = bytes as f64 / 1e6 / start.elapsed().as_secs_f64();
    writeln!(out, "{name}: {} texts, {:.2} MB, {rate:.1} MB/s", texts.len(), bytes as f64 / 1e6)?;
    Ok(masked)
}

fn annotated(
    screener: &Screener,
    path: &Path,
    errors: bool,
    out: &mut impl Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let samples: Vec<Sample> =
        fs::read_to_string(path)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let texts: Vec<String> = samples.iter().map(|sample| sample.text.clone()).collect();
    let masked = speed(screener, &path.display().to_string(), &texts, out)?;
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for (sample, masked) in samples.iter().zip(&masked) {
        score(sample, &masked.findings, &mut scores, errors, out)?;
    }
    table(&scores, out)?;
    Ok(())
}

fn score(
    sample: &Sample,
    findings: &[Finding],
    scores: &mut BTreeMap<&'static str, Score>,
    errors: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let at: Vec<usize> = sample.text.char_indices().map(|(at, _)| at).chain([sample.text.len()]).collect();
    let line = sample.text.replace('\n', "⏎");
    let mut gold = Vec::new();
    for (from, to, theirs) in &sample.spans {
        let kind = TYPES.iter().find(|(name, _)| name == theirs).map(|(_, ours)| *ours);
        if let (Some(from), Some(to), Some(kind)) = (at.get(*from), at.get(*to), kind) {
            gold.push((*from, *to, kind));
        }
    }
    let shared = |from: usize, to: usize, found: &Finding| {
        found.span.end.min(to).saturating_sub(found.span.start.max(from))
    };
    for (from, to, kind) in &gold {
        let written = &sample.text[*from..*to];
        let half = |typed: bool| {
            let those = findings.iter().filter(|found| !typed || found.kind == *kind);
            those.map(|found| shared(*from, *to, found)).sum::<usize>() * 2 >= to - from
        };
        let score = scores.entry(kind).or_default();
        let sound = is_sound(kind, written);
        score.gold += 1;
        score.hit += usize::from(half(true));
        score.any += usize::from(half(false));
        score.sound += usize::from(sound);
        score.sound_hit += usize::from(sound && half(true));
        if errors && !half(true) {
            writeln!(out, "MISSED {kind}\t{}\t{line}", written.replace('\n', "⏎"))?;
        }
    }
    for found in findings {
        let right = gold.iter().any(|(from, to, kind)| *kind == found.kind && shared(*from, *to, found) > 0);
        let kind = TYPES.iter().find(|(_, ours)| *ours == found.kind).map_or("other", |(_, ours)| ours);
        let score = scores.entry(kind).or_default();
        score.found += 1;
        score.right += usize::from(right);
        if errors && !right {
            let written = found.span.of(&sample.text).unwrap_or_default().replace('\n', "⏎");
            writeln!(out, "WRONG {}\t{written}\t{line}", found.kind)?;
        }
    }
    Ok(())
}

/// Whether the check digits of a card or account number are right; true for all else.
fn is_sound(kind: &str, written: &str) -> bool {
    let plain: String = written.chars().filter(char::is_ascii_alphanumeric).collect();
    match kind {
        "card" => {
            let digit = |(at, c): (usize, char)| {
                let digit = c.to_digit(10).unwrap_or(0);
                if at % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
            };
            plain.chars().rev().enumerate().map(digit).sum::<u32>() % 10 == 0
        }
        "iban" if plain.len() > 4 => {
            let turned = plain[4..].chars().chain(plain[..4].chars());
            let rest = turned.fold(0_u32, |rest, c| {
                let value = c.to_digit(36).unwrap_or(0);
                (rest * if value > 9 { 100 } else { 10 } + value) % 97
            });
            rest == 1
        }
        _ => true,
    }
}

fn table(scores: &BTreeMap<&str, Score>, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "  {:10} {:>6} {:>6} {:>9} {:>7} {:>6} {:>6} {:>6} {:>8}",
        "kind", "gold", "found", "precision", "recall", "F2", "any", "sound", "recall-s"
    )?;
    let ratio = |part: usize, whole: usize| if whole == 0 { f64::NAN } else { part as f64 / whole as f64 };
    for (kind, score) in scores {
        let (precision, recall) = (ratio(score.right, score.found), ratio(score.hit, score.gold));
        let f2 = 5.0 * precision * recall / (4.0 * precision + recall);
        writeln!(
            out,
            "  {kind:10} {:6} {:6} {precision:9.3} {recall:7.3} {f2:6.3} {:6.3} {:6} {:8.3}",
            score.gold,
            score.found,
            ratio(score.any, score.gold),
            score.sound,
            ratio(score.sound_hit, score.sound)
        )?;
    }
    Ok(())
}
