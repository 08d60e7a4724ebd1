//! A bound on what is in flight.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Most bytes of files between reading and storing. Text in work takes a few times its file's size.
const BYTES: u64 = 128 << 20;

/// Most items between reading and storing. Items are stored in order, so one slow item holds back those after it:
/// enough for the other threads to go on meanwhile.
const ITEMS: usize = 256;

/// Items that were read and not yet stored.
///
/// Channels bound what waits between two stages, this bounds the whole, which also keeps bounded what waits for a
/// slow item that comes before it.
#[derive(Default)]
pub(super) struct Budget {
    flight: Mutex<Flight>,
    changed: Condvar,
}

#[derive(Default)]
struct Flight {
    bytes: u64,
    items: usize,
    closed: bool,
}

impl Budget {
    /// Waits until an item of `bytes` may be read; false when there is no more to do. One item always fits.
    pub(super) fn take(&self, bytes: u64) -> bool {
        let mut flight = self.lock();
        while !flight.closed && flight.items > 0 && (flight.bytes + bytes > BYTES || flight.items >= ITEMS) {
            flight = self.changed.wait(flight).unwrap_or_else(PoisonError::into_inner);
        }
        flight.bytes += bytes;
        flight.items += 1;
        !flight.closed
    }

    /// Gives back what [`Budget::take`] took.
    pub(super) fn give(&self, bytes: u64) {
        let mut flight = self.lock();
        flight.bytes = flight.bytes.saturating_sub(bytes);
        flight.items = flight.items.saturating_sub(1);
        drop(flight);
        self.changed.notify_all();
    }

    /// Ends all waiting.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Flight> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_item_fits_however_large() {
        assert!(Budget::default().take(BYTES * 2));
    }

    #[test]
    fn what_is_given_back_lets_the_next_one_in() {
        let budget = Budget::default();
        assert!(budget.take(BYTES));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| budget.take(1));
            budget.give(BYTES);
            assert!(waiting.join().expect("no panic"));
        });
        assert_eq!(budget.lock().items, 1);
    }

    #[test]
    fn closing_ends_waiting() {
        let budget = Budget::default();
        assert!(budget.take(BYTES));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| budget.take(1));
            budget.close();
            assert!(!waiting.join().expect("no panic"));
        });
    }
}
