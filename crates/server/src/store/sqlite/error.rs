//! What SQLite's failures mean to those who asked.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::domain::TxError;

/// Why a database cannot be opened, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be made, read or written.
    #[error("cannot use the database {}: {reason}; give this user write access to the directory or choose another with --data", path.display())]
    Unusable {
        /// The database's file.
        path: PathBuf,
        /// What the system or SQLite says.
        reason: String,
    },
    /// Another process holds it.
    #[error("the database {} is in use by another process; stop that one first", path.display())]
    Busy {
        /// The database's file.
        path: PathBuf,
    },
    /// There is no room to open it.
    #[error("the disk of {} is full; make room and start again", path.display())]
    Full {
        /// The database's file.
        path: PathBuf,
    },
    /// A newer version of Rejoin has changed its layout.
    #[error("the database {} was written by a newer rejoin (layout {found}, this one knows {known}); use that version", path.display())]
    TooNew {
        /// The database's file.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The newest layout this version knows.
        known: i64,
    },
    /// It is on another machine, where locks cannot be trusted.
    #[error("the database {} is on a network file system ({kind}), which can damage it; choose a directory on a local disk with --data", path.display())]
    Remote {
        /// The database's file.
        path: PathBuf,
        /// The file system.
        kind: String,
    },
    /// It is a database of something else, or none at all.
    #[error("{} is not a rejoin database; choose another directory with --data", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
}

impl OpenError {
    pub(super) fn new(path: &Path, error: &rusqlite::Error) -> OpenError {
        let path = path.to_owned();
        match of(error) {
            TxError::Busy => OpenError::Busy { path },
            TxError::Full => OpenError::Full { path },
            TxError::Failed(_) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
                OpenError::NotOurs { path }
            }
            TxError::Failed(reason) => OpenError::Unusable { path, reason },
        }
    }
}

/// Sorts SQLite's errors. Their texts name tables and columns, never values.
pub(super) fn of(error: &rusqlite::Error) -> TxError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => TxError::Busy,
        Some(ErrorCode::DiskFull) => TxError::Full,
        _ => TxError::Failed(error.to_string()),
    }
}
