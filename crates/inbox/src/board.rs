//! What the desk holds as signals, and everything an agent can do, as methods.

mod follow;

use std::time::Duration;

use leptos::prelude::*;
use rejoin_browser::intl::Dates;
use rejoin_browser::{
    Driver, DriverConfig, Listener, NoRandomness, Random, StorageKey, clock, fetch_ticket, page,
};
use rejoin_protocol::{Body, ClientMessageId, Row, ThreadId};
use rejoin_thread::{Desk, DeskInput, Input, StateLine};

use crate::lines::Lines;
use crate::mount;
use crate::open_threads::OpenThreads;
use crate::pane::{Pane, update};
use crate::roster::Show;
use crate::session::{Agent, Session};

/// How often ages are shown anew: they are in minutes.
const AGES_EVERY: Duration = Duration::from_secs(20);

/// Everything that the views of a signed-in agent read. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// Who is signed in.
    pub agent: StoredValue<Agent>,
    /// The session, to end it.
    pub session: Session,
    /// The thread list.
    pub lines: Lines,
    /// Which threads are listed.
    pub show: RwSignal<Show>,
    /// The words in the filter.
    pub filter: RwSignal<String>,
    /// Threads, and threads with something unread.
    pub counts: RwSignal<(usize, usize)>,
    /// Whether the list is whole.
    pub complete: RwSignal<bool>,
    /// The open thread and its number.
    pub selected: RwSignal<Option<(ThreadId, u64)>>,
    /// What stands in its composer.
    pub draft: RwSignal<String>,
    /// How things stand.
    pub status: RwSignal<StateLine>,
    /// What happened last, in words, for those who do not see the page.
    pub news: RwSignal<String>,
    /// The time of day in ms since 1970, as precise as ages need it.
    pub now: RwSignal<u64>,
    /// Whether somebody can be taken to look at the page.
    pub attention: RwSignal<bool>,
    /// Whether single letters do something outside of text.
    pub keys: RwSignal<bool>,
    /// Writes days and times.
    pub dates: StoredValue<Dates, LocalStorage>,
    driver: StoredValue<Option<Driver<Desk>>, LocalStorage>,
    random: StoredValue<Random, LocalStorage>,
    pane: StoredValue<Option<Pane>>,
    notes: StoredValue<Notes>,
}

/// What the board remembers and no view shows.
#[derive(Debug, Default)]
struct Notes {
    open: OpenThreads,
    drafts: Vec<(ThreadId, String)>,
    held: Option<ThreadId>,
}

impl Board {
    /// Connects as this agent. Everything ends with the reactive owner that this is called under.
    pub fn start(session: Session, agent: Agent) -> Result<Board, NoRandomness> {
        let random = Random::new()?;
        let desk = Desk::new(random.seed());
        let storage = StorageKey::inbox(&mount::origin(), agent.id);
        let board = Board {
            agent: StoredValue::new(agent),
            session,
            lines: Lines::default(),
            show: RwSignal::default(),
            filter: RwSignal::default(),
            counts: RwSignal::default(),
            complete: RwSignal::new(false),
            selected: RwSignal::new(None),
            draft: RwSignal::default(),
            status: RwSignal::new(StateLine::Connecting),
            news: RwSignal::default(),
            now: RwSignal::new(clock::unix_ms()),
            attention: RwSignal::new(page::has_attention()),
            keys: RwSignal::new(mount::single_keys()),
            dates: StoredValue::new_local(Dates::new(&mount::locale())),
            driver: StoredValue::new_local(None),
            random: StoredValue::new_local(random),
            pane: StoredValue::new(None),
            notes: StoredValue::new(Notes::default()),
        };
        let server = mount::origin();
        let config = DriverConfig { storage, server, ticket: Some(fetch_ticket) };
        let driver = Driver::start(desk, config, move |desk, notices| board.changed(desk, notices));
        board.driver.set_value(Some(driver));
        board.listen();
        on_cleanup(move || {
            if let Some(Some(driver)) = board.driver.try_update_value(Option::take) {
                driver.stop();
            }
        });
        Ok(board)
    }

    fn listen(self) {
        let attention: Vec<Listener> = page::watch_attention(move |looking| self.look(looking));
        let attention = StoredValue::new_local(attention);
        let address = window_event_listener(leptos::ev::hashchange, move |_| self.choose());
        let ages = set_interval_with_handle(move || update(self.now, clock::unix_ms()), AGES_EVERY);
        on_cleanup(move || {
            attention.dispose();
            address.remove();
            if let Ok(ages) = ages {
                ages.clear();
            }
        });
    }

    /// Reads the desk; `None` once the session has ended.
    pub fn read<T>(&self, read: impl FnOnce(&Desk) -> T) -> Option<T> {
        let driver = self.driver.try_get_value().flatten()?;
        Some(driver.with(read))
    }

    fn tell(&self, input: DeskInput) {
        if let Some(Some(driver)) = self.driver.try_get_value() {
            driver.update(move |desk, now| desk.handle(now, input));
        }
    }

    /// Does something in a thread.
    pub fn inside(&self, thread: ThreadId, input: Input) {
        self.tell(DeskInput::In(thread, input));
    }

    // What the agent does.

    /// Lists these threads only.
    pub fn set_show(&self, show: Show) {
        self.show.set(show);
        self.reorder();
    }

    /// Lists only what has these words.
    pub fn set_filter(&self, text: String) {
        self.filter.set(text);
        self.reorder();
    }

    /// Lets single letters do something, or not; kept in this browser.
    pub fn set_keys(&self, on: bool) {
        mount::set_single_keys(on);
        self.keys.set(on);
    }

    /// Tries to connect now.
    pub fn wake(&self) {
        self.tell(DeskInput::Rest(Input::Wake));
    }

    /// The composer of the open thread now holds this.
    pub fn set_draft(&self, text: String) {
        let Some((thread, _)) = self.selected.get_untracked() else { return };
        self.draft.set(text.clone());
        self.inside(thread, Input::Draft(text));
    }

    /// Sends what stands in the composer, if it may be sent.
    pub fn send(&self) {
        let Some((thread, _)) = self.selected.get_untracked() else { return };
        let body = Body::Text(self.draft.get_untracked());
        if body.check().is_err() {
            return;
        }
        let (cid, cts) = (self.random.with_value(Random::message_id), clock::unix_ms());
        if let Some(pane) = self.pane.get_value() {
            pane.jump(*self);
        }
        self.draft.set(String::new());
        self.inside(thread, Input::Submit { cid, cts, body });
    }

    /// Takes a rejected message back into the composer.
    pub fn edit(&self, thread: ThreadId, cid: ClientMessageId) {
        self.inside(thread, Input::Edit(cid));
    }

    /// The pane that shows the open thread; until it is gone it is kept up to date.
    pub fn attach(&self, pane: Pane) {
        self.pane.set_value(Some(pane));
        self.read(|desk| pane.refresh(*self, desk));
        let board = *self;
        on_cleanup(move || {
            board.pane.try_update_value(|held| {
                if held.is_some_and(|held| held.thread == pane.thread) {
                    *held = None;
                }
            });
        });
    }

    // What happens.

    fn look(&self, looking: bool) {
        update(self.attention, looking);
        if let Some(Some(pane)) = self.pane.try_get_value() {
            pane.look(*self);
        }
    }

    fn reorder(&self) {
        self.read(|desk| self.lines.set_order(self.order(desk)));
    }

    /// The address has changed.
    fn choose(&self) {
        self.open(self.read(wanted).flatten());
        self.reorder();
    }

    /// Makes this the open thread.
    fn open(&self, row: Option<Row>) {
        let before = self.selected.get_untracked();
        let after = row.as_ref().map(|row| (row.thread, row.number));
        if before == after {
            return;
        }
        let (mut draft, mut close) = (self.draft.get_untracked(), None);
        self.notes.update_value(|notes| {
            if let Some((thread, _)) = before {
                notes.drafts.push((thread, std::mem::take(&mut draft)));
            }
            notes.held = row.filter(|row| row.unread > 0).map(|row| row.thread);
            if let Some((thread, _)) = after {
                let kept = notes.drafts.iter().position(|(of, _)| *of == thread);
                draft = kept.map(|at| notes.drafts.swap_remove(at).1).unwrap_or_default();
                close = notes.open.used(thread);
            }
        });
        self.draft.set(draft);
        self.selected.set(after);
        // Told last: what the desk answers comes back here, and must find this done.
        if let Some((thread, _)) = before {
            self.inside(thread, Input::Draft(String::new()));
            self.inside(thread, Input::Viewing(false));
        }
        if let Some((thread, _)) = after {
            self.tell(DeskInput::Open(thread));
        }
        if let Some(thread) = close {
            self.tell(DeskInput::Close(thread));
        }
    }
}

/// The thread that the address names, once the list knows it.
fn wanted(desk: &Desk) -> Option<Row> {
    let number = mount::thread_in_address()?;
    desk.threads().find(|row| row.number == number).cloned()
}
