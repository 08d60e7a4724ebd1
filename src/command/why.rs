//! `citedesk why`: what an answer rests on.

use super::ask;
use super::search::explain;
use crate::cli::Why;
use crate::config::Settings;
use crate::failure::{Exit, Failure};
use crate::output::{Output, width, wrapped};
use crate::records;

pub(crate) fn run(settings: &Settings, args: &Why, output: Output) -> Result<Exit, Failure> {
    let Some(record) = records::find(&settings.records, &args.id)? else {
        return Err(Failure::new(Exit::Error, format!("no record {:?} in {:?}", args.id, settings.records))
            .hint("`citedesk why last` explains the latest answer"));
    };
    if output.json {
        output.event("record", &record)?;
        return Ok(Exit::Ok);
    }
    let answer = &record.answer;
    output.line(output.bold(&answer.question))?;
    output.line(format!(
        "{} · {} · {} · confidence {:.0} % · generation {}",
        record.id,
        record.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        ask::supported(answer),
        answer.confidence * 100.0,
        record.generation
    ))?;
    for (role, fingerprint) in &record.fingerprints {
        output.line(output.dim(&format!("{role}: {fingerprint}")))?;
    }
    for sentence in &answer.sentences {
        let verdict = &sentence.verdict;
        output.line(format!("\n{}", wrapped(&sentence.text, "  ", width())))?;
        let how = if verdict.quoted { "quoted word for word" } else { "phrased" };
        output.line(format!("    {how}, support {:.2}", verdict.score))?;
        for citation in &sentence.citations {
            output.line(format!(
                "    [{}] {} bytes {}–{} of version {}",
                citation.number,
                citation.document,
                citation.span.start,
                citation.span.end,
                citation.digest.0.get(..12).unwrap_or(&citation.digest.0)
            ))?;
        }
    }
    output.line("\nPassages:")?;
    for (index, passage) in answer.passages.iter().enumerate() {
        output.line(format!("  [{}] {}", index + 1, ask::place(passage)))?;
        output.line(output.dim(&format!("      {}", explain(passage))))?;
    }
    let timings = answer.timings;
    let first = timings.first_sentence_ms.map_or("–".to_owned(), |ms| format!("{ms:.0} ms"));
    output.line(format!(
        "\nPassages after {:.0} ms, first sentence {first}, all {:.0} ms",
        timings.passages_ms, timings.total_ms
    ))?;
    if let Some(pace) = timings.model {
        output.line(format!(
            "Language model: {} of {} tokens read in {:.0} ms{}, {} written in {:.0} ms{}",
            pace.read_tokens(),
            pace.prompt_tokens,
            pace.prefill_ms,
            per_second(pace.prefill_rate()),
            pace.written_tokens,
            pace.decode_ms,
            per_second(pace.decode_rate()),
        ))?;
    }
    Ok(Exit::Ok)
}

fn per_second(rate: Option<f64>) -> String {
    rate.map_or_else(String::new, |rate| format!(" ({rate:.0} a second)"))
}
