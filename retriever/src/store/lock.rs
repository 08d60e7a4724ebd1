//! The writer lock.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who holds the writer lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holder {
    /// Process id, where known.
    pub pid: Option<u32>,
    /// Name of the machine, where known.
    pub host: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "process {pid}")?,
            None => f.write_str("another process")?,
        }
        if let Some(host) = &self.host {
            write!(f, " on {host}")?;
        }
        if let Some(since) = self.since {
            write!(f, " since {since:.0}")?;
        }
        Ok(())
    }
}
