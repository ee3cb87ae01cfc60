//! The confirmed messages: ordered runs with explicit gaps between them.
//!
//! ```text
//!  1        40      61    75     80        ← sequence numbers
//!  [────────]  gap  [─────] gap  [──…
//! ```
//!
//! A run covers every event of its range, whether or not it shows as a message, so that "we know what lies here" and
//! "something lies here that we lack" are different values and never a guess. A `Vec` of runs is enough for one
//! thread; the idea of gaps as first-class items is matrix-rust-sdk's linked chunk.

use rejoin_protocol::{ClientMessageId, Message, MessageId, Side};

/// A stretch without holes: everything in `lo..=hi` is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// First sequence number covered.
    pub lo: u64,
    /// Last sequence number covered.
    pub hi: u64,
    /// The id of the event at `hi`, where known.
    pub last: Option<MessageId>,
    /// The messages among the events, in order.
    pub messages: Vec<Message>,
}

/// All that is held of a thread's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    runs: Vec<Run>,
}

impl History {
    /// The runs, in order, never touching each other.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The messages, in order, gaps not marked.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.runs.iter().flat_map(|run| &run.messages)
    }

    /// Whether the event at `seq` is covered.
    pub fn covers(&self, seq: u64) -> bool {
        self.run_of(seq).is_some()
    }

    /// The run that covers `seq`.
    pub fn run_of(&self, seq: u64) -> Option<&Run> {
        self.runs.iter().rev().find(|run| run.lo <= seq && seq <= run.hi)
    }

    /// How far the log is known without a hole, counting from `seq` (which counts as known itself).
    pub fn contiguous_from(&self, seq: u64) -> u64 {
        self.run_of(seq + 1).or_else(|| self.run_of(seq)).map_or(seq, |run| run.hi.max(seq))
    }

    /// The first hole above `seq` that has something known behind it, as an inclusive range.
    pub fn gap_above(&self, seq: u64) -> Option<(u64, u64)> {
        let known = self.contiguous_from(seq);
        self.runs.iter().find(|run| run.lo > known + 1).map(|run| (known + 1, run.lo - 1))
    }

    /// The message its sender named `cid`.
    pub fn find(&self, side: Side, cid: ClientMessageId) -> Option<&Message> {
        self.messages().rev().find(|message| message.cid == cid && message.by.side() == side)
    }

    /// Takes in what `lo..=hi` brought. Ranges may overlap what is held, touch it, or stand apart; what is known
    /// stays as it is ((epoch, seq) names one event for ever). An empty range (`lo > hi`) changes nothing.
    pub fn absorb(&mut self, lo: u64, hi: u64, last: Option<MessageId>, messages: Vec<Message>) {
        if lo > hi {
            return;
        }
        let touches = |run: &Run| run.lo <= hi.saturating_add(1) && lo <= run.hi.saturating_add(1);
        let start = self.runs.iter().position(touches);
        let Some(start) = start else {
            let at = self.runs.iter().position(|run| run.lo > hi).unwrap_or(self.runs.len());
            self.runs.insert(at, Run { lo, hi, last, messages });
            return;
        };
        let end = start + self.runs[start..].iter().take_while(|run| touches(run)).count();
        // The common case, an event right after the newest run, costs no copy.
        if end == start + 1 && lo == self.runs[start].hi + 1 {
            let run = &mut self.runs[start];
            run.messages.extend(messages);
            (run.hi, run.last) = (hi, last);
            return;
        }
        self.merge(start, end, Run { lo, hi, last, messages });
    }

    fn merge(&mut self, start: usize, end: usize, new: Run) {
        let mut merged = Run { lo: new.lo, hi: 0, last: None, messages: Vec::new() };
        let mut messages = new.messages;
        for old in self.runs.drain(start..end) {
            merged.lo = merged.lo.min(old.lo);
            messages.retain(|message| message.seq < old.lo || message.seq > old.hi);
            if old.hi >= merged.hi {
                (merged.hi, merged.last) = (old.hi, old.last);
            }
            merged.messages.extend(old.messages);
        }
        if new.hi > merged.hi || (new.hi == merged.hi && merged.last.is_none()) {
            (merged.hi, merged.last) = (new.hi, new.last);
        }
        // Not by sorting: what is new fills few places, and a sort is five kilobytes in every visitor's browser.
        for message in messages {
            let at = merged.messages.partition_point(|held| held.seq < message.seq);
            merged.messages.insert(at, message);
        }
        self.runs.insert(start, merged);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.runs.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rejoin_protocol::{Author, Body};

    fn message(seq: u64) -> Message {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&seq.to_be_bytes());
        Message {
            seq,
            id: MessageId::from_bytes(id),
            ts: seq * 1000,
            by: Author::Customer,
            cid: ClientMessageId::from_bytes(id),
            body: Body::Text(format!("{seq}")),
        }
    }

    /// `[1..3] gap [6..6]` reads as `1-3 6-6`.
    fn shape(history: &History) -> String {
        history.runs().iter().map(|run| format!("{}-{}", run.lo, run.hi)).collect::<Vec<_>>().join(" ")
    }

    fn absorb(history: &mut History, lo: u64, hi: u64) {
        let messages: Vec<Message> = (lo..=hi).map(message).collect();
        history.absorb(lo, hi, messages.last().map(|last| last.id), messages);
    }

    #[test]
    fn ranges_join_where_they_touch_and_stay_apart_where_they_do_not() {
        let cases: [(&[(u64, u64)], &str); 8] = [
            (&[(1, 3)], "1-3"),
            (&[(1, 3), (4, 4)], "1-4"),
            (&[(1, 3), (6, 6)], "1-3 6-6"),
            (&[(6, 6), (1, 3)], "1-3 6-6"),
            (&[(1, 3), (6, 6), (4, 5)], "1-6"),
            (&[(1, 3), (6, 9), (2, 7)], "1-9"),
            (&[(4, 6), (1, 9)], "1-9"),
            (&[(1, 9), (4, 6), (3, 2)], "1-9"),
        ];
        for (ranges, want) in cases {
            let mut history = History::default();
            for (lo, hi) in ranges {
                absorb(&mut history, *lo, *hi);
            }
            assert_eq!(shape(&history), want, "{ranges:?}");
            for run in history.runs() {
                let seqs: Vec<u64> = run.messages.iter().map(|message| message.seq).collect();
                assert_eq!(seqs, (run.lo..=run.hi).collect::<Vec<_>>(), "each message once, in order");
                assert_eq!(run.last, Some(message(run.hi).id));
            }
        }
    }

    #[test]
    fn a_gap_is_the_hole_between_what_is_known() {
        let mut history = History::default();
        assert_eq!(history.gap_above(0), None);
        absorb(&mut history, 5, 6);
        assert_eq!(history.gap_above(0), Some((1, 4)));
        absorb(&mut history, 1, 2);
        assert_eq!(history.gap_above(0), Some((3, 4)));
        assert_eq!(history.gap_above(2), Some((3, 4)));
        assert_eq!(history.contiguous_from(0), 2);
        assert_eq!(history.contiguous_from(4), 6);
        assert_eq!(history.gap_above(4), None);
    }
}
