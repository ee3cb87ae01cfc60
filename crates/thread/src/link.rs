//! The connection, as far as it is a matter of states and times.
//!
//! ```text
//!  Off ──wanted──► Connecting(n) ──opened──► Greeting(n) ──welcome──► Up(n)
//!   ▲                  │ refused, too slow       │ closed, too slow     │ closed, silent, no pong
//!   │                  ▼                         ▼                      ▼
//!   │◄─not wanted── Backoff(until) ◄─────────────┴──────────────────────┤
//!   │                  └── due, or the page is back ──► Connecting(n+1) │
//!   └──────────────── leaving the page                   Stopped(why) ◄─┘ a close code that says stop
//! ```
//!
//! Every socket has its number `n`; whatever an older number still says is dropped, so a late frame of a dead
//! connection can do no harm.

use rejoin_protocol::close;
use rejoin_protocol::limits::{HEARTBEAT_JITTER_MS, HEARTBEAT_MS};

use crate::{Rng, Time, backoff};

/// A socket that is not open, or not greeted, by then, is given up: long enough for a slow mobile network.
const CONNECT_WITHIN_MS: u64 = 10_000;
/// The server must answer a ping within this.
const PONG_WITHIN_MS: u64 = 4_000;
/// Healthy for so long means that the next failure starts from the beginning.
const HEALTHY_AFTER_MS: u64 = 30_000;

/// Why the link does not come back by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The server does not accept this browser's token (any more).
    Auth,
    /// This page may not embed this site's chat.
    Origin,
    /// The page holds another version of the app.
    Version,
    /// The server and this app do not understand each other.
    Protocol,
}

/// Where the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Not wanted.
    Off,
    /// A socket is being opened since then.
    Connecting(Time),
    /// It is open since then; the greeting is out.
    Greeting(Time),
    /// The server has answered, at that time.
    Up(Time),
    /// Waiting to try again.
    Backoff(Time),
    /// Not coming back by itself.
    Stopped(StopReason),
}

/// What the link wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkAction {
    /// Open socket `n`.
    Connect(u32),
    /// Close socket `n`.
    Disconnect(u32),
    /// Ask whether anybody is there.
    Ping(u32),
}

/// The connection's state machine.
#[derive(Clone, Debug)]
pub struct Link {
    state: LinkState,
    number: u32,
    wanted: bool,
    visible: bool,
    failures: u32,
    last_heard: Time,
    pong_until: Option<Time>,
    pings: u32,
    rng: Rng,
}

impl Link {
    /// A link that nobody wants yet.
    pub fn new(rng: Rng) -> Link {
        Link {
            state: LinkState::Off,
            number: 0,
            wanted: false,
            visible: true,
            failures: 0,
            last_heard: Time(0),
            pong_until: None,
            pings: 0,
            rng,
        }
    }

    /// Where it stands.
    pub fn state(&self) -> LinkState {
        self.state
    }

    /// The number of the current socket.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Whether the server has answered and can be talked to.
    pub fn is_up(&self) -> bool {
        matches!(self.state, LinkState::Up(_))
    }

    /// Whether `n` is the socket in use.
    pub fn is_current(&self, n: u32) -> bool {
        let in_use =
            matches!(self.state, LinkState::Connecting(_) | LinkState::Greeting(_) | LinkState::Up(_));
        in_use && n == self.number
    }

    /// Says whether a connection is wanted.
    pub(crate) fn want(&mut self, now: Time, wanted: bool) -> Option<LinkAction> {
        self.wanted = wanted;
        match self.state {
            LinkState::Off if wanted => Some(self.connect(now)),
            LinkState::Connecting(_) | LinkState::Greeting(_) | LinkState::Up(_) if !wanted => {
                Some(self.off())
            }
            LinkState::Backoff(_) if !wanted => {
                self.state = LinkState::Off;
                None
            }
            LinkState::Off
            | LinkState::Connecting(_)
            | LinkState::Greeting(_)
            | LinkState::Up(_)
            | LinkState::Backoff(_)
            | LinkState::Stopped(_) => None,
        }
    }

    /// Connects at once if it is waiting or has stopped: the person asked.
    pub(crate) fn wake(&mut self, now: Time) -> Option<LinkAction> {
        match self.state {
            LinkState::Backoff(_) | LinkState::Stopped(_) if self.wanted => Some(self.connect(now)),
            LinkState::Off
            | LinkState::Connecting(_)
            | LinkState::Greeting(_)
            | LinkState::Up(_)
            | LinkState::Backoff(_)
            | LinkState::Stopped(_) => None,
        }
    }

    /// The page came back, the device is on a network again, a heartbeat came, an answer is overdue: prove that both
    /// ways work, or try again at once. What comes down says nothing about the way up.
    pub(crate) fn probe(&mut self, now: Time) -> Option<LinkAction> {
        match self.state {
            LinkState::Up(_) if self.pong_until.is_none() => {
                self.pong_until = Some(now + PONG_WITHIN_MS);
                self.pings = self.pings.wrapping_add(1);
                Some(LinkAction::Ping(self.pings))
            }
            LinkState::Backoff(_) => Some(self.connect(now)),
            LinkState::Off
            | LinkState::Connecting(_)
            | LinkState::Greeting(_)
            | LinkState::Up(_)
            | LinkState::Stopped(_) => None,
        }
    }

    pub(crate) fn set_visible(&mut self, visible: bool) {
        self.visible = visible;
    }

    /// connecting → greeting.
    pub(crate) fn opened(&mut self, now: Time) {
        self.state = LinkState::Greeting(now);
        self.last_heard = now;
    }

    /// greeting → up.
    pub(crate) fn welcomed(&mut self, now: Time) {
        if matches!(self.state, LinkState::Greeting(_)) {
            self.state = LinkState::Up(now);
        }
    }

    /// Something came on the current socket: the way down works.
    pub(crate) fn heard(&mut self, now: Time) {
        self.last_heard = now;
    }

    /// The answer to a ping came: both ways work.
    pub(crate) fn ponged(&mut self) {
        self.pong_until = None;
    }

    /// The current socket closed.
    pub(crate) fn closed(&mut self, now: Time, code: u16, retry_ms: Option<u64>) {
        self.pong_until = None;
        self.state = match close::policy(code) {
            rejoin_protocol::ClosePolicy::Stop => LinkState::Stopped(match code {
                close::ORIGIN => StopReason::Origin,
                close::VERSION => StopReason::Version,
                close::REVOKED => StopReason::Auth,
                _ => StopReason::Protocol,
            }),
            rejoin_protocol::ClosePolicy::Reauthenticate => LinkState::Stopped(StopReason::Auth),
            rejoin_protocol::ClosePolicy::Reconnect if self.wanted => self.back_off(now, retry_ms),
            rejoin_protocol::ClosePolicy::Reconnect => LinkState::Off,
        };
    }

    /// Gives the current socket up and tries again later.
    pub(crate) fn fail(&mut self, now: Time) -> LinkAction {
        self.pong_until = None;
        self.state = self.back_off(now, None);
        LinkAction::Disconnect(self.number)
    }

    /// Gives the current socket up at once; the page is leaving.
    pub(crate) fn leave(&mut self) -> Option<LinkAction> {
        self.want(Time(0), false)
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Time) -> Option<LinkAction> {
        if self.poll_timeout().is_none_or(|due| due > now) {
            return None;
        }
        match self.state {
            LinkState::Backoff(_) => Some(self.connect(now)),
            LinkState::Connecting(_) | LinkState::Greeting(_) | LinkState::Up(_) => Some(self.fail(now)),
            LinkState::Off | LinkState::Stopped(_) => None,
        }
    }

    /// When [`Link::tick`] has something to do.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        match self.state {
            LinkState::Connecting(since) | LinkState::Greeting(since) => Some(since + CONNECT_WITHIN_MS),
            LinkState::Up(_) => {
                // Two heartbeats missed: the network fails without telling.
                let silent = self.last_heard + 2 * (HEARTBEAT_MS + HEARTBEAT_JITTER_MS);
                // A pong that is late behind other frames is on its way.
                let pong = self.pong_until.map(|until| until.max(self.last_heard + PONG_WITHIN_MS));
                Some(pong.map_or(silent, |pong| pong.min(silent)))
            }
            LinkState::Backoff(until) => Some(until),
            LinkState::Off | LinkState::Stopped(_) => None,
        }
    }

    fn connect(&mut self, now: Time) -> LinkAction {
        self.number += 1;
        self.pong_until = None;
        self.state = LinkState::Connecting(now);
        LinkAction::Connect(self.number)
    }

    fn off(&mut self) -> LinkAction {
        self.pong_until = None;
        self.state = LinkState::Off;
        LinkAction::Disconnect(self.number)
    }

    /// The delay the server asked for is obeyed to the millisecond: it has spread its clients itself.
    fn back_off(&mut self, now: Time, retry_ms: Option<u64>) -> LinkState {
        let healthy = matches!(self.state, LinkState::Up(since) if now - since >= HEALTHY_AFTER_MS);
        self.failures = if healthy { 1 } else { self.failures.saturating_add(1) };
        let delay = retry_ms.unwrap_or_else(|| backoff::delay_ms(self.failures, self.visible, &mut self.rng));
        LinkState::Backoff(now + delay)
    }
}
