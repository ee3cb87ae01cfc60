//! The store of a single machine: one SQLite database in the data directory.
//!
//! ```text
//! ask ──writes──► queue (bounded) ──► writer thread: BEGIN IMMEDIATE, a savepoint per request, one COMMIT, answers
//!  └────reads───► queue (bounded) ──► reader threads: one read-only snapshot per request
//! ```
//!
//! An answer to a write comes after its commit is on the disk (`synchronous=FULL`). The writer never waits for
//! company: it commits together whatever queued up while it was busy with the last commit. A full queue is
//! [`StoreError::Busy`] at once.

mod backup;
mod check;
mod connection;
mod error;
mod mark;
mod place;
mod reader;
mod rows;
mod tx;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::{Answer, Store, StoreError};
use crate::domain::{Reply, Request};

pub use backup::{BackupError, restore};
pub use check::CheckError;
pub use error::OpenError;

/// The database's file in the data directory.
pub const FILE: &str = "rejoin.db";

/// How a database is opened; the defaults are for production.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Requests that may wait for the writer, and as many again for the readers; more are refused at once. A second
    /// of work at full speed: who waits longer is better told so.
    pub queue: usize,
    /// Requests committed together at most, so that the first of a burst does not wait for all of it.
    pub batch: usize,
    /// Threads that read.
    pub readers: usize,
    /// How long to wait for another process that holds the database.
    pub busy_timeout_ms: u64,
    /// After so long without a write the write-ahead log is emptied into the database.
    pub idle_ms: u64,
    /// The database may not grow beyond this many pages of 4 KiB; none is no limit.
    pub pages_max: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            queue: 4096,
            batch: 256,
            readers: 4,
            busy_timeout_ms: 5_000,
            idle_ms: 2_000,
            pages_max: None,
        }
    }
}

/// A request and where its answer goes.
struct Job {
    request: Request,
    answer: oneshot::Sender<Result<Reply, StoreError>>,
}

/// A database that is open.
pub struct Sqlite {
    path: PathBuf,
    queues: Mutex<Option<Queues>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Queues {
    write: SyncSender<Job>,
    read: SyncSender<Job>,
}

impl Sqlite {
    /// Opens the database in this directory, making it if there is none, with the defaults.
    pub fn open(dir: &Path) -> Result<Sqlite, OpenError> {
        Sqlite::open_with(dir, Options::default())
    }

    /// Opens the database in this directory, making it if there is none.
    pub fn open_with(dir: &Path, options: Options) -> Result<Sqlite, OpenError> {
        let path = dir.join(FILE);
        if let Some(kind) = place::remote(dir) {
            return Err(OpenError::Remote { path, kind });
        }
        let mut writer = connection::writer(&path, &options)?;
        let mark = mark::Mark::check(dir, &mut writer)?;
        let (write, write_queue) = sync_channel(options.queue);
        let (read, read_queue) = sync_channel(options.queue);
        let mut threads = Vec::new();
        let read_queue = Arc::new(Mutex::new(read_queue));
        for n in 0..options.readers.max(1) {
            let reader = connection::reader(&path, &options)?;
            let queue = read_queue.clone();
            threads.push(spawn(&path, format!("reader-{n}"), move || reader::run(&reader, &queue))?);
        }
        threads.push(spawn(&path, "writer".to_owned(), move || {
            writer::run(writer, &write_queue, &options, mark);
        })?);
        let queues = Mutex::new(Some(Queues { write, read }));
        Ok(Sqlite { path, queues, threads: Mutex::new(threads) })
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Carries out what is queued, empties the write-ahead log and closes. Later requests fail.
    pub async fn close(&self) {
        self.stop();
        let threads = self.take_threads();
        let joined = tokio::task::spawn_blocking(move || join(threads));
        // It fails only if the runtime ends first, and then there is nobody left to tell.
        let _ = joined.await;
    }

    fn stop(&self) {
        // The threads end when their queues have no senders and are empty.
        drop(self.queues.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn take_threads(&self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn enqueue(&self, job: Job) -> Result<(), StoreError> {
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(queues) = queues.as_ref() else { return Err(closed()) };
        let queue = if job.request.writes() { &queues.write } else { &queues.read };
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => closed(),
        })
    }
}

impl Store for Sqlite {
    fn ask(&self, request: Request) -> Answer<'_> {
        let (answer, answered) = oneshot::channel();
        // Queued before the future is first polled, so that dropping it changes nothing.
        let queued = self.enqueue(Job { request, answer });
        Box::pin(async move {
            queued?;
            answered.await.unwrap_or_else(|_| Err(closed()))
        })
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.stop();
        join(self.take_threads());
    }
}

fn closed() -> StoreError {
    StoreError::Failed("the database is closed".to_owned())
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a thread of the store panicked");
        }
    }
}

fn spawn(
    path: &Path,
    name: String,
    run: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new()
        .name(name)
        .spawn(run)
        .map_err(|error| OpenError::Unusable { path: path.to_owned(), reason: error.to_string() })
}
