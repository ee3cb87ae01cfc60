//! One line that says how things stand; no line when all is well.

use leptos::prelude::*;
use leptos::{ev, html};
use rejoin_thread::{Input, StateLine, StopReason};

use crate::chat::Chat;
use crate::strings::Words;

pub(super) fn state_line(chat: Chat) -> impl IntoView {
    let understood = RwSignal::new(false);
    let says_not_kept = move || !chat.is_kept.get() && !understood.get();
    let is_quiet =
        move || matches!(chat.line.get(), StateLine::Quiet | StateLine::UpToDate) && !says_not_kept();
    let text = move || {
        let line = chat.line.get();
        if says_not_kept() && matches!(line, StateLine::Quiet | StateLine::UpToDate) {
            chat.words().not_kept.to_owned()
        } else {
            words_of(line, chat.words())
        }
    };
    let offers_wake = move || matches!(chat.line.get(), StateLine::Offline(_));
    let offers_understood = move || !is_quiet() && text() == chat.words().not_kept;
    // The buttons stand beside the status, not in it: what is read out is the state, not what may be pressed.
    html::div().class("state").attr("data-quiet", move || is_quiet().then_some("true")).child((
        html::span().role("status").class("state-text").child(text),
        move || {
            offers_wake().then(|| button(move || chat.words().try_again, move || chat.dispatch(Input::Wake)))
        },
        move || {
            offers_understood().then(|| button(move || chat.words().understood, move || understood.set(true)))
        },
    ))
}

fn button(name: impl Fn() -> &'static str + Send + 'static, act: impl Fn() + 'static) -> impl IntoView {
    html::button().r#type("button").class("link").on(ev::click, move |_| act()).child(name)
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
