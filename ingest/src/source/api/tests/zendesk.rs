//! Zendesk.

use base64::Engine as _;
use serde_json::{Value, json};

use super::*;

fn list(what: &str) -> String {
    format!("GET /api/v2/help_center/en-us/{what}.json?page%5Bsize%5D=100")
}

fn article(id: u64, title: &str) -> Value {
    json!({ "id": id, "title": title, "body": format!("<p>Body of {title}.</p>"), "locale": "en-us",
        "section_id": 20, "label_names": ["billing"], "updated_at": "2024-05-01T10:00:00Z", "draft": false,
        "user_segment_id": null })
}

fn guide() -> Desk {
    let desk = Desk::open();
    let category = json!({ "categories": [{ "id": 10, "name": "Money" }], "meta": { "has_more": false } });
    desk.say(&list("categories"), [Reply::page(category.to_string())]);
    let section = json!({ "sections": [{ "id": 20, "category_id": 10, "name": "Refunds & more" }],
        "meta": { "has_more": false } });
    desk.say(&list("sections"), [Reply::page(section.to_string())]);
    let draft = json!({ "id": 3, "title": "Draft", "body": "", "draft": true, "updated_at": "t" });
    let staff = json!({ "id": 4, "title": "Staff", "body": "", "user_segment_id": 9, "updated_at": "t" });
    let vip = json!({ "id": 5, "title": "VIP", "body": "", "user_segment_ids": [3], "updated_at": "t" });
    let first = json!({ "articles": [article(1, "Pay <now>"), draft, staff, vip],
        "meta": { "has_more": true }, "links": { "next": "URL/api/v2/more?page%5Bafter%5D=x" } });
    desk.say(&list("articles"), [Reply::page(first.to_string())]);
    let last = json!({ "articles": [article(2, "Returns")], "meta": { "has_more": false },
        "links": { "next": "URL/api/v2/never" } });
    desk.say("GET /api/v2/more?page%5Bafter%5D=x", [Reply::page(last.to_string())]);
    desk
}

fn spec(desk: &Desk) -> ApiSpec {
    let user = Some("agent@example.com".to_owned());
    ApiSpec { user, locale: Some("en-us".into()), ..desk.spec(Kind::Zendesk) }
}

#[test]
fn articles_come_page_by_page_with_their_section() {
    let desk = guide();
    let mut reader = Reader::new(spec(&desk));
    let items = reader.run();
    assert_eq!(sent(&items), [("articles/1.html", true), ("articles/2.html", true)]);
    let text = items[0].1.as_ref().unwrap();
    for part in [
        "<title>Pay &lt;now&gt;</title>",
        "<html lang=\"en-us\">",
        "content=\"Money\"",
        "content=\"Refunds &amp; more, billing\"",
        "2024-05-01T10:00:00Z",
        "<p>Body of Pay <now>.</p>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let secret = base64::engine::general_purpose::STANDARD.encode(format!("agent@example.com/token:{TOKEN}"));
    let asked = desk.asked();
    assert!(asked.iter().all(|asked| asked.headers.contains(&format!("authorization: Basic {secret}"))));
    // A page without a state of its own is sent again, and known nevertheless.
    assert_eq!(sent(&reader.run()), [("articles/1.html", false), ("articles/2.html", false)]);
    // The name of a section is part of an article.
    let renamed = json!({ "sections": [{ "id": 20, "category_id": 10, "name": "Returns" }], "meta": {} });
    desk.say(&list("sections"), [Reply::page(renamed.to_string())]);
    assert!(reader.run().iter().all(|(_, text)| text.is_some()));
}

#[test]
fn restricted_articles_come_only_where_they_are_asked_for() {
    let desk = guide();
    let mut reader = Reader::new(ApiSpec { restricted: true, user: None, ..spec(&desk) });
    let items = reader.run();
    assert_eq!(items.iter().filter(|(location, _)| location == "articles/4.html").count(), 1);
    assert!(desk.asked()[0].headers.contains(&format!("authorization: Bearer {TOKEN}")));
}

const EXPORT: &str = "GET /api/v2/incremental/tickets/cursor.json?start_time=1&per_page=500";

fn cursor(at: &str) -> String {
    format!("GET /api/v2/incremental/tickets/cursor.json?per_page=500&cursor={at}")
}

fn ticket(id: u64, status: &str, updated: &str) -> Value {
    json!({ "id": id, "status": status, "subject": format!("Printer {id}"), "description": "A private first note.",
        "requester_id": 7, "updated_at": updated, "created_at": "2024-01-01T00:00:00Z", "tags": ["print"] })
}

fn page(tickets: &[Value], cursor: &str, ended: bool) -> Reply {
    let page = json!({ "tickets": tickets, "after_cursor": cursor, "end_of_stream": ended,
        "after_url": "https://other.example/ignored" });
    Reply::page(page.to_string())
}

fn comments(desk: &Desk, id: u64) {
    let comments = json!({ "comments": [
        { "id": 1, "author_id": 7, "public": true, "html_body": "<p>It is on fire.</p>", "plain_body": "x" },
        { "id": 2, "author_id": 8, "public": false, "plain_body": "Rude customer." },
        { "id": 3, "author_id": 8, "public": true, "plain_body": "Use water." }], "meta": { "has_more": false } });
    let path = format!("GET /api/v2/tickets/{id}/comments.json?page%5Bsize%5D=100");
    desk.say(&path, [Reply::page(comments.to_string())]);
}

fn tickets() -> (Desk, ApiSpec) {
    let desk = Desk::open();
    desk.say(EXPORT, [page(&[ticket(1, "solved", "a"), ticket(2, "open", "a")], "c=1", false)]);
    let more = [ticket(3, "closed", "a"), ticket(4, "deleted", "a"), ticket(5, "solved", "a")];
    desk.say(&cursor("c%3D1"), [page(&more, "c2", true)]);
    desk.say(&cursor("c2"), [page(&[], "c2", true)]);
    for id in [1, 3, 5] {
        comments(&desk, id);
    }
    let spec = ApiSpec { articles: false, tickets: true, ..desk.spec(Kind::Zendesk) };
    (desk, spec)
}

#[test]
fn tickets_that_are_done_come_with_what_the_customer_saw() {
    let (desk, spec) = tickets();
    let mut reader = Reader::new(spec);
    let items = reader.run();
    assert_eq!(sent(&items), [("tickets/1.json", true), ("tickets/3.json", true), ("tickets/5.json", true)]);
    let record: Value = serde_json::from_str(items[0].1.as_ref().unwrap()).unwrap();
    assert_eq!(record[0]["description"], "<p>It is on fire.</p>");
    assert_eq!(record[0]["comments"], json!([{ "incoming": false, "body": "Use water." }]));
    assert!(!record.to_string().contains("private") && !record.to_string().contains("Rude"));
    desk.paths();
    // Nothing new: one request, and all of them stay.
    assert_eq!(sent(&reader.run()).len(), 3);
    assert_eq!(desk.paths(), [cursor("c2")]);
}

#[test]
fn later_runs_ask_for_what_changed() {
    let (desk, spec) = tickets();
    let mut reader = Reader::new(spec);
    reader.run();
    // One is changed, one is deleted, one is opened again, one is new.
    let changed = [
        ticket(1, "solved", "b"),
        ticket(3, "deleted", "b"),
        ticket(5, "open", "b"),
        ticket(6, "solved", "b"),
    ];
    desk.say(&cursor("c2"), [page(&changed, "c3", true)]);
    desk.say(&cursor("c3"), [page(&[], "c3", true)]);
    comments(&desk, 6);
    desk.paths();
    assert_eq!(sent(&reader.run()), [("tickets/1.json", true), ("tickets/6.json", true)]);
    assert!(desk.paths().iter().all(|path| !path.contains("tickets/3") && !path.contains("tickets/5")));
    assert_eq!(sent(&reader.run()), [("tickets/1.json", false), ("tickets/6.json", false)]);
    // What the index has lost is asked for by itself; what is gone by then is gone.
    reader.index.clear();
    let whole = json!({ "ticket": ticket(1, "solved", "b") });
    desk.say("GET /api/v2/tickets/1.json", [Reply::page(whole.to_string())]);
    assert_eq!(sent(&reader.run()), [("tickets/1.json", true)]);
    assert_eq!(sent(&reader.run()), [("tickets/1.json", false)]);
}

#[test]
fn a_position_that_is_not_known_any_more_begins_anew() {
    let (desk, spec) = tickets();
    let mut reader = Reader::new(spec);
    reader.run();
    desk.say(&cursor("c2"), [Reply::status(422)]);
    assert_eq!(sent(&reader.run()).len(), 3);
    assert!(desk.paths().contains(&EXPORT.to_owned()));
    // An export that breaks off is none.
    desk.say(&cursor("c%3D1"), [Reply::status(500)]);
    assert!(reader.fail().contains("500"));
}

#[test]
fn more_tickets_than_one_run_takes_come_in_the_next() {
    let (desk, spec) = tickets();
    let mut reader = Reader { tickets: 1, ..Reader::new(spec) };
    assert_eq!(sent(&reader.run()), [("tickets/1.json", true)]);
    assert!(reader.left[0].contains("run it again"), "{:?}", reader.left);
    assert_eq!(sent(&reader.run()), [("tickets/1.json", false), ("tickets/3.json", true)]);
    assert_eq!((sent(&reader.run()).len(), reader.left.len()), (3, 0));
    desk.paths();
    reader.run();
    assert_eq!(desk.paths(), [cursor("c2")]);
    // A server that asks for patience has given what it has given.
    reader.index.clear();
    reader.memory = Memory::default();
    reader.tickets = TICKETS;
    let path = "GET /api/v2/tickets/3/comments.json?page%5Bsize%5D=100";
    desk.say(path, [Reply::status(429).with("retry-after", "86400")]);
    assert_eq!(sent(&reader.run()), [("tickets/1.json", true)]);
    assert_eq!(reader.left.len(), 1);
    // One that gives nothing is not read.
    assert!(reader.fail().contains("too many requests"));
}
