//! Noticing that the database was replaced by an older copy of itself (protocol.md 1.5, restore detection).
//!
//! Beside the database lies a small file, the mark, with the database's generation and how many commits it had. It
//! is written after commits, so a database is never behind its mark, unless somebody put an older file in its place:
//! then, and when there is no mark, the database gets a new generation, all epochs change, and no client takes a
//! position in the lost history for one in this.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::error::OpenError;
use crate::domain::execute::version_in;

/// The mark's file in the data directory.
pub(super) const FILE: &str = "rejoin.mark";

/// Written at most this often, beside when idle and at the end: what is lost of it by a crash only makes it a little
/// less sharp.
const WRITE_EVERY: Duration = Duration::from_secs(10);

/// The mark of an open database.
pub(super) struct Mark {
    path: PathBuf,
    generation: String,
    commit_no: u64,
    /// What the file says.
    written: u64,
    written_at: Instant,
}

impl Mark {
    /// Compares the mark with the database, and gives the database a new generation if it must have one.
    pub(super) fn check(dir: &Path, conn: &mut Connection) -> Result<Mark, OpenError> {
        let database = dir.join(super::FILE);
        let fail = |error: rusqlite::Error| OpenError::new(&database, &error);
        let path = dir.join(FILE);
        let (mut generation, commit_no) = read_meta(conn).map_err(fail)?;
        let fresh = commit_no == 0;
        let trusted = fs::read_to_string(&path).ok().and_then(|text| parse(&text)).is_some_and(
            |(marked_generation, marked_commit_no)| {
                marked_generation == generation && marked_commit_no <= commit_no
            },
        );
        if !fresh && !trusted {
            tracing::warn!("the database is older than its mark: it is taken as restored from a backup");
            new_generation(conn).map_err(fail)?;
            (generation, _) = read_meta(conn).map_err(fail)?;
        }
        let mark = Mark { path, generation, commit_no, written: commit_no, written_at: Instant::now() };
        mark.write()
            .map_err(|error| OpenError::Unusable { path: mark.path.clone(), reason: error.to_string() })?;
        Ok(mark)
    }

    /// One more commit is on the disk.
    pub(super) fn committed(&mut self) {
        self.commit_no += 1;
        if self.written_at.elapsed() >= WRITE_EVERY {
            self.flush();
        }
    }

    /// Brings the file up to date.
    pub(super) fn flush(&mut self) {
        if self.written == self.commit_no {
            return;
        }
        match self.write() {
            Ok(()) => self.written = self.commit_no,
            // An older mark is still a true one.
            Err(error) => tracing::warn!(%error, "cannot write {FILE}"),
        }
        self.written_at = Instant::now();
    }

    fn write(&self) -> std::io::Result<()> {
        // On the disk before it is renamed into place: half a mark would count as none.
        let new = self.path.with_extension("mark.new");
        let mut file = File::create(&new)?;
        file.write_all(format!("{} {}\n", self.generation, self.commit_no).as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.path)
    }
}

/// Gives every log a new epoch and makes every thread list new to everybody.
pub(super) fn new_generation(conn: &mut Connection) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let generation: [u8; 16] = tx.query_row(
        "UPDATE meta SET value = randomblob(16) WHERE key = 'generation' RETURNING value",
        [],
        |row| row.get(0),
    )?;
    tx.execute("UPDATE meta SET value = value + 1 WHERE key = 'commit_no'", [])?;
    let history = i64::try_from(version_in(&generation, 0)).unwrap_or(i64::MAX);
    tx.execute("UPDATE sites SET inbox_ver = ?1 | inbox_ver & 0xffffffff", [history])?;
    tx.execute("UPDATE threads SET inbox_ver = ?1 | inbox_ver & 0xffffffff", [history])?;
    tx.commit()
}

fn read_meta(conn: &Connection) -> rusqlite::Result<(String, u64)> {
    let generation =
        conn.query_row("SELECT lower(hex(value)) FROM meta WHERE key = 'generation'", [], |row| row.get(0))?;
    let commit_no: i64 =
        conn.query_row("SELECT value FROM meta WHERE key = 'commit_no'", [], |row| row.get(0))?;
    Ok((generation, u64::try_from(commit_no).unwrap_or(0)))
}

fn parse(text: &str) -> Option<(String, u64)> {
    let (generation, commit_no) = text.trim().split_once(' ')?;
    Some((generation.to_owned(), commit_no.parse().ok()?))
}
