//! What the code that browsers download depends on, as committed lists: a new crate is a decision somebody reads.

use std::collections::BTreeSet;
use std::fs;

use crate::paths;
use crate::shell::{Outcome, cargo, fail, stdout_of};
use crate::stamp::write;

const PACKAGES: [&str; 2] = ["rejoin-widget", "rejoin-inbox"];

/// Crates for servers, or too large for what they would do in a browser.
const NEVER: [&str; 10] = [
    "axum",
    "chrono",
    "hyper",
    "rejoin-server",
    "rejoin-testkit",
    "reqwest",
    "rusqlite",
    "sqlx",
    "time",
    "tokio",
];

/// Compares with the committed lists.
pub(crate) fn check() -> Outcome {
    for package in PACKAGES {
        let now = tree(package)?;
        let file = file(package);
        let committed = fs::read_to_string(&file).unwrap_or_default();
        let difference = difference(&committed, &now);
        if !difference.is_empty() {
            println!("{package} on wasm32, against xtask/wasm-tree/{package}.txt:\n{difference}");
            return fail(
                "the dependencies of the browser code changed; if that is meant: `cargo xtask wasm-tree --bless`",
            );
        }
    }
    Ok(())
}

/// Writes the lists.
pub(crate) fn bless() -> Outcome {
    PACKAGES.iter().try_for_each(|package| write(&file(package), tree(package)?.as_bytes()))
}

fn file(package: &str) -> std::path::PathBuf {
    paths::at("xtask/wasm-tree").join(format!("{package}.txt"))
}

/// One `name version` per line, sorted. Build-time crates that run on the host are in it too: they also are trusted.
fn tree(package: &str) -> Outcome<String> {
    let args = ["--locked", "--target", "wasm32-unknown-unknown", "--edges", "normal", "--prefix", "none"];
    let text = stdout_of(cargo(["tree", "--package", package]).args(args).args(["--format", "{p}"]))?;
    let crates = crates(&text);
    if let Some(bad) =
        NEVER.iter().find(|name| crates.iter().any(|line| line.split(' ').next() == Some(name)))
    {
        return fail(format!(
            "{package} depends on {bad}, which must not be in browser code: `cargo tree --target wasm32-unknown-unknown -p {package} -i {bad}`"
        ));
    }
    Ok(crates.into_iter().map(|line| line + "\n").collect())
}

/// `leptos v0.8.23 (proc-macro) (*)` → `leptos 0.8.23`
fn crates(text: &str) -> BTreeSet<String> {
    let line = |line: &str| {
        let mut words = line.split(' ');
        let name = words.next().filter(|name| !name.is_empty())?;
        Some(format!("{name} {}", words.next()?.trim_start_matches('v')))
    };
    text.lines().filter_map(line).collect()
}

/// Lines that only one side has, with `-` or `+`.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (old.lines().collect(), new.lines().collect());
    let gone = old.difference(&new).map(|line| format!("- {line}\n"));
    let added = new.difference(&old).map(|line| format!("+ {line}\n"));
    gone.chain(added).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_paths_and_marks() {
        let text = "rejoin-widget v0.1.0 (/some/where)\nleptos v0.8.23\nsyn v2.0.1 (proc-macro) (*)\n\n";
        let expected = ["leptos 0.8.23", "rejoin-widget 0.1.0", "syn 2.0.1"];
        assert_eq!(crates(text).iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn difference_names_both_directions() {
        assert_eq!(difference("a 1\nb 1\n", "a 1\nb 2\n"), "- b 1\n+ b 2\n");
        assert_eq!(difference("a 1\n", "a 1\n"), "");
    }
}
