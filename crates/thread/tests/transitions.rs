//! One test per arrow of the diagrams in `outbox.rs`, `link.rs` and `conversation/mod.rs`, named as the arrow.

mod common;

use common::{Rig, cid, token};
use rejoin_protocol::{NackCode, close};
use rejoin_thread::{EntryState, Input, LinkState, Page, Record, StateLine, StopReason, Stored, Time};

fn state(rig: &Rig, n: u8) -> Option<EntryState> {
    rig.thread.conversation().outbox().get(cid(n)).map(|entry| entry.state)
}

const SEND_1: &str = r##"1→ {"send":{"cid":"#1","cts":1000,"body":{"text":"one"}}}"##;

/// A heartbeat with nothing new.
const HB: &str = r##"{"hb":{"heads":[["#1",0]],"now":0}}"##;

mod outbox {
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
}

mod link {
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
        rig.frame(HB);
        assert_eq!(rig.after(4_000), ["disconnect 1"], "a heartbeat is no proof");
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
}

mod sync {
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
        assert!(
            lines.contains(&r#"1→ {"fetch":{"q":1,"from":3,"to":4,"limit":50}}"#.to_owned()),
            "{lines:?}"
        );
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
        assert!(
            lines.contains(&r#"2→ {"hello":{"v":1,"site":"demo","tok":"token1"}}"#.to_owned()),
            "{lines:?}"
        );
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
}

mod bootstrap {
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
}

mod reading {
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
}

mod typing {
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
}

#[test]
fn a_refusal_that_is_unknown_is_final_and_keeps_the_text() {
    let mut rig = Rig::known(0);
    rig.post(1, "one");
    rig.frame(r##"{"nack":{"cid":"#1","code":"something_new"}}"##);
    assert_eq!(state(&rig, 1), Some(EntryState::Rejected(NackCode::Unknown)));
}
