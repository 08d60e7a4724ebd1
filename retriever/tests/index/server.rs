//! What can go wrong with a server, and what then is left.

use std::sync::Arc;

use qdrant_client::Qdrant;
use qdrant_client::qdrant::{CreateAliasBuilder, CreateCollectionBuilder};
use retriever::testing::{HashEmbedder, chunks, document};
use retriever::{Error, Query, Retriever, Server, Store, server};
use tonic::Code;

use crate::support::{Desk, MODEL, best, find, id, names, publish, topics};

fn embedder() -> Arc<HashEmbedder> {
    Arc::new(HashEmbedder::new(MODEL))
}

/// Does something that only an operator would do.
fn operate<F: Future<Output = Result<(), qdrant_client::QdrantError>>>(
    url: &str,
    work: impl FnOnce(Qdrant) -> F,
) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = Qdrant::from_url(url).skip_compatibility_check().build().expect("a client");
        work(client).await.expect("operated");
    });
}

#[test]
fn a_reader_needs_no_folder() {
    let mut desk = Desk::on_loopback();
    let large = format!("The {} end.", "word ".repeat(700_000));
    let large =
        document("large", "A long one", &[&large, "And a short paragraph on walruses: ünïcödé 漢字."]);
    let mut documents = topics(0..9);
    documents.push(large.clone());
    let generation = desk.publish(&documents);

    let elsewhere = tempfile::tempdir().expect("a folder");
    let server = Server { url: desk.loopback().url(), ..Server::default() };
    let store = Store::on_server(&elsewhere.path().join("none"), &server, None).expect("a store");
    assert_eq!(store.current().expect("asked"), Some(generation.clone()));
    let retriever = Retriever::open(&store, embedder()).expect("opened");
    assert_eq!(best(&retriever, "walruses"), "large");
    let record = retriever.document(&id("large")).expect("read").expect("there");
    assert_eq!(&record, large.record(), "more than a message holds comes whole");
    assert_eq!(retriever.chunks_of(&id("large")).expect("read"), chunks(&large));
    let snapshot = store.snapshot(&generation.id).expect("opened");
    assert_eq!(snapshot.entries().expect("listed").len(), 10);
    store.verify(&generation.id).expect("whole");
    assert!(names(elsewhere.path()).is_empty(), "reading writes nothing");
}

#[test]
fn a_server_that_is_away_is_named_and_found_again() {
    let mut desk = Desk::on_loopback();
    desk.publish(&topics(0..5));
    let retriever = desk.retriever();
    assert_eq!(best(&retriever, "topic3"), "doc-003");
    desk.loopback().stop();
    let url = desk.loopback().url();
    for error in [
        retriever.search(&Query::new("topic2", 3)).expect_err("nobody answers"),
        desk.store.current().expect_err("nobody answers"),
        desk.store.generations().expect_err("nobody answers"),
        publish(&Store::clone(&desk.store), &HashEmbedder::new(MODEL).failing_after(0), &topics(0..1))
            .expect_err("nobody answers"),
    ] {
        let Error::Unreachable { .. } = &error else { panic!("{error}") };
        assert!(error.to_string().contains(&url), "{error}");
    }
    desk.loopback().resume();
    assert_eq!(best(&retriever, "topic2"), "doc-002", "the same reader goes on");
}

#[test]
fn a_server_that_restarts_during_ingestion_is_waited_for() {
    let mut desk = Desk::on_loopback();
    let store = desk.store.clone();
    let before = desk.loopback().calls();
    let ingesting = std::thread::spawn(move || publish(&store, &HashEmbedder::new(MODEL), &topics(0..700)));
    while desk.loopback().calls() < before + 9 {
        std::thread::yield_now();
    }
    desk.loopback().stop();
    desk.loopback().resume();
    let generation = ingesting.join().expect("joined").expect("published");
    assert_eq!(generation.chunks, 700);
    desk.store.verify(&generation.id).expect("nothing is lost");
    assert_eq!(best(&desk.retriever(), "topic444"), "doc-444");
}

#[test]
fn what_a_server_cannot_do_at_the_moment_is_tried_again() {
    let desk = Desk::on_loopback();
    desk.publish(&topics(0..3));
    let loopback = desk.loopback.as_ref().expect("ours");
    for (after, code) in
        [(0, Code::Unavailable), (1, Code::ResourceExhausted), (5, Code::Aborted), (9, Code::Unavailable)]
    {
        loopback.fail(after, 2, code);
        let generation = desk.publish(&topics(0..6));
        desk.store.verify(&generation.id).expect("whole");
    }
    let retriever = desk.retriever();
    loopback.fail(0, 1, Code::Unavailable);
    assert_eq!(best(&retriever, "topic4"), "doc-004");
}

#[test]
fn a_run_that_fails_at_any_call_leaves_the_old_generation_and_no_litter() {
    let desk = Desk::on_loopback();
    desk.publish(&topics(0..3));
    let loopback = desk.loopback.as_ref().expect("ours");
    let mut failed = 0;
    loop {
        let current = desk.store.current().expect("read");
        loopback.fail(failed, usize::MAX, Code::Internal);
        let result = publish(&desk.store, &HashEmbedder::new(MODEL), &topics(0..6));
        loopback.fail(0, 0, Code::Ok);
        if result.is_ok() {
            break;
        }
        // The alias may have been switched by the call before the one that failed.
        let now = desk.store.current().expect("read");
        assert!(now == current || now.is_some_and(|now| now.chunks == 6), "after {failed} calls");
        assert!(!find(&desk.retriever(), "topic1").is_empty());
        failed += 1;
    }
    assert!(failed > 15, "{failed} calls make a generation");
    desk.publish(&topics(0..4));
    let kept = desk.store.generations().expect("read").len();
    assert_eq!(loopback.collections().len(), 2 * kept, "{:?}", loopback.collections());
    assert_eq!(desk.retriever().generation().chunks, 4);
}

#[test]
fn a_wrong_key_is_refused_and_never_shown() {
    let loopback = loopback::Loopback::with_key(Some("right"));
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server { url: loopback.url(), ..Server::default() };
    for key in [None, Some("wr0ng-s3cret")] {
        let store = Store::on_server(folder.path(), &server, key).expect("a store");
        let error = store.current().expect_err("refused");
        assert!(matches!(error, Error::Refused { .. }), "{error}");
        let shown = format!("{error} {error:?} {store:?}");
        assert!(shown.contains(server::API_KEY) && !shown.contains("wr0ng"), "{shown}");
    }
    let store = Store::on_server(folder.path(), &server, Some("right")).expect("a store");
    publish(&store, &HashEmbedder::new(MODEL), &topics(0..2)).expect("published");
}

#[test]
fn an_alias_that_is_missing_or_astray_is_named_and_can_be_set_again() {
    let desk = Desk::on_loopback();
    let (first, second) = (desk.publish(&topics(0..3)), desk.publish(&topics(0..4)));
    let loopback = desk.loopback.as_ref().expect("ours");
    loopback.drop_alias("citedesk");
    let error = desk.store.current().expect_err("no alias");
    assert!(
        matches!(error, Error::Corrupt { .. }) && error.to_string().contains("alias is missing"),
        "{error}"
    );
    assert!(desk.open().is_err());
    assert_eq!(desk.store.rollback().expect("set again"), second);
    assert_eq!(desk.store.rollback().expect("rolled back"), first);

    operate(&loopback.url(), |client| async move {
        client.create_collection(CreateCollectionBuilder::new("somebody-else")).await?;
        client.create_alias(CreateAliasBuilder::new("somebody-else", "citedesk")).await?;
        Ok(())
    });
    let error = desk.store.current().expect_err("astray");
    assert!(error.to_string().contains("somebody-else"), "{error}");
    assert_eq!(desk.store.promote(&second.id).expect("set again"), second);
    assert_eq!(best(&desk.retriever(), "topic3"), "doc-003");
}

#[test]
fn a_collection_that_is_gone_or_another_is_named() {
    let desk = Desk::on_loopback();
    let generation = desk.publish(&topics(0..3));
    let loopback = desk.loopback.as_ref().expect("ours");
    let retriever = desk.retriever();
    let name = format!("citedesk-{}", generation.id);
    loopback.drop_collection(&name);
    let error = retriever.search(&Query::new("topic1", 3)).expect_err("gone");
    assert!(matches!(error, Error::Missing { .. }), "{error}");
    assert!(matches!(desk.open(), Err(Error::Missing { .. })));
    assert!(desk.store.verify(&generation.id).is_err());

    operate(&loopback.url(), |client| async move {
        use qdrant_client::qdrant::{Distance, VectorParamsBuilder, VectorsConfigBuilder};
        let mut vectors = VectorsConfigBuilder::default();
        vectors.add_named_vector_params("dense", VectorParamsBuilder::new(7, Distance::Cosine));
        client.create_collection(CreateCollectionBuilder::new(name).vectors_config(vectors)).await?;
        Ok(())
    });
    let Err(error) = desk.open() else { panic!("vectors of another size were searched") };
    assert!(error.to_string().contains("7 numbers instead of 64"), "{error}");
}

#[test]
fn two_machines_do_not_undo_each_other() {
    let desk = Desk::on_loopback();
    desk.publish(&topics(0..2));
    let elsewhere = tempfile::tempdir().expect("a folder");
    let server = Server { url: desk.loopback.as_ref().expect("ours").url(), ..Server::default() };
    let other = Store::on_server(elsewhere.path(), &server, None).expect("a store");

    let model = HashEmbedder::new(MODEL);
    let mut builder = desk.store.begin(&model).expect("begun");
    let document = document("late", "Late", &["A late document on llamas."]);
    builder.add(&document, &chunks(&document), "v1").expect("added");
    let staged = builder.stage().expect("staged");
    let theirs = publish(&other, &HashEmbedder::new(MODEL), &topics(0..5)).expect("published");
    let ours = staged.generation().clone();
    let error = staged.promote().expect_err("overtaken");
    assert!(matches!(error, Error::Overtaken { .. }), "{error}");
    assert_eq!(desk.store.current().expect("read"), Some(theirs));
    assert_eq!(desk.store.promote(&ours.id).expect("on purpose"), ours);
    assert_eq!(best(&desk.retriever(), "llamas"), "late");
}

#[test]
fn settings_that_cannot_be_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = || Server { url: "http://localhost:6334".into(), ..Server::default() };
    for (setting, server) in [
        ("index.server.url", Server { url: "localhost:6334".into(), ..good() }),
        ("index.server.url", Server { url: "http://".into(), ..good() }),
        ("index.server.collection", Server { collection: String::new(), ..good() }),
        ("index.server.collection", Server { collection: "a/b".into(), ..good() }),
        ("index.server.timeout_s", Server { timeout_s: 0, ..good() }),
        ("index.server.shards", Server { shards: 0, ..good() }),
        ("index.server.replicas", Server { replicas: 0, ..good() }),
        ("index.server.write_consistency", Server { write_consistency: 2, ..good() }),
    ] {
        let error = Store::on_server(folder.path(), &server, None).expect_err("cannot be");
        assert!(matches!(error, Error::Setting { .. }), "{error}");
        assert!(error.to_string().starts_with(setting), "{error}");
    }
    Store::on_server(folder.path(), &good(), None).expect("can be");
}

#[test]
fn a_copy_finds_the_same_and_embeds_nothing_again() {
    let (folder, server, back) = (Desk::new(), Desk::on_server(), Desk::new());
    let generation = folder.publish(&topics(0..40));
    for (from, to) in [(&folder, &server), (&server, &back)] {
        let copied = from.store.copy(&generation.id, &to.store).expect("copied");
        assert!(to.store.current().expect("read").is_none(), "not before it is promoted");
        assert_eq!(copied.promote().expect("promoted"), generation);
        to.store.verify(&generation.id).expect("whole");
        assert!(matches!(from.store.copy(&generation.id, &to.store), Err(Error::Present { .. })));
    }
    let scores = |desk: &Desk| -> Vec<_> {
        let passages = find(&desk.retriever(), "procedure for topic7 takes 3 steps");
        passages.iter().map(|one| (one.chunk.id, (one.score * 1e4).round())).collect()
    };
    assert_eq!(scores(&folder), scores(&server));
    assert_eq!(scores(&folder), scores(&back));
    let embedder = HashEmbedder::new(MODEL);
    publish(&back.store, &embedder, &topics(0..41)).expect("published");
    assert_eq!(embedder.embedded(), 1, "only what is new");
    let unknown = retriever::GenerationId("000099-20260101T000000Z".into());
    assert!(matches!(folder.store.copy(&unknown, &server.store), Err(Error::NoGeneration { .. })));
}
