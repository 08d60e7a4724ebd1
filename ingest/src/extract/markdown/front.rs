//! Front matter: the properties at the top of a page.

use super::super::fields::Fields;

/// Reads the flat entries of YAML front matter.
///
/// Only what can become a filter is wanted: scalars, lists of scalars and block text at the top level. Nested maps,
/// anchors and tags are passed over, which also keeps hostile YAML harmless.
pub(super) fn yaml(text: &str, fields: &mut Fields) {
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with([' ', '\t', '#', '-']) {
            continue;
        }
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = without_comment(value.trim());
        let mut below = Vec::new();
        while let Some(next) =
            lines.next_if(|next| next.starts_with([' ', '\t', '-']) || next.trim().is_empty())
        {
            below.push(next.trim());
        }
        let value = match value {
            "" if below.iter().any(|line| line.starts_with("- ")) => {
                let items = below.iter().filter_map(|line| line.strip_prefix("- "));
                items.map(|item| unquoted(item.trim())).collect::<Vec<_>>().join(", ")
            }
            "" => continue,
            "|" | "|-" | "|+" | ">" | ">-" | ">+" => below.join(" ").trim().to_owned(),
            _ => match value.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
                Some(list) => {
                    list.split(',').map(|item| unquoted(item.trim())).collect::<Vec<_>>().join(", ")
                }
                None => unquoted(value),
            },
        };
        fields.set(&unquoted(key.trim()), &value);
    }
}

/// Reads the top-level entries of TOML front matter.
pub(super) fn toml(text: &str, fields: &mut Fields) {
    let Ok(table) = text.parse::<toml::Table>() else { return };
    for (key, value) in &table {
        match value {
            toml::Value::Array(items) => {
                let items: Vec<_> = items.iter().filter_map(scalar).collect();
                fields.set(key, &items.join(", "));
            }
            value => {
                if let Some(value) = scalar(value) {
                    fields.set(key, &value);
                }
            }
        }
    }
}

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Datetime(time) => Some(time.to_string()),
        toml::Value::Array(_) | toml::Value::Table(_) => None,
    }
}

fn without_comment(value: &str) -> &str {
    if value.starts_with(['"', '\'']) {
        return value;
    }
    value.find(" #").and_then(|at| value.get(..at)).unwrap_or(value).trim_end()
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        let inner =
            value.strip_prefix(quote).and_then(|rest| rest.rfind(quote).and_then(|end| rest.get(..end)));
        if let Some(inner) = inner {
            return if quote == '"' {
                inner.replace("\\\"", "\"").replace("\\\\", "\\")
            } else {
                inner.replace("''", "'")
            };
        }
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Fields {
        let mut fields = Fields::default();
        yaml(text, &mut fields);
        fields
    }

    #[test]
    fn scalars_lists_and_block_text() {
        let fields = read(concat!(
            "title: 'It''s \"here\": a page' # note\n",
            "product: \"Router \\\"X\\\"\"\n",
            "tags:\n  - one\n  - \"two\"\n",
            "audience: [admins, users]\n",
            "version: >-\n  2.0\n  and later\n",
            "status: Deprecated # since May\n",
        ));
        assert_eq!(fields.title.as_deref(), Some("It's \"here\": a page"));
        let get = |key: &str| fields.metadata.get(key).map(String::as_str);
        assert_eq!(get("product"), Some("Router \"X\""));
        assert_eq!(get("tags"), Some("one, two"));
        assert_eq!(get("audience"), Some("admins, users"));
        assert_eq!(get("version"), Some("2.0 and later"));
        assert_eq!(get("status"), Some("deprecated"));
    }

    #[test]
    fn nested_maps_are_passed_over() {
        let fields = read("seo:\n  title: Other\n  description: x\ntitle: Page\n");
        assert_eq!(fields.title.as_deref(), Some("Page"));
    }

    #[test]
    fn toml_is_read() {
        let mut fields = Fields::default();
        toml(
            "title = \"Page\"\nlastmod = 2024-05-01\ntags = [\"a\", \"b\"]\n[extra]\ntitle = \"x\"",
            &mut fields,
        );
        assert_eq!(fields.title.as_deref(), Some("Page"));
        assert!(fields.modified.is_some());
        assert_eq!(fields.metadata.get("tags").map(String::as_str), Some("a, b"));
    }

    #[test]
    fn broken_toml_says_nothing() {
        let mut fields = Fields::default();
        toml("title = ", &mut fields);
        assert_eq!(fields, Fields::default());
    }
}
