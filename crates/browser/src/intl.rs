//! Times, days and numbers in the words of a language, by the browser's own tables.

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Formats for one language.
#[derive(Clone, Debug)]
pub struct Dates {
    time: Option<Function>,
    day: Option<Function>,
    day_with_year: Option<Function>,
    moment: Option<Function>,
    relative: Option<Intl::RelativeTimeFormat>,
}

impl Dates {
    /// For a BCP 47 tag; the browser's own language stands in for one that is none.
    pub fn new(locale: &str) -> Dates {
        Dates {
            time: formatter(locale, &[("timeStyle", "short")]),
            day: formatter(locale, &[("weekday", "long"), ("day", "numeric"), ("month", "long")]),
            day_with_year: formatter(locale, &[("day", "numeric"), ("month", "long"), ("year", "numeric")]),
            moment: formatter(locale, &[("dateStyle", "full"), ("timeStyle", "short")]),
            relative: relative(locale),
        }
    }

    /// The time of day of a moment in ms since 1970, as "14:02".
    pub fn time(&self, unix_ms: u64) -> String {
        format(&self.time, unix_ms)
    }

    /// Day and time in full, for a machine-spoken or hovered text.
    pub fn moment(&self, unix_ms: u64) -> String {
        format(&self.moment, unix_ms)
    }

    /// The day of a moment as seen from `now_ms`: "today", "yesterday", "Monday, 3 March", or with the year where it is
    /// another one. Where it stands alone it wants a capital letter, which is a matter of style (`::first-letter`).
    pub fn day(&self, unix_ms: u64, now_ms: u64) -> String {
        let days_ago = midnight(now_ms) - midnight(unix_ms);
        let same_year = Date::new(&(unix_ms as f64).into()).get_full_year()
            == Date::new(&(now_ms as f64).into()).get_full_year();
        match (days_ago, &self.relative) {
            (0 | 1, Some(relative)) => relative.format(f64::from(-(days_ago as i32)), "day").into(),
            _ if same_year => format(&self.day, unix_ms),
            _ => format(&self.day_with_year, unix_ms),
        }
    }
}

/// The local day, counted from 1970; noon-based rounding, so that a day of 23 or 25 hours is one day.
fn midnight(unix_ms: u64) -> i64 {
    let date = Date::new(&(unix_ms as f64).into());
    date.set_hours(12);
    (date.get_time() / 86_400_000.0 - date.get_timezone_offset() / 1_440.0) as i64
}

fn format(formatter: &Option<Function>, unix_ms: u64) -> String {
    let date = Date::new(&(unix_ms as f64).into());
    let text = formatter.as_ref().and_then(|format| format.call1(&JsValue::UNDEFINED, &date).ok());
    text.and_then(|text| text.as_string()).unwrap_or_default()
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in pairs {
        let _ = Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    options
}

/// `new Intl.NAME(locale, options)`; with the browser's language if the tag is none.
fn construct(name: &str, locale: &str, options: &Object) -> Option<JsValue> {
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let class: Function = Reflect::get(&intl, &name.into()).ok()?.dyn_into().ok()?;
    let make = |locale: JsValue| Reflect::construct(&class, &Array::of2(&locale, options)).ok();
    make(JsValue::from_str(locale)).or_else(|| make(JsValue::UNDEFINED))
}

fn formatter(locale: &str, pairs: &[(&str, &str)]) -> Option<Function> {
    let format = construct("DateTimeFormat", locale, &options(pairs))?;
    Reflect::get(&format, &"format".into()).ok()?.dyn_into().ok()
}

fn relative(locale: &str) -> Option<Intl::RelativeTimeFormat> {
    construct("RelativeTimeFormat", locale, &options(&[("numeric", "auto")]))?.dyn_into().ok()
}
