//! Which part of a page is its content.

use std::collections::{HashMap, HashSet};

use ego_tree::{NodeId, NodeRef};
use scraper::{Html, Node};

use super::parse::name;
use super::walk::{Step, walk};

/// Text under a node in characters, without white space.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    text: usize,
    linked: usize,
    links: usize,
}

impl Weight {
    fn is_links(self) -> bool {
        self.linked * 10 >= self.text * 4
    }
}

/// The node to read and the nodes under it to leave out.
pub(super) struct Content<'a> {
    pub(super) root: NodeRef<'a, Node>,
    pub(super) left_out: HashSet<NodeId>,
}

/// Finds the content: what the page marks as such, else the page without menus, notices and the like.
pub(super) fn find(html: &Html) -> Content<'_> {
    let mut body = html.tree.root();
    walk(html.tree.root(), |step| {
        if let Step::Enter(node) = step
            && name(&node) == Some("body")
        {
            body = node;
        }
        body.id() == html.tree.root().id()
    });
    let weights = weigh(body);
    let weight = |node: &NodeRef<'_, Node>| weights.get(&node.id()).copied().unwrap_or_default();
    let all = weight(&body).text;

    let mut page = Page { weights: &weights, all, main: None };
    page.main = page.marked(body);
    let mut left_out = page.boilerplate(body);
    let kept = |left_out: &HashSet<NodeId>, root: NodeRef<'_, Node>| {
        let mut text = 0;
        walk(root, |step| match step {
            Step::Enter(node) if left_out.contains(&node.id()) => false,
            Step::Enter(node) => {
                text += node.value().as_text().map_or(0, |text| solid(text));
                true
            }
            Step::Leave(_) => true,
        });
        text
    };
    let root = page.main.unwrap_or(body);
    if page.main.is_none() {
        let links = page.link_blocks(body, &left_out);
        let with: HashSet<_> = left_out.union(&links).copied().collect();
        // A page of links is a table of contents: then they are the content.
        if kept(&with, body) * 3 > kept(&left_out, body) {
            left_out = with;
        }
    }
    // Rules that leave next to nothing were wrong about this page.
    if kept(&left_out, root) * 20 < weight(&root).text {
        left_out.clear();
    }
    Content { root, left_out }
}

fn solid(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

fn weigh(root: NodeRef<'_, Node>) -> HashMap<NodeId, Weight> {
    let mut weights = HashMap::new();
    let mut open: Vec<Weight> = Vec::new();
    walk(root, |step| {
        match step {
            Step::Enter(node) => {
                let text = node.value().as_text().map_or(0, |text| solid(text));
                open.push(Weight { text, ..Weight::default() });
            }
            Step::Leave(node) => {
                let mut weight = open.pop().unwrap_or_default();
                if name(&node) == Some("a") {
                    weight.linked = weight.text;
                    weight.links += 1;
                }
                if node.value().is_element() {
                    weights.insert(node.id(), weight);
                }
                if let Some(parent) = open.last_mut() {
                    parent.text += weight.text;
                    parent.linked += weight.linked;
                    parent.links += weight.links;
                }
            }
        }
        true
    });
    weights
}

struct Page<'a, 'w> {
    weights: &'w HashMap<NodeId, Weight>,
    all: usize,
    main: Option<NodeRef<'a, Node>>,
}

impl<'a> Page<'a, '_> {
    fn weight(&self, node: &NodeRef<'_, Node>) -> Weight {
        self.weights.get(&node.id()).copied().unwrap_or_default()
    }

    /// The heaviest element of the best mark that the page uses.
    fn marked(&self, body: NodeRef<'a, Node>) -> Option<NodeRef<'a, Node>> {
        const MARKS: usize = 4;
        let mut best: [Option<NodeRef<'a, Node>>; MARKS] = [None; MARKS];
        let mut articles = 0;
        walk(body, |step| {
            let Step::Enter(node) = step else { return true };
            let Some(element) = node.value().as_element() else { return false };
            if is_hidden(element) {
                return false;
            }
            let mark = match (name(&node), element.attr("role"), element.attr("itemprop")) {
                (Some("main"), ..) | (_, Some("main"), _) => 0,
                (Some("article"), ..) | (_, Some("article"), _) => {
                    articles += self.weight(&node).text;
                    1
                }
                (_, _, Some("articleBody")) => 2,
                _ if element.id().is_some_and(|id| CONTENT.contains(&id))
                    || element.classes().any(|class| CONTENT.contains(&class)) =>
                {
                    3
                }
                _ => return true,
            };
            if let Some(slot) = best.get_mut(mark)
                && slot.is_none_or(|node2| self.weight(&node2).text < self.weight(&node).text)
            {
                *slot = Some(node);
            }
            true
        });
        best.into_iter().enumerate().find_map(|(mark, node)| {
            let node = node?;
            let text = self.weight(&node).text;
            // Of several articles on a page, such as teasers, none is the content.
            let alone = mark != 1 || text * 10 >= articles * 7;
            (alone && (text >= 250 || text * 10 >= self.all * 3)).then_some(node)
        })
    }

    /// What is left out wherever the content is.
    fn boilerplate(&self, body: NodeRef<'a, Node>) -> HashSet<NodeId> {
        let path: HashSet<NodeId> =
            self.main.iter().flat_map(|main| main.ancestors().chain([*main])).map(|node| node.id()).collect();
        let mut left_out = HashSet::new();
        let mut inside = 0_usize;
        walk(body, |step| match step {
            Step::Enter(node) => {
                if node.id() == body.id() {
                    return true;
                }
                let Some(element) = node.value().as_element() else { return false };
                let is_main = self.main.is_some_and(|main| main.id() == node.id());
                if !path.contains(&node.id()) && self.is_boilerplate(node, element, inside > 0) {
                    left_out.insert(node.id());
                    return false;
                }
                inside += usize::from(is_main || inside > 0);
                true
            }
            Step::Leave(_) => {
                inside = inside.saturating_sub(1);
                true
            }
        });
        left_out
    }

    fn is_boilerplate(
        &self,
        node: NodeRef<'a, Node>,
        element: &scraper::node::Element,
        in_main: bool,
    ) -> bool {
        let weight = self.weight(&node);
        let most = weight.text * 2 > self.all;
        let tag = name(&node).unwrap_or_default();
        match tag {
            "nav" | "noscript" | "dialog" | "input" | "math" => return true,
            "footer" => return !most,
            "header" => return !in_main && !most && !holds_heading(node),
            "aside" => return !is_note(element) && !most,
            "button" => return !is_question(node, element, weight),
            "sup" => return weight.links > 0 && weight.text <= 5,
            "a" => {
                let mut classes = element.classes();
                return classes.any(|class| {
                    ["headerlink", "header-anchor", "hash-link", "anchor", "heading-link"].contains(&class)
                }) && weight.text <= 2;
            }
            "html" | "body" | "tr" | "td" | "tbody" | "li" if most => return false,
            _ => {}
        }
        if most {
            return false;
        }
        if is_hidden(element) {
            return true;
        }
        match element.attr("role") {
            Some(
                "navigation" | "contentinfo" | "search" | "dialog" | "alertdialog" | "menu" | "menubar"
                | "toolbar",
            ) => return true,
            Some("banner") => return !in_main && !holds_heading(node),
            Some("complementary") => return !is_note(element),
            _ => {}
        }
        if matches!(
            tag,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p" | "pre" | "code" | "td" | "th" | "tr" | "dt" | "dd"
        ) {
            return false;
        }
        let names = element.attr("class").into_iter().chain(element.attr("id"));
        let mut weak = false;
        for word in names.flat_map(|names| names.split(|c: char| !c.is_ascii_alphanumeric())) {
            let word = word.to_ascii_lowercase();
            if STRONG.contains(&word.as_str()) {
                return true;
            }
            weak |= WEAK.contains(&word.as_str());
        }
        weak && (weight.is_links() || weight.text < 100)
    }

    /// Blocks that are little but links, on pages that do not mark their content.
    fn link_blocks(&self, body: NodeRef<'a, Node>, left_out: &HashSet<NodeId>) -> HashSet<NodeId> {
        let mut links = HashSet::new();
        walk(body, |step| {
            let Step::Enter(node) = step else { return true };
            if left_out.contains(&node.id()) || !node.value().is_element() {
                return false;
            }
            let weight = self.weight(&node);
            let block = matches!(
                name(&node),
                Some("div" | "section" | "ul" | "ol" | "table" | "p" | "form" | "center")
            );
            if block
                && weight.links >= 4
                && weight.linked * 10 > weight.text * 8
                && weight.linked < weight.links * 40
            {
                links.insert(node.id());
                return false;
            }
            true
        });
        links
    }
}

/// Ids and classes under which generators of sites keep the content.
const CONTENT: [&str; 16] = [
    "main-content",
    "maincontent",
    "main_content",
    "article-body",
    "article__body",
    "article-content",
    "entry-content",
    "post-content",
    "markdown-body",
    "page-content",
    "content-body",
    "doc-content",
    "documentwrapper",
    "body-content",
    "mw-content-text",
    "theme-doc-markdown",
];

/// Words in ids and classes that name what is not content.
const STRONG: [&str; 22] = [
    "nav",
    "navbar",
    "navigation",
    "navmenu",
    "breadcrumb",
    "breadcrumbs",
    "cookie",
    "cookies",
    "cookiebanner",
    "gdpr",
    "consent",
    "sidebar",
    "sidenav",
    "footer",
    "pagination",
    "skiplink",
    "disqus",
    "advert",
    "advertisement",
    "navigationbar",
    "topbar",
    "offcanvas",
];

/// The same, of words that name content as well: they count for short blocks and blocks of links.
const WEAK: [&str; 30] = [
    "menu",
    "toc",
    "related",
    "recent",
    "share",
    "sharing",
    "social",
    "newsletter",
    "subscribe",
    "signup",
    "promo",
    "popup",
    "modal",
    "toolbar",
    "feedback",
    "rating",
    "vote",
    "votes",
    "helpful",
    "survey",
    "skip",
    "pager",
    "prev",
    "next",
    "tags",
    "meta",
    "comments",
    "banner",
    "header",
    "search",
];

pub(super) fn is_hidden(element: &scraper::node::Element) -> bool {
    // The panels of tabs hold content, all but one of them hidden.
    let panel = element.attr("role") == Some("tabpanel");
    if !panel && (element.attr("hidden").is_some() || element.attr("aria-hidden") == Some("true")) {
        return true;
    }
    let Some(style) = element.attr("style") else { return false };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    !panel
        && (style.contains("display:none")
            || style.contains("visibility:hidden")
            || style.contains("mso-hide:all"))
}

/// Whether an aside is a remark on the text, such as a warning.
fn is_note(element: &scraper::node::Element) -> bool {
    const WORDS: [&str; 11] = [
        "note",
        "tip",
        "warning",
        "caution",
        "danger",
        "important",
        "hint",
        "info",
        "admonition",
        "callout",
        "alert",
    ];
    element.attr("role") == Some("note")
        || element.attr("class").is_some_and(|class| {
            class
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
        })
}

/// Whether a button is the question of a list that unfolds.
fn is_question(node: NodeRef<'_, Node>, element: &scraper::node::Element, weight: Weight) -> bool {
    let folds = element.attr("aria-expanded").is_some() || element.attr("aria-controls").is_some();
    (folds && weight.text > 12)
        || node.ancestors().take(3).any(|above| {
            matches!(name(&above), Some("h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dt" | "summary"))
        })
}

fn holds_heading(node: NodeRef<'_, Node>) -> bool {
    let mut found = false;
    walk(node, |step| {
        if let Step::Enter(node) = step {
            found |= name(&node) == Some("h1");
        }
        !found
    });
    found
}
