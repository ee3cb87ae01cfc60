//! The arrows of `conversation/mod.rs`.

use super::*;

#[test]
fn opening_to_catching_up_to_live() {
    let rig = Rig::known(2);
    assert_eq!(rig.thread.state_line(), StateLine::UpToDate);
    assert_eq!(rig.screen(), "--, a1, a2");
    assert_eq!(rig.thread.conversation().unread(), 2);
}

#[test]
fn live_to_catching_up_because_something_is_missing_and_back() {
    let mut rig = Rig::known(2);
    let lines = rig.ev(5);
    assert!(lines.contains(&r#"1→ {"fetch":{"q":1,"from":3,"to":4,"limit":50}}"#.to_owned()), "{lines:?}");
    assert_eq!(rig.screen(), "--, a1, a2, [3+2], a5");
    assert_eq!(rig.thread.state_line(), StateLine::CatchingUp);
    assert_eq!(rig.thread.conversation().position().unwrap().seq, 2);
    rig.frame(&format!(
        r##"{{"page":{{"q":1,"epoch":"#2","lo":3,"hi":4,"msgs":[{},{}]}}}}"##,
        common::agent_message(3),
        common::agent_message(4)
    ));
    assert_eq!(rig.screen(), "--, a1, a2, a3, a4, a5");
    assert_eq!(rig.thread.state_line(), StateLine::UpToDate);
}

#[test]
fn live_to_opening_because_no_progress_and_then_a_new_connection() {
    let mut rig = Rig::known(2);
    rig.frame(r##"{"hb":{"heads":[["#1",3]],"now":0}}"##);
    assert_eq!(rig.thread.state_line(), StateLine::CatchingUp);
    let lines = rig.after(3_000);
    assert!(lines.iter().any(|line| line.starts_with(r#"1→ {"hello""#)), "{lines:?}");
    let lines = rig.after(15_000);
    assert!(lines.contains(&"disconnect 1".to_owned()), "{lines:?}");
}

#[test]
fn live_to_opening_because_a_heartbeat_does_not_know_the_thread() {
    let mut rig = Rig::known(2);
    let lines = rig.frame(r#"{"hb":{"heads":[],"now":0}}"#);
    assert!(lines.iter().any(|line| line.starts_with(r#"1→ {"hello""#)), "{lines:?}");
}

#[test]
fn an_event_that_is_here_already_changes_nothing() {
    let mut rig = Rig::known(2);
    rig.ev(2);
    rig.ev(1);
    assert_eq!(rig.screen(), "--, a1, a2");
}

#[test]
fn a_reset_drops_what_is_confirmed_and_keeps_what_is_not() {
    let mut rig = Rig::known(2);
    rig.post(1, "one");
    rig.feed(Input::Closed(1, 1006, None));
    rig.wait();
    rig.feed(Input::Opened(2));
    rig.frame(r#"{"welcome":{"me":"customer","now":0,"hb_ms":25000}}"#);
    rig.frame(r##"{"opened":{"mode":"reset","thread":"#1","epoch":"#3","head":0,"read":{"customer":{"read":0,"deliv":0},"agent":{"read":0,"deliv":0}}}}"##);
    assert_eq!(rig.screen(), "one Sending");
}

#[test]
fn a_resume_of_another_log_is_not_believed() {
    let mut rig = Rig::known(2);
    rig.feed(Input::Closed(1, 1006, None));
    rig.wait();
    rig.feed(Input::Opened(2));
    rig.frame(r#"{"welcome":{"me":"customer","now":0,"hb_ms":25000}}"#);
    let lines = rig.frame(r##"{"opened":{"mode":"resume","thread":"#1","epoch":"#3","head":9,"read":{"customer":{"read":0,"deliv":0},"agent":{"read":0,"deliv":0}}}}"##);
    assert!(lines.contains(&r#"2→ {"hello":{"v":1,"site":"demo","tok":"token1"}}"#.to_owned()), "{lines:?}");
    assert_eq!(rig.screen(), "");
}

#[test]
fn a_snapshot_far_ahead_leaves_an_explicit_gap_that_can_be_filled() {
    let mut rig = Rig::known(2);
    rig.feed(Input::Closed(1, 1006, None));
    rig.wait();
    rig.feed(Input::Opened(2));
    rig.frame(r#"{"welcome":{"me":"customer","now":0,"hb_ms":25000}}"#);
    rig.frame(r##"{"opened":{"mode":"snapshot","thread":"#1","epoch":"#2","head":7,"read":{"customer":{"read":0,"deliv":0},"agent":{"read":0,"deliv":0}}}}"##);
    rig.frame(&format!(
        r##"{{"snap":{{"as_of":7,"last":"#107","lo":6,"msgs":[{},{}]}}}}"##,
        common::agent_message(6),
        common::agent_message(7)
    ));
    rig.frame(r#"{"synced":{"head":7}}"#);
    assert_eq!(rig.screen(), "--, a1, a2, [3+3], a6, a7");
    assert_eq!(rig.thread.state_line(), StateLine::UpToDate);
    assert_eq!(rig.feed(Input::Fill(3)), [r#"2→ {"fetch":{"q":1,"from":3,"to":5,"limit":50}}"#]);
}
