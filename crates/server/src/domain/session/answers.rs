//! What becomes of the store's answers, and of none.

use rejoin_protocol::{ErrorCode, NackCode, ServerFrame};

use super::{Asked, STORE_RETRY_MS, Session};
use crate::domain::request::Reply;

impl Session {
    pub(super) fn on_reply(&mut self, now: u64, reply: Reply) {
        let Some(asked) = self.asked.take() else { return };
        self.announce(&asked, &reply);
        if self.is_closed() {
            return;
        }
        match (asked, reply) {
            (Asked::Device(hello), Reply::Device(answer)) => self.on_device(now, &hello, answer),
            (Asked::Open(thread), Reply::Opening(opening)) => self.on_opening(thread, *opening),
            (Asked::Open(thread) | Asked::Events(thread) | Asked::Page(thread), Reply::NotFound) => {
                self.on_gone(thread);
            }
            (Asked::Append { cid, thread }, reply) => self.on_append_reply(now, cid, thread, reply),
            (Asked::Events(thread), Reply::Events(events)) => self.on_events(thread, events),
            (Asked::Page(thread), Reply::Page(page)) => self.send(Some(thread), ServerFrame::Page(page)),
            (Asked::Mark { thread, side }, Reply::Marked { marks, .. }) => self.on_marks(thread, side, marks),
            (Asked::Visitor, Reply::Device(answer)) => self.on_visitor_again(now, answer),
            (Asked::Heads, Reply::Heads(heads)) => self.on_heads(now, heads),
            (Asked::Rows, Reply::Rows { rows, more }) => self.on_rows(rows, more),
            // The answer does not fit the question: there is no use in it.
            (asked, _) => self.on_no_answer(now, asked),
        }
    }

    pub(super) fn on_store_failed(&mut self, now: u64) {
        if let Some(asked) = self.asked.take()
            && !self.is_closed()
        {
            self.on_no_answer(now, asked);
        }
    }

    /// The store said nothing useful; nothing is known to be committed.
    fn on_no_answer(&mut self, now: u64, asked: Asked) {
        match asked {
            Asked::Device(_) | Asked::Ticket => self.later(),
            Asked::Open(thread) if self.is_agent() => {
                self.unsubscribe(thread);
                self.complain(Some(thread), ErrorCode::Unavailable, "open: try again in a moment");
            }
            Asked::Open(_) => self.later(),
            Asked::Append { cid, thread } => {
                self.nack(thread, cid, NackCode::Busy, Some(STORE_RETRY_MS));
            }
            Asked::Events(thread) => self.retry_catch_up(thread, now + STORE_RETRY_MS),
            Asked::Page(thread) => {
                self.complain(Some(thread), ErrorCode::Unavailable, "fetch: try again in a moment");
            }
            Asked::Mark { thread, .. } => {
                self.complain(Some(thread), ErrorCode::Unavailable, "read: try again in a moment");
            }
            Asked::Heads | Asked::Visitor => self.send_beat(now),
            Asked::Rows => self.retry_rows(now + STORE_RETRY_MS),
        }
    }
}
