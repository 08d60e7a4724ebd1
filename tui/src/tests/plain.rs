//! The session line by line.

use std::ops::ControlFlow;
use std::path::Path;

use corpus::{AnswerEvent, DocumentId, Outcome, Refusal};

use super::*;
use crate::backend::{Ask, Backend, Conversation, Feedback, Handover, Resumed};

/// Answers every question in the same way, and refuses those about warranties.
#[derive(Default)]
struct Fixed {
    switched: bool,
}

impl Backend for Fixed {
    fn status(&self) -> Status {
        status()
    }

    fn screen(&mut self, text: &str) -> Screened {
        let hidden = text.replace("ann@example.com", "[EMAIL_1]");
        let masked = if hidden == text { [].into() } else { [("email".to_owned(), 1)].into() };
        Screened { text: hidden, masked }
    }

    fn ask(
        &mut self,
        ask: &Ask,
        sink: &mut dyn FnMut(AnswerEvent) -> ControlFlow<()>,
    ) -> Result<Kept, BackendError> {
        assert!(!ask.question.contains('@'), "what is asked is screened");
        let _ = sink(AnswerEvent::Passages { passages: passages() });
        let outcome = if ask.question.contains("warranty") {
            Outcome::Refused(Refusal::TooLittleEvidence)
        } else {
            for sentence in sentences() {
                let _ = sink(AnswerEvent::Sentence { sentence });
            }
            Outcome::Answered
        };
        let mut answer = answer(outcome);
        answer.question.clone_from(&ask.question);
        let _ = sink(AnswerEvent::Done { answer: Box::new(answer) });
        Ok(Kept { record: Some("r1".into()), ..Kept::default() })
    }

    fn document(&mut self, _: &DocumentId) -> Result<Option<DocumentRecord>, BackendError> {
        Ok(Some(record()))
    }

    fn questions(&mut self) -> Result<Vec<String>, BackendError> {
        Ok(vec!["Where is my parcel?".into()])
    }

    fn conversations(&mut self) -> Result<Vec<Conversation>, BackendError> {
        Ok(Vec::new())
    }

    fn resume(&mut self, _: &str) -> Result<Vec<Resumed>, BackendError> {
        Ok(Vec::new())
    }

    fn feedback(&mut self, _: Option<&str>, _: &Answer, _: &Feedback) -> Result<String, BackendError> {
        Ok("kept in ratings.jsonl".into())
    }

    fn escalate(&mut self, handover: &Handover) -> Result<String, BackendError> {
        assert!(handover.text.contains("# Hand-over"));
        Err(problem("nobody is named"))
    }

    fn write(&mut self, _: &Path, _: &str) -> Result<(), BackendError> {
        Ok(())
    }

    fn newer(&mut self) -> Option<String> {
        (!self.switched).then(|| "8".into())
    }

    fn switch(&mut self) -> Result<Status, BackendError> {
        self.switched = true;
        Ok(Status { generation: "8".into(), ..status() })
    }
}

fn heard(lines: &str) -> String {
    let mut output = Vec::new();
    let mut backend = Fixed::default();
    crate::plain::run(&mut backend, Settings::default(), "c-1", &mut lines.as_bytes(), &mut output)
        .expect("it ends well");
    String::from_utf8(output).expect("text")
}

#[test]
fn everything_is_said_in_lines() {
    insta::assert_snapshot!(
        "plain",
        heard(
            "How long can ann@example.com return a hub?\n/open 1\n/find 5 days\n/compare 1 2\n/copy sources\n\
             /rate down\nwrong model\n/history parcel\n1\nIs there a warranty?\n/escalate now\n/switch\n/nonsense\n\
             /mode draft\n/quit\nnever read\n"
        )
    );
}

#[test]
fn a_passage_that_nothing_cites_is_not_said_to_be_cited() {
    let said = heard("How long can I return a hub?\n/open 1\nIs there a warranty?\n/open 1\n");
    let (answered, refused) = said.split_once("No grounded answer").expect("one of each");
    assert!(answered.contains("\nCited: You can return a hub within 30 days of delivery.\n"), "{answered}");
    assert!(
        refused.contains("\nFound, not cited: You can return a hub") && !refused.contains("Cited: "),
        "{refused}"
    );
}

#[test]
fn the_end_of_the_input_ends_it() {
    assert!(heard("/help").contains("/escalate"));
}

#[test]
fn output_that_is_closed_ends_it() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut backend = Fixed::default();
    let result =
        crate::plain::run(&mut backend, Settings::default(), "c-1", &mut &b"Why?\nWhy?\n"[..], &mut Closed);
    assert_eq!(result.expect_err("it fails").kind(), std::io::ErrorKind::BrokenPipe);
}

#[test]
fn the_tour_is_told_line_by_line() {
    let mut output = Vec::new();
    let settings = Settings {
        tour: Some(["How long can I return a hub?".into(), "And a lamp?".into()]),
        ..Settings::default()
    };
    let lines = "How long can I return a hub?\n/open 1\n/find days\nAnd a lamp?\n/copy\n/rate up clear\n/help\nAnd a door?\n";
    crate::plain::run(&mut Fixed::default(), settings, "c-1", &mut lines.as_bytes(), &mut output)
        .expect("it ends well");
    let said = String::from_utf8(output).expect("text");
    let steps: Vec<&str> = said.lines().filter(|line| line.starts_with("Tour")).collect();
    assert_eq!(steps.len(), 8, "{steps:#?}");
    for (step, part) in steps.iter().zip(["hub", "/open", "/find", "lamp", "/copy", "/rate", "/help", "all"])
    {
        assert!(step.contains(part) && !step.contains("Ctrl"), "{steps:#?}");
    }
}
