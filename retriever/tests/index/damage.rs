use std::fs;
use std::path::PathBuf;

use retriever::testing::HashEmbedder;
use retriever::{Error, Generation};

use crate::support::{Desk, MODEL, best, publish, topics};

fn folder_of(desk: &Desk, generation: &Generation) -> PathBuf {
    desk.root().join("generations").join(&generation.id.0)
}

/// All files of a generation that are read.
fn files_of(desk: &Desk, generation: &Generation) -> Vec<PathBuf> {
    let mut folders = vec![folder_of(desk, generation)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.retain(|file| !file.ends_with("in-use.lock") && !file.ends_with("promoted"));
    files.sort();
    files
}

#[track_caller]
fn assert_remedies(error: &Error) {
    let Error::Corrupt { .. } = error else { panic!("{error:?}") };
    let text = error.to_string();
    assert!(text.contains("generations rollback") && text.contains("citedesk ingest"), "{text}");
}

#[test]
fn a_damaged_pointer_is_named_and_both_remedies_work() {
    for content in [&b""[..], b"\xff\xfe", b"../../etc\n", b"000077-20260101T000000Z\n"] {
        let desk = Desk::new();
        let first = desk.publish(&topics(0..2));
        let second = desk.publish(&topics(0..3));
        let pointer = desk.root().join("CURRENT");
        fs::write(&pointer, content).expect("written");
        assert_remedies(&desk.store.current().expect_err("damaged"));
        assert_remedies(&desk.open().err().expect("damaged"));
        assert_eq!(desk.store.rollback().expect("rolled back"), second, "the newest that was current");
        assert_eq!(desk.store.rollback().expect("rolled back"), first);

        fs::write(&pointer, content).expect("written");
        desk.publish(&topics(0..4));
        assert_eq!(best(&desk.retriever(), "topic3"), "doc-003");
    }
}

#[test]
fn a_lost_pointer_is_not_an_empty_index() {
    let desk = Desk::new();
    let generation = desk.publish(&topics(0..2));
    fs::remove_file(desk.root().join("CURRENT")).expect("removed");
    assert_remedies(&desk.store.current().expect_err("damaged"));
    assert_eq!(desk.store.rollback().expect("rolled back"), generation);
}

#[test]
fn every_missing_or_cut_file_is_named_and_both_remedies_work() {
    let desk = Desk::new();
    let good = desk.publish(&topics(0..3));
    let damaged = desk.publish(&topics(0..5));
    for file in files_of(&desk, &damaged) {
        let content = fs::read(&file).expect("read");
        for cut in [None, Some(content.len() / 2)] {
            fs::remove_file(&file).expect("removed");
            if let Some(cut) = cut {
                fs::write(&file, &content[..cut]).expect("written");
            }
            let error = desk.open().err().unwrap_or_else(|| panic!("{} was not missed", file.display()));
            assert_remedies(&error);
            if cut.is_none() {
                fs::write(&file, b"").expect("written");
            }
        }
        fs::write(&file, &content).expect("written");
    }
    assert_eq!(desk.retriever().generation(), &damaged, "all is put back");

    fs::remove_file(folder_of(&desk, &damaged).join("documents.jsonl")).expect("removed");
    fs::remove_dir_all(folder_of(&desk, &damaged).join("shard")).expect("removed");
    assert_eq!(desk.store.rollback().expect("rolled back"), good);
    assert_eq!(best(&desk.retriever(), "topic2"), "doc-002");
    desk.store.promote(&damaged.id).expect("promoted");
    let embedder = HashEmbedder::new(MODEL);
    let builder = desk.store.begin(&embedder).expect("begun");
    assert!(builder.parent().is_none(), "nothing is carried over from damage");
    drop(builder);
    desk.publish(&topics(0..6));
    assert_eq!(best(&desk.retriever(), "topic5"), "doc-005");
}

#[test]
fn a_flipped_bit_is_found_by_verifying() {
    let desk = Desk::new();
    let generation = desk.publish(&topics(0..5));
    for file in files_of(&desk, &generation).into_iter().filter(|file| !file.ends_with("files.json")) {
        let mut content = fs::read(&file).expect("read");
        let at = content.len() / 3;
        content[at] ^= 1;
        fs::write(&file, &content).expect("written");
        assert_remedies(&desk.store.verify(&generation.id).expect_err("a bit was flipped"));
        content[at] ^= 1;
        fs::write(&file, &content).expect("written");
    }
    desk.store.verify(&generation.id).expect("all is put back");
}

#[test]
fn a_document_that_was_changed_is_not_shown() {
    let desk = Desk::new();
    let generation = desk.publish(&topics(0..5));
    let path = folder_of(&desk, &generation).join("documents.jsonl");
    let lines = fs::read_to_string(&path).expect("read");
    fs::write(&path, lines.replace("topic3 takes", "topic3 costs")).expect("written");
    let retriever = desk.retriever();
    let id = retriever.entries().expect("entries")[3].id.clone();
    assert_remedies(&retriever.document(&id).expect_err("changed"));
    assert!(
        retriever.document(&retriever.entries().expect("entries")[2].id.clone()).expect("read").is_some()
    );
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let desk = Desk::new();
    desk.publish(&topics(0..2));
    let generations = desk.root().join("generations");
    for name in [".building-1", ".deleting-000001-x"] {
        fs::create_dir_all(generations.join(name).join("shard")).expect("created");
        fs::write(generations.join(name).join("documents.jsonl"), "half a li").expect("written");
    }
    assert_eq!(desk.store.generations().expect("read").len(), 1);
    desk.publish(&topics(0..3));
    assert!(desk.generation_folders().iter().all(|name| !name.starts_with('.')));
}

#[test]
fn a_newer_format_is_not_guessed_at() {
    let desk = Desk::new();
    let generation = desk.publish(&topics(0..2));
    let path = folder_of(&desk, &generation).join("generation.json");
    let about = fs::read_to_string(&path).expect("read");
    fs::write(&path, about.replace(&format!("\"format\": {}", retriever::store::FORMAT), "\"format\": 9"))
        .expect("written");
    assert!(matches!(desk.open(), Err(Error::ForeignFormat { found: 9, .. })));
    publish(&desk.store, &HashEmbedder::new(MODEL), &topics(0..3)).expect("built anew");
}
