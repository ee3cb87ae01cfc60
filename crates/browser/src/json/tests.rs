//! `serde_json` is the measure: on everything it accepts we say the same, and we accept nothing else.

use rejoin_protocol::{ClientFrame, Envelope, ServerFrame};
use rejoin_thread::{Record, Rng};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;

const ID: &str = "00112233445566778899aabbccddeeff";

/// One of every frame the server may send, with every optional field there and absent.
fn server_texts() -> Vec<String> {
    let msg = format!(
        r#"{{"seq":7,"id":"{ID}","ts":1700000000000,"by":{{"agent":{{"id":"{ID}","name":"Ada \u00e9\ud83d\ude00 \"q\" \\ \/"}}}},"cid":"{ID}","body":{{"text":"zwei\nZeilen\t…"}}}}"#
    );
    let row = format!(
        r#"{{"thread":"{ID}","number":1,"ver":2,"head":3,"unread":4,"ts":5,"by":"customer","preview":"p"}}"#
    );
    [
        r#"{"welcome":{"me":"customer","now":1,"hb_ms":25000}}"#.to_owned(),
        format!(r#" {{ "welcome" : {{"me":{{"agent":{{"id":"{ID}","name":""}}}},"now":1,"hb_ms":2}} }} "#),
        r#"{"opened":{"mode":"new","head":0,"read":{"customer":{"read":0,"deliv":0},"agent":{"read":0,"deliv":0}}}}"#.to_owned(),
        format!(r#"{{"t":"{ID}","opened":{{"mode":"resume","thread":"{ID}","epoch":null,"head":18446744073709551614,"read":{{"customer":{{"read":1,"deliv":2}},"agent":{{"read":3,"deliv":4}}}}}}}}"#),
        format!(r#"{{"snap":{{"as_of":7,"last":"{ID}","lo":1,"msgs":[{msg},{msg}]}}}}"#),
        r#"{"snap":{"as_of":0,"lo":1,"msgs":[]}}"#.to_owned(),
        format!(r#"{{"ev":{{"from":1,"evs":[{{"seq":1,"id":"{ID}","ts":2,"kind":{{"msg":{{"by":"customer","cid":"{ID}","body":{{"text":""}}}}}}}},{{"seq":2,"id":"{ID}","ts":2,"kind":{{"later":[1.5,{{"a":-3e7}},null]}}}}]}}}}"#),
        r#"{"synced":{"head":1}}"#.to_owned(),
        format!(r#"{{"ack":{{"cid":"{ID}","seq":1,"ts":2,"id":"{ID}","thread":"{ID}","epoch":"{ID}"}}}}"#),
        format!(r#"{{"nack":{{"cid":"{ID}","code":"rate","retry_ms":5}}}}"#),
        format!(r#"{{"nack":{{"cid":"{ID}","code":"something_new"}}}}"#),
        format!(r#"{{"page":{{"q":4294967295,"epoch":"{ID}","lo":1,"hi":0,"msgs":[{msg}]}}}}"#),
        r#"{"cur":{"side":"agent","marks":{"read":1,"deliv":2}}}"#.to_owned(),
        r#"{"typing":{"by":"customer","ttl_ms":6000,"new":{"x":[true,false]}}}"#.to_owned(),
        format!(r#"{{"hb":{{"heads":[["{ID}",1],["{ID}",2]],"now":1}}}}"#),
        r#"{"pong":{"n":1}}"#.to_owned(),
        format!(r#"{{"rows":{{"ver":1,"more":true,"rows":[{row}]}}}}"#),
        r#"{"drain":{"in_ms":1}}"#.to_owned(),
        r#"{"err":{"code":"auth","fatal":true,"detail":"d"}}"#.to_owned(),
        r#"{"later":{"must":true,"x":1.5e-3}}"#.to_owned(),
        r#"{"later":"word"}"#.to_owned(),
    ]
    .to_vec()
}

fn record_texts() -> Vec<String> {
    let token = r#"{"token":"rj1_0011223344556677_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    [
        token.to_owned(),
        r#"{"draft":"half a \u0001 thought"}"#.to_owned(),
        format!(r#"{{"outbox":{{"cid":"{ID}","cts":1,"body":{{"text":"x"}}}}}}"#),
        format!(r#"{{"outbox":{{"cid":"{ID}","cts":1,"body":{{"text":"x"}},"thread":"{ID}"}}}}"#),
        format!(r#"{{"log":{{"v":1,"thread":"{ID}","epoch":"{ID}","seq":1,"id":null,"lo":1,"messages":[],"read":{{"customer":{{"read":0,"deliv":0}},"agent":{{"read":0,"deliv":0}}}}}}}}"#),
    ]
    .to_vec()
}

fn agree<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(text: &str) {
    let (ours, measure) = (from_str::<T>(text).ok(), serde_json::from_str::<T>(text).ok());
    assert_eq!(ours, measure, "{text}");
    if let Some(value) = measure {
        let written = to_string(&value).unwrap_or_default();
        assert_eq!(serde_json::from_str::<T>(&written).ok().as_ref(), Some(&value), "{written}");
        assert_eq!(from_str::<T>(&written).ok(), Some(value), "{written}");
    }
}

#[test]
fn every_frame_and_record_is_read_and_written_as_serde_json_does() {
    for text in server_texts() {
        assert!(from_str::<Envelope<ServerFrame>>(&text).is_ok(), "{text}");
        agree::<Envelope<ServerFrame>>(&text);
    }
    for text in record_texts() {
        assert!(from_str::<Record>(&text).is_ok(), "{text}");
        agree::<Record>(&text);
    }
    let id = format!(r#"{{"thread":"{ID}","epoch":"{ID}","seq":3,"id":"{ID}"}}"#);
    for text in [
        format!(r#"{{"hello":{{"v":1,"site":"demo","pos":{id}}}}}"#),
        format!(r#"{{"t":"{ID}","send":{{"cid":"{ID}","cts":1,"body":{{"text":"\u2028 \u007f\u0000"}}}}}}"#),
        r#"{"typing":{"on":false}}"#.to_owned(),
        r#"{"fetch":{"q":1,"before":9,"limit":50}}"#.to_owned(),
        r#"{"bye":{}}"#.to_owned(),
    ] {
        assert!(from_str::<Envelope<ClientFrame>>(&text).is_ok(), "{text}");
        agree::<Envelope<ClientFrame>>(&text);
    }
}

/// Damages each text in many ways: drops, doubles and changes characters.
#[test]
fn damaged_texts_are_judged_as_serde_json_judges_them() {
    const SPICE: &[u8] = br#"{}[]",:\u0e-.1 tfn"#;
    let mut rng = Rng::new(11);
    let mut refused = 0;
    for text in server_texts().iter().chain(&record_texts()) {
        for _ in 0..400 {
            let mut chars: Vec<char> = text.chars().collect();
            for _ in 0..=rng.below(2) {
                let at = rng.below(chars.len() as u64) as usize;
                let spice = char::from(SPICE[rng.below(SPICE.len() as u64) as usize]);
                match rng.below(3) {
                    0 => drop(chars.remove(at)),
                    1 => chars[at] = spice,
                    _ => chars.insert(at, spice),
                }
            }
            let damaged: String = chars.into_iter().collect();
            refused += usize::from(serde_json::from_str::<Envelope<ServerFrame>>(&damaged).is_err());
            if !says_a_fraction(&damaged) {
                agree::<Envelope<ServerFrame>>(&damaged);
                agree::<Record>(&damaged);
            }
        }
    }
    assert!(refused > 1_000, "only {refused} texts were really damaged");
}

/// The one known difference: numbers with a fraction or exponent, where the two may differ on what fits.
fn says_a_fraction(text: &str) -> bool {
    let bytes = text.as_bytes();
    let in_number = |at: usize| at > 0 && bytes[at - 1].is_ascii_digit();
    (0..bytes.len()).any(|at| matches!(bytes[at], b'.' | b'e' | b'E') && in_number(at))
        || bytes.windows(21).any(|window| window.iter().all(u8::is_ascii_digit))
}

#[test]
fn what_is_too_deep_or_too_much_is_refused_without_harm() {
    for text in [
        "",
        "{",
        "[",
        "\"",
        "{\"",
        "{\"a\"",
        "{\"a\":",
        "\\",
        "nul",
        "\u{0}",
        "\"\\u",
        "\"\\ud800\"",
        "-",
        "{\"pong\":{\"n\":-1}}",
    ] {
        assert_eq!(from_str::<Envelope<ServerFrame>>(text), Err(Error), "{text:?}");
    }
    let deep = format!(r#"{{"later":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(from_str::<Envelope<ServerFrame>>(&deep), Err(Error));
    assert_eq!(from_str::<Envelope<ServerFrame>>(r#"{"pong":{"n":1}} x"#), Err(Error));
}

#[test]
fn entries_give_keys_and_the_text_of_values() {
    let mut seen = Vec::new();
    let walked = entries(r#" {"a": "b\n", "c" : [1, {"d":null}],"e":true } "#, |key, value| {
        seen.push((key, value.to_owned()));
    });
    assert_eq!(walked, Ok(()));
    let pairs: Vec<(&str, &str)> = seen.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("a", "\"b\\n\""), ("c", r#"[1, {"d":null}]"#), ("e", "true")]);
    for text in ["[]", "{\"a\":1", "{a:1}", "{\"a\":1,}", "{}x"] {
        assert_eq!(entries(text, |_, _| {}), Err(Error), "{text}");
    }
}
