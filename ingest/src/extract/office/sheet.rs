//! Workbooks: `.xlsx`, `.xlsm`, `.xlsb`, `.xls` and `.ods`.

use std::io::Cursor;

use calamine::{Data, Ods, Range, Reader, SheetType, SheetVisible, Xls, Xlsb, Xlsx};
use corpus::{Block, BlockKind};

use super::package::Package;
use super::properties;
use super::text::{Blocks, line};
use crate::extract::fields::Fields;
use crate::extract::{ExtractError, Limits};

/// Rows of a table before it is parted, each part with the header again: what is searched should be small.
const ROWS: usize = 40;
/// Most rows of one sheet.
const MOST: usize = 200_000;

/// The tables of all visible sheets and what the workbook says of itself.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<(Fields, Vec<Block>), ExtractError> {
    if !bytes.starts_with(b"PK") {
        return Ok((Fields::default(), tables_of::<Xls<_>>(bytes, limits)?));
    }
    Package::open(bytes, limits)?.check()?;
    let mut package = Package::open(bytes, limits)?;
    if package.holds("mimetype") {
        let fields = properties::read(&mut package, "meta.xml")?;
        return Ok((fields, tables_of::<Ods<_>>(bytes, limits)?));
    }
    let fields = properties::read(&mut package, "docProps/core.xml")?;
    let blocks = if package.holds("xl/workbook.bin") {
        tables_of::<Xlsb<_>>(bytes, limits)?
    } else {
        tables_of::<Xlsx<_>>(bytes, limits)?
    };
    Ok((fields, blocks))
}

fn tables_of<'b, R: Reader<Cursor<&'b [u8]>>>(
    bytes: &'b [u8],
    limits: &Limits,
) -> Result<Vec<Block>, ExtractError>
where
    R::Error: std::fmt::Display,
{
    let broken = |error: R::Error| ExtractError::malformed(format!("a broken workbook: {error}"));
    let mut workbook = R::new(Cursor::new(bytes)).map_err(broken)?;
    let sheets = workbook.sheets_metadata().to_vec();
    let visible = sheets.iter().filter(|sheet| {
        matches!(sheet.typ, SheetType::WorkSheet) && matches!(sheet.visible, SheetVisible::Visible)
    });
    let mut blocks = Blocks::default();
    for sheet in visible {
        let range = workbook.worksheet_range(&sheet.name).map_err(broken)?;
        let rows = rows(&range)?;
        if rows.is_empty() {
            continue;
        }
        blocks.push(BlockKind::Heading(1), &sheet.name);
        tables(&rows, &mut blocks);
        if blocks.len() > limits.document_bytes {
            return Err(ExtractError::too_large("bytes of text", limits.document_bytes));
        }
    }
    Ok(blocks.list)
}

/// The rows that hold something.
fn rows(range: &Range<Data>) -> Result<Vec<Vec<String>>, ExtractError> {
    let mut rows = Vec::new();
    for row in range.rows() {
        let cells: Vec<String> = row.iter().map(cell).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push(cells);
        }
        if rows.len() > MOST {
            return Err(ExtractError::too_large("rows in a sheet", MOST));
        }
    }
    Ok(rows)
}

/// Lines before the header are notes; the header is the first row that is as wide as most.
fn tables(rows: &[Vec<String>], blocks: &mut Blocks) {
    let width = |row: &Vec<String>| row.iter().filter(|cell| !cell.is_empty()).count();
    let widest = rows.iter().map(width).max().unwrap_or(0);
    let header = rows.iter().position(|row| 2 * width(row) > widest).unwrap_or(0);
    for row in &rows[..header] {
        blocks.push(BlockKind::Paragraph, &line(row));
    }
    let Some((header, body)) = rows[header..].split_first() else { return };
    if body.is_empty() {
        blocks.table(std::slice::from_ref(header));
    }
    for part in body.chunks(ROWS) {
        let table: Vec<Vec<String>> = std::iter::once(header).chain(part).cloned().collect();
        blocks.table(&table);
    }
}

/// A cell as it reads.
fn cell(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.trim().to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => decimal(*number),
        Data::Bool(true) => "yes".to_owned(),
        Data::Bool(false) => "no".to_owned(),
        Data::DateTime(moment) => date(moment),
    }
}

/// A number without the noise of its binary form: fifteen digits are what spreadsheets keep.
fn decimal(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number:.0}");
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    rounded.to_string()
}

fn date(moment: &calamine::ExcelDateTime) -> String {
    if moment.is_duration() {
        let minutes = (moment.as_f64() * 24.0 * 60.0).round() as i64;
        return format!("{}:{:02}", minutes / 60, minutes % 60);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    match (moment.as_f64() < 1.0, (hour, minute, second)) {
        (true, _) => format!("{hour:02}:{minute:02}"),
        (false, (0, 0, 0)) => format!("{year:04}-{month:02}-{day:02}"),
        (false, _) => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_they_are_written() {
        for (number, text) in [
            (0.1 + 0.2, "0.3"),
            (12.0, "12"),
            (1e6, "1000000"),
            (-2.5, "-2.5"),
            (1.0 / 3.0, "0.333333333333333"),
        ] {
            assert_eq!(decimal(number), text);
        }
    }
}
