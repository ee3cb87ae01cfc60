//! What every bus must do, as one suite: `bus_contract!(expression that makes a bus)` in a test module.

macro_rules! bus_contract {
    ($make:expr) => {
        mod contract {
            use std::sync::Arc;

            use rejoin_protocol::{
                Author, Body, ClientMessageId, Event, EventKind, Marks, MessageId, Posted, Side, ThreadId,
            };

            use super::*;
            use crate::bus::{Bus, EVENTS_MAX, Mailbox, TYPERS_MAX};
            use crate::domain::session::{Note, Topic};

            fn thread(n: u8) -> ThreadId {
                ThreadId::from_bytes([n; 16])
            }

            fn event(seq: u64) -> Note {
                let body = Body::Text(format!("message {seq}"));
                let posted = Posted { by: Author::Customer, cid: ClientMessageId::from_bytes([1; 16]), body };
                let id = MessageId::from_bytes([seq as u8; 16]);
                let event = Event { seq, id, ts: 0, kind: EventKind::Msg(posted) };
                Note::Event(thread(1), Arc::new(event))
            }

            fn listening() -> (impl Bus, Arc<Mailbox>) {
                let (bus, mailbox) = ($make, Mailbox::new());
                bus.subscribe(Topic::Thread(thread(1)), &mailbox);
                (bus, mailbox)
            }

            #[test]
            fn who_listens_hears_and_who_does_not_does_not() {
                let (bus, mailbox) = listening();
                let other = Mailbox::new();
                bus.subscribe(Topic::Thread(thread(2)), &other);
                bus.publish(event(1));
                assert_eq!(mailbox.take(), [event(1)]);
                assert_eq!(mailbox.take(), []);
                assert_eq!(other.take(), []);
            }

            #[test]
            fn after_unsubscribing_nothing_new_comes() {
                let (bus, mailbox) = listening();
                bus.publish(event(1));
                bus.unsubscribe(&Topic::Thread(thread(1)), &mailbox);
                bus.unsubscribe(&Topic::Thread(thread(1)), &mailbox);
                bus.publish(event(2));
                assert_eq!(mailbox.take(), [event(1)]);
            }

            #[test]
            fn subscribing_twice_delivers_once() {
                let (bus, mailbox) = listening();
                bus.subscribe(Topic::Thread(thread(1)), &mailbox);
                bus.publish(event(1));
                assert_eq!(mailbox.take(), [event(1)]);
                bus.unsubscribe(&Topic::Thread(thread(1)), &mailbox);
                bus.publish(event(2));
                assert_eq!(mailbox.take(), []);
            }

            #[test]
            fn unsubscribing_one_leaves_the_others() {
                let (bus, mailbox) = listening();
                let other = Mailbox::new();
                bus.subscribe(Topic::Thread(thread(1)), &other);
                bus.unsubscribe(&Topic::Thread(thread(1)), &other);
                bus.publish(event(1));
                assert_eq!(mailbox.take(), [event(1)]);
            }

            #[test]
            fn a_full_mailbox_keeps_the_newest_events_and_says_how_far_the_rest_went() {
                let (bus, mailbox) = listening();
                let all = EVENTS_MAX as u64 + 10;
                (1..=all).for_each(|seq| bus.publish(event(seq)));
                let mut want = vec![Note::Head(thread(1), 10)];
                want.extend((11..=all).map(event));
                assert_eq!(mailbox.take(), want);
            }

            #[test]
            fn numbers_keep_their_furthest_value() {
                let (bus, mailbox) = listening();
                let marks = |read, deliv| Note::Marks(thread(1), Side::Agent, Marks { read, deliv });
                bus.publish(marks(2, 5));
                bus.publish(marks(3, 4));
                bus.publish(Note::Head(thread(1), 9));
                bus.publish(Note::Head(thread(1), 7));
                assert_eq!(mailbox.take(), [Note::Head(thread(1), 9), marks(3, 5)]);
            }

            #[test]
            fn typing_keeps_the_last_word_of_each_and_is_bounded() {
                let (bus, mailbox) = listening();
                let agent = |n: u8| Author::Agent {
                    id: rejoin_protocol::AgentId::from_bytes([n; 16]),
                    name: "Ada".to_owned(),
                };
                bus.publish(Note::Typing(thread(1), Author::Customer, 6_000));
                bus.publish(Note::Typing(thread(1), Author::Customer, 0));
                (0..200).for_each(|n| bus.publish(Note::Typing(thread(1), agent(n), 6_000)));
                let notes = mailbox.take();
                assert_eq!(notes[0], Note::Typing(thread(1), Author::Customer, 0));
                assert_eq!(notes.len(), TYPERS_MAX);
            }

            #[test]
            fn a_thread_list_keeps_its_newest_version() {
                let (bus, mailbox) = ($make, Mailbox::new());
                let site: rejoin_protocol::SiteName = "demo".parse().unwrap();
                bus.subscribe(Topic::Inbox(site.clone()), &mailbox);
                for ver in [4, 6, 5] {
                    bus.publish(Note::Inbox(site.clone(), ver));
                }
                assert_eq!(mailbox.take(), [Note::Inbox(site, 6)]);
            }

            #[test]
            fn whoever_waits_is_woken_also_by_what_came_before() {
                let (bus, mailbox) = listening();
                bus.publish(event(1));
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(mailbox.notified());
                assert_eq!(mailbox.take(), [event(1)]);
            }
        }
    };
}

pub(crate) use bus_contract;
