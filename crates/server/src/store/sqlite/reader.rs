//! Threads that read: each request in one snapshot that is held no longer than the request takes.

use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::tx::SqliteTx;
use super::{Job, error};
use crate::domain::{Reply, Request, TxError, execute};

/// Runs until the queue has no senders left and is empty.
pub(super) fn run(conn: &Connection, queue: &Mutex<Receiver<Job>>) {
    loop {
        // Held while waiting: the others wait for the lock instead of for the queue, which is the same.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let answer = read(conn, job.request).map_err(Into::into);
        // Who does not wait for it any more does not need it.
        let _ = job.answer.send(answer);
    }
}

fn read(conn: &Connection, request: Request) -> Result<Reply, TxError> {
    let fail = |error: rusqlite::Error| error::of(&error);
    conn.prepare_cached("BEGIN").and_then(|mut begin| begin.execute([])).map_err(fail)?;
    let answer = execute(&mut SqliteTx::new(conn), request);
    conn.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([])).map_err(fail)?;
    answer
}
