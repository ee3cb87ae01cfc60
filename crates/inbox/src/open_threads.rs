//! Which threads stay subscribed: the ones used last. Coming back to one of them shows it at once. Pure.

use rejoin_protocol::ThreadId;

/// An agent goes back and forth between about so many; each costs memory here and a subscription at the server,
/// which allows [`rejoin_protocol::limits::OPEN_THREADS_MAX`].
const KEPT_MAX: usize = 16;

/// The threads in use, the latest last.
#[derive(Clone, Debug, Default)]
pub struct OpenThreads(Vec<ThreadId>);

impl OpenThreads {
    /// Notes that a thread is used now; answers the one to close for it, if any.
    pub fn used(&mut self, thread: ThreadId) -> Option<ThreadId> {
        self.0.retain(|open| *open != thread);
        self.0.push(thread);
        (self.0.len() > KEPT_MAX).then(|| self.0.remove(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_not_used_for_longest_is_closed() {
        let id = |n: usize| ThreadId::from_bytes([n as u8; 16]);
        let mut open = OpenThreads::default();
        for n in 0..KEPT_MAX {
            assert_eq!(open.used(id(n)), None);
        }
        assert_eq!(open.used(id(0)), None, "used again");
        assert_eq!(open.used(id(99)), Some(id(1)));
    }
}
