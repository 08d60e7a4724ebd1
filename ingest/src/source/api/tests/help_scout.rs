//! Help Scout.

use base64::Engine as _;
use serde_json::{Value, json};

use super::*;

fn say(desk: &Desk, path: &str, body: &Value) {
    desk.say(&format!("GET /{path}"), [Reply::page(body.to_string())]);
}

#[test]
fn articles_of_public_collections_come_one_by_one_where_they_are_new() {
    let desk = Desk::open();
    let collections = json!({ "collections": { "page": 1, "pages": 1, "items": [
        { "id": "c1", "name": "Guide", "visibility": "public" },
        { "id": "c2", "name": "Staff", "visibility": "private" }] } });
    say(&desk, "v1/collections?page=1", &collections);
    let list = |page: u32| format!("v1/collections/c1/articles?status=published&pageSize=100&page={page}");
    let head = |id: &str, updated: Value| {
        json!({ "id": id, "collectionId": "c1", "name": format!("Title {id}"), "status": "published",
            "publicUrl": format!("https://docs.example/article/{id}-title"), "updatedAt": updated,
            "createdAt": "2024-01-01T00:00:00Z" })
    };
    let page =
        |page: u32, items: &[Value]| json!({ "articles": { "page": page, "pages": 2, "items": items } });
    say(&desk, &list(1), &page(1, &[head("a1", Value::Null)]));
    say(&desk, &list(2), &page(2, &[head("a2", json!("2024-02-02T00:00:00Z"))]));
    for id in ["a1", "a2"] {
        say(
            &desk,
            &format!("v1/articles/{id}"),
            &json!({ "article": { "id": id, "text": "<p>Some help.</p>" } }),
        );
    }
    let mut reader = Reader::new(desk.spec(Kind::HelpScout));
    let items = reader.run();
    assert_eq!(sent(&items), [("articles/a1.html", true), ("articles/a2.html", true)]);
    let text = items[1].1.as_ref().unwrap();
    for part in ["Some help.", "content=\"Guide\"", "docs.example/article/a2-title", "2024-02-02"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let secret = base64::engine::general_purpose::STANDARD.encode(format!("{TOKEN}:X"));
    assert!(desk.asked()[0].headers.contains(&format!("authorization: Basic {secret}")));
    assert_eq!(sent(&reader.run()), [("articles/a1.html", false), ("articles/a2.html", false)]);
    assert_eq!(
        desk.paths(),
        ["v1/collections?page=1".into(), list(1), list(2)].map(|path| format!("GET /{path}"))
    );
    say(&desk, &list(2), &page(2, &[head("a2", json!("2024-03-03T00:00:00Z"))]));
    desk.say("GET /v1/articles/a2", [Reply::status(404)]);
    assert_eq!(sent(&reader.run()), [("articles/a1.html", false)]);
}

#[test]
fn closed_conversations_come_with_a_token_for_the_secret() {
    let desk = Desk::open();
    desk.say("POST /v2/oauth2/token", [Reply::page(r#"{"access_token":"short-lived","expires_in":172800}"#)]);
    let list = "v2/conversations?status=closed&sortField=createdAt&sortOrder=asc&page=1";
    let heads = json!({ "_embedded": { "conversations": [{ "id": 5, "threads": 3, "userUpdatedAt": "t" }] },
        "page": { "number": 1, "totalPages": 1, "totalElements": 1 } });
    say(&desk, list, &heads);
    let thread = |kind: &str, by: &str, at: &str, body: &str| json!({ "type": kind, "state": "published", "createdAt": at, "body": body, "createdBy": { "type": by } });
    let whole = json!({ "id": 5, "status": "closed", "subject": "Late parcel", "tags": [{ "tag": "parcel" }],
        "_embedded": { "threads": [
            thread("message", "user", "2024-01-03T00:00:00Z", "It comes on Monday."),
            thread("note", "user", "2024-01-02T00:00:00Z", "He is a pain."),
            thread("customer", "customer", "2024-01-01T00:00:00Z", "Where is it?")] } });
    say(&desk, "v2/conversations/5?embed=threads", &whole);
    let spec =
        ApiSpec { articles: false, tickets: true, user: Some("app".into()), ..desk.spec(Kind::HelpScout) };
    let mut reader = Reader::new(spec);
    let items = reader.run();
    let record = record(&items[0]);
    assert_eq!((&record["subject"], &record["description"]), (&json!("Late parcel"), &json!("Where is it?")));
    assert_eq!(record["comments"], json!([{ "incoming": false, "body": "It comes on Monday." }]));
    let asked = desk.asked();
    assert_eq!(asked[0].body, format!("grant_type=client_credentials&client_id=app&client_secret={TOKEN}"));
    assert!(asked[1].headers.contains(&"authorization: Bearer short-lived".to_owned()));
    assert_eq!(sent(&reader.run()), [("tickets/5.json", false)]);
    let none = json!({ "page": { "number": 1, "totalPages": 0, "totalElements": 0 } });
    say(&desk, list, &none);
    assert!(reader.run().is_empty());
    desk.say("POST /v2/oauth2/token", [Reply::status(401)]);
    assert!(reader.fail().contains("401"));
}
