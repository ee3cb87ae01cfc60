//! Asking the store, talking to the client, and ending.

use rejoin_protocol::{Envelope, Err, ErrorCode, ServerFrame, ThreadId, close};

use super::waiting::Waiting;
use super::{Asked, Output, STORE_RETRY_MS, Session, State, Topic, fatal};
use crate::domain::request::Request;

impl Session {
    pub(super) fn ask(&mut self, asked: Asked, request: Request) {
        self.asked = Some(asked);
        self.out.push_back(Output::Ask(request));
    }

    /// Sends a frame, under the thread's id where the connection carries many.
    pub(super) fn send(&mut self, thread: Option<ThreadId>, frame: ServerFrame) {
        if !self.is_closed() {
            let t = thread.filter(|_| self.is_agent());
            self.out.push_back(Output::Send(Envelope { t, frame }));
        }
    }

    /// Says what is wrong and goes on.
    pub(super) fn complain(&mut self, thread: Option<ThreadId>, code: ErrorCode, detail: &str) {
        let err = Err { code, fatal: false, detail: Some(detail.to_owned()) };
        self.send(thread, ServerFrame::Err(err));
    }

    /// Says what is wrong and closes.
    pub(super) fn refuse(&mut self, err: Err, code: u16) {
        let reason = err.code.as_str().to_owned();
        self.send(None, ServerFrame::Err(Err { fatal: true, ..err }));
        self.close(code, reason);
    }

    /// The store cannot say who this is or what it missed: come back a little later.
    pub(super) fn later(&mut self) {
        let err = fatal(ErrorCode::Unavailable, "the server cannot answer just now");
        self.send(None, ServerFrame::Err(err));
        self.close(close::LATER, format!("retry={STORE_RETRY_MS}"));
    }

    pub(super) fn close(&mut self, code: u16, reason: String) {
        if self.is_closed() {
            return;
        }
        self.leave_all();
        self.waiting = Waiting::default();
        self.state = State::Closed;
        self.out.push_back(Output::Close(code, reason));
    }

    /// Ends all subscriptions.
    pub(super) fn leave_all(&mut self) {
        for thread in std::mem::take(&mut self.subs).into_keys() {
            self.out.push_back(Output::Unsubscribe(Topic::Thread(thread)));
        }
        if self.inbox.take().is_some()
            && let State::Agent(agent) = &self.state
        {
            self.out.push_back(Output::Unsubscribe(Topic::Inbox(agent.site.clone())));
        }
    }
}
