//! From markup to a tree that is safe to walk.
//!
//! The tree builder of HTML takes time in proportion to the depth of what it is given, for every tag, so a page of
//! 100,000 nested elements would take minutes. A filter between tokenizer and builder bounds the depth, and leaves
//! out what is never text: scripts, styles, drawings, and tags that only set type.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink as _};
use html5ever::{LocalName, TokenizerResult, ns};
use scraper::{Html, HtmlTreeSink};

use super::super::{ExtractError, Limits};

/// Most bytes kept of a page's structured data.
const DATA: usize = 256 << 10;

/// Tokens between looks at the clock.
const TICK: u32 = 4_096;

/// A parsed page.
pub(super) struct Page {
    pub(super) html: Html,
    /// Scripts of type `application/ld+json`.
    pub(super) data: Vec<String>,
}

/// Parses a page or a fragment of one.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<Page, ExtractError> {
    let builder = TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), TreeBuilderOpts::default());
    let filter = Filter {
        builder,
        state: RefCell::new(State {
            open: Vec::new(),
            counts: HashMap::new(),
            mode: Mode::Pass,
            data: Vec::new(),
            limit: limits.depth,
            tokens: 0,
            deadline: Instant::now() + Duration::from_secs(limits.seconds),
            late: false,
        }),
    };
    let tokenizer = Tokenizer::new(filter, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(text));
    // The tokenizer pauses at the end of scripts, which the filter never lets it see, and at encoding declarations.
    while !matches!(tokenizer.feed(&queue), TokenizerResult::Done) {}
    tokenizer.end();
    let state = tokenizer.sink.state.into_inner();
    if state.late {
        return Err(ExtractError::TimedOut { seconds: limits.seconds });
    }
    Ok(Page { html: tokenizer.sink.builder.sink.finish(), data: state.data })
}

struct Filter {
    builder: TreeBuilder<ego_tree::NodeId, HtmlTreeSink>,
    state: RefCell<State>,
}

struct State {
    /// Open elements that count as depth, and whether the builder knows of them.
    open: Vec<(LocalName, bool)>,
    counts: HashMap<LocalName, usize>,
    mode: Mode,
    data: Vec<String>,
    limit: usize,
    tokens: u32,
    deadline: Instant,
    late: bool,
}

/// What happens to tokens.
enum Mode {
    Pass,
    /// Inside an element whose text is no markup.
    Raw {
        keep: bool,
    },
    /// Inside an element that is left out; the number of those open by that name.
    Skip(LocalName, usize),
}

impl TokenSink for Filter {
    type Handle = ego_tree::NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Self::Handle> {
        let verdict = self.state.borrow_mut().judge(&token);
        match verdict {
            Verdict::Pass => self.builder.process_token(token, line),
            Verdict::Drop => TokenSinkResult::Continue,
            Verdict::Raw(kind) => TokenSinkResult::RawData(kind),
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

enum Verdict {
    Pass,
    Drop,
    Raw(RawKind),
}

impl State {
    fn judge(&mut self, token: &Token) -> Verdict {
        self.tokens = self.tokens.wrapping_add(1);
        if self.tokens.is_multiple_of(TICK) && Instant::now() > self.deadline {
            self.late = true;
        }
        match token {
            Token::EOFToken => Verdict::Pass,
            _ if self.late => Verdict::Drop,
            Token::TagToken(tag) => self.tag(tag),
            Token::CharacterTokens(text) => match self.mode {
                Mode::Pass => Verdict::Pass,
                Mode::Raw { keep } => {
                    if keep
                        && let Some(data) = self.data.last_mut()
                        && data.len() + text.len() <= DATA
                    {
                        data.push_str(text);
                    }
                    Verdict::Drop
                }
                Mode::Skip(..) => Verdict::Drop,
            },
            Token::DoctypeToken(_) => Verdict::Pass,
            Token::CommentToken(_) | Token::NullCharacterToken | Token::ParseError(_) => Verdict::Drop,
        }
    }

    fn tag(&mut self, tag: &Tag) -> Verdict {
        match &mut self.mode {
            Mode::Raw { .. } => {
                // Only the end tag of the raw element gets here.
                self.mode = Mode::Pass;
                return Verdict::Drop;
            }
            Mode::Skip(name, depth) => {
                let broken =
                    matches!(&*tag.name, "body" | "html" | "h1" | "h2" | "h3" | "p" | "table" | "ul")
                        && !matches!(&**name, "template" | "object");
                if !broken {
                    if tag.name == *name {
                        match tag.kind {
                            TagKind::StartTag if tag.self_closing => {}
                            TagKind::StartTag => *depth += 1,
                            TagKind::EndTag => *depth -= 1,
                        }
                        if *depth == 0 {
                            self.mode = Mode::Pass;
                        }
                    }
                    return Verdict::Drop;
                }
                // The element was never closed.
                self.mode = Mode::Pass;
            }
            Mode::Pass => {}
        }
        match tag.kind {
            TagKind::StartTag => self.start(tag),
            TagKind::EndTag => self.end(tag),
        }
    }

    fn start(&mut self, tag: &Tag) -> Verdict {
        match &*tag.name {
            "script" => {
                let keep = tag.attrs.iter().any(|attribute| {
                    &*attribute.name.local == "type"
                        && attribute.value.trim().eq_ignore_ascii_case("application/ld+json")
                });
                if keep {
                    self.data.push(String::new());
                }
                self.mode = Mode::Raw { keep };
                return Verdict::Raw(RawKind::ScriptData);
            }
            "style" | "iframe" | "noembed" | "noframes" | "xmp" => {
                self.mode = Mode::Raw { keep: false };
                return Verdict::Raw(RawKind::Rawtext);
            }
            "textarea" => {
                self.mode = Mode::Raw { keep: false };
                return Verdict::Raw(RawKind::Rcdata);
            }
            "svg" | "canvas" | "template" | "object" | "audio" | "video" | "select" | "datalist" | "map" => {
                if !tag.self_closing {
                    self.mode = Mode::Skip(tag.name.clone(), 1);
                }
                return Verdict::Drop;
            }
            name if is_type(name) || name == "plaintext" => return Verdict::Drop,
            name if is_void(name) || is_implied(name) => return Verdict::Pass,
            _ => {}
        }
        let pass = self.open.len() < self.limit;
        self.open.push((tag.name.clone(), pass));
        *self.counts.entry(tag.name.clone()).or_default() += 1;
        if pass { Verdict::Pass } else { Verdict::Drop }
    }

    fn end(&mut self, tag: &Tag) -> Verdict {
        let name = &*tag.name;
        if is_type(name) {
            return Verdict::Drop;
        }
        if is_implied(name) || name == "br" {
            return Verdict::Pass;
        }
        if self.counts.get(&tag.name).is_none_or(|count| *count == 0) {
            return Verdict::Drop;
        }
        // Each element is opened and closed once here, so the loop costs no more than the tags themselves.
        while let Some((open, passed)) = self.open.pop() {
            if let Some(count) = self.counts.get_mut(&open) {
                *count -= 1;
            }
            if open == tag.name {
                return if passed { Verdict::Pass } else { Verdict::Drop };
            }
        }
        Verdict::Drop
    }
}

/// Tags that only set type. Left open they would be opened anew in every block that follows.
fn is_type(name: &str) -> bool {
    matches!(
        name,
        "b" | "i"
            | "u"
            | "s"
            | "em"
            | "strong"
            | "font"
            | "big"
            | "small"
            | "strike"
            | "tt"
            | "nobr"
            | "wbr"
            | "blink"
    )
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
    )
}

/// Elements that the next of their kind closes, so that they do not nest by themselves.
fn is_implied(name: &str) -> bool {
    matches!(
        name,
        "html"
            | "head"
            | "body"
            | "p"
            | "li"
            | "dt"
            | "dd"
            | "tr"
            | "td"
            | "th"
            | "thead"
            | "tbody"
            | "tfoot"
            | "caption"
            | "colgroup"
            | "option"
            | "optgroup"
            | "title"
    )
}

/// The name of an element in the namespace of HTML.
pub(super) fn name<'a>(node: &ego_tree::NodeRef<'a, scraper::Node>) -> Option<&'a str> {
    let element = node.value().as_element()?;
    (element.name.ns == ns!(html)).then(|| element.name())
}
