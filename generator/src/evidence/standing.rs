//! Whether what a passage says still holds.

use corpus::Passage;

/// How current a passage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing speaks against it.
    Current,
    /// The document says of itself that another replaces it, or a newer one of the same title was found beside it.
    Superseded,
}

/// What a document's `status` says when it no longer holds.
const REPLACED: [&str; 12] = [
    "superseded",
    "outdated",
    "archived",
    "deprecated",
    "obsolete",
    "discontinued",
    "retired",
    "expired",
    "withdrawn",
    "replaced",
    "legacy",
    "draft",
];
/// What a passage says of itself when it no longer holds.
const NOTICES: [&str; 9] = [
    "this document has been replaced",
    "this page has been replaced",
    "this article has been replaced",
    "this page describes an older",
    "is no longer valid",
    "has been superseded",
    "superseded by",
    "this article is outdated",
    "this page is outdated",
];

/// How current each of the passages is, judged beside the others.
pub fn standings(passages: &[Passage]) -> Vec<Standing> {
    passages
        .iter()
        .map(|passage| {
            let newer = passages.iter().any(|other| replaces(other, passage));
            // What one passage of a document says of it holds for all.
            let said =
                passages.iter().any(|other| other.chunk.document == passage.chunk.document && says_so(other));
            if newer || said { Standing::Superseded } else { Standing::Current }
        })
        .collect()
}

fn says_so(passage: &Passage) -> bool {
    let chunk = &passage.chunk;
    let status = chunk.metadata.get("status").map(|status| status.to_lowercase());
    let lower = chunk.text.to_lowercase();
    status.is_some_and(|status| REPLACED.contains(&status.trim()))
        || chunk.metadata.contains_key("superseded_by")
        || chunk.title.to_lowercase().contains("(archived)")
        || chunk.title.to_lowercase().contains("(outdated)")
        || NOTICES.iter().any(|notice| lower.contains(notice))
}

/// Whether `new` is another document of the same title, but for years and versions, that was changed later.
fn replaces(new: &Passage, old: &Passage) -> bool {
    let (new, old) = (&new.chunk, &old.chunk);
    let title = bare(&new.title);
    new.document != old.document
        && new.source == old.source
        // A title of one word, such as "Chat" or "Pricing", says too little.
        && title.split(' ').count() > 1
        && title == bare(&old.title)
        && !matches!(new.format, corpus::Format::Ticket | corpus::Format::Chat | corpus::Format::Mail)
        && match (version(new), version(old)) {
            (Some(new), Some(old)) if new != old => new > old,
            _ => new.modified.zip(old.modified).is_some_and(|(new, old)| new > old),
        }
}

/// The version or year that a document is of, by its title, its properties or the name of its file.
fn version(chunk: &corpus::Chunk) -> Option<Vec<u32>> {
    let stated = chunk.metadata.get("version").map(String::as_str);
    let file = chunk.location.rsplit('/').next();
    [Some(chunk.title.as_str()), stated, file].into_iter().flatten().find_map(|text| {
        let number = |word: &str| -> Option<Vec<u32>> {
            let word = word.trim_matches(|c: char| !c.is_ascii_digit());
            let parts: Vec<u32> = word.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
            let year = parts.len() == 1 && (1990..2100).contains(&parts[0]);
            (parts.len() > 1 || year).then_some(parts)
        };
        text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_')).find_map(number)
    })
}

/// A title without years, versions and punctuation, in lower case.
fn bare(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric() && c != '.').filter(|word| {
        let word = word.trim_start_matches(['v', 'V']);
        let word = word.trim_end_matches(".x");
        !word.starts_with(|c: char| c.is_ascii_digit())
            && !matches!(word, "" | "." | "version" | "firmware" | "old" | "new")
    });
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::passage;

    fn dated(rank: usize, title: &str, date: &str) -> Passage {
        let mut passage = passage(rank, title, &[], "Refunds take 5 days.");
        passage.chunk.modified = Some(date.parse().expect("a date"));
        passage
    }

    #[test]
    fn a_status_or_a_notice_says_so() {
        let mut old = passage(1, "Returns", &[], "Refunds take 5 days.");
        old.chunk.metadata.insert("status".into(), "Superseded".into());
        let noted = passage(2, "Returns", &[], "This page has been replaced by Returns 2026.");
        let fresh = passage(3, "Returns", &[], "Refunds take 5 days.");
        assert_eq!(
            standings(&[old, noted, fresh]),
            [Standing::Superseded, Standing::Superseded, Standing::Current]
        );
    }

    #[test]
    fn the_lower_of_two_versions_does_not_hold() {
        let notes = |rank, title| passage(rank, title, &[], "Updates are installed at night.");
        let passages =
            [notes(1, "Alder firmware 2.9 - release notes"), notes(2, "Alder firmware 3.4 - release notes")];
        assert_eq!(standings(&passages), [Standing::Superseded, Standing::Current]);
    }

    #[test]
    fn the_name_of_the_file_tells_the_year() {
        let terms = |rank, title, file: &str| {
            let mut passage = passage(rank, title, &[], "Repairs take 5 days.");
            passage.chunk.location = file.into();
            passage
        };
        let passages = [
            terms(1, "Warranty Terms 2023", "account/warranty-terms-2023.pdf"),
            terms(2, "Warranty Terms", "account/warranty-terms-2026.pdf"),
        ];
        assert_eq!(standings(&passages), [Standing::Superseded, Standing::Current]);
    }

    #[test]
    fn the_older_of_two_of_one_title_does_not_hold() {
        let passages = [
            dated(1, "Returns policy 2024", "2024-01-01T00:00:00Z"),
            dated(2, "Returns policy 2026", "2026-01-01T00:00:00Z"),
            dated(3, "Warranty policy", "2020-01-01T00:00:00Z"),
        ];
        assert_eq!(standings(&passages), [Standing::Superseded, Standing::Current, Standing::Current]);
    }
}
