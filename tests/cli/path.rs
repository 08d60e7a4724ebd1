//! The straight path: ingest, search, ask, again.

use serde_json::Value;

use crate::desk::{Desk, text};

const GUIDE: &str = "# Kestrel router\n\nThe Kestrel router is a small router for homes.\n\n## Reset\n\n\
    To reset the Kestrel router, hold the button on its back for 12 seconds until the light blinks amber. \
    All settings are lost.\n\n## Warranty\n\nThe warranty of the Kestrel router lasts 36 months from the day of purchase.\n";
const NOTE: &str = "Support note\n\nThe Kestrel app needs Android 11 or iOS 16. Older phones can use the web page instead.\n\n\
    Written by Oksana Kovalenko, oksana.kovalenko@example.com, +1 415 555 2671.\n";

fn stocked() -> Desk {
    let desk = Desk::new();
    desk.write("kb/router.md", GUIDE);
    desk.write("kb/note.txt", NOTE);
    desk.run(&["ingest", "kb"]).exits(0);
    desk
}

#[test]
fn an_answer_cites_bytes_that_say_so() {
    let desk = stocked();
    let ran = desk.run(&["--json", "ask", "How long does the warranty of the Kestrel router last?"]).exits(0);
    let done = ran.events("done").pop().unwrap();
    let sentences = done["sentences"].as_array().unwrap();
    assert!(!sentences.is_empty());
    assert!(sentences.iter().any(|s| s["text"].as_str().unwrap().contains("36 months")), "{done}");
    for sentence in sentences {
        assert_eq!(sentence["verdict"]["supported"], Value::Bool(true));
        let citations = sentence["citations"].as_array().unwrap();
        assert!(!citations.is_empty());
        for citation in citations {
            let number = usize::try_from(citation["number"].as_u64().unwrap()).unwrap();
            let passage = &done["passages"][number - 1]["chunk"];
            assert_eq!(passage["document"], citation["document"]);
            let start = usize::try_from(citation["span"]["start"].as_u64().unwrap()).unwrap();
            let end = usize::try_from(citation["span"]["end"].as_u64().unwrap()).unwrap();
            let offset = usize::try_from(passage["span"]["start"].as_u64().unwrap()).unwrap();
            let cited = &passage["text"].as_str().unwrap()[start - offset..end - offset];
            if sentence["verdict"]["quoted"] == Value::Bool(true) {
                assert_eq!(cited, sentence["text"].as_str().unwrap());
            }
        }
    }
    assert!(ran.events("passages").len() == 1 && !ran.events("sentence").is_empty());
}

#[test]
fn what_the_documents_do_not_say_is_refused() {
    let desk = stocked();
    let ran = desk.run(&["--json", "ask", "Which color is the Mongolian ambassador's car?"]).exits(4);
    let done = ran.events("done").pop().unwrap();
    assert_eq!(done["sentences"], Value::Array(Vec::new()));
    desk.run(&["ask", "Which color is the Mongolian ambassador's car?"]).exits(4).says("No grounded answer");
}

#[test]
fn a_second_run_changes_nothing_and_a_changed_folder_is_followed() {
    let desk = stocked();
    let before = desk.run(&["--json", "status"]).exits(0).events("status")[0]["generation"]["id"].clone();
    desk.run(&["ingest", "kb"]).exits(0);
    let after = desk.run(&["--json", "status"]).exits(0).events("status")[0]["generation"]["id"].clone();
    assert_eq!(before, after, "nothing changed, so no generation is published");

    std::fs::remove_file(desk.home.path().join("kb/router.md")).unwrap();
    desk.write("kb/new.md", "# Osprey camera\n\nThe Osprey camera records 14 days of video.\n");
    desk.run(&["ingest", "kb"]).exits(0);
    let ran = desk.run(&["--json", "search", "Kestrel router warranty months"]).exits(0);
    assert!(!ran.out.contains("36 months"), "a removed document is still found");
    let ran = desk.run(&["--json", "search", "How many days does the Osprey camera record?"]).exits(0);
    assert!(ran.out.contains("14 days of video"));

    desk.run(&["generations", "rollback"]).exits(0);
    assert!(
        desk.run(&["--json", "search", "Kestrel router warranty months"]).exits(0).out.contains("36 months")
    );
    let listed = desk.run(&["--json", "generations", "list"]).exits(0).events("generation");
    assert!(listed.len() >= 2 && listed.iter().filter(|g| g["current"] == Value::Bool(true)).count() == 1);
}

#[test]
fn identifiers_are_masked_in_the_index_the_answer_and_the_record() {
    let desk = stocked();
    let question = "Which Android does the Kestrel app need? I am jane.doe@example.org";
    let ran = desk.run(&["--json", "ask", question]);
    assert!(!ran.out.contains("jane.doe"));
    let record = std::fs::read_to_string(desk.records()).unwrap();
    assert!(!record.contains("jane.doe"));
    let found = desk.run(&["--json", "search", "Who wrote the support note?", "--limit", "20"]).exits(0).out;
    for secret in ["Kovalenko", "oksana.kovalenko@example.com", "415 555 2671"] {
        assert!(!found.contains(secret) && !ran.out.contains(secret), "{secret} surfaced");
    }
    let why = desk.run(&["why", "last"]).exits(0);
    assert!(why.out.contains("Passages:"));
}

#[test]
fn filters_hold_in_the_search() {
    let desk = Desk::new();
    desk.write(
        "kb/a.md",
        "---\nproduct: Kestrel\n---\n# Reset\n\nHold the button for 12 seconds to reset the device.\n",
    );
    desk.write(
        "kb/b.md",
        "---\nproduct: Osprey\n---\n# Reset\n\nPull the plug for 40 seconds to reset the device.\n",
    );
    desk.run(&["ingest", "kb"]).exits(0);
    let ran = desk.run(&["--json", "search", "reset the device", "--filter", "product:Osprey"]).exits(0);
    let passages = ran.events("passages")[0]["passages"].as_array().unwrap().clone();
    assert_eq!(passages.len(), 1);
    assert!(passages[0]["chunk"]["text"].as_str().unwrap().contains("40 seconds"));
}

#[test]
fn anonymize_masks_text_and_json_lines() {
    let desk = Desk::bare();
    let ran = desk
        .feed(&["anonymize"], b"Mail max.mustermann@example.de or pay with 4111 1111 1111 1111.")
        .exits(0);
    assert!(!ran.out.contains("mustermann") && !ran.out.contains("4111"), "{}", ran.out);
    let ran = desk
        .feed(
            &["anonymize", "--jsonl"],
            b"{\"id\":1,\"text\":\"a@example.com\"}\n{\"id\":2,\"text\":\"none\"}\n",
        )
        .exits(0);
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines[0]["id"].clone(), lines[1]["text"].clone()), (1.into(), "none".into()));
    assert!(!ran.out.contains("a@example.com"));
    let ran = desk.feed(&["anonymize", "--spans"], b"a@example.com").exits(0);
    assert_eq!(ran.events("finding")[0]["kind"], "email");
    desk.feed(&["anonymize", "--jsonl"], b"not json\n").exits(1).says("line 1");
}

#[test]
fn a_question_may_come_from_standard_input_in_any_bytes() {
    let desk = stocked();
    desk.feed(&["ask"], "How long is the Kestrel router's warranty?\u{0}".as_bytes())
        .exits(0)
        .says("36 months");
    let mut bad = b"How long is the Kestrel router's warranty? ".to_vec();
    bad.extend([0xff, 0xfe, 0x80]);
    desk.feed(&["ask"], &bad).exits(0).says("36 months");
    desk.feed(&["ask"], b"  \n").exits(2).says("empty");
    desk.feed(&["ask"], &vec![b'a'; 70_000]).exits(2).says("64 KiB");
}

#[test]
fn help_manual_and_completions_need_nothing() {
    let desk = Desk::bare();
    desk.write("citedesk.toml", "this is not toml");
    desk.run(&["--help"]).exits(0).says("Exit codes");
    desk.run(&["man"]).exits(0).says(".TH citedesk");
    desk.run(&["completions", "bash"]).exits(0).says("_citedesk");
}

#[test]
fn configuration_is_shown_with_its_origin() {
    let desk = Desk::bare();
    desk.write("citedesk.toml", "[answer]\nmode = \"quote\"\n[index]\npath = \"here\"\n");
    let ran = desk.run(&["config", "show", "--origin"]).exits(0);
    let line = |key: &str| ran.out.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(line("answer.mode").contains("quote") && line("answer.mode").contains("citedesk.toml"));
    assert!(line("index.path").contains(text(&desk.home.path().join("here"))));
    assert!(line("models.device").contains("default"));
}

#[test]
fn the_configuration_in_the_readme_is_valid() {
    let readme = include_str!("../../README.md");
    let examples = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let told = |example: &str| {
        let desk = Desk::bare();
        desk.write("citedesk.toml", example);
        let ran = desk.run(&["config", "show", "--origin"]).exits(0);
        ran.out.lines().filter(|line| line.contains("citedesk.toml")).count()
    };
    let told: Vec<usize> = examples.map(told).collect();
    assert!(told.iter().all(|keys| *keys > 0) && told.iter().any(|keys| *keys >= 5), "{told:?}");
}

#[test]
fn a_follow_up_is_measured_with_and_without_its_conversation() {
    let desk = Desk::new();
    let documents = [
        ("d1", "The warranty of the Osprey camera lasts 36 months."),
        ("d2", "Bread is baked for an hour in the oven."),
        ("d3", "The hub is reset by the button on its back."),
    ];
    let line = |(id, text): &(&str, &str)| format!("{{\"_id\":\"{id}\",\"text\":\"{text}\"}}\n");
    desk.write("set/corpus.jsonl", documents.iter().map(line).collect::<String>());
    let history =
        "[{\"question\":\"How long is the warranty of the Osprey camera?\",\"answer\":\"36 months.\"}]";
    desk.write(
        "set/queries.jsonl",
        format!("{{\"_id\":\"q\",\"text\":\"And where does it say so?\",\"metadata\":{{\"history\":{history}}}}}\n"),
    );
    desk.write("set/qrels/test.tsv", "q\td1\t1\n");
    let rows = desk.run(&["--json", "eval", "retrieval", "--beir", "set"]).exits(0).events("retrieval");
    let of =
        |ranking: &str| rows.iter().find(|row| row["set"] == "set" && row["ranking"] == ranking).unwrap();
    assert_eq!(of("fused")["scores"]["recall_at_1"], 1.0);
    assert_eq!(of("fused, whole dialogue")["scores"]["recall_at_1"], 1.0);
    assert!(of("fused, last turn alone")["against_condensed"]["mean"].as_f64().unwrap() <= 0.0);
    assert!(of("shown").get("against_condensed").is_none());
}

#[test]
fn rankings_are_measured_on_a_set_with_judgements() {
    let desk = Desk::new();
    let documents = [
        ("d1", "Hold the reset button for ten seconds."),
        ("d2", "The warranty lasts 36 months."),
        ("d3", "Bake the bread for an hour."),
    ];
    let lines: String = documents
        .iter()
        .map(|(id, text)| format!("{{\"_id\":\"{id}\",\"title\":\"\",\"text\":\"{text}\"}}\n"))
        .collect();
    desk.write("set/corpus.jsonl", lines);
    desk.write("set/queries.jsonl", "{\"_id\":\"q1\",\"text\":\"how long is the warranty\"}\n{\"_id\":\"q2\",\"text\":\"reset button\"}\n");
    desk.write("set/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td2\t1\nq2\td1\t1\n");
    let ran = desk.run(&["--json", "eval", "retrieval", "--beir", "set", "--out", "runs"]).exits(0);
    let rows = ran.events("retrieval");
    let rankings: Vec<_> =
        rows.iter().map(|row| (row["set"].as_str().unwrap(), row["ranking"].as_str().unwrap())).collect();
    assert_eq!(rankings[..4], [("set", "dense"), ("set", "sparse"), ("set", "fused"), ("set", "shown")]);
    assert!(rows.iter().all(|row| row["scores"]["recall_at_1"] == 1.0), "{rows:?}");
    assert!(rows[2]["against_better"]["low"].is_number() && rows[0].get("against_better").is_none());
    let run = std::fs::read_to_string(desk.home.path().join("runs/set.fused.run")).unwrap();
    let first: Vec<_> = run.lines().next().unwrap().split(' ').collect();
    assert_eq!((first[0], first[1], first[2], first[3], first[5]), ("q1", "Q0", "d2", "1", "fused"));
    assert_eq!(
        std::fs::read_to_string(desk.home.path().join("runs/set.rows.jsonl")).unwrap().lines().count(),
        8
    );
    desk.run(&["eval", "retrieval", "--beir", "nowhere"]).exits(1).says("nowhere");
    desk.run(&["eval", "retrieval"]).exits(2);
}
