//! Every rule about what may be stored and what is answered, over [`Tx`], so that SQLite, memory and the simulation
//! cannot differ in them.
//!
//! A request that is refused has written nothing: everything that can refuse comes before the first change, and a
//! failure in the middle is rolled back to the savepoint.

mod agents;
mod append;
mod history;
mod inbox;
mod mark;
mod open;
mod sites;
mod who;

use rejoin_protocol::{Epoch, Event};
use sha2::{Digest, Sha256};

use super::request::{Reply, Request};
use super::tx::{ThreadRow, Tx, TxError};

pub use inbox::{preview, version_in};

/// Answers one request. A writing request's changes are kept exactly when this returns `Ok`.
pub fn execute(tx: &mut dyn Tx, request: Request) -> Result<Reply, TxError> {
    if !request.writes() {
        return answer(tx, request);
    }
    tx.savepoint()?;
    match answer(tx, request) {
        Ok(reply) => {
            tx.release()?;
            Ok(reply)
        }
        Err(error) => {
            // The reason is worth more than a second failure: where undoing fails too, the store drops the whole
            // transaction anyway.
            let _ = tx.rollback();
            Err(error)
        }
    }
}

fn answer(tx: &mut dyn Tx, request: Request) -> Result<Reply, TxError> {
    match request {
        Request::Device { site, did, secret_hash } => who::device(tx, &site, did, &secret_hash),
        Request::Revoke { site, did, now } => who::revoke(tx, &site, did, now),
        Request::Open { site, thread, pos } => open::open(tx, &site, thread, pos),
        Request::Append(append) => append::append(tx, append),
        Request::Events { thread, from, to, limit } => history::events(tx, thread, from, to, limit),
        Request::Page { thread, fetch } => history::page(tx, thread, fetch),
        Request::Mark { thread, side, marks } => mark::mark(tx, thread, side, marks),
        Request::Heads(threads) => history::heads(tx, &threads),
        Request::Rows { site, since, limit } => inbox::rows(tx, &site, since, limit),
        Request::Sites => Ok(Reply::Sites(tx.sites()?)),
        Request::AddSite { name, origins, now } => sites::add(tx, &name, &origins, now),
        Request::AddAgent { id, email, site, name, link_hash, link_until, now } => {
            agents::add(tx, agents::NewAgent { id, email, site, name }, &link_hash, link_until, now)
        }
        Request::AddLink { email, link_hash, link_until } => {
            agents::add_link(tx, &email, &link_hash, link_until)
        }
        Request::SpendLink { link_hash, session_hash, session_until, now } => {
            agents::spend_link(tx, &link_hash, &session_hash, session_until, now)
        }
        Request::Session { session_hash, now } => agents::session(tx, &session_hash, now),
        Request::EndSession { session_hash } => {
            tx.delete_session(&session_hash)?;
            Ok(Reply::Done)
        }
        Request::Ready => {
            tx.touch()?;
            Ok(Reply::Done)
        }
    }
}

/// The name of a log's numbering: it changes for every thread at once when the generation does.
pub fn epoch(generation: &[u8; 16], salt: &[u8; 16]) -> Epoch {
    let digest = Sha256::new().chain_update(generation).chain_update(salt).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Epoch::from_bytes(bytes)
}

fn epoch_of(tx: &mut dyn Tx, thread: &ThreadRow) -> Result<Epoch, TxError> {
    Ok(epoch(&tx.generation()?, &thread.salt))
}

/// The event at `seq`, which the caller knows to be in the log.
fn event_at(tx: &mut dyn Tx, thread: &ThreadRow, seq: u64) -> Result<Event, TxError> {
    let mut found = None;
    tx.scan(thread.key, seq, seq, super::tx::Order::Up, &mut |event| {
        found = Some(event);
        false
    })?;
    found
        .ok_or_else(|| TxError::Failed(format!("thread {}: no event at {seq} of {}", thread.id, thread.head)))
}
