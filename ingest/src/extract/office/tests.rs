//! Small documents made in memory.

use std::io::{Cursor, Write as _};

use corpus::{Block, BlockKind};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Content, Office, content, read};
use crate::extract::{ExtractError, Limits};

const WORD: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"";

fn packed(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn word(body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let document = format!("<w:document {WORD}><w:body>{body}</w:body></w:document>");
    let mut members = vec![("[Content_Types].xml", "<Types/>"), ("word/document.xml", document.as_str())];
    members.extend(more);
    packed(&members)
}

fn extract(kind: Office, bytes: &[u8]) -> Result<Vec<Block>, ExtractError> {
    read(kind, bytes, &Limits::default()).map(|draft| draft.blocks)
}

/// Blocks as lines: `h1 Text`, `- Text`, `| Text` and so on.
fn shown(blocks: &[Block]) -> Vec<String> {
    let sign = |block: &Block| match block.kind {
        BlockKind::Heading(level) => format!("h{level}"),
        BlockKind::Paragraph => "p".to_owned(),
        BlockKind::ListItem => "li".to_owned(),
        BlockKind::Table => "t".to_owned(),
        BlockKind::Code => "c".to_owned(),
        BlockKind::Message => "m".to_owned(),
    };
    blocks
        .iter()
        .map(|block| {
            let page = block.page.map(|page| format!(" {page}")).unwrap_or_default();
            format!("{}{page}: {}", sign(block), block.text)
        })
        .collect()
}

fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn word_keeps_headings_lists_tables_and_notes() {
    let styles = format!(
        "<w:styles {WORD}><w:style w:styleId=\"T1\"><w:name w:val=\"heading 2\"/></w:style>\
         <w:style w:styleId=\"Own\"><w:name w:val=\"My heading\"/><w:basedOn w:val=\"T1\"/></w:style></w:styles>"
    );
    let numbering = format!(
        "<w:numbering {WORD}><w:abstractNum w:abstractNumId=\"1\"><w:lvl w:ilvl=\"0\"><w:numFmt w:val=\"decimal\"/></w:lvl>\
         <w:lvl w:ilvl=\"1\"><w:numFmt w:val=\"lowerLetter\"/></w:lvl></w:abstractNum>\
         <w:num w:numId=\"5\"><w:abstractNumId w:val=\"1\"/></w:num></w:numbering>"
    );
    let notes = format!(
        "<w:footnotes {WORD}><w:footnote w:type=\"separator\" w:id=\"-1\">{}</w:footnote>\
         <w:footnote w:id=\"1\">{}</w:footnote></w:footnotes>",
        paragraph("line"),
        paragraph("Courier included.")
    );
    let item = |level: u8, text: &str| {
        format!(
            "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"5\"/></w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
        )
    };
    let body = format!(
        "<w:p><w:pPr><w:pStyle w:val=\"Own\"/></w:pPr><w:r><w:t>Res</w:t></w:r><w:r><w:t>et</w:t></w:r></w:p>{}{}{}{}\
         <w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr><w:tr><w:tc>{}{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>",
        item(0, "Hold"),
        item(1, "ten seconds"),
        item(0, "Let go"),
        item(1, "wait"),
        paragraph("Plan"),
        paragraph("Price"),
        paragraph("Home"),
        paragraph("office"),
        paragraph("79"),
    );
    let bytes = word(
        &body,
        &[("word/styles.xml", &styles), ("word/numbering.xml", &numbering), ("word/footnotes.xml", &notes)],
    );
    assert_eq!(
        shown(&extract(Office::Word, &bytes).unwrap()),
        [
            "h2: Reset",
            "li: 1. Hold",
            "li: a. ten seconds",
            "li: 2. Let go",
            "li: a. wait",
            "t: Plan | Price\nHome office | 79",
            "p: Courier included."
        ]
    );
}

#[test]
fn word_leaves_out_what_is_deleted_hidden_or_there_twice() {
    let run = |text: &str| format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>");
    let body = format!(
        "<w:p>{}<w:del><w:r><w:delText>old </w:delText></w:r></w:del><w:ins>{}</w:ins>\
         <w:r><w:rPr><w:vanish/></w:rPr><w:t>secret </w:t></w:r>\
         <w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t xml:space=\"preserve\">shown </w:t></w:r>\
         <w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:tab/><w:t>end</w:t><w:br/><w:t>next</w:t></w:r></w:p>\
         <w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{}</w:txbxContent></mc:Choice>\
         <mc:Fallback><w:txbxContent>{}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>",
        run("The "),
        run("new "),
        paragraph("In a frame."),
        paragraph("In a frame."),
    );
    let blocks = extract(Office::Word, &word(&body, &[])).unwrap();
    assert_eq!(shown(&blocks), ["p: The new shown end\nnext", "p: In a frame."]);
}

#[test]
fn open_document_text_is_read() {
    let names = "xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"b\" xmlns:draw=\"d\"";
    let main = format!(
        "<office:document-content {names}><office:body><office:text>\
         <text:tracked-changes><text:p>gone</text:p></text:tracked-changes>\
         <text:h text:outline-level=\"2\">Reset</text:h>\
         <text:p>Hold<text:s/>the\n button<text:note><text:note-citation>1</text:note-citation><text:note-body>\
         <text:p>Not the other one.</text:p></text:note-body></text:note>.</text:p>\
         <text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>two</text:p></text:list-item></text:list>\
         </text:list-item></text:list>\
         <table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>\
         <table:table-cell table:number-columns-repeated=\"1000000\"><text:p>b</text:p></table:table-cell></table:table-row></table:table>\
         </office:text></office:body></office:document-content>"
    );
    let bytes = packed(&[("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", &main)]);
    assert_eq!(content(&bytes), Some(Content::Document(Office::OdfText)));
    let lines = shown(&extract(Office::OdfText, &bytes).unwrap());
    assert_eq!(lines[..4], ["h2: Reset", "p: Hold the button.", "li: - one", "li: - two"]);
    assert!(lines[4].starts_with("t: a | b | b") && lines[4].len() < 400);
    assert_eq!(lines[5], "p: Not the other one.");
}

#[test]
fn slides_come_in_their_order_with_titles_and_notes() {
    let names = "xmlns:p=\"p\" xmlns:a=\"a\" xmlns:r=\"r\"";
    let relations = |pairs: &[(&str, &str, &str)]| {
        let all: String = pairs
            .iter()
            .map(|(id, kind, target)| {
                format!("<Relationship Id=\"{id}\" Type=\"x/{kind}\" Target=\"{target}\"/>")
            })
            .collect();
        format!("<Relationships>{all}</Relationships>")
    };
    let shape = |kind: &str, lines: &[&str]| {
        let lines: String =
            lines.iter().map(|line| format!("<a:p><a:r><a:t>{line}</a:t></a:r></a:p>")).collect();
        format!(
            "<p:sp><p:nvSpPr><p:nvPr><p:ph type=\"{kind}\"/></p:nvPr></p:nvSpPr><p:txBody>{lines}</p:txBody></p:sp>"
        )
    };
    let slide = |shapes: &str, show: &str| {
        format!("<p:sld {names} {show}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>")
    };
    let first = slide(
        &format!(
            "{}{}{}",
            shape("title", &["Plans"]),
            shape("body", &["Home", "Office"]),
            shape("sldNum", &["1"])
        ),
        "",
    );
    let second = slide(&shape("title", &["Prices"]), "");
    let hidden = slide(&shape("title", &["Draft"]), "show=\"0\"");
    let notes = slide(&shape("body", &["Say it slowly."]), "");
    let main = format!(
        "<p:presentation {names}><p:sldIdLst><p:sldId id=\"1\" r:id=\"b\"/><p:sldId id=\"2\" r:id=\"c\"/><p:sldId id=\"3\" r:id=\"a\"/></p:sldIdLst></p:presentation>"
    );
    let bytes = packed(&[
        ("[Content_Types].xml", "<Types/>"),
        ("ppt/presentation.xml", &main),
        (
            "ppt/_rels/presentation.xml.rels",
            &relations(&[
                ("a", "slide", "slides/s1.xml"),
                ("b", "slide", "/ppt/slides/s2.xml"),
                ("c", "slide", "slides/s3.xml"),
            ]),
        ),
        ("ppt/slides/s1.xml", &second),
        ("ppt/slides/s2.xml", &first),
        ("ppt/slides/s3.xml", &hidden),
        ("ppt/slides/_rels/s2.xml.rels", &relations(&[("n", "notesSlide", "../notes/n.xml")])),
        ("ppt/notes/n.xml", &notes),
    ]);
    assert_eq!(content(&bytes), Some(Content::Document(Office::Slides)));
    assert_eq!(
        shown(&extract(Office::Slides, &bytes).unwrap()),
        ["h1 1: Plans", "li 1: - Home", "li 1: - Office", "p 1: Say it slowly.", "h1 3: Prices"]
    );
}

#[test]
fn a_workbook_is_read_by_sheet() {
    let row = |number: usize, cells: &[&str]| {
        let cells: String = cells
            .iter()
            .enumerate()
            .map(|(column, text)| {
                let name = char::from(b'A' + column as u8);
                format!("<c r=\"{name}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
            })
            .collect();
        format!("<row r=\"{number}\">{cells}</row>")
    };
    let rows: String = (3..100).map(|number| row(number, &["Home", &number.to_string()])).collect();
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{}{}{rows}</sheetData></worksheet>",
        row(1, &["Prices of 2026"]),
        row(2, &["Plan", "Price"])
    );
    let bytes = packed(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "_rels/.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" \
             Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
             xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
             <sheet name=\"Plans\" sheetId=\"1\" r:id=\"r1\"/><sheet name=\"Draft\" sheetId=\"2\" state=\"hidden\" r:id=\"r1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" \
             Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", &sheet),
    ]);
    assert_eq!(content(&bytes), Some(Content::Document(Office::Sheet)));
    let blocks = extract(Office::Sheet, &bytes).unwrap();
    let lines = shown(&blocks);
    assert_eq!(lines[..2], ["h1: Plans", "p: Prices of 2026"]);
    // Every part of a long table has the header.
    assert_eq!(lines.len(), 2 + 97_usize.div_ceil(40));
    assert!(lines[2..].iter().all(|line| line.starts_with("t: Plan | Price\nHome | ")), "{lines:?}");
}

#[test]
fn a_book_is_read_in_the_order_of_its_spine() {
    let chapter = |title: &str| format!("<html><body><h1>{title}</h1><p>Words of {title}.</p></body></html>");
    let bytes = packed(&[
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", "<container><rootfile full-path=\"O/b.opf\"/></container>"),
        (
            "O/b.opf",
            "<package><metadata><title>The Lamp</title></metadata><manifest><item id=\"1\" href=\"t/one.xhtml\"/>\
             <item id=\"2\" href=\"t/two.xhtml\"/></manifest><spine><itemref idref=\"2\"/><itemref idref=\"1\"/><itemref idref=\"9\"/></spine></package>",
        ),
        ("O/t/one.xhtml", &chapter("One")),
        ("O/t/two.xhtml", &chapter("Two")),
    ]);
    assert_eq!(content(&bytes), Some(Content::Document(Office::Book)));
    let draft = read(Office::Book, &bytes, &Limits::default()).unwrap();
    assert_eq!(draft.fields.title.as_deref(), Some("The Lamp"));
    assert_eq!(shown(&draft.blocks), ["h1: Two", "p: Words of Two.", "h1: One", "p: Words of One."]);
}

#[test]
fn rich_text_is_read() {
    let text = b"{\\rtf1\\ansi\\ansicpg1252\\uc1{\\fonttbl{\\f0 Times;}}{\\stylesheet{\\s1 heading 1;}{\\s2 Normal;}}\
        {\\info{\\title The lamp}{\\author Somebody}}\
        \\pard\\s1 Reset\\par\\pard\\s2 Hold {\\b the} b\\'fctton\\u8212?{\\v secret }now.\\line And \\{wait\\}.\\par\
        {\\listtext\\'b7\\tab}one\\par{\\listtext 2.\\tab}two\\par\
        \\trowd\\intbl Plan\\cell Price\\cell\\row\\trowd\\intbl Home\\cell 79\\cell\\row\\pard After {\\*\\unknown left out}it.\\par}}}";
    let draft = read(Office::Rtf, text, &Limits::default()).unwrap();
    assert_eq!(draft.fields.title.as_deref(), Some("The lamp"));
    assert_eq!(
        shown(&draft.blocks),
        [
            "h1: Reset",
            "p: Hold the bütton—now.\nAnd {wait}.",
            "li: - one",
            "li: 2. two",
            "t: Plan | Price\nHome | 79",
            "p: After it."
        ]
    );
}

#[test]
fn pairs_of_utf_16_and_asian_code_pages_are_put_together() {
    let read = |text: &[u8]| shown(&extract(Office::Rtf, text).unwrap());
    assert_eq!(read(b"{\\rtf1 a\\u-10179?\\u-8704?b}"), ["p: a😀b"]);
    assert_eq!(read(b"{\\rtf1\\ansicpg932 \\'93\\'fa\\'96\\'7b}"), ["p: 日本"]);
    assert_eq!(read(b"{\\rtf1\\uc2 \\u233\\'c3\\'a9!}"), ["p: é!"]);
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let bomb = word(&paragraph(&"x".repeat(200 << 20)), &[]);
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(extract(Office::Word, &bomb), Err(ExtractError::TooLarge { .. })));
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = format!("{}{}", "<w:sdt>".repeat(2_000), "</w:sdt>".repeat(2_000));
    assert!(matches!(extract(Office::Word, &word(&deep, &[])), Err(ExtractError::TooLarge { .. })));
    let braces = format!("{{\\rtf1 {}", "{".repeat(2_000));
    assert!(matches!(extract(Office::Rtf, braces.as_bytes()), Err(ExtractError::TooLarge { .. })));
}

#[test]
fn entities_are_not_expanded() {
    let document = format!(
        "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><w:document {WORD}>{}</w:document>",
        paragraph("&b;")
    );
    let bytes = packed(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", &document)]);
    assert!(matches!(extract(Office::Word, &bytes), Err(ExtractError::Malformed { .. })));
}

#[test]
fn cut_and_flipped_files_are_errors_or_text_and_never_a_panic() {
    let whole = word(&paragraph("Some words to read."), &[]);
    for length in (0..whole.len()).step_by(7) {
        let _ = content(&whole[..length]);
        assert!(extract(Office::Word, &whole[..length]).is_err(), "{length}");
    }
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x55;
        let _ = content(&flipped);
        for kind in [Office::Word, Office::Sheet, Office::Book, Office::OdfText, Office::Slides] {
            let _ = extract(kind, &flipped);
        }
    }
    let missing = packed(&[("[Content_Types].xml", "<Types/>"), ("word/other.xml", "<x/>")]);
    let error = extract(Office::Word, &missing).unwrap_err();
    assert!(error.to_string().contains("word/document.xml"), "{error}");
}

#[test]
fn what_needs_a_password_says_so() {
    let mut compound = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    compound.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(content(&compound), Some(Content::Encrypted));
    let encrypted = packed(&[
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("META-INF/manifest.xml", "<manifest><encryption-data/></manifest>"),
    ]);
    assert_eq!(content(&encrypted), Some(Content::Encrypted));
    assert_eq!(content(&packed(&[("a.txt", "x")])), None);
}

#[test]
fn nesting_of_frames_and_notes_does_not_multiply_their_text() {
    let names = "xmlns:office=\"o\" xmlns:text=\"t\" xmlns:draw=\"d\" xmlns:table=\"b\"";
    let nested = |open: &str, close: &str| {
        let inner = format!("{}deep{}", open.repeat(40), close.repeat(40));
        format!(
            "<office:document {names}><office:body><text:p>top{inner}</text:p></office:body></office:document>"
        )
    };
    for (open, close) in [
        ("<draw:text-box><text:p>", "</text:p></draw:text-box>"),
        ("<text:note><text:note-body><text:p>", "</text:p></text:note-body></text:note>"),
    ] {
        let bytes = packed(&[("content.xml", &nested(open, close))]);
        let blocks = extract(Office::OdfText, &bytes).unwrap();
        assert!(blocks.len() <= 41, "{}", blocks.len());
        assert_eq!(blocks.iter().filter(|block| block.text == "deep").count(), 1);
    }
    let cell = format!(
        "<office:document {names}><office:body><table:table><table:table-row><table:table-cell><text:p>a</text:p>\
         <office:annotation><text:p>secret</text:p></office:annotation></table:table-cell><table:table-cell><text:p>b</text:p>\
         </table:table-cell></table:table-row></table:table></office:body></office:document>"
    );
    assert_eq!(shown(&extract(Office::OdfText, &packed(&[("content.xml", &cell)])).unwrap()), ["t: a | b"]);
}

#[test]
fn cells_that_reach_over_columns_keep_the_others_under_their_headers() {
    let cell = |span: u32, text: &str| {
        format!("<w:tc><w:tcPr><w:gridSpan w:val=\"{span}\"/></w:tcPr>{}</w:tc>", paragraph(text))
    };
    let body = format!(
        "<w:tbl><w:tr>{}{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
        cell(1, "Plan"),
        cell(1, "Old"),
        cell(1, "New"),
        cell(2, "Home"),
        cell(1, "79")
    );
    assert_eq!(
        shown(&extract(Office::Word, &word(&body, &[])).unwrap()),
        ["t: Plan | Old | New\nHome |  | 79"]
    );
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let bytes = packed(&[("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", &" ".repeat(200 << 20))]);
    assert!(matches!(extract(Office::Sheet, &bytes), Err(ExtractError::TooLarge { .. })));
}
