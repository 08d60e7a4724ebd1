//! Styles as they are written, and colors on terminals that show few.

use ratatui::style::{Color, Modifier, Style};

/// How many colors a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None, or none are wanted.
    None,
    /// The sixteen named ones.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// All.
    True,
}

impl Depth {
    /// What the environment says: `NO_COLOR`, `COLORTERM` and `TERM`, looked up by `variable`.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) || term == "dumb" {
            return Self::None;
        }
        match variable("COLORTERM").as_deref() {
            Some("truecolor" | "24bit") => Self::True,
            _ if term.contains("direct") => Self::True,
            _ if term.contains("256color") => Self::Indexed,
            _ => Self::Sixteen,
        }
    }
}

/// Reads `[WEIGHT…] [COLOR] [on COLOR]`; what cannot be understood is handed back.
pub(super) fn parse(written: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut words = written.split_whitespace();
    while let Some(word) = words.next() {
        let weight = match word {
            "bold" => Modifier::BOLD,
            "dim" => Modifier::DIM,
            "italic" => Modifier::ITALIC,
            "underlined" => Modifier::UNDERLINED,
            "reversed" => Modifier::REVERSED,
            "on" => {
                let color = words.next().ok_or("on")?;
                style = style.bg(color.parse().map_err(|_| color.to_owned())?);
                continue;
            }
            color => {
                style = style.fg(color.parse().map_err(|_| color.to_owned())?);
                continue;
            }
        };
        style = style.add_modifier(weight);
    }
    Ok(style)
}

/// `style` in the colors that the terminal shows.
pub(super) fn reduce(style: Style, depth: Depth) -> Style {
    let nearest = |color: Option<Color>| match (depth, color?) {
        (Depth::None, _) => None,
        (Depth::Sixteen, Color::Rgb(r, g, b)) => Some(sixteen((r, g, b))),
        (Depth::Sixteen, Color::Indexed(index)) if index >= 16 => Some(sixteen(indexed(index))),
        (Depth::Indexed, Color::Rgb(r, g, b)) => Some(Color::Indexed(nearest_index((r, g, b)))),
        (_, color) => Some(color),
    };
    Style { fg: nearest(style.fg), bg: nearest(style.bg), ..style }
}

type Rgb = (u8, u8, u8);

/// The sixteen colors as xterm shows them.
const SIXTEEN: [(Color, Rgb); 16] = [
    (Color::Black, (0, 0, 0)),
    (Color::Red, (205, 0, 0)),
    (Color::Green, (0, 205, 0)),
    (Color::Yellow, (205, 205, 0)),
    (Color::Blue, (0, 0, 238)),
    (Color::Magenta, (205, 0, 205)),
    (Color::Cyan, (0, 205, 205)),
    (Color::Gray, (229, 229, 229)),
    (Color::DarkGray, (127, 127, 127)),
    (Color::LightRed, (255, 0, 0)),
    (Color::LightGreen, (0, 255, 0)),
    (Color::LightYellow, (255, 255, 0)),
    (Color::LightBlue, (92, 92, 255)),
    (Color::LightMagenta, (255, 0, 255)),
    (Color::LightCyan, (0, 255, 255)),
    (Color::White, (255, 255, 255)),
];

fn sixteen(color: Rgb) -> Color {
    SIXTEEN.iter().min_by_key(|(_, known)| distance(*known, color)).map_or(Color::Reset, |(name, _)| *name)
}

/// Steps of the six-by-six-by-six cube of xterm's 256 colors.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn indexed(index: u8) -> Rgb {
    match index {
        0..=15 => SIXTEEN[index as usize].1,
        16..=231 => {
            let at = index as usize - 16;
            (STEPS[at / 36], STEPS[at / 6 % 6], STEPS[at % 6])
        }
        232.. => {
            let gray = 8 + 10 * (index - 232);
            (gray, gray, gray)
        }
    }
}

fn nearest_index(color: Rgb) -> u8 {
    (16..=255).min_by_key(|index| distance(indexed(*index), color)).unwrap_or(15)
}

fn distance(one: Rgb, other: Rgb) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    square(one.0, other.0) + square(one.1, other.1) + square(one.2, other.2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn depth(rows: &[(&str, &str)]) -> Depth {
        Depth::detect(|name| rows.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_says_how_many_colors_there_are() {
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(depth(&[("TERM", "xterm-256color")]), Depth::Indexed);
        assert_eq!(depth(&[("TERM", "linux")]), Depth::Sixteen);
        assert_eq!(depth(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]), Depth::None);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(depth(&[("TERM", "xterm"), ("NO_COLOR", "")]), Depth::Sixteen);
    }

    #[test]
    fn the_nearest_color_is_taken() {
        let style = Style::new().fg(Color::Rgb(250, 5, 5)).bg(Color::Rgb(96, 134, 176));
        assert_eq!(reduce(style, Depth::Sixteen).fg, Some(Color::LightRed));
        assert_eq!(reduce(style, Depth::Indexed).bg, Some(Color::Indexed(16 + 36 + 2 * 6 + 3)));
        assert_eq!(reduce(style, Depth::True), style);
        assert_eq!(reduce(Style::new().fg(Color::Green), Depth::Indexed).fg, Some(Color::Green));
    }

    proptest! {
        #[test]
        fn sixteen_colors_are_enough(r: u8, g: u8, b: u8) {
            let style = reduce(Style::new().fg(Color::Rgb(r, g, b)), Depth::Sixteen);
            prop_assert!(SIXTEEN.iter().any(|(name, _)| Some(*name) == style.fg));
        }

        #[test]
        fn anything_may_be_written(written in "\\PC{0,20}") {
            let _ = parse(&written);
        }
    }
}
