//! What happens while one works.

use corpus::Outcome;

use super::*;

#[test]
fn a_newer_generation_is_noticed_and_switched_to_on_demand() {
    let mut session = done(Outcome::Answered);
    assert_eq!(press(&mut session, "f5"), []);
    session.handle(Event::Newer("8".into()));
    screens!("newer", session);
    assert_eq!(press(&mut session, "f5"), [Effect::Switch]);
    let newest = Status { generation: "8".into(), documents: 71, ..status() };
    session.handle(Event::Switched(Ok(newest)));
    let shown = screen(&mut session, 120, 24);
    assert!(shown.contains("71 documents") && shown.contains("generation 8"), "{shown}");
    assert!(session.newer.is_none());
}

#[test]
fn a_switch_that_fails_leaves_the_old_generation() {
    let mut session = done(Outcome::Answered);
    session.handle(Event::Newer("8".into()));
    press(&mut session, "f5");
    session.handle(Event::Switched(Err(problem("the index cannot be read"))));
    let shown = screen(&mut session, 120, 24);
    assert!(shown.contains("the index cannot be read") && shown.contains("70 documents"), "{shown}");
}

#[test]
fn the_system_ends_and_suspends() {
    let mut session = ready();
    assert_eq!(press(&mut session, "ctrl-z"), [Effect::Suspend]);
    assert_eq!(session.handle(Event::Terminate), [Effect::Quit]);
}

#[test]
fn the_wheel_scrolls_what_has_the_keys() {
    let mut session = reading();
    screen(&mut session, 60, 12);
    let top = session.source.as_ref().map(|source| source.top);
    session.handle(Event::Wheel(3));
    screen(&mut session, 60, 12);
    assert!(session.source.as_ref().map(|source| source.top) > top);
}
