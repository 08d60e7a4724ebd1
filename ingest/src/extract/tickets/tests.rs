//! Exports in the shapes of several help desks, with people who do not exist.

use super::super::options::Columns;
use super::super::records::{self, Part, RecordsError};
use super::*;

fn read(text: &str) -> Result<Vec<Part>, RecordsError> {
    records::read(text, &Columns::default())
}

fn table(text: &str) -> Result<Vec<Part>, RecordsError> {
    read_table(text, &Columns::default())
}

#[test]
fn columns_of_any_name_are_read_where_configuration_names_them() {
    let columns = Columns {
        subject: Some("Betreff".into()),
        question: Some("Anfrage".into()),
        answer: Some("Lösung".into()),
        ..Columns::default()
    };
    let csv = "Betreff;Anfrage;Lösung\nKein Ton;Es bleibt still.;Stecker neu gesetzt und geprüft.\n";
    assert_eq!(table(csv).expect("a table").first().map(|part| part.format), Some(Format::Text));
    let json = r#"{"vorgänge":[],"data":[{"Betreff":"Kein Ton","Anfrage":"Es bleibt still.","id":7,
        "Lösung":"Stecker neu gesetzt und geprüft."}]}"#;
    for parts in [read_table(csv, &columns), records::read(json, &columns)] {
        let part = one(parts.expect("tickets"));
        assert_eq!((part.format, part.fields.title.as_deref()), (Format::Ticket, Some("Kein Ton")));
        let texts: Vec<_> = part.blocks.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(
            texts,
            ["Kein Ton", "Customer: Es bleibt still.", "Resolution", "Stecker neu gesetzt und geprüft."]
        );
    }
}

fn one(parts: Vec<Part>) -> Part {
    let mut parts = parts;
    assert_eq!(parts.len(), 1, "{parts:?}");
    parts.remove(0)
}

fn texts(part: &Part) -> Vec<&str> {
    part.blocks.iter().map(|block| block.text.as_str()).collect()
}

const EXPECTED: [&str; 3] = ["No sound", "Customer: It is silent.", "Agent: Turn it up."];

#[test]
fn help_desks_call_the_same_things_differently() {
    for json in [
        // Zendesk
        r#"{"tickets":[{"id":5,"subject":"No sound","description":"It is silent.","requester_id":1,"status":"solved",
            "comments":[{"author_id":1,"body":"It is silent.","public":true},{"author_id":2,"body":"call Ann","public":false},
            {"author_id":2,"plain_body":"Turn it up.","body":"x","public":true}]}]}"#,
        // Freshdesk
        r#"[{"id":5,"subject":"No sound","description":"<p>It is silent.</p>","description_text":"It is silent.","status":4,
            "requester":{"name":"Ann Example","email":"ann@example.com"},
            "conversations":[{"body_text":"secret","private":true,"incoming":false},{"body_text":"Turn it up.","private":false,"incoming":false}]}]"#,
        // Intercom
        r#"{"id":"5","state":"closed","source":{"subject":"No sound","body":"<p>It is silent.</p>","author":{"type":"user","name":"Ann Example"}},
            "conversation_parts":{"conversation_parts":[{"part_type":"note","body":"secret","author":{"type":"admin"}},
            {"part_type":"comment","body":"<p>Turn it up.</p>","author":{"type":"admin","name":"Bob Example"}}]}}"#,
        // Help Scout
        r#"{"number":5,"subject":"No sound","preview":"It is silent.","status":"closed",
            "_embedded":{"threads":[{"type":"customer","body":"It is silent."},{"type":"note","body":"secret"},{"type":"message","body":"Turn it up.","createdBy":{"type":"user","role":"agent"}}]}}"#,
        // Jira
        r#"{"issues":[{"key":"5","fields":{"summary":"No sound","description":"It is silent.","status":{"name":"Done"},
            "comment":{"comments":[{"body":"Turn it up.","author":{"role":"agent","displayName":"Bob Example"}}]},"resolution":{"name":"Fixed"}}}]}"#,
    ] {
        let part = one(read(json).expect("a ticket export"));
        assert_eq!(
            (part.name.as_str(), part.format, texts(&part)),
            ("5", Format::Ticket, EXPECTED.to_vec()),
            "{json}"
        );
        let all = format!("{part:?}");
        assert!(!all.contains("Example") && !all.contains("secret") && !all.contains("call Ann"), "{all}");
        assert_eq!(part.fields.title.as_deref(), Some("No sound"));
    }
}

#[test]
fn a_resolution_has_a_heading() {
    let part = one(
        read(r#"{"id":1,"title":"Slow","body":"It is slow.","resolution":"Moved it to the nearest router.","product":"Mesh"}"#)
            .expect("a ticket"),
    );
    assert_eq!(
        texts(&part),
        ["Slow", "Customer: It is slow.", "Resolution", "Moved it to the nearest router."]
    );
    assert_eq!(part.fields.metadata.get("product").map(String::as_str), Some("Mesh"));
}

#[test]
fn speakers_are_told_by_role_or_by_being_who_asked() {
    let part = one(read(
        r#"{"tickets":[{"id":5,"subject":"No sound","description":"It is silent.","tags":["radio","sound"],
            "requester":{"name":"Ann Example"},"comments":[{"author":"Agent Bob","body":"Turn it up."},
            {"author":"Ann Example","body":"Thanks."},{"author":"Cleo","body":"Same here."}]}]}"#,
    )
    .expect("a ticket export"));
    assert_eq!(
        texts(&part),
        [
            "No sound",
            "Customer: It is silent.",
            "Agent: Turn it up.",
            "Customer: Thanks.",
            "Reply: Same here."
        ]
    );
    assert_eq!(part.fields.metadata.get("tags").map(String::as_str), Some("radio, sound"));
}

#[test]
fn replies_in_one_cell_are_told_apart() {
    let found: Vec<_> =
        thread("Hm.\nAgent Bob: Is it on?\nAnd plugged in?\nCustomer (Ann): Yes.\nNote: 3 lights")
            .into_iter()
            .map(|block| block.text)
            .collect();
    assert_eq!(found, ["Reply: Hm.", "Agent: Is it on?\nAnd plugged in?", "Customer: Yes.\nNote: 3 lights"]);
}

#[test]
fn a_csv_export_has_a_document_for_each_row() {
    let csv = "Ticket ID,Customer Name,Customer Email,Product,Ticket Subject,Ticket Description,Ticket Status,Internal notes,Resolution,Updated At\n\
               12,Ann Example,ann@example.com,Radio,No sound,\"It is silent.\nReally.\",Closed,secret,Turn the volume up.,2024-05-01\n\
               13,Bob Example,bob@example.com,Radio,Empty,,Open,,,\n";
    let part = one(table(csv).expect("a table"));
    assert_eq!(part.name, "12");
    assert_eq!(
        texts(&part),
        ["No sound", "Customer: It is silent.\nReally.", "Resolution", "Turn the volume up."]
    );
    assert_eq!(part.fields.metadata.get("product").map(String::as_str), Some("Radio"));
    assert!(part.fields.modified.is_some());
    let all = format!("{part:?}");
    assert!(!all.contains("xample") && !all.contains("secret"), "{all}");
}

#[test]
fn any_other_csv_is_one_table() {
    for (csv, lines) in [
        ("code;meaning\nE1;Empty\n;\nE2;Full\n", "code | meaning\nE1 | Empty\nE2 | Full"),
        ("code\tmeaning\nE1\tEmpty, or so", "code | meaning\nE1 | Empty, or so"),
    ] {
        let part = one(table(csv).expect("a table"));
        assert_eq!((part.format, texts(&part)), (Format::Text, vec![lines]));
    }
}

#[test]
fn an_empty_table_has_no_documents() {
    assert!(table("").expect("no rows").is_empty());
}
