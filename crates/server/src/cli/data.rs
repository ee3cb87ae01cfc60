//! Commands on the data: through the running server, or directly when none runs.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Failure, runtime, say};
use crate::config::{LISTEN, public_url_of};
use crate::control::{self, Answer, Command};
use crate::data_dir::{DataDir, DataDirError};
use crate::office::Office;
use crate::store::sqlite::{self, Sqlite};

/// A server that starts or stops, or another command, holds the lock for moments without answering.
const LOCK_WAIT: Duration = Duration::from_secs(3);

/// How often to look again meanwhile.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// Has a command carried out and prints the answer.
pub(super) fn ask(dir: &Path, command: Command) -> Result<(), Failure> {
    match runtime()?.block_on(carry_out(dir, command))? {
        Answer::Done(line) => {
            say(&line);
            Ok(())
        }
        Answer::Refused(line) => Err(Failure(line)),
    }
}

/// Replaces the data by a backup. Every log gets a new epoch, so that clients which saw more than the backup holds
/// notice (protocol.md 1.5).
pub(super) fn restore(dir: &Path, file: &Path) -> Result<(), Failure> {
    let data = DataDir::take(dir).map_err(|error| match error {
        DataDirError::InUse { .. } => format!("{error}; restore needs the server stopped"),
        DataDirError::Unusable { .. } | DataDirError::Network { .. } => error.to_string(),
    })?;
    sqlite::restore(file, data.path())?;
    say(&format!("restored from {}", file.display()));
    Ok(())
}

async fn carry_out(dir: &Path, command: Command) -> Result<Answer, Failure> {
    if !dir.exists() {
        return Err(Failure(format!(
            "there is no data in {}; name the directory with --data, or start a server first: rejoin serve",
            dir.display()
        )));
    }
    let began = Instant::now();
    loop {
        let unreachable = |error| {
            format!("cannot reach the server that uses {}: {error}; run this as the same user", dir.display())
        };
        if let Some(answer) = control::ask(dir, &command).await.map_err(unreachable)? {
            return Ok(answer);
        }
        match DataDir::take(dir) {
            Ok(data) => return directly(&data, command).await,
            Err(DataDirError::InUse { .. }) if began.elapsed() < LOCK_WAIT => {
                tokio::time::sleep(LOCK_PAUSE).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn directly(data: &DataDir, command: Command) -> Result<Answer, Failure> {
    let public = match data.public_url() {
        Some(url) => url,
        None => public_url_of(LISTEN.parse()?),
    };
    let store = Arc::new(Sqlite::open(data.path())?);
    let office = Office { store, public, app: None };
    Ok(office.carry_out(command).await)
}
