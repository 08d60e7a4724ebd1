//! What ordinary pages become.

use lopdf::{Stream, dictionary};

use super::*;

#[test]
fn operators_place_text() {
    let content = "BT /F 10 Tf 14 TL 50 700 Td (One) Tj ( two) Tj T* (three) Tj (four) ' 0 0 (five) \" \
        0 -14 TD [(si) -20 (x se) 10 (ven) -400 (eight)] TJ 0 -14 Td 50 Tz (nine) Tj 100 Tz 5 Ts (x) Tj ET \
        q 1 0 0 1 0 -200 cm BT /F 10 Tf 2 0 0 2 50 700 Tm (large) Tj ET Q";
    assert_eq!(texts(content), ["One two three four five six seven eight ninex", "large"]);
}

#[test]
fn fonts_say_what_codes_mean() {
    let mut maker = Maker::new();
    let map = "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0001> <001A> <0061> endbfrange \
        1 beginbfchar <0030> <00660066> endbfchar";
    let map = maker.document.add_object(Stream::new(dictionary! {}, map.into()));
    let inner = dictionary! { "Type" => "Font", "Subtype" => "CIDFontType2", "BaseFont" => "X", "DW" => 500 };
    let wide = dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "X", "Encoding" => "Identity-H", "ToUnicode" => map,
        "DescendantFonts" => vec![inner.into()],
    };
    let own = dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Y", "FirstChar" => 1,
        "Widths" => vec![500.into(), 500.into(), 500.into()],
        "Encoding" => dictionary! { "Differences" => vec![1.into(), "A".into(), "adieresis".into(), "fi".into()] },
    };
    maker.resources.set("Font", dictionary! { "W" => wide, "O" => own });
    let content = "BT /W 10 Tf 50 700 Td <0001000200300003> Tj 0 -30 Td /O 10 Tf <010203> Tj ET";
    let found: Vec<_> =
        draft(&maker.page(content).bytes()).blocks.into_iter().map(|block| block.text).collect();
    assert_eq!(found, ["abffc", "Aäfi"]);
}

#[test]
fn paragraphs_are_joined_and_headings_ranked() {
    let found = blocks(&lines(&[
        (50.0, 60.0, 24.0, "F", "Manual"),
        (50.0, 100.0, 16.0, "F", "1 Reset"),
        (50.0, 130.0, 10.0, "F", "Hold the reset button for ten seconds until the light turns am-"),
        (50.0, 142.0, 10.0, "F", "ber, then let go and wait for the router to start again. It takes"),
        (50.0, 154.0, 10.0, "F", "two minutes."),
        (50.0, 178.0, 10.0, "F", "Settings are lost."),
        (50.0, 202.0, 10.0, "B", "What is kept"),
        (50.0, 226.0, 10.0, "F", "The serial number and the version of the firmware, which cannot be"),
        (50.0, 238.0, 10.0, "F", "changed."),
        (50.0, 262.0, 10.0, "C", "$ reset now"),
        (62.0, 274.0, 10.0, "C", "done"),
    ]));
    let expected = [
        (BlockKind::Heading(1), "Manual"),
        (BlockKind::Heading(2), "1 Reset"),
        (
            BlockKind::Paragraph,
            "Hold the reset button for ten seconds until the light turns amber, then let go and wait for the router \
             to start again. It takes two minutes.",
        ),
        (BlockKind::Paragraph, "Settings are lost."),
        (BlockKind::Heading(3), "What is kept"),
        (BlockKind::Paragraph, "The serial number and the version of the firmware, which cannot be changed."),
        (BlockKind::Code, "$ reset now\n  done"),
    ];
    assert_eq!(found, expected.map(|(kind, text)| (kind, text.to_owned())));
}

#[test]
fn lists_keep_their_markers_and_depth() {
    let found = blocks(&lines(&[
        (50.0, 100.0, 10.0, "F", "1."),
        (70.0, 100.0, 10.0, "F", "Press the button and hold it until the light of the router"),
        (70.0, 112.0, 10.0, "F", "turns amber."),
        (70.0, 124.0, 10.0, "F", "- It blinks first."),
        (50.0, 136.0, 10.0, "F", "2."),
        (70.0, 136.0, 10.0, "F", "Let go."),
    ]));
    let texts: Vec<_> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert!(found.iter().all(|(kind, _)| *kind == BlockKind::ListItem), "{found:?}");
    assert_eq!(
        texts,
        [
            "1. Press the button and hold it until the light of the router turns amber.",
            "  - It blinks first.",
            "2. Let go."
        ]
    );
}

/// A column of text from `top`: sentences of which no two lines are alike.
fn column(x: f64, top: f64, name: &str) -> Vec<(f64, f64, f64, &'static str, String)> {
    (0..8)
        .map(|line| {
            (
                x,
                top + 12.0 * f64::from(line),
                10.0,
                "F",
                format!("the {name} column tells in line {line} how to go"),
            )
        })
        .collect()
}

fn content(lines_of: &[(f64, f64, f64, &'static str, String)]) -> String {
    let borrowed: Vec<_> =
        lines_of.iter().map(|(x, y, size, font, text)| (*x, *y, *size, *font, text.as_str())).collect();
    lines(&borrowed)
}

#[test]
fn columns_are_read_one_after_the_other() {
    let mut all = vec![(50.0, 60.0, 20.0, "F", "A title across both of the columns of this page".to_owned())];
    // Lines of both columns at the same heights, in the order of rows, as some programs write them.
    for (left, right) in column(50.0, 100.0, "left").into_iter().zip(column(310.0, 100.0, "right")) {
        all.extend([left, right]);
    }
    all.push((
        50.0,
        230.0,
        10.0,
        "F",
        "Below the columns there is a last line that runs across the whole page, as wide as it is."
            .to_owned(),
    ));
    let found = texts(&content(&all));
    let order = [
        "A title",
        "left column tells in line 0",
        "left column tells in line 7",
        "right column tells in line 0",
        "Below",
    ];
    let joined = found.join("\n");
    let places: Vec<_> = order.iter().map(|part| joined.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{joined}");
}

#[test]
fn tables_have_a_line_for_each_row() {
    let mut all = vec![(50.0, 80.0, 10.0, "F", "The plans that we offer are told apart by their price:")];
    for (row, cells) in [
        ("Plan", "Price", "Disks"),
        ("Solo", "5", "1 disk"),
        ("Team", "8", "2 disks"),
        ("Family", "10", "3 disks"),
    ]
    .iter()
    .enumerate()
    {
        let y = 110.0 + 20.0 * row as f64;
        all.extend([
            (50.0, y, 10.0, "F", cells.0),
            (200.0, y, 10.0, "F", cells.1),
            (300.0, y, 10.0, "F", cells.2),
        ]);
    }
    let found = blocks(&lines(&all));
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        found[1],
        (
            BlockKind::Table,
            "Plan | Price | Disks\nSolo | 5 | 1 disk\nTeam | 8 | 2 disks\nFamily | 10 | 3 disks".into()
        )
    );
}

#[test]
fn lines_between_cells_part_rows() {
    // Cells of two lines; the lines drawn between rows are what parts them, as all steps are even.
    let mut content = lines(&[
        (55.0, 110.0, 10.0, "F", "Light"),
        (205.0, 110.0, 10.0, "F", "Meaning of it"),
        (55.0, 130.0, 10.0, "F", "Green"),
        (205.0, 130.0, 10.0, "F", "It works and"),
        (205.0, 142.0, 10.0, "F", "is connected"),
        (55.0, 162.0, 10.0, "F", "Red"),
        (205.0, 162.0, 10.0, "F", "It failed and"),
        (205.0, 174.0, 10.0, "F", "is replaced"),
    ]);
    for y in [98.0, 117.0, 149.0, 181.0] {
        content += &format!("50 {} m 400 {} l S\n", 842.0 - y, 842.0 - y);
    }
    for x in [50.0, 200.0, 400.0] {
        content += &format!("{x} {} 0.5 83 re f\n", 842.0 - 181.0);
    }
    assert_eq!(
        texts(&content),
        ["Light | Meaning of it\nGreen | It works and is connected\nRed | It failed and is replaced"]
    );
}

#[test]
fn running_heads_and_feet_go() {
    let mut maker = Maker::new();
    for number in 1..=5 {
        let body = format!(
            "Page {} tells something that no other page tells, in words of its own.",
            ["one", "two", "three", "four", "five"][number - 1]
        );
        let foot = format!("Page {number} of 5");
        maker.page(&lines(&[
            (50.0, 40.0, 8.0, "F", "Alder User Manual"),
            (50.0, 300.0, 10.0, "F", &body),
            (280.0, 810.0, 8.0, "F", &foot),
        ]));
    }
    let found = draft(&maker.bytes());
    assert_eq!(
        found.blocks.iter().map(|block| block.page).collect::<Vec<_>>(),
        (1..=5).map(Some).collect::<Vec<_>>()
    );
    assert!(
        found.blocks.iter().all(|block| block.text.starts_with("Page ") && block.text.ends_with("own.")),
        "{found:?}"
    );
}

#[test]
fn marked_content_says_what_it_is() {
    let content = "/Artifact <</Type /Pagination>> BDC BT /F 9 Tf 50 800 Td (Head) Tj ET EMC \
        BT /F 10 Tf 50 700 Td /Span <</ActualText (Whole)>> BDC (Wh) Tj (le) Tj EMC ( words) Tj ET";
    assert_eq!(texts(content), ["Whole words"]);
}

#[test]
fn forms_and_fields_are_part_of_the_page() {
    let mut maker = Maker::new();
    let fonts = maker.resources.clone();
    let stream = |text: &str| {
        let dictionary = dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "Resources" => fonts.clone(),
            "BBox" => vec![0.into(), 0.into(), 200.into(), 20.into()],
        };
        Stream::new(dictionary, format!("BT /F 10 Tf 2 5 Td ({text}) Tj ET").into_bytes())
    };
    let form = maker.document.add_object(stream("In a form"));
    let field = maker.document.add_object(stream("In a field"));
    maker.resources.set("XObject", dictionary! { "X" => form });
    maker.page("q 1 0 0 1 50 700 cm /X Do Q");
    let page = maker.pages[0].as_reference().expect("a page");
    let note = dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "Rect" => vec![50.into(), 500.into(), 250.into(), 520.into()],
        "AP" => dictionary! { "N" => field },
    };
    maker.document.get_dictionary_mut(page).expect("a page").set("Annots", vec![note.into()]);
    let found: Vec<_> = draft(&maker.bytes()).blocks.into_iter().map(|block| block.text).collect();
    assert_eq!(found, ["In a form", "In a field"]);
}

#[test]
fn turned_pages_are_read_upright() {
    let mut maker = Maker::new();
    maker.page(
        "BT /F 10 Tf 0 1 -1 0 100 100 Tm (First line of the turned page) Tj 0 -12 Td (second line) Tj ET",
    );
    let page = maker.pages[0].as_reference().expect("a page");
    maker.document.get_dictionary_mut(page).expect("a page").set("Rotate", 90);
    let found: Vec<_> = draft(&maker.bytes()).blocks.into_iter().map(|block| block.text).collect();
    assert_eq!(found, ["First line of the turned page second line"]);
}

#[test]
fn letters_shown_twice_count_once() {
    let bold =
        "BT /F 10 Tf 50 700 Td (Bold) Tj 1 0 0 1 50.3 700 Tm (Bold) Tj 1 0 0 1 120 700 Tm (text) Tj ET";
    assert_eq!(texts(bold), ["Bold", "text"]);
}

#[test]
fn text_from_right_to_left_is_in_its_own_order() {
    let mut maker = Maker::new();
    let map = "1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <01> <06> <05D0> endbfrange";
    let map = maker.document.add_object(Stream::new(dictionary! {}, map.into()));
    let font = dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "H", "ToUnicode" => map, "FirstChar" => 1,
        "Widths" => vec![500.into(); 6],
    };
    maker.resources.set("Font", dictionary! { "H" => font });
    // Shown from left to right, as it is seen: the last word first, each backward.
    let content = "BT /H 10 Tf 50 700 Td <060504> Tj 18 0 Td <030201> Tj ET";
    let found: Vec<_> =
        draft(&maker.page(content).bytes()).blocks.into_iter().map(|block| block.text).collect();
    assert_eq!(found, ["אבג דהו"]);
}

#[test]
fn a_document_says_what_it_is() {
    let mut maker = Maker::new();
    maker.page(&lines(&[(50.0, 100.0, 10.0, "F", "Words")]));
    let mut document = maker.finish();
    let info = document.add_object(dictionary! {
        "Title" => Object::string_literal("Reset manual"), "ModDate" => Object::string_literal("D:20240301120000Z"),
    });
    document.trailer.set("Info", info);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).expect("a PDF");
    let fields = draft(&bytes).fields;
    assert_eq!(fields.title.as_deref(), Some("Reset manual"));
    assert_eq!(fields.modified.map(|time| time.to_string()).as_deref(), Some("2024-03-01T12:00:00Z"));
}
