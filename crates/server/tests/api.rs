//! HTTP in, status and headers out. Nothing here needs built assets.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use axum::body::Body;
use axum::http::Request;
use common::{SHOP, Server};
use insta::assert_snapshot;
use rejoin_server::assets::{Assets, File};
use rejoin_server::origin::Origin;
use rejoin_server::router::router;
use tower::ServiceExt as _;

/// A build's files, small.
fn assets() -> Assets {
    let file = |path: &str, text: &str| {
        let mut file = File::new(path, text.as_bytes().to_vec().into());
        file.br = Some(format!("br of {text}").into_bytes().into());
        file.gz = Some(format!("gz of {text}").into_bytes().into());
        (path.to_owned(), file)
    };
    Assets::of([
        file("rejoin.js", "loader"),
        file("inbox.html", "inbox"),
        file("chat.html", "<script data-site=\"__SITE__\"></script>"),
        file("assets/widget-1a2b.wasm", "wasm"),
        file("assets/widget-1a2b.js", "js"),
        file("shop/index.html", "shop"),
    ])
}

async fn server() -> Server {
    Server::with(assets(), |config| {
        config.public_url = Some("https://chat.example".parse::<Origin>().unwrap());
    })
    .await
}

#[tokio::test]
async fn the_loader_is_for_every_page_and_asks_every_time() {
    let server = server().await;
    assert_snapshot!(server.get("/rejoin.js").await.shown(), @r#"
    200
    content-type: text/javascript; charset=utf-8
    etag: "d47712cceb4c780603026e63"
    vary: accept-encoding
    cache-control: no-cache
    access-control-allow-origin: *
    cross-origin-resource-policy: cross-origin
    x-content-type-options: nosniff

    loader
    "#);
    let brotli = [("accept-encoding", "gzip, deflate, br;q=0.9")];
    assert_snapshot!(server.request("GET", "/rejoin.js", &brotli, "").await.shown(), @r#"
    200
    content-type: text/javascript; charset=utf-8
    etag: "d47712cceb4c780603026e63-br"
    vary: accept-encoding
    cache-control: no-cache
    content-encoding: br
    access-control-allow-origin: *
    cross-origin-resource-policy: cross-origin
    x-content-type-options: nosniff

    br of loader
    "#);
}

#[tokio::test]
async fn a_hashed_file_is_kept_for_ever() {
    let server = server().await;
    let gzip = [("accept-encoding", "gzip, br;q=0")];
    assert_snapshot!(server.request("GET", "/assets/widget-1a2b.wasm", &gzip, "").await.shown(), @r#"
    200
    content-type: application/wasm
    etag: "336154bf67f765f8f75d16a0-gzip"
    vary: accept-encoding
    cache-control: public, max-age=31536000, immutable
    content-encoding: gzip
    access-control-allow-origin: *
    cross-origin-resource-policy: cross-origin
    x-content-type-options: nosniff

    gz of wasm
    "#);
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let server = server().await;
    let first = server.request("GET", "/rejoin.js", &[("accept-encoding", "br")], "").await;
    let etag = first.header("etag").unwrap();
    let again = [("accept-encoding", "br"), ("if-none-match", etag)];
    assert_snapshot!(server.request("GET", "/rejoin.js", &again, "").await.shown(), @r#"
    304
    etag: "d47712cceb4c780603026e63-br"
    vary: accept-encoding
    cache-control: no-cache
    access-control-allow-origin: *
    cross-origin-resource-policy: cross-origin
    x-content-type-options: nosniff
    "#);
    // The same file in another spelling is another thing to have.
    let other = server
        .request("GET", "/rejoin.js", &[("accept-encoding", "gzip"), ("if-none-match", etag)], "")
        .await;
    assert_eq!((other.status, other.body.as_str()), (200, "gz of loader"));
}

#[tokio::test]
async fn the_inbox_is_under_a_strict_policy() {
    let server = server().await;
    assert_snapshot!(server.get("/inbox/").await.shown(), @r#"
    200
    content-type: text/html; charset=utf-8
    etag: "caadbcffec9038112a5642fc"
    vary: accept-encoding
    cache-control: no-cache
    content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self' wss://chat.example; img-src 'self' data:; require-trusted-types-for 'script'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'
    referrer-policy: no-referrer
    cross-origin-opener-policy: same-origin
    x-content-type-options: nosniff

    inbox
    "#);
    let redirect = server.get("/inbox").await;
    assert_eq!((redirect.status, redirect.header("location")), (308, Some("/inbox/")));
}

#[tokio::test]
async fn the_chat_page_names_its_site() {
    let server = server().await;
    assert_snapshot!(server.get("/chat/demo").await.shown(), @r#"
    200
    content-type: text/html; charset=utf-8
    etag: "27ad3bcb0aeed5f4fae88340"
    vary: accept-encoding
    cache-control: no-cache
    content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self' wss://chat.example; img-src 'self' data:; require-trusted-types-for 'script'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'
    referrer-policy: no-referrer
    cross-origin-opener-policy: same-origin
    x-content-type-options: nosniff

    <script data-site="demo"></script>
    "#);
    for path in ["/chat/nobody", "/chat/%3Cscript%3E", "/chat/", "/chat/demo/x"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_briefly() {
    let server = server().await;
    assert_snapshot!(server.get("/nothing").await.shown(), @r#"
    404
    content-type: application/json
    cache-control: no-store
    x-content-type-options: nosniff

    {"code":"not_found"}
    "#);
    for path in
        ["/", "/assets/", "/assets/../rejoin.js", "/assets/%2e%2e/inbox.html", "/shop/index.html", "/v1/"]
    {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
    assert_eq!(server.request("DELETE", "/inbox/", &[], "").await.status, 405);
}

#[tokio::test]
async fn a_build_without_assets_says_how_to_make_them() {
    let server = Server::start().await;
    let page = server.get("/inbox/").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("cargo xtask build"), "{}", page.body);
    assert_eq!(server.get("/rejoin.js").await.status, 404);
}

#[tokio::test]
async fn health_is_for_service_managers() {
    let server = server().await;
    let (alive, ready) = (server.get("/healthz").await, server.get("/readyz").await);
    assert_eq!((alive.status, alive.body.as_str()), (200, "ok\n"));
    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));

    // A stopping server takes no more connections; one that was there before learns why.
    server.app.draining.send_replace(true);
    let request = Request::get("/readyz").body(Body::empty()).unwrap();
    let answer = router(server.app.clone()).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 503);
}

#[tokio::test]
async fn metrics_are_for_this_machine_or_for_who_knows_the_token() {
    const TOKEN: &str = "0123456789abcdef";
    let server = Server::with(assets(), |config| config.metrics_token = Some(TOKEN.to_owned())).await;
    let direct = server.get("/metrics").await;
    assert_eq!(direct.status, 200);
    for name in ["rejoin_build_info{version=", "rejoin_connections 0", "rejoin_messages_total 0", "# EOF"] {
        assert!(direct.body.contains(name), "{name} is missing in {}", direct.body);
    }
    let proxied = ("x-forwarded-for", "192.0.2.1");
    assert_eq!(server.request("GET", "/metrics", &[proxied], "").await.status, 404);
    let bearer = format!("Bearer {TOKEN}");
    let known = [proxied, ("authorization", bearer.as_str())];
    assert_eq!(server.request("GET", "/metrics", &known, "").await.status, 200);
    let wrong = [proxied, ("authorization", "Bearer 0123456789abcdeF")];
    assert_eq!(server.request("GET", "/metrics", &wrong, "").await.status, 404);
}

#[tokio::test]
async fn a_sign_in_link_is_spent_once_by_a_post() {
    let server = server().await;
    let secret = server.add_agent("ada@example.com", "demo").await;
    let body = format!("{{\"secret\":\"{secret}\"}}");
    let own = [("origin", "https://chat.example")];
    let path = "/v1/inbox/sign-in";
    assert_eq!(server.get(path).await.status, 405);
    let reply = server.request("POST", path, &own, &body).await;
    assert_eq!(reply.status, 200);
    let (value, attributes) = reply.header("set-cookie").unwrap().split_once(';').unwrap();
    assert_eq!(attributes, " Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure");
    assert_eq!(value.len(), "rejoin_agent=".len() + 43);
    assert_eq!(reply.json()["agent"]["name"], "Ada");
    assert_eq!(reply.json()["site"], "demo");
    assert_snapshot!(server.request("POST", path, &own, &body).await.shown(), @r#"
    401
    content-type: application/json
    cache-control: no-store
    x-content-type-options: nosniff

    {"code":"auth","detail":"this sign-in link is spent or too old; ask for a new one"}
    "#);
}

#[tokio::test]
async fn a_new_link_replaces_the_old_one() {
    let server = server().await;
    let first = server.add_agent("ada@example.com", "demo").await;
    let link = rejoin_server::control::Command::AgentLink { email: "ADA@example.com".to_owned() };
    let second = common::secret_of(&server.order(link).await);
    let own = [("origin", "https://chat.example")];
    let post = async |secret: &str| {
        server
            .request("POST", "/v1/inbox/sign-in", &own, &format!("{{\"secret\":\"{secret}\"}}"))
            .await
            .status
    };
    assert_eq!(post(&first).await, 401);
    assert_eq!(post(&second).await, 200);
}

#[tokio::test]
async fn signing_in_refuses_what_is_not_a_link() {
    let server = server().await;
    let own = [("origin", "https://chat.example")];
    let path = "/v1/inbox/sign-in";
    for (body, want) in [
        ("", 400),
        ("{", 400),
        ("{}", 400),
        ("{\"secret\":7}", 400),
        ("{\"secret\":\"short\"}", 401),
        (&format!("{{\"secret\":\"{}\"}}", "A".repeat(43)), 401),
        (&"x".repeat(5_000), 413),
    ] {
        let reply = server.request("POST", path, &own, body).await;
        assert_eq!(reply.status, want, "{body}: {}", reply.body);
    }
}

#[tokio::test]
async fn signing_in_is_for_our_own_page() {
    let server = server().await;
    let body = format!("{{\"secret\":\"{}\"}}", server.add_agent("ada@example.com", "demo").await);
    let path = "/v1/inbox/sign-in";
    let foreign = [
        SHOP,
        "null",
        "http://chat.example",
        "https://chat.example:8443",
        "https://chat.example.evil.example",
        "https://evil-chat.example",
        "https://CHAT.example",
    ];
    for origin in foreign {
        assert_eq!(server.request("POST", path, &[("origin", origin)], &body).await.status, 403, "{origin}");
    }
    let twice = [("origin", "https://chat.example"), ("origin", SHOP)];
    assert_eq!(server.request("POST", path, &twice, &body).await.status, 403);
    assert_snapshot!(server.request("POST", path, &[], &body).await.shown(), @r#"
    403
    content-type: application/json
    cache-control: no-store
    x-content-type-options: nosniff

    {"code":"origin","detail":"open the inbox at https://chat.example/inbox/"}
    "#);
}

#[tokio::test]
async fn too_many_sign_ins_have_to_wait() {
    let server = server().await;
    let own = [("origin", "https://chat.example"), ("x-forwarded-for", "192.0.2.1")];
    let body = format!("{{\"secret\":\"{}\"}}", "A".repeat(43));
    for _ in 0..10 {
        assert_eq!(server.request("POST", "/v1/inbox/sign-in", &own, &body).await.status, 401);
    }
    let refused = server.request("POST", "/v1/inbox/sign-in", &own, &body).await;
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait), "{wait}");
}

#[tokio::test]
async fn the_cookie_says_who_is_signed_in_until_sign_out() {
    let server = server().await;
    assert_snapshot!(server.get("/v1/inbox/me").await.shown(), @r#"
    401
    content-type: application/json
    cache-control: no-store
    x-content-type-options: nosniff

    {"code":"auth","detail":"open a sign-in link first"}
    "#);
    let secret = server.add_agent("ada@example.com", "demo").await;
    let cookie = server.sign_in(&secret).await;
    let with_cookie = [("cookie", cookie.as_str())];
    let me = server.request("GET", "/v1/inbox/me", &with_cookie, "").await;
    assert_eq!((me.status, &me.json()["agent"]["email"]), (200, &"ada@example.com".into()));
    assert_eq!(me.header("cache-control"), Some("no-store"));
    let among = format!("a=b; {cookie}; c=d");
    assert_eq!(server.request("GET", "/v1/inbox/me", &[("cookie", &among)], "").await.status, 200);

    let own = [("origin", "https://chat.example"), ("cookie", cookie.as_str())];
    let out = server.request("POST", "/v1/inbox/sign-out", &own, "").await;
    assert_snapshot!(out.shown(), @r#"
    204
    set-cookie: rejoin_agent=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure
    x-content-type-options: nosniff
    "#);
    assert_eq!(server.request("GET", "/v1/inbox/me", &with_cookie, "").await.status, 401);
}

#[tokio::test]
async fn a_ticket_needs_cookie_origin_and_header() {
    let server = server().await;
    let secret = server.add_agent("ada@example.com", "demo").await;
    let cookie = server.sign_in(&secret).await;
    let (origin, cookie, header) =
        (("origin", "https://chat.example"), ("cookie", cookie.as_str()), ("x-rejoin", "1"));
    let reply = server.request("POST", "/v1/ticket", &[origin, cookie, header], "").await;
    assert_eq!((reply.status, reply.json()["ticket"].as_str().unwrap().len()), (200, 43));
    for (headers, want) in [
        (vec![origin, cookie], 400),
        (vec![origin, header], 401),
        (vec![cookie, header], 403),
        (vec![("origin", SHOP), cookie, header], 403),
    ] {
        assert_eq!(server.request("POST", "/v1/ticket", &headers, "").await.status, want, "{headers:?}");
    }
    assert_eq!(server.request("GET", "/v1/ticket", &[origin, cookie, header], "").await.status, 405);
}

#[tokio::test]
async fn secrets_are_not_in_the_data() {
    let server = server().await;
    let link = server.add_agent("ada@example.com", "demo").await;
    let next = {
        let command = rejoin_server::control::Command::AgentAdd {
            email: "tomas@example.com".to_owned(),
            site: "demo".to_owned(),
            name: "Tomás".to_owned(),
        };
        common::secret_of(&server.order(command).await)
    };
    let cookie = server.sign_in(&next).await;
    let session = cookie.split_once('=').unwrap().1.to_owned();
    let dir = server.stop().await;
    let data = common::bytes_in(dir.path());
    for text in [&link, &next, &session] {
        let secret: rejoin_protocol::Secret = text.parse().unwrap();
        assert!(!contains(&data, text.as_bytes()), "a secret is stored as text");
        assert!(!contains(&data, secret.expose()), "a secret is stored as bytes");
    }
    assert!(contains(&data, "Tomás".as_bytes()), "the search finds what is stored");
}

#[tokio::test]
async fn a_web_socket_wants_a_handshake() {
    let server = server().await;
    let reply = server.request("GET", "/v1/ws", &[("origin", SHOP)], "").await;
    assert_snapshot!(reply.shown(), @r#"
    400
    content-type: application/json
    cache-control: no-store
    x-content-type-options: nosniff

    {"code":"bad_frame","detail":"this address speaks WebSocket only"}
    "#);
}

fn contains(data: &[u8], part: &[u8]) -> bool {
    data.windows(part.len()).any(|window| window == part)
}
