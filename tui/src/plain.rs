//! The same session line by line: every state is a line of text, so that a screen reader reads it and a pipe carries it.

use std::io::{self, BufRead, Write};
use std::ops::ControlFlow;

use corpus::{Answer, AnswerEvent, Outcome};

use crate::backend::{Backend, BackendError};
use crate::configuration::Settings;
use crate::export::{footnotes, numbers, place};
use crate::keys::Action;
use crate::runtime::worker::{Job, perform};
use crate::session::{Choice, Effect, Event, Overlay, Picker, Session, Source, Tour};
use crate::text::{clean, line};

/// Choices of a list that are read out.
const CHOICES: usize = 20;
/// Matches in a source that are read out.
const MATCHES: usize = 10;
/// Passages of a refusal that are read out.
const NEAREST: usize = 3;
/// Longest line that is taken, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Runs a session over `input` and `output` until `/quit` or the end of the input.
pub fn run(
    backend: &mut dyn Backend,
    settings: Settings,
    conversation: &str,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> io::Result<()> {
    let mut session = Session::new(settings, conversation);
    session.by_lines = true;
    session.tour = session.settings.tour.clone().map(|questions| Tour::new(questions, true));
    let mut desk = Desk { session, output, broken: None, guided: None };
    let status = backend.status();
    desk.say(&format!(
        "citedesk: {}, generation {}, on {}. Ask a question; /help lists commands; /quit ends.",
        status.holds(),
        status.generation,
        status.device
    ));
    let first = desk.session.handle(Event::Ready(status));
    if desk.perform(first, backend).is_break() {
        return desk.end();
    }
    desk.guide();
    loop {
        let mut bytes = Vec::new();
        let read = io::Read::take(&mut *input, LONGEST).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return desk.end();
        }
        let entered = String::from_utf8_lossy(&bytes).into_owned();
        let opened = desk.opened();
        let effects = desk.session.handle(Event::Line(entered));
        if desk.perform(effects, backend).is_break() {
            return desk.end();
        }
        desk.tell_changes(opened);
        desk.guide();
        if let Some(newer) = backend.newer().filter(|newer| desk.session.newer.as_ref() != Some(newer)) {
            desk.session.handle(Event::Newer(newer));
            desk.say("There are newer documents; /switch goes on with them.");
        }
        if desk.broken.is_some() {
            return desk.end();
        }
    }
}

struct Desk<'a> {
    session: Session,
    output: &'a mut dyn Write,
    /// Why nothing can be written any more.
    broken: Option<io::Error>,
    /// The step of the tour that was told last.
    guided: Option<Tour>,
}

impl Desk<'_> {
    fn end(self) -> io::Result<()> {
        self.broken.map_or(Ok(()), Err)
    }

    fn say(&mut self, text: &str) {
        let text = clean(text);
        if self.broken.is_none()
            && let Err(error) = writeln!(self.output, "{text}").and_then(|()| self.output.flush())
        {
            self.broken = Some(error);
        }
    }

    fn perform(&mut self, effects: Vec<Effect>, backend: &mut dyn Backend) -> ControlFlow<()> {
        for effect in effects {
            match Job::of(effect) {
                Ok(job) => {
                    perform(backend, job, &|_| true, &mut |event| {
                        self.hear(&event);
                        self.session.handle(event);
                        if self.broken.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                    })?;
                }
                Err(Effect::Quit) => return ControlFlow::Break(()),
                Err(Effect::Copy { what, text }) => self.say(&format!("To copy, {what}:\n{text}")),
                Err(Effect::Edit(_) | Effect::Suspend) => self.say("That needs the screen."),
                Err(_) => {}
            }
        }
        ControlFlow::Continue(())
    }

    /// What an event says by itself.
    fn hear(&mut self, event: &Event) {
        match event {
            Event::Screened { screened, .. } if !screened.masked.is_empty() => {
                let masked: Vec<String> =
                    screened.masked.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
                self.say(&format!("Masked in the question: {}.", masked.join(", ")));
            }
            Event::Answer { event: AnswerEvent::Passages { passages }, .. } => {
                self.say(&format!("{} passages found.", passages.len()));
            }
            Event::Answer { event: AnswerEvent::Sentence { sentence }, .. } => {
                if sentence.verdict.supported {
                    let marks: Vec<String> =
                        numbers(&sentence.citations).iter().map(ToString::to_string).collect();
                    self.say(&format!("Supported by {}: {}", marks.join(" and "), line(&sentence.text)));
                } else {
                    self.say("One sentence was left out: not supported. /dropped shows it.");
                }
            }
            Event::Answer { event: AnswerEvent::Done { answer }, .. } => {
                self.say_end(answer);
            }
            Event::Failed { error, .. } => self.say_error(error),
            _ => {}
        }
    }

    fn say_end(&mut self, answer: &Answer) {
        if let Outcome::Refused(reason) = &answer.outcome {
            self.say(&format!("No grounded answer. {}", reason.explain()));
            if let Some(note) = &answer.note {
                self.say(&format!("Note: {note}"));
            }
            for (index, passage) in answer.passages.iter().take(NEAREST).enumerate() {
                self.say(&format!("Nearest passage {}: {}", index + 1, place(passage)));
            }
        }
        for (number, passage) in footnotes(&answer.passages, &answer.sentences) {
            self.say(&format!("Source {number}: {}", place(passage)));
        }
    }

    fn say_error(&mut self, error: &BackendError) {
        self.say(&format!("Problem: {}", error.message));
        if let Some(hint) = &error.hint {
            self.say(&format!("Try: {hint}"));
        }
    }

    /// The source that is open with what is looked for in it, to tell whether that changes.
    fn opened(&self) -> Option<(corpus::Citation, Option<crate::session::Search>)> {
        self.session.source.as_ref().map(|source| (source.citation.clone(), source.search.clone()))
    }

    /// What a line has changed that no event told of.
    fn tell_changes(&mut self, opened: Option<(corpus::Citation, Option<crate::session::Search>)>) {
        if let Some(trouble) = self.session.trouble.take() {
            self.say_error(&trouble);
        }
        if self.opened() != opened {
            self.say_source();
        }
        match self.session.overlay.take() {
            Some(Overlay::Help(_)) => self.say_help(),
            Some(Overlay::Compare(compare)) => {
                for number in compare.numbers {
                    let passage = self.session.exchanges.get(compare.exchange).and_then(|exchange| {
                        let passage = exchange.passages.get(number.checked_sub(1)?)?;
                        Some(format!("Passage {number}, {}:\n{}", place(passage), passage.chunk.text))
                    });
                    if let Some(text) = passage {
                        self.say(&text);
                    }
                }
            }
            Some(Overlay::Prompt(prompt)) => {
                self.say(prompt.purpose.title());
                self.session.overlay = Some(Overlay::Prompt(prompt));
            }
            Some(Overlay::Picker(picker)) => {
                self.say_choices(&picker);
                self.session.overlay = Some(Overlay::Picker(picker));
            }
            None => {}
        }
        // What a command puts into the editor is asked with the next line.
        let typed = self.session.input.lines().join(" ");
        if !typed.is_empty() {
            self.session.input = ratatui_textarea::TextArea::default();
            self.say(&format!("Chosen: {typed}\nEnter it, or another, to go on."));
        }
        if let Some(notice) = self.session.notice.take() {
            self.say(&notice);
        }
    }

    /// Tells the step of the tour, once.
    fn guide(&mut self) {
        if self.guided != self.session.tour {
            self.guided = self.session.tour.clone();
            if let Some(tour) = &self.guided {
                let text = tour.text(&self.session.settings.keymap);
                self.say(&text);
            }
        }
    }

    fn say_choices(&mut self, picker: &Picker) {
        let what = match picker.choice {
            Choice::Command => "commands",
            Choice::Question => "earlier questions",
            Choice::Conversation => "conversations",
        };
        self.say(&format!("{} {what}. Enter a number, or nothing:", picker.len()));
        let rows: Vec<String> =
            picker.matching(0).take(CHOICES).map(|row| format!("{} {}", row.label, row.detail)).collect();
        for (index, row) in rows.iter().enumerate() {
            self.say(&format!("{}: {}", index + 1, line(row)));
        }
    }

    fn say_source(&mut self) {
        let Some(source) = &self.session.source else { return };
        let cited =
            self.session.current().is_some_and(|at| self.session.exchanges[at].cites(&source.citation));
        let text = spoken(source, cited);
        for part in text {
            self.say(&part);
        }
    }

    fn say_help(&mut self) {
        for action in Action::ALL.iter().filter(|action| action.is_command()) {
            let name = format!("/{} {}", action.name(), action.argument());
            self.say(&format!("{}: {}", name.trim_end(), action.what()));
        }
    }
}

/// A source as it is read out: where it is, what is cited or was only found, what stands around that, and what was looked for.
fn spoken(source: &Source, cited: bool) -> Vec<String> {
    if let Some(error) = &source.error {
        return vec![error.clone()];
    }
    let Some(document) = &source.document else { return Vec::new() };
    if let Some(search) = &source.search {
        let shown = search.matches.iter().take(MATCHES).enumerate().filter_map(|(index, found)| {
            let segment = source.segments.get(source.segment_of(found.start))?;
            Some(format!("Match {}: {}", index + 1, line(segment.span.of(&document.text)?)))
        });
        return shown.collect();
    }
    let mut parts = vec![format!("{} — {}", document.title, document.location)];
    parts.extend(source.citation.page.map(|page| format!("Page {page}.")));
    if let Some(modified) = document.modified {
        parts.push(format!("Changed {}.", modified.strftime("%Y-%m-%d")));
    }
    let what = if cited { "Cited" } else { "Found, not cited" };
    parts.push(format!("{what}: {}", line(source.citation.span.of(&document.text).unwrap_or_default())));
    let (first, last) =
        (source.segment_of(source.citation.span.start), source.segment_of(source.citation.span.end));
    for segment in source.segments.get(first..=last).unwrap_or_default() {
        let text = segment.span.of(&document.text).unwrap_or_default();
        parts.push(format!("In context: {}", line(text)));
    }
    parts
}
