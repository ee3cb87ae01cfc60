//! Tools from npm: esbuild, wasm-opt and Playwright, in the versions of package-lock.json.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::paths;
use crate::shell::{OrFail as _, Outcome, command, fail, run, version_of};

/// What the pinned packages ask for.
const NODE_MAJOR_MIN: u32 = 20;

/// Makes `node_modules` match the lockfile; does nothing if it does.
pub(crate) fn provide() -> Outcome {
    check_node(version_of("node").as_deref())?;
    if installed_matches()? {
        return Ok(());
    }
    if version_of("npm").is_none() {
        return fail("npm was not found: install it with Node (https://nodejs.org)");
    }
    println!("installing node packages into node_modules (under a minute)");
    run(command("npm").arg("ci"))
}

/// A program of a package; [`provide`] must have been called.
pub(crate) fn program(name: &str) -> Command {
    command(paths::at("node_modules/.bin").join(name))
}

/// A script of our own, run by node.
pub(crate) fn script(path: &str) -> Command {
    let mut node = command("node");
    node.arg(paths::at(path));
    node
}

/// The version of an installed package, as an input of the steps that use it.
pub(crate) fn package_version(name: &str) -> Outcome<String> {
    let key = format!("node_modules/{name}");
    match packages(&paths::at("package-lock.json"))?.get(&key) {
        Some(package) => Ok(package.version.clone()),
        None => fail(format!("package-lock.json has no {name}")),
    }
}

fn check_node(version: Option<&str>) -> Outcome {
    let Some(version) = version else {
        return fail(format!(
            "node was not found: install Node {NODE_MAJOR_MIN} or newer (https://nodejs.org)"
        ));
    };
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => fail(format!(
            "node {version} is too old: install Node {NODE_MAJOR_MIN} or newer (https://nodejs.org)"
        )),
    }
}

#[derive(Debug, PartialEq)]
struct Package {
    version: String,
    optional: bool,
}

/// Whether what npm wrote about `node_modules` has exactly the lockfile's packages. Packages for other systems are
/// optional and absent.
fn installed_matches() -> Outcome<bool> {
    let record = paths::at("node_modules/.package-lock.json");
    if !record.is_file() {
        return Ok(false);
    }
    Ok(matches(&packages(&paths::at("package-lock.json"))?, &packages(&record)?))
}

fn matches(wanted: &BTreeMap<String, Package>, installed: &BTreeMap<String, Package>) -> bool {
    let all_there = wanted.iter().all(|(path, package)| match installed.get(path) {
        Some(there) => there.version == package.version,
        None => package.optional,
    });
    all_there && installed.keys().all(|path| wanted.contains_key(path))
}

fn packages(lock: &Path) -> Outcome<BTreeMap<String, Package>> {
    let text = fs::read_to_string(lock).or_fail(format_args!("reading {}", lock.display()))?;
    let json: Value = serde_json::from_str(&text).or_fail(format_args!("reading {}", lock.display()))?;
    let entries = json.get("packages").and_then(Value::as_object).into_iter().flatten();
    let packages = entries.filter(|(path, _)| !path.is_empty()).map(|(path, package)| {
        let version = package.get("version").and_then(Value::as_str).unwrap_or_default().to_owned();
        let optional = package.get("optional").and_then(Value::as_bool).unwrap_or(false);
        (path.clone(), Package { version, optional })
    });
    Ok(packages.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(packages: &[(&str, &str, bool)]) -> BTreeMap<String, Package> {
        let package = |&(path, version, optional): &(&str, &str, bool)| {
            (path.to_owned(), Package { version: version.to_owned(), optional })
        };
        packages.iter().map(package).collect()
    }

    #[test]
    fn installed_packages_must_be_the_locked_ones() {
        let wanted = lock(&[("a", "1", false), ("b", "2", true)]);
        assert!(matches(&wanted, &lock(&[("a", "1", false)])), "an optional package may be absent");
        assert!(!matches(&wanted, &lock(&[])), "another may not");
        assert!(!matches(&wanted, &lock(&[("a", "2", false)])), "nor be of another version");
        assert!(!matches(&wanted, &lock(&[("a", "1", false), ("c", "1", false)])), "nor be there unlocked");
    }

    #[test]
    fn old_or_missing_node_is_refused() {
        assert!(check_node(Some("v20.1.0")).is_ok());
        assert!(check_node(Some("v18.19.1")).is_err());
        assert!(check_node(None).is_err());
    }
}
