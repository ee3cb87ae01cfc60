//! Checks that the simulation can switch off, to prove that it would notice.
//!
//! In a normal build `on` is the constant `true`. With the feature `mutants`, which only the test kit turns on, a
//! test may switch a guard off for its own OS thread and must then see the simulation fail.

/// A check that something important depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The cursor moves over a contiguous prefix only (C2).
    Contiguity,
    /// Nothing is applied under another epoch than the stored one (I10).
    Epoch,
}

/// Whether the guard is in force.
#[cfg(not(feature = "mutants"))]
pub(crate) const fn on(_guard: Guard) -> bool {
    true
}

#[cfg(feature = "mutants")]
thread_local! {
    static OFF: std::cell::Cell<Option<Guard>> = const { std::cell::Cell::new(None) };
}

/// Whether the guard is in force.
#[cfg(feature = "mutants")]
pub(crate) fn on(guard: Guard) -> bool {
    OFF.get() != Some(guard)
}

/// Runs `f` with one guard off on this OS thread.
#[cfg(feature = "mutants")]
pub fn without<T>(guard: Guard, f: impl FnOnce() -> T) -> T {
    OFF.set(Some(guard));
    let result = f();
    OFF.set(None);
    result
}
