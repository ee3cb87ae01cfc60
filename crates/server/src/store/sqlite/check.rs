//! Whether what the logs promise is true of the tables: `rejoin check`.

use rusqlite::{Connection, OpenFlags};

use super::{Options, Sqlite};

/// Problems named at most; the first few tell what kind of damage it is.
const SHOWN_MAX: usize = 20;

/// What is wrong with the data.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The data breaks its own rules.
    #[error("the data is damaged; restore a backup. Found:\n{}", .0.join("\n"))]
    Problems(Vec<String>),
    /// It could not be read to the end.
    #[error("cannot read the database: {0}")]
    Database(#[from] rusqlite::Error),
}

/// A rule, as the rows that break it: each is one line that says how.
const RULES: [&str; 9] = [
    // I3: sequence numbers are exactly 1..head. The primary key keeps them apart, so counting is enough.
    "SELECT 'thread ' || lower(hex(t.id)) || ': head ' || t.head || ' but ' || count(e.seq) || ' events from '
            || coalesce(min(e.seq), 0) || ' to ' || coalesce(max(e.seq), 0)
     FROM threads t LEFT JOIN events e ON e.thread = t.key GROUP BY t.key
     HAVING count(e.seq) <> t.head OR coalesce(min(e.seq), 1) <> 1 OR coalesce(max(e.seq), 0) <> t.head",
    // I2: one entry per thread, side and client id.
    "SELECT 'thread ' || lower(hex(t.id)) || ': ' || count(*) || ' events under client id ' || lower(hex(e.cid))
     FROM events e JOIN threads t ON t.key = e.thread GROUP BY e.thread, e.side, e.cid HAVING count(*) > 1",
    "SELECT 'thread ' || lower(hex(t.id)) || ': ' || count(*) || ' events under id ' || lower(hex(e.id))
     FROM events e JOIN threads t ON t.key = e.thread GROUP BY e.thread, e.id HAVING count(*) > 1",
    "SELECT 'thread ' || lower(hex(t.id)) || ': time goes back at event ' || later.seq
     FROM events later JOIN events e ON e.thread = later.thread AND e.seq = later.seq - 1
     JOIN threads t ON t.key = later.thread WHERE later.ts < e.ts",
    "SELECT 'thread ' || lower(hex(t.id)) || ': event ' || e.seq || ' has no readable body'
     FROM events e JOIN threads t ON t.key = e.thread WHERE NOT json_valid(e.body)",
    "SELECT 'thread ' || lower(hex(t.id)) || ': event ' || e.seq || ' is by an agent who is not there'
     FROM events e JOIN threads t ON t.key = e.thread WHERE (e.side = 1) <> (e.agent IS NOT NULL)",
    // I8: cursors stay within the log.
    "SELECT 'thread ' || lower(hex(id)) || ': a cursor is past the head' FROM threads
     WHERE max(customer_read, customer_deliv, agent_read, agent_deliv) > head
        OR customer_read > customer_deliv OR agent_read > agent_deliv",
    "SELECT 'site ' || s.name || ': ' || s.threads || ' threads noted but ' || count(t.key) || ' there, numbered to '
            || coalesce(max(t.number), 0)
     FROM sites s LEFT JOIN threads t ON t.site = s.key GROUP BY s.key
     HAVING count(t.key) <> s.threads OR coalesce(max(t.number), 0) <> s.threads",
    "SELECT 'site ' || s.name || ': a thread is newer than its list' FROM sites s JOIN threads t ON t.site = s.key
     WHERE t.inbox_ver > s.inbox_ver",
];

impl Sqlite {
    /// Reads everything and verifies it: the file itself, references, contiguity and uniqueness of every log, cursors
    /// and counts. One line that says how much was found good. Others go on working meanwhile. Blocks.
    pub fn check(&self) -> Result<String, CheckError> {
        let conn = Connection::open_with_flags(
            self.path(),
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        conn.busy_timeout(std::time::Duration::from_millis(Options::default().busy_timeout_ms))?;
        // One snapshot for all rules, or a message that arrives in between would look like damage.
        conn.execute_batch("BEGIN")?;
        let mut problems = lines(&conn, "PRAGMA integrity_check(20)")?;
        problems.retain(|line| line != "ok");
        problems.extend(lines(
            &conn,
            "SELECT 'table ' || \"table\" || ': a reference to ' || parent || ' leads nowhere'
             FROM pragma_foreign_key_check",
        )?);
        for rule in RULES {
            problems.extend(lines(&conn, rule)?);
        }
        problems.truncate(SHOWN_MAX);
        if !problems.is_empty() {
            return Err(CheckError::Problems(problems));
        }
        let count = |table: &str, one: &str| -> rusqlite::Result<String> {
            let number: i64 =
                conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
            Ok(format!("{number} {one}{}", if number == 1 { "" } else { "s" }))
        };
        let counts = [count("sites", "site")?, count("threads", "thread")?, count("events", "message")?];
        Ok(format!("{}: every log is whole", counts.join(", ")))
    }
}

fn lines(conn: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    conn.prepare(sql)?.query_map([], |row| row.get(0))?.take(SHOWN_MAX).collect()
}
