//! What a message says: one DOM node per node of its text, never HTML.

use leptos::prelude::*;
use leptos::{ev, html};
use rejoin_thread::{Node, nodes};

use crate::chat::Chat;

/// A longer text begins folded: about two thirds of a panel.
const FOLD_CHARS: usize = 900;
/// So does one of more lines.
const FOLD_LINES: usize = 18;

pub(super) fn bubble(chat: Chat, text: String) -> impl IntoView {
    let folded = folded(&text).map(str::to_owned);
    let is_folded = RwSignal::new(folded.is_some());
    let shown = move || match &folded {
        Some(beginning) if is_folded.get() => content(chat, beginning),
        Some(_) | None => content(chat, &text),
    };
    let unfold = move || {
        is_folded.get().then(|| {
            html::button()
                .r#type("button")
                .class("unfold")
                .on(ev::click, move |_| is_folded.set(false))
                .child(move || chat.words().more)
        })
    };
    html::div().class("bubble").child((html::div().class("body").dir("auto").child(shown), unfold))
}

fn content(chat: Chat, text: &str) -> Vec<AnyView> {
    if text.is_empty() {
        return vec![html::em().child(chat.words().unreadable).into_any()];
    }
    nodes(text).into_iter().map(node).collect()
}

fn node(node: Node) -> AnyView {
    match node {
        Node::Text(text) => text.into_any(),
        Node::Break => html::br().into_any(),
        Node::Link { href, text } => html::a()
            .href(href)
            .target("_blank")
            .rel("noopener noreferrer nofollow ugc")
            .child(text)
            .into_any(),
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
