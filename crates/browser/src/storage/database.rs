//! IndexedDB: one object store, key → JSON text. Every method answers `None` where the browser refuses.

use js_sys::{Array, Function, Promise, Reflect};
use rejoin_protocol::DeviceToken;
use rejoin_thread::{Record, Stored, Write};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Event, IdbDatabase, IdbFactory, IdbObjectStore, IdbRequest, IdbTransaction, IdbTransactionMode,
};

use crate::json;

const STORE: &str = "kv";

/// An open database.
#[derive(Clone, Debug)]
pub(super) struct Database(IdbDatabase);

/// Whether a database of this name exists, where browsers tell; asking makes none.
pub(super) async fn is_listed(name: &str) -> bool {
    let list = async {
        let factory = factory()?;
        let databases: Function = Reflect::get(&factory, &"databases".into()).ok()?.dyn_into().ok()?;
        let asked: Promise = databases.call0(&factory).ok()?.dyn_into().ok()?;
        JsFuture::from(asked).await.ok()?.dyn_into::<Array>().ok()
    };
    let is_ours = |entry: JsValue| {
        Reflect::get(&entry, &"name".into()).ok().and_then(|name| name.as_string()).is_some_and(|n| n == name)
    };
    list.await.is_some_and(|list| list.iter().any(is_ours))
}

impl Database {
    /// Opens it, making it if there is none; gives up after `limit_ms`.
    pub(super) async fn open(name: &str, limit_ms: i32) -> Option<Database> {
        let window = web_sys::window()?;
        let request = factory()?.open_with_u32(name, 1).ok()?;
        let make = {
            let request = request.clone();
            Closure::once(move || {
                let database = request.result().ok().and_then(|found| found.dyn_into::<IdbDatabase>().ok());
                database.map(|database| database.create_object_store(STORE).map(drop));
            })
        };
        request.set_onupgradeneeded(Some(make.as_ref().unchecked_ref()));
        let mut limit = None;
        let opened = Promise::new(&mut |resolve, reject| {
            request.set_onsuccess(Some(&resolve));
            request.set_onerror(Some(&reject));
            limit = window.set_timeout_with_callback_and_timeout_and_arguments_0(&reject, limit_ms).ok();
        });
        let opened = JsFuture::from(opened).await;
        if let Some(limit) = limit {
            window.clear_timeout_with_handle(limit);
        }
        opened.ok()?;
        let database: IdbDatabase = request.result().ok()?.dyn_into().ok()?;
        // Whoever wants to delete it (the person, clearing site data) is not made to wait for this page.
        let close: Function = Reflect::get(&database, &"close".into()).ok()?.dyn_into().ok()?;
        database.set_onversionchange(Some(&close.bind0(&database)));
        Some(Database(database))
    }

    /// Everything in it.
    pub(super) async fn load(&self) -> Option<Vec<Record>> {
        let (_, store) = self.store(IdbTransactionMode::Readonly)?;
        let texts: Array = done(&store.get_all().ok()?).await?.dyn_into().ok()?;
        let texts = texts.iter().filter_map(|text| text.as_string());
        Some(texts.filter_map(|text| json::from_str(&text).ok()).collect())
    }

    /// All of it, or nothing.
    pub(super) async fn write(&self, writes: &[Write]) -> Option<Stored> {
        let (transaction, store) = self.store(IdbTransactionMode::Readwrite)?;
        let mut claims = Vec::new();
        for write in writes {
            let key = JsValue::from(write.key());
            match write {
                Write::Claim(token) => claims.push((*token, Claim::ask(&store, &key, *token)?)),
                Write::Put(record) => drop(store.put_with_key(&value(record)?, &key).ok()?),
                Write::Settle(_) | Write::ForgetDraft => drop(store.delete(&key).ok()?),
            }
        }
        if claims.is_empty() {
            // At once, instead of when the page is asked whether more is to come: it may be gone by then.
            commit(&transaction);
        }
        committed(&transaction).await?;
        let mut stored = Stored::Kept;
        for (token, claim) in claims {
            let held = claim.held()?;
            if held != token {
                stored = Stored::Claimed(held);
            }
        }
        Some(stored)
    }

    /// Lets go of it.
    pub(super) fn close(&self) {
        self.0.close();
    }

    fn store(&self, mode: IdbTransactionMode) -> Option<(IdbTransaction, IdbObjectStore)> {
        let transaction = self.0.transaction_with_str_and_mode(STORE, mode).ok()?;
        let store = transaction.object_store(STORE).ok()?;
        Some((transaction, store))
    }
}

/// `add` fails where another tab was first; the `get` behind it, in the same transaction, says who holds.
struct Claim {
    get: IdbRequest,
    _tolerate: Closure<dyn FnMut(Event)>,
}

impl Claim {
    fn ask(store: &IdbObjectStore, key: &JsValue, token: DeviceToken) -> Option<Claim> {
        let add = store.add_with_key(&value(&Record::Token(token))?, key).ok()?;
        // Without this the failed `add` would undo the whole transaction.
        let tolerate: Closure<dyn FnMut(Event)> = Closure::new(|event: Event| {
            event.prevent_default();
            event.stop_propagation();
        });
        add.set_onerror(Some(tolerate.as_ref().unchecked_ref()));
        Some(Claim { get: store.get(key).ok()?, _tolerate: tolerate })
    }

    fn held(&self) -> Option<DeviceToken> {
        match json::from_str(&self.get.result().ok()?.as_string()?) {
            Ok(Record::Token(token)) => Some(token),
            Ok(Record::Draft(_) | Record::Outbox(_) | Record::Log(_)) | Err(_) => None,
        }
    }
}

/// Older browsers have no such method; there the transaction commits by itself a little later.
fn commit(transaction: &IdbTransaction) {
    let method = Reflect::get(transaction, &"commit".into()).ok();
    if let Some(commit) = method.and_then(|method| method.dyn_into::<Function>().ok()) {
        let _ = commit.call0(transaction);
    }
}

fn factory() -> Option<IdbFactory> {
    // By name, because it has to be one answer whether the browser lacks it or throws at the sight of it.
    Reflect::get(&JsValue::from(web_sys::window()?), &"indexedDB".into()).ok()?.dyn_into().ok()
}

fn value(record: &Record) -> Option<JsValue> {
    json::to_string(record).ok().map(JsValue::from)
}

async fn done(request: &IdbRequest) -> Option<JsValue> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(done).await.ok()?;
    request.result().ok()
}

async fn committed(transaction: &IdbTransaction) -> Option<()> {
    let done = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    JsFuture::from(done).await.ok().map(drop)
}
