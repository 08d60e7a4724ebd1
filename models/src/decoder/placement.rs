//! What ran where, by ONNX Runtime's own profile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::CausalLm;
use super::state::Engine;
use crate::{Error, Result, Runtime, SessionOptions};

/// How many nodes of a graph an execution provider runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Placement {
    /// ONNX Runtime's name of it, such as `CUDAExecutionProvider`.
    pub provider: String,
    /// Nodes that ran there.
    pub nodes: usize,
    /// Their operators.
    pub operators: Vec<String>,
}

/// An entry of a profile; others have fewer fields.
#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    cat: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    args: Arguments,
}

#[derive(Default, Deserialize)]
struct Arguments {
    #[serde(default)]
    provider: String,
    #[serde(default)]
    op_name: String,
}

impl CausalLm {
    /// Loads the model at `path` once more, runs a few tokens and tells which execution provider ran each node, the one
    /// with the most nodes first.
    ///
    /// # Errors
    /// What [`CausalLm::open`] and [`CausalLm::prefill`] return, or [`Error::Corrupt`] for a profile that cannot be
    /// read.
    pub fn placement(runtime: &Runtime, path: &Path, options: &SessionOptions) -> Result<Vec<Placement>> {
        let folder = tempfile::tempdir().map_err(Error::io(std::env::temp_dir()))?;
        let mut model = Self::profiled(runtime, path, options, Some(folder.path()))?;
        model.prefill(&[0, 0])?;
        model.step(0)?;
        let sessions: Vec<_> = match model.state.engine_mut() {
            Engine::Compiled(engine) => vec![engine.session()],
            Engine::Exported(engine) => engine.sessions().collect(),
        };
        let mut found: BTreeMap<String, (BTreeSet<(usize, String)>, BTreeSet<String>)> = BTreeMap::new();
        for (graph, session) in sessions.into_iter().enumerate() {
            let profile = session.end_profiling().map_err(Error::inference("end the profile"))?;
            let bytes = fs::read(&profile).map_err(Error::io(&profile))?;
            let events: Vec<Event> = serde_json::from_slice(&bytes)
                .map_err(|error| Error::corrupt(&profile, error.to_string()))?;
            for event in events {
                if event.cat == "Node" && !event.args.provider.is_empty() {
                    let (nodes, operators) = found.entry(event.args.provider).or_default();
                    nodes.insert((graph, event.name));
                    operators.insert(event.args.op_name);
                }
            }
        }
        let placement = |(provider, (nodes, operators)): (String, (BTreeSet<_>, BTreeSet<String>))| {
            Placement { provider, nodes: nodes.len(), operators: operators.into_iter().collect() }
        };
        let mut placements: Vec<Placement> = found.into_iter().map(placement).collect();
        placements.sort_by_key(|placement| std::cmp::Reverse(placement.nodes));
        Ok(placements)
    }
}
