//! The door, and what is behind it.

use leptos::either::Either;
use leptos::prelude::*;

use crate::board::Board;
use crate::mount;
use crate::session::{Agent, Session, State};
use crate::ui::{layout, sign_in};

/// The whole page. `secret` is that of a sign-in link, if the page was opened by one.
pub fn view(secret: Option<String>) -> impl IntoView {
    let session = Session::begin(secret);
    // A link that is opened in a tab with the inbox in it only changes the address.
    let links = window_event_listener(leptos::ev::hashchange, move |_| {
        if let Some(secret) = mount::take_link() {
            session.offer(secret);
        }
    });
    on_cleanup(move || links.remove());
    let agent = Memo::new(move |_| match session.state().get() {
        State::In(agent) => Some(agent),
        State::Asking | State::Out(_) | State::Link(..) | State::Spending | State::Spent => None,
    });
    move || match agent.get() {
        Some(agent) => Either::Left(inside(session, agent)),
        None => Either::Right(sign_in::view(session)),
    }
}

fn inside(session: Session, agent: Agent) -> impl IntoView {
    match Board::start(session, agent) {
        Ok(board) => Either::Left(layout::view(board)),
        Err(_) => Either::Right(sign_in::no_randomness()),
    }
}
