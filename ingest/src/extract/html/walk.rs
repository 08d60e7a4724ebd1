//! Walking a tree without recursion, so that no depth overflows the stack.

use ego_tree::NodeRef;
use scraper::Node;

/// A step of a walk.
pub(super) enum Step<'a> {
    /// Before the children of a node.
    Enter(NodeRef<'a, Node>),
    /// After the children of a node that was entered.
    Leave(NodeRef<'a, Node>),
}

/// Walks the tree under `root` in document order. `visit` answers whether to go into the node that it was given;
/// a node that is not gone into is not left.
pub(super) fn walk<'a>(root: NodeRef<'a, Node>, mut visit: impl FnMut(Step<'a>) -> bool) {
    let mut node = root;
    loop {
        let entered = visit(Step::Enter(node));
        if entered && let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        if entered {
            visit(Step::Leave(node));
        }
        loop {
            if node.id() == root.id() {
                return;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return };
            node = parent;
            visit(Step::Leave(node));
        }
    }
}
