//! The arrows of `outbox.rs`.

use super::*;

#[test]
fn saving_to_queued_because_stored_and_only_then_sent() {
    let mut rig = Rig::known(0);
    assert_eq!(rig.say(1, "one"), ["persist! put:outbox/#1"]);
    assert_eq!(state(&rig, 1), Some(EntryState::Saving));
    assert_eq!(rig.stored(1), [SEND_1]);
    assert_eq!(state(&rig, 1), Some(EntryState::Sending(Time(0))));
}

#[test]
fn saving_to_queued_because_storage_failed_and_it_is_said() {
    let mut rig = Rig::known(0);
    rig.say(1, "one");
    assert_eq!(rig.feed(Input::Stored(cid(1), Stored::Failed)), [SEND_1]);
    assert!(!rig.thread.is_kept());
}

#[test]
fn one_on_its_way_at_a_time_in_the_order_of_composing() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    assert_eq!(rig.post(2, "two"), [""; 0]);
    assert_eq!(state(&rig, 2), Some(EntryState::Queued));
    let lines = rig.ack(1, 1);
    assert!(lines.iter().any(|line| line.contains(r##""cid":"#2""##)), "{lines:?}");
}

#[test]
fn sending_to_confirmed_because_of_the_receipt() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    assert_eq!(rig.ack(1, 1)[0], "persist drop:outbox/#1 put:log");
    assert_eq!(rig.screen(), "one Sent");
    assert_eq!(rig.thread.state_line(), StateLine::UpToDate);
}

#[test]
fn sending_to_confirmed_because_the_message_came_before_the_receipt() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    rig.frame(r##"{"ev":{"from":1,"evs":[{"seq":1,"id":"#101","ts":5,"kind":{"msg":{"by":"customer","cid":"#1","body":{"text":"one"}}}}]}}"##);
    assert_eq!(state(&rig, 1), None);
    rig.ack(1, 1);
    assert_eq!(rig.screen(), "one Sent", "the receipt that comes second adds nothing");
}

#[test]
fn sending_to_confirmed_because_it_was_sent_long_ago_and_lies_in_older_history() {
    let mut rig = Rig::known(0);
    rig.frame(&format!(
        r##"{{"snap":{{"as_of":7,"last":"#107","lo":6,"msgs":[{},{}]}}}}"##,
        common::agent_message(6),
        common::agent_message(7)
    ));
    rig.post(1, "one");
    rig.ack(1, 2);
    assert_eq!(rig.screen(), "a6, a7", "its place is in what is not held, not beside a gap");
}

#[test]
fn sending_to_queued_because_the_link_is_lost_and_resent_with_the_same_id() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    rig.feed(Input::Closed(1, 1006, None));
    assert_eq!(state(&rig, 1), Some(EntryState::Queued));
    assert_eq!(rig.thread.state_line(), StateLine::Offline(1));
    assert_eq!(rig.wait(), ["connect 2"]);
    rig.feed(Input::Opened(2));
    rig.frame(r#"{"welcome":{"me":"customer","now":0,"hb_ms":25000}}"#);
    let lines = rig.frame(r##"{"opened":{"mode":"resume","thread":"#1","epoch":"#2","head":0,"read":{"customer":{"read":0,"deliv":0},"agent":{"read":0,"deliv":0}}}}"##);
    assert_eq!(lines, [SEND_1.replacen('1', "2", 1)]);
}

#[test]
fn sending_to_queued_because_the_answer_is_overdue() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    assert_eq!(rig.after(9_999), [""; 0]);
    assert!(rig.after(1).contains(&SEND_1.to_owned()));
}

#[test]
fn sending_to_waiting_because_the_server_asks_to_come_back() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    rig.frame(r##"{"nack":{"cid":"#1","code":"rate","retry_ms":700}}"##);
    assert_eq!(state(&rig, 1), Some(EntryState::Waiting(Time(700))));
    assert_eq!(rig.screen(), "one Waiting");
    assert_eq!(rig.after(699), [""; 0]);
    assert_eq!(rig.after(1), [SEND_1]);
}

#[test]
fn sending_to_waiting_because_the_server_has_forgotten_the_subscription_which_is_renewed() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    let lines = rig.frame(r##"{"nack":{"cid":"#1","code":"not_open","retry_ms":1000}}"##);
    assert!(lines[0].starts_with(r#"1→ {"hello""#), "{lines:?}");
    assert!(matches!(state(&rig, 1), Some(EntryState::Waiting(_))));
}

#[test]
fn sending_to_rejected_does_not_block_the_next() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    rig.post(2, "two");
    let lines = rig.frame(r##"{"nack":{"cid":"#1","code":"blocked"}}"##);
    assert!(lines[0].contains(r##""cid":"#2""##));
    assert_eq!(rig.screen(), "one Rejected(Blocked), two Sending");
    rig.ack(2, 1);
    assert_eq!(rig.thread.state_line(), StateLine::NotSent(1));
}

#[test]
fn rejected_to_queued_because_retried_as_the_newest() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    rig.frame(r##"{"nack":{"cid":"#1","code":"blocked"}}"##);
    rig.post(2, "two");
    assert_eq!(rig.feed(Input::Retry(cid(1))), [""; 0], "its turn comes after what was said since");
    assert_eq!(rig.screen(), "two Sending, one Sending");
}

#[test]
fn rejected_to_gone_because_discarded_or_taken_back() {
    for take_back in [false, true] {
        let mut rig = Rig::known(0);
        rig.post(1, "one");
        rig.frame(r##"{"nack":{"cid":"#1","code":"blocked"}}"##);
        let lines = rig.feed(if take_back { Input::Edit(cid(1)) } else { Input::Discard(cid(1)) });
        assert_eq!(lines.contains(&r#"compose "one""#.to_owned()), take_back);
        assert!(lines.iter().any(|line| line.starts_with("persist drop:outbox/#1")));
        assert_eq!(rig.screen(), "");
    }
}

#[test]
fn what_may_be_in_the_log_cannot_be_discarded() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    rig.feed(Input::Discard(cid(1)));
    assert_eq!(rig.screen(), "one Sending");
}

#[test]
fn a_body_that_may_not_be_sent_never_enters() {
    let mut rig = Rig::known(0);
    assert_eq!(rig.say(1, "  \n"), [""; 0]);
    assert_eq!(rig.say(1, &"x".repeat(8_001)), [""; 0]);
    assert_eq!(rig.screen(), "");
}
