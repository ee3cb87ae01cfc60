//! Tags that have become elements.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Reflect;
use leptos::prelude::{Owner, RenderEffect, SetValue, untrack};
use rejoin_thread::RowKey;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlElement, Node};

use super::{MakeRow, Part, Says, Tag};
use crate::{Listener, Rows};

const SVG: &str = "http://www.w3.org/2000/svg";

/// An element on the page, with everything that keeps it up to date. Dropped, it stays as it is; removed, it is gone.
pub struct Shown {
    /// `None` only where there is no document to make elements in.
    pub(super) element: Option<Element>,
    kept: Vec<Kept>,
}

/// Held for what happens when it is dropped.
#[expect(dead_code, reason = "held, not read")]
enum Kept {
    Effect(RenderEffect<()>),
    Listener(Listener),
    Child(Shown),
    Children(RenderEffect<()>, Rc<RefCell<Vec<Shown>>>),
    Rows(RenderEffect<()>, Rc<RefCell<Vec<RowShown>>>),
}

/// A row, with the owner of the signals made for it.
struct RowShown {
    key: RowKey,
    shown: Shown,
    owner: Owner,
}

impl Shown {
    /// Takes it off the page.
    pub fn remove(&mut self) {
        if let Some(element) = &self.element {
            element.remove();
        }
        self.kept.clear();
    }

    fn node(&self) -> Option<&Node> {
        self.element.as_deref()
    }
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shown")
    }
}

impl Tag {
    /// Makes the element; it is on no page yet.
    pub(super) fn show(self) -> Shown {
        let page = web_sys::window().and_then(|window| window.document());
        let Some(page) = page else { return Shown { element: None, kept: Vec::new() } };
        let made = if self.is_svg {
            page.create_element_ns(Some(SVG), self.name)
        } else {
            page.create_element(self.name)
        };
        let Ok(element) = made else { return Shown { element: None, kept: Vec::new() } };
        let kept = self.parts.into_iter().filter_map(|part| show_part(&page, &element, part)).collect();
        Shown { element: Some(element), kept }
    }
}

fn show_part(page: &Document, element: &Element, part: Part) -> Option<Kept> {
    let element = element.clone();
    let effect = match part {
        Part::Attribute(name, value) => {
            let _ = element.set_attribute(name, &value);
            return None;
        }
        Part::Into(slot) => {
            slot.0.set_value(element.dyn_into::<HtmlElement>().ok());
            return None;
        }
        Part::Text(text) => {
            let _ = element.append_child(&page.create_text_node(&text));
            return None;
        }
        Part::Child(child) => {
            let child = child.show();
            let _ = element.append_child(child.node()?);
            return Some(Kept::Child(child));
        }
        Part::On(event, mut act) => {
            return Some(Kept::Listener(Listener::new(&element, event, move |event| act(&event))));
        }
        Part::Follows(name, mut value) => effect(move || {
            let _ = match value() {
                Some(value) => element.set_attribute(name, &value),
                None => element.remove_attribute(name),
            };
        }),
        Part::Value(mut value) => effect(move || {
            let (name, new) = (JsValue::from_str("value"), JsValue::from(value()));
            // Setting it to what it is would move the cursor.
            if Reflect::get(&element, &name).ok().as_ref() != Some(&new) {
                let _ = Reflect::set(&element, &name, &new);
            }
        }),
        Part::Says(mut says) => {
            let text = page.create_text_node("");
            let _ = element.append_child(&text);
            effect(move || text.set_text_content(Some(&says())))
        }
        Part::When(make) => return Some(show_when(page, element, make)),
        Part::Rows(rows, make) => return Some(show_rows(page, element, rows, make)),
    };
    Some(Kept::Effect(effect))
}

fn show_when(page: &Document, parent: Element, mut make: Says<Vec<Tag>>) -> Kept {
    let end = marker(page, &parent);
    let shown = Rc::new(RefCell::new(Vec::<Shown>::new()));
    let held = Rc::clone(&shown);
    let effect = effect(move || {
        let mut shown = held.borrow_mut();
        shown.drain(..).for_each(|mut child| child.remove());
        for tag in make() {
            let child = tag.show();
            if let Some(node) = child.node() {
                let _ = parent.insert_before(node, Some(&end));
            }
            shown.push(child);
        }
    });
    Kept::Children(effect, shown)
}

fn show_rows(page: &Document, parent: Element, rows: Rows, make: MakeRow) -> Kept {
    let end = marker(page, &parent);
    let shown = Rc::new(RefCell::new(Vec::new()));
    let held = Rc::clone(&shown);
    // The rows outlive each run of the effect, which owns only what is made anew every time.
    let owner = Owner::current().unwrap_or_default();
    let effect = effect(move || {
        follow_rows(&rows.keys(), &*make, &owner, &mut held.borrow_mut());
        place_rows(&held.borrow(), &parent, &end);
    });
    Kept::Rows(effect, shown)
}

/// One type of effect for all of them.
fn effect(act: impl FnMut() + 'static) -> RenderEffect<()> {
    let mut act: Box<dyn FnMut()> = Box::new(act);
    RenderEffect::new(move |_| act())
}

/// A place in an element, before which children come and go.
fn marker(page: &Document, element: &Element) -> Node {
    let marker = page.create_text_node("");
    let _ = element.append_child(&marker);
    marker.into()
}

/// Makes `shown` the rows of these keys: keeps those that stay, makes the new ones, removes the rest.
fn follow_rows(
    keys: &[RowKey],
    make: &dyn Fn(RowKey) -> Option<Tag>,
    owner: &Owner,
    shown: &mut Vec<RowShown>,
) {
    let mut before: Vec<Option<RowShown>> = shown.drain(..).map(Some).collect();
    for key in keys {
        let same = before.iter_mut().find(|row| row.as_ref().is_some_and(|row| row.key == *key));
        let row = same.and_then(Option::take).or_else(|| {
            let owner = owner.with(Owner::new);
            // Untracked: a row follows its own signals, not the order of all.
            let shown = owner.with(|| untrack(|| make(*key)).map(Tag::show))?;
            Some(RowShown { key: *key, shown, owner })
        });
        shown.extend(row);
    }
    for mut gone in before.into_iter().flatten() {
        gone.shown.remove();
        gone.owner.cleanup();
    }
}

/// Puts the rows in their order before `end`; touches none that is in its place.
fn place_rows(shown: &[RowShown], parent: &Element, end: &Node) {
    let mut next = end.clone();
    for row in shown.iter().rev() {
        let Some(node) = row.shown.node() else { continue };
        if node.next_sibling().as_ref() != Some(&next) {
            let _ = parent.insert_before(node, Some(&next));
        }
        next = node.clone();
    }
}
