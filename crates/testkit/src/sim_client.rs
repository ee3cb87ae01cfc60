//! The clients of the simulation: browser tabs around a real thread, an agent's page around a real desk, and the
//! storage that the tabs of one device share.

use std::collections::BTreeMap;

use rejoin_protocol::{DeviceToken, ThreadId, Ticket};
use rejoin_thread::{
    Config, Conversation, Desk, DeskInput, Input, Machine as _, Output, Record, Stored, Thread, Time, Write,
};

/// A browser profile.
#[derive(Debug, Default)]
pub(crate) struct Device {
    storage: BTreeMap<String, Record>,
    /// How wrong its clock is, in milliseconds.
    pub(crate) skew_ms: i64,
}

impl Device {
    pub(crate) fn records(&self) -> Vec<Record> {
        self.storage.values().cloned().collect()
    }

    /// Carries out a transaction; the answer to its claim, if it has one and another token holds.
    pub(crate) fn write(&mut self, writes: Vec<Write>) -> Stored {
        let mut stored = Stored::Kept;
        for write in writes {
            let key = write.key();
            match write {
                Write::Claim(token) => match self.token() {
                    Some(held) if held != token => stored = Stored::Claimed(held),
                    Some(_) => {}
                    None => {
                        self.storage.insert(key, Record::Token(token));
                    }
                },
                Write::Put(record) => {
                    self.storage.insert(key, record);
                }
                Write::Settle(_) | Write::ForgetDraft => {
                    self.storage.remove(&key);
                }
            }
        }
        stored
    }

    pub(crate) fn token(&self) -> Option<DeviceToken> {
        self.storage.values().find_map(|record| match record {
            Record::Token(token) => Some(*token),
            Record::Draft(_) | Record::Outbox(_) | Record::Log(_) => None,
        })
    }

    pub(crate) fn give(&mut self, token: DeviceToken) {
        let record = Record::Token(token);
        self.storage.insert(record.key(), record);
    }
}

/// What runs in a page.
pub(crate) enum App {
    Tab(Box<Thread>),
    Desk(Box<Desk>),
}

/// A page.
pub(crate) struct Client {
    pub(crate) app: App,
    pub(crate) device: usize,
    /// Counts the lives of the page: what was meant for an earlier one is dropped.
    pub(crate) life: u32,
    pub(crate) frozen: bool,
    pub(crate) tick_at: Option<u64>,
    pub(crate) base: u64,
    /// The last cursor seen by the checks.
    pub(crate) checked: Option<rejoin_protocol::StreamPosition>,
}

impl Client {
    pub(crate) fn tab(config: Config, device: usize, base: u64) -> Client {
        Client::new(App::Tab(Box::new(Thread::new(config))), device, base)
    }

    pub(crate) fn desk(seed: u64, device: usize, base: u64) -> Client {
        Client::new(App::Desk(Box::new(Desk::new(seed))), device, base)
    }

    fn new(app: App, device: usize, base: u64) -> Client {
        Client { app, device, life: 0, frozen: false, tick_at: None, base, checked: None }
    }

    /// This page's own clock, which never goes back and began anywhere.
    pub(crate) fn now(&self, t: u64) -> Time {
        Time(self.base + t)
    }

    pub(crate) fn handle(&mut self, t: u64, input: Input) {
        let now = self.now(t);
        match &mut self.app {
            App::Tab(thread) => thread.handle(now, input),
            App::Desk(desk) => desk.handle(now, DeskInput::Rest(input)),
        }
    }

    /// Something the person does in the thread.
    pub(crate) fn act(&mut self, t: u64, thread: Option<ThreadId>, input: Input) {
        let now = self.now(t);
        match (&mut self.app, thread) {
            (App::Tab(tab), _) => tab.handle(now, input),
            (App::Desk(desk), Some(thread)) => desk.handle(now, DeskInput::In(thread, input)),
            (App::Desk(_), None) => {}
        }
    }

    pub(crate) fn opened(&mut self, t: u64, n: u32, ticket: Ticket) {
        let now = self.now(t);
        match &mut self.app {
            App::Tab(thread) => thread.opened(now, n, None),
            App::Desk(desk) => desk.opened(now, n, Some(ticket)),
        }
    }

    pub(crate) fn output(&mut self) -> Option<Output> {
        match &mut self.app {
            App::Tab(thread) => thread.output(),
            App::Desk(desk) => desk.output(),
        }
    }

    /// When it wants to be called again, in the simulation's time.
    pub(crate) fn timeout(&self) -> Option<u64> {
        let due = match &self.app {
            App::Tab(thread) => thread.timeout(),
            App::Desk(desk) => desk.timeout(),
        };
        due.map(|due| due.0.saturating_sub(self.base))
    }

    /// The conversation it shows: a tab's only one, a desk's open one.
    pub(crate) fn conversation(&self) -> Option<&Conversation> {
        match &self.app {
            App::Tab(thread) => Some(thread.conversation()),
            App::Desk(desk) => desk.conversations().next(),
        }
    }

    /// How its connection stands, for a message about what went wrong.
    pub(crate) fn describe(&self) -> String {
        match &self.app {
            App::Tab(thread) => format!("{:?}", thread.link().state()),
            App::Desk(desk) => format!("{:?}, {} threads", desk.link().state(), desk.threads().count()),
        }
    }

    pub(crate) fn is_desk(&self) -> bool {
        matches!(self.app, App::Desk(_))
    }
}
