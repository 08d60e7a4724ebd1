use std::sync::Arc;

use corpus::ChunkId;
use retriever::testing::{HashEmbedder, chunks, document};
use retriever::{Embedder, Error, GenerationId, Retriever, Store};

use crate::support::{Desk, MODEL, Make, best, contract, find, id, names, publish, topic, topics};

fn an_index_that_is_not_there_is_empty(new: Make) {
    let desk = new();
    assert!(desk.store.current().expect("read").is_none());
    assert!(desk.store.generations().expect("read").is_empty());
    assert!(matches!(desk.open(), Err(Error::Empty { .. })));
    assert!(matches!(desk.store.rollback(), Err(Error::Empty { .. })));
    assert!(names(desk.folder.path()).iter().all(|name| name == "index"), "looking leaves little");
}

fn what_is_published_is_found(new: Make) {
    let desk = new();
    let documents = topics(0..40);
    let generation = desk.publish(&documents);
    assert_eq!((generation.documents, generation.chunks), (40, 40));
    assert_eq!(desk.store.current().expect("read"), Some(generation.clone()));

    let retriever = desk.retriever();
    assert_eq!(retriever.generation(), &generation);
    let passages = find(&retriever, "how does topic17 go");
    let first = &passages[0];
    assert_eq!((first.chunk.document.clone(), first.rank), (id("doc-017"), 1));
    assert_eq!(first.chunk, chunks(&documents[17])[0], "nothing of the chunk is lost");
    assert_eq!(first.why.sparse_rank, Some(1));
    assert!(first.why.dense.is_some());
    assert!(passages.windows(2).all(|pair| pair[0].score >= pair[1].score));

    let record = retriever.document(&id("doc-017")).expect("read").expect("there");
    assert_eq!(&record, documents[17].record());
    assert_eq!(retriever.document(&id("nobody")).expect("read"), None);
    let all: Result<Vec<_>, Error> = retriever.documents().expect("read").collect();
    assert_eq!(all.expect("read").len(), 40);
    assert_eq!(retriever.entries().expect("entries")[3].source_version, "v1");
    desk.store.verify(&generation.id).expect("nothing has changed");
}

fn an_empty_knowledge_base_can_be_published(new: Make) {
    let desk = new();
    assert_eq!(desk.publish(&[]).chunks, 0);
    assert!(find(&desk.retriever(), "anything").is_empty());
}

fn carried_documents_are_not_embedded_again_and_others_are_gone(new: Make) {
    let desk = new();
    desk.publish(&topics(0..10));
    let embedder = HashEmbedder::new(MODEL);
    let mut builder = desk.store.begin(&embedder).expect("begun");
    let before = builder.parent_documents().expect("read");
    assert_eq!(before.len(), 10);
    assert_eq!(before[4].location, "doc-004.md");
    for entry in &before[..6] {
        assert!(builder.carry(&entry.id).expect("carried"));
    }
    assert!(!builder.carry(&id("doc-999")).expect("asked"));
    let changed = document("doc-006", "Procedure 6", &["The procedure for zebras needs a ladder."]);
    builder.add(&changed, &chunks(&changed), "v2").expect("added");
    let parent = builder.parent().expect("a parent").id.clone();
    let generation = builder.publish().expect("published");
    assert_eq!(generation.parent, Some(parent));
    assert_eq!(generation.documents, 7);
    assert_eq!(embedder.embedded(), 1, "only what is new");

    let retriever = desk.retriever();
    assert_eq!(best(&retriever, "topic3"), "doc-003");
    assert_eq!(best(&retriever, "zebras"), "doc-006");
    assert!(find(&retriever, "topic8").iter().all(|passage| passage.chunk.document != id("doc-008")));
    assert_eq!(retriever.document(&id("doc-008")).expect("read"), None);
}

fn an_abandoned_run_leaves_what_it_embedded_and_nothing_else(new: Make) {
    let desk = new();
    let documents = topics(0..300);
    let embedder = HashEmbedder::new(MODEL);
    let mut builder = desk.store.begin(&embedder).expect("begun");
    for document in &documents {
        builder.add(document, &chunks(document), "v1").expect("added");
    }
    drop(builder);
    assert_eq!(embedder.embedded(), 256, "one batch");
    assert!(desk.generations().is_empty());
    assert!(desk.store.current().expect("read").is_none());

    let again = HashEmbedder::new(MODEL);
    publish(&desk.store, &again, &documents).expect("published");
    assert_eq!(again.embedded(), 44, "what was left");
}

fn a_run_that_fails_publishes_nothing(new: Make) {
    let desk = new();
    let first = desk.publish(&topics(0..3));
    let failing = HashEmbedder::new(MODEL).failing_after(1);
    let error = publish(&desk.store, &failing, &topics(0..9)).expect_err("told to fail");
    assert!(matches!(error, Error::Embed { .. }), "{error}");
    assert_eq!(desk.store.current().expect("read"), Some(first.clone()));
    assert_eq!(desk.generations(), [first.id.0]);
}

fn a_staged_generation_is_seen_only_by_who_asks_for_it(new: Make) {
    let desk = new();
    let first = desk.publish(&topics(0..2));
    let embedder = HashEmbedder::new(MODEL);
    let stage = |documents| {
        let mut builder = desk.store.begin(&embedder).expect("begun");
        for document in documents {
            builder.add(document, &chunks(document), "v1").expect("added");
        }
        builder.stage().expect("staged")
    };
    let documents = topics(0..5);
    let staged = stage(&documents);
    let second = staged.generation().clone();
    assert_eq!(desk.store.current().expect("read"), Some(first.clone()));
    let look = Retriever::open_generation(&desk.store, &second.id, Arc::new(HashEmbedder::new(MODEL)));
    assert_eq!(best(&look.expect("opened"), "topic4"), "doc-004");
    assert!(matches!(desk.store.rollback(), Err(Error::Locked { .. })), "a staged generation holds the lock");
    staged.discard().expect("discarded");
    assert_eq!(desk.generations(), [first.id.0.as_str()]);

    let kept = stage(&documents).generation().clone();
    assert!(matches!(desk.store.rollback(), Err(Error::NoPrevious { .. })));
    assert_eq!(desk.store.promote(&kept.id).expect("promoted"), kept);
    assert_eq!(best(&desk.retriever(), "topic4"), "doc-004");
    assert_eq!(desk.store.rollback().expect("rolled back"), first);
}

fn rolling_back_goes_step_by_step(new: Make) {
    let desk = new();
    let generations: Vec<_> = (1..=3).map(|count| desk.publish(&topics(0..count))).collect();
    assert_eq!(desk.store.rollback().expect("rolled back"), generations[1]);
    assert_eq!(desk.retriever().entries().expect("entries").len(), 2);
    assert_eq!(desk.store.rollback().expect("rolled back"), generations[0]);
    assert!(matches!(desk.store.rollback(), Err(Error::NoPrevious { .. })));
    assert_eq!(desk.store.promote(&generations[2].id).expect("promoted"), generations[2]);
    let next = desk.publish(&topics(0..4));
    assert!(next.id > generations[2].id);
    for unknown in ["000099-20260101T000000Z", "../..", ""] {
        let unknown = GenerationId(unknown.to_owned());
        assert!(matches!(desk.store.promote(&unknown), Err(Error::NoGeneration { .. })), "{unknown}");
    }
}

fn as_many_generations_are_kept_as_asked_for(new: Make) {
    for (asked, left) in [(0, 1), (1, 2), (5, 5)] {
        let mut desk = new();
        desk.store = desk.store.clone().keeping(asked);
        for count in 1..=5 {
            desk.publish(&topics(0..count));
        }
        assert_eq!(desk.store.generations().expect("read").len(), left);
    }
}

#[test]
fn old_generations_go_unless_someone_reads_them() {
    let desk = Desk::new();
    let first = desk.publish(&topics(0..1));
    let second = desk.publish(&topics(0..2));
    desk.store.rollback().expect("rolled back");
    let reader = desk.retriever();
    for count in 3..=7 {
        desk.publish(&topics(0..count));
    }
    let kept: Vec<_> =
        desk.store.generations().expect("read").into_iter().map(|generation| generation.id).collect();
    assert_eq!(kept.len(), 5, "the current one, three before it, and the one that is read: {kept:?}");
    assert!(kept.contains(&first.id) && !kept.contains(&second.id));
    assert_eq!(best(&reader, "topic0"), "doc-000");
    assert!(reader.document(&id("doc-000")).expect("read").is_some());
    drop(reader);
    desk.publish(&topics(0..8));
    assert_eq!(desk.generation_folders().len(), 4);
    assert!(names(&desk.root().join("readers")).iter().all(|name| name == "gate.lock"), "no view is left");
}

fn a_reader_stays_on_its_generation(new: Make) {
    let desk = new();
    desk.publish(&topics(0..3));
    let reader = desk.retriever();
    desk.publish(&topics(3..6));
    assert_eq!(best(&reader, "topic1"), "doc-001");
    assert_eq!(best(&desk.retriever(), "topic4"), "doc-004");
}

fn two_cannot_write_at_once(new: Make) {
    let desk = new();
    let embedder = HashEmbedder::new(MODEL);
    let first = desk.store.begin(&embedder).expect("begun");
    let Err(error) = desk.store.begin(&embedder) else { panic!("two writers") };
    let Error::Locked { holder, .. } = &error else { panic!("{error}") };
    assert_eq!(holder.pid, Some(std::process::id()));
    assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    drop(first);
    desk.store.begin(&embedder).expect("begun");
}

fn another_model_is_refused_and_can_build_anew(new: Make) {
    let desk = new();
    desk.publish(&topics(0..3));
    let other = || Arc::new(HashEmbedder::new("other-model").with_dimension(48));
    let Err(error) = Retriever::open(&desk.store, other()) else {
        panic!("vectors of two models were compared")
    };
    assert!(matches!(error, Error::ForeignFingerprint { .. }));
    let text = error.to_string();
    assert!(
        ["test-model", "other-model", "citedesk ingest"].iter().all(|part| text.contains(part)),
        "{text}"
    );

    let embedder = other();
    let mut builder = desk.store.begin(embedder.as_ref()).expect("begun");
    for entry in builder.parent_documents().expect("read") {
        assert!(builder.carry(&entry.id).expect("carried"));
    }
    builder.publish().expect("published");
    assert_eq!(embedder.embedded(), 3, "vectors of another model do not count");
    let retriever = Retriever::open(&desk.store, other()).expect("opened");
    assert_eq!(best(&retriever, "topic1"), "doc-001");
}

fn documents_come_once_and_with_their_own_chunks(new: Make) {
    let desk = new();
    let embedder = HashEmbedder::new(MODEL);
    let mut builder = desk.store.begin(&embedder).expect("begun");
    let (one, other) = (topic(1), topic(2));
    builder.add(&one, &chunks(&one), "v1").expect("added");
    let again = builder.add(&one, &chunks(&one), "v1");
    assert!(matches!(again, Err(Error::DuplicateDocument { .. })));
    let foreign = builder.add(&other, &chunks(&one), "v1");
    assert!(matches!(foreign, Err(Error::ForeignChunk { .. })));
    let mut forged = chunks(&other);
    forged[0].text.push_str(" And a sentence that nobody screened.");
    assert!(matches!(builder.add(&other, &forged, "v1"), Err(Error::ForeignChunk { .. })));
    let twice = [chunks(&other), chunks(&other)].concat();
    assert!(matches!(builder.add(&other, &twice, "v1"), Err(Error::ForeignChunk { .. })));
    builder.add(&other, &chunks(&other), "v1").expect("added");
    assert_eq!(builder.publish().expect("published").documents, 2);
}

fn a_model_that_breaks_its_contract_is_named(new: Make) {
    struct Broken(Vec<Vec<f32>>);
    impl Embedder for Broken {
        fn embed(&self, _: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
            Ok(self.0.clone())
        }
        fn embed_query(&self, _: &str) -> Result<Vec<f32>, Error> {
            Ok(Vec::new())
        }
        fn dimension(&self) -> usize {
            2
        }
        fn fingerprint(&self) -> &'static str {
            "broken"
        }
        fn count_tokens(&self, _: &str) -> usize {
            0
        }
        fn max_tokens(&self) -> usize {
            1
        }
    }
    let desk = new();
    for vectors in
        [vec![], vec![vec![1.0]], vec![vec![f32::NAN, 1.0]], vec![vec![0.0, 0.0]], vec![vec![1.0, 0.0]; 2]]
    {
        let error = publish(&desk.store, &Broken(vectors), &[topic(1)]).expect_err("no vector");
        assert!(matches!(error, Error::BadEmbedding { .. }), "{error}");
        assert!(error.to_string().contains("broken"), "{error}");
    }
    publish(&desk.store, &Broken(vec![vec![0.6, 0.8]]), &[topic(1)]).expect("published");
    let retriever = Retriever::open(&desk.store, Arc::new(Broken(Vec::new()))).expect("opened");
    assert!(matches!(retriever.search(&retriever::Query::new("topic1", 3)), Err(Error::BadEmbedding { .. })));
}

fn the_same_documents_give_the_same_index(new: Make) {
    let (one, other) = (new(), new());
    let mut documents = topics(0..30);
    one.publish(&documents);
    documents.reverse();
    other.publish(&documents);
    for question in ["procedure", "topic3 steps", "signature for topic 29"] {
        let ids = |desk: &Desk| -> Vec<(ChunkId, f32)> {
            find(&desk.retriever(), question)
                .into_iter()
                .map(|passage| (passage.chunk.id, passage.score))
                .collect()
        };
        assert_eq!(ids(&one), ids(&other));
    }
}

#[test]
fn a_file_is_no_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    std::fs::write(&path, "").expect("written");
    assert!(matches!(Store::open(&path), Err(Error::Io { .. })));
}

contract! {
    an_index_that_is_not_there_is_empty,
    what_is_published_is_found,
    an_empty_knowledge_base_can_be_published,
    carried_documents_are_not_embedded_again_and_others_are_gone,
    an_abandoned_run_leaves_what_it_embedded_and_nothing_else,
    a_run_that_fails_publishes_nothing,
    a_staged_generation_is_seen_only_by_who_asks_for_it,
    rolling_back_goes_step_by_step,
    as_many_generations_are_kept_as_asked_for,
    a_reader_stays_on_its_generation,
    two_cannot_write_at_once,
    another_model_is_refused_and_can_build_anew,
    documents_come_once_and_with_their_own_chunks,
    a_model_that_breaks_its_contract_is_named,
    the_same_documents_give_the_same_index,
}
