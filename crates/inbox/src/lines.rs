//! The thread list as signals: one for the order, one for each line, so that one new message redraws one line.

use std::collections::BTreeMap;

use leptos::prelude::{ArcRwSignal, Get, GetUntracked, RwSignal, Set, StoredValue, UpdateValue, WithValue};
use rejoin_protocol::{AgentId, Row, ThreadId};

use crate::roster::Said;

/// One thread in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number within the site.
    pub number: u64,
    /// Who said the last message.
    pub said: Said,
    /// Its beginning.
    pub preview: String,
    /// When, in ms since 1970.
    pub ts: u64,
    /// Messages of the customer that no agent has seen.
    pub unread: u32,
    /// How long its log is: a longer one means that something was said.
    pub head: u64,
    /// The customer is typing, as far as is known: only threads opened lately tell.
    pub typing: bool,
}

impl Line {
    /// A row of the desk as the agent `me` sees it.
    pub fn of(row: &Row, me: AgentId, typing: bool) -> Line {
        Line {
            number: row.number,
            said: Said::of(&row.by, me),
            preview: row.preview.clone(),
            ts: row.ts,
            unread: row.unread,
            head: row.head,
            typing,
        }
    }
}

/// All lines.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    order: RwSignal<Vec<ThreadId>>,
    lines: StoredValue<BTreeMap<ThreadId, ArcRwSignal<Line>>>,
}

impl Default for Lines {
    fn default() -> Self {
        Lines { order: RwSignal::new(Vec::new()), lines: StoredValue::new(BTreeMap::new()) }
    }
}

impl Lines {
    /// The listed threads in order, tracked.
    pub fn order(&self) -> Vec<ThreadId> {
        self.order.get()
    }

    /// The same, not tracked.
    pub fn order_now(&self) -> Vec<ThreadId> {
        self.order.get_untracked()
    }

    /// The line of a thread.
    pub fn line(&self, thread: ThreadId) -> Option<ArcRwSignal<Line>> {
        self.lines.try_with_value(|lines| lines.get(&thread).cloned()).flatten()
    }

    /// Makes this the order, if it differs.
    pub fn set_order(&self, order: Vec<ThreadId>) {
        if self.order.get_untracked() != order {
            self.order.set(order);
        }
    }

    /// Makes this the thread's line, if it differs.
    pub fn set(&self, thread: ThreadId, line: Line) {
        match self.line(thread) {
            Some(signal) if signal.get_untracked() == line => {}
            Some(signal) => signal.set(line),
            None => {
                self.lines.try_update_value(|lines| lines.insert(thread, ArcRwSignal::new(line)));
            }
        }
    }
}
