//! Small things that views ask of the page.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Document, Element, Event, FocusOptions, HtmlElement, HtmlTextAreaElement, KeyboardEvent, Node, ShadowRoot,
};

/// A key that was pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// "Enter", "a".
    pub name: String,
    /// An input method is at work, and the key is meant for it.
    pub is_composing: bool,
    /// Together with Shift.
    pub has_shift: bool,
}

/// What some browsers say of a key that an input method takes, instead of saying that it does.
const KEY_OF_INPUT_METHOD: u32 = 229;

impl Key {
    /// The key of a keyboard event.
    pub fn of(event: &Event) -> Option<Key> {
        let event = event.dyn_ref::<KeyboardEvent>()?;
        Some(Key {
            name: event.key(),
            is_composing: event.is_composing() || event.key_code() == KEY_OF_INPUT_METHOD,
            has_shift: event.shift_key(),
        })
    }
}

/// What the text area holds that an event comes from.
pub fn text_of(event: &Event) -> String {
    let field = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
    field.map(|field| field.value()).unwrap_or_default()
}

/// Calls `act` when the next frame is drawn.
pub fn next_frame(act: impl FnOnce() + 'static) {
    if let Some(window) = web_sys::window() {
        let _ = window.request_animation_frame(Closure::once_into_js(act).unchecked_ref());
    }
}

/// Gives an element the focus without scrolling the page to it.
pub fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

/// Whether the focus may be moved into `root` now: it is there already, or the person has just pressed something and
/// is not writing elsewhere on the page.
pub fn may_take_focus(root: &ShadowRoot) -> bool {
    if root.active_element().is_some() {
        return true;
    }
    let Some(window) = web_sys::window() else { return false };
    // Not every browser of the last years has it, so it is asked for by name first.
    let navigator = window.navigator();
    let told = js_sys::Reflect::has(&navigator, &"userActivation".into()).unwrap_or(false);
    told && navigator.user_activation().is_active()
        && !window.document().is_some_and(|page| is_writing(&page))
}

fn is_writing(page: &Document) -> bool {
    let writes = |element: Element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT" | "IFRAME")
            || element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable)
    };
    page.active_element().is_some_and(writes)
}

/// What a person can move the focus to, as far as our own views make such things.
const FOCUSABLE: &str = "button:not([disabled]), textarea, a[href], [tabindex='0']";

/// Where the focus would leave `element`, which covers everything else, by Tab (or Shift and Tab: `backwards`), moves it
/// to the other end instead. Says whether it did.
pub fn wrap_focus(element: &HtmlElement, backwards: bool) -> bool {
    let Some(active) =
        element.get_root_node().dyn_into::<ShadowRoot>().ok().and_then(|root| root.active_element())
    else {
        return false;
    };
    let Ok(targets) = element.query_selector_all(FOCUSABLE) else { return false };
    let ends = (targets.get(0), targets.get(targets.length().saturating_sub(1)));
    let (Some(first), Some(last)) = ends else { return false };
    let (edge, other) = if backwards { (first, last) } else { (last, first) };
    let is_active = |node: &Node| node.is_same_node(Some(&active));
    let leaves = is_active(&edge) || (backwards && is_active(element));
    if leaves && let Some(other) = other.dyn_ref::<HtmlElement>() {
        focus(other);
    }
    leaves
}

/// The page's language: of its root element, else of the browser.
pub fn page_locale() -> Option<String> {
    let window = web_sys::window()?;
    let root = window.document().and_then(|page| page.document_element()?.get_attribute("lang"));
    root.filter(|tag| !tag.trim().is_empty()).or_else(|| window.navigator().language())
}

/// Says something to the developer of the page.
pub fn warn(text: &str) {
    web_sys::console::warn_2(&"Rejoin:".into(), &text.into());
}
