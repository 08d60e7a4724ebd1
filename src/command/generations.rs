//! `citedesk generations`: list, promote, roll back, copy.

use std::path::Path;

use retriever::{Generation, GenerationId, Server, Store};

use crate::cli::Generations;
use crate::config::{Settings, is_address};
use crate::engine;
use crate::failure::{Exit, Failure};
use crate::output::Output;

mod diff;

pub(crate) fn run(settings: &Settings, action: &Generations, output: Output) -> Result<Exit, Failure> {
    let store = settings.store()?;
    match action {
        Generations::List => {
            let Some(current) = store.current()? else { return Err(engine::no_index(settings)) };
            for generation in store.generations()?.iter().rev() {
                let live = generation.id == current.id;
                if output.json {
                    output.event(
                        "generation",
                        &serde_json::json!({ "generation": generation, "current": live }),
                    )?;
                } else {
                    let mark = if live { output.good("→") } else { " ".into() };
                    output.line(format!("{mark} {}", describe(generation)))?;
                }
            }
        }
        Generations::Promote { id } => {
            let generation = named(&store, id)?;
            store.promote(&generation.id)?;
            told(&generation, output)?;
        }
        Generations::Rollback => told(&store.rollback()?, output)?,
        Generations::Copy { id, to, staged } => {
            let id = match id {
                Some(id) => named(&store, id)?.id,
                None => store.current()?.ok_or_else(|| engine::no_index(settings))?.id,
            };
            copy(settings, &store, &id, to, *staged, output)?;
        }
        Generations::Diff { from, to, contradictions, all } => {
            let (from, to) = ends(&store, from.as_deref(), to.as_deref())?;
            let options = diff::Options { contradictions: *contradictions, all: *all };
            diff::run(settings, &store, &from, &to, options, output)?;
        }
    }
    Ok(Exit::Ok)
}

/// Copies a generation to a folder or server.
fn copy(
    settings: &Settings,
    store: &Store,
    id: &GenerationId,
    to: &Path,
    staged: bool,
    output: Output,
) -> Result<(), Failure> {
    let other = if is_address(to) {
        let url = to.to_string_lossy().into_owned();
        let server = Server { url, ..settings.config.index.server.clone() };
        settings.store_at(Some(&server), &settings.index)?
    } else {
        settings.store_at(None, to)?
    };
    let copied = store.copy(id, &other)?;
    if staged {
        let generation = copied.generation();
        if output.json {
            return output.event("copied", generation);
        }
        return output.line(format!("copied: {}", describe(generation)));
    }
    told(&copied.promote()?, output)
}

fn named(store: &Store, id: &str) -> Result<Generation, Failure> {
    let known = store.generations()?;
    known.into_iter().find(|generation| generation.id.to_string() == id).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("there is no generation {id:?}"))
            .hint("`citedesk generations list` shows those that are kept")
    })
}

/// The two generations to compare: by default the current one with the one that it was made from, or else with the
/// newest one before it.
fn ends(
    store: &Store,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<(GenerationId, GenerationId), Failure> {
    let to = match to {
        Some(id) => named(store, id)?,
        None => store.current()?.ok_or_else(|| Failure::new(Exit::Error, "there is no index"))?,
    };
    if let Some(id) = from {
        return Ok((named(store, id)?.id, to.id));
    }
    let known = store.generations()?;
    let earlier = |generation: &&Generation| generation.id < to.id;
    let parent = known.iter().find(|generation| Some(&generation.id) == to.parent.as_ref());
    let before = parent.or_else(|| known.iter().rev().find(earlier)).ok_or_else(|| {
        Failure::new(Exit::Error, "no earlier generation is kept to compare with")
            .hint("`citedesk generations list` shows those that are kept")
    })?;
    Ok((before.id.clone(), to.id))
}

fn told(generation: &Generation, output: Output) -> Result<(), Failure> {
    if output.json {
        return output.event("promoted", generation);
    }
    output.line(format!("current: {}", describe(generation)))
}

pub(crate) fn describe(generation: &Generation) -> String {
    format!(
        "{}  {}  {} documents, {} chunks",
        generation.id,
        generation.created.strftime("%Y-%m-%d %H:%M"),
        generation.documents,
        generation.chunks
    )
}
