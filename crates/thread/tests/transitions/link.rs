//! The arrows of `link.rs`.

use super::*;

#[test]
fn off_until_somebody_acts() {
    let mut rig = Rig::new();
    assert_eq!(rig.feed(Input::Restored(vec![])), [""; 0]);
    assert_eq!(rig.thread.link().state(), LinkState::Off);
    assert_eq!(rig.thread.state_line(), StateLine::Quiet);
    assert_eq!(rig.thread.poll_timeout(), None, "a widget nobody uses asks for nothing");
}

#[test]
fn off_to_connecting_because_viewed_or_because_there_is_a_thread() {
    let mut rig = Rig::new();
    rig.feed(Input::Restored(vec![]));
    assert_eq!(rig.feed(Input::Viewing(true)), ["connect 1"]);
    let mut rig = Rig::new();
    assert_eq!(rig.feed(Input::Restored(vec![Record::Token(token(1))])), ["connect 1"]);
}

#[test]
fn connecting_to_greeting_because_opened() {
    let mut rig = Rig::new();
    rig.feed(Input::Restored(vec![Record::Token(token(1))]));
    assert_eq!(rig.feed(Input::Opened(1)), [r#"1→ {"hello":{"v":1,"site":"demo","tok":"token1"}}"#]);
    assert_eq!(rig.thread.link().state(), LinkState::Greeting(Time(0)));
}

#[test]
fn greeting_to_up_because_welcomed() {
    let rig = Rig::known(0);
    assert_eq!(rig.thread.link().state(), LinkState::Up(Time(0)));
}

#[test]
fn connecting_to_backoff_because_too_slow() {
    let mut rig = Rig::new();
    rig.feed(Input::Restored(vec![Record::Token(token(1))]));
    assert_eq!(rig.after(10_000), ["disconnect 1"]);
    assert!(matches!(rig.thread.link().state(), LinkState::Backoff(_)));
}

#[test]
fn up_to_backoff_because_silent() {
    let mut rig = Rig::known(0);
    assert_eq!(rig.after(59_999), [""; 0]);
    assert_eq!(rig.after(1), ["disconnect 1"]);
    assert_eq!(rig.thread.state_line(), StateLine::Offline(0));
}

#[test]
fn up_to_backoff_because_no_pong_after_coming_back() {
    let mut rig = Rig::known(0);
    assert_eq!(rig.feed(Input::Page(Page::Visible)), ["reload", r#"1→ {"ping":{"n":1}}"#]);
    assert_eq!(rig.after(4_000), ["disconnect 1"]);
}

#[test]
fn up_to_backoff_because_only_the_way_down_works() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    let lines = rig.after(10_000);
    assert!(
        lines.contains(&r#"1→ {"ping":{"n":1}}"#.to_owned()),
        "an overdue answer asks for proof: {lines:?}"
    );
    // Not a heartbeat, which would be answered by a ping of its own.
    rig.frame(r#"{"cur":{"side":"agent","marks":{"read":0,"deliv":0}}}"#);
    assert_eq!(rig.after(4_000), ["disconnect 1"], "what comes down is no proof");
}

#[test]
fn up_stays_because_of_the_pong() {
    let mut rig = Rig::known(0);
    rig.feed(Input::Page(Page::Online));
    rig.frame(r#"{"pong":{"n":1}}"#);
    assert_eq!(rig.after(4_000), ["persist put:log"; 0]);
    assert!(rig.thread.link().is_up());
}

#[test]
fn backoff_to_connecting_because_due_or_online_or_asked() {
    for input in [None, Some(Input::Page(Page::Online)), Some(Input::Wake)] {
        let mut rig = Rig::known(0);
        rig.feed(Input::Closed(1, 1006, None));
        let lines = match input {
            None => rig.wait(),
            Some(input) => rig.feed(input),
        };
        assert!(lines.contains(&"connect 2".to_owned()), "{lines:?}");
    }
}

#[test]
fn up_to_backoff_because_drained_and_back_at_exactly_that_time() {
    let mut rig = Rig::known(0);
    assert_eq!(rig.frame(r#"{"drain":{"in_ms":1234}}"#), ["disconnect 1"]);
    assert_eq!(rig.thread.link().state(), LinkState::Backoff(Time(1234)));
}

#[test]
fn up_to_stopped_because_the_code_says_so() {
    for (code, reason) in [
        (close::ORIGIN, StopReason::Origin),
        (close::VERSION, StopReason::Version),
        (close::BAD_FRAME, StopReason::Protocol),
        (close::REVOKED, StopReason::Auth),
    ] {
        let mut rig = Rig::known(0);
        rig.feed(Input::Closed(1, code, None));
        assert_eq!(rig.thread.state_line(), StateLine::Stopped(reason));
    }
}

#[test]
fn stopped_for_the_token_looks_once_for_a_newer_one() {
    let mut rig = Rig::known(0);
    assert_eq!(rig.feed(Input::Closed(1, close::AUTH, None)), ["reload"]);
    assert_eq!(rig.feed(Input::Restored(vec![Record::Token(token(1))])), [""; 0], "the same one: stop");
    assert_eq!(rig.feed(Input::Restored(vec![Record::Token(token(2))])), ["connect 2"]);
}

#[test]
fn up_to_off_because_the_page_leaves_and_back_again() {
    let mut rig = Rig::known(0);
    assert!(rig.feed(Input::Page(Page::Leaving)).contains(&"disconnect 1".to_owned()));
    assert_eq!(rig.feed(Input::Page(Page::Back)), ["reload", "connect 2"]);
}

#[test]
fn up_to_off_because_hidden_for_five_minutes_with_nothing_to_send() {
    let mut rig = Rig::known(0);
    rig.feed(Input::Page(Page::Hidden));
    for n in 1..=5 {
        rig.frame(HB);
        rig.frame(&format!(r#"{{"pong":{{"n":{n}}}}}"#));
        rig.after(59_000);
    }
    assert!(rig.thread.link().is_up());
    rig.frame(HB);
    rig.frame(r#"{"pong":{"n":6}}"#);
    assert_eq!(rig.after(5_000), ["disconnect 1"]);
    assert_eq!(rig.thread.poll_timeout(), None);
    assert_eq!(rig.feed(Input::Page(Page::Visible)), ["reload", "connect 2"]);
}

#[test]
fn frames_of_an_older_socket_are_dropped() {
    let mut rig = Rig::known(1);
    rig.feed(Input::Closed(1, 1006, None));
    rig.wait();
    let late = serde_json::from_str(&common::expand(&format!(
        r#"{{"ev":{{"from":2,"evs":[{}]}}}}"#,
        common::agent_event(2)
    )))
    .unwrap();
    rig.feed(Input::Frame(1, late));
    assert_eq!(rig.screen(), "--, a1");
}
