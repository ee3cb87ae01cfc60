//! The signals follow the core.

use leptos::prelude::*;
use rejoin_browser::{Notice, clock};
use rejoin_thread::{Input, RowKind, StateLine, Thread};

use super::{Chat, put, react, today};
use crate::host::Told;

/// A first connection is spoken of only when it takes longer than a person notices.
const CONNECTING_AFTER_MS: u64 = 1_000;
/// So is a message on its way, or a replay.
const SENDING_AFTER_MS: u64 = 500;

impl Chat {
    pub(super) fn follow(&self, thread: &Thread, notices: Vec<Notice>) {
        let conversation = thread.conversation();
        self.rows.set(thread.rows(clock::zone_min()));
        self.follow_line(thread.state_line());
        let words = untrack(|| self.words());
        put(self.typing, conversation.typing().map(|author| self.name(author, words)).collect());
        put(self.has_older, conversation.has_older());
        put(self.is_loading, conversation.is_loading());
        put(self.is_kept, thread.is_kept());
        put(self.is_current, conversation.is_current());
        put(self.today, today());
        if put(self.unread, conversation.unread()) {
            self.tell(Told::Unread(conversation.unread()));
        }
        for notice in notices {
            self.notice(notice);
        }
        if put(self.is_restored, thread.is_restored()) {
            if self.draft.with_untracked(String::is_empty) && !thread.draft().is_empty() {
                self.refill(thread.draft().to_owned());
            }
            self.tell(Told::Ready);
        }
    }

    fn notice(&self, notice: Notice) {
        match notice {
            Notice::Compose(text) => self.refill(text),
            Notice::Arrived(arrival) => {
                let words = untrack(|| self.words());
                let spoken = (words.arrived)(&self.name(&arrival.by, words), &arrival.text);
                self.arrivals.update(|arrivals| arrivals.add(&spoken));
                self.tell(Told::Message { incoming: true });
            }
        }
    }

    fn refill(&self, text: String) {
        self.draft.set(text);
        self.refilled.update(|count| *count += 1);
    }

    /// States that usually pass before anybody could read them are shown only when they last.
    fn follow_line(&self, line: StateLine) {
        let after_ms = match line {
            StateLine::Connecting => CONNECTING_AFTER_MS,
            StateLine::CatchingUp | StateLine::Sending(_) => SENDING_AFTER_MS,
            StateLine::Quiet
            | StateLine::UpToDate
            | StateLine::Offline(_)
            | StateLine::NotSent(_)
            | StateLine::Stopped(_) => 0,
        };
        let shown = self.line;
        let same_kind = std::mem::discriminant(&shown.get_untracked()) == std::mem::discriminant(&line);
        self.with_parts(|parts| {
            if after_ms == 0 || same_kind {
                parts.line_timer.clear();
                put(shown, line);
            } else {
                parts.line_timer.set(after_ms, move || {
                    put(shown, line);
                });
            }
        });
    }

    /// A message has been seen when a person was looking at the page, the panel was open, and the message in view.
    /// Called once, by the view that says what is in view.
    pub(crate) fn watch_what_is_seen(self) {
        react(move || {
            let viewing = self.is_open.get() && self.attention.get();
            self.dispatch(Input::Viewing(viewing));
        });
        react(move || {
            let keys = self.rows.keys();
            let upto = self.in_view.get().last.unwrap_or(0);
            if !self.is_open.get() || !self.attention.get() {
                return;
            }
            let seen =
                keys.iter().take(upto + 1).rev().find_map(|key| match self.rows.row(*key)?.get().kind {
                    RowKind::Message(message) => message.seq,
                    RowKind::Day(_) | RowKind::Gap { .. } | RowKind::New => None,
                });
            if let Some(seq) = seen {
                self.dispatch(Input::Seen(seq));
            }
        });
    }
}
