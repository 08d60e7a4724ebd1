//! Programs that take a text on their standard input.

use std::io::{self, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often it is looked whether a program has ended.
const LOOK: Duration = Duration::from_millis(5);

/// Gives `text` to `command`, a program with its arguments, on its standard input, and waits until it has ended well. No
/// shell reads anything, and nothing of the text is an argument. A program that takes longer than `longest` is killed. The error says why the
/// text was not taken.
pub fn feed(command: &[String], text: &[u8], longest: Duration) -> Result<(), String> {
    let (program, arguments) = command.split_first().ok_or("no program is named")?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // What a key of the terminal stops is this program alone, and what a hang-up ends too.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let stdin = child.stdin.take();
    let text = text.to_owned();
    // On a thread of its own: a program that reads nothing must not hold this one up.
    thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&text)));
    match wait(&mut child, longest).map_err(|error| error.to_string())? {
        // Who ended well without reading everything has what it wanted.
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(status.to_string()),
        None => Err(format!("it was stopped after {} s", longest.as_secs_f32())),
    }
}

/// How it ended; nothing where it had to be killed.
fn wait(child: &mut Child, longest: Duration) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begun.elapsed() >= longest {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn command(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn the_text_is_an_input_and_never_an_argument() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("text");
        let text = "$(rm -rf /) `x` \"quoted\"\n漢";
        let tee = command(&["tee", file.to_str().expect("a UTF-8 path")]);
        assert_eq!(feed(&tee, text.as_bytes(), LONG), Ok(()));
        assert_eq!(std::fs::read_to_string(&file).expect("it was written"), text);
    }

    #[test]
    fn a_program_that_fails_or_is_not_there_is_told() {
        for words in [&["false"][..], &["no-such-program-here"], &[]] {
            assert!(feed(&command(words), b"x", LONG).is_err(), "{words:?}");
        }
    }

    #[test]
    fn a_program_that_hangs_is_killed() {
        // It reads nothing, and the text does not fit into the pipe.
        let text = vec![b'x'; 1 << 20];
        let error =
            feed(&command(&["sleep", "600"]), &text, Duration::from_millis(50)).expect_err("it hangs");
        assert!(error.contains("stopped after 0.05 s"), "{error}");
    }
}
