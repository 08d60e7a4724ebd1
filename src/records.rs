//! The log of answered questions.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use corpus::RunRecord;

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

/// Appends one line and waits until it is on disk. The lock keeps lines of two processes apart, and a line
/// that an earlier crash left torn is closed before.
pub(crate) fn append(path: &Path, record: &RunRecord) -> Result<(), Failure> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Error, format!("the answer stands but was not recorded: {error}"))
            .hint(format!("make {path:?} writable, with space left on its disk"))
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path).map_err(failed)?;
    file.lock().map_err(failed)?;
    let mut line = serde_json::to_vec(record).map_err(|error| Failure::of(Exit::Error, &error))?;
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

/// The record with `id`, or the latest for `last`. Lines of other versions are passed over.
pub(crate) fn find(path: &Path, id: &str) -> Result<Option<RunRecord>, Failure> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::of(Exit::Error, &error)),
    };
    let mut found = None;
    for line in BufReader::new(file).lines() {
        let Ok(record) = serde_json::from_str::<RunRecord>(&line?) else { continue };
        if record.version == corpus::record::RECORD_VERSION && (id == "last" || record.id == id) {
            found = Some(record);
        }
    }
    Ok(found)
}
