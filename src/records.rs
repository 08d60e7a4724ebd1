//! The log of answered questions.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use corpus::RunRecord;
use serde::Serialize;

use crate::failure::{Exit, Failure};

/// A fresh id: sorts by time, unique on this machine.
pub(crate) fn new_id() -> String {
    let now = jiff::Timestamp::now();
    format!(
        "{}-{:x}-{:03}",
        now.strftime("%Y%m%dT%H%M%S"),
        std::process::id(),
        now.subsec_nanosecond() / 1_000_000
    )
}

/// Appends a record and waits until it is on disk.
pub(crate) fn append(path: &Path, record: &RunRecord) -> Result<(), Failure> {
    append_line(path, record, "the answer stands but was not recorded")
}

/// Appends one line and waits until it is on disk; `lost` says what it means that it cannot be. The lock keeps lines of two
/// processes apart, and a line that an earlier crash left torn is closed before.
pub(crate) fn append_line(path: &Path, line: &impl Serialize, lost: &str) -> Result<(), Failure> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Error, format!("{lost}: {error}"))
            .hint(format!("make {path:?} writable, with space left on its disk"))
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = locked(path).map_err(failed)?;
    let mut line = serde_json::to_vec(line).map_err(|error| Failure::of(Exit::Error, &error))?;
    line.push(b'\n');
    if file.seek(SeekFrom::End(-1)).is_ok() {
        let mut last = [0];
        file.read_exact(&mut last).map_err(failed)?;
        if last[0] != b'\n' {
            line.insert(0, b'\n');
        }
    }
    file.write_all(&line).map_err(failed)?;
    file.sync_data().map_err(failed)
}

/// Opens the log for appending, locked against other writers.
fn locked(path: &Path) -> std::io::Result<File> {
    loop {
        let file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        file.lock()?;
        // It may have been replaced while the lock was waited for.
        if same_file::Handle::from_file(file.try_clone()?)? == same_file::Handle::from_path(path)? {
            return Ok(file);
        }
    }
}

/// Hands over every record, oldest first. Lines of other versions are passed over.
pub(crate) fn each(path: &Path, mut take: impl FnMut(RunRecord)) -> Result<(), Failure> {
    if !path.exists() {
        return Ok(());
    }
    for line in BufReader::new(File::open(path)?).lines() {
        let Ok(record) = serde_json::from_str::<RunRecord>(&line?) else { continue };
        if record.version == corpus::record::RECORD_VERSION {
            take(record);
        }
    }
    Ok(())
}

/// How many records there are of which `doomed` holds.
pub(crate) fn count(path: &Path, doomed: impl Fn(&RunRecord) -> bool) -> Result<usize, Failure> {
    let mut count = 0;
    each(path, |record| count += usize::from(doomed(&record)))?;
    Ok(count)
}

/// Takes the records of which `doomed` holds out of the log, in one step, and returns how many.
pub(crate) fn erase(path: &Path, doomed: impl Fn(&RunRecord) -> bool) -> Result<usize, Failure> {
    erase_lines(path, |line| serde_json::from_str(line).is_ok_and(|record| doomed(&record)))
}

/// The same for any file of lines.
pub(crate) fn erase_lines(path: &Path, doomed: impl Fn(&str) -> bool) -> Result<usize, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Error, format!("the records in {path:?} were not erased: {error}"))
            .hint("make it writable, with space left on its disk, and run it again")
    };
    if !path.exists() {
        return Ok(0);
    }
    let old = locked(path).map_err(failed)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".records-").tempfile_in(folder).map_err(failed)?;
    let mut erased = 0;
    for line in BufReader::new(&old).lines() {
        let line = line.map_err(failed)?;
        if doomed(&line) {
            erased += 1;
        } else {
            writeln!(new, "{line}").map_err(failed)?;
        }
    }
    if erased > 0 {
        new.as_file().sync_all().map_err(failed)?;
        let permissions = old.metadata().map_err(failed)?.permissions();
        new.as_file().set_permissions(permissions).map_err(failed)?;
        new.persist(path).map_err(|error| failed(error.error))?;
    }
    Ok(erased)
}

/// The record with `id`, or the latest for `last`. Lines of other versions are passed over.
pub(crate) fn find(path: &Path, id: &str) -> Result<Option<RunRecord>, Failure> {
    let mut found = None;
    each(path, |record| {
        if id == "last" || record.id == id {
            found = Some(record);
        }
    })?;
    Ok(found)
}
