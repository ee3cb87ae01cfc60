//! WebSocket close codes, grouped by what the client must do. Everything a network or a proxy makes up means
//! [`ClosePolicy::Reconnect`].

/// What a client does after a close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosePolicy {
    /// Come back, with backoff.
    Reconnect,
    /// Read the stored token again and come back once; if that fails too, stop and say so.
    Reauthenticate,
    /// Do not come back by itself: the page or the site must change first.
    Stop,
}

/// Wrong token, or an agent's ticket that is spent.
pub const AUTH: u16 = 4001;
/// A frame that is not one.
pub const BAD_FRAME: u16 = 4002;
/// The page's origin is not on the site's list, or there is no such site.
pub const ORIGIN: u16 = 4003;
/// Too many frames.
pub const RATE: u16 = 4008;
/// The client does not read; coming back is the cure.
pub const SLOW: u16 = 4009;
/// The device was removed.
pub const REVOKED: u16 = 4011;
/// The server goes away or is full; the reason says `retry=MILLISECONDS`.
pub const LATER: u16 = 4012;
/// Another version of the protocol: the page holds an old app.
pub const VERSION: u16 = 4013;

/// What to do after this code.
pub const fn policy(code: u16) -> ClosePolicy {
    match code {
        AUTH => ClosePolicy::Reauthenticate,
        BAD_FRAME | ORIGIN | REVOKED | VERSION => ClosePolicy::Stop,
        _ => ClosePolicy::Reconnect,
    }
}
