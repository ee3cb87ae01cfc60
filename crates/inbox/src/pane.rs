//! The thread in view as signals, and what keeps it from moving while it is read.
//!
//! The log is laid out from its lower end: older rows grow away from the reader, and a reader at the end stays there,
//! both without a line of code. What is left is a reader who has scrolled up while something arrives below: the first
//! row in view is noted before the change, and put back where it was before the next frame is painted.

use leptos::html;
use leptos::prelude::*;
use rejoin_browser::{Rows, clock};
use rejoin_protocol::{Author, ThreadId};
use rejoin_thread::{Conversation, Desk, Input};

use crate::board::Board;
use crate::mount::{self, Anchor};

/// So close to the end counts as the end: a trackpad rarely stops on the pixel.
const END_PX: i32 = 40;

/// Older history is asked for this long before its beginning comes into view.
const OLDER_AHEAD_PX: i32 = 400;

/// What there is above the oldest row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Older {
    /// Nothing: the thread begins here.
    #[default]
    None,
    /// Older messages.
    More,
    /// Older messages, on their way.
    Loading,
}

/// The thread in view.
#[derive(Clone, Copy, Debug)]
pub struct Pane {
    /// Which.
    pub thread: ThreadId,
    /// Its rows.
    pub rows: Rows,
    /// Who else is typing.
    pub typing: RwSignal<Vec<Author>>,
    /// What is above.
    pub older: RwSignal<Older>,
    /// Messages that no agent has seen.
    pub unread: RwSignal<usize>,
    /// Whether the thread's messages have come.
    pub ready: RwSignal<bool>,
    /// Whether the newest message is in view.
    pub at_end: RwSignal<bool>,
    /// The scrolling element.
    pub log: NodeRef<html::Div>,
    still: StoredValue<Still, LocalStorage>,
}

/// What is to be done before the next frame.
#[derive(Debug, Default)]
struct Still {
    pending: bool,
    anchor: Option<Anchor>,
    jump: bool,
    begun: bool,
}

impl Pane {
    /// A pane on a thread; lives as long as the reactive owner it is made under.
    pub fn new(thread: ThreadId) -> Pane {
        Pane {
            thread,
            rows: Rows::new(),
            typing: RwSignal::new(Vec::new()),
            older: RwSignal::default(),
            unread: RwSignal::new(0),
            ready: RwSignal::new(false),
            at_end: RwSignal::new(true),
            log: NodeRef::new(),
            still: StoredValue::new_local(Still::default()),
        }
    }

    /// Shows what the desk holds now.
    pub fn refresh(&self, board: Board, desk: &Desk) {
        let Some(conversation) = desk.conversation(self.thread) else { return };
        self.hold_still(board);
        self.rows.set(desk.rows(self.thread, clock::zone_min()));
        let me = conversation.me();
        update(self.typing, conversation.typing().filter(|author| *author != me).cloned().collect());
        update(self.older, older(conversation));
        update(self.unread, conversation.unread());
        // A thread begins with a message, so one without any is one that has not come yet.
        update(self.ready, !conversation.history().runs().is_empty());
    }

    /// The person scrolled.
    pub fn scrolled(&self, board: Board) {
        let Some(log) = self.log.get_untracked() else { return };
        // Counted down from 0 at the end.
        let from_end = -log.scroll_top();
        update(self.at_end, from_end < END_PX);
        let above = log.scroll_height() - log.client_height() - from_end;
        if above < OLDER_AHEAD_PX && self.older.get_untracked() == Older::More {
            board.inside(self.thread, Input::LoadOlder);
        }
        self.judge_seen(board);
    }

    /// Goes to the newest message.
    pub fn jump(&self, board: Board) {
        self.still.update_value(|still| still.jump = true);
        self.hold_still(board);
    }

    /// What is in view has been seen, if somebody is looking.
    pub fn judge_seen(&self, board: Board) {
        let Some(log) = self.log.get_untracked().filter(|_| board.attention.get_untracked()) else { return };
        let Some(upto) = mount::seen_upto(&log) else { return };
        let news = board.read(|desk| {
            let open = desk.conversation(self.thread)?;
            let known = open.position().map_or(0, |pos| pos.seq);
            Some(upto.min(known) > open.my_marks().read)
        });
        if news.flatten() == Some(true) {
            board.inside(self.thread, Input::Seen(upto));
        }
    }

    /// Somebody looks, or no longer does. Counts from when the messages have come: what was new before is shown as
    /// new.
    pub fn look(&self, board: Board) {
        if self.still.try_with_value(|still| still.begun) == Some(true) {
            board.inside(self.thread, Input::Viewing(board.attention.get_untracked()));
            self.judge_seen(board);
        }
    }

    /// What is read now stays where it is, whatever the next change does, even at the end.
    pub fn keep_in_place(&self, board: Board) {
        update(self.at_end, false);
        self.hold_still(board);
    }

    /// Notes where things are, once per frame, and puts them back before it is painted.
    fn hold_still(&self, board: Board) {
        let Some(log) = self.log.get_untracked() else { return };
        let pending = self.still.try_update_value(|still| std::mem::replace(&mut still.pending, true));
        if pending != Some(false) {
            return;
        }
        let anchor = if self.at_end.get_untracked() { None } else { mount::anchor(&log) };
        self.still.update_value(|still| still.anchor = anchor);
        let pane = *self;
        request_animation_frame(move || pane.settle(board));
    }

    fn settle(&self, board: Board) {
        let Some(Some(log)) = self.log.try_get_untracked() else { return };
        let Some(before) = self.still.try_update_value(std::mem::take) else { return };
        if before.jump {
            log.set_scroll_top(0);
        } else if let Some(anchor) = &before.anchor {
            mount::restore(&log, anchor);
        }
        let begun = before.begun || self.ready.get_untracked();
        self.still.update_value(|still| still.begun = begun);
        if begun && !before.begun {
            mount::show_new_mark(&log);
            self.look(board);
        }
        self.scrolled(board);
    }
}

fn older(conversation: &Conversation) -> Older {
    match (conversation.has_older(), conversation.is_loading()) {
        (false, _) => Older::None,
        (true, false) => Older::More,
        (true, true) => Older::Loading,
    }
}

/// Sets a signal only when that changes it.
pub(crate) fn update<T: PartialEq + Send + Sync + Clone + 'static>(signal: RwSignal<T>, value: T) {
    if signal.try_get_untracked().is_some_and(|held| held != value) {
        signal.set(value);
    }
}
