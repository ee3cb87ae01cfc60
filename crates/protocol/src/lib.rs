//! What crosses the wire between the widget, the inbox and the server, and the limits both sides obey.
//!
//! Nothing else: no transport, no JSON library (frames are serde types, the callers bring `serde_json`), no
//! clock, no randomness (ids are made elsewhere and handed in), and no rule beyond validation.
//!
//! # Where to start
//! - [`ClientFrame`] and [`ServerFrame`]: every frame, in the order of a conversation's life.
//! - [`Envelope`]: how a frame is written, and how one from a newer version is tolerated.
//! - [`StreamPosition`]: why a position is always a pair.
//! - [`limits`]: every number, with its unit and reason.

pub mod close;
mod error;
mod event;
mod frame;
mod frame_client;
mod frame_server;
mod ids;
pub mod limits;
mod message;
mod position;
mod token;

pub use close::ClosePolicy;
pub use error::{Class, ErrorCode, NackCode};
pub use event::{Event, EventKind, Posted};
pub use frame::Envelope;
pub use frame_client::{
    ClientFrame, Empty, Fetch, Hello, InboxSince, Open, PROTOCOL_VERSION, Ping, Read, Resume, Send, TypingOn,
};
pub use frame_server::{
    Ack, Cursor, Drain, Err, Evs, Hb, Me, Mode, Nack, Opened, Page, Pong, ReadState, Row, Rows, ServerFrame,
    Snap, Synced, TypingBy, Welcome,
};
pub use ids::{AgentId, ClientMessageId, DeviceId, Epoch, IdError, MessageId, SiteName, ThreadId};
pub use message::{Author, Body, BodyError, Marks, Message, Side};
pub use position::StreamPosition;
pub use token::{DeviceToken, Secret, Ticket, TokenError};
