//! `citedesk search`: the passages nearest to a question.

use corpus::screen::Masked;
use retriever::{Query, Retriever};
use serde::Serialize;
use std::sync::Arc;

use super::ask::{excerpt, place};
use crate::cli::Search;
use crate::config::Settings;
use crate::engine::{self, Models};
use crate::failure::{Exit, Failure};
use crate::filters::{self, Confines};
use crate::output::{Output, width, wrapped};

#[derive(Serialize)]
struct Found<'a> {
    question: &'a str,
    generation: String,
    passages: &'a [corpus::Passage],
}

pub(crate) fn run(settings: &Settings, args: &Search, output: Output) -> Result<Exit, Failure> {
    if args.question.trim().is_empty() {
        return Err(
            Failure::new(Exit::Usage, "the question is empty").hint("citedesk search \"How do I …?\"")
        );
    }
    let filters = Confines::of(settings)?.with(&filters::parse(&args.filters)?)?;
    let store = settings.store()?;
    if store.current()?.is_none() {
        return Err(engine::no_index(settings));
    }
    let models = Models::load(settings, output)?;
    let retriever = Retriever::open(&store, Arc::clone(&models.embedder))?;
    let retriever = retriever.reranked(models.rerank.clone());
    let Masked { text, .. } = engine::masked(&engine::screener(settings)?, &retriever, &args.question);
    let passages = retriever.search(&Query { filters, ..Query::new(&text, args.limit.into()) })?;
    if output.json {
        let generation = retriever.generation().id.to_string();
        output.event("passages", &Found { question: &text, generation, passages: &passages })?;
        return Ok(Exit::Ok);
    }
    if passages.is_empty() {
        output.line("Nothing found.")?;
    }
    for passage in &passages {
        output.line(format!("{:>3}. {}", passage.rank, output.bold(&place(passage))))?;
        if args.explain {
            output.line(output.dim(&format!("     {}", explain(passage))))?;
        }
        output.line(wrapped(&excerpt(&passage.chunk.text, 300), "     ", width()))?;
    }
    Ok(Exit::Ok)
}

/// Why a passage ranks where it does.
pub(crate) fn explain(passage: &corpus::Passage) -> String {
    let part = |name: &str, score: Option<f32>, rank: Option<usize>| match (score, rank) {
        (Some(score), Some(rank)) => format!("{name} {score:.3} (rank {rank})"),
        (Some(score), None) => format!("{name} {score:.3}"),
        _ => format!("{name} –"),
    };
    let why = &passage.why;
    let mut text = format!(
        "score {:.3} = {}, {}",
        passage.score,
        part("dense", why.dense, why.dense_rank),
        part("sparse", why.sparse, why.sparse_rank)
    );
    if let Some(words) = why.words {
        text.push_str(&format!(
            ", words {:.2} (in order {:.2}, near {:.2}, in title {:.2})",
            words.coverage, words.adjacent, words.near, words.title
        ));
    }
    if let Some(score) = why.rerank {
        text.push_str(&format!(", rerank {score:.3}"));
    }
    text
}
