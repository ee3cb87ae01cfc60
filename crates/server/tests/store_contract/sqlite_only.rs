//! What only a store on a disk can get wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use rejoin_protocol::Mode;
use rejoin_server::domain::{Reply, Request};
use rejoin_server::store::sqlite::{BackupError, CheckError, FILE, OpenError, Options, Sqlite, restore};
use rejoin_server::store::{Store as _, StoreError};
use tempfile::TempDir;

use crate::world::*;

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn opened(dir: &Path) -> (Arc<Sqlite>, World) {
    let store = Arc::new(Sqlite::open(dir).unwrap());
    (store.clone(), World { store, ada: rejoin_protocol::AgentId::from_bytes([0xa; 16]) })
}

fn fresh(dir: &Path) -> (Arc<Sqlite>, World) {
    let store = Arc::new(Sqlite::open(dir).unwrap());
    (store.clone(), World::new(store))
}

fn sql(dir: &Path, sql: &str) {
    rusqlite::Connection::open(dir.join(FILE)).unwrap().execute_batch(sql).unwrap();
}

fn open_error(dir: &Path) -> OpenError {
    match Sqlite::open(dir) {
        Ok(_) => panic!("{} was opened", dir.display()),
        Err(error) => error,
    }
}

#[test]
fn everything_survives_closing_and_opening() {
    let dir = dir();
    let (store, world) = fresh(dir.path());
    let thread = world.thread_of(5);
    let (log, position) = (world.log(thread), world.position(thread, 5));
    drop(world);
    drop(store);
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the write-ahead log is emptied and gone: {left:?}");

    let (store, world) = opened(dir.path());
    assert_eq!(world.log(thread), log);
    assert_eq!(world.open(thread, Some(position)).opened.mode, Mode::Resume, "the same epoch");
    assert_eq!(world.append(world.device_says(device(1), 3, "message 3")).ack.seq, 3, "a resend is known");
    assert_eq!(store.check().unwrap(), "2 sites, 1 thread, 5 messages: every log is whole");
}

#[test]
fn after_closing_every_answer_is_an_error() {
    let dir = dir();
    let (store, world) = fresh(dir.path());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(store.close());
    for request in [Request::Ready, Request::Sites] {
        assert!(matches!(world.try_ask(request), Err(StoreError::Failed(_))));
    }
}

#[test]
fn what_was_asked_is_done_even_if_nobody_waits() {
    let dir = dir();
    let (store, world) = fresh(dir.path());
    drop(store.ask(Request::Append(world.device_says(device(1), 1, "Hello"))));
    drop(world);
    drop(store);
    let (_store, world) = opened(dir.path());
    let appended = world.append(world.device_says(device(1), 1, "Hello"));
    assert_eq!(appended.new, None, "it was there");
}

#[test]
fn another_writer_makes_it_busy_and_nothing_is_lost() {
    let dir = dir();
    let options = Options { busy_timeout_ms: 30, ..Options::default() };
    let store = Arc::new(Sqlite::open_with(dir.path(), options).unwrap());
    let world = World::new(store.clone());
    let other = rusqlite::Connection::open(store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let hello = || Request::Append(world.device_says(device(1), 1, "Hello"));
    assert_eq!(world.try_ask(hello()), Err(StoreError::Busy));
    assert!(matches!(world.ask(Request::Sites), Reply::Sites(_)), "readers do not wait for writers");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(matches!(world.ask(hello()), Reply::Appended(appended) if appended.new.is_some()));
}

#[test]
fn a_full_queue_says_so_at_once() {
    let dir = dir();
    let options = Options { queue: 2, batch: 1, busy_timeout_ms: 60_000, ..Options::default() };
    let store = Arc::new(Sqlite::open_with(dir.path(), options).unwrap());
    let world = World::new(store.clone());
    let other = rusqlite::Connection::open(store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // The writer holds one and waits for the other process; then the queue fills.
    let asked: Vec<_> =
        (1..=20).map(|n| store.ask(Request::Append(world.device_says(device(1), n, "Hello")))).collect();
    other.execute_batch("ROLLBACK").unwrap();
    let answers: Vec<_> = asked.into_iter().map(wait).collect();
    let busy = answers.iter().filter(|answer| **answer == Err(StoreError::Busy)).count();
    let done = answers.iter().filter(|answer| matches!(answer, Ok(Reply::Appended(_)))).count();
    assert_eq!(busy + done, 20, "{answers:?}");
    assert!(busy > 0 && done > 0, "{busy} refused and {done} done");
    let Ok(Reply::Appended(last)) = answers.into_iter().rfind(Result::is_ok).unwrap() else {
        panic!("not appended")
    };
    assert_eq!(last.ack.seq, done as u64, "what was refused left no hole");
}

#[test]
fn a_burst_is_committed_together() {
    let dir = dir();
    let (store, world) = fresh(dir.path());
    let other = rusqlite::Connection::open(store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let asked: Vec<_> =
        (1..=200).map(|n| store.ask(Request::Append(world.device_says(device(1), n, "Hello")))).collect();
    let commits = || -> i64 {
        other.query_row("SELECT value FROM meta WHERE key = 'commit_no'", [], |row| row.get(0)).unwrap()
    };
    let before = commits();
    other.execute_batch("ROLLBACK").unwrap();
    for (n, answer) in asked.into_iter().enumerate() {
        let Ok(Reply::Appended(appended)) = wait(answer) else { panic!("not appended") };
        assert_eq!(appended.ack.seq, n as u64 + 1, "in the order of asking");
    }
    let commits = commits() - before;
    assert!((1..=3).contains(&commits), "{commits} commits for 200 messages");
}

#[test]
fn a_full_disk_is_said_and_what_was_acknowledged_stays() {
    let dir = dir();
    drop(fresh(dir.path()));
    let options = Options { pages_max: Some(80), ..Options::default() };
    let store = Arc::new(Sqlite::open_with(dir.path(), options).unwrap());
    let world = World { store: store.clone(), ada: rejoin_protocol::AgentId::from_bytes([0xa; 16]) };
    let long = "x".repeat(8_000);
    let mut thread = None;
    let mut acked = 0;
    let error = loop {
        match world.try_ask(Request::Append(world.device_says(device(1), acked + 1, &long))) {
            Ok(Reply::Appended(appended)) => (acked, thread) = (acked + 1, Some(appended.ack.thread)),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
        assert!(acked < 290, "the file grows without end");
    };
    assert_eq!(error, StoreError::Full);
    let thread = thread.unwrap();
    assert_eq!(world.log(thread).len() as u64, acked);
    store.check().unwrap();
    drop((world, store));
    let (_store, world) = opened(dir.path());
    assert_eq!(
        world.append(world.device_says(device(1), acked + 1, &long)).ack.seq,
        acked + 1,
        "with room again"
    );
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let dir = dir();
    let file = dir.path().join("a file");
    fs::write(&file, "").unwrap();
    for path in [file.as_path(), &dir.path().join("missing")] {
        let line = open_error(path).to_string();
        assert!(line.contains(&path.join(FILE).display().to_string()), "{line}");
        assert!(line.contains("--data") && !line.contains('\n'), "{line}");
    }
    let locked = dir.path().join("locked");
    fs::create_dir(&locked).unwrap();
    drop(fresh(&locked));
    fs::set_permissions(locked.join(FILE), fs::Permissions::from_mode(0o400)).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).unwrap();
    // The superuser may write anywhere: there is nothing to refuse.
    if fs::write(locked.join("probe"), "").is_err() {
        let line = open_error(&locked).to_string();
        assert!(line.contains(&locked.display().to_string()) && line.contains("--data"), "{line}");
    }
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let dir = dir();
    fs::write(dir.path().join(FILE), "this is a shopping list, long enough to have a header".repeat(20))
        .unwrap();
    assert!(matches!(open_error(dir.path()), OpenError::NotOurs { .. }));
    fs::remove_file(dir.path().join(FILE)).unwrap();
    sql(dir.path(), "CREATE TABLE recipes (name TEXT)");
    assert!(matches!(open_error(dir.path()), OpenError::NotOurs { .. }));
    assert!(matches!(restore(&dir.path().join(FILE), dir.path()), Err(BackupError::Open(_))));
}

#[test]
fn a_newer_layout_is_refused() {
    let dir = dir();
    drop(fresh(dir.path()));
    sql(dir.path(), "PRAGMA user_version = 9");
    assert!(matches!(open_error(dir.path()), OpenError::TooNew { found: 9, known: 1, .. }));
}

#[test]
fn a_backup_is_restored_under_a_new_epoch() {
    let dir = dir();
    let backup = dir.path().join("backup.db");
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    let (store, world) = fresh(&data);
    let thread = world.thread_of(3);
    store.backup(&backup).unwrap();
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(store.backup(&backup), Err(BackupError::Exists(_))));
    assert!(matches!(store.backup(&data.join("no/such/folder")), Err(BackupError::File { .. })));

    world.append(world.device_says(device(1), 4, "after the backup"));
    let (at_3, at_4) = (world.position(thread, 3), world.position(thread, 4));
    drop((world, store));
    restore(&backup, &data).unwrap();

    let (store, world) = opened(&data);
    assert_eq!(world.log(thread).len(), 3);
    for (what, pos) in [("within", at_3), ("beyond", at_4)] {
        assert_eq!(world.open(thread, Some(pos)).opened.mode, Mode::Reset, "a position {what} the backup");
    }
    let Reply::Rows { rows, .. } = world.ask(Request::Rows { site: site("demo"), since: 4, limit: 10 })
    else {
        panic!("no rows")
    };
    assert_eq!(rows.len(), 1, "whoever knows the lost list reads it again");
    assert_eq!(world.append(world.device_says(device(1), 4, "after the backup")).ack.seq, 4);
    store.check().unwrap();
    drop((world, store));
    assert!(data.join("rejoin.db.before-restore").exists());
    restore(&data.join("rejoin.db.before-restore"), &data).unwrap();
    assert_eq!(opened(&data).1.log(thread).len(), 4, "the replaced database is kept whole");
}

#[test]
fn a_damaged_backup_changes_nothing() {
    let dir = dir();
    let (store, world) = fresh(dir.path());
    let thread = world.thread_of(200);
    let backup = dir.path().join("backup.db");
    store.backup(&backup).unwrap();
    drop((world, store));
    let mut bytes = fs::read(&backup).unwrap();
    let len = bytes.len();
    bytes[4096..len].fill(0x55);
    fs::write(&backup, bytes).unwrap();
    assert!(restore(&backup, dir.path()).is_err());
    assert!(restore(&dir.path().join("nowhere.db"), dir.path()).is_err());
    assert_eq!(opened(dir.path()).1.log(thread).len(), 200);
}

#[test]
fn an_older_file_put_in_place_is_noticed() {
    let dir = dir();
    let (store, world) = fresh(dir.path());
    let thread = world.thread_of(3);
    drop((world, store));
    let old = fs::read(dir.path().join(FILE)).unwrap();

    let (store, world) = opened(dir.path());
    world.append(world.device_says(device(1), 4, "lost"));
    let positions = [2, 3, 4].map(|seq| world.position(thread, seq));
    drop((world, store));
    fs::write(dir.path().join(FILE), old).unwrap();

    let (_store, world) = opened(dir.path());
    world.append(world.device_says(device(1), 5, "another fourth"));
    for pos in positions {
        assert_eq!(world.open(thread, Some(pos)).opened.mode, Mode::Reset, "at {}", pos.seq);
    }
}

#[test]
fn an_older_directory_put_in_place_is_caught_by_the_id() {
    let dir = dir();
    let (store, world) = fresh(dir.path());
    let thread = world.thread_of(3);
    drop((world, store));
    let old: Vec<_> =
        [FILE, "rejoin.mark"].map(|name| (name, fs::read(dir.path().join(name)).unwrap())).into();

    let (store, world) = opened(dir.path());
    world.append(world.device_says(device(1), 4, "lost"));
    let (at_3, at_4) = (world.position(thread, 3), world.position(thread, 4));
    drop((world, store));
    for (name, bytes) in old {
        fs::write(dir.path().join(name), bytes).unwrap();
    }

    let (_store, world) = opened(dir.path());
    assert_eq!(world.open(thread, Some(at_4)).opened.mode, Mode::Reset, "past the head");
    world.append(world.device_says(device(1), 5, "another fourth"));
    assert_eq!(world.open(thread, Some(at_4)).opened.mode, Mode::Reset, "the log has grown again");
    assert_eq!(world.open(thread, Some(at_3)).opened.mode, Mode::Resume, "this much is the same history");
}

fn problems(dir: &Path, damage: &str) -> String {
    sql(dir, &format!("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {damage}"));
    match Sqlite::open(dir).unwrap().check() {
        Err(CheckError::Problems(lines)) => lines.join("\n"),
        other => panic!("{damage}: {other:?}"),
    }
}

#[test]
fn damage_is_found() {
    let damages = [
        ("DELETE FROM events WHERE seq = 2", "head 3 but 2 events"),
        ("DELETE FROM events WHERE seq = 3", "head 3 but 2 events"),
        ("UPDATE threads SET head = 4", "head 4 but 3 events"),
        ("UPDATE events SET seq = 7 WHERE seq = 3", "from 1 to 7"),
        ("UPDATE events SET id = (SELECT id FROM events WHERE seq = 1) WHERE seq = 2", "2 events under id"),
        ("UPDATE events SET ts = 5 WHERE seq = 2", "time goes back at event 2"),
        ("UPDATE events SET body = '{' WHERE seq = 2", "event 2 has no readable body"),
        ("UPDATE threads SET agent_read = 9, agent_deliv = 9", "a cursor is past the head"),
        ("UPDATE sites SET threads = 9 WHERE name = 'demo'", "9 threads noted but 1 there"),
        ("UPDATE sites SET inbox_ver = 0", "a thread is newer than its list"),
        ("UPDATE devices SET thread = 77", "a reference to threads leads nowhere"),
    ];
    for (damage, want) in damages {
        let dir = dir();
        let (store, world) = fresh(dir.path());
        world.thread_of(3);
        drop((world, store));
        let found = problems(dir.path(), damage);
        assert!(found.contains(want), "{damage}: {found}");
    }
}
