//! Rows of tables.

/// The cells of a table row.
pub(super) fn cells(line: &str) -> Vec<&str> {
    let separator = if line.contains('|') { '|' } else { '\t' };
    // A row between bars has none at its outer ends; a row that only starts with one has an empty first cell.
    let framed = line.strip_prefix('|').and_then(|line| line.strip_suffix('|'));
    framed.unwrap_or(line).split(separator).map(str::trim).collect()
}

/// Whether a row looks like the header of its table. Asked of the first row of a passage only, which may begin in
/// the middle of a table.
pub(super) fn names_columns(cells: &[&str]) -> bool {
    cells.len() > 1
        && cells.iter().all(|cell| {
            cell.len() <= 48 && !cell.ends_with('.') && !cell.contains(|c: char| c.is_ascii_digit())
        })
}

/// `Column: cell; Column: cell`, empty cells left out.
pub(super) fn written_out(header: &[&str], cells: &[&str]) -> String {
    let parts: Vec<String> = header
        .iter()
        .zip(cells)
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(name, cell)| if name.is_empty() { (*cell).to_owned() } else { format!("{name}: {cell}") })
        .collect();
    parts.join("; ")
}

/// The first of the table rows that end where `start` begins a line: the header of a row there.
pub(crate) fn header_of(text: &str, start: usize) -> &str {
    let before = text.get(..start).unwrap_or_default();
    before
        .lines()
        .rev()
        .take_while(|line| line.contains(" | ") || line.contains('\t'))
        .last()
        .unwrap_or_default()
}

/// Whether `text` is the row `line` written out with `header`, and nothing else.
pub(crate) fn is_written_out(text: &str, header: &str, line: &str) -> bool {
    let (header, cells) = (cells(header), cells(line));
    header.len() == cells.len() && !line.is_empty() && written_out(&header, &cells) == text
}
