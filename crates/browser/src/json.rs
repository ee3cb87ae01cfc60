//! JSON as our frames and records use it: objects, arrays, strings, whole numbers, true, false and null.
//!
//! `serde_json` reads everything, explains every error and knows fractions; in the browser that came to thirty thousand
//! bytes after brotli that no frame ever needed. This reads the same values from the same text (the tests compare the
//! two on every frame and on thousands of damaged texts) and says only that something is no value, which is all that a
//! client can do about it.
//!
//! Limits: at most 64 levels deep; a fraction counts as the whole number before it, and only ever stands in what is skipped.

mod read;
mod write;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use read::entries;

/// Not JSON, not the value that was wanted, or a value that cannot be written. What exactly is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error;

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not the JSON that was expected")
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Error
    }
    // The defaults would write a sentence for each that nobody reads.
    fn invalid_type(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Error
    }
    fn invalid_value(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Error
    }
    fn invalid_length(_: usize, _: &dyn serde::de::Expected) -> Self {
        Error
    }
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Error
    }
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Error
    }
    fn missing_field(_: &'static str) -> Self {
        Error
    }
    fn duplicate_field(_: &'static str) -> Self {
        Error
    }
}

impl serde::ser::Error for Error {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Error
    }
}

/// Reads a value that is the whole text.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut reader = read::Reader::new(text);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Writes a value.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, Error> {
    let mut text = String::new();
    value.serialize(write::Writer(&mut text))?;
    Ok(text)
}

#[cfg(test)]
mod tests;
