//! Sockets as the server sees them: sessions, the bus between them, and the store.

use rejoin_protocol::{Envelope, ServerFrame};
use rejoin_server::domain::execute;
use rejoin_server::domain::request::Request;
use rejoin_server::domain::session::{self, Note, Session, Topic};

use crate::faults::Fault;
use crate::sim::{Due, START_MS, World};
use crate::sim_net::Way;
use crate::sim_sockets::through_json;

impl World {
    pub(crate) fn session_input(&mut self, k: usize, input: session::Input) {
        let wall = self.wall();
        let Some(session) = &mut self.conns[k].session else { return };
        session.handle(wall, &mut self.server.ids, input);
        while let Some(output) = self.conns[k].session.as_mut().and_then(Session::poll_output) {
            match output {
                session::Output::Send(frame) => self.send_down(k, frame),
                session::Output::Ask(request) => {
                    self.conns[k].asking = true;
                    let (boot, delay) = (self.server.boot, self.dice.rng().below(6));
                    self.at(self.t + delay, Due::Store(k, boot, Box::new(request)));
                }
                session::Output::Redeem(_) => self.at(self.t + 1, Due::Redeemed(k)),
                session::Output::Subscribe(topic) => {
                    self.server.topics.entry(topic).or_default().insert(k);
                }
                session::Output::Unsubscribe(topic) => self.unsubscribe(k, &topic),
                session::Output::Publish(note) => self.publish(&note),
                session::Output::Close(code, reason) => self.close_down(k, code, &reason),
            }
        }
        self.arm_session(k);
    }

    pub(crate) fn arm_session(&mut self, k: usize) {
        let due = self.conns[k].session.as_ref().and_then(Session::poll_timeout);
        if let Some(at) = due.map(|at| at.saturating_sub(START_MS).max(self.t + 1))
            && self.conns[k].tick_at.is_none_or(|before| at < before)
        {
            self.conns[k].tick_at = Some(at);
            self.at(at, Due::SessionTick(k));
        }
    }

    pub(crate) fn send_down(&mut self, k: usize, frame: Envelope<ServerFrame>) {
        let frame = if self.options.as_json { through_json(&frame) } else { frame };
        let arrivals = self.conns[k].pipe.arrivals(self.t, Way::Down, &mut self.dice);
        if let Some(at) = arrivals.second {
            self.at(at, Due::Down(k, Box::new(frame.clone())));
        }
        if let Some(at) = arrivals.first {
            self.at(at, Due::Down(k, Box::new(frame)));
        }
    }

    pub(crate) fn close_down(&mut self, k: usize, code: u16, reason: &str) {
        let retry = reason.strip_prefix("retry=").and_then(|ms| ms.parse().ok());
        let at = self.conns[k].pipe.after_all(self.t, Way::Down, self.dice.rng());
        self.at(at, Due::Closed(k, code, retry));
        self.hang_up(k);
    }

    /// The socket is gone for the server. A question that is out is still answered, for the others' sake.
    pub(crate) fn hang_up(&mut self, k: usize) {
        self.server.topics.values_mut().for_each(|listeners| {
            listeners.remove(&k);
        });
        if !self.conns[k].asking {
            self.conns[k].session = None;
        }
        self.conns[k].pipe.mute(Way::Down);
        self.conns[k].pipe.mute(Way::Up);
    }

    pub(crate) fn unsubscribe(&mut self, k: usize, topic: &Topic) {
        if let Some(listeners) = self.server.topics.get_mut(topic) {
            listeners.remove(&k);
        }
    }

    pub(crate) fn publish(&mut self, note: &Note) {
        let listeners: Vec<usize> =
            self.server.topics.get(&note.topic()).into_iter().flatten().copied().collect();
        let boot = self.server.boot;
        for k in listeners {
            if self.dice.strikes(Fault::NoteLost) {
                continue;
            }
            let late = if self.dice.strikes(Fault::NoteReordered) { self.dice.rng().below(300) } else { 0 };
            self.at(self.t + late, Due::Note(k, boot, Box::new(note.clone())));
            if self.dice.strikes(Fault::NoteDoubled) {
                let late = self.dice.rng().below(300);
                self.at(self.t + late, Due::Note(k, boot, Box::new(note.clone())));
            }
        }
    }

    pub(crate) fn store(&mut self, k: usize, boot: u32, request: Request) {
        if boot != self.server.boot {
            return;
        }
        if self.dice.strikes(Fault::CrashBeforeCommit) {
            return self.crash_server();
        }
        self.conns[k].asking = false;
        if self.dice.strikes(Fault::StoreFailed) {
            return self.session_input(k, session::Input::StoreFailed);
        }
        let writes = request.writes();
        let reply = execute(&mut self.server.db, request);
        if writes && self.dice.strikes(Fault::CrashAfterCommit) {
            return self.crash_server();
        }
        match reply {
            Ok(reply) => self.session_input(k, session::Input::Reply(reply)),
            Err(error) => self.wrong = Some(format!("the store said {error}")),
        }
    }
}
