//! Texts in which people marked identifiers, and how well masking agrees with them.
//!
//! Matching is stated, since figures mean nothing without: `spans` counts a mark as found where something was masked from
//! its first to its last character and nowhere beyond, whatever kind it was taken for; `touched` where anything of it was;
//! `characters` counts characters. F2 weighs recall four times as much as precision (van Rijsbergen, 1979): what leaks harms
//! more than what is masked in vain.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;
use crate::statistics::{Clusters, Estimate, interval};

/// A text with what people marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// Byte ranges with their labels, in order.
    pub marks: Vec<(Range<usize>, String)>,
}

#[derive(Deserialize)]
struct Line {
    text: String,
    spans: Vec<(usize, usize, String)>,
}

/// Reads marked texts, one JSON object a line: `text` and `spans`, a list of `[start, end, label]` in characters.
pub fn read(path: &Path) -> Result<Vec<Marked>, Error> {
    let mut found = Vec::new();
    crate::lines::each(path, |number, text| {
        let wrong = |problem: String| Error::Malformed { path: path.to_owned(), line: number, problem };
        let line: Line = serde_json::from_str(text).map_err(|error| {
            wrong(format!(
                "{error}; write {{\"text\": \"…\", \"spans\": [[start, end, \"LABEL\"]]}} in one line"
            ))
        })?;
        let places: Vec<usize> =
            line.text.char_indices().map(|(at, _)| at).chain([line.text.len()]).collect();
        let mut marks = Vec::new();
        for (start, end, label) in line.spans {
            let (Some(from), Some(to)) = (places.get(start), places.get(end)) else {
                return Err(wrong(format!(
                    "a span ends at {end}, and the text has {} characters",
                    places.len() - 1
                )));
            };
            if from >= to {
                return Err(wrong(format!("a span from {start} to {end} holds nothing")));
            }
            marks.push((*from..*to, label));
        }
        marks.sort_by_key(|(range, _)| (range.start, range.end));
        found.push(Marked { text: line.text, marks });
        Ok(())
    })?;
    Ok(found)
}

/// What was right, found in vain and missed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    right: f64,
    vain: f64,
    missed: f64,
}

impl Counts {
    fn add(&mut self, other: Self, times: f64) {
        self.right += times * other.right;
        self.vain += times * other.vain;
        self.missed += times * other.missed;
    }

    fn precision(self) -> Option<f64> {
        ratio(self.right, self.vain)
    }

    fn recall(self) -> Option<f64> {
        ratio(self.right, self.missed)
    }

    fn f(self, beta: f64) -> Option<f64> {
        let weight = beta * beta;
        ratio((1.0 + weight) * self.right, weight * self.missed + self.vain)
    }
}

fn ratio(one: f64, other: f64) -> Option<f64> {
    (one + other > 0.0).then(|| one / (one + other))
}

/// Precision, recall, F1 and F2 under one way to match, each with its interval. `None` where nothing applies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// How marks and what was masked are matched: `spans`, `touched` or `characters`.
    pub matching: &'static str,
    /// Share of what was masked that is marked.
    pub precision: Option<Estimate>,
    /// Share of what is marked that was masked.
    pub recall: Option<Estimate>,
    /// Harmonic mean of both.
    pub f1: Option<Estimate>,
    /// The same with recall weighing four times as much.
    pub f2: Option<Estimate>,
}

/// Compares what was masked, byte ranges of each text, with the marks. Texts are drawn whole for the intervals.
pub fn agreement(marked: &[Marked], masked: &[Vec<Range<usize>>], seed: u64) -> Vec<Agreement> {
    let clusters = Clusters::numbered(&(0..marked.len()).collect::<Vec<_>>());
    let ways: [(&'static str, fn(&Marked, &[Range<usize>]) -> Counts); 3] =
        [("spans", spans), ("touched", touched), ("characters", characters)];
    ways.into_iter()
        .map(|(matching, count)| {
            let counts: Vec<Counts> =
                marked.iter().zip(masked).map(|(marked, masked)| count(marked, masked)).collect();
            let estimate = |value: &dyn Fn(Counts) -> Option<f64>| {
                interval(&clusters, seed, |times| {
                    let mut all = Counts::default();
                    for (at, counts) in counts.iter().enumerate() {
                        all.add(*counts, times.map_or(1.0, |times| f64::from(times[at])));
                    }
                    value(all)
                })
            };
            Agreement {
                matching,
                precision: estimate(&Counts::precision),
                recall: estimate(&Counts::recall),
                f1: estimate(&|counts| counts.f(1.0)),
                f2: estimate(&|counts| counts.f(2.0)),
            }
        })
        .collect()
}

/// Share of the marks of each label of which anything was masked, and how many there are.
pub fn by_label(marked: &[Marked], masked: &[Vec<Range<usize>>]) -> BTreeMap<String, (usize, usize)> {
    let mut found: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (marked, masked) in marked.iter().zip(masked) {
        for (range, label) in &marked.marks {
            let counts = found.entry(label.clone()).or_default();
            counts.0 += usize::from(masked.iter().any(|other| overlap(range, other)));
            counts.1 += 1;
        }
    }
    found
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

fn spans(marked: &Marked, masked: &[Range<usize>]) -> Counts {
    let right = marked.marks.iter().filter(|(range, _)| masked.contains(range)).count() as f64;
    Counts { right, vain: masked.len() as f64 - right, missed: marked.marks.len() as f64 - right }
}

fn touched(marked: &Marked, masked: &[Range<usize>]) -> Counts {
    let hit = |range: &Range<usize>| masked.iter().any(|other| overlap(range, other));
    let vain = |range: &&Range<usize>| !marked.marks.iter().any(|(mark, _)| overlap(mark, range));
    let right = marked.marks.iter().filter(|(range, _)| hit(range)).count() as f64;
    let missed = marked.marks.len() as f64 - right;
    Counts { right, vain: masked.iter().filter(vain).count() as f64, missed }
}

fn characters(marked: &Marked, masked: &[Range<usize>]) -> Counts {
    let mut counts = Counts::default();
    for (at, _) in marked.text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        let is_marked = marked.marks.iter().any(|(range, _)| range.contains(&at));
        let is_masked = masked.iter().any(|range| range.contains(&at));
        counts.right += f64::from(u8::from(is_marked && is_masked));
        counts.vain += f64::from(u8::from(!is_marked && is_masked));
        counts.missed += f64::from(u8::from(is_marked && !is_masked));
    }
    counts
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn marked(text: &str, marks: &[&str]) -> Marked {
        let range = |mark: &&str| {
            let at = text.find(mark).unwrap();
            (at..at + mark.len(), "PERSON".to_owned())
        };
        Marked { text: text.to_owned(), marks: marks.iter().map(range).collect() }
    }

    /// Of two names one is masked whole and one in half, and a word is masked in vain.
    #[test]
    fn each_way_to_match_counts_otherwise() {
        let texts = [marked("Ann Lee met Bo at noon", &["Ann Lee", "Bo"]), marked("nothing here", &[])];
        let masked = [vec![0..3, 12..14, 18..22], Vec::new()];
        let value = |estimate: Option<Estimate>| (estimate.unwrap().mean * 1000.0).round() / 1000.0;
        let found = agreement(&texts, &masked, 1);
        let told: Vec<_> = found
            .iter()
            .map(|a| (a.matching, value(a.precision), value(a.recall), value(a.f1), value(a.f2)))
            .collect();
        assert_eq!(
            told,
            [
                ("spans", 0.333, 0.5, 0.4, 0.455),
                ("touched", 0.667, 1.0, 0.8, 0.909),
                ("characters", 0.556, 0.625, 0.588, 0.61),
            ]
        );
        assert_eq!(by_label(&texts, &masked)["PERSON"], (2, 2));
    }

    #[test]
    fn where_nothing_is_marked_or_masked_nothing_applies() {
        let found = agreement(&[marked("nothing here", &[])], &[Vec::new()], 1);
        assert!(found.iter().all(|a| a.precision.is_none() && a.recall.is_none() && a.f2.is_none()));
    }

    #[test]
    fn places_are_characters_and_what_is_wrong_is_told_by_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("marked.jsonl");
        fs::write(
            &file,
            "{\"text\": \"Zoë met Bo\", \"spans\": [[8, 10, \"PERSON\"], [0, 3, \"PERSON\"]]}\n",
        )
        .unwrap();
        let texts = read(&file).unwrap();
        let said: Vec<&str> = texts[0].marks.iter().map(|(range, _)| &texts[0].text[range.clone()]).collect();
        assert_eq!(said, ["Zoë", "Bo"]);
        for (line, problem) in [
            ("{\"text\": \"Bo\", \"spans\": [[0, 9, \"PERSON\"]]}", "ends at 9"),
            ("{\"text\": \"Bo\", \"spans\": [[1, 1, \"PERSON\"]]}", "holds nothing"),
            ("{\"text\": \"Bo\"}", "spans"),
        ] {
            fs::write(&file, format!("{{\"text\": \"\", \"spans\": []}}\n{line}\n")).unwrap();
            let error = read(&file).unwrap_err().to_string();
            assert!(error.contains(problem) && error.contains('2'), "{error}");
        }
    }
}
