//! Identifiers as types of their own, never bare strings. All are random; none is made here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not an identifier of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdError {
    /// Not the fixed number of lowercase hexadecimal digits.
    NotHex {
        /// How many digits are wanted.
        digits: usize,
    },
    /// A site's name is 1 to 64 of `a-z`, `0-9` and `-`, and begins and ends with a letter or digit.
    NotASiteName,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdError::NotHex { digits } => write!(f, "want {digits} lowercase hexadecimal digits"),
            IdError::NotASiteName => f.write_str("a site's name is 1 to 64 of a-z, 0-9 and -"),
        }
    }
}

impl std::error::Error for IdError {}

/// Lowercase hexadecimal to bytes; `None` unless the text is exactly as long as the bytes need.
fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    if text.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use fmt::Write as _;
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
    bytes.iter().try_for_each(|byte| {
        f.write_char(digit(byte >> 4))?;
        f.write_char(digit(byte & 15))
    })
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $bytes:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Wraps random bytes.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                $name(bytes)
            }
            /// The bytes, as stored.
            pub const fn to_bytes(self) -> [u8; $bytes] {
                self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                from_hex(text).map($name).ok_or(IdError::NotHex { digits: $bytes * 2 })
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// The one thread of a customer with a site.
    ThreadId, 16
);
id!(
    /// One entry of a thread's log.
    MessageId, 16
);
id!(
    /// Made once by the sender's device when a message is composed, kept across every retry: the idempotency key.
    ClientMessageId, 16
);
id!(
    /// Fixed for the life of a log's numbering; changes when history is restored from a backup.
    Epoch, 16
);
id!(
    /// An agent of a site.
    AgentId, 16
);
id!(
    /// The public half of a device token.
    DeviceId, 8
);

/// The public name of a site, as it stands in the embed tag.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SiteName(String);

impl SiteName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SiteName {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = text.as_bytes();
        let edges = bytes.first().zip(bytes.last()).is_some_and(|(a, z)| plain(*a) && plain(*z));
        if edges && bytes.len() <= 64 && bytes.iter().all(|byte| plain(*byte) || *byte == b'-') {
            Ok(SiteName(text.to_owned()))
        } else {
            Err(IdError::NotASiteName)
        }
    }
}

impl fmt::Display for SiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SiteName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
