//! What must be true. A plain list of what was said and what was promised about it, compared with the log and with
//! every screen.

use std::collections::{BTreeMap, BTreeSet};

use rejoin_protocol::{Body, ClientMessageId, Event, EventKind, Side};

/// What became of a message that somebody sent.
#[derive(Clone, Debug)]
struct Said {
    side: Side,
    text: String,
    /// Which life of which page composed it, and its place there.
    by: (usize, u32),
    /// It is in the storage of its device.
    kept: bool,
    /// The server has acknowledged it to somebody.
    acked: bool,
    /// A restore took it away, after it was acknowledged: nobody promised to bring it back.
    taken: bool,
}

/// Everything that was said, in order.
#[derive(Clone, Debug, Default)]
pub struct Model {
    said: BTreeMap<ClientMessageId, Said>,
    order: Vec<ClientMessageId>,
}

impl Model {
    pub(crate) fn says(&mut self, cid: ClientMessageId, side: Side, text: String, by: (usize, u32)) {
        self.said.insert(cid, Said { side, text, by, kept: false, acked: false, taken: false });
        self.order.push(cid);
    }

    pub(crate) fn kept(&mut self, cid: ClientMessageId) {
        if let Some(said) = self.said.get_mut(&cid) {
            said.kept = true;
        }
    }

    pub(crate) fn acked(&mut self, cid: ClientMessageId) {
        if let Some(said) = self.said.get_mut(&cid) {
            said.acked = true;
        }
    }

    /// A restore took these away.
    pub(crate) fn taken(&mut self, events: &[Event]) {
        for cid in events.iter().filter_map(|event| name(event).map(|(_, cid)| cid)) {
            if let Some(said) = self.said.get_mut(&cid) {
                said.taken = true;
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether everything that must arrive has arrived; if not, what has not.
    pub(crate) fn check_arrived(&self, log: &[Event]) -> Result<(), String> {
        let there: BTreeSet<ClientMessageId> =
            log.iter().filter_map(|event| name(event).map(|(_, cid)| cid)).collect();
        let due = |said: &Said| (said.kept || said.acked) && !said.taken;
        match self.said.iter().find(|(cid, said)| due(said) && !there.contains(cid)) {
            Some((cid, said)) => Err(format!("{cid} has not arrived: {said:?}")),
            None => Ok(()),
        }
    }

    /// Compares the log with what was said: I1 to I3, I7 and I14.
    pub(crate) fn check_log(&self, log: &[Event]) -> Result<(), String> {
        let mut places = BTreeMap::new();
        for (event, seq) in log.iter().zip(1..) {
            if event.seq != seq {
                return Err(format!("I3: {} stands in place {seq}", event.seq));
            }
            let Some((side, cid)) = name(event) else { continue };
            if places.insert((side, cid), seq).is_some() {
                return Err(format!("I2: {cid} is in the log twice"));
            }
            let Some(said) = self.said.get(&cid) else { return Err(format!("nobody said {cid}")) };
            if said.side != side || text(event) != Some(&said.text) {
                return Err(format!("{cid} is not what was said"));
            }
        }
        let mut latest: BTreeMap<(usize, u32), u64> = BTreeMap::new();
        for cid in &self.order {
            let said = &self.said[cid];
            match places.get(&(said.side, *cid)) {
                // One that a restore took away may be offered again by a tab that still had it, in a later place; one
                // that its browser could not keep may be overtaken by those that another tab finds in storage.
                Some(_) if said.taken || !said.kept => {}
                Some(seq) => {
                    let before = latest.entry(said.by).or_default();
                    if *before >= *seq {
                        return Err(format!("I7: {cid} at {seq} was said after the one at {before}"));
                    }
                    *before = *seq;
                }
                None if said.taken => {}
                None if said.acked => return Err(format!("I1: {cid} was acknowledged and is gone")),
                None if said.kept => return Err(format!("I14: {cid} was kept and never arrived")),
                None => {}
            }
        }
        Ok(())
    }
}

fn name(event: &Event) -> Option<(Side, ClientMessageId)> {
    match &event.kind {
        EventKind::Msg(posted) => Some((posted.by.side(), posted.cid)),
        EventKind::Unknown { .. } => None,
    }
}

fn text(event: &Event) -> Option<&String> {
    match &event.kind {
        EventKind::Msg(posted) => match &posted.body {
            Body::Text(text) => Some(text),
            Body::Unknown { .. } => None,
        },
        EventKind::Unknown { .. } => None,
    }
}
