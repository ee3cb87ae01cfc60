//! Opening connections, and bringing the tables to the layout this version knows.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, MAIN_DB, OpenFlags};

use super::Options;
use super::error::OpenError;

/// "RJN1": marks the file as ours, so that a path that leads elsewhere is noticed before anything is written.
const APPLICATION_ID: i64 = 0x524a_4e31;

/// One file per layout, applied in order, each in one transaction; `user_version` says how many were.
const MIGRATIONS: [&str; 1] = [include_str!("../../../migrations/sqlite/0001_initial.sql")];

/// Statements kept prepared: all of them.
const STATEMENTS: usize = 64;

/// Bytes of the write-ahead log kept on disk after a checkpoint: what a busy server fills again at once.
const JOURNAL_SIZE: i64 = 16 * 1024 * 1024;

/// The connection that writes. Makes the database and migrates it.
pub(super) fn writer(path: &Path, options: &Options) -> Result<Connection, OpenError> {
    let fail = |error: rusqlite::Error| OpenError::new(path, &error);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags).map_err(fail)?;
    conn.busy_timeout(Duration::from_millis(options.busy_timeout_ms)).map_err(fail)?;
    // SQLite opens what it may not write as read-only, without a word.
    if conn.is_readonly(MAIN_DB).map_err(fail)? {
        return Err(OpenError::Unusable { path: path.to_owned(), reason: "it is read-only".to_owned() });
    }
    check_ours(path, &conn)?;
    conn.pragma_update(None, "journal_mode", "WAL").map_err(fail)?;
    conn.pragma_update(None, "synchronous", "FULL").map_err(fail)?;
    conn.pragma_update(None, "foreign_keys", "ON").map_err(fail)?;
    conn.pragma_update(None, "temp_store", "MEMORY").map_err(fail)?;
    conn.pragma_update(None, "journal_size_limit", JOURNAL_SIZE).map_err(fail)?;
    if let Some(pages) = options.pages_max {
        conn.pragma_update(None, "max_page_count", pages).map_err(fail)?;
    }
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    migrate(&mut conn).map_err(fail)?;
    Ok(conn)
}

/// A connection that reads only.
pub(super) fn reader(path: &Path, options: &Options) -> Result<Connection, OpenError> {
    let fail = |error: rusqlite::Error| OpenError::new(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(fail)?;
    conn.busy_timeout(Duration::from_millis(options.busy_timeout_ms)).map_err(fail)?;
    conn.pragma_update(None, "query_only", "ON").map_err(fail)?;
    conn.pragma_update(None, "temp_store", "MEMORY").map_err(fail)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

/// Whether the file is empty or ours, and of a layout that this version knows.
pub(super) fn check_ours(path: &Path, conn: &Connection) -> Result<(), OpenError> {
    let fail = |error: rusqlite::Error| OpenError::new(path, &error);
    let tables: i64 =
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(fail)?;
    if tables == 0 {
        return Ok(());
    }
    let id: i64 = conn.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(fail)?;
    if id != APPLICATION_ID {
        return Err(OpenError::NotOurs { path: path.to_owned() });
    }
    let found = version(conn).map_err(fail)?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(OpenError::TooNew { path: path.to_owned(), found, known });
    }
    Ok(())
}

fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn migrate(conn: &mut Connection) -> rusqlite::Result<()> {
    loop {
        // Looked up under the write lock: another process may be migrating too.
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let done = version(&tx)?;
        let Some(migration) = usize::try_from(done).ok().and_then(|done| MIGRATIONS.get(done)) else {
            return Ok(());
        };
        tx.execute_batch(migration)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", done + 1)?;
        tx.commit()?;
    }
}
