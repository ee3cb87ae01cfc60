//! Rows in SQLite. Every statement is prepared once per connection.

use rejoin_protocol::{
    AgentId, Author, ClientMessageId, DeviceId, Event, EventKind, Side, SiteName, ThreadId,
};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::error;
use super::rows::{self, MSG, int, side_int};
use crate::domain::request::{Agent, Site};
use crate::domain::tx::{
    DeviceRow, Logged, Order, Pass, SiteKey, SiteRow, ThreadKey, ThreadRow, Tx, TxError,
};

/// Selects what [`rows::thread`] reads.
macro_rules! threads {
    ($which:literal) => {
        concat!(
            "SELECT key, id, site, number, salt, head, last_ts, customer_read, customer_deliv, agent_read, agent_deliv,
                    inbox_ver, day, day_count FROM threads ",
            $which
        )
    };
}

/// Selects what [`rows::event`] reads.
macro_rules! events {
    ($order:literal) => {
        concat!(
            "SELECT e.seq, e.id, e.ts, e.kind, e.agent, a.name, e.cid, e.body
             FROM events e LEFT JOIN agents a ON a.id = e.agent
             WHERE e.thread = ?1 AND e.seq BETWEEN ?2 AND ?3 ",
            $order
        )
    };
}

/// The rows of one connection, inside a transaction that the caller has begun.
pub(super) struct SqliteTx<'a> {
    conn: &'a Connection,
    broken: bool,
}

impl<'a> SqliteTx<'a> {
    pub(super) const fn new(conn: &'a Connection) -> Self {
        SqliteTx { conn, broken: false }
    }

    /// Whether undoing failed: then only undoing the whole transaction helps.
    pub(super) const fn is_broken(&self) -> bool {
        self.broken
    }

    fn run(&self, sql: &str, params: impl Params) -> Result<usize, TxError> {
        let run = || self.conn.prepare_cached(sql)?.execute(params);
        run().map_err(|error| error::of(&error))
    }

    /// Changes exactly one row.
    fn run_one(&self, sql: &str, params: impl Params) -> Result<(), TxError> {
        match self.run(sql, params)? {
            1 => Ok(()),
            rows => Err(TxError::Failed(format!("{rows} rows changed where there should be one"))),
        }
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, TxError> {
        let one = || self.conn.prepare_cached(sql)?.query_row(params, read).optional();
        one().map_err(|error| error::of(&error))
    }

    fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, TxError> {
        let all = || self.conn.prepare_cached(sql)?.query_map(params, read)?.collect();
        let all: rusqlite::Result<Vec<T>> = all();
        all.map_err(|error| error::of(&error))
    }
}

impl Tx for SqliteTx<'_> {
    fn savepoint(&mut self) -> Result<(), TxError> {
        self.run("SAVEPOINT request", []).map(|_| ())
    }

    fn release(&mut self) -> Result<(), TxError> {
        self.run("RELEASE request", []).map(|_| ())
    }

    fn rollback(&mut self) -> Result<(), TxError> {
        let undone =
            self.run("ROLLBACK TO request", []).and_then(|_| self.run("RELEASE request", [])).map(|_| ());
        self.broken |= undone.is_err();
        undone
    }

    fn generation(&mut self) -> Result<[u8; 16], TxError> {
        self.one("SELECT value FROM meta WHERE key = 'generation'", [], |row| row.get(0))?
            .ok_or_else(|| TxError::Failed("meta: no generation".to_owned()))
    }

    fn touch(&mut self) -> Result<(), TxError> {
        self.run_one("UPDATE meta SET value = value + 1 WHERE key = 'ready'", [])
    }

    fn site(&mut self, name: &SiteName) -> Result<Option<SiteRow>, TxError> {
        self.one("SELECT key, inbox_ver, threads FROM sites WHERE name = ?1", [name.as_str()], rows::site)
    }

    fn site_by_key(&mut self, key: SiteKey) -> Result<Option<SiteRow>, TxError> {
        self.one("SELECT key, inbox_ver, threads FROM sites WHERE key = ?1", [key], rows::site)
    }

    fn sites(&mut self) -> Result<Vec<Site>, TxError> {
        let rows: Vec<(String, Option<String>)> = self.all(
            "SELECT s.name, o.origin FROM sites s LEFT JOIN origins o ON o.site = s.key
             ORDER BY s.name, o.origin",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let mut sites: Vec<Site> = Vec::new();
        for (name, origin) in rows {
            let name: SiteName =
                name.parse().map_err(|error| TxError::Failed(format!("sites.name: {error}")))?;
            if sites.last().is_none_or(|last| last.name != name) {
                sites.push(Site { name, origins: Vec::new() });
            }
            if let (Some(site), Some(origin)) = (sites.last_mut(), origin) {
                site.origins.push(origin);
            }
        }
        Ok(sites)
    }

    fn insert_site(&mut self, name: &SiteName, now: u64) -> Result<SiteKey, TxError> {
        self.run("INSERT INTO sites (name, created) VALUES (?1, ?2)", params![name.as_str(), int(now)])?;
        Ok(self.conn.last_insert_rowid())
    }

    fn add_origin(&mut self, site: SiteKey, origin: &str) -> Result<(), TxError> {
        self.run(
            "INSERT INTO origins (site, origin) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![site, origin],
        )
        .map(|_| ())
    }

    fn update_site(&mut self, row: &SiteRow) -> Result<(), TxError> {
        self.run_one(
            "UPDATE sites SET inbox_ver = ?2, threads = ?3 WHERE key = ?1",
            params![row.key, int(row.inbox_ver), int(row.threads)],
        )
    }

    fn thread(&mut self, id: ThreadId) -> Result<Option<ThreadRow>, TxError> {
        self.one(threads!("WHERE id = ?1"), [id.to_bytes()], rows::thread)
    }

    fn thread_by_key(&mut self, key: ThreadKey) -> Result<Option<ThreadRow>, TxError> {
        self.one(threads!("WHERE key = ?1"), [key], rows::thread)
    }

    fn insert_thread(&mut self, row: &ThreadRow) -> Result<ThreadKey, TxError> {
        self.run(
            "INSERT INTO threads (id, site, number, salt, head, last_ts, customer_read, customer_deliv,
                                  agent_read, agent_deliv, inbox_ver, day, day_count)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                row.id.to_bytes(),
                row.site,
                int(row.number),
                row.salt,
                int(row.head),
                int(row.last_ts),
                int(row.read.customer.read),
                int(row.read.customer.deliv),
                int(row.read.agent.read),
                int(row.read.agent.deliv),
                int(row.inbox_ver),
                int(row.day),
                int(row.day_count),
            ],
        )?;
        Ok(self.conn.last_insert_rowid())
    }

    fn update_thread(&mut self, row: &ThreadRow) -> Result<(), TxError> {
        self.run_one(
            "UPDATE threads SET head = ?2, last_ts = ?3, customer_read = ?4, customer_deliv = ?5,
                                agent_read = ?6, agent_deliv = ?7, inbox_ver = ?8, day = ?9, day_count = ?10
             WHERE key = ?1",
            params![
                row.key,
                int(row.head),
                int(row.last_ts),
                int(row.read.customer.read),
                int(row.read.customer.deliv),
                int(row.read.agent.read),
                int(row.read.agent.deliv),
                int(row.inbox_ver),
                int(row.day),
                int(row.day_count),
            ],
        )
    }

    fn threads_since(&mut self, site: SiteKey, since: u64, limit: usize) -> Result<Vec<ThreadRow>, TxError> {
        self.all(
            threads!("WHERE site = ?1 AND inbox_ver > ?2 ORDER BY inbox_ver LIMIT ?3"),
            params![site, int(since), int(limit as u64)],
            rows::thread,
        )
    }

    fn device(&mut self, site: SiteKey, did: DeviceId) -> Result<Option<DeviceRow>, TxError> {
        self.one(
            "SELECT site, did, secret_hash, thread, created, revoked FROM devices WHERE site = ?1 AND did = ?2",
            params![site, did.to_bytes()],
            rows::device,
        )
    }

    fn insert_device(&mut self, row: &DeviceRow) -> Result<(), TxError> {
        self.run_one(
            "INSERT INTO devices (site, did, secret_hash, thread, created, revoked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                row.site,
                row.did.to_bytes(),
                row.secret_hash,
                row.thread,
                int(row.created),
                row.revoked.map(int),
            ],
        )
    }

    fn revoke_device(&mut self, site: SiteKey, did: DeviceId, now: u64) -> Result<(), TxError> {
        self.run_one(
            "UPDATE devices SET revoked = ?3 WHERE site = ?1 AND did = ?2",
            params![site, did.to_bytes(), int(now)],
        )
    }

    fn logged(
        &mut self,
        thread: ThreadKey,
        side: Side,
        cid: ClientMessageId,
    ) -> Result<Option<Logged>, TxError> {
        self.one(
            "SELECT seq, id, ts, hash FROM events WHERE thread = ?1 AND side = ?2 AND cid = ?3",
            params![thread, side_int(side), cid.to_bytes()],
            rows::logged,
        )
    }

    fn insert_event(&mut self, thread: ThreadKey, event: &Event, hash: &[u8; 32]) -> Result<(), TxError> {
        let EventKind::Msg(posted) = &event.kind else {
            return Err(TxError::Failed("event: of a kind that this version does not know".to_owned()));
        };
        let agent = match &posted.by {
            Author::Customer => None,
            Author::Agent { id, .. } => Some(id.to_bytes()),
        };
        let body = serde_json::to_string(&posted.body).map_err(|error| TxError::Failed(error.to_string()))?;
        self.run_one(
            "INSERT INTO events (thread, seq, id, ts, kind, side, agent, cid, body, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                thread,
                int(event.seq),
                event.id.to_bytes(),
                int(event.ts),
                MSG,
                side_int(posted.by.side()),
                agent,
                posted.cid.to_bytes(),
                body,
                hash,
            ],
        )
    }

    fn scan(
        &mut self,
        thread: ThreadKey,
        from: u64,
        to: u64,
        order: Order,
        each: &mut dyn FnMut(Event) -> bool,
    ) -> Result<(), TxError> {
        let sql = match order {
            Order::Up => events!("ORDER BY e.seq"),
            Order::Down => events!("ORDER BY e.seq DESC"),
        };
        let mut scan = || -> rusqlite::Result<()> {
            let mut statement = self.conn.prepare_cached(sql)?;
            let mut rows = statement.query(params![thread, int(from), int(to)])?;
            while let Some(row) = rows.next()? {
                if !each(rows::event(row)?) {
                    break;
                }
            }
            Ok(())
        };
        scan().map_err(|error| error::of(&error))
    }

    fn agent(&mut self, id: AgentId) -> Result<Option<Agent>, TxError> {
        let row: Option<(String, String, String)> = self.one(
            "SELECT s.name, a.name, a.email FROM agents a JOIN sites s ON s.key = a.site WHERE a.id = ?1",
            [id.to_bytes()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        row.map(|(site, name, email)| {
            let site = site.parse().map_err(|error| TxError::Failed(format!("sites.name: {error}")))?;
            Ok(Agent { id, site, name, email })
        })
        .transpose()
    }

    fn agent_by_email(&mut self, email_key: &str) -> Result<Option<AgentId>, TxError> {
        self.one("SELECT id FROM agents WHERE email_key = ?1", [email_key], |row| {
            Ok(AgentId::from_bytes(row.get(0)?))
        })
    }

    fn insert_agent(
        &mut self,
        agent: &Agent,
        site: SiteKey,
        email_key: &str,
        now: u64,
    ) -> Result<(), TxError> {
        self.run_one(
            "INSERT INTO agents (id, site, email, email_key, name, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![agent.id.to_bytes(), site, agent.email, email_key, agent.name, int(now)],
        )
    }

    fn link(&mut self, hash: &[u8; 32]) -> Result<Option<Pass>, TxError> {
        self.one("SELECT agent, until FROM links WHERE hash = ?1", [hash], rows::pass)
    }

    fn insert_link(&mut self, hash: &[u8; 32], link: &Pass) -> Result<(), TxError> {
        self.run_one(
            "INSERT INTO links (hash, agent, until) VALUES (?1, ?2, ?3)",
            params![hash, link.agent.to_bytes(), int(link.until)],
        )
    }

    fn delete_links(&mut self, agent: AgentId) -> Result<(), TxError> {
        self.run("DELETE FROM links WHERE agent = ?1", [agent.to_bytes()]).map(|_| ())
    }

    fn session(&mut self, hash: &[u8; 32]) -> Result<Option<Pass>, TxError> {
        self.one("SELECT agent, until FROM sessions WHERE hash = ?1", [hash], rows::pass)
    }

    fn insert_session(&mut self, hash: &[u8; 32], session: &Pass) -> Result<(), TxError> {
        self.run_one(
            "INSERT INTO sessions (hash, agent, until) VALUES (?1, ?2, ?3)",
            params![hash, session.agent.to_bytes(), int(session.until)],
        )
    }

    fn delete_session(&mut self, hash: &[u8; 32]) -> Result<(), TxError> {
        self.run("DELETE FROM sessions WHERE hash = ?1", [hash]).map(|_| ())
    }

    fn delete_old_sessions(&mut self, now: u64) -> Result<(), TxError> {
        self.run("DELETE FROM sessions WHERE until <= ?1", [int(now)]).map(|_| ())
    }
}
