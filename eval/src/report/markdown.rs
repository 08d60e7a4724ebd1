//! Totals as Markdown, for pull requests and mails.

use std::fmt::Write as _;

use super::{FAMILIES, OF_SLICES, Report, text};

pub(super) fn write(report: &Report) -> String {
    let table = &report.table;
    let mut page = format!("# Evaluation: {}\n\n", cell(&report.title));
    let _ = writeln!(page, "{} records in {} clusters.", table.records, table.clusters);
    if let Some((first, last)) = report.asked {
        let _ = writeln!(page, "Asked {}.", text::times(first, last));
    }
    let outcomes: Vec<String> =
        table.outcomes.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let _ = writeln!(page, "Outcomes: {}.", outcomes.join(", "));
    if let Some(rating) = &table.rating {
        let _ = writeln!(
            page,
            "Rating of all answers, predicted with K-precision: {}; from {} ratings alone: {}. This holds where the rated answers were drawn at random.",
            text::estimate(&rating.powered),
            rating.judged.count,
            text::estimate(&rating.judged)
        );
    }
    for (family, title) in FAMILIES {
        let _ = writeln!(page, "\n## {title}\n");
        page.push_str("| measure | value | 95 % interval | records | not applicable | of what |\n|---|--:|---|--:|--:|---|\n");
        for row in table.rows.iter().filter(|row| row.family == family) {
            let (value, interval, count) =
                row.estimate.map_or(("–".to_owned(), String::new(), 0), |estimate| {
                    (text::number(estimate.mean), text::interval(&estimate), estimate.count)
                });
            let _ = writeln!(
                page,
                "| {} | {value} | {interval} | {count} | {} | {} |",
                row.id, row.not_applicable, row.title
            );
        }
    }
    if let Some(found) = &report.comparison {
        let _ = writeln!(
            page,
            "\n## Against earlier records\n\n{} pairs in {} clusters.\n",
            found.pairs, found.clusters
        );
        page.push_str("| measure | before | after | difference | p, corrected | can see | verdict |\n|---|--:|--:|---|--:|--:|---|\n");
        for row in &found.rows {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {:.4} | {} | {} |",
                row.id,
                text::number(row.before),
                text::number(row.after),
                text::signed(&row.difference),
                row.adjusted,
                row.detectable.map(text::number).unwrap_or_default(),
                text::verdict(row.verdict)
            );
        }
    }
    if !table.slices.is_empty() {
        let _ = writeln!(page, "\n## Kinds of questions\n\n| kind | records | {} |", OF_SLICES.join(" | "));
        let _ = writeln!(page, "|---|--:{}|", "|---".repeat(OF_SLICES.len()));
        for slice in &table.slices {
            let told = |id: &&str| slice.estimates.get(*id).map(text::estimate).unwrap_or_default();
            let cells: Vec<String> = OF_SLICES.iter().map(told).collect();
            let name = cell(&format!("{}: {}", slice.name, slice.value));
            let _ = writeln!(page, "| {name} | {} | {} |", slice.records, cells.join(" | "));
        }
    }
    if !table.forms.is_empty() {
        let names = crate::robustness::TOLD;
        let _ = writeln!(
            page,
            "\n## Other forms of the same questions\n\n| form | pairs | {} |",
            names.join(" | ")
        );
        let _ = writeln!(page, "|---|--:{}|", "|---".repeat(names.len()));
        for form in &table.forms {
            let told = |id: &&str| {
                form.difference.row(id).map(|row| text::signed(&row.difference)).unwrap_or_default()
            };
            let cells: Vec<String> = names.iter().map(told).collect();
            let _ = writeln!(
                page,
                "| {} | {} | {} |",
                cell(&form.name),
                form.difference.pairs,
                cells.join(" | ")
            );
        }
    }
    page
}

/// Text of others in one cell.
fn cell(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.replace('\\', "\\\\").replace('|', "\\|").replace('<', "\\<").replace('`', "\\`")
}
