//! Why something is refused, and what the client does about it. The only table of retry policy in the project.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a refusal asks of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The same thing, later, can succeed.
    Transient,
    /// It never will: show it to the person, keep the text, do not block what follows.
    Permanent,
    /// Who you are must be settled first.
    Unauthorised,
}

/// A set of codes written as one word each; an unknown word from a newer server keeps a safe meaning.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal => $class:ident,)* } unknown => $unknown:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// A word this version does not know.
            Unknown,
        }

        impl $name {
            /// What it asks of the client.
            pub const fn class(self) -> Class {
                match self {
                    $($name::$variant => Class::$class,)*
                    $name::Unknown => Class::$unknown,
                }
            }
            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                    $name::Unknown => "unknown",
                }
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = Cow::<'de, str>::deserialize(deserializer)?;
                Ok(match &*word {
                    $($word => $name::$variant,)*
                    _ => $name::Unknown,
                })
            }
        }
    };
}

codes! {
    /// Why a `send` is not in the log.
    NackCode {
        /// Too many; comes with `retry_ms`.
        Rate = "rate" => Transient,
        /// The server cannot commit just now; comes with `retry_ms`.
        Busy = "busy" => Transient,
        /// The body is longer than [`crate::limits::BODY_CHARS_MAX`].
        TooBig = "too_big" => Permanent,
        /// The body is empty or of a kind the server does not know.
        BadBody = "bad_body" => Permanent,
        /// The site refuses messages from this sender.
        Blocked = "blocked" => Permanent,
        /// The same id was used for another text.
        CidConflict = "cid_conflict" => Permanent,
        /// The thread is no more.
        Gone = "gone" => Permanent,
        /// No thread is open here to append to.
        NotOpen = "not_open" => Transient,
    } unknown => Permanent
}

codes! {
    /// What is wrong with a frame or a request.
    ErrorCode {
        /// Not JSON, not UTF-8, or a field is missing or of the wrong kind.
        BadFrame = "bad_frame" => Permanent,
        /// Larger than [`crate::limits::CLIENT_FRAME_BYTES_MAX`].
        TooLarge = "too_large" => Permanent,
        /// A frame the server must understand and does not.
        UnknownFrame = "unknown_frame" => Permanent,
        /// Anything before `hello`, or no `hello` in time.
        HelloFirst = "hello_first" => Permanent,
        /// The page's origin is not on the site's list.
        Origin = "origin" => Permanent,
        /// There is no such site.
        Site = "site" => Permanent,
        /// Another version of the protocol.
        Version = "version" => Permanent,
        /// The token is wrong: the device is known, the secret is not.
        Auth = "auth" => Unauthorised,
        /// The device was removed.
        Revoked = "revoked" => Unauthorised,
        /// Too many.
        Rate = "rate" => Transient,
        /// The server is overloaded or going away.
        Unavailable = "unavailable" => Transient,
        /// Not found, or not yours: which of the two is not said.
        NotFound = "not_found" => Permanent,
    } unknown => Transient
}
