//! How an agent's connection follows its site's thread list.
//!
//! ```text
//! (not asked) ──inbox{ver}──► Following ──rows read, more or a newer version known──► read again
//!                                 └──caught up──► wait for the next note
//! ```
//! Notes only raise a number, so a busy site costs one read at a time however often its list changes.

use rejoin_protocol::limits::ROWS_MAX;
use rejoin_protocol::{InboxSince, Row, Rows, ServerFrame, SiteName};

use super::{Asked, Output, Session, State, Topic};
use crate::domain::request::Request;

/// Where this connection stands in the list.
pub(super) struct Inbox {
    /// Every change up to this version was sent.
    sent: u64,
    /// The list is known to have at least this version.
    known: u64,
    /// The client waits for an answer, even an empty one.
    owed: bool,
    /// The last read was cut off, or a note may have been lost: read again.
    unsure: bool,
    retry_at: Option<u64>,
}

impl Inbox {
    pub(super) const fn retry_at(&self) -> Option<u64> {
        self.retry_at
    }

    fn is_behind(&self, now: u64) -> bool {
        (self.owed || self.unsure || self.sent < self.known) && self.retry_at.is_none_or(|at| at <= now)
    }
}

impl Session {
    pub(super) fn on_inbox(&mut self, since: InboxSince) {
        let State::Agent(agent) = &self.state else { return };
        let site = agent.site.clone();
        let inbox = Inbox { sent: since.ver, known: 0, owed: true, unsure: false, retry_at: None };
        if self.inbox.replace(inbox).is_none() {
            self.out.push_back(Output::Subscribe(Topic::Inbox(site)));
        }
    }

    pub(super) fn on_inbox_note(&mut self, site: &SiteName, ver: u64) {
        if let (State::Agent(agent), Some(inbox)) = (&self.state, &mut self.inbox)
            && agent.site == *site
        {
            inbox.known = inbox.known.max(ver);
        }
    }

    pub(super) fn start_rows(&mut self, now: u64) -> bool {
        let (State::Agent(agent), Some(inbox)) = (&self.state, &mut self.inbox) else { return false };
        if !inbox.is_behind(now) {
            return false;
        }
        inbox.retry_at = None;
        let request = Request::Rows { site: agent.site.clone(), since: inbox.sent, limit: ROWS_MAX };
        self.ask(Asked::Rows, request);
        true
    }

    /// Has the list read again, though nobody has said that it changed.
    pub(super) fn doubt_rows(&mut self) {
        if let Some(inbox) = &mut self.inbox {
            inbox.unsure = true;
        }
    }

    pub(super) fn retry_rows(&mut self, at: u64) {
        if let Some(inbox) = &mut self.inbox {
            (inbox.retry_at, inbox.unsure) = (Some(at), true);
        }
    }

    pub(super) fn on_rows(&mut self, rows: Vec<Row>, more: bool) {
        let Some(inbox) = &mut self.inbox else { return };
        match rows.last() {
            Some(last) => inbox.sent = last.ver,
            None => inbox.known = inbox.sent,
        }
        inbox.unsure = more;
        let owed = std::mem::replace(&mut inbox.owed, false);
        if owed || !rows.is_empty() {
            let ver = inbox.sent;
            self.send(None, ServerFrame::Rows(Rows { ver, more, rows }));
        }
    }
}
