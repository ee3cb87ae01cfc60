//! A thread on a bench: inputs by hand, frames as JSON, outputs as readable lines. Ids are small numbers, written
//! `#1` in the lines.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "a bench for tests; each test binary uses a part of it"
)]

use rejoin_protocol::{Body, ClientMessageId, DeviceId, DeviceToken, Secret};
use rejoin_thread::{Config, Input, Output, Record, Stored, Thread, Time, Write, invariants};

pub fn cid(n: u8) -> ClientMessageId {
    let mut bytes = [0; 16];
    bytes[15] = n;
    ClientMessageId::from_bytes(bytes)
}

pub fn token(n: u8) -> DeviceToken {
    DeviceToken { did: DeviceId::from_bytes([0, 0, 0, 0, 0, 0, 0, n]), secret: Secret::from_bytes([n; 32]) }
}

/// `#7` for an id whose last byte is 7, in 32 digits.
fn id(n: u8) -> String {
    format!("{n:032x}")
}

/// Writes `#7` out as a full id, so that frames in tests stay short.
pub fn expand(frame: &str) -> String {
    let mut out = String::new();
    let mut parts = frame.split('#');
    out.push_str(parts.next().unwrap_or(""));
    for part in parts {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        out.push_str(&id(digits.parse().unwrap()));
        out.push_str(&part[digits.len()..]);
    }
    out
}

/// The reverse, for whatever the thread says.
pub fn shrink(text: &str) -> String {
    let mut out = text.to_owned();
    for n in (0..=255u8).rev() {
        out = out.replace(&id(n), &format!("#{n}"));
    }
    for n in 1..=9 {
        out = out.replace(&token(n).expose(), &format!("token{n}"));
    }
    out
}

pub struct Rig {
    pub thread: Thread,
    pub now: Time,
}

impl Rig {
    pub fn new() -> Rig {
        let config = Config { site: "demo".parse().unwrap(), seed: 1, spare: token(1) };
        Rig { thread: Thread::new(config), now: Time(0) }
    }

    /// A device that has a token and a thread #1 of epoch #2 with `messages` messages by the agent, all synced.
    pub fn known(messages: u64) -> Rig {
        let mut rig = Rig::new();
        rig.feed(Input::Restored(vec![Record::Token(token(1))]));
        rig.feed(Input::Opened(1));
        rig.frame(r#"{"welcome":{"me":"customer","now":0,"hb_ms":25000}}"#);
        rig.frame(&format!(r##"{{"opened":{{"mode":"snapshot","thread":"#1","epoch":"#2","head":{messages},"read":{{"customer":{{"read":0,"deliv":0}},"agent":{{"read":0,"deliv":0}}}}}}}}"##));
        let msgs: Vec<String> = (1..=messages).map(agent_message).collect();
        let last = if messages == 0 { String::new() } else { format!(r##","last":"#{}""##, 100 + messages) };
        rig.frame(&format!(r#"{{"snap":{{"as_of":{messages},"lo":1{last},"msgs":[{}]}}}}"#, msgs.join(",")));
        rig.frame(&format!(r#"{{"synced":{{"head":{messages}}}}}"#));
        rig
    }

    /// Hands an input in; what comes out, a line each.
    pub fn feed(&mut self, input: Input) -> Vec<String> {
        self.thread.handle(self.now, input);
        let mut lines = Vec::new();
        while let Some(output) = self.thread.poll_output() {
            lines.push(line(&output));
        }
        invariants::check(self.thread.conversation()).unwrap();
        lines
    }

    pub fn frame(&mut self, json: &str) -> Vec<String> {
        let frame = serde_json::from_str(&expand(json)).unwrap();
        self.feed(Input::Frame(self.thread.link().number(), frame))
    }

    pub fn say(&mut self, n: u8, text: &str) -> Vec<String> {
        self.feed(Input::Submit { cid: cid(n), cts: u64::from(n) * 1000, body: Body::Text(text.to_owned()) })
    }

    pub fn stored(&mut self, n: u8) -> Vec<String> {
        self.feed(Input::Stored(cid(n), Stored::Kept))
    }

    /// Says and stores; what is transmitted.
    pub fn post(&mut self, n: u8, text: &str) -> Vec<String> {
        self.say(n, text);
        self.stored(n)
    }

    pub fn ack(&mut self, n: u8, seq: u64) -> Vec<String> {
        self.frame(&format!(
            r##"{{"ack":{{"cid":"#{n}","seq":{seq},"ts":1000,"id":"#{}","thread":"#1","epoch":"#2"}}}}"##,
            100 + seq
        ))
    }

    pub fn ev(&mut self, seq: u64) -> Vec<String> {
        self.frame(&format!(r#"{{"ev":{{"from":{seq},"evs":[{}]}}}}"#, agent_event(seq)))
    }

    /// Lets time pass until the thread wants to connect.
    pub fn wait(&mut self) -> Vec<String> {
        loop {
            self.now = self.thread.poll_timeout().expect("nothing is due");
            let lines = self.feed(Input::Tick);
            if lines.iter().any(|line| line.starts_with("connect")) {
                return lines;
            }
        }
    }

    pub fn after(&mut self, ms: u64) -> Vec<String> {
        self.now = self.now + ms;
        self.feed(Input::Tick)
    }

    /// The messages on the screen: `text state`, gaps as `[first+events]`, the new mark as `--`.
    pub fn screen(&self) -> String {
        let mut parts = Vec::new();
        for row in self.thread.rows(0) {
            match row.kind {
                rejoin_thread::RowKind::Day(_) => {}
                rejoin_thread::RowKind::New => parts.push("--".to_owned()),
                rejoin_thread::RowKind::Gap { first, events } => parts.push(format!("[{first}+{events}]")),
                rejoin_thread::RowKind::Message(row) => {
                    parts.push(row.state.map_or(row.text.clone(), |state| format!("{} {state:?}", row.text)));
                }
            }
        }
        parts.join(", ")
    }
}

pub fn agent_message(seq: u64) -> String {
    format!(
        r##"{{"seq":{seq},"id":"#{id}","ts":{ts},"by":{{"agent":{{"id":"#9","name":"Ada"}}}},"cid":"#{id}","body":{{"text":"a{seq}"}}}}"##,
        id = 100 + seq,
        ts = seq * 1000
    )
}

pub fn agent_event(seq: u64) -> String {
    format!(
        r##"{{"seq":{seq},"id":"#{id}","ts":{ts},"kind":{{"msg":{{"by":{{"agent":{{"id":"#9","name":"Ada"}}}},"cid":"#{id}","body":{{"text":"a{seq}"}}}}}}}}"##,
        id = 100 + seq,
        ts = seq * 1000
    )
}

fn line(output: &Output) -> String {
    match output {
        Output::Connect(n) => format!("connect {n}"),
        Output::Disconnect(n) => format!("disconnect {n}"),
        Output::Transmit(n, frame) => format!("{n}→ {}", shrink(&serde_json::to_string(frame).unwrap())),
        Output::Persist(ack, writes) => {
            let writes: Vec<String> = writes.iter().map(written).collect();
            format!("persist{} {}", if ack.is_some() { "!" } else { "" }, writes.join(" "))
        }
        Output::Reload => "reload".to_owned(),
        Output::Compose(text) => format!("compose {text:?}"),
        Output::Announce(arrival) => format!("announce {:?}", arrival.text),
    }
}

fn written(write: &Write) -> String {
    let verb = match write {
        Write::Claim(_) => "claim",
        Write::Put(_) => "put",
        Write::Settle(_) | Write::ForgetDraft => "drop",
    };
    shrink(&format!("{verb}:{}", write.key()))
}
