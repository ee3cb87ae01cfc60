//! `target/assets`: everything that the server embeds, under the names that browsers will see.
//!
//! What a name with a hash holds never changes, so browsers keep it for ever; the few files with plain names
//! (`rejoin.js`, the pages) point to the current ones and are asked for again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::app::Built;
use super::script;
use crate::shell::{OrFail as _, Outcome, fail, run};
use crate::stamp::{Inputs, content_hash, files_below, unless_fresh, write};
use crate::{node, paths};

const LOADER: &str = "loader/rejoin.js";
const INBOX_PAGE: &str = "crates/inbox/index.html";
const INBOX_STYLE: &str = "crates/inbox/style/inbox.css";
const CHAT_PAGE: &str = "crates/server/pages/chat.html";
const SHOP: &str = "crates/server/demo/shop";
const COMPRESS: &str = "xtask/compress.mjs";

/// Stands in the loader for the addresses of the app.
const APP_PLACEHOLDER: &str = "__REJOIN_APP__";

/// Where browsers find a file with this content.
pub(crate) fn url(name: &str, bytes: &[u8], ending: &str) -> String {
    format!("/assets/{name}-{}.{ending}", content_hash(bytes))
}

/// Writes `target/assets`. The old folder stays as it is until the new one is complete, and is kept when nothing in
/// it would change: the server is linked anew only for a difference.
pub(crate) fn assets(widget: &Built, inbox: &Built) -> Outcome {
    let mut inputs = Inputs::default().word(&node::package_version("esbuild")?);
    for built in [widget, inbox] {
        inputs = inputs.word(&content_hash(&built.js)).word(&content_hash(&built.wasm));
    }
    for path in ["loader", INBOX_PAGE, "crates/inbox/style", CHAT_PAGE, SHOP, COMPRESS, "xtask/src/build"] {
        inputs = inputs.path(&paths::at(path))?;
    }
    let done = paths::assets();
    unless_fresh("assets", inputs, &done.join("rejoin.js.br"), || {
        println!("collecting and compressing assets");
        let new = paths::staging("assets");
        remove(&new)?;
        apps(&new, widget, inbox)?;
        pages(&new, inbox)?;
        run(node::script(COMPRESS).arg(&new))?;
        if same(&new, &done)? {
            return Ok(());
        }
        remove(&done)?;
        fs::rename(&new, &done).or_fail(format_args!("moving assets to {}", done.display()))
    })?;
    Ok(())
}

/// Both apps under their hashed names, and the loader that knows the widget's.
fn apps(to: &Path, widget: &Built, inbox: &Built) -> Outcome {
    for built in [widget, inbox] {
        put(to, &url(built.name, &built.js, "js"), &built.js)?;
        put(to, &url(built.name, &built.wasm, "wasm"), &built.wasm)?;
    }
    let source = read(LOADER)?;
    if !source.contains(APP_PLACEHOLDER) {
        return fail(format!(
            "{LOADER} does not contain {APP_PLACEHOLDER}, so it would not know where the app is"
        ));
    }
    let app = json!({
        "js": url(widget.name, &widget.js, "js"),
        "wasm": url(widget.name, &widget.wasm, "wasm"),
    });
    let loader = script::classic(&paths::at(LOADER), &[format!("--define:{APP_PLACEHOLDER}={app}")])?;
    script::check("the loader", &loader)?;
    put(to, "rejoin.js", &loader)
}

/// The pages that are not made of wasm.
fn pages(to: &Path, inbox: &Built) -> Outcome {
    let mut style_url = None;
    if paths::at(INBOX_STYLE).is_file() {
        let style = script::style(&paths::at(INBOX_STYLE))?;
        let at = url(inbox.name, &style, "css");
        put(to, &at, &style)?;
        style_url = Some(at);
    }
    let js_url = url(inbox.name, &inbox.js, "js");
    let wasm_url = url(inbox.name, &inbox.wasm, "wasm");
    let page = inbox_page(&read(INBOX_PAGE)?, &js_url, &wasm_url, style_url.as_deref())?;
    put(to, "inbox.html", page.as_bytes())?;
    put(to, "chat.html", read(CHAT_PAGE)?.as_bytes())?;
    let shop = paths::at(SHOP);
    let files = files_below(&shop)?;
    if files.is_empty() {
        return fail(format!("{SHOP} has no files"));
    }
    for file in files {
        let name = file.strip_prefix(&shop).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let bytes = fs::read(&file).or_fail(format_args!("reading {}", file.display()))?;
        put(to, &format!("shop/{name}"), &bytes)?;
    }
    Ok(())
}

/// The page that trunk is given, with real addresses where trunk would put an inline script: the inbox is served under
/// a policy that allows none.
fn inbox_page(source: &str, js: &str, wasm: &str, style: Option<&str>) -> Outcome<String> {
    let Some((head, body)) = source.split_once("</head>") else {
        return fail(format!("{INBOX_PAGE} has no </head>"));
    };
    let mut page: String =
        head.lines().filter(|line| !line.contains("data-trunk")).map(|line| format!("{line}\n")).collect();
    if let Some(style) = style {
        page.push_str(&format!("<link rel=\"stylesheet\" href=\"{style}\">\n"));
    }
    page.push_str(&format!(
        "<link rel=\"preload\" href=\"{wasm}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n"
    ));
    page.push_str(&format!("<script type=\"module\" src=\"{js}\"></script>\n</head>"));
    page.push_str(body);
    Ok(page)
}

fn put(to: &Path, url: &str, bytes: &[u8]) -> Outcome {
    write(&to.join(url.trim_start_matches('/')), bytes)
}

fn read(path: &str) -> Outcome<String> {
    fs::read_to_string(paths::at(path)).or_fail(format_args!("reading {path}"))
}

fn remove(folder: &Path) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder).or_fail(format_args!("removing {}", folder.display()))?;
    }
    Ok(())
}

/// Whether two folders hold the same files with the same content.
fn same(a: &Path, b: &Path) -> Outcome<bool> {
    let names = |folder: &Path| -> Outcome<Vec<PathBuf>> {
        let files = files_below(folder)?;
        Ok(files.iter().map(|file| file.strip_prefix(folder).unwrap_or(file).to_owned()).collect())
    };
    let (in_a, in_b) = (names(a)?, names(b)?);
    let equal =
        |name: &PathBuf| matches!((fs::read(a.join(name)), fs::read(b.join(name))), (Ok(a), Ok(b)) if a == b);
    Ok(in_a == in_b && in_a.iter().all(equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inbox_page_has_external_scripts_only() {
        let source =
            "<html><head>\n<title>Inbox</title>\n<link data-trunk rel=\"rust\">\n</head><body></body></html>";
        let page = inbox_page(source, "/assets/i-1.js", "/assets/i-2.wasm", Some("/assets/i-3.css"))
            .expect("has a head");
        assert!(!page.contains("data-trunk"));
        assert!(page.contains("<script type=\"module\" src=\"/assets/i-1.js\"></script>\n</head><body>"));
        assert!(page.contains("href=\"/assets/i-2.wasm\"") && page.contains("href=\"/assets/i-3.css\""));
        assert!(inbox_page("<p>", "", "", None).is_err());
    }

    #[test]
    fn names_follow_content() {
        assert_eq!(url("widget", b"a", "js"), url("widget", b"a", "js"));
        assert_ne!(url("widget", b"a", "js"), url("widget", b"b", "js"));
    }
}
