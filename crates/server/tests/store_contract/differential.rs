//! Whatever is asked in whatever order, both stores give the same answers: one of them is simple enough to be
//! trusted, the other is what people's messages are kept in.

use proptest::prelude::*;
use rejoin_protocol::{AgentId, Author, Fetch, Marks, MessageId, Resume, Side, ThreadId};
use rejoin_server::domain::request::{Append, Reply, Request, Target};
use rejoin_server::domain::{TxError, execute};
use rejoin_server::store::sqlite::Sqlite;
use rejoin_server::store::{MemoryDb, Store};

use crate::world::*;

/// A step, in numbers that are small enough to collide.
#[derive(Clone, Debug)]
enum Step {
    Send { device: u8, secret: u8, cid: u64, word: u8, later: u64 },
    Answer { thread: usize, agent: u8, cid: u64, word: u8 },
    Mark { thread: usize, agent: bool, read: u64, deliv: u64 },
    Open { thread: usize, seq: u64, good_epoch: bool, good_id: bool },
    Page { thread: usize, before: Option<u64>, from: Option<u64>, limit: u32 },
    Rows { since: u64, limit: usize },
    Hello { device: u8, secret: u8 },
    Revoke { device: u8 },
    Link { n: u8 },
    Spend { link: u8, session: u8, now: u64 },
    Session { session: u8, now: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    let small = 0u64..8;
    prop_oneof![
        6 => (0u8..3, 0u8..12, 0u64..20, 0u8..3, 0u64..5_000).prop_map(|(device, secret, cid, word, later)| {
            // Mostly the right secret.
            Step::Send { device, secret: if secret == 0 { 99 } else { device }, cid, word, later }
        }),
        4 => (0usize..3, 0u8..4, 0u64..20, 0u8..3)
            .prop_map(|(thread, agent, cid, word)| Step::Answer { thread, agent, cid, word }),
        2 => (0usize..3, any::<bool>(), small.clone(), small.clone())
            .prop_map(|(thread, agent, read, deliv)| Step::Mark { thread, agent, read, deliv }),
        2 => (0usize..3, small.clone(), any::<bool>(), any::<bool>())
            .prop_map(|(thread, seq, good_epoch, good_id)| Step::Open { thread, seq, good_epoch, good_id }),
        1 => (0usize..3, proptest::option::of(small.clone()), proptest::option::of(small.clone()), 1u32..5)
            .prop_map(|(thread, before, from, limit)| Step::Page { thread, before, from, limit }),
        2 => (0u64..40, 1usize..4).prop_map(|(since, limit)| Step::Rows { since, limit }),
        1 => (0u8..3, 0u8..4).prop_map(|(device, secret)| Step::Hello { device, secret }),
        1 => (0u8..12).prop_map(|device| Step::Revoke { device }),
        1 => (0u8..4).prop_map(|n| Step::Link { n }),
        1 => (0u8..4, 0u8..3, NOW..NOW + 4_000).prop_map(|(link, session, now)| Step::Spend { link, session, now }),
        1 => (0u8..3, NOW..NOW + 9_000).prop_map(|(session, now)| Step::Session { session, now }),
    ]
}

/// Both stores and what the steps have learnt of them.
struct Pair {
    memory: MemoryDb,
    sqlite: Sqlite,
    threads: Vec<ThreadId>,
    fresh: u8,
}

impl Pair {
    fn ask(&mut self, request: Request) -> Option<Reply> {
        let memory = execute(&mut self.memory, request.clone());
        let sqlite = wait(self.sqlite.ask(request.clone()));
        match (memory, sqlite) {
            (Ok(memory), Ok(sqlite)) => {
                assert_eq!(memory, sqlite, "{request:?}");
                Some(memory)
            }
            // Both fail where a key is there already; how they say it is theirs.
            (Err(TxError::Failed(_)), Err(_)) => None,
            (memory, sqlite) => panic!("{request:?}: {memory:?} but {sqlite:?}"),
        }
    }

    fn thread(&self, n: usize) -> ThreadId {
        self.threads.get(n).copied().unwrap_or(ThreadId::from_bytes([9; 16]))
    }

    fn request(&mut self, step: Step) -> Request {
        self.fresh += 1;
        let message = MessageId::from_bytes([self.fresh; 16]);
        let word = |word: u8| text(["yes", "no", "perhaps"][usize::from(word)]);
        match step {
            Step::Send { device: n, secret, cid: id, word: body, later } => Request::Append(Append {
                site: site("demo"),
                target: Target::Device {
                    did: device(n).did,
                    secret_hash: device(secret).secret_hash,
                    thread: ThreadId::from_bytes([self.fresh; 16]),
                    salt: [self.fresh; 16],
                },
                by: Author::Customer,
                cid: cid(id),
                body: word(body),
                now: NOW + later,
                message,
            }),
            Step::Answer { thread, agent, cid: id, word: body } => Request::Append(Append {
                site: site("demo"),
                target: Target::Thread(self.thread(thread)),
                by: Author::Agent { id: AgentId::from_bytes([0xa + agent; 16]), name: String::new() },
                cid: cid(id),
                body: word(body),
                now: NOW,
                message,
            }),
            Step::Mark { thread, agent, read, deliv } => Request::Mark {
                thread: self.thread(thread),
                side: if agent { Side::Agent } else { Side::Customer },
                marks: Marks { read, deliv },
            },
            Step::Open { thread, seq, good_epoch, good_id } => self.open(thread, seq, good_epoch, good_id),
            Step::Page { thread, before, from, limit } => Request::Page {
                thread: self.thread(thread),
                fetch: Fetch { q: 1, before, from, to: from.map(|from| from + 3), limit },
            },
            Step::Rows { since, limit } => Request::Rows { site: site("demo"), since, limit },
            Step::Hello { device: n, secret } => Request::Device {
                site: site("demo"),
                did: device(n).did,
                secret_hash: device(secret).secret_hash,
            },
            Step::Revoke { device: n } => {
                Request::Revoke { site: site("demo"), did: device(n).did, now: NOW }
            }
            Step::Link { n } => Request::AddLink {
                email: "ada@demo.example".to_owned(),
                link_hash: [n; 32],
                link_until: NOW + 2_000,
            },
            Step::Spend { link, session, now } => Request::SpendLink {
                link_hash: [link; 32],
                session_hash: [session; 32],
                session_until: NOW + 5_000,
                now,
            },
            Step::Session { session, now } => Request::Session { session_hash: [session; 32], now },
        }
    }

    fn open(&mut self, thread: usize, seq: u64, good_epoch: bool, good_id: bool) -> Request {
        let thread = self.thread(thread);
        let events = self.ask(Request::Events { thread, from: seq, to: seq, limit: 1 });
        let id = match events {
            Some(Reply::Events(events)) if good_id => events.first().map(|event| event.id),
            _ => None,
        };
        let epoch = match self.ask(Request::Open { site: site("demo"), thread, pos: None }) {
            Some(Reply::Opening(opening)) if good_epoch => opening.opened.epoch,
            _ => None,
        };
        let epoch = epoch.unwrap_or(rejoin_protocol::Epoch::from_bytes([1; 16]));
        let pos = Some(Resume { thread, epoch, seq, id });
        Request::Open { site: site("demo"), thread, pos }
    }
}

fn pair(dir: &std::path::Path) -> Pair {
    let sqlite = Sqlite::open(dir).unwrap();
    let generation = rusqlite::Connection::open(sqlite.path())
        .unwrap()
        .query_row("SELECT value FROM meta WHERE key = 'generation'", [], |row| row.get(0))
        .unwrap();
    let mut pair = Pair { memory: MemoryDb::new(generation), sqlite, threads: Vec::new(), fresh: 0 };
    for name in ["demo", "other"] {
        pair.ask(Request::AddSite { name: site(name), origins: vec![], now: NOW });
    }
    for (id, email, name) in [(0xa, "ada@demo.example", "demo"), (0xb, "bob@other.example", "other")] {
        pair.ask(Request::AddAgent {
            id: AgentId::from_bytes([id; 16]),
            email: email.to_owned(),
            site: site(name),
            name: email[..3].to_owned(),
            link_hash: [id; 32],
            link_until: NOW + 2_000,
            now: NOW,
        });
    }
    pair
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_answer_alike(steps in proptest::collection::vec(step(), 1..80)) {
        let dir = tempfile::tempdir().unwrap();
        let mut pair = pair(dir.path());
        for step in steps {
            let request = pair.request(step);
            if let Some(Reply::Appended(appended)) = pair.ask(request)
                && !pair.threads.contains(&appended.ack.thread)
            {
                pair.threads.push(appended.ack.thread);
            }
        }
        for thread in pair.threads.clone() {
            let Some(Reply::Events(log)) =
                pair.ask(Request::Events { thread, from: 1, to: u64::MAX, limit: 1_000 })
            else {
                panic!("no log")
            };
            assert_contiguous(&log);
        }
        prop_assert!(pair.sqlite.check().is_ok());
    }
}
