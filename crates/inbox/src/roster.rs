//! The list of threads as a person wants it: what waits for an answer first, then the newest. Pure.

use rejoin_protocol::{AgentId, Author, Row, ThreadId};

/// Which threads are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// Every one.
    #[default]
    All,
    /// Those with something that no agent has seen.
    Unread,
}

/// What the person asked the list to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which threads.
    pub show: Show,
    /// Words that must all occur, in any case and order; empty for no filter.
    pub text: String,
    /// A thread that was unread when it was opened. It keeps that place for as long as it is open, so that reading
    /// does not pull the row away under the reader.
    pub held: Option<ThreadId>,
}

/// The threads to list, in order.
pub fn order<'a>(rows: impl Iterator<Item = &'a Row>, query: &Query) -> Vec<ThreadId> {
    let unread = |row: &Row| row.unread > 0 || query.held == Some(row.thread);
    let words: Vec<String> = query.text.split_whitespace().map(str::to_lowercase).collect();
    let mut listed: Vec<&Row> = rows
        .filter(|row| query.show == Show::All || unread(row))
        .filter(|row| words.is_empty() || matches(row, &words))
        .collect();
    listed.sort_unstable_by_key(|row| std::cmp::Reverse((unread(row), row.ts, row.number)));
    listed.iter().map(|row| row.thread).collect()
}

/// Whether every word is somewhere in what the row shows.
fn matches(row: &Row, words: &[String]) -> bool {
    let mut shown = name(row.number).to_lowercase();
    if let Author::Agent { name, .. } = &row.by {
        shown.push(' ');
        shown.push_str(&name.to_lowercase());
    }
    shown.push(' ');
    shown.push_str(&row.preview.to_lowercase());
    words.iter().all(|word| shown.contains(word.as_str()))
}

/// What people call a customer who has not said a name.
pub fn name(number: u64) -> String {
    format!("Visitor {number}")
}

/// How many threads there are and how many of them hold something unread.
pub fn counts<'a>(rows: impl Iterator<Item = &'a Row>) -> (usize, usize) {
    rows.fold((0, 0), |(all, unread), row| (all + 1, unread + usize::from(row.unread > 0)))
}

/// Who said the last message, as seen by the agent at this desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The customer.
    Customer,
    /// This agent.
    You,
    /// Another agent, by name.
    Agent(String),
}

impl Said {
    /// `me` is the agent at this desk.
    pub fn of(by: &Author, me: AgentId) -> Said {
        match by {
            Author::Customer => Said::Customer,
            Author::Agent { id, .. } if *id == me => Said::You,
            Author::Agent { name, .. } => Said::Agent(name.clone()),
        }
    }
}

/// How long ago something was, as coarse as a list needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Less than a minute, or in the future of a clock that is wrong.
    Now,
    /// Minutes.
    Minutes(u64),
    /// Hours.
    Hours(u64),
    /// Days, up to six.
    Days(u64),
    /// Longer: the date says more.
    Date,
}

/// The age at `now_ms` of something at `ts`; both in ms since 1970.
pub fn age(now_ms: u64, ts: u64) -> Age {
    let minutes = now_ms.saturating_sub(ts) / 60_000;
    match minutes {
        0 => Age::Now,
        1..60 => Age::Minutes(minutes),
        60..1_440 => Age::Hours(minutes / 60),
        1_440..10_080 => Age::Days(minutes / 1_440),
        _ => Age::Date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> ThreadId {
        ThreadId::from_bytes([n; 16])
    }

    fn row(n: u8, ts: u64, unread: u32) -> Row {
        let (preview, by) = (format!("words of {n}"), Author::Customer);
        Row { thread: id(n), number: u64::from(n), ver: 1, head: 1, unread, ts, by, preview }
    }

    fn numbers(rows: &[Row], query: &Query) -> Vec<u8> {
        order(rows.iter(), query).iter().map(|thread| thread.to_bytes()[0]).collect()
    }

    #[test]
    fn unread_first_then_newest() {
        let rows = [row(1, 10, 0), row(2, 30, 0), row(3, 5, 2), row(4, 20, 1)];
        assert_eq!(numbers(&rows, &Query::default()), [4, 3, 2, 1]);
        let unread = Query { show: Show::Unread, ..Query::default() };
        assert_eq!(numbers(&rows, &unread), [4, 3]);
    }

    #[test]
    fn same_time_is_ordered_by_number() {
        let rows = [row(1, 10, 0), row(2, 10, 0)];
        assert_eq!(numbers(&rows, &Query::default()), [2, 1]);
    }

    #[test]
    fn reading_does_not_move_the_open_thread() {
        let rows = [row(1, 10, 0), row(2, 30, 0), row(3, 5, 1)];
        let held = Query { held: Some(id(1)), ..Query::default() };
        assert_eq!(numbers(&rows, &held), [1, 3, 2]);
        assert_eq!(numbers(&rows, &Query { show: Show::Unread, ..held }), [1, 3]);
    }

    #[test]
    fn filter_wants_every_word() {
        let mut mara = row(12, 10, 0);
        mara.by = Author::Agent { id: AgentId::from_bytes([1; 16]), name: "Mara".to_owned() };
        mara.preview = "Größe 44 ist da".to_owned();
        let rows = [row(1, 20, 0), mara];
        for (text, want) in [
            ("visitor", vec![1, 12]),
            ("VISITOR 12", vec![12]),
            ("mara größe", vec![12]),
            ("44 words", vec![]),
            ("  ", vec![1, 12]),
            ("words 1", vec![1]),
        ] {
            let query = Query { text: text.to_owned(), ..Query::default() };
            assert_eq!(numbers(&rows, &query), want, "{text:?}");
        }
    }

    #[test]
    fn counts_threads_not_messages() {
        assert_eq!(counts([row(1, 1, 0), row(2, 1, 7)].iter()), (2, 1));
    }

    #[test]
    fn ages() {
        const MINUTE: u64 = 60_000;
        for (minutes, want) in [
            (0, Age::Now),
            (1, Age::Minutes(1)),
            (59, Age::Minutes(59)),
            (60, Age::Hours(1)),
            (1_439, Age::Hours(23)),
            (1_440, Age::Days(1)),
            (10_079, Age::Days(6)),
            (10_080, Age::Date),
        ] {
            assert_eq!(age(20_000 * MINUTE, (20_000 - minutes) * MINUTE), want);
        }
        assert_eq!(age(0, 5), Age::Now, "a clock that is behind");
    }

    #[test]
    fn said_by() {
        let me = AgentId::from_bytes([1; 16]);
        let agent = |n| Author::Agent { id: AgentId::from_bytes([n; 16]), name: "Ada".to_owned() };
        assert_eq!(Said::of(&agent(1), me), Said::You);
        assert_eq!(Said::of(&agent(2), me), Said::Agent("Ada".to_owned()));
        assert_eq!(Said::of(&Author::Customer, me), Said::Customer);
    }
}
