//! Sources: folders, single files and help centers, and the items in them.

pub(crate) mod api;
mod filter;
mod read;
mod walk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use corpus::Digest;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::extract::Columns;
use api::{Api, Memory, Run};
use filter::Filter;

pub use api::{ApiError, ApiSpec, Kind, Secret, retry_after};
pub use read::{ReadError, read};
pub use walk::{Content, Entry, Left, Listing};

/// A folder, file or help center to ingest, as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceSpec {
    /// The folder or file, or a glob over files such as `exports/*.csv`; empty for a help center.
    pub path: PathBuf,
    /// The help center, instead of a path.
    pub api: Option<ApiSpec>,
    /// Name under which its documents are kept. Without one it is the name of the folder and a few digits that
    /// stand for its full path, so that two folders of one name do not replace each other.
    pub name: Option<String>,
    /// Globs of files to take; empty takes all. One without a `/` applies in every folder.
    pub include: Vec<String>,
    /// Globs of files to leave out. One without a `/` applies in every folder.
    pub exclude: Vec<String>,
    /// Properties of all its documents, such as `product`, `lang`, `audience` and `access`, to filter by. What a
    /// document says of itself goes before them, but for `access`.
    pub metadata: BTreeMap<String, String>,
    /// What the columns of its exports are called.
    pub columns: Columns,
}

impl SourceSpec {
    /// All of `path`, named after it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }
}

/// A source that was found to exist.
#[derive(Debug)]
pub struct Source {
    name: String,
    place: Place,
}

/// Where a source is.
#[derive(Debug)]
enum Place {
    Folder { root: PathBuf, filter: Filter },
    Api(Box<Api>),
}

impl Source {
    /// Resolves `spec`. Fails where the path cannot be read, the help center cannot be asked, the name is not usable
    /// or a glob is not one.
    pub fn open(spec: &SourceSpec) -> Result<Self, Error> {
        let named = || spec.name.clone().unwrap_or_else(|| spec.path.display().to_string());
        let wrong = |problem: String| Error::Configuration { name: named(), problem };
        let Some(api) = &spec.api else {
            if spec.path.as_os_str().is_empty() {
                return Err(wrong("it has neither a path nor an api; give one of them".into()));
            }
            return Self::folder(spec);
        };
        if !spec.path.as_os_str().is_empty() {
            return Err(wrong("it has both a path and an api; make two sources of it".into()));
        }
        if !spec.include.is_empty() || !spec.exclude.is_empty() {
            return Err(wrong("`include` and `exclude` are for files, not for an api".into()));
        }
        if !spec.columns.is_empty() {
            return Err(wrong("`columns` are for exports, not for an api".into()));
        }
        let api = Api::open(api).map_err(wrong)?;
        let name = name(spec, || api.name().to_owned())?;
        Ok(Self { name, place: Place::Api(Box::new(api)) })
    }

    fn folder(spec: &SourceSpec) -> Result<Self, Error> {
        let (path, pattern) = split(&spec.path);
        let root = path
            .canonicalize()
            .and_then(|root| root.metadata().map(|_| root))
            .map_err(|source| Error::Source { path: spec.path.clone(), source })?;
        let name = name(spec, || default_name(&root, pattern.as_deref()))?;
        let filter = Filter::new(pattern.as_deref(), &spec.include, &spec.exclude)?;
        Ok(Self { name, place: Place::Folder { root, filter } })
    }

    /// Name under which the documents are kept.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Lists the items, in order of location. A help center is told by `before` what it need not send again, and
    /// returns what to tell it in the next run.
    pub(crate) fn list(
        &self,
        run: &Run<'_>,
        before: impl FnOnce() -> Memory,
    ) -> Result<(Listing, Option<Memory>), ApiError> {
        match &self.place {
            Place::Folder { root, filter } => Ok((walk::list(root, filter), None)),
            Place::Api(api) => api.list(run, &before()).map(|(listing, after)| (listing, Some(after))),
        }
    }

    /// The items of a folder.
    #[cfg(test)]
    fn walk(&self) -> Listing {
        match &self.place {
            Place::Folder { root, filter } => walk::list(root, filter),
            Place::Api(_) => Listing::default(),
        }
    }
}

/// The name that was given, or one that is made.
fn name(spec: &SourceSpec, default: impl FnOnce() -> String) -> Result<String, Error> {
    match &spec.name {
        Some(name) if usable(name) => Ok(name.clone()),
        Some(name) => Err(Error::Name { name: name.clone() }),
        None => Ok(default()),
    }
}

/// A source's name is the first part of its documents' ids.
fn usable(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && !name.contains(['/', '#', '\\'])
        && !name.contains(char::is_control)
}

/// Parts a glob from the folder that it starts in. A path that exists is no glob, whatever is in it.
fn split(path: &Path) -> (PathBuf, Option<String>) {
    let special = |part: &std::ffi::OsStr| part.to_string_lossy().contains(['*', '?', '[', '{']);
    if path.exists() || !path.iter().any(special) {
        return (path.to_owned(), None);
    }
    let folder: PathBuf = path.iter().take_while(|part| !special(part)).collect();
    let rest: Vec<_> =
        path.iter().skip_while(|part| !special(part)).map(|part| part.to_string_lossy()).collect();
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    (folder, Some(format!("/{}", rest.join("/"))))
}

fn default_name(root: &Path, pattern: Option<&str>) -> String {
    let stem: String = root
        .file_name()
        .map_or_else(|| "root".into(), |name| name.to_string_lossy().into_owned())
        .chars()
        .map(|c| if c == '#' || c == '\\' || c.is_control() { '_' } else { c })
        .take(60)
        .collect();
    let mut whole = root.as_os_str().as_encoded_bytes().to_vec();
    whole.extend(pattern.unwrap_or_default().as_bytes());
    let digest = Digest::of(&whole);
    format!("{stem}-{}", digest.0.get(..6).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_one_name_have_different_source_names() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let paths = ["a/docs", "b/docs"].map(|path| folder.path().join(path));
        for path in &paths {
            std::fs::create_dir_all(path).expect("a folder");
        }
        let [a, b] = paths.map(|path| Source::open(&SourceSpec::new(path)).expect("a source"));
        assert!(a.name().starts_with("docs-") && b.name().starts_with("docs-"));
        assert_ne!(a.name(), b.name());
    }

    #[test]
    fn a_glob_takes_the_files_that_match() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["a.csv", "b.csv", "c.md", "deep/d.csv"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, "text").expect("a file");
        }
        let list = |glob: &str| {
            let source = Source::open(&SourceSpec::new(folder.path().join(glob))).expect("a source");
            source.walk().entries.into_iter().map(|entry| entry.location).collect::<Vec<_>>()
        };
        assert_eq!(list("*.csv"), ["a.csv", "b.csv"]);
        assert_eq!(list("**/*.csv"), ["a.csv", "b.csv", "deep/d.csv"]);
        // A folder whose name looks like a glob is a folder.
        std::fs::create_dir(folder.path().join("[old]")).expect("a folder");
        std::fs::write(folder.path().join("[old]/e.md"), "text").expect("a file");
        assert_eq!(list("[old]"), ["e.md"]);
        assert!(Source::open(&SourceSpec::new(folder.path().join("none/*.csv"))).is_err());
    }

    #[test]
    fn a_name_with_a_separator_is_refused() {
        let spec = SourceSpec { name: Some("a/b".into()), ..SourceSpec::new(".") };
        assert!(matches!(Source::open(&spec), Err(Error::Name { .. })));
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        assert!(matches!(Source::open(&SourceSpec::new("no/such/folder")), Err(Error::Source { .. })));
    }
}
