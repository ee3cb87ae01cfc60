//! Randomness from the browser's cryptographic source.

use std::fmt;

use rejoin_protocol::{ClientMessageId, DeviceId, DeviceToken, Secret};

/// This browser has no cryptographic randomness: no token can be made, so there can be no chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRandomness;

impl fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this browser has no crypto.getRandomValues")
    }
}

impl std::error::Error for NoRandomness {}

/// A source that has been tried.
#[derive(Clone, Debug)]
pub struct Random(web_sys::Crypto);

impl Random {
    /// The browser's source, if it has one that works.
    pub fn new() -> Result<Random, NoRandomness> {
        let crypto = web_sys::window().and_then(|window| window.crypto().ok()).ok_or(NoRandomness)?;
        crypto.get_random_values_with_u8_array(&mut [0; 1]).map_err(|_| NoRandomness)?;
        Ok(Random(crypto))
    }

    /// Fresh bytes. The source has been tried and does not fail for so few.
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let filled = self.0.get_random_values_with_u8_array(&mut bytes);
        debug_assert!(filled.is_ok(), "getRandomValues fails only for more than 65,536 bytes");
        bytes
    }

    /// The id of a message about to be sent.
    pub fn message_id(&self) -> ClientMessageId {
        ClientMessageId::from_bytes(self.bytes())
    }

    /// A device token nobody else has.
    pub fn token(&self) -> DeviceToken {
        DeviceToken { did: DeviceId::from_bytes(self.bytes()), secret: Secret::from_bytes(self.bytes()) }
    }

    /// A seed for jitter.
    pub fn seed(&self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }
}
