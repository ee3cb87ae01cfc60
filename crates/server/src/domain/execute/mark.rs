//! Read and delivered cursors: they only move forward and never past the head.

use rejoin_protocol::{Marks, Side, ThreadId};

use super::super::request::Reply;
use super::super::tx::{Tx, TxError};

pub(super) fn mark(tx: &mut dyn Tx, id: ThreadId, side: Side, marks: Marks) -> Result<Reply, TxError> {
    let Some(mut thread) = tx.thread(id)? else { return Ok(Reply::NotFound) };
    let cursors = match side {
        Side::Customer => &mut thread.read.customer,
        Side::Agent => &mut thread.read.agent,
    };
    let before = *cursors;
    cursors.merge(Marks { read: marks.read.min(thread.head), deliv: marks.deliv.min(thread.head) });
    let after = *cursors;
    if after == before {
        return Ok(Reply::Marked { marks: after, moved: false, inbox_ver: None });
    }
    // Only what agents have read shows in the thread list.
    let inbox_ver = if side == Side::Agent && after.read != before.read {
        let mut site = super::inbox::site_of(tx, &thread)?;
        site.inbox_ver += 1;
        thread.inbox_ver = site.inbox_ver;
        tx.update_site(&site)?;
        Some(site.inbox_ver)
    } else {
        None
    };
    tx.update_thread(&thread)?;
    Ok(Reply::Marked { marks: after, moved: true, inbox_ver })
}
