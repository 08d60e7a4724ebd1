//! Reading one item again, for a person who wants to know why it was held back.

use std::sync::atomic::AtomicBool;

use corpus::Extracted;

use super::Plan;
use super::extract;
use super::known::Identity;
use super::list::{self, Item, Lister, Origin};
use super::stage::{End, Running, Step, Ticket};
use crate::error::Error;
use crate::isolate::Extractor;
use crate::source;

/// The unscreened documents of the item that `wanted` knows by its id (source name and location); `None` where the
/// sources of `plan` have none, and the reason where it cannot be read.
pub fn inspect(
    plan: &Plan,
    wanted: impl Fn(&str) -> bool,
) -> Result<Option<Result<Vec<Extracted>, String>>, Error> {
    let opened = list::open(plan, "")?;
    let running = Running { cancel: &plan.cancel, stop: AtomicBool::new(false) };
    // Help centers send the one that is wanted, and no other.
    let others = |source: &Origin, location: &str, _: &str| {
        let id = format!("{}/{location}", source.name);
        !wanted(&id)
    };
    let lister = Lister { running: &running, known: &others, folder: None };
    let (listed, items) = list::list(&opened, &lister)?;
    match items.iter().find(|item| wanted(&item.id)) {
        Some(item) => Ok(Some(read(plan, item))),
        None => list::unreachable(listed).map_or(Ok(None), Err),
    }
}

fn read(plan: &Plan, item: &Item) -> Result<Vec<Extracted>, String> {
    let bytes =
        source::read(&item.entry, plan.options.limits.file_bytes).map_err(|error| error.to_string())?;
    let ticket = Ticket {
        number: 0,
        item,
        digest: None,
        identity: None::<Identity>,
        spent: std::time::Duration::ZERO,
    };
    let extractor = Extractor::new(plan.worker.clone());
    match extract::extract(&extractor, &plan.options.extract(), &bytes, &ticket).1 {
        Step::Next(documents) => Ok(documents),
        Step::End(End::Failed(reason) | End::Skipped(reason)) => Err(reason),
        Step::End(_) => Ok(Vec::new()),
    }
}
