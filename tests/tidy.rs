//! The rules of ARCHITECTURE.md that a compiler does not know: who may depend on whom, and what may be named where.
//!
//! Where to start: [`ARROWS`] is the dependency rule as a table, [`WORDS`] the list of words with the folders in which
//! they may not appear. A violation is printed as `path:line`, with the word and the reason. Each word rule carries a
//! line that breaks it, and a test that plants the line: a rule that has gone blind is a failure too.

#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A crate of ours and everything it may depend on, beside crates of others where `others` says so.
struct Arrow {
    package: &'static str,
    ours: &'static [&'static str],
    /// Exactly these crates of others, or any.
    others: Option<&'static [&'static str]>,
}

const ARROWS: [Arrow; 8] = [
    Arrow { package: "rejoin-protocol", ours: &[], others: Some(&["serde"]) },
    Arrow { package: "rejoin-thread", ours: &["rejoin-protocol"], others: Some(&["serde"]) },
    Arrow { package: "rejoin-browser", ours: &["rejoin-protocol", "rejoin-thread"], others: None },
    Arrow {
        package: "rejoin-widget",
        ours: &["rejoin-protocol", "rejoin-thread", "rejoin-browser"],
        others: None,
    },
    Arrow {
        package: "rejoin-inbox",
        ours: &["rejoin-protocol", "rejoin-thread", "rejoin-browser"],
        others: None,
    },
    Arrow { package: "rejoin-server", ours: &["rejoin-protocol"], others: None },
    Arrow {
        package: "rejoin-testkit",
        ours: &["rejoin-protocol", "rejoin-thread", "rejoin-server"],
        others: None,
    },
    Arrow { package: "xtask", ours: &["rejoin-testkit"], others: None },
];

/// Words that may not appear in some files, outside comments.
struct Words {
    words: &'static [&'static str],
    /// Paths that begin so are looked at…
    within: &'static [&'static str],
    /// …except those that begin so.
    except: &'static [&'static str],
    why: &'static str,
    /// A path and a line that break the rule.
    planted: (&'static str, &'static str),
}

const WORDS: [Words; 11] = [
    Words {
        words: &["web_sys", "js_sys", "gloo_"],
        within: &["src/", "crates/"],
        except: &["crates/browser/src/", "src/mount.rs", "src/host.rs", "crates/inbox/src/mount.rs"],
        why: "only rejoin-browser and the mount speak to the browser; ask for an effect there",
        planted: ("src/ui/panel.rs", "let window = web_sys::window();"),
    },
    Words {
        words: &[
            "std::time",
            "Instant",
            "SystemTime",
            "rand::",
            "getrandom",
            "async ",
            ".await",
            "HashMap",
            "HashSet",
        ],
        within: &["crates/thread/src/"],
        except: &[],
        why: "the core has no clock, randomness, async or unordered iteration: the same inputs give the same outputs",
        planted: ("crates/thread/src/link.rs", "let now = std::time::Instant::now();"),
    },
    Words {
        words: &["Rc<RefCell", "Rc<Cell", "Arc<Mutex", "thread_local!", "wasm_bindgen", "leptos"],
        within: &["crates/thread/src/", "crates/protocol/src/"],
        except: &["crates/thread/src/guard.rs"],
        why: "the core is one plain value: nothing is shared behind its back and nothing in it knows a browser",
        planted: ("crates/thread/src/thread.rs", "parts: Rc<RefCell<Parts>>,"),
    },
    Words {
        words: &["rejoin_testkit"],
        within: &[
            "crates/thread/src/",
            "crates/protocol/src/",
            "crates/server/src/",
            "crates/browser/src/",
            "src/",
        ],
        except: &[],
        why: "the testkit depends on these crates; inside their unit tests the types would be those of a second copy",
        planted: ("crates/thread/src/thread.rs", "use rejoin_testkit::builders::msg;"),
    },
    Words {
        words: &["spawn_local", "local_storage", "session_storage", "Date::now", "performance()", "fetch("],
        within: &["src/ui/", "crates/inbox/src/ui/"],
        except: &[],
        why: "views read signals and dispatch inputs; requests, storage and clocks are the driver's",
        planted: ("src/ui/composer.rs", "spawn_local(async move { send().await });"),
    },
    Words {
        words: &["Serialize"],
        within: &["src/ui/", "crates/inbox/src/ui/"],
        except: &[],
        why: "what is saved or sent is a protocol type or a versioned snapshot, never a type of a view",
        planted: ("src/ui/row.rs", "#[derive(Clone, Serialize)]"),
    },
    Words {
        words: &["rusqlite", "SELECT ", "INSERT INTO", "DELETE FROM", "CREATE TABLE", "PRAGMA "],
        within: &["crates/server/src/"],
        except: &["crates/server/src/store/"],
        why: "SQL lives behind the Store trait, so that a second database is one folder",
        planted: ("crates/server/src/domain/tx.rs", "db.execute(\"INSERT INTO events VALUES (1)\")?;"),
    },
    Words {
        words: &["axum"],
        within: &["crates/server/src/"],
        except: &[
            "crates/server/src/http/",
            "crates/server/src/live/",
            "crates/server/src/router.rs",
            "crates/server/src/error.rs",
            "crates/server/src/extract.rs",
            "crates/server/src/serve.rs",
            "crates/server/src/lib.rs",
            "crates/server/src/demo.rs",
        ],
        why: "decisions know no web framework; they are tested without one",
        planted: ("crates/server/src/domain/rate.rs", "use axum::http::StatusCode;"),
    },
    Words {
        words: &[
            "innerHTML",
            "inner_html",
            "outerHTML",
            "outer_html",
            "insertAdjacentHTML",
            "insert_adjacent_html",
        ],
        within: &["src/", "crates/inbox/", "crates/browser/", "loader/"],
        except: &[],
        why: "what people write is text and stays text; pages with Trusted Types refuse HTML from strings",
        planted: ("src/ui/content.rs", "view! { <p inner_html=text></p> }"),
    },
    Words {
        words: &[" style=", "setAttribute(\"style\"", "set_attribute(\"style\"", "cssText", "css_text"],
        within: &["src/", "crates/inbox/src/", "crates/browser/src/", "loader/rejoin.js"],
        except: &[],
        why: "a strict Content-Security-Policy drops inline styles; use a class or an adopted style sheet",
        planted: ("src/ui/panel.rs", "<div class=\"panel\" style=\"height: 3px\">"),
    },
    Words {
        words: &[" eval(", "new Function", "js_sys::eval", "Function::new_"],
        within: &["loader/rejoin.js", "src/", "crates/inbox/", "crates/browser/"],
        except: &[],
        why: "a strict Content-Security-Policy allows no code from strings",
        planted: ("loader/rejoin.js", "const make = new Function(\"return 1\");"),
    },
];

/// A file that says one thing is shorter than this.
const FILE_LINES_MAX: usize = 500;

/// Folders that are not sources.
const NOT_SOURCES: [&str; 5] = ["target", "node_modules", "dist", "test-results", "playwright-report"];

#[test]
fn dependencies_follow_the_arrows() {
    let mut wrong = Vec::new();
    for package in packages() {
        let name = text(&package, "name");
        let Some(arrow) = ARROWS.iter().find(|arrow| arrow.package == name) else {
            wrong.push(format!(
                "{name}: a new crate needs a line in ARROWS and a paragraph in ARCHITECTURE.md"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let (to, dev) = (text(dependency, "name"), dependency["kind"] == "dev");
            if let Some(why) = refused(arrow, to, dev) {
                wrong.push(format!("{}: `{name}` → `{to}`: {why}", text(&package, "manifest_path")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn words_stay_where_they_belong() {
    let files = sources();
    let violations: Vec<_> = WORDS
        .iter()
        .flat_map(|rule| files.iter().flat_map(|(path, text)| broken(rule, path, text)))
        .collect();
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn every_rule_can_fail() {
    for rule in &WORDS {
        let (path, line) = rule.planted;
        assert_eq!(
            broken(rule, path, line).len(),
            1,
            "the rule about {:?} missed `{line}` in {path}",
            rule.words
        );
        assert!(broken(rule, path, &format!("  // {line}")).is_empty(), "comments may name {:?}", rule.words);
        for except in rule.except {
            assert!(broken(rule, except, line).is_empty(), "{except} may name {:?}", rule.words);
        }
        for word in rule.words {
            assert_eq!(broken(rule, path, &format!("a{word}b")).len(), 1, "the rule is blind to `{word}`");
        }
    }
    let thread = ARROWS.iter().find(|arrow| arrow.package == "rejoin-thread").expect("a line for the core");
    let server = ARROWS.iter().find(|arrow| arrow.package == "rejoin-server").expect("a line for the server");
    assert!(refused(thread, "serde_json", false).is_some() && refused(thread, "serde_json", true).is_none());
    assert!(
        refused(server, "rejoin-thread", false).is_some() && refused(server, "rejoin-thread", true).is_none()
    );
    assert!(refused(server, "rejoin-testkit", false).is_some() && refused(server, "axum", false).is_none());
    assert_eq!(machine_paths("x", &["see ", "/ro", "ot/x"].concat()).len(), 1);
    assert!(machine_paths("x", "crates/server/src/root.rs and ./work/main").is_empty());
}

#[test]
fn files_are_short() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| [".rs", ".js", ".mjs", ".css"].iter().any(|ending| path.ends_with(ending)))
        .map(|(path, text)| (text.lines().count(), path))
        .filter(|(lines, _)| *lines > FILE_LINES_MAX)
        .map(|(lines, path)| format!("{path}: {lines} lines; split it where it says a second thing"))
        .collect();
    assert!(long.is_empty(), "more than {FILE_LINES_MAX} lines:\n{}", long.join("\n"));
}

#[test]
fn nothing_names_a_machine() {
    let mut found: Vec<_> = sources().iter().flat_map(|(path, text)| machine_paths(path, text)).collect();
    let lock = fs::read_to_string(root().join("package-lock.json")).expect("package-lock.json is committed");
    if lock.contains("\"resolved\"") {
        found.push(
            "package-lock.json: names a registry; .npmrc keeps that out, so run npm in this folder"
                .to_owned(),
        );
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_crate_says_where_to_start() {
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap_or_default();
    let mut missing = Vec::new();
    for package in packages() {
        let name = text(&package, "name");
        let folder = Path::new(text(&package, "manifest_path"))
            .parent()
            .expect("a manifest is in a folder")
            .join("src");
        let entry = [folder.join("lib.rs"), folder.join("main.rs")].into_iter().find(|file| file.is_file());
        let entry = entry.expect("a crate has lib.rs or main.rs");
        let source = fs::read_to_string(&entry).expect("a crate's root is readable");
        let docs: String = source.lines().take_while(|line| line.starts_with("//!")).collect();
        if !docs.to_lowercase().contains("where to start") {
            missing.push(format!(
                "{}: begins without a doc comment that has \"Where to start\"",
                entry.display()
            ));
        }
        let folder = relative(folder.parent().expect("src is in the crate's folder"));
        let folder = if folder.is_empty() { "src" } else { &folder };
        if !architecture.lines().any(|line| line.starts_with(&format!("**`{folder}"))) {
            missing
                .push(format!("ARCHITECTURE.md: has no paragraph that begins with **`{folder}`** ({name})"));
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

/// Why `arrow.package` may not depend on `to`, if so.
fn refused(arrow: &Arrow, to: &str, dev: bool) -> Option<&'static str> {
    let ours = ARROWS.iter().any(|arrow| arrow.package == to);
    if dev {
        return None;
    }
    match arrow.others {
        _ if ours && arrow.ours.contains(&to) => None,
        _ if ours && to == "rejoin-testkit" => Some("the testkit is for tests: a dev-dependency"),
        _ if ours => Some("arrows go from views to the core to the protocol, and never back"),
        Some(others) if !others.contains(&to) => {
            Some("this crate is small on purpose; what it may use is in ARROWS")
        }
        _ => None,
    }
}

/// Every line of a file that breaks a rule, as `path:line: …`.
fn broken(rule: &Words, path: &str, text: &str) -> Vec<String> {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    if !begins(rule.within) || begins(rule.except) || path.ends_with(".md") {
        return Vec::new();
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !is_comment(line));
    lines
        .filter_map(|(number, line)| {
            let word = rule.words.iter().find(|word| line.contains(**word))?;
            Some(format!("{path}:{}: `{word}`: {}", number + 1, rule.why))
        })
        .collect()
}

fn is_comment(line: &str) -> bool {
    ["//", "/*", "*", "<!--", "#!["].iter().any(|begin| line.trim_start().starts_with(begin))
}

/// Absolute paths of one person's machine, as `path:line: …`.
fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let names = [["/ro", "ot"].concat(), ["/wo", "rk"].concat()];
    let in_word = |c: char| c.is_alphanumeric() || "._-}$".contains(c);
    let is_path = |line: &str, name: &str| {
        line.match_indices(name).any(|(at, _)| {
            let (before, after) = (line[..at].chars().next_back(), line[at + name.len()..].chars().next());
            !before.is_some_and(in_word) && after == Some('/')
        })
    };
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| names.iter().any(|name| is_path(line, name)))
        .map(|(number, _)| format!("{path}:{}: a path that exists on one machine only", number + 1))
        .collect()
}

/// The workspace's packages, as cargo describes them.
fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = Command::new(cargo).args(args).current_dir(root()).output().expect("cargo can be started");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    metadata["packages"].as_array().expect("cargo metadata lists packages").clone()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("cargo metadata has this text")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file of the checkout: path with `/`, content. Sorted, so that messages come in the same order everywhere.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(root(), &mut files);
    files.sort();
    assert!(files.iter().any(|(path, _)| path == "tests/tidy.rs"), "the walk finds at least this file");
    files
}

fn collect(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of the checkout is readable") {
        let path = entry.expect("an entry is readable").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let skipped = NOT_SOURCES.contains(&name.as_str()) || name == ".git" || name.ends_with(".log");
        if skipped {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else if name != "tidy.rs"
            && let Ok(text) = fs::read_to_string(&path)
        {
            files.push((relative(&path), text));
        } else if name == "tidy.rs" {
            // This file has to spell every word that it forbids; only its length counts.
            let lines = fs::read_to_string(&path).expect("this file is text").lines().count();
            files.push((relative(&path), "\n".repeat(lines)));
        }
    }
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
