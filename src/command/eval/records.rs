//! Records of the questions of a set: asked as users ask, written as they come.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use corpus::{AnswerEvent, DocumentId, DocumentRecord};
use eval::judgement::Judgement;
use eval::questions::{Question, Set};
use eval::record::{Record, VERSION, documents};
use retriever::{Filter, Store};

use super::eprintln_progress;
use super::lines::Lines;
use super::set::{Cut, engine, publish};
use crate::cli::EvalRun;
use crate::config::{Mode, Settings};
use crate::engine::{Answered, Asked, Engine, Models};
use crate::failure::{Exit, Failure};
use crate::output::Output;

pub(super) fn run(settings: &Settings, args: &EvalRun, output: Output) -> Result<Exit, Failure> {
    let failed = |error: eval::Error| Failure::of(Exit::Error, &error);
    let mut set = eval::questions::read(&args.questions).map_err(failed)?;
    if let Some(most) = args.queries {
        set.sample(most, args.seed);
    }
    if args.perturb {
        set.questions = set.questions.iter().flat_map(eval::robustness::forms).collect();
    }
    let mut lines = Lines::create(&args.out)?;
    let count = set.questions.len();
    ask(settings, set, args.mode, output, &mut |record| lines.write(&record))?;
    output.line(format!(
        "{count} records in {}; `citedesk eval score` tells what they are worth",
        args.out.display()
    ))?;
    Ok(Exit::Ok)
}

/// Asks all questions of a set and hands over each record: of an index of its own where the set brings documents.
pub(super) fn ask(
    settings: &Settings,
    mut set: Set,
    mode: Option<Mode>,
    output: Output,
    take: &mut dyn FnMut(Record) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let count = set.questions.len();
    let mut done = 0;
    let mut each = |_: &Engine, _: &Answered, record: Record| {
        take(record)?;
        done += 1;
        if output.progress {
            eprintln_progress(done, count);
        }
        Ok(())
    };
    let Some(texts) = set.documents.take() else {
        let mut engine = Engine::open(settings, mode, output)?;
        return of_set(&mut engine, &set, &Named::InIndex, &mut each);
    };
    let models = Models::load(settings, output)?;
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path())?;
    let ids = publish(settings, &store, models.embedder.as_ref(), &texts, Cut::Product)?;
    let names: HashMap<String, String> = ids.into_iter().map(|(id, name)| (name, id.0)).collect();
    // What stands only in documents that could not be indexed is not answered any more.
    set.without(|name| !names.contains_key(name));
    let mut engine = engine(settings, folder.path(), mode, models)?;
    of_set(&mut engine, &set, &Named::BySet(names), &mut each)
}

/// What documents are called in the index.
pub(crate) enum Named {
    /// As questions call them.
    InIndex,
    /// By their name in the set; those that could not be screened are missing.
    BySet(HashMap<String, String>),
}

/// What is done with an answer and the record of it.
pub(crate) type Each<'a> = dyn FnMut(&Engine, &Answered, Record) -> Result<(), Failure> + 'a;

/// Asks all questions of a set and hands over each answer with its record.
pub(crate) fn of_set(
    engine: &mut Engine,
    set: &Set,
    named: &Named,
    each: &mut Each<'_>,
) -> Result<(), Failure> {
    let ids: Vec<DocumentId> = match named {
        Named::InIndex if set.questions.iter().any(|question| !question.evidence.is_empty()) => {
            engine.retriever.documents()?.map(|document| Ok(document?.id)).collect::<Result<_, Failure>>()?
        }
        _ => Vec::new(),
    };
    let now = jiff::Timestamp::now();
    let mut known: HashMap<String, BTreeMap<String, String>> = HashMap::new();
    for question in &set.questions {
        let turn = |turn: &eval::golden::Turn| generator::Turn {
            question: turn.question.clone(),
            answer: turn.answer.clone(),
        };
        let asked = Asked {
            question: question.question.clone(),
            history: question.history.iter().map(turn).collect(),
            filters: question.filters.iter().map(|(field, value)| Filter::new(field, value)).collect(),
            ..Asked::default()
        };
        let mut written = 0;
        let answered = engine.ask(&asked, &mut |event| {
            written += usize::from(matches!(event, AnswerEvent::Sentence { .. }));
            std::ops::ControlFlow::Continue(())
        })?;
        let ranked =
            answered.ranking.iter().map(|passage| (passage.chunk.document.0.as_str(), passage.score));
        let ranking = documents(ranked);
        let judgement = judgement(engine, question, named, &ids)?;
        let mut slices = question.slices.clone();
        // A question is about the document that answers it, or else the one that was found first.
        let first = ranking.first().map(|found| found.document.clone());
        if let Some(about) = judgement.relevant.keys().next().cloned().or(first) {
            let own = match known.entry(about) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    let record = engine.retriever.document(&DocumentId(entry.key().clone()))?;
                    entry.insert(record.map(|record| kinds(&record, now)).unwrap_or_default())
                }
            };
            for (name, value) in own {
                slices.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        let record = Record {
            version: VERSION,
            id: question.id.clone(),
            set: set.name.clone(),
            cluster: question.cluster.clone(),
            slices,
            ranking,
            written,
            judgement: Some(judgement),
            record: engine.record(&answered.answer),
        };
        each(engine, &answered, record)?;
    }
    Ok(())
}

/// What kinds of questions there are by the document that they are about.
fn kinds(document: &DocumentRecord, now: jiff::Timestamp) -> BTreeMap<String, String> {
    let days = document.modified.map(|modified| now.duration_since(modified).as_hours() / 24);
    let age = days.map(|days| match days {
        ..=31 => "up to a month",
        32..=366 => "up to a year",
        _ => "older",
    });
    let told = [
        ("product", document.metadata.get("product").cloned()),
        ("language", document.language.clone()),
        ("source", Some(document.source.clone())),
        ("format", Some(document.format.name().to_owned())),
        ("document age", age.map(str::to_owned)),
    ];
    told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// What is known of the right answer, with documents as the index calls them.
fn judgement(
    engine: &Engine,
    question: &Question,
    named: &Named,
    ids: &[DocumentId],
) -> Result<Judgement, Failure> {
    let mut judgement = question.judgement.clone();
    if let Named::BySet(names) = named {
        let rename = |(name, grade): (String, u32)| Some((names.get(&name)?.clone(), grade));
        judgement.relevant = std::mem::take(&mut judgement.relevant).into_iter().filter_map(rename).collect();
    }
    for evidence in &question.evidence {
        let named: Vec<&DocumentId> = ids.iter().filter(|id| evidence.is_from(id)).collect();
        let mut holding = BTreeMap::new();
        if named.len() > 1 {
            // A file of many items: those that hold the words.
            for id in &named {
                let chunks = engine.retriever.chunks_of(id)?;
                if chunks.iter().any(|chunk| evidence.is_in(chunk)) {
                    holding.insert(id.0.clone(), 1);
                }
            }
        }
        if holding.is_empty() {
            holding = named.iter().map(|id| (id.0.clone(), 1)).collect();
        }
        // What is in no document is missed by every ranking.
        if holding.is_empty() {
            holding.insert(evidence.document.clone(), 1);
        }
        judgement.relevant.extend(holding);
    }
    Ok(judgement)
}
