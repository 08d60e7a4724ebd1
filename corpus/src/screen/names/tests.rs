use super::*;

fn told(text: &str) -> Vec<(Kind, String)> {
    let tokens = tokens::tokens(text, &[]);
    let written = |name: &Name| name.span(&tokens).of(text).unwrap().to_owned();
    find(text, &tokens).iter().map(|name| (name.kind, written(name))).collect()
}

fn network() -> &'static Network {
    NETWORK.as_ref().expect("the network that comes with citedesk can be read")
}

#[test]
fn the_network_tells_what_no_lexicon_holds() {
    let text = "My name is Oluwadamilare Akinfenwa and I live in Wrocław. Please send it to 14 Quennevais Lane, Jersey JE3 8FW.";
    let told = told(text);
    let has = |kind: Kind, name: &str| told.contains(&(kind, name.to_owned()));
    assert!(has(Kind::Person, "Oluwadamilare Akinfenwa"), "{told:?}");
    assert!(has(Kind::Place, "Wrocław"), "{told:?}");
    assert!(
        told.iter().any(|(kind, name)| *kind == Kind::Address && name.starts_with("14 Quennevais Lane")),
        "{told:?}"
    );
}

#[test]
fn people_of_many_origins_are_told() {
    for name in [
        "Meenakshi Venkataraghavan",
        "Shubhangi Deshmukhe",
        "Kumudini Wickramarathna",
        "Abdulmohsen Al-Dosari",
        "Mehrnoush Tavakolian",
        "Berkehan Karagozlu",
        "Svyatoslav Mykolaienko",
        "Branimira Stojanovska",
        "Chukwuemelie Nwachukwu",
        "Yoshihisa Kawashimo",
    ] {
        let told = told(&format!("Spoke to {name} this morning; the router restarts by itself."));
        assert!(told.contains(&(Kind::Person, name.to_owned())), "{name}: {told:?}");
    }
}

#[test]
fn people_are_told_among_german_nouns() {
    for (text, name) in [
        ("Der Vertrag läuft auf Annegret Holtkamp aus Kassel.", "Annegret Holtkamp"),
        ("Mieterin im Erdgeschoss: Annegret Holtkamp", "Annegret Holtkamp"),
        ("Für Rückfragen steht Chukwuemelie Nwachukwu bereit.", "Chukwuemelie Nwachukwu"),
        ("Sobald Mehrnoush Tavakolian unterschreibt, beginnt der Einbau.", "Mehrnoush Tavakolian"),
        ("Laut Wibke Hinnerksen fehlt eine Dichtung.", "Wibke Hinnerksen"),
        ("Die Versionen hat Yoshihisa Kawashimo gelöscht.", "Yoshihisa Kawashimo"),
    ] {
        let told = told(text);
        assert!(told.contains(&(Kind::Person, name.to_owned())), "{text}: {told:?}");
    }
}

#[test]
fn documentation_names_nobody() {
    for text in [
        "Open Settings > Network and choose Port Forwarding. The Alder holds up to 32 rules.",
        "Press the WPS button for 2 seconds. A slow pulsing violet light means that firmware is being updated.",
        "# Restore Defaults\n\n1. Click Save Draft.\n2. Select Two-Factor Authentication.\n3. Sign in with Google.",
        "Der Router blinkt rot, wenn der Stecker fehlt. Öffnen Sie die Einstellungen und wählen Sie Netzwerk.",
        "| Kosten | Tarif | Beginn |\n|---|---|---|\n| Spiele | Soziale Netzwerke | Filme |",
        "| Tarif | Ältere Versionen |",
        "Die Leitung schafft 5 Gigabit, das Gerät nur 2 Gigabit. Die Konsole meldet den NAT-Typ, der Anbieter verwendet NAT.",
        "Solange der Akku lädt, zählt das Gerät Adressen und Personen. Entfernt Versionen, die niemand öffnet.",
        "# Aufbewahrung im Einzelnen\n\nKabel in den WAN-Anschluss stecken. Auf Kestrel-Clients bleiben Tresore gesperrt.",
        "Group life insurance is for Veterans. The Department of Veterans Affairs sends a letter.",
        "| Code | Meaning | Remedy |\n|---|---|---|\n| W-102 | PPPoE login refused | Check user name and password |",
    ] {
        let people: Vec<_> =
            told(text).into_iter().filter(|(kind, _)| matches!(kind, Kind::Person | Kind::Address)).collect();
        assert_eq!(people, [], "{text}");
    }
}

#[test]
fn a_name_of_common_words_needs_certainty() {
    let text = "The color Dark Khaki is new.";
    let tokens = tokens::tokens(text, &[]);
    for (sure, kept) in [(0.7, 0), (0.95, 1)] {
        let mut names = vec![Name { kind: Kind::Person, from: 2, to: 4, sure }];
        form::sift(text, &tokens, &mut names);
        assert_eq!(names.len(), kept, "{sure}");
    }
}

#[test]
fn what_is_labeled_as_a_thing_is_none() {
    for label in ["product", "Brand", "project", "status", "Printer"] {
        let told = told(&format!("Pull the plug for 40 seconds.\n\n\n{label}: Osprey"));
        assert!(!told.iter().any(|(kind, _)| *kind == Kind::Person), "{label}: {told:?}");
    }
    assert!(told("Update\n\nCustomer: Meenakshi Rao").iter().any(|(kind, _)| *kind == Kind::Person));
}

#[test]
fn windows_change_nothing() {
    let words: Vec<[u16; WIDTH]> = (0..3000_u16)
        .map(|at| {
            let mut rows = [0; WIDTH];
            rows[0] = 1 + at % 7;
            rows[1] = 32 + at * 7;
            rows
        })
        .collect();
    let whole = network().window(&words);
    let mut seen = 0;
    network().read_words(
        words.len(),
        |at| words[at],
        |at, logits| {
            assert_eq!(at, seen);
            seen += 1;
            for (logit, other) in logits.iter().zip(whole.row(at)) {
                assert!((logit - other).abs() < 1e-3, "word {at}: {logit} and {other}");
            }
        },
    );
    assert_eq!(seen, words.len());
}

#[test]
fn no_words_and_one_word() {
    assert_eq!(told(""), []);
    told("Anna");
    network().read_words(0, |_| [0; WIDTH], |_, _| panic!("nothing to read"));
}

#[test]
fn what_is_no_network_is_none() {
    let whole: &[u8] = include_bytes!("../../../../models/adapters/names.safetensors");
    assert!(Network::read(whole).is_some());
    assert!(Network::read(&whole[..whole.len() - 1]).is_none());
    assert!(Network::read(b"").is_none());
    assert!(Network::read(include_bytes!("../../../../models/adapters/pair.safetensors")).is_none());
}

#[test]
fn rows_are_those_that_were_trained() {
    let featured = featured("Hi Anna,\n\n42 b2");
    let spans: Vec<(usize, usize)> = featured.iter().map(|word| (word.span.start, word.span.end)).collect();
    assert_eq!(spans, [(0, 2), (3, 7), (10, 12), (13, 15)]);
    assert!(featured.iter().all(|word| word.rows.iter().all(|row| usize::from(*row) < ROWS)));
    // A change here makes the trained table useless: train it anew.
    let sum = |at: usize| featured[at].rows.iter().map(|row| u32::from(*row)).sum::<u32>();
    assert_eq!([sum(0), sum(1), sum(2), sum(3)], [118_406, 210_238, 128_715, 180_117]);
}
