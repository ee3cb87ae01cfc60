//! Real WebSockets against a real server over SQLite.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use std::time::Duration;

use common::ws::Ws;
use common::{SHOP, Server, cid, token};
use rejoin_server::assets::Assets;
use rejoin_server::control::Command;
use rejoin_server::domain::session::Note;
use rejoin_server::domain::{Reply, Request};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

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
async fn the_same_id_with_another_text_is_refused() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    ws.say(&cid(1), "Hello").await;
    ws.until("ack").await;
    ws.say(&cid(1), "Goodbye").await;
    let nack = ws.skip_to("nack").await;
    assert_eq!(nack, json!({ "cid": cid(1), "code": "cid_conflict" }));
}

#[tokio::test]
async fn a_body_has_limits() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    let full = "\u{1F600}".repeat(8_000);
    ws.say(&cid(1), &full).await;
    assert_eq!(ws.until("ack").await.pop().unwrap()["ack"]["seq"], 1);
    let cases = [
        (cid(2), json!({ "text": format!("{full}x") }), "too_big"),
        (cid(3), json!({ "text": " \n" }), "bad_body"),
        (cid(4), json!({ "poll": {} }), "bad_body"),
    ];
    for (cid, body, code) in cases {
        ws.send(json!({ "send": { "cid": cid, "cts": 1, "body": body } })).await;
        assert_eq!(ws.skip_to("nack").await, json!({ "cid": cid, "code": code }));
    }
}

#[tokio::test]
async fn too_many_messages_have_to_wait() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    for n in 1..=6 {
        ws.say(&cid(n), "Hello").await;
    }
    let nack = ws.skip_to("nack").await;
    assert_eq!((&nack["cid"], &nack["code"]), (&json!(cid(6)), &json!("rate")));
    assert!(nack["retry_ms"].as_u64().is_some_and(|ms| (1..=1_000).contains(&ms)), "{nack}");
}

/// What is sent instead of, or after, a hello; the error's code and the close code.
#[tokio::test]
async fn what_is_no_frame_is_refused_by_name() {
    let server = Server::start().await;
    let cases: [(Message, &str); 8] = [
        (Message::text("hello"), "bad_frame"),
        (Message::text(""), "bad_frame"),
        (Message::text("[]"), "bad_frame"),
        (Message::text("{}"), "bad_frame"),
        (Message::text("{\"hello\":{\"v\":1,\"site\":\"Not A Site\"}}"), "bad_frame"),
        (Message::text("{\"send\":{\"cid\":\"x\"}}"), "bad_frame"),
        (Message::text("{\"ping\":{\"n\":1},\"typing\":{\"on\":true}}"), "bad_frame"),
        (Message::binary(vec![1, 2, 3]), "bad_frame"),
    ];
    for (message, want) in cases {
        let mut ws = server.connect().await;
        ws.send_message(message.clone()).await;
        let (code, _, frames) = ws.closed().await;
        assert_eq!((code, &frames[0]["err"]["code"]), (4002, &json!(want)), "{message:?}");
        assert_eq!(frames[0]["err"]["fatal"], true);
    }
}

#[tokio::test]
async fn a_refusal_never_repeats_what_was_sent() {
    let server = Server::start().await;
    let mut ws = server.connect().await;
    let secret = "A".repeat(42);
    ws.send(json!({ "hello": { "v": 1, "site": "demo", "tok": format!("rj1_0_{secret}") } })).await;
    let (_, reason, frames) = ws.closed().await;
    assert!(!format!("{reason}{frames:?}").contains(&secret), "{frames:?}");
}

#[tokio::test]
async fn invalid_utf8_is_refused() {
    let server = Server::start().await;
    let mut ws = server.connect().await;
    ws.send_raw_text(b"{\"ping\":{\"n\":1}}\xff".to_vec()).await;
    let (code, _, frames) = ws.closed().await;
    assert_eq!((code, &frames[0]["err"]["code"]), (4002, &json!("bad_frame")));
    assert_eq!(frames[0]["err"]["detail"], "want UTF-8");
}

#[tokio::test]
async fn an_oversized_frame_is_refused_by_name() {
    let server = Server::start().await;
    for bytes in [64 * 1024 + 1, 512 * 1024] {
        let (mut ws, _) = server.customer(&token(1), None).await;
        ws.send_raw_text(vec![b'x'; bytes]).await;
        let (code, _, frames) = ws.closed().await;
        assert_eq!((code, &frames[0]["err"]["code"]), (4002, &json!("too_large")), "{bytes}");
    }
}

#[tokio::test]
async fn an_unknown_frame_is_ignored_unless_it_must_be_understood() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    ws.send(json!({ "hologram": { "size": 3 } })).await;
    ws.send(json!({ "ping": { "n": 1, "more": "fields" } })).await;
    assert_eq!(ws.expect("pong").await["n"], 1);
    ws.send(json!({ "hologram": { "must": true } })).await;
    let (code, _, frames) = ws.closed().await;
    assert_eq!((code, &frames[0]["err"]["code"]), (4002, &json!("unknown_frame")));
}

#[tokio::test]
async fn anything_before_hello_is_refused() {
    let server = Server::start().await;
    let mut ws = server.connect().await;
    ws.say(&cid(1), "Hello").await;
    let (code, _, frames) = ws.closed().await;
    assert_eq!((code, &frames[0]["err"]["code"]), (4002, &json!("hello_first")));
}

#[tokio::test]
async fn who_never_says_hello_is_sent_away() {
    let server = Server::start().await;
    let (code, _, frames) = server.connect().await.closed().await;
    assert_eq!((code, &frames[0]["err"]["code"]), (4009, &json!("hello_first")));
}

#[tokio::test]
async fn another_version_is_told_so() {
    let server = Server::start().await;
    let mut ws = server.connect().await;
    ws.send(json!({ "hello": { "v": 2, "site": "demo" } })).await;
    let (code, _, frames) = ws.closed().await;
    assert_eq!((code, &frames[0]["err"]["code"]), (4013, &json!("version")));
}

#[tokio::test]
async fn only_the_listed_origins_may_speak_for_a_site() {
    let server = Server::start().await;
    let wrong = [
        "https://shop.example.evil.example",
        "https://evil-shop.example",
        "https://sub.shop.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://xn--shp-tna.example",
    ];
    for origin in wrong {
        let mut ws = Ws::connect(server.address, origin).await;
        ws.hello(&token(1), None).await;
        let (code, _, frames) = ws.closed().await;
        assert_eq!((code, &frames[0]["err"]["code"]), (4003, &json!("origin")), "{origin}");
    }
    let none = [
        None,
        Some("null"),
        Some(""),
        Some("shop.example"),
        Some("https://Shop.example"),
        Some("https://shop.example/"),
        Some("https://shop.example:443"),
        Some("file://"),
    ];
    for origin in none {
        assert_eq!(Ws::try_connect(server.address, origin).await.err(), Some(403), "{origin:?}");
    }
    let mut own = Ws::connect(server.address, &server.origin()).await;
    own.hello(&token(1), None).await;
    own.expect("welcome").await;
}

#[tokio::test]
async fn a_site_that_is_not_there_is_said() {
    let server = Server::start().await;
    let mut ws = server.connect().await;
    ws.send(json!({ "hello": { "v": 1, "site": "nobody" } })).await;
    let (code, _, frames) = ws.closed().await;
    assert_eq!((code, &frames[0]["err"]["code"]), (4003, &json!("site")));
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
async fn a_wrong_secret_is_refused_and_tells_nothing() {
    let server = Server::start().await;
    let (mut ws, _) = server.customer(&token(1), None).await;
    ws.say(&cid(1), "Hello").await;
    ws.until("ack").await;
    let mut forged = token(2);
    forged.replace_range(4..20, &token(1)[4..20]);
    let mut thief = server.connect().await;
    thief.hello(&forged, None).await;
    let (code, _, frames) = thief.closed().await;
    assert_eq!((code, frames.len(), &frames[0]["err"]["code"]), (4001, 1, &json!("auth")));
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
async fn one_address_makes_only_so_many_threads() {
    let server = Server::start().await;
    let mut refused = 0;
    for n in 1..=31 {
        let mut ws = Ws::connect_for(server.address, "2001:db8::1").await.unwrap();
        ws.hello(&token(n), None).await;
        ws.say(&cid(1), "Hello").await;
        let answer = ws.skip_to_any(&["ack", "nack"]).await;
        if let Some(nack) = answer.get("nack") {
            assert_eq!(nack["code"], "rate");
            assert!(nack["retry_ms"].as_u64().is_some());
            refused += 1;
        }
    }
    assert_eq!(refused, 1);
    // Another address is another matter.
    let mut ws = Ws::connect_for(server.address, "192.0.2.1").await.unwrap();
    ws.hello(&token(32), None).await;
    ws.say(&cid(1), "Hello").await;
    ws.skip_to("ack").await;
}

#[tokio::test]
async fn one_address_connects_only_so_often() {
    let server = Server::start().await;
    let mut refused = None;
    for _ in 0..400 {
        if let Err(status) = Ws::connect_for(server.address, "192.0.2.1").await {
            refused = Some(status);
            break;
        }
    }
    assert_eq!(refused, Some(429));
    Ws::connect_for(server.address, "192.0.2.2").await.unwrap();
    server.connect().await;
}

#[tokio::test]
async fn a_full_server_says_so() {
    let server = Server::with(Assets::default(), |config| config.connections_max = 1).await;
    let _first = server.connect().await;
    assert_eq!(Ws::try_connect(server.address, Some(SHOP)).await.err(), Some(429));
}

#[tokio::test]
async fn who_does_not_read_is_cut_off() {
    let server = Server::start().await;
    let (mut writer, _) = server.customer(&token(1), None).await;
    for n in 1..=5 {
        writer.say(&cid(n), &"\u{1F600}".repeat(8_000)).await;
        writer.skip_to("ack").await;
    }
    let (mut deaf, _) = server.customer(&token(1), None).await;
    for q in 0..10 {
        deaf.send(json!({ "fetch": { "q": q, "before": 6, "limit": 50 } })).await;
    }
    let closes = async {
        while !server.get("/metrics").await.body.contains("rejoin_closes_total{code=\"4009\"} 1") {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(30), closes).await.expect("still waiting for the client after 30 s");
    writer.expect_and_settle().await;
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
