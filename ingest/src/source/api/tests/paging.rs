//! Pages: patience, limits, and what is not followed.

use super::*;

const FIRST: &str = "GET /api/v2/help_center/articles.json?page%5Bsize%5D=100";

/// A desk with one article, whose list begins with `replies`.
fn desk(replies: impl IntoIterator<Item = Reply>) -> Desk {
    let desk = Desk::open();
    for what in ["categories", "sections"] {
        let path = format!("GET /api/v2/help_center/{what}.json?page%5Bsize%5D=100");
        desk.say(&path, [Reply::page(format!(r#"{{"{what}":[]}}"#))]);
    }
    desk.say(FIRST, replies);
    desk
}

fn one() -> Reply {
    Reply::page(r#"{"articles":[{"id":1,"title":"A","body":"<p>B</p>","updated_at":"t"}],"next_page":null}"#)
}

#[test]
fn a_busy_or_broken_server_is_asked_again() {
    let cut = Reply { cut: Some(20), ..one() };
    let desk = desk([
        Reply::status(429).with("retry-after", "0"),
        Reply::status(429).with("retry-after", "7"),
        Reply::status(503),
        cut,
        one(),
    ]);
    let mut reader = Reader::new(desk.spec(Kind::Zendesk));
    assert_eq!(sent(&reader.run()), [("articles/1.html", true)]);
    assert_eq!(*reader.pauses.borrow(), [7, 4, 8]);
}

#[test]
fn patience_ends() {
    let reader = |reply: Reply| {
        let desk = desk([reply]);
        let reader = Reader::new(desk.spec(Kind::Zendesk));
        (reader.fail(), reader.pauses.into_inner())
    };
    let (error, pauses) = reader(Reply::status(500));
    assert!(error.contains("status 500") && pauses == [1, 2, 4, 8, 16], "{error} {pauses:?}");
    let (error, pauses) = reader(Reply::status(429).with("retry-after", "86400"));
    assert!(error.contains("too many requests") && pauses.is_empty(), "{error} {pauses:?}");
    let date = Reply::status(429).with("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT");
    assert_eq!(reader(date).1, [0; 0]);
    let (error, _) = reader(Reply { cut: Some(20), ..one() });
    assert!(error.contains("broke"), "{error}");
}

#[test]
fn a_refusal_is_final_and_explained() {
    for (status, told) in [(401, "token"), (403, "may not read"), (404, "locale")] {
        let desk = desk([Reply::status(status)]);
        let reader = Reader::new(desk.spec(Kind::Zendesk));
        let error = reader.fail();
        let path = format!("{}/api/v2/help_center/articles.json", desk.url);
        assert!(error.contains(told) && error.contains(&status.to_string()), "{error}");
        assert!(error.contains(&path) && reader.pauses.borrow().is_empty(), "{error}");
    }
    let desk = desk([one()]);
    let nobody = ApiSpec { url: "http://127.0.0.1:1".into(), ..desk.spec(Kind::Zendesk) };
    assert!(Reader::new(nobody).fail().contains("check the network"));
}

#[test]
fn another_site_is_not_followed() {
    let stranger = Desk::open();
    let page = |next: &str| Reply::page(format!(r#"{{"articles":[],"next_page":"{next}/x?token=1"}}"#));
    let moved = |to: &str| Reply::status(302).with("location", to);
    for reply in
        [page(&stranger.url), moved(&stranger.url), page("https://evil.example"), moved("//evil.example/x")]
    {
        let desk = desk([reply]);
        let error = Reader::new(desk.spec(Kind::Zendesk)).fail();
        assert!(error.contains("another site"), "{error}");
    }
    assert!(stranger.paths().is_empty());
}

#[test]
fn a_move_within_the_site_is_followed() {
    let desk = desk([Reply::status(301).with("location", "/moved?a=b")]);
    desk.say("GET /moved?a=b", [Reply::status(302).with("location", "URL/here")]);
    desk.say("GET /here", [one()]);
    assert_eq!(Reader::new(desk.spec(Kind::Zendesk)).run().len(), 1);
    desk.say("GET /here", [Reply::status(302).with("location", "/here")]);
    assert!(Reader::new(desk.spec(Kind::Zendesk)).fail().contains("again and again"));
}

#[test]
fn nonsense_is_refused() {
    for body in [
        "{\"articles\":",
        "<html>Sign in</html>",
        "[]",
        r#"{"articles":[{"id":"../../etc","updated_at":"t"}]}"#,
        r#"{"articles":[{"title":"no id"}]}"#,
    ] {
        let error = Reader::new(desk([Reply::page(body)]).spec(Kind::Zendesk)).fail();
        assert!(error.contains("cannot be understood"), "{body}: {error}");
    }
    let circle = r#"{"articles":[],"next_page":"URL/api/v2/help_center/articles.json?page%5Bsize%5D=100"}"#;
    assert!(Reader::new(desk([Reply::page(circle)]).spec(Kind::Zendesk)).fail().contains("circle"));
}

#[test]
fn what_is_held_is_bounded() {
    let desk = desk([one()]);
    let reader = Reader { room: 100, ..Reader::new(desk.spec(Kind::Zendesk)) };
    assert!(reader.fail().contains("MiB"));
}

#[test]
fn a_run_that_is_to_stop_stops() {
    let desk = desk([Reply::status(500)]);
    for calls in [0, 1, 4] {
        let reader = Reader::new(desk.spec(Kind::Zendesk));
        reader.stop_after.set(Some(calls));
        assert!(reader.look().unwrap_err().is_stop());
    }
}

#[test]
fn a_page_that_is_as_it_was_is_not_sent_again() {
    let desk = desk([one().with("etag", "\"v1\"")]);
    let mut reader = Reader::new(desk.spec(Kind::Zendesk));
    assert_eq!(sent(&reader.run()), [("articles/1.html", true)]);
    assert_eq!(sent(&reader.run()), [("articles/1.html", false)]);
    assert_eq!(sent(&reader.run()), [("articles/1.html", false)]);
    let conditional = |desk: &Desk| {
        let asked = desk.asked();
        let last = asked.iter().rfind(|asked| asked.what == FIRST).unwrap();
        last.headers.contains(&"if-none-match: \"v1\"".to_owned())
    };
    assert!(conditional(&desk));
    // What the index has lost is asked for.
    reader.index.clear();
    assert_eq!(sent(&reader.run()), [("articles/1.html", true)]);
    assert!(!conditional(&desk));
    // Another question has another answer.
    reader.spec.restricted = true;
    reader.look().unwrap();
    assert!(!conditional(&desk));
    // A damaged memory is none.
    reader.spec.restricted = false;
    reader.memory = Memory::default();
    assert_eq!(sent(&reader.run()), [("articles/1.html", false)]);
    assert!(!conditional(&desk));
}
