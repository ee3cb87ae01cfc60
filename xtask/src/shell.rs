//! Running other programs: what they inherit, and what is said when one of them fails.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::paths;

/// Why a command stopped: one line for whoever typed it.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// What every task ends with.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// A failure with these words.
pub(crate) fn fail<T>(words: impl Into<String>) -> Outcome<T> {
    Err(Failure(words.into()))
}

/// Gives an error from the file system or a parser the words it lacks: what was being done, and with which file.
pub(crate) trait OrFail<T> {
    /// The same value, or a failure that begins with `doing`.
    fn or_fail(self, doing: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: fmt::Display> OrFail<T> for Result<T, E> {
    fn or_fail(self, doing: impl fmt::Display) -> Outcome<T> {
        self.map_err(|error| Failure(format!("{doing}: {error}")))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A program started in the workspace's folder, without the variables that `cargo run` set for xtask itself:
/// build scripts that look at one of them would otherwise run again each time the caller changes.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let of_cargo_run = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
        if of_cargo_run.iter().any(|prefix| name.starts_with(prefix)) || name == "LD_LIBRARY_PATH" {
            command.env_remove(&*name);
        }
    }
    command
}

/// Cargo with these arguments.
pub(crate) fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = command("cargo");
    command.args(args);
    command
}

/// Runs it with our own input and output, so that its progress is seen as it happens.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().or_fail(format_args!("could not start `{}`", words(command)))?;
    if status.success() { Ok(()) } else { fail(format!("`{}` failed ({status})", words(command))) }
}

/// Runs it and returns what it wrote to stdout; stderr stays visible.
pub(crate) fn stdout_of(command: &mut Command) -> Outcome<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .or_fail(format_args!("could not start `{}`", words(command)))?;
    if !output.status.success() {
        return fail(format!("`{}` failed ({})", words(command), output.status));
    }
    String::from_utf8(output.stdout).or_fail(format_args!("reading what `{}` wrote", words(command)))
}

/// The first line that `program --version` prints, or nothing if it cannot be started.
pub(crate) fn version_of(program: impl AsRef<OsStr>) -> Option<String> {
    let output = command(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then(|| text.lines().next().unwrap_or_default().to_owned())
}

/// Where this program is on PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// The command as one would type it, with only the file names of the programs.
fn words(command: &Command) -> String {
    let program =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    std::iter::once(program).chain(args).collect::<Vec<_>>().join(" ")
}
