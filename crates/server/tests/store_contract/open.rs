//! Opening a thread (protocol.md S5): resume, snapshot or reset, always for the right reason.

use rejoin_protocol::limits::{BODY_CHARS_MAX, SERVER_BATCH_BYTES_MAX, SNAPSHOT_EVENTS};
use rejoin_protocol::{Epoch, MessageId, Mode, Resume, Snap, ThreadId};
use rejoin_server::domain::request::{Append, Opening, Replay};
use rejoin_server::domain::{Reply, Request};

use crate::world::*;

fn snap(opening: &Opening) -> &Snap {
    match &opening.replay {
        Replay::Snap(snap) => snap,
        Replay::Events(_) => panic!("events instead of a snapshot"),
    }
}

fn resumed(opening: &Opening) -> Vec<u64> {
    assert_eq!(opening.opened.mode, Mode::Resume);
    match &opening.replay {
        Replay::Events(events) => events.iter().map(|event| event.seq).collect(),
        Replay::Snap(_) => panic!("a snapshot instead of events"),
    }
}

pub(crate) fn without_a_position_the_newest_messages_come(world: &World) {
    let thread = world.thread_of(60);
    let opening = world.open(thread, None);
    assert_eq!((opening.opened.mode, opening.opened.head), (Mode::Snapshot, 60));
    assert_eq!(opening.opened.thread, Some(thread));
    let snap = snap(&opening);
    assert_eq!((snap.as_of, snap.lo), (60, 11));
    let log = world.log(thread);
    assert_eq!(snap.last, Some(log[59].id));
    let newest: Vec<_> = log[10..].iter().cloned().filter_map(|event| event.into_message()).collect();
    assert_eq!(snap.msgs, newest);
    assert_eq!(snap.msgs.len() as u64, SNAPSHOT_EVENTS);
}

pub(crate) fn a_short_thread_comes_whole(world: &World) {
    let thread = world.thread_of(2);
    let opening = world.open(thread, None);
    assert_eq!((snap(&opening).lo, snap(&opening).msgs.len()), (1, 2));
}

pub(crate) fn a_good_position_resumes(world: &World) {
    let thread = world.thread_of(5);
    assert_eq!(resumed(&world.open(thread, Some(world.position(thread, 5)))), Vec::<u64>::new());
    assert_eq!(resumed(&world.open(thread, Some(world.position(thread, 3)))), [4, 5]);
    assert_eq!(resumed(&world.open(thread, Some(world.position(thread, 0)))), [1, 2, 3, 4, 5]);
}

pub(crate) fn a_position_on_another_log_resets(world: &World) {
    let thread = world.thread_of(5);
    let other = world.append(world.device_says(device(2), 100, "Hello")).ack.thread;
    let good = world.position(thread, 3);
    let wrong = [
        ("another epoch", Resume { epoch: Epoch::from_bytes([9; 16]), ..good }),
        ("another epoch at 0", Resume { epoch: Epoch::from_bytes([9; 16]), ..world.position(thread, 0) }),
        ("past the head", Resume { seq: 6, ..good }),
        ("far past the head", Resume { seq: u64::MAX, ..good }),
        ("another event there", Resume { id: Some(MessageId::from_bytes([9; 16])), ..good }),
        ("the id of a neighbour", Resume { id: world.position(thread, 4).id, ..good }),
        ("no id", Resume { id: None, ..good }),
        ("another thread", Resume { thread: other, ..good }),
    ];
    for (what, pos) in wrong {
        let opening = world.open(thread, Some(pos));
        assert_eq!(opening.opened.mode, Mode::Reset, "{what}");
        assert_eq!(opening.opened.epoch, Some(good.epoch), "{what}");
        assert_eq!((snap(&opening).as_of, snap(&opening).lo), (5, 1), "{what}");
    }
}

pub(crate) fn five_hundred_behind_resumes_and_one_more_does_not(world: &World) {
    let thread = world.thread_of(502);
    let just = world.open(thread, Some(world.position(thread, 2)));
    assert_eq!(resumed(&just), (3..=502).collect::<Vec<_>>());
    let far = world.open(thread, Some(world.position(thread, 1)));
    assert_eq!(far.opened.mode, Mode::Snapshot);
    assert_eq!((snap(&far).as_of, snap(&far).lo), (502, 453));
}

pub(crate) fn much_text_is_bounded_by_bytes(world: &World) {
    let long = "\u{1f600}".repeat(BODY_CHARS_MAX);
    let mut thread = None;
    for n in 1..=20 {
        let append = Append { body: text(&long), ..world.device_says(device(1), n, "") };
        thread = Some(world.append(append).ack.thread);
    }
    let thread = thread.unwrap();
    let most = SERVER_BATCH_BYTES_MAX / long.len();

    let opening = world.open(thread, Some(world.position(thread, 1)));
    assert_eq!(opening.opened.mode, Mode::Snapshot, "too much to send event by event");
    let snap = snap(&opening);
    assert!((1..=most).contains(&snap.msgs.len()), "{} long messages", snap.msgs.len());
    assert_eq!((snap.as_of, snap.lo), (20, 21 - snap.msgs.len() as u64));
    assert!(serde_json::to_vec(&snap).unwrap().len() <= SERVER_BATCH_BYTES_MAX);

    let Reply::Events(events) = world.ask(Request::Events { thread, from: 1, to: 20, limit: 64 }) else {
        panic!("no events")
    };
    assert!((1..=most).contains(&events.len()));
    assert_contiguous(&events);
    assert_contiguous(&world.log(thread));
    assert_eq!(resumed(&world.open(thread, Some(world.position(thread, 18)))), [19, 20]);
}

pub(crate) fn threads_of_another_site_are_not_found(world: &World) {
    let thread = world.thread_of(1);
    let open = |name, thread| world.ask(Request::Open { site: site(name), thread, pos: None });
    assert!(matches!(open("demo", thread), Reply::Opening(_)));
    assert_eq!(open("other", thread), Reply::NotFound);
    assert_eq!(open("nowhere", thread), Reply::NotFound);
    assert_eq!(open("demo", ThreadId::from_bytes([9; 16])), Reply::NotFound);
}
