//! What the fuzz targets have in common.

use ingest::extract::{Item, extract};
use ingest::{ExtractError, ExtractOptions, Limits};

/// Extracts `bytes` as a file named `name`. Any error will do but a reader that panics, and what comes out must have
/// text and sound ids.
pub fn extracts(name: &str, bytes: &[u8]) {
    let limits = Limits { seconds: 10, memory_mib: 1024, ..Limits::default() };
    let options = ExtractOptions { limits, ..ExtractOptions::default() };
    let id_prefix = &format!("fuzz/{name}");
    let item = Item { id_prefix, source: "fuzz", location: name, bytes, modified: None, options: &options };
    match extract(&item) {
        Ok(documents) => {
            assert!(!documents.is_empty());
            for document in documents {
                assert!(document.id.0.starts_with(id_prefix.as_str()));
                assert!(document.blocks.iter().any(|block| !block.text.trim().is_empty()));
            }
        }
        Err(ExtractError::Crashed { how }) => panic!("{how}"),
        Err(_) => {}
    }
}
