//! The question edited with the letters of vi.

use proptest::prelude::*;

use super::*;
use crate::keys::Preset;
use crate::session::Vi;

fn vi() -> Session {
    let settings = settings(&Configuration { preset: Preset::Vi, ..Configuration::default() });
    let mut session = Session::new(settings, "c-1");
    session.handle(Event::Ready(status()));
    session
}

/// What is left of `text`, with the cursor at its end, after `keys` in normal mode; `|` shows the cursor.
fn edited(text: &str, keys: &str) -> String {
    let mut session = vi();
    session.handle(Event::Paste(text.into()));
    press(&mut session, "esc");
    typed(&mut session, keys);
    let (row, column) = (session.input.cursor().0, session.input.cursor().1);
    let mut lines = session.input.lines().to_vec();
    let at = lines[row].char_indices().nth(column).map_or(lines[row].len(), |(at, _)| at);
    lines[row].insert(at, '|');
    lines.join("\n")
}

#[test]
fn letters_are_commands() {
    for (text, keys, wanted) in [
        ("ein Gerät", "", "ein Gerä|t"),
        ("one two", "0", "|one two"),
        ("one two", "0$", "one tw|o"),
        ("one two", "hh", "one |two"),
        ("one", "hhhh", "|one"),
        ("one", "lll", "on|e"),
        ("one two", "0w", "one |two"),
        ("one two", "0e", "on|e two"),
        ("one two", "bb", "|one two"),
        ("Gerät", "x", "Ger|ä"),
        ("Gerät", "xxxxxx", "|"),
        ("one two", "0wD", "one| "),
        ("one two", "0dw", "|two"),
        ("one two", "0wdw", "one| "),
        ("one two", "0de", "| two"),
        ("one two", "db", "one |o"),
        ("one two", "d0", "|o"),
        ("one two", "0wd$", "one| "),
        ("one two", "0cwa", "a|two"),
        ("one two", "ccnew", "new|"),
        ("one two", "0wCnew", "one new|"),
        ("one two", "dz", "one tw|o"),
        ("a\nb\nc", "kdd", "a\n|c"),
        ("a\nb\nc", "dd", "a\n|b"),
        ("a\n\nc", "kx", "a\n|\nc"),
        ("one", "dd", "|"),
        ("one", "Ax", "onex|"),
        ("one", "Ix", "x|one"),
        ("one", "0ax", "ox|ne"),
        ("one", "ax", "onex|"),
        ("one", "0ix", "x|one"),
        ("one", "ox", "one\nx|"),
        ("one", "Ox", "x|\none"),
        ("one two", "0wDu", "one tw|o"),
        ("a b c d", "02w", "a b |c d"),
        ("a b c d", "02dw", "|c d"),
        ("a b c d", "0d3w", "|d"),
        ("a b c d", "09dw", "|"),
        ("abcdef", "03x", "|def"),
        ("abcdef", "010l", "abcde|f"),
        ("a\nb\nc", "kk2dd", "|c"),
        ("a\nb\nc", "kk9dd", "|"),
        ("a\nb\nc", "kk2ccx", "x|\nc"),
        ("one two", "0dwp", "tone| wo"),
        ("one two", "0ywP", "one| one two"),
        ("one two", "0yep", "oon|ene two"),
        ("one two", "0yyp", "one two\n|one two"),
        ("a\nb", "yyP", "a\n|b\nb"),
        ("a\nb", "kddp", "b\n|a"),
        ("one two", "y0", "|one two"),
        ("one two", "ybP", "one t|wtwo"),
        ("ab", "0x2dp", "|b"),
        ("one", "zZ1?", "on|e"),
    ] {
        assert_eq!(edited(text, keys), wanted, "{text:?} {keys:?}");
    }
}

#[test]
fn the_mode_is_shown_and_one_begins_by_typing() {
    let mut session = vi();
    assert!(screen(&mut session, 60, 20).contains("INSERT"));
    typed(&mut session, "How");
    press(&mut session, "esc");
    let shown = screen(&mut session, 60, 20);
    assert!(shown.contains("NORMAL") && shown.contains("How"), "{shown}");
    assert_eq!(press(&mut session, "enter").len(), 1, "it is asked in either mode");
    assert_eq!(session.vi, Some(Vi::Insert));
    press(&mut session, "tab");
    assert!(!screen(&mut session, 60, 20).contains("INSERT"), "it is no mode of reading");
    assert!(!screen(&mut ready(), 60, 20).contains("INSERT"), "nor of other keys");
}

#[test]
fn escape_stops_first_and_steps_back_last() {
    let mut session = vi();
    typed(&mut session, "Why?");
    let effects = press(&mut session, "enter");
    let [Effect::Ask { request, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(press(&mut session, "esc"), [Effect::Cancel { request: *request }]);
    press(&mut session, "tab i");
    typed(&mut session, "jk");
    assert_eq!(session.input.lines(), ["jk"]);
    press(&mut session, "esc");
    typed(&mut session, "dd/");
    assert_eq!((session.input.lines().join(""), session.vi), ("/".into(), Some(Vi::Insert)));
}

#[test]
fn earlier_questions_are_gone_through_at_the_edge() {
    let mut session = vi();
    session.handle(Event::Questions(vec!["One?".into(), "Two?".into()]));
    press(&mut session, "esc");
    typed(&mut session, "kk");
    assert_eq!(session.input.lines(), ["One?"]);
    typed(&mut session, "jj");
    assert_eq!(session.input.lines(), [""]);
}

proptest! {
    #[test]
    fn the_cursor_stays_in_the_text(keys in "[hjklwbe0$xdcyDCiaAIoOupP29/é漢 \u{1b}]{0,40}") {
        let mut session = vi();
        session.handle(Event::Paste("one zwölf\n\n漢字 👩‍👩‍👧 two".into()));
        for c in keys.chars() {
            session.handle(code(if c == '\u{1b}' { KeyCode::Esc } else { KeyCode::Char(c) }));
            let (row, column) = (session.input.cursor().0, session.input.cursor().1);
            let columns = session.input.lines()[row].chars().count();
            let last = if session.vi == Some(Vi::Insert) { columns } else { columns.saturating_sub(1) };
            prop_assert!(column <= last, "{} of {}", column, columns);
        }
    }
}
