//! The wire format, one snapshot per frame: a change of format is a change of this file, made on purpose.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by failing")]
use rejoin_protocol::*;

fn hex<const N: usize>(n: u8) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[N - 1] = n;
    bytes
}

fn cid() -> ClientMessageId {
    ClientMessageId::from_bytes(hex(1))
}
fn thread() -> ThreadId {
    ThreadId::from_bytes(hex(2))
}
fn epoch() -> Epoch {
    Epoch::from_bytes(hex(3))
}
fn id() -> MessageId {
    MessageId::from_bytes(hex(4))
}
fn token() -> DeviceToken {
    DeviceToken { did: DeviceId::from_bytes(hex(5)), secret: Secret::from_bytes([0xab; 32]) }
}
fn agent() -> Author {
    Author::Agent { id: AgentId::from_bytes(hex(6)), name: "Ada".to_owned() }
}
fn message() -> Message {
    Message {
        seq: 7,
        id: id(),
        ts: 1_700_000_000_000,
        by: agent(),
        cid: cid(),
        body: Body::Text("Hello".to_owned()),
    }
}
fn resume() -> Resume {
    Resume { thread: thread(), epoch: epoch(), seq: 7, id: Some(id()) }
}
fn read() -> ReadState {
    ReadState { customer: Marks { read: 1, deliv: 2 }, agent: Marks::default() }
}

/// The JSON, after checking that reading it gives the same frame back.
fn wire<F: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(
    frame: &F,
) -> String {
    let json = serde_json::to_string(frame).unwrap();
    assert_eq!(&serde_json::from_str::<F>(&json).unwrap(), frame);
    json
}

#[test]
fn client_frames() {
    let site = Some("demo".parse().unwrap());
    let frames = [
        ClientFrame::Hello(Hello {
            v: PROTOCOL_VERSION,
            site,
            tok: Some(token()),
            ticket: None,
            pos: Some(resume()),
        }),
        ClientFrame::Open(Open { pos: None }),
        ClientFrame::Close(Empty {}),
        ClientFrame::Send(Send { cid: cid(), cts: 1_700_000_000_000, body: Body::Text("Hello".to_owned()) }),
        ClientFrame::Read(Read { upto: 1, deliv: 2 }),
        ClientFrame::Typing(TypingOn { on: true }),
        ClientFrame::Fetch(Fetch { q: 1, before: Some(9), from: None, to: None, limit: 50 }),
        ClientFrame::Fetch(Fetch { q: 2, before: None, from: Some(3), to: Some(4), limit: 50 }),
        ClientFrame::Inbox(InboxSince { ver: 12 }),
        ClientFrame::Ping(Ping { n: 1 }),
        ClientFrame::Bye(Empty {}),
    ];
    let lines: Vec<String> = frames.into_iter().map(|frame| wire(&Envelope::plain(frame))).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn server_frames() {
    let row = Row {
        thread: thread(),
        number: 12,
        ver: 3,
        head: 7,
        unread: 1,
        ts: 5,
        by: Author::Customer,
        preview: "Hello".to_owned(),
    };
    let frames = [
        ServerFrame::Welcome(Welcome { me: Me::Customer, now: 5, hb_ms: 25_000 }),
        ServerFrame::Welcome(Welcome {
            me: Me::Agent { id: AgentId::from_bytes(hex(6)), name: "Ada".to_owned() },
            now: 5,
            hb_ms: 25_000,
        }),
        ServerFrame::Opened(Opened {
            mode: Mode::New,
            thread: None,
            epoch: None,
            head: 0,
            read: ReadState::default(),
        }),
        ServerFrame::Opened(Opened {
            mode: Mode::Resume,
            thread: Some(thread()),
            epoch: Some(epoch()),
            head: 7,
            read: read(),
        }),
        ServerFrame::Snap(Snap { as_of: 7, last: Some(id()), lo: 7, msgs: vec![message()] }),
        ServerFrame::Ev(Evs { from: 7, evs: vec![message().into()] }),
        ServerFrame::Synced(Synced { head: 7 }),
        ServerFrame::Ack(Ack { cid: cid(), seq: 7, ts: 5, id: id(), thread: thread(), epoch: epoch() }),
        ServerFrame::Nack(Nack { cid: cid(), code: NackCode::Rate, retry_ms: Some(700) }),
        ServerFrame::Page(Page { q: 1, epoch: epoch(), lo: 7, hi: 7, msgs: vec![message()] }),
        ServerFrame::Cur(Cursor { side: Side::Agent, marks: Marks { read: 1, deliv: 2 } }),
        ServerFrame::Typing(TypingBy { by: agent(), ttl_ms: 6_000 }),
        ServerFrame::Hb(Hb { heads: vec![(thread(), 7)], now: 5 }),
        ServerFrame::Pong(Pong { n: 1 }),
        ServerFrame::Rows(Rows { ver: 3, more: false, rows: vec![row] }),
        ServerFrame::Drain(Drain { in_ms: 900 }),
        ServerFrame::Err(Err {
            code: ErrorCode::BadFrame,
            fatal: true,
            detail: Some("send.cid: missing".to_owned()),
        }),
    ];
    let lines: Vec<String> = frames.into_iter().map(|frame| wire(&Envelope::of(thread(), frame))).collect();
    insta::assert_snapshot!(lines.join("\n").replace(&format!(r#""t":"{}","#, thread()), ""));
}

#[test]
fn an_old_client_reads_a_new_server() {
    let read =
        |json: &str| serde_json::from_str::<Envelope<ServerFrame>>(json).map(|envelope| envelope.frame);
    assert_eq!(
        read(r#"{"synced":{"head":7,"extra":[1,{"a":2}]}}"#).unwrap(),
        ServerFrame::Synced(Synced { head: 7 })
    );
    assert_eq!(read(r#"{"novelty":{"x":1}}"#).unwrap(), ServerFrame::Unknown { must: false });
    assert_eq!(read(r#"{"novelty":{"x":1,"must":true}}"#).unwrap(), ServerFrame::Unknown { must: true });
    assert_eq!(read(r#"{"novelty":[1,2]}"#).unwrap(), ServerFrame::Unknown { must: false });
    let event = r#"{"seq":1,"id":"00000000000000000000000000000004","ts":5,"kind":{"dance":{"steps":3}}}"#;
    let event: Event = serde_json::from_str(event).unwrap();
    assert_eq!(event.into_message(), None, "it takes its place and shows nothing");
    assert_eq!(serde_json::from_str::<NackCode>(r#""shiny""#).unwrap(), NackCode::Unknown);
}

#[test]
fn what_is_no_frame_is_refused_with_the_field_named() {
    let refused = |json: &str| serde_json::from_str::<Envelope<ClientFrame>>(json).unwrap_err().to_string();
    insta::assert_snapshot!(
        [
            "",
            "[]",
            "{}",
            r#"{"t":"00000000000000000000000000000002"}"#,
            r#"{"ping":{"n":1},"bye":{}}"#,
            r#"{"send":{"cts":1,"body":{"text":"x"}}}"#,
            r#"{"send":{"cid":"xyz","cts":1,"body":{"text":"x"}}}"#,
            r#"{"send":{"cid":"0000000000000000000000000000000G","cts":1,"body":{"text":"x"}}}"#,
            r#"{"read":{"upto":-1,"deliv":0}}"#,
            r#"{"hello":{"v":1,"site":"No Such!"}}"#,
            r#"{"hello":{"v":1,"tok":"rj1_zz"}}"#,
        ]
        .map(refused)
        .join("\n")
    );
}

#[test]
fn secrets_cannot_be_printed_and_have_one_spelling() {
    let token = token();
    let text = token.expose();
    assert!(text.starts_with("rj1_0000000000000005_") && text.len() == 64);
    assert_eq!(text.parse::<DeviceToken>().unwrap(), token);
    let hello = Hello { v: 1, site: None, tok: Some(token), ticket: Some(Ticket(token.secret)), pos: None };
    let printed = format!("{hello:?}");
    assert!(!printed.contains(&token.secret.expose_text()) && !printed.contains("171"), "{printed}");
    // The last character carries two bits beyond the secret; only zeros there are a token.
    let mut other = text.clone();
    let last = other.pop().unwrap();
    let bumped = char::from(last as u8 + 1);
    other.push(bumped);
    assert!(other.parse::<DeviceToken>().is_err());
    assert!(text[1..].parse::<DeviceToken>().is_err());
}

#[test]
fn bodies_are_checked_by_characters_not_bytes() {
    let check = |text: String| Body::Text(text).check();
    assert_eq!(check("ü".repeat(limits::BODY_CHARS_MAX)), Ok(()));
    assert_eq!(check("😀".repeat(limits::BODY_CHARS_MAX + 1)), Result::Err(BodyError::TooLong));
    assert_eq!(check(" \n\t ".to_owned()), Result::Err(BodyError::Empty));
    let longest =
        Send { cid: cid(), cts: u64::MAX, body: Body::Text("\u{1}".repeat(limits::BODY_CHARS_MAX)) };
    assert!(wire(&Envelope::of(thread(), ClientFrame::Send(longest))).len() < limits::CLIENT_FRAME_BYTES_MAX);
}

#[test]
fn marks_only_move_forward() {
    let mut marks = Marks { read: 3, deliv: 5 };
    marks.merge(Marks { read: 2, deliv: 4 });
    assert_eq!(marks, Marks { read: 3, deliv: 5 });
    marks.merge(Marks { read: 9, deliv: 0 });
    assert_eq!(marks, Marks { read: 9, deliv: 9 }, "what was seen was delivered");
}

#[test]
fn site_names_are_plain() {
    for good in ["demo", "a", "a-b-1", &"x".repeat(64)] {
        assert!(good.parse::<SiteName>().is_ok(), "{good}");
    }
    for bad in ["", "-a", "a-", "A", "a b", "a/b", "ü", &"x".repeat(65)] {
        assert!(bad.parse::<SiteName>().is_err(), "{bad}");
    }
}
