//! What the system says of this process: memory, time of the processors, open files, start.
//!
//! Read from `/proc` when somebody asks, under the names that Prometheus expects of every process. Where the system
//! does not tell, the figure is absent.

use std::fs;

/// Ticks of a second in `/proc`; Linux fixes it at 100 for programs.
const TICKS_PER_SECOND: f64 = 100.0;

/// Returns the resident memory in bytes.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib = line.split_whitespace().next()?.parse::<u64>().ok()?;
    Some(kib * 1024)
}

/// Returns the time that processors spent for the process, in seconds.
pub(super) fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Returns the number of open files.
pub(super) fn open_files() -> Option<u64> {
    let entries = fs::read_dir("/proc/self/fd").ok()?;
    // One of them is the folder that is being read.
    Some((entries.count() as u64).saturating_sub(1))
}

/// Returns when the process started, in seconds of Unix time.
pub(super) fn started() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in parentheses and may hold spaces; the field is the 22nd of all.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().nth(19)?.parse::<f64>().ok()?;
    let system = fs::read_to_string("/proc/stat").ok()?;
    let boot = system
        .lines()
        .find_map(|line| line.strip_prefix("btime "))?;
    Some(boot.trim().parse::<f64>().ok()? + ticks / TICKS_PER_SECOND)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    #[test]
    fn the_system_tells_plausible_figures() {
        assert!(resident_bytes().is_some_and(|bytes| bytes > 1 << 20));
        assert!(cpu_seconds() > 0.0);
        assert!(open_files().is_some_and(|files| files >= 3));
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock after 1970");
        let age = now.as_secs_f64() - started().expect("a start");
        assert!((-2.0..86_400.0).contains(&age), "{age} s");
    }
}
