//! Skipping a step whose inputs have not changed.
//!
//! A stamp is a file in `target/xtask-stamps` with the hash of everything that a step reads. It is written after the
//! step has succeeded and removed before it begins, so that an interrupted step runs again.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::paths;
use crate::shell::{OrFail as _, Outcome};

/// What a step reads, as one hash.
#[derive(Default)]
pub(crate) struct Inputs(Sha256);

impl Inputs {
    /// A version, a flag or anything else that is not a file.
    pub(crate) fn word(mut self, word: &str) -> Self {
        self.0.update((word.len() as u64).to_le_bytes());
        self.0.update(word);
        self
    }

    /// A file with its path, or everything below a folder. What does not exist counts as absent, not as an error:
    /// the step itself says best what it misses.
    pub(crate) fn path(mut self, path: &Path) -> Outcome<Self> {
        for file in files_below(path)? {
            let bytes = fs::read(&file).or_fail(format_args!("reading {}", file.display()))?;
            self.0.update((bytes.len() as u64).to_le_bytes());
            self.0.update(&bytes);
            let name = file.strip_prefix(paths::root()).unwrap_or(&file);
            self = self.word(&name.to_string_lossy());
        }
        Ok(self)
    }

    fn hash(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Runs `step` unless its inputs are those of its last success and `output` is still there.
/// Says whether the step ran.
pub(crate) fn unless_fresh(
    name: &str,
    inputs: Inputs,
    output: &Path,
    step: impl FnOnce() -> Outcome,
) -> Outcome<bool> {
    let hash = inputs.hash();
    let stamp = paths::at("target/xtask-stamps").join(name);
    if output.exists() && fs::read_to_string(&stamp).is_ok_and(|old| old == hash) {
        return Ok(false);
    }
    if stamp.exists() {
        fs::remove_file(&stamp).or_fail(format_args!("removing {}", stamp.display()))?;
    }
    step()?;
    write(&stamp, hash.as_bytes())?;
    Ok(true)
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).or_fail(format_args!("making {}", dir.display()))?;
    }
    fs::write(path, bytes).or_fail(format_args!("writing {}", path.display()))
}

/// Every file at or below a path, sorted, so that the order of the file system never matters.
pub(crate) fn files_below(path: &Path) -> Outcome<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in fs::read_dir(path).or_fail(format_args!("reading {}", path.display()))? {
            let entry = entry.or_fail(format_args!("reading {}", path.display()))?;
            files.extend(files_below(&entry.path())?);
        }
    }
    files.sort();
    Ok(files)
}

/// The first `HASH_BYTES` of the SHA-256, for names that change exactly when the content does.
pub(crate) fn content_hash(bytes: &[u8]) -> String {
    /// 40 bits: a name only has to differ from the few others that one cache has ever seen under it.
    const HASH_BYTES: usize = 5;
    hex(&Sha256::digest(bytes)[..HASH_BYTES])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_do_not_run_together() {
        assert_ne!(
            Inputs::default().word("ab").word("c").hash(),
            Inputs::default().word("a").word("bc").hash()
        );
    }

    #[test]
    fn content_hash_is_short_and_depends_on_content() {
        assert_eq!(content_hash(b"a").len(), 10);
        assert_ne!(content_hash(b"a"), content_hash(b"b"));
    }
}
