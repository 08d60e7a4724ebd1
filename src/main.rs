//! citedesk: a support assistant that never says what it cannot show.
//!
//! This binary is glue: it reads flags and configuration, wires the crates together and prints.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod cli;
mod command;
mod config;
mod desk;
mod engine;
mod failure;
mod filters;
mod gate;
mod handover;
mod kept;
mod locate;
mod memory;
mod output;
mod progress;
mod records;
mod reports;
mod sample;
mod webhook;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::config::Settings;
use crate::failure::{Exit, Failure};
use crate::output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.global.verbose);
    let json = cli.global.json;
    let output = Output::new(json, cli.global.quiet);
    match run(cli, output) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if failure.exit() != Exit::Ok {
                failure.report(json);
            }
            failure.exit().into()
        }
    }
}

fn log(verbose: u8) {
    let default = match verbose {
        0 => "error,ort=off",
        1 => "info,ort=warn",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("CITEDESK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

fn run(cli: Cli, output: Output) -> Result<Exit, Failure> {
    // These need no configuration, so that a broken one cannot stop them.
    match &cli.command {
        Some(Command::Completions { shell }) => return command::manual::completions(*shell),
        Some(Command::Man) => return command::manual::man(),
        Some(Command::ExtractWorker) => return command::ingest::worker(),
        _ => {}
    }
    let settings = Settings::load(&cli.global.overrides())?;
    let verbose = cli.global.verbose > 0;
    match cli.command {
        None => command::tui::run(&settings, cli.plain, None, output),
        Some(Command::Setup(args)) => command::setup::run(&settings, &args, output),
        Some(Command::Demo(args)) => command::demo::run(&settings, &args, output),
        Some(Command::Ingest(args)) => command::ingest::run(&settings, &args, output),
        Some(Command::Ask(args)) => command::ask::run(&settings, &args, output),
        Some(Command::Search(args)) => command::search::run(&settings, &args, output),
        Some(Command::Anonymize(args)) => command::anonymize::run(&settings, &args, output),
        Some(Command::Generations { action }) => command::generations::run(&settings, &action, output),
        Some(Command::Eval { action }) => command::eval::run(&settings, &action, output),
        Some(Command::Why(args)) => command::why::run(&settings, &args, output),
        Some(Command::Doctor) => command::doctor::run(&settings, verbose, output),
        Some(Command::Status) => command::status::run(&settings, output),
        Some(Command::Quarantine { action }) => command::quarantine::run(&settings, action.as_ref(), output),
        Some(Command::Forget(args)) => command::forget::run(&settings, &args, output),
        Some(Command::Schedule { action }) => command::schedule::run(&settings, &action, output),
        Some(Command::Config { action }) => command::config::run(&settings, &action, output),
        Some(Command::Bench(args)) => command::bench::run(&settings, &args, output),
        Some(Command::Completions { .. } | Command::Man | Command::ExtractWorker) => Ok(Exit::Ok),
    }
}
