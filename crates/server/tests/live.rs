//! Real WebSockets against a real server over SQLite.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use common::ws::Ws;
use common::{SHOP, Server, cid, token};
use rejoin_server::assets::Assets;
use rejoin_server::control::Command;
use rejoin_server::domain::session::Note;
use rejoin_server::domain::{Reply, Request};
use serde_json::{Value, json};

/// What a client that has applied everything up to this event names in its next hello.
fn position(ack: &Value) -> Value {
    json!({ "thread": ack["thread"], "epoch": ack["epoch"], "seq": ack["seq"], "id": ack["id"] })
}

/// The texts in an `ev` frame.
fn texts(ev: &Value) -> Vec<&str> {
    ev["evs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ev| ev["kind"]["msg"]["body"]["text"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_visitor_finds_a_new_thread_and_leaves_nothing_behind() {
    let server = Server::start().await;
    let mut ws = server.connect().await;
    ws.hello(&token(1), None).await;
    let welcome = ws.expect("welcome").await;
    assert_eq!(welcome["me"], "customer");
    let opened = ws.expect("opened").await;
    assert_eq!((&opened["mode"], &opened["head"], opened.get("thread")), (&json!("new"), &json!(0), None));
    assert_eq!(ws.expect("synced").await["head"], 0);
    ws.send(json!({ "typing": { "on": true } })).await;
    ws.expect_silence().await;
    let rows = Request::Rows { site: "demo".parse().unwrap(), since: 0, limit: 10 };
    assert_eq!(server.app.ask(rows).await, Ok(Reply::Rows { rows: vec![], more: false }));
}

#[tokio::test]
async fn the_first_message_makes_the_thread() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    ws.say(&cid(1), "Hello").await;
    let frames = ws.until("ack").await;
    let ack = frames.last().unwrap()["ack"].clone();
    assert_eq!((&ack["cid"], &ack["seq"]), (&json!(cid(1)), &json!(1)));
    let ev = match frames.iter().find_map(|frame| frame.get("ev")) {
        Some(ev) => ev.clone(),
        None => ws.expect("ev").await,
    };
    assert_eq!((&ev["from"], texts(&ev)), (&json!(1), vec!["Hello"]));
}

#[tokio::test]
async fn a_resend_gets_the_first_answer() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    ws.say(&cid(1), "Hello").await;
    let first = ws.until("ack").await.pop().unwrap();
    let (mut other, _) = server.customer(&token(1), None).await;
    other.say(&cid(1), "Hello").await;
    assert_eq!(other.until("ack").await.pop().unwrap(), first);
    assert_eq!(server.app.metrics.messages.get(), 1);
}

#[tokio::test]
async fn a_stranger_sees_nothing() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    let (mut stranger, _) = server.customer(&token(2), None).await;
    let (mut other_thread, _) = server.customer(&token(3), None).await;
    other_thread.say(&cid(9), "Mine").await;
    other_thread.until("ack").await;
    other_thread.expect_and_settle().await;
    ws.say(&cid(1), "Hello").await;
    ws.until("ack").await;
    stranger.expect_silence().await;
    other_thread.expect_silence().await;
}

#[tokio::test]
async fn the_other_device_of_a_customer_sees_everything() {
    let server = Server::start().await;
    let (mut phone, _) = server.customer(&token(1), None).await;
    phone.say(&cid(1), "Hello").await;
    phone.until("ack").await;
    let (mut tab, frames) = server.customer(&token(1), None).await;
    let names: Vec<&String> = frames.iter().flat_map(|frame| frame.as_object().unwrap().keys()).collect();
    assert_eq!(names, ["welcome", "opened", "snap", "synced"]);
    assert_eq!(frames[1]["opened"]["mode"], "snapshot");
    assert_eq!(frames[2]["snap"]["msgs"][0]["body"]["text"], "Hello");
    phone.say(&cid(2), "Again").await;
    assert_eq!(texts(&tab.expect("ev").await), ["Again"]);
}

#[tokio::test]
async fn an_agent_answers_and_the_customer_sees_it() {
    let server = Server::start().await;
    let cookie = server.sign_in(&server.add_agent("ada@example.com", "demo").await).await;
    let mut agent = server.agent(&cookie).await;
    agent.send(json!({ "inbox": { "ver": 0 } })).await;
    assert_eq!(agent.expect("rows").await["rows"], json!([]));

    let (mut customer, _) = server.customer(&token(1), None).await;
    customer.say(&cid(1), "Hello").await;
    let thread = customer.until("ack").await.pop().unwrap()["ack"]["thread"].clone();
    customer.expect_and_settle().await;

    let rows = agent.expect("rows").await;
    let row = &rows["rows"][0];
    assert_eq!((&row["thread"], &row["unread"], &row["preview"]), (&thread, &json!(1), &json!("Hello")));

    agent.send(json!({ "t": thread, "open": {} })).await;
    let frames = agent.until("synced").await;
    assert!(frames.iter().all(|frame| frame["t"] == thread || frame.get("hb").is_some()), "{frames:?}");
    let snap = frames.iter().find_map(|frame| frame.get("snap")).unwrap();
    assert_eq!(snap["msgs"][0]["by"], "customer");

    agent.send(json!({ "t": thread, "typing": { "on": true } })).await;
    let typing = customer.skip_to("typing").await;
    assert_eq!(typing["by"]["agent"]["name"], "Ada");

    let reply = json!({ "cid": cid(2), "cts": 1, "body": { "text": "Hi, how can I help?" } });
    agent.send(json!({ "t": thread, "send": reply })).await;
    assert_eq!(agent.skip_to("ack").await["seq"], 2);
    let ev = customer.skip_to("ev").await;
    assert_eq!((&ev["from"], texts(&ev)), (&json!(2), vec!["Hi, how can I help?"]));
    assert_eq!(ev["evs"][0]["kind"]["msg"]["by"]["agent"]["name"], "Ada");

    customer.send(json!({ "read": { "upto": 2, "deliv": 2 } })).await;
    let read = json!({ "read": 2, "deliv": 2 });
    while agent.skip_to("cur").await != json!({ "side": "customer", "marks": read }) {}
}

#[tokio::test]
async fn coming_back_brings_what_was_missed_and_no_more() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    ws.say(&cid(1), "one").await;
    let ack = ws.until("ack").await.pop().unwrap()["ack"].clone();
    drop(ws);
    let (mut elsewhere, _) = server.customer(&token(1), None).await;
    for (n, text) in [(2, "two"), (3, "three")] {
        elsewhere.say(&cid(n), text).await;
        elsewhere.until("ack").await;
    }
    let (_ws, frames) = server.customer(&token(1), Some(position(&ack))).await;
    assert_eq!(frames[1]["opened"]["mode"], "resume");
    let ev = &frames[2]["ev"];
    assert_eq!((&ev["from"], texts(ev)), (&json!(2), vec!["two", "three"]));
    assert_eq!(frames[3]["synced"]["head"], 3);
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    ws.say(&cid(1), "Hello").await;
    let ack = ws.until("ack").await.pop().unwrap()["ack"].clone();
    let dir = server.stop().await;
    let (code, reason, frames) = ws.closed().await;
    assert_eq!((code, reason.as_str()), (4012, "retry=0"));
    assert!(frames.iter().any(|frame| frame["drain"]["in_ms"] == 0), "{frames:?}");

    let server = Server::on(dir, Assets::default(), |_| {}).await;
    let (_ws, frames) = server.customer(&token(1), Some(position(&ack))).await;
    assert_eq!(frames[1]["opened"]["mode"], "resume");
    assert_eq!(frames[2]["synced"]["head"], 1);
}

#[tokio::test]
async fn a_position_of_another_log_starts_over() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    ws.say(&cid(1), "Hello").await;
    let ack = ws.until("ack").await.pop().unwrap()["ack"].clone();
    let with = |field: &str, value: Value| {
        let mut position = position(&ack);
        position[field] = value;
        position
    };
    let other = "0123456789abcdef0123456789abcdef";
    for wrong in [
        with("epoch", json!(other)),
        with("seq", json!(2)),
        with("id", json!(other)),
        with("thread", json!(other)),
    ] {
        let (_ws, frames) = server.customer(&token(1), Some(wrong.clone())).await;
        assert_eq!(frames[1]["opened"]["mode"], "reset", "{wrong}");
        assert_eq!(frames[2]["snap"]["msgs"][0]["body"]["text"], "Hello");
    }
}

#[tokio::test]
async fn a_site_added_while_running_is_known_at_once() {
    let server = Server::start().await;
    let origins = vec!["https://other.example".to_owned()];
    server.order(Command::SiteAdd { name: "other".to_owned(), origins }).await;
    let mut ws = Ws::connect(server.address, "https://other.example").await;
    ws.send(json!({ "hello": { "v": 1, "site": "other", "tok": token(1) } })).await;
    ws.expect("welcome").await;
}

#[tokio::test]
async fn a_removed_device_is_cut_off_and_stays_out() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    ws.say(&cid(1), "Hello").await;
    ws.until("ack").await;
    let did = token(1)[4..20].parse().unwrap();
    let revoke = Request::Revoke { site: "demo".parse().unwrap(), did, now: 1 };
    let Ok(Reply::Revoked(thread)) = server.app.ask(revoke).await else { panic!("not revoked") };
    server.app.bus.publish(Note::Revoked(thread, did));
    let (code, _, _) = ws.closed().await;
    assert_eq!(code, 4011);
    let mut again = server.connect().await;
    again.hello(&token(1), None).await;
    let (code, _, frames) = again.closed().await;
    assert_eq!((code, &frames[0]["err"]["code"]), (4011, &json!("revoked")));
}

#[tokio::test]
async fn an_agents_ticket_is_good_once_and_only_on_our_own_page() {
    let server = Server::start().await;
    let cookie = server.sign_in(&server.add_agent("ada@example.com", "demo").await).await;
    let hello = async |ticket: &str, origin: &str| {
        let mut ws = Ws::connect(server.address, origin).await;
        ws.send(json!({ "hello": { "v": 1, "ticket": ticket } })).await;
        ws
    };
    let ticket = server.ticket(&cookie).await;
    assert_eq!(hello(&ticket, SHOP).await.closed().await.0, 4003);
    let mut first = hello(&ticket, &server.origin()).await;
    assert_eq!(first.expect("welcome").await["me"]["agent"]["name"], "Ada");
    assert_eq!(hello(&ticket, &server.origin()).await.closed().await.0, 4001);
}

#[tokio::test]
async fn an_agent_of_another_site_sees_nothing() {
    let server = Server::start().await;
    let origins = vec!["https://other.example".to_owned()];
    server.order(Command::SiteAdd { name: "other".to_owned(), origins }).await;
    let cookie = server.sign_in(&server.add_agent("eve@example.com", "other").await).await;
    let mut eve = server.agent(&cookie).await;
    eve.send(json!({ "inbox": { "ver": 0 } })).await;
    assert_eq!(eve.expect("rows").await["rows"], json!([]));
    let (mut customer, _) = server.customer(&token(1), None).await;
    customer.say(&cid(1), "Hello").await;
    let thread = customer.until("ack").await.pop().unwrap()["ack"]["thread"].clone();
    eve.send(json!({ "t": thread, "open": {} })).await;
    assert_eq!(eve.expect("err").await["code"], "not_found");
    let reply = json!({ "cid": cid(2), "cts": 1, "body": { "text": "Hi" } });
    eve.send(json!({ "t": thread, "send": reply })).await;
    assert_eq!(eve.expect("nack").await["code"], "not_open");
    eve.expect_silence().await;
}

#[tokio::test]
async fn connections_are_counted() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    ws.say(&cid(1), "Hello").await;
    ws.until("ack").await;
    ws.say(&cid(1), "Other").await;
    ws.skip_to("nack").await;
    let text = server.get("/metrics").await.body;
    for line in [
        "rejoin_connections 1",
        "rejoin_messages_total 1",
        "rejoin_ack_seconds_count 2",
        "rejoin_nacks_total{code=\"cid_conflict\"} 1",
        "rejoin_store_pending 0",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} is missing in\n{text}");
    }
}
