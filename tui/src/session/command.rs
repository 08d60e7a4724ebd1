//! Lines that begin with a slash.

use crate::keys::Action;

/// What a line that begins with a slash asks for, or what is wrong with it.
pub(super) fn parse(line: &str) -> Option<Result<(Action, String), String>> {
    let line = line.strip_prefix('/')?.trim();
    let (name, rest) = split(line);
    let (second, after) = split(rest);
    // `/rate up` is `rate-up`.
    if let Some(action) = Action::named(&format!("{name}-{second}")) {
        return Some(Ok((action, after.to_owned())));
    }
    let name = match name {
        "q" | "exit" => "quit",
        "save" => "export",
        "resume" => "conversations",
        name => name,
    };
    Some(match Action::named(name).filter(|action| action.is_command()) {
        Some(action) => Ok((action, rest.to_owned())),
        None if name == "rate" => Err("write /rate up or /rate down".into()),
        None => Err(format!("there is no command /{name}")),
    })
}

fn split(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).map_or((text, ""), |(first, rest)| (first, rest.trim()))
}

/// The commands whose names begin like `line`, which begins with a slash.
pub(crate) fn suggestions(line: &str) -> Vec<Action> {
    let Some(begun) = line.strip_prefix('/') else { return Vec::new() };
    let name = split(begun).0;
    let exact = begun.len() > name.len();
    let fits = |action: &Action| {
        action.is_command() && if exact { action.name() == name } else { action.name().starts_with(name) }
    };
    Action::ALL.iter().copied().filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_arguments_and_other_names() {
        let read = |line: &str| parse(line).expect("a command");
        assert_eq!(read("/filter product:Hub "), Ok((Action::Filter, "product:Hub".into())));
        assert_eq!(read("/rate up  well said"), Ok((Action::RateUp, "well said".into())));
        assert_eq!(read("/rate-down"), Ok((Action::RateDown, String::new())));
        assert_eq!(read("/copy sources"), Ok((Action::CopySources, String::new())));
        assert_eq!(read("/q"), Ok((Action::Quit, String::new())));
        assert!(read("/rate").is_err() && read("/").is_err() && read("/up").is_err());
        assert_eq!(parse("a/b"), None);
    }

    #[test]
    fn what_is_begun_is_suggested() {
        assert_eq!(suggestions("/fil"), [Action::Filter]);
        assert_eq!(suggestions("/filter x"), [Action::Filter]);
        assert!(suggestions("/").len() > 10);
        assert!(suggestions("x").is_empty() && suggestions("/zzz").is_empty());
    }
}
