//! The terminal UI in a real terminal: `tmux`, where there is one, and the same line by line without.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::desk::{Desk, text};

const GUIDE: &str = "# Kestrel router\n\nThe Kestrel router is a small router for homes.\n\n## Reset\n\n\
    To reset the Kestrel router, hold the button on its back for 12 seconds until the light blinks amber. \
    All settings are lost.\n\n## Warranty\n\nThe warranty of the Kestrel router lasts 36 months from the day of purchase.\n";

const QUESTION: &str = "How long does the warranty of the Kestrel router last?";

/// How long something may take to appear, models loading on a busy machine included.
const LONGEST: Duration = Duration::from_secs(180);

fn stocked() -> Desk {
    let desk = Desk::new();
    desk.write("kb/router.md", GUIDE);
    desk.run(&["ingest", "kb"]).exits(0);
    desk
}

/// A shell in a terminal of its own, 100 columns by 30 rows.
struct Terminal<'a> {
    desk: &'a Desk,
    socket: String,
}

impl<'a> Terminal<'a> {
    /// Nothing where there is no tmux.
    fn open(desk: &'a Desk) -> Option<Self> {
        let socket = desk.home.path().join("tmux.socket").to_str().expect("a UTF-8 path").to_owned();
        let terminal = Self { desk, socket };
        if Command::new("tmux").arg("-V").output().is_err() {
            #[expect(clippy::print_stderr, reason = "whoever reads the log should know")]
            {
                eprintln!("skipped: there is no tmux");
            }
            return None;
        }
        let config =
            desk.write("tmux.conf", "set -g set-clipboard on\nset -g default-terminal tmux-256color\n");
        let started = desk
            .command(&[])
            .get_envs()
            .fold(Command::new("tmux"), |mut tmux, (key, value)| {
                match value {
                    Some(value) => tmux.env(key, value),
                    None => tmux.env_remove(key),
                };
                tmux
            })
            .args(["-S", &terminal.socket, "-f", text(&config)])
            .args(["new-session", "-d", "-x", "100", "-y", "30", "env PS1='ready> ' sh -i"])
            .current_dir(desk.home.path())
            .output()
            .expect("tmux starts");
        assert!(started.status.success(), "{started:?}");
        terminal.wait("ready>");
        Some(terminal)
    }

    fn tmux(&self, args: &[&str]) -> Output {
        Command::new("tmux").args(["-S", &self.socket]).args(args).output().expect("tmux runs")
    }

    fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys", "--"], keys].concat());
    }

    fn typed(&self, text: &str) {
        self.tmux(&["send-keys", "-l", "--", text]);
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.tmux(&["capture-pane", "-p"]).stdout).into_owned()
    }

    /// Looks until all of `parts` are on the screen together.
    #[track_caller]
    fn wait_all(&self, parts: &[&str]) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if parts.iter().all(|part| screen.contains(part)) {
                return screen;
            }
            assert!(begun.elapsed() < LONGEST, "{parts:?} never came:\n{screen}");
        }
    }

    /// Looks until `part` is not on the screen any more.
    #[track_caller]
    fn wait_gone(&self, part: &str) {
        let begun = Instant::now();
        while self.screen().contains(part) {
            assert!(begun.elapsed() < LONGEST, "{part:?} stays:\n{}", self.screen());
        }
    }

    #[track_caller]
    fn wait(&self, part: &str) -> String {
        self.wait_all(&[part])
    }

    /// Starts the program from the shell and waits until it can be asked.
    fn start(&self) {
        self.typed(&format!("{} # {}\n", env!("CARGO_BIN_EXE_citedesk"), self.desk.home.path().display()));
        self.wait(" document");
    }

    /// Whether the shell has its terminal back as it was: lines, echo, no other screen.
    #[track_caller]
    fn is_restored(&self) {
        self.typed("stty -a | tr ' ;' '\\n\\n' | grep -xE 'icanon|echo' | tr '\\n' '+'; echo whole\n");
        self.wait("icanon+echo+whole");
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

#[test]
fn a_day_at_the_desk() {
    let desk = stocked();
    let Some(terminal) = Terminal::open(&desk) else { return };
    desk.write("citedesk.toml", "[tui]\nclipboard = \"terminal\"\n");
    terminal.start();
    terminal.typed(QUESTION);
    terminal.keys(&["Enter"]);
    terminal.wait_all(&["36 months", "Sources", "[1] Kestrel router"]);
    terminal.typed("And how do I reset it?");
    terminal.keys(&["Enter"]);
    terminal.wait("12 seconds");

    terminal.keys(&["Tab", "1"]);
    terminal.wait_all(&["router.md", "/ search"]);
    terminal.keys(&["w", "/"]);
    terminal.typed("purchase");
    terminal.keys(&["Enter"]);
    terminal.wait("match 1 of 1");
    // Two at once would be one key with Alt.
    terminal.keys(&["Escape"]);
    terminal.wait_gone("match 1 of 1");
    terminal.keys(&["Escape"]);
    terminal.wait_gone("router.md");
    terminal.keys(&["y"]);
    terminal.wait("answer copied by the terminal (OSC 52)");
    let copied = terminal.tmux(&["show-buffer"]).stdout;
    assert!(String::from_utf8_lossy(&copied).contains("12 seconds"), "{copied:?}");
    terminal.keys(&["-"]);
    terminal.wait("What is wrong?");
    terminal.typed("ask ann@example.com");
    terminal.keys(&["Enter"]);
    // The mark is there at once; the notice comes once it is written.
    terminal.wait_all(&["rated bad", "kept in "]);
    let ratings = desk.records().with_file_name("ratings.jsonl");
    let kept = std::fs::read_to_string(ratings).expect("the rating was kept");
    assert!(kept.contains("[EMAIL_1]") && !kept.contains("ann@"), "{kept}");

    terminal.tmux(&["resize-window", "-x", "60", "-y", "20"]);
    terminal.wait("12 seconds");
    terminal.tmux(&["resize-window", "-x", "20", "-y", "5"]);
    terminal.wait("terminal larger");
    terminal.tmux(&["resize-window", "-x", "100", "-y", "30"]);
    terminal.wait_all(&["36 months", "12 seconds"]);

    terminal.keys(&["C-z"]);
    terminal.wait("ready>");
    terminal.is_restored();
    terminal.typed("fg\n");
    terminal.wait_all(&["12 seconds", " document"]);
    terminal.keys(&["C-q"]);
    terminal.wait("ready>");
    terminal.is_restored();

    // The conversation goes on where it was.
    desk.write("citedesk.toml", "[tui]\nclipboard = [\"tee\", \"copied\"]\n");
    terminal.start();
    terminal.keys(&["C-t"]);
    terminal.wait_all(&["Conversations", QUESTION]);
    terminal.keys(&["Enter"]);
    terminal.wait_all(&["36 months", "12 seconds"]);
    terminal.keys(&["Tab", "y"]);
    terminal.wait("answer copied with tee");
    let copied = std::fs::read_to_string(desk.home.path().join("copied")).expect("it was copied");
    assert!(copied.contains("12 seconds"), "{copied}");
    terminal.keys(&["C-q"]);
    terminal.wait("ready>");
}

#[test]
fn the_terminal_is_restored_when_the_system_ends_the_program() {
    let desk = stocked();
    let Some(terminal) = Terminal::open(&desk) else { return };
    for signal in ["TERM", "HUP"] {
        terminal.start();
        let pane =
            String::from_utf8_lossy(&terminal.tmux(&["display", "-p", "#{pane_pid}"]).stdout).into_owned();
        let children = Command::new("pgrep").args(["-P", pane.trim()]).output().expect("pgrep runs").stdout;
        let child = String::from_utf8_lossy(&children).trim().to_owned();
        assert!(Command::new("kill").args(["-s", signal, &child]).status().expect("kill runs").success());
        terminal.wait("ready>");
        terminal.is_restored();
        terminal.typed("clear\n");
    }
}

#[test]
fn without_an_index_the_screen_says_what_to_do() {
    let desk = Desk::new();
    let Some(terminal) = Terminal::open(&desk) else { return };
    terminal.typed(&format!("{}\n", env!("CARGO_BIN_EXE_citedesk")));
    terminal.wait_all(&["there is no index", "citedesk ingest"]);
    terminal.typed("Why?");
    terminal.keys(&["Enter"]);
    terminal.wait_all(&["the question is kept", "Why?"]);
    terminal.keys(&["C-q"]);
    terminal.wait("ready>");
}

#[test]
fn line_by_line_everything_is_said() {
    let desk = stocked();
    let lines = format!(
        "{QUESTION}\n/open 1\n/rate up clear\n/export json kept.json\n/escalate please call\n/quit\n"
    );
    desk.feed(&["--plain"], lines.as_bytes())
        .exits(0)
        .says("Supported by 1: The warranty of the Kestrel router lasts 36 months")
        .says("Cited: ")
        .says("ratings.jsonl")
        .says("written: kept.json")
        .says("handed over in ");
    let kept = std::fs::read(desk.home.path().join("kept.json")).expect("the export is there");
    let kept: serde_json::Value = serde_json::from_slice(&kept).expect("it is JSON");
    assert_eq!(kept["turns"].as_array().map(Vec::len), Some(1));
    let notes = desk.records().with_file_name("handover");
    assert_eq!(std::fs::read_dir(notes).expect("notes are there").count(), 1);
}

#[test]
fn what_is_wrong_with_keys_and_colors_is_told_by_line_and_column() {
    let desk = Desk::bare();
    for (config, place) in [
        ("[tui.keys]\ncopy = [\"y\", \"ctr-y\"]\n", "citedesk.toml:2:14: tui.keys.copy.1"),
        ("[tui]\ntheme = \"dark\"\n[tui.keys]\ncpoy = \"x\"\n", "citedesk.toml:4:1: tui.keys.cpoy"),
        ("[tui.colors]\ngood = \"bold grin\"\n", "citedesk.toml:2:8: tui.colors.good"),
        ("[tui]\nclipboard = [\"\"]\n", "citedesk.toml:2:14: tui.clipboard.0"),
    ] {
        desk.write("citedesk.toml", config);
        desk.run(&[]).exits(2).says(place).says("try: ");
    }
}

#[test]
fn without_a_terminal_the_other_ways_are_named() {
    let desk = Desk::bare();
    desk.run(&[]).exits(2).says("not a terminal").says("--plain");
}

#[test]
fn the_tour_over_the_sample_is_told_line_by_line() {
    let lines = "How do I reset an Alder?\n/open 3\n/find button\nAnd a Granary?\n/quit\n";
    Desk::new()
        .feed(&["demo", "--tour", "--plain"], lines.as_bytes())
        .exits(0)
        .says("Tour 1/7: enter a question, such as “How do I reset an Alder?”")
        .says("Tour 2/7: every sentence names its source")
        .says("Tour 5/7: /copy");
}
