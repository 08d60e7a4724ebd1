//! Scores the screener on annotated text: `pii_scores FOLDER [REGION,...]`.
//!
//! FOLDER holds JSON Lines files of `{"text": …, "spans": [[start, end, TYPE], …]}`, offsets in characters. A span counts
//! as found where a finding of the same type overlaps it, and a finding as right where it overlaps a span of its type.
//! With `--errors`, what was missed and what was found wrongly is printed as well.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use corpus::screen::{Policy, Screener};

/// Types of the annotations and the kinds of findings that answer to them.
const TYPES: [(&str, &str); 15] = [
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
    ("LOCATION", ""),
    ("GPE", ""),
    ("DATE_TIME", ""),
    ("ORGANIZATION", ""),
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
    let mut out = std::io::stdout().lock();
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    for file in files
        .iter()
        .map(std::fs::DirEntry::path)
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
    {
        let samples: Vec<Sample> =
            std::fs::read_to_string(&file)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let bytes: usize = samples.iter().map(|sample| sample.text.len()).sum();
        let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
        let start = Instant::now();
        let masked: Vec<_> = samples.iter().map(|sample| screener.mask(&sample.text)).collect();
        let seconds = start.elapsed().as_secs_f64();
        for (sample, masked) in samples.iter().zip(&masked) {
            let at: Vec<usize> =
                sample.text.char_indices().map(|(at, _)| at).chain([sample.text.len()]).collect();
            let gold: Vec<(usize, usize, &str)> = sample
                .spans
                .iter()
                .filter_map(|(from, to, kind)| Some((*at.get(*from)?, *at.get(*to)?, kind.as_str())))
                .collect();
            let overlaps = |from: usize, to: usize, found: &corpus::screen::Finding| {
                found.span.start < to && from < found.span.end
            };
            for (from, to, kind) in &gold {
                let Some((_, ours)) = TYPES.iter().find(|(theirs, ours)| theirs == kind && !ours.is_empty())
                else {
                    continue;
                };
                let score = scores.entry(ours).or_default();
                score.gold += 1;
                if masked.findings.iter().any(|found| found.kind == *ours && overlaps(*from, *to, found)) {
                    score.hit += 1;
                } else if errors {
                    writeln!(
                        out,
                        "MISSED {ours}\t{}\t{}",
                        &sample.text[*from..*to].replace('\n', "⏎"),
                        sample.text.replace('\n', "⏎")
                    )?;
                }
            }
            for found in &masked.findings {
                let right = gold.iter().any(|(from, to, kind)| {
                    overlaps(*from, *to, found)
                        && TYPES.iter().any(|(theirs, ours)| theirs == kind && *ours == found.kind)
                });
                let score = scores
                    .entry(
                        TYPES.iter().find(|(_, ours)| *ours == found.kind).map_or("other", |(_, ours)| ours),
                    )
                    .or_default();
                score.found += 1;
                score.right += usize::from(right);
                if errors && !right {
                    let written = found.span.of(&sample.text).unwrap_or_default();
                    writeln!(
                        out,
                        "WRONG {}\t{}\t{}",
                        found.kind,
                        written.replace('\n', "⏎"),
                        sample.text.replace('\n', "⏎")
                    )?;
                }
            }
        }
        writeln!(out, "{}: {:.1} MB/s", file.display(), bytes as f64 / 1e6 / seconds)?;
        writeln!(
            out,
            "  {:10} {:>6} {:>6} {:>9} {:>7} {:>6}",
            "kind", "gold", "found", "precision", "recall", "F2"
        )?;
        for (kind, score) in scores {
            let ratio =
                |part: usize, whole: usize| if whole == 0 { f64::NAN } else { part as f64 / whole as f64 };
            let (precision, recall) = (ratio(score.right, score.found), ratio(score.hit, score.gold));
            let f2 = 5.0 * precision * recall / (4.0 * precision + recall);
            writeln!(
                out,
                "  {kind:10} {:6} {:6} {precision:9.3} {recall:7.3} {f2:6.3}",
                score.gold, score.found
            )?;
        }
    }
    Ok(())
}
