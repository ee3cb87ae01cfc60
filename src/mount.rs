//! How the app comes onto the page, and how it leaves without a trace.

use std::cell::RefCell;

use js_sys::Function;
use leptos::prelude::*;
use rejoin_browser::{Listener, Sheet, dom, viewport};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, ShadowRoot};

use crate::chat::Chat;
use crate::config::Settings;
use crate::host::Host;
use crate::ui;

/// Everything about looks, in the order of the cascade.
const CSS: &str = concat!(
    include_str!("../style/tokens.css"),
    include_str!("../style/panel.css"),
    include_str!("../style/header.css"),
    include_str!("../style/timeline.css"),
    include_str!("../style/message.css"),
    include_str!("../style/composer.css"),
    include_str!("../style/media.css"),
);

/// Runs once, when the module is initialised.
pub fn start() {
    // Without this a panic would be an "unreachable executed" and nothing else.
    std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
}

/// The running app of one element.
#[wasm_bindgen]
#[derive(Debug)]
pub struct App {
    root: ShadowRoot,
    chat: Chat,
    mounted: RefCell<Option<Mounted>>,
}

/// What exists exactly as long as the app is on the page. Dropped in this order.
struct Mounted {
    _viewport: Vec<Listener>,
    _view: Box<dyn std::any::Any>,
    owner: Owner,
    wrapper: HtmlElement,
    _sheet: Sheet,
}

impl std::fmt::Debug for Mounted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mounted")
    }
}

/// Starts the chat inside `element`'s shadow root. `settings` is the JSON of [`Settings`]; `emit(name, detail)` is
/// called with what the page may want to know.
///
/// # Errors
/// Says in words what the element, the settings or the browser lack.
#[wasm_bindgen]
pub fn mount(element: &HtmlElement, settings: &str, emit: Function) -> Result<App, JsError> {
    let settings = Settings::parse(settings)?;
    let root = element.shadow_root().ok_or_else(|| JsError::new("the element has no open shadow root"))?;
    let sheet = Sheet::adopt(&root, CSS).ok_or_else(|| JsError::new("no constructable style sheets"))?;
    let page = web_sys::window().and_then(|window| window.document());
    let wrapper = page.and_then(|page| page.create_element("div").ok()?.dyn_into::<HtmlElement>().ok());
    let wrapper = wrapper.ok_or_else(|| JsError::new("no document"))?;
    wrapper.set_class_name("rj-mount");
    root.append_child(&wrapper).map_err(|_| JsError::new("the shadow root takes no children"))?;

    let opens = settings.open;
    let owner = Owner::new();
    let chat = match owner.with(|| Chat::start(settings, Host::new(emit))) {
        Ok(chat) => chat,
        Err(error) => {
            wrapper.remove();
            return Err(error.into());
        }
    };
    let view = owner.with(|| leptos::mount::mount_to(wrapper.clone(), move || ui::app(chat)));
    let mounted =
        Mounted { _viewport: follow_viewport(&root), _view: Box::new(view), owner, wrapper, _sheet: sheet };
    let app = App { root, chat, mounted: RefCell::new(Some(mounted)) };
    if opens {
        app.open();
    }
    Ok(app)
}

#[wasm_bindgen]
impl App {
    /// Opens the panel. The focus follows only where that takes nothing from the person.
    pub fn open(&self) {
        let full_page = self.chat.is_full_page();
        self.chat.open(full_page || dom::may_take_focus(&self.root));
    }

    /// Closes the panel.
    pub fn close(&self) {
        self.chat.close();
    }

    /// Takes changed settings. Another server or site needs a new app.
    pub fn update(&self, settings: &str) -> Result<(), JsError> {
        self.chat.configure(Settings::parse(settings)?);
        Ok(())
    }

    /// Ends everything: connection, timers, listeners, nodes, sheets.
    pub fn destroy(&self) {
        self.chat.stop();
        if let Some(mounted) = self.mounted.take() {
            mounted.wrapper.remove();
            mounted.owner.cleanup();
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.destroy();
    }
}

/// Tells the style sheet how much of the window an on-screen keyboard leaves.
fn follow_viewport(root: &ShadowRoot) -> Vec<Listener> {
    let rules = |seen: viewport::Viewport| {
        format!(":host{{--rj-view-top:{}px;--rj-view-height:{}px}}", seen.top, seen.height)
    };
    let first = viewport::current().map(rules).unwrap_or_default();
    let Some(sheet) = Sheet::adopt(root, &first) else { return Vec::new() };
    let sheet = std::rc::Rc::new(sheet);
    viewport::watch(move |seen| sheet.replace(&rules(seen)))
}
