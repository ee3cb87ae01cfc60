//! How long to wait before connecting again: capped exponential with full jitter
//! (<https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).

use crate::Rng;

/// The first retry comes anywhere within this, so that a restarted server is not met by everybody at once.
const FIRST_WITHIN_MS: u64 = 6_000;
/// What the exponential grows from.
const BASE_MS: u64 = 1_000;
/// Somebody is looking: never make them wait longer.
const CAP_VISIBLE_MS: u64 = 30_000;
/// Nobody is looking: spare the battery and the server.
const CAP_HIDDEN_MS: u64 = 300_000;

/// A delay in milliseconds before attempt number `failures + 1`.
pub(crate) fn delay_ms(failures: u32, visible: bool, rng: &mut Rng) -> u64 {
    let cap = if visible { CAP_VISIBLE_MS } else { CAP_HIDDEN_MS };
    let ceiling = match failures {
        0 | 1 => FIRST_WITHIN_MS,
        n => BASE_MS.saturating_mul(1 << n.min(20)).min(cap),
    };
    rng.below(ceiling)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_stay_under_their_ceiling_and_spread_over_it() {
        let mut rng = Rng::new(7);
        for (failures, visible, ceiling) in [
            (1, true, 6_000),
            (3, true, 8_000),
            (9, true, 30_000),
            (9, false, 300_000),
            (u32::MAX, true, 30_000),
        ] {
            let delays: Vec<u64> = (0..500).map(|_| delay_ms(failures, visible, &mut rng)).collect();
            assert!(delays.iter().all(|delay| *delay < ceiling));
            assert!(delays.iter().any(|delay| *delay < ceiling / 10), "full jitter reaches down to nothing");
            assert!(delays.iter().any(|delay| *delay > ceiling * 9 / 10), "and up to the ceiling");
        }
    }
}
