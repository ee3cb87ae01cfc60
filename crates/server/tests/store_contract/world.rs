//! A store with a site, an agent and short ways to ask.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use rejoin_protocol::{
    Ack, AgentId, Author, Body, ClientMessageId, DeviceId, Event, MessageId, NackCode, Resume, SiteName,
    ThreadId,
};
use rejoin_server::domain::request::{Append, Appended, Opening, Target};
use rejoin_server::domain::{Reply, Request};
use rejoin_server::store::{Store, StoreError};

/// A Thursday morning.
pub(crate) const NOW: u64 = 1_700_000_000_000;

pub(crate) fn site(name: &str) -> SiteName {
    name.parse().unwrap()
}

pub(crate) fn text(text: &str) -> Body {
    Body::Text(text.to_owned())
}

pub(crate) fn cid(n: u64) -> ClientMessageId {
    ClientMessageId::from_bytes(bytes(n))
}

fn bytes(n: u64) -> [u8; 16] {
    u128::from(n).to_be_bytes()
}

/// Waits for an answer on this thread; the stores' own threads do the work.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        std::thread::park();
    }
}

/// A customer's device; `n` makes it and its secret.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Device {
    pub(crate) did: DeviceId,
    pub(crate) secret_hash: [u8; 32],
}

pub(crate) fn device(n: u8) -> Device {
    Device { did: DeviceId::from_bytes([n; 8]), secret_hash: [n; 32] }
}

pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ada: AgentId,
}

impl World {
    /// Site `demo` with the agent Ada, and site `other` with the agent Bob.
    pub(crate) fn new(store: Arc<dyn Store>) -> World {
        let world = World { store, ada: AgentId::from_bytes([0xa; 16]) };
        for (name, agent, id) in [("demo", "Ada", 0xa), ("other", "Bob", 0xb)] {
            let origins = vec![format!("https://{name}.example")];
            world.done(Request::AddSite { name: site(name), origins, now: NOW });
            world.done(Request::AddAgent {
                id: AgentId::from_bytes([id; 16]),
                email: format!("{agent}@{name}.example"),
                site: site(name),
                name: agent.to_owned(),
                link_hash: [id; 32],
                link_until: NOW + 1_000,
                now: NOW,
            });
        }
        world
    }

    pub(crate) fn ask(&self, request: Request) -> Reply {
        self.try_ask(request).unwrap()
    }

    pub(crate) fn try_ask(&self, request: Request) -> Result<Reply, StoreError> {
        wait(self.store.ask(request))
    }

    pub(crate) fn done(&self, request: Request) {
        assert_eq!(self.ask(request), Reply::Done);
    }

    /// A message of a customer's device.
    pub(crate) fn device_says(&self, device: Device, n: u64, body: &str) -> Append {
        Append {
            site: site("demo"),
            target: Target::Device {
                did: device.did,
                secret_hash: device.secret_hash,
                thread: ThreadId::from_bytes(bytes(n + 1_000_000)),
                salt: bytes(n + 2_000_000),
            },
            by: Author::Customer,
            cid: cid(n),
            body: text(body),
            now: NOW,
            message: MessageId::from_bytes(bytes(n + 3_000_000)),
        }
    }

    /// A message of an agent.
    pub(crate) fn agent_says(&self, agent: AgentId, thread: ThreadId, n: u64, body: &str) -> Append {
        Append {
            site: site("demo"),
            target: Target::Thread(thread),
            by: Author::Agent { id: agent, name: "whatever the caller thinks".to_owned() },
            cid: cid(n),
            body: text(body),
            now: NOW,
            message: MessageId::from_bytes(bytes(n + 4_000_000)),
        }
    }

    pub(crate) fn append(&self, append: Append) -> Appended {
        match self.ask(Request::Append(append)) {
            Reply::Appended(appended) => *appended,
            other => panic!("not appended: {other:?}"),
        }
    }

    pub(crate) fn refused(&self, append: Append) -> NackCode {
        match self.ask(Request::Append(append)) {
            Reply::Refused(code) => code,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// A thread with this many messages, all by the customer's device 1, on as many days as the limit needs.
    pub(crate) fn thread_of(&self, messages: u64) -> ThreadId {
        let mut thread = None;
        for n in 1..=messages {
            let day = 24 * 60 * 60 * 1_000;
            let now = NOW + n / 250 * day;
            let append = Append { now, ..self.device_says(device(1), n, &format!("message {n}")) };
            thread = Some(self.append(append).ack.thread);
        }
        thread.expect("at least one message")
    }

    pub(crate) fn open(&self, thread: ThreadId, pos: Option<Resume>) -> Opening {
        match self.ask(Request::Open { site: site("demo"), thread, pos }) {
            Reply::Opening(opening) => *opening,
            other => panic!("not opened: {other:?}"),
        }
    }

    /// The whole log.
    pub(crate) fn log(&self, thread: ThreadId) -> Vec<Event> {
        let mut log: Vec<Event> = Vec::new();
        loop {
            let from = log.len() as u64 + 1;
            let Reply::Events(events) = self.ask(Request::Events { thread, from, to: u64::MAX, limit: 64 })
            else {
                panic!("no events")
            };
            if events.is_empty() {
                return log;
            }
            log.extend(events);
        }
    }

    /// The position of a reader who has everything up to this event.
    pub(crate) fn position(&self, thread: ThreadId, seq: u64) -> Resume {
        let epoch = self.open(thread, None).opened.epoch.unwrap();
        let id = seq.checked_sub(1).map(|before| self.log(thread)[before as usize].id);
        Resume { thread, epoch, seq, id }
    }
}

/// Asserts I3: sequence numbers are exactly 1, 2, 3, …
#[track_caller]
pub(crate) fn assert_contiguous(log: &[Event]) {
    let seqs: Vec<u64> = log.iter().map(|event| event.seq).collect();
    let want: Vec<u64> = (1..=log.len() as u64).collect();
    assert_eq!(seqs, want);
}

/// An acknowledgement without the parts that name the message.
pub(crate) fn place(ack: &Ack) -> (u64, ThreadId) {
    (ack.seq, ack.thread)
}
