//! Passes with which a signed-in agent's page opens its connection. They live in memory for seconds: a server that
//! restarts has no connections that could need one from before.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rejoin_protocol::Secret;
use sha2::{Digest as _, Sha256};

use crate::domain::request::Agent;

/// Between fetching the ticket and saying hello lies one round trip, on a bad network a slow one.
pub const TICKET_MS: u64 = 30_000;

/// Tickets nobody spent, at most; beyond this the one that ends first makes room.
const TICKETS_MAX: usize = 4_096;

/// The tickets that are out.
#[derive(Default)]
pub struct Tickets {
    out: Mutex<BTreeMap<[u8; 32], (u64, Agent)>>,
}

impl Tickets {
    /// Notes a ticket for this agent, good until [`TICKET_MS`] from `now` (ms since 1970). Kept is its hash only.
    pub fn issue(&self, now: u64, secret: &Secret, agent: Agent) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.retain(|_, (until, _)| *until > now);
        if out.len() >= TICKETS_MAX {
            let first = out.iter().min_by_key(|(_, (until, _))| *until).map(|(hash, _)| *hash);
            first.map(|hash| out.remove(&hash));
        }
        out.insert(hash(secret), (now + TICKET_MS, agent));
    }

    /// Spends the ticket with this SHA-256; each can be spent once.
    pub fn redeem(&self, now: u64, hash: &[u8; 32]) -> Option<Agent> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.remove(hash).filter(|(until, _)| *until > now).map(|(_, agent)| agent)
    }
}

/// A secret as it is kept and compared. The hash of 256 random bits needs no salt and no slowness, and looking up a
/// hash tells nobody how much of a guess was right.
pub fn hash(secret: &Secret) -> [u8; 32] {
    Sha256::digest(secret.expose()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rejoin_protocol::AgentId;

    fn ada() -> Agent {
        Agent {
            id: AgentId::from_bytes([1; 16]),
            site: "demo".parse().unwrap(),
            name: "Ada".to_owned(),
            email: "ada@example.com".to_owned(),
        }
    }

    #[test]
    fn a_ticket_is_good_once_and_not_for_long() {
        let tickets = Tickets::default();
        let (one, two) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        tickets.issue(0, &one, ada());
        tickets.issue(0, &two, ada());
        assert_eq!(tickets.redeem(1, &hash(&one)), Some(ada()));
        assert_eq!(tickets.redeem(1, &hash(&one)), None);
        assert_eq!(tickets.redeem(TICKET_MS, &hash(&two)), None);
        assert_eq!(tickets.redeem(1, &[9; 32]), None);
    }

    #[test]
    fn tickets_nobody_spends_make_room() {
        let tickets = Tickets::default();
        for n in 0..=TICKETS_MAX as u64 {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&n.to_be_bytes());
            tickets.issue(n, &Secret::from_bytes(bytes), ada());
        }
        assert_eq!(tickets.out.lock().unwrap().len(), TICKETS_MAX);
        assert_eq!(tickets.redeem(5, &hash(&Secret::from_bytes([0; 32]))), None);
    }
}
