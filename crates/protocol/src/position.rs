//! Where a reader stands in a log.

use serde::{Deserialize, Serialize};

use crate::Epoch;

/// How far a log has been received: every event `1..=seq` of this `epoch`.
///
/// Always the pair, stored and compared as one value. A log `[1,2,3]` that is lost and grows again to `[1,2,3,4]`
/// would otherwise "resume" from 3 and silently skip three new events; an epoch kept without its sequence number
/// was exactly such a bug in centrifuge-go (pull request 160).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamPosition {
    /// Which numbering.
    pub epoch: Epoch,
    /// The highest contiguously received sequence number; 0 before the first event.
    pub seq: u64,
}
