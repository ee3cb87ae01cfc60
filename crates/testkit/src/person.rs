//! What the people do: they write, read, scroll, come and go, in no sensible order.

use rejoin_protocol::{Body, ClientMessageId};
use rejoin_server::domain::Ids as _;
use rejoin_thread::{DeskInput, Input, Page};

use crate::faults::Fault;
use crate::sim::World;
use crate::sim_client::App;

impl World {
    /// Somebody does something.
    pub(crate) fn step_of_a_person(&mut self) {
        let count = self.clients.len() as u64;
        let c = self.dice.rng().below(count) as usize;
        if self.clients[c].frozen || !self.is_part(c) {
            return;
        }
        match self.dice.rng().below(20) {
            0..=10 => self.write(c),
            11..=13 => self.read(c),
            14 => self.act(c, Input::LoadOlder),
            15 => self.act(c, Input::Viewing(true)),
            16 => self.act(c, Input::Viewing(false)),
            17 => self.act(c, Input::Draft("…".to_owned())),
            18 => self.input(c, Input::Page(Page::Online)),
            _ => self.input(c, Input::Page(Page::Visible)),
        }
    }

    fn write(&mut self, c: usize) {
        let cid = ClientMessageId::from_bytes(self.server.ids.bytes16());
        let text = format!("{} says {}", c, self.model.len());
        let wall = self.wall().saturating_add_signed(self.devices[self.clients[c].device].skew_ms);
        let Some(side) = self.clients[c].conversation().map(|conversation| conversation.side()) else {
            return;
        };
        if !self.clients[c].is_desk() || self.clients[c].conversation().is_some() {
            self.model.says(cid, side, text.clone(), (c, self.clients[c].life));
            self.act(c, Input::Submit { cid, cts: wall, body: Body::Text(text) });
        }
    }

    fn read(&mut self, c: usize) {
        let upto = self.clients[c]
            .conversation()
            .and_then(|conversation| conversation.position())
            .map_or(0, |pos| pos.seq);
        self.act(c, Input::Seen(upto));
    }

    /// Something in the thread that the page shows.
    pub(crate) fn act(&mut self, c: usize, input: Input) {
        let thread = self.clients[c].conversation().and_then(|conversation| conversation.id());
        let t = self.t;
        self.clients[c].act(t, thread, input);
        self.drain(c);
    }

    /// The agent opens the thread as soon as it is in the list.
    pub(crate) fn open_threads(&mut self, c: usize) {
        let now = self.clients[c].now(self.t);
        let App::Desk(desk) = &mut self.clients[c].app else { return };
        let thread =
            desk.threads().next().map(|row| row.thread).filter(|_| desk.conversations().next().is_none());
        if let Some(thread) = thread {
            desk.handle(now, DeskInput::Open(thread));
            self.drain(c);
        }
    }

    /// Fate takes a look at the connections, the tabs and the server.
    pub(crate) fn step_of_fate(&mut self) {
        let live: Vec<usize> = self.open_conns().collect();
        if !live.is_empty() {
            let k = live[self.dice.rng().below(live.len() as u64) as usize];
            if self.dice.strikes(Fault::Cut) {
                self.cut(k, true);
            } else if self.dice.strikes(Fault::CutSilently) {
                self.cut(k, false);
            } else if self.dice.strikes(Fault::OneWay) {
                self.one_way(k);
            }
        }
        let c = self.dice.rng().below(self.clients.len() as u64) as usize;
        if !self.is_part(c) {
            // Its device has not been given the thread yet.
        } else if self.dice.strikes(Fault::TabCrashed) {
            self.crash_client(c);
        } else if self.dice.strikes(Fault::PageFrozen) {
            self.freeze(c);
        }
        if self.server.up && self.dice.strikes(Fault::Drained) {
            self.drain_server();
        } else if self.server.up && self.dice.strikes(Fault::Restored) {
            self.restore_backup();
        }
    }
}
