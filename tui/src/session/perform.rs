//! Doing what a key, the palette or a command asks for.

use corpus::Passage;

use super::{Choice, Effect, Focus, Overlay, PAGE, Phase, Picker, Purpose, Row, Session};
use crate::backend::Status;
use crate::keys::Action;

impl Session {
    /// Performs `action` with the argument that was written behind its name, empty where there was none.
    pub(super) fn perform(&mut self, action: Action, argument: &str) -> Vec<Effect> {
        match action {
            Action::Ask => return self.enter(),
            Action::Newline => self.input.insert_newline(),
            Action::Earlier => self.recall(true),
            Action::Later => self.recall(false),
            Action::History => self.pick_question(argument),
            Action::Editor => return vec![Effect::Edit(self.typed())],
            Action::Mode => self.set_mode(argument),
            Action::Tone => self.set_tone(argument),
            Action::Filter => self.toggle_filter(argument),
            Action::New => return self.begin_anew(),
            Action::Conversations => return self.list_conversations(argument),
            Action::Focus => self.complete_or_go_on(),
            Action::Type => {
                self.insert();
                self.focus = Focus::Input;
            }
            Action::Up => self.scroll_by(-1),
            Action::Down => self.scroll_by(1),
            Action::PageUp => self.scroll_by(-(PAGE as isize)),
            Action::PageDown => self.scroll_by(PAGE as isize),
            Action::Top => self.go_to_edge(true),
            Action::Bottom => self.go_to_edge(false),
            Action::PreviousAnswer => self.choose(-1),
            Action::NextAnswer => self.choose(1),
            Action::Open => return self.open_named(argument),
            Action::NextCitation => return self.next_citation(1),
            Action::PreviousCitation => return self.next_citation(-1),
            Action::Whole => self.whole = self.source.is_some() && !self.whole,
            Action::Find => self.begin_find(argument),
            Action::FindNext => self.find_on(1),
            Action::FindPrevious => self.find_on(-1),
            Action::Compare => self.compare(argument),
            Action::Dropped => self.toggle_dropped(),
            Action::Copy => return self.copy(false),
            Action::CopySources => return self.copy(true),
            Action::RateUp => return self.begin_rate(true, argument),
            Action::RateDown => return self.begin_rate(false, argument),
            Action::Correct => return self.begin_correct(argument),
            Action::Golden => return self.golden(),
            Action::Export => return self.export(argument),
            Action::Escalate => return self.begin_escalate(argument),
            Action::Switch => return self.switch(),
            Action::Palette => self.pick_command(),
            Action::Help => self.overlay = Some(Overlay::Help(0)),
            Action::Tour => self.toggle_tour(),
            Action::Redraw => return vec![Effect::Redraw],
            Action::Back => return self.back(),
            Action::Suspend => return vec![Effect::Suspend],
            Action::Interrupt => return self.interrupt(),
            Action::Quit => return self.leave(),
        }
        Vec::new()
    }

    pub(super) fn key_of_back(&self) -> String {
        self.settings.keymap.key(Action::Back)
    }

    /// Stops an answer and takes a waiting question back, then clears the question, then ends.
    fn interrupt(&mut self) -> Vec<Effect> {
        let waited = self.take_back();
        let effects = self.cancel();
        if waited || !effects.is_empty() {
            return effects;
        }
        if self.input.is_empty() {
            return vec![Effect::Quit];
        }
        self.clear_input();
        self.notice = Some(format!("{} again ends", self.settings.keymap.key(Action::Interrupt)));
        Vec::new()
    }

    pub(super) fn leave(&mut self) -> Vec<Effect> {
        let mut effects = self.cancel();
        effects.push(Effect::Quit);
        effects
    }

    /// Undoes the last step: takes a waiting question back, stops the answer, closes what is open.
    fn back(&mut self) -> Vec<Effect> {
        if self.take_back() {
            return Vec::new();
        }
        let effects = self.cancel();
        if !effects.is_empty() {
            return effects;
        }
        if self.trouble.take().is_some() {
            self.follows = true;
            return Vec::new();
        }
        if self.whole {
            self.whole = false;
        } else if self.source.take().is_some() {
            if self.focus == Focus::Source {
                self.focus = Focus::Answer;
            }
        } else if self.chosen.take().is_some() {
            self.follows = true;
        } else if self.focus == Focus::Input {
            // There is nothing else to step back from.
            self.tour = None;
        } else {
            self.focus = Focus::Input;
        }
        Vec::new()
    }

    fn pick_question(&mut self, words: &str) {
        let mut rows: Vec<Row> = Vec::new();
        for question in self.asked.iter().rev() {
            rows.push(Row { label: question.clone(), detail: String::new(), value: question.clone() });
        }
        if rows.is_empty() {
            self.notice = Some("no question has been asked yet".into());
        } else {
            self.overlay = Some(Overlay::Picker(Picker::new(Choice::Question, rows, words)));
        }
    }

    fn pick_command(&mut self) {
        let rows = Action::ALL.iter().filter(|action| action.is_command()).map(|action| {
            let name = format!("/{} {}", action.name(), action.argument());
            let key = self.settings.keymap.key(*action);
            let key = if key.is_empty() { key } else { format!("  [{key}]") };
            Row {
                label: name.trim_end().to_owned(),
                detail: format!("{}{key}", action.what()),
                value: action.name().into(),
            }
        });
        self.overlay = Some(Overlay::Picker(Picker::new(Choice::Command, rows.collect(), "")));
    }

    /// The modes that the backend offers; without a name they are gone through in turn.
    fn set_mode(&mut self, name: &str) {
        match self.chosen_of(name, |status| &status.modes, self.mode.as_deref()) {
            Ok(mode) => {
                self.notice = Some(format!("answers: {mode}"));
                self.mode = Some(mode);
            }
            Err(notice) => self.notice = Some(notice),
        }
    }

    /// The same for whom copied answers are worded.
    fn set_tone(&mut self, name: &str) {
        match self.chosen_of(name, |status| &status.tones, self.tone.as_deref()) {
            Ok(tone) => {
                self.notice = Some(format!("copied answers: {tone}"));
                self.tone = Some(tone);
            }
            Err(notice) => self.notice = Some(notice),
        }
    }

    /// What `name` chooses of what the backend offers, or the next after `current`; else why there is no such choice.
    fn chosen_of(
        &self,
        name: &str,
        offered: fn(&Status) -> &Vec<String>,
        current: Option<&str>,
    ) -> Result<String, String> {
        let Phase::Ready(status) = &self.phase else { return Err("the models are not ready".into()) };
        let offered = offered(status);
        let current = current.or(offered.first().map(String::as_str));
        let next = if name.is_empty() {
            let at = offered.iter().position(|own| Some(own.as_str()) == current).map_or(0, |at| at + 1);
            offered.get(at).or_else(|| offered.first())
        } else {
            offered.iter().find(|own| own.as_str() == name)
        };
        next.cloned().ok_or_else(|| format!("there is no {name:?}; one of {}", offered.join(", ")))
    }

    fn toggle_filter(&mut self, filter: &str) {
        if filter.is_empty() {
            self.notice = Some(if self.filters.is_empty() {
                "write /filter KEY:VALUE, such as /filter product:Hub".into()
            } else {
                self.filters.clear();
                "all filters are lifted".into()
            });
            return;
        }
        match filter.split_once(':') {
            Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
                let filter = format!("{}:{}", key.trim(), value.trim());
                match self.filters.iter().position(|other| *other == filter) {
                    Some(at) => {
                        self.filters.remove(at);
                    }
                    None => self.filters.push(filter),
                }
            }
            _ => self.notice = Some(format!("{filter:?} is not a filter; write KEY:VALUE")),
        }
    }

    fn begin_anew(&mut self) -> Vec<Effect> {
        self.take_back();
        let effects = self.cancel();
        self.clear_conversation();
        // The part behind the dash keeps the conversations of one session apart.
        let stem = self.conversation.rsplit_once('-').map_or(self.conversation.as_str(), |(stem, _)| stem);
        self.conversations += 1;
        self.conversation = format!("{stem}-{}", self.conversations);
        self.notice = Some("a new conversation".into());
        effects
    }

    pub(super) fn clear_conversation(&mut self) {
        self.exchanges.clear();
        self.chosen = None;
        self.source = None;
        self.whole = false;
        self.scroll = 0;
        self.focus = Focus::Input;
    }

    fn list_conversations(&mut self, words: &str) -> Vec<Effect> {
        if matches!(self.phase, Phase::Ready(_)) {
            self.overlay = Some(Overlay::Picker(Picker::new(Choice::Conversation, Vec::new(), words)));
            vec![Effect::Conversations]
        } else {
            self.notice = Some("the models are not ready".into());
            Vec::new()
        }
    }

    fn switch(&mut self) -> Vec<Effect> {
        if self.is_answering() {
            self.notice = Some("an answer is being made".into());
            return Vec::new();
        }
        if !matches!(self.phase, Phase::Ready(_)) || self.newer.is_none() {
            self.notice = Some("there is no newer generation".into());
            return Vec::new();
        }
        self.notice = Some("switching…".into());
        vec![Effect::Switch]
    }

    /// Chooses the answer `by` places on.
    fn choose(&mut self, by: isize) {
        let Some(current) = self.current() else { return };
        let last = self.exchanges.len() - 1;
        let next = current.saturating_add_signed(by).min(last);
        self.chosen = (next < last).then_some(next);
        self.stop_following();
        self.reveal = Some(next);
    }

    fn compare(&mut self, argument: &str) {
        let Some(exchange) = self.current() else {
            self.notice = Some("there are no passages yet".into());
            return;
        };
        let passages: &[Passage] = &self.exchanges[exchange].passages;
        let named: Vec<usize> =
            argument.split_whitespace().filter_map(|number| number.parse().ok()).take(2).collect();
        let open = self.source.as_ref().map_or(1, |source| source.citation.number);
        let other = (1..=passages.len()).find(|number| *number != open).unwrap_or(open);
        let numbers = match named.as_slice() {
            [] => [open, other],
            [one] => [open, *one],
            [one, two, ..] => [*one, *two],
        };
        if numbers.iter().any(|number| !(1..=passages.len()).contains(number)) || passages.len() < 2 {
            self.notice = Some("there are no two such passages".into());
            return;
        }
        self.overlay = Some(Overlay::Compare(super::Compare { exchange, numbers, scroll: 0 }));
    }

    pub(super) fn prompt(&mut self, purpose: Purpose, exchange: usize, text: &str) {
        self.overlay = Some(Overlay::Prompt(super::Prompt::new(purpose, exchange, text)));
    }
}
