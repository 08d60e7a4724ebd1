use super::*;
use crate::evidence::Vectors;
use crate::language::Tongue;
use crate::testing::{WordBag, passage};
use corpus::Passage;

fn said(question: &str, passages: &[Passage]) -> Vec<String> {
    let tongue = Tongue::english();
    let material = Material::new(passages, &tongue);
    let question = Question::new(question, question, &tongue);
    let evidence = material.weigh(&question, &mut Vectors::default(), &WordBag, None).expect("evidence");
    let order = current(&evidence, &material);
    select(&question, &evidence, &material, &order)
        .into_iter()
        .map(|at| material.candidates[at].text.clone())
        .collect()
}

#[test]
fn the_sentence_that_speaks_of_the_question_is_chosen() {
    let passages = [
        passage(
            1,
            "Warranty",
            &[],
            "The Kestrel is made of steel. The warranty of the Kestrel is two years. It is sold online.",
        ),
        passage(2, "Shipping", &[], "Parcels are sent on Mondays."),
    ];
    let said = said("How long is the warranty of the Kestrel?", &passages);
    assert_eq!(said[0], "The warranty of the Kestrel is two years.");
}

#[test]
fn steps_are_said_as_a_whole() {
    let passages = [passage(
        1,
        "Reset the hub",
        &[],
        "1. Unplug the hub.\n\n2. Hold the reset button of the hub for 10 seconds.\n\n3. Let go.",
    )];
    assert!(said("How do I reset the hub?", &passages)[0].starts_with("1. Unplug"));
}

#[test]
fn what_is_replaced_is_not_said_beside_what_holds() {
    let mut old = passage(1, "Refund policy", &[], "A refund takes 10 days to arrive.");
    old.chunk.metadata.insert("status".into(), "superseded".into());
    let new = passage(2, "Refund policy", &["Refunds"], "A refund takes 5 days to arrive.");
    assert_eq!(
        said("How long does a refund take to arrive?", &[old, new]),
        ["A refund takes 5 days to arrive."]
    );
}

#[test]
fn what_is_replaced_is_said_where_it_is_asked_for_by_version() {
    let mut old = passage(1, "Barn API (v1)", &[], "Lists return 50 entries per page.");
    old.chunk.metadata.insert("status".into(), "deprecated".into());
    let new = passage(2, "Barn API (v2)", &[], "Lists return 100 entries per page.");
    let said = said("How many entries do lists of API v1 return per page?", &[old, new]);
    assert_eq!(said[0], "Lists return 50 entries per page.");
}

#[test]
fn a_sentence_that_leans_brings_the_one_before() {
    let passages =
        [passage(1, "Hub", &[], "Choose Reset in the app. This erases all rules and takes 4 minutes.")];
    assert_eq!(
        said("How many minutes until all rules are erased?", &passages),
        ["Choose Reset in the app.", "This erases all rules and takes 4 minutes."]
    );
}

#[test]
fn a_reply_is_found_by_what_it_replies_to_and_said_as_a_whole() {
    let passages = [
        passage(
            1,
            "Chat",
            &[],
            "Customer: The fan of my recorder is loud at night.\n\n\
             Agent: Open the System page. Set the mode to quiet.\n\nCustomer: The fan is quiet now.",
        ),
        passage(2, "Recorder", &[], "The recorder has a metal case."),
    ];
    assert_eq!(
        said("fan of recorder loud at night", &passages),
        ["Open the System page.", "Set the mode to quiet."]
    );
}

#[test]
fn steps_come_before_a_sentence_that_is_hardly_nearer() {
    let passages = [
        passage(
            1,
            "Reset the hub",
            &["Restore"],
            "After you reset the hub to factory settings it restores the rules.",
        ),
        passage(
            2,
            "Reset the hub",
            &["Reset to factory settings"],
            "1. Open the app.\n\n2. Hold the reset button of the hub.\n\n3. Let go.",
        ),
    ];
    let said = said("How do I reset the hub to factory settings?", &passages);
    assert!(said[0].starts_with("1. Open the app."), "{said:?}");
}

#[test]
fn another_number_that_answers_as_well_is_said_too() {
    let passages = [
        passage(1, "Returns", &["Business"], "Business customers can return hardware within 14 days."),
        passage(2, "Returns", &["Hardware"], "Private customers can return hardware within 30 days, free."),
        passage(3, "Returns", &["Labels"], "Customers find the label in the box."),
    ];
    let said = said("Within how many days can customers return hardware?", &passages);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said.iter().any(|text| text.contains("14 days")) && said.iter().any(|text| text.contains("30 days"))
    );
}

#[test]
fn what_is_said_of_the_opposite_comes_last() {
    let passages = [
        passage(1, "Returns", &["Business customers"], "Business customers can return hardware in 14 days."),
        passage(2, "Returns", &["Hardware"], "Customers can return hardware in 30 days."),
    ];
    assert_eq!(
        said("In how many days can private customers return hardware?", &passages)[0],
        "Customers can return hardware in 30 days."
    );
}

#[test]
fn nothing_is_said_twice() {
    let passages = [
        passage(1, "Refunds", &[], "A refund takes 5 days to arrive."),
        passage(2, "Money", &[], "A refund takes 5 days to arrive."),
    ];
    assert_eq!(said("How long does a refund take?", &passages).len(), 1);
}
