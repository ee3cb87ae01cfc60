//! The data directory and who may use it: one process at a time, marked by a lock that the operating system releases
//! with the process, however it ends.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::origin::Origin;

/// A data directory that this process alone uses, as long as this value lives.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// Why the directory cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made or written.
    #[error("cannot write to the data directory {}: {error}; give this user access to it or choose another with --data", path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is on another machine.
    #[error("{} is on a network file system ({kind}), where a database breaks; choose a local directory with --data", path.display())]
    Network {
        /// Which.
        path: PathBuf,
        /// What kind of file system.
        kind: &'static str,
    },
    /// Another process has it.
    #[error("{} is in use by another rejoin{pid}; stop that one or choose another directory with --data", path.display())]
    InUse {
        /// Which.
        path: PathBuf,
        /// ` (process N)`, if the other one has said so.
        pid: String,
    },
}

impl DataDir {
    /// Makes the directory if there is none, for this user alone, and takes the lock.
    pub fn take(path: &Path) -> Result<DataDir, DataDirError> {
        let unusable = |error| DataDirError::Unusable { path: path.to_owned(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        if let Some(kind) = network_kind(path) {
            return Err(DataDirError::Network { path: path.to_owned(), kind });
        }
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DataDirError::InUse { path: path.to_owned(), pid: pid(&mut lock) });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        write_pid(&mut lock).map_err(unusable)?;
        Ok(DataDir { path: path.to_owned(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Remembers how browsers reach the server, for commands that make links while none runs.
    pub fn remember_public_url(&self, url: &Origin) -> Result<(), DataDirError> {
        std::fs::write(self.path.join("public-url"), format!("{url}\n"))
            .map_err(|error| DataDirError::Unusable { path: self.path.clone(), error })
    }

    /// How browsers reached the server when one last ran here.
    pub fn public_url(&self) -> Option<Origin> {
        std::fs::read_to_string(self.path.join("public-url")).ok()?.trim().parse().ok()
    }
}

/// The kind of network file system, if it is one: their locks and their memory maps do not do what SQLite needs.
#[cfg(target_os = "linux")]
fn network_kind(path: &Path) -> Option<&'static str> {
    /// Numbers from statfs(2).
    const KINDS: [(u32, &str); 5] = [
        (0x6969, "NFS"),
        (0x517b, "SMB"),
        (0xff53_4d42, "CIFS"),
        (0xfe53_4d42, "SMB2"),
        (0x00c3_6400, "Ceph"),
    ];
    // A directory that cannot be asked will say why when it is written.
    let magic = rustix::fs::statfs(path).ok()?.f_type as u32;
    KINDS.iter().find(|(known, _)| *known == magic).map(|(_, kind)| *kind)
}

/// Only Linux says it in numbers that we know.
#[cfg(not(target_os = "linux"))]
fn network_kind(_: &Path) -> Option<&'static str> {
    None
}

fn write_pid(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    lock.rewind()?;
    writeln!(lock, "{}", std::process::id())
}

fn pid(lock: &mut File) -> String {
    let mut text = String::new();
    match lock.read_to_string(&mut text).ok().and_then(|_| text.trim().parse::<u32>().ok()) {
        Some(pid) => format!(" (process {pid})"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        let first = DataDir::take(&path).unwrap();
        let error = DataDir::take(&path).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "{} is in use by another rejoin (process {}); stop that one or choose another directory with --data",
                path.display(),
                std::process::id()
            )
        );
        drop(first);
        DataDir::take(&path).unwrap();
    }

    #[test]
    fn a_file_in_its_place_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        std::fs::write(&path, "").unwrap();
        let error = DataDir::take(&path).unwrap_err();
        assert!(matches!(error, DataDirError::Unusable { .. }), "{error}");
    }

    #[test]
    fn remembers_the_public_url() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::take(dir.path()).unwrap();
        assert_eq!(data.public_url(), None);
        let url: Origin = "https://chat.example".parse().unwrap();
        data.remember_public_url(&url).unwrap();
        assert_eq!(data.public_url(), Some(url));
    }
}
