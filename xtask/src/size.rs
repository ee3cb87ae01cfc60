//! `cargo xtask size`: what a browser downloads, as it travels, against `size-budget.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shell::{OrFail as _, Outcome, fail};
use crate::{build, paths, stamp};

/// One line of the budget: what counts together.
struct Part {
    /// Its name in `size-budget.toml`.
    name: &'static str,
    /// Beginning and end of the paths of its files below `target/assets`.
    files: &'static [(&'static str, &'static str)],
}

const PARTS: [Part; 3] = [
    Part { name: "loader", files: &[("rejoin.", ".js")] },
    Part { name: "widget", files: &[("assets/widget-", ".js"), ("assets/widget-", ".wasm")] },
    Part {
        name: "inbox",
        files: &[("assets/inbox-", ".js"), ("assets/inbox-", ".wasm"), ("assets/inbox-", ".css")],
    },
];

/// Builds the assets, prints the table, fails over budget.
pub(crate) fn run() -> Outcome {
    build::assets()?;
    let budget = fs::read_to_string(paths::at("size-budget.toml")).or_fail("reading size-budget.toml")?;
    let files = stamp::files_below(&paths::assets())?;
    println!("{:<28}{:>10}{:>10}{:>10}", "bytes", "raw", "brotli", "budget");
    let mut over = Vec::new();
    for part in PARTS {
        let Some(limit) = limit(&budget, part.name) else {
            return fail(format!("size-budget.toml has no line `{} = BYTES`", part.name));
        };
        let (mut raw, mut brotli) = (0, 0);
        for file in part_files(&part, &files) {
            let sizes = (size(file)?, size(&with_ending(file, ".br"))?);
            raw += sizes.0;
            brotli += sizes.1;
            println!("  {:<26}{:>10}{:>10}", without_folder(file), grouped(sizes.0), grouped(sizes.1));
        }
        if brotli == 0 {
            return fail(format!("target/assets has nothing of the {}", part.name));
        }
        println!("{:<28}{:>10}{:>10}{:>10}", part.name, grouped(raw), grouped(brotli), grouped(limit));
        if brotli > limit {
            over.push(format!("{} by {} bytes", part.name, grouped(brotli - limit)));
        }
    }
    if over.is_empty() { Ok(()) } else { fail(format!("over the size budget: {}", over.join(", "))) }
}

fn part_files<'a>(part: &'a Part, files: &'a [PathBuf]) -> impl Iterator<Item = &'a PathBuf> {
    files.iter().filter(|file| {
        let name = file.strip_prefix(paths::assets()).unwrap_or(file).to_string_lossy().replace('\\', "/");
        part.files
            .iter()
            .any(|(begin, end)| name.starts_with(begin.trim_end_matches('.')) && name.ends_with(end))
    })
}

fn size(file: &Path) -> Outcome<u64> {
    Ok(fs::metadata(file).or_fail(format_args!("reading {}", file.display()))?.len())
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn without_folder(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The number behind `name = `; underscores group digits. The file is a flat list, so this is all of TOML it needs.
fn limit(budget: &str, name: &str) -> Option<u64> {
    let line = |line: &str| {
        let (key, value) = line.split_once('=')?;
        let value = value.split('#').next()?.trim().replace('_', "");
        (key.trim() == name).then(|| value.parse().ok()).flatten()
    };
    budget.lines().find_map(line)
}

/// `12345` → `12,345`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read() {
        let budget = "# loader = 1\nloader = 4_000\nwidget = 130000 # both\n";
        assert_eq!(limit(budget, "loader"), Some(4000));
        assert_eq!(limit(budget, "widget"), Some(130_000));
        assert_eq!(limit(budget, "inbox"), None);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
