//! Where random ids come from.

/// A source of random bytes. The server's is the operating system's; the simulation's is seeded.
pub trait Ids: Send {
    /// Sixteen fresh random bytes.
    fn bytes16(&mut self) -> [u8; 16];
}
