//! From keys to actions.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::{Action, Chord, Keys, Preset, Scope};
use crate::configuration::{ConfigurationError, OneOrMany};

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// An action.
    Action(Action),
    /// The first of two keys.
    Begun,
    /// Nothing.
    Nothing,
}

/// Which keys stand for which action.
#[derive(Clone, Debug)]
pub struct Keymap {
    bound: HashMap<(Scope, Keys), Action>,
    /// The same the other way round, as help shows it.
    shown: HashMap<Action, Vec<Keys>>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::with(Preset::Default, &HashMap::new())
    }
}

impl Keymap {
    /// The keys of `preset` with those of `tui.keys` in place of its own; an action without keys has none.
    pub fn new(preset: Preset, own: &BTreeMap<String, OneOrMany>) -> Result<Self, ConfigurationError> {
        let mut keys: HashMap<Action, Vec<Keys>> = HashMap::new();
        for (name, given) in own {
            let at = |index: usize| given.path(&["keys", name], index);
            let action = Action::named(name).ok_or_else(|| ConfigurationError {
                path: vec!["keys".into(), name.clone()],
                message: format!("{name:?} is no action"),
                hint: format!("one of {}", names()),
                names_key: true,
            })?;
            let mut parsed = Vec::new();
            for (index, text) in given.iter().enumerate() {
                let key = text.parse::<Keys>().map_err(|message| ConfigurationError {
                    path: at(index),
                    message,
                    hint: "two keys after one another are written with a space: \"g g\"".into(),
                    names_key: false,
                })?;
                parsed.push(key);
            }
            keys.insert(action, parsed);
        }
        let map = Self::with(preset, &keys);
        map.check(&keys, own)?;
        Ok(map)
    }

    /// Own keys go before those of the preset, so that a key can be given away without naming who had it.
    fn with(preset: Preset, own: &HashMap<Action, Vec<Keys>>) -> Self {
        let mut map = Self { bound: HashMap::new(), shown: HashMap::new() };
        for action in Action::ALL {
            for keys in own.get(action).into_iter().flatten() {
                map.bind(*action, *keys);
            }
        }
        for action in Action::ALL.iter().filter(|action| !own.contains_key(action)) {
            for keys in preset.keys(*action).iter().filter_map(|text| text.parse().ok()) {
                map.bind(*action, keys);
            }
        }
        map
    }

    fn bind(&mut self, action: Action, keys: Keys) {
        if let Entry::Vacant(place) = self.bound.entry((heard(action, keys), keys)) {
            place.insert(action);
            self.shown.entry(action).or_default().push(keys);
        }
    }

    /// Two actions that were given one key, and keys that are the beginning of others.
    fn check(
        &self,
        keys: &HashMap<Action, Vec<Keys>>,
        own: &BTreeMap<String, OneOrMany>,
    ) -> Result<(), ConfigurationError> {
        for action in Action::ALL {
            for (index, key) in keys.get(action).into_iter().flatten().enumerate() {
                let path =
                    || own.get(action.name()).map_or(Vec::new(), |g| g.path(&["keys", action.name()], index));
                let other = Action::ALL.iter().find(|other| {
                    *other != action
                        && overlap(heard(**other, *key), heard(*action, *key))
                        && keys.get(other).is_some_and(|others| others.contains(key))
                });
                if let Some(other) = other {
                    return Err(ConfigurationError {
                        path: path(),
                        message: format!("{key} is given to {:?} and to {:?}", action.name(), other.name()),
                        hint: "give each its own".into(),
                        names_key: false,
                    });
                }
                let longer = self.bound.iter().find(|((scope, longer), _)| {
                    key.1.is_none()
                        && longer.0 == key.0
                        && longer.1.is_some()
                        && overlap(*scope, heard(*action, *key))
                });
                if let Some(((_, longer), other)) = longer {
                    return Err(ConfigurationError {
                        path: path(),
                        message: format!("{key} is the beginning of {longer}, which is {:?}", other.name()),
                        hint: format!("give {:?} other keys, or none: []", other.name()),
                        names_key: false,
                    });
                }
            }
        }
        Ok(())
    }

    /// What `chord` means in `scope`, after `begun` where a first key was pressed. Keys of the scope go before those that
    /// are listened to everywhere.
    pub fn find(&self, scope: Scope, begun: Option<Chord>, chord: Chord) -> Found {
        let keys = match begun {
            Some(first) => Keys(first, Some(chord)),
            None => Keys(chord, None),
        };
        let scopes = [scope, Scope::Everywhere];
        if let Some(action) = scopes.iter().find_map(|scope| self.bound.get(&(*scope, keys))) {
            return Found::Action(*action);
        }
        let begins =
            |(listed, keys): &(Scope, Keys)| scopes.contains(listed) && keys.0 == chord && keys.1.is_some();
        if begun.is_none() && self.bound.keys().any(begins) { Found::Begun } else { Found::Nothing }
    }

    /// The keys of `action`, the one to show first.
    pub fn keys(&self, action: Action) -> &[Keys] {
        self.shown.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The first key of `action` as it is shown; empty where it has none.
    pub fn key(&self, action: Action) -> String {
        self.keys(action).first().map_or_else(String::new, Keys::to_string)
    }
}

/// Where `keys` of `action` are listened to. A letter must stay one while a question is typed.
fn heard(action: Action, keys: Keys) -> Scope {
    match action.scope() {
        Scope::Everywhere if keys.0.is_text() => Scope::Reading,
        scope => scope,
    }
}

fn overlap(one: Scope, other: Scope) -> bool {
    one == other || one == Scope::Everywhere || other == Scope::Everywhere
}

fn names() -> String {
    Action::ALL.iter().map(|action| action.name()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn own(rows: &[(&str, &[&str])]) -> BTreeMap<String, OneOrMany> {
        rows.iter()
            .map(|(name, keys)| {
                ((*name).to_owned(), OneOrMany::Many(keys.iter().map(|&key| key.to_owned()).collect()))
            })
            .collect()
    }

    fn chord(text: &str) -> Chord {
        text.parse().expect("a key")
    }

    #[test]
    fn presets_can_be_read_and_do_not_contradict_themselves() {
        for preset in [Preset::Default, Preset::Vi, Preset::Emacs] {
            let mut seen = HashMap::new();
            for action in Action::ALL {
                for text in preset.keys(*action) {
                    let keys: Keys = text.parse().expect("a key");
                    let before = seen.insert((heard(*action, keys), keys), *action);
                    assert_eq!(before, None, "{preset:?}: {text} has two meanings");
                }
            }
            let map = Keymap::new(preset, &BTreeMap::new()).expect("a keymap");
            for action in [Action::Quit, Action::Help, Action::Ask, Action::Back, Action::Copy] {
                assert!(!map.keys(action).is_empty(), "{preset:?} {action:?}");
            }
        }
    }

    #[test]
    fn own_keys_go_before_those_of_the_preset() {
        let map = Keymap::new(Preset::Default, &own(&[("copy", &["c"]), ("golden", &[])])).expect("a keymap");
        assert_eq!(map.find(Scope::Reading, None, chord("c")), Found::Action(Action::Copy));
        assert_eq!(map.find(Scope::Reading, None, chord("y")), Found::Nothing);
        assert_eq!(map.keys(Action::Golden), []);
        assert_eq!(map.keys(Action::NextCitation), []);
    }

    #[test]
    fn two_keys_after_one_another() {
        let map = Keymap::new(Preset::Vi, &BTreeMap::new()).expect("a keymap");
        assert_eq!(map.find(Scope::Reading, None, chord("g")), Found::Begun);
        assert_eq!(map.find(Scope::Reading, Some(chord("g")), chord("g")), Found::Action(Action::Top));
        assert_eq!(map.find(Scope::Reading, Some(chord("g")), chord("x")), Found::Nothing);
        assert_eq!(map.find(Scope::Question, None, chord("g")), Found::Nothing);
    }

    #[test]
    fn letters_stay_letters_in_a_question() {
        let map = Keymap::default();
        assert_eq!(map.find(Scope::Reading, None, chord("?")), Found::Action(Action::Help));
        assert_eq!(map.find(Scope::Question, None, chord("?")), Found::Nothing);
        assert_eq!(map.find(Scope::Question, None, chord("f1")), Found::Action(Action::Help));
    }

    #[test]
    fn what_cannot_work_is_an_error_that_names_its_place() {
        for (rows, part, path) in [
            (own(&[("cpoy", &["y"])]), "no action", vec!["keys", "cpoy"]),
            (own(&[("copy", &["y", "ctr-y"])]), "no key", vec!["keys", "copy", "1"]),
            (own(&[("copy", &["x"]), ("dropped", &["x"])]), "is given to", vec!["keys", "dropped", "0"]),
            (own(&[("copy", &["x"]), ("golden", &["x x"])]), "the beginning of", vec!["keys", "copy", "0"]),
        ] {
            let error = Keymap::new(Preset::Default, &rows).expect_err(part);
            assert!(error.message.contains(part), "{error:?}");
            assert_eq!(error.path, path, "{error:?}");
        }
    }
}
