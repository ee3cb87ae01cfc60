//! What stands in for the rim: connections, a clock that is moved by hand, a database and a bus. It checks at every
//! step what a rim may rely on.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rejoin_protocol::{
    AgentId, ClientFrame, DeviceToken, Envelope, Err, ErrorCode, Secret, ServerFrame, SiteName,
};
use rejoin_server::bus::{Bus as _, LocalBus, Mailbox};
use rejoin_server::domain::rate::Gate;
use rejoin_server::domain::request::{Agent, Reply, Request};
use rejoin_server::domain::session::{Conn, Input, Note, Output, Session};
use rejoin_server::domain::{Ids, execute};
use rejoin_server::store::MemoryDb;
use sha2::{Digest as _, Sha256};

/// A Thursday morning; shown as `T`.
pub(crate) const START: u64 = 1_700_000_000_000;

pub(crate) const OWN_ORIGIN: &str = "https://chat.example";

/// Ids that count, so that a transcript can name them.
struct Counter(u128);

impl Ids for Counter {
    fn bytes16(&mut self) -> [u8; 16] {
        self.0 += 1;
        self.0.to_be_bytes()
    }
}

/// Lets so many visitors through.
pub(crate) struct Door(pub(crate) AtomicU64);

impl Gate for Door {
    fn new_thread(&self, _now: u64) -> Result<(), u64> {
        let let_in = |left: u64| left.checked_sub(1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, let_in).map(|_| ()).map_err(|_| 120_000)
    }
}

/// How the store behaves to one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreMood {
    Answers,
    /// Questions stay unanswered until it answers again.
    Holds,
    Fails,
}

pub(crate) struct Connection {
    session: Session,
    mailbox: Arc<Mailbox>,
    /// The question that is out while the store holds.
    pending: Option<Request>,
    pub(crate) mood: StoreMood,
    /// Notes to it are lost.
    pub(crate) deaf: bool,
    closed: bool,
}

/// Something a connection was told.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(Envelope<ServerFrame>),
    Closed(u16, String),
}

pub(crate) struct Rig {
    pub(crate) now: u64,
    pub(crate) db: MemoryDb,
    ids: Counter,
    bus: LocalBus,
    pub(crate) door: Arc<Door>,
    agents: BTreeMap<u8, Agent>,
    tickets: BTreeMap<[u8; 32], Agent>,
    pub(crate) connections: BTreeMap<String, Connection>,
    /// What was heard, in order, by whom.
    pub(crate) heard: VecDeque<(String, Heard)>,
}

/// The token of device `n`.
pub(crate) fn token(n: u8) -> DeviceToken {
    DeviceToken { did: rejoin_protocol::DeviceId::from_bytes([n; 8]), secret: Secret::from_bytes([n; 32]) }
}

fn site(name: &str) -> SiteName {
    name.parse().unwrap()
}

impl Rig {
    /// Sites `demo` and `other`; the agents Ada and Ben of the first and Olga of the second.
    pub(crate) fn new() -> Rig {
        let mut rig = Rig {
            now: START,
            db: MemoryDb::new([1; 16]),
            ids: Counter(0),
            bus: LocalBus::new(),
            door: Arc::new(Door(AtomicU64::new(1_000))),
            agents: BTreeMap::new(),
            tickets: BTreeMap::new(),
            connections: BTreeMap::new(),
            heard: VecDeque::new(),
        };
        for name in ["demo", "other"] {
            rig.ask(Request::AddSite { name: site(name), origins: vec![], now: START });
        }
        for (n, name, of) in [(0xa, "Ada", "demo"), (0xb, "Ben", "demo"), (0xc, "Olga", "other")] {
            let id = AgentId::from_bytes([n; 16]);
            let email = format!("{name}@{of}.example");
            rig.ask(Request::AddAgent {
                id,
                email: email.clone(),
                site: site(of),
                name: name.to_owned(),
                link_hash: [n; 32],
                link_until: START,
                now: START,
            });
            let agent = Agent { id, site: site(of), name: name.to_owned(), email };
            rig.agents.insert(n, agent);
            rig.sign_in(n);
        }
        rig
    }

    /// Makes a ticket for an agent, whose secret is that byte over and over.
    pub(crate) fn sign_in(&mut self, n: u8) {
        self.tickets.insert(Sha256::digest([n; 32]).into(), self.agents[&n].clone());
    }

    pub(crate) fn ask(&mut self, request: Request) -> Reply {
        execute(&mut self.db, request).unwrap()
    }

    pub(crate) fn connect(&mut self, name: &str, origin: Option<&str>) {
        let sites = ["demo", "other"].map(|name| (site(name), vec![format!("https://{name}.example")]));
        let conn = Conn {
            origin: origin.map(str::to_owned),
            own_origins: Arc::new(vec![OWN_ORIGIN.to_owned()]),
            sites: Arc::new(sites.into()),
            spread: 0,
            gate: self.door.clone(),
        };
        let connection = Connection {
            session: Session::new(conn, self.now),
            mailbox: Mailbox::new(),
            pending: None,
            mood: StoreMood::Answers,
            deaf: false,
            closed: false,
        };
        self.connections.insert(name.to_owned(), connection);
    }

    /// A frame as text, decoded as the rim does it.
    pub(crate) fn say(&mut self, name: &str, text: &str) {
        let input = match serde_json::from_str::<Envelope<ClientFrame>>(text) {
            Ok(envelope) => Input::Frame(envelope),
            Err(error) => {
                let detail = Some(error.to_string());
                Input::Malformed(Err { code: ErrorCode::BadFrame, fatal: true, detail })
            }
        };
        self.give(name, input);
        self.settle();
    }

    pub(crate) fn give(&mut self, name: &str, input: Input) {
        let Some(mut connection) = self.connections.remove(name) else { panic!("{name} is not connected") };
        let mut next = Some(input);
        while let Some(input) = next.take() {
            connection.session.handle(self.now, &mut self.ids, input);
            let mut asked = false;
            while let Some(output) = connection.session.poll_output() {
                assert!(!asked, "nothing follows a question: {output:?}");
                asked = matches!(output, Output::Ask(_) | Output::Redeem(_));
                if let Some(answer) = self.carry_out(name, &mut connection, output) {
                    next = Some(answer);
                }
            }
            assert_eq!(connection.closed, connection.session.is_closed());
        }
        self.connections.insert(name.to_owned(), connection);
    }

    fn carry_out(&mut self, name: &str, connection: &mut Connection, output: Output) -> Option<Input> {
        match output {
            Output::Send(envelope) => {
                assert!(!connection.closed, "nothing is sent after closing: {envelope:?}");
                self.heard.push_back((name.to_owned(), Heard::Frame(envelope)));
            }
            Output::Ask(request) => {
                assert_eq!(connection.pending, None, "one question at a time");
                connection.pending = Some(request);
                return self.answer(connection);
            }
            Output::Redeem(hash) => return Some(Input::Redeemed(self.tickets.remove(&hash))),
            Output::Subscribe(topic) => self.bus.subscribe(topic, &connection.mailbox),
            Output::Unsubscribe(topic) => self.bus.unsubscribe(&topic, &connection.mailbox),
            Output::Publish(note) => self.bus.publish(note),
            Output::Close(code, reason) => {
                assert!(!connection.closed, "closed once");
                connection.closed = true;
                self.heard.push_back((name.to_owned(), Heard::Closed(code, reason)));
            }
        }
        None
    }

    fn answer(&mut self, connection: &mut Connection) -> Option<Input> {
        match connection.mood {
            StoreMood::Holds => None,
            StoreMood::Fails => connection.pending.take().map(|_| Input::StoreFailed),
            StoreMood::Answers => connection.pending.take().map(|request| Input::Reply(self.ask(request))),
        }
    }

    /// Changes how the store behaves and answers what is out.
    pub(crate) fn store(&mut self, name: &str, mood: StoreMood) {
        let Some(mut connection) = self.connections.remove(name) else { panic!("{name} is not connected") };
        connection.mood = mood;
        let answer = self.answer(&mut connection);
        self.connections.insert(name.to_owned(), connection);
        if let Some(answer) = answer {
            self.give(name, answer);
        }
        self.settle();
    }

    /// Delivers notes until there are none.
    pub(crate) fn settle(&mut self) {
        loop {
            let mut notes: Vec<(String, Note)> = Vec::new();
            for (name, connection) in &self.connections {
                let taken = connection.mailbox.take();
                if !connection.deaf {
                    notes.extend(taken.into_iter().map(|note| (name.clone(), note)));
                }
            }
            if notes.is_empty() {
                return;
            }
            for (name, note) in notes {
                self.give(&name, Input::Note(note));
            }
        }
    }

    /// Lets time pass, waking whoever asked for it.
    pub(crate) fn wait(&mut self, ms: u64) {
        let until = self.now + ms;
        loop {
            let next = self.connections.iter().filter_map(|(name, connection)| {
                connection.session.poll_timeout().map(|at| (at, name.clone()))
            });
            match next.min() {
                Some((at, name)) if at <= until => {
                    self.now = self.now.max(at);
                    self.give(&name, Input::Tick);
                    self.settle();
                    let again = self.connections[&name].session.poll_timeout();
                    assert!(again.is_none_or(|again| again > at), "a tick moves the timeout on");
                }
                Some(_) | None => break,
            }
        }
        self.now = until;
    }

    pub(crate) fn publish(&mut self, note: Note) {
        self.bus.publish(note);
        self.settle();
    }
}
