//! One browser app: trunk compiles it, wasm-opt and esbuild make what it emits small.

use std::fs;
use std::path::PathBuf;

use super::script;
use crate::shell::{OrFail as _, Outcome, cargo, command, run};
use crate::stamp::{Inputs, unless_fresh};
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

/// wasm-bindgen has read these sections by then; no browser does.
const WASM_STRIP: [&str; 3] = ["--strip-debug", "--strip-producers", "--strip-target-features"];

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
        let wasm = self.shrink_wasm()?;
        let js = self.shrink_js(&wasm)?;
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

    fn shrink_wasm(&self) -> Outcome<Vec<u8>> {
        let emitted = self.emitted("_bg.wasm");
        let small = paths::staging(self.name).join("app.wasm");
        let mut inputs = Inputs::default().word(&node::package_version("binaryen")?).path(&emitted)?;
        for flag in WASM_FEATURES.iter().chain(&WASM_STRIP) {
            inputs = inputs.word(flag);
        }
        unless_fresh(&format!("wasm-opt-{}", self.name), inputs, &small, || {
            let folder = paths::staging(self.name);
            fs::create_dir_all(&folder).or_fail(format_args!("making {}", folder.display()))?;
            let mut wasm_opt = node::program("wasm-opt");
            wasm_opt
                .arg("-Oz")
                .args(WASM_FEATURES)
                .args(WASM_STRIP)
                .arg(&emitted)
                .arg("--output")
                .arg(&small);
            run(&mut wasm_opt)
        })?;
        fs::read(&small).or_fail(format_args!("reading {}", small.display()))
    }

    fn shrink_js(&self, wasm: &[u8]) -> Outcome<Vec<u8>> {
        let glue = self.emitted(".js");
        let wasm_url = super::collect::url(self.name, wasm, "wasm");
        let js = match self.boot {
            None => script::module(&glue, &[])?,
            Some(boot) => {
                let alias = format!("--alias:app={}", glue.display());
                let define = format!("--define:__WASM_URL__={}", serde_json::Value::from(wasm_url));
                script::module(&paths::at(boot), &[alias, define])?
            }
        };
        script::check(self.name, &js)?;
        Ok(js)
    }

    fn dist(&self) -> PathBuf {
        paths::at("target/trunk").join(self.name)
    }

    /// A file that trunk emitted: `rejoin-widget.js`, `rejoin-widget_bg.wasm`.
    fn emitted(&self, ending: &str) -> PathBuf {
        self.dist().join(format!("{}{ending}", self.program))
    }
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
    use std::path::Path;

    use super::*;

    #[test]
    fn dep_info_is_read_with_spaces_in_names() {
        let files = listed_files("/t/app.wasm: /w/src/a.rs /w/my\\ style/b.css\n\n/w/src/a.rs:\n");
        assert_eq!(files, [Path::new("/w/src/a.rs"), Path::new("/w/my style/b.css")]);
        assert_eq!(listed_files(""), Vec::<PathBuf>::new());
    }
}
