//! The list of threads.

use leptos::ev;
use leptos::html::{a, div, input, li, section, span, ul};
use leptos::prelude::*;
use rejoin_protocol::ThreadId;

use crate::board::Board;
use crate::lines::Line;
use crate::ui::empty;
use crate::ui::icon::Icon;
use crate::{mount, roster, strings};

/// The filter's id.
pub const FILTER: &str = "filter";

const LINE: &str = "thread-";

/// The id of a thread's line.
pub fn line_id(number: u64) -> String {
    format!("{LINE}{number}")
}

/// Whether this is the id of a line.
pub fn is_line(id: &str) -> bool {
    id.starts_with(LINE)
}

/// Filter and list.
pub fn view(board: Board) -> impl IntoView {
    keep_focus(board);
    let stop = Stop::new(board);
    let children = move |thread: ThreadId| board.lines.line(thread).map(|row| line(board, stop, thread, row));
    let list = For(ForProps::builder()
        .each(move || board.lines.order())
        .key(|thread| thread.to_bytes())
        .children(children)
        .build());
    section().class("list").aria_label("Thread list").child((
        div().class("filter").child((
            Icon::SEARCH.view(),
            input()
                .id(FILTER)
                .r#type("search")
                .placeholder("Filter")
                .aria_label("Filter threads")
                .autocomplete("off")
                .prop("value", board.filter)
                .on(ev::input, move |event| board.set_filter(event_target_value(&event)))
                .on(ev::keydown, move |event| {
                    if matches!(&*event.key(), "ArrowDown" | "Enter" | "Escape") && !event.is_composing() {
                        if event.key() == "Escape" {
                            board.set_filter(String::new());
                        }
                        event.prevent_default();
                        step(board, 0);
                    }
                }),
        )),
        ul().class("lines").role("list").aria_label("Threads").child(list),
        move || board.lines.order().is_empty().then(|| empty::no_lines(board)),
    ))
}

/// Moves the focus up or down the list; from outside it, to the open thread's line or the first.
pub fn step(board: Board, by: isize) -> bool {
    let order = board.lines.order_now();
    let number = |thread: &ThreadId| board.lines.line(*thread).map(|line| line.get_untracked().number);
    let ids: Vec<String> = order.iter().filter_map(number).map(line_id).collect();
    let at = |id: &String| ids.iter().position(|other| other == id);
    let open = board.selected.get_untracked().map(|(_, number)| line_id(number));
    let goal = match mount::focused().filter(|id| is_line(id)).as_ref().and_then(at) {
        Some(at) => at.saturating_add_signed(by).min(ids.len().saturating_sub(1)),
        None => open.as_ref().and_then(at).unwrap_or(0),
    };
    ids.get(goal).is_some_and(|id| mount::focus_in_view(id))
}

/// A line that moves up loses the focus on the way; it gets it back.
fn keep_focus(board: Board) {
    let held = StoredValue::new(None::<String>);
    let note = window_event_listener(ev::focusin, move |_| held.set_value(mount::focused()));
    on_cleanup(move || note.remove());
    Effect::new(move |_| {
        board.lines.order();
        request_animation_frame(move || {
            let line = held.try_get_value().flatten().filter(|id| is_line(id));
            if let Some(id) = line.filter(|_| mount::focus_is_lost()) {
                mount::focus(&id);
            }
        });
    });
}

/// The one line that the Tab key stops at: the list is a single stop on the way to the composer, however long it is,
/// and the arrows move within it.
#[derive(Clone, Copy)]
struct Stop {
    focused: RwSignal<Option<ThreadId>>,
    at: Memo<Option<ThreadId>>,
}

impl Stop {
    fn new(board: Board) -> Stop {
        let focused = RwSignal::new(None);
        let at = Memo::new(move |_| {
            let order = board.lines.order();
            let open = board.selected.get().map(|(thread, _)| thread);
            let listed = |thread: &ThreadId| order.contains(thread);
            focused.get().filter(listed).or(open.filter(listed)).or(order.first().copied())
        });
        Stop { focused, at }
    }
}

fn line(board: Board, stop: Stop, thread: ThreadId, row: ArcRwSignal<Line>) -> impl IntoView {
    let number = row.get_untracked().number;
    let is_open = move || board.selected.get().is_some_and(|(open, _)| open == thread);
    let shape = part(&row, |line| if line.unread > 0 { "line is-unread" } else { "line" }.to_owned());
    let said = part(&row, |line| if line.typing { String::new() } else { strings::said_prefix(&line.said) });
    let words = part(&row, |line| if line.typing { "Typing…".to_owned() } else { line.preview.clone() });
    let unread = part(&row, |line| strings::unread(line.unread));
    let unread_words = part(&row, |line| strings::unread_words(line.unread));
    let age = part(&row, move |line| {
        strings::age(roster::age(board.now.get(), line.ts)).unwrap_or_else(|| mount::short_date(line.ts))
    });
    li().class(shape).child(
        a().id(line_id(number))
            .href(format!("#{number}"))
            .aria_current(move || is_open().then_some("true"))
            .tabindex(move || if stop.at.get() == Some(thread) { "0" } else { "-1" })
            .on(ev::focus, move |_| stop.focused.set(Some(thread)))
            // A thread that opens takes the focus into its composer by itself; one that is open is asked to.
            .on(ev::click, move |_| {
                if is_open() {
                    mount::focus(crate::ui::composer::REPLY);
                }
            })
            .child((
                span().class("line-name").child(roster::name(number)),
                span().class("line-age").child(age),
                span()
                    .class("line-words")
                    .child((span().class("line-said").child(said), span().dir("auto").child(words))),
                span().class("badge").aria_hidden("true").child(unread),
                span().class("heard-only").child(unread_words),
            )),
    )
}

/// A part of a line in words, which changes only when they do.
fn part(row: &ArcRwSignal<Line>, of: impl Fn(&Line) -> String + Send + Sync + 'static) -> Memo<String> {
    part_of(row.clone(), Box::new(of))
}

fn part_of(row: ArcRwSignal<Line>, of: Box<dyn Fn(&Line) -> String + Send + Sync>) -> Memo<String> {
    Memo::new(move |_| row.with(|line| of(line)))
}
