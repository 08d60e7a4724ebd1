use super::*;

#[test]
fn quotes_are_cut_in_the_ways_that_programs_write_them() {
    for quote in [
        "> Old words\n>> older",
        "On Mon, 12 Jan 2026 at 09:00, Ann Example <a@b.example> wrote:\n> Old words",
        "On Mon, 12 Jan 2026, Ann Example\n<a@b.example> wrote:\n\nOld words without marks",
        "Am 12.01.2026 um 09:00 schrieb Ann Example:\n> Old words",
        "Le lun. 12 janv. 2026 à 09:00, Ann <a@b.example> a écrit :\n> Old words",
        "Ann Example <a@b.example> wrote:\n> Old words",
        "-----Original Message-----\nFrom: Ann\nOld words",
        "----- Ursprüngliche Nachricht -----\nOld words",
        "________________________________\nFrom: Ann Example <a@b.example>\nSent: Monday\nTo: Support\nSubject: x\n\nOld words",
        "*From:* Ann\n*Date:* Monday\n*Subject:* x\n\nOld words",
    ] {
        assert_eq!(own(&format!("New words.\n\n{quote}\n"), ""), "New words.", "{quote}");
    }
}

#[test]
fn answers_between_quoted_lines_stay() {
    let text =
        "On Monday 5 May Ann wrote:\n> First question?\nFirst answer.\n> Second question?\nSecond answer.";
    assert_eq!(own(text, ""), "First answer.\nSecond answer.");
}

#[test]
fn words_that_only_look_like_a_quote_stay() {
    for text in [
        "On Monday I wrote to you about the router:",
        "From: the beginning it did not work.",
        "- - -",
        "Hello, it is 5 > 4.",
    ] {
        assert_eq!(own(text, ""), text);
    }
}

#[test]
fn signatures_are_cut() {
    for end in [
        "-- \nAnn Example\nAcme",
        "Best regards,\nAnn Example\nAcme | +1 555 0100",
        "Mit freundlichen Grüßen\nAnn Example",
        "Thanks!",
        "Ann Example\nProduct specialist",
        "Example, Ann\nAcme",
        "Ann",
        "Sent from my iPhone",
        "Kind regards\nAnn\n\nGet Outlook for iOS",
        "This e-mail and any attachments are confidential and intended only for the addressee.\nDelete it.",
        "Cheers\nAnn\n________________\nCONFIDENTIALITY NOTICE: do not read.",
    ] {
        let found = own(&format!("Hold reset for ten seconds.\n\n{end}\n"), "Ann Example");
        assert_eq!(found, "Hold reset for ten seconds.", "{end}");
    }
}

#[test]
fn greetings_in_a_line_of_their_own_are_cut() {
    for greeting in
        ["Hi Ann,", "Dear Mr Example", "Guten Tag Frau Example,", "Good morning Ms Example,", "Hello!"]
    {
        assert_eq!(own(&format!("{greeting}\n\nIt works."), ""), "It works.", "{greeting}");
    }
    for text in ["Hi, it blinks. What now?", "Hello", "Dear all: it works."] {
        assert_eq!(own(text, ""), text);
    }
}

#[test]
fn words_of_thanks_within_a_message_do_not_cut_it() {
    let text = "Thanks\n\n".to_owned()
        + &"A line of the message that is long enough to be one of several.\n\n".repeat(9);
    assert!(own(&text, "").starts_with("Thanks"));
}

#[test]
fn a_message_of_nothing_but_a_quote_is_kept() {
    assert_eq!(own("> Please see below.\n> It blinks.", ""), "Please see below.\nIt blinks.");
    let forwarded =
        "---------- Forwarded message ---------\nFrom: Ann\nDate: Monday\nSubject: x\n\nIt blinks.";
    assert!(own(forwarded, "").ends_with("It blinks."));
}

#[test]
fn lines_that_were_full_are_joined() {
    let text = "The router starts again after about two minutes, and then the\nlight is green.\n\nSteps:\n1. Press reset for ten seconds, until the light turns amber,\n2. let go.\nShort\nlines";
    assert_eq!(
        own(text, ""),
        "The router starts again after about two minutes, and then the light is green.\n\nSteps:\n1. Press reset for ten seconds, until the light turns amber,\n2. let go.\nShort\nlines"
    );
    assert_eq!(reflow("One \nline\n-- \nAnn"), "One line\n-- \nAnn\n");
}
