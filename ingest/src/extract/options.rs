//! How to extract, and how much at most.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How to extract.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExtractOptions {
    /// Passwords tried on encrypted PDFs, after the empty one.
    pub pdf_passwords: Vec<String>,
    /// Bounds.
    pub limits: Limits,
}

/// Passwords are secrets: their number is shown, not they.
impl fmt::Debug for ExtractOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractOptions")
            .field("pdf_passwords", &self.pdf_passwords.len())
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
