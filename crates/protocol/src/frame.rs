//! How a frame is written: one JSON object with one key that names the frame, and beside it, where the
//! connection carries many threads, `t`.
//!
//! ```json
//! {"t":"0f…","send":{"cid":"9a…","cts":1700000000000,"body":{"text":"Hello"}}}
//! ```
//!
//! A name this version does not know becomes the enum's `Unknown` arm instead of an error, so that an older peer
//! can talk to a newer one; `must` asks the receiver to close rather than to ignore.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ThreadId;

/// A frame and, on an agent's connection, the thread it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<F> {
    /// The thread; absent on a customer's connection, which carries exactly one.
    pub t: Option<ThreadId>,
    /// The frame itself.
    pub frame: F,
}

impl<F> Envelope<F> {
    /// A frame of the connection's only thread, or of the connection as a whole.
    pub const fn plain(frame: F) -> Self {
        Envelope { t: None, frame }
    }

    /// A frame of one thread among many.
    pub const fn of(t: ThreadId, frame: F) -> Self {
        Envelope { t: Some(t), frame }
    }
}

/// A closed set of named values, written as `{"name": value}`; made by [`named!`].
pub trait Named: Sized {
    /// The name this value is written under.
    fn name(&self) -> &str;
    /// Reads the value under `name` from the map, unknown names included.
    fn read<'de, A: MapAccess<'de>>(name: &str, map: &mut A) -> Result<Self, A::Error>;
    /// Writes the value under its name into the map.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// What is read of a value whose name is unknown: only whether ignoring it is allowed. An object may say `must`;
/// everything else is ignorable.
pub(crate) fn probe<'de, A: MapAccess<'de>>(map: &mut A) -> Result<bool, A::Error> {
    map.next_value::<Probe>().map(|probe| probe.0)
}

struct Probe(bool);

impl<'de> Deserialize<'de> for Probe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ProbeVisitor).map(Probe)
    }
}

/// Written by hand: the derived way of trying one shape after another keeps a copy of the whole value, and its code.
struct ProbeVisitor;

impl<'de> Visitor<'de> for ProbeVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut must = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "must" {
                must = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(must)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(false)
    }
    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }
    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }
}

/// Declares a closed set of named values with an `Unknown` arm for what newer versions add.
macro_rules! named {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident($payload:ty) = $key:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant($payload),)*
            /// A name this version does not know.
            Unknown {
                /// The sender asks to be refused rather than ignored.
                must: bool,
            },
        }

        impl crate::frame::Named for $name {
            fn name(&self) -> &str {
                match self {
                    $($name::$variant(_) => $key,)*
                    $name::Unknown { .. } => "unknown",
                }
            }
            fn read<'de, A: serde::de::MapAccess<'de>>(name: &str, map: &mut A) -> Result<Self, A::Error> {
                Ok(match name {
                    $($key => $name::$variant(map.next_value()?),)*
                    _ => $name::Unknown { must: crate::frame::probe(map)? },
                })
            }
            fn write<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                match self {
                    $($name::$variant(value) => map.serialize_entry($key, value),)*
                    $name::Unknown { must } => map.serialize_entry("unknown", &std::collections::BTreeMap::from([("must", must)])),
                }
            }
        }

        impl $name {
            /// The name this value is written under, for logs and metrics.
            pub fn name(&self) -> &str {
                crate::frame::Named::name(self)
            }
        }
    };
    // A set that is also written on its own, as a field's value.
    ($(#[$meta:meta])* pub value enum $name:ident { $($rest:tt)* }) => {
        crate::frame::named! { $(#[$meta])* pub enum $name { $($rest)* } }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(Some(1))?;
                crate::frame::Named::write(self, &mut map)?;
                map.end()
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::frame::Envelope::<$name>::deserialize(deserializer).map(|envelope| envelope.frame)
            }
        }
    };
}
pub(crate) use named;

impl<F: Named> Serialize for Envelope<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + usize::from(self.t.is_some())))?;
        if let Some(t) = &self.t {
            map.serialize_entry("t", t)?;
        }
        self.frame.write(&mut map)?;
        map.end()
    }
}

impl<'de, F: Named> Deserialize<'de> for Envelope<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor(PhantomData))
    }
}

struct EnvelopeVisitor<F>(PhantomData<F>);

impl<'de, F: Named> Visitor<'de> for EnvelopeVisitor<F> {
    type Value = Envelope<F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with one key that names the frame")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut t = None;
        let mut frame: Option<F> = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "t" {
                t = map.next_value()?;
            } else if frame.is_none() {
                frame = Some(F::read(&key, &mut map)?);
            } else {
                return Err(A::Error::custom("more than one frame in one object"));
            }
        }
        frame.map(|frame| Envelope { t, frame }).ok_or_else(|| A::Error::custom("no frame in the object"))
    }
}
