//! One test per arrow of the diagrams in `outbox.rs`, `link.rs` and `conversation/mod.rs`, named as the arrow.

#[path = "../common/mod.rs"]
mod common;

mod bootstrap;
mod link;
mod outbox;
mod reading;
mod sync;
mod typing;

use common::{Rig, cid, token};
use rejoin_protocol::{NackCode, close};
use rejoin_thread::{EntryState, Input, LinkState, Page, Record, StateLine, StopReason, Stored, Time};

fn state(rig: &Rig, n: u8) -> Option<EntryState> {
    rig.thread.conversation().outbox().get(cid(n)).map(|entry| entry.state)
}

const SEND_1: &str = r##"1→ {"send":{"cid":"#1","cts":1000,"body":{"text":"one"}}}"##;

/// A heartbeat with nothing new.
const HB: &str = r##"{"hb":{"heads":[["#1",0]],"now":0}}"##;

#[test]
fn a_refusal_that_is_unknown_is_final_and_keeps_the_text() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    rig.frame(r##"{"nack":{"cid":"#1","code":"something_new"}}"##);
    assert_eq!(state(&rig, 1), Some(EntryState::Rejected(NackCode::Unknown)));
}
