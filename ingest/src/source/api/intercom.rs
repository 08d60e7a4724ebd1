//! Intercom: articles, and conversations that are closed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::client::{Client, Page};
use super::error::ApiError;
use super::gather::{Gathering, Groups, Shelf, Turned, found, unknown};
use super::json::{id, list as array, text, time, url, version};
use super::render::{Article, Group, Reply, Ticket, hash};

/// Conversations of a page: most that it gives at once.
const PER_PAGE: u32 = 150;
/// Most pages of conversations.
const PAGES: usize = 20_000;

pub(super) fn list(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    if gathering.spec.articles {
        articles(gathering)?;
    }
    if gathering.spec.tickets {
        conversations(gathering)?;
    }
    Ok(())
}

fn articles(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    let groups = groups(gathering)?;
    let locale = gathering.spec.locale.clone();
    let turn = |page: &Page| turned(page, |item| article(item, locale.as_deref()));
    let body = |_: &Client<'_>, _: &str| Ok(None);
    gathering.articles("/articles?page=1&per_page=50", &Shelf { groups: &groups, turn: &turn, body: &body })
}

/// Collections: those within others are sections of them.
fn groups(gathering: &Gathering<'_>) -> Result<Groups, ApiError> {
    let collection =
        |item: &Value| Some(Some((id(item, "id")?, (text(item, "name"), id(item, "parent_id")))));
    let collections =
        gathering.pages("/help_center/collections?page=1&per_page=50", &|page| turned(page, collection))?;
    let collections: BTreeMap<String, (Option<String>, Option<String>)> = collections.into_iter().collect();
    let group = |(id, (name, parent)): (&String, &(Option<String>, Option<String>))| {
        let above = parent.as_ref().and_then(|parent| collections.get(parent));
        let group = match above {
            Some((above, _)) => Group { category: above.clone(), section: name.clone() },
            None => Group { category: name.clone(), section: None },
        };
        (id.clone(), group)
    };
    Ok(collections.iter().map(group).collect())
}

/// The items of a page, and the next one. `read` answers `Some(None)` for one that is left out.
fn turned<T>(page: &Page, read: impl Fn(&Value) -> Option<Option<T>>) -> Option<Turned<T>> {
    let items: Option<Vec<Option<T>>> = array(&page.body, "data")?.iter().map(read).collect();
    let next = page.body.get("pages").and_then(|pages| text(pages, "next"));
    Some(Turned { items: items?.into_iter().flatten().collect(), next })
}

/// An article that is published, in this language where one is given.
fn article(item: &Value, locale: Option<&str>) -> Option<Option<Article>> {
    let article = id(item, "id")?;
    let main = text(item, "default_locale");
    let content = match locale.filter(|locale| main.as_deref() != Some(*locale)) {
        Some(locale) => match item.get("translated_content").and_then(|all| all.get(locale)) {
            Some(content) if content.is_object() => content,
            _ => return Some(None),
        },
        None => item,
    };
    if text(content, "state").as_deref() != Some("published") {
        return Some(None);
    }
    let url = url(content, "url").or_else(|| url(item, "url"));
    let own = version(content, &["updated_at"]).unwrap_or_default();
    Some(Some(Article {
        id: article,
        version: hash(&format!("{}\n{own}\n{url:?}", version(item, &["updated_at"])?)),
        group: id(item, "parent_id"),
        title: text(content, "title").unwrap_or_default(),
        url,
        body: Some(text(content, "body").unwrap_or_default()),
        locale: locale.map(str::to_owned).or(main),
        updated: time(content, "updated_at").or_else(|| time(item, "updated_at")),
        tags: Vec::new(),
    }))
}

/// Lists all conversations that are closed, and gets those that are new.
fn conversations(gathering: &mut Gathering<'_>) -> Result<(), ApiError> {
    let url = "/conversations/search";
    let mut after: Option<String> = None;
    for _ in 0..PAGES {
        let mut pagination = json!({ "per_page": PER_PAGE });
        if let Some(after) = &after {
            pagination["starting_after"] = Value::from(after.as_str());
        }
        let body = json!({
            "query": { "operator": "AND", "value": [{ "field": "state", "operator": "=", "value": "closed" }] },
            "sort": { "field": "created_at", "order": "ascending" },
            "pagination": pagination,
        });
        let page = gathering.client.post(url, &body)?;
        for item in array(&page.body, "conversations").ok_or_else(|| unknown(url))? {
            let (id, version) =
                id(item, "id").zip(version(item, &["updated_at"])).ok_or_else(|| unknown(url))?;
            gathering.ticket(&id, &version, |client| whole(client, &id))?;
        }
        let next = page.body.get("pages").and_then(|pages| pages.get("next"));
        let next = next.and_then(|next| text(next, "starting_after"));
        if next.is_none() {
            return Ok(());
        }
        if next == after {
            return Err(ApiError::nonsense(url, "its pages go in a circle"));
        }
        after = next;
    }
    Err(ApiError::nonsense(url, format!("more than {PAGES} pages")))
}

/// A conversation with what the customer saw; `None` where it is gone or not closed.
fn whole(client: &Client<'_>, conversation: &str) -> Result<Option<Ticket>, ApiError> {
    let url = format!("/conversations/{conversation}");
    let Some(page) = found(client.page(&url))? else { return Ok(None) };
    let item = &page.body;
    if text(item, "state").as_deref() != Some("closed") {
        return Ok(None);
    }
    let opening = item.get("source");
    let parts = item.get("conversation_parts").and_then(|parts| array(parts, "conversation_parts"));
    let parts = parts.ok_or_else(|| unknown(&url))?.iter().filter(|part| is_public(part));
    let messages = opening.into_iter().chain(parts).filter_map(message).collect();
    let subject = text(item, "title").or_else(|| text(opening?, "subject"));
    let tags = item.get("tags").and_then(|tags| array(tags, "tags")).into_iter().flatten();
    Ok(Some(
        Ticket {
            id: conversation.to_owned(),
            subject: subject
                .map(|subject| crate::extract::plain(&subject))
                .filter(|subject| !subject.is_empty()),
            status: "closed",
            tags: tags.filter_map(|tag| text(tag, "name")).collect(),
            created: time(item, "created_at"),
            updated: time(item, "updated_at"),
            ..Ticket::default()
        }
        .saying(messages),
    ))
}

/// Whether the customer sees a part: notes and what the help desk does are for the staff.
fn is_public(part: &Value) -> bool {
    matches!(
        part.get("part_type").and_then(Value::as_str),
        Some("comment" | "close" | "open" | "quick_reply")
    )
}

fn message(part: &Value) -> Option<Reply> {
    let by = part.get("author").and_then(|author| text(author, "type"));
    let by_customer = matches!(by.as_deref(), Some("user" | "lead" | "contact"));
    Some(Reply { by_customer, text: text(part, "body")? })
}
