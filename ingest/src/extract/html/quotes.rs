//! Quoted messages and signatures in mail, as the programs that write it mark them.

use std::collections::HashSet;

use ego_tree::{NodeId, NodeRef};
use scraper::Node;

use super::content::is_hidden;
use super::parse::name;
use super::walk::{Step, walk};

const QUOTES: [&str; 12] = [
    "gmail_quote",
    "gmail_quote_container",
    "gmail_attr",
    "yahoo_quoted",
    "moz-cite-prefix",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "OutlookMessageHeader",
    "WordSection1-quoted",
    "quote-header",
    "freshdesk_quote",
];

const SIGNATURES: [&str; 7] = [
    "gmail_signature",
    "moz-signature",
    "gmail_signature_prefix",
    "Signature",
    "signature",
    "x_Signature",
    "protonmail_signature_block",
];

/// Elements that part a reply from the message it answers: all that follows them is quoted.
const DIVIDERS: [&str; 6] = [
    "appendonsend",
    "divRplyFwdMsg",
    "mail-editor-reference-message-container",
    "x_divRplyFwdMsg",
    "reply-intro",
    "ms-outlook-mobile-reference",
];

/// The nodes to leave out. Messages that were forwarded are kept: they are what the sender wants to show.
pub(super) fn find(root: NodeRef<'_, Node>) -> HashSet<NodeId> {
    let mut left_out = HashSet::new();
    let mut forwarded = false;
    walk(root, |step| {
        let Step::Enter(node) = step else { return true };
        if let Some(text) = node.value().as_text() {
            forwarded |= is_forward(text);
        }
        let Some(element) = node.value().as_element() else { return !node.value().is_text() };
        let is = |names: &[&str]| {
            element.id().is_some_and(|id| names.contains(&id))
                || element.classes().any(|class| names.contains(&class))
        };
        let cited = name(&node) == Some("blockquote") && element.attr("type") == Some("cite");
        if (is(&QUOTES) || cited) && !forwarded && !begins_with_forward(node) {
            left_out.insert(node.id());
            return false;
        }
        if is(&SIGNATURES) || is_hidden(element) || matches!(name(&node), Some("title" | "head")) {
            left_out.insert(node.id());
            return false;
        }
        if is(&DIVIDERS) && !forwarded {
            left_out.insert(node.id());
            left_out.extend(node.next_siblings().map(|next| next.id()));
            return false;
        }
        !left_out.contains(&node.id())
    });
    left_out
}

fn is_forward(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("forwarded message")
        || text.contains("begin forwarded")
        || text.contains("weitergeleitete nachricht")
}

fn begins_with_forward(node: NodeRef<'_, Node>) -> bool {
    node.descendants().take(40).filter_map(|node| node.value().as_text()).any(|text| is_forward(text))
}
