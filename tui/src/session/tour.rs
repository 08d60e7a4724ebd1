//! The tour: it tells of one thing after the other, and goes on when that was done with the real keys.

use super::{Choice, Effect, Overlay, Session};
use crate::backend::Feedback;
use crate::keys::{Action, Keymap};

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Ask,
    Open,
    Find,
    AskOn,
    Copy,
    Rate,
    Palette,
    Help,
    /// All was done.
    Over,
}

/// The steps on a screen; line by line there is no palette, as all commands are typed.
const STEPS: [Step; 8] =
    [Step::Ask, Step::Open, Step::Find, Step::AskOn, Step::Copy, Step::Rate, Step::Palette, Step::Help];

/// A tour that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tour {
    step: Step,
    /// A question to ask, and one to ask after it; any others where empty.
    questions: [String; 2],
    /// Answers that were there when the step began.
    answers: usize,
    /// Whether it is told line by line, by commands.
    by_lines: bool,
}

impl Tour {
    /// A tour that proposes `questions`, and any where they are empty.
    pub(crate) fn new(questions: [String; 2], by_lines: bool) -> Self {
        Self { step: Step::Ask, questions, answers: 0, by_lines }
    }

    fn steps(&self) -> impl Iterator<Item = Step> {
        let by_lines = self.by_lines;
        STEPS.into_iter().filter(move |step| !(by_lines && *step == Step::Palette))
    }

    /// What to do next, by the keys that do it.
    pub fn text(&self, keymap: &Keymap) -> String {
        let number = self.steps().position(|step| step == self.step);
        let what = if self.by_lines { self.by_commands() } else { self.by_keys(keymap) };
        let end = if self.by_lines { "/tour".into() } else { keymap.key(Action::Tour) };
        match number {
            Some(number) => format!("Tour {}/{}: {what} ({end} ends)", number + 1, self.steps().count()),
            None => format!("Tour: {what}"),
        }
    }

    fn question(&self, number: usize) -> String {
        let own = self.questions.get(number).filter(|question| !question.is_empty());
        own.map_or_else(|| "your own".into(), |question| format!("“{question}”"))
    }

    fn by_keys(&self, keymap: &Keymap) -> String {
        let key = |action| keymap.key(action);
        let read = key(Action::Focus);
        match self.step {
            Step::Ask => format!("type a question, such as {}, and {}.", self.question(0), key(Action::Ask)),
            Step::Open => {
                format!(
                    "every sentence has its footnote. {read}, then the digit of one: what it rests on is marked."
                )
            }
            Step::Find => format!("{} searches in the source: type a word, Enter.", key(Action::Find)),
            Step::AskOn => format!(
                "{} goes back to the question. Ask on, such as {}: what was said counts.",
                key(Action::Type),
                self.question(1)
            ),
            Step::Copy => format!("{read}, then {} copies the answer.", key(Action::Copy)),
            Step::Rate => {
                format!("was it good? {} or {}, then Enter.", key(Action::RateUp), key(Action::RateDown))
            }
            Step::Palette => format!("{} lists all commands.", key(Action::Palette)),
            Step::Help => format!("{} steps back, {} lists all keys.", key(Action::Back), key(Action::Help)),
            Step::Over => format!("that was all. Ask on, or {} ends citedesk.", key(Action::Quit)),
        }
    }

    fn by_commands(&self) -> String {
        match self.step {
            Step::Ask => format!("enter a question, such as {}.", self.question(0)),
            Step::Open => "every sentence names its source. /open NUMBER reads it.".into(),
            Step::Find => "/find WORD searches in the source.".into(),
            Step::AskOn => format!("ask on, such as {}: what was said counts.", self.question(1)),
            Step::Copy => "/copy gives the answer to copy.".into(),
            Step::Rate => "was it good? /rate up or /rate down, with a reason or without.".into(),
            Step::Palette | Step::Help => "/help lists everything that can be done.".into(),
            Step::Over => "that was all. Ask on, or /quit.".into(),
        }
    }
}

impl Session {
    /// Begins the tour, or ends it.
    pub(super) fn toggle_tour(&mut self) {
        if self.tour.take().is_none() {
            let by_lines = self.by_lines;
            self.tour = Some(Tour::new(self.settings.tour.clone().unwrap_or_default(), by_lines));
        }
    }

    /// Goes on with the tour where its step was done.
    pub(super) fn go_on_with_tour(&mut self, effects: &[Effect]) {
        let answers = self.exchanges.iter().filter(|exchange| !exchange.is_running()).count();
        let Some(tour) = &mut self.tour else { return };
        let done = match tour.step {
            Step::Ask | Step::AskOn => answers > tour.answers,
            Step::Open => self.source.as_ref().is_some_and(|source| source.document.is_some()),
            Step::Find => self.source.as_ref().is_some_and(|source| source.search.is_some()),
            Step::Copy => effects.iter().any(|effect| matches!(effect, Effect::Copy { .. })),
            Step::Rate => effects
                .iter()
                .any(|effect| matches!(effect, Effect::Feedback { feedback: Feedback::Rating { .. }, .. })),
            Step::Palette => {
                matches!(&self.overlay, Some(Overlay::Picker(picker)) if picker.choice == Choice::Command)
            }
            Step::Help => matches!(self.overlay, Some(Overlay::Help(_))),
            Step::Over => effects.iter().any(|effect| matches!(effect, Effect::Ask { .. })),
        };
        if !done {
            return;
        }
        if tour.step == Step::Over {
            self.tour = None;
            return;
        }
        let next = tour.steps().skip_while(|step| *step != tour.step).nth(1);
        tour.step = next.unwrap_or(Step::Over);
        tour.answers = answers;
    }
}
