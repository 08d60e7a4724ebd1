//! Bad input, missing parts, crashes: the documented exit code, one clear message, nothing lost.

use std::process::Stdio;

use crate::desk::{Desk, sample, text};

#[test]
fn wrong_usage_exits_with_2() {
    let desk = Desk::bare();
    desk.run(&["ask", "--nonsense", "x"]).exits(2);
    desk.run(&["search", "x", "--filter", "nocolon"]).exits(2).says("--filter KEY:VALUE");
    desk.run(&["--config", "missing.toml", "status"]).exits(2).says("missing.toml");
    desk.write("citedesk.toml", "[answer]\nmoode = \"quote\"\n");
    desk.run(&["status"]).exits(2).says("moode");
}

#[test]
fn the_terminal_ui_needs_a_terminal() {
    Desk::bare().run(&[]).exits(2).says("not a terminal");
}

#[test]
fn without_an_index_every_reader_says_how_to_make_one() {
    let desk = Desk::new();
    for args in [&["ask", "Why?"][..], &["search", "Why?"], &["status"], &["generations", "list"]] {
        desk.run(args).exits(1).says("citedesk ingest");
    }
}

#[test]
fn a_missing_source_is_named_and_the_index_stays() {
    let desk = Desk::new();
    desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.run(&["ingest", "kb"]).exits(0);
    desk.run(&["ingest", "nowhere"]).exits(1).says("nowhere");
    desk.run(&["--json", "search", "lamp modes"]).exits(0).says("3 modes");
}

#[test]
fn bad_files_are_reported_and_do_not_stop_the_others() {
    let desk = Desk::new();
    desk.write("kb/good.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.write("kb/broken.pdf", b"%PDF-1.7\nthis is no PDF");
    desk.write("kb/empty.txt", b"");
    desk.write("kb/image.png", [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]);
    let ran = desk.run(&["ingest", "kb"]).exits(3);
    ran.says("broken.pdf");
    desk.run(&["--json", "search", "lamp modes"]).exits(0).says("3 modes");
}

#[test]
fn an_emptied_source_does_not_empty_the_index() {
    let desk = Desk::new();
    let path = desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.run(&["ingest", "kb"]).exits(0);
    std::fs::remove_file(path).unwrap();
    desk.run(&["ingest", "kb"]).exits(1).says("--allow-empty");
    desk.run(&["--json", "search", "lamp modes"]).exits(0).says("3 modes");
    desk.run(&["ingest", "--allow-empty", "kb"]).exits(0);
    assert!(!desk.run(&["--json", "search", "lamp modes"]).exits(0).out.contains("3 modes"));
}

#[test]
fn missing_and_damaged_models_are_named() {
    let desk = Desk::new();
    desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.run(&["ingest", "kb"]).exits(0);
    desk.write("citedesk.toml", "[models]\nencoder = \"no-such-folder\"\n");
    desk.run(&["search", "lamp"]).exits(6).says("no-such-folder");
    desk.write("bad/model.onnx", b"not a model");
    desk.write("citedesk.toml", "[models]\nencoder = \"bad\"\n");
    desk.run(&["search", "lamp"]).exits(6).says("bad");
    desk.write("citedesk.toml", "[models]\nruntime = \"bad/model.onnx\"\n");
    desk.run(&["search", "lamp"]).exits(6).says("ONNX Runtime");
    desk.write("citedesk.toml", "[models]\ndevice = \"abacus\"\n");
    desk.run(&["search", "lamp"]).exits(2).says("abacus");
}

#[test]
fn the_precision_named_is_the_precision_used() {
    let desk = Desk::new();
    desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.run(&["ingest", "kb"]).exits(0);
    desk.write("citedesk.toml", "[models]\nprecision = \"int8\"\n");
    desk.run(&["search", "lamp"]).exits(1).says("ingest");
    desk.run(&["ingest", "kb"]).exits(0);
    desk.run(&["--json", "search", "lamp modes"]).exits(0).says("3 modes");
    let setup = desk.run(&["setup"]).exits(0).out;
    let int8 = setup.lines().find_map(|line| line.strip_prefix("encoder")).unwrap().trim();
    desk.write("citedesk.toml", format!("[models]\nencoder = {int8:?}\n"));
    desk.run(&["search", "lamp"]).exits(2).says("is int8, not fp32").says("models.precision");
    desk.write("citedesk.toml", "[models]\nprecision = \"int4\"\n");
    desk.run(&["search", "lamp"]).exits(2).says("int4");
}

#[test]
fn one_encoder_knows_many_languages() {
    let desk = Desk::new();
    desk.write(
        "kb/lampe.md",
        "# Lampe\n\n## Akku\n\nDer Akku der Lampe hält 40 Stunden.\n\n## Garantie\n\nDie Garantie gilt drei Jahre ab dem Kauf.\n\n\
         ## Reinigung\n\nWischen Sie die Lampe nur mit einem trockenen Tuch ab.\n",
    );
    for (name, text) in [
        (
            "versand",
            "Pakete verlassen unser Lager von Montag bis Freitag. Die Zustellung übernimmt ein Kurier.",
        ),
        ("rechnung", "Die Rechnung kommt mit dem Paket. Bezahlt wird mit Karte oder auf Rechnung."),
        ("konto", "Ein Konto braucht eine gültige Adresse. Das Kennwort ändern Sie unter Einstellungen."),
        ("montage", "Die Halterung wird mit zwei Schrauben an der Wand befestigt. Ein Dübel liegt bei."),
        ("app", "Die App zeigt den Zustand aller Lampen. Gruppen legen Sie mit dem Pluszeichen an."),
    ] {
        desk.write(&format!("kb/{name}.md"), format!("# Hilfe: {name}\n\n{text}\n"));
    }
    desk.run(&["ingest", "kb"]).exits(0);
    let refused = desk.run(&["ask", "How long does the battery last?"]).exits(4);
    refused.says("models.languages = \"many\"");
    desk.write("citedesk.toml", "[models]\nlanguages = \"many\"\n");
    desk.run(&["search", "Akku"]).exits(1).says("citedesk ingest");
    desk.run(&["ingest", "kb"]).exits(0);
    desk.run(&["ask", "Wie lange hält der Akku?"]).exits(0).says("40 Stunden");
    desk.run(&["ask", "How long does the battery of the lamp last?"]).exits(0).says("40 Stunden");
    desk.run(&["ask", "Combien de temps tient la batterie de la lampe ?"]).exits(0).says("40 Stunden");
    desk.run(&["ask", "Wie viel wiegt ein Elefant?"]).exits(4);
    desk.run(&["doctor"]).exits(0).says("encoder");
    let setup = desk.run(&["setup"]).exits(0).out;
    let many = setup.lines().find_map(|line| line.strip_prefix("encoder")).unwrap().trim();
    desk.write("citedesk.toml", format!("[models]\nencoder = {many:?}\n"));
    desk.run(&["search", "Akku"]).exits(2).says("knows many languages").says("models.languages");
    desk.write("citedesk.toml", "[models]\nlanguages = \"many\"\nprecision = \"int8\"\n");
    desk.run(&["search", "Akku"]).exits(2).says("fp32");
    desk.write("citedesk.toml", "[models]\nlanguages = \"klingon\"\n");
    desk.run(&["search", "Akku"]).exits(2).says("klingon");
}

#[test]
fn passages_can_be_found_by_another_model() {
    let desk = Desk::new();
    desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.run(&["ingest", "kb"]).exits(0);
    let setup = desk.run(&["setup"]).exits(0).out;
    let folder = setup.lines().find_map(|line| line.strip_prefix("encoder")).unwrap().trim();
    let embedding = |family: &str, folder: &str| {
        desk.write(
            "citedesk.toml",
            format!("[models.embedding]\nfolder = {folder:?}\nfamily = {family:?}\n"),
        );
    };
    embedding("e5", folder);
    desk.run(&["search", "lamp"]).exits(1).says("fastembed:").says("citedesk ingest");
    desk.run(&["ingest", "kb"]).exits(0);
    desk.run(&["ask", "How many modes does the lamp have?"]).exits(0).says("3 modes");
    desk.run(&["doctor"]).exits(0).says("fastembed:");
    embedding("plain", folder);
    desk.run(&["search", "lamp"]).exits(1).says("citedesk ingest");
    embedding("word2vec", folder);
    desk.run(&["search", "lamp"]).exits(2).says("word2vec");
    embedding("plain", "nowhere");
    desk.run(&["search", "lamp"]).exits(6).says("nowhere");
}

#[test]
fn a_damaged_index_is_named_and_can_be_rebuilt() {
    let desk = Desk::new();
    desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.run(&["ingest", "kb"]).exits(0);
    std::fs::write(desk.index().join("CURRENT"), b"\xff\xfe nonsense").unwrap();
    desk.run(&["search", "lamp"]).exits(1).says("CURRENT");
    desk.run(&["doctor"]).exits(1).says("CURRENT");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_loses_nothing_and_the_next_completes_it() {
    let desk = Desk::new();
    desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    desk.run(&["ingest", "kb"]).exits(0);
    let sample = sample();
    // Killed when the first item has been stored, which is before publishing.
    let mut child = desk
        .command(&["--json", "ingest", text(&sample)])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    {
        use std::io::BufRead as _;
        let stdout = child.stdout.take().unwrap();
        let reached = std::io::BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .any(|line| line.contains("\"event\":\"item\""));
        assert!(reached, "the run ended before it stored anything");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    desk.run(&["--json", "search", "lamp modes"]).exits(0).says("3 modes");
    desk.run(&["ingest", text(&sample)]).exits(0);
    desk.run(&["--json", "search", "lamp modes"]).exits(0).says("3 modes");
}

#[test]
fn two_runs_at_once_are_told_apart() {
    let desk = Desk::new();
    desk.write("kb/a.md", "# Lamp\n\nThe lamp has 3 modes.\n");
    std::fs::create_dir_all(desk.index()).unwrap();
    let lock = std::fs::File::create(desk.index().join("writer.lock")).unwrap();
    lock.lock().unwrap();
    desk.run(&["ingest", "kb"]).exits(7).says("being written");
    drop(lock);
    desk.run(&["ingest", "kb"]).exits(0);
}
