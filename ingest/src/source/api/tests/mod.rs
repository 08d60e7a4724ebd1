//! Listing over HTTP on this machine.

mod freshdesk;
mod help_scout;
mod intercom;
mod paging;
mod zendesk;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::time::Duration;

use super::desk::{Desk, Reply, TOKEN};
use super::{Api, ApiError, ApiSpec, HELD, Kind, Memory, Run, TICKETS};
use crate::source::{Content, Entry, Listing};

/// One side of the conversation.
pub(super) struct Reader {
    spec: ApiSpec,
    memory: Memory,
    /// What the index holds: location and stamp.
    index: HashSet<(String, String)>,
    room: u64,
    tickets: usize,
    /// What the last run left.
    left: Vec<String>,
    pauses: RefCell<Vec<u64>>,
    /// After how many calls the run is to stop.
    stop_after: Cell<Option<usize>>,
}

impl Reader {
    pub(super) fn new(spec: ApiSpec) -> Self {
        Self {
            spec,
            memory: Memory::default(),
            index: HashSet::new(),
            room: HELD,
            tickets: TICKETS,
            left: Vec::new(),
            pauses: RefCell::default(),
            stop_after: Cell::new(None),
        }
    }

    /// Lists, and changes nothing.
    pub(super) fn look(&self) -> Result<(Listing, Memory), ApiError> {
        let wait = |time: Duration| {
            if !time.is_zero() {
                self.pauses.borrow_mut().push(time.as_secs());
            }
            match self.stop_after.get() {
                Some(0) => false,
                Some(more) => {
                    self.stop_after.set(Some(more - 1));
                    true
                }
                None => true,
            }
        };
        let known = |location: &str, stamp: &str| self.index.contains(&(location.into(), stamp.into()));
        let room = Cell::new(self.room);
        let run = Run { wait: &wait, known: &known, room: &room, tickets: self.tickets };
        Api::open(&self.spec).unwrap().list(&run, &self.memory)
    }

    /// Lists, and indexes what there is.
    pub(super) fn run(&mut self) -> Vec<(String, Option<String>)> {
        let (Listing { entries, left }, memory) = self.look().unwrap();
        self.left = left.into_iter().map(|left| left.reason).collect();
        // It goes through a file.
        self.memory = serde_json::from_str(&serde_json::to_string(&memory).unwrap()).unwrap();
        // What is left unknown stays.
        if self.left.is_empty() {
            self.index.clear();
        }
        self.index.extend(entries.iter().map(|entry| (entry.location.clone(), entry.stamp.clone().unwrap())));
        let show = |entry: Entry| {
            let text = match entry.content {
                Content::Held(bytes) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
                Content::Unsent => None,
                Content::File(path) => panic!("{path:?}"),
            };
            (entry.location, text)
        };
        entries.into_iter().map(show).collect()
    }

    /// Lists, and says what went wrong.
    pub(super) fn fail(&self) -> String {
        let error = self.look().unwrap_err();
        let text = format!("{error} {error:?} {}", error.hint());
        assert!(!text.contains(TOKEN) && !text.contains("Basic") && !text.contains('?'), "{text}");
        text
    }
}

/// Which items were listed, and which of them were sent.
pub(super) fn sent(items: &[(String, Option<String>)]) -> Vec<(&str, bool)> {
    items.iter().map(|(location, text)| (location.as_str(), text.is_some())).collect()
}

/// The record of a ticket that was sent.
pub(super) fn record(item: &(String, Option<String>)) -> serde_json::Value {
    let record: serde_json::Value = serde_json::from_str(item.1.as_ref().unwrap()).unwrap();
    record[0].clone()
}

#[test]
fn a_secret_is_not_shown() {
    let desk = Desk::open();
    let spec = desk.spec(Kind::Zendesk);
    let shown = format!("{spec:?} {}", serde_json::to_string(&spec).unwrap());
    assert!(!shown.contains(TOKEN), "{shown}");
}

#[test]
fn what_cannot_be_asked_is_told() {
    let desk = Desk::open();
    let sound = desk.spec(Kind::Zendesk);
    assert!(Api::open(&sound).is_ok());
    for (spec, told) in [
        (ApiSpec { token: String::new().into(), ..sound.clone() }, "\"TOKEN\""),
        (ApiSpec { token: "a\nb".to_owned().into(), ..sound.clone() }, "cannot be a token"),
        (ApiSpec { url: "http://help.example".into(), ..sound.clone() }, "HTTPS"),
        (ApiSpec { url: "https://help.example/hc".into(), ..sound.clone() }, "path"),
        (ApiSpec { locale: Some("../x".into()), ..sound.clone() }, "locale"),
        (ApiSpec { user: Some("a:b".into()), ..sound.clone() }, "user"),
        (ApiSpec { articles: false, ..sound.clone() }, "neither"),
        (ApiSpec { user: Some("a".into()), ..desk.spec(Kind::Freshdesk) }, "without a `user`"),
        (ApiSpec { locale: Some("en".into()), ..desk.spec(Kind::HelpScout) }, "no `locale`"),
        (ApiSpec { restricted: true, ..desk.spec(Kind::Intercom) }, "restricted"),
        (ApiSpec { tickets: true, ..desk.spec(Kind::HelpScout) }, "two sources"),
        (ApiSpec { tickets: true, articles: false, ..desk.spec(Kind::HelpScout) }, "need `user`"),
    ] {
        let error = Api::open(&spec).unwrap_err();
        assert!(error.contains(told), "{error}");
    }
}
