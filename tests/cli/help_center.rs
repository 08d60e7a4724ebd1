//! A help center as a source: configuration, secrets, exit codes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use crate::desk::{Desk, Ran};

const SECRET: &str = "wry-otter-4711";

/// A help center with one article. Answers with `status`.
fn serve(status: Arc<AtomicU16>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // The other side may have had enough.
            let _ = answer(&stream.unwrap(), status.load(Relaxed));
        }
    });
    url
}

fn answer(mut stream: &TcpStream, status: u16) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let article = r#"{"articles":[{"id":1,"title":"Lamps","body":"<p>A lamp lasts nine years.</p>",
        "html_url":"https://help.example/hc/articles/1-Lamps","updated_at":"2024-05-01T10:00:00Z"}]}"#;
    let body = match ["categories", "sections"].iter().find(|what| first.contains(**what)) {
        Some(what) => format!(r#"{{"{what}":[]}}"#),
        None => article.to_owned(),
    };
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn configure(desk: &Desk, url: &str, more: &str) {
    let source = format!(
        "[[ingest.sources]]\nname = \"help\"\n[ingest.sources.api]\nkind = \"zendesk\"\nurl = \"{url}\"\n\
         token_env = \"HELP_TOKEN\"\n{more}"
    );
    desk.write("citedesk.toml", source);
}

/// Ingests, and checks that nothing tells the secret.
fn ingest(desk: &Desk, code: i32) -> Ran {
    let output = desk.command(&["--json", "ingest"]).env("HELP_TOKEN", SECRET).output().unwrap();
    let (out, err) =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).into();
    let ran = Ran { code: output.status.code(), out, err }.exits(code);
    assert!(!ran.out.contains(SECRET) && !ran.err.contains(SECRET), "out: {}\nerr: {}", ran.out, ran.err);
    ran
}

#[test]
fn a_help_center_is_read_cited_and_never_lost() {
    let status = Arc::new(AtomicU16::new(200));
    let url = serve(Arc::clone(&status));
    let desk = Desk::new();
    configure(&desk, &url, "");
    ingest(&desk, 0);
    let asked = desk.run(&["ask", "How long does a lamp last?"]).exits(0);
    asked.says("nine years").says("https://help.example/hc/articles/1-Lamps");
    // Refused, it is the only source; then there is another one.
    status.store(401, Relaxed);
    ingest(&desk, 5).says("token").says(&url);
    desk.write("kb/bulbs.md", "# Bulbs\n\nA bulb lasts two years.\n");
    configure(&desk, &url, "[[ingest.sources]]\nname = \"kb\"\npath = \"kb\"\n");
    ingest(&desk, 3).says("401");
    desk.run(&["ask", "How long does a lamp last?"]).exits(0).says("nine years");
    desk.run(&["ask", "How long does a bulb last?"]).exits(0).says("two years");
}

#[test]
fn what_configuration_gets_wrong_is_told_before_anything_is_asked() {
    let desk = Desk::bare();
    configure(&desk, "https://help.example", "");
    desk.run(&["ingest"]).exits(2).says("\"HELP_TOKEN\"");
    desk.run(&["doctor"]).says("\"HELP_TOKEN\"");
    desk.run(&["schedule", "print"]).exits(0).says("HELP_TOKEN=…").says("EnvironmentFile=");
    configure(&desk, "http://help.example", "");
    ingest(&desk, 2).says("HTTPS");
    configure(&desk, "https://help.example", "token = \"x\"\n");
    ingest(&desk, 2).says("token");
    for (more, told) in [("path = \"kb\"\n", "both"), ("", "neither")] {
        let api =
            "api = { kind = \"intercom\", url = \"https://api.intercom.io\", token_env = \"HELP_TOKEN\" }\n";
        let api = if more.is_empty() { "" } else { api };
        desk.write("citedesk.toml", format!("[[ingest.sources]]\nname = \"help\"\n{more}{api}"));
        ingest(&desk, 2).says(told);
    }
}
