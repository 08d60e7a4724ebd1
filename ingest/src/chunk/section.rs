//! Sections: what stands under one heading on one page, and which of them share a chunk.

use std::ops::Range;

use corpus::{BlockKind, DocumentRecord, Span};
use text_splitter::ChunkSizer as _;

use super::counter::Counter;

/// A section with less than this many tokens below its heading says too little to be found alone.
const TINY: usize = 16;

/// What stands under one heading on one page: the heading's block and the blocks up to the next one.
#[derive(Debug)]
struct Section {
    blocks: Range<usize>,
    span: Span,
    /// Block numbers of the headings above and its own, outermost first.
    path: Vec<usize>,
    /// Tokens of the whole.
    tokens: usize,
    /// Tokens below the heading.
    body: usize,
}

/// Sections that are chunked as one.
#[derive(Debug)]
pub(super) struct Group {
    /// The blocks of the document.
    pub(super) blocks: Range<usize>,
    /// Where they lie.
    pub(super) span: Span,
    /// Tokens of the text.
    pub(super) tokens: usize,
    /// Tokens of the title and headings that stand before each of its chunks, at most.
    pub(super) prefix: usize,
    path: Vec<usize>,
    body: usize,
}

/// Parts `record` into groups in order. `room` is the most tokens that title, headings and text may have
/// together for sections to be merged.
pub(super) fn groups(record: &DocumentRecord, counter: &Counter<'_>, room: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for section in sections(record, counter) {
        let prefix = prefix(record, counter, &section.path);
        match groups.last_mut() {
            Some(group) if joins(group, &section, prefix, room) => {
                group.blocks.end = section.blocks.end;
                group.span.end = section.span.end;
                group.tokens += section.tokens;
                group.body += section.body;
                group.prefix = group.prefix.max(prefix);
            }
            _ => groups.push(Group {
                blocks: section.blocks,
                span: section.span,
                tokens: section.tokens,
                prefix,
                path: section.path,
                body: section.body,
            }),
        }
    }
    groups
}

/// A chunk's place is that of its first byte, so only a group that says next to nothing itself takes in what
/// follows, and only from below it or beside it.
fn joins(group: &Group, section: &Section, prefix: usize, room: usize) -> bool {
    let below = section.path.starts_with(&group.path);
    let beside = parent(&section.path) == parent(&group.path);
    let fits = group.tokens + section.tokens + prefix.max(group.prefix) <= room;
    if group.body == 0 {
        // A heading alone goes with what it introduces, however long that is.
        return below || (beside && fits);
    }
    let nothing_below = section.body == 0 && beside;
    (group.body < TINY || nothing_below) && (below || beside) && fits
}

fn parent(path: &[usize]) -> &[usize] {
    path.split_last().map_or(&[], |(_, above)| above)
}

fn sections(record: &DocumentRecord, counter: &Counter<'_>) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut path: Vec<(u8, usize)> = Vec::new();
    let mut page = None;
    for (number, block) in record.blocks.iter().enumerate() {
        let tokens = counter.size(block.span.of(&record.text).unwrap_or_default());
        let heading = if let BlockKind::Heading(level) = block.kind {
            path.retain(|(above, _)| *above < level);
            path.push((level, number));
            true
        } else {
            false
        };
        let body = if heading { 0 } else { tokens };
        match sections.last_mut() {
            Some(section) if !heading && page == block.page => {
                section.blocks.end = number + 1;
                section.span.end = block.span.end;
                section.tokens += tokens;
                section.body += body;
            }
            _ => sections.push(Section {
                blocks: number..number + 1,
                span: block.span,
                path: path.iter().map(|(_, number)| *number).collect(),
                tokens,
                body,
            }),
        }
        page = block.page;
    }
    sections
}

/// Tokens of what [`corpus::Chunk::context`] puts before the text.
fn prefix(record: &DocumentRecord, counter: &Counter<'_>, path: &[usize]) -> usize {
    let headings = path
        .iter()
        .filter_map(|&number| record.blocks.get(number)?.span.of(&record.text))
        .filter(|heading| **heading != record.title);
    let separator = counter.size(">");
    counter.size(&record.title) + headings.map(|heading| counter.size(heading) + separator).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{plain, record};
    use super::*;

    fn texts(markup: &str, room: usize) -> Vec<String> {
        let record = record(markup);
        let counter = Counter::new(&plain);
        let groups = groups(&record, &counter, room);
        groups.iter().map(|group| group.span.of(&record.text).expect("a span").replace("\n\n", "|")).collect()
    }

    fn words(count: usize) -> String {
        "w ".repeat(count).trim_end().to_owned()
    }

    #[test]
    fn a_heading_starts_a_group() {
        let body = words(TINY);
        let found = texts(&format!("# A\n{body}\n## B\n{body}\n## C\n{body}"), 200);
        assert_eq!(found, [format!("A|{body}"), format!("B|{body}"), format!("C|{body}")]);
    }

    #[test]
    fn a_heading_alone_goes_with_what_is_below() {
        let body = words(TINY);
        assert_eq!(texts(&format!("# A\n## B\n{body}"), 10), [format!("A|B|{body}")]);
    }

    #[test]
    fn tiny_siblings_share_a_group() {
        assert_eq!(texts("# A\nx y\n# B\nx y\n# C\nx y", 200), ["A|x y|B|x y|C|x y"]);
    }

    #[test]
    fn tiny_sections_of_different_parents_do_not() {
        let body = words(TINY);
        let found = texts(&format!("# A\n{body}\n## A1\nx\n# B\n{body}"), 200);
        assert_eq!(found, [format!("A|{body}"), "A1|x".to_owned(), format!("B|{body}")]);
    }

    #[test]
    fn a_group_stays_within_the_room() {
        assert_eq!(texts("# A\nx y\n# B\nx y", 6), ["A|x y", "B|x y"]);
    }

    #[test]
    fn a_page_starts_a_group() {
        let body = words(TINY);
        let found = texts(&format!("# A\n{body}\n@2\n{body}"), 200);
        assert_eq!(found, [format!("A|{body}"), body]);
    }
}
