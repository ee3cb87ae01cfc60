//! What the rim drives: the same loop serves the customer's thread and the agent's desk.

use rejoin_protocol::Ticket;

use crate::{Desk, DeskInput, Input, Output, Thread, Time};

/// A state machine that is fed and drained.
pub trait Machine {
    /// Takes an input of the page, of storage, of the connection or of time.
    fn input(&mut self, now: Time, input: Input);
    /// The socket of this number is open; an agent's comes with a ticket.
    fn opened(&mut self, now: Time, n: u32, ticket: Option<Ticket>);
    /// The next thing to do, until there is none.
    fn output(&mut self) -> Option<Output>;
    /// When to hand in [`Input::Tick`].
    fn timeout(&self) -> Option<Time>;
}

impl Machine for Thread {
    fn input(&mut self, now: Time, input: Input) {
        self.handle(now, input);
    }
    fn opened(&mut self, now: Time, n: u32, _ticket: Option<Ticket>) {
        self.handle(now, Input::Opened(n));
    }
    fn output(&mut self) -> Option<Output> {
        self.poll_output()
    }
    fn timeout(&self) -> Option<Time> {
        self.poll_timeout()
    }
}

impl Machine for Desk {
    fn input(&mut self, now: Time, input: Input) {
        self.handle(now, DeskInput::Rest(input));
    }
    fn opened(&mut self, now: Time, n: u32, ticket: Option<Ticket>) {
        if let Some(ticket) = ticket {
            self.handle(now, DeskInput::Opened(n, ticket));
        }
    }
    fn output(&mut self) -> Option<Output> {
        self.poll_output()
    }
    fn timeout(&self) -> Option<Time> {
        self.poll_timeout()
    }
}
