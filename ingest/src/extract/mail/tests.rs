use proptest::prelude::*;

use super::*;

fn message(headers: &str, body: &str) -> String {
    format!("{headers}\n\n{body}\n")
}

fn letter(id: &str, day: u8, from: &str, more: &str, body: &str) -> String {
    let headers = format!(
        "From: {from}\nTo: Support <support@acme.example>\nDate: {day} Jan 2026 10:00:00 +0000\nMessage-ID: <{id}@x>\n{more}"
    );
    format!("From x@y Mon Jan {day} 10:00:00 2026\n{}\n", message(headers.trim_end(), body))
}

fn one(text: &str) -> Draft {
    read_message(text.as_bytes(), &Limits::default()).expect("a message")
}

fn texts(draft: &Draft) -> Vec<&str> {
    draft.blocks.iter().map(|block| block.text.as_str()).collect()
}

#[test]
fn a_thread_is_one_document_in_order_of_time() {
    let ann = "Ann Example <ann@home.example>";
    let bob = "Bob <bob@acme.example>";
    let mailbox = [
        letter("2", 3, bob, "Subject: Re: Light\nIn-Reply-To: <1@x>", "Press reset.\n\nBob"),
        letter("1", 2, ann, "Subject: Light", "It blinks."),
        letter("9", 4, ann, "Subject: Bill", "Too high."),
        letter("3", 5, ann, "Subject: AW: Light\nReferences: <1@x> <2@x>", "Thank you, it works."),
        letter("2", 3, bob, "Subject: Re: Light\nIn-Reply-To: <1@x>", "Press reset.\n\nBob"),
        letter("4", 6, ann, "Subject: Re: Re: light", "One more thing."),
    ]
    .concat();
    let threads = read_mailbox(mailbox.as_bytes(), &Limits::default()).expect("threads");
    let [light, bill] = threads.as_slice() else { panic!("{threads:?}") };
    assert_eq!(
        texts(light),
        [
            "Customer (2026-01-02): It blinks.",
            "Agent (2026-01-03): Press reset.",
            "Customer (2026-01-05): Thank you, it works.",
            "Customer (2026-01-06): One more thing.",
        ]
    );
    assert_eq!(light.fields.title.as_deref(), Some("Light"));
    assert_eq!(light.fields.modified.map(|time| time.to_string()).as_deref(), Some("2026-01-06T10:00:00Z"));
    assert_eq!(texts(bill), ["Customer (2026-01-04): Too high."]);
    assert_ne!(light.name, bill.name);
}

#[test]
fn a_thread_keeps_its_name_when_it_grows() {
    let first = letter("1", 2, "a@b.example", "Subject: Light", "It blinks.");
    let second = letter("2", 3, "c@d.example", "Subject: Re: Light\nReferences: <1@x>", "Press reset.");
    let name = |mailbox: &str| {
        read_mailbox(mailbox.as_bytes(), &Limits::default()).expect("a thread")[0].name.clone()
    };
    assert_eq!(name(&first), name(&(first.clone() + &second)));
    assert_eq!(name(&second), name(&(second.clone() + &first)));
    assert!(!name(&first).expect("a name").contains('@'));
}

#[test]
fn without_a_shared_address_senders_are_numbered() {
    let draft =
        one(&message("From: Ann Example <ann@a.example>\nTo: bob@b.example\nSubject: Light", "It blinks."));
    assert_eq!(texts(&draft), ["Sender 1: It blinks."]);
    assert!(!format!("{draft:?}").contains("Ann"));
}

#[test]
fn encodings_and_parts_are_read() {
    let draft = one(&message(
        "From: a@b.example\nSubject: =?iso-8859-1?Q?Gr=F6=DFe?=\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m",
        "--m\nContent-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=F6=DFer\n--a\nContent-Type: text/html\n\n<p>other</p>\n--a--\n--m\nContent-Type: application/pdf; name=\"bill.pdf\"\nContent-Disposition: attachment; filename=\"bill.pdf\"\nContent-Transfer-Encoding: base64\n\nAAAA\n--m--",
    ));
    assert_eq!(texts(&draft), ["Sender 1: Größer\nAttachments: bill.pdf"]);
    assert_eq!(draft.fields.title.as_deref(), Some("Größe"));
}

#[test]
fn html_is_read_where_there_is_no_text() {
    let draft = one(&message(
        "From: a@b.example\nContent-Type: text/html; charset=utf-8",
        "<p>Press <b>reset</b>:</p><ol><li>Wait.<li>Let go.</ol><blockquote type=cite>Old</blockquote>",
    ));
    assert_eq!(texts(&draft), ["Sender 1: Press reset:\n\n1. Wait.\n2. Let go."]);
}

#[test]
fn utf16_is_read() {
    let text = message("From: a@b.example\nSubject: x", "It blinks.");
    let bytes: Vec<u8> =
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        texts(&read_message(&bytes, &Limits::default()).expect("a message")),
        ["Sender 1: It blinks."]
    );
}

#[test]
fn parts_nested_without_end_are_harmless() {
    let mut text = String::from("From: a@b.example\n");
    for depth in 0..5_000 {
        text += &format!("Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n");
    }
    let _ = read_message(text.as_bytes(), &Limits::default());
    let nested = "From: a@b.example\nContent-Type: message/rfc822\n\n".repeat(5_000) + "Hi";
    let _ = read_message(nested.as_bytes(), &Limits::default());
}

#[test]
fn more_messages_than_allowed_are_an_error() {
    let limits = Limits { items: 2, ..Limits::default() };
    let mailbox: String =
        (1..=3).map(|n| letter(&n.to_string(), n, "a@b.example", "Subject: x", "y")).collect();
    assert_eq!(read_mailbox(mailbox.as_bytes(), &limits).expect_err("too many").kind(), "too_large");
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_message(&bytes, &Limits::default());
        let _ = read_mailbox(&bytes, &Limits::default());
    }

    #[test]
    fn any_end_is_read(end in 0_usize..900) {
        let mailbox = letter("1", 2, "a@b.example", "Subject: x\nContent-Type: text/html", "<p>It blinks.</p>").repeat(3);
        let _ = read_mailbox(mailbox.as_bytes().get(..end).unwrap_or_default(), &Limits::default());
    }
}
