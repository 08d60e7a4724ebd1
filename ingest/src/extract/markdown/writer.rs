//! From the parser's events to blocks.

use corpus::{Block, BlockKind};
use pulldown_cmark::{BlockQuoteKind, Event, MetadataBlockKind, Tag, TagEnd};

use super::super::fields::Fields;
use super::prepare::ADMONITIONS;
use super::{front, html};

/// Longest heading in bytes; a longer one is a paragraph that someone underlined.
const LONGEST_HEADING: usize = 300;

/// Collects blocks while the parser goes through a page.
#[derive(Default)]
pub(super) struct Writer {
    fields: Fields,
    blocks: Vec<Block>,
    /// Text of the block in the making.
    text: String,
    /// Next number of each open list, outermost first; none for bullets.
    lists: Vec<Option<u64>>,
    /// Marker that the next text of a list item begins with.
    marker: Option<String>,
    /// Kind of admonition that the next paragraph begins with.
    label: Option<String>,
    heading: Option<u8>,
    rows: Vec<Vec<String>>,
    in_table: bool,
    code: bool,
    html: Option<String>,
    metadata: Option<MetadataBlockKind>,
    /// Alternative text of an image, kept where the image stands alone.
    alt: String,
    image: usize,
}

impl Writer {
    pub(super) fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                if let Some(html) = &mut self.html {
                    html.push_str(&text);
                } else if self.image > 0 {
                    self.alt.push_str(&text);
                } else {
                    self.text.push_str(&text);
                }
            }
            Event::Html(text) => match &mut self.html {
                Some(html) => html.push_str(&text),
                None => self.text.push_str(&text),
            },
            Event::InlineHtml(tag) => self.text.push_str(html::inline(&tag, self.in_table)),
            Event::SoftBreak => self.text.push(if self.code { '\n' } else { ' ' }),
            Event::HardBreak => {
                self.text.push(if self.in_table || self.heading.is_some() { ' ' } else { '\n' });
            }
            Event::TaskListMarker(done) => self.text.push_str(if done { "[x] " } else { "[ ] " }),
            // The numbers of footnotes would read like citations.
            Event::FootnoteReference(_) | Event::Rule => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match *tag {
            Tag::Heading { level, .. } => {
                self.flush();
                self.heading = Some(level as u8);
            }
            Tag::Paragraph | Tag::FootnoteDefinition(_) => self.flush(),
            Tag::BlockQuote(kind) => {
                self.flush();
                self.label = kind.map(|kind| label(kind).to_owned());
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.code = true;
            }
            Tag::HtmlBlock => {
                self.flush();
                self.html = Some(String::new());
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                self.marker = Some(self.next_marker());
            }
            Tag::Table(_) => {
                self.flush();
                self.in_table = true;
            }
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            Tag::Image { .. } => self.image += 1,
            Tag::MetadataBlock(kind) => self.metadata = Some(kind),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::FootnoteDefinition => self.flush(),
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.label = None;
            }
            TagEnd::Heading(_) => {
                let level = self.heading.take().unwrap_or(1);
                let text = std::mem::take(&mut self.text);
                let kind = if text.len() > LONGEST_HEADING {
                    BlockKind::Paragraph
                } else {
                    BlockKind::Heading(level)
                };
                self.push(kind, &text);
            }
            TagEnd::CodeBlock => {
                self.code = false;
                let text = std::mem::take(&mut self.text);
                self.push(BlockKind::Code, text.trim_matches('\n'));
            }
            TagEnd::HtmlBlock => {
                let fragment = self.html.take().unwrap_or_default();
                self.blocks.extend(html::blocks(&fragment));
            }
            TagEnd::Item => {
                self.flush();
                self.marker = None;
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                self.alt.clear();
                let cell = cell.split_whitespace().collect::<Vec<_>>().join(" ");
                if let Some(row) = self.rows.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                self.in_table = false;
                let rows = std::mem::take(&mut self.rows);
                let full = rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty()));
                let lines: Vec<_> = full.map(|row| row.join(" | ")).collect();
                self.push(BlockKind::Table, &lines.join("\n"));
            }
            TagEnd::Image => self.image = self.image.saturating_sub(1),
            TagEnd::MetadataBlock(_) => {
                let text = std::mem::take(&mut self.text);
                match self.metadata.take() {
                    Some(MetadataBlockKind::PlusesStyle) => front::toml(&text, &mut self.fields),
                    _ => front::yaml(&text, &mut self.fields),
                }
            }
            _ => {}
        }
    }

    fn next_marker(&mut self) -> String {
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(8));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{indent}{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => format!("{indent}- "),
        }
    }

    /// Ends the paragraph or list item in the making.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let alt = std::mem::take(&mut self.alt);
        let mut text = text.trim();
        if text.is_empty() && alt.trim().contains(' ') {
            text = alt.trim();
        }
        if text.is_empty() {
            return;
        }
        if let Some(name) = text.strip_suffix(':').filter(|name| is_admonition(name)) {
            self.label = Some(name.to_owned());
            return;
        }
        let labelled;
        if let Some(label) = self.label.take() {
            labelled = format!("{label}: {text}");
            text = &labelled;
        }
        match self.marker.take() {
            Some(marker) => {
                let item = marker + &spaced(text);
                self.blocks.push(Block::new(BlockKind::ListItem, item));
            }
            None => self.push(BlockKind::Paragraph, text),
        }
    }

    fn push(&mut self, kind: BlockKind, text: &str) {
        self.alt.clear();
        // "Example:" that is followed by code.
        if kind != BlockKind::Paragraph
            && let Some(label) = self.label.take()
        {
            self.blocks.push(Block::new(BlockKind::Paragraph, label + ":"));
        }
        if !text.trim().is_empty() {
            let text = if kind == BlockKind::Code { text.trim_end().to_owned() } else { spaced(text) };
            self.blocks.push(Block::new(kind, text));
        }
    }

    pub(super) fn finish(mut self) -> (Fields, Vec<Block>) {
        self.flush();
        if let Some(label) = self.label.take() {
            self.push(BlockKind::Paragraph, &(label + ":"));
        }
        (self.fields, self.blocks)
    }
}

/// `text` without the double spaces that pictures and markup leave; line breaks stay.
fn spaced(text: &str) -> String {
    let line = |line: &str| line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    text.trim().lines().map(line).collect::<Vec<_>>().join("\n")
}

fn is_admonition(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && ADMONITIONS.contains(&name.to_ascii_lowercase().as_str())
}

fn label(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "Note",
        BlockQuoteKind::Tip => "Tip",
        BlockQuoteKind::Important => "Important",
        BlockQuoteKind::Warning => "Warning",
        BlockQuoteKind::Caution => "Caution",
    }
}
