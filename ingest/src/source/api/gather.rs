//! Gathering what a help center holds, and leaving with it what need not be sent again.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::super::{Content, Entry, Left, Listing};
use super::client::{Answer, Client, Page};
use super::error::{self, ApiError, Problem};
use super::memory::{self, Line, Memory};
use super::render::{Article, Group, Ticket, hash, stamp};
use super::{ApiSpec, Run};

/// Most pages of one list.
const PAGES: usize = 20_000;

/// Sections of articles by id.
pub(super) type Groups = BTreeMap<String, Group>;

/// What a page of a list says.
pub(super) struct Turned<T> {
    pub(super) items: Vec<T>,
    /// Where the next page is.
    pub(super) next: Option<String>,
}

/// How a kind of help center shows its articles.
pub(super) struct Shelf<'s> {
    pub(super) groups: &'s Groups,
    /// Reads a page of the list.
    pub(super) turn: &'s dyn Fn(&Page) -> Option<Turned<Article>>,
    /// Gets an article's text where the list does not show it; `None` where it is gone.
    pub(super) body: &'s dyn Fn(&Client<'_>, &str) -> Result<Option<String>, ApiError>,
}

/// One listing in the making.
pub(super) struct Gathering<'a> {
    pub(super) client: Client<'a>,
    pub(super) spec: &'a ApiSpec,
    pub(super) before: &'a Memory,
    pub(super) after: Memory,
    run: &'a Run<'a>,
    entries: BTreeMap<String, Entry>,
    /// New tickets so far.
    fetched: usize,
    unfinished: bool,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(client: Client<'a>, spec: &'a ApiSpec, run: &'a Run<'a>, before: &'a Memory) -> Self {
        Self {
            client,
            spec,
            before,
            after: Memory::default(),
            run,
            entries: BTreeMap::new(),
            fetched: 0,
            unfinished: false,
        }
    }

    pub(super) fn finish(self, asked: String) -> (Listing, Memory) {
        let entries = self.entries.into_values().collect();
        let rest = self.unfinished.then(|| Left {
            location: String::new(),
            reason: format!("there are more new tickets than the {} of this run; run it again", self.fetched),
            unknown: true,
        });
        (Listing { entries, left: rest.into_iter().collect() }, self.after.of(asked))
    }

    /// All pages of a list that begins at `first`.
    pub(super) fn pages<T>(
        &self,
        first: &str,
        turn: &dyn Fn(&Page) -> Option<Turned<T>>,
    ) -> Result<Vec<T>, ApiError> {
        let mut items = Vec::new();
        let mut way = Way::begin(first);
        while let Some(url) = way.next(&self.client)? {
            let turned = turn(&self.client.page(&url)?).ok_or_else(|| unknown(&url))?;
            items.extend(turned.items);
            way.go(turned.next);
        }
        Ok(items)
    }

    /// The articles of a list that begins at `first`. Pages that are as they were are not sent again.
    pub(super) fn articles(&mut self, first: &str, shelf: &Shelf<'_>) -> Result<(), ApiError> {
        let mut way = Way::begin(first);
        while let Some(url) = way.next(&self.client)? {
            let key = hash(&url);
            let before = self.before.pages.get(&key).filter(|page| self.holds(page, shelf.groups));
            let answer = self.client.get(&url, before.map(|page| page.etag.as_str()))?;
            match (answer, before) {
                (Answer::Same, Some(page)) => {
                    for line in &page.items {
                        let stamp = stamp_of(line, shelf.groups);
                        self.unsent(article_at(&line.id), stamp);
                    }
                    way.go(page.next.clone());
                    self.after.pages.insert(key, page.clone());
                }
                (Answer::Same, None) => return Err(unknown(&url)),
                (Answer::Page(page), _) => {
                    let turned = (shelf.turn)(&page).ok_or_else(|| unknown(&url))?;
                    let items = turned.items.iter().map(line).collect();
                    if let Some(etag) = page.etag {
                        let page = memory::Page { etag, next: turned.next.clone(), items };
                        self.after.pages.insert(key, page);
                    }
                    for article in turned.items {
                        self.article(article, shelf)?;
                    }
                    way.go(turned.next);
                }
            }
        }
        Ok(())
    }

    /// Whether the index holds all that a page listed.
    fn holds(&self, page: &memory::Page, groups: &Groups) -> bool {
        page.items.iter().all(|line| self.knows(&article_at(&line.id), &stamp_of(line, groups)))
    }

    pub(super) fn knows(&self, location: &str, stamp: &str) -> bool {
        (self.run.known)(location, stamp)
    }

    fn article(&mut self, mut article: Article, shelf: &Shelf<'_>) -> Result<(), ApiError> {
        let location = article_at(&article.id);
        let group = article.group.as_ref().and_then(|group| shelf.groups.get(group));
        let stamp = stamp(&article.version, group);
        if self.knows(&location, &stamp) {
            self.unsent(location, stamp);
            return Ok(());
        }
        let body = match article.body.take() {
            Some(body) => Some(body),
            None => (shelf.body)(&self.client, &article.id)?,
        };
        match body {
            Some(body) => {
                let bytes = article.html(&body, group);
                self.held(location, stamp, article.url, bytes)
            }
            None => Ok(()),
        }
    }

    /// A ticket that is done. `whole` gets all of it; `None` where it is gone. With more new ones than one run takes, the
    /// rest is left to the next.
    pub(super) fn ticket(
        &mut self,
        id: &str,
        version: &str,
        whole: impl FnOnce(&Client<'_>) -> Result<Option<Ticket>, ApiError>,
    ) -> Result<(), ApiError> {
        let location = ticket_at(id);
        let stamp = stamp(version, None);
        if self.knows(&location, &stamp) {
            self.unsent(location, stamp);
            return Ok(());
        }
        if self.fetched >= self.run.tickets {
            self.unfinished = true;
        }
        if self.unfinished {
            return Ok(());
        }
        let taken = match whole(&self.client) {
            Ok(Some(ticket)) => {
                let bytes = ticket.json();
                self.held(location, stamp, ticket.url, bytes)
            }
            Ok(None) => {
                self.leave(id);
                return Ok(());
            }
            Err(error) => Err(error),
        };
        match taken {
            Ok(()) => self.fetched += 1,
            // What is here is worth having; the next run has patience and room of its own.
            Err(error) if error.is_limit() && self.fetched > 0 => self.unfinished = true,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Whether there are more new tickets than one run takes.
    pub(super) fn is_unfinished(&self) -> bool {
        self.unfinished
    }

    /// A ticket that is deleted, or not done any more.
    pub(super) fn leave(&mut self, id: &str) {
        if let Some(Entry { content: Content::Held(bytes), .. }) = self.entries.remove(&ticket_at(id)) {
            self.run.room.set(self.run.room.get() + bytes.len() as u64);
        }
    }

    pub(super) fn has_ticket(&self, id: &str) -> bool {
        self.entries.contains_key(&ticket_at(id))
    }

    fn unsent(&mut self, location: String, stamp: String) {
        let content = Content::Unsent;
        let entry =
            Entry { location: location.clone(), address: None, content, bytes: 0, stamp: Some(stamp) };
        self.entries.insert(location, entry);
    }

    fn held(
        &mut self,
        location: String,
        stamp: String,
        address: Option<String>,
        bytes: Vec<u8>,
    ) -> Result<(), ApiError> {
        let size = bytes.len() as u64;
        let Some(room) = self.run.room.get().checked_sub(size) else {
            let problem = Problem::TooLarge { what: error::HELD, limit_mib: super::HELD >> 20 };
            return Err(ApiError::new(&self.spec.url, problem));
        };
        self.run.room.set(room);
        let content = Content::Held(Arc::from(bytes));
        let entry = Entry { location: location.clone(), address, content, bytes: size, stamp: Some(stamp) };
        if let Some(Entry { content: Content::Held(old), .. }) = self.entries.insert(location, entry) {
            self.run.room.set(self.run.room.get() + old.len() as u64);
        }
        Ok(())
    }
}

/// From page to page, without going in a circle.
pub(super) struct Way {
    next: Option<String>,
    seen: HashSet<String>,
}

impl Way {
    pub(super) fn begin(first: &str) -> Self {
        Self { next: Some(first.to_owned()), seen: HashSet::new() }
    }

    /// The address of the next page.
    pub(super) fn next(&mut self, client: &Client<'_>) -> Result<Option<String>, ApiError> {
        let Some(url) = self.next.take() else { return Ok(None) };
        let url = client.resolve(&url)?;
        if self.seen.len() >= PAGES {
            return Err(ApiError::nonsense(&url, format!("more than {PAGES} pages")));
        }
        if !self.seen.insert(hash(&url)) {
            return Err(ApiError::nonsense(&url, "its pages go in a circle"));
        }
        Ok(Some(url))
    }

    pub(super) fn go(&mut self, next: Option<String>) {
        self.next = next;
    }
}

/// A page, or that there is none.
pub(super) fn found(page: Result<Page, ApiError>) -> Result<Option<Page>, ApiError> {
    match page {
        Ok(page) => Ok(Some(page)),
        Err(error) if matches!(error.status(), Some(404 | 410)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An answer that is not what is documented.
pub(super) fn unknown(url: &str) -> ApiError {
    ApiError::nonsense(url, "not the list that is documented")
}

fn line(article: &Article) -> Line {
    Line { id: article.id.clone(), version: article.version.clone(), group: article.group.clone() }
}

fn stamp_of(line: &Line, groups: &Groups) -> String {
    stamp(&line.version, line.group.as_ref().and_then(|group| groups.get(group)))
}

fn article_at(id: &str) -> String {
    format!("articles/{id}.html")
}

fn ticket_at(id: &str) -> String {
    format!("tickets/{id}.json")
}
