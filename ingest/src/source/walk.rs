//! Listing the items of a folder.

use std::fmt;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ignore::WalkBuilder;

use super::filter::Filter;

/// One file of a source, or what stands for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path relative to the source, parted by `/`. For a source that is one file, the file's name.
    pub location: String,
    /// Where a person finds it, where that is somewhere else.
    pub address: Option<String>,
    /// Its bytes, or where they are.
    pub content: Content,
    /// Size in bytes when it was listed.
    pub bytes: u64,
    /// Stands for size and times of the file, or for its version. While it is the same, so is the content; `None`
    /// where that is not certain.
    pub stamp: Option<String>,
}

/// Where the bytes of an item are.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// In a file.
    File(PathBuf),
    /// In memory. They are unscreened, so they are written nowhere.
    Held(Arc<[u8]>),
    /// Where they come from: the index has what they give.
    Unsent,
}

/// Bytes are not shown: they are unscreened.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{path:?}"),
            Self::Held(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Unsent => f.write_str("unsent"),
        }
    }
}

/// What was seen but is not an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Path relative to the source.
    pub location: String,
    /// Why.
    pub reason: String,
    /// Whether something that should have been read could not be: what lies there now is unknown.
    pub unknown: bool,
}

/// The items of a source, and what was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// In order of location.
    pub entries: Vec<Entry>,
    /// Links, devices, unreadable folders.
    pub left: Vec<Left>,
}

/// Hidden files are passed over and links are not followed, so a source never reaches outside its folder.
/// Files such as `.gitignore` have no meaning here: what is ingested is what configuration says.
pub(super) fn list(root: &Path, filter: &Filter) -> Listing {
    let mut listing = Listing::default();
    let listed = SystemTime::now();
    let walk = WalkBuilder::new(root).standard_filters(false).hidden(true).follow_links(false).build();
    for entry in walk {
        match entry {
            Ok(entry) => visit(root, filter, &entry, listed, &mut listing),
            Err(error) => {
                let location = failed_path(&error).map(|path| location(root, path)).unwrap_or_default();
                listing.left.push(Left { location, reason: format!("cannot list: {error}"), unknown: true });
            }
        }
    }
    listing.entries.sort_by(|a, b| a.location.cmp(&b.location));
    listing.left.sort_by(|a, b| a.location.cmp(&b.location));
    listing
}

/// A file that was changed so shortly before it was listed may change again without a difference in its times.
const SETTLED: Duration = Duration::from_secs(2);

/// Size and times of a file, those that nobody can set included.
#[cfg(unix)]
fn stamp(about: &Metadata, listed: SystemTime) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let latest = about.mtime().max(about.ctime());
    let settled = listed.duration_since(SystemTime::UNIX_EPOCH).ok()?.checked_sub(SETTLED)?;
    let (modified, changed) = ((about.mtime(), about.mtime_nsec()), (about.ctime(), about.ctime_nsec()));
    let parts = (about.dev(), about.ino(), about.len(), modified, changed);
    (u64::try_from(latest).ok()? < settled.as_secs()).then(|| format!("{parts:?}"))
}

/// Where a program can set all times of a file, they prove nothing.
#[cfg(not(unix))]
fn stamp(_: &Metadata, _: SystemTime) -> Option<String> {
    None
}

fn visit(root: &Path, filter: &Filter, entry: &ignore::DirEntry, listed: SystemTime, listing: &mut Listing) {
    let location = location(root, entry.path());
    let Some(kind) = entry.file_type().filter(|kind| !kind.is_dir()) else { return };
    if !filter.wants(&location) {
        return;
    }
    let mut leave = |reason: String, unknown| {
        listing.left.push(Left { location: location.clone(), reason, unknown });
    };
    if kind.is_symlink() {
        return leave("a symbolic link; links are not followed".into(), false);
    }
    if !kind.is_file() {
        return leave("not a regular file".into(), false);
    }
    match entry.metadata() {
        Ok(metadata) => {
            let stamp = stamp(&metadata, listed);
            let content = Content::File(entry.path().to_path_buf());
            listing.entries.push(Entry { location, address: None, content, bytes: metadata.len(), stamp });
        }
        Err(error) => leave(format!("cannot read: {error}"), true),
    }
}

fn location(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    if relative.as_os_str().is_empty() {
        return root.file_name().unwrap_or_default().to_string_lossy().into_owned();
    }
    relative.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn failed_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => failed_path(err),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, SourceSpec};

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, "text").expect("a file");
        }
        folder
    }

    fn list(spec: &SourceSpec) -> Listing {
        Source::open(spec).expect("a source").walk()
    }

    fn locations(listing: &Listing) -> Vec<&str> {
        listing.entries.iter().map(|entry| entry.location.as_str()).collect()
    }

    #[test]
    fn files_come_in_order_and_hidden_ones_do_not() {
        let folder = folder(&["b.md", "a/c.md", ".git/config", ".hidden.md"]);
        assert_eq!(locations(&list(&SourceSpec::new(folder.path()))), ["a/c.md", "b.md"]);
    }

    #[test]
    fn ignore_files_have_no_meaning() {
        let folder = folder(&["a.md"]);
        std::fs::write(folder.path().join(".gitignore"), "*.md").expect("a file");
        std::fs::write(folder.path().join(".ignore"), "*.md").expect("a file");
        assert_eq!(locations(&list(&SourceSpec::new(folder.path()))), ["a.md"]);
    }

    #[test]
    fn a_single_file_is_a_source() {
        let folder = folder(&["faq.md"]);
        let listing = list(&SourceSpec::new(folder.path().join("faq.md")));
        assert_eq!(locations(&listing), ["faq.md"]);
        assert_eq!(listing.entries[0].bytes, 4);
    }

    #[test]
    fn globs_choose() {
        let folder = folder(&["a.md", "b.txt", "old/c.md"]);
        let spec = SourceSpec {
            include: vec!["*.md".into()],
            exclude: vec!["old/".into()],
            ..SourceSpec::new(folder.path())
        };
        assert_eq!(locations(&list(&spec)), ["a.md"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_reported_and_not_followed() {
        let outside = folder(&["secret.md"]);
        let folder = folder(&["a.md"]);
        std::os::unix::fs::symlink(outside.path(), folder.path().join("out")).expect("a link");
        std::os::unix::fs::symlink(outside.path().join("secret.md"), folder.path().join("x.md"))
            .expect("a link");
        let listing = list(&SourceSpec::new(folder.path()));
        assert_eq!(locations(&listing), ["a.md"]);
        let left: Vec<_> = listing.left.iter().map(|left| (left.location.as_str(), left.unknown)).collect();
        assert_eq!(left, [("out", false), ("x.md", false)]);
    }
}
