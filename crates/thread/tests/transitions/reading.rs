//! Cursors and the "new messages" mark.

use super::*;

#[test]
fn seen_moves_forward_only_is_told_once_and_own_messages_are_neutral() {
    let mut rig = Rig::known(3);
    assert!(rig.feed(Input::Seen(2)).contains(&r#"1→ {"read":{"upto":2,"deliv":3}}"#.to_owned()));
    assert_eq!(rig.thread.conversation().unread(), 1);
    assert_eq!(rig.feed(Input::Seen(1)), [""; 0]);
    assert_eq!(rig.feed(Input::Seen(2)), [""; 0]);
    rig.post(1, "one");
    assert_eq!(rig.thread.conversation().unread(), 1);
    assert!(
        rig.feed(Input::Seen(99)).iter().any(|line| line.contains(r#""upto":3"#)),
        "capped at what is here"
    );
}

#[test]
fn another_device_read_it_so_it_is_read() {
    let mut rig = Rig::known(3);
    rig.frame(r#"{"cur":{"side":"customer","marks":{"read":3,"deliv":3}}}"#);
    assert_eq!(rig.thread.conversation().unread(), 0);
    assert_eq!(rig.screen(), "a1, a2, a3");
}

#[test]
fn our_messages_go_from_sent_to_delivered_to_seen_and_never_back() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    rig.ack(1, 1);
    for (read, deliv, want) in [(0, 1, "one Delivered"), (1, 1, "one Seen"), (0, 0, "one Seen")] {
        rig.frame(&format!(r#"{{"cur":{{"side":"agent","marks":{{"read":{read},"deliv":{deliv}}}}}}}"#));
        assert_eq!(rig.screen(), want);
    }
}

#[test]
fn the_new_mark_stays_until_it_was_read_and_the_view_was_left() {
    let mut rig = Rig::known(1);
    rig.feed(Input::Viewing(true));
    rig.feed(Input::Seen(1));
    assert_eq!(rig.screen(), "--, a1");
    rig.feed(Input::Viewing(false));
    assert_eq!(rig.screen(), "a1");
    assert!(rig.ev(2).contains(&r#"announce "a2""#.to_owned()));
    assert_eq!(rig.screen(), "a1, --, a2");
    rig.post(1, "one");
    assert_eq!(rig.screen(), "a1, a2, one Sending", "answering is having read");
}
