//! One browser app: trunk compiles it, wasm-opt and esbuild make what it emits small.

use std::fs;
use std::path::{Path, PathBuf};

use super::{collect, exports, glue, script};
use crate::shell::{OrFail as _, Outcome, cargo, command, run, stdout_of};
use crate::stamp::{Inputs, unless_fresh, write};
use crate::tools::{TRUNK_VERSION, Tools};
use crate::{node, paths};

/// Exactly what rustc and wasm-bindgen use; a proposal that browsers lack must not slip in through `--all-features`.
const WASM_FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Nothing is fetched, and nothing differs from Cargo.lock.
const TRUNK_FLAGS: [&str; 4] = ["--release", "--locked", "--offline", "--skip-version-check"];

/// For size after brotli, found by trying. Flattening lets the second round see more; code that is inlined into its one
/// caller compresses worse than the call; the first kilobyte of memory is the far end of the stack, never an address.
const WASM_SMALL: [&str; 11] = [
    "--low-memory-unused",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--one-caller-inline-max-function-size",
    "10",
    "--always-inline-max-function-size",
    "4",
    "--flexible-inline-max-function-size",
    "8",
];

/// wasm-bindgen has read these sections by then; no browser does. The names that remain become short.
const WASM_STRIP: [&str; 4] = [
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    "--minify-imports-and-exports-and-modules",
];

/// A package that trunk builds.
pub(crate) struct App {
    /// Short name: of folders, and of the files that browsers see.
    name: &'static str,
    /// Folder with `index.html` and `Trunk.toml`, from the workspace's.
    folder: &'static str,
    /// The package's binary.
    program: &'static str,
    /// JavaScript that starts the app, or nothing if the loader does. It imports `app` and knows `__WASM_URL__`.
    boot: Option<&'static str>,
}

/// What was made of it.
pub(crate) struct Built {
    /// Name to serve it under, without hash and ending.
    pub(crate) name: &'static str,
    /// The module that browsers import.
    pub(crate) js: Vec<u8>,
    /// What the module instantiates.
    pub(crate) wasm: Vec<u8>,
}

impl App {
    /// What customers see; the loader imports it.
    pub(crate) const WIDGET: App = App { name: "widget", folder: ".", program: "rejoin-widget", boot: None };

    /// What agents see.
    pub(crate) const INBOX: App = App {
        name: "inbox",
        folder: "crates/inbox",
        program: "rejoin-inbox",
        boot: Some("crates/inbox/boot.js"),
    };

    /// Compiles and shrinks it.
    pub(crate) fn build(&self, tools: &Tools) -> Outcome<Built> {
        self.compile(tools)?;
        self.shrink()?;
        let wasm = read(&self.staged("app.wasm"))?;
        let js = self.bundle(&wasm)?;
        Ok(Built { name: self.name, js, wasm })
    }

    /// Trunk: cargo for wasm32, then wasm-bindgen, into `target/trunk/NAME`.
    fn compile(&self, tools: &Tools) -> Outcome {
        let inputs = self.sources()?.word(TRUNK_VERSION).word(&tools.wasm_bindgen_version);
        // The first run knows no sources yet, because the list of them is what cargo leaves behind. It therefore ends
        // with a stamp that no later run matches; the second finds trunk's own work done and takes a second.
        unless_fresh(&format!("trunk-{}", self.name), inputs, &self.emitted("_bg.wasm"), || {
            println!("compiling the {} for the browser", self.name);
            // Cargo, too, stays offline below trunk, so every crate must be here before.
            run(&mut cargo(["fetch", "--locked"]))?;
            let mut trunk = command(tools.trunk());
            trunk.arg("build").args(TRUNK_FLAGS).arg("--dist").arg(self.dist());
            trunk.current_dir(paths::at(self.folder)).env("PATH", tools.path()?).env("RUST_BACKTRACE", "0");
            // Panic messages name source files; what customers download need not name this machine's folders.
            if let Some(home) = paths::cargo_home() {
                let crates = home.join("registry/src");
                let flag = format!("--remap-path-prefix={}=crates", crates.display());
                trunk.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flag);
            }
            run(&mut trunk)
        })?;
        Ok(())
    }

    /// Every file that the last compilation read, from cargo's own list, and what decides about crates and flags.
    fn sources(&self) -> Outcome<Inputs> {
        let folder = paths::at(self.folder);
        let mut inputs =
            Inputs::default().path(&folder.join("index.html"))?.path(&folder.join("Trunk.toml"))?;
        for file in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo/config.toml"] {
            inputs = inputs.path(&paths::at(file))?;
        }
        for krate in fs::read_dir(paths::at("crates")).or_fail("reading crates")? {
            inputs = inputs.path(&krate.or_fail("reading crates")?.path().join("Cargo.toml"))?;
        }
        let list = paths::cargo_target()
            .join("wasm32-unknown-unknown/wasm-release")
            .join(format!("{}.d", self.program));
        for file in listed_files(&fs::read_to_string(list).unwrap_or_default()) {
            inputs = inputs.path(&file)?;
        }
        Ok(inputs)
    }

    /// Takes out what the glue does not use, lets wasm-opt make the rest small, and gives the glue its short names:
    /// `app.wasm` and `glue.js` in `target/xtask/NAME`.
    fn shrink(&self) -> Outcome {
        let (wasm, js) = (self.emitted("_bg.wasm"), self.emitted(".js"));
        let mut inputs =
            Inputs::default().word(&node::package_version("binaryen")?).path(&wasm)?.path(&js)?;
        inputs = inputs.path(&paths::at("xtask/src/build"))?;
        let (small, short) = (self.staged("app.wasm"), self.staged("glue.js"));
        unless_fresh(&format!("shrink-{}", self.name), inputs, &small, || {
            println!("making the {} small", self.name);
            let glue = String::from_utf8(read(&js)?).or_fail(format_args!("reading {}", js.display()))?;
            let glue = glue::without_unused_classes(&glue);
            let less = self.staged("less.wasm");
            write(&less, &exports::only(&read(&wasm)?, &glue::used_exports(&glue))?)?;
            let mut wasm_opt = node::program("wasm-opt");
            wasm_opt
                .args(WASM_FEATURES)
                .args(WASM_SMALL)
                .args(WASM_STRIP)
                .arg(&less)
                .arg("--output")
                .arg(&small);
            let names = stdout_of(&mut wasm_opt)?;
            let module = format!("./{}_bg.js", self.program);
            write(&short, glue::rename(&glue, &module, &names)?.as_bytes())
        })?;
        Ok(())
    }

    /// One minified module: the glue, and before it what starts the app, if the app starts itself.
    fn bundle(&self, wasm: &[u8]) -> Outcome<Vec<u8>> {
        let glue = self.staged("glue.js");
        let js = match self.boot {
            None => script::module(&glue, &[])?,
            Some(boot) => {
                let alias = format!("--alias:app={}", glue.display());
                let url = serde_json::Value::from(collect::url(self.name, wasm, "wasm"));
                script::module(&paths::at(boot), &[alias, format!("--define:__WASM_URL__={url}")])?
            }
        };
        script::check(self.name, &js)?;
        Ok(js)
    }

    fn staged(&self, file: &str) -> PathBuf {
        paths::staging(self.name).join(file)
    }

    fn dist(&self) -> PathBuf {
        paths::at("target/trunk").join(self.name)
    }

    /// A file that trunk emitted: `rejoin-widget.js`, `rejoin-widget_bg.wasm`.
    fn emitted(&self, ending: &str) -> PathBuf {
        self.dist().join(format!("{}{ending}", self.program))
    }
}

fn read(file: &Path) -> Outcome<Vec<u8>> {
    fs::read(file).or_fail(format_args!("reading {}", file.display()))
}

/// The files after the colon of a make rule; a space inside a name has a backslash before it.
fn listed_files(dep_info: &str) -> Vec<PathBuf> {
    let Some((_, list)) = dep_info.lines().next().and_then(|line| line.split_once(": ")) else {
        return Vec::new();
    };
    let spaces_kept = list.replace("\\ ", "\0");
    spaces_kept.split_whitespace().map(|name| PathBuf::from(name.replace('\0', " "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dep_info_is_read_with_spaces_in_names() {
        let files = listed_files("/t/app.wasm: /w/src/a.rs /w/my\\ style/b.css\n\n/w/src/a.rs:\n");
        assert_eq!(files, [Path::new("/w/src/a.rs"), Path::new("/w/my style/b.css")]);
        assert_eq!(listed_files(""), Vec::<PathBuf>::new());
    }
}
