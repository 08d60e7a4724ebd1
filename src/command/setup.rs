//! `citedesk setup`: fetches and compiles what is needed to run.

use std::path::Path;
use std::sync::Arc;

use models::setup::{self, Part};
use models::{Hub, HubModel};

use crate::cli::Setup;
use crate::config::Settings;
use crate::engine;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::progress;

pub(crate) fn run(settings: &Settings, args: &Setup, output: Output) -> Result<Exit, Failure> {
    settings.check_models()?;
    let layout = settings.layout();
    // Told before anything is fetched.
    if let Some(folder) = args.bundle.as_deref().and_then(Path::parent)
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        return Err(Failure::new(Exit::Error, format!("there is no folder {folder:?}"))
            .hint("make it, or name another one for the bundle"));
    }
    let wanted: Option<HubModel> = args.hub.as_deref().map(str::parse).transpose()?;
    let hub = wanted.is_some().then(Hub::from_environment).transpose()?;
    let options = setup::Options {
        from: args.from.clone(),
        python: args.python.clone(),
        verify: true,
        ..setup::Options::default()
    };
    let assets = progress::setup(&layout, options, output).map_err(|failure| match &args.from {
        Some(from) if failure.exit() == Exit::ModelMissing => failure.hint(format!(
            "make {from:?} again with `citedesk setup --bundle` of the same version; \
             or name a cache folder or a folder with the wheels"
        )),
        _ => failure,
    })?;
    if let Some(gguf) = settings.gguf() {
        let work = progress::Interruptible::begin()?;
        let stop = Arc::clone(&work.stop).into();
        progress::steps(output, |watch| setup::from_file(&layout, &gguf, &stop, watch))?;
    }
    let assets = engine::configured(settings, assets)?;
    if output.json {
        output.event(
            "ready",
            &serde_json::json!({
                "runtime": assets.runtime, "encoder": assets.encoder, "pair": assets.pair,
                "decoder": assets.decoder,
            }),
        )?;
    } else {
        output.line(format!("ONNX Runtime  {}", assets.runtime.display()))?;
        output.line(format!("encoder       {}", assets.encoder.display()))?;
        if settings.reads_pairs() {
            output.line(format!("pair encoder  {}", assets.pair.display()))?;
        }
        output.line(format!("decoder       {}", assets.decoder.display()))?;
    }
    if let Some(adapter) = &args.adapter {
        let options = |stop| setup::Options {
            from: args.from.clone().filter(|from| from.is_dir()),
            python: args.python.clone(),
            stop,
            ..setup::Options::default()
        };
        let work = progress::Interruptible::begin()?;
        let options = options(Arc::clone(&work.stop).into());
        let (part, folder) =
            progress::steps(output, |watch| setup::adapt(&layout, adapter, &options, watch))?;
        let (key, beside) = match part {
            Part::Pair => ("pair", ""),
            _ => ("decoder", ", and `mode = \"draft\"` under [answer],"),
        };
        if output.json {
            output.event("model", &serde_json::json!({ "part": part, "folder": folder }))?;
        } else {
            output.line(format!(
                "put this under [models] in citedesk.toml{beside} to use it instead of the default"
            ))?;
            output.line(format!("{key} = {:?}", folder.display().to_string()))?;
        }
    }
    if let Some((hub, model)) = hub.zip(wanted) {
        let work = progress::Interruptible::begin()?;
        let stop = Arc::clone(&work.stop).into();
        let (part, folder) =
            progress::steps(output, |watch| setup::from_hub(&layout, &hub, &model, &stop, watch))?;
        let key = if part == Part::Encoder { "encoder" } else { "decoder" };
        if output.json {
            output.event("model", &serde_json::json!({ "part": part, "folder": folder }))?;
        } else {
            output.line(format!("{model}: put this under [models] in citedesk.toml to use it"))?;
            output.line(format!("{key} = {:?}", folder.display().to_string()))?;
        }
    }
    if let Some(file) = &args.bundle {
        models::bundle::write(&layout, file).map_err(|error| Failure::from(error).exits(Exit::Error))?;
        if !output.json {
            output.line(format!("bundle        {}", file.display()))?;
        }
    }
    Ok(Exit::Ok)
}
