//! Drafts of articles, as Markdown.

use std::fmt::Write as _;

use super::Gap;

impl Gap {
    /// A draft of the article that would answer the questions: what it should say, and what stands nearby already.
    pub fn draft(&self) -> String {
        let mut text = format!("# {}\n\n", line(&self.title));
        let _ = writeln!(
            text,
            "Draft. Asked: {}; refused: {}; rated badly: {}. Write the answer, then take out what is below it.\n",
            self.demand, self.refused, self.rated_badly
        );
        text.push_str("## Answer\n\nTo be written.\n\n## Questions that it should answer\n\n");
        for question in &self.questions {
            let _ = writeln!(text, "- {}", line(&question.text));
        }
        text.push_str("\n## What stands nearby\n");
        for near in &self.nearest {
            let mut place = vec![near.title.as_str()];
            place.extend(near.headings.iter().map(String::as_str));
            place.dedup();
            let _ = writeln!(text, "\n{} ({}):\n", line(&place.join(" > ")), line(&near.location));
            for row in near.text.lines() {
                let _ = writeln!(text, "> {row}");
            }
        }
        if self.nearest.is_empty() {
            text.push_str("\nNothing was found.\n");
        }
        text
    }
}

/// Text of others in one line of Markdown: nothing in it begins a block or a link.
fn line(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '#' | '|' | '!') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaps::{Asked, Near};

    #[test]
    fn a_draft_holds_questions_and_what_is_near() {
        let gap = Gap {
            title: "Does it\n# dim?".to_owned(),
            demand: 3,
            refused: 2,
            rated_badly: 1,
            questions: vec![Asked { id: "1".into(), text: "Does it dim [x](y)?".into() }],
            nearest: vec![Near {
                title: "Lamps".into(),
                location: "lamps.md".into(),
                headings: vec!["Light".into()],
                text: "It is bright.\n# It is white.".into(),
            }],
        };
        let draft = gap.draft();
        assert!(draft.starts_with("# Does it \\# dim?\n"), "{draft}");
        assert!(draft.contains("Asked: 3; refused: 2; rated badly: 1."), "{draft}");
        assert!(draft.contains("- Does it dim \\[x\\](y)?\n"), "{draft}");
        assert!(
            draft.contains("Lamps > Light (lamps.md):\n\n> It is bright.\n> # It is white.\n"),
            "{draft}"
        );
        assert!(Gap::default().draft().contains("Nothing was found."));
    }
}
