use super::*;
use crate::extracted::{Block, BlockKind, Format};

mod properties;

fn screener(policy: Policy) -> Screener {
    Screener::new(policy).expect("the policy is sound")
}

fn mask(text: &str) -> String {
    screener(Policy::default()).mask(text).text
}

fn extracted(blocks: Vec<Block>) -> Extracted {
    Extracted {
        id: DocumentId("help/reset.md".into()),
        source: "help".into(),
        location: "help/reset-password.md".into(),
        format: Format::Markdown,
        title: None,
        modified: None,
        metadata: BTreeMap::new(),
        blocks,
    }
}

fn paragraph(text: &str) -> Block {
    Block::new(BlockKind::Paragraph, text)
}

#[test]
fn threads_share_a_screener() {
    fn shared<T: Send + Sync>() {}
    shared::<Screener>();
    shared::<crate::terms::Analyzer>();
}

#[test]
fn all_kinds_are_masked() {
    let text = "Hi Anna,\nI am Bob Miller, bob@example.com, +49 30 901820, card 4111 1111 1111 1111, \
        IBAN DE89 3704 0044 0532 0130 00, SSN 536-90-4399, from 93.184.216.34, born on 12 March 1984, \
        90 Whitchurch Road, password: hunter2.";
    assert_eq!(
        mask(text),
        "Hi [PERSON_1],\nI am [PERSON_2], [EMAIL_1], [PHONE_1], card [CARD_1], \
        IBAN [IBAN_1], SSN [SSN_1], from [IP_1], born on [BIRTH_DATE_1], \
        [ADDRESS_1], password: [SECRET_1]."
    );
}

#[test]
fn findings_point_into_the_text_as_given() {
    let text = "Write\u{200b} to a\u{200b}nna@example.com, Cafe\u{301} Anna Kowalski";
    let masked = screener(Policy::default()).mask(text);
    let written: Vec<(&str, &str)> =
        masked.findings.iter().map(|found| (found.kind.as_str(), found.span.of(text).unwrap())).collect();
    assert_eq!(written[0], ("email", "a\u{200b}nna@example.com"));
    assert!(written.iter().any(|found| found.0 == "person" && found.1.contains("Kowalski")), "{written:?}");
}

#[test]
fn one_identifier_has_one_pseudonym() {
    assert_eq!(
        mask(
            "Anna Kowalski (ANNA@example.com) and Ben Miller. Kowalski: anna@example.com. Ben too. A. Kowalski."
        ),
        "[PERSON_1] ([EMAIL_1]) and [PERSON_2]. [PERSON_1]: [EMAIL_1]. [PERSON_2] too. [PERSON_1]."
    );
    assert_eq!(mask("4111 1111 1111 1111 = 4111-1111-1111-1111"), "[CARD_1] = [CARD_1]");
    assert_eq!(mask("+1 650-253-0000 or (650) 253-0000"), "[PHONE_1] or [PHONE_1]");
}

#[test]
fn numbers_go_on_after_pseudonyms_in_the_text() {
    assert_eq!(mask("[EMAIL_3] and a@example.com"), "[EMAIL_3] and [EMAIL_4]");
    // What only looks like a pseudonym hides nothing.
    assert_eq!(mask("[CARD_4111111111111111]"), "[CARD_[CARD_1]]");
    assert_eq!(mask("[4111111111111111]"), "[[CARD_1]]");
}

#[test]
fn the_policy_allows_and_adds() {
    let policy = Policy {
        allow: vec![
            "Jordan Ross".into(),
            "help@example.com".into(),
            "@acme.example".into(),
            "+1 650 253 0000".into(),
        ],
        patterns: BTreeMap::from([("customer_number".into(), r"C-\d{6}".into())]),
        phone_regions: vec!["GB".into()],
        keep: vec!["address".into()],
        ..Policy::default()
    };
    let screener = screener(policy);
    let masked = screener.mask(
        "Jordan Ross makes it. help@example.com, x@acme.example, y@other.example, +1 650-253-0000, 020 7946 0958, C-123456, 90 Whitchurch Road",
    );
    assert_eq!(
        masked.text,
        "Jordan Ross makes it. help@example.com, x@acme.example, [EMAIL_1], +1 650-253-0000, [PHONE_1], [CUSTOMER_NUMBER_1], 90 Whitchurch Road"
    );
    assert_eq!(masked.findings[2].kind, "customer_number");
    let error =
        Screener::new(Policy { patterns: BTreeMap::from([("x".into(), "(".into())]), ..Policy::default() });
    assert_eq!(error.err().map(|error| error.kind).as_deref(), Some("x"));
}

#[test]
fn desks_stay_where_the_policy_says_so() {
    let text = "Write to support@example.com or anna@example.com, call 1-800-555-0199 or 650-253-0000.";
    assert_eq!(mask(text), "Write to [EMAIL_1] or [EMAIL_2], call [PHONE_1] or [PHONE_2].");
    let screener = screener(Policy { keep_desks: true, ..Policy::default() });
    let masked = "Write to support@example.com or [EMAIL_1], call 1-800-555-0199 or [PHONE_1].";
    assert_eq!(screener.mask(text).text, masked);
    assert!(screener.screen(extracted(vec![paragraph(text)])).is_ok_and(|document| document.text == masked));
}

#[test]
fn a_document_is_masked_throughout() {
    let mut item = extracted(vec![
        Block::new(BlockKind::Heading(1), "Ticket of Anna Kowalczuk"),
        paragraph("  \u{0}\r\n "),
        paragraph("Anna cannot log in.\r\nShe wrote from anna@example.com.").on_page(2),
        Block::new(BlockKind::Code, "    user = \"anna\"\n"),
    ]);
    item.metadata.insert("author".into(), "Ms Kowalczuk".into());
    item.metadata.insert("product".into(), "Desk 2.3.1".into());
    item.location = "mail/anna@example.com/1.eml".into();
    item.id = DocumentId("mail/anna@example.com/1".into());
    let document = screener(Policy::default()).screen(item.clone()).expect("nothing is left");
    assert_eq!(
        document.text,
        "Ticket of [PERSON_1]\n\n[PERSON_1] cannot log in.\nShe wrote from [EMAIL_1].\n\n    user = \"[PERSON_1]\""
    );
    assert_eq!(document.title, "Ticket of [PERSON_1]");
    assert_eq!(document.metadata["author"], "Ms [PERSON_1]");
    assert_eq!(document.metadata["product"], "Desk 2.3.1");
    assert_eq!(document.location, "mail/[EMAIL_1]/1.eml");
    assert!(document.id.0.starts_with("doc-") && document.id.0.len() == 36);
    assert_eq!(document.id, screener(Policy::default()).document_id(&item.id));
    assert_eq!(document.digest, crate::Digest::of(document.text.as_bytes()));
    let texts: Vec<&str> =
        document.blocks.iter().map(|block| block.span.of(&document.text).unwrap()).collect();
    assert_eq!(texts.join("\n\n"), document.text);
    assert_eq!(texts.len(), 3);
    assert_eq!(document.blocks[1].page, Some(2));
    assert_eq!(document.masked["email"], 2);
}

#[test]
fn titles_fall_back() {
    let screener = screener(Policy::default());
    let title = |item: Extracted| screener.screen(item).expect("nothing is left").title.clone();
    assert_eq!(title(extracted(vec![paragraph("Text")])), "Reset password");
    assert_eq!(
        title(extracted(vec![paragraph("Text"), Block::new(BlockKind::Heading(2), "First\nheading")])),
        "First heading"
    );
    assert_eq!(
        title(Extracted { title: Some(" Own  title ".into()), ..extracted(vec![paragraph("Text")]) }),
        "Own title"
    );
}

#[test]
fn languages_are_told_where_they_can_be() {
    let language = |text: &str| {
        screener(Policy::default()).screen(extracted(vec![paragraph(text)])).unwrap().language.clone()
    };
    let english =
        "You can reset the password in the settings of your account. Then sign in again with the new one.";
    assert_eq!(language(english).as_deref(), Some("en"));
    let german = "Das Passwort kann in den Einstellungen des Kontos zurückgesetzt werden. Danach melden Sie sich neu an.";
    assert_eq!(language(german).as_deref(), Some("de"));
    assert_eq!(language("x1 y2"), None);
}

#[test]
fn empty_and_large_items_are_rejected() {
    let screener = screener(Policy::default());
    assert!(matches!(screener.screen(extracted(vec![paragraph(" \u{200b}\n")])), Err(Rejected::Empty)));
    let large = extracted(vec![paragraph(&"x".repeat(LARGEST_TEXT + 1))]);
    assert!(matches!(screener.screen(large), Err(Rejected::TooLarge { .. })));
}

#[test]
fn canaries_are_found_across_formatting() {
    let policy =
        Policy { canaries: vec!["Project Falcon".into(), "8842-1199-3307".into()], ..Policy::default() };
    let screener = screener(policy);
    for text in [
        "the project falcon plan",
        "PROJECT\u{a0}*FALCON*",
        "Project\nFalcon",
        "Project-Falcon.",
        "8842 1199 3307",
        "884211993307",
        "x 88-42 11.99 33/07 y",
        "Pro\u{200b}ject Falcon",
        "id1884211993307",
    ] {
        let rejected = screener.screen(extracted(vec![paragraph("First."), paragraph(text)]));
        assert!(
            matches!(&rejected, Err(Rejected::Residual { kind, block: 1 }) if kind == "canary"),
            "{text}: {rejected:?}"
        );
    }
    for text in ["projects falcons", "subproject falcon", "8842 1199 3308"] {
        assert!(screener.screen(extracted(vec![paragraph(text)])).is_ok(), "{text}");
    }
    let hidden = Extracted { title: Some("Project Falcon".into()), ..extracted(vec![paragraph("Text")]) };
    assert!(matches!(screener.screen(hidden), Err(Rejected::ResidualField { field: "title", .. })));
    let split = extracted(vec![paragraph("Project"), paragraph("Falcon")]);
    assert!(matches!(screener.screen(split), Err(Rejected::Residual { block: 0, .. })));
}

#[test]
fn disguised_digits_are_rejected() {
    let card = "𝟒𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏 𝟏𝟏𝟏𝟏";
    let rejected = screener(Policy::default()).screen(extracted(vec![paragraph(card)]));
    assert!(matches!(&rejected, Err(Rejected::Residual { kind, .. }) if kind == "card"), "{rejected:?}");
}

#[test]
fn what_is_no_identifier_stays() {
    for text in [
        "Error 0x80070005 in build 10.0.19041.1237 (KB5034441), released 2024-01-15 at 10:30:00.",
        "Part 123-456-7890, SKU 4006381333931, ISO 9001:2015, RFC 5321, order #1234567890, $1,299.99.",
        "550e8400-e29b-41d4-a716-446655440000 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "Set the address to 192.168.1.10/24 or 10.0.0.1, mask 255.255.255.0, gateway 8.8.8.8.",
        "Use --no-cache with config.toml and react@18.2.0; see https://example.com/docs/v2.3.1/setup.",
        "Tickets are answered within 24 hours, Monday to Friday 9:00-17:00. Call 911 in an emergency.",
        "Sizes: 1920 1080, 3840 2160, 800 600; version 2.3.1.4; ISBN 978-0-306-40615-7; port 8080.",
    ] {
        assert_eq!(mask(text), text);
    }
}

fn keyed(key: &[u8]) -> Screener {
    screener(Policy::default()).keyed(Key::new(key).expect("long enough"))
}

#[test]
fn the_policy_says_what_the_network_masks() {
    let text = "Oyinkansola Akinfenwa of Vorpal Logistics Ltd moved from Kraków to Antwerp and bought the Vorpal Router.";
    let with =
        |policy: Policy| screener(Policy { allow: vec!["Vorpal Router".into()], ..policy }).mask(text).text;
    let people = with(Policy::default());
    assert_eq!(people, text.replace("Oyinkansola Akinfenwa", "[PERSON_1]"));
    let all = with(Policy { also: vec![Also::Place, Also::Organization], ..Policy::default() });
    assert_eq!(
        all,
        "[PERSON_1] of [ORGANIZATION_1] moved from [PLACE_1] to [PLACE_2] and bought the Vorpal Router."
    );
    assert_eq!(with(Policy { names: Telling::Rules, ..Policy::default() }), text);
    assert_eq!(with(Policy { keep: vec!["person".into()], ..Policy::default() }), text);
}

#[test]
fn what_documents_hold_openly_is_no_name() {
    let screener = screener(Policy::default());
    let question = "Can Wojciechowska, my colleague Oyinkansola or Barn do that?";
    assert!(screener.mask(question).text.contains("colleague [PERSON_"));
    let open = |word: &str| matches!(word, "Oyinkansola" | "Barn");
    assert_eq!(
        screener.mask_beside("Ask my colleague Oyinkansola.", &open).text,
        "Ask my colleague Oyinkansola."
    );
    // What lexicons and rules tell stays masked whatever the documents hold.
    assert_eq!(
        screener.mask_beside("Ask my colleague Anna.", &|_| true).text,
        "Ask my colleague [PERSON_1]."
    );
}

#[test]
fn a_policy_names_what_it_can() {
    let policy: Policy = serde_json::from_str(r#"{"also": ["place"], "names": "rules"}"#).expect("a policy");
    assert_eq!((policy.also, policy.names), (vec![Also::Place], Telling::Rules));
    let error = serde_json::from_str::<Policy>(r#"{"also": ["city"]}"#).expect_err("no such kind");
    assert!(error.to_string().contains("`place` or `organization`"), "{error}");
}

#[test]
fn addresses_with_the_same_digits_are_two() {
    assert_eq!(mask("93.18.216.34 and 9.31.82.163 and 93.182.16.34"), "[IP_1] and [IP_2] and [IP_3]");
}

#[test]
fn a_language_that_is_stated_goes_before_one_that_is_guessed() {
    let told = |lang: &str| {
        let mut item =
            extracted(vec![paragraph("The router is restarted by holding the button for ten seconds.")]);
        item.metadata.insert("lang".into(), lang.into());
        screener(Policy::default()).screen(item).expect("nothing is left").language.clone()
    };
    assert_eq!(told("de-AT").as_deref(), Some("de"));
    assert_eq!(told("EN_us").as_deref(), Some("en"));
    assert_eq!(told("English").as_deref(), Some("en"));
}

#[test]
fn words_tell_short_numbers() {
    assert_eq!(mask("No message on my registered 668 5702."), "No message on my registered [PHONE_1].");
    assert_eq!(mask("41 52 83 office\n"), "[PHONE_1] office\n");
    assert_eq!(mask("41 52 83 items"), "41 52 83 items");
    assert_eq!(mask("my card 030000000007"), "my card [CARD_1]");
    assert_eq!(mask("a card for order 030000000007"), "a card for order 030000000007");
}

#[test]
fn words_of_other_languages_tell_numbers_too() {
    for text in [
        "Merci de me rappeler au 06 12 34 56 78",
        "Sie können mich unter 0171 2345678 anrufen, erreichbar bis acht: 0171 2345678",
        "Llámeme al 612 345 678",
        "Potete richiamare 347 123 4567",
        "Graag terugbellen: 06 12345678",
        "Pode ligar 912 345 678",
        "Proszę oddzwonić 601 234 567",
    ] {
        assert!(mask(text).contains("[PHONE_"), "{}", mask(text));
    }
}

#[test]
fn with_a_key_an_identifier_has_one_pseudonym_in_all_documents() {
    let screener =
        |byte: u8| Screener::new(Policy::default()).unwrap().keyed(super::Key::new([byte; 32]).unwrap());
    let (house, other) = (screener(1), screener(2));
    let first = house.mask("Anna Kowalska wrote from anna@example.org.").text;
    let second = house.mask("Regards to Bert Maier and anna@example.org, says Ms Anna Kowalska.").text;
    let pseudonym = |text: &str, kind: &str| {
        let start = text.find(&format!("[{kind}_")).unwrap();
        text[start..=start + text[start..].find(']').unwrap()].to_owned()
    };
    assert_eq!(pseudonym(&first, "EMAIL"), pseudonym(&second, "EMAIL"));
    assert!(second.contains(&pseudonym(&first, "PERSON")), "{first} {second}");
    assert_eq!(pseudonym(&first, "PERSON").len(), "[PERSON_]".len() + 12);
    assert_ne!(first, other.mask("Anna Kowalska wrote from anna@example.org.").text);
    // Masked text stays as it is, whichever way it was masked.
    assert_eq!(house.mask(&second).text, second);
    assert_eq!(Screener::new(Policy::default()).unwrap().mask(&second).text, second);
    let mixed = Screener::new(Policy::default()).unwrap().mask(&format!("{first} And Bert Maier.")).text;
    assert!(mixed.contains("[PERSON_1]"), "{mixed}");
}

#[test]
fn what_keeps_a_document_out_is_shown_with_its_surroundings() {
    let policy = Policy { canaries: vec!["zebra 7".into()], ..Policy::default() };
    let screener = Screener::new(policy).unwrap();
    let item = || {
        extracted(vec![
            Block::new(BlockKind::Paragraph, "Written by Anna Kowalska."),
            Block::new(BlockKind::Paragraph, "The code of the Zebra-7 trial is secret."),
        ])
    };
    assert!(matches!(screener.screen(item()), Err(Rejected::Residual { .. })));
    let residues = screener.review(item()).unwrap();
    assert_eq!(residues.len(), 1, "{residues:?}");
    assert_eq!((residues[0].kind.as_str(), residues[0].field), ("canary", "text"));
    assert_eq!((residues[0].before.as_str(), residues[0].found.as_str()), ("The code of the ", "Zebra-7"));
    assert!(Screener::new(Policy::default()).unwrap().review(item()).unwrap().is_empty());
}
