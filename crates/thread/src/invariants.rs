//! What must hold after every step, recomputed from scratch. Tests and the simulation call this; the product does not.

use std::collections::BTreeSet;

use crate::{Conversation, timeline};

/// Checks a conversation; the first thing that is wrong, in words.
pub fn check(conversation: &Conversation) -> Result<(), String> {
    check_runs(conversation)?;
    check_cursor(conversation)?;
    check_names(conversation)?;
    check_rows(conversation)
}

/// Runs are ordered, apart from each other, and hold their messages in order, each inside.
fn check_runs(conversation: &Conversation) -> Result<(), String> {
    let runs = conversation.history().runs();
    for pair in runs.windows(2) {
        if pair[0].hi + 1 >= pair[1].lo {
            return Err(format!(
                "runs {}-{} and {}-{} are not apart",
                pair[0].lo, pair[0].hi, pair[1].lo, pair[1].hi
            ));
        }
    }
    for run in runs {
        let inside = run.messages.iter().all(|message| run.lo <= message.seq && message.seq <= run.hi);
        let ordered = run.messages.windows(2).all(|pair| pair[0].seq < pair[1].seq);
        if run.lo == 0 || run.lo > run.hi || !inside || !ordered {
            return Err(format!("run {}-{} is not sound", run.lo, run.hi));
        }
    }
    Ok(())
}

/// The cursor is the end of a run without a hole, never beyond (C2, I5).
fn check_cursor(conversation: &Conversation) -> Result<(), String> {
    let Some(pos) = conversation.position() else {
        let empty = conversation.history().runs().is_empty();
        return if empty { Ok(()) } else { Err("messages without a position".to_owned()) };
    };
    let sound = pos.seq == 0 || conversation.history().run_of(pos.seq).is_some_and(|run| run.hi == pos.seq);
    if sound { Ok(()) } else { Err(format!("the cursor {} is not the end of a run", pos.seq)) }
}

/// A message is in one place: once in the history, or once in the outbox.
fn check_names(conversation: &Conversation) -> Result<(), String> {
    let mut names = BTreeSet::new();
    let held = conversation.history().messages().map(|message| (message.by.side(), message.cid));
    let waiting = conversation.outbox().entries().iter().map(|entry| (conversation.side(), entry.cid));
    for name in held.chain(waiting) {
        if !names.insert(name) {
            return Err(format!("{name:?} is there twice"));
        }
    }
    Ok(())
}

/// Rows have one key each; every message has a row; every hole has a row.
fn check_rows(conversation: &Conversation) -> Result<(), String> {
    let rows = timeline::rows(conversation, true, 0);
    let keys: BTreeSet<_> = rows.iter().map(|row| row.key).collect();
    if keys.len() != rows.len() {
        return Err("two rows have the same key".to_owned());
    }
    let messages = conversation.history().messages().count() + conversation.outbox().entries().len();
    let shown = rows.iter().filter(|row| matches!(row.kind, timeline::RowKind::Message(_))).count();
    let gaps = rows.iter().filter(|row| matches!(row.kind, timeline::RowKind::Gap { .. })).count();
    let holes = conversation.history().runs().len().saturating_sub(1);
    if shown == messages && gaps == holes {
        Ok(())
    } else {
        Err(format!("{shown} of {messages} messages, {gaps} of {holes} gaps shown"))
    }
}
