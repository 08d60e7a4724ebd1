//! Lists and tables: what one row says is not said of the next.

use std::collections::BTreeSet;

use super::words::Words;

/// Most rows that are compared.
const MOST_ROWS: usize = 64;
/// Most terms of a label.
const LONGEST_LABEL: usize = 8;
/// Share of a label that a sentence must name to speak of its row.
const NAMED: f32 = 0.5;

/// A row: what it is about, and what it says of that.
#[derive(Debug)]
pub(super) struct Row {
    label: BTreeSet<String>,
    value: BTreeSet<String>,
}

/// The rows among the lines of `evidence`, where there are at least two.
pub(super) fn rows(evidence: &[&str], read: &dyn Fn(&str) -> Words) -> Vec<Row> {
    let lines: Vec<&str> = evidence.iter().flat_map(|text| text.lines()).map(str::trim).collect();
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).take(MOST_ROWS).collect();
    let shared = shared(&lines);
    let terms = |text: &str| -> BTreeSet<String> { read(text).terms().map(str::to_owned).collect() };
    let rows: Vec<Row> = lines
        .iter()
        .filter_map(|line| {
            let (label, value) = parted(line.get(shared..)?)?;
            let row = Row { label: terms(label), value: terms(value) };
            (!row.label.is_empty() && row.label.len() <= LONGEST_LABEL && !row.value.is_empty())
                .then_some(row)
        })
        .collect();
    if rows.len() > 1 { rows } else { Vec::new() }
}

/// Length of what all lines begin with, up to a colon: the title and headings that they stand under.
fn shared(lines: &[&str]) -> usize {
    let Some((first, rest)) = lines.split_first() else { return 0 };
    if rest.is_empty() {
        return 0;
    }
    let common = |line: &&str| first.bytes().zip(line.bytes()).take_while(|(a, b)| a == b).count();
    let length = rest.iter().map(common).min().unwrap_or(0);
    first.as_bytes()[..length].windows(2).rposition(|pair| pair == b": ").map_or(0, |at| at + 2)
}

/// A line as what it is about and what it says of that.
fn parted(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches(['-', '*', '•', '|', ' ']).trim_end_matches(['|', ' ']);
    ["|", "\t", ": ", " – ", " — ", " - ", " = ", " → ", " -> ", " means ", " mean ", " indicates "]
        .iter()
        .filter_map(|mark| line.find(mark).map(|at| (at, mark.len())))
        .min()
        .map(|(at, length)| (line.get(..at).unwrap_or_default(), line.get(at + length..).unwrap_or_default()))
}

/// Whether `said` names the label of one row and says what only another one does.
pub(super) fn are_mixed(said: &BTreeSet<&str>, rows: &[Row]) -> bool {
    let count = |terms: &BTreeSet<String>| terms.iter().filter(|term| said.contains(term.as_str())).count();
    let named = |row: &Row| count(&row.label) as f32 / row.label.len() as f32;
    let Some(about) = (0..rows.len()).max_by(|a, b| named(&rows[*a]).total_cmp(&named(&rows[*b]))) else {
        return false;
    };
    let about_share = named(&rows[about]);
    if about_share < NAMED {
        return false;
    }
    // What is said beside the labels must stand in a row that is named as well as any.
    let beside = |row: &Row| {
        row.value
            .iter()
            .filter(|term| said.contains(term.as_str()) && !rows[about].label.contains(*term))
            .count()
    };
    let best_named =
        rows.iter().filter(|row| named(row) >= about_share - f32::EPSILON).map(beside).max().unwrap_or(0);
    rows.iter().any(|row| named(row) < about_share - f32::EPSILON && beside(row) > best_named)
}

#[cfg(test)]
mod tests {
    use corpus::terms::Analyzer;

    use super::*;

    fn mixed(sentence: &str, evidence: &[&str]) -> bool {
        let analyzer = Analyzer::new("en");
        let read = |text: &str| Words::of(text, &analyzer);
        let words = read(sentence);
        are_mixed(&words.terms().collect(), &rows(evidence, &read))
    }

    const BEEPS: &str = "- One short beep: the device is ready to be used\n- Two short beeps: the update has failed\n\
                         - Three short beeps: a disk has failed";

    #[test]
    fn a_row_says_nothing_of_another() {
        assert!(mixed("Three short beeps mean the device is ready to be used again.", &[BEEPS]));
        assert!(mixed("Two short beeps mean that a disk has failed.", &[BEEPS]));
        assert!(!mixed("Three short beeps mean that a disk has failed.", &[BEEPS]));
        assert!(!mixed("One short beep means that the device is ready.", &[BEEPS]));
    }

    #[test]
    fn rows_under_a_heading_are_rows() {
        let rows =
            ["Beep codes: Three short beeps: a disk has failed", "Beep codes: One beep: ready to be used"];
        assert!(mixed("Three short beeps mean it is ready to be used.", &rows));
        assert!(!mixed("Three short beeps mean a disk has failed.", &rows));
        assert!(!mixed("Three short beeps mean a disk has failed.", &rows[..1]));
    }

    #[test]
    fn tables_have_rows() {
        let table = "Code | Meaning\nE-1042 | disk full\nE-1043 | fan blocked";
        assert!(mixed("E-1043 means that the disk is full.", &[table]));
        assert!(!mixed("Code: E-1042; Meaning: disk full", &[table]));
        assert!(!mixed("E-1043 means that the fan is blocked.", &[table]));
    }

    #[test]
    fn running_text_has_none() {
        assert!(!mixed("Refunds take five days.", &["Refunds take five days.", "Returns are free."]));
        assert!(!mixed("Refunds take five days.", &[""]));
    }
}
