//! Whether the other end is still there. A client that vanishes without a goodbye (a dead battery, a tunnel) leaves a
//! socket that looks open for many minutes; a ping that every browser answers by itself tells.

/// After this long without a sound the client is asked. Longer than the heartbeat, which clients answer.
const ASK_AFTER_MS: u64 = 45_000;

/// An answer that does not come in this time does not come.
const ANSWER_MS: u64 = 30_000;

/// What was last heard, and whether we asked since. Times in ms since 1970.
///
/// ```text
/// quiet(heard) ──45 s──► asked(at) ──30 s──► gone
///       ▲──────── anything heard ────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    since: u64,
    asked: bool,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// Nothing.
    Fine,
    /// Send a ping.
    Ask,
    /// Nobody is there.
    Gone,
}

impl Pulse {
    /// Heard just now.
    pub const fn heard(now: u64) -> Self {
        Pulse { since: now, asked: false }
    }

    /// When to look again.
    pub const fn due(&self) -> u64 {
        self.since + if self.asked { ANSWER_MS } else { ASK_AFTER_MS }
    }

    /// Looks; asking counts as done.
    pub const fn look(&mut self, now: u64) -> Diagnosis {
        if now < self.due() {
            return Diagnosis::Fine;
        }
        if self.asked {
            return Diagnosis::Gone;
        }
        *self = Pulse { since: now, asked: true };
        Diagnosis::Ask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_then_asked_then_gone() {
        let mut pulse = Pulse::heard(1_000);
        assert_eq!(pulse.look(1_000 + ASK_AFTER_MS - 1), Diagnosis::Fine);
        assert_eq!(pulse.look(1_000 + ASK_AFTER_MS), Diagnosis::Ask);
        let asked = 1_000 + ASK_AFTER_MS;
        assert_eq!(pulse.look(asked + ANSWER_MS - 1), Diagnosis::Fine);
        assert_eq!(pulse.look(asked + ANSWER_MS), Diagnosis::Gone);
    }

    #[test]
    fn an_answer_begins_it_anew() {
        let mut pulse = Pulse::heard(0);
        assert_eq!(pulse.look(ASK_AFTER_MS), Diagnosis::Ask);
        pulse = Pulse::heard(ASK_AFTER_MS + 1);
        assert_eq!(pulse.due(), 2 * ASK_AFTER_MS + 1);
        assert_eq!(pulse.look(ASK_AFTER_MS + ANSWER_MS), Diagnosis::Fine);
    }
}
