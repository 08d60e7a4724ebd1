//! Extracts every file below a folder and prints a line for each: outcome, documents, blocks, characters, time.
//!
//! `extract_tree FOLDER` prints the lines and a summary. With `--text` it prints the text as well, with
//! `--isolated` files are extracted by a process of their own, which is this program, and `--password P` adds a
//! password for PDFs.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ingest::extract::{ExtractError, ExtractOptions, Extracted, Item};
use ingest::isolate::{Extractor, Worker, worker_main};

#[derive(Default)]
struct Arguments {
    folder: PathBuf,
    text: bool,
    isolated: bool,
    options: ExtractOptions,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = Arguments::default();
    let mut rest = std::env::args().skip(1);
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--text" => arguments.text = true,
            "--isolated" => arguments.isolated = true,
            "--worker" => return Ok(worker_main(std::io::stdin(), std::io::stdout())?),
            "--password" => arguments.options.pdf_passwords.extend(rest.next()),
            folder => arguments.folder = folder.into(),
        }
    }
    let mut files = Vec::new();
    list(&arguments.folder, &mut files)?;
    files.sort();
    let worker = Worker { program: std::env::current_exe()?, args: vec!["--worker".into()] };
    let extractor = Extractor::new(arguments.isolated.then_some(worker));
    let mut out = std::io::stdout().lock();
    let mut counts: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    for path in &files {
        let bytes = std::fs::read(path)?;
        let location = path.strip_prefix(&arguments.folder).unwrap_or(path).to_string_lossy().into_owned();
        let location = if location.is_empty() { path.to_string_lossy().into_owned() } else { location };
        let item = Item {
            id_prefix: &location,
            source: "tree",
            location: &location,
            bytes: &bytes,
            modified: None,
            options: &arguments.options,
        };
        let start = Instant::now();
        let result = extractor.extract(&item);
        let ms = start.elapsed().as_secs_f64() * 1_000.0;
        let count = counts.entry(result.as_ref().map_or_else(ExtractError::kind, |_| "ok")).or_default();
        count.0 += 1;
        count.1 += ms;
        report(&mut out, &location, &result, ms, arguments.text)?;
    }
    for (kind, (count, ms)) in counts {
        writeln!(out, "{kind}: {count} files, {ms:.0} ms")?;
    }
    Ok(())
}

fn report(
    out: &mut impl Write,
    location: &str,
    result: &Result<Vec<Extracted>, ExtractError>,
    ms: f64,
    text: bool,
) -> std::io::Result<()> {
    match result {
        Ok(documents) => {
            let blocks = || documents.iter().flat_map(|document| &document.blocks);
            let chars: usize = blocks().map(|block| block.text.chars().count()).sum();
            writeln!(out, "ok\t{}\t{}\t{chars}\t{ms:.1}\t{location}", documents.len(), blocks().count())?;
            for document in documents.iter().filter(|_| text) {
                writeln!(
                    out,
                    "=== {} | {:?} | {:?} | {:?}",
                    document.id, document.title, document.modified, document.metadata
                )?;
                for block in &document.blocks {
                    let page = block.page.map(|page| format!(" p{page}")).unwrap_or_default();
                    writeln!(out, "[{:?}{page}] {}", block.kind, block.text)?;
                }
            }
        }
        Err(error) => writeln!(out, "{}\t\t\t\t{ms:.1}\t{location}\t{error}", error.kind())?,
    }
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if folder.is_file() {
        files.push(folder.to_path_buf());
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { list(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
