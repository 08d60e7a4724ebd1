//! Freshdesk.

use base64::Engine as _;
use serde_json::{Value, json};

use super::*;

fn say(desk: &Desk, path: &str, body: &Value) {
    desk.say(&format!("GET /api/v2/{path}"), [Reply::page(body.to_string())]);
}

fn article(id: u64, status: u8) -> Value {
    json!({ "id": id, "folder_id": 4, "title": format!("Title {id}"), "description": "<p>Text.</p>",
        "status": status, "updated_at": "2024-05-01T10:00:00Z", "tags": ["wifi"] })
}

#[test]
fn articles_of_open_folders_come_with_their_category() {
    let desk = Desk::open();
    say(&desk, "solutions/categories/de?per_page=100", &json!([{ "id": 3, "name": "Network" }]));
    let folders = json!([
        { "id": 4, "name": "Router", "visibility": 1, "sub_folders_count": 1 },
        { "id": 5, "name": "Staff only", "visibility": 3 }]);
    say(&desk, "solutions/categories/3/folders/de?per_page=100", &folders);
    say(
        &desk,
        "solutions/folders/4/subfolders/de?per_page=100",
        &json!([{ "id": 6, "name": "Old", "visibility": 1 }]),
    );
    say(&desk, "solutions/folders/6/articles/de?per_page=100", &json!([]));
    let more = "<URL/api/v2/solutions/folders/4/articles/de?per_page=100&page=2>; rel=\"next\"";
    let first = Reply::page(json!([article(1, 2), article(2, 1)]).to_string()).with("link", more);
    desk.say("GET /api/v2/solutions/folders/4/articles/de?per_page=100", [first]);
    say(&desk, "solutions/folders/4/articles/de?per_page=100&page=2", &json!([article(3, 2)]));
    let mut reader = Reader::new(ApiSpec { locale: Some("de".into()), ..desk.spec(Kind::Freshdesk) });
    let items = reader.run();
    assert_eq!(sent(&items), [("articles/1.html", true), ("articles/3.html", true)]);
    let text = items[0].1.as_ref().unwrap();
    for part in ["content=\"Network\"", "content=\"Router, wifi\"", "/support/solutions/articles/1\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let asked = desk.asked();
    assert!(asked.iter().all(|asked| !asked.what.contains("/5/")));
    let secret = base64::engine::general_purpose::STANDARD.encode(format!("{TOKEN}:X"));
    assert!(asked[0].headers.contains(&format!("authorization: Basic {secret}")));
    assert_eq!(sent(&reader.run()), [("articles/1.html", false), ("articles/3.html", false)]);
}

fn tickets(since: &str, page: u32) -> String {
    let since = since.replace(':', "%3A");
    format!("tickets?updated_since={since}&order_by=updated_at&order_type=asc&per_page=100&page={page}")
}

fn head(id: u64, status: u8, updated: &str) -> Value {
    json!({ "id": id, "status": status, "updated_at": updated })
}

#[test]
fn tickets_are_listed_by_their_last_change_and_come_where_they_are_new() {
    let desk = Desk::open();
    let (early, late) = ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z");
    let mut first: Vec<_> = (1..=99).map(|id| head(id, 2, early)).collect();
    first.push(head(100, 5, late));
    say(&desk, &tickets("1970-01-01T00:00:00Z", 1), &json!(first));
    // One was changed while they were listed: it comes once more.
    let rest = [head(100, 5, late), head(101, 4, late), head(1, 4, late), head(102, 4, late)];
    say(&desk, &tickets(late, 1), &json!(rest));
    for id in [1, 100, 101] {
        let whole = json!({ "id": id, "status": 4, "priority": 3, "subject": format!("Router {id}"),
            "description": "<div>It blinks.</div>", "updated_at": late, "tags": [] });
        say(&desk, &format!("tickets/{id}"), &whole);
        let said = json!([
            { "body": "Ask him for money.", "private": true, "incoming": false },
            { "body": "<p>Restart it.</p>", "private": false, "incoming": false },
            { "body": "Thanks!", "private": false, "incoming": true }]);
        say(&desk, &format!("tickets/{id}/conversations?per_page=100"), &said);
    }
    let spec = ApiSpec { articles: false, tickets: true, ..desk.spec(Kind::Freshdesk) };
    let mut reader = Reader::new(spec);
    let items = reader.run();
    let expected = ["tickets/1.json", "tickets/100.json", "tickets/101.json"];
    assert_eq!(sent(&items), expected.map(|location| (location, true)));
    let record = record(&items[0]);
    assert_eq!(record["description"], "<div>It blinks.</div>");
    assert_eq!((&record["priority"], &record["status"]), (&json!("high"), &json!("resolved")));
    let said =
        json!([{ "incoming": false, "body": "<p>Restart it.</p>" }, { "incoming": true, "body": "Thanks!" }]);
    assert_eq!(record["comments"], said);
    desk.paths();
    // What is not listed any more is gone; what is as it was is not asked for.
    say(&desk, &tickets(late, 1), &json!([head(100, 5, late), head(1, 3, late)]));
    assert_eq!(sent(&reader.run()), [("tickets/100.json", false)]);
    assert_eq!(desk.paths().len(), 2);
}
