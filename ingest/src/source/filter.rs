//! Which files of a source are wanted.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::error::Error;

/// Globs over locations.
#[derive(Debug)]
pub(crate) struct Filter {
    /// Where the source itself is a glob.
    only: Option<GlobSet>,
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl Filter {
    pub(crate) fn new(only: Option<&str>, include: &[String], exclude: &[String]) -> Result<Self, Error> {
        Ok(Self {
            only: only.map(|only| globs(&[only.to_owned()])).transpose()?,
            include: if include.is_empty() { None } else { Some(globs(include)?) },
            exclude: globs(exclude)?,
        })
    }

    /// Whether the file at `location`, a path relative to the source, is wanted.
    pub(crate) fn wants(&self, location: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.is_match(location))
            && self.include.as_ref().is_none_or(|include| include.is_match(location))
            && !self.exclude.is_match(location)
    }
}

fn globs(patterns: &[String]) -> Result<GlobSet, Error> {
    let failed = |pattern: &str| {
        let pattern = pattern.to_owned();
        move |source| Error::Glob { pattern, source }
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let anchored = match pattern.strip_prefix('/') {
            Some(rest) => rest.to_owned(),
            None if pattern.trim_end_matches('/').contains('/') => pattern.clone(),
            None => format!("**/{pattern}"),
        };
        // A folder stands for everything below it.
        let whole = format!("{}/**", anchored.trim_end_matches('/'));
        for glob in [anchored.as_str(), whole.as_str()] {
            let glob = GlobBuilder::new(glob).literal_separator(true).build().map_err(failed(pattern))?;
            set.add(glob);
        }
    }
    set.build().map_err(failed(&patterns.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(include: &[&str], exclude: &[&str], location: &str) -> bool {
        let own = |globs: &[&str]| globs.iter().map(|&glob| glob.to_owned()).collect::<Vec<_>>();
        Filter::new(None, &own(include), &own(exclude)).expect("valid globs").wants(location)
    }

    #[test]
    fn without_globs_everything_is_wanted() {
        assert!(wants(&[], &[], "a/b.md"));
    }

    #[test]
    fn a_bare_pattern_applies_in_every_folder() {
        assert!(wants(&["*.md"], &[], "a/b.md"));
        assert!(!wants(&["*.md"], &[], "a/b.txt"));
        assert!(!wants(&[], &["drafts"], "a/drafts/b.md"));
    }

    #[test]
    fn a_pattern_with_a_folder_starts_at_the_source() {
        assert!(!wants(&[], &["old/*.md"], "old/b.md"));
        assert!(wants(&[], &["old/*.md"], "a/old/b.md"));
        assert!(wants(&[], &["/drafts"], "a/drafts/b.md"));
    }

    #[test]
    fn a_star_stays_in_its_folder() {
        assert!(!wants(&["docs/*.md"], &[], "docs/a/b.md"));
        assert!(wants(&["docs/**/*.md"], &[], "docs/a/b.md"));
    }

    #[test]
    fn a_broken_glob_is_named() {
        let error = Filter::new(None, &["a[".into()], &[]).expect_err("not a glob");
        assert!(error.to_string().contains("a["));
    }
}
