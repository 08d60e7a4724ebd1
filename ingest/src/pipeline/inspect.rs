//! Reading one item again, for a person who wants to know why it was held back.

use corpus::Extracted;

use super::Plan;
use super::extract;
use super::known::Identity;
use super::list::{self, Item};
use super::stage::{End, Step, Ticket};
use crate::error::Error;
use crate::isolate::Extractor;
use crate::source;

/// The unscreened documents of the item that `wanted` knows by its id (source name and location); `None` where the
/// sources of `plan` have none, and the reason where it cannot be read.
pub fn inspect(
    plan: &Plan,
    wanted: impl Fn(&str) -> bool,
) -> Result<Option<Result<Vec<Extracted>, String>>, Error> {
    let (_, items) = list::list(plan, "")?;
    let Some(item) = items.iter().find(|item| wanted(&item.id)) else { return Ok(None) };
    Ok(Some(read(plan, item)))
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
