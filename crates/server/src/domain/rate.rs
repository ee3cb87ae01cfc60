//! How much anybody may do: token buckets, pure. Every refusal says when to try again.
//!
//! Where the buckets are:
//! - per connection, inside the session ([`super::session`]): frames, messages, fetches, typing, in-band hellos;
//! - per customer and day, in the thread's row, checked with the append: survives reconnects and restarts;
//! - per address, in the rim, behind [`Gate`] (new threads) and before the session is made (connections).
//!
//! Limits go by device first and by address second, so that an office behind one address can work.

use std::collections::BTreeMap;

/// A day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Messages of one customer in one day (UTC): ten times what a long conversation needs.
pub const SENDS_PER_DAY: u64 = 300;

/// A customer's messages: one a second with a burst of five, which is faster than people write.
pub const CUSTOMER_SENDS: Rate = Rate { burst: 5, every_ms: 1_000 };

/// An agent's messages over all threads of a connection: prepared answers into several threads at once are normal.
pub const AGENT_SENDS: Rate = Rate { burst: 20, every_ms: 200 };

/// Pages of history: five a second, with a burst for a screen full of gaps.
pub const FETCHES: Rate = Rate { burst: 10, every_ms: 200 };

/// Typing changes: one a second; the burst lets "stopped" follow "began" at once.
pub const TYPINGS: Rate = Rate { burst: 3, every_ms: 1_000 };

/// Hellos on one connection: sixty a minute.
pub const HELLOS: Rate = Rate { burst: 10, every_ms: 1_000 };

/// Any frames of one connection: an agent who reconnects opens sixty threads at once, and no honest client keeps up
/// more than this.
pub const FRAMES: Rate = Rate { burst: 300, every_ms: 20 };

/// New threads of one address prefix: thirty an hour.
pub const NEW_THREADS: Rate = Rate { burst: 30, every_ms: 120_000 };

/// So many at once, and one more each so many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What may be done at once after a rest.
    pub burst: u64,
    /// How long until one more may be done; above 0.
    pub every_ms: u64,
}

/// How much of a [`Rate`] is used, as the moment when it will all be there again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    full_at: u64,
}

impl Bucket {
    /// Takes one, or says in how many milliseconds there will be one. A clock that jumps back makes nobody wait
    /// longer than a full refill.
    pub fn take(&mut self, rate: Rate, now: u64) -> Result<(), u64> {
        let whole = rate.burst * rate.every_ms;
        let used_until = self.full_at.clamp(now, now + whole);
        let after = used_until + rate.every_ms;
        if after > now + whole {
            self.full_at = used_until;
            return Err(after - now - whole);
        }
        self.full_at = after;
        Ok(())
    }

    /// Whether it is as if never used.
    pub const fn is_full(&self, now: u64) -> bool {
        self.full_at <= now
    }
}

/// Buckets by name, never more than a fixed number of them.
#[derive(Debug)]
pub struct Table<K> {
    rate: Rate,
    most: usize,
    buckets: BTreeMap<K, Bucket>,
}

impl<K: Ord + Clone> Table<K> {
    /// At most `most` names are remembered at a time.
    pub const fn new(rate: Rate, most: usize) -> Self {
        Table { rate, most, buckets: BTreeMap::new() }
    }

    /// Takes one from this name's bucket, or says in how many milliseconds to try again. When too many names are in
    /// use, the less used half is forgotten: refusing newcomers instead would let one flood shut everybody out.
    pub fn take(&mut self, key: &K, now: u64) -> Result<(), u64> {
        if !self.buckets.contains_key(key) && self.buckets.len() >= self.most {
            self.forget(now);
        }
        self.buckets.entry(key.clone()).or_default().take(self.rate, now)
    }

    /// Half at once, so that a flood of names costs little for each of them.
    fn forget(&mut self, now: u64) {
        self.buckets.retain(|_, bucket| !bucket.is_full(now));
        let surplus = self.buckets.len().saturating_sub(self.most / 2);
        if surplus == 0 {
            return;
        }
        let mut used: Vec<(u64, &K)> =
            self.buckets.iter().map(|(key, bucket)| (bucket.full_at, key)).collect();
        used.select_nth_unstable(surplus - 1);
        let least: Vec<K> = used[..surplus].iter().map(|(_, key)| (*key).clone()).collect();
        for key in least {
            self.buckets.remove(&key);
        }
    }
}

/// What a session asks the rim before it lets a visitor make a thread.
pub trait Gate: Send + Sync {
    /// One more thread from this connection's address, or in how many milliseconds.
    fn new_thread(&self, now: u64) -> Result<(), u64>;
}

/// A gate that is always open.
#[derive(Clone, Copy, Debug)]
pub struct NoGate;

impl Gate for NoGate {
    fn new_thread(&self, _now: u64) -> Result<(), u64> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, every_ms: 1_000 };

    #[test]
    fn gives_the_burst_then_one_at_a_time() {
        let mut bucket = Bucket::default();
        assert_eq!([0, 0, 0].map(|now| bucket.take(RATE, now)), [Ok(()); 3]);
        assert_eq!(bucket.take(RATE, 0), Err(1_000));
        assert_eq!(bucket.take(RATE, 400), Err(600));
        assert_eq!(bucket.take(RATE, 1_000), Ok(()));
        assert_eq!(bucket.take(RATE, 1_000), Err(1_000));
        assert!(!bucket.is_full(3_999) && bucket.is_full(4_000));
    }

    #[test]
    fn a_clock_that_jumps_back_costs_at_most_one_refill() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(RATE, 1_000_000), Ok(()));
        assert_eq!(bucket.take(RATE, 0), Err(1_000));
        assert_eq!(bucket.take(RATE, 1_000), Ok(()));
    }

    #[test]
    fn a_table_never_grows_past_its_size() {
        let mut table = Table::new(RATE, 8);
        for _ in 0..3 {
            assert_eq!(table.take(&1_000, 0), Ok(()));
        }
        for key in 0..100 {
            assert_eq!(table.take(&key, 0), Ok(()));
            assert!(table.buckets.len() <= 8);
        }
        assert_eq!(table.take(&1_000, 0), Err(1_000), "who uses much is remembered");
        for key in 200..203 {
            assert_eq!(table.take(&key, 9_000), Ok(()), "what is full again makes room");
        }
        assert!(table.buckets.len() <= 8);
    }
}
