//! Everything a view may read, and everything it may do. Signals follow the core; nothing here decides.

mod arrivals;
mod follow;

use std::rc::Rc;

use leptos::prelude::*;
use rejoin_browser::intl::Dates;
use rejoin_browser::{
    Driver, DriverConfig, InView, Listener, NoRandomness, Random, Rows, StorageKey, Timer, clock, dom, page,
};
use rejoin_protocol::{Author, Body, BodyError};
use rejoin_thread::{Config, Input, StateLine, Thread};

use arrivals::Arrivals;

use crate::config::{Mode, Settings};
use crate::host::{Host, Told};
use crate::strings::{Words, words};

/// A running chat: a handle of signals that is copied freely. Methods do nothing once the chat has stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chat {
    /// What the page configures.
    pub(crate) settings: RwSignal<Settings>,
    /// Whether the panel is open.
    pub(crate) is_open: RwSignal<bool>,
    /// Whether the focus is to follow it into view.
    pub(crate) focuses: RwSignal<bool>,
    /// The timeline.
    pub(crate) rows: Rows,
    /// How things stand, after the time that short-lived states must last to be shown.
    pub(crate) line: RwSignal<StateLine>,
    /// What stands in the composer.
    pub(crate) draft: RwSignal<String>,
    /// Counts up each time the composer is filled by something else than the person.
    pub(crate) refilled: RwSignal<u32>,
    /// The names of agents who are typing.
    pub(crate) typing: RwSignal<Vec<String>>,
    /// Whether older history exists that is not here.
    pub(crate) has_older: RwSignal<bool>,
    /// Whether a page of history is on its way.
    pub(crate) is_loading: RwSignal<bool>,
    /// Messages not seen.
    pub(crate) unread: RwSignal<usize>,
    /// Whether storage has been read.
    pub(crate) is_restored: RwSignal<bool>,
    /// Whether this browser keeps what is written.
    pub(crate) is_kept: RwSignal<bool>,
    /// What has arrived and is to be read out.
    arrivals: RwSignal<Arrivals>,
    /// Messages sent from here: the view goes to the end with each.
    pub(crate) sent: RwSignal<u32>,
    /// Whether everything the server has is here.
    is_current: RwSignal<bool>,
    /// What of the timeline is in view.
    in_view: RwSignal<InView>,
    /// Whether a person can be taken to be looking at the page.
    attention: RwSignal<bool>,
    /// The present day, counted from 1970.
    today: RwSignal<i64>,
    dates: RwSignal<Dates, LocalStorage>,
    parts: StoredValue<Option<Rc<Parts>>, LocalStorage>,
}

/// What is not a signal.
struct Parts {
    driver: Driver<Thread>,
    host: Host,
    random: Random,
    line_timer: Timer,
    _attention: Vec<Listener>,
}

impl Chat {
    /// Starts a chat under the current reactive owner.
    ///
    /// # Errors
    /// A browser without randomness cannot make a device token.
    pub(crate) fn start(settings: Settings, host: Host) -> Result<Chat, NoRandomness> {
        let random = Random::new()?;
        for key in &settings.unknown {
            dom::warn(&format!("setting \"{key}\" is not known"));
        }
        let chat = Chat {
            is_open: RwSignal::new(false),
            focuses: RwSignal::new(false),
            rows: Rows::new(),
            line: RwSignal::new(StateLine::Quiet),
            draft: RwSignal::new(String::new()),
            refilled: RwSignal::new(0),
            typing: RwSignal::new(Vec::new()),
            has_older: RwSignal::new(false),
            is_loading: RwSignal::new(false),
            unread: RwSignal::new(0),
            is_restored: RwSignal::new(false),
            is_kept: RwSignal::new(true),
            arrivals: RwSignal::new(Arrivals::default()),
            sent: RwSignal::new(0),
            is_current: RwSignal::new(false),
            in_view: RwSignal::new(InView { at_end: true, ..InView::default() }),
            attention: RwSignal::new(page::has_attention()),
            today: RwSignal::new(today()),
            dates: RwSignal::new_local(Dates::new(&locale(&settings))),
            parts: StoredValue::new_local(None),
            settings: RwSignal::new(settings.clone()),
        };
        let config = Config { site: settings.site.clone(), seed: random.seed(), spare: random.token() };
        let storage = StorageKey::site(&settings.server, &settings.site);
        let config = (Thread::new(config), DriverConfig { server: settings.server, storage, ticket: None });
        let driver = Driver::start(config.0, config.1, move |thread, notices| chat.follow(thread, notices));
        let attention = page::watch_attention(move |looking| {
            put(chat.attention, looking);
        });
        chat.parts.set_value(Some(Rc::new(Parts {
            driver,
            host,
            random,
            line_timer: Timer::default(),
            _attention: attention,
        })));
        Ok(chat)
    }

    /// Ends the chat; what is being written to storage is still written.
    pub(crate) fn stop(&self) {
        let parts = self.parts.try_update_value(Option::take).flatten();
        if let Some(parts) = parts {
            parts.driver.stop();
        }
    }

    // What the page does.

    /// Opens the panel.
    pub(crate) fn open(&self, takes_focus: bool) {
        if self.is_open.try_get_untracked() != Some(false) {
            return;
        }
        self.focuses.set(takes_focus);
        self.is_open.set(true);
        self.dispatch(Input::Wake);
        self.tell(Told::Open);
    }

    /// Closes it.
    pub(crate) fn close(&self) {
        if self.is_open.try_get_untracked() == Some(true) {
            self.is_open.set(false);
            self.tell(Told::Close);
        }
    }

    /// Takes changed settings.
    pub(crate) fn configure(&self, settings: Settings) {
        if self.settings.try_get_untracked().is_some_and(|now| now != settings) {
            self.dates.set(Dates::new(&locale(&settings)));
            self.settings.set(settings);
        }
    }

    // What a person does.

    /// Hands an input to the core.
    pub(crate) fn dispatch(&self, input: Input) {
        self.with_parts(|parts| parts.driver.input(input));
    }

    /// The composer holds this now.
    pub(crate) fn write(&self, text: String) {
        self.draft.set(text.clone());
        self.dispatch(Input::Draft(text));
    }

    /// Sends what is in the composer, if it may be sent.
    ///
    /// # Errors
    /// Why it may not.
    pub(crate) fn send(&self) -> Result<(), BodyError> {
        let body = Body::Text(self.draft.get_untracked().trim().to_owned());
        body.check()?;
        self.with_parts(|parts| {
            let (cid, cts) = (parts.random.message_id(), clock::unix_ms());
            self.draft.set(String::new());
            parts.driver.input(Input::Submit { cid, cts, body });
        });
        self.sent.update(|count| *count += 1);
        self.tell(Told::Message { incoming: false });
        Ok(())
    }

    /// The timeline has been scrolled, or has changed.
    pub(crate) fn moved(&self, in_view: InView) {
        put(self.in_view, in_view);
        let wants_older = in_view.near_start && self.has_older.get_untracked();
        if wants_older && self.is_open.get_untracked() && !self.is_loading.get_untracked() {
            self.dispatch(Input::LoadOlder);
        }
    }

    // What views read.

    /// Whether the chat is the whole page; untracked.
    pub(crate) fn is_full_page(&self) -> bool {
        self.settings.try_with_untracked(|settings| settings.mode == Mode::FullPage).unwrap_or(false)
    }

    /// The words of the reader's language.
    pub(crate) fn words(&self) -> &'static Words {
        self.settings.with(|settings| words(&locale(settings)))
    }

    /// Whether a message drawn now comes while somebody watches the end: it may show where it came from. What a replay
    /// brings is just there.
    pub(crate) fn comes_in_view(&self, is_confirmed: bool) -> bool {
        let is_news = self.is_current.get_untracked() || !is_confirmed;
        is_news && self.is_open.get_untracked() && self.in_view.get_untracked().at_end
    }

    /// Whether the newest message is in view.
    pub(crate) fn at_end(&self) -> bool {
        self.in_view.with(|in_view| in_view.at_end)
    }

    /// "14:02".
    pub(crate) fn time(&self, unix_ms: u64) -> String {
        self.dates.with(|dates| dates.time(unix_ms))
    }

    /// Day and time in full.
    pub(crate) fn moment(&self, unix_ms: u64) -> String {
        self.dates.with(|dates| dates.moment(unix_ms))
    }

    /// "Today", "Monday, 3 March".
    pub(crate) fn day(&self, unix_ms: u64) -> String {
        self.today.track();
        self.dates.with(|dates| dates.day(unix_ms, clock::unix_ms()))
    }

    /// What is to be read out in the odd or the even of two places.
    pub(crate) fn spoken(&self, odd: bool) -> String {
        self.arrivals.track();
        let mut spoken = String::new();
        self.arrivals.update_untracked(|arrivals| spoken = arrivals.take(odd));
        spoken
    }

    /// The name under which an author is shown.
    pub(crate) fn name(&self, author: &Author, words: &Words) -> String {
        match author {
            Author::Customer => words.you.to_owned(),
            Author::Agent { name, .. } if name.trim().is_empty() => words.agent.to_owned(),
            Author::Agent { name, .. } => name.clone(),
        }
    }

    fn tell(&self, told: Told) {
        self.with_parts(|parts| parts.host.tell(told));
    }

    /// Runs `act` with the parts, if the chat has not stopped; `act` may stop it.
    fn with_parts(&self, act: impl FnOnce(&Parts)) {
        if let Some(parts) = self.parts.try_get_value().flatten() {
            act(&parts);
        }
    }
}

/// Runs `act` soon and again whenever the signals change that it read. One type of effect for all of them, since
/// each would bring its own copy of the machinery.
pub(crate) fn react(act: impl FnMut() + 'static) {
    let mut act: Box<dyn FnMut()> = Box::new(act);
    Effect::new(move |_: Option<()>| act());
}

/// Sets a signal if that changes it; says whether it did.
fn put<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) -> bool {
    let changes = signal.try_with_untracked(|now| *now != value).unwrap_or(false);
    if changes {
        signal.set(value);
    }
    changes
}

fn today() -> i64 {
    const DAY_MIN: i64 = 24 * 60;
    (clock::unix_ms() as i64 / 60_000 + i64::from(clock::zone_min())).div_euclid(DAY_MIN)
}

/// The tag for words, dates and times: one language for all, so that a sentence is never in two.
fn locale(settings: &Settings) -> String {
    let wanted = settings.locale.clone().or_else(dom::page_locale).unwrap_or_default();
    let spoken = words(&wanted).lang;
    let primary = wanted.split(['-', '_']).next().unwrap_or_default();
    if primary.eq_ignore_ascii_case(spoken) { wanted.replace('_', "-") } else { spoken.to_owned() }
}
