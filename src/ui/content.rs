//! What a message says: one DOM node per node of its text, never HTML.

use leptos::prelude::*;
use rejoin_browser::{Tag, tag};
use rejoin_thread::{Node, nodes};

use super::button;
use crate::strings::Words;

/// A longer text begins folded: about two thirds of a panel.
const FOLD_CHARS: usize = 900;
/// So does one of more lines.
const FOLD_LINES: usize = 18;

pub(super) fn bubble(words: &'static Words, text: String) -> Tag {
    let bubble = tag("div").class("bubble");
    let body = tag("div").class("body").attr("dir", "auto");
    let Some(beginning) = folded(&text).map(str::to_owned) else {
        return bubble.child(body.children(content(words, &text)));
    };
    let is_folded = RwSignal::new(true);
    let shown = move || content(words, if is_folded.get() { &beginning } else { &text });
    let unfold = move || {
        let button = || button("unfold", move || is_folded.set(false)).text(words.more);
        is_folded.get().then(button)
    };
    bubble.child(body.when(shown)).when(unfold)
}

fn content(words: &'static Words, text: &str) -> Vec<Tag> {
    if text.is_empty() {
        return vec![tag("em").text(words.unreadable)];
    }
    nodes(text).into_iter().map(node).collect()
}

fn node(node: Node) -> Tag {
    match node {
        Node::Text(text) => tag("span").text(text),
        Node::Break => tag("br"),
        Node::Link { href, text } => tag("a")
            .attr("href", href)
            .attr("target", "_blank")
            .attr("rel", "noopener noreferrer nofollow ugc")
            .text(text),
    }
}

/// The beginning of a text that is too long to be shown whole at once, cut between words.
fn folded(text: &str) -> Option<&str> {
    let by_chars = text.char_indices().nth(FOLD_CHARS).map(|(at, _)| at);
    let by_lines = text.match_indices('\n').nth(FOLD_LINES).map(|(at, _)| at);
    let end = by_chars.into_iter().chain(by_lines).min()?;
    let head = &text[..end];
    // Languages without spaces are cut where they are cut.
    let at = head.rfind(char::is_whitespace).filter(|at| *at > end / 2).unwrap_or(end);
    Some(head[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_fold_between_words_and_short_ones_do_not() {
        assert_eq!(folded("Hello\nthere"), None);
        assert_eq!(folded(&"é".repeat(FOLD_CHARS)), None);
        let words = "seven ß ".repeat(400);
        let beginning = folded(&words).unwrap_or_default();
        assert!(beginning.chars().count() <= FOLD_CHARS && beginning.ends_with(['n', 'ß']), "{beginning}");
        assert_eq!(folded(&"長".repeat(8_000)).map(|text| text.chars().count()), Some(FOLD_CHARS));
        let lines = "a b\n".repeat(40);
        assert_eq!(folded(&lines).map(|text| text.lines().count()), Some(FOLD_LINES + 1));
    }
}
