//! Reports of ingestion runs, kept beside the index.

use std::fs;
use std::path::{Path, PathBuf};

use corpus::screen::Screener;
use ingest::IngestReport;

use crate::config::Settings;
use crate::failure::{Exit, Failure};

/// How many are kept.
const KEPT: usize = 30;

fn folder(settings: &Settings) -> PathBuf {
    settings.index.join("reports")
}

/// Keeps a report. A file's name may hold somebody's name, so what is kept is screened.
pub(crate) fn keep(settings: &Settings, screener: &Screener, report: &IngestReport) -> Result<(), Failure> {
    let folder = folder(settings);
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Error, format!("the run is done but its report was not kept: {error}"))
    };
    fs::create_dir_all(&folder).map_err(failed)?;
    let mut kept = report.clone();
    for item in &mut kept.items {
        item.id = screener.mask(&item.id).text;
        for text in [&mut item.reason, &mut item.duplicate_of].into_iter().flatten() {
            *text = screener.mask(text).text;
        }
    }
    let at = report.at.unwrap_or_default().strftime("%Y%m%dT%H%M%SZ").to_string();
    write(&folder.join(format!("{at}.json")), &kept)?;
    let names = names(&folder);
    for name in names.iter().take(names.len().saturating_sub(KEPT)) {
        fs::remove_file(folder.join(name)).map_err(failed)?;
    }
    Ok(())
}

/// Writes a report in one step.
pub(crate) fn write(file: &Path, report: &IngestReport) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(Exit::Error, format!("cannot write {file:?}: {error}"));
    let text = serde_json::to_vec_pretty(report).map_err(|error| Failure::of(Exit::Error, &error))?;
    let partial = file.with_extension("partial");
    fs::write(&partial, text).and_then(|()| fs::rename(&partial, file)).map_err(failed)
}

/// The report of the last run.
pub(crate) fn last(settings: &Settings) -> Result<Option<IngestReport>, Failure> {
    let folder = folder(settings);
    let Some(name) = names(&folder).pop() else { return Ok(None) };
    let path = folder.join(name);
    let bytes = fs::read(&path)
        .map_err(|error| Failure::new(Exit::Error, format!("cannot read {path:?}: {error}")))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        Failure::new(Exit::Error, format!("{path:?} is not a report: {error}")).hint("delete it")
    })
}

/// Names of the reports, oldest first.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    names.sort_unstable();
    names
}
