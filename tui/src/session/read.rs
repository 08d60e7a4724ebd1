//! Opening sources and moving about in them.

use corpus::Citation;

use super::{Effect, Exchange, Focus, Overlay, Purpose, Session, Source};

impl Session {
    /// Opens what footnote `number` of the chosen answer rests on; in a refusal, the nearest passages.
    pub(super) fn open(&mut self, number: usize) -> Vec<Effect> {
        let found = self.current().and_then(|at| self.exchanges[at].citation(number));
        match found {
            Some(citation) => self.show(citation),
            None => {
                self.notice = Some(format!("there is no source {number}"));
                Vec::new()
            }
        }
    }

    pub(super) fn open_named(&mut self, argument: &str) -> Vec<Effect> {
        match argument.trim_matches(['[', ']']).parse() {
            Ok(number) => self.open(number),
            Err(_) => {
                self.notice = Some("write /open NUMBER".into());
                Vec::new()
            }
        }
    }

    /// Opens the citation `by` places after the one that is open, around the end.
    pub(super) fn next_citation(&mut self, by: isize) -> Vec<Effect> {
        let Some(exchange) = self.current().map(|at| &self.exchanges[at]) else { return Vec::new() };
        let all: Vec<&Citation> = exchange.citations();
        let open = self.source.as_ref().and_then(|source| all.iter().position(|c| **c == source.citation));
        let next = match open {
            Some(open) => (open as isize + by).rem_euclid(all.len() as isize) as usize,
            None => 0,
        };
        match all.get(next).copied().cloned() {
            Some(citation) => self.show(citation),
            None => {
                self.notice = Some("there is no citation".into());
                Vec::new()
            }
        }
    }

    fn show(&mut self, citation: Citation) -> Vec<Effect> {
        self.focus = Focus::Source;
        if let Some(source) = self.source.as_mut().filter(|source| source.is_of(&citation)) {
            source.show(citation);
            return Vec::new();
        }
        let id = citation.document.clone();
        self.source = Some(Source::new(citation));
        vec![Effect::Open(id)]
    }

    pub(super) fn scroll_by(&mut self, rows: isize) {
        match (&mut self.overlay, &mut self.source) {
            (Some(Overlay::Help(scroll)), _) => *scroll = scroll.saturating_add_signed(rows),
            (Some(Overlay::Compare(compare)), _) => {
                compare.scroll = compare.scroll.saturating_add_signed(rows);
            }
            (_, Some(source)) if self.focus == Focus::Source => {
                source.moved = source.moved.saturating_add(rows);
            }
            _ => {
                self.stop_following();
                self.scroll = self.scroll.saturating_add_signed(-rows);
            }
        }
    }

    pub(super) fn go_to_edge(&mut self, top: bool) {
        match &mut self.source {
            Some(source) if self.focus == Focus::Source => {
                let last = source.segments.last().map_or(0, |segment| segment.span.end.saturating_sub(1));
                source.moved = 0;
                source.reveal = Some(if top { 0 } else { last });
            }
            _ => {
                self.stop_following();
                self.scroll = if top { usize::MAX } else { 0 };
            }
        }
    }

    pub(super) fn begin_find(&mut self, text: &str) {
        if self.source.is_none() {
            self.notice = Some("open a source first".into());
        } else if text.is_empty() {
            let at = self.current().unwrap_or(0);
            self.prompt(Purpose::Find, at, "");
        } else {
            self.find(text);
        }
    }

    pub(super) fn find(&mut self, text: &str) {
        let Some(source) = &mut self.source else { return };
        if text.is_empty() {
            source.search = None;
        } else {
            self.notice = Some(source.find(text));
            self.focus = Focus::Source;
        }
    }

    pub(super) fn find_on(&mut self, by: isize) {
        self.notice = Some(match &mut self.source {
            Some(source) => source.find_on(by),
            None => "open a source first".into(),
        });
    }

    pub(super) fn toggle_dropped(&mut self) {
        let Some(at) = self.current() else { return };
        let exchange: &mut Exchange = &mut self.exchanges[at];
        if exchange.dropped.is_empty() {
            self.notice = Some("nothing was left out of this answer".into());
        } else {
            exchange.shows_dropped = !exchange.shows_dropped;
            exchange.version += 1;
        }
    }
}
