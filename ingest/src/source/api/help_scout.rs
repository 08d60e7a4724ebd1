//! Help Scout: articles of Docs, or conversations of the mailboxes. They are on two sites with two kinds of secret.

use serde_json::Value;

use super::address::escape;
use super::client::{Client, Page};
use super::error::ApiError;
use super::gather::{Gathering, Groups, Shelf, Turned, found, unknown};
use super::json::{id, list as array, number, text, time, url, version};
use super::render::{Article, Group, Reply, Ticket, hash};

pub(super) fn list(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    if gathering.spec.tickets { conversations(gathering) } else { articles(gathering) }
}

fn articles(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    let restricted = gathering.spec.restricted;
    let collection = |item: &Value| {
        let open = restricted || text(item, "visibility").as_deref() == Some("public");
        Some(open.then_some((id(item, "id")?, Group { category: text(item, "name"), section: None })))
    };
    let first = "/v1/collections?page=1";
    let groups: Groups =
        gathering.pages(first, &|page| turned(page, "collections", first, collection))?.into_iter().collect();
    for collection in groups.keys() {
        let first = format!("/v1/collections/{collection}/articles?status=published&pageSize=100&page=1");
        let turn = |page: &Page| {
            turned(page, "articles", &first, |item| {
                let published = text(item, "status").as_deref() == Some("published");
                if published { article(item, collection).map(Some) } else { Some(None) }
            })
        };
        gathering.articles(&first, &Shelf { groups: &groups, turn: &turn, body: &body })?;
    }
    Ok(())
}

/// The items of a page in its envelope, and the next page. `read` answers `Some(None)` for one that is left out.
fn turned<T>(
    page: &Page,
    name: &str,
    first: &str,
    read: impl Fn(&Value) -> Option<Option<T>>,
) -> Option<Turned<T>> {
    let envelope = page.body.get(name)?;
    let items: Option<Vec<Option<T>>> = array(envelope, "items")?.iter().map(read).collect();
    let next = next(first, number(envelope, "page"), number(envelope, "pages"));
    Some(Turned { items: items?.into_iter().flatten().collect(), next })
}

/// The address of the page after this one, where `first` ends with the number of the first.
fn next(first: &str, page: Option<i64>, pages: Option<i64>) -> Option<String> {
    let (page, pages) = page.zip(pages)?;
    (page < pages).then(|| format!("{}{}", first.trim_end_matches('1'), page + 1))
}

fn article(item: &Value, collection: &str) -> Option<Article> {
    let url = url(item, "publicUrl");
    let times = version(item, &["updatedAt", "lastPublishedAt", "createdAt"])?;
    Some(Article {
        id: id(item, "id")?,
        version: hash(&format!("{times}\n{url:?}")),
        group: Some(collection.to_owned()),
        title: text(item, "name").unwrap_or_default(),
        url,
        body: None,
        locale: None,
        updated: time(item, "updatedAt").or_else(|| time(item, "lastPublishedAt")),
        tags: Vec::new(),
    })
}

fn body(client: &Client<'_>, article: &str) -> Result<Option<String>, ApiError> {
    let url = format!("/v1/articles/{article}");
    let Some(page) = found(client.page(&url))? else { return Ok(None) };
    let article = page.body.get("article").ok_or_else(|| unknown(&url))?;
    Ok(Some(text(article, "text").unwrap_or_default()))
}

fn conversations(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    authorize(gathering)?;
    let first = "/v2/conversations?status=closed&sortField=createdAt&sortOrder=asc&page=1";
    let heads = gathering.pages(first, &|page| {
        let count = page.body.get("page")?;
        let next = next(first, number(count, "number"), number(count, "totalPages"));
        // Where there is none, there is no list of them either.
        let none = number(count, "totalElements") == Some(0);
        let items = page.body.get("_embedded").and_then(|embedded| array(embedded, "conversations"));
        if items.is_none() && !none {
            return None;
        }
        let heads: Option<Vec<_>> = items.into_iter().flatten().map(head).collect();
        Some(Turned { items: heads?, next })
    })?;
    for (id, version) in heads {
        gathering.ticket(&id, &version, |client| whole(client, &id))?;
    }
    Ok(())
}

/// Exchanges the secret of the application for one that lasts two days.
fn authorize(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    let url = "/v2/oauth2/token";
    let user = escape(gathering.spec.user.as_deref().unwrap_or_default());
    let secret = escape(&gathering.spec.token.0);
    let form = format!("grant_type=client_credentials&client_id={user}&client_secret={secret}");
    let page = gathering.client.form(url, &form)?;
    let token = text(&page.body, "access_token").ok_or_else(|| unknown(url))?;
    if !token.chars().all(|c| c.is_ascii_graphic()) {
        return Err(unknown(url));
    }
    gathering.client.bear(&token);
    Ok(())
}

fn head(item: &Value) -> Option<(String, String)> {
    let times = version(item, &["userUpdatedAt", "closedAt", "createdAt"])?;
    Some((id(item, "id")?, hash(&format!("{times}\n{:?}", number(item, "threads")))))
}

/// A conversation with what the customer saw; `None` where it is gone or not closed.
fn whole(client: &Client<'_>, conversation: &str) -> Result<Option<Ticket>, ApiError> {
    let url = format!("/v2/conversations/{conversation}?embed=threads");
    let Some(page) = found(client.page(&url))? else { return Ok(None) };
    let item = &page.body;
    if text(item, "status").as_deref() != Some("closed") {
        return Ok(None);
    }
    let threads = item.get("_embedded").and_then(|embedded| array(embedded, "threads"));
    let mut threads: Vec<&Value> = threads.ok_or_else(|| unknown(&url))?.iter().collect();
    // All times are UTC in one form, so that they are in order as text.
    threads.sort_by_key(|thread| time(thread, "createdAt"));
    let tags = item.get("tags").and_then(Value::as_array).into_iter().flatten();
    Ok(Some(
        Ticket {
            id: conversation.to_owned(),
            subject: text(item, "subject"),
            status: "closed",
            tags: tags.filter_map(|tag| text(tag, "tag")).collect(),
            created: time(item, "createdAt"),
            updated: time(item, "userUpdatedAt"),
            ..Ticket::default()
        }
        .saying(threads.into_iter().filter_map(reply).collect()),
    ))
}

/// A message that the customer sees.
fn reply(thread: &Value) -> Option<Reply> {
    let public =
        matches!(text(thread, "type")?.as_str(), "customer" | "message" | "reply" | "chat" | "beaconchat");
    let published = text(thread, "state").is_none_or(|state| state == "published");
    let text = text(thread, "body").filter(|_| public && published)?;
    let by = thread.get("createdBy").and_then(|by| super::json::text(by, "type"));
    Some(Reply { by_customer: by.as_deref() == Some("customer"), text })
}
