//! Widths of the fonts that every reader has, for files that leave them out (ISO 32000-1, 9.6.2.2).
//!
//! In thousandths of the font's size. They serve to tell where words end, so the widths of bold and slanted faces
//! are taken as a little more than those of the upright one.

/// Widths of the characters from space to `~` in Helvetica.
const SANS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// The same in Times.
const SERIF: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500,
    500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333,
    389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469,
    500, 333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389,
    278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
];

/// The family of a font, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Sans,
    Serif,
    Mono,
    Symbol,
    Dingbats,
}

impl Family {
    /// Tells by a name such as `ABCDEF+Helvetica-Bold`.
    pub(super) fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if has(&[
            "courier",
            "mono",
            "consol",
            "menlo",
            "typewriter",
            "monaco",
            "sourcecode",
            "firacode",
            "cmtt",
        ]) {
            Self::Mono
        } else if has(&["zapfdingbats", "dingbats", "wingdings"]) {
            Self::Dingbats
        } else if name.starts_with("symbol") || name.contains("+symbol") {
            Self::Symbol
        } else if has(&[
            "times", "serif", "roman", "georgia", "garamond", "palatino", "cambria", "minion", "cmr",
        ]) && !has(&["sans"])
        {
            Self::Serif
        } else {
            Self::Sans
        }
    }

    /// Width of `c` in thousandths.
    pub(super) fn width(self, c: char, bold: bool) -> f64 {
        let table = match self {
            Self::Mono => return 600.0,
            Self::Serif => &SERIF,
            Self::Sans => &SANS,
            Self::Symbol => return 549.0,
            Self::Dingbats => return 788.0,
        };
        let plain = match c {
            '\u{a0}' => ' ',
            '‘' | '’' => '\'',
            '“' | '”' => '"',
            'À'..='Å' => 'A',
            'Ç' => 'C',
            'È'..='Ë' => 'E',
            'Ì'..='Ï' => 'I',
            'Ò'..='Ö' | 'Ø' => 'O',
            'Ù'..='Ü' => 'U',
            'à'..='å' => 'a',
            'ç' => 'c',
            'è'..='ë' => 'e',
            'ì'..='ï' => 'i',
            'ò'..='ö' | 'ø' => 'o',
            'ù'..='ü' => 'u',
            'ñ' => 'n',
            '–' => '0',
            '—' | '…' => 'W',
            '•' => '-',
            other => other,
        };
        let width = (plain as u32)
            .checked_sub(0x20)
            .and_then(|at| table.get(at as usize))
            .map_or(556.0, |width| f64::from(*width));
        if bold { width * 1.05 } else { width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_told_by_name() {
        assert_eq!(Family::of("ABCDEF+Helvetica-Bold"), Family::Sans);
        assert_eq!(Family::of("TimesNewRomanPSMT"), Family::Serif);
        assert_eq!(Family::of("Courier-Oblique"), Family::Mono);
        assert_eq!(Family::of("NotoSerifSans"), Family::Sans);
        assert_eq!(Family::of("SymbolMT"), Family::Symbol);
    }

    #[test]
    fn widths_are_those_of_the_font() {
        let exact = |family: Family, c| family.width(c, false) as u32;
        assert_eq!(
            (exact(Family::Sans, ' '), exact(Family::Sans, 'W'), exact(Family::Sans, '~')),
            (278, 944, 584)
        );
        assert_eq!(
            (exact(Family::Serif, 'm'), exact(Family::Serif, 'é'), exact(Family::Mono, 'i')),
            (778, 444, 600)
        );
    }
}
