//! Recalling what became of an item, so that it is not worked on again.

use corpus::Digest;

use super::known::Known;
use super::list::Origin;
use super::seen::{Seen, Sight};
use super::stage::End;
use super::version::Key;

/// What the index holds and what earlier runs saw.
#[derive(Clone, Copy)]
pub(super) struct Recall<'a> {
    pub(super) known: &'a Known,
    pub(super) seen: &'a Seen,
    /// Whether what failed before is tried again though nothing changed.
    pub(super) retry: bool,
}

impl<'a> Recall<'a> {
    /// How an item ends that has the same stamp as before, and the digest that it had.
    pub(super) fn unread(
        &self,
        item: &Key,
        source: &Origin,
        stamp: Option<&str>,
    ) -> Option<(&'a Digest, End)> {
        let sight =
            self.seen.get(item).filter(|sight| sight.stamp.is_some() && sight.stamp.as_deref() == stamp)?;
        Some((&sight.digest, self.end(item, source, &sight.digest, sight)?))
    }

    /// How an item with these bytes ends without any work.
    pub(super) fn read(&self, item: &Key, source: &Origin, digest: &Digest) -> Option<End> {
        match self.seen.get(item).filter(|sight| sight.digest == *digest) {
            Some(sight) => self.end(item, source, digest, sight),
            None => self.known.is_unchanged(item, source, digest).then_some(End::Unchanged),
        }
    }

    fn end(&self, item: &Key, source: &Origin, digest: &Digest, sight: &Sight) -> Option<End> {
        if self.known.is_unchanged(item, source, digest) {
            return Some(End::Unchanged);
        }
        let nothing = sight.final_for(&source.pipeline).filter(|_| !self.retry)?;
        Some(End::Remembered(nothing.clone()))
    }
}
