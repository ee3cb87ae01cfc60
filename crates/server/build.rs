//! Makes the table of embedded files: everything in `$REJOIN_ASSETS_DIR`, or in `target/assets` of the workspace,
//! where `cargo xtask build` puts it. An empty folder gives an empty table and a server that says so.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=REJOIN_ASSETS_DIR");
    let dir = match env::var_os("REJOIN_ASSETS_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => default_dir()?,
    };
    println!("cargo::rerun-if-changed={}", dir.display());
    let mut files = BTreeSet::new();
    collect(&dir, &mut files)?;
    let table = table(&dir, &files)?;
    let out =
        env::var_os("OUT_DIR").map(PathBuf::from).ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(out.join("assets.rs"), table)
}

/// Made if missing: a path that does not exist would make cargo run this script every time.
fn default_dir() -> io::Result<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/assets");
    fs::create_dir_all(&dir)?;
    dir.canonicalize()
}

fn collect(dir: &Path, files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.insert(path);
        }
    }
    Ok(())
}

/// One line per file; its `.br` and `.gz` siblings are other spellings of it, not files of their own.
fn table(dir: &Path, files: &BTreeSet<PathBuf>) -> io::Result<String> {
    let mut text = String::from("&[\n");
    for file in files {
        let path = file.strip_prefix(dir).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        if path.ends_with(".br") || path.ends_with(".gz") {
            continue;
        }
        let sibling = |ending: &str| {
            let mut name = file.clone().into_os_string();
            name.push(ending);
            let sibling = PathBuf::from(name);
            if files.contains(&sibling) {
                format!("Some(include_bytes!({sibling:?}))")
            } else {
                "None".to_owned()
            }
        };
        writeln!(
            text,
            "    Embedded {{ path: {path:?}, identity: include_bytes!({file:?}), br: {}, gz: {} }},",
            sibling(".br"),
            sibling(".gz")
        )
        .map_err(io::Error::other)?;
    }
    text.push_str("]\n");
    Ok(text)
}
