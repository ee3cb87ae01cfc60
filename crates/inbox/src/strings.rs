//! Every word that an agent sees.

use rejoin_protocol::limits::{BODY_CHARS_MAX, UNREAD_SHOWN_MAX};
use rejoin_protocol::{Author, NackCode};
use rejoin_thread::{MessageState, StateLine, StopReason};

use crate::roster::{Age, Said};

/// The page's title, with how many threads wait.
pub fn title(unread: usize) -> String {
    if unread == 0 { "Inbox".to_owned() } else { format!("({unread}) Inbox") }
}

/// How much there is to do.
pub fn waiting(all: usize, unread: usize) -> String {
    match (all, unread) {
        (0, _) => "Nobody has written yet".to_owned(),
        (_, 0) => "Everything is read".to_owned(),
        (_, 1) => "One thread waits for you".to_owned(),
        (_, n) => format!("{n} threads wait for you"),
    }
}

/// How things stand.
pub fn state_line(line: StateLine) -> String {
    match line {
        StateLine::Quiet | StateLine::UpToDate => "Up to date".to_owned(),
        StateLine::Connecting => "Connecting…".to_owned(),
        StateLine::CatchingUp => "Catching up…".to_owned(),
        StateLine::Sending(1) => "Sending a message…".to_owned(),
        StateLine::Sending(n) => format!("Sending {n} messages…"),
        StateLine::Offline(0) => "No connection. Trying again.".to_owned(),
        StateLine::Offline(1) => "No connection. 1 message waits and is sent by itself.".to_owned(),
        StateLine::Offline(n) => format!("No connection. {n} messages wait and are sent by themselves."),
        StateLine::NotSent(1) => "1 message was not sent".to_owned(),
        StateLine::NotSent(n) => format!("{n} messages were not sent"),
        StateLine::Stopped(StopReason::Auth) => "You are signed out.".to_owned(),
        StateLine::Stopped(StopReason::Origin) => "The server does not accept this address.".to_owned(),
        StateLine::Stopped(StopReason::Version) => "There is a new version. Reload the page.".to_owned(),
        StateLine::Stopped(StopReason::Protocol) => "The server and this page do not agree.".to_owned(),
    }
}

/// How far a message has got.
pub fn message_state(state: MessageState) -> &'static str {
    match state {
        MessageState::Sending => "Sending",
        MessageState::Waiting => "Waiting to be sent",
        MessageState::Sent => "Sent",
        MessageState::Delivered => "Delivered",
        MessageState::Seen => "Seen",
        MessageState::Rejected(NackCode::TooBig) => "Not sent: too long",
        MessageState::Rejected(NackCode::BadBody) => "Not sent: this cannot be sent",
        MessageState::Rejected(NackCode::Gone) => "Not sent: the thread is no more",
        MessageState::Rejected(NackCode::Blocked) => "Not sent: the site refuses it",
        MessageState::Rejected(
            NackCode::Rate | NackCode::Busy | NackCode::CidConflict | NackCode::NotOpen | NackCode::Unknown,
        ) => "Not sent",
    }
}

/// How long ago; `None` where a date says more.
pub fn age(age: Age) -> Option<String> {
    match age {
        Age::Now => Some("now".to_owned()),
        Age::Minutes(n) => Some(format!("{n} min")),
        Age::Hours(n) => Some(format!("{n} h")),
        Age::Days(n) => Some(format!("{n} d")),
        Age::Date => None,
    }
}

/// What stands before the last message of a thread.
pub fn said_prefix(said: &Said) -> String {
    match said {
        Said::Customer => String::new(),
        Said::You => "You: ".to_owned(),
        Said::Agent(name) => format!("{name}: "),
    }
}

/// A count that stays short; nothing for none.
pub fn unread(n: u32) -> String {
    match n {
        0 => String::new(),
        UNREAD_SHOWN_MAX.. => format!("{}+", UNREAD_SHOWN_MAX - 1),
        _ => n.to_string(),
    }
}

/// The same in words, for those who hear it.
pub fn unread_words(n: u32) -> String {
    if n == 0 { String::new() } else { format!("{} unread", unread(n)) }
}

/// Who is typing, if anybody; `customer` is what the customer is called here.
pub fn typing(typists: &[Author], customer: &str) -> Option<String> {
    let name = |author: &Author| match author {
        Author::Customer => customer.to_owned(),
        Author::Agent { name, .. } => name.clone(),
    };
    match typists {
        [] => None,
        [one] => Some(format!("{} is typing…", name(one))),
        [one, two] => Some(format!("{} and {} are typing…", name(one), name(two))),
        [_, _, _, ..] => Some("Several people are typing…".to_owned()),
    }
}

/// A hole in the history, by the number of events that are missing.
pub fn gap(events: u64) -> String {
    format!("{events} missing here. Show them")
}

/// What the button to the newest message says.
pub fn newest(unread: usize) -> String {
    match unread {
        0 => "Newest".to_owned(),
        n => format!("{n} new"),
    }
}

/// The composer holds more than may be sent.
pub fn too_long(chars: usize) -> String {
    format!("{chars} of at most {BODY_CHARS_MAX} characters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stay_short() {
        for (n, want) in [(0, ""), (1, "1"), (99, "99"), (100, "99+"), (4_000, "99+")] {
            assert_eq!(unread(n), want);
        }
    }

    #[test]
    fn titles() {
        assert_eq!((title(0), title(3)), ("Inbox".to_owned(), "(3) Inbox".to_owned()));
    }

    #[test]
    fn typists_are_named_up_to_two() {
        let ada = Author::Agent { id: rejoin_protocol::AgentId::from_bytes([1; 16]), name: "Ada".to_owned() };
        let says = |typists: &[Author]| typing(typists, "Visitor 3").unwrap_or_default();
        assert_eq!(says(&[]), "");
        assert_eq!(says(&[Author::Customer]), "Visitor 3 is typing…");
        assert_eq!(says(&[Author::Customer, ada.clone()]), "Visitor 3 and Ada are typing…");
        assert_eq!(says(&[Author::Customer, ada.clone(), ada]), "Several people are typing…");
    }
}
