//! What a message says: one DOM node per piece of text, never markup.

use leptos::either::EitherOf3;
use leptos::html::{a, br};
use leptos::prelude::*;
use rejoin_thread::{Node, nodes};

/// The pieces of a text.
pub fn view(text: &str) -> impl IntoView + use<> {
    nodes(text).into_iter().map(piece).collect_view()
}

fn piece(node: Node) -> impl IntoView {
    match node {
        Node::Text(text) => EitherOf3::A(text),
        Node::Link { href, text } => EitherOf3::B(
            // What a customer writes leads to a page that learns nothing of the inbox and cannot touch it.
            a().href(href).target("_blank").rel("noopener noreferrer nofollow").child(text),
        ),
        Node::Break => EitherOf3::C(br()),
    }
}
