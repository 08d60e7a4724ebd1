//! Tickets, or any table, as CSV.

use corpus::{Block, BlockKind, Format};
use csv::StringRecord;

use super::super::fields::Fields;
use super::super::options::Columns as Mapping;
use super::super::records::{Part, RecordsError, plain, same, unique};
use super::{COMMENTS, DESCRIPTION, ID, RESOLUTION, STATUS, SUBJECT, document, thread};

/// Most rows of one file.
const MOST: usize = 200_000;

/// Most columns that are looked at.
const WIDEST: usize = 256;

/// Columns that say that a row is a ticket, beside those that are read.
const ASKER: &[&str] = &[
    "requester",
    "requestername",
    "requesteremail",
    "customer",
    "customername",
    "customeremail",
    "assignee",
    "agent",
];

/// The documents of a table: one for each row of a ticket export, else one with all rows.
pub(in super::super) fn read(text: &str, mapping: &Mapping) -> Result<Vec<Part>, RecordsError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header: StringRecord =
        reader.headers()?.iter().map(|column| mapping.known(column).unwrap_or(column)).collect();
    let mut rows = Vec::new();
    for row in reader.records() {
        rows.push(row?);
        if rows.len() > MOST {
            return Err(RecordsError::Many);
        }
    }
    Ok(match Columns::of(&header, !mapping.is_empty()) {
        Some(columns) => unique(
            rows.iter().enumerate().filter_map(|(index, row)| columns.ticket(&header, row, index)).collect(),
        ),
        None => table(&header, &rows).into_iter().collect(),
    })
}

/// The character that parts the cells of the first line.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().next().unwrap_or_default();
    let count = |mark: u8| line.bytes().filter(|byte| *byte == mark).count();
    // The first of equals wins, so a comma is the default.
    [b'\t', b';', b','].into_iter().max_by_key(|mark| count(*mark)).unwrap_or(b',')
}

/// Where the parts of a ticket stand.
struct Columns {
    id: Option<usize>,
    subject: Option<usize>,
    description: Option<usize>,
    comments: Vec<usize>,
    resolution: Option<usize>,
}

impl Columns {
    /// The columns of a ticket export, or `None` where the header is that of some other table and nobody said that it
    /// is one.
    fn of(header: &StringRecord, told: bool) -> Option<Self> {
        let find = |names: &[&str]| {
            names.iter().find_map(|name| header.iter().take(WIDEST).position(|column| same(column, name)))
        };
        let comments = header
            .iter()
            .take(WIDEST)
            .enumerate()
            .filter(|(_, column)| {
                COMMENTS.iter().any(|name| same(column.trim_end_matches(char::is_numeric), name))
            })
            .map(|(at, _)| at);
        let columns = Self {
            id: find(ID),
            subject: find(SUBJECT),
            description: find(DESCRIPTION),
            comments: comments.collect(),
            resolution: find(RESOLUTION),
        };
        let text = [columns.subject, columns.description, columns.resolution].into_iter().flatten().count()
            + usize::from(!columns.comments.is_empty());
        let marks = [columns.id, find(STATUS), find(ASKER)].into_iter().flatten().count();
        let asked =
            columns.description.is_some() || !columns.comments.is_empty() || columns.resolution.is_some();
        (asked && (told || (text + marks >= 3 && marks >= 1))).then_some(columns)
    }

    fn ticket(&self, header: &StringRecord, row: &StringRecord, index: usize) -> Option<Part> {
        let cell =
            |at: Option<usize>| at.and_then(|at| row.get(at)).map(plain).filter(|text| !text.is_empty());
        let subject = cell(self.subject);
        let description = cell(self.description);
        let replies: Vec<_> =
            self.comments.iter().filter_map(|at| cell(Some(*at))).flat_map(|text| thread(&text)).collect();
        let resolution = cell(self.resolution);
        if description.is_none() && replies.is_empty() && resolution.is_none() {
            return None;
        }
        let mut fields = Fields::default();
        for (column, value) in header.iter().zip(row.iter()).take(WIDEST) {
            fields.set(column, value);
        }
        let name = cell(self.id).unwrap_or_else(|| (index + 1).to_string());
        Some(document(name, fields, subject, description, replies, resolution))
    }
}

/// Any other table is one document.
fn table(header: &StringRecord, rows: &[StringRecord]) -> Option<Part> {
    let line = |row: &StringRecord| {
        row.iter()
            .map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
            .join(" | ")
    };
    let lines: Vec<_> = std::iter::once(header)
        .chain(rows)
        .filter(|row| row.iter().any(|cell| !cell.is_empty()))
        .map(line)
        .collect();
    (!lines.is_empty()).then(|| Part {
        name: String::new(),
        format: Format::Text,
        fields: Fields::default(),
        blocks: vec![Block::new(BlockKind::Table, lines.join("\n"))],
    })
}
