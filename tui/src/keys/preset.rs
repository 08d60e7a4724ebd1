//! The keys that come with the program.

use serde::{Deserialize, Serialize};

use super::Action;

/// A set of keys to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Arrows, and a few letters while reading.
    #[default]
    Default,
    /// The letters of vi, while reading and to edit the question.
    Vi,
    /// The control keys of Emacs.
    Emacs,
}

type Rows = &'static [(Action, &'static [&'static str])];

/// What all presets share.
const COMMON: Rows = &[
    (Action::Ask, &["enter"]),
    (Action::Newline, &["alt-enter", "shift-enter"]),
    (Action::Earlier, &["up"]),
    (Action::Later, &["down"]),
    (Action::History, &["ctrl-r"]),
    (Action::Editor, &["ctrl-o"]),
    (Action::New, &["f6"]),
    (Action::Conversations, &["ctrl-t"]),
    (Action::Focus, &["tab"]),
    (Action::Type, &["i", "enter"]),
    (Action::Up, &["up", "k"]),
    (Action::Down, &["down", "j"]),
    (Action::PageUp, &["page-up"]),
    (Action::PageDown, &["page-down"]),
    (Action::Top, &["home", "g"]),
    (Action::Bottom, &["end", "G"]),
    (Action::PreviousAnswer, &["K", "shift-up"]),
    (Action::NextAnswer, &["J", "shift-down"]),
    (Action::NextCitation, &["c"]),
    (Action::PreviousCitation, &["C"]),
    (Action::Whole, &["w"]),
    (Action::Find, &["/"]),
    (Action::FindNext, &["n"]),
    (Action::FindPrevious, &["N"]),
    (Action::Compare, &["="]),
    (Action::Dropped, &["d"]),
    (Action::Copy, &["y"]),
    (Action::CopySources, &["Y"]),
    (Action::RateUp, &["+"]),
    (Action::RateDown, &["-"]),
    (Action::Correct, &["e"]),
    (Action::Golden, &["*"]),
    (Action::Export, &["s"]),
    (Action::Escalate, &["!"]),
    (Action::Switch, &["f5"]),
    (Action::Palette, &["ctrl-p", "f2"]),
    (Action::Help, &["f1", "?"]),
    (Action::Tour, &["f3"]),
    (Action::Redraw, &["ctrl-l"]),
    (Action::Back, &["esc"]),
    (Action::Suspend, &["ctrl-z"]),
    (Action::Interrupt, &["ctrl-c"]),
    (Action::Quit, &["ctrl-q", "q"]),
];

const VI: Rows = &[
    (Action::Type, &["i", "a", "enter"]),
    (Action::Top, &["g g", "home"]),
    (Action::PageUp, &["page-up", "ctrl-b"]),
    (Action::PageDown, &["page-down", "ctrl-f"]),
    (Action::PreviousCitation, &["["]),
    (Action::NextCitation, &["]"]),
    (Action::Copy, &["y y"]),
    (Action::CopySources, &["Y"]),
];

const EMACS: Rows = &[
    (Action::Type, &["enter"]),
    (Action::Newline, &["alt-enter", "shift-enter", "ctrl-j"]),
    (Action::Up, &["up", "ctrl-p"]),
    (Action::Down, &["down", "ctrl-n"]),
    (Action::PageUp, &["page-up", "alt-v"]),
    (Action::PageDown, &["page-down", "ctrl-v"]),
    (Action::Top, &["alt-<", "home"]),
    (Action::Bottom, &["alt->", "end"]),
    (Action::Find, &["ctrl-s", "/"]),
    (Action::Copy, &["alt-w"]),
    (Action::CopySources, &["alt-W"]),
    (Action::Palette, &["alt-x", "f2"]),
    (Action::Back, &["esc", "ctrl-g"]),
    (Action::Quit, &["ctrl-x ctrl-c", "ctrl-q"]),
    (Action::Editor, &["ctrl-x ctrl-e", "ctrl-o"]),
];

impl Preset {
    /// The keys of `action`, as they are written in the configuration.
    pub(super) fn keys(self, action: Action) -> &'static [&'static str] {
        let own = match self {
            Self::Default => &[],
            Self::Vi => VI,
            Self::Emacs => EMACS,
        };
        own.iter().chain(COMMON).find(|(listed, _)| *listed == action).map_or(&[], |(_, keys)| keys)
    }
}
