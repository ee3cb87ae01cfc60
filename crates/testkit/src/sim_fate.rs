//! What befalls connections and the server.

use rejoin_server::domain::Ids as _;
use rejoin_server::domain::session;

use crate::sim::{Due, World};
use crate::sim_net::Way;

impl World {
    pub(crate) fn cut(&mut self, k: usize, told: bool) {
        if told {
            let at = self.t + self.dice.rng().below(200);
            self.at(at, Due::Closed(k, 1006, None));
            self.at(at, Due::HungUp(k));
        }
        self.conns[k].pipe.mute(Way::Up);
        self.conns[k].pipe.mute(Way::Down);
    }

    pub(crate) fn one_way(&mut self, k: usize) {
        let way = if self.dice.rng().below(2) == 0 { Way::Up } else { Way::Down };
        self.conns[k].pipe.mute(way);
    }

    pub(crate) fn crash_server(&mut self) {
        self.server.boot += 1;
        self.server.up = false;
        self.server.topics.clear();
        for k in 0..self.conns.len() {
            if self.conns[k].session.take().is_some() {
                let at = self.t + self.dice.rng().below(100);
                self.at(at, Due::Closed(k, 1006, None));
            }
            self.conns[k].pipe.mute(Way::Down);
            self.conns[k].pipe.mute(Way::Up);
        }
        let down = self.dice.rng().below(8_000);
        self.at(self.t + down, Due::ServerUp);
    }

    pub(crate) fn drain_server(&mut self) {
        for k in 0..self.conns.len() {
            let in_ms = self.dice.rng().below(2_000);
            self.session_input(k, session::Input::Drain(in_ms));
        }
    }

    /// The operator puts an older backup in place, which gives the data a new generation.
    pub(crate) fn restore_backup(&mut self) {
        let Some(mut backup) = self.backup.clone() else { return };
        self.crash_server();
        let before = self.log().map_or_else(Vec::new, |(_, log)| log);
        backup.set_generation(self.server.ids.bytes16());
        self.server.db = backup;
        self.epoch = None;
        let kept = self.log().map_or(0, |(_, log)| log.len());
        self.model.taken(&before[kept.min(before.len())..]);
    }
}
