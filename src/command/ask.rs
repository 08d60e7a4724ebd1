//! `citedesk ask`: an answer with footnotes, or a refusal with the nearest passages.

use std::io::{IsTerminal as _, Read as _};
use std::ops::ControlFlow;

use corpus::{Answer, AnswerEvent, AnswerSentence, Citation, Outcome, Passage};
use generator::Tone;

use crate::cli::Ask;
use crate::config::Settings;
use crate::engine::{Answered, Asked, Engine};
use crate::failure::{Exit, Failure};
use crate::filters;
use crate::output::{Output, width, wrapped};
use crate::records;

/// Longest question taken from standard input, in bytes.
const MAX_QUESTION: u64 = 64 * 1024;

pub(crate) fn run(settings: &Settings, args: &Ask, output: Output) -> Result<Exit, Failure> {
    let question = question(args.question.as_deref())?;
    let asked = Asked {
        question,
        filters: filters::parse(&args.filters)?,
        tone: args.tone.map(Into::into),
        ..Asked::default()
    };
    let mut engine = Engine::open(settings, args.mode, output)?;
    let mut broken = None;
    let answered = engine.ask(&asked, &mut |event| {
        // The final event is written below, with what only this command knows.
        if output.json
            && !matches!(event, AnswerEvent::Done { .. })
            && let Err(failure) = output.event(name(&event), &event)
        {
            broken = Some(failure);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    if let Some(failure) = broken {
        return Err(failure);
    }
    let record = engine.record(&answered.answer);
    if output.json {
        let mut value = serde_json::to_value(&answered.answer).map_err(|e| Failure::of(Exit::Error, &e))?;
        if let Some(fields) = value.as_object_mut() {
            fields.insert("id".into(), record.id.clone().into());
            fields.insert("generation".into(), record.generation.clone().into());
            let reply = answered.tone.reply(&answered.answer, &|sentence| sentence.text.clone());
            fields.insert("reply".into(), reply.into());
            fields.insert("masked_in_question".into(), answered.masked.into());
            fields.insert("peak_rss_bytes".into(), crate::memory::peak_rss().into());
        }
        output.event("done", &value)?;
    } else {
        print(&answered, output)?;
        footer(&answered, &record.generation, output)?;
    }
    if settings.config.records.enabled && !args.no_record {
        records::append(&settings.records, &record)?;
        if !output.json {
            output.line(output.dim(&format!("`citedesk why {}` explains this answer", record.id)))?;
        }
    }
    Ok(match answered.answer.outcome {
        Outcome::Refused(_) => Exit::NoGroundedAnswer,
        Outcome::Answered | Outcome::Partial => Exit::Ok,
    })
}

fn question(given: Option<&str>) -> Result<String, Failure> {
    let text = match given {
        Some(text) if text != "-" => text.to_owned(),
        _ if std::io::stdin().is_terminal() => {
            return Err(Failure::new(Exit::Usage, "no question").hint("citedesk ask \"How do I …?\""));
        }
        _ => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().take(MAX_QUESTION + 1).read_to_end(&mut bytes)?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    if text.len() as u64 > MAX_QUESTION {
        return Err(Failure::new(Exit::Usage, "the question is longer than 64 KiB")
            .hint("ask with the part that matters"));
    }
    let text = text.trim();
    if text.is_empty() {
        return Err(Failure::new(Exit::Usage, "the question is empty").hint("citedesk ask \"How do I …?\""));
    }
    Ok(text.to_owned())
}

fn name(event: &AnswerEvent) -> &'static str {
    match event {
        AnswerEvent::Passages { .. } => "passages",
        AnswerEvent::Token { .. } => "token",
        AnswerEvent::Sentence { .. } => "sentence",
        AnswerEvent::Done { .. } => "done",
    }
}

/// A sentence with the numbers of its sources.
pub(crate) fn footnoted(sentence: &AnswerSentence) -> String {
    let marks: String = numbers(&sentence.citations).iter().map(|n| format!("[{n}]")).collect();
    format!("{} {marks}", sentence.text)
}

/// The answer with footnotes, or the refusal with the nearest passages.
pub(crate) fn print(answered: &Answered, output: Output) -> Result<(), Failure> {
    let answer = &answered.answer;
    if answered.masked > 0 {
        let note =
            format!("{} identifier(s) in the question were masked: {}", answered.masked, answer.question);
        output.line(output.dim(&note))?;
    }
    if let Some(note) = &answer.note {
        output.line(output.dim(&format!("Note: {note}.")))?;
    }
    if let Outcome::Refused(reason) = &answer.outcome {
        output.line(output.bad(&format!("No grounded answer. {}", reason.explain())))?;
        let nearest = if answer.passages.is_empty() { &answered.ranking } else { &answer.passages };
        if !nearest.is_empty() {
            output.line("\nNearest passages:")?;
        }
        for passage in nearest.iter().take(3) {
            output.line(format!("  {}", place(passage)))?;
            output.line(output.dim(&wrapped(&excerpt(&passage.chunk.text, 200), "      ", width())))?;
        }
        return Ok(());
    }
    if let Some(reply) = answered.tone.reply(answer, &footnoted).filter(|_| answered.tone != Tone::Plain) {
        // Every line is wrapped by itself, as a blank one parts greeting, body and closing.
        for line in reply.lines() {
            output.line(wrapped(line, "  ", width()).trim_end())?;
        }
    } else {
        for sentence in &answer.sentences {
            let sign = if sentence.verdict.supported { output.good("✓") } else { output.bad("✗") };
            let body = wrapped(&footnoted(sentence), "    ", width());
            output.line(format!("  {sign} {}", body.trim_start()))?;
        }
    }
    output.line("\nSources:")?;
    for (index, passage) in answer.passages.iter().enumerate() {
        let cited = answer.sentences.iter().any(|s| s.citations.iter().any(|c| c.number == index + 1));
        if cited {
            output.line(format!("  [{}] {}", index + 1, place(passage)))?;
        }
    }
    Ok(())
}

fn footer(answered: &Answered, generation: &str, output: Output) -> Result<(), Failure> {
    let answer = &answered.answer;
    let timings = answered.timings();
    let first = timings.first_sentence_ms.map_or(String::new(), |ms| format!(", first sentence {ms:.0} ms"));
    let line = format!(
        "{} · confidence {:.0} % · passages {:.0} ms{first}, total {:.0} ms · generation {generation}",
        supported(answer),
        answer.confidence * 100.0,
        timings.passages_ms,
        timings.total_ms,
    );
    output.line(format!("\n{}", output.dim(&line)))
}

pub(crate) fn supported(answer: &Answer) -> String {
    match &answer.outcome {
        Outcome::Refused(_) => "refused".to_owned(),
        Outcome::Partial => format!("partial, {} sentence(s), each supported", answer.sentences.len()),
        Outcome::Answered => format!("{} sentence(s), each supported", answer.sentences.len()),
    }
}

fn numbers(citations: &[Citation]) -> Vec<usize> {
    let mut numbers: Vec<usize> = citations.iter().map(|citation| citation.number).collect();
    numbers.dedup();
    numbers
}

/// Where a passage stands: title, headings, page, file and date.
pub(crate) fn place(passage: &Passage) -> String {
    let chunk = &passage.chunk;
    let mut text = chunk.title.clone();
    for heading in chunk.headings.iter().filter(|heading| **heading != chunk.title) {
        text.push_str(" › ");
        text.push_str(heading);
    }
    if let Some(page) = chunk.page {
        text.push_str(&format!(", page {page}"));
    }
    text.push_str(&format!(" — {}", chunk.location));
    if let Some(modified) = chunk.modified {
        text.push_str(&format!(" ({})", modified.strftime("%Y-%m-%d")));
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first `length` characters on one line.
pub(crate) fn excerpt(text: &str, length: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}
