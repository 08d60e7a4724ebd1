//! Several processes on one index. The test binary starts itself again; what a child does is a test that does
//! nothing unless it is told the folder.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use retriever::testing::{HashEmbedder, chunks};
use retriever::{Error, Retriever, Store};

use crate::support::{Desk, MODEL, best, names, topic, topics};

const FOLDER: &str = "CITEDESK_TEST_FOLDER";

fn command(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().expect("this binary"));
    command.args(["--exact", &format!("processes::{test}"), "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder).env("RUST_BACKTRACE", "0");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn told() -> Option<Store> {
    let folder = PathBuf::from(env::var_os(FOLDER)?);
    Some(Store::open(&folder).expect("a store"))
}

/// Says a word on a line of its own, since the test harness writes to the same place.
fn say(word: &str) {
    println!("\n{word}");
    std::io::stdout().flush().expect("written");
}

/// Waits until the child says `word`.
fn wait_for(child: &mut Child, word: &str) {
    let stdout = child.stdout.as_mut().expect("piped");
    let said = BufReader::new(stdout).lines().map_while(Result::ok).any(|line| line == word);
    assert!(said, "the child never said {word}");
}

#[test]
fn child_reads_until_its_input_ends() {
    let Some(store) = told() else { return };
    let ended = Arc::new(AtomicBool::new(false));
    let end = Arc::clone(&ended);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        end.store(true, Ordering::Release);
    });
    say("started");
    let mut last = String::new();
    loop {
        // Looked at first, so that the last round sees what was published last.
        let is_last = ended.load(Ordering::Acquire);
        let retriever = Retriever::open(&store, Arc::new(HashEmbedder::new(MODEL))).expect("opened");
        for number in 0..retriever.generation().documents {
            assert_eq!(best(&retriever, &format!("topic{number}")), format!("doc-{number:03}"));
        }
        let id = retriever.generation().id.0.clone();
        assert!(id >= last, "generations only move forward");
        last = id;
        if is_last {
            assert_eq!(retriever.generation().documents, 12);
            break;
        }
    }
}

#[test]
fn child_opens_and_dies() {
    let Some(store) = told() else { return };
    let retriever = Retriever::open(&store, Arc::new(HashEmbedder::new(MODEL))).expect("opened");
    assert_eq!(best(&retriever, "topic1"), "doc-001");
    std::process::abort();
}

#[test]
fn child_opens_and_waits_to_be_killed() {
    let Some(store) = told() else { return };
    let retriever = Retriever::open(&store, Arc::new(HashEmbedder::new(MODEL))).expect("opened");
    assert_eq!(best(&retriever, "topic1"), "doc-001");
    say("open");
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn child_writes_and_waits_to_be_killed() {
    let Some(store) = told() else { return };
    let embedder = HashEmbedder::new(MODEL);
    let mut builder = store.begin(&embedder).expect("begun");
    for document in topics(0..300) {
        builder.add(&document, &chunks(&document), "v1").expect("added");
    }
    say("written");
    let _ = std::io::stdin().read_line(&mut String::new());
    drop(builder);
}

#[test]
fn child_reads_what_it_may_not_write() {
    let Some(store) = told() else { return };
    let retriever = Retriever::open(&store, Arc::new(HashEmbedder::new(MODEL))).expect("opened");
    assert_eq!(best(&retriever, "topic1"), "doc-001");
    let Err(error) = store.begin(&HashEmbedder::new(MODEL)).map(drop) else { panic!("it may write") };
    let Error::Io { source, .. } = &error else { panic!("{error}") };
    assert_eq!(source.kind(), std::io::ErrorKind::PermissionDenied);
}

#[test]
fn readers_come_go_and_die_while_a_writer_publishes() {
    let desk = Desk::new();
    let mut latest = desk.publish(&topics(0..3));
    let mut readers: Vec<Child> = (0..3)
        .map(|_| command("child_reads_until_its_input_ends", desk.root()).spawn().expect("started"))
        .collect();
    for reader in &mut readers {
        wait_for(reader, "started");
    }
    for count in 4..=12 {
        let dying = command("child_opens_and_dies", desk.root()).output().expect("ran");
        assert!(!dying.status.success(), "it aborts");
        latest = desk.publish(&topics(0..count));
    }
    for reader in readers {
        let output = reader.wait_with_output().expect("ran");
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
    }
    desk.store.verify(&latest.id).expect("nothing has changed");
    assert_eq!(best(&desk.retriever(), "topic11"), "doc-011");
    assert_eq!(names(&desk.root().join("readers")), ["gate.lock"], "views of the dead are removed");
}

#[test]
fn a_killed_reader_leaves_a_view_that_the_next_one_removes() {
    let desk = Desk::new();
    let generation = desk.publish(&topics(0..3));
    let mut child = command("child_opens_and_waits_to_be_killed", desk.root()).spawn().expect("started");
    wait_for(&mut child, "open");
    let view = format!("{}-0", child.id());
    assert!(names(&desk.root().join("readers")).contains(&view));
    drop(desk.retriever());
    assert!(names(&desk.root().join("readers")).contains(&view), "a living reader keeps its view");
    child.kill().expect("killed");
    child.wait().expect("dead");
    assert!(names(&desk.root().join("readers")).contains(&view));
    drop(desk.retriever());
    assert_eq!(names(&desk.root().join("readers")), ["gate.lock"]);
    desk.store.verify(&generation.id).expect("nothing has changed");
}

#[test]
fn a_killed_writer_loses_nothing_that_it_embedded() {
    let desk = Desk::new();
    let mut child = command("child_writes_and_waits_to_be_killed", desk.root()).spawn().expect("started");
    wait_for(&mut child, "written");
    let Err(Error::Locked { holder, .. }) = desk.store.begin(&HashEmbedder::new(MODEL)).map(drop) else {
        panic!("two writers");
    };
    assert_eq!(holder.pid, Some(child.id()));
    child.kill().expect("killed");
    child.wait().expect("dead");

    assert!(desk.store.current().expect("read").is_none());
    let embedder = HashEmbedder::new(MODEL);
    let mut builder = desk.store.begin(&embedder).expect("the lock died with its holder");
    for document in topics(0..300) {
        builder.add(&document, &chunks(&document), "v1").expect("added");
    }
    assert_eq!(builder.publish().expect("published").documents, 300);
    assert_eq!(embedder.embedded(), 44, "256 were embedded before");
    assert!(desk.generation_folders().iter().all(|name| !name.starts_with('.')));
}

#[cfg(unix)]
#[test]
fn an_index_that_may_not_be_written_can_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;

    let desk = Desk::new();
    desk.publish(&[topic(0), topic(1)]);
    let mut folders = vec![desk.folder.path().to_owned(), desk.root().to_owned()];
    for name in ["generations", "embeddings", "readers"] {
        folders.push(desk.root().join(name));
    }
    for folder in &folders {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o555)).expect("set");
    }
    let mut command = command("child_reads_what_it_may_not_write", desk.root());
    // Permissions mean nothing to root, so the child is nobody.
    if is_root() {
        command.uid(65534).gid(65534);
    }
    let output = match command.output() {
        // The build folder may lie where only root may look; then there is nobody else to try it with.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            for folder in &folders {
                fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("set");
            }
            return;
        }
        output => output.expect("ran"),
    };
    for folder in &folders {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("set");
    }
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // What this process creates belongs to its user.
    tempfile::tempfile().and_then(|file| file.metadata()).is_ok_and(|about| about.uid() == 0)
}
