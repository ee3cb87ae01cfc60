//! Keeps what is being read where it is.
//!
//! The view is pinned either to the end or to a row, by that row's distance from the lower edge. Whatever changes
//! around it (older history above, a new message below, a keyboard that takes half the window) moves around that pin.
//! Browsers' own anchoring is switched off in the style sheet, because not all have it and two would correct twice.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, ResizeObserver, ScrollBehavior, ScrollToOptions};

use crate::Listener;
use crate::viewport;

/// So close to the end counts as the end: rounding, and the space below the last message.
const END_WITHIN_PX: i32 = 32;

/// Older history is wanted before the reader runs out of it.
const START_WITHIN_PX: i32 = 600;

/// What can be seen of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InView {
    /// The end is in view.
    pub at_end: bool,
    /// The beginning is near.
    pub near_start: bool,
    /// The index of the last row whose end is in view.
    pub last: Option<usize>,
}

/// A scrolled list. Its rows are the element children of `list`, which lies somewhere inside `scroller`.
#[derive(Clone)]
pub struct Scroll(Rc<Inner>);

struct Inner {
    scroller: HtmlElement,
    list: HtmlElement,
    pin: RefCell<Pin>,
    /// Where the view was when it was last looked at or placed. A scroll event comes a frame after its cause, and what
    /// has grown meanwhile would make our own move look like one of the reader's.
    top: Cell<i32>,
    /// On the way to the end, smoothly: positions in between are not where the reader wants to be.
    travelling: Cell<bool>,
    on_move: Box<dyn Fn(InView)>,
    held: RefCell<Option<Held>>,
}

struct Held {
    _listeners: Vec<Listener>,
    observer: ResizeObserver,
    _resized: Closure<dyn FnMut()>,
}

enum Pin {
    End,
    Row { row: HtmlElement, from_lower_edge: i32 },
}

impl Scroll {
    /// Keeps `scroller` pinned, to the end at first, and tells `on_move` what is in view whenever that may have changed.
    pub fn attach(scroller: &HtmlElement, list: &HtmlElement, on_move: impl Fn(InView) + 'static) -> Scroll {
        let scroll = Scroll(Rc::new(Inner {
            scroller: scroller.clone(),
            list: list.clone(),
            pin: RefCell::new(Pin::End),
            top: Cell::new(scroller.scroll_top()),
            travelling: Cell::new(false),
            on_move: Box::new(on_move),
            held: RefCell::new(None),
        }));
        let listen = |name, act: fn(&Inner)| {
            let weak = Rc::downgrade(&scroll.0);
            Listener::new(scroller, name, move |_| {
                if let Some(inner) = weak.upgrade() {
                    act(&inner);
                }
            })
        };
        let stop: fn(&Inner) = |inner| inner.travelling.set(false);
        let listeners = vec![
            listen("scroll", Inner::scrolled),
            listen("wheel", stop),
            listen("touchstart", stop),
            listen("keydown", stop),
        ];
        let weak = Rc::downgrade(&scroll.0);
        let resized: Closure<dyn FnMut()> = Closure::new(move || {
            if let Some(inner) = weak.upgrade() {
                inner.settle();
            }
        });
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            observer.observe(scroller);
            observer.observe(list);
            *scroll.0.held.borrow_mut() = Some(Held { _listeners: listeners, observer, _resized: resized });
        }
        scroll
    }

    /// Goes to the end.
    pub fn to_end(&self) {
        *self.0.pin.borrow_mut() = Pin::End;
        self.0.travelling.set(true);
        let options = ScrollToOptions::new();
        let still = viewport::matches("(prefers-reduced-motion: reduce)");
        options.set_behavior(if still { ScrollBehavior::Instant } else { ScrollBehavior::Smooth });
        options.set_top(f64::from(self.0.scroller.scroll_height()));
        self.0.scroller.scroll_to_with_scroll_to_options(&options);
    }

    /// Puts row `index` near the upper edge, unless the end is in view then anyway.
    pub fn show(&self, index: usize) {
        if let Some(row) = self.0.row(index) {
            self.0.travelling.set(false);
            self.0.scroller.set_scroll_top((row.offset_top() - END_WITHIN_PX).max(0));
            self.0.keep_here();
        }
    }
}

impl std::fmt::Debug for Scroll {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scroll")
    }
}

impl Inner {
    /// The reader moved, or our own move is being told.
    fn scrolled(&self) {
        let top = self.scroller.scroll_top();
        if self.top.replace(top) != top {
            self.keep_here();
        }
    }

    /// This is the place to keep from now on.
    fn keep_here(&self) {
        self.top.set(self.scroller.scroll_top());
        let in_view = self.in_view();
        if in_view.at_end {
            self.travelling.set(false);
            *self.pin.borrow_mut() = Pin::End;
        } else if !self.travelling.get() {
            let first = self.first_below(self.scroller.scroll_top());
            if let Some(row) = self.row(first) {
                let from_lower_edge = row.offset_top() - self.lower_edge();
                *self.pin.borrow_mut() = Pin::Row { row, from_lower_edge };
            }
        }
        (self.on_move)(in_view);
    }

    /// Something changed its size: back to the pin.
    fn settle(&self) {
        match &*self.pin.borrow() {
            Pin::End => {
                // Smoothly on the way already or not: this is the end of it.
                self.travelling.set(false);
                self.scroller.set_scroll_top(self.scroller.scroll_height());
            }
            Pin::Row { row, from_lower_edge } if row.is_connected() => {
                let top = row.offset_top() - from_lower_edge - self.scroller.client_height();
                self.scroller.set_scroll_top(top);
            }
            Pin::Row { .. } => {}
        }
        self.top.set(self.scroller.scroll_top());
        (self.on_move)(self.in_view());
    }

    fn in_view(&self) -> InView {
        let top = self.scroller.scroll_top();
        let edge = self.lower_edge();
        InView {
            at_end: self.scroller.scroll_height() - edge < END_WITHIN_PX,
            near_start: top < START_WITHIN_PX,
            last: self.first_below(edge + END_WITHIN_PX).checked_sub(1),
        }
    }

    /// How far down the list the lower edge of the view is.
    fn lower_edge(&self) -> i32 {
        self.scroller.scroll_top() + self.scroller.client_height()
    }

    /// The index of the first row that ends below `y`; rows are in order, so halving finds it.
    fn first_below(&self, y: i32) -> usize {
        let (mut low, mut high) = (0, self.list.children().length() as usize);
        while low < high {
            let middle = (low + high) / 2;
            let ends = self.row(middle).map_or(0, |row| row.offset_top() + row.offset_height());
            if ends > y { high = middle } else { low = middle + 1 }
        }
        low
    }

    fn row(&self, index: usize) -> Option<HtmlElement> {
        self.list.children().item(index as u32)?.dyn_into().ok()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
