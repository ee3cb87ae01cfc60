//! `localStorage`: holds the marker, and everything where there is no IndexedDB.

use rejoin_thread::{Record, Stored, Write};

use crate::json;

/// Under this, after the name and a slash, it is noted that everything is kept here.
const CHOSEN: &str = "here";

/// The entries of one name.
#[derive(Debug)]
pub(super) struct Local {
    storage: web_sys::Storage,
    name: String,
}

impl Local {
    /// `None` where the browser forbids it.
    pub(super) fn open(name: &str) -> Option<Local> {
        let storage = web_sys::window()?.local_storage().ok()??;
        Some(Local { storage, name: name.to_owned() })
    }

    /// Whether anything has been kept under this name, here or in the database. The loader reads the same key.
    pub(super) fn is_marked(&self) -> bool {
        matches!(self.storage.get_item(&self.name), Ok(Some(_)))
    }

    /// Notes that something is kept; says whether that is news.
    pub(super) fn mark(&self) -> bool {
        !self.is_marked() && self.storage.set_item(&self.name, "1").is_ok()
    }

    /// Nothing is kept after all.
    pub(super) fn unmark(&self) {
        let _ = self.storage.remove_item(&self.name);
    }

    /// Whether everything is kept here.
    pub(super) fn is_chosen(&self) -> bool {
        matches!(self.storage.get_item(&self.key(CHOSEN)), Ok(Some(_)))
    }

    /// Keeps everything here from now on; false if nothing can be written.
    pub(super) fn choose(&self) -> bool {
        self.storage.set_item(&self.key(CHOSEN), "1").is_ok()
    }

    /// Everything kept here.
    pub(super) fn load(&self) -> Vec<Record> {
        let prefix = self.key("");
        let keys = (0..self.storage.length().unwrap_or(0)).filter_map(|i| self.storage.key(i).ok().flatten());
        let ours: Vec<String> = keys.filter(|key| key.starts_with(&prefix)).collect();
        let texts = ours.iter().filter_map(|key| self.storage.get_item(key).ok().flatten());
        texts.filter_map(|text| json::from_str(&text).ok()).collect()
    }

    /// `None` if something could not be written.
    pub(super) fn write(&self, writes: &[Write]) -> Option<Stored> {
        let mut stored = Stored::Kept;
        for write in writes {
            let key = write.key();
            match write {
                Write::Claim(token) => match self.get(&key) {
                    Some(Record::Token(held)) if held != *token => stored = Stored::Claimed(held),
                    _ => self.put(&key, &Record::Token(*token))?,
                },
                Write::Put(record) => self.put(&key, record)?,
                Write::Settle(_) | Write::ForgetDraft => self.storage.remove_item(&self.key(&key)).ok()?,
            }
        }
        Some(stored)
    }

    fn get(&self, key: &str) -> Option<Record> {
        let text = self.storage.get_item(&self.key(key)).ok()??;
        json::from_str(&text).ok()
    }

    fn put(&self, key: &str, record: &Record) -> Option<()> {
        self.storage.set_item(&self.key(key), &json::to_string(record).ok()?).ok()
    }

    fn key(&self, key: &str) -> String {
        format!("{}/{key}", self.name)
    }
}
