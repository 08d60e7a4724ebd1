//! The index on a server: one machine ingests, others only read.

use loopback::Loopback;

use crate::desk::{Desk, sample, text};

const KEY: &str = "CITEDESK_QDRANT_API_KEY";

#[test]
fn one_machine_ingests_and_another_asks() {
    let server = Loopback::with_key(Some("k3y"));
    let config = format!("[index.server]\nurl = {:?}\ncollection = \"desk\"\n", server.url());
    let (back, front) = (Desk::new(), Desk::new());
    for desk in [&back, &front] {
        desk.write("citedesk.toml", &config);
    }
    let run = |desk: &Desk, key: &str, args: &[&str]| {
        crate::desk::Ran::of(desk.command(args).env(KEY, key).output().expect("citedesk starts"))
    };
    run(&front, "k3y", &["ask", "Why?"]).exits(1).says("citedesk ingest").says(&server.url());
    run(&back, "k3y", &["ingest", text(&sample())]).exits(0);
    run(&back, "k3y", &["ingest", text(&sample())]).exits(0).says("up to date");
    assert_eq!(server.aliases().keys().collect::<Vec<_>>(), ["desk"]);
    assert!(!back.index().join("CURRENT").exists());

    let question = "Within how many days can I return a router?";
    let there = run(&front, "k3y", &["--json", "ask", question]).exits(0).events("done").remove(0);
    assert!(!there["sentences"][0]["citations"][0].is_null(), "{there}");
    assert!(!front.index().exists(), "a reader keeps nothing");
    run(&front, "k3y", &["status"]).exits(0).says(&server.url());
    run(&front, "k3y", &["generations", "list"]).exits(0).says("000001-");
    run(&front, "k3y", &["doctor"]).exits(0);

    // The same knowledge base in a folder answers the same.
    let local = Desk::new();
    local.run(&["ingest", text(&sample())]).exits(0);
    let here = local.run(&["--json", "ask", question]).exits(0).events("done").remove(0);
    assert_eq!(here["sentences"], there["sentences"]);

    run(&front, "wrong", &["status"]).exits(1).says(KEY);
    front.write("citedesk.toml", "[index.server]\nurl = \"http://127.0.0.1:1\"\n");
    run(&front, "k3y", &["ask", question]).exits(5).says("http://127.0.0.1:1");
    front.write("citedesk.toml", "[index.server]\nurl = \"http://127.0.0.1:1\"\nreplicas = 0\n");
    run(&front, "k3y", &["ask", question]).exits(2).says("index.server.replicas");
    front.write("citedesk.toml", "[index.server]\nurl = \"http://127.0.0.1:1\"\nshard = 2\n");
    run(&front, "k3y", &["status"]).exits(2).says("shard");
}

#[test]
fn a_generation_moves_to_a_server_and_back() {
    let server = Loopback::start();
    let desk = Desk::new();
    desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.run(&["ingest", "kb"]).exits(0);
    desk.run(&["generations", "copy", "--to", &server.url()]).exits(0).says("current: 000001-");
    desk.run(&["generations", "copy", "--to", &server.url()]).exits(1).says("already in");

    let other = Desk::new();
    let at = |args: &[&str]| other.run(&[&["--index", &server.url()], args].concat());
    at(&["search", "lamp modes"]).exits(0).says("3 modes");
    at(&["generations", "copy", "--to", "here"]).exits(0);
    let here = |args: &[&str]| other.run(&[&["--index", "here"], args].concat());
    here(&["search", "lamp modes"]).exits(0).says("3 modes");
    here(&["generations", "copy", "000009-20260101T000000Z", "--to", "there"]).exits(2).says("000009");
}

#[test]
fn a_run_cut_off_from_its_server_publishes_nothing_and_the_next_one_goes_on() {
    let mut server = Loopback::start();
    let desk = Desk::new();
    desk.write("citedesk.toml", format!("[index.server]\nurl = {:?}\n", server.url()));
    desk.run(&["ingest", text(&sample())]).exits(0);
    desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    server.fail(12, usize::MAX, tonic::Code::Internal);
    desk.run(&["ingest", text(&sample()), "kb"]).exits(1);
    server.fail(0, 0, tonic::Code::Ok);
    server.stop();
    desk.run(&["search", "lamp modes"]).exits(5);
    server.resume();
    assert!(!desk.run(&["search", "lamp modes"]).exits(0).out.contains("3 modes"));
    desk.run(&["ingest", text(&sample()), "kb"]).exits(0);
    desk.run(&["search", "lamp modes"]).exits(0).says("3 modes");
    assert_eq!(server.collections().len(), 4, "two generations: {:?}", server.collections());
}
