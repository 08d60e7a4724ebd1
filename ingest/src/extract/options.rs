//! How to extract, and how much at most.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How to extract.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExtractOptions {
    /// Passwords tried on encrypted PDFs, after the empty one.
    pub pdf_passwords: Vec<String>,
    /// What the columns or fields of an export are called.
    pub columns: Columns,
    /// Bounds.
    pub limits: Limits,
}

/// What the columns of a table, or the fields of JSON records, are called, by what they hold.
///
/// Common names are known; this is for those that are not. With it, every row is a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Columns {
    /// What tells one ticket from another.
    pub id: Option<String>,
    /// The headline.
    pub subject: Option<String>,
    /// What the customer asked.
    pub question: Option<String>,
    /// What helped.
    pub answer: Option<String>,
    /// What was written to and fro.
    pub comments: Option<String>,
    /// When it was last changed.
    pub updated: Option<String>,
    /// What it is about.
    pub product: Option<String>,
    /// `open`, `solved` and the like.
    pub status: Option<String>,
}

impl Columns {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The name under which a column is read, where it is one of these.
    pub(super) fn known(&self, column: &str) -> Option<&'static str> {
        let named = [
            (&self.id, "ticket_id"),
            (&self.subject, "subject"),
            (&self.question, "description"),
            (&self.answer, "resolution"),
            (&self.comments, "comments"),
            (&self.updated, "updated_at"),
            (&self.product, "product"),
            (&self.status, "status"),
        ];
        let wanted = |name: &Option<String>| name.as_deref().is_some_and(|name| name.trim() == column.trim());
        named.into_iter().find(|(name, _)| wanted(name)).map(|(_, known)| known)
    }

    /// The same names for the fields of a record and of those in it.
    pub(super) fn rename(&self, value: &mut serde_json::Value, depth: usize) {
        match value {
            serde_json::Value::Array(items) if depth > 0 => {
                items.iter_mut().for_each(|item| self.rename(item, depth - 1));
            }
            serde_json::Value::Object(map) => {
                let renamed: Vec<_> =
                    map.keys().filter_map(|key| Some((key.clone(), self.known(key)?))).collect();
                for (key, known) in renamed {
                    if let Some(value) = map.remove(&key) {
                        map.insert(known.to_owned(), value);
                    }
                }
                if depth > 0 {
                    map.values_mut().for_each(|value| self.rename(value, depth - 1));
                }
            }
            _ => {}
        }
    }
}

/// Passwords are secrets: their number is shown, not they.
impl fmt::Debug for ExtractOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractOptions")
            .field("pdf_passwords", &self.pdf_passwords.len())
            .field("columns", &self.columns)
            .field("limits", &self.limits)
            .finish()
    }
}

/// What one file may cost. Beyond it the file is an error, never silently cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Size of a file in bytes.
    pub file_bytes: u64,
    /// Pages of a PDF.
    pub pages: usize,
    /// Text of one document in bytes.
    pub document_bytes: usize,
    /// Documents in one file.
    pub items: usize,
    /// Nesting of elements, parts and objects.
    pub depth: usize,
    /// Time for one file in seconds.
    pub seconds: u64,
    /// Memory of an isolated extraction in MiB.
    pub memory_mib: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 256 << 20,
            pages: 5_000,
            document_bytes: 32 << 20,
            items: 1_000_000,
            depth: 256,
            seconds: 120,
            memory_mib: 4_096,
        }
    }
}
