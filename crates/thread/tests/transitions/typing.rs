//! Typing, both ways.

use super::*;

#[test]
fn ours_is_said_every_three_seconds_while_it_lasts_and_ends_with_the_message() {
    let mut rig = Rig::known(1);
    let on = r#"1→ {"typing":{"on":true}}"#.to_owned();
    assert_eq!(rig.feed(Input::Draft("h".into())), std::slice::from_ref(&on));
    assert_eq!(rig.feed(Input::Draft("he".into())), [""; 0]);
    rig.after(3_000);
    assert_eq!(rig.feed(Input::Draft("hel".into())), [on]);
    assert_eq!(rig.feed(Input::Draft(String::new())), [r#"1→ {"typing":{"on":false}}"#]);
}

#[test]
fn theirs_is_believed_for_its_time_and_ends_with_their_message() {
    let mut rig = Rig::known(1);
    let typing = r##"{"typing":{"by":{"agent":{"id":"#9","name":"Ada"}},"ttl_ms":6000}}"##;
    rig.frame(typing);
    assert_eq!(rig.thread.conversation().typing().count(), 1);
    rig.after(6_000);
    assert_eq!(rig.thread.conversation().typing().count(), 0);
    rig.frame(typing);
    rig.ev(2);
    assert_eq!(rig.thread.conversation().typing().count(), 0);
}
