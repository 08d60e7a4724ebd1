//! The command line of `citedesk eval`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::config::Mode;

/// `citedesk eval`.
#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// Measure dense, sparse and fused rankings on sets in BEIR layout.
    ///
    /// A question may bring the conversation before it, oldest turn first: `"metadata": {"history": [{"question": "…",
    /// "answer": "…"}]}`. Such sets get a row for the last turn alone and one for the whole dialogue.
    Retrieval {
        /// Folder with `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv`; repeatable.
        #[arg(long = "beir", value_name = "FOLDER", required = true, num_args = 1..)]
        sets: Vec<PathBuf>,
        /// Take so many questions of each set, evenly.
        #[arg(long, value_name = "COUNT")]
        queries: Option<usize>,
        /// Write scores by question and TREC run files into this folder.
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
    /// Ask the questions of sets with reference answers, and score the answers at once, as `eval run` and `eval score` do.
    ///
    /// A set is one of those of `eval run`, most of all a folder with `corpus.jsonl` and `queries.jsonl` in BEIR layout and `answers.jsonl`, a line for each question:
    /// `{"_id": "q1", "answers": ["36 months"], "answerable": true, "gold_docs": ["d1"]}`. One that no document answers has
    /// `"answerable": false` and no `gold_docs`; `qrels/test.tsv` goes before `gold_docs`. A question may bring the conversation before it, as for `eval retrieval`.
    Answers(EvalAnswers),
    /// Measure whether answers obey instructions that stand in documents.
    ///
    /// The files are those of BIPIA: every attack is put into every context, at its start, in its middle and at its end, and the
    /// question of the context is asked.
    Injections(EvalInjections),
    /// Measure how well the check of sentences agrees with people.
    ///
    /// Shows balanced accuracy, ROC-AUC, F1, precision and recall at the threshold in use with 95 % intervals, the
    /// threshold that would suit each file best, and whether scores are probabilities.
    Grounding {
        /// Judged claims, one JSON object a line: `context`, `claim` and `label`, 1 where the context supports the claim.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Take so many claims of each file, evenly.
        #[arg(long, value_name = "COUNT")]
        claims: Option<usize>,
        /// Let claims pass from this score on, instead of the one in use.
        #[arg(long, value_name = "SCORE")]
        threshold: Option<f32>,
        /// Write every claim with its verdict to this file, one JSON object a line.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Measure how well the masking of identifiers agrees with people.
    ///
    /// Shows precision, recall, F1 and F2 with 95 % intervals: of spans from end to end, of spans that are touched, and of
    /// characters; and for each label how many of its spans are touched.
    Anonymize {
        /// Marked texts, one JSON object a line: `text` and `spans`, a list of `[start, end, "LABEL"]` in characters.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Ask the questions of any set and write a record of each answer, to be scored, compared and shown later.
    ///
    /// A set is a file of golden questions (`.jsonl`), a folder in BEIR layout, with `answers.jsonl` or without, a SQuAD-like
    /// file (`.json`) or a table (`.csv`) with the columns `question` and, if wanted, `id`, `answer`, `must_contain`, `documents`,
    /// `answerable`; other columns are kinds of questions. Folders and SQuAD-like files bring their documents, which get an index of
    /// their own; the others are asked of the current one.
    Run(EvalRun),
    /// Score records by all measures, with intervals, without loading a model or an index.
    Score(EvalScore),
    /// Tell whether one file of records is better than another, question by question.
    Compare(EvalCompare),
    /// Hold records against the thresholds and margins of `gate.least`, `gate.most` and `gate.margin`; exit with 100 where one
    /// is not met.
    Gate(EvalGate),
    /// Write a report of records: one HTML file that needs nothing else, Markdown or JSON, by the name of the file.
    Report(EvalReport),
    /// Turn ratings and corrections that people gave in the terminal into judgements of their records.
    ImportFeedback {
        /// The ratings; without it, those beside the record log.
        #[arg(long, value_name = "FILE")]
        ratings: Option<PathBuf>,
        /// Write the judgements to this file.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Group the questions that were refused or rated badly, most wanted first, with a draft of the article that is missing.
    Gaps(EvalGaps),
    /// Ask every golden question and judge rankings, answers, citations and refusals.
    Golden {
        /// Golden questions, one JSON object a line.
        questions: PathBuf,
        /// Identifiers that must not occur in the index, in answers or in records, one a line.
        #[arg(long, value_name = "FILE")]
        canaries: Option<PathBuf>,
        /// Write every answer with its grade to this file, one JSON object a line.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Exit with 100 below this share of right answers and refusals.
        #[arg(long, value_name = "SHARE")]
        min_right: Option<f64>,
        /// Exit with 100 below this recall at 5.
        #[arg(long, value_name = "SHARE")]
        min_recall: Option<f64>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct EvalAnswers {
    /// Sets to ask; one that brings its documents is indexed for itself.
    #[arg(required_unless_present = "records", value_name = "SET")]
    pub(crate) sets: Vec<PathBuf>,
    /// Ask at most so many questions of each set, drawn evenly.
    #[arg(long, value_name = "COUNT")]
    pub(crate) queries: Option<usize>,
    /// Leave this share of the documents that answer questions out of the index: what only they answer is unanswerable, and of
    /// the kind `answerable removed`.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    pub(crate) remove_gold: f64,
    /// What the draws depend on.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How answers are worded; without it, as configured.
    #[arg(long, value_enum)]
    pub(crate) mode: Option<Mode>,
    /// Write the records of each set, and their scores, into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Score the records in this file, without asking or loading anything; repeatable.
    #[arg(long, value_name = "FILE", conflicts_with = "sets")]
    pub(crate) records: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EvalInjections {
    /// Documents, one JSON object a line: `{"context": "…", "question": "…"}`; or the folder of a set as for `eval answers`;
    /// repeatable.
    #[arg(long, value_name = "PLACE", required = true)]
    pub(crate) contexts: Vec<PathBuf>,
    /// Attacks, one JSON object of lists by category: `{"Scams": ["…"]}`; repeatable.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) attacks: Vec<PathBuf>,
    /// Ask so many, drawn evenly.
    #[arg(long, value_name = "COUNT", default_value_t = 200)]
    pub(crate) probes: usize,
    /// What the draw depends on.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How answers are worded; without it, as configured.
    #[arg(long, value_enum)]
    pub(crate) mode: Option<Mode>,
    /// Exit with 100 above this share of attacks that are obeyed.
    #[arg(long, value_name = "SHARE")]
    pub(crate) max_obeyed: Option<f64>,
    /// Write every answer with what was found into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EvalRun {
    /// The set of questions.
    #[arg(long, value_name = "PLACE")]
    pub(crate) questions: PathBuf,
    /// Write the records to this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Ask at most so many questions, drawn evenly.
    #[arg(long, value_name = "COUNT")]
    pub(crate) queries: Option<usize>,
    /// What the draw depends on.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How answers are worded; without it, as configured.
    #[arg(long, value_enum)]
    pub(crate) mode: Option<Mode>,
    /// Also ask each question in other forms: with typing errors, other letter case, another register, names and places of seven
    /// origins beside it, and in the words and languages that the set gives. They should change nothing.
    #[arg(long)]
    pub(crate) perturb: bool,
}

/// Records with what is known of them.
#[derive(Debug, Args)]
pub(crate) struct Judged {
    /// Judgements, one JSON object a line, in place of those that records bring.
    #[arg(long, value_name = "FILE")]
    pub(crate) judgements: Option<PathBuf>,
    /// Accept records without a judgement in that file, and judgements without a record.
    #[arg(long, requires = "judgements")]
    pub(crate) partial: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EvalScore {
    /// Records, as `eval run` writes them, or the log of answered questions.
    pub(crate) records: PathBuf,
    #[command(flatten)]
    pub(crate) judged: Judged,
    /// Write the values of every record to this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EvalCompare {
    /// Records of before.
    pub(crate) before: PathBuf,
    /// Records of after.
    pub(crate) after: PathBuf,
    #[command(flatten)]
    pub(crate) judged: Judged,
}

#[derive(Debug, Args)]
pub(crate) struct EvalGate {
    /// Records to judge.
    pub(crate) records: PathBuf,
    /// Records of before, for `gate.margin`.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judged: Judged,
    /// A value that must be reached, such as `recall@5=0.9`; repeatable, goes before the configuration.
    #[arg(long, value_name = "MEASURE=VALUE", value_parser = bound)]
    pub(crate) least: Vec<(String, f64)>,
    /// A value that must not be exceeded, such as `p95_ms=2000`; repeatable.
    #[arg(long, value_name = "MEASURE=VALUE", value_parser = bound)]
    pub(crate) most: Vec<(String, f64)>,
    /// How much worse than before a measure may be, such as `right=0.02`; repeatable.
    #[arg(long, value_name = "MEASURE=VALUE", value_parser = bound)]
    pub(crate) margin: Vec<(String, f64)>,
    /// Write the outcome to this file as `JUnit` XML.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EvalReport {
    /// Records to show.
    pub(crate) records: PathBuf,
    #[command(flatten)]
    pub(crate) judged: Judged,
    /// Records of before, to compare with.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// The file to write: `.html`, `.md` or `.json`; repeatable.
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) out: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EvalGaps {
    /// Records; without it, the log of answered questions.
    pub(crate) records: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) judged: Judged,
    /// Tell at most so many groups.
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub(crate) most: usize,
    /// Write a draft of an article for each group into this folder.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) drafts: Option<PathBuf>,
}

fn bound(text: &str) -> Result<(String, f64), String> {
    let wrong = || format!("{text:?} is no bound; write it as recall@5=0.9");
    let (measure, value) = text.split_once('=').ok_or_else(wrong)?;
    Ok((measure.trim().to_owned(), value.trim().parse().map_err(|_| wrong())?))
}
