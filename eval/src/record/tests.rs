use std::path::PathBuf;

use super::*;
use crate::testing::record;

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.jsonl");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn line(id: &str) -> String {
    serde_json::to_string(&record(id, &["It lasts 36 months."])).unwrap()
}

fn error(text: &str) -> String {
    let (_folder, path) = file(text);
    read(&path, None, false).unwrap_err().to_string()
}

fn says(text: &str, parts: &[&str]) {
    let error = error(text);
    assert!(parts.iter().all(|part| error.contains(part)), "{error}");
}

#[test]
fn records_come_back_as_they_were_written() {
    let (_folder, path) = file(&format!("{}\n\n{}\n", line("a"), line("b")));
    let records = read(&path, None, false).unwrap();
    assert_eq!(records, [record("a", &["It lasts 36 months."]), record("b", &["It lasts 36 months."])]);
}

#[test]
fn a_line_of_the_log_is_a_record() {
    let (_folder, path) = file(&serde_json::to_string(&record("a", &["It lasts."]).record).unwrap());
    let records = read(&path, None, false).unwrap();
    assert_eq!((records[0].id.as_str(), records[0].ranking[0].document.as_str()), ("a", "d1"));
    assert_eq!((records[0].written, &records[0].judgement), (1, &None));
}

#[test]
fn what_is_wrong_is_named_with_file_line_and_remedy() {
    let good = line("a");
    says(&format!("{good}\n{{\"x\": 1}}\n"), &["records.jsonl", "line 2", "not a record", "eval run"]);
    says(&format!("{good}\nnonsense\n"), &["line 2", "not a record"]);
    says(&format!("{good}\n{good}\n"), &["line 2", "\"a\"", "twice", "line 1"]);
    says("", &["records.jsonl", "no questions"]);
    let other = line("b").replacen("\"version\":1", "\"version\":7", 1);
    says(&format!("{good}\n{other}\n"), &["line 2", "version 7, not 1"]);
    says("{\"version\":2,\"record\":{},\"shape\":\"other\"}", &["line 1", "version 2, not 1"]);
    let run = record("c", &[]).record;
    let run = RunRecord { version: 9, ..run };
    says(&serde_json::to_string(&run).unwrap(), &["line 1", "version 9"]);
}

#[test]
fn numbers_that_are_none_are_refused() {
    let mut one = record("a", &["It lasts."]);
    one.ranking[0].score = f32::NAN;
    // A number that is none is written as null.
    says(&serde_json::to_string(&one).unwrap(), &["line 1", "null"]);
    let high = line("a").replacen("\"score\":1.0", "\"score\":1e39", 1);
    says(&high, &["line 1", "finite"]);
    says(&line("a").replacen("\"score\":1.0", "\"score\":NaN", 1), &["line 1", "not a record"]);
}

#[test]
fn judgements_replace_and_must_fit() {
    let (_folder, path) = file(&format!("{}\n{}\n", line("a"), line("b")));
    let judgements = |text: &str| {
        let place = path.with_file_name("judgements.jsonl");
        std::fs::write(&place, text).unwrap();
        Judgements::read(&place)
    };
    let (a, b) = (
        "{\"version\":1,\"id\":\"a\",\"rating\":0.5}\n",
        "{\"version\":1,\"id\":\"b\",\"answerable\":false}\n",
    );
    let both = judgements(&format!("{a}{b}")).unwrap();
    let records = read(&path, Some(&both), false).unwrap();
    assert_eq!(records[0].judgement.as_ref().and_then(|judgement| judgement.rating), Some(0.5));
    assert_eq!(records[1].judgement.as_ref().and_then(|judgement| judgement.answerable), Some(false));

    let one = judgements(a).unwrap();
    let error = read(&path, Some(&one), false).unwrap_err().to_string();
    assert!(
        error.contains("records.jsonl") && error.contains("line 2") && error.contains("\"b\""),
        "{error}"
    );
    assert!(read(&path, Some(&one), true).unwrap()[1].judgement.as_ref().unwrap().answerable.is_some());
    let three = judgements(&format!("{a}{b}\n{}", a.replace("\"a\"", "\"z\""))).unwrap();
    let error = read(&path, Some(&three), false).unwrap_err().to_string();
    assert!(
        error.contains("judgements.jsonl") && error.contains("line 4") && error.contains("\"z\""),
        "{error}"
    );

    for (text, part) in [
        (a.replace("0.5", "7"), "from 0 to 1"),
        (a.replace("\"version\":1", "\"version\":3"), "version 3"),
        (format!("{a}{a}"), "twice"),
        (b.replace("false", "false,\"answers\":[\"x\"]"), "unanswerable"),
        (String::new(), "no judgements"),
        ("{}".to_owned(), "line 1"),
    ] {
        let error = judgements(&text).unwrap_err().to_string();
        assert!(error.contains("judgements.jsonl") && error.contains(part), "{error}");
    }
}

#[test]
fn schemas_name_the_keys_that_are_written() {
    let schema = |name: &str| -> serde_json::Value {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schemas");
        serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let keys = |value: &serde_json::Value| -> std::collections::BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let mut one = record("a", &["It lasts."]);
    one.slices.insert("kind".into(), "direct".into());
    let (written, schema_of_line) =
        (serde_json::to_value(&one).unwrap(), schema("evaluation-record.schema.json"));
    assert_eq!(keys(&written), keys(&schema_of_line["properties"]));
    assert_eq!(schema_of_line["properties"]["version"]["const"], VERSION);
    let judgement = crate::judgement::Line {
        version: crate::judgement::VERSION,
        id: "a".into(),
        judgement: Judgement {
            answerable: Some(true),
            answers: vec!["x".into()],
            must_contain: vec!["x".into()],
            relevant: BTreeMap::from([("d1".into(), 1)]),
            rating: Some(1.0),
            reason: "good".into(),
        },
    };
    let schema = schema("judgement.schema.json");
    assert_eq!(keys(&serde_json::to_value(&judgement).unwrap()), keys(&schema["properties"]));
}
