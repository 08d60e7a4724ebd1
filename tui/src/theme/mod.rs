//! How things look: a style for each role, on any terminal.
//!
//! Color is never alone: what a color says, a sign or a weight says too.

mod color;

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Serialize};

use crate::configuration::ConfigurationError;
pub use color::Depth;

/// The colors to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// The terminal's own sixteen colors, which suit any background.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Black, white and little between.
    HighContrast,
}

macro_rules! roles {
    ($($variant:ident $name:literal $auto:literal $dark:literal $light:literal $contrast:literal)*) => {
        /// What something is, which decides how it looks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Role {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Role {
            const ALL: &'static [Self] = &[$(Self::$variant),*];

            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            const fn written(self, look: Look) -> &'static str {
                match (self, look) {
                    $(
                        (Self::$variant, Look::Auto) => $auto,
                        (Self::$variant, Look::Dark) => $dark,
                        (Self::$variant, Look::Light) => $light,
                        (Self::$variant, Look::HighContrast) => $contrast,
                    )*
                }
            }
        }
    };
}

roles! {
    Text    "text"    ""                 "#d8dee9"            "#24292f"            "white on black"
    Dim     "dim"     "dim"              "#8b949e"            "#57606a"            "white on black"
    Strong  "strong"  "bold"             "bold #eceff4"       "bold #000000"       "bold white on black"
    Accent  "accent"  "cyan"             "#88c0d0"            "#0550ae"            "bold cyan on black"
    Good    "good"    "green"            "#a3be8c"            "#116329"            "bold green on black"
    Bad     "bad"     "yellow"           "#ebcb8b"            "#953800"            "bold yellow on black"
    Border  "border"  "dim"              "#4c566a"            "#8c959f"            "white on black"
    Focus   "focus"   "cyan"             "bold #88c0d0"       "bold #0550ae"       "bold yellow on black"
    Cited   "cited"   "black on yellow"  "#2e3440 on #ebcb8b" "#24292f on #ffe58f" "black on yellow"
    Match   "match"   "black on cyan"    "#2e3440 on #88c0d0" "#24292f on #b6e3ff" "black on cyan"
    Code    "code"    "magenta"          "#b48ead"            "#8250df"            "bold magenta on black"
    Chosen  "chosen"  "reversed"         "#2e3440 on #88c0d0" "#ffffff on #0550ae" "black on white"
}

/// A style for each role.
#[derive(Clone, Debug)]
pub struct Theme {
    styles: Vec<Style>,
}

impl Default for Theme {
    /// Without colors.
    fn default() -> Self {
        Self { styles: Role::ALL.iter().map(|role| style(role.written(Look::Auto), Depth::None)).collect() }
    }
}

impl Theme {
    /// `look` with the styles of `tui.colors` in place of its own, in the colors that the terminal shows.
    pub fn new(look: Look, own: &BTreeMap<String, String>, depth: Depth) -> Result<Self, ConfigurationError> {
        let mut theme =
            Self { styles: Role::ALL.iter().map(|role| style(role.written(look), depth)).collect() };
        for (name, written) in own {
            let wrong = |message: String, hint: String, names_key: bool| ConfigurationError {
                path: vec!["colors".into(), name.clone()],
                message,
                hint,
                names_key,
            };
            let role = Role::ALL.iter().find(|role| role.name() == name).ok_or_else(|| {
                let names: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
                wrong(format!("nothing is colored as {name:?}"), format!("one of {}", names.join(", ")), true)
            })?;
            let style = color::parse(written).map_err(|word| {
                wrong(
                    format!("{word:?} is neither a color nor a weight"),
                    "write it like \"bold #50fa7b on black\"".into(),
                    false,
                )
            })?;
            theme.styles[*role as usize] = color::reduce(style, depth);
        }
        Ok(theme)
    }

    /// How `role` looks.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }
}

/// A style that comes with the program.
fn style(written: &str, depth: Depth) -> Style {
    let style = color::parse(written).unwrap_or_default();
    let reduced = color::reduce(style, depth);
    // What only a background marked must be marked in some way.
    if depth == Depth::None && style.bg.is_some_and(|color| color != Color::Black) {
        reduced.add_modifier(Modifier::REVERSED)
    } else {
        reduced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_can_be_read() {
        for look in [Look::Auto, Look::Dark, Look::Light, Look::HighContrast] {
            for role in Role::ALL {
                assert!(color::parse(role.written(look)).is_ok(), "{look:?} {role:?}");
            }
        }
    }

    #[test]
    fn without_colors_marks_are_marked_all_the_same() {
        for look in [Look::Auto, Look::Dark, Look::Light, Look::HighContrast] {
            let theme = Theme::new(look, &BTreeMap::new(), Depth::None).expect("a theme");
            for role in Role::ALL {
                let style = theme.style(*role);
                assert_eq!((style.fg, style.bg), (None, None));
            }
            for role in [Role::Cited, Role::Match, Role::Chosen] {
                assert!(theme.style(role).add_modifier.contains(Modifier::REVERSED), "{look:?} {role:?}");
            }
        }
    }

    #[test]
    fn own_colors_and_what_is_wrong_with_them() {
        let own = |name: &str, written: &str| BTreeMap::from([(name.to_owned(), written.to_owned())]);
        let theme = Theme::new(Look::Dark, &own("good", "bold #102030"), Depth::True).expect("a theme");
        assert_eq!(theme.style(Role::Good).fg, Some(Color::Rgb(0x10, 0x20, 0x30)));
        let error = Theme::new(Look::Dark, &own("good", "bold grin"), Depth::True).expect_err("no color");
        assert_eq!(error.path, ["colors", "good"]);
        assert!(error.message.contains("\"grin\""), "{error}");
        let error = Theme::new(Look::Dark, &own("godo", "green"), Depth::True).expect_err("no role");
        assert!(error.names_key && error.hint.contains("good"), "{error:?}");
    }
}
