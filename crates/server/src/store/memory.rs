//! A store in memory: for tests, and for the simulation, which runs the rules thousands of times a second on it.
//! It forgets everything when it is dropped, so no command of the product uses it.

mod db;
mod tx;
mod undo;

use std::sync::{Arc, Mutex, PoisonError};

use super::{Answer, Store};
use crate::domain::{Request, execute};

pub use db::MemoryDb;

/// A [`MemoryDb`] that many may ask. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    db: Arc<Mutex<MemoryDb>>,
}

impl MemoryStore {
    /// A store over this database.
    pub fn new(db: MemoryDb) -> Self {
        MemoryStore { db: Arc::new(Mutex::new(db)) }
    }
}

impl Store for MemoryStore {
    fn ask(&self, request: Request) -> Answer<'_> {
        // A transaction that panicked was rolled back or never begun on its rows: the data behind the lock is whole.
        let mut db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = execute(&mut *db, request).map_err(Into::into);
        Box::pin(std::future::ready(answer))
    }
}
