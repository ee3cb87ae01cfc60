//! The network between a client and the server, as far as it decides when, and whether, something arrives.

use rejoin_thread::Rng;

use crate::faults::{Dice, Fault};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// One connection's two directions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipe {
    /// Nothing arrives any more.
    mute: [bool; 2],
    /// The latest arrival so far: what is not reordered keeps its place.
    latest: [u64; 2],
}

impl Pipe {
    /// From now on nothing arrives in this direction.
    pub(crate) fn mute(&mut self, way: Way) {
        self.mute[way as usize] = true;
    }

    /// When a frame sent now arrives: never, once, or twice.
    pub(crate) fn arrivals(&mut self, now: u64, way: Way, dice: &mut Dice) -> Arrivals {
        if self.mute[way as usize] || dice.strikes(Fault::FrameDropped) {
            return Arrivals::default();
        }
        let delay = latency(dice.rng());
        let first = if dice.strikes(Fault::FrameReordered) {
            now + delay + dice.rng().below(400)
        } else {
            let at = (now + delay).max(self.latest[way as usize]);
            self.latest[way as usize] = at;
            at
        };
        let second = dice.strikes(Fault::FrameDoubled).then(|| first + dice.rng().below(300));
        Arrivals { first: Some(first), second }
    }

    /// When a notice that must not overtake frames arrives.
    pub(crate) fn after_all(&mut self, now: u64, way: Way, rng: &mut Rng) -> u64 {
        let at = (now + latency(rng)).max(self.latest[way as usize]);
        self.latest[way as usize] = at;
        at
    }
}

/// When copies of a frame arrive.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Arrivals {
    pub(crate) first: Option<u64>,
    pub(crate) second: Option<u64>,
}

/// Mostly a good line, now and then a slow one.
fn latency(rng: &mut Rng) -> u64 {
    match rng.below(20) {
        0 => 100 + rng.below(900),
        _ => 1 + rng.below(40),
    }
}
