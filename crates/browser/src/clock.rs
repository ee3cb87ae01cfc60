//! The clocks of this device.

use rejoin_thread::Time;

/// Milliseconds that never go back, for the core.
pub fn now() -> Time {
    let ms = web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now());
    Time(ms as u64)
}

/// The time of day, in ms since 1970; wrong wherever the device's clock is wrong.
pub fn unix_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// Minutes to add to UTC for the local time of now.
pub fn zone_min() -> i32 {
    -(js_sys::Date::new_0().get_timezone_offset() as i32)
}
