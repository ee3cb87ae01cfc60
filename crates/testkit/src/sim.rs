//! One history: a queue of what is due, in virtual time, and the world it happens to.

use std::collections::BTreeMap;

use rejoin_protocol::{
    AgentId, ClientFrame, ClientMessageId, DeviceId, DeviceToken, Envelope, Epoch, Event, Secret,
    ServerFrame, SiteName, ThreadId, Ticket,
};
use rejoin_server::domain::request::{Reply, Request};
use rejoin_server::domain::session::{self, Note, Session, Topic};
use rejoin_server::domain::{Ids as _, execute};
use rejoin_server::store::MemoryDb;
use rejoin_thread::{Config, Input, Output, Page, Rng, StateLine, Stored, Write, invariants};
use sha2::Digest as _;

use crate::faults::{Counts, Dice, Fault};
use crate::model::Model;
use crate::sim_client::{App, Client, Device};
use crate::sim_net::{Pipe, Way};
use crate::sim_server::Server;

/// The time of day when a history begins: 2026-01-01, in milliseconds since 1970.
const EPOCH_MS: u64 = 1_767_225_600_000;
/// Pages: two tabs of one device, one of another, and an agent's.
const SECOND_DEVICE: usize = 2;
const AGENT: usize = 3;
/// A history has at least this many messages in its log.
const MESSAGES_MIN: usize = 50;
/// And goes on no longer than this many attempts to write.
const ATTEMPTS_MAX: usize = 140;
/// When everything works again, everybody must agree within this: a few heartbeats and the longest backoff.
const QUIET_WITHIN_MS: u64 = 420_000;
/// The whole of every conversation is checked once in so many steps of its page, and at the end.
const CHECK_EVERY: u64 = 64;

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
enum Due {
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
struct ConnState {
    client: usize,
    life: u32,
    n: u32,
    client_open: bool,
    session: Option<Session>,
    asking: bool,
    tick_at: Option<u64>,
    pipe: Pipe,
}

/// Everything there is.
pub(crate) struct World {
    pub(crate) t: u64,
    options: Options,
    order: u64,
    steps: u64,
    due: BTreeMap<(u64, u64), Due>,
    pub(crate) dice: Dice,
    pub(crate) server: Server,
    conns: Vec<ConnState>,
    pub(crate) clients: Vec<Client>,
    pub(crate) devices: Vec<Device>,
    pub(crate) model: Model,
    backup: Option<MemoryDb>,
    thread: Option<ThreadId>,
    epoch: Option<Epoch>,
    second: DeviceToken,
    wrong: Option<String>,
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
        EPOCH_MS + self.t
    }

    fn at(&mut self, t: u64, due: Due) {
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

    // The clients.

    fn is_there(&self, c: usize, life: u32) -> bool {
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
    fn persist(&mut self, c: usize, ack: Option<ClientMessageId>, writes: Vec<Write>) -> bool {
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

    // Sockets, seen from the client.

    fn connect(&mut self, c: usize, n: u32) {
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

    fn conn_of(&self, c: usize, n: u32) -> Option<usize> {
        let life = self.clients[c].life;
        self.conns
            .iter()
            .rposition(|conn| conn.client == c && conn.life == life && conn.n == n && conn.client_open)
    }

    pub(crate) fn open_conns(&self) -> impl Iterator<Item = usize> + use<> {
        let open: Vec<usize> = (0..self.conns.len()).filter(|k| self.conns[*k].client_open).collect();
        open.into_iter()
    }

    fn disconnect(&mut self, c: usize, n: u32) {
        if let Some(k) = self.conn_of(c, n) {
            self.conns[k].client_open = false;
            let at = self.conns[k].pipe.after_all(self.t, Way::Up, self.dice.rng());
            self.at(at, Due::HungUp(k));
        }
    }

    fn transmit(&mut self, c: usize, n: u32, frame: Envelope<ClientFrame>) {
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
    fn trace<F>(&self, c: usize, n: u32, arrow: &str, frame: &Envelope<F>)
    where
        Envelope<F>: serde::Serialize,
    {
        if self.options.watch == Some(c) {
            let text = serde_json::to_string(frame).unwrap_or_default();
            eprintln!("{} ms, page {c} in life {}, socket {n} {arrow} {text}", self.t, self.clients[c].life);
        }
    }

    fn reaches_client(&self, k: usize) -> bool {
        let conn = &self.conns[k];
        conn.client_open && self.is_there(conn.client, conn.life)
    }

    fn client_opened(&mut self, k: usize) {
        if self.reaches_client(k) {
            let (c, n, t) = (self.conns[k].client, self.conns[k].n, self.t);
            self.clients[c].opened(t, n, Ticket(Secret::from_bytes([7; 32])));
            self.drain(c);
        }
    }

    fn client_frame(&mut self, k: usize, frame: Envelope<ServerFrame>) {
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

    fn client_closed(&mut self, k: usize, code: u16, retry_ms: Option<u64>) {
        if self.reaches_client(k) {
            self.conns[k].client_open = false;
            let (c, n) = (self.conns[k].client, self.conns[k].n);
            self.input(c, Input::Closed(n, code, retry_ms));
        }
    }

    /// The first message made the thread: the second device joins it, as pairing will let it.
    fn thread_is(&mut self, thread: ThreadId) {
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

    // Sockets, seen from the server.

    fn session_input(&mut self, k: usize, input: session::Input) {
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

    fn arm_session(&mut self, k: usize) {
        let due = self.conns[k].session.as_ref().and_then(Session::poll_timeout);
        if let Some(at) = due.map(|at| at.saturating_sub(EPOCH_MS).max(self.t + 1))
            && self.conns[k].tick_at.is_none_or(|before| at < before)
        {
            self.conns[k].tick_at = Some(at);
            self.at(at, Due::SessionTick(k));
        }
    }

    fn send_down(&mut self, k: usize, frame: Envelope<ServerFrame>) {
        let frame = if self.options.as_json { through_json(&frame) } else { frame };
        let arrivals = self.conns[k].pipe.arrivals(self.t, Way::Down, &mut self.dice);
        if let Some(at) = arrivals.second {
            self.at(at, Due::Down(k, Box::new(frame.clone())));
        }
        if let Some(at) = arrivals.first {
            self.at(at, Due::Down(k, Box::new(frame)));
        }
    }

    fn close_down(&mut self, k: usize, code: u16, reason: &str) {
        let retry = reason.strip_prefix("retry=").and_then(|ms| ms.parse().ok());
        let at = self.conns[k].pipe.after_all(self.t, Way::Down, self.dice.rng());
        self.at(at, Due::Closed(k, code, retry));
        self.hang_up(k);
    }

    /// The socket is gone for the server. A question that is out is still answered, for the others' sake.
    fn hang_up(&mut self, k: usize) {
        self.server.topics.values_mut().for_each(|listeners| {
            listeners.remove(&k);
        });
        if !self.conns[k].asking {
            self.conns[k].session = None;
        }
        self.conns[k].pipe.mute(Way::Down);
        self.conns[k].pipe.mute(Way::Up);
    }

    fn unsubscribe(&mut self, k: usize, topic: &Topic) {
        if let Some(listeners) = self.server.topics.get_mut(topic) {
            listeners.remove(&k);
        }
    }

    fn publish(&mut self, note: &Note) {
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

    fn store(&mut self, k: usize, boot: u32, request: Request) {
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

    // The server's fate.

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

    fn crash_server(&mut self) {
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

    // The checks.

    pub(crate) fn log(&mut self) -> Option<(Epoch, Vec<Event>)> {
        let thread = self.thread?;
        self.server.log(thread)
    }

    /// After every step of a page: its newest event is the server's (I4, I5, I10), its cursor has not gone back under
    /// one epoch (I8), and now and then everything else.
    fn look(&mut self, c: usize) {
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

    fn look_at_newest(&mut self, c: usize, pos: rejoin_protocol::StreamPosition) {
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

    fn check(&self, c: usize) -> Result<(), String> {
        let conversation = self.clients[c].conversation();
        conversation.map_or(Ok(()), invariants::check).map_err(|wrong| format!("page {c}: {wrong}"))
    }

    /// Whether everybody shows the server's log, has nothing left to send, and says so (I6).
    fn agreed(&mut self) -> Result<(), String> {
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

/// Another fresh token for a tab that is opened again.
fn spare_of(token: DeviceToken, seed: u64) -> DeviceToken {
    let mut secret = *token.secret.expose();
    secret[..8].copy_from_slice(&seed.to_be_bytes());
    DeviceToken { did: DeviceId::from_bytes(seed.to_le_bytes()), secret: Secret::from_bytes(secret) }
}

fn sha256(secret: Secret) -> [u8; 32] {
    sha2::Sha256::digest(secret.expose()).into()
}

/// A frame as the other side reads it.
fn through_json<F>(frame: &Envelope<F>) -> Envelope<F>
where
    Envelope<F>: serde::Serialize + serde::de::DeserializeOwned,
{
    let text =
        serde_json::to_string(frame).unwrap_or_else(|error| unreachable!("a frame can be written: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| unreachable!("what was written can be read: {error}"))
}
