//! Every visible or spoken word. One table per language; a language is complete or it does not compile.

mod ar;
mod de;
mod en;

use rejoin_protocol::NackCode;

/// The words of one language. Whole sentences, never pieces: languages order and inflect them differently.
#[derive(Debug)]
pub(crate) struct Words {
    /// Primary language subtag.
    pub(crate) lang: &'static str,
    /// Written from right to left.
    pub(crate) rtl: bool,

    /// Default heading; names the dialog.
    pub(crate) heading: &'static str,
    /// Under the heading: true whoever is there.
    pub(crate) promise: &'static str,
    /// In its place where this browser keeps nothing.
    pub(crate) promise_unkept: &'static str,
    /// Default greeting of an empty conversation.
    pub(crate) greeting: &'static str,
    /// Under the greeting.
    pub(crate) greeting_hint: &'static str,
    /// Name of the history.
    pub(crate) messages: &'static str,
    /// Name of the composer.
    pub(crate) message: &'static str,
    /// What stands in the empty composer.
    pub(crate) placeholder: &'static str,
    /// The button that sends.
    pub(crate) send: &'static str,
    /// The button that closes the panel.
    pub(crate) close: &'static str,

    /// State: everything is here and everything is there.
    pub(crate) up_to_date: &'static str,
    /// State: a first connection is being made.
    pub(crate) connecting: &'static str,
    /// State: what was said meanwhile is coming.
    pub(crate) catching_up: &'static str,
    /// State: so many are on their way.
    pub(crate) sending: fn(usize) -> String,
    /// State: no connection, so many wait.
    pub(crate) offline: fn(usize) -> String,
    /// State: so many were refused.
    pub(crate) not_sent: fn(usize) -> String,
    /// State: the server does not accept this browser.
    pub(crate) stopped_auth: &'static str,
    /// State: this page may not embed this chat.
    pub(crate) stopped_origin: &'static str,
    /// State: the page holds an old app.
    pub(crate) stopped_version: &'static str,
    /// State: app and server do not understand each other.
    pub(crate) stopped_protocol: &'static str,
    /// Said once: nothing outlives this tab.
    pub(crate) not_kept: &'static str,
    /// The button that puts that away.
    pub(crate) understood: &'static str,

    /// Button: connect, or send, again.
    pub(crate) try_again: &'static str,
    /// Button: back into the composer.
    pub(crate) edit: &'static str,
    /// Button: drop a rejected message.
    pub(crate) discard: &'static str,

    /// Mark: on its way.
    pub(crate) state_sending: &'static str,
    /// Mark: waits for a connection.
    pub(crate) state_waiting: &'static str,
    /// Mark: in the log.
    pub(crate) state_sent: &'static str,
    /// Mark: on a device of the other side.
    pub(crate) state_delivered: &'static str,
    /// Mark: seen by a person.
    pub(crate) state_seen: &'static str,
    /// Mark and sentence: refused, and why.
    pub(crate) rejected: fn(NackCode) -> &'static str,

    /// The line above what is new.
    pub(crate) new_messages: &'static str,
    /// Button: go to the end, where so many are unread.
    pub(crate) jump: fn(usize) -> String,
    /// Button: load older history.
    pub(crate) older: &'static str,
    /// That button while it loads.
    pub(crate) loading: &'static str,
    /// A hole in the history.
    pub(crate) gap: &'static str,
    /// Button: fill it.
    pub(crate) fill: &'static str,
    /// Button: show a long message whole.
    pub(crate) more: &'static str,
    /// These people are typing; never empty.
    pub(crate) typing: fn(&[String]) -> String,

    /// The reader, as an author.
    pub(crate) you: &'static str,
    /// An agent without a name.
    pub(crate) agent: &'static str,
    /// Spoken when a message arrives: author, text.
    pub(crate) arrived: fn(&str, &str) -> String,
    /// A message of a kind this version cannot show.
    pub(crate) unreadable: &'static str,

    /// So many characters are left.
    pub(crate) left: fn(usize) -> String,
    /// So many characters are too many.
    pub(crate) over: fn(usize) -> String,
}

/// The words for a BCP 47 tag; English where there are none.
pub(crate) fn words(tag: &str) -> &'static Words {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    let speaks = |words: &&&Words| words.lang.eq_ignore_ascii_case(primary);
    ALL.iter().find(speaks).copied().unwrap_or(&en::WORDS)
}

const ALL: [&Words; 3] = [&en::WORDS, &de::WORDS, &ar::WORDS];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language() {
        for (tag, lang) in [("de", "de"), ("de-AT", "de"), ("DE_de", "de"), ("ar-EG", "ar"), ("en-GB", "en")]
        {
            assert_eq!(words(tag).lang, lang, "{tag}");
        }
        for tag in ["fr", "", "deutsch", "-"] {
            assert_eq!(words(tag).lang, "en", "{tag:?}");
        }
    }

    #[test]
    fn no_word_is_missing_and_counts_are_told() {
        for words in ALL {
            let shown = format!("{words:?}");
            assert!(!shown.contains("\"\""), "{}: an empty word", words.lang);
            for count in [0, 1, 2, 3, 11, 100] {
                for say in [words.sending, words.offline, words.not_sent, words.jump, words.left, words.over]
                {
                    assert!(!say(count).is_empty(), "{}: {count}", words.lang);
                }
            }
            for say in [words.sending, words.offline, words.not_sent, words.jump, words.left, words.over] {
                assert!(say(57).contains("57"), "{}: {}", words.lang, say(57));
                assert_ne!(say(1), say(57), "{}", words.lang);
            }
            let names = ["Ada".to_owned(), "Grace".to_owned(), "Edsger".to_owned()];
            for known in 1..=3 {
                assert!((words.typing)(&names[..known]).contains("Ada") || known > 2, "{}", words.lang);
            }
            assert!((words.arrived)("Ada", "Hello").contains("Hello"), "{}", words.lang);
        }
    }

    #[test]
    fn every_refusal_has_its_words() {
        use NackCode::{BadBody, Blocked, Busy, CidConflict, Gone, NotOpen, Rate, TooBig, Unknown};
        for words in ALL {
            for code in [Rate, Busy, TooBig, BadBody, Blocked, CidConflict, Gone, NotOpen, Unknown] {
                assert!((words.rejected)(code).len() > 5, "{} {code:?}", words.lang);
            }
        }
    }
}
