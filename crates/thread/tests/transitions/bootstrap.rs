//! From nothing, or from what was kept, to a thread.

use super::*;

#[test]
fn nothing_is_written_before_the_customer_acts_and_the_token_before_the_first_send() {
    let mut rig = Rig::new();
    rig.feed(Input::Restored(vec![]));
    rig.feed(Input::Viewing(true));
    assert_eq!(rig.feed(Input::Opened(1)), [r#"1→ {"hello":{"v":1,"site":"demo"}}"#]);
    rig.frame(r#"{"welcome":{"me":"customer","now":0,"hb_ms":25000}}"#);
    rig.frame(r#"{"opened":{"mode":"new","head":0,"read":{"customer":{"read":0,"deliv":0},"agent":{"read":0,"deliv":0}}}}"#);
    rig.frame(r#"{"synced":{"head":0}}"#);
    assert_eq!(rig.say(1, "one"), ["persist! claim:token put:outbox/#1"]);
    assert_eq!(rig.stored(1), [r#"1→ {"hello":{"v":1,"site":"demo","tok":"token1"}}"#]);
    rig.frame(r#"{"welcome":{"me":"customer","now":0,"hb_ms":25000}}"#);
    let lines = rig.frame(r#"{"opened":{"mode":"new","head":0,"read":{"customer":{"read":0,"deliv":0},"agent":{"read":0,"deliv":0}}}}"#);
    assert_eq!(lines, [SEND_1]);
    rig.frame(r#"{"synced":{"head":0}}"#);
    rig.ack(1, 1);
    assert_eq!(rig.screen(), "one Sent");
    assert_eq!(rig.thread.state_line(), StateLine::UpToDate);
}

#[test]
fn another_tab_was_first_its_token_holds() {
    let mut rig = Rig::new();
    rig.feed(Input::Restored(vec![]));
    rig.feed(Input::Viewing(true));
    rig.feed(Input::Opened(1));
    rig.frame(r#"{"welcome":{"me":"customer","now":0,"hb_ms":25000}}"#);
    rig.say(1, "one");
    let lines = rig.feed(Input::Stored(cid(1), Stored::Claimed(token(2))));
    assert_eq!(lines, [r#"1→ {"hello":{"v":1,"site":"demo","tok":"token2"}}"#]);
}

#[test]
fn an_outbox_from_before_the_crash_is_sent_first_and_in_order() {
    let outbox = |n: u8| {
        let body = rejoin_protocol::Body::Text(format!("m{n}"));
        Record::Outbox(rejoin_thread::OutboxRecord { cid: cid(n), cts: u64::from(n), body, thread: None })
    };
    let mut rig = Rig::new();
    rig.feed(Input::Restored(vec![
        outbox(2),
        Record::Token(token(1)),
        outbox(1),
        Record::Draft("half".into()),
    ]));
    assert_eq!(rig.screen(), "m1 Waiting, m2 Waiting");
    assert_eq!(rig.thread.draft(), "half");
}

#[test]
fn an_outbox_of_an_app_with_other_limits_is_not_lost() {
    let body = rejoin_protocol::Body::Text("x".repeat(rejoin_protocol::limits::BODY_CHARS_MAX + 1));
    let record = rejoin_thread::OutboxRecord { cid: cid(1), cts: 1, body, thread: None };
    let mut rig = Rig::known(0);
    rig.feed(Input::Restored(vec![Record::Outbox(record)]));
    assert!(matches!(state(&rig, 1), Some(EntryState::Sending(_))), "the server says what becomes of it");
}

#[test]
fn a_kept_page_is_shown_before_there_is_a_connection() {
    let mut before = Rig::known(2);
    before.feed(Input::Seen(2));
    let log = before.thread.conversation().log_record().unwrap();
    let mut rig = Rig::new();
    rig.feed(Input::Restored(vec![Record::Token(token(1)), Record::Log(Box::new(log))]));
    assert_eq!(rig.screen(), "a1, a2");
    assert_eq!(rig.thread.state_line(), StateLine::Connecting);
    let lines = rig.feed(Input::Opened(1));
    assert_eq!(
        lines,
        [
            r##"1→ {"hello":{"v":1,"site":"demo","tok":"token1","pos":{"thread":"#1","epoch":"#2","seq":2,"id":"#102"}}}"##
        ]
    );
}

#[test]
fn a_kept_page_that_makes_no_sense_is_left_out() {
    let good = Rig::known(2).thread.conversation().log_record().unwrap();
    type Spoil = fn(&mut rejoin_thread::LogRecord);
    let spoils: [Spoil; 4] =
        [|log| log.v = 2, |log| log.lo = 9, |log| log.messages.reverse(), |log| log.seq = 1];
    for spoil in spoils {
        let mut log = good.clone();
        spoil(&mut log);
        let mut rig = Rig::new();
        rig.feed(Input::Restored(vec![Record::Token(token(1)), Record::Log(Box::new(log))]));
        assert_eq!(rig.screen(), "");
    }
}
