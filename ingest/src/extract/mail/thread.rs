//! Which messages belong together.

use std::collections::{HashMap, HashSet};

use corpus::Digest;
use jiff::{SignedDuration, Timestamp};

use super::letter::Letter;

/// Longest pause after which an answer without references still belongs to the thread of its subject.
const PAUSE: SignedDuration = SignedDuration::from_hours(24 * 60);

/// Prefixes that mail programs put before the subject of answers and forwarded messages.
const PREFIXES: [&str; 17] = [
    "re", "fwd", "fw", "aw", "wg", "sv", "vs", "antw", "rif", "tr", "res", "enc", "odp", "ynt", "rv", "vb",
    "回复",
];

/// The threads, in order of their first message, each with its name. A message counts once.
///
/// The name is made from the id of the message that began the thread, which later messages keep naming, so it stays
/// when the mailbox grows. It is a digest: ids hold names of people and machines.
pub(super) fn threads(letters: Vec<Letter>) -> Vec<(String, Vec<Letter>)> {
    let mut letters = once(letters);
    letters.sort_by_key(|letter| letter.date.unwrap_or(Timestamp::MIN));
    let mut sets = Sets::default();
    let mut subjects: HashMap<String, (usize, Option<Timestamp>)> = HashMap::new();
    let places: Vec<usize> = letters
        .iter()
        .map(|letter| {
            let own = sets.place(&key(letter));
            for id in &letter.before {
                let place = sets.place(id);
                sets.join(place, own);
            }
            let subject = letter.subject.as_deref().unwrap_or_default();
            let topic = topic(subject).to_lowercase();
            if topic.len() >= 4 {
                let answers = letter.before.is_empty() && topic.len() < subject.trim().len();
                if let Some((place, date)) = subjects.get(&topic)
                    && answers
                    && near(*date, letter.date)
                {
                    sets.join(*place, own);
                }
                subjects.insert(topic, (own, letter.date));
            }
            own
        })
        .collect();
    let mut order: Vec<(String, Vec<Letter>)> = Vec::new();
    let mut found: HashMap<usize, usize> = HashMap::new();
    for (letter, place) in letters.into_iter().zip(places) {
        let thread = *found.entry(sets.find(place)).or_insert_with(|| {
            let first = letter.before.first().cloned().unwrap_or_else(|| key(&letter));
            let mut name = Digest::of(first.as_bytes()).0;
            name.truncate(16);
            order.push((name, Vec::new()));
            order.len() - 1
        });
        if let Some((_, letters)) = order.get_mut(thread) {
            letters.push(letter);
        }
    }
    order
}

/// A subject without the prefixes of answers.
pub(super) fn topic(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((prefix, after)) = rest.split_once(':') {
        // Some count: `Re[2]:`, `Re^3:`.
        let word = prefix
            .trim()
            .trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^*".contains(c))
            .to_lowercase();
        if !PREFIXES.contains(&word.as_str()) {
            break;
        }
        rest = after.trim();
    }
    rest
}

fn near(earlier: Option<Timestamp>, later: Option<Timestamp>) -> bool {
    match (earlier, later) {
        (Some(earlier), Some(later)) => later.duration_since(earlier) <= PAUSE,
        _ => true,
    }
}

/// A message's id, or for one without what else tells it from others.
fn key(letter: &Letter) -> String {
    if letter.id.is_empty() {
        let date = letter.date.map(|date| date.to_string()).unwrap_or_default();
        let subject = letter.subject.as_deref().unwrap_or_default();
        return Digest::of(format!("{date}\n{}\n{subject}\n{}", letter.from.0, letter.text).as_bytes()).0;
    }
    letter.id.clone()
}

/// The messages without those that are there twice, such as in the outbox and as a copy.
fn once(letters: Vec<Letter>) -> Vec<Letter> {
    let mut seen = HashSet::new();
    letters.into_iter().filter(|letter| seen.insert(key(letter))).collect()
}

/// Disjoint sets of message ids.
#[derive(Default)]
struct Sets {
    places: HashMap<String, usize>,
    parents: Vec<usize>,
}

impl Sets {
    fn place(&mut self, id: &str) -> usize {
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        self.places.insert(id.to_owned(), self.parents.len());
        self.parents.push(self.parents.len());
        self.parents.len() - 1
    }

    fn find(&mut self, mut place: usize) -> usize {
        while let Some(&parent) = self.parents.get(place) {
            if parent == place {
                break;
            }
            // Every second step is shortened for the next search.
            let above = self.parents.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.parents.get_mut(place) {
                *slot = above;
            }
            place = above;
        }
        place
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(slot) = self.parents.get_mut(b) {
            *slot = a;
        }
    }
}
