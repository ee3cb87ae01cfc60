//! The one thread that writes: group commit.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;

use super::mark::Mark;
use super::tx::SqliteTx;
use super::{Job, Options, error};
use crate::domain::{Reply, TxError, execute};
use crate::store::StoreError;

/// Runs until the queue has no senders left and is empty.
pub(super) fn run(conn: Connection, queue: &Receiver<Job>, options: &Options, mut mark: Mark) {
    let idle = Duration::from_millis(options.idle_ms);
    let mut dirty = false;
    loop {
        let first = if dirty {
            match queue.recv_timeout(idle) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => {
                    rest(&conn, &mut mark);
                    dirty = false;
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        } else {
            match queue.recv() {
                Ok(job) => job,
                Err(_) => break,
            }
        };
        let mut batch = vec![first];
        while batch.len() < options.batch
            && let Ok(job) = queue.try_recv()
        {
            batch.push(job);
        }
        commit(&conn, &mut mark, batch);
        dirty = true;
    }
    rest(&conn, &mut mark);
    if let Err((_, error)) = conn.close() {
        tracing::error!(%error, "cannot close the database");
    }
}

/// Empties the write-ahead log, so that an idle database is one file and the next reader finds a short one. A reader
/// in the middle of something only makes it wait for the next time.
fn rest(conn: &Connection, mark: &mut Mark) {
    mark.flush();
    if let Err(error) = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::warn!(%error, "cannot empty the write-ahead log");
    }
}

/// Carries a batch out in one transaction and answers everybody once it is on the disk, or has failed for all.
fn commit(conn: &Connection, mark: &mut Mark, batch: Vec<Job>) {
    let mut answers = Vec::with_capacity(batch.len());
    let mut outcome = begin(conn);
    for job in batch {
        let answer = match &outcome {
            Ok(()) => {
                let (answer, state) = carry_out(conn, job.request);
                outcome = state;
                answer
            }
            Err(error) => Err(error.clone()),
        };
        answers.push((job.answer, answer));
    }
    if outcome.is_ok() {
        outcome = end(conn);
    }
    match &outcome {
        Ok(()) => mark.committed(),
        Err(error) => {
            tracing::error!(%error, "a commit failed; nothing of it was acknowledged");
            // Some failures have rolled back already.
            if !conn.is_autocommit()
                && let Err(error) = conn.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "cannot roll back");
            }
        }
    }
    for (sender, answer) in answers {
        let answer = match &outcome {
            Ok(()) => answer.map_err(StoreError::from),
            Err(error) => Err(error.clone().into()),
        };
        // Who does not wait for it any more does not need it.
        let _ = sender.send(answer);
    }
}

/// One request inside the transaction: its answer, and whether the transaction still stands.
fn carry_out(
    conn: &Connection,
    request: crate::domain::Request,
) -> (Result<Reply, TxError>, Result<(), TxError>) {
    let mut tx = SqliteTx::new(conn);
    let answer = execute(&mut tx, request);
    let stands = !tx.is_broken() && !conn.is_autocommit();
    let state = match &answer {
        Err(error) if !stands => Err(error.clone()),
        Ok(_) if !stands => Err(TxError::Failed("the transaction ended by itself".to_owned())),
        Ok(_) | Err(_) => Ok(()),
    };
    (answer, state)
}

fn begin(conn: &Connection) -> Result<(), TxError> {
    // Immediate: a transaction that reads first and writes later can fail with a snapshot that is too old, which no
    // waiting cures.
    run_sql(conn, "BEGIN IMMEDIATE")
}

fn end(conn: &Connection) -> Result<(), TxError> {
    run_sql(conn, "UPDATE meta SET value = value + 1 WHERE key = 'commit_no'")?;
    run_sql(conn, "COMMIT")
}

fn run_sql(conn: &Connection, sql: &str) -> Result<(), TxError> {
    let mut statement = conn.prepare_cached(sql).map_err(|error| error::of(&error))?;
    statement.execute([]).map(|_| ()).map_err(|error| error::of(&error))
}
