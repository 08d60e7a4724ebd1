//! The way to the nearest end.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::{Constraint, Vocabulary};

/// Most bytes that are tried. Where constraints do not get in each other's way, few more are than are left to write.
const TRIED: usize = 200_000;

/// A shortest text, in bytes that are tokens, that leads from `state` to an end; `None` where there is none or it
/// is too hard to find. The search is A* (Hart, Nilsson and Raphael, 1968), led by [`Constraint::closing`].
pub(super) fn way_to_end<C: Constraint>(
    constraint: &C,
    state: &C::State,
    vocabulary: &Vocabulary,
) -> Option<Vec<u8>> {
    /// A byte on a way, and the place of the one before it.
    struct Step<S> {
        state: S,
        byte: u8,
        before: usize,
        length: usize,
    }
    let mut tried = 0;
    let mut steps = vec![Step { state: state.clone(), byte: 0, before: 0, length: 0 }];
    let mut seen = HashSet::from([state.clone()]);
    // Of ways that may be equally short, the one that has come farthest is followed.
    let mut open = BinaryHeap::from([(Reverse(constraint.closing(state)), 0, Reverse(0))]);
    while let Some((_, _, Reverse(at))) = open.pop() {
        if constraint.accepts(&steps[at].state) {
            let mut way = Vec::with_capacity(steps[at].length);
            let mut at = at;
            while at > 0 {
                way.push(steps[at].byte);
                at = steps[at].before;
            }
            way.reverse();
            return Some(way);
        }
        if tried > TRIED {
            return None;
        }
        let length = steps[at].length + 1;
        for byte in constraint.allowed(&steps[at].state).and(vocabulary.spelled()).iter() {
            tried += 1;
            let Some(next) = constraint.step(&steps[at].state, byte) else { continue };
            if seen.insert(next.clone()) {
                open.push((Reverse(length + constraint.closing(&next)), length, Reverse(steps.len())));
                steps.push(Step { state: next, byte, before: at, length });
            }
        }
    }
    None
}
