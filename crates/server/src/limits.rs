//! How much one address may do, whoever is behind it. The buckets are kept here, for all connections together; what
//! one connection may do is counted in its session.

use std::sync::{Arc, Mutex, PoisonError};

use crate::client_address::AddressHash;
use crate::domain::rate::{Gate, NEW_THREADS, Rate, Table};

/// New connections of one address: an office of three hundred comes back at once after an outage.
const CONNECTIONS: Rate = Rate { burst: 300, every_ms: 200 };

/// Sign-in attempts of one address: links are 256 bits, so this is against noise, not against guessing.
const SIGN_INS: Rate = Rate { burst: 10, every_ms: 6_000 };

/// Addresses remembered per kind of limit, 4 MB in all.
const ADDRESSES_MAX: usize = 20_000;

/// The buckets of every address.
pub struct AddressLimits {
    on: bool,
    connections: Mutex<Table<AddressHash>>,
    new_threads: Mutex<Table<AddressHash>>,
    sign_ins: Mutex<Table<AddressHash>>,
}

impl AddressLimits {
    /// `on`: false admits everybody to everything, for load tests.
    pub fn new(on: bool) -> Self {
        let table = |rate| Mutex::new(Table::new(rate, ADDRESSES_MAX));
        AddressLimits {
            on,
            connections: table(CONNECTIONS),
            new_threads: table(NEW_THREADS),
            sign_ins: table(SIGN_INS),
        }
    }

    /// One more connection, or in how many ms.
    pub fn connection(&self, client: Option<AddressHash>, now: u64) -> Result<(), u64> {
        self.take(&self.connections, client, now)
    }

    /// One more attempt to sign in, or in how many ms.
    pub fn sign_in(&self, client: Option<AddressHash>, now: u64) -> Result<(), u64> {
        self.take(&self.sign_ins, client, now)
    }

    fn take(
        &self,
        table: &Mutex<Table<AddressHash>>,
        client: Option<AddressHash>,
        now: u64,
    ) -> Result<(), u64> {
        match client {
            Some(client) if self.on => {
                table.lock().unwrap_or_else(PoisonError::into_inner).take(&client, now)
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// One address's gate to making threads.
pub struct AddressGate {
    /// Everybody's buckets.
    pub limits: Arc<AddressLimits>,
    /// Whose gate this is; none for this machine.
    pub client: Option<AddressHash>,
}

impl Gate for AddressGate {
    fn new_thread(&self, now: u64) -> Result<(), u64> {
        self.limits.take(&self.limits.new_threads, self.client, now)
    }
}
