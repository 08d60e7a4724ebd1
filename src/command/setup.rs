//! `citedesk setup`: fetches and compiles what is needed to run.

use models::setup::{self, Layout};

use crate::cli::Setup;
use crate::config::Settings;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::progress;

pub(crate) fn run(settings: &Settings, args: &Setup, output: Output) -> Result<Exit, Failure> {
    let layout = Layout::new(&settings.cache);
    let options = setup::Options { from: args.from.clone(), ..setup::Options::default() };
    let assets = progress::setup(&layout, &options, output)?;
    if output.json {
        output.event(
            "ready",
            &serde_json::json!({
                "runtime": assets.runtime, "encoder": assets.encoder, "decoder": assets.decoder,
            }),
        )?;
    } else {
        output.line(format!("ONNX Runtime  {}", assets.runtime.display()))?;
        output.line(format!("encoder       {}", assets.encoder.display()))?;
        output.line(format!("decoder       {}", assets.decoder.display()))?;
    }
    if let Some(file) = &args.bundle {
        models::bundle::write(&layout, file)?;
        if !output.json {
            output.line(format!("bundle        {}", file.display()))?;
        }
    }
    Ok(Exit::Ok)
}
