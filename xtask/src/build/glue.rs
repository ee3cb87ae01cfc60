//! The JavaScript that wasm-bindgen writes between module and browser, as text.
//!
//! Its names are made for reading: `__wbg_setAttribute_f75317b2b5cabfb4` stands in the module and in the glue, and the
//! hash in it compresses not at all. Both get the short names that wasm-opt hands out, which saves more than any
//! other step after the compiler. What is expected of the text is checked; a wasm-bindgen that writes it differently
//! stops the build instead of making a module that does not start.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::shell::{OrFail as _, Outcome, fail};

/// Classes that wasm-streams, a dependency of leptos, exports to JavaScript that would read or write a Rust stream.
/// Nothing of ours does, but exported code is code that no optimiser may remove.
const UNUSED_CLASSES: [&str; 3] = ["IntoUnderlyingByteSource", "IntoUnderlyingSink", "IntoUnderlyingSource"];

/// Stands before a new name until all old ones are gone, because one may be spelt like the other.
const RENAMED: &str = "\0";

/// The glue without classes that nobody uses.
pub(crate) fn without_unused_classes(glue: &str) -> String {
    let mut text = glue.to_owned();
    for class in UNUSED_CLASSES {
        let mut less = text.clone();
        remove(&mut less, &format!("export class {class} {{"), "\n}\n");
        remove(&mut less, &format!("if (Symbol.dispose) {class}."), "\n");
        remove(&mut less, &format!("const {class}Finalization = "), ";\n");
        if words(&less).all(|word| word != class) {
            text = less;
        }
    }
    text
}

/// The exports of the module that the glue calls: everything it names after `wasm.`.
pub(crate) fn used_exports(glue: &str) -> BTreeSet<&str> {
    glue.match_indices("wasm.")
        .filter(|(at, _)| !glue[..*at].ends_with(is_word))
        .filter_map(|(at, prefix)| words(&glue[at + prefix.len()..]).next())
        .collect()
}

/// Gives imports and exports the names of `map`, as wasm-opt prints it:
/// `{"imports": [[module, old, new], …], "exports": [[old, new], …]}`.
pub(crate) fn rename(glue: &str, module: &str, map: &str) -> Outcome<String> {
    let map: Value = serde_json::from_str(map).or_fail("reading the names that wasm-opt gave")?;
    let mut text = glue.to_owned();
    for entry in entries(&map, "imports")? {
        let [from, old, new] = entry[..] else {
            return fail("wasm-opt described an import by something else than module, old and new name");
        };
        if from != module {
            return fail(format!(
                "the module imports from {from}, which is not the glue; only {module} is renamed"
            ));
        }
        let (key, short) = (format!("\n        {old}: "), format!("\n        {new}: "));
        if text.matches(&key).count() != 1 {
            return fail(format!("the glue does not define the import {old} once, as it did"));
        }
        text = text.replace(&key, &short);
    }
    for entry in entries(&map, "exports")? {
        let [old, new] = entry[..] else {
            return fail("wasm-opt described an export by something else than old and new name");
        };
        text = replace_word(&text, &format!("wasm.{old}"), &format!("wasm.{RENAMED}{new}"));
    }
    text = text.replace(RENAMED, "");
    let module_key = format!("\"{module}\": ");
    if text.matches(&module_key).count() != 1 {
        return fail(format!("the glue does not name {module} once, as it did"));
    }
    // wasm-opt puts every import into one module of this name.
    Ok(text.replace(&module_key, "a: "))
}

fn entries<'a>(map: &'a Value, key: &str) -> Outcome<Vec<Vec<&'a str>>> {
    let Some(list) = map.get(key).and_then(Value::as_array) else {
        return fail(format!("wasm-opt printed no list of {key}"));
    };
    Ok(list
        .iter()
        .map(|entry| entry.as_array().into_iter().flatten().filter_map(Value::as_str).collect())
        .collect())
}

/// Cuts from the first `begin` to the end of the next `end`.
fn remove(text: &mut String, begin: &str, end: &str) {
    if let Some(from) = text.find(begin)
        && let Some(length) = text[from..].find(end)
    {
        text.replace_range(from..from + length + end.len(), "");
    }
}

/// Replaces `old` where neither side continues the name.
fn replace_word(text: &str, old: &str, new: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let (before, after) = (&rest[..at], &rest[at + old.len()..]);
        let whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        result.push_str(before);
        result.push_str(if whole { new } else { old });
        rest = after;
    }
    result + rest
}

/// The names in a JavaScript text, in order.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_word(c)).filter(|word| !word.is_empty())
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "export class IntoUnderlyingSink {\n    free() {\n        wasm.sink_free();\n    }\n}\n\
        if (Symbol.dispose) IntoUnderlyingSink.prototype[Symbol.dispose] = IntoUnderlyingSink.prototype.free;\n\
        export function mount() { wasm.mount(); wasm.mount_all(); new Uint8Array(wasm.memory.buffer); }\n\
        const import0 = {\n        __wbg_a_1: function() {},\n        __wbg_a_12: function() {},\n    };\n\
        return { \"./app_bg.js\": import0 };\n\
        const IntoUnderlyingSinkFinalization = new FinalizationRegistry(ptr => wasm.sink_free(ptr));\n";

    #[test]
    fn unused_classes_go_and_their_exports_with_them() {
        let less = without_unused_classes(GLUE);
        assert_eq!(used_exports(&less).into_iter().collect::<Vec<_>>(), ["memory", "mount", "mount_all"]);
        let wanted = format!("{GLUE}\nnew IntoUnderlyingSink();");
        assert_eq!(without_unused_classes(&wanted), wanted, "one that is used stays whole");
    }

    #[test]
    fn names_become_short_on_both_sides() {
        let map = r#"{"imports": [["./app_bg.js", "__wbg_a_1", "$"], ["./app_bg.js", "__wbg_a_12", "$a"]],
                      "exports": [["mount", "b"], ["memory", "c"]]}"#;
        let text = rename(GLUE, "./app_bg.js", map).expect("the glue is as expected");
        assert!(text.contains("\n        $: function") && text.contains("\n        $a: function"));
        assert!(
            text.contains("function mount() { wasm.b(); wasm.mount_all(); new Uint8Array(wasm.c.buffer)")
        );
        assert!(text.contains("{ a: import0 }"));
    }

    #[test]
    fn a_glue_of_another_kind_is_refused() {
        let unknown = r#"{"imports": [["./app_bg.js", "__wbg_b_2", "$"]], "exports": []}"#;
        assert!(rename(GLUE, "./app_bg.js", unknown).is_err());
        let elsewhere = r#"{"imports": [["./snippet.js", "__wbg_a_1", "$"]], "exports": []}"#;
        assert!(rename(GLUE, "./app_bg.js", elsewhere).is_err());
        assert!(rename(GLUE, "./app_bg.js", "{}").is_err());
    }
}
