//! Parts of answers.

use serde_json::Value;

use super::render::hash;

/// A member that is text and not empty.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A member that stands for one thing: a number, or letters and digits.
pub(super) fn id(value: &Value, name: &str) -> Option<String> {
    let id = match value.get(name)? {
        Value::Number(number) => number.as_u64()?.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let sound = !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    sound.then_some(id)
}

/// A point in time as the help center writes it.
pub(super) fn time(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()).filter(|text| text.len() <= 64),
        _ => None,
    }
}

/// Stands for when something was changed, by the times of these names: what is remembered of it says nothing.
pub(super) fn version(value: &Value, names: &[&str]) -> Option<String> {
    let times: Vec<_> = names.iter().map(|name| time(value, name)).collect();
    times.iter().any(Option::is_some).then(|| hash(&format!("{times:?}")))
}

/// A whole number.
pub(super) fn number(value: &Value, name: &str) -> Option<i64> {
    value.get(name)?.as_i64()
}

/// An address that a person can open, without its query.
pub(super) fn url(value: &Value, name: &str) -> Option<String> {
    let url = text(value, name)?;
    let plain = url.split(['?', '#']).next()?;
    let sound = (plain.starts_with("https://") || plain.starts_with("http://"))
        && plain.len() <= 500
        && !plain.contains(|c: char| c.is_whitespace() || c.is_control());
    sound.then(|| plain.to_owned())
}

/// Whether a member is there and true.
pub(super) fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool) == Some(true)
}

/// A list that must be there.
pub(super) fn list<'v>(value: &'v Value, name: &str) -> Option<&'v Vec<Value>> {
    value.get(name)?.as_array()
}

/// A list of words, where there is one.
pub(super) fn words(value: &Value, name: &str) -> Vec<String> {
    let words = value.get(name).and_then(Value::as_array);
    words.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
