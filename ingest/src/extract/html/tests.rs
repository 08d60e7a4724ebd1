use proptest::prelude::*;

use super::*;

fn page(html: &str) -> (Fields, Vec<Block>) {
    read(html.as_bytes(), &Limits::default()).expect("a page")
}

fn blocks(html: &str) -> Vec<(BlockKind, String)> {
    page(html).1.into_iter().map(|block| (block.kind, block.text)).collect()
}

fn text(html: &str) -> String {
    page(html).1.into_iter().map(|block| block.text).collect::<Vec<_>>().join("\n")
}

const ARTICLE: &str = "<p>Hold the reset button for ten seconds until the light turns amber, then let go and wait \
    for the router to start again. This takes about two minutes.</p>";

#[test]
fn the_content_is_what_the_page_marks_as_such() {
    let html = format!(
        "<body><header><a href=/>Acme</a></header><nav>Products Prices</nav>
        <div id=cookie-banner>We use cookies</div>
        <main><nav class=breadcrumb>Home / Help</nav><h1>Reset</h1>{ARTICLE}
        <aside class=note>Settings are lost.</aside><aside>Advertising</aside>
        <div class='related-articles'><a href=a>Lights</a> <a href=b>Wi-Fi</a></div>
        <p hidden>Hidden words</p><p style='display: none'>Hidden too</p><span aria-hidden=true>x</span></main>
        <div class=newsletter>Subscribe</div><footer>© Acme</footer><script>var words = 1</script></body>"
    );
    let found = text(&html);
    assert_eq!(
        found,
        "Reset\nHold the reset button for ten seconds until the light turns amber, then let go and wait for the router to start again. This takes about two minutes.\nSettings are lost."
    );
}

#[test]
fn without_a_mark_menus_of_links_go() {
    let links = "<ul>".to_owned() + &"<li><a href=x>Another page</a></li>".repeat(8) + "</ul>";
    let found =
        text(&format!("<body><div>{links}</div><h2>Reset</h2>{ARTICLE}{ARTICLE}<div>{links}</div></body>"));
    assert!(found.starts_with("Reset\nHold") && !found.contains("Another page"), "{found}");
    // A page of nothing but links is a table of contents.
    assert!(text(&format!("<body>{links}</body>")).contains("Another page"));
}

#[test]
fn rules_that_would_leave_nothing_are_not_followed() {
    assert!(text(&format!("<body><div class=sidebar>{ARTICLE}</div></body>")).contains("amber"));
}

#[test]
fn headings_lists_and_code_keep_their_kind() {
    use BlockKind::{Code, Heading, ListItem, Paragraph};
    let found = blocks(
        "<h1>One <a class=headerlink href=#one>¶</a></h1><p>Text <b>bold</b> and\n <i>more</i>.<br>Next line</p>
        <ol start=3><li>Third<ul><li>Inner</li></ul></li><li><p>Fourth</p></li></ol>
        <dl><dt>Term</dt><dd>Meaning</dd></dl><pre><code>a = 1\n  b = 2\n</code></pre>
        <h2><button aria-expanded=false>How long does it take?</button></h2><p>A day.</p>",
    );
    let expected = [
        (Heading(1), "One"),
        (Paragraph, "Text bold and more.\nNext line"),
        (ListItem, "3. Third"),
        (ListItem, "  - Inner"),
        (ListItem, "4. Fourth"),
        (ListItem, "- Term: Meaning"),
        (Code, "a = 1\n  b = 2"),
        (Heading(2), "How long does it take?"),
        (Paragraph, "A day."),
    ];
    assert_eq!(found, expected.map(|(kind, text)| (kind, text.to_owned())));
}

#[test]
fn tables_have_a_line_for_each_row() {
    let found = blocks(
        "<table><caption>Plans</caption><tr><th>Plan<th>Disks<th>Price</tr>
        <tr><td rowspan=2>Team<td>2<td>€8</tr><tr><td>4<td>€<b>12</b></tr>
        <tr><td colspan=2>Solo<td><table><tr><td>€5</table></tr></table>",
    );
    assert_eq!(found[0].1, "Plans");
    assert_eq!(
        found[1],
        (BlockKind::Table, "Plan | Disks | Price\nTeam | 2 | €8\nTeam | 4 | €12\nSolo |  | €5".into())
    );
}

#[test]
fn tables_for_layout_are_flattened() {
    let found = blocks(&format!("<table><tr><td><h2>Menu</h2></td><td>{ARTICLE}</td></tr></table>"));
    assert_eq!(found[0], (BlockKind::Heading(2), "Menu".into()));
    assert_eq!(found[1].0, BlockKind::Paragraph);
    assert!(
        blocks("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>")
            .iter()
            .all(|b| b.0 == BlockKind::Paragraph)
    );
}

#[test]
fn the_title_is_without_the_name_of_the_site() {
    let title =
        |head: &str, body: &str| page(&format!("<head>{head}</head><body>{body}{ARTICLE}</body>")).0.title;
    assert_eq!(title("<title>Reset the router | Acme</title>", "").as_deref(), Some("Reset the router"));
    assert_eq!(
        title("<title>Reset - Acme</title><meta property=og:site_name content=Acme>", "").as_deref(),
        Some("Reset")
    );
    assert_eq!(
        title("<title>Reset the router - Acme help</title>", "<h1>Reset the router</h1>").as_deref(),
        Some("Reset the router")
    );
    assert_eq!(
        title("<title>x</title><meta property=og:title content='Shared title'>", "").as_deref(),
        Some("Shared title")
    );
    assert_eq!(title("", "<h1>Only heading</h1>").as_deref(), Some("Only heading"));
}

#[test]
fn a_page_says_what_it_is() {
    let (fields, _) = page(&format!(
        "<html lang=de><head><meta name=description content='About  resets'><meta name=product content=Alder>
        <meta property=article:published_time content=2024-01-01><meta property=article:modified_time content=2024-03-01>
        <script type=application/ld+json>{{\"@graph\":[{{\"dateModified\":\"2025-01-01\"}}]}}</script></head><body>{ARTICLE}"
    ));
    assert_eq!(fields.modified.map(|time| time.to_string()).as_deref(), Some("2024-03-01T00:00:00Z"));
    let metadata: Vec<_> =
        fields.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(metadata, [("description", "About resets"), ("lang", "de"), ("product", "Alder")]);
    let (fields, _) = page(&format!(
        "<script type='application/ld+json'>{{\"dateModified\":\"2025-01-01\"}}</script>{ARTICLE}"
    ));
    assert_eq!(fields.modified.map(|time| time.to_string()).as_deref(), Some("2025-01-01T00:00:00Z"));
}

#[test]
fn encodings_are_those_that_the_page_names() {
    for (label, encoding) in [
        ("windows-1251", encoding_rs::WINDOWS_1251),
        ("Shift_JIS", encoding_rs::SHIFT_JIS),
        ("iso-2022-jp", encoding_rs::ISO_2022_JP),
    ] {
        let words = if label == "windows-1251" { "Нажмите кнопку" } else { "電源を切る" };
        let html =
            format!("<meta http-equiv=Content-Type content='text/html; charset={label}'><p>{words}</p>");
        let (bytes, ..) = encoding.encode(&html);
        let (_, blocks) = read(&bytes, &Limits::default()).expect("a page");
        assert_eq!(blocks[0].text, words, "{label}");
    }
    // What the bytes are goes before what is said of them.
    assert_eq!(text("<meta charset=latin1><p>größer</p>"), "größer");
}

#[test]
fn quotes_and_signatures_of_mail_go() {
    let found = |html: &str| -> Vec<String> {
        message(html, &Limits::default()).expect("a message").into_iter().map(|block| block.text).collect()
    };
    assert_eq!(
        found("<p>Yes.</p><div class=gmail_quote>On Monday<blockquote>Old</blockquote></div>"),
        ["Yes."]
    );
    assert_eq!(found("<p>Yes.</p><blockquote type=cite>Old</blockquote><p>No.</p>"), ["Yes.", "No."]);
    assert_eq!(found("<p>Yes.</p><div id=divRplyFwdMsg>From: x</div><p>Old</p>"), ["Yes."]);
    assert_eq!(found("<p>Yes.</p><div class=moz-signature>Ann</div>"), ["Yes."]);
    assert_eq!(
        found("<p>See:</p><div class=gmail_quote>---------- Forwarded message ---------<p>New</p></div>")[2],
        "New"
    );
}

#[test]
fn depth_without_end_is_harmless() {
    for (open, close) in [
        ("<div>", "</div>"),
        ("<ul><li>", "</li></ul>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<b><i>", ""),
        ("<b class=a><p>", ""),
        ("<span>", "</span>"),
        ("<a href=x><div>", ""),
        ("<button>", ""),
        ("<dl><dt>", ""),
        ("<blockquote>", "</blockquote>"),
        ("</p>", ""),
        ("<svg><g>", ""),
        ("<template>", ""),
        ("<math><mi>", ""),
    ] {
        let html = open.repeat(20_000) + "middle" + &close.repeat(20_000) + "<h1>The end</h1><p>Last words.";
        let result = read(html.as_bytes(), &Limits::default());
        assert!(
            matches!(&result, Ok((_, blocks)) if open == "<template>" || blocks.iter().any(|block| block.text.contains("Last words"))),
            "{open}"
        );
    }
}

#[test]
fn text_beyond_the_limit_is_an_error() {
    let limits = Limits { document_bytes: 1_000, ..Limits::default() };
    let error = read("<p>words ".repeat(1_000).as_bytes(), &limits).expect_err("too much");
    assert_eq!(error.kind(), "too_large");
}

#[test]
fn time_beyond_the_limit_is_an_error() {
    let limits = Limits { seconds: 0, ..Limits::default() };
    let error = read("<p>words</p>".repeat(10_000).as_bytes(), &limits).expect_err("too late");
    assert_eq!(error.kind(), "timed_out");
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, &Limits::default());
    }

    #[test]
    fn any_tags_are_read(tags in proptest::collection::vec("(</?(p|div|table|tr|td|li|ul|pre|h1|a|dl|dd|main|button|select|title)>|[a-z ]{1,8}|<!--|-->|<)", 0..60)) {
        let _ = read(tags.concat().as_bytes(), &Limits::default());
    }

    #[test]
    fn the_words_of_paragraphs_stay(words in proptest::collection::vec("[a-z]{1,9}", 1..40)) {
        let html = format!("<body><p>{}</p></body>", words.join("</p>\n<p>"));
        prop_assert_eq!(text(&html), words.join("\n"));
    }
}
