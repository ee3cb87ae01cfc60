//! The edge to the page: address, title, focus, positions, and the three requests of the session. The only file that
//! names `web_sys`, `js_sys` or `gloo`.

use gloo_net::http::{Request, Response};
use leptos::prelude::{document, mount_to_body, window};
use serde::Deserialize;
use web_sys::wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use crate::app;
use crate::session::{Agent, Refusal};

/// What stands before the secret in the address of a sign-in link. After the `#`, so that it is never sent and never
/// logged.
const LINK: &str = "#signin=";

/// Puts the inbox into the page.
pub fn start() {
    let secret = take_link();
    mount_to_body(move || app::view(secret));
}

// The address.

/// The origin of this page, which is the server's.
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Takes the secret of a sign-in link out of the address, so that it stays in no history and no screenshot.
pub(crate) fn take_link() -> Option<String> {
    let hash = window().location().hash().ok()?;
    let secret = hash.strip_prefix(LINK)?.to_owned();
    forget_address();
    Some(secret)
}

/// The number of the thread that the address names.
pub(crate) fn thread_in_address() -> Option<u64> {
    window().location().hash().ok()?.strip_prefix('#')?.parse().ok()
}

/// Names no thread, as a step that the back button undoes.
pub(crate) fn leave_thread() {
    let _ = window().location().set_hash("");
}

/// Names nothing, and leaves no step behind.
pub(crate) fn forget_address() {
    let path = window().location().pathname().unwrap_or_default();
    let _ = window()
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&path)));
}

/// Loads the page again.
pub(crate) fn reload() {
    let _ = window().location().reload();
}

pub(crate) fn set_title(title: &str) {
    document().set_title(title);
}

// Focus.

/// Moves the focus to the element of this id, without scrolling anything.
pub(crate) fn focus(id: &str) -> bool {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    element.is_some_and(|element| element.focus_with_options(&options).is_ok())
}

/// The same, scrolling no further than needed to see it.
pub(crate) fn focus_in_view(id: &str) -> bool {
    let found = focus(id);
    if let Some(element) = document().get_element_by_id(id) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
    found
}

/// The id of the element that has the focus; `None` when nothing in particular has.
pub(crate) fn focused() -> Option<String> {
    document().active_element().map(|element| element.id()).filter(|id| !id.is_empty())
}

/// Whether nothing has the focus: what had it went away.
pub(crate) fn focus_is_lost() -> bool {
    document().active_element().is_none_or(|element| element.tag_name() == "BODY")
}

/// Whether keys typed now are text.
pub(crate) fn is_writing() -> bool {
    let editable = ["TEXTAREA", "INPUT", "SELECT"];
    document().active_element().is_some_and(|element| editable.contains(&&*element.tag_name()))
}

/// Where this browser keeps that single keys are off: some people's voices, or hands, type keys they do not mean.
const KEYS_OFF: &str = "rejoin-inbox:single-keys-off";

/// Whether single keys are on; they are until somebody says otherwise.
pub(crate) fn single_keys() -> bool {
    let storage = window().local_storage().ok().flatten();
    storage.and_then(|storage| storage.get_item(KEYS_OFF).ok().flatten()).is_none()
}

/// Keeps the choice, where the browser keeps anything.
pub(crate) fn set_single_keys(on: bool) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = if on { storage.remove_item(KEYS_OFF) } else { storage.set_item(KEYS_OFF, "1") };
    }
}

// Positions in the log, whose rows of messages carry their `data-seq`.

/// The highest sequence number whose message is in view as a whole, or at least with its end.
pub(crate) fn seen_upto(log: &Element) -> Option<u64> {
    let floor = log.get_bounding_client_rect().bottom() + 1.0;
    let seen = rows(log).into_iter().rev().find(|row| row.get_bounding_client_rect().bottom() <= floor)?;
    seen.get_attribute("data-seq")?.parse().ok()
}

/// A row and where it was.
#[derive(Clone, Debug)]
pub(crate) struct Anchor(Element, f64);

/// The first row in view.
pub(crate) fn anchor(log: &Element) -> Option<Anchor> {
    let top = log.get_bounding_client_rect().top();
    let row = rows(log).into_iter().find(|row| row.get_bounding_client_rect().bottom() > top)?;
    let at = row.get_bounding_client_rect().top();
    Some(Anchor(row, at))
}

/// Scrolls so that the row is where it was.
pub(crate) fn restore(log: &Element, Anchor(row, was): &Anchor) {
    let moved = row.get_bounding_client_rect().top() - was;
    if row.is_connected() && moved.abs() >= 1.0 {
        log.set_scroll_top(log.scroll_top() + moved.round() as i32);
    }
}

/// If the "new" line is above the view, brings it into view, a little below the upper edge.
pub(crate) fn show_new_mark(log: &Element) {
    let Ok(Some(mark)) = log.query_selector(".new-mark") else { return };
    let (log_top, mark_top) = (log.get_bounding_client_rect().top(), mark.get_bounding_client_rect().top());
    if mark_top < log_top {
        log.set_scroll_top(log.scroll_top() + (mark_top - log_top) as i32 - log.client_height() / 5);
    }
}

fn rows(log: &Element) -> Vec<Element> {
    let Ok(list) = log.query_selector_all("[data-seq]") else { return Vec::new() };
    (0..list.length()).filter_map(|n| list.get(n)?.dyn_into().ok()).collect()
}

// Dates.

/// The page is in English; the reader's own English, if they have one, decides how dates and times are written.
pub(crate) fn locale() -> String {
    window().navigator().language().filter(|tag| tag.starts_with("en")).unwrap_or_else(|| "en-GB".to_owned())
}

/// "3 Mar".
pub(crate) fn short_date(ts: u64) -> String {
    let options = js_sys::Object::new();
    set(&options, "day", "numeric");
    set(&options, "month", "short");
    String::from(date(ts).to_locale_date_string(&locale(), &options))
}

fn date(ts: u64) -> js_sys::Date {
    js_sys::Date::new(&JsValue::from_f64(ts as f64))
}

fn set(options: &js_sys::Object, key: &str, value: &str) {
    let _ = js_sys::Reflect::set(options, &JsValue::from_str(key), &JsValue::from_str(value));
}

// The session.

#[derive(Deserialize)]
struct Who {
    agent: Named,
    site: String,
}

#[derive(Deserialize)]
struct Named {
    id: rejoin_protocol::AgentId,
    name: String,
}

/// Who is signed in.
pub(crate) async fn who() -> Result<Agent, Refusal> {
    agent(Request::get("/v1/inbox/me").send().await).await
}

/// Spends a sign-in link.
pub(crate) async fn sign_in(secret: &str) -> Result<Agent, Refusal> {
    let body = js_sys::Object::new();
    set(&body, "secret", secret);
    let text = js_sys::JSON::stringify(&body).map(String::from).unwrap_or_default();
    let request = Request::post("/v1/inbox/sign-in").header("content-type", "application/json").body(text);
    match request {
        Ok(request) => agent(request.send().await).await,
        Err(_) => Err(Refusal::Unreachable),
    }
}

/// Ends the session.
pub(crate) async fn sign_out() -> Result<(), Refusal> {
    accepted(Request::post("/v1/inbox/sign-out").send().await).map(|_| ())
}

async fn agent(answer: Result<Response, gloo_net::Error>) -> Result<Agent, Refusal> {
    let who: Who = accepted(answer)?.json().await.map_err(|_| Refusal::Unreachable)?;
    Ok(Agent { id: who.agent.id, name: who.agent.name, site: who.site })
}

fn accepted(answer: Result<Response, gloo_net::Error>) -> Result<Response, Refusal> {
    let answer = answer.map_err(|_| Refusal::Unreachable)?;
    match answer.status() {
        200..300 => Ok(answer),
        401 => Err(Refusal::SignedOut),
        429 => Err(Refusal::TooMany),
        _ => Err(Refusal::Unreachable),
    }
}
