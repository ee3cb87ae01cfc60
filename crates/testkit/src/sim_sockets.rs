//! Sockets as the pages see them.

use rejoin_protocol::{ClientFrame, Envelope, Secret, ServerFrame, ThreadId, Ticket};
use rejoin_thread::Input;
use sha2::Digest as _;

use crate::faults::Fault;
use crate::sim::{ConnState, Due, SECOND_DEVICE, World};
use crate::sim_net::{Pipe, Way};

impl World {
    pub(crate) fn connect(&mut self, c: usize, n: u32) {
        let life = self.clients[c].life;
        if !self.server.up || self.dice.strikes(Fault::Refused) {
            return self.at(self.t + 5, Due::Refused(c, life, n));
        }
        let session = Some(self.server.accept(self.wall()));
        let pipe = Pipe::default();
        self.conns.push(ConnState {
            client: c,
            life,
            n,
            client_open: true,
            session,
            asking: false,
            tick_at: None,
            pipe,
        });
        let k = self.conns.len() - 1;
        let at = self.conns[k].pipe.after_all(self.t, Way::Down, self.dice.rng());
        self.at(at, Due::Opened(k));
        self.arm_session(k);
    }

    pub(crate) fn conn_of(&self, c: usize, n: u32) -> Option<usize> {
        let life = self.clients[c].life;
        self.conns
            .iter()
            .rposition(|conn| conn.client == c && conn.life == life && conn.n == n && conn.client_open)
    }

    pub(crate) fn open_conns(&self) -> impl Iterator<Item = usize> + use<> {
        let open: Vec<usize> = (0..self.conns.len()).filter(|k| self.conns[*k].client_open).collect();
        open.into_iter()
    }

    pub(crate) fn disconnect(&mut self, c: usize, n: u32) {
        if let Some(k) = self.conn_of(c, n) {
            self.conns[k].client_open = false;
            let at = self.conns[k].pipe.after_all(self.t, Way::Up, self.dice.rng());
            self.at(at, Due::HungUp(k));
        }
    }

    pub(crate) fn transmit(&mut self, c: usize, n: u32, frame: Envelope<ClientFrame>) {
        let Some(k) = self.conn_of(c, n) else { return };
        self.trace(c, n, "->", &frame);
        let frame = if self.options.as_json { through_json(&frame) } else { frame };
        let arrivals = self.conns[k].pipe.arrivals(self.t, Way::Up, &mut self.dice);
        if let Some(at) = arrivals.second {
            self.at(at, Due::Up(k, Box::new(frame.clone())));
        }
        if let Some(at) = arrivals.first {
            self.at(at, Due::Up(k, Box::new(frame)));
        }
    }

    /// Prints a frame of the page that is being watched.
    #[expect(
        clippy::print_stderr,
        reason = "asked for by somebody who looks for the cause of a failing seed"
    )]
    pub(crate) fn trace<F>(&self, c: usize, n: u32, arrow: &str, frame: &Envelope<F>)
    where
        Envelope<F>: serde::Serialize,
    {
        if self.options.watch == Some(c) {
            let text = serde_json::to_string(frame).unwrap_or_default();
            eprintln!("{} ms, page {c} in life {}, socket {n} {arrow} {text}", self.t, self.clients[c].life);
        }
    }

    pub(crate) fn reaches_client(&self, k: usize) -> bool {
        let conn = &self.conns[k];
        conn.client_open && self.is_there(conn.client, conn.life)
    }

    pub(crate) fn client_opened(&mut self, k: usize) {
        if self.reaches_client(k) {
            let (c, n, t) = (self.conns[k].client, self.conns[k].n, self.t);
            self.clients[c].opened(t, n, Ticket(Secret::from_bytes([7; 32])));
            self.drain(c);
        }
    }

    pub(crate) fn client_frame(&mut self, k: usize, frame: Envelope<ServerFrame>) {
        if self.reaches_client(k) {
            if let ServerFrame::Ack(ack) = &frame.frame {
                self.model.acked(ack.cid);
                self.thread_is(ack.thread);
            }
            let (c, n) = (self.conns[k].client, self.conns[k].n);
            self.trace(c, n, "<-", &frame);
            self.input(c, Input::Frame(n, frame));
        }
    }

    pub(crate) fn client_closed(&mut self, k: usize, code: u16, retry_ms: Option<u64>) {
        if self.reaches_client(k) {
            self.conns[k].client_open = false;
            let (c, n) = (self.conns[k].client, self.conns[k].n);
            self.input(c, Input::Closed(n, code, retry_ms));
        }
    }

    /// The first message made the thread: the second device joins it, as pairing will let it.
    pub(crate) fn thread_is(&mut self, thread: ThreadId) {
        if self.thread.replace(thread) == Some(thread) || self.devices[1].token().is_some() {
            return;
        }
        let token = self.second;
        let hash = sha256(token.secret);
        self.server.add_device(thread, token.did, hash);
        self.devices[1].give(token);
        self.backup = Some(self.server.db.clone());
        let life = self.clients[SECOND_DEVICE].life;
        self.at(self.t + 100, Due::Restored(SECOND_DEVICE, life));
    }
}

fn sha256(secret: Secret) -> [u8; 32] {
    sha2::Sha256::digest(secret.expose()).into()
}

/// A frame as the other side reads it.
pub(crate) fn through_json<F>(frame: &Envelope<F>) -> Envelope<F>
where
    Envelope<F>: serde::Serialize + serde::de::DeserializeOwned,
{
    let text =
        serde_json::to_string(frame).unwrap_or_else(|error| unreachable!("a frame can be written: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| unreachable!("what was written can be read: {error}"))
}
