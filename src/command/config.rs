//! `citedesk config show`.

use crate::cli::ConfigAction;
use crate::config::Settings;
use crate::failure::{Exit, Failure};
use crate::output::Output;

pub(crate) fn run(settings: &Settings, action: &ConfigAction, output: Output) -> Result<Exit, Failure> {
    let ConfigAction::Show { origin } = action;
    let rows = settings.origins()?;
    if output.json {
        for (key, (value, origin)) in &rows {
            output.event("setting", &serde_json::json!({ "key": key, "value": value, "origin": origin }))?;
        }
        return Ok(Exit::Ok);
    }
    for (key, (value, from)) in &rows {
        let comment = if *origin { output.dim(&format!("  # {from}")) } else { String::new() };
        output.line(format!("{key} = {value}{comment}"))?;
    }
    Ok(Exit::Ok)
}
