//! How the commands reach a running server: `DIR/control.sock`, one JSON line each way, then the connection ends.
//! Who may open the socket is decided by the file's mode, 0600. Both ends are the same program; a line that a
//! program of another version does not understand is refused, never guessed.

use std::fs::{File, Permissions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use crate::office::Office;

/// A command with all its origins fits many times.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// A peer that says nothing for this long is not one of our commands.
const LINE_WAIT: Duration = Duration::from_secs(5);

/// Paths of Unix sockets are at most 108 bytes on Linux and 104 elsewhere, final zero included.
const SOCKET_PATH_BYTES_MAX: usize = 100;

/// What can be asked of a running server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Add a site, or add origins to one that exists.
    SiteAdd {
        /// Its name.
        name: String,
        /// Where it may be embedded.
        origins: Vec<String>,
    },
    /// Add an agent; the answer is a sign-in link.
    AgentAdd {
        /// Names the agent.
        email: String,
        /// The site it answers for.
        site: String,
        /// The name customers see.
        name: String,
    },
    /// A new sign-in link.
    AgentLink {
        /// Whose.
        email: String,
    },
    /// Copy the data into one file.
    Backup {
        /// An absolute path that does not exist yet.
        file: PathBuf,
    },
    /// Verify the data's invariants.
    Check,
}

/// What a command leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is done; what to print.
    Done(String),
    /// It is not done; why, in one line that says what to do.
    Refused(String),
}

/// A server's end of the socket. The file goes away with it.
#[derive(Debug)]
pub struct Control {
    listener: UnixListener,
    file: PathBuf,
}

impl Control {
    /// Opens the socket in a data directory that this process holds the lock of: one that is there is left over.
    pub fn open(dir: &Path) -> io::Result<Control> {
        let file = dir.join("control.sock");
        match std::fs::remove_file(&file) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let listener = with_short_path(dir, |path| UnixListener::bind(path))?;
        std::fs::set_permissions(&file, Permissions::from_mode(0o600))?;
        Ok(Control { listener, file })
    }

    /// Answers commands for ever, one at a time: an operator has two hands.
    pub async fn serve(&self, office: Arc<Office>) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    if let Err(error) = answer(stream, &office).await {
                        tracing::warn!(%error, "a command went away without its answer");
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a command");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // Left over, it would be removed by the next server.
        let _ = std::fs::remove_file(&self.file);
    }
}

/// Asks the server that runs on this directory; `None` if none does.
pub async fn ask(dir: &Path, command: &Command) -> io::Result<Option<Answer>> {
    let connected = with_short_path(dir, |path| std::os::unix::net::UnixStream::connect(path));
    let stream = match connected {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.set_nonblocking(true)?;
    let mut stream = UnixStream::from_std(stream)?;
    let mut line = serde_json::to_string(command)?;
    line.push('\n');
    stream.write_all(line.as_bytes()).await?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).await?;
    Ok(Some(serde_json::from_str(&answer)?))
}

async fn answer(stream: UnixStream, office: &Office) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    timeout(LINE_WAIT, BufReader::new(read.take(LINE_BYTES_MAX)).read_line(&mut line)).await??;
    let answer = match serde_json::from_str(&line) {
        Ok(command) => office.carry_out(command).await,
        Err(_) => Answer::Refused(
            "the running server does not understand this command; is it another version of rejoin?"
                .to_owned(),
        ),
    };
    let mut line = serde_json::to_string(&answer)?;
    line.push('\n');
    write.write_all(line.as_bytes()).await
}

/// Hands over the socket's path, by way of the directory's handle where the path itself is too long for a socket.
fn with_short_path<T>(dir: &Path, go: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let path = dir.join("control.sock");
    if path.as_os_str().len() <= SOCKET_PATH_BYTES_MAX {
        return go(&path);
    }
    let handle = File::open(dir)?;
    go(&Path::new("/proc/self/fd").join(handle.as_raw_fd().to_string()).join("control.sock"))
}
