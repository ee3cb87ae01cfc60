//! Whatever happens in whatever order, what each connection is told is whole, and in the end complete: lost notes, a
//! store that fails or is slow, hellos in the middle, resends, a restored backup.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rejoin_protocol::{
    ClientFrame, ClientMessageId, Envelope, Epoch, ErrorCode, Fetch, Hello, InboxSince, MessageId, Mode,
    Open, PROTOCOL_VERSION, Ping, Read, ReadState, Resume, Secret, Send, ServerFrame, Side, ThreadId, Ticket,
};
use rejoin_server::domain::request::{Reply, Request};
use rejoin_server::domain::session::Input;
use rejoin_server::store::MemoryDb;

use crate::rig::{Heard, OWN_ORIGIN, Rig, StoreMood, token};

/// Two tabs of one customer and an agent, all about one thread.
const PEOPLE: [&str; 3] = ["tab", "tob", "ada"];

#[derive(Clone, Debug)]
enum Step {
    Send { who: usize, cid: u64 },
    Read { who: usize, upto: u64 },
    Fetch { who: usize, from: u64 },
    Ping { who: usize },
    Hello { who: usize, with_position: bool },
    Reconnect { who: usize },
    Deaf { who: usize, deaf: bool },
    Store { who: usize, mood: StoreMood },
    Wait { ms: u64 },
    Backup,
    Restore,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..PEOPLE.len();
    prop_oneof![
        12 => (who.clone(), 0u64..40).prop_map(|(who, cid)| Step::Send { who, cid }),
        3 => (who.clone(), 0u64..12).prop_map(|(who, upto)| Step::Read { who, upto }),
        2 => (who.clone(), 0u64..12).prop_map(|(who, from)| Step::Fetch { who, from }),
        1 => who.clone().prop_map(|who| Step::Ping { who }),
        2 => (who.clone(), any::<bool>()).prop_map(|(who, with_position)| Step::Hello { who, with_position }),
        1 => who.clone().prop_map(|who| Step::Reconnect { who }),
        3 => (who.clone(), any::<bool>()).prop_map(|(who, deaf)| Step::Deaf { who, deaf }),
        4 => (who, prop_oneof![
            3 => Just(StoreMood::Answers), 1 => Just(StoreMood::Fails), 1 => Just(StoreMood::Holds)
        ]).prop_map(|(who, mood)| Step::Store { who, mood }),
        4 => prop_oneof![Just(100u64), Just(1_000), Just(31_000)].prop_map(|ms| Step::Wait { ms }),
        1 => Just(Step::Backup),
        1 => Just(Step::Restore),
    ]
}

/// A client that believes nothing without checking it.
#[derive(Default)]
struct Client {
    thread: Option<ThreadId>,
    epoch: Option<Epoch>,
    /// Everything up to here was received; the log from `lo` on.
    cursor: u64,
    lo: u64,
    log: BTreeMap<u64, MessageId>,
    read: ReadState,
    synced: bool,
    acked: BTreeMap<ClientMessageId, (u64, MessageId)>,
    list: BTreeMap<ThreadId, (u64, u64, u32)>,
    list_ver: u64,
    closed: bool,
}

impl Client {
    fn hear(&mut self, heard: Heard) {
        let envelope = match heard {
            Heard::Frame(envelope) => envelope,
            Heard::Closed(..) => {
                self.closed = true;
                return;
            }
        };
        match envelope.frame {
            ServerFrame::Opened(opened) => {
                self.synced = false;
                if opened.mode == Mode::Resume {
                    assert_eq!(
                        (opened.epoch, opened.thread),
                        (self.epoch, self.thread),
                        "resumed on another log"
                    );
                } else {
                    (self.cursor, self.lo) = (0, 1);
                    self.log.clear();
                }
                (self.thread, self.epoch, self.read) = (opened.thread, opened.epoch, opened.read);
            }
            ServerFrame::Snap(snap) => {
                assert!(self.log.is_empty());
                (self.cursor, self.lo) = (snap.as_of, snap.lo);
                self.log = snap.msgs.iter().map(|msg| (msg.seq, msg.id)).collect();
                assert_eq!(self.log.len() as u64, snap.as_of + 1 - snap.lo, "a snapshot is whole");
                assert_eq!(self.log.values().last().copied(), snap.last);
            }
            ServerFrame::Ev(evs) => {
                assert!(evs.from <= self.cursor + 1, "never a hole");
                // A replay begins at the position of its hello, which events may have overtaken.
                assert!(!self.synced || evs.from == self.cursor + 1, "never twice");
                assert!(!evs.evs.is_empty());
                for (seq, event) in (evs.from..).zip(evs.evs) {
                    assert_eq!(event.seq, seq);
                    let before = self.log.insert(seq, event.id);
                    assert!(before.is_none_or(|before| before == event.id), "another event at {seq}");
                    self.cursor = self.cursor.max(seq);
                }
            }
            ServerFrame::Synced(synced) => {
                assert_eq!(synced.head, self.cursor);
                self.synced = true;
            }
            ServerFrame::Ack(ack) => {
                let place = (ack.seq, ack.id);
                let before = self.acked.insert(ack.cid, place);
                assert!(before.is_none_or(|before| before == place), "acknowledged twice, at two places");
                (self.thread, self.epoch) = (Some(ack.thread), Some(ack.epoch));
            }
            ServerFrame::Cur(cur) => {
                let mine = match cur.side {
                    Side::Customer => &mut self.read.customer,
                    Side::Agent => &mut self.read.agent,
                };
                assert!(cur.marks.read >= mine.read && cur.marks.deliv >= mine.deliv, "a cursor went back");
                *mine = cur.marks;
            }
            // A thread that a restore has taken away.
            ServerFrame::Err(err) if err.code == ErrorCode::NotFound && envelope.t == self.thread => {
                let gone = self.thread.take();
                gone.map(|gone| self.list.remove(&gone));
            }
            ServerFrame::Rows(rows) => {
                assert!(rows.rows.is_sorted_by_key(|row| row.ver));
                self.list_ver = rows.ver;
                let rows = rows.rows.into_iter();
                self.list.extend(rows.map(|row| (row.thread, (row.ver, row.head, row.unread))));
            }
            _ => {}
        }
    }

    fn position(&self) -> Option<Resume> {
        let id = self.log.get(&self.cursor).copied();
        Some(Resume { thread: self.thread?, epoch: self.epoch?, seq: self.cursor, id })
    }
}

struct Play {
    rig: Rig,
    clients: BTreeMap<&'static str, Client>,
    backup: MemoryDb,
    generations: u8,
}

impl Play {
    fn new() -> Play {
        let rig = Rig::new();
        let backup = rig.db.clone();
        let clients = PEOPLE.map(|name| (name, Client::default())).into();
        let mut play = Play { rig, clients, backup, generations: 1 };
        for name in PEOPLE {
            play.connect(name);
        }
        play
    }

    fn connect(&mut self, name: &'static str) {
        let origin = if name == "ada" { OWN_ORIGIN } else { "https://demo.example" };
        self.rig.connect(name, Some(origin));
        self.clients.get_mut(name).unwrap().closed = false;
        self.hello(name, true);
    }

    fn say(&mut self, name: &'static str, frame: ClientFrame) {
        let agent = name == "ada";
        let about = !matches!(frame, ClientFrame::Hello(_) | ClientFrame::Inbox(_) | ClientFrame::Ping(_));
        let t = match self.clients[name].thread {
            Some(thread) if agent && about => Some(thread),
            // An agent cannot know a thread that nobody has begun.
            None if agent && about => return,
            _ => None,
        };
        self.rig.give(name, Input::Frame(Envelope { t, frame }));
        self.rig.settle();
        self.listen();
    }

    fn hello(&mut self, name: &'static str, with_position: bool) {
        let pos = self.clients[name].position().filter(|_| with_position);
        self.clients.get_mut(name).unwrap().synced = false;
        if name == "ada" {
            self.rig.sign_in(0xa);
            let ticket = Some(Ticket(Secret::from_bytes([0xa; 32])));
            let hello = Hello { v: PROTOCOL_VERSION, site: None, tok: None, ticket, pos: None };
            self.say(name, ClientFrame::Hello(hello));
            let ver = self.clients[name].list_ver;
            self.say(name, ClientFrame::Inbox(InboxSince { ver }));
            self.find_thread();
            self.say(name, ClientFrame::Open(Open { pos }));
        } else {
            let site = Some("demo".parse().unwrap());
            let hello = Hello { v: PROTOCOL_VERSION, site, tok: Some(token(1)), ticket: None, pos };
            self.say(name, ClientFrame::Hello(hello));
        }
    }

    /// The agent opens the thread that the list names.
    fn find_thread(&mut self) {
        let ada = self.clients.get_mut("ada").unwrap();
        ada.thread = ada.thread.or(ada.list.keys().next().copied());
    }

    fn listen(&mut self) {
        for (who, heard) in std::mem::take(&mut self.rig.heard) {
            self.clients.get_mut(who.as_str()).unwrap().hear(heard);
        }
        for name in PEOPLE {
            if self.clients[name].closed {
                self.rig.connections.remove(name);
                self.connect(name);
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Send { who, cid } => {
                let cid = ClientMessageId::from_bytes(u128::from(cid).to_be_bytes());
                let body = rejoin_protocol::Body::Text(format!("message {cid}"));
                self.say(PEOPLE[who], ClientFrame::Send(Send { cid, cts: 0, body }));
            }
            Step::Read { who, upto } => self.say(PEOPLE[who], ClientFrame::Read(Read { upto, deliv: upto })),
            Step::Fetch { who, from } => {
                let fetch = Fetch { q: 1, before: None, from: Some(from), to: None, limit: 5 };
                self.say(PEOPLE[who], ClientFrame::Fetch(fetch));
            }
            Step::Ping { who } => self.say(PEOPLE[who], ClientFrame::Ping(Ping { n: 1 })),
            Step::Hello { who, with_position } => self.hello(PEOPLE[who], with_position),
            Step::Reconnect { who } => {
                self.rig.connections.remove(PEOPLE[who]);
                self.connect(PEOPLE[who]);
            }
            Step::Deaf { who, deaf } => self.rig.connections.get_mut(PEOPLE[who]).unwrap().deaf = deaf,
            Step::Store { who, mood } => {
                self.rig.store(PEOPLE[who], mood);
                self.listen();
            }
            Step::Wait { ms } => {
                self.rig.wait(ms);
                self.listen();
            }
            Step::Backup => self.backup = self.rig.db.clone(),
            Step::Restore => self.restore(),
        }
    }

    /// The server comes back with older data: every connection is new, and what was acknowledged since is lost.
    fn restore(&mut self) {
        self.rig.connections.clear();
        self.rig.db = self.backup.clone();
        self.generations += 1;
        self.rig.db.set_generation([self.generations; 16]);
        for name in PEOPLE {
            self.clients.get_mut(name).unwrap().acked.clear();
            self.connect(name);
        }
    }

    /// Everything heals, time passes, and everybody has everything.
    fn settle_and_compare(&mut self) {
        for name in PEOPLE {
            self.rig.connections.get_mut(name).unwrap().deaf = false;
            self.rig.store(name, StoreMood::Answers);
            self.listen();
        }
        for _ in 0..3 {
            self.step(Step::Wait { ms: 31_000 });
            self.find_thread();
            if !self.clients["ada"].synced {
                self.say("ada", ClientFrame::Open(Open { pos: None }));
            }
        }
        let Reply::Rows { rows, .. } =
            self.rig.ask(Request::Rows { site: "demo".parse().unwrap(), since: 0, limit: 10 })
        else {
            panic!("no rows")
        };
        assert!(rows.len() <= 1, "one customer has one thread");
        let Some(row) = rows.first() else { return };
        let thread = row.thread;
        let Reply::Events(log) =
            self.rig.ask(Request::Events { thread, from: 1, to: u64::MAX, limit: 9_999 })
        else {
            panic!("no log")
        };
        let Reply::Heads(heads) = self.rig.ask(Request::Heads(vec![thread])) else { panic!("no heads") };
        assert_eq!(log.len() as u64, row.head);
        for (name, client) in &self.clients {
            assert!(client.synced, "{name} was never told everything");
            assert_eq!((client.thread, client.cursor), (Some(thread), row.head), "{name} is behind");
            for event in &log[client.lo as usize - 1..] {
                assert_eq!(client.log.get(&event.seq), Some(&event.id), "{name} has another {}", event.seq);
            }
            assert_eq!(client.read, heads[0].read, "{name} has other cursors");
            for (cid, (seq, id)) in &client.acked {
                assert_eq!(log[*seq as usize - 1].id, *id, "{name}: {cid} was acknowledged and is not there");
            }
        }
        assert_eq!(self.clients["ada"].list[&thread], (row.ver, row.head, row.unread), "the list is behind");
        let mut cids: Vec<_> = log
            .into_iter()
            .filter_map(rejoin_protocol::Event::into_message)
            .map(|message| (message.by.side(), message.cid))
            .collect();
        cids.sort();
        assert!(cids.is_sorted_by(|a, b| a < b), "one entry per side and client id");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn every_connection_is_told_everything_in_order(steps in proptest::collection::vec(step(), 1..120)) {
        let mut play = Play::new();
        for step in steps {
            play.step(step);
        }
        play.settle_and_compare();
    }
}
