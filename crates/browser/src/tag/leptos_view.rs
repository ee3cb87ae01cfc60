//! What Leptos asks of a view. There is no server rendering here, so nothing is ever written as HTML or taken from it.

use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types;
use leptos::tachys::view::add_attr::AddAnyAttr;
use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderHtml};

use super::{Shown, Tag};

impl Render for Tag {
    type State = Shown;

    fn build(self) -> Shown {
        self.show()
    }

    fn rebuild(self, state: &mut Shown) {
        let mut new = self.show();
        state.insert_before_this(&mut new);
        state.remove();
        *state = new;
    }
}

impl Mountable for Shown {
    fn unmount(&mut self) {
        self.remove();
    }

    fn mount(&mut self, parent: &types::Element, marker: Option<&types::Node>) {
        if let Some(element) = &self.element {
            let _ = parent.insert_before(element, marker);
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let parent = self.element.as_ref().and_then(|element| element.parent_element());
        parent.is_some_and(|parent| {
            child.mount(&parent, self.element.as_deref());
            true
        })
    }

    fn elements(&self) -> Vec<types::Element> {
        self.element.iter().cloned().collect()
    }
}

impl AddAnyAttr for Tag {
    type Output<NewAttr: Attribute> = Tag;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Tag {
        self
    }
}

impl RenderHtml for Tag {
    type AsyncOutput = Tag;
    type Owned = Tag;
    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Tag {
        self
    }

    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Shown {
        self.show()
    }

    fn into_owned(self) -> Tag {
        self
    }
}
