//! The thread list of a site: rows newer than a version.

use rejoin_protocol::limits::{PREVIEW_CHARS_MAX, UNREAD_SHOWN_MAX};
use rejoin_protocol::{Author, Body, Event, EventKind, Row, SiteName};

use super::super::request::Reply;
use super::super::tx::{SiteRow, ThreadRow, Tx, TxError};

pub(super) fn rows(tx: &mut dyn Tx, site: &SiteName, since: u64, limit: usize) -> Result<Reply, TxError> {
    let Some(site) = tx.site(site)? else { return Ok(Reply::NotFound) };
    // A version from the future belongs to a history that was replaced: begin again.
    let since = if since > site.inbox_ver { 0 } else { since };
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
