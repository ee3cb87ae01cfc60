//! Checks that the simulation can switch off, to prove that it would notice.
//!
//! In a normal build `on` is the constant `true`. With the feature `mutants`, which only the test kit turns on, a
//! test may switch a guard off for its own OS thread and must then see the simulation fail.

/// A check that something important depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// A resend is recognised by its client id (I2). Without it every resend is appended anew.
    Dedupe,
    /// Only the next event in order is sent on from a note; a hole is read from the store (I3, S3).
    Contiguity,
    /// A position is only resumed on the very log it was taken on: epoch and last id agree (I10, S5).
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
