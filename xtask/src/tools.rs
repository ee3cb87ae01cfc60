//! Tools from crates: trunk, wasm-bindgen and the wasm target, each in exactly one version.
//!
//! One that is on PATH already in that version is used. Otherwise cargo builds it, once, into a folder of its own
//! outside the checkout. Trunk would fetch what it misses by itself; it is given everything and told to stay offline.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::paths;
use crate::shell::{OrFail as _, Outcome, cargo, command, fail, on_path, run, stdout_of, version_of};

/// The version of trunk that `Trunk.toml` is written for.
pub(crate) const TRUNK_VERSION: &str = "0.21.14";

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program made from a crate.
struct Tool {
    krate: &'static str,
    program: &'static str,
    version: String,
    args: &'static [&'static str],
    /// 0 for one that only starts others, 1 for one that works through megabytes.
    opt_level: &'static str,
    /// How long the first build takes on two cores, so that nobody thinks it hangs.
    takes: &'static str,
}

/// What trunk needs on PATH.
pub(crate) struct Tools {
    trunk: PathBuf,
    wasm_bindgen: PathBuf,
    /// Version of wasm-bindgen, the same in crate and tool.
    pub(crate) wasm_bindgen_version: String,
}

/// Finds or builds them.
pub(crate) fn provide() -> Outcome<Tools> {
    wasm_target()?;
    let wasm_bindgen_version = locked_version("wasm-bindgen")?;
    // Trunk's only features are TLS, for downloads, and a check for newer versions: neither may happen here.
    let trunk = Tool {
        krate: "trunk",
        program: "trunk",
        version: TRUNK_VERSION.to_owned(),
        args: &["--no-default-features"],
        opt_level: "0",
        takes: "2 to 4 minutes",
    };
    let wasm_bindgen = Tool {
        krate: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: wasm_bindgen_version.clone(),
        args: &[],
        opt_level: "1",
        takes: "2 to 4 minutes",
    };
    Ok(Tools { trunk: trunk.provide()?, wasm_bindgen: wasm_bindgen.provide()?, wasm_bindgen_version })
}

impl Tools {
    /// Trunk's path.
    pub(crate) fn trunk(&self) -> &Path {
        &self.trunk
    }

    /// PATH with the tools before everything else.
    pub(crate) fn path(&self) -> Outcome<OsString> {
        let own = [&self.trunk, &self.wasm_bindgen]
            .into_iter()
            .filter_map(|file| file.parent().map(Path::to_owned));
        let rest = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(own.chain(std::env::split_paths(&rest))).or_fail("putting together PATH")
    }
}

impl Tool {
    fn provide(&self) -> Outcome<PathBuf> {
        let on_machine = [on_path(self.program), self.in_cargo_home()];
        if let Some(file) = on_machine.into_iter().flatten().find(|file| self.is(file)) {
            return Ok(file);
        }
        let Some(cache) = paths::tools() else {
            return fail("no folder for tools: set REJOIN_TOOLS or HOME");
        };
        let dir = cache.join(format!("{}-{}", self.krate, self.version));
        let file = dir.join("bin").join(self.program);
        if self.is(&file) {
            return Ok(file);
        }
        self.install(&dir)?;
        if self.is(&file) {
            return Ok(file);
        }
        fail(format!(
            "{} is not {} {}: remove {} and try again",
            file.display(),
            self.program,
            self.version,
            dir.display()
        ))
    }

    fn in_cargo_home(&self) -> Option<PathBuf> {
        Some(paths::cargo_home()?.join("bin").join(self.program)).filter(|file| file.is_file())
    }

    fn is(&self, file: &Path) -> bool {
        file.is_file()
            && version_of(file).is_some_and(|line| line == format!("{} {}", self.program, self.version))
    }

    /// Hardly optimised and without debug information: these tools run for seconds, and are built for minutes.
    /// The build folder stays until the build has succeeded, so that an interrupted one goes on where it was.
    fn install(&self, dir: &Path) -> Outcome {
        println!("installing {} {} into {} (once, {})", self.krate, self.version, dir.display(), self.takes);
        let build_dir = dir.join("build");
        if run(self.cargo_install(dir, &build_dir).arg("--locked")).is_err() {
            // A registry may lack one of the versions that the tool's authors locked.
            println!("trying again with the newest versions that {} accepts", self.krate);
            run(&mut self.cargo_install(dir, &build_dir))?;
        }
        fs::remove_dir_all(&build_dir).or_fail(format_args!("removing {}", build_dir.display()))
    }

    fn cargo_install(&self, dir: &Path, build_dir: &Path) -> Command {
        let mut install = cargo(["install", self.krate, "--debug", "--version"]);
        install.arg(format!("={}", self.version)).arg("--root").arg(dir).args(self.args);
        install
            .env("CARGO_TARGET_DIR", build_dir)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", self.opt_level)
            .env("CARGO_PROFILE_DEV_STRIP", "symbols");
        install
    }
}

/// The standard library for wasm, through rustup if this toolchain lacks it.
fn wasm_target() -> Outcome {
    let libs = stdout_of(command("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]))?;
    if Path::new(libs.trim()).is_dir() {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        return fail(format!(
            "this Rust has no {WASM_TARGET} target: install Rust with rustup (https://rustup.rs)"
        ));
    }
    println!("adding the {WASM_TARGET} target (once, under a minute)");
    run(command("rustup").args(["target", "add", WASM_TARGET]))
}

/// The version of a crate in Cargo.lock.
fn locked_version(krate: &str) -> Outcome<String> {
    let lock = fs::read_to_string(paths::at("Cargo.lock")).or_fail("reading Cargo.lock")?;
    match version_in_lock(&lock, krate) {
        Some(version) => Ok(version.to_owned()),
        None => fail(format!("Cargo.lock has no {krate}: run `cargo check` once")),
    }
}

fn version_in_lock<'a>(lock: &'a str, krate: &str) -> Option<&'a str> {
    let name = format!("name = \"{krate}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_that_of_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.1\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen"), Some("0.2.1"));
        assert_eq!(version_in_lock(lock, "wasm"), None);
    }
}
