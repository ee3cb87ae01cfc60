//! The only loop.
//!
//! ```text
//!  something happens ──► machine.handle(now, …) ──► outputs until none ──► one timer ──► on_change
//!                          ▲                           │
//!                          └──── queued meanwhile ◄────┘ (an effect that answers at once)
//! ```

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::{Rc, Weak};

use rejoin_thread::{Arrival, Input, Machine, Time};

use crate::carry::Rim;
use crate::{StorageKey, TicketSource, Timer, clock, page};

/// What a driver needs to know.
#[derive(Clone, Debug)]
pub struct DriverConfig {
    /// Origin of the server, such as `https://chat.example`.
    pub server: String,
    /// Where things are kept.
    pub storage: StorageKey,
    /// Where the ticket for each connection comes from; `None` for customers, who have a token.
    pub ticket: Option<TicketSource>,
}

/// What the machine wants the view to do once, beside showing how things are.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Put this text into the composer.
    Compose(String),
    /// A message came that the person has not seen.
    Arrived(Arrival),
}

type Job<M> = Box<dyn FnOnce(&mut M, Time)>;
type OnChange<M> = Box<dyn Fn(&M, Vec<Notice>)>;

/// Drives a machine for as long as it is not stopped. Clones drive the same one.
pub struct Driver<M: Machine + 'static>(pub(crate) Rc<Inner<M>>);

pub(crate) struct Inner<M: Machine + 'static> {
    machine: RefCell<M>,
    jobs: RefCell<VecDeque<Job<M>>>,
    running: Cell<bool>,
    stopped: Cell<bool>,
    timer: Timer,
    pub(crate) rim: Rim,
    on_change: OnChange<M>,
}

impl<M: Machine + 'static> Driver<M> {
    /// Starts: listens to the page, reads storage, and from then on does what the machine wants. `on_change` is called
    /// once after each batch of inputs, never from within [`Driver::update`] of another batch.
    pub fn start(
        machine: M,
        config: DriverConfig,
        on_change: impl Fn(&M, Vec<Notice>) + 'static,
    ) -> Driver<M> {
        let driver = Driver(Rc::new(Inner {
            machine: RefCell::new(machine),
            jobs: RefCell::default(),
            running: Cell::new(false),
            stopped: Cell::new(false),
            timer: Timer::default(),
            rim: Rim::new(config),
            on_change: Box::new(on_change),
        }));
        let weak = driver.weak();
        let listeners = page::watch(move |page| weak.input(Input::Page(page)));
        driver.0.rim.attach(listeners, driver.weak());
        driver.reload();
        driver
    }

    /// Lets `job` hand the machine **one** input; afterwards everything the machine asks for is carried out. Called
    /// from within another update, it happens right after that.
    pub fn update(&self, job: impl FnOnce(&mut M, Time) + 'static) {
        let inner = &self.0;
        if inner.stopped.get() {
            return;
        }
        inner.jobs.borrow_mut().push_back(Box::new(job));
        if inner.running.replace(true) {
            return;
        }
        while !inner.jobs.borrow().is_empty() {
            let notices = self.drain();
            // Stopped from within `on_change`: what was still to be written has been asked for, and that is all.
            if !inner.stopped.get() {
                self.reschedule();
                (inner.on_change)(&inner.machine.borrow(), notices);
            }
        }
        inner.running.set(false);
    }

    /// Hands the machine an input that any machine understands.
    pub fn input(&self, input: Input) {
        self.update(|machine, now| machine.input(now, input));
    }

    /// Reads the machine.
    pub fn with<T>(&self, read: impl FnOnce(&M) -> T) -> T {
        read(&self.0.machine.borrow())
    }

    /// Writes down what is due, then closes the connection, the timer, and everything listened to. For good.
    pub fn stop(&self) {
        self.input(Input::Page(rejoin_thread::Page::Leaving));
        self.0.stopped.set(true);
        self.0.timer.clear();
        self.0.rim.close();
    }

    fn drain(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        loop {
            let job = self.0.jobs.borrow_mut().pop_front();
            let Some(job) = job else { return notices };
            job(&mut self.0.machine.borrow_mut(), clock::now());
            loop {
                let output = self.0.machine.borrow_mut().output();
                let Some(output) = output else { break };
                notices.extend(self.carry_out(output));
            }
        }
    }

    fn reschedule(&self) {
        let Some(at) = self.0.machine.borrow().timeout() else { return self.0.timer.clear() };
        let weak = self.weak();
        // A whole millisecond more, because timers may fire a fraction early and would then find nothing due.
        self.0.timer.set(at - clock::now() + 1, move || weak.input(Input::Tick));
    }

    /// For callbacks: a driver that is gone is not kept alive by its own socket.
    pub(crate) fn weak(&self) -> WeakDriver<M> {
        WeakDriver(Rc::downgrade(&self.0))
    }
}

impl<M: Machine + 'static> Clone for Driver<M> {
    fn clone(&self) -> Self {
        Driver(Rc::clone(&self.0))
    }
}

impl<M: Machine + 'static> fmt::Debug for Driver<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("stopped", &self.0.stopped).finish_non_exhaustive()
    }
}

/// A driver that may be gone.
pub(crate) struct WeakDriver<M: Machine + 'static>(Weak<Inner<M>>);

impl<M: Machine + 'static> WeakDriver<M> {
    /// The driver, if it still drives.
    pub(crate) fn get(&self) -> Option<Driver<M>> {
        self.0.upgrade().filter(|inner| !inner.stopped.get()).map(Driver)
    }

    pub(crate) fn input(&self, input: Input) {
        if let Some(driver) = self.get() {
            driver.input(input);
        }
    }
}

impl<M: Machine + 'static> Clone for WeakDriver<M> {
    fn clone(&self) -> Self {
        WeakDriver(Weak::clone(&self.0))
    }
}
