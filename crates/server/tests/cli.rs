//! The built binary, as an operator uses it.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use common::ws::Ws;
use common::{SHOP, cid, secret_of, token};
use serde_json::json;

/// A running `rejoin serve`, killed when dropped.
struct Serving {
    child: Child,
    address: SocketAddr,
}

fn rejoin(args: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rejoin"));
    command.args(args).arg("--data").arg(dir);
    command
}

fn output(args: &[&str], dir: &Path) -> Output {
    rejoin(args, dir).output().unwrap()
}

/// What it printed, of a command that must succeed.
fn done(args: &[&str], dir: &Path) -> String {
    let output = output(args, dir);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// The one line it complained with, of a command that must fail.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("rejoin: ")).collect();
    assert_eq!(lines.len(), 1, "{text}");
    lines[0].to_owned()
}

impl Serving {
    fn start(dir: &Path) -> Serving {
        Serving::with(dir, &["--listen", "127.0.0.1:0"])
    }

    fn with(dir: &Path, args: &[&str]) -> Serving {
        let mut command = rejoin(&["serve"], dir);
        let mut child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim_end().strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line:?}"));
        Serving { address: address.parse().unwrap(), child }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_port_in_use_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = refused(&output(&["serve", "--listen", &address], dir.path()));
    assert_eq!(
        line,
        format!(
            "rejoin: {address} is in use; stop what listens there or choose another address with --listen"
        )
    );
}

#[test]
fn a_data_directory_that_cannot_be_written_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let line = refused(&output(&["serve", "--listen", "127.0.0.1:0"], &path));
        let begin = format!("rejoin: cannot write to the data directory {}: ", path.display());
        assert!(line.starts_with(&begin) && line.ends_with("or choose another with --data"), "{line}");
    }
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let first = Serving::start(dir.path());
    let line = refused(&output(&["serve", "--listen", "127.0.0.1:0"], dir.path()));
    assert_eq!(
        line,
        format!(
            "rejoin: {} is in use by another rejoin (process {}); stop that one or choose another directory with --data",
            dir.path().display(),
            first.child.id()
        )
    );
    let line = refused(&output(&["restore", "backup"], dir.path()));
    assert!(line.ends_with("restore needs the server stopped"), "{line}");
}

#[test]
fn wrong_settings_are_said() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rejoin.toml");
    std::fs::write(&file, "drain = 3\n").unwrap();
    let file = file.to_str().unwrap();
    for (args, want) in [
        (
            vec!["serve", "--listen", "nowhere"],
            "rejoin: listen: \"nowhere\" is no address; write HOST:PORT, e.g. 127.0.0.1:8080",
        ),
        (
            vec!["serve", "--public-url", "chat.example"],
            "rejoin: public_url: \"chat.example\" does not begin with https:// or http://",
        ),
        (
            vec!["serve", "--config", "/nowhere.toml"],
            "rejoin: cannot read the config file /nowhere.toml: No such file or directory (os error 2)",
        ),
    ] {
        assert_eq!(refused(&output(&args, &dir.path().join("data"))), want);
    }
    let line = refused(&output(&["serve", "--config", file], &dir.path().join("data")));
    assert!(line.starts_with(&format!("rejoin: {file} line 1: unknown field `drain`")), "{line}");
    assert!(!dir.path().join("data").exists(), "a server that cannot start makes nothing");
}

/// Every command does the same with a server and without.
#[test]
fn commands_work_with_and_without_a_running_server() {
    for running in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let server =
            Serving::with(dir.path(), &["--listen", "127.0.0.1:0", "--public-url", "https://chat.example"]);
        let _server = running.then_some(server);
        let dir = dir.path();

        let site =
            ["site", "add", "shop", "--origin", "https://Shop.example/", "--origin", "http://localhost:80"];
        assert_eq!(done(&site, dir), "site shop may be embedded on https://shop.example, http://localhost");
        let agent = ["agent", "add", "ada@example.com", "--site", "shop", "--name", "Ada Lindgren"];
        let link = done(&agent, dir);
        assert!(
            link.starts_with("https://chat.example/inbox/#signin=") && link.lines().count() == 1,
            "{link}"
        );
        assert_ne!(done(&["agent", "link", "ada@example.com"], dir), link);

        for (args, want) in [
            (
                agent.to_vec(),
                "there is an agent ada@example.com already; for a new link: rejoin agent link ada@example.com",
            ),
            (
                vec!["agent", "add", "bo@example.com", "--site", "nowhere", "--name", "Bo"],
                "there is no site nowhere; add it first: rejoin site add nowhere --origin URL",
            ),
            (
                vec!["agent", "link", "bo@example.com"],
                "there is no agent bo@example.com; add one first: rejoin agent add bo@example.com --site NAME --name NAME",
            ),
            (vec!["agent", "link", "bo"], "\"bo\" is no e-mail address; want NAME@HOST"),
            (
                vec!["site", "add", "Shop", "--origin", "https://a.example"],
                "\"Shop\" is no name for a site: a site's name is 1 to 64 of a-z, 0-9 and -",
            ),
            (
                vec!["site", "add", "shop", "--origin", "https://a.example/path"],
                "the origin \"https://a.example/path\" has more than scheme, host and port: leave out the path, e.g. https://shop.example",
            ),
        ] {
            assert_eq!(refused(&output(&args, dir)), format!("rejoin: {want}"), "running: {running}");
        }
        assert!(done(&["check"], dir).ends_with("every log is whole"), "running: {running}");
    }
}

#[test]
fn a_command_without_data_says_how_to_get_some() {
    let dir = tempfile::tempdir().unwrap();
    let line = refused(&output(&["check"], &dir.path().join("none")));
    assert!(
        line.ends_with("name the directory with --data, or start a server first: rejoin serve"),
        "{line}"
    );
}

#[test]
fn a_backup_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let _server = Serving::start(&dir.path().join("data"));
    let file = dir.path().join("backup");
    let file = file.to_str().unwrap();
    let data = dir.path().join("data");
    assert_eq!(done(&["backup", file], &data), format!("backed up to {file}"));
    let line = refused(&output(&["backup", file], &data));
    assert_eq!(
        line,
        format!("rejoin: {file} exists already; a backup overwrites nothing, choose another name")
    );
    let line = refused(&output(&["backup", "/nowhere/backup"], &data));
    assert!(line.starts_with("rejoin: cannot write the backup /nowhere/backup: "), "{line}");
}

#[tokio::test]
async fn a_stop_says_goodbye_and_exits_with_zero() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Serving::start(dir.path());
    done(&["site", "add", "demo", "--origin", SHOP], dir.path());
    let mut ws = Ws::connect(server.address, SHOP).await;
    ws.hello(&token(1), None).await;
    ws.until("synced").await;
    server.signal("-TERM");
    let (code, reason, frames) = ws.closed().await;
    let in_ms = frames[0]["drain"]["in_ms"].as_u64().unwrap();
    assert!(in_ms < 2_000, "{in_ms}");
    assert_eq!((code, reason), (4012, format!("retry={in_ms}")));
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert!(!dir.path().join("control.sock").exists());
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let server = Serving::start(dir.path());
    done(&["site", "add", "demo", "--origin", SHOP], dir.path());
    let mut ws = Ws::connect(server.address, SHOP).await;
    ws.hello(&token(1), None).await;
    ws.until("synced").await;
    let mut ack = json!(null);
    for n in 1..=5 {
        ws.say(&cid(n), &format!("message {n}")).await;
        ack = ws.skip_to("ack").await;
    }
    // The sixth is on its way, and whether it was taken is for the restart to say.
    ws.send(json!({ "send": { "cid": cid(6), "cts": 1, "body": { "text": "message 6" } } })).await;
    drop(server);

    let server = Serving::start(dir.path());
    let mut ws = Ws::connect(server.address, SHOP).await;
    ws.hello(&token(1), None).await;
    let frames = ws.until("synced").await;
    let snap = frames.iter().find_map(|frame| frame.get("snap")).unwrap();
    let texts: Vec<&str> =
        snap["msgs"].as_array().unwrap().iter().map(|msg| msg["body"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts[..5], ["message 1", "message 2", "message 3", "message 4", "message 5"]);
    assert_eq!((&snap["msgs"][4]["id"], &ack["seq"]), (&ack["id"], &json!(5)));
    assert!(texts.len() <= 6, "{texts:?}");
    drop(server);
    assert!(done(&["check"], dir.path()).ends_with("every log is whole"));
}

#[tokio::test]
async fn a_backup_brings_the_thread_back_in_a_new_epoch() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let file = dir.path().join("backup");
    let file = file.to_str().unwrap();
    let server = Serving::start(&data);
    done(&["site", "add", "demo", "--origin", SHOP], &data);
    let mut ws = Ws::connect(server.address, SHOP).await;
    ws.hello(&token(1), None).await;
    ws.until("synced").await;
    ws.say(&cid(1), "before").await;
    let before = ws.skip_to("ack").await;
    done(&["backup", file], &data);
    ws.say(&cid(2), "after").await;
    ws.skip_to("ack").await;
    drop(server);
    assert_eq!(done(&["restore", file], &data), format!("restored from {file}"));

    let server = Serving::start(&data);
    let mut ws = Ws::connect(server.address, SHOP).await;
    let position =
        json!({ "thread": before["thread"], "epoch": before["epoch"], "seq": 1, "id": before["id"] });
    ws.hello(&token(1), Some(position)).await;
    let frames = ws.until("synced").await;
    assert_eq!(frames[1]["opened"]["mode"], "reset");
    assert_ne!(frames[1]["opened"]["epoch"], before["epoch"]);
    assert_eq!(frames[2]["snap"]["msgs"].as_array().unwrap().len(), 1);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Serving::start(dir.path());
    // A client that never finishes its request keeps the server from ending by itself. The interim answer shows that
    // the server waits for the rest.
    let mut stuck = std::net::TcpStream::connect(server.address).unwrap();
    let head = format!(
        "POST /v1/inbox/sign-in HTTP/1.1\r\norigin: http://{}\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n",
        server.address
    );
    std::io::Write::write_all(&mut stuck, head.as_bytes()).unwrap();
    let mut interim = String::new();
    BufReader::new(&stuck).read_line(&mut interim).unwrap();
    assert!(interim.starts_with("HTTP/1.1 100"), "{interim}");
    server.signal("-INT");
    // The listener is gone when the first signal has been taken.
    while std::net::TcpStream::connect(server.address).is_ok() {}
    server.signal("-INT");
    assert_eq!(server.child.wait().unwrap().code(), Some(130));
    drop(stuck);
}

#[test]
fn the_sign_in_link_is_not_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = rejoin(&["serve", "--listen", "127.0.0.1:0"], dir.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    done(&["site", "add", "demo", "--origin", SHOP], dir.path());
    let link = done(&["agent", "add", "ada@example.com", "--site", "demo", "--name", "Ada"], dir.path());
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let mut log = String::new();
    child.stderr.as_mut().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(log.contains("stopped"), "the log is there: {log}");
    for secret in [secret_of(&link).as_str(), "ada@example.com", "127.0.0.1"] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}

#[test]
fn the_data_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    // Also in a directory that others may look into.
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let _server = Serving::start(&data);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let made = dir.path().join("made");
    let _other = Serving::start(&made);
    assert_eq!(mode(&made), 0o700);
}

#[test]
fn a_long_path_is_no_obstacle() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("d".repeat(120));
    let _server = Serving::start(&data);
    assert!(done(&["check"], &data).ends_with("every log is whole"));
}

/// Twice on the same data: the second time everything is there already.
#[tokio::test]
async fn the_demo_says_where_everything_is() {
    let dir = tempfile::tempdir().unwrap();
    if !rejoin_server::assets::Assets::embedded().is_complete() {
        let line = refused(&output(&["demo", "--listen", "127.0.0.1:0"], dir.path()));
        assert_eq!(line, "rejoin: this build has no pages and no widget; run cargo xtask demo");
        return;
    }
    for _ in 0..2 {
        let mut command = rejoin(&["demo", "--listen", "127.0.0.1:0"], dir.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let shop =
            lines.find_map(|line| line.trim().strip_prefix("http://localhost:").map(str::to_owned)).unwrap();
        let shop: u16 = shop.trim_end_matches('/').parse().unwrap();
        let mut servers = Vec::new();
        for name in ["Ada Lindgren", "Tomás Rivera"] {
            assert!(lines.any(|line| line.contains(name)), "{name}");
            let link = lines.next().unwrap();
            let (server, secret) = link.trim().split_once("/inbox/#signin=").unwrap();
            let address = server.strip_prefix("http://").unwrap().parse().unwrap();
            let body = format!("{{\"secret\":\"{secret}\"}}");
            let path = "/v1/inbox/sign-in";
            let reply = common::http::request(address, "POST", path, &[("origin", server)], &body).await;
            assert_eq!((reply.status, &reply.json()["agent"]["name"]), (200, &json!(name)));
            servers.push((server.to_owned(), address));
        }
        let (server, address) = servers.pop().unwrap();
        let page = common::http::request(([127, 0, 0, 1], shop).into(), "GET", "/", &[], "").await;
        assert!(page.body.contains(&format!("{server}/rejoin.js")), "{}", page.body);
        let mut ws = Ws::connect(address, &format!("http://localhost:{shop}")).await;
        ws.hello(&token(1), None).await;
        ws.expect("welcome").await;
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}
