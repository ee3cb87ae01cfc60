//! Frames that arrived while a question is outstanding: in order, and never more than a fixed amount.

use std::collections::VecDeque;

use rejoin_protocol::{Body, ClientFrame, Envelope};

/// An agent who reconnects opens sixty threads, asks for the list and repeats what is unsent, all at once.
const FRAMES_MAX: usize = 256;

/// Text that waits: four of the longest frames.
const BYTES_MAX: usize = 256 * 1024;

/// What a frame takes besides its text.
const FRAME_BYTES: usize = 256;

#[derive(Default)]
pub(super) struct Waiting {
    frames: VecDeque<Envelope<ClientFrame>>,
    bytes: usize,
}

impl Waiting {
    /// Adds a frame at the end, or says that there is no room.
    pub(super) fn push(&mut self, envelope: Envelope<ClientFrame>) -> bool {
        let bytes = self.bytes + size(&envelope.frame);
        if self.frames.len() == FRAMES_MAX || bytes > BYTES_MAX {
            return false;
        }
        self.bytes = bytes;
        self.frames.push_back(envelope);
        true
    }

    pub(super) fn pop(&mut self) -> Option<Envelope<ClientFrame>> {
        let envelope = self.frames.pop_front()?;
        self.bytes -= size(&envelope.frame);
        if self.frames.is_empty() {
            // A queue that was long once does not keep its memory for the life of the connection.
            self.frames = VecDeque::new();
        }
        Some(envelope)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }
}

fn size(frame: &ClientFrame) -> usize {
    FRAME_BYTES
        + match frame {
            ClientFrame::Send(send) => match &send.body {
                Body::Text(text) => text.len(),
                Body::Unknown { .. } => 0,
            },
            ClientFrame::Hello(_)
            | ClientFrame::Open(_)
            | ClientFrame::Close(_)
            | ClientFrame::Read(_)
            | ClientFrame::Typing(_)
            | ClientFrame::Fetch(_)
            | ClientFrame::Inbox(_)
            | ClientFrame::Ping(_)
            | ClientFrame::Bye(_)
            | ClientFrame::Unknown { .. } => 0,
        }
}

#[cfg(test)]
mod tests {
    use rejoin_protocol::{ClientMessageId, Ping, Send};

    use super::*;

    fn send(chars: usize) -> Envelope<ClientFrame> {
        let cid = ClientMessageId::from_bytes([0; 16]);
        Envelope::plain(ClientFrame::Send(Send { cid, cts: 0, body: Body::Text("x".repeat(chars)) }))
    }

    #[test]
    fn holds_a_fixed_amount_and_is_empty_again_after() {
        let mut waiting = Waiting::default();
        let long = (0..100).take_while(|_| waiting.push(send(32_000))).count();
        assert_eq!(long, 8, "text is counted");
        while waiting.pop().is_some() {}
        assert_eq!((waiting.bytes, waiting.is_empty()), (0, true));
        let ping = || Envelope::plain(ClientFrame::Ping(Ping { n: 1 }));
        let short = (0..1_000).take_while(|_| waiting.push(ping())).count();
        assert_eq!(short, FRAMES_MAX, "frames are counted");
        assert!(waiting.pop().is_some() && waiting.push(ping()) && !waiting.push(ping()));
    }
}
