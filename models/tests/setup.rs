//! Carrying models to a machine without a network, and putting back what is damaged.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use models::setup::{self, Layout, Options, Part, Progress};
use models::{Error, bundle};

/// A bundle of what a real setup made.
fn bundle_in(folder: &Path) -> PathBuf {
    let layout = Layout::new(setup::default_cache().unwrap());
    setup::run(&layout, &Options::default(), &mut |_| ()).unwrap();
    let file = folder.join("models.zip");
    bundle::write(&layout, &file).unwrap();
    file
}

fn take(from: &Path, cache: &Path) -> (models::Result<setup::Assets>, usize) {
    let mut made = 0;
    let options = Options { from: Some(from.to_owned()), verify: true, ..Options::default() };
    let result = setup::run(&Layout::new(cache), &options, &mut |progress| {
        made += usize::from(matches!(progress, Progress::Ready { .. }));
    });
    (result, made)
}

/// Every file below `folder` that is none of a lock or a download.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(files(&entry));
        } else if entry.extension().is_none_or(|extension| extension != "lock") {
            found.push(entry);
        }
    }
    found
}

#[test]
fn a_bundle_carries_everything_and_nothing_is_made_twice() {
    let folder = tempfile::tempdir().unwrap();
    let file = bundle_in(folder.path());
    let cache = folder.path().join("cache");
    let (assets, made) = take(&file, &cache);
    let assets = assets.unwrap();
    assert_eq!(made, Part::ALL.len());
    assert!(assets.runtime.starts_with(&cache) && assets.runtime.is_file());
    assert!(setup::verify(&Layout::new(&cache)).is_empty());

    let (again, made) = take(&file, &cache);
    assert_eq!((again.unwrap(), made), (assets, 0));

    // A cache folder serves as well as a bundle.
    let (copied, made) = take(&cache, &folder.path().join("other"));
    assert_eq!((copied.is_ok(), made), (true, Part::ALL.len()));
}

#[test]
fn what_is_damaged_is_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = bundle_in(folder.path());
    let cache = folder.path().join("cache");
    let assets = take(&file, &cache).0.unwrap();
    let graph = assets.encoder.join("model.onnx");
    let mut bytes = fs::read(&graph).unwrap();
    let sound = bytes.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&graph, &bytes).unwrap();
    assert!(matches!(setup::verify(&Layout::new(&cache))[..], [Error::WrongHash { .. }]));

    let (result, made) = take(&file, &cache);
    assert_eq!((result.is_ok(), made), (true, 1));
    assert_eq!(fs::read(&graph).unwrap(), sound);
}

#[test]
fn a_damaged_bundle_leaves_nothing_half_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = bundle_in(folder.path());
    let whole = fs::read(&file).unwrap();
    let cache = folder.path().join("cache");

    // Cut short it has no list of its files.
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert!(take(&file, &cache).0.is_err());
    assert!(!cache.exists() || files(&cache).is_empty());

    // The first part lies before the middle, so it arrives; what the flipped bytes belong to does not.
    let mut flipped = whole.clone();
    for byte in &mut flipped[whole.len() / 2..whole.len() / 2 + 16] {
        *byte ^= 0xff;
    }
    fs::write(&file, &flipped).unwrap();
    let (result, made) = take(&file, &cache);
    assert!(result.is_err() && made < Part::ALL.len());
    let whole_parts = Part::ALL.iter().filter(|part| Layout::new(&cache).folder(**part).exists()).count();
    assert_eq!(whole_parts, made);

    fs::write(&file, &whole).unwrap();
    assert!(take(&file, &cache).0.is_ok());
    assert!(setup::verify(&Layout::new(&cache)).is_empty());
}

#[test]
fn two_runs_at_once_share_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let file = bundle_in(folder.path());
    let cache = folder.path().join("cache");
    let made: usize = std::thread::scope(|scope| {
        let runs = [(); 2].map(|()| scope.spawn(|| take(&file, &cache)));
        runs.into_iter()
            .map(|run| {
                let (result, made) = run.join().unwrap();
                result.unwrap();
                made
            })
            .sum()
    });
    assert_eq!(made, Part::ALL.len());
}

#[test]
fn a_source_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("nothing.zip");
    let error = take(&missing, &folder.path().join("cache")).0.unwrap_err();
    assert!(error.to_string().contains("nothing.zip"), "{error}");
}
