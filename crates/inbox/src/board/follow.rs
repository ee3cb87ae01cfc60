//! What follows from the desk: everything is derived again after each change, and what differs is told.

use leptos::prelude::*;
use rejoin_browser::{Notice, clock};
use rejoin_protocol::{Author, Row, ThreadId};
use rejoin_thread::{Desk, LinkState, StateLine, StopReason};

use super::{Board, wanted};
use crate::lines::Line;
use crate::pane::update;
use crate::roster::{self, Query};

impl Board {
    /// The desk has changed.
    pub(super) fn changed(&self, desk: &Desk, notices: Vec<Notice>) {
        if desk.link().state() == LinkState::Stopped(StopReason::Auth) {
            return self.session.ended();
        }
        for row in desk.threads() {
            self.line(desk, row);
        }
        update(self.counts, roster::counts(desk.threads()));
        update(self.complete, desk.is_complete());
        update(self.now, clock::unix_ms());
        self.open(wanted(desk));
        self.lines.set_order(self.order(desk));
        if let Some(pane) = self.pane.get_value() {
            pane.refresh(*self, desk);
        }
        update(self.status, self.state_line(desk));
        for notice in notices {
            match notice {
                Notice::Compose(text) => self.set_draft(text),
                // Told from the list, which also knows of threads that are not open.
                Notice::Arrived(_) => {}
            }
        }
    }

    fn line(&self, desk: &Desk, row: &Row) {
        let typing = desk
            .conversation(row.thread)
            .is_some_and(|open| open.typing().any(|author| *author == Author::Customer));
        let line = self.agent.with_value(|agent| Line::of(row, agent.id, typing));
        let before = self.lines.line(row.thread).map(|line| line.with_untracked(|line| line.head));
        let is_open = self.selected.get_untracked().is_some_and(|(thread, _)| thread == row.thread);
        if desk.is_complete() && before < Some(row.head) {
            self.announce(row, is_open);
        }
        self.lines.set(row.thread, line);
    }

    /// Says what has come: from customers always, from other agents in the thread that is open.
    fn announce(&self, row: &Row, is_open: bool) {
        let me = self.agent.with_value(|agent| agent.id);
        let name = match &row.by {
            Author::Customer => roster::name(row.number),
            Author::Agent { id, name } if is_open && *id != me => name.clone(),
            Author::Agent { .. } => return,
        };
        if self.complete.get_untracked() {
            self.news.set(format!("{name}: {}", row.preview));
        }
    }

    /// The threads to list, in order.
    pub(super) fn order(&self, desk: &Desk) -> Vec<ThreadId> {
        let query = Query {
            show: self.show.get_untracked(),
            text: self.filter.get_untracked(),
            held: self.notes.with_value(|notes| notes.held),
        };
        roster::order(desk.threads(), &query)
    }

    fn state_line(&self, desk: &Desk) -> StateLine {
        if let Some(line) = self.selected.get_untracked().and_then(|(thread, _)| desk.state_line(thread)) {
            return line;
        }
        let unsent = desk.conversations().map(|open| open.outbox().unsent()).sum();
        match desk.link().state() {
            LinkState::Up(_) if !desk.is_complete() => StateLine::CatchingUp,
            LinkState::Up(_) if unsent > 0 => StateLine::Sending(unsent),
            LinkState::Up(_) => StateLine::UpToDate,
            LinkState::Connecting(_) | LinkState::Greeting(_) if !desk.is_complete() => StateLine::Connecting,
            LinkState::Stopped(reason) => StateLine::Stopped(reason),
            LinkState::Off | LinkState::Connecting(_) | LinkState::Greeting(_) | LinkState::Backoff(_) => {
                StateLine::Offline(unsent)
            }
        }
    }
}
