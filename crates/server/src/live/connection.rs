//! One task per connection: joins a socket, a mailbox and a clock to the session, which decides everything.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use rejoin_protocol::{ClientFrame, Envelope, ServerFrame, close};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::pulse::{Diagnosis, Pulse};
use super::socket::{Arrived, Socket, Unwritten};
use crate::app::{App, SystemIds, now_ms};
use crate::bus::Mailbox;
use crate::client_address::AddressHash;
use crate::domain::session::{Conn, Input, Output, Session, Topic};
use crate::domain::{Ids as _, Request};
use crate::limits::AddressGate;
use crate::origin::Origin;
use crate::store::StoreError;

/// A hello that finds no place in this time is sent away instead of kept waiting.
const HELLO_WAIT: Duration = Duration::from_secs(2);

/// Clients that find no place come back within this, each at another moment.
const HELLO_RETRY_MS: u64 = 10_000;

/// Who came.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The page's origin.
    pub page: Origin,
    /// Its address, for limits; none for this machine.
    pub client: Option<AddressHash>,
}

/// Serves one connection to its end.
pub async fn run(app: Arc<App>, socket: Socket, arrival: Arrival) {
    let _counted = Counted::new(&app.metrics.connections);
    let draining = app.draining.subscribe();
    let conn = Conn {
        origin: Some(arrival.page.to_string()),
        own_origins: app.own_origins.clone(),
        sites: app.sites(),
        spread: random_below(u64::MAX),
        gate: Arc::new(AddressGate { limits: app.limits.clone(), client: arrival.client }),
    };
    let session = Session::new(conn, now_ms());
    let mut connection = Connection {
        socket,
        session,
        mailbox: Mailbox::new(),
        topics: BTreeSet::new(),
        pulse: Pulse::heard(now_ms()),
        end: None,
        draining,
        app: app.clone(),
    };
    let end = connection.live().await;
    for topic in &connection.topics {
        app.bus.unsubscribe(topic, &connection.mailbox);
    }
    if let End::Close(code, reason) = end {
        app.metrics.close(code);
        connection.socket.close(code, &reason).await;
    }
}

/// Counts while it lives, also through a panic.
struct Counted(Gauge);

impl Counted {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Counted(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

struct Connection {
    app: Arc<App>,
    socket: Socket,
    session: Session,
    mailbox: Arc<Mailbox>,
    /// What the mailbox listens to, to be undone at the end.
    topics: BTreeSet<Topic>,
    pulse: Pulse,
    /// Set once nothing more can or shall be said to the client.
    end: Option<End>,
    draining: watch::Receiver<bool>,
}

/// How a connection ends.
enum End {
    /// We say goodbye.
    Close(u16, String),
    /// There is nobody to say it to.
    Gone,
}

impl From<Unwritten> for End {
    fn from(unwritten: Unwritten) -> Self {
        match unwritten {
            Unwritten::Slow => End::Close(close::SLOW, String::new()),
            Unwritten::Gone => End::Gone,
        }
    }
}

/// What woke the task.
enum Woken {
    Arrived(Arrived),
    Mail,
    Time,
    Drain,
}

impl Connection {
    async fn live(&mut self) -> End {
        loop {
            match self.wait().await {
                Woken::Arrived(arrived) => {
                    self.pulse = Pulse::heard(now_ms());
                    self.arrived(arrived).await;
                }
                Woken::Mail => self.mail().await,
                Woken::Time => self.time().await,
                Woken::Drain => {
                    let in_ms = random_below(self.app.config.drain_ms);
                    self.give(Input::Drain(in_ms)).await;
                }
            }
            if let Some(end) = self.end.take() {
                return end;
            }
        }
    }

    async fn wait(&mut self) -> Woken {
        let now = now_ms();
        let due = self.session.poll_timeout().unwrap_or(u64::MAX).min(self.pulse.due());
        tokio::select! {
            arrived = self.socket.recv() => Woken::Arrived(arrived),
            () = self.mailbox.notified() => Woken::Mail,
            () = sleep(Duration::from_millis(due.saturating_sub(now))) => Woken::Time,
            _ = self.draining.wait_for(|draining| *draining) => Woken::Drain,
        }
    }

    async fn arrived(&mut self, arrived: Arrived) {
        match arrived {
            Arrived::Frame(frame) if matches!(frame.frame, ClientFrame::Hello(_)) => {
                let app = self.app.clone();
                let Ok(Ok(_place)) = timeout(HELLO_WAIT, app.hellos.acquire()).await else {
                    let retry_ms = HELLO_WAIT.as_millis() as u64 + random_below(HELLO_RETRY_MS);
                    self.end = Some(End::Close(close::LATER, format!("retry={retry_ms}")));
                    return;
                };
                self.give(Input::Frame(frame)).await;
            }
            Arrived::Frame(frame) => self.give(Input::Frame(frame)).await,
            Arrived::Malformed(error) => self.give(Input::Malformed(error)).await,
            Arrived::Nothing => {}
            Arrived::Gone => self.end = Some(End::Gone),
        }
    }

    async fn time(&mut self) {
        match self.pulse.look(now_ms()) {
            Diagnosis::Fine => {}
            Diagnosis::Ask => {
                if let Err(unwritten) = self.socket.ping().await {
                    self.end = Some(unwritten.into());
                }
            }
            Diagnosis::Gone => self.end = Some(End::Gone),
        }
        if self.end.is_none() {
            self.give(Input::Tick).await;
        }
    }

    async fn mail(&mut self) {
        for note in self.mailbox.take() {
            self.give(Input::Note(note)).await;
        }
    }

    /// Hands one input to the session and carries out what it wants, answers included, until it wants nothing more.
    /// When the client cannot be reached any more the rest is still carried out: what the store has committed must
    /// be announced to the others.
    async fn give(&mut self, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            self.session.handle(now_ms(), &mut SystemIds, input);
            while let Some(output) = self.session.poll_output() {
                if let Some(answer) = self.carry_out(output).await {
                    next = Some(answer);
                }
            }
        }
        self.flush().await;
    }

    async fn carry_out(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Send(frame) => self.send(frame).await,
            Output::Ask(request) => return self.ask(request).await,
            Output::Redeem(hash) => return Some(Input::Redeemed(self.app.tickets.redeem(now_ms(), &hash))),
            Output::Subscribe(topic) => {
                self.app.bus.subscribe(topic.clone(), &self.mailbox);
                self.topics.insert(topic);
            }
            Output::Unsubscribe(topic) => {
                self.app.bus.unsubscribe(&topic, &self.mailbox);
                self.topics.remove(&topic);
            }
            Output::Publish(note) => self.app.bus.publish(note),
            Output::Close(code, reason) => {
                self.flush().await;
                self.end.get_or_insert(End::Close(code, reason));
            }
        }
        None
    }

    async fn ask(&mut self, request: Request) -> Option<Input> {
        // What is said already must not wait for the disk; and a client that is gone asks nothing more.
        self.flush().await;
        if self.end.is_some() {
            return None;
        }
        Some(match self.app.ask(request).await {
            Ok(reply) => Input::Reply(reply),
            Err(StoreError::Busy) => Input::StoreFailed,
            Err(error @ (StoreError::Full | StoreError::Failed(_))) => {
                tracing::error!(%error, "a question has no answer");
                Input::StoreFailed
            }
        })
    }

    async fn send(&mut self, frame: Envelope<ServerFrame>) {
        if let ServerFrame::Nack(nack) = &frame.frame {
            self.app.metrics.nack(nack.code.as_str());
        }
        if self.end.is_none()
            && let Err(unwritten) = self.socket.send(&frame).await
        {
            self.end = Some(unwritten.into());
        }
    }

    async fn flush(&mut self) {
        if self.end.is_none()
            && let Err(unwritten) = self.socket.flush().await
        {
            self.end = Some(unwritten.into());
        }
    }
}

/// A random number below `end`, or 0; for spreading, where the small bias of a remainder does not matter.
fn random_below(end: u64) -> u64 {
    let bytes = SystemIds.bytes16();
    let mut first = [0; 8];
    first.copy_from_slice(&bytes[..8]);
    u64::from_be_bytes(first) % end.max(1)
}
