//! Appending (protocol.md S1): idempotent, contiguous, all or nothing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use rejoin_protocol::limits::BODY_CHARS_MAX;
use rejoin_protocol::{AgentId, Author, Body, EventKind, Marks, NackCode, ReadState, ThreadId};
use rejoin_server::domain::request::{Append, DeviceAnswer, Target};
use rejoin_server::domain::{Reply, Request};
use rejoin_server::store::StoreError;

use crate::world::*;

fn who(world: &World, device: Device) -> Reply {
    let Device { did, secret_hash } = device;
    world.ask(Request::Device { site: site("demo"), did, secret_hash })
}

pub(crate) fn a_first_message_makes_device_thread_and_message(world: &World) {
    assert_eq!(who(world, device(1)), Reply::Device(DeviceAnswer::Unknown));
    let appended = world.append(world.device_says(device(1), 1, "Hello"));
    let ack = appended.ack;
    assert_eq!((ack.cid, ack.seq, ack.ts), (cid(1), 1, NOW));
    assert_eq!(who(world, device(1)), Reply::Device(DeviceAnswer::Known(ack.thread)));

    let new = appended.new.unwrap();
    let EventKind::Msg(posted) = &new.event.kind else { panic!("not a message") };
    assert_eq!((&posted.by, &posted.body, posted.cid), (&Author::Customer, &text("Hello"), cid(1)));
    assert_eq!(world.log(ack.thread), [new.event]);

    let second = world.append(world.device_says(device(1), 2, "Anybody there?"));
    assert_eq!(place(&second.ack), (2, ack.thread));
    assert_eq!(second.ack.epoch, ack.epoch);
    let other = world.append(world.device_says(device(2), 3, "Hello too"));
    assert_ne!(other.ack.thread, ack.thread);
    assert_ne!(other.ack.epoch, ack.epoch);
}

pub(crate) fn a_resend_gets_the_same_ack_and_changes_nothing(world: &World) {
    let first = world.append(world.device_says(device(1), 1, "Hello"));
    world.append(world.device_says(device(1), 2, "Hello?"));
    let rows = world.ask(Request::Rows { site: site("demo"), since: 0, limit: 10 });
    // As a client resends: with fresh ids for what might be new, and later.
    let again = Append { now: NOW + 9_000, ..world.device_says(device(1), 3, "Hello") };
    let again = world.append(Append { cid: cid(1), ..again });
    assert_eq!(again.ack, first.ack);
    assert_eq!(again.new, None);
    assert_eq!(world.log(first.ack.thread).len(), 2);
    assert_eq!(world.ask(Request::Rows { site: site("demo"), since: 0, limit: 10 }), rows);
}

pub(crate) fn the_same_id_with_another_text_is_a_conflict(world: &World) {
    let thread = world.append(world.device_says(device(1), 1, "Hello")).ack.thread;
    assert_eq!(world.refused(world.device_says(device(1), 1, "Goodbye")), NackCode::CidConflict);
    assert_eq!(world.log(thread).len(), 1);
}

pub(crate) fn the_same_id_from_another_agent_is_a_conflict(world: &World) {
    let thread = world.append(world.device_says(device(1), 1, "Hello")).ack.thread;
    let eve = AgentId::from_bytes([0xe; 16]);
    world.done(Request::AddAgent {
        id: eve,
        email: "eve@demo.example".to_owned(),
        site: site("demo"),
        name: "Eve".to_owned(),
        link_hash: [0xe; 32],
        link_until: NOW,
        now: NOW,
    });
    world.append(world.agent_says(world.ada, thread, 2, "Hi"));
    assert_eq!(world.refused(world.agent_says(eve, thread, 2, "Hi")), NackCode::CidConflict);
}

pub(crate) fn both_sides_may_use_the_same_id(world: &World) {
    let thread = world.append(world.device_says(device(1), 1, "Hello")).ack.thread;
    let answer = world.append(world.agent_says(world.ada, thread, 1, "Hello"));
    assert_eq!(place(&answer.ack), (2, thread));
    let log = world.log(thread);
    let EventKind::Msg(posted) = &log[1].kind else { panic!("not a message") };
    let ada = Author::Agent { id: world.ada, name: "Ada".to_owned() };
    assert_eq!(posted.by, ada, "the name is the one in the agent's row");
}

pub(crate) fn two_tabs_racing_with_one_device_make_one_thread(world: &World) {
    let acks: Vec<_> = std::thread::scope(|scope| {
        let tabs: Vec<_> = (1..=8)
            .map(|n| scope.spawn(move || world.append(world.device_says(device(1), n, "Hello")).ack))
            .collect();
        tabs.into_iter().map(|tab| tab.join().unwrap()).collect()
    });
    let threads: BTreeSet<ThreadId> = acks.iter().map(|ack| ack.thread).collect();
    assert_eq!(threads.len(), 1, "one thread: {threads:?}");
    let seqs: BTreeSet<u64> = acks.iter().map(|ack| ack.seq).collect();
    assert_eq!(seqs, (1..=8).collect());
    let Reply::Rows { rows, .. } = world.ask(Request::Rows { site: site("demo"), since: 0, limit: 10 })
    else {
        panic!("no rows")
    };
    assert_eq!(rows.len(), 1);
}

pub(crate) fn a_wrong_secret_is_refused_and_writes_nothing(world: &World) {
    let thread = world.append(world.device_says(device(1), 1, "Hello")).ack.thread;
    let mut thief = device(1);
    thief.secret_hash[31] ^= 1;
    let wrong = Reply::Device(DeviceAnswer::WrongSecret);
    assert_eq!(who(world, thief), wrong);
    assert_eq!(world.ask(Request::Append(world.device_says(thief, 2, "It's me"))), wrong);
    assert_eq!(world.log(thread).len(), 1);
}

pub(crate) fn a_removed_device_is_refused_and_never_made_again(world: &World) {
    let thread = world.append(world.device_says(device(1), 1, "Hello")).ack.thread;
    let revoke = |did| Request::Revoke { site: site("demo"), did, now: NOW };
    assert_eq!(world.ask(revoke(device(2).did)), Reply::NotFound);
    assert_eq!(world.ask(revoke(device(1).did)), Reply::Revoked(thread));
    assert_eq!(world.ask(revoke(device(1).did)), Reply::Revoked(thread), "again is as good");

    let revoked = Reply::Device(DeviceAnswer::Revoked);
    assert_eq!(who(world, device(1)), revoked);
    assert_eq!(world.ask(Request::Append(world.device_says(device(1), 2, "Hello?"))), revoked);
    assert_eq!(world.ask(Request::Append(world.device_says(device(1), 1, "Hello"))), revoked, "resends too");
    assert_eq!(world.log(thread).len(), 1);
    let thief = Device { secret_hash: [9; 32], ..device(1) };
    assert_eq!(who(world, thief), Reply::Device(DeviceAnswer::WrongSecret), "only the owner is told");
}

pub(crate) fn sites_do_not_see_each_other(world: &World) {
    let thread = world.append(world.device_says(device(1), 1, "Hello")).ack.thread;
    let Device { did, secret_hash } = device(1);
    let elsewhere = Request::Device { site: site("other"), did, secret_hash };
    assert_eq!(world.ask(elsewhere), Reply::Device(DeviceAnswer::Unknown));
    let other = Append { site: site("other"), ..world.device_says(device(1), 2, "Hello") };
    assert_ne!(world.append(other).ack.thread, thread, "the same device has another thread there");
    let into = Append { site: site("other"), ..world.agent_says(world.ada, thread, 3, "Hello") };
    assert_eq!(world.refused(into), NackCode::Gone);
    let nowhere = Append { site: site("nowhere"), ..world.device_says(device(1), 4, "Hello") };
    assert_eq!(world.refused(nowhere), NackCode::Gone);
    let missing = Request::Device { site: site("nowhere"), did, secret_hash };
    assert_eq!(world.ask(missing), Reply::NotFound);
    let unknown = ThreadId::from_bytes([9; 16]);
    assert_eq!(world.refused(world.agent_says(world.ada, unknown, 5, "Hello")), NackCode::Gone);
}

pub(crate) fn only_the_sites_agents_may_answer(world: &World) {
    let thread = world.append(world.device_says(device(1), 1, "Hello")).ack.thread;
    let bob = AgentId::from_bytes([0xb; 16]);
    let nobody = AgentId::from_bytes([0xf; 16]);
    assert_eq!(world.refused(world.agent_says(bob, thread, 2, "Hi")), NackCode::Blocked);
    assert_eq!(world.refused(world.agent_says(nobody, thread, 3, "Hi")), NackCode::Blocked);
    let by = Author::Agent { id: world.ada, name: String::new() };
    let as_device = Append { by, ..world.device_says(device(1), 4, "Hi") };
    assert_eq!(world.refused(as_device), NackCode::Blocked);
    assert_eq!(world.log(thread).len(), 1);
}

pub(crate) fn a_body_that_says_nothing_or_too_much_is_refused(world: &World) {
    let fits = "é".repeat(BODY_CHARS_MAX);
    for (n, body) in [(1, text(" \n ")), (2, text(&format!("{fits}!"))), (3, Body::Unknown { must: false })] {
        let append = Append { body, ..world.device_says(device(1), n, "") };
        assert_eq!(world.refused(append), NackCode::BadBody, "{n}");
    }
    assert_eq!(who(world, device(1)), Reply::Device(DeviceAnswer::Unknown), "nothing was made for it");
    let appended = world.append(world.device_says(device(1), 4, &fits));
    assert_eq!(world.log(appended.ack.thread), [appended.new.unwrap().event]);
}

pub(crate) fn a_customer_has_a_daily_limit_and_resends_do_not_count(world: &World) {
    let mut thread = None;
    for n in 1..=300 {
        thread = Some(world.append(world.device_says(device(1), n, "again")).ack.thread);
    }
    let thread = thread.unwrap();
    assert_eq!(world.refused(world.device_says(device(1), 301, "again")), NackCode::Rate);
    assert_eq!(
        world.append(world.device_says(device(1), 300, "again")).ack.seq,
        300,
        "a resend is no message"
    );
    assert_eq!(world.append(world.agent_says(world.ada, thread, 1, "Slowly")).ack.seq, 301);
    let tomorrow = NOW + 24 * 60 * 60 * 1_000;
    let append = Append { now: tomorrow, ..world.device_says(device(1), 301, "again") };
    assert_eq!(world.append(append).ack.seq, 302);
}

pub(crate) fn time_never_goes_back_in_a_thread(world: &World) {
    let first = world.append(world.device_says(device(1), 1, "one")).ack;
    let early = Append { now: NOW - 5_000, ..world.device_says(device(1), 2, "two") };
    assert_eq!(world.append(early).ack.ts, first.ts);
    let late = Append { now: NOW + 5, ..world.device_says(device(1), 3, "three") };
    assert_eq!(world.append(late).ack.ts, NOW + 5);
}

pub(crate) fn saying_something_means_having_read(world: &World) {
    let first = world.append(world.device_says(device(1), 1, "one"));
    let thread = first.ack.thread;
    let customer = Marks { read: 1, deliv: 1 };
    assert_eq!(first.new.unwrap().read, ReadState { customer, agent: Marks::default() });
    world.append(world.device_says(device(1), 2, "two"));
    let answer = world.append(world.agent_says(world.ada, thread, 1, "three")).new.unwrap();
    let (customer, agent) = (Marks { read: 2, deliv: 2 }, Marks { read: 3, deliv: 3 });
    assert_eq!(answer.read, ReadState { customer, agent });
    assert_eq!(world.open(thread, None).opened.read, answer.read);
}

pub(crate) fn concurrent_appends_leave_no_hole(world: &World) {
    let thread = world.append(world.device_says(device(1), 1, "first")).ack.thread;
    const WRITERS: u64 = 8;
    const EACH: u64 = 25;
    let acks: Vec<_> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn(move || {
                    let send = |n| {
                        let n = 1_000 * (writer + 1) + n;
                        if writer % 2 == 0 {
                            world.append(world.agent_says(world.ada, thread, n, "from inside"))
                        } else {
                            world.append(world.device_says(device(1), n, "from outside"))
                        }
                    };
                    (0..EACH).map(send).map(|appended| appended.ack).collect::<Vec<_>>()
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let log = world.log(thread);
    assert_eq!(log.len() as u64, 1 + WRITERS * EACH);
    assert_contiguous(&log);
    for ack in acks.iter().flatten() {
        assert_eq!(log[ack.seq as usize - 1].id, ack.id, "the log has what was acknowledged, where it was");
    }
    for writer in acks {
        assert!(writer.is_sorted_by_key(|ack| ack.seq), "one writer's messages keep their order");
    }
}

pub(crate) fn readers_see_a_growing_prefix(world: &World) {
    let thread = world.append(world.device_says(device(1), 1, "first")).ack.thread;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut looks, mut seen) = (0, 0);
            while !done.load(Ordering::Acquire) || looks == 0 {
                let log = world.log(thread);
                assert_contiguous(&log);
                assert!(log.len() >= seen, "what was seen stays");
                (looks, seen) = (looks + 1, log.len());
            }
            seen
        });
        let mut acked = 1;
        for n in 2..=120 {
            acked = world.append(world.device_says(device(1), n, "more")).ack.seq;
            let Reply::Heads(heads) = world.ask(Request::Heads(vec![thread])) else { panic!("no heads") };
            assert_eq!(heads[0].head, acked, "what is acknowledged is seen by whoever asks after");
        }
        done.store(true, Ordering::Release);
        assert!(reader.join().unwrap() as u64 <= acked);
    });
    assert_eq!(world.log(thread).len(), 120);
}

pub(crate) fn a_failure_in_the_middle_leaves_nothing(world: &World) {
    // The link's hash is taken: it fails after the agent was added.
    let carol = |link_hash| Request::AddAgent {
        id: AgentId::from_bytes([0xc; 16]),
        email: "carol@demo.example".to_owned(),
        site: site("demo"),
        name: "Carol".to_owned(),
        link_hash,
        link_until: NOW + 1_000,
        now: NOW,
    };
    assert!(matches!(world.try_ask(carol([0xa; 32])), Err(StoreError::Failed(_))));
    world.done(carol([0xc; 32]));

    // The session's hash is taken: it fails after the link was spent.
    let spend = |link: u8, session: u8| Request::SpendLink {
        link_hash: [link; 32],
        session_hash: [session; 32],
        session_until: NOW + 9_000,
        now: NOW,
    };
    assert!(matches!(world.ask(spend(0xa, 1)), Reply::Agent(_)));
    assert!(matches!(world.try_ask(spend(0xc, 1)), Err(StoreError::Failed(_))));
    assert!(matches!(world.ask(spend(0xc, 2)), Reply::Agent(_)), "the link is still good");

    // The thread's id is taken: nothing of the device remains, and the site's counts are as before.
    let first = world.append(world.device_says(device(1), 1, "Hello")).ack;
    let mut second = world.device_says(device(2), 2, "Hello");
    if let Target::Device { thread, .. } = &mut second.target {
        *thread = first.thread;
    }
    assert!(matches!(world.try_ask(Request::Append(second)), Err(StoreError::Failed(_))));
    assert_eq!(who(world, device(2)), Reply::Device(DeviceAnswer::Unknown));
    let third = world.append(world.device_says(device(3), 3, "Hello")).new.unwrap();
    assert_eq!(third.inbox_ver, 2);
    let Reply::Rows { rows, .. } = world.ask(Request::Rows { site: site("demo"), since: 0, limit: 10 })
    else {
        panic!("no rows")
    };
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
}
