//! A bound on the memory of a run.
//!
//! **Owns** how much is too much, and asking the system how much there is. **Does not know** what
//! the memory holds: groups, distinct customers and rows kept for later all count.

use super::record::{Record, Records};
use crate::finding::{Code, Finding, Place};

/// Records between two looks: few enough that little can grow unseen, and a look costs
/// microseconds.
const EVERY: u32 = 8192;

/// The most memory that a run may take, in bytes; as much as there is by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit(Option<u64>);

impl Limit {
    /// As much as there is.
    pub const fn unlimited() -> Self {
        Limit(None)
    }

    /// A limit of so many bytes.
    pub const fn bytes(bytes: u64) -> Self {
        Limit(Some(bytes))
    }

    /// Whether this system says how much memory a program has.
    pub fn can_be_kept() -> bool {
        resident().is_some()
    }

    /// Looks at the memory in use.
    ///
    /// # Errors
    /// It is more than the limit.
    pub(super) fn check(self, place: &Place) -> Result<(), Finding> {
        match self.0 {
            // The system is asked only where there is a limit: for a stretch of a large table that takes as long as
            // much of its reading.
            Some(limit) if resident().is_some_and(|resident| resident > limit) => Err(beyond(limit, place)),
            _ => Ok(()),
        }
    }

    /// The records, which end with an error once the memory is beyond the limit.
    pub(super) fn over(self, records: Box<dyn Records + Send>, place: &Place) -> Box<dyn Records + Send> {
        match self.0 {
            None => records,
            Some(_) => Box::new(Bounded { records, limit: self, place: place.clone(), left: 0 }),
        }
    }
}

fn beyond(limit: u64, place: &Place) -> Finding {
    let message = format!("more memory is needed than --max-memory allows ({} MiB)", limit / (1024 * 1024));
    Finding::new(Code::TooLarge, place.clone(), message)
        .help("group by fewer or coarser dimensions, ask for a part of the rows with --where or --from, or allow more")
}

/// Bytes that this program holds in memory, where the system says so.
fn resident() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(page_size()?)
}

/// Bytes of a page, from what the kernel says of the program in both units.
fn page_size() -> Option<u64> {
    static SIZE: std::sync::OnceLock<Option<u64>> = std::sync::OnceLock::new();
    let size = || {
        let smaps = std::fs::read_to_string("/proc/self/smaps").ok()?;
        let line = smaps.lines().find_map(|line| line.strip_prefix("KernelPageSize:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
    };
    *SIZE.get_or_init(size)
}

/// Records under a limit.
struct Bounded {
    records: Box<dyn Records + Send>,
    limit: Limit,
    place: Place,
    left: u32,
}

impl Records for Bounded {
    fn read(&mut self, record: &mut Record) -> Result<bool, Finding> {
        self.left = if let Some(left) = self.left.checked_sub(1) {
            left
        } else {
            self.limit.check(&self.place)?;
            EVERY
        };
        self.records.read(record)
    }

    fn left_out(&mut self) -> u64 {
        self.records.left_out()
    }

    fn unended_line(&self) -> Option<u64> {
        self.records.unended_line()
    }

    fn doubt(&self) -> Option<&Finding> {
        self.records.doubt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_holds_is_known_where_the_system_says_it() {
        if cfg!(target_os = "linux") {
            let before = resident().expect("the kernel says it");
            let held = vec![1_u8; 64 << 20];
            let after = resident().expect("the kernel says it");
            assert!(after > before + (48 << 20), "{before} {after} {}", held.len());
            assert!(Limit::bytes(before).check(&Place::default()).is_err());
        }
        assert!(Limit::default().check(&Place::default()).is_ok());
    }
}
