//! Elements as a Leptos view of one type.
//!
//! `leptos::html` gives every combination of attributes and children a type of its own, and every type its own copy of
//! the code that builds, rebuilds, moves and removes it: for the widget that came to a quarter of what a customer
//! downloads. A [`Tag`] says the same with data, so that this code exists once. It is drawn with DOM calls only (never
//! from HTML in a string, which pages with Trusted Types forbid) and follows signals by render effects like any other view.
//!
//! ```text
//!  tag("p").class("note").says(move || chat.note())      Tag ──build──► Shown: the element, and what keeps it up to date
//! ```

mod leptos_view;
mod shown;

use std::borrow::Cow;
use std::fmt;

use leptos::prelude::{LocalStorage, StoredValue, WithValue};
use rejoin_thread::RowKey;
use web_sys::{Event, HtmlElement};

pub use shown::Shown;

use crate::Rows;

type Says<T> = Box<dyn FnMut() -> T + Send>;
type MakeRow = Box<dyn Fn(RowKey) -> Option<Tag> + Send>;

/// An element to be.
#[must_use = "an element that is not part of a view is not shown"]
pub struct Tag {
    name: &'static str,
    is_svg: bool,
    parts: Vec<Part>,
}

/// What an element is made of, in order.
enum Part {
    Attribute(&'static str, Cow<'static, str>),
    /// An attribute that follows signals; `None` is absence.
    Follows(&'static str, Says<Option<Cow<'static, str>>>),
    /// The property `value` of a field.
    Value(Says<String>),
    On(&'static str, Box<dyn FnMut(&Event) + Send>),
    Into(Slot),
    Text(Cow<'static, str>),
    Says(Says<Cow<'static, str>>),
    Child(Tag),
    When(Says<Vec<Tag>>),
    Rows(Rows, MakeRow),
}

/// An HTML element of this name.
pub const fn tag(name: &'static str) -> Tag {
    Tag { name, is_svg: false, parts: Vec::new() }
}

/// An SVG element of this name.
pub const fn svg(name: &'static str) -> Tag {
    Tag { name, is_svg: true, parts: Vec::new() }
}

impl Tag {
    fn part(mut self, part: Part) -> Tag {
        self.parts.push(part);
        self
    }

    /// An attribute.
    pub fn attr(self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Tag {
        self.part(Part::Attribute(name, value.into()))
    }

    /// An attribute that follows signals; absent where it is `None`.
    pub fn follows<T: Into<Cow<'static, str>>>(
        self,
        name: &'static str,
        mut value: impl FnMut() -> Option<T> + Send + 'static,
    ) -> Tag {
        self.part(Part::Follows(name, Box::new(move || value().map(Into::into))))
    }

    /// An attribute that is "true" or absent.
    pub fn flag(self, name: &'static str, mut is: impl FnMut() -> bool + Send + 'static) -> Tag {
        self.follows(name, move || is().then_some("true"))
    }

    /// Its class.
    pub fn class(self, class: &'static str) -> Tag {
        self.attr("class", class)
    }

    /// What a field holds, following signals.
    pub fn value(self, value: impl FnMut() -> String + Send + 'static) -> Tag {
        self.part(Part::Value(Box::new(value)))
    }

    /// Calls `act` with every event of this name.
    pub fn on(self, event: &'static str, act: impl FnMut(&Event) + Send + 'static) -> Tag {
        self.part(Part::On(event, Box::new(act)))
    }

    /// Puts the element, once it exists, into a slot.
    pub fn into_slot(self, slot: Slot) -> Tag {
        self.part(Part::Into(slot))
    }

    /// Text.
    pub fn text(self, text: impl Into<Cow<'static, str>>) -> Tag {
        self.part(Part::Text(text.into()))
    }

    /// Text that follows signals.
    pub fn says<T: Into<Cow<'static, str>>>(self, mut text: impl FnMut() -> T + Send + 'static) -> Tag {
        self.part(Part::Says(Box::new(move || text().into())))
    }

    /// A child.
    pub fn child(self, child: Tag) -> Tag {
        self.part(Part::Child(child))
    }

    /// Children.
    pub fn children(self, children: impl IntoIterator<Item = Tag>) -> Tag {
        children.into_iter().fold(self, Tag::child)
    }

    /// Children that are made anew whenever the signals change that they were made from. Conditions belong into memos
    /// where what they guard should stay.
    pub fn when<I: IntoIterator<Item = Tag>>(self, mut make: impl FnMut() -> I + Send + 'static) -> Tag {
        self.part(Part::When(Box::new(move || make().into_iter().collect())))
    }

    /// A child for each row, made once for as long as the row is there.
    pub fn rows(self, rows: Rows, make: impl Fn(RowKey) -> Option<Tag> + Send + 'static) -> Tag {
        self.part(Part::Rows(rows, Box::new(make)))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Where an element is found once it exists. Lives as long as the reactive owner it is made under.
#[derive(Clone, Copy, Debug)]
pub struct Slot(StoredValue<Option<HtmlElement>, LocalStorage>);

impl Default for Slot {
    fn default() -> Self {
        Slot(StoredValue::new_local(None))
    }
}

impl Slot {
    /// The element, if it has been made.
    pub fn get(&self) -> Option<HtmlElement> {
        self.0.try_with_value(Clone::clone).flatten()
    }
}
