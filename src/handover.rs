//! Handing a question over: what is said of it, and the way to a program or into a folder.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tui::Handover;

use crate::failure::{Exit, Failure};

/// What is handed over of a question, without identifiers.
pub(crate) struct Note {
    /// For people, in Markdown.
    pub(crate) text: String,
    /// For programs: the same and its parts.
    pub(crate) json: String,
}

impl Note {
    /// Every text of `handover` goes through `mask`, whatever there will be in it.
    pub(crate) fn of(handover: &Handover, id: &str, mask: &dyn Fn(&str) -> String) -> Result<Self, Failure> {
        let mut value = serde_json::to_value(handover).map_err(|error| Failure::of(Exit::Error, &error))?;
        screen(&mut value, mask);
        value["v"] = 1.into();
        value["id"] = id.into();
        let text = value["text"].as_str().unwrap_or_default().to_owned();
        Ok(Self { text, json: value.to_string() })
    }
}

fn screen(value: &mut Value, mask: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = mask(text),
        Value::Array(items) => items.iter_mut().for_each(|item| screen(item, mask)),
        Value::Object(fields) => fields.values_mut().for_each(|field| screen(field, mask)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

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
    use tui::{Nearest, Tried};

    use super::*;

    #[test]
    fn every_text_is_screened() {
        let dirty = || "ann@example.com".to_owned();
        let handover = Handover {
            question: dirty(),
            remark: dirty(),
            text: dirty(),
            tried: vec![Tried {
                question: dirty(),
                answer: dirty(),
                refusal: dirty(),
                filters: vec![dirty()],
            }],
            passages: vec![Nearest {
                number: 1,
                document: dirty(),
                heading: dirty(),
                link: dirty(),
                page: Some(2),
                text: dirty(),
            }],
        };
        let note = Note::of(&handover, "n1", &|text| text.replace("ann@example.com", "[EMAIL_1]")).unwrap();
        assert_eq!(note.text, "[EMAIL_1]");
        assert!(!note.json.contains("ann@"), "{}", note.json);
        let value: Value = serde_json::from_str(&note.json).unwrap();
        assert_eq!(
            (&value["v"], &value["id"], &value["passages"][0]["page"]),
            (&1.into(), &"n1".into(), &2.into())
        );
    }

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
