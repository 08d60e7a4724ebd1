//! Limits that a worker sets on itself.

use std::io;
use std::time::Instant;

use crate::extract::Limits;

#[cfg(unix)]
pub(super) const SIGABRT: i32 = 6;
#[cfg(unix)]
pub(super) const SIGKILL: i32 = 9;
#[cfg(unix)]
pub(super) const SIGXCPU: i32 = 24;

/// Limits what the process may use from now on. `started` is when it started.
///
/// Only the soft limits change, as one worker serves files with limits of their own. No file can be written and no
/// core dump is left, which would hold what is not screened yet.
#[cfg(unix)]
pub(super) fn set(limits: &Limits, started: Instant) -> io::Result<()> {
    use rlimit::Resource;

    let soft = |resource: Resource, value: u64| {
        let (_, hard) = resource.get()?;
        resource.set(value.min(hard), hard)
    };
    soft(Resource::CORE, 0)?;
    soft(Resource::FSIZE, 0)?;
    soft(Resource::AS, limits.memory_mib.saturating_mul(1 << 20))?;
    // Processor time adds up over files. One thread cannot have used more than the time on the clock.
    let used = started.elapsed().as_secs() + 1;
    soft(Resource::CPU, used.saturating_add(limits.seconds).saturating_add(1))
}

/// Other systems keep the limits that they have; the parent keeps the time.
#[cfg(not(unix))]
pub(super) fn set(_limits: &Limits, _started: Instant) -> io::Result<()> {
    Ok(())
}
