//! Processor time and memory of a process, as `/proc` tells them.
//!
//! The system counts processor time to a hundredth of a second, so that a phase of two seconds is
//! known to half a percent. Threads that ended are counted too.

use std::{fs, io, time::Duration};

/// Linux tells programs hundredths of a second, whatever its own clock does.
const TICK: Duration = Duration::from_millis(10);

/// What a process has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Processor time of all its threads, in the kernel's work for it too.
    pub cpu: Duration,
    /// Resident bytes.
    pub resident: u64,
}

/// Reads what the process `pid` has used so far.
///
/// # Errors
///
/// Fails when there is no such process.
pub fn usage(pid: u32) -> io::Result<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    // The name in parentheses may hold spaces. User and system time are fields 14 and 15 of proc(5), from 1.
    let ticks: Option<u32> = stat.rsplit(')').next().and_then(|fields| {
        let mut fields = fields.split_ascii_whitespace().skip(11);
        Some(fields.next()?.parse::<u32>().ok()? + fields.next()?.parse::<u32>().ok()?)
    });
    let kilobytes: Option<u64> = status.lines().find_map(|line| {
        let size = line.strip_prefix("VmRSS:")?;
        size.trim().strip_suffix(" kB")?.parse().ok()
    });
    match (ticks, kilobytes) {
        (Some(ticks), Some(kilobytes)) => Ok(Usage {
            cpu: TICK * ticks,
            resident: kilobytes * 1024,
        }),
        _ => Err(io::Error::other(format!(
            "`/proc/{pid}` does not tell what process {pid} uses"
        ))),
    }
}

/// Reads what this process has used so far.
///
/// # Errors
///
/// Fails where there is no `/proc`.
pub fn own() -> io::Result<Usage> {
    usage(std::process::id())
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn a_busy_process_uses_time_and_memory() {
        let before = own().unwrap_or_default();
        let mut sum = 0_u64;
        while own().unwrap_or_default().cpu == before.cpu {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(before.resident > 100_000);
    }
}
