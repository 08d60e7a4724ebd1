//! Where a key stands in a file.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Line and column, counted from 1, of the value under `path` in a TOML file, or of the last key itself. Where only the
/// beginning of the path is there, that is told.
pub(crate) fn locate(file: &Path, path: &[String], key: bool) -> Option<(usize, usize)> {
    let text = std::fs::read_to_string(file).ok()?;
    let at = offset(&text, path, key)?;
    let before = text.get(..at)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Some((line, column))
}

fn offset(text: &str, path: &[String], key: bool) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let mut found = None;
    let mut within: Option<&Spanned<DeValue<'_>>> = None;
    for (index, part) in path.iter().enumerate() {
        let named = match within.map(Spanned::get_ref) {
            None => table.get_ref().get_key_value(part.as_str()),
            Some(DeValue::Table(inner)) => inner.get_key_value(part.as_str()),
            Some(DeValue::Array(items)) => {
                within = Some(items.get(part.parse::<usize>().ok()?)?);
                found = within.map(|value| value.span().start);
                continue;
            }
            Some(_) => break,
        };
        let Some((name, value)) = named else { break };
        let wanted = key && index + 1 == path.len();
        found = Some(if wanted { name.span().start } else { value.span().start });
        within = Some(value);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[tui]\ntheme = \"dark\"\n\n[tui.keys]\ncopy = [\"y\", \"ctr-y\"]\n  cpoy = \"x\"\n";

    fn at(path: &[&str], key: bool) -> Option<(usize, usize)> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("citedesk.toml");
        std::fs::write(&file, FILE).unwrap();
        let path: Vec<String> = path.iter().map(|&part| part.to_owned()).collect();
        locate(&file, &path, key)
    }

    #[test]
    fn values_items_and_keys_are_found() {
        assert_eq!(at(&["tui", "theme"], false), Some((2, 9)));
        assert_eq!(at(&["tui", "keys", "copy", "1"], false), Some((5, 14)));
        assert_eq!(at(&["tui", "keys", "cpoy"], true), Some((6, 3)));
        assert_eq!(at(&["models"], true), None);
    }
}
