//! What the world does for a page: carries out what its app wants, and lets it die, freeze and come back.

use rejoin_protocol::{ClientMessageId, DeviceId, DeviceToken, Secret};
use rejoin_thread::{Config, Input, Output, Page, Stored, Write};

use crate::faults::Fault;
use crate::sim::{Due, World};
use crate::sim_client::{App, Client};
use crate::sim_net::Way;

impl World {
    pub(crate) fn is_there(&self, c: usize, life: u32) -> bool {
        self.clients[c].life == life && !self.clients[c].frozen
    }

    pub(crate) fn input(&mut self, c: usize, input: Input) {
        let t = self.t;
        self.clients[c].handle(t, input);
        self.drain(c);
    }

    /// Carries out what the page wants, then checks it.
    pub(crate) fn drain(&mut self, c: usize) {
        while let Some(output) = self.clients[c].output() {
            match output {
                Output::Connect(n) => self.connect(c, n),
                Output::Disconnect(n) => self.disconnect(c, n),
                Output::Transmit(n, frame) => self.transmit(c, n, frame),
                Output::Persist(ack, writes) => {
                    if self.persist(c, ack, writes) {
                        return;
                    }
                }
                Output::Reload => {
                    let life = self.clients[c].life;
                    self.at(self.t + 3, Due::Restored(c, life));
                }
                Output::Compose(_) | Output::Announce(_) => {}
            }
        }
        let life = self.clients[c].life;
        if let Some(at) = self.clients[c].timeout().map(|at| at.max(self.t + 1))
            && self.clients[c].tick_at.is_none_or(|before| at < before)
        {
            self.clients[c].tick_at = Some(at);
            self.at(at, Due::Tick(c, life));
        }
        self.look(c);
    }

    /// True if the tab died of it.
    pub(crate) fn persist(&mut self, c: usize, ack: Option<ClientMessageId>, writes: Vec<Write>) -> bool {
        let (life, device) = (self.clients[c].life, self.clients[c].device);
        if self.dice.strikes(Fault::TabCrashedWriting) {
            if self.dice.rng().below(2) == 0 {
                self.devices[device].write(writes);
                ack.into_iter().for_each(|cid| self.model.kept(cid));
            }
            self.crash_client(c);
            return true;
        }
        let failed = self.dice.strikes(Fault::WriteFailed);
        let claims = writes.iter().any(|write| matches!(write, Write::Claim(_)));
        // A token that is nowhere kept would make a second thread after a crash; that limit is documented, and a
        // history with two threads has nothing to compare.
        let stored = if failed && !claims { Stored::Failed } else { self.devices[device].write(writes) };
        if let Some(cid) = ack {
            if stored != Stored::Failed {
                self.model.kept(cid);
            }
            let delay = 1 + self.dice.rng().below(20);
            self.at(self.t + delay, Due::Stored(c, life, cid, stored));
        }
        if claims {
            for other in (0..self.clients.len())
                .filter(|other| *other != c && self.clients[*other].device == device)
                .collect::<Vec<_>>()
            {
                let life = self.clients[other].life;
                self.at(self.t + 2, Due::Restored(other, life));
            }
        }
        false
    }

    pub(crate) fn crash_client(&mut self, c: usize) {
        let seed = self.dice.rng().next_u64();
        for k in self.open_conns().filter(|k| self.conns[*k].client == c).collect::<Vec<_>>() {
            self.conns[k].client_open = false;
            let at = self.conns[k].pipe.after_all(self.t, Way::Up, self.dice.rng());
            self.at(at, Due::HungUp(k));
        }
        let client = &mut self.clients[c];
        client.app = match &client.app {
            App::Tab(_) => {
                let spare = self.second;
                let site = self.server.site.clone();
                Client::tab(Config { site, seed, spare: spare_of(spare, seed) }, 0, 0).app
            }
            App::Desk(_) => Client::desk(seed, 0, 0).app,
        };
        client.life += 1;
        (client.frozen, client.tick_at, client.checked) = (false, None, None);
        let life = client.life;
        if self.is_part(c) {
            let delay = self.dice.rng().below(3_000);
            self.at(self.t + delay, Due::Restored(c, life));
        }
    }

    pub(crate) fn freeze(&mut self, c: usize) {
        if std::mem::replace(&mut self.clients[c].frozen, true) {
            return;
        }
        self.input(c, Input::Page(Page::Leaving));
        let (life, delay) = (self.clients[c].life, self.dice.rng().below(30_000));
        self.at(self.t + delay, Due::Thaw(c, life));
    }
}

/// Another fresh token for a tab that is opened again.
fn spare_of(token: DeviceToken, seed: u64) -> DeviceToken {
    let mut secret = *token.secret.expose();
    secret[..8].copy_from_slice(&seed.to_be_bytes());
    DeviceToken { did: DeviceId::from_bytes(seed.to_le_bytes()), secret: Secret::from_bytes(secret) }
}
