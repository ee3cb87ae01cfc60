//! Appending from a connection, and telling the others once it is committed.

use std::sync::Arc;

use rejoin_protocol::{
    BodyError, ClientMessageId, EventKind, Marks, MessageId, Nack, NackCode, Send, ServerFrame, Side,
    ThreadId,
};

use super::subscription::Sub;
use super::{Asked, Note, Output, STORE_RETRY_MS, Session, State};
use crate::domain::Ids;
use crate::domain::rate::{AGENT_SENDS, CUSTOMER_SENDS, DAY_MS};
use crate::domain::request::{Append, Appended, NewEvent, Reply, Request, Target};

impl Session {
    /// `thread` is the one named in the envelope, which a customer's frames do not have.
    pub(super) fn on_send(&mut self, now: u64, ids: &mut dyn Ids, thread: Option<ThreadId>, send: Send) {
        if let Err(error) = send.body.check() {
            let code = match error {
                BodyError::TooLong => NackCode::TooBig,
                BodyError::Empty | BodyError::UnknownKind => NackCode::BadBody,
            };
            return self.nack(thread, send.cid, code, None);
        }
        let rate = if self.is_agent() { AGENT_SENDS } else { CUSTOMER_SENDS };
        if let Err(retry_ms) = self.rates.sends.take(rate, now) {
            return self.nack(thread, send.cid, NackCode::Rate, Some(retry_ms));
        }
        let (site, target) = match &self.state {
            State::Agent(agent) => match thread.filter(|id| self.subs.contains_key(id)) {
                Some(thread) => (agent.site.clone(), Target::Thread(thread)),
                None => return self.nack(thread, send.cid, NackCode::NotOpen, Some(STORE_RETRY_MS)),
            },
            State::Customer(customer) => {
                let Some(device) = customer.device else {
                    return self.nack(None, send.cid, NackCode::NotOpen, Some(STORE_RETRY_MS));
                };
                if customer.thread.is_none()
                    && let Err(retry_ms) = self.conn.gate.new_thread(now)
                {
                    return self.nack(None, send.cid, NackCode::Rate, Some(retry_ms));
                }
                // Always by the device, so that its standing is checked with the append itself.
                let target = Target::Device {
                    did: device.did,
                    secret_hash: device.secret_hash,
                    thread: ThreadId::from_bytes(ids.bytes16()),
                    salt: ids.bytes16(),
                };
                (customer.site.clone(), target)
            }
            State::Greeting { .. } | State::Admitting | State::Closed => return,
        };
        let thread = match &self.state {
            State::Customer(customer) => customer.thread,
            State::Greeting { .. } | State::Admitting | State::Agent(_) | State::Closed => thread,
        };
        let message = MessageId::from_bytes(ids.bytes16());
        let by = self.author();
        let append = Append { site, target, by, cid: send.cid, body: send.body, now, message };
        self.ask(Asked::Append { cid: send.cid, thread }, Request::Append(append));
    }

    /// Tells the other connections what the store has committed; done even when this connection is gone.
    pub(super) fn announce(&mut self, asked: &Asked, reply: &Reply) {
        match (asked, reply) {
            (Asked::Append { .. }, Reply::Appended(appended)) => {
                let Some(new) = &appended.new else { return };
                let thread = appended.ack.thread;
                let (side, marks) = marks_of(new);
                self.publish(Note::Event(thread, Arc::new(new.event.clone())));
                self.publish(Note::Marks(thread, side, marks));
                self.publish_inbox(new.inbox_ver);
            }
            (Asked::Mark { thread, side }, Reply::Marked { marks, moved: true, inbox_ver }) => {
                self.publish(Note::Marks(*thread, *side, *marks));
                if let Some(ver) = inbox_ver {
                    self.publish_inbox(*ver);
                }
            }
            _ => {}
        }
    }

    fn publish_inbox(&mut self, ver: u64) {
        if let Some(site) = self.site.clone() {
            self.publish(Note::Inbox(site, ver));
        }
    }

    fn publish(&mut self, note: Note) {
        self.out.push_back(Output::Publish(note));
    }

    pub(super) fn on_append_reply(
        &mut self,
        now: u64,
        cid: ClientMessageId,
        thread: Option<ThreadId>,
        reply: Reply,
    ) {
        let code = if let Reply::Appended(appended) = reply {
            return self.on_appended(*appended);
        } else if let Reply::Device(answer) = reply {
            return self.turn_away(answer);
        } else if let Reply::Refused(code) = reply {
            code
        } else {
            // The answer does not fit the question: there is no use in it.
            NackCode::Busy
        };
        let retry_ms = match code {
            // The only count that the store keeps is the day's.
            NackCode::Rate => Some(DAY_MS - now % DAY_MS),
            NackCode::Busy | NackCode::NotOpen => Some(STORE_RETRY_MS),
            NackCode::TooBig
            | NackCode::BadBody
            | NackCode::Blocked
            | NackCode::CidConflict
            | NackCode::Gone
            | NackCode::Unknown => None,
        };
        self.nack(thread, cid, code, retry_ms);
    }

    fn on_appended(&mut self, appended: Appended) {
        let Appended { ack, new } = appended;
        let thread = ack.thread;
        self.send(Some(thread), ServerFrame::Ack(ack));
        if let State::Customer(customer) = &mut self.state
            && customer.thread != Some(thread)
        {
            if let Some(old) = customer.thread.replace(thread) {
                self.unsubscribe(old);
            }
            if ack.seq > 1 || new.is_none() {
                // Another connection has made the thread: catch up as at the start.
                return self.subscribe(thread, None);
            }
            self.listen(thread, Sub::fresh());
        }
        // Not left to the bus, which may lose it.
        match new {
            Some(new) => {
                let (side, marks) = marks_of(&new);
                self.on_event_note(thread, &Arc::new(new.event));
                self.on_marks(thread, side, marks);
            }
            None => self.on_head(thread, ack.seq),
        }
    }

    pub(super) fn nack(
        &mut self,
        thread: Option<ThreadId>,
        cid: ClientMessageId,
        code: NackCode,
        retry_ms: Option<u64>,
    ) {
        self.send(thread, ServerFrame::Nack(Nack { cid, code, retry_ms }));
    }
}

/// The sender's side and its cursors, which the message has moved.
fn marks_of(new: &NewEvent) -> (Side, Marks) {
    let side = match &new.event.kind {
        EventKind::Msg(posted) => posted.by.side(),
        EventKind::Unknown { .. } => Side::Customer,
    };
    let marks = match side {
        Side::Customer => new.read.customer,
        Side::Agent => new.read.agent,
    };
    (side, marks)
}
