//! Operators and operands of content streams and character maps (ISO 32000-1, 7.2, 7.8).
//!
//! Damage is passed over byte by byte: what comes after it is read.

/// Deepest nesting of arrays and dictionaries.
const DEEPEST: usize = 16;

/// Most operands kept for one operator.
const MOST_OPERANDS: usize = 100_000;

/// What stands before an operator.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Number(f64),
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Operand>),
    Dictionary(Vec<(Vec<u8>, Operand)>),
    Null,
}

impl Operand {
    pub(super) fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub(super) fn name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub(super) fn text(&self) -> Option<&[u8]> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn entry(&self, key: &[u8]) -> Option<&Self> {
        let Self::Dictionary(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

/// Reads operators one after the other.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next operator; its operands are in `operands`. Inline images are passed over, and given as `EI`.
    pub(super) fn next(&mut self, operands: &mut Vec<Operand>) -> Option<&'a [u8]> {
        operands.clear();
        loop {
            self.skip_space();
            let byte = self.peek()?;
            if let Some(operand) = self.operand(byte, 0) {
                if operands.len() < MOST_OPERANDS {
                    operands.push(operand);
                }
                continue;
            }
            let word = self.word();
            match word {
                // A stray delimiter.
                b"" => self.at += 1,
                b"true" | b"false" | b"null" => operands.push(Operand::Null),
                b"BI" => {
                    self.skip_image();
                    operands.clear();
                    return Some(b"EI");
                }
                _ => return Some(word),
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'%' => {
                    while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                        self.at += 1;
                    }
                }
                _ if is_space(byte) => self.at += 1,
                _ => return,
            }
        }
    }

    fn operand(&mut self, byte: u8, depth: usize) -> Option<Operand> {
        match byte {
            b'0'..=b'9' | b'+' | b'-' | b'.' => Some(Operand::Number(self.number())),
            b'/' => {
                self.at += 1;
                Some(Operand::Name(self.name()))
            }
            b'(' => Some(Operand::Text(self.literal())),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => {
                self.at += 2;
                Some(self.dictionary(depth))
            }
            b'<' => Some(Operand::Text(self.hexadecimal())),
            b'[' => {
                self.at += 1;
                Some(Operand::Array(self.list(depth, b']')))
            }
            _ => None,
        }
    }

    /// Operands up to `end`. What is nested too deep is read and dropped.
    fn list(&mut self, depth: usize, end: u8) -> Vec<Operand> {
        let mut items = Vec::new();
        loop {
            self.skip_space();
            let Some(byte) = self.peek() else { return items };
            if byte == end {
                self.at += if end == b'>' { 2 } else { 1 };
                return items;
            }
            let nests = matches!(byte, b'[') || (byte == b'<' && self.bytes.get(self.at + 1) == Some(&b'<'));
            if nests && depth >= DEEPEST {
                self.at += 1;
                continue;
            }
            match self.operand(byte, depth + 1) {
                Some(item) if items.len() < MOST_OPERANDS => items.push(item),
                Some(_) => {}
                None => {
                    if self.word().is_empty() {
                        self.at += 1;
                    } else {
                        items.push(Operand::Null);
                    }
                }
            }
        }
    }

    fn dictionary(&mut self, depth: usize) -> Operand {
        let mut entries = Vec::new();
        let mut items = self.list(depth, b'>').into_iter();
        while let Some(key) = items.next() {
            if let Operand::Name(key) = key
                && let Some(value) = items.next()
            {
                entries.push((key, value));
            }
        }
        Operand::Dictionary(entries)
    }

    fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        while self.peek().is_some_and(|byte| !is_space(byte) && !is_delimiter(byte)) {
            self.at += 1;
        }
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// A number, read leniently: `--5`, `1.2.3` and `12-3` occur in the wild.
    fn number(&mut self) -> f64 {
        let negative = self.peek() == Some(b'-');
        while self.peek().is_some_and(|byte| byte == b'-' || byte == b'+') {
            self.at += 1;
        }
        let mut value = 0.0;
        let mut scale = 0.0;
        while let Some(byte) = self.peek() {
            match byte {
                b'0'..=b'9' => {
                    let digit = f64::from(byte - b'0');
                    if scale > 0.0 {
                        value += digit * scale;
                        scale /= 10.0;
                    } else {
                        value = value * 10.0 + digit;
                    }
                }
                b'.' if scale == 0.0 => scale = 0.1,
                b'.' | b'-' => {}
                _ => break,
            }
            self.at += 1;
        }
        let value = if value.is_finite() { value } else { 0.0 };
        if negative { -value } else { value }
    }

    fn name(&mut self) -> Vec<u8> {
        let raw = self.word();
        let mut name = Vec::with_capacity(raw.len());
        let mut at = 0;
        while let Some(&byte) = raw.get(at) {
            let hex = raw.get(at + 1..at + 3).and_then(|hex| Some(digit(hex[0])? * 16 + digit(hex[1])?));
            match hex {
                Some(value) if byte == b'#' => {
                    name.push(value);
                    at += 3;
                }
                _ => {
                    name.push(byte);
                    at += 1;
                }
            }
        }
        name
    }

    fn literal(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => {
                    if depth > 0 {
                        text.push(byte);
                    }
                    depth += 1;
                }
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                    text.push(byte);
                }
                b'\\' => self.escape(&mut text),
                _ => text.push(byte),
            }
        }
        text
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'\n' => {}
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    match self.peek() {
                        Some(next @ b'0'..=b'7') => {
                            value = value * 8 + u32::from(next - b'0');
                            self.at += 1;
                        }
                        _ => break,
                    }
                }
                text.push(value as u8);
            }
            other => text.push(other),
        }
    }

    fn hexadecimal(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut text = Vec::new();
        let mut high = None;
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            let Some(value) = digit(byte) else { continue };
            match high.take() {
                None => high = Some(value),
                Some(high) => text.push(high * 16 + value),
            }
        }
        text.extend(high.map(|high| high * 16));
        text
    }

    /// Passes over an image's data: up to an `EI` that is followed by something like an operator.
    fn skip_image(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(data) = rest.windows(3).position(|w| w.starts_with(b"ID") && is_space(w[2])) else {
            self.at = self.bytes.len();
            return;
        };
        let mut at = self.at + data + 3;
        while let Some(found) = self.bytes.get(at..).and_then(|rest| rest.windows(2).position(|w| w == b"EI"))
        {
            let end = at + found;
            let before = end.checked_sub(1).and_then(|at| self.bytes.get(at)).copied();
            let after = self.bytes.get(end + 2..(end + 12).min(self.bytes.len())).unwrap_or_default();
            let ends = after.first().is_none_or(|byte| is_space(*byte))
                && after.iter().all(|byte| byte.is_ascii_graphic() || is_space(*byte));
            if before.is_some_and(is_space) && ends {
                self.at = end + 2;
                return;
            }
            at = end + 2;
        }
        self.at = self.bytes.len();
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<(String, Vec<Operand>)> {
        let mut lexer = Lexer::new(bytes);
        let mut operands = Vec::new();
        let mut found = Vec::new();
        while let Some(operator) = lexer.next(&mut operands) {
            found.push((String::from_utf8_lossy(operator).into_owned(), operands.clone()));
        }
        found
    }

    #[test]
    fn operands_are_read() {
        let found = read(
            b"/F#31 12 Tf [(a\\)\\101(b)) -120.5 <4142 4>] TJ % comment\n(x) ' <</A [1 2]/B null>> BDC T*",
        );
        let text = |text: &[u8]| Operand::Text(text.to_vec());
        assert_eq!(found[0], ("Tf".into(), vec![Operand::Name(b"F1".to_vec()), Operand::Number(12.0)]));
        let array = Operand::Array(vec![text(b"a)A(b)"), Operand::Number(-120.5), text(b"AB@")]);
        assert_eq!(found[1], ("TJ".into(), vec![array]));
        assert_eq!(found[2], ("'".into(), vec![text(b"x")]));
        assert_eq!(found[3].1[0].entry(b"B"), Some(&Operand::Null));
        assert_eq!(found[4].0, "T*");
    }

    #[test]
    fn odd_numbers_are_read() {
        let numbers: Vec<_> = read(b"--5 1.25. .5 +3 1e x")[0].1.iter().filter_map(Operand::number).collect();
        assert_eq!(numbers[..4], [-5.0, 1.25, 0.5, 3.0]);
    }

    #[test]
    fn images_are_passed_over() {
        let found = read(b"q BI /W 1 ID \x00EI\xff\x01 EI Q (a) Tj");
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["q", "EI", "Q", "Tj"]);
    }

    #[test]
    fn damage_ends() {
        for bytes in
            [&b"((((("[..], b"<<<<", b"[[[[", b")>]}", b"\\", b"<", b"/", b"BI", b"BI ID ", b"[<", b"<</A"]
        {
            let _ = read(bytes);
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000) + " (a) Tj";
        assert!(!read(deep.as_bytes()).is_empty());
    }
}
