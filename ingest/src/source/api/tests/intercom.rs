//! Intercom.

use serde_json::{Value, json};

use super::*;

fn say(desk: &Desk, path: &str, body: &Value) {
    desk.say(&format!("GET /{path}"), [Reply::page(body.to_string())]);
}

fn article(id: u64, state: &str) -> Value {
    json!({ "id": id.to_string(), "title": format!("Title {id}"), "body": "<p>Text.</p>", "state": state,
        "url": format!("https://help.example/articles/{id}"), "parent_id": 12, "default_locale": "en",
        "updated_at": 1_714_557_600, "translated_content": { "type": "article_translated_content",
            "fr": { "type": "article_content", "title": "Titre", "body": "<p>Texte.</p>", "state": "published" } } })
}

fn guide() -> Desk {
    let desk = Desk::open();
    let collections = json!({ "data": [{ "id": "11", "name": "Money" }, { "id": "12", "name": "Refunds", "parent_id": "11" }],
        "pages": { "next": null } });
    say(&desk, "help_center/collections?page=1&per_page=50", &collections);
    let first = json!({ "data": [article(1, "published"), article(2, "draft")],
        "pages": { "page": 1, "next": "URL/articles?page=2&per_page=50", "total_pages": 2 } });
    say(&desk, "articles?page=1&per_page=50", &first);
    say(
        &desk,
        "articles?page=2&per_page=50",
        &json!({ "data": [article(3, "published")], "pages": { "next": null } }),
    );
    desk
}

#[test]
fn articles_that_are_published_come_with_their_collection() {
    let desk = guide();
    let mut reader = Reader::new(desk.spec(Kind::Intercom));
    let items = reader.run();
    assert_eq!(sent(&items), [("articles/1.html", true), ("articles/3.html", true)]);
    let text = items[0].1.as_ref().unwrap();
    for part in ["content=\"Money\"", "content=\"Refunds\"", "https://help.example/articles/1", "1714557600"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let asked = desk.asked();
    for header in [format!("authorization: Bearer {TOKEN}"), "intercom-version: 2.11".to_owned()] {
        assert!(asked[0].headers.contains(&header), "{header}");
    }
    assert_eq!(sent(&reader.run()), [("articles/1.html", false), ("articles/3.html", false)]);
}

#[test]
fn another_language_is_taken_where_it_is_published() {
    let desk = guide();
    let items = Reader::new(ApiSpec { locale: Some("fr".into()), ..desk.spec(Kind::Intercom) }).run();
    assert_eq!(items.len(), 3);
    let text = items[0].1.as_ref().unwrap();
    assert!(text.contains("Titre") && text.contains("Texte") && text.contains("lang=\"fr\""), "{text}");
    assert!(Reader::new(ApiSpec { locale: Some("pl".into()), ..desk.spec(Kind::Intercom) }).run().is_empty());
}

#[test]
fn closed_conversations_come_without_notes() {
    let desk = Desk::open();
    let page = |ids: &[u64], next: Value| {
        let heads: Vec<_> =
            ids.iter().map(|id| json!({ "id": id.to_string(), "updated_at": 1_700_000_000 })).collect();
        Reply::page(json!({ "conversations": heads, "pages": { "next": next } }).to_string())
    };
    let both = || [page(&[1], json!({ "starting_after": "x" })), page(&[2, 3], Value::Null)];
    desk.say("POST /conversations/search", both());
    for (id, state) in [(1, "closed"), (2, "open")] {
        let part = |kind: &str, by: &str, body: Value| json!({ "part_type": kind, "author": { "type": by }, "body": body });
        let whole = json!({ "id": id.to_string(), "state": state, "title": null, "updated_at": 1_700_000_000,
            "source": { "subject": "<p>Late parcel</p>", "body": "<p>Where is it?</p>", "author": { "type": "user" } },
            "conversation_parts": { "conversation_parts": [
                part("note", "admin", json!("He is a pain.")),
                part("comment", "bot", json!("<p>One moment.</p>")),
                part("assignment", "admin", Value::Null),
                part("close", "admin", json!("It comes on Monday."))] } });
        say(&desk, &format!("conversations/{id}"), &whole);
    }
    let mut reader = Reader::new(ApiSpec { articles: false, tickets: true, ..desk.spec(Kind::Intercom) });
    let items = reader.run();
    assert_eq!(sent(&items), [("tickets/1.json", true)]);
    let record = record(&items[0]);
    assert_eq!(
        (&record["subject"], &record["description"]),
        (&json!("Late parcel"), &json!("<p>Where is it?</p>"))
    );
    assert_eq!(record["comments"].as_array().map(Vec::len), Some(2));
    assert!(!record.to_string().contains("pain"), "{record}");
    let asked = desk.asked();
    let searches: Vec<Value> =
        asked.iter().filter_map(|asked| serde_json::from_str(&asked.body).ok()).collect();
    assert_eq!(searches.len(), 2);
    assert_eq!(searches[0]["query"]["value"][0]["value"], "closed");
    assert!(searches[0]["pagination"].get("starting_after").is_none());
    assert_eq!(searches[1]["pagination"]["starting_after"], "x");
    desk.say("POST /conversations/search", both());
    assert_eq!(sent(&reader.run()), [("tickets/1.json", false)]);
    // A search that is sent elsewhere is not followed, and one that goes in a circle ends.
    desk.say("POST /conversations/search", [Reply::status(307).with("location", "/elsewhere")]);
    assert!(reader.fail().contains("sends on"));
    desk.say("POST /conversations/search", [page(&[1], json!({ "starting_after": "x" }))]);
    assert!(reader.fail().contains("circle"));
}
