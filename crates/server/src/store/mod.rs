//! Where the truth is. A store runs [`crate::domain::execute()`] inside a transaction; stores differ only in how a
//! transaction reads and writes rows ([`crate::domain::Tx`]) and in how many may wait.

pub mod memory;
pub mod sqlite;

use std::pin::Pin;

use crate::domain::{Reply, Request, TxError};

pub use memory::{MemoryDb, MemoryStore};
pub use sqlite::Sqlite;

/// Why a store gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Too many are waiting, or somebody else holds the database: nothing was done, trying again is fine.
    #[error("the store is busy")]
    Busy,
    /// The disk is full: nothing was done; it works again as soon as there is room.
    #[error("the disk is full")]
    Full,
    /// The database failed; for the log, not for the client. Nothing was acknowledged.
    #[error("the database failed: {0}")]
    Failed(String),
}

impl From<TxError> for StoreError {
    fn from(error: TxError) -> Self {
        match error {
            TxError::Busy => StoreError::Busy,
            TxError::Full => StoreError::Full,
            TxError::Failed(what) => StoreError::Failed(what),
        }
    }
}

/// The answer to come.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Reply, StoreError>> + Send + 'a>>;

/// A place for threads. The contract is in `tests/store_contract.rs`.
pub trait Store: Send + Sync + 'static {
    /// Asks. A writing request's answer comes after its commit is durable; whoever asks after that sees it.
    ///
    /// A request is carried out even if the answer is no longer waited for.
    fn ask(&self, request: Request) -> Answer<'_>;
}
