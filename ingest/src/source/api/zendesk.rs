//! Zendesk: Help Center articles and the incremental export of tickets.

use std::collections::BTreeMap;

use serde_json::Value;

use super::address::escape;
use super::client::{Client, Page};
use super::error::ApiError;
use super::gather::{Gathering, Groups, Shelf, Turned, Way, found, unknown};
use super::json::{flag, id, list as array, text, time, url, version, words};
use super::render::{self, Article, Group, Reply, Ticket};

/// An export from the beginning.
const EXPORT: &str = "/api/v2/incremental/tickets/cursor.json?start_time=1&per_page=500";

pub(super) fn list(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    if gathering.spec.articles {
        articles(gathering)?;
    }
    if gathering.spec.tickets {
        tickets(gathering)?;
    }
    Ok(())
}

fn articles(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    let locale = gathering.spec.locale.as_ref().map(|locale| format!("/{locale}")).unwrap_or_default();
    let first = |what: &str| format!("/api/v2/help_center{locale}/{what}.json?page%5Bsize%5D=100");
    let groups = groups(gathering, &first("categories"), &first("sections"))?;
    let restricted = gathering.spec.restricted;
    let turn = |page: &Page| {
        turned(page, "articles", |item| {
            if flag(item, "draft") || !(restricted || is_open(item)) {
                Some(None)
            } else {
                article(item).map(Some)
            }
        })
    };
    let body = |_: &Client<'_>, _: &str| Ok(None);
    gathering.articles(&first("articles"), &Shelf { groups: &groups, turn: &turn, body: &body })
}

/// Whether everybody may read an article.
fn is_open(item: &Value) -> bool {
    let segments = item.get("user_segment_ids").and_then(Value::as_array);
    item.get("user_segment_id").is_none_or(Value::is_null) && segments.is_none_or(Vec::is_empty)
}

/// Names of sections and of the categories that they are in.
fn groups(gathering: &Gathering<'_>, categories: &str, sections: &str) -> Result<Groups, ApiError> {
    let named = |item: &Value| Some(Some((id(item, "id")?, text(item, "name"))));
    let categories = gathering.pages(categories, &|page| turned(page, "categories", named))?;
    let categories: BTreeMap<String, Option<String>> = categories.into_iter().collect();
    let section = |item: &Value| {
        let category = id(item, "category_id").and_then(|id| categories.get(&id).cloned().flatten());
        Some(Some((id(item, "id")?, Group { category, section: text(item, "name") })))
    };
    let sections = gathering.pages(sections, &|page| turned(page, "sections", section))?;
    Ok(sections.into_iter().collect())
}

/// The items of a page under `name`, and the next page. `read` answers `Some(None)` for one that is left out.
fn turned<T>(page: &Page, name: &str, read: impl Fn(&Value) -> Option<Option<T>>) -> Option<Turned<T>> {
    let items: Option<Vec<Option<T>>> = array(&page.body, name)?.iter().map(read).collect();
    let next = match page.body.get("meta") {
        Some(meta) if flag(meta, "has_more") => text(page.body.get("links")?, "next"),
        Some(_) => None,
        None => text(&page.body, "next_page"),
    };
    Some(Turned { items: items?.into_iter().flatten().collect(), next })
}

fn article(item: &Value) -> Option<Article> {
    let url = url(item, "html_url");
    Some(Article {
        id: id(item, "id")?,
        version: render::hash(&format!("{}\n{url:?}", version(item, &["updated_at"])?)),
        group: id(item, "section_id"),
        title: text(item, "title").unwrap_or_default(),
        url,
        body: Some(text(item, "body").unwrap_or_default()),
        locale: text(item, "locale"),
        updated: time(item, "updated_at"),
        tags: words(item, "label_names"),
    })
}

fn tickets(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    let before = gathering.before;
    let goes_on = before.cursor.is_some();
    gathering.after.cursor.clone_from(&before.cursor);
    gathering.after.tickets.clone_from(&before.tickets);
    let first = before.cursor.as_ref().map_or_else(|| EXPORT.to_owned(), |cursor| from(cursor));
    match export(gathering, &first) {
        // A position that is too old, or of another account.
        Err(error) if goes_on && matches!(error.status(), Some(400 | 404 | 410 | 422)) => {
            gathering.after.cursor = None;
            gathering.after.tickets.clear();
            export(gathering, EXPORT)?;
        }
        other => other?,
    }
    let known: Vec<_> = gathering.after.tickets.clone().into_iter().collect();
    for (id, version) in known {
        if !gathering.has_ticket(&id) {
            gathering.ticket(&id, &version, |client| {
                let url = format!("/api/v2/tickets/{id}.json");
                match found(client.page(&url))? {
                    Some(page) => whole(client, page.body.get("ticket").ok_or_else(|| unknown(&url))?),
                    None => Ok(None),
                }
            })?;
        }
        if !gathering.has_ticket(&id) && !gathering.is_unfinished() {
            gathering.after.tickets.remove(&id);
        }
    }
    Ok(())
}

fn from(cursor: &str) -> String {
    format!("/api/v2/incremental/tickets/cursor.json?per_page=500&cursor={}", escape(cursor))
}

/// Takes in what changed since the position that `first` stands for.
fn export(gathering: &mut Gathering<'_>, first: &str) -> Result<(), ApiError> {
    let mut way = Way::begin(first);
    while let Some(url) = way.next(&gathering.client)? {
        let page = gathering.client.page(&url)?;
        for item in array(&page.body, "tickets").ok_or_else(|| unknown(&url))? {
            changed(gathering, item).ok_or_else(|| unknown(&url))??;
        }
        if gathering.is_unfinished() {
            // The next run begins with this page.
            return Ok(());
        }
        let cursor = text(&page.body, "after_cursor");
        let ended = flag(&page.body, "end_of_stream");
        if !ended && cursor.is_none() {
            return Err(unknown(&url));
        }
        way.go(cursor.as_deref().filter(|_| !ended).map(from));
        gathering.after.cursor = cursor.or(gathering.after.cursor.take());
    }
    Ok(())
}

/// Takes in one ticket of the export; `None` where it is not one.
fn changed(gathering: &mut Gathering<'_>, item: &Value) -> Option<Result<(), ApiError>> {
    let ticket = id(item, "id")?;
    if status(item).is_none() {
        gathering.leave(&ticket);
        gathering.after.tickets.remove(&ticket);
        return Some(Ok(()));
    }
    let version = version(item, &["updated_at"])?;
    let taken = gathering.ticket(&ticket, &version, |client| whole(client, item));
    gathering.after.tickets.insert(ticket, version);
    Some(taken)
}

/// The status of a ticket that is done.
fn status(item: &Value) -> Option<&'static str> {
    match item.get("status")?.as_str()? {
        "solved" => Some("solved"),
        "closed" => Some("closed"),
        _ => None,
    }
}

/// A ticket with its public comments; `None` where it is gone or not done.
fn whole(client: &Client<'_>, item: &Value) -> Result<Option<Ticket>, ApiError> {
    let (Some(ticket), Some(status)) = (id(item, "id"), status(item)) else { return Ok(None) };
    let asker = id(item, "requester_id");
    let mut replies = Vec::new();
    let mut way = Way::begin(&format!("/api/v2/tickets/{ticket}/comments.json?page%5Bsize%5D=100"));
    while let Some(url) = way.next(client)? {
        let Some(page) = found(client.page(&url))? else { return Ok(None) };
        let turned = turned(&page, "comments", |comment| Some(reply(comment, asker.as_ref())));
        let turned = turned.ok_or_else(|| unknown(&url))?;
        replies.extend(turned.items);
        way.go(turned.next);
    }
    // What Zendesk calls the description is the first comment, even where that is a private note.
    Ok(Some(
        Ticket {
            url: client.resolve(&format!("/agent/tickets/{ticket}")).ok(),
            id: ticket,
            subject: text(item, "subject"),
            status,
            priority: text(item, "priority"),
            tags: words(item, "tags"),
            created: time(item, "created_at"),
            updated: time(item, "updated_at"),
            ..Ticket::default()
        }
        .saying(replies),
    ))
}

/// A comment that the customer sees.
fn reply(comment: &Value, asker: Option<&String>) -> Option<Reply> {
    let text = ["html_body", "plain_body", "body"].iter().find_map(|name| text(comment, name));
    let text = text.filter(|_| flag(comment, "public"))?;
    Some(Reply { by_customer: asker.is_some() && id(comment, "author_id").as_ref() == asker, text })
}
