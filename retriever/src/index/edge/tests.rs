use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;

use corpus::{Digest, DocumentId, Format, Span};
use uuid::Uuid;

use super::*;
use crate::Embedder as _;
use crate::sparse::{Frequencies, Weigher};
use crate::store::files::Sealed;
use crate::testing::HashEmbedder;

const SHARD: &str = "shard";

fn chunk(number: u128, text: &str) -> Chunk {
    Chunk {
        id: ChunkId(Uuid::from_u128(number)),
        document: DocumentId(format!("d{}", number / 3)),
        digest: Digest::of(text.as_bytes()),
        ordinal: 0,
        span: Span::new(0, text.len()),
        text: text.to_owned(),
        headings: Vec::new(),
        page: None,
        title: String::new(),
        source: format!("s{}", number % 2),
        location: String::new(),
        format: Format::Text,
        language: None,
        modified: None,
        metadata: BTreeMap::from([("odd \"key\".[0]".to_owned(), format!("{}", number % 5))]),
    }
}

fn text(number: u128) -> String {
    format!("subject{} about item{number} and object{}", number % 7, number % 11)
}

/// A sealed shard of `count` points in `generation`, as it is published.
fn publish(generation: &Path, count: u128, graph_from: usize) -> Vec<Sealed> {
    publish_quantized(generation, count, graph_from, Quantization::None)
}

fn publish_quantized(
    generation: &Path,
    count: u128,
    graph_from: usize,
    quantization: Quantization,
) -> Vec<Sealed> {
    let embedder = HashEmbedder::new("test");
    let weigher = Weigher::default();
    let path = generation.join(SHARD);
    let mut writer =
        EdgeWriter::create(&path, embedder.dimension(), graph_from, quantization).expect("a shard");
    // Several parts, of which the last is not full.
    writer.most = 250;
    let numbers: Vec<u128> = (0..count).collect();
    for batch in numbers.chunks(100) {
        let points = batch.iter().map(|number| {
            let text = text(*number);
            let dense = embedder.embed_query(&text).expect("a vector");
            Point { chunk: chunk(*number, &text), dense, sparse: weigher.passage(&text, "en", 5.0) }
        });
        writer.insert(points.collect()).expect("inserted");
    }
    writer.finish().expect("finished");
    seal(&path).expect("sealed");
    Sealed::list(generation).expect("listed")
}

fn search_all_ways(index: &EdgeIndex) {
    let embedder = HashEmbedder::new("test");
    let weigher = Weigher::default();
    for number in [0, 7, 41] {
        let text = text(number);
        let vector = embedder.embed_query(&text).expect("a vector");
        let best = index.nearest(&vector, &[], 3).expect("searched")[0];
        assert_eq!(best.id, chunk(number, &text).id);
        assert!(best.score > 0.999, "{best:?}");
        let question = weigher.question(&format!("item{number}"), ["en"].into_iter());
        let matching = index.matching(&question.vector, &[], 3).expect("searched");
        assert_eq!(matching[0].id, chunk(number, &text).id);
        let filters = [Filter::new("source", "s1"), Filter::new("odd \"key\".[0]", "3")];
        let filtered = index.nearest(&vector, &filters, 200).expect("searched");
        let ids: Vec<ChunkId> = filtered.iter().map(|hit| hit.id).collect();
        let chunks = index.chunks(&ids).expect("read");
        assert!(!chunks.is_empty());
        assert!(chunks.iter().all(|chunk| chunk.source == "s1" && chunk.metadata["odd \"key\".[0]"] == "3"));
        let again = index.similarities(&vector, &ids).expect("read");
        for hit in &filtered {
            let other = again.iter().find(|other| other.id == hit.id).expect("the same points");
            assert!((hit.score - other.score).abs() < 1e-5, "{hit:?} {other:?}");
        }
    }
}

/// Content, identity and time of change of a file.
#[derive(Clone, Debug, PartialEq)]
struct State {
    content: String,
    inode: u64,
    changed: (i64, i64),
}

fn state(folder: &Path) -> BTreeMap<PathBuf, State> {
    let state = |path: PathBuf| -> std::io::Result<(PathBuf, State)> {
        let about = fs::metadata(&path)?;
        let state = State {
            content: Digest::of(&fs::read(&path)?).0,
            inode: about.ino(),
            changed: (about.mtime(), about.mtime_nsec()),
        };
        Ok((path.strip_prefix(folder).expect("below").to_owned(), state))
    };
    // The engine may still be clearing away what it needs no more; then the folder is looked at again.
    loop {
        match files::files_below(folder).expect("listed").into_iter().map(state).collect() {
            Ok(all) => return all,
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}"),
        }
    }
}

#[track_caller]
fn assert_same(now: &BTreeMap<PathBuf, State>, then: &BTreeMap<PathBuf, State>, when: &str) {
    let differing: Vec<_> = then.keys().filter(|path| now.get(*path) != then.get(*path)).collect();
    assert!(differing.is_empty() && now.len() == then.len(), "{when}: {differing:#?}");
}

/// What linking large files rests on: reading a shard changes the content of no file that was there, and what is
/// published stays as it is, bit by bit, while it is loaded, searched and closed.
fn reading_changes_nothing(count: u128, graph_from: usize, quantization: Quantization) {
    let root = tempfile::tempdir().expect("a folder");
    let generation = root.path().join("generation");
    let sealed = publish_quantized(&generation, count, graph_from, quantization);
    let published = state(&generation);

    let view = View::open(root.path(), &generation, SHARD, &sealed).expect("a view");
    let folder = view.folder().to_owned();
    let inodes: Vec<u64> = published.values().map(|state| state.inode).collect();
    let linked = state(&folder).values().filter(|state| inodes.contains(&state.inode)).count();
    assert!(linked >= 3, "large files are linked");

    let fresh = state(&folder);
    let index = EdgeIndex::open(view).expect("opened");
    let loaded = state(&folder);
    search_all_ways(&index);
    let searched = state(&folder);
    assert_same(&state(&generation), &published, "while it is searched");
    let flush = |shard: &EdgeShard| {
        shard.flush();
        Ok(())
    };
    index.shard.call("flush", flush).expect("flushed");
    let flushed = state(&folder);
    for (when, later) in [("loading", &loaded), ("searching", &searched), ("flushing", &flushed)] {
        for (path, state) in &fresh {
            let content = later.get(path).map(|later| &later.content);
            assert_eq!(content, Some(&state.content), "{} after {when}", path.display());
        }
    }
    drop(index);
    assert_same(&state(&generation), &published, "after closing");
    assert!(!folder.exists(), "the view is gone");
}

#[test]
fn reading_a_small_shard_changes_nothing() {
    reading_changes_nothing(300, GRAPH_FROM, Quantization::None);
}

#[test]
fn reading_a_shard_with_a_graph_changes_nothing() {
    reading_changes_nothing(1500, 500, Quantization::None);
}

#[test]
fn reading_a_quantized_shard_changes_nothing() {
    reading_changes_nothing(1500, 500, Quantization::Int8);
}

#[test]
fn views_live_side_by_side() {
    let root = tempfile::tempdir().expect("a folder");
    let generation = root.path().join("generation");
    let sealed = publish(&generation, 200, GRAPH_FROM);
    let published = state(&generation);
    let open = || EdgeIndex::open(View::open(root.path(), &generation, SHARD, &sealed)?);
    let (one, other) = (open().expect("opened"), open().expect("opened"));
    search_all_ways(&one);
    drop(one);
    search_all_ways(&other);
    search_all_ways(&open().expect("opened"));
    assert_same(&state(&generation), &published, "after reading");
}

#[test]
fn a_view_can_be_had_of_an_index_that_cannot_be_written_to() {
    let root = tempfile::tempdir().expect("a folder");
    let generation = root.path().join("generation");
    let sealed = publish(&generation, 200, GRAPH_FROM);
    let published = state(&generation);
    // A file in the place of the folder hinders even a user who may do anything.
    fs::write(root.path().join("readers"), "").expect("written");
    let view = View::open(root.path(), &generation, SHARD, &sealed).expect("a view");
    let folder = view.folder().to_owned();
    assert!(!folder.starts_with(root.path()));
    let index = EdgeIndex::open(view).expect("opened");
    search_all_ways(&index);
    drop(index);
    assert!(!folder.exists());
    assert_same(&state(&generation), &published, "after reading");
}

#[test]
fn damage_is_noticed_before_the_engine_sees_it() {
    let root = tempfile::tempdir().expect("a folder");
    let generation = root.path().join("generation");
    let sealed = publish(&generation, 100, GRAPH_FROM);
    for file in &sealed {
        let path = file.below(&generation).expect("inside");
        let content = fs::read(&path).expect("read");
        let mut damaged = vec![("missing", None), ("cut", Some(content[..content.len() / 2].to_vec()))];
        if content.len() < 1 << 20 {
            let mut flipped = content.clone();
            flipped[content.len() / 2] ^= 0x10;
            damaged.push(("flipped", Some(flipped)));
        }
        for (what, damaged) in damaged {
            let _ = fs::remove_file(&path);
            if let Some(damaged) = damaged {
                fs::write(&path, damaged).expect("written");
            }
            let view = View::open(root.path(), &generation, SHARD, &sealed);
            assert!(matches!(view, Err(Error::Corrupt { .. })), "{} {what}", path.display());
        }
        let _ = fs::remove_file(&path);
        fs::write(&path, content).expect("written");
    }
}

/// The share of a question that is matched is meaningless unless both sides weigh terms alike.
#[test]
fn the_engine_weighs_rare_terms_as_we_do() {
    let root = tempfile::tempdir().expect("a folder");
    let generation = root.path().join("generation");
    let sealed = publish(&generation, 150, GRAPH_FROM);
    let index = EdgeIndex::open(View::open(root.path(), &generation, SHARD, &sealed).expect("a view"));
    let index = index.expect("opened");
    let weigher = Weigher::default();
    let mut frequencies = Frequencies::default();
    for number in 0..150 {
        frequencies.add(&weigher, &text(number), "en");
    }
    for word in ["subject3", "object7", "item99"] {
        let question = weigher.question(word, ["en"].into_iter());
        let hit = index.matching(&question.vector, &[], 1).expect("searched")[0];
        let passage = weigher.passage(&text(hit.id.0.as_u128()), "en", 5.0);
        let weight_of = |term| passage.terms.binary_search(term).map_or(0.0, |at| passage.weights[at]);
        let expected: f32 =
            question.vector.terms.iter().map(|term| weight_of(term) * frequencies.inverse(*term)).sum();
        assert!((hit.score - expected).abs() < 1e-3 * expected, "{word}: {} {expected}", hit.score);
        assert!(hit.score < frequencies.highest(&question));
    }
}
