//! Everything that a person can do, by name.

/// Where the keys of an action are listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Wherever one is.
    Everywhere,
    /// While a question is typed.
    Question,
    /// In the answer and in the source.
    Reading,
}

macro_rules! actions {
    ($($variant:ident $scope:ident $name:literal $argument:literal $what:literal)*) => {
        /// Something that a person can do: by a key, from the palette, or as `/name argument`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $(
                #[doc = concat!("`", $name, "`: ", $what, ".")]
                $variant,
            )*
        }

        impl Action {
            /// All of them, in the order in which help lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the configuration and behind a slash.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it takes behind its name; empty where nothing.
            pub const fn argument(self) -> &'static str {
                match self { $(Self::$variant => $argument,)* }
            }

            /// What it does, in a few words.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$variant => $what,)* }
            }

            /// Where its keys are listened to.
            pub const fn scope(self) -> Scope {
                match self { $(Self::$variant => Scope::$scope,)* }
            }
        }
    };
}

actions! {
    Ask            Question   "ask"            ""                 "ask the question"
    Newline        Question   "newline"        ""                 "new line in the question"
    Earlier        Question   "earlier"        ""                 "the question before"
    Later          Question   "later"          ""                 "the question after"
    History        Everywhere "history"        ""                 "search earlier questions"
    Editor         Everywhere "editor"         ""                 "write the question in $EDITOR"
    Mode           Everywhere "mode"           "MODE"             "how answers are worded"
    Tone           Everywhere "tone"           "TONE"             "whom a copied answer is worded for"
    Filter         Everywhere "filter"         "KEY:VALUE"        "confine questions; the same again lifts it"
    New            Everywhere "new"            ""                 "begin a new conversation"
    Conversations  Everywhere "conversations"  "WORDS"            "list and resume conversations"
    Focus          Everywhere "focus"          ""                 "to the answer, the source, the question"
    Type           Reading    "type"           ""                 "back to the question"
    Up             Reading    "up"             ""                 "a line up"
    Down           Reading    "down"           ""                 "a line down"
    PageUp         Everywhere "page-up"        ""                 "a page up"
    PageDown       Everywhere "page-down"      ""                 "a page down"
    Top            Reading    "top"            ""                 "to the beginning"
    Bottom         Reading    "bottom"         ""                 "to the end"
    PreviousAnswer Reading    "previous-answer" ""                "choose the answer before"
    NextAnswer     Reading    "next-answer"    ""                 "choose the answer after"
    Open           Reading    "open"           "NUMBER"           "open a source; its digit does too"
    NextCitation   Reading    "next-citation"  ""                 "open the next citation"
    PreviousCitation Reading  "previous-citation" ""              "open the citation before"
    Whole          Reading    "whole"          ""                 "the source on the whole screen, and back"
    Find           Reading    "find"           "TEXT"             "search in the source"
    FindNext       Reading    "find-next"      ""                 "next match"
    FindPrevious   Reading    "find-previous"  ""                 "match before"
    Compare        Reading    "compare"        "NUMBER NUMBER"    "two passages side by side"
    Dropped        Reading    "dropped"        ""                 "show or hide what was left out"
    Copy           Reading    "copy"           ""                 "copy the answer"
    CopySources    Reading    "copy-sources"   ""                 "copy the answer with its sources"
    RateUp         Reading    "rate-up"        "REASON"           "the answer is good"
    RateDown       Reading    "rate-down"      "REASON"           "the answer is bad"
    Correct        Reading    "correct"        "TEXT"             "say what the answer should be"
    Golden         Reading    "golden"         ""                 "make it a golden question"
    Export         Reading    "export"         "md|json FILE"     "write the conversation to a file"
    Escalate       Reading    "escalate"       "REMARK"           "hand the question over"
    Switch         Everywhere "switch"         ""                 "to the newest generation of the index"
    Palette        Everywhere "palette"        ""                 "all commands"
    Help           Everywhere "help"           ""                 "this list"
    Tour           Everywhere "tour"           ""                 "learn the terminal step by step; again ends it"
    Redraw         Everywhere "redraw"         ""                 "draw the screen anew"
    Back           Everywhere "back"           ""                 "stop, close, step back"
    Suspend        Everywhere "suspend"        ""                 "to the shell; `fg` returns"
    Interrupt      Everywhere "interrupt"      ""                 "stop, clear, then end"
    Quit           Everywhere "quit"           ""                 "end"
}

impl Action {
    /// The action with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }

    /// Whether it is worth a place among the commands: what moves about is for keys alone.
    pub fn is_command(self) -> bool {
        !matches!(
            self,
            Self::Ask
                | Self::Newline
                | Self::Earlier
                | Self::Later
                | Self::Focus
                | Self::Type
                | Self::Up
                | Self::Down
                | Self::PageUp
                | Self::PageDown
                | Self::Top
                | Self::Bottom
                | Self::Palette
                | Self::Back
                | Self::Interrupt
                | Self::Redraw
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Action;

    #[test]
    fn names_are_unique_and_lead_back() {
        for action in Action::ALL {
            assert_eq!(Action::named(action.name()), Some(*action));
        }
    }
}
