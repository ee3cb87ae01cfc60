//! JavaScript through esbuild, and what none of it may contain.

use std::path::Path;

use crate::node;
use crate::shell::{Outcome, fail, stdout_of};

/// What breaks on a page with a strict Content-Security-Policy or with Trusted Types, and what to do about it.
const FORBIDDEN: [(&str, &str); 4] = [
    (
        "innerHTML",
        "it makes HTML from a string; in `view!`, a nested element whose attributes and text are all literals becomes \
         such a string, so write its text in braces: `<p>{\"text\"}</p>`",
    ),
    ("outerHTML", "build the nodes instead"),
    ("eval(", "some crate calls `js_sys::eval`"),
    ("new Function", "some crate calls `js_sys::Function::new_*`"),
];

/// Oldest JavaScript we write for: what every browser with the WebAssembly features that we use understands.
const TARGET: &str = "--target=es2021";

/// One minified module with everything it imports.
pub(crate) fn module(entry: &Path, options: &[String]) -> Outcome<Vec<u8>> {
    esbuild(entry, "--format=esm", options)
}

/// One minified classic script.
pub(crate) fn classic(entry: &Path, options: &[String]) -> Outcome<Vec<u8>> {
    esbuild(entry, "--format=iife", options)
}

/// One minified style sheet with everything it imports.
pub(crate) fn style(entry: &Path) -> Outcome<Vec<u8>> {
    esbuild(entry, "--loader:.css=css", &[])
}

/// Refuses code that a strict page would refuse, while the reason is still easy to find.
pub(crate) fn check(name: &str, js: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(js);
    match FORBIDDEN.iter().find(|(word, _)| text.contains(word)) {
        None => Ok(()),
        Some((word, advice)) => fail(format!("the built JavaScript of {name} contains `{word}`: {advice}")),
    }
}

fn esbuild(entry: &Path, format: &str, options: &[String]) -> Outcome<Vec<u8>> {
    let mut esbuild = node::program("esbuild");
    esbuild.arg(entry).args([
        "--bundle",
        "--minify",
        "--legal-comments=none",
        "--log-level=warning",
        TARGET,
        format,
    ]);
    Ok(stdout_of(esbuild.args(options))?.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_forbidden_word_is_found() {
        for (word, _) in FORBIDDEN {
            assert!(check("test", format!("a;{word}b").as_bytes()).is_err(), "{word}");
        }
        assert!(check("test", b"element.textContent='x'").is_ok());
    }
}
