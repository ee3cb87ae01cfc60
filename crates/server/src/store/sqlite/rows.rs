//! What a row of SQLite means.

use rejoin_protocol::{
    AgentId, Author, Body, ClientMessageId, DeviceId, Event, EventKind, Marks, MessageId, Posted, ReadState,
    Side, ThreadId,
};
use rusqlite::Row;

use crate::domain::tx::{DeviceRow, Logged, Pass, SiteRow, ThreadRow};

/// What the one kind of event is called in the table.
pub(super) const MSG: &str = "msg";

/// SQLite's integers are signed; nothing that is counted here comes near the end of either.
pub(super) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn nat(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

pub(super) const fn side_int(side: Side) -> i64 {
    match side {
        Side::Customer => 0,
        Side::Agent => 1,
    }
}

pub(super) fn site(row: &Row<'_>) -> rusqlite::Result<SiteRow> {
    Ok(SiteRow { key: row.get(0)?, inbox_ver: nat(row, 1)?, threads: nat(row, 2)? })
}

pub(super) fn thread(row: &Row<'_>) -> rusqlite::Result<ThreadRow> {
    Ok(ThreadRow {
        key: row.get(0)?,
        id: ThreadId::from_bytes(row.get(1)?),
        site: row.get(2)?,
        number: nat(row, 3)?,
        salt: row.get(4)?,
        head: nat(row, 5)?,
        last_ts: nat(row, 6)?,
        read: ReadState {
            customer: Marks { read: nat(row, 7)?, deliv: nat(row, 8)? },
            agent: Marks { read: nat(row, 9)?, deliv: nat(row, 10)? },
        },
        inbox_ver: nat(row, 11)?,
        day: nat(row, 12)?,
        day_count: nat(row, 13)?,
    })
}

pub(super) fn device(row: &Row<'_>) -> rusqlite::Result<DeviceRow> {
    Ok(DeviceRow {
        site: row.get(0)?,
        did: DeviceId::from_bytes(row.get(1)?),
        secret_hash: row.get(2)?,
        thread: row.get(3)?,
        created: nat(row, 4)?,
        revoked: row.get::<_, Option<i64>>(5)?.map(|_| nat(row, 5)).transpose()?,
    })
}

pub(super) fn logged(row: &Row<'_>) -> rusqlite::Result<Logged> {
    Ok(Logged {
        seq: nat(row, 0)?,
        id: MessageId::from_bytes(row.get(1)?),
        ts: nat(row, 2)?,
        hash: row.get(3)?,
    })
}

pub(super) fn pass(row: &Row<'_>) -> rusqlite::Result<Pass> {
    Ok(Pass { agent: AgentId::from_bytes(row.get(0)?), until: nat(row, 1)? })
}

/// A row of `events` as a scan selects it.
pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let kind: String = row.get(3)?;
    let kind = if kind == MSG {
        let by = match row.get::<_, Option<[u8; 16]>>(4)? {
            None => Author::Customer,
            Some(id) => Author::Agent {
                id: AgentId::from_bytes(id),
                name: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
            },
        };
        let body: String = row.get(7)?;
        let body: Body = serde_json::from_str(&body).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(7, rusqlite::types::Type::Text, Box::new(error))
        })?;
        EventKind::Msg(Posted { by, cid: ClientMessageId::from_bytes(row.get(6)?), body })
    } else {
        // Written by a newer version: it keeps its place and shows nothing.
        EventKind::Unknown { must: false }
    };
    Ok(Event { seq: nat(row, 0)?, id: MessageId::from_bytes(row.get(1)?), ts: nat(row, 2)?, kind })
}
