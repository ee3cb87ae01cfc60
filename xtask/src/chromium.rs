//! The browser for the end-to-end tests: the system's own, so that nothing large is fetched behind anybody's back.

use std::path::{Path, PathBuf};

use crate::shell::{Outcome, command, fail, on_path, run, stdout_of};

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Finds it; on Debian installs it if this user may.
pub(crate) fn provide() -> Outcome<PathBuf> {
    if let Some(file) = std::env::var_os("CHROMIUM").filter(|value| !value.is_empty()).map(PathBuf::from) {
        if file.is_file() {
            return Ok(file);
        }
        return fail(format!("CHROMIUM is {}, which is not a file", file.display()));
    }
    if let Some(file) = find() {
        return Ok(file);
    }
    let Some(mut prefix) = on_debian().then(as_root).flatten() else {
        return fail(
            "Chromium was not found: install it (Debian: apt-get install chromium) or set CHROMIUM to its path",
        );
    };
    println!("installing Chromium with apt-get (once, about a minute)");
    prefix.extend(["apt-get".to_owned()]);
    run(&mut split(&prefix, &["update"]))?;
    run(&mut split(&prefix, &["install", "--yes", "--no-install-recommends", "chromium"]))?;
    match find() {
        Some(file) => Ok(file),
        None => fail("apt-get installed chromium, but no chromium is on PATH: set CHROMIUM to its path"),
    }
}

fn find() -> Option<PathBuf> {
    PROGRAMS.iter().find_map(|program| on_path(program))
}

/// Debian itself: on Ubuntu the package of this name installs a snap, which cannot run everywhere.
fn on_debian() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian") && Path::new("/usr/bin/apt-get").is_file()
}

/// What to put before a command to run it as root without asking for a password; nothing if that is not possible.
fn as_root() -> Option<Vec<String>> {
    let environment = ["env".to_owned(), "DEBIAN_FRONTEND=noninteractive".to_owned()];
    if stdout_of(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
        return Some(environment.into());
    }
    let sudo = command("sudo").args(["-n", "true"]).output().is_ok_and(|output| output.status.success());
    sudo.then(|| ["sudo".to_owned(), "-n".to_owned()].into_iter().chain(environment).collect())
}

fn split(words: &[String], args: &[&str]) -> std::process::Command {
    let mut all = words.iter().map(String::as_str).chain(args.iter().copied());
    let mut command = command(all.next().unwrap_or_default());
    command.args(all);
    command
}
