//! One line that says how things stand; no line when all is well.

use leptos::prelude::*;
use rejoin_browser::{Tag, tag};
use rejoin_thread::{Input, StateLine, StopReason};

use super::button;
use crate::chat::Chat;
use crate::strings::Words;

/// What the line offers to press.
#[derive(Clone, Copy, PartialEq)]
enum Offer {
    Nothing,
    Wake,
    Understood,
}

pub(super) fn state_line(chat: Chat, words: &'static Words) -> Tag {
    let understood = RwSignal::new(false);
    let is_well = move || matches!(chat.line.get(), StateLine::Quiet | StateLine::UpToDate);
    let offer = Memo::new(move |_| {
        let not_kept = !chat.is_kept.get() && !understood.get();
        match chat.line.get() {
            StateLine::Offline(_) => Offer::Wake,
            StateLine::Quiet | StateLine::UpToDate if not_kept => Offer::Understood,
            StateLine::Quiet
            | StateLine::UpToDate
            | StateLine::Connecting
            | StateLine::CatchingUp
            | StateLine::Sending(_)
            | StateLine::NotSent(_)
            | StateLine::Stopped(_) => Offer::Nothing,
        }
    });
    let text = move || match offer.get() {
        Offer::Understood => words.not_kept.to_owned(),
        Offer::Wake | Offer::Nothing => words_of(chat.line.get(), words),
    };
    // The buttons stand beside the status, not in it: what is read out is the state, not what may be pressed.
    tag("div")
        .class("state")
        .flag("data-quiet", move || is_well() && offer.get() == Offer::Nothing)
        .child(tag("span").attr("role", "status").says(text))
        .when(move || match offer.get() {
            Offer::Nothing => None,
            Offer::Wake => Some(button("link", move || chat.dispatch(Input::Wake)).text(words.try_again)),
            Offer::Understood => Some(button("link", move || understood.set(true)).text(words.understood)),
        })
}

fn words_of(line: StateLine, words: &Words) -> String {
    match line {
        StateLine::Quiet => String::new(),
        StateLine::UpToDate => words.up_to_date.to_owned(),
        StateLine::Connecting => words.connecting.to_owned(),
        StateLine::CatchingUp => words.catching_up.to_owned(),
        StateLine::Sending(count) => (words.sending)(count),
        StateLine::Offline(count) => (words.offline)(count),
        StateLine::NotSent(count) => (words.not_sent)(count),
        StateLine::Stopped(StopReason::Auth) => words.stopped_auth.to_owned(),
        StateLine::Stopped(StopReason::Origin) => words.stopped_origin.to_owned(),
        StateLine::Stopped(StopReason::Version) => words.stopped_version.to_owned(),
        StateLine::Stopped(StopReason::Protocol) => words.stopped_protocol.to_owned(),
    }
}
