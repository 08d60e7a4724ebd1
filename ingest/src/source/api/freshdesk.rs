//! Freshdesk: solution articles, and tickets that are resolved or closed.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::address::escape;
use super::client::{Client, Page};
use super::error::ApiError;
use super::gather::{Gathering, Groups, Shelf, Turned, Way, found, unknown};
use super::json::{id, number, text, time, version, words};
use super::render::{Article, Group, Reply, Ticket};
use crate::extract::fields::timestamp;

/// Items of a page: most that it gives at once.
const PER_PAGE: usize = 100;
/// Most pages of tickets that were changed in the same second.
const AT_ONCE: usize = 300;

/// Where the staff began a ticket.
const OUTBOUND: i64 = 10;

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
    let groups = folders(gathering, &locale)?;
    let site = gathering.client.resolve("/support/solutions/articles/")?;
    let turn = |page: &Page| {
        turned(page, |item| if number(item, "status") == Some(2) { article(item, &site) } else { Some(None) })
    };
    let body = |_: &Client<'_>, _: &str| Ok(None);
    let shelf = Shelf { groups: &groups, turn: &turn, body: &body };
    for folder in groups.keys() {
        let first = format!("/api/v2/solutions/folders/{folder}/articles{locale}?per_page={PER_PAGE}");
        gathering.articles(&first, &shelf)?;
    }
    Ok(())
}

/// One folder: its id, whether it has folders in it, and its name where it is to be read.
struct Folder {
    id: String,
    deep: bool,
    open: bool,
    name: Option<String>,
}

/// The folders that are to be read, by id.
fn folders(gathering: &Gathering<'_>, locale: &str) -> Result<Groups, ApiError> {
    let restricted = gathering.spec.restricted;
    let named = |item: &Value| Some(Some((id(item, "id")?, text(item, "name"))));
    let folder = |item: &Value| {
        let open = restricted || number(item, "visibility") == Some(1);
        let deep = number(item, "sub_folders_count").is_some_and(|count| count > 0);
        Some(Some(Folder { id: id(item, "id")?, deep, open, name: text(item, "name") }))
    };
    let first = format!("/api/v2/solutions/categories{locale}?per_page={PER_PAGE}");
    let categories = gathering.pages(&first, &|page| turned(page, named))?;
    let mut groups = Groups::new();
    let mut seen = HashSet::new();
    for (category, name) in categories {
        let mut lists =
            vec![format!("/api/v2/solutions/categories/{category}/folders{locale}?per_page={PER_PAGE}")];
        while let Some(list) = lists.pop() {
            for folder in gathering.pages(&list, &|page| turned(page, folder))? {
                if !seen.insert(folder.id.clone()) {
                    continue;
                }
                if folder.deep {
                    let id = &folder.id;
                    lists.push(format!(
                        "/api/v2/solutions/folders/{id}/subfolders{locale}?per_page={PER_PAGE}"
                    ));
                }
                if folder.open {
                    groups.insert(folder.id, Group { category: name.clone(), section: folder.name });
                }
            }
        }
    }
    Ok(groups)
}

/// The items of a page, which is a list, and the next page. `read` answers `Some(None)` for one that is left out.
fn turned<T>(page: &Page, read: impl Fn(&Value) -> Option<Option<T>>) -> Option<Turned<T>> {
    let items: Option<Vec<Option<T>>> = page.body.as_array()?.iter().map(read).collect();
    Some(Turned { items: items?.into_iter().flatten().collect(), next: page.next.clone() })
}

fn article(item: &Value, site: &str) -> Option<Option<Article>> {
    let article = id(item, "id")?;
    Some(Some(Article {
        version: version(item, &["updated_at"])?,
        group: id(item, "folder_id"),
        title: text(item, "title").unwrap_or_default(),
        url: Some(format!("{site}{article}")),
        body: Some(text(item, "description").unwrap_or_default()),
        locale: None,
        updated: time(item, "updated_at"),
        tags: words(item, "tags"),
        id: article,
    }))
}

/// Lists all tickets, oldest change first, and gets those that are new. Each page begins where the one before ended,
/// so that none is missed when tickets change meanwhile.
fn tickets(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    let mut done: BTreeMap<String, Option<String>> = BTreeMap::new();
    let (mut since, mut number) = ("1970-01-01T00:00:00Z".to_owned(), 1);
    loop {
        let url = format!(
            "/api/v2/tickets?updated_since={}&order_by=updated_at&order_type=asc&per_page={PER_PAGE}&page={number}",
            escape(&since)
        );
        let page = gathering.client.page(&url)?;
        let items = page.body.as_array().ok_or_else(|| unknown(&url))?;
        let mut last = None;
        for item in items {
            let (id, version) =
                id(item, "id").zip(version(item, &["updated_at"])).ok_or_else(|| unknown(&url))?;
            // Who changed meanwhile is here again.
            done.insert(id, status(item).map(|_| version));
            last = time(item, "updated_at").and_then(|time| timestamp(&time));
        }
        if items.len() < PER_PAGE {
            break;
        }
        let last = last.ok_or_else(|| unknown(&url))?.to_string();
        number = if last == since { number + 1 } else { 1 };
        if number > AT_ONCE {
            return Err(ApiError::nonsense(&url, "too many tickets that were changed at once"));
        }
        since = last;
    }
    for (id, version) in done {
        if let Some(version) = version {
            gathering.ticket(&id, &version, |client| whole(client, &id))?;
        }
    }
    Ok(())
}

/// The status of a ticket that is done.
fn status(item: &Value) -> Option<&'static str> {
    match number(item, "status")? {
        4 => Some("resolved"),
        5 => Some("closed"),
        _ => None,
    }
}

/// A ticket with what the customer saw; `None` where it is gone or not done.
fn whole(client: &Client<'_>, ticket: &str) -> Result<Option<Ticket>, ApiError> {
    let url = format!("/api/v2/tickets/{ticket}");
    let Some(page) = found(client.page(&url))? else { return Ok(None) };
    let item = &page.body;
    let Some(status) = status(item) else { return Ok(None) };
    let mut messages = Vec::new();
    if let Some(text) = text(item, "description").or_else(|| text(item, "description_text")) {
        messages.push(Reply { by_customer: number(item, "source") != Some(OUTBOUND), text });
    }
    let mut way = Way::begin(&format!("/api/v2/tickets/{ticket}/conversations?per_page={PER_PAGE}"));
    while let Some(url) = way.next(client)? {
        let Some(page) = found(client.page(&url))? else { return Ok(None) };
        let turned = turned(&page, |item| Some(reply(item))).ok_or_else(|| unknown(&url))?;
        messages.extend(turned.items);
        way.go(turned.next);
    }
    let priority = number(item, "priority").and_then(|number| {
        ["low", "medium", "high", "urgent"].get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    });
    let url = client.resolve(&format!("/a/tickets/{ticket}"))?;
    Ok(Some(
        Ticket {
            id: ticket.to_owned(),
            url: Some(url),
            subject: text(item, "subject"),
            status,
            priority: priority.map(str::to_owned),
            tags: words(item, "tags"),
            created: time(item, "created_at"),
            updated: time(item, "updated_at"),
            ..Ticket::default()
        }
        .saying(messages),
    ))
}

/// A message that the customer sees.
fn reply(item: &Value) -> Option<Reply> {
    if item.get("private").and_then(Value::as_bool) != Some(false) {
        return None;
    }
    let text = text(item, "body").or_else(|| text(item, "body_text"))?;
    Some(Reply { by_customer: item.get("incoming").and_then(Value::as_bool) == Some(true), text })
}
