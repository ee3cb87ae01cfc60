//! The timeline as signals: one for the order of the rows, one for each row.

use std::collections::BTreeMap;

use leptos::prelude::{ArcRwSignal, Get, GetUntracked, Set, StoredValue, UpdateValue, WithValue};
use rejoin_thread::{Row, RowKey};

/// Rows of one conversation. A row's signal changes only when that row did, so a view redraws one message when one
/// message was delivered; a row that stays keeps its place in the page.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    keys: StoredValue<ArcRwSignal<Vec<RowKey>>>,
    rows: StoredValue<BTreeMap<RowKey, ArcRwSignal<Row>>>,
}

impl Default for Rows {
    fn default() -> Self {
        Rows::new()
    }
}

impl Rows {
    /// No rows. Lives as long as the reactive owner it is made under.
    pub fn new() -> Rows {
        Rows { keys: StoredValue::new(ArcRwSignal::new(Vec::new())), rows: StoredValue::new(BTreeMap::new()) }
    }

    /// The keys in order, tracked.
    pub fn keys(&self) -> Vec<RowKey> {
        self.keys.try_with_value(|keys| keys.get()).unwrap_or_default()
    }

    /// The row of a key, for as long as it is there.
    pub fn row(&self, key: RowKey) -> Option<ArcRwSignal<Row>> {
        self.rows.try_with_value(|rows| rows.get(&key).cloned()).flatten()
    }

    /// Makes these the rows, touching only what differs.
    pub fn set(&self, new: Vec<Row>) {
        let keys: Vec<RowKey> = new.iter().map(|row| row.key).collect();
        let mut changed = Vec::new();
        self.rows.try_update_value(|rows| {
            let mut before = std::mem::take(rows);
            for row in new {
                let signal = before.remove(&row.key);
                if let Some(signal) = &signal
                    && signal.get_untracked() != row
                {
                    changed.push((signal.clone(), row.clone()));
                }
                rows.insert(row.key, signal.unwrap_or_else(|| ArcRwSignal::new(row)));
            }
        });
        // Told after the map is whole again: what is told may ask for rows.
        changed.into_iter().for_each(|(signal, row)| signal.set(row));
        let order = self.keys.try_with_value(ArcRwSignal::clone);
        if let Some(order) = order.filter(|order| order.get_untracked() != keys) {
            order.set(keys);
        }
    }
}
