//! The clipboard: a program of the system that takes a text, or the terminal.

use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::mpsc;

use super::terminal;
use crate::backend::BackendError;
use crate::program::feed;
use crate::session::Event;

/// How long a program may take: those that serve a selection go on in the background.
const LONGEST: Duration = Duration::from_secs(3);
/// Stands for the terminal where a program could be named.
pub(crate) const TERMINAL: &str = "terminal";

/// Where copied text goes.
pub(super) struct Clipboard {
    /// A program with its arguments; none asks the terminal.
    command: Option<Vec<String>>,
    /// The copy that is being made.
    running: Option<JoinHandle<()>>,
}

impl Clipboard {
    /// What is configured, or else what is found on this system.
    pub(super) fn new(configured: &[String]) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let path = variable("PATH").unwrap_or_default();
        let is_there =
            |program: &str| std::env::split_paths(&path).any(|folder| is_program(&folder, program));
        let command = match configured {
            [] => find(&|name| variable(name).is_some(), &is_there),
            [terminal] if terminal == TERMINAL => None,
            command => Some(command.to_owned()),
        };
        Self { command, running: None }
    }

    /// Copies `text`; what came of it is told as an event. `what` names it for that.
    pub(super) fn copy(&mut self, what: String, text: String, events: &mpsc::Sender<Event>) -> Option<Event> {
        let Some(command) = self.command.clone() else {
            let told = terminal::copy(&text)
                .map(|()| format!("{what} copied by the terminal (OSC 52)"))
                .map_err(|error| failed(TERMINAL, &error.to_string()));
            return Some(Event::Told(told));
        };
        if self.running.as_ref().is_some_and(|running| !running.is_finished()) {
            return Some(Event::Told(Ok("the last copy is still being made".into())));
        }
        let events = events.clone();
        let program = command.first().cloned().unwrap_or_default();
        let copying = thread::Builder::new().name("clipboard".into()).spawn(move || {
            let told = match feed(&command, &encoded(&program, &text), LONGEST) {
                Ok(()) => Ok(format!("{what} copied with {}", short(&program))),
                Err(why) => Err(failed(&program, &why)),
            };
            // At the end of the session nobody listens any more.
            let _ = events.blocking_send(Event::Told(told));
        });
        match copying {
            Ok(running) => {
                self.running = Some(running);
                None
            }
            Err(error) => Some(Event::Told(Err(failed("a thread", &error.to_string())))),
        }
    }
}

fn failed(program: &str, why: &str) -> BackendError {
    BackendError {
        message: format!("nothing was copied: {}: {why}", short(program)),
        hint: Some(
            "name a program that takes text, such as tui.clipboard = [\"wl-copy\"], or have the terminal copy: \
             tui.clipboard = \"terminal\""
                .into(),
        ),
    }
}

/// The program of this system that takes text for the clipboard. Over SSH it would be the clipboard of the wrong machine.
fn find(is_set: &dyn Fn(&str) -> bool, is_there: &dyn Fn(&str) -> bool) -> Option<Vec<String>> {
    if is_set("SSH_TTY") || is_set("SSH_CONNECTION") {
        return None;
    }
    let windows = cfg!(windows) || is_set("WSL_DISTRO_NAME") || is_set("WSL_INTEROP");
    let known: [(bool, &[&str]); 6] = [
        (windows, &["win32yank.exe", "-i", "--crlf"]),
        (windows, &["clip.exe"]),
        (true, &["pbcopy"]),
        (is_set("WAYLAND_DISPLAY"), &["wl-copy"]),
        (is_set("DISPLAY"), &["xclip", "-selection", "clipboard"]),
        (is_set("DISPLAY"), &["xsel", "-ib"]),
    ];
    let (_, command) = known.iter().find(|(fits, command)| *fits && is_there(command[0]))?;
    Some(command.iter().map(|&word| word.to_owned()).collect())
}

/// The text as `program` reads it: Windows' own program takes bytes for the code page of a console, unless they are UTF-16.
fn encoded(program: &str, text: &str) -> Vec<u8> {
    if short(program).eq_ignore_ascii_case("clip.exe") {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else {
        text.as_bytes().to_owned()
    }
}

/// A program's name without its folder.
fn short(program: &str) -> &str {
    Path::new(program).file_name().and_then(|name| name.to_str()).unwrap_or(program)
}

#[cfg(unix)]
fn is_program(folder: &Path, program: &str) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(folder.join(program))
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(folder: &Path, program: &str) -> bool {
    folder.join(program).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[&str], programs: &[&str]) -> String {
        find(&|name| variables.contains(&name), &|program| programs.contains(&program))
            .map_or_else(|| TERMINAL.into(), |command| command.join(" "))
    }

    #[test]
    fn the_program_of_the_system_is_found() {
        let all = ["wl-copy", "xclip", "xsel"];
        assert_eq!(found(&["WAYLAND_DISPLAY", "DISPLAY"], &all), "wl-copy");
        assert_eq!(found(&["DISPLAY"], &all), "xclip -selection clipboard");
        assert_eq!(found(&["WAYLAND_DISPLAY", "DISPLAY"], &["xsel"]), "xsel -ib");
        assert_eq!(found(&[], &["pbcopy"]), "pbcopy");
        assert_eq!(found(&["WSL_DISTRO_NAME", "DISPLAY"], &["clip.exe", "xclip"]), "clip.exe");
        assert_eq!(found(&["WSL_INTEROP"], &["clip.exe", "win32yank.exe"]), "win32yank.exe -i --crlf");
        for (variables, programs) in [
            (&["DISPLAY"][..], &[][..]),
            (&[], &all),
            (&["DISPLAY"], &["clip.exe"]),
            (&["WAYLAND_DISPLAY"], &["xclip"]),
        ] {
            assert_eq!(found(variables, programs), TERMINAL, "{variables:?} {programs:?}");
        }
    }

    #[test]
    fn over_ssh_the_clipboard_is_that_of_the_terminal() {
        for name in ["SSH_TTY", "SSH_CONNECTION"] {
            assert_eq!(
                found(&[name, "DISPLAY", "WAYLAND_DISPLAY"], &["wl-copy", "xclip", "pbcopy"]),
                TERMINAL
            );
        }
    }

    #[test]
    fn windows_reads_utf_16() {
        assert_eq!(encoded("/mnt/c/Windows/System32/clip.exe", "é😀"), b"\xe9\x00\x3d\xd8\x00\xde");
        assert_eq!(encoded("wl-copy", "é"), "é".as_bytes());
    }

    #[cfg(unix)]
    #[test]
    fn what_a_program_does_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("copied");
        let (events, mut heard) = mpsc::channel(1);
        let mut copied = |command: &[&str]| {
            let command: Vec<String> = command.iter().map(|&word| word.to_owned()).collect();
            let told = Clipboard::new(&command).copy("answer".into(), "thirty days".into(), &events);
            match told.or_else(|| heard.blocking_recv()) {
                Some(Event::Told(told)) => told,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(copied(&["tee", file.to_str().expect("a path")]), Ok("answer copied with tee".into()));
        assert_eq!(std::fs::read_to_string(&file).expect("it was copied"), "thirty days");
        let error = copied(&["/bin/false"]).expect_err("it fails");
        assert!(
            error.message.contains("false") && error.hint.is_some_and(|hint| hint.contains("tui.clipboard"))
        );
    }
}
