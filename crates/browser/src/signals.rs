//! The timeline as signals: one for the order of the rows, one for each row.

use std::collections::BTreeMap;

use leptos::prelude::{ArcRwSignal, Get, Set, StoredValue, UpdateValue, WithUntracked, WithValue};
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
                    && signal.with_untracked(|now| *now != row)
                {
                    changed.push((signal.clone(), row.clone()));
                }
                rows.insert(row.key, signal.unwrap_or_else(|| ArcRwSignal::new(row)));
            }
        });
        // Told after the map is whole again: what is told may ask for rows.
        changed.into_iter().for_each(|(signal, row)| signal.set(row));
        let order = self.keys.try_with_value(ArcRwSignal::clone);
        if let Some(order) = order.filter(|order| order.with_untracked(|now| *now != keys)) {
            order.set(keys);
        }
    }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::{Owner, Track};
    use leptos::reactive::effect::ImmediateEffect;
    use rejoin_thread::RowKind;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn gap(first: u64, events: u64) -> Row {
        Row { key: RowKey::Gap(first), kind: RowKind::Gap { first, events } }
    }

    /// Counts how often what `track` reads has changed.
    fn watched(track: impl Fn() + Send + Sync + 'static) -> (ImmediateEffect, Arc<AtomicUsize>) {
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&runs);
        let effect = ImmediateEffect::new(move || {
            track();
            counted.fetch_add(1, Ordering::Relaxed);
        });
        runs.store(0, Ordering::Relaxed);
        (effect, runs)
    }

    #[test]
    fn only_what_differs_is_told() {
        let owner = Owner::new();
        owner.with(|| {
            let rows = Rows::new();
            rows.set(vec![gap(1, 1), gap(5, 1)]);
            let (Some(first), Some(second)) = (rows.row(RowKey::Gap(1)), rows.row(RowKey::Gap(5))) else {
                panic!("both rows are there")
            };
            let (_a, first_told) = watched(move || first.track());
            let (_b, second_told) = watched({
                let second = second.clone();
                move || second.track()
            });
            let (_c, order_told) = watched(move || drop(rows.keys()));
            let told =
                || [&first_told, &second_told, &order_told].map(|runs| runs.swap(0, Ordering::Relaxed));

            rows.set(vec![gap(1, 1), gap(5, 1)]);
            assert_eq!(told(), [0, 0, 0], "nothing differs");
            rows.set(vec![gap(1, 1), gap(5, 9)]);
            assert_eq!(told(), [0, 1, 0], "one row differs");
            assert_eq!(second.get().kind, RowKind::Gap { first: 5, events: 9 });
            rows.set(vec![gap(5, 9), gap(7, 1)]);
            assert_eq!(told(), [0, 0, 1], "one left, one came");
            assert_eq!(rows.keys(), [RowKey::Gap(5), RowKey::Gap(7)]);
            assert!(rows.row(RowKey::Gap(1)).is_none() && rows.row(RowKey::Gap(7)).is_some());
        });
    }
}
