//! What a client must not do, over real WebSockets: each has a typed answer, and nothing acknowledged is lost by it.

mod common;

use std::time::Duration;

use common::ws::Ws;
use common::{SHOP, Server, cid, token};
use rejoin_server::assets::Assets;
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

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
