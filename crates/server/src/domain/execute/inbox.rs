//! The thread list of a site: rows newer than a version.

use rejoin_protocol::limits::{PREVIEW_CHARS_MAX, UNREAD_SHOWN_MAX};
use rejoin_protocol::{Author, Body, Event, EventKind, Row, SiteName};

use super::super::request::Reply;
use super::super::tx::{SiteRow, ThreadRow, Tx, TxError};

/// The lower bits of a version count changes; the upper ones, from the generation, tell a history from the one that a
/// restore has put in its place, so that nobody who knows the first misses changes of the second. Together they stay
/// below 2^53, which JavaScript counts exactly.
const COUNT_BITS: u32 = 32;

/// The upper bits that a generation gives.
const HISTORY_BITS: u32 = 21;

/// A version as it is named under a new generation.
pub fn version_in(generation: &[u8; 16], ver: u64) -> u64 {
    let [a, b, c, ..] = generation.map(u64::from);
    let history = (a << 16 | b << 8 | c) >> (24 - HISTORY_BITS);
    history << COUNT_BITS | ver & ((1 << COUNT_BITS) - 1)
}

pub(super) fn rows(tx: &mut dyn Tx, site: &SiteName, since: u64, limit: usize) -> Result<Reply, TxError> {
    let Some(site) = tx.site(site)? else { return Ok(Reply::NotFound) };
    let foreign = since > site.inbox_ver || since >> COUNT_BITS != site.inbox_ver >> COUNT_BITS;
    let since = if foreign { 0 } else { since };
    let mut threads = tx.threads_since(site.key, since, limit.saturating_add(1))?;
    let more = threads.len() > limit;
    threads.truncate(limit);
    let rows = threads.iter().map(|thread| row(tx, thread)).collect::<Result<_, _>>()?;
    Ok(Reply::Rows { rows, more })
}

/// The site a thread belongs to.
pub(super) fn site_of(tx: &mut dyn Tx, thread: &ThreadRow) -> Result<SiteRow, TxError> {
    tx.site_by_key(thread.site)?
        .ok_or_else(|| TxError::Failed(format!("thread {}: its site is missing", thread.id)))
}

fn row(tx: &mut dyn Tx, thread: &ThreadRow) -> Result<Row, TxError> {
    let last = super::event_at(tx, thread, thread.head)?;
    let (by, preview) = said(last);
    // An agent who writes has read, so everything after the agents' cursor is the customer's.
    let unread = thread.head.saturating_sub(thread.read.agent.read);
    Ok(Row {
        thread: thread.id,
        number: thread.number,
        ver: thread.inbox_ver,
        head: thread.head,
        unread: u32::try_from(unread).unwrap_or(UNREAD_SHOWN_MAX).min(UNREAD_SHOWN_MAX),
        ts: thread.last_ts,
        by,
        preview,
    })
}

fn said(event: Event) -> (Author, String) {
    match event.kind {
        EventKind::Msg(posted) => {
            let text = match posted.body {
                Body::Text(text) => preview(&text),
                Body::Unknown { .. } => String::new(),
            };
            (posted.by, text)
        }
        EventKind::Unknown { .. } => (Author::Customer, String::new()),
    }
}

/// The beginning of a text on one line, at most [`PREVIEW_CHARS_MAX`] characters.
pub fn preview(text: &str) -> String {
    let mut line = String::new();
    let mut chars = 0;
    for word in text.split_whitespace() {
        for letter in (chars > 0).then_some(' ').into_iter().chain(word.chars()) {
            if chars == PREVIEW_CHARS_MAX {
                return line;
            }
            line.push(letter);
            chars += 1;
        }
    }
    line
}
