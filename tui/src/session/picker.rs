//! A list to choose from by typing.

/// What is chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Commands.
    Command,
    /// Earlier questions.
    Question,
    /// Conversations.
    Conversation,
}

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What is shown first.
    pub label: String,
    /// What is shown behind it.
    pub detail: String,
    /// What choosing it means.
    pub value: String,
}

/// A list to choose from by typing parts of words.
#[derive(Clone, Debug)]
pub struct Picker {
    /// What is chosen from.
    pub choice: Choice,
    /// What has been typed.
    pub query: String,
    /// Everything there is.
    rows: Vec<Row>,
    /// Those that match, as places in `rows`.
    matching: Vec<usize>,
    /// The chosen one, as a place in `matching`.
    pub chosen: usize,
}

impl Picker {
    pub(super) fn new(choice: Choice, rows: Vec<Row>, query: &str) -> Self {
        let mut picker = Self { choice, query: query.into(), rows, matching: Vec::new(), chosen: 0 };
        picker.narrow();
        picker
    }

    /// How many match.
    pub fn len(&self) -> usize {
        self.matching.len()
    }

    /// How many there are, matching or not.
    pub fn all(&self) -> usize {
        self.rows.len()
    }

    /// Whether none matches.
    pub fn is_empty(&self) -> bool {
        self.matching.is_empty()
    }

    /// The matching rows from `first` on.
    pub fn matching(&self, first: usize) -> impl Iterator<Item = &Row> {
        self.matching.iter().skip(first).filter_map(|place| self.rows.get(*place))
    }

    pub(super) fn take(self) -> Option<Row> {
        let place = *self.matching.get(self.chosen)?;
        self.rows.into_iter().nth(place)
    }

    pub(super) fn step(&mut self, by: isize) {
        let last = self.matching.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
    }

    pub(super) fn typed(&mut self, text: &str) {
        self.query.extend(text.chars().filter(|c| !c.is_control()));
        self.narrow();
    }

    pub(super) fn erase(&mut self) {
        self.query.pop();
        self.narrow();
    }

    /// Every word that was typed must occur.
    fn narrow(&mut self) {
        let words: Vec<String> = self.query.split_whitespace().map(str::to_lowercase).collect();
        let holds = |row: &Row| {
            let text = format!("{} {}", row.label, row.detail).to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        };
        self.matching =
            self.rows.iter().enumerate().filter(|(_, row)| holds(row)).map(|(place, _)| place).collect();
        self.chosen = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_narrow_the_list_in_any_order() {
        let row = |label: &str| Row { label: label.into(), detail: String::new(), value: label.into() };
        let rows = vec![row("Return a hub"), row("Return a lamp"), row("Reset the hub")];
        let mut picker = Picker::new(Choice::Question, rows, "");
        assert_eq!(picker.len(), 3);
        picker.typed("hub ret");
        assert_eq!(picker.matching(0).map(|row| row.label.as_str()).collect::<Vec<_>>(), ["Return a hub"]);
        picker.step(5);
        assert_eq!(picker.clone().take().map(|row| row.value), Some("Return a hub".into()));
        picker.typed("x");
        assert!(picker.is_empty() && picker.clone().take().is_none());
        picker.erase();
        assert_eq!(picker.len(), 1);
    }
}
