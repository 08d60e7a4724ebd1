//! Mallard, `DocBook` and what is neither.

use corpus::BlockKind;

use super::{XmlError, read};

fn texts(xml: &str) -> Vec<(BlockKind, String)> {
    let (_, blocks) = read(xml).expect("documentation");
    blocks.into_iter().map(|block| (block.kind, block.text)).collect()
}

#[test]
fn a_mallard_page_is_read() {
    let xml = r#"<page xmlns="http://projectmallard.org/1.0/" id="x"><info>
          <revision pkgversion="3.8" date="2013-03-13" status="candidate"/>
          <revision pkgversion="3.18" date="2015-09-28" status="final"/>
          <credit type="author"><name>Nobody</name><email>nobody@example.com</email></credit>
          <title type="sort">Sorted</title><desc>Not shown.</desc><tags>not shown</tags></info>
          <title>Wake the <em>mouse</em></title>
          <p>Open <guiseq><gui>Settings</gui> <gui>Power</gui></guiseq>
            or press <keyseq><key>Ctrl</key><key>C</key></keyseq>.</p>
          <section id="s"><title>Steps</title>
          <steps><item><p>One &amp; only.</p></item><item><p>Two.</p>
            <list><item><p>Deeper</p></item></list></item></steps>
          <note style="warning"><p>Mind the gap.</p></note>
          <screen>$ <input>ls</input>
  done</screen></section></page>"#;
    let (fields, _) = read(xml).expect("documentation");
    assert_eq!(fields.title.as_deref(), Some("Wake the mouse"));
    assert_eq!(fields.metadata.get("version").map(String::as_str), Some("3.18"));
    assert_eq!(fields.metadata.get("status").map(String::as_str), Some("final"));
    assert_eq!(fields.modified.map(|time| time.to_string()).as_deref(), Some("2015-09-28T00:00:00Z"));
    let expected = [
        (BlockKind::Heading(1), "Wake the mouse"),
        (BlockKind::Paragraph, "Open Settings > Power or press Ctrl+C."),
        (BlockKind::Heading(2), "Steps"),
        (BlockKind::ListItem, "1. One & only."),
        (BlockKind::ListItem, "2. Two."),
        (BlockKind::ListItem, "  - Deeper"),
        (BlockKind::Paragraph, "Warning: Mind the gap."),
        (BlockKind::Code, "$ ls\n  done"),
    ];
    assert_eq!(texts(xml), expected.map(|(kind, text)| (kind, text.to_owned())));
}

#[test]
fn a_docbook_table_has_a_line_for_each_row() {
    let xml = "<article><info><title>T</title></info><table><tr><th><para>A</para></th><th>B</th></tr>\
                 <tr><td><para>1</para><para>2</para></td><td>3</td></tr></table></article>";
    assert_eq!(texts(xml).last(), Some(&(BlockKind::Table, "A | B\n1 2 | 3".to_owned())));
}

#[test]
fn what_is_not_documentation_is_refused() {
    assert!(matches!(read("<svg><path/></svg>"), Err(XmlError::Unknown(name)) if name == "svg"));
    assert!(matches!(read("<page><p>a & b <"), Err(XmlError::Broken { .. })));
    assert!(matches!(read(&"<page>".repeat(300)), Err(XmlError::Deep)));
}

#[test]
fn entities_are_not_expanded() {
    let bomb = "<!DOCTYPE page [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><page><p>x &b; y</p></page>";
    assert_eq!(texts(bomb), [(BlockKind::Paragraph, "x b y".to_owned())]);
}
