//! One history: a queue of what is due, in virtual time, and the world it happens to.

use std::collections::BTreeMap;

use rejoin_protocol::{
    AgentId, ClientFrame, ClientMessageId, DeviceId, DeviceToken, Envelope, Epoch, Secret, ServerFrame,
    SiteName, ThreadId,
};
use rejoin_server::domain::request::{Reply, Request};
use rejoin_server::domain::session::{self, Note, Session};
use rejoin_server::domain::{Ids as _, execute};
use rejoin_server::store::MemoryDb;
use rejoin_thread::{Config, Input, Page, Rng, Stored};

use crate::faults::{Counts, Dice, Fault};
use crate::model::Model;
use crate::sim_client::{Client, Device};
use crate::sim_net::Pipe;
use crate::sim_server::Server;

/// The time of day when a history begins: 2026-01-01, in milliseconds since 1970.
pub(crate) const START_MS: u64 = 1_767_225_600_000;
/// Pages: two tabs of one device, one of another, and an agent's.
pub(crate) const SECOND_DEVICE: usize = 2;
const AGENT: usize = 3;
/// A history has at least this many messages in its log.
const MESSAGES_MIN: usize = 50;
/// And goes on no longer than this many attempts to write.
const ATTEMPTS_MAX: usize = 140;
/// When everything works again, everybody must agree within this: a few heartbeats and the longest backoff.
const QUIET_WITHIN_MS: u64 = 420_000;

/// How to run a history.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Frames cross the network as JSON text: slower, and tests the format too.
    pub as_json: bool,
    /// Print every frame of this page: 0 and 1 are the tabs of the first device, 2 is the second's, 3 the agent's.
    pub watch: Option<usize>,
}

/// A history that went well.
#[derive(Clone, Debug)]
pub struct Report {
    /// How often each fault happened.
    pub faults: Counts,
    /// Messages in the log at the end.
    pub messages: usize,
    /// Things that happened.
    pub steps: u64,
    /// The end, in milliseconds after the beginning.
    pub virtual_ms: u64,
}

/// Runs the history of this seed; what is wrong with it, in words, if anything is.
pub fn run(seed: u64, options: Options) -> Result<Report, String> {
    let mut world = World::new(seed, options);
    world.play().map_err(|wrong| format!("seed {seed} at {} ms: {wrong}", world.t))?;
    let (faults, messages) = (world.dice.counts().clone(), world.log().map_or(0, |(_, log)| log.len()));
    Ok(Report { faults, messages, steps: world.steps, virtual_ms: world.t })
}

/// Something that is due.
pub(crate) enum Due {
    Person,
    Tick(usize, u32),
    Restored(usize, u32),
    Stored(usize, u32, ClientMessageId, Stored),
    Thaw(usize, u32),
    Opened(usize),
    Down(usize, Box<Envelope<ServerFrame>>),
    Closed(usize, u16, Option<u64>),
    Refused(usize, u32, u32),
    Up(usize, Box<Envelope<ClientFrame>>),
    HungUp(usize),
    SessionTick(usize),
    Store(usize, u32, Box<Request>),
    Redeemed(usize),
    Note(usize, u32, Box<Note>),
    ServerUp,
}

/// One socket.
pub(crate) struct ConnState {
    pub(crate) client: usize,
    pub(crate) life: u32,
    pub(crate) n: u32,
    pub(crate) client_open: bool,
    pub(crate) session: Option<Session>,
    pub(crate) asking: bool,
    pub(crate) tick_at: Option<u64>,
    pub(crate) pipe: Pipe,
}

/// Everything there is.
pub(crate) struct World {
    pub(crate) t: u64,
    pub(crate) options: Options,
    pub(crate) order: u64,
    pub(crate) steps: u64,
    pub(crate) due: BTreeMap<(u64, u64), Due>,
    pub(crate) dice: Dice,
    pub(crate) server: Server,
    pub(crate) conns: Vec<ConnState>,
    pub(crate) clients: Vec<Client>,
    pub(crate) devices: Vec<Device>,
    pub(crate) model: Model,
    pub(crate) backup: Option<MemoryDb>,
    pub(crate) thread: Option<ThreadId>,
    pub(crate) epoch: Option<Epoch>,
    pub(crate) second: DeviceToken,
    pub(crate) wrong: Option<String>,
}

impl World {
    fn new(seed: u64, options: Options) -> World {
        let mut rng = Rng::new(seed);
        let mut dice = Dice::new(rng.next_u64());
        let site: SiteName = "demo".parse().unwrap_or_else(|_| unreachable!("a plain name"));
        let mut server = Server::new(Rng::new(rng.next_u64()), &site, AgentId::from_bytes([9; 16]));
        let mut devices: Vec<Device> = (0..3).map(|_| Device::default()).collect();
        for device in &mut devices {
            if dice.strikes(Fault::ClockSkewed) {
                device.skew_ms = dice.rng().below(172_800_000) as i64 - 86_400_000;
            }
        }
        let mut token = || {
            let (a, b, c) = (server.ids.bytes16(), server.ids.bytes16(), server.ids.bytes16());
            let mut did = [0; 8];
            did.copy_from_slice(&a[..8]);
            DeviceToken {
                did: DeviceId::from_bytes(did),
                secret: Secret::from_bytes([b, c].concat().try_into().unwrap_or([0; 32])),
            }
        };
        let tab = |rng: &mut Rng, spare, device| {
            Client::tab(
                Config { site: site.clone(), seed: rng.next_u64(), spare },
                device,
                rng.below(1 << 40),
            )
        };
        let mut clients =
            vec![tab(&mut rng, token(), 0), tab(&mut rng, token(), 0), tab(&mut rng, token(), 1)];
        clients.push(Client::desk(rng.next_u64(), 2, rng.below(1 << 40)));
        let second = token();
        World {
            t: 0,
            options,
            order: 0,
            steps: 0,
            due: BTreeMap::new(),
            dice,
            server,
            conns: Vec::new(),
            clients,
            devices,
            model: Model::default(),
            backup: None,
            thread: None,
            epoch: None,
            second,
            wrong: None,
        }
    }

    /// The time of day.
    pub(crate) fn wall(&self) -> u64 {
        START_MS + self.t
    }

    pub(crate) fn at(&mut self, t: u64, due: Due) {
        self.order += 1;
        self.due.insert((t.max(self.t), self.order), due);
    }

    fn play(&mut self) -> Result<(), String> {
        for c in [0, 1, AGENT] {
            self.at(0, Due::Restored(c, 0));
        }
        self.at(1, Due::Person);
        while self.wrong.is_none() && !self.has_enough() {
            self.step()?;
        }
        self.dice.hush();
        self.t_all_well();
        let deadline = self.t + QUIET_WITHIN_MS;
        let mut next_look = self.t;
        loop {
            if let Some(wrong) = self.wrong.take() {
                return Err(wrong);
            }
            if self.t >= next_look {
                next_look = self.t + 3_000;
                self.open_threads(AGENT);
                let Err(why) = self.agreed() else { break };
                if self.t > deadline {
                    return Err(format!("I6: no agreement: {why}"));
                }
            }
            self.step()?;
        }
        let Some((_, log)) = self.log() else { return Err("no thread at the end".to_owned()) };
        self.model.check_log(&log)?;
        (0..self.clients.len()).try_for_each(|c| self.check(c))
    }

    fn has_enough(&mut self) -> bool {
        let messages = self.thread.and_then(|thread| self.head(thread)).unwrap_or(0) as usize;
        let joined = self.devices[1].token().is_some();
        (joined && messages >= MESSAGES_MIN && self.model.len() >= MESSAGES_MIN)
            || self.model.len() >= ATTEMPTS_MAX
    }

    fn head(&mut self, thread: ThreadId) -> Option<u64> {
        match execute(&mut self.server.db, Request::Heads(vec![thread])) {
            Ok(Reply::Heads(heads)) => heads.first().map(|head| head.head),
            _ => None,
        }
    }

    /// Everything works from now on, and everybody is there to see it.
    fn t_all_well(&mut self) {
        if !self.server.up {
            self.at(self.t, Due::ServerUp);
        }
        for c in 0..self.clients.len() {
            let life = self.clients[c].life;
            self.at(self.t, Due::Thaw(c, life));
        }
    }

    fn step(&mut self) -> Result<(), String> {
        let Some(((t, _), due)) = self.due.pop_first() else {
            return Err("nothing is due any more".to_owned());
        };
        self.t = t;
        self.steps += 1;
        match due {
            Due::Person => self.person(),
            Due::Tick(c, life) => {
                if self.clients[c].life == life && self.clients[c].tick_at.is_some_and(|at| at <= t) {
                    self.clients[c].tick_at = None;
                    if !self.clients[c].frozen {
                        self.input(c, Input::Tick);
                    }
                }
            }
            // What a frozen page waits for comes after it is back.
            due @ (Due::Restored(c, life) | Due::Stored(c, life, ..))
                if self.clients[c].life == life && self.clients[c].frozen =>
            {
                self.at(t + 500, due);
            }
            Due::Restored(c, life) if self.is_there(c, life) => {
                let records = self.devices[self.clients[c].device].records();
                self.input(c, Input::Restored(records));
            }
            Due::Stored(c, life, cid, stored) if self.is_there(c, life) => {
                self.input(c, Input::Stored(cid, stored))
            }
            Due::Thaw(c, life) if self.clients[c].life == life => {
                let back =
                    if std::mem::take(&mut self.clients[c].frozen) { Page::Back } else { Page::Visible };
                self.input(c, Input::Page(back));
            }
            Due::Restored(..) | Due::Stored(..) | Due::Thaw(..) => {}
            Due::Opened(k) => self.client_opened(k),
            Due::Down(k, frame) => self.client_frame(k, *frame),
            Due::Closed(k, code, retry) => self.client_closed(k, code, retry),
            Due::Refused(c, life, n) => {
                if self.is_there(c, life) {
                    self.input(c, Input::Closed(n, 1006, None));
                }
            }
            Due::Up(k, frame) => self.session_input(k, session::Input::Frame(*frame)),
            Due::HungUp(k) => self.hang_up(k),
            Due::SessionTick(k) => {
                if self.conns[k].tick_at.is_some_and(|at| at <= t) {
                    self.conns[k].tick_at = None;
                    self.session_input(k, session::Input::Tick);
                }
            }
            Due::Store(k, boot, request) => self.store(k, boot, *request),
            Due::Redeemed(k) => {
                let agent = self.server.agent();
                self.session_input(k, session::Input::Redeemed(Some(agent)));
            }
            Due::Note(k, boot, note) if boot == self.server.boot => {
                self.session_input(k, session::Input::Note(*note))
            }
            Due::Note(..) => {}
            Due::ServerUp => self.server.up = true,
        }
        Ok(())
    }

    fn person(&mut self) {
        if self.has_enough() {
            return;
        }
        self.open_threads(AGENT);
        self.step_of_a_person();
        self.step_of_fate();
        if self.dice.rng().below(12) == 0 && self.devices[1].token().is_some() {
            self.backup = Some(self.server.db.clone());
        }
        let pause = match self.dice.rng().below(8) {
            0 => 2_000 + self.dice.rng().below(20_000),
            _ => 20 + self.dice.rng().below(900),
        };
        self.at(self.t + pause, Due::Person);
    }

    /// Whether the page takes part: the second device does so once it was given the thread.
    pub(crate) fn is_part(&self, c: usize) -> bool {
        c != SECOND_DEVICE || self.devices[1].token().is_some()
    }
}
