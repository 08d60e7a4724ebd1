//! The person's own editor.

use std::fs;
use std::io::Write as _;
use std::process::Command;

use crate::backend::BackendError;

/// Longest text that is taken back, in bytes.
const LONGEST: u64 = 1 << 20;

/// Has `text` edited by `$VISUAL` or `$EDITOR`, `vi` where neither is set. The terminal must have been left.
pub(super) fn edit(text: &str) -> Result<String, BackendError> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
    edit_with(&editor, text)
}

/// `editor` is a program with its arguments, parted by spaces; no shell reads it.
fn edit_with(editor: &str, text: &str) -> Result<String, BackendError> {
    let failed = |error: &dyn std::fmt::Display| BackendError {
        message: format!("the editor {editor:?} did not edit the question: {error}"),
        hint: Some("set EDITOR to a program that can be started, such as nano".into()),
    };
    // Only this user can read it, and it is gone afterwards: what is typed is not screened yet.
    let mut file =
        tempfile::Builder::new().prefix("question-").suffix(".txt").tempfile().map_err(|e| failed(&e))?;
    file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(|error| failed(&error))?;
    let mut words = editor.split_whitespace();
    let status = Command::new(words.next().unwrap_or("vi"))
        .args(words)
        .arg(file.path())
        .status()
        .map_err(|error| failed(&error))?;
    if !status.success() {
        return Err(failed(&status));
    }
    // Editors may put a new file in place of the old one, so it is read by its name.
    if fs::metadata(file.path()).map_err(|error| failed(&error))?.len() > LONGEST {
        return Err(failed(&"the text is longer than 1 MiB"));
    }
    let bytes = fs::read(file.path()).map_err(|error| failed(&error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::edit_with;

    #[test]
    fn the_editor_gets_the_text_and_gives_it_back() {
        assert_eq!(edit_with("sed -i s/a/b/", "an apple\n"), Ok("bn apple\n".into()));
    }

    #[test]
    fn an_editor_that_fails_is_told() {
        for editor in ["false", "no-such-editor-here"] {
            let error = edit_with(editor, "x").expect_err("it fails");
            assert!(error.message.contains(editor) && error.hint.is_some(), "{error:?}");
        }
    }
}
