//! Carries out what a machine asks for.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use rejoin_protocol::{ClientMessageId, Ticket};
use rejoin_thread::{Input, Machine, Output, Write};
use wasm_bindgen_futures::spawn_local;

use crate::driver::WeakDriver;
use crate::socket::{Heard, Socket};
use crate::storage::Storage;
use crate::tabs::Tabs;
use crate::ticket::TicketSource;
use crate::{Driver, DriverConfig, Listener, Notice};

/// What a browser says of a connection that was never made.
pub(crate) const NEVER_MADE: u16 = 1006;

/// The machine's hands: what is open on its behalf.
pub(crate) struct Rim {
    config: DriverConfig,
    storage: Rc<Storage>,
    /// Reading and writing, one after the other in the order of asking.
    errands: RefCell<VecDeque<Errand>>,
    running_errands: Cell<bool>,
    connection: RefCell<Connection>,
    tabs: RefCell<Option<Tabs>>,
    listeners: RefCell<Vec<Listener>>,
}

enum Errand {
    Load,
    Write(Option<ClientMessageId>, Vec<Write>),
}

#[derive(Default)]
struct Connection {
    /// The number of the wanted socket.
    number: Option<u32>,
    socket: Option<Socket>,
}

impl Rim {
    pub(crate) fn new(config: DriverConfig) -> Rim {
        Rim {
            storage: Rc::new(Storage::new(&config.storage)),
            config,
            errands: RefCell::default(),
            running_errands: Cell::new(false),
            connection: RefCell::default(),
            tabs: RefCell::new(None),
            listeners: RefCell::default(),
        }
    }

    pub(crate) fn attach<M: Machine + 'static>(&self, listeners: Vec<Listener>, driver: WeakDriver<M>) {
        *self.listeners.borrow_mut() = listeners;
        let changed = move || {
            if let Some(driver) = driver.get() {
                driver.reload();
            }
        };
        *self.tabs.borrow_mut() = Tabs::join(self.config.storage.as_str(), changed);
    }

    /// Lets go of everything but what is still being written.
    pub(crate) fn close(&self) {
        drop(self.connection.take());
        drop(self.tabs.take());
        drop(self.listeners.take());
    }
}

impl<M: Machine + 'static> Driver<M> {
    /// Reads storage and hands in what it holds.
    pub(crate) fn reload(&self) {
        self.errand(Errand::Load);
    }

    pub(crate) fn carry_out(&self, output: Output) -> Option<Notice> {
        match output {
            Output::Connect(n) => self.connect(n),
            Output::Disconnect(n) => drop(self.take_connection(n)),
            Output::Transmit(n, frame) => {
                let connection = self.0.rim.connection.borrow();
                if let Some(socket) = connection.socket.as_ref().filter(|_| connection.number == Some(n)) {
                    socket.send(&frame);
                }
            }
            Output::Persist(cid, writes) => self.errand(Errand::Write(cid, writes)),
            Output::Reload => self.reload(),
            Output::Compose(text) => return Some(Notice::Compose(text)),
            Output::Announce(arrival) => return Some(Notice::Arrived(arrival)),
        }
        None
    }

    // The connection.

    fn connect(&self, n: u32) {
        *self.0.rim.connection.borrow_mut() = Connection { number: Some(n), socket: None };
        match self.0.rim.config.ticket {
            Some(fetch) => self.open_with_ticket(n, fetch),
            None => self.open_socket(n, None),
        }
    }

    /// The connection of this number, if it is still wanted.
    fn take_connection(&self, n: u32) -> Option<Connection> {
        let mut connection = self.0.rim.connection.borrow_mut();
        (connection.number == Some(n)).then(|| std::mem::take(&mut *connection))
    }

    fn open_socket(&self, n: u32, ticket: Option<Ticket>) {
        let weak = self.weak();
        let heard = move |heard| {
            let Some(driver) = weak.get() else { return };
            match heard {
                Heard::Opened => driver.update(move |machine, now| machine.opened(now, n, ticket)),
                Heard::Frame(frame) => driver.input(Input::Frame(n, frame)),
                Heard::Garbled => driver.input(Input::Garbled(n)),
                Heard::Closed(code, retry_ms) => driver.input(Input::Closed(n, code, retry_ms)),
            }
        };
        let socket = Socket::open(&self.0.rim.config.server, heard);
        let refused = socket.is_none();
        self.0.rim.connection.borrow_mut().socket = socket;
        if refused {
            self.input(Input::Closed(n, NEVER_MADE, None));
        }
    }

    fn open_with_ticket(&self, n: u32, fetch: TicketSource) {
        let ticket = fetch(self.0.rim.config.server.clone());
        let weak = self.weak();
        spawn_local(async move {
            let ticket = ticket.await;
            let Some(driver) = weak.get() else { return };
            if driver.0.rim.connection.borrow().number != Some(n) {
                return;
            }
            match ticket {
                Ok(ticket) => driver.open_socket(n, Some(ticket)),
                Err(code) => driver.input(Input::Closed(n, code, None)),
            }
        });
    }

    // Storage.

    fn errand(&self, errand: Errand) {
        let rim = &self.0.rim;
        rim.errands.borrow_mut().push_back(errand);
        if !rim.running_errands.replace(true) {
            // Strong, so that what is on its way into storage arrives even if the driver is dropped meanwhile.
            let driver = self.clone();
            spawn_local(async move { driver.run_errands().await });
        }
    }

    async fn run_errands(&self) {
        let rim = &self.0.rim;
        loop {
            let errand = rim.errands.borrow_mut().pop_front();
            match errand {
                Some(Errand::Load) => {
                    let records = rim.storage.load().await;
                    self.input(Input::Restored(records));
                }
                Some(Errand::Write(cid, writes)) => {
                    let stored = rim.storage.write(&writes).await;
                    if writes.iter().any(concerns_other_tabs)
                        && let Some(tabs) = &*rim.tabs.borrow()
                    {
                        tabs.changed();
                    }
                    if let Some(cid) = cid {
                        self.input(Input::Stored(cid, stored));
                    }
                }
                None => break,
            }
        }
        rim.running_errands.set(false);
    }
}

/// A draft and a cached page are each tab's own.
fn concerns_other_tabs(write: &Write) -> bool {
    match write {
        Write::Claim(_) | Write::Settle(_) | Write::Put(rejoin_thread::Record::Outbox(_)) => true,
        Write::Put(_) | Write::ForgetDraft => false,
    }
}
