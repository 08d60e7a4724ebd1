//! Plain text, and the light markup of `reStructuredText`, `AsciiDoc` and Org.

pub(crate) mod charset;
pub(super) mod xml;

use corpus::{Block, BlockKind};

use super::fields::Fields;

/// Lines in which a text says what it is.
const OPENING: usize = 8;
/// Fewest lines with bars that are taken for a table.
const LEAST_ROWS: usize = 3;
/// Longest line taken for a heading, in characters.
const LONGEST_HEADING: usize = 100;

/// The blocks of a text: paragraphs parted by empty lines, list items, and headings that are underlined, marked or
/// set in capitals.
pub(super) fn read(text: &str) -> (Fields, Vec<Block>) {
    let mut reader = Reader::default();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut at = 0;
    while let Some(&line) = lines.get(at) {
        at += reader.line(line, at, &lines);
    }
    reader.flush();
    (reader.fields, reader.blocks)
}

#[derive(Default)]
struct Reader {
    fields: Fields,
    blocks: Vec<Block>,
    text: Vec<String>,
    item: bool,
    /// Underlines in order of appearance; their order is their rank.
    underlines: Vec<(char, bool)>,
}

impl Reader {
    /// Takes the line at `at` and says how many lines it took.
    fn line(&mut self, line: &str, at: usize, lines: &[&str]) -> usize {
        let next = lines.get(at + 1).copied().unwrap_or_default();
        let bare = line.trim_start();
        if bare.is_empty() {
            self.flush();
            return 1;
        }
        if let Some(fence) = fence(bare) {
            return self.code(fence, at, lines);
        }
        if let Some(mark) = rule(bare) {
            // A title between two rules, or a rule by itself.
            let closing = lines.get(at + 2).copied().unwrap_or_default();
            self.flush();
            if !next.trim().is_empty() && rule(closing.trim_start()) == Some(mark) && is_short(next) {
                self.heading(next, (mark, true));
                return 3;
            }
            return 1;
        }
        if let Some(mark) = rule(next) {
            // An underline is about as long as what it underlines.
            let length = line.chars().count();
            if self.text.is_empty()
                && is_short(line)
                && next.chars().count() + 2 >= length
                && !line.starts_with(' ')
            {
                self.heading(line, (mark, false));
                return 2;
            }
        }
        if self.marked(line, bare) {
            return 1;
        }
        if self.text.is_empty() && is_shouted(bare) && !is_shouted(next.trim()) {
            let level = if self.blocks.is_empty() { 1 } else { 2 };
            self.blocks.push(Block::new(BlockKind::Heading(level), bare));
            return 1;
        }
        if at < OPENING {
            self.opening(bare);
        }
        if marker(bare) {
            self.flush();
            self.item = true;
        }
        self.text.push(bare.to_owned());
        1
    }

    /// What a text says of itself in its first lines, such as `Status: superseded.`; it stays in the text.
    fn opening(&mut self, line: &str) {
        const KNOWN: [&str; 8] =
            ["status", "version", "product", "audience", "updated", "last updated", "modified", "date"];
        if let Some((name, value)) = line.split_once(':')
            && KNOWN.contains(&name.trim().to_lowercase().as_str())
        {
            let sentence = value.split(". ").next().unwrap_or_default();
            self.fields.set(name, sentence.trim().trim_end_matches('.'));
        }
    }

    /// Headings, properties and directives that begin with a mark.
    fn marked(&mut self, line: &str, bare: &str) -> bool {
        for mark in ['=', '*'] {
            let level = line.chars().take_while(|c| *c == mark).count();
            let title = line.get(level..).unwrap_or_default();
            // One asterisk begins a list item; in Org files it is a heading, which cannot be told apart.
            if (1..=6).contains(&level)
                && (mark == '=' || level > 1)
                && title.starts_with(' ')
                && is_short(title)
            {
                self.flush();
                let title = title.trim().trim_end_matches(mark).trim_end();
                self.blocks.push(Block::new(BlockKind::Heading(level as u8), title));
                return true;
            }
        }
        let property = bare
            .strip_prefix("#+")
            .or_else(|| line.strip_prefix(':'))
            .and_then(|rest| rest.split_once(':'))
            .filter(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_!".contains(c))
            });
        if let Some((name, value)) = property
            && self.text.is_empty()
        {
            self.fields.set(name, value);
            return true;
        }
        // Where a block of Org begins and ends.
        if bare.starts_with("#+") {
            self.flush();
            return true;
        }
        if let Some(directive) = bare.strip_prefix(".. ") {
            self.flush();
            if let Some((name, text)) = directive.split_once("::") {
                let mut label = name.trim().to_owned();
                if let Some(first) = label.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                let admonition =
                    ["Note", "Warning", "Tip", "Important", "Caution", "Danger", "Hint", "Attention"];
                if admonition.contains(&label.as_str()) {
                    self.text.push(format!("{label}: {}", text.trim()).trim_end().to_owned());
                }
            }
            return true;
        }
        false
    }

    fn heading(&mut self, line: &str, mark: (char, bool)) {
        let rank = self.underlines.iter().position(|seen| *seen == mark).unwrap_or_else(|| {
            self.underlines.push(mark);
            self.underlines.len() - 1
        });
        self.blocks.push(Block::new(BlockKind::Heading((rank as u8 + 1).min(6)), line.trim()));
    }

    fn code(&mut self, fence: &str, at: usize, lines: &[&str]) -> usize {
        self.flush();
        let rest = lines.get(at + 1..).unwrap_or_default();
        let length = rest.iter().position(|line| line.trim() == fence).unwrap_or(rest.len());
        let code = rest.get(..length).unwrap_or_default().join("\n");
        if !code.trim().is_empty() {
            self.blocks.push(Block::new(BlockKind::Code, code));
        }
        length + 2
    }

    fn flush(&mut self) {
        let item = std::mem::take(&mut self.item);
        if self.text.is_empty() {
            return;
        }
        let lines = std::mem::take(&mut self.text);
        if let Some(table) = table(&lines) {
            self.blocks.push(Block::new(BlockKind::Table, table));
            return;
        }
        // Columns are laid out with runs of spaces: such lines keep their breaks.
        let columns = lines.iter().filter(|line| line.contains("   ") || line.contains('\t')).count();
        let text = lines.join(if columns * 2 > lines.len() { "\n" } else { " " }).replace("``", "");
        self.blocks.push(Block::new(if item { BlockKind::ListItem } else { BlockKind::Paragraph }, text));
    }
}

/// The rows of a table whose cells are parted by bars; none where `lines` are something else, such as commands.
fn table(lines: &[String]) -> Option<String> {
    let rows: Vec<Vec<&str>> = lines.iter().map(|line| cells(line)).collect();
    let width = rows[0].len();
    if rows.len() < LEAST_ROWS || width < 2 || rows.iter().any(|row| row.len() != width) {
        return None;
    }
    let is_ruled = |row: &Vec<&str>| row.iter().all(|cell| rule(cell.trim_matches(':')) == Some('-'));
    let rows: Vec<String> = rows.iter().filter(|row| !is_ruled(row)).map(|row| row.join(" | ")).collect();
    (rows.len() > 1).then(|| rows.join("\n"))
}

/// The cells of a row, which may stand between bars.
fn cells(line: &str) -> Vec<&str> {
    let line = line.trim();
    let framed = line.strip_prefix('|').and_then(|line| line.strip_suffix('|'));
    framed.unwrap_or(line).split('|').map(str::trim).collect()
}

/// The fence that `line` opens a block of code with.
fn fence(line: &str) -> Option<&'static str> {
    ["```", "----", "...."].into_iter().find(|fence| {
        line.strip_prefix(fence).is_some_and(|rest| match *fence {
            "```" => !rest.contains('`'),
            // Longer runs are rules and underlines.
            _ => rest.is_empty(),
        })
    })
}

/// The character of a line that is a rule or an underline.
fn rule(line: &str) -> Option<char> {
    let mark = line.chars().next().filter(|c| "=-~^*+#_\"'`:.".contains(*c))?;
    (line.len() >= 3 && line.chars().all(|c| c == mark)).then_some(mark)
}

fn is_short(line: &str) -> bool {
    line.chars().count() <= LONGEST_HEADING
}

/// Whether a line is in capitals, but for a letter or two such as the x in `2.x`: at least two words or six
/// letters, and not the end of a sentence.
fn is_shouted(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let words = line.split_whitespace().count();
    is_short(line)
        && letters >= 4
        && (words >= 2 || letters >= 6)
        && line.chars().filter(|c| c.is_lowercase()).count() * 20 <= letters
        && line.chars().any(char::is_uppercase)
        && !line.ends_with(['.', ',', ';'])
        && letters * 2 > line.chars().filter(|c| !c.is_whitespace()).count()
}

/// Whether a line begins with a list marker.
fn marker(line: &str) -> bool {
    let number = line.chars().take_while(char::is_ascii_digit).count();
    let rest = line.get(number..).unwrap_or_default();
    if (1..=3).contains(&number) {
        return rest.starts_with(". ") || rest.starts_with(") ");
    }
    ["- ", "* ", "• ", "+ ", "#. ", "– "].iter().any(|mark| line.starts_with(mark))
}

#[cfg(test)]
mod tests;
