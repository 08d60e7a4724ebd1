//! What the owner of a knowledge base relies on night after night: crashes, races, gates, erasure.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use retriever::{Snapshot, Store};

use crate::desk::Desk;

/// The documents of the live generation, after all of its files were checked.
fn live(desk: &Desk) -> Option<Snapshot> {
    let store = Store::open(&desk.index()).unwrap();
    let current = store.current().expect("the index loads")?;
    store.verify(&current.id).expect("its files are whole");
    let snapshot = store.snapshot(&current.id).unwrap();
    for document in snapshot.documents().unwrap() {
        let document = document.expect("a whole document");
        assert!(!snapshot.chunks(&document.id).unwrap().is_empty(), "{} has no chunks", document.id);
    }
    Some(snapshot)
}

/// Starts a run and reads what it prints up to the first event of that name; from then on it fills its pipe and waits.
fn stalled(desk: &Desk, args: &[&str], event: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = desk.command(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let wanted = format!("\"event\":\"{event}\"");
    let mut line = String::new();
    while !line.contains(&wanted) {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "the run ended without {event}");
    }
    (child, out)
}

/// More documents than a pipe has room for lines.
fn many(desk: &Desk) -> usize {
    let count = 900;
    for number in 0..count {
        desk.write(&format!("kb/{number:04}.md"), format!("The lamp of type {number} has {number} modes.\n"));
    }
    count
}

/// Numbers that look random and are the same every time (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}

#[cfg(unix)]
#[test]
fn forty_kills_at_random_moments_lose_nothing() {
    const SEED: u64 = 20_261_123;
    let desk = Desk::new();
    let mut random = Random(SEED);
    for number in 0..12 {
        desk.write(&format!("kb/{number:02}.md"), format!("# Lamp {number}\n\nLamp {number} has 2 modes.\n"));
    }
    let started = std::time::Instant::now();
    desk.run(&["ingest", "kb"]).exits(0);
    // Somewhat longer than a run, so that some end by themselves.
    let longest = u64::try_from(started.elapsed().as_micros()).unwrap() * 5 / 4;
    let mut acknowledged = live(&desk).unwrap().generation().id.clone();
    let mut completed = 0;
    for round in 0..40 {
        let number = random.below(12);
        let text = format!(
            "# Lamp {number}\n\nLamp {number} has {} modes since change {round}.\n",
            random.below(90) + 3
        );
        desk.write(&format!("kb/{number:02}.md"), text);
        if random.below(4) == 0 {
            desk.write(
                &format!("kb/more-{round}.md"),
                format!("# More\n\nPage {round} speaks of dimmers.\n"),
            );
        }
        let mut child =
            desk.command(&["ingest", "kb"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_micros(random.below(longest)));
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        completed += usize::from(ended.success());
        let now = live(&desk).expect("there is always a generation").generation().id.clone();
        assert!(now >= acknowledged, "round {round} of seed {SEED}: {now} after {acknowledged}");
        assert!(!ended.success() || now > acknowledged, "round {round} of seed {SEED} was acknowledged");
        acknowledged = now;
    }
    assert!(completed < 40, "no run was killed");
    desk.run(&["ingest", "kb"]).exits(0);
    let snapshot = live(&desk).unwrap();
    let files = std::fs::read_dir(desk.home.path().join("kb")).unwrap().count();
    assert_eq!(snapshot.entries().unwrap().len(), files);
    for document in snapshot.documents().unwrap() {
        let document = document.unwrap();
        let written = std::fs::read_to_string(desk.home.path().join("kb").join(&document.location)).unwrap();
        let last = written.lines().last().unwrap();
        assert!(document.text.contains(last), "{} is not up to date", document.id);
    }
    let left: Vec<_> = std::fs::read_dir(desk.index().join("generations"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_source_that_vanishes_half_way_takes_nothing_with_it() {
    let desk = Desk::new();
    let count = many(&desk);
    desk.run(&["ingest", "kb"]).exits(0);
    // Another policy makes the run read everything again.
    desk.write("citedesk.toml", "[screening]\ncanaries = [\"never to be seen\"]\n");
    let (mut child, mut out) = stalled(&desk, &["--json", "ingest", "kb"], "item");
    std::fs::remove_dir_all(desk.home.path().join("kb")).unwrap();
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert_eq!(live(&desk).unwrap().entries().unwrap().len(), count);
    desk.run(&["ingest", "kb"]).exits(1).says("kb");
    assert_eq!(live(&desk).unwrap().entries().unwrap().len(), count);
}

#[test]
fn the_second_of_two_runs_names_the_first() {
    let desk = Desk::new();
    let count = many(&desk);
    let (mut child, mut out) = stalled(&desk, &["--json", "ingest", "kb"], "item");
    desk.run(&["ingest", "kb"]).exits(7).says(&child.id().to_string());
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(live(&desk).unwrap().entries().unwrap().len(), count);
}

#[test]
fn a_generation_that_fails_its_gate_waits_for_a_person() {
    let desk = Desk::new();
    for number in 0..20 {
        desk.write(
            &format!("kb/{number:02}.md"),
            format!("# Lamp {number}\n\nLamp {number} has {number} modes.\n"),
        );
    }
    desk.run(&["ingest", "kb"]).exits(0);
    let before = live(&desk).unwrap().generation().id.clone();
    for number in 0..15 {
        std::fs::remove_file(desk.home.path().join(format!("kb/{number:02}.md"))).unwrap();
    }
    desk.run(&["ingest", "kb"]).exits(100).says("15 documents would leave").says("generations promote");
    assert_eq!(live(&desk).unwrap().generation().id, before);
    desk.run(&["status"]).exits(0).says("held back");
    let status = desk.run(&["--json", "status"]).exits(0).events("status");
    let held = status[0]["last_run"]["held"]["generation"].as_str().unwrap().to_owned();
    desk.run(&["generations", "diff", before.to_string().as_str(), &held]).exits(0).says("15 removed");
    desk.run(&["generations", "promote", &held]).exits(0);
    assert_eq!(live(&desk).unwrap().entries().unwrap().len(), 5);

    desk.write("golden.jsonl", "{\"id\":\"q1\",\"kind\":\"direct\",\"question\":\"Which modes has the Mongolian tea kettle?\",\"evidence\":[]}\n");
    desk.write("citedesk.toml", "[gate]\nquestions = \"nowhere.jsonl\"\n");
    desk.write("kb/new.md", "# New\n\nA page about switches.\n");
    desk.run(&["ingest", "kb"]).exits(100).says("golden questions could not be asked");
    desk.write("citedesk.toml", "");
    desk.run(&["ingest", "kb"]).exits(0);
    assert_eq!(live(&desk).unwrap().entries().unwrap().len(), 6);
}

#[test]
fn what_contradicts_and_what_is_outdated_is_told() {
    let desk = Desk::new();
    let price = |euros: u32| {
        format!("# Drive\n\nThe restore drive costs {euros} euros for each order, courier included.\n")
    };
    desk.write("kb/drive.md", price(79));
    desk.run(&["ingest", "kb"]).exits(0);
    desk.run(&["ask", "What does the restore drive cost?"]).exits(0).says("79 euros");
    desk.write("kb/drive.md", price(89));
    desk.write("kb/leaflet.md", price(99));
    desk.run(&["ingest", "kb"]).exits(0);
    let diff = desk.run(&["--json", "generations", "diff"]).exits(0).events("diff").pop().unwrap();
    let length = |name: &str| diff[name].as_array().unwrap().len();
    assert_eq!((length("contradictions"), length("outdated_answers")), (1, 1), "{diff}");
    assert_eq!(diff["contradictions"][0]["kind"], "number");
    desk.run(&["generations", "diff"])
        .exits(0)
        .says("another number")
        .says("What does the restore drive cost?");
}

#[test]
fn what_is_forgotten_is_gone_everywhere_and_stays_away() {
    let desk = Desk::new();
    desk.write("kb/a.md", "# Walnut lamp\n\nThe walnut lamp of Quentin Ferrybridge has 3 modes.\n");
    desk.write("kb/b.md", "# Cherry lamp\n\nThe cherry lamp has 5 modes.\n");
    // Kept in clear, as the house wants it, until somebody asks for erasure.
    desk.write("citedesk.toml", "[screening]\nkeep = [\"person\"]\n");
    desk.run(&["ingest", "kb"]).exits(0);
    desk.run(&["ask", "How many modes has the walnut lamp?"]).exits(0).says("3 modes");
    desk.write("kb/c.md", "# Oak lamp\n\nThe oak lamp has 7 modes.\n");
    desk.run(&["ingest", "kb"]).exits(0);
    desk.run(&["forget", "--subject", "quentin  ferrybridge"]).exits(0).says("Nothing was changed");
    assert_eq!(live(&desk).unwrap().entries().unwrap().len(), 3);
    desk.run(&["forget", "--subject", "quentin  ferrybridge", "--yes"])
        .exits(0)
        .says("nothing of it is found");
    let told = |path: &std::path::Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).to_lowercase().contains("ferrybridge")
    };
    let mut folders = vec![desk.home.path().join("data")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert!(!told(&path), "{}", path.display());
            }
        }
    }
    desk.run(&["ingest", "kb"]).exits(0).says("erased on request");
    assert_eq!(live(&desk).unwrap().entries().unwrap().len(), 2);
    desk.run(&["forget", "--subject", "ferrybridge"]).exits(1).says("nothing");
    desk.run(&["forget"]).exits(2);
}

#[test]
fn sources_of_the_configuration_are_named_labeled_and_mapped() {
    let desk = Desk::new();
    desk.write("docs/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.write("exports/t-1.csv", "Betreff,Anfrage,Antwort\nKein Licht,Die Lampe bleibt dunkel.,Die Sicherung war durchgebrannt und wurde ersetzt.\n");
    desk.write(
        "citedesk.toml",
        "[[ingest.sources]]\nname = \"handbook\"\npath = \"docs\"\nmetadata = { product = \"Lamp\", access = \"staff\" }\n\
         [[ingest.sources]]\nname = \"desk\"\npath = \"exports/t-*.csv\"\n\
         columns = { subject = \"Betreff\", question = \"Anfrage\", answer = \"Antwort\" }\n",
    );
    desk.run(&["ingest"]).exits(0);
    let snapshot = live(&desk).unwrap();
    let ids: Vec<_> = snapshot.entries().unwrap().iter().map(|entry| entry.id.0.as_str()).collect();
    assert_eq!(ids, ["desk/t-1.csv#1", "handbook/a.md"]);
    desk.run(&["search", "modes", "--filter", "product:Lamp"]).exits(0).says("3 modes");
    desk.run(&["search", "modes", "--filter", "product:Kettle"]).exits(0).says("Nothing found");
    desk.write("citedesk.toml", "[[ingest.sources]]\nname = \"handbook\"\npath = \"nowhere/*.md\"\n");
    desk.run(&["ingest"]).exits(1).says("nowhere");
}

#[test]
fn what_a_role_may_not_read_is_not_found() {
    let desk = Desk::new();
    desk.write("public/a.md", "# Lamp\n\nThe walnut lamp has 3 modes.\n");
    desk.write(
        "staff/b.md",
        "---\naccess: public\n---\n# Lamp\n\nThe walnut lamp is sold with a margin of 40 percent.\n",
    );
    let sources = "[[ingest.sources]]\nname = \"public\"\npath = \"public\"\nmetadata = { access = \"public\" }\n\
         [[ingest.sources]]\nname = \"staff\"\npath = \"staff\"\nmetadata = { access = \"staff\" }\n";
    desk.write("citedesk.toml", sources);
    desk.run(&["ingest"]).exits(0);
    desk.run(&["search", "margin of the walnut lamp"]).exits(0).says("40 percent");
    desk.write("citedesk.toml", format!("{sources}[search]\nfilters = [\"access:public\"]\n"));
    let ran = desk.run(&["--json", "search", "margin of the walnut lamp"]).exits(0);
    assert!(ran.out.contains("3 modes") && !ran.out.contains("40 percent"), "{}", ran.out);
    let ran = desk.run(&["--json", "ask", "What is the margin of the walnut lamp?"]);
    assert!(!ran.out.contains("40 percent"), "{}", ran.out);
    for command in ["search", "ask"] {
        desk.run(&[command, "margin of the walnut lamp", "--filter", "access:staff"])
            .exits(2)
            .says("confined");
        desk.run(&[command, "margin of the walnut lamp", "--filter", "metadata.access:staff"]).exits(2);
    }
    desk.write("citedesk.toml", "[search]\nfilters = [\"access\"]\n");
    desk.run(&["search", "lamp"]).exits(2).says("search.filters");
}

#[test]
fn schedules_name_the_program_and_the_time() {
    let desk = Desk::bare();
    desk.write("citedesk.toml", "");
    desk.run(&["schedule", "print", "--cron", "--at", "04:05"])
        .exits(0)
        .says("5 4 * * * ")
        .says("citedesk.toml");
    desk.run(&["schedule", "print"]).exits(0).says("OnCalendar=*-*-* 02:30:00").says("ExecStart=");
    desk.run(&["schedule", "print", "--at", "25:00"]).exits(2);
}

#[test]
fn what_is_held_back_is_listed_and_explained_to_who_may_see_it() {
    let desk = Desk::new();
    desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.write("kb/b.md", "# Plans\n\nAsk about Project Zebra before Monday.\n");
    desk.write(
        "citedesk.toml",
        "[screening]\ncanaries = [\"project zebra\"]\n[[ingest.sources]]\nname = \"kb\"\npath = \"kb\"\n",
    );
    desk.run(&["ingest"]).exits(3);
    desk.run(&["quarantine"]).exits(0).says("kb/b.md").says("1 held back");
    desk.run(&["quarantine", "show", "kb/b.md"])
        .exits(0)
        .says("a canary in the text")
        .says("Ask about Project");
    desk.run(&["quarantine", "show", "kb/a.md"]).exits(0).says("nothing keeps it out");
    desk.run(&["quarantine", "show", "kb/c.md"]).exits(1).says("kb/c.md");
    let report = std::fs::read_dir(desk.index().join("reports")).unwrap().next().unwrap().unwrap().path();
    assert!(!std::fs::read_to_string(report).unwrap().to_lowercase().contains("zebra"));
}

#[cfg(unix)]
#[test]
fn with_a_key_a_person_has_one_pseudonym_everywhere_and_can_be_forgotten_by_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    desk.write("kb/a.md", "# Walnut\n\nDear Anna Kowalska, the walnut lamp has 3 modes.\n");
    desk.write("kb/b.md", "# Cherry\n\nRegards, Ms Anna Kowalska. The cherry lamp has 5 modes.\n");
    desk.write("kb/c.md", "# Oak\n\nThe oak lamp has 7 modes.\n");
    desk.write("citedesk.toml", "[pseudonyms]\nkey_file = \"pseudonyms.key\"\n");
    desk.run(&["ingest", "kb"]).exits(1).says("pseudonyms.key").says("umask");
    let key = desk.write("pseudonyms.key", [7; 32]);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    desk.run(&["ingest", "kb"]).exits(1).says("chmod 600");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    desk.run(&["ingest", "kb"]).exits(0);
    let snapshot = live(&desk).unwrap();
    let pseudonyms: Vec<String> = snapshot
        .documents()
        .unwrap()
        .filter_map(|document| {
            let text = document.unwrap().text;
            let start = text.find("[PERSON_")?;
            Some(text[start..=start + text[start..].find(']')?].to_owned())
        })
        .collect();
    assert!(pseudonyms.len() == 2 && pseudonyms[0] == pseudonyms[1], "{pseudonyms:?}");
    drop(snapshot);
    desk.run(&["forget", "--subject", "Anna Kowalska", "--yes"]).exits(0).says("erased 2 document(s)");
    assert_eq!(live(&desk).unwrap().entries().unwrap().len(), 1);
    // Another key is another way to mask.
    desk.write("kb/d.md", "# Elm\n\nMr Bert Maier asks about the elm lamp.\n");
    desk.run(&["ingest", "kb"]).exits(0).says("1 unchanged");
    std::fs::write(&key, [8; 32]).unwrap();
    desk.run(&["ingest", "kb"]).exits(0).says("2 new or changed");
}
