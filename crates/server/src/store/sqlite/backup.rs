//! Copies of the database, out and in.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::error::OpenError;
use super::{FILE, Options, Sqlite, connection, mark};

/// Where the database that a restore replaces is kept.
const REPLACED: &str = "rejoin.db.before-restore";

/// Why a copy could not be made or put in place.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The target is there: a backup overwrites nothing.
    #[error("{} is there already; choose another name", .0.display())]
    Exists(PathBuf),
    /// Reading or writing a file failed.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// The file to restore is damaged.
    #[error("{} is damaged: {reason}; use another backup", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What SQLite found.
        reason: String,
    },
    /// The file to restore is not a database of ours.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl Sqlite {
    /// Writes a copy of the database as it is now into a new file, which only this user may read. Others go on
    /// working meanwhile. Blocks.
    pub fn backup(&self, target: &Path) -> Result<(), BackupError> {
        let file = |path: &Path| {
            let path = path.to_owned();
            move |error| BackupError::File { path, error }
        };
        if target.try_exists().map_err(file(target))? {
            return Err(BackupError::Exists(target.to_owned()));
        }
        // Whole or not at all under its own name.
        let partial = with_suffix(target, ".partial");
        let _ = fs::remove_file(&partial);
        let outcome = copy_into(self.path(), &partial)
            .and_then(|()| fs::rename(&partial, target).map_err(file(target)))
            .and_then(|()| sync_parent(target).map_err(file(target)));
        if outcome.is_err() {
            let _ = fs::remove_file(&partial);
        }
        outcome
    }
}

fn copy_into(database: &Path, target: &Path) -> Result<(), BackupError> {
    let file = |error| BackupError::File { path: target.to_owned(), error };
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target).map_err(file)?;
    let conn = Connection::open_with_flags(
        database,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(std::time::Duration::from_millis(Options::default().busy_timeout_ms))?;
    conn.execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
    made.sync_all().map_err(file)
}

/// Puts a backup in the place of the database in `dir`, which nobody may have open, under a new generation: every
/// epoch changes, so that no client takes a position in the lost history for one in the restored. The replaced
/// database is kept as `rejoin.db.before-restore`. A crash in the middle leaves the old database or the new, whole.
pub fn restore(backup: &Path, dir: &Path) -> Result<(), BackupError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |error| BackupError::File { path, error }
    };
    let database = dir.join(FILE);
    verify(backup)?;
    let new = dir.join("rejoin.db.restoring");
    for left in sidecars(&new).into_iter().chain([new.clone()]) {
        remove(&left).map_err(file(&left))?;
    }
    fs::copy(backup, &new).map_err(file(&new))?;
    let mut conn = connection::writer(&new, &Options::default())?;
    mark::new_generation(&mut conn)?;
    // Closing the last connection empties the write-ahead log into the file and removes it.
    conn.close().map_err(|(_, error)| error)?;
    File::open(&new).and_then(|made| made.sync_all()).map_err(file(&new))?;

    if database.try_exists().map_err(file(&database))? {
        set_aside(dir, &database)?;
    }
    // The log of the old database must never be taken for one of the new.
    for left in sidecars(&database) {
        remove(&left).map_err(file(&left))?;
    }
    fs::rename(&new, &database).map_err(file(&database))?;
    let mark = dir.join(mark::FILE);
    // Without a mark the next start makes yet another generation, which is as good.
    remove(&mark).map_err(file(&mark))?;
    sync_parent(&database).map_err(file(&database))
}

/// Whether this is a whole database of ours. Looks only.
fn verify(backup: &Path) -> Result<(), BackupError> {
    let file = |error| BackupError::File { path: backup.to_owned(), error };
    File::open(backup).map_err(file)?;
    let conn = Connection::open_with_flags(
        backup,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(|error| OpenError::new(backup, &error))?;
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| OpenError::new(backup, &error))?;
    if tables == 0 {
        return Err(OpenError::NotOurs { path: backup.to_owned() }.into());
    }
    connection::check_ours(backup, &conn)?;
    let found: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(BackupError::Damaged { path: backup.to_owned(), reason: found }) }
}

/// Keeps a copy of the old database beside the new one, with what its write-ahead log holds.
fn set_aside(dir: &Path, database: &Path) -> Result<(), BackupError> {
    let kept = dir.join(REPLACED);
    let file = |error| BackupError::File { path: kept.clone(), error };
    remove(&kept).map_err(file)?;
    // A database too damaged to be read is exactly why one restores: then its bytes are kept as they are.
    if copy_into(database, &kept).is_err() {
        remove(&kept).map_err(file)?;
        fs::copy(database, &kept).map_err(file)?;
    }
    Ok(())
}

fn sidecars(database: &Path) -> [PathBuf; 2] {
    [with_suffix(database, "-wal"), with_suffix(database, "-shm")]
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes a rename survive a power cut.
fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}
