//! What `[tui]` may say, and what it means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::keys::{Keymap, Preset};
use crate::theme::{Depth, Look, Theme};

/// `[tui]`, as written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Configuration {
    /// The keys to begin with: `default`, `vi` or `emacs`.
    pub preset: Preset,
    /// Keys by action, in place of those of the preset: `copy = ["y", "ctrl-y"]`.
    pub keys: BTreeMap<String, OneOrMany>,
    /// The colors to begin with: `auto`, `dark`, `light` or `high_contrast`.
    pub theme: Look,
    /// Styles by role, in place of those of the theme: `good = "bold #50fa7b"`.
    pub colors: BTreeMap<String, String>,
    /// Put under every answer that is copied, such as "Written with the help of AI."; nothing where empty.
    pub notice: String,
    /// Whether the wheel of the mouse scrolls. The terminal then selects text only with Shift.
    pub mouse: bool,
    /// What copies: a program with its arguments that reads the text from its standard input, or `terminal`. Without it, what
    /// this system has.
    pub clipboard: OneOrMany,
}

/// A list that may be written as its only item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// `"y"`
    One(String),
    /// `["y", "ctrl-y"]`
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(one) => std::slice::from_ref(one).iter().map(String::as_str),
            Self::Many(many) => many.iter().map(String::as_str),
        }
    }

    /// The place of item `index` below `path`.
    pub(crate) fn path(&self, path: &[&str], index: usize) -> Vec<String> {
        let mut path: Vec<String> = path.iter().map(|&part| part.to_owned()).collect();
        if matches!(self, Self::Many(_)) {
            path.push(index.to_string());
        }
        path
    }
}

/// What is wrong with the configuration, and where below `[tui]`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigurationError {
    /// Keys and indexes that lead there.
    pub path: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Whether the key itself is wrong, and not its value.
    pub names_key: bool,
}

/// The configuration with every key and color understood.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What keys do.
    pub keymap: Keymap,
    /// How things look.
    pub theme: Theme,
    /// Put under every answer that is copied.
    pub notice: String,
    /// Whether the wheel of the mouse scrolls.
    pub mouse: bool,
    /// What copies; empty where it is to be found.
    pub clipboard: Vec<String>,
    /// Whether the question is edited as in vi.
    pub vi: bool,
    /// What the tour proposes to ask, first and after it, where the session begins with the tour.
    pub tour: Option<[String; 2]>,
}

impl Configuration {
    /// What it means on a terminal that shows colors in `depth`.
    pub fn resolve(&self, depth: Depth) -> Result<Settings, ConfigurationError> {
        let clipboard: Vec<String> = self.clipboard.iter().map(str::to_owned).collect();
        if clipboard.first().is_some_and(|program| program.trim().is_empty()) {
            return Err(ConfigurationError {
                path: self.clipboard.path(&["clipboard"], 0),
                message: "no program is named".into(),
                hint: "write [\"wl-copy\"] or \"terminal\", or leave it out".into(),
                names_key: false,
            });
        }
        Ok(Settings {
            keymap: Keymap::new(self.preset, &self.keys)?,
            theme: Theme::new(self.theme, &self.colors, depth)?,
            notice: self.notice.clone(),
            mouse: self.mouse,
            clipboard,
            vi: self.preset == Preset::Vi,
            tour: None,
        })
    }
}
