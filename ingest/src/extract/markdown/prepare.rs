//! Dialects: what site generators add to Markdown is turned into plain Markdown, or left out.
//!
//! Handled are Hugo and Jekyll shortcodes, MDX imports, comments and components, the admonitions of Docusaurus and
//! `MkDocs`, and the directives of Microsoft's documentation. Code is left as it is.

/// Longest shortcode, comment or component tag in bytes. What is not closed within that stays as text.
const LONGEST: usize = 4_096;

/// Kinds of admonition whose name says something to the reader.
pub(super) const ADMONITIONS: [&str; 18] = [
    "note",
    "tip",
    "info",
    "warning",
    "danger",
    "caution",
    "important",
    "hint",
    "success",
    "question",
    "example",
    "attention",
    "error",
    "bug",
    "failure",
    "abstract",
    "summary",
    "todo",
];

/// `text` as Markdown without dialects.
pub(super) fn prepare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut prose = String::new();
    let mut fence: Option<(char, usize)> = None;
    let mut indented = false;
    let mut exporting = false;
    for line in text.lines() {
        // The content of an indented admonition would be taken for code.
        let line = match line.strip_prefix("    ") {
            Some(rest) if indented => rest,
            _ => {
                indented &= line.trim().is_empty();
                line
            }
        };
        let bare = line.trim_start_matches([' ', '\t', '>']);
        if let Some((mark, length)) = fence {
            out.push_str(line);
            out.push('\n');
            if run(bare, mark) >= length && bare.trim_start_matches(mark).trim().is_empty() {
                fence = None;
            }
            continue;
        }
        if let Some(mark) = ['`', '~'].into_iter().find(|mark| run(bare, *mark) >= 3) {
            fence = Some((mark, run(bare, mark)));
            inline(&prose, &mut out);
            prose.clear();
            out.push_str(line);
            out.push('\n');
            continue;
        }
        exporting &= !line.trim().is_empty();
        if exporting || is_import(line) {
            continue;
        }
        if line.starts_with("export ") && line.contains(['=', '{', '(']) {
            exporting = true;
            continue;
        }
        if let Some((mark, text)) = alert(line, bare) {
            // A quote that follows another one is a quote of its own.
            prose.extend(["\n> ", mark, "\n> ", text, "\n"]);
            continue;
        }
        match directive(bare) {
            Some(label) => {
                indented = bare.starts_with(['!', '?']);
                prose.push_str(&label);
            }
            None => prose.push_str(line),
        }
        prose.push('\n');
    }
    inline(&prose, &mut out);
    out
}

fn run(line: &str, mark: char) -> usize {
    line.chars().take_while(|c| *c == mark).count()
}

fn is_import(line: &str) -> bool {
    let line = line.trim_end().trim_end_matches(';');
    line.starts_with("import ")
        && line.ends_with(['"', '\''])
        && (line.contains(" from ") || line.starts_with("import '") || line.starts_with("import \""))
}

/// The mark and the text of a quote's line that begins with `[!NOTE]` or the like.
fn alert<'l>(line: &str, bare: &'l str) -> Option<(&'l str, &'l str)> {
    if !line.starts_with('>') || !bare.starts_with("[!") {
        return None;
    }
    let (mark, text) = bare.split_at(bare.find(']')? + 1);
    let name = mark.trim_matches(['[', '!', ']']).to_lowercase();
    ["note", "tip", "important", "warning", "caution"].contains(&name.as_str()).then(|| (mark, text.trim()))
}

/// What stands in place of an admonition's or directive's line, or `None` for other lines.
fn directive(line: &str) -> Option<String> {
    let line = line.trim_end();
    if matches!(line, "[[toc]]" | "[[_TOC_]]" | "[TOC]" | "[toc]") {
        return Some(String::new());
    }
    let rest = [":::", "!!!", "???"].iter().find_map(|mark| line.strip_prefix(mark))?;
    let rest = rest.trim_start_matches([':', '+']).trim().trim_end_matches(':').trim();
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
    let title = rest.get(name.len()..).unwrap_or_default();
    let title = title.trim().trim_matches(['"', '[', ']', '\'']).trim();
    let known = ADMONITIONS.contains(&name.to_lowercase().as_str());
    // `::: zone pivot="x"` and `:::image source="x":::` have attributes, not a title.
    let title = if title.contains('=') || title.starts_with('{') { "" } else { title };
    let mut label = name.to_lowercase();
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Some(match (known, title) {
        (true, "") => format!("\n**{label}:**\n"),
        (true, title) => format!("\n**{label}: {title}**\n"),
        (false, title) if name == "details" && !title.is_empty() => format!("\n**{title}**\n"),
        _ => String::new(),
    })
}

/// Appends `prose` without shortcodes, comments and components.
fn inline(prose: &str, out: &mut String) {
    let mut rest = prose;
    while let Some(at) = rest.find(['`', '{', '[', '<', ':']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        rest = from;
        if let Some(length) = code(rest) {
            let (span, after) = rest.split_at(length);
            out.push_str(span);
            rest = after;
        } else if let Some(length) = shortcode(rest) {
            rest = rest.get(length..).unwrap_or_default();
        } else if let Some((length, label)) = component(rest) {
            let alone = out.trim_end_matches([' ', '\t']).ends_with('\n') || out.is_empty();
            rest = rest.get(length..).unwrap_or_default();
            if let Some(label) = label.filter(|_| alone) {
                out.push_str("\n**");
                out.push_str(&label);
                out.push_str("**\n");
            }
        } else {
            let (first, after) = rest.split_at(1);
            out.push_str(first);
            rest = after;
        }
    }
    out.push_str(rest);
}

/// Length of the code span that `text` begins with; an unclosed run of backticks is one by itself.
fn code(text: &str) -> Option<usize> {
    let ticks = run(text, '`');
    if ticks == 0 {
        return None;
    }
    let near = window(text);
    let paragraph = near.find("\n\n").unwrap_or(near.len());
    let mut at = ticks;
    while let Some(found) = text.get(at..paragraph).and_then(|rest| rest.find('`')) {
        let closing = run(text.get(at + found..).unwrap_or_default(), '`');
        if closing == ticks {
            return Some(at + found + closing);
        }
        at += found + closing;
    }
    Some(ticks)
}

/// Length of the shortcode, comment or include that `text` begins with.
fn shortcode(text: &str) -> Option<usize> {
    const MARKS: [(&str, &str); 6] =
        [("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}"), ("{/*", "*/}"), ("{:", "}"), (":::image", ":::")];
    for (open, close) in MARKS {
        if let Some(rest) = text.strip_prefix(open) {
            return window(rest).find(close).map(|end| open.len() + end + close.len());
        }
    }
    let lower: String = text.chars().take(10).collect::<String>().to_lowercase();
    if ["[!include", "[!video", "[!div"].iter().any(|mark| lower.starts_with(mark)) {
        let mut depth = 0_usize;
        for (at, c) in window(text).char_indices() {
            match c {
                '[' => depth += 1,
                ']' if depth == 1 => return Some(at + 1),
                ']' => depth -= 1,
                '\n' => return None,
                _ => {}
            }
        }
    }
    None
}

/// Length of the component tag (`<Tabs …>`) that `text` begins with, and its title or label.
fn component(text: &str) -> Option<(usize, Option<String>)> {
    let name = text.strip_prefix("</").or_else(|| text.strip_prefix('<'))?;
    let length = name.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'.').count();
    let word = name.get(..length)?;
    // `<URL>` is more likely a placeholder.
    if !word.contains(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    let capital = word.starts_with(|c: char| c.is_ascii_uppercase());
    if !name.get(length..)?.starts_with([' ', '\n', '>', '/']) {
        return None;
    }
    let mut quote = None;
    let mut braces = 0_usize;
    for (at, c) in window(text).char_indices() {
        match (quote, c) {
            (Some(open), c) => quote = (c != open).then_some(open),
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '{') => braces += 1,
            (None, '}') => braces = braces.saturating_sub(1),
            (None, '>') if braces == 0 => {
                let tag = text.get(..at)?;
                // What is HTML but for an attribute that is code, as in `<img src={url}>`, is not taken for HTML.
                if !capital && !tag.contains("={") {
                    return None;
                }
                return Some((at + 1, attribute(tag, "title").or_else(|| attribute(tag, "label"))));
            }
            _ => {}
        }
    }
    None
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!(" {name}="))?.1;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let value = rest.get(1..)?.split(quote).next()?.trim();
    (!value.is_empty()).then(|| value.replace(['\n', '*'], " "))
}

/// The beginning of `text` in which a construct must be closed.
fn window(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::prepare;

    fn check(text: &str, expected: &str) {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&prepare(text)), words(expected), "{text:?}");
    }

    #[test]
    fn shortcodes_go_and_their_content_stays() {
        check("{{< note >}}Keep{{< /note >}} {{% ref \"a\" %}} {% include x.html %}", "Keep");
        check("a {{first_name}} b", "a {{first_name}} b");
        check("{{< figure\n src=\"x\"\n>}} after", "after");
        check("{{< never closed", "{{< never closed");
        check("Title\n{: .no_toc }", "Title");
    }

    #[test]
    fn code_stays_as_it_is() {
        let code = "```liquid\n{% if x %}\nimport x from 'y'\n:::note\n```";
        check(code, code);
        check("use `{% if %}` and ``a ` {% b %}``", "use `{% if %}` and ``a ` {% b %}``");
    }

    #[test]
    fn modules_and_components_go() {
        check("import Tabs from '@theme/Tabs';\nimport './x.css'\n\ntext", "text");
        check("import the file from the menu", "import the file from the menu");
        check("export const x = {\n  a: 1,\n};\n\ntext", "text");
        check(
            "<Tabs values={[{a: '>'}]}>\n<TabItem value=\"m\" label=\"On a Mac\">\n\nDo.\n\n</TabItem></Tabs>",
            "**On a Mac** Do.",
        );
        check("Set <URL> and <API_KEY>.", "Set <URL> and <API_KEY>.");
        check("a {/* b */} c", "a c");
        check("See <img alt=\"x\" src={url('a.png')} /> here.", "See here.");
        check("<a href=\"x\">kept</a>", "<a href=\"x\">kept</a>");
    }

    #[test]
    fn admonitions_keep_their_kind() {
        check(":::warning Careful now\nText\n:::", "**Warning: Careful now** Text");
        check(":::tip[Faster]\nText\n:::", "**Tip: Faster** Text");
        check("::: zone pivot=\"x\"\nText\n::: zone-end", "Text");
        check(":::image type=\"content\" source=\"a.png\" alt-text=\"x\":::\nText", "Text");
    }

    #[test]
    fn indented_admonitions_are_not_code() {
        let text = prepare("!!! note \"Mind\"\n    One.\n\n    Two.\n\n    code is deeper\nafter\n    code");
        assert!(
            text.contains("**Note: Mind**")
                && text.contains("\nOne.\n\nTwo.\n")
                && text.contains("\n    code\n")
        );
    }

    #[test]
    fn includes_go() {
        check("Use [!INCLUDE [prod](../x.md)] daily. [!Video a]", "Use daily.");
        check("> [!NOTE]\n> text", "> [!NOTE]\n> \n> text");
        check("Choose the :::image source=\"a.png\"::: icon.", "Choose the icon.");
    }
}
