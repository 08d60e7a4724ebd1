//! Publishing: what is gone, what is taken over, and whether there is anything new.

use std::collections::{BTreeMap, HashSet};

use corpus::DocumentId;
use corpus::screen::{Rejected, Screener};
use retriever::{Builder, Staged};

use super::event::Event;
use super::known::Entry;
use super::ledger::Ledger;
use super::list::{Item, Listed};
use super::meter::{Meter, Spent};
use super::stage::Running;
use crate::error::Error;
use crate::report::{ItemReport, Outcome};

/// Settles what happens to documents that no item of this run stands for, and writes their lines.
pub(super) fn settle(
    ledger: &mut Ledger<'_>,
    sources: &[Listed],
    items: &[Item],
    allow_empty: bool,
) -> Result<(), Error> {
    let listed: HashSet<_> = items.iter().map(|item| &item.key).collect();
    let is_listed =
        |entry: &Entry| entry.version.as_ref().is_some_and(|version| listed.contains(&version.item));
    for source in sources {
        for left in &source.left {
            let (outcome, mut reason) = if left.unknown {
                (Outcome::Failed, left.reason.clone())
            } else {
                (Outcome::Skipped, left.reason.clone())
            };
            // What lies below a folder that could not be listed is not gone.
            let mut places =
                if left.unknown { ledger.known.below(source, &left.location) } else { Vec::new() };
            places.retain(|place| ledger.known.documents.get(*place).is_some_and(|entry| !is_listed(entry)));
            let documents = places.iter().filter(|place| ledger.keep(**place)).count();
            if documents > 0 {
                reason.push_str("; what an earlier run indexed stays");
            }
            ledger.line(line(
                &source.name,
                format!("{}/{}", source.name, left.location).trim_end_matches('/').to_owned(),
                outcome,
                reason,
                documents,
            ));
        }
    }
    for source in sources {
        let mut gone: BTreeMap<String, usize> = BTreeMap::new();
        for (entry, kept) in ledger.known.documents.iter().zip(&ledger.kept) {
            let replaced = ledger.added.contains(&entry.document.id);
            if entry.is_of(source) && !kept && !is_listed(entry) && !replaced {
                let id = &entry.document.id.0;
                let item = id.split_once('#').map_or(id.as_str(), |(item, _)| item);
                *gone.entry(item.to_owned()).or_default() += 1;
            }
        }
        for (id, documents) in gone {
            let reason = if documents == 1 {
                "gone from its source".to_owned()
            } else {
                format!("gone from its source, with {documents} documents")
            };
            ledger.line(line(&source.name, id, Outcome::Removed, reason, 0));
        }
        let (before, after) = ledger.of_source(source);
        if before > 0 && after == 0 && !allow_empty && !ledger.quarantined(source) {
            return Err(Error::Emptied { name: source.name.clone(), documents: before });
        }
    }
    Ok(())
}

/// Takes over what is unchanged and builds the generation, which is not current yet.
pub(super) fn stage(
    mut builder: Builder<'_>,
    ledger: &mut Ledger<'_>,
    screener: &Screener,
    running: &Running<'_>,
    meter: &Meter,
) -> Result<Staged, Error> {
    let known = ledger.known;
    for (place, entry) in known.documents.iter().enumerate() {
        let id = &entry.document.id;
        if ledger.kept.get(place) != Some(&true) || ledger.added.contains(id) {
            continue;
        }
        if running.ended() {
            return Err(Error::Interrupted);
        }
        if !entry.current
            && let Some(rejected) = residual(&builder, screener, id)?
        {
            if let Some(kept) = ledger.kept.get_mut(place) {
                *kept = false;
            }
            let reason = format!("{rejected}; found by the last scan, it leaves the index");
            ledger.line(taken_over(entry, Outcome::Quarantined, reason));
            continue;
        }
        let (carried, _) = meter.time(Spent::Busy, || builder.carry(id));
        if !carried.map_err(|error| running.explain(error))? {
            if let Some(kept) = ledger.kept.get_mut(place) {
                *kept = false;
            }
            let reason = "the generation before lists it but does not hold it".to_owned();
            ledger.line(taken_over(entry, Outcome::Failed, reason));
        }
    }
    builder.set_pipeline(&known.pipeline);
    let counts = ledger.counts();
    let _ = ledger.events.send(Event::Publishing { documents: counts.documents });
    let (published, _) = meter.time(Spent::Busy, || builder.stage());
    published.map_err(|error| running.explain(error))
}

/// What keeps a document that was not read in this run out of the new generation: it was screened under the policy of
/// its day.
fn residual(builder: &Builder<'_>, screener: &Screener, id: &DocumentId) -> Result<Option<Rejected>, Error> {
    let record = builder.parent_document(id)?;
    Ok(record.and_then(|record| screener.check(&record).err()))
}

fn taken_over(entry: &Entry, outcome: Outcome, reason: String) -> ItemReport {
    line(&entry.document.source, entry.document.id.to_string(), outcome, reason, 0)
}

fn line(source: &str, id: String, outcome: Outcome, reason: String, documents: usize) -> ItemReport {
    ItemReport {
        id,
        source: source.to_owned(),
        outcome,
        reason: Some(reason),
        duplicate_of: None,
        documents,
        chunks: 0,
        ms: 0.0,
    }
}
