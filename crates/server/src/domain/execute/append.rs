//! Appending (protocol.md S1): the one way into a log.

use rejoin_protocol::{Ack, Author, Body, Event, EventKind, NackCode, Posted, ReadState, Side};
use sha2::{Digest, Sha256};

use super::super::request::{Append, Appended, NewEvent, Reply, Target};
use super::super::tx::{DeviceRow, SiteRow, ThreadRow, Tx, TxError};
use super::who::{self, Known};
use crate::domain::rate::{DAY_MS, SENDS_PER_DAY};
use crate::guard::{self, Guard};

/// Where a message goes: a thread that exists, or one that its insertion makes.
enum Place {
    Old(ThreadRow),
    New(ThreadRow, DeviceRow),
}

pub(super) fn append(tx: &mut dyn Tx, append: Append) -> Result<Reply, TxError> {
    let Some(site) = tx.site(&append.site)? else { return Ok(Reply::Refused(NackCode::Gone)) };
    if append.body.check().is_err() {
        return Ok(Reply::Refused(NackCode::BadBody));
    }
    let place = match find(tx, &site, &append)? {
        Ok(place) => place,
        Err(refusal) => return Ok(refusal),
    };
    let by = match author(tx, &append)? {
        Some(by) => by,
        None => return Ok(Reply::Refused(NackCode::Blocked)),
    };
    let hash = hash(&by, &append.body)?;
    if let Place::Old(thread) = &place
        && guard::on(Guard::Dedupe)
        && let Some(logged) = tx.logged(thread.key, by.side(), append.cid)?
    {
        if logged.hash != hash {
            return Ok(Reply::Refused(NackCode::CidConflict));
        }
        let epoch = super::epoch_of(tx, thread)?;
        let ack =
            Ack { cid: append.cid, seq: logged.seq, ts: logged.ts, id: logged.id, thread: thread.id, epoch };
        return Ok(Reply::Appended(Box::new(Appended { ack, new: None })));
    }
    if let Place::Old(thread) = &place
        && by == Author::Customer
        && thread.day == append.now / DAY_MS
        && thread.day_count >= SENDS_PER_DAY
    {
        return Ok(Reply::Refused(NackCode::Rate));
    }
    commit(tx, site, place, by, append, hash)
}

/// Finds where to append, or the refusal.
fn find(tx: &mut dyn Tx, site: &SiteRow, append: &Append) -> Result<Result<Place, Reply>, TxError> {
    let gone = Err(Reply::Refused(NackCode::Gone));
    match &append.target {
        Target::Thread(id) => Ok(match tx.thread(*id)? {
            Some(thread) if thread.site == site.key => Ok(Place::Old(thread)),
            Some(_) | None => gone,
        }),
        Target::Device { did, secret_hash, thread, salt } => {
            match who::look_up(tx, site.key, *did, secret_hash)? {
                Known::Refused(answer) => Ok(Err(Reply::Device(answer))),
                Known::Device(row) => {
                    Ok(tx.thread_by_key(row.thread)?.map_or(gone, |thread| Ok(Place::Old(thread))))
                }
                Known::Stranger => {
                    let thread = ThreadRow {
                        key: 0,
                        id: *thread,
                        site: site.key,
                        number: site.threads + 1,
                        salt: *salt,
                        head: 0,
                        last_ts: 0,
                        read: ReadState::default(),
                        inbox_ver: 0,
                        day: 0,
                        day_count: 0,
                    };
                    let device = DeviceRow {
                        site: site.key,
                        did: *did,
                        secret_hash: *secret_hash,
                        thread: 0,
                        created: append.now,
                        revoked: None,
                    };
                    Ok(Ok(Place::New(thread, device)))
                }
            }
        }
    }
}

/// Who says it, by the agent's row where it is an agent; nobody if that agent does not answer for this site, or the
/// side does not fit the target.
fn author(tx: &mut dyn Tx, append: &Append) -> Result<Option<Author>, TxError> {
    match (&append.by, &append.target) {
        (Author::Customer, _) => Ok(Some(Author::Customer)),
        (Author::Agent { .. }, Target::Device { .. }) => Ok(None),
        (Author::Agent { id, .. }, Target::Thread(_)) => Ok(tx
            .agent(*id)?
            .filter(|agent| agent.site == append.site)
            .map(|agent| Author::Agent { id: agent.id, name: agent.name })),
    }
}

/// What must be the same for a resend to be the same message: the side, which agent, and the body as JSON, whose
/// form is fixed because one key holds one text.
fn hash(by: &Author, body: &Body) -> Result<[u8; 32], TxError> {
    let mut digest = Sha256::new();
    match by {
        Author::Customer => digest.update(b"c"),
        Author::Agent { id, .. } => {
            digest.update(b"a");
            digest.update(id.to_bytes());
        }
    }
    digest.update(serde_json::to_vec(body).map_err(|error| TxError::Failed(error.to_string()))?);
    Ok(digest.finalize().into())
}

fn commit(
    tx: &mut dyn Tx,
    mut site: SiteRow,
    place: Place,
    by: Author,
    append: Append,
    hash: [u8; 32],
) -> Result<Reply, TxError> {
    site.inbox_ver += 1;
    let (mut thread, device) = match place {
        Place::Old(thread) => (thread, None),
        Place::New(thread, device) => {
            site.threads += 1;
            (thread, Some(device))
        }
    };
    let side = by.side();
    thread.inbox_ver = site.inbox_ver;
    thread.head += 1;
    thread.last_ts = thread.last_ts.max(append.now);
    let own = match side {
        Side::Customer => {
            let today = append.now / DAY_MS;
            thread.day_count = if thread.day == today { thread.day_count + 1 } else { 1 };
            thread.day = today;
            &mut thread.read.customer
        }
        Side::Agent => &mut thread.read.agent,
    };
    // Whoever says something has read what came before, and has its own message.
    (own.read, own.deliv) = (thread.head, thread.head);

    let kind = EventKind::Msg(Posted { by, cid: append.cid, body: append.body });
    let event = Event { seq: thread.head, id: append.message, ts: thread.last_ts, kind };
    if let Some(device) = device {
        thread.key = tx.insert_thread(&thread)?;
        tx.insert_device(&DeviceRow { thread: thread.key, ..device })?;
    } else {
        tx.update_thread(&thread)?;
    }
    tx.insert_event(thread.key, &event, &hash)?;
    tx.update_site(&site)?;

    let epoch = super::epoch_of(tx, &thread)?;
    let ack = Ack { cid: append.cid, seq: event.seq, ts: event.ts, id: event.id, thread: thread.id, epoch };
    let new = Some(NewEvent { event, inbox_ver: site.inbox_ver, read: thread.read });
    Ok(Reply::Appended(Box::new(Appended { ack, new })))
}
