//! `citedesk quarantine`: what was held back because an identifier could not be masked, and why.

use ingest::Outcome;

use super::ingest::{Flags, configured, given, plan};
use crate::cli::Quarantine;
use crate::config::Settings;
use crate::engine;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::reports;

pub(crate) fn run(settings: &Settings, action: Option<&Quarantine>, output: Output) -> Result<Exit, Failure> {
    match action {
        None | Some(Quarantine::List) => list(settings, output),
        Some(Quarantine::Show { item, paths }) => {
            let sources = if paths.is_empty() { configured(settings) } else { given(settings, paths) };
            if sources.is_empty() {
                return Err(Failure::new(Exit::Usage, "it is not known where the item is").hint(
                    "name the path that was ingested after the item, or set `[[ingest.sources]]` in the configuration",
                ));
            }
            show(settings, item, sources, output)
        }
    }
}

/// What the last run held back.
fn list(settings: &Settings, output: Output) -> Result<Exit, Failure> {
    let Some(report) = reports::last(settings)? else {
        return Err(
            Failure::new(Exit::Error, "there is no report of a run yet").hint("`citedesk ingest` makes one")
        );
    };
    let held: Vec<_> = report.items.iter().filter(|item| item.outcome == Outcome::Quarantined).collect();
    if output.json {
        output.event("quarantine", &serde_json::json!({ "items": held }))?;
        return Ok(Exit::Ok);
    }
    for item in &held {
        output.line(format!("{}: {}", item.id, item.reason.as_deref().unwrap_or("no reason given")))?;
    }
    output.line(match held.len() {
        0 => "nothing is held back".to_owned(),
        count => format!("{count} held back; `citedesk quarantine show ITEM` says why"),
    })?;
    Ok(Exit::Ok)
}

/// Reads an item again and shows what cannot be masked in it. This is for somebody who may see the item itself.
fn show(
    settings: &Settings,
    wanted: &str,
    sources: Vec<::ingest::SourceSpec>,
    output: Output,
) -> Result<Exit, Failure> {
    let screener = engine::screener(settings)?;
    let plan = plan(settings, sources, &Flags::default())?;
    let (file, document) = wanted.split_once('#').map_or((wanted, None), |(file, name)| (file, Some(name)));
    // Reports call an item by its screened name.
    let found = ::ingest::inspect(&plan, |id| id == file || screener.mask(id).text == file)?;
    let documents = match found {
        None => {
            return Err(Failure::new(Exit::Error, format!("no source has an item {file:?}"))
                .hint("`citedesk quarantine` lists those that the last run held back"));
        }
        Some(Err(reason)) => return Err(Failure::new(Exit::Error, format!("{file}: {reason}"))),
        Some(Ok(documents)) => documents,
    };
    let mut count = 0;
    for extracted in documents {
        let id = extracted.id.clone();
        if document.is_some_and(|name| id.0.split_once('#').is_none_or(|(_, own)| own != name)) {
            continue;
        }
        for residue in screener.review(extracted).map_err(|error| Failure::of(Exit::Error, &error))? {
            count += 1;
            if output.json {
                output.event("residue", &serde_json::json!({ "document": id, "residue": residue }))?;
                continue;
            }
            output.line(format!("{id}: a {} in the {}", residue.kind, residue.field))?;
            output.line(format!(
                "    …{}{}{}…",
                residue.before.replace('\n', " "),
                output.bad(&residue.found),
                residue.after.replace('\n', " ")
            ))?;
        }
    }
    if !output.json {
        output.line(if count == 0 {
            "nothing keeps it out; the next run lets it in"
        } else {
            "correct the document, or what is no identifier: `screening.allow` in the configuration"
        })?;
    }
    Ok(Exit::Ok)
}
