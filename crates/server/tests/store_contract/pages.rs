//! Reading history, cursors and the thread list.

use rejoin_protocol::limits::{PAGE_EVENTS_MAX, PREVIEW_CHARS_MAX};
use rejoin_protocol::{Author, Fetch, Marks, Page, Row, Side, ThreadId};
use rejoin_server::domain::request::Head;
use rejoin_server::domain::{Reply, Request};

use crate::world::*;

const UNKNOWN: ThreadId = ThreadId::from_bytes([9; 16]);

fn page(world: &World, thread: ThreadId, fetch: Fetch) -> Page {
    match world.ask(Request::Page { thread, fetch }) {
        Reply::Page(page) => page,
        other => panic!("no page: {other:?}"),
    }
}

fn seqs(page: &Page) -> (u64, u64, Vec<u64>) {
    (page.lo, page.hi, page.msgs.iter().map(|msg| msg.seq).collect())
}

pub(crate) fn history_is_paged_backwards(world: &World) {
    let thread = world.thread_of(120);
    let before = |before, limit| Fetch { q: 7, before, from: None, to: None, limit };
    let newest = page(world, thread, before(None, 3));
    assert_eq!(seqs(&newest), (118, 120, vec![118, 119, 120]));
    assert_eq!(newest.q, 7);
    assert_eq!(Some(newest.epoch), world.open(thread, None).opened.epoch);
    assert_eq!(seqs(&page(world, thread, before(Some(118), 2))), (116, 117, vec![116, 117]));
    assert_eq!(seqs(&page(world, thread, before(Some(3), 50))), (1, 2, vec![1, 2]));
    assert_eq!(seqs(&page(world, thread, before(Some(u64::MAX), 1))), (120, 120, vec![120]));
    assert_eq!(page(world, thread, before(None, u32::MAX)).msgs.len() as u32, PAGE_EVENTS_MAX);
    for nothing in [0, 1] {
        assert_eq!(seqs(&page(world, thread, before(Some(nothing), 50))), (1, 0, vec![]), "before {nothing}");
    }
    assert_eq!(world.ask(Request::Page { thread: UNKNOWN, fetch: before(None, 1) }), Reply::NotFound);
}

pub(crate) fn a_gap_is_filled_from_its_lower_end(world: &World) {
    let thread = world.thread_of(120);
    let gap = |from, to, limit| Fetch { q: 1, before: None, from: Some(from), to, limit };
    assert_eq!(seqs(&page(world, thread, gap(4, Some(6), 50))), (4, 6, vec![4, 5, 6]));
    assert_eq!(seqs(&page(world, thread, gap(4, Some(60), 2))), (4, 5, vec![4, 5]));
    assert_eq!(seqs(&page(world, thread, gap(119, Some(u64::MAX), 50))), (119, 120, vec![119, 120]));
    assert_eq!(seqs(&page(world, thread, gap(119, None, 50))), (119, 120, vec![119, 120]));
    assert_eq!(seqs(&page(world, thread, gap(0, Some(2), 50))), (1, 2, vec![1, 2]));
    assert_eq!(seqs(&page(world, thread, gap(9, Some(8), 50))), (9, 8, vec![]));
    let (lo, hi, msgs) = seqs(&page(world, thread, gap(u64::MAX, None, 50)));
    assert!(lo > hi && msgs.is_empty(), "{lo}..={hi}");
}

pub(crate) fn events_are_read_in_order_and_bounded(world: &World) {
    let thread = world.thread_of(10);
    let events = |from, to, limit| match world.ask(Request::Events { thread, from, to, limit }) {
        Reply::Events(events) => events.iter().map(|event| event.seq).collect::<Vec<_>>(),
        other => panic!("no events: {other:?}"),
    };
    assert_eq!(events(1, 10, 64), (1..=10).collect::<Vec<_>>());
    assert_eq!(events(4, 6, 64), [4, 5, 6]);
    assert_eq!(events(4, u64::MAX, 2), [4, 5]);
    assert_eq!(events(0, 1, 64), [1]);
    assert_eq!(events(11, u64::MAX, 64), Vec::<u64>::new());
    assert_eq!(events(u64::MAX, u64::MAX, 64), Vec::<u64>::new());
    assert_eq!(events(1, 10, 0), Vec::<u64>::new());
    let unknown = Request::Events { thread: UNKNOWN, from: 1, to: 2, limit: 64 };
    assert_eq!(world.ask(unknown), Reply::NotFound);
}

pub(crate) fn heads_leave_out_what_is_unknown(world: &World) {
    let thread = world.thread_of(3);
    let read = world.open(thread, None).opened.read;
    let head = Head { thread, head: 3, read };
    assert_eq!(world.ask(Request::Heads(vec![UNKNOWN, thread])), Reply::Heads(vec![head]));
    assert_eq!(world.ask(Request::Heads(vec![])), Reply::Heads(vec![]));
}

pub(crate) fn cursors_move_forward_only_and_stay_in_the_log(world: &World) {
    let thread = world.thread_of(5);
    let mark = |read, deliv| {
        let marks = Marks { read, deliv };
        match world.ask(Request::Mark { thread, side: Side::Agent, marks }) {
            Reply::Marked { marks, moved, .. } => (marks.read, marks.deliv, moved),
            other => panic!("not marked: {other:?}"),
        }
    };
    assert_eq!(mark(0, 2), (0, 2, true));
    assert_eq!(mark(1, 2), (1, 2, true));
    assert_eq!(mark(0, 1), (1, 2, false), "never back");
    assert_eq!(mark(4, 0), (4, 4, true), "read is also received");
    assert_eq!(mark(u64::MAX, 9), (5, 5, true), "never past the head");
    assert_eq!(mark(5, 5), (5, 5, false));
    let read = world.open(thread, None).opened.read;
    assert_eq!((read.agent, read.customer), (Marks { read: 5, deliv: 5 }, Marks { read: 5, deliv: 5 }));
    let unknown = Request::Mark { thread: UNKNOWN, side: Side::Agent, marks: Marks { read: 1, deliv: 1 } };
    assert_eq!(world.ask(unknown), Reply::NotFound);
}

pub(crate) fn only_what_agents_read_changes_the_list(world: &World) {
    let thread = world.thread_of(2);
    world.append(world.agent_says(world.ada, thread, 1, "Yes?"));
    world.append(world.device_says(device(1), 9, "No."));
    let mark =
        |side, read, deliv| match world.ask(Request::Mark { thread, side, marks: Marks { read, deliv } }) {
            Reply::Marked { inbox_ver, .. } => inbox_ver,
            other => panic!("not marked: {other:?}"),
        };
    assert_eq!(mark(Side::Customer, 4, 4), None);
    assert_eq!(mark(Side::Agent, 3, 4), None, "received but not seen");
    assert_eq!(mark(Side::Agent, 4, 4), Some(5), "four messages and one look");
    assert_eq!(mark(Side::Agent, 4, 4), None);
}

fn rows(world: &World, since: u64, limit: usize) -> (Vec<Row>, bool) {
    match world.ask(Request::Rows { site: site("demo"), since, limit }) {
        Reply::Rows { rows, more } => (rows, more),
        other => panic!("no rows: {other:?}"),
    }
}

pub(crate) fn the_list_is_read_by_version(world: &World) {
    assert_eq!(rows(world, 0, 10), (vec![], false));
    let long = format!("  Where \n\t is  {}", "é".repeat(500));
    let a = world.append(world.device_says(device(1), 1, "Hello")).ack.thread;
    let b = world.append(world.device_says(device(2), 2, &long)).ack.thread;
    let c = world.append(world.device_says(device(3), 3, "Hello")).ack.thread;
    world.append(world.device_says(device(1), 4, "Hello?"));
    world.append(world.agent_says(world.ada, c, 5, "Hello!"));

    let (all, more) = rows(world, 0, 10);
    assert!(!more);
    assert_eq!(all.iter().map(|row| row.thread).collect::<Vec<_>>(), [b, a, c], "in order of change");
    assert_eq!(all.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 1, 3], "numbered within the site");
    assert_eq!(all.iter().map(|row| row.ver).collect::<Vec<_>>(), [2, 4, 5]);
    assert_eq!(all.iter().map(|row| row.unread).collect::<Vec<_>>(), [1, 2, 0]);
    assert_eq!(all.iter().map(|row| row.head).collect::<Vec<_>>(), [1, 2, 2]);
    assert_eq!(all[1].preview, "Hello?");
    assert_eq!((&all[1].by, all[1].ts), (&Author::Customer, NOW));
    assert_eq!(all[2].by, Author::Agent { id: world.ada, name: "Ada".to_owned() });
    assert!(all[0].preview.starts_with("Where is é") && !all[0].preview.contains('\n'));
    assert_eq!(all[0].preview.chars().count(), PREVIEW_CHARS_MAX);

    assert_eq!(rows(world, 0, 2), (all[..2].to_vec(), true));
    assert_eq!(rows(world, 4, 2), (all[2..].to_vec(), false));
    assert_eq!(rows(world, 2, 2), (all[1..].to_vec(), false));
    assert_eq!(rows(world, 5, 2), (vec![], false));
    let other = world.ask(Request::Rows { site: site("other"), since: 0, limit: 10 });
    assert_eq!(other, Reply::Rows { rows: vec![], more: false });
    assert_eq!(world.ask(Request::Rows { site: site("nowhere"), since: 0, limit: 10 }), Reply::NotFound);

    let marks = Marks { read: 1, deliv: 1 };
    world.ask(Request::Mark { thread: b, side: Side::Agent, marks });
    let (changed, _) = rows(world, 5, 10);
    assert_eq!(changed.iter().map(|row| (row.thread, row.ver, row.unread)).collect::<Vec<_>>(), [(b, 6, 0)]);
}

pub(crate) fn a_version_of_a_lost_history_starts_again(world: &World) {
    world.thread_of(2);
    assert_eq!(rows(world, 3, 10).0.len(), 1);
    assert_eq!(rows(world, u64::MAX, 10).0.len(), 1);
}
