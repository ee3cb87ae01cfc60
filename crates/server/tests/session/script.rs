//! Transcripts: text in, text out.
//!
//! ```text
//! # what it is about
//! alice connects                         from the site's origin; or `connects from ORIGIN`, `connects from nowhere`
//! alice> {"hello":{…}}                   a frame; `$1` is the token of device 1, `$1!` with a wrong secret,
//! alice  hello 1                         …short for the usual hello of device 1
//! ada    hello                           …and of an agent
//! alice  send 5 Hello                    …and of a message with client id #5; agents: `send #T 5 Hello`
//! alice: {"ack":{…}}                     what came back, checked
//! alice: closed 4001 auth
//! ```
//! An id that counts is `#n`, an epoch is `E1`, `E2`, … in the order of appearing, a time is `T+ms`.

use std::fs;
use std::path::PathBuf;

use rejoin_protocol::DeviceId;
use rejoin_server::domain::request::{Reply, Request};
use rejoin_server::domain::session::{Input, Note};

use crate::rig::{Heard, OWN_ORIGIN, Rig, START, StoreMood, token};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/session/transcripts")
}

/// The names of all transcripts, in order.
pub(crate) fn all() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Plays a transcript and compares.
pub(crate) fn check(name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let want = fs::read_to_string(&path).unwrap();
    let got = play(&want);
    if std::env::var_os("REJOIN_UPDATE").is_some() {
        fs::write(&path, &got).unwrap();
    } else if got != want {
        let at = got.lines().zip(want.lines()).position(|(got, want)| got != want);
        let line = at.unwrap_or_else(|| got.lines().count().min(want.lines().count()));
        panic!(
            "{name}, line {}:\n  want {}\n  got  {}\n\nwhole:\n{got}",
            line + 1,
            want.lines().nth(line).unwrap_or("(the end)"),
            got.lines().nth(line).unwrap_or("(the end)"),
        );
    }
}

/// The script with its answers put in anew.
fn play(script: &str) -> String {
    let mut rig = Rig::new();
    let mut names = Names::default();
    let mut got = String::new();
    for line in script.lines() {
        let answer = line.split_once(": ").is_some_and(|(who, _)| !who.contains([' ', '#', '>']));
        if answer {
            continue;
        }
        got.push_str(line);
        got.push('\n');
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            step(&mut rig, &mut names, line);
        }
        for (who, heard) in std::mem::take(&mut rig.heard) {
            let text = match heard {
                Heard::Frame(envelope) => serde_json::to_string(&envelope).unwrap(),
                Heard::Closed(code, reason) => format!("closed {code} {reason}"),
            };
            got.push_str(&format!("{who}: {}\n", names.shorten(&text)));
        }
    }
    got
}

fn step(rig: &mut Rig, names: &mut Names, line: &str) {
    if let Some((who, frame)) = line.split_once("> ") {
        return rig.say(who, &names.expand(frame));
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["wait", ms] => rig.wait(ms.parse().unwrap()),
        ["revoke", n] => {
            let did = DeviceId::from_bytes([n.parse().unwrap(); 8]);
            let reply = rig.ask(Request::Revoke { site: "demo".parse().unwrap(), did, now: rig.now });
            let Reply::Revoked(thread) = reply else { panic!("{reply:?}") };
            rig.publish(Note::Revoked(thread, did));
        }
        ["the", "gate", "lets", n, "in"] => {
            rig.door.0.store(n.parse().unwrap(), std::sync::atomic::Ordering::Relaxed);
        }
        ["repeat", n, who, rest @ ..] => {
            let rest = rest.join(" ");
            for i in 0..n.parse::<u64>().unwrap() {
                step(rig, names, &format!("{who} {}", rest.replace('%', &(1_000 + i).to_string())));
            }
        }
        // Each makes a thread: #1, #4, #7, …
        ["customer", "writes"] => {
            let n = rig.connections.len() as u8 + 1;
            let name = format!("customer{n}");
            rig.connect(&name, Some("https://demo.example"));
            step(rig, names, &format!("{name} hello {n}"));
            step(rig, names, &format!("{name} send {n} Hello"));
            rig.heard.clear();
        }
        [who, rest @ ..] => connection_step(rig, names, who, rest),
        [] => {}
    }
}

/// A step of one connection.
fn connection_step(rig: &mut Rig, names: &mut Names, who: &str, words: &[&str]) {
    match words {
        ["connects"] => rig.connect(who, Some("https://demo.example")),
        ["connects", "from", "nowhere"] => rig.connect(who, None),
        ["connects", "from", "inbox"] => rig.connect(who, Some(OWN_ORIGIN)),
        ["connects", "from", origin] => rig.connect(who, Some(origin)),
        ["hello"] => rig.say(who, &names.expand(&format!(r#"{{"hello":{{"v":1,"ticket":"${who}"}}}}"#))),
        ["hello", n] => {
            rig.say(who, &names.expand(&format!(r#"{{"hello":{{"v":1,"site":"demo","tok":"${n}"}}}}"#)));
        }
        ["send", thread, n, text @ ..] if thread.starts_with('#') => {
            let text = text.join(" ");
            let send = format!(r##""send":{{"cid":"#{n}","cts":0,"body":{{"text":"{text}"}}}}"##);
            rig.say(who, &names.expand(&format!(r#"{{"t":"{thread}",{send}}}"#)));
        }
        ["send", n, text @ ..] => {
            let text = text.join(" ");
            let send = format!(r##"{{"send":{{"cid":"#{n}","cts":0,"body":{{"text":"{text}"}}}}}}"##);
            rig.say(who, &names.expand(&send));
        }
        ["store", "answers"] => rig.store(who, StoreMood::Answers),
        ["store", "holds"] => rig.store(who, StoreMood::Holds),
        ["store", "fails"] => rig.store(who, StoreMood::Fails),
        ["hears", "nothing"] => rig.connections.get_mut(who).unwrap().deaf = true,
        ["hears", "again"] => rig.connections.get_mut(who).unwrap().deaf = false,
        ["drain", ms] => {
            rig.give(who, Input::Drain(ms.parse().unwrap()));
            rig.settle();
        }
        ["reads"] => rig.say(who, r#"{"read":{"upto":0,"deliv":0}}"#),
        ["fetches"] => rig.say(who, r#"{"fetch":{"q":1,"limit":1}}"#),
        ["opens", n] => {
            for thread in 0..n.parse().unwrap() {
                rig.say(who, &names.expand(&format!(r##"{{"t":"#{}","open":{{}}}}"##, 1 + 3 * thread)));
            }
            rig.heard.clear();
        }
        _ => panic!("{who} {}: not understood", words.join(" ")),
    }
}

/// Long texts and their short names.
#[derive(Default)]
struct Names {
    epochs: Vec<String>,
}

impl Names {
    /// Short names to what they stand for.
    fn expand(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['#', '$', 'E']) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let quoted = out.ends_with('"');
            let digits = from[1..].bytes().take_while(u8::is_ascii_digit).count();
            let number: u128 = from[1..=digits].parse().unwrap_or(0);
            let (long, len) = match &from[..1] {
                "#" if quoted && digits > 0 => (format!("{number:032x}"), 1 + digits),
                "E" if quoted && digits > 0 => (self.epochs[number as usize - 1].clone(), 1 + digits),
                "$" if from.starts_with("$ada") => (secret(0xa), 4),
                "$" if from.starts_with("$ben") => (secret(0xb), 4),
                "$" if from.starts_with("$olga") => (secret(0xc), 5),
                "$" if digits > 0 => {
                    let mut token = token(number as u8);
                    let wrong = from[1 + digits..].starts_with('!');
                    if wrong {
                        token.secret = rejoin_protocol::Secret::from_bytes([0; 32]);
                    }
                    (token.expose(), 1 + digits + usize::from(wrong))
                }
                other => (other.to_owned(), 1),
            };
            out.push_str(&long);
            rest = &from[len..];
        }
        out.push_str(rest);
        out
    }

    /// What ids, epochs and times stand for, to short names.
    fn shorten(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut word = String::new();
        for letter in text.chars().chain(['\n']) {
            if letter.is_ascii_alphanumeric() {
                word.push(letter);
                continue;
            }
            out.push_str(&self.short(&word));
            word.clear();
            out.push(letter);
        }
        out.truncate(out.len() - 1);
        out
    }

    fn short(&mut self, word: &str) -> String {
        let hex = word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hex && word.starts_with("00000000") {
            return format!("#{}", u128::from_str_radix(word, 16).unwrap());
        }
        if hex && word.bytes().any(|byte| byte != word.as_bytes()[1] && byte != b'0') {
            let known = self.epochs.iter().position(|epoch| epoch == word);
            let n = known.unwrap_or_else(|| {
                self.epochs.push(word.to_owned());
                self.epochs.len() - 1
            });
            return format!("E{}", n + 1);
        }
        match word.parse::<u64>() {
            Ok(time) if (START..START + 100_000_000_000).contains(&time) => match time - START {
                0 => "T".to_owned(),
                ms => format!("T+{ms}"),
            },
            Ok(_) | Err(_) if hex => format!("{}…", &word[..2]),
            Ok(_) | Err(_) => word.to_owned(),
        }
    }
}

fn secret(n: u8) -> String {
    rejoin_protocol::Secret::from_bytes([n; 32]).expose_text()
}
