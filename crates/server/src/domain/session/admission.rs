//! Who is there: `hello`, first and again in place. It creates nothing.

use rejoin_protocol::limits::{HEARTBEAT_JITTER_MS, HEARTBEAT_MS};
use rejoin_protocol::{
    ErrorCode, Hello, Me, Mode, Opened, PROTOCOL_VERSION, ReadState, Resume, ServerFrame, Synced, Ticket,
    Welcome, close,
};
use sha2::{Digest, Sha256};

use super::conn::Admission;
use super::{Asked, Customer, Device, Output, Session, State, fatal};
use crate::domain::rate::HELLOS;
use crate::domain::request::{Agent, DeviceAnswer, Request};

impl Session {
    pub(super) fn on_hello(&mut self, now: u64, hello: Hello) {
        if hello.v != PROTOCOL_VERSION {
            let detail = format!("hello.v: this server speaks version {PROTOCOL_VERSION}");
            return self.refuse(fatal(ErrorCode::Version, &detail), close::VERSION);
        }
        if self.rates.hellos.take(HELLOS, now).is_err() {
            return self.refuse(fatal(ErrorCode::Rate, "too many hellos"), close::RATE);
        }
        // Whoever it is now has nothing to do with who it was: no old position, no old subscription.
        self.leave_all();
        self.state = State::Admitting;
        match hello.ticket {
            Some(ticket) => self.on_ticket(ticket),
            None => self.on_customer_hello(now, hello),
        }
    }

    fn on_ticket(&mut self, ticket: Ticket) {
        if !self.conn.is_own() {
            let detail = "the inbox works on the server's own origin only";
            return self.refuse(fatal(ErrorCode::Origin, detail), close::ORIGIN);
        }
        self.asked = Some(Asked::Ticket);
        self.out.push_back(Output::Redeem(Sha256::digest(ticket.0.expose()).into()));
    }

    pub(super) fn on_redeemed(&mut self, now: u64, agent: Option<Agent>) {
        if !matches!(self.asked, Some(Asked::Ticket)) {
            return;
        }
        self.asked = None;
        match agent {
            _ if self.is_closed() => {}
            None => self.refuse(fatal(ErrorCode::Auth, "hello.ticket: unknown or spent"), close::AUTH),
            Some(agent) => {
                let me = Me::Agent { id: agent.id, name: agent.name.clone() };
                self.site = Some(agent.site.clone());
                self.state = State::Agent(agent);
                self.welcome(now, me);
            }
        }
    }

    fn on_customer_hello(&mut self, now: u64, hello: Hello) {
        let Some(site) = hello.site.clone() else {
            return self.refuse(fatal(ErrorCode::BadFrame, "hello.site: missing"), close::BAD_FRAME);
        };
        match self.conn.admits(&site) {
            Admission::Yes => {}
            Admission::NoSuchSite => {
                return self
                    .refuse(fatal(ErrorCode::Site, "hello.site: there is no such site"), close::ORIGIN);
            }
            Admission::WrongOrigin => {
                let detail = "this page's origin is not on the site's list";
                return self.refuse(fatal(ErrorCode::Origin, detail), close::ORIGIN);
            }
        }
        match &hello.tok {
            None => self.on_visitor(now, Customer { site, device: None, thread: None }),
            Some(tok) => {
                let (did, secret_hash) = (tok.did, Sha256::digest(tok.secret.expose()).into());
                self.ask(Asked::Device(Box::new(hello)), Request::Device { site, did, secret_hash });
            }
        }
    }

    pub(super) fn on_device(&mut self, now: u64, hello: &Hello, answer: DeviceAnswer) {
        let (Some(site), Some(tok)) = (hello.site.clone(), hello.tok) else { return };
        let device = Some(Device { did: tok.did, secret_hash: Sha256::digest(tok.secret.expose()).into() });
        match answer {
            DeviceAnswer::Unknown => self.on_visitor(now, Customer { site, device, thread: None }),
            DeviceAnswer::Known(thread) => {
                self.site = Some(site.clone());
                self.state = State::Customer(Customer { site, device, thread: Some(thread) });
                self.welcome(now, Me::Customer);
                self.subscribe(thread, hello.pos);
            }
            DeviceAnswer::WrongSecret | DeviceAnswer::Revoked => self.turn_away(answer),
        }
    }

    /// Closes on a device that is not admitted.
    pub(super) fn turn_away(&mut self, answer: DeviceAnswer) {
        match answer {
            DeviceAnswer::Revoked => {
                self.refuse(fatal(ErrorCode::Revoked, "this device was removed"), close::REVOKED);
            }
            DeviceAnswer::WrongSecret | DeviceAnswer::Unknown | DeviceAnswer::Known(_) => {
                self.refuse(fatal(ErrorCode::Auth, "hello.tok: wrong secret"), close::AUTH);
            }
        }
    }

    fn on_visitor(&mut self, now: u64, customer: Customer) {
        self.site = Some(customer.site.clone());
        self.state = State::Customer(customer);
        self.welcome(now, Me::Customer);
        let read = ReadState::default();
        let opened = Opened { mode: Mode::New, thread: None, epoch: None, head: 0, read };
        self.send(None, ServerFrame::Opened(opened));
        self.send(None, ServerFrame::Synced(Synced { head: 0 }));
    }

    fn welcome(&mut self, now: u64, me: Me) {
        let welcome = Welcome { me, now, hb_ms: HEARTBEAT_MS + HEARTBEAT_JITTER_MS };
        self.send(None, ServerFrame::Welcome(welcome));
    }

    /// Subscribes to a thread and asks what is missing, in this order: what is announced in between is remembered.
    pub(super) fn subscribe(&mut self, thread: rejoin_protocol::ThreadId, pos: Option<Resume>) {
        let Some(site) = self.site.clone() else { return };
        self.listen(thread, super::subscription::Sub::opening());
        self.ask(Asked::Open(thread), Request::Open { site, thread, pos });
    }
}
