//! Markdown and its dialects.

use corpus::BlockKind::{self, Code, Heading, ListItem, Paragraph, Table};
use proptest::prelude::*;

use super::read;

fn check(text: &str, expected: &[(BlockKind, &str)]) {
    let found: Vec<_> = read(text).1.into_iter().map(|block| (block.kind, block.text)).collect();
    let expected: Vec<_> = expected.iter().map(|(kind, text)| (*kind, (*text).to_owned())).collect();
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn front_matter_is_not_text() {
    let (fields, blocks) = read("---\ntitle: Page\nproduct: Router\n---\n\nText.");
    assert_eq!((fields.title.as_deref(), blocks.len()), (Some("Page"), 1));
    let (fields, _) = read("+++\ntitle = \"Page\"\n+++\n\nText.");
    assert_eq!(fields.title.as_deref(), Some("Page"));
}

#[test]
fn markup_goes_and_text_stays() {
    check(
        "# A *b* `c`\n\nSee [the **page**](x.md) ~~not~~ now&nbsp;&amp; here[^1].\n\n[^1]: Aside.",
        &[(Heading(1), "A b c"), (Paragraph, "See the page not now\u{a0}& here."), (Paragraph, "Aside.")],
    );
}

#[test]
fn lists_keep_their_markers_and_depth() {
    check(
        "3. one\n4. two\n   - deep\n\n     more\n   - [x] done\n\nafter",
        &[
            (ListItem, "3. one"),
            (ListItem, "4. two"),
            (ListItem, "  - deep"),
            (Paragraph, "more"),
            (ListItem, "  - [x] done"),
            (Paragraph, "after"),
        ],
    );
}

#[test]
fn code_in_a_list_stays_code() {
    check(
        "1. Run\n\n   ```sh\n   a\n     b\n   ```\n2. Wait",
        &[(ListItem, "1. Run"), (Code, "a\n  b"), (ListItem, "2. Wait")],
    );
}

#[test]
fn tables_have_a_line_for_each_row() {
    check("| A | B |\n|---|---|\n| 1<br>2 | `x` |\n|  |  |\n", &[(Table, "A | B\n1 2 | x")]);
}

#[test]
fn admonitions_name_their_kind() {
    check("> [!WARNING]\n> Hot.\n>\n> Really.", &[(Paragraph, "Warning: Hot."), (Paragraph, "Really.")]);
    check("> [!NOTE]\n> One.\n> [!TIP] Two.", &[(Paragraph, "Note: One."), (Paragraph, "Tip: Two.")]);
    check(":::tip\nFast.\n:::", &[(Paragraph, "Tip: Fast.")]);
    check("Example:\n\n```\nx\n```", &[(Paragraph, "Example:"), (Code, "x")]);
}

#[test]
fn pictures_speak_only_when_alone() {
    check(
        "![The reset button](a.png)\n\nPress ![icon of a bell](b.png) now.\n\n![logo](c.png)",
        &[(Paragraph, "The reset button"), (Paragraph, "Press now.")],
    );
}

#[test]
fn html_is_reduced_to_its_text() {
    check(
        "<div class=\"x\">\n<p>One &lt; two</p>\n<script>no()</script>\n</div>\n\nA<br/>b <kbd>C</kbd>",
        &[(Paragraph, "One < two"), (Paragraph, "A\nb C")],
    );
}

#[test]
fn a_very_long_heading_is_a_paragraph() {
    let long = "word ".repeat(100);
    check(&format!("# {long}"), &[(Paragraph, long.trim_end())]);
}

proptest! {
    #[test]
    fn any_text_is_read(text in "([#>*`|~:!{}\\[\\]<-]{0,4}[a-zA-Z ]{0,12}\n?){0,40}") {
        let _ = read(&text);
    }

    #[test]
    fn every_word_of_plain_paragraphs_stays(words in proptest::collection::vec("[b-z]{2,8}", 1..60)) {
        let text = words.join(" ");
        let found: Vec<_> = read(&text).1.into_iter().map(|block| block.text).collect();
        prop_assert_eq!(found.join(" "), text);
    }
}
