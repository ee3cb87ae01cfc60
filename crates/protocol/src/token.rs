//! Secrets: types that cannot be printed by accident. `Debug` shows the public half only and there is no `Display`;
//! the one way out is [`DeviceToken::expose`], which a search of the code finds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::DeviceId;

/// Fixed prefix of a device token, so that secret scanners know one when they see it.
const PREFIX: &str = "rj1_";

/// 256 random bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Wraps random bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Secret(bytes)
    }

    /// The bytes, for hashing.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The secret as 43 characters of unpadded base64url.
    pub fn expose_text(&self) -> String {
        let mut text = String::with_capacity(43);
        for chunk in self.0.chunks(3) {
            let word = chunk
                .iter()
                .enumerate()
                .fold(0u32, |word, (i, byte)| word | u32::from(*byte) << (16 - 8 * i));
            for i in 0..=chunk.len() {
                text.push(char::from(ALPHABET[(word >> (18 - 6 * i) & 63) as usize]));
            }
        }
        text
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl FromStr for Secret {
    type Err = TokenError;
    fn from_str(text: &str) -> Result<Self, TokenError> {
        let mut bytes = [0u8; 32];
        if text.len() != 43 {
            return Err(TokenError);
        }
        let mut filled = 0;
        let (mut word, mut bits) = (0u32, 0);
        for byte in text.bytes() {
            let value = ALPHABET.iter().position(|letter| *letter == byte).ok_or(TokenError)?;
            word = word << 6 | value as u32;
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                bytes[filled] = (word >> bits) as u8;
                filled += 1;
                word &= (1 << bits) - 1;
            }
        }
        // 43 characters carry 258 bits: the two left over must be zero, so that one secret has one spelling.
        if word == 0 { Ok(Secret(bytes)) } else { Err(TokenError) }
    }
}

/// The text is no token. Deliberately says nothing of what was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenError;

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a token")
    }
}

impl std::error::Error for TokenError {}

/// What a customer's device holds: `rj1_<16 hex>_<43 base64url>`. Made by the client before its first message;
/// the server keeps the id and a hash of the secret. Never in a URL, never in a log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeviceToken {
    /// Public: names the device.
    pub did: DeviceId,
    /// Proves it.
    pub secret: Secret,
}

impl DeviceToken {
    /// The whole token as text: for the wire and for the browser's own storage, nothing else.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}_{}", self.did, self.secret.expose_text())
    }
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceToken({}, …)", self.did)
    }
}

impl FromStr for DeviceToken {
    type Err = TokenError;
    fn from_str(text: &str) -> Result<Self, TokenError> {
        let (did, secret) =
            text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_')).ok_or(TokenError)?;
        Ok(DeviceToken { did: did.parse().map_err(|_| TokenError)?, secret: secret.parse()? })
    }
}

impl Serialize for DeviceToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.expose())
    }
}

impl<'de> Deserialize<'de> for DeviceToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A single-use pass that a signed-in agent's page fetches over HTTP and names in its `hello`: browsers cannot set
/// headers on a WebSocket, and a cookie on one would be open to cross-site hijacking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ticket(pub Secret);

impl Serialize for Ticket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.expose_text())
    }
}

impl<'de> Deserialize<'de> for Ticket {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map(Ticket).map_err(serde::de::Error::custom)
    }
}
