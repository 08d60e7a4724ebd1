//! An index on a Qdrant server or cluster, spoken to by gRPC.
//!
//! Each generation is two collections: `<name>-<id>` with the chunks and their vectors, and `<name>-<id>-documents`
//! with whole documents and what else a reader needs, so that a reader needs no folder. The alias `<name>` points to
//! the current one. A generation counts as complete once its description is there, which is written last.

mod connection;
mod library;
mod shelf;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;
pub(crate) use connection::{Connection, READING, WRITING};
pub(crate) use library::uuid_of;
pub(crate) use shelf::ServerShelf;

/// The environment variable that holds the API key.
pub const API_KEY: &str = "CITEDESK_QDRANT_API_KEY";

/// A Qdrant server or cluster, and how collections are made on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address of its gRPC interface, such as `https://qdrant.example.com:6334`. Empty: the index is in a folder.
    pub url: String,
    /// Name of the alias, and beginning of the names of collections.
    pub collection: String,
    /// Seconds that a search may take.
    pub timeout_s: u64,
    /// Shards of a collection.
    pub shards: u32,
    /// Copies of each shard.
    pub replicas: u32,
    /// Copies that must have taken a write before it counts.
    pub write_consistency: u32,
    /// Whether full vectors are read from disk instead of being held in memory.
    pub on_disk: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            url: String::new(),
            collection: "citedesk".to_owned(),
            timeout_s: 10,
            shards: 1,
            replicas: 1,
            write_consistency: 1,
            on_disk: false,
        }
    }
}

/// Longest name of an alias: those of collections are longer and have a limit of their own.
const LONGEST_NAME: usize = 100;

impl Server {
    /// Whether an index is on it.
    pub fn is_set(&self) -> bool {
        !self.url.is_empty()
    }

    /// Refuses settings that no server takes, or that say something else than what was meant.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |setting, value: &dyn fmt::Display, problem| {
            Err(Error::Setting { setting, value: value.to_string(), problem })
        };
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !self.url.starts_with("http://") && !self.url.starts_with("https://") {
            wrong("index.server.url", &self.url, "is no address; one looks like \"http://localhost:6334\"")
        } else if self.collection.is_empty()
            || self.collection.len() > LONGEST_NAME
            || !self.collection.chars().all(named)
        {
            wrong(
                "index.server.collection",
                &self.collection,
                "is no name; use up to 100 letters, digits, - and _",
            )
        } else if self.timeout_s == 0 {
            wrong("index.server.timeout_s", &self.timeout_s, "leaves no time")
        } else if self.shards == 0 {
            wrong("index.server.shards", &self.shards, "leaves no place for chunks")
        } else if self.replicas == 0 {
            wrong("index.server.replicas", &self.replicas, "leaves no copy")
        } else if self.write_consistency == 0 || self.write_consistency > self.replicas {
            wrong("index.server.write_consistency", &self.write_consistency, "must be from 1 to `replicas`")
        } else {
            Ok(())
        }
    }

    /// What people call the index.
    pub(crate) fn name(&self) -> String {
        format!("{} on {}", self.collection, self.url)
    }
}
