//! `citedesk setup`: fetches and compiles what is needed to run.

use models::setup::{self, Layout};

use crate::cli::Setup;
use crate::config::Settings;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::progress;

pub(crate) fn run(settings: &Settings, args: &Setup, output: Output) -> Result<Exit, Failure> {
    let layout = Layout::new(&settings.cache);
    let options = setup::Options {
        from: args.from.clone(),
        python: args.python.clone(),
        verify: true,
        ..setup::Options::default()
    };
    let assets = progress::setup(&layout, &options, output).map_err(|failure| match &args.from {
        Some(from) if failure.exit() == Exit::ModelMissing => failure.hint(format!(
            "make {from:?} again with `citedesk setup --bundle` of the same version; \
             or name a cache folder or a folder with the wheels"
        )),
        _ => failure,
    })?;
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
        models::bundle::write(&layout, file).map_err(|error| Failure::from(error).exits(Exit::Error))?;
        if !output.json {
            output.line(format!("bundle        {}", file.display()))?;
        }
    }
    Ok(Exit::Ok)
}
