//! Who is signed in here.
//!
//! ```text
//!  page opened ──┬─ a link in the address ──► Link ──press──► Spending ──► In
//!                │                             ▲ no answer ──────┤
//!                └─ none ──► Asking ──► In     └─ try again      └── used or run out ──► Spent
//!                               │        │
//!                               ▼        ▼ signed out, here or there
//!                              Out ◄─────┘
//! ```
//!
//! A link is spent by a press, never by opening it: previews and scanners open links.

use leptos::prelude::{GetUntracked, RwSignal, Set};
use leptos::task::spawn_local;
use rejoin_protocol::AgentId;

use crate::mount;

/// The agent whose session this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Which agent.
    pub id: AgentId,
    /// The name that customers see.
    pub name: String,
    /// The name of the site.
    pub site: String,
}

/// Why the server did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The session, or the link, is not valid (any more).
    SignedOut,
    /// Too many attempts.
    TooMany,
    /// No answer, or none that means anything.
    Unreachable,
}

/// Where the agent stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The server is being asked whether somebody is signed in.
    Asking,
    /// Nobody is; or nobody knows, because there was no answer.
    Out(Option<Refusal>),
    /// A sign-in link waits for a press; the last press may have failed.
    Link(String, Option<Refusal>),
    /// The link is being spent.
    Spending,
    /// The link is no good.
    Spent,
    /// Signed in.
    In(Agent),
}

/// The session of this page.
#[derive(Clone, Copy, Debug)]
pub struct Session(RwSignal<State>);

impl Session {
    /// Begins with the secret of a sign-in link, or by asking the server.
    pub fn begin(secret: Option<String>) -> Session {
        match secret {
            Some(secret) => Session(RwSignal::new(State::Link(secret, None))),
            None => {
                let session = Session(RwSignal::new(State::Asking));
                session.ask();
                session
            }
        }
    }

    /// The state, as a signal.
    pub fn state(&self) -> RwSignal<State> {
        self.0
    }

    /// Asks the server who is signed in.
    pub fn ask(self) {
        self.0.set(State::Asking);
        spawn_local(async move {
            self.0.set(match mount::who().await {
                Ok(agent) => State::In(agent),
                Err(Refusal::SignedOut) => State::Out(None),
                Err(refusal) => State::Out(Some(refusal)),
            });
        });
    }

    /// A link has been opened; whoever is signed in stays so until it is spent.
    pub fn offer(self, secret: String) {
        self.0.set(State::Link(secret, None));
    }

    /// Spends the link, if there is one.
    pub fn sign_in(self) {
        let State::Link(secret, _) = self.0.get_untracked() else { return };
        self.0.set(State::Spending);
        spawn_local(async move {
            self.0.set(match mount::sign_in(&secret).await {
                Ok(agent) => State::In(agent),
                Err(Refusal::SignedOut) => State::Spent,
                Err(refusal) => State::Link(secret, Some(refusal)),
            });
        });
    }

    /// Ends the session. Without an answer the page stays signed in: saying otherwise would not be true.
    pub fn sign_out(self) {
        spawn_local(async move {
            if matches!(mount::sign_out().await, Ok(()) | Err(Refusal::SignedOut)) {
                self.ended();
            }
        });
    }

    /// The server says that the session is no more.
    pub fn ended(self) {
        self.0.set(State::Out(None));
    }
}
