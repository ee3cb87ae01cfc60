//! Time as the core knows it.

use std::ops::{Add, Sub};

/// Milliseconds of a clock that never goes back, from an arbitrary beginning. Not the time of day: that comes with
/// messages, from the server. (`std::time::Instant` does not exist on `wasm32-unknown-unknown`.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Add<u64> for Time {
    type Output = Time;
    /// So many milliseconds later.
    fn add(self, ms: u64) -> Time {
        Time(self.0.saturating_add(ms))
    }
}

impl Sub for Time {
    type Output = u64;
    /// Milliseconds between; 0 if `earlier` is later.
    fn sub(self, earlier: Time) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
