//! A home of its own for each test, and the program run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// A home folder with an index; the models are shared, being the same for all.
pub(crate) struct Desk {
    pub(crate) home: tempfile::TempDir,
}

/// What a command printed and how it ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "out: {}\nerr: {}", self.out, self.err);
        self
    }

    /// The JSON events of that name.
    pub(crate) fn events(&self, name: &str) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .filter(|event| event["event"] == name)
            .collect()
    }

    #[track_caller]
    pub(crate) fn says(self, part: &str) -> Self {
        assert!(
            self.out.contains(part) || self.err.contains(part),
            "{part:?} is in neither\nout: {}\nerr: {}",
            self.out,
            self.err
        );
        self
    }
}

impl Desk {
    /// A desk with the models set up, which the first one waits for.
    pub(crate) fn new() -> Self {
        static SET_UP: OnceLock<()> = OnceLock::new();
        let desk = Self::bare();
        SET_UP.get_or_init(|| {
            desk.run(&["setup"]).exits(0);
        });
        desk
    }

    /// A desk for commands that need no model.
    pub(crate) fn bare() -> Self {
        Self { home: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.home.path().join("data/citedesk/index")
    }

    pub(crate) fn records(&self) -> PathBuf {
        self.home.path().join("data/citedesk/records.jsonl")
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let cache = models::setup::default_cache().expect("a cache folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_citedesk"));
        command
            .args(args)
            .current_dir(self.home.path())
            .env("HOME", self.home.path())
            .env("XDG_DATA_HOME", self.home.path().join("data"))
            .env("XDG_CONFIG_HOME", self.home.path().join("config"))
            .env("CITEDESK_CACHE", cache)
            .env_remove("CITEDESK_INDEX")
            .env_remove("CITEDESK_CONFIG")
            .env_remove("CITEDESK_QDRANT_API_KEY")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().expect("citedesk starts"))
    }

    pub(crate) fn feed(&self, args: &[&str], input: &[u8]) -> Ran {
        use std::io::Write as _;
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("citedesk starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_owned();
        let writer = std::thread::spawn(move || {
            // A command that refuses its input early closes the pipe.
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().expect("citedesk ends");
        writer.join().expect("the input is written");
        Ran::of(output)
    }

    /// A file under the home folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder is made");
        std::fs::write(&path, content).expect("a file is written");
        path
    }
}

/// The sample knowledge base.
pub(crate) fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/documents")
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}
