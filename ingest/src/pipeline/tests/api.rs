//! Whole runs over a help center on this machine.

use serde_json::{Value, json};

use super::super::{inspect, prepare};
use super::*;
use crate::source::Kind;
use crate::source::api::desk::{Desk, Reply, TOKEN};

const ARTICLES: &str = "GET /api/v2/help_center/articles.json?page%5Bsize%5D=100";
const EXPORT: &str = "GET /api/v2/incremental/tickets/cursor.json?start_time=1&per_page=500";
const REST: &str = "GET /api/v2/incremental/tickets/cursor.json?per_page=500&cursor=c";

fn article(id: u64, text: &str) -> Value {
    json!({ "id": id, "title": format!("Title {id}"), "body": format!("<p>{text}</p>"), "updated_at": text,
        "html_url": format!("https://help.example/hc/en-us/articles/{id}-Title?x=1") })
}

/// Shows these articles, in a state of this name.
fn show(desk: &Desk, state: &str, articles: &[Value]) {
    let page = json!({ "articles": articles, "meta": { "has_more": false } });
    desk.say(ARTICLES, [Reply::page(page.to_string()).with("etag", state)]);
}

fn desk() -> Desk {
    let desk = Desk::open();
    for what in ["categories", "sections"] {
        let path = format!("GET /api/v2/help_center/{what}.json?page%5Bsize%5D=100");
        desk.say(&path, [Reply::page(format!(r#"{{"{what}":[]}}"#))]);
    }
    show(&desk, "one", &[article(1, "First text."), article(2, "Second text.")]);
    desk
}

fn plan(house: &House, desk: &Desk, folders: &[&str], tickets: bool) -> Plan {
    let mut plan = house.plan(folders);
    let mut api = desk.spec(Kind::Zendesk);
    api.tickets = tickets;
    plan.sources.push(SourceSpec { name: Some("help".into()), api: Some(api), ..SourceSpec::default() });
    plan
}

#[test]
fn articles_are_indexed_stay_change_and_leave() {
    let (house, desk) = (House::new(&[]), desk());
    let plan = plan(&house, &desk, &[], false);
    let first = house.run(&plan).expect("a run");
    let both = ["help/articles/1.html", "help/articles/2.html"];
    assert_eq!(outcomes(&first), both.map(|id| (id, Outcome::Indexed)));
    let second = house.run(&plan).expect("a run");
    assert!(!second.published);
    assert_eq!(outcomes(&second), both.map(|id| (id, Outcome::Unchanged)));
    show(&desk, "two", &[article(2, "Second text, changed.")]);
    let third = house.run(&plan).expect("a run");
    assert_eq!(outcomes(&third), [(both[0], Outcome::Removed), (both[1], Outcome::Indexed)]);
    assert_eq!(house.ids(), [both[1]]);
    let builder = house.store.begin(&house.embedder).expect("the lock");
    let documents = builder.parent_documents().expect("documents");
    drop(builder);
    assert_eq!(documents[0].location, "https://help.example/hc/en-us/articles/2-Title");
    // Another screening needs everything again, though the help center has not changed.
    let strict = Plan { screening: "stricter".into(), ..plan };
    assert_eq!(house.run(&strict).expect("a run").counts.indexed, 1);
    assert_eq!(house.run(&strict).expect("a run").counts.unchanged, 1);
}

#[test]
fn what_is_held_back_is_in_every_report_and_never_on_disk() {
    let (house, desk) = (House::new(&[]), desk());
    show(&desk, "one", &[article(1, "First text."), article(2, "With RESIDUAL in it.")]);
    let plan = plan(&house, &desk, &[], false);
    for _ in 0..3 {
        let report = house.run(&plan).expect("a run");
        assert_eq!((report.counts.quarantined, report.counts.documents), (1, 1));
    }
    let mut folders = vec![house.path("index")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let bytes = std::fs::read(&entry).expect("a file");
            for word in ["RESIDUAL", TOKEN] {
                assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{entry:?}");
            }
        }
    }
}

#[test]
fn a_help_center_that_cannot_be_read_loses_nothing() {
    let house = House::new(&[("docs/a.md", "One.")]);
    let desk = desk();
    let both = plan(&house, &desk, &["docs"], false);
    house.run(&both).expect("a run");
    let before = house.ids();
    for reply in [Reply::status(401), Reply::status(404), Reply::page("{"), Reply::page(r#"{"articles":{}}"#)]
    {
        desk.say(ARTICLES, [reply]);
        house.write("docs/a.md", &format!("One, {:?}.", house.ids().len() + desk.paths().len()));
        let report = house.run(&both).expect("a run");
        assert!(report.is_partial(), "{report:?}");
        let line = report.items.iter().find(|item| item.id == "help").expect("a line");
        let reason = line.reason.clone().unwrap_or_default();
        assert!(
            line.outcome == Outcome::Failed && reason.ends_with("stays") && reason.contains(&desk.url),
            "{reason}"
        );
        assert!(!format!("{report:?}").contains(TOKEN));
        assert_eq!((house.ids(), line.documents), (before.clone(), 2));
        let error = house.run(&plan(&house, &desk, &[], false)).expect_err("nothing can be read");
        assert!(matches!(error, Error::Unreachable { .. }), "{error}");
        assert_eq!(house.ids(), before);
    }
    // What was remembered is still good.
    show(&desk, "one", &[]);
    assert_eq!(house.run(&both).expect("a run").counts.unchanged, 3);
}

#[test]
fn a_damaged_memory_asks_again() {
    let (house, desk) = (House::new(&[]), desk());
    let plan = plan(&house, &desk, &[], false);
    house.run(&plan).expect("a run");
    let memories = || {
        let names = std::fs::read_dir(house.path("index")).expect("a folder");
        let paths = names.map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("api-")))
    };
    for path in memories() {
        std::fs::write(path, "{\"asked\":").expect("written");
    }
    assert_eq!(memories().count(), 1);
    assert_eq!(house.run(&plan).expect("a run").counts.unchanged, 2);
}

#[test]
fn tickets_come_as_they_change_and_leave_when_they_are_deleted() {
    let (house, desk) = (House::new(&[]), desk());
    let plan = plan(&house, &desk, &[], true);
    let export = |status: [&str; 2]| {
        let ticket = |id: usize| {
            json!({ "id": id, "status": status[id - 1], "subject": format!("Printer {id}"), "requester_id": 7,
                "updated_at": status[id - 1] })
        };
        let page = json!({ "tickets": [ticket(1), ticket(2)], "after_cursor": "c", "end_of_stream": true });
        Reply::page(page.to_string())
    };
    for id in [1, 2] {
        let comments = json!({ "comments": [
            { "author_id": 7, "public": true, "plain_body": format!("Number {id} smokes.") },
            { "author_id": 8, "public": true, "plain_body": "Pull the plug." }] });
        let path = format!("GET /api/v2/tickets/{id}/comments.json?page%5Bsize%5D=100");
        desk.say(&path, [Reply::page(comments.to_string())]);
    }
    desk.say(EXPORT, [export(["solved", "closed"])]);
    let quiet = json!({ "tickets": [], "after_cursor": "c", "end_of_stream": true }).to_string();
    desk.say(REST, [Reply::page(quiet)]);
    assert_eq!(house.run(&plan).expect("a run").counts.indexed, 4);
    assert!(house.ids().contains(&"help/tickets/1.json#1".to_owned()), "{:?}", house.ids());
    assert!(!house.run(&plan).expect("a run").published);
    desk.say(REST, [export(["deleted", "closed"])]);
    let report = house.run(&plan).expect("a run");
    assert_eq!((report.counts.removed, report.counts.unchanged, report.counts.documents), (1, 3, 3));
}

#[test]
fn what_was_built_and_not_let_through_is_asked_for_again() {
    let (house, desk) = (House::new(&[]), desk());
    let plan = plan(&house, &desk, &[], false);
    house.run(&plan).expect("a run");
    show(&desk, "two", &[article(1, "First text."), article(3, "Third text.")]);
    for _ in 0..2 {
        let prepared = prepare(&plan, &house.store, &house.screener, &house.embedder, &mut |_| {});
        let report = prepared.expect("a generation").hold(vec!["no".into()]);
        assert_eq!((report.counts.indexed, report.counts.unchanged, report.counts.removed), (1, 1, 1));
    }
    assert_eq!(house.run(&plan).expect("a run").counts.indexed, 1);
    assert_eq!(house.ids(), ["help/articles/1.html", "help/articles/3.html"]);
    assert_eq!(house.run(&plan).expect("a run").counts.unchanged, 2);
}

#[test]
fn one_item_can_be_looked_at_without_the_others() {
    let (house, desk) = (House::new(&[]), desk());
    let plan = plan(&house, &desk, &[], false);
    let found = inspect(&plan, |id| id == "help/articles/2.html").expect("a list").expect("an item");
    let text = format!("{:?}", found.expect("documents"));
    assert!(text.contains("Second text"), "{text}");
    assert!(inspect(&plan, |id| id == "help/articles/9.html").expect("a list").is_none());
    desk.say(ARTICLES, [Reply::status(403)]);
    assert!(matches!(inspect(&plan, |_| true), Err(Error::Unreachable { .. })));
}

#[test]
fn documents_of_a_help_center_that_cannot_be_read_are_scanned_under_the_policy_of_the_day() {
    let mut house = House::new(&[("docs/a.md", "One.")]);
    let desk = desk();
    let mut plan = plan(&house, &desk, &["docs"], false);
    house.run(&plan).expect("a run");
    let policy = Policy { canaries: vec!["Second".into()], ..Policy::default() };
    house.screener = Screener::new(policy).expect("a policy");
    plan.screening = "stricter".into();
    desk.say(ARTICLES, [Reply::status(401)]);
    let report = house.run(&plan).expect("a run");
    assert_eq!((report.counts.quarantined, report.counts.failed), (1, 1), "{report:?}");
    assert_eq!(house.ids(), ["docs/a.md", "help/articles/1.html"]);
}

#[test]
fn what_is_held_back_leaves_though_more_is_to_come() {
    let (house, desk) = (House::new(&[]), desk());
    let plan = plan(&house, &desk, &[], true);
    let ticket = |id: u64, updated: &str| json!({ "id": id, "status": "solved", "subject": "Printer", "requester_id": 7, "updated_at": updated });
    let export = |updated: &str, ids: &[u64]| {
        let tickets: Vec<_> = ids.iter().map(|id| ticket(*id, updated)).collect();
        Reply::page(json!({ "tickets": tickets, "after_cursor": "c", "end_of_stream": true }).to_string())
    };
    let comments = |id: u64, text: &str| {
        let comments = json!({ "comments": [{ "author_id": 7, "public": true, "plain_body": text }] });
        let path = format!("GET /api/v2/tickets/{id}/comments.json?page%5Bsize%5D=100");
        desk.say(&path, [Reply::page(comments.to_string())]);
    };
    for id in [1, 2, 3] {
        comments(id, &format!("Number {id} smokes."));
    }
    desk.say(EXPORT, [export("a", &[1, 2, 3])]);
    desk.say(REST, [export("b", &[1, 2, 3])]);
    assert_eq!(house.run(&plan).expect("a run").counts.documents, 5);
    // The first two are read, the third one is too much.
    comments(1, "Number 1 has RESIDUAL in it.");
    comments(2, "Number 2 smokes no more.");
    let path = "GET /api/v2/tickets/3/comments.json?page%5Bsize%5D=100";
    desk.say(path, [Reply::status(429).with("retry-after", "86400")]);
    let report = house.run(&plan).expect("a run");
    let counts = &report.counts;
    assert_eq!(
        (counts.quarantined, counts.indexed, counts.failed, counts.documents),
        (1, 1, 1, 4),
        "{report:?}"
    );
    let ids = house.ids();
    assert!(!ids.contains(&"help/tickets/1.json#1".to_owned()) && ids.len() == 4, "{ids:?}");
}
