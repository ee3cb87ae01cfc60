//! What this browser keeps, and where.
//!
//! ```text
//!  Unopened ──first write, or the marker is there──► Database ──refused──► Nothing
//!      └── no IndexedDB, or an earlier visit had to ──► Local ──refused──► (each write says Failed)
//! ```
//!
//! Nothing is made before the first write: until the marker stands, reading finds nothing and asks nobody. Once a
//! visit had to use `localStorage`, later visits stay with it, since that is where the token is.

mod database;
mod local;

use std::cell::RefCell;

use rejoin_protocol::{AgentId, SiteName};
use rejoin_thread::{Record, Stored, Write};

use database::Database;
use local::Local;

/// A browser that takes longer to open its database is taken to have none.
const OPEN_WITHIN_MS: i32 = 1_000;

/// A database that is known to be there, with somebody's conversation in it, is given more time.
const REOPEN_WITHIN_MS: i32 = 5_000;

/// The name under which everything of one conversation, or one desk, is kept; also the marker's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageKey(String);

impl StorageKey {
    /// A customer's conversation with a site of a server (an origin).
    pub fn site(server: &str, site: &SiteName) -> StorageKey {
        StorageKey(format!("rejoin:{server}:{site}"))
    }

    /// The desk of an agent on a server (an origin). The agent's own: what one has not sent yet must never go out
    /// under the name of the next to sign in.
    pub fn inbox(server: &str, agent: AgentId) -> StorageKey {
        StorageKey(format!("rejoin-inbox:{server}:{agent}"))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Debug)]
enum Place {
    Unopened,
    Database(Database),
    Local,
    Nothing,
}

/// The storage of one conversation or desk. One operation at a time: the caller waits for each.
#[derive(Debug)]
pub(crate) struct Storage {
    name: String,
    local: Option<Local>,
    place: RefCell<Place>,
}

impl Storage {
    /// Touches nothing yet.
    pub(crate) fn new(key: &StorageKey) -> Storage {
        let local = Local::open(&key.0);
        Storage { name: key.0.clone(), local, place: RefCell::new(Place::Unopened) }
    }

    /// Everything kept. What cannot be read is left out; it is fetched again.
    pub(crate) async fn load(&self) -> Vec<Record> {
        if !self.exists().await {
            return Vec::new();
        }
        match self.place().await {
            Place::Database(database) => match database.load().await {
                Some(records) => records,
                None => match self.reopen().await {
                    Some(database) => database.load().await.unwrap_or_default(),
                    None => Vec::new(),
                },
            },
            Place::Local => self.local.as_ref().map(Local::load).unwrap_or_default(),
            Place::Unopened | Place::Nothing => Vec::new(),
        }
    }

    /// Writes all of it, or says that nothing is kept.
    pub(crate) async fn write(&self, writes: &[Write]) -> Stored {
        let place = self.place().await;
        // Before what it stands for: a tab that dies in between must not hide what it has written.
        let marks = self.local.as_ref().filter(|local| !matches!(place, Place::Nothing) && local.mark());
        let stored = self.write_to(place, writes).await;
        if stored == Stored::Failed
            && let Some(local) = marks
        {
            local.unmark();
        }
        stored
    }

    async fn write_to(&self, place: Place, writes: &[Write]) -> Stored {
        match place {
            Place::Database(database) => match database.write(writes).await {
                Some(stored) => stored,
                None => match self.reopen().await {
                    Some(database) => database.write(writes).await.unwrap_or(Stored::Failed),
                    None => Stored::Failed,
                },
            },
            Place::Local => {
                self.local.as_ref().and_then(|local| local.write(writes)).unwrap_or(Stored::Failed)
            }
            Place::Unopened | Place::Nothing => Stored::Failed,
        }
    }

    /// Whether an earlier visit has written something.
    async fn exists(&self) -> bool {
        match &self.local {
            Some(local) => local.is_marked(),
            None => database::is_listed(&self.name).await,
        }
    }

    async fn place(&self) -> Place {
        let place = self.place.borrow().clone();
        if !matches!(place, Place::Unopened) {
            return place;
        }
        let place = self.open().await;
        *self.place.borrow_mut() = place.clone();
        place
    }

    async fn open(&self) -> Place {
        if self.local.as_ref().is_some_and(Local::is_chosen) {
            return Place::Local;
        }
        let marked = self.local.as_ref().is_some_and(Local::is_marked);
        let limit_ms = if marked { REOPEN_WITHIN_MS } else { OPEN_WITHIN_MS };
        match Database::open(&self.name, limit_ms).await {
            Some(database) => Place::Database(database),
            // The conversation is in a database that cannot be reached: beginning another one elsewhere would hide it.
            None if marked => Place::Nothing,
            None if self.local.as_ref().is_some_and(Local::choose) => Place::Local,
            None => Place::Nothing,
        }
    }

    /// Browsers close databases under memory pressure, and people clear them: one fresh start each time.
    async fn reopen(&self) -> Option<Database> {
        let database = Database::open(&self.name, REOPEN_WITHIN_MS).await?;
        *self.place.borrow_mut() = Place::Database(database.clone());
        Some(database)
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        if let Place::Database(database) = &*self.place.borrow() {
            database.close();
        }
    }
}
