//! What is looked at while a history runs, and when it is over.

use rejoin_protocol::{Epoch, Event, StreamPosition};
use rejoin_server::domain::execute;
use rejoin_server::domain::request::{Reply, Request};
use rejoin_thread::{StateLine, invariants};

use crate::sim::World;
use crate::sim_client::App;

/// The whole of every conversation is checked once in so many steps of its page, and at the end.
const CHECK_EVERY: u64 = 64;

impl World {
    pub(crate) fn log(&mut self) -> Option<(Epoch, Vec<Event>)> {
        let thread = self.thread?;
        self.server.log(thread)
    }

    /// After every step of a page: its newest event is the server's (I4, I5, I10), its cursor has not gone back under
    /// one epoch (I8), and now and then everything else.
    pub(crate) fn look(&mut self, c: usize) {
        let pos = self.clients[c].conversation().and_then(|conversation| conversation.position());
        let before = std::mem::replace(&mut self.clients[c].checked, pos);
        let Some(pos) = pos else { return };
        if before.is_some_and(|before| before.epoch == pos.epoch && before.seq > pos.seq) {
            self.wrong.get_or_insert(format!("I8: page {c} went back to {}", pos.seq));
        }
        if before != Some(pos) && pos.seq > 0 {
            self.look_at_newest(c, pos);
        }
        if self.steps.is_multiple_of(CHECK_EVERY)
            && let Err(wrong) = self.check(c)
        {
            self.wrong.get_or_insert(wrong);
        }
    }

    pub(crate) fn look_at_newest(&mut self, c: usize, pos: StreamPosition) {
        let Some(thread) = self.thread else { return };
        if self.epoch.is_none() {
            self.epoch = self.log().map(|(epoch, _)| epoch);
        }
        if self.epoch != Some(pos.epoch) {
            return;
        }
        let request = Request::Events { thread, from: pos.seq, to: pos.seq, limit: 1 };
        let Ok(Reply::Events(events)) = execute(&mut self.server.db, request) else { return };
        let newest = self.clients[c].conversation().and_then(|conversation| {
            conversation
                .history()
                .messages()
                .rev()
                .find(|message| message.seq == pos.seq)
                .map(|message| message.id)
        });
        if newest.is_some() && events.first().map(|event| event.id) != newest {
            self.wrong.get_or_insert(format!("I4: page {c} has another event at {}", pos.seq));
        }
    }

    pub(crate) fn check(&self, c: usize) -> Result<(), String> {
        let conversation = self.clients[c].conversation();
        conversation.map_or(Ok(()), invariants::check).map_err(|wrong| format!("page {c}: {wrong}"))
    }

    /// Whether everybody shows the server's log, has nothing left to send, and says so (I6).
    pub(crate) fn agreed(&mut self) -> Result<(), String> {
        let Some((epoch, log)) = self.log() else { return Err("no thread".to_owned()) };
        self.model.check_arrived(&log)?;
        for (c, client) in self.clients.iter().enumerate() {
            let Some(conversation) = client.conversation() else {
                return Err(format!("page {c} shows nothing, {}", client.describe()));
            };
            let line = match &client.app {
                App::Tab(thread) => Some(thread.state_line()),
                App::Desk(desk) => conversation.id().and_then(|id| desk.state_line(id)),
            };
            if line != Some(StateLine::UpToDate) {
                return Err(format!("page {c} says {line:?}"));
            }
            let [run] = conversation.history().runs() else { return Err(format!("page {c} has holes")) };
            let shown: Vec<_> = run.messages.iter().map(|message| message.id).collect();
            let there: Vec<_> = log[run.lo as usize - 1..].iter().map(|event| event.id).collect();
            if conversation.position().map(|pos| (pos.epoch, pos.seq)) != Some((epoch, log.len() as u64))
                || shown != there
            {
                return Err(format!("page {c} shows another log"));
            }
        }
        Ok(())
    }
}
