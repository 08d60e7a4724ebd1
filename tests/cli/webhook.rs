//! Handing questions over to an address: what it is sent, and what happens where it is gone.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::thread::JoinHandle;

use serde_json::Value;

use crate::desk::{Desk, Ran};

const SECRET: &str = "wry-otter-4711";

/// The head of a request, read to its end.
fn head(reader: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        reader.read_line(&mut head).expect("a line");
    }
    head
}

/// Takes one note; gives its head and body.
fn receive() -> (String, JoinHandle<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/hand-over/T0K3N", listener.local_addr().expect("an address"));
    let note = std::thread::spawn(move || {
        let mut stream = listener.accept().expect("a connection").0;
        let mut reader = BufReader::new(stream.try_clone().expect("a connection"));
        let head = head(&mut reader);
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        reader.read_exact(&mut body).expect("a body");
        write!(stream, "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .expect("answered");
        (head, serde_json::from_slice(&body).expect("JSON"))
    });
    (url, note)
}

fn stocked(url: &str) -> Desk {
    let desk = Desk::new();
    desk.write(
        "kb/lamps.md",
        "# Lamps\n\n## Life\n\nA lamp lasts nine years. Lamps are glad to be switched off at night.\n",
    );
    desk.run(&["ingest", "kb"]).exits(0);
    desk.write(
        "citedesk.toml",
        format!("[escalation]\nwebhook = \"{url}\"\nwebhook_token_env = \"DESK_TOKEN\"\n"),
    );
    desk
}

fn plain(desk: &Desk, lines: &str) -> Ran {
    proxied(desk, lines, "")
}

fn proxied(desk: &Desk, lines: &str, proxy: &str) -> Ran {
    let file = desk.write("lines", lines);
    let mut command = desk.command(&["--plain"]);
    command
        .env("HTTPS_PROXY", proxy)
        .env("DESK_TOKEN", SECRET)
        .stdin(std::fs::File::open(file).expect("the lines"));
    let ran = Ran::of(command.output().expect("citedesk starts")).exits(0);
    assert!(!ran.out.contains(SECRET) && !ran.out.contains("T0K3N"), "{}", ran.out);
    ran
}

/// The notes that were written into the folder.
fn notes(desk: &Desk) -> Vec<String> {
    let files = std::fs::read_dir(desk.records().with_file_name("handover")).into_iter().flatten();
    files.map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("a note")).collect()
}

#[test]
fn what_is_posted_holds_no_identifier() {
    let (url, note) = receive();
    let desk = stocked(&url);
    plain(
        &desk,
        "How long does a lamp last?\nCan ann@example.com have it mended?\n/escalate call Bob Miller at +1 415 555 0132\n/quit\n",
    )
    .says("handed over to 127.0.0.1");
    let (head, note) = note.join().expect("a note came");
    assert!(head.contains(&format!("authorization: Bearer {SECRET}\r\n")), "{head}");
    let text = note.to_string();
    for identifier in ["ann@", "415 555", "555 0132"] {
        assert!(!text.contains(identifier), "{text}");
    }
    assert!(note["question"].as_str().is_some_and(|question| question.contains("[EMAIL_1]")), "{text}");
    assert!(note["remark"].as_str().is_some_and(|remark| remark.contains("[PHONE_1]")), "{text}");
    assert!(
        note["tried"][0]["answer"].as_str().is_some_and(|answer| answer.contains("nine years")),
        "{text}"
    );
    assert!(note["text"].as_str().is_some_and(|text| text.starts_with("# Hand-over\n")), "{text}");
    let nearest = &note["passages"][0];
    assert_eq!((&nearest["document"], &nearest["link"]), (&"Lamps".into(), &"lamps.md".into()), "{text}");
    let key = head.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
    assert_eq!((note["v"].as_i64(), note["id"].as_str()), (Some(1), key));
    assert!(notes(&desk).is_empty(), "it was handed over once");
}

#[test]
fn a_note_that_is_not_taken_is_not_lost() {
    // A port that was just given back.
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let desk = stocked(&format!("http://{gone}/hand-over/T0K3N"));
    plain(&desk, "How long does a lamp last?\n/escalate please call\n/quit\n")
        .says(&format!("Problem: {gone} did not take the note"))
        .says("the note is in ")
        .says("Try: check the network and `escalation.webhook`");
    let notes = notes(&desk);
    let [note] = notes.as_slice() else { panic!("{notes:?}") };
    assert!(note.contains("please call") && note.contains("nine years"), "{note}");
}

#[test]
fn a_proxy_is_asked_for_the_way_and_gets_no_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let proxy = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = std::thread::spawn(move || {
        let mut stream = listener.accept().expect("a connection").0;
        let head = head(&mut BufReader::new(stream.try_clone().expect("a connection")));
        write!(stream, "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").expect("answered");
        head
    });
    let desk = stocked("https://desk.example.com/hand-over/T0K3N");
    proxied(&desk, "How long does a lamp last?\n/escalate please call\n/quit\n", &proxy)
        .says("Problem: desk.example.com did not take the note: the proxy does not reach it")
        .says("Try: check HTTPS_PROXY, or name the host in NO_PROXY");
    let asked = asked.join().expect("asked once");
    assert!(asked.starts_with("CONNECT desk.example.com:443 ") && !asked.contains(SECRET), "{asked}");
    assert_eq!(notes(&desk).len(), 1, "the note is kept");
}

#[test]
fn a_program_that_is_killed_while_it_posts_loses_no_note() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let desk = stocked(&format!("http://{}/hand-over", listener.local_addr().expect("an address")));
    let lines = desk.write("lines", "How long does a lamp last?\n/escalate please call\n/quit\n");
    let mut command = desk.command(&["--plain"]);
    command.env("DESK_TOKEN", SECRET).stdin(std::fs::File::open(lines).expect("the lines"));
    let mut program = command.stdout(Stdio::null()).spawn().expect("citedesk starts");
    // It is posting by now, and gets no answer.
    let _held = listener.accept().expect("a connection");
    program.kill().expect("it is killed");
    program.wait().expect("it ends");
    let notes = notes(&desk);
    assert!(notes.len() == 1 && notes[0].contains("please call"), "{notes:?}");
}

#[test]
fn a_webhook_that_cannot_be_used_is_told_at_the_start() {
    let desk = Desk::bare();
    desk.write("citedesk.toml", "[escalation]\nwebhook = \"http://desk.example/T0K3N\"\n");
    desk.run(&["--plain"]).exits(2).says("`escalation.webhook` is not reached over HTTPS");
    desk.write(
        "citedesk.toml",
        "[escalation]\nwebhook = \"https://desk.example/T0K3N\"\nwebhook_token_env = \"DESK_TOKEN\"\n",
    );
    desk.run(&["--plain"]).exits(2).says("\"DESK_TOKEN\"");
    let shown = desk.run(&["config", "show"]).exits(0);
    assert!(shown.out.contains("https://desk.example/…") && !shown.out.contains("T0K3N"), "{}", shown.out);
}
