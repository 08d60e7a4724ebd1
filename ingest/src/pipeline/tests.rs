//! Whole runs over temporary folders and a real index, with an embedder that hashes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;

use corpus::Digest;
use corpus::screen::{Policy, Screener};
use retriever::{Embedder, Error as IndexError, Store};

use super::{Event, Plan, run};
use crate::error::Error;
use crate::report::{IngestReport, Outcome};
use crate::source::SourceSpec;

mod api;

/// Vectors from hashes: equal text, equal vector.
struct Hashing(&'static str);

impl Embedder for Hashing {
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, IndexError> {
        texts.iter().map(|text| self.embed_query(text)).collect()
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>, IndexError> {
        let digest = Digest::of(text.as_bytes()).0;
        let mut vector: Vec<f32> = digest.bytes().take(8).map(f32::from).collect();
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        for value in &mut vector {
            *value /= length;
        }
        Ok(vector)
    }

    fn dimension(&self) -> usize {
        8
    }

    fn fingerprint(&self) -> &str {
        self.0
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }

    fn max_tokens(&self) -> usize {
        256
    }
}

/// A folder of documents and an index.
struct House {
    folder: tempfile::TempDir,
    store: Store,
    screener: Screener,
    embedder: Hashing,
}

impl House {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("index")).expect("an index");
        let policy = Policy { canaries: vec!["RESIDUAL".into()], ..Policy::default() };
        let screener = Screener::new(policy).expect("a policy");
        let house = Self { folder, store, screener, embedder: Hashing("hashing") };
        for (path, text) in files {
            house.write(path, text);
        }
        house
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn remove(&self, path: &str) {
        std::fs::remove_file(self.path(path)).expect("a file that was there");
    }

    fn source(&self, name: &str) -> SourceSpec {
        SourceSpec { name: Some(name.into()), ..SourceSpec::new(self.path(name)) }
    }

    fn plan(&self, sources: &[&str]) -> Plan {
        Plan {
            sources: sources.iter().map(|name| self.source(name)).collect(),
            threads: 2,
            ..Plan::default()
        }
    }

    fn run(&self, plan: &Plan) -> Result<IngestReport, Error> {
        run(plan, &self.store, &self.screener, &self.embedder, &mut |_| {})
    }

    fn ingest(&self, sources: &[&str]) -> IngestReport {
        self.run(&self.plan(sources)).expect("a run")
    }

    /// Documents of the current generation, by id, with their number of chunks.
    fn documents(&self) -> BTreeMap<String, usize> {
        let builder = self.store.begin(&self.embedder).expect("the lock");
        let documents = builder.parent_documents().expect("documents");
        documents.into_iter().map(|entry| (entry.id.0, entry.chunks)).collect()
    }

    fn ids(&self) -> Vec<String> {
        self.documents().into_keys().collect()
    }
}

fn outcomes(report: &IngestReport) -> Vec<(&str, Outcome)> {
    report.items.iter().map(|item| (item.id.as_str(), item.outcome)).collect()
}

#[test]
fn a_first_run_indexes_everything() {
    let house = House::new(&[
        ("docs/a.md", "# A\n\nOne."),
        ("docs/b/c.md", "# C\n\nTwo."),
        ("docs/empty.md", ""),
        ("docs/list.md", "# Only\n\n## Headings"),
    ]);
    let mut events = Vec::new();
    let plan = house.plan(&["docs"]);
    let report = run(&plan, &house.store, &house.screener, &house.embedder, &mut |event| events.push(event))
        .expect("a run");
    assert!(report.published && report.generation.is_some() && report.parent.is_none());
    assert_eq!(
        outcomes(&report),
        [
            ("docs/a.md", Outcome::Indexed),
            ("docs/b/c.md", Outcome::Indexed),
            ("docs/empty.md", Outcome::Skipped),
            ("docs/list.md", Outcome::Skipped)
        ]
    );
    assert_eq!((report.counts.indexed, report.counts.skipped, report.counts.documents), (2, 2, 2));
    assert!(!report.is_partial());
    assert_eq!(house.ids(), ["docs/a.md", "docs/b/c.md"]);
    assert!(matches!(events.first(), Some(Event::Listed { items: 4, .. })));
    assert!(events.iter().any(|event| matches!(event, Event::Publishing { documents: 2 })));
    let items = events.iter().filter(|event| matches!(event, Event::Item { .. })).count();
    assert_eq!(items, 4);
    let last = events.iter().rev().find_map(|event| match event {
        Event::Progress(progress) => Some(*progress),
        _ => None,
    });
    assert_eq!(last.map(|last| (last.items, last.stored, last.chunks)), Some((4, 4, 2)));
}

#[test]
fn a_second_run_changes_nothing() {
    let house = House::new(&[("docs/a.md", "One."), ("docs/b.md", "Two.")]);
    let first = house.ingest(&["docs"]);
    let second = house.ingest(&["docs"]);
    assert!(!second.published);
    assert_eq!(second.generation, first.generation);
    assert_eq!((second.counts.unchanged, second.counts.indexed, second.counts.documents), (2, 0, 2));
}

#[test]
fn changed_added_and_removed_files() {
    let house = House::new(&[("docs/a.md", "One."), ("docs/b.md", "Two."), ("docs/c.md", "Three.")]);
    let first = house.ingest(&["docs"]);
    house.write("docs/b.md", "Two, but different.");
    house.write("docs/d.md", "Four.");
    house.remove("docs/c.md");
    let second = house.ingest(&["docs"]);
    assert_eq!(
        outcomes(&second),
        [
            ("docs/a.md", Outcome::Unchanged),
            ("docs/b.md", Outcome::Indexed),
            ("docs/c.md", Outcome::Removed),
            ("docs/d.md", Outcome::Indexed)
        ]
    );
    assert_eq!(second.parent, first.generation);
    assert_eq!(house.ids(), ["docs/a.md", "docs/b.md", "docs/d.md"]);
}

#[test]
fn other_sources_stay() {
    let house = House::new(&[("docs/a.md", "One."), ("faq/b.md", "Two.")]);
    house.ingest(&["docs", "faq"]);
    house.write("docs/a.md", "One, changed.");
    std::fs::remove_dir_all(house.path("faq")).expect("removed");
    let report = house.ingest(&["docs"]);
    assert_eq!(outcomes(&report), [("docs/a.md", Outcome::Indexed)]);
    assert_eq!(house.ids(), ["docs/a.md", "faq/b.md"]);
    assert_eq!(report.counts.documents, 2);
}

#[test]
fn what_cannot_be_masked_is_held_back_and_leaves_the_index() {
    let house = House::new(&[("docs/a.md", "One."), ("docs/b.md", "Two.")]);
    house.ingest(&["docs"]);
    house.write("docs/b.md", "Two with RESIDUAL in it.");
    for _ in 0..2 {
        let report = house.ingest(&["docs"]);
        assert_eq!(
            outcomes(&report),
            [("docs/a.md", Outcome::Unchanged), ("docs/b.md", Outcome::Quarantined)]
        );
        assert!(report.is_partial());
        assert!(report.items.iter().all(|item| !format!("{item:?}").contains("RESIDUAL")));
        assert_eq!(house.ids(), ["docs/a.md"]);
    }
}

#[test]
fn one_bad_ticket_does_not_take_the_others_with_it() {
    let tickets = |second: &str| {
        format!(
            r#"[{{"id":1,"subject":"No sound","description":"It is silent.","status":"solved"}},
                {{"id":2,"subject":"No light","description":"{second}","status":"solved"}}]"#
        )
    };
    let house = House::new(&[("desk/tickets.json", &tickets("It is dark with RESIDUAL."))]);
    let first = house.ingest(&["desk"]);
    let expected = [("desk/tickets.json", Outcome::Indexed), ("desk/tickets.json#2", Outcome::Quarantined)];
    assert_eq!(outcomes(&first), expected);
    assert_eq!(house.ids(), ["desk/tickets.json#1"]);
    // What is held back is told again every time, and changes nothing.
    let second = house.ingest(&["desk"]);
    assert!(second.is_partial() && !second.published);
    house.write("desk/tickets.json", &tickets("It is dark."));
    house.ingest(&["desk"]);
    assert_eq!(house.ids(), ["desk/tickets.json#1", "desk/tickets.json#2"]);
    let fourth = house.ingest(&["desk"]);
    assert_eq!(outcomes(&fourth), [("desk/tickets.json", Outcome::Unchanged)]);
    assert_eq!(fourth.items.first().map(|item| item.documents), Some(2));
}

#[test]
fn a_source_that_lost_everything_is_an_error() {
    let house = House::new(&[("docs/a.md", "One."), ("docs/b.md", "Two.")]);
    house.ingest(&["docs"]);
    let before = house.ids();
    house.remove("docs/a.md");
    house.write("docs/b.md", "");
    let mut plan = house.plan(&["docs"]);
    let error = house.run(&plan).expect_err("nothing is left");
    assert!(matches!(error, Error::Emptied { documents: 2, .. }), "{error}");
    assert_eq!(house.ids(), before);
    plan.options.allow_empty = true;
    let report = house.run(&plan).expect("allowed");
    assert_eq!(report.counts.documents, 0);
    assert!(house.ids().is_empty());
}

#[test]
fn a_source_that_is_gone_is_an_error() {
    let house = House::new(&[("docs/a.md", "One.")]);
    house.ingest(&["docs"]);
    std::fs::remove_dir_all(house.path("docs")).expect("removed");
    assert!(matches!(house.run(&house.plan(&["docs"])), Err(Error::Source { .. })));
    assert!(matches!(house.run(&house.plan(&[])), Err(Error::NoSource)));
    assert_eq!(house.ids(), ["docs/a.md"]);
}

#[test]
fn a_file_that_is_too_large_fails_and_its_old_version_stays() {
    let house = House::new(&[("docs/a.md", "One."), ("docs/b.md", "Two.")]);
    house.ingest(&["docs"]);
    house.write("docs/b.md", &"Two. ".repeat(100));
    let mut plan = house.plan(&["docs"]);
    plan.options.limits.file_bytes = 100;
    let report = house.run(&plan).expect("a run");
    assert!(report.is_partial() && !report.published);
    let line = report.items.iter().find(|item| item.outcome == Outcome::Failed).expect("a failure");
    assert!(line.reason.as_ref().is_some_and(|reason| reason.ends_with("stays")), "{line:?}");
    assert_eq!(house.ids(), ["docs/a.md", "docs/b.md"]);
}

#[test]
fn an_interrupted_run_publishes_nothing() {
    let files: Vec<_> = (0..40).map(|n| (format!("docs/{n}.md"), format!("Number {n}."))).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let house = House::new(&files);
    let plan = house.plan(&["docs"]);
    let cancel = plan.cancel.clone();
    let stopped = run(&plan, &house.store, &house.screener, &house.embedder, &mut |event| {
        if matches!(event, Event::Item { .. }) {
            cancel.store(true, Relaxed);
        }
    });
    assert!(matches!(stopped, Err(Error::Interrupted)), "{stopped:?}");
    assert!(house.store.current().expect("an index").is_none());
    plan.cancel.store(false, Relaxed);
    assert_eq!(house.run(&plan).expect("a run").counts.indexed, 40);
}

#[test]
fn another_embedder_or_policy_does_everything_anew() {
    let mut house = House::new(&[("docs/a.md", "One."), ("faq/b.md", "Two.")]);
    house.ingest(&["docs", "faq"]);
    house.embedder = Hashing("another");
    let report = house.ingest(&["docs"]);
    assert_eq!((report.counts.indexed, report.counts.documents), (1, 2));
    assert_eq!(house.store.current().expect("an index").map(|now| now.embedder).as_deref(), Some("another"));
    let mut plan = house.plan(&["docs"]);
    plan.screening = "stricter".into();
    assert_eq!(house.run(&plan).expect("a run").counts.indexed, 1);
    assert_eq!(house.run(&plan).expect("a run").counts.unchanged, 1);
}

#[test]
fn copies_are_kept_and_counted() {
    let house =
        House::new(&[("docs/a.md", "The same."), ("docs/b.md", "The same."), ("docs/c.md", "Other.")]);
    let report = house.ingest(&["docs"]);
    assert_eq!((report.counts.indexed, report.counts.duplicates), (3, 1));
    let twins: Vec<_> = report.items.iter().filter_map(|item| item.duplicate_of.as_deref()).collect();
    assert_eq!(twins, ["docs/a.md"]);
    assert_eq!(house.ingest(&["docs"]).counts.duplicates, 1);
}

#[test]
fn the_order_of_the_list_is_the_order_of_the_index() {
    let files: Vec<_> =
        (0..30).map(|n| (format!("docs/{n:02}.md"), format!("# T\n\n{}", "word ".repeat(n * 40)))).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let house = House::new(&files);
    let mut seen = Vec::new();
    let plan = house.plan(&["docs"]);
    run(&plan, &house.store, &house.screener, &house.embedder, &mut |event| {
        if let Event::Item { item } = event {
            seen.push(item.id);
        }
    })
    .expect("a run");
    assert!(seen.is_sorted() && seen.len() == 30, "{seen:?}");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_listed_keeps_its_documents() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new(&[("docs/a.md", "One."), ("docs/sub/b.md", "Two.")]);
    house.ingest(&["docs"]);
    let sub = house.path("docs/sub");
    let allow =
        |mode| std::fs::set_permissions(&sub, std::fs::Permissions::from_mode(mode)).expect("permissions");
    allow(0o000);
    // Root may read everything, so there is nothing to see.
    let blind = std::fs::read_dir(&sub).is_err();
    let report = house.ingest(&["docs"]);
    allow(0o755);
    assert_eq!(report.is_partial(), blind);
    assert_eq!(house.ids(), ["docs/a.md", "docs/sub/b.md"]);
}

#[test]
fn one_name_for_two_sources_is_refused() {
    let house = House::new(&[("docs/a.md", "One.")]);
    assert!(matches!(house.run(&house.plan(&["docs", "docs"])), Err(Error::SameName { .. })));
}

#[test]
fn a_file_that_moved_keeps_its_identity_and_its_place_can_be_taken() {
    let house = House::new(&[("docs/a.md", "# One\n\nThe first text."), ("docs/b.md", "Two.")]);
    house.ingest(&["docs"]);
    std::fs::create_dir(house.path("docs/new")).expect("a folder");
    std::fs::rename(house.path("docs/a.md"), house.path("docs/new/c.md")).expect("moved");
    let report = house.ingest(&["docs"]);
    assert_eq!(outcomes(&report), [("docs/b.md", Outcome::Unchanged), ("docs/new/c.md", Outcome::Moved)]);
    assert_eq!((report.counts.moved, report.counts.removed), (1, 0));
    assert_eq!(house.ids(), ["docs/a.md", "docs/b.md"]);
    assert!(!house.ingest(&["docs"]).published);

    // Changed, it is still the same document; a new file in its old place is another one.
    house.write("docs/new/c.md", "# One\n\nThe first text, corrected.");
    house.write("docs/a.md", "Something else.");
    let report = house.ingest(&["docs"]);
    assert_eq!(report.counts.indexed, 2);
    let ids = house.ids();
    assert_eq!((ids.len(), ids[0].as_str(), ids[2].as_str()), (3, "docs/a.md", "docs/b.md"));
    assert!(ids[1].starts_with("docs/a.md~"), "{ids:?}");
    assert!(!house.ingest(&["docs"]).published);

    house.remove("docs/new/c.md");
    house.ingest(&["docs"]);
    assert_eq!(house.ids(), ids[1..]);
}

#[test]
fn two_equal_files_that_move_stay_two() {
    let house = House::new(&[("docs/a.md", "Same."), ("docs/b.md", "Same."), ("docs/z.md", "Other.")]);
    house.ingest(&["docs"]);
    for name in ["a.md", "b.md"] {
        std::fs::create_dir_all(house.path("docs/new")).expect("a folder");
        std::fs::rename(house.path("docs").join(name), house.path("docs/new").join(name)).expect("moved");
    }
    assert_eq!(house.ingest(&["docs"]).counts.moved, 2);
    assert_eq!(house.ids(), ["docs/a.md", "docs/b.md", "docs/z.md"]);
}

/// Sets the clock of a file back, so that its times prove something.
fn settle(house: &House, path: &str) {
    let file = std::fs::File::options().write(true).open(house.path(path)).expect("a file");
    file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(3600)).expect("set");
}

#[test]
fn what_is_empty_or_fails_again_and_again_is_remembered_until_it_changes() {
    let house = House::new(&[
        ("docs/a.md", "One."),
        ("docs/empty.md", "# Only headings"),
        ("docs/b.pdf", "%PDF-1.4"),
    ]);
    let of = |report: &IngestReport, id: &str| {
        let item = report.items.iter().find(|item| item.id == id).expect("a line");
        (item.outcome, item.reason.clone().unwrap_or_default())
    };
    for run in 1..=5 {
        let report = house.ingest(&["docs"]);
        let (outcome, reason) = of(&report, "docs/b.pdf");
        assert_eq!((outcome, reason.contains("not tried again")), (Outcome::Failed, run > 3), "{run}");
        assert_eq!(of(&report, "docs/empty.md").0, Outcome::Skipped);
    }
    let mut plan = house.plan(&["docs"]);
    plan.options.retry = true;
    let again = house.run(&plan).expect("a run");
    assert!(!of(&again, "docs/b.pdf").1.contains("not tried again"));
    house.write("docs/b.pdf", "%PDF-1.5");
    assert!(!of(&house.ingest(&["docs"]), "docs/b.pdf").1.contains("not tried again"));
}

#[test]
fn a_change_with_the_same_size_and_date_is_seen() {
    let house = House::new(&[("docs/a.md", "One."), ("docs/b.md", "Two.")]);
    settle(&house, "docs/a.md");
    house.ingest(&["docs"]);
    house.ingest(&["docs"]);
    house.write("docs/a.md", "Six.");
    settle(&house, "docs/a.md");
    assert_eq!(house.ingest(&["docs"]).counts.indexed, 1);
}

#[test]
fn what_configuration_says_of_a_source_is_on_its_documents() {
    let house = House::new(&[
        ("docs/a.md", "---\nproduct: Mesh\naccess: everybody\n---\nOne."),
        ("docs/b.md", "Two."),
    ]);
    let mut plan = house.plan(&["docs"]);
    let metadata = |product: &str| {
        [("product", product), ("access", "staff")].map(|(key, value)| (key.to_owned(), value.to_owned()))
    };
    plan.sources[0].metadata = metadata("Hub").into();
    house.run(&plan).expect("a run");
    let stored = |id: &str| {
        let retriever = retriever::Retriever::open(&house.store, std::sync::Arc::new(Hashing("hashing")))
            .expect("an index");
        let record = retriever.document(&corpus::DocumentId(id.into())).expect("read").expect("there");
        (record.metadata.get("product").cloned(), record.metadata.get("access").cloned())
    };
    let some = |product: &str| (Some(product.to_owned()), Some("staff".to_owned()));
    assert_eq!(stored("docs/a.md"), some("Mesh"));
    assert_eq!(stored("docs/b.md"), some("Hub"));
    assert_eq!(house.run(&plan).expect("a run").counts.unchanged, 2);
    plan.sources[0].metadata = metadata("Router").into();
    assert_eq!(house.run(&plan).expect("a run").counts.indexed, 2);
    assert_eq!(stored("docs/b.md"), some("Router"));
}

#[test]
fn what_was_erased_on_request_does_not_come_back() {
    let house = House::new(&[("docs/a.md", "One."), ("docs/b.md", "Two.")]);
    house.ingest(&["docs"]);
    let id = corpus::DocumentId("docs/a.md".into());
    let mut forgotten = crate::Forgotten::open(house.store.root()).expect("a list");
    forgotten.add(house.store.root(), [&id].into_iter()).expect("written");
    house.store.erase(&house.embedder, &[id].into()).expect("erased");
    for text in ["One.", "One, changed."] {
        house.write("docs/a.md", text);
        let report = house.ingest(&["docs"]);
        assert_eq!(outcomes(&report), [("docs/a.md", Outcome::Skipped), ("docs/b.md", Outcome::Unchanged)]);
        assert_eq!(house.ids(), ["docs/b.md"]);
    }
}

#[test]
fn a_generation_that_is_held_back_is_not_read_and_can_be_promoted() {
    let house = House::new(&[("docs/a.md", "One.")]);
    let first = house.ingest(&["docs"]);
    house.write("docs/b.md", "Two.");
    let plan = house.plan(&["docs"]);
    let prepare = || super::prepare(&plan, &house.store, &house.screener, &house.embedder, &mut |_| {});
    let report = prepare().expect("a run").hold(vec!["too bold".into()]);
    assert_eq!((report.published, &report.generation), (false, &first.generation));
    let held = report.held.expect("a generation");
    assert_eq!(held.reasons, ["too bold"]);
    assert_eq!(house.ids(), ["docs/a.md"]);
    house.store.promote(&retriever::GenerationId(held.generation)).expect("promoted");
    assert_eq!(house.ids(), ["docs/a.md", "docs/b.md"]);
    let again = prepare().expect("a run");
    assert!(again.generation().is_none() && again.report().is_up_to_date());
}

#[test]
fn what_a_newer_policy_forbids_leaves_though_its_source_takes_no_part() {
    let mut house = House::new(&[("docs/a.md", "One."), ("faq/b.md", "Two about Falcon.")]);
    house.ingest(&["docs", "faq"]);
    let policy = Policy { canaries: vec!["Falcon".into()], ..Policy::default() };
    house.screener = Screener::new(policy).expect("a policy");
    house.write("docs/a.md", "One, changed.");
    let report = house.ingest(&["docs"]);
    assert_eq!(outcomes(&report), [("docs/a.md", Outcome::Indexed), ("faq/b.md", Outcome::Quarantined)]);
    assert_eq!(house.ids(), ["docs/a.md"]);
}
