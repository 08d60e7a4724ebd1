//! Handing a question over: a note to a program or into a folder.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::{Exit, Failure};

/// How long a program may take.
const LONGEST: Duration = Duration::from_secs(30);

/// Gives `note` to `command` on its standard input. No shell reads anything, and nothing of the note is an argument.
pub(crate) fn to_command(command: &[String], note: &str) -> Result<String, Failure> {
    let Some(program) = command.first() else {
        return Err(Failure::new(Exit::Usage, "`escalation.command` is empty"));
    };
    let failed = |why: String| {
        Failure::new(Exit::Error, format!("{program:?} did not take the note: {why}"))
            .hint("correct `escalation.command` in the configuration; without it notes go into a folder")
    };
    tui::feed(command, note.as_bytes(), LONGEST).map_err(failed)?;
    Ok(format!("handed over to {program}"))
}

/// Writes `note` into a new file of `folder`.
pub(crate) fn to_folder(folder: &Path, id: &str, note: &str) -> Result<PathBuf, Failure> {
    let file = folder.join(format!("{id}.md"));
    fs::create_dir_all(folder).and_then(|()| write_new(&file, note)).map_err(|error| {
        Failure::new(Exit::Error, format!("the note was not written to {file:?}: {error}"))
            .hint("make the folder writable, or set `escalation.folder` in the configuration")
    })?;
    Ok(file)
}

/// Writes a file that must not be there yet, and waits until it is on disk. Half a file is not left behind.
pub(crate) fn write_new(file: &Path, text: &str) -> std::io::Result<()> {
    let mut new = fs::OpenOptions::new().write(true).create_new(true).open(file)?;
    new.write_all(text.as_bytes()).and_then(|()| new.sync_all()).inspect_err(|_| {
        let _ = fs::remove_file(file);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_an_input_and_never_an_argument() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("note");
        let command = ["tee".to_owned(), file.display().to_string()];
        to_command(&command, "$(rm -rf /) `x` \"quoted\"").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "$(rm -rf /) `x` \"quoted\"");
    }

    #[test]
    fn a_program_that_fails_is_named() {
        for command in ["false", "no-such-program-here"] {
            let failure = to_command(&[command.to_owned()], "note").unwrap_err();
            assert!(failure.to_string().contains(command) && failure.remedy().is_some(), "{failure}");
        }
    }

    #[test]
    fn no_file_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = to_folder(folder.path(), "a", "one").unwrap();
        assert!(to_folder(folder.path(), "a", "two").is_err());
        assert_eq!(fs::read_to_string(file).unwrap(), "one");
    }
}
