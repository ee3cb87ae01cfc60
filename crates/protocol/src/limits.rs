//! Every number that both sides obey. The unit is in the name, the reason above it.

/// A long letter fits, a pasted log file does not; counted in Unicode scalar values so that every language has the
/// same room.
pub const BODY_CHARS_MAX: usize = 8_000;

/// The longest body in four-byte characters, with JSON's worst escaping, still fits.
pub const CLIENT_FRAME_BYTES_MAX: usize = 64 * 1024;

/// One write of the server: large enough that catching up is few frames, small enough to bound a connection's memory.
pub const SERVER_BATCH_BYTES_MAX: usize = 256 * 1024;

/// Events in one `ev` frame.
pub const EV_EVENTS_MAX: usize = 64;

/// Events replayed one by one; a client further behind gets a snapshot, which is less to send.
pub const RESUME_EVENTS_MAX: u64 = 500;

/// Messages in a snapshot: two screens.
pub const SNAPSHOT_EVENTS: u64 = 50;

/// Events in one `page`.
pub const PAGE_EVENTS_MAX: u32 = 50;

/// A connection that says nothing is closed after this.
pub const HELLO_WAIT_MS: u64 = 5_000;

/// Shorter than the 30 s after which the first proxies cut an idle connection.
pub const HEARTBEAT_MS: u64 = 25_000;

/// Heartbeats are spread by as much as this either way, so that servers do not beat in step.
pub const HEARTBEAT_JITTER_MS: u64 = 5_000;

/// While somebody types, the client says so this often.
pub const TYPING_REPEAT_MS: u64 = 3_000;

/// And is believed this long: one lost frame does not make it flicker.
pub const TYPING_TTL_MS: u64 = 6_000;

/// Unread messages are counted to here and shown as "99+".
pub const UNREAD_SHOWN_MAX: u32 = 100;

/// The beginning of the last message in the thread list, in Unicode scalar values.
pub const PREVIEW_CHARS_MAX: usize = 120;

/// Rows in one `rows` frame.
pub const ROWS_MAX: usize = 200;

/// Threads one agent's connection may have open: an agent holds 20 to 30 conversations at once.
pub const OPEN_THREADS_MAX: usize = 64;
