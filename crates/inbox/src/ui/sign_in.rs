//! The door: what somebody sees who is not signed in.

use leptos::html::{code, h1, main, p};
use leptos::prelude::*;

use crate::session::{Refusal, Session, State};
use crate::ui::button::primary;

/// How to come in, in one line.
const COMMAND: &str = "rejoin agent link EMAIL";

/// The door as the session stands.
pub fn view(session: Session) -> impl IntoView {
    let state = session.state();
    main().class("door").child(move || match state.get() {
        State::Asking | State::In(_) => waiting().into_any(),
        State::Out(None) => how_to().into_any(),
        State::Out(Some(refusal)) => no_answer(session, refusal).into_any(),
        State::Link(_, trouble) => link(session, trouble, false).into_any(),
        State::Spending => link(session, None, true).into_any(),
        State::Spent => spent().into_any(),
    })
}

/// Shown where no message could be sent, because no id for it could be made.
pub fn no_randomness() -> impl IntoView {
    main().class("door").child((
        h1().child("Inbox"),
        p().role("alert")
            .child("This browser has no source of random numbers, so nothing can be sent safely."),
    ))
}

fn waiting() -> impl IntoView {
    // Without a word for the first moment; the style brings it in after a second.
    p().class("late").role("status").child("One moment…")
}

fn how_to() -> impl IntoView {
    (
        h1().child("Inbox"),
        p().child("You are not signed in. Whoever runs this server makes a sign-in link for you with"),
        command(),
        p().class("quiet").child("The link works once. After that this browser stays signed in."),
    )
}

fn link(session: Session, trouble: Option<Refusal>, spending: bool) -> impl IntoView {
    (
        h1().child("Sign in as an agent"),
        p().child("This link signs this browser in to the inbox. It works once."),
        trouble.map(|refusal| p().class("trouble").role("alert").child(words(refusal))),
        // A press while one is being answered does nothing.
        primary(if spending { "Signing in…" } else { "Sign in" }, move || session.sign_in()),
    )
}

fn spent() -> impl IntoView {
    (
        h1().child("Sign in as an agent"),
        p().class("trouble")
            .role("alert")
            .child("This link has been used or has run out. Ask for a new one:"),
        command(),
    )
}

fn no_answer(session: Session, refusal: Refusal) -> impl IntoView {
    (
        h1().child("Inbox"),
        p().class("trouble").role("alert").child(words(refusal)),
        primary("Try again", move || session.ask()),
    )
}

fn command() -> impl IntoView {
    p().class("command").child(code().child(COMMAND))
}

fn words(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::SignedOut => "You are signed out.",
        Refusal::TooMany => "Too many attempts from here. Wait a minute, then try again.",
        Refusal::Unreachable => "The server did not answer. Try again in a moment.",
    }
}
