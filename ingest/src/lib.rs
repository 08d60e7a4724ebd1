//! Ingestion: from folders of support documents to a published generation of the index.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod chunk;
mod error;
mod pipeline;
mod report;
pub mod source;

pub use chunk::{ChunkOptions, Chunker};
pub use error::Error;
pub use pipeline::{Event, Options, Plan, Progress, run, screening};
pub use report::{Counts, IngestReport, ItemReport, Outcome, REPORT_VERSION, StageReport};
pub use source::SourceSpec;

mod extract {
    mod chat;
    pub(crate) mod fields;
    mod markdown;
    mod records;
    mod text;
    mod tickets;

    use corpus::{DocumentId, Extracted, Format};

    /// One item's bytes and names.
    pub(crate) struct Item<'a> {
        pub(crate) id: &'a str,
        pub(crate) source: &'a str,
        pub(crate) location: &'a str,
        pub(crate) bytes: &'a [u8],
    }

    /// The documents of an item.
    pub(crate) fn extract(item: &Item<'_>) -> Result<Vec<Extracted>, String> {
        let text = text::charset::decode(item.bytes).ok_or("not text")?;
        let one =
            |format, (fields, blocks)| vec![records::Part { name: String::new(), format, fields, blocks }];
        let extension = item.location.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
        let parts = match extension.as_deref().unwrap_or_default() {
            "md" | "markdown" | "mdx" => one(Format::Markdown, markdown::read(&text)),
            "page" | "xml" | "docbook" | "dita" => {
                one(Format::Text, text::xml::read(&text).map_err(|error| error.to_string())?)
            }
            "json" | "jsonl" | "ndjson" => records::read(&text).map_err(|error| error.to_string())?,
            "csv" | "tsv" => tickets::read_table(&text).map_err(|error| error.to_string())?,
            "txt" | "rst" | "adoc" | "org" | "text" => one(Format::Text, text::read(&text)),
            _ => return Err("not a supported format".into()),
        };
        let document = |part: records::Part| {
            let id =
                if part.name.is_empty() { item.id.to_owned() } else { format!("{}#{}", item.id, part.name) };
            Extracted {
                id: DocumentId(id),
                source: item.source.to_owned(),
                location: item.location.to_owned(),
                format: part.format,
                title: part.fields.title,
                modified: part.fields.modified,
                metadata: part.fields.metadata,
                blocks: part.blocks,
            }
        };
        Ok(parts.into_iter().map(document).collect())
    }
}

/// Extraction in processes of its own.
pub mod isolate {
    /// The program that extracts.
    #[derive(Clone, Debug)]
    pub struct Worker {
        /// The program.
        pub program: std::path::PathBuf,
        /// Its arguments.
        pub args: Vec<String>,
    }
}
